//! Reading maps field by field, collecting problems instead of stopping at the first.
#![cfg_attr(not(feature = "json"), allow(dead_code))] // then there are fewer maps to read

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::ops::RangeInclusive;

use crate::config::{ConfigError, Problem, Value, did_you_mean, found, join};

/// Past this many problems no more hints are looked for: each costs a walk over the known names.
const MAX_HINTS: usize = 100;

/// What was found to be wrong.
#[derive(Debug, Default)]
pub(crate) struct Problems(Vec<Problem>);

impl Problems {
    pub(crate) fn add(&mut self, path: impl Into<String>, message: impl Into<String>) {
        self.0.push(Problem { path: path.into(), message: message.into() });
    }

    /// `Ok` when there are none.
    pub(crate) fn check(self) -> Result<(), ConfigError> {
        ConfigError::check(self.0)
    }

    pub(crate) fn hint(&self, name: &str, known: &[&str]) -> String {
        if self.0.len() < MAX_HINTS { did_you_mean(name, known.iter().copied()) } else { String::new() }
    }
}

/// The numbers that a field takes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Span {
    least: f64,
    most: f64,
    /// Whether `least` itself is left out.
    above: bool,
}

impl Span {
    pub(crate) const fn from_to(least: f64, most: f64) -> Self {
        Self { least, most, above: false }
    }

    pub(crate) const fn above_to(least: f64, most: f64) -> Self {
        Self { least, most, above: true }
    }

    fn holds(self, number: f64) -> bool {
        (number > self.least || (!self.above && number >= self.least)) && number <= self.most
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { least, most, above } = self;
        match (above, most.is_finite()) {
            (false, true) => write!(f, "a number from {least} to {most}"),
            (false, false) => write!(f, "a number of at least {least}"),
            (true, true) => write!(f, "a number above {least} and at most {most}"),
            (true, false) => write!(f, "a number above {least}"),
        }
    }
}

/// A map and where it stands.
#[derive(Debug, Clone)]
pub(crate) struct Fields<'a> {
    path: String,
    value: &'a Value,
}

impl<'a> Fields<'a> {
    /// Looks at the map at `path`, whose fields should be among `known`. `expected` is what to tell of anything that
    /// is no map.
    pub(crate) fn read(
        path: impl Into<String>,
        value: &'a Value,
        known: &[&str],
        expected: &str,
        problems: &mut Problems,
    ) -> Option<Self> {
        Self::read_at(path.into(), value, known, expected, problems)
    }

    fn read_at(
        path: String,
        value: &'a Value,
        known: &[&str],
        expected: &str,
        problems: &mut Problems,
    ) -> Option<Self> {
        let Value::Map(entries) = value else {
            problems.add(path, format!("expected {expected}, found {}", found(value)));
            return None;
        };
        let fields = Self { path, value };
        let mut seen = Vec::with_capacity(known.len());
        for (name, _) in entries {
            match known.iter().find(|known| *known == name) {
                None => {
                    let hint = problems.hint(name, known);
                    problems.add(fields.path(name), format!("unknown field{hint}"));
                }
                Some(known) if seen.contains(known) => problems.add(fields.path(name), "given twice"),
                Some(known) => seen.push(*known),
            }
        }
        Some(fields)
    }

    /// The path of a field.
    pub(crate) fn path(&self, name: &str) -> String {
        join(&self.path, name)
    }

    /// A field that is there and isn't null.
    pub(crate) fn get(&self, name: &str) -> Option<&'a Value> {
        self.value.get(name).filter(|value| **value != Value::Null)
    }

    /// Says what was expected of a field.
    pub(crate) fn wrong(&self, name: &str, expected: &str, problems: &mut Problems) {
        let found = self.get(name).map_or_else(|| "nothing".to_owned(), found);
        problems.add(self.path(name), format!("expected {expected}, found {found}"));
    }

    /// An integer in this range; nothing and a problem when it is something else, `default` when it isn't there.
    pub(crate) fn integer(
        &self,
        name: &str,
        range: &RangeInclusive<u64>,
        default: Option<u64>,
        problems: &mut Problems,
    ) -> Option<u64> {
        let number = match self.get(name) {
            None if default.is_some() => return default,
            Some(Value::Integer(number)) => u64::try_from(*number).ok(),
            _ => None,
        };
        let number = number.filter(|number| range.contains(number));
        if number.is_none() {
            let expected = format!("an integer from {} to {}", range.start(), range.end());
            self.wrong(name, &expected, problems);
        }
        number
    }

    /// A number in this span, as [`Fields::integer`].
    #[allow(clippy::cast_precision_loss)] // an amount
    pub(crate) fn number(
        &self,
        name: &str,
        span: Span,
        default: Option<f64>,
        problems: &mut Problems,
    ) -> Option<f64> {
        let number = match self.get(name) {
            None if default.is_some() => return default,
            Some(Value::Float(number)) => Some(*number),
            Some(Value::Integer(number)) => Some(*number as f64),
            _ => None,
        };
        let number = number.filter(|number| number.is_finite() && span.holds(*number));
        if number.is_none() {
            self.wrong(name, &format!("{span}"), problems);
        }
        number
    }

    /// True or false, as [`Fields::integer`].
    pub(crate) fn flag(&self, name: &str, default: bool, problems: &mut Problems) -> Option<bool> {
        match self.get(name) {
            None => Some(default),
            Some(Value::Bool(flag)) => Some(*flag),
            Some(_) => {
                self.wrong(name, "true or false", problems);
                None
            }
        }
    }

    /// One of some words, by its place among them, as [`Fields::integer`].
    pub(crate) fn word(
        &self,
        name: &str,
        words: &[&str],
        default: Option<usize>,
        problems: &mut Problems,
    ) -> Option<usize> {
        let text = match self.get(name) {
            None if default.is_some() => return default,
            Some(Value::Text(text)) => Some(text.as_str()),
            _ => None,
        };
        let place = text.and_then(|text| words.iter().position(|word| *word == text));
        if place.is_none() {
            let hint = text.map_or_else(String::new, |text| problems.hint(text, words));
            let found = self.get(name).map_or_else(|| "nothing".to_owned(), found);
            problems
                .add(self.path(name), format!("expected {}, found {found}{hint}", alternatives(words, "or")));
        }
        place
    }

    /// A list; nothing and no problem when it isn't there.
    pub(crate) fn list(&self, name: &str, expected: &str, problems: &mut Problems) -> Option<&'a [Value]> {
        match self.get(name)? {
            Value::List(items) => Some(items),
            _ => {
                self.wrong(name, expected, problems);
                None
            }
        }
    }
}

/// `` `a`, `b` or `c` ``.
pub(crate) fn alternatives(words: &[&str], last: &str) -> String {
    let mut text = String::new();
    for (index, word) in words.iter().enumerate() {
        if index > 0 {
            let between = if index + 1 == words.len() { format!(" {last} ") } else { ", ".to_owned() };
            text.push_str(&between);
        }
        text.push('`');
        text.push_str(word);
        text.push('`');
    }
    text
}
