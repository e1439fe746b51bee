//! What a snapshot holds of the burst handler.

use super::baseline::Baseline;
use super::timeline::{Leaving, Phase, Timeline};
use super::{Burst, Unit, Watched};
use crate::journal::codec::{Codec, State, state};

state! {
    Unit { timeline; but first, count }
    Watched { baseline, seen, at_trigger, spared_by }
}

impl State for Leaving {
    fn state(&mut self, io: &mut Codec<'_>) {
        let Self { all, left } = self;
        all.state(io);
        left.state(io);
        io.check(*left <= *all, "workers that have left");
    }
}

impl State for Timeline {
    fn state(&mut self, io: &mut Codec<'_>) {
        let Self {
            hold_us: _,
            shrink_us: _,
            cooldown_us: _,
            phase,
            started_us,
            shrink_from_us,
            free_from_us,
            early,
            leaving,
        } = self;
        io.choice(phase, &[Phase::Idle, Phase::Hold, Phase::Shrink, Phase::Cooldown], "phase of a surge");
        started_us.state(io);
        shrink_from_us.state(io);
        free_from_us.state(io);
        early.state(io);
        leaving.state(io);
    }
}

impl State for Baseline {
    fn state(&mut self, io: &mut Codec<'_>) {
        let Self {
            size,
            window,
            factor: _,
            hold_out_us: _,
            samples,
            sum,
            pending,
            pending_sum,
            held,
            holding,
            spoiled,
        } = self;
        samples.state(io);
        pending.state(io);
        held.state(io);
        holding.state(io);
        let mut pending_spoiled = *spoiled as u64;
        pending_spoiled.state(io);
        *spoiled = usize::try_from(pending_spoiled).unwrap_or(usize::MAX);
        let fits = samples.len() <= *size && pending.len() <= *window && held.len() <= *size;
        io.check(fits && *spoiled <= *window, "samples of a baseline");
        if io.reads() {
            *sum = samples.iter().map(|count| u64::from(*count)).sum();
            *pending_sum = pending.iter().map(|count| u64::from(*count)).sum();
        }
    }
}

impl State for Burst {
    fn state(&mut self, io: &mut Codec<'_>) {
        let Self {
            config: _,
            cost: _,
            enabled,
            units,
            pools,
            start_us: _,
            next_sample_us,
            timelines_us: _,
            surge_count,
            workers_added,
            workers_kept,
            total_surge_us,
            last_surge_us,
        } = self;
        enabled.state(io);
        units.as_mut_slice().state(io);
        pools.as_mut_slice().state(io);
        next_sample_us.state(io);
        surge_count.state(io);
        workers_added.state(io);
        workers_kept.state(io);
        total_surge_us.state(io);
        last_surge_us.state(io);
        for unit in units {
            let leaving = if unit.timeline.phase == Phase::Shrink { unit.count as usize } else { 0 };
            io.check(unit.timeline.leaving.len() == leaving, "workers that leave");
        }
        if io.reads() {
            self.look_ahead();
        }
    }
}
