//! Runs that are checked before they are made, and traces that are read once and run many times: what comparisons
//! are made of.

use std::ops::ControlFlow;
use std::sync::{Arc, Mutex};

use heijunka_core::config::Draft;
use heijunka_core::whatif::Run;
use heijunka_core::whatif::replay::{
    self, ReplayError, ReplayOptions, Replayed, TraceRecorder, check, replay,
};
use heijunka_core::whatif::trace::TraceOptions;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::args::{DefaultService, MaxWaiting, Seed, SkipBad, StartDelay, Wait};
use crate::replay::{Answer, Asked, Options, replay_error, trace_error, trace_options};
use crate::{config, errors};

/// How many requests a workload's run goes on for between two calls of `progress`.
const BATCH: u64 = 65_536;

/// A trace that is read once: `feed` its bytes, however they are cut, then `prepare` runs of it.
#[pyclass(frozen, module = "heijunka._heijunka")]
pub(crate) struct Trace {
    state: Mutex<State>,
}

enum State {
    Reading(Box<TraceRecorder>, TraceOptions),
    Read(Arc<replay::Trace>, TraceOptions),
    /// It was bad.
    Gone,
}

#[pymethods]
impl Trace {
    #[new]
    #[pyo3(signature = (*, format=None, skip_bad=SkipBad(false)), text_signature = "(*, format='auto', skip_bad=False)")]
    fn new(format: Option<&Bound<'_, PyAny>>, skip_bad: SkipBad) -> PyResult<Self> {
        let options = trace_options(format, skip_bad)?;
        let recorder = Box::new(TraceRecorder::new(options.clone()));
        Ok(Self { state: Mutex::new(State::Reading(recorder, options)) })
    }

    /// Reads the next bytes of the trace. Raises `TraceError` at the first bad line.
    fn feed(&self, py: Python<'_>, data: &Bound<'_, PyBytes>) -> PyResult<()> {
        let bytes = data.as_bytes();
        let fed = py.detach(|| {
            let mut state = self.state.lock().map_err(|_| ())?;
            Ok(match &mut *state {
                State::Reading(recorder, _) => Some(recorder.feed(bytes)),
                _ => None,
            })
        });
        match fed.map_err(|()| errors::poisoned())? {
            Some(fed) => fed.map_err(|error| trace_error(py, &error)),
            None => Err(pyo3::exceptions::PyRuntimeError::new_err("the trace has been read")),
        }
    }

    /// Checks a run of the trace (the first time, the trace is ended) and answers it. The arguments are those of
    /// `heijunka.replay`. Raises `TraceError` or `ConfigError`.
    #[pyo3(
        signature = (
            config=None, *, preset=None, set=None, pools=None, workers_start_delay_us=StartDelay(0),
            speed_up=None, wait_us=None, default_service_us=None, max_waiting=None, policy=None
        ),
        text_signature = "(self, config=None, *, preset=None, set=[], pools='own', workers_start_delay_us=0, \
            speed_up=1.0, wait_us=None, default_service_us=None, max_waiting=None, policy=None)"
    )]
    #[allow(clippy::too_many_arguments)] // options, by keyword
    fn prepare(
        &self,
        py: Python<'_>,
        config: Option<&Bound<'_, PyAny>>,
        preset: Option<&Bound<'_, PyAny>>,
        set: Option<&Bound<'_, PyAny>>,
        pools: Option<&Bound<'_, PyAny>>,
        workers_start_delay_us: StartDelay,
        speed_up: Option<&Bound<'_, PyAny>>,
        wait_us: Option<Wait>,
        default_service_us: Option<DefaultService>,
        max_waiting: Option<MaxWaiting>,
        policy: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Prepared> {
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
        let (trace, read) = self.trace(py)?;
        let (draft, options) = asked.read(py, read)?;
        py.detach(|| check(&trace, &draft, &options)).map_err(|error| replay_error(py, &error))?;
        let work = Work::Replay(trace, Box::new(draft), Box::new(options));
        Ok(Prepared { work: Mutex::new(Some(work)) })
    }
}

impl Trace {
    /// The trace, ended if it wasn't.
    fn trace(&self, py: Python<'_>) -> PyResult<(Arc<replay::Trace>, TraceOptions)> {
        let read = py.detach(|| {
            let mut state = self.state.lock().map_err(|_| ())?;
            if let State::Reading(..) = &*state
                && let State::Reading(recorder, options) = std::mem::replace(&mut *state, State::Gone)
            {
                match recorder.finish() {
                    Ok(trace) => *state = State::Read(Arc::new(trace), options),
                    Err(error) => return Ok(Err(Some(error))),
                }
            }
            match &*state {
                State::Read(trace, options) => Ok(Ok((Arc::clone(trace), options.clone()))),
                _ => Ok(Err(None)),
            }
        });
        read.map_err(|()| errors::poisoned())?.map_err(|error| match error {
            Some(error) => trace_error(py, &error),
            None => pyo3::exceptions::PyRuntimeError::new_err("the trace was bad"),
        })
    }
}

/// A run that has been checked: `run` it once.
#[pyclass(frozen, module = "heijunka._heijunka")]
pub(crate) struct Prepared {
    work: Mutex<Option<Work>>,
}

enum Work {
    Replay(Arc<replay::Trace>, Box<Draft>, Box<ReplayOptions>),
    Run(Box<Run>),
}

#[pymethods]
impl Prepared {
    /// Runs it and answers the outcome, a dict. `progress` is called now and then with how much is done, as a share
    /// from 0 to 1; what it raises ends the run. Other threads run meanwhile.
    #[pyo3(signature = (progress=None))]
    fn run<'py>(&self, py: Python<'py>, progress: Option<Py<PyAny>>) -> PyResult<Bound<'py, PyAny>> {
        let work = py.detach(|| self.work.lock().map(|mut work| work.take()).map_err(|_| ()));
        let work = work.map_err(|()| errors::poisoned())?;
        let work = work.ok_or_else(|| pyo3::exceptions::PyRuntimeError::new_err("it has been run"))?;
        let mut raised = None;
        let mut tell = |share: f64| {
            let told = Python::attach(|py| {
                py.check_signals()?;
                progress.as_ref().map_or(Ok(()), |progress| progress.call1(py, (share,)).map(drop))
            });
            match told {
                Ok(()) => ControlFlow::Continue(()),
                Err(error) => {
                    raised = Some(error);
                    ControlFlow::Break(())
                }
            }
        };
        let run = py.detach(|| work.run(&mut tell));
        match run {
            Ok((replayed, Some(options))) => config::to_python(py, &Answer { replayed, options }),
            Ok((replayed, None)) => config::to_python(py, &replayed),
            Err(error) => Err(raised.unwrap_or_else(|| replay_error(py, &error))),
        }
    }
}

impl Work {
    fn run(
        self,
        tell: &mut impl FnMut(f64) -> ControlFlow<()>,
    ) -> Result<(Replayed, Option<Options>), ReplayError> {
        match self {
            Self::Replay(trace, draft, options) => {
                #[allow(clippy::cast_precision_loss)] // a share
                let replayed =
                    replay(&trace, &draft, &options, &mut |done, all| tell(done as f64 / all.max(1) as f64))?;
                Ok((replayed, Some(Options::new(&options))))
            }
            Self::Run(mut run) => loop {
                let progress = run.advance(BATCH)?;
                if tell(progress.share).is_break() {
                    return Err(ReplayError::Stopped);
                }
                if progress.done {
                    return Ok((run.finish()?, None));
                }
            },
        }
    }
}

/// Checks a run of a workload and answers it. The arguments are those of `heijunka.simulate`.
#[pyfunction]
#[pyo3(signature = (config, workload, seed=Seed(1)), text_signature = "(config, workload, seed=1)")]
pub(crate) fn prepare(
    py: Python<'_>,
    config: Option<&Bound<'_, PyAny>>,
    workload: &Bound<'_, PyAny>,
    seed: Seed,
) -> PyResult<Prepared> {
    let config = config::value_of(config)?;
    let workload = config::mapping_of(workload, "`workload`", "workload")?;
    match py.detach(|| Run::new(&config, &workload, seed.0)) {
        Ok(run) => Ok(Prepared { work: Mutex::new(Some(Work::Run(Box::new(run)))) }),
        Err(error) => Err(replay_error(py, &error)),
    }
}
