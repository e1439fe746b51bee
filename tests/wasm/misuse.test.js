// Misuse: what is checked at the door, and with which error.

import assert from "node:assert/strict";
import { test } from "node:test";

import {
  ERROR_CODES,
  Engine,
  HeijunkaError,
  baselineCostPerYear,
  presets,
  resolveConfig,
  simulate,
  simulateAsync,
  surgeCostPerYear,
} from "heijunka";

const BAD_NUMBERS = [Number.NaN, Infinity, -Infinity, -1, 0.5, 2 ** 53, 2 ** 64, 1e300, -0.5];

/** The call fails so, and its message holds all of these. */
function fails(call, reason, ...parts) {
  assert.throws(call, (error) => {
    assert.ok(error instanceof HeijunkaError, String(error));
    assert.ok(error instanceof Error);
    assert.equal(error.name, "HeijunkaError");
    assert.equal(error.reason, reason, error.message);
    assert.equal(error.code, ERROR_CODES[reason]);
    assert.match(error.message, /[^.]$/);
    for (const part of parts) assert.ok(error.message.includes(part), `${error.message}\nhas no ${part}`);
    return true;
  });
}

test("numbers that are no times", () => {
  const engine = new Engine();
  const calls = {
    nowUs: [
      (time) => new Engine(null, time),
      (time) => engine.admit(time, "payment"),
      (time) => engine.release(time, 1),
      (time) => engine.route(time, "payment", "k"),
      (time) => engine.checkout(time, "payment"),
      (time) => engine.checkin(time, 1),
      (time) => engine.cancelWait(time, 1),
      (time) => engine.workerReady(time, 1),
      (time) => engine.workerFailed(time, 1),
      (time) => engine.reportHealth(time, "payment", [], []),
      (time) => engine.dispatch(time, "payment", "k"),
      (time) => engine.complete(time, 1),
      (time) => engine.step(time),
      (time) => engine.setSoftLimit(time, 1),
      (time) => engine.setHardLimit(time, 1000),
      (time) => engine.setAffinityGroups(time, {}),
      (time) => engine.enableSurge(time),
      (time) => engine.disableSurge(time),
      (time) => engine.setDomainOpen(time, "payment", true),
      (time) => engine.setPoolOpen(time, "payment", true),
      (time) => engine.setOffPeak(time, true),
      (time) => engine.scaleUp(time, "payment"),
      (time) => engine.scaleDown(time, "payment"),
      (time) => engine.rebalance(time),
    ],
    waitUntilUs: [
      (time) => engine.checkout(0, "payment", time),
      (time) => engine.dispatch(0, "payment", "k", null, time),
    ],
  };
  for (const [subject, list] of Object.entries(calls)) {
    for (const call of list) {
      for (const number of BAD_NUMBERS) {
        fails(() => call(number), "time_out_of_range", `\`${subject}\` = ${shown(number)}`, "9007199254740991");
      }
      for (const other of ["0", null, 0n, {}, [], true]) {
        if (subject === "waitUntilUs" && other === null) continue;
        assert.throws(() => call(other), { name: "TypeError", message: new RegExp(`\`${subject}\` must be a number`) });
      }
    }
  }
  assert.equal(engine.engineStatus().now_us, 0);
  assert.ok(engine.admit(2 ** 53 - 1, "payment").admitted);
  engine.free();
});

test("numbers that are no ids", () => {
  const engine = new Engine();
  const calls = {
    token: ["unknown_token", (id) => engine.release(5, id)],
    worker: ["unknown_worker", (id) => engine.checkin(5, id)],
    waiter: ["unknown_waiter", (id) => engine.cancelWait(5, id)],
    ticket: ["unknown_ticket", (id) => engine.complete(5, id)],
  };
  for (const [subject, [reason, call]] of Object.entries(calls)) {
    for (const number of [...BAD_NUMBERS, 0, 1, 2 ** 53 - 1]) fails(() => call(number), reason, `${subject} ${shown(number)}`);
    for (const other of ["1", null, undefined, 1n]) {
      assert.throws(() => call(other), { name: "TypeError", message: new RegExp(`\`${subject}\` must be a number`) });
    }
  }
  // As in every language: the time was good, and has passed.
  assert.equal(engine.engineStatus().now_us, 5);
  for (const call of [(id) => engine.workerReady(5, id), (id) => engine.workerFailed(5, id)]) {
    for (const number of BAD_NUMBERS) fails(() => call(number), "unknown_worker", shown(number));
  }
  for (const number of BAD_NUMBERS) {
    fails(() => engine.reportHealth(5, "payment", [number], []), "unknown_worker", shown(number));
    fails(() => engine.reportHealth(5, "payment", [], [number]), "unknown_worker", shown(number));
  }
  assert.throws(() => engine.reportHealth(5, "payment", ["1"], []), { name: "TypeError", message: /`alive\[0\]`/ });
  assert.throws(() => engine.reportHealth(5, "payment", [], "12"), { name: "TypeError", message: /`dead` must be a list/ });
  assert.throws(() => engine.reportHealth(5, "payment", 7, []), { name: "TypeError", message: /`alive`/ });
  engine.free();
});

test("names and handles that mean nothing", () => {
  const engine = new Engine();
  fails(() => engine.admit(0, "paymnt"), "unknown_domain", "`paymnt`", "did you mean `payment`?");
  fails(() => engine.checkout(0, "delivry"), "unknown_pool", "`delivry`", "did you mean `delivery`?");
  fails(() => engine.domainId("x"), "unknown_domain");
  fails(() => engine.poolId("critical_notification"), "unknown_pool");
  for (const number of [4, 2 ** 32 - 1, ...BAD_NUMBERS]) fails(() => engine.admit(0, number), "unknown_domain", `${number}`, "from 0 to 3");
  for (const number of [3, ...BAD_NUMBERS]) {
    for (const call of [
      () => engine.checkout(0, number),
      () => engine.poolStatus(number),
      () => engine.poolWorkers(number),
      () => engine.healthCheck(number),
      () => engine.scaleUp(0, number),
      () => engine.setPoolOpen(0, number, true),
      () => engine.reportHealth(0, number, [], []),
    ]) {
      fails(call, "unknown_pool", `${number}`, "from 0 to 2");
    }
  }
  for (const other of [null, undefined, 1n, {}, ["payment"], true]) {
    assert.throws(() => engine.admit(0, other), { name: "TypeError", message: /`domain` must be a name/ });
    assert.throws(() => engine.poolStatus(other), { name: "TypeError", message: /`pool` must be a name/ });
  }
  for (const name of ["__proto__", "constructor", "toString"]) fails(() => engine.admit(0, name), "unknown_domain", name);
  engine.free();
});

test("keys, classes and flags of another type", () => {
  const engine = new Engine();
  for (const key of [7, null, undefined, {}, [1], new ArrayBuffer(1), new Uint16Array(1)]) {
    assert.throws(() => engine.route(0, "payment", key), { name: "TypeError", message: /`key` must be text or a Uint8Array/ });
  }
  for (const key of ["\ud800", "a\udc00b", `${"x".repeat(100)}\ud800`]) {
    assert.throws(() => engine.route(0, "payment", key), { name: "TypeError", message: /`key` isn't valid Unicode/ });
  }
  for (const cls of ["urgent", "", "Critical", 1, {}]) {
    assert.throws(() => engine.admit(0, "payment", cls), { name: "TypeError", message: /`cls` must be "critical"/ });
  }
  for (const flag of [1, 0, "true", null]) {
    assert.throws(() => engine.release(0, 1, flag), { name: "TypeError", message: /`failed` must be true or false/ });
    assert.throws(() => engine.setPoolOpen(0, "payment", flag), { name: "TypeError", message: /`open`/ });
    assert.throws(() => engine.setOffPeak(0, flag), { name: "TypeError", message: /`offPeak`/ });
  }
  engine.free();
});

test("limits out of range", () => {
  const engine = new Engine();
  for (const number of [Number.NaN, Infinity, -Infinity, -1, 0, 0.5, 1201, 2 ** 32, 2 ** 53]) {
    fails(() => engine.setSoftLimit(0, number), "out_of_range", `\`regulator.soft_limit\` = ${shown(number)}`, "from 1 to 1200");
  }
  fails(() => engine.setHardLimit(0, 999), "out_of_range", "`regulator.hard_limit` = 999");
  assert.throws(() => engine.setHardLimit(0, "1000"), { name: "TypeError" });
  engine.free();
  for (const number of [Number.NaN, Infinity, -1, 1e13]) {
    fails(() => surgeCostPerYear(number, 1), "out_of_range", "`surgesPerDay`", `${number}`);
    fails(() => surgeCostPerYear(1, number), "out_of_range", "`costPerSurge`");
    fails(() => baselineCostPerYear(1, number), "out_of_range", "`pricePerHour`");
  }
  for (const number of [Number.NaN, -1, 1.5, 2 ** 32]) fails(() => baselineCostPerYear(number, 1), "out_of_range", "`workers`");
  assert.throws(() => surgeCostPerYear("2", 1), { name: "TypeError" });
  assert.equal(surgeCostPerYear(2, 2.5), 1825);
  assert.equal(baselineCostPerYear(1, 1), 8760);
});

test("a configuration's problems are all told, each with its path", () => {
  const config = { scaler: { mde: "step", up_threshold: -1 }, pools: { "a.b": { max_workers: -1 } } };
  assert.throws(() => new Engine(config), (error) => {
    assert.equal(error.reason, "invalid_config");
    const paths = error.problems.map(({ path }) => path);
    assert.deepEqual(paths.sort(), ['pools."a.b".max_workers', "scaler.mde", "scaler.up_threshold"]);
    assert.equal(error.message.split("\n").length, 3);
    assert.ok(error.message.includes("did you mean `mode`?"));
    return true;
  });
  for (const [value, part] of [
    [Number.NaN, "NaN"],
    [Infinity, "Infinity"],
    [1n, "bigint"],
    [() => 1, "function"],
    [Symbol("x"), "symbol"],
    [new Map(), "Map"],
    [new Date(0), "Date"],
    ["\ud800", "Unicode"],
  ]) {
    fails(() => new Engine({ scaler: { up_threshold: value, mde: 1 } }), "invalid_config", "scaler.up_threshold: ", part, "scaler.mde: unknown field");
  }
  const endless = {};
  endless.pools = endless;
  fails(() => new Engine(endless), "invalid_config", "nested deeper");
  fails(() => new Engine("{"), "invalid_config", "not valid JSON", "line 1 column 1");
  fails(() => new Engine("[scaler\n"), "invalid_config", "not valid TOML", "line 1 column 8");
  for (const other of [1, true, [], () => ({}), 1n]) {
    assert.throws(() => new Engine(other), { name: "TypeError", message: /`config` must be an object, or JSON or TOML text/ });
  }
});

test("undefined is not there, and null is unset", () => {
  const plain = new Engine().config();
  for (const config of [undefined, null, {}, "", "{}", { scaler: undefined }, { scaler: null }, { scaler: { mode: null } }]) {
    assert.deepEqual(new Engine(config).config(), plain);
  }
  assert.deepEqual(presets.classic, plain);
  assert.equal(presets.adaptive.scaler.mode, "staffing");
  assert.deepEqual(resolveConfig({}, { preset: "adaptive" }), presets.adaptive);
  assert.equal(resolveConfig(null, { set: ["pools.payment.max_workers=3"] }).pools.payment.initial_workers, 3);
  fails(() => resolveConfig(null, { preset: "fast" }), "invalid_config", "preset");
  fails(() => resolveConfig(null, { set: ["pools.x.max_workers=3"] }), "invalid_config", "pools.x");
  assert.throws(() => resolveConfig(null, { set: "a=b" }), { name: "TypeError" });
  assert.throws(() => resolveConfig(null, { set: [1] }), { name: "TypeError", message: /`set\[0\]`/ });
});

test("a text's order counts, and an object's members are its own", () => {
  assert.deepEqual(new Engine('{"pools": {"2": {}, "1": {}}}').pools, ["2", "1"]);
  const config = JSON.parse('{"pools": {"__proto__": {}, "constructor": {}}}');
  assert.deepEqual(new Engine(config).pools, ["__proto__", "constructor"]);
  class Config {
    pools = { p: {} };
  }
  fails(() => new Engine({ scaler: new Config() }), "invalid_config", "Config");
  assert.deepEqual(new Engine(Object.assign(Object.create(null), { pools: { p: {} } })).pools, ["p"]);
});

test("workloads, seeds and traces that are wrong", async () => {
  fails(() => simulate({}, {}), "invalid_config", "workload", "found none");
  fails(() => simulate({}, { profile: "stedy" }), "invalid_config", "workload.profile", "did you mean `steady`?");
  fails(() => simulate({}, { requests: [{ arrival_us: Number.NaN, domain: "a" }] }), "invalid_config", "workload.requests[0].arrival_us", "NaN");
  assert.throws(() => simulate({}, { trace: "arrival_us,domain\n0,a\nx,a\n" }), { reason: "invalid_trace", line: 3, field: "arrival_us" });
  assert.throws(() => simulate({}, { trace: new Uint8Array([1, 2, 3]) }), { reason: "invalid_trace" });
  assert.throws(() => simulate({}, { trace: new Date() }), { name: "TypeError", message: /`workload.trace`/ });
  for (const workload of [null, undefined, 1, []]) assert.throws(() => simulate({}, workload), { name: "TypeError" });
  for (const seed of [-1, 0.5, Number.NaN, 2 ** 53, -1n, 2n ** 64n]) fails(() => simulate({}, { profile: "steady" }, seed), "out_of_range", "`seed`");
  for (const seed of ["1", null, {}]) assert.throws(() => simulate({}, { profile: "steady" }, seed), { name: "TypeError" });
  await assert.rejects(simulateAsync({}, { profile: "stedy" }), { reason: "invalid_config" });
  await assert.rejects(simulateAsync({ scaler: { mode: 1 } }, { profile: "steady" }), { reason: "invalid_config" });
  await assert.rejects(simulateAsync({}, { trace: 1n }), { name: "HeijunkaError" });
  await assert.rejects(simulateAsync({}, { trace: new Date() }), { name: "TypeError" });
  await assert.rejects(simulateAsync({}, { profile: "steady" }, { seed: -1 }), { reason: "out_of_range" });
  await assert.rejects(simulateAsync({}, { profile: "steady" }, { onProgress: 1 }), { name: "TypeError" });
});

/** As messages show a number. */
function shown(number) {
  return Math.abs(number) >= 1e21 ? number.toExponential().replace("+", "") : `${number}`;
}
