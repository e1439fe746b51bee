//! What is counted and measured while a simulation runs.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use super::marks::{Marks, is_scaling};
use super::outcome::{
    Cost, Distribution, DomainSummary, Outcome, PoolSummary, Summary, WorkerHours, as_f64, fraction,
};
use super::series::{Areas, Course};
use crate::effect::{Effect, EffectKind};
use crate::engine::Engine;
use crate::id::{DomainId, PoolId, WorkerId};
use crate::observe::Checklist;
use crate::pool::PoolCounts;
use crate::reason::Reason;
use crate::stats::Histogram;
use crate::time::SECOND_US;

/// The counts and distributions of one pool.
#[derive(Debug, Default)]
struct PoolTally {
    counts: PoolCounts,
    /// Since when `counts` stand.
    since_us: u64,
    accepted: u64,
    completed: u64,
    failed: u64,
    abandoned: u64,
    refused: u64,
    expired: u64,
    workers_min: u32,
    workers_max: u32,
    surge_max: u32,
    queue_max: u32,
    wait: Histogram,
    latency: Histogram,
}

/// Everything that is measured. Times are those of the run, which starts at 0.
#[derive(Debug)]
pub(super) struct Statistics {
    pools: Vec<PoolTally>,
    domains: Vec<DomainSummary>,
    course: Course,
    next_tick_us: u64,
    last_sweep_us: u64,
    refused_by_reason: BTreeMap<Reason, u64>,
    effects: BTreeMap<EffectKind, u64>,
    surges: u64,
    migrations: u64,
    scale_changes: u64,
    late: u64,
    /// Expired ones that aren't late.
    expired_in_time: u64,
    wait: Histogram,
    latency: Histogram,
    marks: Marks,
    verify: Checklist,
    /// Arrivals in the running second, and in the busiest one before it.
    second: (u64, u64),
    busiest_second: u64,
    last_arrival_us: u64,
    /// What a policy from outside sees; empty without one.
    watched: Vec<Watched>,
    /// Whether changes of worker counts are made, and told, from outside.
    from_outside: bool,
}

/// What a policy from outside sees of a pool: averages since it looked last, as areas (count × µs).
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Watched {
    since_us: u64,
    pub(super) passed_us: u64,
    /// Busy and ready workers, without those that leave at their checkin.
    pub(super) busy: u128,
    pub(super) ready: u128,
    pub(super) waiting: u128,
}

/// A request that a simulation follows.
#[derive(Debug, Clone, Copy)]
pub(super) struct Flight {
    pub(super) raw_ticket: u64,
    pub(super) domain: DomainId,
    pub(super) pool: PoolId,
    pub(super) arrival_us: u64,
    pub(super) service_us: u64,
    /// When a worker took it.
    pub(super) start_us: u64,
    /// The worker, if it has one.
    pub(super) worker: Option<WorkerId>,
    pub(super) waits_for_it: WaitsForIt,
}

/// Whether anybody waits for a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum WaitsForIt {
    /// Somebody who doesn't try again.
    Once,
    /// A client that may try again.
    Client(u32),
    /// Nobody any more.
    Nobody,
}

/// What became of the requests, each with all its attempts.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Fates {
    pub(super) requests: u64,
    pub(super) retries: u64,
    pub(super) gave_up: u64,
    pub(super) timed_out: u64,
    pub(super) to_retry: u64,
}

/// A sweep over more pools than this is made at most once a second.
const FEW_POOLS: usize = 64;

impl Statistics {
    pub(super) fn new(engine: &Engine, max_points: u32, max_marks: u32) -> Self {
        let pools = (0..engine.pool_count()).map(|id| {
            let counts = engine.pool_counts(PoolId::new(id)).unwrap_or_default();
            let workers = counts.baseline.saturating_add(counts.surge);
            PoolTally { counts, workers_min: workers, workers_max: workers, ..PoolTally::default() }
        });
        let pools: Vec<_> = pools.collect();
        Self {
            course: Course::new(pools.len(), max_points),
            pools,
            domains: vec![DomainSummary::default(); engine.domain_count() as usize],
            next_tick_us: 0,
            last_sweep_us: 0,
            refused_by_reason: BTreeMap::new(),
            effects: BTreeMap::new(),
            surges: 0,
            migrations: 0,
            scale_changes: 0,
            late: 0,
            expired_in_time: 0,
            wait: Histogram::default(),
            latency: Histogram::default(),
            marks: Marks::new(max_marks),
            verify: Checklist::default(),
            second: (0, 0),
            busiest_second: 0,
            last_arrival_us: 0,
            watched: Vec::new(),
            from_outside: false,
        }
    }

    /// Lets a policy from outside see the pools from now on, when the run starts.
    pub(super) fn watch(&mut self) {
        self.watched = vec![Watched::default(); self.pools.len()];
    }

    /// What was seen of a pool since the last look.
    pub(super) fn look(&mut self, now_us: u64, pool: PoolId) -> Watched {
        self.settle(pool.index(), now_us);
        let Some(watched) = self.watched.get_mut(pool.index()) else { return Watched::default() };
        let passed_us = now_us.saturating_sub(watched.since_us);
        let seen = Watched { passed_us, ..*watched };
        *watched = Watched { since_us: now_us, ..Watched::default() };
        seen
    }

    /// Takes changes of worker counts from outside for those of the scaler, and counts one if there was one.
    pub(super) fn scaled_from_outside(&mut self, changed: bool) {
        self.from_outside = true;
        self.scale_changes += u64::from(changed);
    }

    /// Closes the buckets that end at or before `now_us`, and samples the balance: each second, or eight times
    /// a bucket. Called before the engine learns of `now_us`.
    #[inline]
    pub(super) fn advance(&mut self, now_us: u64, engine: &Engine) {
        while self.next_tick_us <= now_us {
            let tick_us = self.next_tick_us;
            for place in 0..self.pools.len() {
                self.settle(place, tick_us);
            }
            while self.course.running_end_us() <= tick_us {
                self.course.close();
            }
            self.course.sample_coefficient(engine.balance_coefficient());
            if let Some(limit) = engine.adaptive_limit() {
                self.course.sample_limit(limit);
            }
            let period_us = (self.course.bucket_us() / 8).max(SECOND_US);
            self.next_tick_us = tick_us.saturating_add(period_us) / period_us * period_us;
        }
    }

    /// Lets a pool's counts stand until `now_us`.
    #[inline]
    fn settle(&mut self, place: usize, now_us: u64) {
        let Some(pool) = self.pools.get_mut(place) else { return };
        let passed_us = now_us.saturating_sub(pool.since_us);
        if passed_us > 0 {
            pool.since_us = now_us;
            if let Some(bucket) = self.course.running(place) {
                bucket.areas.add(&pool.counts, passed_us);
            }
            if let Some(watched) = self.watched.get_mut(place) {
                watched.add(&pool.counts, passed_us);
            }
        }
    }

    /// Reads a pool's counts anew after something happened to it.
    #[inline]
    pub(super) fn touch(&mut self, now_us: u64, id: PoolId, engine: &Engine) {
        self.settle(id.index(), now_us);
        if let (Some(pool), Ok(counts)) = (self.pools.get_mut(id.index()), engine.pool_counts(id)) {
            pool.counts = counts;
            let workers = counts.baseline.saturating_add(counts.surge);
            pool.workers_min = pool.workers_min.min(workers);
            pool.workers_max = pool.workers_max.max(workers);
            pool.surge_max = pool.surge_max.max(counts.surge);
            pool.queue_max = pool.queue_max.max(counts.waiting);
        }
    }

    /// Reads all pools anew after a step of the engine; with many pools at most once a second.
    pub(super) fn sweep(&mut self, now_us: u64, engine: &Engine) {
        if self.pools.len() > FEW_POOLS && now_us < self.last_sweep_us.saturating_add(SECOND_US) {
            return;
        }
        self.last_sweep_us = now_us;
        for id in 0..engine.pool_count() {
            self.touch(now_us, PoolId::new(id), engine);
        }
    }

    /// Counts an arrival, and what was decided about it at `pool`: `None` for an accept, else why it was
    /// refused.
    #[inline]
    pub(super) fn arrived(&mut self, now_us: u64, domain: DomainId, pool: PoolId, refused: Option<Reason>) {
        let second = now_us / SECOND_US;
        if second != self.second.0 {
            self.busiest_second = self.busiest_second.max(self.second.1);
            self.second = (second, 0);
        }
        self.second.1 += 1;
        self.last_arrival_us = now_us;
        let (accepts, refuses) = (u64::from(refused.is_none()), u64::from(refused.is_some()));
        if let Some(domain) = self.domains.get_mut(domain.index()) {
            domain.offered += 1;
            domain.accepted += accepts;
            domain.refused += refuses;
        }
        if let Some(pool) = self.pools.get_mut(pool.index()) {
            pool.accepted += accepts;
            pool.refused += refuses;
        }
        if let Some(bucket) = self.course.running(pool.index()) {
            bucket.admitted += accepts;
            bucket.refused += refuses;
        }
        if let Some(reason) = refused {
            *self.refused_by_reason.entry(reason).or_default() += 1;
            self.course.count_refused(reason);
        }
    }

    /// Counts a request that was served to the end.
    #[inline]
    pub(super) fn completed(&mut self, now_us: u64, flight: &Flight) {
        let wait_us = flight.start_us.saturating_sub(flight.arrival_us);
        let latency_us = now_us.saturating_sub(flight.arrival_us);
        self.wait.record(wait_us);
        self.latency.record(latency_us);
        self.late += u64::from(is_late(wait_us, flight));
        if let Some(pool) = self.pools.get_mut(flight.pool.index()) {
            pool.completed += 1;
            pool.wait.record(wait_us);
            pool.latency.record(latency_us);
        }
        if let Some(bucket) = self.course.running(flight.pool.index()) {
            bucket.completed += 1;
        }
        if let Some(domain) = self.domains.get_mut(flight.domain.index()) {
            domain.completed += 1;
        }
    }

    /// Counts a request that was served to the end, but nobody waited for it any more.
    pub(super) fn abandoned(&mut self, flight: &Flight) {
        if let Some(pool) = self.pools.get_mut(flight.pool.index()) {
            pool.abandoned += 1;
        }
        if let Some(domain) = self.domains.get_mut(flight.domain.index()) {
            domain.abandoned += 1;
        }
    }

    /// Counts a request whose worker crashed.
    pub(super) fn failed(&mut self, flight: &Flight) {
        if let Some(pool) = self.pools.get_mut(flight.pool.index()) {
            pool.failed += 1;
        }
        if let Some(domain) = self.domains.get_mut(flight.domain.index()) {
            domain.failed += 1;
        }
    }

    /// Counts a request that left its line unserved.
    pub(super) fn expired(&mut self, now_us: u64, flight: &Flight) {
        let late = is_late(now_us.saturating_sub(flight.arrival_us), flight);
        self.late += u64::from(late);
        self.expired_in_time += u64::from(!late);
        if let Some(pool) = self.pools.get_mut(flight.pool.index()) {
            pool.expired += 1;
        }
        if let Some(domain) = self.domains.get_mut(flight.domain.index()) {
            domain.expired += 1;
        }
    }

    /// Counts an effect.
    pub(super) fn effect(&mut self, effect: &Effect, engine: &Engine, start_us: u64) {
        *self.effects.entry(effect.kind).or_default() += 1;
        match effect.kind {
            EffectKind::SurgeStarted => self.surges += 1,
            EffectKind::MigrateWorkers => self.migrations += u64::from(effect.count),
            EffectKind::AddWorkers | EffectKind::RemoveWorkers => {
                self.scale_changes +=
                    u64::from(is_scaling(effect.reason) && !effect.surge && !self.from_outside);
            }
            _ => {}
        }
        self.marks.add(effect, engine, start_us);
    }

    /// Requests in the system × microseconds until now, of all pools.
    #[cfg(test)]
    pub(super) fn in_system_us(&mut self, now_us: u64) -> u128 {
        let areas = (0..self.pools.len()).map(|place| {
            self.settle(place, now_us);
            let areas = self.course.total(place);
            areas.busy + areas.waiting
        });
        areas.collect::<Vec<_>>().iter().sum()
    }

    /// Makes the checklist: the last request has arrived.
    pub(super) fn check(&mut self, engine: &Engine) {
        self.verify = engine.verify();
    }

    /// The figures of a run that ended at `end_us`, and started at `start_us` in the time of its trace.
    pub(super) fn finish(
        mut self,
        end_us: u64,
        start_us: u64,
        in_flight: &[u64],
        fates: &Fates,
        crashes: u64,
        engine: &Engine,
    ) -> Outcome {
        self.advance(end_us, engine);
        for place in 0..self.pools.len() {
            self.settle(place, end_us);
        }
        let names: Vec<String> = (0..engine.pool_count())
            .map(|id| engine.pool_name(PoolId::new(id)).unwrap_or("").into())
            .collect();
        let mut all = Areas::default();
        let mut pools = Vec::with_capacity(names.len());
        for ((tally, name), place) in self.pools.iter().zip(&names).zip(0..) {
            let areas = self.course.total(place);
            all.join(&areas);
            let in_flight = in_flight.get(place).copied().unwrap_or(0);
            pools.push((name.clone(), tally.summary(&areas, in_flight)));
        }
        let sum = |of: fn(&DomainSummary) -> u64| self.domains.iter().map(of).sum::<u64>();
        let offered = sum(|domain| domain.offered);
        let (completed, expired) = (sum(|domain| domain.completed), sum(|domain| domain.expired));
        let domains = (0..).zip(&self.domains);
        let domains =
            domains.map(|(id, domain)| (engine.domain_name(DomainId::new(id)).unwrap_or("").into(), *domain));
        let (refused, abandoned) = (sum(|domain| domain.refused), sum(|domain| domain.abandoned));
        let refused_or_late = refused + self.late + self.expired_in_time + abandoned;
        let prices = &engine.config().cost;
        let (marks, marks_dropped) = self.marks.finish();
        let worker_hours = WorkerHours::of(all.present(), all.surge);
        let surge_money = worker_hours.surge * prices.surge_per_hour;
        let baseline_money = worker_hours.baseline * prices.baseline_per_hour;
        let seconds = as_f64(end_us.into()) / as_f64(SECOND_US.into());
        let busiest = self.busiest_second.max(self.second.1);
        let span_us = self.last_arrival_us.max(SECOND_US);
        Outcome {
            summary: Summary {
                requests: fates.requests,
                retries: fates.retries,
                gave_up: fates.gave_up,
                timed_out: fates.timed_out,
                to_retry: fates.to_retry,
                offered,
                accepted: sum(|domain| domain.accepted),
                refused,
                refused_by_reason: self.refused_by_reason,
                expired,
                failed: sum(|domain| domain.failed),
                abandoned,
                completed,
                in_flight: in_flight.iter().sum(),
                duration_us: end_us,
                goodput_per_s: if seconds > 0.0 { as_f64(completed.into()) / seconds } else { 0.0 },
                wait_ms: Distribution::of(&self.wait),
                latency_ms: Distribution::of(&self.latency),
                late: self.late,
                late_share: fraction(self.late.into(), (completed + expired).into()),
                refused_or_late,
                refused_or_late_share: fraction(refused_or_late.into(), offered.into()),
                utilization_mean: fraction(all.busy, all.workers),
                time_in_band: fraction(all.in_band, all.workers),
                peak_to_mean: fraction(
                    u128::from(busiest) * u128::from(span_us),
                    u128::from(offered) * u128::from(SECOND_US),
                ),
                worker_hours,
                cost: Cost {
                    surge_units: engine.burst_status().total_surge_cost,
                    surge_money,
                    baseline_money,
                    total_money: surge_money + baseline_money,
                    currency: prices.currency.clone(),
                },
                effects: self.effects,
                crashes,
                surges: self.surges,
                migrations: self.migrations,
                scale_changes: self.scale_changes,
                scale_changes_per_hour: fraction(
                    u128::from(self.scale_changes) * 3600 * u128::from(SECOND_US),
                    u128::from(end_us) * names.len() as u128,
                ),
                pools,
                domains: domains.collect(),
            },
            series: self.course.finish(&names, start_us, end_us, prices),
            marks,
            marks_dropped,
            verify: self.verify,
        }
    }
}

impl Watched {
    fn add(&mut self, counts: &PoolCounts, passed_us: u64) {
        let area = |count: u32| u128::from(count) * u128::from(passed_us);
        let busy = counts.busy.saturating_sub(counts.draining);
        self.busy += area(busy);
        self.ready += area(busy) + area(counts.idle);
        self.waiting += area(counts.waiting);
    }
}

impl PoolTally {
    fn summary(&self, areas: &Areas, in_flight: u64) -> PoolSummary {
        PoolSummary {
            offered: self.accepted + self.refused,
            completed: self.completed,
            refused: self.refused,
            expired: self.expired,
            failed: self.failed,
            abandoned: self.abandoned,
            in_flight,
            utilization_mean: fraction(areas.busy, areas.workers),
            time_in_band: fraction(areas.in_band, areas.workers),
            workers_min: self.workers_min,
            workers_max: self.workers_max,
            workers_end: self.counts.baseline.saturating_add(self.counts.surge),
            surge_max: self.surge_max,
            queue_max: self.queue_max,
            worker_hours: WorkerHours::of(areas.present(), areas.surge),
            wait_ms: Distribution::of(&self.wait),
            latency_ms: Distribution::of(&self.latency),
        }
    }
}

/// Whether a wait was longer than 1 s and than twice the request's own service time.
fn is_late(wait_us: u64, flight: &Flight) -> bool {
    wait_us > SECOND_US.max(flight.service_us.saturating_mul(2))
}
