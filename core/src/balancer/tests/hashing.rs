//! The bounds of the consistent hash, measured.

use super::*;
use crate::balancer::candidates::{DIRECT, MAX_TABLES};
use crate::balancer::hash::{self, SLOTS};

const MILLION: u32 = 1_000_000;

/// The pool of every key.
fn assignment(balancer: &mut Balancer, pools: &Pools, keys: impl Iterator<Item = [u8; 8]>) -> Vec<u32> {
    keys.map(|key| pool_of(balancer, &key, pools)).collect()
}

fn shares(assignment: &[u32], pools: u32) -> Vec<u32> {
    let mut shares = vec![0; pools as usize];
    for pool in assignment {
        shares[*pool as usize] += 1;
    }
    shares
}

#[test]
fn the_fullest_of_n_pools_holds_at_most_1_05_times_the_mean() {
    for count in [1, 2, 3, 4, 5, 8, 16, 32, 64] {
        let assigned = assignment(&mut over_all(count), &Pools::idle(count), keys(MILLION));
        let fullest = u64::from(*shares(&assigned, count).iter().max().unwrap());
        // fullest ≤ 1.05 × 1,000,000 / count
        assert!(fullest * u64::from(count) * 100 <= 105 * u64::from(MILLION), "{count} pools: {fullest}");
    }
}

/// A far sharper look than the bound above: the slots themselves are shared out as evenly as chance would.
#[test]
fn shares_of_slots_are_as_even_as_chance() {
    for count in [2_u32, 3, 5, 16, 64, 256] {
        for prefix in ["pool-", "p", "payment/eu-west-1/", ""] {
            let entries: Vec<_> = (0..count)
                .map(|pool| hash::Entry { hash: hash::share_hash(&format!("{prefix}{pool}"), 1), pool })
                .collect();
            let mut won = vec![0_u32; count as usize];
            for slot in 0..SLOTS as u32 {
                won[hash::winner(&entries, slot).unwrap() as usize] += 1;
            }
            let mean = SLOTS as f64 / f64::from(count);
            let chi_squared: f64 = won.iter().map(|won| (f64::from(*won) - mean).powi(2) / mean).sum();
            // Mean n − 1, variance 2 (n − 1): five standard deviations.
            let degrees = f64::from(count - 1);
            assert!(
                chi_squared < degrees + 5.0 * (2.0 * degrees).sqrt() + 10.0,
                "{count} pools {prefix}…: chi² {chi_squared}"
            );
        }
    }
}

#[test]
fn removing_a_pool_moves_only_its_own_keys() {
    for (count, sample) in
        [(2, MILLION), (3, MILLION), (5, MILLION), (16, MILLION), (64, MILLION), (4096, 20_000)]
    {
        let (mut balancer, mut pools) = (over_all(count), Pools::idle(count));
        let before = assignment(&mut balancer, &pools, keys(sample));
        let gone = before[0];
        pools.set_open(gone, false);
        let after = assignment(&mut balancer, &pools, keys(sample));
        let moved = before.iter().zip(&after).filter(|(before, after)| before != after);
        assert!(moved.clone().all(|(before, after)| *before == gone && *after != gone), "{count} pools");
        assert_eq!(moved.count(), before.iter().filter(|pool| **pool == gone).count());
    }
}

/// Pairs of pools are independent: what a closed pool leaves behind is shared out evenly as well.
#[test]
fn what_a_pool_leaves_is_shared_out_evenly() {
    for count in [3, 5, 16] {
        let (mut balancer, mut pools) = (over_all(count), Pools::idle(count));
        let before = assignment(&mut balancer, &pools, keys(MILLION));
        pools.set_open(1, false);
        let after = assignment(&mut balancer, &pools, keys(MILLION));
        let moved: Vec<_> =
            before.iter().zip(&after).filter(|(before, _)| **before == 1).map(|(_, after)| *after).collect();
        let mean = moved.len() as f64 / f64::from(count - 1);
        for (pool, share) in shares(&moved, count).iter().enumerate().filter(|(pool, _)| *pool != 1) {
            let share = f64::from(*share) / mean;
            assert!((0.95..1.05).contains(&share), "{count} pools: {share} of the mean to pool {pool}");
        }
    }
}

#[test]
fn adding_a_pool_moves_at_most_1_1_of_its_share() {
    for count in [2, 3, 4, 5, 16, 64, 256] {
        let (mut balancer, mut pools) = (over_all(count), Pools::idle(count));
        pools.set_open(count / 2, false);
        let before = assignment(&mut balancer, &pools, keys(MILLION));
        pools.set_open(count / 2, true);
        let after = assignment(&mut balancer, &pools, keys(MILLION));
        let moved = before.iter().zip(&after).filter(|(before, after)| before != after);
        assert!(moved.clone().all(|(_, after)| *after == count / 2));
        let moved = moved.count() as u64;
        assert!(moved * u64::from(count) * 10 <= 11 * u64::from(MILLION), "{count} pools: {moved}");
        assert!(moved * u64::from(count) * 10 >= 9 * u64::from(MILLION), "{count} pools: {moved}");
    }
}

#[test]
fn the_configurations_order_does_not_matter() {
    for count in [3, 4, 5, 40] {
        let names = pool_names(count);
        let mut shuffled = names.clone();
        shuffled.reverse();
        shuffled.swap(0, count as usize / 2);
        let mut listed = names.clone();
        listed.rotate_left(1);
        let mut first = over_all(count);
        let mut second = Balancer::new(&config(), &[domain(&listed, &[])], &pools_named(&shuffled), 0);
        let pools = Pools::idle(count);
        for key in keys(20_000) {
            let name = &names[pool_of(&mut first, &key, &pools) as usize];
            assert_eq!(name, &shuffled[pool_of(&mut second, &key, &pools) as usize]);
        }
    }
}

#[test]
fn the_order_in_which_pools_come_and_go_does_not_matter() {
    for count in [4, 6, 30] {
        let (mut fresh, mut lived) = (over_all(count), over_all(count));
        let mut pools = Pools::idle(count);
        let mut random = 1_u64;
        for _ in 0..40 {
            random = hash::mix(random);
            let pool = u32::try_from(random % u64::from(count)).unwrap();
            let is_open = pools.pools[pool as usize].open;
            if random & (1 << 40) == 0 {
                pools.set_open(pool, !is_open);
            } else {
                let workers = pools.pools[pool as usize].workers;
                pools.set_workers(pool, 0, if workers == 0 { 4 } else { 0 });
            }
            for key in keys(300) {
                lived.route(0, FIRST, &key, &pools).unwrap();
            }
        }
        for pool in 0..2 {
            pools.set_open(pool, true);
            pools.set_workers(pool, 0, 4);
        }
        assert_eq!(
            assignment(&mut fresh, &pools, keys(20_000)),
            assignment(&mut lived, &pools, keys(20_000))
        );
    }
}

#[test]
fn a_pool_listed_three_times_has_three_shares() {
    for others in [1_u32, 2, 20] {
        let names = pool_names(others + 1);
        let mut listed = names.clone();
        listed.insert(1, names[0].clone());
        listed.push(names[0].clone());
        let pools = Pools::idle(others + 1);
        let mut weighted = Balancer::new(&config(), &[domain(&listed, &[])], &pools_named(&names), 0);
        let assigned = assignment(&mut weighted, &pools, keys(MILLION));
        let shares = shares(&assigned, others + 1);
        let share = f64::from(shares[0]) * f64::from(others + 3) / f64::from(MILLION);
        assert!((2.95..3.05).contains(&share), "{share} shares of {}", others + 3);
        // The other shares are where they were: a further share only takes from others.
        let plain = assignment(&mut over_all(others + 1), &pools, keys(20_000));
        assert!(plain.iter().zip(&assigned).all(|(plain, weighted)| plain == weighted || *weighted == 0));
    }
}

#[test]
fn a_table_changes_no_answer() {
    let count = DIRECT as u32 + 3;
    let (mut balancer, mut pools) = (over_all(count), Pools::idle(count));
    let names = pool_names(count);
    let entries: Vec<_> = names
        .iter()
        .zip(0..)
        .map(|(name, pool)| hash::Entry { hash: hash::share_hash(name, 1), pool })
        .collect();
    for closed in 0..=count {
        let open: Vec<_> = entries.iter().filter(|entry| entry.pool >= closed).copied().collect();
        for key in keys(5_000) {
            let pool = hash::winner(&open, hash::slot_of(&key, 0));
            // Twice: once to fill the slot, once to read it.
            for _ in 0..2 {
                let route = balancer.route(0, FIRST, &key, &pools).unwrap();
                assert_eq!(route.pool.map(PoolId::get), pool);
            }
        }
        let tables = usize::from(open.len() > DIRECT);
        assert_eq!(balancer.candidates.counts(), (1, tables), "{} open", open.len());
        if closed < count {
            pools.set_open(closed, false);
        }
    }
}

#[test]
fn equal_sets_share_a_list_and_a_table_and_give_them_back() {
    let names = pool_names(10);
    let mut reversed = names.clone();
    reversed.reverse();
    let without_last = names[..9].to_vec();
    let domains = [domain(&names, &[]), domain(&reversed, &[]), domain(&without_last, &[])];
    let mut balancer = Balancer::new(&config(), &domains, &pools_named(&names), 0);
    let mut pools = Pools::idle(10);
    let route_all = |balancer: &mut Balancer, pools: &Pools| {
        (0..3)
            .map(|domain| balancer.route(0, DomainId::new(domain), b"key", pools).unwrap())
            .collect::<Vec<_>>()
    };
    route_all(&mut balancer, &pools);
    assert_eq!(balancer.candidates.counts(), (2, 2));
    // Without the last pool all three have the same candidates.
    pools.set_open(9, false);
    let routes = route_all(&mut balancer, &pools);
    assert_eq!(balancer.candidates.counts(), (2, 1));
    assert!(routes.iter().all(|route| *route == routes[0]));
    // A change that leaves the set as it is keeps the table; a set that is too small for a table drops it.
    pools.topology += 1;
    route_all(&mut balancer, &pools);
    assert_eq!(balancer.candidates.counts(), (2, 1));
    (0..6).for_each(|pool| pools.set_open(pool, false));
    route_all(&mut balancer, &pools);
    assert_eq!(balancer.candidates.counts(), (2, 0));
    // Groups take and give back lists as well.
    (0..10).for_each(|pool| pools.set_open(pool, true));
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    balancer.set_affinity_groups(&[group("x", &names[2..]), group("y", &names[2..]), group("z", &names)]);
    balancer.route(0, FIRST, b"x", &pools).unwrap();
    balancer.route(0, FIRST, b"y", &pools).unwrap();
    assert_eq!(balancer.candidates.counts(), (3, 1));
    balancer.set_affinity_groups(&[]);
    assert_eq!(balancer.candidates.counts(), (2, 0));
}

#[test]
fn beyond_the_most_tables_the_answers_are_the_same() {
    let count = 80;
    let names = pool_names(count);
    // Each domain leaves one pool out, so that no two sets are equal.
    let domains: Vec<_> = (0..count as usize)
        .map(|left_out| {
            let mut listed = names.clone();
            listed.remove(left_out);
            domain(&listed, &[])
        })
        .collect();
    let mut balancer = Balancer::new(&config(), &domains, &pools_named(&names), 0);
    let pools = Pools::idle(count);
    for key in keys(200) {
        let everywhere = pool_of(&mut over_all(count), &key, &pools);
        for left_out in (0..count).filter(|left_out| *left_out != everywhere) {
            let route = balancer.route(0, DomainId::new(left_out), &key, &pools).unwrap();
            assert_eq!(route, to(everywhere, Reason::Hash));
        }
    }
    assert_eq!(balancer.candidates.counts(), (80, MAX_TABLES));
}

#[test]
fn rotation_moves_keys_at_its_epochs_and_keeps_tables() {
    let names = pool_names(10);
    let config = BalancerConfig { affinity_rotation_us: Some(60 * SECOND), hash_seed: 7, ..config() };
    let mut balancer = Balancer::new(&config, &[domain(&names, &[])], &pools_named(&names), 0);
    let pools = Pools::idle(10);
    let mut at = |now_us| -> Vec<_> {
        keys(1000).map(|key| balancer.route(now_us, FIRST, &key, &pools).unwrap().pool).collect()
    };
    let first = at(0);
    assert_eq!(first, at(60 * SECOND - 1));
    let second = at(60 * SECOND);
    assert_eq!(second, at(119 * SECOND));
    let moved = first.iter().zip(&second).filter(|(first, second)| first != second).count();
    assert!((850..950).contains(&moved), "{moved} of 1000: nine tenths are expected");
    // The epoch is a function of the time alone.
    let far = at((1 << 53) - 1);
    assert_eq!(first, at(0));
    assert_eq!(far, at((1 << 53) - 1));
    assert_eq!(balancer.candidates.counts(), (1, 1));
}

#[test]
fn the_seed_moves_keys() {
    let names = pool_names(10);
    let seeded = BalancerConfig { hash_seed: 1, ..config() };
    let mut second = Balancer::new(&seeded, &[domain(&names, &[])], &pools_named(&names), 0);
    let pools = Pools::idle(10);
    let first = assignment(&mut over_all(10), &pools, keys(1000));
    let moved =
        first.iter().zip(assignment(&mut second, &pools, keys(1000))).filter(|(a, b)| **a != *b).count();
    assert!((850..950).contains(&moved), "{moved} of 1000: nine tenths are expected");
}

/// Figures that must never change, or keys would move with a new version. They were made by a few lines of Python
/// on top of the reference implementation of xxh3.
#[test]
fn assignments_are_pinned() {
    let assigned = |count| -> Vec<u32> {
        let (mut balancer, pools) = (over_all(count), Pools::idle(count));
        [&b""[..], b"a", b"user-42", b"0123456789abcdef", &[255; 100], &[7; 300]]
            .iter()
            .map(|key| pool_of(&mut balancer, key, &pools))
            .collect()
    };
    assert_eq!(assigned(3), [2, 1, 0, 1, 0, 2]);
    assert_eq!(assigned(64), [5, 56, 0, 47, 9, 33]);
    assert_eq!(assigned(4096), [831, 3525, 2447, 3439, 1062, 2079]);
}
