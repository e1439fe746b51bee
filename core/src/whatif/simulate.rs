//! One call for a whole simulation: a configuration and a description of the workload in, the outcome out.

use super::replay::{ReplayError, Replayed};
use super::run::Run;
use crate::config::Value;

/// Simulates a workload on a configuration (null: the default one), both as read from JSON.
///
/// The workload is a map. What arrives is one of
/// - `requests`: a list of maps with `arrival_us`, `domain` and, if known, `service_us` and `key`, in the order of
///   arrival;
/// - `trace`: the text of a trace, in any form that [`TraceReader`](super::trace::TraceReader) reads, with `format`
///   (`auto`, `csv`, `jsonl` or `log`) and `skip_bad`;
/// - `demo`: true for the day of a shop that `seed` makes ([`Demo`](super::workload::Demo));
/// - `profile`: the name of a built-in [`Profile`](super::generate::Profile);
/// - `domains`: a map of domains, each with `arrivals` (a map with `process` and the fields of that
///   [`Process`](super::generate::Process)), `service` (a map with `distribution` and the fields of that
///   [`Distribution`](super::generate::Distribution)) and, if wanted, `keys`: how many different ones there are.
///
/// | `process` | fields |
/// |---|---|
/// | `constant`, `poisson` | `rate_per_s` |
/// | `ramp` | `from_per_s`, `to_per_s` |
/// | `diurnal` | `mean_per_s`, `amplitude` (0 to 1), `period_us` (a day), `peak_at_us` (0) |
/// | `spike` | `rate_per_s`, `factor`, `from_us`, `to_us` |
/// | `mmpp` | `states`: a list of maps with `rate_per_s` and `mean_us` |
///
/// | `distribution` | fields |
/// |---|---|
/// | `constant`, `exponential` | `mean_us` |
/// | `log_normal` | `mean_us`, `variation` |
/// | `pareto` | `mean_us`, `shape` (above 1) |
///
/// Requests of the last two sources are made for `duration_us` (an hour) as the run goes, and the run lasts at least
/// as long; at most 10^9 of them may be expected.
///
/// The rest is optional: `pools` (`own`, `shared` or `config`, as
/// [`UnknownDomains`](super::replay::UnknownDomains)), `set` (a list of `path=value` texts, applied when the workload's
/// domains have their pools), `workers_start_delay_us`, `speed_up`, `wait_us` and `default_service_us` (as
/// [`SimulationOptions`](super::simulation::SimulationOptions) has them), `max_waiting` (the places in the waiting line
/// of pools that don't say how many), `policy` (who scales: the name of a
/// [`Policy`](super::policy::Policy), or a map with its `kind` and its fields), and `runs`: with how many seeds, from
/// `seed` on (1; the outcome is that of the first, with the main figures of all, as [`Runs`](super::runs::Runs)).
///
/// What goes wrong in the world is drawn from the seed as well: `crashes_per_worker_hour` (0), `slow` (a list of maps
/// with the fields of [`Slow`](super::simulation::Slow)) and `retries` (a map with the fields of
/// [`Retries`](super::simulation::Retries); unset ones are those of its default, or of the profile; false: no
/// retries, whatever the profile).
///
/// The same arguments give the same outcome, bit for bit. Fails with everything that is wrong with the workload, or
/// as [`replay`](super::replay::replay) does; a bad request is named as the line of its number. [`Run`] is the same
/// for callers who want to see progress, or stop.
pub fn simulate(config: &Value, workload: &Value, seed: u64) -> Result<Replayed, ReplayError> {
    Run::new(config, workload, seed)?.finish()
}

#[cfg(test)]
mod tests {
    use alloc::format;
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
            "workload: expected a map with `requests`, `trace`, `demo`, `profile` or `domains`, found the integer 3"
        );
        assert_eq!(
            wrong("{}"),
            "workload: expected one of `requests`, `trace`, `demo`, `profile` and `domains`, found none"
        );
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
             workload: expected one of `requests`, `trace`, `demo`, `profile` and `domains`, found requests, demo"
        );
        let request =
            wrong(r#"{"requests": [{"arrival_us": 1, "domain": "a"}, {"arrival_us": -4, "domain": "a"}]}"#);
        assert!(request.starts_with("line 2: `arrival_us`"), "{request}");
        assert!(wrong(r#"{"requests": []}"#).contains("empty"));
        let config = run(r#"{"scaler": {"mode": 1}}"#, r#"{"demo": true}"#).unwrap_err().to_string();
        assert!(config.starts_with("scaler.mode"), "{config}");
    }
}
