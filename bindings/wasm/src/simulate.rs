//! What-if: a workload simulated on a configuration.

use heijunka_core::{Value, whatif};
use wasm_bindgen::prelude::wasm_bindgen;

use crate::failure::Failure;
use crate::module::json;

/// Simulates a workload (JSON or TOML) on a configuration, and answers the outcome as JSON.
#[wasm_bindgen]
pub fn simulate(config: &str, workload: &str, seed: u64) -> Result<String, Failure> {
    let (config, workload) = (Value::from_text(config)?, Value::from_text(workload)?);
    Ok(json(&whatif::simulate(&config, &workload, seed)?))
}
