//! What one request costs the regulator.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use heijunka_core::config::{
    AdaptiveConfig, Class, DomainConfig, LimitsConfig, RegulatorConfig, Reservation,
};
use heijunka_core::regulator::Regulator;
use heijunka_core::{Config, DomainId, Outcome, Ratio, Token};

const DOMAINS: u32 = 4;

/// The adaptive limit with an algorithm's defaults.
fn adaptive(algorithm: &str) -> Option<AdaptiveConfig> {
    let config = Config::from_json(&format!(r#"{{"regulator": {{"adaptive": "{algorithm}"}}}}"#)).unwrap();
    config.regulator.adaptive
}

fn regulator(
    token_ttl_us: Option<u64>,
    reservation: Reservation,
    adaptive: Option<AdaptiveConfig>,
) -> Regulator {
    let config = RegulatorConfig {
        soft_limit: 1000,
        hard_limit: 1200,
        reserved_capacity: Ratio::from_ppm(200_000),
        sheddable_fraction: Ratio::from_ppm(750_000),
        token_ttl_us,
        reservation,
        adaptive,
    };
    let domains: Vec<_> = (0..DOMAINS)
        .map(|index| DomainConfig {
            name: format!("domain{index}"),
            class: Class::Normal,
            max_class: Class::Critical,
            max_concurrent: None,
            pools: vec![],
            spill: None,
        })
        .collect();
    let limits = LimitsConfig {
        max_domains: 1024,
        max_pools: 1024,
        max_workers: 1 << 20,
        max_tokens: 1 << 20,
        max_waiters: 1 << 20,
        max_effects: 65_536,
        max_alerts: 1_024,
        max_key_bytes: 1024,
        max_name_bytes: 256,
        max_journal_bytes: 1 << 24,
    };
    Regulator::new(&config, &domains, &limits, 0)
}

/// 800 tokens stay out; each round admits one and releases the one admitted 800 rounds before, 3 µs later.
fn admit_and_release(criterion: &mut Criterion) {
    let cases = [
        ("headroom", None, Reservation::Headroom, None),
        ("partition", None, Reservation::Partition, None),
        ("ttl", Some(1 << 40), Reservation::Headroom, None),
        ("aimd", None, Reservation::Headroom, adaptive("aimd")),
        ("gradient", None, Reservation::Headroom, adaptive("gradient")),
        ("correlation", None, Reservation::Headroom, adaptive("correlation")),
    ];
    for (name, token_ttl_us, reservation, adaptive) in cases {
        criterion.bench_function(&format!("admit+release/{name}"), |bencher| {
            let mut regulator = regulator(token_ttl_us, reservation, adaptive);
            let mut held: Vec<Token> = (0..800)
                .map(|_| regulator.admit(0, DomainId::new(0), None).unwrap().token.unwrap())
                .collect();
            let (mut now_us, mut place, mut domain) = (0, 0, 0);
            bencher.iter(|| {
                now_us += 3;
                if regulator.next_deadline_us().is_some_and(|due_us| due_us <= now_us) {
                    regulator.step(now_us);
                }
                place = if place == 799 { 0 } else { place + 1 };
                domain = (domain + 1) % DOMAINS;
                let admission = regulator.admit(now_us, black_box(DomainId::new(domain)), None).unwrap();
                let oldest = std::mem::replace(&mut held[place], admission.token.unwrap());
                regulator.release(now_us, oldest, Outcome::Ok).unwrap().held_us
            });
        });
    }
}

fn refused_admit(criterion: &mut Criterion) {
    criterion.bench_function("refused admit", |bencher| {
        let mut regulator = regulator(None, Reservation::Headroom, None);
        let token = regulator.admit(0, DomainId::new(0), None).unwrap().token.unwrap();
        regulator.release(12_345, token, Outcome::Ok).unwrap();
        for _ in 0..960 {
            regulator.admit(20_000, DomainId::new(0), None).unwrap();
        }
        let mut now_us = 20_000;
        bencher.iter(|| {
            now_us += 3;
            let admission = regulator.admit(now_us, black_box(DomainId::new(1)), None).unwrap();
            assert!(!admission.admitted());
            admission.retry_after_us
        });
    });
}

criterion_group!(benches, admit_and_release, refused_admit);
criterion_main!(benches);
