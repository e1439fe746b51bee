//! What holds for every policy.

use alloc::format;
use alloc::string::ToString;
use alloc::vec::Vec;

use proptest::prelude::*;

use super::super::Policy;
use crate::config::{Config, Value};
use crate::effect::EffectKind;
use crate::time::SECOND_US;
use crate::whatif::rng::Rng;
use crate::whatif::simulation::{Outcome, Retries, Simulation, SimulationError, SimulationOptions};
use crate::whatif::trace::Request;
use crate::whatif::workload::whole;

const ALL: [&str; 8] = [
    r#""heijunka""#,
    r#"{"kind": "fixed", "workers": 4}"#,
    r#"{"kind": "fixed", "for": "mean"}"#,
    r#"{"kind": "fixed", "for": "peak"}"#,
    r#""hpa""#,
    r#""kpa""#,
    r#""celery""#,
    r#""clairvoyant""#,
];

fn policy(text: &str) -> Policy {
    Policy::from_value(&Value::from_json(text).unwrap()).unwrap()
}

fn run(
    config: &Config,
    options: &SimulationOptions,
    requests: &[(u64, u32, u64)],
) -> Result<Outcome, SimulationError> {
    let push = |mut simulation: Simulation| {
        for (arrival_us, domain, service_us) in requests {
            let (arrival_us, domain) = (*arrival_us, *domain);
            simulation.push(Request { arrival_us, domain, service_us: Some(*service_us), key: b"" })?;
        }
        Ok::<_, SimulationError>(simulation)
    };
    let simulation = if options.policy.needs_foresight() {
        let foresight = push(Simulation::scout(config, options.clone())?)?.foresee()?;
        Simulation::foreseeing(config, options.clone(), &foresight)?
    } else {
        Simulation::new(config, options.clone())?
    };
    push(simulation)?.finish()
}

fn made(seed: u64, load: f64, count: u64) -> Vec<(u64, u32, u64)> {
    let mut rng = Rng::new(seed);
    let mut arrival_us = 0;
    let mut requests = Vec::new();
    for number in 0..count {
        // Quiet, then a burst, and so on.
        let load = if number / 100 % 3 == 1 { load * 8.0 } else { load };
        arrival_us += whole(rng.exponential(1_000_000.0 / load));
        requests.push((arrival_us, u32::try_from(rng.below(2)).unwrap(), whole(rng.exponential(900_000.0))));
    }
    requests
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn no_policy_leaves_the_bounds_of_a_pool(
        seed: u64,
        place in 0..ALL.len(),
        min in 0_u32..4,
        more in 0_u32..20,
        waiting in prop_oneof![Just(0_u32), 1_u32..200],
        delay_us in prop_oneof![Just(0), 1_u64..40_000_000],
        load in 0.5_f64..20.0,
    ) {
        let max = 4 + more;
        let text = format!(
            r#"{{"pools": {{"p": {{"min_workers": {min}, "max_workers": {max}, "max_waiting": {waiting}}},
            "q": {{"min_workers": {min}, "max_workers": {max}, "max_overflow": 2}}}}}}"#
        );
        let config = Config::from_json(&text).unwrap();
        let policy = policy(ALL[place]);
        let options =
            SimulationOptions { worker_start_delay_us: delay_us, policy: policy.clone(), ..SimulationOptions::default() };
        let requests = made(seed, load, 900);
        let outcome = run(&config, &options, &requests).unwrap();
        for (_, pool) in &outcome.summary.pools {
            prop_assert!(pool.workers_min >= min && (pool.workers_max <= max || !policy.is_outside()));
            prop_assert!(pool.surge_max == 0 || !policy.is_outside());
        }
        if policy.is_outside() {
            prop_assert_eq!((outcome.summary.surges, outcome.summary.migrations), (0, 0));
        }
        let summary = &outcome.summary;
        prop_assert!(summary.refused_or_late >= summary.refused + summary.late.max(summary.expired));
        prop_assert!(summary.refused_or_late <= summary.refused + summary.late + summary.expired);
        prop_assert_eq!(outcome, run(&config, &options, &requests).unwrap());
    }
}

#[test]
fn nothing_but_scaling_changes() {
    // With pools that can't be scaled all policies are one.
    let config = Config::from_json(
        r#"{"pools": {"p": {"min_workers": 4, "max_workers": 4, "max_waiting": 3}, "q": {"min_workers": 4, "max_workers": 4}},
        "burst": {"enabled": false}, "balancer": {"trigger": 0}, "scaler": {"enabled": false}}"#,
    )
    .unwrap();
    let requests = made(5, 6.0, 2000);
    let run = |text: &str| {
        let options = SimulationOptions { policy: policy(text), ..SimulationOptions::default() };
        run(&config, &options, &requests).unwrap()
    };
    let engine = run(ALL[0]);
    assert!(engine.summary.refused > 0 && engine.summary.wait_ms.max > 0.0);
    for text in ALL.iter().filter(|text| !text.contains("clairvoyant")) {
        assert_eq!(run(text), engine, "{text}");
    }
}

#[test]
fn a_pool_is_never_left_without_anybody_by_who_watches() {
    let config = Config::from_json(r#"{"pools": {"p": {"initial_workers": 0, "min_workers": 0}}}"#).unwrap();
    let jobs: Vec<_> = (0..400).map(|number| (number * SECOND_US, 0, 100_000)).collect();
    for text in [r#""hpa""#, r#""kpa""#, r#""celery""#] {
        let options = SimulationOptions { policy: policy(text), ..SimulationOptions::default() };
        let outcome = run(&config, &options, &jobs).unwrap();
        let pool = &outcome.summary.pools[0].1;
        assert_eq!((pool.workers_min, pool.workers_end), (0, 1), "{text}");
        assert!(pool.completed > 380, "{text}: {}", pool.completed);
    }
    let options = SimulationOptions { policy: Policy::Clairvoyant, ..SimulationOptions::default() };
    let outcome = run(&config, &options, &jobs).unwrap();
    assert_eq!((outcome.summary.refused, outcome.summary.completed), (0, 400));
    let busy = 400.0 * 0.1 / 3600.0;
    assert!((outcome.summary.worker_hours.total - busy).abs() < 1e-9);
}

#[test]
fn a_gap_of_a_year_is_passed_over() {
    let year_us = 365 * 86_400 * SECOND_US;
    let mut jobs: Vec<_> = (0..500).map(|number| (number * 50_000, 0, SECOND_US)).collect();
    jobs.push((year_us, 0, SECOND_US));
    jobs.push((year_us + 600 * SECOND_US, 0, SECOND_US));
    for text in ALL.iter().filter(|text| !text.contains("workers")) {
        let options = SimulationOptions { policy: policy(text), ..SimulationOptions::default() };
        let config = Config::from_json(r#"{"pools": {"p": {"min_workers": 1, "max_waiting": 50}}}"#).unwrap();
        let outcome = run(&config, &options, &jobs).unwrap();
        assert_eq!(outcome.summary.in_flight, 0, "{text}");
        if text.len() < 12 {
            // Celery grows, and so shrinks, in these.
            assert_eq!(outcome.summary.pools[0].1.workers_end, 1, "{text}");
        }
    }
}

#[test]
fn changes_from_outside_are_counted_by_decision() {
    let config = Config::from_json(r#"{"pools": {"p": {"initial_workers": 2, "max_waiting": 99}}}"#).unwrap();
    let options = SimulationOptions { policy: policy(r#""celery""#), ..SimulationOptions::default() };
    let jobs: Vec<_> = (0..30).map(|_| (0, 0, 10 * SECOND_US)).collect();
    let outcome = run(&config, &options, &jobs).unwrap();
    // 2 to 8, 8 to 30, each worker an effect.
    assert_eq!((outcome.summary.scale_changes, outcome.summary.effects[&EffectKind::AddWorkers]), (2, 28));
}

#[test]
fn what_is_wrong_is_told() {
    let config = Config::from_json(r#"{"pools": {"p": {"max_workers": 5}, "q": {}}}"#).unwrap();
    let told =
        |text: &str| policy(text).check(&config, &SimulationOptions::default()).unwrap_err().to_string();
    assert_eq!(
        told(r#"{"kind": "fixed", "workers": 6}"#),
        "policy.workers: 6 is outside 2 to 5, the `min_workers` and `max_workers` of `pools.p`"
    );
    assert_eq!(
        told(r#"{"kind": "fixed", "workers": {"p": 1, "r": 3}}"#),
        "policy.workers.p: 1 is outside 2 to 5, the `min_workers` and `max_workers` of `pools.p`\n\
         policy.workers: unknown pool `r`\n\
         policy.workers: there is no count for the pool `q`"
    );
    let options = SimulationOptions { policy: Policy::Clairvoyant, ..SimulationOptions::default() };
    let crashing = SimulationOptions { crashes_per_worker_hour: 0.1, ..options.clone() };
    assert_eq!(
        options.policy.check(&config, &crashing).unwrap_err().to_string(),
        "policy: `clairvoyant` can't foresee a run with `crashes_per_worker_hour` above 0: which worker crashes depends \
         on how many there are"
    );
    let retries = Some(Retries { honor_retry_after: true, ..Retries::default() });
    let honoring = SimulationOptions { retries, ..options.clone() };
    assert!(options.policy.check(&config, &honoring).unwrap_err().to_string().contains("honor_retry_after"));
    let made = Simulation::new(&config, options.clone()).unwrap_err();
    assert_eq!(made.to_string(), "the policy `clairvoyant` has to know all requests beforehand");
    // Other requests than those that were seen.
    let mut scout = Simulation::scout(&config, options.clone()).unwrap();
    let request = Request { arrival_us: 0, domain: 0, service_us: None, key: b"" };
    scout.push(request).unwrap();
    let mut run = Simulation::foreseeing(&config, options, &scout.foresee().unwrap()).unwrap();
    run.push(request).unwrap();
    run.push(Request { arrival_us: 1, ..request }).unwrap();
    assert_eq!(run.finish().unwrap_err(), SimulationError::Unforeseen);
}
