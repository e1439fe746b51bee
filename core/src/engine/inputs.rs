//! The inputs of one part each, and the setters.

use super::{AffinityError, Engine, count};
use crate::Outcome;
use crate::balancer::{Rebalance, Route};
use crate::config::{AffinityGroup, Class, validate_affinity_groups};
use crate::effect::{Effect, EffectKind};
use crate::error::Error;
use crate::id::{DomainId, PoolId, Token, WaiterId, WorkerId};
use crate::journal::{Input, Operation, groups_as_bytes, workers_as_bytes};
use crate::pool::{Checkin, Checkout, HealthStatus, Scaling};
use crate::reason::Reason;
use crate::regulator::Admission;

impl Engine {
    /// Asks to come in: a token, or a refusal that says why. `class` is the class asked for (never above the
    /// domain's `max_class`), `None` for the domain's own. O(1).
    ///
    /// Fails with [`Error::UnknownDomain`] or [`Error::TimeOutOfRange`].
    #[inline]
    pub fn admit(&mut self, now_us: u64, domain: DomainId, class: Option<Class>) -> Result<Admission, Error> {
        let answer = self.try_admit(now_us, domain, class);
        self.note(|| Input::new(Operation::Admit, now_us, domain.get()).class(class), &answer);
        answer
    }

    #[inline]
    fn try_admit(&mut self, now_us: u64, domain: DomainId, class: Option<Class>) -> Result<Admission, Error> {
        let now_us = self.clock.advance(now_us)?;
        let admission = self.regulator.admit(now_us, domain, class)?;
        if admission.token.is_some() {
            self.note_soft_limit(now_us, &admission);
        } else {
            self.count_refused(now_us, domain);
        }
        Ok(admission)
    }

    /// Gives a token back. O(1).
    ///
    /// Fails with [`Error::UnknownToken`] for a token that was released, has expired or was never given out:
    /// nothing changes.
    #[inline]
    pub fn release(&mut self, now_us: u64, token: Token, outcome: Outcome) -> Result<(), Error> {
        let answer = self.try_release(now_us, token, outcome);
        self.note(
            || Input::new(Operation::Release, now_us, token.get()).choice(outcome == Outcome::Failed),
            &answer,
        );
        answer
    }

    #[inline]
    fn try_release(&mut self, now_us: u64, token: Token, outcome: Outcome) -> Result<(), Error> {
        let now_us = self.clock.advance(now_us)?;
        let released = self.regulator.release(now_us, token, outcome)?;
        if released.tag != 0 {
            self.token_gone(now_us, released.tag);
        }
        Ok(())
    }

    /// Chooses the pool for a key. O(1) but for a spill and for a key slot's first use after the set of pools
    /// changed.
    ///
    /// Fails with [`Error::UnknownDomain`], [`Error::KeyTooLong`] or [`Error::TimeOutOfRange`].
    #[inline]
    pub fn route(&mut self, now_us: u64, domain: DomainId, key: &[u8]) -> Result<Route, Error> {
        let answer = self.try_route(now_us, domain, key);
        self.note(|| Input::new(Operation::Route, now_us, domain.get()).bytes(key), &answer);
        answer
    }

    #[inline]
    fn try_route(&mut self, now_us: u64, domain: DomainId, key: &[u8]) -> Result<Route, Error> {
        let now_us = self.clock.advance(now_us)?;
        self.check_key(key)?;
        self.balancer.route(now_us, domain, key, &self.pools)
    }

    /// Asks a pool for a worker: a worker, a place in its line (with `wait_until_us` after now), or a refusal.
    /// O(1); waiting is O(log n).
    ///
    /// Fails with [`Error::UnknownPool`] or [`Error::TimeOutOfRange`].
    #[inline]
    pub fn checkout(
        &mut self,
        now_us: u64,
        pool: PoolId,
        wait_until_us: Option<u64>,
    ) -> Result<Checkout, Error> {
        let answer = self.try_checkout(now_us, pool, wait_until_us);
        self.note(|| Input::new(Operation::Checkout, now_us, pool.get()).until(wait_until_us), &answer);
        answer
    }

    #[inline]
    fn try_checkout(
        &mut self,
        now_us: u64,
        pool: PoolId,
        wait_until_us: Option<u64>,
    ) -> Result<Checkout, Error> {
        let now_us = self.clock.advance(now_us)?;
        self.pools.checkout(now_us, pool, wait_until_us, 0, &mut self.effects)
    }

    /// Gives a worker back. O(1).
    ///
    /// Fails with [`Error::UnknownWorker`] for a worker that isn't out: nothing changes.
    #[inline]
    pub fn checkin(&mut self, now_us: u64, worker: WorkerId, outcome: Outcome) -> Result<Checkin, Error> {
        let answer = self.try_checkin(now_us, worker, outcome);
        self.note(
            || Input::new(Operation::Checkin, now_us, worker.get()).choice(outcome == Outcome::Failed),
            &answer,
        );
        answer
    }

    #[inline]
    fn try_checkin(&mut self, now_us: u64, worker: WorkerId, outcome: Outcome) -> Result<Checkin, Error> {
        let now_us = self.clock.advance(now_us)?;
        let checkin = self.pools.checkin(now_us, worker, outcome, &mut self.effects)?;
        self.worker_gone(checkin.tag);
        self.settle_waiters(now_us);
        Ok(checkin)
    }

    /// Leaves a waiting line; if a ticket waits there, it ends and its token is released.
    ///
    /// Fails with [`Error::UnknownWaiter`] for a waiter that was served, has left or never existed.
    pub fn cancel_wait(&mut self, now_us: u64, waiter: WaiterId) -> Result<(), Error> {
        let answer = self.try_cancel_wait(now_us, waiter);
        self.note(|| Input::new(Operation::CancelWait, now_us, waiter.get()), &answer);
        answer
    }

    fn try_cancel_wait(&mut self, now_us: u64, waiter: WaiterId) -> Result<(), Error> {
        let now_us = self.clock.advance(now_us)?;
        let tag = self.pools.cancel_wait(now_us, waiter)?;
        if let Some(ticket) = self.tickets.remove(tag) {
            self.release_of(now_us, ticket.token);
        }
        Ok(())
    }

    /// Says that an ordered worker is ready (`worker_start = confirmed`).
    ///
    /// Fails with [`Error::UnknownWorker`] for a worker that isn't starting.
    pub fn worker_ready(&mut self, now_us: u64, worker: WorkerId) -> Result<(), Error> {
        let answer = self.try_worker_ready(now_us, worker);
        self.note(|| Input::new(Operation::WorkerReady, now_us, worker.get()), &answer);
        answer
    }

    fn try_worker_ready(&mut self, now_us: u64, worker: WorkerId) -> Result<(), Error> {
        let now_us = self.clock.advance(now_us)?;
        self.pools.worker_ready(now_us, worker, &mut self.effects)?;
        self.settle_waiters(now_us);
        Ok(())
    }

    /// Takes a failed worker out, counts a failure and orders a replacement. A ticket it was busy with still has
    /// to be completed (or its token released).
    ///
    /// Fails with [`Error::UnknownWorker`] for a worker that has left or never existed.
    pub fn worker_failed(&mut self, now_us: u64, worker: WorkerId) -> Result<(), Error> {
        let answer = self.try_worker_failed(now_us, worker);
        self.note(|| Input::new(Operation::WorkerFailed, now_us, worker.get()), &answer);
        answer
    }

    fn try_worker_failed(&mut self, now_us: u64, worker: WorkerId) -> Result<(), Error> {
        let now_us = self.clock.advance(now_us)?;
        let tag = self.pools.worker_failed(now_us, worker, &mut self.effects)?;
        self.worker_gone(tag);
        self.settle_waiters(now_us);
        Ok(())
    }

    /// Answers a `CheckHealth` effect: the dead workers are taken out and replaced. Answers how many were.
    ///
    /// Fails with [`Error::UnknownPool`], or with [`Error::UnknownWorker`] for an id that isn't a worker of the
    /// pool (or is in both lists); then nothing changes.
    pub fn report_health(
        &mut self,
        now_us: u64,
        pool: PoolId,
        alive: &[WorkerId],
        dead: &[WorkerId],
    ) -> Result<u32, Error> {
        let answer = self.try_report_health(now_us, pool, alive, dead);
        if self.is_recorded() {
            let lists = workers_as_bytes(alive, dead);
            self.note(|| Input::new(Operation::ReportHealth, now_us, pool.get()).bytes(&lists), &answer);
        }
        answer
    }

    fn try_report_health(
        &mut self,
        now_us: u64,
        pool: PoolId,
        alive: &[WorkerId],
        dead: &[WorkerId],
    ) -> Result<u32, Error> {
        let now_us = self.clock.advance(now_us)?;
        let tags = self.pools.report_health(now_us, pool, alive, dead, &mut self.effects)?;
        for tag in &tags {
            self.worker_gone(*tag);
        }
        self.settle_waiters(now_us);
        Ok(count(tags.len()))
    }

    /// A pool's health as of the latest time seen.
    ///
    /// Fails with [`Error::UnknownPool`].
    pub fn health_check(&self, pool: PoolId) -> Result<HealthStatus, Error> {
        self.pools.health_check(self.clock.latest_us(), pool)
    }

    /// Adds a worker by hand; at the maximum the answer says so.
    ///
    /// Fails with [`Error::UnknownPool`] or [`Error::TimeOutOfRange`].
    pub fn scale_up(&mut self, now_us: u64, pool: PoolId) -> Result<Scaling, Error> {
        let answer = self.try_scale_up(now_us, pool);
        self.note(|| Input::new(Operation::ScaleUp, now_us, pool.get()), &answer);
        answer
    }

    fn try_scale_up(&mut self, now_us: u64, pool: PoolId) -> Result<Scaling, Error> {
        let now_us = self.clock.advance(now_us)?;
        let scaling = self.pools.scale_up(now_us, pool, &mut self.effects)?;
        self.settle_waiters(now_us);
        Ok(scaling)
    }

    /// Removes a worker by hand; when none is idle, a busy one leaves at its checkin. At the minimum the answer says
    /// so.
    ///
    /// Fails with [`Error::UnknownPool`] or [`Error::TimeOutOfRange`].
    pub fn scale_down(&mut self, now_us: u64, pool: PoolId) -> Result<Scaling, Error> {
        let answer = self.try_scale_down(now_us, pool);
        self.note(|| Input::new(Operation::ScaleDown, now_us, pool.get()), &answer);
        answer
    }

    fn try_scale_down(&mut self, now_us: u64, pool: PoolId) -> Result<Scaling, Error> {
        let now_us = self.clock.advance(now_us)?;
        self.pools.scale_down(now_us, pool, &mut self.effects)
    }

    /// Moves a worker from the least to the most utilized pool now, if that helps; the cooldown is kept.
    pub fn rebalance(&mut self, now_us: u64) -> Result<Rebalance, Error> {
        let answer = self.try_rebalance(now_us);
        self.note(|| Input::new(Operation::Rebalance, now_us, 0_u32), &answer);
        answer
    }

    fn try_rebalance(&mut self, now_us: u64) -> Result<Rebalance, Error> {
        let now_us = self.clock.advance(now_us)?;
        Ok(self.balance(now_us))
    }

    /// Sets the load above which admissions carry a warning: from 1 to the hard limit. When the present load was
    /// not above it and now is, that is a crossing like any other.
    ///
    /// Fails with [`Error::OutOfRange`] or [`Error::TimeOutOfRange`].
    pub fn set_soft_limit(&mut self, now_us: u64, soft_limit: u32) -> Result<(), Error> {
        let answer = self.try_set_soft_limit(now_us, soft_limit);
        self.note(|| Input::new(Operation::SetSoftLimit, now_us, soft_limit), &answer);
        answer
    }

    fn try_set_soft_limit(&mut self, now_us: u64, soft_limit: u32) -> Result<(), Error> {
        let now_us = self.clock.advance(now_us)?;
        let was_above = self.regulator.load() > self.regulator.soft_limit();
        self.regulator.set_soft_limit(soft_limit)?;
        if !was_above && self.regulator.load() > soft_limit {
            self.push_soft_limit_exceeded(now_us);
        }
        Ok(())
    }

    /// Sets the load at which admission ends: from the soft limit to `limits.max_tokens`. Nobody is evicted.
    ///
    /// Fails with [`Error::OutOfRange`] or [`Error::TimeOutOfRange`].
    pub fn set_hard_limit(&mut self, now_us: u64, hard_limit: u32) -> Result<(), Error> {
        let answer = self.try_set_hard_limit(now_us, hard_limit);
        self.note(|| Input::new(Operation::SetHardLimit, now_us, hard_limit), &answer);
        answer
    }

    fn try_set_hard_limit(&mut self, now_us: u64, hard_limit: u32) -> Result<(), Error> {
        self.clock.advance(now_us)?;
        self.regulator.set_hard_limit(hard_limit)
    }

    /// Replaces the affinity groups.
    ///
    /// Fails with every problem found, or with [`Error::TimeOutOfRange`]; then nothing changes.
    pub fn set_affinity_groups(
        &mut self,
        now_us: u64,
        groups: &[AffinityGroup],
    ) -> Result<(), AffinityError> {
        let answer = self.try_set_affinity_groups(now_us, groups);
        if self.is_recorded() {
            let groups = groups_as_bytes(groups);
            self.note(|| Input::new(Operation::SetAffinityGroups, now_us, 0_u32).bytes(&groups), &answer);
        }
        answer
    }

    fn try_set_affinity_groups(
        &mut self,
        now_us: u64,
        groups: &[AffinityGroup],
    ) -> Result<(), AffinityError> {
        self.clock.advance(now_us)?;
        validate_affinity_groups(groups, &self.config.pools, &self.config.limits)?;
        self.balancer.set_affinity_groups(groups);
        Ok(())
    }

    /// Lets surges start again, and undoes the early end of a running one.
    pub fn enable_surge(&mut self, now_us: u64) -> Result<(), Error> {
        let answer = self.try_enable_surge(now_us);
        self.note(|| Input::new(Operation::EnableSurge, now_us, 0_u32), &answer);
        answer
    }

    fn try_enable_surge(&mut self, now_us: u64) -> Result<(), Error> {
        let now_us = self.clock.advance(now_us)?;
        self.burst.enable(now_us);
        Ok(())
    }

    /// Stops new surges and lets a running one end early, by the same shrink.
    pub fn disable_surge(&mut self, now_us: u64) -> Result<(), Error> {
        let answer = self.try_disable_surge(now_us);
        self.note(|| Input::new(Operation::DisableSurge, now_us, 0_u32), &answer);
        answer
    }

    fn try_disable_surge(&mut self, now_us: u64) -> Result<(), Error> {
        let now_us = self.clock.advance(now_us)?;
        self.burst.disable(now_us);
        Ok(())
    }

    /// Opens or closes a domain. A closed domain's requests are refused.
    ///
    /// Fails with [`Error::UnknownDomain`] or [`Error::TimeOutOfRange`].
    pub fn set_domain_open(&mut self, now_us: u64, domain: DomainId, open: bool) -> Result<(), Error> {
        let answer = self.try_set_domain_open(now_us, domain, open);
        self.note(|| Input::new(Operation::SetDomainOpen, now_us, domain.get()).choice(open), &answer);
        answer
    }

    fn try_set_domain_open(&mut self, now_us: u64, domain: DomainId, open: bool) -> Result<(), Error> {
        self.clock.advance(now_us)?;
        self.regulator.set_domain_open(domain, open)
    }

    /// Opens or closes a pool. A closed pool takes no new requests; its waiters are still served.
    ///
    /// Fails with [`Error::UnknownPool`] or [`Error::TimeOutOfRange`].
    pub fn set_pool_open(&mut self, now_us: u64, pool: PoolId, open: bool) -> Result<(), Error> {
        let answer = self.try_set_pool_open(now_us, pool, open);
        self.note(|| Input::new(Operation::SetPoolOpen, now_us, pool.get()).choice(open), &answer);
        answer
    }

    fn try_set_pool_open(&mut self, now_us: u64, pool: PoolId, open: bool) -> Result<(), Error> {
        self.clock.advance(now_us)?;
        self.pools.set_open(pool, open)
    }

    /// Says whether it is off-peak, for `scaler.off_peak_only`.
    pub fn set_off_peak(&mut self, now_us: u64, off_peak: bool) -> Result<(), Error> {
        let answer = self.try_set_off_peak(now_us, off_peak);
        self.note(|| Input::new(Operation::SetOffPeak, now_us, 0_u32).choice(off_peak), &answer);
        answer
    }

    fn try_set_off_peak(&mut self, now_us: u64, off_peak: bool) -> Result<(), Error> {
        self.clock.advance(now_us)?;
        self.pools.set_off_peak(off_peak);
        Ok(())
    }

    pub(super) fn balance(&mut self, now_us: u64) -> Rebalance {
        let mut decision = self.balancer.decide(now_us, &self.pools);
        if let (true, Some(from), Some(to)) = (decision.migrated, decision.from, decision.to) {
            if self.pools.migrate(now_us, from, to, &mut self.effects).is_some() {
                self.balancer.record_migration(now_us);
                self.settle_waiters(now_us);
            } else {
                decision.migrated = false;
                decision.reason = Reason::NoIdleWorker;
            }
        }
        decision
    }

    /// Demand that was refused must be seen by the pool it was for.
    pub(super) fn count_refused(&mut self, now_us: u64, domain: DomainId) {
        if let Some(pool) = self.first_pools.get(domain.index()) {
            self.pools.count_refused(now_us, *pool);
        }
    }

    /// Crossing the soft limit upwards queues one effect.
    pub(super) fn note_soft_limit(&mut self, now_us: u64, admission: &Admission) {
        if admission.warning && self.regulator.load() == self.regulator.soft_limit().saturating_add(1) {
            self.push_soft_limit_exceeded(now_us);
        }
    }

    fn push_soft_limit_exceeded(&mut self, now_us: u64) {
        let mut effect = Effect::new(now_us, EffectKind::SoftLimitExceeded, Reason::SoftLimit);
        effect.count = self.regulator.load();
        self.effects.push(effect);
    }

    #[inline]
    pub(super) fn check_key(&self, key: &[u8]) -> Result<(), Error> {
        let limit = self.config.limits.max_key_bytes;
        if key.len() > limit as usize {
            return Err(Error::KeyTooLong { length: key.len() as u64, limit: u64::from(limit) });
        }
        Ok(())
    }
}
