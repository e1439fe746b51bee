// The canonical bytes of answers, as text: tests/vectors/README.md. A bigint is an integer, a number a float, a map or a
// plain object a map.

const bits = new DataView(new ArrayBuffer(8));
const encoder = new TextEncoder();
const ASCII = /^[\u0000-\u007f]*$/;
const keys = new Map();

export function canonical(value) {
  switch (typeof value) {
    case "string":
      return quoted(value);
    case "bigint":
      return `i${value};`;
    case "boolean":
      return value ? "t" : "F";
    case "number":
      bits.setFloat64(0, value);
      return `f${bits.getBigUint64(0).toString(16).padStart(16, "0")}`;
    default:
      break;
  }
  if (value === null) return "n";
  if (Array.isArray(value)) {
    let text = "[";
    for (const item of value) text += canonical(item);
    return `${text}]`;
  }
  if (typeof value !== "object") throw new Error(`${String(value)} has no canonical bytes`);
  const members = value instanceof Map ? [...value] : Object.entries(value);
  members.sort(([a], [b]) => compare(a, b));
  let text = "{";
  for (const [name, inner] of members) {
    let key = keys.get(name);
    if (key === undefined) {
      key = quoted(name);
      if (keys.size < 10_000) keys.set(name, key);
    }
    text += key + canonical(inner);
  }
  return `${text}}`;
}

function quoted(text) {
  return `s${ASCII.test(text) ? text.length : encoder.encode(text).length}:${text}`;
}

/** By the bytes: JavaScript compares units of UTF-16, which is the same below the surrogates. */
function compare(a, b) {
  if (ASCII.test(a) && ASCII.test(b)) return a < b ? -1 : a > b ? 1 : 0;
  const [left, right] = [encoder.encode(a), encoder.encode(b)];
  const length = Math.min(left.length, right.length);
  for (let at = 0; at < length; at += 1) {
    if (left[at] !== right[at]) return left[at] - right[at];
  }
  return left.length - right.length;
}
