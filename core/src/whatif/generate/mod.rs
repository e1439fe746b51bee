//! Requests made from a seed by a description: each domain has its own arrivals and service times.
//!
//! - [`Process`]: when they arrive.
//! - [`Distribution`]: how long they take.
//! - [`Profile`]: built-in descriptions.
//! - [`Generator`]: the requests of a run, one after another in the order of arrival, never all at once.
//!
//! Arrivals, service times and keys of a domain are drawn from streams of their own (of
//! [`Rng`]), which depend on the seed and the domain's name alone. So another service time leaves the arrivals as they
//! were, and another domain beside it leaves all of it.

mod arrivals;
mod profile;
mod services;
#[cfg(test)]
mod tests;

use alloc::collections::BinaryHeap;
use alloc::collections::binary_heap::PeekMut;
use alloc::string::String;
use alloc::vec::Vec;
use core::cmp::Reverse;

use xxhash_rust::xxh3::xxh3_64;

pub use arrivals::{MmppState, Process};
pub use profile::Profile;
pub use services::Distribution;

use super::rng::{Rng, SplitMix64};
use super::trace::Request;
use arrivals::Arrivals;
use services::Services;

/// What is made: domains, and for how long.
#[derive(Debug, Clone, PartialEq)]
pub struct Recipe {
    /// The domains; of requests at the same microsecond the earlier one's comes first.
    pub domains: Vec<DomainRecipe>,
    /// How long requests arrive, in microseconds: from 0 up to, not including, this.
    pub duration_us: u64,
}

/// What is made for a domain.
#[derive(Debug, Clone, PartialEq)]
pub struct DomainRecipe {
    /// Its name.
    pub name: String,
    /// When requests arrive.
    pub arrivals: Process,
    /// How long they take.
    pub service: Distribution,
    /// How many different keys they have, each as likely: `k0`, `k1`, …; 0: each request a key of its own.
    pub keys: u64,
}

impl Recipe {
    /// How many requests are to be expected.
    pub fn expected(&self) -> f64 {
        self.domains.iter().map(|domain| domain.arrivals.expected(self.duration_us)).sum()
    }

    /// What drawing it takes: requests, and changes of random states.
    pub(super) fn work(&self) -> f64 {
        let changes = self.domains.iter().map(|domain| domain.arrivals.changes(self.duration_us));
        self.expected() + changes.sum::<f64>()
    }
}

/// The requests of a recipe. Each costs O(log domains) and allocates nothing.
#[derive(Debug, Clone)]
pub struct Generator {
    streams: Vec<Stream>,
    /// The next arrival of each domain that has one.
    next: BinaryHeap<Reverse<(u64, u32)>>,
    /// The text of the latest request's key.
    key: [u8; KEY_BYTES],
}

/// The longest key: `k` and twenty digits.
const KEY_BYTES: usize = 21;

#[derive(Debug, Clone)]
struct Stream {
    arrivals: Arrivals,
    services: Services,
    keys: Rng,
    key_count: u64,
    rows: u64,
}

impl Generator {
    /// The requests of this recipe and seed.
    pub fn new(recipe: &Recipe, seed: u64) -> Self {
        let mut next = BinaryHeap::with_capacity(recipe.domains.len());
        let mut streams = Vec::with_capacity(recipe.domains.len());
        for (domain, index) in recipe.domains.iter().zip(0_u32..) {
            let mut seeds = SplitMix64::new(seed ^ xxh3_64(domain.name.as_bytes()));
            let mut arrivals =
                Arrivals::new(&domain.arrivals, recipe.duration_us, Rng::new(seeds.next_u64()));
            let services = Services::new(&domain.service, Rng::new(seeds.next_u64()));
            let keys = Rng::new(seeds.next_u64());
            next.extend(arrivals.next_us().map(|at_us| Reverse((at_us, index))));
            streams.push(Stream { arrivals, services, keys, key_count: domain.keys, rows: 0 });
        }
        Self { streams, next, key: [0; KEY_BYTES] }
    }

    /// The next request; its `domain` is an index into the recipe's.
    #[inline]
    pub fn next_request(&mut self) -> Option<Request<'_>> {
        let mut first = self.next.peek_mut()?;
        let Reverse((arrival_us, domain)) = *first;
        let stream = self.streams.get_mut(domain as usize)?;
        match stream.arrivals.next_us() {
            Some(next_us) => {
                *first = Reverse((next_us, domain));
                drop(first);
            }
            None => drop(PeekMut::pop(first)),
        }
        stream.rows += 1;
        let service_us = Some(stream.services.next_us());
        let key = if stream.key_count == 0 {
            &[]
        } else {
            text_of(stream.keys.below(stream.key_count), &mut self.key)
        };
        Some(Request { arrival_us, domain, service_us, key })
    }

    /// How many requests of each domain have come.
    pub fn rows(&self) -> impl Iterator<Item = u64> {
        self.streams.iter().map(|stream| stream.rows)
    }
}

/// `k` and the number, written from the end of the text.
#[inline]
fn text_of(number: u64, text: &mut [u8; KEY_BYTES]) -> &[u8] {
    let mut left = number;
    let mut start = KEY_BYTES;
    for (index, place) in text.iter_mut().enumerate().rev() {
        start = index;
        if left == 0 && index + 1 < KEY_BYTES {
            *place = b'k';
            break;
        }
        *place = b'0' + u8::try_from(left % 10).unwrap_or(0);
        left /= 10;
    }
    text.get(start..).unwrap_or(&[])
}
