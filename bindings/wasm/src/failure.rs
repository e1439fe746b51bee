//! What goes wrong, as JSON for the class of errors in JavaScript.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use heijunka_core::whatif::replay::ReplayError;
use heijunka_core::whatif::trace::TraceError;
use heijunka_core::{AffinityError, ConfigError, Error};
use serde::Serialize;

use heijunka_core::json;

/// An error on its way to JavaScript.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Failure {
    pub(crate) code: i32,
    pub(crate) reason: &'static str,
    pub(crate) message: String,
    /// Of a configuration: each problem's path and message.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    problems: Vec<(String, String)>,
    /// Of a trace: the line, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u64>,
    /// Of a trace: the field.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'static str>,
}

impl Failure {
    pub(crate) fn new(code: i32, reason: &'static str, message: String) -> Self {
        Self { code, reason, message, problems: Vec::new(), line: None, field: None }
    }

    pub(crate) fn core(error: Error, message: String) -> Self {
        Self::new(error.code(), error.name(), message)
    }

    pub(crate) fn json(&self) -> String {
        json(self)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::core(error, error.to_string())
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        let made = Self::new(error.code(), error.name(), error.to_string());
        let problems = error.problems.into_iter().map(|problem| (problem.path, problem.message)).collect();
        Self { problems, ..made }
    }
}

impl From<AffinityError> for Failure {
    fn from(error: AffinityError) -> Self {
        match error {
            AffinityError::Groups(error) => error.into(),
            AffinityError::Time(error) => error.into(),
        }
    }
}

impl From<TraceError> for Failure {
    fn from(error: TraceError) -> Self {
        let made = Self::new(error.code(), error.name(), error.to_string());
        Self {
            line: (error.line > 0).then_some(error.line),
            field: (!error.field.is_empty()).then_some(error.field),
            ..made
        }
    }
}

impl From<ReplayError> for Failure {
    fn from(error: ReplayError) -> Self {
        match error {
            ReplayError::Config(error) => error.into(),
            ReplayError::Trace(error) => error.into(),
            error => Self::new(error.code(), error.name(), error.to_string()),
        }
    }
}

/// So that `?` does in what is exported.
impl From<Failure> for wasm_bindgen::JsValue {
    fn from(failure: Failure) -> Self {
        Self::from_str(&failure.json())
    }
}
