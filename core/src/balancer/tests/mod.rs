//! Tests of the balancer, against pools that are nothing but figures.

#![allow(clippy::cast_possible_truncation, clippy::cast_precision_loss)] // small figures

mod balance;
mod hashing;
mod migration;
mod routing;

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;

use super::{Balancer, MigrationView, PoolView, Route};
use crate::config::{
    AffinityGroup, BalancerConfig, Class, Coefficient, DomainConfig, PoolConfig, Queue, Strategy as Hand,
};
use crate::id::{DomainId, PoolId};
use crate::ratio::Ratio;
use crate::reason::Reason;

/// A pool as the balancer sees it.
#[derive(Debug, Clone)]
struct Pool {
    open: bool,
    overloaded: bool,
    busy: u32,
    workers: u32,
    baseline: u32,
    min: u32,
    max: u32,
    idle_baseline: bool,
}

impl Pool {
    /// An open pool within wide bounds.
    fn new(busy: u32, workers: u32) -> Self {
        Self {
            open: true,
            overloaded: false,
            busy,
            workers,
            baseline: workers,
            min: 0,
            max: 1_000_000,
            idle_baseline: busy < workers,
        }
    }
}

#[derive(Debug, Clone)]
struct Pools {
    pools: Vec<Pool>,
    topology: u64,
}

impl Pools {
    fn new(pools: impl IntoIterator<Item = (u32, u32)>) -> Self {
        Self {
            pools: pools.into_iter().map(|(busy, workers)| Pool::new(busy, workers)).collect(),
            topology: 1,
        }
    }

    /// Idle pools.
    fn idle(count: u32) -> Self {
        Self::new((0..count).map(|_| (0, 4)))
    }

    fn set_open(&mut self, pool: u32, open: bool) {
        self.pools[pool as usize].open = open;
        self.topology += 1;
    }

    fn set_workers(&mut self, pool: u32, busy: u32, workers: u32) {
        self.pools[pool as usize].busy = busy;
        self.pools[pool as usize].workers = workers;
        self.topology += 1;
    }
}

impl PoolView for Pools {
    fn is_open(&self, pool: PoolId) -> bool {
        self.pools[pool.index()].open
    }

    fn occupancy(&self, pool: PoolId) -> (u32, u32) {
        (self.pools[pool.index()].busy, self.pools[pool.index()].workers)
    }

    fn is_overloaded(&self, pool: PoolId) -> bool {
        self.pools[pool.index()].overloaded
    }

    fn topology(&self) -> u64 {
        self.topology
    }
}

impl MigrationView for Pools {
    fn baseline_workers(&self, pool: PoolId) -> u32 {
        self.pools[pool.index()].baseline
    }

    fn min_workers(&self, pool: PoolId) -> u32 {
        self.pools[pool.index()].min
    }

    fn max_workers(&self, pool: PoolId) -> u32 {
        self.pools[pool.index()].max
    }

    fn has_idle_baseline(&self, pool: PoolId) -> bool {
        self.pools[pool.index()].idle_baseline
    }
}

const SECOND: u64 = 1_000_000;

fn config() -> BalancerConfig {
    BalancerConfig {
        overload: Ratio::from_ppm(850_000),
        clear: Ratio::from_ppm(750_000),
        rebalance_every_us: 10 * SECOND,
        cooldown_us: 30 * SECOND,
        trigger: Ratio::from_ppm(800_000),
        coefficient: Coefficient::Spread,
        affinity_groups: Vec::new(),
        affinity_rotation_us: None,
        hash_seed: 0,
    }
}

fn pool(name: &str) -> PoolConfig {
    PoolConfig {
        name: name.into(),
        initial_workers: 5,
        min_workers: 2,
        max_workers: 50,
        surge_max_workers: 50,
        strategy: Hand::Lifo,
        max_overflow: 0,
        overflow_ttl_us: 0,
        max_waiting: 0,
        queue: Queue::Fifo,
        codel_target_us: 5_000,
        codel_interval_us: 100_000,
    }
}

fn domain<S: ToString>(pools: &[S], spill: &[S]) -> DomainConfig {
    DomainConfig {
        name: "domain".into(),
        class: Class::Normal,
        max_class: Class::Normal,
        max_concurrent: None,
        pools: pools.iter().map(S::to_string).collect(),
        spill: Some(spill.iter().map(S::to_string).collect()),
    }
}

fn group(key: &str, pools: &[&str]) -> AffinityGroup {
    AffinityGroup { key: key.into(), pools: pools.iter().map(ToString::to_string).collect() }
}

/// `pool-0`, `pool-1`, …
fn pool_names(count: u32) -> Vec<String> {
    (0..count).map(|index| format!("pool-{index}")).collect()
}

fn pools_named<S: AsRef<str>>(names: &[S]) -> Vec<PoolConfig> {
    names.iter().map(|name| pool(name.as_ref())).collect()
}

/// One domain over all of `count` pools.
fn over_all(count: u32) -> Balancer {
    let names = pool_names(count);
    Balancer::new(&config(), &[domain(&names, &[])], &pools_named(&names), 0)
}

/// Three pools `a`, `b`, `c` and a domain for each list of (primaries, spill).
fn abc(domains: &[(&[&str], &[&str])], groups: &[AffinityGroup]) -> Balancer {
    let domains: Vec<_> = domains.iter().map(|(pools, spill)| domain(pools, spill)).collect();
    let config = BalancerConfig { affinity_groups: groups.to_vec(), ..config() };
    Balancer::new(&config, &domains, &pools_named(&["a", "b", "c"]), 0)
}

const FIRST: DomainId = DomainId::new(0);

fn to(pool: u32, reason: Reason) -> Route {
    Route { pool: Some(PoolId::new(pool)), reason, spilled: false }
}

fn spilled(pool: u32, reason: Reason) -> Route {
    Route { pool: Some(PoolId::new(pool)), reason, spilled: true }
}

const NO_POOLS: Route = Route { pool: None, reason: Reason::NoPools, spilled: false };

/// The pool that a key of the first domain goes to.
fn pool_of(balancer: &mut Balancer, key: &[u8], pools: &Pools) -> u32 {
    balancer.route(0, FIRST, key, pools).unwrap().pool.unwrap().get()
}

/// Distinct keys that look like ids.
fn keys(count: u32) -> impl Iterator<Item = [u8; 8]> {
    (0..count).map(|index| {
        let mut key = *b"user0000";
        key[4..].copy_from_slice(&index.to_le_bytes());
        key
    })
}
