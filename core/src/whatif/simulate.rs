//! One call for a whole simulation: a configuration and a description of the workload in, the outcome out.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::replay::{ReplayError, ReplayOptions, Replayed, Trace, TraceRecorder, UnknownDomains, replay};
use super::trace::{Format, TraceOptions};
use super::workload::write_demo_csv;
use crate::config::{ConfigError, Draft, Problem, Value, did_you_mean, found};
use crate::time::TIME_LIMIT_US;

/// The members of a workload: first those that say what arrives, one of which there must be.
const MEMBERS: [&str; 11] = [
    "requests",
    "trace",
    "demo",
    "format",
    "skip_bad",
    "pools",
    "set",
    "workers_start_delay_us",
    "speed_up",
    "wait_us",
    "default_service_us",
];
const SOURCES: usize = 3;

/// Simulates a workload on a configuration (null: the default one), both as read from JSON.
///
/// The workload is a map. What arrives is one of
/// - `requests`: a list of maps with `arrival_us`, `domain` and, if known, `service_us` and `key`, in the order of
///   arrival;
/// - `trace`: the text of a trace, in any form that [`TraceReader`](super::trace::TraceReader) reads, with `format`
///   (`auto`, `csv`, `jsonl` or `log`) and `skip_bad`;
/// - `demo`: true for the day of a shop that `seed` makes ([`Demo`](super::workload::Demo)).
///
/// The rest is optional: `pools` (`own`, `shared` or `config`, as [`UnknownDomains`]), `set` (a list of `path=value`
/// texts, applied when the workload's domains have their pools), `workers_start_delay_us`, `speed_up`, `wait_us` and
/// `default_service_us` (as [`SimulationOptions`](super::simulation::SimulationOptions) has them).
///
/// The same arguments give the same outcome, bit for bit. Fails with everything that is wrong with the workload, or
/// as [`replay`] does; a bad request is named as the line of its number.
pub fn simulate(config: &Value, workload: &Value, seed: u64) -> Result<Replayed, ReplayError> {
    let (source, options) = Workload::read(workload)?;
    let draft = Draft::new(config.clone());
    // What is wrong with the configuration shows before a long workload is read.
    draft.build()?;
    let trace = source.trace(options.trace.clone(), seed)?;
    replay(&trace, &draft, &options, &mut |_, _| core::ops::ControlFlow::Continue(()))
}

/// What arrives.
enum Source<'a> {
    Requests(&'a [Value]),
    Text(&'a str),
    Demo,
}

impl Source<'_> {
    fn trace(&self, options: TraceOptions, seed: u64) -> Result<Trace, ReplayError> {
        match self {
            Self::Text(text) => {
                let mut recorder = TraceRecorder::new(options);
                recorder.feed(text.as_bytes())?;
                Ok(recorder.finish()?)
            }
            Self::Requests(requests) => {
                let mut recorder =
                    TraceRecorder::new(TraceOptions { format: Some(Format::JsonLines), ..options });
                for request in *requests {
                    let mut line = serde_json::to_vec(request)
                        .map_err(|error| ConfigError::one("workload.requests", format!("{error}")))?;
                    line.push(b'\n');
                    recorder.feed(&line)?;
                }
                Ok(recorder.finish()?)
            }
            Self::Demo => {
                let mut recorder = TraceRecorder::new(TraceOptions { format: Some(Format::Csv), ..options });
                let mut fed = Ok(());
                write_demo_csv(seed, &mut |bytes| {
                    if fed.is_ok() {
                        fed = recorder.feed(bytes);
                    }
                });
                fed?;
                Ok(recorder.finish()?)
            }
        }
    }
}

/// A workload that is being read, and what was found wrong with it.
struct Workload<'a> {
    value: &'a Value,
    problems: Vec<Problem>,
}

impl<'a> Workload<'a> {
    fn read(value: &'a Value) -> Result<(Source<'a>, ReplayOptions), ConfigError> {
        let Value::Map(members) = value else {
            let expected = "a map with `requests`, `trace` or `demo`";
            return Err(ConfigError::one("workload", format!("expected {expected}, found {}", found(value))));
        };
        let mut read = Self { value, problems: Vec::new() };
        for (index, (name, _)) in members.iter().enumerate() {
            if !MEMBERS.contains(&name.as_str()) {
                let hint = did_you_mean(name, MEMBERS.into_iter());
                read.wrong(name, format!("unknown field{hint}"));
            } else if members.iter().take(index).any(|(earlier, _)| earlier == name) {
                read.wrong(name, "given twice".to_owned());
            }
        }
        let source = read.source();
        let options = read.options();
        match source {
            Some(source) if read.problems.is_empty() => Ok((source, options)),
            _ => Err(ConfigError { problems: read.problems }),
        }
    }

    fn wrong(&mut self, name: &str, message: String) {
        self.problems.push(Problem { path: format!("workload.{name}"), message });
    }

    /// A member that is there and isn't null.
    fn member(&self, name: &str) -> Option<&'a Value> {
        self.value.get(name).filter(|value| **value != Value::Null)
    }

    fn source(&mut self) -> Option<Source<'a>> {
        let given = |name: &&&str| self.member(name).is_some_and(|value| *value != Value::Bool(false));
        let sources: Vec<&str> = MEMBERS.iter().take(SOURCES).filter(given).copied().collect();
        let [name] = sources.as_slice() else {
            let found = if sources.is_empty() { "none".to_owned() } else { sources.join(", ") };
            let message = format!("expected one of `requests`, `trace` and `demo`, found {found}");
            self.problems.push(Problem { path: "workload".to_owned(), message });
            return None;
        };
        let value = self.member(name)?;
        match (*name, value) {
            ("requests", Value::List(requests)) => Some(Source::Requests(requests)),
            ("trace", Value::Text(text)) => Some(Source::Text(text)),
            ("demo", Value::Bool(_)) => Some(Source::Demo),
            (name, value) => {
                let expected = match name {
                    "requests" => "a list of requests",
                    "trace" => "a trace's text",
                    _ => "true or false",
                };
                self.wrong(name, format!("expected {expected}, found {}", found(value)));
                None
            }
        }
    }

    fn options(&mut self) -> ReplayOptions {
        let mut options = ReplayOptions::default();
        let trace = &mut options.trace;
        let format = |name: &str| trace.set_format(name);
        self.word("format", "`auto`, `csv`, `jsonl` or `log`", format);
        let mode = |name: &str| {
            let mode = UnknownDomains::from_name(name);
            options.unknown_domains = mode.unwrap_or_default();
            mode.is_some()
        };
        self.word("pools", "`own`, `shared` or `config`", mode);
        match self.member("skip_bad") {
            None => {}
            Some(Value::Bool(skip_bad)) => options.trace.skip_bad = *skip_bad,
            Some(value) => self.wrong("skip_bad", format!("expected true or false, found {}", found(value))),
        }
        let simulation = &mut options.simulation;
        self.time("workers_start_delay_us", &mut simulation.worker_start_delay_us);
        self.time("wait_us", &mut simulation.patience_us);
        self.time("default_service_us", &mut simulation.default_service_us);
        self.speed_up(&mut simulation.speed_up);
        self.settings(&mut options.settings);
        options
    }

    /// Hands a word to `set`, which answers whether it knows it.
    fn word(&mut self, name: &str, expected: &str, set: impl FnOnce(&str) -> bool) {
        let Some(value) = self.member(name) else { return };
        if !matches!(value, Value::Text(text) if set(text)) {
            self.wrong(name, format!("expected {expected}, found {}", found(value)));
        }
    }

    fn time(&mut self, name: &str, out: &mut u64) {
        match self.member(name) {
            None => {}
            Some(Value::Integer(time_us)) if (0..i128::from(TIME_LIMIT_US)).contains(time_us) => {
                *out = u64::try_from(*time_us).unwrap_or(0);
            }
            Some(value) => {
                let most = TIME_LIMIT_US - 1;
                self.wrong(name, format!("expected an integer from 0 to {most}, found {}", found(value)));
            }
        }
    }

    #[allow(clippy::cast_precision_loss)] // a factor
    fn speed_up(&mut self, out: &mut f64) {
        match self.member("speed_up") {
            None => {}
            Some(Value::Float(factor)) if *factor > 0.0 && factor.is_finite() => *out = *factor,
            Some(Value::Integer(factor)) if *factor > 0 => *out = *factor as f64,
            Some(value) => {
                self.wrong("speed_up", format!("expected a number above 0, found {}", found(value)));
            }
        }
    }

    fn settings(&mut self, out: &mut Vec<(String, Value)>) {
        let settings = match self.member("set") {
            None => return,
            Some(Value::List(settings)) => settings,
            Some(value) => {
                self.wrong("set", format!("expected a list of `path=value` texts, found {}", found(value)));
                return;
            }
        };
        for (index, setting) in settings.iter().enumerate() {
            match setting {
                Value::Text(text) => match Draft::parse_set(text) {
                    Ok(setting) => out.push(setting),
                    Err(error) => self.wrong(&format!("set[{index}]"), format!("{error}")),
                },
                value => {
                    let message = format!("expected a `path=value` text, found {}", found(value));
                    self.wrong(&format!("set[{index}]"), message);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    const REQUESTS: &str = r#"[
        {"arrival_us": 0, "domain": "web", "service_us": 1000, "key": "a"},
        {"arrival_us": 5, "domain": "web"}, {"arrival_us": 9, "domain": "payment", "service_us": 20}
    ]"#;

    fn run(config: &str, workload: &str) -> Result<Replayed, ReplayError> {
        simulate(&Value::from_json(config).unwrap(), &Value::from_json(workload).unwrap(), 1)
    }

    #[test]
    fn requests_and_a_trace_of_them_are_the_same() {
        let listed = run("{}", &format!(r#"{{"requests": {REQUESTS}}}"#)).unwrap();
        let text = "arrival_us,domain,service_us,key\\n0,web,1000,a\\n5,web,,\\n9,payment,20,\\n";
        let read = run("null", &format!(r#"{{"trace": "{text}"}}"#)).unwrap();
        assert_eq!(listed.outcome, read.outcome);
        assert_eq!((listed.trace.rows, listed.trace.without_service), (3, 1));
    }

    #[test]
    fn options_are_those_of_a_replay() {
        let workload = format!(
            r#"{{"requests": {REQUESTS}, "pools": "shared", "set": ["pools.shared.max_workers=3"], "speed_up": 2,
                "workers_start_delay_us": 7, "wait_us": 0, "default_service_us": 5, "demo": false}}"#
        );
        let found = run("{}", &workload).unwrap();
        let shared = found.config.pools.iter().find(|pool| pool.name == "shared").unwrap();
        assert_eq!(shared.max_workers, 3);
        assert_eq!(found.config.worker_start_timeout_us, 60_000_000);
    }

    #[test]
    fn the_demo_is_made_from_the_seed() {
        let demo =
            |seed| simulate(&Value::Null, &Value::from_json(r#"{"demo": true}"#).unwrap(), seed).unwrap();
        let (one, two) = (demo(1), demo(2));
        assert!(one.trace.rows > 900_000 && two.trace.rows > 900_000);
        assert_ne!(one.outcome, two.outcome);
    }

    #[test]
    fn everything_that_is_wrong_is_told() {
        let wrong = |workload: &str| run("{}", workload).unwrap_err().to_string();
        assert_eq!(
            wrong("3"),
            "workload: expected a map with `requests`, `trace` or `demo`, found the integer 3"
        );
        assert_eq!(wrong("{}"), "workload: expected one of `requests`, `trace` and `demo`, found none");
        assert_eq!(
            wrong(
                r#"{"demo": 1, "sped_up": 2, "speed_up": 0, "pools": "mine", "set": ["x"], "wait_us": -1, "skip_bad": 1}"#
            ),
            "workload.sped_up: unknown field; did you mean `speed_up`?\n\
             workload.demo: expected true or false, found the integer 1\n\
             workload.pools: expected `own`, `shared` or `config`, found the text `mine`\n\
             workload.skip_bad: expected true or false, found the integer 1\n\
             workload.wait_us: expected an integer from 0 to 9007199254740991, found the integer -1\n\
             workload.speed_up: expected a number above 0, found the integer 0\n\
             workload.set[0]: expected `path=value`, found `x`"
        );
        let doubled = wrong(r#"{"demo": true, "requests": [], "demo": true}"#);
        assert_eq!(
            doubled,
            "workload.demo: given twice\n\
             workload: expected one of `requests`, `trace` and `demo`, found requests, demo"
        );
        let request =
            wrong(r#"{"requests": [{"arrival_us": 1, "domain": "a"}, {"arrival_us": -4, "domain": "a"}]}"#);
        assert!(request.starts_with("line 2: `arrival_us`"), "{request}");
        assert!(wrong(r#"{"requests": []}"#).contains("empty"));
        let config = run(r#"{"scaler": {"mode": 1}}"#, r#"{"demo": true}"#).unwrap_err().to_string();
        assert!(config.starts_with("scaler.mode"), "{config}");
    }
}
