//! How fast traces are read and simulated.
//!
//! The demo's day is read as CSV (beside finding the line breaks of the same text, which is the least that any
//! reader has to do), and simulated with the default configuration. Requests that are made are simulated as they come.

#![allow(clippy::unwrap_used)]

use std::hint::black_box;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use heijunka_core::whatif::Run;
use heijunka_core::whatif::simulation::{Simulation, SimulationOptions};
use heijunka_core::whatif::trace::{TraceOptions, TraceReader};
use heijunka_core::whatif::workload::{Demo, DemoRow, write_demo_csv};
use heijunka_core::{Config, Value};

fn reading(criterion: &mut Criterion) {
    let mut text = Vec::new();
    write_demo_csv(1, &mut |chunk| text.extend_from_slice(chunk));
    let mut group = criterion.benchmark_group("trace");
    group.throughput(Throughput::Bytes(text.len() as u64)).sample_size(20);
    group.bench_function("line_breaks", |bencher| {
        bencher.iter(|| {
            let mut sum = 0;
            for at in memchr::memchr_iter(b'\n', black_box(&text)) {
                sum ^= at;
            }
            sum
        });
    });
    group.bench_function("csv", |bencher| {
        bencher.iter(|| {
            let mut reader = TraceReader::new(TraceOptions::default());
            let mut sum = 0;
            for chunk in text.chunks(65_536) {
                reader.feed(black_box(chunk), &mut |row| sum ^= row.arrival_us).unwrap();
            }
            reader.finish(&mut |row| sum ^= row.arrival_us).unwrap();
            sum
        });
    });
    group.finish();
}

fn simulating(criterion: &mut Criterion) {
    // Two hours around lunch.
    let hours = 11 * 3_600_000_000..13 * 3_600_000_000;
    let rows: Vec<DemoRow> = Demo::new(1).filter(|row| hours.contains(&row.arrival_us)).collect();
    let config = Config::default();
    let mut group = criterion.benchmark_group("simulation");
    group.throughput(Throughput::Elements(rows.len() as u64)).sample_size(20);
    group.bench_function("lunch", |bencher| {
        bencher.iter_batched(
            || Simulation::new(&config, SimulationOptions::default()).unwrap(),
            |mut simulation| {
                for row in &rows {
                    simulation.push(black_box(row.request())).unwrap();
                }
                simulation.finish().unwrap()
            },
            BatchSize::LargeInput,
        );
    });
    group.finish();
}

/// An hour at 200 requests a second, made as it runs.
fn making(criterion: &mut Criterion) {
    let workload = |arrivals: &str, service: &str| {
        let text = format!(
            r#"{{"duration_us": 3600000000, "domains": {{"payment": {{"arrivals": {{{arrivals}}},
                "service": {{"mean_us": 80000, {service}}}, "keys": 1000000}}}}}}"#
        );
        Value::from_json(&text).unwrap()
    };
    let poisson = r#""process": "poisson", "rate_per_s": 200"#;
    let diurnal = r#""process": "diurnal", "mean_per_s": 200, "amplitude": 0.8, "period_us": 3600000000"#;
    let config =
        Value::from_json(r#"{"pools": {"payment": {"initial_workers": 20, "max_workers": 60}}}"#).unwrap();
    let mut group = criterion.benchmark_group("made");
    group.throughput(Throughput::Elements(720_000)).sample_size(10);
    for (name, workload) in [
        ("poisson_exponential", workload(poisson, r#""distribution": "exponential""#)),
        ("diurnal_log_normal", workload(diurnal, r#""distribution": "log_normal", "variation": 1"#)),
    ] {
        group.bench_function(name, |bencher| {
            bencher.iter(|| Run::new(&config, black_box(&workload), 1).unwrap().finish().unwrap());
        });
    }
    group.finish();
}

criterion_group!(benches, reading, simulating, making);
criterion_main!(benches);
