//! References to earlier answers, and the comparison of an answer with what is expected.

use std::collections::BTreeMap;

use heijunka_core::Value;

/// The answers that have names.
pub(crate) type Named = BTreeMap<String, Value>;

/// What `$name`, `$name.field`, `$name[3].field` or `$name[*].field` stands for; `*` is the number of the
/// repetition, from 0.
pub(crate) fn resolve(reference: &str, repetition: usize, named: &Named) -> Result<Value, String> {
    let fail = || format!("`{reference}` stands for nothing");
    let path = reference.strip_prefix('$').ok_or_else(fail)?;
    let ends = path.find(['.', '[']).unwrap_or(path.len());
    let (name, mut path) = path.split_at(ends);
    let mut value = named.get(name).ok_or_else(fail)?;
    while !path.is_empty() {
        if let Some(rest) = path.strip_prefix('.') {
            let ends = rest.find(['.', '[']).unwrap_or(rest.len());
            let (field, rest) = rest.split_at(ends);
            (value, path) = (value.get(field).ok_or_else(fail)?, rest);
        } else {
            let (index, rest) =
                path.strip_prefix('[').and_then(|path| path.split_once(']')).ok_or_else(fail)?;
            let index = if index == "*" { repetition } else { index.parse().map_err(|_| fail())? };
            let Value::List(items) = value else { return Err(fail()) };
            (value, path) = (items.get(index).ok_or_else(fail)?, rest);
        }
    }
    Ok(value.clone())
}

/// Compares: a map's members must be there and fit, a list fits element by element, anything else exactly.
pub(crate) fn fits(
    expected: &Value,
    answer: &Value,
    path: &str,
    repetition: usize,
    named: &Named,
) -> Result<(), String> {
    let differs = || format!("{path}: expected {expected:?}, the answer is {answer:?}");
    match (expected, answer) {
        (Value::Map(fields), Value::Map(_)) => {
            for (name, expected) in fields {
                let path = format!("{path}.{name}");
                let found =
                    answer.get(name).ok_or_else(|| format!("{path}: not in the answer {answer:?}"))?;
                fits(expected, found, &path, repetition, named)?;
            }
            Ok(())
        }
        (Value::List(expected), Value::List(items)) if expected.len() == items.len() => {
            for ((expected, item), index) in expected.iter().zip(items).zip(0..) {
                fits(expected, item, &format!("{path}[{index}]"), repetition, named)?;
            }
            Ok(())
        }
        (Value::Text(text), answer) if text.starts_with('$') => {
            let expected = resolve(text, repetition, named)?;
            if same(&expected, answer) { Ok(()) } else { Err(differs()) }
        }
        (expected, answer) if same(expected, answer) => Ok(()),
        _ => Err(differs()),
    }
}

/// Equal, floats bit for bit, an integer never equal to a float.
fn same(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Float(left), Value::Float(right)) => left.to_bits() == right.to_bits(),
        (Value::Map(_) | Value::List(_), _) => crate::canon::bytes(left) == crate::canon::bytes(right),
        _ => left == right,
    }
}
