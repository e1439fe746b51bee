// The package, as the page uses it.

import { Engine, HeijunkaError, journalTrace, presets, resolveConfig, simulateAsync, version, type AsyncWorkload } from 'heijunka';

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
  try {
    const whole = (file ? { ...workload, trace: await traceOf(file) } : workload) as AsyncWorkload;
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

/** The traces of files that are journals. */
const traces = new WeakMap<File, Blob>();

/** A file as it is, or, if it is a journal, the requests that it tells of. */
async function traceOf(file: File): Promise<Blob> {
  const known = traces.get(file);
  if (known) return known;
  const journal = await journalIn(file);
  const trace = journal ? new Blob([new Uint8Array(journalTrace(journal))]) : file;
  traces.set(file, trace);
  return trace;
}

/** What a file holds, plain or gzip, if it is a journal. */
async function journalIn(file: File): Promise<Uint8Array | null> {
  const packed = startsWith(new Uint8Array(await file.slice(0, 2).arrayBuffer()), GZIP);
  const open = () => (packed ? file.stream().pipeThrough(new DecompressionStream('gzip')) : file.stream());
  const reader = open().getReader();
  const { value } = await reader.read();
  await reader.cancel();
  return value && startsWith(value, JOURNAL) ? new Uint8Array(await new Response(open()).arrayBuffer()) : null;
}

const GZIP = [0x1f, 0x8b];
/** A zero and `HJRNL`. */
const JOURNAL = [0, 0x48, 0x4a, 0x52, 0x4e, 0x4c];

function startsWith(bytes: Uint8Array, mark: readonly number[]): boolean {
  return mark.every((byte, index) => bytes[index] === byte);
}

/** The configuration of a side with all its fields filled in. Fails with a `HeijunkaError` or a `BadText`. */
export function resolved(state: State, side: 0 | 1): { [field: string]: unknown } {
  return { ...resolveConfig(configOf(state, side), { set: settingsOf(state, side) }) };
}

/** Whether an error is about the requests and not about a configuration. */
export function isTraceError(error: unknown): boolean {
  return error instanceof FileProblem || (error instanceof HeijunkaError && ['invalid_trace', 'invalid_journal'].includes(error.reason));
}
