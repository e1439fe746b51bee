// What needs no engine: configurations, costs, the version.

import { checkNumber, documentText, wrongType } from "./arguments.js";
import type { Config, ConfigInput, PresetName } from "./documents.js";
import { attempt } from "./errors.js";
import {
  baseline_cost_per_year as baselineCost,
  resolve_config as resolve,
  surge_cost_per_year as surgeCost,
} from "./raw.js";

/** The version of this package. */
export const version = "0.0.0";

/** The names of the presets: `classic`, the defaults, and `adaptive`. */
export const PRESET_NAMES: readonly PresetName[] = Object.freeze(["classic", "adaptive"]);

/**
 * The full configuration that a configuration stands for: checked, every default filled in. `preset` replaces its own;
 * `set` are `path=value` texts, applied after that. Throws `invalid_config` with everything that is wrong.
 */
export function resolveConfig(
  config?: ConfigInput | string | null,
  options: { readonly preset?: PresetName | undefined; readonly set?: readonly string[] | undefined } = {},
): Config {
  const text = documentText("config", config, "");
  const { preset, set = [] } = options;
  if (preset !== undefined && typeof preset !== "string") throw wrongType("preset", "text", preset);
  if (!Array.isArray(set)) throw wrongType("set", "a list of `path=value` texts", set);
  for (const [index, setting] of set.entries()) {
    if (typeof setting !== "string") throw wrongType(`set[${index}]`, "text", setting);
  }
  return JSON.parse(attempt(() => resolve(text, preset, [...set]))) as Config;
}

/** The full configurations of the presets, made anew at each look. */
export const presets: Readonly<Record<PresetName, Config>> = Object.freeze({
  get classic(): Config {
    return resolveConfig({ preset: "classic" });
  },
  get adaptive(): Config {
    return resolveConfig({ preset: "adaptive" });
  },
});

/** A year's bill of surges, in money: two a day at $2.50 are $1,825. Throws `out_of_range`. */
export function surgeCostPerYear(surgesPerDay: number, costPerSurge: number): number {
  checkNumber("surgesPerDay", surgesPerDay);
  checkNumber("costPerSurge", costPerSurge);
  return attempt(() => surgeCost(surgesPerDay, costPerSurge));
}

/** A year's bill of permanent workers, in money: one at $1.00 an hour is $8,760. Throws `out_of_range`. */
export function baselineCostPerYear(workers: number, pricePerHour: number): number {
  checkNumber("workers", workers);
  checkNumber("pricePerHour", pricePerHour);
  return attempt(() => baselineCost(workers, pricePerHour));
}
