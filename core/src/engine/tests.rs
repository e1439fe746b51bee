//! The parts together: whole requests, tickets, effects, setters.

#![allow(clippy::float_cmp)] // the figures are exact

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::vec::Vec;

mod misuse;

use super::*;
use crate::config::{AffinityGroup, Class};
use crate::id::DomainId;
use crate::pool::CheckinOutcome;
use crate::time::SECOND_US;

fn engine(config: &str) -> Engine {
    Engine::new(&Config::from_json(config).unwrap(), 0).unwrap()
}

/// One pool and domain `p` with these fields of the pool, and these of the configuration.
fn one_pool(fields: &str, rest: &str) -> Engine {
    engine(&format!(r#"{{"pools": {{"p": {{{fields}}}}}{rest}}}"#))
}

fn drain(engine: &mut Engine) -> Vec<Effect> {
    core::iter::from_fn(|| engine.poll_effect()).collect()
}

const P: DomainId = DomainId::new(0);
const POOL: PoolId = PoolId::new(0);

#[test]
fn an_empty_configuration_is_the_documented_system() {
    let engine = engine("{}");
    let pools: Vec<_> =
        (0..engine.pool_count()).map(|id| engine.pool_name(PoolId::new(id)).unwrap()).collect();
    assert_eq!(pools, ["payment", "delivery", "notification"]);
    let domains: Vec<_> =
        (0..engine.domain_count()).map(|id| engine.domain_name(DomainId::new(id)).unwrap()).collect();
    assert_eq!(domains, ["payment", "delivery", "notification", "critical_notification"]);
    assert_eq!(engine.domain_id("critical_notification"), Some(DomainId::new(3)));
    assert_eq!(engine.pool_id("critical_notification"), None);
    let workers = [0, 1, 2].map(|id| engine.pool_status(PoolId::new(id)).unwrap().current_workers);
    assert_eq!(workers, [10, 8, 5]);
}

#[test]
fn golden_admissions() {
    let mut engine = engine("{}");
    let delivery = engine.domain_id("delivery").unwrap();
    let payment = engine.domain_id("payment").unwrap();
    let mut admit =
        |domain, times| (0..times).filter(|_| engine.admit(0, domain, None).unwrap().admitted()).count();
    assert_eq!(admit(delivery, 1300), 960);
    assert_eq!(admit(payment, 300), 240);
    let status = engine.regulator_status();
    assert_eq!((status.current_load, status.load_factor), (1200, 1.0));
}

#[test]
fn crossing_the_soft_limit_queues_one_effect() {
    let mut engine =
        one_pool("", r#", "regulator": {"soft_limit": 2, "hard_limit": 10, "reserved_capacity": 0}"#);
    let tokens: Vec<_> = (0..4).map(|_| engine.admit(0, P, None).unwrap()).collect();
    assert_eq!(tokens.iter().map(|a| a.warning).collect::<Vec<_>>(), [false, false, true, true]);
    let effects = drain(&mut engine);
    assert_eq!((effects.len(), effects[0].kind, effects[0].count), (1, EffectKind::SoftLimitExceeded, 3));
    for token in &tokens[2..] {
        engine.release(1, token.token.unwrap(), Outcome::Ok).unwrap();
    }
    engine.admit(2, P, None).unwrap();
    assert_eq!(drain(&mut engine).len(), 1, "crossed again");
}

#[test]
fn a_dispatch_holds_a_token_and_a_worker_until_it_is_completed() {
    let mut engine = one_pool(r#""initial_workers": 2"#, "");
    let answer = engine.dispatch(5, P, b"k", None, None).unwrap();
    assert_eq!((answer.reason, answer.stage, answer.pool), (Reason::WorkerIdle, Stage::Checkout, Some(POOL)));
    assert_eq!((engine.regulator_status().current_load, engine.pool_counts(POOL).unwrap().busy), (1, 1));
    let ticket = answer.ticket.unwrap();
    let completion = engine.complete(10, ticket, Outcome::Ok).unwrap();
    assert_eq!(completion, Completion { token_released: true, worker_returned: true });
    assert_eq!((engine.regulator_status().current_load, engine.pool_counts(POOL).unwrap().busy), (0, 0));
    let again = engine.complete(11, ticket, Outcome::Ok);
    assert_eq!(again, Err(Error::UnknownTicket { ticket: ticket.get() }));
    assert_eq!(engine.engine_status().tickets, 0);
}

#[test]
fn a_refusal_at_any_stage_leaves_nothing_taken_and_counts_as_rejected() {
    let mut engine = one_pool(
        r#""initial_workers": 1, "min_workers": 1"#,
        r#", "regulator": {"soft_limit": 1, "hard_limit": 3, "reserved_capacity": 0}"#,
    );
    engine.dispatch(0, P, b"a", None, None).unwrap();
    let busy = engine.dispatch(1, P, b"b", None, None).unwrap();
    assert_eq!((busy.ticket, busy.stage, busy.reason), (None, Stage::Checkout, Reason::Busy));
    assert!(busy.retry_after_us > 0 && !busy.warning);
    assert!(drain(&mut engine).is_empty(), "the soft limit wasn't crossed for good");
    engine.set_pool_open(2, POOL, false).unwrap();
    let closed = engine.dispatch(2, P, b"b", None, None).unwrap();
    assert_eq!((closed.stage, closed.reason, closed.pool), (Stage::Route, Reason::NoPools, None));
    engine.set_domain_open(3, P, false).unwrap();
    let refused = engine.dispatch(3, P, b"b", None, None).unwrap();
    assert_eq!((refused.stage, refused.reason), (Stage::Admit, Reason::DomainClosed));
    let status = engine.regulator_status();
    assert_eq!((status.accepted_requests, status.rejected_requests, status.current_load), (1, 3, 1));
    let by_reason: Vec<_> = status.rejections_by_reason.iter().map(|(r, n)| (*r, *n)).collect();
    assert_eq!(by_reason, [(Reason::DomainClosed, 1), (Reason::NoPools, 1), (Reason::Busy, 1)]);
    assert_eq!(status.issued_tokens, status.live_tokens + status.released_tokens + status.expired_tokens);
}

#[test]
fn a_waiting_ticket_is_served_by_a_completion() {
    let mut engine = one_pool(r#""initial_workers": 1, "min_workers": 1, "max_waiting": 4"#, "");
    let first = engine.dispatch(0, P, b"a", None, None).unwrap();
    let waiting = engine.dispatch(1, P, b"b", None, Some(SECOND_US)).unwrap();
    assert_eq!((waiting.reason, waiting.worker), (Reason::Waiting, None));
    engine.complete(9, first.ticket.unwrap(), Outcome::Ok).unwrap();
    let effects = drain(&mut engine);
    assert_eq!(effects.len(), 1);
    assert_eq!((effects[0].kind, effects[0].ticket), (EffectKind::WaiterReady, waiting.ticket));
    assert_eq!(
        (effects[0].waiter, effects[0].workers.as_slice()),
        (waiting.waiter, &[first.worker.unwrap()][..])
    );
    let completion = engine.complete(20, waiting.ticket.unwrap(), Outcome::Ok).unwrap();
    assert_eq!(completion, Completion { token_released: true, worker_returned: true });
    // The second one held its worker for 11 µs, not from its arrival.
    assert!((engine.pool_status(POOL).unwrap().avg_latency_ms - 0.010).abs() < 1e-9);
}

#[test]
fn a_ticket_whose_wait_is_over_or_cancelled_releases_its_token() {
    let mut engine = one_pool(r#""initial_workers": 1, "min_workers": 1, "max_waiting": 4"#, "");
    engine.dispatch(0, P, b"a", None, None).unwrap();
    let expiring = engine.dispatch(1, P, b"b", None, Some(100)).unwrap();
    let cancelled = engine.dispatch(1, P, b"c", None, Some(SECOND_US)).unwrap();
    let given_up = engine.dispatch(1, P, b"d", None, Some(SECOND_US)).unwrap();
    assert_eq!(engine.regulator_status().current_load, 4);
    assert_eq!(engine.next_deadline_us(), Some(100));
    engine.step(100).unwrap();
    let effects = drain(&mut engine);
    assert_eq!((effects[0].kind, effects[0].ticket), (EffectKind::WaiterExpired, expiring.ticket));
    assert!(engine.complete(101, expiring.ticket.unwrap(), Outcome::Ok).is_err());
    engine.cancel_wait(102, cancelled.waiter.unwrap()).unwrap();
    assert!(engine.complete(103, cancelled.ticket.unwrap(), Outcome::Ok).is_err());
    let completion = engine.complete(104, given_up.ticket.unwrap(), Outcome::Ok).unwrap();
    assert_eq!(completion, Completion { token_released: true, worker_returned: false });
    assert_eq!((engine.regulator_status().current_load, engine.pool_counts(POOL).unwrap().waiting), (1, 0));
    assert_eq!(engine.engine_status().tickets, 1);
}

#[test]
fn an_expired_token_cancels_the_wait_and_leaves_the_worker_out() {
    let mut engine = one_pool(
        r#""initial_workers": 1, "min_workers": 1, "max_waiting": 4"#,
        r#", "regulator": {"token_ttl_us": 1000}"#,
    );
    let working = engine.dispatch(0, P, b"a", None, None).unwrap();
    let waiting = engine.dispatch(0, P, b"b", None, Some(SECOND_US)).unwrap();
    engine.step(1000).unwrap();
    let effects = drain(&mut engine);
    let seen: Vec<_> = effects.iter().map(|e| (e.kind, e.ticket)).collect();
    assert_eq!(
        seen,
        [
            (EffectKind::TokenExpired, working.ticket),
            (EffectKind::TokenExpired, waiting.ticket),
            (EffectKind::WaiterExpired, waiting.ticket)
        ]
    );
    assert_eq!((effects[2].pool, effects[2].waiter), (Some(POOL), waiting.waiter));
    assert_eq!((engine.regulator_status().current_load, engine.regulator_status().expired_tokens), (0, 2));
    assert_eq!(engine.pool_counts(POOL).unwrap().busy, 1, "its worker stays out until it is given back");
    let completion = engine.complete(1500, working.ticket.unwrap(), Outcome::Ok).unwrap();
    assert_eq!(completion, Completion { token_released: false, worker_returned: true });
    assert_eq!(engine.engine_status().tickets, 0);
}

#[test]
fn a_ticket_survives_the_loss_of_its_worker_and_of_its_token() {
    let mut engine = one_pool(r#""initial_workers": 3"#, "");
    let a = engine.dispatch(0, P, b"a", None, None).unwrap();
    engine.worker_failed(1, a.worker.unwrap()).unwrap();
    let completion = engine.complete(2, a.ticket.unwrap(), Outcome::Failed).unwrap();
    assert_eq!(completion, Completion { token_released: true, worker_returned: false });
    let b = engine.dispatch(3, P, b"b", None, None).unwrap();
    engine.release(4, b.token.unwrap(), Outcome::Ok).unwrap();
    let completion = engine.complete(5, b.ticket.unwrap(), Outcome::Ok).unwrap();
    assert_eq!(completion, Completion { token_released: false, worker_returned: true });
    let c = engine.dispatch(6, P, b"c", None, None).unwrap();
    let checkin = engine.checkin(7, c.worker.unwrap(), Outcome::Ok).unwrap();
    assert_eq!(checkin.outcome, CheckinOutcome::Idle);
    let completion = engine.complete(8, c.ticket.unwrap(), Outcome::Ok).unwrap();
    assert_eq!(completion, Completion { token_released: true, worker_returned: false });
    let d = engine.dispatch(9, P, b"d", None, None).unwrap();
    engine.release(10, d.token.unwrap(), Outcome::Ok).unwrap();
    engine.checkin(10, d.worker.unwrap(), Outcome::Ok).unwrap();
    assert!(engine.complete(11, d.ticket.unwrap(), Outcome::Ok).is_err(), "nothing is left of it");
    assert_eq!((engine.engine_status().tickets, engine.regulator_status().current_load), (0, 0));
}

#[test]
fn a_new_worker_serves_the_line() {
    let mut engine = one_pool(r#""initial_workers": 1, "min_workers": 1, "max_waiting": 4"#, "");
    engine.dispatch(0, P, b"a", None, None).unwrap();
    let waiting = engine.dispatch(1, P, b"b", None, Some(SECOND_US)).unwrap();
    engine.scale_up(2, POOL).unwrap();
    let kinds: Vec<_> = drain(&mut engine).iter().map(|effect| effect.kind).collect();
    assert_eq!(kinds, [EffectKind::AddWorkers, EffectKind::WaiterReady]);
    assert!(engine.complete(3, waiting.ticket.unwrap(), Outcome::Ok).unwrap().worker_returned);
}

#[test]
fn classes_decide_who_comes_in_last() {
    let mut engine =
        one_pool("", r#", "domains": {"p": {"max_class": "critical"}}, "regulator": {"hard_limit": 10}"#);
    // 10 slots, 2 reserved, 8 for normal work, 6 for sheddable.
    for _ in 0..6 {
        assert!(engine.admit(0, P, Some(Class::Sheddable)).unwrap().admitted());
    }
    assert_eq!(engine.admit(0, P, Some(Class::Sheddable)).unwrap().reason, Reason::Shed);
    for _ in 0..2 {
        assert!(engine.admit(0, P, None).unwrap().admitted());
    }
    assert_eq!(engine.admit(0, P, None).unwrap().reason, Reason::Reserved);
    for _ in 0..2 {
        assert!(engine.admit(0, P, Some(Class::Critical)).unwrap().admitted());
    }
    assert_eq!(engine.admit(0, P, Some(Class::Critical)).unwrap().reason, Reason::HardLimit);
}

#[test]
fn setters_validate_as_the_configuration_does() {
    let mut engine = engine("{}");
    assert!(matches!(
        engine.set_soft_limit(0, 1201),
        Err(Error::OutOfRange { field: "regulator.soft_limit", .. })
    ));
    assert!(engine.set_soft_limit(0, 0).is_err());
    assert!(engine.set_hard_limit(0, 999).is_err());
    engine.set_soft_limit(0, 10).unwrap();
    engine.set_hard_limit(0, 12).unwrap();
    assert_eq!(engine.regulator_status().hard_limit, 12);
    let group = |pool: &str| AffinityGroup { key: "k".into(), pools: alloc::vec![pool.into()] };
    let wrong = engine.set_affinity_groups(1, &[group("paymnt")]).unwrap_err();
    assert!(format!("{wrong}").contains("payment"), "{wrong}");
    engine.set_affinity_groups(1, &[group("payment")]).unwrap();
    let delivery = engine.domain_id("delivery").unwrap();
    let route = engine.route(2, delivery, b"k").unwrap();
    assert_eq!((route.pool, route.reason), (engine.pool_id("payment"), Reason::Affinity));
    assert!(engine.set_domain_open(3, DomainId::new(9), true).is_err());
    assert!(engine.set_pool_open(3, PoolId::new(9), true).is_err());
    assert!(engine.set_hard_limit(1 << 53, 12).is_err());
    let long = alloc::vec![b'x'; 5000];
    assert_eq!(engine.route(4, delivery, &long), Err(Error::KeyTooLong { length: 5000, limit: 4096 }));
    assert!(engine.dispatch(4, delivery, &long, None, None).is_err());
    assert!(engine.dispatch(4, delivery, b"k", None, Some(1 << 53)).is_err());
    assert_eq!(engine.regulator_status().current_load, 0);
}

#[test]
fn migration_moves_an_idle_worker_to_where_the_work_is() {
    let mut engine = engine(
        r#"{"pools": {"a": {"initial_workers": 10}, "b": {"initial_workers": 10}}, "scaler": {"enabled": false}}"#,
    );
    let b = engine.pool_id("b").unwrap();
    for _ in 0..9 {
        engine.checkout(0, b, None).unwrap();
    }
    engine.step(10 * SECOND_US).unwrap();
    let effects = drain(&mut engine);
    let moved: Vec<_> = effects.iter().filter(|e| e.kind == EffectKind::MigrateWorkers).collect();
    assert_eq!((moved.len(), moved[0].pool, moved[0].to_pool), (1, engine.pool_id("a"), Some(b)));
    // The cooldown of 30 s holds, by hand and by the clock.
    let early = engine.rebalance(15 * SECOND_US).unwrap();
    assert_eq!((early.migrated, early.reason), (false, Reason::Cooldown));
    engine.step(39 * SECOND_US).unwrap();
    assert_eq!(engine.balance_status().rebalance_count, 1);
    engine.step(40 * SECOND_US).unwrap();
    assert_eq!(engine.balance_status().rebalance_count, 2);
    let status = engine.pool_status(b).unwrap();
    assert_eq!((status.current_workers, engine.pool_status(POOL).unwrap().current_workers), (12, 8));
}

#[test]
fn a_worker_on_loan_goes_back_by_the_same_rule() {
    let mut engine = engine(
        r#"{"pools": {"a": {"initial_workers": 10}, "b": {"initial_workers": 10}}, "scaler": {"enabled": false}}"#,
    );
    let (a, b) = (POOL, PoolId::new(1));
    let out: Vec<_> = (0..9).map(|_| engine.checkout(0, b, None).unwrap().worker.unwrap()).collect();
    assert_eq!(engine.rebalance(1).unwrap().to, Some(b));
    // Now the work is with the lender.
    for worker in out {
        engine.checkin(2, worker, Outcome::Ok).unwrap();
    }
    for _ in 0..9 {
        engine.checkout(2, a, None).unwrap();
    }
    assert_eq!(engine.rebalance(30 * SECOND_US).unwrap().reason, Reason::Cooldown);
    let back = engine.rebalance(30 * SECOND_US + 1).unwrap();
    assert_eq!((back.migrated, back.from, back.to), (true, Some(b), Some(a)));
    let workers = [a, b].map(|pool| engine.pool_counts(pool).unwrap().baseline);
    assert_eq!(workers, [10, 10]);
}

#[test]
fn an_overloaded_domain_spills_to_the_least_utilized_other_pool() {
    let mut engine = engine("{}");
    let delivery = engine.domain_id("delivery").unwrap();
    let ids = ["payment", "delivery", "notification"].map(|name| engine.pool_id(name).unwrap());
    engine.checkout(0, ids[0], None).unwrap();
    for _ in 0..7 {
        assert_eq!(engine.route(0, delivery, b"k").unwrap().pool, Some(ids[1]), "7/8 is reached last");
        engine.checkout(0, ids[1], None).unwrap();
    }
    let route = engine.route(1, delivery, b"k").unwrap();
    assert_eq!((route.pool, route.reason, route.spilled), (Some(ids[2]), Reason::SpillOverloaded, true));
}

#[test]
fn a_worker_does_not_move_into_a_pool_that_a_surge_has_filled() {
    let config = r#"{"pools": {"a": {"initial_workers": 4},
        "b": {"initial_workers": 2, "max_workers": 3, "surge_max_workers": 4}}, "scaler": {"enabled": false}}"#;
    let mut engine = engine(config);
    let b = engine.pool_id("b").unwrap();
    assert_eq!(engine.pools.add_surge(0, b, 2, &mut engine.effects), 2);
    for _ in 0..4 {
        engine.checkout(0, b, None).unwrap();
    }
    assert_eq!(engine.rebalance(1).unwrap().reason, Reason::TakerAtMaximum);
}

/// Serves half-second requests that arrive at an even rate, stepping at every deadline.
struct Traffic {
    engine: Engine,
    out: BTreeMap<(u64, u64), WorkerId>,
    count: u64,
    effects: Vec<Effect>,
}

impl Traffic {
    fn new(engine: Engine) -> Self {
        Self { engine, out: BTreeMap::new(), count: 0, effects: Vec::new() }
    }

    fn step_to(&mut self, now_us: u64) {
        while let Some(due_us) = self.engine.next_deadline_us().filter(|due_us| *due_us <= now_us) {
            self.engine.step(due_us).unwrap();
            self.effects.extend(drain(&mut self.engine));
        }
    }

    fn run(&mut self, from_s: u64, until_s: u64, per_second: u64, pools: &[PoolId]) {
        for tick in (from_s * per_second)..(until_s * per_second) {
            let now_us = tick * SECOND_US / per_second;
            self.step_to(now_us);
            while let Some((&(due_us, id), &worker)) = self.out.first_key_value() {
                if due_us > now_us {
                    break;
                }
                self.out.remove(&(due_us, id));
                self.engine.checkin(now_us, worker, Outcome::Ok).unwrap();
            }
            for pool in pools {
                if let Some(worker) = self.engine.checkout(now_us, *pool, None).unwrap().worker {
                    self.out.insert((now_us + SECOND_US / 2, self.count), worker);
                    self.count += 1;
                }
            }
        }
        self.step_to(until_s * SECOND_US);
    }

    fn of(&self, kind: EffectKind) -> Vec<&Effect> {
        self.effects.iter().filter(|effect| effect.kind == kind).collect()
    }
}

#[test]
fn golden_surge_timeline_and_cost() {
    let mut traffic = Traffic::new(engine(r#"{"scaler": {"enabled": false}}"#));
    let pools: Vec<_> = (0..3).map(PoolId::new).collect();
    traffic.run(0, 100, 1, &pools);
    assert_eq!(traffic.engine.burst_status().surge_count, 0);
    traffic.run(100, 110, 40, &pools);
    let started = traffic.of(EffectKind::SurgeStarted);
    assert_eq!((started.len(), started[0].count), (1, 15));
    let t0 = started[0].at_us;
    let status = traffic.engine.burst_status();
    assert!(status.in_surge && status.surge_active);
    assert_eq!((status.surge_count, status.total_surge_cost), (1, 30.0));
    assert_eq!(traffic.engine.pool_status(POOL).unwrap().surge_workers, 5);
    // Quiet from here on: every surge worker leaves on time.
    traffic.run(110, 700, 1, &pools[..1]);
    let removed: Vec<_> = traffic
        .of(EffectKind::RemoveWorkers)
        .iter()
        .filter(|e| e.surge && e.pool == Some(POOL))
        .map(|e| ((e.at_us - t0) / SECOND_US, e.count))
        .collect();
    assert_eq!(removed, [(324, 1), (348, 1), (372, 1), (396, 1), (420, 1)]);
    let ended = traffic.of(EffectKind::SurgeEnded);
    assert_eq!((ended.len(), ended[0].at_us - t0), (1, 420 * SECOND_US));
    let metrics = traffic.engine.surge_metrics();
    assert_eq!((metrics.total_surge_cost, metrics.avg_surge_cost), (30.0, 30.0));
    assert_eq!(traffic.engine.burst_status().total_surge_money, 3.1);
}

#[test]
fn refused_admissions_are_demand_of_the_domains_first_pool() {
    let mut engine = one_pool("", r#", "regulator": {"hard_limit": 1, "reserved_capacity": 0}"#);
    engine.admit(0, P, None).unwrap();
    for _ in 0..7 {
        assert!(!engine.admit(10, P, None).unwrap().admitted());
    }
    assert_eq!(engine.pools.arrivals(POOL).map(crate::Arrivals::running), Some(7));
}

#[test]
fn a_year_of_sleep_is_one_bounded_step() {
    let mut engine = engine("{}");
    let year_us = 365 * 86_400 * SECOND_US;
    engine.step(year_us).unwrap();
    let effects = drain(&mut engine);
    assert!(effects.len() < 20, "{effects:?}");
    let next_us = engine.next_deadline_us().unwrap();
    assert!(next_us > year_us && next_us <= year_us + SECOND_US);
    engine.step(5).unwrap();
    assert_eq!(engine.engine_status().clock_regressions, 1);
    assert!(engine.step(1 << 53).is_err());
    assert!(engine.step((1 << 53) - 1).is_ok());
    assert_eq!(engine.next_deadline_us(), None, "there is no later time");
}

#[test]
fn undrained_effects_are_bounded() {
    let mut engine = one_pool("", r#", "limits": {"max_effects": 3}"#);
    for minute in 1..10 {
        engine.step(minute * 60 * SECOND_US).unwrap();
    }
    assert_eq!(engine.engine_status().effects_pending, 3);
    assert!(engine.engine_status().effects_dropped > 0);
}

#[test]
fn a_released_token_ends_the_wait_of_its_ticket() {
    let mut engine = one_pool(r#""initial_workers": 1, "min_workers": 1, "max_waiting": 4"#, "");
    engine.dispatch(0, P, b"a", None, None).unwrap();
    let waiting = engine.dispatch(0, P, b"b", None, Some(SECOND_US)).unwrap();
    engine.release(5, waiting.token.unwrap(), Outcome::Ok).unwrap();
    let effects = drain(&mut engine);
    assert_eq!(effects.len(), 1);
    let gone = (effects[0].kind, effects[0].reason, effects[0].ticket, effects[0].pool);
    assert_eq!(gone, (EffectKind::WaiterExpired, Reason::TicketExpired, waiting.ticket, Some(POOL)));
    assert!(engine.complete(6, waiting.ticket.unwrap(), Outcome::Ok).is_err());
    assert_eq!((engine.engine_status().tickets, engine.pool_counts(POOL).unwrap().waiting), (1, 0));
}

#[test]
fn a_soft_limit_set_below_the_load_is_a_crossing() {
    let mut engine = one_pool("", r#", "regulator": {"soft_limit": 5, "hard_limit": 10}"#);
    for _ in 0..4 {
        engine.admit(0, P, None).unwrap();
    }
    let set = |engine: &mut Engine, soft_limit| {
        engine.set_soft_limit(1, soft_limit).unwrap();
        drain(engine).iter().map(|effect| (effect.kind, effect.count)).collect::<Vec<_>>()
    };
    assert_eq!(set(&mut engine, 4), []);
    assert_eq!(set(&mut engine, 3), [(EffectKind::SoftLimitExceeded, 4)]);
    assert_eq!(set(&mut engine, 2), [], "it was above before");
    assert!(engine.admit(2, P, None).unwrap().warning);
    assert_eq!(drain(&mut engine), []);
}

#[test]
fn in_staffing_mode_no_pool_gives_up_what_it_should_have() {
    let config = r#"{"pools": {"p": {"initial_workers": 12, "min_workers": 1}, "q": {"initial_workers": 4, "min_workers": 1}},
        "scaler": {"mode": "MODE", "evaluate_every_us": 600000000}, "burst": {"enabled": false}}"#;
    for (mode, expected) in [("step", Reason::Rebalance), ("staffing", Reason::DonorAtMinimum)] {
        let mut engine = Engine::new(&Config::from_json(&config.replace("MODE", mode)).unwrap(), 0).unwrap();
        let (p, q) = (engine.pool_id("p").unwrap(), engine.pool_id("q").unwrap());
        // Little is asked of both for ten minutes; then `q` is full for a moment.
        for second in 0..600 {
            let now_us = second * SECOND_US;
            for pool in [p, q] {
                let worker = engine.checkout(now_us, pool, None).unwrap().worker.unwrap();
                engine.checkin(now_us + 1_000, worker, Outcome::Ok).unwrap();
            }
        }
        engine.step(600 * SECOND_US).unwrap();
        assert_eq!(engine.pools.staffed(q).is_some(), mode == "staffing");
        let now_us = 650 * SECOND_US;
        while engine.checkout(now_us, q, None).unwrap().worker.is_some() {}
        assert_eq!(engine.rebalance(now_us).unwrap().reason, expected, "{mode}");
    }
}
