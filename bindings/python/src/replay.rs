//! Replaying a trace in simulated time, as a Python class.

use std::ops::ControlFlow;
use std::sync::Mutex;

use heijunka_core::config::Draft;
use heijunka_core::time::check_time;
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

use crate::args::{DefaultService, Seed, SkipBad, StartDelay, Wait, amount, settings_of, string_of};
use crate::{config, errors};

/// What a replay found, and how it was asked for.
#[derive(Serialize)]
struct Answer {
    #[serde(flatten)]
    replayed: Replayed,
    options: Options,
}

#[derive(Serialize)]
struct Options {
    pools: &'static str,
    workers_start_delay_us: u64,
    speed_up: f64,
    wait_us: u64,
    default_service_us: u64,
}

impl Options {
    fn new(options: &ReplayOptions) -> Self {
        Self {
            pools: options.unknown_domains.as_str(),
            workers_start_delay_us: options.simulation.worker_start_delay_us,
            speed_up: options.simulation.speed_up,
            wait_us: options.simulation.patience_us,
            default_service_us: options.simulation.default_service_us,
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
            workers_start_delay_us=StartDelay(0), speed_up=None, wait_us=None, default_service_us=None
        ),
        text_signature = "(config=None, *, preset=None, set=[], pools='own', format='auto', skip_bad=False, \
            workers_start_delay_us=0, speed_up=1.0, wait_us=None, default_service_us=None)"
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
    ) -> PyResult<Self> {
        let set = set.map_or(Ok(Vec::new()), settings_of)?;
        let unknown = |what: &str, name: &str, known: &str| {
            PyValueError::new_err(format!("unknown {what} `{}`: it must be {known}", name.escape_debug()))
        };
        let preset = preset.map(|preset| string_of(preset, "`preset`")).transpose()?;
        let pools = pools.map_or(Ok(UnknownDomains::default()), |pools| {
            let name = string_of(pools, "`pools`")?;
            UnknownDomains::from_name(&name)
                .ok_or_else(|| unknown("pools", &name, "`own`, `shared` or `config`"))
        })?;
        let mut trace = TraceOptions { skip_bad: skip_bad.0, ..TraceOptions::default() };
        if let Some(format) = format {
            let name = string_of(format, "`format`")?;
            if !trace.set_format(&name) {
                return Err(unknown("format", &name, "`auto`, `csv`, `jsonl` or `log`"));
            }
        }
        let speed_up = speed_up.map_or(Ok(1.0), |factor| amount(factor, "`speed_up`"))?;
        if speed_up <= 0.0 {
            let message = format!("`speed_up` = {speed_up} is out of range: it must be a number above 0");
            return Err(errors::raise(py, "OutOfRange", (message,)));
        }
        let defaults = SimulationOptions::default();
        let simulation = SimulationOptions {
            worker_start_delay_us: workers_start_delay_us.0,
            speed_up,
            patience_us: wait_us.map_or(defaults.patience_us, |time| time.0),
            default_service_us: default_service_us.map_or(defaults.default_service_us, |time| time.0),
            ..defaults
        };
        for (subject, time_us) in [
            ("`workers_start_delay_us`", simulation.worker_start_delay_us),
            ("`wait_us`", simulation.patience_us),
            ("`default_service_us`", simulation.default_service_us),
        ] {
            check_time(time_us).map_err(|_| errors::time_out_of_range(py, subject, time_us))?;
        }
        let draft = config::draft(config, preset.as_deref(), &[], py)?;
        let settings = set
            .iter()
            .map(|setting| Draft::parse_set(setting))
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| config::from_core(py, &error))?;
        // What is wrong with the configuration itself shows before the trace is read.
        draft.build().map_err(|error| config::from_core(py, &error))?;
        let recorder = TraceRecorder::new(trace.clone());
        let options = ReplayOptions { trace, simulation, unknown_domains: pools, settings, declared: None };
        Ok(Self { state: Mutex::new(Some((recorder, draft, options))) })
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
fn trace_error(py: Python<'_>, error: &TraceError) -> PyErr {
    let line = (error.line > 0).then_some(error.line);
    let field = (!error.field.is_empty()).then_some(error.field);
    errors::raise(py, "TraceError", (error.to_string(), line, field))
}

#[cold]
fn simulation_error(py: Python<'_>, error: &SimulationError) -> PyErr {
    match error {
        SimulationError::Engine(error) => errors::from_core(py, *error),
        SimulationError::Unbalanced { .. } => PyRuntimeError::new_err(error.to_string()),
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
