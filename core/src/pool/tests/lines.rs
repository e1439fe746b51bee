//! Waiting lines.

use super::*;

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
fn all_lines_together_are_bounded() {
    let mut world = World::new(
        r#"{"pools": {"p": {"initial_workers": 2, "max_waiting": 9}, "q": {"initial_workers": 2, "max_waiting": 9}},
            "limits": {"max_waiters": 3}}"#,
    );
    let q = PoolId::new(1);
    for _ in 0..2 {
        world.worker(0);
        world.pools.checkout(0, q, None, 0, &mut world.effects).unwrap();
    }
    for _ in 0..2 {
        assert!(world.pools.checkout(0, q, Some(9), 0, &mut world.effects).unwrap().waiter.is_some());
    }
    assert!(world.wait(0, 9).waiter.is_some());
    let full = world.wait(0, 9);
    assert_eq!((full.waiter, full.reason, full.limit, full.load), (None, Reason::QueueFull, 3, 3));
}

#[test]
fn no_overflow_beyond_the_limit_of_all_workers() {
    let mut world = World::new(
        r#"{"pools": {"p": {"initial_workers": 2, "max_overflow": 5, "max_waiting": 1}, "q": {"initial_workers": 2}},
            "limits": {"max_workers": 5}}"#,
    );
    for _ in 0..2 {
        world.worker(0);
    }
    assert_eq!(world.out(0).reason, Reason::Overflow);
    let full = world.out(0);
    assert_eq!((full.worker, full.reason, full.limit, full.load), (None, Reason::WorkersFull, 5, 5));
    // Who is ready to wait still may.
    assert!(world.wait(0, 9).waiter.is_some());
    assert_eq!(world.wait(0, 9).reason, Reason::QueueFull);
    assert_eq!(world.pools.scale_up(0, POOL, &mut world.effects).unwrap().reason, Reason::WorkersFull);
}

#[test]
fn an_overloaded_codel_line_serves_nobody_older_than_the_target_however_late_the_step() {
    let mut world = World::pool(r#""initial_workers": 2, "max_waiting": 99, "queue": "codel""#);
    let (a, b) = (world.worker(0), world.worker(0));
    let until = 10 * SECOND_US;
    let old = world.wait(0, until).waiter.unwrap();
    let newest = world.wait(195 * MS, until).waiter.unwrap();
    // No step dropped the old one in time. At its deadline one is still served, after it no more.
    assert_eq!(world.back(200 * MS, a), CheckinOutcome::Served);
    assert_eq!(world.drain()[0].waiter, Some(newest));
    assert_eq!(world.back(201 * MS, b), CheckinOutcome::Idle);
    let effects = world.drain();
    assert_eq!((effects[0].waiter, effects[0].reason), (Some(old), Reason::CodelDrop));
    assert_eq!((world.counts().waiting, world.pools.next_deadline_us()), (0, Some(5 * SECOND_US)));
}
