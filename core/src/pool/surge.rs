//! Surge workers: they come on top of the baseline, and leave or become part of it.

use alloc::vec::Vec;

use super::{Effects, Kind, Pools, State};
use crate::effect::{Effect, EffectKind, Workers};
use crate::id::{PoolId, WorkerId};
use crate::order;
use crate::reason::Reason;

impl Pools {
    /// Adds up to `count` surge workers, never above `surge_max_workers`. Answers how many were added.
    pub fn add_surge(&mut self, now_us: u64, pool: PoolId, count: u32, effects: &mut Effects) -> u32 {
        let Ok(record) = self.pool(pool) else { return 0 };
        let count = count.min(record.surge_max_workers.saturating_sub(record.workers()));
        self.order(now_us, pool, count, Kind::Surge, Reason::Burst, effects)
    }

    /// `count` surge workers are due to leave. While the scaler wants the pool's present count and
    /// `max_workers` allows, they become baseline workers instead; the others leave, busy ones at their checkin.
    /// Answers how many were kept.
    pub fn retire_surge(
        &mut self,
        now_us: u64,
        pool: PoolId,
        count: u32,
        reason: Reason,
        effects: &mut Effects,
    ) -> u32 {
        let Ok(record) = self.pool(pool) else { return 0 };
        let count = count.min(record.surge.get());
        let wanted = self.wanted_workers(pool);
        let room = record.max_workers.saturating_sub(record.baseline.get());
        // Every worker that leaves brings the count closer to what the scaler wants.
        let leave = count.min(record.workers().saturating_sub(wanted));
        let keep = (count - leave).min(room);
        let kept = self.keep_surge(now_us, pool, keep);
        if kept.count() > 0 {
            let mut effect = Effect::new(now_us, EffectKind::SurgeWorkersKept, Reason::HandOver);
            effect = effect.pool(pool).workers(kept);
            effects.push(effect);
        }
        self.retire(now_us, pool, count - keep, Kind::Surge, reason, effects);
        keep
    }

    /// Turns `count` surge workers into baseline workers and answers them: busy ones first, which could not leave
    /// at once, and those that aren't there yet last.
    fn keep_surge(&mut self, now_us: u64, pool: PoolId, count: u32) -> Workers {
        let mut kept = Workers::None;
        if count == 0 {
            return kept;
        }
        let surge = self.workers.iter().filter(|(_, w)| w.pool == pool && w.kind == Kind::Surge);
        let mut ids: Vec<(State, u64)> = surge.map(|(id, worker)| (worker.state, id)).collect();
        order::sort_by_key(&mut ids, |(state, id)| (core::cmp::Reverse(*state), *id));
        for (_, id) in ids.into_iter().take(count as usize) {
            let Some(worker) = self.workers.get_mut(id) else { continue };
            worker.kind = Kind::Baseline;
            let idle = worker.state == State::Idle;
            if let Ok(record) = self.pool_mut(pool) {
                record.surge.sub(now_us, 1);
                record.surge_present.sub(now_us, 1);
                record.baseline.add(now_us, 1);
                record.idle_baseline += u32::from(idle);
            }
            kept.push(WorkerId::from_raw(id));
        }
        kept
    }
}
