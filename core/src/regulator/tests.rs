use alloc::collections::BTreeMap;
use alloc::string::ToString;
use alloc::vec::Vec;

use super::*;
use crate::config::Reservation;
use crate::ratio::Ratio;
use crate::time::SECOND_US;

pub(super) const PAYMENT: DomainId = DomainId::new(0);
pub(super) const DELIVERY: DomainId = DomainId::new(1);
pub(super) const BATCH: DomainId = DomainId::new(2);
const HOUR_US: u64 = 3_600 * SECOND_US;

pub(super) fn config() -> RegulatorConfig {
    RegulatorConfig {
        soft_limit: 1000,
        hard_limit: 1200,
        reserved_capacity: Ratio::from_ppm(200_000),
        sheddable_fraction: Ratio::from_ppm(750_000),
        token_ttl_us: None,
        reservation: Reservation::Headroom,
        adaptive: None,
    }
}

pub(super) fn domain(name: &str, class: Class) -> DomainConfig {
    DomainConfig {
        name: name.to_string(),
        class,
        max_class: class,
        max_concurrent: None,
        pools: Vec::new(),
        spill: None,
    }
}

pub(super) fn domains() -> Vec<DomainConfig> {
    alloc::vec![
        domain("payment", Class::Critical),
        domain("delivery", Class::Normal),
        domain("batch", Class::Sheddable)
    ]
}

pub(super) fn room() -> LimitsConfig {
    LimitsConfig {
        max_domains: 1024,
        max_pools: 1024,
        max_workers: 1 << 20,
        max_tokens: 1 << 20,
        max_waiters: 1 << 20,
        max_effects: 65_536,
        max_alerts: 1_024,
        max_key_bytes: 1024,
        max_name_bytes: 256,
        max_journal_bytes: 1 << 24,
    }
}

pub(super) fn regulator(change: impl FnOnce(&mut RegulatorConfig)) -> Regulator {
    let mut config = config();
    change(&mut config);
    Regulator::new(&config, &domains(), &room(), 0)
}

/// The tokens of the admitted and the number of the refused.
fn admit(regulator: &mut Regulator, now_us: u64, domain: DomainId, times: u32) -> (Vec<Token>, u32) {
    let answers: Vec<_> = (0..times).map(|_| regulator.admit(now_us, domain, None).unwrap()).collect();
    let tokens: Vec<_> = answers.iter().filter_map(|answer| answer.token).collect();
    (tokens, answers.iter().map(|answer| u32::from(!answer.admitted())).sum())
}

fn refusal(regulator: &mut Regulator, domain: DomainId) -> (Reason, u32, u32) {
    let answer = regulator.admit(0, domain, None).unwrap();
    assert!(!answer.admitted() && !answer.warning && answer.retry_after_us > 0, "{answer:?}");
    (answer.reason, answer.limit, answer.load)
}

#[test]
fn golden_1300_delivery_then_300_payment() {
    let mut regulator = regulator(|_| ());
    let (tokens, refused) = admit(&mut regulator, 0, DELIVERY, 1300);
    assert_eq!((tokens.len(), refused), (960, 340));
    let (tokens, refused) = admit(&mut regulator, 0, PAYMENT, 300);
    assert_eq!((tokens.len(), refused), (240, 60));
    let status = regulator.status(0);
    assert_eq!((status.current_load, status.load_factor.to_bits()), (1200, 1.0_f64.to_bits()));
    assert_eq!((status.accepted_requests, status.rejected_requests), (1200, 400));
    assert!((status.admission_rate - 0.75).abs() < 1e-15 && (status.rejection_rate - 0.25).abs() < 1e-15);
    assert_eq!(
        status.rejections_by_reason,
        BTreeMap::from([(Reason::HardLimit, 60), (Reason::Reserved, 340)])
    );
    assert_eq!(
        status.rejections_by_domain,
        BTreeMap::from([("delivery".to_string(), 340), ("payment".to_string(), 60)])
    );
}

#[test]
fn golden_load_factor_with_850_in() {
    let mut regulator = regulator(|_| ());
    admit(&mut regulator, 0, DELIVERY, 850);
    assert_eq!(alloc::format!("{:.3}", regulator.status(0).load_factor), "0.708");
    let info = regulator.capacity_info();
    assert_eq!((info.total, info.available, info.reserved, info.current_load), (1200, 350, 240, 850));
    assert_eq!(alloc::format!("{:.1}", info.load_percentage), "70.8");
}

#[test]
fn golden_class_limits() {
    for (domain, limit, reason) in
        [(PAYMENT, 1200, Reason::HardLimit), (DELIVERY, 960, Reason::Reserved), (BATCH, 720, Reason::Shed)]
    {
        let mut regulator = regulator(|_| ());
        let (tokens, _) = admit(&mut regulator, 0, domain, 1300);
        assert_eq!(tokens.len(), limit as usize);
        assert_eq!(refusal(&mut regulator, domain), (reason, limit, limit));
    }
}

#[test]
fn rates_before_the_first_request() {
    let status = regulator(|_| ()).status(0);
    let rates =
        [status.admission_rate, status.rejection_rate, status.recent_rejection_rate, status.load_factor];
    assert_eq!(rates.map(f64::to_bits), [1.0, 0.0, 0.0, 0.0].map(f64::to_bits));
}

#[test]
fn a_warning_is_given_above_the_soft_limit() {
    let mut regulator = regulator(|_| ());
    let answers: Vec<_> = (0..1001).map(|_| regulator.admit(0, PAYMENT, None).unwrap()).collect();
    assert_eq!(answers.iter().position(|answer| answer.warning), Some(1000));
    let last = answers[1000];
    assert_eq!((last.reason, last.limit, last.load, last.retry_after_us), (Reason::Accepted, 1200, 1001, 0));
}

#[test]
fn a_request_may_ask_for_less_but_not_for_more_than_its_domain_allows() {
    let mut list = domains();
    list[1].max_class = Class::Critical;
    list[0].max_class = Class::Normal;
    let mut regulator = Regulator::new(&config(), &list, &room(), 0);
    let limits: Vec<_> = [
        (PAYMENT, None),
        (PAYMENT, Some(Class::Critical)),
        (DELIVERY, None),
        (DELIVERY, Some(Class::Critical)),
        (DELIVERY, Some(Class::Sheddable)),
        (BATCH, Some(Class::Critical)),
    ]
    .into_iter()
    .map(|(domain, class)| regulator.admit(0, domain, class).unwrap().limit)
    .collect();
    assert_eq!(limits, [960, 960, 960, 1200, 720, 720]);
}

#[test]
fn the_checks_come_in_their_order() {
    let mut list = domains();
    list[1].max_concurrent = Some(2);
    let mut config = config();
    (config.soft_limit, config.hard_limit) = (4, 4);
    let mut regulator = Regulator::new(&config, &list, &room(), 0);
    let unknown = DomainId::new(3);
    assert_eq!(regulator.admit(0, unknown, None), Err(Error::UnknownDomain { domain: 3 }));

    // Hard 4, reserved 1, normal 3, sheddable 2.
    admit(&mut regulator, 0, DELIVERY, 2);
    assert_eq!(refusal(&mut regulator, BATCH), (Reason::Shed, 2, 2));
    assert_eq!(refusal(&mut regulator, DELIVERY), (Reason::DomainLimit, 2, 2));
    admit(&mut regulator, 0, PAYMENT, 2);
    assert_eq!(refusal(&mut regulator, BATCH), (Reason::HardLimit, 4, 4));
    assert_eq!(refusal(&mut regulator, DELIVERY), (Reason::DomainLimit, 2, 2));
    regulator.set_domain_open(DELIVERY, false).unwrap();
    assert_eq!(refusal(&mut regulator, DELIVERY), (Reason::DomainClosed, 0, 2));
    assert_eq!(regulator.is_domain_open(DELIVERY), Ok(false));
    regulator.set_domain_open(DELIVERY, true).unwrap();
    assert_eq!(refusal(&mut regulator, DELIVERY).0, Reason::DomainLimit);

    let error = Err(Error::UnknownDomain { domain: 3 });
    assert_eq!(regulator.set_domain_open(unknown, true), error);
    assert_eq!(regulator.domain_load(unknown).map(|_| ()), error);
    assert_eq!(regulator.is_domain_open(unknown).map(|_| ()), error);
}

#[test]
fn a_bulkhead_counts_only_its_own_domain() {
    let mut list = domains();
    list[1].max_concurrent = Some(3);
    let mut regulator = Regulator::new(&config(), &list, &room(), 0);
    admit(&mut regulator, 0, PAYMENT, 100);
    let (tokens, refused) = admit(&mut regulator, 0, DELIVERY, 5);
    assert_eq!((tokens.len(), refused, regulator.domain_load(DELIVERY)), (3, 2, Ok(3)));
    regulator.release(0, tokens[1], Outcome::Ok).unwrap();
    assert!(regulator.admit(0, DELIVERY, None).unwrap().admitted());
    assert_eq!(regulator.domain_load(PAYMENT), Ok(100));
}

#[test]
fn no_more_tokens_than_the_limit_of_the_slots() {
    let limits = LimitsConfig { max_tokens: 2, ..room() };
    let mut regulator = Regulator::new(&config(), &domains(), &limits, 0);
    admit(&mut regulator, 0, PAYMENT, 2);
    assert_eq!(refusal(&mut regulator, PAYMENT), (Reason::TokensFull, 2, 2));
    assert_eq!((regulator.load(), regulator.domain_load(PAYMENT)), (2, Ok(2)));
}

#[test]
fn partition_keeps_both_parts() {
    let mut regulator = regulator(|config| config.reservation = Reservation::Partition);
    let (critical, refused) = admit(&mut regulator, 0, PAYMENT, 300);
    assert_eq!((critical.len(), refused), (240, 60));
    assert_eq!(refusal(&mut regulator, PAYMENT), (Reason::Reserved, 240, 240));
    // Critical work takes nothing from the others, and these share their part.
    let (sheddable, _) = admit(&mut regulator, 0, BATCH, 800);
    assert_eq!(sheddable.len(), 720);
    assert_eq!(refusal(&mut regulator, BATCH), (Reason::Shed, 720, 720));
    let (normal, _) = admit(&mut regulator, 0, DELIVERY, 300);
    assert_eq!(normal.len(), 240);
    assert_eq!(refusal(&mut regulator, PAYMENT), (Reason::HardLimit, 1200, 1200));
    for token in critical {
        regulator.release(0, token, Outcome::Ok).unwrap();
    }
    assert_eq!(refusal(&mut regulator, DELIVERY), (Reason::Reserved, 960, 960));
    assert_eq!(admit(&mut regulator, 0, PAYMENT, 300).0.len(), 240);
}

#[test]
fn limits_can_be_set_and_are_checked() {
    let mut regulator = regulator(|_| ());
    let out = |field, value, min, max| Err(Error::OutOfRange { field, value, min, max });
    assert_eq!(regulator.set_soft_limit(0), out("regulator.soft_limit", 0, 1, 1200));
    assert_eq!(regulator.set_soft_limit(1201), out("regulator.soft_limit", 1201, 1, 1200));
    assert_eq!(regulator.set_hard_limit(999), out("regulator.hard_limit", 999, 1000, 1 << 20));
    assert_eq!(
        regulator.set_hard_limit(u32::MAX),
        out("regulator.hard_limit", u32::MAX.into(), 1000, 1 << 20)
    );
    let status = regulator.status(0);
    assert_eq!((status.soft_limit, status.hard_limit), (1000, 1200));
    regulator.set_soft_limit(1200).unwrap();
    regulator.set_soft_limit(1).unwrap();
    regulator.set_hard_limit(1).unwrap();
    regulator.set_hard_limit(1 << 20).unwrap();
    assert_eq!(regulator.capacity_info().reserved, 209_715);
}

#[test]
fn a_lowered_hard_limit_evicts_nobody() {
    let mut regulator = regulator(|_| ());
    let (tokens, _) = admit(&mut regulator, 0, PAYMENT, 1200);
    regulator.set_soft_limit(100).unwrap();
    regulator.set_hard_limit(800).unwrap();
    assert_eq!((regulator.load(), regulator.capacity_info().available), (1200, 0));
    assert!((regulator.status(0).load_factor - 1.5).abs() < 1e-15);
    for token in &tokens[..400] {
        assert_eq!(refusal(&mut regulator, PAYMENT).0, Reason::HardLimit);
        regulator.release(0, *token, Outcome::Ok).unwrap();
    }
    assert_eq!(refusal(&mut regulator, PAYMENT), (Reason::HardLimit, 800, 800));
    regulator.release(0, tokens[400], Outcome::Ok).unwrap();
    assert!(regulator.admit(0, PAYMENT, None).unwrap().admitted());
}

#[test]
fn a_release_hands_back_what_was_known() {
    let mut regulator = regulator(|_| ());
    let token = regulator.admit(100, DELIVERY, None).unwrap().token.unwrap();
    regulator.set_tag(token, 77).unwrap();
    let released = regulator.release(350, token, Outcome::Failed);
    assert_eq!(released, Ok(Released { domain: DELIVERY, tag: 77, held_us: 250 }));
    let token = regulator.admit(400, DELIVERY, None).unwrap().token.unwrap();
    let released = regulator.release(400, token, Outcome::Ok);
    assert_eq!(released, Ok(Released { domain: DELIVERY, tag: 0, held_us: 0 }));
    let status = regulator.status(400);
    assert_eq!((status.released_tokens, status.failed_requests, status.current_load), (2, 1, 0));
}

#[test]
fn stale_doubled_and_invented_tokens_change_nothing() {
    let mut regulator = regulator(|config| config.token_ttl_us = Some(1_000));
    let (tokens, _) = admit(&mut regulator, 0, DELIVERY, 3);
    let (released, expired) = (tokens[0], tokens[1]);
    regulator.release(10, released, Outcome::Ok).unwrap();
    let taken: Vec<_> = core::iter::from_fn(|| regulator.expire(1_000)).collect();
    assert_eq!(taken.len(), 2);
    // Holders of the same slots, whom a stale token must not touch.
    let (held, _) = admit(&mut regulator, 1_000, PAYMENT, 3);
    assert!(held.iter().all(|token| !tokens.contains(token)));
    let before = regulator.status(1_000);
    let invented = [0, 1, u64::MAX, 1 << 53, held[2].get() + 100, held[2].get() + (1 << 24)];
    for token in [released, expired].into_iter().chain(invented.map(Token::from_raw)) {
        let unknown = Error::UnknownToken { token: token.get() };
        assert_eq!(regulator.release(1_000, token, Outcome::Failed), Err(unknown));
        assert_eq!(regulator.revoke(1_000, token, Reason::NoPools), Err(unknown));
        assert_eq!(regulator.set_tag(token, 1), Err(unknown));
    }
    assert_eq!(regulator.status(1_000), before);
    for token in held {
        assert_eq!(regulator.release(1_001, token, Outcome::Ok).map(|released| released.tag), Ok(0));
        assert!(regulator.release(1_001, token, Outcome::Ok).is_err());
    }
    assert_eq!(regulator.load(), 0);
}

#[test]
fn overdue_tokens_expire_oldest_first() {
    let mut regulator = regulator(|config| config.token_ttl_us = Some(100));
    assert_eq!((regulator.next_deadline_us(), regulator.expire(u64::MAX)), (None, None));
    let tokens: Vec<_> =
        (0..4).map(|k| regulator.admit(k * 10, DELIVERY, None).unwrap().token.unwrap()).collect();
    regulator.set_tag(tokens[2], 5).unwrap();
    regulator.release(40, tokens[1], Outcome::Ok).unwrap();
    assert_eq!((regulator.next_deadline_us(), regulator.expire(99)), (Some(100), None));
    assert_eq!(regulator.expire(100), Some(Expired { token: tokens[0], domain: DELIVERY, tag: 0 }));
    assert_eq!((regulator.next_deadline_us(), regulator.expire(100)), (Some(120), None));
    assert_eq!(regulator.expire(500), Some(Expired { token: tokens[2], domain: DELIVERY, tag: 5 }));
    assert_eq!(regulator.expire(500).map(|expired| expired.token), Some(tokens[3]));
    assert_eq!((regulator.next_deadline_us(), regulator.expire(500)), (None, None));
    let status = regulator.status(500);
    let counts = (status.issued_tokens, status.live_tokens, status.released_tokens, status.expired_tokens);
    assert_eq!(counts, (4, 0, 1, 3));
    assert_eq!(regulator.domain_load(DELIVERY), Ok(0));
}

#[test]
fn a_revoked_admission_counts_as_rejected() {
    let mut regulator = regulator(|config| config.reservation = Reservation::Partition);
    let (tokens, _) = admit(&mut regulator, 0, PAYMENT, 4);
    regulator.revoke(0, tokens[0], Reason::NoPools).unwrap();
    let status = regulator.status(0);
    assert_eq!((status.accepted_requests, status.rejected_requests, status.issued_tokens), (3, 1, 3));
    assert_eq!((status.current_load, status.released_tokens), (3, 0));
    assert!((status.recent_rejection_rate - 0.25).abs() < 1e-15);
    assert_eq!(status.rejections_by_reason, BTreeMap::from([(Reason::NoPools, 1)]));
    assert_eq!(status.rejections_by_domain, BTreeMap::from([("payment".to_string(), 1)]));
    assert_eq!(admit(&mut regulator, 0, PAYMENT, 300).0.len(), 237);
}

#[test]
fn the_recent_rejection_rate_slides_over_a_minute() {
    let mut regulator = regulator(|config| (config.soft_limit, config.hard_limit) = (2, 2));
    let at = |second: u64| second * SECOND_US;
    let mut tokens = admit(&mut regulator, at(0), PAYMENT, 4).0;
    tokens.extend(admit(&mut regulator, at(59), PAYMENT, 4).0);
    let rate = |regulator: &Regulator, second| regulator.status(at(second)).recent_rejection_rate;
    assert!((rate(&regulator, 59) - 6.0 / 8.0).abs() < 1e-15);
    assert!((rate(&regulator, 60) - 1.0).abs() < 1e-15);
    assert!((rate(&regulator, 118) - 1.0).abs() < 1e-15);
    assert!(rate(&regulator, 119).abs() < 1e-15);
    assert!((regulator.status(at(119)).rejection_rate - 6.0 / 8.0).abs() < 1e-15);
    // An admission revoked after it has left the window is a rejection without a request.
    regulator.revoke(at(200), tokens[0], Reason::NoPools).unwrap();
    assert!(rate(&regulator, 200) <= 1.0);
    admit(&mut regulator, at(200), PAYMENT, 4);
    assert!((rate(&regulator, 200) - 1.0).abs() < 1e-15, "4 rejections (one revoked) of 4 requests");
}

/// A regulator whose tokens were held for `hold_us` each.
fn with_hold(hard: u32, hold_us: u64) -> Regulator {
    let mut regulator = regulator(|config| (config.soft_limit, config.hard_limit) = (1, hard));
    let token = regulator.admit(0, PAYMENT, None).unwrap().token.unwrap();
    regulator.release(hold_us, token, Outcome::Ok).unwrap();
    regulator
}

fn retry_after_us(regulator: &mut Regulator, domain: DomainId) -> u64 {
    let answer = regulator.admit(HOUR_US, domain, None).unwrap();
    assert!(!answer.admitted());
    answer.retry_after_us
}

#[test]
fn a_refusal_says_when_to_come_again() {
    // No hold time is known.
    let mut unknown = regulator(|config| (config.soft_limit, config.hard_limit) = (1, 1));
    admit(&mut unknown, 0, PAYMENT, 1);
    assert_eq!(retry_after_us(&mut unknown, PAYMENT), SECOND_US);

    // Ten tokens of 2 s each: one comes back in 0.2 s.
    let mut regulator = with_hold(10, 2 * SECOND_US);
    admit(&mut regulator, 0, PAYMENT, 10);
    assert_eq!(retry_after_us(&mut regulator, PAYMENT), 200_000);
    // Five of them must come back before the load is below 6.
    regulator.set_hard_limit(6).unwrap();
    assert_eq!(retry_after_us(&mut regulator, PAYMENT), SECOND_US);
    regulator.set_domain_open(PAYMENT, false).unwrap();
    regulator.set_hard_limit(10).unwrap();
    assert_eq!(retry_after_us(&mut regulator, PAYMENT), SECOND_US);

    // From 1 ms to 1 h, whatever the numbers.
    let mut short = with_hold(2, 3);
    admit(&mut short, 0, PAYMENT, 2);
    assert_eq!(retry_after_us(&mut short, PAYMENT), 1_000);
    let mut long = with_hold(1000, (1 << 53) - 1);
    admit(&mut long, 0, PAYMENT, 1000);
    long.set_hard_limit(1).unwrap();
    assert_eq!(retry_after_us(&mut long, PAYMENT), HOUR_US);
}

#[test]
fn a_limit_of_nothing_has_no_token_to_wait_for() {
    let mut list = domains();
    list[1].max_concurrent = Some(0);
    let mut regulator = Regulator::new(&config(), &list, &room(), 0);
    let token = regulator.admit(0, PAYMENT, None).unwrap().token.unwrap();
    regulator.release(5_000, token, Outcome::Ok).unwrap();
    assert_eq!(refusal(&mut regulator, DELIVERY), (Reason::DomainLimit, 0, 0));
    assert_eq!(retry_after_us(&mut regulator, DELIVERY), SECOND_US);
}

#[test]
fn status_is_written_with_the_reasons_names() {
    let mut regulator = regulator(|_| ());
    regulator.set_domain_open(BATCH, false).unwrap();
    admit(&mut regulator, 0, BATCH, 2);
    let status = serde_json::to_value(regulator.status(0)).unwrap();
    assert_eq!(status["rejections_by_reason"], serde_json::json!({ "domain_closed": 2 }));
    assert_eq!(status["rejections_by_domain"], serde_json::json!({ "batch": 2 }));
    let info = serde_json::to_value(regulator.capacity_info()).unwrap();
    assert_eq!(info["load_percentage"], serde_json::json!(0.0));
}
