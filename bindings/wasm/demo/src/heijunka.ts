// The package, as the page uses it.

import { Engine, HeijunkaError, presets, resolveConfig, simulateAsync, version, type AsyncWorkload } from 'heijunka';

import type { Outcome } from './run/outcome';
import type { Options } from './run/runner';
import { configOf, settingsOf, type Request } from './state/request';
import type { State } from './state/state';

export { Engine, HeijunkaError, presets, version };

/** A file that can't be read, or unpacked. */
export class FileProblem extends Error {}

/** Simulates off the main thread; `file` is the trace, where there is one. */
export async function simulate(request: Request, file: File | null, options: Options): Promise<Outcome> {
  const { config, workload, seed } = request;
  const whole = (file ? { ...workload, trace: file } : workload) as AsyncWorkload;
  try {
    const outcome: unknown = await simulateAsync(config, whole, {
      seed,
      signal: options.signal,
      onProgress: ({ stage, share, requests }) => options.onProgress(stage === 'reading' ? 0 : share, requests),
    });
    return outcome as Outcome;
  } catch (error) {
    // What a stream says of damaged data differs from browser to browser.
    if (!file || error instanceof HeijunkaError || options.signal.aborted) throw error;
    const why = error instanceof Error && error.message ? ': ' + error.message : '';
    throw new FileProblem(/\.gz$/i.test(file.name) ? 'The gzip data is damaged or ends too early' + why : 'It can’t be read' + why);
  }
}

/** The configuration of a side with all its fields filled in. Fails with a `HeijunkaError` or a `BadText`. */
export function resolved(state: State, side: 0 | 1): { [field: string]: unknown } {
  return { ...resolveConfig(configOf(state, side), { set: settingsOf(state, side) }) };
}

/** Whether an error is about the requests and not about a configuration. */
export function isTraceError(error: unknown): boolean {
  return error instanceof FileProblem || (error instanceof HeijunkaError && error.reason === 'invalid_trace');
}
