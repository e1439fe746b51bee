//! The search for the knee: whether a little more concurrency brings more throughput.
//!
//! Around a centre the limit is held a little lower for a while, then a little higher. If throughput follows
//! (elasticity 1), the backend has more to give and the centre rises; if it stays (0), what was added only waits, and
//! the centre falls. It comes to rest where the elasticity is one half, which is the knee itself: with `c` servers, a
//! limit from 0.95 c to 1.05 c. Latency has no part in it, so it makes no difference how slow the backend has become,
//! and an error in a baseline can't add up over an hour.
//!
//! It is BBR's cycle of probing (Cardwell and others, "BBR: congestion-based congestion control", 2016) with the
//! response judged as failsafe-go's adaptive limiter judges it: by how throughput goes with concurrency. Neighbouring
//! halves are compared, so that what changes slowly changes both. What remains is chance: of `n` completions, the
//! square root. So `probe_samples` are gathered before a decision, and the centre moves by how clear the answer is. A
//! backend that ends too few requests for that in [`PATIENCE_US`] is probed wider, as much as makes up for it: by the
//! root of how many times too few. Else a search in a slow backend would outlast what it is about.

use super::{Baseline, Move, Window, half_way};
use crate::config::AdaptiveConfig;
use crate::reason::Reason;

/// The farthest that one decision moves the centre, as a part of it, while decisions don't agree.
const STEP: f64 = 0.02;

/// What the decisions before weigh beside the newest. One leans by at most 0.5, so all together by at most 1.7.
const TREND: f64 = 0.7;

/// When the trend is above `CLEAR`, which chance hardly brings about, steps grow by so much: up to 4.5-fold.
const CLEAR: f64 = 0.8;
const HASTE: f64 = 4.0;

/// A decision takes about so long at most.
const PATIENCE_US: f64 = 150e6;

/// The widest probe, as a part of the centre.
const WIDEST: f64 = 0.25;

/// So many windows that are as on any other day end the search.
const CALM_WINDOWS: u32 = 3;

/// What the halves of one kind saw.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Half {
    pub(super) area: f64,
    pub(super) span_us: f64,
    pub(super) completed: f64,
}

impl Half {
    fn add(&mut self, window: &Window) {
        self.area += window.load * window.span_us;
        self.span_us += window.span_us;
        self.completed += window.completed;
    }
}

/// The search and how far it is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Knee {
    pub(super) centre: f64,
    /// How far the halves are from it, as a part of it.
    pub(super) width: f64,
    /// Whether the running half is the higher one.
    pub(super) is_high: bool,
    /// How long the running half has lasted.
    pub(super) half_us: f64,
    /// Whether the load has come to the running half's limit.
    pub(super) settled: bool,
    pub(super) low: Half,
    pub(super) high: Half,
    /// Where the last decisions leant, up (above 0) or down.
    pub(super) trend: f64,
    /// Windows in a row in which latency was normal, or the limit kept hardly anybody out.
    pub(super) calm: u32,
    /// Why the centre is where it is.
    pub(super) reason: Reason,
}

impl Knee {
    /// Begins around a centre that was chosen for `reason`, in the window that showed it.
    pub(super) fn new(config: &AdaptiveConfig, window: &Window, centre: f64, reason: Reason) -> Self {
        Self {
            centre,
            width: width(config, window.completed, window.span_us),
            is_high: false,
            half_us: 0.0,
            settled: false,
            low: Half::default(),
            high: Half::default(),
            trend: 0.0,
            calm: 0,
            reason,
        }
    }

    /// The limit of the running half, and why.
    pub(super) fn target(&self) -> (f64, Reason) {
        (self.centre * if self.is_high { 1.0 + self.width } else { 1.0 - self.width }, self.reason)
    }

    /// Goes on with a window. The search is over after three in which latency was within half of the tolerance, or
    /// hardly anybody was kept out.
    pub(super) fn follow(
        search: &mut Option<Self>,
        baseline: &Baseline,
        config: &AdaptiveConfig,
        hard: f64,
        window: &Window,
        latency_us: f64,
    ) -> Move {
        let knee = search.as_mut()?;
        let is_normal = !window.is_lossy(config) && !baseline.is_exceeded_by(half_way(config), latency_us);
        knee.calm = if window.is_binding() && !is_normal { 0 } else { knee.calm + 1 };
        if knee.calm >= CALM_WINDOWS {
            *search = None;
            return None;
        }
        knee.judge(config, window);
        knee.centre = knee.centre.clamp(f64::from(config.min_limit).min(hard), hard);
        Some(knee.target())
    }

    /// Takes a window in. A half lasts for two latencies, so that a response which comes a latency late shows.
    fn judge(&mut self, config: &AdaptiveConfig, window: &Window) {
        if !self.settled {
            // The window in which the load came down to the limit belongs to neither half.
            self.settled = window.is_drained_to(self.target().0);
            return;
        }
        let half = if self.is_high { &mut self.high } else { &mut self.low };
        half.add(window);
        self.half_us += window.span_us;
        if self.half_us < 2.0 * window.latency_us {
            return;
        }
        self.half_us = 0.0;
        self.is_high = !self.is_high;
        // More are there at once; fewer, when some have left.
        self.settled = self.is_high;
        let (completed, span_us) =
            (self.low.completed + self.high.completed, self.low.span_us + self.high.span_us);
        if !self.is_high && (completed >= f64::from(config.probe_samples) || span_us >= PATIENCE_US) {
            self.decide(config);
            self.width = width(config, completed, span_us);
        }
    }

    fn decide(&mut self, config: &AdaptiveConfig) {
        let (low, high) = (self.low, self.high);
        self.low = Half::default();
        self.high = Half::default();
        let per_time = |part: fn(&Half) -> f64| (part(&high) * low.span_us) / (part(&low) * high.span_us);
        let load = per_time(|half| half.area);
        let throughput = per_time(|half| half.completed);
        // With hardly a difference in load it wasn't this limit that decided how many are in flight.
        if !(load > 1.01 && throughput > 0.0 && throughput.is_finite()) {
            return;
        }
        let elasticity = libm::log(throughput) / libm::log(load);
        let lean = (elasticity - 0.5).clamp(-0.5, 0.5);
        self.trend = TREND * self.trend + lean;
        // What is probed wider is worth a longer step.
        let step =
            STEP * (self.width / config.probe.as_f64()) * (1.0 + HASTE * (self.trend.abs() - CLEAR).max(0.0));
        self.centre *= 1.0 + 2.0 * lean * step;
        self.reason = if lean > 0.0 { Reason::ThroughputRises } else { Reason::ThroughputFlat };
    }
}

/// How wide to probe a backend that ends so many requests in such a time.
fn width(config: &AdaptiveConfig, completed: f64, span_us: f64) -> f64 {
    let probe = config.probe.as_f64();
    let gathered = completed / span_us * PATIENCE_US;
    let times = libm::sqrt(f64::from(config.probe_samples) / gathered.max(1.0));
    (probe * times.max(1.0)).min(WIDEST.max(probe))
}
