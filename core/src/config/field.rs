//! What the table of fields is made of, and how its ranges and defaults are shown.

use alloc::format;
use alloc::string::{String, ToString};
use core::fmt;

use crate::ratio::MILLION;

/// A part of the configuration and its fields.
#[derive(Debug, Clone, Copy)]
pub struct Section {
    /// Where its fields live: nothing for the top level, `scaler`, or `pools` with names in between.
    pub name: &'static str,
    /// Whether a name stands between the section and the field: `pools.payment.max_workers`.
    pub named: bool,
    /// Its fields.
    pub fields: &'static [Field],
}

/// A field of the configuration.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// Its name inside its section.
    pub name: &'static str,
    /// A second name that is accepted as well.
    pub alias: Option<&'static str>,
    /// What it takes.
    pub kind: Kind,
    /// What it is when it isn't set, before it is clamped into what is set.
    pub default: Fallback,
    /// What it means; empty without the feature `meanings`.
    pub meaning: &'static str,
}

/// What a field takes. Its text is how messages and documentation name it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Kind {
    /// True or false.
    Bool,
    /// An integer in this range. A number with a fraction is refused, even if the fraction is 0.
    Integer {
        /// The least value.
        min: u64,
        /// The greatest value.
        max: u64,
    },
    /// A number in this range, held in parts per million by rounding.
    Ratio {
        /// The least value, in parts per million.
        min_ppm: u64,
        /// The greatest value, in parts per million.
        max_ppm: u64,
    },
    /// A number in this range.
    Number {
        /// The least value.
        min: f64,
        /// The greatest value.
        max: f64,
    },
    /// One of these words.
    Choice(&'static [&'static str]),
    /// Text of one byte up to this many, without control characters.
    Text {
        /// The most bytes.
        max_bytes: u32,
    },
    /// A pool's name, or a list of at least this many.
    Pools {
        /// The fewest names.
        min: u32,
    },
    /// A map from keys to a pool's name or a list of them.
    Groups,
    /// A list of alert rules.
    Alerts,
    /// A list of what may be done about an alert.
    Options,
    /// The name of an algorithm, or a map of the fields of section `regulator.adaptive`.
    Adaptive,
}

/// What a field is when it isn't set.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Fallback {
    /// Nothing: the feature is off.
    None,
    /// True or false.
    Bool(bool),
    /// An integer.
    Integer(u64),
    /// Parts per million.
    Ratio(u64),
    /// A number.
    Number(f64),
    /// A word or text.
    Text(&'static str),
    /// It depends on other fields, as described here.
    Derived(&'static str),
}

impl Section {
    /// The field called `name` (or with that alias) and its place.
    pub(super) fn find(&self, name: &str) -> Option<(usize, &'static Field)> {
        self.fields.iter().enumerate().find(|(_, field)| field.name == name || field.alias == Some(name))
    }

    /// The section it is a field of, if it doesn't stand at the top level.
    pub(super) fn parent(&self) -> Option<&'static str> {
        self.name.split_once('.').map(|(parent, _)| parent)
    }

    /// The path of one of its fields, with `<name>` where a name stands.
    pub fn path_of(&self, field: &str) -> String {
        match (self.name, self.named) {
            ("", _) => field.to_string(),
            (section, true) => format!("{section}.<name>.{field}"),
            (section, false) => format!("{section}.{field}"),
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Bool => f.write_str("true or false"),
            Self::Integer { min, max } => write!(f, "an integer from {min} to {max}"),
            Self::Ratio { min_ppm, max_ppm } => {
                write!(f, "a number from {} to {}", show_ppm(min_ppm), show_ppm(max_ppm))
            }
            Self::Number { min, max } => write!(f, "a number from {min} to {max}"),
            Self::Choice(words) => {
                for (index, word) in words.iter().enumerate() {
                    let between = if index == 0 { "" } else { " or " };
                    write!(f, "{between}`{word}`")?;
                }
                Ok(())
            }
            Self::Text { max_bytes } => write!(f, "text of 1 to {max_bytes} bytes"),
            Self::Pools { .. } => f.write_str("the name of a pool or a list of names"),
            Self::Groups => f.write_str("a map from keys to names of pools"),
            Self::Alerts => f.write_str("a list of rules"),
            Self::Options => f.write_str("a list of `scale_up`, `shed_sheddable` or `close_non_critical`"),
            Self::Adaptive => f.write_str("the name of an algorithm or a map of the fields below"),
        }
    }
}

impl fmt::Display for Fallback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::None => f.write_str("none"),
            Self::Bool(value) => write!(f, "{value}"),
            Self::Integer(value) => write!(f, "{value}"),
            Self::Ratio(ppm) => f.write_str(&show_ppm(ppm)),
            Self::Number(value) => write!(f, "{value:?}"),
            Self::Text(text) => write!(f, "`{text}`"),
            Self::Derived(text) => f.write_str(text),
        }
    }
}

/// Parts per million as a decimal fraction without needless zeros.
pub(super) fn show_ppm(ppm: u64) -> String {
    let (whole, rest) = (ppm / MILLION, ppm % MILLION);
    if rest == 0 {
        return whole.to_string();
    }
    format!("{whole}.{}", format!("{rest:06}").trim_end_matches('0'))
}
