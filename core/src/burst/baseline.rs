//! The baseline: what a pool's arrivals usually are.
//!
//! It is the mean of the newest samples that are older than the trigger's window. While that window's rate is
//! above `burst.hold_out_factor` baselines, samples are held out, so that a spike doesn't poison the baseline that
//! is to reveal it. A rate that stays up for over `burst.hold_out_us` without triggering is the new normal, and
//! its samples join; one that ends sooner is dropped, the samples that the window still holds included.

use alloc::collections::VecDeque;

use crate::config::BurstConfig;
use crate::ratio::{MILLION, Ratio};
use crate::time::SECOND_US;

/// A pool's baseline.
#[derive(Debug, Clone)]
pub(super) struct Baseline {
    pub(super) size: usize,
    pub(super) window: usize,
    pub(super) factor: Ratio,
    pub(super) hold_out_us: u64,
    /// The samples that make the baseline, and their sum.
    pub(super) samples: VecDeque<u32>,
    pub(super) sum: u64,
    /// The newest samples, which don't count yet, and their sum.
    pub(super) pending: VecDeque<u32>,
    pub(super) pending_sum: u64,
    /// Held-out samples; as many of the newest as a baseline has.
    pub(super) held: VecDeque<u32>,
    /// For how many samples the window's rate has been too high.
    pub(super) holding: u64,
    /// How many of the pending samples are part of a spike that has ended.
    pub(super) spoiled: usize,
}

impl Baseline {
    pub(super) fn new(config: &BurstConfig) -> Self {
        Self {
            size: config.baseline_samples.max(1) as usize,
            window: config.window_samples.max(1) as usize,
            factor: config.hold_out_factor,
            hold_out_us: config.hold_out_us,
            samples: VecDeque::new(),
            sum: 0,
            pending: VecDeque::new(),
            pending_sum: 0,
            held: VecDeque::new(),
            holding: 0,
            spoiled: 0,
        }
    }

    /// Whether there are enough samples to compare with.
    pub(super) fn is_ready(&self) -> bool {
        self.samples.len() >= self.size
    }

    /// The arrivals of the baseline's samples together; `None` until there are enough.
    pub(super) fn arrivals(&self) -> Option<u64> {
        self.is_ready().then_some(self.sum)
    }

    /// How many one-second samples make a baseline.
    pub(super) fn seconds(&self) -> u64 {
        self.size as u64
    }

    /// Takes a closed sample.
    pub(super) fn close(&mut self, count: u32) {
        self.pending.push_back(count);
        self.pending_sum = self.pending_sum.saturating_add(u64::from(count));
        let leaving = if self.pending.len() > self.window { self.pending.pop_front() } else { None };
        if let Some(count) = leaving {
            self.pending_sum = self.pending_sum.saturating_sub(u64::from(count));
        }
        let was_holding = self.holding > 0;
        if self.is_raised() {
            self.holding += 1;
            if let Some(count) = leaving {
                self.hold(count);
            }
            if self.holding.saturating_mul(SECOND_US) > self.hold_out_us {
                self.accept();
            }
        } else if was_holding {
            // The spike is over: what was held out, what leaves now and what still pends belong to it.
            self.held.clear();
            self.holding = 0;
            self.spoiled = self.pending.len();
        } else if let Some(count) = leaving {
            if self.spoiled > 0 {
                self.spoiled -= 1;
            } else {
                self.join(count);
            }
        }
    }

    /// Forgets everything but the baseline itself: at the start and at the end of a surge.
    pub(super) fn restart(&mut self) {
        self.pending.clear();
        self.pending_sum = 0;
        self.held.clear();
        self.holding = 0;
        self.spoiled = 0;
    }

    /// Whether the window's rate is above `factor` × baseline, exactly.
    fn is_raised(&self) -> bool {
        if !self.is_ready() || self.pending.len() < self.window {
            return false;
        }
        let window = u128::from(self.pending_sum) * self.size as u128 * u128::from(MILLION);
        let baseline = u128::from(self.sum) * self.window as u128;
        window > baseline.saturating_mul(u128::from(self.factor.ppm()))
    }

    fn hold(&mut self, count: u32) {
        if self.spoiled > 0 {
            self.spoiled -= 1;
            return;
        }
        self.held.push_back(count);
        if self.held.len() > self.size {
            self.held.pop_front();
        }
    }

    /// What was held out is the new normal.
    fn accept(&mut self) {
        while let Some(count) = self.held.pop_front() {
            self.join(count);
        }
        self.holding = 0;
    }

    fn join(&mut self, count: u32) {
        self.samples.push_back(count);
        self.sum = self.sum.saturating_add(u64::from(count));
        if self.samples.len() > self.size
            && let Some(old) = self.samples.pop_front()
        {
            self.sum = self.sum.saturating_sub(u64::from(old));
        }
    }
}

#[cfg(test)]
impl Baseline {
    /// The sums as they are kept: of the baseline, and of the pending samples.
    pub(super) fn sums(&self) -> (u64, u64) {
        (self.sum, self.pending_sum)
    }

    /// The same counted afresh.
    pub(super) fn counted(&self) -> (u64, u64) {
        let count = |samples: &VecDeque<u32>| samples.iter().map(|sample| u64::from(*sample)).sum();
        (count(&self.samples), count(&self.pending))
    }
}
