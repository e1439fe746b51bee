//! Clients that try again.
//!
//! A request that was refused, expired in its line or lost its worker comes back after a back-off, with jitter. That
//! is kind to a request and unkind to a system: retries are load, and where many requests fail they can keep it above
//! what the workers can do long after its cause is gone (N. Bronson, A. Aghayev, A. Charapko, T. Zhu, "Metastable
//! failures in distributed systems", HotOS 2021). What makes such a state last is work done in vain: a client that has
//! waited for `timeout_us` goes away, and the system, which isn't told, serves a request that nobody waits for.

use alloc::collections::{BinaryHeap, VecDeque};
use alloc::vec::Vec;
use core::cmp::Reverse;

use super::statistics::WaitsForIt;
use super::{Simulation, SimulationError};
use crate::id::DomainId;
use crate::time::SECOND_US;
use crate::whatif::rng::Rng;
use crate::whatif::workload::whole;

/// How clients try again.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Retries {
    /// How often a request is tried at most, the first time included.
    pub attempts: u32,
    /// How long a client waits before it tries for the second time, in microseconds.
    pub backoff_us: u64,
    /// Each further wait is so many times the one before.
    pub multiplier: f64,
    /// The longest wait, in microseconds.
    pub max_backoff_us: u64,
    /// The share of each wait that is drawn at random, 0 to 1: a wait is evenly between (1 − jitter) × itself and
    /// itself. 1 is the "full jitter" of M. Brooker, "Exponential backoff and jitter", AWS Architecture Blog, 2015.
    pub jitter: f64,
    /// Whether a refused client waits at least as long as the refusal says.
    pub honor_retry_after: bool,
    /// How long a client waits for an attempt to be served before it leaves and tries again, in microseconds; none: as
    /// long as it takes. The attempt stays in its line or with its worker.
    pub timeout_us: Option<u64>,
}

impl Default for Retries {
    /// Four attempts after 0.1, 0.2 and 0.4 seconds, half of each at random.
    fn default() -> Self {
        Self {
            attempts: 4,
            backoff_us: 100_000,
            multiplier: 2.0,
            max_backoff_us: 10 * SECOND_US,
            jitter: 0.5,
            honor_retry_after: false,
            timeout_us: None,
        }
    }
}

/// A request as its client knows it.
#[derive(Debug)]
pub(super) struct Client {
    pub(super) domain: DomainId,
    pub(super) service_us: u64,
    pub(super) key: Vec<u8>,
    /// Attempts so far.
    attempts: u32,
    /// How long it waits before the next one, without jitter.
    backoff_us: f64,
}

/// The clients whose requests are neither served nor given up. Memory grows with these, and with the attempts of the
/// last `timeout_us`.
#[derive(Debug)]
pub(super) struct Clients {
    policy: Retries,
    rng: Rng,
    clients: Vec<Client>,
    free: Vec<u32>,
    /// Who tries again: time, order of scheduling, client.
    due: BinaryHeap<Reverse<(u64, u64, u32)>>,
    scheduled: u64,
    /// When the clients of attempts leave, with their tickets; the timeout is always the same, hence a queue.
    leaving: VecDeque<(u64, u64)>,
}

impl Clients {
    pub(super) fn new(policy: Retries, rng: Rng) -> Self {
        Self {
            policy,
            rng,
            clients: Vec::new(),
            free: Vec::new(),
            due: BinaryHeap::new(),
            scheduled: 0,
            leaving: VecDeque::new(),
        }
    }

    /// A client whose first attempt comes now.
    #[inline]
    pub(super) fn add(&mut self, domain: DomainId, service_us: u64, key: &[u8]) -> u32 {
        #[allow(clippy::cast_precision_loss)] // below 2^53
        let backoff_us = self.policy.backoff_us as f64;
        if let Some(id) = self.free.pop()
            && let Some(client) = self.clients.get_mut(id as usize)
        {
            // Its room for a key is used again.
            client.key.clear();
            client.key.extend_from_slice(key);
            (client.domain, client.service_us) = (domain, service_us);
            (client.attempts, client.backoff_us) = (1, backoff_us);
            return id;
        }
        let id = u32::try_from(self.clients.len()).unwrap_or(u32::MAX);
        self.clients.push(Client { domain, service_us, key: key.to_vec(), attempts: 1, backoff_us });
        id
    }

    /// A client's request is served, or given up.
    #[inline]
    pub(super) fn end(&mut self, id: u32) {
        self.free.push(id);
    }

    /// A client's attempt has failed: answers whether it tries again. If it doesn't, its request is given up.
    pub(super) fn again(&mut self, now_us: u64, id: u32, retry_after_us: u64) -> bool {
        let Some(client) = self.clients.get_mut(id as usize) else { return false };
        if client.attempts >= self.policy.attempts {
            self.end(id);
            return false;
        }
        client.attempts += 1;
        #[allow(clippy::cast_precision_loss)] // below 2^53
        let wait_us = client.backoff_us.min(self.policy.max_backoff_us as f64);
        client.backoff_us = wait_us * self.policy.multiplier;
        let mut wait_us = whole(wait_us * (1.0 - self.policy.jitter * self.rng.unit()));
        if self.policy.honor_retry_after {
            wait_us = wait_us.max(retry_after_us);
        }
        self.scheduled += 1;
        self.due.push(Reverse((now_us.saturating_add(wait_us), self.scheduled, id)));
        true
    }

    /// An attempt got a worker or a place in a line.
    #[inline]
    pub(super) fn accepted(&mut self, now_us: u64, raw_ticket: u64) {
        if let Some(timeout_us) = self.policy.timeout_us {
            self.leaving.push_back((now_us.saturating_add(timeout_us), raw_ticket));
        }
    }

    /// When the next client leaves or tries again. `ended` says of a ticket whether its attempt is over.
    #[inline]
    pub(super) fn next_us(&self) -> Option<u64> {
        let due_us = self.due.peek().map(|Reverse((at_us, ..))| *at_us);
        let leaving_us = self.leaving.front().map(|(at_us, _)| *at_us);
        due_us.into_iter().chain(leaving_us).min()
    }

    /// The ticket of the next attempt whose client leaves at or before `now_us`, if it isn't over.
    pub(super) fn take_leaving(&mut self, now_us: u64) -> Option<u64> {
        let (at_us, raw_ticket) = *self.leaving.front()?;
        if at_us > now_us {
            return None;
        }
        self.leaving.pop_front();
        Some(raw_ticket)
    }

    /// The next client that tries again at or before `now_us`.
    pub(super) fn take_due(&mut self, now_us: u64) -> Option<u32> {
        let Reverse((at_us, _, id)) = *self.due.peek()?;
        if at_us > now_us {
            return None;
        }
        self.due.pop();
        Some(id)
    }

    /// The client's request; its key is lent until [`Clients::give_back`].
    pub(super) fn take(&mut self, id: u32) -> Option<(DomainId, u64, Vec<u8>)> {
        let client = self.clients.get_mut(id as usize)?;
        Some((client.domain, client.service_us, core::mem::take(&mut client.key)))
    }

    pub(super) fn give_back(&mut self, id: u32, key: Vec<u8>) {
        if let Some(client) = self.clients.get_mut(id as usize) {
            client.key = key;
        }
    }

    /// The places for clients: as many as there ever were at one time.
    #[cfg(test)]
    pub(super) fn places(&self) -> usize {
        self.clients.len()
    }

    /// How many wait for their next attempt.
    pub(super) fn waiting(&self) -> u64 {
        self.due.len() as u64
    }
}

impl Simulation {
    /// What whoever waited for an attempt that came to nothing does.
    #[inline]
    pub(super) fn try_again(&mut self, now_us: u64, waits_for_it: WaitsForIt, retry_after_us: u64) {
        let again = match (waits_for_it, &mut self.clients) {
            (WaitsForIt::Client(client), Some(clients)) => clients.again(now_us, client, retry_after_us),
            (WaitsForIt::Nobody, _) => return,
            _ => false,
        };
        self.fates.gave_up += u64::from(!again);
    }

    /// Clients leave or try again.
    pub(super) fn clients_act(&mut self, now_us: u64) -> Result<(), SimulationError> {
        while let Some(raw_ticket) = self.clients.as_mut().and_then(|clients| clients.take_leaving(now_us)) {
            let Some(flight) = self.flight_mut(raw_ticket) else { continue };
            let waited = core::mem::replace(&mut flight.waits_for_it, WaitsForIt::Nobody);
            self.fates.timed_out += 1;
            self.try_again(now_us, waited, 0);
        }
        while let Some(client) = self.clients.as_mut().and_then(|clients| clients.take_due(now_us)) {
            let request = self.clients.as_mut().and_then(|clients| clients.take(client));
            let Some((domain, service_us, key)) = request else { continue };
            self.fates.retries += 1;
            self.attempt(now_us, domain, &key, service_us, WaitsForIt::Client(client))?;
            if let Some(clients) = &mut self.clients {
                clients.give_back(client, key);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waits(policy: Retries, retry_after_us: u64) -> Vec<u64> {
        let mut clients = Clients::new(policy, Rng::new(1));
        let id = clients.add(DomainId::new(0), 1, b"k");
        let mut now_us = 0;
        let mut waits = Vec::new();
        while clients.again(now_us, id, retry_after_us) {
            let next_us = clients.next_us().unwrap();
            assert_eq!(clients.take_due(next_us - 1), None);
            assert_eq!(clients.take_due(next_us), Some(id));
            waits.push(next_us - now_us);
            now_us = next_us;
        }
        assert_eq!((clients.waiting(), &clients.free[..]), (0, &[id][..]));
        waits
    }

    #[test]
    fn waits_grow_up_to_the_longest_and_attempts_end() {
        let policy = Retries { attempts: 7, jitter: 0.0, max_backoff_us: 900_000, ..Retries::default() };
        assert_eq!(waits(policy, 0), [100_000, 200_000, 400_000, 800_000, 900_000, 900_000]);
        assert!(waits(Retries { attempts: 1, ..policy }, 0).is_empty());
        let slow = Retries { multiplier: 1.0, ..policy };
        assert_eq!(waits(slow, 0), [100_000; 6]);
    }

    #[test]
    fn a_client_that_honors_it_waits_as_long_as_it_is_told() {
        let policy = Retries { jitter: 0.0, honor_retry_after: true, ..Retries::default() };
        assert_eq!(waits(policy, 300_000), [300_000, 300_000, 400_000]);
        assert_eq!(
            waits(Retries { honor_retry_after: false, ..policy }, 300_000),
            [100_000, 200_000, 400_000]
        );
    }

    #[test]
    fn jitter_spreads_a_wait_evenly_below_itself() {
        let policy = Retries { attempts: 20_001, multiplier: 1.0, jitter: 0.5, ..Retries::default() };
        let waits = waits(policy, 0);
        assert!(waits.iter().all(|wait_us| (50_000..=100_000).contains(wait_us)));
        let mean = waits.iter().sum::<u64>() / waits.len() as u64;
        assert!((74_500..75_500).contains(&mean), "{mean}");
        let low = waits.iter().filter(|wait_us| **wait_us < 55_000).count();
        assert!((1800..2200).contains(&low), "{low}");
    }

    #[test]
    fn a_place_is_used_again() {
        let mut clients = Clients::new(Retries::default(), Rng::new(1));
        let first = clients.add(DomainId::new(0), 1, b"first");
        assert!(clients.again(0, first, 0));
        assert_eq!(clients.take_due(1 << 40), Some(first));
        clients.end(first);
        let second = clients.add(DomainId::new(2), 7, b"2");
        assert_eq!(second, first);
        assert_eq!(clients.take(second), Some((DomainId::new(2), 7, b"2".to_vec())));
        clients.give_back(second, b"2".to_vec());
        assert!(clients.again(0, second, 0) && clients.again(0, second, 0) && clients.again(0, second, 0));
    }
}
