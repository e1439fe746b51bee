//! Writing.

use alloc::vec::Vec;

use crate::config::Value;

/// Appends a value as JSON, on one line. A float reads back as it was; one that isn't finite is null.
pub(crate) fn write(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::Bool(flag) => shown(format_args!("{flag}"), out),
        Value::Integer(number) => shown(format_args!("{number}"), out),
        Value::Float(number) if number.is_finite() => shown(format_args!("{number:?}"), out),
        Value::Null | Value::Float(_) => out.extend_from_slice(b"null"),
        Value::Text(text) => quoted(text, out),
        Value::List(items) => {
            out.push(b'[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                write(item, out);
            }
            out.push(b']');
        }
        Value::Map(fields) => {
            out.push(b'{');
            for (index, (name, field)) in fields.iter().enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                quoted(name, out);
                out.push(b':');
                write(field, out);
            }
            out.push(b'}');
        }
    }
}

fn quoted(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    for byte in text.bytes() {
        match byte {
            b'"' | b'\\' => out.extend_from_slice(&[b'\\', byte]),
            0..0x20 => shown(format_args!("\\u{byte:04x}"), out),
            _ => out.push(byte),
        }
    }
    out.push(b'"');
}

fn shown(text: core::fmt::Arguments<'_>, out: &mut Vec<u8>) {
    struct Bytes<'a>(&'a mut Vec<u8>);
    impl core::fmt::Write for Bytes<'_> {
        fn write_str(&mut self, text: &str) -> core::fmt::Result {
            self.0.extend_from_slice(text.as_bytes());
            Ok(())
        }
    }
    // Writing to memory doesn't fail.
    let _ = core::fmt::write(&mut Bytes(out), text);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_finite_is_null() {
        let mut text = Vec::new();
        write(&Value::List(alloc::vec![f64::NAN.into(), f64::INFINITY.into(), 0.5.into()]), &mut text);
        assert_eq!(text, b"[null,null,0.5]");
    }
}
