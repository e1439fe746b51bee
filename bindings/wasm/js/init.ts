// `heijunka/init`: the package without the loading of its wasm module, for where that can't be found by itself.

import { type Source, init as load, initSync as loadSync } from "./wasm.js";
import { useWebWorkers } from "./web-workers.js";

export * from "./api.js";
export type { Source } from "./wasm.js";

/** How simulations get their workers. */
export interface InitOptions {
  /** Makes a worker that runs the module `heijunka/worker`; if left out, it is looked for beside this one. */
  readonly worker?: (() => Worker) | undefined;
}

/**
 * Loads the wasm module, once, before anything else is called: from its bytes, compiled, as a response or by its
 * address. The file is `heijunka/heijunka.wasm`.
 */
export async function init(source: Source, options: InitOptions = {}): Promise<void> {
  await load(source);
  if (typeof Worker !== "undefined") useWebWorkers(options.worker);
}

/** As `init`, of bytes or a compiled module, at once. */
export function initSync(source: BufferSource | WebAssembly.Module, options: InitOptions = {}): void {
  loadSync(source);
  if (typeof Worker !== "undefined") useWebWorkers(options.worker);
}
