//! Workers come and go: ordering, retiring, moving, and the bookkeeping of their counts.

use super::checkout::{leaving, slot};
use super::list::{Link, List};
use super::{Effects, Kind, Pools, Scaling, State, Worker, WorkerStart};
use crate::effect::{Effect, EffectKind, Workers};
use crate::error::Error;
use crate::id::{PoolId, Slab, WorkerId};
use crate::reason::Reason;

impl Pools {
    /// Adds a baseline worker by hand, up to `max_workers`. Answers the ordered count.
    pub fn scale_up(&mut self, now_us: u64, pool: PoolId, effects: &mut Effects) -> Result<Scaling, Error> {
        let before = self.pool(pool)?.workers();
        let room = self.baseline_room(pool);
        let added = self.add_baseline(now_us, pool, 1, Reason::Manual, effects);
        Ok(Scaling {
            workers: before + added,
            scaled: added > 0,
            reason: match (added, room) {
                (1.., _) => Reason::Manual,
                (0, 0) => Reason::MaxWorkersReached,
                (0, _) => Reason::WorkersFull,
            },
        })
    }

    /// Removes a baseline worker by hand, down to `min_workers`; when none is idle, one that is busy drains.
    /// Answers the ordered count.
    pub fn scale_down(&mut self, now_us: u64, pool: PoolId, effects: &mut Effects) -> Result<Scaling, Error> {
        let record = self.pool(pool)?;
        let before = record.workers();
        if record.baseline.get() <= record.min_workers {
            return Ok(Scaling { workers: before, scaled: false, reason: Reason::MinWorkersReached });
        }
        self.remove_baseline(now_us, pool, 1, Reason::Manual, effects);
        Ok(Scaling { workers: before - 1, scaled: true, reason: Reason::Manual })
    }

    /// Moves an idle baseline worker, the one idle for longest. Answers it, or `None` when there is none.
    pub fn migrate(
        &mut self,
        now_us: u64,
        from: PoolId,
        to: PoolId,
        effects: &mut Effects,
    ) -> Option<WorkerId> {
        let worker = self.coldest_idle(from, Kind::Baseline)?;
        self.pool(to).ok()?;
        self.unlink_idle(now_us, worker);
        self.uncount(now_us, from, Kind::Baseline);
        if let Some(record) = self.workers.get_mut(worker.get()) {
            record.pool = to;
        }
        if let Ok(record) = self.pool_mut(to) {
            record.baseline.add(now_us, 1);
        }
        let mut effect = Effect::new(now_us, EffectKind::MigrateWorkers, Reason::Rebalance);
        effect.to_pool = Some(to);
        effects.push(effect.pool(from).workers(worker));
        self.enter_ready(now_us, worker, effects);
        Some(worker)
    }

    /// The initial workers: idle from the start, the first made is the first handed out.
    pub(super) fn start_with(&mut self, pool: PoolId, count: u32, now_us: u64) {
        for _ in 0..count {
            let Some(worker) = self.new_worker(now_us, pool, Kind::Baseline, State::Busy) else { break };
            if let Ok(record) = self.pool_mut(pool) {
                record.baseline.add(now_us, 1);
                let busy = record.busy.get() + 1;
                record.busy.set(now_us, busy);
            }
            self.count_ready(now_us, pool, 1);
            self.put_idle_cold(now_us, worker);
        }
        if let Ok(record) = self.pool_mut(pool) {
            // They were never busy, which `clear` = 0 would not forget.
            record.overloaded = false;
        }
    }

    /// How many baseline workers may still be added.
    pub(super) fn baseline_room(&self, pool: PoolId) -> u32 {
        self.pool(pool).map_or(0, super::Pool::room)
    }

    /// Adds up to `count` baseline workers within the pool's bounds. Answers how many were added.
    pub(super) fn add_baseline(
        &mut self,
        now_us: u64,
        pool: PoolId,
        count: u32,
        reason: Reason,
        effects: &mut Effects,
    ) -> u32 {
        let count = count.min(self.baseline_room(pool));
        self.order(now_us, pool, count, Kind::Baseline, reason, effects)
    }

    /// Removes up to `count` baseline workers within the pool's bounds. Answers how many were removed.
    pub(super) fn remove_baseline(
        &mut self,
        now_us: u64,
        pool: PoolId,
        count: u32,
        reason: Reason,
        effects: &mut Effects,
    ) -> u32 {
        let Ok(record) = self.pool(pool) else { return 0 };
        let count = count.min(record.baseline.get().saturating_sub(record.min_workers));
        self.retire(now_us, pool, count, Kind::Baseline, reason, effects);
        count
    }

    /// Orders workers: those that were to leave stay first, then new ones are made. Answers how many there are
    /// more.
    pub(super) fn order(
        &mut self,
        now_us: u64,
        pool: PoolId,
        count: u32,
        kind: Kind,
        reason: Reason,
        effects: &mut Effects,
    ) -> u32 {
        let mut added = 0;
        if let Ok(record) = self.pool_mut(pool)
            && let Some(draining) = record.draining.get_mut(kind as usize)
        {
            added = count.min(*draining);
            *draining -= added;
            record.count_of(kind, |gauge| gauge.add(now_us, added));
        }
        let mut fresh = Workers::None;
        while added < count {
            let Some(worker) = self.new_worker(now_us, pool, kind, State::Starting) else { break };
            self.enter_starting(now_us, worker);
            if let Ok(record) = self.pool_mut(pool) {
                record.count_of(kind, |gauge| gauge.add(now_us, 1));
            }
            fresh.push(worker);
            added += 1;
        }
        if fresh.count() > 0 {
            let mut effect = Effect::new(now_us, EffectKind::AddWorkers, reason).pool(pool);
            effect.surge = kind == Kind::Surge;
            effects.push(effect.workers(fresh.clone()));
        }
        if self.worker_start == WorkerStart::Instant {
            for worker in fresh.as_slice() {
                self.leave_starting(*worker);
                self.enter_ready(now_us, *worker, effects);
            }
        }
        added
    }

    /// Makes one worker that takes a place that is counted already.
    pub(super) fn add_worker(
        &mut self,
        now_us: u64,
        pool: PoolId,
        kind: Kind,
        reason: Reason,
        effects: &mut Effects,
    ) -> Option<WorkerId> {
        let worker = self.new_worker(now_us, pool, kind, State::Starting)?;
        self.enter_starting(now_us, worker);
        let mut effect = Effect::new(now_us, EffectKind::AddWorkers, reason).pool(pool).workers(worker);
        effect.surge = kind == Kind::Surge;
        effects.push(effect);
        if self.worker_start == WorkerStart::Instant {
            self.leave_starting(worker);
            self.enter_ready(now_us, worker, effects);
        }
        Some(worker)
    }

    /// Takes `count` workers of a kind out: starting ones first, then the ones idle for longest; the rest drain.
    pub(super) fn retire(
        &mut self,
        now_us: u64,
        pool: PoolId,
        count: u32,
        kind: Kind,
        reason: Reason,
        effects: &mut Effects,
    ) {
        let mut gone = Workers::None;
        for _ in 0..count {
            self.uncount(now_us, pool, kind);
            if let Some(worker) = self.newest_starting(pool, kind) {
                self.leave_starting(worker);
                self.drop_worker(now_us, worker);
                gone.push(worker);
            } else if let Some(worker) = self.coldest_idle(pool, kind) {
                self.remove_idle(now_us, worker);
                gone.push(worker);
            } else if let Ok(record) = self.pool_mut(pool)
                && let Some(draining) = record.draining.get_mut(kind as usize)
            {
                *draining += 1;
            }
        }
        if gone.count() > 0 {
            let mut effect = Effect::new(now_us, EffectKind::RemoveWorkers, reason).pool(pool);
            effect.surge = kind == Kind::Surge;
            effects.push(effect.workers(gone));
        }
    }

    /// One worker of a kind fewer is ordered.
    pub(super) fn uncount(&mut self, now_us: u64, pool: PoolId, kind: Kind) {
        if let Ok(record) = self.pool_mut(pool) {
            record.count_of(kind, |gauge| gauge.sub(now_us, 1));
        }
    }

    pub(super) fn new_worker(
        &mut self,
        now_us: u64,
        pool: PoolId,
        kind: Kind,
        state: State,
    ) -> Option<WorkerId> {
        let record =
            Worker { link: Link::default(), pool, state, kind, since_us: now_us, tag: 0, home: pool };
        let worker = WorkerId::from_raw(self.workers.insert(record)?);
        if kind == Kind::Surge
            && let Ok(record) = self.pool_mut(pool)
        {
            record.surge_present.add(now_us, 1);
        }
        Some(worker)
    }

    /// Forgets a worker that is in no list.
    pub(super) fn drop_worker(&mut self, now_us: u64, worker: WorkerId) {
        self.worker_deadlines.clear(slot(worker));
        let Some(record) = self.workers.remove(worker.get()) else { return };
        if let Ok(pool) = self.pool_mut(record.pool) {
            match record.kind {
                Kind::Surge => pool.surge_present.sub(now_us, 1),
                Kind::Overflow => pool.overflow = pool.overflow.saturating_sub(1),
                Kind::Baseline => {}
            }
        }
    }

    fn enter_starting(&mut self, now_us: u64, worker: WorkerId) {
        let due_us = now_us.saturating_add(self.start_timeout_us);
        self.worker_deadlines.set(slot(worker), due_us);
        let Some(record) = self.workers.get(worker.get()) else { return };
        if let Some(pool) = self.pools.get_mut(record.pool.index()) {
            pool.starting_count += 1;
            pool.starting.push_first(&mut self.workers, slot(worker));
        }
    }

    /// Takes a worker out of its pool's list of starting ones.
    pub(super) fn leave_starting(&mut self, worker: WorkerId) {
        self.worker_deadlines.clear(slot(worker));
        let Some(record) = self.workers.get(worker.get()) else { return };
        if let Some(pool) = self.pools.get_mut(record.pool.index()) {
            pool.starting_count = pool.starting_count.saturating_sub(1);
            pool.starting.remove(&mut self.workers, slot(worker));
        }
    }

    /// A worker in no list becomes capacity: it serves a waiter or is idle.
    pub(super) fn enter_ready(&mut self, now_us: u64, worker: WorkerId, effects: &mut Effects) {
        let Some(record) = self.workers.get_mut(worker.get()) else { return };
        record.state = State::Busy;
        let pool = record.pool;
        let Ok(record) = self.pool_mut(pool) else { return };
        let overloaded = record.overloaded;
        let busy = record.busy.get() + 1;
        record.busy.set(now_us, busy);
        self.count_ready(now_us, pool, 1);
        if !self.serve(now_us, pool, worker, effects) {
            self.put_idle_cold(now_us, worker);
            // It was never busy: the moment in between must not leave an overload mark.
            if let Ok(record) = self.pool_mut(pool) {
                record.overloaded = overloaded;
                record.mark();
            }
        }
    }

    /// A busy worker leaves.
    pub(super) fn remove_busy(&mut self, now_us: u64, worker: WorkerId) {
        let Some(pool) = self.workers.get(worker.get()).map(|record| record.pool) else { return };
        if let Ok(record) = self.pool_mut(pool) {
            let busy = record.busy.get().saturating_sub(1);
            record.busy.set(now_us, busy);
        }
        self.count_ready(now_us, pool, -1);
        self.drop_worker(now_us, worker);
    }

    /// An idle worker leaves.
    pub(super) fn remove_idle(&mut self, now_us: u64, worker: WorkerId) {
        self.unlink_idle(now_us, worker);
        self.drop_worker(now_us, worker);
    }

    /// Takes an idle worker out of its pool's list and count.
    fn unlink_idle(&mut self, now_us: u64, worker: WorkerId) {
        let Some(record) = self.workers.get(worker.get()).copied() else { return };
        if let Some(pool) = self.pools.get_mut(record.pool.index()) {
            pool.idle.remove(&mut self.workers, slot(worker));
            pool.idle_count = pool.idle_count.saturating_sub(1);
            if record.kind == Kind::Baseline {
                pool.idle_baseline = pool.idle_baseline.saturating_sub(1);
            }
        }
        self.count_ready(now_us, record.pool, -1);
    }

    /// Changes the count of ready workers by one.
    pub(super) fn count_ready(&mut self, now_us: u64, pool: PoolId, change: i32) {
        let marks = self.marks;
        let Ok(record) = self.pool_mut(pool) else { return };
        let before = record.ready.get();
        let after = before.saturating_add_signed(change);
        record.set_ready(now_us, after, marks);
        if (before == 0) != (after == 0) {
            self.topology += 1;
        }
    }

    /// A busy worker becomes idle, the most recently returned one.
    #[inline]
    pub(super) fn put_idle(&mut self, now_us: u64, worker: WorkerId) {
        self.enter_idle(now_us, worker, true);
    }

    /// A worker that never worked becomes idle: it is the coldest one of a LIFO pool.
    fn put_idle_cold(&mut self, now_us: u64, worker: WorkerId) {
        self.enter_idle(now_us, worker, false);
    }

    #[inline]
    fn enter_idle(&mut self, now_us: u64, worker: WorkerId, warm: bool) {
        let slot = slot(worker);
        let Some(record) = self.workers.get_mut(worker.get()) else { return };
        record.state = State::Idle;
        record.since_us = now_us;
        record.tag = 0;
        let (pool, kind) = (record.pool, record.kind);
        let Some(pool) = self.pools.get_mut(pool.index()) else { return };
        if warm || pool.strategy == super::Strategy::Fifo {
            pool.idle.push_first(&mut self.workers, slot);
        } else {
            pool.idle.push_last(&mut self.workers, slot);
        }
        pool.idle_count += 1;
        match kind {
            Kind::Baseline => pool.idle_baseline += 1,
            Kind::Overflow => self.worker_deadlines.set(slot, now_us.saturating_add(pool.overflow_ttl_us)),
            Kind::Surge => {}
        }
        pool.set_busy(now_us, pool.busy.get().saturating_sub(1));
    }

    /// An idle worker becomes busy with a request of the pool `home`. Answers its kind.
    #[inline]
    pub(super) fn take_idle(&mut self, now_us: u64, pool: PoolId, home: PoolId, slot: u32, tag: u64) -> Kind {
        let Some(pool) = self.pools.get_mut(pool.index()) else { return Kind::Baseline };
        pool.idle.remove(&mut self.workers, slot);
        let Some(record) = self.workers.at_mut(slot) else { return Kind::Baseline };
        record.state = State::Busy;
        record.since_us = now_us;
        record.tag = tag;
        record.home = home;
        pool.idle_count = pool.idle_count.saturating_sub(1);
        if record.kind == Kind::Baseline {
            pool.idle_baseline = pool.idle_baseline.saturating_sub(1);
        }
        pool.set_busy(now_us, pool.busy.get().saturating_add(1));
        record.kind
    }

    /// The worker of a kind that has been idle for longest.
    fn coldest_idle(&self, pool: PoolId, kind: Kind) -> Option<WorkerId> {
        self.first_of(self.pool(pool).ok()?.idle.last(), kind, List::before)
    }

    /// The worker of a kind that was ordered last and isn't ready yet.
    fn newest_starting(&self, pool: PoolId, kind: Kind) -> Option<WorkerId> {
        self.first_of(self.pool(pool).ok()?.starting.first(), kind, List::after)
    }

    /// The first worker of a kind, from a slot on along its list.
    fn first_of(
        &self,
        mut next: Option<u32>,
        kind: Kind,
        follow: fn(&Slab<Worker>, u32) -> Option<u32>,
    ) -> Option<WorkerId> {
        while let Some(slot) = next {
            if self.workers.at(slot).is_some_and(|worker| worker.kind == kind) {
                return self.workers.id_at(slot).map(WorkerId::from_raw);
            }
            next = follow(&self.workers, slot);
        }
        None
    }

    /// Starting workers that took too long are ordered again; lingering overflow workers leave. In time
    /// proportional to how many are due.
    pub(super) fn expire_workers(&mut self, now_us: u64, effects: &mut Effects) {
        while let Some((due_us, slot)) = self.worker_deadlines.first() {
            if due_us > now_us {
                break;
            }
            self.worker_deadlines.clear(slot);
            let Some(worker) = self.workers.id_at(slot).map(WorkerId::from_raw) else { continue };
            let Some(record) = self.workers.at(slot).copied() else { continue };
            if record.state == State::Starting {
                effects.push(leaving(now_us, record.pool, worker, Reason::StartTimeout, record.kind));
                // A worker that is starting is always known here.
                let _ = self.fail(now_us, worker, Reason::StartTimeout, effects);
            } else {
                self.remove_idle(now_us, worker);
                effects.push(leaving(now_us, record.pool, worker, Reason::OverflowOver, record.kind));
            }
        }
    }
}

impl super::Pool {
    /// Changes the ordered count of a kind.
    fn count_of(&mut self, kind: Kind, change: impl FnOnce(&mut super::Gauge)) {
        match kind {
            Kind::Baseline => change(&mut self.baseline),
            Kind::Surge => change(&mut self.surge),
            Kind::Overflow => {}
        }
    }
}
