//! Bursts: temporary capacity for a spike.
//!
//! The handler compares the load of the last second, and of the last ten, with a baseline of the minute before
//! (`burst.window_samples`, `burst.baseline_samples`).
//! A spike adds surge workers, holds them, lets them leave one by one, and cools down.
//!
//! It doesn't know the pools: it sees and changes them through [`SurgePools`].
//!
//! # Timeline of a surge
//! With the defaults, from the trigger: 300 s hold; then 120 s of shrinking, the k-th of n workers of a pool
//! leaving at 300 + 120·k/n s; the end at 420 s; 30 s of cooldown; the next surge may start at 450 s.

mod baseline;
mod cost;
mod load;
mod state;
mod status;
#[cfg(test)]
mod tests;
mod timeline;

use alloc::vec::Vec;

use crate::arrivals::{Arrivals, REMEMBERED};
use crate::config::{BurstConfig, BurstScope, CostConfig};
use crate::effect::{Effect, EffectKind};
use crate::id::PoolId;
use crate::reason::Reason;
use crate::time::{SECOND_US, TIME_LIMIT_US};

use baseline::Baseline;
use load::Load;
use timeline::Timeline;

pub use cost::{CostAdvice, baseline_cost_per_year, surge_cost_per_year, worker_money};
pub use status::{BurstStatus, PoolBurst, SurgeMetrics};

/// What the burst handler needs to know of a pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PoolDemand {
    /// Ordered workers: surge and starting ones included, draining and overflow ones not. (In staffing mode the engine adds
    /// the idle ones of the pools that it spills to.)
    pub workers: u32,
    /// Busy workers.
    pub busy: u32,
    /// Requests in the waiting line.
    pub waiting: u32,
    /// The mean service time: of the completions of the last 60 s, else the last mean known.
    pub mean_service_us: Option<u64>,
    /// Ordered surge workers.
    pub surge_workers: u32,
}

/// The pools as the burst handler sees them.
pub trait PoolDemands {
    /// A pool's demand.
    fn demand(&self, pool: PoolId) -> PoolDemand;
    /// A pool's arrivals, advanced to the present.
    fn arrivals(&self, pool: PoolId) -> Option<&Arrivals>;
}

/// The pools as the burst handler changes them.
pub trait SurgePools: PoolDemands {
    /// Adds up to `count` surge workers, never above the pool's `surge_max_workers`; answers how many.
    fn add_surge(&mut self, pool: PoolId, count: u32) -> u32;
    /// `count` surge workers are due to leave: each leaves, drains, or stays as a baseline worker. Answers how
    /// many stay.
    fn retire_surge(&mut self, pool: PoolId, count: u32, reason: Reason) -> u32;
    /// While a pool is surging, its baseline isn't scaled down.
    fn set_surging(&mut self, pool: PoolId, surging: bool);
    /// Queues an effect.
    fn emit(&mut self, effect: Effect);
}

/// The pools that are judged and surge together: all of them, or one.
#[derive(Debug, Clone)]
struct Unit {
    first: u32,
    count: u32,
    timeline: Timeline,
}

impl Unit {
    fn pools(&self) -> impl Iterator<Item = PoolId> + Clone + use<> {
        (self.first..self.first.saturating_add(self.count)).map(PoolId::new)
    }
}

/// What is remembered of a pool.
#[derive(Debug, Clone)]
struct Watched {
    baseline: Baseline,
    /// The first closed sample that wasn't looked at yet.
    seen: u64,
    /// Baseline workers when the running or last surge was triggered.
    at_trigger: u32,
    /// The most baseline workers by which a surge could have been spared.
    spared_by: u32,
}

/// The burst handler.
#[derive(Debug, Clone)]
pub struct Burst {
    config: BurstConfig,
    cost: CostConfig,
    enabled: bool,
    units: Vec<Unit>,
    pools: Vec<Watched>,
    start_us: u64,
    next_sample_us: u64,
    /// The soonest instant of the units' timelines.
    timelines_us: Option<u64>,
    surge_count: u64,
    workers_added: u64,
    workers_kept: u64,
    total_surge_us: u64,
    last_surge_us: u64,
}

impl Burst {
    /// A burst handler for this many pools, with no samples yet.
    pub fn new(config: &BurstConfig, cost: &CostConfig, pool_count: u32, now_us: u64) -> Self {
        let unit = |first, count| Unit { first, count, timeline: Timeline::new(config, count) };
        let units = match config.scope {
            BurstScope::System => alloc::vec![unit(0, pool_count)],
            BurstScope::Pool => (0..pool_count).map(|pool| unit(pool, 1)).collect(),
        };
        let watched = Watched { baseline: Baseline::new(config), seen: 0, at_trigger: 0, spared_by: 0 };
        Self {
            config: config.clone(),
            cost: cost.clone(),
            enabled: config.enabled,
            units,
            pools: alloc::vec![watched; pool_count as usize],
            start_us: now_us,
            next_sample_us: now_us.saturating_add(SECOND_US),
            timelines_us: None,
            surge_count: 0,
            workers_added: 0,
            workers_kept: 0,
            total_surge_us: 0,
            last_surge_us: 0,
        }
    }

    /// Lets surges start again. A surge that ends early because of [`Burst::disable`] goes back to its hold, if
    /// that isn't over.
    pub fn enable(&mut self, now_us: u64) {
        self.enabled = true;
        for unit in &mut self.units {
            unit.timeline.resume(now_us);
        }
        self.look_ahead();
    }

    /// Stops new surges; a running one ends early, by the same shrink from now on.
    pub fn disable(&mut self, now_us: u64) {
        self.enabled = false;
        for unit in &mut self.units {
            unit.timeline.end_early(now_us);
        }
        self.look_ahead();
    }

    /// When the handler next needs [`Burst::step`]: the end of the running sample, or the next instant of a
    /// surge's timeline. After a step it is later than that step's time; [`Burst::disable`] may set it to the
    /// present. O(1).
    #[inline]
    pub fn next_deadline_us(&self) -> Option<u64> {
        Some(self.timelines_us.map_or(self.next_sample_us, |due_us| due_us.min(self.next_sample_us)))
    }

    fn look_ahead(&mut self) {
        self.timelines_us = self.units.iter().filter_map(|unit| unit.timeline.next_us()).min();
    }

    /// Runs the timelines of surges, looks at the samples that were closed, and judges once whether a surge
    /// starts. Nothing due: two comparisons; else O(pools), and no allocation in steady state.
    pub fn step(&mut self, now_us: u64, pools: &mut impl SurgePools) {
        if self.next_deadline_us().is_none_or(|due_us| due_us > now_us) {
            return;
        }
        let sampled = self.next_sample_us <= now_us;
        if sampled {
            let passed = now_us.saturating_sub(self.start_us) / SECOND_US + 1;
            self.next_sample_us = self.start_us.saturating_add(passed.saturating_mul(SECOND_US));
        }
        for index in 0..self.units.len() {
            self.run_timeline(index, now_us, pools);
            if sampled {
                self.take_samples(index, pools);
                if self.judge(index, now_us, pools) {
                    // Without a hold, the shrink begins at once.
                    self.run_timeline(index, now_us, pools);
                }
            }
        }
        self.look_ahead();
    }

    /// Follows a unit's surge, if it has one.
    fn run_timeline(&mut self, index: usize, now_us: u64, pools: &mut impl SurgePools) {
        let Some(unit) = self.units.get_mut(index) else { return };
        if unit.timeline.starts_shrink(now_us) {
            let present = unit.pools().map(|pool| pools.demand(pool).surge_workers);
            unit.timeline.begin_shrink(present);
        }
        let reason = if unit.timeline.is_early() { Reason::SurgeDisabled } else { Reason::SurgeOver };
        for (pool, count) in unit.pools().zip(unit.timeline.take_due(now_us)) {
            if count > 0 {
                let kept = pools.retire_surge(pool, count, reason);
                self.workers_kept = self.workers_kept.saturating_add(u64::from(kept));
            }
        }
        let Some(lasted_us) = unit.timeline.take_end(now_us) else { return };
        // Pools that surge alone may together surge for longer than time lasts; a total stays below 2^53.
        self.total_surge_us = self.total_surge_us.saturating_add(lasted_us).min(TIME_LIMIT_US - 1);
        self.last_surge_us = lasted_us;
        // Sampling resumes with the first whole sample after the surge.
        let next_sample = now_us.saturating_sub(self.start_us).div_ceil(SECOND_US);
        for pool in unit.pools() {
            pools.set_surging(pool, false);
            if let Some(watched) = self.pools.get_mut(pool.index()) {
                watched.baseline.restart();
                watched.seen = next_sample;
            }
        }
        let mut effect = Effect::new(now_us, EffectKind::SurgeEnded, reason);
        effect.pool = (self.config.scope == BurstScope::Pool).then(|| PoolId::new(unit.first));
        effect.surge = true;
        pools.emit(effect);
    }

    /// Looks at the samples that were closed since the last time. Those of a surge don't count.
    fn take_samples(&mut self, index: usize, pools: &impl SurgePools) {
        let Some(unit) = self.units.get(index) else { return };
        let surging = unit.timeline.is_surging();
        for pool in unit.pools() {
            let Some(watched) = self.pools.get_mut(pool.index()) else { continue };
            let Some(arrivals) = pools.arrivals(pool) else { continue };
            let closed = arrivals.closed();
            if !surging {
                // After a long sleep: what isn't remembered any more are zeros. Once they have filled the
                // baseline, and have ended and flushed what was held out before, more change nothing.
                let span = u64::from(self.config.baseline_samples)
                    .saturating_add(u64::from(self.config.window_samples).saturating_mul(3))
                    .saturating_add(REMEMBERED);
                let first = watched.seen.max(closed.saturating_sub(span));
                for sample in first..closed {
                    watched.baseline.close(arrivals.sample(sample));
                }
            }
            watched.seen = watched.seen.max(closed);
        }
    }

    /// Judges whether a unit's surge starts (and answers whether it did), and remembers how high a running one
    /// climbs.
    fn judge(&mut self, index: usize, now_us: u64, pools: &mut impl SurgePools) -> bool {
        let Some(unit) = self.units.get(index) else { return false };
        let ids = unit.pools();
        if unit.timeline.is_holding() {
            for pool in ids {
                self.note_peak(pool, pools);
            }
            return false;
        }
        let ready = ids.clone().all(|pool| self.is_ready(pool));
        if !self.enabled || !ready || !unit.timeline.is_free(now_us) {
            return false;
        }
        let windows = [1, self.config.window_samples];
        let burst = windows.into_iter().any(|window| self.is_burst(ids.clone(), window, pools));
        burst && self.start(index, now_us, pools)
    }

    fn is_ready(&self, pool: PoolId) -> bool {
        self.pools.get(pool.index()).is_some_and(|watched| watched.baseline.is_ready())
    }

    fn load(&self, pool: PoolId, window: u32, pools: &impl PoolDemands) -> Load {
        let baseline = self.pools.get(pool.index()).map(|watched| &watched.baseline);
        let arrivals = pools.arrivals(pool).map_or(0, |arrivals| arrivals.last(window));
        Load::new(pools.demand(pool), arrivals, window, baseline)
    }

    fn is_burst(
        &self,
        ids: impl Iterator<Item = PoolId> + Clone,
        window: u32,
        pools: &impl PoolDemands,
    ) -> bool {
        load::is_burst(&self.config, ids.map(|pool| self.load(pool, window, pools)))
    }

    /// Starts a unit's surge. Answers whether any worker could be added.
    fn start(&mut self, index: usize, now_us: u64, pools: &mut impl SurgePools) -> bool {
        let Some(unit) = self.units.get_mut(index) else { return false };
        let mut added: u32 = 0;
        for pool in unit.pools() {
            let before = pools.demand(pool);
            let more = pools.add_surge(pool, self.config.surge_workers);
            added = added.saturating_add(more);
            if let Some(watched) = self.pools.get_mut(pool.index()) {
                watched.at_trigger = before.workers.saturating_sub(before.surge_workers);
            }
        }
        if added == 0 {
            // Every pool is at its surge maximum: there is nothing to start.
            return false;
        }
        unit.timeline.start(now_us);
        let ids = unit.pools();
        let alone = self.config.scope == BurstScope::Pool;
        let first = unit.first;
        for pool in ids {
            pools.set_surging(pool, true);
            if let Some(watched) = self.pools.get_mut(pool.index()) {
                watched.baseline.restart();
            }
            self.note_peak(pool, pools);
        }
        self.surge_count = self.surge_count.saturating_add(1);
        self.workers_added = self.workers_added.saturating_add(u64::from(added));
        let mut effect = Effect::new(now_us, EffectKind::SurgeStarted, Reason::Burst);
        effect.pool = alone.then(|| PoolId::new(first));
        effect.count = added;
        effect.surge = true;
        pools.emit(effect);
        true
    }

    /// Remembers how many more baseline workers would have absorbed the present load.
    fn note_peak(&mut self, pool: PoolId, pools: &impl PoolDemands) {
        let absorbed = load::absorbed(&self.config);
        let needed = [1, self.config.window_samples]
            .into_iter()
            .map(|window| self.load(pool, window, pools).workers_for(absorbed))
            .max()
            .unwrap_or(0);
        if let Some(watched) = self.pools.get_mut(pool.index()) {
            watched.spared_by = watched.spared_by.max(needed.saturating_sub(watched.at_trigger));
        }
    }
}
