//! Deadlines that can be taken back: a binary heap that knows where each of its slots is.

use alloc::vec::Vec;

const ABSENT: u32 = u32::MAX;

/// The deadlines of slots, earliest first (ties: lowest slot). Setting and clearing one are O(log n).
#[derive(Debug, Clone, Default)]
pub(super) struct Deadlines {
    heap: Vec<(u64, u32)>,
    places: Vec<u32>,
}

impl Deadlines {
    /// The earliest deadline and its slot.
    #[inline]
    pub(super) fn first(&self) -> Option<(u64, u32)> {
        self.heap.first().copied()
    }

    /// Sets the deadline of a slot, whether or not it had one.
    pub(super) fn set(&mut self, slot: u32, due_us: u64) {
        let place = self.place(slot);
        if place == ABSENT {
            let end = self.heap.len();
            self.heap.push((due_us, slot));
            self.note(end, slot);
            self.rise(end);
        } else {
            let place = place as usize;
            if let Some(entry) = self.heap.get_mut(place) {
                entry.0 = due_us;
            }
            self.rise(place);
            self.sink(place);
        }
    }

    /// Clears the deadline of a slot, if it has one.
    pub(super) fn clear(&mut self, slot: u32) {
        let place = self.place(slot);
        if place == ABSENT {
            return;
        }
        let place = place as usize;
        let last = self.heap.len().saturating_sub(1);
        self.swap(place, last);
        self.heap.pop();
        if let Some(stored) = self.places.get_mut(slot as usize) {
            *stored = ABSENT;
        }
        if place < self.heap.len() {
            self.rise(place);
            self.sink(place);
        }
    }

    fn place(&self, slot: u32) -> u32 {
        self.places.get(slot as usize).copied().unwrap_or(ABSENT)
    }

    fn note(&mut self, place: usize, slot: u32) {
        let slot = slot as usize;
        if slot >= self.places.len() {
            self.places.resize(slot + 1, ABSENT);
        }
        if let Some(stored) = self.places.get_mut(slot) {
            *stored = u32::try_from(place).unwrap_or(ABSENT);
        }
    }

    fn entry(&self, place: usize) -> (u64, u32) {
        self.heap.get(place).copied().unwrap_or((u64::MAX, ABSENT))
    }

    fn swap(&mut self, a: usize, b: usize) {
        if a == b || a.max(b) >= self.heap.len() {
            return;
        }
        self.heap.swap(a, b);
        let (at_a, at_b) = (self.entry(a).1, self.entry(b).1);
        self.note(a, at_a);
        self.note(b, at_b);
    }

    fn rise(&mut self, mut place: usize) {
        while place > 0 {
            let parent = (place - 1) / 2;
            if self.entry(parent) <= self.entry(place) {
                break;
            }
            self.swap(place, parent);
            place = parent;
        }
    }

    fn sink(&mut self, mut place: usize) {
        loop {
            let left = place * 2 + 1;
            let right = left + 1;
            let mut least = place;
            for child in [left, right] {
                if child < self.heap.len() && self.entry(child) < self.entry(least) {
                    least = child;
                }
            }
            if least == place {
                break;
            }
            self.swap(place, least);
            place = least;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn agrees_with_a_sorted_list(steps in prop::collection::vec((0_u32..40, prop::option::of(0_u64..100)), 1..300)) {
            let mut deadlines = Deadlines::default();
            let mut list: Vec<Option<u64>> = alloc::vec![None; 40];
            for (slot, due) in steps {
                match due {
                    Some(due) => deadlines.set(slot, due),
                    None => deadlines.clear(slot),
                }
                list[slot as usize] = due;
                let expected = list.iter().zip(0..).filter_map(|(due, slot)| due.map(|due| (due, slot))).min();
                prop_assert_eq!(deadlines.first(), expected);
            }
        }
    }
}
