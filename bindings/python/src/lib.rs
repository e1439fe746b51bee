//! The Python face of Heijunka, as the private module `heijunka._heijunka`; `python/heijunka` is what a user
//! imports.
//!
//! Everything here is thin: convert, lock, call, convert. No decision is made here, and no Python code runs
//! while an engine's lock is held.

mod answers;
mod args;
mod config;
mod engine;
mod errors;
mod words;

use pyo3::prelude::*;

/// The native part of `heijunka`.
#[pymodule(name = "_heijunka")]
mod module {
    #[pymodule_export]
    use crate::answers::{Admission, Checkin, Checkout, Completion, Dispatch, Effect, Rebalance, Route, Scaling};
    #[pymodule_export]
    use crate::engine::Engine;

    #[pymodule_export]
    use crate::config::resolve_config;

    #[allow(non_upper_case_globals)] // Python's name
    #[pymodule_export]
    const __version__: &str = env!("CARGO_PKG_VERSION");
    #[pymodule_export]
    const PRESET_NAMES: [&str; 2] = heijunka_core::config::PRESET_NAMES;
}
