use super::*;
use crate::error::Error;
use crate::reason::Reason;
use crate::time::TIME_LIMIT_US;

/// Ten million items of four domains are due at ⌈k × takt⌉, each, and come in the order of the sequence.
#[test]
fn ten_million_items_do_not_drift() {
    // A third of a microsecond each time; a prime demand in a shift of 7.5 hours; hardly above 1 µs.
    for (available_us, demand) in [(1_000_000_u128, 3_u32), (27_000_000_000, 17_989), (1_000_003, 1_000_000)]
    {
        let weights = [5, 1, 1, 3];
        let mut pacer =
            pacer(&mix(&format!("\"available_us\": {available_us}, \"demand\": {demand}"), &weights, 40));
        let order = sequence(&weights).unwrap();
        let mut order = order.iter().cycle();
        for domain in 0..4 {
            (0..3).for_each(|item| assert!(offer(&mut pacer, 0, domain, item).accepted));
        }
        for k in 0..10_000_000_u64 {
            // k × available / demand, rounded up.
            let ideal_us = u64::try_from((u128::from(k) * available_us).div_ceil(demand.into())).unwrap();
            let release = pacer.poll(ideal_us).unwrap().unwrap();
            assert_eq!((release.due_us, release.domain.get()), (ideal_us, *order.next().unwrap()), "{k}");
            assert!(pacer.offer(ideal_us, release.domain, k).unwrap().accepted);
        }
        let status = pacer.status();
        assert_eq!((status.released, status.max_lateness_us), (10_000_000, 0));
    }
}

/// Whatever the weights: as long as all have something waiting, the order is that of the sequence.
#[test]
fn all_waiting_it_is_the_sequence() {
    for weights in [&[5, 1, 1][..], &[3, 2, 1], &[1, 1, 1, 1, 1], &[7, 1], &[1], &[31, 17, 11, 5, 3, 2, 1]] {
        let total: u32 = weights.iter().sum();
        let mut pacer = pacer(&mix("\"takt_us\": 10", weights, 1_000));
        for (domain, weight) in (0..).zip(weights) {
            for item in 0..(4 * weight).into() {
                offer(&mut pacer, 0, domain, item);
            }
        }
        let order: Vec<u32> =
            poll(&mut pacer, u64::from(total) * 30 - 10).iter().map(|release| release.domain.get()).collect();
        assert_eq!(order, sequence(weights).unwrap().repeat(3));
    }
}

#[test]
fn one_takt_after_another() {
    let mut pacer = pacer(&mix("\"available_us\": 10, \"demand\": 3", &[1], 10));
    assert_eq!(pacer.next_deadline_us(), None, "nothing waits");
    for item in 100..105 {
        assert!(offer(&mut pacer, 50, 0, item).accepted);
    }
    assert_eq!(pacer.next_deadline_us(), Some(51), "overdue, and later than the latest time seen");
    let due: Vec<_> = poll(&mut pacer, 60).iter().map(|release| (release.item, release.due_us)).collect();
    assert_eq!(due, [(100, 50), (101, 54), (102, 57), (103, 60)], "50, 53 1/3, 56 2/3, 60");
    assert_eq!(pacer.next_deadline_us(), Some(64));
    let status = pacer.status();
    assert_eq!((status.max_lateness_us, status.next_due_us), (10, Some(64)));
    assert!((status.mean_lateness_us - 19.0 / 4.0).abs() < 1e-12);
    assert_eq!(poll(&mut pacer, 63), []);
    assert_eq!(poll(&mut pacer, 64).len(), 1);
    assert_eq!(pacer.next_deadline_us(), None);
}

#[test]
fn the_takt_is_kept_over_an_idle_time_too() {
    let mut pacer = pacer(&mix("\"takt_us\": 100", &[1], 10));
    offer(&mut pacer, 0, 0, 1);
    assert_eq!(poll(&mut pacer, 0).len(), 1);
    // Less than a takt later: it waits for its slot.
    offer(&mut pacer, 40, 0, 2);
    assert_eq!(pacer.next_deadline_us(), Some(100));
    assert_eq!(poll(&mut pacer, 100).len(), 1);
    // Many takts later: one goes at once, and the slots count from there.
    for item in 3..6 {
        offer(&mut pacer, 1_030, 0, item);
    }
    let due: Vec<_> = poll(&mut pacer, 1_300).iter().map(|release| release.due_us).collect();
    assert_eq!(due, [1_030, 1_130, 1_230]);
}

#[test]
fn some_missed_slots_may_be_made_up() {
    let text = r#"{"takt_us": 100, "max_catch_up": 2, "domains": {"a": {}}}"#;
    let mut pacer = pacer(text);
    for item in 0..5 {
        offer(&mut pacer, 1_000, 0, item);
    }
    let due: Vec<_> = poll(&mut pacer, 1_000).iter().map(|release| release.due_us).collect();
    assert_eq!(due, [1_000; 3], "one, and two of the ten that were missed; due when they were offered");
    assert_eq!(pacer.status().max_lateness_us, 0);
    assert_eq!(pacer.next_deadline_us(), Some(1_100));
    // No more than were missed.
    let mut early = super::pacer(text);
    for item in 0..5 {
        offer(&mut early, 150, 0, item);
    }
    assert_eq!(poll(&mut early, 150).len(), 2);
    assert_eq!(early.next_deadline_us(), Some(200));
}

#[test]
fn late_slots_may_lapse() {
    let mut all = pacer(r#"{"takt_us": 100, "domains": {"a": {}}}"#);
    let mut some = pacer(r#"{"takt_us": 100, "max_late": 2, "domains": {"a": {}}}"#);
    for item in 0..100 {
        offer(&mut all, 0, 0, item);
        offer(&mut some, 0, 0, item);
    }
    assert_eq!(poll(&mut all, 1_050).len(), 11);
    let due: Vec<_> = poll(&mut some, 1_050).iter().map(|release| release.due_us).collect();
    assert_eq!(due, [800, 900, 1_000], "the latest and two before it, each on the beat");
    assert_eq!((some.status().lapsed_slots, some.next_deadline_us()), (8, Some(1_100)));
    // However late each poll is, each releases one.
    let mut none = pacer(r#"{"takt_us": 100, "max_late": 0, "domains": {"a": {}}}"#);
    for item in 0..10 {
        offer(&mut none, 0, 0, item);
    }
    for poll_us in (1..10).map(|k| k * 101) {
        assert_eq!(poll(&mut none, poll_us).len(), 1);
    }
}

#[test]
fn what_does_not_fit_is_refused() {
    let text =
        r#"{"takt_us": 10000, "max_backlog": 5, "domains": {"a": {"max_backlog": 2, "weight": 3}, "b": {}}}"#;
    let mut pacer = pacer(text);
    let accepted = Offer { accepted: true, reason: Reason::Accepted, limit: 2, load: 1, retry_after_us: 0 };
    assert_eq!(offer(&mut pacer, 0, 0, 7), accepted);
    assert_eq!(offer(&mut pacer, 0, 0, 7), Offer { load: 2, ..accepted });
    // Alone it has every slot, the first of them now: less than 1 ms is told as 1 ms.
    let refused =
        Offer { accepted: false, reason: Reason::BacklogFull, limit: 2, load: 2, retry_after_us: 1_000 };
    assert_eq!(offer(&mut pacer, 0, 0, 8), refused);
    assert_eq!(poll(&mut pacer, 4_000).len(), 1);
    assert!(offer(&mut pacer, 4_000, 0, 8).accepted);
    assert_eq!(offer(&mut pacer, 4_000, 0, 9), Offer { retry_after_us: 6_000, ..refused });
    for item in 0..3 {
        assert!(offer(&mut pacer, 4_000, 1, item).accepted);
    }
    let full = Offer { limit: 5, load: 5, retry_after_us: 6_000, ..refused };
    assert_eq!(offer(&mut pacer, 4_000, 1, 3), full, "all together");
    let status = pacer.status();
    assert_eq!((status.accepted, status.refused, status.backlog), (6, 3, 5));
    assert_eq!((status.domains[0].refused, status.domains[1].refused), (2, 1));
}

/// What a refusal says is when there will be room.
#[test]
fn after_the_time_told_there_is_room() {
    for weights in [[1, 1, 1], [5, 1, 1], [1, 20, 3], [1, 999, 7]] {
        let mut pacer = pacer(&mix("\"takt_us\": 1000", &weights, 2_000));
        for domain in 0..3 {
            while offer(&mut pacer, 0, domain, 0).accepted {}
        }
        for domain in 0..3 {
            let mut pacer = pacer.clone();
            let retry_us = offer(&mut pacer, 0, domain, 1).retry_after_us;
            poll(&mut pacer, retry_us);
            assert!(offer(&mut pacer, retry_us, domain, 1).accepted, "{weights:?} {domain} {retry_us}");
        }
    }
}

#[test]
fn who_has_nothing_waiting_holds_nobody_up_and_saves_nothing() {
    let mut pacer = pacer(&mix("\"takt_us\": 1", &[1, 1, 2], 1_000));
    let letters = |pacer: &mut Pacer, until_us| -> String {
        let letter = |release: &Release| char::from(b'A' + u8::try_from(release.domain.get()).unwrap());
        poll(pacer, until_us).iter().map(letter).collect()
    };
    for item in 0..100 {
        offer(&mut pacer, 0, 0, item);
        offer(&mut pacer, 0, 1, item);
    }
    assert_eq!(letters(&mut pacer, 9), "ABABABABAB", "the third one's half goes to the others");
    for item in 0..100 {
        offer(&mut pacer, 10, 2, item);
    }
    assert_eq!(letters(&mut pacer, 21), "CABCCABCCABC", "from now on it has its half, and no more");
}

#[test]
fn a_new_weight_counts_from_there_on() {
    let mut pacer = pacer(&mix("\"takt_us\": 1", &[1, 1], 1_000));
    for item in 0..400 {
        offer(&mut pacer, 0, 0, item);
        offer(&mut pacer, 0, 1, item);
    }
    let firsts = |releases: Vec<Release>| releases.iter().filter(|release| release.domain.get() == 0).count();
    assert_eq!(firsts(poll(&mut pacer, 99)), 50);
    pacer.set_weight(99, DomainId::new(0), 3).unwrap();
    assert_eq!(firsts(poll(&mut pacer, 199)), 75);
    pacer.set_weight(199, DomainId::new(0), 1).unwrap();
    assert!((49..=51).contains(&firsts(poll(&mut pacer, 299))));
    assert_eq!(pacer.status().domains[0].weight, 1);
}

#[test]
fn a_new_takt_leaves_what_is_left_of_the_way() {
    let start = || {
        let mut pacer = pacer(&mix("\"takt_us\": 1000", &[1], 10));
        (0..5).for_each(|item| assert!(offer(&mut pacer, 0, 0, item).accepted));
        assert_eq!(poll(&mut pacer, 0).len(), 1);
        pacer
    };
    let mut faster = start();
    faster.set_takt(400, 100, 1).unwrap();
    assert_eq!(faster.next_deadline_us(), Some(460), "0.6 of a takt");
    assert_eq!(poll(&mut faster, 560).iter().map(|release| release.due_us).collect::<Vec<_>>(), [460, 560]);
    let mut slower = start();
    slower.set_takt(400, 10_000, 3).unwrap();
    assert_eq!(slower.next_deadline_us(), Some(2_400));
    let status = slower.status();
    assert_eq!((status.available_us, status.demand), (10_000, 3));
    assert_eq!(status.takt_us.to_bits(), (10_000.0_f64 / 3.0).to_bits());
    let mut overdue = start();
    overdue.set_takt(1_500, 10, 1).unwrap();
    assert_eq!(poll(&mut overdue, 1_500).len(), 4, "due at 1000, 1010, 1020, 1030");
}

#[test]
fn misuse_is_an_error_and_changes_nothing_but_the_time() {
    let mut pacer = pacer(&mix("\"takt_us\": 1000", &[1, 1], 10));
    let nobody = DomainId::new(2);
    let before = pacer.status();
    assert_eq!(pacer.offer(1, nobody, 0), Err(Error::UnknownDomain { domain: 2 }));
    let item = Error::OutOfRange { field: "item", value: TIME_LIMIT_US, min: 0, max: TIME_LIMIT_US - 1 };
    assert_eq!(pacer.offer(2, DomainId::new(0), TIME_LIMIT_US), Err(item));
    assert_eq!(pacer.set_weight(3, nobody, 1), Err(Error::UnknownDomain { domain: 2 }));
    for weight in [0, 1_000_001] {
        let error = Error::OutOfRange { field: "weight", value: weight.into(), min: 1, max: 1_000_000 };
        assert_eq!(pacer.set_weight(4, DomainId::new(0), weight), Err(error));
    }
    let max = TIME_LIMIT_US - 1;
    let demand = Error::OutOfRange { field: "demand", value: 0, min: 1, max };
    assert_eq!(pacer.set_takt(5, 1, 0), Err(demand));
    let available = Error::OutOfRange { field: "available_us", value: 6, min: 7, max };
    assert_eq!(pacer.set_takt(6, 6, 7), Err(available));
    let time = Err(Error::TimeOutOfRange { time_us: TIME_LIMIT_US });
    assert_eq!(pacer.poll(TIME_LIMIT_US), time.map(|()| None));
    assert_eq!(pacer.set_takt(TIME_LIMIT_US, 1, 1), time);
    assert_eq!(pacer.status(), PacerStatus { now_us: 6, ..before });
    assert_eq!(pacer.poll(3), Ok(None));
    assert_eq!((pacer.status().now_us, pacer.status().clock_regressions), (6, 1));
    assert_eq!((pacer.domain_name(DomainId::new(1)), pacer.domain_name(nobody)), (Some("d1"), None));
    assert_eq!((pacer.domain_id("d1"), pacer.domain_id("d2")), (Some(DomainId::new(1)), None));
    assert_eq!(pacer.domain_count(), 2);
}

#[test]
fn the_end_of_time_is_never_reached() {
    let last_us = TIME_LIMIT_US - 1;
    let mut pacer = pacer(&mix(&format!("\"takt_us\": {last_us}"), &[1], 10));
    for item in 0..3 {
        offer(&mut pacer, 5, 0, item);
    }
    assert_eq!(poll(&mut pacer, last_us).len(), 1);
    assert_eq!(pacer.next_deadline_us(), None, "beyond 2^53");
    assert_eq!(pacer.status().next_due_us, None);
    assert_eq!(poll(&mut pacer, last_us), []);
    assert_eq!(pacer.status().backlog, 2);
}
