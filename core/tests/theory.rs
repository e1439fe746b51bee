//! The simulation against queueing theory: with scaling off, waits in M/M/c are those of Erlang C, losses in M/M/c/c
//! those of Erlang B, and waits in M/G/1 those of Pollaczek and Khinchine. (Little's law is checked to the microsecond
//! beside the simulation, where the areas can be seen.)

#![allow(clippy::unwrap_used, clippy::cast_precision_loss, clippy::float_cmp)]

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use heijunka_core::whatif::Run;
use heijunka_core::whatif::rng::Rng;
use heijunka_core::whatif::simulation::{Outcome, Simulation, SimulationOptions};
use heijunka_core::whatif::trace::Request;
use heijunka_core::{Config, Value};

/// The mean service time, in microseconds.
const SERVICE_US: f64 = 1_000_000.0;

/// `c` workers, nothing that changes their number, and room for `waiting` requests.
fn servers(c: u32, waiting: u32) -> String {
    format!(
        r#"{{
            "pools": {{"p": {{
                "initial_workers": {c}, "min_workers": {c}, "max_workers": {c}, "max_waiting": {waiting}
            }}}},
            "scaler": {{"enabled": false}},
            "burst": {{"enabled": false}},
            "regulator": {{"soft_limit": 1000000, "hard_limit": 1000000, "reserved_capacity": 0}}
        }}"#
    )
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn micros(value: f64) -> u64 {
    value.round() as u64
}

/// Poisson arrivals of `load` times what `c` servers can do, with exponential services: arrival and service of
/// each request, in microseconds.
fn requests(c: u32, load: f64, count: u64, seed: u64) -> impl Iterator<Item = (u64, u64)> {
    let mut rng = Rng::new(seed);
    let gap_us = SERVICE_US / (load * f64::from(c));
    let mut now_us = 0.0;
    (0..count).map(move |_| {
        now_us += rng.exponential(gap_us);
        (micros(now_us), micros(rng.exponential(SERVICE_US)))
    })
}

fn simulate(c: u32, waiting: u32, requests: impl Iterator<Item = (u64, u64)>) -> Outcome {
    let options =
        SimulationOptions { patience_us: 1 << 50, drain_us: 1 << 50, ..SimulationOptions::default() };
    let mut simulation = Simulation::new(&Config::from_json(&servers(c, waiting)).unwrap(), options).unwrap();
    for (arrival_us, service_us) in requests {
        let request = Request { arrival_us, domain: 0, service_us: Some(service_us), key: b"k" };
        simulation.push(request).unwrap();
    }
    simulation.finish().unwrap()
}

/// The waits of first come, first served, by the recursion of Kiefer and Wolfowitz: a request begins when it has
/// come and the first of the servers is free.
fn waits(c: u32, requests: impl Iterator<Item = (u64, u64)>) -> impl Iterator<Item = u64> {
    let mut free: BinaryHeap<Reverse<u64>> = (0..c).map(|_| Reverse(0)).collect();
    requests.map(move |(arrival_us, service_us)| {
        let Reverse(free_us) = free.pop().unwrap();
        let start_us = arrival_us.max(free_us);
        free.push(Reverse(start_us + service_us));
        start_us - arrival_us
    })
}

/// Erlang B by its recursion.
fn erlang_b(c: u32, offered: f64) -> f64 {
    (1..=c).fold(1.0, |blocked, servers| offered * blocked / (f64::from(servers) + offered * blocked))
}

/// The mean wait of M/M/c in milliseconds, by Erlang C.
fn mean_wait_ms(c: u32, load: f64) -> f64 {
    let blocked = erlang_b(c, load * f64::from(c));
    let waits = blocked / (1.0 - load * (1.0 - blocked));
    1000.0 * waits / (f64::from(c) * (1.0 - load))
}

const CASES: [(u32, f64); 6] = [(2, 0.7), (2, 0.9), (10, 0.7), (10, 0.9), (50, 0.7), (50, 0.9)];
const LINE: u32 = 1_000_000;

#[test]
fn the_formulas_are_the_published_ones() {
    // Erlang's tables: 10 servers at 7 Erlang lose 7.874 %; M/M/2 at 0.9 waits 0.81 / 0.19 services.
    assert!((erlang_b(10, 7.0) - 0.07874).abs() < 5e-6);
    assert!((mean_wait_ms(2, 0.9) - 1000.0 * 0.81 / 0.19).abs() < 1e-9);
    assert!((mean_wait_ms(1, 0.5) - 1000.0).abs() < 1e-9);
}

#[test]
fn every_wait_is_that_of_first_come_first_served() {
    for (c, load) in CASES {
        for seed in [1, 2] {
            let outcome = simulate(c, LINE, requests(c, load, 200_000, seed));
            let (mut sum_us, mut longest_us) = (0, 0);
            for wait_us in waits(c, requests(c, load, 200_000, seed)) {
                sum_us += wait_us;
                longest_us = longest_us.max(wait_us);
            }
            assert_eq!(outcome.summary.completed, 200_000);
            assert_eq!(outcome.summary.wait_ms.mean, sum_us as f64 / 200_000.0 / 1000.0, "{c} {load} {seed}");
            assert_eq!(outcome.summary.wait_ms.max, longest_us as f64 / 1000.0, "{c} {load} {seed}");
        }
    }
}

/// The simulated mean wait is within 2 % of Erlang C. Waits vary so much that the number of requests (in millions) is
/// chosen for a standard error of at most 0.8 %, found from the means of 20 batches.
fn is_within_two_percent_of_erlang_c(c: u32, load: f64, millions: u64) {
    let exact = mean_wait_ms(c, load);
    let outcome = simulate(c, LINE, requests(c, load, millions * 1_000_000, 1));
    let deviation = outcome.summary.wait_ms.mean / exact - 1.0;
    println!("c {c}, load {load}: {:+.2} %", 100.0 * deviation);
    assert!(deviation.abs() < 0.02, "c {c}, load {load}: {deviation}");
}

/// Each case a test of its own, so that they run side by side.
macro_rules! erlang_c {
    ($($name:ident: $c:literal, $load:literal, $millions:literal;)*) => {
        mod mean_waits_are_within_two_percent_of_erlang_c {
            $(#[test] fn $name() { super::is_within_two_percent_of_erlang_c($c, $load, $millions); })*
        }
    };
}

erlang_c! {
    of_2_servers_at_70_percent: 2, 0.7, 2;
    of_2_servers_at_90_percent: 2, 0.9, 6;
    of_10_servers_at_70_percent: 10, 0.7, 4;
    of_10_servers_at_90_percent: 10, 0.9, 10;
    of_50_servers_at_70_percent: 50, 0.7, 150;
    of_50_servers_at_90_percent: 50, 0.9, 22;
}

#[test]
fn losses_are_those_of_erlang_b() {
    for (c, load, millions) in [(2, 0.7, 1), (10, 0.7, 1), (10, 1.2, 1), (50, 0.9, 6), (50, 1.1, 1)] {
        let count = millions * 1_000_000;
        let exact = erlang_b(c, load * f64::from(c));
        for seed in [1, 2] {
            let outcome = simulate(c, 0, requests(c, load, count, seed));
            let deviation = outcome.summary.refused as f64 / count as f64 / exact - 1.0;
            println!("c {c}, load {load}, seed {seed}: {:+.2} %", 100.0 * deviation);
            assert!(deviation.abs() < 0.02, "c {c}, load {load}, seed {seed}: {deviation}");
            // What isn't lost keeps the servers busy.
            let carried = load * (1.0 - exact);
            assert!((outcome.summary.utilization_mean / carried - 1.0).abs() < 0.01);
        }
    }
}

/// A workload that is made, as `simulate` reads it: Poisson arrivals of `load` times what `c` servers of a mean service
/// time of 100 ms can do, for about so many requests.
fn made(c: u32, waiting: u32, load: f64, service: &str, millions: f64, seed: u64) -> Outcome {
    let rate = 10.0 * load * f64::from(c);
    let duration_us = micros(millions * 1e12 / rate);
    let workload = format!(
        r#"{{"duration_us": {duration_us}, "wait_us": 1000000000000, "domains": {{"p": {{
            "arrivals": {{"process": "poisson", "rate_per_s": {rate}}},
            "service": {{"mean_us": 100000, {service}}}}}}}}}"#
    );
    let config = Value::from_json(&servers(c, waiting)).unwrap();
    Run::new(&config, &Value::from_json(&workload).unwrap(), seed).unwrap().finish().unwrap().outcome
}

/// The mean wait of M/G/1 in milliseconds (Pollaczek 1930, Khinchine 1932), for a mean service time of 100 ms and this
/// squared coefficient of variation of it.
fn pollaczek_khinchine_ms(load: f64, squared_variation: f64) -> f64 {
    100.0 * load / (1.0 - load) * (1.0 + squared_variation) / 2.0
}

#[test]
fn mean_waits_of_one_server_are_those_of_pollaczek_and_khinchine() {
    // M/D/1, M/M/1, and M/G/1 with log-normal and Pareto services. As many requests as a standard error of at most
    // 0.8 % takes, found from 20 runs.
    for (service, squared_variation, load, millions) in [
        (r#""distribution": "constant""#, 0.0, 0.5, 0.5),
        (r#""distribution": "constant""#, 0.0, 0.9, 4.0),
        (r#""distribution": "exponential""#, 1.0, 0.7, 3.0),
        (r#""distribution": "log_normal", "variation": 0.5"#, 0.25, 0.7, 1.5),
        (r#""distribution": "log_normal", "variation": 1.5"#, 2.25, 0.6, 5.0),
        (r#""distribution": "pareto", "shape": 6"#, 1.0 / 24.0, 0.7, 1.5),
        (r#""distribution": "pareto", "shape": 4.2"#, 1.0 / (4.2 * 2.2), 0.6, 2.0),
    ] {
        let exact = pollaczek_khinchine_ms(load, squared_variation);
        let outcome = made(1, LINE, load, service, millions, 1);
        let deviation = outcome.summary.wait_ms.mean / exact - 1.0;
        println!("{service}, load {load}: {:+.2} %", 100.0 * deviation);
        assert!(deviation.abs() < 0.02, "{service}, load {load}: {deviation}");
        // The server is busy for its load.
        assert!((outcome.summary.utilization_mean / load - 1.0).abs() < 0.01);
    }
}

#[test]
fn what_is_made_waits_as_erlang_c_says() {
    for (c, load, millions) in [(4, 0.8, 4.0), (10, 0.7, 5.0)] {
        let outcome = made(c, LINE, load, r#""distribution": "exponential""#, millions, 2);
        let deviation = outcome.summary.wait_ms.mean / (mean_wait_ms(c, load) / 10.0) - 1.0;
        println!("c {c}, load {load}: {:+.2} %", 100.0 * deviation);
        assert!(deviation.abs() < 0.02, "c {c}, load {load}: {deviation}");
    }
}

/// Losses don't depend on the distribution of service times, only on their mean (Sevastyanov 1957): those of a
/// distribution without a variance are those of Erlang B too.
#[test]
fn what_is_made_is_lost_as_erlang_b_says_whatever_the_distribution() {
    for service in [
        r#""distribution": "constant""#,
        r#""distribution": "exponential""#,
        r#""distribution": "log_normal", "variation": 2"#,
        r#""distribution": "pareto", "shape": 1.8"#,
    ] {
        let outcome = made(10, 0, 0.8, service, 1.0, 3);
        let summary = &outcome.summary;
        let found = summary.refused as f64 / summary.offered as f64;
        let deviation = found / erlang_b(10, 8.0) - 1.0;
        println!("{service}: {:+.2} %", 100.0 * deviation);
        assert!(deviation.abs() < 0.025, "{service}: {deviation}");
    }
}
