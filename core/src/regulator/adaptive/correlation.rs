//! Recent latency against a long baseline, then throughput against concurrency. The default.
//!
//! Learned from failsafe-go's adaptive limiter (windows of 1 s and at least 50 samples; recent latency against a baseline
//! that is a moving mean; the correlation of throughput with the number in flight, which it has from Uber's Cinnamon),
//! itself a TCP Vegas with doubts. A latency that is high isn't yet an overload: the work may be slower, or a part of it, and still be done.
//! So two things have to come together, for `sustain_us` without a break:
//!
//! 1. the `quantile` of latency is above `tolerance` baselines (half way to it while requests are kept out),
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
//! nothing to correlate. Here the baseline learns nothing from an overload (and so may remember 60 windows, not 10), and
//! the limit is moved on purpose, a little, so that there always is. The quantile is the median, where failsafe-go takes the 90th percentile: a tenth of requests
//! that is slow for reasons of its own isn't an overload, and would be just at the edge. The limit isn't brought down to
//! five times the load in flight either: the morning after a quiet night would be refused.

use super::knee::Knee;
use super::{Baseline, Bounds, Good, Move, Window, half_way};
use crate::config::AdaptiveConfig;
use crate::reason::Reason;

/// The part of it that a limit rises by in a window.
const RISE: f64 = 0.05;

/// While it keeps requests out and latency stays normal, each rise is so many times the one before, up to `STEEPEST`.
const STEEPER: f64 = 1.5;
const STEEPEST: f64 = 0.25;

/// What the newest window weighs in the recent latency: about as much as failsafe-go's mean of five.
const NEWEST: f64 = 0.3;

/// More came in than went out by this share of what went out: demand is above throughput.
const GROWTH: f64 = 0.05;

/// What went on while latency was high.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Flow {
    pub(super) span_us: f64,
    pub(super) admitted: f64,
    pub(super) gone: f64,
    pub(super) refused: f64,
}

impl Flow {
    fn add(&mut self, other: &Self) {
        self.span_us += other.span_us;
        self.admitted += other.admitted;
        self.gone += other.gone;
        self.refused += other.refused;
    }

    /// How many more came in than went out.
    fn growth(&self) -> f64 {
        self.admitted - self.gone
    }

    /// How much growth chance alone can make: both counts vary by their square roots; two standard deviations.
    fn chance(&self) -> f64 {
        2.0 * libm::sqrt(self.admitted + self.gone)
    }

    /// The growth that is worth speaking of.
    fn notable(&self) -> f64 {
        GROWTH * self.gone
    }

    fn is_refusing(&self) -> bool {
        self.refused > GROWTH * (self.admitted + self.refused)
    }

    /// Fewer than one in a hundred, that is.
    fn refuses_none(&self) -> bool {
        self.refused * 100.0 < self.admitted
    }
}

/// A time of high latency: judged twice in `sustain_us`, and from the second time on until it is clear what it is.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Streak {
    pub(super) periods: f64,
    /// All of its periods.
    pub(super) whole: Flow,
    /// The running one.
    pub(super) period: Flow,
}

/// What a time of high latency turns out to be.
#[derive(PartialEq)]
enum Finding {
    /// It isn't clear yet.
    Unclear,
    /// Requests were kept out, or more came in than went out, and still do.
    Overload,
    /// As many went out as came in: the backend does what is asked of it.
    Steady,
    /// More went out than came in: it works off what has gathered.
    Relief,
}

impl Streak {
    fn judge(&mut self, config: &AdaptiveConfig, window: &Window) -> Finding {
        self.period.add(&Flow {
            span_us: window.span_us,
            admitted: window.admitted,
            gone: window.completed + window.failed,
            refused: window.refused,
        });
        #[allow(clippy::cast_precision_loss)] // a duration
        let sustain_us = config.sustain_us as f64;
        if self.period.span_us * 2.0 < sustain_us {
            return Finding::Unclear;
        }
        let last = core::mem::take(&mut self.period);
        self.whole.add(&last);
        self.periods += 1.0;
        let (whole, growth) = (&self.whole, self.whole.growth());
        if last.growth() < -last.chance().max(last.notable()) {
            Finding::Relief
        } else if self.periods < 2.0 {
            Finding::Unclear
        } else if last.is_refusing() && whole.is_refusing()
            || growth > whole.chance().max(whole.notable()) && last.growth() * 2.0 * self.periods > growth
        {
            Finding::Overload
        } else if whole.chance() < whole.notable() && growth.abs() < whole.notable() && whole.refuses_none() {
            Finding::Steady
        } else {
            Finding::Unclear
        }
    }
}

#[derive(Debug, Clone, Default)]
pub(super) struct Correlation {
    pub(super) baseline: Baseline,
    /// The latency of the last few windows; 0 before the first.
    pub(super) latency_us: f64,
    pub(super) good: Good,
    /// How long the limit stays after it was raised and still kept requests out: until it shows what that does.
    pub(super) rest_us: f64,
    /// The part of it that the limit was last raised by; 0 after an overload.
    pub(super) rise: f64,
    pub(super) streak: Streak,
    pub(super) knee: Option<Knee>,
}

impl Correlation {
    pub(super) fn judge(&mut self, config: &AdaptiveConfig, bounds: &Bounds, window: &Window) -> Move {
        if window.completed > 0.0 {
            // The first is taken as it is. So is each while the knee is sought: what requests took that have waited is
            // of the past, and three in a row decide.
            let weight = if self.latency_us > 0.0 && self.knee.is_none() { NEWEST } else { 1.0 };
            self.latency_us += weight * (window.quantile_us - self.latency_us);
        }
        let latency_us = self.latency_us;
        if self.knee.is_some() {
            return Knee::follow(&mut self.knee, &self.baseline, config, bounds.hard, window, latency_us);
        }
        // From half way to the tolerance on nothing is learned but by a steady flow, and the limit isn't raised.
        let lossy = window.is_lossy(config);
        if lossy || self.baseline.is_exceeded_by(half_way(config), latency_us) {
            self.rise = 0.0;
            return self.doubt(config, bounds, window, lossy);
        }
        self.streak = Streak::default();
        self.baseline.learn(config, latency_us, !window.is_binding());
        self.good.learn(config, window);
        self.rest_us -= window.span_us;
        if self.rest_us > 0.0 && window.is_binding() {
            return None;
        }
        self.rest_us = 2.0 * window.latency_us;
        self.rise = if window.is_binding() { (STEEPER * self.rise).clamp(RISE, STEEPEST) } else { RISE };
        Some((bounds.limit * (1.0 + self.rise) + 1.0, Reason::LatencyLow))
    }

    /// Takes in a window of latency that isn't normal.
    fn doubt(&mut self, config: &AdaptiveConfig, bounds: &Bounds, window: &Window, lossy: bool) -> Move {
        let finding = self.streak.judge(config, window);
        if finding == Finding::Unclear {
            return None;
        }
        self.streak = Streak::default();
        if finding == Finding::Steady && !lossy {
            self.baseline.set(self.latency_us);
        }
        // Between half way and the tolerance a load that grows may, as long as nobody is kept out.
        let is_high = self.baseline.is_exceeded_by(config.tolerance.as_f64(), self.latency_us);
        if finding != Finding::Overload || !(lossy || is_high || window.is_binding()) {
            return None;
        }
        let reason = if lossy { Reason::Drops } else { Reason::LatencyHigh };
        let centre = (self.good.centre(window) * bounds.spare).min(bounds.limit);
        let knee = Knee::new(config, window, centre.max(f64::from(config.min_limit)), reason);
        self.knee = Some(knee);
        Some(knee.target())
    }
}
