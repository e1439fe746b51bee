//! How evenly the pools are used.
//!
//! Utilizations are fractions of whole workers, so the coefficient is held as a fraction too and compared exactly
//! with its thresholds; the floating-point figure is for reading.

use alloc::string::String;
use alloc::vec::Vec;
use core::cmp::Ordering;

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use super::{Balancer, Least, PoolView, compare_utilization, usable};
use crate::config::Coefficient;
use crate::id::PoolId;
use crate::ratio::{MILLION, Ratio};

/// A coefficient of at least this is balanced…
const BALANCED: Ratio = Ratio::from_ppm(800_000);
/// …and of at least this imbalanced.
const IMBALANCED: Ratio = Ratio::from_ppm(500_000);

/// A pool's busy workers and all its workers.
pub(super) type Occupancy = (u32, u32);

/// How the balance coefficient reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum BalanceLevel {
    /// At least 0.8.
    Balanced,
    /// At least 0.5.
    Imbalanced,
    /// Below 0.5.
    Critical,
}

impl BalanceLevel {
    /// The stable name of the level.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Balanced => "balanced",
            Self::Imbalanced => "imbalanced",
            Self::Critical => "critical",
        }
    }
}

/// How evenly the pools are used, and what the balancer has done.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BalanceStatus {
    /// How many pools the configuration has.
    pub pools: u32,
    /// The balance coefficient, in [0, 1]: 1 when all open pools are equally utilized.
    pub balance_coefficient: f64,
    /// How many requests got a pool.
    pub total_routed: u64,
    /// How many workers were moved from one pool to another.
    pub rebalance_count: u64,
    /// The utilization of every pool by its name, in the order of the ids; closed pools included, 0 when empty.
    #[serde(serialize_with = "as_map")]
    pub pool_utilization: Vec<(String, f64)>,
    /// How the coefficient reads.
    pub balance_status: BalanceLevel,
}

fn as_map<S: Serializer>(entries: &[(String, f64)], serializer: S) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(entries.len()))?;
    for (name, utilization) in entries {
        map.serialize_entry(name, utilization)?;
    }
    map.end()
}

impl Balancer {
    /// The balance coefficient, in [0, 1]: 1 when all open pools that have workers are equally utilized (or there
    /// are fewer than two). O(pools).
    pub fn coefficient(&self, pools: &impl PoolView) -> f64 {
        self.balance(pools).as_f64()
    }

    /// The spread: the greatest difference between the utilizations of two open pools that have workers, in
    /// [0, 1]. O(pools).
    pub fn spread(&self, pools: &impl PoolView) -> f64 {
        Spread::of(occupied(self.names.count(), pools)).as_f64()
    }

    /// How evenly the pools are used, and what the balancer has done. O(pools).
    pub fn balance_status(&self, pools: &impl PoolView) -> BalanceStatus {
        let balance = self.balance(pools);
        let utilization = (0..).zip(self.names.iter()).map(|(pool, name)| {
            let (busy, workers) = pools.occupancy(PoolId::new(pool));
            let utilization =
                if workers == 0 { 0.0 } else { f64::from(busy.min(workers)) / f64::from(workers) };
            (String::from(name), utilization)
        });
        BalanceStatus {
            pools: self.names.count(),
            balance_coefficient: balance.as_f64(),
            total_routed: self.total_routed,
            rebalance_count: self.rebalance_count,
            pool_utilization: utilization.collect(),
            balance_status: balance.level(),
        }
    }

    /// How the balance coefficient compares with a threshold, exactly. O(pools).
    pub fn compare_coefficient(&self, pools: &impl PoolView, threshold: Ratio) -> Ordering {
        self.balance(pools).compare(threshold)
    }

    /// How many requests got a pool, and how many workers were moved from one pool to another.
    pub(crate) fn totals(&self) -> (u64, u64) {
        (self.total_routed, self.rebalance_count)
    }

    pub(super) fn balance(&self, pools: &impl PoolView) -> Balance {
        let occupied = || occupied(self.names.count(), pools);
        match self.coefficient {
            Coefficient::Spread => Spread::of(occupied()).coefficient(),
            Coefficient::Stddev => Balance::by_deviation(occupied),
        }
    }
}

/// The open pools that have workers, by id, with their occupancy.
pub(super) fn occupied(count: u32, pools: &impl PoolView) -> impl Iterator<Item = (u32, Occupancy)> {
    (0..count).filter_map(|pool| usable(pools, pool).map(|occupancy| (pool, occupancy)))
}

/// The least and the most utilized of several pools; of equally utilized ones, those with the lowest ids.
pub(super) struct Extremes {
    pub(super) least: (PoolId, Occupancy),
    pub(super) most: (PoolId, Occupancy),
    pub(super) pools: u32,
}

impl Extremes {
    /// `None` when there is no pool. The pools must come in ascending order.
    pub(super) fn of(occupied: impl Iterator<Item = (u32, Occupancy)>) -> Option<Self> {
        let mut least = Least::new();
        let mut most: Option<(PoolId, Occupancy)> = None;
        let mut pools = 0;
        for (pool, occupancy) in occupied {
            least.offer(pool, occupancy);
            if most.is_none_or(|(_, above)| compare_utilization(occupancy, above).is_gt()) {
                most = Some((PoolId::new(pool), occupancy));
            }
            pools += 1;
        }
        Some(Self { least: (least.pool?, least.occupancy), most: most?, pools })
    }

    pub(super) fn spread(&self) -> Spread {
        let (_, (low_busy, low_workers)) = self.least;
        let (_, (high_busy, high_workers)) = self.most;
        let product = |a: u32, b: u32| u128::from(a) * u128::from(b);
        Spread {
            numerator: product(high_busy, low_workers).saturating_sub(product(low_busy, high_workers)),
            denominator: product(high_workers, low_workers),
        }
    }
}

/// The greatest difference of utilization, as a fraction in [0, 1].
#[derive(Debug, Clone, Copy)]
pub(super) struct Spread {
    numerator: u128,
    denominator: u128,
}

impl Spread {
    /// 0 when there are no pools.
    pub(super) fn of(occupied: impl Iterator<Item = (u32, Occupancy)>) -> Self {
        Extremes::of(occupied).map_or(Self { numerator: 0, denominator: 1 }, |extremes| extremes.spread())
    }

    /// Whether it is less than another one, exactly.
    pub(super) fn is_below(self, other: Self) -> bool {
        // Each factor is below 2^64.
        self.numerator * other.denominator < other.numerator * self.denominator
    }

    pub(super) fn as_f64(self) -> f64 {
        divide(self.numerator, self.denominator)
    }

    /// 1 − 2d up to 1/4, beyond that 1/2 × (1 − d) / (3/4).
    fn coefficient(self) -> Balance {
        let (numerator, denominator) = (self.numerator, self.denominator);
        if numerator * 4 <= denominator {
            Balance::Fraction { numerator: denominator - 2 * numerator, denominator }
        } else {
            let rest = denominator.saturating_sub(numerator);
            Balance::Fraction { numerator: 2 * rest, denominator: 3 * denominator }
        }
    }
}

/// The balance coefficient, held so that it compares exactly.
#[derive(Debug, Clone, Copy)]
pub(super) enum Balance {
    /// A fraction in [0, 1].
    Fraction { numerator: u128, denominator: u128 },
    /// max(0, 1 − 2σ), where σ = sqrt(`variance`) / `scale`.
    Deviation { variance: u128, scale: u128 },
}

/// The largest scale at which every step of [`Balance::Deviation`] fits in 128 bits.
const MAX_SCALE: u128 = 1 << 43;

impl Balance {
    /// 1 − σ / (1/2), not below 0, where σ is the population standard deviation of the utilizations.
    ///
    /// With u = x / D for whole x and a common denominator D, σ = sqrt(n Σx² − (Σx)²) / (n D). D is the least
    /// common multiple of the worker counts as long as n D stays below 2^43, which makes everything exact;
    /// else the x are rounded to n D = 2^43.
    fn by_deviation<I: Iterator<Item = (u32, Occupancy)>>(occupied: impl Fn() -> I) -> Self {
        let mut pools: u128 = 0;
        let mut common = Some(1_u64);
        for (_, (_, workers)) in occupied() {
            pools += 1;
            common = common.and_then(|common| least_common_multiple(common, u64::from(workers)));
        }
        if pools == 0 {
            return Self::Deviation { variance: 0, scale: 1 };
        }
        let common =
            common.map(u128::from).filter(|common| common * pools <= MAX_SCALE).unwrap_or(MAX_SCALE / pools);
        let (mut sum, mut squares) = (0_u128, 0_u128);
        for (_, (busy, workers)) in occupied() {
            let workers = u128::from(workers);
            let part = (u128::from(busy) * common + workers / 2) / workers;
            sum += part;
            squares += part * part;
        }
        Self::Deviation { variance: (pools * squares).saturating_sub(sum * sum), scale: pools * common }
    }

    /// Whether it is less than `threshold`, exactly.
    pub(super) fn is_below(self, threshold: Ratio) -> bool {
        self.compare(threshold).is_lt()
    }

    /// How it compares with `threshold`, exactly.
    pub(super) fn compare(self, threshold: Ratio) -> Ordering {
        match self {
            Self::Fraction { numerator, denominator } => threshold.compare_fraction(numerator, denominator),
            // max(0, 1 − 2σ) < T, that is T > 0 and 2σ > 1 − T, which is always so when T > 1.
            Self::Deviation { variance, scale } => match MILLION.checked_sub(threshold.ppm()) {
                None => Ordering::Less,
                Some(rest) => {
                    let rest = u128::from(rest) * scale;
                    // σ is at most 1/2: 4 × variance ≤ scale² ≤ 2^86, and a million squared is below 2^40.
                    let twice = 4 * variance * u128::from(MILLION) * u128::from(MILLION);
                    let compared = (rest * rest).cmp(&twice);
                    // Nothing is below 0.
                    if threshold.ppm() == 0 { compared.max(Ordering::Equal) } else { compared }
                }
            },
        }
    }

    pub(super) fn as_f64(self) -> f64 {
        match self {
            Self::Fraction { numerator, denominator } => divide(numerator, denominator),
            Self::Deviation { variance, scale } => {
                let scale = to_f64(scale);
                let rest = scale - 2.0 * libm::sqrt(to_f64(variance));
                if rest > 0.0 { rest / scale } else { 0.0 }
            }
        }
    }

    pub(super) fn level(self) -> BalanceLevel {
        if !self.is_below(BALANCED) {
            BalanceLevel::Balanced
        } else if !self.is_below(IMBALANCED) {
            BalanceLevel::Imbalanced
        } else {
            BalanceLevel::Critical
        }
    }
}

/// `None` when it doesn't fit.
fn least_common_multiple(a: u64, b: u64) -> Option<u64> {
    let (mut gcd, mut rest) = (a, b);
    while rest != 0 {
        (gcd, rest) = (rest, gcd % rest);
    }
    a.checked_div(gcd)?.checked_mul(b)
}

fn divide(numerator: u128, denominator: u128) -> f64 {
    if denominator == 0 { 0.0 } else { to_f64(numerator) / to_f64(denominator) }
}

#[allow(clippy::cast_precision_loss)] // a reported figure; exact below 2^53
fn to_f64(value: u128) -> f64 {
    value as f64
}
