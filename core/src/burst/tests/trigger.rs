//! What starts a surge: each condition by itself.

use super::*;

/// 10 arrivals a second of 0.1 s each on one worker: a baseline load of 1.
fn one_worker(scope: BurstScope) -> Sim {
    let mut sim = Sim::with(1, |config| config.scope = scope);
    sim.world.pools[0].demand.workers = 1;
    sim.world.pools[0].demand.mean_service_us = Some(SECOND_US / 10);
    sim.rates(10);
    sim.run(100);
    sim
}

fn surges_after(mut sim: Sim, seconds: u64) -> u64 {
    sim.run(seconds);
    sim.burst.surge_count
}

#[test]
fn exactly_ten_baselines_are_not_above() {
    for scope in [BurstScope::System, BurstScope::Pool] {
        let mut sim = one_worker(scope);
        sim.rates(100);
        sim.run(1);
        assert_eq!(sim.burst.surge_count, 0);
        let mut sim = one_worker(scope);
        sim.rates(101);
        sim.run(1);
        assert_eq!(sim.burst.surge_count, 1);
    }
}

#[test]
fn a_tie_of_several_pools_is_not_above() {
    // Sevenths don't add up in parts of any power of ten: what is rounded must not make a tie a burst.
    let arrivals = |workers: [u32; 3], counts: [u32; 3]| {
        let mut sim = Sim::with(3, unchanged);
        for (pool, workers) in sim.world.pools.iter_mut().zip(workers) {
            pool.demand.workers = workers;
            pool.demand.mean_service_us = Some(SECOND_US / 2 + 1);
            pool.rate = 3;
        }
        sim.run(100);
        for (pool, count) in sim.world.pools.iter_mut().zip(counts) {
            pool.rate = count;
        }
        sim.run(1);
        sim.burst.surge_count
    };
    assert_eq!(arrivals([3, 7, 11], [30, 30, 30]), 0);
    assert_eq!(arrivals([3, 7, 11], [30, 30, 31]), 1);
    assert_eq!(arrivals([7, 7, 7], [32, 29, 29]), 0);
    assert_eq!(arrivals([7, 7, 7], [28, 28, 34]), 0);
    assert_eq!(arrivals([7, 7, 7], [32, 29, 30]), 1);
}

#[test]
fn the_short_window_sees_one_loud_second() {
    let mut sim = one_worker(BurstScope::System);
    // Over ten seconds that is less than twice the baseline.
    sim.second_with(101);
    assert_eq!(sim.burst.surge_count, 1);
}

#[test]
fn the_long_window_sees_what_a_second_cannot_prove() {
    // 11 arrivals in a second are too few to prove anything; 110 in ten seconds aren't.
    let mut sim = Sim::settled(1, unchanged);
    sim.rates(11);
    sim.run(9);
    assert_eq!(sim.burst.surge_count, 0);
    sim.run(1);
    assert_eq!((sim.burst.surge_count, sim.seconds()), (1, 110));
}

#[test]
fn the_long_window_has_its_configured_length() {
    let mut sim = Sim::with(1, |config| config.window_samples = 4);
    sim.run(63);
    assert_eq!(sim.baseline_arrivals(0), None);
    sim.run(37);
    assert_eq!(sim.baseline_arrivals(0), Some(60));
    sim.rates(11);
    assert_eq!((surges_after(sim.clone(), 3), surges_after(sim, 4)), (0, 1));
}

#[test]
fn a_load_up_to_the_minimum_is_absorbed() {
    let at = |rate: u32| {
        let mut sim = Sim::with(1, unchanged);
        sim.world.pools[0].demand.workers = 100;
        sim.run(100);
        sim.rates(rate);
        surges_after(sim, 30)
    };
    // 80 × 1 s / 100 workers is exactly 0.8, and 80 baselines.
    assert_eq!((at(80), at(81)), (0, 1));
}

#[test]
fn the_baseline_counts_as_no_lower_than_its_minimum() {
    let at = |rate: u32| {
        let mut sim = Sim::with(1, |config| config.min_load = Ratio::from_ppm(0));
        sim.world.pools[0].demand.workers = 100;
        sim.run(100);
        sim.rates(rate);
        surges_after(sim, 30)
    };
    // The baseline is 0.01: ten times the minimum of 0.05 is what counts.
    assert_eq!((at(50), at(51)), (0, 1));
}

#[test]
fn few_arrivals_prove_nothing() {
    let at = |count: u32| {
        let mut sim = Sim::with(1, unchanged);
        sim.world.pools[0].demand.workers = 1;
        sim.rates(0);
        sim.run(100);
        sim.second_with(count);
        surges_after(sim, 20)
    };
    assert_eq!((at(19), at(20)), (0, 1));
}

#[test]
fn nothing_is_detected_before_a_baseline_exists() {
    let mut sim = Sim::with(1, unchanged);
    sim.run(60);
    sim.rates(100);
    sim.run(9);
    assert_eq!((sim.burst.surge_count, sim.baseline_arrivals(0)), (0, None));
    assert_eq!(sim.status().baseline_load, 0.0);
    sim.run(1);
    assert_eq!((sim.seconds(), sim.burst.surge_count, sim.baseline_arrivals(0)), (70, 1, Some(60)));
}

#[test]
fn the_first_sample_starts_with_the_handler() {
    let mut sim = Sim::starting_at(123_456_789, 1, unchanged);
    sim.run(60);
    sim.rates(100);
    sim.run(9);
    assert_eq!(sim.burst.surge_count, 0);
    sim.run(1);
    assert_eq!(sim.world.effects[0].at_us, 123_456_789 + 70 * SECOND_US);
}

#[test]
fn all_pools_are_judged_by_their_mean() {
    // 30 × on one of three equal pools is 10.67 × on the whole; 28 × is exactly 10 ×.
    let at = |count| {
        let mut sim = Sim::settled(3, unchanged);
        sim.second_with(count);
        (sim.burst.surge_count, sim.burst.workers_added)
    };
    assert_eq!((at(28), at(29)), ((0, 0), (1, 15)));
}

#[test]
fn each_pool_is_judged_alone() {
    let mut sim = Sim::settled(3, alone);
    sim.second_with(20);
    assert_eq!((sim.burst.surge_count, sim.burst.workers_added), (1, 5));
    assert_eq!(sim.world.effects[0].pool, Some(PoolId::new(0)));
}

#[test]
fn steady_traffic_of_others_is_no_evidence() {
    // One request of a minute to a pool that gets one a minute outweighs all the others' work, but it is one
    // request; the others are at their usual 50 a second.
    let quiet = |change: fn(&mut BurstConfig)| {
        let mut sim = Sim::with(3, change);
        for (pool, (rate, mean_us, workers)) in sim.world.pools.iter_mut().zip([
            (0, 60 * SECOND_US, 2),
            (50, SECOND_US / 10, 10),
            (5, SECOND_US, 10),
        ]) {
            pool.rate = rate;
            pool.demand.mean_service_us = Some(mean_us);
            pool.demand.workers = workers;
        }
        sim.run(10);
        sim.second_with(1);
        sim.run(89);
        sim
    };
    let mut sim = quiet(unchanged);
    sim.second_with(1);
    assert!(sim.status().current_load > 0.8);
    assert_eq!(sim.burst.surge_count, 0);
    sim.second_with(20);
    assert_eq!(sim.burst.surge_count, 1);
}

#[test]
fn before_a_service_time_is_known_the_work_at_hand_is_the_load() {
    let at = |rate: u32, busy: u32, waiting: u32| {
        let mut sim = Sim::with(1, unchanged);
        let demand = &mut sim.world.pools[0].demand;
        (demand.mean_service_us, demand.busy, demand.waiting) = (None, 10, 0);
        sim.rates(5);
        // All workers are busy with their first requests, at the usual rate: no burst.
        sim.run(100);
        assert_eq!((sim.burst.surge_count, sim.status().current_load), (0, 1.0));
        assert_eq!(sim.status().baseline_load, 1.0);
        let demand = &mut sim.world.pools[0].demand;
        (demand.busy, demand.waiting) = (busy, waiting);
        sim.rates(rate);
        surges_after(sim, 1)
    };
    assert_eq!((at(50, 10, 5), at(51, 10, 5)), (0, 1));
    assert_eq!((at(500, 8, 0), at(500, 8, 1)), (0, 1));
}

#[test]
fn a_slow_pool_is_no_burst() {
    for scope in [BurstScope::System, BurstScope::Pool] {
        let mut sim = Sim::with(2, |config| config.scope = scope);
        sim.rates(6);
        sim.run(100);
        for pool in &mut sim.world.pools {
            pool.demand.mean_service_us = Some(100 * SECOND_US);
        }
        sim.run(100);
        assert_eq!(sim.burst.surge_count, 0);
        assert_eq!(sim.status().current_load, 60.0);
        assert_eq!(sim.status().load_ratio, 1.0);
    }
}

#[test]
fn a_resize_is_no_burst() {
    let mut sim = Sim::with(2, unchanged);
    sim.rates(6);
    sim.world.pools[0].demand.workers = 100;
    sim.run(100);
    sim.world.pools[0].demand.workers = 1;
    sim.run(100);
    assert_eq!(sim.burst.surge_count, 0);
    assert_eq!(sim.status().load_ratio, 1.0);
}

#[test]
fn disabled_by_the_configuration() {
    let mut sim = Sim::settled(1, |config| config.enabled = false);
    sim.rates(100);
    sim.run(5);
    assert_eq!(sim.burst.surge_count, 0);
    assert!(!sim.status().enabled);
    sim.burst.enable(sim.world.now_us);
    sim.run(1);
    assert_eq!(sim.burst.surge_count, 1);
}
