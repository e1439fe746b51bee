//! The Knative pod autoscaler on concurrency, with one request at a time for each pod.
//!
//! Sources: the documentation, <https://knative.dev/docs/serving/autoscaling/kpa-specific/>, and
//! `pkg/autoscaler/scaling/autoscaler.go` of <https://github.com/knative/serving>. A worker is a pod whose
//! `containerConcurrency` is 1; concurrency is what is served and what waits.
//!
//! Concurrency is averaged over each second, and every 2 s:
//!
//! 1. Stable and panic concurrency are the means of the last 60 s and 6 s (of what there is of them at the start);
//!    counts = ceil(concurrency / target), the target 70 % of one.
//! 2. It panics when the panic count is at least twice the ready workers, until that hasn't been so for more than the
//!    stable window.
//! 3. Both counts are kept between ready / 2 (rounded down) and ready × 1,000 (rounded up).
//! 4. Calm: the stable count. In panic: the greater of both, and never below the greatest count since the panic began.
//! 5. With a scale-down delay (0 by default): down only to the greatest count of that time.

use alloc::collections::VecDeque;

use super::Sight;
use crate::ratio::{MILLION, Ratio};
use crate::time::{SECOND_US, next_period};

/// Concurrency is averaged over this long: what its queue proxies report.
pub(super) const SAMPLE_US: u64 = SECOND_US;

/// The parameters of the Knative pod autoscaler.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kpa {
    /// The concurrency aimed at for each worker: 0.70.
    pub target: Ratio,
    /// The stable window in microseconds: 60 s. Windows are whole seconds, at least one.
    pub stable_window_us: u64,
    /// The panic window in microseconds, at most the stable one: 6 s.
    pub panic_window_us: u64,
    /// It panics when the panic count is this many times the ready workers: 2.
    pub panic_threshold: Ratio,
    /// How often it decides, in microseconds, rounded up to whole seconds: 2 s.
    pub tick_us: u64,
    /// It grows to at most this many times the ready workers in a tick: 1,000.
    pub max_scale_up_rate: Ratio,
    /// It shrinks to no less than the ready workers divided by this: 2.
    pub max_scale_down_rate: Ratio,
    /// Down only to the greatest count of this time, in microseconds: 0.
    pub scale_down_delay_us: u64,
}

impl Default for Kpa {
    fn default() -> Self {
        Self {
            target: Ratio::from_ppm(700_000),
            stable_window_us: 60 * SECOND_US,
            panic_window_us: 6 * SECOND_US,
            panic_threshold: Ratio::from_ppm(2 * MILLION),
            tick_us: 2 * SECOND_US,
            max_scale_up_rate: Ratio::from_ppm(1000 * MILLION),
            max_scale_down_rate: Ratio::from_ppm(2 * MILLION),
            scale_down_delay_us: 0,
        }
    }
}

/// What is kept about a pool.
#[derive(Debug)]
pub(in crate::whatif) struct Pool {
    settings: Kpa,
    /// Concurrency × µs of each of the last seconds, at most as many as the stable window has.
    samples: VecDeque<u128>,
    /// Their sum, and that of those in the panic window.
    stable: u128,
    panic: u128,
    next_tick_us: u64,
    /// When it was last above the panic threshold, while it panics.
    panicked_us: Option<u64>,
    most_in_panic: u32,
    /// Counts wanted within the scale-down delay, falling.
    delayed: VecDeque<(u64, u32)>,
}

impl Pool {
    pub(super) fn new(settings: Kpa) -> Self {
        Self {
            next_tick_us: settings.tick_us,
            settings,
            samples: VecDeque::new(),
            stable: 0,
            panic: 0,
            panicked_us: None,
            most_in_panic: 0,
            delayed: VecDeque::new(),
        }
    }

    pub(super) fn decide(&mut self, now_us: u64, sight: &Sight) -> u32 {
        self.sample(sight);
        if now_us < self.next_tick_us {
            return sight.workers;
        }
        self.next_tick_us = next_period(self.next_tick_us, self.settings.tick_us, now_us);
        let desired = self.scale(now_us, sight.ready);
        self.delay(now_us, desired)
    }

    /// Notes the concurrency of the last second; after a longer time (nothing happened), as if each of its seconds had
    /// been the same.
    fn sample(&mut self, sight: &Sight) {
        let area = sight.busy_us.saturating_add(sight.waiting_us);
        let second = area.saturating_mul(u128::from(SAMPLE_US)) / u128::from(sight.passed_us.max(1));
        let stable = windows(self.settings.stable_window_us);
        let panic = windows(self.settings.panic_window_us);
        let times = usize::try_from(sight.passed_us / SAMPLE_US).unwrap_or(usize::MAX).clamp(1, stable);
        for _ in 0..times {
            self.samples.push_back(second);
            self.stable += second;
            self.panic += second;
            let out_of_panic =
                self.samples.len().checked_sub(panic + 1).and_then(|place| self.samples.get(place));
            self.panic -= out_of_panic.copied().unwrap_or(0);
            if self.samples.len() > stable {
                self.stable -= self.samples.pop_front().unwrap_or(0);
            }
        }
    }

    fn scale(&mut self, now_us: u64, ready: u32) -> u32 {
        let settings = &self.settings;
        let ready = ready.max(1);
        let count = |sum: u128, window_us: u64| {
            let seconds = windows(window_us).min(self.samples.len());
            settings.target.ceil_div(sum, (seconds as u128).saturating_mul(u128::from(SAMPLE_US)))
        };
        let stable = count(self.stable, settings.stable_window_us);
        let panic = count(self.panic, settings.panic_window_us);
        let parts = u128::from(ready) * u128::from(MILLION);
        let down = parts / u128::from(settings.max_scale_down_rate.ppm().max(1));
        let down = u32::try_from(down).unwrap_or(u32::MAX);
        let up = u128::from(ready) * u128::from(settings.max_scale_up_rate.ppm());
        let up = u32::try_from(up.div_ceil(u128::from(MILLION))).unwrap_or(u32::MAX);
        let bounded = |count: u32| count.max(down).min(up);

        if settings.panic_threshold.compare_fraction(panic.into(), ready.into()).is_ge() {
            self.panicked_us = Some(now_us);
        } else if self
            .panicked_us
            .is_some_and(|at_us| at_us.saturating_add(settings.stable_window_us) < now_us)
        {
            self.panicked_us = None;
            self.most_in_panic = 0;
        }
        if self.panicked_us.is_none() {
            return bounded(stable);
        }
        self.most_in_panic = self.most_in_panic.max(bounded(stable)).max(bounded(panic));
        self.most_in_panic
    }

    /// The greatest count wanted within the scale-down delay.
    fn delay(&mut self, now_us: u64, desired: u32) -> u32 {
        let delay_us = self.settings.scale_down_delay_us;
        if delay_us == 0 {
            return desired;
        }
        while self.delayed.back().is_some_and(|(_, count)| *count <= desired) {
            self.delayed.pop_back();
        }
        self.delayed.push_back((now_us, desired));
        while self.delayed.len() > 1
            && self.delayed.front().is_some_and(|(at_us, _)| at_us.saturating_add(delay_us) <= now_us)
        {
            self.delayed.pop_front();
        }
        self.delayed.front().map_or(desired, |(_, count)| *count)
    }
}

/// How many samples a window holds.
fn windows(window_us: u64) -> usize {
    usize::try_from(window_us / SAMPLE_US).unwrap_or(usize::MAX).max(1)
}
