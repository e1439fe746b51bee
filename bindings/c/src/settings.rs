//! Settings that may change while an engine runs, and scaling by hand.

use std::ffi::c_char;

use heijunka_core::config::affinity_groups_from_value;
use heijunka_core::time::check_time;
use heijunka_core::{DomainId, PoolId};

use crate::answers::{heijunka_rebalance, heijunka_scaling};
use crate::args;
use crate::guard::enter;
use crate::handle::{heijunka_engine, with};
use crate::out::AnswerOut;
use crate::status::{HEIJUNKA_OK, verdict};

/// Sets the load above which admissions carry a warning: from 1 to the hard limit. When the present load was not
/// above it and now is, that is a crossing like any other.
///
/// Fails with OUT_OF_RANGE.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn heijunka_engine_set_soft_limit(
    engine: *mut heijunka_engine,
    now_us: u64,
    soft_limit: u32,
) -> i32 {
    enter(|| {
        // SAFETY: the caller owes what the header says of handles.
        unsafe { with(engine, |inner| Ok(inner.core.set_soft_limit(now_us, soft_limit)?)) }?;
        Ok(HEIJUNKA_OK)
    })
}

/// Sets the load at which admission ends: from the soft limit to `limits.max_tokens` of the configuration.
/// Nobody is evicted: a load above it has to drain.
///
/// Fails with OUT_OF_RANGE.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn heijunka_engine_set_hard_limit(
    engine: *mut heijunka_engine,
    now_us: u64,
    hard_limit: u32,
) -> i32 {
    enter(|| {
        // SAFETY: the caller owes what the header says of handles.
        unsafe { with(engine, |inner| Ok(inner.core.set_hard_limit(now_us, hard_limit)?)) }?;
        Ok(HEIJUNKA_OK)
    })
}

/// Replaces the affinity groups: a JSON object from keys to a pool's name or a list of names, such as
/// `{"customer-7": "payment", "vip": ["payment", "delivery"]}`. `{}` takes all groups away; TOML will do too.
///
/// Fails with INVALID_CONFIG (heijunka_last_error then lists all that is wrong); nothing changes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn heijunka_engine_set_affinity_groups(
    engine: *mut heijunka_engine,
    now_us: u64,
    groups: *const c_char,
    groups_len: usize,
) -> i32 {
    enter(|| {
        check_time(now_us)?;
        // SAFETY: the caller owes what the header says of pointers.
        let value = unsafe { args::value(groups, groups_len, "groups") }?;
        let groups = affinity_groups_from_value(&value)?;
        // SAFETY: the caller owes what the header says of handles.
        unsafe { with(engine, |inner| Ok(inner.core.set_affinity_groups(now_us, &groups)?)) }?;
        Ok(HEIJUNKA_OK)
    })
}

/// Lets surges start again, and undoes the early end of a running one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn heijunka_engine_enable_surge(engine: *mut heijunka_engine, now_us: u64) -> i32 {
    enter(|| {
        // SAFETY: the caller owes what the header says of handles.
        unsafe { with(engine, |inner| Ok(inner.core.enable_surge(now_us)?)) }?;
        Ok(HEIJUNKA_OK)
    })
}

/// Stops new surges and lets a running one end early, by the same shrink.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn heijunka_engine_disable_surge(engine: *mut heijunka_engine, now_us: u64) -> i32 {
    enter(|| {
        // SAFETY: the caller owes what the header says of handles.
        unsafe { with(engine, |inner| Ok(inner.core.disable_surge(now_us)?)) }?;
        Ok(HEIJUNKA_OK)
    })
}

/// Opens (1) or closes (0) a domain. A closed domain's requests are refused.
///
/// Fails with UNKNOWN_DOMAIN or INVALID_ARGUMENT.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn heijunka_engine_set_domain_open(
    engine: *mut heijunka_engine,
    now_us: u64,
    domain: u32,
    open: u32,
) -> i32 {
    enter(|| {
        let open = args::flag(open, "open")?;
        // SAFETY: the caller owes what the header says of handles.
        unsafe {
            with(engine, |inner| Ok(inner.core.set_domain_open(now_us, DomainId::new(domain), open)?))
        }?;
        Ok(HEIJUNKA_OK)
    })
}

/// Opens (1) or closes (0) a pool. A closed pool takes no new requests; its waiters are still served.
///
/// Fails with UNKNOWN_POOL or INVALID_ARGUMENT.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn heijunka_engine_set_pool_open(
    engine: *mut heijunka_engine,
    now_us: u64,
    pool: u32,
    open: u32,
) -> i32 {
    enter(|| {
        let open = args::flag(open, "open")?;
        // SAFETY: the caller owes what the header says of handles.
        unsafe { with(engine, |inner| Ok(inner.core.set_pool_open(now_us, PoolId::new(pool), open)?)) }?;
        Ok(HEIJUNKA_OK)
    })
}

/// Says whether it is off-peak (1) or not (0), for `scaler.off_peak_only` of the configuration.
///
/// Fails with INVALID_ARGUMENT.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn heijunka_engine_set_off_peak(
    engine: *mut heijunka_engine,
    now_us: u64,
    off_peak: u32,
) -> i32 {
    enter(|| {
        let off_peak = args::flag(off_peak, "off_peak")?;
        // SAFETY: the caller owes what the header says of handles.
        unsafe { with(engine, |inner| Ok(inner.core.set_off_peak(now_us, off_peak)?)) }?;
        Ok(HEIJUNKA_OK)
    })
}

/// Adds a worker by hand (an effect ADD_WORKERS names it). Answers HEIJUNKA_REFUSED when the pool has all it
/// may have.
///
/// Fails with UNKNOWN_POOL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn heijunka_engine_scale_up(
    engine: *mut heijunka_engine,
    now_us: u64,
    pool: u32,
    out_size: usize,
    out_scaling: *mut heijunka_scaling,
) -> i32 {
    enter(|| {
        // SAFETY: the caller owes what the header says of handles and structs.
        let out = unsafe { AnswerOut::new(out_size, out_scaling, "out_scaling") }?;
        // SAFETY: as above.
        let answer = unsafe { with(engine, |inner| Ok(inner.core.scale_up(now_us, PoolId::new(pool))?)) }?;
        out.write(&(&answer).into());
        Ok(verdict(answer.scaled))
    })
}

/// Removes a worker by hand (an effect REMOVE_WORKERS names it); when none is idle, a busy one leaves at its
/// checkin. Answers HEIJUNKA_REFUSED when the pool has the least it must have.
///
/// Fails with UNKNOWN_POOL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn heijunka_engine_scale_down(
    engine: *mut heijunka_engine,
    now_us: u64,
    pool: u32,
    out_size: usize,
    out_scaling: *mut heijunka_scaling,
) -> i32 {
    enter(|| {
        // SAFETY: the caller owes what the header says of handles and structs.
        let out = unsafe { AnswerOut::new(out_size, out_scaling, "out_scaling") }?;
        // SAFETY: as above.
        let answer = unsafe { with(engine, |inner| Ok(inner.core.scale_down(now_us, PoolId::new(pool))?)) }?;
        out.write(&(&answer).into());
        Ok(verdict(answer.scaled))
    })
}

/// Moves a worker from the least to the most utilized pool now, if that helps; the cooldown since the last
/// move is kept. Answers HEIJUNKA_REFUSED, with the reason, when none moves.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn heijunka_engine_rebalance(
    engine: *mut heijunka_engine,
    now_us: u64,
    out_size: usize,
    out_rebalance: *mut heijunka_rebalance,
) -> i32 {
    enter(|| {
        // SAFETY: the caller owes what the header says of handles and structs.
        let out = unsafe { AnswerOut::new(out_size, out_rebalance, "out_rebalance") }?;
        // SAFETY: as above.
        let answer = unsafe { with(engine, |inner| Ok(inner.core.rebalance(now_us)?)) }?;
        out.write(&(&answer).into());
        Ok(verdict(answer.migrated))
    })
}
