//! What a pacer is told: its takt, its domains, its bounds.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::takt::Takt;
use crate::config::{ConfigError, Value};
use crate::fields::{Fields, Problems};
use crate::time::TIME_LIMIT_US;

/// The most domains of a pacer.
pub const MAX_DOMAINS: u32 = 1_024;

/// The highest weight of a domain.
pub const MAX_WEIGHT: u32 = 1_000_000;

/// The highest `max_backlog`.
pub const MAX_BACKLOG: u32 = 16_777_216;

/// The highest `max_catch_up` and `max_late`.
pub const MAX_SLOTS: u32 = 1_000_000;

/// The longest name of a domain, in bytes.
const MAX_NAME_BYTES: usize = 256;

/// How a [`Pacer`](super::Pacer) paces.
///
/// As a map, in JSON or TOML:
///
/// | field | takes | default | meaning |
/// |---|---|---|---|
/// | `takt_us` | an integer from 1 to 2^53 − 1 | | the time between two items, in microseconds |
/// | `available_us` | the same | | instead of `takt_us`: the time there is … |
/// | `demand` | an integer from 1 to 2^53 − 1 | the sum of all weights | … for so many items. The takt is `available_us / demand`, exactly, and at least 1 µs |
/// | `domains.<name>.weight` | an integer from 1 to 1,000,000 | 1 | the domain's share of the items, against the others' |
/// | `domains.<name>.max_backlog` | an integer from 1 to 16,777,216 | 1,000 | the most of its items that wait |
/// | `max_backlog` | the same | 1,048,576 | the most items that wait, of all domains together |
/// | `max_catch_up` | an integer from 0 to 1,000,000 | 0 | how many slots that passed while nothing waited may be made up |
/// | `max_late` | the same | none | how many slots that passed while items waited, since nobody polled, may be made up |
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PacerConfig {
    pub(super) takt: Takt,
    pub(super) domains: Vec<PacerDomain>,
    pub(super) max_backlog: u32,
    pub(super) max_catch_up: u32,
    pub(super) max_late: Option<u32>,
}

/// A domain of a [`PacerConfig`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PacerDomain {
    pub(super) name: String,
    pub(super) weight: u32,
    pub(super) max_backlog: u32,
}

const FIELDS: [&str; 7] =
    ["takt_us", "available_us", "demand", "domains", "max_backlog", "max_catch_up", "max_late"];
const TIMES: core::ops::RangeInclusive<u64> = 1..=TIME_LIMIT_US - 1;

impl PacerConfig {
    /// Reads and checks a map with the fields above. One of `takt_us` and `available_us`, and at least one domain, must
    /// be there. Null is the same as unset.
    ///
    /// Fails with everything that is wrong, each with its path.
    pub fn from_value(value: &Value) -> Result<Self, ConfigError> {
        let mut problems = Problems::default();
        let config = read(value, &mut problems);
        problems.check()?;
        // What wasn't read is a problem.
        config.ok_or_else(|| ConfigError::one("", "not the configuration of a pacer"))
    }

    /// Reads JSON text, as [`PacerConfig::from_value`].
    #[cfg(feature = "json")]
    pub fn from_json(text: &str) -> Result<Self, ConfigError> {
        Self::from_value(&Value::from_json(text)?)
    }

    /// Reads TOML text, as [`PacerConfig::from_value`].
    #[cfg(feature = "toml")]
    pub fn from_toml(text: &str) -> Result<Self, ConfigError> {
        Self::from_value(&Value::from_toml(text)?)
    }
}

fn read(value: &Value, problems: &mut Problems) -> Option<PacerConfig> {
    let fields = Fields::read("", value, &FIELDS, "a map with `takt_us` and `domains`", problems)?;
    let domains = domains(&fields, problems);
    let max_backlog = count(&fields, "max_backlog", 1, MAX_BACKLOG, 1_048_576, problems);
    let max_catch_up = count(&fields, "max_catch_up", 0, MAX_SLOTS, 0, problems);
    let has_max_late = fields.get("max_late").is_some();
    let max_late = count(&fields, "max_late", 0, MAX_SLOTS, 0, problems);
    let takt = takt(&fields, domains.as_deref(), problems);
    Some(PacerConfig {
        takt: takt?,
        domains: domains?,
        max_backlog: max_backlog?,
        max_catch_up: max_catch_up?,
        max_late: max_late.filter(|_| has_max_late),
    })
}

fn takt(fields: &Fields<'_>, domains: Option<&[PacerDomain]>, problems: &mut Problems) -> Option<Takt> {
    match (fields.get("takt_us"), fields.get("available_us")) {
        (Some(_), None) => {
            if fields.get("demand").is_some() {
                problems.add("demand", "needs `available_us`, and there is `takt_us`");
            }
            Takt::new(fields.integer("takt_us", &TIMES, None, problems)?, 1).ok()
        }
        (None, Some(_)) => {
            let weights = domains.map_or(1, |domains| {
                domains.iter().fold(0, |sum: u64, domain| sum.saturating_add(domain.weight.into()))
            });
            let available_us = fields.integer("available_us", &TIMES, None, problems);
            let demand = fields.integer("demand", &TIMES, Some(weights), problems);
            let (available_us, demand) = (available_us?, demand?);
            let takt = Takt::new(available_us, demand).ok();
            if takt.is_none() {
                let message =
                    format!("{available_us} is less than the demand of {demand}: a takt is at least 1 µs");
                problems.add("available_us", message);
            }
            takt
        }
        (takt_us, _) => {
            let found = if takt_us.is_some() { "both" } else { "none" };
            problems.add("", format!("expected one of `takt_us` and `available_us`, found {found}"));
            None
        }
    }
}

fn domains(fields: &Fields<'_>, problems: &mut Problems) -> Option<Vec<PacerDomain>> {
    let Some(Value::Map(entries)) = fields.get("domains") else {
        fields.wrong("domains", "a map of domains", problems);
        return None;
    };
    if entries.is_empty() || entries.len() > MAX_DOMAINS as usize {
        let message = format!("expected from 1 to {MAX_DOMAINS} domains, found {}", entries.len());
        problems.add("domains", message);
        return None;
    }
    let known: Vec<&str> = entries.iter().map(|(name, _)| name.as_str()).collect();
    // Only a doubled name can be wrong with the names here.
    let map = Fields::read("domains", fields.get("domains")?, &known, "", problems)?;
    let mut domains = Vec::with_capacity(entries.len());
    for (name, value) in entries {
        let path = map.path(name);
        if name.is_empty() || name.len() > MAX_NAME_BYTES || name.chars().any(char::is_control) {
            let message = format!("a name must be 1 to {MAX_NAME_BYTES} bytes without control characters");
            problems.add(path.as_str(), message);
        }
        let domain = Fields::read(path, value, &["weight", "max_backlog"], "a map", problems)?;
        let weight = count(&domain, "weight", 1, MAX_WEIGHT, 1, problems);
        let max_backlog = count(&domain, "max_backlog", 1, MAX_BACKLOG, 1_000, problems);
        if let (Some(weight), Some(max_backlog)) = (weight, max_backlog) {
            domains.push(PacerDomain { name: name.clone(), weight, max_backlog });
        }
    }
    Some(domains)
}

fn count(
    fields: &Fields<'_>,
    name: &str,
    least: u32,
    most: u32,
    default: u32,
    problems: &mut Problems,
) -> Option<u32> {
    let range = u64::from(least)..=u64::from(most);
    let number = fields.integer(name, &range, Some(default.into()), problems)?;
    u32::try_from(number).ok()
}
