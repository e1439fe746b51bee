//! Observation: metrics, alerts, the checklist, takt.
//!
//! Nothing is decided here but whether an alert fires. The room doesn't know the parts: it sees them through
//! [`Readings`] and `Subjects`, which the engine implements.
//!
//! - [`Alerts`]: rules on metrics, pending, firing and resolved as Prometheus does it
//!   (prometheus.io/docs/prometheus/latest/configuration/alerting_rules; `rules/alerting.go`).
//! - `metrics`: everything as OpenMetrics text (OpenMetrics 1.0, 2020), for a Prometheus to scrape.
//! - [`Checklist`]: five checks of a well leveled system.
//! - [`Takt`]: demand's pace against the pools' (takt and cycle time as in T. Ohno, "Toyota Production System", 1988).

mod alerts;
mod checklist;
mod metrics;
mod state;
mod takt;
#[cfg(test)]
mod tests;
mod text;

use core::cmp::Ordering;

use crate::config::AlertMetric;
use crate::id::PoolId;
use crate::ratio::Ratio;

pub use alerts::{Alert, AlertState, Alerts};
pub(crate) use checklist::{BALANCE_ABOVE, Figures, checklist};
pub use checklist::{Check, Checklist, PoolCheck};
pub(crate) use metrics::{DomainFigures, PoolFigures, Subjects, SystemFigures, metrics_text};
pub(crate) use takt::{Pace, TAKT_WINDOW, takt};
pub use takt::{PoolTakt, Takt};

/// The metrics that rules look at. `pool` says whose, where every pool has one.
pub trait Readings {
    /// How a metric compares with a threshold, exactly.
    fn compare(&self, metric: AlertMetric, pool: PoolId, threshold: Ratio) -> Ordering;
    /// A metric, for reading.
    fn value(&self, metric: AlertMetric, pool: PoolId) -> f64;
}

/// A fraction, for reading; a denominator of 0 stands for the fraction 0.
#[allow(clippy::cast_precision_loss)] // a reported figure; exact below 2^53
pub(crate) fn fraction(numerator: u128, denominator: u128) -> f64 {
    if denominator == 0 { 0.0 } else { numerator as f64 / denominator as f64 }
}
