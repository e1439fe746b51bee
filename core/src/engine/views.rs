//! How the parts see each other: the pools as the balancer and the burst handler see them.

use crate::arrivals::Arrivals;
use crate::balancer::{MigrationView, PoolView};
use crate::burst::{PoolDemand, PoolDemands, SurgePools};
use crate::effect::{Effect, EffectQueue};
use crate::id::PoolId;
use crate::pool::Pools;
use crate::reason::Reason;

impl PoolView for Pools {
    #[inline]
    fn is_open(&self, pool: PoolId) -> bool {
        Pools::is_open(self, pool)
    }
    #[inline]
    fn occupancy(&self, pool: PoolId) -> (u32, u32) {
        Pools::occupancy(self, pool)
    }
    #[inline]
    fn is_overloaded(&self, pool: PoolId) -> bool {
        Pools::is_overloaded(self, pool)
    }
    #[inline]
    fn topology(&self) -> u64 {
        Pools::topology(self)
    }
}

impl MigrationView for Pools {
    fn baseline_workers(&self, pool: PoolId) -> u32 {
        self.baseline_bounds(pool).map_or(0, |bounds| bounds.workers)
    }
    fn min_workers(&self, pool: PoolId) -> u32 {
        // In staffing mode nobody gives up what it should have, or gets more.
        let staffed = self.staffed(pool).unwrap_or(0);
        self.baseline_bounds(pool).map_or(0, |bounds| bounds.min.max(staffed))
    }
    fn max_workers(&self, pool: PoolId) -> u32 {
        let staffed = self.staffed(pool).unwrap_or(u32::MAX);
        self.baseline_bounds(pool).map_or(0, |bounds| bounds.max.min(staffed))
    }
    fn has_idle_baseline(&self, pool: PoolId) -> bool {
        self.baseline_bounds(pool).is_ok_and(|bounds| bounds.idle > 0)
    }
}

/// The pools as the burst handler sees them.
pub(super) struct DemandView<'a> {
    pub(super) now_us: u64,
    pub(super) pools: &'a Pools,
}

impl PoolDemands for DemandView<'_> {
    fn demand(&self, pool: PoolId) -> PoolDemand {
        demand(self.pools, self.now_us, pool)
    }
    fn arrivals(&self, pool: PoolId) -> Option<&Arrivals> {
        self.pools.arrivals(pool)
    }
}

/// The pools as the burst handler changes them.
pub(super) struct SurgeView<'a> {
    pub(super) now_us: u64,
    pub(super) pools: &'a mut Pools,
    pub(super) effects: &'a mut EffectQueue,
}

impl PoolDemands for SurgeView<'_> {
    fn demand(&self, pool: PoolId) -> PoolDemand {
        demand(self.pools, self.now_us, pool)
    }
    fn arrivals(&self, pool: PoolId) -> Option<&Arrivals> {
        self.pools.arrivals(pool)
    }
}

impl SurgePools for SurgeView<'_> {
    fn add_surge(&mut self, pool: PoolId, count: u32) -> u32 {
        self.pools.add_surge(self.now_us, pool, count, self.effects)
    }
    fn retire_surge(&mut self, pool: PoolId, count: u32, reason: Reason) -> u32 {
        self.pools.retire_surge(self.now_us, pool, count, reason, self.effects)
    }
    fn set_surging(&mut self, pool: PoolId, surging: bool) {
        self.pools.set_surging(pool, surging);
    }
    fn emit(&mut self, effect: Effect) {
        self.effects.push(effect);
    }
}

fn demand(pools: &Pools, now_us: u64, pool: PoolId) -> PoolDemand {
    let counts = pools.counts(pool).unwrap_or_default();
    PoolDemand {
        workers: counts.baseline.saturating_add(counts.surge),
        busy: counts.busy,
        waiting: counts.waiting,
        mean_service_us: pools.mean_service_us(now_us, pool),
        surge_workers: counts.surge,
    }
}
