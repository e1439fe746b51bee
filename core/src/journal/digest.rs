//! Digests of answers: 32 bits by which a replay is compared with its record.

use crate::balancer::{Rebalance, Route};
use crate::effect::Effect;
use crate::engine::{AffinityError, Completion, Dispatch};
use crate::error::Error;
use crate::pool::{Checkin, Checkout, Scaling};
use crate::regulator::Admission;

/// A digest that is being made: each number is mixed in by a rotation and a multiplication (as `rustc-hash` 1 does, whose
/// constant it is).
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Digest(u64);

impl Digest {
    #[inline]
    pub(crate) fn add(&mut self, number: impl Into<u64>) {
        self.0 = (self.0.rotate_left(5) ^ number.into()).wrapping_mul(0x517c_c1b7_2722_0a95);
    }

    /// The digest: the upper half, into which all bits go.
    #[inline]
    #[allow(clippy::cast_possible_truncation)] // the upper half
    pub(crate) fn get(self) -> u32 {
        (self.0 >> 32) as u32
    }
}

/// What has a digest.
pub(crate) trait Digested {
    fn digest(&self, digest: &mut Digest);
}

impl Digested for () {
    fn digest(&self, _: &mut Digest) {}
}

impl Digested for u32 {
    fn digest(&self, digest: &mut Digest) {
        digest.add(*self);
    }
}

/// Nothing is 0, and the ids of what comes and goes never are; handles are one more.
macro_rules! optional {
    ($digest:ident, $($id:expr),*) => {
        $($digest.add($id.map_or(0, |id| u64::from(id.get()).wrapping_add(1)));)*
    };
}

impl Digested for Admission {
    #[inline]
    fn digest(&self, digest: &mut Digest) {
        let Self { token, reason, warning, limit, load, retry_after_us } = *self;
        optional!(digest, token);
        digest.add(u64::from(reason.code()) << 1 | u64::from(warning));
        digest.add(u64::from(limit) << 32 | u64::from(load));
        digest.add(retry_after_us);
    }
}

impl Digested for Route {
    fn digest(&self, digest: &mut Digest) {
        let Self { pool, reason, spilled } = *self;
        optional!(digest, pool);
        digest.add(u64::from(reason.code()) << 1 | u64::from(spilled));
    }
}

impl Digested for Checkout {
    fn digest(&self, digest: &mut Digest) {
        let Self { worker, waiter, reason, overflow, limit, load, retry_after_us } = *self;
        optional!(digest, worker, waiter);
        digest.add(u64::from(reason.code()) << 1 | u64::from(overflow));
        digest.add(u64::from(limit) << 32 | u64::from(load));
        digest.add(retry_after_us);
    }
}

impl Digested for Checkin {
    fn digest(&self, digest: &mut Digest) {
        let Self { outcome, tag, held_us } = *self;
        digest.add(outcome as u64);
        digest.add(tag);
        digest.add(held_us);
    }
}

impl Digested for Dispatch {
    fn digest(&self, digest: &mut Digest) {
        let Self {
            ticket,
            token,
            pool,
            worker,
            waiter,
            stage,
            reason,
            warning,
            spilled,
            overflow,
            limit,
            load,
            retry_after_us,
        } = *self;
        optional!(digest, ticket, token, pool, worker, waiter);
        let flags = u64::from(warning) | u64::from(spilled) << 1 | u64::from(overflow) << 2;
        digest.add(u64::from(reason.code()) << 5 | (stage as u64) << 3 | flags);
        digest.add(u64::from(limit) << 32 | u64::from(load));
        digest.add(retry_after_us);
    }
}

impl Digested for Completion {
    fn digest(&self, digest: &mut Digest) {
        let Self { token_released, worker_returned } = *self;
        digest.add(u64::from(token_released) << 1 | u64::from(worker_returned));
    }
}

impl Digested for Scaling {
    fn digest(&self, digest: &mut Digest) {
        let Self { workers, scaled, reason } = *self;
        digest.add(workers);
        digest.add(u64::from(reason.code()) << 1 | u64::from(scaled));
    }
}

impl Digested for Rebalance {
    fn digest(&self, digest: &mut Digest) {
        let Self { migrated, from, to, spread, reason } = *self;
        optional!(digest, from, to);
        digest.add(spread.to_bits());
        digest.add(u64::from(reason.code()) << 1 | u64::from(migrated));
    }
}

impl Digested for Effect {
    fn digest(&self, digest: &mut Digest) {
        let Self {
            at_us,
            kind,
            reason,
            pool,
            to_pool,
            domain,
            token,
            waiter,
            ticket,
            ref workers,
            count,
            surge,
            alert,
            value,
            options,
        } = *self;
        digest.add(at_us);
        digest.add(u64::from(kind.code()) << 32 | u64::from(reason.code()) << 1 | u64::from(surge));
        optional!(digest, pool, to_pool, domain, token, waiter, ticket);
        for worker in workers.as_slice() {
            digest.add(worker.get());
        }
        digest.add(count);
        digest.add(alert.map_or(0, |alert| u64::from(alert) + 1));
        digest.add(value.map_or(0, f64::to_bits));
        digest.add(u64::from(options.bits()));
    }
}

impl Digested for Error {
    fn digest(&self, digest: &mut Digest) {
        digest.add(u64::from(self.code().cast_unsigned()));
    }
}

impl Digested for AffinityError {
    fn digest(&self, digest: &mut Digest) {
        digest.add(u64::from(self.code().cast_unsigned()));
    }
}

impl<T: Digested, E: Digested> Digested for Result<T, E> {
    #[inline]
    fn digest(&self, digest: &mut Digest) {
        digest.add(u64::from(self.is_ok()));
        match self {
            Ok(answer) => answer.digest(digest),
            Err(error) => error.digest(digest),
        }
    }
}
