//! Sorting and collecting what is short or rare.
//!
//! The standard library's sorts, and its ways to make an ordered map of many entries at once, are made for speed on
//! long lists: a copy of several kilobytes for every type they are used with. In a browser that is a tenth of all
//! there is to load. What isn't on the way of a request is sorted here, in a few hundred bytes.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

/// Sorts by a key, as [`sort_by`].
pub(crate) fn sort_by_key<T, K: Ord>(items: &mut [T], key: impl Fn(&T) -> K) {
    sort_by(items, |a, b| key(a) < key(b));
}

/// Sorts by what is less than what, in place, in O(n log n) without memory (Williams, "Algorithm 232: Heapsort", 1964).
/// Equal items change places at will, unless all are in order already: that costs O(n).
pub(crate) fn sort_by<T>(items: &mut [T], is_less: impl Fn(&T, &T) -> bool) {
    let less = |items: &[T], a: usize, b: usize| match (items.get(a), items.get(b)) {
        (Some(a), Some(b)) => is_less(a, b),
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
    if items.is_sorted_by(|a, b| !is_less(b, a)) {
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

/// Sorts, and leaves equal items in their order: `in_order` says whether two may stand as they do. O(n log n), and O(n)
/// for what is sorted; as much memory again (von Neumann's merge sort, upwards, as in Knuth, volume 3, 5.2.4).
pub(crate) fn merge_sort<T: Copy>(items: Vec<T>, in_order: impl Fn(&T, &T) -> bool) -> Vec<T> {
    if items.is_sorted_by(&in_order) {
        return items;
    }
    let (mut from, mut to) = (items, Vec::new());
    let mut width = 1;
    while width < from.len() {
        to.clear();
        to.reserve_exact(from.len());
        for pair in from.chunks(width.saturating_mul(2)) {
            let (mut left, mut right) = pair.split_at(width.min(pair.len()));
            while let (Some((a, left_rest)), Some((b, right_rest))) =
                (left.split_first(), right.split_first())
            {
                // What is in order as a whole is taken as a whole.
                if left.last().is_some_and(|last| in_order(last, b)) {
                    break;
                }
                if in_order(a, b) {
                    to.push(*a);
                    left = left_rest;
                } else {
                    to.push(*b);
                    right = right_rest;
                }
            }
            to.extend_from_slice(left);
            to.extend_from_slice(right);
        }
        core::mem::swap(&mut from, &mut to);
        width = width.saturating_mul(2);
    }
    from
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
        fn merging_keeps_the_order_of_equals(items in prop::collection::vec((0_u8..9, 0_u8..9), 0..200)) {
            let mut sorted = items.clone();
            sorted.sort_by_key(|item| item.0);
            prop_assert_eq!(merge_sort(items, |a, b| a.0 <= b.0), sorted);
        }

        #[test]
        fn maps_and_sets_are_those_of_the_standard_library(entries in prop::collection::vec((0_u8..9, 0..9), 0..30)) {
            prop_assert_eq!(map(entries.iter().copied()), entries.iter().copied().collect::<BTreeMap<_, _>>());
            let keys: Vec<u8> = entries.iter().map(|entry| entry.0).collect();
            prop_assert_eq!(set(keys.iter()), keys.iter().collect::<BTreeSet<_>>());
        }
    }
}
