//! Additive increase, multiplicative decrease.
//!
//! Learned from `AIMDLimit` of Netflix's concurrency-limits (backoff ratio 0.9, a timeout of 5 s that counts as a drop,
//! an increase of 1 while at least half of the limit is in use), which has it from TCP (Jacobson, "Congestion avoidance
//! and control", 1988).
//!
//! A window counts as lost when its latency is above `timeout_us`, or `max_failures` of its requests failed: the limit
//! times `backoff_ratio`, and down by at least 1. Any other window in which half of the limit was in use adds 1.
//!
//! **Where it departs.** Netflix decides at each request. There the limit is at rest where drops and increases balance,
//! at 10 / (share of drops), whatever the backend can do; one request in a hundred that fails caps a limit of any size
//! at 1,000. Here a window decides. And it knows no baseline: it holds a backend at the knee only if `timeout_us` is a
//! little above what a request should take at worst. With 5 s it guards against an outright standstill, no more.

use super::{Move, Window};
use crate::config::AdaptiveConfig;
use crate::reason::Reason;

#[derive(Debug, Clone, Copy)]
pub(super) struct Aimd;

impl Aimd {
    #[allow(clippy::unused_self, clippy::cast_precision_loss)] // the same face as the others; a duration
    pub(super) fn judge(&self, config: &AdaptiveConfig, limit: f64, window: &Window) -> Move {
        let lossy = window.is_lossy(config);
        if lossy || window.latency_us > config.timeout_us as f64 {
            if !window.is_drained_to(limit) {
                return None;
            }
            let target = (limit * config.backoff_ratio.as_f64()).min(limit - 1.0);
            return Some((target, if lossy { Reason::Drops } else { Reason::LatencyHigh }));
        }
        Some((limit + 1.0, Reason::LatencyLow))
    }
}
