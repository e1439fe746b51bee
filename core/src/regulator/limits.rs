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
    /// The class limits that follow from the adaptive limit, by class; `u32::MAX`, which no load reaches, without one.
    pub(super) adaptive: [u32; 3],
    /// The same while critical work leaves its share of the adaptive limit to others.
    pub(super) adaptive_lent: [u32; 3],
    /// What of the adaptive limit is kept for critical work.
    pub(super) adaptive_reserved: u32,
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
            adaptive: [u32::MAX; 3],
            adaptive_lent: [u32::MAX; 3],
            adaptive_reserved: 0,
            max_tokens,
            reserved_capacity: config.reserved_capacity,
            sheddable_fraction: config.sheddable_fraction,
        };
        limits.derive();
        limits
    }

    pub(super) fn derive(&mut self) {
        self.reserved_slots = self.reserved_of(self.hard);
        [self.sheddable, self.normal, self.critical] = self.classes_of(self.hard, self.reserved_slots);
    }

    fn reserved_of(&self, whole: u32) -> u32 {
        self.reserved_capacity.round_of(whole).min(whole)
    }

    /// The limits of sheddable, normal and critical work when all together have `whole`, some of it reserved.
    fn classes_of(&self, whole: u32, reserved: u32) -> [u32; 3] {
        let normal = whole.saturating_sub(reserved);
        let sheddable = self.sheddable_fraction.floor_of(normal).min(normal);
        [sheddable, normal, if self.partition { reserved } else { whole }]
    }

    /// Follows the adaptive limit. If it `lends`, others may use what is kept for critical work while that doesn't need
    /// it.
    pub(super) fn set_adaptive(&mut self, limit: u32, lends: bool) {
        self.adaptive_reserved = self.reserved_of(limit);
        self.adaptive = self.classes_of(limit, self.adaptive_reserved);
        self.adaptive_lent = if lends { self.classes_of(limit, 0) } else { self.adaptive };
    }

    /// Whether so much critical work is less than what the adaptive limit keeps for it.
    #[inline]
    pub(super) fn leaves_reserved(&self, critical_load: u32) -> bool {
        critical_load < self.adaptive_reserved
    }

    /// The limit of a class by the adaptive limit, beside so much critical work.
    #[inline]
    pub(super) fn adaptive_of(&self, class: Class, critical_load: u32) -> u32 {
        let [sheddable, normal, critical] =
            if self.leaves_reserved(critical_load) { self.adaptive_lent } else { self.adaptive };
        match class {
            Class::Critical => critical,
            Class::Normal => normal,
            Class::Sheddable => sheddable,
        }
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
