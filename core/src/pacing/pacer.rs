//! The pacer: items of several domains, released at takt time in leveled order.

use alloc::collections::VecDeque;
use alloc::string::String;
use alloc::vec::Vec;

use super::config::{MAX_WEIGHT, PacerConfig};
use super::status::{PacerDomainStatus, PacerStatus};
use super::takt::{Slot, Takt};
use super::turns::Turns;
use crate::error::Error;
use crate::id::DomainId;
use crate::reason::Reason;
use crate::retry;
use crate::time::{Clock, TIME_LIMIT_US};

/// Into how many parts more than it must be a turn is divided: how finely the place of a domain that comes is rounded.
const FINE: u32 = 1 << 16;

/// The answer to an item that was offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Offer {
    /// Whether the item waits for its release.
    pub accepted: bool,
    /// Why: [`Reason::Accepted`] or [`Reason::BacklogFull`].
    pub reason: Reason,
    /// The limit that decided: the domain's `max_backlog`, or, when all domains together are full, the pacer's.
    pub limit: u32,
    /// The items that wait, of the domain or of all; of an accepted item the domain's, the new one among them.
    pub load: u32,
    /// The earliest time worth retrying, from now; more than 0 when refused, 0 when accepted.
    ///
    /// It is the time by which the domain (or, when all together are full, any) will have released an item, as long as
    /// those that have something waiting stay the same: from 1 ms to 1 h.
    pub retry_after_us: u64,
}

/// An item that was released.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Release {
    /// Whose it is.
    pub domain: DomainId,
    /// The item, as it was offered.
    pub item: u64,
    /// When it was due: the first microsecond of its slot.
    pub due_us: u64,
}

#[derive(Debug, Clone)]
struct Line {
    name: String,
    weight: u32,
    max_backlog: u32,
    items: VecDeque<u64>,
    accepted: u64,
    refused: u64,
    released: u64,
}

impl Line {
    fn backlog(&self) -> u32 {
        u32::try_from(self.items.len()).unwrap_or(u32::MAX)
    }
}

/// Releases items of several domains one by one, at takt time, in leveled order: a box between those who produce in
/// bursts and those who can't take bursts.
///
/// - **Takt** is `available_us / demand` as an exact fraction. While items wait, the `k`-th of them is due at
///   `start + k × takt`, rounded up to a microsecond: never early, never more than a microsecond off, however many.
/// - **The order** is that of [`Sequence`](super::Sequence) among the domains that have something waiting: with all of
///   them waiting it *is* that sequence, over and over. A domain without items holds nobody up: its slots go to the
///   others in proportion to their weights. It saves nothing for later; when it comes back it stands where the others are
///   on average.
/// - **Nothing is made up in a burst.** The first item after a time without items goes at once, if the last one is a takt
///   ago, and the slots count from it. `max_catch_up` allows that many more slots of the time before it.
/// - **A late poll** releases what is due, each item with the time it was due at. `max_late` bounds how many slots before
///   the latest one are made up so; those before lapse.
/// - **The backlog is bounded**, for each domain and for all together: what doesn't fit is refused
///   ([`Reason::BacklogFull`]).
///
/// Its caller has the clock and does the work:
/// 1. [`Pacer::offer`] an item when it comes up;
/// 2. [`Pacer::poll`] until it answers `None`, and do what was released;
/// 3. sleep until [`Pacer::next_deadline_us`], or the next item comes up, and go on with 2.
///
/// ```
/// use heijunka_core::pacing::{Pacer, PacerConfig};
///
/// let config = r#"{"takt_us": 1000, "domains": {"orders": {"weight": 5}, "mail": {}, "reports": {}}}"#;
/// let mut pacer = Pacer::new(&PacerConfig::from_json(config)?, 0)?;
/// let mail = pacer.domain_id("mail").unwrap();
/// assert!(pacer.offer(0, mail, 41)?.accepted);
/// assert!(pacer.offer(0, mail, 42)?.accepted);
/// assert_eq!(pacer.poll(0)?.map(|release| release.item), Some(41));
/// assert_eq!(pacer.poll(999)?, None);
/// assert_eq!(pacer.next_deadline_us(), Some(1000));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// A call costs O(log n) for n domains, and allocates only while a backlog grows to where it hasn't been. The idea of the
/// box is Toyota's (Monden, "Toyota Production System", 1983); to start anew after an idle time is what a virtual
/// scheduler does (GCRA, ITU-T I.371), and `max_catch_up` is its tolerance.
#[derive(Debug, Clone)]
pub struct Pacer {
    clock: Clock,
    takt: Takt,
    /// The next slot.
    next: Slot,
    /// Since when something waits: no item is due before.
    since_us: u64,
    lines: Vec<Line>,
    turns: Turns,
    backlog: u32,
    max_backlog: u32,
    max_catch_up: u32,
    max_late: Option<u32>,
    lapsed_slots: u64,
    lateness_us: u128,
    max_lateness_us: u64,
}

impl Pacer {
    /// A pacer that starts at `now_us`, in microseconds. The first item goes at once.
    ///
    /// Fails with [`Error::TimeOutOfRange`].
    pub fn new(config: &PacerConfig, now_us: u64) -> Result<Self, Error> {
        let clock = Clock::new(now_us)?;
        let weights: Vec<u32> = config.domains.iter().map(|domain| domain.weight).collect();
        let lines = config.domains.iter().map(|domain| Line {
            name: domain.name.clone(),
            weight: domain.weight,
            max_backlog: domain.max_backlog,
            items: VecDeque::new(),
            accepted: 0,
            refused: 0,
            released: 0,
        });
        Ok(Self {
            clock,
            takt: config.takt,
            next: Slot::at(now_us),
            since_us: now_us,
            lines: lines.collect(),
            turns: Turns::new(&weights, FINE),
            backlog: 0,
            max_backlog: config.max_backlog,
            max_catch_up: config.max_catch_up,
            max_late: config.max_late,
            lapsed_slots: 0,
            lateness_us: 0,
            max_lateness_us: 0,
        })
    }

    /// The domain with this name. O(domains): look it up once and keep it.
    pub fn domain_id(&self, name: &str) -> Option<DomainId> {
        self.lines.iter().zip(0..).find(|(line, _)| line.name == name).map(|(_, id)| DomainId::new(id))
    }

    /// A domain's name.
    pub fn domain_name(&self, domain: DomainId) -> Option<&str> {
        self.lines.get(domain.index()).map(|line| line.name.as_str())
    }

    /// How many domains there are; their ids are 0, 1, ….
    pub fn domain_count(&self) -> u32 {
        u32::try_from(self.lines.len()).unwrap_or(u32::MAX)
    }

    /// Offers an item: any number below 2^53, which is handed back when it is released. Items of a domain are released
    /// in the order in which they were offered.
    ///
    /// Fails with [`Error::UnknownDomain`], [`Error::OutOfRange`] for the item, or [`Error::TimeOutOfRange`].
    pub fn offer(&mut self, now_us: u64, domain: DomainId, item: u64) -> Result<Offer, Error> {
        let now_us = self.clock.advance(now_us)?;
        let line = self.lines.get_mut(domain.index()).ok_or(Error::UnknownDomain { domain: domain.get() })?;
        if item >= TIME_LIMIT_US {
            let max = TIME_LIMIT_US - 1;
            return Err(Error::OutOfRange { field: "item", value: item, min: 0, max });
        }
        let load = line.backlog();
        let is_full = load >= line.max_backlog;
        if is_full || self.backlog >= self.max_backlog {
            line.refused = line.refused.saturating_add(1);
            let (limit, load, turns) = if is_full {
                (line.max_backlog, load, self.turns.turns_until(domain.get()))
            } else {
                (self.max_backlog, self.backlog, 1)
            };
            let until_us = u128::from(self.due_us().saturating_sub(now_us));
            let retry_after_us = retry::bounded_us(until_us + self.takt.times_us(turns - 1));
            return Ok(Offer { accepted: false, reason: Reason::BacklogFull, limit, load, retry_after_us });
        }
        line.items.push_back(item);
        line.accepted = line.accepted.saturating_add(1);
        let limit = line.max_backlog;
        if self.backlog == 0 {
            self.since_us = now_us;
            let back_us = u64::try_from(self.takt.times_us(self.max_catch_up.into())).unwrap_or(u64::MAX);
            let earliest = Slot::at(now_us.saturating_sub(back_us));
            if self.next.whole_us < earliest.whole_us {
                self.next = earliest;
            }
        }
        if load == 0 {
            self.turns.join(domain.get());
        }
        self.backlog = self.backlog.saturating_add(1);
        Ok(Offer { accepted: true, reason: Reason::Accepted, limit, load: load + 1, retry_after_us: 0 })
    }

    /// Releases the next item that is due; `None` when there is none. Call it until then.
    ///
    /// Fails with [`Error::TimeOutOfRange`].
    pub fn poll(&mut self, now_us: u64) -> Result<Option<Release>, Error> {
        let now_us = self.clock.advance(now_us)?;
        if self.backlog == 0 || self.due_us() > now_us {
            return Ok(None);
        }
        if let Some(max_late) = self.max_late {
            let lapsed = self.takt.behind(self.next, now_us).saturating_sub(max_late.into());
            if lapsed > 0 {
                self.next = self.takt.later(self.next, lapsed);
                self.lapsed_slots = self.lapsed_slots.saturating_add(lapsed);
            }
        }
        let Some(index) = self.turns.next() else { return Ok(None) };
        let Some(line) = self.lines.get_mut(index as usize) else { return Ok(None) };
        let Some(item) = line.items.pop_front() else { return Ok(None) };
        line.released = line.released.saturating_add(1);
        let stays = !line.items.is_empty();
        self.turns.advance(stays);
        self.backlog = self.backlog.saturating_sub(1);
        let due_us = self.due_us();
        self.next = self.takt.after(self.next);
        let late_us = now_us.saturating_sub(due_us);
        self.lateness_us = self.lateness_us.saturating_add(late_us.into());
        self.max_lateness_us = self.max_lateness_us.max(late_us);
        Ok(Some(Release { domain: DomainId::new(index), item, due_us }))
    }

    /// Releases what is due, `max_items` at most, oldest slot first: what [`Pacer::poll`] does, in a loop. What is left over
    /// is still due.
    ///
    /// Fails as [`Pacer::poll`], and then releases nothing.
    pub fn poll_at_most(
        &mut self,
        now_us: u64,
        max_items: u32,
        mut take: impl FnMut(Release),
    ) -> Result<(), Error> {
        // Asked for nothing, it still knows the time.
        self.clock.advance(now_us)?;
        let now_us = self.clock.latest_us();
        for _ in 0..max_items {
            match self.poll(now_us)? {
                Some(release) => take(release),
                None => break,
            }
        }
        Ok(())
    }

    /// When [`Pacer::poll`] will release the next item: later than the latest time seen, also when it is overdue. `None`
    /// when nothing waits, or when that lies beyond 2^53 µs. An offer, a release and a setter may change it.
    pub fn next_deadline_us(&self) -> Option<u64> {
        let due_us = self.due_us().max(self.clock.latest_us().saturating_add(1));
        (self.backlog > 0 && due_us < TIME_LIMIT_US).then_some(due_us)
    }

    /// Sets the takt to `available_us / demand`. What is left of the way to the next slot is left of the new takt, too: at
    /// half the takt, half the time. A slot that has come stays.
    ///
    /// Fails with [`Error::OutOfRange`] unless `1 ≤ demand ≤ available_us < 2^53`, or with [`Error::TimeOutOfRange`].
    pub fn set_takt(&mut self, now_us: u64, available_us: u64, demand: u64) -> Result<(), Error> {
        let now_us = self.clock.advance(now_us)?;
        let takt = Takt::new(available_us, demand)?;
        self.next = self.takt.change(takt, self.next, now_us);
        self.takt = takt;
        Ok(())
    }

    /// Sets a domain's weight. What waits stays; the new share counts from here on. O(n).
    ///
    /// Fails with [`Error::UnknownDomain`], with [`Error::OutOfRange`] unless the weight is from 1 to 1,000,000, or with
    /// [`Error::TimeOutOfRange`].
    pub fn set_weight(&mut self, now_us: u64, domain: DomainId, weight: u32) -> Result<(), Error> {
        self.clock.advance(now_us)?;
        let line = self.lines.get_mut(domain.index()).ok_or(Error::UnknownDomain { domain: domain.get() })?;
        if !(1..=MAX_WEIGHT).contains(&weight) {
            let max = MAX_WEIGHT.into();
            return Err(Error::OutOfRange { field: "weight", value: weight.into(), min: 1, max });
        }
        line.weight = weight;
        self.turns.set_weight(domain.get(), weight);
        Ok(())
    }

    /// The state and the lifetime counts. O(n).
    pub fn status(&self) -> PacerStatus {
        let domains = self.lines.iter().map(|line| PacerDomainStatus {
            name: line.name.clone(),
            weight: line.weight,
            backlog: line.backlog(),
            max_backlog: line.max_backlog,
            accepted: line.accepted,
            refused: line.refused,
            released: line.released,
        });
        let domains: Vec<_> = domains.collect();
        let sum = |count: fn(&PacerDomainStatus) -> u64| {
            domains.iter().fold(0, |sum: u64, domain| sum.saturating_add(count(domain)))
        };
        let released = sum(|domain| domain.released);
        #[allow(clippy::cast_precision_loss)] // a mean
        let mean_lateness_us = if released == 0 { 0.0 } else { self.lateness_us as f64 / released as f64 };
        PacerStatus {
            now_us: self.clock.latest_us(),
            clock_regressions: self.clock.regressions(),
            takt_us: self.takt.as_f64(),
            available_us: self.takt.available_us,
            demand: self.takt.demand,
            backlog: self.backlog,
            max_backlog: self.max_backlog,
            next_due_us: (self.backlog > 0).then(|| self.due_us()).filter(|due_us| *due_us < TIME_LIMIT_US),
            accepted: sum(|domain| domain.accepted),
            refused: sum(|domain| domain.refused),
            released,
            lapsed_slots: self.lapsed_slots,
            mean_lateness_us,
            max_lateness_us: self.max_lateness_us,
            domains,
        }
    }

    /// When the next slot is, for whom waits since `since_us`.
    fn due_us(&self) -> u64 {
        self.next.due_us().max(self.since_us)
    }
}
