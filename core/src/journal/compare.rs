//! Replaying a journal under another configuration, beside the one it was recorded with.

use alloc::borrow::ToOwned;
use alloc::collections::{BTreeMap, BinaryHeap};
use alloc::string::String;
use alloc::vec::Vec;
use core::cmp::Reverse;

use serde::Serialize;

use super::input::{Input, Operation, Subject};
use super::reader::{Item, Reader, Record, Torn, invalid};
use super::slots::BySlot;
use super::worlds::{Came, carry_out, drain};
use crate::balancer::BalanceStatus;
use crate::burst::BurstStatus;
use crate::config::{Config, WorkerStart};
use crate::effect::{Effect, EffectKind};
use crate::engine::Engine;
use crate::error::Error;
use crate::id::{DomainId, MAX_SLOTS, PoolId, Slab, WaiterId, WorkerId};
use crate::pool::PoolStatus;
use crate::reason::Reason;
use crate::regulator::RegulatorStatus;

/// What a journal's inputs led to in one of two worlds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct World {
    /// Requests (`admit`, `checkout`, `dispatch`) that got what they asked for, or a place in a line.
    pub granted: u64,
    /// Requests that were refused.
    pub refused: u64,
    /// Refusals by reason.
    pub refused_by_reason: BTreeMap<Reason, u64>,
    /// Inputs, of those that ask for something or set it, that ended in an error.
    pub errors: u64,
    /// Effects by kind.
    pub effects: BTreeMap<EffectKind, u64>,
    /// Admission at the end.
    pub regulator: RegulatorStatus,
    /// The pools at the end.
    pub pools: Vec<PoolStatus>,
    /// The balance at the end.
    pub balance: BalanceStatus,
    /// Bursts at the end.
    pub burst: BurstStatus,
}

/// How often an operation was asked for, and how often it was decided otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct OperationCount {
    /// The operation.
    pub operation: &'static str,
    /// How many records of it there are.
    pub calls: u64,
    /// How many of them were decided otherwise.
    pub differ: u64,
}

/// A decision: what an input got and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Decision {
    /// Whether it got what it asked for, or a place in a line; `None` when it asks for nothing.
    pub granted: Option<bool>,
    /// Why.
    pub reason: Option<Reason>,
    /// The pool that was chosen.
    pub pool: Option<String>,
    /// The code of the error that it ended in.
    pub error: Option<i32>,
}

/// An input that was decided otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// The record's number, from 1.
    pub record: u64,
    /// Its time, in microseconds.
    pub now_us: u64,
    /// Its operation.
    pub operation: &'static str,
    /// As it was recorded.
    pub recorded: Decision,
    /// As it would have been.
    pub other: Decision,
}

/// What came of a journal under another configuration, beside what came of it under its own.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    /// How many records were replayed.
    pub records: u64,
    /// How many headers there were: with each the other world began anew.
    pub headers: u64,
    /// Inputs that have no counterpart in the other world: of a domain or pool that it doesn't have, or the end of
    /// a request that it refused.
    pub skipped: u64,
    /// The first record's time and the last one's, in microseconds.
    pub from_us: Option<u64>,
    /// See `from_us`.
    pub to_us: Option<u64>,
    /// How many inputs were decided otherwise.
    pub differ: u64,
    /// By operation.
    pub operations: Vec<OperationCount>,
    /// The first ones.
    pub differences: Vec<Difference>,
    /// The world that was recorded.
    pub recorded: World,
    /// The world of the other configuration.
    pub other: World,
    /// The last torn tail.
    pub torn: Option<Torn>,
}

/// What a request holds in one of the worlds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Held {
    Token(u64),
    Worker(u64),
    Waiter(u64),
    Ticket(u64),
}

impl Held {
    /// Its kind, from 0, and its id.
    fn parts(self) -> (usize, u64) {
        match self {
            Self::Token(id) => (0, id),
            Self::Worker(id) => (1, id),
            Self::Waiter(id) => (2, id),
            Self::Ticket(id) => (3, id),
        }
    }
}

/// How long a request lasts from its beginning on.
#[derive(Debug, Clone, Copy)]
enum Lasts {
    /// As long as it did.
    For(u64),
    /// Nobody knows: as long as others did.
    Usual,
}

/// A request in both worlds.
#[derive(Debug, Clone, Copy, Default)]
struct Request {
    /// What it is known by in the recorded world: ticket, worker and waiter, or a token.
    keys: [Option<Held>; 3],
    /// When its service began there: `None` while it waits.
    began_us: Option<u64>,
    /// What ends it in the other world, its place in the line there, when its service began and who serves it. Nothing: it
    /// was refused, or has left the line.
    other: Option<Held>,
    other_waiter: Option<u64>,
    other_began_us: Option<u64>,
    other_worker: Option<u64>,
    /// Its end is known: how long it lasts, and how it ended.
    ends: Option<(Lasts, u8)>,
}

/// What is to happen in the other world.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Due {
    End(Held, u8),
    Ready(u64),
}

#[derive(Debug, Clone, Copy, Default)]
struct Mean {
    sum: u128,
    count: u64,
}

impl Mean {
    fn add(&mut self, value: u64) {
        self.sum = self.sum.saturating_add(value.into());
        self.count = self.count.saturating_add(1);
    }

    fn get(self) -> u64 {
        u64::try_from(self.sum.checked_div(self.count.into()).unwrap_or(0)).unwrap_or(u64::MAX)
    }
}

/// One of the worlds as it is counted.
#[derive(Debug, Default)]
struct Tally {
    granted: u64,
    refused: BTreeMap<Reason, u64>,
    errors: u64,
    effects: BTreeMap<EffectKind, u64>,
}

impl Tally {
    fn note(&mut self, operation: Operation, came: &Came) {
        if matches!(operation, Operation::Admit | Operation::Checkout | Operation::Dispatch) {
            match (came.granted, came.reason) {
                (Some(true), _) => self.granted += 1,
                (Some(false), Some(reason)) => *self.refused.entry(reason).or_default() += 1,
                _ => {}
            }
        }
    }

    fn effect(&mut self, effect: &Effect) {
        *self.effects.entry(effect.kind).or_default() += 1;
    }

    fn world(self, engine: &Engine) -> World {
        World {
            granted: self.granted,
            refused: self.refused.values().sum(),
            refused_by_reason: self.refused,
            errors: self.errors,
            effects: self.effects,
            regulator: engine.regulator_status(),
            pools: (0..engine.pool_count())
                .filter_map(|pool| engine.pool_status(PoolId::new(pool)).ok())
                .collect(),
            balance: engine.balance_status(),
            burst: engine.burst_status(),
        }
    }
}

/// Both worlds between two headers.
struct Worlds {
    recorded: Engine,
    other: Engine,
    /// The other world's handles of the recorded one's domains and pools.
    domains: Vec<Option<u32>>,
    pools: Vec<Option<u32>>,
    requests: Slab<Request>,
    /// Requests by what they are known by in the recorded world, and by their places in the other world's lines.
    known: [BySlot; 4],
    waiting: BySlot,
    /// What is to be done in the other world, by time and in order.
    due: BinaryHeap<Reverse<(u64, u64, Due)>>,
    scheduled: u64,
    /// When the workers were ordered that are starting in the recorded world.
    starting: BySlot,
}

/// What goes on through the whole journal.
#[derive(Debug, Default)]
struct Course {
    /// How long tokens were held, and how long services lasted.
    means: [Mean; 2],
    start: Mean,
    skipped: u64,
    recorded: Tally,
    other: Tally,
}

impl Course {
    /// The mean of those that are held, or that serve.
    fn mean(&mut self, held: Option<Held>) -> &mut Mean {
        let [tokens, services] = &mut self.means;
        if let Some(Held::Token(_)) = held { tokens } else { services }
    }
}

/// Replays a journal with its own configuration and with another one side by side, and tells what is decided otherwise.
/// At most `limit` differences are listed; all are counted. What this can tell and what it can't is said at
/// [`journal`](crate::journal).
///
/// Fails with [`Error::InvalidJournal`]. Costs what the inputs cost, twice, and memory for the requests that are under way.
pub fn replay(journal: &[u8], config: &Config, limit: u32) -> Result<Comparison, Error> {
    let mut reader = Reader::new(journal);
    let mut course = Course::default();
    let mut counts = [(0_u64, 0_u64); Operation::ALL.len()];
    let (mut records, mut headers, mut differ) = (0_u64, 0_u64, 0_u64);
    let (mut from_us, mut to_us) = (None, None);
    let mut differences = Vec::new();
    let mut worlds: Option<Worlds> = None;
    while let Some(item) = reader.next_item()? {
        let record = match item {
            Item::Header(header) => {
                headers = headers.saturating_add(1);
                worlds = Some(Worlds::new(header.engine()?, config)?);
                continue;
            }
            Item::Record(record) => record,
        };
        let Some(worlds) = &mut worlds else { break };
        records = records.saturating_add(1);
        from_us = from_us.or(Some(record.input.now_us));
        to_us = Some(record.input.now_us);
        let Some((a, b)) = worlds.replay(&record, &mut course)? else { continue };
        let (recorded, other) = (decision(&worlds.recorded, &a), decision(&worlds.other, &b));
        let differs = recorded != other;
        let place = Operation::ALL.iter().position(|one| *one == record.input.operation);
        if let Some((calls, otherwise)) = place.and_then(|place| counts.get_mut(place)) {
            *calls = calls.saturating_add(1);
            *otherwise = otherwise.saturating_add(u64::from(differs));
        }
        if differs {
            differ = differ.saturating_add(1);
            if differ <= u64::from(limit) {
                let (record, now_us, operation) =
                    (record.number, record.input.now_us, record.input.operation.as_str());
                differences.push(Difference { record, now_us, operation, recorded, other });
            }
        }
    }
    let Some(mut worlds) = worlds else { return Err(invalid(0, "it has no header")) };
    for effect in drain(&mut worlds.recorded) {
        course.recorded.effect(&effect);
    }
    let counted = Operation::ALL.iter().zip(counts).filter(|(_, (calls, _))| *calls > 0);
    let count = |(operation, (calls, differ)): (&Operation, _)| OperationCount {
        operation: operation.as_str(),
        calls,
        differ,
    };
    Ok(Comparison {
        records,
        headers,
        skipped: course.skipped,
        from_us,
        to_us,
        differ,
        operations: counted.map(count).collect(),
        differences,
        recorded: course.recorded.world(&worlds.recorded),
        other: course.other.world(&worlds.other),
        torn: reader.torn(),
    })
}

fn decision(engine: &Engine, came: &Came) -> Decision {
    Decision {
        granted: came.granted,
        reason: came.reason,
        pool: came.pool.and_then(|pool| engine.pool_name(pool)).map(ToOwned::to_owned),
        error: came.error,
    }
}

impl Worlds {
    fn new(recorded: Engine, config: &Config) -> Result<Self, Error> {
        let other = Engine::new(config, recorded.latest_us())?;
        let domain = |id| recorded.domain_name(DomainId::new(id)).and_then(|name| other.domain_id(name));
        let pool = |id| recorded.pool_name(PoolId::new(id)).and_then(|name| other.pool_id(name));
        let domains = (0..recorded.domain_count()).map(|id| domain(id).map(DomainId::get)).collect();
        let pools = (0..recorded.pool_count()).map(|id| pool(id).map(PoolId::get)).collect();
        Ok(Self {
            recorded,
            other,
            domains,
            pools,
            requests: Slab::new(MAX_SLOTS),
            known: Default::default(),
            waiting: BySlot::default(),
            due: BinaryHeap::new(),
            scheduled: 0,
            starting: BySlot::default(),
        })
    }

    /// The request that is known as this in the recorded world.
    fn number_of(&self, held: Held) -> Option<u64> {
        let (kind, id) = held.parts();
        self.known.get(kind)?.get(id)
    }

    fn know(&mut self, held: Held, number: u64) {
        let (kind, id) = held.parts();
        if let Some(known) = self.known.get_mut(kind) {
            known.set(id, number);
        }
    }

    /// Replays a record in both worlds. What came of it in each; `None` when it has no counterpart, or asks for nothing
    /// that could be compared.
    fn replay(&mut self, record: &Record<'_>, course: &mut Course) -> Result<Option<(Came, Came)>, Error> {
        use Operation as O;
        let input = &record.input;
        let mut drained = Vec::new();
        let bad = invalid(record.offset, "a record that holds what can't be");
        let a = carry_out(&mut self.recorded, input, |effect| drained.push(effect)).ok_or(bad)?;
        course.recorded.note(input.operation, &a);
        let now_us = self.recorded.latest_us();
        self.run_due(now_us, course);
        for effect in drained {
            course.recorded.effect(&effect);
            self.recorded_effect(now_us, &effect, course);
        }
        let ended = match input.operation {
            O::Drain => return Ok(None),
            O::WorkerReady => {
                if let Some(ordered_us) = self.starting.take(input.subject).filter(|_| a.error.is_none()) {
                    course.start.add(now_us.saturating_sub(ordered_us));
                }
                return Ok(None);
            }
            O::Release => Held::Token(input.subject),
            O::Checkin => Held::Worker(input.subject),
            O::Complete => Held::Ticket(input.subject),
            O::CancelWait => Held::Waiter(input.subject),
            O::WorkerFailed => {
                if a.error.is_none() {
                    self.fail(now_us, input.subject, course);
                }
                return Ok(None);
            }
            O::ReportHealth => {
                let (_, dead) = input.workers().filter(|_| a.error.is_none()).unwrap_or_default();
                for worker in dead {
                    self.fail(now_us, worker.get(), course);
                }
                return Ok(None);
            }
            _ => {
                let Some(translated) = self.translate(input) else {
                    course.skipped = course.skipped.saturating_add(1);
                    return Ok(None);
                };
                let b = carry_out(&mut self.other, &translated, drop).ok_or(bad)?;
                course.other.note(input.operation, &b);
                course.recorded.errors += u64::from(a.error.is_some());
                course.other.errors += u64::from(b.error.is_some());
                if a.error.is_none() && b.error.is_none() {
                    self.began(now_us, input.operation, &a, &b, course);
                }
                self.look(now_us, course);
                return Ok(Some((a, b)));
            }
        };
        if a.error.is_none() {
            match (ended, self.number_of(ended)) {
                (_, None) => course.skipped = course.skipped.saturating_add(1),
                (Held::Waiter(_), Some(number)) => self.give_up(now_us, number, course),
                (_, Some(number)) => self.end(now_us, number, input.choice, course),
            }
            self.look(now_us, course);
        }
        Ok(None)
    }

    /// The input with the other world's handles.
    fn translate<'a>(&self, input: &Input<'a>) -> Option<Input<'a>> {
        let known = |places: &[Option<u32>]| {
            let place = usize::try_from(input.subject).unwrap_or(usize::MAX);
            // One that the recorded world doesn't know either is as unknown here.
            places.get(place).map_or(Some(u64::from(u32::MAX)), |found| found.map(u64::from))
        };
        let subject = match input.operation.subject() {
            Subject::Domain => known(&self.domains)?,
            Subject::Pool => known(&self.pools)?,
            _ => input.subject,
        };
        Some(Input { subject, ..*input })
    }

    /// A request was answered in both worlds.
    fn began(&mut self, now_us: u64, operation: Operation, a: &Came, b: &Came, course: &mut Course) {
        let holds = |came: &Came| match operation {
            Operation::Admit => came.token.map(|token| Held::Token(token.get())),
            Operation::Dispatch => came.ticket.map(|ticket| Held::Ticket(ticket.get())),
            Operation::Checkout => came.worker.map(|worker| Held::Worker(worker.get())),
            _ => None,
        };
        let begins = |came: &Came| holds(came).filter(|_| came.waiter.is_none()).map(|_| now_us);
        let (worker, waiter) = (a.worker.map(WorkerId::get), a.waiter.map(WaiterId::get));
        let keys = [holds(a), worker.map(Held::Worker), waiter.map(Held::Waiter)];
        let (recorded, other) = (keys.iter().any(Option::is_some), holds(b).is_some() || b.waiter.is_some());
        if operation == Operation::Route || !(recorded || other) {
            return;
        }
        let request = Request {
            keys,
            began_us: begins(a),
            other: holds(b),
            other_waiter: b.waiter.map(WaiterId::get),
            other_began_us: begins(b),
            other_worker: b.worker.map(WorkerId::get),
            ends: (!recorded).then_some((Lasts::Usual, 0)),
        };
        // There are no more of them than the engines have tokens, workers and waiters.
        let Some(number) = self.requests.insert(request) else { return };
        for key in keys.into_iter().flatten() {
            self.know(key, number);
        }
        if let Some(waiter) = request.other_waiter {
            self.waiting.set(waiter, number);
        }
        self.settle(now_us, number, course);
    }

    /// A request has ended in the recorded world.
    fn end(&mut self, now_us: u64, number: u64, choice: u8, course: &mut Course) {
        let Some(request) = self.requests.get_mut(number) else { return };
        let lasted_us = now_us.saturating_sub(request.began_us.unwrap_or(now_us));
        course.mean(request.other.or(request.keys[0])).add(lasted_us);
        request.ends = Some((Lasts::For(lasted_us), choice));
        self.forget_keys(number);
        self.settle(now_us, number, course);
    }

    /// Who waited has left the line in the recorded world. If that is so in the other one as well, it leaves there too; if
    /// it is served there, that lasts as usual.
    fn give_up(&mut self, now_us: u64, number: u64, course: &mut Course) {
        self.forget_keys(number);
        let Some(request) = self.requests.get_mut(number) else { return };
        request.ends = Some((Lasts::Usual, 0));
        if let Some(waiter) = request.other_waiter.take() {
            (request.other, request.other_began_us) = (None, None);
            self.waiting.take(waiter);
            // It waits there, as no effect has told otherwise.
            let _ = self.other.cancel_wait(now_us, WaiterId::from_raw(waiter));
        }
        self.settle(now_us, number, course);
    }

    /// A worker has failed in the recorded world: so does the one that serves the same request in the other one.
    fn fail(&mut self, now_us: u64, worker: u64, course: &mut Course) {
        let found = self.number_of(Held::Worker(worker));
        let request = found.and_then(|number| Some((number, *self.requests.get(number)?)));
        let Some((number, request)) = request else {
            course.skipped = course.skipped.saturating_add(1);
            return;
        };
        if let Some(worker) = request.other_worker {
            // It serves the request; if it has failed before, that is enough.
            let _ = self.other.worker_failed(now_us, WorkerId::from_raw(worker));
        }
        if !matches!(request.keys[0], Some(Held::Ticket(_))) {
            // Nobody gives it back.
            self.forget_keys(number);
            self.requests.remove(number);
        }
        self.look(now_us, course);
    }

    fn forget_keys(&mut self, number: u64) {
        for key in self.requests.get(number).map(|request| request.keys).into_iter().flatten().flatten() {
            let (kind, id) = key.parts();
            self.known.get_mut(kind).and_then(|known| known.take(id));
        }
    }

    /// Ends a request in the other world, or schedules that, when its end is known and it doesn't wait there.
    fn settle(&mut self, now_us: u64, number: u64, course: &mut Course) {
        let Some(request) = self.requests.get(number) else { return };
        let Some((lasts, choice)) = request.ends else { return };
        if request.other_waiter.is_some() {
            return;
        }
        if let (Some(held), Some(began_us)) = (request.other, request.other_began_us) {
            let lasts_us = match lasts {
                Lasts::For(length_us) => length_us,
                Lasts::Usual => course.mean(Some(held)).get(),
            };
            let due_us = began_us.saturating_add(lasts_us).max(now_us);
            if due_us > now_us {
                self.schedule(due_us, Due::End(held, choice));
            } else {
                self.end_other(now_us, held, choice);
            }
        } else if let Lasts::For(_) = lasts {
            // It was refused there.
            course.skipped = course.skipped.saturating_add(1);
        }
        self.requests.remove(number);
    }

    fn schedule(&mut self, due_us: u64, due: Due) {
        self.scheduled = self.scheduled.saturating_add(1);
        self.due.push(Reverse((due_us, self.scheduled, due)));
    }

    fn end_other(&mut self, now_us: u64, held: Held, choice: u8) {
        let (operation, id) = match held {
            Held::Token(id) => (Operation::Release, id),
            Held::Worker(id) => (Operation::Checkin, id),
            Held::Waiter(id) => (Operation::CancelWait, id),
            Held::Ticket(id) => (Operation::Complete, id),
        };
        let input = Input::new(operation, now_us, id).choice(choice);
        // What it held may have expired there.
        let _ = carry_out(&mut self.other, &input, drop);
    }

    /// Does what is due in the other world.
    fn run_due(&mut self, now_us: u64, course: &mut Course) {
        while let Some(Reverse((due_us, _, due))) = self.due.peek().copied() {
            if due_us > now_us {
                break;
            }
            self.due.pop();
            match due {
                Due::End(held, choice) => self.end_other(due_us, held, choice),
                Due::Ready(worker) => {
                    // An overflow worker was ready at once, and one that was ordered may be gone.
                    let _ = self.other.worker_ready(due_us, WorkerId::from_raw(worker));
                }
            }
            self.look(due_us, course);
        }
    }

    /// Looks at the effects of the other world.
    fn look(&mut self, now_us: u64, course: &mut Course) {
        loop {
            let effects = drain(&mut self.other);
            if effects.is_empty() {
                return;
            }
            for effect in effects {
                course.other.effect(&effect);
                self.other_effect(now_us, &effect, course);
            }
        }
    }

    fn other_effect(&mut self, now_us: u64, effect: &Effect, course: &mut Course) {
        match effect.kind {
            EffectKind::AddWorkers if self.other.config().worker_start == WorkerStart::Confirmed => {
                for worker in effect.workers.as_slice() {
                    self.schedule(effect.at_us.saturating_add(course.start.get()), Due::Ready(worker.get()));
                }
            }
            EffectKind::WaiterReady | EffectKind::WaiterExpired => {
                let Some(number) = effect.waiter.and_then(|waiter| self.waiting.take(waiter.get())) else {
                    return;
                };
                let Some(request) = self.requests.get_mut(number) else { return };
                request.other_waiter = None;
                let worker = effect.workers.as_slice().first().map(|worker| worker.get());
                if effect.kind == EffectKind::WaiterReady {
                    request.other_began_us = Some(effect.at_us);
                    request.other_worker = worker;
                    request.other = request.other.or(worker.map(Held::Worker));
                } else {
                    request.other = None;
                }
                self.settle(now_us, number, course);
            }
            _ => {}
        }
    }

    fn recorded_effect(&mut self, now_us: u64, effect: &Effect, course: &mut Course) {
        let waits = effect.waiter.and_then(|waiter| self.number_of(Held::Waiter(waiter.get())));
        match (effect.kind, waits) {
            (EffectKind::AddWorkers, _) if self.recorded.config().worker_start == WorkerStart::Confirmed => {
                for worker in effect.workers.as_slice() {
                    self.starting.set(worker.get(), effect.at_us);
                }
            }
            (EffectKind::RemoveWorkers, _) => {
                for worker in effect.workers.as_slice() {
                    self.starting.take(worker.get());
                }
            }
            (EffectKind::WaiterReady, Some(number)) => {
                let Some(request) = self.requests.get_mut(number) else { return };
                request.began_us = Some(effect.at_us);
                if let (Some(worker), [_, place, _]) = (effect.workers.as_slice().first(), &mut request.keys)
                {
                    *place = Some(Held::Worker(worker.get()));
                    self.know(Held::Worker(worker.get()), number);
                }
            }
            (EffectKind::WaiterExpired, Some(number)) => self.give_up(now_us, number, course),
            (EffectKind::TokenExpired, _) => {
                let token = effect.token.map(|token| Held::Token(token.get()));
                if let Some(number) = token.and_then(|token| self.number_of(token)) {
                    self.end(now_us, number, 1, course);
                }
            }
            _ => {}
        }
    }
}
