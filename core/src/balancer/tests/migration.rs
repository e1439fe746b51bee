//! When a worker moves.

use proptest::prelude::*;

use super::*;
use crate::balancer::Rebalance;

fn balancer(count: u32) -> Balancer {
    Balancer::new(&config(), &[], &pools_named(&pool_names(count)), 0)
}

fn answer(migrated: bool, from: u32, to: u32, spread: f64, reason: Reason) -> Rebalance {
    Rebalance { migrated, from: Some(PoolId::new(from)), to: Some(PoolId::new(to)), spread, reason }
}

fn refusal(spread: f64, reason: Reason) -> Rebalance {
    Rebalance { migrated: false, from: None, to: None, spread, reason }
}

#[test]
fn a_worker_moves_from_the_least_to_the_most_utilized() {
    let pools = Pools::new([(5, 10), (9, 10), (2, 10)]);
    assert_eq!(balancer(3).decide(0, &pools), answer(true, 2, 1, 0.7, Reason::Rebalance));
    // Of equally utilized pools the lowest ids (though with those left over the spread stays).
    let pools = Pools::new([(9, 10), (2, 10), (1, 5), (18, 20)]);
    assert_eq!(balancer(4).decide(0, &pools), answer(false, 1, 0, 0.7, Reason::SpreadNotReduced));
}

#[test]
fn the_checks_come_in_order() {
    let mut balancer = balancer(2);
    balancer.record_migration(0);
    let mut pools = Pools::new([(0, 10)]);
    pools.pools.push(Pool { open: false, ..Pool::new(10, 10) });
    assert_eq!(balancer.decide(0, &pools), refusal(0.0, Reason::TooFewPools));

    // A spread of exactly 0.1 is a coefficient of exactly 0.8, which isn't below the trigger.
    let pools = Pools::new([(16, 20), (14, 20)]);
    assert_eq!(balancer.decide(0, &pools), refusal(0.1, Reason::Balanced));

    // Everything after the cooldown would refuse as well.
    let mut pools = Pools::new([(10, 10), (0, 1)]);
    pools.pools[1].min = 1;
    pools.pools[1].idle_baseline = false;
    pools.pools[0].max = 10;
    assert_eq!(balancer.decide(30 * SECOND - 1, &pools), refusal(1.0, Reason::Cooldown));
    let refused = |reason| answer(false, 1, 0, 1.0, reason);
    assert_eq!(balancer.decide(30 * SECOND, &pools), refused(Reason::DonorAtMinimum));
    pools.pools[1].min = 0;
    assert_eq!(balancer.decide(30 * SECOND, &pools), refused(Reason::TakerAtMaximum));
    pools.pools[0].max = 11;
    assert_eq!(balancer.decide(30 * SECOND, &pools), refused(Reason::NoIdleWorker));
    pools.pools[1].idle_baseline = true;
    // The donor would be empty, and one pool alone has no spread.
    assert_eq!(balancer.decide(30 * SECOND, &pools), answer(true, 1, 0, 1.0, Reason::Rebalance));
}

#[test]
fn a_move_that_does_not_shrink_the_spread_is_not_made() {
    // 1/2 and 1/1 would become 1/1 and 1/2.
    let pools = Pools::new([(1, 2), (1, 1)]);
    assert_eq!(balancer(2).decide(0, &pools), answer(false, 0, 1, 0.5, Reason::SpreadNotReduced));
    // A third pool as full as the taker keeps the spread where it is, and a donor that stays idle as well.
    let pools = Pools::new([(0, 10), (10, 10), (10, 10)]);
    assert_eq!(balancer(3).decide(0, &pools), answer(false, 0, 1, 1.0, Reason::SpreadNotReduced));
}

#[test]
fn equal_pools_stay_even_with_a_trigger_of_one() {
    for coefficient in [Coefficient::Spread, Coefficient::Stddev] {
        let config = BalancerConfig { trigger: Ratio::from_ppm(1_000_000), coefficient, ..config() };
        let balancer = Balancer::new(&config, &[], &pools_named(&["a", "b"]), 0);
        assert_eq!(balancer.decide(0, &Pools::new([(1, 2), (2, 4)])), refusal(0.0, Reason::Balanced));
        assert!(balancer.decide(0, &Pools::new([(50, 100), (60, 100)])).migrated);
    }
}

#[test]
fn the_trigger_compares_the_deviation_exactly() {
    let with_trigger = |ppm| {
        let coefficient = Coefficient::Stddev;
        let config = BalancerConfig { trigger: Ratio::from_ppm(ppm), coefficient, ..config() };
        Balancer::new(&config, &[], &pools_named(&["a", "b"]), 0)
    };
    // σ = 0.05: a coefficient of 0.9.
    let pools = Pools::new([(16, 20), (14, 20)]);
    assert_eq!(with_trigger(900_000).decide(0, &pools), refusal(0.1, Reason::Balanced));
    assert!(with_trigger(900_001).decide(0, &pools).migrated);
    assert_eq!(with_trigger(0).decide(0, &Pools::new([(1, 1), (0, 9)])), refusal(1.0, Reason::Balanced));
}

#[test]
fn the_period_keeps_its_phase() {
    let mut balancer = Balancer::new(&config(), &[], &pools_named(&["a"]), 3 * SECOND);
    assert_eq!(balancer.next_deadline_us(), 13 * SECOND);
    assert!(!balancer.take_due(13 * SECOND - 1));
    assert!(balancer.take_due(13 * SECOND));
    assert!(!balancer.take_due(13 * SECOND));
    assert_eq!(balancer.next_deadline_us(), 23 * SECOND);
    // A year late: once, and in phase.
    let late = 365 * 86_400 * SECOND;
    assert!(balancer.take_due(late));
    assert!(!balancer.take_due(late));
    assert_eq!(balancer.next_deadline_us(), late + 3 * SECOND);
}

fn a_pool() -> impl Strategy<Value = Pool> {
    (prop::bool::weighted(0.9), 0..20_u32, 0..20_u32, 0..10_u32, 0..25_u32, 0..3_u32).prop_map(
        |(open, busy, workers, min, max, extra)| {
            let busy = busy.min(workers);
            // `extra` of the busy workers are overflow or draining.
            let baseline = workers - extra.min(busy);
            Pool { open, baseline, min, max, ..Pool::new(busy, workers) }
        },
    )
}

/// The spread in the common denominator of all pools.
fn model_spread(pools: &[Pool]) -> u128 {
    let common: u128 = (1..=40).fold(1, |lcm: u128, n| {
        let (mut a, mut b) = (lcm, n);
        while b != 0 {
            (a, b) = (b, a % b);
        }
        lcm / a * n
    });
    let parts: Vec<u128> = pools
        .iter()
        .filter(|pool| pool.open && pool.workers > 0)
        .map(|pool| u128::from(pool.busy) * common / u128::from(pool.workers))
        .collect();
    parts.iter().max().unwrap_or(&0) - parts.iter().min().unwrap_or(&0)
}

proptest! {
    #[test]
    fn a_move_keeps_the_bounds_and_shrinks_the_spread(
        pools in prop::collection::vec(a_pool(), 0..8),
        coefficient in prop::sample::select(vec![Coefficient::Spread, Coefficient::Stddev]),
    ) {
        let names = pool_names(pools.len() as u32);
        let config = BalancerConfig { coefficient, ..config() };
        let balancer = Balancer::new(&config, &[], &pools_named(&names), 0);
        let mut pools = Pools { pools, topology: 1 };
        let before = pools.clone();
        let answer = balancer.decide(0, &pools);
        prop_assert_eq!(answer.migrated, answer.reason == Reason::Rebalance);
        prop_assert!((answer.spread - balancer.spread(&pools)).abs() < f64::EPSILON);
        if let (Some(from), Some(to)) = (answer.from, answer.to) {
            prop_assert!(balancer.coefficient(&pools) < 0.8);
            let (from, to) = (from.index(), to.index());
            prop_assert_ne!(from, to);
            let utilization = |pool: &Pool| f64::from(pool.busy) / f64::from(pool.workers);
            for pool in before.pools.iter().filter(|pool| pool.open && pool.workers > 0) {
                prop_assert!(utilization(&before.pools[from]) <= utilization(pool));
                prop_assert!(utilization(&before.pools[to]) >= utilization(pool));
            }
            pools.pools[from].workers = pools.pools[from].workers.saturating_sub(1);
            pools.pools[from].baseline = pools.pools[from].baseline.saturating_sub(1);
            pools.pools[to].workers += 1;
            pools.pools[to].baseline += 1;
            let allowed = before.pools[from].baseline > before.pools[from].min
                && pools.pools[to].baseline <= pools.pools[to].max
                && before.pools[from].idle_baseline
                && model_spread(&pools.pools) < model_spread(&before.pools);
            prop_assert_eq!(answer.migrated, allowed);
            if answer.migrated {
                prop_assert!(pools.pools[from].baseline >= pools.pools[from].min);
            }
        }
    }

    /// Judged again and again, the pools come to rest.
    #[test]
    fn migrations_come_to_an_end(pools in prop::collection::vec(a_pool(), 2..6)) {
        let mut balancer = balancer(pools.len() as u32);
        let mut pools = Pools { pools, topology: 1 };
        let workers = |pools: &Pools| pools.pools.iter().map(|pool| pool.workers).sum::<u32>();
        let all = workers(&pools);
        let mut now_us = 0;
        loop {
            let answer = balancer.decide(now_us, &pools);
            let (Some(from), Some(to), true) = (answer.from, answer.to, answer.migrated) else { break };
            balancer.record_migration(now_us);
            for (pool, change) in [(from, -1), (to, 1)] {
                let pool = &mut pools.pools[pool.index()];
                pool.workers = pool.workers.checked_add_signed(change).unwrap();
                pool.baseline = pool.baseline.checked_add_signed(change).unwrap();
                pool.idle_baseline = pool.busy < pool.workers;
            }
            prop_assert_eq!(workers(&pools), all);
            prop_assert_eq!(balancer.decide(now_us + 30 * SECOND - 1, &pools).migrated, false);
            now_us += 30 * SECOND;
            prop_assert!(balancer.rebalance_count() < 1000, "the spread shrinks each time, so it must end");
        }
    }
}
