//! Fixed capacity: a count of workers that never changes.
//!
//! Given as a count, or sized by somebody who knows the requests beforehand: for their *mean*, ceil(offered work / time /
//! 0.70), or for their *peak*, the same of the minute that brings the most work. Offered work is the service time of all
//! requests that come to the pool, whether it could take them or not; a minute's work is that of the requests that arrive
//! in it. What is sized is kept within the pool's `min_workers` and `max_workers`, and is at least one.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::Foresight;
use crate::config::{Config, ConfigError, PoolConfig, Problem, join, quoted, unknown_name};
use crate::ratio::Ratio;

/// The parameters of fixed capacity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fixed {
    /// How many workers.
    pub sizing: Sizing,
    /// The utilization aimed at when sized by the requests: 0.70.
    pub target: Ratio,
}

/// How many workers a fixed pool has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sizing {
    /// As many in every pool.
    All(u32),
    /// By the name of the pool.
    Each(Vec<(String, u32)>),
    /// For the mean of the offered work.
    Mean,
    /// For the minute with the most offered work.
    Peak,
}

impl Sizing {
    pub(super) const fn needs_foresight(&self) -> bool {
        matches!(self, Self::Mean | Self::Peak)
    }
}

impl Fixed {
    /// As sized, for a utilization of 0.70.
    pub const fn new(sizing: Sizing) -> Self {
        Self { sizing, target: Ratio::from_ppm(700_000) }
    }

    pub(super) fn check(&self, pools: &[PoolConfig]) -> Result<(), ConfigError> {
        const PATH: &str = "policy.workers";
        let mut problems = Vec::new();
        let mut check = |path: String, count: u32, pool: &PoolConfig| {
            if count < pool.min_workers || count > pool.max_workers {
                let (name, min, max) = (join("pools", &pool.name), pool.min_workers, pool.max_workers);
                let message = format!(
                    "{count} is outside {min} to {max}, the `min_workers` and `max_workers` of `{name}`"
                );
                problems.push(Problem { path, message });
            }
        };
        match &self.sizing {
            Sizing::All(count) => pools.iter().for_each(|pool| check(PATH.into(), *count, pool)),
            Sizing::Each(counts) => {
                for pool in pools {
                    if let Some((name, count)) = counts.iter().find(|(name, _)| *name == pool.name) {
                        check(join(PATH, name), *count, pool);
                    }
                }
                let names = || pools.iter().map(|pool| pool.name.as_str());
                for (name, _) in counts.iter().filter(|(name, _)| names().all(|pool| pool != name)) {
                    problems
                        .push(Problem { path: PATH.into(), message: unknown_name("pool", name, names()) });
                }
                for name in names().filter(|pool| counts.iter().all(|(name, _)| name != pool)) {
                    let message = format!("there is no count for the pool {}", quoted(name));
                    problems.push(Problem { path: PATH.into(), message });
                }
            }
            Sizing::Mean | Sizing::Peak => {}
        }
        ConfigError::check(problems)
    }

    pub(super) fn configure(&self, config: &mut Config, foresight: Option<&Foresight>) {
        for (place, pool) in config.pools.iter_mut().enumerate() {
            let seen = foresight.and_then(|foresight| foresight.pools().get(place));
            let sized = |work: fn(&super::clairvoyant::PoolForesight) -> (u128, u64)| {
                let (work_us, time_us) = seen.map_or((0, 1), work);
                let count = self.target.ceil_div(work_us, time_us.into());
                count.max(pool.min_workers).max(1).min(pool.max_workers)
            };
            pool.initial_workers = match &self.sizing {
                Sizing::All(count) => *count,
                Sizing::Each(counts) => {
                    let count = counts.iter().find(|(name, _)| *name == pool.name);
                    count.map_or(pool.initial_workers, |(_, count)| *count)
                }
                Sizing::Mean => sized(|seen| (seen.work_us, seen.time_us)),
                Sizing::Peak => sized(|seen| (seen.busiest_us, seen.minute_us)),
            };
        }
    }
}
