//! Sorting and collecting what is short or rare.
//!
//! The standard library's sorts, and its ways to make an ordered map of many entries at once, are made for speed on
//! long lists: a copy of several kilobytes for every type they are used with. In a browser that is a tenth of all
//! there is to load. What isn't on the way of a request is sorted here, in a few hundred bytes.

use alloc::collections::{BTreeMap, BTreeSet};

/// Sorts by a key, in place, in O(n log n) without memory (Williams, "Algorithm 232: Heapsort", 1964). Items with
/// equal keys change places at will, unless all are in order already: that costs O(n).
pub(crate) fn sort_by_key<T, K: Ord>(items: &mut [T], key: impl Fn(&T) -> K) {
    let less = |items: &[T], a: usize, b: usize| match (items.get(a), items.get(b)) {
        (Some(a), Some(b)) => key(a) < key(b),
        _ => false,
    };
    // Lets an item sink to its place in the heap of the first `end`.
    let sink = |items: &mut [T], mut at: usize, end: usize| {
        loop {
            let mut child = 2 * at + 1;
            if child >= end {
                return;
            }
            if child + 1 < end && less(items, child, child + 1) {
                child += 1;
            }
            if !less(items, at, child) {
                return;
            }
            items.swap(at, child);
            at = child;
        }
    };
    if items.is_sorted_by_key(&key) {
        return;
    }
    let length = items.len();
    for at in (0..length / 2).rev() {
        sink(items, at, length);
    }
    for end in (1..length).rev() {
        items.swap(0, end);
        sink(items, 0, end);
    }
}

/// A map of these entries; of equal keys the last one counts.
pub(crate) fn map<K: Ord, V>(entries: impl Iterator<Item = (K, V)>) -> BTreeMap<K, V> {
    let mut map = BTreeMap::new();
    for (key, value) in entries {
        map.insert(key, value);
    }
    map
}

/// A set of these items.
pub(crate) fn set<T: Ord>(items: impl Iterator<Item = T>) -> BTreeSet<T> {
    let mut set = BTreeSet::new();
    for item in items {
        set.insert(item);
    }
    set
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_sorts_as_the_standard_library_does(mut items in prop::collection::vec(0_u8..50, 0..200)) {
            let mut sorted = items.clone();
            sorted.sort_unstable_by_key(|item| core::cmp::Reverse(*item));
            sort_by_key(&mut items, |item| core::cmp::Reverse(*item));
            prop_assert_eq!(items, sorted);
        }

        #[test]
        fn maps_and_sets_are_those_of_the_standard_library(entries in prop::collection::vec((0_u8..9, 0..9), 0..30)) {
            prop_assert_eq!(map(entries.iter().copied()), entries.iter().copied().collect::<BTreeMap<_, _>>());
            let keys: Vec<u8> = entries.iter().map(|entry| entry.0).collect();
            prop_assert_eq!(set(keys.iter()), keys.iter().collect::<BTreeSet<_>>());
        }
    }
}
