//! The answers, as structs that can grow.

use heijunka_core::balancer::{Rebalance, Route};
use heijunka_core::pool::{Checkin, Checkout, Scaling};
use heijunka_core::regulator::Admission;
use heijunka_core::{Completion, Dispatch, DomainId, Effect, PoolId, TicketId, Token, WaiterId, WorkerId};

use crate::out::Answer;
use crate::words;

/// The answer to heijunka_engine_admit.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct heijunka_admission {
    /// The token to release; 0 when refused.
    pub token: u64,
    /// When refused: the earliest time worth retrying, in microseconds from now (never 0). Else 0.
    pub retry_after_us: u64,
    /// Why: a HEIJUNKA_REASON_*; ACCEPTED when admitted.
    pub reason: u32,
    /// The limit that decided; when admitted, that of the request's class. 0 for a closed domain.
    pub limit: u32,
    /// The load that was compared with `limit`; when admitted, the new total load.
    pub load: u32,
    /// 1: admitted, 0: refused.
    pub admitted: u8,
    /// 1: the load is now above the soft limit.
    pub warning: u8,
    /// Always 0.
    pub reserved: [u8; 2],
}

impl Answer for heijunka_admission {
    const FIRST_SIZE: usize = 32;
}

impl From<&Admission> for heijunka_admission {
    fn from(answer: &Admission) -> Self {
        Self {
            token: answer.token.map_or(0, Token::get),
            retry_after_us: answer.retry_after_us,
            reason: answer.reason.code(),
            limit: answer.limit,
            load: answer.load,
            admitted: answer.admitted().into(),
            warning: answer.warning.into(),
            reserved: [0; 2],
        }
    }
}

/// The answer to heijunka_engine_route.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct heijunka_route {
    /// The pool; HEIJUNKA_NO_ID when every pool the request could go to is closed or empty.
    pub pool: u32,
    /// Why this pool: a HEIJUNKA_REASON_*.
    pub reason: u32,
    /// 1: it isn't the pool that the key falls to.
    pub spilled: u8,
    /// Always 0.
    pub reserved: [u8; 3],
}

impl Answer for heijunka_route {
    const FIRST_SIZE: usize = 12;
}

impl From<&Route> for heijunka_route {
    fn from(answer: &Route) -> Self {
        Self {
            pool: pool(answer.pool),
            reason: answer.reason.code(),
            spilled: answer.spilled.into(),
            reserved: [0; 3],
        }
    }
}

/// The answer to heijunka_engine_checkout: a worker, or a place in the waiting line, or (refused) neither.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct heijunka_checkout {
    /// The worker to check in; 0 when waiting or refused.
    pub worker: u64,
    /// The place in the waiting line, 0 when not waiting. An effect WAITER_READY or WAITER_EXPIRED will carry it.
    pub waiter: u64,
    /// When refused: the earliest time worth retrying, in microseconds from now (never 0). Else 0.
    pub retry_after_us: u64,
    /// Why: HEIJUNKA_REASON_WORKER_IDLE, OVERFLOW or WAITING; when refused BUSY, QUEUE_FULL, POOL_CLOSED or
    /// WORKERS_FULL.
    pub reason: u32,
    /// The limit that decided: the pool's workers, or the places in its line.
    pub limit: u32,
    /// What was compared with `limit`: the busy workers, or the waiters.
    pub load: u32,
    /// 1: the worker is a temporary one beyond the pool's count, made for this checkout (an
    /// effect ADD_WORKERS names it).
    pub overflow: u8,
    /// Always 0.
    pub reserved: [u8; 3],
}

impl Answer for heijunka_checkout {
    const FIRST_SIZE: usize = 40;
}

impl From<&Checkout> for heijunka_checkout {
    fn from(answer: &Checkout) -> Self {
        Self {
            worker: answer.worker.map_or(0, WorkerId::get),
            waiter: answer.waiter.map_or(0, WaiterId::get),
            retry_after_us: answer.retry_after_us,
            reason: answer.reason.code(),
            limit: answer.limit,
            load: answer.load,
            overflow: answer.overflow.into(),
            reserved: [0; 3],
        }
    }
}

/// The answer to heijunka_engine_checkin.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct heijunka_checkin {
    /// What became of the worker: a HEIJUNKA_CHECKIN_*.
    pub outcome: u32,
}

impl Answer for heijunka_checkin {
    const FIRST_SIZE: usize = 4;
}

impl From<&Checkin> for heijunka_checkin {
    fn from(answer: &Checkin) -> Self {
        Self { outcome: words::checkin(answer.outcome) }
    }
}

/// The answer to heijunka_engine_dispatch: a ticket with a worker or with a place in the waiting line, or one
/// refusal that names its stage and left nothing taken.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct heijunka_dispatch {
    /// The ticket to complete; 0 when refused.
    pub ticket: u64,
    /// The ticket's token, to know it again in effects; heijunka_engine_complete releases it. 0 when refused.
    pub token: u64,
    /// The worker; heijunka_engine_complete checks it in. 0 when waiting or refused.
    pub worker: u64,
    /// The place in the waiting line, 0 when not waiting. An effect WAITER_READY or WAITER_EXPIRED will carry it.
    pub waiter: u64,
    /// When refused: the earliest time worth retrying, in microseconds from now (never 0). Else 0.
    pub retry_after_us: u64,
    /// The pool that serves (or refused) the request; HEIJUNKA_NO_ID when it was refused before there was one.
    pub pool: u32,
    /// Where `reason`, `limit` and `load` come from: a HEIJUNKA_STAGE_*.
    pub stage: u32,
    /// Why: a HEIJUNKA_REASON_*.
    pub reason: u32,
    /// The limit that decided.
    pub limit: u32,
    /// The load that was compared with `limit`.
    pub load: u32,
    /// 1: the load is now above the soft limit.
    pub warning: u8,
    /// 1: the pool isn't the one that the key falls to.
    pub spilled: u8,
    /// 1: the worker is a temporary one beyond the pool's count, made for this request (an
    /// effect ADD_WORKERS names it).
    pub overflow: u8,
    /// Always 0.
    pub reserved: [u8; 1],
}

impl Answer for heijunka_dispatch {
    const FIRST_SIZE: usize = 64;
}

impl From<&Dispatch> for heijunka_dispatch {
    fn from(answer: &Dispatch) -> Self {
        Self {
            ticket: answer.ticket.map_or(0, TicketId::get),
            token: answer.token.map_or(0, Token::get),
            worker: answer.worker.map_or(0, WorkerId::get),
            waiter: answer.waiter.map_or(0, WaiterId::get),
            retry_after_us: answer.retry_after_us,
            pool: pool(answer.pool),
            stage: words::stage(answer.stage),
            reason: answer.reason.code(),
            limit: answer.limit,
            load: answer.load,
            warning: answer.warning.into(),
            spilled: answer.spilled.into(),
            overflow: answer.overflow.into(),
            reserved: [0; 1],
        }
    }
}

/// The answer to heijunka_engine_complete: what the ticket still held.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct heijunka_completion {
    /// 1: its token was released now; 0: it had expired or was released before.
    pub token_released: u8,
    /// 1: its worker was checked in now; 0: it was checked in before, has failed, or the request was still waiting
    /// (and waits no more).
    pub worker_returned: u8,
    /// Always 0.
    pub reserved: [u8; 2],
}

impl Answer for heijunka_completion {
    const FIRST_SIZE: usize = 4;
}

impl From<&Completion> for heijunka_completion {
    fn from(answer: &Completion) -> Self {
        Self {
            token_released: answer.token_released.into(),
            worker_returned: answer.worker_returned.into(),
            reserved: [0; 2],
        }
    }
}

/// The answer to heijunka_engine_scale_up and heijunka_engine_scale_down.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct heijunka_scaling {
    /// The pool's workers after the call: those still starting included, those that are leaving not.
    pub workers: u32,
    /// HEIJUNKA_REASON_MANUAL; when refused MAX_WORKERS_REACHED, MIN_WORKERS_REACHED or WORKERS_FULL.
    pub reason: u32,
    /// 1: the count changed.
    pub scaled: u8,
    /// Always 0.
    pub reserved: [u8; 3],
}

impl Answer for heijunka_scaling {
    const FIRST_SIZE: usize = 12;
}

impl From<&Scaling> for heijunka_scaling {
    fn from(answer: &Scaling) -> Self {
        Self {
            workers: answer.workers,
            reason: answer.reason.code(),
            scaled: answer.scaled.into(),
            reserved: [0; 3],
        }
    }
}

/// The answer to heijunka_engine_rebalance.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct heijunka_rebalance {
    /// The greatest difference of utilization between two pools before the move, from 0 to 1.
    pub spread: f64,
    /// The least utilized pool, which gives a worker up; HEIJUNKA_NO_ID unless there is an imbalance to act on.
    pub from: u32,
    /// The most utilized pool, which gets it; HEIJUNKA_NO_ID unless there is an imbalance to act on.
    pub to: u32,
    /// HEIJUNKA_REASON_REBALANCE when a worker moves; else why none does.
    pub reason: u32,
    /// 1: a worker moves; an effect MIGRATE_WORKERS says which.
    pub migrated: u8,
    /// Always 0.
    pub reserved: [u8; 3],
}

impl Answer for heijunka_rebalance {
    const FIRST_SIZE: usize = 24;
}

impl From<&Rebalance> for heijunka_rebalance {
    fn from(answer: &Rebalance) -> Self {
        Self {
            spread: answer.spread,
            from: pool(answer.from),
            to: pool(answer.to),
            reason: answer.reason.code(),
            migrated: answer.migrated.into(),
            reserved: [0; 3],
        }
    }
}

/// An effect: something the caller has to do, or may want to know. Which fields are set beside the first three is
/// said at each HEIJUNKA_EFFECT_*; the others are 0 (`pool`, `to_pool` and `domain`: HEIJUNKA_NO_ID). The ids of
/// its workers come beside it, see heijunka_engine_poll_effect.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct heijunka_effect {
    /// When it was decided, in microseconds.
    pub at_us: u64,
    /// What it is: a HEIJUNKA_EFFECT_*.
    pub kind: u32,
    /// Why: a HEIJUNKA_REASON_*.
    pub reason: u32,
    /// The token it is about.
    pub token: u64,
    /// The waiter it is about.
    pub waiter: u64,
    /// The ticket it is about.
    pub ticket: u64,
    /// The pool it is about.
    pub pool: u32,
    /// Where workers move to.
    pub to_pool: u32,
    /// The domain it is about.
    pub domain: u32,
    /// How many workers (SOFT_LIMIT_EXCEEDED: tokens) it is about.
    pub count: u32,
    /// 1: the workers are surge workers.
    pub surge: u8,
    /// Always 0.
    pub reserved: [u8; 7],
    /// What the metric of the alert rule is; 0 without one.
    pub value: f64,
    /// The alert rule it is about: its place in `alerts` of the configuration, from 0; else HEIJUNKA_NO_ID.
    pub alert: u32,
    /// What may be done about the alert: some of HEIJUNKA_OPTION_*, added up.
    pub options: u32,
}

impl Answer for heijunka_effect {
    const FIRST_SIZE: usize = 64;
}

impl From<&Effect> for heijunka_effect {
    fn from(effect: &Effect) -> Self {
        Self {
            at_us: effect.at_us,
            kind: effect.kind.code(),
            reason: effect.reason.code(),
            token: effect.token.map_or(0, Token::get),
            waiter: effect.waiter.map_or(0, WaiterId::get),
            ticket: effect.ticket.map_or(0, TicketId::get),
            pool: pool(effect.pool),
            to_pool: pool(effect.to_pool),
            domain: effect.domain.map_or(words::HEIJUNKA_NO_ID, DomainId::get),
            count: effect.count,
            surge: effect.surge.into(),
            reserved: [0; 7],
            value: effect.value.unwrap_or(0.0),
            alert: effect.alert.unwrap_or(words::HEIJUNKA_NO_ID),
            options: effect.options.bits(),
        }
    }
}

fn pool(pool: Option<PoolId>) -> u32 {
    pool.map_or(words::HEIJUNKA_NO_ID, PoolId::get)
}
