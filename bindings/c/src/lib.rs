//! The C face of Heijunka. It makes no decision: an entry checks its arguments, locks the handle, calls the
//! core and converts the answer.
//!
//! What C programmers read is `include/heijunka.h`. `cargo xtask header` makes it from the public items here, in
//! the order of the modules below, with the chapters at its top from `cbindgen.toml`. So the comments of public
//! items speak of C, and their constants are written out as literals.
#![allow(non_camel_case_types)] // the names are those of the header
#![allow(clippy::missing_safety_doc)] // what every caller owes is said once, at the top of the header
#![allow(clippy::too_many_arguments)] // lengths and sizes come with their pointers

/// What all entries share.
mod args;
mod guard;
mod names;
mod out;

pub mod status;

pub mod words;

pub mod answers;

pub mod module;

pub mod handle;

pub mod requests;

pub mod effects;

pub mod settings;

pub mod reports;

pub mod simulate;

pub mod journal;
pub mod pacing;
