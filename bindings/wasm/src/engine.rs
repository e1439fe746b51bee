//! The engine: the core's, with the places where its answers are left.

use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use heijunka_core::config::{affinity_groups_from_value, unknown_name};
use heijunka_core::pool::{CheckinOutcome, HealthStatus, Scaling};
use heijunka_core::time::{TIME_LIMIT_US, check_time};
use heijunka_core::{
    Config, DomainId, Effect, Engine as Core, Error, PoolId, Stage, TicketId, Token, Value, WaiterId,
    WorkerId,
};
use serde::Serialize;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::args::{class, count, outcome, shown, whole, workers};
use crate::failure::Failure;
use crate::number;
use heijunka_core::json;

/// How many numbers an answer may have.
const SLOTS: usize = 16;

/// No pool, or no domain.
const NONE: f64 = -1.0;

/// What a call was given, for the message when it fails.
#[derive(Clone, Copy)]
struct Given {
    now_us: f64,
    until_us: Option<f64>,
    id: f64,
}

/// An engine. Every call that may fail answers a status: 0 or above, or below 0 the code of an error, which `error`
/// tells then. What else it answers is left in the slots.
#[wasm_bindgen]
pub struct RawEngine {
    core: Core,
    slots: Box<[f64; SLOTS]>,
    key: Box<[u8]>,
    workers: Vec<f64>,
    failure: Option<Failure>,
}

impl RawEngine {
    fn of(core: Core) -> Self {
        // One more than a key may have, so that one that is too long shows.
        let key = alloc::vec![0; core.config().limits.max_key_bytes as usize + 1].into_boxed_slice();
        Self { core, slots: Box::new([0.0; SLOTS]), key, workers: Vec::new(), failure: None }
    }

    /// The status of an error.
    #[cold]
    fn fail(&mut self, error: Error, given: Given) -> i32 {
        const NEVER: u64 = u64::MAX;
        let id = || shown(given.id);
        let message = match error {
            Error::TimeOutOfRange { .. } => {
                let (subject, time) = match given.until_us {
                    Some(until_us) if whole(given.now_us) != NEVER => ("waitUntilUs", until_us),
                    _ => ("nowUs", given.now_us),
                };
                time_message(subject, time)
            }
            Error::UnknownDomain { domain } => handle_message("domain", domain, self.core.domain_count()),
            Error::UnknownPool { pool } => handle_message("pool", pool, self.core.pool_count()),
            Error::UnknownToken { token: NEVER } => {
                format!("unknown token {}: it was never given out", id())
            }
            Error::UnknownWorker { worker: NEVER } => format!("unknown worker {}: it never existed", id()),
            Error::UnknownWaiter { waiter: NEVER } => format!("unknown waiter {}: it never existed", id()),
            Error::UnknownTicket { ticket: NEVER } => {
                format!("unknown ticket {}: it was never given out", id())
            }
            Error::OutOfRange { field, min, max, .. } => {
                format!("`{field}` = {} is out of range: it must be from {min} to {max}", id())
            }
            error => error.to_string(),
        };
        self.keep(Failure::core(error, message))
    }

    #[cold]
    fn keep(&mut self, failure: Failure) -> i32 {
        let code = failure.code;
        self.failure = Some(failure);
        code
    }

    /// The status of a call that answers nothing.
    fn done(&mut self, answer: Result<(), Error>, given: Given) -> i32 {
        match answer {
            Ok(()) => 0,
            Err(error) => self.fail(error, given),
        }
    }

    fn scaled(&mut self, answer: Result<Scaling, Error>, given: Given) -> i32 {
        match answer {
            Ok(answer) => {
                self.leave([answer.workers.into(), flag(answer.scaled), answer.reason.code().into()]);
                0
            }
            Err(error) => self.fail(error, given),
        }
    }

    /// Leaves an answer where JavaScript reads it.
    #[inline]
    fn leave<const N: usize>(&mut self, answer: [f64; N]) {
        if let Some(slots) = self.slots.first_chunk_mut() {
            *slots = answer;
        }
    }

    /// JSON, or nothing and a failure.
    fn text<T: Serialize>(&mut self, answer: Result<T, Error>) -> Option<String> {
        match answer {
            Ok(answer) => Some(json(&answer)),
            Err(error) => {
                self.fail(error, at(0.0));
                None
            }
        }
    }

    fn put_effect(&mut self, effect: &Effect) {
        self.workers.clear();
        self.workers.extend(effect.workers.as_slice().iter().map(|worker| number(worker.get())));
        self.leave([
            number(effect.at_us),
            effect.kind.code().into(),
            effect.reason.code().into(),
            pool(effect.pool),
            pool(effect.to_pool),
            effect.domain.map_or(NONE, |domain| domain.get().into()),
            id(effect.token.map(Token::get)),
            id(effect.waiter.map(WaiterId::get)),
            id(effect.ticket.map(TicketId::get)),
            effect.count.into(),
            flag(effect.surge),
            self.workers.first().copied().unwrap_or(0.0),
            effect.alert.map_or(NONE, f64::from),
            effect.value.unwrap_or(0.0),
            effect.options.bits().into(),
        ]);
    }
}

#[wasm_bindgen]
impl RawEngine {
    /// An engine, for a configuration as JSON, that starts at a time.
    #[wasm_bindgen(constructor)]
    pub fn new(config: &str, now_us: f64) -> Result<Self, Failure> {
        let config = Config::from_value(&Value::from_json(config)?)?;
        let core = Core::new(&config, whole(now_us))
            .map_err(|error| Failure::core(error, time_message("nowUs", now_us)))?;
        Ok(Self::of(core))
    }

    /// The engine of a snapshot, and of what a journal has after it.
    pub fn restore(snapshot: &[u8], journal: Option<Box<[u8]>>) -> Result<Self, Failure> {
        Ok(Self::of(match journal {
            None => Core::restore(snapshot)?,
            Some(journal) => Core::restore_with(snapshot, &journal)?,
        }))
    }

    /// All that it holds.
    pub fn snapshot(&mut self) -> Vec<u8> {
        self.core.snapshot()
    }

    /// Begins to record.
    pub fn start_journal(&mut self) {
        self.core.start_journal();
    }

    /// Takes what was recorded.
    pub fn drain_journal(&mut self) -> Vec<u8> {
        self.core.take_journal()
    }

    /// Where the slots are.
    pub fn slots_at(&self) -> *const f64 {
        self.slots.as_ptr()
    }

    /// Where a key is put.
    pub fn key_at(&mut self) -> *mut u8 {
        self.key.as_mut_ptr()
    }

    /// How many bytes of a key fit there: one more than it may have.
    pub fn key_capacity(&self) -> usize {
        self.key.len()
    }

    /// Where the workers of the last effect are.
    pub fn workers_at(&self) -> *const f64 {
        self.workers.as_ptr()
    }

    /// How many workers the last effect names.
    pub fn workers_count(&self) -> usize {
        self.workers.len()
    }

    /// The last error, as JSON.
    pub fn error(&mut self) -> Option<String> {
        self.failure.take().map(|failure| failure.json())
    }

    /// The error for a name that isn't known, of a pool or of a domain, as JSON.
    pub fn unknown(&self, is_pool: bool, name: &str) -> String {
        let (what, error, known) = if is_pool {
            ("pool", Error::UnknownPool { pool: u32::MAX }, self.pools())
        } else {
            ("domain", Error::UnknownDomain { domain: u32::MAX }, self.domains())
        };
        Failure::core(error, unknown_name(what, name, known.iter().map(String::as_str))).json()
    }

    /// The names of the domains, by handle.
    pub fn domains(&self) -> Vec<String> {
        let name = |id| self.core.domain_name(DomainId::new(id)).map(str::to_owned);
        (0..self.core.domain_count()).filter_map(name).collect()
    }

    /// The names of the pools, by handle.
    pub fn pools(&self) -> Vec<String> {
        let name = |id| self.core.pool_name(PoolId::new(id)).map(str::to_owned);
        (0..self.core.pool_count()).filter_map(name).collect()
    }

    /// Leaves token, warning, reason, limit, load, when to retry.
    pub fn admit(&mut self, now_us: f64, domain: u32, asked: u32) -> i32 {
        match self.core.admit(whole(now_us), DomainId::new(domain), class(asked)) {
            Ok(answer) => {
                self.leave([
                    id(answer.token.map(Token::get)),
                    flag(answer.warning),
                    answer.reason.code().into(),
                    answer.limit.into(),
                    answer.load.into(),
                    number(answer.retry_after_us),
                ]);
                0
            }
            Err(error) => self.fail(error, at(now_us)),
        }
    }

    /// Gives a token back.
    pub fn release(&mut self, now_us: f64, token: f64, failed: bool) -> i32 {
        let answer = self.core.release(whole(now_us), Token::from_raw(whole(token)), outcome(failed));
        self.done(answer, of(now_us, token))
    }

    /// Leaves pool, reason, spilled.
    pub fn route(&mut self, now_us: f64, domain: u32, key_len: usize) -> i32 {
        let key = self.key.get(..key_len).unwrap_or(&self.key);
        match self.core.route(whole(now_us), DomainId::new(domain), key) {
            Ok(answer) => {
                self.leave([pool(answer.pool), answer.reason.code().into(), flag(answer.spilled)]);
                0
            }
            Err(error) => self.fail(error, at(now_us)),
        }
    }

    /// Leaves worker, waiter, reason, overflow, limit, load, when to retry.
    pub fn checkout(&mut self, now_us: f64, pool: u32, until_us: Option<f64>) -> i32 {
        match self.core.checkout(whole(now_us), PoolId::new(pool), until_us.map(whole)) {
            Ok(answer) => {
                self.leave([
                    id(answer.worker.map(WorkerId::get)),
                    id(answer.waiter.map(WaiterId::get)),
                    answer.reason.code().into(),
                    flag(answer.overflow),
                    answer.limit.into(),
                    answer.load.into(),
                    number(answer.retry_after_us),
                ]);
                0
            }
            Err(error) => self.fail(error, Given { until_us, ..at(now_us) }),
        }
    }

    /// Answers what became of the worker, from 0: idle, served, left, lingering.
    pub fn checkin(&mut self, now_us: f64, worker: f64, failed: bool) -> i32 {
        match self.core.checkin(whole(now_us), WorkerId::from_raw(whole(worker)), outcome(failed)) {
            Ok(answer) => match answer.outcome {
                CheckinOutcome::Idle => 0,
                CheckinOutcome::Served => 1,
                CheckinOutcome::Left => 2,
                CheckinOutcome::Lingering => 3,
            },
            Err(error) => self.fail(error, of(now_us, worker)),
        }
    }

    /// Leaves a waiting line.
    pub fn cancel_wait(&mut self, now_us: f64, waiter: f64) -> i32 {
        let answer = self.core.cancel_wait(whole(now_us), WaiterId::from_raw(whole(waiter)));
        self.done(answer, of(now_us, waiter))
    }

    /// Says that an ordered worker is ready.
    pub fn worker_ready(&mut self, now_us: f64, worker: f64) -> i32 {
        let answer = self.core.worker_ready(whole(now_us), WorkerId::from_raw(whole(worker)));
        self.done(answer, of(now_us, worker))
    }

    /// Takes a failed worker out.
    pub fn worker_failed(&mut self, now_us: f64, worker: f64) -> i32 {
        let answer = self.core.worker_failed(whole(now_us), WorkerId::from_raw(whole(worker)));
        self.done(answer, of(now_us, worker))
    }

    /// Leaves how many workers were replaced.
    pub fn report_health(&mut self, now_us: f64, pool: u32, alive: &[f64], dead: &[f64]) -> i32 {
        let (ids_alive, ids_dead) = (workers(alive), workers(dead));
        match self.core.report_health(whole(now_us), PoolId::new(pool), &ids_alive, &ids_dead) {
            Ok(replaced) => {
                self.leave([replaced.into()]);
                0
            }
            Err(error) => {
                let misfit = alive.iter().chain(dead).find(|id| whole(**id) == u64::MAX);
                self.fail(error, of(now_us, misfit.copied().unwrap_or(0.0)))
            }
        }
    }

    /// Leaves ticket, token, pool, worker, waiter, stage (from 0: admit, route, checkout), reason, warning, spilled,
    /// overflow, limit, load, when to retry.
    pub fn dispatch(
        &mut self,
        now_us: f64,
        domain: u32,
        key_len: usize,
        asked: u32,
        until_us: Option<f64>,
    ) -> i32 {
        let key = self.key.get(..key_len).unwrap_or(&self.key);
        let domain = DomainId::new(domain);
        match self.core.dispatch(whole(now_us), domain, key, class(asked), until_us.map(whole)) {
            Ok(answer) => {
                self.leave([
                    id(answer.ticket.map(TicketId::get)),
                    id(answer.token.map(Token::get)),
                    pool(answer.pool),
                    id(answer.worker.map(WorkerId::get)),
                    id(answer.waiter.map(WaiterId::get)),
                    match answer.stage {
                        Stage::Admit => 0.0,
                        Stage::Route => 1.0,
                        Stage::Checkout => 2.0,
                    },
                    answer.reason.code().into(),
                    flag(answer.warning),
                    flag(answer.spilled),
                    flag(answer.overflow),
                    answer.limit.into(),
                    answer.load.into(),
                    number(answer.retry_after_us),
                ]);
                0
            }
            Err(error) => self.fail(error, Given { until_us, ..at(now_us) }),
        }
    }

    /// Leaves whether the token was released, and whether the worker came back.
    pub fn complete(&mut self, now_us: f64, ticket: f64, failed: bool) -> i32 {
        match self.core.complete(whole(now_us), TicketId::from_raw(whole(ticket)), outcome(failed)) {
            Ok(answer) => {
                self.leave([flag(answer.token_released), flag(answer.worker_returned)]);
                0
            }
            Err(error) => self.fail(error, of(now_us, ticket)),
        }
    }

    /// Runs every timer that is due.
    pub fn step(&mut self, now_us: f64) -> i32 {
        let answer = self.core.step(whole(now_us));
        self.done(answer, at(now_us))
    }

    /// Takes the oldest effect, if there is one. Leaves its time, kind, reason, pool, other pool, domain, token, waiter,
    /// ticket, count, surge, first worker, alert, value and options.
    pub fn poll_effect(&mut self) -> bool {
        let effect = self.core.poll_effect();
        if let Some(effect) = &effect {
            self.put_effect(effect);
        }
        effect.is_some()
    }

    /// The next deadline; below 0: never.
    pub fn next_deadline(&self) -> f64 {
        self.core.next_deadline_us().map_or(-1.0, number)
    }

    /// Sets the soft limit.
    pub fn set_soft_limit(&mut self, now_us: f64, soft_limit: f64) -> i32 {
        let (Ok(limit) | Err(limit)) = count(soft_limit);
        let answer = self.core.set_soft_limit(whole(now_us), limit);
        self.done(answer, of(now_us, soft_limit))
    }

    /// Sets the hard limit.
    pub fn set_hard_limit(&mut self, now_us: f64, hard_limit: f64) -> i32 {
        let (Ok(limit) | Err(limit)) = count(hard_limit);
        let answer = self.core.set_hard_limit(whole(now_us), limit);
        self.done(answer, of(now_us, hard_limit))
    }

    /// Replaces the affinity groups, as JSON.
    pub fn set_affinity_groups(&mut self, now_us: f64, groups: &str) -> i32 {
        if let Err(error) = check_time(whole(now_us)) {
            return self.fail(error, at(now_us));
        }
        let groups = Value::from_json(groups).and_then(|groups| affinity_groups_from_value(&groups));
        let set = groups
            .map_err(Failure::from)
            .and_then(|groups| self.core.set_affinity_groups(whole(now_us), &groups).map_err(Failure::from));
        set.map_or_else(|failure| self.keep(failure), |()| 0)
    }

    /// Lets surges start again.
    pub fn enable_surge(&mut self, now_us: f64) -> i32 {
        let answer = self.core.enable_surge(whole(now_us));
        self.done(answer, at(now_us))
    }

    /// Stops new surges.
    pub fn disable_surge(&mut self, now_us: f64) -> i32 {
        let answer = self.core.disable_surge(whole(now_us));
        self.done(answer, at(now_us))
    }

    /// Opens or closes a domain.
    pub fn set_domain_open(&mut self, now_us: f64, domain: u32, open: bool) -> i32 {
        let answer = self.core.set_domain_open(whole(now_us), DomainId::new(domain), open);
        self.done(answer, at(now_us))
    }

    /// Opens or closes a pool.
    pub fn set_pool_open(&mut self, now_us: f64, pool: u32, open: bool) -> i32 {
        let answer = self.core.set_pool_open(whole(now_us), PoolId::new(pool), open);
        self.done(answer, at(now_us))
    }

    /// Says whether it is off-peak.
    pub fn set_off_peak(&mut self, now_us: f64, off_peak: bool) -> i32 {
        let answer = self.core.set_off_peak(whole(now_us), off_peak);
        self.done(answer, at(now_us))
    }

    /// Adds a worker by hand. Leaves workers, scaled, reason.
    pub fn scale_up(&mut self, now_us: f64, pool: u32) -> i32 {
        let answer = self.core.scale_up(whole(now_us), PoolId::new(pool));
        self.scaled(answer, at(now_us))
    }

    /// Removes a worker by hand. Leaves workers, scaled, reason.
    pub fn scale_down(&mut self, now_us: f64, pool: u32) -> i32 {
        let answer = self.core.scale_down(whole(now_us), PoolId::new(pool));
        self.scaled(answer, at(now_us))
    }

    /// Moves a worker now, if that helps. Leaves migrated, from, to, spread, reason.
    pub fn rebalance(&mut self, now_us: f64) -> i32 {
        match self.core.rebalance(whole(now_us)) {
            Ok(answer) => {
                self.leave([
                    flag(answer.migrated),
                    pool(answer.from),
                    pool(answer.to),
                    answer.spread,
                    answer.reason.code().into(),
                ]);
                0
            }
            Err(error) => self.fail(error, at(now_us)),
        }
    }

    /// A pool's health, from 0: healthy, degraded, critical.
    pub fn health_check(&mut self, pool: u32) -> i32 {
        match self.core.health_check(PoolId::new(pool)) {
            Ok(HealthStatus::Healthy) => 0,
            Ok(HealthStatus::Degraded) => 1,
            Ok(HealthStatus::Critical) => 2,
            Err(error) => self.fail(error, at(0.0)),
        }
    }

    /// The state of admission.
    pub fn regulator_status(&self) -> String {
        json(&self.core.regulator_status())
    }

    /// Capacity.
    pub fn capacity_info(&self) -> String {
        json(&self.core.capacity_info())
    }

    /// A pool's state.
    pub fn pool_status(&mut self, pool: u32) -> Option<String> {
        let answer = self.core.pool_status(PoolId::new(pool));
        self.text(answer)
    }

    /// A pool's workers.
    pub fn pool_workers(&mut self, pool: u32) -> Option<String> {
        let answer = self.core.pool_workers(PoolId::new(pool));
        self.text(answer)
    }

    /// The balance of the pools.
    pub fn balance_status(&self) -> String {
        json(&self.core.balance_status())
    }

    /// Burst detection.
    pub fn burst_status(&self) -> String {
        json(&self.core.burst_status())
    }

    /// The running surge, and what surges have cost.
    pub fn surge_metrics(&self) -> String {
        json(&self.core.surge_metrics())
    }

    /// Surges or permanent workers.
    pub fn cost_advice(&self) -> String {
        json(&self.core.cost_advice())
    }

    /// The alerts that are pending or firing.
    pub fn alerts(&self) -> String {
        json(&self.core.alerts())
    }

    /// The checklist.
    pub fn verify(&self) -> String {
        json(&self.core.verify())
    }

    /// Demand's pace against the pools', or nothing and a failure.
    pub fn takt(&mut self, now_us: f64) -> Option<String> {
        match self.core.takt(whole(now_us)) {
            Ok(takt) => Some(json(&takt)),
            Err(error) => {
                self.fail(error, at(now_us));
                None
            }
        }
    }

    /// Everything as OpenMetrics text.
    pub fn metrics_text(&self) -> String {
        self.core.metrics_text()
    }

    /// The engine's own state.
    pub fn engine_status(&self) -> String {
        json(&self.core.engine_status())
    }

    /// The full configuration.
    pub fn config(&self) -> String {
        json(self.core.config())
    }
}

fn at(now_us: f64) -> Given {
    Given { now_us, until_us: None, id: 0.0 }
}

fn of(now_us: f64, id: f64) -> Given {
    Given { id, ..at(now_us) }
}

#[inline]
fn id(id: Option<u64>) -> f64 {
    id.map_or(0.0, number)
}

#[inline]
fn flag(flag: bool) -> f64 {
    f64::from(u8::from(flag))
}

#[inline]
fn pool(pool: Option<PoolId>) -> f64 {
    pool.map_or(NONE, |pool| pool.get().into())
}

pub(crate) fn time_message(subject: &str, time_us: f64) -> String {
    let (shown, most) = (shown(time_us), TIME_LIMIT_US - 1);
    format!(
        "`{subject}` = {shown} is out of range: it must be a whole number from 0 to {most} (below 2^53) microseconds"
    )
}

pub(crate) fn handle_message(what: &str, handle: u32, known: u32) -> String {
    format!("unknown {what} {handle}: handles go from 0 to {}", known.saturating_sub(1))
}
