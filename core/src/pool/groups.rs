//! Which pools spill into one another.

use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use crate::config::Config;
use crate::id::PoolId;
use crate::order;

/// The pools that spill into one another: each request that goes to one of them may go to all of them. In the order of
/// their first pools.
pub(super) fn groups(config: &Config) -> Vec<Vec<PoolId>> {
    let name = |id: &u32| config.pools.get(*id as usize).map(|pool| pool.name.as_str());
    let mut by_name: Vec<u32> = (0..).zip(&config.pools).map(|(id, _)| id).collect();
    order::sort_by_key(&mut by_name, name);
    let id = |wanted: &String| {
        let place = by_name.binary_search_by(|at| name(at).cmp(&Some(wanted.as_str()))).ok()?;
        by_name.get(place).copied()
    };
    // What every request of a pool's domains may use beside it, sorted; `None`: all pools.
    let mut reach: Vec<Option<Vec<u32>>> = vec![None; config.pools.len()];
    for domain in &config.domains {
        let Some(spill) = &domain.spill else { continue };
        let mut open: Vec<u32> = domain.pools.iter().chain(spill).filter_map(id).collect();
        order::sort_by_key(&mut open, |pool| *pool);
        open.dedup();
        for pool in domain.pools.iter().filter_map(id) {
            match reach.get_mut(pool as usize) {
                Some(Some(before)) => before.retain(|pool| open.binary_search(pool).is_ok()),
                Some(place) => *place = Some(open.clone()),
                None => {}
            }
        }
    }
    let of = |pool: &u32| reach.get(*pool as usize);
    let alike = order::merge_sort((0..).zip(&reach).map(|(id, _)| id).collect(), |a, b| of(a) <= of(b));
    let groups = alike.chunk_by(|a, b| of(a) == of(b));
    let mut groups: Vec<Vec<_>> =
        groups.map(|pools| pools.iter().copied().map(PoolId::new).collect()).collect();
    order::sort_by_key(&mut groups, |pools| pools.first().copied());
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
