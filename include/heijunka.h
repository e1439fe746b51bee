/* Heijunka: load leveling for worker pools, in C.
 *
 * Who may come in, which pool serves it, how many workers there are, and what happens when everybody comes at once:
 * one engine decides, you own the clock, the threads and the I/O.
 *
 *   heijunka_engine *engine = NULL;
 *   heijunka_dispatch way;
 *   heijunka_completion done;
 *   uint32_t delivery;
 *
 *   heijunka_engine_new(NULL, 0, now_us, &engine);
 *   heijunka_engine_domain_id(engine, "delivery", 8, &delivery);
 *   if (heijunka_engine_dispatch(engine, now_us, delivery, key, key_len, HEIJUNKA_CLASS_DEFAULT, 0,
 *                                sizeof way, &way) == HEIJUNKA_OK) {
 *     ... the work, on worker way.worker of pool way.pool ...
 *     heijunka_engine_complete(engine, later_us, way.ticket, HEIJUNKA_OUTCOME_OK, sizeof done, &done);
 *   }
 *   heijunka_engine_free(engine);
 *
 * THE LOOP
 *   1. Call an input (dispatch, complete, admit, checkin, ...) when something happens, with the time it happens at,
 *      and obey its answer.
 *   2. Call heijunka_engine_step when the time of heijunka_engine_next_deadline has come.
 *   3. After either, call heijunka_engine_poll_effect until it answers HEIJUNKA_NONE, and do what the effects say:
 *      start these workers, stop those, this waiter has its worker now.
 *
 * OWNERSHIP
 *   Only handles are owned: what a ..._new function writes is yours until you pass it to its ..._free function,
 *   which takes NULL as well. The library hands out no other memory, keeps no pointer that you pass to it after the
 *   call returns, and calls nothing back. Strings that a function returns are static.
 *   Tokens, workers, waiters and tickets are numbers, below 2^53 and never 0. One that was given back, has ended or
 *   never existed is recognized, is an error, and touches nobody else's.
 *
 * THREADS
 *   A handle may be used by any number of threads at the same time: there is a lock inside. Freeing it while another
 *   thread is in a call on it, or using it after that, is undefined. Handles don't know of each other. After fork(),
 *   use a handle in the child only if no other thread was in a call on it.
 *
 * ERRORS AND REFUSALS
 *   Functions that can fail return an int32_t:
 *     HEIJUNKA_OK (0)   done;
 *     above 0           HEIJUNKA_REFUSED: a normal answer that says why not. HEIJUNKA_NONE: nothing is there;
 *     below 0           HEIJUNKA_ERROR_*: misuse. Nothing was changed, but for the engine's latest time.
 *   heijunka_last_error has the text of the calling thread's last error, heijunka_status_name the name of a status.
 *   Out-parameters come last and are called out_...: an answer struct is written with HEIJUNKA_OK and with
 *   HEIJUNKA_REFUSED, any other with HEIJUNKA_OK alone, and none with an error (but for a needed length, see
 *   STRINGS). They need no initialization. A pointer must not be NULL unless its description says so.
 *   An error that most calls share isn't repeated at each: NULL_POINTER, STRUCT_SIZE, BUFFER_TOO_SMALL, POISONED,
 *   PANIC, and of calls that take a time TIME_OUT_OF_RANGE. Descriptions leave out HEIJUNKA_ERROR_, HEIJUNKA_REASON_
 *   and HEIJUNKA_EFFECT_ where it is plain which is meant.
 *
 * STRINGS
 *   Text that you pass is UTF-8 with its length in bytes, and needs no NUL. Keys are any bytes.
 *   Text that you get goes to your buffer (buf, of cap bytes), always with a NUL behind it, and *out_len is its
 *   length without the NUL: the buffer must hold out_len + 1 bytes. Too small a buffer is
 *   HEIJUNKA_ERROR_BUFFER_TOO_SMALL, with *out_len set and nothing else written; so, allocate out_len + 1 and call
 *   again. buf NULL with cap 0 asks for the length alone, and is HEIJUNKA_OK. Another thread may make the text
 *   longer between two calls.
 *   Reports are JSON. Numbers with a fraction have all the digits it takes to read the same double back.
 *
 * TIME
 *   A time is a count of microseconds since any epoch you like, below HEIJUNKA_TIME_LIMIT_US (2^53); the engine reads
 *   no clock. A monotonic clock is best. A time before the latest one seen counts as the latest one: time never
 *   runs backwards. The same configuration and the same calls give the same answers, always and on every machine.
 *
 * GROWING STRUCTS
 *   Structs only ever grow at their end. So a call that fills one takes its size first: pass sizeof of it. A library
 *   that is newer than your program writes only what your program knows; one that is older fills the rest with 0.
 *   New functions, constants, reasons and effects may come with any version: treat a reason or an effect that you
 *   don't know as information. What would break a program changes HEIJUNKA_ABI_VERSION and the library's SONAME.
 */

#ifndef HEIJUNKA_H
#define HEIJUNKA_H

/* Made by `cargo xtask header` from bindings/c/src. Change it there. */

#include <stddef.h>
#include <stdint.h>

/** The call did what was asked. */
#define HEIJUNKA_OK 0

/** A refusal: a normal answer. The answer struct is filled, and its `reason` says why. */
#define HEIJUNKA_REFUSED 1

/** There is nothing: no effect is queued, no deadline is set. Nothing was written. */
#define HEIJUNKA_NONE 2

/** A time of HEIJUNKA_TIME_LIMIT_US (2^53 microseconds) or above. */
#define HEIJUNKA_ERROR_TIME_OUT_OF_RANGE (-1)
/** A domain that the configuration doesn't have. */
#define HEIJUNKA_ERROR_UNKNOWN_DOMAIN (-2)
/** A pool that the configuration doesn't have. */
#define HEIJUNKA_ERROR_UNKNOWN_POOL (-3)
/** A token that was released, has expired or was never given out. */
#define HEIJUNKA_ERROR_UNKNOWN_TOKEN (-4)
/** A worker that isn't out (or, for `worker_ready`, not starting), has left or never existed. */
#define HEIJUNKA_ERROR_UNKNOWN_WORKER (-5)
/** A waiter that was served, has expired, was cancelled or never existed. */
#define HEIJUNKA_ERROR_UNKNOWN_WAITER (-6)
/** A ticket that was completed, has ended or was never given out. */
#define HEIJUNKA_ERROR_UNKNOWN_TICKET (-7)
/** A key longer than `limits.max_key_bytes` of the configuration. */
#define HEIJUNKA_ERROR_KEY_TOO_LONG (-8)
/** A setter's value outside what the configuration allows. */
#define HEIJUNKA_ERROR_OUT_OF_RANGE (-9)
/** A configuration (or affinity groups) with problems; heijunka_last_error lists all of them, a line each. */
#define HEIJUNKA_ERROR_INVALID_CONFIG (-10)
/** A trace or workload that can't be read. */
#define HEIJUNKA_ERROR_INVALID_TRACE (-11)
/** Bytes that are no snapshot that can be restored: cut short, damaged, newer than this library, ... */
#define HEIJUNKA_ERROR_INVALID_SNAPSHOT (-12)
/** Bytes that are no journal, or one that is damaged before its last record. */
#define HEIJUNKA_ERROR_INVALID_JOURNAL (-13)
/** A pointer is NULL that mustn't be. */
#define HEIJUNKA_ERROR_NULL_POINTER (-20)
/** `out_size` is no size of the struct: smaller than its first version, or absurdly large. */
#define HEIJUNKA_ERROR_STRUCT_SIZE (-21)
/** Text that isn't valid UTF-8. */
#define HEIJUNKA_ERROR_INVALID_UTF8 (-22)
/** A class, outcome, flag or preset outside its values, or a length that no object can have. */
#define HEIJUNKA_ERROR_INVALID_ARGUMENT (-23)
/** The caller's buffer is too small. The length that is needed was written to the `out_` parameter for it. */
#define HEIJUNKA_ERROR_BUFFER_TOO_SMALL (-24)
/** An earlier call on this handle ended with HEIJUNKA_ERROR_PANIC. All that is left to do with it is to free it. */
#define HEIJUNKA_ERROR_POISONED (-25)
/** An internal error: a bug of the library. Please report it, with the text of heijunka_last_error. */
#define HEIJUNKA_ERROR_PANIC (-26)

/** Times are microseconds below this (2^53). */
#define HEIJUNKA_TIME_LIMIT_US 9007199254740992

/** No domain, or no pool. */
#define HEIJUNKA_NO_ID UINT32_MAX

/** The domain's own class. */
#define HEIJUNKA_CLASS_DEFAULT 0
/** Refused last. */
#define HEIJUNKA_CLASS_CRITICAL 1
/** The usual class. */
#define HEIJUNKA_CLASS_NORMAL 2
/** Refused first. */
#define HEIJUNKA_CLASS_SHEDDABLE 3

/** The request succeeded. */
#define HEIJUNKA_OUTCOME_OK 0
/** The request failed; it counts for the error rate. */
#define HEIJUNKA_OUTCOME_FAILED 1

/** The regulator decided: whether the request may come in. */
#define HEIJUNKA_STAGE_ADMIT 1
/** The balancer decided: which pool serves it. */
#define HEIJUNKA_STAGE_ROUTE 2
/** The pool decided: which worker serves it. */
#define HEIJUNKA_STAGE_CHECKOUT 3

/** The worker is idle. */
#define HEIJUNKA_CHECKIN_IDLE 1
/** The worker was handed to a waiter: an effect WAITER_READY says to which. */
#define HEIJUNKA_CHECKIN_SERVED 2
/** The worker has left the pool, as it was draining or an overflow worker: an effect REMOVE_WORKERS says so too. */
#define HEIJUNKA_CHECKIN_LEFT 3
/** The worker is an overflow worker that stays, idle, for `overflow_ttl_us`. */
#define HEIJUNKA_CHECKIN_LINGERING 4

/** Utilization at most 0.80 and error rate at most 0.05. */
#define HEIJUNKA_HEALTH_HEALTHY 1
/** Neither healthy nor critical. */
#define HEIJUNKA_HEALTH_DEGRADED 2
/** Utilization above 0.95. */
#define HEIJUNKA_HEALTH_CRITICAL 3

/** The request was admitted. */
#define HEIJUNKA_REASON_ACCEPTED 1
/** The domain is closed. */
#define HEIJUNKA_REASON_DOMAIN_CLOSED 2
/** The domain holds as many tokens as its `max_concurrent` allows. */
#define HEIJUNKA_REASON_DOMAIN_LIMIT 3
/** The load has reached the hard limit. */
#define HEIJUNKA_REASON_HARD_LIMIT 4
/** What is left is reserved for another class. */
#define HEIJUNKA_REASON_RESERVED 5
/** Sheddable work is refused first. */
#define HEIJUNKA_REASON_SHED 6
/** The load has reached the adaptive limit, or the class's share of it. */
#define HEIJUNKA_REASON_ADAPTIVE 7
/** `limits.max_tokens` tokens are out. */
#define HEIJUNKA_REASON_TOKENS_FULL 8
/** The domain has one candidate pool. */
#define HEIJUNKA_REASON_PRIMARY 20
/** An affinity group names the pool. */
#define HEIJUNKA_REASON_AFFINITY 21
/** The key's hash chose among several candidates. */
#define HEIJUNKA_REASON_HASH 22
/** The key's own pool is overloaded; a less utilized one was taken. */
#define HEIJUNKA_REASON_SPILL_OVERLOADED 23
/** Every candidate is closed or empty; a spill pool was taken. */
#define HEIJUNKA_REASON_SPILL_CLOSED 24
/** Every pool is overloaded; the least utilized one was taken. */
#define HEIJUNKA_REASON_ALL_OVERLOADED 25
/** Every pool the request could go to is closed or empty. */
#define HEIJUNKA_REASON_NO_POOLS 26
/** An idle worker was handed out. */
#define HEIJUNKA_REASON_WORKER_IDLE 40
/** A temporary worker beyond the pool's current count was handed out. */
#define HEIJUNKA_REASON_OVERFLOW 41
/** The request waits in the pool's line. */
#define HEIJUNKA_REASON_WAITING 42
/** Every worker is busy, and the request doesn't wait (or the pool has no line). */
#define HEIJUNKA_REASON_BUSY 43
/** The waiting line is full, or all lines together are (`limits.max_waiters`). */
#define HEIJUNKA_REASON_QUEUE_FULL 44
/** The pool is closed. */
#define HEIJUNKA_REASON_POOL_CLOSED 45
/** `limits.max_workers` workers exist. */
#define HEIJUNKA_REASON_WORKERS_FULL 46
/** The waiter was handed a worker. */
#define HEIJUNKA_REASON_WORKER_FREE 50
/** The waiter's `wait_until` has passed. */
#define HEIJUNKA_REASON_WAIT_OVER 51
/** The line is overloaded and the waiter is older than the target (CoDel). */
#define HEIJUNKA_REASON_CODEL_DROP 52
/** Demand is above the upper threshold. */
#define HEIJUNKA_REASON_DEMAND_HIGH 60
/** Demand has stood at or above the proactive threshold. */
#define HEIJUNKA_REASON_PROACTIVE 61
/** The pool is degraded or critical. */
#define HEIJUNKA_REASON_UNHEALTHY 62
/** Demand is below the lower threshold. */
#define HEIJUNKA_REASON_DEMAND_LOW 63
/** Demand has been low for long; the pool shrinks by plan. */
#define HEIJUNKA_REASON_PLANNED_DOWN 64
/** The desired count of proportional mode. */
#define HEIJUNKA_REASON_PROPORTIONAL 65
/** The desired count of staffing mode (Erlang C). */
#define HEIJUNKA_REASON_STAFFING 66
/** Asked for by hand. */
#define HEIJUNKA_REASON_MANUAL 67
/** The pool is at its `max_workers` (or, surge included, its `surge_max_workers`). */
#define HEIJUNKA_REASON_MAX_WORKERS_REACHED 68
/** The pool is at its `min_workers`. */
#define HEIJUNKA_REASON_MIN_WORKERS_REACHED 69
/** A worker failed or was reported dead; a new one takes its place. */
#define HEIJUNKA_REASON_WORKER_FAILED 70
/** An ordered worker wasn't ready within `worker_start_timeout_us`; another one takes its place. */
#define HEIJUNKA_REASON_START_TIMEOUT 71
/** A draining worker was checked in and leaves. */
#define HEIJUNKA_REASON_DRAINED 72
/** An overflow worker is no longer needed. */
#define HEIJUNKA_REASON_OVERFLOW_OVER 73
/** The token was held longer than `token_ttl_us`. */
#define HEIJUNKA_REASON_TOKEN_TTL 74
/** The load went above the soft limit. */
#define HEIJUNKA_REASON_SOFT_LIMIT 75
/** A periodic check is due. */
#define HEIJUNKA_REASON_PERIODIC 76
/** The ticket's token expired or was released while it was waiting. */
#define HEIJUNKA_REASON_TICKET_EXPIRED 77
/** A worker moves from the least to the most utilized pool. */
#define HEIJUNKA_REASON_REBALANCE 80
/** The coefficient isn't below the trigger. */
#define HEIJUNKA_REASON_BALANCED 81
/** The last migration is too recent. */
#define HEIJUNKA_REASON_COOLDOWN 82
/** The donor would fall below its `min_workers`. */
#define HEIJUNKA_REASON_DONOR_AT_MINIMUM 83
/** The taker would rise above its `max_workers`. */
#define HEIJUNKA_REASON_TAKER_AT_MAXIMUM 84
/** The donor has no idle worker. */
#define HEIJUNKA_REASON_NO_IDLE_WORKER 85
/** The move wouldn't shrink the spread. */
#define HEIJUNKA_REASON_SPREAD_NOT_REDUCED 86
/** Fewer than two open pools have workers. */
#define HEIJUNKA_REASON_TOO_FEW_POOLS 87
/** Load jumped above the burst threshold. */
#define HEIJUNKA_REASON_BURST 90
/** The surge's hold is over; its workers leave one by one. */
#define HEIJUNKA_REASON_SURGE_OVER 91
/** Surges were disabled; a running one ends early. */
#define HEIJUNKA_REASON_SURGE_DISABLED 92
/** A surge worker due to leave stays as a baseline worker, because the scaler wants one. */
#define HEIJUNKA_REASON_HAND_OVER 93
/** The adaptive limit rose: requests take no longer than usual. */
#define HEIJUNKA_REASON_LATENCY_LOW 95
/** The adaptive limit fell: requests take too long. */
#define HEIJUNKA_REASON_LATENCY_HIGH 96
/** The adaptive limit fell: too many requests failed. */
#define HEIJUNKA_REASON_DROPS 97
/** The adaptive limit rose: more concurrency brings more throughput. */
#define HEIJUNKA_REASON_THROUGHPUT_RISES 98
/** The adaptive limit fell: more concurrency brings no more throughput. */
#define HEIJUNKA_REASON_THROUGHPUT_FLAT 99
/** The rule's condition has held for its `for_us`. */
#define HEIJUNKA_REASON_ALERT_FIRING 100
/** The condition of a rule that was firing has ended. */
#define HEIJUNKA_REASON_ALERT_RESOLVED 101
/** As many items wait as may: of the domain, or of all domains together. */
#define HEIJUNKA_REASON_BACKLOG_FULL 110

/** Start `count` workers in `pool`: `workers` are their ids. */
#define HEIJUNKA_EFFECT_ADD_WORKERS 1
/** Stop `count` workers of `pool`; they are idle and get no more work. `workers` are their ids. */
#define HEIJUNKA_EFFECT_REMOVE_WORKERS 2
/** Move `workers` from `pool` to `to_pool`; they keep their ids. */
#define HEIJUNKA_EFFECT_MIGRATE_WORKERS 3
/** A surge began. `pool` is set when it concerns that pool alone; `count` is the workers added. */
#define HEIJUNKA_EFFECT_SURGE_STARTED 4
/** A surge is over and all its workers have left. `pool` as in HEIJUNKA_EFFECT_SURGE_STARTED. */
#define HEIJUNKA_EFFECT_SURGE_ENDED 5
/** `count` surge workers of `pool` stay as baseline workers. Nothing needs to be started or stopped. */
#define HEIJUNKA_EFFECT_SURGE_WORKERS_KEPT 6
/** `waiter` (of `ticket`, if any) was handed `workers[0]` of `pool`. */
#define HEIJUNKA_EFFECT_WAITER_READY 7
/** `waiter` (of `ticket`, if any) has left the line of `pool` unserved. */
#define HEIJUNKA_EFFECT_WAITER_EXPIRED 8
/** Check the workers of `pool` and call heijunka_engine_report_health. */
#define HEIJUNKA_EFFECT_CHECK_HEALTH 9
/** `token` of `domain` (of `ticket`, if any) was held too long and taken back. */
#define HEIJUNKA_EFFECT_TOKEN_EXPIRED 10
/** The load has gone above the soft limit. */
#define HEIJUNKA_EFFECT_SOFT_LIMIT_EXCEEDED 11
/**
 * The rule at place `alert` of `alerts` fires, for `pool` if it is one of each pool: its metric is `value`, and
 * `options` is what may be done about it.
 */
#define HEIJUNKA_EFFECT_ALERT_FIRING 12
/** What fired (`alert` and `pool` as in HEIJUNKA_EFFECT_ALERT_FIRING) has ended: its metric is `value` now. */
#define HEIJUNKA_EFFECT_ALERT_RESOLVED 13

/** Add workers: heijunka_engine_scale_up. */
#define HEIJUNKA_OPTION_SCALE_UP 1
/** Refuse sheddable work: close its domains, or lower `regulator.sheddable_fraction`. */
#define HEIJUNKA_OPTION_SHED_SHEDDABLE 2
/** Close the domains that aren't critical: heijunka_engine_set_domain_open. */
#define HEIJUNKA_OPTION_CLOSE_NON_CRITICAL 4

/**
 * The version of this interface. A program that was compiled with another one than the library it runs with
 * mustn't go on: compare it with heijunka_abi_version() once, at the start.
 */
#define HEIJUNKA_ABI_VERSION 1

/**
 * An engine: a state machine that decides, and a lock around it. Any thread may call it at any time; a call holds
 * the lock for about a microsecond. It reads no clock, does no I/O and starts no thread.
 */
typedef struct heijunka_engine heijunka_engine;

/**
 * A pacer: it releases items of several domains one by one, at takt time, in leveled order; a box between those who
 * produce in bursts and those who can't take bursts. Any thread may call it at any time: there is a lock inside.
 *
 *   1. heijunka_pacer_offer an item when it comes up;
 *   2. heijunka_pacer_poll, and do what was released;
 *   3. sleep until heijunka_pacer_next_deadline, or the next item comes up, and go on with 2.
 */
typedef struct heijunka_pacer heijunka_pacer;

/** A simulation that has run, and its outcome. It doesn't change any more, so that any thread may read it. */
typedef struct heijunka_simulation heijunka_simulation;

/**
 * The answer to heijunka_engine_dispatch: a ticket with a worker or with a place in the waiting line, or one
 * refusal that names its stage and left nothing taken.
 */
typedef struct heijunka_dispatch {
  /** The ticket to complete; 0 when refused. */
  uint64_t ticket;
  /** The ticket's token, to know it again in effects; heijunka_engine_complete releases it. 0 when refused. */
  uint64_t token;
  /** The worker; heijunka_engine_complete checks it in. 0 when waiting or refused. */
  uint64_t worker;
  /** The place in the waiting line, 0 when not waiting. An effect WAITER_READY or WAITER_EXPIRED will carry it. */
  uint64_t waiter;
  /** When refused: the earliest time worth retrying, in microseconds from now (never 0). Else 0. */
  uint64_t retry_after_us;
  /** The pool that serves (or refused) the request; HEIJUNKA_NO_ID when it was refused before there was one. */
  uint32_t pool;
  /** Where `reason`, `limit` and `load` come from: a HEIJUNKA_STAGE_*. */
  uint32_t stage;
  /** Why: a HEIJUNKA_REASON_*. */
  uint32_t reason;
  /** The limit that decided. */
  uint32_t limit;
  /** The load that was compared with `limit`. */
  uint32_t load;
  /** 1: the load is now above the soft limit. */
  uint8_t warning;
  /** 1: the pool isn't the one that the key falls to. */
  uint8_t spilled;
  /**
   * 1: the worker is a temporary one beyond the pool's count, made for this request (an
   * effect ADD_WORKERS names it).
   */
  uint8_t overflow;
  /** Always 0. */
  uint8_t reserved[1];
} heijunka_dispatch;

/** The answer to heijunka_engine_complete: what the ticket still held. */
typedef struct heijunka_completion {
  /** 1: its token was released now; 0: it had expired or was released before. */
  uint8_t token_released;
  /**
   * 1: its worker was checked in now; 0: it was checked in before, has failed, or the request was still waiting
   * (and waits no more).
   */
  uint8_t worker_returned;
  /** Always 0. */
  uint8_t reserved[2];
} heijunka_completion;

/** The answer to heijunka_engine_admit. */
typedef struct heijunka_admission {
  /** The token to release; 0 when refused. */
  uint64_t token;
  /** When refused: the earliest time worth retrying, in microseconds from now (never 0). Else 0. */
  uint64_t retry_after_us;
  /** Why: a HEIJUNKA_REASON_*; ACCEPTED when admitted. */
  uint32_t reason;
  /** The limit that decided; when admitted, that of the request's class. 0 for a closed domain. */
  uint32_t limit;
  /** The load that was compared with `limit`; when admitted, the new total load. */
  uint32_t load;
  /** 1: admitted, 0: refused. */
  uint8_t admitted;
  /** 1: the load is now above the soft limit. */
  uint8_t warning;
  /** Always 0. */
  uint8_t reserved[2];
} heijunka_admission;

/** The answer to heijunka_engine_route. */
typedef struct heijunka_route {
  /** The pool; HEIJUNKA_NO_ID when every pool the request could go to is closed or empty. */
  uint32_t pool;
  /** Why this pool: a HEIJUNKA_REASON_*. */
  uint32_t reason;
  /** 1: it isn't the pool that the key falls to. */
  uint8_t spilled;
  /** Always 0. */
  uint8_t reserved[3];
} heijunka_route;

/** The answer to heijunka_engine_checkout: a worker, or a place in the waiting line, or (refused) neither. */
typedef struct heijunka_checkout {
  /** The worker to check in; 0 when waiting or refused. */
  uint64_t worker;
  /** The place in the waiting line, 0 when not waiting. An effect WAITER_READY or WAITER_EXPIRED will carry it. */
  uint64_t waiter;
  /** When refused: the earliest time worth retrying, in microseconds from now (never 0). Else 0. */
  uint64_t retry_after_us;
  /**
   * Why: HEIJUNKA_REASON_WORKER_IDLE, OVERFLOW or WAITING; when refused BUSY, QUEUE_FULL, POOL_CLOSED or
   * WORKERS_FULL.
   */
  uint32_t reason;
  /** The limit that decided: the pool's workers, or the places in its line. */
  uint32_t limit;
  /** What was compared with `limit`: the busy workers, or the waiters. */
  uint32_t load;
  /**
   * 1: the worker is a temporary one beyond the pool's count, made for this checkout (an
   * effect ADD_WORKERS names it).
   */
  uint8_t overflow;
  /** Always 0. */
  uint8_t reserved[3];
} heijunka_checkout;

/** The answer to heijunka_engine_checkin. */
typedef struct heijunka_checkin {
  /** What became of the worker: a HEIJUNKA_CHECKIN_*. */
  uint32_t outcome;
} heijunka_checkin;

/**
 * An effect: something the caller has to do, or may want to know. Which fields are set beside the first three is
 * said at each HEIJUNKA_EFFECT_*; the others are 0 (`pool`, `to_pool` and `domain`: HEIJUNKA_NO_ID). The ids of
 * its workers come beside it, see heijunka_engine_poll_effect.
 */
typedef struct heijunka_effect {
  /** When it was decided, in microseconds. */
  uint64_t at_us;
  /** What it is: a HEIJUNKA_EFFECT_*. */
  uint32_t kind;
  /** Why: a HEIJUNKA_REASON_*. */
  uint32_t reason;
  /** The token it is about. */
  uint64_t token;
  /** The waiter it is about. */
  uint64_t waiter;
  /** The ticket it is about. */
  uint64_t ticket;
  /** The pool it is about. */
  uint32_t pool;
  /** Where workers move to. */
  uint32_t to_pool;
  /** The domain it is about. */
  uint32_t domain;
  /** How many workers (SOFT_LIMIT_EXCEEDED: tokens) it is about. */
  uint32_t count;
  /** 1: the workers are surge workers. */
  uint8_t surge;
  /** Always 0. */
  uint8_t reserved[7];
  /** What the metric of the alert rule is; 0 without one. */
  double value;
  /** The alert rule it is about: its place in `alerts` of the configuration, from 0; else HEIJUNKA_NO_ID. */
  uint32_t alert;
  /** What may be done about the alert: some of HEIJUNKA_OPTION_*, added up. */
  uint32_t options;
} heijunka_effect;

/** The answer to heijunka_engine_scale_up and heijunka_engine_scale_down. */
typedef struct heijunka_scaling {
  /** The pool's workers after the call: those still starting included, those that are leaving not. */
  uint32_t workers;
  /** HEIJUNKA_REASON_MANUAL; when refused MAX_WORKERS_REACHED, MIN_WORKERS_REACHED or WORKERS_FULL. */
  uint32_t reason;
  /** 1: the count changed. */
  uint8_t scaled;
  /** Always 0. */
  uint8_t reserved[3];
} heijunka_scaling;

/** The answer to heijunka_engine_rebalance. */
typedef struct heijunka_rebalance {
  /** The greatest difference of utilization between two pools before the move, from 0 to 1. */
  double spread;
  /** The least utilized pool, which gives a worker up; HEIJUNKA_NO_ID unless there is an imbalance to act on. */
  uint32_t from;
  /** The most utilized pool, which gets it; HEIJUNKA_NO_ID unless there is an imbalance to act on. */
  uint32_t to;
  /** HEIJUNKA_REASON_REBALANCE when a worker moves; else why none does. */
  uint32_t reason;
  /** 1: a worker moves; an effect MIGRATE_WORKERS says which. */
  uint8_t migrated;
  /** Always 0. */
  uint8_t reserved[3];
} heijunka_rebalance;

/** The answer to heijunka_pacer_offer. */
typedef struct heijunka_offer {
  /** When refused: the earliest time worth retrying, in microseconds from now (never 0). Else 0. */
  uint64_t retry_after_us;
  /** Why: HEIJUNKA_REASON_ACCEPTED or BACKLOG_FULL. */
  uint32_t reason;
  /** The limit that decided: the domain's `max_backlog`, or, when all domains together are full, the pacer's. */
  uint32_t limit;
  /** The items that wait, of the domain or of all; when accepted the domain's, the new one among them. */
  uint32_t load;
  /** 1: accepted, 0: refused. */
  uint8_t accepted;
  /** Always 0. */
  uint8_t reserved[3];
} heijunka_offer;

/** An item that heijunka_pacer_poll released. */
typedef struct heijunka_release {
  /** The item, as it was offered. */
  uint64_t item;
  /** When it was due. */
  uint64_t due_us;
  /** Whose it is. */
  uint32_t domain;
  /** Always 0. */
  uint8_t reserved[4];
} heijunka_release;

#ifdef __cplusplus
extern "C" {
#endif

/**
 * The text of this thread's last error, such as "unknown token 7: ...". A configuration's lists every problem, a
 * line each. It stays until the next error on this thread; empty before the first. Calls of this function don't
 * change it.
 *
 * Answers HEIJUNKA_OK, HEIJUNKA_ERROR_BUFFER_TOO_SMALL or HEIJUNKA_ERROR_NULL_POINTER.
 */
int32_t heijunka_last_error(char *buf,
                            size_t cap,
                            size_t *out_len);

/**
 * The stable name of a status: "ok", "refused", "unknown_token", ... "unknown" for any other number. Never NULL,
 * and never to be freed.
 */
const char *heijunka_status_name(int32_t status);

/**
 * The stable name of a reason: "accepted", "hard_limit", ... "unknown" for any other number. Never NULL, and never
 * to be freed.
 */
const char *heijunka_reason_name(uint32_t reason);

/**
 * The stable name of a kind of effect: "AddWorkers", "WaiterReady", ... "unknown" for any other number. Never NULL,
 * and never to be freed.
 */
const char *heijunka_effect_kind_name(uint32_t kind);

/**
 * The HEIJUNKA_ABI_VERSION that the library was built with. Functions, constants and fields at the end of structs
 * are added without changing it.
 */
uint32_t heijunka_abi_version(void);

/** The library's version, such as "0.1.0". Never NULL, and never to be freed. */
const char *heijunka_version(void);

/**
 * The full configuration, as JSON, that `config` stands for: checked, every default filled in. `config` is JSON or
 * TOML, `config_len` bytes; NULL with 0 is the empty configuration.
 *
 * Fails with HEIJUNKA_ERROR_INVALID_CONFIG; heijunka_last_error then lists all that is wrong.
 */
int32_t heijunka_config_resolve(const char *config,
                                size_t config_len,
                                char *buf,
                                size_t cap,
                                size_t *out_len);

/**
 * The full configuration, as JSON, of a preset: "classic" (the defaults) or "adaptive".
 *
 * Fails with HEIJUNKA_ERROR_INVALID_ARGUMENT for any other name.
 */
int32_t heijunka_preset(const char *name, size_t name_len, char *buf, size_t cap, size_t *out_len);

/** A year's bill of surges, in money: two a day at $2.50 are $1,825. */
double heijunka_surge_cost_per_year(double surges_per_day, double cost_per_surge);

/** A year's bill of permanent workers, in money: one at $1.00 an hour is $8,760. */
double heijunka_baseline_cost_per_year(uint32_t workers, double price_per_hour);

/**
 * Makes an engine that starts at `now_us`, and writes it to `*out_engine`. `config` is JSON (text that begins with
 * a brace) or TOML, `config_len` bytes; NULL with 0 is the empty configuration: the default system.
 *
 * The pools' initial workers are there at once, without an effect: heijunka_engine_pool_workers lists them.
 *
 * Fails with HEIJUNKA_ERROR_INVALID_CONFIG (heijunka_last_error then lists all that is wrong, a line each),
 * INVALID_UTF8 or TIME_OUT_OF_RANGE.
 */
int32_t heijunka_engine_new(const char *config,
                            size_t config_len,
                            uint64_t now_us,
                            struct heijunka_engine **out_engine);

/** Frees an engine and all it knows. NULL is fine. No other thread may be inside a call on it, or call it again. */
void heijunka_engine_free(struct heijunka_engine *engine);

/**
 * The id of the domain with this name, for all other calls: a number from 0 to their count - 1, fixed for the
 * engine's life. Costs a search through the names: look it up once.
 *
 * Fails with HEIJUNKA_ERROR_UNKNOWN_DOMAIN.
 */
int32_t heijunka_engine_domain_id(const struct heijunka_engine *engine,
                                  const char *name,
                                  size_t name_len,
                                  uint32_t *out_domain);

/**
 * The id of the pool with this name; as heijunka_engine_domain_id.
 *
 * Fails with HEIJUNKA_ERROR_UNKNOWN_POOL.
 */
int32_t heijunka_engine_pool_id(const struct heijunka_engine *engine,
                                const char *name,
                                size_t name_len,
                                uint32_t *out_pool);

/**
 * A domain's name.
 *
 * Fails with HEIJUNKA_ERROR_UNKNOWN_DOMAIN.
 */
int32_t heijunka_engine_domain_name(const struct heijunka_engine *engine,
                                    uint32_t domain,
                                    char *buf,
                                    size_t cap,
                                    size_t *out_len);

/**
 * A pool's name.
 *
 * Fails with HEIJUNKA_ERROR_UNKNOWN_POOL.
 */
int32_t heijunka_engine_pool_name(const struct heijunka_engine *engine,
                                  uint32_t pool,
                                  char *buf,
                                  size_t cap,
                                  size_t *out_len);

/** How many domains there are; their ids are 0, 1, .... */
int32_t heijunka_engine_domain_count(const struct heijunka_engine *engine, uint32_t *out_count);

/** How many pools there are; their ids are 0, 1, .... */
int32_t heijunka_engine_pool_count(const struct heijunka_engine *engine, uint32_t *out_count);

/**
 * The whole way of a request in one call: admission, routing, checkout. Answers HEIJUNKA_OK with a ticket to
 * complete and a worker, or (only with `wait_until_us`, and if the pool has a line) a place in the pool's
 * waiting line; or HEIJUNKA_REFUSED, which names its stage and leaves nothing taken.
 *
 * `key` says what belongs together (a customer, a session): requests of a domain with several pools go to
 * the pool that the key falls to. Any bytes; NULL with 0 is the empty key. `request_class` is a
 * HEIJUNKA_CLASS_*, never above what the domain's `max_class` allows. `wait_until_us` is the time
 * (not a duration) until which the request may wait; 0: it doesn't wait.
 *
 * Fails with UNKNOWN_DOMAIN, KEY_TOO_LONG, TIME_OUT_OF_RANGE or INVALID_ARGUMENT.
 */
int32_t heijunka_engine_dispatch(struct heijunka_engine *engine,
                                 uint64_t now_us,
                                 uint32_t domain,
                                 const void *key,
                                 size_t key_len,
                                 uint32_t request_class,
                                 uint64_t wait_until_us,
                                 size_t out_size,
                                 struct heijunka_dispatch *out_dispatch);

/**
 * Ends a dispatched request: its worker is checked in and its token released. A request that still waits
 * waits no more. `outcome` is a HEIJUNKA_OUTCOME_*.
 *
 * Fails with UNKNOWN_TICKET for a ticket that was completed, has ended or was never given out; nothing
 * changes.
 */
int32_t heijunka_engine_complete(struct heijunka_engine *engine,
                                 uint64_t now_us,
                                 uint64_t ticket,
                                 uint32_t outcome,
                                 size_t out_size,
                                 struct heijunka_completion *out_completion);

/**
 * Asks to come in. Answers HEIJUNKA_OK with a token to release, or HEIJUNKA_REFUSED. `request_class` is a
 * HEIJUNKA_CLASS_*, never above what the domain's `max_class` allows.
 *
 * Fails with UNKNOWN_DOMAIN, TIME_OUT_OF_RANGE or INVALID_ARGUMENT.
 */
int32_t heijunka_engine_admit(struct heijunka_engine *engine,
                              uint64_t now_us,
                              uint32_t domain,
                              uint32_t request_class,
                              size_t out_size,
                              struct heijunka_admission *out_admission);

/**
 * Gives a token back. `outcome` is a HEIJUNKA_OUTCOME_*.
 *
 * Fails with UNKNOWN_TOKEN for a token that was released, has expired or was never given out; nothing
 * changes.
 */
int32_t heijunka_engine_release(struct heijunka_engine *engine,
                                uint64_t now_us,
                                uint64_t token,
                                uint32_t outcome);

/**
 * Chooses the pool for a key. Answers HEIJUNKA_OK with a pool, or HEIJUNKA_REFUSED when every pool the
 * request could go to is closed or empty. `key` as for heijunka_engine_dispatch.
 *
 * Fails with UNKNOWN_DOMAIN, KEY_TOO_LONG or TIME_OUT_OF_RANGE.
 */
int32_t heijunka_engine_route(struct heijunka_engine *engine,
                              uint64_t now_us,
                              uint32_t domain,
                              const void *key,
                              size_t key_len,
                              size_t out_size,
                              struct heijunka_route *out_route);

/**
 * Asks a pool for a worker. Answers HEIJUNKA_OK with a worker to check in, or (only with `wait_until_us`,
 * and if the pool has a line) with a place in its waiting line; or HEIJUNKA_REFUSED. `wait_until_us` is the
 * time (not a duration) until which to wait; 0: don't wait.
 *
 * Fails with UNKNOWN_POOL or TIME_OUT_OF_RANGE.
 */
int32_t heijunka_engine_checkout(struct heijunka_engine *engine,
                                 uint64_t now_us,
                                 uint32_t pool,
                                 uint64_t wait_until_us,
                                 size_t out_size,
                                 struct heijunka_checkout *out_checkout);

/**
 * Gives a worker back; the answer says what becomes of it. `outcome` is a HEIJUNKA_OUTCOME_*.
 *
 * Fails with UNKNOWN_WORKER for a worker that isn't out; nothing changes.
 */
int32_t heijunka_engine_checkin(struct heijunka_engine *engine,
                                uint64_t now_us,
                                uint64_t worker,
                                uint32_t outcome,
                                size_t out_size,
                                struct heijunka_checkin *out_checkin);

/**
 * Leaves a waiting line. If a ticket waits there, it ends, and its token is released.
 *
 * Fails with UNKNOWN_WAITER for a waiter that was served, has left or never existed; nothing changes.
 */
int32_t heijunka_engine_cancel_wait(struct heijunka_engine *engine, uint64_t now_us, uint64_t waiter);

/**
 * Says that an ordered worker is ready. Needed with `worker_start = "confirmed"` in the configuration alone;
 * otherwise an ordered worker counts as ready at once.
 *
 * Fails with UNKNOWN_WORKER for a worker that isn't starting; nothing changes.
 */
int32_t heijunka_engine_worker_ready(struct heijunka_engine *engine, uint64_t now_us, uint64_t worker);

/**
 * Takes a failed worker out, counts a failure and orders a replacement (an effect ADD_WORKERS). A ticket it
 * was busy with still has to be completed.
 *
 * Fails with UNKNOWN_WORKER for a worker that has left or never existed; nothing changes.
 */
int32_t heijunka_engine_worker_failed(struct heijunka_engine *engine, uint64_t now_us, uint64_t worker);

/**
 * Answers an effect CHECK_HEALTH: `alive` and `dead` are ids of workers of the pool (NULL with 0: none). The
 * dead ones are taken out and replaced; `*out_replaced` is how many.
 *
 * Fails with UNKNOWN_POOL, or with UNKNOWN_WORKER for an id that isn't a worker of the pool or is in both
 * lists; nothing changes.
 */
int32_t heijunka_engine_report_health(struct heijunka_engine *engine,
                                      uint64_t now_us,
                                      uint32_t pool,
                                      const uint64_t *alive,
                                      size_t alive_count,
                                      const uint64_t *dead,
                                      size_t dead_count,
                                      uint32_t *out_replaced);

/**
 * Runs every timer that is due and queues effects; heijunka_engine_poll_effect takes them. Call it when
 * heijunka_engine_next_deadline has come, or later: a step after a long sleep costs the same and makes up
 * for what was missed. Nothing due: a few comparisons.
 *
 * Fails with TIME_OUT_OF_RANGE.
 */
int32_t heijunka_engine_step(struct heijunka_engine *engine, uint64_t now_us);

/**
 * Takes the oldest effect that wasn't taken yet: HEIJUNKA_OK, or HEIJUNKA_NONE when there is none. Take
 * effects after every heijunka_engine_step, and after inputs: heijunka_engine_checkin and
 * heijunka_engine_complete may serve a waiter, others may add or remove workers.
 *
 * Effects that nobody takes are bounded: past `limits.max_effects` of the configuration the oldest are dropped, and
 * effects_dropped of heijunka_engine_engine_status counts them.
 *
 * The ids of its workers go to `workers`, which has room for `workers_cap` ids, their number to
 * `*out_worker_count`. If they don't fit: HEIJUNKA_ERROR_BUFFER_TOO_SMALL with `*out_worker_count` set to
 * how many there are and nothing else written; the effect stays the next one. NULL with 0 will do for
 * effects without workers. An effect names no more workers than the pools may have by the configuration.
 */
int32_t heijunka_engine_poll_effect(struct heijunka_engine *engine,
                                    uint64_t *workers,
                                    size_t workers_cap,
                                    size_t *out_worker_count,
                                    size_t out_size,
                                    struct heijunka_effect *out_effect);

/**
 * When the next heijunka_engine_step is needed: HEIJUNKA_OK with a time, always later than the latest one
 * the engine has seen, or HEIJUNKA_NONE for never. Any input may change it, so ask again before sleeping.
 */
int32_t heijunka_engine_next_deadline(const struct heijunka_engine *engine, uint64_t *out_deadline_us);

/**
 * Sets the load above which admissions carry a warning: from 1 to the hard limit. When the present load was not
 * above it and now is, that is a crossing like any other.
 *
 * Fails with OUT_OF_RANGE.
 */
int32_t heijunka_engine_set_soft_limit(struct heijunka_engine *engine,
                                       uint64_t now_us,
                                       uint32_t soft_limit);

/**
 * Sets the load at which admission ends: from the soft limit to `limits.max_tokens` of the configuration.
 * Nobody is evicted: a load above it has to drain.
 *
 * Fails with OUT_OF_RANGE.
 */
int32_t heijunka_engine_set_hard_limit(struct heijunka_engine *engine, uint64_t now_us, uint32_t hard_limit);

/**
 * Replaces the affinity groups: a JSON object from keys to a pool's name or a list of names, such as
 * `{"customer-7": "payment", "vip": ["payment", "delivery"]}`. `{}` takes all groups away; TOML will do too.
 *
 * Fails with INVALID_CONFIG (heijunka_last_error then lists all that is wrong); nothing changes.
 */
int32_t heijunka_engine_set_affinity_groups(struct heijunka_engine *engine,
                                            uint64_t now_us,
                                            const char *groups,
                                            size_t groups_len);

/** Lets surges start again, and undoes the early end of a running one. */
int32_t heijunka_engine_enable_surge(struct heijunka_engine *engine, uint64_t now_us);

/** Stops new surges and lets a running one end early, by the same shrink. */
int32_t heijunka_engine_disable_surge(struct heijunka_engine *engine, uint64_t now_us);

/**
 * Opens (1) or closes (0) a domain. A closed domain's requests are refused.
 *
 * Fails with UNKNOWN_DOMAIN or INVALID_ARGUMENT.
 */
int32_t heijunka_engine_set_domain_open(struct heijunka_engine *engine,
                                        uint64_t now_us,
                                        uint32_t domain,
                                        uint32_t open);

/**
 * Opens (1) or closes (0) a pool. A closed pool takes no new requests; its waiters are still served.
 *
 * Fails with UNKNOWN_POOL or INVALID_ARGUMENT.
 */
int32_t heijunka_engine_set_pool_open(struct heijunka_engine *engine,
                                      uint64_t now_us,
                                      uint32_t pool,
                                      uint32_t open);

/**
 * Says whether it is off-peak (1) or not (0), for `scaler.off_peak_only` of the configuration.
 *
 * Fails with INVALID_ARGUMENT.
 */
int32_t heijunka_engine_set_off_peak(struct heijunka_engine *engine, uint64_t now_us, uint32_t off_peak);

/**
 * Adds a worker by hand (an effect ADD_WORKERS names it). Answers HEIJUNKA_REFUSED when the pool has all it
 * may have.
 *
 * Fails with UNKNOWN_POOL.
 */
int32_t heijunka_engine_scale_up(struct heijunka_engine *engine,
                                 uint64_t now_us,
                                 uint32_t pool,
                                 size_t out_size,
                                 struct heijunka_scaling *out_scaling);

/**
 * Removes a worker by hand (an effect REMOVE_WORKERS names it); when none is idle, a busy one leaves at its
 * checkin. Answers HEIJUNKA_REFUSED when the pool has the least it must have.
 *
 * Fails with UNKNOWN_POOL.
 */
int32_t heijunka_engine_scale_down(struct heijunka_engine *engine,
                                   uint64_t now_us,
                                   uint32_t pool,
                                   size_t out_size,
                                   struct heijunka_scaling *out_scaling);

/**
 * Moves a worker from the least to the most utilized pool now, if that helps; the cooldown since the last
 * move is kept. Answers HEIJUNKA_REFUSED, with the reason, when none moves.
 */
int32_t heijunka_engine_rebalance(struct heijunka_engine *engine,
                                  uint64_t now_us,
                                  size_t out_size,
                                  struct heijunka_rebalance *out_rebalance);

/** The full configuration the engine was made with, every default filled in. */
int32_t heijunka_engine_config(const struct heijunka_engine *engine, char *buf, size_t cap, size_t *out_len);

/**
 * The engine's own state: now_us (the latest time seen), start_us, clock_regressions, effects_pending,
 * effects_dropped, tickets (dispatched requests that aren't completed), journal_records (so far), journal_bytes (not
 * taken yet), journal_lost (inputs that weren't recorded since nobody took what was).
 */
int32_t heijunka_engine_engine_status(const struct heijunka_engine *engine,
                                      char *buf,
                                      size_t cap,
                                      size_t *out_len);

/**
 * Admission: soft_limit, hard_limit, current_load, accepted_requests, rejected_requests, failed_requests,
 * admission_rate, rejection_rate, recent_rejection_rate, load_factor, rejections_by_reason,
 * rejections_by_domain, issued_tokens, live_tokens, released_tokens, expired_tokens; adaptive_limit, adaptive_algorithm,
 * adaptive_latency_us, adaptive_baseline_us, adaptive_reason (null without an adaptive limit). Always: issued = live +
 * released + expired.
 */
int32_t heijunka_engine_regulator_status(const struct heijunka_engine *engine,
                                         char *buf,
                                         size_t cap,
                                         size_t *out_len);

/** Capacity in tokens: total, available, reserved, current_load, load_percentage. */
int32_t heijunka_engine_capacity_info(const struct heijunka_engine *engine,
                                      char *buf,
                                      size_t cap,
                                      size_t *out_len);

/**
 * A pool: name, domain, open, current_workers, available, busy_workers, starting_workers, draining_workers,
 * overflow_workers, min_workers, max_workers, surge_workers, surge_max_workers, utilization, overloaded,
 * queue_length, avg_latency_ms, p50_latency_us, p95_latency_us, p99_latency_us, avg_wait_ms, total_requests,
 * failed_requests, failed_workers, expired_waiters, error_rate, health_status.
 *
 * Fails with UNKNOWN_POOL.
 */
int32_t heijunka_engine_pool_status(const struct heijunka_engine *engine,
                                    uint32_t pool,
                                    char *buf,
                                    size_t cap,
                                    size_t *out_len);

/**
 * A pool's workers, a list of objects: worker (its id), state ("starting", "idle" or "busy"), surge,
 * overflow.
 *
 * Fails with UNKNOWN_POOL.
 */
int32_t heijunka_engine_pool_workers(const struct heijunka_engine *engine,
                                     uint32_t pool,
                                     char *buf,
                                     size_t cap,
                                     size_t *out_len);

/**
 * The balance of the pools: pools (how many), balance_coefficient, total_routed, rebalance_count,
 * pool_utilization (an object by name), balance_status.
 */
int32_t heijunka_engine_balance_status(const struct heijunka_engine *engine,
                                       char *buf,
                                       size_t cap,
                                       size_t *out_len);

/**
 * Burst detection: enabled, in_surge, baseline_load, current_load, load_ratio, burst_threshold,
 * surge_active, surge_count, total_surge_cost (in cost units), total_surge_money, kept_workers,
 * total_surge_us, last_surge_us, pools (a list: pool, phase, baseline_load, current_load, surge_workers).
 */
int32_t heijunka_engine_burst_status(const struct heijunka_engine *engine,
                                     char *buf,
                                     size_t cap,
                                     size_t *out_len);

/**
 * The running surge, and what surges have cost: in_surge, phase, surge_start_us (or null),
 * surge_time_remaining_us, surge_pools, surge_count, total_surge_cost, avg_surge_cost, total_surge_money.
 */
int32_t heijunka_engine_surge_metrics(const struct heijunka_engine *engine,
                                      char *buf,
                                      size_t cap,
                                      size_t *out_len);

/**
 * Whether surges, or the permanent workers that would have made them unnecessary, cost less in a year:
 * observed_us, surges_per_day, cost_per_surge, surge_cost_per_year, baseline_workers,
 * baseline_cost_per_year, cheaper, saving_per_year, currency, advice (a sentence).
 */
int32_t heijunka_engine_cost_advice(const struct heijunka_engine *engine,
                                    char *buf,
                                    size_t cap,
                                    size_t *out_len);

/**
 * The alerts that are pending or firing as of the last evaluation, a list of objects: alert (the rule's place in
 * `alerts` of the configuration), name, pool (or null), severity ("info", "warning" or "critical"), state ("pending"
 * or "firing"), since_us, value.
 */
int32_t heijunka_engine_alerts(const struct heijunka_engine *engine,
                               char *buf,
                               size_t cap,
                               size_t *out_len);

/**
 * Five checks of a well leveled system: pass, and checks (a list: name, figure, above, below (either may be null), pass,
 * pools (a list: pool, figure, pass)).
 */
int32_t heijunka_engine_verify(const struct heijunka_engine *engine,
                               char *buf,
                               size_t cap,
                               size_t *out_len);

/**
 * Demand's pace against the pools' at a time, which it doesn't move on: window_us, and pools (a list: pool, arrivals,
 * takt_us, cycle_us, workers_needed (each of these may be null), workers).
 *
 * Fails with TIME_OUT_OF_RANGE.
 */
int32_t heijunka_engine_takt(const struct heijunka_engine *engine,
                             uint64_t now_us,
                             char *buf,
                             size_t cap,
                             size_t *out_len);

/**
 * Everything as OpenMetrics text, for a Prometheus to scrape: serve it as
 * `application/openmetrics-text; version=1.0.0; charset=utf-8`. (No JSON.)
 */
int32_t heijunka_engine_metrics_text(const struct heijunka_engine *engine,
                                     char *buf,
                                     size_t cap,
                                     size_t *out_len);

/**
 * A pool's health as of the latest time seen: a HEIJUNKA_HEALTH_*.
 *
 * Fails with UNKNOWN_POOL.
 */
int32_t heijunka_engine_health_check(const struct heijunka_engine *engine,
                                     uint32_t pool,
                                     uint32_t *out_health);

/**
 * Simulates a workload on a configuration, in simulated time, and writes a handle for the outcome to
 * `*out_simulation`. `config` is as for heijunka_engine_new. `workload` is JSON or TOML. What arrives is one of
 *   `{"demo": true}`                   the day of a shop, made from `seed`;
 *   `{"trace": "arrival_us,domain..."}`  the text of a trace: CSV, JSON lines or an access log;
 *   `{"requests": [{"arrival_us": 0, "domain": "payment", "service_us": 25000, "key": "k"}, ...]}`
 *   `{"profile": "steady"}`            a built-in workload: "steady", "ramp", "diurnal", "spike", "bursty",
 *                                      "heavy_tail" or "retry_storm";
 *   `{"domains": {"payment": {"arrivals": {"process": "poisson", "rate_per_s": 5},
 *                             "service": {"distribution": "exponential", "mean_us": 100000}, "keys": 1000}, ...}}`
 * A `process` and its fields: "constant" and "poisson" (`rate_per_s`), "ramp" (`from_per_s`, `to_per_s`), "diurnal"
 * (`mean_per_s`, `amplitude`, `period_us`, `peak_at_us`), "spike" (`rate_per_s`, `factor`, `from_us`, `to_us`), "mmpp"
 * (`states`: a list of `rate_per_s` and `mean_us`). A `distribution`, beside `mean_us`: "constant", "exponential",
 * "log_normal" (`variation`), "pareto" (`shape`). The last two sources make requests from `seed` for `duration_us` (an
 * hour).
 *
 * Beside that, where wanted: `format` ("auto", "csv", "jsonl" or "log") and `skip_bad` of a trace, `pools` ("own",
 * "shared" or "config": where domains go that the configuration doesn't have), `set` (a list of "path=value"),
 * `workers_start_delay_us`, `speed_up`, `wait_us`, `default_service_us`. What goes wrong in the world:
 * `crashes_per_worker_hour`; `slow`, a list of `pool`, `from_us`, `to_us` and `factor`; `retries`, clients that try
 * again: `attempts`, `backoff_us`, `multiplier`, `max_backoff_us`, `jitter`, `honor_retry_after`, `timeout_us`.
 * `max_waiting`: the places in the waiting line of pools that don't say how many. `policy`: who scales, "heijunka" (the
 * engine), or to compare with "hpa", "kpa", "celery", "clairvoyant", or a map with `kind` and parameters:
 *   `{"kind": "fixed", "workers": 8}`  a count for each pool, or a map of counts by pool;
 *   `{"kind": "fixed", "for": "peak"}` for the busiest minute, or for the "mean", with `target` (0.7);
 *   "hpa": `target`, `tolerance`, `period_us`, `stabilization_us`, `up_fraction`, `up_workers`;
 *   "kpa": `target`, `stable_window_us`, `panic_window_us`, `panic_threshold`, `tick_us`, `max_scale_up_rate`,
 *          `max_scale_down_rate`, `scale_down_delay_us`;
 *   "celery": `period_us`, `keepalive_us`, `prefetch_multiplier`.
 * `runs`:
 * with how many seeds, from `seed` on; the outcome is that of the first, and its `runs` has the mean and the 95 %
 * interval of the main figures. The same arguments give the same outcome, bit for bit.
 *
 * It answers when the simulation has run: a day of 200 requests a second takes about six seconds.
 *
 * Fails with INVALID_CONFIG (of the workload as well), INVALID_TRACE or INVALID_UTF8; heijunka_last_error tells what
 * is wrong.
 */
int32_t heijunka_simulation_new(const char *config,
                                size_t config_len,
                                const char *workload,
                                size_t workload_len,
                                uint64_t seed,
                                struct heijunka_simulation **out_simulation);

/**
 * The outcome of a simulation: what was offered, accepted, refused and why, waits and latencies, utilization,
 * worker-hours and cost, and how all that went over time.
 */
int32_t heijunka_simulation_result(const struct heijunka_simulation *simulation,
                                   char *buf,
                                   size_t cap,
                                   size_t *out_len);

/** Frees a simulation. NULL is fine. No other thread may be inside a call on it, or call it again. */
void heijunka_simulation_free(struct heijunka_simulation *simulation);

/**
 * All that the engine holds, as bytes: undrained effects, tickets, statistics, its configuration and its clock.
 * heijunka_engine_restore makes an engine of them that goes on as this one would, also on another platform or in another
 * language. Changes nothing.
 *
 * `buf` has room for `cap` bytes; `*out_len` is set to how many there are. NULL with 0 asks for the length alone; a few
 * more may be needed when inputs come between the two calls.
 *
 * Fails with BUFFER_TOO_SMALL.
 */
int32_t heijunka_engine_snapshot(struct heijunka_engine *engine,
                                 uint8_t *buf,
                                 size_t cap,
                                 size_t *out_len);

/**
 * Makes the engine that a snapshot was taken of, `snapshot_len` bytes, and writes it to `*out_engine`. It isn't recorded.
 *
 * Fails with INVALID_SNAPSHOT for bytes that are no snapshot, are cut short, damaged or newer than this library;
 * heijunka_last_error says which.
 */
int32_t heijunka_engine_restore(const uint8_t *snapshot,
                                size_t snapshot_len,
                                struct heijunka_engine **out_engine);

/**
 * As heijunka_engine_restore, and leads the engine on by the records that a journal has after the snapshot: the engine as
 * it was last.
 *
 * Fails with INVALID_SNAPSHOT, also when the journal doesn't go on where the snapshot was taken, and with INVALID_JOURNAL.
 */
int32_t heijunka_engine_restore_with(const uint8_t *snapshot,
                                     size_t snapshot_len,
                                     const uint8_t *journal,
                                     size_t journal_len,
                                     struct heijunka_engine **out_engine);

/**
 * Begins to record every input, from now on; heijunka_engine_journal_drain takes what was recorded. The journal begins with
 * a snapshot. What nobody takes is bounded by `limits.max_journal_bytes`: past that nothing is recorded until it is taken,
 * and journal_lost of heijunka_engine_engine_status counts what is missing.
 */
int32_t heijunka_engine_journal_start(struct heijunka_engine *engine);

/**
 * Takes what was recorded and not taken yet, to be appended to what was taken before: as many whole records as `cap` bytes
 * hold. `*out_len` is set to how many bytes were written; 0: there is nothing. NULL with 0 takes nothing, and sets it to how
 * many wait.
 *
 * Fails with BUFFER_TOO_SMALL when not even the first record fits; `*out_len` is how many bytes that needs.
 */
int32_t heijunka_engine_journal_drain(struct heijunka_engine *engine,
                                      uint8_t *buf,
                                      size_t cap,
                                      size_t *out_len);

/**
 * Replays a journal with its own configuration and compares each answer, and each effect that was drained; the result as
 * JSON: equal, records, headers, effects, now_us, differs (the first record that differs: record, offset, now_us, operation;
 * or null), torn (a torn tail, of a write that was cut: offset, bytes; or null). Costs what the inputs cost, in each call:
 * ask with a buffer, 1,024 bytes will do.
 *
 * Fails with INVALID_JOURNAL.
 */
int32_t heijunka_journal_verify(const uint8_t *journal,
                                size_t journal_len,
                                char *buf,
                                size_t cap,
                                size_t *out_len);

/**
 * Replays a journal with its own configuration and with another one side by side; what is decided otherwise, as JSON:
 * records, headers, skipped, from_us, to_us, differ, operations, differences (at most `limit` of them), recorded and other
 * (what came of it in each world), torn. `config` is JSON or TOML, `config_len` bytes. Costs what the inputs cost, twice, in each
 * call.
 *
 * Fails with INVALID_JOURNAL, INVALID_CONFIG or INVALID_UTF8.
 */
int32_t heijunka_journal_replay(const uint8_t *journal,
                                size_t journal_len,
                                const char *config,
                                size_t config_len,
                                uint32_t limit,
                                char *buf,
                                size_t cap,
                                size_t *out_len);

/**
 * The requests that a journal tells of, as a trace in CSV (arrival_us, domain, service_us, key; keys as they are, so that it
 * may not be UTF-8): traffic for heijunka_simulation_new. A request is a dispatch, or an admission up to its release.
 * One that was refused or had not ended gets the mean service of its domain's others that ended well.
 *
 * `buf` has room for `cap` bytes; `*out_len` is set to how many there are. NULL with 0 asks for the length alone. Costs what
 * the inputs cost, in each call.
 *
 * Fails with INVALID_JOURNAL or BUFFER_TOO_SMALL.
 */
int32_t heijunka_journal_trace(const uint8_t *journal,
                               size_t journal_len,
                               uint8_t *buf,
                               size_t cap,
                               size_t *out_len);

/**
 * A journal's extent, and `count` of its records from number `first` on, as JSON: count, headers, from_us, to_us, operations,
 * config, torn, records.
 *
 * Fails with INVALID_JOURNAL.
 */
int32_t heijunka_journal_records(const uint8_t *journal,
                                 size_t journal_len,
                                 uint64_t first,
                                 uint64_t count,
                                 char *buf,
                                 size_t cap,
                                 size_t *out_len);

/**
 * The leveled order of a product mix: `counts[i]` is how often product `i` is made, and `out_order[k]` the product that is
 * made `k`-th (from 0). Among the first `k`, each product comes within one of its share, however many there are: 3, 2, 1
 * is 0 1 0 2 1 0. At a tie the product that is named first comes first.
 *
 * `*out_len` is the number of items, the sum of the counts. `out_order` NULL with `cap` 0 asks for it alone; when it
 * doesn't fit, the answer is BUFFER_TOO_SMALL with `*out_len` set.
 *
 * Fails with OUT_OF_RANGE unless there are from 1 to 16,384 products and from 1 to 16,777,216 items.
 */
int32_t heijunka_sequence(const uint32_t *counts,
                          size_t count,
                          uint32_t *out_order,
                          size_t cap,
                          size_t *out_len);

/**
 * Makes a pacer that starts at `now_us`, and writes it to `*out_pacer`. `config` is JSON (text that begins with a brace)
 * or TOML, `config_len` bytes:
 *   `{"takt_us": 1000, "domains": {"orders": {"weight": 5, "max_backlog": 100}, "mail": {}}}`
 * `takt_us` is the time between two items; `available_us` with `demand` says it as a fraction instead (`demand` is the
 * sum of all weights, when it isn't there). A domain has a `weight` (1), its share against the others', and a
 * `max_backlog` (1,000). `max_backlog` (1,048,576) is for all domains together. `max_catch_up` (0): how many slots
 * that passed while nothing waited may be made up; `max_late` (all): how many that passed while nobody polled.
 *
 * Fails with INVALID_CONFIG (heijunka_last_error then lists all that is wrong, a line each), INVALID_UTF8 or
 * TIME_OUT_OF_RANGE.
 */
int32_t heijunka_pacer_new(const char *config,
                           size_t config_len,
                           uint64_t now_us,
                           struct heijunka_pacer **out_pacer);

/** Frees a pacer and what waits in it. NULL is fine. No other thread may be inside a call on it, or call it again. */
void heijunka_pacer_free(struct heijunka_pacer *pacer);

/**
 * The id of the domain with this name: its place in the configuration, from 0. Costs a search through the names: look it
 * up once.
 *
 * Fails with UNKNOWN_DOMAIN.
 */
int32_t heijunka_pacer_domain_id(const struct heijunka_pacer *pacer,
                                 const char *name,
                                 size_t name_len,
                                 uint32_t *out_domain);

/**
 * A domain's name.
 *
 * Fails with UNKNOWN_DOMAIN.
 */
int32_t heijunka_pacer_domain_name(const struct heijunka_pacer *pacer,
                                   uint32_t domain,
                                   char *buf,
                                   size_t cap,
                                   size_t *out_len);

/** How many domains there are; their ids are 0, 1, .... */
int32_t heijunka_pacer_domain_count(const struct heijunka_pacer *pacer, uint32_t *out_count);

/**
 * Offers an item: any number below 2^53, which is handed back when it is released. Items of a domain are released in the
 * order in which they were offered. Answers HEIJUNKA_OK, or HEIJUNKA_REFUSED when as many wait as may.
 *
 * Fails with UNKNOWN_DOMAIN, OUT_OF_RANGE for the item, or TIME_OUT_OF_RANGE.
 */
int32_t heijunka_pacer_offer(struct heijunka_pacer *pacer,
                             uint64_t now_us,
                             uint32_t domain,
                             uint64_t item,
                             size_t out_size,
                             struct heijunka_offer *out_offer);

/**
 * Releases what is due, at most `cap` items, and writes them to `out_releases`, an array of `cap` structs of `out_size`
 * bytes each; `*out_count` is how many. What doesn't fit is still due. Answers HEIJUNKA_NONE when there is none.
 *
 * Fails with TIME_OUT_OF_RANGE.
 */
int32_t heijunka_pacer_poll(struct heijunka_pacer *pacer,
                            uint64_t now_us,
                            size_t out_size,
                            struct heijunka_release *out_releases,
                            size_t cap,
                            size_t *out_count);

/**
 * When heijunka_pacer_poll will release the next item: later than the latest time seen, also when it is overdue. Answers
 * HEIJUNKA_NONE when nothing waits, or when that lies beyond 2^53. An offer, a release and a setting may change it.
 */
int32_t heijunka_pacer_next_deadline(const struct heijunka_pacer *pacer,
                                     uint64_t *out_deadline_us);

/**
 * Sets the takt to `available_us / demand`. What is left of the way to the next slot is left of the new takt, too: at
 * half the takt, half the time.
 *
 * Fails with OUT_OF_RANGE unless 1 <= demand <= available_us < 2^53, or with TIME_OUT_OF_RANGE.
 */
int32_t heijunka_pacer_set_takt(struct heijunka_pacer *pacer,
                                uint64_t now_us,
                                uint64_t available_us,
                                uint64_t demand);

/**
 * Sets a domain's weight, from 1 to 1,000,000. What waits stays; the new share counts from here on.
 *
 * Fails with UNKNOWN_DOMAIN, OUT_OF_RANGE or TIME_OUT_OF_RANGE.
 */
int32_t heijunka_pacer_set_weight(struct heijunka_pacer *pacer,
                                  uint64_t now_us,
                                  uint32_t domain,
                                  uint32_t weight);

/**
 * The pacer's state, as JSON: now_us, clock_regressions, takt_us, available_us, demand, backlog, max_backlog,
 * next_due_us, accepted, refused, released, lapsed_slots, mean_lateness_us, max_lateness_us, and domains: a list of name,
 * weight, backlog, max_backlog, accepted, refused, released.
 */
int32_t heijunka_pacer_status(const struct heijunka_pacer *pacer,
                              char *buf,
                              size_t cap,
                              size_t *out_len);

#ifdef __cplusplus
}
#endif

#endif  /* HEIJUNKA_H */
