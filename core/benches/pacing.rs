//! What an item costs the heijunka box, by the number of products or domains.
#![allow(clippy::unwrap_used)]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use heijunka_core::DomainId;
use heijunka_core::pacing::{Pacer, PacerConfig, Sequence};

/// Counts that are alike nowhere, of so many items that none runs out.
fn mix(products: u32) -> Vec<u32> {
    (0..products).map(|product| 100_000_000 + product.wrapping_mul(2_654_435_761) % 100_000_000).collect()
}

fn sequence(criterion: &mut Criterion) {
    for products in [2, 8, 50, 1_000, 16_384] {
        let mut order = Sequence::new(&mix(products)).unwrap().cycle();
        criterion.bench_function(&format!("sequence/{products}"), |bencher| {
            bencher.iter(|| black_box(order.next().unwrap()));
        });
    }
}

/// An item released, and another one of its domain offered: the backlog stays as it is.
fn poll_and_offer(criterion: &mut Criterion) {
    for domains in [2, 8, 50, 1_000] {
        let domain = |place: u32| format!("\"d{place}\": {{\"weight\": {}}}", place % 7 + 1);
        let all = (0..domains).map(domain).collect::<Vec<_>>().join(", ");
        let config = format!("{{\"available_us\": 1000000, \"demand\": 3000, \"domains\": {{{all}}}}}");
        let mut pacer = Pacer::new(&PacerConfig::from_json(&config).unwrap(), 0).unwrap();
        for domain in 0..domains {
            for item in 0..20 {
                pacer.offer(0, DomainId::new(domain), item).unwrap();
            }
        }
        let mut now_us = 0;
        criterion.bench_function(&format!("poll+offer/{domains}"), |bencher| {
            bencher.iter(|| {
                now_us += 334;
                let release = pacer.poll(black_box(now_us)).unwrap().unwrap();
                pacer.offer(now_us, release.domain, release.item).unwrap().load
            });
        });
    }
    // Whoever's only item is released leaves, and comes again.
    criterion.bench_function("poll+offer/alternating", |bencher| {
        let config = r#"{"takt_us": 10, "domains": {"a": {"weight": 5}, "b": {}, "c": {}}}"#;
        let mut pacer = Pacer::new(&PacerConfig::from_json(config).unwrap(), 0).unwrap();
        for domain in 0..3 {
            pacer.offer(0, DomainId::new(domain), 1).unwrap();
        }
        let mut now_us = 0;
        bencher.iter(|| {
            now_us += 10;
            let release = pacer.poll(black_box(now_us)).unwrap().unwrap();
            pacer.offer(now_us, release.domain, release.item).unwrap().load
        });
    });
}

criterion_group!(benches, sequence, poll_and_offer);
criterion_main!(benches);
