//! Limits that follow the backend, in worlds that try them.
#![cfg(feature = "json")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::cast_precision_loss)]
#![allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, missing_docs, unreachable_pub)]

mod world;
use world::*;

#[test]
fn explore() {
    let svc: f64 = std::env::var("SVC").map_or(1.0, |s| s.parse().unwrap());
    let alg = std::env::var("ALG").unwrap_or("correlation".into());
    let every: usize = std::env::var("EVERY").map_or(60, |s| s.parse().unwrap());
    let disc = if std::env::var("SHARE").is_ok() { Discipline::Sharing } else { Discipline::Line };
    let normal = |until| Phase { until_us: until, rate: 80.0 / svc, service: svc, failing: 0.0, stuck: (0.0, 0.0) };
    let phases = [normal(10 * MINUTE_US), Phase { service: svc * 5.0, ..normal(70 * MINUTE_US) }, normal(80 * MINUTE_US)];
    let extra = std::env::var("EXTRA").unwrap_or_default();
    for seed in 1..=3 {
        let mut l = Heijunka::new(&format!(r#"{{"scaler": {{"enabled": false}}, "burst": {{"enabled": false}}, "regulator": {{"reserved_capacity": 0, "adaptive": {{"algorithm": "{alg}"{extra}}}}}}}"#));
        let start = std::time::Instant::now();
        let r = run(&mut l, disc, &phases, seed);
        let wall = start.elapsed();
        let lim = |from: usize, to: usize| r.seconds[from..to].iter().map(|s| s.limit).fold((f64::MAX, 0.0_f64), |(a, b), l| (a.min(l), b.max(l)));
        let settle = r.seconds[600..4200].iter().rposition(|s| s.limit < 75.0 || s.limit > 125.0).map_or(0, |p| p + 1);
        println!("seed {seed} settle {settle}s range 2min.. {:?} end {} goodput {:.3} wall {wall:?}", lim(720, 4200), r.seconds[4199].limit,
            r.seconds[720..4200].iter().map(|s| s.completed).sum::<u64>() as f64 / 3480.0 / (20.0 / svc));
        println!("  before {:?} after5 {:?} refused before {} last5 {}", lim(300, 600), lim(4500, 4800),
            r.seconds[..600].iter().map(|s| s.refused).sum::<u64>(), r.seconds[4500..4800].iter().map(|s| s.refused).sum::<u64>());
        if every < 10000 { println!("  {:?}", r.seconds.iter().skip(599).step_by(every).map(|s| s.limit as u32).collect::<Vec<_>>()); }
    }
}
