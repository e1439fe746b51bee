// What the settings ask of the core: a configuration, a workload, a seed.

import { fieldsOf, SIDE } from './fields';
import { sideOf, trafficOf, type State } from './state';

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonMap = { [key: string]: Json };

export interface Request {
  config: JsonMap;
  /** Without its trace, where that is a file. */
  workload: JsonMap;
  seed: number;
}

/** Text that isn't JSON, or isn't a map, where a map is asked for. */
export class BadText extends Error {
  constructor(
    /** The field it stands in. */
    readonly key: string,
    message: string,
  ) {
    super(message);
  }
}

/** What a side asks for. Fails with `BadText`. */
export function requestOf(state: State, side: 0 | 1): Request {
  const config = configOf(state, side);
  const settings = settingsOf(state, side);
  const workload: JsonMap = {
    ...sourceOf(state),
    ...(settings.length ? { set: settings } : {}),
    workers_start_delay_us: micros(sideOf(state, side, 'start_s'), 1e6),
    ...worldOf(state),
    ...map('workload', String(trafficOf(state, 'workload'))),
  };
  const policy = String(sideOf(state, side, 'policy'));
  if (policy !== 'heijunka') workload['policy'] = policyOf(policy);
  return { config, workload, seed: Number(trafficOf(state, 'seed')) };
}

/** The configuration of a side before its fields are set. Fails with `BadText`. */
export function configOf(state: State, side: 0 | 1): JsonMap {
  const written = map('json', String(sideOf(state, side, 'json') ?? ''));
  return { preset: String(sideOf(state, side, 'preset')), ...written };
}

/** The fields of the configuration that a side sets, as `path=value`. */
export function settingsOf(state: State, side: 0 | 1): string[] {
  return fieldsOf(SIDE).flatMap(({ key }) => {
    const value = key.includes('.') ? sideOf(state, side, key) : undefined;
    return value === undefined ? [] : [key + '=' + String(value)];
  });
}

/** A policy as the workload names it: the fixed one has its count from the mean demand. */
export function policyOf(name: string): Json {
  return name === 'fixed' ? { kind: 'fixed', for: 'mean' } : name === 'fixed_peak' ? { kind: 'fixed', for: 'peak' } : name;
}

function worldOf(state: State): JsonMap {
  const number = (key: string) => Number(trafficOf(state, key));
  const world: JsonMap = {};
  if (number('runs') !== 1) world['runs'] = number('runs');
  if (number('attempts') !== 1) {
    world['retries'] = { attempts: number('attempts'), backoff_us: micros(number('backoff_ms'), 1e3) };
  }
  if (number('crashes') !== 0) world['crashes_per_worker_hour'] = number('crashes');
  return world;
}

/** The domains of what is made here, with their shares of the rate: those of the default configuration. */
const DOMAINS: readonly (readonly [name: string, share: number])[] = [
  ['payment', 0.42],
  ['delivery', 0.28],
  ['notification', 0.24],
  ['critical_notification', 0.06],
];

function sourceOf(state: State): JsonMap {
  const source = String(trafficOf(state, 'source'));
  const duration_us = micros(trafficOf(state, 'hours'), 3600e6);
  switch (source) {
    case 'file':
      return {
        pools: String(trafficOf(state, 'pools')),
        ...(trafficOf(state, 'skip_bad') === true ? { skip_bad: true } : {}),
      };
    case 'demo':
      return { demo: true };
    case 'day':
      // Services short enough for the default pools to hold the busy hours.
      return made('diurnal', 200, 24 * 3600e6, { distribution: 'log_normal', mean_us: 200_000, variation: 0.5 });
    case 'own':
      return made(String(trafficOf(state, 'process')), Number(trafficOf(state, 'rate')), duration_us, service(state));
    default:
      return { profile: source, duration_us };
  }
}

function service(state: State): JsonMap {
  const mean_us = micros(trafficOf(state, 'service_ms'), 1e3);
  const distribution = String(trafficOf(state, 'distribution'));
  const more: JsonMap = distribution === 'log_normal' ? { variation: 0.8 } : distribution === 'pareto' ? { shape: 1.6 } : {};
  return { distribution, mean_us, ...more };
}

function made(process: string, rate: number, duration_us: number, service: JsonMap): JsonMap {
  const domains = DOMAINS.map(([name, share]): [string, Json] => {
    return [name, { arrivals: arrivals(process, rate * share, duration_us), service }];
  });
  return { domains: Object.fromEntries(domains), duration_us };
}

function arrivals(process: string, rate_per_s: number, duration_us: number): JsonMap {
  const middle_us = Math.round(duration_us / 2);
  switch (process) {
    case 'ramp':
      return { process, from_per_s: 0, to_per_s: 2 * rate_per_s };
    case 'diurnal':
      return { process, mean_per_s: rate_per_s, amplitude: 0.6, period_us: duration_us, peak_at_us: middle_us };
    case 'spike':
      return { process, rate_per_s, factor: 10, from_us: middle_us, to_us: middle_us + Math.round(duration_us / 20) };
    case 'mmpp':
      return {
        process,
        states: [
          { rate_per_s: 0.7 * rate_per_s, mean_us: 120e6 },
          { rate_per_s: 2.5 * rate_per_s, mean_us: 20e6 },
        ],
      };
    default:
      return { process, rate_per_s };
  }
}

function micros(value: unknown, unit: number): number {
  return Math.round(Number(value) * unit);
}

function map(key: string, text: string): JsonMap {
  if (!text.trim()) return {};
  let value: Json;
  try {
    value = JSON.parse(text) as Json;
  } catch (error) {
    throw new BadText(key, 'this isn’t JSON: ' + (error instanceof Error ? error.message : String(error)));
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new BadText(key, 'expected a JSON object: { … }');
  }
  return value;
}
