//! Routing: one lookup with the overload check, 16-byte keys.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use heijunka_core::balancer::{Balancer, PoolView};
use heijunka_core::config::{
    AffinityGroup, BalancerConfig, Class, Coefficient, DomainConfig, PoolConfig, Queue, Strategy,
};
use heijunka_core::{DomainId, PoolId, Ratio};

/// A pool as the balancer sees it.
struct Pool {
    open: bool,
    overloaded: bool,
    busy: u32,
    workers: u32,
}

struct Pools {
    pools: Vec<Pool>,
    topology: u64,
}

impl PoolView for Pools {
    fn is_open(&self, pool: PoolId) -> bool {
        self.pools[pool.get() as usize].open
    }

    fn occupancy(&self, pool: PoolId) -> (u32, u32) {
        let pool = &self.pools[pool.get() as usize];
        (pool.busy, pool.workers)
    }

    fn is_overloaded(&self, pool: PoolId) -> bool {
        self.pools[pool.get() as usize].overloaded
    }

    fn topology(&self) -> u64 {
        self.topology
    }
}

fn pool(name: String) -> PoolConfig {
    PoolConfig {
        name,
        initial_workers: 5,
        min_workers: 2,
        max_workers: 50,
        surge_max_workers: 50,
        strategy: Strategy::Lifo,
        max_overflow: 0,
        overflow_ttl_us: 0,
        max_waiting: 0,
        queue: Queue::Fifo,
        codel_target_us: 5_000,
        codel_interval_us: 100_000,
    }
}

fn world(count: u32, groups: u32) -> (Balancer, Pools) {
    let names: Vec<String> = (0..count).map(|index| format!("pool-{index}")).collect();
    let pools: Vec<PoolConfig> = names.iter().cloned().map(pool).collect();
    let domain = DomainConfig {
        name: "all".into(),
        class: Class::Normal,
        max_class: Class::Normal,
        max_concurrent: None,
        pools: names.clone(),
        spill: Some(Vec::new()),
    };
    let config = BalancerConfig {
        overload: Ratio::from_ppm(850_000),
        clear: Ratio::from_ppm(750_000),
        rebalance_every_us: 10_000_000,
        cooldown_us: 30_000_000,
        trigger: Ratio::from_ppm(800_000),
        coefficient: Coefficient::Spread,
        affinity_groups: (0..groups)
            .map(|group| AffinityGroup { key: format!("tenant-{group}"), pools: vec![names[0].clone()] })
            .collect(),
        affinity_rotation_us: None,
        hash_seed: 0,
    };
    let balancer = Balancer::new(&config, &[domain], &pools, 0);
    let state = |_| Pool { open: true, overloaded: false, busy: 2, workers: 5 };
    (balancer, Pools { pools: (0..count).map(state).collect(), topology: 1 })
}

fn keys(count: u32) -> Vec<[u8; 16]> {
    (0..count)
        .map(|index| {
            let mut key = [0; 16];
            key[..4].copy_from_slice(&index.wrapping_mul(2_654_435_761).to_le_bytes());
            key[8..12].copy_from_slice(&index.to_le_bytes());
            key
        })
        .collect()
}

fn measure(c: &mut Criterion, id: &str, world: (Balancer, Pools), keys: &[[u8; 16]]) {
    let (mut balancer, pools) = world;
    let domain = DomainId::new(0);
    for key in keys {
        balancer.route(0, domain, key, &pools).unwrap();
    }
    let mask = keys.len() - 1;
    let mut next = 0_usize;
    c.bench_function(id, |bencher| {
        bencher.iter(|| {
            next = (next + 1) & mask;
            let route = balancer.route(black_box(1), domain, black_box(&keys[next]), &pools).unwrap();
            // The whole answer in one register: copying it through memory costs more than a lookup.
            u64::from(route.pool.unwrap().get()) << 32
                | u64::from(route.reason.code()) << 1
                | u64::from(route.spilled)
        });
    });
}

fn route(c: &mut Criterion) {
    for count in [1, 3, 8, 16, 64, 4096] {
        for (label, keys) in [("hot keys", keys(16)), ("64 Ki keys", keys(1 << 16))] {
            measure(c, &format!("route/{label}/{count}"), world(count, 0), &keys);
        }
    }
    measure(c, "route/hot keys, 1,000 affinity groups/3", world(3, 1000), &keys(16));
}

fn route_around(c: &mut Criterion) {
    for count in [3, 64, 4096] {
        let (balancer, mut pools) = world(count, 0);
        pools.pools.iter_mut().for_each(|pool| pool.overloaded = true);
        measure(c, &format!("route/all overloaded/{count}"), (balancer, pools), &keys(16));
    }
}

criterion_group!(benches, route, route_around);
criterion_main!(benches);
