//! What-if: a workload simulated on a configuration.

use std::ffi::c_char;

use heijunka_core::whatif;
use heijunka_core::whatif::replay::ReplayError;
use heijunka_core::whatif::simulation::SimulationError;

use crate::guard::{Failure, enter};
use crate::out::{Out, TextOut};
use crate::{args, status};

/// A simulation that has run, and its outcome. It doesn't change any more, so that any thread may read it.
pub struct heijunka_simulation {
    /// As JSON.
    result: String,
}

/// Simulates a workload on a configuration, in simulated time, and writes a handle for the outcome to
/// `*out_simulation`. `config` is as for heijunka_engine_new. `workload` is JSON or TOML. What arrives is one of
///   `{"demo": true}`                   the day of a shop, made from `seed`;
///   `{"trace": "arrival_us,domain…"}`  the text of a trace: CSV, JSON lines or an access log;
///   `{"requests": [{"arrival_us": 0, "domain": "payment", "service_us": 25000, "key": "k"}, …]}`
///   `{"profile": "steady"}`            a built-in workload: "steady", "ramp", "diurnal", "spike", "bursty",
///                                      "heavy_tail" or "retry_storm";
///   `{"domains": {"payment": {"arrivals": {"process": "poisson", "rate_per_s": 5},
///                             "service": {"distribution": "exponential", "mean_us": 100000}, "keys": 1000}, …}}`
/// A `process` and its fields: "constant" and "poisson" (`rate_per_s`), "ramp" (`from_per_s`, `to_per_s`), "diurnal"
/// (`mean_per_s`, `amplitude`, `period_us`, `peak_at_us`), "spike" (`rate_per_s`, `factor`, `from_us`, `to_us`), "mmpp"
/// (`states`: a list of `rate_per_s` and `mean_us`). A `distribution`, beside `mean_us`: "constant", "exponential",
/// "log_normal" (`variation`), "pareto" (`shape`). The last two sources make requests from `seed` for `duration_us` (an
/// hour).
///
/// Beside that, where wanted: `format` ("auto", "csv", "jsonl" or "log") and `skip_bad` of a trace, `pools` ("own",
/// "shared" or "config": where domains go that the configuration doesn't have), `set` (a list of "path=value"),
/// `workers_start_delay_us`, `speed_up`, `wait_us`, `default_service_us`. What goes wrong in the world:
/// `crashes_per_worker_hour`; `slow`, a list of `pool`, `from_us`, `to_us` and `factor`; `retries`, clients that try
/// again: `attempts`, `backoff_us`, `multiplier`, `max_backoff_us`, `jitter`, `honor_retry_after`, `timeout_us`.
/// `max_waiting`: the places in the waiting line of pools that don't say how many. `policy`: who scales, "heijunka" (the
/// engine), or to compare with "hpa", "kpa", "celery", "clairvoyant", or a map with `kind` and parameters:
///   `{"kind": "fixed", "workers": 8}`  a count for each pool, or a map of counts by pool;
///   `{"kind": "fixed", "for": "peak"}` for the busiest minute, or for the "mean", with `target` (0.7);
///   "hpa": `target`, `tolerance`, `period_us`, `stabilization_us`, `up_fraction`, `up_workers`;
///   "kpa": `target`, `stable_window_us`, `panic_window_us`, `panic_threshold`, `tick_us`, `max_scale_up_rate`,
///          `max_scale_down_rate`, `scale_down_delay_us`;
///   "celery": `period_us`, `keepalive_us`, `prefetch_multiplier`.
/// `runs`:
/// with how many seeds, from `seed` on; the outcome is that of the first, and its `runs` has the mean and the 95 %
/// interval of the main figures. The same arguments give the same outcome, bit for bit.
///
/// It answers when the simulation has run: a day of 200 requests a second takes about six seconds.
///
/// Fails with INVALID_CONFIG (of the workload as well), INVALID_TRACE or INVALID_UTF8; heijunka_last_error tells what
/// is wrong.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn heijunka_simulation_new(
    config: *const c_char,
    config_len: usize,
    workload: *const c_char,
    workload_len: usize,
    seed: u64,
    out_simulation: *mut *mut heijunka_simulation,
) -> i32 {
    enter(|| {
        // SAFETY: the caller owes what the header says of pointers.
        let (out, config, workload) = unsafe {
            (
                Out::new(out_simulation, "out_simulation")?,
                args::value(config, config_len, "config")?,
                args::value(workload, workload_len, "workload")?,
            )
        };
        let replayed = whatif::simulate(&config, &workload, seed).map_err(failure)?;
        let result = serde_json::to_string(&replayed).map_err(|error| Failure::internal(&error))?;
        out.write(Box::into_raw(Box::new(heijunka_simulation { result })));
        Ok(status::HEIJUNKA_OK)
    })
}

/// The outcome of a simulation: what was offered, accepted, refused and why, waits and latencies, utilization,
/// worker-hours and cost, and how all that went over time.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn heijunka_simulation_result(
    simulation: *const heijunka_simulation,
    buf: *mut c_char,
    cap: usize,
    out_len: *mut usize,
) -> i32 {
    enter(|| {
        // SAFETY: the caller owes what the header says of handles and buffers.
        let (out, simulation) = unsafe { (TextOut::new(buf, cap, out_len)?, simulation.as_ref()) };
        out.write(&simulation.ok_or_else(|| Failure::null("simulation"))?.result)
    })
}

/// Frees a simulation. NULL is fine. No other thread may be inside a call on it, or call it again.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn heijunka_simulation_free(simulation: *mut heijunka_simulation) {
    enter(|| {
        if !simulation.is_null() {
            // SAFETY: heijunka_simulation_new made it so, and the caller frees it once.
            drop(unsafe { Box::from_raw(simulation) });
        }
        Ok(status::HEIJUNKA_OK)
    });
}

fn failure(error: ReplayError) -> Failure {
    match error {
        ReplayError::Simulation(
            error @ (SimulationError::Unbalanced { .. } | SimulationError::Unforeseen),
        ) => Failure::internal(&error),
        error => Failure::Text(error.code(), error.to_string().into()),
    }
}

#[cfg(test)]
mod tests {
    use heijunka_core::whatif::generate::Profile;

    /// The docs of C and Go list the built-in profiles by hand.
    #[test]
    fn every_profile_is_told_of() {
        for text in [include_str!("simulate.rs"), include_str!("../../go/library.go")] {
            for profile in Profile::ALL {
                assert!(text.contains(&format!("\"{}\"", profile.as_str())), "{}", profile.as_str());
            }
        }
    }
}
