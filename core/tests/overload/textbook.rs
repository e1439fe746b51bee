//! The gradient limiter as it is usually written, kept as the one to beat: `Gradient2Limit` of Netflix's
//! concurrency-limits (rewritten from its description: gradient from 0.5 to 1, smoothing 0.2, queue size 4, an exponential
//! mean over 600 windows as the baseline), judged once a second by the mean latency, as its `WindowedLimit` does.

use heijunka_core::Outcome;
use heijunka_core::config::Class;

use crate::world::{Limiter, SECOND_US};

pub struct Textbook {
    limit: f64,
    load: u32,
    peak: u32,
    sum_us: u64,
    count: u64,
    baseline_us: f64,
    windows: u32,
    next_us: u64,
}

impl Textbook {
    const LEAST: f64 = 20.0;
    const MOST: f64 = 1200.0;
    const TOLERANCE: f64 = 1.5;

    pub fn new() -> Self {
        let (load, peak, sum_us, count, windows) = (0, 0, 0, 0, 0);
        Self { limit: 100.0, load, peak, sum_us, count, baseline_us: 0.0, windows, next_us: SECOND_US }
    }
}

impl Limiter for Textbook {
    fn admit(&mut self, _: u64, _: Class) -> Option<u64> {
        if f64::from(self.load) >= self.limit.floor() {
            return None;
        }
        self.load += 1;
        self.peak = self.peak.max(self.load);
        Some(0)
    }

    fn release(&mut self, _: u64, _: u64, held_us: u64, outcome: Outcome) {
        self.load -= 1;
        if outcome == Outcome::Ok {
            self.sum_us += held_us;
            self.count += 1;
        }
    }

    fn step(&mut self, now_us: u64) {
        if now_us < self.next_us || self.count == 0 {
            return;
        }
        self.next_us = now_us + SECOND_US;
        let latency_us = self.sum_us as f64 / self.count as f64;
        // A mean of the first ten windows, an exponential one from then on.
        self.windows += 1;
        let weight = if self.windows <= 10 { 1.0 / f64::from(self.windows) } else { 2.0 / 601.0 };
        self.baseline_us += weight * (latency_us - self.baseline_us);
        if self.baseline_us > 2.0 * latency_us {
            self.baseline_us *= 0.9;
        }
        if f64::from(self.peak) >= self.limit / 2.0 {
            let gradient = (Self::TOLERANCE * self.baseline_us / latency_us).clamp(0.5, 1.0);
            let target = self.limit * gradient + 4.0;
            self.limit = (0.8 * self.limit + 0.2 * target).clamp(Self::LEAST, Self::MOST);
        }
        (self.sum_us, self.count, self.peak) = (0, 0, self.load);
    }

    fn limit(&self) -> f64 {
        self.limit
    }
}
