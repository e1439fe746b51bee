//! Scaling: how many workers a pool should have.
//!
//! Pools are judged at most every `scaler.evaluate_every_us`, on demand = (busy + waiting) / workers, averaged
//! over the time since the last evaluation. At most one rule acts per pool and evaluation. A pool that an
//! unhealthy verdict keeps growing isn't shrunk at the same time, and a removal that would bring demand above
//! the upper threshold isn't made: one worker at 0.9 never flaps between one and two.
//!
//! Sources: `proportional` is the rule of the Kubernetes horizontal pod autoscaler (ceil(current × metric /
//! target), tolerance, stabilization window); `staffing` is Erlang's formulas for a load that is forecast, as telephone
//! call centres are staffed: see `demand.rs`, `forecast.rs` and `staffing.rs`, which say it in full.

use alloc::collections::VecDeque;

use super::forecast::Forecast;
use super::health::judge;
use super::{Effects, HealthStatus, Pool, Pools, WorkerStart};
use crate::config::{HealthConfig, PoolConfig, ScalerConfig, ScalerMode};
use crate::id::PoolId;
use crate::ratio::{MILLION, Ratio};
use crate::reason::Reason;
use crate::time::{SECOND_US, next_period};

/// A pool without workers is asked for some while there are arrivals in this many one-second samples.
const STARVED_SAMPLES: u32 = 5;

/// What a pool's scaling remembers between evaluations.
#[derive(Debug, Clone)]
pub(super) struct Scaling {
    /// Since when demand has stood at or above the proactive threshold.
    pub(super) high_since_us: Option<u64>,
    /// Since when demand has stood below the planned threshold.
    pub(super) low_since_us: Option<u64>,
    /// Whether a planned shrink is under way.
    pub(super) shrinking: bool,
    pub(super) last_down_us: Option<u64>,
    pub(super) last_scaled_us: Option<u64>,
    /// The count that the last evaluation wanted at least: removing a worker below it would be undone.
    pub(super) wanted: u32,
    /// Counts desired lately, as (when, count), falling: the first is the highest of the window.
    pub(super) desires: VecDeque<(u64, u32)>,
    /// Staffing mode: what will be asked of the pool.
    pub(super) forecast: Forecast,
    /// Staffing mode: how many workers it should have, once that was judged.
    pub(super) staffed: Option<u32>,
    /// Staffing mode: how many of its workers were idle at that time, if it was open.
    pub(super) idle: u32,
    /// Staffing mode: by how many workers the count is to change.
    pub(super) change: i64,
}

impl Scaling {
    pub(super) fn new(config: &PoolConfig, now_us: u64) -> Self {
        Self {
            high_since_us: None,
            low_since_us: None,
            shrinking: false,
            last_down_us: None,
            last_scaled_us: None,
            wanted: 0,
            desires: VecDeque::from([(now_us, config.initial_workers)]),
            forecast: Forecast::default(),
            staffed: None,
            idle: 0,
            change: 0,
        }
    }

    /// Notes a desired count and answers the highest one of the last `window_us`.
    fn stabilize(&mut self, now_us: u64, desired: u32, window_us: u64) -> u32 {
        while self.desires.back().is_some_and(|(_, count)| *count <= desired) {
            self.desires.pop_back();
        }
        self.desires.push_back((now_us, desired));
        while self.desires.front().is_some_and(|(at_us, _)| at_us.saturating_add(window_us) < now_us) {
            self.desires.pop_front();
        }
        self.desires.front().map_or(desired, |(_, count)| *count)
    }
}

/// Mean and variability of service times, slowly forgetting.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Variability {
    pub(super) count: u32,
    pub(super) sum: f64,
    pub(super) squares: f64,
}

impl Variability {
    pub(super) const BOUND: u32 = 4096;

    #[inline]
    #[allow(clippy::cast_precision_loss)] // microseconds below 2^53
    pub(super) fn add(&mut self, value_us: u64) {
        let value = value_us as f64;
        self.count += 1;
        self.sum += value;
        self.squares += value * value;
        if self.count >= Self::BOUND {
            self.count /= 2;
            self.sum *= 0.5;
            self.squares *= 0.5;
        }
    }

    /// The squared coefficient of variation; 1 (exponential) until there are enough samples to tell.
    pub(super) fn scv(&self) -> f64 {
        if self.count < 20 || self.sum <= 0.0 {
            return 1.0;
        }
        let count = f64::from(self.count);
        let mean = self.sum / count;
        let variance = self.squares / count - mean * mean;
        (variance / (mean * mean)).clamp(0.0, 100.0)
    }
}

/// The averages of a pool over the time since the last evaluation, as areas (count × µs).
#[derive(Debug, Clone, Copy)]
struct Window {
    start_us: u64,
    length_us: u128,
    /// Busy workers.
    busy: u128,
    /// Busy workers and waiters.
    work: u128,
    /// Workers, starting ones included.
    workers: u128,
    /// Workers that are ready.
    ready: u128,
}

/// What an evaluation decided for one pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Stay,
    Add(u32, Reason),
    Remove(u32, Reason),
}

impl Pools {
    /// Judges every pool and scales it, when that is due.
    pub fn evaluate(&mut self, now_us: u64, effects: &mut Effects) {
        if !self.scaler.enabled || self.next_evaluation_us > now_us {
            return;
        }
        let start_us = self.evaluated_us;
        self.evaluated_us = now_us;
        self.next_evaluation_us = next_period(self.next_evaluation_us, self.scaler.evaluate_every_us, now_us);
        if self.scaler.mode == ScalerMode::Staffing {
            self.forecast(now_us);
        }
        let judge = Judge { now_us, scaler: &self.scaler, health: &self.health, off_peak: self.off_peak };
        let mut verdicts = core::mem::take(&mut self.verdicts);
        verdicts.clear();
        for (pool, id) in self.pools.iter_mut().zip(0..) {
            let window = pool.take_window(start_us, now_us);
            let verdict = judge.verdict(pool, &window);
            if verdict != Verdict::Stay {
                verdicts.push((PoolId::new(id), verdict));
            }
        }
        for (pool, verdict) in &verdicts {
            self.carry_out(now_us, *pool, *verdict, effects);
        }
        self.verdicts = verdicts;
    }

    /// Staffing mode: forecasts what will be asked of each pool when a worker ordered at the next evaluation is ready,
    /// and decides how many workers it should have.
    #[allow(clippy::cast_precision_loss)] // estimates
    fn forecast(&mut self, now_us: u64) {
        let seconds = |micros: u64| micros as f64 / SECOND_US as f64;
        let start_us = self.start_delay.mean().unwrap_or(match self.worker_start {
            WorkerStart::Instant => 0,
            // No start was seen yet: a small part of what it may take at most.
            WorkerStart::Confirmed => self.start_timeout_us / 6,
        });
        let ahead_us = start_us.saturating_add(self.scaler.evaluate_every_us);
        for pool in &mut self.pools {
            pool.own.advance(now_us);
            let known_s = pool.mean_service_us(now_us).map(seconds);
            pool.scaling.forecast =
                Forecast::new(&pool.own, seconds(ahead_us), known_s, pool.variability.scv());
        }
        self.staff(now_us, ahead_us);
    }

    /// How many workers a pool should have, as staffing mode judged last; `None` in the other modes, before the first
    /// judgement, and with the scaler off.
    pub fn staffed(&self, pool: PoolId) -> Option<u32> {
        if self.scaler.enabled {
            self.pool(pool).ok().and_then(|record| record.scaling.staffed)
        } else {
            None
        }
    }

    /// How many workers the scaler wants a pool to have at least, by its last evaluation.
    pub(super) fn wanted_workers(&self, pool: PoolId) -> u32 {
        if self.scaler.enabled { self.pool(pool).map_or(0, |record| record.scaling.wanted) } else { 0 }
    }

    fn carry_out(&mut self, now_us: u64, pool: PoolId, verdict: Verdict, effects: &mut Effects) {
        let (changed, down) = match verdict {
            Verdict::Stay => return,
            Verdict::Add(count, reason) => (self.add_baseline(now_us, pool, count, reason, effects), false),
            Verdict::Remove(count, reason) => {
                (self.remove_baseline(now_us, pool, count, reason, effects), true)
            }
        };
        if changed == 0 {
            return;
        }
        let Ok(record) = self.pool_mut(pool) else { return };
        record.scaling.last_scaled_us = Some(now_us);
        if down {
            record.scaling.last_down_us = Some(now_us);
        }
        if let Verdict::Add(_, Reason::Proactive) = verdict {
            record.scaling.high_since_us = Some(now_us);
        }
    }
}

impl Pool {
    fn take_window(&mut self, start_us: u64, now_us: u64) -> Window {
        let busy = self.busy.take(now_us);
        Window {
            start_us,
            length_us: u128::from(now_us.saturating_sub(start_us)),
            busy,
            work: busy.saturating_add(self.waiting.take(now_us)),
            // What surge workers cost is metered by a gauge of its own.
            workers: self.baseline.take(now_us).saturating_add(self.surge.take(now_us)),
            ready: self.ready.take(now_us),
        }
    }

    /// How many baseline workers may still be added.
    pub(super) fn room(&self) -> u32 {
        let below_max = self.max_workers.saturating_sub(self.baseline.get());
        below_max.min(self.surge_max_workers.saturating_sub(self.workers()))
    }
}

/// What all pools are judged by.
struct Judge<'a> {
    now_us: u64,
    scaler: &'a ScalerConfig,
    health: &'a HealthConfig,
    off_peak: bool,
}

impl Judge<'_> {
    fn verdict(&self, pool: &mut Pool, window: &Window) -> Verdict {
        if window.length_us == 0 {
            return Verdict::Stay;
        }
        let calm = self.passed(pool.scaling.last_scaled_us, self.scaler.min_interval_us);
        let verdict = match self.scaler.mode {
            ScalerMode::Step => self.step(pool, window),
            ScalerMode::Proportional => self.proportional(pool, window),
            ScalerMode::Staffing => Self::staffed(pool),
        };
        let unhealthy = self.scaler.health && self.is_unhealthy(pool, window);
        let verdict = match verdict {
            Verdict::Stay | Verdict::Remove(..) if unhealthy && pool.room() > 0 => {
                Verdict::Add(1, Reason::Unhealthy)
            }
            Verdict::Remove(..) if unhealthy || pool.surging => Verdict::Stay,
            other => other,
        };
        if calm { verdict } else { Verdict::Stay }
    }

    fn step(&self, pool: &mut Pool, window: &Window) -> Verdict {
        let scaler = self.scaler;
        // A pool without workers that is asked for some has all the demand there can be.
        let starved = window.workers == 0 && (window.work > 0 || pool.arrivals.last(STARVED_SAMPLES) > 0);
        let above = |ratio: Ratio| ratio.compare_fraction(window.work, window.workers);
        let high = starved || above(scaler.proactive_threshold).is_ge();
        let low = !starved && above(scaler.planned_threshold).is_lt();
        let memory = &mut pool.scaling;
        memory.high_since_us = high.then(|| memory.high_since_us.unwrap_or(window.start_us));
        memory.low_since_us = low.then(|| memory.low_since_us.unwrap_or(window.start_us));
        memory.wanted = scaler.up_threshold.ceil_div(window.work, window.length_us);

        let room = pool.room();
        if room > 0 && self.lasted(pool.scaling.high_since_us, scaler.proactive_after_us) {
            let desired = scaler.target_utilization.ceil_div(window.work, window.length_us);
            let needed = desired.saturating_sub(pool.workers());
            return Verdict::Add(needed.min(scaler.proactive_step).max(1), Reason::Proactive);
        }
        if room > 0 && (starved || above(scaler.up_threshold).is_gt()) {
            return Verdict::Add(1, Reason::DemandHigh);
        }
        if let Some(count) = self.planned(pool, window) {
            return Verdict::Remove(count, Reason::PlannedDown);
        }
        let removable = pool.baseline.get() > pool.min_workers
            && self.passed(pool.scaling.last_down_us, scaler.down_cooldown_us);
        if removable && !starved && above(scaler.down_threshold).is_lt() && self.bearable(pool, window, 1) {
            return Verdict::Remove(1, Reason::DemandLow);
        }
        Verdict::Stay
    }

    /// How many workers a planned shrink removes now, if one is under way and due.
    fn planned(&self, pool: &mut Pool, window: &Window) -> Option<u32> {
        let scaler = self.scaler;
        if pool.surging || (scaler.off_peak_only && !self.off_peak) {
            pool.scaling.shrinking = false;
            return None;
        }
        if self.lasted(pool.scaling.low_since_us, scaler.planned_after_us) {
            pool.scaling.shrinking = true;
        }
        if !pool.scaling.shrinking {
            return None;
        }
        let aim = scaler.target_utilization.ceil_div(window.busy, window.length_us);
        let aim = aim.max(pool.min_workers);
        let excess = pool.baseline.get().saturating_sub(aim);
        if excess == 0 {
            // Done; another shrink needs another stretch of low demand.
            pool.scaling.shrinking = false;
            pool.scaling.low_since_us = None;
            return None;
        }
        if !self.passed(pool.scaling.last_down_us, scaler.planned_every_us) {
            return None;
        }
        let step = scaler.planned_fraction.floor_of(pool.baseline.get()).max(1).min(excess);
        self.bearable(pool, window, step).then_some(step)
    }

    fn proportional(&self, pool: &mut Pool, window: &Window) -> Verdict {
        let scaler = self.scaler;
        let target = u128::from(scaler.target_utilization.ppm());
        let (million, tolerance) = (u128::from(MILLION), u128::from(scaler.tolerance.ppm()));
        // |demand / target − 1| ≤ tolerance, in integers.
        let demand = window.work.saturating_mul(million).saturating_mul(million);
        let aim = window.workers.saturating_mul(target);
        let close = window.workers > 0
            && demand <= aim.saturating_mul(million + tolerance)
            && demand >= aim.saturating_mul(million.saturating_sub(tolerance));
        let starved = window.workers == 0 && pool.arrivals.last(STARVED_SAMPLES) > 0;
        let desired = if close {
            pool.workers()
        } else {
            scaler.target_utilization.ceil_div(window.work, window.length_us).max(u32::from(starved))
        };
        self.follow(pool, desired, Reason::Proportional)
    }

    /// What [`Pools::staff`] decided.
    fn staffed(pool: &Pool) -> Verdict {
        let count = u32::try_from(pool.scaling.change.unsigned_abs()).unwrap_or(u32::MAX);
        match pool.scaling.change {
            0 => Verdict::Stay,
            1.. => Verdict::Add(count, Reason::Staffing),
            _ => Verdict::Remove(count, Reason::Staffing),
        }
    }

    /// Up to the desired count at once, down to the highest one desired of late.
    fn follow(&self, pool: &mut Pool, desired: u32, reason: Reason) -> Verdict {
        let scaler = self.scaler;
        let highest = pool.scaling.stabilize(self.now_us, desired, scaler.stabilization_us);
        pool.scaling.wanted = desired;
        let workers = pool.workers();
        if desired > workers {
            let count = (desired - workers).min(pool.room());
            return if count > 0 { Verdict::Add(count, reason) } else { Verdict::Stay };
        }
        let excess = workers.saturating_sub(highest);
        let removable = excess.min(pool.baseline.get().saturating_sub(pool.min_workers));
        let near = scaler.tolerance.floor_of(workers);
        if removable > 0 && excess > near { Verdict::Remove(removable, reason) } else { Verdict::Stay }
    }

    /// Whether demand stays at or below the upper threshold without `count` workers.
    fn bearable(&self, pool: &Pool, window: &Window, count: u32) -> bool {
        let left = u128::from(pool.workers().saturating_sub(count));
        if left == 0 {
            return window.work == 0;
        }
        !self.scaler.up_threshold.is_exceeded_by(window.work, left.saturating_mul(window.length_us))
    }

    /// Whether the scaler's health rule applies: judged on the averages of the window, as every rule is, and with
    /// the workers that are on their way, so that nobody is ordered twice. In proportional and staffing mode the
    /// desired count answers for utilization; there only errors count.
    fn is_unhealthy(&self, pool: &Pool, window: &Window) -> bool {
        let errors =
            if self.scaler.health_on_errors { pool.errors(self.now_us, self.health) } else { (0, 0) };
        let capacity = window.ready.max(window.workers);
        let utilization = if self.scaler.mode == ScalerMode::Step { (window.busy, capacity) } else { (0, 0) };
        judge(self.health, utilization, errors) != HealthStatus::Healthy
    }

    fn lasted(&self, since_us: Option<u64>, length_us: u64) -> bool {
        since_us.is_some_and(|since_us| self.now_us.saturating_sub(since_us) >= length_us)
    }

    fn passed(&self, last_us: Option<u64>, length_us: u64) -> bool {
        last_us.is_none_or(|last_us| self.now_us.saturating_sub(last_us) >= length_us)
    }
}
