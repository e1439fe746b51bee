//! Random sequences against a naive model that keeps a list of everything.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use proptest::prelude::*;

use super::tests::{config, domains, room};
use super::*;
use crate::config::Reservation;
use crate::ratio::Ratio;
use crate::time::SECOND_US;

#[derive(Debug, Clone)]
enum Step {
    Wait(u64),
    Admit(u32, Option<Class>),
    Release(usize, bool),
    Revoke(usize),
    Stale(usize),
    Expire,
    Soft(u32),
    Hard(u32),
    Open(u32, bool),
}

fn classes() -> impl Strategy<Value = Class> {
    prop_oneof![Just(Class::Sheddable), Just(Class::Normal), Just(Class::Critical)]
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        3 => prop_oneof![0_u64..2_000, 0_u64..3_000_000].prop_map(Step::Wait),
        12 => (0_u32..4, prop::option::of(classes())).prop_map(|(domain, class)| Step::Admit(domain, class)),
        5 => (any::<usize>(), any::<bool>()).prop_map(|(which, failed)| Step::Release(which, failed)),
        1 => any::<usize>().prop_map(Step::Revoke),
        1 => any::<usize>().prop_map(Step::Stale),
        2 => Just(Step::Expire),
        1 => (0_u32..25).prop_map(Step::Soft),
        1 => (0_u32..25).prop_map(Step::Hard),
        1 => (0_u32..4, prop::bool::weighted(0.7)).prop_map(|(domain, open)| Step::Open(domain, open)),
    ];
    prop::collection::vec(step, 1..250)
}

fn configs() -> impl Strategy<Value = (RegulatorConfig, Vec<DomainConfig>)> {
    let regulator = (
        1_u32..20,
        0_u32..10,
        0_u64..1_000_000,
        0_u64..=1_000_000,
        prop::option::of(1_u64..5_000),
        any::<bool>(),
    )
        .prop_map(|(soft, more, reserved, sheddable, token_ttl_us, partition)| RegulatorConfig {
            soft_limit: soft,
            hard_limit: soft + more,
            reserved_capacity: Ratio::from_ppm(reserved),
            sheddable_fraction: Ratio::from_ppm(sheddable),
            token_ttl_us,
            reservation: if partition { Reservation::Partition } else { Reservation::Headroom },
            adaptive: None,
        });
    let each = (classes(), classes(), prop::option::of(0_u32..8));
    (regulator, prop::array::uniform3(each)).prop_map(|(regulator, settings)| {
        let mut list = domains();
        for (domain, (class, max_class, max_concurrent)) in list.iter_mut().zip(settings) {
            (domain.class, domain.max_class, domain.max_concurrent) = (class, max_class, max_concurrent);
        }
        (regulator, list)
    })
}

struct Held {
    token: Token,
    domain: u32,
    class: Class,
    issued_us: u64,
}

#[derive(Default)]
struct Model {
    now_us: u64,
    held: Vec<Held>,
    gone: Vec<Token>,
    accepted: u64,
    failed: u64,
    released: u64,
    expired: u64,
    closed: [bool; 3],
    by_reason: BTreeMap<Reason, u64>,
    by_domain: BTreeMap<String, u64>,
    /// Second, requests, rejections.
    log: Vec<(u64, u64, u64)>,
}

impl Model {
    fn load(&self, counts: impl Fn(&Held) -> bool) -> u32 {
        self.held.iter().map(|held| u32::from(counts(held))).sum()
    }

    /// The reason and the limit and load behind it, written from the table instead of from the code.
    fn decide(
        &self,
        config: &RegulatorConfig,
        domain: u32,
        record: &DomainConfig,
        class: Class,
    ) -> (Reason, u32, u32) {
        let reserved =
            (2 * u64::from(config.hard_limit) * config.reserved_capacity.ppm() + 1_000_000) / 2_000_000;
        let reserved = u32::try_from(reserved).unwrap();
        let normal = config.hard_limit - reserved;
        let sheddable = u64::from(normal) * config.sheddable_fraction.ppm() / 1_000_000;
        let sheddable = u32::try_from(sheddable).unwrap();
        let partition = config.reservation == Reservation::Partition;
        let total = self.load(|_| true);
        let own = self.load(|held| held.domain == domain);
        let (limit, load) = match (class, partition) {
            (Class::Critical, false) => (config.hard_limit, total),
            (Class::Normal, false) => (normal, total),
            (Class::Sheddable, false) => (sheddable, total),
            (Class::Critical, true) => (reserved, self.load(|held| held.class == Class::Critical)),
            (Class::Normal, true) => (normal, self.load(|held| held.class != Class::Critical)),
            (Class::Sheddable, true) => (sheddable, self.load(|held| held.class != Class::Critical)),
        };
        match record.max_concurrent {
            _ if self.closed[domain as usize] => (Reason::DomainClosed, 0, own),
            Some(most) if own >= most => (Reason::DomainLimit, most, own),
            _ if total >= config.hard_limit => (Reason::HardLimit, config.hard_limit, total),
            _ if load >= limit && class == Class::Sheddable => (Reason::Shed, limit, load),
            _ if load >= limit => (Reason::Reserved, limit, load),
            _ => (Reason::Accepted, limit, total + 1),
        }
    }

    fn reject(&mut self, reason: Reason, domain: &str, requests: u64) {
        *self.by_reason.entry(reason).or_default() += 1;
        *self.by_domain.entry(domain.into()).or_default() += 1;
        self.log.push((self.now_us / SECOND_US, requests, 1));
    }

    #[allow(clippy::cast_precision_loss)] // counts below a few hundred
    fn check(&self, regulator: &Regulator, config: &RegulatorConfig) -> Result<(), TestCaseError> {
        let status = regulator.status(self.now_us);
        let rejected: u64 = self.by_reason.values().sum();
        prop_assert_eq!((status.soft_limit, status.hard_limit), (config.soft_limit, config.hard_limit));
        prop_assert_eq!(status.current_load as usize, self.held.len());
        prop_assert_eq!(status.live_tokens, u64::from(status.current_load));
        prop_assert_eq!(status.accepted_requests, self.accepted);
        prop_assert_eq!(status.issued_tokens, self.accepted);
        prop_assert_eq!(status.rejected_requests, rejected);
        prop_assert_eq!(status.failed_requests, self.failed);
        prop_assert_eq!(status.released_tokens, self.released);
        prop_assert_eq!(status.expired_tokens, self.expired);
        prop_assert_eq!(
            status.issued_tokens,
            status.live_tokens + status.released_tokens + status.expired_tokens
        );
        prop_assert_eq!(&status.rejections_by_reason, &self.by_reason);
        prop_assert_eq!(&status.rejections_by_domain, &self.by_domain);
        let requests = self.accepted + rejected;
        if requests > 0 {
            prop_assert!((status.admission_rate - self.accepted as f64 / requests as f64).abs() < 1e-12);
            prop_assert!((status.rejection_rate - rejected as f64 / requests as f64).abs() < 1e-12);
        }
        let window = || self.log.iter().filter(|(second, _, _)| second + 60 > self.now_us / SECOND_US);
        let (asked, refused): (u64, u64) =
            (window().map(|(_, asked, _)| asked).sum(), window().map(|(_, _, refused)| refused).sum());
        let recent = if asked == 0 { 0.0 } else { (refused as f64 / asked as f64).min(1.0) };
        prop_assert!((status.recent_rejection_rate - recent).abs() < 1e-12);
        for domain in 0..3 {
            let load = self.load(|held| held.domain == domain);
            prop_assert_eq!(regulator.domain_load(DomainId::new(domain)), Ok(load));
        }
        let oldest = self.held.iter().map(|held| held.issued_us).min();
        let deadline = config.token_ttl_us.and_then(|ttl_us| Some(oldest? + ttl_us));
        prop_assert_eq!(regulator.next_deadline_us(), deadline);
        Ok(())
    }
}

proptest! {
    #[test]
    fn it_agrees_with_a_naive_model(
        (mut config, mut list) in configs(), steps in steps(), start_us in 0_u64..100_000_000,
    ) {
        // A domain's own class may not pass its highest one.
        for domain in &mut list {
            domain.class = domain.class.min(domain.max_class);
        }
        let mut regulator = Regulator::new(&config, &list, &room(), start_us);
        let mut model = Model { now_us: start_us, ..Model::default() };
        for step in steps {
            match step {
                Step::Wait(time_us) => model.now_us += time_us,
                Step::Admit(domain, class) => {
                    let answer = regulator.admit(model.now_us, DomainId::new(domain), class);
                    let Some(record) = list.get(domain as usize) else {
                        prop_assert_eq!(answer, Err(Error::UnknownDomain { domain }));
                        continue;
                    };
                    let answer = answer.unwrap();
                    let class = class.unwrap_or(record.class).min(record.max_class);
                    let expected = model.decide(&config, domain, record, class);
                    prop_assert_eq!((answer.reason, answer.limit, answer.load), expected);
                    prop_assert_eq!(answer.admitted(), answer.reason == Reason::Accepted);
                    prop_assert_eq!(answer.retry_after_us > 0, !answer.admitted());
                    if let Some(token) = answer.token {
                        prop_assert!(token.get() > 0 && token.get() < 1 << 53);
                        prop_assert!(!model.gone.contains(&token));
                        prop_assert_eq!(answer.warning, answer.load > config.soft_limit);
                        regulator.set_tag(token, token.get() * 3).unwrap();
                        model.held.push(Held { token, domain, class, issued_us: model.now_us });
                        model.accepted += 1;
                        model.log.push((model.now_us / SECOND_US, 1, 0));
                    } else {
                        prop_assert!(!answer.warning);
                        model.reject(answer.reason, &record.name, 1);
                    }
                }
                Step::Release(which, failed) if !model.held.is_empty() => {
                    let held = model.held.remove(which % model.held.len());
                    let outcome = if failed { Outcome::Failed } else { Outcome::Ok };
                    let released = regulator.release(model.now_us, held.token, outcome);
                    prop_assert_eq!(released, Ok(Released {
                        domain: DomainId::new(held.domain),
                        tag: held.token.get() * 3,
                        held_us: model.now_us - held.issued_us,
                    }));
                    model.released += 1;
                    model.failed += u64::from(failed);
                    model.gone.push(held.token);
                }
                Step::Revoke(which) if !model.held.is_empty() => {
                    let held = model.held.remove(which % model.held.len());
                    prop_assert_eq!(regulator.revoke(model.now_us, held.token, Reason::Busy), Ok(()));
                    model.accepted -= 1;
                    model.reject(Reason::Busy, &list[held.domain as usize].name, 0);
                    model.gone.push(held.token);
                }
                Step::Stale(which) if !model.gone.is_empty() => {
                    let token = model.gone[which % model.gone.len()];
                    let unknown = Error::UnknownToken { token: token.get() };
                    prop_assert_eq!(regulator.release(model.now_us, token, Outcome::Ok), Err(unknown));
                    prop_assert_eq!(regulator.revoke(model.now_us, token, Reason::Busy), Err(unknown));
                }
                Step::Expire => {
                    while let Some(expired) = regulator.expire(model.now_us) {
                        let held = model.held.remove(0);
                        prop_assert_eq!(expired.token, held.token);
                        prop_assert_eq!(expired.domain, DomainId::new(held.domain));
                        prop_assert_eq!(expired.tag, held.token.get() * 3);
                        prop_assert!(held.issued_us + config.token_ttl_us.unwrap() <= model.now_us);
                        model.expired += 1;
                        model.gone.push(held.token);
                    }
                    if let (Some(ttl_us), Some(oldest)) = (config.token_ttl_us, model.held.first()) {
                        prop_assert!(oldest.issued_us + ttl_us > model.now_us);
                    }
                }
                Step::Soft(soft) => {
                    let set = regulator.set_soft_limit(soft).is_ok();
                    prop_assert_eq!(set, soft > 0 && soft <= config.hard_limit);
                    if set {
                        config.soft_limit = soft;
                    }
                }
                Step::Hard(hard) => {
                    let set = regulator.set_hard_limit(hard).is_ok();
                    prop_assert_eq!(set, hard >= config.soft_limit);
                    if set {
                        config.hard_limit = hard;
                    }
                }
                Step::Open(domain, open) => {
                    let known = regulator.set_domain_open(DomainId::new(domain), open).is_ok();
                    prop_assert_eq!(known, domain < 3);
                    if known {
                        model.closed[domain as usize] = !open;
                    }
                }
                Step::Release(..) | Step::Revoke(_) | Step::Stale(_) => {}
            }
            model.check(&regulator, &config)?;
        }
    }

    #[test]
    fn in_a_partition_critical_work_gets_its_part(
        requests in prop::collection::vec((0_u32..3, prop::bool::weighted(0.8)), 1..400),
        hard in 1_u32..60, reserved_ppm in 0_u64..1_000_000,
    ) {
        let config = RegulatorConfig {
            soft_limit: hard,
            hard_limit: hard,
            reserved_capacity: Ratio::from_ppm(reserved_ppm),
            reservation: Reservation::Partition,
            adaptive: None,
            ..config()
        };
        let mut regulator = Regulator::new(&config, &domains(), &room(), 0);
        let reserved = regulator.capacity_info().reserved;
        let mut held: [Vec<Token>; 3] = [Vec::new(), Vec::new(), Vec::new()];
        for (domain, admit) in requests {
            let tokens = &mut held[domain as usize];
            if !admit {
                if let Some(token) = tokens.pop() {
                    regulator.release(0, token, Outcome::Ok).unwrap();
                }
                continue;
            }
            let critical = regulator.domain_load(DomainId::new(0)).unwrap();
            let total = regulator.load();
            let answer = regulator.admit(0, DomainId::new(domain), None).unwrap();
            tokens.extend(answer.token);
            if domain == 0 {
                // The parts make up the whole, so a part with room never meets the hard limit.
                prop_assert_eq!(answer.admitted(), critical < reserved, "{} of {}, {} of {}", critical, reserved, total, hard);
            } else if domain == 1 {
                prop_assert_eq!(answer.admitted(), total - critical < hard - reserved);
            }
            prop_assert!(regulator.load() <= hard);
        }
    }
}
