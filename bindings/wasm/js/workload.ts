// Workloads and outcomes of simulations: documents that are the same in every language, and so keep the names of their
// fields.

import type { Checklist, Config } from "./documents.js";
import type { EffectKind, Reason } from "./words.js";

/** The forms of a trace: comma-separated values, JSON lines, or an access log of Apache or nginx. */
export type TraceFormat = "csv" | "jsonl" | "log";

/** A built-in workload for the default configuration: an hour, unless `duration_us` says otherwise. */
export type Profile = "steady" | "ramp" | "diurnal" | "spike" | "bursty" | "heavy_tail" | "retry_storm";

/** The built-in workloads. */
export const PROFILES: readonly Profile[] = Object.freeze([
  "steady",
  "ramp",
  "diurnal",
  "spike",
  "bursty",
  "heavy_tail",
  "retry_storm",
]);

/** How requests arrive: rates are per second. `spike` and `diurnal` are Poisson with a rate that changes. */
export type Arrivals =
  | { readonly process: "constant" | "poisson"; readonly rate_per_s: number }
  | { readonly process: "ramp"; readonly from_per_s: number; readonly to_per_s: number }
  | {
      readonly process: "diurnal";
      readonly mean_per_s: number;
      readonly amplitude: number;
      readonly period_us?: number;
      readonly peak_at_us?: number;
    }
  | {
      readonly process: "spike";
      readonly rate_per_s: number;
      readonly factor: number;
      readonly from_us: number;
      readonly to_us: number;
    }
  | {
      readonly process: "mmpp";
      readonly states: readonly { readonly rate_per_s: number; readonly mean_us: number }[];
    };

/** How long requests take. */
export type Service =
  | { readonly distribution: "constant" | "exponential"; readonly mean_us: number }
  | { readonly distribution: "log_normal"; readonly mean_us: number; readonly variation: number }
  | { readonly distribution: "pareto"; readonly mean_us: number; readonly shape: number };

/** Clients that try again. */
export interface Retries {
  readonly attempts?: number;
  readonly backoff_us?: number;
  readonly multiplier?: number;
  readonly max_backoff_us?: number;
  readonly jitter?: number;
  readonly honor_retry_after?: boolean;
  readonly timeout_us?: number;
}

/** Who scales instead of the engine, with the fields that aren't those of its defaults. */
export type Policy =
  | PolicyName
  | { readonly kind: "heijunka" | "clairvoyant" }
  | { readonly kind: "fixed"; readonly workers: number | Readonly<Record<string, number>> }
  | { readonly kind: "fixed"; readonly for: "mean" | "peak"; readonly target?: number }
  | {
      readonly kind: "hpa";
      readonly target?: number;
      readonly tolerance?: number;
      readonly period_us?: number;
      readonly stabilization_us?: number;
      readonly up_fraction?: number;
      readonly up_workers?: number;
    }
  | {
      readonly kind: "kpa";
      readonly target?: number;
      readonly stable_window_us?: number;
      readonly panic_window_us?: number;
      readonly panic_threshold?: number;
      readonly tick_us?: number;
      readonly max_scale_up_rate?: number;
      readonly max_scale_down_rate?: number;
      readonly scale_down_delay_us?: number;
    }
  | {
      readonly kind: "celery";
      readonly period_us?: number;
      readonly keepalive_us?: number;
      readonly prefetch_multiplier?: number;
    };

/** The name of a policy to compare with. */
export type PolicyName = "heijunka" | "fixed" | "hpa" | "kpa" | "celery" | "clairvoyant";

/** The names of the policies. */
export const POLICY_NAMES: readonly PolicyName[] = Object.freeze([
  "heijunka",
  "fixed",
  "hpa",
  "kpa",
  "celery",
  "clairvoyant",
]);

/** A request of `Workload.requests`. */
export interface Request {
  readonly arrival_us: number;
  readonly domain: string;
  readonly service_us?: number | null;
  readonly key?: string | null;
}

/** What a simulation is made of: one of the first five members, which say what arrives, and options. */
export interface Workload {
  /** Requests, in the order of arrival. */
  readonly requests?: readonly Request[];
  /** A trace: its text, or its bytes. */
  readonly trace?: string | Uint8Array;
  /** The day of a shop, made from the seed. */
  readonly demo?: boolean;
  /** A built-in workload. */
  readonly profile?: Profile;
  /** Domains whose requests are made. */
  readonly domains?: Readonly<
    Record<string, { readonly arrivals: Arrivals; readonly service: Service; readonly keys?: number }>
  >;
  /** How long requests are made: an hour. */
  readonly duration_us?: number;
  /** The form of the trace. */
  readonly format?: "auto" | TraceFormat;
  /** Whether bad lines of the trace are left out. */
  readonly skip_bad?: boolean;
  /**
   * Where domains go that the configuration doesn't have: to pools of their own, a shared one, or those that there are.
   */
  readonly pools?: "own" | "shared" | "config";
  /** `path=value` texts, applied when the workload's domains have their pools. */
  readonly set?: readonly string[];
  /** How long a worker takes to start. */
  readonly workers_start_delay_us?: number;
  /** How much faster requests come than the trace says. */
  readonly speed_up?: number;
  /** How long a request waits in a line, at most. */
  readonly wait_us?: number;
  /** The service time of requests that have none. */
  readonly default_service_us?: number;
  /** The places in the waiting line of pools that don't say how many. */
  readonly max_waiting?: number;
  /** Who scales: the engine, unless another policy is to be compared. */
  readonly policy?: Policy;
  /** Crashes of workers, which fail the request they are at. */
  readonly crashes_per_worker_hour?: number;
  /** Pools whose services take longer for a while. */
  readonly slow?: readonly {
    readonly pool: string;
    readonly from_us: number;
    readonly to_us: number;
    readonly factor: number;
  }[];
  /** Clients that try again; false: those of a profile don't. */
  readonly retries?: Retries | false;
  /** With how many seeds it is run, from the given one on. */
  readonly runs?: number;
}

/**
 * What a simulation found.
 *
 * Time-weighted figures (utilization, worker-hours, cost, the series) cover the whole run: from the first arrival until
 * nothing was in flight any more, or the drain time was over.
 */
export interface SimulationResult {
  /** What was simulated. */
  readonly trace: TraceSummary;
  /** The configuration, every default filled in. */
  readonly config: Config;
  /** The figures of the whole run. */
  readonly summary: Summary;
  /** The course of the run. */
  readonly series: Series;
  /**
   * What happened to surges and workers, in order: of surges the first `max_marks`; of more migrations than that every
   * second, fourth, … one, and so of more scalings (changes of worker counts that the scaler decided on, or that
   * replace a failed worker) and of more alerts.
   */
  readonly marks: Mark[];
  /** The marks left out. */
  readonly marks_dropped: number;
  /** The checklist at the last arrival: before what was in flight then ended, and left the pools idle. */
  readonly verify: Checklist;
  /** The figures of several seeds, if several were asked for; the rest is that of the first. */
  readonly runs?: Runs;
}

/**
 * The figures of a run.
 *
 * What arrives are attempts: `offered` = `requests` + `retries`. Each attempt ends in one way: `offered` = `refused` +
 * `expired` + `failed` + `abandoned` + `completed` + `in_flight`. Without clients that try again each request is one
 * attempt.
 */
export interface Summary {
  /** Requests, each counted once, however often it was tried. */
  readonly requests: number;
  /** Further attempts at them. */
  readonly retries: number;
  /** Requests that nobody tries again: their last attempt was refused, expired, failed or timed out. */
  readonly gave_up: number;
  /** Attempts whose client left before they were served (`Retries::timeout_us`). */
  readonly timed_out: number;
  /** Requests that waited for their next attempt when the run ended. */
  readonly to_retry: number;
  /** Requests that arrived, retries included: accepted and refused. */
  readonly offered: number;
  /** Requests that got a worker or a place in a line: completed, abandoned, failed, expired and in flight. */
  readonly accepted: number;
  /** Requests that were refused. */
  readonly refused: number;
  /** Those by reason. */
  readonly refused_by_reason: Partial<Record<Reason, number>>;
  /** Requests that left a line unserved. */
  readonly expired: number;
  /** Requests whose worker crashed. */
  readonly failed: number;
  /** Requests that were served to the end after their client had left: work in vain. */
  readonly abandoned: number;
  /** Requests that were served to the end while somebody waited for them. */
  readonly completed: number;
  /** Requests that still waited or were served when the run ended. */
  readonly in_flight: number;
  /** How long the run was, in microseconds. */
  readonly duration_us: number;
  /** Completed requests per second of the run. */
  readonly goodput_per_s: number;
  /** How long completed requests waited, in milliseconds. */
  readonly wait_ms: Distribution;
  /** How long they waited and were served, in milliseconds. */
  readonly latency_ms: Distribution;
  /** Requests, completed or expired, that waited longer than 1 s and than twice their own service time. */
  readonly late: number;
  /** Those as a share of all completed and expired requests. */
  readonly late_share: number;
  /**
   * Requests that weren't served in time: refused, expired, late or served after their client had left, each counted
   * once. (Those whose worker crashed aren't among them: that is no question of capacity.)
   */
  readonly refused_or_late: number;
  /** Those as a share of `offered`. */
  readonly refused_or_late_share: number;
  /** Busy worker-time / worker-time. */
  readonly utilization_mean: number;
  /** The share of worker-time in pools whose utilization was from 60 % to 80 % at the moment. */
  readonly time_in_band: number;
  /** Arrivals in the busiest second / arrivals in a mean second, between the first and the last arrival. */
  readonly peak_to_mean: number;
  /** Worker-time in hours. */
  readonly worker_hours: WorkerHours;
  /** What it cost. */
  readonly cost: RunCost;
  /** Effects by kind. */
  readonly effects: Partial<Record<EffectKind, number>>;
  /** Workers that crashed. */
  readonly crashes: number;
  /** Surges that began. */
  readonly surges: number;
  /** Workers that moved from pool to pool. */
  readonly migrations: number;
  /** Changes of worker counts by the scaler, or by the policy that stands in for it. */
  readonly scale_changes: number;
  /** Those per hour of the run and pool. */
  readonly scale_changes_per_hour: number;
  /** Each pool, in the order of the configuration. */
  readonly pools: Record<string, PoolSummary>;
  /** Each domain, in the order of the configuration. */
  readonly domains: Record<string, DomainSummary>;
}

/** A pool's figures. A request that was refused before it came to a pool counts at its domain's first one. */
export interface PoolSummary {
  /** Requests that came to it. */
  readonly offered: number;
  /** Requests it served to the end. */
  readonly completed: number;
  /** Requests that were refused. */
  readonly refused: number;
  /** Requests that left its line unserved. */
  readonly expired: number;
  /** Requests whose worker crashed. */
  readonly failed: number;
  /** Requests it served in vain: their clients had left. */
  readonly abandoned: number;
  /** Requests it had when the run ended. */
  readonly in_flight: number;
  /** Busy worker-time / worker-time. */
  readonly utilization_mean: number;
  /** The share of its worker-time at a utilization from 60 % to 80 %. */
  readonly time_in_band: number;
  /** The fewest workers it had ordered, surge included. */
  readonly workers_min: number;
  /** The most. */
  readonly workers_max: number;
  /** How many it had ordered at the end. */
  readonly workers_end: number;
  /** The most surge workers. */
  readonly surge_max: number;
  /** The longest line. */
  readonly queue_max: number;
  /** Worker-time in hours. */
  readonly worker_hours: WorkerHours;
  /** How long its completed requests waited, in milliseconds. */
  readonly wait_ms: Distribution;
  /** How long they waited and were served, in milliseconds. */
  readonly latency_ms: Distribution;
}

/** A domain's figures. */
export interface DomainSummary {
  /** Requests that arrived. */
  readonly offered: number;
  /** Requests that got a worker or a place in a line. */
  readonly accepted: number;
  /** Requests that were refused. */
  readonly refused: number;
  /** Requests that left a line unserved. */
  readonly expired: number;
  /** Requests whose worker crashed. */
  readonly failed: number;
  /** Requests that were served in vain: their clients had left. */
  readonly abandoned: number;
  /** Requests that were served to the end. */
  readonly completed: number;
}

/** A distribution of durations in milliseconds; the percentiles are within 1/32 of the true ones. */
export interface Distribution {
  /** The mean. */
  readonly mean: number;
  /** The median. */
  readonly p50: number;
  /** The 95th percentile. */
  readonly p95: number;
  /** The 99th percentile. */
  readonly p99: number;
  /** The largest. */
  readonly max: number;
}

/** Worker-time in hours. Starting and draining workers count; overflow workers are baseline. */
export interface WorkerHours {
  /** Of baseline workers. */
  readonly baseline: number;
  /** Of surge workers. */
  readonly surge: number;
  /** Of both. */
  readonly total: number;
}

/** What a run cost. */
export interface RunCost {
  /** Surge workers added × `cost.surge_multiplier`, in cost units. */
  readonly surge_units: number;
  /** Surge worker-time, in money. */
  readonly surge_money: number;
  /** Baseline worker-time, in money. */
  readonly baseline_money: number;
  /** Both. */
  readonly total_money: number;
  /** The currency. */
  readonly currency: string;
}

/** The course of a run in buckets of equal length. */
export interface Series {
  /** How long a bucket is, in microseconds: a second, doubled as often as the number of points needs it. */
  readonly bucket_us: number;
  /** When the first bucket starts, in the time of the trace. */
  readonly start_us: number;
  /** How many buckets there are. */
  readonly points: number;
  /** The mean balance coefficient. */
  readonly balance_coefficient: number[];
  /** The mean adaptive limit; null without one. */
  readonly adaptive_limit: number[] | null;
  /** Each pool's course. */
  readonly pools: PoolSeries[];
  /** Refused requests per second, by reason. */
  readonly refused_by_reason: Partial<Record<Reason, number[]>>;
  /** What the run has cost by the end of each bucket, in money. */
  readonly cost_money: number[];
}

/** A pool's course: means over each bucket. */
export interface PoolSeries {
  /** The pool's name. */
  readonly name: string;
  /** Busy / (idle + busy) workers. */
  readonly utilization: number[];
  /** (Busy workers + waiting requests) / workers, starting ones included. */
  readonly demand: number[];
  /** Requests per second that came to it. */
  readonly arrivals: number[];
  /** Those of them that got a worker or a place in the line. */
  readonly admitted: number[];
  /** Those that were refused. */
  readonly refused: number[];
  /** Requests per second that it served to the end, for somebody who waited. */
  readonly completed: number[];
  /** Requests in its line. */
  readonly waiting: number[];
  /** Ordered baseline workers. */
  readonly baseline_workers: number[];
  /** Ordered surge workers. */
  readonly surge_workers: number[];
}

/** Something that happened to a surge, to a pool's worker count, to a worker's place or to an alert. */
export interface Mark {
  /** When: the trace's first arrival and the time of the run since then, in microseconds. */
  readonly at_us: number;
  /**
   * What: `SurgeStarted`, `SurgeEnded`, `SurgeWorkersKept`, `MigrateWorkers`, `AddWorkers`, `RemoveWorkers`, `AlertFiring` or
   * `AlertResolved`.
   */
  readonly kind: EffectKind;
  /** The pool; none: all of them. */
  readonly pool: string | null;
  /** Where workers moved to. */
  readonly to_pool: string | null;
  /** How many workers. */
  readonly count: number;
  /** Why. */
  readonly reason: Reason;
  /** The name of the alert rule. */
  readonly alert: string | null;
  /** What its metric was. */
  readonly value: number | null;
}

/** What was replayed. */
export interface TraceSummary {
  /** The trace's form, or that it was made. */
  readonly format: TraceFormat | "made";
  /** Its rows. */
  readonly rows: number;
  /** The bad lines that were left out. */
  readonly skipped: number;
  /** What was wrong with the first few of them. */
  readonly first_skipped: string[];
  /** From the first arrival to the last, in microseconds. */
  readonly span_us: number;
  /** The first arrival, in microseconds. */
  readonly first_us: number;
  /** The rows without a service time, which got the default one. */
  readonly without_service: number;
  /** The domains. */
  readonly domains: Record<string, DomainPlace>;
}

/** A trace's domain and where it went. */
export interface DomainPlace {
  /** Its rows. */
  readonly rows: number;
  /** Its first pool. */
  readonly pool: string;
  /** Whether the configuration lacked it. */
  readonly added: boolean;
}

/** The main figures over several seeds. */
export interface Runs {
  /** How many runs. */
  readonly count: number;
  /** Each figure, by its name. */
  readonly figures: Record<string, Interval>;
}

/** A mean and its 95 % confidence interval. It knows nothing of what a figure can be: a bound may lie below 0. */
export interface Interval {
  /** The mean. */
  readonly mean: number;
  /** Where the interval begins. */
  readonly low: number;
  /** Where it ends. */
  readonly high: number;
}
