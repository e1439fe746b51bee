//! Reasons: why a decision was taken, as stable codes and names that are the same in every language.

use serde::{Serialize, Serializer};

macro_rules! reasons {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $text:literal;)*) => {
        /// Why a decision was taken.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        #[repr(u32)]
        pub enum Reason {
            $($(#[$doc])* $name = $code,)*
        }

        impl Reason {
            /// Every reason, in the order of the codes.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The stable integer of the reason.
            pub const fn code(self) -> u32 {
                match self { $(Self::$name => $code,)* }
            }

            /// The stable name of the reason.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }
    };
}

reasons! {
    // Admission.
    /// The request was admitted.
    Accepted = 1, "accepted";
    /// The domain is closed.
    DomainClosed = 2, "domain_closed";
    /// The domain holds as many tokens as its `max_concurrent` allows.
    DomainLimit = 3, "domain_limit";
    /// The load has reached the hard limit.
    HardLimit = 4, "hard_limit";
    /// What is left is reserved for another class.
    Reserved = 5, "reserved";
    /// Sheddable work is refused first.
    Shed = 6, "shed";
    /// The load has reached the adaptive limit, or the class's share of it.
    Adaptive = 7, "adaptive";
    /// `limits.max_tokens` tokens are out.
    TokensFull = 8, "tokens_full";

    // Routing.
    /// The domain has one candidate pool.
    Primary = 20, "primary";
    /// An affinity group names the pool.
    Affinity = 21, "affinity";
    /// The key's hash chose among several candidates.
    Hash = 22, "hash";
    /// The key's own pool is overloaded; a less utilized one was taken.
    SpillOverloaded = 23, "spill_overloaded";
    /// Every candidate is closed or empty; a spill pool was taken.
    SpillClosed = 24, "spill_closed";
    /// Every pool is overloaded; the least utilized one was taken.
    AllOverloaded = 25, "all_overloaded";
    /// Every pool the request could go to is closed or empty.
    NoPools = 26, "no_pools";

    // Checkout.
    /// An idle worker was handed out.
    WorkerIdle = 40, "worker_idle";
    /// A temporary worker beyond the pool's current count was handed out.
    Overflow = 41, "overflow";
    /// The request waits in the pool's line.
    Waiting = 42, "waiting";
    /// Every worker is busy, and the request doesn't wait (or the pool has no line).
    Busy = 43, "busy";
    /// The waiting line is full, or all lines together are (`limits.max_waiters`).
    QueueFull = 44, "queue_full";
    /// The pool is closed.
    PoolClosed = 45, "pool_closed";
    /// `limits.max_workers` workers exist.
    WorkersFull = 46, "workers_full";

    // Waiting lines.
    /// The waiter was handed a worker.
    WorkerFree = 50, "worker_free";
    /// The waiter's `wait_until` has passed.
    WaitOver = 51, "wait_over";
    /// The line is overloaded and the waiter is older than the target (CoDel).
    CodelDrop = 52, "codel_drop";

    // Scaling.
    /// Demand is above the upper threshold.
    DemandHigh = 60, "demand_high";
    /// Demand has stood at or above the proactive threshold.
    Proactive = 61, "proactive";
    /// The pool is degraded or critical.
    Unhealthy = 62, "unhealthy";
    /// Demand is below the lower threshold.
    DemandLow = 63, "demand_low";
    /// Demand has been low for long; the pool shrinks by plan.
    PlannedDown = 64, "planned_down";
    /// The desired count of proportional mode.
    Proportional = 65, "proportional";
    /// The desired count of staffing mode (Erlang C).
    Staffing = 66, "staffing";
    /// Asked for by hand.
    Manual = 67, "manual";
    /// The pool is at its `max_workers` (or, surge included, its `surge_max_workers`).
    MaxWorkersReached = 68, "max_workers_reached";
    /// The pool is at its `min_workers`.
    MinWorkersReached = 69, "min_workers_reached";

    // The life of workers and tokens.
    /// A worker failed or was reported dead; a new one takes its place.
    WorkerFailed = 70, "worker_failed";
    /// A worker wasn't ready within `worker_start_timeout_us`; another one takes its place.
    StartTimeout = 71, "start_timeout";
    /// A draining worker was checked in and leaves.
    Drained = 72, "drained";
    /// An overflow worker is no longer needed.
    OverflowOver = 73, "overflow_over";
    /// The token was held longer than `token_ttl_us`.
    TokenTtl = 74, "token_ttl";
    /// The load went above the soft limit.
    SoftLimit = 75, "soft_limit";
    /// A periodic check is due.
    Periodic = 76, "periodic";
    /// The ticket's token expired or was released while it was waiting.
    TicketExpired = 77, "ticket_expired";

    // Migration.
    /// A worker moves from the least to the most utilized pool.
    Rebalance = 80, "rebalance";
    /// The coefficient isn't below the trigger.
    Balanced = 81, "balanced";
    /// The last migration is too recent.
    Cooldown = 82, "cooldown";
    /// The donor would fall below its `min_workers`.
    DonorAtMinimum = 83, "donor_at_minimum";
    /// The taker would rise above its `max_workers`.
    TakerAtMaximum = 84, "taker_at_maximum";
    /// The donor has no idle worker.
    NoIdleWorker = 85, "no_idle_worker";
    /// The move wouldn't shrink the spread.
    SpreadNotReduced = 86, "spread_not_reduced";
    /// Fewer than two open pools have workers.
    TooFewPools = 87, "too_few_pools";

    // Bursts.
    /// Load jumped above the burst threshold.
    Burst = 90, "burst";
    /// The surge's hold is over; its workers leave one by one.
    SurgeOver = 91, "surge_over";
    /// Surges were disabled; a running one ends early.
    SurgeDisabled = 92, "surge_disabled";
    /// A surge worker due to leave stays as a baseline worker, because the scaler wants one.
    HandOver = 93, "hand_over";

    // Moves of the adaptive limit.
    /// The adaptive limit rose: requests take no longer than usual.
    LatencyLow = 95, "latency_low";
    /// The adaptive limit fell: requests take too long.
    LatencyHigh = 96, "latency_high";
    /// The adaptive limit fell: too many requests failed.
    Drops = 97, "drops";
    /// The adaptive limit rose: more concurrency brings more throughput.
    ThroughputRises = 98, "throughput_rises";
    /// The adaptive limit fell: more concurrency brings no more throughput.
    ThroughputFlat = 99, "throughput_flat";

    // Alerts.
    /// The rule's condition has held for its `for_us`.
    AlertFiring = 100, "alert_firing";
    /// The condition of a rule that was firing has ended.
    AlertResolved = 101, "alert_resolved";

    // Pacing.
    /// As many items wait as may: of the domain, or of all domains together.
    BacklogFull = 110, "backlog_full";
}

impl Serialize for Reason {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_and_names_are_unique() {
        for pair in Reason::ALL.windows(2) {
            assert!(pair[0].code() < pair[1].code(), "{pair:?}");
        }
        let mut names: alloc::vec::Vec<_> = Reason::ALL.iter().map(|r| r.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Reason::ALL.len());
    }
}
