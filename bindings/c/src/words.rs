//! The fixed vocabulary: choices, reasons, kinds of effects, and their names.

use std::ffi::c_char;

use heijunka_core::pool::{CheckinOutcome, HealthStatus};
use heijunka_core::{EffectKind, Reason, Stage};

use crate::names;

/// Times are microseconds below this (2^53).
pub const HEIJUNKA_TIME_LIMIT_US: u64 = 9_007_199_254_740_992;

/// No domain, or no pool.
pub const HEIJUNKA_NO_ID: u32 = u32::MAX;

/// The domain's own class.
pub const HEIJUNKA_CLASS_DEFAULT: u32 = 0;
/// Refused last.
pub const HEIJUNKA_CLASS_CRITICAL: u32 = 1;
/// The usual class.
pub const HEIJUNKA_CLASS_NORMAL: u32 = 2;
/// Refused first.
pub const HEIJUNKA_CLASS_SHEDDABLE: u32 = 3;

/// The request succeeded.
pub const HEIJUNKA_OUTCOME_OK: u32 = 0;
/// The request failed; it counts for the error rate.
pub const HEIJUNKA_OUTCOME_FAILED: u32 = 1;

/// The regulator decided: whether the request may come in.
pub const HEIJUNKA_STAGE_ADMIT: u32 = 1;
/// The balancer decided: which pool serves it.
pub const HEIJUNKA_STAGE_ROUTE: u32 = 2;
/// The pool decided: which worker serves it.
pub const HEIJUNKA_STAGE_CHECKOUT: u32 = 3;

/// The worker is idle.
pub const HEIJUNKA_CHECKIN_IDLE: u32 = 1;
/// The worker was handed to a waiter: an effect WAITER_READY says to which.
pub const HEIJUNKA_CHECKIN_SERVED: u32 = 2;
/// The worker has left the pool, as it was draining or an overflow worker: an effect REMOVE_WORKERS says so too.
pub const HEIJUNKA_CHECKIN_LEFT: u32 = 3;
/// The worker is an overflow worker that stays, idle, for `overflow_ttl_us`.
pub const HEIJUNKA_CHECKIN_LINGERING: u32 = 4;

/// Utilization at most 0.80 and error rate at most 0.05.
pub const HEIJUNKA_HEALTH_HEALTHY: u32 = 1;
/// Neither healthy nor critical.
pub const HEIJUNKA_HEALTH_DEGRADED: u32 = 2;
/// Utilization above 0.95.
pub const HEIJUNKA_HEALTH_CRITICAL: u32 = 3;

/// The request was admitted.
pub const HEIJUNKA_REASON_ACCEPTED: u32 = 1;
/// The domain is closed.
pub const HEIJUNKA_REASON_DOMAIN_CLOSED: u32 = 2;
/// The domain holds as many tokens as its `max_concurrent` allows.
pub const HEIJUNKA_REASON_DOMAIN_LIMIT: u32 = 3;
/// The load has reached the hard limit.
pub const HEIJUNKA_REASON_HARD_LIMIT: u32 = 4;
/// What is left is reserved for another class.
pub const HEIJUNKA_REASON_RESERVED: u32 = 5;
/// Sheddable work is refused first.
pub const HEIJUNKA_REASON_SHED: u32 = 6;
/// The load has reached the adaptive limit, or the class's share of it.
pub const HEIJUNKA_REASON_ADAPTIVE: u32 = 7;
/// `limits.max_tokens` tokens are out.
pub const HEIJUNKA_REASON_TOKENS_FULL: u32 = 8;

/// The domain has one candidate pool.
pub const HEIJUNKA_REASON_PRIMARY: u32 = 20;
/// An affinity group names the pool.
pub const HEIJUNKA_REASON_AFFINITY: u32 = 21;
/// The key's hash chose among several candidates.
pub const HEIJUNKA_REASON_HASH: u32 = 22;
/// The key's own pool is overloaded; a less utilized one was taken.
pub const HEIJUNKA_REASON_SPILL_OVERLOADED: u32 = 23;
/// Every candidate is closed or empty; a spill pool was taken.
pub const HEIJUNKA_REASON_SPILL_CLOSED: u32 = 24;
/// Every pool is overloaded; the least utilized one was taken.
pub const HEIJUNKA_REASON_ALL_OVERLOADED: u32 = 25;
/// Every pool the request could go to is closed or empty.
pub const HEIJUNKA_REASON_NO_POOLS: u32 = 26;

/// An idle worker was handed out.
pub const HEIJUNKA_REASON_WORKER_IDLE: u32 = 40;
/// A temporary worker beyond the pool's current count was handed out.
pub const HEIJUNKA_REASON_OVERFLOW: u32 = 41;
/// The request waits in the pool's line.
pub const HEIJUNKA_REASON_WAITING: u32 = 42;
/// Every worker is busy, and the request doesn't wait (or the pool has no line).
pub const HEIJUNKA_REASON_BUSY: u32 = 43;
/// The waiting line is full, or all lines together are (`limits.max_waiters`).
pub const HEIJUNKA_REASON_QUEUE_FULL: u32 = 44;
/// The pool is closed.
pub const HEIJUNKA_REASON_POOL_CLOSED: u32 = 45;
/// `limits.max_workers` workers exist.
pub const HEIJUNKA_REASON_WORKERS_FULL: u32 = 46;

/// The waiter was handed a worker.
pub const HEIJUNKA_REASON_WORKER_FREE: u32 = 50;
/// The waiter's `wait_until` has passed.
pub const HEIJUNKA_REASON_WAIT_OVER: u32 = 51;
/// The line is overloaded and the waiter is older than the target (CoDel).
pub const HEIJUNKA_REASON_CODEL_DROP: u32 = 52;

/// Demand is above the upper threshold.
pub const HEIJUNKA_REASON_DEMAND_HIGH: u32 = 60;
/// Demand has stood at or above the proactive threshold.
pub const HEIJUNKA_REASON_PROACTIVE: u32 = 61;
/// The pool is degraded or critical.
pub const HEIJUNKA_REASON_UNHEALTHY: u32 = 62;
/// Demand is below the lower threshold.
pub const HEIJUNKA_REASON_DEMAND_LOW: u32 = 63;
/// Demand has been low for long; the pool shrinks by plan.
pub const HEIJUNKA_REASON_PLANNED_DOWN: u32 = 64;
/// The desired count of proportional mode.
pub const HEIJUNKA_REASON_PROPORTIONAL: u32 = 65;
/// The desired count of staffing mode (Erlang C).
pub const HEIJUNKA_REASON_STAFFING: u32 = 66;
/// Asked for by hand.
pub const HEIJUNKA_REASON_MANUAL: u32 = 67;
/// The pool is at its `max_workers` (or, surge included, its `surge_max_workers`).
pub const HEIJUNKA_REASON_MAX_WORKERS_REACHED: u32 = 68;
/// The pool is at its `min_workers`.
pub const HEIJUNKA_REASON_MIN_WORKERS_REACHED: u32 = 69;

/// A worker failed or was reported dead; a new one takes its place.
pub const HEIJUNKA_REASON_WORKER_FAILED: u32 = 70;
/// An ordered worker wasn't ready within `worker_start_timeout_us`; another one takes its place.
pub const HEIJUNKA_REASON_START_TIMEOUT: u32 = 71;
/// A draining worker was checked in and leaves.
pub const HEIJUNKA_REASON_DRAINED: u32 = 72;
/// An overflow worker is no longer needed.
pub const HEIJUNKA_REASON_OVERFLOW_OVER: u32 = 73;
/// The token was held longer than `token_ttl_us`.
pub const HEIJUNKA_REASON_TOKEN_TTL: u32 = 74;
/// The load went above the soft limit.
pub const HEIJUNKA_REASON_SOFT_LIMIT: u32 = 75;
/// A periodic check is due.
pub const HEIJUNKA_REASON_PERIODIC: u32 = 76;
/// The ticket's token expired or was released while it was waiting.
pub const HEIJUNKA_REASON_TICKET_EXPIRED: u32 = 77;

/// A worker moves from the least to the most utilized pool.
pub const HEIJUNKA_REASON_REBALANCE: u32 = 80;
/// The coefficient isn't below the trigger.
pub const HEIJUNKA_REASON_BALANCED: u32 = 81;
/// The last migration is too recent.
pub const HEIJUNKA_REASON_COOLDOWN: u32 = 82;
/// The donor would fall below its `min_workers`.
pub const HEIJUNKA_REASON_DONOR_AT_MINIMUM: u32 = 83;
/// The taker would rise above its `max_workers`.
pub const HEIJUNKA_REASON_TAKER_AT_MAXIMUM: u32 = 84;
/// The donor has no idle worker.
pub const HEIJUNKA_REASON_NO_IDLE_WORKER: u32 = 85;
/// The move wouldn't shrink the spread.
pub const HEIJUNKA_REASON_SPREAD_NOT_REDUCED: u32 = 86;
/// Fewer than two open pools have workers.
pub const HEIJUNKA_REASON_TOO_FEW_POOLS: u32 = 87;

/// Load jumped above the burst threshold.
pub const HEIJUNKA_REASON_BURST: u32 = 90;
/// The surge's hold is over; its workers leave one by one.
pub const HEIJUNKA_REASON_SURGE_OVER: u32 = 91;
/// Surges were disabled; a running one ends early.
pub const HEIJUNKA_REASON_SURGE_DISABLED: u32 = 92;
/// A surge worker due to leave stays as a baseline worker, because the scaler wants one.
pub const HEIJUNKA_REASON_HAND_OVER: u32 = 93;

/// The adaptive limit rose: requests take no longer than usual.
pub const HEIJUNKA_REASON_LATENCY_LOW: u32 = 95;
/// The adaptive limit fell: requests take too long.
pub const HEIJUNKA_REASON_LATENCY_HIGH: u32 = 96;
/// The adaptive limit fell: too many requests failed.
pub const HEIJUNKA_REASON_DROPS: u32 = 97;
/// The adaptive limit rose: more concurrency brings more throughput.
pub const HEIJUNKA_REASON_THROUGHPUT_RISES: u32 = 98;
/// The adaptive limit fell: more concurrency brings no more throughput.
pub const HEIJUNKA_REASON_THROUGHPUT_FLAT: u32 = 99;
/// The rule's condition has held for its `for_us`.
pub const HEIJUNKA_REASON_ALERT_FIRING: u32 = 100;
/// The condition of a rule that was firing has ended.
pub const HEIJUNKA_REASON_ALERT_RESOLVED: u32 = 101;
/// As many items wait as may: of the domain, or of all domains together.
pub const HEIJUNKA_REASON_BACKLOG_FULL: u32 = 110;

/// Start `count` workers in `pool`: `workers` are their ids.
pub const HEIJUNKA_EFFECT_ADD_WORKERS: u32 = 1;
/// Stop `count` workers of `pool`; they are idle and get no more work. `workers` are their ids.
pub const HEIJUNKA_EFFECT_REMOVE_WORKERS: u32 = 2;
/// Move `workers` from `pool` to `to_pool`; they keep their ids.
pub const HEIJUNKA_EFFECT_MIGRATE_WORKERS: u32 = 3;
/// A surge began. `pool` is set when it concerns that pool alone; `count` is the workers added.
pub const HEIJUNKA_EFFECT_SURGE_STARTED: u32 = 4;
/// A surge is over and all its workers have left. `pool` as in HEIJUNKA_EFFECT_SURGE_STARTED.
pub const HEIJUNKA_EFFECT_SURGE_ENDED: u32 = 5;
/// `count` surge workers of `pool` stay as baseline workers. Nothing needs to be started or stopped.
pub const HEIJUNKA_EFFECT_SURGE_WORKERS_KEPT: u32 = 6;
/// `waiter` (of `ticket`, if any) was handed `workers[0]` of `pool`.
pub const HEIJUNKA_EFFECT_WAITER_READY: u32 = 7;
/// `waiter` (of `ticket`, if any) has left the line of `pool` unserved.
pub const HEIJUNKA_EFFECT_WAITER_EXPIRED: u32 = 8;
/// Check the workers of `pool` and call heijunka_engine_report_health.
pub const HEIJUNKA_EFFECT_CHECK_HEALTH: u32 = 9;
/// `token` of `domain` (of `ticket`, if any) was held too long and taken back.
pub const HEIJUNKA_EFFECT_TOKEN_EXPIRED: u32 = 10;
/// The load has gone above the soft limit.
pub const HEIJUNKA_EFFECT_SOFT_LIMIT_EXCEEDED: u32 = 11;
/// The rule at place `alert` of `alerts` fires, for `pool` if it is one of each pool: its metric is `value`, and
/// `options` is what may be done about it.
pub const HEIJUNKA_EFFECT_ALERT_FIRING: u32 = 12;
/// What fired (`alert` and `pool` as in HEIJUNKA_EFFECT_ALERT_FIRING) has ended: its metric is `value` now.
pub const HEIJUNKA_EFFECT_ALERT_RESOLVED: u32 = 13;

/// Add workers: heijunka_engine_scale_up.
pub const HEIJUNKA_OPTION_SCALE_UP: u32 = 1;
/// Refuse sheddable work: close its domains, or lower `regulator.sheddable_fraction`.
pub const HEIJUNKA_OPTION_SHED_SHEDDABLE: u32 = 2;
/// Close the domains that aren't critical: heijunka_engine_set_domain_open.
pub const HEIJUNKA_OPTION_CLOSE_NON_CRITICAL: u32 = 4;

/// The stable name of a reason: "accepted", "hard_limit", … "unknown" for any other number. Never NULL, and never
/// to be freed.
#[unsafe(no_mangle)]
pub extern "C" fn heijunka_reason_name(reason: u32) -> *const c_char {
    let index = Reason::ALL.iter().position(|known| known.code() == reason);
    names::of(&names::REASONS, index).as_ptr()
}

/// The stable name of a kind of effect: "AddWorkers", "WaiterReady", … "unknown" for any other number. Never NULL,
/// and never to be freed.
#[unsafe(no_mangle)]
pub extern "C" fn heijunka_effect_kind_name(kind: u32) -> *const c_char {
    let index = EffectKind::ALL.iter().position(|known| known.code() == kind);
    names::of(&names::KINDS, index).as_ptr()
}

pub(crate) fn stage(stage: Stage) -> u32 {
    match stage {
        Stage::Admit => HEIJUNKA_STAGE_ADMIT,
        Stage::Route => HEIJUNKA_STAGE_ROUTE,
        Stage::Checkout => HEIJUNKA_STAGE_CHECKOUT,
    }
}

pub(crate) fn checkin(outcome: CheckinOutcome) -> u32 {
    match outcome {
        CheckinOutcome::Idle => HEIJUNKA_CHECKIN_IDLE,
        CheckinOutcome::Served => HEIJUNKA_CHECKIN_SERVED,
        CheckinOutcome::Left => HEIJUNKA_CHECKIN_LEFT,
        CheckinOutcome::Lingering => HEIJUNKA_CHECKIN_LINGERING,
    }
}

pub(crate) fn health(health: HealthStatus) -> u32 {
    match health {
        HealthStatus::Healthy => HEIJUNKA_HEALTH_HEALTHY,
        HealthStatus::Degraded => HEIJUNKA_HEALTH_DEGRADED,
        HealthStatus::Critical => HEIJUNKA_HEALTH_CRITICAL,
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::CStr;

    use super::*;

    const SOURCE: &str = include_str!("words.rs");

    fn constants(prefix: &str) -> usize {
        SOURCE.lines().filter(|line| line.starts_with(&format!("pub const {prefix}"))).count()
    }

    #[test]
    fn there_is_a_constant_for_every_reason_and_kind() {
        for reason in Reason::ALL {
            let (name, code) = (reason.as_str(), reason.code());
            let line = format!("pub const HEIJUNKA_REASON_{}: u32 = {code};\n", name.to_uppercase());
            assert!(SOURCE.contains(&line), "missing: {line}");
            // SAFETY: the names are static.
            assert_eq!(unsafe { CStr::from_ptr(heijunka_reason_name(code)) }.to_str(), Ok(name));
        }
        assert_eq!(constants("HEIJUNKA_REASON_"), Reason::ALL.len());
        for kind in EffectKind::ALL {
            let (name, code) = (kind.as_str(), kind.code());
            let mut upper = String::new();
            for letter in name.chars() {
                if letter.is_uppercase() && !upper.is_empty() {
                    upper.push('_');
                }
                upper.extend(letter.to_uppercase());
            }
            let line = format!("pub const HEIJUNKA_EFFECT_{upper}: u32 = {code};\n");
            assert!(SOURCE.contains(&line), "missing: {line}");
            // SAFETY: the names are static.
            assert_eq!(unsafe { CStr::from_ptr(heijunka_effect_kind_name(code)) }.to_str(), Ok(name));
        }
        assert_eq!(constants("HEIJUNKA_EFFECT_"), EffectKind::ALL.len());
    }

    #[test]
    fn options_have_the_bits_of_the_cores() {
        use heijunka_core::config::AlertOptions;
        assert_eq!(HEIJUNKA_OPTION_SCALE_UP, AlertOptions::SCALE_UP.bits());
        assert_eq!(HEIJUNKA_OPTION_SHED_SHEDDABLE, AlertOptions::SHED_SHEDDABLE.bits());
        assert_eq!(HEIJUNKA_OPTION_CLOSE_NON_CRITICAL, AlertOptions::CLOSE_NON_CRITICAL.bits());
        assert_eq!(constants("HEIJUNKA_OPTION_"), AlertOptions::ALL.words().count());
    }

    #[test]
    fn the_time_limit_is_the_cores() {
        assert_eq!(HEIJUNKA_TIME_LIMIT_US, heijunka_core::time::TIME_LIMIT_US);
    }
}
