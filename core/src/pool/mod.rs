//! Pools: which worker serves, and how many workers there are.
//!
//! [`Pools`] holds every pool of a system with their workers and waiting lines. A worker is *starting*, *idle*,
//! *busy* or *draining* (busy, and leaving at its checkin); these are counted apart, so that nobody orders the
//! same worker twice or counts a leaving one. Work is never interrupted: only idle workers leave.
//!
//! Calls take the time (already made monotonic by the caller) and queue what the caller has to do as effects.
//! Waiters and workers carry a `tag`, opaque to the pools: the engine keeps a ticket there.
//!
//! Sources: LIFO checkout and overflow follow poolboy (Erlang); the `codel` line follows B. Maurer, "Fail at
//! Scale", ACM Queue 13(8), 2015 (controlled delay and adaptive LIFO), after K. Nichols and V. Jacobson,
//! "Controlling Queue Delay", ACM Queue 10(5), 2012.

mod answers;
mod checkout;
mod deadlines;
mod demand;
mod forecast;
mod gauge;
mod groups;
mod health;
mod line;
mod list;
mod scale;
mod sliding_max;
mod staffing;
mod state;
mod status;
mod surge;
#[cfg(test)]
mod tests;
mod workers;

use alloc::collections::VecDeque;
use alloc::vec::Vec;

use crate::arrivals::Arrivals;
use crate::config::{
    Config, HealthConfig, LimitsConfig, PoolConfig, Queue, ScalerConfig, Strategy, WorkerStart,
};
use crate::effect::EffectQueue;
use crate::error::Error;
use crate::id::{PoolId, Slab, WaiterId, WorkerId};
use crate::ratio::{MILLION, Ratio};
use crate::stats::{FadingMean, Histogram, SlidingSums};
use crate::time::earlier;

use deadlines::Deadlines;
use gauge::Gauge;
use list::{Link, Linked, List};

pub use answers::{Checkin, CheckinOutcome, Checkout, Notice, Scaling};
pub use status::{BaselineBounds, HealthStatus, PoolCounts, PoolStatus, PoolWorker, WorkerState};

/// When a pool counts as overloaded.
#[derive(Debug, Clone, Copy)]
struct OverloadMarks {
    /// Utilization above this makes a pool overloaded…
    overload: Ratio,
    /// …until it falls below this.
    clear: Ratio,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum State {
    Starting,
    Idle,
    Busy,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Baseline,
    Surge,
    Overflow,
}

#[derive(Debug, Clone, Copy)]
struct Worker {
    link: Link,
    pool: PoolId,
    state: State,
    kind: Kind,
    /// When it entered its state, in microseconds.
    since_us: u64,
    tag: u64,
    /// The pool whose own demand it serves.
    home: PoolId,
}

impl Linked for Worker {
    fn link(&self) -> &Link {
        &self.link
    }
    fn link_mut(&mut self) -> &mut Link {
        &mut self.link
    }
}

#[derive(Debug, Clone, Copy)]
struct Waiter {
    link: Link,
    pool: PoolId,
    since_us: u64,
    until_us: u64,
    tag: u64,
    /// The pool whose own demand it is.
    home: PoolId,
}

impl Linked for Waiter {
    fn link(&self) -> &Link {
        &self.link
    }
    fn link_mut(&mut self) -> &mut Link {
        &mut self.link
    }
}

/// One pool.
#[derive(Debug, Clone)]
struct Pool {
    // Settings.
    strategy: Strategy,
    queue: Queue,
    min_workers: u32,
    max_workers: u32,
    surge_max_workers: u32,
    max_overflow: u32,
    overflow_ttl_us: u64,
    max_waiting: u32,
    codel_target_us: u64,
    codel_interval_us: u64,

    // Workers. idle + busy = baseline + surge − starting + draining + overflow.
    open: bool,
    surging: bool,
    overloaded: bool,
    /// A busy count from here on is overload.
    overload_from: u32,
    /// A busy count below this ends it.
    clear_below: u32,
    idle: List,
    starting: List,
    idle_count: u32,
    idle_baseline: u32,
    starting_count: u32,
    overflow: u32,
    /// Busy workers that leave at their checkin: baseline, surge.
    draining: [u32; 2],
    /// Everybody who is out, draining and overflow workers included.
    busy: Gauge,
    /// Idle and busy.
    ready: Gauge,
    /// Ordered baseline workers: starting included, draining not.
    baseline: Gauge,
    /// Ordered surge workers: starting included, draining not.
    surge: Gauge,
    /// Surge workers that are still there, draining ones included: what they cost.
    surge_present: Gauge,

    // The waiting line.
    line: List,
    waiting: Gauge,
    nonempty_since_us: u64,

    // Scaling.
    /// The demand that is this pool's own, wherever it is served.
    own: demand::Demand,
    scaling: scale::Scaling,

    // Statistics.
    arrivals: Arrivals,
    /// Over 60 s: completions, failures, service time, requests whose worker failed.
    recent: SlidingSums<4>,
    last_mean_us: Option<u64>,
    variability: scale::Variability,
    latency: Histogram,
    wait: Histogram,
    requests: u64,
    failures: u64,
    worker_failures: u64,
    expired_waiters: u64,
}

/// Every pool of a system.
#[derive(Debug, Clone)]
pub struct Pools {
    pools: Vec<Pool>,
    workers: Slab<Worker>,
    waiters: Slab<Waiter>,
    /// When starting workers time out and lingering ones leave.
    worker_deadlines: Deadlines,
    /// When waiters leave unserved.
    waiter_deadlines: Deadlines,
    /// When an overloaded CoDel line drops its oldest waiter, by pool.
    codel_deadlines: Deadlines,
    notices: VecDeque<Notice>,
    /// Room for an evaluation's verdicts, kept so that it doesn't allocate.
    verdicts: Vec<(PoolId, scale::Verdict)>,
    topology: u64,
    staffing: staffing::Staffing,
    start_delay: FadingMean,
    scaler: ScalerConfig,
    health: HealthConfig,
    marks: OverloadMarks,
    worker_start: WorkerStart,
    start_timeout_us: u64,
    off_peak: bool,
    evaluated_us: u64,
    next_evaluation_us: u64,
    next_health_check_us: u64,
}

impl Pools {
    /// The pools of a configuration, with their initial workers idle.
    pub fn new(config: &Config, now_us: u64) -> Self {
        let marks = OverloadMarks { overload: config.balancer.overload, clear: config.balancer.clear };
        let LimitsConfig { max_workers, max_waiters, .. } = config.limits;
        let mut pools = Self {
            pools: Vec::with_capacity(config.pools.len()),
            workers: Slab::new(max_workers),
            waiters: Slab::new(max_waiters),
            worker_deadlines: Deadlines::default(),
            waiter_deadlines: Deadlines::default(),
            codel_deadlines: Deadlines::default(),
            notices: VecDeque::new(),
            verdicts: Vec::new(),
            topology: 0,
            staffing: staffing::Staffing::new(config, now_us),
            start_delay: FadingMean::default(),
            scaler: config.scaler.clone(),
            health: config.health.clone(),
            marks,
            worker_start: config.worker_start,
            start_timeout_us: config.worker_start_timeout_us,
            off_peak: false,
            evaluated_us: now_us,
            next_evaluation_us: now_us.saturating_add(config.scaler.evaluate_every_us),
            next_health_check_us: now_us.saturating_add(config.health.check_every_us),
        };
        for (pool, id) in config.pools.iter().zip(0..) {
            pools.pools.push(Pool::new(pool, now_us));
            pools.start_with(PoolId::new(id), pool.initial_workers, now_us);
        }
        pools
    }

    /// How many pools there are.
    #[inline]
    pub fn count(&self) -> u32 {
        u32::try_from(self.pools.len()).unwrap_or(u32::MAX)
    }

    /// Opens or closes a pool. A closed pool takes no new requests; those that wait in its line are still
    /// served, and busy workers come back as usual.
    pub fn set_open(&mut self, pool: PoolId, open: bool) -> Result<(), Error> {
        let record = self.pool_mut(pool)?;
        if record.open != open {
            record.open = open;
            self.topology += 1;
        }
        Ok(())
    }

    /// Says whether it is off-peak, for `scaler.off_peak_only`.
    pub fn set_off_peak(&mut self, off_peak: bool) {
        self.off_peak = off_peak;
    }

    /// While a pool is surging, its baseline is not scaled down.
    pub fn set_surging(&mut self, pool: PoolId, surging: bool) {
        if let Ok(record) = self.pool_mut(pool) {
            record.surging = surging;
        }
    }

    /// Whether a pool is open.
    #[inline]
    pub fn is_open(&self, pool: PoolId) -> bool {
        self.pools.get(pool.index()).is_some_and(|record| record.open)
    }

    /// Whether a pool's utilization went above the overload mark and has not since fallen below the clear mark.
    #[inline]
    pub fn is_overloaded(&self, pool: PoolId) -> bool {
        self.pools.get(pool.index()).is_some_and(|record| record.overloaded)
    }

    /// Busy workers (draining and overflow ones included), and idle and busy ones together.
    #[inline]
    pub fn occupancy(&self, pool: PoolId) -> (u32, u32) {
        self.pools.get(pool.index()).map_or((0, 0), |record| (record.busy.get(), record.ready.get()))
    }

    /// A number that changes whenever a pool opens, closes, becomes empty or stops being empty.
    #[inline]
    pub fn topology(&self) -> u64 {
        self.topology
    }

    /// The arrivals of a pool: every checkout asked of it (in staffing mode: every one that is its own demand, wherever it
    /// was asked), and what [`Pools::count_refused`] added.
    pub fn arrivals(&self, pool: PoolId) -> Option<&Arrivals> {
        self.pools.get(pool.index()).map(|record| &record.arrivals)
    }

    /// Counts a request that was refused before it came to this pool: demand that was refused must be seen.
    #[inline]
    pub fn count_refused(&mut self, now_us: u64, pool: PoolId) {
        if let Ok(record) = self.pool_mut(pool) {
            record.arrivals.add(now_us);
            record.own.arrive(now_us);
        }
    }

    /// Takes what happened to tagged waiters since the last call, oldest first.
    pub fn take_notice(&mut self) -> Option<Notice> {
        self.notices.pop_front()
    }

    /// When the pools next need [`Pools::expire`], [`Pools::evaluate`] or [`Pools::check_health`].
    pub fn next_deadline_us(&self) -> Option<u64> {
        let evaluation = self.scaler.enabled.then_some(self.next_evaluation_us);
        let mut first = earlier(evaluation, Some(self.next_health_check_us));
        for deadlines in [&self.worker_deadlines, &self.waiter_deadlines, &self.codel_deadlines] {
            first = earlier(first, deadlines.first().map(|(due_us, _)| due_us));
        }
        first
    }

    /// Lets the statistics that follow the time catch up with `now_us`.
    pub fn advance(&mut self, now_us: u64) {
        for pool in &mut self.pools {
            pool.arrivals.advance(now_us);
            pool.remember_mean();
            pool.recent.advance(now_us);
        }
    }

    #[inline]
    fn pool(&self, pool: PoolId) -> Result<&Pool, Error> {
        self.pools.get(pool.index()).ok_or(Error::UnknownPool { pool: pool.get() })
    }

    #[inline]
    fn pool_mut(&mut self, pool: PoolId) -> Result<&mut Pool, Error> {
        self.pools.get_mut(pool.index()).ok_or(Error::UnknownPool { pool: pool.get() })
    }
}

impl Pool {
    fn new(config: &PoolConfig, now_us: u64) -> Self {
        Self {
            strategy: config.strategy,
            queue: config.queue,
            min_workers: config.min_workers,
            max_workers: config.max_workers,
            surge_max_workers: config.surge_max_workers,
            max_overflow: config.max_overflow,
            overflow_ttl_us: config.overflow_ttl_us,
            max_waiting: config.max_waiting,
            codel_target_us: config.codel_target_us,
            codel_interval_us: config.codel_interval_us,
            open: true,
            surging: false,
            overloaded: false,
            overload_from: 1,
            clear_below: 0,
            idle: List::default(),
            starting: List::default(),
            idle_count: 0,
            idle_baseline: 0,
            starting_count: 0,
            overflow: 0,
            draining: [0; 2],
            busy: Gauge::new(0, now_us),
            ready: Gauge::new(0, now_us),
            baseline: Gauge::new(0, now_us),
            surge: Gauge::new(0, now_us),
            surge_present: Gauge::new(0, now_us),
            line: List::default(),
            waiting: Gauge::new(0, now_us),
            nonempty_since_us: now_us,
            own: demand::Demand::new(now_us),
            scaling: scale::Scaling::new(config, now_us),
            arrivals: Arrivals::new(now_us),
            recent: SlidingSums::new(60, now_us),
            last_mean_us: None,
            variability: scale::Variability::default(),
            latency: Histogram::default(),
            wait: Histogram::default(),
            requests: 0,
            failures: 0,
            worker_failures: 0,
            expired_waiters: 0,
        }
    }

    /// Ordered workers: starting ones included, draining and overflow ones not.
    #[inline]
    fn workers(&self) -> u32 {
        self.baseline.get().saturating_add(self.surge.get())
    }

    /// Takes the overload marks for a new count of ready workers.
    fn set_ready(&mut self, now_us: u64, ready: u32, marks: OverloadMarks) {
        self.ready.set(now_us, ready);
        self.set_marks(marks);
        self.mark();
    }

    /// Works out where the pool becomes overloaded, and where it no longer is.
    fn set_marks(&mut self, marks: OverloadMarks) {
        let parts = |ratio: Ratio| u128::from(ratio.ppm()) * u128::from(self.ready.get());
        let whole = u128::from(MILLION);
        let above = parts(marks.overload) / whole + 1;
        self.overload_from = u32::try_from(above).unwrap_or(u32::MAX);
        self.clear_below = u32::try_from(parts(marks.clear).div_ceil(whole)).unwrap_or(u32::MAX);
    }

    #[inline]
    fn set_busy(&mut self, now_us: u64, busy: u32) {
        self.busy.set(now_us, busy);
        self.mark();
    }

    #[inline]
    fn mark(&mut self) {
        let busy = self.busy.get();
        if busy >= self.overload_from {
            self.overloaded = true;
        } else if busy < self.clear_below || self.ready.get() == 0 {
            self.overloaded = false;
        }
    }

    /// Keeps the mean service time of the last 60 s, for when those are silent.
    fn remember_mean(&mut self) {
        let [completions, _, service_us, _] = self.recent.sums();
        if let Some(mean_us) = service_us.checked_div(completions) {
            self.last_mean_us = Some(mean_us);
        }
    }

    /// The mean service time of the completions of the last 60 s, else the last mean known, in microseconds.
    fn mean_service_us(&self, now_us: u64) -> Option<u64> {
        let [completions, _, service_us, _] = self.recent.sums_at(now_us);
        service_us.checked_div(completions).or_else(|| {
            let [completions, _, service_us, _] = self.recent.sums();
            service_us.checked_div(completions).or(self.last_mean_us)
        })
    }
}

fn unknown_worker(worker: WorkerId) -> Error {
    Error::UnknownWorker { worker: worker.get() }
}

fn unknown_waiter(waiter: WaiterId) -> Error {
    Error::UnknownWaiter { waiter: waiter.get() }
}

/// The queue for effects, named shorter.
type Effects = EffectQueue;
