//! Replaying a journal as it was, to compare, or to go on where it ended.

use serde::Serialize;

use super::reader::{Item, Reader, Record, Torn, invalid};
use super::worlds::carry_out;
use crate::engine::Engine;
use crate::error::{Error, SnapshotProblem};

/// What came of a verification.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Verification {
    /// Whether every record was answered as it is recorded.
    pub equal: bool,
    /// How many records were replayed.
    pub records: u64,
    /// How many headers there were.
    pub headers: u64,
    /// How many effects were drained and compared.
    pub effects: u64,
    /// The latest time seen, in microseconds.
    pub now_us: u64,
    /// The first record that was answered otherwise.
    pub differs: Option<Differs>,
    /// The last torn tail.
    pub torn: Option<Torn>,
}

/// A record that was answered otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Differs {
    /// Its number, from 1.
    pub record: u64,
    /// The byte at which it begins.
    pub offset: u64,
    /// Its time, in microseconds.
    pub now_us: u64,
    /// Its operation.
    pub operation: &'static str,
}

impl Differs {
    fn new(record: &Record<'_>) -> Self {
        let Record { number, offset, input, .. } = *record;
        Self { record: number, offset, now_us: input.now_us, operation: input.operation.as_str() }
    }
}

/// Replays a journal with its own configuration and compares each answer, and each effect that was drained. Where
/// recording began anew it goes on with the snapshot there.
///
/// Fails with [`Error::InvalidJournal`]; an answer that differs is a normal result. Costs what the inputs cost.
pub fn verify(journal: &[u8]) -> Result<Verification, Error> {
    let mut reader = Reader::new(journal);
    let mut found = Verification {
        equal: true,
        records: 0,
        headers: 0,
        effects: 0,
        now_us: 0,
        differs: None,
        torn: None,
    };
    let mut engine: Option<Engine> = None;
    while let Some(item) = reader.next_item()? {
        match item {
            Item::Header(header) => {
                found.headers = found.headers.saturating_add(1);
                engine = Some(header.engine()?);
            }
            Item::Record(record) => {
                let Some(engine) = &mut engine else { break };
                let mut effects = 0_u64;
                let came = carry_out(engine, &record.input, |_| effects += 1)
                    .ok_or(invalid(record.offset, "a record that holds what can't be"))?;
                found.effects = found.effects.saturating_add(effects);
                found.records = found.records.saturating_add(1);
                found.now_us = engine.latest_us();
                if came.digest.get() != record.digest {
                    found.equal = false;
                    found.differs = Some(Differs::new(&record));
                    break;
                }
            }
        }
    }
    found.torn = reader.torn();
    Ok(found)
}

impl Engine {
    /// The engine as it was last: restored from a snapshot, and led on by the records that a journal has after it.
    /// Records before it are passed over. Where something wasn't recorded the journal's own snapshot is taken.
    ///
    /// Fails as [`Engine::restore`] does; with [`SnapshotProblem::OtherJournal`] when the journal doesn't go on where the
    /// snapshot was taken; and with [`Error::InvalidJournal`], also when a record is answered otherwise. Costs what the
    /// inputs cost.
    pub fn restore_with(snapshot: &[u8], journal: &[u8]) -> Result<Self, Error> {
        let mut engine = Self::restore(snapshot)?;
        let position = engine.journal().position;
        let mut reader = Reader::new(journal);
        // Whether the snapshot's place in the journal was found.
        let mut joined = false;
        while let Some(item) = reader.next_item()? {
            match item {
                Item::Header(header) => {
                    let later = header.position.records > engine.journal().position.records;
                    joined |= later || header.position == position;
                    if later || header.position == engine.journal().position {
                        // With as many records it may have seen more that wasn't recorded, but never less.
                        let newer = header.engine()?;
                        if newer.journal().counts().2 >= engine.journal().counts().2 {
                            engine = newer;
                        }
                    }
                }
                Item::Record(record) if record.number > engine.journal().position.records => {
                    if !joined {
                        break;
                    }
                    let came = carry_out(&mut engine, &record.input, drop)
                        .ok_or(invalid(record.offset, "a record that holds what can't be"))?;
                    if came.digest.get() != record.digest {
                        return Err(invalid(record.offset, "a record is answered otherwise than recorded"));
                    }
                    engine.journal_mut().position.records = record.number;
                    engine.journal_mut().position.sum = record.sum;
                }
                Item::Record(record) => {
                    joined |= record.number == position.records && record.sum == position.sum;
                }
            }
        }
        if !joined {
            let problem = SnapshotProblem::OtherJournal { records: position.records };
            return Err(Error::InvalidSnapshot(problem));
        }
        Ok(engine)
    }
}
