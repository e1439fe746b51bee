// The wasm modules: how they come in, and their memory. One of each for all of the package: the engine's and, for
// simulations, that of what-if, which has an engine of its own inside.

import { type InitOutput as Engine, initSync as startEngine } from "./raw.js";
import { type InitOutput as WhatIf, initSync as startWhatIf } from "./raw-whatif.js";

/** Where a wasm module comes from: its bytes, the compiled module, a response, or an address to fetch. */
export type Source = BufferSource | WebAssembly.Module | Response | URL | string | PromiseLike<Response>;

/** A wasm module and whether it is loaded. @internal */
export class Loadable {
  readonly #instantiate: (module: WebAssembly.Module) => { readonly memory: WebAssembly.Memory };
  readonly #missing: string;
  #read: (() => BufferSource) | undefined;
  #memory: WebAssembly.Memory | undefined;
  #compiled: WebAssembly.Module | undefined;

  /** `missing` is said to whom it is missing. */
  constructor(
    instantiate: (module: WebAssembly.Module) => { readonly memory: WebAssembly.Memory },
    missing: string,
  ) {
    this.#instantiate = instantiate;
    this.#missing = missing;
  }

  /** Loads it, once. */
  async load(source: Source): Promise<void> {
    if (this.#memory === undefined) this.#start(await compile(source));
  }

  /** As `load`, of bytes or a compiled module, at once. A browser's main thread may refuse to compile large ones so. */
  loadSync(source: BufferSource | WebAssembly.Module): void {
    if (this.#memory === undefined) {
      this.#start(source instanceof WebAssembly.Module ? source : new WebAssembly.Module(source));
    }
  }

  /** Has it loaded from what `read` answers, once it is needed. */
  loadLater(read: () => BufferSource): void {
    this.#read = read;
  }

  /** Fails unless it is loaded, or can be. */
  ready(): void {
    this.#loaded();
  }

  /** The compiled module, for a worker. */
  module(): WebAssembly.Module {
    this.#loaded();
    return this.#compiled as WebAssembly.Module;
  }

  /** Its memory as it is now: the buffer is another one when it has grown. */
  memory(): ArrayBuffer {
    return this.#loaded().buffer as ArrayBuffer;
  }

  #loaded(): WebAssembly.Memory {
    if (this.#memory === undefined && this.#read !== undefined) this.loadSync(this.#read());
    if (this.#memory === undefined) throw new Error(this.#missing);
    return this.#memory;
  }

  #start(module: WebAssembly.Module): void {
    this.#memory = this.#instantiate(module).memory;
    this.#compiled = module;
    this.#read = undefined;
  }
}

/** @internal */
export const engineWasm = new Loadable(
  (module): Engine => startEngine({ module }),
  "the wasm module isn't loaded: import `heijunka`, or `await init(…)` of `heijunka/init` first",
);

/** @internal */
export const whatIfWasm = new Loadable(
  (module): WhatIf => startWhatIf({ module }),
  "the wasm module of simulations isn't loaded: import `heijunka`, or hand `whatIf` to `init(…)` of `heijunka/init`",
);

async function compile(source: Source): Promise<WebAssembly.Module> {
  if (source instanceof WebAssembly.Module) return source;
  if (source instanceof ArrayBuffer || ArrayBuffer.isView(source)) return WebAssembly.compile(source);
  const response = await (typeof source === "string" || source instanceof URL ? fetch(source) : source);
  if (!response.ok) throw new Error(`\`${response.url}\` can't be loaded: ${response.status} ${response.statusText}`);
  // A server that doesn't know the type of wasm files is no reason to fail.
  const isWasm = response.headers.get("content-type")?.startsWith("application/wasm") ?? false;
  return isWasm ? WebAssembly.compileStreaming(response) : WebAssembly.compile(await response.arrayBuffer());
}
