//! Remembering: snapshots of an engine, and the journal of its inputs.
//!
//! # Snapshots
//!
//! [`Engine::snapshot`](crate::Engine::snapshot) writes all that an engine holds as bytes, [`Engine::restore`](crate::Engine::restore) makes an engine of them that goes on
//! bit by bit as the first one would have: undrained effects, tickets, waiters, statistics and the clock are all in it,
//! and so is the configuration. The bytes are the same on every platform and in every language. They are framed:
//!
//! | bytes | |
//! |---|---|
//! | 8 | `00 48 4a 53 4e 41 50 0a`: a zero, `HJSNAP` and a line feed |
//! | 4 | the format's version, 1 |
//! | 8 | the content's length in bytes |
//! | … | the content: the library's version (for information), the configuration as JSON, the state |
//! | 8 | xxh3-64 of everything before |
//!
//! Numbers in a frame have a fixed width, the low byte first. What is damaged, cut short or newer is refused with
//! [`Error::InvalidSnapshot`](crate::Error::InvalidSnapshot), which says what is wrong. Also a snapshot that was made up,
//! with a right checksum, can't do harm: every length, id and count in it is checked, and it takes no more memory than a
//! small multiple of its length. Writing and reading cost time in proportion to what there is.
//!
//! # Journal
//!
//! [`Engine::start_journal`](crate::Engine::start_journal) begins one. From then on every input is recorded with its arguments, also one that ends in an
//! error (it moves the clock), and also that effects were drained (what waits is bounded, so that it matters). The caller
//! takes the bytes ([`Engine::take_journal`](crate::Engine::take_journal)) and does the writing. A journal is a header, framed as a snapshot is (its
//! mark is `HJRNL`), and records behind it:
//!
//! | bytes | |
//! |---|---|
//! | 1–5 | the length of what follows up to the checksum |
//! | 1 | the operation |
//! | 1–10 | the time, as the difference to the record before |
//! | … | the arguments |
//! | 4 | a digest of the answer |
//! | 4 | the low half of xxh3-64 of the record, with the checksum before it as the seed |
//!
//! Integers in a record are LEB128. As each checksum goes into the next, a record that is missing or in the wrong place
//! shows. The header holds a snapshot, so that a journal may begin at any time. A file of journals one after
//! another is a journal.
//!
//! What nobody takes is bounded by `limits.max_journal_bytes`. When that is full, recording stops, and
//! `journal_lost` of the engine's status counts what is missing. After the next drain it goes on with a new header, whose
//! snapshot holds what was missed.
//!
//! - [`Reader`] reads the records one by one. A torn tail, of a write that was cut, ends it at the last whole record;
//!   damage before that is [`Error::InvalidJournal`](crate::Error::InvalidJournal).
//! - [`verify`] replays a journal and compares every answer by its digest.
//! - [`replay`] replays it under another configuration, and tells what would have been otherwise.
//! - [`trace()`] is a journal's requests as a trace: traffic for [`whatif`](crate::whatif).
//! - [`Engine::restore_with`](crate::Engine::restore_with) takes a snapshot and the journal that goes on after it, and answers the engine as it was
//!   last.
//!
//! # What a journal can say about another configuration
//!
//! It holds what was asked and when, and how long it was held. So [`replay`] can tell what another configuration would
//! have admitted, where requests would have waited, and what it would have cost. It can't know what
//! the callers would have done about it. This is what it takes for granted:
//!
//! - **Requests come as they came.** Nobody tries again because of a refusal that wasn't, or stays away.
//! - **A service takes as long as it took.** A request that is served later in the other world ends as much later; one
//!   that is served sooner still ends when it was recorded to, since its length is known only then.
//! - **A request that was refused, and isn't any more,** is held for the mean time of those that have ended by then.
//! - **A `route` is an answer to look at:** a checkout goes to the recorded pool, whatever another route would have been.
//! - **Ordered workers are ready** after the mean time that it took in the record (at once, while that isn't known). Workers
//!   fail when they are in the place of one that failed: serving the same request.
//! - **Timers run when they did.** An expiry that comes between two recorded steps is seen at the next one.
//! - Setters are carried out as recorded. Domains and pools are found by name; what names one that the other configuration
//!   doesn't have is left out and counted, and so is the end of a request that the other world refused.
//! - Where recording had stopped the other world begins anew, as it does at the start: empty, at that time.

pub(crate) mod codec;
mod compare;
mod digest;
mod frame;
mod input;
mod reader;
mod slots;
mod snapshot;
mod trace;
mod verify;
mod worlds;
mod writer;

pub use compare::{Comparison, Difference, OperationCount, World, replay};
pub use input::{Input, Operation};
pub(crate) use input::{groups_as_bytes, workers_as_bytes};
pub use reader::{Listing, Reader, Record, Torn, records};
pub use trace::trace;
pub use verify::{Verification, verify};

pub(crate) use digest::{Digest, Digested};
pub(crate) use writer::Journal;
