//! The pools and domains that a trace needs beside those of the configuration.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::UnknownDomains;
use crate::config::{ConfigError, DEFAULT_DOMAIN, Draft, Value, join};
use crate::order;

/// The pool of [`UnknownDomains::SharedPool`].
const SHARED: &str = "shared";
const MAX_WAITING: &str = "max_waiting";

/// A draft that has all of a trace's domains, and the names of those it lacked, sorted.
pub(super) fn with_domains<N: AsRef<str>>(
    draft: &Draft,
    names: &[N],
    unknown_domains: UnknownDomains,
) -> (Draft, Vec<String>) {
    let names = names.iter().map(AsRef::as_ref);
    let (known, unknown): (Vec<&str>, Vec<&str>) = names.partition(|name| draft.has_domain(name));
    let mut draft = match unknown_domains {
        UnknownDomains::OwnPools | UnknownDomains::SharedPool if !draft.names_pools() => {
            without_unused_pools(draft, &known)
        }
        _ => draft.clone(),
    };
    for name in &unknown {
        match unknown_domains {
            UnknownDomains::OwnPools => draft.add_pool(name),
            UnknownDomains::ConfiguredPools => draft.add_domain(name, Value::Null),
            UnknownDomains::SharedPool => {
                draft.add_pool(SHARED);
                if *name != SHARED {
                    draft.add_domain(name, on_pool(SHARED));
                }
            }
        }
    }
    let mut added: Vec<String> = unknown.into_iter().map(ToString::to_string).collect();
    order::sort_by(&mut added, |a, b| a < b);
    (draft, added)
}

/// Gives the pools that don't say how long their waiting line is so many places.
pub(super) fn with_waiting_lines(draft: &mut Draft, places: u32) -> Result<(), ConfigError> {
    let Some(Value::Map(pools)) = draft.value().get("pools") else { return Ok(()) };
    let says = |pool: &Value| pool.get(MAX_WAITING).is_some_and(|places| *places != Value::Null);
    let silent: Vec<String> =
        pools.iter().filter(|(_, pool)| !says(pool)).map(|(name, _)| join("pools", name)).collect();
    silent.iter().try_for_each(|pool| draft.set(&join(pool, MAX_WAITING), u64::from(places).into()))
}

fn on_pool(pool: &str) -> Value {
    Value::Map(alloc::vec![("pools".into(), Value::List(alloc::vec![pool.into()]))])
}

/// A draft without the default pools that neither the trace nor the configuration uses. A pool is used by a
/// domain of its name, by a written domain or affinity group that lists it, and by having a field that is set.
fn without_unused_pools(draft: &Draft, known: &[&str]) -> Draft {
    let value = draft.value();
    let mut used = order::set(known.iter().copied());
    let written = value.get("domains").and_then(|domains| domains.get(DEFAULT_DOMAIN.0));
    let needs_default_domain = used.contains(DEFAULT_DOMAIN.0) || written.is_some();
    if needs_default_domain {
        used.insert(DEFAULT_DOMAIN.1);
    }
    if let Some(Value::Map(domains)) = value.get("domains") {
        for (name, domain) in domains {
            used.insert(name);
            for list in [domain.get("pools"), domain.get("spill")] {
                used.extend(texts(list));
            }
        }
    }
    if let Some(Value::Map(groups)) = value.get("balancer").and_then(|section| section.get("affinity_groups"))
    {
        for (_, pools) in groups {
            used.extend(texts(Some(pools)));
        }
    }
    let mut kept = value.clone();
    if let Value::Map(sections) = &mut kept
        && let Some((_, Value::Map(pools))) = sections.iter_mut().find(|(name, _)| name == "pools")
    {
        let is_set = |pool: &Value| !matches!(pool, Value::Null) && *pool != Value::Map(Vec::new());
        pools.retain(|(name, pool)| used.contains(name.as_str()) || is_set(pool));
    }
    // The default domain goes with the default pools; it stays with the one it needs.
    let domain = match written {
        Some(Value::Map(fields))
            if needs_default_domain && !fields.iter().any(|(name, _)| name == "pools") =>
        {
            let mut fields = fields.clone();
            fields.push(("pools".into(), Value::List(alloc::vec![DEFAULT_DOMAIN.1.into()])));
            Some(Value::Map(fields))
        }
        None | Some(Value::Null) if needs_default_domain => Some(on_pool(DEFAULT_DOMAIN.1)),
        _ => None,
    };
    let mut draft = Draft::new(kept);
    if let Some(domain) = domain {
        draft.add_domain(DEFAULT_DOMAIN.0, domain);
    }
    draft
}

fn texts(list: Option<&Value>) -> impl Iterator<Item = &str> {
    let items: &[Value] = match list {
        Some(Value::List(items)) => items,
        Some(text @ Value::Text(_)) => core::slice::from_ref(text),
        _ => &[],
    };
    items.iter().filter_map(|item| match item {
        Value::Text(text) => Some(text.as_str()),
        _ => None,
    })
}
