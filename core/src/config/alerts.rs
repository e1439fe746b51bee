//! Alert rules: what they are, the default ones, and reading them.

use alloc::borrow::ToOwned;
use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use serde::ser::SerializeSeq;
use serde::{Serialize, Serializer};

use super::model::LimitsConfig;
use super::read::{Fields, Problems};
use super::schema::ALERT;
use super::value::Value;
use crate::ratio::Ratio;

/// The most instances of all rules together: a rule on a metric that every pool has counts once for each pool.
pub const MAX_ALERT_INSTANCES: u32 = 1 << 20;

macro_rules! words {
    ($(#[$doc:meta])* $name:ident: $list:ident; $($(#[$word_doc:meta])* $word:ident = $text:literal,)*) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name {
            $($(#[$word_doc])* $word,)*
        }

        /// The words, as a configuration has them.
        pub(super) const $list: &[&str] = &[$($text,)*];

        impl $name {
            /// The stable name.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$word => $text,)* }
            }

            fn named(name: &str) -> Option<Self> {
                match name {
                    $($text => Some(Self::$word),)*
                    _ => None,
                }
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }
    };
}

words! {
    /// What a rule looks at. The metric exported under that name has `heijunka_` before it.
    AlertMetric: METRICS;
    /// Tokens outstanding / hard limit.
    SystemLoadFactor = "system_load_factor",
    /// The balance coefficient, from 0 to 1.
    BalanceCoefficient = "balance_coefficient",
    /// Accepted per request, over the lifetime; 1 before the first.
    AdmissionRate = "admission_rate",
    /// Rejected per request, over the lifetime.
    RejectionRate = "rejection_rate",
    /// Rejected per request, over the last 60 s.
    RecentRejectionRate = "recent_rejection_rate",
    /// Busy / (idle + busy) of each pool.
    PoolUtilization = "pool_utilization",
    /// 0 for a healthy pool, 1 for a degraded, 2 for a critical one.
    PoolHealth = "pool_health",
    /// The share of failed requests of each pool over the last 60 s.
    PoolErrorRate = "pool_error_rate",
    /// Requests in the waiting line of each pool.
    PoolWaiting = "pool_waiting",
}

impl AlertMetric {
    /// Whether every pool has one.
    pub const fn is_per_pool(self) -> bool {
        matches!(self, Self::PoolUtilization | Self::PoolHealth | Self::PoolErrorRate | Self::PoolWaiting)
    }
}

words! {
    /// How a metric is compared with the threshold.
    Comparison: COMPARISONS;
    /// The metric is greater.
    Above = ">",
    /// The metric is less.
    Below = "<",
    /// The metric is greater or equal.
    AtLeast = ">=",
    /// The metric is less or equal.
    AtMost = "<=",
}

impl Comparison {
    /// Whether a metric that compares so with the threshold meets the rule.
    pub fn is_met_by(self, metric: core::cmp::Ordering) -> bool {
        match self {
            Self::Above => metric.is_gt(),
            Self::Below => metric.is_lt(),
            Self::AtLeast => metric.is_ge(),
            Self::AtMost => metric.is_le(),
        }
    }
}

words! {
    /// How urgent an alert is.
    Severity: SEVERITIES;
    /// For information.
    Info = "info",
    /// Somebody should look.
    Warning = "warning",
    /// Somebody has to look now.
    Critical = "critical",
}

/// What may be done about an alert: the words of [`AlertOptions`], in the order of their bits.
pub const ALERT_OPTIONS: &[&str] = &["scale_up", "shed_sheddable", "close_non_critical"];

/// What may be done about an alert, as a set of bits: the effects of a rule carry it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct AlertOptions(u32);

impl AlertOptions {
    /// Nothing in particular.
    pub const NONE: Self = Self(0);
    /// Add workers: `scale_up`.
    pub const SCALE_UP: Self = Self(1);
    /// Refuse sheddable work: close its domains, or lower `regulator.sheddable_fraction`.
    pub const SHED_SHEDDABLE: Self = Self(2);
    /// Close the domains that aren't critical: `set_domain_open`.
    pub const CLOSE_NON_CRITICAL: Self = Self(4);
    /// All three.
    pub const ALL: Self = Self(7);

    /// The options with these bits.
    pub(crate) const fn from_bits(bits: u32) -> Self {
        Self(bits & Self::ALL.0)
    }

    /// The bits: 1 for `scale_up`, 2 for `shed_sheddable`, 4 for `close_non_critical`.
    pub const fn bits(self) -> u32 {
        self.0
    }

    /// The words of [`ALERT_OPTIONS`] that are in it.
    pub fn words(self) -> impl Iterator<Item = &'static str> {
        (0..).zip(ALERT_OPTIONS).filter(move |(bit, _)| self.0 & (1_u32 << bit) != 0).map(|(_, word)| *word)
    }
}

impl Serialize for AlertOptions {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(None)?;
        for word in self.words() {
            list.serialize_element(word)?;
        }
        list.end()
    }
}

/// A rule that raises alerts: an item of `alerts`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AlertRule {
    /// What its alerts are called.
    pub name: String,
    /// What it looks at.
    pub metric: AlertMetric,
    /// How that is compared…
    pub comparison: Comparison,
    /// …and with what.
    pub threshold: Ratio,
    /// How long that must hold before the alert fires, in microseconds.
    pub for_us: u64,
    /// How urgent it is.
    pub severity: Severity,
    /// The pool it is about; `None`: all, each by itself. Only for a metric that every pool has.
    pub pool: Option<String>,
    /// What may be done about it.
    pub options: AlertOptions,
}

const MINUTE_US: u64 = 60_000_000;

type Default = (&'static str, AlertMetric, Comparison, u64, u64, Severity, AlertOptions);

/// Name, metric, comparison, threshold in parts per million, minutes, severity, options.
#[rustfmt::skip] // a table
static DEFAULTS: [Default; 6] = {
    use AlertMetric::{BalanceCoefficient, PoolHealth, PoolUtilization, RecentRejectionRate, SystemLoadFactor};
    use Comparison::{Above, AtLeast, Below};
    use Severity::{Critical, Info, Warning};
    const NONE: AlertOptions = AlertOptions::NONE;
    [
        ("PoolUtilizationCritical", PoolUtilization, Above, 950_000, 1, Critical, NONE),
        ("SystemNearCapacity", SystemLoadFactor, Above, 850_000, 5, Warning, NONE),
        ("PoolImbalance", BalanceCoefficient, Below, 500_000, 10, Warning, NONE),
        ("HighRejectionRate", RecentRejectionRate, Above, 50_000, 5, Critical, AlertOptions::ALL),
        ("PoolUnhealthy", PoolHealth, AtLeast, 1_000_000, 1, Warning, NONE),
        ("PoolIdle", PoolUtilization, Below, 200_000, 10, Info, NONE),
    ]
};

/// The rules of a configuration that has none of its own.
pub(super) fn defaults() -> Vec<AlertRule> {
    let made =
        DEFAULTS.iter().map(|&(name, metric, comparison, ppm, minutes, severity, options)| AlertRule {
            name: name.to_owned(),
            metric,
            comparison,
            threshold: Ratio::from_ppm(ppm),
            for_us: minutes.saturating_mul(MINUTE_US),
            severity,
            pool: None,
            options,
        });
    made.collect()
}

/// Reads a list of rules, each with its place in it; one that isn't whole is reported and left out.
pub(super) fn read(items: &[Value], path: &str, problems: &mut Problems) -> Vec<(usize, AlertRule)> {
    let mut rules = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        let path = format!("{path}[{index}]");
        if *item == Value::Null {
            problems.add(path, "expected a map, found null");
            continue;
        }
        let fields = Fields::read(&ALERT, path, false, Some(item), problems);
        if !matches!(item, Value::Map(_)) {
            continue;
        }
        for name in ["name", "metric", "comparison", "threshold"] {
            if item.get(name).is_none_or(|value| *value == Value::Null) {
                problems.add(fields.path(name), "missing: a rule needs it");
            }
        }
        let metric = AlertMetric::named(fields.word("metric"));
        let pool = fields.set_text("pool").map(ToOwned::to_owned);
        if let (Some(metric), Some(_)) = (metric, &pool)
            && !metric.is_per_pool()
        {
            problems.add(fields.path("pool"), format!("`{}` isn't a metric of a pool", metric.as_str()));
        }
        let (Some(name), Some(metric), Some(comparison), Some(threshold)) = (
            fields.set_text("name").map(ToOwned::to_owned),
            metric,
            Comparison::named(fields.word("comparison")),
            fields.set_number("threshold"),
        ) else {
            continue;
        };
        let rule = AlertRule {
            name,
            metric,
            comparison,
            threshold: Ratio::from_ppm(threshold),
            for_us: fields.integer("for_us"),
            severity: Severity::named(fields.word("severity")).unwrap_or(Severity::Warning),
            pool,
            options: AlertOptions::from_bits(fields.count("options")),
        };
        rules.push((index, rule));
    }
    rules
}

/// Checks rules against the pools, if those are known, and the limits. Unset, the default ones as far as
/// `limits.max_alerts` lets them.
pub(super) fn resolve(
    set: Option<&[(usize, AlertRule)]>,
    pools: usize,
    known: Option<&BTreeSet<&str>>,
    limits: &LimitsConfig,
    problems: &mut Problems,
) -> Vec<AlertRule> {
    let most = limits.max_alerts;
    let Some(rules) = set else {
        let mut rules = defaults();
        rules.truncate(most as usize);
        return rules;
    };
    if rules.len() as u64 > u64::from(most) {
        problems.add("alerts", format!("{} rules: `limits.max_alerts` is {most}", rules.len()));
    }
    let of_pools = rules.iter().filter(|(_, rule)| rule.metric.is_per_pool() && rule.pool.is_none()).count();
    let instances =
        (of_pools as u64).saturating_mul(pools as u64).saturating_add((rules.len() - of_pools) as u64);
    if instances > u64::from(MAX_ALERT_INSTANCES) {
        let message = format!(
            "{of_pools} rules for each of {pools} pools are more than {MAX_ALERT_INSTANCES} alerts: give them a `pool`"
        );
        problems.add("alerts", message);
    }
    let mut seen = BTreeSet::new();
    for (index, rule) in rules {
        if !seen.insert((rule.name.as_str(), rule.pool.as_deref())) {
            problems.add(format!("alerts[{index}].name"), "given twice (for the same pool)");
        }
        if let (Some(pool), Some(known)) = (&rule.pool, known)
            && !known.contains(pool.as_str())
        {
            problems.unknown_pool(&format!("alerts[{index}].pool"), pool, known);
        }
    }
    rules.iter().map(|(_, rule)| rule.clone()).collect()
}

/// A list of some of the words in `options`, as bits; or what is wrong with it.
pub(super) fn read_options(items: &[Value]) -> Option<u32> {
    let mut bits = 0;
    for item in items {
        let Value::Text(text) = item else { return None };
        let bit = ALERT_OPTIONS.iter().position(|word| word == text)?;
        bits |= 1_u32 << u32::try_from(bit).unwrap_or(0);
    }
    Some(bits)
}
