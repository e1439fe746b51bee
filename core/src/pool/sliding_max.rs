//! The highest of the counts of a while.

/// The highest of the counts of a sliding window, which is kept in 32 parts: a count counts for the window's length,
/// less at most one part of it.
#[derive(Debug, Clone)]
pub(super) struct SlidingMax {
    pub(super) parts: [u32; 32],
    pub(super) part_us: u64,
    /// The number of the newest part.
    pub(super) newest: u64,
}

impl SlidingMax {
    pub(super) fn new(window_us: u64, now_us: u64) -> Self {
        let part_us = (window_us / 32).max(1);
        Self { parts: [0; 32], part_us, newest: now_us / part_us }
    }

    /// Takes a count and answers the highest one.
    pub(super) fn push(&mut self, now_us: u64, count: u32) -> u32 {
        let number = now_us / self.part_us;
        let passed = number.saturating_sub(self.newest).min(32);
        for ahead in 1..=passed {
            self.set(self.newest.saturating_add(ahead), |part| *part = 0);
        }
        self.newest = self.newest.max(number);
        self.set(self.newest, |part| *part = count.max(*part));
        self.parts.iter().copied().max().unwrap_or(count)
    }

    fn set(&mut self, number: u64, change: impl FnOnce(&mut u32)) {
        let place = usize::try_from(number % 32).unwrap_or(0);
        if let Some(part) = self.parts.get_mut(place) {
            change(part);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;
    use proptest::prelude::*;

    #[test]
    fn a_sliding_maximum_is_kept_for_its_window() {
        let mut max = SlidingMax::new(320, 0);
        assert_eq!(max.push(0, 7), 7);
        assert_eq!(max.push(5, 3), 7);
        assert_eq!(max.push(309, 3), 7);
        assert_eq!(max.push(320, 4), 4);
        assert_eq!(max.push(1_000_000, 1), 1);
        let mut none = SlidingMax::new(0, 10);
        assert_eq!((none.push(10, 9), none.push(11, 2), none.push(1_000, 1)), (9, 9, 1));
    }

    proptest! {
        #[test]
        fn the_sliding_maximum_agrees_with_a_list(steps in prop::collection::vec((0_u64..200, 0_u32..50), 1..80)) {
            let mut max = SlidingMax::new(3_200, 0);
            let (mut now_us, mut list) = (0, Vec::new());
            for (gap, count) in steps {
                now_us += gap;
                list.push((now_us, count));
                let found = max.push(now_us, count);
                let newer = |window_us: u64| {
                    let from_us = (now_us + 1).saturating_sub(window_us);
                    list.iter().filter(|(at_us, _)| *at_us >= from_us).map(|(_, count)| *count).max().unwrap()
                };
                // A part of the window's 32 may be missing.
                prop_assert!(newer(3_100) <= found && found <= newer(3_200), "{} at {}", found, now_us);
            }
        }
    }
}
