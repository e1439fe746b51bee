//! The common and combined log formats of Apache and nginx.

use alloc::format;

use memchr::memchr;

use super::error::{Problem, quoted};
use super::number::leading_number;
use super::seconds::seconds_of;
use crate::time::{SECOND_US, TIME_LIMIT_US};

/// What an access log's line tells.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct LogLine<'a> {
    /// The client's address.
    pub(super) client: &'a [u8],
    /// The second of the line.
    pub(super) second: u64,
    /// The first segment of the path; `None`: the request has no readable path.
    pub(super) segment: Option<&'a [u8]>,
    /// The service time.
    pub(super) service_us: Option<u64>,
    /// Whether the line's time is the request's end.
    pub(super) logged_at_end: bool,
}

/// Reads a line.
pub(super) fn read(line: &[u8]) -> Result<LogLine<'_>, Problem> {
    let no_log =
        |part: &str| Problem::new("", format!("isn't a line of an access log, {part}: {}", quoted(line)));
    let client_end = memchr(b' ', line).ok_or_else(|| no_log("it has no address"))?;
    let client = line.get(..client_end).unwrap_or_default();
    let open = memchr(b'[', line).ok_or_else(|| no_log("it has no time in brackets"))?;
    let rest = line.get(open + 1..).unwrap_or_default();
    let close = memchr(b']', rest).ok_or_else(|| no_log("it has no time in brackets"))?;
    let (time, rest) = rest.split_at(close.min(rest.len()));
    let second = seconds_of(time).ok_or_else(|| {
        Problem::new("time", format!("is {}, not one like `10/Oct/2000:13:55:36 -0700`", quoted(time)))
    })?;
    let rest = rest.get(1..).unwrap_or_default().trim_ascii_start();
    let (request, rest) = quoted_part(rest).ok_or_else(|| no_log("it has no request in quotes"))?;
    let (service_us, logged_at_end) = service_of(rest)?;
    Ok(LogLine { client, second, segment: segment_of(request), service_us, logged_at_end })
}

/// What the quotes at the start of `text` hold, and what follows them. A backslash takes the next byte as it
/// is.
fn quoted_part(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let text = text.strip_prefix(b"\"")?;
    let mut escaped = false;
    let end = text.iter().position(|byte| {
        let closes = *byte == b'"' && !escaped;
        escaped = *byte == b'\\' && !escaped;
        closes
    })?;
    let (inside, rest) = text.split_at_checked(end)?;
    Some((inside, rest.get(1..).unwrap_or_default()))
}

/// The first segment of the path of a request line such as `GET /orders/7?x=1 HTTP/1.1`.
fn segment_of(request: &[u8]) -> Option<&[u8]> {
    let method_end = memchr(b' ', request)?;
    let target = request.get(method_end + 1..)?;
    let target = target.split(|byte| *byte == b' ').next()?;
    let path = match target.strip_prefix(b"http://").or_else(|| target.strip_prefix(b"https://")) {
        // The absolute form, as proxies get it.
        Some(rest) => match rest.iter().position(|byte| matches!(byte, b'/' | b'?' | b'#')) {
            Some(slash) => rest.get(slash..)?,
            None => b"/",
        },
        None => target,
    };
    let path = if path.starts_with(b"?") { path } else { path.strip_prefix(b"/")? };
    let segment = path.split(|byte| matches!(byte, b'/' | b'?' | b'#')).next()?;
    Some(if segment.is_empty() { b"root" } else { segment })
}

/// The service time in what follows the request, and whether it is in seconds.
fn service_of(tail: &[u8]) -> Result<(Option<u64>, bool), Problem> {
    let mut rest = tail.trim_ascii();
    let mut place = 0_u32;
    let mut found = None;
    let mut last = None;
    while !rest.is_empty() {
        let (token, in_quotes, after) = match quoted_part(rest) {
            Some((token, after)) => (token, true, after),
            None => {
                let end = memchr(b' ', rest).unwrap_or(rest.len());
                let (token, after) = rest.split_at(end.min(rest.len()));
                (token, false, after)
            }
        };
        place += 1;
        // The first two are the status and the size.
        last = (place > 2 && !in_quotes).then_some(token);
        if place > 2 && found.is_none() {
            let named = token.strip_prefix(b"rt=").or_else(|| token.strip_prefix(b"request_time="));
            found = named.map(|value| value.trim_ascii().trim_ascii());
        }
        rest = after.trim_ascii_start();
    }
    let text = match (found, last) {
        (Some(named), _) => unquoted(named),
        (None, Some(last)) => last,
        (None, None) => return Ok((None, false)),
    };
    let Some((whole, fraction)) = leading_number(text) else { return Ok((None, false)) };
    if fraction.is_empty() {
        return Ok((Some(whole), false));
    }
    let Some(digits) = fraction.strip_prefix(b".") else { return Ok((None, false)) };
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return Ok((None, false));
    }
    let micros = (0..6).fold(0_u64, |value, place| {
        value * 10 + digits.get(place).map_or(0, |digit| u64::from(digit - b'0'))
    });
    match whole.checked_mul(SECOND_US).and_then(|us| us.checked_add(micros)).filter(|us| *us < TIME_LIMIT_US)
    {
        Some(us) => Ok((Some(us), true)),
        None => Err(Problem::new("service_us", format!("is {} seconds, which is too long", quoted(text)))),
    }
}

fn unquoted(text: &[u8]) -> &[u8] {
    text.strip_prefix(b"\"").and_then(|text| text.strip_suffix(b"\"")).unwrap_or(text)
}
