//! The language-neutral test corpus of `tests/vectors`, read and run against [`heijunka_core::Engine`].
//!
//! The format is fixed in `tests/vectors/README.md`. [`Sequence`] is a file that was read, [`run()`] runs it,
//! [`canon`] and [`sha256`] make the digest, [`generate`] makes random sequences of the same format.

mod calls;
pub mod canon;
mod expect;
pub mod generate;
mod ops;
mod pacing;
mod read;
mod run;
pub mod sha256;

pub use ops::{Kind, Member, OPS, Op};
pub use read::{ORIGINS, Sequence, Step, parse_int};
pub use run::{Finished, run};
