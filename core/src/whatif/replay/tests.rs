#![allow(clippy::format_push_string)]

use alloc::format;
use alloc::string::{String, ToString};

use super::*;
use crate::config::DEFAULT_DOMAIN;
use crate::whatif::workload::Demo;

const SMALL: &str =
    "arrival_us,domain,service_us,key\n0,payment,1000,a\n5,web,,b\n9,critical_notification,20,\n";

fn draft(config: &str) -> Draft {
    Draft::new(Value::from_json(config).unwrap())
}

fn run(config: &str, text: &str, options: ReplayOptions) -> Result<Replayed, ReplayError> {
    let mut replay = Replay::new(draft(config), options)?;
    for chunk in text.as_bytes().chunks(10) {
        replay.feed(chunk)?;
    }
    replay.finish(&mut |_, _| ControlFlow::Continue(()))
}

fn names(replayed: &Replayed) -> (Vec<&str>, Vec<&str>) {
    let pools = replayed.config.pools.iter().map(|pool| pool.name.as_str()).collect();
    (pools, replayed.config.domains.iter().map(|domain| domain.name.as_str()).collect())
}

#[test]
fn the_domains_of_the_trace_define_the_system() {
    let replayed = run("{}", SMALL, ReplayOptions::default()).unwrap();
    let (pools, domains) = names(&replayed);
    assert_eq!(pools, ["payment", "notification", "web"], "nothing needs `delivery`");
    assert_eq!(domains, ["payment", "notification", "web", "critical_notification"]);
    let by_default = Config::default();
    let same = |name: &str| {
        let find = |config: &Config| config.pools.iter().find(|pool| pool.name == name).cloned();
        assert_eq!(find(&replayed.config), find(&by_default));
    };
    same("payment");
    same("notification");
    let domain = |config: &Config| config.domains.iter().find(|d| d.name == DEFAULT_DOMAIN.0).cloned();
    let (kept, usual) = (domain(&replayed.config).unwrap(), domain(&by_default).unwrap());
    assert_eq!((kept.class, kept.max_class, kept.pools), (usual.class, usual.max_class, usual.pools));
    let places: Vec<_> =
        replayed.trace.domains.iter().map(|(name, d)| (name.as_str(), d.pool.as_str(), d.added)).collect();
    let expected = [
        ("payment", "payment", false),
        ("web", "web", true),
        ("critical_notification", "notification", false),
    ];
    assert_eq!(places, expected);
    assert_eq!((replayed.trace.rows, replayed.trace.span_us, replayed.trace.without_service), (3, 9, 1));
}

#[test]
fn what_the_configuration_uses_stays() {
    let text = "arrival_us,domain\n0,web\n";
    for (config, expected) in [
        ("{}", &["web"][..]),
        (r#"{"domains": {"vip": {"pools": ["delivery"]}}}"#, &["delivery", "web"]),
        (r#"{"domains": {"payment": {"spill": ["delivery"]}}}"#, &["payment", "delivery", "web"]),
        (r#"{"domains": {"critical_notification": {"max_concurrent": 3}}}"#, &["notification", "web"]),
        (
            r#"{"balancer": {"affinity_groups": {"k": ["payment", "delivery"]}}}"#,
            &["payment", "delivery", "web"],
        ),
        (r#"{"pools": {"a": {}, "b": {}}}"#, &["a", "b", "web"]),
    ] {
        let replayed = run(config, text, ReplayOptions::default()).unwrap();
        assert_eq!(names(&replayed).0, expected, "{config}");
    }
    // A field that is set on a default pool.
    let mut draft = draft("{}");
    draft.set("pools.delivery.max_workers", 9_u64.into()).unwrap();
    let mut replay = Replay::new(draft, ReplayOptions::default()).unwrap();
    replay.feed(text.as_bytes()).unwrap();
    let replayed = replay.finish(&mut |_, _| ControlFlow::Continue(())).unwrap();
    assert_eq!(names(&replayed).0, ["delivery", "web"]);
    assert_eq!(replayed.config.pools[0].max_workers, 9);
}

#[test]
fn unknown_domains_can_share_a_pool_or_go_to_those_there_are() {
    let mode = |unknown_domains| ReplayOptions { unknown_domains, ..ReplayOptions::default() };
    let shared = run("{}", SMALL, mode(UnknownDomains::SharedPool)).unwrap();
    assert_eq!(names(&shared).0, ["payment", "notification", "shared"]);
    assert_eq!(shared.trace.domains[1].1, DomainPlace { rows: 1, pool: "shared".into(), added: true });
    let text = "arrival_us,domain\n0,shared\n1,other\n";
    assert_eq!(names(&run("{}", text, mode(UnknownDomains::SharedPool)).unwrap()).0, ["shared"]);
    let configured = run("{}", SMALL, mode(UnknownDomains::ConfiguredPools)).unwrap();
    assert_eq!(names(&configured).0, ["payment", "delivery", "notification"]);
    assert_eq!(configured.trace.domains[1].1, DomainPlace { rows: 1, pool: "payment".into(), added: true });
    let web = configured.config.domains.iter().find(|domain| domain.name == "web").unwrap();
    assert_eq!(web.pools.len(), 3);
}

#[test]
fn declared_domains_give_the_same_outcome_without_keeping_rows() {
    let mut text = String::from("arrival_us,domain,service_us,key\n");
    for row in Demo::new(2).take(5000) {
        let name = crate::whatif::workload::DEMO_DOMAINS[row.domain as usize];
        text.push_str(&format!(
            "{},{name},{},{}\n",
            row.arrival_us,
            row.service_us,
            String::from_utf8_lossy(&row.key)
        ));
    }
    let declared = crate::whatif::workload::DEMO_DOMAINS.map(String::from).to_vec();
    let streamed = ReplayOptions { declared: Some(declared), ..ReplayOptions::default() };
    let streamed = run("{}", &text, streamed).unwrap();
    assert_eq!(streamed, run("{}", &text, ReplayOptions::default()).unwrap());
    let some = ReplayOptions { declared: Some(alloc::vec!["payment".into()]), ..ReplayOptions::default() };
    let error = run("{}", SMALL, some).unwrap_err().to_string();
    assert_eq!(error, "the trace's domain `web` is not among the declared ones");
}

#[test]
fn settings_reach_the_pools_that_the_trace_brings() {
    let set = |settings: &[&str]| {
        let settings = settings.iter().map(|text| Draft::parse_set(text).unwrap()).collect();
        run("{}", SMALL, ReplayOptions { settings, ..ReplayOptions::default() })
    };
    let replayed =
        set(&["pools.web.max_workers=3", "regulator.hard_limit=500", "pools.*.max_waiting=7"]).unwrap();
    let web = replayed.config.pools.iter().find(|pool| pool.name == "web").unwrap();
    assert_eq!((web.max_workers, web.initial_workers, replayed.config.regulator.hard_limit), (3, 3, 500));
    assert!(replayed.config.pools.iter().all(|pool| pool.max_waiting == 7));
    let error = set(&["pools.wep.max_workers=3", "scaler.mod=1", "regulator.hard_limit=0"]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "pools.wep.max_workers: unknown pool `wep`; did you mean `web`?\n\
         scaler.mod: unknown field; did you mean `mode`?"
    );
}

#[test]
fn a_caller_can_stop_a_replay() {
    let mut replay = Replay::new(draft("{}"), ReplayOptions::default()).unwrap();
    replay.feed(SMALL.as_bytes()).unwrap();
    assert_eq!(replay.finish(&mut |_, _| ControlFlow::Break(())), Err(ReplayError::Stopped));
}

#[test]
fn it_serializes_in_the_shape_that_reports_read() {
    let options = SimulationOptions { worker_start_delay_us: 40_000_000, ..SimulationOptions::default() };
    let options = ReplayOptions { simulation: options, ..ReplayOptions::default() };
    let replayed = run("{}", SMALL, options).unwrap();
    let json = serde_json::to_value(&replayed).unwrap();
    let keys =
        |value: &serde_json::Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>().join(" ");
    assert_eq!(keys(&json), "config marks marks_dropped series summary trace verify");
    assert_eq!(
        keys(&json["trace"]),
        "domains first_skipped first_us format rows skipped span_us without_service"
    );
    assert_eq!(keys(&json["trace"]["domains"]["web"]), "added pool rows");
    assert_eq!(
        keys(&json["summary"]),
        "abandoned accepted completed cost crashes domains duration_us effects expired failed gave_up \
         goodput_per_s in_flight late late_share latency_ms migrations offered peak_to_mean pools \
         refused refused_by_reason refused_or_late refused_or_late_share requests retries scale_changes \
         scale_changes_per_hour surges time_in_band timed_out to_retry utilization_mean wait_ms \
         worker_hours"
    );
    assert_eq!(
        keys(&json["summary"]["pools"]["web"]),
        "abandoned completed expired failed in_flight latency_ms offered queue_max refused surge_max time_in_band \
         utilization_mean wait_ms worker_hours workers_end workers_max workers_min"
    );
    assert_eq!(keys(&json["summary"]["wait_ms"]), "max mean p50 p95 p99");
    assert_eq!(
        keys(&json["summary"]["domains"]["web"]),
        "abandoned accepted completed expired failed offered refused"
    );
    assert_eq!(
        keys(&json["series"]),
        "adaptive_limit balance_coefficient bucket_us cost_money points pools refused_by_reason start_us"
    );
    assert_eq!(
        keys(&json["series"]["pools"][0]),
        "admitted arrivals baseline_workers completed demand name refused surge_workers utilization waiting"
    );
    assert_eq!(json["config"]["worker_start"], "confirmed", "as the engine ran");
    assert_eq!(json["config"]["worker_start_timeout_us"], 80_000_000);
    // The written configuration reads back as itself.
    let value = Value::from_json(&serde_json::to_string(&replayed.config).unwrap()).unwrap();
    assert_eq!(Config::from_value(&value).unwrap(), replayed.config);
}

#[test]
fn what_is_wrong_is_told() {
    let error =
        |config: &str, text: &str| run(config, text, ReplayOptions::default()).unwrap_err().to_string();
    assert_eq!(error("{}", ""), "the trace is empty: it has no row");
    assert!(error("{}", "arrival_us,domain\n-1,a\n").starts_with("line 2: `arrival_us` is `-1`"));
    let found = error(r#"{"regulator": {"soft_limit": 0}}"#, SMALL);
    assert!(found.starts_with("regulator.soft_limit"), "{found}");
    for (name, mode) in [
        ("own", Some(UnknownDomains::OwnPools)),
        ("shared", Some(UnknownDomains::SharedPool)),
        ("config", Some(UnknownDomains::ConfiguredPools)),
        ("", None),
    ] {
        assert_eq!(UnknownDomains::from_name(name), mode);
    }
}
