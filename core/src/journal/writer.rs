//! The journal as the engine keeps it: what was recorded and not taken yet.

use alloc::boxed::Box;
use alloc::vec::Vec;

use xxhash_rust::xxh3::xxh3_64_with_seed;

use super::codec::{Codec, State, state};
use super::digest::{Digest, Digested};
use super::input::{Input, Operation};
use super::{frame, reader};
use crate::config::LimitsConfig;
use crate::effect::Effect;

/// Where a journal is: how many records there are, and the last one's checksum.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Position {
    pub(super) records: u64,
    pub(super) sum: u32,
}

/// An engine's journal. Also an engine that isn't recorded has a position: that of the record it was restored from.
#[derive(Debug, Clone, Default)]
pub(crate) struct Journal {
    pub(super) position: Position,
    /// Inputs that weren't recorded because there was no room.
    lost: u64,
    recording: Option<Box<Recording>>,
}

#[derive(Debug, Clone)]
struct Recording {
    /// What wasn't taken yet, and how much of its beginning is a header.
    out: Vec<u8>,
    header: usize,
    /// A record that is being made.
    body: Vec<u8>,
    limit: usize,
    max_key_bytes: usize,
    /// The time of the last record.
    latest_us: u64,
    /// Effects that were drained since.
    drained: u64,
    effects: Digest,
    /// No more is recorded until the next drain.
    full: bool,
}

state! {
    Position { records, sum }
    // Whether it is recorded is the caller's affair, and not the engine's state.
    Journal { position, lost; but recording }
}

/// The checksum of a record.
pub(super) fn sum_of(body: &[u8], before: u32) -> u32 {
    let sum = xxh3_64_with_seed(body, u64::from(before));
    #[allow(clippy::cast_possible_truncation)] // the low half
    let low = (sum & 0xffff_ffff) as u32;
    low
}

impl Journal {
    #[inline]
    pub(crate) fn is_on(&self) -> bool {
        self.recording.is_some()
    }

    /// Records so far, bytes that wait to be taken, inputs that were lost.
    pub(crate) fn counts(&self) -> (u64, u64, u64) {
        let waiting = self.recording.as_ref().map_or(0, |recording| recording.out.len() as u64);
        (self.position.records, waiting, self.lost)
    }

    /// Begins to record, with a snapshot of how things are.
    pub(crate) fn begin(&mut self, snapshot: &[u8], latest_us: u64, limits: &LimitsConfig) {
        let mut out = match self.recording.take() {
            Some(recording) => recording.out,
            None => Vec::new(),
        };
        let before = out.len();
        let mut io = Codec::appending(frame::open(frame::JOURNAL));
        self.position.state(&mut io);
        latest_us.clone().state(&mut io);
        io.rest_as_bytes(snapshot);
        out.append(&mut frame::close(io.into_written()));
        self.recording = Some(Box::new(Recording {
            header: out.len().saturating_sub(before),
            out,
            body: Vec::new(),
            limit: limits.max_journal_bytes as usize,
            max_key_bytes: limits.max_key_bytes as usize,
            latest_us,
            drained: 0,
            effects: Digest::default(),
            full: false,
        }));
    }

    /// Notes that an effect was drained.
    pub(crate) fn drained(&mut self, effect: &Effect) {
        if let Some(recording) = &mut self.recording {
            recording.drained = recording.drained.saturating_add(1);
            effect.digest(&mut recording.effects);
        }
    }

    /// Records an input.
    #[inline(never)]
    pub(crate) fn record(&mut self, input: &Input<'_>, digest: Digest) {
        self.flush();
        self.push(*input, digest);
    }

    /// Records what was drained since the last record.
    pub(crate) fn flush(&mut self) {
        let Some(recording) = &mut self.recording else { return };
        let drained = core::mem::take(&mut recording.drained);
        if drained > 0 {
            let digest = core::mem::take(&mut recording.effects);
            let input = Input::new(Operation::Drain, recording.latest_us, drained);
            self.push(input, digest);
        }
    }

    fn push(&mut self, input: Input<'_>, digest: Digest) {
        let Some(recording) = &mut self.recording else { return };
        if recording.full {
            self.lost = self.lost.saturating_add(1);
            return;
        }
        let has_key = matches!(input.operation, Operation::Route | Operation::Dispatch);
        let too_long;
        let mut input = input;
        if has_key && input.bytes.len() > recording.max_key_bytes {
            // Whatever is in it: nobody has read it.
            too_long = alloc::vec![0; recording.max_key_bytes.saturating_add(1)];
            input.bytes = &too_long;
        }
        let mut body = core::mem::take(&mut recording.body);
        body.clear();
        let mut io = Codec::appending(body);
        input.state(&mut io, recording.latest_us);
        let mut body = io.into_written();
        body.extend_from_slice(&digest.get().to_le_bytes());
        let length = body.len().saturating_add(9);
        if recording.out.len().saturating_sub(recording.header).saturating_add(length) > recording.limit {
            recording.full = true;
            recording.body = body;
            self.lost = self.lost.saturating_add(1);
            return;
        }
        let sum = sum_of(&body, self.position.sum);
        let mut io = Codec::appending(core::mem::take(&mut recording.out));
        io.bytes(&body);
        recording.out = io.into_written();
        recording.out.extend_from_slice(&sum.to_le_bytes());
        recording.body = body;
        recording.latest_us = input.now_us;
        self.position.records = self.position.records.saturating_add(1);
        self.position.sum = sum;
    }

    /// Takes as many whole records (and headers) as `room` bytes hold; when not even the first one fits, how long that is.
    /// Whether it is to begin anew, since something was lost and all was taken, is told too.
    pub(crate) fn take(&mut self, room: usize) -> Result<(Vec<u8>, bool), usize> {
        self.flush();
        let Some(recording) = &mut self.recording else { return Ok((Vec::new(), false)) };
        let mut end = recording.out.len();
        if end > room {
            end = 0;
            while let Some(length) = recording.out.get(end..).and_then(reader::unit_length)
                && end.saturating_add(length) <= room
            {
                end += length;
            }
            if end == 0 {
                return Err(reader::unit_length(&recording.out).unwrap_or(recording.out.len()));
            }
        }
        let rest = recording.out.split_off(end);
        recording.header = recording.header.saturating_sub(end);
        let again = recording.full && rest.is_empty();
        Ok((core::mem::replace(&mut recording.out, rest), again))
    }
}
