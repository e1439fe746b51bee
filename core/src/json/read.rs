//! Reading.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use super::float;

/// What isn't JSON, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct JsonError {
    /// What, lowercase.
    pub(crate) what: &'static str,
    /// The line, from 1.
    pub(crate) line: u64,
    /// The byte of the line, from 1.
    pub(crate) column: u64,
}

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { what, line, column } = self;
        write!(f, "{what} at line {line} column {column}")
    }
}

/// A number as it is written.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Number {
    /// Without sign, fraction and exponent, and below 2^64.
    Unsigned(u64),
    /// A negative one, without fraction and exponent, not below −2^63.
    Negative(i64),
    /// Any other.
    Float(f64),
}

/// Reads text from its beginning on. After an error it is of no more use.
#[derive(Debug)]
pub(crate) struct Reader<'a> {
    text: &'a [u8],
    at: usize,
}

type Read<T> = Result<T, JsonError>;

impl<'a> Reader<'a> {
    pub(crate) fn new(text: &'a [u8]) -> Self {
        Self { text, at: 0 }
    }

    /// An error at the place of the next byte.
    #[cold]
    pub(crate) fn error(&self, what: &'static str) -> JsonError {
        let before = self.text.get(..self.at).unwrap_or(self.text);
        let line = before.split(|byte| *byte == b'\n').count();
        let column = before.iter().rev().take_while(|byte| **byte != b'\n').count();
        // At the end there is no next byte: the last one it is.
        let next = usize::from(self.at < self.text.len());
        JsonError { what, line: line as u64, column: (column + next) as u64 }
    }

    fn byte(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    /// The next byte that isn't white space, which is left there.
    pub(crate) fn peek(&mut self) -> Option<u8> {
        while matches!(self.byte(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
        self.byte()
    }

    /// As [`Reader::peek`], where a value begins.
    pub(crate) fn begin(&mut self) -> Read<u8> {
        self.peek().ok_or_else(|| self.error("EOF while parsing a value"))
    }

    /// Nothing but white space may follow.
    pub(crate) fn end(&mut self) -> Read<()> {
        if self.peek().is_none() { Ok(()) } else { Err(self.error("trailing characters")) }
    }

    /// `null`, `true` or `false`, of which one begins here.
    pub(crate) fn word(&mut self) -> Read<Option<bool>> {
        let words: [(&[u8], Option<bool>); 3] =
            [(b"null", None), (b"true", Some(true)), (b"false", Some(false))];
        let rest = self.text.get(self.at..).unwrap_or_default();
        for (word, value) in words {
            if rest.starts_with(word) {
                self.at += word.len();
                return Ok(value);
            }
        }
        Err(self.error("expected value"))
    }

    /// A number, which begins here with a digit or `-`.
    pub(crate) fn number(&mut self) -> Read<Number> {
        let start = self.at;
        let negative = self.byte() == Some(b'-');
        self.at += usize::from(negative);
        if self.byte() == Some(b'0') {
            self.at += 1;
            if matches!(self.byte(), Some(b'0'..=b'9')) {
                return Err(self.error("invalid number"));
            }
        } else {
            self.digits()?;
        }
        let whole = self.at;
        if self.byte() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.byte(), Some(b'e' | b'E')) {
            self.at += 1;
            self.at += usize::from(matches!(self.byte(), Some(b'+' | b'-')));
            self.digits()?;
        }
        let text = self.text.get(start..self.at).and_then(|text| core::str::from_utf8(text).ok());
        let text = text.unwrap_or_default();
        if self.at == whole {
            // `-0` is no integer: it has a sign.
            match (negative, text.parse::<u64>(), text.parse::<i64>()) {
                (false, Ok(number), _) => return Ok(Number::Unsigned(number)),
                (true, _, Ok(number)) if number != 0 => return Ok(Number::Negative(number)),
                _ => {}
            }
        }
        let number = float::parse(text.as_bytes());
        if number.is_finite() { Ok(Number::Float(number)) } else { Err(self.error("number out of range")) }
    }

    fn digits(&mut self) -> Read<()> {
        let start = self.at;
        while matches!(self.byte(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        match self.byte() {
            _ if self.at > start => Ok(()),
            Some(_) => Err(self.error("invalid number")),
            None => Err(self.error("EOF while parsing a value")),
        }
    }

    /// Text, which begins here with a quote. Borrowed unless it has escapes.
    pub(crate) fn text(&mut self) -> Read<Cow<'a, str>> {
        self.at += 1;
        let mut made = Vec::new();
        loop {
            let start = self.at;
            while !matches!(self.byte(), None | Some(b'"' | b'\\' | 0..0x20)) {
                self.at += 1;
            }
            let plain = self.text.get(start..self.at).unwrap_or_default();
            match self.byte() {
                Some(b'"') => {
                    self.at += 1;
                    if made.is_empty() {
                        let text = core::str::from_utf8(plain);
                        return text.map(Cow::Borrowed).map_err(|_| self.error("invalid unicode code point"));
                    }
                    made.extend_from_slice(plain);
                    let text = String::from_utf8(made);
                    return text.map(Cow::Owned).map_err(|_| self.error("invalid unicode code point"));
                }
                Some(b'\\') => {
                    made.extend_from_slice(plain);
                    let letter = self.escape()?;
                    made.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
                }
                Some(_) => {
                    return Err(
                        self.error("control character (\\u0000-\\u001F) found while parsing a string")
                    );
                }
                None => return Err(self.error("EOF while parsing a string")),
            }
        }
    }

    fn escape(&mut self) -> Read<char> {
        self.at += 1;
        let letter = match self.byte() {
            Some(byte @ (b'"' | b'\\' | b'/')) => char::from(byte),
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                self.at += 1;
                return self.code_point();
            }
            Some(_) => return Err(self.error("invalid escape")),
            None => return Err(self.error("EOF while parsing a string")),
        };
        self.at += 1;
        Ok(letter)
    }

    /// The character of four hex digits, or of eight in two escapes.
    fn code_point(&mut self) -> Read<char> {
        let first = self.hex()?;
        let code = match first {
            0xd800..=0xdbff => {
                if !self.text.get(self.at..).is_some_and(|rest| rest.starts_with(b"\\u")) {
                    return Err(self.error("unexpected end of hex escape"));
                }
                self.at += 2;
                match self.hex()? {
                    second @ 0xdc00..=0xdfff => 0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00),
                    _ => return Err(self.error("lone leading surrogate in hex escape")),
                }
            }
            code => code,
        };
        char::from_u32(code).ok_or_else(|| self.error("lone leading surrogate in hex escape"))
    }

    fn hex(&mut self) -> Read<u32> {
        let mut code = 0;
        for _ in 0..4 {
            let digit = self.byte().and_then(|byte| char::from(byte).to_digit(16));
            let Some(digit) = digit else {
                let ended = self.byte().is_none();
                return Err(self.error(if ended { "EOF while parsing a string" } else { "invalid escape" }));
            };
            code = code * 16 + digit;
            self.at += 1;
        }
        Ok(code)
    }

    /// A list, which begins here: `item` reads each item, which begins there.
    pub(crate) fn list<E: From<JsonError>>(
        &mut self,
        mut item: impl FnMut(&mut Self) -> Result<(), E>,
    ) -> Result<(), E> {
        self.at += 1;
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(());
        }
        loop {
            if self.peek().is_none() {
                return Err(self.error("EOF while parsing a list").into());
            }
            item(self)?;
            if self.goes_on(b']', "EOF while parsing a list", "expected `,` or `]`")? {
                continue;
            }
            return Ok(());
        }
    }

    /// A map, which begins here: `member` gets each name and reads the value, which begins there.
    pub(crate) fn map<E: From<JsonError>>(
        &mut self,
        mut member: impl FnMut(Cow<'a, str>, &mut Self) -> Result<(), E>,
    ) -> Result<(), E> {
        self.at += 1;
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(());
        }
        loop {
            match self.peek() {
                Some(b'"') => {}
                Some(_) => return Err(self.error("key must be a string").into()),
                None => return Err(self.error("EOF while parsing an object").into()),
            }
            let name = self.text()?;
            match self.peek() {
                Some(b':') => self.at += 1,
                Some(_) => return Err(self.error("expected `:`").into()),
                None => return Err(self.error("EOF while parsing an object").into()),
            }
            self.begin()?;
            member(name, self)?;
            if self.goes_on(b'}', "EOF while parsing an object", "expected `,` or `}`")? {
                continue;
            }
            return Ok(());
        }
    }

    /// After an item: whether another one follows.
    fn goes_on(&mut self, end: u8, ended: &'static str, expected: &'static str) -> Read<bool> {
        match self.peek() {
            Some(b',') => {
                self.at += 1;
                if self.peek() == Some(end) { Err(self.error("trailing comma")) } else { Ok(true) }
            }
            Some(byte) if byte == end => {
                self.at += 1;
                Ok(false)
            }
            Some(_) => Err(self.error(expected)),
            None => Err(self.error(ended)),
        }
    }

    /// Passes over a value, which is at most so many lists and maps deep.
    pub(crate) fn skip(&mut self, depth: u32) -> Read<()> {
        const TOO_DEEP: &str = "recursion limit exceeded";
        let inside = depth.checked_sub(1);
        match self.begin()? {
            b'"' => self.text().map(drop),
            b'-' | b'0'..=b'9' => self.number().map(drop),
            b'[' => {
                let inside = inside.ok_or_else(|| self.error(TOO_DEEP))?;
                self.list(|reader| reader.skip(inside))
            }
            b'{' => {
                let inside = inside.ok_or_else(|| self.error(TOO_DEEP))?;
                self.map(|_, reader| reader.skip(inside))
            }
            _ => self.word().map(drop),
        }
    }
}
