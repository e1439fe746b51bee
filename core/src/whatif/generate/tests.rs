#![allow(clippy::cast_precision_loss, clippy::float_cmp, clippy::many_single_char_names)]

use alloc::borrow::ToOwned;
use alloc::vec;

use super::*;
use crate::time::SECOND_US;

fn recipe(arrivals: Process, service: Distribution, keys: u64, seconds: u64) -> Recipe {
    let domain = DomainRecipe { name: "p".to_owned(), arrivals, service, keys };
    Recipe { domains: vec![domain], duration_us: seconds * SECOND_US }
}

const SECOND: Distribution = Distribution::Constant { mean_us: SECOND_US };

fn arrivals(process: Process, seconds: u64, seed: u64) -> Vec<u64> {
    let mut generator = Generator::new(&recipe(process, SECOND, 0, seconds), seed);
    let mut times = Vec::new();
    while let Some(request) = generator.next_request() {
        times.push(request.arrival_us);
    }
    times
}

#[test]
fn constant_arrivals_are_at_equal_distances() {
    let times = arrivals(Process::Constant { rate_per_s: 3.0 }, 2, 1);
    assert_eq!(times, [0, 333_333, 666_666, 1_000_000, 1_333_333, 1_666_666]);
    assert_eq!(times, arrivals(Process::Constant { rate_per_s: 3.0 }, 2, 2), "no seed has a part in it");
}

#[test]
fn each_domain_has_streams_of_its_own() {
    let one = |name: &str, rate_per_s: f64| DomainRecipe {
        name: name.to_owned(),
        arrivals: Process::Poisson { rate_per_s },
        service: Distribution::Exponential { mean_us: 1000 },
        keys: 1000,
    };
    let rows = |domains: Vec<DomainRecipe>, wanted: &str| {
        let wanted = domains.iter().position(|domain| domain.name == wanted).unwrap();
        let mut generator = Generator::new(&Recipe { domains, duration_us: 60 * SECOND_US }, 7);
        let mut rows = Vec::new();
        while let Some(request) = generator.next_request() {
            if request.domain as usize == wanted {
                rows.push((request.arrival_us, request.service_us, request.key.to_vec()));
            }
        }
        rows
    };
    let alone = rows(vec![one("a", 5.0)], "a");
    assert!(alone.len() > 200);
    assert_eq!(alone, rows(vec![one("a", 5.0), one("b", 50.0)], "a"));
    assert_eq!(alone, rows(vec![one("c", 9.0), one("b", 50.0), one("a", 5.0)], "a"));
    // Another service time leaves the arrivals and keys as they were.
    let slower =
        DomainRecipe { service: Distribution::Pareto { mean_us: 9000, shape: 2.5 }, ..one("a", 5.0) };
    let slower = rows(vec![slower], "a");
    assert!(alone.iter().zip(&slower).all(|(one, other)| (one.0, &one.2) == (other.0, &other.2)));
    assert!(alone.iter().zip(&slower).filter(|(one, other)| one.1 == other.1).count() < 5);
}

/// The rate in each part of the run, over many seeds.
fn rates(process: &Process, seconds: u64, parts: usize, seeds: u64) -> Vec<f64> {
    let mut counts = vec![0_u64; parts];
    for seed in 0..seeds {
        for at_us in arrivals(process.clone(), seconds, seed) {
            let part = at_us * parts as u64 / (seconds * SECOND_US);
            counts[usize::try_from(part).unwrap()] += 1;
        }
    }
    let span = (seeds * seconds) as f64 / parts as f64;
    counts.iter().map(|count| *count as f64 / span).collect()
}

/// Each rate is within five standard deviations of a Poisson count of what the process says.
fn assert_rates(process: &Process, seconds: u64, parts: usize, seeds: u64) {
    let found = rates(process, seconds, parts, seeds);
    let part_us = seconds * SECOND_US / parts as u64;
    for (part, rate) in found.iter().enumerate() {
        let until = |part: u64| match process {
            // A ramp is over the whole run: up to a part it leads to the rate there.
            Process::Ramp { from_per_s, to_per_s } => {
                let to_per_s = from_per_s + (to_per_s - from_per_s) * part as f64 / parts as f64;
                Process::Ramp { from_per_s: *from_per_s, to_per_s }.expected(part * part_us)
            }
            process => process.expected(part * part_us),
        };
        let span = (seeds * seconds) as f64 / parts as f64;
        let expected = (until(part as u64 + 1) - until(part as u64)) * parts as f64 / seconds as f64;
        let deviation = libm::sqrt(expected / span).max(1e-9);
        assert!((rate - expected).abs() < 5.0 * deviation, "{process:?}, part {part}: {rate} for {expected}");
    }
}

#[test]
fn rates_are_what_the_processes_say() {
    assert_rates(&Process::Poisson { rate_per_s: 3.0 }, 500, 10, 40);
    assert_rates(&Process::Ramp { from_per_s: 0.0, to_per_s: 8.0 }, 500, 10, 40);
    assert_rates(&Process::Ramp { from_per_s: 8.0, to_per_s: 2.0 }, 500, 10, 40);
    assert_rates(&Process::Ramp { from_per_s: 6.0, to_per_s: 0.0 }, 500, 10, 40);
    for amplitude in [0.0, 0.5, 1.0] {
        let mean_per_s = 5.0;
        let diurnal =
            Process::Diurnal { mean_per_s, amplitude, period_us: 300_000_000, peak_at_us: 70_000_000 };
        assert_rates(&diurnal, 500, 20, 40);
    }
    for factor in [0.0, 0.2, 9.0] {
        let (from_us, to_us) = (100_000_000, 250_000_000);
        assert_rates(&Process::Spike { rate_per_s: 4.0, factor, from_us, to_us }, 500, 10, 40);
    }
    // A spike that ends after the run.
    let late = Process::Spike { rate_per_s: 4.0, factor: 3.0, from_us: 400_000_000, to_us: 900_000_000 };
    assert_rates(&late, 500, 10, 40);
}

#[test]
fn the_expected_ramp_is_an_integral() {
    let ramp = Process::Ramp { from_per_s: 2.0, to_per_s: 6.0 };
    assert_eq!(ramp.expected(10 * SECOND_US), 40.0);
    let spike =
        Process::Spike { rate_per_s: 2.0, factor: 5.0, from_us: 3 * SECOND_US, to_us: 20 * SECOND_US };
    assert_eq!((spike.expected(2 * SECOND_US), spike.expected(10 * SECOND_US)), (4.0, 76.0));
    let day = 86_400 * SECOND_US;
    let diurnal = Process::Diurnal { mean_per_s: 2.0, amplitude: 1.0, period_us: day, peak_at_us: day / 4 };
    // A whole swing has the mean rate; the half around the peak 2 / π more.
    assert!((diurnal.expected(day) / (2.0 * 86_400.0) - 1.0).abs() < 1e-12);
    let half = 1.0 + 2.0 / core::f64::consts::PI;
    assert!((diurnal.expected(day / 2) / 86_400.0 / half - 1.0).abs() < 1e-12);
}

/// Mean and variance of the counts in windows.
fn window_moments(times: &[u64], window_us: u64, windows: usize) -> (f64, f64) {
    let mut counts = vec![0.0; windows];
    for at_us in times {
        if let Some(count) = counts.get_mut(usize::try_from(at_us / window_us).unwrap()) {
            *count += 1.0;
        }
    }
    let mean = counts.iter().sum::<f64>() / windows as f64;
    (mean, counts.iter().map(|count| (count - mean) * (count - mean)).sum::<f64>() / (windows - 1) as f64)
}

#[test]
fn counts_are_dispersed_as_the_formulas_say() {
    // Poisson: the variance of a count is its mean.
    let hours = 400_000;
    let (mean, variance) =
        window_moments(&arrivals(Process::Poisson { rate_per_s: 2.0 }, hours, 3), 5 * SECOND_US, 80_000);
    assert!((mean / 10.0 - 1.0).abs() < 0.01 && (variance / mean - 1.0).abs() < 0.03, "{mean} {variance}");
    // Two states, with rates a and b and lasting 1/r and 1/s in the mean (Fischer and Meier-Hellstern 1993, for t):
    // variance / mean = 1 + 2 (a − b)² r s / ((r + s)² (a s + b r)) × (1 − (1 − e^−(r+s)t) / ((r + s) t)).
    let (a, b, r, s) = (10.0, 1.0, 1.0 / 4.0, 1.0 / 12.0);
    let states = vec![
        MmppState { rate_per_s: a, mean_us: 4 * SECOND_US },
        MmppState { rate_per_s: b, mean_us: 12 * SECOND_US },
    ];
    let times = arrivals(Process::Mmpp { states }, hours, 9);
    for window_s in [1_u64, 5, 40] {
        let windows = usize::try_from(hours / window_s).unwrap();
        let (mean, variance) = window_moments(&times, window_s * SECOND_US, windows);
        let t = window_s as f64;
        let rate = (a * s + b * r) / (r + s);
        let both = r + s;
        let spread = 2.0 * (a - b) * (a - b) * r * s / (both * both * (a * s + b * r));
        let dispersion = 1.0 + spread * (1.0 - (1.0 - libm::exp(-both * t)) / (both * t));
        assert!((mean / (rate * t) - 1.0).abs() < 0.02, "{window_s}: {mean} for {}", rate * t);
        let found = variance / mean;
        assert!((found / dispersion - 1.0).abs() < 0.06, "{window_s}: {found} for {dispersion}");
    }
}

#[test]
fn a_random_state_begins_in_its_steady_state() {
    // One state of three lasts half of the time. From the first second on each has its share.
    let state = |rate_per_s, seconds: u64| MmppState { rate_per_s, mean_us: seconds * SECOND_US };
    let mmpp = Process::Mmpp { states: vec![state(8.0, 20), state(0.0, 15), state(2.0, 5)] };
    assert!((mmpp.expected(SECOND_US) - 4.25).abs() < 1e-12);
    for (part, rate) in rates(&mmpp, 100, 10, 4000).iter().enumerate() {
        assert!((rate / 4.25 - 1.0).abs() < 0.04, "{part}: {rate}");
    }
}

#[test]
fn services_have_the_moments_of_their_distributions() {
    let moments = |service: Distribution| {
        let mut generator =
            Generator::new(&recipe(Process::Constant { rate_per_s: 1000.0 }, service, 0, 400), 11);
        let (mut count, mut sum, mut squares, mut above) = (0.0, 0.0, 0.0, 0.0);
        while let Some(request) = generator.next_request() {
            let service = request.service_us.unwrap() as f64;
            count += 1.0;
            sum += service;
            squares += service * service;
            above += f64::from(u8::from(service > 60_000.0));
        }
        let mean: f64 = sum / count;
        (mean / 20_000.0, libm::sqrt(squares / count - mean * mean) / mean, above / count)
    };
    let mean_us = 20_000;
    assert_eq!(moments(Distribution::Constant { mean_us }), (1.0, 0.0, 0.0));
    let near = |found: (f64, f64, f64), variation: f64, above: f64| {
        assert!((found.0 - 1.0).abs() < 0.01, "{found:?}");
        assert!((found.1 / variation - 1.0).abs() < 0.05, "{found:?}");
        assert!((found.2 - above).abs() < 0.002, "{found:?}");
    };
    // P(more than three times the mean): e^−3; 1 − Φ((ln 3 + σ²/2) / σ) with σ² = ln 2; (least / x)^shape.
    near(moments(Distribution::Exponential { mean_us }), 1.0, 0.049_787);
    near(moments(Distribution::LogNormal { mean_us, variation: 1.0 }), 1.0, 0.041_311);
    let shape = 5.0;
    let above = libm::pow((shape - 1.0) / shape / 3.0, shape);
    near(moments(Distribution::Pareto { mean_us, shape }), 1.0 / libm::sqrt(15.0), above);
    // Whatever is drawn, it takes a microsecond at least.
    let mut generator = Generator::new(
        &recipe(Process::Constant { rate_per_s: 1000.0 }, Distribution::Exponential { mean_us: 1 }, 0, 1),
        1,
    );
    while let Some(request) = generator.next_request() {
        assert!(request.service_us >= Some(1));
    }
}

#[test]
fn keys_are_evenly_drawn() {
    let recipe = recipe(Process::Constant { rate_per_s: 1000.0 }, SECOND, 3, 60);
    let mut generator = Generator::new(&recipe, 4);
    let mut counts = [0_u32; 3];
    while let Some(request) = generator.next_request() {
        let place = [b"k0", b"k1", b"k2"].iter().position(|key| *key == request.key).unwrap();
        counts[place] += 1;
    }
    assert_eq!(counts.iter().sum::<u32>(), 60_000);
    assert!(counts.iter().all(|count| (19_500..20_500).contains(count)), "{counts:?}");
    assert_eq!(generator.rows().collect::<Vec<_>>(), [60_000]);
    let mut text = [0; KEY_BYTES];
    assert_eq!(text_of(0, &mut text), b"k0");
    assert_eq!(text_of(u64::MAX, &mut text), b"k18446744073709551615");
    assert_eq!(text_of(1_234_500, &mut text), b"k1234500");
}

#[test]
fn profiles_keep_the_initial_workers_seven_tenths_busy() {
    for profile in Profile::ALL {
        assert_eq!(Profile::from_name(profile.as_str()), Some(*profile));
        let recipe = profile.recipe(Profile::DURATION_US);
        let names: Vec<&str> = recipe.domains.iter().map(|domain| domain.name.as_str()).collect();
        assert_eq!(names, ["payment", "delivery", "notification", "critical_notification"]);
        let per_s = recipe.expected() / 3600.0;
        assert!((25.0..50.0).contains(&per_s), "{}: {per_s}", profile.as_str());
        assert_eq!(profile.retries().is_some(), *profile == Profile::RetryStorm);
    }
    let steady = Profile::Steady.recipe(Profile::DURATION_US);
    let work = |place: usize| {
        let domain = &steady.domains[place];
        domain.arrivals.expected(SECOND_US) * domain.service.mean_us() as f64 / 1e6
    };
    assert_eq!((work(0) / 10.0, (work(2) + work(3)) / 5.0), (0.7, 0.7));
    assert!((work(1) / 8.0 - 0.675).abs() < 1e-12);
}
