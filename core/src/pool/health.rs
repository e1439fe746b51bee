//! Health: what a pool's utilization and error rate say, and the checks that the caller is asked for.

use alloc::vec::Vec;

use super::{Effects, HealthStatus, Pool, Pools, unknown_worker};
use crate::config::HealthConfig;
use crate::effect::{Effect, EffectKind};
use crate::error::Error;
use crate::id::{PoolId, WorkerId};
use crate::order;
use crate::reason::Reason;
use crate::time::next_period;

impl Pools {
    /// A pool's health now: by its utilization and by its error rate over the last 60 s.
    pub fn health_check(&self, now_us: u64, pool: PoolId) -> Result<HealthStatus, Error> {
        let record = self.pool(pool)?;
        let (failed, requests) = record.errors(now_us, &self.health);
        let busy = u128::from(record.busy.get());
        Ok(judge(&self.health, (busy, u128::from(record.ready.get())), (failed, requests)))
    }

    /// Asks the caller to check the workers of every pool, when that is due: those of a closed one still serve its
    /// line, and are needed when it opens.
    pub fn check_health(&mut self, now_us: u64, effects: &mut Effects) {
        if self.next_health_check_us > now_us {
            return;
        }
        self.next_health_check_us =
            next_period(self.next_health_check_us, self.health.check_every_us, now_us);
        for id in 0..self.count() {
            let effect = Effect::new(now_us, EffectKind::CheckHealth, Reason::Periodic);
            effects.push(effect.pool(PoolId::new(id)));
        }
    }

    /// Takes the caller's findings about a pool's workers: the dead are taken out and replaced. Answers the tag
    /// of each dead one: 0 unless it was busy.
    ///
    /// Fails with [`Error::UnknownWorker`] for an id that isn't a worker of this pool, and then changes nothing.
    pub fn report_health(
        &mut self,
        now_us: u64,
        pool: PoolId,
        alive: &[WorkerId],
        dead: &[WorkerId],
        effects: &mut Effects,
    ) -> Result<Vec<u64>, Error> {
        self.pool(pool)?;
        for worker in alive.iter().chain(dead) {
            let record = self.workers.get(worker.get());
            if record.is_none_or(|record| record.pool != pool) {
                return Err(unknown_worker(*worker));
            }
        }
        let mut dead = dead.to_vec();
        order::sort_by_key(&mut dead, |worker| *worker);
        dead.dedup();
        if let Some(both) = alive.iter().find(|worker| dead.binary_search(worker).is_ok()) {
            return Err(unknown_worker(*both));
        }
        let mut tags = Vec::with_capacity(dead.len());
        for worker in dead {
            tags.push(self.fail(now_us, worker, Reason::WorkerFailed, effects)?);
        }
        Ok(tags)
    }
}

impl Pool {
    /// Failed and all requests of the last 60 s; none of both while there are too few to judge.
    pub(super) fn errors(&self, now_us: u64, health: &HealthConfig) -> (u64, u64) {
        let [completions, failed, _, lost] = self.recent.sums_at(now_us);
        // A worker that died in the middle of a request failed it without completing it.
        let requests = completions.saturating_add(lost);
        if requests < u64::from(health.min_requests) { (0, 0) } else { (failed, requests) }
    }
}

/// Health by a utilization and an error rate, both as fractions.
pub(super) fn judge(
    health: &HealthConfig,
    (busy, ready): (u128, u128),
    (failed, requests): (u64, u64),
) -> HealthStatus {
    if health.critical_utilization.is_exceeded_by(busy, ready) {
        HealthStatus::Critical
    } else if health.degraded_utilization.is_exceeded_by(busy, ready)
        || health.max_error_rate.is_exceeded_by(u128::from(failed), u128::from(requests))
    {
        HealthStatus::Degraded
    } else {
        HealthStatus::Healthy
    }
}
