//! Every metric, as OpenMetrics text. All names begin with `heijunka_`; times are seconds.

use alloc::string::String;
use alloc::vec::Vec;

use super::fraction;
use super::text::Kind::{self, Counter, Gauge, Untyped};
use super::text::{BOUNDS_US, Text};
use crate::stats::Histogram;

/// What there is to be measured.
pub(crate) trait Subjects {
    /// The system as a whole.
    fn system(&self) -> SystemFigures;
    /// How many pools there are.
    fn pools(&self) -> u32;
    /// A pool, by id.
    fn pool(&self, pool: u32) -> Option<PoolFigures<'_>>;
    /// How many domains there are.
    fn domains(&self) -> u32;
    /// A domain, by id.
    fn domain(&self, domain: u32) -> Option<DomainFigures<'_>>;
    /// Rejections by their reason's name, in the order of the codes; only those that occurred.
    fn rejections(&self) -> Vec<(&'static str, u64)>;
}

/// The figures of the system.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct SystemFigures {
    pub(crate) load: u32,
    pub(crate) soft_limit: u32,
    pub(crate) hard_limit: u32,
    pub(crate) load_factor: f64,
    pub(crate) admission_rate: f64,
    pub(crate) rejection_rate: f64,
    pub(crate) recent_rejection_rate: f64,
    pub(crate) accepted: u64,
    pub(crate) rejected: u64,
    pub(crate) failed: u64,
    pub(crate) released: u64,
    pub(crate) expired: u64,
    pub(crate) balance_coefficient: f64,
    pub(crate) routed: u64,
    pub(crate) migrations: u64,
    pub(crate) in_surge: bool,
    pub(crate) current_load: f64,
    pub(crate) baseline_load: f64,
    pub(crate) surges: u64,
    pub(crate) surge_cost: f64,
    pub(crate) surge_money: f64,
    pub(crate) surge_us: u64,
    pub(crate) surge_worker_us: u128,
    pub(crate) kept_workers: u64,
    pub(crate) tickets: u32,
    pub(crate) effects_pending: u32,
    pub(crate) effects_dropped: u64,
    pub(crate) clock_regressions: u64,
    pub(crate) alerts_firing: u32,
    pub(crate) alerts_fired: u64,
}

/// The figures of a pool.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PoolFigures<'a> {
    pub(crate) name: &'a str,
    pub(crate) open: bool,
    pub(crate) overloaded: bool,
    /// 0 healthy, 1 degraded, 2 critical.
    pub(crate) health: u32,
    pub(crate) idle: u32,
    pub(crate) busy: u32,
    pub(crate) starting: u32,
    pub(crate) draining: u32,
    pub(crate) overflow: u32,
    pub(crate) baseline: u32,
    pub(crate) surge: u32,
    pub(crate) waiting: u32,
    pub(crate) min_workers: u32,
    pub(crate) max_workers: u32,
    pub(crate) error_rate: f64,
    pub(crate) requests: u64,
    pub(crate) failures: u64,
    pub(crate) worker_failures: u64,
    pub(crate) expired_waiters: u64,
    pub(crate) latency: &'a Histogram,
    pub(crate) wait: &'a Histogram,
}

/// The figures of a domain.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DomainFigures<'a> {
    pub(crate) name: &'a str,
    pub(crate) open: bool,
    pub(crate) load: u32,
    pub(crate) accepted: u64,
    pub(crate) rejected: u64,
}

/// Name, help and figure of a gauge of domains.
type DomainGauge = (&'static str, &'static str, fn(&DomainFigures<'_>) -> f64);

/// Kind, name, help and figure of a metric of pools.
type PoolSample = (Kind, &'static str, &'static str, fn(&PoolFigures<'_>) -> f64);

/// Name, help and figures of a histogram of pools.
type PoolDurations = (&'static str, &'static str, for<'a> fn(&PoolFigures<'a>) -> &'a Histogram);

/// Whole seconds and their fraction.
fn seconds(us: u128) -> f64 {
    fraction(us, 1_000_000)
}

/// Renders everything. O(pools + domains).
pub(crate) fn metrics_text(subjects: &impl Subjects) -> String {
    let mut text = Text::new();
    system(&mut text, &subjects.system());
    let rejections = subjects.rejections();
    if !rejections.is_empty() {
        text.family(Counter, "rejections_total", "Requests rejected, by reason.");
        for (reason, count) in rejections {
            text.sample(&[("reason", reason)], whole(count));
        }
    }
    domains(&mut text, subjects);
    pools(&mut text, subjects);
    text.end()
}

/// Kind, name, help and figure of a metric of the system.
type SystemSample = (Kind, &'static str, &'static str, fn(&SystemFigures) -> f64);

#[rustfmt::skip] // a table
static SYSTEM: [SystemSample; 31] = [
    (Gauge, "system_load_factor", "Tokens outstanding / hard limit.", |of| of.load_factor),
    (Gauge, "tokens", "Tokens outstanding: the load.", |of| of.load.into()),
    (Gauge, "soft_limit", "Load above which admissions carry a warning.", |of| of.soft_limit.into()),
    (Gauge, "hard_limit", "Load at which requests are refused.", |of| of.hard_limit.into()),
    (Gauge, "admission_rate", "Accepted per request, over the lifetime; 1 before the first.", |of| of.admission_rate),
    (Gauge, "rejection_rate", "Rejected per request, over the lifetime.", |of| of.rejection_rate),
    (Gauge, "recent_rejection_rate", "Rejected per request, over the last 60 s.", |of| of.recent_rejection_rate),
    (Counter, "requests_accepted_total", "Requests admitted and not refused later.", |of| whole(of.accepted)),
    (Counter, "requests_rejected_total", "Requests rejected.", |of| whole(of.rejected)),
    (Counter, "requests_failed_total", "Requests whose token came back with the outcome failed.", |of| whole(of.failed)),
    (Counter, "tokens_released_total", "Tokens that came back.", |of| whole(of.released)),
    (Counter, "tokens_expired_total", "Tokens taken back because they were held too long.", |of| whole(of.expired)),
    (Gauge, "balance_coefficient", "How evenly the pools are used: 1 is evenly.", |of| of.balance_coefficient),
    (Counter, "routed_total", "Requests that got a pool.", |of| whole(of.routed)),
    (Counter, "migrations_total", "Workers moved from one pool to another.", |of| whole(of.migrations)),
    (Gauge, "in_surge", "Whether a surge holds or shrinks: 0 or 1.", |of| flag(of.in_surge)),
    (Gauge, "offered_load_ratio", "Offered work / capacity, mean of the pools; it may exceed 1.", |of| of.current_load),
    (Gauge, "baseline_load_ratio", "Its usual value, by which bursts are told.", |of| of.baseline_load),
    (Untyped, "burst_count", "Surges so far, as heijunka_surges_total.", |of| whole(of.surges)),
    (Counter, "surges_total", "Surges so far.", |of| whole(of.surges)),
    (Gauge, "total_surge_cost", "What surges have cost, in cost units.", |of| of.surge_cost),
    (Counter, "surge_money_total", "What surge workers have cost, in money (cost.currency).", |of| of.surge_money),
    (Counter, "surge_seconds_total", "Time spent in surges that have ended.", |of| seconds(of.surge_us.into())),
    (Counter, "surge_worker_seconds_total", "Worker-time of surge workers.", |of| seconds(of.surge_worker_us)),
    (Counter, "surge_workers_kept_total", "Surge workers that stayed as baseline workers.", |of| whole(of.kept_workers)),
    (Gauge, "tickets", "Dispatched requests that aren't completed.", |of| of.tickets.into()),
    (Gauge, "effects_pending", "Effects that wait to be drained.", |of| of.effects_pending.into()),
    (Counter, "effects_dropped_total", "Effects that nobody drained in time.", |of| whole(of.effects_dropped)),
    (Counter, "clock_regressions_total", "Times before the latest one seen.", |of| whole(of.clock_regressions)),
    (Gauge, "alerts_firing", "Alerts that fire.", |of| of.alerts_firing.into()),
    (Counter, "alerts_fired_total", "Alerts that have fired.", |of| whole(of.alerts_fired)),
];

fn system(text: &mut Text, figures: &SystemFigures) {
    for (kind, name, help, value) in &SYSTEM {
        text.family(*kind, name, help);
        text.sample(&[], value(figures));
    }
}

fn domains(text: &mut Text, subjects: &impl Subjects) {
    let each = || (0..subjects.domains()).filter_map(|domain| subjects.domain(domain));
    text.family(Counter, "domain_requests_total", "Requests of a domain, by outcome.");
    for domain in each() {
        for (outcome, count) in [("accepted", domain.accepted), ("rejected", domain.rejected)] {
            text.sample(&[("domain", domain.name), ("outcome", outcome)], whole(count));
        }
    }
    let gauges: [DomainGauge; 2] = [
        ("domain_tokens", "Tokens that a domain holds.", |domain| domain.load.into()),
        ("domain_open", "Whether a domain is open: 0 or 1.", |domain| flag(domain.open)),
    ];
    for (name, help, value) in gauges {
        text.family(Gauge, name, help);
        for domain in each() {
            text.sample(&[("domain", domain.name)], value(&domain));
        }
    }
}

#[rustfmt::skip] // a table
static POOLS: [PoolSample; 21] = [
    (Gauge, "pool_utilization", "Busy / (idle + busy), from 0 to 1.", |pool| {
        fraction(pool.busy.into(), u128::from(pool.idle) + u128::from(pool.busy))
    }),
    (Gauge, "pool_health", "0: healthy, 1: degraded, 2: critical.", |pool| pool.health.into()),
    (Gauge, "pool_error_rate", "Failed per request, over the last 60 s; 0 while there are few.", |pool| pool.error_rate),
    (Gauge, "pool_open", "Whether the pool takes new requests: 0 or 1.", |pool| flag(pool.open)),
    (Gauge, "pool_overloaded", "Whether requests spill away from the pool: 0 or 1.", |pool| flag(pool.overloaded)),
    (Gauge, "pool_workers", "Regular workers that are ready and stay.", |pool| {
        (f64::from(pool.baseline) + f64::from(pool.surge) - f64::from(pool.starting)).max(0.0)
    }),
    (Gauge, "pool_desired_workers", "Regular workers that there should be: for an autoscaler to follow.", |pool| {
        f64::from(pool.baseline) + f64::from(pool.surge)
    }),
    (Gauge, "pool_min_workers", "The least baseline workers.", |pool| pool.min_workers.into()),
    (Gauge, "pool_max_workers", "The most baseline workers.", |pool| pool.max_workers.into()),
    (Gauge, "pool_idle_workers", "Idle workers.", |pool| pool.idle.into()),
    (Gauge, "pool_busy_workers", "Busy workers, draining and overflow ones included.", |pool| pool.busy.into()),
    (Gauge, "pool_starting_workers", "Workers that were ordered and aren't ready yet.", |pool| pool.starting.into()),
    (Gauge, "pool_draining_workers", "Busy workers that leave at their checkin.", |pool| pool.draining.into()),
    (Gauge, "pool_overflow_workers", "Overflow workers, busy or lingering.", |pool| pool.overflow.into()),
    (Gauge, "pool_surge_workers", "Surge workers.", |pool| pool.surge.into()),
    (Gauge, "pool_waiting", "Requests in the waiting line.", |pool| pool.waiting.into()),
    (Counter, "pool_requests_total", "Requests that ended, failed ones included.", |pool| whole(pool.requests)),
    (Counter, "pool_failures_total", "Requests that failed.", |pool| whole(pool.failures)),
    (Counter, "pool_worker_failures_total", "Workers that failed.", |pool| whole(pool.worker_failures)),
    (Counter, "pool_expired_waiters_total", "Requests that left the line unserved.", |pool| whole(pool.expired_waiters)),
    (Gauge, "pool_ready_workers", "Idle and busy workers.", |pool| f64::from(pool.idle) + f64::from(pool.busy)),
];

fn pools(text: &mut Text, subjects: &impl Subjects) {
    let each = || (0..subjects.pools()).filter_map(|pool| subjects.pool(pool));
    for (kind, name, help, value) in &POOLS {
        text.family(*kind, name, help);
        for pool in each() {
            text.sample(&[("pool", pool.name)], value(&pool));
        }
    }
    let histograms: [PoolDurations; 2] = [
        ("pool_latency_seconds", "How long requests held their worker.", |pool| pool.latency),
        ("pool_wait_seconds", "How long those that were served from the line had waited.", |pool| pool.wait),
    ];
    for (name, help, of) in histograms {
        text.family(Kind::Histogram, name, help);
        for pool in each() {
            let durations = of(&pool);
            let (count, sum_us) = durations.totals();
            text.histogram(
                pool.name,
                durations.cumulative(&BOUNDS_US).map(whole),
                whole(count),
                seconds(sum_us),
            );
        }
    }
}

fn flag(value: bool) -> f64 {
    f64::from(u8::from(value))
}

fn whole(count: u64) -> f64 {
    fraction(count.into(), 1)
}
