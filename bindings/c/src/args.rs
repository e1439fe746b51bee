//! Arguments: pointers, lengths and choices as the core takes them.

use heijunka_core::config::Class;
use heijunka_core::{Outcome, Value, WorkerId};

use crate::guard::Failure;
use crate::{status, words};

/// The bytes at `pointer`; NULL with a length of 0 is empty.
///
/// # Safety
/// `pointer` is NULL or valid for reads of `length` bytes as long as the answer is used.
pub(crate) unsafe fn bytes<'a>(
    pointer: *const u8,
    length: usize,
    name: &'static str,
) -> Result<&'a [u8], Failure> {
    if length == 0 {
        return Ok(&[]);
    }
    if pointer.is_null() {
        return Err(Failure::null(name));
    }
    if isize::try_from(length).is_err() {
        return Err(Failure::argument(format!("`{name}` can't be {length} bytes long")));
    }
    // SAFETY: not NULL, the caller vouches for `length` bytes, and no object is longer than `isize::MAX`.
    Ok(unsafe { std::slice::from_raw_parts(pointer, length) })
}

/// The UTF-8 text at `pointer`; NULL with a length of 0 is empty.
///
/// # Safety
/// As for [`bytes`].
pub(crate) unsafe fn text<'a>(
    pointer: *const std::ffi::c_char,
    length: usize,
    name: &'static str,
) -> Result<&'a str, Failure> {
    // SAFETY: passed on to the caller.
    let bytes = unsafe { bytes(pointer.cast(), length, name) }?;
    std::str::from_utf8(bytes).map_err(|error| {
        let text = format!("`{name}` is not valid UTF-8: the byte at offset {}", error.valid_up_to());
        Failure::Text(status::HEIJUNKA_ERROR_INVALID_UTF8, text.into())
    })
}

/// A value in JSON or TOML.
///
/// # Safety
/// As for [`bytes`].
pub(crate) unsafe fn value(
    pointer: *const std::ffi::c_char,
    length: usize,
    name: &'static str,
) -> Result<Value, Failure> {
    // SAFETY: passed on to the caller.
    let text = unsafe { text(pointer, length, name) }?;
    Ok(Value::from_text(text)?)
}

/// The worker ids at `pointer`; NULL with a count of 0 is none.
///
/// # Safety
/// `pointer` is NULL or valid for reads of `count` ids.
pub(crate) unsafe fn workers(
    pointer: *const u64,
    count: usize,
    name: &'static str,
) -> Result<Vec<WorkerId>, Failure> {
    // SAFETY: passed on to the caller.
    let ids = unsafe { numbers(pointer, count, name) }?;
    Ok(ids.into_iter().map(WorkerId::from_raw).collect())
}

/// The counts at `pointer`; NULL with a count of 0 is none.
///
/// # Safety
/// `pointer` is NULL or valid for reads of `count` counts.
pub(crate) unsafe fn counts(
    pointer: *const u32,
    count: usize,
    name: &'static str,
) -> Result<Vec<u32>, Failure> {
    // SAFETY: passed on to the caller.
    unsafe { numbers(pointer, count, name) }
}

/// # Safety
/// `pointer` is NULL or valid for reads of `count` numbers.
unsafe fn numbers<T: Copy>(pointer: *const T, count: usize, name: &'static str) -> Result<Vec<T>, Failure> {
    if count == 0 {
        return Ok(Vec::new());
    }
    if pointer.is_null() {
        return Err(Failure::null(name));
    }
    if isize::try_from(count).ok().and_then(|count| count.checked_mul(8)).is_none() {
        return Err(Failure::argument(format!("`{name}` can't hold {count} numbers")));
    }
    // SAFETY: not NULL, and the caller vouches for `count` numbers; alignment isn't asked for.
    let read = |index| unsafe { pointer.add(index).read_unaligned() };
    Ok((0..count).map(read).collect())
}

pub(crate) fn class(class: u32) -> Result<Option<Class>, Failure> {
    match class {
        words::HEIJUNKA_CLASS_DEFAULT => Ok(None),
        words::HEIJUNKA_CLASS_CRITICAL => Ok(Some(Class::Critical)),
        words::HEIJUNKA_CLASS_NORMAL => Ok(Some(Class::Normal)),
        words::HEIJUNKA_CLASS_SHEDDABLE => Ok(Some(Class::Sheddable)),
        _ => Err(Failure::argument(format!("unknown class {class}: it must be a HEIJUNKA_CLASS_*"))),
    }
}

pub(crate) fn outcome(outcome: u32) -> Result<Outcome, Failure> {
    match outcome {
        words::HEIJUNKA_OUTCOME_OK => Ok(Outcome::Ok),
        words::HEIJUNKA_OUTCOME_FAILED => Ok(Outcome::Failed),
        _ => Err(Failure::argument(format!("unknown outcome {outcome}: it must be a HEIJUNKA_OUTCOME_*"))),
    }
}

pub(crate) fn flag(flag: u32, name: &'static str) -> Result<bool, Failure> {
    match flag {
        0 => Ok(false),
        1 => Ok(true),
        _ => Err(Failure::argument(format!("`{name}` = {flag}: it must be 0 or 1"))),
    }
}

/// A time to wait until; 0: don't wait.
pub(crate) fn wait_until(time_us: u64) -> Option<u64> {
    (time_us != 0).then_some(time_us)
}
