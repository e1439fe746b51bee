// `heijunka/init`: the package without the loading of its wasm modules, for where those can't be found by themselves.

import { type Source, engineWasm, whatIfWasm } from "./wasm.js";
import { useWebWorkers } from "./web-workers.js";

export * from "./api.js";
export type { Source } from "./wasm.js";

/** What simulations need beside. */
export interface InitOptions<From = Source> {
  /** Their wasm module, as the first argument; the file is `heijunka/whatif.wasm`. If left out, there are none. */
  readonly whatIf?: From | undefined;
  /** Makes a worker that runs the module `heijunka/worker`; if left out, it is looked for beside this one. */
  readonly worker?: (() => Worker) | undefined;
}

/**
 * Loads the wasm module, once, before anything else is called: from its bytes, compiled, as a response or by its
 * address. The file is `heijunka/heijunka.wasm`.
 */
export async function init(source: Source, options: InitOptions = {}): Promise<void> {
  const { whatIf, worker } = options;
  await Promise.all([engineWasm.load(source), whatIf === undefined ? undefined : whatIfWasm.load(whatIf)]);
  if (typeof Worker !== "undefined") useWebWorkers(worker);
}

/** As `init`, of bytes or compiled modules, at once. A browser's main thread may refuse to compile large ones so. */
export function initSync(
  source: BufferSource | WebAssembly.Module,
  options: InitOptions<BufferSource | WebAssembly.Module> = {},
): void {
  engineWasm.loadSync(source);
  if (options.whatIf !== undefined) whatIfWasm.loadSync(options.whatIf);
  if (typeof Worker !== "undefined") useWebWorkers(options.worker);
}
