//! Affinity groups: keys that have pools of their own.

use alloc::collections::BTreeSet;
use alloc::format;
use alloc::vec::Vec;

use super::ConfigError;
use super::model::{AffinityGroup, LimitsConfig, PoolConfig};
use super::read::{Problems, entries, pool_names};
use super::schema::MAX_LIST;
use super::text::join;
use super::value::Value;
use crate::order;

/// Where the groups stand in a configuration.
const PATH: &str = "balancer.affinity_groups";

/// Reads affinity groups: a map from keys to a pool's name or a list of them, in the order written.
///
/// Fails with all that isn't such; whether the pools exist shows in [`validate_affinity_groups`].
pub fn affinity_groups_from_value(value: &Value) -> Result<Vec<AffinityGroup>, ConfigError> {
    let mut problems = Problems::default();
    let groups = read(value, PATH, &mut problems);
    ConfigError::check(problems.into_inner()).map(|()| groups)
}

/// Checks affinity groups against the pools and limits that there are: each key once and not too long, each group
/// with at least one pool, no pool unknown, not too many of anything.
///
/// Fails with everything that is wrong. Costs O(n log n) in groups and pools.
pub fn validate_affinity_groups(
    groups: &[AffinityGroup],
    pools: &[PoolConfig],
    limits: &LimitsConfig,
) -> Result<(), ConfigError> {
    let known = order::set(pools.iter().map(|pool| pool.name.as_str()));
    let mut problems = Problems::default();
    check(groups, Some(&known), limits.max_key_bytes, &mut problems);
    ConfigError::check(problems.into_inner())
}

/// Reads the groups that make sense; a problem for each that doesn't.
pub(super) fn read(value: &Value, path: &str, problems: &mut Problems) -> Vec<AffinityGroup> {
    let mut groups = Vec::new();
    for (key, value) in entries(Some(value), path, problems) {
        if let Some(pools) = pool_names(value, 1, &join(path, key), problems) {
            groups.push(AffinityGroup { key: key.clone(), pools });
        }
    }
    groups
}

/// Checks groups against the pools, if those are known.
pub(super) fn check(
    groups: &[AffinityGroup],
    known: Option<&BTreeSet<&str>>,
    max_key_bytes: u32,
    problems: &mut Problems,
) {
    if groups.len() as u64 > u64::from(MAX_LIST) {
        problems.add(PATH, format!("{} groups: at most {MAX_LIST} are allowed", groups.len()));
    }
    let mut keys = BTreeSet::new();
    for group in groups {
        // The path is only worth its allocation when something is wrong.
        let path = || join(PATH, &group.key);
        if !keys.insert(group.key.as_str()) {
            problems.add(path(), "given twice");
        }
        if group.key.len() as u64 > u64::from(max_key_bytes) {
            let length = group.key.len();
            problems.add(
                path(),
                format!("a key of {length} bytes is too long: `limits.max_key_bytes` is {max_key_bytes}"),
            );
        }
        if group.pools.is_empty() {
            problems.add(path(), "an empty list: at least one pool is needed");
        }
        if group.pools.len() as u64 > u64::from(MAX_LIST) {
            problems.add(path(), format!("a list of {}: at most {MAX_LIST} are allowed", group.pools.len()));
        }
        if let Some(known) = known {
            for name in group.pools.iter().filter(|name| !known.contains(name.as_str())) {
                problems.unknown_pool(&path(), name, known);
            }
        }
    }
}
