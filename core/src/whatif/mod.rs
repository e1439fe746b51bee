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

mod feed;
pub mod generate;
pub mod policy;
mod reader;
pub mod replay;
pub mod rng;
mod run;
pub mod runs;
mod simulate;
pub mod simulation;
pub mod trace;
pub mod workload;

pub use feed::Feed;
pub use run::{Progress, Run};
pub use simulate::simulate;
