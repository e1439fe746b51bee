//! Small statistics that cost O(1) a sample and never allocate in steady state.

use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;

use crate::journal::codec::{Codec, State};
use crate::time::SECOND_US;

/// Sums over a sliding window of whole seconds (the running one and those before it), `C` channels at once.
///
/// Adding costs O(1); time that passes costs at most one turn of the window, however long it was.
#[derive(Debug, Clone)]
pub(crate) struct SlidingSums<const C: usize> {
    buckets: Box<[[u64; C]]>,
    sums: [u64; C],
    /// The second that the running bucket stands for, since time 0.
    second: u64,
}

impl<const C: usize> SlidingSums<C> {
    /// An empty window of `seconds` seconds (at least one).
    pub(crate) fn new(seconds: u32, now_us: u64) -> Self {
        Self {
            buckets: vec![[0; C]; seconds.max(1) as usize].into_boxed_slice(),
            sums: [0; C],
            second: now_us / SECOND_US,
        }
    }

    /// Adds to every channel at `now_us`.
    #[inline]
    pub(crate) fn add(&mut self, now_us: u64, values: [u64; C]) {
        self.advance(now_us);
        let index = self.index(self.second);
        if let Some(bucket) = self.buckets.get_mut(index) {
            for ((slot, sum), value) in bucket.iter_mut().zip(&mut self.sums).zip(values) {
                *slot = slot.saturating_add(value);
                *sum = sum.saturating_add(value);
            }
        }
    }

    /// Lets time pass: what is older than the window leaves the sums.
    #[inline]
    pub(crate) fn advance(&mut self, now_us: u64) {
        let second = now_us / SECOND_US;
        if second > self.second {
            self.turn(second);
        }
    }

    /// The sums over the window as of the latest time it was advanced to.
    #[inline]
    pub(crate) fn sums(&self) -> [u64; C] {
        self.sums
    }

    /// The sums over the window as they would be at `now_us`, without changing anything.
    pub(crate) fn sums_at(&self, now_us: u64) -> [u64; C] {
        let mut sums = self.sums;
        let second = now_us / SECOND_US;
        let passed = second.saturating_sub(self.second).min(self.buckets.len() as u64);
        for ahead in 1..=passed {
            // The bucket that second `self.second + ahead` will take over holds what leaves then.
            if let Some(bucket) = self.buckets.get(self.index(self.second.saturating_add(ahead))) {
                for (sum, value) in sums.iter_mut().zip(bucket) {
                    *sum = sum.saturating_sub(*value);
                }
            }
        }
        sums
    }

    fn turn(&mut self, second: u64) {
        let passed = (second - self.second).min(self.buckets.len() as u64);
        let first = second - passed + 1;
        for ahead in first..=second {
            let index = self.index(ahead);
            if let Some(bucket) = self.buckets.get_mut(index) {
                for (sum, value) in self.sums.iter_mut().zip(bucket) {
                    *sum = sum.saturating_sub(core::mem::take(value));
                }
            }
        }
        self.second = second;
    }

    #[inline]
    fn index(&self, second: u64) -> usize {
        #[allow(clippy::cast_possible_truncation)] // a remainder of a length
        let index = (second % self.buckets.len() as u64) as usize;
        index
    }
}

/// A mean that slowly forgets: sum and count are halved whenever the count reaches a bound, so that the last
/// few thousand samples decide. All integers, hence exact and the same everywhere.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct FadingMean {
    sum: u64,
    count: u64,
}

impl FadingMean {
    const BOUND: u64 = 2048;

    /// Adds a sample, held at 2^52 so that the bounded sum cannot overflow.
    #[inline]
    pub(crate) fn add(&mut self, value: u64) {
        self.sum = self.sum.saturating_add(value.min(1 << 52));
        self.count += 1;
        if self.count >= Self::BOUND {
            self.sum /= 2;
            self.count /= 2;
        }
    }

    /// The mean, rounded down; `None` before the first sample.
    #[inline]
    pub(crate) fn mean(&self) -> Option<u64> {
        self.sum.checked_div(self.count)
    }
}

/// Sub-buckets to each power of two.
const SUB: u64 = 16;
const SUB_BITS: u32 = SUB.trailing_zeros();

/// A histogram of durations in microseconds: exact below 16 µs, within 1/32 of the value above, as
/// HdrHistogram's log-linear buckets are. It grows to the largest value seen (at most 6.4 kB).
#[derive(Debug, Clone, Default)]
pub(crate) struct Histogram {
    counts: Vec<u64>,
    total: u64,
    sum: u128,
    max: u64,
}

impl Histogram {
    /// Records a duration.
    #[inline]
    pub(crate) fn record(&mut self, value_us: u64) {
        let index = bucket_of(value_us);
        if index >= self.counts.len() {
            self.counts.resize(index + 1, 0);
        }
        if let Some(count) = self.counts.get_mut(index) {
            *count += 1;
        }
        self.total += 1;
        self.sum += u128::from(value_us);
        self.max = self.max.max(value_us);
    }

    /// Forgets all, and keeps its memory.
    pub(crate) fn clear(&mut self) {
        self.counts.fill(0);
        self.total = 0;
        self.sum = 0;
        self.max = 0;
    }

    /// The largest one.
    pub(crate) fn max_us(&self) -> u64 {
        self.max
    }

    /// The mean in microseconds; 0.0 before the first.
    #[allow(clippy::cast_precision_loss)] // a reported figure
    pub(crate) fn mean_us(&self) -> f64 {
        if self.total == 0 { 0.0 } else { self.sum as f64 / self.total as f64 }
    }

    /// How many were recorded, and their sum in microseconds.
    pub(crate) fn totals(&self) -> (u64, u128) {
        (self.total, self.sum)
    }

    /// How many of the recorded durations don't exceed each of the `bounds_us`, which ascend: by the middles of their
    /// buckets, and so within 1/32 of a bound. O(buckets).
    pub(crate) fn cumulative<const N: usize>(&self, bounds_us: &[u64; N]) -> [u64; N] {
        let mut up_to = [0; N];
        let mut counts = self.counts.iter().zip(0_u64..).peekable();
        let mut seen = 0_u64;
        for (bound_us, up_to) in bounds_us.iter().zip(&mut up_to) {
            while let Some((count, _)) = counts.next_if(|(_, index)| middle_of(*index) <= *bound_us) {
                seen = seen.saturating_add(*count);
            }
            *up_to = seen;
        }
        up_to
    }

    /// The duration that `ppm` parts per million of the recorded ones don't exceed: the middle of its bucket,
    /// and never above the largest recorded. 0 before the first.
    pub(crate) fn quantile_us(&self, ppm: u64) -> u64 {
        let rank = (u128::from(self.total) * u128::from(ppm)).div_ceil(1_000_000).max(1);
        let mut seen = 0_u128;
        for (count, index) in self.counts.iter().zip(0_u64..) {
            seen += u128::from(*count);
            if *count > 0 && seen >= rank {
                return middle_of(index).min(self.max);
            }
        }
        self.max
    }
}

impl<const C: usize> State for SlidingSums<C> {
    fn state(&mut self, io: &mut Codec<'_>) {
        let Self { buckets, sums, second } = self;
        second.state(io);
        if io.reads() {
            *sums = [0; C];
        }
        for bucket in buckets.iter_mut() {
            for (value, sum) in bucket.iter_mut().zip(sums.iter_mut()) {
                // Times of many requests: they may be as large as they can be.
                io.integer(value);
                if io.reads() {
                    *sum = sum.saturating_add(*value);
                }
            }
        }
    }
}

impl State for FadingMean {
    fn state(&mut self, io: &mut Codec<'_>) {
        let Self { sum, count } = self;
        io.integer(sum);
        io.integer(count);
        io.check(*count < Self::BOUND, "samples of a mean");
    }
}

impl State for Histogram {
    fn state(&mut self, io: &mut Codec<'_>) {
        let Self { counts, total, sum, max } = self;
        counts.state(io);
        io.check(counts.len() <= bucket_of(u64::MAX) + 1, "buckets");
        if io.reads() {
            *total = counts.iter().fold(0, |total: u64, count| total.saturating_add(*count));
            io.check(*total < 1 << 56, "recorded values");
        }
        sum.state(io);
        max.state(io);
    }
}

#[inline]
fn bucket_of(value: u64) -> usize {
    let index = if value < SUB {
        value
    } else {
        let shift = value.ilog2() - SUB_BITS;
        u64::from(shift) * SUB + (value >> shift)
    };
    #[allow(clippy::cast_possible_truncation)] // below 1,000
    let index = index as usize;
    index
}

fn middle_of(index: u64) -> u64 {
    if index < SUB {
        return index;
    }
    let shift = index / SUB - 1;
    let low = (index % SUB + SUB) << shift;
    low + ((1_u64 << shift) >> 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_sliding_sum_forgets_after_its_window() {
        let mut sums = SlidingSums::<2>::new(60, 0);
        sums.add(0, [1, 10]);
        sums.add(59 * SECOND_US, [2, 20]);
        assert_eq!(sums.sums(), [3, 30]);
        assert_eq!(sums.sums_at(60 * SECOND_US), [2, 20]);
        sums.advance(60 * SECOND_US);
        assert_eq!(sums.sums(), [2, 20]);
        sums.advance(1 << 52);
        assert_eq!(sums.sums(), [0, 0]);
    }

    proptest! {
        #[test]
        fn sliding_sums_agree_with_a_list(steps in prop::collection::vec((0_u64..90, 0_u64..5), 1..60), look in 0_u64..90) {
            let mut sums = SlidingSums::<1>::new(60, 0);
            let mut list = Vec::new();
            let mut second = 0;
            for (gap, value) in steps {
                second += gap;
                sums.add(second * SECOND_US, [value]);
                list.push((second, value));
                let expected: u64 = list.iter().filter(|(s, _)| s + 60 > second).map(|(_, v)| v).sum();
                prop_assert_eq!(sums.sums()[0], expected);
            }
            let later = second + look;
            let expected: u64 = list.iter().filter(|(s, _)| s + 60 > later).map(|(_, v)| v).sum();
            prop_assert_eq!(sums.sums_at(later * SECOND_US)[0], expected);
        }

        #[test]
        fn quantiles_are_within_a_thirty_second_part(mut values in prop::collection::vec(0_u64..1 << 52, 1..200), ppm in 0_u64..=1_000_000) {
            let mut histogram = Histogram::default();
            for value in &values {
                histogram.record(*value);
            }
            values.sort_unstable();
            let rank = (values.len() as u128 * u128::from(ppm)).div_ceil(1_000_000).max(1);
            let exact = values[usize::try_from(rank).unwrap() - 1];
            let found = histogram.quantile_us(ppm);
            prop_assert!(found.abs_diff(exact) <= exact / 16, "{} for {}", found, exact);
            prop_assert_eq!(histogram.total, values.len() as u64);
            prop_assert_eq!(histogram.sum, values.iter().map(|v| u128::from(*v)).sum::<u128>());
        }
    }

    #[test]
    fn cumulative_counts_ascend_to_the_total() {
        let mut histogram = Histogram::default();
        for value in [0, 10, 11, 990, 1_000, 40_000, 5_000_000] {
            histogram.record(value);
        }
        // 990 and 1,000 are in buckets whose middles are 976 and 1,008: one below the bound, one above.
        assert_eq!(histogram.cumulative(&[0, 10, 1_000, 1_050, 100_000, u64::MAX]), [1, 2, 4, 5, 6, 7]);
        assert_eq!(histogram.totals(), (7, 5_042_011));
        assert_eq!(Histogram::default().cumulative(&[1, 2]), [0, 0]);
    }

    #[test]
    fn a_fading_mean_follows_a_change() {
        let mut mean = FadingMean::default();
        assert_eq!(mean.mean(), None);
        for _ in 0..10_000 {
            mean.add(100);
        }
        assert_eq!(mean.mean(), Some(100));
        for _ in 0..10_000 {
            mean.add(500);
        }
        assert!(mean.mean().unwrap() > 490);
    }
}
