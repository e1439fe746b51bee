//! What a year costs: the projections of the core's burst handler.

use heijunka_core::burst;
use pyo3::prelude::*;

use crate::args::{Workers, amount};
use crate::errors::raise;

/// A year's bill of surges, in money: two a day at $2.50 are $1,825.
///
/// Raises `OutOfRange` for what isn't a number from 0 to 10^12.
#[pyfunction]
pub(crate) fn surge_cost_per_year(
    surges_per_day: &Bound<'_, PyAny>,
    cost_per_surge: &Bound<'_, PyAny>,
) -> PyResult<f64> {
    let surges_per_day = amount(surges_per_day, "`surges_per_day`")?;
    Ok(burst::surge_cost_per_year(surges_per_day, amount(cost_per_surge, "`cost_per_surge`")?))
}

/// A year's bill of permanent workers, in money: one at $1.00 an hour is $8,760.
///
/// Raises `OutOfRange` for a count below 0 or of 2^32 or above, and for a price that isn't a number from 0 to
/// 10^12.
#[pyfunction]
pub(crate) fn baseline_cost_per_year(
    py: Python<'_>,
    workers: Workers,
    price_per_hour: &Bound<'_, PyAny>,
) -> PyResult<f64> {
    let workers = workers.0;
    if let Some(number) = &workers.misfit {
        let message = format!("`workers` = {number} is out of range: it must be from 0 to {}", u32::MAX);
        return Err(raise(py, "OutOfRange", (message,)));
    }
    Ok(burst::baseline_cost_per_year(workers.value, amount(price_per_hour, "`price_per_hour`")?))
}
