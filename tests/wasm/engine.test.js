// Every operation through the face: what it answers, in which shape.

import assert from "node:assert/strict";
import { test } from "node:test";

import { EFFECT_KINDS, Engine, HeijunkaError, REASONS } from "heijunka";

const SECOND = 1_000_000;
const refused = (reason) => (error) => error instanceof HeijunkaError && error.reason === reason;

test("a request comes in and goes", () => {
  const engine = new Engine();
  assert.deepEqual(engine.domains, ["payment", "delivery", "notification", "critical_notification"]);
  assert.deepEqual(engine.pools, ["payment", "delivery", "notification"]);
  assert.equal(engine.domainId("delivery"), 1);
  assert.equal(engine.poolId("notification"), 2);
  const { token, ...admission } = engine.admit(0, "payment");
  assert.deepEqual(admission, {
    admitted: true,
    warning: false,
    reason: "accepted",
    limit: 1200,
    load: 1,
    retryAfterUs: 0,
  });
  assert.equal(engine.release(1, token), undefined);
  assert.throws(() => engine.release(2, token), refused("unknown_token"));
  engine.free();
});

test("a refusal is an answer that says why", () => {
  using_(new Engine({ regulator: { soft_limit: 1, hard_limit: 1, reserved_capacity: 0 } }), (engine) => {
    engine.admit(0, "payment");
    const { retryAfterUs, ...refusal } = engine.admit(0, 0, "critical");
    assert.deepEqual(refusal, {
      admitted: false,
      token: null,
      warning: false,
      reason: "hard_limit",
      limit: 1,
      load: 1,
    });
    assert.ok(retryAfterUs > 0);
  });
});

test("classes and handles are taken as words and numbers", () => {
  using_(new Engine({ domains: { web: { class: "normal", max_class: "critical", pools: ["payment"] } } }), (engine) => {
    const domain = engine.domainId("web");
    for (const cls of ["critical", "normal", "sheddable", null, undefined]) {
      assert.ok(engine.admit(0, domain, cls).admitted);
    }
  });
});

test("routing takes text and bytes as keys", () => {
  using_(new Engine({ domains: { any: { pools: ["payment", "delivery", "notification"] } } }), (engine) => {
    const text = engine.route(0, "any", "é漢😀");
    assert.deepEqual(engine.route(0, "any", new TextEncoder().encode("é漢😀")), text);
    assert.equal(text.reason, "hash");
    assert.equal(text.spilled, false);
    assert.ok(engine.pools.includes(text.pool));
    const long = "x".repeat(4096);
    assert.deepEqual(engine.route(0, "any", long), engine.route(0, "any", new TextEncoder().encode(long)));
    for (const key of [`${long}x`, "é".repeat(2049), new Uint8Array(4097)]) {
      assert.throws(() => engine.route(0, "any", key), (error) => {
        const length = typeof key === "string" ? new TextEncoder().encode(key).length : key.length;
        return refused("key_too_long")(error) && error.message.includes(`${length} bytes`) && error.message.includes("4096");
      });
    }
    assert.ok(engine.route(0, "any", "").pool);
    assert.ok(engine.route(0, "any", new Uint8Array(0)).pool);
  });
  using_(new Engine({ limits: { max_key_bytes: 1 } }), (engine) => {
    assert.ok(engine.route(0, "payment", "x").pool);
    assert.throws(() => engine.route(0, "payment", "xx"), refused("key_too_long"));
    assert.throws(() => engine.route(0, "payment", "é"), refused("key_too_long"));
  });
});

test("workers are handed out, waited for and given back", () => {
  const config = { pools: { p: { initial_workers: 1, min_workers: 1, max_workers: 1, max_waiting: 1 } }, scaler: { enabled: false } };
  using_(new Engine(config), (engine) => {
    const { worker, ...first } = engine.checkout(0, "p");
    const { waiter, ...second } = engine.checkout(0, "p", SECOND);
    assert.deepEqual(first, {
      waiter: null,
      reason: "worker_idle",
      overflow: false,
      limit: 1,
      load: 1,
      retryAfterUs: 0,
    });
    assert.equal(second.worker, null);
    assert.equal(second.reason, "waiting");
    assert.equal(engine.checkout(0, "p", SECOND).reason, "queue_full");
    assert.equal(engine.checkout(0, "p", null).reason, "busy");
    assert.deepEqual(engine.checkin(5, worker), { outcome: "served" });
    assert.deepEqual(engine.pollEffect(), {
      atUs: 5,
      kind: "WaiterReady",
      reason: "worker_free",
      pool: "p",
      toPool: null,
      domain: null,
      token: null,
      waiter,
      ticket: null,
      workers: [worker],
      count: 1,
      surge: false,
      alert: null,
      value: null,
      options: [],
    });
    assert.equal(engine.pollEffect(), null);
    assert.throws(() => engine.cancelWait(6, waiter), refused("unknown_waiter"));
    assert.deepEqual(engine.checkin(6, worker, true), { outcome: "idle" });
    assert.throws(() => engine.checkin(7, worker), refused("unknown_worker"));
    const waits = [engine.checkout(8, "p"), engine.checkout(8, "p", SECOND)];
    engine.cancelWait(9, waits[1].waiter);
    assert.equal(engine.poolStatus("p").queue_length, 0);
    assert.equal(engine.poolStatus("p").failed_requests, 1);
  });
});

test("a worker that was ordered, fails and is replaced", () => {
  using_(new Engine({ worker_start: "confirmed", pools: { p: { initial_workers: 2 } } }), (engine) => {
    const [first, second] = engine.poolWorkers("p").map(({ worker }) => worker);
    engine.workerFailed(1, first);
    const ordered = engine.effects().find(({ kind }) => kind === "AddWorkers");
    assert.equal(ordered.reason, "worker_failed");
    assert.equal(ordered.workers.length, 1);
    engine.workerReady(2, ordered.workers[0]);
    assert.throws(() => engine.workerReady(3, ordered.workers[0]), refused("unknown_worker"));
    assert.equal(engine.reportHealth(4, "p", [second], new Set(ordered.workers)), 1);
    assert.throws(() => engine.reportHealth(5, "p", [second], [second]), refused("unknown_worker"));
  });
});

test("the whole way in one call", () => {
  using_(new Engine(), (engine) => {
    const { ticket, token, worker, ...dispatch } = engine.dispatch(0, "delivery", "customer 7", "normal", SECOND);
    assert.deepEqual(dispatch, {
      pool: "delivery",
      waiter: null,
      stage: "checkout",
      reason: "worker_idle",
      warning: false,
      spilled: false,
      overflow: false,
      limit: 8,
      load: 1,
      retryAfterUs: 0,
    });
    for (const id of [ticket, token, worker]) assert.ok(Number.isSafeInteger(id) && id > 0);
    assert.deepEqual(engine.complete(25_000, ticket, true), { tokenReleased: true, workerReturned: true });
    assert.throws(() => engine.complete(26_000, ticket), refused("unknown_ticket"));
    engine.setDomainOpen(27_000, "delivery", false);
    const refusal = engine.dispatch(28_000, "delivery", "customer 7");
    assert.equal(refusal.ticket, null);
    assert.equal(refusal.stage, "admit");
    assert.equal(refusal.reason, "domain_closed");
  });
});

test("time passes by steps, whose effects say what to do", () => {
  using_(new Engine({ pools: { p: { initial_workers: 4 } } }), (engine) => {
    for (let count = 0; count < 4; count += 1) engine.checkout(0, "p");
    let nowUs = 0;
    const effects = [];
    while (nowUs < 120 * SECOND) {
      const deadline = engine.nextDeadline();
      assert.ok(deadline > nowUs);
      nowUs = deadline;
      effects.push(...engine.step(nowUs));
    }
    const added = effects.filter(({ kind }) => kind === "AddWorkers");
    assert.ok(added.length > 0);
    for (const { kind, reason, count, workers, pool } of added) {
      assert.ok(kind in EFFECT_KINDS && reason in REASONS);
      assert.equal(count, workers.length);
      assert.equal(pool, "p");
    }
    assert.ok(effects.some(({ workers }) => workers.length > 1) || added.every(({ workers }) => workers.length === 1));
    assert.ok(effects.some(({ kind }) => kind === "CheckHealth"));
  });
});

test("an effect of several workers names them all", () => {
  const config = { pools: { p: { initial_workers: 10, min_workers: 10 } }, burst: { min_load: 0.1, surge_workers: 5 } };
  using_(new Engine(config), (engine) => {
    for (let second = 0; second < 90; second += 1) engine.step(second * SECOND);
    for (let count = 0; count < 60; count += 1) engine.checkout(90 * SECOND + count, "p");
    const effects = engine.step(92 * SECOND);
    const surge = effects.find(({ kind, surge }) => kind === "AddWorkers" && surge);
    assert.equal(surge.workers.length, 5);
    assert.equal(new Set(surge.workers).size, 5);
    assert.ok(surge.workers.every(Number.isSafeInteger));
  });
});

test("setters", () => {
  using_(new Engine(), (engine) => {
    engine.setSoftLimit(0, 400);
    engine.setHardLimit(0, 500);
    assert.deepEqual([engine.regulatorStatus().soft_limit, engine.regulatorStatus().hard_limit], [400, 500]);
    engine.setAffinityGroups(0, { vip: "payment", both: ["payment", "delivery"] });
    assert.equal(engine.route(0, "payment", "vip").reason, "affinity");
    engine.disableSurge(0);
    assert.equal(engine.burstStatus().enabled, false);
    engine.enableSurge(0);
    assert.equal(engine.burstStatus().enabled, true);
    engine.setPoolOpen(0, "payment", false);
    assert.equal(engine.poolStatus("payment").open, false);
    engine.setOffPeak(0, true);
    assert.deepEqual(engine.scaleUp(0, "delivery"), { workers: 9, scaled: true, reason: "manual" });
    assert.deepEqual(engine.scaleDown(0, "delivery"), { workers: 8, scaled: true, reason: "manual" });
    const { migrated, from, to, spread, reason } = engine.rebalance(0);
    assert.deepEqual([migrated, from, to, spread, reason], [false, null, null, 0, "balanced"]);
  });
});

test("statuses are documents with the names of every language", () => {
  using_(new Engine(), (engine) => {
    engine.step(7);
    assert.equal(engine.engineStatus().now_us, 7);
    assert.equal(engine.healthCheck("payment"), "healthy");
    assert.equal(engine.poolStatus("payment").health_status, "healthy");
    assert.equal(engine.poolWorkers("payment").length, 10);
    assert.equal(engine.capacityInfo().total, 1200);
    assert.equal(engine.balanceStatus().balance_coefficient, 1);
    assert.equal(engine.surgeMetrics().surge_start_us, null);
    assert.equal(engine.costAdvice().currency, "USD");
    assert.equal(engine.config().pools.payment.max_workers, 30);
  });
});

test("alerts are effects with their rule, and what may be done", () => {
  const rule = { name: "Busy", metric: "pool_utilization", comparison: ">", threshold: 0.5, options: ["scale_up", "close_non_critical"] };
  const pools = { p: { initial_workers: 1, min_workers: 1, max_workers: 1 } };
  using_(new Engine({ pools, alerts: [rule], scaler: { enabled: false } }), (engine) => {
    engine.checkout(0, "p");
    const [fired] = engine.step(15 * SECOND);
    assert.deepEqual([fired.kind, fired.alert, fired.value, fired.pool], ["AlertFiring", 0, 1, "p"]);
    assert.deepEqual(fired.options, ["scale_up", "close_non_critical"]);
    assert.deepEqual(engine.alerts(), [
      { alert: 0, name: "Busy", pool: "p", severity: "warning", state: "firing", since_us: 15 * SECOND, value: 1 },
    ]);
  });
});

test("the checklist, takt and the metrics text", () => {
  using_(new Engine(), (engine) => {
    assert.equal(engine.verify().pass, false);
    assert.equal(engine.takt(60 * SECOND).window_us, 60 * SECOND);
    assert.equal(engine.engineStatus().now_us, 0);
    assert.throws(() => engine.takt(2 ** 53), { reason: "time_out_of_range" });
    assert.throws(() => engine.takt("0"), TypeError);
    assert.match(engine.metricsText(), /^heijunka_pool_workers\{pool="payment"\} 10\.0$/m);
    assert.match(engine.metricsText(), /# EOF\n$/);
  });
});

test("what was freed says so", () => {
  const engine = new Engine();
  engine.free();
  engine.free();
  assert.equal(engine[Symbol.dispose] === undefined, Symbol.dispose === undefined);
  engine[Symbol.dispose]?.();
  for (const call of [
    () => engine.admit(0, "payment"),
    () => engine.step(0),
    () => engine.nextDeadline(),
    () => engine.regulatorStatus(),
    () => engine.domainId("payment"),
  ]) {
    assert.throws(call, refused("closed"));
  }
});

test("many engines live beside each other, and memory that grows takes none along", () => {
  const small = new Engine();
  const { token } = small.admit(0, "payment");
  // Large enough that the memory grows while the small one is there.
  const large = Array.from({ length: 8 }, () => new Engine({ limits: { max_key_bytes: 1_048_576 } }));
  for (const engine of large) {
    for (let count = 0; count < 1000; count += 1) assert.ok(engine.admit(0, "payment").admitted);
    assert.ok(engine.route(0, "payment", "k".repeat(1_048_576)).pool);
  }
  assert.equal(small.admit(1, "payment").load, 2);
  assert.ok(small.route(1, "payment", "key").pool);
  small.release(2, token);
  assert.equal(small.regulatorStatus().current_load, 1);
  for (const engine of [small, ...large]) engine.free();
});

test("a request costs no memory", () => {
  using_(new Engine(), (engine) => {
    const domain = engine.domainId("payment");
    for (let count = 0; count < 100_000; count += 1) {
      const { ticket } = engine.dispatch(count, domain, "key");
      engine.complete(count, ticket);
    }
    assert.equal(engine.engineStatus().tickets, 0);
  });
});

function using_(engine, use) {
  try {
    use(engine);
  } finally {
    engine.free();
  }
}
