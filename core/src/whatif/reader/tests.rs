use alloc::string::{String, ToString};

use super::*;
use crate::whatif::generate::{Distribution, DomainRecipe, MmppState, Process};
use crate::whatif::simulation::{Retries, Slow};

fn read(text: &str) -> Result<(Recipe, ReplayOptions, u32), String> {
    let value = Value::from_json(text).unwrap();
    match Workload::read(&value).map_err(|error| error.to_string())? {
        Workload { source: Source::Profile(_, recipe) | Source::Made(recipe), options, runs } => {
            Ok((recipe, options, runs))
        }
        other => panic!("{other:?}"),
    }
}

/// A domain `p` with these arrivals and this service.
fn domain(arrivals: &str, service: &str) -> Result<DomainRecipe, String> {
    let text = format!(r#"{{"domains": {{"p": {{"arrivals": {arrivals}, "service": {service}}}}}}}"#);
    read(&text).map(|(mut recipe, ..)| recipe.domains.remove(0))
}

const SERVICE: &str = r#"{"distribution": "exponential", "mean_us": 5}"#;
const POISSON: &str = r#"{"process": "poisson", "rate_per_s": 2}"#;

#[test]
fn processes_are_read() {
    let arrivals = |text: &str| domain(text, SERVICE).unwrap().arrivals;
    assert_eq!(
        arrivals(r#"{"process": "constant", "rate_per_s": 0.5}"#),
        Process::Constant { rate_per_s: 0.5 }
    );
    assert_eq!(arrivals(POISSON), Process::Poisson { rate_per_s: 2.0 });
    assert_eq!(
        arrivals(r#"{"process": "ramp", "from_per_s": 0, "to_per_s": 9.5}"#),
        Process::Ramp { from_per_s: 0.0, to_per_s: 9.5 }
    );
    let diurnal =
        Process::Diurnal { mean_per_s: 3.0, amplitude: 1.0, period_us: 86_400_000_000, peak_at_us: 0 };
    assert_eq!(arrivals(r#"{"process": "diurnal", "mean_per_s": 3, "amplitude": 1}"#), diurnal);
    assert_eq!(
        arrivals(r#"{"process": "spike", "rate_per_s": 3, "factor": 0, "from_us": 1, "to_us": 2}"#),
        Process::Spike { rate_per_s: 3.0, factor: 0.0, from_us: 1, to_us: 2 }
    );
    let state = |rate_per_s, mean_us| MmppState { rate_per_s, mean_us };
    assert_eq!(
        arrivals(
            r#"{"process": "mmpp", "states": [{"rate_per_s": 0, "mean_us": 7000}, {"rate_per_s": 2, "mean_us": 9000}]}"#
        ),
        Process::Mmpp { states: alloc::vec![state(0.0, 7000), state(2.0, 9000)] }
    );
}

#[test]
fn services_and_keys_are_read() {
    let service = |text: &str| domain(POISSON, text).unwrap().service;
    assert_eq!(
        service(r#"{"distribution": "constant", "mean_us": 1}"#),
        Distribution::Constant { mean_us: 1 }
    );
    assert_eq!(service(SERVICE), Distribution::Exponential { mean_us: 5 });
    assert_eq!(
        service(r#"{"distribution": "log_normal", "mean_us": 9, "variation": 0}"#),
        Distribution::LogNormal { mean_us: 9, variation: 0.0 }
    );
    assert_eq!(
        service(r#"{"distribution": "pareto", "mean_us": 9, "shape": 1.5}"#),
        Distribution::Pareto { mean_us: 9, shape: 1.5 }
    );
    let text =
        format!(r#"{{"domains": {{"p": {{"arrivals": {POISSON}, "service": {SERVICE}, "keys": 12}}}}}}"#);
    let (recipe, _, runs) = read(&text).unwrap();
    assert_eq!((recipe.domains[0].keys, recipe.duration_us, runs), (12, 3_600_000_000, 1));
}

#[test]
fn a_profile_is_its_recipe() {
    for profile in Profile::ALL {
        let name = profile.as_str();
        let (recipe, options, _) =
            read(&format!(r#"{{"profile": "{name}", "duration_us": 60000000}}"#)).unwrap();
        assert_eq!(recipe, profile.recipe(60_000_000));
        assert_eq!(options.simulation.retries, profile.retries());
    }
    let (recipe, ..) = read(r#"{"profile": "steady"}"#).unwrap();
    assert_eq!(recipe.duration_us, Profile::DURATION_US);
    // Its clients can be told otherwise.
    let (_, options, _) = read(r#"{"profile": "retry_storm", "retries": false}"#).unwrap();
    assert_eq!(options.simulation.retries, None);
    let (_, options, _) = read(r#"{"profile": "retry_storm", "retries": {"jitter": 1}}"#).unwrap();
    let usual = Profile::RetryStorm.retries().unwrap();
    assert_eq!(options.simulation.retries, Some(Retries { jitter: 1.0, ..usual }));
}

#[test]
fn the_world_is_read() {
    let (_, options, runs) = read(
        r#"{"profile": "steady", "crashes_per_worker_hour": 0.5, "runs": 5, "speed_up": 3, "retries": {},
            "slow": [{"pool": "payment", "from_us": 0, "to_us": 60000000, "factor": 4.0}]}"#,
    )
    .unwrap();
    let simulation = options.simulation;
    assert_eq!((simulation.crashes_per_worker_hour, simulation.speed_up, runs), (0.5, 3.0, 5));
    assert_eq!(simulation.retries, Some(Retries::default()));
    let slow = Slow { pool: "payment".to_owned(), from_us: 0, to_us: 60_000_000, factor: 4.0 };
    assert_eq!(simulation.slow, [slow]);
    let (_, options, _) = read(
        r#"{"profile": "steady", "retries": {"attempts": 2, "backoff_us": 3, "multiplier": 1, "max_backoff_us": 9,
            "jitter": 0.25, "honor_retry_after": true, "timeout_us": 77}}"#,
    )
    .unwrap();
    let retries = Retries {
        attempts: 2,
        backoff_us: 3,
        multiplier: 1.0,
        max_backoff_us: 9,
        jitter: 0.25,
        honor_retry_after: true,
        timeout_us: Some(77),
    };
    assert_eq!(options.simulation.retries, Some(retries));
}

#[test]
fn everything_that_is_wrong_with_domains_is_told() {
    let found = read(
        r#"{"duration_us": 0, "domains": {
            "a": {"arrivals": {"process": "poison", "rate_per_s": 1}, "servise": 3},
            "b c": {"arrivals": {"process": "poisson", "rate_per_s": 0, "rate": 2}, "service": {"distribution": "pareto", "mean_us": 1, "shape": 1}},
            "d": {"arrivals": {"process": "spike", "rate_per_s": 1e7, "factor": -1, "from_us": 5, "to_us": 5}, "service": {"mean_us": 4}, "keys": -1},
            "e": {"arrivals": {"process": "mmpp", "states": [{"rate_per_s": 0, "mean_us": 1}]}, "service": 7},
            "f": {"arrivals": {"process": "mmpp", "states": [{"rate_per_s": 0, "mean_us": 1}, {"rate_per_s": 0, "mean_us": 1}]}, "service": {"distribution": "log_normal", "mean_us": 0}},
            "g": {"arrivals": {"process": "ramp", "from_per_s": 0, "to_per_s": 0}, "service": {"distribution": "constant"}},
            "h": 4
        }}"#,
    )
    .unwrap_err();
    assert_eq!(
        found,
        "workload.duration_us: expected an integer from 1 to 31622400000000, found the integer 0\n\
         workload.domains.a.servise: unknown field; did you mean `service`?\n\
         workload.domains.a.arrivals.process: expected `constant`, `poisson`, `ramp`, `diurnal`, `spike` or `mmpp`, \
         found the text `poison`; did you mean `poisson`?\n\
         workload.domains.a.service: expected a map with `distribution`, found nothing\n\
         workload.domains.\"b c\".arrivals.rate: unknown field; did you mean `rate_per_s`?\n\
         workload.domains.\"b c\".arrivals.rate_per_s: expected a number above 0 and at most 1000000, found the \
         integer 0\n\
         workload.domains.\"b c\".service.shape: expected a number above 1 and at most 1000, found the integer 1\n\
         workload.domains.d.arrivals.rate_per_s: expected a number above 0 and at most 1000000, found the number \
         10000000.0\n\
         workload.domains.d.arrivals.factor: expected a number from 0 to 1000000, found the integer -1\n\
         workload.domains.d.arrivals.to_us: expected a time after from_us = 5, found 5\n\
         workload.domains.d.service.distribution: expected `constant`, `exponential`, `log_normal` or `pareto`, found \
         nothing\n\
         workload.domains.d.keys: expected an integer from 0 to 9007199254740991, found the integer -1\n\
         workload.domains.e.arrivals.states: expected a list of 2 to 16 states, found a list of 1\n\
         workload.domains.e.service: expected a map with `distribution`, found the integer 7\n\
         workload.domains.f.arrivals.states: every rate_per_s is 0: nothing would arrive\n\
         workload.domains.f.service.mean_us: expected an integer from 1 to 31622400000000, found the integer 0\n\
         workload.domains.f.service.variation: expected a number from 0 to 100, found nothing\n\
         workload.domains.g.arrivals: from_per_s and to_per_s are both 0: nothing would arrive\n\
         workload.domains.g.service.mean_us: expected an integer from 1 to 31622400000000, found nothing\n\
         workload.domains.h: expected a map with `arrivals` and `service`, found the integer 4"
    );
    for (text, message) in [
        (r#"{"domains": {}}"#, "workload.domains: expected from 1 to 4096 domains, found 0"),
        (r#"{"domains": 3}"#, "workload.domains: expected a map of domains, found the integer 3"),
        (
            r#"{"profile": "stedy"}"#,
            "workload.profile: expected `steady`, `ramp`, `diurnal`, `spike`, `bursty`, `heavy_tail` or \
             `retry_storm`, found the text `stedy`; did you mean `steady`?",
        ),
        (
            r#"{"demo": true, "duration_us": 5}"#,
            "workload.duration_us: only what is made (`profile` or `domains`) has a duration",
        ),
    ] {
        assert_eq!(read(text).unwrap_err(), message);
    }
    let twice = format!(r#"{{"arrivals": {POISSON}, "service": {SERVICE}}}"#);
    let found = read(&format!(r#"{{"domains": {{"p": {twice}, "p": {twice}}}}}"#)).unwrap_err();
    assert_eq!(found, "workload.domains.p: given twice");
}

#[test]
fn what_would_take_forever_is_refused() {
    let found = domain(r#"{"process": "poisson", "rate_per_s": 1000000}"#, SERVICE).unwrap_err();
    assert_eq!(found, "workload.domains: expected at most 1000000000 requests, these are about 3600000000");
    // Changes of states count as well.
    let found = domain(
        r#"{"process": "mmpp", "states": [{"rate_per_s": 1, "mean_us": 1}, {"rate_per_s": 1, "mean_us": 1}]}"#,
        SERVICE,
    );
    assert!(found.unwrap_err().contains("these are about 3600003600"));
}

#[test]
fn everything_that_is_wrong_with_the_world_is_told() {
    let found = read(
        r#"{"profile": "steady", "runs": 0, "crashes_per_worker_hour": 4000,
            "slow": [{"pool": 3, "from_us": 9, "to_us": 2, "factor": 0}, 4],
            "retries": {"attempts": 0, "back_off_us": 1, "multiplier": 0.5, "jitter": 1.5, "honor_retry_after": 1,
                "timeout_us": 0, "max_backoff_us": -1}}"#,
    )
    .unwrap_err();
    assert_eq!(
        found,
        "workload.crashes_per_worker_hour: expected a number from 0 to 3600, found the integer 4000\n\
         workload.slow[0].pool: expected a pool's name, found the integer 3\n\
         workload.slow[0].to_us: expected a time after from_us = 9, found 2\n\
         workload.slow[0].factor: expected a number above 0 and at most 1000000, found the integer 0\n\
         workload.slow[1]: expected a map with `pool`, `from_us`, `to_us` and `factor`, found the integer 4\n\
         workload.retries.back_off_us: unknown field; did you mean `backoff_us`?\n\
         workload.retries.attempts: expected an integer from 1 to 100, found the integer 0\n\
         workload.retries.multiplier: expected a number from 1 to 1000, found the number 0.5\n\
         workload.retries.max_backoff_us: expected an integer from 0 to 31622400000000, found the integer -1\n\
         workload.retries.jitter: expected a number from 0 to 1, found the number 1.5\n\
         workload.retries.honor_retry_after: expected true or false, found the integer 1\n\
         workload.retries.timeout_us: expected an integer from 1 to 31622400000000, found the integer 0\n\
         workload.runs: expected an integer from 1 to 100, found the integer 0"
    );
    let found = read(r#"{"profile": "steady", "slow": 3, "retries": 4}"#).unwrap_err();
    assert_eq!(
        found,
        "workload.slow: expected a list of at most 1000 maps with `pool`, `from_us`, `to_us` and `factor`, found the \
         integer 3\n\
         workload.retries: expected a map, or false, found the integer 4"
    );
}
