/// <reference lib="esnext.disposable" preserve="true" />

// The heijunka box: the leveled order of a product mix, and a pacer that releases items at takt time.

import { checkNumber, documentText, wrongType } from "./arguments.js";
import { type Domain, handleOf, reasonOf } from "./engine.js";
import { type Failure, HeijunkaError, attempt, fromFailure } from "./errors.js";
import type { PacerConfig, PacerStatus } from "./pacing-documents.js";
import { RawPacer, sequence as orderOf } from "./raw.js";
import type { Reason } from "./words.js";

/** More numbers than there can be products. They are told here, so that no call runs out of memory. */
const MOST_COUNTS = 16_384;

/**
 * The leveled order of a product mix: which product is made when, by its place in `counts`, without clumps. `counts`
 * says how often each product is made. Among the first k items each product comes within one of its share, however
 * many there are (Tijdeman's bound). `sequence([3, 2, 1])` is `[0, 1, 0, 2, 1, 0]`.
 *
 * Throws `out_of_range` unless there are from 1 to 16,384 products and from 1 to 16,777,216 items.
 */
export function sequence(counts: Iterable<number>): number[] {
  if (typeof counts !== "object" || counts === null || typeof counts[Symbol.iterator] !== "function") {
    throw wrongType("counts", "a list of numbers", counts);
  }
  const list = [...counts];
  list.forEach((count, index) => checkNumber(`counts[${index}]`, count));
  if (list.length > MOST_COUNTS) {
    const message = `\`products\` = ${list.length} is out of range: it must be from 1 to ${MOST_COUNTS}`;
    throw new HeijunkaError("out_of_range", message);
  }
  return Array.from(attempt(() => orderOf(Float64Array.from(list))));
}

/** The answer to `Pacer.offer`. */
export interface Offer {
  /** Whether the item waits for its release. */
  readonly accepted: boolean;
  /** `accepted` or `backlog_full`. */
  readonly reason: Reason;
  /** The limit that decided. */
  readonly limit: number;
  /** The items that wait; of an accepted item the domain's, the new one among them. */
  readonly load: number;
  /** Of a refusal: the earliest time worth retrying, in microseconds from now. 0 otherwise. */
  readonly retryAfterUs: number;
}

/** An item that `Pacer.poll` released. */
export interface Release {
  /** Whose it is: the domain's name. */
  readonly domain: string;
  /** The item, as it was offered. */
  readonly item: number;
  /** When it was due. */
  readonly dueUs: number;
}

/**
 * Releases items of several domains one by one, at takt time, in leveled order: a box between those who produce in
 * bursts and those who can't take bursts. It reads no clock and starts no timer.
 *
 * 1. `offer` an item when it comes up;
 * 2. `poll`, and do what was released;
 * 3. sleep until `nextDeadline`, or the next item comes up, and go on with 2.
 *
 * Times are whole microseconds, as for `Engine`. A pacer holds memory outside of JavaScript: `free` it, or declare it
 * with `using`.
 */
export class Pacer {
  #raw: RawPacer | null;
  readonly #domains: readonly string[];
  readonly #domainIds: ReadonlyMap<string, number>;

  /**
   * A pacer for a configuration that starts at `nowUs`: an object, or JSON or TOML text.
   *
   * Throws `invalid_config` with everything that is wrong, or `time_out_of_range`.
   */
  constructor(config: PacerConfig | string, nowUs = 0) {
    // The path is the pacer's own, so that what can't be converted isn't told with the problems of an engine.
    const text = documentText("config", config, "config");
    checkNumber("nowUs", nowUs);
    const raw = attempt(() => new RawPacer(text, nowUs));
    this.#raw = raw;
    this.#domains = Object.freeze(raw.domains());
    this.#domainIds = new Map(this.#domains.map((name, id) => [name, id]));
  }

  /** Frees what the pacer holds. Every later call throws `closed`; freeing again does nothing. */
  free(): void {
    this.#raw?.free();
    this.#raw = null;
  }

  /** The names of the domains; a name's place is its handle. */
  get domains(): readonly string[] {
    return this.#domains;
  }

  /** The handle of a domain, which every call takes in place of the name. Throws `unknown_domain`. */
  domainId(name: string): number {
    return this.#domain(this.#live(), name);
  }

  /**
   * Offers an item: any whole number below 2^53, which is handed back when it is released. Items of a domain are
   * released in the order in which they were offered; what doesn't fit is refused.
   *
   * Throws `unknown_domain`, `out_of_range` for the item, or `time_out_of_range`.
   */
  offer(nowUs: number, domain: Domain, item: number): Offer {
    const raw = this.#live();
    const id = this.#domain(raw, domain);
    checkNumber("nowUs", nowUs);
    checkNumber("item", item);
    const [accepted, reason, limit, load, retryAfterUs] = attempt(() => raw.offer(nowUs, id, item)) as unknown as [
      number,
      number,
      number,
      number,
      number,
    ];
    return { accepted: accepted === 1, reason: reasonOf(reason), limit, load, retryAfterUs };
  }

  /**
   * Releases what is due, oldest slot first: all of it, or at most `maxItems`. What is left over is still due. Throws
   * `time_out_of_range`, or `out_of_range` for `maxItems`.
   */
  poll(nowUs: number, maxItems?: number | null): Release[] {
    const raw = this.#live();
    checkNumber("nowUs", nowUs);
    if (maxItems !== undefined && maxItems !== null) checkNumber("maxItems", maxItems);
    const numbers = attempt(() => raw.poll(nowUs, maxItems));
    const released: Release[] = [];
    for (let at = 0; at < numbers.length; at += 3) {
      released.push({
        domain: this.#domains[numbers[at] as number] as string,
        item: numbers[at + 1] as number,
        dueUs: numbers[at + 2] as number,
      });
    }
    return released;
  }

  /**
   * When `poll` will release the next item: later than the latest time seen, also when it is overdue. Null when nothing
   * waits.
   */
  nextDeadline(): number | null {
    const raw = this.#live();
    return attempt(() => raw.next_deadline()) ?? null;
  }

  /**
   * Sets the takt to `availableUs / demand`. What is left of the way to the next slot is left of the new takt, too: at
   * half the takt, half the time. Throws `out_of_range` unless 1 ≤ demand ≤ availableUs < 2^53.
   */
  setTakt(nowUs: number, availableUs: number, demand = 1): void {
    const raw = this.#live();
    checkNumber("nowUs", nowUs);
    checkNumber("availableUs", availableUs);
    checkNumber("demand", demand);
    attempt(() => raw.set_takt(nowUs, availableUs, demand));
  }

  /**
   * Sets a domain's weight, from 1 to 1,000,000. What waits stays; the new share counts from here on. Throws
   * `unknown_domain` or `out_of_range`.
   */
  setWeight(nowUs: number, domain: Domain, weight: number): void {
    const raw = this.#live();
    const id = this.#domain(raw, domain);
    checkNumber("nowUs", nowUs);
    checkNumber("weight", weight);
    attempt(() => raw.set_weight(nowUs, id, weight));
  }

  /** The state and the lifetime counts. */
  status(): PacerStatus {
    const raw = this.#live();
    return JSON.parse(attempt(() => raw.status())) as PacerStatus;
  }

  #live(): RawPacer {
    if (this.#raw === null) throw new HeijunkaError("closed", "the pacer was freed");
    return this.#raw;
  }

  #domain(raw: RawPacer, domain: Domain): number {
    if (typeof domain !== "string") return handleOf("domain", domain, this.#domains);
    const id = this.#domainIds.get(domain);
    if (id === undefined) throw fromFailure(JSON.parse(raw.unknown(domain)) as Failure);
    return id;
  }
}

export interface Pacer {
  /** As `free`, at the end of a block: `using pacer = new Pacer(…)`. */
  [Symbol.dispose](): void;
}

if (Symbol.dispose !== undefined) {
  Object.defineProperty(Pacer.prototype, Symbol.dispose, {
    value: Pacer.prototype.free,
    configurable: true,
    writable: true,
  });
}
