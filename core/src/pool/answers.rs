//! What the pools answer.

use crate::id::{WaiterId, WorkerId};
use crate::reason::Reason;

/// The answer to a checkout: a worker, a place in the waiting line, or neither (a refusal).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Checkout {
    /// The worker that was handed out.
    pub worker: Option<WorkerId>,
    /// The place in the waiting line.
    pub waiter: Option<WaiterId>,
    /// `WorkerIdle`, `Overflow` or `Waiting`; of a refusal `Busy`, `QueueFull`, `PoolClosed` or `WorkersFull`.
    pub reason: Reason,
    /// Whether the worker is an overflow worker, made for this checkout.
    pub overflow: bool,
    /// The limit that decided: the pool's workers, the places in its line, or a limit on those of all pools.
    pub limit: u32,
    /// What was compared with the limit: the busy workers, the waiters, or those of all pools.
    pub load: u32,
    /// Of a refusal: the earliest time worth retrying, in microseconds from now. 0 otherwise.
    pub retry_after_us: u64,
}

/// What became of a worker that was checked in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Checkin {
    /// What became of it.
    pub outcome: CheckinOutcome,
    /// The tag it was checked out with.
    pub tag: u64,
    /// How long it was out, in microseconds.
    pub held_us: u64,
}

/// What became of a worker that was checked in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CheckinOutcome {
    /// It is idle.
    Idle,
    /// It was handed to a waiter.
    Served,
    /// It has left the pool: it was draining, or an overflow worker.
    Left,
    /// It is an overflow worker that lingers, idle, for its time to live.
    Lingering,
}

impl CheckinOutcome {
    /// The stable name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Idle => "idle",
            Self::Served => "served",
            Self::Left => "left",
            Self::Lingering => "lingering",
        }
    }
}

/// The answer to a scaling by hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scaling {
    /// The pool's ordered workers after the call, starting ones included, draining ones not.
    pub workers: u32,
    /// Whether the count changed.
    pub scaled: bool,
    /// `Manual`, or why not: `MaxWorkersReached`, `MinWorkersReached`, `WorkersFull`.
    pub reason: Reason,
}

/// Something that happened to a tagged waiter, for the caller that gave the tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Notice {
    /// The waiter's tag.
    pub tag: u64,
    /// The worker it was handed; `None`: it left the line unserved.
    pub worker: Option<WorkerId>,
}
