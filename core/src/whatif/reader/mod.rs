//! Reading a workload: what arrives, and how it is simulated. All that is wrong is told at once.

mod recipe;
#[cfg(test)]
mod tests;
mod world;

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::generate::{Profile, Recipe};
use super::policy::Policy;
use super::replay::{ReplayOptions, UnknownDomains};
use crate::config::{ConfigError, Draft, Value, found};
use crate::id::MAX_SLOTS;
use crate::time::TIME_LIMIT_US;

use crate::fields::{Fields, Problems, Span, alternatives};

/// The members of a workload: first those that say what arrives, one of which there must be.
const MEMBERS: [&str; 20] = [
    "requests",
    "trace",
    "demo",
    "profile",
    "domains",
    "duration_us",
    "format",
    "skip_bad",
    "pools",
    "set",
    "workers_start_delay_us",
    "speed_up",
    "wait_us",
    "default_service_us",
    "crashes_per_worker_hour",
    "slow",
    "retries",
    "runs",
    "policy",
    "max_waiting",
];
const SOURCES: usize = 5;

/// A workload that has been read.
#[derive(Debug)]
pub(super) struct Workload<'a> {
    pub(super) source: Source<'a>,
    pub(super) options: ReplayOptions,
    /// How many seeds it is run with.
    pub(super) runs: u32,
}

/// What arrives.
#[derive(Debug)]
pub(super) enum Source<'a> {
    Requests(&'a [Value]),
    Text(&'a str),
    Demo,
    Profile(Profile, Recipe),
    Made(Recipe),
}

impl<'a> Workload<'a> {
    /// Fails with everything that is wrong.
    pub(super) fn read(value: &'a Value) -> Result<Self, ConfigError> {
        let mut problems = Problems::default();
        let expected = format!("a map with {}", alternatives(sources(), "or"));
        let read = Fields::read("workload", value, &MEMBERS, &expected, &mut problems).and_then(|fields| {
            let source = source(&fields, &mut problems);
            let mut options = options(&fields, &mut problems);
            let retries = match &source {
                Some(Source::Profile(profile, _)) => profile.retries(),
                _ => None,
            };
            world::read(&fields, retries, &mut options.simulation, &mut problems);
            let runs = fields.integer("runs", &(1..=MOST_RUNS), Some(1), &mut problems);
            let runs = runs.and_then(|runs| u32::try_from(runs).ok());
            Some(Self { source: source?, options, runs: runs? })
        });
        problems.check()?;
        // Whatever wasn't read is a problem.
        read.ok_or_else(|| ConfigError::one("workload", "not a workload"))
    }
}

/// The most seeds of one call.
const MOST_RUNS: u64 = 100;

fn sources() -> &'static [&'static str] {
    MEMBERS.get(..SOURCES).unwrap_or(&MEMBERS)
}

fn source<'a>(fields: &Fields<'a>, problems: &mut Problems) -> Option<Source<'a>> {
    let given = |name: &&&str| fields.get(name).is_some_and(|value| *value != Value::Bool(false));
    let given: Vec<&str> = sources().iter().filter(given).copied().collect();
    let [name] = given.as_slice() else {
        let found = if given.is_empty() { "none".to_owned() } else { given.join(", ") };
        problems
            .add("workload", format!("expected one of {}, found {found}", alternatives(sources(), "and")));
        return None;
    };
    if !matches!(*name, "profile" | "domains") && fields.get("duration_us").is_some() {
        let message = "only what is made (`profile` or `domains`) has a duration".to_owned();
        problems.add(fields.path("duration_us"), message);
    }
    match (*name, fields.get(name)?) {
        ("requests", Value::List(requests)) => Some(Source::Requests(requests)),
        ("trace", Value::Text(text)) => Some(Source::Text(text)),
        ("demo", Value::Bool(_)) => Some(Source::Demo),
        ("profile", _) => {
            recipe::profile(fields, problems).map(|(profile, recipe)| Source::Profile(profile, recipe))
        }
        ("domains", _) => recipe::domains(fields, problems).map(Source::Made),
        (name, _) => {
            let expected = match name {
                "requests" => "a list of requests",
                "trace" => "a trace's text",
                _ => "true or false",
            };
            fields.wrong(name, expected, problems);
            None
        }
    }
}

/// How it is read and simulated. What is wrong stays as it is by default.
fn options(fields: &Fields<'_>, problems: &mut Problems) -> ReplayOptions {
    let mut options = ReplayOptions::default();
    if let Some(value) = fields.get("format") {
        let known = matches!(value, Value::Text(name) if options.trace.set_format(name));
        if !known {
            fields.wrong("format", "`auto`, `csv`, `jsonl` or `log`", problems);
        }
    }
    let modes: Vec<&str> = UnknownDomains::ALL.iter().map(|mode| mode.as_str()).collect();
    if let Some(place) = fields.word("pools", &modes, Some(0), problems) {
        options.unknown_domains = UnknownDomains::ALL.get(place).copied().unwrap_or_default();
    }
    if let Some(skip_bad) = fields.flag("skip_bad", false, problems) {
        options.trace.skip_bad = skip_bad;
    }
    let simulation = &mut options.simulation;
    let mut time = |name: &str, out: &mut u64| {
        if let Some(time_us) = fields.integer(name, &(0..=TIME_LIMIT_US - 1), Some(*out), problems) {
            *out = time_us;
        }
    };
    time("workers_start_delay_us", &mut simulation.worker_start_delay_us);
    time("wait_us", &mut simulation.patience_us);
    time("default_service_us", &mut simulation.default_service_us);
    if let Some(factor) = fields.number("speed_up", Span::above_to(0.0, f64::INFINITY), Some(1.0), problems) {
        simulation.speed_up = factor;
    }
    if fields.get("max_waiting").is_some() {
        let places = fields.integer("max_waiting", &(0..=MAX_SLOTS.into()), None, problems);
        options.max_waiting = places.and_then(|places| u32::try_from(places).ok());
    }
    if let Some(value) = fields.get("policy")
        && let Some(policy) = Policy::read(&fields.path("policy"), value, problems)
    {
        options.simulation.policy = policy;
    }
    settings(fields, &mut options.settings, problems);
    options
}

fn settings(fields: &Fields<'_>, out: &mut Vec<(String, Value)>, problems: &mut Problems) {
    let Some(items) = fields.list("set", "a list of `path=value` texts", problems) else { return };
    for (index, item) in items.iter().enumerate() {
        let path = format!("{}[{index}]", fields.path("set"));
        match item {
            Value::Text(text) => match Draft::parse_set(text) {
                Ok(setting) => out.push(setting),
                Err(error) => problems.add(path, format!("{error}")),
            },
            item => problems.add(path, format!("expected a `path=value` text, found {}", found(item))),
        }
    }
}
