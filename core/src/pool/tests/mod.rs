//! Each behaviour of the pools by itself, by theme.

#![allow(clippy::float_cmp)] // the figures are exact

mod checkout;
mod health;
mod lines;
mod scaling;
mod staffing;
mod workers;

use alloc::format;
use alloc::vec::Vec;

use super::*;
use crate::Outcome;
use crate::effect::{Effect, EffectKind};
use crate::reason::Reason;
use crate::time::SECOND_US;

const POOL: PoolId = PoolId::new(0);
const MS: u64 = 1_000;

/// Pools made from a configuration in JSON, and the effects they queued.
struct World {
    pools: Pools,
    effects: EffectQueue,
}

impl World {
    fn new(config: &str) -> Self {
        let config = Config::from_json(config).unwrap();
        Self { pools: Pools::new(&config, 0), effects: EffectQueue::new(1 << 16) }
    }

    /// One pool `p` with these fields.
    fn pool(fields: &str) -> Self {
        Self::new(&format!(r#"{{"pools": {{"p": {{{fields}}}}}}}"#))
    }

    /// One pool `p` with these fields, and these of the scaler.
    fn scaled(fields: &str, scaler: &str) -> Self {
        Self::new(&format!(r#"{{"pools": {{"p": {{{fields}}}}}, "scaler": {{{scaler}}}}}"#))
    }

    fn out(&mut self, now_us: u64) -> Checkout {
        self.pools.checkout(now_us, POOL, None, 0, &mut self.effects).unwrap()
    }

    fn worker(&mut self, now_us: u64) -> WorkerId {
        self.out(now_us).worker.unwrap()
    }

    fn wait(&mut self, now_us: u64, until_us: u64) -> Checkout {
        self.pools.checkout(now_us, POOL, Some(until_us), 0, &mut self.effects).unwrap()
    }

    fn back(&mut self, now_us: u64, worker: WorkerId) -> CheckinOutcome {
        self.pools.checkin(now_us, worker, Outcome::Ok, &mut self.effects).unwrap().outcome
    }

    fn evaluate(&mut self, now_us: u64) -> Vec<Effect> {
        self.pools.evaluate(now_us, &mut self.effects);
        self.drain()
    }

    fn drain(&mut self) -> Vec<Effect> {
        core::iter::from_fn(|| self.effects.pop()).collect()
    }

    fn counts(&self) -> PoolCounts {
        self.pools.counts(POOL).unwrap()
    }

    fn status(&self, now_us: u64) -> PoolStatus {
        self.pools.status(now_us, POOL, "p").unwrap()
    }

    /// Evaluates every 5 s up to `until_us` and answers when, why and by how much the pool was scaled.
    fn scalings(&mut self, from_us: u64, until_us: u64) -> Vec<(u64, i64, Reason)> {
        let mut found = Vec::new();
        let mut now_us = from_us;
        while now_us < until_us {
            now_us += 5 * SECOND_US;
            for effect in self.evaluate(now_us) {
                let sign = if effect.kind == EffectKind::AddWorkers { 1 } else { -1 };
                found.push((now_us / SECOND_US, sign * i64::from(effect.count), effect.reason));
            }
        }
        found
    }
}
