//! The order in which tokens expire.

use alloc::vec::Vec;

use crate::id::Slab;
use crate::journal::codec::{Codec, State};

const END: u32 = u32::MAX;

#[derive(Debug, Clone, Copy)]
struct Link {
    previous: u32,
    next: u32,
}

/// Live token slots from the oldest to the newest, as a doubly linked list beside the slots.
///
/// All tokens have the same time to live and time never runs backwards, so the order of issue *is* the order of
/// expiry: no heap, no timers, O(1) to add and to take out of the middle. It lies beside the token records, so
/// that a regulator without a time to live carries none of it.
#[derive(Debug, Clone)]
pub(super) struct Expiry {
    pub(super) ttl_us: u64,
    links: Vec<Link>,
    oldest: u32,
    newest: u32,
}

impl Expiry {
    pub(super) fn new(ttl_us: u64) -> Self {
        Self { ttl_us, links: Vec::new(), oldest: END, newest: END }
    }

    /// The slot that expires next.
    #[inline]
    pub(super) fn oldest(&self) -> Option<u32> {
        (self.oldest != END).then_some(self.oldest)
    }

    /// Adds a slot that isn't in the list, as the newest.
    #[inline]
    pub(super) fn push(&mut self, slot: u32) {
        let index = slot as usize;
        if index >= self.links.len() {
            // Slots are handed out in order, so this adds one.
            self.links.resize(index.saturating_add(1), Link { previous: END, next: END });
        }
        let previous = self.newest;
        if let Some(link) = self.links.get_mut(index) {
            *link = Link { previous, next: END };
        }
        match self.links.get_mut(previous as usize) {
            Some(link) => link.next = slot,
            None => self.oldest = slot,
        }
        self.newest = slot;
    }

    /// Takes a slot out that is in the list.
    #[inline]
    pub(super) fn remove(&mut self, slot: u32) {
        let Some(Link { previous, next }) = self.links.get(slot as usize).copied() else { return };
        match self.links.get_mut(previous as usize) {
            Some(link) => link.next = next,
            None => self.oldest = next,
        }
        match self.links.get_mut(next as usize) {
            Some(link) => link.previous = previous,
            None => self.newest = previous,
        }
    }
}

impl Expiry {
    /// Hands on the slots from the oldest to the newest: every live token once.
    pub(super) fn order<T: Copy>(&mut self, io: &mut Codec<'_>, tokens: &Slab<T>) {
        /// A slot that wasn't named yet.
        const UNLISTED: u32 = END - 1;
        let Self { ttl_us: _, links, oldest, newest } = self;
        if !io.reads() {
            let mut slot = *oldest;
            while let Some(link) = links.get(slot as usize) {
                slot.state(io);
                slot = link.next;
            }
            return;
        }
        links.clear();
        links.resize(tokens.slots(), Link { previous: UNLISTED, next: UNLISTED });
        (*oldest, *newest) = (END, END);
        for _ in 0..tokens.len() {
            let mut slot = END;
            slot.state(io);
            let unlisted = self.links.get(slot as usize).is_some_and(|link| link.next == UNLISTED);
            io.check(unlisted && tokens.at(slot).is_some(), "order of expiry");
            if io.fault().is_some() {
                return;
            }
            self.push(slot);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn listed(expiry: &Expiry) -> Vec<u32> {
        let mut slots = Vec::new();
        let mut slot = expiry.oldest;
        while slot != END {
            slots.push(slot);
            slot = expiry.links[slot as usize].next;
        }
        let mut backwards = Vec::new();
        let mut slot = expiry.newest;
        while slot != END {
            backwards.push(slot);
            slot = expiry.links[slot as usize].previous;
        }
        backwards.reverse();
        assert_eq!(slots, backwards);
        slots
    }

    proptest! {
        #[test]
        fn the_list_keeps_the_order_of_issue(steps in prop::collection::vec(0_u32..8, 0..100)) {
            let mut expiry = Expiry::new(1);
            let mut naive = Vec::new();
            for slot in steps {
                if let Some(place) = naive.iter().position(|s| *s == slot) {
                    naive.remove(place);
                    expiry.remove(slot);
                } else {
                    naive.push(slot);
                    expiry.push(slot);
                }
                prop_assert_eq!(listed(&expiry), naive.clone());
                prop_assert_eq!(expiry.oldest(), naive.first().copied());
            }
        }
    }
}
