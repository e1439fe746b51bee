//! One call for the whole way of a request: dispatch and complete.

use super::{Completion, Dispatch, Engine, Stage, Ticket};
use crate::Outcome;
use crate::config::Class;
use crate::error::Error;
use crate::id::{DomainId, TicketId};
use crate::journal::{Input, Operation};
use crate::reason::Reason;
use crate::retry;
use crate::time::check_time;

impl Engine {
    /// Admission, routing and checkout in one: a ticket with a worker (or a place in the pool's line, with
    /// `wait_until_us` after now), or one refusal that names its stage. A refusal leaves nothing taken; one
    /// after admission counts as rejected, by its stage.
    ///
    /// Fails with [`Error::UnknownDomain`], [`Error::KeyTooLong`] or [`Error::TimeOutOfRange`].
    pub fn dispatch(
        &mut self,
        now_us: u64,
        domain: DomainId,
        key: &[u8],
        class: Option<Class>,
        wait_until_us: Option<u64>,
    ) -> Result<Dispatch, Error> {
        let answer = self.try_dispatch(now_us, domain, key, class, wait_until_us);
        self.note(
            || {
                Input::new(Operation::Dispatch, now_us, domain.get())
                    .class(class)
                    .until(wait_until_us)
                    .bytes(key)
            },
            &answer,
        );
        answer
    }

    fn try_dispatch(
        &mut self,
        now_us: u64,
        domain: DomainId,
        key: &[u8],
        class: Option<Class>,
        wait_until_us: Option<u64>,
    ) -> Result<Dispatch, Error> {
        let now_us = self.clock.advance(now_us)?;
        self.check_key(key)?;
        if let Some(until_us) = wait_until_us {
            check_time(until_us)?;
        }
        let admission = self.regulator.admit(now_us, domain, class)?;
        let mut answer = Dispatch {
            ticket: None,
            token: None,
            pool: None,
            worker: None,
            waiter: None,
            stage: Stage::Admit,
            reason: admission.reason,
            warning: false,
            spilled: false,
            overflow: false,
            limit: admission.limit,
            load: admission.load,
            retry_after_us: admission.retry_after_us,
        };
        let Some(token) = admission.token else {
            self.count_refused(now_us, domain);
            return Ok(answer);
        };

        let route = self.balancer.route(now_us, domain, key, &self.pools)?;
        let Some(pool) = route.pool else {
            self.regulator.revoke(now_us, token, Reason::NoPools)?;
            self.count_refused(now_us, domain);
            answer.stage = Stage::Route;
            answer.reason = Reason::NoPools;
            answer.limit = 0;
            answer.load = 0;
            answer.retry_after_us = retry::UNKNOWN_US;
            return Ok(answer);
        };
        answer.pool = Some(pool);
        answer.spilled = route.spilled;
        answer.stage = Stage::Checkout;

        let ticket = Ticket { token: Some(token), worker: None, waiter: None };
        let Some(tag) = self.tickets.insert(ticket) else {
            self.regulator.revoke(now_us, token, Reason::TokensFull)?;
            answer.reason = Reason::TokensFull;
            answer.retry_after_us = retry::UNKNOWN_US;
            return Ok(answer);
        };
        // What spills is still the demand of where it belongs.
        let first = self.first_pools.get(domain.index()).copied();
        let home = if route.spilled { first.unwrap_or(pool) } else { pool };
        let checkout = self.pools.checkout_for(now_us, pool, home, wait_until_us, tag, &mut self.effects)?;
        answer.reason = checkout.reason;
        answer.limit = checkout.limit;
        answer.load = checkout.load;
        if checkout.worker.is_none() && checkout.waiter.is_none() {
            self.tickets.remove(tag);
            self.regulator.revoke(now_us, token, checkout.reason)?;
            answer.retry_after_us = checkout.retry_after_us;
            return Ok(answer);
        }
        if let Some(ticket) = self.tickets.get_mut(tag) {
            ticket.worker = checkout.worker;
            ticket.waiter = checkout.waiter;
        }
        self.regulator.set_tag(token, tag)?;
        self.note_soft_limit(now_us, &admission);
        answer.ticket = Some(TicketId::from_raw(tag));
        answer.token = Some(token);
        answer.worker = checkout.worker;
        answer.waiter = checkout.waiter;
        answer.overflow = checkout.overflow;
        answer.warning = admission.warning;
        Ok(answer)
    }

    /// Ends a dispatched request: its worker is checked in and its token released. A request that still waits
    /// waits no more. Of a token that has expired in between only the worker is left to give back.
    ///
    /// Fails with [`Error::UnknownTicket`] for a ticket that was completed, has ended or was never given out:
    /// nothing changes.
    pub fn complete(&mut self, now_us: u64, ticket: TicketId, outcome: Outcome) -> Result<Completion, Error> {
        let answer = self.try_complete(now_us, ticket, outcome);
        self.note(
            || Input::new(Operation::Complete, now_us, ticket.get()).choice(outcome == Outcome::Failed),
            &answer,
        );
        answer
    }

    fn try_complete(&mut self, now_us: u64, ticket: TicketId, outcome: Outcome) -> Result<Completion, Error> {
        let now_us = self.clock.advance(now_us)?;
        let unknown = Error::UnknownTicket { ticket: ticket.get() };
        let record = self.tickets.remove(ticket.get()).ok_or(unknown)?;
        let mut completion = Completion { token_released: false, worker_returned: false };
        if let Some(waiter) = record.waiter {
            // The ticket knows of it, so that it is still in its line.
            let _ = self.pools.cancel_wait(now_us, waiter);
        }
        // The token first: a waiter that the worker goes to must not see a load that is already over.
        if let Some(token) = record.token {
            completion.token_released = self.regulator.release(now_us, token, outcome).is_ok();
        }
        if let Some(worker) = record.worker {
            let checkin = self.pools.checkin(now_us, worker, outcome, &mut self.effects);
            completion.worker_returned = checkin.is_ok();
            self.settle_waiters(now_us);
        }
        Ok(completion)
    }
}
