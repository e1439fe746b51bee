//! Time: a count of microseconds that the caller supplies.
//!
//! Every instant is a `u64` of microseconds since any epoch the caller likes, below 2^53, so that it stays
//! exact in a JavaScript number. The engine never reads a clock.

use crate::error::Error;
use crate::journal::codec::{Codec, State};

/// The first instant that is refused: 2^53 microseconds.
pub const TIME_LIMIT_US: u64 = 1 << 53;

/// One second in microseconds.
pub const SECOND_US: u64 = 1_000_000;

/// The earlier of two instants, either of which may not be there.
#[inline]
pub(crate) fn earlier(left_us: Option<u64>, right_us: Option<u64>) -> Option<u64> {
    match (left_us, right_us) {
        (Some(left_us), Some(right_us)) => Some(left_us.min(right_us)),
        (known_us, None) | (None, known_us) => known_us,
    }
}

/// Follows the instants that a caller passes in and keeps them from running backwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clock {
    start_us: u64,
    latest_us: u64,
    regressions: u64,
}

impl Clock {
    /// A clock that starts at `now_us`.
    ///
    /// Fails with [`Error::TimeOutOfRange`] when `now_us` is 2^53 or above.
    pub fn new(now_us: u64) -> Result<Self, Error> {
        check_time(now_us)?;
        Ok(Self { start_us: now_us, latest_us: now_us, regressions: 0 })
    }

    /// Takes the caller's `now_us` and answers the instant to use: `now_us`, or the latest one seen when
    /// `now_us` lies before it (which is counted, never an error).
    #[inline]
    pub fn advance(&mut self, now_us: u64) -> Result<u64, Error> {
        if now_us >= self.latest_us {
            check_time(now_us)?;
            self.latest_us = now_us;
        } else {
            self.regressions = self.regressions.saturating_add(1);
        }
        Ok(self.latest_us)
    }

    /// The instant the clock was made with.
    pub fn start_us(&self) -> u64 {
        self.start_us
    }

    /// The latest instant seen.
    #[inline]
    pub fn latest_us(&self) -> u64 {
        self.latest_us
    }

    /// How many instants lay before the latest one seen.
    pub fn regressions(&self) -> u64 {
        self.regressions
    }
}

impl State for Clock {
    fn state(&mut self, io: &mut Codec<'_>) {
        let Self { start_us, latest_us, regressions } = self;
        latest_us.state(io);
        regressions.state(io);
        io.check(*start_us <= *latest_us && *latest_us < TIME_LIMIT_US, "latest time");
    }
}

/// Refuses an instant of 2^53 or above with [`Error::TimeOutOfRange`].
#[inline]
pub fn check_time(now_us: u64) -> Result<(), Error> {
    if now_us >= TIME_LIMIT_US { Err(Error::TimeOutOfRange { time_us: now_us }) } else { Ok(()) }
}

/// The next instant of a periodic task that was due at `due_us`, strictly after `now_us` and in the same
/// phase: a task that missed any number of periods runs once.
pub fn next_period(due_us: u64, period_us: u64, now_us: u64) -> u64 {
    if due_us > now_us {
        return due_us;
    }
    let period_us = period_us.max(1);
    let missed = (now_us - due_us) / period_us;
    due_us.saturating_add(missed.saturating_add(1).saturating_mul(period_us))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_before_the_latest_is_the_latest() {
        let mut clock = Clock::new(10).unwrap();
        assert_eq!(clock.advance(25), Ok(25));
        assert_eq!(clock.advance(7), Ok(25));
        assert_eq!(clock.advance(25), Ok(25));
        assert_eq!((clock.regressions(), clock.latest_us(), clock.start_us()), (1, 25, 10));
    }

    #[test]
    fn two_to_the_53_is_refused_and_changes_nothing() {
        let mut clock = Clock::new(TIME_LIMIT_US - 1).unwrap();
        assert_eq!(clock.advance(TIME_LIMIT_US), Err(Error::TimeOutOfRange { time_us: TIME_LIMIT_US }));
        assert_eq!(clock.latest_us(), TIME_LIMIT_US - 1);
        assert!(Clock::new(u64::MAX).is_err());
    }

    #[test]
    fn a_period_keeps_its_phase() {
        assert_eq!(next_period(5, 10, 3), 5);
        assert_eq!(next_period(5, 10, 5), 15);
        assert_eq!(next_period(5, 10, 34), 35);
        assert_eq!(next_period(5, 10, 35), 45);
    }
}
