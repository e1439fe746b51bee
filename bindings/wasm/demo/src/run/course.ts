// Two outcomes on one time axis.

import { closed, sum, type Values } from '../charts/columns';
import { surgesOf, type Mark, type Surge } from '../charts/marks';
import { reasonOf } from '../words';
import type { Outcome, PoolSeries } from './outcome';

/** The columns of a side over some of its pools. */
export interface Columns {
  utilization: Values;
  arrivals: Values;
  admitted: Values;
  refused: Values;
  waiting: Values;
  baseline: Values;
  /** Baseline and surge workers. */
  workers: Values;
}

export interface Course {
  times: number[];
  bucket: number;
  end: number;
  /** Every pool, the busiest first. */
  pools: string[];
  marks: Mark[];
  surges: Surge[];
  cost: (Values | null)[];
  /** The adaptive limit of each side; null: it has none. */
  limits: (Values | null)[];
  /** A side's columns over the pools that `isShown`; null: there is no outcome. */
  columns: (side: number, isShown: (pool: string) => boolean) => Columns | null;
}

/**
 * Puts outcomes on one axis, of the longest buckets and the latest end that any of them has. `deciders` are the policies
 * that stand in for the engine's own scaler.
 */
export function courseOf(outcomes: readonly (Outcome | null)[], deciders: readonly (string | null)[] = []): Course {
  const there = outcomes.filter((outcome) => outcome !== null);
  const bucket_us = Math.max(1e6, ...there.map(({ series }) => series.bucket_us));
  const points = Math.max(
    0,
    ...there.map(({ series }) => Math.ceil((series.points * series.bucket_us) / bucket_us)),
  );
  const bucket = bucket_us / 1e6;
  const end = Math.max(points, 1) * bucket;
  const fit = (column: readonly number[], own_us: number, join: typeof mean) => {
    const joined = join(column, Math.max(1, Math.round(bucket_us / own_us)));
    const values: Values = joined.length < points ? joined.concat(new Array(points - joined.length).fill(null)) : joined;
    return closed(values);
  };
  const marks = outcomes.flatMap((outcome, side) => (outcome ? marksOf(outcome, side, deciders[side] ?? null) : []));
  marks.sort((a, b) => a.at - b.at || a.side - b.side);
  return {
    times: Array.from({ length: points + 1 }, (_, i) => Math.min(i * bucket, end)),
    bucket,
    end,
    pools: poolsOf(there),
    marks,
    surges: surgesOf(marks, end),
    cost: outcomes.map((outcome) => outcome && fit(outcome.series.cost_money, outcome.series.bucket_us, last)),
    limits: outcomes.map((outcome) => {
      const limit = outcome?.series.adaptive_limit;
      return outcome && limit ? fit(limit, outcome.series.bucket_us, mean) : null;
    }),
    columns: (side, isShown) => {
      const outcome = outcomes[side];
      if (!outcome) return null;
      const { series } = outcome;
      const pools = series.pools.filter(({ name }) => isShown(name));
      const column = (key: Exclude<keyof PoolSeries, 'name'>) =>
        pools.map((pool) => fit(pool[key], series.bucket_us, mean));
      const total = (columns: Values[]) => blank(sum(columns, points + 1), columns);
      const baseline = column('baseline_workers');
      const workers = [...baseline, ...column('surge_workers')];
      return {
        utilization: weighted(column('utilization'), pools.map((_, i) => [baseline[i] ?? [], workers[pools.length + i] ?? []])),
        arrivals: total(column('arrivals')),
        admitted: total(column('admitted')),
        refused: total(column('refused')),
        waiting: total(column('waiting')),
        baseline: total(baseline),
        workers: total(workers),
      };
    },
  };
}

/** Means over `times` buckets each. */
function mean(column: readonly number[], times: number): number[] {
  if (times === 1) return [...column];
  const joined: number[] = [];
  for (let i = 0; i < column.length; i += times) {
    const some = column.slice(i, i + times);
    joined.push(some.reduce((total, value) => total + value, 0) / some.length);
  }
  return joined;
}

/** The last value of `times` buckets each, for what only grows. */
function last(column: readonly number[], times: number): number[] {
  const joined: number[] = [];
  for (let i = 0; i < column.length; i += times) joined.push(column[Math.min(i + times, column.length) - 1] ?? 0);
  return joined;
}

/** A sum where the run was over is no 0. */
function blank(total: number[], columns: readonly Values[]): Values {
  const [first] = columns;
  return first ? total.map((value, i) => (first[i] === null ? null : value)) : total.map(() => null);
}

/** The mean of columns, weighted by workers; pools without any count for nothing. */
function weighted(columns: readonly Values[], workers: readonly (readonly Values[])[]): Values {
  const points = columns[0]?.length ?? 0;
  return Array.from({ length: points }, (_, i) => {
    let [used, there] = [0, 0];
    columns.forEach((column, k) => {
      const value = column[i];
      if (value === null || value === undefined) return;
      const weight = (workers[k] ?? []).reduce((total, of) => total + (of[i] ?? 0), 0);
      used += value * weight;
      there += weight;
    });
    return there > 0 ? used / there : null;
  });
}

function marksOf(outcome: Outcome, side: number, decider: string | null): Mark[] {
  const { start_us } = outcome.series;
  return outcome.marks.map(({ at_us, kind, pool, to_pool, count, reason, alert }) => ({
    at: Math.max(0, (at_us - start_us) / 1e6),
    kind,
    pool,
    to: to_pool,
    count,
    // Of an alert, which rule it was says why. What is asked for from outside is, with a policy there, asked for by the policy.
    reason: decider !== null && reason === 'manual' ? 'asked for by ' + decider : (alert ?? reasonOf(reason)),
    side,
  }));
}

function poolsOf(outcomes: readonly Outcome[]): string[] {
  const offered = new Map<string, number>();
  for (const { summary } of outcomes) {
    for (const [name, pool] of Object.entries(summary.pools)) {
      offered.set(name, Math.max(offered.get(name) ?? 0, pool.offered));
    }
  }
  return [...offered].sort((a, b) => b[1] - a[1]).map(([name]) => name);
}
