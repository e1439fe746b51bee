//! Time that passes: timers, and the effects they have.

use crate::answers::heijunka_effect;
use crate::guard::enter;
use crate::handle::{Inner, heijunka_engine, with};
use crate::out::{AnswerOut, Out, WorkersOut};
use crate::status::{HEIJUNKA_NONE, HEIJUNKA_OK};

/// Runs every timer that is due and queues effects; heijunka_engine_poll_effect takes them. Call it when
/// heijunka_engine_next_deadline has come, or later: a step after a long sleep costs the same and makes up
/// for what was missed. Nothing due: a few comparisons.
///
/// Fails with TIME_OUT_OF_RANGE.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn heijunka_engine_step(engine: *mut heijunka_engine, now_us: u64) -> i32 {
    enter(|| {
        // SAFETY: the caller owes what the header says of handles.
        unsafe { with(engine, |inner| Ok(inner.core.step(now_us)?)) }?;
        Ok(HEIJUNKA_OK)
    })
}

/// Takes the oldest effect that wasn't taken yet: HEIJUNKA_OK, or HEIJUNKA_NONE when there is none. Take
/// effects after every heijunka_engine_step, and after inputs: heijunka_engine_checkin and
/// heijunka_engine_complete may serve a waiter, others may add or remove workers.
///
/// Effects that nobody takes are bounded: past `limits.max_effects` of the configuration the oldest are dropped, and
/// effects_dropped of heijunka_engine_engine_status counts them.
///
/// The ids of its workers go to `workers`, which has room for `workers_cap` ids, their number to
/// `*out_worker_count`. If they don't fit: HEIJUNKA_ERROR_BUFFER_TOO_SMALL with `*out_worker_count` set to
/// how many there are and nothing else written; the effect stays the next one. NULL with 0 will do for
/// effects without workers. An effect names no more workers than the pools may have by the configuration.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn heijunka_engine_poll_effect(
    engine: *mut heijunka_engine,
    workers: *mut u64,
    workers_cap: usize,
    out_worker_count: *mut usize,
    out_size: usize,
    out_effect: *mut heijunka_effect,
) -> i32 {
    enter(|| {
        // SAFETY: the caller owes what the header says of handles, pointers and structs.
        let (out, ids) = unsafe {
            (
                AnswerOut::new(out_size, out_effect, "out_effect")?,
                WorkersOut::new(workers, workers_cap, out_worker_count)?,
            )
        };
        let poll = |inner: &mut Inner| {
            // One that doesn't fit stays the next one.
            let Some(effect) = inner.core.peek_effect() else { return Ok(HEIJUNKA_NONE) };
            ids.write(effect.workers.as_slice())?;
            out.write(&effect.into());
            inner.core.poll_effect();
            Ok(HEIJUNKA_OK)
        };
        // SAFETY: as above.
        unsafe { with(engine, poll) }
    })
}

/// When the next heijunka_engine_step is needed: HEIJUNKA_OK with a time, always later than the latest one
/// the engine has seen, or HEIJUNKA_NONE for never. Any input may change it, so ask again before sleeping.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn heijunka_engine_next_deadline(
    engine: *const heijunka_engine,
    out_deadline_us: *mut u64,
) -> i32 {
    enter(|| {
        // SAFETY: the caller owes what the header says of handles and pointers.
        let out = unsafe { Out::new(out_deadline_us, "out_deadline_us") }?;
        // SAFETY: as above.
        match unsafe { with(engine, |inner| Ok(inner.core.next_deadline_us())) }? {
            None => Ok(HEIJUNKA_NONE),
            Some(deadline_us) => {
                out.write(deadline_us);
                Ok(HEIJUNKA_OK)
            }
        }
    })
}
