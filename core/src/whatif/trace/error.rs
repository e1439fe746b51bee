//! What can be wrong with a trace.

use alloc::format;
use alloc::string::String;
use core::fmt;

/// The stable integer and name of every error of a trace.
pub(in crate::whatif) const INVALID_TRACE: (i32, &str) = (-11, "invalid_trace");

/// What is wrong with a trace, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TraceError {
    /// The line, counted from 1; 0 when it concerns no single line.
    pub line: u64,
    /// The field; empty when it concerns no single field.
    pub field: &'static str,
    /// What is wrong with it.
    pub message: String,
}

impl TraceError {
    pub(super) fn new(line: u64, field: &'static str, message: impl Into<String>) -> Self {
        Self { line, field, message: message.into() }
    }

    /// The stable integer of the error, the same in every language; always negative.
    pub const fn code(&self) -> i32 {
        INVALID_TRACE.0
    }

    /// The stable name of the error, the same in every language.
    pub const fn name(&self) -> &'static str {
        INVALID_TRACE.1
    }
}

impl fmt::Display for TraceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line > 0 {
            write!(f, "line {}: ", self.line)?;
        }
        if !self.field.is_empty() {
            write!(f, "`{}` ", self.field)?;
        }
        f.write_str(&self.message)
    }
}

impl core::error::Error for TraceError {}

/// What is wrong with a field of a line whose number the reader knows.
#[derive(Debug)]
pub(super) struct Problem {
    pub(super) field: &'static str,
    pub(super) message: String,
}

impl Problem {
    pub(super) fn new(field: &'static str, message: impl Into<String>) -> Self {
        Self { field, message: message.into() }
    }

    pub(super) fn at(self, line: u64) -> TraceError {
        TraceError::new(line, self.field, self.message)
    }
}

/// The longest piece of input that a message quotes, in bytes.
const QUOTED: usize = 40;

/// Input as a message shows it: in backquotes, control characters escaped, cut when it is long.
pub(in crate::whatif) fn quoted(bytes: &[u8]) -> String {
    let (shown, more) = match bytes.split_at_checked(QUOTED) {
        Some((shown, rest)) if !rest.is_empty() => (shown, "…"),
        _ => (bytes, ""),
    };
    let mut text = String::new();
    for character in String::from_utf8_lossy(shown).chars() {
        if character.is_control() {
            text.extend(character.escape_default());
        } else {
            text.push(character);
        }
    }
    format!("`{text}{more}`")
}
