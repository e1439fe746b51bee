//! Names and status.

use alloc::string::String;
use alloc::vec::Vec;

use serde::Serialize;

use super::views::DemandView;
use super::{Engine, count};
use crate::balancer::BalanceStatus;
use crate::burst::{BurstStatus, CostAdvice, SurgeMetrics};
use crate::config::Config;
use crate::error::Error;
use crate::id::{DomainId, PoolId};
use crate::pool::{PoolCounts, PoolStatus, PoolWorker};
use crate::regulator::{CapacityInfo, RegulatorStatus};

/// The engine's own status.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EngineStatus {
    /// The latest time seen, in microseconds.
    pub now_us: u64,
    /// The time the engine started at, in microseconds.
    pub start_us: u64,
    /// How many times lay before the latest one seen.
    pub clock_regressions: u64,
    /// Effects that wait to be drained.
    pub effects_pending: u32,
    /// Effects that were dropped because nobody drained them.
    pub effects_dropped: u64,
    /// Dispatched requests that aren't completed.
    pub tickets: u32,
    /// How many records its journal has so far.
    pub journal_records: u64,
    /// Bytes of the journal that wait to be taken.
    pub journal_bytes: u64,
    /// Inputs that weren't recorded because nobody took what was.
    pub journal_lost: u64,
}

impl Engine {
    /// The configuration the engine was made with.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// How many domains there are; their ids are 0, 1, ….
    pub fn domain_count(&self) -> u32 {
        count(self.domain_names.len())
    }

    /// How many pools there are; their ids are 0, 1, ….
    pub fn pool_count(&self) -> u32 {
        self.pools.count()
    }

    /// The domain with this name. O(domains): look it up once and keep it.
    pub fn domain_id(&self, name: &str) -> Option<DomainId> {
        self.domain_names.iter().zip(0..).find(|(known, _)| *known == name).map(|(_, id)| DomainId::new(id))
    }

    /// The pool with this name. O(pools): look it up once and keep it.
    pub fn pool_id(&self, name: &str) -> Option<PoolId> {
        self.pool_names.iter().zip(0..).find(|(known, _)| *known == name).map(|(_, id)| PoolId::new(id))
    }

    /// A domain's name.
    pub fn domain_name(&self, domain: DomainId) -> Option<&str> {
        self.domain_names.get(domain.index()).map(String::as_str)
    }

    /// A pool's name.
    pub fn pool_name(&self, pool: PoolId) -> Option<&str> {
        self.pool_names.get(pool.index()).map(String::as_str)
    }

    /// The engine's own status.
    pub fn engine_status(&self) -> EngineStatus {
        let (journal_records, journal_bytes, journal_lost) = self.journal.counts();
        EngineStatus {
            now_us: self.clock.latest_us(),
            start_us: self.clock.start_us(),
            clock_regressions: self.clock.regressions(),
            effects_pending: self.effects.len(),
            effects_dropped: self.effects.dropped(),
            tickets: self.tickets.len(),
            journal_records,
            journal_bytes,
            journal_lost,
        }
    }

    /// Admission as of the latest time seen.
    pub fn regulator_status(&self) -> RegulatorStatus {
        self.regulator.status(self.clock.latest_us())
    }

    /// The adaptive limit, in tokens; `None` without one. O(1).
    pub fn adaptive_limit(&self) -> Option<u32> {
        self.regulator.adaptive_limit()
    }

    /// Capacity and how much of it is in use.
    pub fn capacity_info(&self) -> CapacityInfo {
        self.regulator.capacity_info()
    }

    /// A pool's status as of the latest time seen.
    ///
    /// Fails with [`Error::UnknownPool`].
    pub fn pool_status(&self, pool: PoolId) -> Result<PoolStatus, Error> {
        let name = self.pool_name(pool).ok_or(Error::UnknownPool { pool: pool.get() })?;
        self.pools.status(self.clock.latest_us(), pool, name)
    }

    /// A pool's counts. O(1).
    ///
    /// Fails with [`Error::UnknownPool`].
    pub fn pool_counts(&self, pool: PoolId) -> Result<PoolCounts, Error> {
        self.pools.counts(pool)
    }

    /// A pool's workers. O(workers).
    ///
    /// Fails with [`Error::UnknownPool`].
    pub fn pool_workers(&self, pool: PoolId) -> Result<Vec<PoolWorker>, Error> {
        self.pools.workers_of(pool)
    }

    /// The balance of the pools, and what was routed.
    pub fn balance_status(&self) -> BalanceStatus {
        self.balancer.balance_status(&self.pools)
    }

    /// The balance coefficient, from 0 to 1. O(pools).
    pub fn balance_coefficient(&self) -> f64 {
        self.balancer.coefficient(&self.pools)
    }

    /// The burst handler's status as of the latest time seen.
    pub fn burst_status(&self) -> BurstStatus {
        let now_us = self.clock.latest_us();
        let view = DemandView { now_us, pools: &self.pools };
        self.burst.status(now_us, self.pools.surge_worker_us(now_us), &view, |pool| self.pool_name(pool))
    }

    /// Figures of surges as of the latest time seen.
    pub fn surge_metrics(&self) -> SurgeMetrics {
        let now_us = self.clock.latest_us();
        let view = DemandView { now_us, pools: &self.pools };
        self.burst.metrics(now_us, self.pools.surge_worker_us(now_us), &view, |pool| self.pool_name(pool))
    }

    /// Whether surges or permanent workers would cost less, judged by the surges so far.
    pub fn cost_advice(&self) -> CostAdvice {
        let now_us = self.clock.latest_us();
        self.burst.cost_advice(now_us, self.pools.surge_worker_us(now_us))
    }

    /// The worker-time of surge workers so far, each until it really left, in worker-microseconds.
    pub fn surge_worker_us(&self) -> u128 {
        self.pools.surge_worker_us(self.clock.latest_us())
    }
}
