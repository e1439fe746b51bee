//! What a configuration gives, and what it refuses.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::*;

mod adaptive;
mod defaults;
mod drafts;
mod problems;
mod properties;

/// The configuration of a JSON text that has no problems.
fn config(json: &str) -> Config {
    match Config::from_json(json) {
        Ok(config) => config,
        Err(error) => panic!("{json}\n{error}"),
    }
}

/// The problems of a JSON text, one per line.
fn problems(json: &str) -> Vec<String> {
    match Config::from_json(json) {
        Ok(_) => panic!("no problem in {json}"),
        Err(error) => error.problems.iter().map(ToString::to_string).collect(),
    }
}

/// The only problem of a JSON text.
fn problem(json: &str) -> String {
    let problems = problems(json);
    assert_eq!(problems.len(), 1, "{problems:?}");
    problems[0].clone()
}

/// min, initial, max and surge maximum of one pool.
fn sizes(name: &str, fields: &str) -> [u32; 4] {
    let config = config(&format!(r#"{{"pools": {{"{name}": {{{fields}}}}}}}"#));
    let pool = &config.pools[0];
    [pool.min_workers, pool.initial_workers, pool.max_workers, pool.surge_max_workers]
}
