// Workers of a page.

import type { Report } from "./protocol.js";
import { type WorkerLike, setWorkers } from "./workers.js";

/** Says that simulations go to Web Workers, made by `make` if that is given. @internal */
export function useWebWorkers(make?: () => Worker): void {
  // Bundlers look for `new Worker(new URL(…))` in one piece.
  const own = (): Worker => new Worker(new URL("./worker.js", import.meta.url), { type: "module", name: "heijunka" });
  const made = make ?? own;
  setWorkers((hear, lost): WorkerLike => {
    const worker = made();
    worker.onmessage = (event: MessageEvent<Report>) => hear(event.data);
    worker.onerror = (event) => {
      event.preventDefault();
      lost(`the worker of the simulation failed: ${event.message || "its script can't be loaded"}`);
    };
    worker.onmessageerror = () => lost("the worker of the simulation answered what can't be read");
    return { post: (order) => worker.postMessage(order), stop: () => worker.terminate(), hold: () => {} };
  }, globalThis.navigator?.hardwareConcurrency ?? 2);
}
