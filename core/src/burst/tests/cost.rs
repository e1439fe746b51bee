//! What surges cost, and what instead of them would.

use super::*;
use crate::burst::{baseline_cost_per_year, surge_cost_per_year, worker_money};

const DAY_US: u64 = 86_400 * SECOND_US;
const HOUR_US: u128 = 3_600_000_000;

#[test]
fn golden_figures() {
    assert_eq!(worker_money(15 * 300 * u128::from(SECOND_US), 2.0), 2.50);
    assert_eq!(worker_money(5580 * u128::from(SECOND_US), 2.0), 3.10);
    assert_eq!(surge_cost_per_year(2.0, 2.50), 1825.0);
    assert_eq!(baseline_cost_per_year(1, 1.0), 8760.0);
}

#[test]
fn golden_cost_of_a_default_surge() {
    let mut sim = Sim::surging(3, unchanged);
    sim.run(500);
    assert_eq!(sim.world.surge_worker_us, 5580 * u128::from(SECOND_US));
    let status = sim.status();
    assert_eq!((status.total_surge_cost, status.total_surge_money), (30.0, 3.10));
    let metrics = sim.metrics();
    assert_eq!(
        (metrics.total_surge_cost, metrics.avg_surge_cost, metrics.total_surge_money),
        (30.0, 30.0, 3.10)
    );
}

#[test]
fn golden_cost_units_of_a_pool() {
    let mut sim = Sim::settled(3, alone);
    sim.second_with(30);
    assert_eq!(sim.status().total_surge_cost, 10.0);
    sim.run(600);
    sim.second_with(30);
    assert_eq!((sim.status().total_surge_cost, sim.metrics().avg_surge_cost), (20.0, 10.0));
}

#[test]
fn golden_projection() {
    // Two surges in a day at $2.50 each are $1,825 a year.
    let mut sim = Sim::surging(3, unchanged);
    sim.step_to(DAY_US / 2);
    sim.run(100);
    sim.rates(30);
    sim.run(1);
    assert_eq!(sim.burst.surge_count, 2);
    let advice = sim.burst.cost_advice(DAY_US, 2 * 15 * 300 * u128::from(SECOND_US));
    assert_eq!((advice.observed_us, advice.surges_per_day, advice.cost_per_surge), (DAY_US, 2.0, 2.50));
    assert_eq!(advice.surge_cost_per_year, 1825.0);
    // 30 a second are 30 workers' work, or 37.5 at 0.8: 28 more in each pool.
    assert_eq!(advice.baseline_workers, 84);
    assert_eq!(advice.baseline_cost_per_year, 84.0 * 8760.0);
    assert_eq!((advice.cheaper, advice.saving_per_year), ("surge", 84.0 * 8760.0 - 1825.0));
    assert_eq!(
        advice.advice,
        "keep surging: that is cheaper than 84 permanent workers by 734015.00 USD a year"
    );
}

/// One surge that one more worker would have made unnecessary.
fn spared_by_one() -> Sim {
    let mut sim = Sim::with(1, unchanged);
    sim.world.pools[0].demand.mean_service_us = Some(SECOND_US / 4);
    sim.run(100);
    // 35 × 0.25 s are 8.75 workers' work, or 10.94 at 0.8.
    sim.second_with(35);
    assert_eq!(sim.burst.surge_count, 1);
    sim
}

#[test]
fn both_ways_to_be_cheaper() {
    let burst = spared_by_one().burst;
    // At $2.00 an hour and one surge a day, 12 worker-hours a surge are as much as one permanent worker.
    let equal = burst.cost_advice(DAY_US, 12 * HOUR_US);
    assert_eq!((equal.baseline_workers, equal.cheaper, equal.saving_per_year), (1, "equal", 0.0));
    assert_eq!(equal.advice, "surging and 1 permanent worker cost the same");
    let surge = burst.cost_advice(DAY_US, 6 * HOUR_US);
    assert_eq!((surge.cheaper, surge.saving_per_year), ("surge", 4380.0));
    assert_eq!(surge.advice, "keep surging: that is cheaper than 1 permanent worker by 4380.00 USD a year");
    let baseline = burst.cost_advice(DAY_US, 18 * HOUR_US);
    assert_eq!((baseline.cheaper, baseline.saving_per_year), ("baseline", 4380.0));
    assert_eq!(baseline.advice, "1 permanent worker would be cheaper than surging by 4380.00 USD a year");
}

#[test]
fn nothing_to_compare_before_the_first_surge() {
    let sim = Sim::settled(2, unchanged);
    for now_us in [0, DAY_US] {
        let advice = sim.burst.cost_advice(now_us, 0);
        assert_eq!((advice.cheaper, advice.saving_per_year, advice.cost_per_surge), ("none", 0.0, 0.0));
        assert_eq!((advice.surge_cost_per_year, advice.baseline_cost_per_year), (0.0, 0.0));
    }
}

#[test]
fn a_surge_that_climbs_needs_more_permanent_workers() {
    let mut sim = spared_by_one();
    // 70 × 0.25 s are 17.5 workers' work, or 21.9 at 0.8: 12 more than the 10 at the trigger.
    sim.second_with(70);
    assert_eq!(sim.burst.cost_advice(DAY_US, 0).baseline_workers, 12);
    // A later, smaller one doesn't lower it; nor does what comes once the hold is over.
    sim.run(300);
    sim.second_with(700);
    assert_eq!(sim.burst.cost_advice(DAY_US, 0).baseline_workers, 12);
}

#[test]
fn permanent_workers_are_counted_without_a_minimum_load_or_a_service_time() {
    // Without a minimum load, up to 10 × 0.05 is absorbed: 35 × 0.25 s are 17.5 workers' work at 0.5.
    let mut sim = Sim::with(1, |config| config.min_load = Ratio::from_ppm(0));
    sim.world.pools[0].demand.mean_service_us = Some(SECOND_US / 4);
    sim.run(100);
    sim.second_with(35);
    assert_eq!(sim.burst.cost_advice(DAY_US, 0).baseline_workers, 8);
    // 10 busy and 6 waiting are 20 workers' work at 0.8.
    let mut sim = Sim::settled(1, unchanged);
    let demand = &mut sim.world.pools[0].demand;
    (demand.mean_service_us, demand.busy, demand.waiting) = (None, 10, 6);
    sim.second_with(35);
    assert_eq!(sim.burst.cost_advice(DAY_US, 0).baseline_workers, 10);
}
