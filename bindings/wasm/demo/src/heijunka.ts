// The package, as the page uses it.

import { Engine, HeijunkaError, simulate as simulateNow, simulateAsync, version as versionOf } from 'heijunka';

import type { Outcome } from './run/outcome';
import type { Options } from './run/runner';
import type { JsonMap, Request } from './state/request';

export { Engine, HeijunkaError };

export const version: string = typeof versionOf === 'function' ? (versionOf as () => string)() : versionOf;

/** Simulates off the main thread. */
export async function simulate({ config, workload, seed }: Request, options: Options): Promise<Outcome> {
  const { signal, onProgress } = options;
  const outcome = await simulateAsync(config, workload, {
    seed,
    signal,
    onProgress: ({ share, requests }: { share: number; requests: number }) => onProgress(share, requests),
  });
  return outcome as unknown as Outcome;
}

/** The configuration of a request with all its fields filled in, over these domains. */
export function resolved({ config, workload }: Request, domains: readonly string[]): JsonMap {
  const requests = domains.map((domain) => ({ arrival_us: 0, domain, service_us: 1 }));
  const { set } = workload;
  const outcome = simulateNow(config, { requests, pools: 'config', ...(set ? { set } : {}) }, 0);
  return (outcome as unknown as Outcome).config;
}

/** Whether an error is about the requests and not about a configuration. */
export function isTraceError(error: unknown): boolean {
  return error instanceof HeijunkaError && error.reason === 'invalid_trace';
}
