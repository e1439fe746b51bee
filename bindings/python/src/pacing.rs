//! The heijunka box: the order of a mix as a Python function, the pacer as a Python class.

use std::sync::{Mutex, MutexGuard};

use heijunka_core::pacing::{Pacer as Core, PacerConfig, sequence as order_of};
use heijunka_core::{DomainId, Error};
use pyo3::prelude::*;
use pyo3::sync::MutexExt;
use pyo3::types::PyTuple;

use crate::answers::{Offer, Release};
use crate::args::{
    AvailableUs, Demand, DomainArg, Item, MaxItems, NameArg, NameOrHandle, Now, Weight, counts_of,
};
use crate::names::Names;
use crate::{config, errors};

/// With more items than this, other threads run meanwhile.
const LONG_SEQUENCE: u64 = 10_000;

/// The leveled order of a product mix: which product is made when, by its place in `counts`, without clumps.
///
/// `counts` says how often each product is made: a list or any other iterable of integers. Among the first k items each
/// product comes within one of its share, however many there are (Tijdeman's bound). At a tie the product that is named
/// first comes first: `sequence([3, 2, 1])` is `[0, 1, 0, 2, 1, 0]`.
///
/// Raises `OutOfRange` unless there are from 1 to 16,384 products and from 1 to 16,777,216 items.
#[pyfunction]
pub(crate) fn sequence(py: Python<'_>, counts: &Bound<'_, PyAny>) -> PyResult<Vec<u32>> {
    let counts = counts_of(counts, "counts")?;
    let items: u64 = counts.iter().map(|count| u64::from(*count)).sum();
    let order = if items > LONG_SEQUENCE { py.detach(|| order_of(&counts)) } else { order_of(&counts) };
    order.map_err(|error| errors::from_core(py, error))
}

/// Releases items of several domains one by one, at takt time, in leveled order: a box between those who produce in bursts
/// and those who can't take bursts.
///
/// 1. `offer` an item when it comes up;
/// 2. `poll`, and do what was released;
/// 3. sleep until `next_deadline`, or the next item comes up, and go on with 2.
///
/// Thread-safe; it reads no clock and starts no thread. Times are in microseconds.
#[pyclass(frozen, module = "heijunka")]
pub(crate) struct Pacer {
    core: Mutex<Core>,
    domains: Names,
}

impl Pacer {
    fn lock(&self, py: Python<'_>) -> PyResult<MutexGuard<'_, Core>> {
        self.core.lock_py_attached(py).map_err(|_| errors::poisoned())
    }

    /// Runs one call under the lock; no Python code runs in it.
    fn call<T>(&self, py: Python<'_>, call: impl FnOnce(&mut Core) -> Result<T, Error>) -> PyResult<T> {
        let answer = call(&mut *self.lock(py)?);
        answer.map_err(|error| match error {
            Error::UnknownDomain { domain } => self.domains.unknown_handle(py, &domain.to_string()),
            Error::TimeOutOfRange { time_us } => errors::time_out_of_range(py, "`now_us`", time_us),
            error => errors::from_core(py, error),
        })
    }

    fn domain(&self, py: Python<'_>, argument: &DomainArg<'_>) -> PyResult<DomainId> {
        self.domains.handle(py, &argument.0).map(DomainId::new)
    }
}

#[pymethods]
impl Pacer {
    /// A pacer for `config` (a dict, JSON or TOML text, an `os.PathLike` to a .json or .toml file) that starts at `now_us`:
    /// `{"takt_us": 1000, "domains": {"orders": {"weight": 5, "max_backlog": 100}, "mail": {}}}`.
    ///
    /// `takt_us` is the time between two items; `available_us` with `demand` (the sum of all weights, when it isn't there)
    /// says it as a fraction instead. A domain has a `weight` (1), its share against the others', and a `max_backlog`
    /// (1,000); `max_backlog` (1,048,576) is for all together. `max_catch_up` (0): how many slots that passed while
    /// nothing waited may be made up. `max_late` (all): how many that passed while nobody polled.
    ///
    /// Raises `ConfigError` with everything that is wrong, or `TimeOutOfRange`.
    #[new]
    #[pyo3(signature = (config, *, now_us=Now(0)), text_signature = "(config, *, now_us=0)")]
    fn new(py: Python<'_>, config: &Bound<'_, PyAny>, now_us: Now) -> PyResult<Self> {
        let value = config::value_of(Some(config))?;
        let config = PacerConfig::from_value(&value).map_err(|error| config::from_core(py, &error))?;
        let core =
            Core::new(&config, now_us.0).map_err(|_| errors::time_out_of_range(py, "`now_us`", now_us.0))?;
        let names: Vec<String> = (0..core.domain_count())
            .filter_map(|domain| core.domain_name(DomainId::new(domain)).map(str::to_owned))
            .collect();
        let domains = Names::new(py, "UnknownDomain", "domain", names.iter())?;
        Ok(Self { core: Mutex::new(core), domains })
    }

    /// The names of the domains; a name's place is its handle.
    #[getter]
    fn domains<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        self.domains.all(py)
    }

    /// The handle of a domain, which every call takes in place of the name. Raises `UnknownDomain`.
    fn domain_id(&self, py: Python<'_>, name: NameArg<'_>) -> PyResult<u32> {
        self.domains.handle(py, &NameOrHandle::Name(name.0))
    }

    /// Offers an item: any number below 2^53, which is handed back when it is released. Items of a domain are released in
    /// the order in which they were offered. What doesn't fit is refused.
    ///
    /// Raises `UnknownDomain`, `OutOfRange` for the item, or `TimeOutOfRange`.
    fn offer(&self, py: Python<'_>, now_us: Now, domain: DomainArg<'_>, item: Item) -> PyResult<Offer> {
        let domain = self.domain(py, &domain)?;
        let answer = self.call(py, |core| core.offer(now_us.0, domain, item.0))?;
        Ok(Offer {
            accepted: answer.accepted,
            reason: answer.reason,
            limit: answer.limit,
            load: answer.load,
            retry_after_us: answer.retry_after_us,
        })
    }

    /// Releases what is due, oldest slot first: all of it, or at most `max_items`. What is left over is still due.
    ///
    /// Raises `TimeOutOfRange`, or `OutOfRange` for `max_items`.
    #[pyo3(signature = (now_us, max_items=None))]
    fn poll(&self, py: Python<'_>, now_us: Now, max_items: Option<MaxItems>) -> PyResult<Vec<Release>> {
        let most = match max_items {
            Some(most) => most.0.get(py, "max_items")?,
            None => u32::MAX,
        };
        let mut released = Vec::new();
        self.call(py, |core| core.poll_at_most(now_us.0, most, |release| released.push(release)))?;
        let released = released.into_iter().map(|release| Release {
            domain: self.domains.name(py, Some(release.domain.get())),
            item: release.item,
            due_us: release.due_us,
        });
        Ok(released.collect())
    }

    /// When `poll` will release the next item, in microseconds: later than the latest time seen, also when it is overdue.
    /// `None` when nothing waits.
    fn next_deadline(&self, py: Python<'_>) -> PyResult<Option<u64>> {
        Ok(self.lock(py)?.next_deadline_us())
    }

    /// Sets the takt to `available_us / demand` microseconds. What is left of the way to the next slot is left of the new
    /// takt, too: at half the takt, half the time.
    ///
    /// Raises `OutOfRange` unless 1 <= demand <= available_us < 2^53; `TimeOutOfRange`.
    #[pyo3(signature = (now_us, available_us, demand=Demand(1)), text_signature = "($self, now_us, available_us, demand=1)")]
    fn set_takt(
        &self,
        py: Python<'_>,
        now_us: Now,
        available_us: AvailableUs,
        demand: Demand,
    ) -> PyResult<()> {
        self.call(py, |core| core.set_takt(now_us.0, available_us.0, demand.0))
    }

    /// Sets a domain's weight, from 1 to 1,000,000. What waits stays; the new share counts from here on.
    ///
    /// Raises `UnknownDomain`, `OutOfRange` or `TimeOutOfRange`.
    fn set_weight(&self, py: Python<'_>, now_us: Now, domain: DomainArg<'_>, weight: Weight) -> PyResult<()> {
        let domain = self.domain(py, &domain)?;
        // A misfit is held at an end that the core refuses; the message tells what was given.
        let answer = self.lock(py)?.set_weight(now_us.0, domain, weight.0.value);
        match (answer, &weight.0.misfit) {
            (Err(Error::OutOfRange { field, min, max, .. }), Some(number)) => {
                let message = format!("`{field}` = {number} is out of range: it must be from {min} to {max}");
                Err(errors::raise(py, "OutOfRange", (message,)))
            }
            (answer, _) => self.call(py, |_| answer),
        }
    }

    /// The state and the lifetime counts, as a new dict.
    fn status<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let status = self.lock(py)?.status();
        config::to_python(py, &status)
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let status = self.lock(py)?.status();
        let (domains, backlog) = (self.domains.count(), status.backlog);
        Ok(format!("<heijunka.Pacer of {domains} domains, {backlog} waiting, takt {} us>", status.takt_us))
    }
}
