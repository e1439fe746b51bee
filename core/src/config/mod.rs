//! Configuration: one model, read from JSON or TOML, all problems reported at once.

mod model;

pub use model::*;
