//! Identifiers: small indices for what the configuration names, and generation-checked ids for what comes and
//! goes.
//!
//! An id of a token, worker, waiter or ticket is a `u64` below 2^53 and never 0: 24 bits of slot and 29 bits of
//! generation. A stale, doubled or invented id is recognized and never touches another holder's slot: a slot
//! whose generations are used up is retired instead of starting over.

use alloc::vec::Vec;

use crate::journal::codec::{Codec, State};

macro_rules! index_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(u32);

        impl $name {
            /// The id with this index.
            pub const fn new(index: u32) -> Self {
                Self(index)
            }

            /// The index.
            pub const fn get(self) -> u32 {
                self.0
            }

            /// The index, for looking things up.
            #[inline]
            pub(crate) const fn index(self) -> usize {
                self.0 as usize
            }
        }
    };
}

index_id! {
    /// A domain: its place in the configuration.
    DomainId
}
index_id! {
    /// A pool: its place in the configuration.
    PoolId
}

macro_rules! slot_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(u64);

        impl $name {
            /// The id with this number, as it came back from a caller; whether it is a live one shows when it
            /// is used.
            pub const fn from_raw(raw: u64) -> Self {
                Self(raw)
            }

            /// The number: below 2^53, never 0 in an id that was given out.
            pub const fn get(self) -> u64 {
                self.0
            }
        }
    };
}

slot_id! {
    /// An admission that must be released.
    Token
}
slot_id! {
    /// A worker of a pool.
    WorkerId
}
slot_id! {
    /// A place in a pool's waiting line.
    WaiterId
}
slot_id! {
    /// A dispatched request that must be completed.
    TicketId
}

const SLOT_BITS: u32 = 24;
const GENERATION_BITS: u32 = 29;
const LAST_GENERATION: u32 = (1 << GENERATION_BITS) - 1;
const LIVE: u32 = u32::MAX;
const NONE: u32 = u32::MAX - 1;

/// The most slots a slab can have, and so the highest limit on tokens, workers and waiters.
pub const MAX_SLOTS: u32 = (1 << SLOT_BITS) - 1;

/// The slot's index inside a raw id (whether or not the id is live).
#[inline]
pub(crate) fn slot_of(raw: u64) -> u32 {
    #[allow(clippy::cast_possible_truncation)] // masked to 24 bits
    let slot = (raw & u64::from(MAX_SLOTS)) as u32;
    slot
}

#[derive(Debug, Clone)]
struct Entry<T> {
    generation: u32,
    /// `LIVE`, or the next free slot.
    link: u32,
    value: T,
}

/// A bounded store of values under generation-checked ids. Inserting, looking up and removing are O(1) and,
/// once grown, allocate nothing. The most recently freed slot is used first.
#[derive(Debug, Clone)]
pub(crate) struct Slab<T> {
    entries: Vec<Entry<T>>,
    free: u32,
    live: u32,
    limit: u32,
}

impl<T: Copy> Slab<T> {
    /// An empty slab for at most `limit` live values.
    pub(crate) fn new(limit: u32) -> Self {
        Self { entries: Vec::new(), free: NONE, live: 0, limit: limit.min(MAX_SLOTS) }
    }

    /// How many values are live.
    #[inline]
    pub(crate) fn len(&self) -> u32 {
        self.live
    }

    /// The most values there may be.
    pub(crate) fn limit(&self) -> u32 {
        self.limit
    }

    /// Stores `value` and answers its raw id, or `None` when the slab is full.
    #[inline]
    pub(crate) fn insert(&mut self, value: T) -> Option<u64> {
        if self.live >= self.limit {
            return None;
        }
        if let Some(entry) = self.entries.get_mut(self.free as usize) {
            let slot = self.free;
            self.free = entry.link;
            entry.link = LIVE;
            entry.value = value;
            self.live += 1;
            return Some(pack(slot, entry.generation));
        }
        let slot = u32::try_from(self.entries.len()).ok().filter(|slot| *slot < MAX_SLOTS)?;
        self.entries.push(Entry { generation: 1, link: LIVE, value });
        self.live += 1;
        Some(pack(slot, 1))
    }

    /// The value under a raw id, if the id is live.
    #[inline]
    pub(crate) fn get(&self, raw: u64) -> Option<&T> {
        let entry = self.entries.get(slot_of(raw) as usize)?;
        if entry.link == LIVE && raw >> SLOT_BITS == u64::from(entry.generation) {
            Some(&entry.value)
        } else {
            None
        }
    }

    /// The value under a raw id, if the id is live.
    #[inline]
    pub(crate) fn get_mut(&mut self, raw: u64) -> Option<&mut T> {
        let entry = self.entries.get_mut(slot_of(raw) as usize)?;
        if entry.link == LIVE && raw >> SLOT_BITS == u64::from(entry.generation) {
            Some(&mut entry.value)
        } else {
            None
        }
    }

    /// Takes a live value out; `None` when the id isn't live.
    #[inline]
    pub(crate) fn remove(&mut self, raw: u64) -> Option<T> {
        let slot = slot_of(raw);
        let entry = self.entries.get_mut(slot as usize)?;
        if entry.link != LIVE || raw >> SLOT_BITS != u64::from(entry.generation) {
            return None;
        }
        self.live -= 1;
        if entry.generation >= LAST_GENERATION {
            // Retired: no free link leads here again, and the generation is one that no id carries.
            entry.generation = 0;
            entry.link = NONE;
        } else {
            entry.generation += 1;
            entry.link = self.free;
            self.free = slot;
        }
        Some(entry.value)
    }

    /// The live value in a slot, for links between slots.
    #[inline]
    pub(crate) fn at(&self, slot: u32) -> Option<&T> {
        self.entries.get(slot as usize).filter(|entry| entry.link == LIVE).map(|entry| &entry.value)
    }

    /// The live value in a slot, for links between slots.
    #[inline]
    pub(crate) fn at_mut(&mut self, slot: u32) -> Option<&mut T> {
        self.entries.get_mut(slot as usize).filter(|entry| entry.link == LIVE).map(|entry| &mut entry.value)
    }

    /// The raw id of the live value in a slot.
    #[inline]
    pub(crate) fn id_at(&self, slot: u32) -> Option<u64> {
        self.entries
            .get(slot as usize)
            .filter(|entry| entry.link == LIVE)
            .map(|entry| pack(slot, entry.generation))
    }

    /// How many slots there are, live or not.
    pub(crate) fn slots(&self) -> usize {
        self.entries.len()
    }

    /// The live ids and values, by slot.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u64, &T)> {
        self.entries.iter().zip(0_u32..).filter_map(|(entry, slot)| {
            (entry.link == LIVE).then_some((pack(slot, entry.generation), &entry.value))
        })
    }
}

/// The entries, and after them the free slots in the order in which they will be used.
impl<T: State + Copy + Default> State for Slab<T> {
    fn state(&mut self, io: &mut Codec<'_>) {
        /// A free slot that the order hasn't named yet.
        const UNLISTED: u32 = NONE - 1;
        let Self { entries, free, live, limit } = self;
        let count = io.length(entries.len());
        io.check(count <= MAX_SLOTS as usize, "slots");
        let reads = io.reads();
        if reads {
            entries.clear();
            entries.resize_with(count, || Entry { generation: 0, link: NONE, value: T::default() });
            *live = 0;
        }
        let mut unlisted = 0_u32;
        for entry in entries.iter_mut() {
            let mut mark = u64::from(entry.generation) << 1 | u64::from(entry.link == LIVE);
            io.integer(&mut mark);
            let is_live = mark & 1 == 1;
            if reads {
                io.check(mark >> 1 <= u64::from(LAST_GENERATION) && mark != 1, "generation");
                entry.generation = u32::try_from(mark >> 1).unwrap_or(0);
                entry.link = match entry.generation {
                    _ if is_live => LIVE,
                    0 => NONE,
                    _ => UNLISTED,
                };
                *live += u32::from(is_live);
            }
            unlisted += u32::from(!is_live && entry.generation > 0);
            if is_live {
                entry.value.state(io);
            }
        }
        io.check(*live <= *limit, "live slots");
        // Each slot is kept where the one before it points to: first in `free`.
        let (mut slot, mut before) = (*free, NONE);
        if reads {
            *free = NONE;
        }
        for _ in 0..unlisted {
            slot.state(io);
            if reads {
                let is_free = entries.get(slot as usize).is_some_and(|entry| entry.link == UNLISTED);
                io.check(is_free, "free slot");
                match entries.get_mut(before as usize) {
                    Some(entry) => entry.link = slot,
                    None => *free = slot,
                }
                // Named, and the last one so far.
                if let Some(entry) = entries.get_mut(slot as usize) {
                    entry.link = NONE;
                }
                before = slot;
            } else {
                slot = entries.get(slot as usize).map_or(NONE, |entry| entry.link);
            }
            if io.fault().is_some() {
                return;
            }
        }
    }
}

#[inline]
fn pack(slot: u32, generation: u32) -> u64 {
    (u64::from(generation) << SLOT_BITS) | u64::from(slot)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stale_doubled_and_invented_ids_are_recognized() {
        let mut slab = Slab::new(2);
        let a = slab.insert('a').unwrap();
        assert!(a != 0 && a < 1 << 53);
        assert_eq!(slab.remove(a), Some('a'));
        assert_eq!(slab.remove(a), None);
        // The next id of the same slot is known in advance, and still refused until it is given out.
        let next = a + (1 << SLOT_BITS);
        assert_eq!(slab.get(next), None);
        let b = slab.insert('b').unwrap();
        assert_eq!(b, next);
        assert_eq!(slab.get(a), None);
        assert_eq!(slab.get(b), Some(&'b'));
        for invented in [0, 1, b + 1, u64::MAX, 1 << 53] {
            assert_eq!(slab.get(invented), None);
            assert_eq!(slab.remove(invented), None);
        }
        assert_eq!(slab.len(), 1);
    }

    #[test]
    fn a_full_slab_takes_no_more() {
        let mut slab = Slab::new(1);
        let a = slab.insert(1).unwrap();
        assert_eq!((slab.len(), slab.limit()), (1, 1));
        assert_eq!(slab.insert(2), None);
        slab.remove(a);
        assert!(slab.insert(2).is_some());
    }

    #[test]
    fn a_slot_whose_generations_are_used_up_is_retired() {
        let mut slab = Slab::new(4);
        let a = slab.insert(1).unwrap();
        slab.entries[0].generation = LAST_GENERATION;
        let last = pack(slot_of(a), LAST_GENERATION);
        assert!(last < 1 << 53);
        assert_eq!(slab.remove(last), Some(1));
        let b = slab.insert(2).unwrap();
        assert_eq!(slot_of(b), 1, "slot 0 is never used again");
        assert_eq!(slab.get(last), None);
        assert_eq!(slab.iter().count(), 1);
    }
}
