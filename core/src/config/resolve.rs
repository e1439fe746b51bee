//! From a value to a checked configuration: which pools and domains there are, defaults, and what belongs together.

use alloc::borrow::ToOwned;
use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::build::{
    adaptive_config, balancer_config, burst_config, cost_config, domain_config, hard_limit_link,
    health_config, pool_config, regulator_config, scaler_config,
};
use super::error::Problem;
use super::model::{Config, DomainConfig, LimitsConfig, PoolConfig, WorkerStart};
use super::read::{Fields, Link, Problems, chain, entries, narrow};
use super::schema::{self, Section};
use super::text::join;
use super::value::Value;
use super::{affinity, alerts};
use crate::id::MAX_SLOTS;
use crate::order;

/// The pools of a configuration that names none.
pub(super) const DEFAULT_POOLS: [&str; 3] = ["payment", "delivery", "notification"];

/// The domain that exists as long as the default pools stand, and its pool.
pub(crate) const DEFAULT_DOMAIN: (&str, &str) = ("critical_notification", "notification");

/// The most names in all lists of pools and spill pools together.
const MAX_NAMES: u64 = 4_096 * 4_096;

/// Makes the best of a value: a configuration in which what is wrong counts as unset, and the problems.
///
/// `default_pools_stand` says whether the default domain exists; unset: if the value names no pools.
pub(super) fn resolve(value: &Value, default_pools_stand: Option<bool>) -> (Config, Vec<Problem>) {
    let mut problems = Problems::default();
    let mut sections = Sections::split(value, &mut problems);
    sections.default_domain = default_pools_stand.unwrap_or_else(|| sections.value("pools").is_none());
    let config = sections.config(&mut problems);
    (config, problems.into_inner())
}

/// The sections as written.
struct Sections<'a> {
    root: Fields,
    adaptive: bool,
    default_domain: bool,
    written: Vec<(&'static str, &'a Value)>,
}

impl<'a> Sections<'a> {
    fn split(value: &'a Value, problems: &mut Problems) -> Self {
        let mut root = Fields::read(&schema::ROOT, String::new(), false, None, problems);
        let mut written: Vec<(&'static str, &'a Value)> = Vec::new();
        for (name, value) in entries(Some(value), "", problems) {
            match schema::section_at_top(name) {
                None => root.take(name, value, problems),
                Some(section) if written.iter().any(|(name, _)| *name == section.name) => {
                    problems.add(section.name, "given twice");
                }
                Some(section) => written.push((section.name, value)),
            }
        }
        let adaptive = root.word("preset") == "adaptive";
        Self { root, adaptive, default_domain: false, written }
    }

    fn value(&self, name: &str) -> Option<&'a Value> {
        let (_, value) = self.written.iter().find(|(section, _)| *section == name)?;
        Some(*value).filter(|value| **value != Value::Null)
    }

    fn fields(&self, section: &'static Section, problems: &mut Problems) -> Fields {
        let path = section.name.to_owned();
        Fields::read(section, path, self.adaptive, self.value(section.name), problems)
    }

    fn config(&self, problems: &mut Problems) -> Config {
        let regulator = self.fields(&schema::REGULATOR, problems);
        let adaptive = self.adaptive_fields(problems);
        let limits = self.fields(&schema::LIMITS, problems);
        let [soft_limit, hard_limit, max_tokens] = chain(
            &[
                Link::new(&regulator, "soft_limit"),
                hard_limit_link(&regulator, &adaptive),
                Link::new(&limits, "max_tokens"),
            ],
            |value| value.to_string(),
            problems,
        );
        let adaptive = adaptive_config(&adaptive, &regulator, hard_limit, problems);
        let max_name_bytes = limits.count("max_name_bytes");
        let pools = self.pools(max_name_bytes, problems);
        let known = order::set(pools.iter().map(|pool| pool.name.as_str()));
        // A pool whose name couldn't be read isn't an unknown one.
        let known_all = self.value("pools").is_none_or(|value| matches!(value, Value::Map(_)));
        let known_all = known_all.then_some(&known);
        let domains = self.domains(&pools, known_all, max_name_bytes, problems);
        check_count("pools", pools.len(), &limits, "max_pools", problems);
        check_count("domains", domains.len(), &limits, "max_domains", problems);
        let limits = LimitsConfig {
            max_domains: limits.count("max_domains"),
            max_pools: limits.count("max_pools"),
            max_workers: max_workers(&limits, &pools, problems),
            max_tokens: narrow(max_tokens),
            max_waiters: limits.count("max_waiters"),
            max_effects: limits.count("max_effects"),
            max_alerts: limits.count("max_alerts"),
            max_key_bytes: limits.count("max_key_bytes"),
            max_name_bytes,
            max_journal_bytes: limits.count("max_journal_bytes"),
        };
        let regulator = regulator_config(&regulator, soft_limit, hard_limit, adaptive);
        let scaler = scaler_config(&self.fields(&schema::SCALER, problems), problems);
        let health = health_config(&self.fields(&schema::HEALTH, problems), problems);
        let balancer = balancer_config(&self.fields(&schema::BALANCER, problems), problems);
        affinity::check(&balancer.affinity_groups, known_all, limits.max_key_bytes, problems);
        let burst = burst_config(&self.fields(&schema::BURST, problems));
        let cost = cost_config(&self.fields(&schema::COST, problems));
        let rules = self.root.set_alerts("alerts");
        let alerts = alerts::resolve(rules, pools.len(), known_all, &limits, problems);
        let worker_start = match self.root.word("worker_start") {
            "confirmed" => WorkerStart::Confirmed,
            _ => WorkerStart::Instant,
        };
        let worker_start_timeout_us = self.root.integer("worker_start_timeout_us");
        Config {
            regulator,
            domains,
            pools,
            scaler,
            health,
            balancer,
            burst,
            cost,
            limits,
            worker_start,
            worker_start_timeout_us,
            alerts,
            alert_every_us: self.root.integer("alert_every_us"),
        }
    }

    /// The fields of the adaptive limit; the name of an algorithm alone is short for a map with it.
    fn adaptive_fields(&self, problems: &mut Problems) -> Fields {
        let section = &schema::ADAPTIVE_LIMIT;
        let path = section.name.to_owned();
        match self.value("regulator").and_then(|regulator| regulator.get("adaptive")) {
            Some(name @ Value::Text(_)) => {
                let map = Value::Map(alloc::vec![("algorithm".to_owned(), name.clone())]);
                Fields::read(section, path, self.adaptive, Some(&map), problems)
            }
            Some(map @ Value::Map(_)) => Fields::read(section, path, self.adaptive, Some(map), problems),
            _ => Fields::unset(section, path, self.adaptive),
        }
    }

    fn pools(&self, max_name_bytes: u32, problems: &mut Problems) -> Vec<PoolConfig> {
        let Some(value @ Value::Map(_)) = self.value("pools") else {
            // Reports what isn't a map.
            entries(self.value("pools"), "pools", problems);
            return DEFAULT_POOLS
                .iter()
                .map(|name| {
                    check_name(name, "pools", max_name_bytes, problems);
                    let path = join("pools", name);
                    pool_config(name, &Fields::unset(&schema::POOLS, path, self.adaptive), problems)
                })
                .collect();
        };
        let named = named_entries(value, "pools", max_name_bytes, problems);
        if named.is_empty() {
            problems.add("pools", "an empty map: at least one pool is needed");
        }
        let mut pools = Vec::with_capacity(named.len());
        for (name, value) in named {
            let path = join("pools", name);
            let fields = Fields::read(&schema::POOLS, path, self.adaptive, Some(value), problems);
            pools.push(pool_config(name, &fields, problems));
        }
        pools
    }

    fn domains(
        &self,
        pools: &[PoolConfig],
        known: Option<&BTreeSet<&str>>,
        max_name_bytes: u32,
        problems: &mut Problems,
    ) -> Vec<DomainConfig> {
        let written = match self.value("domains") {
            Some(value) => named_entries(value, "domains", max_name_bytes, problems),
            None => Vec::new(),
        };
        let own = order::set(pools.iter().map(|pool| pool.name.as_str()));
        let by_name = order::map(written.iter().map(|(name, _)| *name).zip(0_u32..));
        // The pools' own first, then the default one unless it is written, then the rest as written.
        let mut order: Vec<&str> = pools.iter().map(|pool| pool.name.as_str()).collect();
        if self.default_domain && !by_name.contains_key(DEFAULT_DOMAIN.0) {
            check_name(DEFAULT_DOMAIN.0, "domains", max_name_bytes, problems);
            order.push(DEFAULT_DOMAIN.0);
        }
        order.extend(written.iter().map(|(name, _)| *name).filter(|name| !own.contains(name)));

        let mut drafts = Vec::with_capacity(order.len());
        let mut names: u64 = 0;
        for name in order {
            let path = join("domains", name);
            let place = by_name.get(name).and_then(|place| written.get(*place as usize));
            let value = place.map(|(_, value)| *value);
            let fields = Fields::read(&schema::DOMAINS, path, self.adaptive, value, problems);
            for list in ["pools", "spill"] {
                for pool in fields.set_pools(list).unwrap_or_default() {
                    if let Some(known) = known.filter(|known| !known.contains(pool.as_str())) {
                        problems.unknown_pool(&fields.path(list), pool, known);
                    }
                }
            }
            let primary: Option<Vec<String>> = match fields.set_pools("pools") {
                Some(set) => Some(set.to_vec()),
                None if own.contains(name) => Some(alloc::vec![name.to_owned()]),
                None if self.default_domain && name == DEFAULT_DOMAIN.0 => {
                    Some(alloc::vec![DEFAULT_DOMAIN.1.to_owned()])
                }
                None => None,
            };
            let all = pools.len() as u64;
            let primary_len = primary.as_ref().map_or(all, |primary| primary.len() as u64);
            let spill_len = fields.set_pools("spill").map_or(0, |set| set.len() as u64);
            names = names.saturating_add(primary_len).saturating_add(spill_len);
            drafts.push((name, fields, primary));
        }
        if names > MAX_NAMES {
            problems.add(
                "domains",
                format!(
                    "`pools` and `spill` of all domains list {names} pools together, more than {MAX_NAMES}; \
                     a domain without `pools` and without a pool of its name lists all"
                ),
            );
            drafts.clear();
        }
        drafts
            .into_iter()
            .map(|(name, fields, primary)| domain_config(name, &fields, primary, pools, problems))
            .collect()
    }
}

/// The entries of a map from names, without those that are given twice. A name that can't be one is reported.
fn named_entries<'a>(
    value: &'a Value,
    section: &str,
    max_name_bytes: u32,
    problems: &mut Problems,
) -> Vec<(&'a str, &'a Value)> {
    let mut seen = BTreeSet::new();
    let mut named = Vec::new();
    for (name, value) in entries(Some(value), section, problems) {
        if !seen.insert(name.as_str()) {
            problems.add(join(section, name), "given twice");
            continue;
        }
        check_name(name, section, max_name_bytes, problems);
        named.push((name.as_str(), value));
    }
    named
}

/// Reports a name that can't be one.
fn check_name(name: &str, section: &str, max_name_bytes: u32, problems: &mut Problems) {
    // The path is only worth its allocation when something is wrong.
    let path = || join(section, name);
    if name.is_empty() {
        problems.add(path(), "a name can't be empty");
    }
    if name.chars().any(char::is_control) {
        problems.add(path(), "a name can't contain control characters");
    }
    if name.len() as u64 > u64::from(max_name_bytes) {
        let length = name.len();
        problems.add(
            path(),
            format!("a name of {length} bytes is too long: `limits.max_name_bytes` is {max_name_bytes}"),
        );
    }
}

fn check_count(section: &str, count: usize, limits: &Fields, limit: &str, problems: &mut Problems) {
    let most = limits.count(limit);
    if count as u64 > u64::from(most) {
        problems.add(section, format!("{count} {section}: `{}` is {most}", limits.path(limit)));
    }
}

/// The limit on workers holds at least those that are there from the start.
fn max_workers(limits: &Fields, pools: &[PoolConfig], problems: &mut Problems) -> u32 {
    let start = pools.iter().fold(0_u64, |sum, pool| sum.saturating_add(u64::from(pool.initial_workers)));
    let most = limits
        .set_number("max_workers")
        .unwrap_or_else(|| limits.default_number("max_workers").max(start).min(u64::from(MAX_SLOTS)));
    if start > most {
        problems.add(
            limits.path("max_workers"),
            format!("{most} is below the {start} workers that the pools start with (`initial_workers`)"),
        );
    }
    narrow(most)
}
