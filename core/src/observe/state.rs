//! What a snapshot holds of the alerts. Their rules are the configuration's, and with them which alerts there are.

use super::alerts::{AlertState, Alerts, Instance};
use crate::journal::codec::{Codec, State, state};

state! {
    Alerts { next_us, instances, fired; but rules, every_us }
}

impl State for Instance {
    fn state(&mut self, io: &mut Codec<'_>) {
        let Self { rule: _, pool: _, state, since_us, value } = self;
        let states = [None, Some(AlertState::Pending), Some(AlertState::Firing)];
        io.choice(state, &states, "state of an alert");
        since_us.state(io);
        value.state(io);
    }
}
