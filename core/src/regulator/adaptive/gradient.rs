//! The gradient of latency against a frozen baseline.
//!
//! Learned from `Gradient2Limit` of Netflix's concurrency-limits: every window,
//! `limit × clamp(tolerance × baseline / latency, 0.5, 1) + queue_size`, smoothed by 0.2; tolerance 1.5, queue size 4. While less
//! than half of the limit is in use it stays.
//!
//! **Where it departs.** There the baseline is an exponential mean of all latencies, those of the overload too: within
//! minutes it has drifted up to them, the gradient is 1 again, and the limit is back at its maximum while the backend is
//! still overloaded. Here the baseline is *frozen* while the latency is above `tolerance` baselines. But a frozen one
//! drives the limit to its minimum when the backend itself has become slower, since no concurrency brings the
//! latency back. So the descent ends at the load that was in flight when latency was last normal, and from there the
//! [knee](super::knee) decides by throughput, until the limit keeps nobody out any more.
//!
//! Drops count: a window of which `max_failures` failed is one of gradient 0.5. So does an absolute `max_latency_us`, above
//! which no latency is normal, whatever the baseline says.

use super::knee::Knee;
use super::{Baseline, Bounds, Good, Move, Window};
use crate::config::AdaptiveConfig;
use crate::reason::Reason;

#[derive(Debug, Clone, Default)]
pub(super) struct Gradient {
    pub(super) baseline: Baseline,
    pub(super) good: Good,
    pub(super) knee: Option<Knee>,
}

impl Gradient {
    #[allow(clippy::cast_precision_loss)] // a duration
    pub(super) fn judge(&mut self, config: &AdaptiveConfig, bounds: &Bounds, window: &Window) -> Move {
        let latency_us = window.latency_us;
        if self.knee.is_some() {
            let moved = Knee::follow(&mut self.knee, &self.baseline, config, bounds.hard, window, latency_us);
            if self.knee.is_none() && window.completed > 0.0 && !window.is_binding() {
                // The backend does all that is asked of it: what it takes now is its latency without waiting.
                self.baseline.set(latency_us);
            }
            return moved;
        }
        let limit = bounds.limit;
        let tolerance = config.tolerance.as_f64();
        let lossy = window.is_lossy(config);
        let lost = lossy || config.max_latency_us.is_some_and(|most_us| latency_us > most_us as f64);
        let smoothing = config.smoothing.as_f64();
        let queue = f64::from(config.queue_size);
        if !lost && !self.baseline.is_exceeded_by(tolerance, latency_us) {
            self.baseline.learn(config, latency_us, !window.is_binding());
            self.good.learn(config, window);
            return Some((limit + smoothing * queue, Reason::LatencyLow));
        }
        if !window.is_drained_to(limit) {
            return None;
        }
        if !lost && window.peak * 2.0 < limit {
            // It isn't this limit that made it slow: what is hardly used says nothing of it.
            return None;
        }
        let gradient =
            if lost { 0.5 } else { (tolerance * self.baseline.latency_us / latency_us).clamp(0.5, 1.0) };
        // What was never in use needn't be given up step by step.
        let from = limit.min(window.peak);
        let target = from + smoothing * (from * gradient + queue - from);
        let reason = if lossy { Reason::Drops } else { Reason::LatencyHigh };
        let centre = self.good.centre(window) * bounds.spare;
        if target <= centre {
            let knee = Knee::new(config, window, centre, reason);
            self.knee = Some(knee);
            return Some(knee.target());
        }
        Some((target, reason))
    }
}
