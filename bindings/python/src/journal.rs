//! Reading journals, as Python functions; `heijunka.journal` has them under shorter names.

use heijunka_core::{Config, journal};
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::PyBytes;

use crate::{config, errors};

/// Replays a journal with its own configuration and compares each answer, and each effect that was drained. Other threads
/// run meanwhile. Raises `InvalidJournal`.
#[pyfunction]
pub(crate) fn journal_verify(py: Python<'_>, journal: PyBackedBytes) -> PyResult<Bound<'_, PyAny>> {
    let found = py.detach(|| journal::verify(&journal)).map_err(|error| errors::from_core(py, error))?;
    config::to_python(py, &found)
}

/// Replays a journal with its own configuration and with another one side by side, and tells what is decided otherwise.
/// Other threads run meanwhile. Raises `InvalidJournal` or `ConfigError`.
#[pyfunction]
#[pyo3(signature = (journal, config=None, *, limit=20))]
pub(crate) fn journal_replay<'py>(
    py: Python<'py>,
    journal: PyBackedBytes,
    config: Option<&Bound<'py, PyAny>>,
    limit: u32,
) -> PyResult<Bound<'py, PyAny>> {
    let value = config::value_of(config)?;
    let config = Config::from_value(&value).map_err(|error| config::from_core(py, &error))?;
    let found = py
        .detach(|| journal::replay(&journal, &config, limit))
        .map_err(|error| errors::from_core(py, error))?;
    config::to_python(py, &found)
}

/// The requests that a journal tells of, as a trace in CSV. Other threads run meanwhile. Raises `InvalidJournal`.
#[pyfunction]
pub(crate) fn journal_trace(py: Python<'_>, journal: PyBackedBytes) -> PyResult<Bound<'_, PyBytes>> {
    let found = py.detach(|| journal::trace(&journal)).map_err(|error| errors::from_core(py, error))?;
    Ok(PyBytes::new(py, &found))
}

/// A journal's extent, and `count` of its records from number `first` on. Raises `InvalidJournal`.
#[pyfunction]
#[pyo3(signature = (journal, first=1, count=20))]
pub(crate) fn journal_records(
    py: Python<'_>,
    journal: PyBackedBytes,
    first: u64,
    count: u64,
) -> PyResult<Bound<'_, PyAny>> {
    let found = py
        .detach(|| journal::records(&journal, first, count))
        .map_err(|error| errors::from_core(py, error))?;
    config::to_python(py, &found)
}
