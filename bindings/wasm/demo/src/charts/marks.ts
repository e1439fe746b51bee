// Effects worth seeing on the time axis: what happened, where, and why.

import { figure, many } from './format';

export interface Mark {
  /** Seconds from the start. */
  at: number;
  kind: string;
  /** None: all pools. */
  pool: string | null;
  /** Where workers moved to. */
  to: string | null;
  count: number;
  /** Why, in words. */
  reason: string;
  /** Which of several runs it belongs to. */
  side: number;
}

/** The time between a surge's start and its end, or the end of the run. */
export interface Surge {
  start: number;
  end: number;
  pool: string | null;
  side: number;
}

export function poolName(pool: string | null): string {
  return pool === null ? 'all pools' : pool || '(no name)';
}

export function whatHappened(mark: Mark): string {
  const where = poolName(mark.pool);
  switch (mark.kind) {
    case 'SurgeStarted':
      return 'Surge in ' + where + ', ' + many(mark.count, 'worker') + ' added';
    case 'SurgeEnded':
      return 'Surge over in ' + where;
    case 'MigrateWorkers':
      return many(mark.count, 'worker') + ' moved from ' + where + ' to ' + poolName(mark.to);
    case 'SurgeWorkersKept':
      return many(mark.count, 'surge worker') + ' of ' + where + (mark.count === 1 ? ' stays' : ' stay');
    case 'AddWorkers':
      return many(mark.count, 'worker') + ' added to ' + where;
    case 'RemoveWorkers':
      return many(mark.count, 'worker') + ' removed from ' + where;
    case 'AlertFiring':
      return 'Alert in ' + where;
    case 'AlertResolved':
      return 'Alert over in ' + where;
    default:
      return mark.kind + ' in ' + where + (mark.count ? ' (' + figure(mark.count) + ')' : '');
  }
}

/** Pairs each start with the next end of the same pool (or of the whole system) in the same run. */
export function surgesOf(marks: readonly Mark[], end: number): Surge[] {
  const running = new Map<string, Surge>();
  const surges: Surge[] = [];
  for (const { at, kind, pool, side } of marks) {
    const key = side + (pool === null ? '' : '/' + pool);
    const open = running.get(key);
    if (kind === 'SurgeStarted' && !open) {
      const surge = { start: at, end: Math.max(end, at), pool, side };
      running.set(key, surge);
      surges.push(surge);
    } else if (kind === 'SurgeEnded' && open) {
      open.end = at;
      running.delete(key);
    }
  }
  return surges;
}

/** Overlapping surges of a run as one stretch, so that their shades don't add up. */
export function stretchesOf(surges: readonly Surge[]): Surge[] {
  const stretches: Surge[] = [];
  const last = new Map<number, Surge>();
  for (const surge of [...surges].sort((a, b) => a.start - b.start)) {
    const open = last.get(surge.side);
    if (open && surge.start <= open.end) open.end = Math.max(open.end, surge.end);
    else {
      const stretch = { ...surge, pool: null };
      last.set(surge.side, stretch);
      stretches.push(stretch);
    }
  }
  return stretches;
}
