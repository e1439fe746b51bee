//! The timeline of a surge: hold, shrink, cooldown.

use alloc::vec::Vec;

use crate::config::BurstConfig;

/// Where a surge is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    Idle,
    Hold,
    Shrink,
    Cooldown,
}

/// How many surge workers a pool had when the shrink began, and how many of them have left.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Leaving {
    pub(super) all: u32,
    pub(super) left: u32,
}

/// The timeline of one unit's surges.
#[derive(Debug, Clone)]
pub(super) struct Timeline {
    pub(super) hold_us: u64,
    pub(super) shrink_us: u64,
    pub(super) cooldown_us: u64,
    pub(super) phase: Phase,
    pub(super) started_us: u64,
    pub(super) shrink_from_us: u64,
    pub(super) free_from_us: u64,
    /// Whether the hold was cut short.
    pub(super) early: bool,
    /// Each pool of the unit, while shrinking; else empty.
    pub(super) leaving: Vec<Leaving>,
}

impl Timeline {
    /// The timeline of a unit of `pools` pools.
    pub(super) fn new(config: &BurstConfig, pools: u32) -> Self {
        Self {
            hold_us: config.hold_us,
            shrink_us: config.shrink_us,
            cooldown_us: config.cooldown_us,
            phase: Phase::Idle,
            started_us: 0,
            shrink_from_us: 0,
            free_from_us: 0,
            early: false,
            leaving: Vec::with_capacity(pools as usize),
        }
    }

    pub(super) fn phase(&self, now_us: u64) -> Phase {
        match self.phase {
            Phase::Cooldown if now_us >= self.free_from_us => Phase::Idle,
            phase => phase,
        }
    }

    pub(super) fn is_surging(&self) -> bool {
        matches!(self.phase, Phase::Hold | Phase::Shrink)
    }

    pub(super) fn is_holding(&self) -> bool {
        self.phase == Phase::Hold
    }

    /// Whether a surge may start.
    pub(super) fn is_free(&self, now_us: u64) -> bool {
        self.phase(now_us) == Phase::Idle
    }

    /// When the surge began.
    pub(super) fn started_us(&self) -> Option<u64> {
        self.is_surging().then_some(self.started_us)
    }

    /// When the surge ends.
    pub(super) fn ends_us(&self) -> Option<u64> {
        self.is_surging().then(|| self.shrink_from_us.saturating_add(self.shrink_us))
    }

    pub(super) fn start(&mut self, now_us: u64) {
        self.phase = Phase::Hold;
        self.started_us = now_us;
        self.shrink_from_us = now_us.saturating_add(self.hold_us);
        self.early = false;
        self.leaving.clear();
    }

    /// Ends the hold now.
    pub(super) fn end_early(&mut self, now_us: u64) {
        if self.phase == Phase::Hold && now_us < self.shrink_from_us {
            self.shrink_from_us = now_us;
            self.early = true;
        }
    }

    /// Undoes [`Timeline::end_early`], as long as the hold would still last.
    pub(super) fn resume(&mut self, now_us: u64) {
        let hold_until_us = self.started_us.saturating_add(self.hold_us);
        if self.is_surging() && self.early && now_us < hold_until_us {
            self.phase = Phase::Hold;
            self.shrink_from_us = hold_until_us;
            self.early = false;
            self.leaving.clear();
        }
    }

    /// The next instant at which something is due.
    pub(super) fn next_us(&self) -> Option<u64> {
        match self.phase {
            Phase::Idle | Phase::Cooldown => None,
            Phase::Hold => Some(self.shrink_from_us),
            Phase::Shrink => {
                let end_us = self.shrink_from_us.saturating_add(self.shrink_us);
                let next = self.leaving.iter().filter(|pool| pool.left < pool.all);
                next.map(|pool| self.leaves_us(pool.left + 1, pool.all)).chain([end_us]).min()
            }
        }
    }

    /// Whether the hold is over and the shrink has to begin.
    pub(super) fn starts_shrink(&self, now_us: u64) -> bool {
        self.phase == Phase::Hold && now_us >= self.shrink_from_us
    }

    /// Begins the shrink of each pool's `present` surge workers.
    pub(super) fn begin_shrink(&mut self, present: impl Iterator<Item = u32>) {
        self.phase = Phase::Shrink;
        self.leaving.clear();
        self.leaving.extend(present.map(|all| Leaving { all, left: 0 }));
    }

    /// How many surge workers of each pool have become due to leave since the last call. Nothing outside a
    /// shrink.
    pub(super) fn take_due(&mut self, now_us: u64) -> impl Iterator<Item = u32> {
        let passed_us = now_us.saturating_sub(self.shrink_from_us);
        let shrink_us = self.shrink_us;
        self.leaving.iter_mut().map(move |pool| {
            let due = due_by(passed_us, pool.all, shrink_us).max(pool.left);
            due - core::mem::replace(&mut pool.left, due)
        })
    }

    /// Whether the surge's hold was cut short.
    pub(super) fn is_early(&self) -> bool {
        self.early
    }

    /// Ends the surge, if its end has come, and answers how long it lasted. A late call counts as its end.
    pub(super) fn take_end(&mut self, now_us: u64) -> Option<u64> {
        let end_us = self.shrink_from_us.saturating_add(self.shrink_us);
        if self.phase != Phase::Shrink || now_us < end_us {
            return None;
        }
        self.phase = Phase::Cooldown;
        self.free_from_us = end_us.saturating_add(self.cooldown_us);
        self.leaving.clear();
        Some(now_us.saturating_sub(self.started_us))
    }

    /// When the `k`-th of `n` workers leaves: rounded up, so that it is due by then.
    fn leaves_us(&self, k: u32, n: u32) -> u64 {
        let part = (u128::from(self.shrink_us) * u128::from(k)).div_ceil(u128::from(n.max(1)));
        self.shrink_from_us.saturating_add(u64::try_from(part).unwrap_or(self.shrink_us))
    }
}

/// How many of `n` workers are due to have left after `passed_us` of a shrink of `shrink_us`.
fn due_by(passed_us: u64, n: u32, shrink_us: u64) -> u32 {
    if passed_us >= shrink_us {
        return n;
    }
    let due = u128::from(passed_us) * u128::from(n) / u128::from(shrink_us);
    u32::try_from(due).unwrap_or(n).min(n)
}
