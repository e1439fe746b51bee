//! JSON lines.

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::{String, ToString};

use super::csv::Row;
use super::error::{Problem, quoted};
use crate::json::{JsonError, Number, Reader};
use crate::time::TIME_LIMIT_US;

/// How deep the members may be nested that aren't those of a request.
const MAX_DEPTH: u32 = 127;

/// A request as it is written.
#[derive(Default)]
struct Object<'a> {
    arrival_us: Micros,
    domain: Option<Cow<'a, str>>,
    service_us: Micros,
    key: Option<Cow<'a, str>>,
}

/// A field that should hold whole microseconds.
#[derive(Default)]
enum Micros {
    #[default]
    Absent,
    Is(u64),
    /// What is there instead, for the message.
    Wrong(String),
}

/// The field in which the start of an object ends, if it is one of those above; else empty.
pub(super) fn last_of(start: &[u8]) -> &'static str {
    let names = [
        ("arrival_us", "\"arrival_us\""),
        ("domain", "\"domain\""),
        ("service_us", "\"service_us\""),
        ("key", "\"key\""),
    ];
    let found = names.map(|(name, member)| (memchr::memmem::rfind(start, member.as_bytes()), name));
    found.into_iter().max().map_or("", |(at, name)| if at.is_some() { name } else { "" })
}

impl From<JsonError> for Problem {
    fn from(error: JsonError) -> Self {
        Self::new("", format!("isn't an object of a trace: {} (column {})", error.what, error.column))
    }
}

impl<'a> Object<'a> {
    fn read(line: &'a [u8]) -> Result<Self, Problem> {
        let mut reader = Reader::new(line);
        let mut object = Self::default();
        let mut seen = [false; 4];
        reader.begin()?;
        reader.map(|name, reader| {
            let place = match &*name {
                "arrival_us" => 0,
                "domain" => 1,
                "service_us" => 2,
                "key" => 3,
                _ => return Ok(reader.skip(MAX_DEPTH)?),
            };
            if seen.get_mut(place).is_none_or(|seen| core::mem::replace(seen, true)) {
                let doubled = format!("duplicate field `{name}`");
                return Err(Problem::new("", format!("isn't an object of a trace: {doubled}")));
            }
            match place {
                0 => object.arrival_us = micros(reader)?,
                1 => object.domain = text(reader)?,
                2 => object.service_us = micros(reader)?,
                _ => object.key = text(reader)?,
            }
            Ok::<(), Problem>(())
        })?;
        reader.end()?;
        Ok(object)
    }
}

fn micros(reader: &mut Reader<'_>) -> Result<Micros, JsonError> {
    const NO_NUMBER: &str = "which isn't a number of microseconds";
    Ok(match reader.begin()? {
        b'-' | b'0'..=b'9' => match reader.number()? {
            Number::Unsigned(value) if value < TIME_LIMIT_US => Micros::Is(value),
            Number::Unsigned(value) => {
                Micros::Wrong(format!("is `{value}`: it must be below 9007199254740992 (2^53) microseconds"))
            }
            Number::Negative(value) => Micros::Wrong(format!("is `{value}`: it must not be negative")),
            Number::Float(value) => {
                Micros::Wrong(format!("is `{value:?}`: it must be whole microseconds, in digits alone"))
            }
        },
        b'"' => Micros::Wrong(format!("is the text {}, {NO_NUMBER}", quoted(reader.text()?.as_bytes()))),
        b'[' => {
            reader.skip(MAX_DEPTH)?;
            Micros::Wrong(format!("is a list, {NO_NUMBER}"))
        }
        b'{' => {
            reader.skip(MAX_DEPTH)?;
            Micros::Wrong(format!("is a map, {NO_NUMBER}"))
        }
        _ => match reader.word()? {
            Some(value) => Micros::Wrong(format!("is `{value}`, {NO_NUMBER}")),
            None => Micros::Absent,
        },
    })
}

/// Text; a whole number counts as its digits.
fn text<'a>(reader: &mut Reader<'a>) -> Result<Option<Cow<'a, str>>, JsonError> {
    const NO_TEXT: &str = "a value that isn't text where text should be";
    let number = match reader.begin()? {
        b'"' => return reader.text().map(Some),
        b'-' | b'0'..=b'9' => reader.number()?,
        b'[' | b'{' => return Err(reader.error(NO_TEXT)),
        _ => return if reader.word()?.is_none() { Ok(None) } else { Err(reader.error(NO_TEXT)) },
    };
    match number {
        Number::Unsigned(value) => Ok(Some(Cow::Owned(value.to_string()))),
        Number::Negative(value) => Ok(Some(Cow::Owned(value.to_string()))),
        Number::Float(_) => Err(reader.error(NO_TEXT)),
    }
}

/// Reads a line.
pub(super) fn read(line: &[u8]) -> Result<Row<'_>, Problem> {
    if !line.trim_ascii_start().starts_with(b"{") {
        return Err(Problem::new("", format!("isn't an object of a trace: it is {}", quoted(line))));
    }
    let object = Object::read(line)?;
    let arrival_us = match object.arrival_us {
        Micros::Is(value) => value,
        Micros::Wrong(message) => return Err(Problem::new("arrival_us", message)),
        Micros::Absent => return Err(Problem::new("arrival_us", "is missing")),
    };
    let service_us = match object.service_us {
        Micros::Is(value) => Some(value),
        Micros::Wrong(message) => return Err(Problem::new("service_us", message)),
        Micros::Absent => None,
    };
    let Some(domain) = object.domain else { return Err(Problem::new("domain", "is missing")) };
    let key = object.key.unwrap_or_default();
    let domain = match domain {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
        Cow::Owned(text) => Cow::Owned(text.trim().into()),
    };
    Ok(Row { arrival_us, domain: bytes(domain), service_us, key: bytes(key) })
}

fn bytes(text: Cow<'_, str>) -> Cow<'_, [u8]> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes()),
        Cow::Owned(text) => Cow::Owned(text.into_bytes()),
    }
}
