#![allow(clippy::cast_precision_loss, clippy::float_cmp)]

use alloc::format;
use alloc::string::ToString;
use alloc::vec::Vec;

use proptest::prelude::*;

mod world;

use super::*;
use crate::error::Error;
use crate::whatif::rng::Rng;
use crate::whatif::workload::Demo;

const MS: u64 = 1000;

/// A request: arrival and service in milliseconds.
type Job = (u64, u64);

fn config(pool: &str, rest: &str) -> Config {
    Config::from_json(&format!(r#"{{"pools": {{"p": {{{pool}}}}}{rest}}}"#)).unwrap()
}

/// `c` workers for good, and a line.
fn fixed(c: u32, waiting: u32) -> Config {
    let pool = format!(
        r#""initial_workers": {c}, "min_workers": {c}, "max_workers": {c}, "max_waiting": {waiting}"#
    );
    config(&pool, r#", "scaler": {"enabled": false}, "burst": {"enabled": false}"#)
}

fn run(config: &Config, options: SimulationOptions, jobs: &[Job]) -> Outcome {
    let mut simulation = Simulation::new(config, options).unwrap();
    for (arrival, service) in jobs {
        let service_us = Some(service * MS);
        simulation.push(Request { arrival_us: arrival * MS, domain: 0, service_us, key: b"" }).unwrap();
    }
    simulation.finish().unwrap()
}

fn plain(config: &Config, jobs: &[Job]) -> Summary {
    run(config, SimulationOptions::default(), jobs).summary
}

#[test]
fn a_line_is_served_as_by_hand() {
    // One worker: 0–100, 100–200, 200–300; the fourth finds the line full.
    let jobs = [(1000, 100), (1010, 100), (1020, 100), (1030, 100)];
    let outcome = run(&fixed(1, 2), SimulationOptions::default(), &jobs);
    let summary = &outcome.summary;
    assert_eq!((summary.offered, summary.accepted, summary.completed, summary.refused), (4, 3, 3, 1));
    assert_eq!(summary.refused_by_reason.iter().collect::<Vec<_>>(), [(&Reason::QueueFull, &1)]);
    assert_eq!((summary.wait_ms.mean, summary.wait_ms.max), (90.0, 180.0));
    assert_eq!((summary.latency_ms.mean, summary.latency_ms.max), (190.0, 280.0));
    assert_eq!((summary.duration_us, summary.goodput_per_s), (300 * MS, 10.0));
    assert_eq!((summary.utilization_mean, summary.time_in_band, summary.late), (1.0, 0.0, 0));
    let (name, pool) = &summary.pools[0];
    assert_eq!(
        (name.as_str(), pool.offered, pool.completed, pool.refused, pool.queue_max),
        ("p", 4, 3, 1, 2)
    );
    assert_eq!((pool.workers_min, pool.workers_max, pool.workers_end), (1, 1, 1));
    let hours = 0.3 / 3600.0;
    assert!((summary.worker_hours.total - hours).abs() < 1e-12);
    assert!((summary.cost.total_money - hours).abs() < 1e-12);
    assert_eq!(
        (outcome.series.points, outcome.series.bucket_us, outcome.series.start_us),
        (1, SECOND_US, 1000 * MS)
    );
    let series = &outcome.series.pools[0];
    // 10 ms nobody waits, 10 ms one, 80 ms two, then one for 100 ms: of 300 ms.
    assert_eq!(series.waiting, [0.9]);
    assert_eq!((&series.utilization[..], &series.demand[..]), (&[1.0][..], &[1.9][..]));
    assert_eq!((&series.arrivals[..], &series.refused[..]), (&[13.3333][..], &[3.3333][..]));
}

#[test]
fn what_waits_too_long_is_late_and_expires() {
    let options = SimulationOptions { patience_us: 2000 * MS, ..SimulationOptions::default() };
    // The second waits 1.5 s, not longer than 2 × 1 s; the third gives up after 2 s.
    let jobs = [(0, 1500), (0, 1000), (0, 100)];
    let summary = run(&fixed(1, 5), options, &jobs).summary;
    assert_eq!((summary.completed, summary.expired, summary.late), (2, 1, 1));
    let jobs = [(0, 1500), (0, 100), (1, 5000)];
    let options = SimulationOptions { patience_us: 1550 * MS, ..SimulationOptions::default() };
    let summary = run(&fixed(1, 5), options, &jobs).summary;
    assert_eq!(
        (summary.completed, summary.expired, summary.late),
        (2, 1, 1),
        "an expired one may be in time"
    );
    assert_eq!(
        summary.domains[0].1,
        DomainSummary { offered: 3, accepted: 3, expired: 1, completed: 2, ..DomainSummary::default() }
    );
    assert_eq!(summary.late_share, 1.0 / 3.0);
}

#[test]
fn what_is_left_after_the_drain_is_in_flight() {
    let options = SimulationOptions { drain_us: 500 * MS, ..SimulationOptions::default() };
    let summary = run(&fixed(2, 0), options, &[(0, 100), (10, 10_000), (20, 10)]).summary;
    assert_eq!((summary.completed, summary.in_flight, summary.refused), (1, 1, 1));
    assert_eq!((summary.duration_us, summary.pools[0].1.in_flight), (520 * MS, 1));
}

#[test]
fn an_arrival_finds_the_worker_that_is_free_at_the_same_instant() {
    assert_eq!(plain(&fixed(1, 0), &[(0, 100), (100, 0), (100, 0), (100, 50), (150, 1)]).completed, 5);
    assert_eq!(plain(&fixed(1, 0), &[(0, 100), (99, 1)]).refused, 1);
}

#[test]
fn workers_take_their_time_to_start() {
    let config = config(
        r#""initial_workers": 1, "min_workers": 1, "max_workers": 8"#,
        r#", "burst": {"enabled": false}"#,
    );
    // Three at a time, for a minute.
    let jobs: Vec<Job> = (0..60).flat_map(|second| [(second * 1000, 900); 3]).collect();
    let completed = |worker_start_delay_us| {
        let options = SimulationOptions { worker_start_delay_us, ..SimulationOptions::default() };
        let outcome = run(&config, options, &jobs);
        (outcome.summary.completed, outcome.summary.pools[0].1.workers_max)
    };
    let (at_once, most_at_once) = completed(0);
    let (soon, most_soon) = completed(20 * SECOND_US);
    let (never, most_never) = completed(3600 * SECOND_US);
    assert!(most_at_once > 2 && most_soon > 2, "{most_at_once} {most_soon}");
    assert_eq!(most_never, 2, "the one that is on its way isn't ordered again");
    assert!(at_once > soon + 15 && soon > never + 15, "{at_once} {soon} {never}");
    assert_eq!(never, 60, "one worker alone");
}

#[test]
fn a_configuration_that_confirms_works_without_a_delay() {
    let pool = r#""initial_workers": 1, "min_workers": 1, "max_workers": 8"#;
    let jobs: Vec<Job> = (0..60).flat_map(|second| [(second * 1000, 900); 3]).collect();
    let instant = plain(&config(pool, ""), &jobs);
    let confirmed = plain(&config(pool, r#", "worker_start": "confirmed""#), &jobs);
    assert_eq!(instant.completed, confirmed.completed);
}

#[test]
fn a_speed_up_divides_the_gaps() {
    let options = SimulationOptions { speed_up: 2.0, ..SimulationOptions::default() };
    let jobs = [(500, 100), (650, 100), (900, 100)];
    assert_eq!(run(&fixed(1, 0), options, &jobs).summary.refused, 1, "arrivals at 0, 75 and 200 ms");
    assert_eq!(plain(&fixed(1, 0), &jobs).refused, 0);
}

#[test]
fn a_gap_of_a_century_is_passed_over() {
    let century = 100 * 365 * 86_400_000;
    let jobs: Vec<Job> = (0..50).map(|place| (place * century / 50, 100)).collect();
    let outcome = run(&Config::default(), SimulationOptions::default(), &jobs);
    assert_eq!(outcome.summary.completed, 50);
    assert!(outcome.series.points <= 720);
    let pool = &outcome.summary.pools[0].1;
    assert_eq!((pool.workers_max, pool.workers_end), (10, 2));
    // A service of a century with nothing else to do as well.
    let options = SimulationOptions { drain_us: 1 << 53, ..SimulationOptions::default() };
    assert_eq!(run(&fixed(1, 0), options, &[(0, century)]).summary.completed, 1);
}

#[test]
fn a_series_has_at_most_720_points_and_agrees_with_the_summary() {
    let mut rng = Rng::new(3);
    let jobs: Vec<Job> = (0..4000).map(|place| (place * 500, rng.below(4000))).collect();
    let config = config(r#""initial_workers": 3, "max_waiting": 3"#, "");
    for max_points in [720, 7, 2] {
        let options = SimulationOptions { max_points, ..SimulationOptions::default() };
        let outcome = run(&config, options, &jobs);
        let series = &outcome.series;
        let pool = &series.pools[0];
        let length = series.points as usize;
        assert!(series.points <= max_points && length > 0);
        let all = [
            &pool.utilization,
            &pool.demand,
            &pool.arrivals,
            &pool.admitted,
            &pool.refused,
            &pool.waiting,
            &pool.baseline_workers,
            &pool.surge_workers,
            &series.balance_coefficient,
            &series.cost_money,
        ];
        assert!(all.iter().all(|values| values.len() == length));
        let summary = &outcome.summary;
        let full = series.bucket_us as f64 / 1e6;
        let last = summary.duration_us as f64 / 1e6 - full * (length - 1) as f64;
        assert!(last > 0.0 && last <= full);
        let sum = |values: &[f64]| {
            let (end, rest) = values.split_last().unwrap();
            rest.iter().sum::<f64>() * full + end * last
        };
        let near = |found: f64, expected: f64| {
            assert!((found - expected).abs() < 0.1 + expected * 1e-3, "{found} {expected}");
        };
        near(sum(&pool.arrivals), summary.offered as f64);
        near(sum(&pool.admitted), summary.accepted as f64);
        near(sum(&pool.refused), summary.refused as f64);
        near(sum(&series.refused_by_reason[&Reason::QueueFull]), summary.refused as f64);
        near(sum(&pool.baseline_workers) / 3600.0, summary.worker_hours.baseline);
        near(*series.cost_money.last().unwrap(), summary.cost.total_money);
        assert!(summary.refused > 0);
    }
}

#[test]
fn keys_of_any_length_are_taken() {
    let config = Config::from_json(r#"{"limits": {"max_key_bytes": 3}}"#).unwrap();
    let mut simulation = Simulation::new(&config, SimulationOptions::default()).unwrap();
    for (key, arrival_us) in [(&b""[..], 1), (b"abc", 2), (b"abcd", 3), (&[7; 10_000], 4)] {
        simulation.push(Request { arrival_us, domain: 1, service_us: None, key }).unwrap();
    }
    assert_eq!(simulation.progress(), Progress { requests: 4, now_us: 3, in_flight: 4 });
    let outcome = simulation.finish().unwrap();
    assert_eq!(outcome.summary.completed, 4);
    assert_eq!(outcome.summary.latency_ms.mean, 100.0, "the default service time");
}

#[test]
fn what_is_wrong_is_told() {
    let options = SimulationOptions::default;
    for speed_up in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let made = Simulation::new(&Config::default(), SimulationOptions { speed_up, ..options() });
        assert!(made.unwrap_err().to_string().starts_with("the speed-up must be a number above 0"));
    }
    let mut simulation = Simulation::new(&Config::default(), options()).unwrap();
    let request = Request { arrival_us: 10, domain: 0, service_us: None, key: b"" };
    simulation.push(request).unwrap();
    let error = simulation.push(Request { arrival_us: 9, ..request }).unwrap_err();
    assert_eq!(error.to_string(), "arrivals must be in order: 9 comes after 10");
    let error = simulation.push(Request { domain: 99, ..request }).unwrap_err();
    assert_eq!(error, SimulationError::Engine(Error::UnknownDomain { domain: 99 }));
    let empty = Simulation::new(&Config::default(), options()).unwrap().finish();
    assert_eq!(empty.unwrap_err(), SimulationError::Empty);
    let mut slow =
        Simulation::new(&Config::default(), SimulationOptions { speed_up: 1e-9, ..options() }).unwrap();
    slow.push(request).unwrap();
    let late = slow.push(Request { arrival_us: 1 << 52, ..request });
    assert_eq!(late, Err(SimulationError::TooSlow { arrival_us: 1 << 52, speed_up: 1e-9 }));
    let mut beyond = Simulation::new(&Config::default(), options()).unwrap();
    beyond.push(Request { arrival_us: 0, ..request }).unwrap();
    let late = beyond.push(Request { arrival_us: 1 << 53, ..request });
    assert_eq!(late, Err(SimulationError::Engine(Error::TimeOutOfRange { time_us: 1 << 53 })));
}

#[test]
fn the_flash_crowd_alone_makes_a_surge() {
    let hours = |from: u64, to: u64| {
        let config = Config::default();
        let mut simulation = Simulation::new(&config, SimulationOptions::default()).unwrap();
        let span = from * 3_600_000_000..to * 3_600_000_000;
        for row in Demo::new(1).filter(|row| span.contains(&row.arrival_us)) {
            simulation.push(row.request()).unwrap();
        }
        simulation.finish().unwrap()
    };
    // From 9:00 to 14:00 the slow pool and the peak at lunch; from 21:00 on the flash crowd.
    let day = hours(9, 14).summary;
    assert_eq!((day.surges, day.cost.surge_units), (0, 0.0));
    assert!((day.refused as f64) < 0.02 * day.offered as f64, "{} of {}", day.refused, day.offered);
    let evening = hours(21, 23);
    assert_eq!((evening.summary.surges, evening.summary.cost.surge_units), (1, 30.0));
    assert_eq!(evening.summary.cost.surge_money, 3.1);
    let marks: Vec<_> = evening.marks.iter().filter(|mark| mark.kind.as_str().starts_with("Surge")).collect();
    assert_eq!(
        marks.iter().map(|mark| mark.kind.as_str()).collect::<Vec<_>>(),
        ["SurgeStarted", "SurgeEnded"]
    );
    let from_start = marks[0].at_us - 22 * 3_600_000_000;
    assert!(from_start < 11 * SECOND_US, "{from_start}");
    assert_eq!(marks[1].at_us - marks[0].at_us, 420 * SECOND_US);
}

#[test]
fn nothing_crowds_surges_out_of_the_marks() {
    let options = SimulationOptions { max_marks: 2, ..SimulationOptions::default() };
    let mut simulation = Simulation::new(&Config::default(), options).unwrap();
    for row in Demo::new(1).filter(|row| row.arrival_us >= 21 * 3_600_000_000) {
        simulation.push(row.request()).unwrap();
    }
    let outcome = simulation.finish().unwrap();
    let of = |kinds: &[EffectKind]| {
        outcome.marks.iter().filter(|mark| kinds.contains(&mark.kind)).collect::<Vec<_>>()
    };
    assert_eq!(of(&[EffectKind::SurgeStarted, EffectKind::SurgeEnded]).len(), 2);
    let (moves, scalings) =
        (of(&[EffectKind::MigrateWorkers]), of(&[EffectKind::AddWorkers, EffectKind::RemoveWorkers]));
    let alert_kinds = [EffectKind::AlertFiring, EffectKind::AlertResolved];
    assert_eq!((moves.len(), scalings.len(), of(&alert_kinds).len()), (2, 2, 2));
    assert!(outcome.marks.is_sorted_by_key(|mark| mark.at_us));
    // Spread over the run, not all at its beginning.
    assert!(scalings[1].at_us - scalings[0].at_us > 20 * 60 * SECOND_US);
    let effects = &outcome.summary.effects;
    let alerts: u64 = alert_kinds.iter().map(|kind| effects[kind]).sum();
    let all = effects[&EffectKind::MigrateWorkers] + outcome.summary.scale_changes + alerts + 2;
    assert_eq!(outcome.marks_dropped, all - 8);
}

#[test]
fn alerts_are_marked_and_the_checklist_is_of_the_last_arrival() {
    // Ten workers, seven of them busy to the last arrival, at 91 s; then nothing.
    let config = config(
        r#""initial_workers": 10, "min_workers": 10, "max_workers": 10"#,
        r#", "scaler": {"enabled": false}, "burst": {"enabled": false}, "alerts": [
            {"name": "Busy", "metric": "pool_utilization", "comparison": ">=", "threshold": 0.7, "for_us": 30000000}
        ]"#,
    );
    let mut jobs: Vec<Job> = vec![(0, 100_000); 6];
    jobs.extend((0..10).map(|job| (1_000 + job * 10_000, 9_990)));
    jobs.sort_unstable();
    let outcome = run(&config, SimulationOptions::default(), &jobs);
    let alerts: Vec<_> = outcome
        .marks
        .iter()
        .map(|mark| {
            (mark.at_us / SECOND_US, mark.kind, mark.alert.as_deref(), mark.pool.as_deref(), mark.value)
        })
        .collect();
    let told = |at, kind, value| (at, kind, Some("Busy"), Some("p"), Some(value));
    // Evaluated every 15 s: it holds at 15 s, and has for 30 s at 45 s. All is over at 101 s, before the next evaluation.
    assert_eq!(alerts, [told(45, EffectKind::AlertFiring, 0.7)]);
    let figures: Vec<_> = outcome.verify.checks.iter().map(|check| (check.figure, check.pass)).collect();
    assert_eq!(figures[0], (0.7, true));
    assert!((figures[4].0, figures[4].1) == (9_990.0, false) && !outcome.verify.pass);
}

#[test]
fn scalings_are_marked_with_their_reason() {
    // Three requests at once for one worker, again and again.
    let config = config(
        r#""initial_workers": 1, "min_workers": 1, "max_workers": 3"#,
        r#", "burst": {"enabled": false}"#,
    );
    let jobs: Vec<Job> = (0..60).flat_map(|second| [(second * 1000, 900); 3]).collect();
    let outcome = run(&config, SimulationOptions::default(), &jobs);
    let first = &outcome.marks[0];
    assert_eq!((first.kind, first.count, first.at_us), (EffectKind::AddWorkers, 1, 5 * SECOND_US));
    assert_eq!((first.reason, first.pool.as_deref()), (Reason::DemandHigh, Some("p")));
    assert_eq!(outcome.marks.len() as u64, outcome.summary.scale_changes);
    assert_eq!(outcome.marks_dropped, 0);
}

/// Little's law (J. Little, "A proof for the queuing formula L = λW", Operations Research 9, 1961), to the microsecond:
/// the integral of the requests in the system over time is the sum of the times that they spent there.
#[test]
fn littles_law_holds_exactly() {
    let jobs = |c: u32, load: f64, seed: u64| {
        let mut rng = Rng::new(seed);
        let mut now = 0.0;
        let job = move |_| {
            now += rng.exponential(1e6 / (load * f64::from(c)));
            (whole(now), whole(rng.log_normal(1e6, 1.5)))
        };
        (0..30_000).map(job).collect::<Vec<(u64, u64)>>()
    };
    for (c, load, seed) in [(1, 0.8, 1), (3, 0.95, 2), (20, 0.7, 3)] {
        let jobs = jobs(c, load, seed);
        // First come, first served, by the recursion of Kiefer and Wolfowitz.
        let first_us = jobs[0].0;
        let mut free = alloc::vec![0; c as usize];
        let mut sojourns_us = 0_u128;
        for (arrival_us, service_us) in &jobs {
            let next = free.iter_mut().min().unwrap();
            *next = (*next).max(arrival_us - first_us) + service_us;
            sojourns_us += u128::from(*next - (arrival_us - first_us));
        }
        let end_us = *free.iter().max().unwrap();
        let options = SimulationOptions { patience_us: 1 << 50, ..SimulationOptions::default() };
        let mut simulation = Simulation::new(&fixed(c, 100_000), options).unwrap();
        for (arrival_us, service_us) in jobs {
            let request = Request { arrival_us, domain: 0, service_us: Some(service_us), key: b"" };
            simulation.push(request).unwrap();
        }
        simulation.run_to(first_us + end_us).unwrap();
        assert_eq!(simulation.progress().in_flight, 0);
        assert_eq!(simulation.statistics.in_system_us(end_us), sojourns_us, "{c} {load}");
        let summary = simulation.finish().unwrap().summary;
        let mean_us = summary.latency_ms.mean * 1000.0;
        assert!((mean_us * 30_000.0 / sojourns_us as f64 - 1.0).abs() < 1e-12);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn nothing_is_lost_and_the_same_input_gives_the_same_outcome(
        seed: u64,
        workers in 1_u32..6,
        waiting in 0_u32..8,
        overflow in 0_u32..3,
        codel: bool,
        adaptive: bool,
        ttl in prop::option::of(50_u64..2000),
        delay in prop_oneof![Just(0), 1_u64..90_000],
        patience in 0_u64..3000,
        load in 0.2_f64..6.0,
    ) {
        let queue = if codel { "codel" } else { "fifo" };
        let preset = if adaptive { "adaptive" } else { "classic" };
        let ttl = ttl.map_or("null".to_string(), |ttl| (ttl * MS).to_string());
        let text = format!(
            r#"{{"preset": "{preset}", "regulator": {{"soft_limit": 8, "hard_limit": 12, "token_ttl_us": {ttl}}},
            "pools": {{"p": {{"initial_workers": {workers}, "min_workers": 1, "max_waiting": {waiting},
            "max_overflow": {overflow}, "queue": "{queue}"}}, "q": {{"initial_workers": 2, "min_workers": 1}}}}}}"#
        );
        let config = Config::from_json(&text).unwrap();
        let options = SimulationOptions {
            worker_start_delay_us: delay * MS,
            patience_us: patience * MS,
            drain_us: 2 * SECOND_US,
            ..SimulationOptions::default()
        };
        let outcome = || {
            let mut rng = Rng::new(seed);
            let mut simulation = Simulation::new(&config, options.clone()).unwrap();
            let mut arrival_us = 0;
            for _ in 0..600 {
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
        prop_assert_eq!(summary.accepted, summary.completed + summary.expired + summary.in_flight);
        prop_assert_eq!(summary.offered, summary.pools.iter().map(|(_, pool)| pool.offered).sum::<u64>());
        for (_, pool) in &summary.pools {
            prop_assert_eq!(pool.offered, pool.completed + pool.refused + pool.expired + pool.in_flight);
        }
        prop_assert!((0.0..=1.0).contains(&summary.utilization_mean));
        prop_assert_eq!(first, outcome());
    }
}
