//! The demand that is a pool's own: the requests that its domains send to it, also those that were served elsewhere.
//!
//! Staffing goes by this, and not by what arrives at the pool: a request that spilled says that its own pool is too
//! small, not that the other one's requests have become many or long.

use alloc::boxed::Box;
use alloc::vec;

use crate::time::SECOND_US;

/// How many closed seconds are remembered.
const SLOTS: usize = 128;

/// What happened in one second.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Sample {
    /// Requests that came, whether or not they were served.
    pub(super) arrivals: u32,
    /// Requests whose service came to its end.
    pub(super) completed: u32,
    /// Time in service of all requests together.
    pub(super) busy_us: u64,
}

/// A pool's own demand, per second since a start time. A silent second is a sample of its own. Every call costs O(1),
/// after a silence at most 128 steps.
#[derive(Debug, Clone)]
pub(super) struct Demand {
    pub(super) samples: Box<[Sample]>,
    pub(super) start_us: u64,
    /// Seconds closed so far; the running one has this index.
    pub(super) closed: u64,
    pub(super) running: Sample,
    /// Up to when the running second's time in service is counted.
    pub(super) counted_us: u64,
    pub(super) busy: u32,
    pub(super) waiting: u32,
}

impl Demand {
    pub(super) fn new(start_us: u64) -> Self {
        Self {
            samples: vec![Sample::default(); SLOTS].into_boxed_slice(),
            start_us,
            closed: 0,
            running: Sample::default(),
            counted_us: start_us,
            busy: 0,
            waiting: 0,
        }
    }

    /// A request came.
    #[inline]
    pub(super) fn arrive(&mut self, now_us: u64) {
        self.advance(now_us);
        self.running.arrivals = self.running.arrivals.saturating_add(1);
    }

    /// A request's service begins.
    #[inline]
    pub(super) fn begin(&mut self, now_us: u64) {
        self.advance(now_us);
        self.busy = self.busy.saturating_add(1);
    }

    /// A request's service is over: to its end, or because its worker failed.
    #[inline]
    pub(super) fn end(&mut self, now_us: u64, completed: bool) {
        self.advance(now_us);
        self.busy = self.busy.saturating_sub(1);
        self.running.completed = self.running.completed.saturating_add(u32::from(completed));
    }

    /// A request goes into a line.
    #[inline]
    pub(super) fn wait(&mut self) {
        self.waiting = self.waiting.saturating_add(1);
    }

    /// A request has left its line.
    #[inline]
    pub(super) fn wait_no_more(&mut self) {
        self.waiting = self.waiting.saturating_sub(1);
    }

    /// Counts up to `now_us` and closes every second that ends at or before it.
    #[inline]
    pub(super) fn advance(&mut self, now_us: u64) {
        let running = now_us.saturating_sub(self.start_us) / SECOND_US;
        if running > self.closed {
            self.close_until(running);
        }
        self.count_until(now_us);
    }

    #[inline]
    fn count_until(&mut self, now_us: u64) {
        let passed = now_us.saturating_sub(self.counted_us);
        let busy_us = u64::from(self.busy).saturating_mul(passed);
        self.running.busy_us = self.running.busy_us.saturating_add(busy_us);
        self.counted_us = self.counted_us.max(now_us);
    }

    #[cold]
    fn close_until(&mut self, running: u64) {
        let end_of = |second: u64| self.start_us.saturating_add((second + 1).saturating_mul(SECOND_US));
        let (first_end_us, last_start_us) = (end_of(self.closed), end_of(running - 1));
        self.count_until(first_end_us);
        let sample = core::mem::take(&mut self.running);
        self.put(self.closed, sample);
        let silent = Sample { busy_us: u64::from(self.busy) * SECOND_US, ..Sample::default() };
        for second in (self.closed + 1).max(running.saturating_sub(SLOTS as u64))..running {
            self.put(second, silent);
        }
        self.closed = running;
        self.counted_us = last_start_us;
    }

    fn put(&mut self, second: u64, sample: Sample) {
        if let Some(slot) = self.samples.get_mut(slot_of(second)) {
            *slot = sample;
        }
    }

    /// Requests in service.
    pub(super) fn busy(&self) -> u32 {
        self.busy
    }

    /// Requests in a line.
    pub(super) fn waiting(&self) -> u32 {
        self.waiting
    }

    /// How many closed seconds are known, at most 128.
    pub(super) fn known(&self) -> u64 {
        self.closed.min(SLOTS as u64)
    }

    /// The second that isn't over yet.
    pub(super) fn running(&self) -> Sample {
        self.running
    }

    /// The closed seconds that are known, newest first.
    pub(super) fn newest(&self) -> impl Iterator<Item = Sample> + '_ {
        let seconds = (self.closed - self.known()..self.closed).rev();
        seconds.map(|second| self.samples.get(slot_of(second)).copied().unwrap_or_default())
    }
}

#[allow(clippy::cast_possible_truncation)] // a remainder of 128
pub(super) fn slot_of(second: u64) -> usize {
    (second % SLOTS as u64) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;
    use proptest::prelude::*;

    #[test]
    fn a_service_over_several_seconds_counts_in_each() {
        let mut demand = Demand::new(250_000);
        demand.arrive(500_000);
        demand.begin(500_000);
        demand.end(3_000_000, true);
        demand.advance(3_250_000);
        let expected = [(0, 1, 750_000), (0, 0, SECOND_US), (1, 0, 750_000)];
        let found: Vec<_> =
            demand.newest().map(|sample| (sample.arrivals, sample.completed, sample.busy_us)).collect();
        assert_eq!(found, expected);
        assert_eq!((demand.known(), demand.busy()), (3, 0));
    }

    #[test]
    fn a_year_in_service_is_full_seconds() {
        let mut demand = Demand::new(0);
        demand.begin(0);
        demand.advance(365 * 86_400 * SECOND_US + 7);
        assert_eq!(demand.known(), 128);
        assert!(demand.newest().all(|sample| sample.busy_us == SECOND_US));
        assert_eq!(demand.running().busy_us, 7);
    }

    proptest! {
        /// All that was in service is counted, and nothing twice.
        #[test]
        fn the_time_in_service_is_exact(steps in prop::collection::vec((0_u64..700_000, 0_u8..3), 1..100)) {
            let mut demand = Demand::new(0);
            let (mut now_us, mut busy, mut area, mut arrivals) = (0_u64, 0_u64, 0_u64, 0_u64);
            for (gap, action) in steps {
                now_us += gap;
                area += busy * gap;
                match action {
                    0 => {
                        demand.arrive(now_us);
                        demand.begin(now_us);
                        (busy, arrivals) = (busy + 1, arrivals + 1);
                    }
                    1 if busy > 0 => {
                        demand.end(now_us, true);
                        busy -= 1;
                    }
                    _ => demand.advance(now_us),
                }
            }
            let sum = |of: fn(Sample) -> u64| demand.newest().map(of).sum::<u64>() + of(demand.running());
            prop_assert_eq!(sum(|sample| sample.busy_us), area);
            prop_assert_eq!(sum(|sample| sample.arrivals.into()), arrivals);
            prop_assert_eq!(demand.known(), now_us / SECOND_US);
        }
    }
}
