//! Arguments: Python integers, names and keys as the core takes them.
//!
//! An integer that no `u64` can hold is the same misuse as one that is merely wrong: it raises the error of its
//! meaning (an unknown token, a time out of range), never `OverflowError`. What isn't an integer at all is a
//! `TypeError`.

use heijunka_core::Outcome;
use heijunka_core::config::Class;
use pyo3::exceptions::{PyOverflowError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString};

use crate::errors::raise;

/// `Ok(None)`: an integer, but none that fits.
fn integer(value: &Bound<'_, PyAny>) -> PyResult<Option<u64>> {
    match value.extract::<u64>() {
        Ok(number) => Ok(Some(number)),
        Err(error) if error.is_instance_of::<PyOverflowError>(value.py()) => Ok(None),
        // Before Python 3.13 a negative number is an `OverflowError` too; be sure of it whatever the version.
        Err(error) => match value.extract::<i64>() {
            Ok(_) => Ok(None),
            Err(_) => Err(error),
        },
    }
}

/// Declares an argument that is an integer with a meaning.
macro_rules! integer_argument {
    ($($(#[$doc:meta])* $name:ident raises $class:literal: $text:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy)]
        pub(crate) struct $name(pub(crate) u64);

        impl<'a, 'py> FromPyObject<'a, 'py> for $name {
            type Error = PyErr;

            fn extract(value: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
                match integer(&value)? {
                    Some(number) => Ok(Self(number)),
                    None => Err(raise(value.py(), $class, (format!($text, shortened(&value)?),))),
                }
            }
        }
    )*};
}

integer_argument! {
    /// A time in microseconds.
    Time raises "TimeOutOfRange":
        "time {} is out of range: it must be from 0 to 9007199254740991 (below 2^53) microseconds";
    /// A token.
    TokenArg raises "UnknownToken": "unknown token {}: it was never given out";
    /// A worker.
    WorkerArg raises "UnknownWorker": "unknown worker {}: it never existed";
    /// A waiter.
    WaiterArg raises "UnknownWaiter": "unknown waiter {}: it never existed";
    /// A ticket.
    TicketArg raises "UnknownTicket": "unknown ticket {}: it was never given out";
}

/// An integer's text; one that is absurdly long is cut.
fn shortened(value: &Bound<'_, PyAny>) -> PyResult<String> {
    // `int()` first: a subclass or numpy integer may print in any way it likes. A number of more than 4,300
    // digits has no text by default.
    let bits: u64 = value.call_method0("__index__")?.call_method0("bit_length")?.extract()?;
    if bits > 256 {
        return Ok(format!("of {bits} bits"));
    }
    Ok(value.call_method0("__index__")?.str()?.to_str()?.to_owned())
}

/// A count for a setter. What doesn't fit is held at the nearest end, which every setter refuses.
pub(crate) struct Count {
    pub(crate) value: u32,
    /// The text of a number that doesn't fit, for the message.
    pub(crate) misfit: Option<String>,
}

impl<'a, 'py> FromPyObject<'a, 'py> for Count {
    type Error = PyErr;

    fn extract(value: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        if let Some(Ok(number)) = integer(&value)?.map(u32::try_from) {
            return Ok(Self { value: number, misfit: None });
        }
        let negative = value.lt(0)?;
        Ok(Self { value: if negative { 0 } else { u32::MAX }, misfit: Some(shortened(&value)?) })
    }
}

/// A domain or pool: its name or its handle.
pub(crate) enum NameOrHandle<'py> {
    Name(Bound<'py, PyString>),
    Handle(u32),
    /// A handle that fits no id: its text.
    Misfit(String),
}

impl<'a, 'py> FromPyObject<'a, 'py> for NameOrHandle<'py> {
    type Error = PyErr;

    fn extract(value: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        if let Ok(name) = value.cast::<PyString>() {
            return Ok(Self::Name(name.to_owned()));
        }
        match integer(&value) {
            Ok(number) => Ok(match number.map(u32::try_from) {
                Some(Ok(handle)) => Self::Handle(handle),
                _ => Self::Misfit(shortened(&value)?),
            }),
            Err(_) => Err(PyTypeError::new_err(format!(
                "must be a name (str) or a handle (int), not {}",
                value.get_type().name()?
            ))),
        }
    }
}

/// A key: bytes, or the UTF-8 bytes of a string.
pub(crate) enum Key<'py> {
    Text(Bound<'py, PyString>),
    Bytes(Bound<'py, PyBytes>),
}

impl Key<'_> {
    pub(crate) fn as_bytes(&self) -> PyResult<&[u8]> {
        match self {
            Self::Text(text) => Ok(text.to_str()?.as_bytes()),
            Self::Bytes(bytes) => Ok(bytes.as_bytes()),
        }
    }
}

impl<'a, 'py> FromPyObject<'a, 'py> for Key<'py> {
    type Error = PyErr;

    fn extract(value: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        if let Ok(text) = value.cast::<PyString>() {
            Ok(Self::Text(text.to_owned()))
        } else if let Ok(bytes) = value.cast::<PyBytes>() {
            Ok(Self::Bytes(bytes.to_owned()))
        } else {
            Err(PyTypeError::new_err(format!("must be str or bytes, not {}", value.get_type().name()?)))
        }
    }
}

/// A class by its name.
pub(crate) struct ClassArg(pub(crate) Class);

impl<'a, 'py> FromPyObject<'a, 'py> for ClassArg {
    type Error = PyErr;

    fn extract(value: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        let Ok(text) = value.cast::<PyString>() else {
            return Err(PyTypeError::new_err(format!(
                "must be \"critical\", \"normal\", \"sheddable\" or None, not {}",
                value.get_type().name()?
            )));
        };
        match text.to_str()? {
            "critical" => Ok(Self(Class::Critical)),
            "normal" => Ok(Self(Class::Normal)),
            "sheddable" => Ok(Self(Class::Sheddable)),
            other => Err(PyValueError::new_err(format!(
                "unknown class `{other}`: it must be `critical`, `normal` or `sheddable`"
            ))),
        }
    }
}

/// How a request ended.
pub(crate) fn outcome(failed: bool) -> Outcome {
    if failed { Outcome::Failed } else { Outcome::Ok }
}
