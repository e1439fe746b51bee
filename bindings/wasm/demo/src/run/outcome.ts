// What a simulation answers, as far as the page reads it.

import type { Json } from '../state/request';

export interface Distribution {
  mean: number;
  p50: number;
  p95: number;
  p99: number;
  max: number;
}

export interface Summary {
  offered: number;
  accepted: number;
  refused: number;
  refused_by_reason: Record<string, number>;
  expired: number;
  completed: number;
  duration_us: number;
  goodput_per_s: number;
  wait_ms: Distribution;
  latency_ms: Distribution;
  late: number;
  utilization_mean: number;
  time_in_band: number;
  worker_hours: { baseline: number; surge: number; total: number };
  cost: { baseline_money: number; surge_money: number; total_money: number; currency: string };
  surges: number;
  migrations: number;
  scale_changes: number;
  /** Of a pool. */
  scale_changes_per_hour: number;
  pools: Record<string, { offered: number }>;
  [more: string]: unknown;
}

export interface PoolSeries {
  name: string;
  utilization: number[];
  arrivals: number[];
  admitted: number[];
  refused: number[];
  waiting: number[];
  baseline_workers: number[];
  surge_workers: number[];
}

export interface RawMark {
  at_us: number;
  kind: string;
  pool: string | null;
  to_pool: string | null;
  count: number;
  reason: string;
  /** The name of the alert rule. */
  alert: string | null;
}

export interface Check {
  name: string;
  figure: number;
  above: number | null;
  below: number | null;
  pass: boolean;
}

export interface Outcome {
  config: { [key: string]: Json };
  summary: Summary;
  series: {
    bucket_us: number;
    start_us: number;
    points: number;
    pools: PoolSeries[];
    cost_money: number[];
    /** Null without one. */
    adaptive_limit: number[] | null;
  };
  marks: RawMark[];
  marks_dropped: number;
  /** The checklist at the last arrival. */
  verify: { pass: boolean; checks: Check[] };
  /** Over several seeds: the mean of each figure and its 95 % interval. */
  runs?: { count: number; figures: Record<string, { mean: number; low: number; high: number }> } | null;
  trace: { rows: number; skipped: number; first_skipped: string[]; without_service: number };
}
