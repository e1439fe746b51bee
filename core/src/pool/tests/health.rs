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
