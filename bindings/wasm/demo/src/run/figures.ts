// The summary of two outcomes, figure by figure, and which of them is better.

import { DASH, figure, money, NBSP, percent } from '../charts/format';
import type { Check, Outcome, Summary } from './outcome';

export type Better = 'lower' | 'higher' | 'neither';

export interface Figure {
  key: string;
  label: string;
  /** What it is, for those who ask. */
  help: string;
  better: Better;
  of: (summary: Summary) => number | null;
  show: (value: number, currency: string) => string;
  /** How a difference reads where it is another way. */
  by?: (value: number) => string;
  /** Whether there is anything to say. */
  told?: (summary: Summary) => boolean;
  /** Where its mean over several seeds stands in `runs`. */
  run?: string;
}

const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
const counted = (value: number) => (Math.abs(value) < 1e7 ? whole.format(value) : figure(value));
const timed = (value: number) =>
  Math.abs(value) < 1000 ? figure(value) + NBSP + 'ms' : figure(value / 1000) + NBSP + 's';
const shared = (value: number) =>
  value !== 0 && Math.abs(value) < 0.001 ? figure(value * 100) + NBSP + '%' : percent(value);
const points = (value: number) => figure(value * 100) + NBSP + 'points';
const comeAgain = (summary: Summary) => (number(summary, 'retries') ?? 0) > 0;
const perSecond = (value: number) => figure(value) + '/s';

function number(summary: Summary, key: string): number | null {
  const value = summary[key];
  return typeof value === 'number' ? value : null;
}

/** What is checked, in words, and how its figure is shown. */
const CHECKS: Record<string, [label: string, show: (value: number) => string]> = {
  utilization: ['Utilization of every pool', shared],
  rejection_rate: ['Refused of all requests', shared],
  balance: ['Balance coefficient', figure],
  health: ['Critical pools', figure],
  latency: ['Latency of every pool, on average', timed],
};

/** A check in words: what is checked, what was found, and what it asks for. */
export function checkOf({ name, figure: found, above, below }: Check): { label: string; found: string; bound: string } {
  const [label, show] = CHECKS[name] ?? [name.replaceAll('_', ' '), figure];
  const parts = [above === null ? '' : 'above ' + show(above), below === null ? '' : 'below ' + show(below)];
  return { label, found: show(found), bound: parts.filter((part) => part !== '').join(' and ') };
}

/** Alerts that fired. */
function fired({ effects }: Summary): number | null {
  return effects === undefined ? null : ((effects as Record<string, number>)['AlertFiring'] ?? 0);
}

/** Requests that nobody served in time, refused ones among them, as a share of all. */
export function refusedOrLate(summary: Summary): number | null {
  const told = number(summary, 'refused_or_late_share');
  if (told !== null) return told;
  return summary.offered ? (summary.refused + summary.late) / summary.offered : null;
}

export const FIGURES: readonly Figure[] = [
  {
    key: 'refused_or_late',
    label: 'Refused or late',
    help: 'late: waited over 1 s and over twice its own service time',
    better: 'lower',
    of: refusedOrLate,
    show: shared,
    by: points,
    run: 'refused_or_late_share',
  },
  { key: 'refused', label: 'Refused', help: 'requests turned away', better: 'lower', of: (s) => s.refused, show: counted, run: 'refused' },
  { key: 'late', label: 'Late', help: 'served or given up after too long a wait', better: 'lower', of: (s) => s.late, show: counted, run: 'late' },
  { key: 'expired', label: 'Expired', help: 'left the waiting line unserved', better: 'lower', of: (s) => s.expired, show: counted, run: 'expired' },
  { key: 'gave_up', label: 'Gave up', help: 'nobody tries them again', better: 'lower', of: (s) => number(s, 'gave_up'), show: counted, run: 'gave_up', told: comeAgain },
  { key: 'retries', label: 'Retries', help: 'further attempts', better: 'lower', of: (s) => number(s, 'retries'), show: counted, run: 'retries', told: comeAgain },
  { key: 'failed', label: 'Failed', help: 'their worker crashed', better: 'lower', of: (s) => number(s, 'failed'), show: counted, run: 'failed', told: (s) => s['failed'] !== 0 },
  { key: 'abandoned', label: 'In vain', help: 'served after their client had left', better: 'lower', of: (s) => number(s, 'abandoned'), show: counted, run: 'abandoned', told: (s) => s['abandoned'] !== 0 },
  { key: 'completed', label: 'Completed', help: 'served to the end', better: 'higher', of: (s) => s.completed, show: counted, run: 'completed' },
  { key: 'goodput_per_s', label: 'Goodput', help: 'completed requests a second', better: 'higher', of: (s) => s.goodput_per_s, show: perSecond, run: 'goodput_per_s' },
  { key: 'wait_p95', label: 'Wait p95', help: '95 of 100 waited at most this long', better: 'lower', of: (s) => s.wait_ms.p95, show: timed, run: 'wait_p95_ms' },
  { key: 'wait_p99', label: 'Wait p99', help: '99 of 100 waited at most this long', better: 'lower', of: (s) => s.wait_ms.p99, show: timed, run: 'wait_p99_ms' },
  { key: 'latency_p50', label: 'Latency p50', help: 'wait and service of half the requests', better: 'lower', of: (s) => s.latency_ms.p50, show: timed, run: 'latency_p50_ms' },
  { key: 'latency_p99', label: 'Latency p99', help: 'wait and service of 99 of 100', better: 'lower', of: (s) => s.latency_ms.p99, show: timed, run: 'latency_p99_ms' },
  { key: 'utilization', label: 'Utilization', help: 'busy worker-time / worker-time', better: 'neither', of: (s) => s.utilization_mean, show: shared, by: points, run: 'utilization_mean' },
  { key: 'time_in_band', label: 'Time at 60–80 %', help: 'share of the worker-time in the band', better: 'higher', of: (s) => s.time_in_band, show: shared, by: points, run: 'time_in_band' },
  { key: 'worker_hours', label: 'Worker-hours', help: 'baseline and surge', better: 'lower', of: (s) => s.worker_hours.total, show: figure, run: 'worker_hours' },
  { key: 'surge_hours', label: 'Surge hours', help: 'of surge workers', better: 'lower', of: (s) => s.worker_hours.surge, show: figure },
  { key: 'cost', label: 'Cost', help: 'worker-time at its rate', better: 'lower', of: (s) => s.cost.total_money, show: money, run: 'total_money' },
  { key: 'scale_changes', label: 'Scale changes', help: 'steps of the scaler', better: 'lower', of: (s) => s.scale_changes, show: counted, run: 'scale_changes' },
  { key: 'surges', label: 'Surges', help: 'bursts answered with more workers', better: 'neither', of: (s) => s.surges, show: counted, run: 'surges' },
  { key: 'alerts', label: 'Alerts', help: 'that fired', better: 'lower', of: (s) => fired(s), show: counted },
  { key: 'migrations', label: 'Migrations', help: 'workers that moved from pool to pool', better: 'neither', of: (s) => s.migrations, show: counted },
];

export interface Row {
  figure: Figure;
  values: (number | null)[];
  shown: string[];
  /** How far the 95 % interval over several seeds reaches, to either side. */
  spread: (string | null)[];
  /** B − A, as people read it; a dash where there is none. */
  difference: string;
  /** What that means for B. */
  verdict: 'better' | 'worse' | 'other' | 'same' | 'unknown';
}

/** The rows of the summary: figures that no outcome has are left out. */
export function rowsOf(outcomes: readonly (Outcome | null)[]): Row[] {
  const currency = outcomes.find((outcome) => outcome)?.summary.cost.currency ?? 'USD';
  const told = FIGURES.filter(({ told: isTold }) => !isTold || outcomes.some((outcome) => outcome && isTold(outcome.summary)));
  const rows = told.map((of): Row => {
    const seeds = outcomes.map((outcome) => runsAt(outcome, of.run));
    const values = outcomes.map((outcome, i) => seeds[i]?.mean ?? (outcome ? of.of(outcome.summary) : null));
    const shown = values.map((value) => (value === null ? DASH : of.show(value, currency)));
    const spread = seeds.map((seed) => (seed ? '± ' + of.show(seed.half, currency) : null));
    const [a = null, b = null] = values;
    return { figure: of, values, shown, spread, ...differenceOf(of, a, b, currency) };
  });
  return rows.filter(({ values }) => values.some((value) => value !== null));
}

/** A figure over several seeds. */
function runsAt(outcome: Outcome | null | undefined, name: string | undefined): { mean: number; half: number } | null {
  const interval = name === undefined ? undefined : outcome?.runs?.figures[name];
  return interval ? { mean: interval.mean, half: (interval.high - interval.low) / 2 } : null;
}

function differenceOf(
  of: Figure,
  a: number | null,
  b: number | null,
  currency: string,
): Pick<Row, 'difference' | 'verdict'> {
  if (a === null || b === null) return { difference: DASH, verdict: 'unknown' };
  if (a === b) return { difference: 'the same', verdict: 'same' };
  const by = b - a;
  const sign = by > 0 ? '+' : '−';
  const relative = a !== 0 ? ' (' + sign + figure(Math.round((Math.abs(by) / Math.abs(a)) * 1000) / 10) + NBSP + '%)' : '';
  const difference = sign + (of.by ?? of.show)(Math.abs(by), currency) + relative;
  if (of.better === 'neither') return { difference, verdict: 'other' };
  return { difference, verdict: by < 0 === (of.better === 'lower') ? 'better' : 'worse' };
}
