//! Reading TOML text, in the order in which it was written.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::error::Problem;
use super::value::{MAX_DEPTH, Value};
use super::{Config, ConfigError};

/// The most syntax errors that are reported: past that they are mostly echoes of the first.
const MAX_SYNTAX_ERRORS: usize = 20;

impl Value {
    /// Reads TOML text. Tables keep the order in which they were written.
    ///
    /// Fails with every syntax error (with line and column; doubled keys are among them), or when the text is
    /// nested deeper than [`MAX_DEPTH`].
    pub fn from_toml(text: &str) -> Result<Self, ConfigError> {
        let (table, errors) = DeTable::parse_recoverable(text);
        let mut problems = Vec::new();
        for error in errors.iter().take(MAX_SYNTAX_ERRORS) {
            let place = error.span().map_or_else(String::new, |span| place(text, span.start));
            let message = error.message().replace('\n', " ");
            problems
                .push(Problem { path: String::new(), message: format!("not valid TOML: {message}{place}") });
        }
        ConfigError::check(problems)?;
        from_table(table.into_inner(), text, 1).map(|(value, _)| value)
    }
}

impl Config {
    /// Reads and checks a configuration in TOML.
    ///
    /// Fails with every syntax error, or else with everything that [`Config::from_value`] finds.
    pub fn from_toml(text: &str) -> Result<Self, ConfigError> {
        Self::from_value(&Value::from_toml(text)?)
    }
}

/// A table as a map, and where it is first mentioned.
fn from_table(table: DeTable<'_>, text: &str, depth: u32) -> Result<(Value, usize), ConfigError> {
    // The parser sorts tables by name; the places in the text tell the order in which they were written. A key's
    // own place isn't enough: `[a.b]` mentions `a` before `[a]` defines it.
    let mut entries = Vec::with_capacity(table.len());
    for (key, item) in table {
        let start = key.span().start;
        let (value, inside) = from_item(item, text, depth)?;
        entries.push((start.min(inside), key.into_inner().into_owned(), value));
    }
    entries.sort_by_key(|(start, _, _)| *start);
    let first = entries.first().map_or(usize::MAX, |(start, _, _)| *start);
    Ok((Value::Map(entries.into_iter().map(|(_, key, value)| (key, value)).collect()), first))
}

/// A value, and where it is first mentioned. `depth` lists and tables hold it.
fn from_item(item: Spanned<DeValue<'_>>, text: &str, depth: u32) -> Result<(Value, usize), ConfigError> {
    let start = item.span().start;
    let refuse =
        |message: &str| Err(ConfigError::one("", format!("not valid TOML: {message}{}", place(text, start))));
    let too_large = || refuse("the number is too large");
    let item = item.into_inner();
    if depth >= MAX_DEPTH && matches!(item, DeValue::Array(_) | DeValue::Table(_)) {
        return refuse(&format!("nested deeper than {MAX_DEPTH} levels"));
    }
    let value = match item {
        DeValue::String(text) => Value::Text(text.into_owned()),
        DeValue::Integer(number) => match i128::from_str_radix(number.as_str(), number.radix()) {
            Ok(value) => Value::Integer(value),
            Err(_) => return too_large(),
        },
        DeValue::Float(number) => match number.as_str().parse::<f64>() {
            // Only what is written as infinite is infinite.
            Ok(value) if value.is_finite() || number.as_str().contains(['i', 'n']) => Value::Float(value),
            _ => return too_large(),
        },
        DeValue::Boolean(value) => Value::Bool(value),
        DeValue::Datetime(value) => Value::Text(value.to_string()),
        DeValue::Array(array) => {
            let mut first = start;
            let mut items = Vec::with_capacity(array.len());
            for item in array {
                let (value, inside) = from_item(item, text, depth + 1)?;
                first = first.min(inside);
                items.push(value);
            }
            return Ok((Value::List(items), first));
        }
        DeValue::Table(table) => {
            let (value, inside) = from_table(table, text, depth + 1)?;
            return Ok((value, start.min(inside)));
        }
    };
    Ok((value, start))
}

/// ` at line … column …` of a byte offset, counted from 1 as the JSON parser does.
fn place(text: &str, offset: usize) -> String {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().map_or(0, |rest| rest.chars().count()) + 1;
    format!(" at line {line} column {column}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(value: &Value) -> Vec<&str> {
        match value {
            Value::Map(fields) => fields.iter().map(|(key, _)| key.as_str()).collect(),
            _ => Vec::new(),
        }
    }

    #[test]
    fn tables_keep_the_order_written() {
        let text = "[pools.web]\nmax_workers = 9\n[scaler]\nmode = 'step'\n[pools.api]\nqueue = 'fifo'\n\
                    [pools.\"a.b\"]\n[domains]\nz = {}\ny = {}\n";
        let value = Value::from_toml(text).unwrap();
        assert_eq!(keys(&value), ["pools", "scaler", "domains"]);
        assert_eq!(keys(value.get("pools").unwrap()), ["web", "api", "a.b"]);
        assert_eq!(keys(value.get("domains").unwrap()), ["z", "y"]);
        // A table that only a longer header names first.
        let value = Value::from_toml("[b.c.d]\n[a]\n[b]\nx = 1\n").unwrap();
        assert_eq!(keys(&value), ["b", "a"]);
        assert_eq!(keys(value.get("b").unwrap()), ["c", "x"]);
    }

    #[test]
    fn every_type_is_read() {
        let value = Value::from_toml(
            "a = 0x10\nb = 1_000\nc = 2.5\nd = true\ne = 'x'\nf = [1, 'y']\ng = 1979-05-27\nh = -inf\ni = nan",
        )
        .unwrap();
        assert_eq!(value.get("a"), Some(&Value::Integer(16)));
        assert_eq!(value.get("b"), Some(&Value::Integer(1000)));
        assert_eq!(value.get("c"), Some(&Value::Float(2.5)));
        assert_eq!(value.get("d"), Some(&Value::Bool(true)));
        assert_eq!(value.get("e"), Some(&"x".into()));
        assert_eq!(value.get("f"), Some(&Value::List(alloc::vec![Value::Integer(1), "y".into()])));
        assert_eq!(value.get("g"), Some(&"1979-05-27".into()));
        assert_eq!(value.get("h"), Some(&Value::Float(f64::NEG_INFINITY)));
        assert!(matches!(value.get("i"), Some(Value::Float(number)) if number.is_nan()));
    }

    #[test]
    fn every_syntax_error_says_where() {
        let error = Value::from_toml("a = 1\nb = = 2\nc = 3\na = 4\n").unwrap_err();
        let text = error.to_string();
        assert!(text.contains("line 2 column 5"), "{text}");
        assert!(text.contains("duplicate key at line 4 column 1"), "{text}");
        assert!(error.problems.iter().all(|problem| !problem.message.contains('\n')));
    }

    #[test]
    fn bombs_are_refused() {
        for text in [
            format!("a = {}", "[".repeat(1_000_000)),
            format!("a = {}", "{a=".repeat(1_000_000)),
            format!("a{} = 1", ".a".repeat(1_000_000)),
            format!("a = {}{}", "[".repeat(40), "]".repeat(40)),
            format!("[a{}]", ".a".repeat(40)),
            "a = 1e400".to_string(),
            format!("a = {}", "9".repeat(100)),
        ] {
            assert!(Value::from_toml(&text).is_err(), "{}", text.chars().take(50).collect::<String>());
        }
        let value = Value::from_toml("a = 170141183460469231731687303715884105727").unwrap();
        assert_eq!(value.get("a"), Some(&Value::Integer(i128::MAX)));
    }
}
