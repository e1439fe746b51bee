//! Extremes: nothing panics, loops or stands still.

use super::*;
use crate::burst::baseline::Baseline;
use crate::burst::load::{Load, absorbed, is_burst};
use proptest::prelude::*;

#[test]
fn extreme_numbers_dont_overflow() {
    let extreme = u32::MAX;
    for mean_service_us in [None, Some(0), Some(1), Some(1 << 52), Some(u64::MAX)] {
        for workers in [0, 1, extreme] {
            for samples in [[0, 0], [0, extreme], [extreme, 0], [extreme, extreme]] {
                for ppm in [0, 1, 10_000_000, u64::MAX] {
                    let mut config = defaults().0;
                    (config.baseline_samples, config.window_samples) = (600, 100);
                    (config.threshold, config.min_load) = (Ratio::from_ppm(ppm), Ratio::from_ppm(ppm));
                    (config.min_baseline, config.hold_out_factor) =
                        (Ratio::from_ppm(ppm), Ratio::from_ppm(ppm));
                    let mut baseline = Baseline::new(&config);
                    for _ in 0..700 {
                        baseline.close(samples[0]);
                    }
                    let demand = PoolDemand {
                        workers,
                        busy: extreme,
                        waiting: extreme,
                        mean_service_us,
                        surge_workers: extreme,
                    };
                    let arrivals = u64::from(samples[1]) * 100;
                    let load = Load::new(demand, arrivals, 100, Some(&baseline));
                    is_burst(&config, [load; 3].into_iter());
                    assert!(load.current().is_finite() && load.baseline().is_finite());
                    load.workers_for(absorbed(&config));
                }
            }
        }
    }
}

#[test]
fn no_workers_is_judged_as_one() {
    let mut sim = Sim::with(1, unchanged);
    sim.world.pools[0].demand.workers = 0;
    sim.run(100);
    assert_eq!(sim.status().current_load, 1.0);
    sim.rates(30);
    sim.run(1);
    assert_eq!(sim.burst.surge_count, 1);
    assert_eq!(sim.burst.cost_advice(sim.world.now_us, 0).baseline_workers, 38);
}

#[test]
fn no_pools_are_no_burden() {
    for change in [unchanged, alone] {
        let mut sim = Sim::with(0, change);
        sim.run(100);
        assert_eq!((sim.burst.surge_count, sim.status().pools.len(), sim.metrics().phase), (0, 0, "idle"));
    }
}

#[test]
fn the_end_of_time_doesnt_overflow() {
    let start_us = (1 << 53) - 200 * SECOND_US;
    let mut sim = Sim::starting_at(start_us, 1, |config| {
        (config.hold_us, config.shrink_us, config.cooldown_us) =
            ((1 << 53) - 1, (1 << 53) - 1, (1 << 53) - 1);
    });
    sim.run(100);
    sim.rates(30);
    sim.run(1);
    assert_eq!(sim.burst.surge_count, 1);
    sim.burst.disable(sim.world.now_us);
    sim.step((1 << 53) - 1);
    assert!(sim.burst.next_deadline_us().is_some_and(|due_us| due_us > sim.world.now_us));
    sim.metrics();
}

#[test]
fn the_total_of_surges_stays_a_number_of_javascript() {
    let mut sim = Sim::settled(2, alone);
    sim.rates(30);
    sim.run(1);
    assert_eq!(sim.burst.surge_count, 2);
    // Nobody steps before time ends: each of the two lasts nearly as long as time.
    sim.step((1 << 53) - 1);
    sim.step((1 << 53) - 1);
    let status = sim.status();
    assert!(status.last_surge_us > 1 << 52);
    assert_eq!(status.total_surge_us, (1 << 53) - 1);
}

#[test]
fn a_step_before_the_deadline_does_nothing() {
    let mut sim = Sim::settled(2, unchanged);
    sim.arrive(0, 1000);
    for ahead_us in [0, 1, SECOND_US - 1] {
        sim.step(100 * SECOND_US + ahead_us);
        assert_eq!((sim.burst.surge_count, sim.burst.next_deadline_us()), (0, Some(101 * SECOND_US)));
    }
    sim.step(101 * SECOND_US);
    assert_eq!(sim.burst.surge_count, 1);
}

#[derive(Debug, Clone)]
enum Act {
    /// Step at the next deadline.
    Follow,
    Sleep(u64),
    Arrive(usize, u32),
    Enable,
    Disable,
    Keep(u32),
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let act = prop_oneof![
        12 => Just(Act::Follow),
        4 => (0_u64..3 * SECOND_US).prop_map(Act::Sleep),
        1 => (0_u64..700 * SECOND_US).prop_map(Act::Sleep),
        6 => (0_usize..3, 0_u32..200).prop_map(|(pool, count)| Act::Arrive(pool, count)),
        2 => Just(Act::Enable),
        1 => Just(Act::Disable),
        1 => (0_u32..3).prop_map(Act::Keep),
    ];
    prop::collection::vec(act, 1..300)
}

fn duration() -> impl Strategy<Value = u64> {
    prop_oneof![Just(0), Just(1), 0_u64..10, 0_u64..5 * SECOND_US, 0_u64..200 * SECOND_US]
}

proptest! {
    /// Whatever happens: after a step the next deadline lies ahead, the cached one is the true one, each unit
    /// added and retired the same, and following the deadlines ends every surge.
    #[test]
    fn deadlines_progress_and_end_every_surge(
        acts in acts(),
        (hold_us, shrink_us, cooldown_us) in (duration(), duration(), duration()),
        surge_workers in 1_u32..9,
        by_pool in any::<bool>(),
    ) {
        let mut sim = Sim::with(3, |config| {
            (config.hold_us, config.shrink_us, config.cooldown_us) = (hold_us, shrink_us, cooldown_us);
            (config.surge_workers, config.baseline_samples, config.window_samples) = (surge_workers, 3, 2);
            if by_pool { alone(config) }
        });
        for act in acts {
            let now_us = sim.world.now_us;
            match act {
                Act::Follow => sim.step(sim.burst.next_deadline_us().unwrap().max(now_us + 1)),
                Act::Sleep(slept_us) => sim.step(now_us + slept_us),
                Act::Arrive(pool, count) => sim.arrive(pool, count),
                Act::Enable => sim.burst.enable(now_us),
                Act::Disable => sim.burst.disable(now_us),
                Act::Keep(count) => sim.world.pools[0].keep = count,
            }
            let soonest = sim.burst.units.iter().filter_map(|unit| unit.timeline.next_us()).min();
            prop_assert_eq!(sim.burst.timelines_us, soonest);
            if matches!(act, Act::Follow | Act::Sleep(_)) {
                prop_assert!(sim.burst.next_deadline_us().unwrap() > sim.world.now_us);
            }
            for unit in &sim.burst.units {
                for pool in unit.pools() {
                    let pool = &sim.world.pools[pool.index()];
                    prop_assert_eq!(pool.surging, unit.timeline.is_surging());
                    prop_assert!(pool.surging || pool.demand.surge_workers == 0);
                }
            }
        }
        sim.burst.disable(sim.world.now_us);
        sim.step_to(sim.world.now_us + shrink_us + 2);
        prop_assert!(!sim.status().in_surge);
        let retired: u64 = sim.world.retired.iter().map(|retired| u64::from(retired.count)).sum();
        prop_assert_eq!(retired, sim.burst.workers_added);
        prop_assert!(sim.world.retired.iter().all(|retired| retired.count > 0));
        let count = |kind| sim.world.effects.iter().filter(|effect| effect.kind == kind).count() as u64;
        prop_assert_eq!(count(EffectKind::SurgeStarted), sim.burst.surge_count);
        prop_assert_eq!(count(EffectKind::SurgeEnded), sim.burst.surge_count);
    }
}
