//! The configuration as the engine reads it: every default filled in, every value checked.

use alloc::string::String;
use alloc::vec::Vec;

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use super::alerts::AlertRule;
use crate::ratio::Ratio;

/// A checked configuration, every default filled in. Made by `Config::default()`, [`Config::from_value`],
/// `Config::from_json`, `Config::from_toml` and [`Draft::build`](super::Draft::build).
///
/// It serializes to the same shape that is read, so that a written configuration reads back as itself.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Config {
    /// Admission: who may come in.
    pub regulator: RegulatorConfig,
    /// The domains, in the order of their ids: the pools' own first, then those that the configuration adds.
    #[serde(serialize_with = "named_domains")]
    pub domains: Vec<DomainConfig>,
    /// The pools, in the order of their ids.
    #[serde(serialize_with = "named_pools")]
    pub pools: Vec<PoolConfig>,
    /// How many workers the pools should have.
    pub scaler: ScalerConfig,
    /// When a pool counts as healthy.
    pub health: HealthConfig,
    /// Which pool serves a request.
    pub balancer: BalancerConfig,
    /// Temporary capacity for a spike.
    pub burst: BurstConfig,
    /// What workers cost.
    pub cost: CostConfig,
    /// How much of everything there may be.
    pub limits: LimitsConfig,
    /// Whether a new worker counts at once.
    pub worker_start: WorkerStart,
    /// How long a worker may take to start, in microseconds.
    pub worker_start_timeout_us: u64,
    /// The rules that raise alerts.
    pub alerts: Vec<AlertRule>,
    /// How often they are evaluated, in microseconds.
    pub alert_every_us: u64,
}

/// Admission: section `regulator`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RegulatorConfig {
    /// Warn above this load.
    pub soft_limit: u32,
    /// Refuse at this load.
    pub hard_limit: u32,
    /// The share of the hard limit kept for critical work, in [0, 1).
    pub reserved_capacity: Ratio,
    /// The share of the normal limit open to sheddable work, in [0, 1].
    pub sheddable_fraction: Ratio,
    /// Take back a token that is held longer than this.
    pub token_ttl_us: Option<u64>,
    /// How capacity is kept for critical work.
    pub reservation: Reservation,
    /// A limit that follows what the backend can do.
    pub adaptive: Option<AdaptiveConfig>,
}

/// The adaptive limit: `regulator.adaptive`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct AdaptiveConfig {
    /// How it moves.
    pub algorithm: AdaptiveAlgorithm,
    /// It is never lower.
    pub min_limit: u32,
    /// What it starts with.
    pub initial_limit: u32,
    /// How often requests are judged.
    pub window_us: u64,
    /// With fewer requests than this a window goes on.
    pub min_samples: u32,
    /// A window of which this share failed counts as a loss.
    pub max_failures: Ratio,
    /// `gradient`, `correlation`: a latency up to this many baselines is normal.
    pub tolerance: Ratio,
    /// `gradient`, `correlation`: how many windows the baseline remembers.
    pub baseline_windows: u32,
    /// `gradient`, `correlation`: how far around the knee the limit is moved to see what throughput does.
    pub probe: Ratio,
    /// `gradient`, `correlation`: requests that end well before the next move of the knee.
    pub probe_samples: u32,
    /// `correlation`: the quantile of latency that is compared with the baseline.
    pub quantile: Ratio,
    /// `correlation`: how long an overload lasts before the limit is lowered.
    pub sustain_us: u64,
    /// `gradient`: the part of a move that is made at once.
    pub smoothing: Ratio,
    /// `gradient`: what the limit gains in a window while latency is normal.
    pub queue_size: u32,
    /// `gradient`: a mean latency above this is never normal.
    pub max_latency_us: Option<u64>,
    /// `aimd`: a mean latency above this counts as a loss.
    pub timeout_us: u64,
    /// `aimd`: what a loss multiplies the limit by.
    pub backoff_ratio: Ratio,
}

/// How the adaptive limit moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AdaptiveAlgorithm {
    /// One more at a time; times a ratio after a loss.
    Aimd,
    /// By the ratio of a frozen baseline to the latency.
    Gradient,
    /// By latency against a baseline, then by throughput against concurrency.
    Correlation,
}

/// How capacity is kept for critical work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reservation {
    /// Normal work is refused while the *total* load has reached its limit.
    Headroom,
    /// Normal and sheddable work together, and critical work, each have their own part.
    Partition,
}

/// What a request is worth: sheddable work is refused first, critical work last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// Refused first.
    Sheddable,
    /// The usual class.
    Normal,
    /// Refused last.
    Critical,
}

/// A domain: section `domains.<name>`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DomainConfig {
    /// The domain's name.
    #[serde(skip)]
    pub name: String,
    /// The class of a request that asks for none.
    pub class: Class,
    /// The highest class that a single request may ask for.
    pub max_class: Class,
    /// The most tokens the domain may hold.
    pub max_concurrent: Option<u32>,
    /// The names of the primary pools; a pool listed k times has k shares.
    pub pools: Vec<String>,
    /// The names of the pools where overload may go; `None`: all that aren't primary ones. (Not listed: of 4,096
    /// pools that would be 17 million names.)
    pub spill: Option<Vec<String>>,
}

/// A pool: section `pools.<name>`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PoolConfig {
    /// The pool's name.
    #[serde(skip)]
    pub name: String,
    /// The workers it starts with.
    pub initial_workers: u32,
    /// The least baseline workers.
    pub min_workers: u32,
    /// The most baseline workers.
    pub max_workers: u32,
    /// The most workers, surge included.
    pub surge_max_workers: u32,
    /// Which idle worker is handed out.
    pub strategy: Strategy,
    /// The most temporary workers beyond the current count.
    pub max_overflow: u32,
    /// How long an idle overflow worker lingers.
    pub overflow_ttl_us: u64,
    /// The places in the waiting line; 0: fail fast.
    pub max_waiting: u32,
    /// How the line is served.
    pub queue: Queue,
    /// CoDel: the longest wait while overloaded.
    pub codel_target_us: u64,
    /// CoDel: a line that hasn't been empty for this long is overloaded.
    pub codel_interval_us: u64,
}

/// Which idle worker is handed out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Strategy {
    /// The most recently returned one (warm caches).
    Lifo,
    /// The one idle for longest.
    Fifo,
}

/// How a waiting line is served.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Queue {
    /// First come, first served.
    Fifo,
    /// Controlled delay with adaptive LIFO.
    Codel,
}

/// Scaling: section `scaler`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ScalerConfig {
    /// Whether pools are scaled at all.
    pub enabled: bool,
    /// Which rule sets the count.
    pub mode: ScalerMode,
    /// How often pools are judged.
    pub evaluate_every_us: u64,
    /// Demand above this adds a worker.
    pub up_threshold: Ratio,
    /// Demand below this removes a worker.
    pub down_threshold: Ratio,
    /// Removals are at least this far apart.
    pub down_cooldown_us: u64,
    /// Demand at or above this for `proactive_after_us` adds workers.
    pub proactive_threshold: Ratio,
    /// See `proactive_threshold`.
    pub proactive_after_us: u64,
    /// The most workers a proactive step adds.
    pub proactive_step: u32,
    /// The utilization aimed at.
    pub target_utilization: Ratio,
    /// Demand below this for `planned_after_us` starts a planned shrink.
    pub planned_threshold: Ratio,
    /// See `planned_threshold`.
    pub planned_after_us: u64,
    /// The steps of a planned shrink are this far apart.
    pub planned_every_us: u64,
    /// The share of the workers that a planned step removes (at least one worker).
    pub planned_fraction: Ratio,
    /// Plan a shrink only while off-peak.
    pub off_peak_only: bool,
    /// Whether an unhealthy pool gets a worker.
    pub health: bool,
    /// Whether the error rate alone makes a pool unhealthy in this sense.
    pub health_on_errors: bool,
    /// The least time between two scalings of one pool.
    pub min_interval_us: u64,
    /// Proportional mode: no change while demand is this close to the utilization aimed at. (Staffing has a band of its own.)
    pub tolerance: Ratio,
    /// Proportional mode: down only to the highest count desired in this time. Staffing mode: down only to the highest count
    /// that was needed in this time without growth.
    pub stabilization_us: u64,
    /// Staffing mode: at most this share of requests waits longer than `wait_target_us`, or is refused where no pool has a
    /// line.
    pub late_fraction: Ratio,
    /// Staffing mode: see `late_fraction`; unset: half the mean service time, at least 300 ms.
    pub wait_target_us: Option<u64>,
}

/// Which rule sets the count of workers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ScalerMode {
    /// One worker at a time, by thresholds.
    Step,
    /// In proportion to demand.
    Proportional,
    /// By Erlang C, for a wait target.
    Staffing,
}

/// Health: section `health`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HealthConfig {
    /// Utilization above this is degraded.
    pub degraded_utilization: Ratio,
    /// Utilization above this is critical.
    pub critical_utilization: Ratio,
    /// An error rate above this is degraded.
    pub max_error_rate: Ratio,
    /// Fewer requests than this in the last 60 s have error rate 0.
    pub min_requests: u32,
    /// How often a pool asks the caller to check its workers.
    pub check_every_us: u64,
}

/// Balancing: section `balancer`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BalancerConfig {
    /// A pool whose utilization goes above this is overloaded…
    pub overload: Ratio,
    /// …until it falls below this.
    pub clear: Ratio,
    /// How often the balance is judged.
    pub rebalance_every_us: u64,
    /// Migrations are at least this far apart.
    pub cooldown_us: u64,
    /// A coefficient below this moves a worker.
    pub trigger: Ratio,
    /// How the coefficient is made.
    pub coefficient: Coefficient,
    /// Keys that have pools of their own.
    #[serde(serialize_with = "affinity_map")]
    pub affinity_groups: Vec<AffinityGroup>,
    /// Keys move to other pools this often.
    pub affinity_rotation_us: Option<u64>,
    /// The seed of the consistent hash.
    pub hash_seed: u64,
}

/// How the balance coefficient is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Coefficient {
    /// From the greatest difference of utilization.
    Spread,
    /// From the standard deviation of utilization.
    Stddev,
}

/// A key and the pools that serve it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AffinityGroup {
    /// The key, as text.
    pub key: String,
    /// The names of its pools; several: a consistent hash chooses among them.
    pub pools: Vec<String>,
}

/// Bursts: section `burst`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BurstConfig {
    /// Whether a surge may start.
    pub enabled: bool,
    /// Whether all pools surge together or each alone.
    pub scope: BurstScope,
    /// A load above this many times the baseline is a burst.
    pub threshold: Ratio,
    /// A load up to this is absorbed by the pools.
    pub min_load: Ratio,
    /// The baseline is compared no lower than this.
    pub min_baseline: Ratio,
    /// Fewer arrivals than this in the window prove nothing.
    pub min_arrivals: u32,
    /// The workers a surge adds to a pool.
    pub surge_workers: u32,
    /// How long a surge holds.
    pub hold_us: u64,
    /// How long its workers take to leave.
    pub shrink_us: u64,
    /// How long after that no surge may start.
    pub cooldown_us: u64,
    /// How many one-second samples make the baseline.
    pub baseline_samples: u32,
    /// The longer of the two windows of the trigger (the shorter one is 1 s), in one-second samples; as many
    /// of the newest samples are left out of the baseline.
    pub window_samples: u32,
    /// Samples are held out of the baseline while the window's rate is above this many baselines…
    pub hold_out_factor: Ratio,
    /// …for at most this long.
    pub hold_out_us: u64,
}

/// Whether all pools surge together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum BurstScope {
    /// All pools are judged and surge together.
    System,
    /// Each pool is judged and surges alone.
    Pool,
}

/// Cost: section `cost`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CostConfig {
    /// A baseline worker's price, in money per hour.
    pub baseline_per_hour: f64,
    /// A surge worker's price, in money per hour.
    pub surge_per_hour: f64,
    /// A surge worker's price, in cost units per worker added.
    pub surge_multiplier: f64,
    /// The currency of the prices.
    pub currency: String,
}

/// Limits: section `limits`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LimitsConfig {
    /// The most domains.
    pub max_domains: u32,
    /// The most pools.
    pub max_pools: u32,
    /// The most workers of all pools together.
    pub max_workers: u32,
    /// The most tokens; the hard limit can't be set above it.
    pub max_tokens: u32,
    /// The most waiters of all pools together.
    pub max_waiters: u32,
    /// The most effects that wait to be drained.
    pub max_effects: u32,
    /// The most alert rules.
    pub max_alerts: u32,
    /// The longest key, in bytes.
    pub max_key_bytes: u32,
    /// The longest name of a domain or pool, in bytes.
    pub max_name_bytes: u32,
    /// The most bytes of the journal that wait to be taken; past that nothing is recorded until they are.
    pub max_journal_bytes: u32,
}

/// Whether a new worker counts at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum WorkerStart {
    /// At once.
    Instant,
    /// After `worker_ready`.
    Confirmed,
}

fn named_domains<S: Serializer>(domains: &[DomainConfig], serializer: S) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(domains.len()))?;
    for domain in domains {
        map.serialize_entry(&domain.name, domain)?;
    }
    map.end()
}

fn named_pools<S: Serializer>(pools: &[PoolConfig], serializer: S) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(pools.len()))?;
    for pool in pools {
        map.serialize_entry(&pool.name, pool)?;
    }
    map.end()
}

fn affinity_map<S: Serializer>(groups: &[AffinityGroup], serializer: S) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(groups.len()))?;
    for group in groups {
        map.serialize_entry(&group.key, &group.pools)?;
    }
    map.end()
}
