//! Whole microseconds from digits.

use alloc::format;

use super::error::{Problem, quoted};
use crate::time::TIME_LIMIT_US;

/// The number that `text` starts with, and what follows it; `None` when it starts with no digit or the number
/// is 2^53 or above.
///
/// Eight digits at a time: the bytes of a word that are digits are found and joined with a few multiplications
/// (Lemire, "Quickly parsing eight digits", 2018), which is what keeps reading a trace near the speed of memory.
#[inline]
pub(super) fn leading_number(text: &[u8]) -> Option<(u64, &[u8])> {
    let mut value = 0_u64;
    let mut rest = text;
    let mut digits = 0_u32;
    while let Some((word, after)) = rest.split_first_chunk::<8>() {
        let word = u64::from_le_bytes(*word) ^ 0x3030_3030_3030_3030;
        let others = (word.wrapping_add(0x7676_7676_7676_7676) | word) & 0x8080_8080_8080_8080;
        let found = others.trailing_zeros() / 8;
        if found < 8 {
            digits += found;
            if digits > 16 {
                return None;
            }
            if found > 0 {
                value = value * power_of_ten(found) + eight_digits(word << (64 - 8 * found));
                rest = rest.get(found as usize..)?;
            }
            return (digits > 0 && value < TIME_LIMIT_US).then_some((value, rest));
        }
        digits += 8;
        if digits > 16 {
            return None;
        }
        value = value * 100_000_000 + eight_digits(word);
        rest = after;
    }
    while let Some((byte, after)) = rest.split_first() {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            break;
        }
        digits += 1;
        if digits > 16 {
            return None;
        }
        value = value * 10 + u64::from(digit);
        rest = after;
    }
    (digits > 0 && value < TIME_LIMIT_US).then_some((value, rest))
}

/// The number that eight digits (as values, the first one lowest) make.
#[inline]
fn eight_digits(word: u64) -> u64 {
    let pairs = word.wrapping_mul(10).wrapping_add(word >> 8) & 0x00ff_00ff_00ff_00ff;
    let fours = pairs.wrapping_mul(100).wrapping_add(pairs >> 16) & 0x0000_ffff_0000_ffff;
    fours.wrapping_mul(10_000).wrapping_add(fours >> 32) & 0xffff_ffff
}

#[inline]
fn power_of_ten(exponent: u32) -> u64 {
    const POWERS: [u64; 8] = [1, 10, 100, 1000, 10_000, 100_000, 1_000_000, 10_000_000];
    POWERS.get(exponent as usize).copied().unwrap_or(1)
}

/// Reads a field that holds whole microseconds.
pub(super) fn whole_us(field: &'static str, text: &[u8]) -> Result<u64, Problem> {
    let text = text.trim_ascii();
    // Zeros in front change nothing.
    let zeros = text.iter().take_while(|byte| **byte == b'0').count();
    let significant = text.get(zeros..).unwrap_or_default();
    if zeros > 0 && significant.is_empty() {
        return Ok(0);
    }
    match leading_number(significant) {
        Some((value, [])) => Ok(value),
        _ => Err(Problem::new(field, complaint(text))),
    }
}

/// Why `text` isn't a time.
fn complaint(text: &[u8]) -> alloc::string::String {
    if text.is_empty() {
        return "is empty".into();
    }
    let shown = quoted(text);
    let number = text.strip_prefix(b"-");
    let digits = number.unwrap_or(text);
    let is_numeric = digits.first().is_some_and(u8::is_ascii_digit)
        && digits.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-'));
    if !is_numeric {
        format!("is {shown}, which isn't a number of microseconds")
    } else if number.is_some() {
        format!("is {shown}: it must not be negative")
    } else if digits.iter().all(u8::is_ascii_digit) {
        format!("is {shown}: it must be below 9007199254740992 (2^53) microseconds")
    } else {
        format!("is {shown}: it must be whole microseconds, in digits alone")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;
    use proptest::prelude::*;

    #[test]
    fn the_largest_time_is_two_to_the_53_less_one() {
        assert_eq!(whole_us("f", b"9007199254740991").unwrap(), TIME_LIMIT_US - 1);
        assert_eq!(whole_us("f", b"0000000000000000009007199254740991").unwrap(), TIME_LIMIT_US - 1);
        assert_eq!(whole_us("f", b" 000 ").unwrap(), 0);
        for (text, part) in [
            (&b"9007199254740992"[..], "below 9007199254740992"),
            (b"99999999999999999999999999", "below 9007199254740992"),
            (b"-1", "negative"),
            (b"1.5", "whole microseconds"),
            (b"1e6", "whole microseconds"),
            (b"NaN", "isn't a number"),
            (b"-inf", "isn't a number"),
            (b"", "is empty"),
            (b" ", "is empty"),
            (b"12\x0034", "`12\\u{0}34`"),
            (b"\xff\xfe", "isn't a number"),
        ] {
            let message = whole_us("f", text).unwrap_err().message;
            assert!(message.contains(part), "{message}");
        }
    }

    proptest! {
        #[test]
        fn numbers_read_back(value in 0_u64..TIME_LIMIT_US, shift in 0_u32..53, tail in "[,x\n\u{80}]{0,9}") {
            let value = value >> shift;
            let text = value.to_string() + &tail;
            let (read, rest) = leading_number(text.as_bytes()).unwrap();
            prop_assert_eq!((read, rest), (value, tail.as_bytes()));
        }

        #[test]
        fn any_bytes_are_read_as_by_the_standard_library(text in "[0-9]{0,20}[^0-9]{0,4}[0-9]{0,9}") {
            let digits: alloc::string::String = text.chars().take_while(char::is_ascii_digit).collect();
            let expected = digits.parse::<u64>().ok().filter(|value| *value < TIME_LIMIT_US && digits.len() <= 16);
            prop_assert_eq!(leading_number(text.as_bytes()).map(|(value, _)| value), expected);
        }
    }
}
