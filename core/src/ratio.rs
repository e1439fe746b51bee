//! Ratios and thresholds, held in parts per million and compared as integer fractions.

use serde::{Serialize, Serializer};

/// Parts in a whole.
pub(crate) const MILLION: u64 = 1_000_000;

/// A ratio in parts per million, so that a comparison with it is exact: 16/20 − 14/20 *is* 0.1.
///
/// It serializes as a floating-point number (`0.85`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Ratio(u64);

impl Ratio {
    /// A ratio of `ppm` parts per million.
    pub const fn from_ppm(ppm: u64) -> Self {
        Self(ppm)
    }

    /// The parts per million.
    pub const fn ppm(self) -> u64 {
        self.0
    }

    /// The nearest floating-point number.
    #[allow(clippy::cast_precision_loss)] // below 2^53 by the limits of the configuration
    pub fn as_f64(self) -> f64 {
        self.0 as f64 / 1_000_000.0
    }

    /// How `numerator / denominator` compares with this ratio, exactly. A denominator of 0 stands for the
    /// fraction 0.
    #[inline]
    pub fn compare_fraction(self, numerator: u128, denominator: u128) -> core::cmp::Ordering {
        if denominator == 0 {
            return 0_u64.cmp(&self.0);
        }
        let left = numerator.saturating_mul(u128::from(MILLION));
        let right = denominator.saturating_mul(u128::from(self.0));
        left.cmp(&right)
    }

    /// Whether `numerator / denominator` lies above this ratio, exactly.
    #[inline]
    pub fn is_exceeded_by(self, numerator: u128, denominator: u128) -> bool {
        self.compare_fraction(numerator, denominator).is_gt()
    }

    /// `ceil(numerator / denominator / self)`, saturating: ceil(10.5 / 0.70) *is* 15. A ratio or a denominator
    /// of 0 gives 0.
    pub fn ceil_div(self, numerator: u128, denominator: u128) -> u32 {
        let right = denominator.saturating_mul(u128::from(self.0));
        if right == 0 {
            return 0;
        }
        let left = numerator.saturating_mul(u128::from(MILLION));
        u32::try_from(left.div_ceil(right)).unwrap_or(u32::MAX)
    }

    /// `round(count × self)`, half away from zero, saturating.
    pub fn round_of(self, count: u32) -> u32 {
        let parts = u128::from(count) * u128::from(self.0) + u128::from(MILLION / 2);
        u32::try_from(parts / u128::from(MILLION)).unwrap_or(u32::MAX)
    }

    /// `floor(count × self)`, saturating.
    pub fn floor_of(self, count: u32) -> u32 {
        let parts = u128::from(count) * u128::from(self.0);
        u32::try_from(parts / u128::from(MILLION)).unwrap_or(u32::MAX)
    }
}

impl Serialize for Ratio {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.as_f64())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comparisons_are_exact() {
        // 16/20 − 14/20 = 2/20 is 0.1, which floating-point subtraction misses.
        let tenth = Ratio::from_ppm(100_000);
        assert!(!tenth.is_exceeded_by(2, 20));
        assert!(tenth.compare_fraction(2, 20).is_eq());
        assert!(tenth.is_exceeded_by(2_000_001, 20_000_000));
        // ceil(10.5 / 0.70) is 15.
        assert_eq!(Ratio::from_ppm(700_000).ceil_div(105, 10), 15);
        assert_eq!(Ratio::from_ppm(700_000).ceil_div(1, 0), 0);
    }

    #[test]
    fn rounding_is_half_away_from_zero() {
        assert_eq!(Ratio::from_ppm(200_000).round_of(1200), 240);
        assert_eq!(Ratio::from_ppm(500_000).round_of(3), 2);
        assert_eq!(Ratio::from_ppm(750_000).floor_of(959), 719);
    }
}
