//! What stands around every entry: panics are caught, and what went wrong is kept for `heijunka_last_error`.

use std::any::Any;
use std::borrow::Cow;
use std::cell::RefCell;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use heijunka_core::{AffinityError, ConfigError, Error};

use crate::status;

/// Why a call failed. Made into text when somebody asks.
#[derive(Debug, Clone)]
pub(crate) enum Failure {
    /// An error of the core.
    Core(Error),
    /// Any other, with its status.
    Text(i32, Cow<'static, str>),
}

impl Failure {
    pub(crate) fn null(parameter: &'static str) -> Self {
        Self::Text(status::HEIJUNKA_ERROR_NULL_POINTER, format!("`{parameter}` is NULL").into())
    }

    pub(crate) fn argument(text: String) -> Self {
        Self::Text(status::HEIJUNKA_ERROR_INVALID_ARGUMENT, text.into())
    }

    /// There is no domain with this name.
    pub(crate) fn unknown_domain(name: &str) -> Self {
        Self::unknown(status::HEIJUNKA_ERROR_UNKNOWN_DOMAIN, "domain", name)
    }

    /// There is no pool with this name.
    pub(crate) fn unknown_pool(name: &str) -> Self {
        Self::unknown(status::HEIJUNKA_ERROR_UNKNOWN_POOL, "pool", name)
    }

    fn unknown(code: i32, what: &str, name: &str) -> Self {
        Self::Text(code, format!("unknown {what} `{}`", name.escape_debug()).into())
    }

    /// The lock is poisoned: a panic has left the state behind it unknown.
    pub(crate) fn poisoned() -> Self {
        let text = "an internal error in an earlier call has left this handle in an unknown state; free it";
        Self::Text(status::HEIJUNKA_ERROR_POISONED, text.into())
    }

    /// What must not happen.
    pub(crate) fn internal(error: &dyn fmt::Display) -> Self {
        Self::Text(status::HEIJUNKA_ERROR_PANIC, format!("internal error: {error}").into())
    }

    fn panic(payload: &(dyn Any + Send)) -> Self {
        let text = payload
            .downcast_ref::<&str>()
            .copied()
            .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
            .unwrap_or("unknown");
        Self::internal(&text)
    }

    pub(crate) fn code(&self) -> i32 {
        match self {
            Self::Core(error) => error.code(),
            Self::Text(code, _) => *code,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Core(error) => error.fmt(f),
            Self::Text(_, text) => f.write_str(text),
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Core(error)
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::Text(error.code(), error.to_string().into())
    }
}

impl From<AffinityError> for Failure {
    fn from(error: AffinityError) -> Self {
        Self::Text(error.code(), error.to_string().into())
    }
}

thread_local! {
    static LAST: RefCell<Option<Failure>> = const { RefCell::new(None) };
}

/// Runs the body of an entry. Answers its status; what went wrong is kept as this thread's last error.
pub(crate) fn enter(call: impl FnOnce() -> Result<i32, Failure>) -> i32 {
    match quietly(call) {
        Ok(status) => status,
        Err(failure) => {
            let code = failure.code();
            // A thread that is ending may have no room for it any more.
            let _ = LAST.try_with(|last| last.replace(Some(failure)));
            code
        }
    }
}

/// As [`enter`], but leaves the last error as it is.
pub(crate) fn quietly(call: impl FnOnce() -> Result<i32, Failure>) -> Result<i32, Failure> {
    // A panic while a handle is locked poisons its lock, so nothing broken is seen by a later call.
    catch_unwind(AssertUnwindSafe(call)).unwrap_or_else(|payload| Err(Failure::panic(&*payload)))
}

/// The text of this thread's last error; empty before the first.
pub(crate) fn last_error() -> String {
    let text = LAST.try_with(|last| last.borrow().as_ref().map(ToString::to_string));
    text.ok().flatten().unwrap_or_default()
}
