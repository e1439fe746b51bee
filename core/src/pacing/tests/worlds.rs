//! Random worlds, against the slow model.

use alloc::vec::Vec;

use proptest::prelude::*;

use super::model::{SlowDomain, SlowPacer};
use super::*;
use crate::reason::Reason;
use crate::time::SECOND_US;

#[derive(Debug, Clone)]
enum Step {
    Wait(u64),
    Back(u64),
    Offer(usize, u32),
    Poll,
    PollAll,
    /// Sleeps until the next deadline.
    Deadline,
    Weight(usize, u32),
    Takt(u64, u64),
}

fn weights() -> impl Strategy<Value = u32> {
    prop_oneof![3 => 1_u32..10, 1 => 1_u32..1_000, 1 => Just(1_000_000_u32)]
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        3 => prop_oneof![0_u64..100, 0_u64..5_000].prop_map(Step::Wait),
        1 => prop_oneof![Just(50_000), Just(SECOND_US)].prop_map(Step::Wait),
        1 => (1_u64..50).prop_map(Step::Back),
        9 => (any::<usize>(), 1_u32..12).prop_map(|(domain, items)| Step::Offer(domain, items)),
        6 => Just(Step::Poll),
        2 => Just(Step::PollAll),
        8 => Just(Step::Deadline),
        1 => (any::<usize>(), weights()).prop_map(|(domain, weight)| Step::Weight(domain, weight)),
        1 => (1_u64..5_000, 1_u64..50).prop_map(|(more, demand)| Step::Takt(demand + more, demand)),
    ];
    prop::collection::vec(step, 1..400)
}

#[derive(Debug, Clone)]
struct World {
    weights: Vec<u32>,
    max_backlogs: Vec<u32>,
    available_us: u64,
    demand: u64,
    max_backlog: u32,
    max_catch_up: u32,
    max_late: Option<u32>,
}

fn worlds() -> impl Strategy<Value = World> {
    let domains = prop::collection::vec((weights(), 1_u32..30), 1..7);
    let late = prop::option::of(0_u32..6);
    (domains, 1_u64..4_000, 1_u64..40, 1_u32..60, 0_u32..5, late).prop_map(
        |(domains, more, demand, max_backlog, max_catch_up, max_late)| World {
            weights: domains.iter().map(|domain| domain.0).collect(),
            max_backlogs: domains.iter().map(|domain| domain.1).collect(),
            available_us: demand + more,
            demand,
            max_backlog,
            max_catch_up,
            max_late,
        },
    )
}

fn pair(world: &World) -> (Pacer, SlowPacer) {
    let domain = |(place, (weight, max)): (usize, (&u32, &u32))| {
        format!("\"d{place}\":{{\"weight\":{weight},\"max_backlog\":{max}}}")
    };
    let domains = world.weights.iter().zip(&world.max_backlogs).enumerate().map(domain);
    let domains = domains.collect::<Vec<_>>().join(",");
    let late = world.max_late.map_or_else(|| "null".into(), |late| format!("{late}"));
    let pacer = pacer(&format!(
        "{{\"available_us\":{},\"demand\":{},\"max_backlog\":{},\"max_catch_up\":{},\"max_late\":{late},\"domains\":{{{domains}}}}}",
        world.available_us, world.demand, world.max_backlog, world.max_catch_up
    ));
    let domain = |(weight, max): (&u32, &u32)| SlowDomain {
        weight: (*weight).into(),
        max_backlog: *max,
        items: [].into(),
        position: 0,
    };
    let slow = SlowPacer {
        available_us: world.available_us.into(),
        demand: world.demand.into(),
        domains: world.weights.iter().zip(&world.max_backlogs).map(domain).collect(),
        max_backlog: world.max_backlog,
        max_catch_up: world.max_catch_up.into(),
        max_late: world.max_late.map(u128::from),
        next: 0,
        since_us: 0,
        latest_us: 0,
        lapsed: 0,
    };
    (pacer, slow)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn it_does_what_the_slow_model_does(world in worlds(), steps in steps()) {
        let (mut pacer, mut slow) = pair(&world);
        let (mut now_us, mut item) = (0_u64, 0_u64);
        let count = world.weights.len();
        let (mut accepted, mut refused, mut released) = (0, 0, 0);
        for step in steps {
            match step {
                Step::Wait(us) => now_us += us,
                Step::Back(us) => now_us = now_us.saturating_sub(us),
                Step::Offer(domain, items) => {
                    for _ in 0..items {
                        item += 1;
                        let place = domain % count;
                        let answer = offer(&mut pacer, now_us, u32::try_from(place).unwrap(), item);
                        match slow.offer(now_us, place, item) {
                            Ok(()) => {
                                prop_assert!(answer.accepted);
                                prop_assert_eq!((answer.reason, answer.retry_after_us), (Reason::Accepted, 0));
                                accepted += 1;
                            }
                            Err((limit, load)) => {
                                prop_assert!(!answer.accepted && answer.retry_after_us >= 1_000);
                                prop_assert_eq!((answer.reason, answer.limit, answer.load), (Reason::BacklogFull, limit, load));
                                refused += 1;
                            }
                        }
                    }
                }
                Step::Poll | Step::PollAll | Step::Deadline => {
                    if let (Step::Deadline, Some(due_us)) = (&step, pacer.next_deadline_us()) {
                        prop_assert_eq!(due_us, slow.due_us().max(slow.latest_us + 1));
                        // Until then nothing is released, unless it was overdue.
                        if slow.due_us() == due_us {
                            prop_assert_eq!(pacer.poll(due_us - 1).unwrap(), None);
                            prop_assert_eq!(slow.poll(due_us - 1), None);
                        }
                        now_us = due_us;
                    }
                    loop {
                        let release = pacer.poll(now_us).unwrap().map(|release| {
                            (release.domain.get() as usize, release.item, release.due_us)
                        });
                        prop_assert_eq!(release, slow.poll(now_us));
                        released += u64::from(release.is_some());
                        if release.is_none() || matches!(step, Step::Poll) {
                            break;
                        }
                    }
                }
                Step::Weight(domain, weight) => {
                    let place = domain % count;
                    pacer.set_weight(now_us, DomainId::new(u32::try_from(place).unwrap()), weight).unwrap();
                    slow.latest_us = slow.latest_us.max(now_us);
                    slow.set_weight(place, weight);
                }
                Step::Takt(available_us, demand) => {
                    pacer.set_takt(now_us, available_us, demand).unwrap();
                    slow.set_takt(now_us, available_us, demand);
                }
            }
            let status = pacer.status();
            prop_assert_eq!((status.accepted, status.refused, status.released), (accepted, refused, released));
            prop_assert_eq!(status.accepted, status.released + u64::from(status.backlog));
            prop_assert_eq!(u128::from(status.lapsed_slots), slow.lapsed);
            prop_assert!(status.backlog <= world.max_backlog && status.backlog == slow.backlog());
            for (domain, max) in status.domains.iter().zip(&world.max_backlogs) {
                prop_assert!(domain.backlog <= *max);
            }
            prop_assert!(pacer.next_deadline_us().is_none_or(|due_us| due_us > status.now_us));
            prop_assert_eq!(pacer.next_deadline_us().is_some(), status.backlog > 0);
        }
    }

    /// Whoever comes and goes: nobody that has something waiting is forgotten. Of `k` turns it gets its share, but for two.
    #[test]
    fn nobody_who_waits_is_held_up(
        weights in prop::collection::vec(1_u32..20, 2..8),
        coming in prop::collection::vec((0_usize..8, 1_u32..4), 1..400),
    ) {
        let mut pacer = pacer(&mix("\"takt_us\": 1", &weights, 1_000_000));
        // The first domain always has something; it may have no less than its share against all the others.
        for item in 0..1_000 {
            offer(&mut pacer, 0, 0, item);
        }
        let total: u32 = weights.iter().sum();
        let (mut now_us, mut had) = (0, 0);
        for (domain, items) in coming {
            for item in 0..items {
                let place = u32::try_from(domain % (weights.len() - 1) + 1).unwrap();
                offer(&mut pacer, now_us, place, item.into());
            }
            had += u64::from(pacer.poll(now_us).unwrap().unwrap().domain.get() == 0);
            now_us += 1;
            let share = now_us * u64::from(weights[0]) / u64::from(total);
            prop_assert!(had + 2 >= share, "{had} of {share} after {now_us} with {weights:?}");
        }
    }
}
