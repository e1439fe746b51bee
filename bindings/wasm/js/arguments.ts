// Arguments: the types are checked here, the numbers behind the door, in the wasm module.

import { HeijunkaError, type Problem, translated } from "./errors.js";
import { resolve_config } from "./raw.js";
import { jsonOfToml } from "./toml.js";

/** The class of a request: `critical` is refused last, `sheddable` first. */
export type Class = "critical" | "normal" | "sheddable";

/** What belongs together (a customer, a session): any bytes, or the UTF-8 bytes of text. */
export type Key = string | Uint8Array;

/** The class for the wasm module; 0: the domain's own. @internal */
export function classNumber(cls: Class | null | undefined): number {
  switch (cls) {
    case undefined:
    case null:
      return 0;
    case "critical":
      return 1;
    case "normal":
      return 2;
    case "sheddable":
      return 3;
    default: {
      const given = typeof cls === "string" ? `\`${shorten(cls)}\`` : kindOf(cls);
      throw new TypeError(`\`cls\` must be "critical", "normal" or "sheddable", not ${given}`);
    }
  }
}

/** @internal */
export function wrongType(subject: string, expected: string, value: unknown): TypeError {
  return new TypeError(`\`${subject}\` must be ${expected}, not ${kindOf(value)}`);
}

/** @internal */
export function checkNumber(subject: string, value: unknown): void {
  if (typeof value !== "number") throw wrongType(subject, "a number", value);
}

/** @internal */
export function checkBytes(subject: string, value: unknown): void {
  if (!(value instanceof Uint8Array)) throw wrongType(subject, "a Uint8Array", value);
}

/** @internal */
export function checkFlag(subject: string, value: unknown): void {
  if (typeof value !== "boolean") throw wrongType(subject, "true or false", value);
}

/** @internal */
export function kindOf(value: unknown): string {
  if (value === null) return "null";
  if (typeof value !== "object") return typeof value === "undefined" ? "undefined" : `a ${typeof value}`;
  const name = (value as { constructor?: { name?: unknown } }).constructor?.name;
  return typeof name === "string" && name !== "" ? `an object of type ${shorten(name)}` : "an object";
}

function shorten(text: string): string {
  const letters = [...text.slice(0, 120)];
  return letters.length > 60 ? `${letters.slice(0, 60).join("")}…` : text;
}

/** Worker ids as the wasm module takes them. @internal */
export function workerIds(subject: string, ids: Iterable<number>): Float64Array {
  if (typeof ids !== "object" || ids === null || typeof ids[Symbol.iterator] !== "function") {
    throw wrongType(subject, "a list of worker ids", ids);
  }
  const list = [...ids];
  list.forEach((id, index) => {
    if (typeof id !== "number") throw wrongType(`${subject}[${index}]`, "a number", id);
  });
  // More than there can be workers. It is told here, so that no call runs out of memory.
  if (list.length > 0xff_ffff) {
    const message = `\`${subject}\` has ${list.length} ids: there are never more than 16777215`;
    throw new HeijunkaError("out_of_range", message);
  }
  return Float64Array.from(list);
}

/** How deep lists and maps may be nested; the core's own limit is lower. */
const MAX_DEPTH = 512;

/**
 * A configuration or a workload as JSON: JSON text as it is, TOML text and objects converted. What JSON can't hold is a
 * problem with its path, where `JSON.stringify` would turn it into nothing or null. @internal
 */
export function documentText(subject: string, value: unknown, path: string): string {
  if (value === undefined || value === null) return "null";
  // As in every language: what begins with a brace, which TOML never does, is JSON.
  if (typeof value === "string") return /^\ufeff*\s*\{/.test(value) ? value : jsonOfToml(value);
  if (typeof value !== "object" || Array.isArray(value)) {
    throw wrongType(subject, "an object, or JSON or TOML text", value);
  }
  return jsonOf(value, path);
}

/** @internal */
export function jsonOf(value: object, path: string): string {
  const problems: Problem[] = [];
  const plain = plainOf(value, path, 1, problems);
  if (problems.length > 0) {
    // All problems of a configuration at once: what could be converted is checked too.
    if (path === "") problems.push(...problemsOf(JSON.stringify(plain)));
    const text = problems.map(({ path, message }) => (path === "" ? message : `${path}: ${message}`)).join("\n");
    throw new HeijunkaError("invalid_config", text, { problems });
  }
  return JSON.stringify(plain);
}

/** What the core finds to be wrong with a configuration. */
function problemsOf(config: string): readonly Problem[] {
  try {
    resolve_config(config, undefined, []);
    return [];
  } catch (thrown) {
    const error = translated(thrown);
    return error instanceof HeijunkaError ? error.problems : [];
  }
}

function plainOf(value: unknown, path: string, depth: number, problems: Problem[]): unknown {
  const problem = (message: string): null => {
    problems.push({ path, message });
    return null;
  };
  switch (typeof value) {
    case "boolean":
    case "undefined":
      return value;
    case "string":
      return isWellFormed(value) ? value : problem("the text isn't valid Unicode");
    case "number":
      return Number.isFinite(value) ? value : problem(`${value} is not a number that a configuration can hold`);
    case "object":
      break;
    default:
      return problem(`unsupported type \`${typeof value}\``);
  }
  if (value === null) return null;
  if (depth > MAX_DEPTH) return problem(`nested deeper than ${MAX_DEPTH} levels`);
  if (Array.isArray(value)) {
    return Array.from(value, (item: unknown, index) =>
      item === undefined ? problem("undefined in a list") : plainOf(item, `${path}[${index}]`, depth + 1, problems),
    );
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null && Object.getPrototypeOf(prototype) !== null) {
    return problem(`unsupported type \`${kindOf(value).replace("an object of type ", "")}\``);
  }
  const plain: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  for (const [name, inner] of Object.entries(value)) {
    const innerPath = path === "" ? name : `${path}.${name}`;
    if (!isWellFormed(name)) problems.push({ path, message: "a name that isn't valid Unicode" });
    else plain[name] = plainOf(inner, innerPath, depth + 1, problems);
  }
  return plain;
}

const LONE_SURROGATE = /\p{Surrogate}/u;

/** Whether text has UTF-8 bytes of its own: no lone surrogates. @internal */
export function isWellFormed(text: string): boolean {
  return !LONE_SURROGATE.test(text);
}
