//! Lists of candidate pools, and the winners remembered for them.
//!
//! A list (the primary pools of a domain, or the pools of an affinity group) is kept once however many use it.
//! For each the candidates, that is its open pools that have workers, are worked out anew when the pools' topology
//! has changed, at the next lookup. When there are many candidates, the winner of each key slot is remembered in a
//! table; lists with equal candidates share it, and it goes when the last of them turns away.

use alloc::boxed::Box;
use alloc::collections::BTreeSet;
use alloc::vec;
use alloc::vec::Vec;

use super::hash::{self, Entry, SLOTS};
use super::{PoolView, usable};
use crate::id::PoolId;

/// Up to this many shares the winner is worked out anew each time, which is faster than a table that has left
/// the processor's cache.
pub(super) const DIRECT: usize = 4;

/// The most tables (2 MiB each). Candidate sets beyond it are looked up without one: the same pools, in
/// O(candidates).
pub(super) const MAX_TABLES: usize = 64;

const NONE: u32 = u32::MAX;

#[derive(Debug, Clone)]
struct List {
    /// Every share, open or not, by hash (then by name).
    listed: Box<[Entry]>,
    /// The shares of the candidates, in the same order; one alone when they all belong to one pool.
    open: Vec<Entry>,
    /// The topology that `open` was worked out for.
    seen: Option<u64>,
    /// The table of `open`, or `NONE`.
    table: u32,
    /// How many domains and groups use the list.
    users: u32,
}

/// The winners of the key slots for one set of candidates, filled slot by slot as they are asked for.
#[derive(Debug, Clone)]
struct Table {
    entries: Box<[Entry]>,
    /// The winner's pool index plus one; 0: not known yet.
    winners: Vec<u16>,
    users: u32,
}

impl Table {
    #[inline]
    fn known(&self, slot: u32) -> Option<u32> {
        u32::from(self.winners.get(slot as usize).copied().unwrap_or(0)).checked_sub(1)
    }

    fn fill(&mut self, slot: u32) -> Option<u32> {
        let pool = hash::winner(&self.entries, slot)?;
        // An index that doesn't fit is worked out again each time.
        if let (Some(place), Ok(known)) =
            (self.winners.get_mut(slot as usize), u16::try_from(u64::from(pool) + 1))
        {
            *place = known;
        }
        Some(pool)
    }
}

/// What a lookup found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pick {
    pub(super) pool: PoolId,
    /// Whether there were several to choose among.
    pub(super) hashed: bool,
}

/// A store whose places are used again.
#[derive(Debug, Clone)]
struct Places<T> {
    slots: Vec<Option<T>>,
    /// Places by the fingerprint of the shares they stand for.
    index: BTreeSet<(u64, u32)>,
    free: Vec<u32>,
}

impl<T> Places<T> {
    fn new() -> Self {
        Self { slots: Vec::new(), index: BTreeSet::new(), free: Vec::new() }
    }

    #[inline]
    fn get(&self, place: u32) -> Option<&T> {
        self.slots.get(place as usize)?.as_ref()
    }

    #[inline]
    fn get_mut(&mut self, place: u32) -> Option<&mut T> {
        self.slots.get_mut(place as usize)?.as_mut()
    }

    fn len(&self) -> usize {
        self.slots.len() - self.free.len()
    }

    fn find(&self, fingerprint: u64, is_it: impl Fn(&T) -> bool) -> Option<u32> {
        self.index
            .range((fingerprint, 0)..=(fingerprint, NONE))
            .map(|(_, place)| *place)
            .find(|place| self.get(*place).is_some_and(&is_it))
    }

    fn insert(&mut self, fingerprint: u64, value: T) -> u32 {
        let place = self.free.pop().unwrap_or_else(|| {
            self.slots.push(None);
            u32::try_from(self.slots.len() - 1).unwrap_or(NONE)
        });
        if let Some(stored) = self.slots.get_mut(place as usize) {
            *stored = Some(value);
            self.index.insert((fingerprint, place));
        }
        place
    }

    fn remove(&mut self, fingerprint: u64, place: u32) {
        if self.slots.get_mut(place as usize).and_then(Option::take).is_some() {
            self.index.remove(&(fingerprint, place));
            self.free.push(place);
        }
    }
}

/// All lists of candidates and their tables.
#[derive(Debug, Clone)]
pub(super) struct Candidates {
    lists: Places<List>,
    tables: Places<Table>,
}

impl Candidates {
    pub(super) fn new() -> Self {
        Self { lists: Places::new(), tables: Places::new() }
    }

    /// The list of these shares (sorted by the caller), kept until it is given back as often as it was taken.
    pub(super) fn take(&mut self, listed: Vec<Entry>) -> u32 {
        let fingerprint = fingerprint_of(&listed);
        if let Some(place) = self.lists.find(fingerprint, |list| *list.listed == *listed) {
            if let Some(list) = self.lists.get_mut(place) {
                list.users = list.users.saturating_add(1);
            }
            return place;
        }
        let list = List {
            open: Vec::with_capacity(listed.len()),
            listed: listed.into_boxed_slice(),
            seen: None,
            table: NONE,
            users: 1,
        };
        self.lists.insert(fingerprint, list)
    }

    /// Gives a list back.
    pub(super) fn give_back(&mut self, place: u32) {
        let Some(list) = self.lists.get_mut(place) else { return };
        list.users = list.users.saturating_sub(1);
        if list.users == 0 {
            let (table, fingerprint) = (list.table, fingerprint_of(&list.listed));
            self.lists.remove(fingerprint, place);
            self.leave(table);
        }
    }

    /// The candidate that a key falls to, if nothing needs to be worked out or called for it.
    #[inline]
    pub(super) fn known(&self, place: u32, key: &[u8], seed: u64, topology: u64) -> Option<Pick> {
        let list = self.lists.get(place)?;
        if list.seen != Some(topology) {
            return None;
        }
        let (first, rest) = list.open.split_first()?;
        if rest.is_empty() {
            return Some(Pick { pool: PoolId::new(first.pool), hashed: false });
        }
        if key.len() > hash::SHORT {
            return None;
        }
        let slot = hash::slot_of(key, seed);
        let pool = match self.tables.get(list.table) {
            Some(table) => table.known(slot)?,
            None if list.open.len() <= DIRECT => hash::winner(&list.open, slot)?,
            None => return None,
        };
        Some(Pick { pool: PoolId::new(pool), hashed: true })
    }

    /// The candidate that a key falls to; `None` when there is no candidate.
    pub(super) fn pick(&mut self, place: u32, key: &[u8], seed: u64, pools: &impl PoolView) -> Option<Pick> {
        let topology = pools.topology();
        if self.lists.get(place)?.seen != Some(topology) {
            self.refresh(place, topology, pools);
        }
        let list = self.lists.get(place)?;
        let (first, rest) = list.open.split_first()?;
        if rest.is_empty() {
            return Some(Pick { pool: PoolId::new(first.pool), hashed: false });
        }
        let slot = hash::slot_of(key, seed);
        let pool = match self.tables.get_mut(list.table) {
            Some(table) => table.known(slot).or_else(|| table.fill(slot))?,
            None => hash::winner(&list.open, slot)?,
        };
        Some(Pick { pool: PoolId::new(pool), hashed: true })
    }

    /// The pools of a list, one for each share.
    pub(super) fn listed(&self, place: u32) -> impl Iterator<Item = PoolId> {
        let listed = self.lists.get(place).map_or(&[][..], |list| &list.listed);
        listed.iter().map(|entry| PoolId::new(entry.pool))
    }

    /// The candidates' pools as of the last lookup; a pool with several shares comes up several times.
    pub(super) fn open(&self, place: u32) -> impl Iterator<Item = PoolId> {
        let open = self.lists.get(place).map_or(&[][..], |list| &list.open);
        open.iter().map(|entry| PoolId::new(entry.pool))
    }

    /// Works the candidates of a list out anew. A set that hasn't changed keeps its table.
    #[cold]
    #[inline(never)]
    fn refresh(&mut self, place: u32, topology: u64, pools: &impl PoolView) {
        let Some(list) = self.lists.get_mut(place) else { return };
        list.seen = Some(topology);
        let before = core::mem::take(&mut list.open);
        list.open = list.listed.iter().filter(|entry| usable(pools, entry.pool).is_some()).copied().collect();
        if let Some((first, rest)) = list.open.split_first()
            && rest.iter().all(|entry| entry.pool == first.pool)
        {
            list.open.truncate(1);
        }
        if list.open == before {
            return;
        }
        let table = core::mem::replace(&mut list.table, NONE);
        let entries = if list.open.len() > DIRECT { list.open.clone() } else { Vec::new() };
        self.leave(table);
        if !entries.is_empty() {
            let table = self.join(entries);
            if let Some(list) = self.lists.get_mut(place) {
                list.table = table;
            }
        }
    }

    /// The table of these candidates, shared or new; `NONE` when there are too many tables.
    fn join(&mut self, entries: Vec<Entry>) -> u32 {
        let fingerprint = fingerprint_of(&entries);
        if let Some(place) = self.tables.find(fingerprint, |table| *table.entries == *entries) {
            if let Some(table) = self.tables.get_mut(place) {
                table.users = table.users.saturating_add(1);
            }
            return place;
        }
        if self.tables.len() >= MAX_TABLES {
            return NONE;
        }
        let table = Table { entries: entries.into_boxed_slice(), winners: vec![0; SLOTS], users: 1 };
        self.tables.insert(fingerprint, table)
    }

    fn leave(&mut self, place: u32) {
        let Some(table) = self.tables.get_mut(place) else { return };
        table.users = table.users.saturating_sub(1);
        if table.users == 0 {
            let fingerprint = fingerprint_of(&table.entries);
            self.tables.remove(fingerprint, place);
        }
    }

    /// How many lists and tables are kept.
    #[cfg(test)]
    pub(super) fn counts(&self) -> (usize, usize) {
        (self.lists.len(), self.tables.len())
    }
}

fn fingerprint_of(entries: &[Entry]) -> u64 {
    entries.iter().fold(0, |sum, entry| hash::mix(sum ^ entry.hash).wrapping_add(u64::from(entry.pool)))
}
