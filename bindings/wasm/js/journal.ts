// Journals: what an engine was asked, record by record.

import { checkBytes, checkNumber, documentText } from "./arguments.js";
import type { BalanceStatus, BurstStatus, Config, ConfigInput, PoolStatus, RegulatorStatus } from "./documents.js";
import { attempt } from "./errors.js";
import { journal_records, journal_replay, journal_trace, journal_verify } from "./raw.js";
import type { EffectKind, Reason } from "./words.js";

/** A torn tail, of a write that was cut: it is left out. */
export interface Torn {
  /** The byte at which it begins: the end of the last whole record. */
  readonly offset: number;
  /** How many bytes it has. */
  readonly bytes: number;
}

/** What came of `journalVerify`. */
export interface JournalVerification {
  /** Whether every record was answered as it is recorded. */
  readonly equal: boolean;
  /** How many records were replayed. */
  readonly records: number;
  /** How many headers there were: one, and one more for each time that recording began anew. */
  readonly headers: number;
  /** How many effects were drained and compared. */
  readonly effects: number;
  /** The latest time seen, in microseconds. */
  readonly now_us: number;
  /** The first record that was answered otherwise. */
  readonly differs: {
    readonly record: number;
    readonly offset: number;
    readonly now_us: number;
    readonly operation: string;
  } | null;
  /** The last torn tail. */
  readonly torn: Torn | null;
}

/** A decision: what an input got and why. */
export interface JournalDecision {
  /** Whether it got what it asked for, or a place in a line; null when it asks for nothing. */
  readonly granted: boolean | null;
  /** Why. */
  readonly reason: Reason | null;
  /** The pool that was chosen. */
  readonly pool: string | null;
  /** The code of the error that it ended in. */
  readonly error: number | null;
}

/** What a journal's inputs led to in one of two worlds. */
export interface JournalWorld {
  /** Requests that got what they asked for, or a place in a line. */
  readonly granted: number;
  /** Requests that were refused. */
  readonly refused: number;
  readonly refused_by_reason: Readonly<Partial<Record<Reason, number>>>;
  /** Inputs that ask for something or set it, and ended in an error. */
  readonly errors: number;
  readonly effects: Readonly<Partial<Record<EffectKind, number>>>;
  /** The statuses at the end. */
  readonly regulator: RegulatorStatus;
  readonly pools: readonly PoolStatus[];
  readonly balance: BalanceStatus;
  readonly burst: BurstStatus;
}

/** What came of `journalReplay`. */
export interface JournalReplay {
  readonly records: number;
  readonly headers: number;
  /** Inputs without a counterpart in the other world, such as the end of a request that it refused. */
  readonly skipped: number;
  readonly from_us: number | null;
  readonly to_us: number | null;
  /** How many inputs were decided otherwise. */
  readonly differ: number;
  readonly operations: readonly { readonly operation: string; readonly calls: number; readonly differ: number }[];
  /** The first ones. */
  readonly differences: readonly {
    readonly record: number;
    readonly now_us: number;
    readonly operation: string;
    readonly recorded: JournalDecision;
    readonly other: JournalDecision;
  }[];
  readonly recorded: JournalWorld;
  readonly other: JournalWorld;
  readonly torn: Torn | null;
}

/** What came of `journalRecords`. */
export interface JournalListing {
  /** How many records there are. */
  readonly count: number;
  readonly headers: number;
  readonly from_us: number | null;
  readonly to_us: number | null;
  /** How many records of each operation. */
  readonly operations: readonly (readonly [string, number])[];
  /** The configuration of the last header. */
  readonly config: Config | null;
  readonly torn: Torn | null;
  /** The records asked for. */
  readonly records: readonly {
    /** Its number, from 1. */
    readonly record: number;
    readonly offset: number;
    readonly now_us: number;
    readonly operation: string;
    readonly domain?: string;
    readonly pool?: string;
    /** A token, worker, waiter or ticket. */
    readonly id?: number;
    readonly count?: number;
    /** A class (1 sheddable, 2 normal, 3 critical), or 1 for failed or true. */
    readonly choice?: number;
    readonly until_us?: number;
    /** How many bytes its key or list has. */
    readonly bytes?: number;
  }[];
}

/**
 * Replays a journal with its own configuration, and compares each answer and each effect that was drained.
 *
 * Throws `invalid_journal`.
 */
export function journalVerify(journal: Uint8Array): JournalVerification {
  checkBytes("journal", journal);
  return JSON.parse(attempt(() => journal_verify(journal))) as JournalVerification;
}

/**
 * Replays a journal with its own configuration and with another one side by side: what is decided otherwise? At most `limit`
 * differences are listed. Requests come as they came; what callers would have done about another answer a journal doesn't know.
 *
 * Throws `invalid_journal` or `invalid_config`.
 */
export function journalReplay(
  journal: Uint8Array,
  config?: ConfigInput | string | null,
  limit = 20,
): JournalReplay {
  checkBytes("journal", journal);
  checkNumber("limit", limit);
  const text = documentText("config", config, "");
  return JSON.parse(attempt(() => journal_replay(journal, text, limit))) as JournalReplay;
}

/**
 * The requests that a journal tells of, as a trace in CSV (`arrival_us,domain,service_us,key`): recorded traffic for
 * `simulate`. A request is a dispatch, or an admission up to its release, which has no key. One that was refused, or had not
 * ended, gets the mean service of its domain's others that ended well.
 *
 * Throws `invalid_journal`.
 */
export function journalTrace(journal: Uint8Array): Uint8Array {
  checkBytes("journal", journal);
  return attempt(() => journal_trace(journal));
}

/**
 * A journal's extent, and `count` of its records from number `first` on.
 *
 * Throws `invalid_journal`.
 */
export function journalRecords(journal: Uint8Array, first = 1, count = 20): JournalListing {
  checkBytes("journal", journal);
  checkNumber("first", first);
  checkNumber("count", count);
  return JSON.parse(attempt(() => journal_records(journal, first, count))) as JournalListing;
}
