//! Errors: misuse. A refusal is a normal answer, not an error (see [`crate::Reason`]).

use core::fmt;

/// What was wrong with a call. It changed nothing but, if its own time was in range, the latest time seen.
///
/// The integer of [`Error::code`] is the same in every language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// A time of 2^53 microseconds or above.
    TimeOutOfRange {
        /// The time that was passed, in microseconds.
        time_us: u64,
    },
    /// A domain that the configuration doesn't have.
    UnknownDomain {
        /// The domain's id as passed.
        domain: u32,
    },
    /// A pool that the configuration doesn't have.
    UnknownPool {
        /// The pool's id as passed.
        pool: u32,
    },
    /// A token that was released, has expired or was never given out.
    UnknownToken {
        /// The token as passed.
        token: u64,
    },
    /// A worker that isn't checked out, has left or never existed.
    UnknownWorker {
        /// The worker's id as passed.
        worker: u64,
    },
    /// A waiter that was served, has expired, was cancelled or never existed.
    UnknownWaiter {
        /// The waiter's id as passed.
        waiter: u64,
    },
    /// A ticket that was completed, has ended or was never given out.
    UnknownTicket {
        /// The ticket as passed.
        ticket: u64,
    },
    /// A key longer than `limits.max_key_bytes`.
    KeyTooLong {
        /// The key's length in bytes.
        length: u64,
        /// The most bytes a key may have.
        limit: u64,
    },
    /// Bytes that are no snapshot that can be restored.
    InvalidSnapshot(SnapshotProblem),
    /// Bytes that are no journal, or one that is damaged in its middle.
    InvalidJournal {
        /// The byte at which it goes wrong.
        offset: u64,
        /// What is wrong there.
        problem: &'static str,
    },
    /// A setter's value outside what the configuration allows.
    OutOfRange {
        /// The configuration field's path.
        field: &'static str,
        /// The value that was passed.
        value: u64,
        /// The least value allowed.
        min: u64,
        /// The greatest value allowed.
        max: u64,
    },
}

/// Why a snapshot can't be restored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum SnapshotProblem {
    /// It doesn't begin as a snapshot does.
    NotASnapshot,
    /// Its format is newer than this library.
    Newer {
        /// The format's version.
        version: u32,
        /// The newest version that can be read.
        newest: u32,
    },
    /// It ends too early.
    CutShort {
        /// How many bytes there are.
        length: u64,
        /// How many there should be.
        needed: u64,
    },
    /// Something follows its end.
    TooLong {
        /// How many bytes there are.
        length: u64,
        /// How many there should be.
        needed: u64,
    },
    /// Its checksum doesn't fit.
    Damaged,
    /// Its checksum fits, but something in it can't be.
    Impossible {
        /// What.
        what: &'static str,
    },
    /// The journal to go on with doesn't follow on it.
    OtherJournal {
        /// How many records the snapshot has seen.
        records: u64,
    },
}

impl fmt::Display for SnapshotProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::NotASnapshot => f.write_str("it doesn't begin as a snapshot does"),
            Self::Newer { version, newest } => {
                write!(f, "its version {version} is newer than {newest}, the newest that this library reads")
            }
            Self::CutShort { length, needed } => write!(f, "it is cut short: {length} bytes of {needed}"),
            Self::TooLong { length, needed } => {
                write!(f, "something follows its end: {length} bytes instead of {needed}")
            }
            Self::Damaged => f.write_str("it is damaged: the checksum doesn't fit"),
            Self::Impossible { what } => write!(f, "it holds what can't be: {what}"),
            Self::OtherJournal { records } => {
                write!(f, "the journal doesn't go on where it was taken, after record {records}")
            }
        }
    }
}

impl Error {
    /// The stable integer of the error, the same in every language; always negative.
    pub const fn code(self) -> i32 {
        match self {
            Self::TimeOutOfRange { .. } => -1,
            Self::UnknownDomain { .. } => -2,
            Self::UnknownPool { .. } => -3,
            Self::UnknownToken { .. } => -4,
            Self::UnknownWorker { .. } => -5,
            Self::UnknownWaiter { .. } => -6,
            Self::UnknownTicket { .. } => -7,
            Self::KeyTooLong { .. } => -8,
            Self::OutOfRange { .. } => -9,
            Self::InvalidSnapshot(_) => -12,
            Self::InvalidJournal { .. } => -13,
        }
    }

    /// The stable name of the error, the same in every language.
    pub const fn name(self) -> &'static str {
        match self {
            Self::TimeOutOfRange { .. } => "time_out_of_range",
            Self::UnknownDomain { .. } => "unknown_domain",
            Self::UnknownPool { .. } => "unknown_pool",
            Self::UnknownToken { .. } => "unknown_token",
            Self::UnknownWorker { .. } => "unknown_worker",
            Self::UnknownWaiter { .. } => "unknown_waiter",
            Self::UnknownTicket { .. } => "unknown_ticket",
            Self::KeyTooLong { .. } => "key_too_long",
            Self::OutOfRange { .. } => "out_of_range",
            Self::InvalidSnapshot(_) => "invalid_snapshot",
            Self::InvalidJournal { .. } => "invalid_journal",
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::TimeOutOfRange { time_us } => {
                write!(
                    f,
                    "time {time_us} is out of range: it must be below 9007199254740992 (2^53) microseconds"
                )
            }
            Self::UnknownDomain { domain } => write!(f, "unknown domain {domain}"),
            Self::UnknownPool { pool } => write!(f, "unknown pool {pool}"),
            Self::UnknownToken { token } => {
                write!(f, "unknown token {token}: it was released, has expired or was never given out")
            }
            Self::UnknownWorker { worker } => {
                write!(f, "unknown worker {worker}: it isn't out, has left or never existed")
            }
            Self::UnknownWaiter { waiter } => {
                write!(
                    f,
                    "unknown waiter {waiter}: it was served, has expired, was cancelled or never existed"
                )
            }
            Self::UnknownTicket { ticket } => {
                write!(f, "unknown ticket {ticket}: it was completed, has ended or was never given out")
            }
            Self::KeyTooLong { length, limit } => {
                write!(f, "a key of {length} bytes is too long: `limits.max_key_bytes` is {limit}")
            }
            Self::InvalidSnapshot(problem) => write!(f, "not a snapshot that can be restored: {problem}"),
            Self::InvalidJournal { offset, problem } => {
                write!(f, "not a journal that can be read: {problem}, at byte {offset}")
            }
            Self::OutOfRange { field, value, min, max } => {
                write!(f, "`{field}` = {value} is out of range: it must be from {min} to {max}")
            }
        }
    }
}

impl core::error::Error for Error {}
