//! The rejection rate of the last minute.

use crate::stats::SlidingSums;
use crate::time::SECOND_US;

const WINDOW_SECONDS: u32 = 60;

/// Requests and rejections of the last 60 s (the running second and the 59 before it).
///
/// The lifetime totals are counted anyway, so a second's share is the difference of two totals: the window is
/// touched once a second, and a request costs one comparison.
#[derive(Debug, Clone)]
pub(super) struct Recent {
    /// Seconds that are over: requests, rejections.
    pub(super) window: SlidingSums<2>,
    /// When the running second ends.
    pub(super) end_us: u64,
    /// The totals when the running second began.
    pub(super) before: [u64; 2],
}

impl Recent {
    pub(super) fn new(now_us: u64) -> Self {
        Self {
            window: SlidingSums::new(WINDOW_SECONDS, now_us),
            end_us: end_of_second(now_us),
            before: [0; 2],
        }
    }

    /// Whether the running second is over, so that [`Recent::next_second`] is to be called before a request at
    /// `now_us` is counted.
    #[inline]
    pub(super) fn is_second_over(&self, now_us: u64) -> bool {
        now_us >= self.end_us
    }

    /// Closes the running second; `requests` and `rejections` are the lifetime totals so far.
    #[cold]
    pub(super) fn next_second(&mut self, now_us: u64, requests: u64, rejections: u64) {
        let totals = [requests, rejections];
        self.window.add(self.end_us.saturating_sub(1), self.running(totals));
        self.before = totals;
        self.end_us = end_of_second(now_us);
    }

    fn running(&self, totals: [u64; 2]) -> [u64; 2] {
        let [requests, rejections] = totals;
        let [requests_before, rejections_before] = self.before;
        [requests.saturating_sub(requests_before), rejections.saturating_sub(rejections_before)]
    }

    /// Rejections per request in the window as of `now_us`; 0.0 without requests. At most 1.0: a request that
    /// was admitted before the window and revoked in it would else count as a rejection without a request.
    #[allow(clippy::cast_precision_loss)] // a reported figure
    pub(super) fn rate(&self, now_us: u64, requests: u64, rejections: u64) -> f64 {
        let (rejected, in_window) = self.counts(now_us, requests, rejections);
        if in_window == 0 { 0.0 } else { rejected as f64 / in_window as f64 }
    }

    /// The same as a fraction: rejections, no more than there were requests, and requests.
    pub(super) fn counts(&self, now_us: u64, requests: u64, rejections: u64) -> (u64, u64) {
        let [mut in_window, mut rejected] = self.window.sums_at(now_us);
        let running_second = self.end_us.saturating_sub(1) / SECOND_US;
        if now_us / SECOND_US < running_second.saturating_add(u64::from(WINDOW_SECONDS)) {
            let [running_requests, running_rejections] = self.running([requests, rejections]);
            in_window = in_window.saturating_add(running_requests);
            rejected = rejected.saturating_add(running_rejections);
        }
        (rejected.min(in_window), in_window)
    }
}

fn end_of_second(now_us: u64) -> u64 {
    (now_us / SECOND_US).saturating_add(1).saturating_mul(SECOND_US)
}
