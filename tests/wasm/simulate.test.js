// Simulations, on this thread and off it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";

import { Engine, PROFILES, simulate, simulateAsync } from "heijunka";

const LINES = Array.from({ length: 20_000 }, (_, index) => `${index * 5000},${index % 3 ? "web" : "api"},${20_000 + (index % 7) * 1000}`);
const TRACE = `arrival_us,domain,service_us\n${LINES.join("\n")}\n`;
const bytes = (text) => new TextEncoder().encode(text);

test("the same arguments give the same outcome, wherever it runs", async () => {
  const workload = { profile: "bursty", duration_us: 600_000_000 };
  const here = simulate({}, workload, 7);
  assert.equal(here.trace.format, "made");
  assert.ok(here.summary.requests > 10_000);
  assert.deepEqual(simulate({}, JSON.stringify(workload), 7n), here);
  assert.deepEqual(await simulateAsync("", workload, { seed: 7 }), here);
  assert.notDeepEqual(simulate({}, workload, 8), here);
  assert.deepEqual(simulate({}, workload), simulate({}, workload, 1));
});

test("every profile runs", () => {
  for (const profile of PROFILES) {
    const { summary } = simulate({ preset: "adaptive" }, { profile, duration_us: 60_000_000 });
    assert.ok(summary.offered > 100, profile);
  }
});

test("a trace is text, bytes, a blob or a stream, also compressed", async () => {
  const outcome = simulate({}, { trace: TRACE });
  assert.equal(outcome.summary.requests, 20_000);
  assert.deepEqual(simulate({}, { trace: bytes(TRACE) }), outcome);
  const packed = gzipSync(TRACE);
  for (const trace of [
    TRACE,
    bytes(TRACE),
    new Blob([TRACE]),
    new Blob([packed]),
    new Uint8Array(packed),
    streamOf([bytes(TRACE)]),
    streamOf(Array.from({ length: 50 }, (_, index) => packed.subarray(index * 2000, (index + 1) * 2000)).filter((piece) => piece.length > 0), packed.subarray(100_000)),
    streamOf([...bytes(TRACE.slice(0, 400))].map((byte) => Uint8Array.of(byte)), bytes(TRACE.slice(400))),
  ]) {
    assert.deepEqual(await simulateAsync({}, { trace }), outcome);
  }
  await assert.rejects(simulateAsync({}, { trace: new Blob([]) }), { reason: "invalid_trace" });
  await assert.rejects(simulateAsync({}, { trace: new Blob([packed.subarray(0, 1000)]) }), Error);
  await assert.rejects(simulateAsync({}, { trace: streamOf(["text"]) }), { name: "TypeError" });
  await assert.rejects(simulateAsync({}, { trace: new Blob(["arrival_us,domain\nx,a\n"]) }), { reason: "invalid_trace", line: 2 });
});

test("requests are listed", () => {
  const requests = [
    { arrival_us: 0, domain: "web", service_us: 1000, key: "a" },
    { arrival_us: 5, domain: "web" },
  ];
  assert.equal(simulate({}, { requests }).summary.completed, 2);
});

test("progress goes forward, to the end", async () => {
  const told = [];
  await simulateAsync({}, { profile: "steady", duration_us: 86_400_000_000 }, { onProgress: (progress) => told.push(progress) });
  assert.ok(told.length > 3, `${told.length}`);
  for (const [index, { stage, share, requests, of }] of told.entries()) {
    assert.equal(stage, "running");
    assert.equal(of, null);
    assert.ok(share >= (told[index - 1]?.share ?? 0) && share <= 1);
    assert.ok(requests > (told[index - 1]?.requests ?? 0));
  }
  const read = [];
  await simulateAsync({}, { trace: new Blob([TRACE]) }, { onProgress: (progress) => read.push(progress) });
  assert.equal(read[0].stage, "reading");
  assert.equal(read.findLast(({ stage }) => stage === "reading").share, 1);
});

test("a signal ends it at once", async () => {
  const endless = { profile: "steady", duration_us: 366 * 86_400_000_000 };
  const controller = new AbortController();
  const running = simulateAsync({}, endless, { signal: controller.signal, onProgress: () => controller.abort() });
  await assert.rejects(running, { name: "AbortError" });
  await assert.rejects(simulateAsync({}, endless, { signal: controller.signal }), { name: "AbortError" });
  const reason = new Error("enough");
  const other = new AbortController();
  const stopped = simulateAsync({}, endless, { signal: other.signal, onProgress: () => other.abort(reason) });
  await assert.rejects(stopped, reason);
  const thrown = new Error("from the callback");
  await assert.rejects(
    simulateAsync({}, endless, {
      onProgress: () => {
        throw thrown;
      },
    }),
    thrown,
  );
  // A stream that is waited for.
  let cancelled = false;
  const waiting = new ReadableStream({ cancel: () => void (cancelled = true) });
  const third = new AbortController();
  const fed = simulateAsync({}, { trace: waiting }, { signal: third.signal });
  setTimeout(() => third.abort(), 50);
  await assert.rejects(fed, { name: "AbortError" });
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.ok(cancelled);
  // The workers are free for the next.
  assert.ok((await simulateAsync({}, { profile: "steady", duration_us: 1_000_000 })).summary.requests > 0);
});

test("several run at once, and this thread goes on meanwhile", async () => {
  let turns = 0;
  const timer = setInterval(() => (turns += 1), 5);
  const seeds = [1, 2, 3, 4, 5, 6, 7, 8];
  const workload = { profile: "spike" };
  const outcomes = await Promise.all(seeds.map((seed) => simulateAsync({}, workload, { seed })));
  clearInterval(timer);
  assert.ok(turns > 5, `${turns}`);
  assert.equal(new Set(outcomes.map(({ summary }) => summary.offered)).size, seeds.length);
  assert.deepEqual(outcomes[2], simulate({}, workload, 3));
});

test("one that fails leaves the others alone", async () => {
  const good = simulateAsync({}, { profile: "steady" });
  const bad = simulateAsync({}, { trace: "nonsense" });
  await assert.rejects(bad, { reason: "invalid_trace" });
  assert.ok((await good).summary.requests > 0);
});

test("what the simulation says of a configuration, an engine takes", () => {
  const { config } = simulate({ preset: "adaptive" }, { profile: "steady", duration_us: 1_000_000 });
  const engine = new Engine(config);
  assert.deepEqual(engine.config(), config);
  engine.free();
});

function streamOf(pieces, rest) {
  return new ReadableStream({
    start(controller) {
      for (const piece of pieces) controller.enqueue(piece);
      if (rest?.length > 0) controller.enqueue(rest);
      controller.close();
    },
  });
}
