//! The pools' names: what the configuration's lists of pools stand for.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use super::hash::{self, Entry};
use crate::config::PoolConfig;
use crate::order;

/// The names of the pools by id, and the way back.
#[derive(Debug, Clone)]
pub(super) struct Names {
    names: Box<[Box<str>]>,
    /// Ids by name.
    by_name: Box<[u32]>,
}

impl Names {
    pub(super) fn new(pools: &[PoolConfig]) -> Self {
        let names: Box<[Box<str>]> = pools.iter().map(|pool| pool.name.as_str().into()).collect();
        let mut by_name: Box<[u32]> = (0..).zip(pools).map(|(id, _)| id).collect();
        order::sort_by_key(&mut by_name, |id| names.get(*id as usize));
        Self { names, by_name }
    }

    /// How many pools there are.
    pub(super) fn count(&self) -> u32 {
        u32::try_from(self.names.len()).unwrap_or(u32::MAX)
    }

    /// The names, by id.
    pub(super) fn iter(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(|name| &**name)
    }

    fn name(&self, pool: u32) -> Option<&str> {
        self.names.get(pool as usize).map(|name| &**name)
    }

    /// The ids of these pools, in ascending order; unknown names are left out.
    fn ids(&self, wanted: &[String]) -> Vec<u32> {
        let mut ids = Vec::with_capacity(wanted.len());
        let mut next = 0;
        for name in wanted {
            // Lists mostly follow the order of the pools: try the one after the last before searching.
            if self.name(next) != Some(name) {
                match self.by_name.binary_search_by(|id| self.name(*id).cmp(&Some(name))) {
                    Ok(found) => next = self.by_name.get(found).copied().unwrap_or(0),
                    Err(_) => continue,
                }
            }
            ids.push(next);
            next += 1;
        }
        order::sort_by_key(&mut ids, |id| *id);
        ids
    }

    /// The shares of a list of candidates, by hash, then by name: an order that knows nothing of ids. A pool
    /// listed k times has shares 1 to k.
    pub(super) fn shares(&self, wanted: &[String]) -> Vec<Entry> {
        self.shares_of(self.ids(wanted))
    }

    /// The shares of pools by their ids, as [`Names::shares`].
    pub(super) fn shares_of(&self, mut wanted: Vec<u32>) -> Vec<Entry> {
        order::sort_by_key(&mut wanted, |id| *id);
        let mut entries: Vec<Entry> = Vec::with_capacity(wanted.len());
        let mut share = 0;
        for pool in wanted {
            let again = entries.last().is_some_and(|last| last.pool == pool);
            share = if again { share + 1 } else { 1 };
            entries.push(Entry { hash: hash::share_hash(self.name(pool).unwrap_or(""), share), pool });
        }
        order::sort_by_key(&mut entries, |entry| (entry.hash, self.name(entry.pool)));
        entries
    }

    /// The spill pools of a domain: those listed, or all but its primary ones.
    pub(super) fn spill(&self, wanted: Option<&[String]>, primary: &[String]) -> Spill {
        let Some(wanted) = wanted else {
            let mut left_out = self.ids(primary);
            left_out.dedup();
            return Spill::AllBut { count: self.count(), left_out: left_out.into_boxed_slice() };
        };
        let mut ids = self.ids(wanted);
        ids.dedup();
        let count = self.count();
        if ids.len() > self.names.len() / 2 {
            let mut left_out = Vec::with_capacity(self.names.len() - ids.len());
            let mut listed = ids.iter().peekable();
            for pool in 0..count {
                if listed.next_if_eq(&&pool).is_none() {
                    left_out.push(pool);
                }
            }
            return Spill::AllBut { count, left_out: left_out.into_boxed_slice() };
        }
        Spill::Listed(ids.into_boxed_slice())
    }
}

/// The spill pools of a domain, each once. Most domains spill to all other pools: then the few that they don't
/// spill to are kept, or every one of thousands of domains would list thousands of pools.
#[derive(Debug, Clone)]
pub(super) enum Spill {
    /// These.
    Listed(Box<[u32]>),
    /// All of the `count` pools but these, which are in ascending order.
    AllBut { count: u32, left_out: Box<[u32]> },
}

impl Spill {
    /// Calls `look` with each spill pool, in ascending order.
    pub(super) fn for_each(&self, mut look: impl FnMut(u32)) {
        match self {
            Self::Listed(ids) => ids.iter().for_each(|pool| look(*pool)),
            Self::AllBut { count, left_out } => {
                let mut left_out = left_out.iter().peekable();
                for pool in 0..*count {
                    if left_out.next_if_eq(&&pool).is_none() {
                        look(pool);
                    }
                }
            }
        }
    }
}
