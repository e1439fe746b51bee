//! Errors of the core as the exceptions of `heijunka.errors`.

use heijunka_core::Error;
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyModule;

fn classes(py: Python<'_>) -> PyResult<&Bound<'_, PyModule>> {
    static MODULE: PyOnceLock<Py<PyModule>> = PyOnceLock::new();
    MODULE
        .get_or_try_init(py, || py.import("heijunka.errors").map(Bound::unbind))
        .map(|module| module.bind(py))
}

/// The exception `class` of `heijunka.errors`, made from `arguments`.
pub(crate) fn raise<'py, A>(py: Python<'py>, class: &str, arguments: A) -> PyErr
where
    A: pyo3::call::PyCallArgs<'py>,
{
    let made = classes(py).and_then(|module| module.getattr(class)).and_then(|class| class.call1(arguments));
    match made {
        Ok(exception) => PyErr::from_value(exception),
        Err(failure) => failure,
    }
}

/// The name of the exception class for an error of the core.
fn class_of(error: Error) -> &'static str {
    match error {
        Error::TimeOutOfRange { .. } => "TimeOutOfRange",
        Error::UnknownDomain { .. } => "UnknownDomain",
        Error::UnknownPool { .. } => "UnknownPool",
        Error::UnknownToken { .. } => "UnknownToken",
        Error::UnknownWorker { .. } => "UnknownWorker",
        Error::UnknownWaiter { .. } => "UnknownWaiter",
        Error::UnknownTicket { .. } => "UnknownTicket",
        Error::KeyTooLong { .. } => "KeyTooLong",
        Error::OutOfRange { .. } => "OutOfRange",
        Error::InvalidSnapshot(_) => "InvalidSnapshot",
        Error::InvalidJournal { .. } => "InvalidJournal",
        _ => "HeijunkaError",
    }
}

/// The exception for an error of the core.
#[cold]
pub(crate) fn from_core(py: Python<'_>, error: Error) -> PyErr {
    raise(py, class_of(error), (error.to_string(),))
}

/// The exception for the time `subject`, which is out of range.
#[cold]
pub(crate) fn time_out_of_range(py: Python<'_>, subject: &str, time_us: u64) -> PyErr {
    raise(py, "TimeOutOfRange", (crate::args::time_out_of_range(subject, time_us),))
}

/// The exception for a lock that a panic has poisoned: the state behind it can't be trusted any more.
#[cold]
pub(crate) fn poisoned() -> PyErr {
    PyRuntimeError::new_err("an internal error has left this object in an unknown state; make a new one")
}
