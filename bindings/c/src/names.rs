//! The names of reasons and kinds of effects as C strings, made by the compiler: they cost nothing and are never
//! freed.
#![allow(clippy::indexing_slicing)] // evaluated by the compiler, which refuses what is out of bounds

use std::ffi::CStr;

use heijunka_core::{EffectKind, Reason};

/// The longest name, its NUL included.
const WIDTH: usize = 32;

/// A name, and zeros behind it.
pub(crate) type Name = [u8; WIDTH];

pub(crate) static REASONS: [Name; Reason::ALL.len()] = {
    let mut names = [[0; WIDTH]; Reason::ALL.len()];
    let mut index = 0;
    while index < names.len() {
        names[index] = padded(Reason::ALL[index].as_str());
        index += 1;
    }
    names
};

pub(crate) static KINDS: [Name; EffectKind::ALL.len()] = {
    let mut names = [[0; WIDTH]; EffectKind::ALL.len()];
    let mut index = 0;
    while index < names.len() {
        names[index] = padded(EffectKind::ALL[index].as_str());
        index += 1;
    }
    names
};

const fn padded(text: &str) -> Name {
    let mut name = [0; WIDTH];
    let mut index = 0;
    while index < text.len() {
        name[index] = text.as_bytes()[index];
        index += 1;
    }
    assert!(name[WIDTH - 1] == 0, "a name and its NUL must fit into WIDTH");
    name
}

/// The name at `index`; "unknown" without one.
pub(crate) fn of(names: &'static [Name], index: Option<usize>) -> &'static CStr {
    let name = index.and_then(|index| names.get(index));
    name.and_then(|name| CStr::from_bytes_until_nul(name).ok()).unwrap_or(c"unknown")
}
