//! Which pool a request goes to.

use proptest::prelude::*;

use super::*;
use crate::error::Error;

#[test]
fn one_primary_pool_needs_no_hash() {
    let mut balancer = abc(&[(&["b"], &["a", "c"])], &[]);
    let pools = Pools::idle(3);
    assert_eq!(balancer.route(0, FIRST, b"any", &pools), Ok(to(1, Reason::Primary)));
    assert_eq!(balancer.route(0, FIRST, b"", &pools), Ok(to(1, Reason::Primary)));
    assert_eq!(balancer.total_routed(), 2);
}

#[test]
fn an_unknown_domain_is_an_error() {
    let mut balancer = abc(&[(&["a"], &[])], &[]);
    let unknown = balancer.route(0, DomainId::new(1), b"", &Pools::idle(3));
    assert_eq!(unknown, Err(Error::UnknownDomain { domain: 1 }));
    assert_eq!(balancer.total_routed(), 0);
}

#[test]
fn unknown_pool_names_are_left_out() {
    let groups = [group("lost", &["nowhere"]), group("found", &["nowhere", "c"])];
    let mut balancer = abc(&[(&["zzz", "a", "", "a"], &["nowhere"]), (&["nowhere"], &["b", "zzz"])], &groups);
    let pools = Pools::idle(3);
    assert_eq!(balancer.route(0, FIRST, b"", &pools), Ok(to(0, Reason::Primary)));
    assert_eq!(balancer.route(0, DomainId::new(1), b"", &pools), Ok(spilled(1, Reason::SpillClosed)));
    assert_eq!(balancer.route(0, FIRST, b"lost", &pools), Ok(to(0, Reason::Primary)));
    assert_eq!(balancer.route(0, FIRST, b"found", &pools), Ok(to(2, Reason::Affinity)));
}

#[test]
fn an_affinity_group_names_the_candidates() {
    let mut balancer = abc(&[(&["a"], &["b"])], &[group("gold", &["c"]), group("pair", &["b", "c"])]);
    let mut pools = Pools::idle(3);
    assert_eq!(balancer.route(0, FIRST, b"gold", &pools), Ok(to(2, Reason::Affinity)));
    assert_eq!(balancer.route(0, FIRST, b"golden", &pools), Ok(to(0, Reason::Primary)));
    let pair = balancer.route(0, FIRST, b"pair", &pools).unwrap();
    assert_eq!(pair.reason, Reason::Affinity);
    assert_ne!(pair.pool, Some(PoolId::new(0)));
    // Overloaded, it spills to the domain's spill pools, which the domain's primary isn't one of.
    pools.pools[2] = Pool { overloaded: true, ..Pool::new(4, 4) };
    assert_eq!(balancer.route(0, FIRST, b"gold", &pools), Ok(spilled(1, Reason::SpillOverloaded)));
    pools.set_open(2, false);
    assert_eq!(balancer.route(0, FIRST, b"gold", &pools), Ok(spilled(1, Reason::SpillClosed)));
    assert_eq!(balancer.route(0, FIRST, b"pair", &pools), Ok(to(1, Reason::Affinity)));
}

#[test]
fn new_affinity_groups_hold_at_once() {
    let mut balancer = abc(&[(&["a"], &[])], &[group("x", &["b"])]);
    let pools = Pools::idle(3);
    assert_eq!(balancer.route(5, FIRST, b"x", &pools), Ok(to(1, Reason::Affinity)));
    balancer.set_affinity_groups(&[group("y", &["c"]), group("y", &["b"])]);
    assert_eq!(balancer.route(5, FIRST, b"x", &pools), Ok(to(0, Reason::Primary)));
    assert_eq!(balancer.route(5, FIRST, b"y", &pools), Ok(to(2, Reason::Affinity)));
    balancer.set_affinity_groups(&[]);
    assert_eq!(balancer.route(5, FIRST, b"y", &pools), Ok(to(0, Reason::Primary)));
}

#[test]
fn the_overload_flag_decides_and_not_the_utilization() {
    let mut balancer = abc(&[(&["a"], &["b"])], &[]);
    // Above 0.85, but the flag isn't set: the pool keeps its work.
    let mut pools = Pools::new([(19, 20), (0, 20), (0, 20)]);
    assert_eq!(balancer.route(0, FIRST, b"", &pools), Ok(to(0, Reason::Primary)));
    // Between 0.75 and 0.85 with the flag still set: it spills.
    pools.pools[0] = Pool { overloaded: true, ..Pool::new(16, 20) };
    assert_eq!(balancer.route(0, FIRST, b"", &pools), Ok(spilled(1, Reason::SpillOverloaded)));
    pools.pools[0].overloaded = false;
    assert_eq!(balancer.route(0, FIRST, b"", &pools), Ok(to(0, Reason::Primary)));
}

#[test]
fn spilling_takes_the_least_utilized_and_of_equals_the_lowest_id() {
    let mut balancer = abc(&[(&["c"], &["b", "a"])], &[]);
    let mut pools = Pools::new([(2, 4), (3, 6), (4, 4)]);
    pools.pools[2].overloaded = true;
    assert_eq!(balancer.route(0, FIRST, b"", &pools), Ok(spilled(0, Reason::SpillOverloaded)));
    // 333,333,333/1,000,000,000 < 1/3: one part in three thousand million is seen.
    pools.pools[0] = Pool::new(1, 3);
    pools.pools[1] = Pool::new(333_333_333, 1_000_000_000);
    assert_eq!(balancer.route(0, FIRST, b"", &pools), Ok(spilled(1, Reason::SpillOverloaded)));
    // An empty pool isn't the least utilized one, nor is a closed one.
    pools.set_workers(1, 0, 0);
    assert_eq!(balancer.route(0, FIRST, b"", &pools), Ok(spilled(0, Reason::SpillOverloaded)));
    pools.set_open(0, false);
    assert_eq!(balancer.route(0, FIRST, b"", &pools), Ok(to(2, Reason::AllOverloaded)));
}

#[test]
fn when_its_own_pool_is_the_least_utilized_a_key_stays() {
    let mut balancer = abc(&[(&["a"], &["b", "c"])], &[]);
    // Pool a is still flagged at 0.76; b is busier without having gone above 0.85.
    let mut pools = Pools::new([(19, 25), (4, 5), (20, 20)]);
    pools.pools[0].overloaded = true;
    assert_eq!(balancer.route(0, FIRST, b"", &pools), Ok(to(0, Reason::Primary)));
    assert_eq!(balancer.total_routed(), 1);
}

#[test]
fn when_all_are_overloaded_the_least_utilized_is_taken() {
    let mut balancer = abc(&[(&["a"], &["b", "c"])], &[]);
    let mut pools = Pools::new([(20, 20), (18, 20), (19, 20)]);
    pools.pools.iter_mut().for_each(|pool| pool.overloaded = true);
    assert_eq!(balancer.route(0, FIRST, b"", &pools), Ok(spilled(1, Reason::AllOverloaded)));
    pools.pools[1].busy = 20;
    pools.pools[2].busy = 20;
    assert_eq!(balancer.route(0, FIRST, b"", &pools), Ok(to(0, Reason::AllOverloaded)));
}

#[test]
fn closed_and_empty_pools_are_never_chosen() {
    let mut balancer = abc(&[(&["a", "b"], &["c"])], &[]);
    let mut pools = Pools::idle(3);
    pools.set_open(0, false);
    assert_eq!(balancer.route(0, FIRST, b"k", &pools), Ok(to(1, Reason::Primary)));
    pools.set_workers(1, 0, 0);
    assert_eq!(balancer.route(0, FIRST, b"k", &pools), Ok(spilled(2, Reason::SpillClosed)));
    pools.pools[2].overloaded = true;
    assert_eq!(balancer.route(0, FIRST, b"k", &pools), Ok(spilled(2, Reason::SpillClosed)));
    assert_eq!(balancer.total_routed(), 3);
    pools.set_open(2, false);
    assert_eq!(balancer.route(0, FIRST, b"k", &pools), Ok(NO_POOLS));
    assert_eq!(balancer.total_routed(), 3);
    pools.set_open(0, true);
    assert_eq!(balancer.route(0, FIRST, b"k", &pools), Ok(to(0, Reason::Primary)));
}

#[test]
fn a_balancer_without_pools_routes_nowhere() {
    let mut balancer = Balancer::new(&config(), &[domain::<&str>(&[], &[])], &[], 0);
    let pools = Pools::idle(0);
    assert_eq!(balancer.route(0, FIRST, b"k", &pools), Ok(NO_POOLS));
    assert!((balancer.coefficient(&pools) - 1.0).abs() < f64::EPSILON);
    assert_eq!(balancer.decide(0, &pools).reason, Reason::TooFewPools);
}

// A slow model of its own: plain rendezvous over names, plain minimum search, nothing remembered.

fn model_pick(
    listed: &[String],
    names: &[String],
    key: &[u8],
    seed: u64,
    pools: &Pools,
) -> Option<(usize, bool)> {
    use xxhash_rust::xxh3::xxh3_64_with_seed;
    let slot = xxh3_64_with_seed(key, seed) / (1 << 44);
    let product = (slot + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let slot_hash = product ^ (product >> 32);
    let mut best: Option<(u64, usize)> = None;
    let mut several = false;
    for (place, name) in listed.iter().enumerate() {
        let pool = names.iter().position(|known| known == name).unwrap();
        if !pools.pools[pool].open || pools.pools[pool].workers == 0 {
            continue;
        }
        let share = listed[..=place].iter().filter(|earlier| *earlier == name).count();
        let mut weight = xxh3_64_with_seed(name.as_bytes(), share as u64) ^ slot_hash;
        weight = weight.wrapping_mul(0xbf58_476d_1ce4_e5b9);
        weight = (weight ^ (weight >> 32)).wrapping_mul(0x94d0_49bb_1331_11eb);
        several |= best.is_some_and(|(_, first)| first != pool) || several;
        if best.is_none_or(|(heaviest, _)| weight > heaviest) {
            best = Some((weight, pool));
        }
    }
    best.map(|(_, pool)| (pool, several))
}

fn model_route(
    home: &DomainConfig,
    names: &[String],
    groups: &[AffinityGroup],
    key: &[u8],
    seed: u64,
    pools: &Pools,
) -> Route {
    let group = groups.iter().find(|group| group.key.as_bytes() == key);
    let listed = group.map_or(&home.pools, |group| &group.pools);
    let least = |among: &[String]| {
        let usable: Vec<_> = (0..names.len())
            .filter(|pool| among.contains(&names[*pool]))
            .filter(|pool| pools.pools[*pool].open && pools.pools[*pool].workers > 0)
            .collect();
        let least = usable.iter().copied().reduce(|least, pool| {
            let (a, b) = (&pools.pools[pool], &pools.pools[least]);
            if a.busy * b.workers < b.busy * a.workers { pool } else { least }
        });
        (least, usable.iter().all(|pool| pools.pools[*pool].overloaded))
    };
    let id = |pool: usize| Some(PoolId::new(pool as u32));
    let Some((own, several)) = model_pick(listed, names, key, seed, pools) else {
        return match least(home.spill.as_deref().unwrap()).0 {
            Some(pool) => Route { pool: id(pool), reason: Reason::SpillClosed, spilled: true },
            None => NO_POOLS,
        };
    };
    let reason = match (group, several) {
        (Some(_), _) => Reason::Affinity,
        (None, true) => Reason::Hash,
        (None, false) => Reason::Primary,
    };
    if !pools.pools[own].overloaded {
        return Route { pool: id(own), reason, spilled: false };
    }
    let (pool, all) = least(&[&listed[..], home.spill.as_deref().unwrap()].concat());
    let pool = pool.unwrap();
    let reason = match (all, pool == own) {
        (true, _) => Reason::AllOverloaded,
        (false, true) => reason,
        (false, false) => Reason::SpillOverloaded,
    };
    Route { pool: id(pool), reason, spilled: pool != own }
}

fn a_pool() -> impl Strategy<Value = Pool> {
    (prop::bool::weighted(0.8), any::<bool>(), 0..5_u32, 0..5_u32).prop_map(
        |(open, overloaded, busy, workers)| Pool {
            open,
            overloaded,
            ..Pool::new(busy.min(workers), workers)
        },
    )
}

/// Names out of `names`, with repetitions.
fn some_of(names: Vec<String>, most: usize) -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec(prop::sample::select(names), 0..most)
}

prop_compose! {
    fn a_world()(count in 1..12_u32)(
        domains in prop::collection::vec((some_of(pool_names(count), 16), some_of(pool_names(count), 12)), 1..4),
        groups in prop::collection::btree_map("[a-h]", prop::collection::vec(prop::sample::select(pool_names(count)), 1..10), 0..4),
        moments in prop::collection::vec(prop::collection::vec(a_pool(), count as usize), 1..4),
        keys in prop::collection::vec(prop::collection::vec(b'a'..=b'j', 0..3), 1..20),
        hash_seed in any::<u64>(),
        count in Just(count),
    ) -> (Vec<String>, Vec<DomainConfig>, Vec<AffinityGroup>, Vec<Vec<Pool>>, Vec<Vec<u8>>, u64) {
        let domains = domains.into_iter().map(|(pools, spill)| domain(&pools, &spill));
        let groups = groups.into_iter().map(|(key, pools)| AffinityGroup { key, pools });
        (pool_names(count), domains.collect(), groups.collect(), moments, keys, hash_seed)
    }
}

proptest! {
    #[test]
    fn routes_agree_with_a_naive_model((names, domains, groups, moments, keys, hash_seed) in a_world()) {
        let config = BalancerConfig { hash_seed, affinity_groups: groups.clone(), ..config() };
        let mut balancer = Balancer::new(&config, &domains, &pools_named(&names), 0);
        let mut pools = Pools { pools: Vec::new(), topology: 0 };
        let mut routed = 0;
        for moment in moments {
            pools = Pools { pools: moment, topology: pools.topology + 1 };
            for (home, index) in domains.iter().zip(0..) {
                for key in &keys {
                    let expected = model_route(home, &names, &groups, key, hash_seed, &pools);
                    let route = balancer.route(0, DomainId::new(index), key, &pools).unwrap();
                    prop_assert_eq!(route, expected);
                    prop_assert_eq!(route.pool.is_none(), route.reason == Reason::NoPools);
                    routed += u64::from(route.pool.is_some());
                }
            }
        }
        prop_assert_eq!(balancer.total_routed(), routed);
    }
}
