//! The nearest known name to one that isn't known.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

/// Longer names get no hint: comparing them costs the product of their lengths.
const LONGEST: usize = 64;

/// The nearest of `known` to `name`, if it is close: at most a third of the letters differ (at least one may), or
/// one name is the beginning of the other. Of equally near ones the first.
pub(crate) fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    if name.len() > LONGEST {
        return None;
    }
    let letters: Vec<char> = name.chars().map(|letter| letter.to_ascii_lowercase()).collect();
    let mut row = Vec::new();
    let mut best: Option<(usize, &str)> = None;
    for candidate in known.filter(|candidate| candidate.len() <= LONGEST) {
        let allowed = (letters.len().max(candidate.len()) / 3).max(1);
        let mut distance = edit_distance(&letters, candidate, &mut row);
        let begins = letters.len() >= 3 && (candidate.starts_with(name) || name.starts_with(candidate));
        if begins {
            distance = distance.min(allowed);
        }
        if distance <= allowed
            && (begins || distance < letters.len())
            && best.is_none_or(|(least, _)| distance < least)
        {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// `; did you mean `…`?` for the nearest of `known`, or nothing.
pub(crate) fn did_you_mean<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> String {
    nearest(name, known)
        .map_or_else(String::new, |nearest| format!("; did you mean {}?", super::text::quoted(nearest)))
}

/// The message for a name that isn't among `known`: "unknown pool `paymnt`; did you mean `payment`?".
pub fn unknown_name<'a>(what: &str, name: &str, known: impl Iterator<Item = &'a str>) -> String {
    format!("unknown {what} {}{}", super::text::quoted(name), did_you_mean(name, known))
}

/// How many letters must be inserted, removed or replaced: Levenshtein's distance.
fn edit_distance(left: &[char], right: &str, row: &mut Vec<usize>) -> usize {
    row.clear();
    row.extend(0..=left.len());
    for (index, letter) in right.chars().enumerate() {
        let mut diagonal = index;
        let mut before = index + 1;
        if let Some(first) = row.first_mut() {
            *first = before;
        }
        for (cell, other) in row.iter_mut().skip(1).zip(left) {
            let replaced = diagonal + usize::from(*other != letter);
            diagonal = *cell;
            before = replaced.min(before + 1).min(diagonal + 1);
            *cell = before;
        }
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_names_are_found_and_far_ones_are_not() {
        let known = ["soft_limit", "hard_limit", "token_ttl_us", "max_workers", "min_workers"];
        let near = |name: &str| nearest(name, known.into_iter());
        assert_eq!(near("soft_limt"), Some("soft_limit"));
        assert_eq!(near("Hard_Limit"), Some("hard_limit"));
        assert_eq!(near("hardlimit"), Some("hard_limit"));
        assert_eq!(near("token_ttl"), Some("token_ttl_us"));
        assert_eq!(near("max"), Some("max_workers"));
        assert_eq!(near("colour"), None);
        assert_eq!(near(""), None);
        assert_eq!(near("x"), None);
        assert_eq!(near(&"x".repeat(100_000)), None);
    }

    #[test]
    fn the_distance_is_levenshteins() {
        let distance = |a: &str, b: &str| edit_distance(&a.chars().collect::<Vec<_>>(), b, &mut Vec::new());
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("abc", ""), 3);
        assert_eq!(distance("flaw", "lawn"), 2);
        assert_eq!(distance("same", "same"), 0);
    }
}
