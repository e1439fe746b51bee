//! Each behaviour of the pools by itself.

#![allow(clippy::float_cmp)] // the figures are exact

use alloc::format;
use alloc::vec::Vec;

use super::*;
use crate::Outcome;
use crate::effect::{Effect, EffectKind};
use crate::time::SECOND_US;

const POOL: PoolId = PoolId::new(0);
const MS: u64 = 1_000;

/// Pools made from a configuration in JSON, and the effects they queued.
struct World {
    pools: Pools,
    effects: EffectQueue,
}

impl World {
    fn new(config: &str) -> Self {
        let config = Config::from_json(config).unwrap();
        Self { pools: Pools::new(&config, 0), effects: EffectQueue::new(1 << 16) }
    }

    /// One pool `p` with these fields.
    fn pool(fields: &str) -> Self {
        Self::new(&format!(r#"{{"pools": {{"p": {{{fields}}}}}}}"#))
    }

    /// One pool `p` with these fields, and these of the scaler.
    fn scaled(fields: &str, scaler: &str) -> Self {
        Self::new(&format!(r#"{{"pools": {{"p": {{{fields}}}}}, "scaler": {{{scaler}}}}}"#))
    }

    fn out(&mut self, now_us: u64) -> Checkout {
        self.pools.checkout(now_us, POOL, None, 0, &mut self.effects).unwrap()
    }

    fn worker(&mut self, now_us: u64) -> WorkerId {
        self.out(now_us).worker.unwrap()
    }

    fn wait(&mut self, now_us: u64, until_us: u64) -> Checkout {
        self.pools.checkout(now_us, POOL, Some(until_us), 0, &mut self.effects).unwrap()
    }

    fn back(&mut self, now_us: u64, worker: WorkerId) -> CheckinOutcome {
        self.pools.checkin(now_us, worker, Outcome::Ok, &mut self.effects).unwrap().outcome
    }

    fn evaluate(&mut self, now_us: u64) -> Vec<Effect> {
        self.pools.evaluate(now_us, &mut self.effects);
        self.drain()
    }

    fn drain(&mut self) -> Vec<Effect> {
        core::iter::from_fn(|| self.effects.pop()).collect()
    }

    fn counts(&self) -> PoolCounts {
        self.pools.counts(POOL).unwrap()
    }

    fn status(&self, now_us: u64) -> PoolStatus {
        self.pools.status(now_us, POOL, "p").unwrap()
    }

    /// Evaluates every 5 s up to `until_us` and answers when, why and by how much the pool was scaled.
    fn scalings(&mut self, from_us: u64, until_us: u64) -> Vec<(u64, i64, Reason)> {
        let mut found = Vec::new();
        let mut now_us = from_us;
        while now_us < until_us {
            now_us += 5 * SECOND_US;
            for effect in self.evaluate(now_us) {
                let sign = if effect.kind == EffectKind::AddWorkers { 1 } else { -1 };
                found.push((now_us / SECOND_US, sign * i64::from(effect.count), effect.reason));
            }
        }
        found
    }
}

#[test]
fn lifo_hands_out_the_most_recently_returned() {
    let mut world = World::pool(r#""initial_workers": 3"#);
    let [a, b, c] = [0, 1, 2].map(|at| world.worker(at));
    for worker in [b, c, a] {
        assert_eq!(world.back(5, worker), CheckinOutcome::Idle);
    }
    assert_eq!([6, 7, 8].map(|at| world.worker(at)), [a, c, b]);
}

#[test]
fn fifo_hands_out_the_longest_idle() {
    let mut world = World::pool(r#""initial_workers": 3, "strategy": "fifo""#);
    let [a, b, c] = [0, 1, 2].map(|at| world.worker(at));
    for worker in [b, c, a] {
        world.back(5, worker);
    }
    assert_eq!([6, 7, 8].map(|at| world.worker(at)), [b, c, a]);
}

#[test]
fn a_pool_without_a_line_refuses_at_once() {
    let mut world = World::pool(r#""initial_workers": 2"#);
    let a = world.worker(0);
    world.worker(0);
    world.back(40 * MS, a);
    world.worker(40 * MS);
    let refused = world.out(50 * MS);
    assert_eq!((refused.reason, refused.load, refused.limit), (Reason::Busy, 2, 2));
    // A mean service of 40 ms, shared by two busy workers.
    assert_eq!(refused.retry_after_us, 20 * MS);
    assert_eq!(world.wait(50 * MS, SECOND_US).reason, Reason::Busy);
}

#[test]
fn a_closed_pool_refuses_and_its_workers_come_back() {
    let mut world = World::pool(r#""initial_workers": 2"#);
    let a = world.worker(0);
    let topology = world.pools.topology();
    world.pools.set_open(POOL, false).unwrap();
    assert_ne!(world.pools.topology(), topology);
    assert_eq!(world.out(1).reason, Reason::PoolClosed);
    assert_eq!(world.back(2, a), CheckinOutcome::Idle);
    world.pools.set_open(POOL, true).unwrap();
    assert!(world.out(3).worker.is_some());
    assert!(world.pools.set_open(PoolId::new(1), true).is_err());
}

#[test]
fn stale_doubled_and_invented_workers_change_nothing() {
    let mut world = World::pool(r#""initial_workers": 2"#);
    let a = world.worker(0);
    world.back(1, a);
    let before = world.status(2);
    for worker in [a, WorkerId::from_raw(0), WorkerId::from_raw(u64::MAX), WorkerId::from_raw(1 << 24)] {
        let answer = world.pools.checkin(2, worker, Outcome::Ok, &mut world.effects);
        assert_eq!(answer, Err(Error::UnknownWorker { worker: worker.get() }));
    }
    assert_eq!(world.status(2), before);
    assert!(world.effects.is_empty());
}

#[test]
fn overflow_workers_leave_at_checkin_unless_somebody_waits() {
    let mut world = World::pool(r#""initial_workers": 2, "max_overflow": 1, "max_waiting": 1"#);
    let (a, b) = (world.worker(0), world.worker(0));
    let extra = world.out(0);
    assert!(extra.overflow);
    assert_eq!((extra.reason, extra.limit, extra.load), (Reason::Overflow, 1, 1));
    let status = world.status(0);
    assert_eq!((status.current_workers, status.overflow_workers), (2, 1));
    assert!((status.utilization - 1.0).abs() < f64::EPSILON);
    assert_eq!(
        world.drain().iter().map(|e| (e.kind, e.reason)).collect::<Vec<_>>(),
        [(EffectKind::AddWorkers, Reason::Overflow)]
    );
    let waiter = world.wait(1, SECOND_US).waiter.unwrap();
    let extra = extra.worker.unwrap();
    assert_eq!(world.back(2, extra), CheckinOutcome::Served);
    let ready = world.drain();
    assert_eq!((ready[0].kind, ready[0].waiter), (EffectKind::WaiterReady, Some(waiter)));
    assert_eq!(ready[0].workers.as_slice(), [extra]);
    assert_eq!(world.back(3, extra), CheckinOutcome::Left);
    assert_eq!(world.drain()[0].reason, Reason::OverflowOver);
    assert_eq!(world.counts().overflow, 0);
    // With one of two back and no overflow out, one of two is busy.
    world.back(4, a);
    assert!((world.status(4).utilization - 0.5).abs() < f64::EPSILON);
    world.back(5, b);
}

#[test]
fn an_overflow_worker_lingers_for_its_time_to_live() {
    let mut world = World::pool(r#""initial_workers": 2, "max_overflow": 2, "overflow_ttl_us": 1000"#);
    world.worker(0);
    world.worker(0);
    let extra = world.worker(0);
    assert_eq!(world.back(10, extra), CheckinOutcome::Lingering);
    assert_eq!(world.pools.next_deadline_us(), Some(1010));
    assert_eq!(world.worker(500), extra);
    assert_eq!(world.back(600, extra), CheckinOutcome::Lingering);
    world.drain();
    world.pools.expire(1599, &mut world.effects);
    assert!(world.effects.is_empty());
    world.pools.expire(1600, &mut world.effects);
    let effects = world.drain();
    assert_eq!((effects[0].kind, effects[0].workers.as_slice()), (EffectKind::RemoveWorkers, &[extra][..]));
    assert_eq!(world.counts().overflow, 0);
}

#[test]
fn a_line_serves_in_order_and_is_bounded() {
    let mut world = World::pool(r#""initial_workers": 2, "max_waiting": 2"#);
    let (a, b) = (world.worker(0), world.worker(0));
    let first = world.wait(1, SECOND_US).waiter.unwrap();
    let second = world.wait(2, SECOND_US).waiter.unwrap();
    let full = world.wait(3, SECOND_US);
    assert_eq!((full.reason, full.limit, full.load), (Reason::QueueFull, 2, 2));
    assert_eq!(world.wait(3, 3).reason, Reason::Busy, "a deadline that has come means no wait");
    assert_eq!(world.out(3).reason, Reason::Busy);
    assert_eq!(world.back(4, a), CheckinOutcome::Served);
    assert_eq!(world.back(5, b), CheckinOutcome::Served);
    let served: Vec<_> = world.drain().iter().map(|effect| effect.waiter.unwrap()).collect();
    assert_eq!(served, [first, second]);
    let gone = world.pools.cancel_wait(6, first);
    assert_eq!(gone, Err(Error::UnknownWaiter { waiter: first.get() }));
}

#[test]
fn waiters_cancel_and_expire() {
    let mut world = World::pool(r#""initial_workers": 2, "max_waiting": 9"#);
    let (a, b) = (world.worker(0), world.worker(0));
    let late = world.wait(1, 500).waiter.unwrap();
    let early = world.wait(2, 100).waiter.unwrap();
    let gone = world.wait(3, 50).waiter.unwrap();
    assert_eq!(world.pools.cancel_wait(4, gone), Ok(0));
    assert_eq!(world.pools.next_deadline_us(), Some(100));
    world.pools.expire(100, &mut world.effects);
    let effects = world.drain();
    assert_eq!(
        (effects.len(), effects[0].kind, effects[0].waiter),
        (1, EffectKind::WaiterExpired, Some(early))
    );
    // A worker that comes back exactly at the deadline still serves; a µs later it doesn't.
    let last = world.wait(110, 120).waiter.unwrap();
    assert_eq!(world.back(500, a), CheckinOutcome::Served);
    assert_eq!(world.drain()[0].waiter, Some(late));
    assert_eq!(world.back(501, b), CheckinOutcome::Idle);
    let effects = world.drain();
    assert_eq!((effects[0].kind, effects[0].waiter), (EffectKind::WaiterExpired, Some(last)));
    assert_eq!((world.counts().waiting, world.status(501).expired_waiters), (0, 2));
}

#[test]
fn an_overloaded_codel_line_serves_the_newest_and_drops_the_old() {
    let mut world = World::pool(r#""initial_workers": 2, "max_waiting": 99, "queue": "codel""#);
    let (a, b) = (world.worker(0), world.worker(0));
    let until = 10 * SECOND_US;
    let old = world.wait(0, until).waiter.unwrap();
    let older: Vec<_> = [10, 20].map(|at| world.wait(at * MS, until).waiter.unwrap()).into();
    // Not yet overloaded: first come, first served.
    assert_eq!(world.back(99 * MS, a), CheckinOutcome::Served);
    assert_eq!(world.drain()[0].waiter, Some(old));
    // Not empty for 100 ms: whoever is older than 5 ms leaves.
    let fresh = world.wait(98 * MS, until).waiter.unwrap();
    assert_eq!(world.pools.next_deadline_us(), Some(100 * MS));
    world.pools.expire(100 * MS, &mut world.effects);
    let dropped: Vec<_> = world.drain().iter().map(|e| (e.waiter.unwrap(), e.reason)).collect();
    assert_eq!(dropped, older.iter().map(|w| (*w, Reason::CodelDrop)).collect::<Vec<_>>());
    let newest = world.wait(101 * MS, until).waiter.unwrap();
    assert_eq!(world.back(102 * MS, b), CheckinOutcome::Served);
    assert_eq!(world.drain()[0].waiter, Some(newest), "newest first while overloaded");
    assert_eq!(world.pools.next_deadline_us(), Some(103 * MS));
    world.pools.expire(103 * MS, &mut world.effects);
    assert_eq!(world.drain()[0].waiter, Some(fresh));
    // Empty again: calm again.
    let calm = world.wait(104 * MS, until).waiter.unwrap();
    world.wait(150 * MS, until);
    let busy = world.pools.workers_of(POOL).unwrap()[0].worker;
    assert_eq!(world.back(150 * MS, busy), CheckinOutcome::Served);
    assert_eq!(world.drain()[0].waiter, Some(calm));
}

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
fn overload_is_marked_above_085_until_below_075() {
    let mut world = World::pool(r#""initial_workers": 20"#);
    let mut workers: Vec<_> = (0..17).map(|at| world.worker(at)).collect();
    assert!(!world.pools.is_overloaded(POOL), "17/20 is 0.85, not above");
    workers.push(world.worker(20));
    assert!(world.pools.is_overloaded(POOL));
    for left in [17, 16, 15] {
        world.back(30, workers.pop().unwrap());
        assert!(world.pools.is_overloaded(POOL), "{left}/20 isn't below 0.75");
    }
    world.back(40, workers.pop().unwrap());
    assert!(!world.pools.is_overloaded(POOL));
    // A new worker was never busy: its coming doesn't mark a pool that is at 9 of 10.
    let mut world = World::pool(r#""initial_workers": 11"#);
    for at in 0..9 {
        world.worker(at);
    }
    assert!(!world.pools.is_overloaded(POOL), "9/11 is 0.818");
    world.pools.scale_up(10, POOL, &mut world.effects).unwrap();
    assert!(!world.pools.is_overloaded(POOL));
}

#[test]
fn demand_above_080_adds_a_worker_each_evaluation() {
    let mut world = World::pool(r#""initial_workers": 10, "max_workers": 12"#);
    for _ in 0..9 {
        world.worker(0);
    }
    assert_eq!(world.pools.next_deadline_us(), Some(5 * SECOND_US));
    // 9 of 10 is above 0.80, 9 of 11 is 0.818, 9 of 12 is 0.75.
    let scalings = world.scalings(0, 50 * SECOND_US);
    assert_eq!(scalings, [(5, 1, Reason::DemandHigh), (10, 1, Reason::DemandHigh)]);
}

#[test]
fn demand_is_averaged_over_the_time_since_the_last_evaluation() {
    let mut world = World::pool(r#""initial_workers": 10"#);
    let workers: Vec<_> = (0..10).map(|_| world.worker(SECOND_US)).collect();
    for worker in workers {
        world.back(5 * SECOND_US - 1, worker);
    }
    // Four of five seconds at 1.0: just below 0.80.
    assert_eq!(world.evaluate(5 * SECOND_US).len(), 0);
    let workers: Vec<_> = (0..10).map(|_| world.worker(6 * SECOND_US - 1)).collect();
    assert_eq!(world.evaluate(10 * SECOND_US)[0].reason, Reason::DemandHigh);
    assert_eq!(workers.len(), 10);
}

#[test]
fn demand_at_070_for_a_minute_adds_up_to_two() {
    let mut world = World::scaled(r#""initial_workers": 10"#, r#""health": false"#);
    for _ in 0..8 {
        world.worker(0);
    }
    // 0.80 is not above 0.80; ceil(8 / 0.70) = 12: two are needed. At 12 demand is 0.667.
    assert_eq!(world.scalings(0, 200 * SECOND_US), [(60, 2, Reason::Proactive)]);
    let mut world = World::pool(r#""initial_workers": 10"#);
    for _ in 0..7 {
        world.worker(0);
    }
    // Exactly 0.70: none is needed, at least one is added.
    assert_eq!(world.scalings(0, 130 * SECOND_US), [(60, 1, Reason::Proactive)]);
}

#[test]
fn a_break_starts_the_proactive_minute_again() {
    let mut world = World::pool(r#""initial_workers": 10"#);
    let mut workers: Vec<_> = (0..7).map(|_| world.worker(0)).collect();
    assert_eq!(world.scalings(0, 50 * SECOND_US), []);
    world.back(50 * SECOND_US, workers.pop().unwrap());
    assert_eq!(world.scalings(50 * SECOND_US, 55 * SECOND_US), []);
    workers.push(world.worker(55 * SECOND_US));
    assert_eq!(world.scalings(55 * SECOND_US, 130 * SECOND_US), [(115, 1, Reason::Proactive)]);
}

#[test]
fn demand_below_050_removes_one_a_minute_down_to_the_minimum() {
    let mut world = World::pool(r#""initial_workers": 5, "min_workers": 2"#);
    world.worker(0);
    let removals = world.scalings(0, 300 * SECOND_US);
    assert_eq!(
        removals,
        [(5, -1, Reason::DemandLow), (65, -1, Reason::DemandLow), (125, -1, Reason::DemandLow)]
    );
    assert_eq!(world.counts().baseline, 2);
}

#[test]
fn one_worker_at_090_never_flaps() {
    let mut world = World::pool(r#""initial_workers": 2, "min_workers": 1"#);
    // 0.9 of one worker, which is 0.45 of two: low enough to remove one, were it not that one would be too few.
    let mut found = Vec::new();
    for second in 0..600 {
        let now_us = second * SECOND_US;
        let worker = world.worker(now_us);
        if second % 5 == 0 {
            found.extend(world.evaluate(now_us));
        }
        world.back(now_us + 900 * MS, worker);
    }
    assert_eq!(found, []);
    assert_eq!(world.counts().baseline, 2);
}

#[test]
fn ten_idle_minutes_start_a_planned_shrink() {
    let mut world = World::scaled(
        r#""initial_workers": 40, "max_workers": 40"#,
        r#""down_threshold": 0.1, "planned_threshold": 0.3"#,
    );
    for _ in 0..8 {
        world.worker(0);
    }
    // 8/40 is below 0.30 and above 0.10. A tenth each minute, down to ceil(8 / 0.70) = 12.
    let removals = world.scalings(0, 3000 * SECOND_US);
    let planned: Vec<_> = removals.iter().map(|(at, by, _)| (*at, *by)).collect();
    assert!(removals.iter().all(|(_, _, reason)| *reason == Reason::PlannedDown));
    assert_eq!(planned[..5], [(600, -4), (660, -3), (720, -3), (780, -3), (840, -2)]);
    assert_eq!(world.counts().baseline, 12);
}

#[test]
fn off_peak_only_plans_only_off_peak() {
    let scaler = r#""down_threshold": 0.0, "off_peak_only": true"#;
    let mut world = World::scaled(r#""initial_workers": 10"#, scaler);
    assert_eq!(world.scalings(0, 1000 * SECOND_US), []);
    world.pools.set_off_peak(true);
    let removals = world.scalings(1000 * SECOND_US, 1100 * SECOND_US);
    assert_eq!(removals, [(1005, -1, Reason::PlannedDown), (1065, -1, Reason::PlannedDown)]);
}

/// A pool at 6 of 10 whose requests fail.
fn failing(scaler: &str) -> World {
    let mut world = World::scaled(r#""initial_workers": 10"#, scaler);
    for second in 0..60 {
        let workers: Vec<_> = (0..6).map(|_| world.worker(second * SECOND_US)).collect();
        for worker in workers {
            let back = (second + 1) * SECOND_US;
            world.pools.checkin(back, worker, Outcome::Failed, &mut world.effects).unwrap();
        }
    }
    world
}

#[test]
fn an_unhealthy_pool_gets_a_worker_unless_errors_are_excused() {
    let mut world = failing("");
    assert_eq!(world.pools.health_check(60 * SECOND_US, POOL), Ok(HealthStatus::Degraded));
    assert_eq!(world.evaluate(60 * SECOND_US)[0].reason, Reason::Unhealthy);
    let mut world = failing(r#""health_on_errors": false"#);
    assert_eq!(world.evaluate(60 * SECOND_US), []);
    let mut world = failing(r#""health": false"#);
    assert_eq!(world.evaluate(60 * SECOND_US), []);
}

#[test]
fn an_unhealthy_pool_at_its_maximum_does_not_flap() {
    let mut world = World::pool(r#""initial_workers": 10, "max_workers": 10"#);
    for second in 0..120 {
        let now_us = second * SECOND_US;
        for _ in 0..2 {
            let worker = world.worker(now_us);
            world.pools.checkin(now_us + 1, worker, Outcome::Failed, &mut world.effects).unwrap();
        }
        if second % 5 == 0 && second > 10 {
            // Demand is far below 0.50, but a worker removed now would be added again at once.
            assert_eq!(world.evaluate(now_us), []);
        }
    }
}

#[test]
fn scalings_keep_their_least_distance() {
    let mut world = World::scaled(r#""initial_workers": 10"#, r#""min_interval_us": 60000000"#);
    for _ in 0..10 {
        world.worker(0);
    }
    let times: Vec<_> = world.scalings(0, 130 * SECOND_US).iter().map(|(at, _, _)| *at).collect();
    assert_eq!(times, [5, 65, 125]);
}

#[test]
fn proportional_mode_goes_up_at_once_and_down_after_five_minutes() {
    let mut world = World::scaled(r#""initial_workers": 10"#, r#""mode": "proportional""#);
    let mut workers: Vec<_> = (0..10).map(|_| world.worker(0)).collect();
    // ceil(10 / 0.70) = 15, and 0.667 lies within a tenth of 0.70.
    assert_eq!(world.scalings(0, 100 * SECOND_US), [(5, 5, Reason::Proportional)]);
    for worker in workers.drain(3..) {
        world.back(100 * SECOND_US, worker);
    }
    // ceil(3 / 0.70) = 5, once the last desire of 15 is older than 300 s.
    assert_eq!(world.scalings(100 * SECOND_US, 600 * SECOND_US), [(405, -10, Reason::Proportional)]);
}

#[test]
fn staffing_mode_gives_small_pools_more_room_than_large_ones() {
    let desired = |per_second: u64| {
        let fields = r#""initial_workers": 10, "max_workers": 1000, "max_waiting": 1000"#;
        let mut world = World::scaled(fields, r#""mode": "staffing""#);
        let mut out: VecDeque<(u64, WorkerId)> = VecDeque::new();
        for tick in 0..(400 * per_second) {
            let now_us = tick * SECOND_US / per_second;
            while out.front().is_some_and(|(due_us, _)| *due_us <= now_us) {
                let (_, worker) = out.pop_front().unwrap();
                world.back(now_us, worker);
            }
            if let Some(worker) = world.out(now_us).worker {
                out.push_back((now_us + SECOND_US, worker));
            }
            if tick % per_second == 0 {
                world.pools.advance(now_us);
                world.evaluate(now_us);
            }
        }
        let status = world.status(400 * SECOND_US);
        (status.current_workers, status.utilization)
    };
    let (few, low) = desired(2);
    let (many, high) = desired(200);
    assert!((4..=8).contains(&few), "{few} workers for 2 erlangs");
    assert!((205..=260).contains(&many), "{many} workers for 200 erlangs");
    assert!(low < 0.6 && high > 0.8, "{low} and {high}");
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
fn health_reports_replace_the_dead_or_change_nothing() {
    let mut world = World::pool(r#""initial_workers": 3"#);
    let ids: Vec<_> = world.pools.workers_of(POOL).unwrap().iter().map(|w| w.worker).collect();
    world.pools.check_health(30 * SECOND_US, &mut world.effects);
    assert_eq!(world.drain()[0].kind, EffectKind::CheckHealth);
    let effects = &mut world.effects;
    let invented = WorkerId::from_raw(77);
    assert!(world.pools.report_health(31, POOL, &ids[..1], &[ids[1], invented], effects).is_err());
    assert!(world.pools.report_health(31, POOL, &ids[..1], &ids[..1], effects).is_err());
    assert!(effects.is_empty());
    let replaced = world.pools.report_health(32, POOL, &ids[..1], &[ids[1], ids[1], ids[2]], effects);
    assert_eq!(replaced.map(|tags| tags.len()), Ok(2));
    assert_eq!(world.drain().len(), 2);
    assert_eq!((world.counts().idle, world.status(32).failed_workers), (3, 2));
}

#[test]
fn health_has_its_boundaries() {
    let mut world = World::pool(r#""initial_workers": 20"#);
    let mut at = |busy: u32| {
        while world.counts().busy < busy {
            world.worker(0);
        }
        world.pools.health_check(0, POOL).unwrap()
    };
    assert_eq!(at(16), HealthStatus::Healthy, "0.80");
    assert_eq!(at(17), HealthStatus::Degraded, "0.85");
    assert_eq!(at(19), HealthStatus::Degraded, "0.95");
    assert_eq!(at(20), HealthStatus::Critical, "1.0");
}

#[test]
fn the_error_rate_needs_twenty_requests_and_forgets_after_a_minute() {
    let mut world = World::pool(r#""initial_workers": 2"#);
    for request in 0..20 {
        assert_eq!(world.status(request).error_rate, 0.0);
        let worker = world.worker(request);
        let outcome = if request % 10 == 0 { Outcome::Failed } else { Outcome::Ok };
        world.pools.checkin(request, worker, outcome, &mut world.effects).unwrap();
    }
    assert_eq!(world.status(20).error_rate, 0.1);
    assert_eq!(world.status(20).health_status, HealthStatus::Degraded);
    assert_eq!(world.status(60 * SECOND_US).error_rate, 0.0);
    assert_eq!((world.status(20).total_requests, world.status(20).failed_requests), (20, 2));
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
