//! Reading journals: the answers are JSON.

use alloc::string::String;
use alloc::vec::Vec;

use heijunka_core::{Config, Value, journal, json};
use wasm_bindgen::prelude::wasm_bindgen;

use crate::failure::Failure;

/// Replays, and compares each answer.
#[wasm_bindgen]
pub fn journal_verify(journal: &[u8]) -> Result<String, Failure> {
    Ok(json(&journal::verify(journal)?))
}

/// Replays under another configuration as well, as JSON.
#[wasm_bindgen]
pub fn journal_replay(journal: &[u8], config: &str, limit: f64) -> Result<String, Failure> {
    let (Ok(held) | Err(held)) = crate::args::count(limit);
    let config = Config::from_value(&Value::from_json(config)?)?;
    Ok(json(&journal::replay(journal, &config, held)?))
}

/// The requests, as a trace.
#[wasm_bindgen]
pub fn journal_trace(journal: &[u8]) -> Result<Vec<u8>, Failure> {
    Ok(journal::trace(journal)?)
}

/// Some records.
#[wasm_bindgen]
pub fn journal_records(journal: &[u8], first: f64, count: f64) -> Result<String, Failure> {
    Ok(json(&journal::records(journal, crate::args::whole(first), crate::args::whole(count))?))
}
