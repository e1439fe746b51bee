import { type Loadable, engineWasm } from "./wasm.js";

/** The stable name of an error, the same in every language. */
export type ErrorReason =
  | "time_out_of_range"
  | "unknown_domain"
  | "unknown_pool"
  | "unknown_token"
  | "unknown_worker"
  | "unknown_waiter"
  | "unknown_ticket"
  | "key_too_long"
  | "out_of_range"
  | "invalid_config"
  | "invalid_trace"
  | "closed"
  | "internal";

/**
 * The stable integer of each error, the same in every language; always below 0. `closed` (the engine was freed) and
 * `internal` (a bug, or no memory left) are errors of this package alone.
 */
export const ERROR_CODES = Object.freeze({
  time_out_of_range: -1,
  unknown_domain: -2,
  unknown_pool: -3,
  unknown_token: -4,
  unknown_worker: -5,
  unknown_waiter: -6,
  unknown_ticket: -7,
  key_too_long: -8,
  out_of_range: -9,
  invalid_config: -10,
  invalid_trace: -11,
  closed: -40,
  internal: -41,
} as const satisfies Record<ErrorReason, number>);

/** One thing that is wrong with a configuration or a workload. */
export interface Problem {
  /** Where: `pools.payment.max_workers`. Empty: the whole text. */
  readonly path: string;
  /** What. */
  readonly message: string;
}

/**
 * Misuse that shows only at run time: an unknown token, a time out of range, a configuration that contradicts itself.
 * The call has changed nothing but the latest time seen. (What TypeScript would refuse, text for a number, is a
 * `TypeError`; a refusal is no error, but an answer.)
 */
export class HeijunkaError extends Error {
  /** The stable integer of the error, the same in every language; always below 0. */
  readonly code: number;
  /** The stable name of the error, the same in every language. */
  readonly reason: ErrorReason;
  /** Of `invalid_config`: everything that is wrong. */
  readonly problems: readonly Problem[];
  /** Of `invalid_trace`: the line of the trace, from 1, where there is one. */
  readonly line: number | null;
  /** Of `invalid_trace`: the field of the trace, where there is one. */
  readonly field: string | null;

  constructor(
    reason: ErrorReason,
    message: string,
    details: { problems?: readonly Problem[]; line?: number | null; field?: string | null } = {},
  ) {
    super(message);
    this.code = ERROR_CODES[reason];
    this.reason = reason;
    this.problems = details.problems ?? [];
    this.line = details.line ?? null;
    this.field = details.field ?? null;
  }

  static {
    Object.defineProperty(this.prototype, "name", { value: "HeijunkaError", configurable: true, writable: true });
  }
}

/** An error as it comes out of the wasm module, or from a worker. @internal */
export interface Failure {
  readonly reason: ErrorReason;
  readonly message: string;
  readonly problems?: readonly (readonly [string, string])[];
  readonly line?: number | null;
  readonly field?: string | null;
}

/** @internal */
export function fromFailure(failure: Failure): HeijunkaError {
  const problems = (failure.problems ?? []).map(([path, message]) => ({ path, message }));
  return new HeijunkaError(failure.reason, failure.message, {
    problems,
    line: failure.line ?? null,
    field: failure.field ?? null,
  });
}

/** @internal */
export function toFailure(error: HeijunkaError): Failure {
  return {
    reason: error.reason,
    message: error.message,
    problems: error.problems.map(({ path, message }) => [path, message]),
    line: error.line,
    field: error.field,
  };
}

/**
 * Runs a call that throws its failures as JSON. Anything else that comes out of the wasm module is a bug of the
 * library, or memory that ran out. @internal
 */
export function attempt<T>(call: () => T, wasm: Loadable = engineWasm): T {
  wasm.ready();
  try {
    return call();
  } catch (error) {
    throw translated(error);
  }
}

/** @internal */
export function translated(error: unknown): unknown {
  if (typeof error === "string") return fromFailure(JSON.parse(error) as Failure);
  if (error instanceof WebAssembly.RuntimeError) {
    const made = new HeijunkaError("internal", `the wasm module broke down (is there memory left?): ${error.message}`);
    made.cause = error;
    return made;
  }
  return error;
}
