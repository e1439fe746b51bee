//! The Python face of Heijunka, as the private module `heijunka._heijunka`; `python/heijunka` is what a user
//! imports.
//!
//! Everything here is thin: convert, lock, call, convert. No decision is made here, and no Python code runs
//! while an engine's lock is held.
#![allow(clippy::needless_pass_by_value)] // arguments are Python's to hand over

mod answers;
mod args;
mod config;
mod costs;
mod engine;
mod errors;
mod journal;
mod names;
mod pacing;
mod prepared;
mod replay;
mod simulate;
mod words;

use heijunka_core::whatif::generate::Profile;
use pyo3::prelude::*;
use pyo3::types::PyTuple;

/// The native part of `heijunka`.
#[pymodule(name = "_heijunka")]
mod module {
    use super::{Bound, Profile, PyModule, PyModuleMethods, PyResult, PyTuple};

    #[pymodule_export]
    use crate::answers::{
        Admission, Checkin, Checkout, Completion, Dispatch, Effect, Offer, Rebalance, Release, Route, Scaling,
    };
    #[pymodule_export]
    use crate::engine::Engine;
    #[pymodule_export]
    use crate::journal::{journal_records, journal_replay, journal_trace, journal_verify};
    #[pymodule_export]
    use crate::pacing::{Pacer, sequence};
    #[pymodule_export]
    use crate::prepared::{Prepared, Trace, prepare};
    #[pymodule_export]
    use crate::replay::{Replay, demo_trace};
    #[pymodule_export]
    use crate::simulate::simulate;

    #[pymodule_export]
    use crate::config::resolve_config;
    #[pymodule_export]
    use crate::costs::{baseline_cost_per_year, surge_cost_per_year};

    #[allow(non_upper_case_globals)] // Python's name
    #[pymodule_export]
    const __version__: &str = env!("CARGO_PKG_VERSION");
    #[pymodule_export]
    const PRESET_NAMES: (&str, &str) = {
        let [classic, adaptive] = heijunka_core::config::PRESET_NAMES;
        (classic, adaptive)
    };

    /// What depends on how many there are.
    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        let profiles = Profile::ALL.iter().map(|profile| profile.as_str());
        module.add("PROFILE_NAMES", PyTuple::new(module.py(), profiles)?)
    }
}
