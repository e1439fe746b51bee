// All of the package but the loading of its wasm modules.

export * from "./engine-api.js";
export { simulate } from "./simulate.js";
export { type AsyncWorkload, type Progress, type SimulateOptions, simulateAsync } from "./workers.js";
export * from "./workload.js";
