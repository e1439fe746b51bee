//! The names of a trace's domains, each known by a small index.

use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use xxhash_rust::xxh3::xxh3_64;

use super::error::{Problem, quoted};
use super::{TraceDomain, TraceOptions};

const FREE: u32 = u32::MAX;

/// The domains seen so far. Looking a name up costs O(1): an open-addressing table that is at most half full.
#[derive(Debug)]
pub(super) struct Domains {
    names: Vec<String>,
    rows: Vec<u64>,
    slots: Vec<u32>,
    limit: u32,
    max_name_bytes: u32,
}

impl Domains {
    pub(super) fn new(options: &TraceOptions) -> Self {
        Self {
            names: Vec::new(),
            rows: Vec::new(),
            slots: vec![FREE; 64],
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
        let mut place = start(name, self.slots.len());
        loop {
            let index = *self.slots.get(place)?;
            if index == FREE {
                return None;
            }
            if self.names.get(index as usize)?.as_bytes() == name {
                return Some(index);
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
        self.slots.fill(FREE);
        names.into_iter().zip(rows).map(|(name, rows)| TraceDomain { name, rows }).collect()
    }

    fn grow(&mut self) {
        self.slots = vec![FREE; self.slots.len() * 2];
        for index in (0..).take(self.names.len()) {
            self.place(index);
        }
    }

    fn place(&mut self, index: u32) {
        let Some(name) = self.names.get(index as usize) else { return };
        let mut place = start(name.as_bytes(), self.slots.len());
        while let Some(slot) = self.slots.get_mut(place) {
            if *slot == FREE {
                *slot = index;
                return;
            }
            place = (place + 1) & (self.slots.len() - 1);
        }
    }
}

#[inline]
fn start(name: &[u8], slots: usize) -> usize {
    #[allow(clippy::cast_possible_truncation)] // masked to the table's length
    let place = xxh3_64(name) as usize & (slots - 1);
    place
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
