//! The reader: chunks to lines, lines to rows.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use memchr::memchr;

use super::csv::{self, Columns, Scan};
use super::domains::Domains;
use super::error::{Problem, TraceError, quoted};
use super::json;
use super::log::{self, LogLine};
use super::{Format, Request, Rows, TraceInfo, TraceOptions};
use crate::time::SECOND_US;

/// How many messages about skipped lines are kept.
const KEPT_MESSAGES: usize = 5;

/// The domain of an access log's requests that get none of their own.
const OTHER: &[u8] = b"other";

/// What is known of the format.
#[derive(Debug)]
enum State {
    /// Nothing yet, or the format alone.
    Start(Option<Format>),
    Csv(Columns),
    JsonLines,
    AccessLog,
}

/// Reads a trace from chunks of bytes, however they are cut.
#[derive(Debug)]
pub struct TraceReader {
    options: TraceOptions,
    state: State,
    /// The start of a line whose end hasn't been seen.
    pending: Vec<u8>,
    scan: Scan,
    /// Whether the rest of a line that was too long is being passed over.
    discarding: bool,
    /// The number of the line that comes next (or is pending).
    line: u64,
    failed: Option<TraceError>,
    domains: Domains,
    rows: u64,
    skipped: u64,
    first_skipped: Vec<TraceError>,
    first_us: u64,
    last_us: u64,
    without_service: u64,
    /// The lines of an access log until they are sorted: arrivals are whole seconds.
    log: Rows,
    /// Whether such a line was logged at the request's end.
    logged_at_end: Vec<bool>,
}

impl TraceReader {
    /// A reader that has read nothing yet.
    pub fn new(options: TraceOptions) -> Self {
        Self {
            state: State::Start(options.format),
            domains: Domains::new(&options),
            options,
            pending: Vec::new(),
            scan: Scan::default(),
            discarding: false,
            line: 1,
            failed: None,
            rows: 0,
            skipped: 0,
            first_skipped: Vec::new(),
            first_us: 0,
            last_us: 0,
            without_service: 0,
            log: Rows::new(),
            logged_at_end: Vec::new(),
        }
    }

    /// The names of the domains seen so far, by their index.
    pub fn domains(&self) -> &[String] {
        self.domains.names()
    }

    /// How many rows have been read.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Reads the next chunk and hands each row that it completes to `out`.
    ///
    /// Fails at the first bad line (or, with `skip_bad`, when the header is no use); a reader that has failed
    /// answers the same error from then on. Costs time in proportion to the bytes.
    pub fn feed(&mut self, bytes: &[u8], out: &mut impl FnMut(Request<'_>)) -> Result<(), TraceError> {
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        self.chunk(bytes, out).inspect_err(|error| self.failed = Some(error.clone()))
    }

    /// Reads what is left when the trace has ended, hands out the rows of an access log, and says what the
    /// trace was.
    ///
    /// Fails as [`feed`](Self::feed) does, and when there was no row at all. Sorting an access log costs
    /// O(n log n).
    pub fn finish(mut self, out: &mut impl FnMut(Request<'_>)) -> Result<TraceInfo, TraceError> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        let pending = core::mem::take(&mut self.pending);
        if !pending.is_empty() && !self.discarding {
            self.record(&pending, out)?;
        }
        if self.rows == 0 {
            return Err(TraceError::new(0, "", self.no_rows()));
        }
        self.sort_log(out);
        let format = match self.state {
            State::Start(_) | State::Csv(_) => Format::Csv,
            State::JsonLines => Format::JsonLines,
            State::AccessLog => Format::AccessLog,
        };
        Ok(TraceInfo {
            format,
            rows: self.rows,
            skipped: self.skipped,
            first_skipped: self.first_skipped,
            first_us: self.first_us,
            last_us: self.last_us,
            without_service: self.without_service,
            domains: self.domains.take(),
        })
    }

    fn no_rows(&self) -> String {
        match self.first_skipped.first() {
            Some(first) => {
                let left_out = match self.skipped {
                    1 => "1 bad line was left out: it is".into(),
                    skipped => format!("{skipped} bad lines were left out, the first is"),
                };
                format!("the trace has no good row: {left_out} {first}")
            }
            None => "the trace is empty: it has no row".into(),
        }
    }

    fn chunk(&mut self, bytes: &[u8], out: &mut impl FnMut(Request<'_>)) -> Result<(), TraceError> {
        let mut rest = bytes;
        while !rest.is_empty() {
            if self.discarding {
                let Some(end) = memchr(b'\n', rest) else { return Ok(()) };
                rest = rest.get(end + 1..).unwrap_or_default();
                self.discarding = false;
                self.line += 1;
                continue;
            }
            if self.pending.is_empty() && self.scan == Scan::Start {
                rest = self.plain_rows(rest, out);
                if rest.is_empty() {
                    return Ok(());
                }
            }
            // Only so much of the chunk is looked at that a line too long is found out at the same byte however
            // the chunks are cut.
            let room = (self.options.max_line_bytes as usize).saturating_sub(self.pending.len());
            let window = rest.get(..room).unwrap_or(rest);
            let end = if matches!(self.state, State::Csv(_)) {
                self.scan.end(window)
            } else {
                memchr(b'\n', window).map(|end| end + 1)
            };
            if let Some((record, after)) = end.and_then(|end| rest.split_at_checked(end)) {
                rest = after;
                if self.pending.is_empty() {
                    self.record(record, out)?;
                } else {
                    let mut whole = core::mem::take(&mut self.pending);
                    whole.extend_from_slice(record);
                    self.record(&whole, out)?;
                    whole.clear();
                    self.pending = whole;
                }
            } else if window.len() == room {
                rest = rest.get(room..).unwrap_or_default();
                self.too_long(window)?;
            } else {
                self.pending.extend_from_slice(window);
                return Ok(());
            }
        }
        Ok(())
    }

    /// Gives a line up that has reached the greatest length; `last` is its last part.
    fn too_long(&mut self, last: &[u8]) -> Result<(), TraceError> {
        let limit = self.options.max_line_bytes;
        let hint = match self.scan {
            Scan::Quoted | Scan::Closing => " (a quote is opened and not closed in them)",
            _ => "",
        };
        self.pending.extend_from_slice(last);
        let field = match &self.state {
            State::Csv(columns) => columns.last_of(&self.pending),
            State::JsonLines => json::last_of(&self.pending),
            _ => "",
        };
        let subject = if field.is_empty() { "the line is" } else { "makes the line" };
        let message = format!("{subject} longer than {limit} bytes{hint}");
        let start = self.line;
        self.line += line_breaks(&self.pending);
        self.pending.clear();
        self.scan = Scan::Start;
        self.discarding = true;
        let error = TraceError::new(start, field, message);
        if matches!(self.state, State::Start(_)) { Err(error) } else { self.bad(error) }
    }

    /// Takes as many rows as can be taken the quick way; answers what is left.
    #[inline]
    fn plain_rows<'a>(&mut self, bytes: &'a [u8], out: &mut impl FnMut(Request<'_>)) -> &'a [u8] {
        let State::Csv(columns) = &self.state else { return bytes };
        let longest = self.options.max_line_bytes as usize;
        let mut rest = bytes;
        while let Some(row) = csv::plain_row(rest, columns.roles()) {
            // A row out of order, a new domain or a line too long is left to the other way.
            let Some(domain) = self.domains.find(row.domain) else { break };
            if row.arrival_us < self.last_us || rest.len() - row.rest.len() > longest {
                break;
            }
            if self.rows == 0 {
                self.first_us = row.arrival_us;
            }
            self.last_us = row.arrival_us;
            self.rows += 1;
            self.line += 1;
            self.without_service += u64::from(row.service_us.is_none());
            self.domains.count(domain);
            rest = row.rest;
            out(Request { arrival_us: row.arrival_us, domain, service_us: row.service_us, key: row.key });
        }
        rest
    }

    /// Reads a whole line (CSV: record) with its line break, if it has one.
    fn record(&mut self, record: &[u8], out: &mut impl FnMut(Request<'_>)) -> Result<(), TraceError> {
        let number = self.line;
        self.line += line_breaks(record);
        self.scan = Scan::Start;
        let line = record.strip_suffix(b"\n").unwrap_or(record);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let line = if number == 1 { without_mark(line)? } else { line };
        if line.trim_ascii().is_empty() {
            return Ok(());
        }
        if let State::Start(format) = self.state {
            self.state = start(format, line, number)?;
            if matches!(self.state, State::Csv(_)) {
                return Ok(());
            }
        }
        match self.row(line, out) {
            Ok(()) => Ok(()),
            Err(problem) => self.bad(problem.at(number)),
        }
    }

    fn row(&mut self, line: &[u8], out: &mut impl FnMut(Request<'_>)) -> Result<(), Problem> {
        let row = match &self.state {
            State::Csv(columns) => columns.read(line)?,
            State::JsonLines => json::read(line)?,
            _ => return self.log_line(&log::read(line)?),
        };
        if self.rows > 0 && row.arrival_us < self.last_us {
            let message = format!(
                "goes backwards: {} after {}; the rows must be in the order of arrival",
                row.arrival_us, self.last_us
            );
            return Err(Problem::new("arrival_us", message));
        }
        let domain = self.domains.intern(&row.domain)?;
        if self.rows == 0 {
            self.first_us = row.arrival_us;
        }
        self.last_us = row.arrival_us;
        self.rows += 1;
        self.without_service += u64::from(row.service_us.is_none());
        self.domains.count(domain);
        out(Request { arrival_us: row.arrival_us, domain, service_us: row.service_us, key: &row.key });
        Ok(())
    }

    fn log_line(&mut self, line: &LogLine<'_>) -> Result<(), Problem> {
        let has_room = self.domains.names().len() < self.options.max_log_domains as usize;
        let domain = match line.segment {
            Some(segment) => match self.domains.find(segment) {
                Some(domain) => domain,
                // A segment that can't be a name (too long, not UTF-8) is among the others.
                None if has_room => self.domains.intern(segment).or_else(|_| self.domains.intern(OTHER))?,
                None => self.domains.intern(OTHER)?,
            },
            None => self.domains.intern(OTHER)?,
        };
        self.rows += 1;
        self.without_service += u64::from(line.service_us.is_none());
        self.domains.count(domain);
        let arrival_us = line.second.saturating_mul(SECOND_US);
        self.log.push(Request { arrival_us, domain, service_us: line.service_us, key: line.client });
        self.logged_at_end.push(line.logged_at_end);
        Ok(())
    }

    /// Spreads the lines of each second inside it, turns ends into arrivals, and hands the rows out in order.
    fn sort_log(&mut self, out: &mut impl FnMut(Request<'_>)) {
        let mut log = core::mem::take(&mut self.log);
        if log.is_empty() {
            return;
        }
        let order = log.by_arrival();
        let services: Vec<u64> = log.iter().map(|row| row.service_us.unwrap_or(0)).collect();
        let arrivals = log.arrivals_mut();
        let at = |row: u64| usize::try_from(row).unwrap_or(usize::MAX);
        let second_of = |arrivals: &[u64], row: u64| arrivals.get(at(row)).copied().unwrap_or(0) / SECOND_US;
        let mut rest = order.as_slice();
        while let Some(first) = rest.first() {
            let second = second_of(arrivals, *first);
            let count = rest.iter().take_while(|row| second_of(arrivals, **row) == second).count();
            let (lines, after) = rest.split_at(count);
            for (row, place) in lines.iter().zip(0_u64..) {
                let inside = place * SECOND_US / (count as u64).max(1);
                let at_end = self.logged_at_end.get(at(*row)).copied().unwrap_or(false);
                let service = if at_end { services.get(at(*row)).copied().unwrap_or(0) } else { 0 };
                if let Some(arrival) = arrivals.get_mut(at(*row)) {
                    *arrival = arrival.saturating_add(inside).saturating_sub(service);
                }
            }
            rest = after;
        }
        let order = log.by_arrival();
        let sorted = |row: Option<&u64>| row.and_then(|row| log.get(*row)).map_or(0, |row| row.arrival_us);
        (self.first_us, self.last_us) = (sorted(order.first()), sorted(order.last()));
        for row in order.iter().filter_map(|row| log.get(*row)) {
            out(row);
        }
    }

    /// What becomes of a bad line.
    fn bad(&mut self, error: TraceError) -> Result<(), TraceError> {
        if !self.options.skip_bad {
            return Err(error);
        }
        self.skipped += 1;
        if self.first_skipped.len() < KEPT_MESSAGES {
            self.first_skipped.push(error);
        }
        Ok(())
    }
}

fn line_breaks(bytes: &[u8]) -> u64 {
    memchr::memchr_iter(b'\n', bytes).count() as u64
}

/// The first line without a byte order mark; what is no text is refused.
fn without_mark(line: &[u8]) -> Result<&[u8], TraceError> {
    let refused = |message: &str| Err(TraceError::new(1, "", message));
    match line {
        [0xef, 0xbb, 0xbf, rest @ ..] => Ok(rest),
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => refused("the trace is UTF-16; it must be UTF-8"),
        [0x1f, 0x8b, ..] => refused("the trace is compressed (gzip); it must be unpacked first"),
        _ => Ok(line),
    }
}

/// The state after the first line that isn't empty.
fn start(format: Option<Format>, line: &[u8], number: u64) -> Result<State, TraceError> {
    let text = line.trim_ascii();
    let format = format.unwrap_or_else(|| {
        if text.starts_with(b"{") {
            Format::JsonLines
        } else if log::read(text).is_ok() {
            Format::AccessLog
        } else {
            Format::Csv
        }
    });
    match format {
        Format::Csv if line.starts_with(b"\0HJRNL") => Err(TraceError::new(
            number,
            "",
            "the trace is a journal; its requests have to be taken out of it first, as a trace",
        )),
        Format::Csv if memchr(0, line).is_some() => {
            Err(TraceError::new(number, "", format!("the trace isn't text: it starts with {}", quoted(line))))
        }
        Format::Csv if memchr(b'\r', text).is_some() => Err(TraceError::new(
            number,
            "",
            "the lines end with a carriage return alone; they must end with a line feed",
        )),
        Format::Csv => Columns::from_header(line, number).map(State::Csv),
        Format::JsonLines => Ok(State::JsonLines),
        Format::AccessLog => Ok(State::AccessLog),
    }
}
