//! Takt time as an exact fraction, and the slots that follow from it.

use crate::error::Error;
use crate::time::TIME_LIMIT_US;

/// The time between two items: `available_us / demand` microseconds, at least one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Takt {
    pub(super) available_us: u64,
    pub(super) demand: u64,
}

/// An instant: `whole_us + part / demand` microseconds, with the demand of the takt it belongs to, and `part < demand`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Slot {
    pub(super) whole_us: u64,
    pub(super) part: u64,
}

impl Takt {
    /// Fails with [`Error::OutOfRange`] unless `1 ≤ demand ≤ available_us < 2^53`.
    pub(super) fn new(available_us: u64, demand: u64) -> Result<Self, Error> {
        let max = TIME_LIMIT_US - 1;
        if !(1..=max).contains(&demand) {
            return Err(Error::OutOfRange { field: "demand", value: demand, min: 1, max });
        }
        if !(demand..=max).contains(&available_us) {
            return Err(Error::OutOfRange { field: "available_us", value: available_us, min: demand, max });
        }
        Ok(Self { available_us, demand })
    }

    /// In microseconds.
    #[allow(clippy::cast_precision_loss)] // both are below 2^53
    pub(super) fn as_f64(self) -> f64 {
        self.available_us as f64 / self.demand as f64
    }

    /// How long so many takts take, in microseconds, rounded down.
    pub(super) fn times_us(self, count: u64) -> u128 {
        u128::from(self.available_us) * u128::from(count) / u128::from(self.demand.max(1))
    }

    /// How many whole takts a slot lies before `now_us`.
    pub(super) fn behind(self, slot: Slot, now_us: u64) -> u64 {
        let parts = u128::from(now_us.saturating_sub(slot.whole_us)) * u128::from(self.demand);
        let takts = parts.saturating_sub(slot.part.into()) / u128::from(self.available_us.max(1));
        u64::try_from(takts).unwrap_or(u64::MAX)
    }

    /// The next slot after a slot.
    pub(super) fn after(self, slot: Slot) -> Slot {
        let demand = self.demand.max(1);
        let (whole_us, part) = (self.available_us / demand, slot.part + self.available_us % demand);
        let (carried_us, part) = if part >= demand { (1, part - demand) } else { (0, part) };
        Slot { whole_us: slot.whole_us.saturating_add(whole_us + carried_us), part }
    }

    /// The instant so many takts after a slot.
    pub(super) fn later(self, slot: Slot, takts: u64) -> Slot {
        let (available, demand) = (u128::from(self.available_us), u128::from(self.demand.max(1)));
        let parts = u128::from(slot.part) + available * u128::from(takts);
        let narrow = |number: u128| u64::try_from(number).unwrap_or(u64::MAX);
        Slot { whole_us: slot.whole_us.saturating_add(narrow(parts / demand)), part: narrow(parts % demand) }
    }

    /// A slot that is still to come, when this takt gives way to another: what is left of the way to it is left of the new
    /// takt, too.
    pub(super) fn change(self, to: Self, slot: Slot, now_us: u64) -> Slot {
        let Some(ahead_us) = slot.whole_us.checked_sub(now_us) else {
            return Slot::at(slot.due_us());
        };
        // In parts of this takt's demand; the way is no longer than a takt.
        let left = u128::from(ahead_us) * u128::from(self.demand) + u128::from(slot.part);
        let left = left.min(self.available_us.into()) * u128::from(to.available_us);
        let left = u64::try_from(left / u128::from(self.available_us.max(1))).unwrap_or(u64::MAX);
        let demand = to.demand.max(1);
        Slot { whole_us: now_us.saturating_add(left / demand), part: left % demand }
    }
}

impl Slot {
    pub(super) fn at(whole_us: u64) -> Self {
        Self { whole_us, part: 0 }
    }

    /// The first microsecond that isn't before it.
    pub(super) fn due_us(self) -> u64 {
        self.whole_us.saturating_add((self.part > 0).into())
    }
}
