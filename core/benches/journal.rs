//! What it costs to record, to replay, to remember.

#![allow(clippy::unwrap_used)]

use std::hint::black_box;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use heijunka_core::{Config, DomainId, Engine, Outcome, journal};

fn engine() -> Engine {
    let config = r#"{"regulator": {"hard_limit": 100000}, "limits": {"max_journal_bytes": 4000000000}}"#;
    Engine::new(&Config::from_json(config).unwrap(), 0).unwrap()
}

fn pair(engine: &mut Engine, now_us: u64) {
    let token = engine.admit(now_us, DomainId::new(0), None).unwrap().token.unwrap();
    engine.release(now_us + 5, black_box(token), Outcome::Ok).unwrap();
}

fn recording(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("journal");
    for recorded in [false, true] {
        let name = if recorded { "admit+release, recorded" } else { "admit+release" };
        group.bench_function(name, |bencher| {
            let mut engine = engine();
            if recorded {
                engine.start_journal();
            }
            let (mut now_us, mut pairs) = (0, 0_u32);
            bencher.iter(|| {
                now_us += 10;
                pair(&mut engine, now_us);
                pairs += 1;
                if pairs.is_multiple_of(10_000) {
                    black_box(engine.take_journal());
                }
            });
        });
    }
    // A million requests: two million records.
    let mut engine = engine();
    engine.start_journal();
    for at in 0..1_000_000 {
        pair(&mut engine, at * 10);
    }
    let written = engine.take_journal();
    group.sample_size(10);
    group.throughput(Throughput::Elements(1_000_000));
    group.bench_function("verify, a million requests", |bencher| {
        bencher.iter(|| assert!(journal::verify(black_box(&written)).unwrap().equal));
    });
    group.bench_function("replay, a million requests", |bencher| {
        let config = Config::default();
        bencher.iter(|| journal::replay(black_box(&written), &config, 0).unwrap());
    });
    group.finish();
}

fn remembering(criterion: &mut Criterion) {
    let mut engine = engine();
    for at in 0..99_000 {
        engine.admit(at, DomainId::new(0), Some(heijunka_core::config::Class::Critical)).unwrap();
    }
    let bytes = engine.snapshot();
    let mut group = criterion.benchmark_group("snapshot");
    group.throughput(Throughput::Bytes(bytes.len() as u64));
    group.bench_function("take", |bencher| bencher.iter(|| black_box(engine.snapshot())));
    group.bench_function("restore", |bencher| {
        bencher.iter_batched(
            || (),
            |()| Engine::restore(black_box(&bytes)).unwrap(),
            BatchSize::PerIteration,
        );
    });
    group.finish();
}

criterion_group!(benches, recording, remembering);
criterion_main!(benches);
