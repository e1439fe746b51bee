//! Arguments: Python integers, names and keys as the core takes them.
//!
//! An integer that no `u64` can hold is the same misuse as one that is merely wrong: it raises the error of its
//! meaning (an unknown token, a time out of range), never `OverflowError`. What isn't an integer at all is a
//! `TypeError`.

use std::fmt::Display;

use heijunka_core::config::Class;
use heijunka_core::time::TIME_LIMIT_US;
use heijunka_core::{Outcome, WorkerId};
use pyo3::exceptions::{PyOverflowError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyBytes, PyString};

use crate::errors::raise;

/// The error for what isn't of the type that `subject` takes.
#[cold]
pub(crate) fn wrong_type(value: &Bound<'_, PyAny>, subject: &str, expected: &str) -> PyErr {
    let found = if value.is_none() {
        Ok("None".to_owned())
    } else {
        value.get_type().name().map(|name| name.to_string())
    };
    match found {
        Ok(found) => PyTypeError::new_err(format!("{subject} must be {expected}, not {found}")),
        Err(error) => error,
    }
}

/// The text of `subject` as UTF-8. What has none (a lone surrogate) is a `UnicodeEncodeError` that names `subject`.
pub(crate) fn text_of<'a>(text: &'a Bound<'_, PyString>, subject: &str) -> PyResult<&'a str> {
    text.to_str().inspect_err(|error| {
        let reason = format!("surrogates not allowed, in {subject}");
        // The exception keeps its type; only the reason says more.
        drop(error.value(text.py()).setattr("reason", reason));
    })
}

/// A string, which is all that `subject` takes.
pub(crate) fn string_of(value: &Bound<'_, PyAny>, subject: &str) -> PyResult<String> {
    match value.cast::<PyString>() {
        Ok(text) => text_of(text, subject).map(str::to_owned),
        Err(_) => Err(wrong_type(value, subject, "a str")),
    }
}

/// The `path=value` texts of the argument `set`: a list or any other iterable, but not text by itself.
pub(crate) fn settings_of(set: &Bound<'_, PyAny>) -> PyResult<Vec<String>> {
    let no_list = || wrong_type(set, "`set`", "a list of `path=value` texts");
    if set.is_instance_of::<PyString>() || set.is_instance_of::<PyBytes>() {
        return Err(no_list());
    }
    let items = set
        .try_iter()
        .map_err(|error| if error.is_instance_of::<PyTypeError>(set.py()) { no_list() } else { error })?;
    items.enumerate().map(|(index, item)| string_of(&item?, &format!("`set[{index}]`"))).collect()
}

/// `Ok(None)`: an integer, but none that fits.
fn integer(value: &Bound<'_, PyAny>, subject: &str) -> PyResult<Option<u64>> {
    // True and False are numbers to Python; here they are a slip.
    if value.is_instance_of::<PyBool>() {
        return Err(wrong_type(value, subject, "an integer"));
    }
    match value.extract::<u64>() {
        Ok(number) => Ok(Some(number)),
        Err(error) if error.is_instance_of::<PyOverflowError>(value.py()) => Ok(None),
        // Before Python 3.13 a negative number is an `OverflowError` too; be sure of it whatever the version.
        Err(error) => match value.extract::<i64>() {
            Ok(_) => Ok(None),
            Err(_) if error.is_instance_of::<PyTypeError>(value.py()) => {
                Err(wrong_type(value, subject, "an integer"))
            }
            Err(_) => Err(error),
        },
    }
}

/// The message for a time that is out of range.
pub(crate) fn time_out_of_range(subject: &str, time_us: impl Display) -> String {
    let most = TIME_LIMIT_US - 1;
    format!("{subject} = {time_us} is out of range: it must be from 0 to {most} (below 2^53) microseconds")
}

/// The message for a count that no `u32` can hold.
pub(crate) fn out_of_range(subject: &str, count: impl Display) -> String {
    format!("{subject} = {count} is out of range: it must be from 0 to {}", u32::MAX)
}

/// Declares an argument that is an integer with a meaning. Whatever a `u64` holds is for the core to judge.
macro_rules! integer_argument {
    ($($(#[$doc:meta])* $name:ident: $subject:literal, else $class:literal: $message:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy)]
        pub(crate) struct $name(pub(crate) u64);

        impl $name {
            fn of(value: &Bound<'_, PyAny>, subject: &str) -> PyResult<Self> {
                match integer(value, subject)? {
                    Some(number) => Ok(Self(number)),
                    None => {
                        let message: fn(&str, String) -> String = $message;
                        Err(raise(value.py(), $class, (message(subject, shortened(value)?),)))
                    }
                }
            }
        }

        impl<'a, 'py> FromPyObject<'a, 'py> for $name {
            type Error = PyErr;

            fn extract(value: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
                Self::of(&value, $subject)
            }
        }
    )*};
}

integer_argument! {
    /// The time of a call, in microseconds.
    Now: "`now_us`", else "TimeOutOfRange": time_out_of_range;
    /// The time until which a request waits, in microseconds.
    Until: "`wait_until`", else "TimeOutOfRange": time_out_of_range;
    /// How long a worker takes to start, in microseconds.
    StartDelay: "`workers_start_delay_us`", else "TimeOutOfRange": time_out_of_range;
    /// How long a request waits, in microseconds.
    Wait: "`wait_us`", else "TimeOutOfRange": time_out_of_range;
    /// The service time of requests that have none, in microseconds.
    DefaultService: "`default_service_us`", else "TimeOutOfRange": time_out_of_range;
    /// The places in the waiting line of pools that don't say how many.
    MaxWaiting: "`max_waiting`", else "OutOfRange":
        out_of_range;
    /// What a random sequence is made from.
    Seed: "`seed`", else "OutOfRange":
        |subject, seed| format!("{subject} = {seed} is out of range: it must be from 0 to {}", u64::MAX);
    /// An item of a pacer.
    Item: "`item`", else "OutOfRange":
        |subject, item| format!("{subject} = {item} is out of range: it must be from 0 to {}", TIME_LIMIT_US - 1);
    /// A takt's dividend.
    AvailableUs: "`available_us`", else "OutOfRange":
        |subject, us| format!("{subject} = {us} is out of range: it must be from 1 to {}", TIME_LIMIT_US - 1);
    /// A takt's divisor.
    Demand: "`demand`", else "OutOfRange":
        |subject, demand| format!("{subject} = {demand} is out of range: it must be from 1 to {}", TIME_LIMIT_US - 1);
    /// A token.
    TokenArg: "`token`", else "UnknownToken": |_, id| format!("unknown token {id}: it was never given out");
    /// A worker.
    WorkerArg: "`worker`", else "UnknownWorker": |_, id| format!("unknown worker {id}: it never existed");
    /// A waiter.
    WaiterArg: "`waiter`", else "UnknownWaiter": |_, id| format!("unknown waiter {id}: it never existed");
    /// A ticket.
    TicketArg: "`ticket`", else "UnknownTicket": |_, id| format!("unknown ticket {id}: it was never given out");
}

/// The ids of workers that the argument `name` lists.
pub(crate) fn workers_of(workers: &Bound<'_, PyAny>, name: &str) -> PyResult<Vec<WorkerId>> {
    let no_list = || wrong_type(workers, &format!("`{name}`"), "an iterable of worker ids");
    // Text and bytes are iterables too, of what nobody means.
    if workers.is_instance_of::<PyString>() || workers.is_instance_of::<PyBytes>() {
        return Err(no_list());
    }
    let items = workers
        .try_iter()
        .map_err(|error| if error.is_instance_of::<PyTypeError>(workers.py()) { no_list() } else { error })?;
    items
        .enumerate()
        .map(|(index, item)| Ok(WorkerId::from_raw(WorkerArg::of(&item?, &format!("`{name}[{index}]`"))?.0)))
        .collect()
}

/// The counts that the argument `name` lists.
pub(crate) fn counts_of(counts: &Bound<'_, PyAny>, name: &str) -> PyResult<Vec<u32>> {
    let no_list = || wrong_type(counts, &format!("`{name}`"), "an iterable of integers");
    if counts.is_instance_of::<PyString>() || counts.is_instance_of::<PyBytes>() {
        return Err(no_list());
    }
    let items = counts
        .try_iter()
        .map_err(|error| if error.is_instance_of::<PyTypeError>(counts.py()) { no_list() } else { error })?;
    items
        .enumerate()
        .map(|(index, item)| {
            let subject = format!("{name}[{index}]");
            Count::of(&item?, &format!("`{subject}`"))?.get(counts.py(), &subject)
        })
        .collect()
}

/// An integer's text; one that is absurdly long is cut.
fn shortened(value: &Bound<'_, PyAny>) -> PyResult<String> {
    // `int()` first: a subclass or numpy integer may print in any way it likes. A number of more than 4,300
    // digits has no text by default.
    let bits: u64 = value.call_method0("__index__")?.call_method0("bit_length")?.extract()?;
    if bits > 256 {
        return Ok(format!("an integer of {bits} bits"));
    }
    Ok(value.call_method0("__index__")?.str()?.to_str()?.to_owned())
}

/// A count for a setter. What doesn't fit is held at the nearest end, which every setter refuses.
pub(crate) struct Count {
    pub(crate) value: u32,
    /// The text of a number that doesn't fit, for the message.
    pub(crate) misfit: Option<String>,
}

impl Count {
    fn of(value: &Bound<'_, PyAny>, subject: &str) -> PyResult<Self> {
        if let Some(Ok(number)) = integer(value, subject)?.map(u32::try_from) {
            return Ok(Self { value: number, misfit: None });
        }
        let negative = value.lt(0)?;
        Ok(Self { value: if negative { 0 } else { u32::MAX }, misfit: Some(shortened(value)?) })
    }

    /// The count; what doesn't fit is out of range.
    pub(crate) fn get(&self, py: Python<'_>, subject: &str) -> PyResult<u32> {
        match &self.misfit {
            None => Ok(self.value),
            Some(number) => Err(raise(py, "OutOfRange", (out_of_range(&format!("`{subject}`"), number),))),
        }
    }
}

/// A domain or pool: its name or its handle.
pub(crate) enum NameOrHandle<'py> {
    Name(Bound<'py, PyString>),
    Handle(u32),
    /// A handle that fits no id: its text.
    Misfit(String),
}

impl<'py> NameOrHandle<'py> {
    fn of(value: &Bound<'py, PyAny>, subject: &str) -> PyResult<Self> {
        const EXPECTED: &str = "a name (str) or a handle (int)";
        if let Ok(name) = value.cast::<PyString>() {
            return Ok(Self::Name(name.clone()));
        }
        if value.is_instance_of::<PyBool>() {
            return Err(wrong_type(value, subject, EXPECTED));
        }
        match integer(value, subject) {
            Ok(number) => Ok(match number.map(u32::try_from) {
                Some(Ok(handle)) => Self::Handle(handle),
                _ => Self::Misfit(shortened(value)?),
            }),
            Err(error) if error.is_instance_of::<PyTypeError>(value.py()) => {
                Err(wrong_type(value, subject, EXPECTED))
            }
            Err(error) => Err(error),
        }
    }
}

/// Declares an argument that another type reads, for the sake of its name in messages.
macro_rules! named_argument {
    ($($(#[$doc:meta])* $name:ident$(<$life:lifetime>)?: $subject:literal as $ty:ty;)*) => {$(
        $(#[$doc])*
        pub(crate) struct $name$(<$life>)?(pub(crate) $ty);

        impl<'a, 'py> FromPyObject<'a, 'py> for $name$(<$life>)? {
            type Error = PyErr;

            fn extract(value: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
                <$ty>::of(&value, $subject).map(Self)
            }
        }
    )*};
}

named_argument! {
    /// A domain by its name or handle.
    DomainArg<'py>: "`domain`" as NameOrHandle<'py>;
    /// A pool by its name or handle.
    PoolArg<'py>: "`pool`" as NameOrHandle<'py>;
    /// A limit to set.
    SoftLimit: "`soft_limit`" as Count;
    /// A limit to set.
    HardLimit: "`hard_limit`" as Count;
    /// A number of workers.
    Workers: "`workers`" as Count;
    /// A domain's weight.
    Weight: "`weight`" as Count;
    /// How many items are released at most.
    MaxItems: "`max_items`" as Count;
}

/// Declares an argument that is true or false.
macro_rules! flag_argument {
    ($($(#[$doc:meta])* $name:ident: $subject:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy)]
        pub(crate) struct $name(pub(crate) bool);

        impl<'a, 'py> FromPyObject<'a, 'py> for $name {
            type Error = PyErr;

            fn extract(value: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
                value.extract().map(Self).map_err(|_: PyErr| wrong_type(&value, $subject, "True or False"))
            }
        }
    )*};
}

flag_argument! {
    /// Whether the request failed.
    Failed: "`failed`";
    /// Whether to open or to close.
    Open: "`open`";
    /// Whether it is off-peak.
    OffPeak: "`off_peak`";
    /// Whether bad lines are left out.
    SkipBad: "`skip_bad`";
}

impl Failed {
    /// How the request ended.
    pub(crate) fn outcome(self) -> Outcome {
        if self.0 { Outcome::Failed } else { Outcome::Ok }
    }
}

/// A name to look up.
pub(crate) struct NameArg<'py>(pub(crate) Bound<'py, PyString>);

impl<'a, 'py> FromPyObject<'a, 'py> for NameArg<'py> {
    type Error = PyErr;

    fn extract(value: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        match value.cast::<PyString>() {
            Ok(name) => Ok(Self(name.to_owned())),
            Err(_) => Err(wrong_type(&value, "`name`", "a str")),
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
            Self::Text(text) => Ok(text_of(text, "`key`")?.as_bytes()),
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
            Err(wrong_type(&value, "`key`", "str or bytes"))
        }
    }
}

/// A class by its name.
pub(crate) struct ClassArg(pub(crate) Class);

impl<'a, 'py> FromPyObject<'a, 'py> for ClassArg {
    type Error = PyErr;

    fn extract(value: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        let Ok(text) = value.cast::<PyString>() else {
            return Err(wrong_type(&value, "`cls`", "\"critical\", \"normal\", \"sheddable\" or None"));
        };
        match &*text.to_string_lossy() {
            "critical" => Ok(Self(Class::Critical)),
            "normal" => Ok(Self(Class::Normal)),
            "sheddable" => Ok(Self(Class::Sheddable)),
            other => {
                let shown: String = other.chars().take(60).collect();
                Err(PyValueError::new_err(format!(
                    "unknown class `{}` (`cls`): it must be `critical`, `normal` or `sheddable`",
                    shown.escape_debug()
                )))
            }
        }
    }
}

/// A finite amount of `subject`, 0 or above.
pub(crate) fn amount(value: &Bound<'_, PyAny>, subject: &str) -> PyResult<f64> {
    const MOST: f64 = 1e12;
    let out_of_range = |shown: String| {
        let message = format!("{subject} = {shown} is out of range: it must be a number from 0 to {MOST:e}");
        raise(value.py(), "OutOfRange", (message,))
    };
    if value.is_instance_of::<PyBool>() {
        return Err(wrong_type(value, subject, "a number"));
    }
    match value.extract::<f64>() {
        Ok(number) if (0.0..=MOST).contains(&number) => Ok(number),
        Ok(number) => Err(out_of_range(number.to_string())),
        Err(error) if error.is_instance_of::<PyOverflowError>(value.py()) => {
            Err(out_of_range(shortened(value)?))
        }
        Err(error) if error.is_instance_of::<PyTypeError>(value.py()) => {
            Err(wrong_type(value, subject, "a number"))
        }
        Err(error) => Err(error),
    }
}
