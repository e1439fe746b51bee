//! Arrivals of a pool, counted per one-second sample.

use alloc::boxed::Box;
use alloc::vec;

use crate::journal::codec::{Codec, State};
use crate::time::SECOND_US;

const SLOTS: usize = 128;
/// How many closed samples are remembered.
pub(crate) const REMEMBERED: u64 = SLOTS as u64;

/// Arrivals per one-second sample since a start time. Samples follow the time of the inputs: a silent second is
/// a sample of zero. Only the newest 128 closed samples are remembered; older ones read as zero.
#[derive(Debug, Clone)]
pub struct Arrivals {
    samples: Box<[u32]>,
    start_us: u64,
    /// Samples closed so far; the running one has this index.
    closed: u64,
    running: u32,
}

impl Arrivals {
    /// No arrivals yet; the first sample starts at `start_us`.
    pub fn new(start_us: u64) -> Self {
        Self { samples: vec![0; SLOTS].into_boxed_slice(), start_us, closed: 0, running: 0 }
    }

    /// Counts one arrival at `now_us`.
    #[inline]
    pub fn add(&mut self, now_us: u64) {
        self.advance(now_us);
        self.running = self.running.saturating_add(1);
    }

    /// Closes every sample that ends at or before `now_us`, in at most 128 steps however long the gap.
    #[inline]
    pub fn advance(&mut self, now_us: u64) {
        let running = now_us.saturating_sub(self.start_us) / SECOND_US;
        if running > self.closed {
            self.close_until(running);
        }
    }

    fn close_until(&mut self, running: u64) {
        let count = core::mem::take(&mut self.running);
        self.put(self.closed, count);
        let silent = (self.closed + 1).max(running.saturating_sub(REMEMBERED))..running;
        for sample in silent {
            self.put(sample, 0);
        }
        self.closed = running;
    }

    fn put(&mut self, sample: u64, count: u32) {
        let slot = usize::try_from(sample % REMEMBERED).unwrap_or(0);
        if let Some(stored) = self.samples.get_mut(slot) {
            *stored = count;
        }
    }

    /// How many samples are closed: their indices are `0..closed()`.
    #[inline]
    pub fn closed(&self) -> u64 {
        self.closed
    }

    /// The arrivals in a closed sample; 0 when it isn't closed yet or no longer remembered.
    pub fn sample(&self, index: u64) -> u32 {
        if index >= self.closed || index + REMEMBERED < self.closed {
            return 0;
        }
        let slot = usize::try_from(index % REMEMBERED).unwrap_or(0);
        self.samples.get(slot).copied().unwrap_or(0)
    }

    /// The arrivals in the newest `count` closed samples together.
    pub fn last(&self, count: u32) -> u64 {
        let first = self.closed.saturating_sub(u64::from(count));
        (first..self.closed).map(|index| u64::from(self.sample(index))).sum()
    }

    /// The arrivals in the newest closed samples as they would be at `now_us`, without changing anything, and how many
    /// samples those are: `count` (at most 128), or fewer when there aren't so many yet.
    pub(crate) fn recent_at(&self, now_us: u64, count: u32) -> (u64, u64) {
        let closed = (now_us.saturating_sub(self.start_us) / SECOND_US).max(self.closed);
        let first = closed.saturating_sub(u64::from(count).min(REMEMBERED));
        let of = |index| if index == self.closed { self.running } else { self.sample(index) };
        ((first..closed).map(|index| u64::from(of(index))).sum(), closed.saturating_sub(first))
    }

    /// The arrivals in the running sample.
    pub fn running(&self) -> u32 {
        self.running
    }
}

/// The samples that are remembered, oldest first; those before the first one are zeros.
impl State for Arrivals {
    fn state(&mut self, io: &mut Codec<'_>) {
        let Self { samples, start_us: _, closed, running } = self;
        closed.state(io);
        running.state(io);
        for sample in closed.saturating_sub(REMEMBERED)..*closed {
            let slot = usize::try_from(sample % REMEMBERED).unwrap_or(0);
            if let Some(count) = samples.get_mut(slot) {
                count.state(io);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_follow_the_time_of_the_inputs() {
        let mut arrivals = Arrivals::new(500_000);
        arrivals.add(500_000);
        arrivals.add(1_499_999);
        arrivals.add(1_500_000);
        assert_eq!((arrivals.closed(), arrivals.sample(0), arrivals.running()), (1, 2, 1));
        assert_eq!(
            [1_600_000, 2_499_999, 2_500_000, 9_600_000].map(|now_us| arrivals.recent_at(now_us, 3)),
            [(2, 1), (2, 1), (3, 2), (0, 3)]
        );
        arrivals.advance(4_600_000);
        assert_eq!((arrivals.closed(), arrivals.last(10), arrivals.running()), (4, 3, 0));
        assert_eq!([0, 1, 2, 3, 4].map(|i| arrivals.sample(i)), [2, 1, 0, 0, 0]);
    }

    #[test]
    fn a_year_of_silence_is_zeros() {
        let mut arrivals = Arrivals::new(0);
        for _ in 0..1000 {
            arrivals.add(10);
        }
        arrivals.advance(365 * 86_400 * SECOND_US);
        assert_eq!(arrivals.closed(), 365 * 86_400);
        assert_eq!(arrivals.last(128), 0);
        assert_eq!(arrivals.sample(0), 0);
    }
}
