//! What a snapshot holds of the adaptive limit. Which algorithm it is, the configuration says.

use super::correlation::{Correlation, Flow, Streak};
use super::gradient::Gradient;
use super::knee::{Half, Knee};
use super::{Adaptive, Algorithm, Baseline, Good, Running};
use crate::journal::codec::{Codec, State, state};
use crate::reason::Reason;

state! {
    Baseline { latency_us, windows }
    Good { load, rate }
    Gradient { baseline, good, knee }
    Flow { span_us, admitted, gone, refused }
    Streak { periods, whole, period }
    Correlation { baseline, latency_us, good, rest_us, rise, streak, knee }
    Half { area, span_us, completed }
}

impl Default for Knee {
    fn default() -> Self {
        let (low, high) = (Half::default(), Half::default());
        Self {
            centre: 0.0,
            width: 0.0,
            is_high: false,
            half_us: 0.0,
            settled: false,
            low,
            high,
            trend: 0.0,
            calm: 0,
            reason: Reason::LatencyHigh,
        }
    }
}

impl State for Knee {
    fn state(&mut self, io: &mut Codec<'_>) {
        let Self { centre, width, is_high, half_us, settled, low, high, trend, calm, reason } = self;
        centre.state(io);
        width.state(io);
        is_high.state(io);
        half_us.state(io);
        settled.state(io);
        low.state(io);
        high.state(io);
        trend.state(io);
        calm.state(io);
        io.coded(reason, Reason::ALL, Reason::code, "reason");
    }
}

impl State for Running {
    fn state(&mut self, io: &mut Codec<'_>) {
        let Self { start_us, area, peak, admitted, completed, failed, refused } = self;
        start_us.state(io);
        // It saturates, and so may be any number.
        io.integer(area);
        peak.state(io);
        admitted.state(io);
        completed.state(io);
        failed.state(io);
        refused.state(io);
    }
}

impl State for Algorithm {
    fn state(&mut self, io: &mut Codec<'_>) {
        match self {
            Self::Aimd(_) => {}
            Self::Gradient(gradient) => gradient.state(io),
            Self::Correlation(correlation) => correlation.state(io),
        }
    }
}

impl State for Adaptive {
    fn state(&mut self, io: &mut Codec<'_>) {
        let Self {
            config: _,
            algorithm,
            hard_limit,
            spare: _,
            partition: _,
            limit,
            counted_us,
            running,
            holds,
            due_us,
            latency_us,
            moved,
        } = self;
        algorithm.state(io);
        limit.state(io);
        counted_us.state(io);
        running.state(io);
        if let Some(holds) = holds {
            holds.state(io);
        }
        due_us.state(io);
        latency_us.state(io);
        let mut reason = moved.unwrap_or(Reason::LatencyHigh);
        let mut there = moved.is_some();
        there.state(io);
        io.coded(&mut reason, Reason::ALL, Reason::code, "reason");
        *moved = there.then_some(reason);
        io.check((0.0..=f64::from(*hard_limit)).contains(limit), "adaptive limit");
    }
}
