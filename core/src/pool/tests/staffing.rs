//! Staffing: how many workers pools get together, and each of them.

use super::*;

const Q: PoolId = PoolId::new(1);

/// Pools `p` and `q` of five workers in staffing mode, judged each second, with these fields of each and these domains.
fn two(fields: &str, domains: &str) -> World {
    let pool = format!(r#"{{"initial_workers": 5, "min_workers": 2, "max_workers": 100{fields}}}"#);
    World::new(&format!(
        r#"{{"pools": {{"p": {pool}, "q": {pool}}}, "domains": {{{domains}}},
            "scaler": {{"mode": "staffing", "evaluate_every_us": 1000000}}}}"#
    ))
}

/// One pool of staffing mode, judged each second.
fn one(fields: &str) -> World {
    World::scaled(fields, r#""mode": "staffing", "evaluate_every_us": 1000000"#)
}

impl World {
    /// Lets each second of a range pass: the scaler judges, then requests of `home` come to `pool`, evenly, and each
    /// takes `service_us`. Answers when the pools were scaled, by how much, and how many were refused.
    fn seconds(
        &mut self,
        (from_s, to_s): (u64, u64),
        (home, pool): (PoolId, PoolId),
        per_second: u64,
        service_us: u64,
    ) -> (Vec<(u64, i64)>, u64) {
        let (mut scaled, mut refused) = (Vec::new(), 0);
        let mut out: VecDeque<(u64, WorkerId)> = VecDeque::new();
        for second in from_s..to_s {
            for request in 0..=per_second {
                let now_us = second * SECOND_US + request * SECOND_US / (per_second + 1);
                while out.front().is_some_and(|(due_us, _)| *due_us <= now_us) {
                    let (due_us, worker) = out.pop_front().unwrap();
                    self.back(due_us, worker);
                }
                if request == 0 {
                    self.pools.advance(now_us);
                    for effect in self.evaluate(now_us) {
                        let count = i64::from(effect.count);
                        let sign = if effect.kind == EffectKind::AddWorkers { 1 } else { -1 };
                        scaled.push((second, sign * count));
                    }
                    continue;
                }
                let answer = self.pools.checkout_for(now_us, pool, home, None, 0, &mut self.effects);
                match answer.unwrap().worker {
                    Some(worker) => out.push_back((now_us + service_us, worker)),
                    None => refused += 1,
                }
            }
        }
        for (due_us, worker) in out {
            self.back(due_us, worker);
        }
        (scaled, refused)
    }

    fn workers(&self) -> [u32; 2] {
        [POOL, Q].map(|pool| self.pools.counts(pool).map_or(0, |counts| counts.baseline))
    }
}

#[test]
fn what_spills_is_demand_of_where_it_belongs() {
    let mut world = two("", "");
    // Eight erlangs that belong to `p` and are all served in `q`.
    world.seconds((1, 60), (POOL, Q), 20, 400 * MS);
    let [p, q] = [POOL, Q].map(|pool| world.pools.staffed(pool).unwrap());
    assert!(p >= 10 && q == 2, "{p} and {q}");
    // Arrivals as the burst handler counts them are those of where they went.
    assert_eq!(world.pools.arrivals(POOL).unwrap().last(60), 0);
}

#[test]
fn a_pool_is_judged_before_it_is_staffed() {
    let mut world = two("", "");
    assert_eq!(world.pools.staffed(POOL), None);
    world.evaluate(SECOND_US);
    assert_eq!(world.pools.staffed(POOL), Some(2));
    let mut world = World::pool("");
    world.evaluate(5 * SECOND_US);
    assert_eq!(world.pools.staffed(POOL), None);
}

#[test]
fn pools_together_need_fewer_workers_than_alone() {
    let workers = |domains: &str| {
        let mut world = two("", domains);
        for second in 1..400 {
            // Four erlangs on each.
            for pool in [POOL, Q] {
                world.seconds((second, second + 1), (pool, pool), 10, 390 * MS);
            }
        }
        world.workers()
    };
    let together = workers("");
    let alone = workers(r#""p": {"spill": []}, "q": {"spill": []}"#);
    assert!(together.iter().sum::<u32>() + 3 <= alone.iter().sum(), "{together:?} and {alone:?}");
    assert_eq!(alone[0], alone[1]);
}

#[test]
fn initial_workers_stay_for_the_stabilization_and_then_go_to_the_minimum() {
    let mut world = one(r#""initial_workers": 9, "min_workers": 3"#);
    assert_eq!(world.seconds((1, 290), (POOL, POOL), 0, 0).0, []);
    let (scaled, _) = world.seconds((290, 330), (POOL, POOL), 0, 0);
    assert_eq!(scaled.iter().map(|(_, by)| by).sum::<i64>(), -6, "{scaled:?}");
}

#[test]
fn a_step_to_five_times_the_load_is_followed_within_seconds() {
    let mut world = one(r#""initial_workers": 12, "max_workers": 200"#);
    world.seconds((1, 300), (POOL, POOL), 10, 500 * MS);
    let before = world.counts().baseline;
    assert!((9..=14).contains(&before), "{before}");
    let (scaled, refused) = world.seconds((300, 360), (POOL, POOL), 50, 500 * MS);
    // 25 erlangs. Half of what is lacking is there after three seconds, nearly all of it after ten.
    let by = |until: u64| scaled.iter().filter(|(at, _)| *at < until).map(|(_, by)| by).sum::<i64>();
    assert!(by(304) >= 8 && by(310) >= 14, "{scaled:?}");
    assert!(refused < 150, "{refused} of 3000");
    assert!((30..=60).contains(&world.counts().baseline), "{:?}", world.counts());
}

#[test]
fn a_slow_down_is_followed_within_seconds() {
    let mut world = one(r#""initial_workers": 8, "max_workers": 200, "max_waiting": 100"#);
    world.seconds((1, 200), (POOL, POOL), 20, 100 * MS);
    let (_, refused) = world.seconds((200, 230), (POOL, POOL), 20, SECOND_US);
    // The same requests, ten times as long: 20 erlangs instead of 2.
    assert!(world.counts().baseline >= 24, "{:?}", world.counts());
    assert!(refused < 120, "{refused} of 600");
}

#[test]
fn a_closed_pool_gets_no_workers_and_the_others_serve_its_demand() {
    let mut world = two("", "");
    world.pools.set_open(POOL, false).unwrap();
    world.seconds((1, 60), (POOL, Q), 20, 400 * MS);
    let [p, q] = world.workers();
    assert!(p == 5 && q >= 12, "{p} and {q}");
}

#[test]
fn an_empty_pool_that_is_asked_for_is_staffed() {
    let mut world = one(r#""initial_workers": 0, "min_workers": 0"#);
    assert_eq!(world.evaluate(SECOND_US), []);
    assert_eq!(world.out(SECOND_US + 1).reason, Reason::Busy);
    world.pools.advance(2 * SECOND_US);
    world.evaluate(2 * SECOND_US);
    assert_eq!(world.counts().baseline, 1);
}
