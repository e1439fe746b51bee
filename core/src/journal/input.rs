//! What a record says: an input of the engine.

use alloc::string::String;
use alloc::vec::Vec;

use super::codec::{Codec, fold, unfold};
use crate::config::{AffinityGroup, Class};
use crate::id::WorkerId;
use crate::time::TIME_LIMIT_US;

/// What an input is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Subject {
    /// Nothing in particular.
    Engine,
    /// A domain.
    Domain,
    /// A pool.
    Pool,
    /// A token.
    Token,
    /// A worker.
    Worker,
    /// A waiter.
    Waiter,
    /// A ticket.
    Ticket,
    /// A number.
    Count,
}

macro_rules! operations {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $text:literal, $subject:ident, $choice:literal, $until:literal, $bytes:literal;)*) => {
        /// An input that is recorded.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        #[repr(u8)]
        pub enum Operation {
            $($(#[$doc])* $name = $code,)*
        }

        impl Operation {
            /// Every operation, in the order of the codes.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The stable integer of the operation, which stands in a record.
            pub const fn code(self) -> u32 {
                match self { $(Self::$name => $code,)* }
            }

            /// The stable name of the operation.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            pub(super) const fn subject(self) -> Subject {
                match self { $(Self::$name => Subject::$subject,)* }
            }

            /// Whether it has a class, an outcome or a flag; a time until which it waits; bytes.
            const fn arguments(self) -> (bool, bool, bool) {
                match self { $(Self::$name => ($choice, $until, $bytes),)* }
            }
        }
    };
}

operations! {
    /// `admit`: the domain; the class asked for.
    Admit = 1, "admit", Domain, true, false, false;
    /// `release`: the token; whether it failed.
    Release = 2, "release", Token, true, false, false;
    /// `route`: the domain; the key.
    Route = 3, "route", Domain, false, false, true;
    /// `checkout`: the pool; until when it waits.
    Checkout = 4, "checkout", Pool, false, true, false;
    /// `checkin`: the worker; whether it failed.
    Checkin = 5, "checkin", Worker, true, false, false;
    /// `cancel_wait`: the waiter.
    CancelWait = 6, "cancel_wait", Waiter, false, false, false;
    /// `worker_ready`: the worker.
    WorkerReady = 7, "worker_ready", Worker, false, false, false;
    /// `worker_failed`: the worker.
    WorkerFailed = 8, "worker_failed", Worker, false, false, false;
    /// `report_health`: the pool; its workers alive and dead.
    ReportHealth = 9, "report_health", Pool, false, false, true;
    /// `dispatch`: the domain; the class asked for, until when it waits, the key.
    Dispatch = 10, "dispatch", Domain, true, true, true;
    /// `complete`: the ticket; whether it failed.
    Complete = 11, "complete", Ticket, true, false, false;
    /// `step`.
    Step = 12, "step", Engine, false, false, false;
    /// `scale_up`: the pool.
    ScaleUp = 13, "scale_up", Pool, false, false, false;
    /// `scale_down`: the pool.
    ScaleDown = 14, "scale_down", Pool, false, false, false;
    /// `rebalance`.
    Rebalance = 15, "rebalance", Engine, false, false, false;
    /// `set_soft_limit`: the limit.
    SetSoftLimit = 16, "set_soft_limit", Count, false, false, false;
    /// `set_hard_limit`: the limit.
    SetHardLimit = 17, "set_hard_limit", Count, false, false, false;
    /// `set_affinity_groups`: the groups.
    SetAffinityGroups = 18, "set_affinity_groups", Engine, false, false, true;
    /// `enable_surge`.
    EnableSurge = 19, "enable_surge", Engine, false, false, false;
    /// `disable_surge`.
    DisableSurge = 20, "disable_surge", Engine, false, false, false;
    /// `set_domain_open`: the domain; whether it is open.
    SetDomainOpen = 21, "set_domain_open", Domain, true, false, false;
    /// `set_pool_open`: the pool; whether it is open.
    SetPoolOpen = 22, "set_pool_open", Pool, true, false, false;
    /// `set_off_peak`: whether it is.
    SetOffPeak = 23, "set_off_peak", Engine, true, false, false;
    /// Effects were drained: how many, up to the next record.
    Drain = 24, "drain", Count, false, false, false;
}

/// An input as it stands in a record. What an operation doesn't have is 0, `None` or empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Input<'a> {
    /// Which one.
    pub operation: Operation,
    /// The time that was passed, in microseconds, at most 2^53; of a drain, the latest one seen.
    pub now_us: u64,
    /// What it is about: a handle, an id (at most 2^53) or a number.
    pub subject: u64,
    /// A class (1 sheddable, 2 normal, 3 critical; 0: the domain's own), or whether it failed, or a flag.
    pub choice: u8,
    /// Until when it waits.
    pub until_us: Option<u64>,
    /// A key (of one that is too long: as many zeros as show that), or lists: of workers, of affinity groups.
    pub bytes: &'a [u8],
}

impl<'a> Input<'a> {
    /// An input that has a subject alone.
    #[inline]
    pub(crate) fn new(operation: Operation, now_us: u64, subject: impl Into<u64>) -> Self {
        // What lies beyond is as wrong as what lies at the end, and in some languages not another number.
        let subject = subject.into().min(TIME_LIMIT_US);
        Self { operation, now_us: now_us.min(TIME_LIMIT_US), subject, choice: 0, until_us: None, bytes: &[] }
    }

    #[inline]
    pub(crate) fn choice(mut self, choice: impl Into<u8>) -> Self {
        self.choice = choice.into();
        self
    }

    #[inline]
    pub(crate) fn class(self, class: Option<Class>) -> Self {
        self.choice(match class {
            None => 0_u8,
            Some(Class::Sheddable) => 1,
            Some(Class::Normal) => 2,
            Some(Class::Critical) => 3,
        })
    }

    #[inline]
    pub(crate) fn until(mut self, until_us: Option<u64>) -> Self {
        // Until 0 is not at all, and in some languages that is how it is said.
        self.until_us = until_us.filter(|until_us| *until_us > 0).map(|until_us| until_us.min(TIME_LIMIT_US));
        self
    }

    #[inline]
    pub(crate) fn bytes(mut self, bytes: &'a [u8]) -> Self {
        self.bytes = bytes;
        self
    }

    /// The class asked for.
    pub fn asked_class(&self) -> Option<Class> {
        match self.choice {
            1 => Some(Class::Sheddable),
            2 => Some(Class::Normal),
            3 => Some(Class::Critical),
            _ => None,
        }
    }

    /// Hands the fields on. Bytes come last, up to the end of the record.
    pub(super) fn state(&mut self, io: &mut Codec<'a>, latest_us: u64) {
        io.coded(&mut self.operation, Operation::ALL, Operation::code, "operation");
        let mut passed = self.now_us.wrapping_sub(latest_us).cast_signed();
        io.signed(&mut passed);
        self.now_us = latest_us.wrapping_add(passed.cast_unsigned());
        let (choice, until, bytes) = self.operation.arguments();
        if self.operation.subject() != Subject::Engine {
            io.integer(&mut self.subject);
        }
        if choice {
            io.byte(&mut self.choice);
        }
        if until {
            // As the time to wait, and one more: 0 is none.
            let mut wait = match self.until_us {
                None => 0,
                Some(until_us) => {
                    let wait = until_us.wrapping_sub(self.now_us).cast_signed();
                    fold(wait).saturating_add(1)
                }
            };
            io.integer(&mut wait);
            self.until_us =
                wait.checked_sub(1).map(|wait| self.now_us.wrapping_add(unfold(wait).cast_unsigned()));
        }
        if bytes {
            self.bytes = io.rest_as_bytes(self.bytes);
        }
    }

    /// The alive and the dead workers of `report_health`; `None` when the bytes aren't such.
    pub(super) fn workers(&self) -> Option<(Vec<WorkerId>, Vec<WorkerId>)> {
        let mut io = Codec::reader(self.bytes);
        let (mut alive, mut dead) = (Vec::new(), Vec::new());
        raw_ids(&mut alive, &mut io);
        raw_ids(&mut dead, &mut io);
        (io.fault().is_none() && io.rest().is_empty()).then_some((alive, dead))
    }

    /// The groups of `set_affinity_groups`; `None` when the bytes aren't such.
    pub(super) fn groups(&self) -> Option<Vec<AffinityGroup>> {
        let mut io = Codec::reader(self.bytes);
        let mut groups = Vec::new();
        groups_state(&mut groups, &mut io);
        (io.fault().is_none() && io.rest().is_empty()).then_some(groups)
    }
}

/// The lists of `report_health` as bytes.
pub(crate) fn workers_as_bytes(alive: &[WorkerId], dead: &[WorkerId]) -> Vec<u8> {
    let mut io = Codec::writer();
    raw_ids(&mut alive.to_vec(), &mut io);
    raw_ids(&mut dead.to_vec(), &mut io);
    io.into_written()
}

/// Affinity groups as bytes.
pub(crate) fn groups_as_bytes(groups: &[AffinityGroup]) -> Vec<u8> {
    let mut io = Codec::writer();
    groups_state(&mut groups.to_vec(), &mut io);
    io.into_written()
}

/// Ids as they were passed; those that can't be are all 2^53.
fn raw_ids(ids: &mut Vec<WorkerId>, io: &mut Codec<'_>) {
    let count = io.length(ids.len());
    ids.resize(count, WorkerId::from_raw(0));
    for id in ids {
        let mut raw = id.get().min(TIME_LIMIT_US);
        io.integer(&mut raw);
        *id = WorkerId::from_raw(raw);
    }
}

fn groups_state(groups: &mut Vec<AffinityGroup>, io: &mut Codec<'_>) {
    let count = io.length(groups.len());
    groups.resize_with(count, || AffinityGroup { key: String::new(), pools: Vec::new() });
    for group in groups {
        io.text(&mut group.key);
        let count = io.length(group.pools.len());
        group.pools.resize_with(count, String::new);
        for pool in &mut group.pools {
            io.text(pool);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_and_names_are_unique() {
        for pair in Operation::ALL.windows(2) {
            assert!(pair[0].code() < pair[1].code(), "{pair:?}");
        }
        let mut names: Vec<_> = Operation::ALL.iter().map(|operation| operation.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Operation::ALL.len());
    }
}
