//! Simulating a workload, as a Python function.

use heijunka_core::whatif::Run;
use pyo3::prelude::*;

use crate::args::Seed;
use crate::config;
use crate::replay::replay_error;

/// How many requests arrive between two looks at progress and signals: some 30 ms.
const AT_ONCE: u64 = 65_536;

/// Simulates a workload on a configuration and answers the outcome, a dict like that of `replay`.
///
/// `workload` is a dict. What arrives is one of
///
/// - `requests`: a list of dicts with `arrival_us`, `domain`, `service_us`, `key`;
/// - `trace`: a trace's text;
/// - `demo`: True for a day that is made from `seed`;
/// - `profile`: a built-in workload, one of `heijunka.profiles`;
/// - `domains`: a dict of domains, each with `arrivals`, `service` and, if wanted, `keys` (how many different ones).
///
/// `arrivals` is a dict with `process` and its fields: `constant` and `poisson` (`rate_per_s`), `ramp` (`from_per_s`,
/// `to_per_s`), `diurnal` (`mean_per_s`, `amplitude`, `period_us`, `peak_at_us`), `spike` (`rate_per_s`, `factor`,
/// `from_us`, `to_us`), `mmpp` (`states`, each with `rate_per_s` and `mean_us`). `service` is one with `distribution`,
/// `mean_us` and, of `log_normal`, `variation`, of `pareto`, `shape`; `constant` and `exponential` have nothing more.
/// What is made arrives for `duration_us` (an hour).
///
/// The options of `replay` go with it by name, and the world may be a hard one: `crashes_per_worker_hour`; `slow`, a list
/// of dicts with `pool`, `from_us`, `to_us`, `factor`; `retries`, a dict with `attempts`, `backoff_us`, `multiplier`,
/// `max_backoff_us`, `jitter`, `honor_retry_after`, `timeout_us`.
///
/// `policy` says who scales: `heijunka` (the engine), or to compare with `hpa`, `kpa`, `celery`, `clairvoyant`, or a dict
/// with `kind` and parameters: `fixed` (`workers`, a count or a dict by pool; or `for`, `mean` or `peak`, with `target`),
/// `hpa` (`target`, `tolerance`, `period_us`, `stabilization_us`, `up_fraction`, `up_workers`), `kpa` (`target`,
/// `stable_window_us`, `panic_window_us`, `panic_threshold`, `tick_us`, `max_scale_up_rate`, `max_scale_down_rate`,
/// `scale_down_delay_us`), `celery` (`period_us`, `keepalive_us`, `prefetch_multiplier`).
///
/// `runs` (1) is the number of seeds, from `seed` on: the outcome is that of the first, and its `runs` has the mean and
/// the 95 % interval of the main figures.
///
/// The same arguments give the same outcome, bit for bit, in every language. `progress` is called now and then with the
/// share that is done (0 to 1) and the requests that have arrived; what it raises ends the run. Raises `ConfigError` or
/// `TraceError`. Other threads run meanwhile.
#[pyfunction]
#[pyo3(
    signature = (config, workload, seed=Seed(1), *, progress=None),
    text_signature = "(config, workload, seed=1, *, progress=None)"
)]
pub(crate) fn simulate<'py>(
    py: Python<'py>,
    config: Option<&Bound<'py, PyAny>>,
    workload: &Bound<'py, PyAny>,
    seed: Seed,
    progress: Option<&Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyAny>> {
    let config = config::value_of(config)?;
    let workload = config::mapping_of(workload, "`workload`", "workload")?;
    let told = |error| replay_error(py, &error);
    let mut run = py.detach(|| Run::new(&config, &workload, seed.0)).map_err(told)?;
    loop {
        let reached = py.detach(|| run.advance(AT_ONCE)).map_err(told)?;
        py.check_signals()?;
        if let Some(progress) = progress {
            progress.call1((reached.share, reached.requests))?;
        }
        if reached.done {
            break;
        }
    }
    let replayed = py.detach(|| run.finish()).map_err(told)?;
    config::to_python(py, &replayed)
}
