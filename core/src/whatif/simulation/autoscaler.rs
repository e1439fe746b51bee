//! A policy from outside, at work in a simulation: it looks at the pools when it is time, and orders and removes workers
//! through the engine's public inputs.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::mem;

use super::statistics::Statistics;
use super::{Simulation, SimulationError, SimulationOptions};
use crate::config::Config;
use crate::engine::Engine;
use crate::id::PoolId;
use crate::time::next_period;
use crate::whatif::policy::clairvoyant::{Change, Scout, Services};
use crate::whatif::policy::{Foresight, Policy, Sight, Watcher};

/// What stands outside of the engine in a run.
#[derive(Debug, Default)]
pub(super) struct Outside {
    scaler: Scaler,
    /// Sees what comes, for a run that knows it then.
    scout: Option<Scout>,
    /// The services so far and those foreseen, when they are to be the same.
    foreseen: Option<(Services, Services)>,
}

/// Who scales from outside.
#[derive(Debug, Default)]
enum Scaler {
    /// Nobody.
    #[default]
    None,
    /// A policy that looks at the pools now and then.
    Watching { every_us: u64, next_us: u64, pools: Vec<(Watcher, Bounds)> },
    /// A plan made beforehand, and the place of what is next.
    Plan { changes: Arc<[Change]>, next: usize },
}

#[derive(Debug, Clone, Copy)]
struct Bounds {
    least: u32,
    most: u32,
}

impl Outside {
    pub(super) fn new(config: &Config, options: &SimulationOptions, foresight: Option<&Foresight>) -> Self {
        let policy = &options.policy;
        let scaler = match (policy, policy.looks_every_us(), foresight) {
            (Policy::Clairvoyant, _, Some(foresight)) => {
                Scaler::Plan { changes: Arc::clone(foresight.plan()), next: 0 }
            }
            (_, Some(every_us), _) => {
                let pools = config.pools.iter().filter_map(|pool| {
                    let bounds = Bounds { least: pool.min_workers.max(1), most: pool.max_workers };
                    policy.watcher(pool.initial_workers).map(|watcher| (watcher, bounds))
                });
                Scaler::Watching { every_us, next_us: every_us, pools: pools.collect() }
            }
            _ => Scaler::None,
        };
        let foreseen = match (policy, foresight) {
            (Policy::Clairvoyant, Some(foresight)) => Some((Services::default(), foresight.services())),
            _ => None,
        };
        Self { scaler, scout: None, foreseen }
    }

    /// A run that sees what comes.
    pub(super) fn scouting(config: &Config, options: &SimulationOptions) -> Self {
        let scout = Scout::new(&config.pools, options.worker_start_delay_us);
        Self { scout: Some(scout), ..Self::default() }
    }

    pub(super) fn watches(&self) -> bool {
        matches!(self.scaler, Scaler::Watching { .. })
    }

    /// When it acts next. Who only looks doesn't look into a gap past `quiet_us`, when the pools have come to rest.
    #[inline]
    pub(super) fn next_us(&self, quiet_us: u64) -> Option<u64> {
        match &self.scaler {
            Scaler::None => None,
            Scaler::Watching { next_us, .. } => Some(*next_us).filter(|next_us| *next_us <= quiet_us),
            Scaler::Plan { changes, next } => changes.get(*next).map(|change| change.at_us),
        }
    }

    /// Whether it is to act at `now_us`.
    #[inline]
    pub(super) fn is_due(&self, now_us: u64) -> bool {
        self.next_us(u64::MAX).is_some_and(|next_us| next_us <= now_us)
    }

    #[inline]
    pub(super) fn arrived(&mut self, now_us: u64, pool: PoolId, service_us: impl FnOnce() -> u64) {
        if let Some(scout) = &mut self.scout {
            scout.arrived(now_us, pool.index(), service_us());
        }
    }

    #[inline]
    pub(super) fn started(&mut self, now_us: u64, pool: PoolId) {
        if let Some(scout) = &mut self.scout {
            scout.started(now_us, pool.index());
        }
        if let Some((services, _)) = &mut self.foreseen {
            services.add(now_us, pool.index());
        }
    }

    #[inline]
    pub(super) fn ended(&mut self, now_us: u64, pool: PoolId) {
        if let Some(scout) = &mut self.scout {
            scout.ended(now_us, pool.index());
        }
    }

    /// Whether all came as it was foreseen.
    pub(super) fn is_as_foreseen(&self) -> bool {
        self.foreseen.is_none_or(|(services, foreseen)| services == foreseen)
    }

    /// By how much the pools' counts are to change now.
    fn decide(&mut self, now_us: u64, statistics: &mut Statistics, engine: &Engine) -> Vec<(PoolId, i64)> {
        let mut changes: Vec<(PoolId, i64)> = Vec::new();
        match &mut self.scaler {
            Scaler::None => {}
            Scaler::Watching { every_us, next_us, pools } => {
                *next_us = next_period(*next_us, *every_us, now_us);
                for ((watcher, bounds), id) in pools.iter_mut().zip(0..) {
                    let pool = PoolId::new(id);
                    let sight = sight(now_us, pool, *bounds, statistics, engine);
                    let desired = watcher.decide(now_us, &sight);
                    let change = i64::from(desired) - i64::from(sight.workers);
                    if change != 0 {
                        changes.push((pool, change));
                    }
                }
            }
            Scaler::Plan { changes: plan, next } => {
                while let Some(change) = plan.get(*next).filter(|change| change.at_us <= now_us) {
                    *next += 1;
                    let pool = PoolId::new(change.pool);
                    let step = if change.up { 1 } else { -1 };
                    match changes.last_mut() {
                        Some((last, sum)) if *last == pool && (*sum > 0) == change.up => *sum += step,
                        _ => changes.push((pool, step)),
                    }
                }
            }
        }
        changes
    }
}

/// How a pool is now and was since the last look.
fn sight(now_us: u64, pool: PoolId, bounds: Bounds, statistics: &mut Statistics, engine: &Engine) -> Sight {
    let counts = engine.pool_counts(pool).unwrap_or_default();
    let watched = statistics.look(now_us, pool);
    let busy = counts.busy.saturating_sub(counts.draining);
    Sight {
        passed_us: watched.passed_us,
        busy_us: watched.busy,
        ready_us: watched.ready,
        waiting_us: watched.waiting,
        busy,
        ready: counts.idle.saturating_add(busy),
        starting: counts.starting,
        waiting: counts.waiting,
        workers: counts.baseline,
        least: bounds.least,
        most: bounds.most,
    }
}

impl Simulation {
    /// A run of the same requests that sees what comes, for a policy that has to know it
    /// ([`Policy::needs_foresight`]): push them all, then ask [`Simulation::foresee`].
    ///
    /// Fails when the options are out of range, or the pools' most workers together are more than an engine takes.
    pub fn scout(config: &Config, options: SimulationOptions) -> Result<Self, SimulationError> {
        let mut config = Self::with_start_delay(config, &options);
        Policy::configure_scout(&mut config);
        let outside = Outside::scouting(&config, &options);
        let simulation = Self::build(&config, options, outside)?;
        for (pool, id) in config.pools.iter().zip(0..) {
            let counts = simulation.engine.pool_counts(PoolId::new(id))?;
            if counts.baseline < pool.max_workers {
                return Err(SimulationError::TooManyWorkers { limit: config.limits.max_workers });
            }
        }
        Ok(simulation)
    }

    /// Runs a scout to its end as [`Simulation::finish`] does, and answers what it saw.
    ///
    /// Fails as that does.
    pub fn foresee(mut self) -> Result<Foresight, SimulationError> {
        let scout = self.run_out().map(|_| self.outside.scout.take())?;
        Ok(scout.unwrap_or_else(|| Scout::new(&[], 0)).finish(self.now_us))
    }

    /// A run by a policy that knows what comes. Its requests have to be those that the scout saw.
    ///
    /// Fails as [`Simulation::new`] does.
    pub fn foreseeing(
        config: &Config,
        options: SimulationOptions,
        foresight: &Foresight,
    ) -> Result<Self, SimulationError> {
        let mut config = Self::with_start_delay(config, &options);
        options.policy.configure(&mut config, Some(foresight));
        let outside = Outside::new(&config, &options, Some(foresight));
        Self::build(&config, options, outside)
    }

    /// Lets the policy act.
    pub(super) fn act_from_outside(&mut self, now_us: u64) -> Result<(), SimulationError> {
        self.statistics.advance(now_us, &self.engine);
        let mut outside = mem::take(&mut self.outside);
        let changes = outside.decide(now_us, &mut self.statistics, &self.engine);
        self.outside = outside;
        for (pool, change) in changes {
            let mut changed = false;
            for _ in 0..change.unsigned_abs() {
                let scaling = if change > 0 {
                    self.engine.scale_up(now_us, pool)?
                } else {
                    self.engine.scale_down(now_us, pool)?
                };
                if !scaling.scaled {
                    break;
                }
                changed = true;
                self.carry_out(now_us);
            }
            self.statistics.scaled_from_outside(changed);
            self.statistics.touch(now_us, pool, &self.engine);
        }
        Ok(())
    }
}
