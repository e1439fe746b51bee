// What there is without simulations, but for the loading of the wasm module.

export type * from "./answers.js";
export type { Class, Key } from "./arguments.js";
export type * from "./documents.js";
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
export { EFFECT_KINDS, REASONS, type EffectKind, type Reason } from "./words.js";
