// The script of a Web Worker.

import { serve } from "./runner.js";
import type { Order, Report } from "./protocol.js";

const scope = globalThis as unknown as {
  postMessage(message: Report): void;
  onmessage: ((event: { data: Order }) => void) | null;
};

// A message to oneself comes after those that are there already, and isn't held back as timers are.
const { port1, port2 } = new MessageChannel();

serve({
  post: (message) => scope.postMessage(message),
  listen: (hear) => {
    scope.onmessage = (event) => hear(event.data);
  },
  later: (call) => {
    port2.onmessage = call;
    port1.postMessage(null);
  },
});
