// `heijunka` in browsers and bundlers: the wasm modules are fetched while this module is loaded.

import { engineWasm, whatIfWasm } from "./wasm.js";
import { useWebWorkers } from "./web-workers.js";

await Promise.all([
  engineWasm.load(new URL("./heijunka.wasm", import.meta.url)),
  whatIfWasm.load(new URL("./whatif.wasm", import.meta.url)),
]);
useWebWorkers();

export * from "./api.js";
