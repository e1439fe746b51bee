// What a page and its workers tell each other. Internal.

import type { Failure } from "./errors.js";
import type { Task } from "./simulate.js";

/** To a worker. */
export type Order =
  /** First of all: the compiled wasm module of simulations. */
  | { readonly type: "module"; readonly module: WebAssembly.Module }
  /** Simulate. With `fed`, the bytes of the trace follow. */
  | { readonly type: "run"; readonly id: number; readonly task: Task; readonly fed: boolean }
  /** The next bytes of the trace; none: that was all. */
  | { readonly type: "feed"; readonly id: number; readonly bytes: Uint8Array | null }
  /** Forget it. */
  | { readonly type: "cancel"; readonly id: number };

/** From a worker. */
export type Report =
  /** More bytes may come. */
  | { readonly type: "fed"; readonly id: number }
  | {
      readonly type: "progress";
      readonly id: number;
      readonly requests: number;
      readonly of: number | null;
      readonly share: number;
    }
  /** The outcome as JSON, and how much memory the worker holds. */
  | { readonly type: "done"; readonly id: number; readonly outcome: string; readonly memory: number }
  /** It failed; `broken`: the worker is of no more use. */
  | { readonly type: "failed"; readonly id: number; readonly failure: Failure; readonly broken: boolean };

/** The other side. */
export interface Port<In, Out> {
  post(message: Out): void;
  listen(hear: (message: In) => void): void;
  /** Calls back soon, once what was told meanwhile has been heard. */
  later(call: () => void): void;
}
