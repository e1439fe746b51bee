// `heijunka` in browsers and bundlers: the wasm module is fetched while this module is loaded.

import { init } from "./wasm.js";
import { useWebWorkers } from "./web-workers.js";

await init(new URL("./heijunka.wasm", import.meta.url));
useWebWorkers();

export * from "./api.js";
