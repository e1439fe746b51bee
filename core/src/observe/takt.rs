//! Takt: the pace that demand asks for, and the workers it takes.

use alloc::string::String;
use alloc::vec::Vec;

use serde::Serialize;

use super::fraction;
use crate::ratio::Ratio;
use crate::time::SECOND_US;

/// Over how many whole seconds arrivals are counted.
pub(crate) const TAKT_WINDOW: u32 = 60;

/// Demand's pace against the pools'.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Takt {
    /// Over which time arrivals were counted, in microseconds: the last 60 whole seconds, or as many as there were.
    pub window_us: u64,
    /// The pools, by id.
    pub pools: Vec<PoolTakt>,
}

/// A pool's part.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PoolTakt {
    /// The pool.
    pub pool: String,
    /// Requests that came in the window, refused ones included.
    pub arrivals: u64,
    /// Demand takt: the time of one arrival, in microseconds; `None` without arrivals.
    pub takt_us: Option<f64>,
    /// Cycle time: the mean service time of the completions of the last 60 s, else the last mean known, in whole
    /// microseconds; `None` before the first completion.
    pub cycle_us: Option<u64>,
    /// ceil(cycle / takt / `scaler.target_utilization`), in integers; 0 without arrivals, `None` without a cycle time.
    pub workers_needed: Option<u32>,
    /// The regular workers that are ready and stay.
    pub workers: u32,
}

/// What is known of a pool's pace.
#[derive(Debug, Clone)]
pub(crate) struct Pace<'a> {
    pub(crate) name: &'a str,
    pub(crate) arrivals: u64,
    /// Whole seconds.
    pub(crate) seconds: u64,
    pub(crate) cycle_us: Option<u64>,
    pub(crate) workers: u32,
}

pub(crate) fn takt<'a>(pools: impl Iterator<Item = Pace<'a>>, target: Ratio) -> Takt {
    let mut window_us = 0;
    let pools = pools.map(|pace| {
        window_us = pace.seconds.saturating_mul(SECOND_US);
        let needed = |cycle_us: u64| {
            // cycle / takt = cycle × arrivals / window.
            target.ceil_div(u128::from(cycle_us) * u128::from(pace.arrivals), window_us.into())
        };
        PoolTakt {
            pool: pace.name.into(),
            arrivals: pace.arrivals,
            takt_us: (pace.arrivals > 0).then(|| fraction(window_us.into(), pace.arrivals.into())),
            cycle_us: pace.cycle_us,
            workers_needed: if pace.arrivals == 0 { Some(0) } else { pace.cycle_us.map(needed) },
            workers: pace.workers,
        }
    });
    let pools = pools.collect();
    Takt { window_us, pools }
}
