//! Remembering: snapshots, and the journal of an engine's inputs.

use std::ffi::c_char;

use heijunka_core::{Config, Engine, journal};

use crate::args;
use crate::guard::{Failure, enter};
use crate::handle::{Inner, handle, heijunka_engine, with};
use crate::out::{BytesOut, Out, TextOut};
use crate::status::HEIJUNKA_OK;

/// All that the engine holds, as bytes: undrained effects, tickets, statistics, its configuration and its clock.
/// heijunka_engine_restore makes an engine of them that goes on as this one would, also on another platform or in another
/// language. Changes nothing.
///
/// `buf` has room for `cap` bytes; `*out_len` is set to how many there are. NULL with 0 asks for the length alone; a few
/// more may be needed when inputs come between the two calls.
///
/// Fails with BUFFER_TOO_SMALL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn heijunka_engine_snapshot(
    engine: *mut heijunka_engine,
    buf: *mut u8,
    cap: usize,
    out_len: *mut usize,
) -> i32 {
    enter(|| {
        // SAFETY: the caller owes what the header says of handles and buffers.
        let out = unsafe { BytesOut::new(buf, cap, out_len) }?;
        // SAFETY: as above.
        out.write(&unsafe { with(engine, |inner| Ok(inner.core.snapshot())) }?)
    })
}

/// Makes the engine that a snapshot was taken of, `snapshot_len` bytes, and writes it to `*out_engine`. It isn't recorded.
///
/// Fails with INVALID_SNAPSHOT for bytes that are no snapshot, are cut short, damaged or newer than this library;
/// heijunka_last_error says which.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn heijunka_engine_restore(
    snapshot: *const u8,
    snapshot_len: usize,
    out_engine: *mut *mut heijunka_engine,
) -> i32 {
    enter(|| {
        // SAFETY: the caller owes what the header says of pointers.
        let (out, snapshot) = unsafe {
            (Out::new(out_engine, "out_engine")?, args::bytes(snapshot, snapshot_len, "snapshot")?)
        };
        out.write(handle(Engine::restore(snapshot)?));
        Ok(HEIJUNKA_OK)
    })
}

/// As heijunka_engine_restore, and leads the engine on by the records that a journal has after the snapshot: the engine as
/// it was last.
///
/// Fails with INVALID_SNAPSHOT, also when the journal doesn't go on where the snapshot was taken, and with INVALID_JOURNAL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn heijunka_engine_restore_with(
    snapshot: *const u8,
    snapshot_len: usize,
    journal: *const u8,
    journal_len: usize,
    out_engine: *mut *mut heijunka_engine,
) -> i32 {
    enter(|| {
        // SAFETY: the caller owes what the header says of pointers.
        let (out, snapshot, journal) = unsafe {
            (
                Out::new(out_engine, "out_engine")?,
                args::bytes(snapshot, snapshot_len, "snapshot")?,
                args::bytes(journal, journal_len, "journal")?,
            )
        };
        out.write(handle(Engine::restore_with(snapshot, journal)?));
        Ok(HEIJUNKA_OK)
    })
}

/// Begins to record every input, from now on; heijunka_engine_journal_drain takes what was recorded. The journal begins with
/// a snapshot. What nobody takes is bounded by `limits.max_journal_bytes`: past that nothing is recorded until it is taken,
/// and journal_lost of heijunka_engine_engine_status counts what is missing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn heijunka_engine_journal_start(engine: *mut heijunka_engine) -> i32 {
    enter(|| {
        // SAFETY: the caller owes what the header says of handles.
        unsafe {
            with(engine, |inner| {
                inner.core.start_journal();
                Ok(HEIJUNKA_OK)
            })
        }
    })
}

/// Takes what was recorded and not taken yet, to be appended to what was taken before: as many whole records as `cap` bytes
/// hold. `*out_len` is set to how many bytes were written; 0: there is nothing. NULL with 0 takes nothing, and sets it to how
/// many wait.
///
/// Fails with BUFFER_TOO_SMALL when not even the first record fits; `*out_len` is how many bytes that needs.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn heijunka_engine_journal_drain(
    engine: *mut heijunka_engine,
    buf: *mut u8,
    cap: usize,
    out_len: *mut usize,
) -> i32 {
    enter(|| {
        // SAFETY: the caller owes what the header says of handles and buffers.
        let out = unsafe { BytesOut::new(buf, cap, out_len) }?;
        let take = |inner: &mut Inner| {
            if out.asks_length() {
                let waiting = inner.core.engine_status().journal_bytes;
                out.write_length(usize::try_from(waiting).unwrap_or(usize::MAX));
                return Ok(HEIJUNKA_OK);
            }
            match inner.core.drain_journal(out.capacity) {
                Ok(taken) => out.write(&taken),
                Err(needed) => Err(out.too_small(needed)),
            }
        };
        // SAFETY: as above.
        unsafe { with(engine, take) }
    })
}

/// Replays a journal with its own configuration and compares each answer, and each effect that was drained; the result as
/// JSON: equal, records, headers, effects, now_us, differs (the first record that differs: record, offset, now_us, operation;
/// or null), torn (a torn tail, of a write that was cut: offset, bytes; or null). Costs what the inputs cost, in each call:
/// ask with a buffer, 1,024 bytes will do.
///
/// Fails with INVALID_JOURNAL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn heijunka_journal_verify(
    journal: *const u8,
    journal_len: usize,
    buf: *mut c_char,
    cap: usize,
    out_len: *mut usize,
) -> i32 {
    enter(|| {
        // SAFETY: the caller owes what the header says of pointers and buffers.
        let (out, journal) =
            unsafe { (TextOut::new(buf, cap, out_len)?, args::bytes(journal, journal_len, "journal")?) };
        out.write_json(&journal::verify(journal)?)
    })
}

/// Replays a journal with its own configuration and with another one side by side; what is decided otherwise, as JSON:
/// records, headers, skipped, from_us, to_us, differ, operations, differences (at most `limit` of them), recorded and other
/// (what came of it in each world), torn. `config` is JSON or TOML, `config_len` bytes. Costs what the inputs cost, twice, in each
/// call.
///
/// Fails with INVALID_JOURNAL, INVALID_CONFIG or INVALID_UTF8.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn heijunka_journal_replay(
    journal: *const u8,
    journal_len: usize,
    config: *const c_char,
    config_len: usize,
    limit: u32,
    buf: *mut c_char,
    cap: usize,
    out_len: *mut usize,
) -> i32 {
    enter(|| {
        // SAFETY: the caller owes what the header says of pointers and buffers.
        let (out, journal, config) = unsafe {
            (
                TextOut::new(buf, cap, out_len)?,
                args::bytes(journal, journal_len, "journal")?,
                args::value(config, config_len, "config")?,
            )
        };
        let config = Config::from_value(&config).map_err(Failure::from)?;
        out.write_json(&journal::replay(journal, &config, limit)?)
    })
}

/// The requests that a journal tells of, as a trace in CSV (arrival_us, domain, service_us, key; keys as they are, so that it
/// may not be UTF-8): traffic for heijunka_simulation_new. A request is a dispatch, or an admission up to its release.
/// One that was refused or had not ended gets the mean service of its domain's others that ended well.
///
/// `buf` has room for `cap` bytes; `*out_len` is set to how many there are. NULL with 0 asks for the length alone. Costs what
/// the inputs cost, in each call.
///
/// Fails with INVALID_JOURNAL or BUFFER_TOO_SMALL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn heijunka_journal_trace(
    journal: *const u8,
    journal_len: usize,
    buf: *mut u8,
    cap: usize,
    out_len: *mut usize,
) -> i32 {
    enter(|| {
        // SAFETY: the caller owes what the header says of pointers and buffers.
        let (out, journal) =
            unsafe { (BytesOut::new(buf, cap, out_len)?, args::bytes(journal, journal_len, "journal")?) };
        out.write(&journal::trace(journal)?)
    })
}

/// A journal's extent, and `count` of its records from number `first` on, as JSON: count, headers, from_us, to_us, operations,
/// config, torn, records.
///
/// Fails with INVALID_JOURNAL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn heijunka_journal_records(
    journal: *const u8,
    journal_len: usize,
    first: u64,
    count: u64,
    buf: *mut c_char,
    cap: usize,
    out_len: *mut usize,
) -> i32 {
    enter(|| {
        // SAFETY: the caller owes what the header says of pointers and buffers.
        let (out, journal) =
            unsafe { (TextOut::new(buf, cap, out_len)?, args::bytes(journal, journal_len, "journal")?) };
        out.write_json(&journal::records(journal, first, count)?)
    })
}
