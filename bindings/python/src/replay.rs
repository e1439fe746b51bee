//! Replaying a trace in simulated time.

use pyo3::exceptions::PyNotImplementedError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::args::Time;
use crate::config;

/// Levels a recorded trace in simulated time: `feed` its bytes, `finish`.
#[pyclass(frozen, module = "heijunka")]
pub(crate) struct Replay {}

#[pymethods]
impl Replay {
    #[new]
    #[pyo3(signature = (config=None, *, preset=None, set=Vec::new(), pools="own", format="auto", skip_bad=false, workers_start_delay_us=Time(0), speed_up=1.0, wait_us=None, default_service_us=None))]
    fn new(py: Python<'_>, config: Option<&Bound<'_, PyAny>>, preset: Option<&str>, set: Vec<String>, pools: &str, format: &str, skip_bad: bool, workers_start_delay_us: Time, speed_up: f64, wait_us: Option<Time>, default_service_us: Option<Time>) -> PyResult<Self> {
        let _ = config::draft(config, preset, &set, py)?;
        Ok(Self {})
    }
    /// x
    #[getter]
    fn rows(&self) -> u64 { 0 }
    /// x
    fn feed(&self, data: &Bound<'_, PyBytes>) -> PyResult<()> { Ok(()) }
    /// x
    fn finish(&self) -> PyResult<()> { Err(PyNotImplementedError::new_err("soon")) }
}

/// x
#[pyfunction]
#[pyo3(signature = (seed=1))]
pub(crate) fn demo_trace(py: Python<'_>, seed: u64) -> Bound<'_, PyBytes> { PyBytes::new(py, b"") }
