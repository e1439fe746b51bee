// `heijunka` in Node: the engine's wasm module is read while this module is loaded, that of simulations when the first
// of them is run.

import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";

import "./engine-node.js";
import { whatIfWasm } from "./wasm.js";
import { setWorkers } from "./workers.js";

whatIfWasm.loadLater(() => readFileSync(new URL("./whatif.wasm", import.meta.url)));

setWorkers((hear, lost) => {
  // What this program was started with (`--input-type`, a debugger's port) isn't the worker's.
  const script = new URL("./worker-node.js", import.meta.url);
  const worker = new Worker(script, { name: "heijunka", execArgv: [] });
  worker.on("message", hear);
  worker.on("error", (error) => lost(`the worker of the simulation failed: ${String(error)}`));
  worker.on("exit", () => lost("the worker of the simulation has ended"));
  worker.unref();
  return {
    post: (order) => worker.postMessage(order),
    stop: () => void worker.terminate(),
    // A program may end while workers are kept, but not while one is running.
    hold: (running) => (running ? worker.ref() : worker.unref()),
  };
}, availableParallelism());

export * from "./api.js";
