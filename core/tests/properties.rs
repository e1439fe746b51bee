//! Properties that hold after every call, for any configuration and any sequence of inputs.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::cast_possible_truncation)]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use heijunka_core::config::Class;
use heijunka_core::{
    Config, DomainId, Effect, EffectKind, Engine, Error, Outcome, PoolId, Reason, TicketId, Token, WaiterId,
    WorkerId,
};
use proptest::prelude::*;
use proptest::sample::Index;

const SECOND_US: u64 = 1_000_000;

/// An input; ids are chosen among those that were ever given out, so that stale and doubled ones come up often.
#[derive(Debug, Clone)]
enum Input {
    Admit(u32, Option<Class>),
    Release(Index, bool),
    Route(u32, u8),
    Checkout(u32, Option<u64>),
    Checkin(Index, bool),
    CancelWait(Index),
    WorkerReady(Index),
    WorkerFailed(Index),
    ReportHealth(u32, Index, Index),
    Dispatch(u32, u8, Option<Class>, Option<u64>),
    Complete(Index, bool),
    Step,
    StepToDeadline,
    ScaleUp(u32),
    ScaleDown(u32),
    Rebalance,
    Surge(bool),
    OpenDomain(u32, bool),
    OpenPool(u32, bool),
    HardLimit(u32),
    SoftLimit(u32),
    OffPeak(bool),
    Invented(u64),
}

fn class() -> impl Strategy<Value = Option<Class>> {
    prop_oneof![
        3 => Just(None),
        1 => Just(Some(Class::Sheddable)),
        1 => Just(Some(Class::Normal)),
        1 => Just(Some(Class::Critical)),
    ]
}

fn wait() -> impl Strategy<Value = Option<u64>> {
    prop_oneof![2 => Just(None), 3 => (0_u64..3 * SECOND_US).prop_map(Some)]
}

fn input() -> impl Strategy<Value = Input> {
    use Input as I;
    // Two pools and three domains exist; higher numbers are unknown.
    let (domain, pool) = (0_u32..4, 0_u32..3);
    prop_oneof![
        4 => (domain.clone(), class()).prop_map(|(d, c)| I::Admit(d, c)),
        4 => (any::<Index>(), any::<bool>()).prop_map(|(i, f)| I::Release(i, f)),
        1 => (domain.clone(), any::<u8>()).prop_map(|(d, k)| I::Route(d, k)),
        5 => (pool.clone(), wait()).prop_map(|(p, w)| I::Checkout(p, w)),
        5 => (any::<Index>(), any::<bool>()).prop_map(|(i, f)| I::Checkin(i, f)),
        1 => any::<Index>().prop_map(I::CancelWait),
        2 => any::<Index>().prop_map(I::WorkerReady),
        1 => any::<Index>().prop_map(I::WorkerFailed),
        1 => (pool.clone(), any::<Index>(), any::<Index>()).prop_map(|(p, a, d)| I::ReportHealth(p, a, d)),
        8 => (domain.clone(), any::<u8>(), class(), wait()).prop_map(|(d, k, c, w)| I::Dispatch(d, k, c, w)),
        7 => (any::<Index>(), any::<bool>()).prop_map(|(i, f)| I::Complete(i, f)),
        3 => Just(I::Step),
        4 => Just(I::StepToDeadline),
        1 => pool.clone().prop_map(I::ScaleUp),
        1 => pool.clone().prop_map(I::ScaleDown),
        1 => Just(I::Rebalance),
        1 => any::<bool>().prop_map(I::Surge),
        1 => (domain, any::<bool>()).prop_map(|(d, o)| I::OpenDomain(d, o)),
        1 => (pool, any::<bool>()).prop_map(|(p, o)| I::OpenPool(p, o)),
        1 => (0_u32..40).prop_map(I::HardLimit),
        1 => (0_u32..40).prop_map(I::SoftLimit),
        1 => any::<bool>().prop_map(I::OffPeak),
        1 => any::<u64>().prop_map(I::Invented),
    ]
}

/// How much later (or earlier) the next input is.
fn gap() -> impl Strategy<Value = i64> {
    prop_oneof![
        3 => Just(0_i64),
        6 => 0_i64..300_000,
        3 => 0_i64..10_000_000,
        1 => -5_000_000_i64..0,
        1 => Just(400_000_000_i64),
    ]
}

fn config() -> impl Strategy<Value = String> {
    let pool =
        (0_u32..4, 0_u32..5, 0_u32..3, prop_oneof![Just(0_u64), Just(200_000)], 0_u32..4, any::<bool>());
    let pool = (pool, any::<bool>()).prop_map(|((min, more, overflow, ttl, waiting, codel), fifo)| {
        format!(
            r#"{{"min_workers": {min}, "initial_workers": {}, "max_workers": {}, "surge_max_workers": {},
                "max_overflow": {overflow}, "overflow_ttl_us": {ttl}, "max_waiting": {waiting},
                "queue": "{}", "strategy": "{}"}}"#,
            min + more / 2,
            min + more + 1,
            min + more + 3,
            if codel { "codel" } else { "fifo" },
            if fifo { "fifo" } else { "lifo" },
        )
    });
    let scaler = prop_oneof![Just("step"), Just("proportional"), Just("staffing")];
    let ttl = prop_oneof![Just("null"), Just("700000")];
    let reservation = prop_oneof![Just("headroom"), Just("partition")];
    let start = prop_oneof![Just("instant"), Just("confirmed")];
    let adaptive = prop_oneof![Just("null"), Just("aimd"), Just("gradient"), Just("correlation")];
    let adaptive = adaptive.prop_map(|algorithm| match algorithm {
        "null" => "null".into(),
        algorithm => format!(
            r#"{{"algorithm": "{algorithm}", "min_limit": 2, "initial_limit": 9, "window_us": 300000, "min_samples": 2}}"#
        ),
    });
    (pool.clone(), pool, scaler, ttl, reservation, start, adaptive, any::<bool>()).prop_map(
        |(a, b, mode, ttl, reservation, start, adaptive, alone)| {
            format!(
                r#"{{"pools": {{"a": {a}, "b": {b}}},
                "domains": {{"both": {{"pools": ["a", "b"], "max_class": "critical", "class": "normal", "max_concurrent": 9}}}},
                "regulator": {{"soft_limit": 8, "hard_limit": 20, "token_ttl_us": {ttl}, "reservation": "{reservation}",
                              "adaptive": {adaptive}}},
                "alert_every_us": 1000000, "alerts": [
                    {{"name": "Busy", "metric": "pool_utilization", "comparison": ">=", "threshold": 0.5, "for_us": 2000000}},
                    {{"name": "Full", "metric": "recent_rejection_rate", "comparison": ">", "threshold": 0.1}}],
                "scaler": {{"mode": "{mode}"}}, "worker_start": "{start}", "worker_start_timeout_us": 3000000,
                "burst": {{"scope": "{}", "baseline_samples": 5, "window_samples": 2, "min_arrivals": 2, "threshold": 2,
                           "min_load": 0.1, "hold_us": 5000000, "shrink_us": 3000000, "cooldown_us": 1000000}}}}"#,
                if alone { "pool" } else { "system" },
            )
        },
    )
}

/// The engine, and everything that was ever given out.
struct World {
    engine: Engine,
    now_us: u64,
    latest_us: u64,
    tokens: Vec<Token>,
    workers: Vec<WorkerId>,
    waiters: Vec<WaiterId>,
    /// With their places in a line.
    tickets: Vec<(TicketId, Option<WaiterId>)>,
    /// The workers that should be there, by what was ordered and what has left.
    present: BTreeSet<WorkerId>,
    /// The pools' waiters that were neither served nor cancelled nor expired, as answers and effects say.
    in_line: BTreeSet<WaiterId>,
    /// Everything that was answered, for comparing two runs.
    log: String,
}

fn pick<T: Copy>(list: &[T], index: &Index) -> Option<T> {
    (!list.is_empty()).then(|| *index.get(list))
}

impl World {
    fn new(config: &str, start_us: u64) -> Self {
        let engine = Engine::new(&Config::from_json(config).unwrap(), start_us).unwrap();
        let mut world = Self {
            engine,
            now_us: start_us,
            latest_us: start_us,
            tokens: vec![],
            workers: vec![],
            waiters: vec![],
            tickets: vec![],
            present: BTreeSet::new(),
            in_line: BTreeSet::new(),
            log: String::new(),
        };
        for pool in 0..world.engine.pool_count() {
            for worker in world.engine.pool_workers(PoolId::new(pool)).unwrap() {
                world.present.insert(worker.worker);
                world.workers.push(worker.worker);
            }
        }
        world
    }

    /// Everything that can be seen from outside.
    fn seen(&self) -> String {
        let engine = &self.engine;
        let pools: Vec<_> = (0..engine.pool_count())
            .map(|pool| {
                let pool = PoolId::new(pool);
                (engine.pool_status(pool).unwrap(), engine.pool_workers(pool).unwrap())
            })
            .collect();
        format!(
            "{:?} {:?} {:?} {:?} {:?} {:?}",
            engine.regulator_status(),
            engine.capacity_info(),
            pools,
            engine.balance_status(),
            engine.burst_status(),
            engine.surge_metrics()
        )
    }

    /// Runs a call whose error must change nothing.
    fn call<T: std::fmt::Debug>(
        &mut self,
        call: impl FnOnce(&mut Engine, u64) -> Result<T, Error>,
    ) -> Option<T> {
        let before = self.seen();
        let answer = call(&mut self.engine, self.now_us);
        writeln!(self.log, "{answer:?}").unwrap();
        match answer {
            Ok(answer) => Some(answer),
            Err(_) => {
                assert_eq!(self.seen(), before, "an error changed something");
                None
            }
        }
    }

    fn apply(&mut self, gap_us: i64, input: &Input) {
        let target = self.now_us.saturating_add_signed(gap_us);
        self.now_us = target.min((1 << 53) - 1);
        if let Input::StepToDeadline = input {
            self.now_us = self.engine.next_deadline_us().unwrap_or(self.now_us);
        }
        self.latest_us = self.latest_us.max(self.now_us);
        // An error advances the time, which shows in sliding windows, and nothing else. Let that pass first, so
        // that all an input's error could change is its own doing.
        assert!(self.engine.cancel_wait(self.now_us, WaiterId::from_raw(0)).is_err());
        let outcome = |failed: &bool| if *failed { Outcome::Failed } else { Outcome::Ok };
        match input {
            Input::Admit(domain, class) => {
                let hard = self.engine.regulator_status();
                if let Some(answer) = self.call(|e, now| e.admit(now, DomainId::new(*domain), *class)) {
                    if let Some(token) = answer.token {
                        assert!(hard.current_load < hard.hard_limit);
                        assert!(answer.load <= answer.limit || answer.reason == Reason::Accepted);
                        self.tokens.push(token);
                    } else {
                        assert!(answer.retry_after_us > 0);
                    }
                }
            }
            Input::Release(index, failed) => {
                if let Some(token) = pick(&self.tokens, index) {
                    self.call(|e, now| e.release(now, token, outcome(failed)));
                }
            }
            Input::Route(domain, key) => {
                self.call(|e, now| e.route(now, DomainId::new(*domain), &[*key]));
            }
            Input::Checkout(pool, wait) => {
                let until = wait.map(|wait| self.latest_us + wait);
                if let Some(answer) = self.call(|e, now| e.checkout(now, PoolId::new(*pool), until)) {
                    assert!(answer.worker.is_none() || answer.waiter.is_none());
                    self.waiters.extend(answer.waiter);
                    self.in_line.extend(answer.waiter);
                    if let Some(worker) = answer.worker {
                        self.workers.push(worker);
                    } else if answer.waiter.is_none() {
                        assert!(answer.retry_after_us > 0);
                    }
                }
            }
            Input::Checkin(index, failed) => {
                if let Some(worker) = pick(&self.workers, index) {
                    self.call(|e, now| e.checkin(now, worker, outcome(failed)));
                }
            }
            Input::CancelWait(index) => {
                if let Some(waiter) = pick(&self.waiters, index) {
                    let known = self.in_line.contains(&waiter);
                    let answer = self.call(|e, now| e.cancel_wait(now, waiter));
                    assert_eq!(answer.is_some(), known);
                    self.in_line.remove(&waiter);
                }
            }
            Input::WorkerReady(index) => {
                if let Some(worker) = pick(&self.workers, index) {
                    self.call(|e, now| e.worker_ready(now, worker));
                }
            }
            Input::WorkerFailed(index) => {
                if let Some(worker) = pick(&self.workers, index) {
                    let known = self.present.contains(&worker);
                    let answer = self.call(|e, now| e.worker_failed(now, worker));
                    assert_eq!(answer.is_some(), known);
                    self.present.remove(&worker);
                }
            }
            Input::ReportHealth(pool, alive, dead) => {
                if let (Some(alive), Some(dead)) = (pick(&self.workers, alive), pick(&self.workers, dead)) {
                    let pool = PoolId::new(*pool);
                    let answer = self.call(|e, now| e.report_health(now, pool, &[alive], &[dead]));
                    if answer.is_some() {
                        assert!(self.present.remove(&dead));
                    }
                }
            }
            Input::Dispatch(domain, key, class, wait) => {
                let until = wait.map(|wait| self.latest_us + wait);
                let domain = DomainId::new(*domain);
                let before = self.engine.regulator_status().current_load;
                let waiting = self.lines();
                if let Some(answer) = self.call(|e, now| e.dispatch(now, domain, &[*key], *class, until)) {
                    if answer.ticket.is_none() {
                        assert!(answer.retry_after_us > 0);
                        assert_eq!(self.engine.regulator_status().current_load, before);
                        assert_eq!(self.lines(), waiting);
                    }
                    self.tickets.extend(answer.ticket.map(|ticket| (ticket, answer.waiter)));
                    self.tokens.extend(answer.token);
                    self.workers.extend(answer.worker);
                    self.waiters.extend(answer.waiter);
                    self.in_line.extend(answer.waiter);
                }
            }
            Input::Complete(index, failed) => {
                if let Some((ticket, waiter)) = pick(&self.tickets, index) {
                    let answer = self.call(|e, now| e.complete(now, ticket, outcome(failed)));
                    if let (Some(_), Some(waiter)) = (answer, waiter) {
                        // A request that is completed while it waits waits no more.
                        self.in_line.remove(&waiter);
                    }
                }
            }
            Input::Step | Input::StepToDeadline => {
                self.call(Engine::step);
                let next = self.engine.next_deadline_us().unwrap();
                assert!(next > self.latest_us);
            }
            Input::ScaleUp(pool) => {
                self.call(|e, now| e.scale_up(now, PoolId::new(*pool)));
            }
            Input::ScaleDown(pool) => {
                self.call(|e, now| e.scale_down(now, PoolId::new(*pool)));
            }
            Input::Rebalance => {
                self.call(Engine::rebalance);
            }
            Input::Surge(on) => {
                self.call(|e, now| if *on { e.enable_surge(now) } else { e.disable_surge(now) });
            }
            Input::OpenDomain(domain, open) => {
                self.call(|e, now| e.set_domain_open(now, DomainId::new(*domain), *open));
            }
            Input::OpenPool(pool, open) => {
                self.call(|e, now| e.set_pool_open(now, PoolId::new(*pool), *open));
            }
            Input::HardLimit(limit) => {
                self.call(|e, now| e.set_hard_limit(now, *limit));
            }
            Input::SoftLimit(limit) => {
                self.call(|e, now| e.set_soft_limit(now, *limit));
            }
            Input::OffPeak(off) => {
                self.call(|e, now| e.set_off_peak(now, *off));
            }
            Input::Invented(raw) => {
                let raw = *raw;
                let known = self.present.iter().any(|worker| worker.get() == raw);
                if !known {
                    assert!(
                        self.call(|e, now| e.checkin(now, WorkerId::from_raw(raw), Outcome::Ok)).is_none()
                    );
                    assert!(self.call(|e, now| e.worker_failed(now, WorkerId::from_raw(raw))).is_none());
                }
            }
        }
        while let Some(effect) = self.engine.poll_effect() {
            self.follow(&effect);
        }
        self.check();
    }

    fn lines(&self) -> Vec<u32> {
        (0..2).map(|pool| self.engine.pool_counts(PoolId::new(pool)).unwrap().waiting).collect()
    }

    fn follow(&mut self, effect: &Effect) {
        writeln!(self.log, "{effect:?}").unwrap();
        assert_eq!(effect.at_us, self.latest_us);
        match effect.kind {
            EffectKind::AddWorkers => {
                assert_eq!(effect.count, effect.workers.count());
                for worker in effect.workers.as_slice() {
                    assert!(self.present.insert(*worker), "{worker:?} was there already");
                    self.workers.push(*worker);
                }
            }
            EffectKind::RemoveWorkers => {
                assert_eq!(effect.count, effect.workers.count());
                for worker in effect.workers.as_slice() {
                    assert!(self.present.remove(worker), "{worker:?} wasn't there");
                }
            }
            EffectKind::WaiterReady => {
                assert!(self.in_line.remove(&effect.waiter.unwrap()));
                assert!(self.present.contains(&effect.workers.as_slice()[0]));
            }
            EffectKind::WaiterExpired => assert!(self.in_line.remove(&effect.waiter.unwrap())),
            _ => {}
        }
    }

    fn check(&mut self) {
        let status = self.engine.regulator_status();
        assert_eq!(status.issued_tokens, status.live_tokens + status.released_tokens + status.expired_tokens);
        assert_eq!(u64::from(status.current_load), status.live_tokens);
        let mut found = BTreeSet::new();
        let mut waiting = 0;
        let mut busy = BTreeMap::new();
        for (id, pool) in (0..).map(PoolId::new).zip(&self.engine.config().pools) {
            let counts = self.engine.pool_counts(id).unwrap();
            let workers = self.engine.pool_workers(id).unwrap();
            found.extend(workers.iter().map(|worker| worker.worker));
            assert_eq!(workers.len() as u32, counts.idle + counts.busy + counts.starting, "{counts:?}");
            assert_eq!(
                counts.idle + counts.busy + counts.starting,
                counts.baseline + counts.surge + counts.draining + counts.overflow,
                "{counts:?}"
            );
            assert!(
                (pool.min_workers..=pool.max_workers).contains(&counts.baseline),
                "{counts:?} of {pool:?}"
            );
            assert!(counts.baseline + counts.surge <= pool.surge_max_workers.max(pool.max_workers));
            assert!(counts.draining <= counts.busy, "only who is busy drains: {counts:?}");
            assert!(counts.overflow <= pool.max_overflow);
            assert!(counts.waiting <= pool.max_waiting);
            // Nobody waits while somebody is idle.
            assert!(counts.waiting == 0 || counts.idle == 0, "{counts:?}");
            waiting += counts.waiting as usize;
            busy.insert(id, counts.busy);
        }
        assert_eq!(found, self.present, "the workers there are the ones ordered and not yet gone");
        assert_eq!(waiting, self.in_line.len());
        assert!(self.engine.next_deadline_us().is_none_or(|due| due > self.latest_us));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn everything_is_conserved_and_errors_change_nothing(
        config in config(),
        inputs in prop::collection::vec((gap(), input()), 1..120),
        start_us in prop_oneof![Just(0_u64), 0_u64..1 << 50],
    ) {
        let mut world = World::new(&config, start_us);
        for (gap_us, input) in &inputs {
            world.apply(*gap_us, input);
        }
        // The same inputs again give the same answers, effects and status.
        let mut again = World::new(&config, start_us);
        for (gap_us, input) in &inputs {
            again.apply(*gap_us, input);
        }
        prop_assert_eq!(&world.log, &again.log);
        prop_assert_eq!(world.seen(), again.seen());
    }

    #[test]
    fn stepping_from_deadline_to_deadline_makes_progress(
        config in config(),
        inputs in prop::collection::vec((gap(), input()), 1..40),
    ) {
        let mut world = World::new(&config, 0);
        for (gap_us, input) in &inputs {
            world.apply(*gap_us, input);
        }
        let mut last_us = world.latest_us;
        for _ in 0..200 {
            let next_us = world.engine.next_deadline_us().unwrap();
            prop_assert!(next_us > last_us);
            world.engine.step(next_us).unwrap();
            last_us = next_us;
        }
        // At least a sample boundary a second: two hundred steps can't stand still within a µs each.
        prop_assert!(last_us >= world.latest_us + 10 * SECOND_US, "{} from {}", last_us, world.latest_us);
    }

    #[test]
    fn a_jump_of_years_is_one_bounded_step(
        config in config(),
        inputs in prop::collection::vec((gap(), input()), 1..60),
        years in 1_u64..200,
    ) {
        let mut world = World::new(&config, 0);
        for (gap_us, input) in &inputs {
            world.apply(*gap_us, input);
        }
        world.now_us = world.latest_us + years * 365 * 86_400 * SECOND_US;
        world.latest_us = world.now_us;
        world.engine.step(world.now_us).unwrap();
        let mut effects = 0;
        while let Some(effect) = world.engine.poll_effect() {
            world.follow(&effect);
            effects += 1;
        }
        // Bounded by what was there, not by how long it was.
        prop_assert!(effects <= world.tokens.len() + 2 * world.waiters.len() + 60, "{} effects", effects);
        world.check();
        let next_us = world.engine.next_deadline_us().unwrap();
        prop_assert!(next_us > world.now_us && next_us <= world.now_us + SECOND_US);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_restored_engine_goes_on_as_the_one_that_never_stopped(
        config in config(),
        inputs in prop::collection::vec((gap(), input()), 1..120),
        start_us in prop_oneof![Just(0_u64), 0_u64..1 << 50],
        cut in any::<Index>(),
    ) {
        let cut = cut.index(inputs.len());
        let (mut world, mut stopped) = (World::new(&config, start_us), World::new(&config, start_us));
        for ((gap_us, input), at) in inputs.iter().zip(0..) {
            world.apply(*gap_us, input);
            if at == cut {
                let snapshot = stopped.engine.snapshot();
                stopped.engine = Engine::restore(&snapshot).unwrap();
                prop_assert!(stopped.engine.snapshot() == snapshot, "the snapshot of what was restored is the same");
            }
            stopped.apply(*gap_us, input);
        }
        prop_assert_eq!(&world.log, &stopped.log);
        prop_assert_eq!(world.seen(), stopped.seen());
        prop_assert_eq!(world.engine.engine_status(), stopped.engine.engine_status());
        prop_assert_eq!(world.engine.next_deadline_us(), stopped.engine.next_deadline_us());
        prop_assert!(world.engine.snapshot() == stopped.engine.snapshot());
    }

    #[test]
    fn a_journal_leads_from_any_of_its_snapshots_to_the_end(
        config in config(),
        inputs in prop::collection::vec((gap(), input()), 1..120),
        begin in any::<Index>(),
        cut in any::<Index>(),
        limit in prop_oneof![Just(1_u32 << 20), 4_096_u32..6_000],
    ) {
        let config = format!(r#"{}, "limits": {{"max_journal_bytes": {limit}}}}}"#, config.strip_suffix('}').unwrap());
        let (begin, cut) = (begin.index(inputs.len()), cut.index(inputs.len()));
        let mut world = World::new(&config, 0);
        let (mut journal, mut snapshots) = (Vec::new(), Vec::new());
        for ((gap_us, input), at) in inputs.iter().zip(0..) {
            if at == begin {
                world.engine.start_journal();
            }
            if at >= begin && at % 40 == 7 {
                journal.append(&mut world.engine.take_journal());
            }
            if at == cut && at >= begin {
                snapshots.push(world.engine.snapshot());
            }
            world.apply(*gap_us, input);
        }
        journal.append(&mut world.engine.take_journal());
        let last = world.engine.snapshot();
        // What was lost is in the snapshot that recording goes on with.
        journal.append(&mut world.engine.take_journal());
        let found = heijunka_core::journal::verify(&journal).unwrap();
        prop_assert!(found.equal, "{:?}", found);
        for snapshot in snapshots {
            let mut restored = Engine::restore_with(&snapshot, &journal).unwrap();
            prop_assert!(restored.snapshot() == last);
        }
        let other = heijunka_core::journal::replay(&journal, &Config::default(), 5).unwrap();
        prop_assert_eq!(other.records, found.records);
    }
}

#[test]
fn load_never_exceeds_a_class_limit() {
    let limits = [(Class::Sheddable, 12), (Class::Normal, 16), (Class::Critical, 20)];
    let config = r#"{"pools": {"p": {}}, "domains": {"p": {"max_class": "critical"}},
        "regulator": {"soft_limit": 20, "hard_limit": 20}}"#;
    let config = Config::from_json(config).unwrap();
    for (class, limit) in limits {
        let mut engine = Engine::new(&config, 0).unwrap();
        for _ in 0..30 {
            engine.admit(0, DomainId::new(0), Some(class)).unwrap();
        }
        assert_eq!(engine.regulator_status().current_load, limit);
    }
}
