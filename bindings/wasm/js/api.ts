// All of the package but the loading of its wasm module.

export type * from "./answers.js";
export type { Class, Key } from "./arguments.js";
export type * from "./documents.js";
export { journalRecords, journalReplay, journalVerify } from "./journal.js";
export type * from "./journal.js";
export { Engine, type Domain, type Pool } from "./engine.js";
export { ERROR_CODES, HeijunkaError, type ErrorReason, type Problem } from "./errors.js";
export {
  PRESET_NAMES,
  baselineCostPerYear,
  presets,
  resolveConfig,
  surgeCostPerYear,
  version,
} from "./module.js";
export { simulate } from "./simulate.js";
export { EFFECT_KINDS, REASONS, type EffectKind, type Reason } from "./words.js";
export { type AsyncWorkload, type Progress, type SimulateOptions, simulateAsync } from "./workers.js";
export * from "./workload.js";
