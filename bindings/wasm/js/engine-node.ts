// `heijunka/engine` in Node: the package without simulations. Its wasm module is read while this module is loaded.

import { readFileSync } from "node:fs";

import { engineWasm } from "./wasm.js";

engineWasm.loadSync(readFileSync(new URL("./heijunka.wasm", import.meta.url)));

export * from "./engine-api.js";
