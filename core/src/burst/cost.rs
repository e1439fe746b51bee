//! What surges cost, in money, and whether permanent workers would cost less.

use alloc::format;
use alloc::string::String;

use serde::Serialize;

use super::Burst;

/// Days in a year, as bills count them.
const DAYS: f64 = 365.0;
/// Hours in a year of 365 days.
const HOURS: f64 = 8760.0;
const HOUR_US: f64 = 3_600_000_000.0;
const DAY_US: f64 = 86_400_000_000.0;

/// The price of worker-time in money: 15 workers for five minutes at $2.00 an hour are $2.50.
#[allow(clippy::cast_precision_loss)] // money
pub fn worker_money(worker_us: u128, per_hour: f64) -> f64 {
    worker_us as f64 * per_hour / HOUR_US
}

/// A year's bill of surges: two a day at $2.50 are $1,825.
pub fn surge_cost_per_year(surges_per_day: f64, cost_per_surge: f64) -> f64 {
    surges_per_day * DAYS * cost_per_surge
}

/// A year's bill of permanent workers: one at $1.00 an hour is $8,760.
pub fn baseline_cost_per_year(workers: u32, per_hour: f64) -> f64 {
    f64::from(workers) * HOURS * per_hour
}

/// What the surges seen so far would cost in a year, against the permanent workers that would have made them
/// unnecessary.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CostAdvice {
    /// Over which time the surges were seen, in microseconds.
    pub observed_us: u64,
    /// Surges a day, in that time.
    pub surges_per_day: f64,
    /// The mean cost of a surge, in money.
    pub cost_per_surge: f64,
    /// A year's bill of such surges, in money.
    pub surge_cost_per_year: f64,
    /// The permanent workers, over all pools, under which no surge would have been needed.
    pub baseline_workers: u32,
    /// A year's bill of those, in money.
    pub baseline_cost_per_year: f64,
    /// `surge`, `baseline`, `equal`, or `none` before the first surge.
    pub cheaper: &'static str,
    /// By how much the cheaper one is cheaper, in money a year.
    pub saving_per_year: f64,
    /// The currency.
    pub currency: String,
    /// The same as a sentence.
    pub advice: String,
}

impl Burst {
    /// Compares the surges' yearly bill with that of permanent workers. `surge_worker_us` is the worker-time of
    /// surge workers so far.
    #[allow(clippy::cast_precision_loss)] // reported figures
    pub fn cost_advice(&self, now_us: u64, surge_worker_us: u128) -> CostAdvice {
        let observed_us = now_us.saturating_sub(self.start_us);
        let surges = self.surge_count as f64;
        let money = worker_money(surge_worker_us, self.cost.surge_per_hour);
        let surges_per_day = if observed_us == 0 { 0.0 } else { surges * DAY_US / observed_us as f64 };
        let cost_per_surge = if self.surge_count == 0 { 0.0 } else { money / surges };
        let baseline_workers = self.pools.iter().fold(0_u32, |sum, pool| sum.saturating_add(pool.spared_by));
        let surge = surge_cost_per_year(surges_per_day, cost_per_surge);
        let baseline = baseline_cost_per_year(baseline_workers, self.cost.baseline_per_hour);
        let currency = self.cost.currency.clone();
        let saving_per_year = if surge > baseline { surge - baseline } else { baseline - surge };
        let (cheaper, advice) = if self.surge_count == 0 {
            ("none", "no surge yet: nothing to compare".into())
        } else if surge < baseline {
            let text = "keep surging: that is cheaper than";
            (
                "surge",
                format!(
                    "{text} {baseline_workers} permanent workers by {saving_per_year:.2} {currency} a year"
                ),
            )
        } else if surge > baseline {
            let text = "permanent workers would be cheaper than surging by";
            ("baseline", format!("{baseline_workers} {text} {saving_per_year:.2} {currency} a year"))
        } else {
            ("equal", format!("surging and {baseline_workers} permanent workers cost the same"))
        };
        CostAdvice {
            observed_us,
            surges_per_day,
            cost_per_surge,
            surge_cost_per_year: surge,
            baseline_workers,
            baseline_cost_per_year: baseline,
            cheaper,
            saving_per_year: if self.surge_count == 0 { 0.0 } else { saving_per_year },
            currency,
            advice,
        }
    }
}
