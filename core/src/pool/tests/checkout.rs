//! Checkout and checkin: which worker is handed out, overflow, overload.

use super::*;

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
fn a_pool_that_never_clears_is_not_overloaded_from_the_start() {
    let mut world = World::new(r#"{"pools": {"p": {"initial_workers": 10}}, "balancer": {"clear": 0}}"#);
    assert!(!world.pools.is_overloaded(POOL));
    let workers: Vec<_> = (0..9).map(|at| world.worker(at)).collect();
    assert!(world.pools.is_overloaded(POOL));
    for worker in workers {
        world.back(20, worker);
    }
    assert!(world.pools.is_overloaded(POOL), "0 isn't below 0");
}
