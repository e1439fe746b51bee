//! Every default, and how unset fields are clamped into what is set.

use super::*;
use crate::ratio::Ratio;

/// `*`: all other pools.
fn spill(domain: &DomainConfig) -> String {
    domain.spill.as_ref().map_or_else(|| "*".to_string(), |spill| spill.join(" "))
}

fn ppm(ratio: Ratio) -> u64 {
    ratio.ppm()
}

#[test]
fn an_empty_configuration_has_no_problems_and_is_the_default() {
    let default = Config::default();
    for json in
        ["{}", "null", r#"{"pools": null, "domains": null, "scaler": {}, "alerts": null, "burst": null}"#]
    {
        assert_eq!(config(json), default, "{json}");
    }
    assert_eq!(Config::from_value(&Value::Null).unwrap(), default);
    #[cfg(feature = "toml")]
    assert_eq!(Config::from_toml("").unwrap(), default);
    assert_eq!(Config::preset("classic"), Some(&default));
}

#[test]
fn defaults_of_admission() {
    let Config { regulator, .. } = Config::default();
    assert_eq!((regulator.soft_limit, regulator.hard_limit), (1_000, 1_200));
    assert_eq!(ppm(regulator.reserved_capacity), 200_000);
    assert_eq!(ppm(regulator.sheddable_fraction), 750_000);
    assert_eq!(regulator.token_ttl_us, None);
    assert_eq!(regulator.reservation, Reservation::Headroom);
}

#[test]
fn default_pools_and_domains() {
    let config = Config::default();
    let pools: Vec<_> = config
        .pools
        .iter()
        .map(|pool| (pool.name.as_str(), pool.initial_workers, pool.min_workers, pool.max_workers))
        .collect();
    assert_eq!(pools, [("payment", 10, 2, 30), ("delivery", 8, 2, 25), ("notification", 5, 2, 20)]);
    for pool in &config.pools {
        assert_eq!((pool.surge_max_workers, pool.strategy), (50, Strategy::Lifo));
        assert_eq!((pool.max_overflow, pool.overflow_ttl_us, pool.max_waiting), (0, 0, 0));
        assert_eq!((pool.queue, pool.codel_target_us, pool.codel_interval_us), (Queue::Fifo, 5_000, 100_000));
    }
    let (payment, delivery, notification) = ("payment", "delivery", "notification");
    let domains: Vec<_> = config
        .domains
        .iter()
        .map(|domain| (domain.name.as_str(), domain.class, domain.pools.join(" "), spill(domain)))
        .collect();
    let expected = [
        (payment, Class::Critical, payment, "*"),
        (delivery, Class::Normal, delivery, "*"),
        (notification, Class::Normal, notification, "*"),
        ("critical_notification", Class::Critical, notification, "*"),
    ];
    let expected =
        expected.map(|(name, class, pools, spill)| (name, class, pools.to_string(), spill.to_string()));
    assert_eq!(domains, expected);
    assert!(config.domains.iter().all(|domain| domain.max_class == domain.class));
    assert!(config.domains.iter().all(|domain| domain.max_concurrent.is_none()));
}

#[test]
fn defaults_of_scaling_and_health() {
    let Config { scaler, health, .. } = Config::default();
    assert!(scaler.enabled && scaler.health && scaler.health_on_errors && !scaler.off_peak_only);
    assert_eq!((scaler.mode, scaler.evaluate_every_us), (ScalerMode::Step, 5_000_000));
    assert_eq!((ppm(scaler.up_threshold), ppm(scaler.down_threshold)), (800_000, 500_000));
    assert_eq!(scaler.down_cooldown_us, 60_000_000);
    assert_eq!((ppm(scaler.proactive_threshold), scaler.proactive_after_us), (700_000, 60_000_000));
    assert_eq!((scaler.proactive_step, ppm(scaler.target_utilization)), (2, 700_000));
    assert_eq!((ppm(scaler.planned_threshold), scaler.planned_after_us), (300_000, 600_000_000));
    assert_eq!((scaler.planned_every_us, ppm(scaler.planned_fraction)), (60_000_000, 100_000));
    assert_eq!((scaler.min_interval_us, ppm(scaler.tolerance)), (0, 100_000));
    assert_eq!((scaler.stabilization_us, ppm(scaler.late_fraction)), (300_000_000, 10_000));
    assert_eq!(scaler.wait_target_us, None);
    assert_eq!((ppm(health.degraded_utilization), ppm(health.critical_utilization)), (800_000, 950_000));
    assert_eq!((ppm(health.max_error_rate), health.min_requests), (50_000, 20));
    assert_eq!(health.check_every_us, 30_000_000);
}

#[test]
fn defaults_of_balancing_and_bursts() {
    let Config { balancer, burst, .. } = Config::default();
    assert_eq!(
        (ppm(balancer.overload), ppm(balancer.clear), ppm(balancer.trigger)),
        (850_000, 750_000, 800_000)
    );
    assert_eq!((balancer.rebalance_every_us, balancer.cooldown_us), (10_000_000, 30_000_000));
    assert_eq!(balancer.coefficient, Coefficient::Spread);
    assert_eq!(
        (balancer.affinity_groups.len(), balancer.affinity_rotation_us, balancer.hash_seed),
        (0, None, 0)
    );
    assert_eq!((burst.enabled, burst.scope), (true, BurstScope::System));
    assert_eq!((ppm(burst.threshold), ppm(burst.min_load)), (10_000_000, 800_000));
    assert_eq!((ppm(burst.min_baseline), burst.min_arrivals, burst.surge_workers), (50_000, 20, 5));
    assert_eq!((burst.hold_us, burst.shrink_us, burst.cooldown_us), (300_000_000, 120_000_000, 30_000_000));
    assert_eq!((burst.baseline_samples, burst.window_samples), (60, 10));
    assert_eq!((ppm(burst.hold_out_factor), burst.hold_out_us), (2_000_000, 60_000_000));
}

#[test]
fn defaults_of_cost_limits_and_worker_start() {
    let Config { cost, limits, worker_start, worker_start_timeout_us, .. } = Config::default();
    let prices = [cost.baseline_per_hour, cost.surge_per_hour, cost.surge_multiplier];
    assert_eq!(prices.map(f64::to_bits), [1.0, 2.0, 2.0].map(f64::to_bits));
    assert_eq!(cost.currency, "USD");
    assert_eq!((limits.max_domains, limits.max_pools), (65_536, 16_384));
    assert_eq!(
        (limits.max_workers, limits.max_tokens, limits.max_waiters),
        (1_048_576, 1_048_576, 1_048_576)
    );
    assert_eq!((limits.max_effects, limits.max_key_bytes, limits.max_name_bytes), (65_536, 4_096, 256));
    assert_eq!((worker_start, worker_start_timeout_us), (WorkerStart::Instant, 60_000_000));
}

#[test]
fn the_adaptive_preset_differs_in_six_fields() {
    let mut expected = Config::default();
    expected.scaler.mode = ScalerMode::Staffing;
    expected.scaler.evaluate_every_us = 1_000_000;
    expected.scaler.late_fraction = Ratio::from_ppm(5_000);
    expected.scaler.health_on_errors = false;
    expected.burst.scope = BurstScope::Pool;
    expected.regulator.adaptive = config(r#"{"regulator": {"adaptive": "correlation"}}"#).regulator.adaptive;
    assert!(expected.regulator.adaptive.is_some());
    assert_eq!(Config::preset("adaptive"), Some(&expected));
    assert_eq!(config(r#"{"preset": "adaptive"}"#), expected);
    // What is set wins over the preset, wherever it stands.
    expected.scaler.mode = ScalerMode::Step;
    assert_eq!(config(r#"{"scaler": {"mode": "step"}, "preset": "adaptive"}"#), expected);
    assert_eq!(Config::preset("Classic"), None);
    for name in PRESET_NAMES {
        let value = Value::Map(alloc::vec![("preset".into(), name.into())]);
        assert_eq!(Config::from_value(&value).as_ref().ok(), Config::preset(name));
    }
}

#[test]
fn unset_sizes_are_clamped_into_set_ones() {
    for (name, fields, expected) in [
        ("payment", "", [2, 10, 30, 50]),
        ("web", "", [2, 5, 50, 50]),
        ("payment", r#""max_workers": 3"#, [2, 3, 3, 50]),
        ("web", r#""max_workers": 3"#, [2, 3, 3, 50]),
        ("web", r#""max_workers": 1"#, [1, 1, 1, 50]),
        ("web", r#""max_workers": 80"#, [2, 5, 80, 80]),
        ("web", r#""min_workers": 40"#, [40, 40, 50, 50]),
        ("payment", r#""min_workers": 40"#, [40, 40, 40, 50]),
        ("web", r#""min_workers": 60"#, [60, 60, 60, 60]),
        ("web", r#""min_workers": 0, "initial_workers": 0"#, [0, 0, 50, 50]),
        ("web", r#""initial_workers": 70"#, [2, 70, 70, 70]),
        ("web", r#""initial": 70"#, [2, 70, 70, 70]),
        ("web", r#""initial_workers": 1"#, [1, 1, 50, 50]),
        ("web", r#""surge_max_workers": 20"#, [2, 5, 20, 20]),
        ("web", r#""surge_max_workers": 1"#, [1, 1, 1, 1]),
        ("web", r#""min_workers": 4, "max_workers": 4"#, [4, 4, 4, 50]),
        ("web", r#""min_workers": 10, "surge_max_workers": 20"#, [10, 10, 20, 20]),
        ("web", r#""min_workers": null, "max_workers": 3"#, [2, 3, 3, 50]),
        ("notification", r#""max_waiting": 9"#, [2, 5, 20, 50]),
    ] {
        assert_eq!(sizes(name, fields), expected, "{name} {fields}");
    }
}

#[test]
fn unset_limits_are_clamped_into_set_ones() {
    let limits = |json: &str| {
        let config = config(json);
        (config.regulator.soft_limit, config.regulator.hard_limit, config.limits.max_tokens)
    };
    assert_eq!(limits(r#"{"regulator": {"hard_limit": 500}}"#), (500, 500, 1_048_576));
    assert_eq!(limits(r#"{"regulator": {"soft_limit": 2000}}"#), (2_000, 2_000, 1_048_576));
    assert_eq!(limits(r#"{"regulator": {"hard_limit": 2000000}}"#), (1_000, 2_000_000, 2_000_000));
    assert_eq!(limits(r#"{"limits": {"max_tokens": 100}}"#), (100, 100, 100));
    let pools = r#"{"pools": {"a": {"initial_workers": 2000000}, "b": {"max_workers": 3}}}"#;
    assert_eq!(config(pools).limits.max_workers, 2_000_003);
}

#[test]
fn unset_thresholds_are_clamped_into_set_ones() {
    let scaler = |json: &str| {
        let scaler = config(&format!(r#"{{"scaler": {{{json}}}}}"#)).scaler;
        (ppm(scaler.down_threshold), ppm(scaler.up_threshold))
    };
    assert_eq!(scaler(r#""up_threshold": 0.6"#), (500_000, 600_000));
    assert_eq!(scaler(r#""up_threshold": 0.4"#), (399_999, 400_000));
    assert_eq!(scaler(r#""down_threshold": 0.9"#), (900_000, 900_001));
    assert_eq!(scaler(r#""down_threshold": 0.40, "up_threshold": 0.85"#), (400_000, 850_000));
    let balancer = |json: &str| {
        let balancer = config(&format!(r#"{{"balancer": {{{json}}}}}"#)).balancer;
        (ppm(balancer.clear), ppm(balancer.overload))
    };
    assert_eq!(balancer(r#""overload": 0.6"#), (600_000, 600_000));
    assert_eq!(balancer(r#""clear": 0.9"#), (900_000, 900_000));
    let health = config(r#"{"health": {"critical_utilization": 0.7}}"#).health;
    assert_eq!((ppm(health.degraded_utilization), ppm(health.critical_utilization)), (700_000, 700_000));
}

#[test]
fn unset_classes_follow_set_ones() {
    let class = |name: &str, fields: &str| {
        let json = format!(r#"{{"domains": {{"{name}": {{{fields}}}}}}}"#);
        let config = config(&json);
        let domain = config.domains.iter().find(|domain| domain.name == name).unwrap();
        (domain.class, domain.max_class)
    };
    assert_eq!(class("payment", r#""max_class": "normal""#), (Class::Normal, Class::Normal));
    assert_eq!(class("payment", r#""class": "sheddable""#), (Class::Sheddable, Class::Sheddable));
    assert_eq!(class("delivery", r#""max_class": "critical""#), (Class::Normal, Class::Critical));
    assert_eq!(class("delivery", r#""max_class": "sheddable""#), (Class::Sheddable, Class::Sheddable));
    assert_eq!(class("web", r#""class": "critical""#), (Class::Critical, Class::Critical));
}

#[test]
fn named_pools_replace_the_default_ones() {
    let config = config(
        r#"{"domains": {"z": {"pools": ["web", "payment", "web"]}, "web": {"spill": []}, "y": {},
            "critical_notification": {"spill": "web"}},
            "pools": {"web": {}, "payment": {}}}"#,
    );
    let domains: Vec<_> = config
        .domains
        .iter()
        .map(|domain| (domain.name.as_str(), domain.class, domain.pools.join(" "), spill(domain)))
        .collect();
    let domain = |name, class, pools: &str, spill: &str| (name, class, pools.to_string(), spill.to_string());
    assert_eq!(
        domains,
        [
            domain("web", Class::Normal, "web", ""),
            domain("payment", Class::Critical, "payment", "*"),
            domain("z", Class::Normal, "web payment web", "*"),
            domain("y", Class::Normal, "web payment", "*"),
            domain("critical_notification", Class::Critical, "web payment", "web"),
        ]
    );
    assert_eq!((config.pools[1].initial_workers, config.pools[1].max_workers), (10, 30));
}

#[test]
fn the_default_domain_stands_with_the_default_pools() {
    let names = |json: &str| {
        let config = config(json);
        config.domains.iter().map(|domain| domain.name.clone()).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(names("{}"), "payment delivery notification critical_notification");
    assert_eq!(
        names(r#"{"domains": {"web": {}}}"#),
        "payment delivery notification critical_notification web"
    );
    assert_eq!(
        names(r#"{"domains": {"web": {}, "critical_notification": {}}}"#),
        "payment delivery notification web critical_notification"
    );
    assert_eq!(names(r#"{"pools": {"notification": {}}}"#), "notification");
    let config = config(r#"{"domains": {"critical_notification": {"max_concurrent": 7}}}"#);
    let domain = config.domains.last().unwrap();
    assert_eq!((domain.pools.join(" ").as_str(), domain.class), ("notification", Class::Critical));
    assert_eq!(domain.max_concurrent, Some(7));
}

#[test]
fn numbers_are_taken_exactly() {
    let config = config(
        r#"{"balancer": {"trigger": 1, "overload": 1, "hash_seed": 9007199254740991, "clear": 0.1234565},
            "scaler": {"wait_target_us": 0, "planned_after_us": 9007199254740991},
            "burst": {"threshold": 1000000, "min_baseline": 1e-6}, "cost": {"surge_per_hour": 3, "baseline_per_hour": -0.0}}"#,
    );
    assert_eq!((ppm(config.balancer.trigger), ppm(config.balancer.clear)), (1_000_000, 123_457));
    assert_eq!(config.balancer.hash_seed, (1 << 53) - 1);
    assert_eq!((config.scaler.wait_target_us, config.scaler.planned_after_us), (Some(0), (1 << 53) - 1));
    assert_eq!((ppm(config.burst.threshold), ppm(config.burst.min_baseline)), (1_000_000_000_000, 1));
    assert_eq!(config.cost.surge_per_hour.to_bits(), 3.0_f64.to_bits());
    assert_eq!(config.cost.baseline_per_hour.to_bits(), 0.0_f64.to_bits(), "a negative zero is zero");
}

#[test]
fn affinity_groups_keep_their_order() {
    let config =
        config(r#"{"balancer": {"affinity_groups": {"vip": "payment", "a": ["delivery", "payment"]}}}"#);
    let groups: Vec<_> = config
        .balancer
        .affinity_groups
        .iter()
        .map(|group| (group.key.as_str(), group.pools.join(" ")))
        .collect();
    assert_eq!(groups, [("vip", "payment".to_string()), ("a", "delivery payment".to_string())]);
}

#[cfg(feature = "toml")]
#[test]
fn toml_and_json_give_the_same() {
    let toml = "preset = 'adaptive'\n[pools.web]\nmax_workers = 3\nqueue = 'codel'\n[pools.api]\n\
                [domains.z]\npools = ['api']\n[regulator]\nreserved_capacity = 0.5\n";
    let json = r#"{"preset": "adaptive", "pools": {"web": {"max_workers": 3, "queue": "codel"}, "api": {}},
                   "domains": {"z": {"pools": ["api"]}}, "regulator": {"reserved_capacity": 0.5}}"#;
    assert_eq!(Config::from_toml(toml).unwrap(), config(json));
}
