//! A request that was listed, as the line of JSON that a trace would have in its place.

use alloc::vec::Vec;

use crate::config::Value;

/// Appends a value as JSON, on one line. A float reads back as it was; one that isn't finite is null.
pub(in crate::whatif) fn write(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::Null => out.extend_from_slice(b"null"),
        Value::Bool(flag) => shown(format_args!("{flag}"), out),
        Value::Integer(number) => shown(format_args!("{number}"), out),
        Value::Float(number) if number.is_finite() => shown(format_args!("{number:?}"), out),
        Value::Float(_) => out.extend_from_slice(b"null"),
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
    use proptest::prelude::*;

    use super::*;

    fn written(value: &Value) -> alloc::string::String {
        let mut line = Vec::new();
        write(value, &mut line);
        alloc::string::String::from_utf8(line).unwrap()
    }

    #[test]
    fn every_kind_of_value_reads_back() {
        let text = r#"{"a":[null,true,-2.5,1,{"é\"\\\u0000\n":1e300}],"":[],"b":{},"c":-0.0,"d":18446744073709551615}"#;
        let value = Value::from_json(text).unwrap();
        assert_eq!(Value::from_json(&written(&value)).unwrap(), value);
        assert!(!written(&value).contains('\n'));
        assert_eq!(written(&Value::List(alloc::vec![f64::NAN.into(), f64::INFINITY.into()])), "[null,null]");
    }

    proptest! {
        #[test]
        fn floats_and_texts_read_back(number in any::<f64>(), text in ".*") {
            let value = Value::List(alloc::vec![number.into(), text.as_str().into()]);
            let read = Value::from_json(&written(&value)).unwrap();
            let Value::List(items) = read else { panic!() };
            prop_assert_eq!(&items[1], &Value::Text(text));
            if number.is_finite() {
                let Value::Float(read) = items[0] else { panic!("{:?}", items[0]) };
                prop_assert_eq!(read.to_bits(), number.to_bits());
            }
        }
    }
}
