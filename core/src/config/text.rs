//! Names and values in messages and paths.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::value::Value;

/// The most letters of a caller's text that a message repeats.
const SHOWN: usize = 60;

/// The most letters of one name that a path repeats.
const LONGEST_PART: usize = 256;

/// `text` in backquotes, on one line and not too long.
pub(crate) fn quoted(text: &str) -> String {
    let mut out = String::from("`");
    for (index, letter) in text.chars().enumerate() {
        if index >= SHOWN {
            out.push('…');
            break;
        }
        push_letter(&mut out, letter);
    }
    out.push('`');
    out
}

/// A letter as it is, or escaped if it would break the line or hide.
fn push_letter(out: &mut String, letter: char) {
    if letter.is_control() || matches!(letter, '\u{2028}' | '\u{2029}') {
        out.extend(letter.escape_default());
    } else {
        out.push(letter);
    }
}

/// What a value is, for "found …".
pub(crate) fn found(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(value) => format!("{value}"),
        Value::Integer(value) => format!("the integer {value}"),
        // Debug keeps the fraction (`5.0`) and writes large numbers short (`1e300`).
        Value::Float(value) => format!("the number {value:?}"),
        Value::Text(text) => format!("the text {}", quoted(text)),
        Value::List(items) => format!("a list of {}", items.len()),
        Value::Map(fields) => format!("a map of {}", fields.len()),
    }
}

/// The path of `name` inside `parent`. A name that isn't a plain word is put in quotes.
pub fn join(parent: &str, name: &str) -> String {
    let mut path = parent.to_owned();
    if !path.is_empty() {
        path.push('.');
    }
    if is_plain(name) {
        path.push_str(name);
    } else {
        path.push('"');
        for (index, letter) in name.chars().enumerate() {
            if index >= LONGEST_PART {
                path.push('…');
                break;
            }
            if matches!(letter, '"' | '\\') {
                path.push('\\');
            }
            push_letter(&mut path, letter);
        }
        path.push('"');
    }
    path
}

/// Whether a name stands in a path without quotes.
fn is_plain(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= LONGEST_PART
        && name.chars().all(|letter| letter.is_alphanumeric() || matches!(letter, '_' | '-'))
}

/// A part of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Segment {
    /// A field or a name.
    Name(String),
    /// `*`: every name.
    Every,
}

/// Takes a path apart at its dots. A part in double quotes may hold dots, and `\"` and `\\`.
pub(super) fn split(path: &str) -> Result<Vec<Segment>, &'static str> {
    let mut segments = Vec::new();
    let mut letters = path.chars().peekable();
    loop {
        let mut name = String::new();
        if letters.next_if_eq(&'"').is_some() {
            loop {
                match letters.next() {
                    None => return Err("a quote isn't closed"),
                    Some('"') => break,
                    Some('\\') => match letters.next() {
                        Some(letter @ ('"' | '\\')) => name.push(letter),
                        _ => return Err("only `\\\"` and `\\\\` are escaped in quotes"),
                    },
                    Some(letter) => name.push(letter),
                }
            }
            segments.push(Segment::Name(name));
        } else {
            while let Some(letter) = letters.next_if(|letter| *letter != '.') {
                name.push(letter);
            }
            match name.as_str() {
                "" => return Err("a part of the path is empty"),
                "*" => segments.push(Segment::Every),
                _ => segments.push(Segment::Name(name)),
            }
        }
        match letters.next() {
            None => return Ok(segments),
            Some('.') => {}
            Some(_) => return Err("a quoted part is followed by something other than a dot"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;
    use alloc::vec;

    fn name(name: &str) -> Segment {
        Segment::Name(name.to_string())
    }

    #[test]
    fn a_path_comes_apart_as_it_was_joined() {
        for names in [vec!["pools", "a.b", "queue"], vec!["a\"b\\c", "*", ""], vec!["é-1_x", "a b"]] {
            let path = names.iter().fold(String::new(), |path, name| join(&path, name));
            let expected: Vec<Segment> = names.iter().map(|part| name(part)).collect();
            assert_eq!(split(&path), Ok(expected), "{path}");
        }
        assert_eq!(join("pools", "a.b"), "pools.\"a.b\"");
        assert_eq!(split("pools.*.queue"), Ok(vec![name("pools"), Segment::Every, name("queue")]));
        assert_eq!(split("pools.\"*\""), Ok(vec![name("pools"), name("*")]));
    }

    #[test]
    fn bad_paths_are_refused() {
        for path in ["", ".", "a.", ".a", "a..b", "\"a", "\"a\"b", "\"a\\n\""] {
            assert!(split(path).is_err(), "{path}");
        }
    }

    #[test]
    fn messages_stay_on_one_line() {
        assert_eq!(quoted("a\nb\u{7}"), "`a\\nb\\u{7}`");
        assert!(quoted(&"é".repeat(10_000)).len() < 200);
        assert!(!join("pools", "a\nb").contains('\n'));
        assert_eq!(found(&Value::Float(5.0)), "the number 5.0");
        assert_eq!(found(&Value::Float(1e300)), "the number 1e300");
        assert_eq!(found(&Value::Float(f64::NAN)), "the number NaN");
    }
}
