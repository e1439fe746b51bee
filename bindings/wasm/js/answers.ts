// What the calls of an engine answer. An id, a pool or a domain that there isn't is null.

import type { Reason, EffectKind } from "./words.js";

/** The answer to `admit`. */
export interface Admission {
  /** Whether the request may come in: whether there is a token. */
  readonly admitted: boolean;
  /** What to release when the request ends. */
  readonly token: number | null;
  /** Whether the load is above the soft limit. */
  readonly warning: boolean;
  /** `accepted`, or why not. */
  readonly reason: Reason;
  /** The limit that decided. */
  readonly limit: number;
  /** The load that was compared with it. */
  readonly load: number;
  /** Of a refusal: the earliest time worth retrying, in microseconds from now. 0 otherwise. */
  readonly retryAfterUs: number;
}

/** The answer to `route`. */
export interface Route {
  /** The pool that serves the request; null: there is none. */
  readonly pool: string | null;
  /** Why this pool. */
  readonly reason: Reason;
  /** Whether it is another pool than the key's own. */
  readonly spilled: boolean;
}

/** The answer to `checkout`: a worker, a place in the waiting line, or neither (a refusal). */
export interface Checkout {
  /** The worker that was handed out. */
  readonly worker: number | null;
  /** The place in the waiting line; an effect will say when it is served or has to leave. */
  readonly waiter: number | null;
  /** How it was served, or why not. */
  readonly reason: Reason;
  /** Whether the worker is an overflow worker, made for this checkout. */
  readonly overflow: boolean;
  /** The limit that decided. */
  readonly limit: number;
  /** What was compared with it. */
  readonly load: number;
  /** Of a refusal: the earliest time worth retrying, in microseconds from now. 0 otherwise. */
  readonly retryAfterUs: number;
}

/** What became of a worker that was checked in. */
export type CheckinOutcome = "idle" | "served" | "left" | "lingering";

/** The answer to `checkin`. */
export interface Checkin {
  /** `served`: it was handed to a waiter; `left`: it has left the pool; `lingering`: as an overflow worker. */
  readonly outcome: CheckinOutcome;
}

/** The stage of a request's way that decided. */
export type Stage = "admit" | "route" | "checkout";

/** The answer to `dispatch`. Refused when `ticket` is null: then nothing is held. */
export interface Dispatch {
  /** What to complete when the request ends. */
  readonly ticket: number | null;
  /** The ticket's token, for telling effects apart; the ticket gives it back. */
  readonly token: number | null;
  /** The pool that serves the request. Of a refusal: the pool that refused it, if it came that far. */
  readonly pool: string | null;
  /** The worker that serves the request. */
  readonly worker: number | null;
  /** Its place in the waiting line. */
  readonly waiter: number | null;
  /** The stage that `reason`, `limit` and `load` come from. */
  readonly stage: Stage;
  /** How it was served, or why not. */
  readonly reason: Reason;
  /** Whether the load is above the soft limit. */
  readonly warning: boolean;
  /** Whether it was sent to another pool than its key's own. */
  readonly spilled: boolean;
  /** Whether the worker is an overflow worker, made for this request. */
  readonly overflow: boolean;
  /** The limit that decided. */
  readonly limit: number;
  /** The load that was compared with it. */
  readonly load: number;
  /** Of a refusal: the earliest time worth retrying, in microseconds from now. 0 otherwise. */
  readonly retryAfterUs: number;
}

/** The answer to `complete`. */
export interface Completion {
  /** Whether the ticket's token was released now; false: it had expired or was released before. */
  readonly tokenReleased: boolean;
  /** Whether the ticket's worker was checked in now; false: it had none any more, or still waited. */
  readonly workerReturned: boolean;
}

/** The answer to `scaleUp` and `scaleDown`. */
export interface Scaling {
  /** How many workers the pool has now. */
  readonly workers: number;
  /** Whether that was changed. */
  readonly scaled: boolean;
  /** `manual`, or why not. */
  readonly reason: Reason;
}

/** The answer to `rebalance`. */
export interface Rebalance {
  /** Whether a worker moves. */
  readonly migrated: boolean;
  /** From where. */
  readonly from: string | null;
  /** To where. */
  readonly to: string | null;
  /** The spread of the utilizations, from 0 to 1, before. */
  readonly spread: number;
  /** `rebalance`, or why not. */
  readonly reason: Reason;
}

/** What the caller has to do, or may want to know. Which members are set is said at each `EffectKind`. */
export interface Effect {
  /** When it was decided, in microseconds. */
  readonly atUs: number;
  /** What it is. */
  readonly kind: EffectKind;
  /** Why. */
  readonly reason: Reason;
  /** The pool it is about. */
  readonly pool: string | null;
  /** Where workers move to. */
  readonly toPool: string | null;
  /** The domain it is about. */
  readonly domain: string | null;
  /** The token it is about. */
  readonly token: number | null;
  /** The waiter it is about. */
  readonly waiter: number | null;
  /** The ticket it is about. */
  readonly ticket: number | null;
  /** The workers it is about. */
  readonly workers: readonly number[];
  /** How many workers (or, of `SoftLimitExceeded`, tokens) it is about. */
  readonly count: number;
  /** Whether the workers are surge workers. */
  readonly surge: boolean;
  /** The alert rule it is about: its place in `alerts` of the configuration. */
  readonly alert: number | null;
  /** What the rule's metric is. */
  readonly value: number | null;
  /** What may be done about the alert. */
  readonly options: readonly AlertOption[];
}

/** What may be done about an alert: add workers, refuse sheddable work, close the domains that aren't critical. */
export type AlertOption = "scale_up" | "shed_sheddable" | "close_non_critical";

/** The health of a pool. */
export type Health = "healthy" | "degraded" | "critical";
