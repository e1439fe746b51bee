//! Doubly linked lists through the slots of a slab: adding and removing anywhere is O(1) and allocates nothing.

use crate::id::Slab;

/// No slot.
pub(super) const END: u32 = u32::MAX;

/// A slot's place in a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Link {
    pub(super) before: u32,
    pub(super) after: u32,
}

impl Default for Link {
    fn default() -> Self {
        Self { before: END, after: END }
    }
}

/// A record that can be in one list at a time.
pub(super) trait Linked: Copy {
    fn link(&self) -> &Link;
    fn link_mut(&mut self) -> &mut Link;
}

/// A list's ends.
#[derive(Debug, Clone, Copy)]
pub(super) struct List {
    first: u32,
    last: u32,
}

impl Default for List {
    fn default() -> Self {
        Self { first: END, last: END }
    }
}

impl List {
    #[inline]
    pub(super) fn first(&self) -> Option<u32> {
        (self.first != END).then_some(self.first)
    }

    #[inline]
    pub(super) fn last(&self) -> Option<u32> {
        (self.last != END).then_some(self.last)
    }

    /// The slot before `slot`, towards the first.
    pub(super) fn before<T: Linked>(slab: &Slab<T>, slot: u32) -> Option<u32> {
        slab.at(slot).map(|record| record.link().before).filter(|before| *before != END)
    }

    /// The slot after `slot`, towards the last.
    pub(super) fn after<T: Linked>(slab: &Slab<T>, slot: u32) -> Option<u32> {
        slab.at(slot).map(|record| record.link().after).filter(|after| *after != END)
    }

    #[inline]
    pub(super) fn push_first<T: Linked>(&mut self, slab: &mut Slab<T>, slot: u32) {
        if let Some(record) = slab.at_mut(slot) {
            *record.link_mut() = Link { before: END, after: self.first };
        }
        match slab.at_mut(self.first) {
            Some(first) => first.link_mut().before = slot,
            None => self.last = slot,
        }
        self.first = slot;
    }

    #[inline]
    pub(super) fn push_last<T: Linked>(&mut self, slab: &mut Slab<T>, slot: u32) {
        if let Some(record) = slab.at_mut(slot) {
            *record.link_mut() = Link { before: self.last, after: END };
        }
        match slab.at_mut(self.last) {
            Some(last) => last.link_mut().after = slot,
            None => self.first = slot,
        }
        self.last = slot;
    }

    #[inline]
    pub(super) fn remove<T: Linked>(&mut self, slab: &mut Slab<T>, slot: u32) {
        let Some(record) = slab.at_mut(slot) else { return };
        let link = core::mem::take(record.link_mut());
        match slab.at_mut(link.before) {
            Some(before) => before.link_mut().after = link.after,
            None => self.first = link.after,
        }
        match slab.at_mut(link.after) {
            Some(after) => after.link_mut().before = link.before,
            None => self.last = link.before,
        }
    }
}
