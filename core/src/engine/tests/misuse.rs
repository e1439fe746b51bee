//! Times, ids and names that can't be: errors that change nothing.

use super::*;
use crate::time::TIME_LIMIT_US;

#[test]
fn two_to_the_53_is_refused_everywhere() {
    assert_eq!(
        Engine::new(&Config::default(), TIME_LIMIT_US).map(|_| ()),
        Err(Error::TimeOutOfRange { time_us: TIME_LIMIT_US })
    );
    let mut engine = one_pool(
        r#""initial_workers": 2, "min_workers": 1, "max_waiting": 3"#,
        r#", "worker_start": "confirmed""#,
    );
    engine.scale_up(0, POOL).unwrap();
    let starting = drain(&mut engine)[0].workers.as_slice()[0];
    let ticket = engine.dispatch(0, P, b"k", None, None).unwrap();
    let token = engine.admit(0, P, None).unwrap().token.unwrap();
    let worker = engine.checkout(0, POOL, None).unwrap().worker.unwrap();
    let waiter = engine.checkout(0, POOL, Some(SECOND_US)).unwrap().waiter.unwrap();
    let before = seen(&engine);
    for late in [TIME_LIMIT_US, u64::MAX] {
        let error = Error::TimeOutOfRange { time_us: late };
        let answers = [
            engine.admit(late, P, None).map(|_| ()),
            engine.release(late, token, Outcome::Ok),
            engine.route(late, P, b"k").map(|_| ()),
            engine.checkout(late, POOL, None).map(|_| ()),
            engine.checkout(0, POOL, Some(late)).map(|_| ()),
            engine.checkin(late, worker, Outcome::Ok).map(|_| ()),
            engine.cancel_wait(late, waiter),
            engine.worker_ready(late, starting),
            engine.worker_failed(late, worker),
            engine.report_health(late, POOL, &[], &[worker]).map(|_| ()),
            engine.dispatch(late, P, b"k", None, None).map(|_| ()),
            engine.dispatch(0, P, b"k", None, Some(late)).map(|_| ()),
            engine.complete(late, ticket.ticket.unwrap(), Outcome::Ok).map(|_| ()),
            engine.scale_up(late, POOL).map(|_| ()),
            engine.scale_down(late, POOL).map(|_| ()),
            engine.rebalance(late).map(|_| ()),
            engine.set_soft_limit(late, 1),
            engine.set_hard_limit(late, 1100),
            engine.enable_surge(late),
            engine.disable_surge(late),
            engine.set_domain_open(late, P, false),
            engine.set_pool_open(late, POOL, false),
            engine.set_off_peak(late, true),
            engine.step(late),
        ];
        for (place, answer) in answers.into_iter().enumerate() {
            assert_eq!(answer, Err(error), "call {place}");
        }
        assert_eq!(engine.set_affinity_groups(late, &[]), Err(AffinityError::Time(error)));
    }
    assert_eq!(seen(&engine), before);
}

fn seen(engine: &Engine) -> String {
    let (status, pool) = (engine.regulator_status(), engine.pool_status(POOL).unwrap());
    format!("{status:?} {pool:?} {:?} {:?}", engine.engine_status(), engine.burst_status())
}

#[test]
fn earlier_times_are_counted_by_every_input_and_change_no_clock() {
    let mut engine = one_pool(r#""initial_workers": 2, "min_workers": 1"#, "");
    engine.step(10 * SECOND_US).unwrap();
    let ticket = engine.dispatch(3, P, b"k", None, None).unwrap().ticket.unwrap();
    engine.complete(4, ticket, Outcome::Ok).unwrap();
    assert!(engine.complete(5, ticket, Outcome::Ok).is_err());
    engine.step(6).unwrap();
    let status = engine.engine_status();
    assert_eq!((status.now_us, status.clock_regressions), (10 * SECOND_US, 4));
    // Held for no time, and not for a time below 0.
    assert_eq!(engine.pool_status(POOL).unwrap().p99_latency_us, 0);
}

#[test]
fn unknown_names_and_ids_are_errors() {
    let mut engine = one_pool(r#""initial_workers": 2"#, "");
    let (domain, pool) = (DomainId::new(1), PoolId::new(1));
    assert_eq!((engine.domain_id("q"), engine.pool_id("")), (None, None));
    assert_eq!((engine.domain_name(domain), engine.pool_name(pool)), (None, None));
    let unknown = Err(Error::UnknownDomain { domain: 1 });
    assert_eq!(engine.admit(0, domain, None).map(|_| ()), unknown);
    assert_eq!(engine.route(0, domain, b"").map(|_| ()), unknown);
    assert_eq!(engine.dispatch(0, domain, b"", None, None).map(|_| ()), unknown);
    let unknown = Err(Error::UnknownPool { pool: 1 });
    assert_eq!(engine.checkout(0, pool, None).map(|_| ()), unknown);
    assert_eq!(engine.report_health(0, pool, &[], &[]).map(|_| ()), unknown);
    assert_eq!(engine.scale_up(0, pool).map(|_| ()), unknown);
    assert_eq!(engine.scale_down(0, pool).map(|_| ()), unknown);
    assert_eq!(engine.health_check(pool).map(|_| ()), unknown);
    assert_eq!(engine.pool_status(pool).map(|_| ()), unknown);
    assert_eq!(engine.pool_counts(pool).map(|_| ()), unknown);
    assert_eq!(engine.pool_workers(pool).map(|_| ()), unknown);
}
