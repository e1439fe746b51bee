//! Reading what goes wrong in the world: crashes, slow pools, clients that try again.

use alloc::format;

use super::recipe::{LONGEST_US, window};
use crate::config::Value;
use crate::fields::{Fields, Problems, Span};
use crate::whatif::simulation::{Retries, SimulationOptions, Slow};

/// The most times at which pools are slow.
const MOST_SLOW: usize = 1000;

/// Reads the members into `out`. `retries` are those of the profile, if there is one.
pub(super) fn read(
    workload: &Fields<'_>,
    retries: Option<Retries>,
    out: &mut SimulationOptions,
    problems: &mut Problems,
) {
    let per_hour = Span::from_to(0.0, 3600.0);
    if let Some(rate) = workload.number("crashes_per_worker_hour", per_hour, Some(0.0), problems) {
        out.crashes_per_worker_hour = rate;
    }
    let expected = format!("a list of at most {MOST_SLOW} maps with `pool`, `from_us`, `to_us` and `factor`");
    if let Some(items) = workload.list("slow", &expected, problems) {
        if items.len() > MOST_SLOW {
            workload.wrong("slow", &expected, problems);
        } else {
            let path = workload.path("slow");
            let read = items.iter().enumerate();
            out.slow = read.filter_map(|(index, item)| slow(&path, index, item, problems)).collect();
        }
    }
    out.retries = match workload.get("retries") {
        None => retries,
        // A profile's clients can be told not to.
        Some(Value::Bool(false)) => None,
        Some(value) => read_retries(workload, value, retries.unwrap_or_default(), problems),
    };
}

fn slow(path: &str, index: usize, item: &Value, problems: &mut Problems) -> Option<Slow> {
    let known = ["pool", "from_us", "to_us", "factor"];
    let expected = "a map with `pool`, `from_us`, `to_us` and `factor`";
    let fields = Fields::read(format!("{path}[{index}]"), item, &known, expected, problems)?;
    let pool = match fields.get("pool") {
        Some(Value::Text(pool)) => Some(pool.clone()),
        _ => {
            fields.wrong("pool", "a pool's name", problems);
            None
        }
    };
    let window = window(&fields, problems);
    let factor = fields.number("factor", Span::above_to(0.0, 1e6), None, problems);
    let ((from_us, to_us), pool, factor) = (window?, pool?, factor?);
    Some(Slow { pool, from_us, to_us, factor })
}

fn read_retries(
    workload: &Fields<'_>,
    value: &Value,
    usual: Retries,
    problems: &mut Problems,
) -> Option<Retries> {
    let known = [
        "attempts",
        "backoff_us",
        "multiplier",
        "max_backoff_us",
        "jitter",
        "honor_retry_after",
        "timeout_us",
    ];
    let fields = Fields::read(workload.path("retries"), value, &known, "a map, or false", problems)?;
    let attempts = fields.integer("attempts", &(1..=100), Some(usual.attempts.into()), problems);
    let backoff_us = fields.integer("backoff_us", &(0..=LONGEST_US), Some(usual.backoff_us), problems);
    let multiplier =
        fields.number("multiplier", Span::from_to(1.0, 1000.0), Some(usual.multiplier), problems);
    let most_us = fields.integer("max_backoff_us", &(0..=LONGEST_US), Some(usual.max_backoff_us), problems);
    let jitter = fields.number("jitter", Span::from_to(0.0, 1.0), Some(usual.jitter), problems);
    let honors = fields.flag("honor_retry_after", usual.honor_retry_after, problems);
    let timeout_us = match fields.get("timeout_us") {
        None => Some(usual.timeout_us),
        Some(_) => fields.integer("timeout_us", &(1..=LONGEST_US), None, problems).map(Some),
    };
    Some(Retries {
        attempts: u32::try_from(attempts?).ok()?,
        backoff_us: backoff_us?,
        multiplier: multiplier?,
        max_backoff_us: most_us?,
        jitter: jitter?,
        honor_retry_after: honors?,
        timeout_us: timeout_us?,
    })
}
