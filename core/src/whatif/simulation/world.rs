//! What goes wrong in the world: workers that crash, and pools that are slow for a while.

use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use super::{Simulation, SimulationError};
use crate::Outcome as Ending;
use crate::engine::Engine;
use crate::error::Error;
use crate::id::{PoolId, TicketId, WorkerId};
use crate::pool::WorkerState;
use crate::whatif::rng::Rng;
use crate::whatif::workload::whole;

/// A pool that is slow for a while: services that start in that time take `factor` times as long.
#[derive(Debug, Clone, PartialEq)]
pub struct Slow {
    /// The pool's name.
    pub pool: String,
    /// From when on, in microseconds since the start (of a trace: its first arrival), before any speed-up.
    pub from_us: u64,
    /// Until when.
    pub to_us: u64,
    /// How many times as long services take. Where several times overlap, all factors count.
    pub factor: f64,
}

/// A time of the run, and a factor.
type Window = (u64, u64, f64);

#[derive(Debug)]
pub(super) struct World {
    /// Each pool's slow times.
    slow: Vec<Vec<Window>>,
    crashes: Option<Crashes>,
}

/// Workers that crash, each at the same rate: a Poisson process whose rate goes with the workers that have started. By
/// thinning: it is drawn for as many workers as there can be, each of which it strikes as likely; if there is no such
/// worker just then, nothing happens.
#[derive(Debug)]
struct Crashes {
    rng: Rng,
    /// From one to the next in the mean, if there were `places` workers.
    mean_us: f64,
    places: u64,
    next_us: u64,
}

impl World {
    /// A world; `in_run` turns a time since the start into that of the run.
    ///
    /// Fails when it names a pool that the engine doesn't have.
    pub(super) fn new(
        slow: &[Slow],
        crashes_per_worker_hour: f64,
        rng: Rng,
        engine: &Engine,
        in_run: impl Fn(u64) -> u64,
    ) -> Result<Self, SimulationError> {
        let mut windows = vec![Vec::new(); engine.pool_count() as usize];
        for Slow { pool, from_us, to_us, factor } in slow {
            let id = engine.pool_id(pool);
            match id.and_then(|id| windows.get_mut(id.index())) {
                Some(windows) => windows.push((in_run(*from_us), in_run(*to_us), *factor)),
                None => return Err(SimulationError::UnknownPool(pool.clone())),
            }
        }
        let mut crashes = (crashes_per_worker_hour > 0.0).then(|| {
            let config = engine.config();
            // Beside those that are ordered there are those that still drain.
            let most = config.pools.iter().map(|pool| {
                let ordered = pool.surge_max_workers.max(pool.max_workers);
                2 * (u64::from(ordered) + u64::from(pool.max_overflow))
            });
            let places = most.sum::<u64>().min(config.limits.max_workers.into()).max(1);
            #[allow(clippy::cast_precision_loss)] // a count of workers
            let mean_us = 3_600_000_000.0 / (crashes_per_worker_hour * places as f64);
            Crashes { rng, mean_us, places, next_us: 0 }
        });
        if let Some(crashes) = &mut crashes {
            crashes.draw_next(0);
        }
        Ok(Self { slow: windows, crashes })
    }

    /// How long a service that starts now takes.
    #[inline]
    pub(super) fn service_us(&self, now_us: u64, pool: PoolId, service_us: u64) -> u64 {
        match self.slow.get(pool.index()) {
            Some(windows) if !windows.is_empty() => slowed(windows, now_us, service_us),
            _ => service_us,
        }
    }

    /// When a worker may crash next.
    #[inline]
    pub(super) fn next_us(&self) -> Option<u64> {
        self.crashes.as_ref().map(|crashes| crashes.next_us)
    }

    /// The worker that crashes now, and its pool. Costs the number of pools, and of the pool's workers.
    pub(super) fn crash(&mut self, now_us: u64, engine: &Engine) -> Option<(PoolId, WorkerId)> {
        let crashes = self.crashes.as_mut().filter(|crashes| crashes.next_us <= now_us)?;
        crashes.draw_next(now_us);
        let mut place = crashes.rng.below(crashes.places);
        for pool in (0..engine.pool_count()).map(PoolId::new) {
            let counts = engine.pool_counts(pool).ok()?;
            let started = u64::from(counts.idle) + u64::from(counts.busy);
            if place < started {
                let workers = engine.pool_workers(pool).ok()?;
                let mut started = workers.iter().filter(|worker| worker.state != WorkerState::Starting);
                let worker = started.nth(usize::try_from(place).ok()?)?;
                return Some((pool, worker.worker));
            }
            place -= started;
        }
        None
    }
}

impl Crashes {
    fn draw_next(&mut self, now_us: u64) {
        let gap_us = whole(self.rng.exponential(self.mean_us)).max(1);
        self.next_us = now_us.saturating_add(gap_us);
    }
}

impl Simulation {
    /// A worker crashes. Whoever waited for the request it had learns of it at once, and so does the engine.
    pub(super) fn crash(
        &mut self,
        now_us: u64,
        pool: PoolId,
        worker: WorkerId,
    ) -> Result<(), SimulationError> {
        self.crashes += 1;
        self.engine.worker_failed(now_us, worker)?;
        let served = self.flights.iter().flatten().find(|flight| flight.worker == Some(worker));
        if let Some(flight) = served.map(|flight| flight.raw_ticket).and_then(|ticket| self.take(ticket)) {
            match self.engine.complete(now_us, TicketId::from_raw(flight.raw_ticket), Ending::Failed) {
                // If its token had expired before, the ticket ended with its worker.
                Ok(_) | Err(Error::UnknownTicket { .. }) => {}
                Err(error) => return Err(error.into()),
            }
            self.in_flight -= 1;
            self.busy_us = now_us;
            self.statistics.failed(&flight);
            self.outside.ended(now_us, flight.pool);
            self.try_again(now_us, flight.waits_for_it, 0);
        }
        self.carry_out(now_us);
        self.statistics.touch(now_us, pool, &self.engine);
        Ok(())
    }
}

fn slowed(windows: &[Window], now_us: u64, service_us: u64) -> u64 {
    let factors = windows.iter().filter(|(from_us, to_us, _)| (*from_us..*to_us).contains(&now_us));
    let factor: f64 = factors.map(|(_, _, factor)| factor).product();
    #[allow(clippy::float_cmp, clippy::cast_precision_loss)] // outside of every window; below 2^53
    if factor == 1.0 { service_us } else { whole(service_us as f64 * factor + 0.5) }
}
