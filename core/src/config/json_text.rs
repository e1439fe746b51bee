//! Reading JSON text, every member in the order in which it was written.

use alloc::borrow::Cow;
use alloc::format;
use alloc::vec::Vec;

use super::value::{MAX_DEPTH, Value};
use super::{Config, ConfigError};
use crate::json::{JsonError, Number, Reader};

const TOO_DEEP: &str = "nested deeper than 32 levels";

impl Value {
    /// Reads JSON text.
    ///
    /// Fails, saying where, when it isn't JSON, or is nested deeper than [`MAX_DEPTH`].
    pub fn from_json(text: &str) -> Result<Self, ConfigError> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut reader = Reader::new(text.as_bytes());
        let read = value(&mut reader, MAX_DEPTH).and_then(|value| reader.end().map(|()| value));
        read.map_err(|error| ConfigError::one("", format!("not valid JSON: {error}")))
    }
}

impl Config {
    /// Reads and checks a configuration in JSON.
    ///
    /// Fails when it isn't JSON (with line and column), or else with everything that [`Config::from_value`] finds.
    pub fn from_json(text: &str) -> Result<Self, ConfigError> {
        Self::from_value(&Value::from_json(text)?)
    }
}

/// A value that is at most so many lists and maps deep.
fn value(reader: &mut Reader<'_>, depth: u32) -> Result<Value, JsonError> {
    Ok(match reader.begin()? {
        b'"' => Value::Text(reader.text().map(Cow::into_owned)?),
        b'-' | b'0'..=b'9' => match reader.number()? {
            Number::Unsigned(number) => Value::Integer(number.into()),
            Number::Negative(number) => Value::Integer(number.into()),
            Number::Float(number) => Value::Float(number),
        },
        b'[' => {
            let inside = depth.checked_sub(1).ok_or_else(|| reader.error(TOO_DEEP))?;
            let mut items = Vec::new();
            reader.list(|reader| {
                items.push(value(reader, inside)?);
                Ok::<(), JsonError>(())
            })?;
            Value::List(items)
        }
        b'{' => {
            let inside = depth.checked_sub(1).ok_or_else(|| reader.error(TOO_DEEP))?;
            let mut fields = Vec::new();
            reader.map(|name, reader| {
                fields.push((name.into_owned(), value(reader, inside)?));
                Ok::<(), JsonError>(())
            })?;
            Value::Map(fields)
        }
        _ => reader.word()?.map_or(Value::Null, Value::Bool),
    })
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    #[test]
    fn order_and_doubled_keys_are_kept() {
        let value = Value::from_json(r#"{"b": 1, "a": [null, true, -2.5], "b": "x"}"#).unwrap();
        let list = Value::List(alloc::vec![Value::Null, true.into(), (-2.5).into()]);
        let expected = Value::Map(alloc::vec![
            ("b".to_string(), 1_u64.into()),
            ("a".to_string(), list),
            ("b".to_string(), "x".into()),
        ]);
        assert_eq!(value, expected);
        assert_eq!(serde_json::to_string(&value).unwrap(), r#"{"b":1,"a":[null,true,-2.5],"b":"x"}"#);
        assert_eq!(value.get("b"), Some(&Value::Integer(1)));
    }

    #[test]
    fn integers_are_exact_up_to_64_bits() {
        for text in ["18446744073709551615", "-9223372036854775808", "0"] {
            let value = Value::from_json(text).unwrap();
            assert_eq!(value, Value::Integer(text.parse().unwrap()));
            assert_eq!(serde_json::to_string(&value).unwrap(), text);
        }
        assert_eq!(
            Value::from_json("18446744073709551616").unwrap(),
            Value::Float(18_446_744_073_709_551_616.0)
        );
        let beyond = Value::Integer(i128::MAX);
        assert_eq!(serde_json::to_string(&beyond).unwrap(), i128::MAX.to_string());
    }

    #[test]
    fn nesting_is_bounded() {
        let depth = usize::try_from(MAX_DEPTH).unwrap();
        let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
        assert!(Value::from_json(&nested(depth)).is_ok());
        let error = Value::from_json(&nested(depth + 1)).unwrap_err().to_string();
        assert_eq!(
            error,
            format!("not valid JSON: nested deeper than {MAX_DEPTH} levels at line 1 column 33")
        );
        assert!(Value::from_json(&"[".repeat(1_000_000)).is_err());
        assert!(Value::from_json(&"{\"a\":".repeat(1_000_000)).is_err());
    }

    #[test]
    fn syntax_errors_say_where() {
        let error = Value::from_json("{\n  \"a\": 1,\n  b\n}").unwrap_err().to_string();
        assert_eq!(error, "not valid JSON: key must be a string at line 3 column 3");
        assert!(Value::from_json("").is_err());
        assert!(Value::from_json("1e400").is_err());
        assert!(Value::from_json("{} {}").is_err());
        assert!(Value::from_json("\u{feff}{}").is_ok());
    }
}
