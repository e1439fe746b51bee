//! Load: offered work over capacity, compared with its baseline.

use crate::config::BurstConfig;
use crate::ratio::{MILLION, Ratio};
use crate::time::SECOND_US;

use super::PoolDemand;
use super::baseline::Baseline;

/// A billionth: the resolution of loads that are summed over pools.
const BILLION: u128 = 1_000_000_000;

/// A pool's load over a window, and its baseline turned into a load with the same mean service time and workers,
/// so that a slow pool or a resize is never mistaken for a burst.
#[derive(Debug, Clone, Copy)]
pub(super) struct Load {
    demand: PoolDemand,
    arrivals: u64,
    window: u64,
    baseline_arrivals: u64,
    baseline_seconds: u64,
}

impl Load {
    pub(super) fn new(demand: PoolDemand, arrivals: u64, window: u32, baseline: Option<&Baseline>) -> Self {
        Self {
            demand,
            arrivals,
            window: u64::from(window.max(1)),
            baseline_arrivals: baseline.and_then(Baseline::arrivals).unwrap_or(0),
            baseline_seconds: baseline.map_or(1, Baseline::seconds),
        }
    }

    fn workers(&self) -> u128 {
        u128::from(self.demand.workers.max(1))
    }

    /// The load in billionths: arrivals / window × mean service / workers, or, before any service time is known,
    /// (busy + waiting) / workers.
    fn billionths(&self) -> u128 {
        let Some(mean_us) = self.demand.mean_service_us else {
            let work = u128::from(self.demand.busy) + u128::from(self.demand.waiting);
            return work * BILLION / self.workers();
        };
        let work = u128::from(self.arrivals) * u128::from(mean_us);
        work.saturating_mul(BILLION / u128::from(SECOND_US)) / (u128::from(self.window) * self.workers())
    }

    #[allow(clippy::cast_precision_loss)] // a reported figure
    pub(super) fn current(&self) -> f64 {
        let workers = self.workers() as f64;
        match self.demand.mean_service_us {
            Some(mean_us) => {
                let work = (u128::from(self.arrivals) * u128::from(mean_us)) as f64;
                work / (self.window as f64 * SECOND_US as f64 * workers)
            }
            None => (f64::from(self.demand.busy) + f64::from(self.demand.waiting)) / workers,
        }
    }

    #[allow(clippy::cast_precision_loss)] // a reported figure
    pub(super) fn baseline(&self) -> f64 {
        let Some(mean_us) = self.demand.mean_service_us else { return 0.0 };
        let work = (u128::from(self.baseline_arrivals) * u128::from(mean_us)) as f64;
        work / (self.baseline_seconds as f64 * SECOND_US as f64 * self.workers() as f64)
    }

    /// By how much the load exceeds `threshold` × baseline, in units in which the loads of several pools add up.
    /// Load and baseline share the service time and the workers, so that a tie is exactly 0.
    fn excess(&self, threshold: Ratio) -> i128 {
        let share = u128::from(self.baseline_seconds) * u128::from(MILLION);
        let Some(mean_us) = self.demand.mean_service_us else {
            let work = u128::from(self.demand.busy) + u128::from(self.demand.waiting);
            let scale = share * u128::from(self.window) * u128::from(SECOND_US);
            return signed(work.saturating_mul(scale) / self.workers());
        };
        let arrived = signed(u128::from(self.arrivals).saturating_mul(share));
        let base = u128::from(self.baseline_arrivals) * u128::from(self.window);
        let allowed = signed(base.saturating_mul(u128::from(threshold.ppm())));
        let work = arrived.saturating_sub(allowed).saturating_mul(i128::from(mean_us));
        work / signed(self.workers())
    }

    /// The workers that would bear this load at `utilization`.
    pub(super) fn workers_for(&self, utilization: Ratio) -> u32 {
        match self.demand.mean_service_us {
            Some(mean_us) => utilization.ceil_div(
                u128::from(self.arrivals) * u128::from(mean_us),
                u128::from(self.window) * u128::from(SECOND_US),
            ),
            None => 0,
        }
    }
}

/// Whether the mean of these loads is a burst: above `threshold` × its baseline (taken no lower than
/// `min_baseline`), above `min_load`, and made of enough arrivals to prove anything.
pub(super) fn is_burst(config: &BurstConfig, loads: impl Iterator<Item = Load>) -> bool {
    let (mut arrivals, mut pools, mut load, mut excess) = (0_u64, 0_u128, 0_u128, 0_i128);
    for one in loads {
        arrivals = arrivals.saturating_add(one.arrivals);
        pools += 1;
        load = load.saturating_add(one.billionths());
        excess = excess.saturating_add(one.excess(config.threshold));
    }
    let billionths = |ratio: Ratio| u128::from(ratio.ppm()) * (BILLION / u128::from(MILLION));
    // Thresholds in billionths of billionths and parts per million: exact.
    let floor = billionths(config.min_baseline) * u128::from(config.threshold.ppm());
    arrivals >= u64::from(config.min_arrivals)
        && load > billionths(config.min_load).saturating_mul(pools)
        && load.saturating_mul(u128::from(MILLION)) > floor.saturating_mul(pools)
        && excess > 0
}

fn signed(value: u128) -> i128 {
    i128::try_from(value).unwrap_or(i128::MAX)
}
