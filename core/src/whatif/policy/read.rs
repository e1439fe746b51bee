//! Reading a policy: its name, or a map with its `kind` and what it has beside.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

use super::{Celery, Fixed, Hpa, Kpa, Policy, Sizing};
use crate::config::{ConfigError, Value};
use crate::fields::{Fields, Problems, Span};
use crate::id::MAX_SLOTS;
use crate::ratio::{MILLION, Ratio};
use crate::time::SECOND_US;

/// The longest time that a policy's field takes: a day.
const DAY_US: u64 = 86_400 * SECOND_US;
/// The shortest time between two looks: 0.1 s.
const LEAST_PERIOD_US: u64 = SECOND_US / 10;
const MOST_RATE: f64 = 1_000_000.0;
const KIND: &str = "kind";

impl Policy {
    /// Reads a policy: its name as text, or a map with its `kind` and any of its fields, which are named as those of
    /// [`Hpa`], [`Kpa`] and [`Celery`]. `fixed` has `workers` (a count, or a map from pools to counts) or `for` (`mean`
    /// or `peak`) with `target`.
    ///
    /// Fails with everything that is wrong; paths begin with `policy`.
    pub fn from_value(value: &Value) -> Result<Self, ConfigError> {
        let mut problems = Problems::default();
        let policy = Self::read("policy", value, &mut problems);
        problems.check()?;
        // What wasn't read is a problem.
        policy.ok_or_else(|| ConfigError::one("policy", "not a policy"))
    }

    /// Reads the policy at `path`; nothing, and what is wrong, if there is a problem.
    pub(in crate::whatif) fn read(path: &str, value: &Value, problems: &mut Problems) -> Option<Self> {
        let named = Value::Map(alloc::vec![(KIND.to_owned(), value.clone())]);
        let (value, is_name) = match value {
            Value::Text(_) => (&named, true),
            value => (value, false),
        };
        let kind = match value.get(KIND) {
            Some(Value::Text(kind)) => Self::NAMES.iter().position(|name| name == kind),
            _ => None,
        };
        let Some(kind) = kind.and_then(|place| Self::NAMES.get(place)) else {
            // What else is in a map can't be judged without its kind.
            let Value::Map(_) = value else {
                let expected = "a policy's name or a map with its `kind`";
                Fields::read(path, value, &[], expected, problems);
                return None;
            };
            let parent = if is_name { path.rsplit_once('.').map_or("", |(parent, _)| parent) } else { path };
            let name = if is_name { path.rsplit('.').next().unwrap_or(path) } else { KIND };
            let entry =
                Value::Map(alloc::vec![(name.to_owned(), value.get(KIND).cloned().unwrap_or_default())]);
            let fields = Fields::read(parent, &entry, &[name], "a map", problems)?;
            fields.word(name, &Self::NAMES, None, problems);
            return None;
        };
        let read = |known: &[&str], problems: &mut Problems| {
            let mut all = alloc::vec![KIND];
            all.extend_from_slice(known);
            Fields::read(path, value, &all, "a map", problems)
        };
        Some(match *kind {
            "fixed" => Self::Fixed(fixed(&read(&["workers", "for", "target"], problems)?, problems)?),
            "hpa" => Self::Hpa(hpa(&read(&HPA, problems)?, problems)),
            "kpa" => Self::Kpa(kpa(&read(&KPA, problems)?, problems)),
            "celery" => Self::Celery(celery(&read(&CELERY, problems)?, problems)),
            "clairvoyant" => {
                read(&[], problems)?;
                Self::Clairvoyant
            }
            _ => {
                read(&[], problems)?;
                Self::Heijunka
            }
        })
    }
}

/// Reads fields into what holds their defaults; what is wrong stays as it is.
struct Into<'a, 'v> {
    fields: &'a Fields<'v>,
    problems: &'a mut Problems,
}

impl Into<'_, '_> {
    /// A number held in parts per million.
    fn ratio(&mut self, name: &str, out: &mut Ratio, least: f64, most: f64) {
        let read = self.fields.number(name, Span::from_to(least, most), Some(out.as_f64()), self.problems);
        if let Some(number) = read {
            #[allow(clippy::cast_precision_loss)] // a million
            let ppm = libm::round(number * MILLION as f64);
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // within its range
            let ppm = ppm as u64;
            *out = Ratio::from_ppm(ppm);
        }
    }

    fn time(&mut self, name: &str, out: &mut u64, least: u64, most: u64) {
        if let Some(time_us) = self.fields.integer(name, &(least..=most), Some(*out), self.problems) {
            *out = time_us;
        }
    }

    fn count(&mut self, name: &str, out: &mut u32, least: u64, most: u64) {
        let read = self.fields.integer(name, &(least..=most), Some(u64::from(*out)), self.problems);
        if let Some(count) = read.and_then(|count| u32::try_from(count).ok()) {
            *out = count;
        }
    }
}

/// The least utilization that can be aimed at.
const LEAST_TARGET: f64 = 0.01;

const HPA: [&str; 6] = ["target", "tolerance", "period_us", "stabilization_us", "up_fraction", "up_workers"];

fn hpa(fields: &Fields<'_>, problems: &mut Problems) -> Hpa {
    let mut hpa = Hpa::default();
    let mut into = Into { fields, problems };
    into.ratio("target", &mut hpa.target, LEAST_TARGET, 1.0);
    into.ratio("tolerance", &mut hpa.tolerance, 0.0, 1.0);
    into.time("period_us", &mut hpa.period_us, LEAST_PERIOD_US, DAY_US);
    into.time("stabilization_us", &mut hpa.stabilization_us, 0, DAY_US);
    into.ratio("up_fraction", &mut hpa.up_fraction, 0.0, MOST_RATE);
    into.count("up_workers", &mut hpa.up_workers, 1, MAX_SLOTS.into());
    hpa
}

const KPA: [&str; 8] = [
    "target",
    "stable_window_us",
    "panic_window_us",
    "panic_threshold",
    "tick_us",
    "max_scale_up_rate",
    "max_scale_down_rate",
    "scale_down_delay_us",
];

fn kpa(fields: &Fields<'_>, problems: &mut Problems) -> Kpa {
    let mut kpa = Kpa::default();
    let mut into = Into { fields, problems };
    into.ratio("target", &mut kpa.target, LEAST_TARGET, 1.0);
    // Knative takes windows from 6 s to an hour.
    into.time("stable_window_us", &mut kpa.stable_window_us, 6 * SECOND_US, 3600 * SECOND_US);
    let most_us = kpa.stable_window_us;
    kpa.panic_window_us = kpa.panic_window_us.min(most_us);
    into.time("panic_window_us", &mut kpa.panic_window_us, SECOND_US, most_us);
    into.ratio("panic_threshold", &mut kpa.panic_threshold, 1.0, MOST_RATE);
    into.time("tick_us", &mut kpa.tick_us, SECOND_US, 60 * SECOND_US);
    into.ratio("max_scale_up_rate", &mut kpa.max_scale_up_rate, 1.000_001, MOST_RATE);
    into.ratio("max_scale_down_rate", &mut kpa.max_scale_down_rate, 1.000_001, MOST_RATE);
    into.time("scale_down_delay_us", &mut kpa.scale_down_delay_us, 0, 3600 * SECOND_US);
    kpa
}

const CELERY: [&str; 3] = ["period_us", "keepalive_us", "prefetch_multiplier"];

fn celery(fields: &Fields<'_>, problems: &mut Problems) -> Celery {
    let mut celery = Celery::default();
    let mut into = Into { fields, problems };
    into.time("period_us", &mut celery.period_us, LEAST_PERIOD_US, DAY_US);
    into.time("keepalive_us", &mut celery.keepalive_us, 0, DAY_US);
    into.count("prefetch_multiplier", &mut celery.prefetch_multiplier, 1, 1_000_000);
    celery
}

fn fixed(fields: &Fields<'_>, problems: &mut Problems) -> Option<Fixed> {
    const WAYS: &str =
        "either `workers` (a count, or a map from pools to counts) or `for` (`mean` or `peak`)";
    let workers = match (fields.get("workers"), fields.get("for")) {
        (Some(workers), None) => workers,
        (None, Some(_)) => {
            let place = fields.word("for", &["mean", "peak"], None, problems)?;
            let mut fixed = Fixed::new(if place == 0 { Sizing::Mean } else { Sizing::Peak });
            Into { fields, problems }.ratio("target", &mut fixed.target, LEAST_TARGET, 1.0);
            return Some(fixed);
        }
        (both, _) => {
            let found = if both.is_some() { "both" } else { "neither" };
            problems.add(fields.path(KIND), alloc::format!("`fixed` takes {WAYS}, found {found}"));
            return None;
        }
    };
    if fields.get("target").is_some() {
        problems.add(fields.path("target"), "only what is sized by `for` has a target");
    }
    let counts = 1..=u64::from(MAX_SLOTS);
    let whole = |count: Option<u64>| count.and_then(|count| u32::try_from(count).ok());
    if let Value::Map(entries) = workers {
        let names: Vec<&str> = entries.iter().map(|(name, _)| name.as_str()).collect();
        let pools = Fields::read(fields.path("workers"), workers, &names, "a map", problems)?;
        let read = entries.iter().map(|(name, _)| {
            Some((String::from(name.as_str()), whole(pools.integer(name, &counts, None, problems))?))
        });
        // All are looked at, so that all that is wrong is told.
        let read: Vec<Option<(String, u32)>> = read.collect();
        return Some(Fixed::new(Sizing::Each(read.into_iter().collect::<Option<_>>()?)));
    }
    Some(Fixed::new(Sizing::All(whole(fields.integer("workers", &counts, None, problems))?)))
}
