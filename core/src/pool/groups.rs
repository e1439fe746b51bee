//! Which pools spill into one another.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use crate::config::{Config, PoolConfig};
use crate::id::PoolId;

/// The pools that spill into one another: each request that goes to one of them may go to all of them. In the order of
/// their first pools.
pub(super) fn groups(config: &Config) -> Vec<Vec<PoolId>> {
    let ids: BTreeMap<&str, u32> =
        config.pools.iter().map(|pool: &PoolConfig| pool.name.as_str()).zip(0..).collect();
    // What every request of a pool's domains may use beside it; `None`: all pools.
    let mut reach: Vec<Option<BTreeSet<u32>>> = vec![None; config.pools.len()];
    let named = |names: &[String]| -> BTreeSet<u32> {
        names.iter().filter_map(|name| ids.get(name.as_str()).copied()).collect()
    };
    for domain in &config.domains {
        let Some(spill) = &domain.spill else { continue };
        let primary = named(&domain.pools);
        let open: BTreeSet<u32> = primary.union(&named(spill)).copied().collect();
        for pool in primary {
            if let Some(place) = reach.get_mut(pool as usize) {
                *place = Some(match place.take() {
                    Some(before) => before.intersection(&open).copied().collect(),
                    None => open.clone(),
                });
            }
        }
    }
    let mut groups: BTreeMap<Option<BTreeSet<u32>>, Vec<PoolId>> = BTreeMap::new();
    for (reach, pool) in reach.into_iter().zip(0..) {
        groups.entry(reach).or_default().push(PoolId::new(pool));
    }
    let mut groups: Vec<_> = groups.into_values().collect();
    groups.sort_unstable();
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    fn groups_of(config: &str) -> Vec<Vec<u32>> {
        let groups = groups(&Config::from_json(config).unwrap());
        groups.into_iter().map(|pools| pools.into_iter().map(PoolId::get).collect()).collect()
    }

    #[test]
    fn pools_are_grouped_by_where_their_requests_may_go() {
        assert_eq!(groups_of("{}"), [[0, 1, 2]]);
        let pools = r#""pools": {"a": {}, "b": {}, "c": {}, "d": {}}"#;
        let grouped = |domains: &str| groups_of(&alloc::format!("{{{pools}, \"domains\": {{{domains}}}}}"));
        assert_eq!(grouped(r#""a": {"spill": []}"#), [vec![0], vec![1, 2, 3]]);
        let pairs =
            r#""a": {"spill": ["b"]}, "b": {"spill": ["a"]}, "c": {"spill": ["d"]}, "d": {"spill": ["c"]}"#;
        assert_eq!(grouped(pairs), [[0, 1], [2, 3]]);
        // `a` helps itself at `b`, but `b` doesn't at `a`.
        assert_eq!(grouped(r#""a": {"spill": ["b"]}, "b": {"spill": []}"#), [vec![0], vec![1], vec![2, 3]]);
        // A second domain of `a` that may not leave it.
        assert_eq!(grouped(r#""x": {"pools": ["a"], "spill": []}"#), [vec![0], vec![1, 2, 3]]);
        // A domain of two pools that may use both.
        let both = r#""x": {"pools": ["a", "b"], "spill": []}, "a": {"spill": ["b"]}, "b": {"spill": ["a"]}"#;
        assert_eq!(grouped(both), [vec![0, 1], vec![2, 3]]);
    }
}
