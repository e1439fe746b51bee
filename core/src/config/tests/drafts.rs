//! Changing a configuration before its defaults are clamped.

use super::*;

fn draft(json: &str) -> Draft {
    Draft::new(Value::from_json(json).unwrap())
}

fn set(draft: &mut Draft, text: &str) {
    let (path, value) = Draft::parse_set(text).unwrap();
    draft.set(&path, value).unwrap();
}

fn set_error(draft: &Draft, text: &str) -> String {
    let (path, value) = Draft::parse_set(text).unwrap();
    let mut changed = draft.clone();
    let error = changed.set(&path, value).unwrap_err().to_string();
    assert_eq!(&changed, draft, "{text} changed the draft");
    error
}

fn names(config: &Config) -> (String, String) {
    let pools: Vec<_> = config.pools.iter().map(|pool| pool.name.as_str()).collect();
    let domains: Vec<_> = config.domains.iter().map(|domain| domain.name.as_str()).collect();
    (pools.join(" "), domains.join(" "))
}

#[test]
fn an_untouched_draft_builds_what_its_value_gives() {
    for json in [
        "{}",
        "null",
        r#"{"pools": null}"#,
        r#"{"domains": {"web": {}, "critical_notification": {"max_concurrent": 5}}}"#,
        r#"{"pools": {"a": {"max_workers": 3}}, "domains": {"critical_notification": {}}}"#,
        r#"{"preset": "adaptive", "scaler": {"up_threshold": 0.4}}"#,
    ] {
        assert_eq!(draft(json).build().unwrap(), config(json), "{json}");
    }
    for json in ["5", "[]", r#"{"pools": 5, "domains": []}"#, r#"{"pools": {}}"#] {
        assert_eq!(draft(json).build().unwrap_err(), Config::from_json(json).unwrap_err(), "{json}");
    }
}

#[test]
fn a_set_field_clamps_the_unset_ones() {
    let mut draft = draft("{}");
    set(&mut draft, "pools.payment.max_workers=3");
    let config = draft.build().unwrap();
    assert_eq!(config.pools.len(), 3);
    assert_eq!((config.pools[0].initial_workers, config.pools[0].max_workers), (3, 3));
    assert_eq!(config.pools[1], Config::default().pools[1]);
    assert_eq!(config.domains, Config::default().domains);
    // Setting it again, and unsetting it.
    set(&mut draft, "pools.payment.max_workers=4");
    assert_eq!(draft.build().unwrap().pools[0].initial_workers, 4);
    set(&mut draft, "pools.payment.max_workers=null");
    assert_eq!(draft.build().unwrap(), Config::default());
}

#[test]
fn every_kind_of_path_can_be_set() {
    let mut draft = draft(r#"{"pools": {"a.b": {"initial": 7}, "web": null}, "domains": {"z": {}}}"#);
    set(&mut draft, r#"pools."a.b".initial_workers=9"#);
    set(&mut draft, "pools.*.max_waiting=100");
    set(&mut draft, "domains.*.class=sheddable");
    set(&mut draft, "domains.web.spill=[]");
    set(&mut draft, "domains.z.pools = web");
    set(&mut draft, "balancer.affinity_groups.vip=web");
    set(&mut draft, r#"balancer.affinity_groups."x=y"=["web", "a.b"]"#);
    set(&mut draft, "worker_start=confirmed");
    set(&mut draft, "preset=adaptive");
    set(&mut draft, "burst.threshold=8");
    let config = draft.build().unwrap();
    assert_eq!(config.pools[0].initial_workers, 9);
    assert!(config.pools.iter().all(|pool| pool.max_waiting == 100));
    assert!(config.domains.iter().all(|domain| domain.class == Class::Sheddable));
    assert_eq!(names(&config).1, "a.b web z");
    assert_eq!(
        (config.domains[1].spill.as_deref(), config.domains[2].pools.join(" ")),
        (Some(&[][..]), "web".to_string())
    );
    let groups: Vec<_> = config.balancer.affinity_groups.iter().map(|group| group.key.as_str()).collect();
    assert_eq!(groups, ["vip", "x=y"]);
    assert_eq!((config.worker_start, config.burst.scope), (WorkerStart::Confirmed, BurstScope::Pool));
    assert_eq!(config.burst.threshold.ppm(), 8_000_000);
    set(&mut draft, r#"balancer.affinity_groups={"k": "web"}"#);
    assert_eq!(draft.build().unwrap().balancer.affinity_groups.len(), 1);
}

#[test]
fn a_wildcard_reaches_the_default_domains() {
    let mut draft = draft(r#"{"domains": {"web": {}}}"#);
    set(&mut draft, "domains.*.max_concurrent=9");
    let config = draft.build().unwrap();
    assert!(config.domains.iter().all(|domain| domain.max_concurrent == Some(9)));
    assert_eq!(config.domains.len(), 5);
    let domain = config.domains.iter().find(|domain| domain.name == "critical_notification").unwrap();
    assert_eq!((domain.pools.join(" ").as_str(), domain.class), ("notification", Class::Critical));
}

#[test]
fn paths_that_lead_nowhere_are_refused() {
    let draft = draft("{}");
    for (text, expected) in [
        ("pools.paymnt.queue=fifo", "pools.paymnt.queue: unknown pool `paymnt`; did you mean `payment`?"),
        ("domains.web.class=normal", "domains.web.class: unknown domain `web`"),
        (
            "domains.critical_notificaton.class=normal",
            "domains.critical_notificaton.class: unknown domain `critical_notificaton`; did you mean \
             `critical_notification`?",
        ),
        ("pools.payment.max=1", "pools.payment.max: unknown field; did you mean `max_workers`?"),
        ("pools.*.queu=fifo", "pools.*.queu: unknown field; did you mean `queue`?"),
        ("scalr.mode=step", "scalr: unknown field; did you mean `scaler`?"),
        ("scaler=5", "scaler: a section: set one of its fields, as in `scaler.enabled`"),
        (
            "pools.payment=5",
            "pools.payment: a section: set one of its fields, as in `pools.<name>.initial_workers`",
        ),
        ("scaler.mode.x=5", "scaler.mode.x: `mode` has no fields"),
        (
            "balancer.affinity_groups.a.b=payment",
            "balancer.affinity_groups.a.b: the path goes on after the field",
        ),
        ("scaler.*=5", "scaler.*: `*` stands only for the names of pools and domains"),
        ("*.mode=5", "*.mode: `*` stands only for the names of pools and domains"),
        ("scaler..mode=5", "scaler..mode: a part of the path is empty"),
        ("pools.\"a=5=6\"x=1", "pools.\"a=5=6\"x: a quoted part is followed by something other than a dot"),
    ] {
        assert_eq!(set_error(&draft, text), expected);
    }
}

#[test]
fn settings_are_taken_apart_at_the_equals_sign() {
    let parse = |text: &str| Draft::parse_set(text).unwrap();
    assert_eq!(parse("a=5"), ("a".to_string(), Value::Integer(5)));
    assert_eq!(parse(" a = 0.5 "), ("a".to_string(), Value::Float(0.5)));
    assert_eq!(parse("a=true").1, Value::Bool(true));
    assert_eq!(parse("a=\"5\"").1, "5".into());
    assert_eq!(parse("a= codel ").1, "codel".into());
    assert_eq!(parse("a=b=c"), ("a".to_string(), "b=c".into()));
    assert_eq!(parse("a=").1, "".into());
    assert_eq!(parse("a=1e400").1, "1e400".into());
    assert_eq!(parse(r#"p."x=\"=".q=1"#), (r#"p."x=\"=".q"#.to_string(), Value::Integer(1)));
    for text in ["", "a", "=5", " = 5", "\"a=5"] {
        let error = Draft::parse_set(text).unwrap_err().to_string();
        assert!(error.starts_with("expected `path=value`, found `"), "{error}");
    }
}

#[test]
fn pools_and_domains_can_be_added() {
    let mut draft = draft("{}");
    assert!(!draft.names_pools());
    assert!(draft.has_domain("payment") && draft.has_domain("critical_notification"));
    assert!(!draft.has_domain("web") && !draft.has_pool("web"));
    draft.add_pool("web");
    draft.add_pool("web");
    draft.add_pool("payment");
    assert!(draft.has_domain("web") && draft.has_pool("web"));
    draft.add_domain("z", Value::from_json(r#"{"pools": ["web"]}"#).unwrap());
    draft.add_domain("y", Value::Null);
    draft.add_domain("z", Value::from_json(r#"{"pools": ["payment"]}"#).unwrap());
    let config = draft.build().unwrap();
    let (pools, domains) = names(&config);
    assert_eq!(pools, "payment delivery notification web");
    assert_eq!(domains, "payment delivery notification web critical_notification z y");
    assert_eq!(config.domains[5].pools, ["payment"]);
    assert_eq!((config.pools[3].initial_workers, config.pools[3].max_workers), (5, 50));
}

#[test]
fn the_default_pools_can_be_replaced() {
    let mut replaced = draft(r#"{"domains": {"z": {}}}"#);
    assert!(replaced.set_pools(&["web", "payment"]));
    assert!(!replaced.has_domain("delivery") && !replaced.has_domain("critical_notification"));
    let config = replaced.build().unwrap();
    assert_eq!(names(&config), ("web payment".to_string(), "web payment z".to_string()));
    assert_eq!(config.pools[1].initial_workers, 10);
    // A configuration that names its pools keeps them.
    let mut named = draft(r#"{"pools": {"a": {}}}"#);
    assert!(named.names_pools());
    assert!(!named.set_pools(&["web"]));
    assert_eq!(names(&named.build().unwrap()).0, "a");
    named.add_pool("b");
    assert_eq!(names(&named.build().unwrap()).0, "a b");
}

#[test]
fn a_draft_of_nonsense_takes_everything_and_builds_nothing() {
    for json in ["5", "[]", r#"{"pools": 5, "domains": 5, "scaler": 5, "balancer": {"affinity_groups": 5}}"#]
    {
        let mut draft = draft(json);
        draft.add_pool("a");
        draft.add_domain("b", Value::Null);
        draft.set_pools(&["c"]);
        draft.set("scaler.mode", "step".into()).unwrap();
        draft.set("pools.*.queue", "fifo".into()).unwrap();
        draft.set("balancer.affinity_groups.k", "payment".into()).unwrap();
        assert!(draft.build().is_err(), "{json}");
    }
}
