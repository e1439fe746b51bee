//! Random numbers from a seed, the same on every platform.
//!
//! xoshiro256++ 1.0 with its state filled by SplitMix64, as its authors advise (David Blackman and Sebastiano
//! Vigna, "Scrambled Linear Pseudorandom Number Generators", ACM TOMS 47, 2021;
//! <https://prng.di.unimi.it/xoshiro256plusplus.c>, <https://prng.di.unimi.it/splitmix64.c>). Not for secrets.
//! Logarithm and exponential come from `libm`, so that every platform draws the same values.

/// SplitMix64: fills the state of a larger generator from one number.
#[derive(Debug, Clone)]
pub struct SplitMix64 {
    state: u64,
}

impl SplitMix64 {
    /// A generator with this seed.
    pub fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// The next 64 random bits.
    pub fn next_u64(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

/// xoshiro256++: 64 random bits a step, period 2^256 − 1.
#[derive(Debug, Clone)]
pub struct Rng {
    state: [u64; 4],
}

impl Rng {
    /// A generator with this seed.
    pub fn new(seed: u64) -> Self {
        let mut fill = SplitMix64::new(seed);
        Self { state: core::array::from_fn(|_| fill.next_u64()) }
    }

    /// The next 64 random bits.
    pub fn next_u64(&mut self) -> u64 {
        let [s0, s1, s2, s3] = self.state;
        let result = s0.wrapping_add(s3).rotate_left(23).wrapping_add(s0);
        let [mut a, mut b, mut c, mut d] = [s0, s1, s2 ^ s0, s3 ^ s1];
        b ^= c;
        a ^= d;
        c ^= s1 << 17;
        d = d.rotate_left(45);
        self.state = [a, b, c, d];
        result
    }

    /// A number in [0, 1): a multiple of 2^−53.
    #[allow(clippy::cast_precision_loss)] // 53 bits are exact
    pub fn unit(&mut self) -> f64 {
        (self.next_u64() >> 11) as f64 * (1.0 / 9_007_199_254_740_992.0)
    }

    /// A whole number below `bound` (0 when `bound` is 0), by multiplication (Lemire, "Fast Random Integer
    /// Generation in an Interval", 2019, without its rejection: the bias is below `bound` / 2^64).
    pub fn below(&mut self, bound: u64) -> u64 {
        let wide = u128::from(self.next_u64()) * u128::from(bound);
        u64::try_from(wide >> 64).unwrap_or(0)
    }

    /// An exponential variate with this mean: the gaps of a Poisson process.
    pub fn exponential(&mut self, mean: f64) -> f64 {
        -libm::log(1.0 - self.unit()) * mean
    }

    /// A Poisson variate with this mean: how many events of a Poisson process fall into a time. By
    /// multiplication (Knuth, TAOCP 2, 3.4.1), in parts of at most 32, as sums of Poisson variates are Poisson
    /// variates. Costs time in proportion to the mean; a mean that isn't positive gives 0, and one above 2^32
    /// counts as that.
    pub fn poisson(&mut self, mean: f64) -> u64 {
        let mut left = if mean > 0.0 { mean.min(4_294_967_296.0) } else { 0.0 };
        let mut count = 0;
        while left > 0.0 {
            let part = left.min(32.0);
            left -= part;
            let floor = libm::exp(-part);
            let mut product = self.unit();
            while product > floor {
                count += 1;
                product *= self.unit();
            }
        }
        count
    }

    /// A standard normal variate, by Marsaglia's polar method ("A Convenient Method for Generating Normal
    /// Variables", SIAM Review 6, 1964); the second of each pair is left out, so that the generator has no
    /// other state than its own.
    pub fn normal(&mut self) -> f64 {
        loop {
            let x = 2.0 * self.unit() - 1.0;
            let y = 2.0 * self.unit() - 1.0;
            let square = x * x + y * y;
            if square > 0.0 && square < 1.0 {
                return x * libm::sqrt(-2.0 * libm::log(square) / square);
            }
        }
    }

    /// A log-normal variate with this mean and this coefficient of variation (standard deviation / mean).
    pub fn log_normal(&mut self, mean: f64, variation: f64) -> f64 {
        let variance = libm::log(1.0 + variation * variation);
        mean * libm::exp(libm::sqrt(variance) * self.normal() - variance / 2.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn split_mix_gives_its_published_values() {
        let mut rng = SplitMix64::new(1_234_567);
        let expected = [
            6_457_827_717_110_365_317,
            3_203_168_211_198_807_973,
            9_817_491_932_198_370_423,
            4_593_380_528_125_082_431,
            16_408_922_859_458_223_821,
        ];
        assert_eq!(core::array::from_fn(|_| rng.next_u64()), expected);
    }

    #[test]
    fn xoshiro_gives_its_published_values() {
        // The state 1, 2, 3, 4 in the authors' program.
        let mut rng = Rng { state: [1, 2, 3, 4] };
        let expected = [
            41_943_041,
            58_720_359,
            3_588_806_011_781_223,
            3_591_011_842_654_386,
            9_228_616_714_210_784_205,
            9_973_669_472_204_895_162,
            14_011_001_112_246_962_877,
            12_406_186_145_184_390_807,
            15_849_039_046_786_891_736,
            10_450_023_813_501_588_000,
        ];
        assert_eq!(core::array::from_fn(|_| rng.next_u64()), expected);
    }

    fn moments(count: u32, mut draw: impl FnMut() -> f64) -> (f64, f64) {
        let (mut sum, mut squares) = (0.0, 0.0);
        for _ in 0..count {
            let value = draw();
            sum += value;
            squares += value * value;
        }
        let mean = sum / f64::from(count);
        (mean, squares / f64::from(count) - mean * mean)
    }

    fn near(found: f64, expected: f64, share: f64) {
        assert!((found - expected).abs() <= share * expected.abs().max(0.05), "{found} for {expected}");
    }

    /// What a generator of seed 0 gives first: as another implementation does (`tests/model/model_workload.py`, with
    /// another mathematical library), but for the last bit of three numbers, which is that of `libm`.
    #[test]
    fn the_first_outputs_are_these() {
        fn first<T, const N: usize>(mut draw: impl FnMut(&mut Rng) -> T) -> [T; N] {
            let mut rng = Rng::new(0);
            core::array::from_fn(|_| draw(&mut rng))
        }
        assert_eq!(
            first(Rng::next_u64),
            [0x5317_5d61_490b_23df, 0x61da_6f3d_c380_d507, 0x5c0f_df91_ec9a_7bfc]
        );
        let bits = |draw: fn(&mut Rng) -> f64| first(|rng| draw(rng).to_bits());
        assert_eq!(bits(Rng::unit), [0x3fd4_c5d7_5852_42c8, 0x3fd8_769b_cf70_e034, 0x3fd7_03f7_e47b_269e]);
        // Here the second and third end in 9 and 7 with the other library, and the first log-normal one in b.
        assert_eq!(
            bits(|rng| rng.exponential(1.0)),
            [0x3fd9_1d4d_bca4_0faa, 0x3fde_d36b_c021_e78a, 0x3fdc_862b_dc96_bbb6]
        );
        assert_eq!(bits(Rng::normal), [0xbff8_a8af_17f2_fe67, 0xbf70_8d7c_b6a3_955d, 0x3fbc_958a_80b0_b8e7]);
        let log_normal = [0x3fdb_a3ff_85bb_d90c, 0x3fec_912c_6cde_54a2, 0x3fee_2bfc_f22e_9442];
        assert_eq!(bits(|rng| rng.log_normal(1.0, 0.5)), log_normal);
        assert_eq!(first(|rng| rng.below(1000)), [324, 382, 359, 11, 495, 20, 857, 845]);
        assert_eq!(first(|rng| rng.poisson(2.5)), [2, 0, 1, 3, 1, 1, 0, 2]);
        assert_eq!(first(|rng| rng.poisson(100.0)), [81, 99, 98, 122, 119, 103, 100, 108]);
    }

    #[test]
    #[allow(clippy::cast_precision_loss)]
    fn the_moments_are_those_of_the_distributions() {
        let mut rng = Rng::new(7);
        let (mean, variance) = moments(200_000, || rng.exponential(3.0));
        near(mean, 3.0, 0.01);
        near(variance, 9.0, 0.03);
        for rate in [0.5, 20.0, 100.0] {
            let (mean, variance) = moments(50_000, || rng.poisson(rate) as f64);
            near(mean, rate, 0.02);
            near(variance, rate, 0.03);
        }
        let (mean, variance) = moments(200_000, || rng.normal());
        assert!(mean.abs() < 0.01, "{mean}");
        near(variance, 1.0, 0.02);
        let (mean, variance) = moments(400_000, || rng.log_normal(2.0, 0.5));
        near(mean, 2.0, 0.01);
        near(variance, 1.0, 0.05);
        let (mean, _) = moments(100_000, || rng.below(10) as f64);
        near(mean, 4.5, 0.01);
        assert_eq!((rng.poisson(-1.0), rng.poisson(f64::NAN), rng.below(0)), (0, 0, 0));
    }
}
