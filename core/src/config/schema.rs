//! The one table of configuration fields: name, type, range, default, meaning. The reader, its messages and its
//! hints, `Draft::set` and the reference in the documentation all come from it.

use alloc::string::String;
use core::fmt::Write as _;

use super::alerts::{COMPARISONS, METRICS, SEVERITIES};
pub use super::field::{Fallback, Field, Kind, Section};
use crate::id::MAX_SLOTS;
use crate::ratio::MILLION as WHOLE;
use crate::time::TIME_LIMIT_US;

/// The most names in one list of pools, and the most affinity groups.
pub const MAX_LIST: u32 = 65_536;

/// The most pools, and so the highest `limits.max_pools`.
pub const MAX_POOLS: u32 = 16_384;

/// The highest `limits.max_domains`.
pub const MAX_DOMAINS: u32 = 1_048_576;

const SECOND: u64 = 1_000_000;
const MILLISECOND: u64 = 1_000;
const SLOTS: u64 = MAX_SLOTS as u64;
/// The highest threshold of demand or load: far above what can mean anything.
const HIGHEST: u64 = 1_000_000 * WHOLE;
const HIGHEST_DEMAND: u64 = 1_000 * WHOLE;

const COUNT: Kind = integer(0, SLOTS);
const POSITIVE: Kind = integer(1, SLOTS);
const REQUESTS: Kind = integer(0, 1_000_000_000);
/// A duration that may be 0.
const DURATION: Kind = integer(0, TIME_LIMIT_US - 1);
const POSITIVE_DURATION: Kind = integer(1, TIME_LIMIT_US - 1);
/// How often something is done: at most a thousand times a second.
const PERIOD: Kind = integer(MILLISECOND, TIME_LIMIT_US - 1);
const SHARE: Kind = ratio(0, WHOLE);
const DEMAND: Kind = ratio(0, HIGHEST_DEMAND);
const PRICE: Kind = Kind::Number { min: 0.0, max: 1e9 };
const CLASSES: Kind = Kind::Choice(&["sheddable", "normal", "critical"]);

const fn integer(min: u64, max: u64) -> Kind {
    Kind::Integer { min, max }
}

const fn ratio(min_ppm: u64, max_ppm: u64) -> Kind {
    Kind::Ratio { min_ppm, max_ppm }
}

const fn field(name: &'static str, kind: Kind, default: Fallback, meaning: &'static str) -> Field {
    // Where nobody reads it, it needn't be there.
    let meaning = if cfg!(feature = "meanings") { meaning } else { "" };
    Field { name, alias: None, kind, default, meaning }
}

const fn section(name: &'static str, named: bool, fields: &'static [Field]) -> Section {
    Section { name, named, fields }
}

use Fallback::{Bool, Derived, Integer, Number, Ratio, Text};

/// The names of the presets, `classic` (the defaults) first.
pub const PRESET_NAMES: [&str; 2] = ["classic", "adaptive"];

/// The fields of the top level.
pub static ROOT: Section = section(
    "",
    false,
    &[
        field("preset", Kind::Choice(&PRESET_NAMES), Text("classic"), "the defaults to start from"),
        field(
            "worker_start",
            Kind::Choice(&["instant", "confirmed"]),
            Text("instant"),
            "whether a new worker counts at once or after `worker_ready`",
        ),
        field(
            "worker_start_timeout_us",
            PERIOD,
            Integer(60 * SECOND),
            "a worker that isn't ready after this counts as failed and is ordered again",
        ),
        field("alerts", Kind::Alerts, Derived("six rules"), "rules that raise alerts; an empty list: none"),
        field("alert_every_us", PERIOD, Integer(15 * SECOND), "how often the rules are evaluated"),
    ],
);

/// Section `regulator`.
pub static REGULATOR: Section = section(
    "regulator",
    false,
    &[
        field("soft_limit", POSITIVE, Integer(1_000), "warn above this load; at most `hard_limit`"),
        field("hard_limit", POSITIVE, Integer(1_200), "refuse at this load"),
        field(
            "reserved_capacity",
            ratio(0, WHOLE - 1),
            Ratio(200_000),
            "share of the hard limit kept for critical work",
        ),
        field(
            "sheddable_fraction",
            SHARE,
            Ratio(750_000),
            "share of the normal limit open to sheddable work",
        ),
        field("token_ttl_us", POSITIVE_DURATION, Fallback::None, "reclaim a token not released in this time"),
        field(
            "reservation",
            Kind::Choice(&["headroom", "partition"]),
            Text("headroom"),
            "whether normal work counts against the total load, or has a part of its own",
        ),
        field("adaptive", Kind::Adaptive, Fallback::None, "limit that follows what the backend can do"),
    ],
);

/// Section `regulator.adaptive`.
pub static ADAPTIVE_LIMIT: Section = section(
    "regulator.adaptive",
    false,
    &[
        field(
            "algorithm",
            Kind::Choice(&["none", "aimd", "gradient", "correlation"]),
            Derived("`correlation` if one of these fields is set, else `none`"),
            "how the limit moves",
        ),
        field("min_limit", POSITIVE, Integer(20), "it is never lower; at most `initial_limit`"),
        field(
            "initial_limit",
            POSITIVE,
            Derived("`regulator.hard_limit`"),
            "what it starts with; at most `regulator.hard_limit`",
        ),
        field("window_us", PERIOD, Integer(SECOND), "how often requests are judged"),
        field("min_samples", integer(1, 1_000_000), Integer(50), "with fewer requests a window goes on"),
        field("max_failures", SHARE, Ratio(100_000), "a window of which this share failed counts as a loss"),
        field(
            "tolerance",
            ratio(WHOLE, 100 * WHOLE),
            Ratio(1_500_000),
            "gradient, correlation: a latency up to this many baselines is normal",
        ),
        field(
            "baseline_windows",
            integer(1, 1_000_000),
            Integer(60),
            "gradient, correlation: windows that the baseline remembers",
        ),
        field(
            "probe",
            ratio(WHOLE / 100, WHOLE / 4),
            Ratio(50_000),
            "gradient, correlation: how far the limit is moved to see what throughput does",
        ),
        field(
            "probe_samples",
            integer(1, 1_000_000_000),
            Integer(2_000),
            "gradient, correlation: completions before the next move of the knee",
        ),
        field("quantile", SHARE, Ratio(500_000), "correlation: the quantile of latency that is judged"),
        field(
            "sustain_us",
            DURATION,
            Integer(20 * SECOND),
            "correlation: an overload lasts for so long before the limit is lowered",
        ),
        field("smoothing", ratio(1, WHOLE), Ratio(200_000), "gradient: the part of a move made at once"),
        field("queue_size", COUNT, Integer(4), "gradient: what the limit gains while latency is normal"),
        field(
            "max_latency_us",
            POSITIVE_DURATION,
            Fallback::None,
            "gradient: a mean latency above this is never normal",
        ),
        field(
            "timeout_us",
            POSITIVE_DURATION,
            Integer(5 * SECOND),
            "aimd: a mean latency above this counts as a loss",
        ),
        field(
            "backoff_ratio",
            ratio(WHOLE / 2, WHOLE - 1),
            Ratio(900_000),
            "aimd: what a loss multiplies the limit by",
        ),
    ],
);

/// Section `domains.<name>`.
pub static DOMAINS: Section = section(
    "domains",
    true,
    &[
        field(
            "class",
            CLASSES,
            Derived(
                "`critical` for `payment` and `critical_notification`, else `normal`; at most `max_class`",
            ),
            "class of a request that asks for none",
        ),
        field("max_class", CLASSES, Derived("`class`"), "highest class a single request may ask for"),
        field("max_concurrent", POSITIVE, Fallback::None, "most tokens this domain may hold"),
        field(
            "pools",
            Kind::Pools { min: 1 },
            Derived("the pool of the same name, else all"),
            "primary pools; one listed k times has k shares",
        ),
        field("spill", Kind::Pools { min: 0 }, Derived("all other pools"), "pools where overload may go"),
    ],
);

/// Section `pools.<name>`.
pub static POOLS: Section = section(
    "pools",
    true,
    &[
        Field {
            alias: Some("initial"),
            ..field("initial_workers", COUNT, Integer(5), "workers at the start; payment 10, delivery 8")
        },
        field("min_workers", COUNT, Integer(2), "least baseline workers"),
        field(
            "max_workers",
            POSITIVE,
            Integer(50),
            "most baseline workers; payment 30, delivery 25, notification 20",
        ),
        field(
            "surge_max_workers",
            POSITIVE,
            Integer(50),
            "most workers, surge included; at least `max_workers`",
        ),
        field("strategy", Kind::Choice(&["lifo", "fifo"]), Text("lifo"), "which idle worker is handed out"),
        field("max_overflow", COUNT, Integer(0), "most temporary workers beyond the current count"),
        field("overflow_ttl_us", DURATION, Integer(0), "how long an idle overflow worker lingers"),
        field("max_waiting", COUNT, Integer(0), "places in the waiting line; 0: fail fast"),
        field("queue", Kind::Choice(&["fifo", "codel"]), Text("fifo"), "how the waiting line is served"),
        field(
            "codel_target_us",
            POSITIVE_DURATION,
            Integer(5 * MILLISECOND),
            "codel: longest wait while overloaded",
        ),
        field(
            "codel_interval_us",
            POSITIVE_DURATION,
            Integer(100 * MILLISECOND),
            "codel: a line not empty for this long is overloaded",
        ),
    ],
);

/// Section `scaler`.
pub static SCALER: Section = section(
    "scaler",
    false,
    &[
        field("enabled", Kind::Bool, Bool(true), "whether pools are scaled at all"),
        field(
            "mode",
            Kind::Choice(&["step", "proportional", "staffing"]),
            Text("step"),
            "which rule sets the count",
        ),
        field("evaluate_every_us", PERIOD, Integer(5 * SECOND), "how often pools are judged"),
        field("up_threshold", ratio(1, HIGHEST_DEMAND), Ratio(800_000), "demand above this adds a worker"),
        field(
            "down_threshold",
            ratio(0, HIGHEST_DEMAND - 1),
            Ratio(500_000),
            "demand below this removes a worker; below `up_threshold`",
        ),
        field("down_cooldown_us", DURATION, Integer(60 * SECOND), "removals are at least this far apart"),
        field(
            "proactive_threshold",
            DEMAND,
            Ratio(700_000),
            "demand at or above this for `proactive_after_us` adds",
        ),
        field("proactive_after_us", DURATION, Integer(60 * SECOND), "see `proactive_threshold`"),
        field("proactive_step", POSITIVE, Integer(2), "most workers a proactive step adds"),
        field("target_utilization", ratio(WHOLE / 100, WHOLE), Ratio(700_000), "utilization aimed at"),
        field(
            "planned_threshold",
            DEMAND,
            Ratio(300_000),
            "demand below this for `planned_after_us` shrinks",
        ),
        field("planned_after_us", DURATION, Integer(600 * SECOND), "see `planned_threshold`"),
        field(
            "planned_every_us",
            PERIOD,
            Integer(60 * SECOND),
            "steps of a planned shrink are this far apart",
        ),
        field("planned_fraction", SHARE, Ratio(100_000), "share of the workers a planned step removes"),
        field("off_peak_only", Kind::Bool, Bool(false), "plan a shrink only while off-peak"),
        field("health", Kind::Bool, Bool(true), "whether an unhealthy pool gets a worker"),
        field(
            "health_on_errors",
            Kind::Bool,
            Bool(true),
            "whether the error rate alone is reason enough for that",
        ),
        field("min_interval_us", DURATION, Integer(0), "least time between two scalings of one pool"),
        field("tolerance", SHARE, Ratio(100_000), "proportional: no change while demand is this close"),
        field(
            "stabilization_us",
            DURATION,
            Integer(300 * SECOND),
            "down only to the highest desire of this time; staffing: to what was needed without growth",
        ),
        field(
            "late_fraction",
            ratio(1, WHOLE),
            Ratio(10_000),
            "staffing: share that may wait past the target, or be refused where nobody can wait",
        ),
        field(
            "wait_target_us",
            DURATION,
            Fallback::None,
            "staffing: longest wait aimed at; unset: half the mean service time, at least 300 ms",
        ),
    ],
);

/// Section `health`.
pub static HEALTH: Section = section(
    "health",
    false,
    &[
        field(
            "degraded_utilization",
            SHARE,
            Ratio(800_000),
            "degraded above this; at most `critical_utilization`",
        ),
        field("critical_utilization", SHARE, Ratio(950_000), "critical above this"),
        field("max_error_rate", SHARE, Ratio(50_000), "degraded above this error rate"),
        field("min_requests", REQUESTS, Integer(20), "fewer requests in 60 s have error rate 0"),
        field(
            "check_every_us",
            PERIOD,
            Integer(30 * SECOND),
            "how often a pool asks for a check of its workers",
        ),
    ],
);

/// Section `balancer`.
pub static BALANCER: Section = section(
    "balancer",
    false,
    &[
        field("overload", SHARE, Ratio(850_000), "a pool whose utilization goes above this is overloaded"),
        field("clear", SHARE, Ratio(750_000), "until it falls below this; at most `overload`"),
        field("rebalance_every_us", PERIOD, Integer(10 * SECOND), "how often the balance is judged"),
        field("cooldown_us", DURATION, Integer(30 * SECOND), "migrations are at least this far apart"),
        field("trigger", SHARE, Ratio(800_000), "a coefficient below this moves a worker"),
        field(
            "coefficient",
            Kind::Choice(&["spread", "stddev"]),
            Text("spread"),
            "how the coefficient is made",
        ),
        field("affinity_groups", Kind::Groups, Derived("none"), "keys that have pools of their own"),
        field("affinity_rotation_us", PERIOD, Fallback::None, "keys move to other pools this often"),
        field("hash_seed", integer(0, TIME_LIMIT_US - 1), Integer(0), "seed of the consistent hash"),
    ],
);

/// Section `burst`.
pub static BURST: Section = section(
    "burst",
    false,
    &[
        field("enabled", Kind::Bool, Bool(true), "whether a surge may start"),
        field(
            "scope",
            Kind::Choice(&["system", "pool"]),
            Text("system"),
            "pools surge together, or each alone",
        ),
        field("threshold", ratio(1, HIGHEST), Ratio(10 * WHOLE), "load above this many baselines is a burst"),
        field("min_load", ratio(0, HIGHEST), Ratio(800_000), "a load up to this is absorbed by the pools"),
        field("min_baseline", ratio(1, HIGHEST), Ratio(50_000), "the baseline counts as no lower than this"),
        field("min_arrivals", REQUESTS, Integer(20), "fewer arrivals in the window prove nothing"),
        field("surge_workers", POSITIVE, Integer(5), "workers a surge adds to a pool"),
        field("hold_us", DURATION, Integer(300 * SECOND), "how long a surge holds"),
        field("shrink_us", DURATION, Integer(120 * SECOND), "how long its workers take to leave"),
        field("cooldown_us", DURATION, Integer(30 * SECOND), "how long after that no surge may start"),
        field("baseline_samples", integer(1, 600), Integer(60), "one-second samples that make the baseline"),
        field("window_samples", integer(1, 100), Integer(10), "seconds of the trigger's longer window"),
        field(
            "hold_out_factor",
            ratio(1, HIGHEST),
            Ratio(2 * WHOLE),
            "samples are held out of the baseline above this many baselines",
        ),
        field("hold_out_us", DURATION, Integer(60 * SECOND), "for at most this long"),
    ],
);

/// Section `cost`.
pub static COST: Section = section(
    "cost",
    false,
    &[
        field("baseline_per_hour", PRICE, Number(1.0), "a baseline worker's price, in money per hour"),
        field("surge_per_hour", PRICE, Number(2.0), "a surge worker's price, in money per hour"),
        field(
            "surge_multiplier",
            PRICE,
            Number(2.0),
            "a surge worker's price, in cost units per worker added",
        ),
        field("currency", Kind::Text { max_bytes: 16 }, Text("USD"), "currency of the prices"),
    ],
);

/// Section `limits`.
pub static LIMITS: Section = section(
    "limits",
    false,
    &[
        field("max_domains", integer(1, MAX_DOMAINS as u64), Integer(65_536), "most domains"),
        field("max_pools", integer(1, MAX_POOLS as u64), Integer(MAX_POOLS as u64), "most pools"),
        field(
            "max_workers",
            POSITIVE,
            Integer(1_048_576),
            "most workers of all pools together; unset: at least those at the start",
        ),
        field(
            "max_tokens",
            POSITIVE,
            Integer(1_048_576),
            "most tokens; unset: at least `regulator.hard_limit`",
        ),
        field("max_waiters", POSITIVE, Integer(1_048_576), "most waiters of all pools together"),
        field("max_effects", POSITIVE, Integer(65_536), "most effects that wait to be drained"),
        field("max_key_bytes", integer(1, 1_048_576), Integer(4_096), "longest key, in bytes"),
        field("max_alerts", integer(1, 4_096), Integer(1_024), "most alert rules"),
        field(
            "max_name_bytes",
            integer(1, 65_536),
            Integer(256),
            "longest name of a domain or pool, in bytes",
        ),
        field(
            "max_journal_bytes",
            integer(4_096, u32::MAX as u64),
            Integer(16_777_216),
            "most bytes of the journal that wait to be taken",
        ),
    ],
);

/// A rule: an item of the list `alerts`.
pub static ALERT: Section = section(
    "alerts[]",
    false,
    &[
        field("name", Kind::Text { max_bytes: 256 }, Fallback::None, "what its alerts are called; needed"),
        field("metric", Kind::Choice(METRICS), Fallback::None, "what it looks at; needed"),
        field("comparison", Kind::Choice(COMPARISONS), Fallback::None, "how that is compared; needed"),
        field("threshold", ratio(0, HIGHEST), Fallback::None, "with what; needed"),
        field("for_us", DURATION, Integer(0), "how long that must hold before the alert fires"),
        field("severity", Kind::Choice(SEVERITIES), Text("warning"), "how urgent it is"),
        field(
            "pool",
            Kind::Text { max_bytes: 65_536 },
            Derived("all, each by itself"),
            "the pool it is about, for a metric of pools",
        ),
        field("options", Kind::Options, Derived("none"), "what may be done about it"),
    ],
);

/// All sections.
pub static SECTIONS: [&Section; 11] = [
    &ROOT,
    &REGULATOR,
    &ADAPTIVE_LIMIT,
    &DOMAINS,
    &POOLS,
    &SCALER,
    &HEALTH,
    &BALANCER,
    &BURST,
    &COST,
    &LIMITS,
];

/// Where the preset `adaptive` differs: section, field, default.
pub static ADAPTIVE: &[(&str, &str, Fallback)] = &[
    ("scaler", "mode", Text("staffing")),
    ("scaler", "evaluate_every_us", Integer(SECOND)),
    ("scaler", "late_fraction", Ratio(5_000)),
    ("scaler", "health_on_errors", Bool(false)),
    ("burst", "scope", Text("pool")),
    ("regulator.adaptive", "algorithm", Text("correlation")),
];

/// The section that stands at the top level under `name`; not the top level itself.
pub(super) fn section_at_top(name: &str) -> Option<&'static Section> {
    SECTIONS.into_iter().skip(1).find(|section| section.name == name && section.parent().is_none())
}

/// The reference of all fields as a Markdown table, for the documentation.
pub fn reference() -> String {
    let mut out = String::from("| field | takes | default | meaning |\n|---|---|---|---|\n");
    for section in SECTIONS.into_iter().chain([&ALERT]) {
        for field in section.fields {
            let path = section.path_of(field.name);
            // Writing to a `String` doesn't fail.
            let _ = writeln!(out, "| `{path}` | {} | {} | {} |", field.kind, field.default, field.meaning);
        }
    }
    out
}
