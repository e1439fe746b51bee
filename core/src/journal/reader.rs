//! Reading a journal, record by record.

use alloc::string::String;
use alloc::vec::Vec;

use serde::Serialize;

use super::codec::{Codec, State};
use super::frame;
use super::input::{Input, Operation, Subject};
use super::writer::{Position, sum_of};
use crate::config::Config;
use crate::engine::Engine;
use crate::error::{Error, SnapshotProblem};
use crate::id::{DomainId, PoolId};

/// A torn tail: what a write that was cut has left. A journal may have several, each before the header of the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Torn {
    /// The byte at which it begins: the end of the last whole record.
    pub offset: u64,
    /// How many bytes it has.
    pub bytes: u64,
}

/// A record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Record<'a> {
    /// Its number, from 1, over the whole life of the engine.
    pub number: u64,
    /// The byte at which it begins.
    pub offset: u64,
    /// What was asked.
    pub input: Input<'a>,
    /// The digest of what was answered.
    pub digest: u32,
    pub(super) sum: u32,
}

/// A header: where the journal begins, or goes on after nobody took it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Header<'a> {
    pub(super) offset: u64,
    pub(super) position: Position,
    pub(super) snapshot: &'a [u8],
}

impl Header<'_> {
    /// The engine as it was.
    pub(super) fn engine(&self) -> Result<Engine, Error> {
        Engine::restore(self.snapshot).map_err(|error| match error {
            Error::InvalidSnapshot(SnapshotProblem::Newer { .. }) => {
                invalid(self.offset, "a header with a snapshot of a newer version")
            }
            _ => invalid(self.offset, "a header whose snapshot can't be restored"),
        })
    }
}

/// What a journal is made of.
#[derive(Debug, Clone, Copy)]
pub(super) enum Item<'a> {
    Header(Header<'a>),
    Record(Record<'a>),
}

/// Reads the records of a journal one by one. It holds nothing but its place, whatever the journal's length.
#[derive(Debug, Clone)]
pub struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    position: Option<Position>,
    latest_us: u64,
    torn: Option<Torn>,
    tears: u64,
    failed: bool,
}

pub(super) fn invalid(offset: u64, problem: &'static str) -> Error {
    Error::InvalidJournal { offset, problem }
}

/// The length of the header or record that the bytes begin with, if its beginning says one.
pub(super) fn unit_length(bytes: &[u8]) -> Option<usize> {
    if bytes.first() == Some(&0) {
        return frame::read(bytes, frame::JOURNAL).ok().map(|(_, length)| length);
    }
    let mut io = Codec::reader(bytes);
    let body = io.length(0);
    let head = bytes.len().checked_sub(io.rest().len())?;
    let length = head.checked_add(body)?.checked_add(4)?;
    (io.fault().is_none() && body > 0 && length <= bytes.len()).then_some(length)
}

/// The body of the record that the bytes begin with, its length and its checksum, which fits.
fn record_at(bytes: &[u8], before: u32) -> Option<(&[u8], usize, u32)> {
    let mut io = Codec::reader(bytes);
    let body = io.bytes(&[]);
    let sum = u32::from_le_bytes(*io.rest().first_chunk()?);
    let length = bytes.len().checked_sub(io.rest().len())?.checked_add(4)?;
    (io.fault().is_none() && !body.is_empty() && sum == sum_of(body, before)).then_some((body, length, sum))
}

impl<'a> Reader<'a> {
    /// A reader of these bytes: a journal, or several one after another.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0, position: None, latest_us: 0, torn: None, tears: 0, failed: false }
    }

    /// The last torn tail that was met.
    pub fn torn(&self) -> Option<Torn> {
        self.torn
    }

    /// How many torn tails were met.
    pub fn tears(&self) -> u64 {
        self.tears
    }

    fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    /// The next header or record; `None` at the end.
    pub(super) fn next_item(&mut self) -> Result<Option<Item<'a>>, Error> {
        if self.failed {
            return Ok(None);
        }
        let item = self.read_item();
        self.failed = item.is_err();
        item
    }

    fn read_item(&mut self) -> Result<Option<Item<'a>>, Error> {
        loop {
            let rest = self.rest();
            if rest.is_empty() && self.at > 0 {
                return Ok(None);
            }
            let offset = self.at as u64;
            let Some(position) = self.position else { return self.read_header(offset).map(Some) };
            if rest.first() == Some(&0) {
                match frame::read(rest, frame::JOURNAL) {
                    Ok(_) => return self.read_header(offset).map(Some),
                    Err(SnapshotProblem::Newer { .. }) => {
                        return Err(invalid(offset, "a header of a newer version"));
                    }
                    Err(_) => {}
                }
            } else if let Some((body, length, sum)) = record_at(rest, position.sum) {
                self.at += length;
                return self.read_record(offset, body, sum, position).map(Some);
            }
            self.tear()?;
        }
    }

    fn read_header(&mut self, offset: u64) -> Result<Item<'a>, Error> {
        let (content, length) = frame::read(self.rest(), frame::JOURNAL).map_err(|problem| {
            let problem = match problem {
                SnapshotProblem::NotASnapshot => "it doesn't begin as a journal does",
                SnapshotProblem::Newer { .. } => "a header of a newer version",
                SnapshotProblem::CutShort { .. } => "the header is cut short",
                _ => "the header is damaged",
            };
            invalid(offset, problem)
        })?;
        let mut io = Codec::reader(content);
        let mut position = Position::default();
        position.state(&mut io);
        self.latest_us.state(&mut io);
        if io.fault().is_some() {
            return Err(invalid(offset, "a header that holds what can't be"));
        }
        self.at += length;
        self.position = Some(position);
        Ok(Item::Header(Header { offset, position, snapshot: io.rest() }))
    }

    fn read_record(
        &mut self,
        offset: u64,
        body: &'a [u8],
        sum: u32,
        before: Position,
    ) -> Result<Item<'a>, Error> {
        let impossible = invalid(offset, "a record that holds what can't be");
        let (body, digest) = body.split_last_chunk::<4>().ok_or(impossible)?;
        let mut io = Codec::reader(body);
        let mut input = Input::new(Operation::Step, 0, 0_u32);
        input.state(&mut io, self.latest_us);
        if io.fault().is_some() || !io.rest().is_empty() {
            return Err(impossible);
        }
        self.latest_us = input.now_us;
        let number = before.records.saturating_add(1);
        self.position = Some(Position { records: number, sum });
        Ok(Item::Record(Record { number, offset, input, digest: u32::from_le_bytes(*digest), sum }))
    }

    /// What begins here is no whole record. When none follows, up to the end or to the next header, a write was cut, and
    /// the reader goes on behind that. When one follows, the journal is damaged.
    fn tear(&mut self) -> Result<(), Error> {
        /// Longer ones aren't looked for, so that this costs time in proportion to the tail: nearly all are a tenth of it.
        const LONGEST: usize = 256;
        let start = self.at;
        let rest = self.rest();
        let mut next = rest.len();
        for at in 1..rest.len() {
            let (before, from) = rest.split_at_checked(at).unwrap_or_default();
            if from.first() == Some(&0) {
                if frame::read(from, frame::JOURNAL).is_ok() {
                    next = at;
                    break;
                }
            } else if let Some(sum) = before.last_chunk() {
                let within = from.get(..LONGEST.min(from.len())).unwrap_or_default();
                if record_at(within, u32::from_le_bytes(*sum)).is_some() {
                    return Err(invalid(start as u64, "a damaged record, with whole ones behind it"));
                }
            }
        }
        self.torn = Some(Torn { offset: start as u64, bytes: next as u64 });
        self.tears = self.tears.saturating_add(1);
        self.at = start.saturating_add(next);
        Ok(())
    }
}

impl<'a> Iterator for Reader<'a> {
    type Item = Result<Record<'a>, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            match self.next_item() {
                Ok(Some(Item::Record(record))) => return Some(Ok(record)),
                Ok(Some(Item::Header(_))) => {}
                Ok(None) => return None,
                Err(error) => return Some(Err(error)),
            }
        }
    }
}

/// A record as it is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Shown {
    /// Its number, from 1.
    pub record: u64,
    /// The byte at which it begins.
    pub offset: u64,
    /// The time that was passed, in microseconds.
    pub now_us: u64,
    /// The operation.
    pub operation: &'static str,
    /// The domain it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
    /// The pool it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pool: Option<String>,
    /// The token, worker, waiter or ticket it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<u64>,
    /// The limit, or how many effects.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
    /// A class (1 sheddable, 2 normal, 3 critical), or 1 for failed or true.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub choice: Option<u8>,
    /// Until when it waits, in microseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until_us: Option<u64>,
    /// How many bytes its key or list has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
}

/// A part of a journal, to be shown.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Listing {
    /// How many records there are.
    pub count: u64,
    /// How many headers: one, and one more for each time that recording began anew.
    pub headers: u64,
    /// The first record's time and the last one's, in microseconds.
    pub from_us: Option<u64>,
    /// See `from_us`.
    pub to_us: Option<u64>,
    /// How many records of each operation there are, as (name, count).
    pub operations: Vec<(&'static str, u64)>,
    /// The configuration of the last header.
    pub config: Option<Config>,
    /// The last torn tail.
    pub torn: Option<Torn>,
    /// The records asked for.
    pub records: Vec<Shown>,
}

/// The journal's extent, and `count` of its records from number `first` on.
///
/// Fails with [`Error::InvalidJournal`]. Costs O(length), and memory for what is shown.
pub fn records(journal: &[u8], first: u64, count: u64) -> Result<Listing, Error> {
    let mut reader = Reader::new(journal);
    let mut listing = Listing {
        count: 0,
        headers: 0,
        from_us: None,
        to_us: None,
        operations: Vec::new(),
        config: None,
        torn: None,
        records: Vec::new(),
    };
    let mut counts = [0_u64; Operation::ALL.len()];
    let mut names: Option<Engine> = None;
    while let Some(item) = reader.next_item()? {
        match item {
            Item::Header(header) => {
                listing.headers = listing.headers.saturating_add(1);
                names = Some(header.engine()?);
            }
            Item::Record(record) => {
                listing.count = listing.count.saturating_add(1);
                listing.from_us = listing.from_us.or(Some(record.input.now_us));
                listing.to_us = Some(record.input.now_us);
                let place = Operation::ALL.iter().position(|one| *one == record.input.operation);
                if let Some(count) = place.and_then(|place| counts.get_mut(place)) {
                    *count = count.saturating_add(1);
                }
                if record.number >= first && record.number - first < count {
                    listing.records.push(shown(&record, names.as_ref()));
                }
            }
        }
    }
    let counted = Operation::ALL.iter().zip(counts).filter(|(_, count)| *count > 0);
    listing.operations = counted.map(|(operation, count)| (operation.as_str(), count)).collect();
    listing.config = names.map(|engine| engine.config().clone());
    listing.torn = reader.torn();
    Ok(listing)
}

fn shown(record: &Record<'_>, engine: Option<&Engine>) -> Shown {
    let input = &record.input;
    let handle = u32::try_from(input.subject).unwrap_or(u32::MAX);
    let subject = input.operation.subject();
    let is_id = matches!(subject, Subject::Token | Subject::Worker | Subject::Waiter | Subject::Ticket);
    let of = |wanted: Subject| engine.filter(|_| subject == wanted);
    Shown {
        record: record.number,
        offset: record.offset,
        now_us: input.now_us,
        operation: input.operation.as_str(),
        domain: of(Subject::Domain)
            .and_then(|engine| engine.domain_name(DomainId::new(handle)))
            .map(String::from),
        pool: of(Subject::Pool).and_then(|engine| engine.pool_name(PoolId::new(handle))).map(String::from),
        id: is_id.then_some(input.subject),
        count: (subject == Subject::Count).then_some(input.subject),
        choice: (input.choice > 0).then_some(input.choice),
        until_us: input.until_us,
        bytes: (!input.bytes.is_empty()).then_some(input.bytes.len() as u64),
    }
}
