//! The answers of an engine, as frozen Python classes.

use std::hash::{DefaultHasher, Hash, Hasher};

use heijunka_core::config::AlertOptions;
use heijunka_core::{EffectKind, Reason};
use pyo3::basic::CompareOp;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyFloat, PyInt, PyString, PyTuple};

use crate::words;

/// The name of a domain or pool, or nothing.
pub(crate) struct Name(pub(crate) Option<Py<PyString>>);

/// One of a fixed set of words, such as the stage of a refusal.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Word(pub(crate) &'static str);

/// What a field of an answer can do.
trait Field {
    fn show<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>>;
    fn same(&self, py: Python<'_>, other: &Self) -> bool;
    fn feed(&self, py: Python<'_>, hasher: &mut DefaultHasher);
}

macro_rules! plain_field {
    ($($ty:ty: |$value:ident, $py:ident| $show:expr;)*) => {$(
        impl Field for $ty {
            fn show<'py>(&self, $py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
                let $value = self;
                Ok($show)
            }

            fn same(&self, _py: Python<'_>, other: &Self) -> bool {
                self == other
            }

            fn feed(&self, _py: Python<'_>, hasher: &mut DefaultHasher) {
                self.hash(hasher);
            }
        }
    )*};
}

plain_field! {
    bool: |value, py| PyBool::new(py, *value).to_owned().into_any();
    u32: |value, py| PyInt::new(py, *value).into_any();
    u64: |value, py| PyInt::new(py, *value).into_any();
    Option<u64>: |value, py| match value {
        Some(value) => PyInt::new(py, *value).into_any(),
        None => py.None().into_bound(py),
    };
    Vec<u64>: |value, py| PyTuple::new(py, value)?.into_any();
    Reason: |value, py| words::reason(py, *value).into_any();
    EffectKind: |value, py| words::kind(py, *value).into_any();
    AlertOptions: |value, py| {
        let words: Vec<_> = value.words().map(|word| PyString::intern(py, word)).collect();
        PyTuple::new(py, words)?.into_any()
    };
    Word: |value, py| PyString::intern(py, value.0).into_any();
}

impl Field for f64 {
    fn show<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        Ok(PyFloat::new(py, *self).into_any())
    }

    #[allow(clippy::float_cmp)] // equality by value is what is asked for
    fn same(&self, _py: Python<'_>, other: &Self) -> bool {
        self == other
    }

    fn feed(&self, _py: Python<'_>, hasher: &mut DefaultHasher) {
        // 0.0 and −0.0 are equal and must hash alike.
        (self + 0.0).to_bits().hash(hasher);
    }
}

impl Field for Option<f64> {
    fn show<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        match self {
            Some(value) => value.show(py),
            None => Ok(py.None().into_bound(py)),
        }
    }

    fn same(&self, py: Python<'_>, other: &Self) -> bool {
        match (self, other) {
            (Some(one), Some(two)) => one.same(py, two),
            (None, None) => true,
            _ => false,
        }
    }

    fn feed(&self, py: Python<'_>, hasher: &mut DefaultHasher) {
        self.is_some().hash(hasher);
        if let Some(value) = self {
            value.feed(py, hasher);
        }
    }
}

impl Field for Name {
    fn show<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        Ok(match &self.0 {
            Some(name) => name.bind(py).clone().into_any(),
            None => py.None().into_bound(py),
        })
    }

    fn same(&self, py: Python<'_>, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Some(one), Some(two)) => one.is(two) || one.bind(py).as_any().eq(two.bind(py)).unwrap_or(false),
            (None, None) => true,
            _ => false,
        }
    }

    fn feed(&self, py: Python<'_>, hasher: &mut DefaultHasher) {
        self.0.as_ref().and_then(|name| name.bind(py).hash().ok()).hash(hasher);
    }
}

/// Declares an answer: a frozen class with a getter for each field, `repr`, equality and hash by value, pattern
/// matching, and (where it says `truth`) a truth value.
macro_rules! answer {
    (
        $(#[$doc:meta])*
        $name:ident {
            $($(#[$field_doc:meta])* $field:ident: $ty:ty,)*
        }
        $(also { $($also:tt)* })?
    ) => {
        $(#[$doc])*
        #[pyclass(frozen, module = "heijunka")]
        pub(crate) struct $name {
            $(pub(crate) $field: $ty,)*
        }

        impl $name {
            fn fields<'py>(&self, py: Python<'py>) -> PyResult<Vec<(&'static str, Bound<'py, PyAny>)>> {
                Ok(vec![$((stringify!($field), Field::show(&self.$field, py)?),)*])
            }
        }

        #[pymethods]
        impl $name {
            $(
                $(#[$field_doc])*
                #[getter]
                fn $field<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
                    Field::show(&self.$field, py)
                }
            )*

            #[classattr]
            fn __match_args__(py: Python<'_>) -> PyResult<Py<PyTuple>> {
                Ok(PyTuple::new(py, [$(stringify!($field),)*])?.unbind())
            }

            fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
                represent(stringify!($name), &self.fields(py)?)
            }

            fn __richcmp__(&self, py: Python<'_>, other: &Bound<'_, PyAny>, op: CompareOp) -> Py<PyAny> {
                let Ok(other) = other.cast::<Self>() else { return py.NotImplemented() };
                let other = other.get();
                let same = $(Field::same(&self.$field, py, &other.$field) &&)* true;
                match op {
                    CompareOp::Eq => PyBool::new(py, same).to_owned().into_any().unbind(),
                    CompareOp::Ne => PyBool::new(py, !same).to_owned().into_any().unbind(),
                    _ => py.NotImplemented(),
                }
            }

            fn __hash__(&self, py: Python<'_>) -> u64 {
                let mut hasher = DefaultHasher::new();
                $(Field::feed(&self.$field, py, &mut hasher);)*
                hasher.finish()
            }

            /// Itself: an answer never changes.
            fn __copy__(slf: PyRef<'_, Self>) -> PyRef<'_, Self> {
                slf
            }

            /// Itself: an answer never changes.
            fn __deepcopy__<'py>(slf: PyRef<'py, Self>, _memo: &Bound<'py, PyAny>) -> PyRef<'py, Self> {
                slf
            }

            $($($also)*)?
        }
    };
}

fn represent(class: &str, fields: &[(&'static str, Bound<'_, PyAny>)]) -> PyResult<String> {
    let mut text = format!("{class}(");
    for (index, (name, value)) in fields.iter().enumerate() {
        if index > 0 {
            text.push_str(", ");
        }
        text.push_str(name);
        text.push('=');
        text.push_str(value.repr()?.to_str()?);
    }
    text.push(')');
    Ok(text)
}

answer! {
    /// The answer to `admit`: a token, or why not. Truthy when admitted.
    Admission {
        /// The token to release; `None` when refused.
        token: Option<u64>,
        /// Whether the load is now above the soft limit.
        warning: bool,
        /// Why: `accepted`, or what refused it.
        reason: Reason,
        /// The limit that decided.
        limit: u32,
        /// The load that decided.
        load: u32,
        /// Refused: in how many microseconds a retry is worth it (never 0); admitted: 0.
        retry_after_us: u64,
    }
    also {
        /// Whether the request was admitted.
        #[getter]
        fn admitted(&self) -> bool {
            self.token.is_some()
        }

        fn __bool__(&self) -> bool {
            self.token.is_some()
        }
    }
}

answer! {
    /// The answer to `route`: a pool, or `no_pools`. Truthy when there is a pool.
    Route {
        /// The pool's name; `None` when every pool the request could go to is closed or empty.
        pool: Name,
        /// Why this pool.
        reason: Reason,
        /// Whether it isn't the key's own pool.
        spilled: bool,
    }
    also {
        fn __bool__(&self) -> bool {
            self.pool.0.is_some()
        }
    }
}

answer! {
    /// The answer to `checkout`: a worker, a place in the line, or why neither. Truthy when a worker was handed
    /// out; look at `waiter` to tell waiting from refused.
    Checkout {
        /// The worker to check in; `None` when there is none (yet).
        worker: Option<u64>,
        /// The place in the waiting line; a `WaiterReady` or `WaiterExpired` effect will carry it.
        waiter: Option<u64>,
        /// Why: `worker_idle`, `overflow`, `waiting`, or what refused it.
        reason: Reason,
        /// Whether the worker is a temporary one beyond the pool's count.
        overflow: bool,
        /// The limit that decided.
        limit: u32,
        /// The load that decided.
        load: u32,
        /// Refused: in how many microseconds a retry is worth it (never 0); else 0.
        retry_after_us: u64,
    }
    also {
        fn __bool__(&self) -> bool {
            self.worker.is_some()
        }
    }
}

answer! {
    /// The answer to `checkin`: what became of the worker.
    Checkin {
        /// `idle`; `served` (a waiter got it, see the `WaiterReady` effect); `left` (it was draining or an
        /// overflow worker); or `lingering` (an overflow worker that stays a while).
        outcome: Word,
    }
}

answer! {
    /// The answer to `dispatch`: a ticket with a worker or a place in the line, or one refusal that names its
    /// stage and left nothing taken. Truthy when not refused; `worker` is `None` while it waits.
    Dispatch {
        /// The ticket to complete; `None` when refused.
        ticket: Option<u64>,
        /// The ticket's token; `complete` releases it.
        token: Option<u64>,
        /// The pool's name; `None` when refused before a pool was chosen.
        pool: Name,
        /// The worker; `complete` checks it in. `None` when refused or waiting.
        worker: Option<u64>,
        /// The place in the waiting line.
        waiter: Option<u64>,
        /// Where `reason` comes from: `admit`, `route` or `checkout`.
        stage: Word,
        /// Why.
        reason: Reason,
        /// Whether the load is now above the soft limit.
        warning: bool,
        /// Whether the pool isn't the key's own.
        spilled: bool,
        /// Whether the worker is a temporary one beyond the pool's count.
        overflow: bool,
        /// The limit that decided.
        limit: u32,
        /// The load that decided.
        load: u32,
        /// Refused: in how many microseconds a retry is worth it (never 0); else 0.
        retry_after_us: u64,
    }
    also {
        /// Whether the request was taken in (it may have to wait).
        #[getter]
        fn dispatched(&self) -> bool {
            self.ticket.is_some()
        }

        fn __bool__(&self) -> bool {
            self.ticket.is_some()
        }
    }
}

answer! {
    /// The answer to `complete`: what the ticket still held.
    Completion {
        /// Whether its token was released now (`False`: it had expired).
        token_released: bool,
        /// Whether its worker was checked in now.
        worker_returned: bool,
    }
}

answer! {
    /// The answer to `scale_up` and `scale_down`. Truthy when the pool was scaled.
    Scaling {
        /// The pool's workers after the call, those still starting included.
        workers: u32,
        /// Whether the count changed.
        scaled: bool,
        /// `manual`, or why not: `max_workers_reached`, `min_workers_reached`, …
        reason: Reason,
    }
    also {
        fn __bool__(&self) -> bool {
            self.scaled
        }
    }
}

answer! {
    /// The answer to `rebalance`. Truthy when a worker moves.
    Rebalance {
        /// Whether a worker moves; a `MigrateWorkers` effect says which.
        migrated: bool,
        /// The pool it leaves (`from` is a keyword of Python).
        from_: Name,
        /// The pool it joins.
        to: Name,
        /// The spread of utilization before the move.
        spread: f64,
        /// Why, or why not.
        reason: Reason,
    }
    also {
        fn __bool__(&self) -> bool {
            self.migrated
        }
    }
}

answer! {
    /// Something the caller has to do, or may want to know. What isn't about the kind is `None`, 0 or empty.
    Effect {
        /// When it was decided, in microseconds.
        at_us: u64,
        /// What it is: `AddWorkers`, `RemoveWorkers`, `MigrateWorkers`, `SurgeStarted`, `SurgeEnded`,
        /// `SurgeWorkersKept`, `WaiterReady`, `WaiterExpired`, `CheckHealth`, `TokenExpired`,
        /// `SoftLimitExceeded`, `AlertFiring` or `AlertResolved`.
        kind: EffectKind,
        /// Why.
        reason: Reason,
        /// The pool it is about.
        pool: Name,
        /// Where workers move to.
        to_pool: Name,
        /// The domain it is about.
        domain: Name,
        /// The token it is about.
        token: Option<u64>,
        /// The waiter it is about.
        waiter: Option<u64>,
        /// The ticket it is about.
        ticket: Option<u64>,
        /// The ids of the workers it is about, as a tuple.
        workers: Vec<u64>,
        /// How many workers (or, for `SoftLimitExceeded`, tokens) it is about.
        count: u32,
        /// Whether the workers are surge workers.
        surge: bool,
        /// The alert rule it is about: its place in `alerts` of the configuration.
        alert: Option<u64>,
        /// What the rule's metric is.
        value: Option<f64>,
        /// What may be done about the alert: a tuple of `scale_up`, `shed_sheddable`, `close_non_critical`.
        options: AlertOptions,
    }
}

answer! {
    /// The answer to `Pacer.offer`: whether the item waits for its release. Truthy when accepted.
    Offer {
        /// Whether the item was accepted.
        accepted: bool,
        /// Why: `accepted` or `backlog_full`.
        reason: Reason,
        /// The limit that decided.
        limit: u32,
        /// The items that wait; of an accepted item the domain's, the new one among them.
        load: u32,
        /// Refused: in how many microseconds a retry is worth it (never 0); accepted: 0.
        retry_after_us: u64,
    }
    also {
        fn __bool__(&self) -> bool {
            self.accepted
        }
    }
}

answer! {
    /// An item that `Pacer.poll` released.
    Release {
        /// Whose it is: the domain's name.
        domain: Name,
        /// The item, as it was offered.
        item: u64,
        /// When it was due, in microseconds.
        due_us: u64,
    }
}
