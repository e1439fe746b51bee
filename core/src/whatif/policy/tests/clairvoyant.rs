//! The plan that knows the future: by hand, against brute force, and against the run that it was made from.

use alloc::format;
use alloc::vec;
use alloc::vec::Vec;

use proptest::prelude::*;

use super::super::Policy;
use super::super::clairvoyant::{Change, Foresight};
use crate::config::Config;
use crate::time::SECOND_US;
use crate::whatif::rng::Rng;
use crate::whatif::simulation::{Outcome, Retries, Simulation, SimulationOptions, Slow};
use crate::whatif::trace::Request;
use crate::whatif::workload::whole;

/// Arrival, domain, service, in seconds.
type Job = (u64, u32, u64);

fn options(delay_s: u64) -> SimulationOptions {
    SimulationOptions {
        worker_start_delay_us: delay_s * SECOND_US,
        policy: Policy::Clairvoyant,
        ..SimulationOptions::default()
    }
}

fn push(simulation: &mut Simulation, jobs: &[Job], unit_us: u64) {
    for (arrival, domain, service) in jobs {
        let service_us = Some(service * unit_us);
        let key = &arrival.to_le_bytes();
        let request = Request { arrival_us: arrival * unit_us, domain: *domain, service_us, key };
        simulation.push(request).unwrap();
    }
}

fn foresee(config: &Config, options: &SimulationOptions, jobs: &[Job], unit_us: u64) -> (Foresight, Outcome) {
    let scout = || {
        let mut scout = Simulation::scout(config, options.clone()).unwrap();
        push(&mut scout, jobs, unit_us);
        scout
    };
    (scout().foresee().unwrap(), scout().finish().unwrap())
}

fn follow(
    config: &Config,
    options: &SimulationOptions,
    foresight: &Foresight,
    jobs: &[Job],
    unit_us: u64,
) -> Outcome {
    let mut run = Simulation::foreseeing(config, options.clone(), foresight).unwrap();
    push(&mut run, jobs, unit_us);
    // Fails by itself when services don't begin where and when they were foreseen.
    run.finish().unwrap()
}

fn pool(min: u32, max: u32, waiting: u32) -> Config {
    let text = format!(
        r#"{{"pools": {{"p": {{"min_workers": {min}, "max_workers": {max}, "max_waiting": {waiting}}}}}}}"#
    );
    Config::from_json(&text).unwrap()
}

/// The changes of the plan in seconds.
fn plan(config: &Config, delay_s: u64, jobs: &[Job]) -> (u32, Vec<(u64, bool)>) {
    let (foresight, _) = foresee(config, &options(delay_s), jobs, SECOND_US);
    let seconds = |change: &Change| (change.at_us / SECOND_US, change.up);
    (foresight.pools()[0].initial_workers, foresight.plan().iter().map(seconds).collect())
}

#[test]
fn a_gap_shorter_than_a_start_is_bridged() {
    // Busy from 0 to 10, 19 to 29, 39 to 49: gaps of 9 and of 10 s.
    let jobs = [(0, 0, 10), (19, 0, 10), (39, 0, 10)];
    assert_eq!(plan(&pool(0, 5, 0), 10, &jobs), (1, vec![(29, false), (29, true), (49, false)]));
    assert_eq!(plan(&pool(0, 5, 0), 11, &jobs), (1, vec![(49, false)]));
    assert_eq!(
        plan(&pool(0, 5, 0), 9, &jobs),
        (1, vec![(10, false), (10, true), (29, false), (30, true), (49, false)])
    );
    // A worker that is there anyway.
    assert_eq!(plan(&pool(1, 5, 0), 9, &jobs), (1, vec![]));
    // Worker-time: 49 s less the gap of 10, which the start takes again; and 9 + 9 s of starts for both gaps.
    for (delay_s, seconds) in [(10, 49.0), (11, 49.0), (9, 48.0), (5, 40.0), (0, 30.0)] {
        let (config, options) = (pool(0, 5, 0), options(delay_s));
        let (foresight, _) = foresee(&config, &options, &jobs, SECOND_US);
        let outcome = follow(&config, &options, &foresight, &jobs, SECOND_US);
        let hours = outcome.summary.worker_hours.total;
        assert!((hours * 3600.0 - seconds).abs() < 1e-6, "{delay_s}: {}", hours * 3600.0);
        assert_eq!(outcome.summary.refused, 0);
    }
}

#[test]
fn levels_are_ordered_before_they_are_needed_and_leave_from_the_top() {
    // One runs from 0 to 100; a second from 30 to 50; a third from 32 to 40.
    let jobs = [(0, 0, 100), (30, 0, 20), (32, 0, 8)];
    assert_eq!(
        plan(&pool(0, 5, 0), 10, &jobs),
        (1, vec![(20, true), (22, true), (40, false), (50, false), (100, false)])
    );
    // Nobody can order before the start: what is needed sooner is there from the start.
    assert_eq!(plan(&pool(0, 5, 0), 31, &jobs), (2, vec![(1, true), (40, false), (50, false), (100, false)]));
    // The most workers are the most levels: the third request is refused, as it would be with all of them.
    assert_eq!(plan(&pool(0, 2, 0), 10, &jobs), (1, vec![(20, true), (50, false), (100, false)]));
    let (_, outcome) = foresee(&pool(0, 2, 0), &options(10), &jobs, SECOND_US);
    assert_eq!((outcome.summary.refused, outcome.summary.pools[0].1.workers_max), (1, 2));
}

#[test]
fn a_service_without_any_length_has_its_worker() {
    let jobs = [(0, 0, 0), (0, 0, 0), (50, 0, 0), (50, 0, 1), (50, 0, 0), (51, 0, 0), (90, 0, 0)];
    for delay_s in [0, 1, 10, 60] {
        let (config, options) = (pool(0, 3, 0), options(delay_s));
        let (foresight, _) = foresee(&config, &options, &jobs, SECOND_US);
        let outcome = follow(&config, &options, &foresight, &jobs, SECOND_US);
        assert_eq!((outcome.summary.completed, outcome.summary.refused), (7, 0), "{delay_s}");
    }
}

#[test]
fn what_it_is_sized_by_is_seen() {
    let minute = 60;
    let jobs = [(0, 0, 30), (59, 0, 60), (60, 0, 10), (61, 0, 100), (61, 0, 40), (5 * minute, 0, 1)];
    let (foresight, _) = foresee(&pool(0, 1, 0), &options(0), &jobs, SECOND_US);
    let seen = foresight.pools()[0];
    assert_eq!((seen.work_us, seen.busiest_us), (241 * 1_000_000, 150 * 1_000_000));
    assert_eq!((seen.time_us, seen.minute_us), (301 * SECOND_US, 60 * SECOND_US));
}

/// The least worker-time in whole steps of any plan: every way to hold p(t) workers present in step t is tried, one
/// step after another, keeping for each history of the last `delay` steps the cheapest.
fn brute_force(needs: &[u32], min: u32, max: u32, delay: usize) -> u32 {
    use alloc::collections::BTreeMap;
    // The workers present in each of the last `delay` steps; before the start there were as many as at the start.
    let mut states: BTreeMap<Vec<u32>, u32> = BTreeMap::new();
    for initial in min..=max {
        states.insert(vec![initial; delay + 1], 0);
    }
    for (step, need) in needs.iter().enumerate() {
        let mut next: BTreeMap<Vec<u32>, u32> = BTreeMap::new();
        for (history, cost) in &states {
            for present in min..=max {
                if step == 0 && present != history[0] {
                    continue;
                }
                let mut history = history.clone();
                history.remove(0);
                history.push(present);
                // Ready is who was present all through the start delay, and is still.
                let ready = history.iter().min().copied().unwrap();
                if ready < *need {
                    continue;
                }
                let cost = cost + present;
                let best = next.entry(history).or_insert(cost);
                *best = cost.min(*best);
            }
        }
        states = next;
    }
    states.into_values().min().unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn no_plan_needs_less(
        seed: u64,
        min in 0_u32..2,
        max in 2_u32..4,
        delay in 0_u64..5,
        count in 1_usize..12,
    ) {
        let mut rng = Rng::new(seed);
        let mut arrival = 0;
        let mut jobs: Vec<Job> = Vec::new();
        for _ in 0..count {
            jobs.push((arrival, 0, 1 + rng.below(5)));
            arrival += rng.below(7);
        }
        let (config, options) = (pool(min, max, 0), options(delay));
        let (foresight, scouted) = foresee(&config, &options, &jobs, SECOND_US);
        let outcome = follow(&config, &options, &foresight, &jobs, SECOND_US);
        let end = usize::try_from(outcome.summary.duration_us / SECOND_US).unwrap();
        // What runs in each second, by the services that weren't refused.
        let mut needs = vec![0_u32; end];
        for (arrival, _, service) in &jobs {
            let (from, to) = (usize::try_from(*arrival).unwrap(), usize::try_from(arrival + service).unwrap());
            if needs[from] < max {
                needs[from..to].iter_mut().for_each(|need| *need += 1);
            }
        }
        let least = brute_force(&needs, min, max, usize::try_from(delay).unwrap());
        let found = outcome.summary.worker_hours.total * 3600.0;
        prop_assert!((found - f64::from(least)).abs() < 1e-6, "{} {}", found, least);
        prop_assert_eq!(scouted.summary.refused, outcome.summary.refused);
    }

    #[test]
    fn the_plan_decides_as_all_workers_would(
        seed: u64,
        min in 0_u32..4,
        max in 4_u32..9,
        waiting in prop_oneof![Just(0_u32), 1_u32..20],
        overflow in 0_u32..3,
        linger_us in prop_oneof![Just(0_u64), 1_u64..3_000_000],
        codel: bool,
        fifo: bool,
        confirmed: bool,
        ttl in prop::option::of(200_000_u64..3_000_000),
        delay_us in prop_oneof![Just(0), 1_u64..9_000_000],
        patience_us in 0_u64..4_000_000,
        unit_us in prop_oneof![Just(1_u64), Just(1000), Just(250_000)],
        load in 0.2_f64..6.0,
        retries in prop::option::of((2_u32..5, prop::option::of(100_000_u64..3_000_000), 0.0_f64..1.0)),
        slow: bool,
    ) {
        let queue = if codel { "codel" } else { "fifo" };
        let strategy = if fifo { "fifo" } else { "lifo" };
        let start = if confirmed { "confirmed" } else { "instant" };
        let ttl = ttl.map_or("null".into(), |ttl| format!("{ttl}"));
        let pool = format!(
            r#"{{"min_workers": {min}, "initial_workers": {min}, "max_workers": {max}, "max_waiting": {waiting},
            "max_overflow": {overflow}, "overflow_ttl_us": {linger_us}, "queue": "{queue}", "strategy": "{strategy}"}}"#
        );
        let text = format!(
            r#"{{"regulator": {{"soft_limit": 9, "hard_limit": 20, "token_ttl_us": {ttl}}}, "worker_start": "{start}",
            "pools": {{"a": {pool}, "b": {pool}}}, "domains": {{"both": {{"pools": ["a", "b"]}}}}}}"#
        );
        let config = Config::from_json(&text).unwrap();
        let retries = retries.map(|(attempts, timeout_us, jitter)| Retries {
            attempts, jitter, timeout_us, ..Retries::default()
        });
        let slow = slow.then(|| Slow { pool: "a".into(), from_us: 9_000_000, to_us: 40_000_000, factor: 3.0 });
        let slow = slow.into_iter().collect();
        let options = SimulationOptions {
            worker_start_delay_us: delay_us, patience_us, retries, slow, ..options(0)
        };
        let mut rng = Rng::new(seed);
        let mut arrival = 0;
        let mut jobs: Vec<Job> = Vec::new();
        let second = f64::from(u32::try_from(SECOND_US / unit_us).unwrap());
        for _ in 0..400 {
            let service = if rng.below(10) == 0 { 0 } else { whole(rng.exponential(second)) };
            jobs.push((arrival, u32::try_from(rng.below(3)).unwrap(), service));
            let gap = if rng.below(40) == 0 { 20.0 } else { 1.0 / load };
            arrival += whole(rng.exponential(gap * second));
        }
        let (foresight, scouted) = foresee(&config, &options, &jobs, unit_us);
        let outcome = follow(&config, &options, &foresight, &jobs, unit_us);
        let (one, two) = (&scouted.summary, &outcome.summary);
        prop_assert_eq!(&one.refused_by_reason, &two.refused_by_reason);
        prop_assert_eq!((one.expired, one.completed, one.in_flight), (two.expired, two.completed, two.in_flight));
        prop_assert_eq!(one.wait_ms, two.wait_ms);
        prop_assert_eq!(one.latency_ms, two.latency_ms);
        prop_assert_eq!((one.retries, one.gave_up, one.abandoned), (two.retries, two.gave_up, two.abandoned));
        prop_assert_eq!(one.refused_or_late, two.refused_or_late);
        prop_assert_eq!(&one.domains, &two.domains);
        for (_, pool) in &two.pools {
            prop_assert!(pool.workers_min >= min && pool.workers_max <= max);
        }
    }
}
