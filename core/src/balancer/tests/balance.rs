//! The coefficient and the status.

use proptest::prelude::*;

use super::*;
use crate::balancer::BalanceLevel;

fn measured(coefficient: Coefficient, pools: &Pools) -> (f64, BalanceLevel) {
    let names = pool_names(pools.pools.len() as u32);
    let config = BalancerConfig { coefficient, ..config() };
    let balancer = Balancer::new(&config, &[], &pools_named(&names), 0);
    let status = balancer.balance_status(pools);
    assert_eq!(status.balance_coefficient.to_bits(), balancer.coefficient(pools).to_bits());
    (status.balance_coefficient, status.balance_status)
}

fn spread(pools: &[(u32, u32)]) -> (f64, BalanceLevel) {
    measured(Coefficient::Spread, &Pools::new(pools.iter().copied()))
}

fn stddev(pools: &[(u32, u32)]) -> (f64, BalanceLevel) {
    measured(Coefficient::Stddev, &Pools::new(pools.iter().copied()))
}

#[test]
fn golden_coefficients() {
    assert_eq!(spread(&[(7, 10), (14, 20), (21, 30)]), (1.0, BalanceLevel::Balanced));
    assert_eq!(spread(&[(16, 20), (14, 20)]), (0.8, BalanceLevel::Balanced));
    assert_eq!(spread(&[(15, 20), (10, 20)]), (0.5, BalanceLevel::Imbalanced));
    assert_eq!(spread(&[(20, 20), (0, 20)]), (0.0, BalanceLevel::Critical));
    // The same differences with other denominators.
    assert_eq!(spread(&[(7, 10), (3, 5), (13, 20)]), (0.8, BalanceLevel::Balanced));
    assert_eq!(spread(&[(1, 4), (0, 3)]), (0.5, BalanceLevel::Imbalanced));
    // Just beyond the thresholds.
    assert_eq!(spread(&[(1_600_001, 2_000_000), (14, 20)]).1, BalanceLevel::Imbalanced);
    assert_eq!(spread(&[(1_500_001, 2_000_000), (10, 20)]).1, BalanceLevel::Critical);
}

#[test]
fn fewer_than_two_open_pools_are_in_balance() {
    assert_eq!(spread(&[]), (1.0, BalanceLevel::Balanced));
    assert_eq!(spread(&[(9, 10)]), (1.0, BalanceLevel::Balanced));
    // Empty and closed pools are left out.
    assert_eq!(spread(&[(9, 10), (0, 0)]), (1.0, BalanceLevel::Balanced));
    let mut pools = Pools::new([(9, 10), (0, 10)]);
    pools.set_open(1, false);
    assert_eq!(measured(Coefficient::Spread, &pools), (1.0, BalanceLevel::Balanced));
    assert_eq!(measured(Coefficient::Stddev, &pools), (1.0, BalanceLevel::Balanced));
}

#[test]
fn standard_deviation_is_exact_where_it_can_be() {
    assert_eq!(stddev(&[]), (1.0, BalanceLevel::Balanced));
    assert_eq!(stddev(&[(7, 10), (14, 20)]), (1.0, BalanceLevel::Balanced));
    // σ = 0.05, 0.1, 0.25, 0.5.
    assert_eq!(stddev(&[(16, 20), (14, 20)]), (0.9, BalanceLevel::Balanced));
    assert_eq!(stddev(&[(8, 10), (12, 20)]), (0.8, BalanceLevel::Balanced));
    assert_eq!(stddev(&[(3, 4), (1, 4)]), (0.5, BalanceLevel::Imbalanced));
    assert_eq!(stddev(&[(1, 1), (0, 7)]), (0.0, BalanceLevel::Critical));
    // Utilizations 0.2, 0.4, 0.4, 0.4, 0.5, 0.5, 0.7, 0.9 have mean 0.5 and σ 0.2.
    let figures = [2, 4, 4, 4, 5, 5, 7, 9].map(|busy| (busy, 10));
    assert_eq!(stddev(&figures), (0.6, BalanceLevel::Imbalanced));
}

#[test]
fn status_has_the_agreed_fields() {
    let mut balancer = Balancer::new(&config(), &[domain(&["b"], &[])], &pools_named(&["b", "a", "c"]), 0);
    let mut pools = Pools::new([(1, 2), (1, 4), (0, 0)]);
    balancer.route(0, FIRST, b"", &pools).unwrap();
    balancer.record_migration(3);
    pools.set_open(1, false);
    let status = serde_json::to_string(&balancer.balance_status(&pools)).unwrap();
    let expected = r#"{"pools":3,"balance_coefficient":1.0,"total_routed":1,"rebalance_count":1,"pool_utilization":{"b":0.5,"a":0.25,"c":0.0},"balance_status":"balanced"}"#;
    assert_eq!(status, expected);
    assert_eq!(balancer.balance_status(&pools).balance_status.as_str(), "balanced");
}

proptest! {
    #[test]
    fn coefficients_agree_with_floating_point(
        occupancies in prop::collection::vec((0..=1000_u32, 0..=1000_u32), 0..12),
        huge in prop::bool::weighted(0.2),
    ) {
        let occupancies: Vec<_> = occupancies.into_iter()
            .map(|(busy, workers)| (busy.min(workers), workers))
            .map(|(busy, workers)| if huge { (busy * 4_000_037, workers * 4_000_037) } else { (busy, workers) })
            .collect();
        let utilizations: Vec<f64> = occupancies.iter().filter(|(_, workers)| *workers > 0)
            .map(|(busy, workers)| f64::from(*busy) / f64::from(*workers)).collect();
        let count = utilizations.len() as f64;
        let (expected_spread, expected_stddev) = if utilizations.is_empty() { (1.0, 1.0) } else {
            let d = utilizations.iter().copied().fold(0.0, f64::max) - utilizations.iter().copied().fold(1.0, f64::min);
            let mean = utilizations.iter().sum::<f64>() / count;
            let variance = utilizations.iter().map(|u| (u - mean).powi(2)).sum::<f64>() / count;
            let coefficient = if d <= 0.25 { 1.0 - 2.0 * d } else { 0.5 * (1.0 - d) / 0.75 };
            (coefficient, (1.0 - variance.sqrt() / 0.5).max(0.0))
        };
        for (found, expected) in [(spread(&occupancies), expected_spread), (stddev(&occupancies), expected_stddev)] {
            prop_assert!((0.0..=1.0).contains(&found.0));
            prop_assert!((found.0 - expected).abs() < 1e-6, "{} for {}", found.0, expected);
            let level = if found.0 >= 0.8 { BalanceLevel::Balanced } else if found.0 >= 0.5 { BalanceLevel::Imbalanced } else { BalanceLevel::Critical };
            if (found.0 - 0.8).abs() > 1e-9 && (found.0 - 0.5).abs() > 1e-9 {
                prop_assert_eq!(found.1, level);
            }
        }
    }

    #[test]
    fn figures_at_the_edge_of_their_type_are_taken(a in any::<(u32, u32)>(), b in any::<(u32, u32)>(), c in any::<(u32, u32)>()) {
        for coefficient in [Coefficient::Spread, Coefficient::Stddev] {
            let config = BalancerConfig { coefficient, ..config() };
            let balancer = Balancer::new(&config, &[], &pools_named(&["a", "b", "c", "d"]), 0);
            let pools = Pools::new([a, b, c, (u32::MAX, u32::MAX)]);
            prop_assert!((0.0..=1.0).contains(&balancer.coefficient(&pools)));
            prop_assert!((0.0..=1.0).contains(&balancer.spread(&pools)));
            balancer.decide(0, &pools);
        }
    }
}
