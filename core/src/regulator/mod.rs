//! Admission: who may come in.
//!
//! A [`Regulator`] holds a count of outstanding tokens below its limits. Each request belongs to a domain and
//! has a class; an admitted one carries a [`Token`] until it is released. It knows no pools and no clock, and it
//! can be used alone:
//!
//! ```
//! use heijunka_core::config::{Class, DomainConfig, LimitsConfig, RegulatorConfig, Reservation};
//! use heijunka_core::regulator::Regulator;
//! use heijunka_core::{DomainId, Outcome, Ratio};
//!
//! let config = RegulatorConfig {
//!     soft_limit: 8,
//!     hard_limit: 10,
//!     reserved_capacity: Ratio::from_ppm(200_000),
//!     sheddable_fraction: Ratio::from_ppm(750_000),
//!     token_ttl_us: None,
//!     reservation: Reservation::Headroom,
//!     adaptive: None,
//! };
//! let domain = DomainConfig {
//!     name: "delivery".into(),
//!     class: Class::Normal,
//!     max_class: Class::Normal,
//!     max_concurrent: None,
//!     pools: vec![],
//!     spill: None,
//! };
//! # let limits = LimitsConfig {
//! #     max_domains: 1024, max_pools: 1024, max_workers: 1 << 20, max_tokens: 1 << 20, max_waiters: 1 << 20,
//! #     max_effects: 65_536, max_alerts: 6, max_key_bytes: 1024, max_name_bytes: 256, max_journal_bytes: 1 << 24,
//! # };
//! let mut regulator = Regulator::new(&config, &[domain], &limits, 0);
//! let admission = regulator.admit(0, DomainId::new(0), None)?;
//! let token = admission.token.expect("the first of ten");
//! regulator.release(1_500, token, Outcome::Ok)?;
//! assert_eq!(regulator.load(), 0);
//! # Ok::<(), heijunka_core::Error>(())
//! ```
//!
//! # How it decides
//!
//! `reserved_slots = round(hard_limit × reserved_capacity)`. In this order:
//!
//! 1. the domain is closed: `domain_closed`;
//! 2. the domain holds `max_concurrent` tokens: `domain_limit`;
//! 3. the load has reached the hard limit: `hard_limit`;
//! 4. the class's load has reached the class's limit: `reserved`, or `shed` for sheddable work;
//! 5. the class's load has reached what the adaptive limit leaves its class: `adaptive`;
//! 6. `limits.max_tokens` tokens are out: `tokens_full` (only if the hard limit lies above that).
//!
//! | class | limit | its load with `headroom` | its load with `partition` |
//! |---|---|---|---|
//! | critical | `hard_limit`; with `partition`, `reserved_slots` | all tokens | critical tokens |
//! | normal | `hard_limit − reserved_slots` | all tokens | normal and sheddable tokens |
//! | sheddable | `floor(normal limit × sheddable_fraction)` | all tokens | normal and sheddable tokens |
//!
//! With `regulator.adaptive` a second limit moves below the hard one, by what the requests show of the backend (see
//! `regulator/adaptive/`). The class limits scale with it: they are those of a hard limit of that size. So with
//! `headroom` critical work may use all of it, and normal work leaves critical work its share. With `partition` each
//! part shrinks by the same ratio and keeps to itself, so that neither starves the other however small the whole is; what
//! one part leaves unused the other doesn't get. Critical work that holds less than the reserved share of the adaptive
//! limit comes in though the limit has just been lowered and other work still drains. `reserved` and `shed` are said
//! where the configured limit decides, `adaptive` where a request would have come in but for the adaptive one. The
//! regulator then needs a timer: [`Regulator::step`].
//!
//! The limit is sought by what throughput does, so while it is sought nothing of it may stand empty on purpose: with
//! `headroom`, as long as critical work holds less than its reserved share, the share is lent to other work. Critical
//! work that comes gets it at once, above the limit if need be, and from then on the others drain. When the search is
//! over the limit rises by as much as was lent.
//!
//! # Time
//!
//! Instants are microseconds and must not run backwards (the engine's clock sees to that). If they do, nothing
//! breaks: a hold time reads 0, and a token may expire late.
//!
//! # Cost
//!
//! Every call is O(1) and, once the tables have grown to the highest load, allocates nothing; `status` costs
//! O(domains).

mod adaptive;
mod answer;
mod expiry;
mod limits;
mod recent;
mod state;
mod status;

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;

use alloc::boxed::Box;
use alloc::string::String;

pub use answer::{Admission, Expired, Released};
pub use status::{CapacityInfo, RegulatorStatus};

use crate::Outcome;
use crate::config::{Class, DomainConfig, LimitsConfig, RegulatorConfig};
use crate::error::Error;
use crate::id::{DomainId, MAX_SLOTS, Slab, Token, slot_of};
use crate::order;
use crate::reason::Reason;
use crate::retry;
use crate::stats::FadingMean;
use crate::time::earlier;
use adaptive::Adaptive;
use expiry::Expiry;
use limits::Limits;
use recent::Recent;

/// One counter for each reason code.
const REASON_COUNTERS: usize = match Reason::ALL.last() {
    Some(last) => last.code() as usize + 1,
    None => 1,
};

#[derive(Debug, Clone, Copy)]
struct TokenRecord {
    issued_us: u64,
    tag: u64,
    domain: DomainId,
    critical: bool,
}

#[derive(Debug, Clone)]
struct DomainRecord {
    load: u32,
    /// `u32::MAX`, which no load reaches, stands for none.
    max_concurrent: u32,
    class: Class,
    max_class: Class,
    open: bool,
    accepted: u64,
    rejected: u64,
}

/// Admits requests below limits and accounts for every token. See the [module](self) for how it decides.
#[derive(Debug, Clone)]
pub struct Regulator {
    limits: Limits,
    /// Critical tokens among the live ones.
    critical_load: u32,
    max_tokens: u32,
    /// The live tokens: their number is the load.
    tokens: Slab<TokenRecord>,
    domains: Box<[DomainRecord]>,
    expiry: Option<Expiry>,
    adaptive: Option<Adaptive>,
    /// Requests accepted and, what is the same, tokens issued.
    accepted: u64,
    rejected: u64,
    failed: u64,
    released: u64,
    expired: u64,
    hold: FadingMean,
    recent: Recent,
    rejections: [u64; REASON_COUNTERS],
    names: Box<[String]>,
}

impl Regulator {
    /// A regulator without load. The configuration must be a checked one; the ids of the domains are their
    /// places in `domains`.
    pub fn new(
        config: &RegulatorConfig,
        domains: &[DomainConfig],
        limits: &LimitsConfig,
        now_us: u64,
    ) -> Self {
        let max_tokens = limits.max_tokens.min(MAX_SLOTS);
        let adaptive = config.adaptive.as_ref().map(|adaptive| Adaptive::new(adaptive, config, now_us));
        let mut own_limits = Limits::new(config, max_tokens);
        if let Some(adaptive) = &adaptive {
            own_limits.set_adaptive(adaptive.limit(), adaptive.lends());
        }
        Self {
            limits: own_limits,
            critical_load: 0,
            max_tokens,
            tokens: Slab::new(max_tokens),
            domains: domains
                .iter()
                .map(|domain| DomainRecord {
                    load: 0,
                    max_concurrent: domain.max_concurrent.unwrap_or(u32::MAX),
                    class: domain.class,
                    max_class: domain.max_class,
                    open: true,
                    accepted: 0,
                    rejected: 0,
                })
                .collect(),
            expiry: config.token_ttl_us.map(Expiry::new),
            adaptive,
            accepted: 0,
            rejected: 0,
            failed: 0,
            released: 0,
            expired: 0,
            hold: FadingMean::default(),
            recent: Recent::new(now_us),
            rejections: [0; REASON_COUNTERS],
            names: domains.iter().map(|domain| domain.name.clone()).collect(),
        }
    }

    /// Asks to come in. The request's class is the lower of `class` (unset: the domain's own) and the domain's
    /// `max_class`.
    ///
    /// A refusal is an answer with `token` unset; it counts as rejected and takes nothing. Fails with
    /// [`Error::UnknownDomain`]. O(1).
    #[inline]
    pub fn admit(&mut self, now_us: u64, domain: DomainId, class: Option<Class>) -> Result<Admission, Error> {
        let Some(record) = self.domains.get_mut(domain.index()) else {
            return Err(Error::UnknownDomain { domain: domain.get() });
        };
        if self.recent.is_second_over(now_us) {
            self.recent.next_second(now_us, self.accepted + self.rejected, self.rejected);
        }
        let class = class.unwrap_or(record.class).min(record.max_class);
        let critical = class == Class::Critical;
        let total = self.tokens.len();
        let limit = self.limits.of(class);
        let adaptive_limit = self.limits.adaptive_of(class, self.critical_load);
        let class_load = if !self.limits.partition {
            total
        } else if critical {
            self.critical_load
        } else {
            total.saturating_sub(self.critical_load)
        };

        let (reason, limit, load) = if !record.open {
            (Reason::DomainClosed, 0, record.load)
        } else if record.load >= record.max_concurrent {
            (Reason::DomainLimit, record.max_concurrent, record.load)
        } else if total >= self.limits.hard {
            (Reason::HardLimit, self.limits.hard, total)
        } else if class_load >= limit {
            let reason = if class == Class::Sheddable { Reason::Shed } else { Reason::Reserved };
            (reason, limit, class_load)
        } else if class_load >= adaptive_limit
            && !(critical && self.limits.leaves_reserved(self.critical_load))
        {
            (Reason::Adaptive, adaptive_limit, class_load)
        } else if let Some(raw) =
            self.tokens.insert(TokenRecord { issued_us: now_us, tag: 0, domain, critical })
        {
            record.load += 1;
            record.accepted += 1;
            self.critical_load += u32::from(critical);
            self.accepted += 1;
            if let Some(expiry) = &mut self.expiry {
                expiry.push(slot_of(raw));
            }
            if let Some(adaptive) = &mut self.adaptive {
                adaptive.admitted(now_us, total);
            }
            let load = total + 1;
            return Ok(Admission {
                token: Some(Token::from_raw(raw)),
                reason: Reason::Accepted,
                warning: load > self.limits.soft,
                limit: limit.min(adaptive_limit),
                load,
                retry_after_us: 0,
            });
        } else {
            (Reason::TokensFull, self.max_tokens, total)
        };

        record.rejected += 1;
        if let Some(adaptive) = &mut self.adaptive
            && !matches!(reason, Reason::DomainClosed | Reason::DomainLimit)
        {
            adaptive.refused();
        }
        self.count_rejection(reason);
        let retry_after_us = self.retry_after_us(reason, limit, load);
        Ok(Admission { token: None, reason, warning: false, limit, load, retry_after_us })
    }

    /// Gives a token back.
    ///
    /// Fails with [`Error::UnknownToken`] when it was released, has expired or was never given out; that
    /// changes nothing. O(1).
    #[inline]
    pub fn release(&mut self, now_us: u64, token: Token, outcome: Outcome) -> Result<Released, Error> {
        let record = self.take(token)?;
        let held_us = now_us.saturating_sub(record.issued_us);
        self.hold.add(held_us);
        self.note_gone(now_us, held_us, outcome == Outcome::Failed);
        self.released += 1;
        self.failed += u64::from(outcome == Outcome::Failed);
        Ok(Released { domain: record.domain, tag: record.tag, held_us })
    }

    /// Undoes an admission whose request a later stage refused: the request counts as rejected for `reason`
    /// and no longer as accepted, its token as never issued.
    ///
    /// Fails with [`Error::UnknownToken`] as [`Regulator::release`] does. O(1).
    pub fn revoke(&mut self, now_us: u64, token: Token, reason: Reason) -> Result<(), Error> {
        let record = self.take(token)?;
        if let Some(adaptive) = &mut self.adaptive {
            adaptive.revoked(now_us, self.tokens.len().saturating_add(1));
        }
        if self.recent.is_second_over(now_us) {
            self.recent.next_second(now_us, self.accepted + self.rejected, self.rejected);
        }
        self.accepted = self.accepted.saturating_sub(1);
        self.count_rejection(reason);
        if let Some(domain) = self.domains.get_mut(record.domain.index()) {
            domain.accepted = domain.accepted.saturating_sub(1);
            domain.rejected += 1;
        }
        Ok(())
    }

    /// Stores a number with a token, which its release or expiry hands back. The regulator makes nothing of
    /// it.
    ///
    /// Fails with [`Error::UnknownToken`] as [`Regulator::release`] does. O(1).
    #[inline]
    pub fn set_tag(&mut self, token: Token, tag: u64) -> Result<(), Error> {
        let record = self.tokens.get_mut(token.get()).ok_or(Error::UnknownToken { token: token.get() })?;
        record.tag = tag;
        Ok(())
    }

    /// Takes back one token that has been held for `token_ttl_us` or longer, the oldest first; `None`: there
    /// is none (left). To be called until then: the time it all takes is proportional to how many expire.
    #[inline]
    pub fn expire(&mut self, now_us: u64) -> Option<Expired> {
        if self.expires_us()? > now_us {
            return None;
        }
        let oldest = self.expiry.as_ref()?.oldest()?;
        let token = Token::from_raw(self.tokens.id_at(oldest)?);
        let record = self.take(token).ok()?;
        let held_us = now_us.saturating_sub(record.issued_us);
        self.hold.add(held_us);
        self.note_gone(now_us, held_us, true);
        self.expired += 1;
        Some(Expired { token, domain: record.domain, tag: record.tag })
    }

    /// Judges the requests since the last time, if that is due, and moves the adaptive limit. O(1).
    #[inline]
    pub fn step(&mut self, now_us: u64) {
        if let Some(adaptive) = &mut self.adaptive
            && adaptive.step(now_us, self.tokens.len())
        {
            self.limits.set_adaptive(adaptive.limit(), adaptive.lends());
        }
    }

    /// When [`Regulator::expire`] or [`Regulator::step`] is due next, in microseconds, be that in the past: when the
    /// oldest token's issue is `token_ttl_us` ago, or the adaptive limit's window is over. `None` without a time to live
    /// or a token, and without an adaptive limit. Changed by `admit`, `release`, `revoke`, `expire` and `step`.
    #[inline]
    pub fn next_deadline_us(&self) -> Option<u64> {
        earlier(self.expires_us(), self.adaptive.as_ref().map(Adaptive::due_us))
    }

    #[inline]
    fn expires_us(&self) -> Option<u64> {
        let expiry = self.expiry.as_ref()?;
        let record = self.tokens.at(expiry.oldest()?)?;
        Some(record.issued_us.saturating_add(expiry.ttl_us))
    }

    /// Warns above this load from now on.
    ///
    /// Fails with [`Error::OutOfRange`] outside 1 to the hard limit.
    pub fn set_soft_limit(&mut self, soft_limit: u32) -> Result<(), Error> {
        self.limits.set_soft(soft_limit)
    }

    /// Refuses at this load from now on; the class limits follow, and the adaptive limit comes down to it. Below the
    /// current load nobody is evicted: requests are refused until the load has drained.
    ///
    /// Fails with [`Error::OutOfRange`] outside the soft limit to `limits.max_tokens`.
    pub fn set_hard_limit(&mut self, hard_limit: u32) -> Result<(), Error> {
        self.limits.set_hard(hard_limit)?;
        if let Some(adaptive) = &mut self.adaptive {
            adaptive.set_hard_limit(hard_limit);
            self.limits.set_adaptive(adaptive.limit(), adaptive.lends());
        }
        Ok(())
    }

    /// Opens or closes a domain. The tokens that a closed one holds stay valid.
    ///
    /// Fails with [`Error::UnknownDomain`].
    pub fn set_domain_open(&mut self, domain: DomainId, open: bool) -> Result<(), Error> {
        match self.domains.get_mut(domain.index()) {
            Some(record) => {
                record.open = open;
                Ok(())
            }
            None => Err(Error::UnknownDomain { domain: domain.get() }),
        }
    }

    /// Whether a domain is open.
    ///
    /// Fails with [`Error::UnknownDomain`].
    pub fn is_domain_open(&self, domain: DomainId) -> Result<bool, Error> {
        self.domain(domain).map(|record| record.open)
    }

    /// The load above which admissions carry a warning.
    #[inline]
    pub fn soft_limit(&self) -> u32 {
        self.limits.soft
    }

    /// The tokens outstanding.
    #[inline]
    pub fn load(&self) -> u32 {
        self.tokens.len()
    }

    /// The adaptive limit, in tokens; `None` without one.
    #[inline]
    pub fn adaptive_limit(&self) -> Option<u32> {
        self.adaptive.as_ref().map(Adaptive::limit)
    }

    /// The tokens a domain holds.
    ///
    /// Fails with [`Error::UnknownDomain`].
    pub fn domain_load(&self, domain: DomainId) -> Result<u32, Error> {
        self.domain(domain).map(|record| record.load)
    }

    /// Whether a domain is open, its load, and its accepted and rejected requests over the lifetime.
    pub(crate) fn domain_totals(&self, domain: DomainId) -> Option<(bool, u32, u64, u64)> {
        let record = self.domains.get(domain.index())?;
        Some((record.open, record.load, record.accepted, record.rejected))
    }

    /// Accepted and rejected requests over the lifetime.
    pub(crate) fn totals(&self) -> (u64, u64) {
        (self.accepted, self.rejected)
    }

    /// Rejections by reason, in the order of the codes; only those that occurred.
    pub(crate) fn rejections(&self) -> impl Iterator<Item = (Reason, u64)> {
        let counted = Reason::ALL
            .iter()
            .filter_map(|reason| self.rejections.get(reason.code() as usize).map(|count| (*reason, *count)));
        counted.filter(|(_, count)| *count > 0)
    }

    /// Failed requests, and tokens that were released and that expired, over the lifetime.
    pub(crate) fn ends(&self) -> [u64; 3] {
        [self.failed, self.released, self.expired]
    }

    /// Load and hard limit.
    pub(crate) fn load_fraction(&self) -> (u32, u32) {
        (self.load(), self.limits.hard)
    }

    /// Rejections and requests of the last 60 s.
    pub(crate) fn recent_rejections(&self, now_us: u64) -> (u64, u64) {
        self.recent.counts(now_us, self.accepted + self.rejected, self.rejected)
    }

    /// The state and the lifetime counts as of `now_us`. O(domains).
    #[allow(clippy::cast_precision_loss)] // reported figures
    pub fn status(&self, now_us: u64) -> RegulatorStatus {
        let requests = self.accepted + self.rejected;
        let per_request = |count: u64, before: f64| {
            if requests == 0 { before } else { count as f64 / requests as f64 }
        };
        RegulatorStatus {
            soft_limit: self.limits.soft,
            hard_limit: self.limits.hard,
            current_load: self.load(),
            accepted_requests: self.accepted,
            rejected_requests: self.rejected,
            failed_requests: self.failed,
            admission_rate: per_request(self.accepted, 1.0),
            rejection_rate: per_request(self.rejected, 0.0),
            recent_rejection_rate: self.recent.rate(now_us, requests, self.rejected),
            load_factor: self.load_factor(),
            rejections_by_reason: order::map(self.rejections()),
            rejections_by_domain: order::map(
                self.names
                    .iter()
                    .zip(&self.domains)
                    .filter(|(_, record)| record.rejected > 0)
                    .map(|(name, record)| (name.clone(), record.rejected)),
            ),
            issued_tokens: self.accepted,
            live_tokens: u64::from(self.load()),
            released_tokens: self.released,
            expired_tokens: self.expired,
            adaptive_limit: self.adaptive_limit(),
            adaptive_algorithm: self.adaptive.as_ref().map(Adaptive::algorithm),
            adaptive_latency_us: self.adaptive.as_ref().and_then(Adaptive::latency_us),
            adaptive_baseline_us: self.adaptive.as_ref().and_then(Adaptive::baseline_us),
            adaptive_reason: self.adaptive.as_ref().and_then(Adaptive::moved),
        }
    }

    /// The capacity and how much of it is in use.
    pub fn capacity_info(&self) -> CapacityInfo {
        CapacityInfo {
            total: self.limits.hard,
            available: self.limits.hard.saturating_sub(self.load()),
            reserved: self.limits.reserved_slots,
            current_load: self.load(),
            load_percentage: f64::from(self.load()) * 100.0 / f64::from(self.limits.hard.max(1)),
        }
    }

    fn load_factor(&self) -> f64 {
        f64::from(self.load()) / f64::from(self.limits.hard.max(1))
    }

    fn domain(&self, domain: DomainId) -> Result<&DomainRecord, Error> {
        self.domains.get(domain.index()).ok_or(Error::UnknownDomain { domain: domain.get() })
    }

    /// Tells the adaptive limit of a token that is gone.
    #[inline]
    fn note_gone(&mut self, now_us: u64, held_us: u64, failed: bool) {
        if let Some(adaptive) = &mut self.adaptive {
            adaptive.released(now_us, self.tokens.len().saturating_add(1), held_us, failed);
        }
    }

    /// Takes a live token out of the load.
    #[inline]
    fn take(&mut self, token: Token) -> Result<TokenRecord, Error> {
        let raw = token.get();
        let record = self.tokens.remove(raw).ok_or(Error::UnknownToken { token: raw })?;
        self.critical_load = self.critical_load.saturating_sub(u32::from(record.critical));
        if let Some(domain) = self.domains.get_mut(record.domain.index()) {
            domain.load = domain.load.saturating_sub(1);
        }
        if let Some(expiry) = &mut self.expiry {
            expiry.remove(slot_of(raw));
        }
        Ok(record)
    }

    #[inline]
    fn count_rejection(&mut self, reason: Reason) {
        self.rejected += 1;
        if let Some(count) = self.rejections.get_mut(reason.code() as usize) {
            *count += 1;
        }
    }

    /// See [`Admission::retry_after_us`].
    #[inline]
    fn retry_after_us(&self, reason: Reason, limit: u32, load: u32) -> u64 {
        let Some(hold_us) = self.hold.mean() else { return retry::UNKNOWN_US };
        if reason == Reason::DomainClosed || load == 0 {
            return retry::UNKNOWN_US;
        }
        let excess = u128::from(load).saturating_sub(u128::from(limit)) + 1;
        retry::bounded_us(u128::from(hold_us) * excess / u128::from(load))
    }
}
