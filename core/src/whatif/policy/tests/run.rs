//! Policies as a workload asks for them.

use alloc::format;
use alloc::string::ToString;

use super::super::Policy;
use crate::config::Value;
use crate::whatif::generate::Profile;
use crate::whatif::{Run, simulate};

const CONFIG: &str = r#"{"pools": {"payment": {"max_waiting": 1000}, "delivery": {"max_waiting": 1000},
    "notification": {"max_waiting": 1000}}, "domains": {"critical_notification": {"pools": ["notification"]}}}"#;

fn value(text: &str) -> Value {
    Value::from_json(text).unwrap()
}

#[test]
fn every_policy_takes_every_profile() {
    for profile in Profile::ALL {
        for policy in Policy::NAMES {
            let policy = if policy == "fixed" {
                r#"{"kind": "fixed", "for": "peak"}"#.into()
            } else {
                format!("\"{policy}\"")
            };
            let profile = profile.as_str();
            let workload = format!(
                r#"{{"profile": "{profile}", "duration_us": 120000000, "workers_start_delay_us": 10000000,
                "policy": {policy}}}"#
            );
            let found = simulate(&value(CONFIG), &value(&workload), 1).unwrap();
            let summary = &found.outcome.summary;
            assert!(summary.completed > 1000, "{profile} {policy}");
            // The engine ran with what it says.
            let outside = policy != "\"heijunka\"";
            assert_eq!(found.config.scaler.enabled, !outside);
            assert_eq!(found.config.burst.enabled, !outside);
            assert!(!outside || summary.effects.keys().all(|kind| !kind.as_str().starts_with("Surge")));
        }
    }
}

#[test]
fn a_run_that_looks_ahead_tells_how_far_it_is() {
    let workload = r#"{"profile": "steady", "duration_us": 60000000, "runs": 3, "policy": "clairvoyant"}"#;
    let whole = simulate(&value(CONFIG), &value(workload), 7).unwrap();
    let runs = whole.runs.as_ref().unwrap();
    assert_eq!(runs.count, 3);
    assert!(runs.figures["worker_hours"].low < whole.outcome.summary.worker_hours.total);
    let mut run = Run::new(&value(CONFIG), &value(workload), 7).unwrap();
    let (mut share, mut requests) = (0.0, 0);
    loop {
        let progress = run.advance(100).unwrap();
        assert!(progress.share >= share && progress.requests >= requests, "{progress:?}");
        assert!(progress.share - share < 0.05 && progress.requests - requests <= 100);
        (share, requests) = (progress.share, progress.requests);
        if progress.done {
            break;
        }
    }
    assert!((share - 1.0).abs() < 1e-12);
    assert_eq!(run.finish().unwrap(), whole);
    let rows = r#"{"requests": [{"arrival_us": 0, "domain": "payment"}, {"arrival_us": 9, "domain": "payment"}],
        "policy": {"kind": "fixed", "for": "mean"}}"#;
    let mut run = Run::new(&value(CONFIG), &value(rows), 7).unwrap();
    let first = run.advance(2).unwrap();
    assert_eq!((first.requests, first.of, first.share), (1, Some(2), 0.5));
    let last = run.advance(99).unwrap();
    assert_eq!((last.requests, last.of, last.done), (2, Some(2), true));
}

#[test]
fn what_is_wrong_is_told_with_its_path() {
    let wrong = |policy: &str| {
        let workload = format!(r#"{{"profile": "steady", "policy": {policy}}}"#);
        simulate(&value(CONFIG), &value(&workload), 1).unwrap_err().to_string()
    };
    let names = "`heijunka`, `fixed`, `hpa`, `kpa`, `celery` or `clairvoyant`";
    assert_eq!(wrong("\"keda\""), format!("workload.policy: expected {names}, found the text `keda`"));
    assert_eq!(
        wrong(r#"{"kind": "kpa", "tick_us": 5}"#),
        "workload.policy.tick_us: expected an integer from 1000000 to 60000000, found the integer 5"
    );
    assert!(
        wrong(r#"{"kind": "fixed", "workers": 60}"#).starts_with("policy.workers: 60 is outside 2 to 30")
    );
}
