// Every policy on the same traffic.

import type { Request } from '../state/request';
import { policyOf, requestOf } from '../state/request';
import type { State } from '../state/state';
import { sideOf, withSide } from '../state/state';
import { refusedOrLate } from './figures';
import type { Outcome } from './outcome';

export interface Contender {
  key: string;
  label: string;
  /** The settings it runs with, in a word. */
  note: string;
  request: Request;
}

/** The places of a waiting line where nothing else is set: the same for all, as `heijunka compare` has it. */
export const WAITING = 1000;

/** Those who compete: the engine with its presets, and other autoscalers over the pools of configuration A. */
export function contendersOf(state: State): Contender[] {
  const lined = sideOf(state, 0, 'pools.*.max_waiting') === undefined ? withSide(state, 0, 'pools.*.max_waiting', WAITING) : state;
  const of = (key: string, label: string, note: string, preset: string | null, policy: string): Contender => {
    const chosen = preset === null ? lined : withSide(lined, 0, 'preset', preset);
    const request = requestOf(withSide(chosen, 0, 'policy', 'heijunka'), 0);
    if (policy !== 'heijunka') request.workload['policy'] = policyOf(policy);
    return { key, label, note, request };
  };
  return [
    of('adaptive', 'Heijunka, adaptive', 'staffing by the expected wait', 'adaptive', 'heijunka'),
    of('classic', 'Heijunka, classic', 'one worker up or down', 'classic', 'heijunka'),
    of('fixed', 'Fixed, mean', 'the mean demand at 70 %', null, 'fixed'),
    of('fixed_peak', 'Fixed, peak', 'the busiest minute at 70 %', null, 'fixed_peak'),
    of('hpa', 'Kubernetes HPA', 'ceil(workers × metric / target)', null, 'hpa'),
    of('kpa', 'Knative KPA', 'stable and panic windows', null, 'kpa'),
    of('celery', 'Celery', 'as many as are reserved', null, 'celery'),
    of('clairvoyant', 'Clairvoyant', 'knows the future: a bound', null, 'clairvoyant'),
  ];
}

export interface Standing {
  contender: Contender;
  outcome: Outcome;
  share: number;
  hours: number;
  /** Worker-hours as a multiple of the clairvoyant plan's. */
  times: number | null;
  /** Nobody but the clairvoyant one has both fewer refused or late and fewer worker-hours. */
  frontier: boolean;
}

/** The table of those whose outcome is known. */
export function standingsOf(contenders: readonly Contender[], outcomes: readonly (Outcome | null)[]): Standing[] {
  const known = contenders.flatMap((contender, i) => {
    const outcome = outcomes[i];
    if (!outcome) return [];
    return [{ contender, outcome, share: refusedOrLate(outcome.summary) ?? 0, hours: outcome.summary.worker_hours.total }];
  });
  const bound = known.find(({ contender }) => contender.key === 'clairvoyant')?.hours;
  const rivals = known.filter(({ contender }) => contender.key !== 'clairvoyant');
  return known.map((one) => ({
    ...one,
    times: bound ? one.hours / bound : null,
    frontier: !rivals.some(({ share, hours }) => share < one.share && hours < one.hours),
  }));
}
