//! Migration: workers follow work, one at a time.

use super::balance::{Extremes, Spread, occupied};
use super::{Balancer, MigrationView};
use crate::id::PoolId;
use crate::reason::Reason;
use crate::time::next_period;

/// Whether a worker moves, and why (not).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rebalance {
    /// Whether a worker moves.
    pub migrated: bool,
    /// The least utilized pool, which gives a worker up; `None` unless there is an imbalance to act on.
    pub from: Option<PoolId>,
    /// The most utilized pool, which gets it; `None` unless there is an imbalance to act on.
    pub to: Option<PoolId>,
    /// The greatest difference of utilization before the move, in [0, 1].
    pub spread: f64,
    /// [`Reason::Rebalance`] when a worker moves; else the first that holds of [`Reason::TooFewPools`],
    /// [`Reason::Balanced`], [`Reason::Cooldown`], [`Reason::DonorAtMinimum`], [`Reason::TakerAtMaximum`],
    /// [`Reason::NoIdleWorker`] and [`Reason::SpreadNotReduced`].
    pub reason: Reason,
}

impl Balancer {
    /// When the balance is to be judged next: the period's multiples since the start.
    pub fn next_deadline_us(&self) -> u64 {
        self.due_us
    }

    /// Whether the balance is to be judged at `now_us`. If so, the next judgement is set to the next multiple of
    /// the period after `now_us`, however many were missed.
    pub fn take_due(&mut self, now_us: u64) -> bool {
        let due = now_us >= self.due_us;
        if due {
            self.due_us = next_period(self.due_us, self.period_us, now_us);
        }
        due
    }

    /// Decides whether one worker moves from the least to the most utilized of the open pools that have workers
    /// (of equally utilized ones, the lowest id). It does so if the coefficient is below the trigger, the last
    /// migration is at least the cooldown ago, both pools stay inside their bounds, the giving one has an idle
    /// worker, and the spread over all pools is smaller afterwards. O(pools).
    ///
    /// The same holds for a periodic and for a demanded judgement. Nothing changes: who carries the move out says
    /// so with [`Balancer::record_migration`].
    pub fn decide(&self, now_us: u64, pools: &impl MigrationView) -> Rebalance {
        let count = self.names.count();
        let none = |spread, reason| Rebalance { migrated: false, from: None, to: None, spread, reason };
        let Some(extremes) = Extremes::of(occupied(count, pools)) else {
            return none(0.0, Reason::TooFewPools);
        };
        let spread = extremes.spread();
        if extremes.pools < 2 {
            return none(spread.as_f64(), Reason::TooFewPools);
        }
        let ((from, _), (to, _)) = (extremes.least, extremes.most);
        if from == to || !self.balance(pools).is_below(self.trigger) {
            return none(spread.as_f64(), Reason::Balanced);
        }
        if self.migrated_us.is_some_and(|at_us| now_us.saturating_sub(at_us) < self.cooldown_us) {
            return none(spread.as_f64(), Reason::Cooldown);
        }
        let reason = if pools.baseline_workers(from) <= pools.min_workers(from) {
            Reason::DonorAtMinimum
        } else if pools.baseline_workers(to) >= pools.max_workers(to) {
            Reason::TakerAtMaximum
        } else if !pools.has_idle_baseline(from) {
            Reason::NoIdleWorker
        } else if !spread_after(count, pools, from, to).is_below(spread) {
            Reason::SpreadNotReduced
        } else {
            Reason::Rebalance
        };
        Rebalance {
            migrated: reason == Reason::Rebalance,
            from: Some(from),
            to: Some(to),
            spread: spread.as_f64(),
            reason,
        }
    }

    /// Notes that a worker was moved at `now_us`: it is counted, and the cooldown starts.
    pub fn record_migration(&mut self, now_us: u64) {
        self.migrated_us = Some(now_us);
        self.rebalance_count = self.rebalance_count.saturating_add(1);
    }

    /// How many workers were moved.
    pub fn rebalance_count(&self) -> u64 {
        self.rebalance_count
    }
}

/// The spread once an idle worker has moved. A pool that gave its only worker up is empty and left out.
fn spread_after(count: u32, pools: &impl MigrationView, from: PoolId, to: PoolId) -> Spread {
    Spread::of(occupied(count, pools).filter_map(|(pool, (busy, workers))| {
        let workers = match pool {
            _ if pool == from.get() => workers.saturating_sub(1),
            _ if pool == to.get() => workers.saturating_add(1),
            _ => workers,
        };
        (workers > 0).then_some((pool, (busy.min(workers), workers)))
    }))
}
