//! The balancer: which pool serves a request, how evenly the pools are used, and when a worker should move.
//!
//! It sees the pools through [`PoolView`] and [`MigrationView`] alone and changes nothing about them: it answers
//! a [`Route`] or a [`Rebalance`], and who asked carries it out.
//!
//! # Routing
//!
//! 1. An affinity group that names the key gives the candidates; else the domain's primary pools do. Closed and
//!    empty pools are never candidates.
//! 2. Among several candidates a consistent hash of the key picks one ([`Balancer::route`] says what it keeps).
//! 3. If that one is overloaded, the least utilized pool among the candidates and the domain's spill pools is
//!    taken. If there is no candidate at all, the least utilized spill pool is.
//!
//! # Cost
//!
//! A lookup is O(1) in the number of pools: up to 4 candidates by working their weights out, beyond that by a
//! table of 2^20 key slots (2 MiB for each distinct set of candidates). Three things cost O(candidates): a key
//! slot's first use, the first lookup after a pool has opened, closed, become empty or stopped being empty, and a
//! spill (which also looks at every spill pool). Beyond 64 distinct sets of more than 4 candidates, lookups in the
//! others go without a table, which costs O(candidates) each and changes no answer.

mod balance;
mod candidates;
mod hash;
mod migration;
mod names;
mod state;
#[cfg(test)]
mod tests;

use alloc::vec::Vec;

use crate::config::{AffinityGroup, BalancerConfig, Coefficient, DomainConfig, PoolConfig};
use crate::error::Error;
use crate::id::{DomainId, PoolId};
use crate::order;
use crate::ratio::Ratio;
use crate::reason::Reason;

pub use balance::{BalanceLevel, BalanceStatus};
pub use migration::Rebalance;

use candidates::Candidates;
use hash::Seed;
use names::{Names, Spill};

/// What the balancer sees of the pools.
pub trait PoolView {
    /// Whether the pool takes work.
    fn is_open(&self, pool: PoolId) -> bool;

    /// The pool's busy workers and all its workers, that is idle and busy ones. Draining and overflow workers
    /// count as busy, starting ones not at all. The second is 0 for an empty pool.
    fn occupancy(&self, pool: PoolId) -> (u32, u32);

    /// Whether the pool's utilization went above `balancer.overload` and has not since fallen below
    /// `balancer.clear`.
    fn is_overloaded(&self, pool: PoolId) -> bool;

    /// A number that changes whenever some pool opens, closes, becomes empty or stops being empty.
    fn topology(&self) -> u64;
}

/// What the balancer sees of the pools when a worker may move.
pub trait MigrationView: PoolView {
    /// The pool's baseline workers, which are what its bounds are about.
    fn baseline_workers(&self, pool: PoolId) -> u32;

    /// The least baseline workers that the pool may have; none leaves it below that. (In staffing mode the engine says what
    /// the pool should have, if that is more.)
    fn min_workers(&self, pool: PoolId) -> u32;

    /// The most baseline workers that the pool may have; none comes beyond that. (In staffing mode the engine says what
    /// the pool should have, if that is less.)
    fn max_workers(&self, pool: PoolId) -> u32;

    /// Whether one of the pool's idle workers is a baseline worker.
    fn has_idle_baseline(&self, pool: PoolId) -> bool;
}

/// Where a request goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Route {
    /// The pool; `None` only with [`Reason::NoPools`].
    pub pool: Option<PoolId>,
    /// Why that pool: [`Reason::Primary`], [`Reason::Affinity`], [`Reason::Hash`], [`Reason::SpillOverloaded`],
    /// [`Reason::SpillClosed`], [`Reason::AllOverloaded`] or [`Reason::NoPools`].
    pub reason: Reason,
    /// Whether it is another pool than the one the key falls to.
    pub spilled: bool,
}

#[derive(Debug, Clone)]
struct Domain {
    /// The list of its primary pools.
    primary: u32,
    spill: Spill,
}

/// A key with candidates of its own.
#[derive(Debug, Clone)]
struct Group {
    hash: u64,
    key: alloc::boxed::Box<[u8]>,
    list: u32,
}

/// Decides which pool serves a request and when a worker should move.
#[derive(Debug, Clone)]
pub struct Balancer {
    names: Names,
    domains: Vec<Domain>,
    /// By hash, equal hashes in the order given.
    groups: Vec<Group>,
    candidates: Candidates,
    seed: Seed,
    total_routed: u64,
    coefficient: Coefficient,
    trigger: Ratio,
    cooldown_us: u64,
    period_us: u64,
    due_us: u64,
    migrated_us: Option<u64>,
    rebalance_count: u64,
}

impl Balancer {
    /// A balancer for the domains and pools of a checked configuration. A domain's or pool's id is its place in
    /// the slice. A pool name that no pool has is left out.
    ///
    /// The first judgement of the balance is due one period after `now_us`.
    pub fn new(config: &BalancerConfig, domains: &[DomainConfig], pools: &[PoolConfig], now_us: u64) -> Self {
        let names = Names::new(pools);
        let mut candidates = Candidates::new();
        let domains = domains
            .iter()
            .map(|domain| Domain {
                primary: candidates.take(names.shares(&domain.pools)),
                spill: names.spill(domain.spill.as_deref(), &domain.pools),
            })
            .collect();
        let mut balancer = Self {
            names,
            domains,
            groups: Vec::new(),
            candidates,
            seed: Seed::new(config.hash_seed, config.affinity_rotation_us),
            total_routed: 0,
            coefficient: config.coefficient,
            trigger: config.trigger,
            cooldown_us: config.cooldown_us,
            period_us: config.rebalance_every_us,
            due_us: now_us.saturating_add(config.rebalance_every_us),
            migrated_us: None,
            rebalance_count: 0,
        };
        balancer.set_affinity_groups(&config.affinity_groups);
        balancer
    }

    /// Replaces the affinity groups, from the next [`Balancer::route`] on. They are checked by the caller: a pool
    /// name that no pool has is left out, and so is a group without any pool; of two groups with the same key the
    /// first counts.
    pub fn set_affinity_groups(&mut self, groups: &[AffinityGroup]) {
        // By hash; of two with the same key the first counts.
        let mut places: Vec<(u64, usize)> =
            groups.iter().map(|group| hash::group_hash(group.key.as_bytes())).zip(0..).collect();
        order::sort_by_key(&mut places, |place| *place);
        let mut made = Vec::with_capacity(groups.len());
        for (hash, group) in places.into_iter().filter_map(|(hash, at)| Some((hash, groups.get(at)?))) {
            let shares = self.names.shares(&group.pools);
            if !shares.is_empty() {
                let list = self.candidates.take(shares);
                made.push(Group { hash, key: group.key.as_bytes().into(), list });
            }
        }
        // The old ones are given back last, so that a list in both keeps its table.
        for group in core::mem::replace(&mut self.groups, made) {
            self.candidates.give_back(group.list);
        }
    }

    /// Chooses the pool for a request of `domain` with `key` (any bytes, none included).
    ///
    /// Among several candidates the choice is a function of the key, of `hash_seed`, of the rotation's epoch and
    /// of the *set* of candidates with their shares: neither their order in the configuration nor the order in
    /// which they came and went matters. A pool that leaves moves only its own keys; one that joins N − 1 others
    /// moves about 1/N of all keys.
    ///
    /// Fails with [`Error::UnknownDomain`] when the configuration has no such domain; nothing changes then.
    #[inline]
    pub fn route(
        &mut self,
        now_us: u64,
        domain: DomainId,
        key: &[u8],
        pools: &impl PoolView,
    ) -> Result<Route, Error> {
        let Some(home) = self.domains.get(domain.index()) else {
            return Err(Error::UnknownDomain { domain: domain.get() });
        };
        // The usual case, without a call and without a change: nearly all requests end here.
        if self.groups.is_empty()
            && let Some(seed) = self.seed.known(now_us)
            && let Some(pick) = self.candidates.known(home.primary, key, seed, pools.topology())
            && !pools.is_overloaded(pick.pool)
        {
            self.total_routed = self.total_routed.saturating_add(1);
            let reason = if pick.hashed { Reason::Hash } else { Reason::Primary };
            return Ok(Route { pool: Some(pick.pool), reason, spilled: false });
        }
        Ok(self.route_fully(now_us, domain, home.primary, key, pools))
    }

    #[inline(never)]
    fn route_fully(
        &mut self,
        now_us: u64,
        domain: DomainId,
        primary: u32,
        key: &[u8],
        pools: &impl PoolView,
    ) -> Route {
        let group = if self.groups.is_empty() { None } else { self.group_of(key) };
        let list = group.unwrap_or(primary);
        let seed = self.seed.at(now_us);
        let Some(pick) = self.candidates.pick(list, key, seed, pools) else {
            return self.route_without_candidate(domain, pools);
        };
        let reason = match (group, pick.hashed) {
            (Some(_), _) => Reason::Affinity,
            (None, false) => Reason::Primary,
            (None, true) => Reason::Hash,
        };
        if pools.is_overloaded(pick.pool) {
            return self.route_around(domain, list, pick.pool, reason, pools);
        }
        self.total_routed = self.total_routed.saturating_add(1);
        Route { pool: Some(pick.pool), reason, spilled: false }
    }

    /// How many requests got a pool.
    pub fn total_routed(&self) -> u64 {
        self.total_routed
    }

    /// The list of the affinity group that names the key.
    fn group_of(&self, key: &[u8]) -> Option<u32> {
        let hash = hash::group_hash(key);
        let first = self.groups.partition_point(|group| group.hash < hash);
        self.groups
            .get(first..)?
            .iter()
            .take_while(|group| group.hash == hash)
            .find(|group| *group.key == *key)
            .map(|group| group.list)
    }

    /// The key's own pool is overloaded: the least utilized of the candidates and the spill pools.
    #[cold]
    #[inline(never)]
    fn route_around(
        &mut self,
        domain: DomainId,
        list: u32,
        own: PoolId,
        reason: Reason,
        pools: &impl PoolView,
    ) -> Route {
        let mut least = Least::new();
        let mut all_overloaded = true;
        let mut look = |pool| {
            if let Some(occupancy) = usable(pools, pool) {
                least.offer(pool, occupancy);
                all_overloaded = all_overloaded && pools.is_overloaded(PoolId::new(pool));
            }
        };
        self.candidates.open(list).for_each(|pool| look(pool.get()));
        if let Some(home) = self.domains.get(domain.index()) {
            home.spill.for_each(look);
        }
        let pool = least.pool.unwrap_or(own);
        let spilled = pool != own;
        let reason = if all_overloaded {
            Reason::AllOverloaded
        } else if spilled {
            Reason::SpillOverloaded
        } else {
            reason
        };
        self.total_routed = self.total_routed.saturating_add(1);
        Route { pool: Some(pool), reason, spilled }
    }

    /// Every candidate is closed or empty: the least utilized spill pool, overloaded or not.
    #[cold]
    #[inline(never)]
    fn route_without_candidate(&mut self, domain: DomainId, pools: &impl PoolView) -> Route {
        let mut least = Least::new();
        if let Some(home) = self.domains.get(domain.index()) {
            home.spill.for_each(|pool| {
                if let Some(occupancy) = usable(pools, pool) {
                    least.offer(pool, occupancy);
                }
            });
        }
        let Some(pool) = least.pool else {
            return Route { pool: None, reason: Reason::NoPools, spilled: false };
        };
        self.total_routed = self.total_routed.saturating_add(1);
        Route { pool: Some(pool), reason: Reason::SpillClosed, spilled: true }
    }
}

/// The occupancy of a pool that work can go to: open, with at least one worker.
#[inline]
fn usable(pools: &impl PoolView, pool: u32) -> Option<(u32, u32)> {
    let pool = PoolId::new(pool);
    if !pools.is_open(pool) {
        return None;
    }
    let (busy, workers) = pools.occupancy(pool);
    (workers > 0).then_some((busy.min(workers), workers))
}

/// The least utilized pool so far; of equally utilized ones, the one with the lowest id.
struct Least {
    pool: Option<PoolId>,
    occupancy: (u32, u32),
}

impl Least {
    fn new() -> Self {
        Self { pool: None, occupancy: (0, 0) }
    }

    fn offer(&mut self, pool: u32, occupancy: (u32, u32)) {
        let pool = PoolId::new(pool);
        let better = match self.pool {
            None => true,
            Some(least) => compare_utilization(occupancy, self.occupancy).then(pool.cmp(&least)).is_lt(),
        };
        if better {
            self.pool = Some(pool);
            self.occupancy = occupancy;
        }
    }
}

/// Compares busy/workers exactly.
fn compare_utilization(left: (u32, u32), right: (u32, u32)) -> core::cmp::Ordering {
    let left_part = u64::from(left.0) * u64::from(right.1);
    let right_part = u64::from(right.0) * u64::from(left.1);
    left_part.cmp(&right_part)
}
