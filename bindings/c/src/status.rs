//! What a call answers: its status, and the text of what went wrong.

use std::ffi::{CStr, c_char};

use crate::guard::{last_error, quietly};
use crate::out::TextOut;

/// The call did what was asked.
pub const HEIJUNKA_OK: i32 = 0;
/// A refusal: a normal answer. The answer struct is filled, and its `reason` says why.
pub const HEIJUNKA_REFUSED: i32 = 1;
/// There is nothing: no effect is queued, no deadline is set. Nothing was written.
pub const HEIJUNKA_NONE: i32 = 2;

/// A time of HEIJUNKA_TIME_LIMIT_US (2^53 microseconds) or above.
pub const HEIJUNKA_ERROR_TIME_OUT_OF_RANGE: i32 = -1;
/// A domain that the configuration doesn't have.
pub const HEIJUNKA_ERROR_UNKNOWN_DOMAIN: i32 = -2;
/// A pool that the configuration doesn't have.
pub const HEIJUNKA_ERROR_UNKNOWN_POOL: i32 = -3;
/// A token that was released, has expired or was never given out.
pub const HEIJUNKA_ERROR_UNKNOWN_TOKEN: i32 = -4;
/// A worker that isn't out (or, for `worker_ready`, not starting), has left or never existed.
pub const HEIJUNKA_ERROR_UNKNOWN_WORKER: i32 = -5;
/// A waiter that was served, has expired, was cancelled or never existed.
pub const HEIJUNKA_ERROR_UNKNOWN_WAITER: i32 = -6;
/// A ticket that was completed, has ended or was never given out.
pub const HEIJUNKA_ERROR_UNKNOWN_TICKET: i32 = -7;
/// A key longer than `limits.max_key_bytes` of the configuration.
pub const HEIJUNKA_ERROR_KEY_TOO_LONG: i32 = -8;
/// A setter's value outside what the configuration allows.
pub const HEIJUNKA_ERROR_OUT_OF_RANGE: i32 = -9;
/// A configuration (or affinity groups) with problems; heijunka_last_error lists all of them, a line each.
pub const HEIJUNKA_ERROR_INVALID_CONFIG: i32 = -10;
/// A trace or workload that can't be read.
pub const HEIJUNKA_ERROR_INVALID_TRACE: i32 = -11;
/// Bytes that are no snapshot that can be restored: cut short, damaged, newer than this library, …
pub const HEIJUNKA_ERROR_INVALID_SNAPSHOT: i32 = -12;
/// Bytes that are no journal, or one that is damaged before its last record.
pub const HEIJUNKA_ERROR_INVALID_JOURNAL: i32 = -13;

/// A pointer is NULL that mustn't be.
pub const HEIJUNKA_ERROR_NULL_POINTER: i32 = -20;
/// `out_size` is no size of the struct: smaller than its first version, or absurdly large.
pub const HEIJUNKA_ERROR_STRUCT_SIZE: i32 = -21;
/// Text that isn't valid UTF-8.
pub const HEIJUNKA_ERROR_INVALID_UTF8: i32 = -22;
/// A class, outcome, flag or preset outside its values, or a length that no object can have.
pub const HEIJUNKA_ERROR_INVALID_ARGUMENT: i32 = -23;
/// The caller's buffer is too small. The length that is needed was written to the `out_` parameter for it.
pub const HEIJUNKA_ERROR_BUFFER_TOO_SMALL: i32 = -24;
/// An earlier call on this handle ended with HEIJUNKA_ERROR_PANIC. All that is left to do with it is to free it.
pub const HEIJUNKA_ERROR_POISONED: i32 = -25;
/// An internal error: a bug of the library. Please report it, with the text of heijunka_last_error.
pub const HEIJUNKA_ERROR_PANIC: i32 = -26;

/// The text of this thread's last error, such as "unknown token 7: …". A configuration's lists every problem, a
/// line each. It stays until the next error on this thread; empty before the first. Calls of this function don't
/// change it.
///
/// Answers HEIJUNKA_OK, HEIJUNKA_ERROR_BUFFER_TOO_SMALL or HEIJUNKA_ERROR_NULL_POINTER.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn heijunka_last_error(buf: *mut c_char, cap: usize, out_len: *mut usize) -> i32 {
    quietly(|| {
        // SAFETY: the caller owes what the header says of buffers.
        let out = unsafe { TextOut::new(buf, cap, out_len) }?;
        out.write(&last_error())
    })
    .unwrap_or_else(|failure| failure.code())
}

/// The stable name of a status: "ok", "refused", "unknown_token", … "unknown" for any other number. Never NULL,
/// and never to be freed.
#[unsafe(no_mangle)]
pub extern "C" fn heijunka_status_name(status: i32) -> *const c_char {
    name(status).as_ptr()
}

/// The status of an answer that may be a refusal.
pub(crate) fn verdict(granted: bool) -> i32 {
    if granted { HEIJUNKA_OK } else { HEIJUNKA_REFUSED }
}

fn name(status: i32) -> &'static CStr {
    match status {
        HEIJUNKA_OK => c"ok",
        HEIJUNKA_REFUSED => c"refused",
        HEIJUNKA_NONE => c"none",
        HEIJUNKA_ERROR_TIME_OUT_OF_RANGE => c"time_out_of_range",
        HEIJUNKA_ERROR_UNKNOWN_DOMAIN => c"unknown_domain",
        HEIJUNKA_ERROR_UNKNOWN_POOL => c"unknown_pool",
        HEIJUNKA_ERROR_UNKNOWN_TOKEN => c"unknown_token",
        HEIJUNKA_ERROR_UNKNOWN_WORKER => c"unknown_worker",
        HEIJUNKA_ERROR_UNKNOWN_WAITER => c"unknown_waiter",
        HEIJUNKA_ERROR_UNKNOWN_TICKET => c"unknown_ticket",
        HEIJUNKA_ERROR_KEY_TOO_LONG => c"key_too_long",
        HEIJUNKA_ERROR_OUT_OF_RANGE => c"out_of_range",
        HEIJUNKA_ERROR_INVALID_CONFIG => c"invalid_config",
        HEIJUNKA_ERROR_INVALID_TRACE => c"invalid_trace",
        HEIJUNKA_ERROR_INVALID_SNAPSHOT => c"invalid_snapshot",
        HEIJUNKA_ERROR_INVALID_JOURNAL => c"invalid_journal",
        HEIJUNKA_ERROR_NULL_POINTER => c"null_pointer",
        HEIJUNKA_ERROR_STRUCT_SIZE => c"struct_size",
        HEIJUNKA_ERROR_INVALID_UTF8 => c"invalid_utf8",
        HEIJUNKA_ERROR_INVALID_ARGUMENT => c"invalid_argument",
        HEIJUNKA_ERROR_BUFFER_TOO_SMALL => c"buffer_too_small",
        HEIJUNKA_ERROR_POISONED => c"poisoned",
        HEIJUNKA_ERROR_PANIC => c"panic",
        _ => c"unknown",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use heijunka_core::{Error, SnapshotProblem};

    #[test]
    fn the_codes_and_names_of_errors_are_those_of_the_core() {
        let errors = [
            Error::TimeOutOfRange { time_us: 0 },
            Error::UnknownDomain { domain: 0 },
            Error::UnknownPool { pool: 0 },
            Error::UnknownToken { token: 0 },
            Error::UnknownWorker { worker: 0 },
            Error::UnknownWaiter { waiter: 0 },
            Error::UnknownTicket { ticket: 0 },
            Error::KeyTooLong { length: 0, limit: 0 },
            Error::OutOfRange { field: "", value: 0, min: 0, max: 0 },
            Error::InvalidSnapshot(SnapshotProblem::Damaged),
            Error::InvalidJournal { offset: 0, problem: "" },
        ];
        for error in errors {
            assert_eq!(name(error.code()).to_str(), Ok(error.name()));
        }
        let error = heijunka_core::Config::from_json("[").unwrap_err();
        assert_eq!(
            (error.code(), name(error.code()).to_str()),
            (HEIJUNKA_ERROR_INVALID_CONFIG, Ok(error.name()))
        );
    }
}
