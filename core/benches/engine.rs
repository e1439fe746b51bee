//! What the calls of the whole engine cost.

#![allow(clippy::unwrap_used)]

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use heijunka_core::{Config, DomainId, Engine, Outcome, PoolId};

const SECOND_US: u64 = 1_000_000;

/// An engine of this many pools of 50 workers.
fn engine(pools: u32) -> Engine {
    let names: Vec<String> = (0..pools)
        .map(|pool| format!(r#""p{pool}": {{"initial_workers": 50, "min_workers": 50}}"#))
        .collect();
    let names = names.join(", ");
    let config = format!(r#"{{"pools": {{{names}}}, "regulator": {{"hard_limit": 100000}}}}"#);
    Engine::new(&Config::from_json(&config).unwrap(), 0).unwrap()
}

fn requests(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("engine");
    let domain = DomainId::new(0);
    group.bench_function("admit+release", |bencher| {
        let mut engine = engine(3);
        let mut now_us = 0;
        bencher.iter(|| {
            now_us += 10;
            let token = engine.admit(now_us, domain, None).unwrap().token.unwrap();
            engine.release(now_us + 5, black_box(token), Outcome::Ok).unwrap();
        });
    });
    group.bench_function("checkout+checkin", |bencher| {
        let mut engine = engine(3);
        let mut now_us = 0;
        bencher.iter(|| {
            now_us += 10;
            let worker = engine.checkout(now_us, PoolId::new(0), None).unwrap().worker.unwrap();
            engine.checkin(now_us + 5, black_box(worker), Outcome::Ok).unwrap();
        });
    });
    group.bench_function("dispatch+complete", |bencher| {
        let mut engine = engine(3);
        let mut now_us = 0;
        bencher.iter(|| {
            now_us += 10;
            let answer = engine.dispatch(now_us, domain, b"customer 7", None, None).unwrap();
            engine.complete(now_us + 5, black_box(answer.ticket.unwrap()), Outcome::Ok).unwrap();
        });
    });
    group.finish();
}

fn steps(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("step");
    group.bench_function("nothing due", |bencher| {
        let mut engine = engine(3);
        bencher.iter(|| engine.step(black_box(10)).unwrap());
    });
    for pools in [3, 1000] {
        // Ten seconds apart: samples, evaluation and rebalancing are all due.
        group.bench_with_input(BenchmarkId::new("all due", pools), &pools, |bencher, pools| {
            let mut engine = engine(*pools);
            let mut now_us = 0;
            bencher.iter(|| {
                now_us += 10 * SECOND_US;
                engine.step(now_us).unwrap();
                while let Some(effect) = engine.poll_effect() {
                    black_box(effect);
                }
            });
        });
    }
    group.finish();
}

criterion_group!(benches, requests, steps);
criterion_main!(benches);
