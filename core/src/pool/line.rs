//! Waiting lines: first come, first served, or CoDel.
//!
//! A `codel` line that hasn't been empty for `codel_interval_us` is overloaded: a queue that never drains is a
//! standing one, and waiting in it helps nobody. While overloaded it serves the newest waiter first, who still
//! has time (adaptive LIFO), and waiters older than `codel_target_us` leave (controlled delay). Source:
//! B. Maurer, "Fail at Scale", ACM Queue 13(8), 2015.

use super::demand::Demand;
use super::{Checkout, Effects, Link, Notice, Pool, Pools, Queue, Waiter, unknown_waiter};
use crate::effect::{Effect, EffectKind};
use crate::error::Error;
use crate::id::{PoolId, TicketId, WaiterId, WorkerId, slot_of};
use crate::reason::Reason;

impl Pools {
    /// Takes a waiter out of its line unserved. Answers its tag.
    ///
    /// Fails with [`Error::UnknownWaiter`] for a waiter that was served, has left or never existed.
    pub fn cancel_wait(&mut self, now_us: u64, waiter: WaiterId) -> Result<u64, Error> {
        let record = self.unlink_waiter(now_us, waiter).ok_or(unknown_waiter(waiter))?;
        Ok(record.tag)
    }

    /// The pool in whose line a waiter is; `None` when it is in none.
    pub fn pool_of_waiter(&self, waiter: WaiterId) -> Option<PoolId> {
        self.waiters.get(waiter.get()).map(|record| record.pool)
    }

    /// Waiters whose time is over leave (`WaiterExpired`), starting workers that took too long are ordered
    /// again, lingering overflow workers leave. In time proportional to how many are due.
    pub fn expire(&mut self, now_us: u64, effects: &mut Effects) {
        while let Some((due_us, slot)) = self.waiter_deadlines.first() {
            if due_us > now_us {
                break;
            }
            let Some(waiter) = self.waiters.id_at(slot).map(WaiterId::from_raw) else {
                self.waiter_deadlines.clear(slot);
                continue;
            };
            self.expire_waiter(now_us, waiter, Reason::WaitOver, effects);
        }
        while let Some((due_us, pool)) = self.codel_deadlines.first() {
            if due_us > now_us {
                break;
            }
            // The line's first waiter is the one the deadline stands for; taking it out sets the next.
            let first = self.pools.get(pool as usize).and_then(|record| record.line.first());
            match first.and_then(|slot| self.waiters.id_at(slot)) {
                Some(waiter) => {
                    self.expire_waiter(now_us, WaiterId::from_raw(waiter), Reason::CodelDrop, effects);
                }
                None => self.codel_deadlines.clear(pool),
            }
        }
        self.expire_workers(now_us, effects);
    }

    /// Puts a request into the line, if there is room.
    pub(super) fn wait(
        &mut self,
        now_us: u64,
        pool: PoolId,
        home: PoolId,
        until_us: u64,
        tag: u64,
    ) -> Result<Checkout, Error> {
        let record = self.pool(pool)?;
        if record.waiting.get() >= record.max_waiting {
            return Ok(record.refusal(now_us, Reason::QueueFull));
        }
        let waiter = Waiter { link: Link::default(), pool, since_us: now_us, until_us, tag, home };
        let Some(id) = self.waiters.insert(waiter) else {
            let (limit, load) = (self.waiters.limit(), self.waiters.len());
            return Ok(Checkout { limit, load, ..self.pool(pool)?.refusal(now_us, Reason::QueueFull) });
        };
        let slot = slot_of(id);
        self.waiter_deadlines.set(slot, until_us);
        let record = self.pools.get_mut(pool.index()).ok_or(Error::UnknownPool { pool: pool.get() })?;
        if record.waiting.get() == 0 {
            record.nonempty_since_us = now_us;
        }
        record.line.push_last(&mut self.waiters, slot);
        record.waiting.add(now_us, 1);
        let answer = Checkout {
            worker: None,
            waiter: Some(WaiterId::from_raw(id)),
            reason: Reason::Waiting,
            overflow: false,
            limit: record.max_waiting,
            load: record.waiting.get(),
            retry_after_us: 0,
        };
        self.own(home, Demand::wait);
        self.set_codel_deadline(pool);
        Ok(answer)
    }

    /// Hands a busy worker to a waiter. Answers whether there was one. Waiters found overdue leave on the way:
    /// each leaves once, so that this is O(log n) a waiter.
    pub(super) fn serve(
        &mut self,
        now_us: u64,
        pool: PoolId,
        worker: WorkerId,
        effects: &mut Effects,
    ) -> bool {
        loop {
            let Ok(record) = self.pool(pool) else { return false };
            let overloaded = record.is_line_overloaded(now_us);
            let next = if overloaded { record.line.last() } else { record.line.first() };
            let Some(slot) = next else { return false };
            let Some(id) = self.waiters.id_at(slot) else { return false };
            let waiter = WaiterId::from_raw(id);
            let Some(found) = self.waiters.at(slot) else { return false };
            let late = if found.until_us < now_us {
                Some(Reason::WaitOver)
            } else {
                let due_us = record.drops_us(found.since_us);
                (overloaded && due_us < now_us).then_some(Reason::CodelDrop)
            };
            if let Some(reason) = late {
                self.expire_waiter(now_us, waiter, reason, effects);
                continue;
            }
            let Some(record) = self.unlink_waiter(now_us, waiter) else { return false };
            if let Ok(pool) = self.pool_mut(pool) {
                pool.wait.record(now_us.saturating_sub(record.since_us));
            }
            if let Some(out) = self.workers.get_mut(worker.get()) {
                out.since_us = now_us;
                out.tag = record.tag;
                out.home = record.home;
            }
            self.own(record.home, |own| own.begin(now_us));
            let mut effect = Effect::new(now_us, EffectKind::WaiterReady, Reason::WorkerFree);
            effect.waiter = Some(waiter);
            effects.push(effect.pool(pool).workers(worker).ticket(record.tag));
            self.notify(record.tag, Some(worker));
            return true;
        }
    }

    fn expire_waiter(&mut self, now_us: u64, waiter: WaiterId, reason: Reason, effects: &mut Effects) {
        let Some(record) = self.unlink_waiter(now_us, waiter) else { return };
        if let Ok(pool) = self.pool_mut(record.pool) {
            pool.expired_waiters += 1;
        }
        let mut effect = Effect::new(now_us, EffectKind::WaiterExpired, reason);
        effect.waiter = Some(waiter);
        effects.push(effect.pool(record.pool).ticket(record.tag));
        self.notify(record.tag, None);
    }

    fn notify(&mut self, tag: u64, worker: Option<WorkerId>) {
        if tag != 0 {
            self.notices.push_back(Notice { tag, worker });
        }
    }

    fn unlink_waiter(&mut self, now_us: u64, waiter: WaiterId) -> Option<Waiter> {
        let record = self.waiters.get(waiter.get()).copied()?;
        let slot = slot_of(waiter.get());
        if let Some(pool) = self.pools.get_mut(record.pool.index()) {
            pool.line.remove(&mut self.waiters, slot);
            pool.waiting.sub(now_us, 1);
        }
        self.own(record.home, Demand::wait_no_more);
        self.waiters.remove(waiter.get());
        self.waiter_deadlines.clear(slot);
        self.set_codel_deadline(record.pool);
        Some(record)
    }

    /// Sets when the oldest waiter of a CoDel line has to leave.
    pub(super) fn set_codel_deadline(&mut self, pool: PoolId) {
        let Some(record) = self.pools.get(pool.index()) else { return };
        if record.queue != Queue::Codel {
            return;
        }
        match record.line.first().and_then(|slot| self.waiters.at(slot)) {
            Some(oldest) => self.codel_deadlines.set(pool.get(), record.drops_us(oldest.since_us)),
            None => self.codel_deadlines.clear(pool.get()),
        }
    }
}

impl Pool {
    /// When a waiter of a CoDel line has to leave: once the line is overloaded and it is older than the target.
    fn drops_us(&self, since_us: u64) -> u64 {
        let overloaded_us = self.nonempty_since_us.saturating_add(self.codel_interval_us);
        overloaded_us.max(since_us.saturating_add(self.codel_target_us))
    }

    /// Whether the line is a CoDel line that hasn't been empty for its interval.
    fn is_line_overloaded(&self, now_us: u64) -> bool {
        self.queue == Queue::Codel
            && self.waiting.get() > 0
            && now_us.saturating_sub(self.nonempty_since_us) >= self.codel_interval_us
    }
}

impl Effect {
    /// Sets the ticket from a waiter's tag; 0 stands for none.
    fn ticket(mut self, tag: u64) -> Self {
        self.ticket = (tag != 0).then(|| TicketId::from_raw(tag));
        self
    }
}
