//! Replaying a trace in simulated time, as a Python class.

use std::ops::ControlFlow;
use std::sync::Mutex;

use heijunka_core::config::Draft;
use heijunka_core::time::check_time;
use heijunka_core::whatif::policy::Policy;
use heijunka_core::whatif::replay::{
    ReplayError, ReplayOptions, Replayed, TraceRecorder, UnknownDomains, replay,
};
use heijunka_core::whatif::simulation::{SimulationError, SimulationOptions};
use heijunka_core::whatif::trace::{TraceError, TraceOptions};
use heijunka_core::whatif::workload::write_demo_csv;
use pyo3::exceptions::{PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use serde::Serialize;

use crate::args::{
    DefaultService, MaxWaiting, Seed, SkipBad, StartDelay, Wait, amount, out_of_range, settings_of, string_of,
};
use crate::{config, errors};

/// What a replay found, and how it was asked for.
#[derive(Serialize)]
pub(crate) struct Answer {
    #[serde(flatten)]
    pub(crate) replayed: Replayed,
    pub(crate) options: Options,
}

#[derive(Serialize)]
pub(crate) struct Options {
    pools: &'static str,
    workers_start_delay_us: u64,
    speed_up: f64,
    wait_us: u64,
    default_service_us: u64,
    max_waiting: Option<u32>,
    policy: &'static str,
}

impl Options {
    pub(crate) fn new(options: &ReplayOptions) -> Self {
        Self {
            pools: options.unknown_domains.as_str(),
            workers_start_delay_us: options.simulation.worker_start_delay_us,
            speed_up: options.simulation.speed_up,
            wait_us: options.simulation.patience_us,
            default_service_us: options.simulation.default_service_us,
            max_waiting: options.max_waiting,
            policy: options.simulation.policy.name(),
        }
    }
}

/// Levels a recorded trace in simulated time: `feed` its bytes, however they are cut, then `finish`.
///
/// The arguments are those of `heijunka.replay`. Other threads run while it works.
#[pyclass(frozen, module = "heijunka")]
pub(crate) struct Replay {
    state: Mutex<Option<(TraceRecorder, Draft, ReplayOptions)>>,
}

#[pymethods]
impl Replay {
    #[new]
    #[pyo3(
        signature = (
            config=None, *, preset=None, set=None, pools=None, format=None, skip_bad=SkipBad(false),
            workers_start_delay_us=StartDelay(0), speed_up=None, wait_us=None, default_service_us=None,
            max_waiting=None, policy=None
        ),
        text_signature = "(config=None, *, preset=None, set=[], pools='own', format='auto', skip_bad=False, \
            workers_start_delay_us=0, speed_up=1.0, wait_us=None, default_service_us=None, max_waiting=None, \
            policy=None)"
    )]
    #[allow(clippy::too_many_arguments)] // options, by keyword
    fn new(
        py: Python<'_>,
        config: Option<&Bound<'_, PyAny>>,
        preset: Option<&Bound<'_, PyAny>>,
        set: Option<&Bound<'_, PyAny>>,
        pools: Option<&Bound<'_, PyAny>>,
        format: Option<&Bound<'_, PyAny>>,
        skip_bad: SkipBad,
        workers_start_delay_us: StartDelay,
        speed_up: Option<&Bound<'_, PyAny>>,
        wait_us: Option<Wait>,
        default_service_us: Option<DefaultService>,
        max_waiting: Option<MaxWaiting>,
        policy: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let (start_delay, wait, default_service) = (workers_start_delay_us, wait_us, default_service_us);
        let asked = Asked {
            config,
            preset,
            set,
            pools,
            start_delay,
            speed_up,
            wait,
            default_service,
            max_waiting,
            policy,
        };
        let trace = trace_options(format, skip_bad)?;
        let (draft, options) = asked.read(py, trace.clone())?;
        Ok(Self { state: Mutex::new(Some((TraceRecorder::new(trace), draft, options))) })
    }

    /// Reads the next bytes of the trace. Raises `TraceError` at the first bad line.
    fn feed(&self, py: Python<'_>, data: &Bound<'_, PyBytes>) -> PyResult<()> {
        let bytes = data.as_bytes();
        let fed = py.detach(|| {
            let mut state = self.state.lock().map_err(|_| ())?;
            Ok(state.as_mut().map(|(recorder, ..)| recorder.feed(bytes)))
        });
        match fed.map_err(|()| errors::poisoned())? {
            Some(fed) => fed.map_err(|error| trace_error(py, &error)),
            None => Err(finished()),
        }
    }

    /// Runs the trace and answers the outcome, a dict. `progress` is called now and then with how many requests
    /// have arrived and how many there are; what it raises ends the run.
    ///
    /// Raises `TraceError` or `ConfigError`. The object is of no more use after that.
    #[pyo3(signature = (progress=None))]
    fn finish<'py>(&self, py: Python<'py>, progress: Option<Py<PyAny>>) -> PyResult<Bound<'py, PyAny>> {
        let state = py.detach(|| self.state.lock().map(|mut state| state.take()).map_err(|_| ()));
        let (recorder, draft, options) = state.map_err(|()| errors::poisoned())?.ok_or_else(finished)?;
        let trace = py.detach(|| recorder.finish()).map_err(|error| trace_error(py, &error))?;
        let mut raised = None;
        let mut tell = |done: u64, all: u64| {
            let told = Python::attach(|py| {
                py.check_signals()?;
                progress.as_ref().map_or(Ok(()), |progress| progress.call1(py, (done, all)).map(drop))
            });
            match told {
                Ok(()) => ControlFlow::Continue(()),
                Err(error) => {
                    raised = Some(error);
                    ControlFlow::Break(())
                }
            }
        };
        let run = py.detach(|| replay(&trace, &draft, &options, &mut tell));
        match run {
            Ok(replayed) => config::to_python(py, &Answer { replayed, options: Options::new(&options) }),
            Err(error) => Err(raised.unwrap_or_else(|| replay_error(py, &error))),
        }
    }
}

/// How a trace is read.
pub(crate) fn trace_options(format: Option<&Bound<'_, PyAny>>, skip_bad: SkipBad) -> PyResult<TraceOptions> {
    let mut trace = TraceOptions { skip_bad: skip_bad.0, ..TraceOptions::default() };
    if let Some(format) = format {
        let name = string_of(format, "`format`")?;
        if !trace.set_format(&name) {
            return Err(unknown("format", &name, "`auto`, `csv`, `jsonl` or `log`"));
        }
    }
    Ok(trace)
}

fn unknown(what: &str, name: &str, known: &str) -> PyErr {
    PyValueError::new_err(format!("unknown {what} `{}`: it must be {known}", name.escape_debug()))
}

/// What a replay is asked for, as a caller gave it.
pub(crate) struct Asked<'a, 'py> {
    pub(crate) config: Option<&'a Bound<'py, PyAny>>,
    pub(crate) preset: Option<&'a Bound<'py, PyAny>>,
    pub(crate) set: Option<&'a Bound<'py, PyAny>>,
    pub(crate) pools: Option<&'a Bound<'py, PyAny>>,
    pub(crate) start_delay: StartDelay,
    pub(crate) speed_up: Option<&'a Bound<'py, PyAny>>,
    pub(crate) wait: Option<Wait>,
    pub(crate) default_service: Option<DefaultService>,
    pub(crate) max_waiting: Option<MaxWaiting>,
    pub(crate) policy: Option<&'a Bound<'py, PyAny>>,
}

impl Asked<'_, '_> {
    /// The configuration and the options of a replay.
    pub(crate) fn read(&self, py: Python<'_>, trace: TraceOptions) -> PyResult<(Draft, ReplayOptions)> {
        let set = self.set.map_or(Ok(Vec::new()), settings_of)?;
        let preset = self.preset.map(|preset| string_of(preset, "`preset`")).transpose()?;
        let unknown_domains = self.pools.map_or(Ok(UnknownDomains::default()), |pools| {
            let name = string_of(pools, "`pools`")?;
            UnknownDomains::from_name(&name)
                .ok_or_else(|| unknown("pools", &name, "`own`, `shared` or `config`"))
        })?;
        let speed_up = self.speed_up.map_or(Ok(1.0), |factor| amount(factor, "`speed_up`"))?;
        if speed_up <= 0.0 {
            let message = format!("`speed_up` = {speed_up} is out of range: it must be a number above 0");
            return Err(errors::raise(py, "OutOfRange", (message,)));
        }
        let defaults = SimulationOptions::default();
        let mut simulation = SimulationOptions {
            worker_start_delay_us: self.start_delay.0,
            speed_up,
            patience_us: self.wait.map_or(defaults.patience_us, |time| time.0),
            default_service_us: self.default_service.map_or(defaults.default_service_us, |time| time.0),
            ..defaults
        };
        for (subject, time_us) in [
            ("`workers_start_delay_us`", simulation.worker_start_delay_us),
            ("`wait_us`", simulation.patience_us),
            ("`default_service_us`", simulation.default_service_us),
        ] {
            check_time(time_us).map_err(|_| errors::time_out_of_range(py, subject, time_us))?;
        }
        let max_waiting = self.max_waiting.map(|given| places(py, given)).transpose()?;
        if let Some(policy) = self.policy {
            let policy = Policy::from_value(&config::policy_of(policy)?);
            simulation.policy = policy.map_err(|error| config::from_core(py, &error))?;
        }
        let draft = config::draft(self.config, preset.as_deref(), &[], py)?;
        let settings = set
            .iter()
            .map(|setting| Draft::parse_set(setting))
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| config::from_core(py, &error))?;
        // What is wrong with the configuration itself shows before the trace is read.
        draft.build().map_err(|error| config::from_core(py, &error))?;
        let options =
            ReplayOptions { trace, simulation, unknown_domains, settings, max_waiting, declared: None };
        Ok((draft, options))
    }
}

fn places(py: Python<'_>, places: MaxWaiting) -> PyResult<u32> {
    let found = u32::try_from(places.0);
    found.map_err(|_| {
        let message = out_of_range("`max_waiting`", places.0);
        errors::raise(py, "OutOfRange", (message,))
    })
}

/// The demo's trace as CSV: a day of a shop with a lunch peak, a flash crowd and a slow pool, made from `seed`.
#[pyfunction]
#[pyo3(signature = (seed=Seed(1)), text_signature = "(seed=1)")]
pub(crate) fn demo_trace(py: Python<'_>, seed: Seed) -> Bound<'_, PyBytes> {
    let text = py.detach(|| {
        let mut text = Vec::new();
        write_demo_csv(seed.0, &mut |bytes| text.extend_from_slice(bytes));
        text
    });
    PyBytes::new(py, &text)
}

fn finished() -> PyErr {
    PyRuntimeError::new_err("the replay is finished; make a new one")
}

#[cold]
pub(crate) fn trace_error(py: Python<'_>, error: &TraceError) -> PyErr {
    let line = (error.line > 0).then_some(error.line);
    let field = (!error.field.is_empty()).then_some(error.field);
    errors::raise(py, "TraceError", (error.to_string(), line, field))
}

#[cold]
fn simulation_error(py: Python<'_>, error: &SimulationError) -> PyErr {
    match error {
        SimulationError::Engine(error) => errors::from_core(py, *error),
        SimulationError::Unbalanced { .. } | SimulationError::Unforeseen => {
            PyRuntimeError::new_err(error.to_string())
        }
        _ => errors::raise(py, "TraceError", (error.to_string(),)),
    }
}

#[cold]
pub(crate) fn replay_error(py: Python<'_>, error: &ReplayError) -> PyErr {
    match error {
        ReplayError::Trace(error) => trace_error(py, error),
        ReplayError::Config(error) => config::from_core(py, error),
        ReplayError::Simulation(error) => simulation_error(py, error),
        _ => errors::raise(py, "TraceError", (error.to_string(),)),
    }
}
