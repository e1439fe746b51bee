//! JSON lines.

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::{String, ToString};
use core::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error as _, Visitor};

use super::csv::Row;
use super::error::{Problem, quoted};
use crate::time::TIME_LIMIT_US;

#[derive(Deserialize)]
struct Object<'a> {
    #[serde(default)]
    arrival_us: Micros,
    #[serde(default, borrow)]
    domain: Text<'a>,
    #[serde(default)]
    service_us: Micros,
    #[serde(default, borrow)]
    key: Text<'a>,
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

/// A field that should hold whole microseconds.
#[derive(Default)]
enum Micros {
    #[default]
    Absent,
    Is(u64),
    /// What is there instead, for the message.
    Wrong(String),
}

impl<'de> Deserialize<'de> for Micros {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reads;
        impl Visitor<'_> for Reads {
            type Value = Micros;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number of microseconds")
            }
            fn visit_u64<E>(self, value: u64) -> Result<Micros, E> {
                Ok(if value < TIME_LIMIT_US {
                    Micros::Is(value)
                } else {
                    Micros::Wrong(format!(
                        "is `{value}`: it must be below 9007199254740992 (2^53) microseconds"
                    ))
                })
            }
            fn visit_i64<E>(self, value: i64) -> Result<Micros, E> {
                Ok(Micros::Wrong(format!("is `{value}`: it must not be negative")))
            }
            fn visit_f64<E>(self, value: f64) -> Result<Micros, E> {
                Ok(Micros::Wrong(format!("is `{value:?}`: it must be whole microseconds, in digits alone")))
            }
            fn visit_bool<E>(self, value: bool) -> Result<Micros, E> {
                Ok(Micros::Wrong(format!("is `{value}`, which isn't a number of microseconds")))
            }
            fn visit_str<E>(self, value: &str) -> Result<Micros, E> {
                let shown = quoted(value.as_bytes());
                Ok(Micros::Wrong(format!("is the text {shown}, which isn't a number of microseconds")))
            }
            fn visit_unit<E>(self) -> Result<Micros, E> {
                Ok(Micros::Absent)
            }
        }
        deserializer.deserialize_any(Reads)
    }
}

/// A field that should hold text; a whole number counts as its digits.
#[derive(Default)]
struct Text<'a>(Option<Cow<'a, str>>);

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reads;
        impl<'de> Visitor<'de> for Reads {
            type Value = Text<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("text")
            }
            fn visit_borrowed_str<E>(self, value: &'de str) -> Result<Self::Value, E> {
                Ok(Text(Some(Cow::Borrowed(value))))
            }
            fn visit_str<E>(self, value: &str) -> Result<Self::Value, E> {
                Ok(Text(Some(Cow::Owned(value.into()))))
            }
            fn visit_u64<E>(self, value: u64) -> Result<Self::Value, E> {
                Ok(Text(Some(Cow::Owned(value.to_string()))))
            }
            fn visit_i64<E>(self, value: i64) -> Result<Self::Value, E> {
                Ok(Text(Some(Cow::Owned(value.to_string()))))
            }
            fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Self::Value, E> {
                Err(E::custom(format!("`{value:?}` where text should be")))
            }
            fn visit_unit<E>(self) -> Result<Self::Value, E> {
                Ok(Text(None))
            }
        }
        deserializer.deserialize_any(Reads).map_err(D::Error::custom)
    }
}

/// Reads a line.
pub(super) fn read(line: &[u8]) -> Result<Row<'_>, Problem> {
    // What is derived for a struct would take an array too.
    if !line.trim_ascii_start().starts_with(b"{") {
        return Err(Problem::new("", format!("isn't an object of a trace: it is {}", quoted(line))));
    }
    let object: Object<'_> = serde_json::from_slice(line).map_err(|error| {
        let text = error.to_string();
        let what = text.split(" at line ").next().unwrap_or_default();
        Problem::new("", format!("isn't an object of a trace: {what} (column {})", error.column()))
    })?;
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
    let Some(domain) = object.domain.0 else { return Err(Problem::new("domain", "is missing")) };
    let key = object.key.0.unwrap_or_default();
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
