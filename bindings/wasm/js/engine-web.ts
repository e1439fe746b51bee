// `heijunka/engine` in browsers and bundlers: the package without simulations. Its wasm module is fetched while this
// module is loaded.

import { engineWasm } from "./wasm.js";

await engineWasm.load(new URL("./heijunka.wasm", import.meta.url));

export * from "./engine-api.js";
