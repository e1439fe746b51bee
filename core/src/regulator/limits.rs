//! The limits that admission is decided by, and what follows from them.

use crate::config::{Class, RegulatorConfig, Reservation};
use crate::error::Error;
use crate::ratio::Ratio;

/// The configured limits and the class limits derived from them, recomputed only when the hard limit is set.
#[derive(Debug, Clone)]
pub(super) struct Limits {
    pub(super) soft: u32,
    pub(super) hard: u32,
    /// Slots kept for critical work: `round(hard × reserved_capacity)`.
    pub(super) reserved_slots: u32,
    pub(super) partition: bool,
    pub(super) critical: u32,
    pub(super) normal: u32,
    pub(super) sheddable: u32,
    pub(super) max_tokens: u32,
    pub(super) reserved_capacity: Ratio,
    pub(super) sheddable_fraction: Ratio,
}

impl Limits {
    pub(super) fn new(config: &RegulatorConfig, max_tokens: u32) -> Self {
        let mut limits = Self {
            soft: config.soft_limit,
            hard: config.hard_limit,
            reserved_slots: 0,
            partition: config.reservation == Reservation::Partition,
            critical: 0,
            normal: 0,
            sheddable: 0,
            max_tokens,
            reserved_capacity: config.reserved_capacity,
            sheddable_fraction: config.sheddable_fraction,
        };
        limits.derive();
        limits
    }

    pub(super) fn derive(&mut self) {
        self.reserved_slots = self.reserved_capacity.round_of(self.hard).min(self.hard);
        self.normal = self.hard.saturating_sub(self.reserved_slots);
        self.sheddable = self.sheddable_fraction.floor_of(self.normal).min(self.normal);
        self.critical = if self.partition { self.reserved_slots } else { self.hard };
    }

    /// The limit of a class.
    #[inline]
    pub(super) fn of(&self, class: Class) -> u32 {
        match class {
            Class::Critical => self.critical,
            Class::Normal => self.normal,
            Class::Sheddable => self.sheddable,
        }
    }

    pub(super) fn set_soft(&mut self, soft: u32) -> Result<(), Error> {
        in_range("regulator.soft_limit", soft, 1, self.hard)?;
        self.soft = soft;
        Ok(())
    }

    pub(super) fn set_hard(&mut self, hard: u32) -> Result<(), Error> {
        in_range("regulator.hard_limit", hard, self.soft, self.max_tokens)?;
        self.hard = hard;
        self.derive();
        Ok(())
    }
}

fn in_range(field: &'static str, value: u32, min: u32, max: u32) -> Result<(), Error> {
    if (min..=max).contains(&value) {
        return Ok(());
    }
    let (value, min, max) = (u64::from(value), u64::from(min), u64::from(max));
    Err(Error::OutOfRange { field, value, min, max })
}
