//! Health and error rates.

use super::*;

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
fn a_request_whose_worker_failed_is_a_failed_one_among_all() {
    let mut world = World::pool(r#""initial_workers": 2"#);
    for request in 0..25 {
        let worker = world.worker(request);
        if request % 5 == 0 {
            world.pools.worker_failed(request, worker, &mut world.effects).unwrap();
        } else {
            world.back(request, worker);
        }
    }
    // 20 were completed, 5 were lost with their workers.
    let status = world.status(25);
    assert_eq!((status.total_requests, status.failed_requests, status.error_rate), (25, 5, 0.2));
}

#[test]
fn an_error_rate_of_005_is_healthy() {
    let mut world = World::pool(r#""initial_workers": 2"#);
    for request in 0..20 {
        let worker = world.worker(request);
        let outcome = if request == 0 { Outcome::Failed } else { Outcome::Ok };
        world.pools.checkin(request, worker, outcome, &mut world.effects).unwrap();
    }
    assert_eq!((world.status(20).error_rate, world.status(20).health_status), (0.05, HealthStatus::Healthy));
    let worker = world.worker(20);
    world.pools.checkin(20, worker, Outcome::Failed, &mut world.effects).unwrap();
    assert_eq!(world.status(20).health_status, HealthStatus::Degraded, "2/21");
}

#[test]
fn every_pool_asks_for_a_check_every_half_minute() {
    let mut world = World::new(r#"{"pools": {"p": {}, "q": {}}}"#);
    world.pools.set_open(POOL, false).unwrap();
    let mut asked = |second: u64| {
        world.pools.check_health(second * SECOND_US, &mut world.effects);
        let effects = core::iter::from_fn(|| world.effects.pop());
        effects.map(|effect| (effect.kind, effect.pool)).collect::<Vec<_>>()
    };
    let both = [0, 1].map(|id| (EffectKind::CheckHealth, Some(PoolId::new(id))));
    assert_eq!(asked(29), []);
    assert_eq!(asked(30), both, "a closed pool's workers are there as well");
    assert_eq!(asked(59), []);
    assert_eq!(asked(200), both, "missed checks are made once");
    assert_eq!(asked(209), []);
    assert_eq!(asked(210), both);
}
