//! A configuration that is still being written: for tools that set fields, add pools and vary values.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::error::ConfigError;
use super::hint::unknown_name;
use super::model::Config;
use super::read::{Problems, unknown_field};
use super::resolve::{DEFAULT_DOMAIN, DEFAULT_POOLS, resolve};
use super::schema::{self, Field, Kind, Section};
use super::text::quoted;
use super::text::{Segment, join, split};
use super::value::Value;
use crate::order;

/// A configuration in which the pools and domains are known, and unset fields are still unset.
///
/// Setting `pools.payment.max_workers` to 3 on an empty configuration keeps the three default pools, and
/// [`Draft::build`] clamps what is unset: payment starts with 3 workers.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    value: Value,
    names_pools: bool,
    /// Whether the default pools stand, and with them the default domain.
    default_pools_stand: bool,
}

impl Draft {
    /// A draft of a configuration. What is wrong with it shows in [`Draft::build`].
    pub fn new(value: Value) -> Self {
        let value = if value == Value::Null { Value::Map(Vec::new()) } else { value };
        let names_pools = value.get("pools").is_some_and(|pools| *pools != Value::Null);
        let mut draft = Self { value, names_pools, default_pools_stand: !names_pools };
        if !names_pools {
            draft.replace_pools(&DEFAULT_POOLS);
        }
        draft
    }

    /// The configuration as it stands, the default pools written out.
    pub fn value(&self) -> &Value {
        &self.value
    }

    /// Whether there is a domain of this name: a pool's own, one that is written, or a default one.
    pub fn has_domain(&self, name: &str) -> bool {
        self.section("pools").iter().chain(self.section("domains")).any(|(known, _)| known == name)
            || (self.default_pools_stand && name == DEFAULT_DOMAIN.0)
    }

    /// Whether there is a pool of this name.
    pub fn has_pool(&self, name: &str) -> bool {
        self.section("pools").iter().any(|(known, _)| known == name)
    }

    /// Whether the configuration named pools itself; else it has the default ones, or those of
    /// [`Draft::set_pools`].
    pub fn names_pools(&self) -> bool {
        self.names_pools
    }

    /// Adds a pool with default sizes (and so a domain of its own), unless there is one of this name.
    pub fn add_pool(&mut self, name: &str) {
        if !self.has_pool(name)
            && let Some(pools) = map_in(&mut self.value, "pools")
        {
            pools.push((name.to_owned(), Value::Map(Vec::new())));
        }
    }

    /// Puts pools of these names in the place of the default ones. A configuration that named pools itself keeps
    /// them: `false`.
    pub fn set_pools<N: AsRef<str>>(&mut self, names: &[N]) -> bool {
        if !self.names_pools {
            self.default_pools_stand = false;
            self.replace_pools(names);
        }
        !self.names_pools
    }

    /// Adds a domain, or puts this one in the place of the one written under this name. The value is what would
    /// stand under `domains.<name>`; null: all defaults.
    pub fn add_domain(&mut self, name: &str, domain: Value) {
        if let Some(domains) = map_in(&mut self.value, "domains") {
            put(domains, name, None, domain);
        }
    }

    /// Sets a field: `scaler.mode`, `pools.payment.max_workers`, `pools."a.b".queue`, `pools.*.max_workers` (all
    /// pools that there are now), `domains.*.class`, `balancer.affinity_groups.vip`. Null unsets it.
    ///
    /// Fails, and changes nothing, when there is no such field, pool or domain (with the nearest that there is).
    /// Whether the value is one that the field takes shows in [`Draft::build`].
    pub fn set(&mut self, path: &str, value: Value) -> Result<(), ConfigError> {
        let segments = split(path).map_err(|message| ConfigError::one(path, message))?;
        let mut parts = segments.iter();
        let place = Place::find(path, &mut parts)?;
        let key = match (place.field.kind, parts.next()) {
            (_, None) => None,
            (Kind::Groups, Some(Segment::Name(key))) => Some(key.as_str()),
            (Kind::Adaptive, Some(Segment::Name(key))) => {
                let section = &schema::ADAPTIVE_LIMIT;
                let (_, field) = section.find(key).ok_or_else(|| unknown(section, section.name, key))?;
                Some(field.name)
            }
            (..) => return Err(ConfigError::one(path, format!("`{}` has no fields", place.field.name))),
        };
        if parts.next().is_some() {
            return Err(ConfigError::one(path, "the path goes on after the field"));
        }
        let field = place.field;
        match place.name {
            None if place.section.name.is_empty() => {
                if let Value::Map(fields) = &mut self.value {
                    put(fields, field.name, field.alias, value);
                }
            }
            None => {
                let section = map_in(&mut self.value, place.section.name);
                match (section, key) {
                    (Some(section), None) => put(section, field.name, field.alias, value),
                    (Some(section), Some(key)) => {
                        spell_out(section, field);
                        if let Some(keys) = entry(section, field.name) {
                            put(keys, key, None, value);
                        }
                    }
                    (None, _) => {}
                }
            }
            Some(name) => {
                let names = self.names(place.section, name, path)?;
                if let Some(section) = map_in(&mut self.value, place.section.name) {
                    for name in names {
                        if let Some(fields) = entry(section, &name) {
                            put(fields, field.name, field.alias, value.clone());
                        }
                    }
                }
            }
        }
        Ok(())
    }

    /// Sets several fields, in this order.
    ///
    /// Fails with the problems of all that [`Draft::set`] refuses; the others are set.
    pub fn set_all(&mut self, settings: &[(String, Value)]) -> Result<(), ConfigError> {
        let refused = settings.iter().filter_map(|(path, value)| self.set(path, value.clone()).err());
        ConfigError::check(refused.flat_map(|error| error.problems).collect())
    }

    /// Takes `path=value` apart for [`Draft::set`]: the value is read as JSON if it is JSON, else as text.
    ///
    /// Fails when there is no `=` after a path.
    pub fn parse_set(text: &str) -> Result<(String, Value), ConfigError> {
        let mut quoted_part = false;
        let mut escaped = false;
        let equals = text.find(|letter| {
            let found = letter == '=' && !quoted_part;
            if letter == '"' && !escaped {
                quoted_part = !quoted_part;
            }
            escaped = quoted_part && letter == '\\' && !escaped;
            found
        });
        let parts = equals.and_then(|at| text.split_at_checked(at));
        match parts.map(|(path, rest)| (path.trim(), rest.get(1..).unwrap_or_default())) {
            Some((path, value)) if !path.is_empty() => Ok((path.to_owned(), Self::parse_value(value))),
            _ => Err(ConfigError::one("", format!("expected `path=value`, found {}", quoted(text)))),
        }
    }

    /// Reads a value as JSON if it is JSON, else as text without the space around it.
    pub fn parse_value(text: &str) -> Value {
        Value::from_json(text).unwrap_or_else(|_| text.trim().into())
    }

    /// Checks the draft and fills in its defaults.
    ///
    /// Fails as [`Config::from_value`] does.
    pub fn build(&self) -> Result<Config, ConfigError> {
        let (config, problems) = resolve(&self.value, Some(self.default_pools_stand));
        ConfigError::check(problems).map(|()| config)
    }

    /// The names that `segment` means in `pools` or `domains`.
    fn names(&self, section: &Section, segment: &Segment, path: &str) -> Result<Vec<String>, ConfigError> {
        let mut known: Vec<&str> = self.section("pools").iter().map(|(name, _)| name.as_str()).collect();
        let what = if section.name == "pools" {
            "pool"
        } else {
            if self.default_pools_stand
                && !self.section("domains").iter().any(|(name, _)| name == DEFAULT_DOMAIN.0)
            {
                known.push(DEFAULT_DOMAIN.0);
            }
            let own = order::set(known.iter().copied());
            let written = self.section("domains").iter().map(|(name, _)| name.as_str());
            known.extend(written.filter(|name| !own.contains(name)));
            "domain"
        };
        match segment {
            Segment::Every => Ok(known.into_iter().map(str::to_owned).collect()),
            Segment::Name(name) if known.contains(&name.as_str()) => Ok(alloc::vec![name.clone()]),
            Segment::Name(name) => Err(ConfigError::one(path, unknown_name(what, name, known.into_iter()))),
        }
    }

    /// The entries of a section that is a map.
    fn section(&self, name: &str) -> &[(String, Value)] {
        match self.value.get(name) {
            Some(Value::Map(fields)) => fields,
            _ => &[],
        }
    }

    fn replace_pools<N: AsRef<str>>(&mut self, names: &[N]) {
        if let Some(pools) = map_in(&mut self.value, "pools") {
            pools.clear();
            pools.extend(names.iter().map(|name| (name.as_ref().to_owned(), Value::Map(Vec::new()))));
        }
    }
}

/// The field that a path leads to.
struct Place<'a> {
    section: &'static Section,
    /// Which pools or domains.
    name: Option<&'a Segment>,
    field: &'static Field,
}

impl<'a> Place<'a> {
    fn find(path: &str, parts: &mut core::slice::Iter<'a, Segment>) -> Result<Self, ConfigError> {
        let not_a_name = || ConfigError::one(path, "`*` stands only for the names of pools and domains");
        let Some(Segment::Name(first)) = parts.next() else { return Err(not_a_name()) };
        let Some(section) = schema::section_at_top(first) else {
            return match schema::ROOT.find(first) {
                Some((_, field)) => Ok(Self { section: &schema::ROOT, name: None, field }),
                None => Err(unknown(&schema::ROOT, "", first)),
            };
        };
        let name = if section.named { parts.next() } else { None };
        let field = match parts.next() {
            Some(Segment::Name(field)) => field,
            Some(Segment::Every) => return Err(not_a_name()),
            None => {
                let example =
                    section.fields.first().map_or_else(String::new, |field| section.path_of(field.name));
                return Err(ConfigError::one(
                    path,
                    format!("a section: set one of its fields, as in `{example}`"),
                ));
            }
        };
        let parent = match name {
            Some(Segment::Name(name)) => join(section.name, name),
            Some(Segment::Every) => format!("{}.*", section.name),
            None => section.name.to_owned(),
        };
        match section.find(field) {
            Some((_, field)) => Ok(Self { section, name, field }),
            None => Err(unknown(section, &parent, field)),
        }
    }
}

fn unknown(section: &Section, parent: &str, name: &str) -> ConfigError {
    let mut problems = Problems::default();
    unknown_field(section, parent, name, &mut problems);
    ConfigError { problems: problems.into_inner() }
}

/// The map under `name` in a map; made if it is missing or null. `None` when something else is there, which
/// building the draft reports.
fn map_in<'a>(value: &'a mut Value, name: &str) -> Option<&'a mut Vec<(String, Value)>> {
    match value {
        Value::Map(fields) => entry(fields, name),
        _ => None,
    }
}

/// As [`map_in`], in the fields of a map.
fn entry<'a>(fields: &'a mut Vec<(String, Value)>, name: &str) -> Option<&'a mut Vec<(String, Value)>> {
    let place = fields.iter().position(|(known, _)| known == name).unwrap_or_else(|| {
        fields.push((name.to_owned(), Value::Null));
        fields.len().saturating_sub(1)
    });
    let (_, value) = fields.get_mut(place)?;
    if *value == Value::Null {
        *value = Value::Map(Vec::new());
    }
    match value {
        Value::Map(fields) => Some(fields),
        _ => None,
    }
}

/// Makes a map of the name of an algorithm, for which it is short.
fn spell_out(fields: &mut [(String, Value)], field: &Field) {
    let written = fields.iter_mut().find(|(name, _)| field.kind == Kind::Adaptive && name == field.name);
    if let Some((_, value @ Value::Text(_))) = written {
        let name = core::mem::take(value);
        *value = Value::Map(alloc::vec![("algorithm".to_owned(), name)]);
    }
}

/// Sets a field in the place where it stands (under either of its names), or at the end.
fn put(fields: &mut Vec<(String, Value)>, name: &str, alias: Option<&str>, value: Value) {
    let same = |(known, _): &&mut (String, Value)| known == name || Some(known.as_str()) == alias;
    match fields.iter_mut().find(same) {
        Some((_, old)) => *old = value,
        None => fields.push((name.to_owned(), value)),
    }
}
