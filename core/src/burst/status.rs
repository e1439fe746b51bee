//! Status of the burst handler.

use alloc::string::String;
use alloc::vec::Vec;

use serde::Serialize;

use super::timeline::Phase;
use super::{Burst, PoolDemands, worker_money};
use crate::id::PoolId;

/// The burst handler's status. Loads are over the longer window (`burst.window_samples`).
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BurstStatus {
    /// Whether surges may start.
    pub enabled: bool,
    /// Whether a surge holds or shrinks.
    pub in_surge: bool,
    /// The mean of the pools' baseline loads; 0 until there are enough samples.
    pub baseline_load: f64,
    /// The mean of the pools' current loads; it may exceed 1.
    pub current_load: f64,
    /// Current load / baseline (taken no lower than `burst.min_baseline`).
    pub load_ratio: f64,
    /// The load above which it is a burst.
    pub burst_threshold: f64,
    /// Whether any pool has surge workers.
    pub surge_active: bool,
    /// Surges so far.
    pub surge_count: u64,
    /// Surge workers added so far × `cost.surge_multiplier`, in cost units.
    pub total_surge_cost: f64,
    /// The worker-time of surge workers so far, in money.
    pub total_surge_money: f64,
    /// Surge workers that stayed as baseline workers.
    pub kept_workers: u64,
    /// The time spent in surges that have ended, in microseconds.
    pub total_surge_us: u64,
    /// How long the last surge that has ended lasted, in microseconds.
    pub last_surge_us: u64,
    /// Each pool's view.
    pub pools: Vec<PoolBurst>,
}

/// A pool's part of the burst handler's status.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PoolBurst {
    /// The pool.
    pub pool: String,
    /// `idle`, `hold`, `shrink` or `cooldown`.
    pub phase: &'static str,
    /// Its baseline load.
    pub baseline_load: f64,
    /// Its current load.
    pub current_load: f64,
    /// Its surge workers.
    pub surge_workers: u32,
}

/// Figures of surges.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SurgeMetrics {
    /// Whether a surge holds or shrinks.
    pub in_surge: bool,
    /// `hold`, `shrink`, `cooldown` or `idle`: the first of these that a pool is in, when pools surge alone.
    pub phase: &'static str,
    /// When the running surge began, in microseconds.
    pub surge_start_us: Option<u64>,
    /// How long until it ends, in microseconds; 0 outside a surge.
    pub surge_time_remaining_us: u64,
    /// The pools with surge workers.
    pub surge_pools: Vec<String>,
    /// Surges so far.
    pub surge_count: u64,
    /// In cost units.
    pub total_surge_cost: f64,
    /// In cost units a surge; 0 before the first.
    pub avg_surge_cost: f64,
    /// In money.
    pub total_surge_money: f64,
}

fn name(phase: Phase) -> &'static str {
    match phase {
        Phase::Idle => "idle",
        Phase::Hold => "hold",
        Phase::Shrink => "shrink",
        Phase::Cooldown => "cooldown",
    }
}

impl Burst {
    /// The status as of `now_us`. O(pools).
    pub fn status<'a>(
        &self,
        now_us: u64,
        surge_worker_us: u128,
        pools: &impl PoolDemands,
        pool_name: impl Fn(PoolId) -> Option<&'a str>,
    ) -> BurstStatus {
        let window = self.config.window_samples;
        let mut parts = Vec::with_capacity(self.pools.len());
        for unit in &self.units {
            for pool in unit.pools() {
                let load = self.load(pool, window, pools);
                parts.push(PoolBurst {
                    pool: pool_name(pool).unwrap_or_default().into(),
                    phase: name(unit.timeline.phase(now_us)),
                    baseline_load: load.baseline(),
                    current_load: load.current(),
                    surge_workers: pools.demand(pool).surge_workers,
                });
            }
        }
        let mean = |of: fn(&PoolBurst) -> f64| {
            let count = u32::try_from(parts.len().max(1)).unwrap_or(u32::MAX);
            parts.iter().map(of).sum::<f64>() / f64::from(count)
        };
        let (baseline_load, current_load) = (mean(|part| part.baseline_load), mean(|part| part.current_load));
        let floor = baseline_load.max(self.config.min_baseline.as_f64());
        BurstStatus {
            enabled: self.enabled,
            in_surge: self.units.iter().any(|unit| unit.timeline.is_surging()),
            baseline_load,
            current_load,
            load_ratio: if floor > 0.0 { current_load / floor } else { 0.0 },
            burst_threshold: self.config.threshold.as_f64() * floor,
            surge_active: parts.iter().any(|part| part.surge_workers > 0),
            surge_count: self.surge_count,
            total_surge_cost: self.surge_units(),
            total_surge_money: worker_money(surge_worker_us, self.cost.surge_per_hour),
            kept_workers: self.workers_kept,
            total_surge_us: self.total_surge_us,
            last_surge_us: self.last_surge_us,
            pools: parts,
        }
    }

    /// Figures of surges as of `now_us`. O(pools).
    #[allow(clippy::cast_precision_loss)] // reported figures
    pub fn metrics<'a>(
        &self,
        now_us: u64,
        surge_worker_us: u128,
        pools: &impl PoolDemands,
        pool_name: impl Fn(PoolId) -> Option<&'a str>,
    ) -> SurgeMetrics {
        let phases = self.units.iter().map(|unit| unit.timeline.phase(now_us));
        let rank = |phase: &Phase| match phase {
            Phase::Hold => 3,
            Phase::Shrink => 2,
            Phase::Cooldown => 1,
            Phase::Idle => 0,
        };
        let phase = phases.max_by_key(rank).unwrap_or(Phase::Idle);
        let ends_us = self.units.iter().filter_map(|unit| unit.timeline.ends_us()).max();
        let ids = self.units.iter().flat_map(super::Unit::pools);
        let surging = ids.filter(|pool| pools.demand(*pool).surge_workers > 0);
        let total = self.surge_units();
        SurgeMetrics {
            in_surge: ends_us.is_some(),
            phase: name(phase),
            surge_start_us: self.units.iter().filter_map(|unit| unit.timeline.started_us()).min(),
            surge_time_remaining_us: ends_us.map_or(0, |ends_us| ends_us.saturating_sub(now_us)),
            surge_pools: surging.filter_map(|pool| pool_name(pool).map(Into::into)).collect(),
            surge_count: self.surge_count,
            total_surge_cost: total,
            avg_surge_cost: if self.surge_count == 0 { 0.0 } else { total / self.surge_count as f64 },
            total_surge_money: worker_money(surge_worker_us, self.cost.surge_per_hour),
        }
    }

    #[allow(clippy::cast_precision_loss)] // a reported figure
    fn surge_units(&self) -> f64 {
        self.workers_added as f64 * self.cost.surge_multiplier
    }
}
