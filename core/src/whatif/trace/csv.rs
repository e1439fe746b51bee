//! Comma-separated values (RFC 4180).
//!
//! Two ways to the same rows: [`plain_row`] takes what is common (no quotes, no surprises) in one pass over the
//! bytes and leaves everything else, errors included, to [`Columns::read`].

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use memchr::{memchr, memchr2};

use super::error::{Problem, TraceError, quoted};
use super::number::{leading_number, whole_us};
use crate::config::nearest;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Arrival,
    Domain,
    Service,
    Key,
    Ignored,
}

/// A row as its text has it, the domain by name.
#[derive(Debug)]
pub(super) struct Row<'a> {
    pub(super) arrival_us: u64,
    pub(super) domain: Cow<'a, [u8]>,
    pub(super) service_us: Option<u64>,
    pub(super) key: Cow<'a, [u8]>,
}

/// The columns that a header names.
#[derive(Debug)]
pub(super) struct Columns {
    roles: Vec<Role>,
}

/// The columns that mean something, the required ones first.
const NAMED: [(&str, Role); 4] = [
    ("arrival_us", Role::Arrival),
    ("domain", Role::Domain),
    ("service_us", Role::Service),
    ("key", Role::Key),
];

const REQUIRED: usize = 2;

impl Columns {
    /// Reads a header.
    pub(super) fn from_header(line: &[u8], number: u64) -> Result<Self, TraceError> {
        let mut roles = Vec::new();
        for field in Fields::of(line) {
            let name = field.map_err(|message| TraceError::new(number, "", message))?;
            let named = NAMED.iter().find(|(known, _)| known.as_bytes() == name.trim_ascii());
            let role = named.map_or(Role::Ignored, |(_, role)| *role);
            if role != Role::Ignored && roles.contains(&role) {
                let message = format!("the header names the column {} twice", quoted(name.trim_ascii()));
                return Err(TraceError::new(number, "", message));
            }
            roles.push(role);
        }
        for (name, role) in NAMED.iter().take(REQUIRED) {
            if !roles.contains(role) {
                let header = String::from_utf8_lossy(line);
                let near = nearest(name, header.split(',').map(str::trim));
                let hint = near.map_or_else(String::new, |near| {
                    format!(" (is {} meant for it?)", quoted(near.as_bytes()))
                });
                let message = format!(
                    "is a required column that the header {} doesn't name{hint}; the columns are `arrival_us`, \
                     `domain` and, if known, `service_us` and `key`",
                    quoted(line)
                );
                return Err(TraceError::new(number, name, message));
            }
        }
        Ok(Self { roles })
    }

    /// Reads a record (without its line break).
    pub(super) fn read<'a>(&self, record: &'a [u8]) -> Result<Row<'a>, Problem> {
        let mut row =
            Row { arrival_us: 0, domain: Cow::Borrowed(&[]), service_us: None, key: Cow::Borrowed(&[]) };
        let mut fields = Fields::of(record);
        let mut count = 0_usize;
        for role in &self.roles {
            let Some(field) = fields.next() else { break };
            count += 1;
            let field = field.map_err(|message| Problem::new("", message))?;
            match role {
                Role::Arrival => row.arrival_us = whole_us("arrival_us", &field)?,
                Role::Domain => row.domain = trimmed(field),
                Role::Service if field.trim_ascii().is_empty() => {}
                Role::Service => row.service_us = Some(whole_us("service_us", &field)?),
                Role::Key => row.key = field,
                Role::Ignored => {}
            }
        }
        count += fields.count();
        if count != self.roles.len() {
            let message = format!("the line has {count} fields, the header {}", self.roles.len());
            return Err(Problem::new("", message));
        }
        Ok(row)
    }

    /// The column in which the start of a record ends; empty when it means nothing.
    pub(super) fn last_of(&self, start: &[u8]) -> &'static str {
        let role = self.roles.get(Fields::of(start).count().saturating_sub(1));
        NAMED.iter().find(|(_, known)| Some(known) == role).map_or("", |(name, _)| name)
    }

    /// What the columns hold, in the order of the header.
    pub(super) fn roles(&self) -> &[Role] {
        &self.roles
    }
}

fn trimmed(field: Cow<'_, [u8]>) -> Cow<'_, [u8]> {
    match field {
        Cow::Borrowed(bytes) => Cow::Borrowed(bytes.trim_ascii()),
        Cow::Owned(bytes) => Cow::Owned(bytes.trim_ascii().to_vec()),
    }
}

/// A row without quotes or errors, borrowed whole.
#[derive(Debug)]
pub(super) struct PlainRow<'a> {
    pub(super) arrival_us: u64,
    pub(super) domain: &'a [u8],
    pub(super) service_us: Option<u64>,
    pub(super) key: &'a [u8],
    /// What follows its line break.
    pub(super) rest: &'a [u8],
}

/// The row at the start of `text` and what follows it, when the row is whole, ends with a line break, has no
/// quote and nothing wrong but perhaps its domain or the order of its arrival; else `None`.
#[inline]
pub(super) fn plain_row<'a>(text: &'a [u8], roles: &[Role]) -> Option<PlainRow<'a>> {
    let mut row = PlainRow { arrival_us: 0, domain: &[], service_us: None, key: &[], rest: text };
    let (last, others) = roles.split_last()?;
    for role in others {
        let rest = row.rest;
        row.rest = match role {
            Role::Arrival => {
                let (value, after) = leading_number(rest)?;
                row.arrival_us = value;
                after.strip_prefix(b",")?
            }
            Role::Service => {
                if let Some(after) = rest.strip_prefix(b",") {
                    after
                } else {
                    let (value, after) = leading_number(rest)?;
                    row.service_us = Some(value);
                    after.strip_prefix(b",")?
                }
            }
            Role::Domain | Role::Key | Role::Ignored => {
                let end = delimiter(rest)?;
                let (field, after) = rest.split_at_checked(end)?;
                match role {
                    Role::Domain => row.domain = field,
                    Role::Key => row.key = field,
                    _ => {}
                }
                after.strip_prefix(b",")?
            }
        };
    }
    // A comma or a quote in the last field: then no line break follows.
    let (field, after) = row.rest.split_at_checked(delimiter(row.rest)?)?;
    row.rest = after.strip_prefix(b"\n")?;
    let field = field.strip_suffix(b"\r").unwrap_or(field);
    match last {
        Role::Arrival => row.arrival_us = all_of(leading_number(field)?)?,
        Role::Domain => row.domain = field,
        Role::Service if field.is_empty() => {}
        Role::Service => row.service_us = Some(all_of(leading_number(field)?)?),
        Role::Key => row.key = field,
        Role::Ignored => {}
    }
    Some(row)
}

/// Where the first comma, quote or line break is. Fields are short, and finding them eight bytes at a time costs
/// less than setting up a vectorized search (Mycroft's test for a zero byte in a word).
#[inline]
fn delimiter(text: &[u8]) -> Option<usize> {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGHS: u64 = 0x8080_8080_8080_8080;
    let zeros = |word: u64| word.wrapping_sub(ONES) & !word;
    let mut rest = text;
    let mut at = 0;
    while let Some((word, after)) = rest.split_first_chunk::<8>() {
        let word = u64::from_le_bytes(*word);
        let found =
            (zeros(word ^ (ONES * 0x2c)) | zeros(word ^ (ONES * 0x22)) | zeros(word ^ (ONES * 0x0a))) & HIGHS;
        if found != 0 {
            return Some(at + (found.trailing_zeros() / 8) as usize);
        }
        at += 8;
        rest = after;
    }
    let end = rest.iter().position(|byte| matches!(byte, b',' | b'"' | b'\n'))?;
    Some(at + end)
}

#[inline]
fn all_of((value, rest): (u64, &[u8])) -> Option<u64> {
    rest.is_empty().then_some(value)
}

/// The fields of a record.
struct Fields<'a> {
    rest: Option<&'a [u8]>,
}

impl<'a> Fields<'a> {
    fn of(record: &'a [u8]) -> Self {
        Self { rest: Some(record) }
    }

    /// Takes a field that starts with a quote; `text` is what follows the quote.
    fn quoted_field(&mut self, text: &'a [u8]) -> Result<Cow<'a, [u8]>, String> {
        let mut value: Cow<'a, [u8]> = Cow::Borrowed(&[]);
        let mut rest = text;
        loop {
            let Some((part, after)) = memchr(b'"', rest).and_then(|end| rest.split_at_checked(end)) else {
                return Err("a quote is opened and never closed".into());
            };
            if value.is_empty() {
                value = Cow::Borrowed(part);
            } else {
                value.to_mut().extend_from_slice(part);
            }
            match after {
                [b'"', b'"', more @ ..] => {
                    value.to_mut().push(b'"');
                    rest = more;
                }
                [b'"', b',', more @ ..] => {
                    self.rest = Some(more);
                    return Ok(value);
                }
                [b'"'] => {
                    self.rest = None;
                    return Ok(value);
                }
                _ => return Err("a closing quote is followed by more than a comma".into()),
            }
        }
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = Result<Cow<'a, [u8]>, String>;

    fn next(&mut self) -> Option<Self::Item> {
        let rest = self.rest.take()?;
        if let Some(text) = rest.strip_prefix(b"\"") {
            return Some(self.quoted_field(text));
        }
        let field = match memchr(b',', rest).and_then(|end| rest.split_at_checked(end)) {
            Some((field, after)) => {
                self.rest = after.strip_prefix(b",");
                field
            }
            None => rest,
        };
        if memchr(b'"', field).is_some() {
            self.rest = None;
            return Some(Err(format!("the field {} has a quote but doesn't start with one", quoted(field))));
        }
        Some(Ok(Cow::Borrowed(field)))
    }
}

/// Finds where records end, across chunks: a line break inside quotes ends nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Scan {
    /// At the start of a field.
    #[default]
    Start,
    /// In a field that didn't start with a quote.
    Bare,
    /// Inside quotes.
    Quoted,
    /// After a quote inside quotes: the end of the field, or the first of a doubled quote.
    Closing,
}

impl Scan {
    /// The length of what is left of the record at the start of `text`, its line break included; `None` when
    /// the record goes on beyond `text`.
    pub(super) fn end(&mut self, text: &[u8]) -> Option<usize> {
        let mut at = 0_usize;
        loop {
            let rest = text.get(at..)?;
            match *self {
                Self::Quoted => {
                    at += memchr(b'"', rest)? + 1;
                    *self = Self::Closing;
                }
                Self::Bare => {
                    let found = memchr2(b'\n', b',', rest)?;
                    at += found + 1;
                    *self = Self::Start;
                    if rest.get(found) == Some(&b'\n') {
                        return Some(at);
                    }
                }
                Self::Start | Self::Closing => {
                    let byte = rest.first()?;
                    at += 1;
                    *self = match byte {
                        b'\n' => {
                            *self = Self::Start;
                            return Some(at);
                        }
                        b',' => Self::Start,
                        b'"' => Self::Quoted,
                        _ => Self::Bare,
                    };
                }
            }
        }
    }
}
