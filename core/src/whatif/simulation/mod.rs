//! A discrete-event simulation that drives the engine through its public inputs alone.
//!
//! Requests are pushed in the order of their arrival; the simulation dispatches them, lets each worker be busy
//! for the request's service time, completes it, steps the engine at each of its deadlines and carries its
//! effects out. Memory does not grow with the number of requests.
//!
//! The world may be a hard one: workers crash, pools are slow for a while, clients try again ([`Retries`]). Only that
//! is drawn at random, from [`SimulationOptions::seed`].
//!
//! At one instant the order is: completions, workers that become ready, a crash, the engine's step if it is due, a
//! [policy](super::policy) from outside, clients that leave, those that try again, then arrivals; ties go by the order
//! in which they were scheduled.
//!
//! When no request arrives, ends or gives up waiting for six hours, the time until one does is passed over in one
//! step: every pool has long come to rest then. So a trace with a gap of years costs no more than one without.

mod autoscaler;
mod clients;
mod error;
mod marks;
mod options;
mod outcome;
mod series;
mod statistics;
#[cfg(test)]
mod tests;
mod world;

use alloc::collections::{BinaryHeap, VecDeque};
use alloc::vec;
use alloc::vec::Vec;
use core::cmp::Reverse;

use xxhash_rust::xxh3::xxh3_64;

use super::rng::{Rng, SplitMix64};
use super::trace::Request;
use super::workload::whole;
use crate::Outcome as Ending;
use crate::config::{Config, WorkerStart};
use crate::effect::EffectKind;
use crate::engine::Engine;
use crate::id::{DomainId, PoolId, TicketId, WorkerId, slot_of};
use crate::reason::Reason;
use crate::time::{SECOND_US, TIME_LIMIT_US, check_time, earlier};

pub use clients::Retries;
pub use error::SimulationError;
pub use options::SimulationOptions;
pub use outcome::{
    Cost, Distribution, DomainSummary, Mark, Outcome, PoolSeries, PoolSummary, Series, Summary, WorkerHours,
};
pub use world::Slow;

use autoscaler::Outside;
use clients::Clients;
use statistics::{Fates, Flight, Statistics, WaitsForIt};
use world::World;

/// How long nothing must happen to requests (beyond their patience) before the rest of a gap is passed over.
const QUIET_US: u64 = 6 * 3600 * SECOND_US;

/// How far a simulation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Requests pushed.
    pub requests: u64,
    /// The time of the run, in microseconds since its start.
    pub now_us: u64,
    /// Requests that wait or are served.
    pub in_flight: u64,
}

/// A run of requests through an engine.
#[derive(Debug)]
pub struct Simulation {
    engine: Engine,
    options: SimulationOptions,
    confirms: bool,
    max_key_bytes: usize,
    first_pools: Vec<PoolId>,
    /// The first arrival, in the time of the trace.
    start_us: Option<u64>,
    last_us: u64,
    now_us: u64,
    /// When something last happened to a request.
    busy_us: u64,
    fates: Fates,
    crashes: u64,
    in_flight: u64,
    /// By the slot of the ticket.
    flights: Vec<Option<Flight>>,
    /// Ends of service: time, order of scheduling, ticket.
    ends: BinaryHeap<Reverse<(u64, u64, u64)>>,
    scheduled: u64,
    /// Workers that become ready; the delay is always the same, hence a queue.
    starting: VecDeque<(u64, WorkerId)>,
    world: World,
    outside: Outside,
    clients: Option<Clients>,
    statistics: Statistics,
}

impl Simulation {
    /// A run that hasn't begun; the engine's time starts with 0 at the first arrival.
    ///
    /// Fails when the speed-up is out of range, a slow pool isn't there, or the policy has to know what comes
    /// ([`needs_foresight`](super::policy::Policy::needs_foresight); see [`Simulation::scout`]).
    pub fn new(config: &Config, options: SimulationOptions) -> Result<Self, SimulationError> {
        if options.policy.needs_foresight() {
            return Err(SimulationError::NoForesight { policy: options.policy.name() });
        }
        let config = Self::config_for(config, &options);
        let outside = Outside::new(&config, &options, None);
        Self::build(&config, options, outside)
    }

    /// A run of a configuration that has all that the options need.
    fn build(config: &Config, options: SimulationOptions, outside: Outside) -> Result<Self, SimulationError> {
        if !(options.speed_up > 0.0 && options.speed_up.is_finite()) {
            return Err(SimulationError::SpeedUp(options.speed_up));
        }
        let engine = Engine::new(config, 0)?;
        let first_pools = config.domains.iter().map(|domain| {
            let first = domain.pools.first();
            first.and_then(|name| engine.pool_id(name)).unwrap_or(PoolId::new(0))
        });
        let mut statistics = Statistics::new(&engine, options.max_points, options.max_marks);
        if outside.watches() {
            statistics.watch();
        }
        let mut seeds = SplitMix64::new(options.seed);
        let (crashing, trying) = (Rng::new(seeds.next_u64()), Rng::new(seeds.next_u64()));
        let speed_up = options.speed_up;
        let per_hour = options.crashes_per_worker_hour;
        let world =
            World::new(&options.slow, per_hour, crashing, &engine, |time_us| sped_up(time_us, speed_up))?;
        Ok(Self {
            confirms: config.worker_start == WorkerStart::Confirmed,
            max_key_bytes: config.limits.max_key_bytes as usize,
            first_pools: first_pools.collect(),
            start_us: None,
            last_us: 0,
            now_us: 0,
            busy_us: 0,
            fates: Fates::default(),
            crashes: 0,
            in_flight: 0,
            flights: Vec::new(),
            ends: BinaryHeap::new(),
            scheduled: 0,
            starting: VecDeque::new(),
            world,
            clients: options.retries.map(|policy| Clients::new(policy, trying)),
            outside,
            statistics,
            engine,
            options,
        })
    }

    /// The configuration that the engine runs with: the given one, with what the worker start delay and the policy
    /// need. (What a policy needs that knows what comes, shows in [`Engine::config`] alone.)
    pub fn config_for(config: &Config, options: &SimulationOptions) -> Config {
        let mut config = Self::with_start_delay(config, options);
        options.policy.configure(&mut config, None);
        config
    }

    fn with_start_delay(config: &Config, options: &SimulationOptions) -> Config {
        let mut config = config.clone();
        if options.worker_start_delay_us > 0 {
            config.worker_start = WorkerStart::Confirmed;
            let least_us = options.worker_start_delay_us.saturating_mul(2).min(TIME_LIMIT_US - 1);
            config.worker_start_timeout_us = config.worker_start_timeout_us.max(least_us);
        }
        config
    }

    /// The engine, to look at.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// How many things are kept of requests.
    #[cfg(test)]
    pub(super) fn kept(&self) -> usize {
        self.flights.capacity() + self.ends.capacity() + self.starting.capacity()
    }

    /// How far the run is.
    pub fn progress(&self) -> Progress {
        Progress { requests: self.fates.requests, now_us: self.now_us, in_flight: self.in_flight }
    }

    /// Lets the run begin at this time of the trace, before its first arrival. Afterwards it changes nothing.
    pub fn start_at(&mut self, start_us: u64) {
        self.start_us.get_or_insert(start_us);
    }

    /// Runs until this time of the trace.
    ///
    /// Fails when it is 2^53 or above.
    pub fn run_to(&mut self, until_us: u64) -> Result<(), SimulationError> {
        let until_us = self.in_run(until_us.saturating_sub(self.start_us.unwrap_or(until_us)));
        check_time(until_us)?;
        if until_us > self.now_us {
            self.run_until(until_us)?;
            self.statistics.advance(until_us, &self.engine);
            self.now_us = until_us;
        }
        Ok(())
    }

    /// Runs until the arrival of `request` and dispatches it. Its `domain` is a [`DomainId`] of the
    /// configuration. An empty key is replaced by the request's number, a key longer than
    /// `limits.max_key_bytes` by its hash.
    ///
    /// Fails when the arrival lies before the last one, the domain is unknown or the time is 2^53 or above.
    /// Costs O(log n) of the requests in flight, and what the engine has to do in between.
    pub fn push(&mut self, request: Request<'_>) -> Result<(), SimulationError> {
        let start_us = *self.start_us.get_or_insert(request.arrival_us);
        let last_us = if self.fates.requests == 0 { start_us } else { self.last_us };
        if request.arrival_us < last_us {
            return Err(SimulationError::Backwards { arrival_us: request.arrival_us, last_us });
        }
        self.last_us = request.arrival_us;
        let arrival_us = self.in_run(request.arrival_us - start_us);
        if arrival_us >= TIME_LIMIT_US && request.arrival_us < TIME_LIMIT_US {
            let speed_up = self.options.speed_up;
            return Err(SimulationError::TooSlow { arrival_us: request.arrival_us, speed_up });
        }
        self.run_until(arrival_us)?;
        self.fates.requests += 1;

        let domain = DomainId::new(request.domain);
        let number = self.fates.requests.to_le_bytes();
        let hash =
            if request.key.len() > self.max_key_bytes { xxh3_64(request.key).to_le_bytes() } else { number };
        let key = if request.key.is_empty() || request.key.len() > self.max_key_bytes {
            hash.get(..self.max_key_bytes).unwrap_or(&hash)
        } else {
            request.key
        };
        let service_us = request.service_us.unwrap_or(self.options.default_service_us);
        let waits_for_it = match &mut self.clients {
            Some(clients) => WaitsForIt::Client(clients.add(domain, service_us, key)),
            None => WaitsForIt::Once,
        };
        self.attempt(arrival_us, domain, key, service_us, waits_for_it)
    }

    /// Dispatches a request.
    fn attempt(
        &mut self,
        now_us: u64,
        domain: DomainId,
        key: &[u8],
        service_us: u64,
        waits_for_it: WaitsForIt,
    ) -> Result<(), SimulationError> {
        self.statistics.advance(now_us, &self.engine);
        self.now_us = now_us;
        self.busy_us = now_us;
        let until_us = now_us.saturating_add(self.options.patience_us).min(TIME_LIMIT_US - 1);
        let answer = self.engine.dispatch(now_us, domain, key, None, Some(until_us))?;
        let first_pool = self.first_pools.get(domain.index()).copied().unwrap_or(PoolId::new(0));
        let pool = answer.pool.unwrap_or(first_pool);
        let refused = if answer.ticket.is_none() { Some(answer.reason) } else { None };
        self.statistics.arrived(now_us, domain, pool, refused);
        self.outside.arrived(now_us, pool, || self.world.service_us(now_us, pool, service_us));
        if let Some(ticket) = answer.ticket {
            let raw_ticket = ticket.get();
            let worker = answer.worker;
            let (arrival_us, start_us) = (now_us, now_us);
            let flight =
                Flight { raw_ticket, domain, pool, arrival_us, service_us, start_us, worker, waits_for_it };
            self.keep(flight);
            self.in_flight += 1;
            if let Some(clients) = &mut self.clients {
                clients.accepted(now_us, raw_ticket);
            }
            if worker.is_some() {
                self.serve(now_us, raw_ticket, pool, service_us);
            }
        } else {
            self.try_again(now_us, waits_for_it, answer.retry_after_us);
        }
        self.statistics.touch(now_us, pool, &self.engine);
        self.carry_out(now_us);
        Ok(())
    }

    /// Runs until nothing is in flight, or the drain time is over, and says what was found.
    ///
    /// Fails when no request was pushed, or requests got lost.
    pub fn finish(mut self) -> Result<Outcome, SimulationError> {
        self.statistics.check(&self.engine);
        let start_us = self.run_out()?;
        let mut in_flight = vec![0_u64; self.engine.pool_count() as usize];
        let mut waited_for = 0;
        for flight in self.flights.iter().flatten() {
            waited_for += u64::from(flight.waits_for_it != WaitsForIt::Nobody);
            if let Some(count) = in_flight.get_mut(flight.pool.index()) {
                *count += 1;
            }
        }
        self.fates.to_retry = self.clients.as_ref().map_or(0, Clients::waiting);
        let as_foreseen = self.outside.is_as_foreseen();
        let (fates, crashes) = (self.fates, self.crashes);
        let outcome =
            self.statistics.finish(self.now_us, start_us, &in_flight, &fates, crashes, &self.engine);
        check_books(&outcome.summary, waited_for)?;
        if as_foreseen { Ok(outcome) } else { Err(SimulationError::Unforeseen) }
    }

    /// Runs until nothing is in flight and nobody tries again, or the drain time is over. Answers the first arrival.
    fn run_out(&mut self) -> Result<u64, SimulationError> {
        let (Some(start_us), 1..) = (self.start_us, self.fates.requests) else {
            return Err(SimulationError::Empty);
        };
        let limit_us = self.now_us.saturating_add(self.options.drain_us).min(TIME_LIMIT_US - 1);
        while self.in_flight > 0 || self.clients.as_ref().is_some_and(|clients| clients.waiting() > 0) {
            let Some(next_us) = self.next_us().filter(|next_us| *next_us <= limit_us) else {
                self.now_us = limit_us;
                break;
            };
            self.run_instant(next_us)?;
        }
        Ok(start_us)
    }

    /// A time since the first arrival, as it is in the run.
    fn in_run(&self, since_start_us: u64) -> u64 {
        sped_up(since_start_us, self.options.speed_up)
    }

    /// When the next thing happens that is no arrival.
    fn next_us(&self) -> Option<u64> {
        let end_us = self.ends.peek().map(|Reverse((at_us, ..))| *at_us);
        let ready_us = self.starting.front().map(|(at_us, _)| *at_us);
        let quiet_us = self.busy_us.saturating_add(QUIET_US).saturating_add(self.options.patience_us);
        let deadline_us = self.engine.next_deadline_us().filter(|due_us| *due_us <= quiet_us);
        let crash_us = self.world.next_us().filter(|crash_us| *crash_us <= quiet_us);
        let client_us = self.clients.as_ref().and_then(Clients::next_us);
        let outside_us = self.outside.next_us(quiet_us);
        let people_us = earlier(client_us, outside_us);
        earlier(earlier(end_us, ready_us), earlier(deadline_us, earlier(crash_us, people_us)))
    }

    /// Lets everything happen that happens at or before `until_us`.
    fn run_until(&mut self, until_us: u64) -> Result<(), SimulationError> {
        while let Some(next_us) = self.next_us().filter(|next_us| *next_us <= until_us) {
            self.run_instant(next_us)?;
        }
        // What was passed over is made up for at once.
        if self.engine.next_deadline_us().is_some_and(|due_us| due_us <= until_us) {
            self.step(until_us)?;
        }
        if self.outside.is_due(until_us) {
            self.act_from_outside(until_us)?;
        }
        Ok(())
    }

    /// Lets everything happen that happens at `now_us`, in order.
    fn run_instant(&mut self, now_us: u64) -> Result<(), SimulationError> {
        let is_due = self.engine.next_deadline_us().is_some_and(|due_us| due_us <= now_us);
        self.statistics.advance(now_us, &self.engine);
        self.now_us = now_us;
        while let Some(Reverse((at_us, _, raw_ticket))) = self.ends.peek().copied() {
            if at_us > now_us {
                break;
            }
            self.ends.pop();
            self.complete(now_us, raw_ticket)?;
        }
        self.start_workers(now_us);
        if let Some((pool, worker)) = self.world.crash(now_us, &self.engine) {
            self.crash(now_us, pool, worker)?;
        }
        if is_due {
            self.step(now_us)?;
        }
        if self.outside.is_due(now_us) {
            self.act_from_outside(now_us)?;
            // Without a delay whom it ordered is ready before anybody comes.
            self.start_workers(now_us);
        }
        if self.clients.is_some() {
            self.clients_act(now_us)?;
        }
        Ok(())
    }

    /// Workers become ready.
    fn start_workers(&mut self, now_us: u64) {
        while let Some((at_us, worker)) = self.starting.front().copied() {
            if at_us > now_us {
                break;
            }
            self.starting.pop_front();
            // It may have been taken back while it was starting.
            if self.engine.worker_ready(now_us, worker).is_ok() {
                self.carry_out(now_us);
                self.statistics.sweep(now_us, &self.engine);
            }
        }
    }

    fn step(&mut self, now_us: u64) -> Result<(), SimulationError> {
        self.statistics.advance(now_us, &self.engine);
        self.engine.step(now_us)?;
        self.carry_out(now_us);
        self.statistics.sweep(now_us, &self.engine);
        Ok(())
    }

    fn complete(&mut self, now_us: u64, raw_ticket: u64) -> Result<(), SimulationError> {
        let Some(flight) = self.take(raw_ticket) else { return Ok(()) };
        self.engine.complete(now_us, TicketId::from_raw(raw_ticket), Ending::Ok)?;
        self.outside.ended(now_us, flight.pool);
        self.in_flight -= 1;
        self.busy_us = now_us;
        match flight.waits_for_it {
            WaitsForIt::Nobody => self.statistics.abandoned(&flight),
            WaitsForIt::Once => self.statistics.completed(now_us, &flight),
            WaitsForIt::Client(client) => {
                self.statistics.completed(now_us, &flight);
                if let Some(clients) = &mut self.clients {
                    clients.end(client);
                }
            }
        }
        self.carry_out(now_us);
        self.statistics.touch(now_us, flight.pool, &self.engine);
        Ok(())
    }

    /// Does what the engine's effects say.
    #[inline]
    fn carry_out(&mut self, now_us: u64) {
        while let Some(effect) = self.engine.poll_effect() {
            self.statistics.effect(&effect, &self.engine, self.start_us.unwrap_or(0));
            match effect.kind {
                EffectKind::WaiterReady => {
                    let Some(raw_ticket) = effect.ticket.map(TicketId::get) else { continue };
                    let Some(flight) = self.flight_mut(raw_ticket) else { continue };
                    flight.start_us = now_us;
                    flight.worker = effect.workers.as_slice().first().copied();
                    let (pool, service_us) = (flight.pool, flight.service_us);
                    self.serve(now_us, raw_ticket, pool, service_us);
                }
                EffectKind::WaiterExpired => {
                    let Some(raw_ticket) = effect.ticket.map(TicketId::get) else { continue };
                    let Some(flight) = self.take(raw_ticket) else { continue };
                    self.in_flight -= 1;
                    self.busy_us = now_us;
                    self.statistics.expired(now_us, &flight);
                    self.try_again(now_us, flight.waits_for_it, 0);
                }
                EffectKind::AddWorkers if self.confirms && effect.reason != Reason::Overflow => {
                    let ready_us = now_us.saturating_add(self.options.worker_start_delay_us);
                    self.starting.extend(effect.workers.as_slice().iter().map(|worker| (ready_us, *worker)));
                }
                _ => {}
            }
            for pool in [effect.pool, effect.to_pool].into_iter().flatten() {
                self.statistics.touch(now_us, pool, &self.engine);
            }
        }
    }

    /// Schedules the end of a service.
    #[inline]
    fn serve(&mut self, now_us: u64, raw_ticket: u64, pool: PoolId, service_us: u64) {
        self.outside.started(now_us, pool);
        let service_us = self.world.service_us(now_us, pool, service_us);
        self.scheduled += 1;
        self.ends.push(Reverse((now_us.saturating_add(service_us), self.scheduled, raw_ticket)));
    }

    #[inline]
    fn keep(&mut self, flight: Flight) {
        let slot = slot_of(flight.raw_ticket) as usize;
        if slot >= self.flights.len() {
            self.flights.resize(slot + 1, None);
        }
        if let Some(place) = self.flights.get_mut(slot) {
            *place = Some(flight);
        }
    }

    #[inline]
    fn flight_mut(&mut self, raw_ticket: u64) -> Option<&mut Flight> {
        let flight = self.flights.get_mut(slot_of(raw_ticket) as usize)?.as_mut();
        flight.filter(|flight| flight.raw_ticket == raw_ticket)
    }

    #[inline]
    fn take(&mut self, raw_ticket: u64) -> Option<Flight> {
        let place = self.flights.get_mut(slot_of(raw_ticket) as usize)?;
        if place.is_some_and(|flight| flight.raw_ticket == raw_ticket) { place.take() } else { None }
    }
}

/// A time since the start, as it is in a run that is so many times faster.
#[allow(clippy::cast_precision_loss)] // below 2^53
#[allow(clippy::float_cmp)] // the exact default
fn sped_up(since_start_us: u64, speed_up: f64) -> u64 {
    if speed_up == 1.0 { since_start_us } else { whole(since_start_us as f64 / speed_up) }
}

/// Whether every attempt, and every request, ended in one way. `waited_for`: attempts in flight whose client hasn't
/// left.
fn check_books(summary: &Summary, waited_for: u64) -> Result<(), SimulationError> {
    let Summary { requests, retries, offered, .. } = *summary;
    let ended = summary.refused + summary.expired + summary.failed + summary.abandoned + summary.completed;
    let accounted = ended + summary.in_flight;
    if offered != accounted || offered != requests + retries {
        return Err(SimulationError::Unbalanced { offered: requests + retries, accounted });
    }
    let accounted = summary.completed + summary.gave_up + summary.to_retry + waited_for;
    if requests != accounted {
        return Err(SimulationError::Unbalanced { offered: requests, accounted });
    }
    Ok(())
}
