//! The clairvoyant plan: the least worker-time that serves every request as if all workers were always there.
//!
//! It is a bound to compare with, not a contender. The requests are run twice.
//!
//! **First** every pool has its `max_workers` all the time. Nothing scales, and requests go where their key belongs. Whoever
//! has to wait or is refused then, is so because of the most workers, not because of a policy. Let n(t) be how many
//! services run in a pool at t (where overflow workers make it more than `max_workers`, `max_workers`).
//!
//! **The plan.** *Level* k is needed while n(t) ≥ k. Between two times when it is needed lies a gap. In a gap shorter than
//! the worker start delay D the level stays; in a longer one it leaves at the beginning and is ordered D before the end,
//! so that it is ready exactly then. Before a level is first needed, it is there from the start if that is sooner than D
//! (nobody can order before the start), else it is ordered D before; after it was last needed it leaves. Levels up to
//! `min_workers` are always there.
//!
//! **Then** the engine runs by that plan, and decides as in the first run: the same requests are refused, wait and are
//! served at the same times. (It is checked; if it ever isn't so, the run is an error.) For a request finds an idle worker
//! in the first run exactly when n(t) < `max_workers`, and then a level of its own is there in the second; and who waits
//! in the first, waits while all levels are needed, and so are there.
//!
//! **No plan that does this needs less.** Let p(t) be the workers present (starting or ready) under any plan whose ready
//! workers never fall short of n(t) and whose present ones never fall short of `min_workers`. Its worker-time is ∫ p(t) dt,
//! which is the sum over the levels k of the time for which p(t) ≥ k: present workers can be counted from the bottom, and
//! who they are doesn't matter. Level k contributes all the time for which it is needed, or k ≤ `min_workers`. Consider a
//! gap of length g before a time s when level k is needed again (or for the first time). At s at least k workers are
//! ready. Each of them was ordered at s − D or earlier, or was there from the start; so at least k workers are present from
//! s − D on, as far as that lies within the run, and level k contributes at least min(D, g) in that gap. The plan
//! contributes exactly min(D, g) in each gap, and nothing after the last need. So no other plan has less. And the plan is
//! possible: levels are *nested*, level k + 1 is needed only while level k is, so a gap of level k lies within one of
//! level k + 1; a level that leaves never meets one above it that starts, and whoever is idle may be the one that leaves.
//!
//! That holds with clients that try again as well: who is refused, and when, is the same in both runs. Where the future
//! depends on how many workers there are (crashes, clients that come back when they are told to), there is no plan, and
//! asking for one is an error.
//!
//! What it isn't: a bound on plans that let requests wait on purpose. A policy whose requests wait a little where the plan
//! lets none wait may have fewer worker-hours than the plan.
//!
//! The figures that `fixed` is sized by come from the first run as well.
//!
//! Memory: the requests of a trace are kept in any case; the plan adds 16 bytes for every change, of which there are at
//! most two for each request.

use alloc::format;
use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::config::{ConfigError, PoolConfig};
use crate::order;
use crate::time::SECOND_US;
use crate::whatif::simulation::SimulationOptions;

const MINUTE_US: u64 = 60 * SECOND_US;

/// Whether a run's future can be known: whether it is the same however many workers there are, as long as nobody waits
/// longer.
///
/// Fails when workers crash (whom it strikes depends on how many there are), or when clients honor what refusals say
/// about when to come back (which depends on it as well).
pub(super) fn check(options: &SimulationOptions) -> Result<(), ConfigError> {
    let honors = options.retries.is_some_and(|retries| retries.honor_retry_after);
    let why = if options.crashes_per_worker_hour > 0.0 {
        "`crashes_per_worker_hour` above 0: which worker crashes depends on how many there are"
    } else if honors {
        "`retries.honor_retry_after`: when refused clients come back depends on how many workers there are"
    } else {
        return Ok(());
    };
    Err(ConfigError::one("policy", format!("`clairvoyant` can't foresee a run with {why}")))
}

/// What is known of a run's future, by a run of the same requests with all workers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Foresight {
    pools: Vec<PoolForesight>,
    plan: Arc<[Change]>,
    services: Services,
}

/// What is known of a pool's future.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PoolForesight {
    /// The workers that the plan starts with.
    pub initial_workers: u32,
    /// The service time of all requests that came to the pool, in microseconds.
    pub work_us: u128,
    /// In which time, in microseconds.
    pub time_us: u64,
    /// The service time of those that arrived in the busiest minute, in microseconds.
    pub busiest_us: u128,
    /// How long a minute is in this run, in microseconds: no longer than the run.
    pub minute_us: u64,
}

/// A worker that comes or leaves. The order is that of the plan: who leaves makes room first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Change {
    /// When, in microseconds since the start of the run.
    pub at_us: u64,
    /// Whether a worker is ordered; else one leaves.
    pub up: bool,
    /// The place of its pool in the configuration.
    pub pool: u32,
}

impl Foresight {
    /// Each pool, in the order of the configuration.
    pub fn pools(&self) -> &[PoolForesight] {
        &self.pools
    }

    /// The clairvoyant plan, in order.
    pub fn plan(&self) -> &Arc<[Change]> {
        &self.plan
    }

    /// The services of the first run.
    pub(in crate::whatif) fn services(&self) -> Services {
        self.services
    }
}

/// A fingerprint of a run's services: how many, and where and when each began, whatever their order at one instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::whatif) struct Services {
    count: u64,
    mixed: u64,
}

impl Services {
    #[inline]
    pub(in crate::whatif) fn add(&mut self, now_us: u64, pool: usize) {
        self.count += 1;
        // The finalizer of SplitMix64 makes sums of different times differ.
        let mut mixed = now_us ^ (pool as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        self.mixed = self.mixed.wrapping_add(mixed ^ (mixed >> 31));
    }
}

/// Watches the first run.
#[derive(Debug)]
pub(in crate::whatif) struct Scout {
    start_delay_us: u64,
    pools: Vec<PoolScout>,
    plan: Vec<Change>,
    services: Services,
}

#[derive(Debug)]
struct PoolScout {
    min_workers: u32,
    max_workers: u32,
    running: u32,
    /// The levels above `min_workers` that were ever needed, from the lowest.
    levels: Vec<Level>,
    initial_workers: u32,
    work_us: u128,
    minute: u64,
    minute_us: u128,
    busiest_us: u128,
}

/// A level above `min_workers`.
#[derive(Debug, Clone, Copy)]
struct Level {
    /// When it was needed last: the end, if it isn't needed now.
    off_us: u64,
    /// When the need began. A service without any length needs a worker at this instant, and until after it.
    on_us: u64,
    needed: bool,
}

impl Scout {
    pub(in crate::whatif) fn new(pools: &[PoolConfig], start_delay_us: u64) -> Self {
        let pools = pools.iter().map(|pool| PoolScout {
            min_workers: pool.min_workers,
            max_workers: pool.max_workers,
            running: 0,
            levels: Vec::new(),
            initial_workers: pool.min_workers,
            work_us: 0,
            minute: 0,
            minute_us: 0,
            busiest_us: 0,
        });
        Self { start_delay_us, pools: pools.collect(), plan: Vec::new(), services: Services::default() }
    }

    /// A request came to a pool, whatever became of it.
    pub(in crate::whatif) fn arrived(&mut self, now_us: u64, pool: usize, service_us: u64) {
        let Some(pool) = self.pools.get_mut(pool) else { return };
        let minute = now_us / MINUTE_US;
        if minute != pool.minute {
            pool.minute = minute;
            pool.minute_us = 0;
        }
        pool.work_us += u128::from(service_us);
        pool.minute_us += u128::from(service_us);
        pool.busiest_us = pool.busiest_us.max(pool.minute_us);
    }

    /// A service began.
    pub(in crate::whatif) fn started(&mut self, now_us: u64, pool: usize) {
        self.services.add(now_us, pool);
        let Some(record) = self.pools.get_mut(pool) else { return };
        record.running += 1;
        let Some(place) = record.level() else { return };
        let delay_us = self.start_delay_us;
        let pool = u32::try_from(pool).unwrap_or(u32::MAX);
        let stays = |off_us: u64| now_us <= off_us || now_us - off_us < delay_us;
        let order = Change { at_us: now_us.saturating_sub(delay_us), up: true, pool };
        match record.levels.get_mut(place) {
            Some(level) => {
                if !stays(level.off_us) {
                    self.plan.push(Change { at_us: level.off_us, up: false, pool });
                    self.plan.push(order);
                }
                level.on_us = now_us;
                level.needed = true;
            }
            None => {
                if stays(0) {
                    record.initial_workers += 1;
                } else {
                    self.plan.push(order);
                }
                record.levels.push(Level { off_us: now_us, on_us: now_us, needed: true });
            }
        }
    }

    /// A service ended.
    pub(in crate::whatif) fn ended(&mut self, now_us: u64, pool: usize) {
        let Some(record) = self.pools.get_mut(pool) else { return };
        let level = record.level();
        record.running = record.running.saturating_sub(1);
        if let Some(level) = level.and_then(|place| record.levels.get_mut(place)) {
            level.off_us = now_us.max(level.on_us.saturating_add(1));
            level.needed = false;
        }
    }

    /// What was seen in a run that ended at `end_us`.
    pub(in crate::whatif) fn finish(mut self, end_us: u64) -> Foresight {
        for (record, pool) in self.pools.iter().zip(0..) {
            let left = record.levels.iter().filter(|level| !level.needed);
            self.plan.extend(left.map(|level| Change { at_us: level.off_us, up: false, pool }));
        }
        order::sort_by_key(&mut self.plan, |change| *change);
        let time_us = end_us.max(1);
        let pools = self.pools.iter().map(|record| PoolForesight {
            initial_workers: record.initial_workers,
            work_us: record.work_us,
            time_us,
            busiest_us: record.busiest_us,
            minute_us: time_us.min(MINUTE_US),
        });
        Foresight { pools: pools.collect(), plan: self.plan.into(), services: self.services }
    }
}

impl PoolScout {
    /// The place of the topmost running level among those above `min_workers`, if it is one of them.
    fn level(&self) -> Option<usize> {
        let above = self.running.checked_sub(self.min_workers.saturating_add(1))?;
        if self.running > self.max_workers { None } else { usize::try_from(above).ok() }
    }
}
