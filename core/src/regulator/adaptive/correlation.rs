//! Recent latency against a long baseline, then throughput against concurrency. The default.
//!
//! Learned from failsafe-go's adaptive limiter (windows of 1 s and at least 50 samples; a baseline over 60 windows; the
//! correlation of throughput with the number in flight, which it has from Uber's Cinnamon), itself a TCP Vegas with
//! doubts. A latency that is high isn't yet an overload: the work may be slower, or a part of it, and still be done.
//! So two things have to come together, for `sustain_us` without a break:
//!
//! 1. the `quantile` of latency is above `tolerance` baselines,
//! 2. and more came in than went out, or the limit kept requests out: throughput doesn't follow demand.
//!
//! Then the limit goes to the load that was in flight when latency was last normal (a backend that slows down keeps its
//! servers), and the [knee](super::knee) is sought from there, until latency is normal again or the limit keeps nobody
//! out any more. If as many go out as come in, the backend does all that is asked of it: its latency of now is the new
//! baseline. If more go out, as when a scaler has sent workers, it is on its way, and nothing is decided.
//!
//! **Where it departs.** failsafe-go steps the limit by log10 of itself in each window, down while the latency, and its
//! correlation with the number in flight, are high. Its baseline is an exponential mean that learns from the overload as
//! well, and once it has, nothing but correlation holds the limit; at a steady limit in a steady overload there is
//! nothing to correlate. Here the baseline learns nothing from an overload, and the limit is moved on purpose, a little, so
//! that there always is. The quantile is the median, where failsafe-go takes the 90th percentile: a tenth of requests
//! that is slow for reasons of its own isn't an overload, and would be just at the edge. The limit isn't brought down to
//! five times the load in flight either: the morning after a quiet night would be refused.

use super::knee::Knee;
use super::{Baseline, Move, Window, good_after, half_way};
use crate::config::AdaptiveConfig;
use crate::reason::Reason;

/// The part of it that a limit rises by in a window.
const RISE: f64 = 0.05;

/// More came in than went out by this share of what went out: demand is above throughput.
const GROWTH: f64 = 0.05;

/// Half of `sustain_us` with a high latency.
#[derive(Debug, Clone, Copy, Default)]
struct Period {
    span_us: f64,
    admitted: f64,
    completed: f64,
    gone: f64,
    refused: f64,
    /// The sum of the windows' latencies, each times its completions.
    latency: f64,
}

/// What a period shows.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
enum Finding {
    /// There was none yet.
    #[default]
    Nothing,
    /// Requests were kept out, or more came in than went out.
    Overload,
    /// As many went out as came in: the backend does what is asked of it.
    Steady,
    /// More went out than came in: it works off what has gathered.
    Relief,
}

impl Period {
    fn add(&mut self, window: &Window) {
        self.span_us += window.span_us;
        self.admitted += window.admitted;
        self.completed += window.completed;
        self.gone += window.completed + window.failed;
        self.refused += window.refused;
        self.latency += window.quantile_us * window.completed;
    }

    /// More is more than chance makes it: both counts vary by their square roots; two standard deviations.
    fn finding(&self) -> Finding {
        let growth = self.admitted - self.gone;
        let clear = (2.0 * libm::sqrt(self.admitted + self.gone)).max(GROWTH * self.gone);
        if growth < -clear {
            Finding::Relief
        } else if growth > clear || self.refused > GROWTH * (self.admitted + self.refused) {
            Finding::Overload
        } else {
            Finding::Steady
        }
    }
}

#[derive(Debug, Clone, Default)]
pub(super) struct Correlation {
    pub(super) baseline: Baseline,
    /// The most in flight while the latency was normal.
    good: f64,
    period: Period,
    /// What the period before found.
    found: Finding,
    knee: Option<Knee>,
}

impl Correlation {
    #[allow(clippy::cast_precision_loss)] // a duration
    pub(super) fn judge(&mut self, config: &AdaptiveConfig, limit: f64, hard: f64, window: &Window) -> Move {
        let latency_us = window.quantile_us;
        let least = f64::from(config.min_limit);
        if self.knee.is_some() {
            let bounds = (least, hard);
            return Knee::follow(&mut self.knee, &mut self.baseline, config, bounds, window, latency_us);
        }
        // Half way to the tolerance the limit rises no more, and is doubted where it keeps requests out.
        let tolerance = config.tolerance.as_f64();
        let lossy = window.is_lossy(config);
        let raised = self.baseline.is_exceeded_by(half_way(config), latency_us);
        if lossy
            || self.baseline.is_exceeded_by(tolerance, latency_us)
            || (raised && window.is_binding())
        {
            return self.doubt(config, limit, window, lossy);
        }
        self.period = Period::default();
        self.found = Finding::Nothing;
        self.baseline.learn(config, latency_us, !window.is_binding());
        if raised {
            return None;
        }
        self.good = good_after(self.good, config, window);
        Some((limit * (1.0 + RISE) + 1.0, Reason::LatencyLow))
    }

    /// Takes in a window of high latency. Two periods that find the same decide.
    #[allow(clippy::cast_precision_loss)] // a duration
    fn doubt(&mut self, config: &AdaptiveConfig, limit: f64, window: &Window, lossy: bool) -> Move {
        self.period.add(window);
        if self.period.span_us * 2.0 < config.sustain_us as f64 {
            return None;
        }
        let period = core::mem::take(&mut self.period);
        let finding = period.finding();
        let again = core::mem::replace(&mut self.found, finding) == finding;
        if again && finding == Finding::Overload {
            self.found = Finding::Nothing;
            let reason = if lossy { Reason::Drops } else { Reason::LatencyHigh };
            let knee = Knee::new(self.good.min(limit).max(f64::from(config.min_limit)), reason);
            self.knee = Some(knee);
            return Some(knee.target(config));
        }
        if again && finding == Finding::Steady && !lossy && period.completed > 0.0 {
            self.baseline.set(period.latency / period.completed);
        }
        None
    }
}
