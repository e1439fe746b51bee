//! Random traffic at a steady rate is no burst.

use super::*;

/// SplitMix64.
struct Random(u64);

impl Random {
    /// In [0, 1).
    #[allow(clippy::cast_precision_loss)]
    fn unit(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// A Poisson count (Knuth's product of uniforms).
    fn poisson(&mut self, mean: f64) -> u32 {
        let least = libm::exp(-mean);
        let (mut count, mut product) = (0, self.unit());
        while product > least {
            count += 1;
            product *= self.unit();
        }
        count
    }
}

/// Six hours; rate and mean service time in seconds of each pool, with the workers for 70 %.
fn surges(scope: BurstScope, traffic: &[(f64, f64)], seed: u64) -> u64 {
    let mut random = Random(seed);
    let mut sim = Sim::with(u32::try_from(traffic.len()).unwrap(), |config| config.scope = scope);
    for (pool, (rate, service_s)) in sim.world.pools.iter_mut().zip(traffic) {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let (workers, mean_us) = (libm::ceil(rate * service_s / 0.7) as u32, (service_s * 1e6) as u64);
        pool.demand.workers = workers;
        pool.demand.mean_service_us = Some(mean_us);
    }
    for _ in 0..6 * 3600 {
        for (pool, (rate, _)) in sim.world.pools.iter_mut().zip(traffic) {
            pool.rate = random.poisson(*rate);
        }
        sim.run(1);
    }
    sim.burst.surge_count
}

#[test]
fn one_pool_at_many_rates() {
    for rate in [0.02, 0.1, 0.3, 1.0, 3.0, 10.0, 40.0, 150.0] {
        for service_s in [0.05, 1.0, 30.0] {
            assert_eq!(surges(BurstScope::System, &[(rate, service_s)], 7), 0, "{rate}/s of {service_s} s");
        }
    }
}

#[test]
fn several_unlike_pools() {
    let traffic = [(50.0, 0.1), (0.5, 5.0), (0.02, 60.0)];
    for seed in 1..=3 {
        for scope in [BurstScope::System, BurstScope::Pool] {
            assert_eq!(surges(scope, &traffic, seed), 0, "{scope:?}, seed {seed}");
        }
    }
}
