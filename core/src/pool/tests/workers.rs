//! Workers come and go: failure, start, surge, migration, scaling by hand.

use super::*;

#[test]
fn failed_workers_are_replaced() {
    let mut world = World::pool(r#""initial_workers": 2, "max_waiting": 1"#);
    let a = world.worker(0);
    let b = world.worker(0);
    let waiter = world.wait(1, SECOND_US).waiter.unwrap();
    world.pools.worker_failed(2, a, &mut world.effects).unwrap();
    let effects = world.drain();
    assert_eq!((effects[0].kind, effects[0].reason), (EffectKind::AddWorkers, Reason::WorkerFailed));
    assert_eq!((effects[1].kind, effects[1].waiter), (EffectKind::WaiterReady, Some(waiter)));
    let status = world.status(2);
    assert_eq!((status.failed_workers, status.failed_requests, status.current_workers), (1, 1, 2));
    assert!(world.pools.worker_failed(3, a, &mut world.effects).is_err());
    assert!(world.pools.checkin(3, a, Outcome::Ok, &mut world.effects).is_err());
    world.back(4, b);
    world.pools.worker_failed(5, b, &mut world.effects).unwrap();
    assert_eq!((world.counts().idle, world.counts().busy, world.counts().baseline), (1, 1, 2));
}

#[test]
fn a_dead_worker_that_was_to_leave_is_not_replaced() {
    let mut world = World::pool(r#""initial_workers": 3"#);
    let workers = [0; 3].map(|at| world.worker(at));
    let scaling = world.pools.scale_down(1, POOL, &mut world.effects).unwrap();
    assert_eq!((scaling.workers, scaling.scaled), (2, true));
    assert_eq!(world.counts().draining, 1);
    assert!(world.effects.is_empty(), "nobody is idle, nobody has to stop yet");
    world.pools.worker_failed(2, workers[0], &mut world.effects).unwrap();
    assert!(world.effects.is_empty());
    assert_eq!((world.counts().draining, world.counts().busy, world.counts().baseline), (0, 2, 2));
}

#[test]
fn scaling_by_hand_keeps_the_bounds_and_drains_busy_workers() {
    let mut world = World::pool(r#""initial_workers": 2, "min_workers": 1, "max_workers": 3"#);
    assert_eq!(world.pools.scale_up(0, POOL, &mut world.effects).unwrap().workers, 3);
    let full = world.pools.scale_up(0, POOL, &mut world.effects).unwrap();
    assert_eq!((full.workers, full.scaled, full.reason), (3, false, Reason::MaxWorkersReached));
    let workers = [0; 3].map(|at| world.worker(at));
    world.drain();
    for left in [2, 1] {
        assert_eq!(world.pools.scale_down(1, POOL, &mut world.effects).unwrap().workers, left);
    }
    let least = world.pools.scale_down(1, POOL, &mut world.effects).unwrap();
    assert_eq!((least.workers, least.scaled, least.reason), (1, false, Reason::MinWorkersReached));
    assert_eq!(world.back(2, workers[0]), CheckinOutcome::Left);
    // One that was still to leave stays instead of a new one being started.
    world.drain();
    assert_eq!(world.pools.scale_up(3, POOL, &mut world.effects).unwrap().workers, 2);
    assert!(world.effects.is_empty());
    assert_eq!(world.back(4, workers[1]), CheckinOutcome::Idle);
    assert_eq!(world.back(4, workers[2]), CheckinOutcome::Idle);
    assert_eq!(world.counts(), PoolCounts { idle: 2, baseline: 2, ..PoolCounts::default() });
}

#[test]
fn confirmed_workers_count_when_they_are_ready() {
    let mut world = World::new(
        r#"{"worker_start": "confirmed", "pools": {"p": {"initial_workers": 2, "max_waiting": 5}}}"#,
    );
    assert_eq!(world.counts().idle, 2);
    world.pools.scale_up(0, POOL, &mut world.effects).unwrap();
    let ordered = world.drain()[0].workers.as_slice()[0];
    assert_eq!((world.counts().starting, world.status(0).current_workers), (1, 2));
    assert!(world.pools.checkin(1, ordered, Outcome::Ok, &mut world.effects).is_err());
    world.pools.worker_ready(2 * SECOND_US, ordered, &mut world.effects).unwrap();
    assert_eq!((world.counts().starting, world.status(0).current_workers), (0, 3));
    assert!(world.pools.worker_ready(3, ordered, &mut world.effects).is_err());
    // One that never gets ready is ordered again.
    world.pools.scale_up(10 * SECOND_US, POOL, &mut world.effects).unwrap();
    let lost = world.drain()[0].workers.as_slice()[0];
    world.pools.expire(70 * SECOND_US, &mut world.effects);
    let effects = world.drain();
    let seen: Vec<_> = effects.iter().map(|e| (e.kind, e.reason)).collect();
    assert_eq!(
        seen,
        [(EffectKind::RemoveWorkers, Reason::StartTimeout), (EffectKind::AddWorkers, Reason::StartTimeout)]
    );
    assert_eq!(effects[0].workers.as_slice(), [lost]);
    assert!(world.pools.worker_ready(71 * SECOND_US, lost, &mut world.effects).is_err());
    assert_eq!((world.counts().starting, world.counts().baseline), (1, 4));
    // Scaling down takes the one that isn't there yet.
    world.pools.scale_down(72 * SECOND_US, POOL, &mut world.effects).unwrap();
    assert_eq!((world.counts().starting, world.counts().idle), (0, 3));
}

#[test]
fn a_worker_that_fails_to_start_is_ordered_again() {
    let mut world = World::new(r#"{"worker_start": "confirmed", "pools": {"p": {"initial_workers": 2}}}"#);
    world.pools.scale_up(0, POOL, &mut world.effects).unwrap();
    let lost = world.drain()[0].workers.as_slice()[0];
    world.pools.worker_failed(SECOND_US, lost, &mut world.effects).unwrap();
    let again = world.drain();
    assert_eq!(
        (again.len(), again[0].kind, again[0].reason),
        (1, EffectKind::AddWorkers, Reason::WorkerFailed)
    );
    let fresh = again[0].workers.as_slice()[0];
    assert_ne!(fresh, lost);
    assert_eq!((world.counts().starting, world.counts().baseline, world.status(0).failed_workers), (1, 3, 1));
    assert_eq!(world.pools.next_deadline_us(), Some(5 * SECOND_US));
    assert!(world.pools.worker_ready(2 * SECOND_US, lost, &mut world.effects).is_err());
    world.pools.worker_ready(2 * SECOND_US, fresh, &mut world.effects).unwrap();
    assert_eq!((world.counts().idle, world.status(0).failed_requests), (3, 0));
}

#[test]
fn surge_workers_leave_or_are_kept() {
    let mut world = World::pool(r#""initial_workers": 10, "max_workers": 12, "surge_max_workers": 14"#);
    assert_eq!(world.pools.add_surge(0, POOL, 5, &mut world.effects), 4, "never above the surge maximum");
    assert_eq!((world.counts().surge, world.status(0).current_workers), (4, 14));
    let full = world.pools.scale_up(0, POOL, &mut world.effects).unwrap();
    assert_eq!(full.reason, Reason::MaxWorkersReached);
    world.pools.set_surging(POOL, true);
    // Idle all through: the scaler doesn't shrink the baseline while the surge is on.
    assert_eq!(world.scalings(0, 100 * SECOND_US).len(), 1);
    world.drain();
    let kept = world.pools.retire_surge(100 * SECOND_US, POOL, 1, Reason::SurgeOver, &mut world.effects);
    assert_eq!(kept, 0);
    let effects = world.drain();
    assert_eq!((effects[0].kind, effects[0].surge), (EffectKind::RemoveWorkers, true));
    // All busy: the scaler wants everybody, and the baseline may grow by two.
    for _ in 0..13 {
        world.worker(100 * SECOND_US);
    }
    world.pools.set_surging(POOL, false);
    world.evaluate(105 * SECOND_US);
    let before = world.counts();
    let kept = world.pools.retire_surge(105 * SECOND_US, POOL, 3, Reason::SurgeOver, &mut world.effects);
    let after = world.counts();
    assert_eq!(kept, 12 - before.baseline);
    assert_eq!((after.baseline, after.surge), (12, 0));
    assert_eq!(after.draining, 3 - kept);
    assert_eq!(world.drain()[0].kind, EffectKind::SurgeWorkersKept);
}

#[test]
fn surge_time_is_metered_until_each_worker_left() {
    let mut world = World::pool(r#""initial_workers": 2, "min_workers": 2"#);
    world.pools.add_surge(0, POOL, 5, &mut world.effects);
    let workers: Vec<_> = (0..7).map(|_| world.worker(0)).collect();
    world.pools.retire_surge(300 * SECOND_US, POOL, 5, Reason::SurgeOver, &mut world.effects);
    assert_eq!(world.counts().draining, 5);
    let now_us = 310 * SECOND_US;
    let left = workers.into_iter().filter(|worker| world.back(now_us, *worker) == CheckinOutcome::Left);
    assert_eq!(left.count(), 5);
    assert_eq!(world.pools.surge_worker_us(400 * SECOND_US), u128::from(5 * now_us));
}

#[test]
fn a_migrated_worker_serves_the_other_pools_line() {
    let mut world = World::new(
        r#"{"pools": {"a": {"initial_workers": 4}, "b": {"initial_workers": 2, "max_waiting": 3}}}"#,
    );
    let b = PoolId::new(1);
    for _ in 0..2 {
        world.pools.checkout(0, b, None, 0, &mut world.effects).unwrap();
    }
    world.pools.checkout(0, b, Some(SECOND_US), 5, &mut world.effects).unwrap();
    let moved = world.pools.migrate(1, POOL, b, &mut world.effects).unwrap();
    let kinds: Vec<_> = world.drain().iter().map(|effect| effect.kind).collect();
    assert_eq!(kinds, [EffectKind::MigrateWorkers, EffectKind::WaiterReady]);
    assert_eq!(world.pools.take_notice(), Some(Notice { tag: 5, worker: Some(moved) }));
    assert_eq!((world.counts().baseline, world.pools.counts(b).unwrap().baseline), (3, 3));
    assert_eq!(world.pools.occupancy(b), (3, 3));
}

#[test]
fn a_surge_worker_that_is_still_starting_leaves_before_it_starts() {
    let mut world = World::new(r#"{"worker_start": "confirmed", "pools": {"p": {"initial_workers": 2}}}"#);
    world.pools.add_surge(0, POOL, 1, &mut world.effects);
    let surge = world.drain()[0].workers.clone();
    // A baseline worker was ordered after it, and isn't there yet either.
    world.pools.scale_up(1, POOL, &mut world.effects).unwrap();
    let baseline = world.drain()[0].workers.clone();
    world.pools.retire_surge(2, POOL, 1, Reason::SurgeOver, &mut world.effects);
    assert_eq!(
        world.drain().iter().map(|e| (e.kind, &e.workers)).collect::<Vec<_>>(),
        [(EffectKind::RemoveWorkers, &surge)]
    );
    assert_eq!(world.counts(), PoolCounts { idle: 2, starting: 1, baseline: 3, ..PoolCounts::default() });
    // And the other way round.
    world.pools.add_surge(3, POOL, 1, &mut world.effects);
    world.drain();
    world.pools.scale_down(4, POOL, &mut world.effects).unwrap();
    assert_eq!(world.drain()[0].workers, baseline);
    assert_eq!((world.counts().starting, world.counts().surge, world.counts().draining), (1, 1, 0));
}

#[test]
fn busy_surge_workers_are_kept_and_idle_ones_leave() {
    let mut world = World::pool(r#""initial_workers": 2, "strategy": "fifo""#);
    world.pools.add_surge(0, POOL, 2, &mut world.effects);
    let surge = world.drain()[0].workers.clone();
    // Longest idle first: the baseline, then the surge. The second surge worker stays out.
    let mut out: Vec<_> = (0..4).map(|_| world.worker(0)).collect();
    assert_eq!(out[2..], *surge.as_slice());
    for place in [2, 0] {
        world.back(0, out.remove(place));
    }
    // Two busy are 3 workers' work at 0.80: one of four may leave.
    assert!(world.evaluate(5 * SECOND_US).is_empty());
    let kept = world.pools.retire_surge(5 * SECOND_US, POOL, 2, Reason::SurgeOver, &mut world.effects);
    assert_eq!(kept, 1);
    let effects = world.drain();
    assert_eq!((effects[0].kind, effects[0].workers.as_slice()), (EffectKind::SurgeWorkersKept, &out[1..]));
    assert_eq!(
        (effects[1].kind, effects[1].workers.as_slice()),
        (EffectKind::RemoveWorkers, &surge.as_slice()[..1])
    );
    assert_eq!((world.counts().draining, world.counts().surge), (0, 0));
}
