// Statuses and configurations: documents that are the same in every language, and so keep the names of their fields.

import type { Class } from "./arguments.js";
import type { AlertOption, Health } from "./answers.js";
import type { Reason } from "./words.js";

/**
 * The regulator's state and its lifetime counts.
 *
 * `issued_tokens = live_tokens + released_tokens + expired_tokens` holds after every call.
 */
export interface RegulatorStatus {
  /** Warn above this load. */
  readonly soft_limit: number;
  /** Refuse at this load. */
  readonly hard_limit: number;
  /** Tokens outstanding. */
  readonly current_load: number;
  /** Requests admitted (and not revoked), over the lifetime. */
  readonly accepted_requests: number;
  /** Requests refused here, or revoked because a later stage refused them, over the lifetime. */
  readonly rejected_requests: number;
  /** Releases with outcome `failed`, over the lifetime. */
  readonly failed_requests: number;
  /** Accepted per request, over the lifetime; 1.0 before the first. */
  readonly admission_rate: number;
  /** Rejected per request, over the lifetime; 0.0 before the first. */
  readonly rejection_rate: number;
  /** Rejected per request in the last 60 s; 0.0 without requests. */
  readonly recent_rejection_rate: number;
  /** `current_load / hard_limit`; above 1 while a lowered hard limit waits for the load to drain. */
  readonly load_factor: number;
  /** Rejections by their reason, in the order of the reasons' codes; only those that occurred. */
  readonly rejections_by_reason: Partial<Record<Reason, number>>;
  /** Rejections by the domain's name, in the order of the names; only domains that had some. */
  readonly rejections_by_domain: Record<string, number>;
  /** Tokens given out (and not revoked). */
  readonly issued_tokens: number;
  /** Tokens outstanding. */
  readonly live_tokens: number;
  /** Tokens that came back. */
  readonly released_tokens: number;
  /** Tokens taken back because they were held too long. */
  readonly expired_tokens: number;
  /** The adaptive limit, in tokens; null, as with all that follow, without one. */
  readonly adaptive_limit: number | null;
  /** Its algorithm. */
  readonly adaptive_algorithm: AdaptiveAlgorithm | null;
  /**
   * The latency of the last window that it judged, in microseconds: of `correlation` the quantile of the times from
   * admission to release, else their mean by Little's law. Null before the first.
   */
  readonly adaptive_latency_us: number | null;
  /** What counts as the latency without waiting, in microseconds. Null before it is known; `aimd` knows none. */
  readonly adaptive_baseline_us: number | null;
  /** Why the limit last moved; null if it never has. */
  readonly adaptive_reason: Reason | null;
}

/** The regulator's capacity, in tokens. */
export interface CapacityInfo {
  /** The hard limit. */
  readonly total: number;
  /** Tokens left below the hard limit. */
  readonly available: number;
  /** Tokens kept for critical work. */
  readonly reserved: number;
  /** Tokens outstanding. */
  readonly current_load: number;
  /** `current_load` in percent of `total`. */
  readonly load_percentage: number;
}

/** A pool's status. */
export interface PoolStatus {
  /** Its name. */
  readonly name: string;
  /** The domain of the same name. */
  readonly domain: string;
  /** Whether it takes new requests. */
  readonly open: boolean;
  /** Regular workers that are ready and stay: baseline and surge, without starting, draining and overflow. */
  readonly current_workers: number;
  /** Idle workers. */
  readonly available: number;
  /** Busy workers, draining and overflow ones included. */
  readonly busy_workers: number;
  /** Workers that were ordered and aren't ready yet. */
  readonly starting_workers: number;
  /** Busy workers that leave at their checkin. */
  readonly draining_workers: number;
  /** Overflow workers, busy or lingering. */
  readonly overflow_workers: number;
  /** The least baseline workers. */
  readonly min_workers: number;
  /** The most baseline workers. */
  readonly max_workers: number;
  /** Ordered surge workers. */
  readonly surge_workers: number;
  /** The most workers, surge included. */
  readonly surge_max_workers: number;
  /** Busy / (idle + busy), from 0 to 1. */
  readonly utilization: number;
  /** Whether the balancer spills away from it. */
  readonly overloaded: boolean;
  /** Requests in the waiting line. */
  readonly queue_length: number;
  /** Mean time a worker was out, in milliseconds. */
  readonly avg_latency_ms: number;
  /** Half of the requests held their worker no longer than this, in microseconds. */
  readonly p50_latency_us: number;
  /** 95 % of the requests held their worker no longer than this, in microseconds. */
  readonly p95_latency_us: number;
  /** 99 % of the requests held their worker no longer than this, in microseconds. */
  readonly p99_latency_us: number;
  /** Mean time in the waiting line of those it served, in milliseconds. */
  readonly avg_wait_ms: number;
  /** Requests that ended, failed ones included. */
  readonly total_requests: number;
  /** Requests that failed. */
  readonly failed_requests: number;
  /** Workers that failed. */
  readonly failed_workers: number;
  /** Waiters that left unserved because their time was over. */
  readonly expired_waiters: number;
  /** The share of failed requests over the last 60 s; 0 while there are fewer than `health.min_requests`. */
  readonly error_rate: number;
  /** How well it is. */
  readonly health_status: Health;
}

/** A worker of a pool. */
export interface PoolWorker {
  /** Its id. */
  readonly worker: number;
  /** What it is doing. */
  readonly state: "starting" | "idle" | "busy";
  /** Whether a surge brought it. */
  readonly surge: boolean;
  /** Whether it is an overflow worker. */
  readonly overflow: boolean;
}

/** How evenly the pools are used, and what the balancer has done. */
export interface BalanceStatus {
  /** How many pools the configuration has. */
  readonly pools: number;
  /** The balance coefficient, in [0, 1]: 1 when all open pools are equally utilized. */
  readonly balance_coefficient: number;
  /** How many requests got a pool. */
  readonly total_routed: number;
  /** How many workers were moved from one pool to another. */
  readonly rebalance_count: number;
  /** The utilization of every pool by its name, in the order of the ids; closed pools included, 0 when empty. */
  readonly pool_utilization: Record<string, number>;
  /** How the coefficient reads. */
  readonly balance_status: "balanced" | "imbalanced" | "critical";
}

/** A pool's part of the burst handler's status. */
export interface PoolBurst {
  /** The pool. */
  readonly pool: string;
  /** `idle`, `hold`, `shrink` or `cooldown`. */
  readonly phase: string;
  /** Its baseline load. */
  readonly baseline_load: number;
  /** Its current load. */
  readonly current_load: number;
  /** Its surge workers. */
  readonly surge_workers: number;
}

/** The burst handler's status. Loads are over the longer window (`burst.window_samples`). */
export interface BurstStatus {
  /** Whether surges may start. */
  readonly enabled: boolean;
  /** Whether a surge holds or shrinks. */
  readonly in_surge: boolean;
  /** The mean of the pools' baseline loads; 0 until there are enough samples. */
  readonly baseline_load: number;
  /** The mean of the pools' current loads; it may exceed 1. */
  readonly current_load: number;
  /** Current load / baseline (taken no lower than `burst.min_baseline`). */
  readonly load_ratio: number;
  /** The load above which it is a burst. */
  readonly burst_threshold: number;
  /** Whether any pool has surge workers. */
  readonly surge_active: boolean;
  /** Surges so far. */
  readonly surge_count: number;
  /** Surge workers added so far × `cost.surge_multiplier`, in cost units. */
  readonly total_surge_cost: number;
  /** The worker-time of surge workers so far, in money. */
  readonly total_surge_money: number;
  /** Surge workers that stayed as baseline workers. */
  readonly kept_workers: number;
  /** The time spent in surges that have ended, in microseconds. */
  readonly total_surge_us: number;
  /** How long the last surge that has ended lasted, in microseconds. */
  readonly last_surge_us: number;
  /** Each pool's view. */
  readonly pools: PoolBurst[];
}

/** Figures of surges. */
export interface SurgeMetrics {
  /** Whether a surge holds or shrinks. */
  readonly in_surge: boolean;
  /** `hold`, `shrink`, `cooldown` or `idle`: the first of these that a pool is in, when pools surge alone. */
  readonly phase: string;
  /** When the running surge began, in microseconds. */
  readonly surge_start_us: number | null;
  /** How long until it ends, in microseconds; 0 outside a surge. */
  readonly surge_time_remaining_us: number;
  /** The pools with surge workers. */
  readonly surge_pools: string[];
  /** Surges so far. */
  readonly surge_count: number;
  /** In cost units. */
  readonly total_surge_cost: number;
  /** In cost units a surge; 0 before the first. */
  readonly avg_surge_cost: number;
  /** In money. */
  readonly total_surge_money: number;
}

/**
 * What the surges seen so far would cost in a year, against the permanent workers that would have made them
 * unnecessary.
 */
export interface CostAdvice {
  /** Over which time the surges were seen, in microseconds. */
  readonly observed_us: number;
  /** Surges a day, in that time. */
  readonly surges_per_day: number;
  /** The mean cost of a surge, in money. */
  readonly cost_per_surge: number;
  /** A year's bill of such surges, in money. */
  readonly surge_cost_per_year: number;
  /** The permanent workers, over all pools, under which no surge would have been needed. */
  readonly baseline_workers: number;
  /** A year's bill of those, in money. */
  readonly baseline_cost_per_year: number;
  /** `surge`, `baseline`, `equal`, or `none` before the first surge. */
  readonly cheaper: string;
  /** By how much the cheaper one is cheaper, in money a year. */
  readonly saving_per_year: number;
  /** The currency. */
  readonly currency: string;
  /** The same as a sentence. */
  readonly advice: string;
}

/** An alert that is pending or firing. */
export interface Alert {
  /** The rule's place in the configuration's `alerts`, from 0. */
  readonly alert: number;
  /** The rule's name. */
  readonly name: string;
  /** The pool, for a metric that every pool has. */
  readonly pool: string | null;
  /** How urgent it is. */
  readonly severity: AlertRule["severity"];
  /** Whether it fires. */
  readonly state: "pending" | "firing";
  /** The first evaluation at which the condition held without a break since, in microseconds. */
  readonly since_us: number;
  /** The metric at the last evaluation. */
  readonly value: number;
}

/** What five checks of a well leveled system found. */
export interface Checklist {
  /** Whether all passed. */
  readonly pass: boolean;
  /** The checks: `utilization`, `rejection_rate`, `balance`, `health`, `latency`. */
  readonly checks: Check[];
}

/** A check. It passes above `above` and below `below`; the bounds themselves don't pass. */
export interface Check {
  /**
   * What is checked: `utilization` (every pool's), `rejection_rate` (over the lifetime), `balance` (the coefficient),
   * `health` (pools that are critical), `latency` (every pool's average, in milliseconds).
   */
  readonly name: string;
  /** What was found; of a check of every pool, the figure farthest from the middle of the bounds or the greatest. */
  readonly figure: number;
  /** It must be greater than this. */
  readonly above: number | null;
  /** It must be less than this. */
  readonly below: number | null;
  /** Whether it is so, compared exactly; of a check of every pool, for all of them. */
  readonly pass: boolean;
  /** The pools, by id, in a check of every pool; else empty. */
  readonly pools: PoolCheck[];
}

/** A pool's part of a check. */
export interface PoolCheck {
  /** The pool. */
  readonly pool: string;
  /** What was found. In `health`: 0 healthy, 1 degraded, 2 critical. */
  readonly figure: number;
  /** Whether it passes. */
  readonly pass: boolean;
}

/** Demand's pace against the pools'. */
export interface Takt {
  /** Over which time arrivals were counted, in microseconds: the last 60 whole seconds, or as many as there were. */
  readonly window_us: number;
  /** The pools, by id. */
  readonly pools: PoolTakt[];
}

/** A pool's part. */
export interface PoolTakt {
  /** The pool. */
  readonly pool: string;
  /** Requests that came in the window, refused ones included. */
  readonly arrivals: number;
  /** Demand takt: the time of one arrival, in microseconds; null without arrivals. */
  readonly takt_us: number | null;
  /** Cycle time: the mean service time, in whole microseconds; null before the first completion. */
  readonly cycle_us: number | null;
  /** ceil(cycle / takt / `scaler.target_utilization`); 0 without arrivals, null without a cycle time. */
  readonly workers_needed: number | null;
  /** The regular workers that are ready and stay. */
  readonly workers: number;
}

/** The engine's own status. */
export interface EngineStatus {
  /** The latest time seen, in microseconds. */
  readonly now_us: number;
  /** The time the engine started at, in microseconds. */
  readonly start_us: number;
  /** How many times lay before the latest one seen. */
  readonly clock_regressions: number;
  /** Effects that wait to be drained. */
  readonly effects_pending: number;
  /** Effects that were dropped because nobody drained them. */
  readonly effects_dropped: number;
  /** Dispatched requests that aren't completed. */
  readonly tickets: number;
  /** How many records its journal has so far. */
  readonly journal_records: number;
  /** Bytes of the journal that wait to be taken. */
  readonly journal_bytes: number;
  /** Inputs that weren't recorded because nobody took what was. */
  readonly journal_lost: number;
}

/**
 * A checked configuration, every default filled in. Made by `Config::default()`, `Config::from_value`,
 * `Config::from_json`, `Config::from_toml` and `Draft::build`.
 *
 * It serializes to the same shape that is read, so that a written configuration reads back as itself.
 */
export interface Config {
  /** Admission: who may come in. */
  readonly regulator: RegulatorConfig;
  /** The domains, in the order of their ids: the pools' own first, then those that the configuration adds. */
  readonly domains: Record<string, DomainConfig>;
  /** The pools, in the order of their ids. */
  readonly pools: Record<string, PoolConfig>;
  /** How many workers the pools should have. */
  readonly scaler: ScalerConfig;
  /** When a pool counts as healthy. */
  readonly health: HealthConfig;
  /** Which pool serves a request. */
  readonly balancer: BalancerConfig;
  /** Temporary capacity for a spike. */
  readonly burst: BurstConfig;
  /** What workers cost. */
  readonly cost: CostConfig;
  /** How much of everything there may be. */
  readonly limits: LimitsConfig;
  /** Whether a new worker counts at once. */
  readonly worker_start: "instant" | "confirmed";
  /** How long a worker may take to start, in microseconds. */
  readonly worker_start_timeout_us: number;
  /** The rules that raise alerts. */
  readonly alerts: AlertRule[];
  /** How often they are evaluated, in microseconds. */
  readonly alert_every_us: number;
}

/** A rule that raises alerts: an item of `alerts`. */
export interface AlertRule {
  /** What its alerts are called. */
  readonly name: string;
  /** What it looks at. The metric exported under that name has `heijunka_` before it. */
  readonly metric:
    | "system_load_factor"
    | "balance_coefficient"
    | "admission_rate"
    | "rejection_rate"
    | "recent_rejection_rate"
    | "pool_utilization"
    | "pool_health"
    | "pool_error_rate"
    | "pool_waiting";
  /** How that is compared… */
  readonly comparison: ">" | "<" | ">=" | "<=";
  /** …and with what. */
  readonly threshold: number;
  /** How long that must hold before the alert fires, in microseconds. */
  readonly for_us: number;
  /** How urgent it is. */
  readonly severity: "info" | "warning" | "critical";
  /** The pool it is about; null: all, each by itself. Only for a metric that every pool has. */
  readonly pool: string | null;
  /** What may be done about it. */
  readonly options: readonly AlertOption[];
}

/** Admission: section `regulator`. */
export interface RegulatorConfig {
  /** Warn above this load. */
  readonly soft_limit: number;
  /** Refuse at this load. */
  readonly hard_limit: number;
  /** The share of the hard limit kept for critical work, in [0, 1). */
  readonly reserved_capacity: number;
  /** The share of the normal limit open to sheddable work, in [0, 1]. */
  readonly sheddable_fraction: number;
  /** Take back a token that is held longer than this. */
  readonly token_ttl_us: number | null;
  /** How capacity is kept for critical work. */
  readonly reservation: "headroom" | "partition";
  /** A limit that follows what the backend can do. */
  readonly adaptive: AdaptiveConfig | null;
}

/** How the adaptive limit moves. */
export type AdaptiveAlgorithm = "aimd" | "gradient" | "correlation";

/** The adaptive limit: `regulator.adaptive`. */
export interface AdaptiveConfig {
  /** How it moves. */
  readonly algorithm: AdaptiveAlgorithm;
  /** It is never lower. */
  readonly min_limit: number;
  /** What it starts with. */
  readonly initial_limit: number;
  /** How often requests are judged. */
  readonly window_us: number;
  /** With fewer requests than this a window goes on. */
  readonly min_samples: number;
  /** A window of which this share failed counts as a loss. */
  readonly max_failures: number;
  /** `gradient`, `correlation`: a latency up to this many baselines is normal. */
  readonly tolerance: number;
  /** `gradient`, `correlation`: how many windows the baseline remembers. */
  readonly baseline_windows: number;
  /** `gradient`, `correlation`: how far around the knee the limit is moved to see what throughput does. */
  readonly probe: number;
  /** `gradient`, `correlation`: requests that end well before the next move of the knee. */
  readonly probe_samples: number;
  /** `correlation`: the quantile of latency that is compared with the baseline. */
  readonly quantile: number;
  /** `correlation`: how long an overload lasts before the limit is lowered. */
  readonly sustain_us: number;
  /** `gradient`: the part of a move that is made at once. */
  readonly smoothing: number;
  /** `gradient`: what the limit gains in a window while latency is normal. */
  readonly queue_size: number;
  /** `gradient`: a mean latency above this is never normal. */
  readonly max_latency_us: number | null;
  /** `aimd`: a mean latency above this counts as a loss. */
  readonly timeout_us: number;
  /** `aimd`: what a loss multiplies the limit by. */
  readonly backoff_ratio: number;
}

/** A domain: section `domains.<name>`. */
export interface DomainConfig {
  /** The class of a request that asks for none. */
  readonly class: Class;
  /** The highest class that a single request may ask for. */
  readonly max_class: Class;
  /** The most tokens the domain may hold. */
  readonly max_concurrent: number | null;
  /** The names of the primary pools; a pool listed k times has k shares. */
  readonly pools: string[];
  /**
   * The names of the pools where overload may go; `None`: all that aren't primary ones. (Not listed: of 4,096 pools
   * that would be 17 million names.)
   */
  readonly spill: string[] | null;
}

/** A pool: section `pools.<name>`. */
export interface PoolConfig {
  /** The workers it starts with. */
  readonly initial_workers: number;
  /** The least baseline workers. */
  readonly min_workers: number;
  /** The most baseline workers. */
  readonly max_workers: number;
  /** The most workers, surge included. */
  readonly surge_max_workers: number;
  /** Which idle worker is handed out. */
  readonly strategy: "lifo" | "fifo";
  /** The most temporary workers beyond the current count. */
  readonly max_overflow: number;
  /** How long an idle overflow worker lingers. */
  readonly overflow_ttl_us: number;
  /** The places in the waiting line; 0: fail fast. */
  readonly max_waiting: number;
  /** How the line is served. */
  readonly queue: "fifo" | "codel";
  /** CoDel: the longest wait while overloaded. */
  readonly codel_target_us: number;
  /** CoDel: a line that hasn't been empty for this long is overloaded. */
  readonly codel_interval_us: number;
}

/** Scaling: section `scaler`. */
export interface ScalerConfig {
  /** Whether pools are scaled at all. */
  readonly enabled: boolean;
  /** Which rule sets the count. */
  readonly mode: "step" | "proportional" | "staffing";
  /** How often pools are judged. */
  readonly evaluate_every_us: number;
  /** Demand above this adds a worker. */
  readonly up_threshold: number;
  /** Demand below this removes a worker. */
  readonly down_threshold: number;
  /** Removals are at least this far apart. */
  readonly down_cooldown_us: number;
  /** Demand at or above this for `proactive_after_us` adds workers. */
  readonly proactive_threshold: number;
  /** See `proactive_threshold`. */
  readonly proactive_after_us: number;
  /** The most workers a proactive step adds. */
  readonly proactive_step: number;
  /** The utilization aimed at. */
  readonly target_utilization: number;
  /** Demand below this for `planned_after_us` starts a planned shrink. */
  readonly planned_threshold: number;
  /** See `planned_threshold`. */
  readonly planned_after_us: number;
  /** The steps of a planned shrink are this far apart. */
  readonly planned_every_us: number;
  /** The share of the workers that a planned step removes (at least one worker). */
  readonly planned_fraction: number;
  /** Plan a shrink only while off-peak. */
  readonly off_peak_only: boolean;
  /** Whether an unhealthy pool gets a worker. */
  readonly health: boolean;
  /** Whether the error rate alone makes a pool unhealthy in this sense. */
  readonly health_on_errors: boolean;
  /** The least time between two scalings of one pool. */
  readonly min_interval_us: number;
  /** Proportional and staffing mode: no change while the desired count is this close. */
  readonly tolerance: number;
  /** Proportional and staffing mode: down only to the highest count desired in this time. */
  readonly stabilization_us: number;
  /** Staffing mode: at most this share of requests waits longer than `wait_target_us`. */
  readonly late_fraction: number;
  /** Staffing mode: see `late_fraction`; unset: the mean service time, at least 100 ms. */
  readonly wait_target_us: number | null;
}

/** Health: section `health`. */
export interface HealthConfig {
  /** Utilization above this is degraded. */
  readonly degraded_utilization: number;
  /** Utilization above this is critical. */
  readonly critical_utilization: number;
  /** An error rate above this is degraded. */
  readonly max_error_rate: number;
  /** Fewer requests than this in the last 60 s have error rate 0. */
  readonly min_requests: number;
  /** How often a pool asks the caller to check its workers. */
  readonly check_every_us: number;
}

/** Balancing: section `balancer`. */
export interface BalancerConfig {
  /** A pool whose utilization goes above this is overloaded… */
  readonly overload: number;
  /** …until it falls below this. */
  readonly clear: number;
  /** How often the balance is judged. */
  readonly rebalance_every_us: number;
  /** Migrations are at least this far apart. */
  readonly cooldown_us: number;
  /** A coefficient below this moves a worker. */
  readonly trigger: number;
  /** How the coefficient is made. */
  readonly coefficient: "spread" | "stddev";
  /** Keys that have pools of their own. */
  readonly affinity_groups: Record<string, string[]>;
  /** Keys move to other pools this often. */
  readonly affinity_rotation_us: number | null;
  /** The seed of the consistent hash. */
  readonly hash_seed: number;
}

/** Bursts: section `burst`. */
export interface BurstConfig {
  /** Whether a surge may start. */
  readonly enabled: boolean;
  /** Whether all pools surge together or each alone. */
  readonly scope: "system" | "pool";
  /** A load above this many times the baseline is a burst. */
  readonly threshold: number;
  /** A load up to this is absorbed by the pools. */
  readonly min_load: number;
  /** The baseline is compared no lower than this. */
  readonly min_baseline: number;
  /** Fewer arrivals than this in the window prove nothing. */
  readonly min_arrivals: number;
  /** The workers a surge adds to a pool. */
  readonly surge_workers: number;
  /** How long a surge holds. */
  readonly hold_us: number;
  /** How long its workers take to leave. */
  readonly shrink_us: number;
  /** How long after that no surge may start. */
  readonly cooldown_us: number;
  /** How many one-second samples make the baseline. */
  readonly baseline_samples: number;
  /**
   * The longer of the two windows of the trigger (the shorter one is 1 s), in one-second samples; as many of the newest
   * samples are left out of the baseline.
   */
  readonly window_samples: number;
  /** Samples are held out of the baseline while the window's rate is above this many baselines… */
  readonly hold_out_factor: number;
  /** …for at most this long. */
  readonly hold_out_us: number;
}

/** Cost: section `cost`. */
export interface CostConfig {
  /** A baseline worker's price, in money per hour. */
  readonly baseline_per_hour: number;
  /** A surge worker's price, in money per hour. */
  readonly surge_per_hour: number;
  /** A surge worker's price, in cost units per worker added. */
  readonly surge_multiplier: number;
  /** The currency of the prices. */
  readonly currency: string;
}

/** Limits: section `limits`. */
export interface LimitsConfig {
  /** The most domains. */
  readonly max_domains: number;
  /** The most pools. */
  readonly max_pools: number;
  /** The most workers of all pools together. */
  readonly max_workers: number;
  /** The most tokens; the hard limit can't be set above it. */
  readonly max_tokens: number;
  /** The most waiters of all pools together. */
  readonly max_waiters: number;
  /** The most effects that wait to be drained. */
  readonly max_effects: number;
  /** The most alert rules. */
  readonly max_alerts: number;
  /** The longest key, in bytes. */
  readonly max_key_bytes: number;
  /** The longest name of a domain or pool, in bytes. */
  readonly max_name_bytes: number;
  /** The most bytes of the journal that wait to be taken; past that nothing is recorded until they are. */
  readonly max_journal_bytes: number;
}

type Given<T> = { readonly [Name in keyof T]?: T[Name] | null | undefined };

/** A pool as it is given. `initial` is `initial_workers`. */
export type PoolInput = Given<PoolConfig> & { readonly initial?: number | null | undefined };

/**
 * A configuration as it is given: every field may be left out. Everything that is wrong with it is told at once, the
 * nearest known name of an unknown one included.
 */
export interface ConfigInput {
  /** What the defaults are: `classic` (the default) or `adaptive`. */
  readonly preset?: PresetName | null | undefined;
  readonly regulator?: Given<RegulatorConfig> | null | undefined;
  readonly domains?: Readonly<Record<string, Given<DomainConfig> | null | undefined>> | null | undefined;
  readonly pools?: Readonly<Record<string, PoolInput | null | undefined>> | null | undefined;
  readonly scaler?: Given<ScalerConfig> | null | undefined;
  readonly health?: Given<HealthConfig> | null | undefined;
  readonly balancer?:
    | (Given<Omit<BalancerConfig, "affinity_groups">> & {
        readonly affinity_groups?: Readonly<Record<string, string | readonly string[]>> | null | undefined;
      })
    | null
    | undefined;
  readonly burst?: Given<BurstConfig> | null | undefined;
  readonly cost?: Given<CostConfig> | null | undefined;
  readonly limits?: Given<LimitsConfig> | null | undefined;
  readonly worker_start?: Config["worker_start"] | null | undefined;
  readonly worker_start_timeout_us?: number | null | undefined;
  readonly alerts?: readonly AlertRuleInput[] | null | undefined;
  readonly alert_every_us?: number | null | undefined;
}

/** A rule as it is given. */
export type AlertRuleInput = Pick<AlertRule, "name" | "metric" | "comparison" | "threshold"> & Given<AlertRule>;

/** The name of a preset. */
export type PresetName = "classic" | "adaptive";
