//! Policies to compare with: what other autoscalers would have done with the same pools and the same requests.
//!
//! A [`Policy`] other than [`Policy::Heijunka`] stands outside of the engine. It watches the pools through the
//! engine's public status and drives them through its public inputs `scale_up` and `scale_down`, as a caller could.
//! What it replaces is switched off, and nothing else: the engine's own scaler, its burst handler and the migration of
//! workers between pools. Admission, routing, checkout, waiting lines, spill, overflow workers and the worker start delay
//! stay as the configuration has them. (All changes to the configuration are made in [`Policy::configure`].)
//!
//! | policy | what it does | file |
//! |---|---|---|
//! | `heijunka` | the engine's own scaler, burst handler and migration | |
//! | `fixed` | a count of workers that never changes | [`fixed`] |
//! | `hpa` | the Kubernetes horizontal pod autoscaler | [`hpa`] |
//! | `kpa` | the Knative pod autoscaler | [`kpa`] |
//! | `celery` | the autoscaler of Celery's workers | [`celery`] |
//! | `clairvoyant` | the least worker-time for somebody who knows the future: a bound, not a contender | [`clairvoyant`] |
//!
//! Each pool is scaled alone, within its `min_workers` and `max_workers`. A policy that watches never takes the last
//! worker of a pool, even where `min_workers` is 0: an empty pool refuses, and these autoscalers either can't go to zero
//! or have a proxy in front that holds the requests meanwhile, which a pool here doesn't have.
//!
//! A pool's *ordered* workers are those that are there or on their way; its *ready* ones are idle or busy. Workers that are
//! busy and leave at their checkin belong to neither, as a pod that is being deleted doesn't. At one instant, policies
//! act after completions, workers that become ready and the engine's step, and before arrivals.

pub mod celery;
pub mod clairvoyant;
pub mod fixed;
pub mod hpa;
pub mod kpa;
mod read;
#[cfg(test)]
mod tests;

use alloc::vec::Vec;

use crate::config::{Config, ConfigError};
use crate::id::MAX_SLOTS;
use crate::ratio::{MILLION, Ratio};

use super::simulation::SimulationOptions;

pub use celery::Celery;
pub use clairvoyant::Foresight;
pub use fixed::{Fixed, Sizing};
pub use hpa::Hpa;
pub use kpa::Kpa;

/// Who decides how many workers there are.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Policy {
    /// The engine, as it is configured.
    #[default]
    Heijunka,
    /// Nobody: the count never changes.
    Fixed(Fixed),
    /// The Kubernetes horizontal pod autoscaler.
    Hpa(Hpa),
    /// The Knative pod autoscaler.
    Kpa(Kpa),
    /// Celery's autoscaler.
    Celery(Celery),
    /// A plan that knows the future.
    Clairvoyant,
}

impl Policy {
    /// The names of the policies, as they are written.
    pub const NAMES: [&'static str; 6] = ["heijunka", "fixed", "hpa", "kpa", "celery", "clairvoyant"];

    /// The stable name of the policy.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Heijunka => "heijunka",
            Self::Fixed(_) => "fixed",
            Self::Hpa(_) => "hpa",
            Self::Kpa(_) => "kpa",
            Self::Celery(_) => "celery",
            Self::Clairvoyant => "clairvoyant",
        }
    }

    /// Whether the requests have to be run twice: once to see what comes ([`Foresight`]), and once by what was seen.
    pub const fn needs_foresight(&self) -> bool {
        match self {
            Self::Fixed(fixed) => fixed.sizing.needs_foresight(),
            Self::Clairvoyant => true,
            _ => false,
        }
    }

    /// Whether the engine's own scaling is switched off.
    pub const fn is_outside(&self) -> bool {
        !matches!(self, Self::Heijunka)
    }

    /// Checks the policy against the pools that there are, and the world.
    ///
    /// Fails when `fixed` names a pool that there isn't, leaves one out, or has a count outside of a pool's bounds; and
    /// when `clairvoyant` is to foresee what depends on how many workers there are.
    pub fn check(&self, config: &Config, options: &SimulationOptions) -> Result<(), ConfigError> {
        match self {
            Self::Fixed(fixed) => fixed.check(&config.pools),
            Self::Clairvoyant => clairvoyant::check(options),
            _ => Ok(()),
        }
    }

    /// Changes a configuration to what the policy needs; all that a policy changes is changed here.
    ///
    /// - Every policy but `heijunka`: `scaler.enabled = false`, `burst.enabled = false`, and `balancer.trigger = 0`, so
    ///   that no worker migrates.
    /// - `fixed`: `initial_workers` as sized.
    /// - `clairvoyant`: requests go where their key belongs, however full that pool is (no `spill`, and
    ///   `balancer.overload = 1`), so that where they go doesn't depend on how many workers there are; and
    ///   `limits.max_workers` has room for all workers of all pools.
    pub fn configure(&self, config: &mut Config, foresight: Option<&Foresight>) {
        if !self.is_outside() {
            return;
        }
        switch_off(config);
        match self {
            Self::Fixed(fixed) => fixed.configure(config, foresight),
            Self::Clairvoyant => {
                route_by_key_alone(config);
                for (pool, seen) in
                    config.pools.iter_mut().zip(foresight.into_iter().flat_map(Foresight::pools))
                {
                    pool.initial_workers = seen.initial_workers;
                }
            }
            _ => {}
        }
    }

    /// Changes a configuration to one in which every pool has its most workers all the time: the run that sees what comes.
    pub fn configure_scout(config: &mut Config) {
        switch_off(config);
        route_by_key_alone(config);
        for pool in &mut config.pools {
            pool.initial_workers = pool.max_workers;
        }
    }

    /// How often the policy looks at the pools; `None`: it doesn't look.
    pub(super) const fn looks_every_us(&self) -> Option<u64> {
        match self {
            Self::Hpa(hpa) => Some(hpa.period_us),
            Self::Kpa(_) => Some(kpa::SAMPLE_US),
            Self::Celery(celery) => Some(celery.period_us),
            _ => None,
        }
    }

    /// Somebody who watches one pool that starts with `workers` at the time 0.
    pub(super) fn watcher(&self, workers: u32) -> Option<Watcher> {
        match self {
            Self::Hpa(hpa) => Some(Watcher::Hpa(hpa::Pool::new(hpa.clone(), workers))),
            Self::Kpa(kpa) => Some(Watcher::Kpa(kpa::Pool::new(kpa.clone()))),
            Self::Celery(celery) => Some(Watcher::Celery(celery::Pool::new(celery.clone()))),
            _ => None,
        }
    }
}

fn switch_off(config: &mut Config) {
    config.scaler.enabled = false;
    config.burst.enabled = false;
    config.balancer.trigger = Ratio::from_ppm(0);
}

fn route_by_key_alone(config: &mut Config) {
    for domain in &mut config.domains {
        domain.spill = Some(Vec::new());
    }
    // Utilization can't go above 1.
    config.balancer.overload = Ratio::from_ppm(MILLION);
    let most = config.pools.iter().fold(0_u32, |sum, pool| sum.saturating_add(pool.surge_max_workers));
    config.limits.max_workers = config.limits.max_workers.max(most).min(MAX_SLOTS);
}

/// What a policy sees of a pool: the averages since it looked last, as areas (count × µs), and how it is now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Sight {
    /// Since it looked last, in microseconds.
    pub(super) passed_us: u64,
    /// Busy workers, without those that leave at their checkin.
    pub(super) busy_us: u128,
    /// Ready workers.
    pub(super) ready_us: u128,
    /// Requests in the waiting line.
    pub(super) waiting_us: u128,
    /// Busy workers now.
    pub(super) busy: u32,
    /// Ready workers now.
    pub(super) ready: u32,
    /// Workers that were ordered and aren't ready yet.
    pub(super) starting: u32,
    /// Requests in the waiting line now.
    pub(super) waiting: u32,
    /// Ordered workers.
    pub(super) workers: u32,
    /// The fewest workers it may order.
    pub(super) least: u32,
    /// The most.
    pub(super) most: u32,
}

/// What a policy keeps about one pool.
#[derive(Debug)]
pub(super) enum Watcher {
    Hpa(hpa::Pool),
    Kpa(kpa::Pool),
    Celery(celery::Pool),
}

impl Watcher {
    /// How many workers the pool should have, within its bounds.
    pub(super) fn decide(&mut self, now_us: u64, sight: &Sight) -> u32 {
        let desired = match self {
            Self::Hpa(pool) => pool.decide(now_us, sight),
            Self::Kpa(pool) => pool.decide(now_us, sight),
            Self::Celery(pool) => pool.decide(now_us, sight),
        };
        desired.max(sight.least).min(sight.most)
    }
}
