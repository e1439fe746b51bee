//! Sequences worked out by hand from the published algorithms: a step of load, and the exact counts at exact times.

use alloc::format;
use alloc::vec::Vec;

use super::super::{Celery, Fixed, Hpa, Kpa, Policy, Sizing};
use crate::config::Config;
use crate::effect::EffectKind;
use crate::time::SECOND_US;
use crate::whatif::simulation::{Outcome, Simulation, SimulationOptions};
use crate::whatif::trace::Request;
use crate::whatif::workload::whole;

/// Requests at one time: when, how many, how long each is served, in seconds.
type Batch = (u64, u32, u64);

/// One pool that starts with `initial` workers, has 1 to 50, and a long line.
fn run(policy: Policy, initial: u32, delay_s: u64, batches: &[Batch]) -> Outcome {
    let pool = format!(
        r#"{{"initial_workers": {initial}, "min_workers": 1, "max_workers": 50, "max_waiting": 1000}}"#
    );
    let config = Config::from_json(&format!(r#"{{"pools": {{"p": {pool}}}}}"#)).unwrap();
    let options = SimulationOptions {
        worker_start_delay_us: delay_s * SECOND_US,
        patience_us: 3600 * SECOND_US,
        policy,
        ..SimulationOptions::default()
    };
    let mut simulation = Simulation::new(&config, options).unwrap();
    for (at_s, count, service_s) in batches {
        let service_us = Some(service_s * SECOND_US);
        let request = Request { arrival_us: at_s * SECOND_US, domain: 0, service_us, key: b"" };
        (0..*count).for_each(|_| simulation.push(request).unwrap());
    }
    simulation.finish().unwrap()
}

/// The ordered workers, as (from which second on, how many).
fn course(outcome: &Outcome) -> Vec<(u64, u32)> {
    assert_eq!(outcome.series.bucket_us, SECOND_US);
    let mut course: Vec<(u64, u32)> = Vec::new();
    // A bucket without any length, for what ended at its very beginning, has no workers.
    let seconds = 0..outcome.summary.duration_us.div_ceil(SECOND_US);
    for (second, workers) in seconds.zip(&outcome.series.pools[0].baseline_workers) {
        let count = u32::try_from(whole(*workers)).unwrap();
        assert!((f64::from(count) - workers).abs() < 1e-9, "a change within the second {second}");
        if course.last().is_none_or(|(_, last)| *last != count) {
            course.push((second, count));
        }
    }
    course
}

fn hpa() -> Policy {
    Policy::Hpa(Hpa::default())
}

#[test]
fn hpa_grows_by_the_ratio_of_utilization_to_the_target() {
    // 4 of 4 busy: ceil(4 × 100/70) = 6 at 15 s; then 4/6 = 66 % is within 10 % of 70 %. At 40 s the line fills: until 45 s
    // (4 × 10 s + 6 × 5 s) / (6 × 15 s) = 77 %, a usage of 1.1, which the tolerance just takes. Then always 100 %:
    // ceil(n / 0.7), and at most 50.
    let outcome = run(hpa(), 4, 0, &[(0, 4, 170), (40, 60, 170)]);
    let up: Vec<_> = course(&outcome).into_iter().take_while(|(second, _)| *second < 200).collect();
    assert_eq!(up, [(0, 4), (15, 6), (60, 9), (75, 13), (90, 19), (105, 28), (120, 40), (135, 50)]);
}

#[test]
fn hpa_grows_by_at_most_double_or_four_and_waits_for_what_is_starting() {
    // Aiming at 10 %, 1 of 1 busy wants 10: 1 + 4 at 15 s, 5 × 2 at 30 s, and at 45 s 5 × … until the most.
    let greedy = Policy::Hpa(Hpa { target: crate::ratio::Ratio::from_ppm(100_000), ..Hpa::default() });
    let outcome = run(greedy, 1, 0, &[(0, 60, 100)]);
    let up: Vec<_> = course(&outcome).into_iter().take_while(|(second, _)| *second < 90).collect();
    assert_eq!(up, [(0, 1), (15, 5), (30, 10), (45, 20), (60, 40), (75, 50)]);

    // A start takes 20 s. 6 at 15 s, of which 2 are ready at 35 s: at 30 s they count as unused, 4/6 = 66 % isn't above
    // the target, and the count stays. At 45 s all 6 were busy: 9. At 60 s 6/9 again; at 75 s 13; at 90 s 9/13 = 69 %.
    let outcome = run(hpa(), 4, 20, &[(0, 100, 100)]);
    let up: Vec<_> = course(&outcome).into_iter().take_while(|(second, _)| *second < 105).collect();
    assert_eq!(up, [(0, 4), (15, 6), (45, 9), (75, 13)]);
}

#[test]
fn hpa_shrinks_to_the_highest_count_of_five_minutes() {
    // 7 of 10 busy until 50 s: 70 %, the count stays. At 60 s (7 × 5 s) / (10 × 15 s) = 23 %: ceil(10 × 23/70) = 4. From
    // 75 s on 0. The last count of 10 is desired at 45 s, and out of the window at 345 s; that of 4 at 360 s.
    let outcome = run(hpa(), 10, 0, &[(0, 7, 50), (400, 1, 1)]);
    assert_eq!(course(&outcome), [(0, 10), (345, 4), (360, 1)]);
    // Each is one mark, however many workers it was.
    let marks = outcome.marks.iter().map(|mark| (mark.at_us / SECOND_US, mark.kind, mark.count));
    let removed = EffectKind::RemoveWorkers;
    assert_eq!(marks.collect::<Vec<_>>(), [(345, removed, 6), (360, removed, 3)]);
    assert_eq!((outcome.summary.scale_changes, outcome.summary.duration_us), (2, 401 * SECOND_US));
    let hour = outcome.summary.scale_changes_per_hour;
    assert!((hour - 2.0 * 3600.0 / 401.0).abs() < 1e-9, "{hour}");
}

#[test]
fn kpa_panics_and_comes_down_by_halves() {
    // 14 requests for 4 workers: 14 / 0.7 = 20 at 2 s, five times what is ready: panic. It lasts until more than 60 s after
    // 2 s: to 64 s. Served from 0 to 10 s are 4, from 2 to 12 s the other 10. At 64 s the last 60 s hold 6 s of 14 and 2 s
    // of 10, a mean of 104/60, which is 3 workers, but not below 20/2; at 66 s 2, but 10/2; at 68 s (48/60) 2; at 70 s 1.
    let outcome = run(Policy::Kpa(Kpa::default()), 4, 0, &[(0, 14, 10), (80, 1, 1)]);
    assert_eq!(course(&outcome), [(0, 4), (2, 20), (64, 10), (66, 5), (68, 2), (70, 1)]);
    assert_eq!(outcome.summary.late, 0);
}

#[test]
fn kpa_calm_follows_the_stable_window_and_counts_the_ready_alone() {
    // 10 for 10: ceil(14.3) = 15, not twice 10, no panic. Busy until 30 s. The window is still filling then: at t the mean is
    // 300/t, so ceil(300/t / 0.7): 14 at 32 s, 13 at 34, 12 at 36 and 38, 11 at 40 and 42, 10 until 46, 9 from 48, 8 from 54.
    let outcome = run(Policy::Kpa(Kpa::default()), 10, 0, &[(0, 10, 30), (60, 1, 1)]);
    let course = course(&outcome);
    assert_eq!(&course[..2], [(0, 10), (2, 15)]);
    assert_eq!(&course[2..], [(32, 14), (34, 13), (36, 12), (40, 11), (44, 10), (48, 9), (54, 8)]);

    // 3 of 10 ready by 20 s: the panic count 15 (of 10 requests) is five times what is ready; a start takes 20 s, and
    // everybody ordered counts once.
    let outcome = run(Policy::Kpa(Kpa::default()), 3, 20, &[(0, 10, 30), (40, 1, 1)]);
    let up: Vec<_> = self::course(&outcome).into_iter().take_while(|(second, _)| *second < 40).collect();
    assert_eq!(up, [(0, 3), (2, 15)]);
}

#[test]
fn celery_grows_with_what_it_has_reserved_and_shrinks_after_its_keepalive() {
    // 30 requests for 2 processes: 4 × 2 are seen at 1 s, all 30 at 2 s. The last service ends at 24 s. It grew last at 2 s,
    // so it shrinks at the first second more than 30 s after that, to what is there: nothing.
    let outcome = run(Policy::Celery(Celery::default()), 2, 0, &[(0, 30, 10), (40, 1, 1)]);
    assert_eq!(course(&outcome), [(0, 2), (1, 8), (2, 30), (33, 1)]);
    // Without having grown it never shrinks.
    let outcome = run(Policy::Celery(Celery::default()), 8, 0, &[(0, 4, 10), (90, 1, 1)]);
    assert_eq!(course(&outcome), [(0, 8)]);
}

#[test]
fn fixed_never_changes() {
    let outcome = run(Policy::Fixed(Fixed::new(Sizing::All(7))), 3, 10, &[(0, 30, 10), (400, 3, 10)]);
    assert_eq!(course(&outcome), [(0, 7)]);
    assert_eq!((outcome.summary.scale_changes, outcome.summary.surges), (0, 0));
    let each = Sizing::Each(Vec::from([("p".into(), 9)]));
    assert_eq!(course(&run(Policy::Fixed(Fixed::new(each)), 3, 10, &[(0, 30, 10)])), [(0, 9)]);
}
