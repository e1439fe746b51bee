//! A count and its time-integral.

/// A count that changes in steps, and the area under it (count × µs), so that its time-average over any window
/// is an exact fraction.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Gauge {
    pub(super) value: u32,
    pub(super) since_us: u64,
    pub(super) area: u128,
}

impl Gauge {
    pub(super) fn new(value: u32, now_us: u64) -> Self {
        Self { value, since_us: now_us, area: 0 }
    }

    #[inline]
    pub(super) fn get(&self) -> u32 {
        self.value
    }

    /// Changes the count at `now_us`.
    #[inline]
    pub(super) fn set(&mut self, now_us: u64, value: u32) {
        self.settle(now_us);
        self.value = value;
    }

    #[inline]
    pub(super) fn add(&mut self, now_us: u64, count: u32) {
        self.set(now_us, self.value.saturating_add(count));
    }

    #[inline]
    pub(super) fn sub(&mut self, now_us: u64, count: u32) {
        self.set(now_us, self.value.saturating_sub(count));
    }

    /// The area up to `now_us`, since the last [`Gauge::take`].
    #[inline]
    pub(super) fn area(&self, now_us: u64) -> u128 {
        let passed = now_us.saturating_sub(self.since_us);
        self.area.saturating_add(u128::from(self.value) * u128::from(passed))
    }

    /// The area up to `now_us`, and a new window from there.
    pub(super) fn take(&mut self, now_us: u64) -> u128 {
        self.settle(now_us);
        core::mem::take(&mut self.area)
    }

    #[inline]
    fn settle(&mut self, now_us: u64) {
        self.area = self.area(now_us);
        self.since_us = now_us;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_area_is_exact() {
        let mut gauge = Gauge::new(3, 10);
        gauge.set(20, 5);
        assert_eq!(gauge.area(21), 35);
        assert_eq!(gauge.take(30), 80);
        gauge.sub(40, 9);
        assert_eq!((gauge.get(), gauge.area(1 << 52)), (0, 50));
    }
}
