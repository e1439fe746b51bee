//! Crashes, slow pools, clients that try again.

use alloc::borrow::ToOwned;
use alloc::vec;

use super::*;
use crate::whatif::simulation::{Retries, Slow};

/// What the requests became: first, again, refused, completed, given up.
fn fates(summary: &Summary) -> [u64; 5] {
    [summary.requests, summary.retries, summary.refused, summary.completed, summary.gave_up]
}

const NO_JITTER: Retries = Retries {
    attempts: 4,
    backoff_us: 500 * MS,
    multiplier: 2.0,
    max_backoff_us: 10_000 * MS,
    jitter: 0.0,
    honor_retry_after: false,
    timeout_us: None,
};

fn with(retries: Retries) -> SimulationOptions {
    SimulationOptions { retries: Some(retries), ..SimulationOptions::default() }
}

#[test]
fn services_that_start_while_a_pool_is_slow_take_longer() {
    let slow = |from: u64, to: u64, factor| Slow {
        pool: "p".to_owned(),
        from_us: from * MS,
        to_us: to * MS,
        factor,
    };
    let jobs = [(10_000, 1000), (12_000, 1000), (14_000, 1000), (16_000, 1000)];
    let mean = |slow: Vec<Slow>, speed_up| {
        let options = SimulationOptions { speed_up, slow, ..SimulationOptions::default() };
        run(&fixed(1, 5), options, &jobs).summary.latency_ms.mean
    };
    // Since the start, which is the first arrival: the second starts at 2 s, the third at 4 s.
    assert_eq!(mean(vec![], 1.0), 1000.0);
    assert_eq!(mean(vec![slow(3000, 5000, 1.5)], 1.0), 1125.0);
    assert_eq!(mean(vec![slow(2000, 4000, 1.5)], 1.0), 1125.0, "from, but not up to");
    assert_eq!(
        mean(vec![slow(1000, 5000, 1.5), slow(0, 3000, 0.2)], 1.0),
        (200.0 + 300.0 + 1500.0 + 1000.0) / 4.0
    );
    // At twice the speed the third starts at 2 s, and the window is from 1.5 s to 2.5 s.
    assert_eq!(mean(vec![slow(3000, 5000, 1.5)], 2.0), 1125.0 + 500.0 / 4.0, "the fourth waits");
    let options = SimulationOptions {
        slow: vec![Slow { pool: "q".to_owned(), ..slow(0, 1, 2.0) }],
        ..SimulationOptions::default()
    };
    let error = Simulation::new(&fixed(1, 0), options).unwrap_err();
    assert_eq!(error.to_string(), "the slow pool `q` isn't a pool of the configuration");
}

#[test]
fn clients_try_again_after_their_back_off() {
    // The second is refused at 0.1 s and 0.6 s, and comes to a free worker at 1.6 s.
    let jobs = [(0, 1000), (100, 1000)];
    let summary = run(&fixed(1, 0), with(NO_JITTER), &jobs).summary;
    assert_eq!(fates(&summary), [2, 2, 2, 2, 0]);
    assert_eq!((summary.offered, summary.accepted, summary.duration_us), (4, 2, 2600 * MS));
    assert_eq!(summary.latency_ms.max, 1000.0, "of the attempt that was served");
    let twice = run(&fixed(1, 0), with(Retries { attempts: 2, ..NO_JITTER }), &jobs).summary;
    assert_eq!(fates(&twice), [2, 1, 2, 1, 1]);
    let never = run(&fixed(1, 0), SimulationOptions::default(), &jobs).summary;
    assert_eq!(fates(&never), [2, 0, 1, 1, 1]);
    // Those that expire come back as well: at 1 s, and again at 1.5 s.
    let options = SimulationOptions { patience_us: 900 * MS, ..with(NO_JITTER) };
    let expired = run(&fixed(1, 5), options, &[(0, 1700), (100, 1000)]).summary;
    assert_eq!(fates(&expired), [2, 1, 0, 2, 0]);
    assert_eq!((expired.expired, expired.duration_us), (1, 2700 * MS));
}

#[test]
fn a_client_that_leaves_lets_the_system_work_in_vain() {
    // Clients wait for 1.5 s, then try once more after 0.4 s. The first service ends at 2 s, its client left at 1.5 s; the
    // second is served from 2 s to 3 s, its client left at 1.6 s; the second attempts, at 1.9 s and 2 s, are served from
    // 3 s to 5 s and from 5 s to 6 s.
    let retries = Retries { attempts: 2, backoff_us: 400 * MS, timeout_us: Some(1500 * MS), ..NO_JITTER };
    let outcome = run(&fixed(1, 5), with(retries), &[(0, 2000), (100, 1000)]);
    let summary = &outcome.summary;
    assert_eq!(fates(summary), [2, 2, 0, 0, 2]);
    assert_eq!((summary.abandoned, summary.timed_out, summary.duration_us), (4, 4, 6000 * MS));
    assert_eq!((summary.pools[0].1.abandoned, summary.domains[0].1.abandoned), (4, 4));
    assert_eq!((summary.goodput_per_s, summary.utilization_mean), (0.0, 1.0));
    // A client that waits a little longer gets its answer.
    let patient = Retries { timeout_us: Some(2001 * MS), ..retries };
    let summary = run(&fixed(1, 5), with(patient), &[(0, 2000)]).summary;
    assert_eq!((summary.completed, summary.timed_out), (1, 0));
}

#[test]
fn who_waits_to_try_again_when_the_run_ends_is_told() {
    let options = SimulationOptions { drain_us: 200 * MS, ..with(NO_JITTER) };
    let summary = run(&fixed(1, 0), options, &[(0, 100), (50, 100)]).summary;
    assert_eq!((summary.to_retry, summary.completed, summary.retries), (1, 1, 0));
    assert_eq!(summary.duration_us, 250 * MS);
}

#[test]
fn workers_crash_at_their_rate() {
    // Ten workers for 100 hours, each twice an hour; half of the time nine of ten are busy.
    let options = SimulationOptions { crashes_per_worker_hour: 2.0, ..SimulationOptions::default() };
    let jobs: Vec<Job> = (0..36_000).map(|place| (place * 10_000, 45_000)).collect();
    let outcome = run(&fixed(10, 100), options.clone(), &jobs);
    let summary = &outcome.summary;
    // 2,000 expected: within four standard deviations.
    assert!((1820..2180).contains(&summary.crashes), "{}", summary.crashes);
    // A crash strikes a busy worker as often as workers are busy: 4.5 of 10.
    let share = summary.failed as f64 / summary.crashes as f64;
    assert!((share - 0.45).abs() < 0.05, "{share}");
    assert_eq!(summary.completed + summary.failed, 36_000);
    assert_eq!(summary.gave_up, summary.failed);
    assert_eq!((summary.pools[0].1.failed, summary.domains[0].1.failed), (summary.failed, summary.failed));
    // Each is replaced at once.
    assert_eq!((summary.pools[0].1.workers_min, summary.pools[0].1.workers_end), (10, 10));
    assert!(outcome.marks.iter().all(|mark| mark.reason == Reason::WorkerFailed));
    // Another seed, other crashes; the same one, the same.
    let seeded = |seed| run(&fixed(10, 100), SimulationOptions { seed, ..options.clone() }, &jobs);
    assert_eq!(seeded(1), outcome);
    assert_ne!(seeded(2).summary.crashes, summary.crashes);
    // With clients that try again nothing is lost.
    let again = SimulationOptions { retries: Some(NO_JITTER), ..options };
    let again = run(&fixed(10, 100), again, &jobs).summary;
    assert_eq!((again.completed, again.gave_up, again.retries), (36_000, 0, again.failed));
}

#[test]
fn a_crashed_worker_takes_its_time_to_come_back() {
    // One worker that crashes every minute in the mean, and needs a minute to start: half of the time it is there.
    let options = SimulationOptions {
        crashes_per_worker_hour: 60.0,
        worker_start_delay_us: 60 * SECOND_US,
        ..SimulationOptions::default()
    };
    let jobs: Vec<Job> = (0..36_000).map(|place| (place * 1000, 1)).collect();
    let summary = run(&fixed(1, 0), options, &jobs).summary;
    let served = summary.completed as f64 / 36_000.0;
    assert!((served - 0.5).abs() < 0.06, "{served}");
    assert!((270..330).contains(&summary.crashes), "{}", summary.crashes);
}

#[test]
fn a_century_without_requests_has_no_crashes_to_catch_up() {
    let options = SimulationOptions { crashes_per_worker_hour: 3600.0, ..SimulationOptions::default() };
    let summary = run(&fixed(1, 0), options, &[(0, 1), (100 * 365 * 86_400_000, 1)]).summary;
    assert!(summary.crashes < 30_000, "{}", summary.crashes);
}

/// Ten workers that do 100 requests a second; 30 come, and for ten seconds 150.
fn storm(retries: Retries) -> Outcome {
    let options = SimulationOptions { patience_us: 60 * SECOND_US, ..with(retries) };
    let mut simulation = Simulation::new(&fixed(10, 2000), options).unwrap();
    let mut rng = Rng::new(5);
    let mut now = 0.0;
    while now < 900e6 {
        let rate = if (60e6..70e6).contains(&now) { 150.0 } else { 30.0 };
        now += rng.exponential(1e6 / rate);
        let service_us = Some(100 * MS);
        simulation.push(Request { arrival_us: whole(now), domain: 0, service_us, key: b"" }).unwrap();
    }
    simulation.finish().unwrap()
}

/// Requests a second that were served in time, in the last five minutes before the last arrival.
fn goodput(outcome: &Outcome) -> f64 {
    let buckets = 600 * SECOND_US / outcome.series.bucket_us..900 * SECOND_US / outcome.series.bucket_us;
    let completed = &outcome.series.pools[0].completed;
    let kept = &completed[usize::try_from(buckets.start).unwrap()..usize::try_from(buckets.end).unwrap()];
    kept.iter().sum::<f64>() / kept.len() as f64
}

#[test]
fn a_retry_storm_outlives_its_cause_and_back_off_with_jitter_ends_it() {
    let storming = Retries {
        attempts: 5,
        backoff_us: 10 * MS,
        multiplier: 1.0,
        timeout_us: Some(SECOND_US),
        ..NO_JITTER
    };
    let stuck = storm(storming);
    // Nine minutes after ten seconds too many, every worker is busy and hardly anybody is served in time.
    assert!(goodput(&stuck) < 1.0, "{}", goodput(&stuck));
    assert!(stuck.summary.utilization_mean > 0.9 && stuck.summary.abandoned > 70_000);
    // As many attempts, but later, and each client at its own time: all is well again.
    let backing_off = Retries {
        backoff_us: 60 * SECOND_US,
        multiplier: 2.0,
        max_backoff_us: 600 * SECOND_US,
        jitter: 1.0,
        ..storming
    };
    let recovered = storm(backing_off);
    assert!((goodput(&recovered) - 30.0).abs() < 2.0, "{}", goodput(&recovered));
    assert_eq!((recovered.summary.gave_up, recovered.summary.completed), (0, recovered.summary.requests));
    // Without any retries it recovers as well: they are what holds the storm.
    let once = storm(Retries { attempts: 1, ..storming });
    assert!((goodput(&once) - 30.0).abs() < 2.0, "{}", goodput(&once));
}

#[test]
fn memory_is_bounded_by_the_clients_that_are_left() {
    let mut simulation = Simulation::new(&fixed(2, 4), with(NO_JITTER)).unwrap();
    for place in 0..20_000 {
        let request =
            Request { arrival_us: place * 400 * MS, domain: 0, service_us: Some(300 * MS), key: b"" };
        simulation.push(request).unwrap();
    }
    assert!(simulation.clients.as_ref().unwrap().places() < 20);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn the_books_balance_in_a_hard_world(
        seed: u64,
        workers in 1_u32..6,
        waiting in 0_u32..8,
        overflow in 0_u32..3,
        ttl in prop::option::of(50_u64..2000),
        delay in prop_oneof![Just(0), 1_u64..9000],
        patience in 0_u64..3000,
        load in 0.2_f64..6.0,
        crashes in prop_oneof![Just(0.0), 1.0_f64..3600.0],
        factor in 0.1_f64..9.0,
        attempts in 0_u32..6,
        timeout in prop::option::of(1_u64..4000),
        jitter in 0.0_f64..1.0,
        backoff in 0_u64..2000,
        honor_retry_after: bool,
    ) {
        let ttl = ttl.map_or("null".to_string(), |ttl| (ttl * MS).to_string());
        let text = format!(
            r#"{{"regulator": {{"soft_limit": 8, "hard_limit": 12, "token_ttl_us": {ttl}}},
            "pools": {{"p": {{"initial_workers": {workers}, "min_workers": 1, "max_waiting": {waiting},
            "max_overflow": {overflow}}}, "q": {{"initial_workers": 2, "min_workers": 1}}}}}}"#
        );
        let config = Config::from_json(&text).unwrap();
        let retries = Retries {
            attempts,
            backoff_us: backoff * MS,
            multiplier: 1.5,
            max_backoff_us: 3000 * MS,
            jitter,
            honor_retry_after,
            timeout_us: timeout.map(|timeout| timeout * MS),
        };
        let options = SimulationOptions {
            worker_start_delay_us: delay * MS,
            patience_us: patience * MS,
            drain_us: 2 * SECOND_US,
            crashes_per_worker_hour: crashes,
            slow: vec![Slow { pool: "q".to_owned(), from_us: 9 * SECOND_US, to_us: 90 * SECOND_US, factor }],
            retries: (attempts > 0).then_some(retries),
            seed,
            ..SimulationOptions::default()
        };
        let outcome = || {
            let mut rng = Rng::new(seed);
            let mut simulation = Simulation::new(&config, options.clone()).unwrap();
            let mut arrival_us = 0;
            for _ in 0..400 {
                arrival_us += whole(rng.exponential(500_000.0 / load));
                let domain = u32::try_from(rng.below(2)).unwrap();
                let service_us = Some(whole(rng.exponential(800_000.0)));
                simulation.push(Request { arrival_us, domain, service_us, key: b"" }).unwrap();
            }
            // Fails by itself when requests got lost.
            simulation.finish().unwrap()
        };
        let first = outcome();
        let summary = &first.summary;
        let sum = |of: fn(&PoolSummary) -> u64| summary.pools.iter().map(|(_, pool)| of(pool)).sum::<u64>();
        prop_assert_eq!(summary.offered, sum(|pool| pool.offered));
        prop_assert_eq!((summary.failed, summary.abandoned), (sum(|pool| pool.failed), sum(|pool| pool.abandoned)));
        for (_, pool) in &summary.pools {
            let ended = pool.completed + pool.refused + pool.expired + pool.failed + pool.abandoned;
            prop_assert_eq!(pool.offered, ended + pool.in_flight);
        }
        prop_assert!(summary.failed <= summary.crashes);
        prop_assert_eq!(summary.requests, 400);
        prop_assert_eq!(first, outcome());
    }
}
