//! Observation: the engine as metrics, checklist and takt see it.

use alloc::string::String;
use alloc::vec::Vec;

use super::views::health_level;
use super::{Engine, count};
use crate::error::Error;
use crate::id::{DomainId, PoolId};
use crate::observe::{
    Alert, BALANCE_ABOVE, Checklist, DomainFigures, Figures, Pace, PoolFigures, Subjects, SystemFigures,
    TAKT_WINDOW, Takt, checklist, fraction, metrics_text, takt,
};
use crate::time::check_time;

impl Engine {
    /// Everything as OpenMetrics text, as of the latest time seen, for a Prometheus to scrape: the content type is
    /// `application/openmetrics-text; version=1.0.0; charset=utf-8`. Every name begins with `heijunka_`; times are
    /// seconds. O(pools + domains).
    pub fn metrics_text(&self) -> String {
        metrics_text(self)
    }

    /// The alerts that are pending or firing, as of the last evaluation, in the order of the rules and of the pools.
    /// O(rules × pools).
    pub fn alerts(&self) -> Vec<Alert> {
        self.alerts.active(|pool| self.pool_name(pool))
    }

    /// The five checks of a well leveled system, as of the latest time seen. O(pools).
    pub fn verify(&self) -> Checklist {
        let now_us = self.clock.latest_us();
        let pools = self.names().filter_map(|(pool, name)| {
            Some(Figures {
                name,
                occupancy: self.pools.occupancy(pool),
                health: health_level(&self.pools, now_us, pool),
                latency: self.pools.totals(pool)?.latency.totals(),
            })
        });
        let (accepted, rejected) = self.regulator.totals();
        let balanced = self.balancer.compare_coefficient(&self.pools, BALANCE_ABOVE).is_gt();
        let balance = (self.balance_coefficient(), balanced);
        checklist(pools, (rejected, accepted.saturating_add(rejected)), balance)
    }

    /// Demand's pace against the pools', as it is at `now_us` (the latest time seen, if that is later). It moves no time
    /// on. O(pools).
    ///
    /// Fails with [`Error::TimeOutOfRange`].
    pub fn takt(&self, now_us: u64) -> Result<Takt, Error> {
        check_time(now_us)?;
        let now_us = now_us.max(self.clock.latest_us());
        let pools = self.names().filter_map(|(pool, name)| {
            let (arrivals, seconds) = self.pools.arrivals(pool)?.recent_at(now_us, TAKT_WINDOW);
            let counts = self.pools.counts(pool).ok()?;
            let ordered = counts.baseline.saturating_add(counts.surge);
            Some(Pace {
                name,
                arrivals,
                seconds,
                cycle_us: self.pools.mean_service_us(now_us, pool),
                workers: ordered.saturating_sub(counts.starting),
            })
        });
        Ok(takt(pools, self.config.scaler.target_utilization))
    }

    fn names(&self) -> impl Iterator<Item = (PoolId, &str)> {
        (0..).map(PoolId::new).zip(self.pool_names.iter().map(String::as_str))
    }
}

impl Subjects for Engine {
    fn system(&self) -> SystemFigures {
        let now_us = self.clock.latest_us();
        let (accepted, rejected) = self.regulator.totals();
        let requests = u128::from(accepted) + u128::from(rejected);
        let (load, hard_limit) = self.regulator.load_fraction();
        let [failed, released, expired] = self.regulator.ends();
        let (recent, of_recent) = self.regulator.recent_rejections(now_us);
        let burst = self.burst_status();
        let (routed, migrations) = self.balancer.totals();
        let (alerts_firing, alerts_fired) = self.alerts.counts();
        SystemFigures {
            load,
            soft_limit: self.regulator.soft_limit(),
            hard_limit,
            load_factor: fraction(load.into(), hard_limit.into()),
            admission_rate: if requests == 0 { 1.0 } else { fraction(accepted.into(), requests) },
            rejection_rate: fraction(rejected.into(), requests),
            recent_rejection_rate: fraction(recent.into(), of_recent.into()),
            accepted,
            rejected,
            failed,
            released,
            expired,
            balance_coefficient: self.balance_coefficient(),
            routed,
            migrations,
            in_surge: burst.in_surge,
            current_load: burst.current_load,
            baseline_load: burst.baseline_load,
            surges: burst.surge_count,
            surge_cost: burst.total_surge_cost,
            surge_money: burst.total_surge_money,
            surge_us: burst.total_surge_us,
            surge_worker_us: self.surge_worker_us(),
            kept_workers: burst.kept_workers,
            tickets: self.tickets.len(),
            effects_pending: self.effects.len(),
            effects_dropped: self.effects.dropped(),
            clock_regressions: self.clock.regressions(),
            alerts_firing,
            alerts_fired,
        }
    }

    fn pools(&self) -> u32 {
        self.pools.count()
    }

    fn pool(&self, pool: u32) -> Option<PoolFigures<'_>> {
        let pool = PoolId::new(pool);
        let now_us = self.clock.latest_us();
        let counts = self.pools.counts(pool).ok()?;
        let totals = self.pools.totals(pool)?;
        let (failed, requests) = self.pools.error_fraction(now_us, pool);
        Some(PoolFigures {
            name: self.pool_name(pool)?,
            open: totals.open,
            overloaded: totals.overloaded,
            health: health_level(&self.pools, now_us, pool).into(),
            idle: counts.idle,
            busy: counts.busy,
            starting: counts.starting,
            draining: counts.draining,
            overflow: counts.overflow,
            baseline: counts.baseline,
            surge: counts.surge,
            waiting: counts.waiting,
            min_workers: totals.min_workers,
            max_workers: totals.max_workers,
            error_rate: fraction(failed.into(), requests.into()),
            requests: totals.requests,
            failures: totals.failures,
            worker_failures: totals.worker_failures,
            expired_waiters: totals.expired_waiters,
            latency: totals.latency,
            wait: totals.wait,
        })
    }

    fn domains(&self) -> u32 {
        count(self.domain_names.len())
    }

    fn domain(&self, domain: u32) -> Option<DomainFigures<'_>> {
        let domain = DomainId::new(domain);
        let (open, load, accepted, rejected) = self.regulator.domain_totals(domain)?;
        Some(DomainFigures { name: self.domain_name(domain)?, open, load, accepted, rejected })
    }

    fn rejections(&self) -> Vec<(&'static str, u64)> {
        self.regulator.rejections().map(|(reason, count)| (reason.as_str(), count)).collect()
    }
}
