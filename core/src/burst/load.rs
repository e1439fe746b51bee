//! Load: offered work over capacity, compared with its baseline.

use crate::config::BurstConfig;
use crate::ratio::{MILLION, Ratio};
use crate::time::SECOND_US;

use super::PoolDemand;
use super::baseline::Baseline;

/// The resolution of loads that are summed over pools. Each is rounded down, so that a tie is never above.
const PARTS: u128 = 1_000_000_000_000_000;

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

    /// Busy workers and waiting requests: what there is to go by before any service time is known.
    fn present(&self) -> u64 {
        u64::from(self.demand.busy).saturating_add(u64::from(self.demand.waiting))
    }

    /// The baseline's rate as a share of the present one, as numerator and denominator; at most 1. It stands in
    /// for the service time before any is known: the load that is there comes from the usual arrivals, but for
    /// what the present ones exceed them by.
    fn usual(&self) -> (u128, u128) {
        let baseline = u128::from(self.baseline_arrivals).saturating_mul(u128::from(self.window));
        let current = u128::from(self.arrivals).saturating_mul(u128::from(self.baseline_seconds));
        (baseline, current.max(baseline).max(1))
    }

    /// The load in [`PARTS`]: arrivals / window × mean service / workers, or, before any service time is known,
    /// (busy + waiting) / workers.
    fn parts(&self) -> u128 {
        let Some(mean_us) = self.demand.mean_service_us else {
            return u128::from(self.present()).saturating_mul(PARTS) / self.workers();
        };
        let work = u128::from(self.arrivals) * u128::from(mean_us);
        work.saturating_mul(PARTS / u128::from(SECOND_US)) / (u128::from(self.window) * self.workers())
    }

    #[allow(clippy::cast_precision_loss)] // a reported figure
    pub(super) fn current(&self) -> f64 {
        let workers = self.workers() as f64;
        match self.demand.mean_service_us {
            Some(mean_us) => {
                let work = (u128::from(self.arrivals) * u128::from(mean_us)) as f64;
                work / (self.window as f64 * SECOND_US as f64 * workers)
            }
            None => self.present() as f64 / workers,
        }
    }

    #[allow(clippy::cast_precision_loss)] // a reported figure
    pub(super) fn baseline(&self) -> f64 {
        let Some(mean_us) = self.demand.mean_service_us else {
            let (usual, all) = self.usual();
            return self.current() * (usual as f64 / all as f64);
        };
        let work = (u128::from(self.baseline_arrivals) * u128::from(mean_us)) as f64;
        work / (self.baseline_seconds as f64 * SECOND_US as f64 * self.workers() as f64)
    }

    /// By how much the load exceeds `threshold` × baseline, in units in which the loads of several pools add up.
    /// Load and baseline share the service time and the workers, so that a tie is exactly 0.
    fn excess(&self, threshold: Ratio) -> i128 {
        let (window, seconds) = (u128::from(self.window), u128::from(self.baseline_seconds));
        let over = |arrived: u128, allowed: u128| {
            let arrived = signed(arrived.saturating_mul(u128::from(MILLION)));
            arrived.saturating_sub(signed(allowed.saturating_mul(u128::from(threshold.ppm()))))
        };
        let (over, work, divisor) = if let Some(mean_us) = self.demand.mean_service_us {
            let arrived = u128::from(self.arrivals).saturating_mul(seconds);
            let allowed = u128::from(self.baseline_arrivals).saturating_mul(window);
            (over(arrived, allowed), u128::from(mean_us), self.workers())
        } else {
            let (usual, all) = self.usual();
            let work = u128::from(self.present()) * window * u128::from(SECOND_US);
            (over(all, usual), work.saturating_mul(seconds), all.saturating_mul(self.workers()))
        };
        // Rounded down, so that a tie of several pools isn't above.
        over.saturating_mul(signed(work)).div_euclid(signed(divisor))
    }

    /// The workers that would bear this load at `utilization`.
    pub(super) fn workers_for(&self, utilization: Ratio) -> u32 {
        match self.demand.mean_service_us {
            Some(mean_us) => utilization.ceil_div(
                u128::from(self.arrivals) * u128::from(mean_us),
                u128::from(self.window) * u128::from(SECOND_US),
            ),
            None => utilization.ceil_div(u128::from(self.present()), 1),
        }
    }
}

/// Whether the mean of these loads is a burst: above `threshold` × its baseline (taken no lower than
/// `min_baseline`), above `min_load`, and made of enough arrivals to prove anything. Only the arrivals of pools
/// that are above `threshold` × their own baseline prove something: a single request to a pool of long services
/// may outweigh all others, and their steady traffic is no evidence for it.
pub(super) fn is_burst(config: &BurstConfig, loads: impl Iterator<Item = Load>) -> bool {
    let (mut arrivals, mut pools, mut load, mut excess) = (0_u64, 0_u128, 0_u128, 0_i128);
    for one in loads {
        let over = one.excess(config.threshold);
        if over > 0 {
            arrivals = arrivals.saturating_add(one.arrivals);
        }
        pools += 1;
        load = load.saturating_add(one.parts());
        excess = excess.saturating_add(over);
    }
    let above = |limit: u128| load > limit.saturating_mul(pools);
    arrivals >= u64::from(config.min_arrivals)
        && excess > 0
        && above(u128::from(config.min_load.ppm()) * (PARTS / u128::from(MILLION)))
        && above(floor(config).saturating_mul(PARTS / u128::from(MILLION) / u128::from(MILLION)))
}

/// Up to which load a pool absorbs whatever comes: no burst starts there. Never 0.
pub(super) fn absorbed(config: &BurstConfig) -> Ratio {
    let floor = u64::try_from(floor(config) / u128::from(MILLION)).unwrap_or(u64::MAX);
    Ratio::from_ppm(config.min_load.ppm().max(floor).max(1))
}

/// `threshold` × `min_baseline`, in parts per million of a millionth.
fn floor(config: &BurstConfig) -> u128 {
    u128::from(config.min_baseline.ppm()) * u128::from(config.threshold.ppm())
}

fn signed(value: u128) -> i128 {
    i128::try_from(value).unwrap_or(i128::MAX)
}
