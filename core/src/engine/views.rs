//! How the parts see each other: the pools as the balancer and the burst handler see them.

use crate::arrivals::Arrivals;
use crate::balancer::{MigrationView, PoolView};
use crate::burst::{PoolDemand, SurgePools};
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
