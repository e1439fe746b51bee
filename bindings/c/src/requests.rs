//! Requests and their workers: the way in, and the way out.

use std::ffi::c_void;

use heijunka_core::{DomainId, PoolId, TicketId, Token, WaiterId, WorkerId};

use crate::answers::{
    heijunka_admission, heijunka_checkin, heijunka_checkout, heijunka_completion, heijunka_dispatch,
    heijunka_route,
};
use crate::args;
use crate::guard::enter;
use crate::handle::{heijunka_engine, with};
use crate::out::{AnswerOut, Out};
use crate::status::{HEIJUNKA_OK, verdict};

/// The whole way of a request in one call: admission, routing, checkout. Answers HEIJUNKA_OK with a ticket to
/// complete and a worker, or (only with `wait_until_us`, and if the pool has a line) a place in the pool's
/// waiting line; or HEIJUNKA_REFUSED, which names its stage and leaves nothing taken.
///
/// `key` says what belongs together (a customer, a session): requests of a domain with several pools go to
/// the pool that the key falls to. Any bytes; NULL with 0 is the empty key. `request_class` is a
/// HEIJUNKA_CLASS_*, never above what the domain's `max_class` allows. `wait_until_us` is the time
/// (not a duration) until which the request may wait; 0: it doesn't wait.
///
/// Fails with UNKNOWN_DOMAIN, KEY_TOO_LONG, TIME_OUT_OF_RANGE or INVALID_ARGUMENT.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn heijunka_engine_dispatch(
    engine: *mut heijunka_engine,
    now_us: u64,
    domain: u32,
    key: *const c_void,
    key_len: usize,
    request_class: u32,
    wait_until_us: u64,
    out_size: usize,
    out_dispatch: *mut heijunka_dispatch,
) -> i32 {
    enter(|| {
        // SAFETY: the caller owes what the header says of handles and structs.
        let out = unsafe { AnswerOut::new(out_size, out_dispatch, "out_dispatch") }?;
        // SAFETY: as above.
        let key = unsafe { args::bytes(key.cast(), key_len, "key") }?;
        let class = args::class(request_class)?;
        let wait_until_us = args::wait_until(wait_until_us);
        // SAFETY: as above.
        let answer = unsafe {
            with(engine, |inner| {
                Ok(inner.core.dispatch(now_us, DomainId::new(domain), key, class, wait_until_us)?)
            })
        }?;
        out.write(&(&answer).into());
        Ok(verdict(answer.ticket.is_some()))
    })
}

/// Ends a dispatched request: its worker is checked in and its token released. A request that still waits
/// waits no more. `outcome` is a HEIJUNKA_OUTCOME_*.
///
/// Fails with UNKNOWN_TICKET for a ticket that was completed, has ended or was never given out; nothing
/// changes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn heijunka_engine_complete(
    engine: *mut heijunka_engine,
    now_us: u64,
    ticket: u64,
    outcome: u32,
    out_size: usize,
    out_completion: *mut heijunka_completion,
) -> i32 {
    enter(|| {
        // SAFETY: the caller owes what the header says of handles and structs.
        let out = unsafe { AnswerOut::new(out_size, out_completion, "out_completion") }?;
        let outcome = args::outcome(outcome)?;
        // SAFETY: as above.
        let answer = unsafe {
            with(engine, |inner| Ok(inner.core.complete(now_us, TicketId::from_raw(ticket), outcome)?))
        }?;
        out.write(&(&answer).into());
        Ok(HEIJUNKA_OK)
    })
}

/// Asks to come in. Answers HEIJUNKA_OK with a token to release, or HEIJUNKA_REFUSED. `request_class` is a
/// HEIJUNKA_CLASS_*, never above what the domain's `max_class` allows.
///
/// Fails with UNKNOWN_DOMAIN, TIME_OUT_OF_RANGE or INVALID_ARGUMENT.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn heijunka_engine_admit(
    engine: *mut heijunka_engine,
    now_us: u64,
    domain: u32,
    request_class: u32,
    out_size: usize,
    out_admission: *mut heijunka_admission,
) -> i32 {
    enter(|| {
        // SAFETY: the caller owes what the header says of handles and structs.
        let out = unsafe { AnswerOut::new(out_size, out_admission, "out_admission") }?;
        let class = args::class(request_class)?;
        // SAFETY: as above.
        let answer =
            unsafe { with(engine, |inner| Ok(inner.core.admit(now_us, DomainId::new(domain), class)?)) }?;
        out.write(&(&answer).into());
        Ok(verdict(answer.admitted()))
    })
}

/// Gives a token back. `outcome` is a HEIJUNKA_OUTCOME_*.
///
/// Fails with UNKNOWN_TOKEN for a token that was released, has expired or was never given out; nothing
/// changes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn heijunka_engine_release(
    engine: *mut heijunka_engine,
    now_us: u64,
    token: u64,
    outcome: u32,
) -> i32 {
    enter(|| {
        let outcome = args::outcome(outcome)?;
        // SAFETY: the caller owes what the header says of handles.
        unsafe { with(engine, |inner| Ok(inner.core.release(now_us, Token::from_raw(token), outcome)?)) }?;
        Ok(HEIJUNKA_OK)
    })
}

/// Chooses the pool for a key. Answers HEIJUNKA_OK with a pool, or HEIJUNKA_REFUSED when every pool the
/// request could go to is closed or empty. `key` as for heijunka_engine_dispatch.
///
/// Fails with UNKNOWN_DOMAIN, KEY_TOO_LONG or TIME_OUT_OF_RANGE.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn heijunka_engine_route(
    engine: *mut heijunka_engine,
    now_us: u64,
    domain: u32,
    key: *const c_void,
    key_len: usize,
    out_size: usize,
    out_route: *mut heijunka_route,
) -> i32 {
    enter(|| {
        // SAFETY: the caller owes what the header says of handles and structs.
        let out = unsafe { AnswerOut::new(out_size, out_route, "out_route") }?;
        // SAFETY: as above.
        let key = unsafe { args::bytes(key.cast(), key_len, "key") }?;
        // SAFETY: as above.
        let answer =
            unsafe { with(engine, |inner| Ok(inner.core.route(now_us, DomainId::new(domain), key)?)) }?;
        out.write(&(&answer).into());
        Ok(verdict(answer.pool.is_some()))
    })
}

/// Asks a pool for a worker. Answers HEIJUNKA_OK with a worker to check in, or (only with `wait_until_us`,
/// and if the pool has a line) with a place in its waiting line; or HEIJUNKA_REFUSED. `wait_until_us` is the
/// time (not a duration) until which to wait; 0: don't wait.
///
/// Fails with UNKNOWN_POOL or TIME_OUT_OF_RANGE.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn heijunka_engine_checkout(
    engine: *mut heijunka_engine,
    now_us: u64,
    pool: u32,
    wait_until_us: u64,
    out_size: usize,
    out_checkout: *mut heijunka_checkout,
) -> i32 {
    enter(|| {
        // SAFETY: the caller owes what the header says of handles and structs.
        let out = unsafe { AnswerOut::new(out_size, out_checkout, "out_checkout") }?;
        let wait_until_us = args::wait_until(wait_until_us);
        // SAFETY: as above.
        let answer = unsafe {
            with(engine, |inner| Ok(inner.core.checkout(now_us, PoolId::new(pool), wait_until_us)?))
        }?;
        out.write(&(&answer).into());
        Ok(verdict(answer.worker.is_some() || answer.waiter.is_some()))
    })
}

/// Gives a worker back; the answer says what becomes of it. `outcome` is a HEIJUNKA_OUTCOME_*.
///
/// Fails with UNKNOWN_WORKER for a worker that isn't out; nothing changes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn heijunka_engine_checkin(
    engine: *mut heijunka_engine,
    now_us: u64,
    worker: u64,
    outcome: u32,
    out_size: usize,
    out_checkin: *mut heijunka_checkin,
) -> i32 {
    enter(|| {
        // SAFETY: the caller owes what the header says of handles and structs.
        let out = unsafe { AnswerOut::new(out_size, out_checkin, "out_checkin") }?;
        let outcome = args::outcome(outcome)?;
        // SAFETY: as above.
        let answer = unsafe {
            with(engine, |inner| Ok(inner.core.checkin(now_us, WorkerId::from_raw(worker), outcome)?))
        }?;
        out.write(&(&answer).into());
        Ok(HEIJUNKA_OK)
    })
}

/// Leaves a waiting line. If a ticket waits there, it ends, and its token is released.
///
/// Fails with UNKNOWN_WAITER for a waiter that was served, has left or never existed; nothing changes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn heijunka_engine_cancel_wait(
    engine: *mut heijunka_engine,
    now_us: u64,
    waiter: u64,
) -> i32 {
    enter(|| {
        // SAFETY: the caller owes what the header says of handles.
        unsafe { with(engine, |inner| Ok(inner.core.cancel_wait(now_us, WaiterId::from_raw(waiter))?)) }?;
        Ok(HEIJUNKA_OK)
    })
}

/// Says that an ordered worker is ready. Needed with `worker_start = "confirmed"` in the configuration alone;
/// otherwise an ordered worker counts as ready at once.
///
/// Fails with UNKNOWN_WORKER for a worker that isn't starting; nothing changes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn heijunka_engine_worker_ready(
    engine: *mut heijunka_engine,
    now_us: u64,
    worker: u64,
) -> i32 {
    enter(|| {
        // SAFETY: the caller owes what the header says of handles.
        unsafe { with(engine, |inner| Ok(inner.core.worker_ready(now_us, WorkerId::from_raw(worker))?)) }?;
        Ok(HEIJUNKA_OK)
    })
}

/// Takes a failed worker out, counts a failure and orders a replacement (an effect ADD_WORKERS). A ticket it
/// was busy with still has to be completed.
///
/// Fails with UNKNOWN_WORKER for a worker that has left or never existed; nothing changes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn heijunka_engine_worker_failed(
    engine: *mut heijunka_engine,
    now_us: u64,
    worker: u64,
) -> i32 {
    enter(|| {
        // SAFETY: the caller owes what the header says of handles.
        unsafe { with(engine, |inner| Ok(inner.core.worker_failed(now_us, WorkerId::from_raw(worker))?)) }?;
        Ok(HEIJUNKA_OK)
    })
}

/// Answers an effect CHECK_HEALTH: `alive` and `dead` are ids of workers of the pool (NULL with 0: none). The
/// dead ones are taken out and replaced; `*out_replaced` is how many.
///
/// Fails with UNKNOWN_POOL, or with UNKNOWN_WORKER for an id that isn't a worker of the pool or is in both
/// lists; nothing changes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn heijunka_engine_report_health(
    engine: *mut heijunka_engine,
    now_us: u64,
    pool: u32,
    alive: *const u64,
    alive_count: usize,
    dead: *const u64,
    dead_count: usize,
    out_replaced: *mut u32,
) -> i32 {
    enter(|| {
        // SAFETY: the caller owes what the header says of handles and pointers.
        let (out, alive, dead) = unsafe {
            (
                Out::new(out_replaced, "out_replaced")?,
                args::workers(alive, alive_count, "alive")?,
                args::workers(dead, dead_count, "dead")?,
            )
        };
        let pool = PoolId::new(pool);
        // SAFETY: as above.
        out.write(unsafe {
            with(engine, |inner| Ok(inner.core.report_health(now_us, pool, &alive, &dead)?))
        }?);
        Ok(HEIJUNKA_OK)
    })
}
