// The script of a worker thread of Node.

import { parentPort } from "node:worker_threads";

import { serve } from "./runner.js";
import type { Order } from "./protocol.js";

const parent = parentPort;
if (parent === null) throw new Error("this is the script of a worker thread");
serve({
  post: (message) => parent.postMessage(message),
  listen: (hear) => {
    parent.on("message", (order: Order) => hear(order));
  },
  later: (call) => void setImmediate(call),
});
