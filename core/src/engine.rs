//! The engine: the parts composed. No decision is made here; the parts make them, and the engine introduces them
//! to each other.

mod answers;
mod inputs;
mod observe;
mod requests;
mod state;
mod status;
#[cfg(test)]
mod tests;
mod views;

use alloc::string::String;
use alloc::vec::Vec;

use crate::Outcome;
use crate::balancer::Balancer;
use crate::burst::Burst;
use crate::config::Config;
use crate::effect::{Effect, EffectKind, EffectQueue};
use crate::error::Error;
use crate::id::{MAX_SLOTS, PoolId, Slab, TicketId, Token, WaiterId, WorkerId};
use crate::journal::{Input, Journal, Operation};
use crate::observe::Alerts;
use crate::order;
use crate::pool::Pools;
use crate::reason::Reason;
use crate::regulator::Regulator;
use crate::time::{Clock, TIME_LIMIT_US, earlier};

pub use answers::{AffinityError, Completion, Dispatch, Stage};
pub use status::EngineStatus;

use views::{Sight, SurgeView};

/// A dispatched request: what it holds. It lives until both its token and its worker are given back.
#[derive(Debug, Clone, Copy, Default)]
struct Ticket {
    token: Option<Token>,
    worker: Option<WorkerId>,
    waiter: Option<WaiterId>,
}

/// The load-leveling engine: a pure state machine, advanced by the times that its caller passes in.
///
/// # The caller's loop
/// 1. Call an input ([`Engine::dispatch`], [`Engine::complete`], [`Engine::admit`], …) whenever something
///    happens, with the time it happens at.
/// 2. Call [`Engine::step`] when [`Engine::next_deadline_us`] has come (any later time will do: a step after a
///    long sleep costs the same, and makes up for what was missed once).
/// 3. Drain [`Engine::poll_effect`] after either, and do what the effects say.
///
/// Every input may change the next deadline. Times need not increase: an earlier time than the latest one seen
/// counts as the latest. An error changes nothing but the latest time seen; a refusal is a normal answer that
/// says why.
///
/// ```
/// use heijunka_core::{Config, Engine, Outcome};
///
/// let mut engine = Engine::new(&Config::default(), 0)?;
/// let delivery = engine.domain_id("delivery").unwrap();
/// let answer = engine.dispatch(1_000, delivery, b"customer 7", None, None)?;
/// if let Some(ticket) = answer.ticket {
///     // … do the work on worker `answer.worker` of pool `answer.pool` …
///     engine.complete(26_000, ticket, Outcome::Ok)?;
/// }
/// engine.step(1_000_000)?;
/// while let Some(effect) = engine.poll_effect() {
///     println!("{:?} because {}", effect.kind, effect.reason.as_str());
/// }
/// # Ok::<(), heijunka_core::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Engine {
    clock: Clock,
    regulator: Regulator,
    balancer: Balancer,
    pools: Pools,
    burst: Burst,
    alerts: Alerts,
    effects: EffectQueue,
    tickets: Slab<Ticket>,
    /// The first primary pool of each domain: where its refused demand is counted.
    first_pools: Vec<PoolId>,
    domain_names: Vec<String>,
    pool_names: Vec<String>,
    config: Config,
    journal: Journal,
}

impl Engine {
    /// An engine that starts at `now_us` with a checked configuration.
    ///
    /// Fails with [`Error::TimeOutOfRange`] when `now_us` is 2^53 or above.
    pub fn new(config: &Config, now_us: u64) -> Result<Self, Error> {
        let clock = Clock::new(now_us)?;
        let pool_names: Vec<String> = config.pools.iter().map(|pool| pool.name.clone()).collect();
        let by_name = order::map(pool_names.iter().map(String::as_str).zip(0_u32..));
        let first_pool = |name: Option<&String>| {
            let id = name.and_then(|name| by_name.get(name.as_str()));
            PoolId::new(id.copied().unwrap_or(u32::MAX))
        };
        let first_pools = config.domains.iter().map(|domain| first_pool(domain.pools.first())).collect();
        Ok(Self {
            clock,
            regulator: Regulator::new(&config.regulator, &config.domains, &config.limits, now_us),
            balancer: Balancer::new(&config.balancer, &config.domains, &config.pools, now_us),
            pools: Pools::new(config, now_us),
            burst: Burst::new(&config.burst, &config.cost, count(config.pools.len()), now_us),
            alerts: Alerts::new(&config.alerts, config.alert_every_us, &pool_names, now_us),
            effects: EffectQueue::new(config.limits.max_effects),
            tickets: Slab::new(MAX_SLOTS),
            first_pools,
            domain_names: config.domains.iter().map(|domain| domain.name.clone()).collect(),
            pool_names,
            config: config.clone(),
            journal: Journal::default(),
        })
    }

    /// Runs every timer that is due and queues effects. Nothing due: a few comparisons.
    ///
    /// Fails with [`Error::TimeOutOfRange`] when `now_us` is 2^53 or above.
    pub fn step(&mut self, now_us: u64) -> Result<(), Error> {
        let answer = self.try_step(now_us);
        self.note(|| Input::new(Operation::Step, now_us, 0_u32), &answer);
        answer
    }

    fn try_step(&mut self, now_us: u64) -> Result<(), Error> {
        let now_us = self.clock.advance(now_us)?;
        if self.due_us().is_none_or(|due_us| due_us > now_us) {
            return Ok(());
        }
        while let Some(expired) = self.regulator.expire(now_us) {
            let mut effect = Effect::new(now_us, EffectKind::TokenExpired, Reason::TokenTtl);
            effect.token = Some(expired.token);
            effect.domain = Some(expired.domain);
            effect.ticket = ticket_of(expired.tag);
            self.effects.push(effect);
            self.token_gone(now_us, expired.tag);
        }
        self.regulator.step(now_us);
        self.pools.expire(now_us, &mut self.effects);
        self.settle_waiters(now_us);
        self.pools.advance(now_us);
        self.burst
            .step(now_us, &mut SurgeView { now_us, pools: &mut self.pools, effects: &mut self.effects });
        self.settle_waiters(now_us);
        self.pools.evaluate(now_us, &mut self.effects);
        self.settle_waiters(now_us);
        if self.balancer.take_due(now_us) {
            self.balance(now_us);
        }
        self.pools.check_health(now_us, &mut self.effects);
        // Last, so that they see what the step has done.
        let sight =
            Sight { now_us, regulator: &self.regulator, balancer: &self.balancer, pools: &self.pools };
        self.alerts.evaluate(now_us, &sight, &mut self.effects);
        Ok(())
    }

    /// Takes the oldest effect that wasn't drained yet.
    #[inline]
    pub fn poll_effect(&mut self) -> Option<Effect> {
        let effect = self.effects.pop();
        self.note_drained(effect.as_ref());
        effect
    }

    /// The oldest effect that wasn't drained yet, which stays the oldest.
    pub fn peek_effect(&self) -> Option<&Effect> {
        self.effects.peek()
    }

    /// When the next [`Engine::step`] is needed: `None` for never, else always later than the latest time seen
    /// (an overdue timer is reported as that time + 1 µs). Any input may change it.
    pub fn next_deadline_us(&self) -> Option<u64> {
        let soonest = self.clock.latest_us().saturating_add(1);
        self.due_us().map(|due_us| due_us.max(soonest)).filter(|due_us| *due_us < TIME_LIMIT_US)
    }

    fn due_us(&self) -> Option<u64> {
        // Asked for after every request: a chain of comparisons, and no iterator that a small build leaves as calls.
        let requests_us = earlier(self.regulator.next_deadline_us(), self.pools.next_deadline_us());
        let balance_us = Some(self.balancer.next_deadline_us());
        let watch_us = earlier(self.burst.next_deadline_us(), self.alerts.next_deadline_us());
        earlier(requests_us, earlier(watch_us, balance_us))
    }

    /// Follows what became of waiters that belong to tickets: a served one's ticket has its worker, an expired
    /// one's ticket ends and its token is released.
    fn settle_waiters(&mut self, now_us: u64) {
        while let Some(notice) = self.pools.take_notice() {
            let Some(ticket) = self.tickets.get_mut(notice.tag) else { continue };
            ticket.waiter = None;
            ticket.worker = notice.worker;
            if notice.worker.is_none() {
                let token = ticket.token;
                self.tickets.remove(notice.tag);
                self.release_of(now_us, token);
            }
        }
    }

    /// A ticket's token is gone. A request that still waits has no right to any more; a worker stays out until
    /// its checkin.
    fn token_gone(&mut self, now_us: u64, tag: u64) {
        let Some(ticket) = self.tickets.get_mut(tag) else { return };
        ticket.token = None;
        if let Some(waiter) = ticket.waiter.take()
            && let pool = self.pools.pool_of_waiter(waiter)
            && self.pools.cancel_wait(now_us, waiter).is_ok()
        {
            let mut effect = Effect::new(now_us, EffectKind::WaiterExpired, Reason::TicketExpired);
            effect.pool = pool;
            effect.waiter = Some(waiter);
            effect.ticket = ticket_of(tag);
            self.effects.push(effect);
        }
        self.end_ticket(tag);
    }

    /// A ticket's worker is gone.
    fn worker_gone(&mut self, tag: u64) {
        if let Some(ticket) = self.tickets.get_mut(tag) {
            ticket.worker = None;
            self.end_ticket(tag);
        }
    }

    /// Ends a ticket that holds nothing any more.
    fn end_ticket(&mut self, tag: u64) {
        if self.tickets.get(tag).is_some_and(|ticket| ticket.token.is_none() && ticket.worker.is_none()) {
            self.tickets.remove(tag);
        }
    }

    fn release_of(&mut self, now_us: u64, token: Option<Token>) {
        if let Some(token) = token {
            // The ticket held it, so that it is live.
            let _ = self.regulator.release(now_us, token, Outcome::Failed);
        }
    }
}

/// The ticket that a tag stands for; 0 stands for none.
fn ticket_of(tag: u64) -> Option<TicketId> {
    (tag != 0).then(|| TicketId::from_raw(tag))
}

fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}
