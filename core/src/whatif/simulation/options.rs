//! How requests are simulated.

use alloc::vec::Vec;

use super::clients::Retries;
use super::world::Slow;
use crate::time::SECOND_US;
use crate::whatif::policy::Policy;

/// How requests are simulated.
#[derive(Debug, Clone, PartialEq)]
pub struct SimulationOptions {
    /// How long a worker that is ordered takes until it is ready, in microseconds; overflow workers are ready at
    /// once. 0: as the configuration's `worker_start` says, without any delay. Above 0 the engine runs with
    /// `worker_start = "confirmed"`, and with a `worker_start_timeout_us` of at least twice the delay.
    pub worker_start_delay_us: u64,
    /// The gaps between arrivals are divided by this; above 0.
    pub speed_up: f64,
    /// The service time of requests that have none: 100 ms.
    pub default_service_us: u64,
    /// How long a request waits in a line, if its pool has one: 30 s.
    pub patience_us: u64,
    /// How long the run goes on at most after the last arrival: 1 h.
    pub drain_us: u64,
    /// The most points of the series, rounded down to an even number: 720, which is also the highest. With more than
    /// 256 pools there are fewer, down to 60.
    pub max_points: u32,
    /// The most marks kept of surges, of migrations, of scalings and of alerts: 1,000 each.
    pub max_marks: u32,
    /// How often a worker that has started crashes in an hour, in the mean: 0. Its request fails, and the engine learns
    /// of it at once.
    pub crashes_per_worker_hour: f64,
    /// Pools that are slow for a while: none.
    pub slow: Vec<Slow>,
    /// How clients try again: they don't.
    pub retries: Option<Retries>,
    /// What crashes and jitter are drawn from: 1.
    pub seed: u64,
    /// Who scales: the engine.
    pub policy: Policy,
}

impl Default for SimulationOptions {
    fn default() -> Self {
        Self {
            worker_start_delay_us: 0,
            speed_up: 1.0,
            default_service_us: 100_000,
            patience_us: 30 * SECOND_US,
            drain_us: 3600 * SECOND_US,
            max_points: 720,
            max_marks: 1000,
            crashes_per_worker_hour: 0.0,
            slow: Vec::new(),
            retries: None,
            seed: 1,
            policy: Policy::Heijunka,
        }
    }
}
