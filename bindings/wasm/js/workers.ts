// This side: simulations off the thread, in workers that are kept for the next ones.

import { kindOf } from "./arguments.js";
import type { ConfigInput } from "./documents.js";
import { fromFailure, HeijunkaError } from "./errors.js";
import type { Order, Report } from "./protocol.js";
import { type Task, taskOf } from "./simulate.js";
import { whatIfWasm } from "./wasm.js";
import type { SimulationResult, Workload } from "./workload.js";

/** How far a simulation is. */
export interface Progress {
  /** `reading` the trace, where it is a stream or a file, then `running`. */
  readonly stage: "reading" | "running";
  /** What of the stage is done, from 0 to 1. Of a stream, which doesn't say how long it is, 0 while it is read. */
  readonly share: number;
  /** Requests that have arrived, of all seeds together. */
  readonly requests: number;
  /** How many will arrive; null: that isn't known. */
  readonly of: number | null;
}

/** How to run a simulation. */
export interface SimulateOptions {
  /** A whole number below 2^53, or a bigint below 2^64; 1 if left out. */
  readonly seed?: number | bigint | undefined;
  /** Told now and then how far it is. What it throws ends the simulation. */
  readonly onProgress?: ((progress: Progress) => void) | null | undefined;
  /**
   * Ends the simulation: the promise is rejected with the signal's reason, an `AbortError` unless another was given.
   */
  readonly signal?: AbortSignal | null | undefined;
}

/** A workload whose trace may also be a file or a stream of bytes; what is compressed by gzip is unpacked. */
export type AsyncWorkload = Omit<Workload, "trace"> & {
  readonly trace?: string | Uint8Array | Blob | ReadableStream<Uint8Array>;
};

/** A worker, whatever it is made of. @internal */
export interface WorkerLike {
  post(order: Order): void;
  stop(): void;
  /** Whether the program may end although it is there. */
  hold(running: boolean): void;
}

/** Makes a worker. `lost` is told when it can't go on. @internal */
export type Spawn = (hear: (report: Report) => void, lost: (why: string) => void) => WorkerLike;

let spawn: Spawn | undefined;
let most = 1;

/** Says how workers are made, and how many there may be. @internal */
export function setWorkers(how: Spawn, parallelism: number): void {
  spawn = how;
  most = Math.max(1, Math.min(parallelism, 4));
}

/** A worker that holds more than this isn't kept: wasm memory never shrinks. */
const KEPT_BYTES = 256 * 1024 * 1024;

interface Job {
  readonly hear: (report: Report) => void;
  readonly fail: (error: unknown) => void;
}

class Host {
  readonly jobs = new Map<number, Job>();
  readonly #worker: WorkerLike;

  constructor(make: Spawn) {
    this.#worker = make(
      (report) => this.#hear(report),
      (why) => this.#end(new HeijunkaError("internal", why)),
    );
    hosts.add(this);
    this.#worker.post({ type: "module", module: whatIfWasm.module() });
  }

  start(id: number, job: Job, task: Task, fed: boolean): void {
    this.jobs.set(id, job);
    this.#worker.hold(true);
    this.post({ type: "run", id, task, fed });
  }

  post(order: Order): void {
    this.#worker.post(order);
  }

  finish(id: number): void {
    this.jobs.delete(id);
    if (this.jobs.size === 0) this.#worker.hold(false);
  }

  #hear(report: Report): void {
    this.jobs.get(report.id)?.hear(report);
    if (report.type === "failed" && report.broken) {
      this.#end(new HeijunkaError("internal", "the worker broke down in another simulation"));
    } else if (report.type === "done" && report.memory > KEPT_BYTES && this.jobs.size === 0) {
      this.#end(null);
    }
  }

  #end(why: HeijunkaError | null): void {
    hosts.delete(this);
    this.#worker.stop();
    for (const job of [...this.jobs.values()]) job.fail(why);
    this.jobs.clear();
  }
}

const hosts = new Set<Host>();
let lastId = 0;

/** The least busy worker; a new one when all are busy and there may be more. */
function host(): Host {
  if (spawn === undefined) throw new Error("there are no workers here; `simulate` runs on this thread");
  let least: Host | undefined;
  for (const one of hosts) {
    if (least === undefined || one.jobs.size < least.jobs.size) least = one;
  }
  return least === undefined || (least.jobs.size > 0 && hosts.size < most) ? new Host(spawn) : least;
}

/**
 * As `simulate`, in a worker: nothing stops meanwhile, there is progress, and it can be cancelled. Several may run at
 * once, in as many workers as there are processors (at most 4); the workers are kept for the next ones.
 *
 * The trace of the workload may also be a `Blob` (so a `File`) or a stream of bytes, plain or compressed by gzip. It is
 * read piece by piece, so that it may be larger than text can be.
 */
export async function simulateAsync(
  config: ConfigInput | string | null | undefined,
  workload: AsyncWorkload | string,
  options: SimulateOptions = {},
): Promise<SimulationResult> {
  const { seed = 1, onProgress, signal } = options;
  if (onProgress !== undefined && onProgress !== null && typeof onProgress !== "function") {
    throw new TypeError(`\`onProgress\` must be a function, not ${kindOf(onProgress)}`);
  }
  const task = taskOf(config, workload, seed);
  const bytes = streamOf(workload);
  signal?.throwIfAborted();
  const outcome = await run(task, bytes, onProgress ?? null, signal ?? null);
  return JSON.parse(outcome) as SimulationResult;
}

function run(
  task: Task,
  bytes: Bytes | null,
  onProgress: ((progress: Progress) => void) | null,
  signal: AbortSignal | null,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const worker = host();
    const id = (lastId += 1);
    const reader = bytes?.stream.getReader();
    let read = 0;
    let over = false;

    const end = (): void => {
      over = true;
      worker.finish(id);
      signal?.removeEventListener("abort", abort);
      // What is left of a stream isn't needed; that it can't be cancelled is nobody's concern.
      void reader?.cancel().catch(() => {});
    };
    const fail = (error: unknown): void => {
      if (over) return;
      end();
      reject(error);
    };
    const stop = (error: unknown): void => {
      if (over) return;
      worker.post({ type: "cancel", id });
      fail(error);
    };
    const abort = (): void => stop(signal?.reason);
    const tell = (progress: Progress): void => {
      try {
        onProgress?.(progress);
      } catch (error) {
        stop(error);
      }
    };
    const feed = async (): Promise<void> => {
      const { done, value } = await (reader as ReadableStreamDefaultReader<Uint8Array>).read();
      if (over) return;
      if (!done && !(value instanceof Uint8Array)) {
        throw new TypeError(`the stream of \`workload.trace\` must give bytes, not ${kindOf(value)}`);
      }
      read += value?.length ?? 0;
      if (!done) tell({ stage: "reading", share: shareOf(read, bytes?.size ?? null), requests: 0, of: null });
      if (!over) worker.post({ type: "feed", id, bytes: done ? null : value });
    };
    const hear = (report: Report): void => {
      if (over) return;
      switch (report.type) {
        case "fed":
          feed().catch(stop);
          break;
        case "progress":
          tell({ stage: "running", share: report.share, requests: report.requests, of: report.of });
          break;
        case "done":
          end();
          resolve(report.outcome);
          break;
        case "failed":
          fail(fromFailure(report.failure));
          break;
      }
    };

    signal?.addEventListener("abort", abort, { once: true });
    worker.start(id, { hear, fail }, task, bytes !== null);
  });
}

function shareOf(read: number, size: number | null): number {
  return size === null ? 0 : Math.min(1, read / Math.max(1, size));
}

interface Bytes {
  readonly stream: ReadableStream<Uint8Array>;
  /** How many there are, if that is known. */
  readonly size: number | null;
}

function streamOf(workload: AsyncWorkload | string): Bytes | null {
  const trace = typeof workload === "object" && workload !== null ? workload.trace : undefined;
  if (typeof trace !== "object" || trace === null) return null;
  if (trace instanceof Uint8Array) {
    const blob = new Blob([trace as Uint8Array<ArrayBuffer>]);
    return unpacked(blob.stream(), blob.size);
  }
  if (trace instanceof Blob) return unpacked(trace.stream(), trace.size);
  if (trace instanceof ReadableStream) return unpacked(trace, null);
  const expected = "text, a Uint8Array, a Blob or a ReadableStream";
  throw new TypeError(`\`workload.trace\` must be ${expected}, not ${kindOf(trace)}`);
}

/** The bytes as they are, or unpacked when they begin as gzip does. The size is that before. */
function unpacked(packed: ReadableStream<Uint8Array>, size: number | null): Bytes {
  let reader: ReadableStreamDefaultReader<Uint8Array>;
  const stream = new ReadableStream<Uint8Array>({
    async start(controller) {
      reader = packed.getReader();
      const head: Uint8Array[] = [];
      let known = 0;
      while (known < 2) {
        const { done, value } = await reader.read();
        if (done) break;
        head.push(value);
        known += value.length;
      }
      const first = head.flatMap((piece) => [...piece.subarray(0, 2)]);
      if (first[0] === 0x1f && first[1] === 0x8b) {
        const unzip = new DecompressionStream("gzip") as ReadableWritablePair<Uint8Array, Uint8Array>;
        reader = restOf(head, reader).pipeThrough(unzip).getReader();
      } else {
        for (const piece of head) controller.enqueue(piece);
      }
    },
    async pull(controller) {
      const { done, value } = await reader.read();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel: (reason) => reader.cancel(reason),
  });
  return { stream, size };
}

function restOf(
  head: readonly Uint8Array[],
  reader: ReadableStreamDefaultReader<Uint8Array>,
): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>({
    start(controller) {
      for (const piece of head) controller.enqueue(piece);
    },
    async pull(controller) {
      const { done, value } = await reader.read();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel: (reason) => reader.cancel(reason),
  });
}
