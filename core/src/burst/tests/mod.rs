//! Tests of the burst handler, against pools whose arrivals, service times and workers are set by hand.

#![allow(clippy::float_cmp)] // the figures are exact

mod baseline;
mod bounds;
mod cost;
mod poisson;
mod status;
mod timeline;
mod trigger;

use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use super::{Burst, PoolDemand, PoolDemands, SurgePools};
use crate::arrivals::Arrivals;
use crate::config::{BurstConfig, BurstScope, Config, CostConfig};
use crate::effect::{Effect, EffectKind};
use crate::id::PoolId;
use crate::ratio::Ratio;
use crate::reason::Reason;
use crate::time::SECOND_US;

const NAMES: [&str; 4] = ["payment", "delivery", "notification", "other"];

/// Surge workers that were asked to leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Retired {
    at_us: u64,
    pool: u32,
    count: u32,
    reason: Reason,
}

/// One pool of the world.
#[derive(Debug, Clone)]
struct FakePool {
    arrivals: Arrivals,
    demand: PoolDemand,
    surge_max_workers: u32,
    /// How many of the next surge workers to leave are kept.
    keep: u32,
    surging: bool,
    /// Arrivals a second.
    rate: u32,
}

/// Pools that do what the test says.
#[derive(Debug, Clone)]
struct World {
    now_us: u64,
    pools: Vec<FakePool>,
    retired: Vec<Retired>,
    effects: Vec<Effect>,
    /// Worker-time of surge workers.
    surge_worker_us: u128,
}

impl World {
    fn new(count: usize, now_us: u64) -> Self {
        let pool = FakePool {
            arrivals: Arrivals::new(now_us),
            demand: PoolDemand { workers: 10, mean_service_us: Some(SECOND_US), ..PoolDemand::default() },
            surge_max_workers: 1000,
            keep: 0,
            surging: false,
            rate: 1,
        };
        Self {
            now_us,
            pools: vec![pool; count],
            retired: Vec::new(),
            effects: Vec::new(),
            surge_worker_us: 0,
        }
    }

    /// Lets time pass.
    fn advance(&mut self, now_us: u64) {
        for pool in &mut self.pools {
            pool.arrivals.advance(now_us);
            let passed_us = u128::from(now_us - self.now_us);
            self.surge_worker_us += passed_us * u128::from(pool.demand.surge_workers);
        }
        self.now_us = now_us;
    }
}

impl PoolDemands for World {
    fn demand(&self, pool: PoolId) -> PoolDemand {
        self.pools[pool.index()].demand
    }
    fn arrivals(&self, pool: PoolId) -> Option<&Arrivals> {
        self.pools.get(pool.index()).map(|pool| &pool.arrivals)
    }
}

impl SurgePools for World {
    fn add_surge(&mut self, pool: PoolId, count: u32) -> u32 {
        let pool = &mut self.pools[pool.index()];
        let count = count.min(pool.surge_max_workers.saturating_sub(pool.demand.workers));
        pool.demand.workers += count;
        pool.demand.surge_workers += count;
        count
    }
    fn retire_surge(&mut self, pool: PoolId, count: u32, reason: Reason) -> u32 {
        self.retired.push(Retired { at_us: self.now_us, pool: pool.get(), count, reason });
        let pool = &mut self.pools[pool.index()];
        let count = count.min(pool.demand.surge_workers);
        let kept = count.min(pool.keep);
        pool.keep -= kept;
        pool.demand.surge_workers -= count;
        pool.demand.workers -= count - kept;
        kept
    }
    fn set_surging(&mut self, pool: PoolId, surging: bool) {
        self.pools[pool.index()].surging = surging;
    }
    fn emit(&mut self, effect: Effect) {
        self.effects.push(effect);
    }
}

/// A burst handler and its world.
#[derive(Debug, Clone)]
struct Sim {
    burst: Burst,
    world: World,
}

impl Sim {
    fn with(pools: u32, change: impl FnOnce(&mut BurstConfig)) -> Self {
        Self::starting_at(0, pools, change)
    }

    fn starting_at(now_us: u64, pools: u32, change: impl FnOnce(&mut BurstConfig)) -> Self {
        let (mut burst, cost) = defaults();
        change(&mut burst);
        Self { burst: Burst::new(&burst, &cost, pools, now_us), world: World::new(pools as usize, now_us) }
    }

    /// Pools of 10 workers and 1 s of service with one arrival a second, after 100 s.
    fn settled(pools: u32, change: impl FnOnce(&mut BurstConfig)) -> Self {
        let mut sim = Self::with(pools, change);
        sim.run(100);
        sim
    }

    /// A surge of every pool that has begun at 101 s.
    fn surging(pools: u32, change: impl FnOnce(&mut BurstConfig)) -> Self {
        let mut sim = Self::settled(pools, change);
        sim.rates(30);
        sim.run(1);
        assert_eq!(sim.burst.surge_count, sim.burst.units.len() as u64);
        sim.rates(1);
        sim
    }

    fn rates(&mut self, rate: u32) {
        for pool in &mut self.world.pools {
            pool.rate = rate;
        }
    }

    fn arrive(&mut self, pool: usize, count: u32) {
        let now_us = self.world.now_us;
        for _ in 0..count {
            self.world.pools[pool].arrivals.add(now_us);
        }
    }

    fn step(&mut self, now_us: u64) {
        self.world.advance(now_us);
        self.burst.step(now_us, &mut self.world);
    }

    /// Steps at every deadline up to `until_us`, and there.
    fn step_to(&mut self, until_us: u64) {
        while let Some(due_us) = self.burst.next_deadline_us().filter(|due_us| *due_us < until_us) {
            self.step(due_us.max(self.world.now_us + 1));
        }
        self.step(until_us);
    }

    /// Lets so many seconds pass, each with its arrivals at its beginning.
    fn run(&mut self, seconds: u64) {
        for _ in 0..seconds {
            for pool in 0..self.world.pools.len() {
                self.arrive(pool, self.world.pools[pool].rate);
            }
            self.step_to(self.world.now_us + SECOND_US);
        }
    }

    /// A second with so many arrivals in the first pool, and the others' usual.
    fn second_with(&mut self, count: u32) {
        let usual = self.world.pools[0].rate;
        self.world.pools[0].rate = count;
        self.run(1);
        self.world.pools[0].rate = usual;
    }

    fn seconds(&self) -> u64 {
        self.world.now_us / SECOND_US
    }

    fn kinds(&self) -> Vec<(u64, EffectKind, Reason, Option<u32>, u32)> {
        let effects = self.world.effects.iter();
        effects.map(|e| (e.at_us / SECOND_US, e.kind, e.reason, e.pool.map(PoolId::get), e.count)).collect()
    }

    /// When how many workers of a pool left: microseconds since `t0_us`.
    fn left(&self, pool: u32, t0_us: u64) -> Vec<(u64, u32)> {
        let retired = self.world.retired.iter().filter(|retired| retired.pool == pool);
        retired.map(|retired| (retired.at_us - t0_us, retired.count)).collect()
    }

    fn status(&self) -> super::BurstStatus {
        self.burst.status(self.world.now_us, self.world.surge_worker_us, &self.world, name)
    }

    fn metrics(&self) -> super::SurgeMetrics {
        self.burst.metrics(self.world.now_us, self.world.surge_worker_us, &self.world, name)
    }

    fn baseline_arrivals(&self, pool: usize) -> Option<u64> {
        self.burst.pools[pool].baseline.arrivals()
    }
}

fn name(pool: PoolId) -> Option<&'static str> {
    NAMES.get(pool.index()).copied()
}

fn defaults() -> (BurstConfig, CostConfig) {
    let config = Config::default();
    (config.burst, config.cost)
}

fn alone(config: &mut BurstConfig) {
    config.scope = BurstScope::Pool;
}

fn names(pools: &[&str]) -> Vec<String> {
    pools.iter().map(|pool| (*pool).into()).collect()
}

fn unchanged(_: &mut BurstConfig) {}
