// What the core says of a configuration, led to the fields that it is about.

import { fieldsOf, SIDE, TRAFFIC } from '../state/fields';
import { BadText } from '../state/request';
import type { Problem } from './setup';

export interface Placed extends Problem {
  /** Whether it is about the traffic and not about a side. */
  traffic: boolean;
}

const SIDE_KEYS = new Set(fieldsOf(SIDE).map(({ key }) => key));
const WORKLOAD: Record<string, string> = {
  runs: 'runs',
  retries: 'attempts',
  crashes_per_worker_hour: 'crashes',
  duration_us: 'hours',
  domains: 'rate',
};
const TRAFFIC_KEYS = new Set(fieldsOf(TRAFFIC).map(({ key }) => key));

/**
 * What the core finds wrong, each where it can be mended. A field that the page has no control for is mended where
 * configurations are written, if something is written there.
 */
export function problemsOf(error: Error, written: boolean): Placed[] {
  if (error instanceof BadText) return [{ key: error.key, message: error.message, traffic: error.key !== 'json' }];
  const told = error as { problems?: readonly { path: string; message: string }[] };
  return (told.problems ?? []).map(({ path, message }): Placed => {
    const line = path ? path + ': ' + message : message;
    // Beside its field a problem needs no path.
    if (path === 'policy') return { key: 'policy', message, traffic: false };
    if (path.startsWith('workload.')) {
      const member = path.slice('workload.'.length).split(/[.[]/)[0] ?? '';
      if (member === 'policy') return { key: 'policy', message, traffic: false };
      if (member === 'workers_start_delay_us') return { key: 'start_s', message, traffic: false };
      const key = WORKLOAD[member] ?? member;
      const known = TRAFFIC_KEYS.has(key);
      if (member !== 'set') return { key: known ? key : 'workload', message: known ? message : line, traffic: true };
    }
    const field = [path, path.replace(/^pools\.(?:"[^"]*"|[^.]+)\./, 'pools.*.')].find((key) => SIDE_KEYS.has(key));
    return field ? { key: field, message, traffic: false } : { key: written ? 'json' : null, message: line, traffic: false };
  });
}
