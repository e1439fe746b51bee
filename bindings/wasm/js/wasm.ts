// The wasm module: how it comes in, and its memory. One for all of the package.

import { type InitOutput, initSync as instantiate } from "./raw.js";

let exports: InitOutput | undefined;
let compiled: WebAssembly.Module | undefined;

/** Where a wasm module comes from: its bytes, the compiled module, a response, or an address to fetch. */
export type Source = BufferSource | WebAssembly.Module | Response | URL | string | PromiseLike<Response>;

/**
 * Loads the wasm module, once: needed before anything else of `heijunka/init`, and never of `heijunka`, which does it
 * by itself. The file is `heijunka/heijunka.wasm`.
 */
export async function init(source: Source): Promise<void> {
  if (exports === undefined) start(await compile(source));
}

/**
 * As `init`, of bytes or a compiled module, at once. A browser's main thread may refuse to compile large modules so.
 */
export function initSync(source: BufferSource | WebAssembly.Module): void {
  if (exports === undefined) {
    start(source instanceof WebAssembly.Module ? source : new WebAssembly.Module(source));
  }
}

async function compile(source: Source): Promise<WebAssembly.Module> {
  if (source instanceof WebAssembly.Module) return source;
  if (source instanceof ArrayBuffer || ArrayBuffer.isView(source)) return WebAssembly.compile(source);
  const response = await (typeof source === "string" || source instanceof URL ? fetch(source) : source);
  if (!response.ok) throw new Error(`\`${response.url}\` can't be loaded: ${response.status} ${response.statusText}`);
  // A server that doesn't know the type of wasm files is no reason to fail.
  const isWasm = response.headers.get("content-type")?.startsWith("application/wasm") ?? false;
  return isWasm ? WebAssembly.compileStreaming(response) : WebAssembly.compile(await response.arrayBuffer());
}

function start(module: WebAssembly.Module): void {
  exports = instantiate({ module });
  compiled = module;
}

/** Fails unless the module is loaded. @internal */
export function ready(): void {
  loaded();
}

function loaded(): InitOutput {
  if (exports === undefined) {
    throw new Error("the wasm module isn't loaded: import `heijunka`, or `await init(…)` of `heijunka/init` first");
  }
  return exports;
}

/** The compiled module, for a worker. @internal */
export function wasmModule(): WebAssembly.Module {
  loaded();
  return compiled as WebAssembly.Module;
}

/** Its memory as it is now: the buffer is another one when it has grown. @internal */
export function memory(): ArrayBuffer {
  return loaded().memory.buffer as ArrayBuffer;
}
