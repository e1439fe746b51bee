//! The canonical bytes of an answer: the same in every language.

use heijunka_core::Value;
use serde::Serialize;

/// Appends the canonical bytes of a value.
pub fn write(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::Null => out.push(b'n'),
        Value::Bool(flag) => out.push(if *flag { b't' } else { b'F' }),
        Value::Integer(number) => {
            out.push(b'i');
            out.extend_from_slice(number.to_string().as_bytes());
            out.push(b';');
        }
        Value::Float(number) => out.extend_from_slice(format!("f{:016x}", number.to_bits()).as_bytes()),
        Value::Text(text) => write_text(text, out),
        Value::List(items) => {
            out.push(b'[');
            for item in items {
                write(item, out);
            }
            out.push(b']');
        }
        Value::Map(fields) => {
            let mut sorted: Vec<_> = fields.iter().collect();
            sorted.sort_by(|(left, _), (right, _)| left.as_bytes().cmp(right.as_bytes()));
            out.push(b'{');
            for (key, value) in sorted {
                write_text(key, out);
                write(value, out);
            }
            out.push(b'}');
        }
    }
}

fn write_text(text: &str, out: &mut Vec<u8>) {
    out.extend_from_slice(format!("s{}:", text.len()).as_bytes());
    out.extend_from_slice(text.as_bytes());
}

/// The canonical bytes of a value.
pub fn bytes(value: &Value) -> Vec<u8> {
    let mut out = Vec::new();
    write(value, &mut out);
    out
}

/// A status as a value, by way of its JSON.
pub fn of_status<T: Serialize>(status: &T) -> Result<Value, String> {
    serde_json::to_value(status).map_err(|error| error.to_string()).and_then(of_json)
}

fn of_json(value: serde_json::Value) -> Result<Value, String> {
    Ok(match value {
        serde_json::Value::Null => Value::Null,
        serde_json::Value::Bool(flag) => Value::Bool(flag),
        serde_json::Value::Number(number) => match (number.as_u64(), number.as_i64(), number.as_f64()) {
            (Some(number), _, _) => Value::Integer(number.into()),
            (_, Some(number), _) => Value::Integer(number.into()),
            (_, _, Some(number)) => Value::Float(number),
            _ => return Err(format!("`{number}` fits no number")),
        },
        serde_json::Value::String(text) => Value::Text(text),
        serde_json::Value::Array(items) => {
            Value::List(items.into_iter().map(of_json).collect::<Result<_, _>>()?)
        }
        serde_json::Value::Object(fields) => Value::Map(
            fields
                .into_iter()
                .map(|(key, value)| Ok((key, of_json(value)?)))
                .collect::<Result<_, String>>()?,
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bytes_of_every_kind() {
        let value = Value::from_json(
            r#"{"b":[null,true,false,0,-12,18446744073709551615],"a":{"é":1.0,"":-0.0,"z":0.1,"e":1e3},"":"n;"}"#,
        )
        .unwrap();
        let expected = "{s0:s2:n;s1:a{s0:f8000000000000000s1:ef408f400000000000s1:zf3fb999999999999a\
                        s2:éf3ff0000000000000}s1:b[ntFi0;i-12;i18446744073709551615;]}";
        assert_eq!(String::from_utf8(bytes(&value)).unwrap(), expected);
    }
}
