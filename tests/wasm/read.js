// Reads sequences of the corpus, as tests/vectors/README.md fixes them. An integer is a bigint here and a float a
// number, since which of the two a number is matters.

/** The members of the steps of each operation: `name:kind`, with `?` where it may be left out. */
const OPERATIONS = `
new now_us:time config?:config
admit now_us:time domain:name class?:class
release now_us:time token:id outcome?:outcome
route now_us:time domain:name key:key
checkout now_us:time pool:name wait_until_us?:time
checkin now_us:time worker:id outcome?:outcome
cancel_wait now_us:time waiter:id
worker_ready now_us:time worker:id
worker_failed now_us:time worker:id
report_health now_us:time pool:name alive:ids dead:ids
dispatch now_us:time domain:name key:key class?:class wait_until_us?:time
complete now_us:time ticket:id outcome?:outcome
step now_us:time
drain
set_soft_limit now_us:time soft_limit:count
set_hard_limit now_us:time hard_limit:count
set_affinity_groups now_us:time groups:map
enable_surge now_us:time
disable_surge now_us:time
set_domain_open now_us:time domain:name open:flag
set_pool_open now_us:time pool:name open:flag
set_off_peak now_us:time off_peak:flag
scale_up now_us:time pool:name
scale_down now_us:time pool:name
rebalance now_us:time
health_check pool:name
regulator_status
capacity_info
pool_status pool:name
pool_workers pool:name
balance_status
burst_status
surge_metrics
cost_advice
alerts
verify
takt now_us:time
metrics_text
engine_status
config
snapshot
restore snapshot:bytes
restore_with snapshot:bytes journal:bytes
start_journal
take_journal
journal_verify journal:bytes
journal_replay journal:bytes config?:config limit:count
journal_trace journal:bytes
journal_records journal:bytes first:count count:count
simulate workload:map config?:config seed?:time
surge_cost_per_year surges_per_day:number cost_per_surge:number
baseline_cost_per_year workers:count price_per_hour:number
sequence counts:counts
pacer_new now_us:time config:config
pacer_offer now_us:time domain:name item:id
pacer_poll now_us:time max_items?:count
pacer_set_takt now_us:time available_us:id demand:id
pacer_set_weight now_us:time domain:name weight:count
pacer_status
`;

/** The arguments of each operation: name, kind, and whether it is needed. */
export const operations = new Map(
  OPERATIONS.trim()
    .split("\n")
    .map((line) => {
      const [op, ...members] = line.split(" ");
      const split = members.map((member) => member.split(":"));
      return [op, split.map(([name, kind]) => ({ name: name.replace("?", ""), kind, needed: !name.endsWith("?") }))];
    }),
);

const ORIGINS = ["hand", "paper", "model", "recorded", "generated"];
const MAX_U32 = 2n ** 32n - 1n;
const MAX_U64 = 2n ** 64n - 1n;

const isMap = (value) => value instanceof Map;
const isText = (value) => typeof value === "string";
const isInteger = (value, most) => typeof value === "bigint" && value >= 0n && value <= most;
const isReference = (value) => isText(value) && value.startsWith("$");
const isId = (value) => isReference(value) || isInteger(value, MAX_U64);

const isPart = (value) => isReference(value) || (isMap(value) && CHECKS.key(value));

const CHECKS = {
  time: (value) => isInteger(value, MAX_U64),
  count: (value) => isInteger(value, MAX_U32),
  counts: (value) => Array.isArray(value) && value.every((item) => isInteger(item, MAX_U32)),
  name: (value) => isText(value) || isInteger(value, MAX_U32),
  class: (value) => ["critical", "normal", "sheddable"].includes(value),
  outcome: (value) => ["ok", "failed"].includes(value),
  key: (value) =>
    isText(value) ||
    (isMap(value) && value.size === 1 && isText(value.get("hex")) && /^([0-9a-f]{2})*$/.test(value.get("hex"))),
  bytes: (value) => (Array.isArray(value) ? value.every(isPart) : isPart(value)),
  id: isId,
  ids: (value) => isReference(value) || (Array.isArray(value) && value.every(isId)),
  number: (value) => typeof value === "number",
  flag: (value) => typeof value === "boolean",
  map: isMap,
  config: (value) => isMap(value) || isText(value),
};

/** Reads a sequence; whatever isn't known is an error. */
export function parse(text) {
  const fields = parseJson(text);
  check(isMap(fields), "a sequence is a map");
  const take = (name) => {
    const value = fields.get(name);
    fields.delete(name);
    return value;
  };
  const sequence = {
    name: take("name"),
    about: take("about"),
    origin: take("origin"),
    source: take("source"),
    config: take("config") ?? null,
    startUs: take("start_us"),
    steps: take("steps"),
    digest: take("digest"),
  };
  check(fields.size === 0, `unknown members: ${[...fields.keys()]}`);
  for (const name of ["name", "about", "origin", "digest"]) check(isText(sequence[name]), `\`${name}\` must be text`);
  check(sequence.source === undefined || isText(sequence.source), "`source` must be text");
  check(ORIGINS.includes(sequence.origin), `\`${sequence.origin}\` is no origin`);
  check(sequence.origin !== "paper" || sequence.source !== undefined, "a paper needs its `source`");
  check(sequence.config === null || CHECKS.config(sequence.config), "`config` must be a map or text");
  check(isInteger(sequence.startUs, MAX_U64), "`start_us` must be a time");
  check(/^([0-9a-f]{64})?$/.test(sequence.digest), `\`${sequence.digest}\` is not a digest`);
  check(Array.isArray(sequence.steps) && sequence.steps.length > 0, "no steps");
  sequence.steps = sequence.steps.map((fields, index) => {
    try {
      return step(fields);
    } catch (error) {
      throw new Error(`step ${index + 1}: ${error.message}`);
    }
  });
  return sequence;
}

function step(fields) {
  check(isMap(fields), "a step is a map");
  const op = fields.get("op");
  const members = operations.get(op);
  check(members !== undefined, `\`${op}\` is not an operation`);
  fields.delete("op");
  const args = {};
  for (const { name, kind, needed } of members) {
    if (fields.has(name)) {
      const value = fields.get(name);
      fields.delete(name);
      check(CHECKS[kind](value), `\`${name}\`: not what it takes`);
      args[name] = value;
    } else {
      check(!needed, `\`${op}\` needs \`${name}\``);
    }
  }
  const rest = Object.fromEntries(fields);
  const { note, times, every_us: everyUs, as: name, expect, ...unknown } = rest;
  check(Object.keys(unknown).length === 0, `unknown members: ${Object.keys(unknown)}`);
  check(note === undefined || isText(note), "`note` must be text");
  check(times === undefined || (isInteger(times, 1_000_000n) && times > 0n), "`times` must be from 1 to 1000000");
  check(
    everyUs === undefined || (isInteger(everyUs, 2n ** 53n) && times !== undefined && "now_us" in args),
    "`every_us` needs `times` and `now_us`",
  );
  check(name === undefined || (isText(name) && /^[A-Za-z0-9_]+$/.test(name)), `\`${name}\` is not a name`);
  check(expect === undefined || isMap(expect), "`expect` must be a map");
  return { op, args, name, times: times === undefined ? undefined : Number(times), everyUs: everyUs ?? 0n, expect };
}

function check(holds, message) {
  if (!holds) throw new Error(message);
}

/** JSON with bigints for integers, numbers for floats, and maps for objects; a doubled member is an error. */
export function parseJson(text) {
  let at = 0;
  const fail = (what) => {
    throw new Error(`not valid JSON: ${what} at ${at}`);
  };
  const token = /[\s]*(?:([[\]{}:,])|("(?:[^"\\\u0000-\u001f]|\\.)*")|(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)|(true|false|null))/y;
  const next = () => {
    token.lastIndex = at;
    const found = token.exec(text);
    if (found === null) fail("no token");
    at = token.lastIndex;
    return found;
  };
  const value = (found) => {
    const [, sign, quoted, number, word] = found;
    if (quoted !== undefined) return JSON.parse(quoted);
    if (number !== undefined) return /[.eE]/.test(number) ? Number(number) : BigInt(number);
    if (word !== undefined) return { true: true, false: false, null: null }[word];
    if (sign === "[") {
      const items = [];
      let found = next();
      if (found[1] === "]") return items;
      for (;;) {
        items.push(value(found));
        const end = next()[1];
        if (end === "]") return items;
        if (end !== ",") fail("expected `,` or `]`");
        found = next();
      }
    }
    if (sign === "{") {
      const members = new Map();
      let found = next();
      if (found[1] === "}") return members;
      for (;;) {
        if (found[2] === undefined) fail("expected a name");
        const name = JSON.parse(found[2]);
        if (members.has(name)) fail(`a doubled member \`${name}\``);
        if (next()[1] !== ":") fail("expected `:`");
        members.set(name, value(next()));
        const end = next()[1];
        if (end === "}") return members;
        if (end !== ",") fail("expected `,` or `}`");
        found = next();
      }
    }
    return fail("a value");
  };
  const read = value(next());
  if (text.slice(at).trim() !== "") fail("more than one value");
  return read;
}

/** A value as JSON again. Floats keep their fraction. */
export function toJson(value) {
  if (typeof value === "bigint") return value.toString();
  if (typeof value === "number") return Number.isInteger(value) && !Object.is(value, -0) ? value.toExponential() : Object.is(value, -0) ? "-0.0" : `${value}`;
  if (Array.isArray(value)) return `[${value.map(toJson).join(",")}]`;
  if (isMap(value)) return `{${[...value].map(([name, inner]) => `${JSON.stringify(name)}:${toJson(inner)}`).join(",")}}`;
  return JSON.stringify(value);
}
