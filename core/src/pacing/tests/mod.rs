mod config;
mod model;
mod pacer;
mod sequence;
mod worlds;

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::*;
use crate::id::DomainId;

fn pacer(config: &str) -> Pacer {
    Pacer::new(&PacerConfig::from_json(config).unwrap(), 0).unwrap()
}

/// Offers an item of the domain at this place.
fn offer(pacer: &mut Pacer, now_us: u64, domain: u32, item: u64) -> Offer {
    pacer.offer(now_us, DomainId::new(domain), item).unwrap()
}

/// Everything that is due, as domains.
fn poll(pacer: &mut Pacer, now_us: u64) -> Vec<Release> {
    core::iter::from_fn(|| pacer.poll(now_us).unwrap()).collect()
}

/// A pacer's configuration of domains `a`, `b`, … with these weights.
fn mix(takt: &str, weights: &[u32], max_backlog: u32) -> String {
    let domain =
        |(place, weight)| format!("\"d{place}\": {{\"weight\": {weight}, \"max_backlog\": {max_backlog}}}");
    let domains: Vec<String> = weights.iter().enumerate().map(domain).collect();
    format!("{{{takt}, \"max_backlog\": 16777216, \"domains\": {{{}}}}}", domains.join(", "))
}
