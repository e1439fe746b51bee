//! Configuration: one model, read from JSON, TOML or any other value, all problems reported at once.
//!
//! - [`Config::from_json`], [`Config::from_toml`] and [`Config::from_value`] read and check; `Config::default()` is
//!   what an empty configuration gives.
//! - An unset field takes its preset's default (`preset = "classic"` or `"adaptive"`), clamped into what is set:
//!   `max_workers = 3` alone starts with 3 workers. What is *set* inconsistently is a problem that names both.
//! - A [`ConfigError`] lists everything that is wrong, each with its path; an unknown name comes with the nearest
//!   known one.
//! - A [`Draft`] changes a configuration before its defaults are clamped, for tools that vary it.
//! - [`schema`] is the one table of all fields, their ranges and defaults.

mod affinity;
mod alerts;
mod build;
mod draft;
mod error;
mod field;
mod hint;
mod json_text;
mod model;
mod read;
mod resolve;
pub mod schema;
#[cfg(test)]
mod tests;
mod text;
#[cfg(feature = "toml")]
mod toml_text;
mod value;

use alloc::boxed::Box;

use once_cell::race::OnceBox;

pub use affinity::{affinity_groups_from_value, validate_affinity_groups};
pub use alerts::{
    ALERT_OPTIONS, AlertMetric, AlertOptions, AlertRule, Comparison, MAX_ALERT_INSTANCES, Severity,
};
pub use draft::Draft;
pub use error::{ConfigError, Problem};
pub(crate) use hint::did_you_mean;
pub(crate) use hint::nearest;
pub use hint::unknown_name;
pub use model::*;
pub(crate) use resolve::DEFAULT_DOMAIN;
pub use schema::PRESET_NAMES;
pub(crate) use text::found;
pub use text::join;
pub(crate) use text::quoted;
pub use value::{MAX_DEPTH, Value};

impl Config {
    /// Checks a value and fills in the defaults. Null is the empty configuration, and a null field is an unset one.
    ///
    /// Fails with everything that is wrong, not only the first: unknown and doubled fields, wrong types, values
    /// out of range, fields that contradict each other, pools that don't exist.
    /// Costs O(n log n) in names, and as many pool names as `domains` lists, unset `spill` included.
    pub fn from_value(value: &Value) -> Result<Self, ConfigError> {
        let (config, problems) = resolve::resolve(value, None);
        ConfigError::check(problems).map(|()| config)
    }

    /// The preset of this name (one of [`PRESET_NAMES`]): `classic`, the defaults, or `adaptive`. Made once.
    pub fn preset(name: &str) -> Option<&'static Self> {
        static CLASSIC: OnceBox<Config> = OnceBox::new();
        static ADAPTIVE: OnceBox<Config> = OnceBox::new();
        let (name, preset) = match name {
            "classic" => ("classic", &CLASSIC),
            "adaptive" => ("adaptive", &ADAPTIVE),
            _ => return None,
        };
        Some(preset.get_or_init(|| {
            let value = Value::Map(alloc::vec![("preset".into(), name.into())]);
            // Without problems, as a test makes sure.
            Box::new(resolve::resolve(&value, None).0)
        }))
    }
}

impl Default for Config {
    /// What an empty configuration gives: the preset `classic`.
    fn default() -> Self {
        // Without problems, as a test makes sure.
        resolve::resolve(&Value::Null, None).0
    }
}
