//! The requests that a journal tells of, as traffic for a simulation.

use alloc::string::String;
use alloc::vec::Vec;

use super::frame;
use super::input::Operation;
use super::reader::{Item, Reader, Record, Torn, invalid};
use super::slots::BySlot;
use super::worlds::{Came, carry_out};
use crate::effect::EffectKind;
use crate::engine::Engine;
use crate::error::Error;

/// What a journal tells of requests.
#[derive(Debug, Default)]
pub(crate) struct Traffic<'a> {
    /// The names of the domains.
    pub(crate) domains: Vec<String>,
    /// The requests, in the order of the records.
    pub(crate) requests: Vec<Requested<'a>>,
    /// The last torn tail, and how many there are.
    pub(crate) torn: Option<Torn>,
    pub(crate) tears: u64,
}

/// A request: a `dispatch`, or an `admit` up to its `release`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Requested<'a> {
    /// When it came, in microseconds.
    pub(crate) arrival_us: u64,
    /// Its domain's place in [`Traffic::domains`].
    pub(crate) domain: u32,
    /// How long a worker had it, or its token was held. Of a request that was refused, or had not ended, the mean of its
    /// domain's others that ended well, or of all such; `None` when there is none.
    pub(crate) service_us: Option<u64>,
    /// Its key; an `admit` has none.
    pub(crate) key: &'a [u8],
}

/// Whether these bytes, the first of all, are those of a journal; one will do.
pub(crate) fn is_journal(bytes: &[u8]) -> bool {
    let begins = bytes.get(..frame::JOURNAL.len().min(bytes.len())).unwrap_or_default();
    !begins.is_empty() && frame::JOURNAL.starts_with(begins)
}

/// Finds the requests of a journal by replaying it.
///
/// Fails with [`Error::InvalidJournal`], also when a record is answered otherwise than recorded. Costs what the inputs
/// cost, and some 50 bytes a request.
pub(crate) fn traffic(journal: &[u8]) -> Result<Traffic<'_>, Error> {
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
    let mut traffic = found.traffic;
    (traffic.torn, traffic.tears) = (reader.torn(), reader.tears());
    estimate(&mut traffic, &found.well);
    Ok(traffic)
}

#[derive(Debug, Default)]
struct Finder<'a> {
    traffic: Traffic<'a>,
    /// The places of an engine's domains in [`Traffic::domains`], by their ids.
    domains: Vec<u32>,
    /// The requests that are under way.
    tickets: BySlot,
    tokens: BySlot,
    /// When each request's service began; `None` while it waits.
    begun: Vec<Option<u64>>,
    /// Which of them ended well.
    well: Vec<bool>,
}

impl<'a> Finder<'a> {
    fn name_domains(&mut self, engine: &Engine) {
        let names = &mut self.traffic.domains;
        self.domains.clear();
        for domain in &engine.config().domains {
            let place = names.iter().position(|name| *name == domain.name).unwrap_or_else(|| {
                names.push(domain.name.clone());
                names.len() - 1
            });
            self.domains.push(u32::try_from(place).unwrap_or(u32::MAX));
        }
    }

    fn see(&mut self, record: &Record<'a>, came: &Came) {
        let input = &record.input;
        match input.operation {
            Operation::Dispatch | Operation::Admit if came.error.is_none() => {
                let domain = usize::try_from(input.subject).ok().and_then(|id| self.domains.get(id));
                let Some(domain) = domain else { return };
                let row = self.traffic.requests.len() as u64;
                let request = Requested {
                    arrival_us: input.now_us,
                    domain: *domain,
                    service_us: None,
                    key: if input.operation == Operation::Dispatch { input.bytes } else { &[] },
                };
                self.traffic.requests.push(request);
                self.begun.push(came.waiter.is_none().then_some(input.now_us));
                self.well.push(false);
                match (input.operation, came.ticket, came.token) {
                    (Operation::Dispatch, Some(ticket), _) => self.tickets.set(ticket.get(), row),
                    (Operation::Admit, _, Some(token)) => self.tokens.set(token.get(), row),
                    _ => {}
                }
            }
            Operation::Complete if came.error.is_none() => {
                let row = self.tickets.take(input.subject);
                self.ends(row, input.now_us, input.choice == 0);
            }
            Operation::Release if came.error.is_none() => {
                let row = self.tokens.take(input.subject);
                self.ends(row, input.now_us, input.choice == 0);
            }
            _ => {}
        }
    }

    /// A waiter was handed a worker.
    fn begins(&mut self, ticket: u64, at_us: u64) {
        let row = self.tickets.get(ticket).and_then(|row| usize::try_from(row).ok());
        if let Some(begun) = row.and_then(|row| self.begun.get_mut(row)) {
            *begun = Some(at_us);
        }
    }

    fn ends(&mut self, row: Option<u64>, now_us: u64, well: bool) {
        let Some(row) = row.and_then(|row| usize::try_from(row).ok()) else { return };
        let begun = self.begun.get(row).copied().flatten();
        if let (Some(request), Some(begun_us)) = (self.traffic.requests.get_mut(row), begun) {
            request.service_us = Some(now_us.saturating_sub(begun_us));
            if let Some(place) = self.well.get_mut(row) {
                *place = well;
            }
        }
    }
}

/// Gives requests whose service is unknown the mean of others.
fn estimate(traffic: &mut Traffic<'_>, well: &[bool]) {
    let mut sums = alloc::vec![(0_u128, 0_u64); traffic.domains.len()];
    let mut all = (0_u128, 0_u64);
    for (request, _) in traffic.requests.iter().zip(well).filter(|(_, well)| **well) {
        let service = u128::from(request.service_us.unwrap_or(0));
        all = (all.0 + service, all.1 + 1);
        if let Some(sum) = sums.get_mut(request.domain as usize) {
            *sum = (sum.0 + service, sum.1 + 1);
        }
    }
    let mean = |(sum, count): (u128, u64)| {
        sum.checked_div(count.into()).map(|mean| u64::try_from(mean).unwrap_or(u64::MAX))
    };
    for request in &mut traffic.requests {
        if request.service_us.is_none() {
            let own = sums.get(request.domain as usize).copied().unwrap_or_default();
            request.service_us = mean(own).or(mean(all));
        }
    }
}
