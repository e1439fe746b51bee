//! The checklist and takt.

use alloc::vec::Vec;

use crate::observe::{Checklist, Figures, Pace, checklist, takt};
use crate::ratio::Ratio;

fn pool(name: &str, occupancy: (u32, u32), health: u8, latency: (u64, u128)) -> Figures<'_> {
    Figures { name, occupancy, health, latency }
}

fn good() -> Vec<Figures<'static>> {
    alloc::vec![pool("a", (14, 20), 0, (10, 999_999)), pool("b", (61, 100), 1, (0, 0))]
}

fn verdicts(list: &Checklist) -> [bool; 6] {
    let passes: Vec<bool> = list.checks.iter().map(|check| check.pass).collect();
    [passes[0], passes[1], passes[2], passes[3], passes[4], list.pass]
}

#[test]
fn all_checks_pass() {
    let list = checklist(good().into_iter(), (9, 1_000), (0.82, true));
    assert_eq!(verdicts(&list), [true; 6]);
    let names: Vec<_> = list.checks.iter().map(|check| (check.name, check.above, check.below)).collect();
    assert_eq!(
        names,
        [
            ("utilization", Some(0.6), Some(0.8)),
            ("rejection_rate", None, Some(0.01)),
            ("balance", Some(0.8), None),
            ("health", None, Some(1.0)),
            ("latency", None, Some(100.0)),
        ]
    );
    // 0.61 is farther from 0.70 than 0.7 is; 999,999 µs in ten requests are 99.9999 ms.
    let figures: Vec<_> = list.checks.iter().map(|check| check.figure).collect();
    assert_eq!(figures, [0.61, 0.009, 0.82, 0.0, 99.9999]);
    let of_pools: Vec<_> = list.checks[4].pools.iter().map(|pool| (pool.figure, pool.pass)).collect();
    assert_eq!(of_pools, [(99.9999, true), (0.0, true)]);
    assert!(list.checks[1].pools.is_empty() && list.checks[2].pools.is_empty());
}

#[test]
fn a_bound_itself_does_not_pass() {
    let verdict = |pools: Vec<Figures<'_>>, rejections, balance| {
        verdicts(&checklist(pools.into_iter(), rejections, balance))
    };
    let none = (0, 0);
    for busy in [12, 16] {
        let pools = alloc::vec![pool("a", (busy, 20), 0, (0, 0))];
        assert_eq!(verdict(pools, none, (1.0, true)), [false, true, true, true, true, false]);
    }
    let exact = [true, false, true, true, true, false];
    assert_eq!(verdict(good(), (1, 100), (1.0, true)), exact);
    assert_eq!(verdict(good(), none, (0.8, false)), [true, true, false, true, true, false]);
    let critical = alloc::vec![pool("a", (7, 10), 2, (0, 0))];
    assert_eq!(verdict(critical, none, (1.0, true)), [true, true, true, false, true, false]);
    let slow = alloc::vec![pool("a", (7, 10), 0, (10, 1_000_000))];
    assert_eq!(verdict(slow, none, (1.0, true)), [true, true, true, true, false, false]);
}

#[test]
fn takt_is_the_window_by_the_arrivals() {
    let pace = |arrivals, seconds, cycle_us| Pace { name: "a", arrivals, seconds, cycle_us, workers: 3 };
    let paces = [
        // 60 s / 120 = 0.5 s; 5.25 s of work each: 10.5 workers at 1, exactly 15 at 0.70.
        pace(120, 60, Some(5_250_000)),
        pace(120, 60, Some(5_250_001)),
        pace(0, 60, None),
        pace(7, 60, None),
    ];
    let takt = takt(paces.into_iter(), Ratio::from_ppm(700_000));
    assert_eq!(takt.window_us, 60_000_000);
    let shown: Vec<_> =
        takt.pools.iter().map(|pool| (pool.takt_us, pool.workers_needed, pool.workers)).collect();
    assert_eq!(
        shown,
        [
            (Some(500_000.0), Some(15), 3),
            (Some(500_000.0), Some(16), 3),
            (None, Some(0), 3),
            (Some(60_000_000.0 / 7.0), None, 3),
        ]
    );
}
