//! Compared with a reader that others wrote.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use proptest::prelude::*;

use super::{Reader, write};
use crate::config::Value;

/// The text is JSON to both readers, and means the same, or to neither.
fn agrees(text: &str) {
    let (ours, theirs) = (Value::from_json(text), serde_json::from_str::<Value>(text));
    match (&ours, &theirs) {
        (Ok(ours), Ok(theirs)) => {
            // Bits: −0 is not 0.
            assert_eq!(format!("{ours:?}"), format!("{theirs:?}"), "{text}");
        }
        (Err(_), Err(_)) => {}
        _ => panic!("{text}: {ours:?}, {theirs:?}"),
    }
}

#[test]
fn what_is_json_and_what_is_not() {
    for text in [
        "",
        " ",
        "null",
        "nul",
        "nulll",
        "true",
        "false",
        "tru",
        "True",
        "NaN",
        "Infinity",
        "-Infinity",
        "0",
        "-0",
        "-0.0",
        "00",
        "01",
        "-01",
        "1.",
        ".1",
        "+1",
        "1e",
        "1e+",
        "1e5",
        "1E-5",
        "1.5e300",
        "1e400",
        "-1e400",
        "1e-400",
        "--1",
        "-",
        "1 2",
        "0x10",
        "1_000",
        "9007199254740993",
        "18446744073709551615",
        "18446744073709551616",
        "-9223372036854775808",
        "-9223372036854775809",
        "123456789012345678901234567890",
        "0.1",
        "2.2250738585072011e-308",
        "5e-324",
        "179769313486231580793728971405303415079934132710037826936173",
        r#""""#,
        r#""a"#,
        r#""é""#,
        r#""\u00e9""#,
        r#""\ud83d\ude00""#,
        r#""\ud83d""#,
        r#""\ude00""#,
        r#""\ud83dx""#,
        r#""\ud83d\u0041""#,
        r#""\u12""#,
        r#""\u12g4""#,
        r#""\x""#,
        r#""\"\\\/\b\f\n\r\t""#,
        "\"\t\"",
        "\"\n\"",
        "\"\u{7f}\"",
        "\"\\",
        "\"\\u",
        "[",
        "]",
        "[]",
        "[ ]",
        "[1",
        "[1,",
        "[1,]",
        "[,1]",
        "[1,2]",
        "[1 2]",
        "[1}",
        "[[[]]]",
        "{",
        "}",
        "{}",
        "{ }",
        r#"{"a""#,
        r#"{"a":"#,
        r#"{"a":1"#,
        r#"{"a":1,"#,
        r#"{"a":1,}"#,
        r#"{,"a":1}"#,
        r#"{"a" 1}"#,
        "{a:1}",
        "{1:1}",
        r#"{"a":1 "b":2}"#,
        r#"{"a":1,"a":2}"#,
        r#"{"a":[{}]} "#,
        "[1]x",
        "\u{feff}[1]",
        "\u{a0}1",
        "/**/1",
        "'a'",
        "[1]\0",
        "\u{0}",
        " \t\r\n[ \t\r\n1 \t\r\n] \t\r\n",
        "\u{c}1",
        "{\"\\u0061\":1}",
    ] {
        if !text.starts_with('\u{feff}') {
            agrees(text);
        }
    }
    assert!(Value::from_json("\u{feff}[1]").is_ok());
}

#[test]
fn errors_say_what_and_where() {
    for (text, expected) in [
        ("", "EOF while parsing a value at line 1 column 0"),
        ("[1,\n 2", "EOF while parsing a list at line 2 column 2"),
        ("[1,\n 2,", "EOF while parsing a list at line 2 column 3"),
        ("{\"a\": 1, b}", "key must be a string at line 1 column 10"),
        ("{\"a\" 1}", "expected `:` at line 1 column 6"),
        ("[1, x]", "expected value at line 1 column 5"),
        ("[1 2]", "expected `,` or `]` at line 1 column 4"),
        ("[1,]", "trailing comma at line 1 column 4"),
        ("\"a\\q\"", "invalid escape at line 1 column 4"),
        ("[]\n[]", "trailing characters at line 2 column 1"),
    ] {
        let error = Value::from_json(text).unwrap_err().to_string();
        assert_eq!(error, format!("not valid JSON: {expected}"));
    }
}

#[test]
fn text_that_is_not_utf8_is_refused() {
    for text in [&b"\"\xff\""[..], b"\"\\n\xc3\"", b"[\"a\xed\xa0\x80\"]"] {
        assert_eq!(Reader::new(text).skip(9).unwrap_err().what, "invalid unicode code point");
    }
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_filter("finite", |number| number.is_finite()).prop_map(Value::from),
        ".*".prop_map(|text: String| Value::Text(text)),
    ];
    leaf.prop_recursive(4, 30, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::List),
            prop::collection::vec((".*", inner), 0..5).prop_map(Value::Map),
        ]
    })
}

proptest! {
    #[test]
    fn what_is_written_reads_back(value in any_value()) {
        let mut text = Vec::new();
        write(&value, &mut text);
        let text = String::from_utf8(text).unwrap();
        prop_assert!(!text.contains('\n'));
        // Bits: −0 is not 0.
        prop_assert_eq!(format!("{:?}", Value::from_json(&text).unwrap()), format!("{value:?}"));
        agrees(&text);
        agrees(&serde_json::to_string_pretty(&value).unwrap());
    }

    #[test]
    fn damaged_text_is_judged_alike(value in any_value(), at in any::<prop::sample::Index>(), by in r#"[\]\[{}:,"\\0-9eE.+ -]{0,3}"#) {
        let mut text: Vec<char> = serde_json::to_string(&value).unwrap().chars().collect();
        let place = at.index(text.len());
        text.splice(place..=place, by.chars());
        agrees(&text.into_iter().collect::<String>());
    }

    #[test]
    fn numbers_are_judged_alike(text in "-?[0-9]{0,25}(\\.[0-9]{0,25})?([eE][+-]?[0-9]{0,3})?") {
        agrees(&text);
    }
}
