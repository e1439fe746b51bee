//! Floats from decimal digits, exactly.
//!
//! What the standard library does with ten kilobytes of powers of five is done here with long division: a number in a
//! configuration is read once, and what is loaded in a browser should be small.

use alloc::vec::Vec;
use core::cmp::Ordering;

/// Digits past these only tell whether the number lies above or exactly on what the first ones say: no two neighbouring
/// floats, nor the middle between them, need more than 767.
const DIGITS: usize = 770;

/// Powers of ten that are floats themselves.
const EXACT: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18,
    1e19, 1e20, 1e21, 1e22,
];

/// The float nearest to what JSON writes, of two equally near ones the even one; infinite when it is too large.
pub(super) fn parse(text: &[u8]) -> f64 {
    let (negative, text) = match text.split_first() {
        Some((b'-', rest)) => (true, rest),
        _ => (false, text),
    };
    let mut digits = Vec::new();
    let mut exponent: i64 = 0;
    let (mut after_point, mut more) = (false, false);
    let mut bytes = text.iter();
    for byte in bytes.by_ref() {
        match byte {
            b'.' => after_point = true,
            b'0'..=b'9' => {
                if digits.is_empty() && *byte == b'0' {
                    // A zero in front is no digit.
                } else if digits.len() < DIGITS {
                    digits.push(byte - b'0');
                } else {
                    more |= *byte != b'0';
                    exponent += 1;
                }
                exponent -= i64::from(after_point);
            }
            _ => break,
        }
    }
    exponent = exponent.saturating_add(written_exponent(bytes.as_slice()));
    if more {
        // Above what the digits say, by less than anything that is decided by.
        digits.push(1);
        exponent -= 1;
    }
    let size = nearest(&digits, exponent);
    if negative { -size } else { size }
}

/// The exponent that is written after `e`, if there is one.
fn written_exponent(text: &[u8]) -> i64 {
    // Beyond this everything is 0 or infinite, however many digits there are.
    const MOST: i64 = 1 << 40;
    let (negative, digits) = match text.split_first() {
        Some((b'-', rest)) => (true, rest),
        Some((b'+', rest)) => (false, rest),
        _ => (false, text),
    };
    let read = |number: i64, digit: &u8| (number * 10 + i64::from(digit - b'0')).min(MOST);
    let number = digits.iter().fold(0, read);
    if negative { -number } else { number }
}

/// The float nearest to `digits` × 10^`exponent`.
#[allow(clippy::cast_precision_loss)] // below 2^53
fn nearest(digits: &[u8], exponent: i64) -> f64 {
    let count = i64::try_from(digits.len()).unwrap_or(i64::MAX);
    // The number lies from 10^(magnitude − 1) on and below 10^magnitude.
    let magnitude = exponent.saturating_add(count);
    if digits.is_empty() || magnitude < -330 {
        return 0.0;
    }
    if magnitude > 310 {
        return f64::INFINITY;
    }
    if count <= 15 {
        // Both are floats, and so the result is rounded once (Clinger, "How to read floating point numbers accurately",
        // 1990).
        let number = digits.iter().fold(0_u64, |number, digit| number * 10 + u64::from(*digit)) as f64;
        let power = |exponent: i64| usize::try_from(exponent).ok().and_then(|place| EXACT.get(place));
        if let Some(power) = power(exponent) {
            return number * power;
        }
        if let Some(power) = power(-exponent) {
            return number / power;
        }
    }
    let mut above = Big::default();
    for digit in digits {
        above.times(10, u32::from(*digit));
    }
    let mut below = Big::default();
    below.times(0, 1);
    for _ in 0..exponent.unsigned_abs() {
        if exponent > 0 { above.times(10, 0) } else { below.times(10, 0) }
    }
    ratio(above, below)
}

/// The float nearest to a ratio of two numbers that aren't 0.
fn ratio(mut above: Big, mut below: Big) -> f64 {
    // The ratio lies above 2^(scale − 1) and below 2^(scale + 1).
    let mut scale = above.bits() - below.bits();
    let compared = if scale < 0 {
        below.compare_shifted(&above, -scale).reverse()
    } else {
        above.compare_shifted(&below, scale)
    };
    if compared == Ordering::Less {
        scale -= 1;
    }
    // Now from 2^scale on and below 2^(scale + 1): so many bits of it are bits of the float, subnormal ones less.
    let kept = if scale >= -1022 { 53 } else { 53 + (scale + 1022) };
    if kept < 0 {
        return 0.0;
    }
    // Divided so that the whole part of the quotient is what is kept.
    let shift = kept - 1 - scale;
    if shift > 0 {
        above.shift(shift);
    } else {
        below.shift(-shift);
    }
    let mut quotient: u64 = 0;
    for bit in (0..kept).rev() {
        quotient <<= 1;
        if above.compare_shifted(&below, bit) != Ordering::Less {
            above.subtract_shifted(&below, bit);
            quotient |= 1;
        }
    }
    above.shift(1);
    let half = above.compare_shifted(&below, 0);
    if half == Ordering::Greater || (half == Ordering::Equal && quotient & 1 == 1) {
        quotient += 1;
    }
    // Rounding up into the next power of two carries into the exponent, as it should; past the last one it is infinite.
    let exponent = u64::try_from(scale + 1022).unwrap_or(0);
    let bits = if kept == 53 { (exponent << 52) + quotient } else { quotient };
    if scale > 1023 { f64::INFINITY } else { f64::from_bits(bits) }
}

/// A whole number, its least significant part first, without zeros at the end.
#[derive(Debug, Default, Clone)]
struct Big(Vec<u32>);

impl Big {
    /// × `factor` + `term`.
    fn times(&mut self, factor: u32, term: u32) {
        let mut carry = u64::from(term);
        for part in &mut self.0 {
            let product = u64::from(*part) * u64::from(factor) + carry;
            *part = low(product);
            carry = product >> 32;
        }
        if carry > 0 {
            self.0.push(low(carry));
        }
    }

    /// How many bits it has.
    fn bits(&self) -> i64 {
        let parts = i64::try_from(self.0.len()).unwrap_or(i64::MAX);
        self.0.last().map_or(0, |last| parts * 32 - i64::from(last.leading_zeros()))
    }

    /// × 2^`bits`.
    fn shift(&mut self, bits: i64) {
        let (parts, rest) = split(bits);
        if rest > 0 {
            self.times(1 << rest, 0);
        }
        self.0.splice(0..0, core::iter::repeat_n(0, parts));
    }

    /// The part at `place` of this × 2^`bits`.
    fn shifted_part(&self, place: usize, bits: i64) -> u32 {
        let (parts, rest) = split(bits);
        let at = |back: usize| place.checked_sub(parts + back).and_then(|place| self.0.get(place)).copied();
        let both = u64::from(at(0).unwrap_or(0)) << 32 | u64::from(at(1).unwrap_or(0));
        low(both >> (32 - rest))
    }

    /// Compares with `other` × 2^`bits`.
    fn compare_shifted(&self, other: &Self, bits: i64) -> Ordering {
        let lengths = self.bits().cmp(&(other.bits() + bits));
        if lengths != Ordering::Equal {
            return lengths;
        }
        let parts = self.0.iter().enumerate().rev();
        let compared = parts.map(|(place, part)| part.cmp(&other.shifted_part(place, bits)));
        compared.into_iter().find(|ordering| ordering.is_ne()).unwrap_or(Ordering::Equal)
    }

    /// − `other` × 2^`bits`, which isn't more.
    fn subtract_shifted(&mut self, other: &Self, bits: i64) {
        let mut borrow = 0;
        for place in 0..self.0.len() {
            let less = i64::from(other.shifted_part(place, bits)) + borrow;
            if let Some(part) = self.0.get_mut(place) {
                let difference = i64::from(*part) - less;
                borrow = i64::from(difference < 0);
                *part = low((difference + (borrow << 32)).unsigned_abs());
            }
        }
        while self.0.last() == Some(&0) {
            self.0.pop();
        }
    }
}

/// The parts and the bits beyond them of a number of bits.
fn split(bits: i64) -> (usize, u32) {
    let bits = u64::try_from(bits).unwrap_or(0);
    (usize::try_from(bits / 32).unwrap_or(usize::MAX), low(bits % 32))
}

#[allow(clippy::cast_possible_truncation)] // what is cut off is taken care of
fn low(number: u64) -> u32 {
    number as u32
}

#[cfg(test)]
mod tests {
    use alloc::format;
    use alloc::string::String;

    use proptest::prelude::*;

    use super::*;

    /// As the standard library reads it.
    fn agrees(text: &str) {
        let expected: f64 = text.parse().unwrap();
        assert_eq!(parse(text.as_bytes()).to_bits(), expected.to_bits(), "{text}: {expected:?}");
    }

    #[test]
    fn edges_are_read_exactly() {
        for text in [
            "0",
            "-0",
            "0.0",
            "-0e5",
            "1",
            "-1.5",
            "123456789012345678",
            "9007199254740993",
            "9007199254740992.9999",
            "9007199254740993.00000000000000000000000000001",
            "1e22",
            "1e23",
            "1e-22",
            "1e-23",
            "0.1",
            "0.3",
            "1.7976931348623157e308",
            "1.7976931348623158e308",
            "1.7976931348623159e308",
            "1.8e308",
            "1e309",
            "1e999999999999999999",
            "2.2250738585072014e-308",
            "2.2250738585072011e-308",
            "2.2250738585072009e-308",
            "4.9406564584124654e-324",
            "2.4703282292062327e-324",
            "2.4703282292062328e-324",
            "2.47e-324",
            "1e-400",
            "1e-999999999999999999",
            "6929495644600919.5",
            "3.518437208883201171875e13",
            "62.5364939768271845828",
            "8.10109172351e-10",
        ] {
            agrees(text);
        }
        // Exactly between two floats, and a little above, far behind the point.
        let middle = format!("{:.1074}", f64::from_bits(1)).replace("0.", "0.") + "5";
        agrees(&middle);
        let half = "2.47032822920623272088284396434110686182529901307162382212792841250337753635104375932649918180817996189\
                    898282347722858865463328355177969898199387398005390939063150356595155702263922908583924491051844359318\
                    028499365361525003193704576782492193656236698636584807570015857692699037063119282795585513329278343384\
                    093519780155312465972635795746227664652728272200563740064854999770965994704540208281662262378573934507\
                    363390079677305775067501763246736009689513405355374585166611342237666786041621596804619144672918403005\
                    300575308490487653917113865916462395249126236538818796362393732804238910186723484976682350898633885879\
                    256283027559956575244555072551893136908362547791869486679949683240497058210285131854513962138377228261\
                    454376934125320985913276672363281249e-324";
        agrees(half);
        agrees(&half.replace("249e", "250e"));
        agrees(&half.replace("249e", &format!("250{}1e", "0".repeat(1000))));
    }

    proptest! {
        #[test]
        fn any_float_reads_back(bits in any::<u64>()) {
            let number = f64::from_bits(bits);
            prop_assume!(number.is_finite());
            agrees(&format!("{number:?}"));
            agrees(&format!("{number:e}"));
            agrees(&format!("{number:.400e}"));
        }

        #[test]
        fn the_middle_between_two_floats_goes_to_the_even_one(bits in 0_u64..0x7fef_ffff_ffff_ffff, after in "(|0{0,40}1|9{1,40})") {
            // The middle, in all its digits: that of m and m + 1 units is 2m + 1 halves of one.
            let (low, high) = (f64::from_bits(bits), f64::from_bits(bits + 1));
            if low > 1e-290 {
                let unit = high - low;
                let middle = format!("{:.1100}", unit / 2.0);
                let digits: String = add(&format!("{low:.1100}"), &middle);
                agrees(&format!("{digits}{after}"));
            }
        }

        #[test]
        fn any_digits_are_read_exactly(text in "-?(0|[1-9][0-9]{0,30})(\\.[0-9]{1,40})?([eE][+-]?[0-9]{1,3})?") {
            agrees(&text);
        }
    }

    /// The sum of two decimals with as many digits after the point.
    fn add(a: &str, b: &str) -> String {
        let width = a.len().max(b.len());
        let (a, b) = (format!("{a:0>width$}"), format!("{b:0>width$}"));
        let mut carry = 0;
        let mut sum: Vec<u8> = a
            .bytes()
            .zip(b.bytes())
            .rev()
            .map(|(a, b)| {
                if a == b'.' {
                    return a;
                }
                let digit = a - b'0' + (b - b'0') + carry;
                carry = digit / 10;
                b'0' + digit % 10
            })
            .collect();
        sum.push(b'0' + carry);
        sum.reverse();
        String::from_utf8(sum).unwrap()
    }
}
