//! Reading a trace of requests: bytes in, rows out, no I/O.
//!
//! A [`TraceReader`] is fed chunks of bytes, however they are cut, and hands out one [`Request`] a row. Three
//! formats are read; the first line that isn't empty tells which, unless [`TraceOptions::format`] does.
//!
//! **CSV** (RFC 4180: quotes, doubled quotes, line breaks inside quotes, CRLF) with a header that names the
//! columns, in any order: `arrival_us` and `domain` are required, `service_us` and `key` may be absent or empty,
//! others are ignored.
//!
//! **JSON lines**: one object a line with fields of the same names (feature `json`).
//!
//! **Access logs**, the common and combined formats of Apache and nginx, with the request time where the log has
//! it. What is read from a line:
//! - The domain is the first segment of the path, without the query; `/` is `root`. The first
//!   [`TraceOptions::max_log_domains`] distinct segments get a domain each, the rest share `other`, as do
//!   requests without a readable path.
//! - The key is the client's address.
//! - The service time is the last field, if it is an unquoted number after the status and the size: with a
//!   decimal point it is in seconds (nginx's `$request_time`), without one in microseconds (Apache's `%D`). A
//!   field `rt=…` or `request_time=…`, quoted or not, is read by the same rule wherever it stands.
//! - The arrival is the time of the line. nginx logs when a request ends, so a service time in seconds is taken
//!   off; Apache's `%t` is the start already.
//!
//! A log tells whole seconds. Left so, each second would begin with all its requests at one instant, a burst
//! that never was. Hence the n lines of one second are spread evenly inside it, in the order of the file. Logs
//! are written when requests end, so their lines are sorted by arrival, and come out at [`TraceReader::finish`].
//! The rows of CSV and JSON lines come out as they are read, and must be in order.
//!
//! Memory: one line (at most [`TraceOptions::max_line_bytes`]) and the names of the domains; for access logs,
//! about 40 bytes a line more.

mod csv;
mod domains;
mod error;
mod json;
mod log;
mod number;
mod reader;
mod rows;
mod seconds;

#[cfg(test)]
mod tests;

use alloc::string::String;
use alloc::vec::Vec;

use serde::{Serialize, Serializer};

pub use error::TraceError;
pub(super) use error::{INVALID_TRACE, quoted};
pub use reader::TraceReader;
pub use rows::Rows;

/// The form of a trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Format {
    /// Comma-separated values with a header.
    Csv,
    /// One JSON object a line.
    JsonLines,
    /// The common or combined log format of Apache and nginx.
    AccessLog,
}

impl Format {
    /// The stable name of the format.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::JsonLines => "jsonl",
            Self::AccessLog => "access_log",
        }
    }
}

impl Serialize for Format {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// How a trace is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TraceOptions {
    /// The format; unset: the first line that isn't empty tells.
    pub format: Option<Format>,
    /// Whether bad lines are counted and left out instead of ending the reading. A header that is no use, or a
    /// trace without a single row, is an error all the same.
    pub skip_bad: bool,
    /// The longest line (CSV: record), in bytes with its line break: 65,536.
    pub max_line_bytes: u32,
    /// The most domains of CSV and JSON lines: 4,096.
    pub max_domains: u32,
    /// The most path segments of an access log that get a domain of their own: 64.
    pub max_log_domains: u32,
    /// The longest name of a domain, in bytes: 256.
    pub max_name_bytes: u32,
}

impl Default for TraceOptions {
    fn default() -> Self {
        Self {
            format: None,
            skip_bad: false,
            max_line_bytes: 65_536,
            max_domains: 4096,
            max_log_domains: 64,
            max_name_bytes: 256,
        }
    }
}

impl TraceOptions {
    /// Sets the format by the name that callers know: `csv`, `jsonl`, `log`, or `auto`. `false`: none of these.
    #[must_use]
    pub fn set_format(&mut self, name: &str) -> bool {
        self.format = match name {
            "auto" => None,
            "csv" => Some(Format::Csv),
            "jsonl" => Some(Format::JsonLines),
            "log" => Some(Format::AccessLog),
            _ => return false,
        };
        true
    }
}

/// One row of a trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Request<'a> {
    /// When it arrived, in microseconds since any epoch, below 2^53.
    pub arrival_us: u64,
    /// Its domain: an index into [`TraceReader::domains`].
    pub domain: u32,
    /// How long a worker is busy with it, in microseconds, below 2^53, where the trace has it.
    pub service_us: Option<u64>,
    /// Its key; may be empty.
    pub key: &'a [u8],
}

/// A domain of a trace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TraceDomain {
    /// Its name.
    pub name: String,
    /// How many rows it has.
    pub rows: u64,
}

/// What a trace was, known when it has been read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TraceInfo {
    /// Its format.
    pub format: Format,
    /// Its rows; at least one.
    pub rows: u64,
    /// The bad lines left out.
    pub skipped: u64,
    /// What was wrong with the first few of them.
    pub first_skipped: Vec<TraceError>,
    /// The first arrival, in microseconds.
    pub first_us: u64,
    /// The last arrival, in microseconds.
    pub last_us: u64,
    /// The rows that have no service time.
    pub without_service: u64,
    /// The domains, by their index.
    pub domains: Vec<TraceDomain>,
}
