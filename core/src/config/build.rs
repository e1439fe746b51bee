//! The sections as structures: defaults, and fields that belong together.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::field::show_ppm;
use super::model::{
    AdaptiveAlgorithm, AdaptiveConfig, BalancerConfig, BurstConfig, BurstScope, Class, Coefficient,
    CostConfig, DomainConfig, HealthConfig, PoolConfig, Queue, RegulatorConfig, Reservation, ScalerConfig,
    ScalerMode, Strategy,
};
use super::read::{Fields, Link, Problems, chain, narrow};
use super::resolve::DEFAULT_DOMAIN;
use super::text::quoted;
use crate::ratio::Ratio;

pub(super) fn pool_config(name: &str, fields: &Fields, problems: &mut Problems) -> PoolConfig {
    let number = |field: &str| fields.default_number(field);
    let (initial, least, most) = match name {
        "payment" => (10, 2, 30),
        "delivery" => (8, 2, 25),
        "notification" => (5, 2, 20),
        _ => (number("initial_workers"), number("min_workers"), number("max_workers")),
    };
    let [min_workers, initial_workers, max_workers, surge_max_workers] = chain(
        &[
            Link::with_default(fields, "min_workers", least),
            Link::with_default(fields, "initial_workers", initial),
            Link::with_default(fields, "max_workers", most),
            Link::new(fields, "surge_max_workers"),
        ],
        |value| value.to_string(),
        problems,
    );
    PoolConfig {
        name: name.to_owned(),
        initial_workers: narrow(initial_workers),
        min_workers: narrow(min_workers),
        max_workers: narrow(max_workers),
        surge_max_workers: narrow(surge_max_workers),
        strategy: match fields.word("strategy") {
            "fifo" => Strategy::Fifo,
            _ => Strategy::Lifo,
        },
        max_overflow: fields.count("max_overflow"),
        overflow_ttl_us: fields.integer("overflow_ttl_us"),
        max_waiting: fields.count("max_waiting"),
        queue: match fields.word("queue") {
            "codel" => Queue::Codel,
            _ => Queue::Fifo,
        },
        codel_target_us: fields.integer("codel_target_us"),
        codel_interval_us: fields.integer("codel_interval_us"),
    }
}

fn class(word: &str) -> Class {
    match word {
        "critical" => Class::Critical,
        "sheddable" => Class::Sheddable,
        _ => Class::Normal,
    }
}

pub(super) fn domain_config(
    name: &str,
    fields: &Fields,
    primary: Option<Vec<String>>,
    pools: &[PoolConfig],
    problems: &mut Problems,
) -> DomainConfig {
    let (set_class, set_max) = (fields.set_word("class"), fields.set_word("max_class"));
    if let (Some(asked), Some(most)) = (set_class, set_max)
        && class(asked) > class(most)
    {
        let message = format!("{} is above `{}` = {}", quoted(asked), fields.path("max_class"), quoted(most));
        problems.add(fields.path("class"), message);
    }
    let usual = if name == "payment" || name == DEFAULT_DOMAIN.0 { Class::Critical } else { Class::Normal };
    let highest = set_max.map(class);
    let class = set_class.map_or_else(|| usual.min(highest.unwrap_or(Class::Critical)), class);
    let all = || pools.iter().map(|pool| &pool.name);
    DomainConfig {
        name: name.to_owned(),
        class,
        max_class: highest.unwrap_or(class),
        max_concurrent: fields.set_number("max_concurrent").map(narrow),
        pools: primary.unwrap_or_else(|| all().cloned().collect()),
        spill: fields.set_pools("spill").map(<[String]>::to_vec),
    }
}

/// The hard limit among its neighbours: where it isn't set, not below what the adaptive limit is set to.
pub(super) fn hard_limit_link<'a>(regulator: &'a Fields, adaptive: &Fields) -> Link<'a> {
    let set = |fields: &Fields, name| fields.set_number(name).unwrap_or(0);
    let least = set(adaptive, "min_limit").max(set(adaptive, "initial_limit"));
    let name = "hard_limit";
    if regulator.set_number(name).is_some() || least <= regulator.default_number(name) {
        return Link::new(regulator, name);
    }
    Link::with_value(regulator, name, least.max(set(regulator, "soft_limit")))
}

pub(super) fn adaptive_config(
    fields: &Fields,
    regulator: &Fields,
    hard_limit: u64,
    problems: &mut Problems,
) -> Option<AdaptiveConfig> {
    let [min_limit, initial_limit, _] = chain(
        &[
            Link::new(fields, "min_limit"),
            Link::with_default(fields, "initial_limit", hard_limit),
            Link::with_value(regulator, "hard_limit", hard_limit),
        ],
        |value| value.to_string(),
        problems,
    );
    let algorithm = match fields.word("algorithm") {
        "aimd" => AdaptiveAlgorithm::Aimd,
        "gradient" => AdaptiveAlgorithm::Gradient,
        "correlation" => AdaptiveAlgorithm::Correlation,
        "" if fields.is_any_set() => AdaptiveAlgorithm::Correlation,
        _ => return None,
    };
    Some(AdaptiveConfig {
        algorithm,
        min_limit: narrow(min_limit),
        initial_limit: narrow(initial_limit),
        window_us: fields.integer("window_us"),
        min_samples: fields.count("min_samples"),
        max_failures: fields.ratio("max_failures"),
        tolerance: fields.ratio("tolerance"),
        baseline_windows: fields.count("baseline_windows"),
        probe: fields.ratio("probe"),
        probe_samples: fields.count("probe_samples"),
        quantile: fields.ratio("quantile"),
        sustain_us: fields.integer("sustain_us"),
        smoothing: fields.ratio("smoothing"),
        queue_size: fields.count("queue_size"),
        max_latency_us: fields.set_number("max_latency_us"),
        timeout_us: fields.integer("timeout_us"),
        backoff_ratio: fields.ratio("backoff_ratio"),
    })
}

pub(super) fn regulator_config(
    fields: &Fields,
    soft_limit: u64,
    hard_limit: u64,
    adaptive: Option<AdaptiveConfig>,
) -> RegulatorConfig {
    RegulatorConfig {
        soft_limit: narrow(soft_limit),
        hard_limit: narrow(hard_limit),
        reserved_capacity: fields.ratio("reserved_capacity"),
        sheddable_fraction: fields.ratio("sheddable_fraction"),
        token_ttl_us: fields.set_number("token_ttl_us"),
        reservation: match fields.word("reservation") {
            "partition" => Reservation::Partition,
            _ => Reservation::Headroom,
        },
        adaptive,
    }
}

/// The thresholds for removing and adding a worker: the first must lie below the second.
fn thresholds(fields: &Fields, problems: &mut Problems) -> (Ratio, Ratio) {
    let (down, up) = ("down_threshold", "up_threshold");
    let (default_down, default_up) = (fields.default_number(down), fields.default_number(up));
    let (least, most) = match (fields.set_number(down), fields.set_number(up)) {
        (Some(least), Some(most)) => {
            if least >= most {
                let (least, most) = (show_ppm(least), show_ppm(most));
                let message = format!("{least} isn't below `{}` = {most}", fields.path(up));
                problems.add(fields.path(down), message);
            }
            (least, most)
        }
        (Some(least), None) => (least, default_up.max(least.saturating_add(1))),
        (None, Some(most)) => (default_down.min(most.saturating_sub(1)), most),
        (None, None) => (default_down, default_up),
    };
    (Ratio::from_ppm(least), Ratio::from_ppm(most))
}

pub(super) fn scaler_config(fields: &Fields, problems: &mut Problems) -> ScalerConfig {
    let (down_threshold, up_threshold) = thresholds(fields, problems);
    ScalerConfig {
        enabled: fields.flag("enabled"),
        mode: match fields.word("mode") {
            "proportional" => ScalerMode::Proportional,
            "staffing" => ScalerMode::Staffing,
            _ => ScalerMode::Step,
        },
        evaluate_every_us: fields.integer("evaluate_every_us"),
        up_threshold,
        down_threshold,
        down_cooldown_us: fields.integer("down_cooldown_us"),
        proactive_threshold: fields.ratio("proactive_threshold"),
        proactive_after_us: fields.integer("proactive_after_us"),
        proactive_step: fields.count("proactive_step"),
        target_utilization: fields.ratio("target_utilization"),
        planned_threshold: fields.ratio("planned_threshold"),
        planned_after_us: fields.integer("planned_after_us"),
        planned_every_us: fields.integer("planned_every_us"),
        planned_fraction: fields.ratio("planned_fraction"),
        off_peak_only: fields.flag("off_peak_only"),
        health: fields.flag("health"),
        health_on_errors: fields.flag("health_on_errors"),
        min_interval_us: fields.integer("min_interval_us"),
        tolerance: fields.ratio("tolerance"),
        stabilization_us: fields.integer("stabilization_us"),
        late_fraction: fields.ratio("late_fraction"),
        wait_target_us: fields.set_number("wait_target_us"),
    }
}

pub(super) fn health_config(fields: &Fields, problems: &mut Problems) -> HealthConfig {
    let [degraded, critical] = chain(
        &[Link::new(fields, "degraded_utilization"), Link::new(fields, "critical_utilization")],
        show_ppm,
        problems,
    );
    HealthConfig {
        degraded_utilization: Ratio::from_ppm(degraded),
        critical_utilization: Ratio::from_ppm(critical),
        max_error_rate: fields.ratio("max_error_rate"),
        min_requests: fields.count("min_requests"),
        check_every_us: fields.integer("check_every_us"),
    }
}

pub(super) fn balancer_config(fields: &Fields, problems: &mut Problems) -> BalancerConfig {
    let [clear, overload] =
        chain(&[Link::new(fields, "clear"), Link::new(fields, "overload")], show_ppm, problems);
    BalancerConfig {
        overload: Ratio::from_ppm(overload),
        clear: Ratio::from_ppm(clear),
        rebalance_every_us: fields.integer("rebalance_every_us"),
        cooldown_us: fields.integer("cooldown_us"),
        trigger: fields.ratio("trigger"),
        coefficient: match fields.word("coefficient") {
            "stddev" => Coefficient::Stddev,
            _ => Coefficient::Spread,
        },
        affinity_groups: fields.groups("affinity_groups"),
        affinity_rotation_us: fields.set_number("affinity_rotation_us"),
        hash_seed: fields.integer("hash_seed"),
    }
}

pub(super) fn burst_config(fields: &Fields) -> BurstConfig {
    BurstConfig {
        enabled: fields.flag("enabled"),
        scope: match fields.word("scope") {
            "pool" => BurstScope::Pool,
            _ => BurstScope::System,
        },
        threshold: fields.ratio("threshold"),
        min_load: fields.ratio("min_load"),
        min_baseline: fields.ratio("min_baseline"),
        min_arrivals: fields.count("min_arrivals"),
        surge_workers: fields.count("surge_workers"),
        hold_us: fields.integer("hold_us"),
        shrink_us: fields.integer("shrink_us"),
        cooldown_us: fields.integer("cooldown_us"),
        baseline_samples: fields.count("baseline_samples"),
        window_samples: fields.count("window_samples"),
        hold_out_factor: fields.ratio("hold_out_factor"),
        hold_out_us: fields.integer("hold_out_us"),
    }
}

pub(super) fn cost_config(fields: &Fields) -> CostConfig {
    CostConfig {
        baseline_per_hour: fields.number("baseline_per_hour"),
        surge_per_hour: fields.number("surge_per_hour"),
        surge_multiplier: fields.number("surge_multiplier"),
        currency: fields.text("currency"),
    }
}
