#![allow(clippy::cast_precision_loss, clippy::float_cmp)]

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
