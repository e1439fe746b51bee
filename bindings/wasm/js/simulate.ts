// Simulations on this thread: simple, and nothing else happens meanwhile.

import { documentText, kindOf } from "./arguments.js";
import type { ConfigInput } from "./documents.js";
import { HeijunkaError, attempt } from "./errors.js";
import { RawFeed, RawRun } from "./raw-whatif.js";
import { whatIfWasm } from "./wasm.js";
import type { SimulationResult, Workload } from "./workload.js";

/**
 * Simulates a workload on a configuration, and answers when it has run: a day of traffic takes about a second. The same
 * arguments give the same outcome, bit for bit, in every language.
 *
 * The workload is an object, or JSON or TOML text. `seed` is a whole number below 2^53, or a bigint below 2^64. Nothing
 * else happens on the thread meanwhile: in a page, take `simulateAsync`.
 *
 * Throws `invalid_config` (of the workload as well) or `invalid_trace`.
 */
export function simulate(
  config: ConfigInput | string | null | undefined,
  workload: Workload | string,
  seed: number | bigint = 1,
): SimulationResult {
  const task = taskOf(config, workload, seed);
  const bytes = bytesOf(workload);
  const outcome = attempt(() => {
    if (bytes === null) return using(new RawRun(task.config, task.workload, task.seed), (run) => run.finish());
    const run = using(new RawFeed(task.config, task.workload, task.seed), (feed) => {
      feed.feed(bytes);
      return feed.finish() as RawRun;
    });
    return using(run, (run) => run.finish());
  }, whatIfWasm);
  return JSON.parse(outcome as string) as SimulationResult;
}

/** Uses something of the wasm module, and frees it. @internal */
export function using<T extends { free(): void }, A>(thing: T, use: (thing: T) => A): A {
  try {
    return use(thing);
  } finally {
    thing.free();
  }
}

/** A simulation as the wasm module takes it. @internal */
export interface Task {
  readonly config: string;
  /** Its trace, if it has one that isn't text, is still to come. */
  readonly workload: string;
  readonly seed: bigint;
}

/** @internal */
export function taskOf(
  config: ConfigInput | string | null | undefined,
  workload: object | string,
  seed: number | bigint,
): Task {
  const checked = documentText("config", config, "");
  const trace: unknown = (workload as { trace?: unknown } | null | undefined)?.trace;
  if (typeof workload === "object" && typeof trace === "object" && trace !== null) {
    // Bytes follow by themselves.
    workload = { ...workload, trace: "" };
  }
  const text = documentText("workload", workload ?? false, "workload");
  return { config: checked, workload: text, seed: seedOf(seed) };
}

/** The bytes of a trace that are at hand. @internal */
export function bytesOf(workload: Workload | string): Uint8Array | null {
  const trace = typeof workload === "object" ? workload.trace : undefined;
  if (typeof trace !== "object" || trace === null) return null;
  if (!(trace instanceof Uint8Array)) {
    throw new TypeError(`\`workload.trace\` must be text or a Uint8Array, not ${kindOf(trace)}`);
  }
  return trace;
}

function seedOf(seed: number | bigint): bigint {
  if (typeof seed === "bigint" ? seed >= 0n && seed < 1n << 64n : Number.isSafeInteger(seed) && seed >= 0) {
    return BigInt(seed);
  }
  if (typeof seed !== "number" && typeof seed !== "bigint") {
    throw new TypeError(`\`seed\` must be a number or a bigint, not ${kindOf(seed)}`);
  }
  const most = "a whole number from 0 to 9007199254740991, or a bigint below 2^64";
  throw new HeijunkaError("out_of_range", `\`seed\` = ${seed} is out of range: it must be ${most}`);
}
