//! What a snapshot holds of the balancer. Winners that are remembered aren't in it: they follow from the keys.

use alloc::vec::Vec;

use super::{Balancer, Group, hash};
use crate::config::schema::MAX_LIST;
use crate::id::PoolId;
use crate::journal::codec::{Codec, State};

impl State for Balancer {
    fn state(&mut self, io: &mut Codec<'_>) {
        let Self {
            names,
            domains: _,
            groups,
            candidates,
            // Which seed holds follows from the time.
            seed: _,
            total_routed,
            coefficient: _,
            trigger: _,
            cooldown_us: _,
            period_us: _,
            due_us,
            migrated_us,
            rebalance_count,
        } = self;
        total_routed.state(io);
        due_us.state(io);
        migrated_us.state(io);
        rebalance_count.state(io);
        let count = io.length(groups.len());
        if !io.reads() {
            for group in groups {
                io.bytes(&group.key);
                candidates.listed(group.list).collect::<Vec<_>>().state(io);
            }
            return;
        }
        let mut read: Vec<Group> = Vec::new();
        while read.len() < count && io.fault().is_none() {
            let key = io.bytes(&[]);
            let mut pools = Vec::<PoolId>::new();
            pools.state(io);
            let hash = hash::group_hash(key);
            let in_order = read.last().is_none_or(|last| last.hash <= hash && *last.key != *key);
            let most = MAX_LIST as usize;
            let some = !pools.is_empty() && pools.len() <= most && read.len() < most;
            io.check(in_order && some, "affinity group");
            if io.fault().is_none() {
                let shares = names.shares_of(pools.iter().map(|pool| pool.get()).collect());
                read.push(Group { hash, key: key.into(), list: candidates.take(shares) });
            }
        }
        for group in core::mem::replace(groups, read) {
            candidates.give_back(group.list);
        }
    }
}
