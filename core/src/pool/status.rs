//! Status of pools.

use alloc::string::String;
use alloc::vec::Vec;

use serde::{Serialize, Serializer};

use super::{Kind, Pools, State};
use crate::error::Error;
use crate::id::{PoolId, WorkerId};
use crate::stats::Histogram;

/// How well a pool is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum HealthStatus {
    /// Neither of the below.
    Healthy,
    /// Utilization above `health.degraded_utilization`, or error rate above `health.max_error_rate`.
    Degraded,
    /// Utilization above `health.critical_utilization`.
    Critical,
}

impl HealthStatus {
    /// The stable name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Healthy => "healthy",
            Self::Degraded => "degraded",
            Self::Critical => "critical",
        }
    }
}

/// The counts of a pool at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct PoolCounts {
    /// Idle workers, lingering overflow ones included.
    pub idle: u32,
    /// Busy workers, draining and overflow ones included.
    pub busy: u32,
    /// Busy workers that leave at their checkin.
    pub draining: u32,
    /// Overflow workers, busy or lingering.
    pub overflow: u32,
    /// Workers that were ordered and aren't ready yet.
    pub starting: u32,
    /// Ordered baseline workers, draining ones not counted.
    pub baseline: u32,
    /// Ordered surge workers, draining ones not counted.
    pub surge: u32,
    /// Requests in the waiting line.
    pub waiting: u32,
}

/// What a worker is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum WorkerState {
    /// Ordered, not ready yet.
    Starting,
    /// Ready for work.
    Idle,
    /// Checked out.
    Busy,
}

/// A worker of a pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct PoolWorker {
    /// Its id.
    #[serde(serialize_with = "raw")]
    pub worker: WorkerId,
    /// What it is doing.
    pub state: WorkerState,
    /// Whether a surge brought it.
    pub surge: bool,
    /// Whether it is an overflow worker.
    pub overflow: bool,
}

fn raw<S: Serializer>(worker: &WorkerId, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(worker.get())
}

/// A pool's status.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PoolStatus {
    /// Its name.
    pub name: String,
    /// The domain of the same name.
    pub domain: String,
    /// Whether it takes new requests.
    pub open: bool,
    /// Regular workers that are ready and stay: baseline and surge, without starting, draining and overflow.
    pub current_workers: u32,
    /// Idle workers.
    pub available: u32,
    /// Busy workers, draining and overflow ones included.
    pub busy_workers: u32,
    /// Workers that were ordered and aren't ready yet.
    pub starting_workers: u32,
    /// Busy workers that leave at their checkin.
    pub draining_workers: u32,
    /// Overflow workers, busy or lingering.
    pub overflow_workers: u32,
    /// The least baseline workers.
    pub min_workers: u32,
    /// The most baseline workers.
    pub max_workers: u32,
    /// Ordered surge workers.
    pub surge_workers: u32,
    /// The most workers, surge included.
    pub surge_max_workers: u32,
    /// Busy / (idle + busy), from 0 to 1.
    pub utilization: f64,
    /// Whether the balancer spills away from it.
    pub overloaded: bool,
    /// Requests in the waiting line.
    pub queue_length: u32,
    /// Mean time a worker was out, in milliseconds.
    pub avg_latency_ms: f64,
    /// Half of the requests held their worker no longer than this, in microseconds.
    pub p50_latency_us: u64,
    /// 95 % of the requests held their worker no longer than this, in microseconds.
    pub p95_latency_us: u64,
    /// 99 % of the requests held their worker no longer than this, in microseconds.
    pub p99_latency_us: u64,
    /// Mean time in the waiting line of those it served, in milliseconds.
    pub avg_wait_ms: f64,
    /// Requests that ended, failed ones included.
    pub total_requests: u64,
    /// Requests that failed.
    pub failed_requests: u64,
    /// Workers that failed.
    pub failed_workers: u64,
    /// Waiters that left unserved because their time was over.
    pub expired_waiters: u64,
    /// The share of failed requests over the last 60 s; 0 while there are fewer than
    /// `health.min_requests`.
    pub error_rate: f64,
    /// How well it is.
    pub health_status: HealthStatus,
}

#[allow(clippy::cast_precision_loss)] // reported figures
fn fraction(numerator: u64, denominator: u64) -> f64 {
    if denominator == 0 { 0.0 } else { numerator as f64 / denominator as f64 }
}

impl Pools {
    /// A pool's counts. O(1).
    #[inline]
    pub fn counts(&self, pool: PoolId) -> Result<PoolCounts, Error> {
        let record = self.pool(pool)?;
        Ok(PoolCounts {
            idle: record.idle_count,
            busy: record.busy.get(),
            draining: record.draining.iter().sum(),
            overflow: record.overflow,
            starting: record.starting_count,
            baseline: record.baseline.get(),
            surge: record.surge.get(),
            waiting: record.waiting.get(),
        })
    }

    /// A pool's status.
    pub fn status(&self, now_us: u64, pool: PoolId, name: &str) -> Result<PoolStatus, Error> {
        let record = self.pool(pool)?;
        let counts = self.counts(pool)?;
        let (failed, requests) = record.errors(now_us, &self.health);
        Ok(PoolStatus {
            name: name.into(),
            domain: name.into(),
            open: record.open,
            current_workers: record.workers().saturating_sub(counts.starting),
            available: counts.idle,
            busy_workers: counts.busy,
            starting_workers: counts.starting,
            draining_workers: counts.draining,
            overflow_workers: counts.overflow,
            min_workers: record.min_workers,
            max_workers: record.max_workers,
            surge_workers: counts.surge,
            surge_max_workers: record.surge_max_workers,
            utilization: fraction(counts.busy.into(), record.ready.get().into()),
            overloaded: record.overloaded,
            queue_length: counts.waiting,
            avg_latency_ms: record.latency.mean_us() / 1000.0,
            p50_latency_us: record.latency.quantile_us(500_000),
            p95_latency_us: record.latency.quantile_us(950_000),
            p99_latency_us: record.latency.quantile_us(990_000),
            avg_wait_ms: record.wait.mean_us() / 1000.0,
            total_requests: record.requests,
            failed_requests: record.failures,
            failed_workers: record.worker_failures,
            expired_waiters: record.expired_waiters,
            error_rate: fraction(failed, requests),
            health_status: self.health_check(now_us, pool)?,
        })
    }

    /// The workers of a pool, by slot. O(workers of all pools).
    pub fn workers_of(&self, pool: PoolId) -> Result<Vec<PoolWorker>, Error> {
        self.pool(pool)?;
        let of_pool = self.workers.iter().filter(|(_, worker)| worker.pool == pool);
        Ok(of_pool
            .map(|(id, worker)| PoolWorker {
                worker: WorkerId::from_raw(id),
                state: match worker.state {
                    State::Starting => WorkerState::Starting,
                    State::Idle => WorkerState::Idle,
                    State::Busy => WorkerState::Busy,
                },
                surge: worker.kind == Kind::Surge,
                overflow: worker.kind == Kind::Overflow,
            })
            .collect())
    }

    /// The least and most baseline workers of a pool, how many it has, and how many of those are idle.
    pub fn baseline_bounds(&self, pool: PoolId) -> Result<BaselineBounds, Error> {
        let record = self.pool(pool)?;
        Ok(BaselineBounds {
            workers: record.baseline.get(),
            idle: record.idle_baseline,
            min: record.min_workers,
            max: record.max_workers.min(record.surge_max_workers.saturating_sub(record.surge.get())),
        })
    }

    /// What of a pool grows, and its settings; `None` for an unknown one. O(1).
    pub(crate) fn totals(&self, pool: PoolId) -> Option<PoolTotals<'_>> {
        let record = self.pools.get(pool.index())?;
        Some(PoolTotals {
            open: record.open,
            overloaded: record.overloaded,
            min_workers: record.min_workers,
            max_workers: record.max_workers,
            requests: record.requests,
            failures: record.failures,
            worker_failures: record.worker_failures,
            expired_waiters: record.expired_waiters,
            latency: &record.latency,
            wait: &record.wait,
        })
    }

    /// Failed and all requests of the last 60 s; none of both while there are too few to judge.
    pub(crate) fn error_fraction(&self, now_us: u64, pool: PoolId) -> (u64, u64) {
        self.pools.get(pool.index()).map_or((0, 0), |record| record.errors(now_us, &self.health))
    }

    /// The worker-time of surge workers so far, each until it really left, in microseconds.
    pub fn surge_worker_us(&self, now_us: u64) -> u128 {
        self.pools.iter().map(|record| record.surge_present.area(now_us)).sum()
    }

    /// A pool's mean service time: of the completions of the last 60 s, else the last mean known.
    pub fn mean_service_us(&self, now_us: u64, pool: PoolId) -> Option<u64> {
        self.pools.get(pool.index()).and_then(|record| record.mean_service_us(now_us))
    }
}

/// What of a pool grows over its lifetime, and its settings.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PoolTotals<'a> {
    pub(crate) open: bool,
    pub(crate) overloaded: bool,
    pub(crate) min_workers: u32,
    pub(crate) max_workers: u32,
    pub(crate) requests: u64,
    pub(crate) failures: u64,
    pub(crate) worker_failures: u64,
    pub(crate) expired_waiters: u64,
    pub(crate) latency: &'a Histogram,
    pub(crate) wait: &'a Histogram,
}

/// What a migration needs to know of a pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BaselineBounds {
    /// Ordered baseline workers.
    pub workers: u32,
    /// Those of them that are idle.
    pub idle: u32,
    /// `min_workers`.
    pub min: u32,
    /// `max_workers`, or less where surge workers leave less below `surge_max_workers`.
    pub max: u32,
}
