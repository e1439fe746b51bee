// Reasons and kinds of effects: the stable words of decisions, with their codes. A test compares them with the core's.

/** The reasons, each with its stable integer, the same in every language. */
export const REASONS = Object.freeze({
  /** The request was admitted. */
  accepted: 1,
  /** The domain is closed. */
  domain_closed: 2,
  /** The domain holds as many tokens as its `max_concurrent` allows. */
  domain_limit: 3,
  /** The load has reached the hard limit. */
  hard_limit: 4,
  /** What is left is reserved for another class. */
  reserved: 5,
  /** Sheddable work is refused first. */
  shed: 6,
  /** The load has reached the adaptive limit, or the class's share of it. */
  adaptive: 7,
  /** `limits.max_tokens` tokens are out. */
  tokens_full: 8,
  /** The domain has one candidate pool. */
  primary: 20,
  /** An affinity group names the pool. */
  affinity: 21,
  /** The key's hash chose among several candidates. */
  hash: 22,
  /** The key's own pool is overloaded; a less utilized one was taken. */
  spill_overloaded: 23,
  /** Every candidate is closed or empty; a spill pool was taken. */
  spill_closed: 24,
  /** Every pool is overloaded; the least utilized one was taken. */
  all_overloaded: 25,
  /** Every pool the request could go to is closed or empty. */
  no_pools: 26,
  /** An idle worker was handed out. */
  worker_idle: 40,
  /** A temporary worker beyond the pool's current count was handed out. */
  overflow: 41,
  /** The request waits in the pool's line. */
  waiting: 42,
  /** Every worker is busy, and the request doesn't wait (or the pool has no line). */
  busy: 43,
  /** The waiting line is full, or all lines together are (`limits.max_waiters`). */
  queue_full: 44,
  /** The pool is closed. */
  pool_closed: 45,
  /** `limits.max_workers` workers exist. */
  workers_full: 46,
  /** The waiter was handed a worker. */
  worker_free: 50,
  /** The waiter's `wait_until` has passed. */
  wait_over: 51,
  /** The line is overloaded and the waiter is older than the target (CoDel). */
  codel_drop: 52,
  /** Demand is above the upper threshold. */
  demand_high: 60,
  /** Demand has stood at or above the proactive threshold. */
  proactive: 61,
  /** The pool is degraded or critical. */
  unhealthy: 62,
  /** Demand is below the lower threshold. */
  demand_low: 63,
  /** Demand has been low for long; the pool shrinks by plan. */
  planned_down: 64,
  /** The desired count of proportional mode. */
  proportional: 65,
  /** The desired count of staffing mode (Erlang C). */
  staffing: 66,
  /** Asked for by hand. */
  manual: 67,
  /** The pool is at its `max_workers` (or, surge included, its `surge_max_workers`). */
  max_workers_reached: 68,
  /** The pool is at its `min_workers`. */
  min_workers_reached: 69,
  /** A worker failed or was reported dead; a new one takes its place. */
  worker_failed: 70,
  /** A worker wasn't ready within `worker_start_timeout_us`; another one takes its place. */
  start_timeout: 71,
  /** A draining worker was checked in and leaves. */
  drained: 72,
  /** An overflow worker is no longer needed. */
  overflow_over: 73,
  /** The token was held longer than `token_ttl_us`. */
  token_ttl: 74,
  /** The load went above the soft limit. */
  soft_limit: 75,
  /** A periodic check is due. */
  periodic: 76,
  /** The ticket's token expired or was released while it was waiting. */
  ticket_expired: 77,
  /** A worker moves from the least to the most utilized pool. */
  rebalance: 80,
  /** The coefficient isn't below the trigger. */
  balanced: 81,
  /** The last migration is too recent. */
  cooldown: 82,
  /** The donor would fall below its `min_workers`. */
  donor_at_minimum: 83,
  /** The taker would rise above its `max_workers`. */
  taker_at_maximum: 84,
  /** The donor has no idle worker. */
  no_idle_worker: 85,
  /** The move wouldn't shrink the spread. */
  spread_not_reduced: 86,
  /** Fewer than two open pools have workers. */
  too_few_pools: 87,
  /** Load jumped above the burst threshold. */
  burst: 90,
  /** The surge's hold is over; its workers leave one by one. */
  surge_over: 91,
  /** Surges were disabled; a running one ends early. */
  surge_disabled: 92,
  /** A surge worker due to leave stays as a baseline worker, because the scaler wants one. */
  hand_over: 93,
  /** The adaptive limit rose: requests take no longer than usual. */
  latency_low: 95,
  /** The adaptive limit fell: requests take too long. */
  latency_high: 96,
  /** The adaptive limit fell: too many requests failed. */
  drops: 97,
  /** The adaptive limit rose: more concurrency brings more throughput. */
  throughput_rises: 98,
  /** The adaptive limit fell: more concurrency brings no more throughput. */
  throughput_flat: 99,
  /** The rule's condition has held for its `for_us`. */
  alert_firing: 100,
  /** The condition of a rule that was firing has ended. */
  alert_resolved: 101,
  backlog_full: 110,
} as const);

/** Why a decision was taken. A newer version may have more: treat one that you don't know as information. */
export type Reason = keyof typeof REASONS;

/** The kinds of effects, each with its stable integer, the same in every language. */
export const EFFECT_KINDS = Object.freeze({
  /** Start `count` workers in `pool`: `workers` are their ids. */
  AddWorkers: 1,
  /** Stop `count` workers of `pool`; they are idle and get no more work. `workers` are their ids. */
  RemoveWorkers: 2,
  /** Move `workers` from `pool` to `toPool`; they keep their ids. */
  MigrateWorkers: 3,
  /** A surge began. `pool` is set when it concerns that pool alone; `count` is the workers added. */
  SurgeStarted: 4,
  /** A surge is over and all its workers have left. `pool` as in `SurgeStarted`. */
  SurgeEnded: 5,
  /** `count` surge workers of `pool` stay as baseline workers. Nothing needs to be started or stopped. */
  SurgeWorkersKept: 6,
  /** `waiter` (of `ticket`, if any) was handed `workers[0]` of `pool`. */
  WaiterReady: 7,
  /** `waiter` (of `ticket`, if any) has left the line of `pool` unserved. */
  WaiterExpired: 8,
  /** Check the workers of `pool` and call `reportHealth`. */
  CheckHealth: 9,
  /** `token` of `domain` (of `ticket`, if any) was held too long and taken back. */
  TokenExpired: 10,
  /** The load has gone above the soft limit. */
  SoftLimitExceeded: 11,
  /**
   * The rule at place `alert` of `alerts` fires, for `pool` if it is one of each pool: its metric is `value`, and `options`
   * is what may be done about it.
   */
  AlertFiring: 12,
  /** What fired (`alert` and `pool` as in `AlertFiring`) has ended: its metric is `value` now. */
  AlertResolved: 13,
} as const);

/** What kind of effect it is. */
export type EffectKind = keyof typeof EFFECT_KINDS;

/** @internal */
export const REASON_BY_CODE = byCode<Reason>(REASONS);

/** @internal */
export const KIND_BY_CODE = byCode<EffectKind>(EFFECT_KINDS);

function byCode<Name extends string>(codes: Readonly<Record<Name, number>>): readonly Name[] {
  const names: Name[] = [];
  for (const [name, code] of Object.entries<number>(codes)) {
    while (names.length < code) names.push("unknown" as Name);
    names[code] = name as Name;
  }
  return names;
}
