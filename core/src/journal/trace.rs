//! The requests that a journal tells of, as a trace for a simulation.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::input::Operation;
use super::reader::{Item, Reader, Record, invalid};
use super::slots::BySlot;
use super::worlds::{Came, carry_out};
use crate::effect::EffectKind;
use crate::engine::Engine;
use crate::error::Error;
use crate::order;

/// The requests that a journal tells of, as a trace ([`whatif::trace`](crate::whatif::trace)) in CSV with the columns
/// `arrival_us`, `domain`, `service_us` and `key`, in the order of arrival. So traffic that was recorded can be simulated:
/// replayed on any configuration, and compared with other policies.
///
/// A request is a `dispatch`, or an `admit` up to its `release`, which has no key. Its service time is how long a worker had
/// it, or how long its token was held. One that was refused, or has not ended, gets the mean of its domain's others that
/// ended well, or of all such; while there is none, the column is empty. A class that was asked for is left out: a trace
/// knows that of the domain. A torn tail is left out too; [`records`](super::records) tells of it.
///
/// Fails with [`Error::InvalidJournal`], also when a record is answered otherwise than recorded. Costs what the inputs
/// cost, and some 100 bytes a request.
pub fn trace(journal: &[u8]) -> Result<Vec<u8>, Error> {
    let mut reader = Reader::new(journal);
    let mut found = Finder::default();
    let mut engine: Option<Engine> = None;
    while let Some(item) = reader.next_item()? {
        match item {
            Item::Header(header) => {
                let restored = header.engine()?;
                found.name_domains(&restored);
                engine = Some(restored);
            }
            Item::Record(record) => {
                let Some(engine) = &mut engine else { break };
                let mut served = Vec::new();
                let came = carry_out(engine, &record.input, |effect| {
                    if effect.kind == EffectKind::WaiterReady {
                        served.extend(effect.ticket.map(|ticket| (ticket.get(), effect.at_us)));
                    }
                });
                let came = came.ok_or(invalid(record.offset, "a record that holds what can't be"))?;
                if came.digest.get() != record.digest {
                    return Err(invalid(record.offset, "a record is answered otherwise than recorded"));
                }
                for (ticket, at_us) in served {
                    found.begins(ticket, at_us);
                }
                found.see(&record, &came);
            }
        }
    }
    Ok(found.csv())
}

/// A request.
#[derive(Debug, Clone, Copy)]
struct Request<'a> {
    arrival_us: u64,
    /// Its domain's place in the names.
    domain: u32,
    /// When its service began; `None` while it waits.
    begun_us: Option<u64>,
    service_us: Option<u64>,
    /// Whether it ended well.
    well: bool,
    key: &'a [u8],
}

#[derive(Debug, Default)]
struct Finder<'a> {
    /// The names of domains, of all headers.
    names: Vec<String>,
    /// The places of the engine's domains among the names, by their ids.
    domains: Vec<u32>,
    requests: Vec<Request<'a>>,
    /// The requests that are under way.
    tickets: BySlot,
    tokens: BySlot,
}

impl<'a> Finder<'a> {
    fn name_domains(&mut self, engine: &Engine) {
        self.domains.clear();
        for domain in &engine.config().domains {
            let place = self.names.iter().position(|name| *name == domain.name).unwrap_or_else(|| {
                self.names.push(domain.name.clone());
                self.names.len() - 1
            });
            self.domains.push(u32::try_from(place).unwrap_or(u32::MAX));
        }
    }

    fn see(&mut self, record: &Record<'a>, came: &Came) {
        let input = &record.input;
        if came.error.is_some() {
            return;
        }
        match input.operation {
            Operation::Dispatch | Operation::Admit => {
                let domain = usize::try_from(input.subject).ok().and_then(|id| self.domains.get(id));
                let Some(domain) = domain else { return };
                let dispatched = input.operation == Operation::Dispatch;
                let row = self.requests.len() as u64;
                self.requests.push(Request {
                    arrival_us: input.now_us,
                    domain: *domain,
                    begun_us: came.waiter.is_none().then_some(input.now_us),
                    service_us: None,
                    well: false,
                    key: if dispatched { input.bytes } else { &[] },
                });
                match (came.ticket, came.token) {
                    (Some(ticket), _) => self.tickets.set(ticket.get(), row),
                    (None, Some(token)) => self.tokens.set(token.get(), row),
                    (None, None) => {}
                }
            }
            Operation::Complete => {
                let row = self.tickets.take(input.subject);
                self.ends(row, input.now_us, input.choice == 0);
            }
            Operation::Release => {
                let row = self.tokens.take(input.subject);
                self.ends(row, input.now_us, input.choice == 0);
            }
            _ => {}
        }
    }

    fn request(&mut self, row: Option<u64>) -> Option<&mut Request<'a>> {
        self.requests.get_mut(usize::try_from(row?).ok()?)
    }

    /// A waiter was handed a worker.
    fn begins(&mut self, ticket: u64, at_us: u64) {
        let row = self.tickets.get(ticket);
        if let Some(request) = self.request(row) {
            request.begun_us = Some(at_us);
        }
    }

    fn ends(&mut self, row: Option<u64>, now_us: u64, well: bool) {
        if let Some(request) = self.request(row) {
            request.service_us = request.begun_us.map(|begun_us| now_us.saturating_sub(begun_us));
            request.well = well && request.service_us.is_some();
        }
    }

    /// The mean service of the requests that ended well, of each domain and of all.
    fn means(&self) -> (Vec<Option<u64>>, Option<u64>) {
        let mut sums = alloc::vec![(0_u128, 0_u64); self.names.len()];
        let mut all = (0_u128, 0_u64);
        for request in self.requests.iter().filter(|request| request.well) {
            let service = u128::from(request.service_us.unwrap_or(0));
            all = (all.0 + service, all.1 + 1);
            if let Some(sum) = sums.get_mut(request.domain as usize) {
                *sum = (sum.0 + service, sum.1 + 1);
            }
        }
        let mean = |(sum, count): (u128, u64)| {
            sum.checked_div(count.into()).map(|mean| u64::try_from(mean).unwrap_or(u64::MAX))
        };
        (sums.into_iter().map(mean).collect(), mean(all))
    }

    fn csv(self) -> Vec<u8> {
        let (own, all) = self.means();
        let mut text = b"arrival_us,domain,service_us,key\n".to_vec();
        // Of several journals one after another, a later one may have begun earlier.
        for request in order::merge_sort(self.requests, |a, b| a.arrival_us <= b.arrival_us) {
            let domain = request.domain as usize;
            text.extend_from_slice(request.arrival_us.to_string().as_bytes());
            text.push(b',');
            push_field(&mut text, self.names.get(domain).map_or(&[], |name| name.as_bytes()));
            text.push(b',');
            if let Some(service_us) = request.service_us.or(own.get(domain).copied().flatten()).or(all) {
                text.extend_from_slice(service_us.to_string().as_bytes());
            }
            text.push(b',');
            push_field(&mut text, request.key);
            text.push(b'\n');
        }
        text
    }
}

/// A field, in quotes if it needs them (RFC 4180).
fn push_field(text: &mut Vec<u8>, field: &[u8]) {
    if !field.iter().any(|byte| matches!(byte, b',' | b'"' | b'\n' | b'\r')) {
        text.extend_from_slice(field);
        return;
    }
    text.push(b'"');
    for byte in field {
        if *byte == b'"' {
            text.push(b'"');
        }
        text.push(*byte);
    }
    text.push(b'"');
}
