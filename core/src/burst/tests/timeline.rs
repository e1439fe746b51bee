//! The timeline of a surge.

use super::*;

const T0: u64 = 101 * SECOND_US;

fn seconds(left: &[(u64, u32)]) -> Vec<(u64, u32)> {
    left.iter().map(|(at_us, count)| (at_us / SECOND_US, *count)).collect()
}

#[test]
fn golden_instants() {
    let mut sim = Sim::surging(3, unchanged);
    assert_eq!(sim.kinds(), [(101, EffectKind::SurgeStarted, Reason::Burst, None, 15)]);
    assert!(sim.world.effects[0].surge);
    assert!(sim.world.pools.iter().all(|pool| pool.surging && pool.demand.surge_workers == 5));
    sim.step_to(T0 + 420 * SECOND_US - 1);
    assert!(sim.world.pools.iter().all(|pool| pool.surging && pool.demand.surge_workers == 1));
    sim.step_to(T0 + 420 * SECOND_US);
    for pool in 0..3 {
        let expected = [324, 348, 372, 396, 420].map(|at_s| (at_s * SECOND_US, 1));
        assert_eq!(sim.left(pool, T0), expected);
    }
    assert!(sim.world.retired.iter().all(|retired| retired.reason == Reason::SurgeOver));
    assert_eq!(sim.kinds()[1..], [(521, EffectKind::SurgeEnded, Reason::SurgeOver, None, 0)]);
    assert!(sim.world.pools.iter().all(|pool| !pool.surging && pool.demand.surge_workers == 0));
    assert_eq!((sim.burst.total_surge_us, sim.burst.last_surge_us), (420 * SECOND_US, 420 * SECOND_US));
}

#[test]
fn the_next_surge_is_possible_at_450_s_and_not_before() {
    let mut sim = Sim::surging(1, unchanged);
    sim.rates(200);
    sim.run(449);
    assert_eq!((sim.seconds(), sim.burst.surge_count), (101 + 449, 1));
    sim.run(1);
    assert_eq!((sim.seconds(), sim.burst.surge_count), (101 + 450, 2));
    let last = sim.world.effects.last().unwrap();
    assert_eq!((last.kind, last.at_us), (EffectKind::SurgeStarted, T0 + 450 * SECOND_US));
    // The second surge has the same timeline.
    sim.rates(1);
    sim.world.retired.clear();
    sim.step_to(T0 + 900 * SECOND_US);
    let expected = [(324, 1), (348, 1), (372, 1), (396, 1), (420, 1)];
    assert_eq!(seconds(&sim.left(0, T0 + 450 * SECOND_US)), expected);
}

#[test]
fn any_count_leaves_on_time() {
    // The k-th of 7 leaves at 300 + 120·k/7 s, rounded up to the microsecond.
    let mut sim = Sim::surging(1, |config| config.surge_workers = 7);
    sim.step_to(T0 + 420 * SECOND_US);
    let expected: Vec<_> =
        (1..=7).map(|k: u64| (300 * SECOND_US + (120 * SECOND_US * k).div_ceil(7), 1)).collect();
    assert_eq!(sim.left(0, T0), expected);
}

#[test]
fn pools_with_different_counts_leave_each_at_their_own_pace() {
    let mut sim = Sim::settled(3, unchanged);
    sim.world.pools[1].surge_max_workers = 12;
    sim.world.pools[2].surge_max_workers = 10;
    sim.rates(30);
    sim.run(1);
    sim.rates(1);
    assert_eq!(sim.kinds(), [(101, EffectKind::SurgeStarted, Reason::Burst, None, 7)]);
    sim.step_to(T0 + 420 * SECOND_US);
    assert_eq!(seconds(&sim.left(0, T0)), [(324, 1), (348, 1), (372, 1), (396, 1), (420, 1)]);
    assert_eq!(seconds(&sim.left(1, T0)), [(360, 1), (420, 1)]);
    assert_eq!(sim.left(2, T0), []);
    assert_eq!(sim.status().total_surge_cost, 14.0);
}

#[test]
fn a_full_pool_starts_nothing() {
    let mut sim = Sim::settled(1, unchanged);
    sim.world.pools[0].surge_max_workers = 10;
    sim.rates(30);
    sim.run(5);
    assert_eq!((sim.burst.surge_count, sim.kinds().len()), (0, 0));
    assert!(!sim.world.pools[0].surging);
    sim.world.pools[0].surge_max_workers = 11;
    sim.run(1);
    assert_eq!((sim.burst.surge_count, sim.burst.workers_added), (1, 1));
}

#[test]
fn pools_alone_have_timelines_of_their_own() {
    let mut sim = Sim::settled(2, alone);
    sim.second_with(30);
    assert_eq!(sim.kinds(), [(101, EffectKind::SurgeStarted, Reason::Burst, Some(0), 5)]);
    assert_eq!((sim.world.pools[0].surging, sim.world.pools[1].surging), (true, false));
    sim.run(99);
    sim.world.pools[1].rate = 30;
    sim.run(1);
    sim.world.pools[1].rate = 1;
    assert_eq!(sim.kinds()[1], (201, EffectKind::SurgeStarted, Reason::Burst, Some(1), 5));
    sim.run(600);
    let expected = [(324, 1), (348, 1), (372, 1), (396, 1), (420, 1)];
    assert_eq!(seconds(&sim.left(0, T0)), expected);
    assert_eq!(seconds(&sim.left(1, T0 + 100 * SECOND_US)), expected);
    let ended: Vec<_> = sim.kinds()[2..].iter().map(|ended| (ended.0, ended.3)).collect();
    assert_eq!(ended, [(521, Some(0)), (621, Some(1))]);
}

#[test]
fn missed_steps_are_made_up_by_one_call_a_pool() {
    let mut sim = Sim::surging(3, unchanged);
    // Two are due at 350 s.
    sim.step(T0 + 350 * SECOND_US);
    for pool in 0..3 {
        assert_eq!(seconds(&sim.left(pool, T0)), [(350, 2)]);
    }
    // The others keep their time.
    sim.step(T0 + 372 * SECOND_US);
    sim.step(T0 + 371 * SECOND_US + 365 * 86_400 * SECOND_US);
    assert_eq!(sim.world.retired.len(), 9);
    assert_eq!(sim.world.retired[6].count, 2);
    assert_eq!(sim.kinds().len(), 2);
}

#[test]
fn one_step_after_a_year_ends_the_surge() {
    let year_us = 365 * 86_400 * SECOND_US;
    let mut sim = Sim::surging(3, unchanged);
    sim.step(T0 + year_us);
    assert_eq!(sim.world.retired.len(), 3);
    assert!(sim.world.retired.iter().all(|retired| retired.count == 5));
    assert_eq!(sim.kinds().len(), 2);
    assert_eq!(sim.burst.last_surge_us, year_us);
    assert_eq!(sim.burst.next_deadline_us(), Some(T0 + year_us + SECOND_US));
    assert_eq!(sim.metrics().phase, "idle");
}

#[test]
fn disabling_during_the_hold_shrinks_from_then() {
    let mut sim = Sim::surging(1, unchanged);
    sim.run(9);
    sim.step(T0 + 10 * SECOND_US + 7);
    sim.burst.disable(T0 + 10 * SECOND_US + 7);
    sim.burst.disable(T0 + 10 * SECOND_US + 9);
    assert_eq!(sim.burst.next_deadline_us(), Some(T0 + 10 * SECOND_US + 7));
    sim.step_to(T0 + 160 * SECOND_US);
    let expected = [34, 58, 82, 106, 130].map(|at_s| (at_s * SECOND_US + 7, 1));
    assert_eq!(sim.left(0, T0), expected);
    assert!(sim.world.retired.iter().all(|retired| retired.reason == Reason::SurgeDisabled));
    assert_eq!(sim.kinds()[1].2, Reason::SurgeDisabled);
    assert_eq!(sim.burst.last_surge_us, 130 * SECOND_US + 7);
    // Disabled: nothing starts, however high the load.
    sim.step_to(T0 + 180 * SECOND_US);
    sim.rates(100);
    sim.run(30);
    assert_eq!(sim.burst.surge_count, 1);
    sim.burst.enable(sim.world.now_us);
    sim.run(1);
    assert_eq!(sim.burst.surge_count, 2);
}

#[test]
fn enabling_again_resumes_the_hold() {
    let mut sim = Sim::surging(1, unchanged);
    sim.run(10);
    sim.burst.disable(T0 + 10 * SECOND_US);
    sim.run(50);
    assert_eq!(seconds(&sim.left(0, T0)), [(34, 1), (58, 1)]);
    assert_eq!(sim.metrics().phase, "shrink");
    sim.burst.enable(T0 + 60 * SECOND_US);
    assert_eq!(sim.metrics().phase, "hold");
    assert_eq!(sim.metrics().surge_time_remaining_us, 360 * SECOND_US);
    sim.run(400);
    // The three that are left share the 120 s.
    assert_eq!(seconds(&sim.left(0, T0))[2..], [(340, 1), (380, 1), (420, 1)]);
    assert_eq!(sim.world.retired[2].reason, Reason::SurgeOver);
    assert_eq!(sim.kinds()[1], (521, EffectKind::SurgeEnded, Reason::SurgeOver, None, 0));
}

#[test]
fn enabling_before_the_shrink_began_undoes_the_disabling() {
    let mut sim = Sim::surging(1, unchanged);
    sim.run(10);
    sim.burst.disable(T0 + 10 * SECOND_US);
    sim.burst.enable(T0 + 10 * SECOND_US);
    sim.run(500);
    assert_eq!(seconds(&sim.left(0, T0)), [(324, 1), (348, 1), (372, 1), (396, 1), (420, 1)]);
}

#[test]
fn enabling_after_the_holds_time_changes_nothing() {
    let mut sim = Sim::surging(1, unchanged);
    sim.run(290);
    sim.burst.disable(T0 + 290 * SECOND_US);
    sim.run(10);
    sim.burst.enable(T0 + 300 * SECOND_US);
    sim.run(200);
    assert_eq!(seconds(&sim.left(0, T0)), [(314, 1), (338, 1), (362, 1), (386, 1), (410, 1)]);
    assert!(sim.world.retired.iter().all(|retired| retired.reason == Reason::SurgeDisabled));
}

#[test]
fn disabling_during_the_shrink_changes_nothing() {
    let mut sim = Sim::surging(1, unchanged);
    sim.run(330);
    sim.burst.disable(sim.world.now_us);
    sim.run(10);
    sim.burst.enable(sim.world.now_us);
    sim.run(90);
    assert_eq!(seconds(&sim.left(0, T0)), [(324, 1), (348, 1), (372, 1), (396, 1), (420, 1)]);
    assert!(sim.world.retired.iter().all(|retired| retired.reason == Reason::SurgeOver));
}

#[test]
fn the_cooldown_counts_from_an_early_end() {
    let mut sim = Sim::surging(1, unchanged);
    sim.run(10);
    sim.burst.disable(T0 + 10 * SECOND_US);
    sim.run(125);
    sim.burst.enable(T0 + 135 * SECOND_US);
    sim.rates(100);
    // Over at 130 s, free from 160 s.
    sim.run(24);
    assert_eq!(sim.burst.surge_count, 1);
    sim.run(1);
    assert_eq!(sim.burst.surge_count, 2);
}

#[test]
fn kept_workers_are_counted() {
    let mut sim = Sim::surging(2, unchanged);
    sim.world.pools[0].keep = 2;
    sim.world.pools[1].keep = 1;
    sim.run(450);
    assert_eq!((sim.burst.workers_kept, sim.status().kept_workers), (3, 3));
    assert_eq!(sim.world.pools[0].demand.workers, 12);
    assert_eq!(sim.status().total_surge_cost, 20.0);
}

#[test]
fn no_hold_shrinks_at_once() {
    let mut sim = Sim::surging(1, |config| config.hold_us = 0);
    assert_eq!(sim.metrics().phase, "shrink");
    assert_eq!(sim.burst.next_deadline_us(), Some(T0 + SECOND_US));
    sim.run(130);
    assert_eq!(seconds(&sim.left(0, T0)), [(24, 1), (48, 1), (72, 1), (96, 1), (120, 1)]);
}

#[test]
fn no_shrink_leaves_together() {
    let mut sim = Sim::surging(1, |config| config.shrink_us = 0);
    sim.run(310);
    assert_eq!(seconds(&sim.left(0, T0)), [(300, 5)]);
    assert_eq!(sim.burst.last_surge_us, 300 * SECOND_US);
}

#[test]
fn a_surge_of_no_length_ends_in_its_own_step() {
    let mut sim = Sim::surging(2, |config| {
        (config.hold_us, config.shrink_us, config.cooldown_us) = (0, 0, 0);
    });
    let kinds: Vec<_> = sim.kinds().iter().map(|kind| (kind.0, kind.1)).collect();
    assert_eq!(kinds, [(101, EffectKind::SurgeStarted), (101, EffectKind::SurgeEnded)]);
    assert_eq!(sim.burst.next_deadline_us(), Some(T0 + SECOND_US));
    assert!(sim.world.pools.iter().all(|pool| !pool.surging && pool.demand.surge_workers == 0));
    // At most one a sample.
    sim.rates(100);
    sim.run(10);
    assert_eq!(sim.burst.surge_count, 11);
}
