//! What is wrong with a configuration: every problem, each with its path.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

/// A configuration that can't be used. Nothing was changed by it.
///
/// Its text shows every problem, one per line.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ConfigError {
    /// What is wrong, in the order in which it was found; never empty.
    pub problems: Vec<Problem>,
}

/// One thing that is wrong with a configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where: `pools.payment.max_workers`. Names that aren't plain words are quoted: `pools."a.b".queue`. Empty:
    /// the whole text.
    pub path: String,
    /// What: lowercase, without a final period, on one line.
    pub message: String,
}

impl ConfigError {
    /// An error of one problem.
    pub(crate) fn one(path: impl Into<String>, message: impl Into<String>) -> Self {
        Self { problems: alloc::vec![Problem { path: path.into(), message: message.into() }] }
    }

    /// `Ok` when there are no problems.
    pub(crate) fn check(problems: Vec<Problem>) -> Result<(), Self> {
        if problems.is_empty() { Ok(()) } else { Err(Self { problems }) }
    }

    /// The stable integer of the error, the same in every language; always negative.
    pub const fn code(&self) -> i32 {
        -10
    }

    /// The stable name of the error, the same in every language.
    pub const fn name(&self) -> &'static str {
        "invalid_config"
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.problems.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            problem.fmt(f)?;
        }
        Ok(())
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.path.is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        f.write_str(&self.message)
    }
}

impl core::error::Error for ConfigError {}
