// The worker's side: runs simulations in slices, in turn, so that it hears what it is told in between.

import { HeijunkaError, toFailure, translated } from "./errors.js";
import type { Order, Port, Report } from "./protocol.js";
import { RawFeed, RawRun } from "./raw-whatif.js";
import { whatIfWasm } from "./wasm.js";

/** How long a slice should take, in milliseconds: as often there is progress, and somebody who cancels is heard. */
const SLICE_MS = 20;

interface Job {
  readonly id: number;
  feed: RawFeed | null;
  run: RawRun | null;
  /** How many requests a slice has. */
  requests: number;
}

/** Serves a page. */
export function serve(port: Port<Order, Report>): void {
  const jobs = new Map<number, Job>();
  let awake = false;

  function wake(): void {
    if (awake || ![...jobs.values()].some((job) => job.run !== null)) return;
    awake = true;
    port.later(() => {
      awake = false;
      for (const job of [...jobs.values()]) {
        if (job.run !== null) watched(job, slice);
      }
      wake();
    });
  }

  function slice(job: Job): void {
    const run = job.run as RawRun;
    const began = performance.now();
    if (run.advance(job.requests)) {
      const outcome = run.finish() as string;
      end(job);
      port.post({ type: "done", id: job.id, outcome, memory: whatIfWasm.memory().byteLength });
      return;
    }
    const took = Math.max(performance.now() - began, 0.1);
    // At most four times as many as before: the clock may be coarse.
    job.requests = Math.ceil(Math.min(job.requests * 4, Math.max(100, (job.requests * SLICE_MS) / took), 1e9));
    tell(job, run);
  }

  function tell(job: Job, run: RawRun): void {
    const of = run.of_requests();
    port.post({ type: "progress", id: job.id, requests: run.requests(), of: of < 0 ? null : of, share: run.share() });
  }

  function end(job: Job): void {
    jobs.delete(job.id);
    job.run?.free();
    job.feed?.free();
    job.run = job.feed = null;
  }

  /** Does something for a job; what goes wrong ends it. */
  function watched(job: Job, act: (job: Job) => void): void {
    try {
      act(job);
    } catch (thrown) {
      const error = translated(thrown);
      const known = error instanceof HeijunkaError ? error : new HeijunkaError("internal", String(error));
      const broken = known.reason === "internal";
      jobs.delete(job.id);
      if (!broken) end(job);
      port.post({ type: "failed", id: job.id, failure: toFailure(known), broken });
    }
  }

  port.listen((order) => {
    if (order.type === "module") {
      whatIfWasm.loadSync(order.module);
      return;
    }
    if (order.type === "run") {
      const { id, task, fed } = order;
      const job: Job = { id, feed: null, run: null, requests: 1000 };
      jobs.set(id, job);
      watched(job, () => {
        if (fed) {
          job.feed = new RawFeed(task.config, task.workload, task.seed);
          port.post({ type: "fed", id });
        } else {
          job.run = new RawRun(task.config, task.workload, task.seed);
        }
      });
    }
    const job = jobs.get(order.id);
    if (order.type === "cancel" && job !== undefined) end(job);
    if (order.type === "feed" && job?.feed) {
      const { feed } = job;
      const { bytes } = order;
      watched(job, () => {
        if (bytes !== null) {
          feed.feed(bytes);
          port.post({ type: "fed", id: job.id });
        } else {
          job.run = feed.finish() as RawRun;
          job.feed = null;
          feed.free();
        }
      });
    }
    wake();
  });
}
