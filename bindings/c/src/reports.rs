//! Reports: the state of everything, as JSON.

use std::ffi::c_char;

use heijunka_core::{Engine, PoolId};
use serde::Serialize;

use crate::guard::{Failure, enter};
use crate::handle::{heijunka_engine, with};
use crate::out::{Out, TextOut};
use crate::status::HEIJUNKA_OK;
use crate::words;

/// Reads something under the lock, and writes it as JSON after that.
///
/// # Safety
/// What the header says of handles and buffers.
unsafe fn report<T: Serialize>(
    engine: *const heijunka_engine,
    buf: *mut c_char,
    cap: usize,
    out_len: *mut usize,
    read: impl FnOnce(&Engine) -> Result<T, Failure>,
) -> i32 {
    enter(|| {
        // SAFETY: passed on to the caller.
        let out = unsafe { TextOut::new(buf, cap, out_len) }?;
        // SAFETY: as above.
        out.write_json(&unsafe { with(engine, |inner| read(&inner.core)) }?)
    })
}

/// The full configuration the engine was made with, every default filled in.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn heijunka_engine_config(
    engine: *const heijunka_engine,
    buf: *mut c_char,
    cap: usize,
    out_len: *mut usize,
) -> i32 {
    // SAFETY: the caller owes what the header says of handles and buffers.
    unsafe { report(engine, buf, cap, out_len, |core| Ok(core.config().clone())) }
}

/// The engine's own state: now_us (the latest time seen), start_us, clock_regressions, effects_pending,
/// effects_dropped, tickets (dispatched requests that aren't completed), journal_records (so far), journal_bytes (not
/// taken yet), journal_lost (inputs that weren't recorded since nobody took what was).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn heijunka_engine_engine_status(
    engine: *const heijunka_engine,
    buf: *mut c_char,
    cap: usize,
    out_len: *mut usize,
) -> i32 {
    // SAFETY: the caller owes what the header says of handles and buffers.
    unsafe { report(engine, buf, cap, out_len, |core| Ok(core.engine_status())) }
}

/// Admission: soft_limit, hard_limit, current_load, accepted_requests, rejected_requests, failed_requests,
/// admission_rate, rejection_rate, recent_rejection_rate, load_factor, rejections_by_reason,
/// rejections_by_domain, issued_tokens, live_tokens, released_tokens, expired_tokens; adaptive_limit, adaptive_algorithm,
/// adaptive_latency_us, adaptive_baseline_us, adaptive_reason (null without an adaptive limit). Always: issued = live +
/// released + expired.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn heijunka_engine_regulator_status(
    engine: *const heijunka_engine,
    buf: *mut c_char,
    cap: usize,
    out_len: *mut usize,
) -> i32 {
    // SAFETY: the caller owes what the header says of handles and buffers.
    unsafe { report(engine, buf, cap, out_len, |core| Ok(core.regulator_status())) }
}

/// Capacity in tokens: total, available, reserved, current_load, load_percentage.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn heijunka_engine_capacity_info(
    engine: *const heijunka_engine,
    buf: *mut c_char,
    cap: usize,
    out_len: *mut usize,
) -> i32 {
    // SAFETY: the caller owes what the header says of handles and buffers.
    unsafe { report(engine, buf, cap, out_len, |core| Ok(core.capacity_info())) }
}

/// A pool: name, domain, open, current_workers, available, busy_workers, starting_workers, draining_workers,
/// overflow_workers, min_workers, max_workers, surge_workers, surge_max_workers, utilization, overloaded,
/// queue_length, avg_latency_ms, p50_latency_us, p95_latency_us, p99_latency_us, avg_wait_ms, total_requests,
/// failed_requests, failed_workers, expired_waiters, error_rate, health_status.
///
/// Fails with UNKNOWN_POOL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn heijunka_engine_pool_status(
    engine: *const heijunka_engine,
    pool: u32,
    buf: *mut c_char,
    cap: usize,
    out_len: *mut usize,
) -> i32 {
    // SAFETY: the caller owes what the header says of handles and buffers.
    unsafe { report(engine, buf, cap, out_len, |core| Ok(core.pool_status(PoolId::new(pool))?)) }
}

/// A pool's workers, a list of objects: worker (its id), state ("starting", "idle" or "busy"), surge,
/// overflow.
///
/// Fails with UNKNOWN_POOL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn heijunka_engine_pool_workers(
    engine: *const heijunka_engine,
    pool: u32,
    buf: *mut c_char,
    cap: usize,
    out_len: *mut usize,
) -> i32 {
    // SAFETY: the caller owes what the header says of handles and buffers.
    unsafe { report(engine, buf, cap, out_len, |core| Ok(core.pool_workers(PoolId::new(pool))?)) }
}

/// The balance of the pools: pools (how many), balance_coefficient, total_routed, rebalance_count,
/// pool_utilization (an object by name), balance_status.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn heijunka_engine_balance_status(
    engine: *const heijunka_engine,
    buf: *mut c_char,
    cap: usize,
    out_len: *mut usize,
) -> i32 {
    // SAFETY: the caller owes what the header says of handles and buffers.
    unsafe { report(engine, buf, cap, out_len, |core| Ok(core.balance_status())) }
}

/// Burst detection: enabled, in_surge, baseline_load, current_load, load_ratio, burst_threshold,
/// surge_active, surge_count, total_surge_cost (in cost units), total_surge_money, kept_workers,
/// total_surge_us, last_surge_us, pools (a list: pool, phase, baseline_load, current_load, surge_workers).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn heijunka_engine_burst_status(
    engine: *const heijunka_engine,
    buf: *mut c_char,
    cap: usize,
    out_len: *mut usize,
) -> i32 {
    // SAFETY: the caller owes what the header says of handles and buffers.
    unsafe { report(engine, buf, cap, out_len, |core| Ok(core.burst_status())) }
}

/// The running surge, and what surges have cost: in_surge, phase, surge_start_us (or null),
/// surge_time_remaining_us, surge_pools, surge_count, total_surge_cost, avg_surge_cost, total_surge_money.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn heijunka_engine_surge_metrics(
    engine: *const heijunka_engine,
    buf: *mut c_char,
    cap: usize,
    out_len: *mut usize,
) -> i32 {
    // SAFETY: the caller owes what the header says of handles and buffers.
    unsafe { report(engine, buf, cap, out_len, |core| Ok(core.surge_metrics())) }
}

/// Whether surges, or the permanent workers that would have made them unnecessary, cost less in a year:
/// observed_us, surges_per_day, cost_per_surge, surge_cost_per_year, baseline_workers,
/// baseline_cost_per_year, cheaper, saving_per_year, currency, advice (a sentence).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn heijunka_engine_cost_advice(
    engine: *const heijunka_engine,
    buf: *mut c_char,
    cap: usize,
    out_len: *mut usize,
) -> i32 {
    // SAFETY: the caller owes what the header says of handles and buffers.
    unsafe { report(engine, buf, cap, out_len, |core| Ok(core.cost_advice())) }
}

/// The alerts that are pending or firing as of the last evaluation, a list of objects: alert (the rule's place in
/// `alerts` of the configuration), name, pool (or null), severity ("info", "warning" or "critical"), state ("pending"
/// or "firing"), since_us, value.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn heijunka_engine_alerts(
    engine: *const heijunka_engine,
    buf: *mut c_char,
    cap: usize,
    out_len: *mut usize,
) -> i32 {
    // SAFETY: the caller owes what the header says of handles and buffers.
    unsafe { report(engine, buf, cap, out_len, |core| Ok(core.alerts())) }
}

/// Five checks of a well leveled system: pass, and checks (a list: name, figure, above, below (either may be null), pass,
/// pools (a list: pool, figure, pass)).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn heijunka_engine_verify(
    engine: *const heijunka_engine,
    buf: *mut c_char,
    cap: usize,
    out_len: *mut usize,
) -> i32 {
    // SAFETY: the caller owes what the header says of handles and buffers.
    unsafe { report(engine, buf, cap, out_len, |core| Ok(core.verify())) }
}

/// Demand's pace against the pools' at a time, which it doesn't move on: window_us, and pools (a list: pool, arrivals,
/// takt_us, cycle_us, workers_needed (each of these may be null), workers).
///
/// Fails with TIME_OUT_OF_RANGE.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn heijunka_engine_takt(
    engine: *const heijunka_engine,
    now_us: u64,
    buf: *mut c_char,
    cap: usize,
    out_len: *mut usize,
) -> i32 {
    // SAFETY: the caller owes what the header says of handles and buffers.
    unsafe { report(engine, buf, cap, out_len, |core| Ok(core.takt(now_us)?)) }
}

/// Everything as OpenMetrics text, for a Prometheus to scrape: serve it as
/// `application/openmetrics-text; version=1.0.0; charset=utf-8`. (No JSON.)
#[unsafe(no_mangle)]
pub unsafe extern "C" fn heijunka_engine_metrics_text(
    engine: *const heijunka_engine,
    buf: *mut c_char,
    cap: usize,
    out_len: *mut usize,
) -> i32 {
    enter(|| {
        // SAFETY: the caller owes what the header says of handles and buffers.
        let out = unsafe { TextOut::new(buf, cap, out_len) }?;
        // SAFETY: as above.
        out.write(&unsafe { with(engine, |inner| Ok(inner.core.metrics_text())) }?)
    })
}

/// A pool's health as of the latest time seen: a HEIJUNKA_HEALTH_*.
///
/// Fails with UNKNOWN_POOL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn heijunka_engine_health_check(
    engine: *const heijunka_engine,
    pool: u32,
    out_health: *mut u32,
) -> i32 {
    enter(|| {
        // SAFETY: the caller owes what the header says of handles and pointers.
        let out = unsafe { Out::new(out_health, "out_health") }?;
        // SAFETY: as above.
        let health = unsafe { with(engine, |inner| Ok(inner.core.health_check(PoolId::new(pool))?)) }?;
        out.write(words::health(health));
        Ok(HEIJUNKA_OK)
    })
}
