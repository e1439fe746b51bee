//! What a snapshot holds of the pools.
//!
//! Of the workers and waiters it holds each once, and the order of each list. All counts follow from these and are
//! compared, deadlines follow and are set again. So no snapshot can hold a list in a circle, or a worker in two.

use alloc::vec;
use alloc::vec::Vec;

use super::demand::{Demand, Sample};
use super::gauge::Gauge;
use super::list::{END, Link, Linked, List};
use super::scale::{Scaling, Variability};
use super::sliding_max::SlidingMax;
use super::staffing::{Group, Staffing};
use super::{Kind, Notice, Pool, Pools, State as WorkerState, Waiter, Worker};
use crate::id::{PoolId, Slab};
use crate::journal::codec::{Codec, State, state};

/// The link of what no list has named yet.
const UNLISTED: Link = Link { before: END - 1, after: END - 1 };

state! {
    Notice { tag, worker }
    Gauge { value, since_us, area }
    Sample { arrivals, completed, busy_us }
    SlidingMax { parts, newest; but part_us }
    Group { calm, growth, idle; but pools }
    Waiter { pool, since_us, until_us, tag, home; but link }
    // The forecast and the change are made anew before they are read.
    Scaling {
        high_since_us, low_since_us, shrinking, last_down_us, last_scaled_us, wanted, desires, staffed, idle;
        but forecast, change
    }
    // Settings come from the configuration, counts and lists are settled after all workers are known.
    Pool {
        open, surging, overloaded, draining, busy, ready, baseline, surge, surge_present, waiting, nonempty_since_us,
        own, scaling, arrivals, recent, last_mean_us, variability, latency, wait, requests, failures, worker_failures,
        expired_waiters;
        but strategy, queue, min_workers, max_workers, surge_max_workers, max_overflow, overflow_ttl_us, max_waiting,
        codel_target_us, codel_interval_us, overload_from, clear_below, idle, starting, idle_count, idle_baseline,
        starting_count, overflow, line
    }
}

impl Default for Waiter {
    fn default() -> Self {
        let pool = PoolId::new(0);
        Self { link: UNLISTED, pool, since_us: 0, until_us: 0, tag: 0, home: pool }
    }
}

impl Default for Worker {
    fn default() -> Self {
        let pool = PoolId::new(0);
        let (state, kind) = (WorkerState::Starting, Kind::Baseline);
        Self { link: UNLISTED, pool, state, kind, since_us: 0, tag: 0, home: pool }
    }
}

impl State for Worker {
    fn state(&mut self, io: &mut Codec<'_>) {
        let Self { link: _, pool, state, kind, since_us, tag, home } = self;
        pool.state(io);
        io.choice(state, &[WorkerState::Starting, WorkerState::Idle, WorkerState::Busy], "state of a worker");
        io.choice(kind, &[Kind::Baseline, Kind::Surge, Kind::Overflow], "kind of worker");
        since_us.state(io);
        tag.state(io);
        home.state(io);
    }
}

/// The seconds that are known, oldest first; those before the first one are empty.
impl State for Demand {
    fn state(&mut self, io: &mut Codec<'_>) {
        let Self { samples, start_us: _, closed, running, counted_us, busy: _, waiting: _ } = self;
        closed.state(io);
        running.state(io);
        counted_us.state(io);
        let known = samples.len() as u64;
        for second in closed.saturating_sub(known)..*closed {
            if let Some(sample) = samples.get_mut(super::demand::slot_of(second)) {
                sample.state(io);
            }
        }
    }
}

impl State for Variability {
    fn state(&mut self, io: &mut Codec<'_>) {
        let Self { count, sum, squares } = self;
        count.state(io);
        io.check(*count < Self::BOUND, "samples of service times");
        sum.state(io);
        squares.state(io);
    }
}

/// As many groups as the configuration makes.
impl State for Staffing {
    fn state(&mut self, io: &mut Codec<'_>) {
        let Self { groups, group_of: _, shares: _ } = self;
        groups.as_mut_slice().state(io);
    }
}

impl List {
    /// Hands on the order of the records that belong to the list, first to last. Answers how many there are.
    fn order<T: Linked>(
        &mut self,
        io: &mut Codec<'_>,
        slab: &mut Slab<T>,
        belongs: impl Fn(&T) -> bool,
    ) -> u32 {
        let mut slots: Vec<u32> = Vec::new();
        if !io.reads() {
            let mut next = self.first();
            while let Some(slot) = next {
                slots.push(slot);
                next = Self::after(slab, slot);
            }
        }
        slots.state(io);
        if io.reads() {
            *self = Self::default();
            for slot in &slots {
                let found = slab.at(*slot).filter(|record| *record.link() == UNLISTED && belongs(record));
                io.check(found.is_some(), "list of workers or waiters");
                if io.fault().is_some() {
                    return 0;
                }
                self.push_last(slab, *slot);
            }
        }
        u32::try_from(slots.len()).unwrap_or(u32::MAX)
    }
}

/// What is counted of a pool's workers.
#[derive(Debug, Clone, Copy, Default)]
struct Counted {
    /// By kind.
    all: [u32; 3],
    /// By state.
    states: [u32; 3],
    idle_baseline: u32,
    /// Of the requests that are the pool's own, wherever they are served.
    busy_own: u32,
    waiting_own: u32,
    waiting: u32,
}

impl State for Pools {
    fn state(&mut self, io: &mut Codec<'_>) {
        let Self {
            pools,
            workers,
            waiters,
            worker_deadlines: _,
            waiter_deadlines: _,
            codel_deadlines: _,
            notices,
            verdicts: _,
            // It only tells when a choice among pools is to be made anew, as every one is after a restore.
            topology: _,
            staffing,
            start_delay,
            scaler: _,
            health: _,
            marks: _,
            worker_start: _,
            start_timeout_us: _,
            off_peak,
            evaluated_us,
            next_evaluation_us,
            next_health_check_us,
        } = self;
        workers.state(io);
        waiters.state(io);
        pools.as_mut_slice().state(io);
        let mut listed = 0_u64;
        for (pool, id) in pools.iter_mut().zip(0..) {
            let here = |worker: &Worker, state| worker.pool.get() == id && worker.state == state;
            let idle = pool.idle.order(io, workers, |worker| here(worker, WorkerState::Idle));
            let starting = pool.starting.order(io, workers, |worker| here(worker, WorkerState::Starting));
            let waiting = pool.line.order(io, waiters, |waiter| waiter.pool.get() == id);
            listed += u64::from(idle) + u64::from(starting) + u64::from(waiting);
        }
        notices.state(io);
        staffing.state(io);
        start_delay.state(io);
        off_peak.state(io);
        evaluated_us.state(io);
        next_evaluation_us.state(io);
        next_health_check_us.state(io);
        if io.reads() && io.fault().is_none() {
            self.settle(io, listed);
        }
    }
}

impl Pools {
    /// Counts and schedules what was read.
    fn settle(&mut self, io: &mut Codec<'_>, listed: u64) {
        let mut counted = vec![Counted::default(); self.pools.len()];
        let mut busy = 0_u64;
        for (id, worker) in self.workers.iter() {
            let slot = crate::id::slot_of(id);
            let pool = self.pools.get(worker.pool.index());
            if let Some(count) = counted.get_mut(worker.pool.index()) {
                bump(count.all.get_mut(worker.kind as usize));
                bump(count.states.get_mut(worker.state as usize));
                let idle = worker.state == WorkerState::Idle && worker.kind == Kind::Baseline;
                count.idle_baseline += u32::from(idle);
            }
            match (worker.state, worker.kind) {
                (WorkerState::Starting, _) => {
                    let due_us = worker.since_us.saturating_add(self.start_timeout_us);
                    self.worker_deadlines.set(slot, due_us);
                }
                (WorkerState::Idle, Kind::Overflow) => {
                    let ttl_us = pool.map_or(0, |pool| pool.overflow_ttl_us);
                    self.worker_deadlines.set(slot, worker.since_us.saturating_add(ttl_us));
                }
                (WorkerState::Idle, _) => {}
                (WorkerState::Busy, _) => {
                    busy += 1;
                    bump(counted.get_mut(worker.home.index()).map(|count| &mut count.busy_own));
                }
            }
        }
        for (id, waiter) in self.waiters.iter() {
            self.waiter_deadlines.set(crate::id::slot_of(id), waiter.until_us);
            bump(counted.get_mut(waiter.pool.index()).map(|count| &mut count.waiting));
            bump(counted.get_mut(waiter.home.index()).map(|count| &mut count.waiting_own));
        }
        let all = u64::from(self.workers.len()) + u64::from(self.waiters.len());
        io.check(listed + busy == all, "lists of workers and waiters");

        let marks = self.marks;
        for (pool, count) in self.pools.iter_mut().zip(&counted) {
            let [starting, idle, busy] = count.states;
            let [baseline, surge, overflow] = count.all;
            let [draining_baseline, draining_surge] = pool.draining;
            let ordered = |gauge: &Gauge, draining: u32| u64::from(gauge.get()) + u64::from(draining);
            io.check(
                pool.busy.get() == busy
                    && u64::from(pool.ready.get()) == u64::from(idle) + u64::from(busy)
                    && ordered(&pool.baseline, draining_baseline) == u64::from(baseline)
                    && ordered(&pool.surge, draining_surge) == u64::from(surge)
                    && pool.surge_present.get() == surge
                    && pool.waiting.get() == count.waiting,
                "count of workers or waiters",
            );
            pool.idle_count = idle;
            pool.idle_baseline = count.idle_baseline;
            pool.starting_count = starting;
            pool.overflow = overflow;
            (pool.own.busy, pool.own.waiting) = (count.busy_own, count.waiting_own);
            let overloaded = pool.overloaded;
            pool.set_marks(marks);
            pool.overloaded = overloaded;
        }
        for pool in 0..self.count() {
            self.set_codel_deadline(PoolId::new(pool));
        }
    }
}

fn bump(count: Option<&mut u32>) {
    if let Some(count) = count {
        *count += 1;
    }
}
