//! How the parts see each other: the pools as the balancer and the burst handler see them.

use core::cmp::Ordering;

use crate::arrivals::Arrivals;
use crate::balancer::{Balancer, MigrationView, PoolView};
use crate::burst::{PoolDemand, PoolDemands, SurgePools};
use crate::config::AlertMetric;
use crate::effect::{Effect, EffectQueue};
use crate::id::PoolId;
use crate::observe::{Readings, fraction};
use crate::pool::{HealthStatus, Pools};
use crate::ratio::Ratio;
use crate::reason::Reason;
use crate::regulator::Regulator;

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

/// The parts as alert rules see them.
pub(super) struct Sight<'a> {
    pub(super) now_us: u64,
    pub(super) regulator: &'a Regulator,
    pub(super) balancer: &'a Balancer,
    pub(super) pools: &'a Pools,
}

impl Sight<'_> {
    /// A metric as an exact fraction; `None` for the balance coefficient, which may be a root.
    fn fraction(&self, metric: AlertMetric, pool: PoolId) -> Option<(u128, u128)> {
        let (accepted, rejected) = self.regulator.totals();
        let (numerator, denominator) = match metric {
            AlertMetric::BalanceCoefficient => return None,
            AlertMetric::SystemLoadFactor => wide(self.regulator.load_fraction()),
            AlertMetric::AdmissionRate if accepted == 0 && rejected == 0 => (1, 1),
            AlertMetric::AdmissionRate => (accepted, accepted.saturating_add(rejected)),
            AlertMetric::RejectionRate => (rejected, accepted.saturating_add(rejected)),
            AlertMetric::RecentRejectionRate => self.regulator.recent_rejections(self.now_us),
            AlertMetric::PoolUtilization => wide(self.pools.occupancy(pool)),
            AlertMetric::PoolHealth => (u64::from(health_level(self.pools, self.now_us, pool)), 1),
            AlertMetric::PoolErrorRate => self.pools.error_fraction(self.now_us, pool),
            AlertMetric::PoolWaiting => {
                (u64::from(self.pools.counts(pool).map_or(0, |counts| counts.waiting)), 1)
            }
        };
        Some((numerator.into(), denominator.into()))
    }
}

impl Readings for Sight<'_> {
    fn compare(&self, metric: AlertMetric, pool: PoolId, threshold: Ratio) -> Ordering {
        match self.fraction(metric, pool) {
            Some((numerator, denominator)) => threshold.compare_fraction(numerator, denominator),
            None => self.balancer.compare_coefficient(self.pools, threshold),
        }
    }
    fn value(&self, metric: AlertMetric, pool: PoolId) -> f64 {
        match self.fraction(metric, pool) {
            Some((numerator, denominator)) => fraction(numerator, denominator),
            None => self.balancer.coefficient(self.pools),
        }
    }
}

fn wide((numerator, denominator): (u32, u32)) -> (u64, u64) {
    (numerator.into(), denominator.into())
}

/// 0 for a healthy pool, 1 for a degraded, 2 for a critical one.
pub(super) fn health_level(pools: &Pools, now_us: u64, pool: PoolId) -> u8 {
    match pools.health_check(now_us, pool) {
        Ok(HealthStatus::Critical) => 2,
        Ok(HealthStatus::Degraded) => 1,
        Ok(HealthStatus::Healthy) | Err(_) => 0,
    }
}

fn demand(pools: &Pools, now_us: u64, pool: PoolId) -> PoolDemand {
    let counts = pools.counts(pool).unwrap_or_default();
    PoolDemand {
        // In staffing mode what spills is expected beside: idle workers there absorb it without a surge.
        workers: counts.baseline.saturating_add(counts.surge).saturating_add(pools.idle_beside(pool)),
        busy: counts.busy,
        waiting: counts.waiting,
        mean_service_us: pools.mean_service_us(now_us, pool),
        surge_workers: counts.surge,
    }
}
