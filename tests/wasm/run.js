// Runs sequences of the corpus on the package, in Node and in a browser.

import { canonical } from "./canonical.js";
import { Face } from "./face.js";
import { operations } from "./read.js";

const MAX_U64 = 2n ** 64n - 1n;

/** Makes the calls one after another. `see` gets each answer's canonical bytes with the number of its step, from 1. */
export async function run(sequence, see) {
  const face = new Face(sequence.config, sequence.startUs);
  const named = new Map();
  const failures = [];
  const bytes = [];
  // Of what the engine itself has answered, an error is no surprise.
  const recorded = sequence.origin === "recorded" || sequence.origin === "generated";
  try {
    sequence.steps.forEach((step, index) => {
      const answers = [];
      for (let repetition = 0; repetition < (step.times ?? 1); repetition += 1) {
        const where = `step ${index + 1} (\`${step.op}\`)`;
        try {
          const answer = face.call(step.op, argumentsOf(step, repetition, named));
          const text = canonical(answer);
          bytes.push(text);
          see?.(index + 1, step.op, text);
          const why = judge(step, answer, recorded, repetition, named);
          if (why !== null) failures.push(`${where}, call ${repetition + 1}${why}`);
          answers.push(answer);
        } catch (error) {
          throw new Error(`${where}: ${error.message}`, { cause: error });
        }
      }
      if (step.name !== undefined) named.set(step.name, step.times === undefined ? answers[0] : answers);
    });
  } finally {
    face.free();
  }
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(bytes.join("")));
  const digest = Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, "0")).join("");
  return { digest, calls: bytes.length, failures };
}

/** What is wrong with a sequence of the corpus: nothing, when the list is empty. */
export async function verify(sequence, fileName) {
  const { digest, failures, calls } = await run(sequence);
  if (`${sequence.name}.json` !== fileName) failures.push(`it is named \`${sequence.name}\``);
  if (digest !== sequence.digest) failures.push(`the digest is ${digest}, not ${sequence.digest}`);
  return { failures, calls };
}

function argumentsOf(step, repetition, named) {
  const args = { ...step.args };
  if (step.everyUs > 0n) {
    args.now_us += BigInt(repetition) * step.everyUs;
    if (args.now_us > MAX_U64) throw new Error("`every_us` leads beyond 2^64");
  }
  for (const { name, kind } of operations.get(step.op)) {
    if (!(name in args)) continue;
    if (kind === "bytes") args[name] = bytes(args[name], repetition, named);
    if (kind === "id") args[name] = id(args[name], repetition, named);
    if (kind === "ids") {
      const ids = typeof args[name] === "string" ? resolve(args[name], repetition, named) : args[name];
      if (!Array.isArray(ids)) throw new Error(`\`${name}\` is not a list`);
      args[name] = ids.map((item) => id(item, repetition, named));
    }
  }
  return args;
}

/** Bytes, of one text of hex digits or of several one after another. */
function bytes(value, repetition, named) {
  const digits = [value].flat().map((part) => {
    const hex = typeof part === "string" ? resolve(part, repetition, named) : part.get("hex");
    if (typeof hex !== "string") throw new Error(`\`${part}\` isn't text`);
    return hex;
  });
  return Uint8Array.from(digits.join("").match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

function id(value, repetition, named) {
  const found = typeof value === "string" ? resolve(value, repetition, named) : value;
  if (typeof found !== "bigint") throw new Error(`\`${value}\` is not an id`);
  return found;
}

/** What `$name`, `$name.field`, `$name[3].field` or `$name[*].field` stands for. */
function resolve(reference, repetition, named) {
  if (!/^\$\w+(\.\w+|\[(\d+|\*)\])*$/.test(reference)) throw new Error(`\`${reference}\` is not a reference`);
  const [name, ...path] = reference.slice(1).match(/\w+|\*/g);
  let value = named.get(name);
  const signs = reference.match(/[.[]/g) ?? [];
  path.forEach((part, index) => {
    if (signs[index] === "[") value = Array.isArray(value) ? value[part === "*" ? repetition : Number(part)] : undefined;
    else if (value instanceof Map) value = value.get(part);
    else value = value !== null && typeof value === "object" && Object.hasOwn(value, part) ? value[part] : undefined;
  });
  if (value === undefined) throw new Error(`\`${reference}\` stands for nothing`);
  return value;
}

/** Why an answer isn't what a step expects; null when it is. An error must be expected as one. */
function judge(step, answer, recorded, repetition, named) {
  if ("error" in answer && !recorded && !step.expect?.has("error")) {
    return `: an error that wasn't expected: ${canonical(answer)}`;
  }
  return step.expect === undefined ? null : misfit(step.expect, answer, "", repetition, named);
}

function misfit(expected, answer, path, repetition, named) {
  if (expected instanceof Map && answer !== null && typeof answer === "object" && !Array.isArray(answer)) {
    for (const [name, inner] of expected) {
      const there = answer instanceof Map ? answer.has(name) : Object.hasOwn(answer, name);
      if (!there) return `${path}.${name}: not in the answer ${canonical(answer)}`;
      const found = answer instanceof Map ? answer.get(name) : answer[name];
      const why = misfit(inner, found, `${path}.${name}`, repetition, named);
      if (why !== null) return why;
    }
    return null;
  }
  if (Array.isArray(expected) && Array.isArray(answer) && expected.length === answer.length) {
    for (const [index, inner] of expected.entries()) {
      const why = misfit(inner, answer[index], `${path}[${index}]`, repetition, named);
      if (why !== null) return why;
    }
    return null;
  }
  const wanted = typeof expected === "string" && expected.startsWith("$") ? resolve(expected, repetition, named) : expected;
  if (canonical(wanted) === canonical(answer)) return null;
  return `${path}: expected ${canonical(wanted)}, the answer is ${canonical(answer)}`;
}
