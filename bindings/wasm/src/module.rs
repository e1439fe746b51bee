//! What needs no engine: configurations, costs.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use heijunka_core::{Draft, Value, burst};
use wasm_bindgen::prelude::wasm_bindgen;

use crate::args;
use crate::failure::Failure;
use heijunka_core::json;

/// The full configuration that a configuration, a preset's name and `path=value` settings stand for.
#[wasm_bindgen]
#[allow(clippy::needless_pass_by_value)] // wasm-bindgen hands these over
pub fn resolve_config(config: &str, preset: Option<String>, set: Vec<String>) -> Result<String, Failure> {
    let mut draft = Draft::new(Value::from_json(config)?);
    if let Some(preset) = preset {
        draft.set("preset", preset.as_str().into())?;
    }
    for setting in &set {
        let (path, value) = Draft::parse_set(setting)?;
        draft.set(&path, value)?;
    }
    Ok(json(&draft.build()?))
}

/// A year's bill of surges, in money.
#[wasm_bindgen]
pub fn surge_cost_per_year(surges_per_day: f64, cost_per_surge: f64) -> Result<f64, Failure> {
    let surges_per_day = amount("surgesPerDay", surges_per_day)?;
    Ok(burst::surge_cost_per_year(surges_per_day, amount("costPerSurge", cost_per_surge)?))
}

/// A year's bill of permanent workers, in money.
#[wasm_bindgen]
pub fn baseline_cost_per_year(workers: f64, price_per_hour: f64) -> Result<f64, Failure> {
    let most = u32::MAX;
    let workers = args::count(workers)
        .map_err(|_| out_of_range("workers", workers, &format!("a whole number from 0 to {most}")))?;
    Ok(burst::baseline_cost_per_year(workers, amount("pricePerHour", price_per_hour)?))
}

fn amount(subject: &str, number: f64) -> Result<f64, Failure> {
    if (0.0..=1e12).contains(&number) {
        return Ok(number);
    }
    Err(out_of_range(subject, number, "a number from 0 to 1e12"))
}

fn out_of_range(subject: &str, number: f64, range: &str) -> Failure {
    let shown = args::shown(number);
    let message = format!("`{subject}` = {shown} is out of range: it must be {range}");
    Failure::new(-9, "out_of_range", message)
}
