//! The scaler.

use super::*;

#[test]
fn demand_above_080_adds_a_worker_each_evaluation() {
    let mut world = World::pool(r#""initial_workers": 10, "max_workers": 12"#);
    for _ in 0..9 {
        world.worker(0);
    }
    assert_eq!(world.pools.next_deadline_us(), Some(5 * SECOND_US));
    // 9 of 10 is above 0.80, 9 of 11 is 0.818, 9 of 12 is 0.75.
    let scalings = world.scalings(0, 50 * SECOND_US);
    assert_eq!(scalings, [(5, 1, Reason::DemandHigh), (10, 1, Reason::DemandHigh)]);
}

#[test]
fn demand_is_averaged_over_the_time_since_the_last_evaluation() {
    let mut world = World::pool(r#""initial_workers": 10"#);
    let workers: Vec<_> = (0..10).map(|_| world.worker(SECOND_US)).collect();
    for worker in workers {
        world.back(5 * SECOND_US - 1, worker);
    }
    // Four of five seconds at 1.0: just below 0.80.
    assert_eq!(world.evaluate(5 * SECOND_US).len(), 0);
    let workers: Vec<_> = (0..10).map(|_| world.worker(6 * SECOND_US - 1)).collect();
    assert_eq!(world.evaluate(10 * SECOND_US)[0].reason, Reason::DemandHigh);
    assert_eq!(workers.len(), 10);
}

#[test]
fn demand_at_070_for_a_minute_adds_up_to_two() {
    let mut world = World::scaled(r#""initial_workers": 10"#, r#""health": false"#);
    for _ in 0..8 {
        world.worker(0);
    }
    // 0.80 is not above 0.80; ceil(8 / 0.70) = 12: two are needed. At 12 demand is 0.667.
    assert_eq!(world.scalings(0, 200 * SECOND_US), [(60, 2, Reason::Proactive)]);
    let mut world = World::pool(r#""initial_workers": 10"#);
    for _ in 0..7 {
        world.worker(0);
    }
    // Exactly 0.70: none is needed, at least one is added.
    assert_eq!(world.scalings(0, 130 * SECOND_US), [(60, 1, Reason::Proactive)]);
}

#[test]
fn a_break_starts_the_proactive_minute_again() {
    let mut world = World::pool(r#""initial_workers": 10"#);
    let mut workers: Vec<_> = (0..7).map(|_| world.worker(0)).collect();
    assert_eq!(world.scalings(0, 50 * SECOND_US), []);
    world.back(50 * SECOND_US, workers.pop().unwrap());
    assert_eq!(world.scalings(50 * SECOND_US, 55 * SECOND_US), []);
    workers.push(world.worker(55 * SECOND_US));
    assert_eq!(world.scalings(55 * SECOND_US, 130 * SECOND_US), [(115, 1, Reason::Proactive)]);
}

#[test]
fn demand_below_050_removes_one_a_minute_down_to_the_minimum() {
    let mut world = World::pool(r#""initial_workers": 5, "min_workers": 2"#);
    world.worker(0);
    let removals = world.scalings(0, 300 * SECOND_US);
    assert_eq!(
        removals,
        [(5, -1, Reason::DemandLow), (65, -1, Reason::DemandLow), (125, -1, Reason::DemandLow)]
    );
    assert_eq!(world.counts().baseline, 2);
}

#[test]
fn one_worker_at_090_never_flaps() {
    let mut world = World::pool(r#""initial_workers": 2, "min_workers": 1"#);
    // 0.9 of one worker, which is 0.45 of two: low enough to remove one, were it not that one would be too few.
    let mut found = Vec::new();
    for second in 0..600 {
        let now_us = second * SECOND_US;
        let worker = world.worker(now_us);
        if second % 5 == 0 {
            found.extend(world.evaluate(now_us));
        }
        world.back(now_us + 900 * MS, worker);
    }
    assert_eq!(found, []);
    assert_eq!(world.counts().baseline, 2);
}

#[test]
fn ten_idle_minutes_start_a_planned_shrink() {
    let mut world = World::scaled(
        r#""initial_workers": 40, "max_workers": 40"#,
        r#""down_threshold": 0.1, "planned_threshold": 0.3"#,
    );
    for _ in 0..8 {
        world.worker(0);
    }
    // 8/40 is below 0.30 and above 0.10. A tenth each minute, down to ceil(8 / 0.70) = 12.
    let removals = world.scalings(0, 3000 * SECOND_US);
    let planned: Vec<_> = removals.iter().map(|(at, by, _)| (*at, *by)).collect();
    assert!(removals.iter().all(|(_, _, reason)| *reason == Reason::PlannedDown));
    assert_eq!(planned[..5], [(600, -4), (660, -3), (720, -3), (780, -3), (840, -2)]);
    assert_eq!(world.counts().baseline, 12);
}

#[test]
fn off_peak_only_plans_only_off_peak() {
    let scaler = r#""down_threshold": 0.0, "off_peak_only": true"#;
    let mut world = World::scaled(r#""initial_workers": 10"#, scaler);
    assert_eq!(world.scalings(0, 1000 * SECOND_US), []);
    world.pools.set_off_peak(true);
    let removals = world.scalings(1000 * SECOND_US, 1100 * SECOND_US);
    assert_eq!(removals, [(1005, -1, Reason::PlannedDown), (1065, -1, Reason::PlannedDown)]);
}

/// A pool at 6 of 10 whose requests fail.
fn failing(scaler: &str) -> World {
    let mut world = World::scaled(r#""initial_workers": 10"#, scaler);
    for second in 0..60 {
        let workers: Vec<_> = (0..6).map(|_| world.worker(second * SECOND_US)).collect();
        for worker in workers {
            let back = (second + 1) * SECOND_US;
            world.pools.checkin(back, worker, Outcome::Failed, &mut world.effects).unwrap();
        }
    }
    world
}

#[test]
fn an_unhealthy_pool_gets_a_worker_unless_errors_are_excused() {
    let mut world = failing("");
    assert_eq!(world.pools.health_check(60 * SECOND_US, POOL), Ok(HealthStatus::Degraded));
    assert_eq!(world.evaluate(60 * SECOND_US)[0].reason, Reason::Unhealthy);
    let mut world = failing(r#""health_on_errors": false"#);
    assert_eq!(world.evaluate(60 * SECOND_US), []);
    let mut world = failing(r#""health": false"#);
    assert_eq!(world.evaluate(60 * SECOND_US), []);
}

#[test]
fn an_unhealthy_pool_at_its_maximum_does_not_flap() {
    let mut world = World::pool(r#""initial_workers": 10, "max_workers": 10"#);
    for second in 0..120 {
        let now_us = second * SECOND_US;
        for _ in 0..2 {
            let worker = world.worker(now_us);
            world.pools.checkin(now_us + 1, worker, Outcome::Failed, &mut world.effects).unwrap();
        }
        if second % 5 == 0 && second > 10 {
            // Demand is far below 0.50, but a worker removed now would be added again at once.
            assert_eq!(world.evaluate(now_us), []);
        }
    }
}

#[test]
fn scalings_keep_their_least_distance() {
    let mut world = World::scaled(r#""initial_workers": 10"#, r#""min_interval_us": 60000000"#);
    for _ in 0..10 {
        world.worker(0);
    }
    let times: Vec<_> = world.scalings(0, 130 * SECOND_US).iter().map(|(at, _, _)| *at).collect();
    assert_eq!(times, [5, 65, 125]);
}

#[test]
fn proportional_mode_goes_up_at_once_and_down_after_five_minutes() {
    let mut world = World::scaled(r#""initial_workers": 10"#, r#""mode": "proportional""#);
    let mut workers: Vec<_> = (0..10).map(|_| world.worker(0)).collect();
    // ceil(10 / 0.70) = 15, and 0.667 lies within a tenth of 0.70.
    assert_eq!(world.scalings(0, 100 * SECOND_US), [(5, 5, Reason::Proportional)]);
    for worker in workers.drain(3..) {
        world.back(100 * SECOND_US, worker);
    }
    // ceil(3 / 0.70) = 5, once the last desire of 15 is older than 300 s.
    assert_eq!(world.scalings(100 * SECOND_US, 600 * SECOND_US), [(405, -10, Reason::Proportional)]);
}

#[test]
fn staffing_mode_gives_small_pools_more_room_than_large_ones() {
    let desired = |per_second: u64| {
        let fields = r#""initial_workers": 10, "max_workers": 1000, "max_waiting": 1000"#;
        let mut world = World::scaled(fields, r#""mode": "staffing""#);
        let mut out: VecDeque<(u64, WorkerId)> = VecDeque::new();
        for tick in 0..(400 * per_second) {
            let now_us = tick * SECOND_US / per_second;
            while out.front().is_some_and(|(due_us, _)| *due_us <= now_us) {
                let (_, worker) = out.pop_front().unwrap();
                world.back(now_us, worker);
            }
            if let Some(worker) = world.out(now_us).worker {
                out.push_back((now_us + SECOND_US, worker));
            }
            if tick % per_second == 0 {
                world.pools.advance(now_us);
                world.evaluate(now_us);
            }
        }
        let status = world.status(400 * SECOND_US);
        (status.current_workers, status.utilization)
    };
    let (few, low) = desired(2);
    let (many, high) = desired(200);
    assert!((4..=8).contains(&few), "{few} workers for 2 erlangs");
    assert!((205..=260).contains(&many), "{many} workers for 200 erlangs");
    assert!(low < 0.6 && high > 0.8, "{low} and {high}");
}

#[test]
fn staffing_mode_wants_no_more_workers_than_there_are_requests() {
    let fields = r#""initial_workers": 2, "max_workers": 1000, "max_waiting": 9"#;
    for wait_target_us in [0, 100_000] {
        let scaler = format!(r#""mode": "staffing", "wait_target_us": {wait_target_us}"#);
        let mut world = World::scaled(fields, &scaler);
        let worker = world.worker(0);
        world.back(60 * SECOND_US, worker);
        for _ in 0..2 {
            world.worker(60 * SECOND_US);
        }
        world.wait(60 * SECOND_US, 600 * SECOND_US);
        // Two are busy, and one waits: a minute's work of one can't be shared out.
        let now_us = 65 * SECOND_US;
        world.pools.advance(now_us);
        world.evaluate(now_us);
        assert!(world.counts().baseline <= 20, "{:?}", world.counts());
    }
}

#[test]
fn the_thresholds_are_not_crossed_at_their_edges() {
    let scaler = r#""proactive_threshold": 2, "health": false"#;
    for (busy, expected) in
        [(50, None), (49, Some(Reason::DemandLow)), (80, None), (81, Some(Reason::DemandHigh))]
    {
        let mut world = World::scaled(r#""initial_workers": 100, "max_workers": 200"#, scaler);
        for _ in 0..busy {
            world.worker(0);
        }
        let reasons: Vec<_> = world.evaluate(5 * SECOND_US).iter().map(|effect| effect.reason).collect();
        assert_eq!(reasons.first().copied(), expected, "{busy} of 100");
    }
    // 0.30 for ten minutes is not below 0.30.
    for (busy, shrinks) in [(30, false), (29, true)] {
        let mut world =
            World::scaled(r#""initial_workers": 100, "max_workers": 200"#, r#""down_threshold": 0"#);
        for _ in 0..busy {
            world.worker(0);
        }
        assert_eq!(!world.scalings(0, 600 * SECOND_US).is_empty(), shrinks, "{busy} of 100");
    }
}

#[test]
fn one_rule_acts_at_a_time_in_their_order() {
    // High demand and an unhealthy pool: each evaluation adds one, and once a minute the proactive rule comes first.
    let mut world = World::pool(r#""initial_workers": 10, "max_workers": 50, "max_waiting": 100"#);
    for _ in 0..10 {
        world.worker(0);
    }
    for _ in 0..60 {
        world.wait(0, 1000 * SECOND_US);
    }
    let mut adds = Vec::new();
    for second in (5..=130).step_by(5) {
        let effects = world.evaluate(second * SECOND_US);
        let mut orders = effects.iter().filter(|effect| effect.kind == EffectKind::AddWorkers);
        let first = orders.next().unwrap();
        assert_eq!(orders.next(), None);
        adds.push((second, first.count, first.reason));
    }
    for (second, count, reason) in adds {
        let proactive = second % 60 == 0;
        let expected = if proactive { (2, Reason::Proactive) } else { (1, Reason::DemandHigh) };
        assert_eq!((count, reason), expected, "{second}");
    }
    // Idle: one a minute, and after ten minutes a tenth of them by plan, which comes first.
    let mut world = World::pool(r#""initial_workers": 30, "max_workers": 30"#);
    let removals = world.scalings(0, 700 * SECOND_US);
    assert_eq!(removals[..2], [(5, -1, Reason::DemandLow), (65, -1, Reason::DemandLow)]);
    assert_eq!(
        removals[9..],
        [(545, -1, Reason::DemandLow), (605, -2, Reason::PlannedDown), (665, -1, Reason::PlannedDown)]
    );
}

#[test]
fn an_empty_pool_that_is_asked_for_gets_a_worker() {
    for mode in ["step", "proportional", "staffing"] {
        let scaler = format!(r#""mode": "{mode}""#);
        let mut world = World::scaled(r#""initial_workers": 0, "min_workers": 0"#, &scaler);
        assert_eq!(world.evaluate(5 * SECOND_US), []);
        assert_eq!(world.out(6 * SECOND_US).reason, Reason::Busy);
        world.pools.advance(10 * SECOND_US);
        world.evaluate(10 * SECOND_US);
        assert_eq!(world.counts().baseline, 1, "{mode}");
    }
}

#[test]
fn a_worker_on_its_way_is_not_ordered_again() {
    let mut world = World::new(
        r#"{"worker_start": "confirmed", "pools": {"p": {"initial_workers": 10, "max_workers": 50}}}"#,
    );
    for _ in 0..9 {
        world.worker(0);
    }
    // Nine of ten that are there are busy, and two more are coming: nine of twelve. The proactive rule adds one.
    let expected = [(5, 1, Reason::DemandHigh), (10, 1, Reason::DemandHigh), (60, 1, Reason::Proactive)];
    assert_eq!(world.scalings(0, 100 * SECOND_US), expected);
}
