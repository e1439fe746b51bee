//! The names of a trace's domains, each known by a small index.

use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use xxhash_rust::xxh3::xxh3_64;

use super::error::{Problem, quoted};
use super::{TraceDomain, TraceOptions};

const FREE: u32 = u32::MAX;
const FREE_SLOT: (Digest, u32) = (Digest { first: 0, last: 0, length: 0 }, FREE);

/// A name in three numbers. Up to 16 bytes they are its own bytes (as overlapping words) and its length, so that
/// most names are compared without looking at their text; of longer names they are a hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Digest {
    first: u64,
    last: u64,
    length: usize,
}

impl Digest {
    #[inline]
    fn of(name: &[u8]) -> Self {
        let length = name.len();
        let word = |bytes: Option<&[u8; 8]>| bytes.map_or(0, |bytes| u64::from_le_bytes(*bytes));
        let half = |bytes: Option<&[u8; 4]>| bytes.map_or(0, |bytes| u64::from(u32::from_le_bytes(*bytes)));
        let (first, last) = match length {
            8..=16 => (word(name.first_chunk()), word(name.last_chunk())),
            4..=7 => (half(name.first_chunk()), half(name.last_chunk())),
            0..=3 => (name.iter().fold(0, |word, byte| word << 8 | u64::from(*byte)), 0),
            _ => (xxh3_64(name), 0),
        };
        Self { first, last, length }
    }

    /// Whether equal digests mean equal names.
    #[inline]
    fn is_exact(&self) -> bool {
        self.length <= 16
    }

    /// Where to look first in a table of this length (a power of two).
    #[inline]
    fn start(&self, slots: usize) -> usize {
        let mixed =
            (self.first ^ self.last.rotate_left(29) ^ self.length as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        (mixed >> 32) as usize & (slots - 1)
    }
}

/// The domains seen so far. Looking a name up costs O(1): an open-addressing table that is at most half full.
#[derive(Debug)]
pub(super) struct Domains {
    names: Vec<String>,
    rows: Vec<u64>,
    slots: Vec<(Digest, u32)>,
    limit: u32,
    max_name_bytes: u32,
}

impl Domains {
    pub(super) fn new(options: &TraceOptions) -> Self {
        Self {
            names: Vec::new(),
            rows: Vec::new(),
            slots: vec![FREE_SLOT; 64],
            limit: options.max_domains,
            max_name_bytes: options.max_name_bytes,
        }
    }

    pub(super) fn names(&self) -> &[String] {
        &self.names
    }

    /// The index of a name that was seen before.
    #[inline]
    pub(super) fn find(&self, name: &[u8]) -> Option<u32> {
        let digest = Digest::of(name);
        let mut place = digest.start(self.slots.len());
        loop {
            let (known, index) = self.slots.get(place)?;
            if *index == FREE {
                return None;
            }
            if *known == digest && (digest.is_exact() || self.names.get(*index as usize)?.as_bytes() == name)
            {
                return Some(*index);
            }
            place = (place + 1) & (self.slots.len() - 1);
        }
    }

    /// The index of a name; a new one is checked and kept.
    pub(super) fn intern(&mut self, name: &[u8]) -> Result<u32, Problem> {
        if let Some(index) = self.find(name) {
            return Ok(index);
        }
        let text =
            check_name(name, self.max_name_bytes).map_err(|message| Problem::new("domain", message))?;
        let index = u32::try_from(self.names.len()).unwrap_or(FREE);
        if index >= self.limit {
            let message =
                format!("is {}, one more than the {} domains a trace may have", quoted(name), self.limit);
            return Err(Problem::new("domain", message));
        }
        self.names.push(text.into());
        self.rows.push(0);
        if self.names.len() * 2 > self.slots.len() {
            self.grow();
        } else {
            self.place(index);
        }
        Ok(index)
    }

    /// Counts a row of a domain.
    #[inline]
    pub(super) fn count(&mut self, index: u32) {
        if let Some(rows) = self.rows.get_mut(index as usize) {
            *rows += 1;
        }
    }

    pub(super) fn take(&mut self) -> Vec<TraceDomain> {
        let names = core::mem::take(&mut self.names);
        let rows = core::mem::take(&mut self.rows);
        self.slots.fill(FREE_SLOT);
        names.into_iter().zip(rows).map(|(name, rows)| TraceDomain { name, rows }).collect()
    }

    fn grow(&mut self) {
        self.slots = vec![FREE_SLOT; self.slots.len() * 2];
        for index in (0..).take(self.names.len()) {
            self.place(index);
        }
    }

    fn place(&mut self, index: u32) {
        let Some(name) = self.names.get(index as usize) else { return };
        let digest = Digest::of(name.as_bytes());
        let mut place = digest.start(self.slots.len());
        while let Some(slot) = self.slots.get_mut(place) {
            if slot.1 == FREE {
                *slot = (digest, index);
                return;
            }
            place = (place + 1) & (self.slots.len() - 1);
        }
    }
}

/// A name that a domain may have, or what is wrong with it.
fn check_name(name: &[u8], max_bytes: u32) -> Result<&str, String> {
    if name.is_empty() {
        return Err("is empty".into());
    }
    if name.len() > max_bytes as usize {
        return Err(format!("is {}, longer than {max_bytes} bytes", quoted(name)));
    }
    let text = core::str::from_utf8(name).map_err(|_| format!("is {}, which isn't UTF-8", quoted(name)))?;
    if text.chars().any(char::is_control) {
        return Err(format!("is {}, which has a control character", quoted(name)));
    }
    Ok(text)
}
