//! Snapshots and journals: what they hold, and what happens when they are damaged.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, clippy::cast_possible_truncation)]

use heijunka_core::journal::{Operation, Reader, records, replay, trace, verify};
use heijunka_core::whatif::trace::{TraceOptions, TraceReader};
use heijunka_core::{Config, DomainId, Engine, Error, Outcome, PoolId, Reason, SnapshotProblem};
use xxhash_rust::xxh3::xxh3_64;

const SECOND_US: u64 = 1_000_000;

/// Pools with everything: lines, overflow, surge, groups; small enough that each byte can be tried.
const CONFIG: &str = r#"{
    "pools": {"a": {"initial_workers": 3, "min_workers": 1, "max_workers": 4, "max_waiting": 4, "queue": "codel",
                    "max_overflow": 1, "overflow_ttl_us": 5000000},
              "b": {"initial_workers": 2, "min_workers": 1, "max_workers": 3}},
    "domains": {"both": {"pools": ["a", "b"]}},
    "regulator": {"soft_limit": 4, "hard_limit": 9, "token_ttl_us": 900000000,
                  "adaptive": {"min_limit": 7, "min_samples": 1, "sustain_us": 0, "tolerance": 1.0}},
    "balancer": {"affinity_groups": {"vip": ["b", "b", "a"], "other": "a"}},
    "burst": {"baseline_samples": 4, "window_samples": 2, "min_arrivals": 2, "threshold": 1.5, "min_load": 0.1},
    "worker_start": "confirmed"
}"#;

fn engine(config: &str) -> Engine {
    Engine::new(&Config::from_json(config).unwrap(), 5 * SECOND_US).unwrap()
}

/// An engine in the middle of everything: workers of all kinds, waiters, tickets, refusals, undrained effects, free slots.
fn busy() -> Engine {
    let mut engine = engine(CONFIG);
    let mut tickets = Vec::new();
    for i in 0..40_u64 {
        let now_us = (5 + i / 2) * SECOND_US + i * 7_001;
        let domain = DomainId::new((i % 3) as u32);
        let answer =
            engine.dispatch(now_us, domain, &[i as u8], None, Some(now_us + 40 * SECOND_US)).unwrap();
        tickets.extend(answer.ticket);
        if i % 3 == 2 && !tickets.is_empty() {
            let _ = engine.complete(now_us + 5, tickets.remove(0), Outcome::Failed);
        }
        engine.step(now_us + 500).unwrap();
    }
    let now_us = 30 * SECOND_US;
    let _ = engine.checkout(now_us, PoolId::new(1), None).unwrap();
    engine.admit(now_us, DomainId::new(1), None).unwrap();
    engine.scale_up(now_us, PoolId::new(0)).unwrap();
    engine.scale_down(now_us, PoolId::new(1)).unwrap();
    engine.set_pool_open(now_us, PoolId::new(1), false).unwrap();
    assert!(engine.step(1 << 60).is_err());
    assert!(engine.engine_status().effects_pending > 5);
    engine
}

fn problem(bytes: &[u8]) -> SnapshotProblem {
    match Engine::restore(bytes) {
        Err(Error::InvalidSnapshot(problem)) => problem,
        other => panic!("{:?}", other.map(|_| ())),
    }
}

/// The same content under a checksum that fits.
fn reframed(snapshot: &[u8], change: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut content = snapshot[20..snapshot.len() - 8].to_vec();
    change(&mut content);
    let mut out = snapshot[..12].to_vec();
    out.extend_from_slice(&(content.len() as u64).to_le_bytes());
    out.append(&mut content);
    out.extend_from_slice(&xxh3_64(&out).to_le_bytes());
    out
}

/// Where the state begins: behind two texts.
fn state_at(snapshot: &[u8]) -> usize {
    let mut at = 20;
    for _ in 0..2 {
        let (mut length, mut shift) = (0_usize, 0);
        loop {
            let byte = snapshot[at];
            at += 1;
            length |= usize::from(byte & 0x7f) << shift;
            shift += 7;
            if byte < 0x80 {
                break;
            }
        }
        at += length;
    }
    at
}

#[test]
fn undrained_effects_and_the_clock_are_restored() {
    let mut engine = busy();
    let mut restored = Engine::restore(&engine.snapshot()).unwrap();
    assert_eq!(restored.engine_status(), engine.engine_status());
    assert_eq!(restored.config(), engine.config());
    assert_eq!(restored.cost_advice(), engine.cost_advice());
    loop {
        let effect = engine.poll_effect();
        assert_eq!(restored.poll_effect(), effect);
        if effect.is_none() {
            break;
        }
    }
}

#[test]
fn each_flipped_byte_and_each_truncation_is_refused() {
    let snapshot = busy().snapshot();
    for at in 0..snapshot.len() {
        for bit in [1, 0x80] {
            let mut damaged = snapshot.clone();
            damaged[at] ^= bit;
            let found = problem(&damaged);
            match at {
                0..8 => assert_eq!(found, SnapshotProblem::NotASnapshot),
                8..12 => assert!(matches!(found, SnapshotProblem::Newer { .. } | SnapshotProblem::Damaged)),
                12..20 => assert!(
                    matches!(
                        found,
                        SnapshotProblem::CutShort { .. }
                            | SnapshotProblem::TooLong { .. }
                            | SnapshotProblem::Damaged
                    ),
                    "{found:?}"
                ),
                _ => assert_eq!(found, SnapshotProblem::Damaged, "byte {at}"),
            }
        }
        let found = problem(&snapshot[..at]);
        match at {
            0 => assert_eq!(found, SnapshotProblem::NotASnapshot),
            _ => assert!(matches!(found, SnapshotProblem::CutShort { .. }), "{at}: {found:?}"),
        }
    }
    let longer = [&snapshot[..], &[0]].concat();
    let (length, needed) = (longer.len() as u64, snapshot.len() as u64);
    assert_eq!(problem(&longer), SnapshotProblem::TooLong { length, needed });
}

#[test]
fn errors_say_what_is_wrong() {
    let snapshot = busy().snapshot();
    let text = |bytes: &[u8]| Engine::restore(bytes).map(|_| ()).unwrap_err().to_string();
    assert_eq!(
        text(b"{\"regulator\": {}}"),
        "not a snapshot that can be restored: it doesn't begin as a snapshot does"
    );
    let mut newer = snapshot.clone();
    newer[8] = 7;
    assert_eq!(
        text(&newer),
        "not a snapshot that can be restored: its version 7 is newer than 1, the newest that this library reads"
    );
    assert_eq!(
        text(&snapshot[..100]),
        format!("not a snapshot that can be restored: it is cut short: 100 bytes of {}", snapshot.len())
    );
    let mut damaged = snapshot.clone();
    damaged[300] ^= 4;
    assert_eq!(
        text(&damaged),
        "not a snapshot that can be restored: it is damaged: the checksum doesn't fit"
    );
    let error = Engine::restore(&damaged).unwrap_err();
    assert_eq!((error.code(), error.name()), (-12, "invalid_snapshot"));
}

/// What a made-up state does to the engine that comes of it, if one does.
fn use_it(mut engine: Engine) {
    let now_us = engine.engine_status().now_us;
    for (pool, i) in [0, 1, 2, 0].into_iter().zip(0..) {
        let now_us = now_us + i * 3 * SECOND_US;
        let _ = engine.admit(now_us, DomainId::new(pool), None);
        let _ = engine.checkout(now_us, PoolId::new(pool), Some(now_us + SECOND_US));
        if let Ok(answer) = engine.dispatch(now_us, DomainId::new(pool), b"vip", None, Some(now_us + 9)) {
            answer.ticket.map(|ticket| engine.complete(now_us + 1, ticket, Outcome::Ok));
        }
        for worker in engine.pool_workers(PoolId::new(pool)).unwrap_or_default() {
            let _ = engine.worker_ready(now_us, worker.worker);
            let _ = engine.checkin(now_us, worker.worker, Outcome::Failed);
        }
        let _ = engine.step(now_us + SECOND_US);
        let _ = engine.rebalance(now_us + SECOND_US);
        let _ = engine.disable_surge(now_us + SECOND_US);
        let _ = engine.set_affinity_groups(now_us, &[]);
        while engine.poll_effect().is_some() {}
    }
    let _ = engine.step((1 << 53) - 1);
    let _ = (engine.regulator_status(), engine.burst_status(), engine.balance_status(), engine.cost_advice());
    for pool in 0..engine.pool_count() {
        engine.pool_status(PoolId::new(pool)).unwrap();
    }
    // Times at the very edge may have passed it: that is told again, and nothing else.
    let again = engine.snapshot();
    match Engine::restore(&again) {
        Ok(mut restored) => assert!(restored.snapshot() == again),
        Err(error) => assert!(matches!(error, Error::InvalidSnapshot(SnapshotProblem::Impossible { .. }))),
    }
}

#[test]
fn a_made_up_state_with_a_right_checksum_does_no_harm() {
    let snapshot = busy().snapshot();
    let state = state_at(&snapshot) - 20;
    let mut next = 0x9e37_79b9_7f4a_7c15_u64;
    let mut random = move |limit: usize| {
        next = next.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (next >> 33) as usize % limit
    };
    let (mut refused, mut taken) = (0, 0);
    let mut try_it = |bytes: &[u8]| match Engine::restore(bytes) {
        Ok(engine) => {
            taken += 1;
            use_it(engine);
        }
        Err(Error::InvalidSnapshot(SnapshotProblem::Impossible { .. })) => refused += 1,
        Err(other) => panic!("{other:?}"),
    };
    // Each byte of the state, set to what is likely to hurt.
    for at in state..snapshot.len() - 28 {
        for value in [0, 1, 2, 0x7f, 0xff] {
            try_it(&reframed(&snapshot, |content| content[at] = value));
        }
    }
    // Several at once, bytes taken out and put in, large numbers in the place of small ones.
    for _ in 0..3_000 {
        try_it(&reframed(&snapshot, |content| {
            for _ in 0..=random(3) {
                let at = state + random(content.len() - state);
                match random(4) {
                    0 => content[at] = random(256) as u8,
                    1 => drop(content.remove(at)),
                    2 => content.insert(at, random(256) as u8),
                    _ => drop(content.splice(at..=at, [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f])),
                }
            }
        }));
    }
    assert!(refused > 5_000 && taken > 100, "{refused} refused, {taken} taken");
}

#[test]
fn a_configuration_without_its_state_takes_no_memory() {
    // Three pools' state, and sixteen thousand pools in the configuration.
    let snapshot = engine("{}").snapshot();
    let pools: Vec<String> = (0..16_384).map(|id| format!("\"{id}\":{{}}")).collect();
    let config = format!("{{\"pools\":{{{}}}}}", pools.join(","));
    let state = state_at(&snapshot) - 20;
    let made_up = reframed(&snapshot, |content| {
        let rest = content.split_off(state);
        content.truncate(6);
        let mut length = config.len();
        while length >= 0x80 {
            content.push(length as u8 | 0x80);
            length >>= 7;
        }
        content.push(length as u8);
        content.extend_from_slice(config.as_bytes());
        content.extend(rest);
    });
    assert_eq!(problem(&made_up), SnapshotProblem::Impossible { what: "length of the state" });
}

/// Requests of two domains for some time, on an engine that is recorded; everything is drained now and then.
fn recorded(config: &str, requests: u64) -> (Engine, Vec<u8>) {
    let mut engine = engine(config);
    engine.start_journal();
    let mut journal = engine.take_journal();
    let mut running: Vec<(u64, heijunka_core::TicketId)> = Vec::new();
    for i in 0..requests {
        let now_us = 5 * SECOND_US + i * 20_000;
        running.sort();
        while running.first().is_some_and(|(end_us, _)| *end_us <= now_us) {
            let (end_us, ticket) = running.remove(0);
            let _ = engine.complete(end_us, ticket, Outcome::Ok);
        }
        let answer = engine
            .dispatch(now_us, DomainId::new((i % 2) as u32), &i.to_le_bytes(), None, Some(now_us + 50_000))
            .unwrap();
        running.extend(answer.ticket.map(|ticket| (now_us + 200_000, ticket)));
        if i % 5 == 0 {
            engine.step(now_us).unwrap();
            while engine.poll_effect().is_some() {}
            journal.append(&mut engine.take_journal());
        }
    }
    journal.append(&mut engine.take_journal());
    (engine, journal)
}

const SMALL: &str = r#"{"pools": {"a": {"initial_workers": 3, "min_workers": 3, "max_workers": 3, "max_waiting": 4},
    "b": {"initial_workers": 3, "min_workers": 3, "max_workers": 3}},
    "domains": {"a": {"spill": []}, "b": {"spill": []}}, "burst": {"enabled": false}}"#;

#[test]
fn a_journal_is_verified_and_says_where_it_differs() {
    let (engine, journal) = recorded(SMALL, 400);
    let found = verify(&journal).unwrap();
    assert!(found.equal && found.torn.is_none(), "{found:?}");
    assert_eq!(found.records, engine.engine_status().journal_records);
    assert!(found.records > 800 && found.effects > 10, "{found:?}");
    let listing = records(&journal, 3, 2).unwrap();
    assert_eq!((listing.count, listing.headers), (found.records, 1));
    assert_eq!(listing.records.iter().map(|shown| shown.record).collect::<Vec<_>>(), [3, 4]);
    assert_eq!(listing.operations.iter().map(|(_, count)| count).sum::<u64>(), found.records);

    // Another snapshot in the header: the answers are other ones, and the first that shows it is named.
    let mut other = Engine::new(&Config::from_json("{}").unwrap(), 5 * SECOND_US).unwrap();
    other.start_journal();
    let header = other.take_journal();
    let records_from = Reader::new(&journal).next().unwrap().unwrap().offset as usize;
    let mixed = [&header[..], &journal[records_from..]].concat();
    let found = verify(&mixed).unwrap();
    assert!(!found.equal && found.differs.unwrap().record == 1, "{found:?}");
}

#[test]
fn a_torn_tail_is_cut_and_damage_before_it_is_an_error() {
    let (_, journal) = recorded(SMALL, 30);
    let offsets: Vec<usize> = Reader::new(&journal).map(|record| record.unwrap().offset as usize).collect();
    let first = offsets[0];
    for end in first..journal.len() {
        let found = verify(&journal[..end]).unwrap();
        let whole = offsets.iter().filter(|at| **at <= end).max().copied().unwrap_or(first);
        assert!(found.equal);
        match found.torn {
            None => assert_eq!(end, whole),
            Some(torn) => assert_eq!((torn.offset, torn.bytes), (whole as u64, (end - whole) as u64)),
        }
    }
    for garbage in [&[0_u8; 600][..], &[0xff; 600], b"not a record", &[7]] {
        let found = verify(&[&journal, garbage].concat()).unwrap();
        assert_eq!(found.torn.unwrap().offset, journal.len() as u64);
        assert_eq!(found.torn.unwrap().bytes, garbage.len() as u64);
        assert_eq!(found.records, offsets.len() as u64);
    }
    let last = *offsets.last().unwrap();
    for at in 0..journal.len() {
        let mut damaged = journal.clone();
        damaged[at] ^= 0x10;
        match verify(&damaged) {
            Err(Error::InvalidJournal { offset, .. }) => {
                let record = offsets.iter().filter(|start| **start <= at).max().copied().unwrap_or(0);
                assert!(offset <= record as u64 && at < last, "byte {at}: offset {offset}, record {record}");
            }
            // In the last record damage is a torn tail.
            Ok(found) => {
                // Damage of the last checksum but one hides what is left, too.
                let torn = found.torn.unwrap();
                assert!(at >= last - 4 && torn.offset + torn.bytes == journal.len() as u64, "byte {at}");
            }
            Err(other) => panic!("{other:?}"),
        }
    }
    // A record that is missing, and two that have changed places.
    let (a, b, c) = (offsets[4], offsets[5], offsets[6]);
    let missing = [&journal[..a], &journal[b..]].concat();
    let swapped = [&journal[..a], &journal[b..c], &journal[a..b], &journal[c..]].concat();
    for bytes in [missing, swapped] {
        assert!(matches!(verify(&bytes), Err(Error::InvalidJournal { offset, .. }) if offset == a as u64));
    }
    for (bytes, text) in [
        (&b""[..], "not a journal that can be read: the header is cut short, at byte 0"),
        (b"{}", "not a journal that can be read: it doesn't begin as a journal does, at byte 0"),
        (&journal[..first - 1], "not a journal that can be read: the header is cut short, at byte 0"),
    ] {
        let error = verify(bytes).unwrap_err();
        assert_eq!((error.code(), error.name()), (-13, "invalid_journal"));
        if !bytes.is_empty() {
            assert_eq!(error.to_string(), text);
        }
    }
}

#[test]
fn a_journal_goes_on_after_a_crash_and_in_another_life() {
    let (mut engine, first) = recorded(SMALL, 50);
    let snapshot = engine.snapshot();
    // The process dies in the middle of a write; another one goes on from the snapshot and appends.
    let mut second = Engine::restore(&snapshot).unwrap();
    second.start_journal();
    second.admit(60 * SECOND_US, DomainId::new(0), None).unwrap();
    let tail = second.take_journal();
    let file = [&first[..], &[9, 1, 2], &tail].concat();
    let found = verify(&file).unwrap();
    assert!(found.equal && found.headers == 2, "{found:?}");
    assert_eq!(found.torn.unwrap().offset, first.len() as u64);
    let last = second.snapshot();
    assert!(Engine::restore_with(&snapshot, &file).unwrap().snapshot() == last);
    assert!(Engine::restore_with(&engine_at_start(), &file).is_err());
    let numbers: Vec<u64> = Reader::new(&file).map(|record| record.unwrap().number).collect();
    assert!(numbers.windows(2).all(|pair| pair[1] == pair[0] + 1), "numbers go on");
}

/// A snapshot whose journal is another one.
fn engine_at_start() -> Vec<u8> {
    let (mut engine, _) = recorded(CONFIG, 3);
    engine.snapshot()
}

#[test]
fn what_nobody_takes_is_bounded_and_what_is_lost_is_counted() {
    let config =
        format!(r#"{}, "limits": {{"max_journal_bytes": 4096}}}}"#, SMALL.strip_suffix('}').unwrap());
    let mut engine = engine(&config);
    engine.start_journal();
    let header = engine.engine_status().journal_bytes;
    for i in 0..1_000 {
        engine.route(5 * SECOND_US + i, DomainId::new(0), b"key").unwrap();
    }
    let status = engine.engine_status();
    assert!(status.journal_bytes <= header + 4_096 && status.journal_bytes > header + 4_000, "{status:?}");
    assert_eq!(status.journal_records + status.journal_lost, 1_000);
    assert!(status.journal_lost > 500);
    // In pieces of whole records, no larger than there is room.
    let mut file = Vec::new();
    let needed = engine.drain_journal(10).unwrap_err();
    assert_eq!(needed as u64, header);
    for i in 0..100 {
        let room = needed + 40 * i;
        match engine.drain_journal(room) {
            Ok(piece) => {
                assert!(piece.len() <= room);
                file.extend(piece);
            }
            Err(needed) => assert!(needed > room),
        }
        engine.release(6 * SECOND_US, heijunka_core::Token::from_raw(1), Outcome::Ok).unwrap_err();
    }
    file.extend(engine.take_journal());
    let found = verify(&file).unwrap();
    assert!(found.equal && found.headers == 2, "{found:?}");
    assert_eq!(found.records, engine.engine_status().journal_records);
}

#[test]
fn under_its_own_configuration_nothing_differs() {
    let (engine, journal) = recorded(SMALL, 600);
    let found = replay(&journal, engine.config(), 10).unwrap();
    assert_eq!((found.differ, found.skipped), (0, 0), "{:#?}", found.differences);
    assert_eq!(found.recorded, found.other);
    assert!(found.recorded.refused > 20 && found.recorded.granted > 300, "{:?}", found.recorded);
}

#[test]
fn more_workers_refuse_fewer_and_a_smaller_limit_refuses_more() {
    let (_, journal) = recorded(SMALL, 600);
    let other = |config: &str| replay(&journal, &Config::from_json(config).unwrap(), 3).unwrap();
    let more = other(&SMALL.replace('3', "6"));
    assert_eq!((more.other.refused, more.recorded.refused > 20), (0, true));
    // Those that were refused, and those that had to wait.
    assert!(more.differ > more.recorded.refused + 200, "{}", more.differ);
    assert_eq!(more.differences.len(), 3);
    let named = |reason: Option<Reason>| reason.map(Reason::as_str);
    let first = &more.differences[0];
    assert_eq!(
        (named(first.recorded.reason), named(first.other.reason)),
        (Some("waiting"), Some("worker_idle"))
    );
    let less = other(&format!(
        r#"{}, "regulator": {{"soft_limit": 1, "hard_limit": 2, "reserved_capacity": 0}}}}"#,
        SMALL.strip_suffix('}').unwrap()
    ));
    assert!(less.other.refused > less.recorded.refused + 100, "{less:#?}");
    assert_eq!(less.other.refused + less.other.granted, 600);
    assert!(less.skipped > 100, "the ends of what was refused");
    // All that was granted has ended but for the last ones.
    assert!(less.other.regulator.current_load <= 2);
    // A pool that isn't there any more: its domain's requests have no counterpart.
    let gone = other(r#"{"pools": {"a": {"initial_workers": 6}}}"#);
    assert_eq!(gone.other.granted + gone.other.refused, 300);
    assert!(gone.skipped >= 300);
}

#[test]
fn a_request_costs_at_most_64_bytes_and_every_input_is_recorded() {
    let mut engine = engine("{}");
    engine.start_journal();
    engine.take_journal();
    let mut pairs = 0;
    for i in 0..10_000_u64 {
        let now_us = 5 * SECOND_US + i * 1_000_000;
        let token = engine.admit(now_us, DomainId::new(0), None).unwrap().token.unwrap();
        engine.release(now_us + 250_000, token, Outcome::Ok).unwrap();
        pairs += 1;
    }
    let bytes = engine.take_journal().len();
    assert!(bytes <= 40 * pairs, "{} bytes a pair", bytes / pairs);

    let mut engine = self::engine("{}");
    engine.start_journal();
    let (d, p, worker) = (DomainId::new(0), PoolId::new(0), heijunka_core::WorkerId::from_raw(77));
    let now_us = 6 * SECOND_US;
    let token =
        engine.admit(now_us, d, Some(heijunka_core::config::Class::Sheddable)).unwrap().token.unwrap();
    engine.release(now_us, token, Outcome::Failed).unwrap();
    engine.route(now_us, d, b"key").unwrap();
    let out = engine.checkout(now_us - 5, p, Some(u64::MAX)).unwrap_err();
    assert_eq!(out.name(), "time_out_of_range");
    engine.checkin(now_us, worker, Outcome::Ok).unwrap_err();
    engine.cancel_wait(u64::MAX, heijunka_core::WaiterId::from_raw(u64::MAX)).unwrap_err();
    engine.worker_ready(now_us, worker).unwrap_err();
    engine.worker_failed(now_us, worker).unwrap_err();
    engine.report_health(now_us, p, &[worker, worker], &[worker]).unwrap_err();
    let ticket = engine.dispatch(now_us, d, b"", None, Some(now_us + 9)).unwrap().ticket.unwrap();
    engine.complete(now_us + 1, ticket, Outcome::Ok).unwrap();
    engine.step(now_us + 10 * SECOND_US).unwrap();
    engine.scale_up(now_us, p).unwrap();
    engine.scale_down(now_us, p).unwrap();
    engine.rebalance(now_us).unwrap();
    engine.set_soft_limit(now_us, 5).unwrap();
    engine.set_hard_limit(now_us, 0).unwrap_err();
    let groups = heijunka_core::config::AffinityGroup { key: "é".into(), pools: vec!["payment".into()] };
    engine.set_affinity_groups(now_us, &[groups]).unwrap();
    engine.enable_surge(now_us).unwrap();
    engine.disable_surge(now_us).unwrap();
    engine.set_domain_open(now_us, d, false).unwrap();
    engine.set_pool_open(now_us, p, false).unwrap();
    engine.set_off_peak(now_us, true).unwrap();
    assert!(engine.poll_effect().is_some());
    let journal = engine.take_journal();
    let seen: Vec<Operation> = Reader::new(&journal).map(|record| record.unwrap().input.operation).collect();
    assert_eq!(seen, Operation::ALL);
    assert!(verify(&journal).unwrap().equal);
}

#[test]
fn a_journal_is_a_trace_of_its_requests() {
    let config = r#"{"regulator": {"soft_limit": 9, "hard_limit": 9},
        "domains": {"a": {"pools": ["p"]}, "b": {"pools": ["p"]}},
        "pools": {"p": {"min_workers": 1, "initial_workers": 1, "max_workers": 1, "max_overflow": 0, "max_waiting": 4}}}"#;
    let at = |us: u64| 10 * SECOND_US + us;
    let mut engine = engine(config);
    engine.start_journal();
    let (a, b) = (DomainId::new(1), DomainId::new(2));
    // The first is served at once, from 100 to 150.
    let first = engine.dispatch(at(100), a, b"one", None, None).unwrap().ticket.unwrap();
    // The second waits from 110 to 150, and is served until 180.
    let second = engine.dispatch(at(110), a, b"two,\"2\"", None, Some(at(1_000))).unwrap();
    assert!(second.waiter.is_some());
    // The third is refused: the worker is busy.
    assert!(engine.dispatch(at(120), b, b"three", None, None).unwrap().ticket.is_none());
    // An admission, from 130 to 200.
    let token = engine.admit(at(130), b, None).unwrap().token.unwrap();
    engine.complete(at(150), first, Outcome::Ok).unwrap();
    while engine.poll_effect().is_some() {}
    engine.complete(at(180), second.ticket.unwrap(), Outcome::Ok).unwrap();
    engine.release(at(200), token, Outcome::Ok).unwrap();
    // One of a domain that no request of has ended well, and one that doesn't end.
    let failed = engine.dispatch(at(210), a, b"four", None, None).unwrap().ticket.unwrap();
    engine.complete(at(215), failed, Outcome::Failed).unwrap();
    engine.dispatch(at(220), a, b"five", None, None).unwrap();
    // Errors are no requests.
    assert!(engine.dispatch(at(230), DomainId::new(7), b"", None, None).is_err());
    let journal = engine.take_journal();

    let expected = "arrival_us,domain,service_us,key\n\
        10000100,a,50,one\n\
        10000110,a,30,\"two,\"\"2\"\"\"\n\
        10000120,b,70,three\n\
        10000130,b,70,\n\
        10000210,a,5,four\n\
        10000220,a,40,five\n";
    assert_eq!(String::from_utf8(trace(&journal).unwrap()).unwrap(), expected);

    // Its keys come back as they were, whatever they are.
    let mut reader = TraceReader::new(TraceOptions::default());
    let mut keys = Vec::new();
    reader.feed(expected.as_bytes(), &mut |row| keys.push(row.key.to_vec())).unwrap();
    reader.finish(&mut |_| {}).unwrap();
    assert_eq!(keys, [&b"one"[..], b"two,\"2\"", b"three", b"", b"four", b"five"]);

    // A torn tail is left out; damage before it is an error, and so is what is no journal.
    assert_eq!(trace(&journal[..journal.len() - 1]).unwrap(), expected.as_bytes());
    let mut damaged = journal.clone();
    let middle = journal.len() - 40;
    damaged[middle] ^= 1;
    assert!(matches!(trace(&damaged), Err(Error::InvalidJournal { .. })));
    assert!(matches!(trace(b""), Err(Error::InvalidJournal { .. })));
    // Two journals, the later of which began earlier: in the order of arrival.
    let twice = [&journal[..], &journal[..]].concat();
    let lines: Vec<_> = expected.lines().skip(1).flat_map(|line| [line, line]).collect();
    let read = String::from_utf8(trace(&twice).unwrap()).unwrap();
    assert_eq!(read.lines().skip(1).collect::<Vec<_>>(), lines);
    // Nobody has asked for anything.
    assert_eq!(trace(&idle_engine(config).take_journal()).unwrap(), b"arrival_us,domain,service_us,key\n");
    // A journal by itself is no trace, and the message says what it is.
    let mut reader = TraceReader::new(TraceOptions::default());
    let error = reader.feed(&journal, &mut |_| {}).unwrap_err();
    assert!(error.message.starts_with("the trace is a journal"), "{error}");
}

fn idle_engine(config: &str) -> Engine {
    let mut engine = engine(config);
    engine.start_journal();
    engine.step(6 * SECOND_US).unwrap();
    engine
}
