//! What a pacer reports about itself.

use alloc::string::String;
use alloc::vec::Vec;

use serde::Serialize;

/// A pacer's state and its lifetime counts.
///
/// `accepted = released + backlog` holds after every call.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PacerStatus {
    /// The latest time seen.
    pub now_us: u64,
    /// How many times lay before the latest one seen.
    pub clock_regressions: u64,
    /// The time between two items, in microseconds.
    pub takt_us: f64,
    /// The takt's dividend.
    pub available_us: u64,
    /// The takt's divisor.
    pub demand: u64,
    /// Items that wait.
    pub backlog: u32,
    /// The most that may.
    pub max_backlog: u32,
    /// When the next item is due, which may be over; none when nothing waits.
    pub next_due_us: Option<u64>,
    /// Items accepted.
    pub accepted: u64,
    /// Items refused.
    pub refused: u64,
    /// Items released.
    pub released: u64,
    /// Slots that passed while items waited and that `max_late` doesn't make up for.
    pub lapsed_slots: u64,
    /// How much later than they were due items were released, on average; 0.0 before the first.
    pub mean_lateness_us: f64,
    /// The most that an item was late.
    pub max_lateness_us: u64,
    /// The domains, in the order of the configuration.
    pub domains: Vec<PacerDomainStatus>,
}

/// A domain of a [`PacerStatus`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PacerDomainStatus {
    /// Its name.
    pub name: String,
    /// Its share, against the others' weights.
    pub weight: u32,
    /// Its items that wait.
    pub backlog: u32,
    /// The most that may.
    pub max_backlog: u32,
    /// Its items accepted.
    pub accepted: u64,
    /// Its items refused.
    pub refused: u64,
    /// Its items released.
    pub released: u64,
}
