//! Pending, firing, resolved.

use alloc::string::ToString;
use alloc::vec;
use alloc::vec::Vec;
use core::cmp::Ordering;

use crate::config::{AlertMetric, AlertOptions, AlertRule, Comparison, Config, Severity};
use crate::effect::{Effect, EffectKind, EffectQueue};
use crate::id::PoolId;
use crate::observe::{AlertState, Alerts, Readings};
use crate::ratio::Ratio;
use crate::reason::Reason;

const SECOND_US: u64 = 1_000_000;
const EVERY_US: u64 = 15 * SECOND_US;

/// Parts per million by pool; every metric of the system reads as the first.
struct World(Vec<u64>);

impl Readings for World {
    fn compare(&self, _: AlertMetric, pool: PoolId, threshold: Ratio) -> Ordering {
        threshold.compare_fraction(u128::from(self.0[pool.index()]), 1_000_000)
    }
    fn value(&self, _: AlertMetric, pool: PoolId) -> f64 {
        Ratio::from_ppm(self.0[pool.index()]).as_f64()
    }
}

fn rule(metric: AlertMetric, comparison: Comparison, ppm: u64, for_s: u64) -> AlertRule {
    AlertRule {
        name: "Rule".to_string(),
        metric,
        comparison,
        threshold: Ratio::from_ppm(ppm),
        for_us: for_s * SECOND_US,
        severity: Severity::Warning,
        pool: None,
        options: AlertOptions::NONE,
    }
}

struct Sim {
    alerts: Alerts,
    world: World,
    effects: EffectQueue,
}

impl Sim {
    fn new(rules: &[AlertRule], pools: usize) -> Self {
        let names: Vec<_> = ["a", "b", "c"].iter().take(pools).map(ToString::to_string).collect();
        let alerts = Alerts::new(rules, EVERY_US, &names, 0);
        Self { alerts, world: World(vec![0; pools]), effects: EffectQueue::new(100) }
    }

    fn at(&mut self, second: u64) -> Vec<Effect> {
        self.alerts.evaluate(second * SECOND_US, &self.world, &mut self.effects);
        core::iter::from_fn(|| self.effects.pop()).collect()
    }

    fn state(&self) -> Vec<(AlertState, u64)> {
        let active = self.alerts.active(|_| None);
        active.iter().map(|alert| (alert.state, alert.since_us / SECOND_US)).collect()
    }
}

#[test]
fn it_fires_at_the_first_evaluation_after_its_time_and_not_before() {
    let mut sim = Sim::new(&[rule(AlertMetric::SystemLoadFactor, Comparison::Above, 850_000, 60)], 1);
    assert!(sim.at(15).is_empty());
    assert!(sim.state().is_empty());
    sim.world.0[0] = 850_001;
    // Between evaluations nothing is looked at.
    assert!(sim.at(29).is_empty());
    assert!(sim.state().is_empty());
    for second in [30, 45, 60, 75] {
        assert!(sim.at(second).is_empty(), "{second}");
        assert_eq!(sim.state(), [(AlertState::Pending, 30)]);
    }
    let fired = sim.at(90);
    assert_eq!(fired.len(), 1);
    assert_eq!((fired[0].kind, fired[0].reason), (EffectKind::AlertFiring, Reason::AlertFiring));
    assert_eq!((fired[0].alert, fired[0].pool, fired[0].value), (Some(0), None, Some(0.850_001)));
    assert_eq!(sim.state(), [(AlertState::Firing, 30)]);
    assert!(sim.at(105).is_empty());
    // The threshold itself isn't above it.
    sim.world.0[0] = 850_000;
    let resolved = sim.at(120);
    assert_eq!((resolved[0].kind, resolved[0].reason), (EffectKind::AlertResolved, Reason::AlertResolved));
    assert_eq!(resolved[0].value, Some(0.85));
    assert!(sim.state().is_empty());
    assert_eq!(sim.alerts.counts(), (0, 1));
}

#[test]
fn a_break_starts_the_time_again_and_says_nothing() {
    let mut sim = Sim::new(&[rule(AlertMetric::RejectionRate, Comparison::AtLeast, 500_000, 60)], 1);
    sim.world.0[0] = 500_000;
    assert!(sim.at(15).is_empty() && sim.at(60).is_empty());
    sim.world.0[0] = 499_999;
    assert!(sim.at(75).is_empty());
    assert!(sim.state().is_empty());
    sim.world.0[0] = 500_000;
    assert!(sim.at(90).is_empty() && sim.at(135).is_empty());
    assert_eq!(sim.state(), [(AlertState::Pending, 90)]);
    assert_eq!(sim.at(150).len(), 1);
}

#[test]
fn without_a_time_it_fires_at_once() {
    let mut sim = Sim::new(&[rule(AlertMetric::AdmissionRate, Comparison::AtMost, 0, 0)], 1);
    assert_eq!(sim.at(15).len(), 1);
    assert_eq!(sim.state(), [(AlertState::Firing, 15)]);
}

#[test]
fn every_pool_by_itself_and_a_rule_for_one_pool() {
    let all = rule(AlertMetric::PoolUtilization, Comparison::Below, 200_000, 0);
    let one = AlertRule { pool: Some("b".to_string()), options: AlertOptions::SCALE_UP, ..all.clone() };
    let mut sim = Sim::new(&[all, one], 3);
    sim.world.0 = vec![100_000, 300_000, 150_000];
    let pools = |effects: &[Effect]| -> Vec<_> {
        effects.iter().map(|effect| (effect.alert.unwrap(), effect.pool.unwrap().get())).collect()
    };
    assert_eq!(pools(&sim.at(15)), [(0, 0), (0, 2)]);
    sim.world.0 = vec![200_000, 100_000, 150_000];
    let effects = sim.at(30);
    assert_eq!(pools(&effects), [(0, 0), (0, 1), (1, 1)]);
    assert_eq!(effects[0].kind, EffectKind::AlertResolved);
    assert_eq!(effects[2].options, AlertOptions::SCALE_UP);
    let active = sim.alerts.active(|pool| ["a", "b", "c"].get(pool.index()).copied());
    let names: Vec<_> = active.iter().map(|alert| (alert.alert, alert.pool.as_deref().unwrap())).collect();
    assert_eq!(names, [(0, "b"), (0, "c"), (1, "b")]);
}

#[test]
fn a_sleep_over_many_periods_is_one_evaluation() {
    let mut sim = Sim::new(&[rule(AlertMetric::BalanceCoefficient, Comparison::Below, 500_000, 600)], 1);
    assert!(sim.at(15).is_empty());
    let fired = sim.at(1_000_007);
    assert_eq!(fired.len(), 1);
    assert_eq!(fired[0].at_us, 1_000_007 * SECOND_US);
    // In phase again.
    assert_eq!(sim.alerts.next_deadline_us(), Some(1_000_020 * SECOND_US));
}

#[test]
fn no_rules_no_deadline() {
    assert_eq!(Sim::new(&[], 1).alerts.next_deadline_us(), None);
}

#[test]
fn the_default_rules_are_those_of_the_documentation() {
    let shown: Vec<_> = Config::default()
        .alerts
        .iter()
        .map(|rule| {
            let (metric, comparison) = (rule.metric.as_str(), rule.comparison.as_str());
            let (minutes, severity) = (rule.for_us / 60 / SECOND_US, rule.severity.as_str());
            let options = rule.options.words().collect::<Vec<_>>().join(" ");
            let name = &rule.name;
            alloc::format!(
                "{name}: {metric} {comparison} {} {minutes}m {severity} {options}",
                rule.threshold.as_f64()
            )
        })
        .collect();
    assert_eq!(
        shown,
        [
            "PoolUtilizationCritical: pool_utilization > 0.95 1m critical ",
            "SystemNearCapacity: system_load_factor > 0.85 5m warning ",
            "PoolImbalance: balance_coefficient < 0.5 10m warning ",
            "HighRejectionRate: recent_rejection_rate > 0.05 5m critical scale_up shed_sheddable close_non_critical",
            "PoolUnhealthy: pool_health >= 1 1m warning ",
            "PoolIdle: pool_utilization < 0.2 10m info ",
        ]
    );
    assert_eq!(Config::default().alert_every_us, EVERY_US);
}
