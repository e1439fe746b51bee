//! What a year costs: the projections of the core's burst handler.

use heijunka_core::burst;
use pyo3::prelude::*;

use crate::args::Count;
use crate::errors::raise;

/// A year's bill of surges, in money: two a day at $2.50 are $1,825.
#[pyfunction]
pub(crate) fn surge_cost_per_year(surges_per_day: f64, cost_per_surge: f64) -> f64 {
    burst::surge_cost_per_year(surges_per_day, cost_per_surge)
}

/// A year's bill of permanent workers, in money: one at $1.00 an hour is $8,760.
///
/// Raises `OutOfRange` for a count below 0, or of 2^32 or above.
#[pyfunction]
pub(crate) fn baseline_cost_per_year(py: Python<'_>, workers: Count, price_per_hour: f64) -> PyResult<f64> {
    if let Some(number) = &workers.misfit {
        let message = format!("`workers` = {number} is out of range: it must be from 0 to {}", u32::MAX);
        return Err(raise(py, "OutOfRange", (message,)));
    }
    Ok(burst::baseline_cost_per_year(workers.value, price_per_hour))
}
