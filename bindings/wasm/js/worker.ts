// The script of a Web Worker.

import { serve } from "./runner.js";
import type { Order, Report } from "./protocol.js";

const scope = globalThis as unknown as {
  postMessage(message: Report): void;
  onmessage: ((event: { data: Order }) => void) | null;
};

serve({
  post: (message) => scope.postMessage(message),
  listen: (hear) => {
    scope.onmessage = (event) => hear(event.data);
  },
});
