//! Status and metrics in each phase.

use super::*;

#[test]
fn loads_before_and_after_the_baseline_is_known() {
    let mut sim = Sim::with(2, unchanged);
    sim.world.pools[0].demand.workers = 8;
    sim.world.pools[1].demand.workers = 4;
    sim.run(69);
    let status = sim.status();
    assert_eq!((status.baseline_load, status.current_load), (0.0, 0.1875));
    // Compared with the minimum of 0.05.
    assert_eq!((status.load_ratio, status.burst_threshold), (0.1875 / 0.05, 0.5));
    sim.run(1);
    sim.rates(2);
    sim.run(10);
    let status = sim.status();
    assert_eq!((status.baseline_load, status.current_load), (0.1875, 0.375));
    assert_eq!((status.load_ratio, status.burst_threshold), (2.0, 1.875));
    let pools: Vec<_> =
        status.pools.iter().map(|pool| (pool.pool.as_str(), pool.baseline_load, pool.current_load)).collect();
    assert_eq!(pools, [("payment", 0.125, 0.25), ("delivery", 0.25, 0.5)]);
}

#[test]
fn idle() {
    let sim = Sim::settled(3, unchanged);
    let status = sim.status();
    assert!(status.enabled && !status.in_surge && !status.surge_active);
    assert_eq!((status.surge_count, status.total_surge_cost, status.total_surge_money), (0, 0.0, 0.0));
    assert_eq!((status.total_surge_us, status.last_surge_us, status.kept_workers), (0, 0, 0));
    let metrics = sim.metrics();
    assert_eq!((metrics.in_surge, metrics.phase, metrics.surge_start_us), (false, "idle", None));
    assert_eq!((metrics.surge_time_remaining_us, metrics.surge_count), (0, 0));
    assert_eq!((metrics.total_surge_cost, metrics.avg_surge_cost), (0.0, 0.0));
    assert!(metrics.surge_pools.is_empty());
}

#[test]
fn every_phase_of_a_surge() {
    let mut sim = Sim::surging(3, unchanged);
    let t0 = sim.world.now_us;
    for (at_s, phase, in_surge, workers, remaining_s) in [
        (0, "hold", true, 5, 420),
        (299, "hold", true, 5, 121),
        (300, "shrink", true, 5, 120),
        (324, "shrink", true, 4, 96),
        (419, "shrink", true, 1, 1),
        (420, "cooldown", false, 0, 0),
        (449, "cooldown", false, 0, 0),
        (450, "idle", false, 0, 0),
    ] {
        if at_s > 0 {
            sim.step_to(t0 + at_s * SECOND_US);
        }
        let metrics = sim.metrics();
        assert_eq!((metrics.phase, metrics.in_surge), (phase, in_surge), "{at_s} s");
        assert_eq!(metrics.surge_time_remaining_us, remaining_s * SECOND_US, "{at_s} s");
        assert_eq!(metrics.surge_start_us, in_surge.then_some(t0), "{at_s} s");
        assert_eq!((metrics.surge_count, metrics.avg_surge_cost), (1, 30.0));
        let status = sim.status();
        assert_eq!((status.in_surge, status.surge_active), (in_surge, workers > 0), "{at_s} s");
        for pool in &status.pools {
            assert_eq!((pool.phase, pool.surge_workers), (phase, workers), "{at_s} s");
        }
        let expected = if workers > 0 { names(&NAMES[..3]) } else { names(&[]) };
        assert_eq!(metrics.surge_pools, expected, "{at_s} s");
    }
    let status = sim.status();
    assert_eq!((status.total_surge_us, status.last_surge_us), (420 * SECOND_US, 420 * SECOND_US));
}

#[test]
fn pools_alone_show_the_furthest_reaching_surge() {
    let mut sim = Sim::settled(2, alone);
    sim.second_with(30);
    sim.run(309);
    sim.world.pools[1].rate = 30;
    sim.run(1);
    let phases: Vec<_> = sim.status().pools.iter().map(|pool| pool.phase).collect();
    assert_eq!(phases, ["shrink", "hold"]);
    let metrics = sim.metrics();
    assert_eq!((metrics.phase, metrics.surge_start_us), ("hold", Some(101 * SECOND_US)));
    assert_eq!(metrics.surge_time_remaining_us, 420 * SECOND_US);
    assert_eq!(metrics.surge_pools, names(&["payment", "delivery"]));
    sim.run(150);
    assert_eq!(sim.metrics().surge_pools, names(&["delivery"]));
    assert_eq!((sim.metrics().surge_count, sim.metrics().total_surge_cost), (2, 20.0));
}

#[test]
fn a_status_serializes() {
    let sim = Sim::surging(1, unchanged);
    let status = serde_json::to_value(sim.status()).unwrap();
    for field in [
        "enabled",
        "in_surge",
        "baseline_load",
        "current_load",
        "load_ratio",
        "burst_threshold",
        "surge_active",
        "surge_count",
        "total_surge_cost",
        "total_surge_money",
    ] {
        assert!(status.get(field).is_some(), "{field}");
    }
    let metrics = serde_json::to_value(sim.metrics()).unwrap();
    for field in [
        "in_surge",
        "phase",
        "surge_start_us",
        "surge_time_remaining_us",
        "surge_pools",
        "surge_count",
        "total_surge_cost",
        "avg_surge_cost",
    ] {
        assert!(metrics.get(field).is_some(), "{field}");
    }
}
