//! The course of a run, in a bounded number of buckets.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use super::outcome::{PoolSeries, Series, as_f64, fraction, hours};
use crate::config::CostConfig;
use crate::order;
use crate::pool::PoolCounts;
use crate::reason::Reason;
use crate::time::SECOND_US;

/// The points of a pool's series: of few pools the most, of thousands fewer each, so that memory and report stay
/// bounded.
const MOST_POINTS: usize = 720;
const LEAST_POINTS: usize = 60;
/// The points of all pools together.
const ALL_POINTS: usize = 256 * MOST_POINTS;

/// Counts × microseconds of a pool.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Areas {
    /// Busy workers.
    pub(super) busy: u128,
    /// Idle and busy workers.
    pub(super) workers: u128,
    /// Those while the utilization was from 60 % to 80 %.
    pub(super) in_band: u128,
    /// Starting workers.
    pub(super) starting: u128,
    /// Requests in the line.
    pub(super) waiting: u128,
    /// Ordered baseline workers.
    pub(super) baseline: u128,
    /// Ordered surge workers.
    pub(super) surge: u128,
}

impl Areas {
    /// Adds what counts that stood for `passed_us` make.
    #[inline]
    pub(super) fn add(&mut self, counts: &PoolCounts, passed_us: u64) {
        let area = |count: u64| area(count, passed_us);
        let busy = u64::from(counts.busy);
        let workers = u64::from(counts.idle) + busy;
        self.busy += area(busy);
        self.workers += area(workers);
        // 60 % ≤ busy / workers ≤ 80 %, in whole numbers.
        if workers > 0 && 5 * busy >= 3 * workers && 5 * busy <= 4 * workers {
            self.in_band += area(workers);
        }
        self.starting += area(counts.starting.into());
        self.waiting += area(counts.waiting.into());
        self.baseline += area(counts.baseline.into());
        self.surge += area(counts.surge.into());
    }

    pub(super) fn join(&mut self, other: &Self) {
        self.busy += other.busy;
        self.workers += other.workers;
        self.in_band += other.in_band;
        self.starting += other.starting;
        self.waiting += other.waiting;
        self.baseline += other.baseline;
        self.surge += other.surge;
    }

    /// The time of all workers that are there or on their way.
    pub(super) fn present(&self) -> u128 {
        self.workers + self.starting
    }
}

/// Count × microseconds. What fits 64 bits, as almost all does, is multiplied in these: on WebAssembly the product of
/// 128-bit numbers is a call.
#[inline]
fn area(count: u64, passed_us: u64) -> u128 {
    if (count | passed_us) >> 32 == 0 {
        u128::from(count.wrapping_mul(passed_us))
    } else {
        u128::from(count) * u128::from(passed_us)
    }
}

/// A pool in one bucket.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Bucket {
    pub(super) areas: Areas,
    pub(super) admitted: u64,
    pub(super) refused: u64,
    pub(super) completed: u64,
}

impl Bucket {
    fn join(&mut self, other: &Self) {
        self.areas.join(&other.areas);
        self.admitted += other.admitted;
        self.refused += other.refused;
        self.completed += other.completed;
    }
}

/// The closed buckets and the running one. When there would be too many, neighbours are joined and a bucket is
/// twice as long from then on.
#[derive(Debug)]
pub(super) struct Course {
    bucket_us: u64,
    /// The most closed buckets; even.
    max_points: usize,
    /// Closed buckets: `pools[p][b]`.
    pools: Vec<Vec<Bucket>>,
    running: Vec<Bucket>,
    /// Sum and number of the balance coefficients sampled in each closed bucket.
    coefficients: Vec<(f64, u32)>,
    running_coefficient: (f64, u32),
    /// The same of the adaptive limit; nothing is sampled without one.
    limits: Vec<(f64, u32)>,
    running_limit: (f64, u32),
    /// Refusals by reason in each closed bucket, as far as there were any.
    refused: BTreeMap<Reason, Vec<u64>>,
    running_refused: BTreeMap<Reason, u64>,
}

impl Course {
    pub(super) fn new(pools: usize, max_points: u32) -> Self {
        let points = (ALL_POINTS / pools.max(1)).clamp(LEAST_POINTS, MOST_POINTS).min(max_points as usize);
        Self {
            bucket_us: SECOND_US,
            max_points: (points / 2 * 2).max(2),
            pools: vec![Vec::new(); pools],
            running: vec![Bucket::default(); pools],
            coefficients: Vec::new(),
            running_coefficient: (0.0, 0),
            limits: Vec::new(),
            running_limit: (0.0, 0),
            refused: BTreeMap::new(),
            running_refused: BTreeMap::new(),
        }
    }

    pub(super) fn bucket_us(&self) -> u64 {
        self.bucket_us
    }

    /// When the running bucket ends, since the start of the run.
    pub(super) fn running_end_us(&self) -> u64 {
        (self.coefficients.len() as u64).saturating_add(1).saturating_mul(self.bucket_us)
    }

    /// The running bucket of a pool.
    #[inline]
    pub(super) fn running(&mut self, pool: usize) -> Option<&mut Bucket> {
        self.running.get_mut(pool)
    }

    pub(super) fn count_refused(&mut self, reason: Reason) {
        *self.running_refused.entry(reason).or_default() += 1;
    }

    pub(super) fn sample_coefficient(&mut self, coefficient: f64) {
        self.running_coefficient.0 += coefficient;
        self.running_coefficient.1 += 1;
    }

    pub(super) fn sample_limit(&mut self, limit: u32) {
        self.running_limit.0 += f64::from(limit);
        self.running_limit.1 += 1;
    }

    /// Closes the running bucket.
    pub(super) fn close(&mut self) {
        for (closed, running) in self.pools.iter_mut().zip(&mut self.running) {
            closed.push(core::mem::take(running));
        }
        let bucket = self.coefficients.len();
        self.coefficients.push(core::mem::take(&mut self.running_coefficient));
        self.limits.push(core::mem::take(&mut self.running_limit));
        for (reason, count) in core::mem::take(&mut self.running_refused) {
            let counts = self.refused.entry(reason).or_default();
            counts.resize(bucket, 0);
            counts.push(count);
        }
        if self.coefficients.len() >= self.max_points && self.bucket_us < 1 << 52 {
            self.halve();
        }
    }

    /// Joins neighbours; the number of buckets is even.
    fn halve(&mut self) {
        self.bucket_us *= 2;
        for closed in &mut self.pools {
            *closed = in_pairs(closed, Bucket::join);
        }
        let buckets = self.coefficients.len();
        self.coefficients = in_pairs(&self.coefficients, join_samples);
        self.limits = in_pairs(&self.limits, join_samples);
        for counts in self.refused.values_mut() {
            counts.resize(buckets, 0);
            *counts = in_pairs(counts, |left, right| *left += right);
        }
    }

    /// The areas of a pool so far.
    pub(super) fn total(&self, pool: usize) -> Areas {
        let mut total = Areas::default();
        let closed = self.pools.get(pool).into_iter().flatten();
        for bucket in closed.chain(self.running.get(pool)) {
            total.join(&bucket.areas);
        }
        total
    }

    /// The course as reports show it, of a run that ended `duration_us` after its start.
    pub(super) fn finish(
        mut self,
        names: &[String],
        start_us: u64,
        duration_us: u64,
        cost: &CostConfig,
    ) -> Series {
        let full_us = (self.coefficients.len() as u64).saturating_mul(self.bucket_us);
        let last_us = duration_us.saturating_sub(full_us);
        let has_counts =
            self.running.iter().any(|bucket| bucket.admitted + bucket.refused + bucket.completed > 0);
        if last_us > 0 || has_counts || self.coefficients.is_empty() {
            self.close();
        }
        let buckets = self.coefficients.len();
        // A bucket of a run that ended inside it is as long as it lasted.
        let lengths: Vec<u64> = (0..buckets as u64)
            .map(|bucket| {
                duration_us.saturating_sub(bucket.saturating_mul(self.bucket_us)).min(self.bucket_us)
            })
            .collect();
        let seconds = |length: &u64| as_f64((*length).max(1).into()) / as_f64(SECOND_US.into());
        let mut money = vec![0.0; buckets];
        let mut pools = Vec::with_capacity(self.pools.len());
        for (closed, name) in self.pools.iter().zip(names) {
            let of = |value: &dyn Fn(&Bucket, &u64) -> f64| -> Vec<f64> {
                closed.iter().zip(&lengths).map(|(bucket, length)| rounded(value(bucket, length))).collect()
            };
            let mean = |area: u128, length: &u64| fraction(area, (*length).into());
            pools.push(PoolSeries {
                name: name.clone(),
                utilization: of(&|bucket, _| fraction(bucket.areas.busy, bucket.areas.workers)),
                demand: of(&|bucket, _| {
                    fraction(bucket.areas.busy + bucket.areas.waiting, bucket.areas.present())
                }),
                arrivals: of(&|bucket, length| {
                    as_f64((bucket.admitted + bucket.refused).into()) / seconds(length)
                }),
                admitted: of(&|bucket, length| as_f64(bucket.admitted.into()) / seconds(length)),
                refused: of(&|bucket, length| as_f64(bucket.refused.into()) / seconds(length)),
                completed: of(&|bucket, length| as_f64(bucket.completed.into()) / seconds(length)),
                waiting: of(&|bucket, length| mean(bucket.areas.waiting, length)),
                baseline_workers: of(&|bucket, length| mean(bucket.areas.baseline, length)),
                surge_workers: of(&|bucket, length| mean(bucket.areas.surge, length)),
            });
            for (sum, bucket) in money.iter_mut().zip(closed) {
                let surge = bucket.areas.surge;
                *sum += hours(bucket.areas.present().saturating_sub(surge)) * cost.baseline_per_hour
                    + hours(surge) * cost.surge_per_hour;
            }
        }
        let mut spent = 0.0;
        for sum in &mut money {
            spent += *sum;
            *sum = rounded(spent);
        }
        let per_second = |(reason, mut counts): (Reason, Vec<u64>)| {
            counts.resize(buckets, 0);
            let rates = counts.iter().zip(&lengths);
            (
                reason,
                rates.map(|(count, length)| rounded(as_f64((*count).into()) / seconds(length))).collect(),
            )
        };
        let has_limit = self.limits.iter().any(|(_, count)| *count > 0);
        Series {
            bucket_us: self.bucket_us,
            start_us,
            points: u32::try_from(buckets).unwrap_or(u32::MAX),
            balance_coefficient: means(&self.coefficients, 1.0),
            // Before its first sample the limit was what it was then.
            adaptive_limit: has_limit.then(|| {
                let first = self.limits.iter().find(|(_, count)| *count > 0).copied();
                means(&self.limits, first.map_or(0.0, |(sum, count)| sum / f64::from(count)))
            }),
            pools,
            refused_by_reason: order::map(self.refused.into_iter().map(per_second)),
            cost_money: money,
        }
    }
}

/// Joins the first of an even number of items with the second, the third with the fourth, and so on.
fn in_pairs<T: Copy>(items: &[T], join: impl Fn(&mut T, &T)) -> Vec<T> {
    let joined = items.chunks_exact(2).filter_map(|pair| match pair {
        [left, right] => {
            let mut left = *left;
            join(&mut left, right);
            Some(left)
        }
        _ => None,
    });
    joined.collect()
}

fn join_samples(left: &mut (f64, u32), right: &(f64, u32)) {
    left.0 += right.0;
    left.1 += right.1;
}

/// The mean of each bucket's samples. A bucket that ended before its first sample stands where the one before it stood.
fn means(samples: &[(f64, u32)], mut last: f64) -> Vec<f64> {
    let mut found = Vec::with_capacity(samples.len());
    for (sum, count) in samples {
        if *count > 0 {
            last = sum / f64::from(*count);
        }
        found.push(rounded(last));
    }
    found
}

/// Four decimals: more would only make reports longer.
fn rounded(value: f64) -> f64 {
    libm::round(value * 10_000.0) / 10_000.0
}
