//! When a refused caller should come back.

use crate::time::SECOND_US;

/// What a refusal says while nothing is known to tell it by.
pub(crate) const UNKNOWN_US: u64 = SECOND_US;

/// The least and the most that a refusal says.
const MIN_US: u64 = 1_000;
const MAX_US: u64 = 3_600 * SECOND_US;

/// An expected wait as a refusal says it: from 1 ms to 1 h.
#[inline]
pub(crate) fn bounded_us(wait_us: u128) -> u64 {
    u64::try_from(wait_us).unwrap_or(MAX_US).clamp(MIN_US, MAX_US)
}
