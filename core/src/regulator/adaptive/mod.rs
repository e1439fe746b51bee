//! A limit that follows what the backend can do.
//!
//! Between `min_limit` and the hard limit, the limit moves by what the requests show: how many are in flight, how many
//! end well, and so how long they take. A window of them is judged at a time, by a timer. Three algorithms, a file
//! each: [`aimd`], [`gradient`] and [`correlation`].
//!
//! # What is measured
//!
//! The **latency** of a window is the time that all requests in flight spent in it, divided by those that ended well:
//! by Little's law (Little, "A proof for the queuing formula L = λW", 1961) the mean time from admission to release.
//! It needs no sample to come back first. When a backend slows down, its completions stop at once, and the latency so
//! measured rises at once; the mean (or a quantile) of what was released would still be that of requests which were
//! admitted before, and would count the short ones first. It also makes errors look slow instead of fast: a request
//! that failed spent time and isn't counted.
//!
//! The **knee** is the concurrency that the backend really has. Below it, a request more is served beside the others:
//! throughput rises and the latency stays. Above it, a request more waits: throughput stays and the latency rises. (It is
//! the bandwidth-delay product that TCP Vegas, Brakmo and Peterson 1995, and BBR, Cardwell and others 2016, look for.)
//! A latency alone can't tell where it is when the backend itself has become slower: against the latency of better days
//! any concurrency looks too high, and a baseline that follows makes any look right. So once the backend is found
//! overloaded, [`knee`] asks throughput instead.
//!
//! # What holds for all three
//!
//! - The limit is never raised while less than half of it is in use: what nobody needs proves nothing.
//! - It isn't lowered again while the load still drains to it: what is measured then is the past.
//! - A window with fewer than `min_samples` requests goes on, so that one lucky request decides nothing.
//! - What failed or expired is a drop and no sample.
//! - While the knee is sought, the share reserved for critical work is lent to others as long as that doesn't need it
//!   (see [`Adaptive::lends`]): else the knee would be that of a part of the limit, and the limit as much above it.
//!
//! A token that is never given back is in flight for good, here as anywhere: `token_ttl_us` is what helps against that.
//!
//! # Cost
//!
//! An admission and a release add a product to a sum; a window is judged in O(1). Nothing is allocated.

pub(super) mod aimd;
pub(super) mod correlation;
pub(super) mod gradient;
mod knee;
mod state;

#[cfg(test)]
mod tests;

use crate::config::{AdaptiveAlgorithm, AdaptiveConfig, RegulatorConfig, Reservation};
use crate::reason::Reason;
use crate::stats::Histogram;

use aimd::Aimd;
use correlation::Correlation;
use gradient::Gradient;

/// The algorithm and what it remembers.
#[derive(Debug, Clone)]
enum Algorithm {
    Aimd(Aimd),
    Gradient(Gradient),
    Correlation(Correlation),
}

/// What happened since the window began.
#[derive(Debug, Clone, Copy, Default)]
struct Running {
    start_us: u64,
    /// Requests in flight × microseconds.
    area: u64,
    peak: u32,
    admitted: u64,
    completed: u64,
    failed: u64,
    refused: u64,
}

/// A window that is over, as an algorithm sees it.
#[derive(Debug, Clone, Copy)]
struct Window {
    span_us: f64,
    /// The mean number of requests in flight.
    load: f64,
    /// The most in flight.
    peak: f64,
    /// In flight at its end.
    last: f64,
    admitted: f64,
    /// Requests that ended well.
    completed: f64,
    /// Requests that failed or expired.
    failed: f64,
    /// Requests that a limit on the load refused.
    refused: f64,
    /// The mean time from admission to release, by Little's law.
    latency_us: f64,
    /// The `quantile` of the times from admission to release; 0 unless the algorithm asks for it.
    quantile_us: f64,
}

impl Window {
    /// Whether so large a share failed that the window counts as a loss.
    fn is_lossy(&self, config: &AdaptiveConfig) -> bool {
        self.failed > 0.0 && self.failed >= config.max_failures.as_f64() * (self.completed + self.failed)
    }

    /// Whether the limit kept requests out: one in twenty.
    fn is_binding(&self) -> bool {
        self.refused * 20.0 > self.admitted + self.refused
    }

    /// Whether the load has come down to `limit`.
    fn is_drained_to(&self, limit: f64) -> bool {
        self.last <= limit + 1.0
    }
}

/// The limit as it is, the highest it can be, and what a load is multiplied by for the limit that lets normal work have it.
#[derive(Debug, Clone, Copy)]
struct Bounds {
    limit: f64,
    hard: f64,
    spare: f64,
}

/// Where the limit goes and why; `None`: it stays.
type Move = Option<(f64, Reason)>;

/// The adaptive limit.
#[derive(Debug, Clone)]
pub(super) struct Adaptive {
    config: AdaptiveConfig,
    algorithm: Algorithm,
    hard_limit: u32,
    /// What a limit is multiplied by for the part of it that normal work may use to be as large as it.
    spare: f64,
    /// Whether each part of the limit is kept to itself, so that nothing is lent.
    partition: bool,
    limit: f64,
    /// Up to when `running.area` was counted.
    counted_us: u64,
    running: Running,
    /// How long the requests of the window took that ended well, if the algorithm asks for a quantile.
    holds: Option<Histogram>,
    due_us: u64,
    latency_us: Option<f64>,
    moved: Option<Reason>,
}

impl Adaptive {
    pub(super) fn new(config: &AdaptiveConfig, regulator: &RegulatorConfig, now_us: u64) -> Self {
        let algorithm = match config.algorithm {
            AdaptiveAlgorithm::Aimd => Algorithm::Aimd(Aimd),
            AdaptiveAlgorithm::Gradient => Algorithm::Gradient(Gradient::default()),
            AdaptiveAlgorithm::Correlation => Algorithm::Correlation(Correlation::default()),
        };
        let mut adaptive = Self {
            config: *config,
            algorithm,
            hard_limit: regulator.hard_limit,
            spare: 1.0 / (1.0 - regulator.reserved_capacity.as_f64()),
            partition: regulator.reservation == Reservation::Partition,
            limit: f64::from(config.initial_limit),
            counted_us: now_us,
            running: Running { start_us: now_us, ..Running::default() },
            holds: (config.algorithm == AdaptiveAlgorithm::Correlation).then(Histogram::default),
            due_us: now_us.saturating_add(config.window_us),
            latency_us: None,
            moved: None,
        };
        adaptive.set_hard_limit(regulator.hard_limit);
        adaptive
    }

    /// The limit in whole requests.
    #[inline]
    pub(super) fn limit(&self) -> u32 {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // between 0 and the hard limit
        let limit = self.limit as u32;
        limit
    }

    /// Whether the knee is being sought.
    fn is_searching(&self) -> bool {
        match &self.algorithm {
            Algorithm::Aimd(_) => false,
            Algorithm::Gradient(gradient) => gradient.knee.is_some(),
            Algorithm::Correlation(correlation) => correlation.knee.is_some(),
        }
    }

    /// Whether others may use what is kept for critical work while that doesn't need it: while the knee is sought.
    pub(super) fn lends(&self) -> bool {
        !self.partition && self.is_searching()
    }

    pub(super) fn algorithm(&self) -> AdaptiveAlgorithm {
        self.config.algorithm
    }

    /// Why the limit last moved.
    pub(super) fn moved(&self) -> Option<Reason> {
        self.moved
    }

    /// The latency of the last window, in microseconds: what the baseline is compared with.
    pub(super) fn latency_us(&self) -> Option<u64> {
        self.latency_us.map(whole_us)
    }

    /// The latency that counts as free of waiting, in microseconds.
    pub(super) fn baseline_us(&self) -> Option<u64> {
        match &self.algorithm {
            Algorithm::Aimd(_) => None,
            Algorithm::Gradient(gradient) => gradient.baseline.latency_us(),
            Algorithm::Correlation(correlation) => correlation.baseline.latency_us(),
        }
        .map(whole_us)
    }

    #[inline]
    pub(super) fn due_us(&self) -> u64 {
        self.due_us
    }

    /// Counts the time that `load` requests were in flight.
    #[inline]
    fn count(&mut self, now_us: u64, load: u32) {
        let passed_us = now_us.saturating_sub(self.counted_us);
        self.running.area = self.running.area.saturating_add(passed_us.saturating_mul(u64::from(load)));
        self.counted_us = self.counted_us.max(now_us);
    }

    /// A request came in; `load` were in flight before.
    #[inline]
    pub(super) fn admitted(&mut self, now_us: u64, load: u32) {
        self.count(now_us, load);
        self.running.admitted += 1;
        self.running.peak = self.running.peak.max(load.saturating_add(1));
    }

    /// A request left that was held for so long; `load` were in flight before.
    #[inline]
    pub(super) fn released(&mut self, now_us: u64, load: u32, held_us: u64, failed: bool) {
        self.count(now_us, load);
        if failed {
            self.running.failed += 1;
            return;
        }
        self.running.completed += 1;
        if let Some(holds) = &mut self.holds {
            holds.record(held_us);
        }
    }

    /// A request was taken back as if it had never come; `load` were in flight before.
    #[inline]
    pub(super) fn revoked(&mut self, now_us: u64, load: u32) {
        self.count(now_us, load);
        self.running.admitted = self.running.admitted.saturating_sub(1);
    }

    /// A limit on the load refused a request.
    #[inline]
    pub(super) fn refused(&mut self) {
        self.running.refused += 1;
    }

    /// A new upper end; the limit comes down to it.
    pub(super) fn set_hard_limit(&mut self, hard_limit: u32) {
        self.hard_limit = hard_limit;
        let least = f64::from(self.config.min_limit.min(hard_limit));
        self.limit = self.limit.clamp(least, f64::from(hard_limit));
    }

    /// Judges the window if it is over. Answers whether the limit, in whole requests, or what is lent of it has changed.
    pub(super) fn step(&mut self, now_us: u64, load: u32) -> bool {
        if now_us < self.due_us {
            return false;
        }
        self.due_us = now_us.saturating_add(self.config.window_us);
        self.count(now_us, load);
        let samples = self.running.completed.saturating_add(self.running.failed);
        if samples < u64::from(self.config.min_samples) {
            if samples == 0 && load == 0 {
                // A time without requests belongs to no window.
                self.restart(now_us, load);
            }
            return false;
        }
        let window = self.window(now_us, load);
        self.restart(now_us, load);
        if window.completed > 0.0 {
            self.latency_us = Some(if self.holds.is_some() { window.quantile_us } else { window.latency_us });
        }
        let lent = self.lends();
        let spare = if self.partition { self.spare } else { 1.0 };
        let bounds = Bounds { limit: self.limit, hard: self.hard_limit.into(), spare };
        let mut moved = match &mut self.algorithm {
            Algorithm::Aimd(aimd) => aimd.judge(&self.config, self.limit, &window),
            Algorithm::Gradient(gradient) => gradient.judge(&self.config, &bounds, &window),
            Algorithm::Correlation(correlation) => correlation.judge(&self.config, &bounds, &window),
        };
        let is_settled = lent == self.lends();
        if lent && !is_settled {
            // What was lent stays: a limit of which normal work may use as much as of the one before.
            moved = Some((self.limit * self.spare, Reason::LatencyLow));
        }
        let Some((target, reason)) = moved else { return !is_settled };
        if target > self.limit && window.peak * 2.0 < self.limit {
            return !is_settled;
        }
        let before = self.limit();
        self.limit = target;
        self.set_hard_limit(self.hard_limit);
        if self.limit() == before {
            return !is_settled;
        }
        self.moved = Some(reason);
        true
    }

    fn restart(&mut self, now_us: u64, load: u32) {
        self.running = Running { start_us: now_us, peak: load, ..Running::default() };
        if let Some(holds) = &mut self.holds {
            holds.clear();
        }
    }

    #[allow(clippy::cast_precision_loss)] // counts of a window
    fn window(&self, now_us: u64, load: u32) -> Window {
        let running = &self.running;
        let span_us = (now_us.saturating_sub(running.start_us)).max(1) as f64;
        let area = running.area as f64;
        Window {
            span_us,
            load: area / span_us,
            peak: f64::from(running.peak),
            last: f64::from(load),
            admitted: running.admitted as f64,
            completed: running.completed as f64,
            failed: running.failed as f64,
            refused: running.refused as f64,
            latency_us: area / (running.completed.max(1) as f64),
            quantile_us: self.holds.as_ref().map_or(0, |holds| holds.quantile_us(self.config.quantile.ppm()))
                as f64,
        }
    }
}

/// The latency without waiting: a mean of windows that slowly forgets.
#[derive(Debug, Clone, Copy, Default)]
struct Baseline {
    latency_us: f64,
    windows: u32,
}

impl Baseline {
    fn latency_us(&self) -> Option<f64> {
        (self.windows > 0).then_some(self.latency_us)
    }

    /// Learns from a window: as a plain mean of the first `baseline_windows`, exponentially from then on. What is far
    /// above the window is given up faster, as Netflix's `Gradient2Limit` does: after a long overload it would else
    /// stand for too long.
    ///
    /// Unless it `may_rise` only what is faster is learned: while requests are kept out, what is slower may be theirs
    /// that wait.
    fn learn(&mut self, config: &AdaptiveConfig, latency_us: f64, may_rise: bool) {
        if self.windows > 0 && latency_us > self.latency_us && !may_rise {
            return;
        }
        self.windows = self.windows.saturating_add(1).min(config.baseline_windows);
        self.latency_us += (latency_us - self.latency_us) / f64::from(self.windows.max(1));
        if self.latency_us > 2.0 * latency_us {
            self.latency_us *= 0.9;
        }
    }

    /// Learns it anew.
    fn set(&mut self, latency_us: f64) {
        *self = Self { latency_us, windows: 1 };
    }

    /// Whether a latency lies above so many baselines.
    fn is_exceeded_by(&self, times: f64, latency_us: f64) -> bool {
        self.windows > 0 && latency_us > times * self.latency_us
    }
}

/// What went on while the latency was normal: the most in flight, and the most throughput, in requests a microsecond.
#[derive(Debug, Clone, Copy, Default)]
struct Good {
    load: f64,
    rate: f64,
}

impl Good {
    /// Takes in a window of normal latency: higher peaks at once, lower ones slowly. A window in which clearly more came
    /// in than went out doesn't count: its latency is still to come.
    fn learn(&mut self, config: &AdaptiveConfig, window: &Window) {
        let gone = window.completed + window.failed;
        if window.admitted - gone > 2.0 * libm::sqrt(window.admitted + gone) {
            return;
        }
        let follow = |value: &mut f64, newest: f64| {
            *value = newest.max(*value + (newest - *value) / f64::from(config.baseline_windows));
        };
        follow(&mut self.load, window.peak);
        follow(&mut self.rate, window.completed / window.span_us);
    }

    /// The load to begin the search at, out of an overload with this window: that of good days, and as many times that as
    /// throughput is higher than it was then, since more workers have come.
    fn centre(&self, window: &Window) -> f64 {
        let more = window.completed / window.span_us / self.rate;
        if more > 1.0 && more.is_finite() { self.load * more } else { self.load }
    }
}

/// Half way to the tolerance.
fn half_way(config: &AdaptiveConfig) -> f64 {
    f64::midpoint(1.0, config.tolerance.as_f64())
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // saturates
fn whole_us(value_us: f64) -> u64 {
    value_us as u64
}
