//! The engine as a Python class: a lock around the core's engine, and the names of domains and pools.

use std::sync::{Mutex, MutexGuard};

use heijunka_core::time::check_time;
use heijunka_core::{
    AffinityError, DomainId, Engine as Core, Error, PoolId, TicketId, Token, WaiterId, WorkerId,
};
use heijunka_core::{Config, config as core_config};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::sync::MutexExt;
use pyo3::types::{PyBytes, PyList, PyString, PyTuple};

use crate::answers::{
    Admission, Checkin, Checkout, Completion, Dispatch, Effect, Name, Rebalance, Route, Scaling, Word,
};
use crate::args::{
    ClassArg, Count, DomainArg, Failed, HardLimit, Key, NameArg, NameOrHandle, Now, OffPeak, Open, PoolArg,
    SoftLimit, TicketArg, TokenArg, Until, WaiterArg, WorkerArg, workers_of,
};
use crate::names::Names;
use crate::{config, errors};

/// With more pools than this a step may take long enough to let other threads run meanwhile.
const BIG_STEP_POOLS: usize = 64;

/// The load-leveling engine: a pure state machine; the caller passes the time, in microseconds.
///
/// Thread-safe: every call takes a lock for about a microsecond. It never reads a clock, does no I/O and starts
/// no thread: call `step` when `next_deadline` has come.
#[pyclass(frozen, module = "heijunka")]
pub(crate) struct Engine {
    core: Mutex<Core>,
    domains: Names,
    pools: Names,
}

impl Engine {
    fn of(py: Python<'_>, core: Core) -> PyResult<Self> {
        let config = core.config();
        let domains = config.domains.iter().map(|domain| &domain.name);
        let pools = config.pools.iter().map(|pool| &pool.name);
        let domains = Names::new(py, "UnknownDomain", "domain", domains)?;
        let pools = Names::new(py, "UnknownPool", "pool", pools)?;
        Ok(Self { core: Mutex::new(core), domains, pools })
    }

    fn lock(&self, py: Python<'_>) -> PyResult<MutexGuard<'_, Core>> {
        self.core.lock_py_attached(py).map_err(|_| errors::poisoned())
    }

    /// Runs one call under the lock; no Python code runs in it.
    fn call<T>(&self, py: Python<'_>, call: impl FnOnce(&mut Core) -> Result<T, Error>) -> PyResult<T> {
        let answer = call(&mut *self.lock(py)?);
        answer.map_err(|error| self.raise(py, error))
    }

    /// The exception for an error of the core; an unknown handle comes with those there are.
    #[cold]
    fn raise(&self, py: Python<'_>, error: Error) -> PyErr {
        match error {
            Error::UnknownDomain { domain } => self.domains.unknown_handle(py, &domain.to_string()),
            Error::UnknownPool { pool } => self.pools.unknown_handle(py, &pool.to_string()),
            Error::TimeOutOfRange { time_us } => errors::time_out_of_range(py, "`now_us`", time_us),
            error => errors::from_core(py, error),
        }
    }

    /// As [`Self::call`], of a request that may wait.
    fn call_until<T>(
        &self,
        py: Python<'_>,
        now_us: Now,
        wait_until: Option<Until>,
        call: impl FnOnce(&mut Core, u64, Option<u64>) -> Result<T, Error>,
    ) -> PyResult<T> {
        let until_us = wait_until.map(|until| until.0);
        let answer = call(&mut *self.lock(py)?, now_us.0, until_us);
        answer.map_err(|error| match error {
            Error::TimeOutOfRange { time_us } if time_us != now_us.0 => {
                errors::time_out_of_range(py, "`wait_until`", time_us)
            }
            error => self.raise(py, error),
        })
    }

    fn domain(&self, py: Python<'_>, argument: &DomainArg<'_>) -> PyResult<DomainId> {
        self.domains.handle(py, &argument.0).map(DomainId::new)
    }

    fn pool(&self, py: Python<'_>, argument: &PoolArg<'_>) -> PyResult<PoolId> {
        self.pools.handle(py, &argument.0).map(PoolId::new)
    }

    fn pool_name(&self, py: Python<'_>, pool: Option<PoolId>) -> Name {
        self.pools.name(py, pool.map(PoolId::get))
    }

    fn effect(&self, py: Python<'_>, effect: &heijunka_core::Effect) -> Effect {
        Effect {
            at_us: effect.at_us,
            kind: effect.kind,
            reason: effect.reason,
            pool: self.pool_name(py, effect.pool),
            to_pool: self.pool_name(py, effect.to_pool),
            domain: self.domains.name(py, effect.domain.map(DomainId::get)),
            token: effect.token.map(Token::get),
            waiter: effect.waiter.map(WaiterId::get),
            ticket: effect.ticket.map(TicketId::get),
            workers: effect.workers.as_slice().iter().map(|worker| worker.get()).collect(),
            count: effect.count,
            surge: effect.surge,
            alert: effect.alert.map(u64::from),
            value: effect.value,
            options: effect.options,
        }
    }

    fn set_count(
        &self,
        py: Python<'_>,
        count: &Count,
        set: impl FnOnce(&mut Core, u32) -> Result<(), Error>,
    ) -> PyResult<()> {
        let answer = set(&mut *self.lock(py)?, count.value);
        match (answer, &count.misfit) {
            (Err(Error::OutOfRange { field, min, max, .. }), Some(number)) => {
                let message = format!("`{field}` = {number} is out of range: it must be from {min} to {max}");
                Err(errors::raise(py, "OutOfRange", (message,)))
            }
            (answer, _) => answer.map_err(|error| self.raise(py, error)),
        }
    }
}

#[pymethods]
impl Engine {
    /// An engine for `config` (a dict, JSON or TOML text, an `os.PathLike` to a .json or .toml file; `None`: all
    /// defaults) that starts at `now_us`. With `journal`, every input is recorded from the beginning: see `start_journal`.
    ///
    /// Raises `ConfigError` with everything that is wrong, or `TimeOutOfRange`.
    #[new]
    #[pyo3(
        signature = (config=None, *, now_us=Now(0), journal=false),
        text_signature = "(config=None, *, now_us=0, journal=False)"
    )]
    fn new(py: Python<'_>, config: Option<&Bound<'_, PyAny>>, now_us: Now, journal: bool) -> PyResult<Self> {
        let value = config::value_of(config)?;
        let config = Config::from_value(&value).map_err(|error| config::from_core(py, &error))?;
        let mut core =
            Core::new(&config, now_us.0).map_err(|_| errors::time_out_of_range(py, "`now_us`", now_us.0))?;
        if journal {
            core.start_journal();
        }
        Self::of(py, core)
    }

    /// All that the engine holds, as bytes: `Engine.restore` makes an engine of them that goes on as this one would, also
    /// on another platform or in another language. Changes nothing.
    fn snapshot<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let snapshot = self.lock(py)?.snapshot();
        Ok(PyBytes::new(py, &snapshot))
    }

    /// The engine that a snapshot was taken of. It isn't recorded. Raises `InvalidSnapshot` for bytes that are no
    /// snapshot, are cut short, damaged, or newer than this library.
    #[staticmethod]
    fn restore(py: Python<'_>, snapshot: PyBackedBytes) -> PyResult<Self> {
        let core = py.detach(|| Core::restore(&snapshot)).map_err(|error| errors::from_core(py, error))?;
        Self::of(py, core)
    }

    /// As `restore`, and leads the engine on by the records that a journal has after the snapshot: the engine as it was
    /// last. Raises `InvalidSnapshot`, also when the journal doesn't go on where the snapshot was taken, or
    /// `InvalidJournal`.
    #[staticmethod]
    fn restore_with(py: Python<'_>, snapshot: PyBackedBytes, journal: PyBackedBytes) -> PyResult<Self> {
        let restored = py.detach(|| Core::restore_with(&snapshot, &journal));
        Self::of(py, restored.map_err(|error| errors::from_core(py, error))?)
    }

    /// Begins to record every input, from now on: append what `drain_journal` answers to a file, now and then. What nobody
    /// drains is bounded (`limits.max_journal_bytes`): past that nothing is recorded until the next drain, and
    /// `journal_lost` of `engine_status` counts what is missing.
    fn start_journal(&self, py: Python<'_>) -> PyResult<()> {
        self.lock(py)?.start_journal();
        Ok(())
    }

    /// Takes what was recorded and not drained yet: whole records, to be appended to what was drained before.
    fn drain_journal<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let taken = self.lock(py)?.take_journal();
        Ok(PyBytes::new(py, &taken))
    }

    /// The full configuration, every default filled in, as a new dict.
    #[getter]
    fn config<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let config = self.lock(py)?.config().clone();
        config::to_python(py, &config)
    }

    /// The names of the domains; a name's place is its handle.
    #[getter]
    fn domains<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        self.domains.all(py)
    }

    /// The names of the pools; a name's place is its handle.
    #[getter]
    fn pools<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        self.pools.all(py)
    }

    /// The handle of a domain, which every call takes in place of the name. Raises `UnknownDomain`.
    fn domain_id(&self, py: Python<'_>, name: NameArg<'_>) -> PyResult<u32> {
        self.domains.handle(py, &NameOrHandle::Name(name.0))
    }

    /// The handle of a pool, which every call takes in place of the name. Raises `UnknownPool`.
    fn pool_id(&self, py: Python<'_>, name: NameArg<'_>) -> PyResult<u32> {
        self.pools.handle(py, &NameOrHandle::Name(name.0))
    }

    /// Asks to come in: a token, or a refusal that says why.
    ///
    /// `cls` is the class asked for ("critical", "normal" or "sheddable", never above the domain's `max_class`);
    /// `None`: the domain's own. `now_us` is in microseconds, here and in every call; one before the latest seen
    /// counts as that. Raises `UnknownDomain` or `TimeOutOfRange`.
    #[pyo3(signature = (now_us, domain, cls=None))]
    fn admit(
        &self,
        py: Python<'_>,
        now_us: Now,
        domain: DomainArg<'_>,
        cls: Option<ClassArg>,
    ) -> PyResult<Admission> {
        let domain = self.domain(py, &domain)?;
        let class = cls.map(|cls| cls.0);
        let answer = self.call(py, |core| core.admit(now_us.0, domain, class))?;
        Ok(Admission {
            token: answer.token.map(Token::get),
            warning: answer.warning,
            reason: answer.reason,
            limit: answer.limit,
            load: answer.load,
            retry_after_us: answer.retry_after_us,
        })
    }

    /// Gives a token back; `failed` says how the request ended.
    ///
    /// Raises `UnknownToken` when it was released, has expired or was never given out; `TimeOutOfRange`.
    #[pyo3(signature = (now_us, token, failed=Failed(false)), text_signature = "($self, now_us, token, failed=False)")]
    fn release(&self, py: Python<'_>, now_us: Now, token: TokenArg, failed: Failed) -> PyResult<()> {
        self.call(py, |core| core.release(now_us.0, Token::from_raw(token.0), failed.outcome()))
    }

    /// Chooses the pool for a key: bytes, or the UTF-8 bytes of a str.
    ///
    /// Raises `UnknownDomain`, `KeyTooLong` above `limits.max_key_bytes` bytes, or `TimeOutOfRange`.
    fn route(&self, py: Python<'_>, now_us: Now, domain: DomainArg<'_>, key: Key<'_>) -> PyResult<Route> {
        let domain = self.domain(py, &domain)?;
        let key = key.as_bytes()?;
        let answer = self.call(py, |core| core.route(now_us.0, domain, key))?;
        Ok(Route { pool: self.pool_name(py, answer.pool), reason: answer.reason, spilled: answer.spilled })
    }

    /// Asks a pool for a worker: a worker, a place in its line until the time `wait_until`, or a refusal.
    /// Without `wait_until`, a time in microseconds, it never waits.
    ///
    /// Raises `UnknownPool` or `TimeOutOfRange`.
    #[pyo3(signature = (now_us, pool, wait_until=None))]
    fn checkout(
        &self,
        py: Python<'_>,
        now_us: Now,
        pool: PoolArg<'_>,
        wait_until: Option<Until>,
    ) -> PyResult<Checkout> {
        let pool = self.pool(py, &pool)?;
        let answer = self
            .call_until(py, now_us, wait_until, |core, now_us, until| core.checkout(now_us, pool, until))?;
        Ok(Checkout {
            worker: answer.worker.map(WorkerId::get),
            waiter: answer.waiter.map(WaiterId::get),
            reason: answer.reason,
            overflow: answer.overflow,
            limit: answer.limit,
            load: answer.load,
            retry_after_us: answer.retry_after_us,
        })
    }

    /// Gives a worker back; `failed` says how its request ended, and counts for the pool's error rate.
    ///
    /// Raises `UnknownWorker` when it isn't out; `TimeOutOfRange`.
    #[pyo3(signature = (now_us, worker, failed=Failed(false)), text_signature = "($self, now_us, worker, failed=False)")]
    fn checkin(&self, py: Python<'_>, now_us: Now, worker: WorkerArg, failed: Failed) -> PyResult<Checkin> {
        let answer =
            self.call(py, |core| core.checkin(now_us.0, WorkerId::from_raw(worker.0), failed.outcome()))?;
        Ok(Checkin { outcome: Word(answer.outcome.as_str()) })
    }

    /// Leaves a waiting line; if a ticket waits there, it ends and its token is released.
    ///
    /// Raises `UnknownWaiter` when it was served, has expired or was cancelled; `TimeOutOfRange`.
    fn cancel_wait(&self, py: Python<'_>, now_us: Now, waiter: WaiterArg) -> PyResult<()> {
        self.call(py, |core| core.cancel_wait(now_us.0, WaiterId::from_raw(waiter.0)))
    }

    /// Says that an ordered worker is ready (`worker_start = "confirmed"`).
    ///
    /// Raises `UnknownWorker` when it isn't starting; `TimeOutOfRange`.
    fn worker_ready(&self, py: Python<'_>, now_us: Now, worker: WorkerArg) -> PyResult<()> {
        self.call(py, |core| core.worker_ready(now_us.0, WorkerId::from_raw(worker.0)))
    }

    /// Takes a failed worker out, counts a failure and orders a replacement.
    ///
    /// Raises `UnknownWorker` or `TimeOutOfRange`.
    fn worker_failed(&self, py: Python<'_>, now_us: Now, worker: WorkerArg) -> PyResult<()> {
        self.call(py, |core| core.worker_failed(now_us.0, WorkerId::from_raw(worker.0)))
    }

    /// Answers a `CheckHealth` effect: the dead workers are taken out and replaced. Answers how many were.
    ///
    /// `alive` and `dead` are iterables of worker ids. Raises `UnknownPool`, `UnknownWorker` (nothing is changed
    /// then) or `TimeOutOfRange`.
    fn report_health(
        &self,
        py: Python<'_>,
        now_us: Now,
        pool: PoolArg<'_>,
        alive: &Bound<'_, PyAny>,
        dead: &Bound<'_, PyAny>,
    ) -> PyResult<u32> {
        let pool = self.pool(py, &pool)?;
        let (alive, dead) = (workers_of(alive, "alive")?, workers_of(dead, "dead")?);
        self.call(py, |core| core.report_health(now_us.0, pool, &alive, &dead))
    }

    /// Admission, routing and checkout in one: a ticket with a worker (or a place in the pool's line), or one
    /// refusal that names its stage and leaves nothing taken.
    ///
    /// The arguments are those of `admit`, `route` and `checkout`. Raises `UnknownDomain`, `KeyTooLong` or
    /// `TimeOutOfRange`.
    #[pyo3(signature = (now_us, domain, key, cls=None, wait_until=None))]
    fn dispatch(
        &self,
        py: Python<'_>,
        now_us: Now,
        domain: DomainArg<'_>,
        key: Key<'_>,
        cls: Option<ClassArg>,
        wait_until: Option<Until>,
    ) -> PyResult<Dispatch> {
        let domain = self.domain(py, &domain)?;
        let class = cls.map(|cls| cls.0);
        let key = key.as_bytes()?;
        let answer = self.call_until(py, now_us, wait_until, |core, now_us, until| {
            core.dispatch(now_us, domain, key, class, until)
        })?;
        Ok(Dispatch {
            ticket: answer.ticket.map(TicketId::get),
            token: answer.token.map(Token::get),
            pool: self.pool_name(py, answer.pool),
            worker: answer.worker.map(WorkerId::get),
            waiter: answer.waiter.map(WaiterId::get),
            stage: Word(answer.stage.as_str()),
            reason: answer.reason,
            warning: answer.warning,
            spilled: answer.spilled,
            overflow: answer.overflow,
            limit: answer.limit,
            load: answer.load,
            retry_after_us: answer.retry_after_us,
        })
    }

    /// Ends a dispatched request: its worker is checked in and its token released.
    ///
    /// Raises `UnknownTicket` when it was completed, has ended or was never given out; `TimeOutOfRange`.
    #[pyo3(signature = (now_us, ticket, failed=Failed(false)), text_signature = "($self, now_us, ticket, failed=False)")]
    fn complete(
        &self,
        py: Python<'_>,
        now_us: Now,
        ticket: TicketArg,
        failed: Failed,
    ) -> PyResult<Completion> {
        let answer =
            self.call(py, |core| core.complete(now_us.0, TicketId::from_raw(ticket.0), failed.outcome()))?;
        Ok(Completion { token_released: answer.token_released, worker_returned: answer.worker_returned })
    }

    /// Runs every timer that is due at `now_us`, and answers all effects that weren't drained yet, oldest first.
    ///
    /// Raises `TimeOutOfRange`.
    fn step<'py>(&self, py: Python<'py>, now_us: Now) -> PyResult<Bound<'py, PyList>> {
        let run = |core: &mut Core| {
            core.step(now_us.0)?;
            let mut effects = Vec::new();
            while let Some(effect) = core.poll_effect() {
                effects.push(effect);
            }
            Ok(effects)
        };
        let effects = if self.pools.count() > BIG_STEP_POOLS {
            // The guard is dropped before this thread waits for the interpreter again.
            let answer = py.detach(|| self.core.lock().map(|mut core| run(&mut core)).map_err(|_| ()));
            answer.map_err(|()| errors::poisoned())?.map_err(|error| self.raise(py, error))?
        } else {
            self.call(py, run)?
        };
        let list = PyList::empty(py);
        for effect in &effects {
            list.append(Bound::new(py, self.effect(py, effect))?)?;
        }
        Ok(list)
    }

    /// Takes the oldest effect that wasn't drained yet, or `None`.
    fn poll_effect(&self, py: Python<'_>) -> PyResult<Option<Effect>> {
        let effect = self.lock(py)?.poll_effect();
        Ok(effect.map(|effect| self.effect(py, &effect)))
    }

    /// When the next `step` is needed, in microseconds: `None` for never, else always later than the latest time
    /// seen. Every call that takes a time may change it.
    fn next_deadline(&self, py: Python<'_>) -> PyResult<Option<u64>> {
        Ok(self.lock(py)?.next_deadline_us())
    }

    /// Sets the load, in tokens, above which admissions carry a warning.
    ///
    /// Raises `OutOfRange` unless 0 < soft limit ≤ hard limit; `TimeOutOfRange`.
    fn set_soft_limit(&self, py: Python<'_>, now_us: Now, soft_limit: SoftLimit) -> PyResult<()> {
        self.set_count(py, &soft_limit.0, |core, limit| core.set_soft_limit(now_us.0, limit))
    }

    /// Sets the load, in tokens, at which admission ends. Nobody is evicted.
    ///
    /// Raises `OutOfRange` unless soft limit ≤ hard limit ≤ `limits.max_tokens`; `TimeOutOfRange`.
    fn set_hard_limit(&self, py: Python<'_>, now_us: Now, hard_limit: HardLimit) -> PyResult<()> {
        self.set_count(py, &hard_limit.0, |core, limit| core.set_hard_limit(now_us.0, limit))
    }

    /// Replaces the affinity groups: a mapping from keys (str) to a pool's name or a list of names.
    ///
    /// Raises `ConfigError` with everything that is wrong, or `TimeOutOfRange`; nothing is changed then.
    fn set_affinity_groups(&self, py: Python<'_>, now_us: Now, groups: &Bound<'_, PyAny>) -> PyResult<()> {
        check_time(now_us.0).map_err(|error| self.raise(py, error))?;
        let value = config::mapping_of(groups, "`groups`", "balancer.affinity_groups")?;
        let groups =
            core_config::affinity_groups_from_value(&value).map_err(|error| config::from_core(py, &error))?;
        let answer = self.lock(py)?.set_affinity_groups(now_us.0, &groups);
        answer.map_err(|error| match error {
            AffinityError::Groups(error) => config::from_core(py, &error),
            AffinityError::Time(error) => self.raise(py, error),
        })
    }

    /// Lets surges start again, and undoes the early end of a running one.
    fn enable_surge(&self, py: Python<'_>, now_us: Now) -> PyResult<()> {
        self.call(py, |core| core.enable_surge(now_us.0))
    }

    /// Stops new surges and lets a running one end early, by the same shrink.
    fn disable_surge(&self, py: Python<'_>, now_us: Now) -> PyResult<()> {
        self.call(py, |core| core.disable_surge(now_us.0))
    }

    /// Opens or closes a domain. A closed domain's requests are refused. Raises `UnknownDomain` or `TimeOutOfRange`.
    fn set_domain_open(
        &self,
        py: Python<'_>,
        now_us: Now,
        domain: DomainArg<'_>,
        open: Open,
    ) -> PyResult<()> {
        let domain = self.domain(py, &domain)?;
        self.call(py, |core| core.set_domain_open(now_us.0, domain, open.0))
    }

    /// Opens or closes a pool. A closed pool takes no new requests; its waiters are still served.
    ///
    /// Raises `UnknownPool` or `TimeOutOfRange`.
    fn set_pool_open(&self, py: Python<'_>, now_us: Now, pool: PoolArg<'_>, open: Open) -> PyResult<()> {
        let pool = self.pool(py, &pool)?;
        self.call(py, |core| core.set_pool_open(now_us.0, pool, open.0))
    }

    /// Says whether it is off-peak, for `scaler.off_peak_only`.
    fn set_off_peak(&self, py: Python<'_>, now_us: Now, off_peak: OffPeak) -> PyResult<()> {
        self.call(py, |core| core.set_off_peak(now_us.0, off_peak.0))
    }

    /// Adds a worker by hand; at the maximum the answer says so. Raises `UnknownPool` or `TimeOutOfRange`.
    fn scale_up(&self, py: Python<'_>, now_us: Now, pool: PoolArg<'_>) -> PyResult<Scaling> {
        let pool = self.pool(py, &pool)?;
        let answer = self.call(py, |core| core.scale_up(now_us.0, pool))?;
        Ok(Scaling { workers: answer.workers, scaled: answer.scaled, reason: answer.reason })
    }

    /// Removes a worker by hand; when none is idle, a busy one leaves at its checkin. At the minimum the answer
    /// says so. Raises `UnknownPool` or `TimeOutOfRange`.
    fn scale_down(&self, py: Python<'_>, now_us: Now, pool: PoolArg<'_>) -> PyResult<Scaling> {
        let pool = self.pool(py, &pool)?;
        let answer = self.call(py, |core| core.scale_down(now_us.0, pool))?;
        Ok(Scaling { workers: answer.workers, scaled: answer.scaled, reason: answer.reason })
    }

    /// Moves a worker from the least to the most utilized pool now, if that helps; the cooldown is kept.
    fn rebalance(&self, py: Python<'_>, now_us: Now) -> PyResult<Rebalance> {
        let answer = self.call(py, |core| core.rebalance(now_us.0))?;
        Ok(Rebalance {
            migrated: answer.migrated,
            from_: self.pool_name(py, answer.from),
            to: self.pool_name(py, answer.to),
            spread: answer.spread,
            reason: answer.reason,
        })
    }

    /// The state of admission, a new dict: limits, load, counts, and rates from 0 to 1 (`recent_`: of the last 60 s).
    fn regulator_status<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let status = self.lock(py)?.regulator_status();
        config::to_python(py, &status)
    }

    /// How much may be in at once, and how much is, in tokens (`load_percentage` from 0 to 100), as a new dict.
    fn capacity_info<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let info = self.lock(py)?.capacity_info();
        config::to_python(py, &info)
    }

    /// The state of a pool, a new dict: times in the unit of their name's ending, shares from 0 to 1. Raises
    /// `UnknownPool`.
    fn pool_status<'py>(&self, py: Python<'py>, pool: PoolArg<'_>) -> PyResult<Bound<'py, PyAny>> {
        let pool = self.pool(py, &pool)?;
        let status = self.call(py, |core| core.pool_status(pool))?;
        config::to_python(py, &status)
    }

    /// The workers of a pool, as dicts with `worker` (the id), `state`, `surge` and `overflow`.
    /// Raises `UnknownPool`.
    fn pool_workers<'py>(&self, py: Python<'py>, pool: PoolArg<'_>) -> PyResult<Bound<'py, PyAny>> {
        let pool = self.pool(py, &pool)?;
        let workers = self.call(py, |core| core.pool_workers(pool))?;
        config::to_python(py, &workers)
    }

    /// The health of a pool now: `healthy`, `degraded` or `critical`. Raises `UnknownPool`.
    fn health_check<'py>(&self, py: Python<'py>, pool: PoolArg<'_>) -> PyResult<Bound<'py, PyString>> {
        let pool = self.pool(py, &pool)?;
        let health = self.call(py, |core| core.health_check(pool))?;
        Ok(PyString::intern(py, health.as_str()))
    }

    /// How evenly the pools are used, a new dict: the coefficient (1: evenly) and each pool's utilization, from 0 to 1.
    fn balance_status<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let status = self.lock(py)?.balance_status();
        config::to_python(py, &status)
    }

    /// The state of burst detection, a new dict: loads as shares of the capacity, costs in cost units (`_money`: in
    /// money), times in microseconds.
    fn burst_status<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let status = self.lock(py)?.burst_status();
        config::to_python(py, &status)
    }

    /// The running surge, and what surges have cost, a new dict: times in microseconds, costs in cost units (`_money`:
    /// in money).
    fn surge_metrics<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let metrics = self.lock(py)?.surge_metrics();
        config::to_python(py, &metrics)
    }

    /// Whether surges or the baseline workers that would have made them unnecessary are cheaper, and by how much.
    fn cost_advice<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let advice = self.lock(py)?.cost_advice();
        config::to_python(py, &advice)
    }

    /// The alerts that are pending or firing, a new list of dicts: alert (the rule's place), name, pool, severity,
    /// state, since_us, value. As of the last evaluation, every `alert_every_us`.
    fn alerts<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let alerts = self.lock(py)?.alerts();
        config::to_python(py, &alerts)
    }

    /// Five checks of a well leveled system, a new dict: `pass`, and `checks`, each with name, figure, above, below,
    /// pass and pools.
    fn verify<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let checklist = self.lock(py)?.verify();
        config::to_python(py, &checklist)
    }

    /// Demand's pace against the pools' at `now_us`, a new dict: takt and cycle times in microseconds, workers needed and
    /// present. It moves no time on. Raises `TimeOutOfRange`.
    fn takt<'py>(&self, py: Python<'py>, now_us: Now) -> PyResult<Bound<'py, PyAny>> {
        let takt = self.call(py, |core| core.takt(now_us.0))?;
        config::to_python(py, &takt)
    }

    /// Everything as OpenMetrics text, for a Prometheus to scrape: serve it as
    /// `application/openmetrics-text; version=1.0.0; charset=utf-8`.
    fn metrics_text(&self, py: Python<'_>) -> PyResult<String> {
        Ok(self.lock(py)?.metrics_text())
    }

    /// The engine's own state: the latest time seen, effects pending and dropped, tickets, …
    fn engine_status<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let status = self.lock(py)?.engine_status();
        config::to_python(py, &status)
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let now_us = self.lock(py)?.engine_status().now_us;
        let (domains, pools) = (self.domains.count(), self.pools.count());
        Ok(format!("<heijunka.Engine: {domains} domains, {pools} pools, now_us={now_us}>"))
    }

    /// A live engine isn't copied by accident.
    #[allow(clippy::unused_self)] // a method for Python
    fn __reduce__(&self) -> PyResult<Py<PyAny>> {
        Err(PyTypeError::new_err("a live `heijunka.Engine` can't be pickled or copied"))
    }
}
