//! What-if: traces of requests, and the same engine run on them in simulated time.
//!
//! - [`trace`] reads requests from text: CSV, JSON lines, access logs.
//! - [`workload`] and [`generate`] make requests from a seed.
//! - [`simulation`] runs requests through an engine and measures what happens.
//! - [`policy`] says who scales in a simulation: the engine, or an autoscaler to compare with.
//! - [`replay`] ties these together: a trace's bytes in, a report's figures out.
//! - [`simulate`](fn@simulate) is one call for all of it, described in JSON; [`Run`] is the same bit by bit, and
//!   [`Feed`] reads its trace in pieces.
//!
//! Nothing here does I/O or draws from anything but a given seed: the same input gives the same outcome on every
//! platform, bit for bit.

#[cfg(feature = "json")]
mod feed;
pub mod generate;
pub mod policy;
#[cfg(feature = "json")]
mod reader;
pub mod replay;
pub mod rng;
#[cfg(feature = "json")]
mod run;
pub mod runs;
#[cfg(feature = "json")]
mod simulate;
pub mod simulation;
pub mod trace;
pub mod workload;

#[cfg(feature = "json")]
pub use feed::Feed;
#[cfg(feature = "json")]
pub use run::{Progress, Run};
#[cfg(feature = "json")]
pub use simulate::simulate;
