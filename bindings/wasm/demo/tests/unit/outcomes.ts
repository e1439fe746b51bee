// Outcomes for tests, as small as they can be.

import type { Outcome, PoolSeries, Summary } from '../../src/run/outcome';

const times = { mean: 1, p50: 1, p95: 2, p99: 3, max: 4 };

export function summary(more: Partial<Summary> = {}): Summary {
  return {
    offered: 100, accepted: 90, refused: 10, refused_by_reason: {}, expired: 0, completed: 90, duration_us: 3600e6,
    goodput_per_s: 1, wait_ms: times, latency_ms: times, late: 0, utilization_mean: 0.7, time_in_band: 0.5,
    worker_hours: { baseline: 10, surge: 0, total: 10 },
    cost: { baseline_money: 10, surge_money: 0, total_money: 10, currency: 'USD' },
    surges: 0, migrations: 0, scale_changes: 4, scale_changes_per_hour: 4, pools: { p: { offered: 100 } }, ...more,
  };
}

export function pool(name: string, values: number[], more: Partial<PoolSeries> = {}): PoolSeries {
  const same = { utilization: values, arrivals: values, admitted: values, refused: values, waiting: values };
  return { name, ...same, baseline_workers: values.map(() => 1), surge_workers: values.map(() => 0), ...more };
}

export function outcome(bucket_us: number, pools: PoolSeries[], cost: number[], more: Partial<Outcome> = {}): Outcome {
  return {
    trace: { rows: 100, skipped: 0, first_skipped: [], without_service: 0 },
    config: {},
    summary: summary({ pools: Object.fromEntries(pools.map(({ name }, i) => [name, { offered: 10 + i }])) }),
    series: { bucket_us, start_us: 5e6, points: cost.length, pools, cost_money: cost, adaptive_limit: null },
    marks: [],
    marks_dropped: 0,
    verify: { pass: true, checks: [] },
    ...more,
  };
}
