//! Checkout and checkin.

use super::demand::Demand;
use super::{Checkin, CheckinOutcome, Checkout, Effects, Kind, Pool, Pools, State, Strategy, unknown_worker};
use crate::Outcome;
use crate::config::ScalerMode;
use crate::effect::{Effect, EffectKind};
use crate::error::Error;
use crate::id::{PoolId, WorkerId, slot_of};
use crate::reason::Reason;
use crate::retry;
use crate::time::check_time;

impl Pools {
    /// Asks a pool for a worker: an idle one (LIFO: the most recently returned; FIFO: the longest idle), else an
    /// overflow worker, else, with `wait_until_us` after now, a place in the waiting line, else a refusal. O(1);
    /// waiting is O(log n).
    ///
    /// Fails with [`Error::UnknownPool`], or [`Error::TimeOutOfRange`] for a `wait_until_us` of 2^53 or above.
    #[inline]
    pub fn checkout(
        &mut self,
        now_us: u64,
        pool: PoolId,
        wait_until_us: Option<u64>,
        tag: u64,
        effects: &mut Effects,
    ) -> Result<Checkout, Error> {
        self.checkout_for(now_us, pool, pool, wait_until_us, tag, effects)
    }

    /// [`Pools::checkout`] for a request that is the demand of the pool `home`, and was sent to `pool` because `home` is
    /// overloaded or closed: staffing counts it at `home`, and in staffing mode so do [`Pools::arrivals`].
    ///
    /// Fails as [`Pools::checkout`] does.
    #[inline]
    pub fn checkout_for(
        &mut self,
        now_us: u64,
        pool: PoolId,
        home: PoolId,
        wait_until_us: Option<u64>,
        tag: u64,
        effects: &mut Effects,
    ) -> Result<Checkout, Error> {
        if let Some(until_us) = wait_until_us {
            check_time(until_us)?;
        }
        // In staffing mode pools that spill are small on purpose: a spill must not look like a burst.
        let counted = if self.scaler.mode == ScalerMode::Staffing { home } else { pool };
        self.pool(pool)?;
        self.pool_mut(counted)?.arrivals.add(now_us);
        self.own(home, |own| own.arrive(now_us));
        let record = self.pool(pool)?;
        if !record.open {
            return Ok(record.refusal(now_us, Reason::PoolClosed));
        }
        let free = match record.strategy {
            Strategy::Lifo => record.idle.first(),
            Strategy::Fifo => record.idle.last(),
        };
        if let Some(slot) = free {
            return Ok(self.hand_out(now_us, pool, home, slot, tag));
        }
        let overflows = record.overflow < record.max_overflow;
        if overflows && let Some(answer) = self.overflow(now_us, pool, home, tag, effects) {
            return Ok(answer);
        }
        let record = self.pool(pool)?;
        match wait_until_us {
            Some(until_us) if until_us > now_us && record.max_waiting > 0 => {
                self.wait(now_us, pool, home, until_us, tag)
            }
            _ if overflows => {
                let (limit, load) = (self.workers.limit(), self.workers.len());
                Ok(Checkout { limit, load, ..record.refusal(now_us, Reason::WorkersFull) })
            }
            _ => Ok(record.refusal(now_us, Reason::Busy)),
        }
    }

    /// Takes a worker back. A waiter is served with it, else it is idle again; a draining or overflow worker
    /// leaves. O(1).
    ///
    /// Fails with [`Error::UnknownWorker`] for a worker that isn't out: nothing changes.
    #[inline]
    pub fn checkin(
        &mut self,
        now_us: u64,
        worker: WorkerId,
        outcome: Outcome,
        effects: &mut Effects,
    ) -> Result<Checkin, Error> {
        let record = self.workers.get(worker.get()).copied().ok_or(unknown_worker(worker))?;
        if record.state != State::Busy {
            return Err(unknown_worker(worker));
        }
        let held_us = now_us.saturating_sub(record.since_us);
        self.own(record.home, |own| own.end(now_us, true));
        let pool = self.pool_mut(record.pool)?;
        pool.complete(now_us, held_us, outcome);
        let drains = match record.kind {
            Kind::Baseline | Kind::Surge => pool.takes_draining(record.kind),
            Kind::Overflow => false,
        };
        let outcome = if drains {
            self.remove_busy(now_us, worker);
            effects.push(leaving(now_us, record.pool, worker, Reason::Drained, record.kind));
            CheckinOutcome::Left
        } else if self.serve(now_us, record.pool, worker, effects) {
            CheckinOutcome::Served
        } else if record.kind == Kind::Overflow && self.overflow_leaves(record.pool) {
            self.remove_busy(now_us, worker);
            effects.push(leaving(now_us, record.pool, worker, Reason::OverflowOver, record.kind));
            CheckinOutcome::Left
        } else {
            self.put_idle(now_us, worker);
            if record.kind == Kind::Overflow { CheckinOutcome::Lingering } else { CheckinOutcome::Idle }
        };
        Ok(Checkin { outcome, tag: record.tag, held_us })
    }

    /// Says that an ordered worker is ready (`worker_start = confirmed`): from now on it counts as capacity.
    ///
    /// Fails with [`Error::UnknownWorker`] for a worker that isn't starting.
    pub fn worker_ready(
        &mut self,
        now_us: u64,
        worker: WorkerId,
        effects: &mut Effects,
    ) -> Result<(), Error> {
        let record = self.workers.get(worker.get()).copied().ok_or(unknown_worker(worker))?;
        if record.state != State::Starting {
            return Err(unknown_worker(worker));
        }
        self.start_delay.add(now_us.saturating_sub(record.since_us));
        self.leave_starting(worker);
        self.enter_ready(now_us, worker, effects);
        Ok(())
    }

    /// Takes a failed worker out and orders a replacement, unless it was to leave anyway. A request it was
    /// busy with counts as failed. Answers the tag it was checked out with.
    ///
    /// Fails with [`Error::UnknownWorker`] for a worker that has left or never existed.
    pub fn worker_failed(
        &mut self,
        now_us: u64,
        worker: WorkerId,
        effects: &mut Effects,
    ) -> Result<u64, Error> {
        self.fail(now_us, worker, Reason::WorkerFailed, effects)
    }

    /// Takes a worker out that is gone, counts it, and orders a replacement where one is wanted.
    pub(super) fn fail(
        &mut self,
        now_us: u64,
        worker: WorkerId,
        reason: Reason,
        effects: &mut Effects,
    ) -> Result<u64, Error> {
        let record = self.workers.get(worker.get()).copied().ok_or(unknown_worker(worker))?;
        let pool = self.pool_mut(record.pool)?;
        pool.worker_failures += 1;
        let mut replaced = record.kind != Kind::Overflow;
        match record.state {
            State::Starting => {
                self.leave_starting(worker);
                self.drop_worker(now_us, worker);
            }
            State::Idle => self.remove_idle(now_us, worker),
            State::Busy => {
                pool.requests += 1;
                pool.failures += 1;
                pool.recent.add(now_us, [0, 1, 0, 1]);
                if replaced && pool.takes_draining(record.kind) {
                    replaced = false;
                }
                self.own(record.home, |own| own.end(now_us, false));
                self.remove_busy(now_us, worker);
            }
        }
        if replaced {
            // The ordered count stays as it is: the replacement takes the failed worker's place.
            if self.add_worker(now_us, record.pool, record.kind, reason, effects).is_none() {
                self.uncount(now_us, record.pool, record.kind);
            }
        }
        Ok(record.tag)
    }

    #[inline]
    fn hand_out(&mut self, now_us: u64, pool: PoolId, home: PoolId, slot: u32, tag: u64) -> Checkout {
        let worker = self.workers.id_at(slot).unwrap_or(0);
        let kind = self.take_idle(now_us, pool, home, slot, tag);
        self.own(home, |own| own.begin(now_us));
        if kind == Kind::Overflow {
            self.worker_deadlines.clear(slot);
        }
        let (load, limit) = self.occupancy(pool);
        Checkout {
            worker: Some(WorkerId::from_raw(worker)),
            waiter: None,
            reason: Reason::WorkerIdle,
            overflow: kind == Kind::Overflow,
            limit,
            load,
            retry_after_us: 0,
        }
    }

    /// A worker beyond the pool's count; `None` when `limits.max_workers` workers exist.
    fn overflow(
        &mut self,
        now_us: u64,
        pool: PoolId,
        home: PoolId,
        tag: u64,
        effects: &mut Effects,
    ) -> Option<Checkout> {
        let worker = self.new_worker(now_us, pool, Kind::Overflow, State::Busy)?;
        if let Some(record) = self.workers.get_mut(worker.get()) {
            record.tag = tag;
            record.home = home;
        }
        self.own(home, |own| own.begin(now_us));
        let mut answer = Checkout {
            worker: Some(worker),
            waiter: None,
            reason: Reason::Overflow,
            overflow: true,
            limit: 0,
            load: 0,
            retry_after_us: 0,
        };
        if let Ok(record) = self.pool_mut(pool) {
            record.overflow += 1;
            let busy = record.busy.get() + 1;
            record.busy.set(now_us, busy);
            answer.limit = record.max_overflow;
            answer.load = record.overflow;
        }
        // In a pool that had no worker it is the first one, which makes it a candidate.
        self.count_ready(now_us, pool, 1);
        effects
            .push(Effect::new(now_us, EffectKind::AddWorkers, Reason::Overflow).pool(pool).workers(worker));
        Some(answer)
    }

    /// Tells a pool of its own demand.
    #[inline]
    pub(super) fn own(&mut self, home: PoolId, tell: impl FnOnce(&mut Demand)) {
        if let Some(pool) = self.pools.get_mut(home.index()) {
            tell(&mut pool.own);
        }
    }

    fn overflow_leaves(&self, pool: PoolId) -> bool {
        self.pools.get(pool.index()).is_none_or(|record| record.overflow_ttl_us == 0)
    }
}

impl Pool {
    #[inline]
    fn complete(&mut self, now_us: u64, held_us: u64, outcome: Outcome) {
        let failed = u64::from(outcome == Outcome::Failed);
        self.requests += 1;
        self.failures += failed;
        self.recent.add(now_us, [1, failed, held_us, 0]);
        self.variability.add(held_us);
        self.latency.record(held_us);
    }

    /// Whether a worker of this kind that comes back has to leave.
    #[inline]
    pub(super) fn takes_draining(&mut self, kind: Kind) -> bool {
        match self.draining.get_mut(kind as usize) {
            Some(draining) if *draining > 0 => {
                *draining -= 1;
                true
            }
            _ => false,
        }
    }

    /// A refusal, with the load and limit that decided it and the expected time until a worker comes back: the
    /// mean service time, shared by the busy workers, for everybody in front.
    pub(super) fn refusal(&self, now_us: u64, reason: Reason) -> Checkout {
        let (limit, load) = match reason {
            Reason::QueueFull => (self.max_waiting, self.waiting.get()),
            _ => (self.ready.get(), self.busy.get()),
        };
        let retry_after_us = match self.mean_service_us(now_us) {
            Some(mean_us) if reason != Reason::PoolClosed && self.busy.get() > 0 => {
                let ahead = u128::from(self.waiting.get()) + 1;
                retry::bounded_us((u128::from(mean_us) * ahead).div_ceil(u128::from(self.busy.get())))
            }
            _ => retry::UNKNOWN_US,
        };
        Checkout { worker: None, waiter: None, reason, overflow: false, limit, load, retry_after_us }
    }
}

pub(super) fn leaving(now_us: u64, pool: PoolId, worker: WorkerId, reason: Reason, kind: Kind) -> Effect {
    let mut effect = Effect::new(now_us, EffectKind::RemoveWorkers, reason).pool(pool).workers(worker);
    effect.surge = kind == Kind::Surge;
    effect
}

/// The slot of a worker's id.
#[inline]
pub(super) fn slot(worker: WorkerId) -> u32 {
    slot_of(worker.get())
}
