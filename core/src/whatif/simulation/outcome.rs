//! What a simulation found, in the shape that reports read.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use serde::Serialize;
use serde::ser::Serializer;

use crate::effect::EffectKind;
use crate::observe::Checklist;
use crate::reason::Reason;
use crate::stats::Histogram;

/// What a simulation found.
///
/// Time-weighted figures (utilization, worker-hours, cost, the series) cover the whole run: from the first
/// arrival until nothing was in flight any more, or the drain time was over.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Outcome {
    /// The figures of the whole run.
    pub summary: Summary,
    /// The course of the run.
    pub series: Series,
    /// What happened to surges and workers, in order: of surges the first `max_marks`; of more migrations than that
    /// every second, fourth, … one, and so of more scalings (changes of worker counts that the scaler decided on, or
    /// that replace a failed worker) and of more alerts.
    pub marks: Vec<Mark>,
    /// The marks left out.
    pub marks_dropped: u64,
    /// The checklist at the last arrival: before what was in flight then ended, and left the pools idle.
    pub verify: Checklist,
}

/// The figures of a run.
///
/// What arrives are attempts: `offered` = `requests` + `retries`. Each attempt ends in one way: `offered` = `refused` +
/// `expired` + `failed` + `abandoned` + `completed` + `in_flight`. Without clients that try again each request is one
/// attempt.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Summary {
    /// Requests, each counted once, however often it was tried.
    pub requests: u64,
    /// Further attempts at them.
    pub retries: u64,
    /// Requests that nobody tries again: their last attempt was refused, expired, failed or timed out.
    pub gave_up: u64,
    /// Attempts whose client left before they were served ([`Retries::timeout_us`](super::Retries)).
    pub timed_out: u64,
    /// Requests that waited for their next attempt when the run ended.
    pub to_retry: u64,
    /// Requests that arrived, retries included: accepted and refused.
    pub offered: u64,
    /// Requests that got a worker or a place in a line: completed, abandoned, failed, expired and in flight.
    pub accepted: u64,
    /// Requests that were refused.
    pub refused: u64,
    /// Those by reason.
    pub refused_by_reason: BTreeMap<Reason, u64>,
    /// Requests that left a line unserved.
    pub expired: u64,
    /// Requests whose worker crashed.
    pub failed: u64,
    /// Requests that were served to the end after their client had left: work in vain.
    pub abandoned: u64,
    /// Requests that were served to the end while somebody waited for them.
    pub completed: u64,
    /// Requests that still waited or were served when the run ended.
    pub in_flight: u64,
    /// How long the run was, in microseconds.
    pub duration_us: u64,
    /// Completed requests per second of the run.
    pub goodput_per_s: f64,
    /// How long completed requests waited, in milliseconds.
    pub wait_ms: Distribution,
    /// How long they waited and were served, in milliseconds.
    pub latency_ms: Distribution,
    /// Requests, completed or expired, that waited longer than 1 s and than twice their own service time.
    pub late: u64,
    /// Those as a share of all completed and expired requests.
    pub late_share: f64,
    /// Requests that weren't served in time: refused, expired, late or served after their client had left, each counted
    /// once. (Those whose worker crashed aren't among them: that is no question of capacity.)
    pub refused_or_late: u64,
    /// Those as a share of `offered`.
    pub refused_or_late_share: f64,
    /// Busy worker-time / worker-time.
    pub utilization_mean: f64,
    /// The share of worker-time in pools whose utilization was from 60 % to 80 % at the moment.
    pub time_in_band: f64,
    /// Arrivals in the busiest second / arrivals in a mean second, between the first and the last arrival.
    pub peak_to_mean: f64,
    /// Worker-time in hours.
    pub worker_hours: WorkerHours,
    /// What it cost.
    pub cost: Cost,
    /// Effects by kind.
    pub effects: BTreeMap<EffectKind, u64>,
    /// Workers that crashed.
    pub crashes: u64,
    /// Surges that began.
    pub surges: u64,
    /// Workers that moved from pool to pool.
    pub migrations: u64,
    /// Changes of worker counts by the scaler, or by the policy that stands in for it.
    pub scale_changes: u64,
    /// Those per hour of the run and pool.
    pub scale_changes_per_hour: f64,
    /// Each pool, in the order of the configuration.
    #[serde(serialize_with = "named")]
    pub pools: Vec<(String, PoolSummary)>,
    /// Each domain, in the order of the configuration.
    #[serde(serialize_with = "named")]
    pub domains: Vec<(String, DomainSummary)>,
}

/// A pool's figures. A request that was refused before it came to a pool counts at its domain's first one.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PoolSummary {
    /// Requests that came to it.
    pub offered: u64,
    /// Requests it served to the end.
    pub completed: u64,
    /// Requests that were refused.
    pub refused: u64,
    /// Requests that left its line unserved.
    pub expired: u64,
    /// Requests whose worker crashed.
    pub failed: u64,
    /// Requests it served in vain: their clients had left.
    pub abandoned: u64,
    /// Requests it had when the run ended.
    pub in_flight: u64,
    /// Busy worker-time / worker-time.
    pub utilization_mean: f64,
    /// The share of its worker-time at a utilization from 60 % to 80 %.
    pub time_in_band: f64,
    /// The fewest workers it had ordered, surge included.
    pub workers_min: u32,
    /// The most.
    pub workers_max: u32,
    /// How many it had ordered at the end.
    pub workers_end: u32,
    /// The most surge workers.
    pub surge_max: u32,
    /// The longest line.
    pub queue_max: u32,
    /// Worker-time in hours.
    pub worker_hours: WorkerHours,
    /// How long its completed requests waited, in milliseconds.
    pub wait_ms: Distribution,
    /// How long they waited and were served, in milliseconds.
    pub latency_ms: Distribution,
}

/// A domain's figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct DomainSummary {
    /// Requests that arrived.
    pub offered: u64,
    /// Requests that got a worker or a place in a line.
    pub accepted: u64,
    /// Requests that were refused.
    pub refused: u64,
    /// Requests that left a line unserved.
    pub expired: u64,
    /// Requests whose worker crashed.
    pub failed: u64,
    /// Requests that were served in vain: their clients had left.
    pub abandoned: u64,
    /// Requests that were served to the end.
    pub completed: u64,
}

/// A distribution of durations in milliseconds; the percentiles are within 1/32 of the true ones.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct Distribution {
    /// The mean.
    pub mean: f64,
    /// The median.
    pub p50: f64,
    /// The 95th percentile.
    pub p95: f64,
    /// The 99th percentile.
    pub p99: f64,
    /// The largest.
    pub max: f64,
}

impl Distribution {
    pub(super) fn of(histogram: &Histogram) -> Self {
        let at = |ppm| as_f64(histogram.quantile_us(ppm).into()) / 1000.0;
        Self {
            mean: histogram.mean_us() / 1000.0,
            p50: at(500_000),
            p95: at(950_000),
            p99: at(990_000),
            max: as_f64(histogram.max_us().into()) / 1000.0,
        }
    }
}

/// Worker-time in hours. Starting and draining workers count; overflow workers are baseline.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct WorkerHours {
    /// Of baseline workers.
    pub baseline: f64,
    /// Of surge workers.
    pub surge: f64,
    /// Of both.
    pub total: f64,
}

impl WorkerHours {
    pub(super) fn of(total_us: u128, surge_us: u128) -> Self {
        Self {
            baseline: hours(total_us.saturating_sub(surge_us)),
            surge: hours(surge_us),
            total: hours(total_us),
        }
    }
}

/// What a run cost.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Cost {
    /// Surge workers added × `cost.surge_multiplier`, in cost units.
    pub surge_units: f64,
    /// Surge worker-time, in money.
    pub surge_money: f64,
    /// Baseline worker-time, in money.
    pub baseline_money: f64,
    /// Both.
    pub total_money: f64,
    /// The currency.
    pub currency: String,
}

/// The course of a run in buckets of equal length.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Series {
    /// How long a bucket is, in microseconds: a second, doubled as often as the number of points needs it.
    pub bucket_us: u64,
    /// When the first bucket starts, in the time of the trace.
    pub start_us: u64,
    /// How many buckets there are.
    pub points: u32,
    /// The mean balance coefficient.
    pub balance_coefficient: Vec<f64>,
    /// The mean adaptive limit; `None` without one.
    pub adaptive_limit: Option<Vec<f64>>,
    /// Each pool's course.
    pub pools: Vec<PoolSeries>,
    /// Refused requests per second, by reason.
    pub refused_by_reason: BTreeMap<Reason, Vec<f64>>,
    /// What the run has cost by the end of each bucket, in money.
    pub cost_money: Vec<f64>,
}

/// A pool's course: means over each bucket.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct PoolSeries {
    /// The pool's name.
    pub name: String,
    /// Busy / (idle + busy) workers.
    pub utilization: Vec<f64>,
    /// (Busy workers + waiting requests) / workers, starting ones included.
    pub demand: Vec<f64>,
    /// Requests per second that came to it.
    pub arrivals: Vec<f64>,
    /// Those of them that got a worker or a place in the line.
    pub admitted: Vec<f64>,
    /// Those that were refused.
    pub refused: Vec<f64>,
    /// Requests per second that it served to the end, for somebody who waited.
    pub completed: Vec<f64>,
    /// Requests in its line.
    pub waiting: Vec<f64>,
    /// Ordered baseline workers.
    pub baseline_workers: Vec<f64>,
    /// Ordered surge workers.
    pub surge_workers: Vec<f64>,
}

/// Something that happened to a surge, to a pool's worker count, to a worker's place or to an alert.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Mark {
    /// When: the trace's first arrival and the time of the run since then, in microseconds.
    pub at_us: u64,
    /// What: `SurgeStarted`, `SurgeEnded`, `SurgeWorkersKept`, `MigrateWorkers`, `AddWorkers`, `RemoveWorkers`,
    /// `AlertFiring` or `AlertResolved`.
    pub kind: EffectKind,
    /// The pool; none: all of them.
    pub pool: Option<String>,
    /// Where workers moved to.
    pub to_pool: Option<String>,
    /// How many workers.
    pub count: u32,
    /// Why.
    pub reason: Reason,
    /// The name of the alert rule.
    pub alert: Option<String>,
    /// What its metric was.
    pub value: Option<f64>,
}

/// A number as reports show it; exact up to 2^53.
#[allow(clippy::cast_precision_loss)]
pub(super) fn as_f64(number: u128) -> f64 {
    number as f64
}

/// A fraction as reports show it; 0 when there is nothing to divide by.
pub(super) fn fraction(numerator: u128, denominator: u128) -> f64 {
    if denominator == 0 { 0.0 } else { as_f64(numerator) / as_f64(denominator) }
}

/// Worker-time in hours.
pub(super) fn hours(micros: u128) -> f64 {
    as_f64(micros) / 3_600_000_000.0
}

fn named<S: Serializer, T: Serialize>(entries: &[(String, T)], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(entries.iter().map(|(name, entry)| (name, entry)))
}
