//! Replaying a trace in simulated time, as a Python class.

use std::sync::Mutex;

use heijunka_core::config::Draft;
use heijunka_core::whatif::simulation::{SimulationError, SimulationOptions};
use heijunka_core::whatif::trace::{Format, TraceError, TraceOptions};
use heijunka_core::whatif::workload::write_demo_csv;
use pyo3::exceptions::{PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::args::Time;
use crate::level::{LevelError, LevelOptions, PoolPolicy, Reading};
use crate::{config, errors};

/// So many requests run before Python gets a word in.
const SLICE: u64 = 20_000;

/// Levels a recorded trace in simulated time: `feed` its bytes, however they are cut, then `finish`.
///
/// The arguments are those of `heijunka.replay`. Other threads run while it works.
#[pyclass(frozen, module = "heijunka")]
pub(crate) struct Replay {
    reading: Mutex<Option<Reading>>,
}

#[pymethods]
impl Replay {
    #[new]
    #[pyo3(
        signature = (
            config=None, *, preset=None, set=Vec::new(), pools="own", format="auto", skip_bad=false,
            workers_start_delay_us=Time(0), speed_up=1.0, wait_us=None, default_service_us=None
        ),
        text_signature = "(config=None, *, preset=None, set=[], pools='own', format='auto', skip_bad=False, \
            workers_start_delay_us=0, speed_up=1.0, wait_us=None, default_service_us=None)"
    )]
    #[allow(clippy::too_many_arguments)] // options, by keyword
    fn new(
        py: Python<'_>,
        config: Option<&Bound<'_, PyAny>>,
        preset: Option<&str>,
        set: Vec<String>,
        pools: &str,
        format: &str,
        skip_bad: bool,
        workers_start_delay_us: Time,
        speed_up: f64,
        wait_us: Option<Time>,
        default_service_us: Option<Time>,
    ) -> PyResult<Self> {
        let unknown = |what: &str, name: &str, known: &str| {
            PyValueError::new_err(format!("unknown {what} `{}`: it must be {known}", name.escape_debug()))
        };
        let pools = PoolPolicy::from_name(pools)
            .ok_or_else(|| unknown("pools", pools, "`own`, `shared` or `config`"))?;
        let format = match format {
            "auto" => None,
            "log" => Some(Format::AccessLog),
            name => Some(
                Format::from_name(name)
                    .ok_or_else(|| unknown("format", name, "`auto`, `csv`, `jsonl` or `log`"))?,
            ),
        };
        if !(speed_up > 0.0 && speed_up.is_finite()) {
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
        for time_us in
            [simulation.worker_start_delay_us, simulation.patience_us, simulation.default_service_us]
        {
            heijunka_core::time::check_time(time_us).map_err(|error| errors::from_core(py, error))?;
        }
        let draft = config::draft(config, preset, &[], py)?;
        let settings = set
            .iter()
            .map(|setting| Draft::parse_set(setting))
            .collect::<Result<_, _>>()
            .map_err(|error| config::from_core(py, &error))?;
        let trace = TraceOptions { format, skip_bad, ..TraceOptions::default() };
        let reading = Reading::new(draft, settings, LevelOptions { trace, simulation, pools })
            .map_err(|error| config::from_core(py, &error))?;
        Ok(Self { reading: Mutex::new(Some(reading)) })
    }

    /// How many rows were read.
    #[getter]
    fn rows(&self, py: Python<'_>) -> PyResult<u64> {
        let rows =
            py.detach(|| self.reading.lock().map(|reading| reading.as_ref().map_or(0, Reading::rows)).ok());
        rows.ok_or_else(errors::poisoned)
    }

    /// Reads the next bytes of the trace. Raises `TraceError` at the first bad line.
    fn feed(&self, py: Python<'_>, data: &Bound<'_, PyBytes>) -> PyResult<()> {
        let bytes = data.as_bytes();
        let read = py.detach(|| self.reading.lock().map(|mut state| state.as_mut().map(|it| it.feed(bytes))).ok());
        match read.ok_or_else(errors::poisoned)? {
            Some(read) => read.map_err(|error| trace_error(py, &error)),
            None => Err(finished()),
        }
    }

    /// Runs the trace and answers the outcome, a dict. `progress` is called now and then with how many requests
    /// have arrived and how many there are.
    ///
    /// Raises `TraceError` or `ConfigError`. The object is of no more use after that.
    #[pyo3(signature = (progress=None))]
    fn finish<'py>(
        &self,
        py: Python<'py>,
        progress: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let reading = py.detach(|| self.reading.lock().map(|mut state| state.take()).ok());
        let reading = reading.ok_or_else(errors::poisoned)?.ok_or_else(finished)?;
        let mut run = py.detach(|| reading.finish()).map_err(|error| level_error(py, &error))?;
        while py.detach(|| run.push(SLICE)).map_err(|error| simulation_error(py, &error))? {
            py.check_signals()?;
            if let Some(progress) = progress {
                progress.call1(run.progress())?;
            }
        }
        let levelled = py.detach(|| run.finish()).map_err(|error| simulation_error(py, &error))?;
        config::to_python(py, &levelled)
    }
}

/// The demo's trace as CSV: a day of a shop with a lunch peak, a flash crowd and a slow pool, made from `seed`.
#[pyfunction]
#[pyo3(signature = (seed=1))]
pub(crate) fn demo_trace(py: Python<'_>, seed: u64) -> Bound<'_, PyBytes> {
    let text = py.detach(|| {
        let mut text = Vec::new();
        write_demo_csv(seed, &mut |bytes| text.extend_from_slice(bytes));
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
fn level_error(py: Python<'_>, error: &LevelError) -> PyErr {
    match error {
        LevelError::Trace(error) => trace_error(py, error),
        LevelError::Config(problems) => config::raise_problems(py, problems),
        LevelError::UnknownDomains(names) => {
            let message = format!("`domain`: the configuration has no {names}, and no pools are to be added");
            errors::raise(py, "TraceError", (message, None::<u64>, "domain"))
        }
        LevelError::Simulation(error) => simulation_error(py, error),
    }
}
