//! The answers of the calls that go through several parts.

use core::fmt;

use crate::config::ConfigError;
use crate::error::Error;
use crate::id::{PoolId, TicketId, Token, WaiterId, WorkerId};
use crate::reason::Reason;

/// The stage of a request's way that decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stage {
    /// The regulator.
    Admit,
    /// The balancer.
    Route,
    /// The pool.
    Checkout,
}

impl Stage {
    /// The stable name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Admit => "admit",
            Self::Route => "route",
            Self::Checkout => "checkout",
        }
    }
}

/// The answer to a dispatch. Refused when `ticket` is `None`: then nothing is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dispatch {
    /// What to complete when the request ends.
    pub ticket: Option<TicketId>,
    /// The ticket's token, for telling effects apart; the ticket gives it back.
    pub token: Option<Token>,
    /// The pool that serves the request. Of a refusal: the pool that refused it, if it came that far.
    pub pool: Option<PoolId>,
    /// The worker that serves the request.
    pub worker: Option<WorkerId>,
    /// Its place in the waiting line; an effect will say when it is served or has to leave.
    pub waiter: Option<WaiterId>,
    /// The stage that `reason`, `limit` and `load` come from.
    pub stage: Stage,
    /// Why it was refused, or how it was served.
    pub reason: Reason,
    /// Whether the load is above the soft limit.
    pub warning: bool,
    /// Whether it was sent to another pool than its key's own.
    pub spilled: bool,
    /// Whether the worker is an overflow worker, made for this request.
    pub overflow: bool,
    /// The limit that decided.
    pub limit: u32,
    /// The load that was compared with it.
    pub load: u32,
    /// Of a refusal: the earliest time worth retrying, in microseconds from now. 0 otherwise.
    pub retry_after_us: u64,
}

/// The answer to a completion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Completion {
    /// Whether the ticket's token was released now; `false`: it had expired or was released before.
    pub token_released: bool,
    /// Whether the ticket's worker was checked in now; `false`: it was checked in before, has failed, or the
    /// request was still waiting (and waits no more).
    pub worker_returned: bool,
}

/// Why affinity groups were not set. Nothing was changed by it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AffinityError {
    /// The time is out of range.
    Time(Error),
    /// The groups are wrong: every problem.
    Groups(ConfigError),
}

impl AffinityError {
    /// The stable integer of the error, the same in every language; always negative.
    pub const fn code(&self) -> i32 {
        match self {
            Self::Time(error) => error.code(),
            Self::Groups(error) => error.code(),
        }
    }

    /// The stable name of the error, the same in every language.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Time(error) => error.name(),
            Self::Groups(error) => error.name(),
        }
    }
}

impl fmt::Display for AffinityError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Time(error) => error.fmt(f),
            Self::Groups(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for AffinityError {}

impl From<Error> for AffinityError {
    fn from(error: Error) -> Self {
        Self::Time(error)
    }
}

impl From<ConfigError> for AffinityError {
    fn from(error: ConfigError) -> Self {
        Self::Groups(error)
    }
}
