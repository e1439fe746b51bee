//! The Kubernetes horizontal pod autoscaler on CPU utilization.
//!
//! Sources: the documentation, <https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/>, and the
//! controller, `pkg/controller/podautoscaler/replica_calculator.go` and `horizontal.go` of
//! <https://github.com/kubernetes/kubernetes>. A busy worker stands for a pod that uses all of its CPU request, an idle one
//! for a pod that uses none.
//!
//! Every 15 s:
//!
//! 1. Utilization = busy / ready worker-time since the last look, in whole percent, rounded down (as
//!    `GetResourceUtilizationRatio` does); usage = utilization / target (70 %). No ready worker: no metrics, no change.
//! 2. Workers that aren't ready yet count as unused when usage is above 1: it is judged anew over ready and starting
//!    workers. Within the tolerance (10 %), or when that turns a growth into none: the count stays.
//! 3. Desired = ceil(usage × the workers it was judged over).
//! 4. Down only to the highest count desired in the last 300 s (`stabilizationWindowSeconds`); up at once.
//! 5. Up by at most 100 % or 4 workers in a look, whichever is more (the default `behavior`, whose period is that of the
//!    look); down by any number.
//!
//! Left out: a pod that became ready less than one metric window ago still counts as unready there; here a worker counts
//! as soon as it is ready. That makes this one a little quicker.

use alloc::collections::VecDeque;

use super::Sight;
use crate::ratio::{MILLION, Ratio};
use crate::time::SECOND_US;

/// The parameters of the horizontal pod autoscaler.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hpa {
    /// The utilization aimed at: 0.70.
    pub target: Ratio,
    /// No change while usage is this close to 1: 0.10.
    pub tolerance: Ratio,
    /// How often it looks (`--horizontal-pod-autoscaler-sync-period`), in microseconds: 15 s.
    pub period_us: u64,
    /// Down only to the highest count desired in this time, in microseconds: 300 s.
    pub stabilization_us: u64,
    /// The most it grows by in a look, as a share of the count: 1.0…
    pub up_fraction: Ratio,
    /// …or as a count of workers, whichever is more: 4.
    pub up_workers: u32,
}

impl Default for Hpa {
    fn default() -> Self {
        Self {
            target: Ratio::from_ppm(700_000),
            tolerance: Ratio::from_ppm(100_000),
            period_us: 15 * SECOND_US,
            stabilization_us: 300 * SECOND_US,
            up_fraction: Ratio::from_ppm(MILLION),
            up_workers: 4,
        }
    }
}

/// What is kept about a pool.
#[derive(Debug)]
pub(in crate::whatif) struct Pool {
    settings: Hpa,
    /// Counts desired lately, as (when, count), falling: the first is the highest of the window.
    desires: VecDeque<(u64, u32)>,
}

/// A usage ratio as a fraction: above 0 / below or above 1.
#[derive(Clone, Copy)]
struct Usage {
    /// Utilization in percent, × 10,000, to be divided by the target in parts per million.
    ten_thousandths: u128,
    target_ppm: u128,
}

impl Usage {
    /// In whole percent, rounded down.
    fn of(busy_us: u128, workers_us: u128, target: Ratio) -> Self {
        let percent = busy_us.saturating_mul(100).checked_div(workers_us).unwrap_or(0);
        Self { ten_thousandths: percent.saturating_mul(10_000), target_ppm: u128::from(target.ppm()) }
    }

    fn is_above_one(self) -> bool {
        self.ten_thousandths > self.target_ppm
    }

    fn is_within(self, tolerance: Ratio) -> bool {
        let (million, tolerance) = (u128::from(MILLION), u128::from(tolerance.ppm()));
        let usage = self.ten_thousandths.saturating_mul(million);
        usage <= self.target_ppm.saturating_mul(million + tolerance)
            && usage >= self.target_ppm.saturating_mul(million.saturating_sub(tolerance))
    }

    /// ceil(usage × count)
    fn times(self, count: u32) -> u32 {
        let workers = self.ten_thousandths.saturating_mul(u128::from(count)).div_ceil(self.target_ppm.max(1));
        u32::try_from(workers).unwrap_or(u32::MAX)
    }
}

impl Pool {
    pub(super) fn new(settings: Hpa, workers: u32) -> Self {
        Self { settings, desires: VecDeque::from([(0, workers)]) }
    }

    pub(super) fn decide(&mut self, now_us: u64, sight: &Sight) -> u32 {
        if sight.ready == 0 || sight.ready_us == 0 {
            return sight.workers;
        }
        let desired = self.desired(sight);
        let highest = self.stabilize(now_us, desired);
        if desired > sight.workers {
            let fraction = u64::from(sight.workers).saturating_mul(MILLION + self.settings.up_fraction.ppm());
            let by_fraction = u32::try_from(fraction.div_ceil(MILLION)).unwrap_or(u32::MAX);
            let by_count = sight.workers.saturating_add(self.settings.up_workers);
            return desired.min(by_fraction.max(by_count));
        }
        sight.workers.min(highest)
    }

    /// The count by the metrics alone.
    fn desired(&self, sight: &Sight) -> u32 {
        let Hpa { target, tolerance, .. } = self.settings;
        let usage = Usage::of(sight.busy_us, sight.ready_us, target);
        if !(usage.is_above_one() && sight.starting > 0) {
            return if usage.is_within(tolerance) { sight.workers } else { usage.times(sight.ready) };
        }
        let starting_us = u128::from(sight.starting) * u128::from(sight.passed_us);
        let damped = Usage::of(sight.busy_us, sight.ready_us.saturating_add(starting_us), target);
        if !damped.is_above_one() || damped.is_within(tolerance) {
            return sight.workers;
        }
        damped.times(sight.ready.saturating_add(sight.starting)).max(sight.workers)
    }

    /// Notes a desired count and answers the highest one of the window, which a count as old as the window has left.
    fn stabilize(&mut self, now_us: u64, desired: u32) -> u32 {
        while self.desires.back().is_some_and(|(_, count)| *count <= desired) {
            self.desires.pop_back();
        }
        self.desires.push_back((now_us, desired));
        let window_us = self.settings.stabilization_us;
        while self.desires.len() > 1
            && self.desires.front().is_some_and(|(at_us, _)| at_us.saturating_add(window_us) <= now_us)
        {
            self.desires.pop_front();
        }
        self.desires.front().map_or(desired, |(_, count)| *count)
    }
}
