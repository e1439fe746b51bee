/// <reference lib="esnext.disposable" preserve="true" />

import type {
  Admission,
  Checkin,
  CheckinOutcome,
  Checkout,
  Completion,
  Dispatch,
  Effect,
  Health,
  Rebalance,
  Route,
  Scaling,
  Stage,
} from "./answers.js";
import {
  type Class,
  type Key,
  checkFlag,
  checkNumber,
  classNumber,
  documentText,
  isWellFormed,
  jsonOf,
  workerIds,
  wrongType,
} from "./arguments.js";
import { HeijunkaError, type Failure, attempt, fromFailure } from "./errors.js";
import { RawEngine } from "./raw.js";
import type {
  BalanceStatus,
  BurstStatus,
  CapacityInfo,
  Config,
  ConfigInput,
  CostAdvice,
  EngineStatus,
  PoolStatus,
  PoolWorker,
  RegulatorStatus,
  SurgeMetrics,
} from "./documents.js";
import { KIND_BY_CODE, REASON_BY_CODE, type EffectKind, type Reason } from "./words.js";
import { engineWasm } from "./wasm.js";

/** A domain: its name, or its handle (its place in `Engine.domains`). */
export type Domain = string | number;

/** A pool: its name, or its handle (its place in `Engine.pools`). */
export type Pool = string | number;

/** How many numbers an answer may have. */
const SLOTS = 16;

const CHECKINS: readonly CheckinOutcome[] = ["idle", "served", "left", "lingering"];
const STAGES: readonly Stage[] = ["admit", "route", "checkout"];
const HEALTHS: readonly Health[] = ["healthy", "degraded", "critical"];

const ENCODER = new TextEncoder();

/**
 * The load-leveling engine: a pure state machine. It reads no clock, does no I/O and starts no timer; you own those.
 *
 * 1. Call an input (`dispatch`, `complete`, `admit`, `checkin`, …) when something happens, with the time it happens at,
 *    and obey its answer.
 * 2. Call `step` when the time of `nextDeadline` has come.
 * 3. Do what the effects say that `step` answers: start these workers, stop those, this waiter has its worker now.
 *
 * Times are whole microseconds since any epoch you like, below 2^53; one before the latest seen counts as the latest.
 * Tokens, workers, waiters and tickets are numbers below 2^53 and never 0. A refusal is an answer and says why; misuse
 * is a `HeijunkaError` (or, of a wrong type, a `TypeError`) and changes nothing but the latest time seen. Every method
 * that takes a time may throw `time_out_of_range`; a wrong name or handle is `unknown_domain` or `unknown_pool`.
 *
 * An engine holds memory outside of JavaScript: `free` it, or declare it with `using`. A forgotten one is freed when it
 * is garbage collected, some time.
 */
export class Engine {
  #raw: RawEngine | null;
  #slots: Float64Array;
  #key: Uint8Array;
  readonly #slotsAt: number;
  readonly #keyAt: number;
  readonly #keyCapacity: number;
  readonly #domains: readonly string[];
  readonly #pools: readonly string[];
  readonly #domainIds: ReadonlyMap<string, number>;
  readonly #poolIds: ReadonlyMap<string, number>;

  /**
   * An engine for a configuration that starts at `nowUs`. The configuration is an object, or JSON or TOML text; none:
   * the default system of the pools payment, delivery and notification. Handles follow the order of the names.
   *
   * The pools' initial workers are there at once, without an effect: `poolWorkers` lists them.
   *
   * Throws `invalid_config` with everything that is wrong, or `time_out_of_range`.
   */
  constructor(config?: ConfigInput | string | null, nowUs = 0) {
    const text = documentText("config", config, "");
    checkNumber("nowUs", nowUs);
    const raw = attempt(() => new RawEngine(text, nowUs));
    this.#raw = raw;
    this.#slotsAt = raw.slots_at();
    this.#keyAt = raw.key_at();
    this.#keyCapacity = raw.key_capacity();
    this.#domains = Object.freeze(raw.domains());
    this.#pools = Object.freeze(raw.pools());
    this.#domainIds = new Map(this.#domains.map((name, id) => [name, id]));
    this.#poolIds = new Map(this.#pools.map((name, id) => [name, id]));
    this.#slots = new Float64Array(engineWasm.memory(), this.#slotsAt, SLOTS);
    this.#key = new Uint8Array(engineWasm.memory(), this.#keyAt, this.#keyCapacity);
  }

  /** Frees what the engine holds. Every later call throws `closed`; freeing again does nothing. */
  free(): void {
    this.#raw?.free();
    this.#raw = null;
  }

  /** The names of the domains; a name's place is its handle. */
  get domains(): readonly string[] {
    return this.#domains;
  }

  /** The names of the pools; a name's place is its handle. */
  get pools(): readonly string[] {
    return this.#pools;
  }

  /** The handle of a domain, which every call takes in place of the name, a little faster. */
  domainId(name: string): number {
    return this.#domain(this.#live(), name);
  }

  /** The handle of a pool, which every call takes in place of the name, a little faster. */
  poolId(name: string): number {
    return this.#pool(this.#live(), name);
  }

  /**
   * Asks to come in: a token, or a refusal that says why. `cls` is the class asked for, never above the domain's
   * `max_class`; none: the domain's own.
   */
  admit(nowUs: number, domain: Domain, cls?: Class | null): Admission {
    const raw = this.#live();
    const id = this.#domain(raw, domain);
    checkNumber("nowUs", nowUs);
    if (raw.admit(nowUs, id, classNumber(cls)) < 0) throw this.#error(raw);
    const slots = this.#answer();
    const token = slots[0] as number;
    return {
      admitted: token !== 0,
      token: token === 0 ? null : token,
      warning: slots[1] === 1,
      reason: reasonOf(slots[2]),
      limit: slots[3] as number,
      load: slots[4] as number,
      retryAfterUs: slots[5] as number,
    };
  }

  /**
   * Gives a token back; `failed` says how the request ended. Throws `unknown_token` when it was released, has expired
   * or was never given out.
   */
  release(nowUs: number, token: number, failed = false): void {
    const raw = this.#live();
    checkNumber("nowUs", nowUs);
    checkNumber("token", token);
    checkFlag("failed", failed);
    if (raw.release(nowUs, token, failed) < 0) throw this.#error(raw);
  }

  /** Chooses the pool for a key. Throws `key_too_long` above `limits.max_key_bytes` bytes. */
  route(nowUs: number, domain: Domain, key: Key): Route {
    const raw = this.#live();
    const id = this.#domain(raw, domain);
    checkNumber("nowUs", nowUs);
    if (raw.route(nowUs, id, this.#put(key)) < 0) throw this.#error(raw, key);
    const slots = this.#answer();
    return {
      pool: nameOf(this.#pools, slots[0]),
      reason: reasonOf(slots[1]),
      spilled: slots[2] === 1,
    };
  }

  /**
   * Asks a pool for a worker: a worker, a place in its line until the time `waitUntilUs`, or a refusal. Without
   * `waitUntilUs`, a time and not a duration, it never waits.
   */
  checkout(nowUs: number, pool: Pool, waitUntilUs?: number | null): Checkout {
    const raw = this.#live();
    const id = this.#pool(raw, pool);
    checkNumber("nowUs", nowUs);
    if (waitUntilUs !== undefined && waitUntilUs !== null) checkNumber("waitUntilUs", waitUntilUs);
    if (raw.checkout(nowUs, id, waitUntilUs) < 0) throw this.#error(raw);
    const slots = this.#answer();
    return {
      worker: idOf(slots[0]),
      waiter: idOf(slots[1]),
      reason: reasonOf(slots[2]),
      overflow: slots[3] === 1,
      limit: slots[4] as number,
      load: slots[5] as number,
      retryAfterUs: slots[6] as number,
    };
  }

  /**
   * Gives a worker back; `failed` says how its request ended, and counts for the pool's error rate. Throws
   * `unknown_worker` when it isn't out.
   */
  checkin(nowUs: number, worker: number, failed = false): Checkin {
    const raw = this.#live();
    checkNumber("nowUs", nowUs);
    checkNumber("worker", worker);
    checkFlag("failed", failed);
    const status = raw.checkin(nowUs, worker, failed);
    if (status < 0) throw this.#error(raw);
    return { outcome: CHECKINS[status] as CheckinOutcome };
  }

  /**
   * Leaves a waiting line; if a ticket waits there, it ends and its token is released. Throws `unknown_waiter` when it
   * was served, has expired or was cancelled.
   */
  cancelWait(nowUs: number, waiter: number): void {
    const raw = this.#live();
    checkNumber("nowUs", nowUs);
    checkNumber("waiter", waiter);
    if (raw.cancel_wait(nowUs, waiter) < 0) throw this.#error(raw);
  }

  /**
   * Says that an ordered worker is ready (`worker_start = "confirmed"`). Throws `unknown_worker` when it isn't
   * starting.
   */
  workerReady(nowUs: number, worker: number): void {
    const raw = this.#live();
    checkNumber("nowUs", nowUs);
    checkNumber("worker", worker);
    if (raw.worker_ready(nowUs, worker) < 0) throw this.#error(raw);
  }

  /** Takes a failed worker out, counts a failure and orders a replacement. Throws `unknown_worker`. */
  workerFailed(nowUs: number, worker: number): void {
    const raw = this.#live();
    checkNumber("nowUs", nowUs);
    checkNumber("worker", worker);
    if (raw.worker_failed(nowUs, worker) < 0) throw this.#error(raw);
  }

  /**
   * Answers a `CheckHealth` effect: the dead workers are taken out and replaced. Answers how many were. Throws
   * `unknown_worker` for one that isn't of the pool, or is in both lists; nothing is changed then.
   */
  reportHealth(nowUs: number, pool: Pool, alive: Iterable<number>, dead: Iterable<number>): number {
    const raw = this.#live();
    const id = this.#pool(raw, pool);
    checkNumber("nowUs", nowUs);
    const [living, gone] = [workerIds("alive", alive), workerIds("dead", dead)];
    if (attempt(() => raw.report_health(nowUs, id, living, gone)) < 0) throw this.#error(raw);
    return this.#answer()[0] as number;
  }

  /**
   * Admission, routing and checkout in one: a ticket with a worker (or a place in the pool's line), or one refusal that
   * names its stage and leaves nothing taken. The arguments are those of `admit`, `route` and `checkout`.
   */
  dispatch(nowUs: number, domain: Domain, key: Key, cls?: Class | null, waitUntilUs?: number | null): Dispatch {
    const raw = this.#live();
    const id = this.#domain(raw, domain);
    checkNumber("nowUs", nowUs);
    if (waitUntilUs !== undefined && waitUntilUs !== null) checkNumber("waitUntilUs", waitUntilUs);
    const asked = classNumber(cls);
    if (raw.dispatch(nowUs, id, this.#put(key), asked, waitUntilUs) < 0) throw this.#error(raw, key);
    const slots = this.#answer();
    return {
      ticket: idOf(slots[0]),
      token: idOf(slots[1]),
      pool: nameOf(this.#pools, slots[2]),
      worker: idOf(slots[3]),
      waiter: idOf(slots[4]),
      stage: STAGES[slots[5] as number] as Stage,
      reason: reasonOf(slots[6]),
      warning: slots[7] === 1,
      spilled: slots[8] === 1,
      overflow: slots[9] === 1,
      limit: slots[10] as number,
      load: slots[11] as number,
      retryAfterUs: slots[12] as number,
    };
  }

  /**
   * Ends a dispatched request: its worker is checked in and its token released; `failed` says how it ended. Throws
   * `unknown_ticket` when it was completed, has ended or was never given out.
   */
  complete(nowUs: number, ticket: number, failed = false): Completion {
    const raw = this.#live();
    checkNumber("nowUs", nowUs);
    checkNumber("ticket", ticket);
    checkFlag("failed", failed);
    if (raw.complete(nowUs, ticket, failed) < 0) throw this.#error(raw);
    const slots = this.#answer();
    return { tokenReleased: slots[0] === 1, workerReturned: slots[1] === 1 };
  }

  /** Runs every timer that is due at `nowUs`, and answers all effects that weren't taken yet, oldest first. */
  step(nowUs: number): Effect[] {
    const raw = this.#live();
    checkNumber("nowUs", nowUs);
    if (raw.step(nowUs) < 0) throw this.#error(raw);
    return this.#drain(raw);
  }

  /** Takes all effects that weren't taken yet, oldest first: those of inputs, without running a timer. */
  effects(): Effect[] {
    return this.#drain(this.#live());
  }

  /** Takes the oldest effect that wasn't taken yet; null: there is none. */
  pollEffect(): Effect | null {
    const raw = this.#live();
    return raw.poll_effect() ? this.#effect(raw) : null;
  }

  /**
   * When the next `step` is needed, in microseconds; null: never. It is always later than the latest time seen. Every
   * call that takes a time may change it.
   */
  nextDeadline(): number | null {
    const deadline = this.#live().next_deadline();
    return deadline < 0 ? null : deadline;
  }

  /** Sets the load, in tokens, above which admissions carry a warning. Throws `out_of_range`. */
  setSoftLimit(nowUs: number, softLimit: number): void {
    const raw = this.#live();
    checkNumber("nowUs", nowUs);
    checkNumber("softLimit", softLimit);
    if (raw.set_soft_limit(nowUs, softLimit) < 0) throw this.#error(raw);
  }

  /** Sets the load, in tokens, at which admission ends. Nobody is evicted. Throws `out_of_range`. */
  setHardLimit(nowUs: number, hardLimit: number): void {
    const raw = this.#live();
    checkNumber("nowUs", nowUs);
    checkNumber("hardLimit", hardLimit);
    if (raw.set_hard_limit(nowUs, hardLimit) < 0) throw this.#error(raw);
  }

  /**
   * Replaces the affinity groups: keys with a pool's name or a list of names. Throws `invalid_config` with everything
   * that is wrong; nothing is changed then.
   */
  setAffinityGroups(nowUs: number, groups: Readonly<Record<string, string | readonly string[]>>): void {
    const raw = this.#live();
    checkNumber("nowUs", nowUs);
    if (typeof groups !== "object" || groups === null || Array.isArray(groups)) {
      throw wrongType("groups", "an object", groups);
    }
    const text = jsonOf(groups, "balancer.affinity_groups");
    if (attempt(() => raw.set_affinity_groups(nowUs, text)) < 0) throw this.#error(raw);
  }

  /** Lets surges start again, and undoes the early end of a running one. */
  enableSurge(nowUs: number): void {
    const raw = this.#live();
    checkNumber("nowUs", nowUs);
    if (raw.enable_surge(nowUs) < 0) throw this.#error(raw);
  }

  /** Stops new surges and lets a running one end early, by the same shrink. */
  disableSurge(nowUs: number): void {
    const raw = this.#live();
    checkNumber("nowUs", nowUs);
    if (raw.disable_surge(nowUs) < 0) throw this.#error(raw);
  }

  /** Opens or closes a domain. A closed domain's requests are refused. */
  setDomainOpen(nowUs: number, domain: Domain, open: boolean): void {
    const raw = this.#live();
    const id = this.#domain(raw, domain);
    checkNumber("nowUs", nowUs);
    checkFlag("open", open);
    if (raw.set_domain_open(nowUs, id, open) < 0) throw this.#error(raw);
  }

  /** Opens or closes a pool. A closed pool takes no new requests; its waiters are still served. */
  setPoolOpen(nowUs: number, pool: Pool, open: boolean): void {
    const raw = this.#live();
    const id = this.#pool(raw, pool);
    checkNumber("nowUs", nowUs);
    checkFlag("open", open);
    if (raw.set_pool_open(nowUs, id, open) < 0) throw this.#error(raw);
  }

  /** Says whether it is off-peak, for `scaler.off_peak_only`. */
  setOffPeak(nowUs: number, offPeak: boolean): void {
    const raw = this.#live();
    checkNumber("nowUs", nowUs);
    checkFlag("offPeak", offPeak);
    if (raw.set_off_peak(nowUs, offPeak) < 0) throw this.#error(raw);
  }

  /** Adds a worker by hand; at the maximum the answer says so. */
  scaleUp(nowUs: number, pool: Pool): Scaling {
    const raw = this.#live();
    const id = this.#pool(raw, pool);
    checkNumber("nowUs", nowUs);
    return this.#scaled(raw, raw.scale_up(nowUs, id));
  }

  /**
   * Removes a worker by hand; when none is idle, a busy one leaves at its checkin. At the minimum the answer says so.
   */
  scaleDown(nowUs: number, pool: Pool): Scaling {
    const raw = this.#live();
    const id = this.#pool(raw, pool);
    checkNumber("nowUs", nowUs);
    return this.#scaled(raw, raw.scale_down(nowUs, id));
  }

  /** Moves a worker from the least to the most utilized pool now, if that helps; the cooldown is kept. */
  rebalance(nowUs: number): Rebalance {
    const raw = this.#live();
    checkNumber("nowUs", nowUs);
    if (raw.rebalance(nowUs) < 0) throw this.#error(raw);
    const slots = this.#answer();
    return {
      migrated: slots[0] === 1,
      from: nameOf(this.#pools, slots[1]),
      to: nameOf(this.#pools, slots[2]),
      spread: slots[3] as number,
      reason: reasonOf(slots[4]),
    };
  }

  /** The health of a pool as of the latest time seen. */
  healthCheck(pool: Pool): Health {
    const raw = this.#live();
    const status = raw.health_check(this.#pool(raw, pool));
    if (status < 0) throw this.#error(raw);
    return HEALTHS[status] as Health;
  }

  /** The state of admission: limits, load, counts, and rates from 0 to 1 (`recent_`: of the last 60 s). */
  regulatorStatus(): RegulatorStatus {
    return parsed(this.#live().regulator_status());
  }

  /** How much may be in at once, and how much is, in tokens (`load_percentage` from 0 to 100). */
  capacityInfo(): CapacityInfo {
    return parsed(this.#live().capacity_info());
  }

  /** The state of a pool: times in the unit of their name's ending, shares from 0 to 1. */
  poolStatus(pool: Pool): PoolStatus {
    const raw = this.#live();
    const text = raw.pool_status(this.#pool(raw, pool));
    if (text === undefined) throw this.#error(raw);
    return parsed(text);
  }

  /** The workers of a pool. */
  poolWorkers(pool: Pool): PoolWorker[] {
    const raw = this.#live();
    const text = raw.pool_workers(this.#pool(raw, pool));
    if (text === undefined) throw this.#error(raw);
    return parsed(text);
  }

  /** How evenly the pools are used: the coefficient (1: evenly), and each pool's utilization from 0 to 1. */
  balanceStatus(): BalanceStatus {
    return parsed(this.#live().balance_status());
  }

  /** The state of burst detection: loads as shares of the capacity, costs in cost units (`_money`: in money). */
  burstStatus(): BurstStatus {
    return parsed(this.#live().burst_status());
  }

  /** The running surge, and what surges have cost: costs in cost units (`_money`: in money). */
  surgeMetrics(): SurgeMetrics {
    return parsed(this.#live().surge_metrics());
  }

  /** Whether surges, or the baseline workers that would have made them unnecessary, are cheaper, and by how much. */
  costAdvice(): CostAdvice {
    return parsed(this.#live().cost_advice());
  }

  /** The engine's own state: the latest time seen, effects pending and dropped, tickets, … */
  engineStatus(): EngineStatus {
    return parsed(this.#live().engine_status());
  }

  /** The full configuration, every default filled in. */
  config(): Config {
    return parsed(this.#live().config());
  }

  #live(): RawEngine {
    if (this.#raw === null) throw new HeijunkaError("closed", "the engine was freed");
    return this.#raw;
  }

  #error(raw: RawEngine, key?: Key): unknown {
    const text = raw.error();
    if (text === undefined) return new HeijunkaError("internal", "an error without a text");
    const failure = JSON.parse(text) as Failure;
    if (failure.reason !== "key_too_long" || key === undefined) return fromFailure(failure);
    // The module got no more of the key than shows that it is too long.
    const length = typeof key === "string" ? ENCODER.encode(key).length : key.length;
    const limit = this.#keyCapacity - 1;
    const message = `a key of ${length} bytes is too long: \`limits.max_key_bytes\` is ${limit}`;
    return new HeijunkaError("key_too_long", message);
  }

  /** The slots of the last answer. When the memory has grown, they are in another buffer. */
  #answer(): Float64Array {
    if (this.#slots.length === 0) this.#slots = new Float64Array(engineWasm.memory(), this.#slotsAt, SLOTS);
    return this.#slots;
  }

  /** Puts a key where the module finds it, and answers its length. */
  #put(key: Key): number {
    if (this.#key.length === 0) this.#key = new Uint8Array(engineWasm.memory(), this.#keyAt, this.#keyCapacity);
    const place = this.#key;
    if (typeof key === "string") {
      const length = key.length;
      if (length <= 64) {
        let at = 0;
        for (; at < length; at += 1) {
          const letter = key.charCodeAt(at);
          if (letter > 127) break;
          place[at] = letter;
        }
        if (at === length && at < place.length) return at;
      }
      if (!isWellFormed(key)) throw new TypeError("`key` isn't valid Unicode; for other bytes, pass a Uint8Array");
      const { read, written } = ENCODER.encodeInto(key, place);
      return read < length ? place.length : written;
    }
    if (!(key instanceof Uint8Array)) throw wrongType("key", "text or a Uint8Array", key);
    if (key.length >= place.length) return place.length;
    place.set(key);
    return key.length;
  }

  #domain(raw: RawEngine, domain: Domain): number {
    if (typeof domain === "string") {
      const id = this.#domainIds.get(domain);
      if (id !== undefined) return id;
      throw fromFailure(JSON.parse(raw.unknown(false, domain)) as Failure);
    }
    return handleOf("domain", domain, this.#domains);
  }

  #pool(raw: RawEngine, pool: Pool): number {
    if (typeof pool === "string") {
      const id = this.#poolIds.get(pool);
      if (id !== undefined) return id;
      throw fromFailure(JSON.parse(raw.unknown(true, pool)) as Failure);
    }
    return handleOf("pool", pool, this.#pools);
  }

  #scaled(raw: RawEngine, status: number): Scaling {
    if (status < 0) throw this.#error(raw);
    const slots = this.#answer();
    return { workers: slots[0] as number, scaled: slots[1] === 1, reason: reasonOf(slots[2]) };
  }

  #drain(raw: RawEngine): Effect[] {
    const effects: Effect[] = [];
    while (raw.poll_effect()) effects.push(this.#effect(raw));
    return effects;
  }

  #effect(raw: RawEngine): Effect {
    const slots = this.#answer();
    const first = slots[11] as number;
    let workers: number[] = [];
    if (first !== 0) {
      const count = raw.workers_count();
      workers = count === 1 ? [first] : Array.from(new Float64Array(engineWasm.memory(), raw.workers_at(), count));
    }
    return {
      atUs: slots[0] as number,
      kind: KIND_BY_CODE[slots[1] as number] as EffectKind,
      reason: reasonOf(slots[2]),
      pool: nameOf(this.#pools, slots[3]),
      toPool: nameOf(this.#pools, slots[4]),
      domain: nameOf(this.#domains, slots[5]),
      token: idOf(slots[6]),
      waiter: idOf(slots[7]),
      ticket: idOf(slots[8]),
      workers,
      count: slots[9] as number,
      surge: slots[10] === 1,
    };
  }
}

export interface Engine {
  /** As `free`, at the end of a block: `using engine = new Engine()`. */
  [Symbol.dispose](): void;
}

// Older browsers don't have it; there nobody can write `using` either, without a compiler that brings it along.
if (Symbol.dispose !== undefined) {
  Object.defineProperty(Engine.prototype, Symbol.dispose, {
    value: Engine.prototype.free,
    configurable: true,
    writable: true,
  });
}

function reasonOf(code: number | undefined): Reason {
  return REASON_BY_CODE[code as number] as Reason;
}

function idOf(id: number | undefined): number | null {
  return id === 0 ? null : (id as number);
}

function nameOf(names: readonly string[], id: number | undefined): string | null {
  return names[id as number] ?? null;
}

function handleOf(what: "domain" | "pool", handle: number, names: readonly string[]): number {
  if (typeof handle !== "number") throw wrongType(what, "a name (text) or a handle (a number)", handle);
  // The core knows whether there is such a one.
  if (handle >>> 0 === handle) return handle;
  const message = `unknown ${what} ${handle}: handles go from 0 to ${names.length - 1}`;
  throw new HeijunkaError(what === "domain" ? "unknown_domain" : "unknown_pool", message);
}

function parsed<T>(text: string): T {
  return JSON.parse(text) as T;
}
