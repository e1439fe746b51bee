// The heijunka box through the face.

import assert from "node:assert/strict";
import { test } from "node:test";

import { HeijunkaError, Pacer, sequence } from "heijunka";

const refused = (reason, text = "") => (error) =>
  error instanceof HeijunkaError && error.reason === reason && error.message.includes(text);

const CONFIG = { takt_us: 100, domains: { a: { weight: 2, max_backlog: 2 }, b: {} } };

test("a sequence is a list of numbers", () => {
  assert.deepEqual(sequence([3, 2, 1]), [0, 1, 0, 2, 1, 0]);
  assert.deepEqual(sequence(new Set([5, 1])), [0, 0, 0, 1, 0, 0]);
  for (const [counts, text] of [
    [[], "`products` = 0 is out of range: it must be from 1 to 16384"],
    [Array(16_385).fill(1), "`products` = 16385"],
    [[0], "`items` = 0"],
    [[2 ** 24, 1], "`items` = 16777217 is out of range: it must be from 1 to 16777216"],
    [[1, -1], "`counts[1]` = -1 is out of range: it must be from 0 to 4294967295"],
    [[0.5], "`counts[0]` = 0.5"],
    [[NaN], "`counts[0]` = NaN"],
  ]) {
    assert.throws(() => sequence(counts), refused("out_of_range", text));
  }
  for (const nothing of ["321", 7, null, ["3"], [3n]]) assert.throws(() => sequence(nothing), TypeError);
});

test("offers, polls, deadlines, settings", () => {
  const pacer = new Pacer(CONFIG);
  assert.deepEqual(pacer.domains, ["a", "b"]);
  assert.equal(pacer.domainId("b"), 1);
  assert.equal(pacer.nextDeadline(), null);
  assert.deepEqual(pacer.poll(0), []);
  assert.deepEqual(pacer.offer(0, "a", 7), { accepted: true, reason: "accepted", limit: 2, load: 1, retryAfterUs: 0 });
  pacer.offer(0, 0, 2 ** 53 - 1);
  const { retryAfterUs, ...refusal } = pacer.offer(0, "a", 9);
  assert.deepEqual(refusal, { accepted: false, reason: "backlog_full", limit: 2, load: 2 });
  assert.ok(retryAfterUs >= 1000);
  assert.equal(pacer.nextDeadline(), 1);
  assert.deepEqual(pacer.poll(100, 1), [{ domain: "a", item: 7, dueUs: 0 }]);
  assert.deepEqual(pacer.poll(100, 0), []);
  assert.deepEqual(pacer.poll(100), [{ domain: "a", item: 2 ** 53 - 1, dueUs: 100 }]);
  pacer.setTakt(100, 1000, 3);
  pacer.setWeight(100, "b", 9);
  const status = pacer.status();
  assert.equal(status.takt_us, 1000 / 3);
  assert.equal(status.domains[1].weight, 9);
  assert.deepEqual([status.accepted, status.refused, status.released], [2, 1, 2]);
  pacer.free();
});

test("misuse", () => {
  const pacer = new Pacer(CONFIG);
  assert.throws(() => pacer.offer(0, "c", 1), refused("unknown_domain", "unknown domain `c`"));
  assert.throws(() => pacer.offer(0, 2, 1), refused("unknown_domain", "handles go from 0 to 1"));
  assert.throws(() => pacer.offer(0, -1, 1), refused("unknown_domain", "unknown domain -1"));
  assert.throws(() => pacer.offer(0, null, 1), TypeError);
  for (const item of [-1, 0.5, 2 ** 53, NaN]) {
    assert.throws(() => pacer.offer(0, "a", item), refused("out_of_range", `\`item\` = ${item} is out of range`));
  }
  for (const nowUs of [-1, 0.5, 2 ** 53]) {
    assert.throws(() => pacer.poll(nowUs), refused("time_out_of_range", `\`nowUs\` = ${nowUs}`));
    assert.throws(() => new Pacer(CONFIG, nowUs), refused("time_out_of_range"));
  }
  assert.throws(() => pacer.poll(0, -1), refused("out_of_range", "`maxItems` = -1"));
  assert.throws(() => pacer.setTakt(0, 6, 7), refused("out_of_range", "`available_us` = 6 is out of range: it must be from 7"));
  assert.throws(() => pacer.setTakt(0, 6, 0), refused("out_of_range", "`demand` = 0"));
  assert.throws(() => pacer.setWeight(0, "a", 0), refused("out_of_range", "`weight` = 0"));
  for (const wrong of [() => pacer.offer("0", "a", 1), () => pacer.offer(0, "a", 1n), () => pacer.poll(0, "1")]) {
    assert.throws(wrong, TypeError);
  }
  assert.throws(() => new Pacer({ takt_us: 0, domains: { a: { wait: 1 } } }), (error) => {
    assert.deepEqual(error.problems.map(({ path }) => path), ["domains.a.wait", "takt_us"]);
    return error.reason === "invalid_config";
  });
  assert.throws(() => new Pacer(), refused("invalid_config"));
  assert.equal(pacer.status().accepted, 0);
  pacer.free();
  pacer.free();
  assert.throws(() => pacer.poll(0), refused("closed"));
});

test("a configuration is JSON or TOML as well", () => {
  for (const text of [JSON.stringify(CONFIG), "takt_us = 100\n[domains.a]\nweight = 2\n[domains.b]\n"]) {
    const pacer = new Pacer(text, 5);
    assert.deepEqual([pacer.domains, pacer.status().now_us], [["a", "b"], 5]);
    pacer.free();
  }
});
