//! What is refused, and how that is said.

use super::*;
use crate::id::MAX_SLOTS;

#[test]
fn all_problems_are_reported_at_once() {
    let error = Config::from_json(
        r#"{
            "regulator": {"soft_limt": 5, "hard_limit": "many", "reserved_capacity": 1.0},
            "pools": {"payment": {"max_workers": 5, "min_workers": 9}, "a.b": {"queue": "lifo"}},
            "domains": {"web": {"pools": ["paymnt"]}},
            "balancr": {}
        }"#,
    )
    .unwrap_err();
    assert_eq!(
        error.to_string(),
        "balancr: unknown field; did you mean `balancer`?\n\
         regulator.soft_limt: unknown field; did you mean `soft_limit`?\n\
         regulator.hard_limit: expected an integer from 1 to 16777215, found the text `many`\n\
         regulator.reserved_capacity: 1.0 is out of range: expected a number from 0 to 0.999999\n\
         pools.payment.max_workers: 5 is below `pools.payment.min_workers` = 9\n\
         pools.\"a.b\".queue: expected `fifo` or `codel`, found the text `lifo`; did you mean `fifo`?\n\
         domains.web.pools: unknown pool `paymnt`; did you mean `payment`?"
    );
    assert_eq!(error.problems.len(), 7);
    assert_eq!(error.problems[2].path, "regulator.hard_limit");
    assert_eq!((error.code(), error.name()), (-10, "invalid_config"));
    let _: &dyn core::error::Error = &error;
}

#[test]
fn unknown_fields_name_the_nearest_known_one() {
    for (json, expected) in [
        (
            r#"{"scaler": {"up_treshold": 1}}"#,
            "scaler.up_treshold: unknown field; did you mean `up_threshold`?",
        ),
        (r#"{"pools": {"x": {"max": 1}}}"#, "pools.x.max: unknown field; did you mean `max_workers`?"),
        (r#"{"soft_limit": 1}"#, "soft_limit: unknown field; there is a `regulator.soft_limit`"),
        (r#"{"queue": 1}"#, "queue: unknown field; there is a `pools.<name>.queue`"),
        (r#"{"colour": 1}"#, "colour: unknown field"),
        (r#"{"cost": {"": 1}}"#, "cost.\"\": unknown field"),
        (r#"{"limits": {"a\nb": null}}"#, "limits.\"a\\nb\": unknown field"),
    ] {
        assert_eq!(problem(json), expected);
    }
}

#[test]
fn wrong_types_say_what_was_expected_and_found() {
    for (json, expected) in [
        ("5", "expected a map, found the integer 5"),
        ("[1, 2]", "expected a map, found a list of 2"),
        (r#"{"pools": ["a"]}"#, "pools: expected a map, found a list of 1"),
        (r#"{"pools": {"a": 5}}"#, "pools.a: expected a map, found the integer 5"),
        (r#"{"domains": {"payment": true}}"#, "domains.payment: expected a map, found true"),
        (r#"{"scaler": "x"}"#, "scaler: expected a map, found the text `x`"),
        (r#"{"scaler": {"enabled": 1}}"#, "scaler.enabled: expected true or false, found the integer 1"),
        (
            r#"{"burst": {"surge_workers": 5.0}}"#,
            "burst.surge_workers: expected an integer from 1 to 16777215, found the number 5.0: \
             write it without a fraction or exponent",
        ),
        (
            r#"{"burst": {"surge_workers": 5.5}}"#,
            "burst.surge_workers: expected an integer from 1 to 16777215, found the number 5.5",
        ),
        (
            r#"{"burst": {"threshold": "10"}}"#,
            "burst.threshold: expected a number from 0.000001 to 1000000, found the text `10`",
        ),
        (
            r#"{"scaler": {"mode": "proportionl"}}"#,
            "scaler.mode: expected `step` or `proportional` or `staffing`, found the text `proportionl`; \
             did you mean `proportional`?",
        ),
        (
            r#"{"cost": {"currency": 5}}"#,
            "cost.currency: expected text of 1 to 16 bytes, found the integer 5",
        ),
        (
            r#"{"domains": {"a": {"pools": {}}}}"#,
            "domains.a.pools: expected the name of a pool or a list of names, found a map of 0",
        ),
        (
            r#"{"domains": {"a": {"pools": ["payment", 5]}}}"#,
            "domains.a.pools: item 2: expected the name of a pool, found the integer 5",
        ),
        (
            r#"{"balancer": {"affinity_groups": []}}"#,
            "balancer.affinity_groups: expected a map from keys to names of pools, found a list of 0",
        ),
        (
            r#"{"preset": "adaptve"}"#,
            "preset: expected `classic` or `adaptive`, found the text `adaptve`; did you mean `adaptive`?",
        ),
    ] {
        assert_eq!(problem(json), expected);
    }
}

#[test]
fn values_out_of_range_say_the_limits() {
    let above = MAX_SLOTS + 1;
    for (path, value, limits) in [
        ("regulator.soft_limit", "0", "an integer from 1 to 16777215".to_string()),
        ("regulator.hard_limit", &above.to_string(), "an integer from 1 to 16777215".to_string()),
        ("regulator.hard_limit", "-1", "an integer from 1 to 16777215".to_string()),
        ("regulator.sheddable_fraction", "1.5", "a number from 0 to 1".to_string()),
        ("regulator.sheddable_fraction", "-0.1", "a number from 0 to 1".to_string()),
        ("regulator.sheddable_fraction", "2", "a number from 0 to 1".to_string()),
        ("regulator.token_ttl_us", "0", "an integer from 1 to 9007199254740991".to_string()),
        ("scaler.evaluate_every_us", "999", "an integer from 1000 to 9007199254740991".to_string()),
        ("balancer.rebalance_every_us", "999", "an integer from 1000 to 9007199254740991".to_string()),
        ("health.check_every_us", "999", "an integer from 1000 to 9007199254740991".to_string()),
        ("balancer.hash_seed", "9007199254740992", "an integer from 0 to 9007199254740991".to_string()),
        ("balancer.hash_seed", "18446744073709551615", "an integer from 0 to 9007199254740991".to_string()),
        ("burst.threshold", "0.0", "a number from 0.000001 to 1000000".to_string()),
        ("burst.threshold", "1e300", "a number from 0.000001 to 1000000".to_string()),
        ("burst.baseline_samples", "601", "an integer from 1 to 600".to_string()),
        ("burst.window_samples", "0", "an integer from 1 to 100".to_string()),
        ("burst.window_samples", "101", "an integer from 1 to 100".to_string()),
        ("cost.surge_per_hour", "-1.0", "a number from 0 to 1000000000".to_string()),
        ("limits.max_pools", "16385", "an integer from 1 to 16384".to_string()),
        ("limits.max_effects", "0", "an integer from 1 to 16777215".to_string()),
        ("limits.max_tokens", &above.to_string(), "an integer from 1 to 16777215".to_string()),
    ] {
        let (section, field) = path.split_once('.').unwrap();
        let json = format!(r#"{{"{section}": {{"{field}": {value}}}}}"#);
        assert_eq!(problem(&json), format!("{path}: {value} is out of range: expected {limits}"));
    }
}

#[test]
fn numbers_that_are_none_are_refused() {
    for number in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        for (section, field) in [("cost", "surge_per_hour"), ("burst", "threshold"), ("limits", "max_tokens")]
        {
            let value = Value::Map(alloc::vec![(
                section.into(),
                Value::Map(alloc::vec![(field.into(), number.into())])
            )]);
            let error = Config::from_value(&value).unwrap_err();
            assert_eq!(error.problems.len(), 1);
            assert!(error.problems[0].message.contains(&format!("{number:?}")), "{error}");
        }
    }
    #[cfg(feature = "toml")]
    assert!(Config::from_toml("[burst]\nthreshold = nan").is_err());
}

#[test]
fn fields_that_contradict_each_other_are_both_named() {
    for (json, expected) in [
        (
            r#"{"regulator": {"soft_limit": 900, "hard_limit": 800}}"#,
            "regulator.hard_limit: 800 is below `regulator.soft_limit` = 900",
        ),
        (
            r#"{"regulator": {"hard_limit": 800}, "limits": {"max_tokens": 700}}"#,
            "limits.max_tokens: 700 is below `regulator.hard_limit` = 800",
        ),
        (
            r#"{"pools": {"a": {"initial": 6, "max_workers": 5}}}"#,
            "pools.a.max_workers: 5 is below `pools.a.initial_workers` = 6",
        ),
        (
            r#"{"pools": {"a": {"min_workers": 6, "initial_workers": 5}}}"#,
            "pools.a.initial_workers: 5 is below `pools.a.min_workers` = 6",
        ),
        (
            r#"{"pools": {"a": {"max_workers": 60, "surge_max_workers": 50}}}"#,
            "pools.a.surge_max_workers: 50 is below `pools.a.max_workers` = 60",
        ),
        (
            r#"{"pools": {"a": {"min_workers": 60, "surge_max_workers": 50}}}"#,
            "pools.a.surge_max_workers: 50 is below `pools.a.min_workers` = 60",
        ),
        (
            r#"{"balancer": {"overload": 0.5, "clear": 0.6}}"#,
            "balancer.overload: 0.5 is below `balancer.clear` = 0.6",
        ),
        (
            r#"{"scaler": {"up_threshold": 0.5, "down_threshold": 0.5}}"#,
            "scaler.down_threshold: 0.5 isn't below `scaler.up_threshold` = 0.5",
        ),
        (
            r#"{"health": {"degraded_utilization": 0.9, "critical_utilization": 0.85}}"#,
            "health.critical_utilization: 0.85 is below `health.degraded_utilization` = 0.9",
        ),
        (
            r#"{"domains": {"web": {"class": "critical", "max_class": "normal"}}}"#,
            "domains.web.class: `critical` is above `domains.web.max_class` = `normal`",
        ),
        (
            r#"{"limits": {"max_workers": 22}}"#,
            "limits.max_workers: 22 is below the 23 workers that the pools start with (`initial_workers`)",
        ),
        (r#"{"limits": {"max_pools": 2}}"#, "pools: 3 pools: `limits.max_pools` is 2"),
        (r#"{"limits": {"max_domains": 3}}"#, "domains: 4 domains: `limits.max_domains` is 3"),
    ] {
        assert_eq!(problem(json), expected);
    }
    // Each of several contradictions.
    let all = problems(r#"{"pools": {"a": {"min_workers": 9, "initial": 8, "max_workers": 7}}}"#);
    assert_eq!(all.len(), 2, "{all:?}");
}

#[test]
fn what_is_wrong_counts_as_unset() {
    // Only the wrong field is reported, not what its absence would make of the others.
    let json = r#"{"pools": {"a": {"max_workers": "x", "min_workers": 90, "surge_max_workers": 95}}}"#;
    assert_eq!(
        problem(json),
        "pools.a.max_workers: expected an integer from 1 to 16777215, found the text `x`"
    );
    // Nor is a pool unknown when no pool could be read.
    let json = r#"{"pools": 5, "domains": {"web": {"pools": ["api"]}}, "balancer": {"affinity_groups": {"k": "x"}}}"#;
    assert_eq!(problem(json), "pools: expected a map, found the integer 5");
}

#[test]
fn unknown_pools_name_the_nearest_known_one() {
    assert_eq!(
        problems(
            r#"{"domains": {"payment": {"pools": "payments", "spill": ["delivery", "x", "notifcation"]}},
                "balancer": {"affinity_groups": {"a.b": ["Delivery"]}}}"#
        ),
        [
            "domains.payment.pools: unknown pool `payments`; did you mean `payment`?",
            "domains.payment.spill: unknown pool `x`",
            "domains.payment.spill: unknown pool `notifcation`; did you mean `notification`?",
            "balancer.affinity_groups.\"a.b\": unknown pool `Delivery`; did you mean `delivery`?",
        ]
    );
    assert_eq!(
        problem(r#"{"domains": {"payment": {"pools": []}}}"#),
        "domains.payment.pools: an empty list: at least one pool is needed"
    );
    assert_eq!(problem(r#"{"pools": {}}"#), "pools: an empty map: at least one pool is needed");
}

#[test]
fn doubled_keys_are_problems() {
    for (json, expected) in [
        (r#"{"scaler": {}, "scaler": {}}"#, "scaler: given twice"),
        (r#"{"preset": "classic", "preset": "adaptive"}"#, "preset: given twice"),
        (r#"{"cost": {"currency": null, "currency": "EUR"}}"#, "cost.currency: given twice"),
        (r#"{"pools": {"a": {}, "a": {}}}"#, "pools.a: given twice"),
        (r#"{"domains": {"a": {}, "a": {}}}"#, "domains.a: given twice"),
        (
            r#"{"pools": {"a": {"initial": 3, "initial_workers": 4}}}"#,
            "pools.a.initial_workers: given twice (`initial_workers` and `initial` are the same field)",
        ),
        (
            r#"{"balancer": {"affinity_groups": {"k": "payment", "k": "delivery"}}}"#,
            "balancer.affinity_groups.k: given twice",
        ),
    ] {
        assert_eq!(problem(json), expected);
    }
}

#[test]
fn every_problem_of_alert_rules_has_its_path() {
    let rule = r#""metric": "pool_health", "comparison": ">", "threshold": 1"#;
    let json = format!(
        r#"{{"limits": {{"max_alerts": 6}}, "alerts": [
            {{"name": "A", {rule}}},
            {{"name": "A", {rule}, "pool": "payments"}},
            {{"name": "B", "metric": "pool_helth", "comparison": "=", "threshold": -1, "for": 3}},
            {{"name": null, "severity": "bad", "options": ["run"]}},
            {{"name": "C", "metric": "rejection_rate", "comparison": ">", "threshold": 0.1, "pool": "payment"}},
            3,
            null,
            {{"name": "A", {rule}}},
            {{"name": "A", {rule}}},
            {{"name": "E", {rule}}},
            {{"name": "F", {rule}}},
            {{"name": "G", {rule}}}
        ]}}"#
    );
    assert_eq!(
        problems(&json),
        [
            "alerts[2].metric: expected `system_load_factor` or `balance_coefficient` or `admission_rate` or \
             `rejection_rate` or `recent_rejection_rate` or `pool_utilization` or `pool_health` or \
             `pool_error_rate` or `pool_waiting`, found the text `pool_helth`; did you mean `pool_health`?",
            "alerts[2].comparison: expected `>` or `<` or `>=` or `<=`, found the text `=`",
            "alerts[2].threshold: -1 is out of range: expected a number from 0 to 1000000",
            "alerts[2].for: unknown field; did you mean `for_us`?",
            "alerts[3].severity: expected `info` or `warning` or `critical`, found the text `bad`",
            "alerts[3].options: expected a list of `scale_up`, `shed_sheddable` or `close_non_critical`, found \
             something else in it",
            "alerts[3].name: missing: a rule needs it",
            "alerts[3].metric: missing: a rule needs it",
            "alerts[3].comparison: missing: a rule needs it",
            "alerts[3].threshold: missing: a rule needs it",
            "alerts[4].pool: `rejection_rate` isn't a metric of a pool",
            "alerts[5]: expected a map, found the integer 3",
            "alerts[6]: expected a map, found null",
            "alerts: 8 rules: `limits.max_alerts` is 6",
            "alerts[1].pool: unknown pool `payments`; did you mean `payment`?",
            "alerts[7].name: given twice (for the same pool)",
            "alerts[8].name: given twice (for the same pool)",
        ]
    );
    assert_eq!(problem(r#"{"alerts": {}}"#), "alerts: expected a list of rules, found a map of 0");
    assert_eq!(config(r#"{"alerts": []}"#).alerts, []);
    assert_eq!(config(r#"{"alerts": null}"#), Config::default());
    assert_eq!(config(r#"{"limits": {"max_alerts": 2}}"#).alerts.len(), 2);
}

#[test]
fn alerts_of_all_pools_together_are_bounded() {
    let pools: Vec<String> = (0..16_384).map(|pool| format!("\"{pool}\": {{}}")).collect();
    let rules = |count: usize| {
        let rules: Vec<String> = (0..count)
            .map(|at| {
                format!(r#"{{"name": "{at}", "metric": "pool_health", "comparison": ">", "threshold": 1}}"#)
            })
            .collect();
        format!(r#"{{"pools": {{{}}}, "alerts": [{}]}}"#, pools.join(","), rules.join(","))
    };
    assert!(Config::from_json(&rules(64)).is_ok());
    assert_eq!(
        problem(&rules(65)),
        "alerts: 65 rules for each of 16384 pools are more than 1048576 alerts: give them a `pool`"
    );
}

#[test]
fn bad_names_are_refused() {
    assert_eq!(
        problems(
            r#"{"limits": {"max_name_bytes": 3}, "pools": {"": {}, "a\u0000": {}, "ééé": {}, "abc": {}}}"#
        ),
        [
            "pools.\"\": a name can't be empty",
            "pools.\"a\\u{0}\": a name can't contain control characters",
            "pools.ééé: a name of 6 bytes is too long: `limits.max_name_bytes` is 3",
        ]
    );
    assert_eq!(problem(r#"{"domains": {"": {}}}"#), "domains.\"\": a name can't be empty");
    let long = "k".repeat(257);
    assert!(problem(&format!(r#"{{"pools": {{"{long}": {{}}}}}}"#)).contains("257 bytes is too long"));
    assert_eq!(
        problem(r#"{"limits": {"max_key_bytes": 2}, "balancer": {"affinity_groups": {"vip": "payment"}}}"#),
        "balancer.affinity_groups.vip: a key of 3 bytes is too long: `limits.max_key_bytes` is 2"
    );
    assert!(problem(r#"{"cost": {"currency": ""}}"#).contains("found 0 bytes"));
    assert!(problem(r#"{"cost": {"currency": "a\tb"}}"#).contains("without control characters"));
}

#[test]
fn affinity_groups_are_checked_for_a_setter() {
    let config = Config::default();
    let validate = |groups: &[AffinityGroup]| validate_affinity_groups(groups, &config.pools, &config.limits);
    let group = |key: &str, pools: &[&str]| AffinityGroup {
        key: key.to_string(),
        pools: pools.iter().map(ToString::to_string).collect(),
    };
    assert_eq!(validate(&[]), Ok(()));
    assert_eq!(validate(&[group("a", &["payment"]), group("b", &["delivery", "payment"])]), Ok(()));
    let error =
        validate(&[group("a", &["paymen"]), group("a", &[]), group(&"k".repeat(4_097), &["payment"])]);
    let problems: Vec<_> = error.unwrap_err().problems.into_iter().map(|problem| problem.message).collect();
    assert_eq!(
        problems,
        [
            "unknown pool `paymen`; did you mean `payment`?",
            "given twice",
            "an empty list: at least one pool is needed",
            "a key of 4097 bytes is too long: `limits.max_key_bytes` is 4096",
        ]
    );
    let many = alloc::vec!["payment"; 65_537];
    assert!(validate(&[group("a", &many)]).is_err());
    assert!(validate(&[group("a", &many[1..])]).is_ok());
    let groups: Vec<_> = (0..65_537).map(|index| group(&format!("{index}"), &["payment"])).collect();
    assert!(validate(&groups).is_err());
    assert!(validate(&groups[1..]).is_ok());

    let value = Value::from_json(r#"{"b": "payment", "a": ["x", "y"]}"#).unwrap();
    let groups = affinity_groups_from_value(&value).unwrap();
    assert_eq!(groups, [group("b", &["payment"]), group("a", &["x", "y"])]);
    let value = Value::from_json(r#"{"b": 5, "a": []}"#).unwrap();
    assert_eq!(affinity_groups_from_value(&value).unwrap_err().problems.len(), 2);
    assert_eq!(affinity_groups_from_value(&Value::Null), Ok(Vec::new()));
    assert!(affinity_groups_from_value(&5_i64.into()).is_err());
}

#[test]
fn many_pools_are_bounded() {
    let pools = |count: u32, fields: &str| {
        let entry = |index: u32| (format!("{index}"), Value::Map(Vec::new()));
        let mut value = Value::from_json(fields).unwrap();
        if let Value::Map(sections) = &mut value {
            sections.push(("pools".into(), Value::Map((0..count).map(entry).collect())));
        }
        Config::from_value(&value)
    };
    assert_eq!(pools(16_384, "{}").unwrap().domains[7].spill, None);
    let error = pools(16_385, "{}").unwrap_err().to_string();
    assert!(error.contains("pools: 16385 pools: `limits.max_pools` is 16384"), "{error}");
    // A thousand and more domains that list all pools.
    let domains: Vec<String> = (0..1_100).map(|index| format!(r#""{index}-": {{}}"#)).collect();
    let error =
        pools(16_384, &format!(r#"{{"domains": {{{}}}}}"#, domains.join(","))).unwrap_err().to_string();
    assert!(error.contains("domains: `pools` and `spill` of all domains list"), "{error}");
    // Thousands of references to pools that aren't there, each looked up among thousands of names.
    let value = Value::from_json(r#"{"domains": {"web": {}}}"#).unwrap();
    let mut draft = Draft::new(value);
    draft.set_pools(&(0..2_000).map(|index| format!("pool_{index}")).collect::<Vec<_>>());
    let names: Vec<Value> = (0..10_000).map(|index| format!("bool_{index}").into()).collect();
    draft.set("domains.web.pools", names.into()).unwrap();
    draft.set("domains.*.spill", Value::List(Vec::new())).unwrap();
    assert_eq!(draft.build().unwrap_err().problems.len(), 10_000);
}
