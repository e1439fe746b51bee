//! Effects: what the caller has to do or may want to know.

use alloc::collections::VecDeque;
use alloc::vec::Vec;

use serde::{Serialize, Serializer};

use crate::config::AlertOptions;
use crate::id::{DomainId, PoolId, TicketId, Token, WaiterId, WorkerId};
use crate::journal::codec::{Codec, State};
use crate::reason::Reason;

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $code:literal;)*) => {
        /// What kind of effect it is.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        #[repr(u32)]
        pub enum EffectKind {
            $($(#[$doc])* $name = $code,)*
        }

        impl EffectKind {
            /// Every kind, in the order of the codes.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The stable integer of the kind.
            pub const fn code(self) -> u32 {
                match self { $(Self::$name => $code,)* }
            }

            /// The stable name of the kind.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => stringify!($name),)* }
            }
        }
    };
}

kinds! {
    /// Start `count` workers in `pool`: `workers` are their ids.
    AddWorkers = 1;
    /// Stop `count` workers of `pool`; they are idle and get no more work. `workers` are their ids.
    RemoveWorkers = 2;
    /// Move `workers` from `pool` to `to_pool`; they keep their ids.
    MigrateWorkers = 3;
    /// A surge began. `pool` is set when it concerns that pool alone; `count` is the workers added.
    SurgeStarted = 4;
    /// A surge is over and all its workers have left. `pool` as in `SurgeStarted`.
    SurgeEnded = 5;
    /// `count` surge workers of `pool` stay as baseline workers. Nothing needs to be started or stopped.
    SurgeWorkersKept = 6;
    /// `waiter` (of `ticket`, if any) was handed `workers[0]` of `pool`.
    WaiterReady = 7;
    /// `waiter` (of `ticket`, if any) has left the line of `pool` unserved.
    WaiterExpired = 8;
    /// Check the workers of `pool` and call `report_health`.
    CheckHealth = 9;
    /// `token` of `domain` (of `ticket`, if any) was held too long and taken back.
    TokenExpired = 10;
    /// The load has gone above the soft limit.
    SoftLimitExceeded = 11;
    /// The rule at place `alert` of `alerts` fires, for `pool` if it is one of each pool: its metric is `value`, and
    /// `options` is what may be done about it.
    AlertFiring = 12;
    /// What fired (`alert` and `pool` as in `AlertFiring`) has ended: its metric is `value` now.
    AlertResolved = 13;
}

impl Serialize for EffectKind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// The ids of the workers an effect is about. A single one is held without allocating.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Workers {
    /// No worker.
    #[default]
    None,
    /// One worker.
    One(WorkerId),
    /// Several workers.
    Many(Vec<WorkerId>),
}

impl Workers {
    /// The ids.
    pub fn as_slice(&self) -> &[WorkerId] {
        match self {
            Self::None => &[],
            Self::One(worker) => core::slice::from_ref(worker),
            Self::Many(workers) => workers,
        }
    }

    /// Adds an id.
    pub fn push(&mut self, worker: WorkerId) {
        match self {
            Self::None => *self = Self::One(worker),
            Self::One(first) => *self = Self::Many(alloc::vec![*first, worker]),
            Self::Many(workers) => workers.push(worker),
        }
    }

    /// How many there are.
    pub fn count(&self) -> u32 {
        u32::try_from(self.as_slice().len()).unwrap_or(u32::MAX)
    }
}

impl From<WorkerId> for Workers {
    fn from(worker: WorkerId) -> Self {
        Self::One(worker)
    }
}

/// Something the caller has to do, or may want to know. Which fields are set beside the first three is said at
/// each [`EffectKind`].
#[derive(Debug, Clone, PartialEq)]
pub struct Effect {
    /// When it was decided, in microseconds.
    pub at_us: u64,
    /// What it is.
    pub kind: EffectKind,
    /// Why.
    pub reason: Reason,
    /// The pool it is about.
    pub pool: Option<PoolId>,
    /// Where workers move to.
    pub to_pool: Option<PoolId>,
    /// The domain it is about.
    pub domain: Option<DomainId>,
    /// The token it is about.
    pub token: Option<Token>,
    /// The waiter it is about.
    pub waiter: Option<WaiterId>,
    /// The ticket it is about.
    pub ticket: Option<TicketId>,
    /// The workers it is about.
    pub workers: Workers,
    /// How many workers (or, for `SoftLimitExceeded`, tokens) it is about.
    pub count: u32,
    /// Whether the workers are surge workers.
    pub surge: bool,
    /// The alert rule it is about: its place in `alerts` of the configuration, from 0.
    pub alert: Option<u32>,
    /// What the rule's metric is.
    pub value: Option<f64>,
    /// What may be done about the alert.
    pub options: AlertOptions,
}

impl Effect {
    /// An effect with nothing set beside its time, kind and reason.
    pub fn new(at_us: u64, kind: EffectKind, reason: Reason) -> Self {
        Self {
            at_us,
            kind,
            reason,
            pool: None,
            to_pool: None,
            domain: None,
            token: None,
            waiter: None,
            ticket: None,
            workers: Workers::None,
            count: 0,
            surge: false,
            alert: None,
            value: None,
            options: AlertOptions::NONE,
        }
    }

    /// Sets the pool.
    #[must_use]
    pub fn pool(mut self, pool: PoolId) -> Self {
        self.pool = Some(pool);
        self
    }

    /// Sets the workers and their count.
    #[must_use]
    pub fn workers(mut self, workers: impl Into<Workers>) -> Self {
        self.workers = workers.into();
        self.count = self.workers.count();
        self
    }
}

/// The effects that wait to be drained, oldest first and bounded: past the limit the oldest are dropped and
/// counted.
#[derive(Debug, Clone)]
pub struct EffectQueue {
    effects: VecDeque<Effect>,
    limit: u32,
    dropped: u64,
}

impl EffectQueue {
    /// An empty queue for at most `limit` effects.
    pub fn new(limit: u32) -> Self {
        Self { effects: VecDeque::new(), limit, dropped: 0 }
    }

    /// Queues an effect.
    pub fn push(&mut self, effect: Effect) {
        if self.effects.len() >= self.limit as usize && self.effects.pop_front().is_some() {
            self.dropped = self.dropped.saturating_add(1);
        }
        self.effects.push_back(effect);
    }

    /// Takes the oldest effect.
    pub fn pop(&mut self) -> Option<Effect> {
        self.effects.pop_front()
    }

    /// The oldest effect, which stays.
    pub fn peek(&self) -> Option<&Effect> {
        self.effects.front()
    }

    /// How many effects wait.
    pub fn len(&self) -> u32 {
        u32::try_from(self.effects.len()).unwrap_or(u32::MAX)
    }

    /// Whether no effect waits.
    pub fn is_empty(&self) -> bool {
        self.effects.is_empty()
    }

    /// How many effects were dropped because nobody drained them.
    pub fn dropped(&self) -> u64 {
        self.dropped
    }
}

impl State for Workers {
    fn state(&mut self, io: &mut Codec<'_>) {
        let count = io.length(self.as_slice().len());
        if io.reads() {
            *self = Self::None;
            for _ in 0..count {
                let mut worker = WorkerId::default();
                worker.state(io);
                self.push(worker);
            }
        } else {
            for worker in self.as_slice() {
                worker.clone().state(io);
            }
        }
    }
}

impl State for Effect {
    fn state(&mut self, io: &mut Codec<'_>) {
        let Self {
            at_us,
            kind,
            reason,
            pool,
            to_pool,
            domain,
            token,
            waiter,
            ticket,
            workers,
            count,
            surge,
            alert,
            value,
            options,
        } = self;
        at_us.state(io);
        io.coded(kind, EffectKind::ALL, EffectKind::code, "kind of effect");
        io.coded(reason, Reason::ALL, Reason::code, "reason");
        pool.state(io);
        to_pool.state(io);
        domain.state(io);
        token.state(io);
        waiter.state(io);
        ticket.state(io);
        workers.state(io);
        count.state(io);
        surge.state(io);
        alert.state(io);
        value.state(io);
        let mut bits = options.bits();
        bits.state(io);
        io.check(bits <= AlertOptions::ALL.bits(), "options");
        *options = AlertOptions::from_bits(bits);
    }
}

impl State for EffectQueue {
    fn state(&mut self, io: &mut Codec<'_>) {
        let Self { effects, limit, dropped } = self;
        let count = io.length(effects.len());
        io.check(count as u64 <= u64::from(*limit), "effects");
        if io.reads() {
            effects.clear();
            let none = || Effect::new(0, EffectKind::CheckHealth, Reason::Periodic);
            effects.resize_with(if io.fault().is_some() { 0 } else { count }, none);
        }
        for effect in effects {
            effect.state(io);
        }
        dropped.state(io);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn past_the_limit_the_oldest_are_dropped_and_counted() {
        let mut queue = EffectQueue::new(2);
        for at_us in 0..5 {
            queue.push(Effect::new(at_us, EffectKind::CheckHealth, Reason::Periodic));
        }
        assert_eq!((queue.len(), queue.dropped()), (2, 3));
        assert_eq!(queue.pop().map(|effect| effect.at_us), Some(3));
    }

    #[test]
    fn workers_are_listed_in_order() {
        let mut workers = Workers::None;
        for raw in 1..=3 {
            workers.push(WorkerId::from_raw(raw));
            assert_eq!(u64::from(workers.count()), raw);
        }
        assert_eq!(workers.as_slice().iter().map(|w| w.get()).collect::<Vec<_>>(), [1, 2, 3]);
    }
}
