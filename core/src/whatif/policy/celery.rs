//! Celery's autoscaler: as many processes as there are tasks.
//!
//! Source: `celery/worker/autoscale.py` of Celery 5 (<https://github.com/celery/celery>), class `Autoscaler`: its thread
//! compares every second the reserved requests with the processes. More requests than processes: it grows by the
//! difference at once. Fewer: it shrinks by the difference, if it has ever grown and did so more than `keepalive` ago
//! (`AUTOSCALE_KEEPALIVE`, 30 s). The same steps run when a message comes where the worker has an event loop; a look every
//! second stands for both here.
//!
//! A worker reserves what it runs and what it has prefetched: at most `worker_prefetch_multiplier` (4) messages for each
//! process, and the limit follows the processes (`_update_prefetch_count`). Here these are the busy workers and the
//! waiting line, of which the autoscaler sees no more than four for each worker it has ordered.

use super::Sight;
use crate::time::SECOND_US;

/// The parameters of Celery's autoscaler.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Celery {
    /// How often it looks, in microseconds: 1 s.
    pub period_us: u64,
    /// How long after it grew it must not shrink, in microseconds: 30 s.
    pub keepalive_us: u64,
    /// How many requests it sees for each worker: 4.
    pub prefetch_multiplier: u32,
}

impl Default for Celery {
    fn default() -> Self {
        Self { period_us: SECOND_US, keepalive_us: 30 * SECOND_US, prefetch_multiplier: 4 }
    }
}

/// What is kept about a pool.
#[derive(Debug)]
pub(in crate::whatif) struct Pool {
    settings: Celery,
    last_up_us: Option<u64>,
}

impl Pool {
    pub(super) fn new(settings: Celery) -> Self {
        Self { settings, last_up_us: None }
    }

    pub(super) fn decide(&mut self, now_us: u64, sight: &Sight) -> u32 {
        let seen = self.settings.prefetch_multiplier.saturating_mul(sight.workers);
        let reserved = sight.busy.saturating_add(sight.waiting).min(seen);
        let up = reserved.min(sight.most);
        // Its `min_concurrency` is ordered at once as well: by growing.
        if up.max(sight.least) > sight.workers {
            self.last_up_us = Some(now_us);
            return up.max(sight.least);
        }
        let down = reserved.max(sight.least);
        let kept = |up_us: u64| now_us.saturating_sub(up_us) > self.settings.keepalive_us;
        if down < sight.workers && self.last_up_us.is_some_and(kept) { down } else { sight.workers }
    }
}
