// The package as the corpus calls it.

import {
  Engine,
  HeijunkaError,
  Pacer,
  baselineCostPerYear,
  journalRecords,
  journalReplay,
  journalTrace,
  journalVerify,
  sequence,
  simulate,
  surgeCostPerYear,
} from "heijunka";

import { told } from "./floats.js";
import { toJson } from "./read.js";

const big = (number) => (number === null ? null : BigInt(number));

/** A configuration as the package takes it: its own text. */
const given = (config) => (config instanceof Map ? toJson(config) : config);

/** An engine, and a pacer once there is one. */
export class Face {
  #engine;
  #pacer = null;

  constructor(config, startUs) {
    this.#engine = new Engine(given(config), Number(startUs));
  }

  free() {
    this.#engine.free();
    this.#pacer?.free();
  }

  /** The canonical answer; an error is one. */
  call(op, args) {
    try {
      return this.#call(op, args);
    } catch (error) {
      if (!(error instanceof HeijunkaError) || error.reason === "internal") throw error;
      return { error: error.reason, code: BigInt(error.code) };
    }
  }

  #call(op, args) {
    const engine = this.#engine;
    const nowUs = Number(args.now_us);
    // A name is text, a handle a number.
    const domain = typeof args.domain === "bigint" ? Number(args.domain) : args.domain;
    const pool = typeof args.pool === "bigint" ? Number(args.pool) : args.pool;
    const failed = args.outcome === "failed";
    const waitUntilUs = args.wait_until_us === undefined ? undefined : Number(args.wait_until_us);
    switch (op) {
      case "new": {
        const made = new Engine(given(args.config ?? null), nowUs);
        engine.free();
        this.#engine = made;
        return {};
      }
      case "admit": {
        const answer = engine.admit(nowUs, domain, args.class);
        return {
          admitted: answer.admitted,
          token: big(answer.token),
          warning: answer.warning,
          reason: answer.reason,
          limit: big(answer.limit),
          load: big(answer.load),
          retry_after_us: big(answer.retryAfterUs),
        };
      }
      case "release":
        engine.release(nowUs, Number(args.token), failed);
        return {};
      case "route":
        return { ...engine.route(nowUs, domain, keyOf(args.key)) };
      case "checkout": {
        const answer = engine.checkout(nowUs, pool, waitUntilUs);
        return {
          worker: big(answer.worker),
          waiter: big(answer.waiter),
          reason: answer.reason,
          overflow: answer.overflow,
          limit: big(answer.limit),
          load: big(answer.load),
          retry_after_us: big(answer.retryAfterUs),
        };
      }
      case "checkin":
        return { ...engine.checkin(nowUs, Number(args.worker), failed) };
      case "cancel_wait":
        engine.cancelWait(nowUs, Number(args.waiter));
        return {};
      case "worker_ready":
        engine.workerReady(nowUs, Number(args.worker));
        return {};
      case "worker_failed":
        engine.workerFailed(nowUs, Number(args.worker));
        return {};
      case "report_health":
        return { replaced: big(engine.reportHealth(nowUs, pool, args.alive.map(Number), args.dead.map(Number))) };
      case "dispatch": {
        const answer = engine.dispatch(nowUs, domain, keyOf(args.key), args.class, waitUntilUs);
        return {
          ticket: big(answer.ticket),
          token: big(answer.token),
          pool: answer.pool,
          worker: big(answer.worker),
          waiter: big(answer.waiter),
          stage: answer.stage,
          reason: answer.reason,
          warning: answer.warning,
          spilled: answer.spilled,
          overflow: answer.overflow,
          limit: big(answer.limit),
          load: big(answer.load),
          retry_after_us: big(answer.retryAfterUs),
        };
      }
      case "complete": {
        const answer = engine.complete(nowUs, Number(args.ticket), failed);
        return { token_released: answer.tokenReleased, worker_returned: answer.workerReturned };
      }
      case "step":
        return { effects: engine.step(nowUs).map(effect), next_deadline_us: big(engine.nextDeadline()) };
      case "drain":
        return { effects: engine.effects().map(effect) };
      case "set_soft_limit":
        engine.setSoftLimit(nowUs, Number(args.soft_limit));
        return {};
      case "set_hard_limit":
        engine.setHardLimit(nowUs, Number(args.hard_limit));
        return {};
      case "set_affinity_groups":
        engine.setAffinityGroups(nowUs, plain(args.groups));
        return {};
      case "enable_surge":
        engine.enableSurge(nowUs);
        return {};
      case "disable_surge":
        engine.disableSurge(nowUs);
        return {};
      case "set_domain_open":
        engine.setDomainOpen(nowUs, domain, args.open);
        return {};
      case "set_pool_open":
        engine.setPoolOpen(nowUs, pool, args.open);
        return {};
      case "set_off_peak":
        engine.setOffPeak(nowUs, args.off_peak);
        return {};
      case "scale_up":
      case "scale_down": {
        const answer = op === "scale_up" ? engine.scaleUp(nowUs, pool) : engine.scaleDown(nowUs, pool);
        return { workers: big(answer.workers), scaled: answer.scaled, reason: answer.reason };
      }
      case "rebalance":
        return { ...engine.rebalance(nowUs) };
      case "health_check":
        return { status: engine.healthCheck(pool) };
      case "regulator_status":
        return { status: told(op, engine.regulatorStatus()) };
      case "capacity_info":
        return { status: told(op, engine.capacityInfo()) };
      case "pool_status":
        return { status: told(op, engine.poolStatus(pool)) };
      case "pool_workers":
        return { status: told(op, engine.poolWorkers(pool)) };
      case "balance_status":
        return { status: told(op, engine.balanceStatus()) };
      case "burst_status":
        return { status: told(op, engine.burstStatus()) };
      case "surge_metrics":
        return { status: told(op, engine.surgeMetrics()) };
      case "cost_advice":
        return { status: told(op, engine.costAdvice()) };
      case "alerts":
        return { status: told(op, engine.alerts()) };
      case "verify":
        return { status: told(op, engine.verify()) };
      case "takt":
        return { status: told(op, engine.takt(nowUs)) };
      case "metrics_text":
        return { text: engine.metricsText() };
      case "engine_status":
        return { status: told(op, engine.engineStatus()) };
      case "config":
        return { status: told(op, engine.config()) };
      case "snapshot":
        return { hex: hex(engine.snapshot()) };
      case "restore":
      case "restore_with": {
        const made = Engine.restore(args.snapshot, args.journal);
        engine.free();
        this.#engine = made;
        return {};
      }
      case "start_journal":
        engine.startJournal();
        return {};
      case "take_journal":
        return { hex: hex(engine.drainJournal()) };
      case "journal_verify":
        return { status: told(op, journalVerify(args.journal)) };
      case "journal_replay":
        return { status: told(op, journalReplay(args.journal, given(args.config ?? null), Number(args.limit))) };
      case "journal_trace":
        return { hex: hex(journalTrace(args.journal)) };
      case "journal_records":
        return { status: told(op, journalRecords(args.journal, Number(args.first), Number(args.count))) };
      case "simulate": {
        const outcome = simulate(given(args.config ?? null), toJson(args.workload), args.seed ?? 1n);
        return { outcome: told(op, outcome) };
      }
      case "surge_cost_per_year":
        return { cost: surgeCostPerYear(args.surges_per_day, args.cost_per_surge) };
      case "baseline_cost_per_year":
        return { cost: baselineCostPerYear(Number(args.workers), args.price_per_hour) };
      case "sequence":
        return { order: sequence(args.counts.map(Number)).map(big) };
      case "pacer_new": {
        const made = new Pacer(given(args.config), nowUs);
        this.#pacer?.free();
        this.#pacer = made;
        return {};
      }
      case "pacer_offer": {
        const answer = this.#pacer.offer(nowUs, domain, Number(args.item));
        return {
          accepted: answer.accepted,
          reason: answer.reason,
          limit: big(answer.limit),
          load: big(answer.load),
          retry_after_us: big(answer.retryAfterUs),
        };
      }
      case "pacer_poll": {
        const most = args.max_items === undefined ? undefined : Number(args.max_items);
        const released = this.#pacer.poll(nowUs, most).map(({ domain, item, dueUs }) => {
          return { domain, item: big(item), due_us: big(dueUs) };
        });
        return { released, next_deadline_us: big(this.#pacer.nextDeadline()) };
      }
      case "pacer_set_takt":
        this.#pacer.setTakt(nowUs, Number(args.available_us), Number(args.demand));
        return {};
      case "pacer_set_weight":
        this.#pacer.setWeight(nowUs, domain, Number(args.weight));
        return {};
      case "pacer_status":
        return { status: told(op, this.#pacer.status()) };
      default:
        throw new Error(`\`${op}\` can't be run`);
    }
  }
}

function effect(found) {
  return {
    at_us: big(found.atUs),
    kind: found.kind,
    reason: found.reason,
    pool: found.pool,
    to_pool: found.toPool,
    domain: found.domain,
    token: big(found.token),
    waiter: big(found.waiter),
    ticket: big(found.ticket),
    workers: found.workers.map(big),
    count: big(found.count),
    surge: found.surge,
    alert: big(found.alert),
    value: found.value,
    options: found.options,
  };
}

const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

function keyOf(key) {
  if (typeof key === "string") return key;
  return Uint8Array.from(key.get("hex").match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

/** As JavaScript has it. */
function plain(value) {
  if (value instanceof Map) return Object.fromEntries([...value].map(([name, inner]) => [name, plain(inner)]));
  if (Array.isArray(value)) return value.map(plain);
  return typeof value === "bigint" ? Number(value) : value;
}
