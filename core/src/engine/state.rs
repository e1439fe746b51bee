//! The journal and the snapshot, as the engine sees them.

use alloc::vec::Vec;

use super::{Engine, Ticket};
use crate::config::Config;
use crate::effect::Effect;
use crate::error::Error;
use crate::journal::codec::state;
use crate::journal::{Digest, Digested, Input, Journal};

state! {
    Ticket { token, worker, waiter }
    Engine {
        clock, regulator, balancer, pools, burst, alerts, effects, tickets, journal;
        but first_pools, domain_names, pool_names, config
    }
}

impl Engine {
    /// An engine without workers and affinity groups, whose state is to be read.
    pub(crate) fn empty(config: Config, start_us: u64) -> Result<Self, Error> {
        let mut bare = config.clone();
        bare.balancer.affinity_groups.clear();
        for pool in &mut bare.pools {
            pool.initial_workers = 0;
        }
        let engine = Self::new(&bare, start_us)?;
        Ok(Self { config, ..engine })
    }

    pub(crate) fn start_us(&self) -> u64 {
        self.clock.start_us()
    }

    pub(crate) fn journal(&self) -> &Journal {
        &self.journal
    }

    pub(crate) fn journal_mut(&mut self) -> &mut Journal {
        &mut self.journal
    }

    /// Begins to record every input, from now on: [`Engine::take_journal`] takes what was recorded. The journal begins
    /// with a snapshot of the engine as it is. When it is recorded already, a new header follows, so that what comes can be
    /// read without what was. See [`journal`](crate::journal) for the format, and for what happens when nobody takes it.
    ///
    /// Costs O(state), and from then on some nanoseconds and about 15 bytes for each input.
    pub fn start_journal(&mut self) {
        let snapshot = self.snapshot();
        self.journal.begin(&snapshot, self.clock.latest_us(), &self.config.limits);
    }

    /// Whether it is recorded.
    pub fn is_recorded(&self) -> bool {
        self.journal.is_on()
    }

    /// Takes what was recorded and not taken yet: whole records, to be appended to what was taken before. Empty when
    /// nothing is.
    pub fn take_journal(&mut self) -> Vec<u8> {
        // There is room for all.
        self.drain_journal(usize::MAX).unwrap_or_default()
    }

    /// As [`Engine::take_journal`], but no more than `room` bytes. When there is something, and not even the first
    /// header or record fits, nothing is taken, and the error is how many bytes that needs.
    pub fn drain_journal(&mut self, room: usize) -> Result<Vec<u8>, usize> {
        let (taken, again) = self.journal.take(room)?;
        if again {
            self.start_journal();
        }
        Ok(taken)
    }

    /// Records an input and its answer, if it is recorded: a branch if not.
    #[inline]
    pub(super) fn note<'a>(&mut self, input: impl FnOnce() -> Input<'a>, answer: &impl Digested) {
        if self.journal.is_on() {
            let mut digest = Digest::default();
            answer.digest(&mut digest);
            self.journal.record(&input(), digest);
        }
    }

    #[inline]
    pub(super) fn note_drained(&mut self, effect: Option<&Effect>) {
        if let Some(effect) = effect.filter(|_| self.journal.is_on()) {
            self.journal.drained(effect);
        }
    }

    pub(crate) fn latest_us(&self) -> u64 {
        self.clock.latest_us()
    }
}
