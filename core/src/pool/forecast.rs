//! What will be asked of a pool when a worker that is ordered now is ready.
//!
//! The forecast is made from the pool's own demand ([`Demand`]) of the last two minutes.
//!
//! - **Requests in service and new ones** are told apart, as in W. Whitt, "Dynamic staffing in a telephone call center
//!   aiming to immediately answer all calls", Operations Research Letters 24 (1999). Of the n requests that are there, a
//!   share p = exp(−ahead / service) is still there when the worker is ready; new ones add rate × service × (1 − p).
//!   So the load of long services is known rather than guessed, and its variance is smaller than Poisson's.
//! - **Service time**: time in service / completions, which counts services that haven't ended. A mean of those that
//!   have ended is short whenever requests have just become more, or longer.
//! - **The rate's level** is the mean of the longest of three windows in which it hasn't changed: a shorter one is taken
//!   only when its count lies three and a half standard deviations off (A. Bifet and R. Gavaldà, "Learning from time-changing
//!   data with adaptive windowing", SDM 2007). Counts are compared by their square roots, whose variance is 1/4 whatever
//!   the rate (F. J. Anscombe, "The transformation of Poisson, binomial and negative-binomial data", Biometrika 1948).
//! - **Growth** is the level's trend, as far as it exceeds its noise and goes on to the end; and what the last seconds
//!   surely show: their rate less three and a half standard deviations. A step is seen within seconds, and chance hardly ever.
//! - **A slow-down** shows before services end: more time was spent in service in the last seconds than those that ended
//!   there can account for.
//! - **Burstiness**: the index of dispersion of counts (1: Poisson), from the differences of neighbouring blocks about as long as
//!   a service, so that a trend doesn't count. It makes both the noise and the variance of the load larger, as the
//!   peakedness of traffic does (A. A. Fredericks, "Congestion in blocking systems – a simple approximation technique",
//!   Bell System Technical Journal 59, 1980).

use super::demand::{Demand, Sample};

/// The windows, in seconds: of the level first, then those that show growth alone.
const WINDOWS: [u32; 6] = [120, 60, 30, 15, 8, 4];
/// How many of them may be the level's.
const LEVELS: usize = 3;
/// How many standard deviations are no chance. A pool is looked at thousands of times an hour.
const SURE: f64 = 3.5;
/// The same for a trend, whose part beyond its noise is all that counts; and for slower services, whose times vary in ways that
/// a variance doesn't tell.
const TREND_SURE: f64 = 2.0;
const SLOW_SURE: f64 = 4.5;
/// How far burstiness counts for the variance of the load. Half is the peakedness of bursts that are short against a
/// service; the longer ones are seen as growth before they matter.
const PEAKEDNESS: f64 = 0.2;
/// How many services of the usual length are known beforehand in a short window.
const PRIOR_SERVICES: f64 = 5.0;

/// What will be asked of a pool.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Forecast {
    /// The load in erlangs when a worker ordered now is ready.
    pub(super) load: f64,
    /// The same without the growth.
    pub(super) calm: f64,
    /// The variance of the load.
    pub(super) variance: f64,
    /// The variance of its estimate.
    pub(super) noise: f64,
    /// Arrivals per second.
    pub(super) rate: f64,
    /// The mean service time in seconds; above 0 where the load is.
    pub(super) service_s: f64,
}

/// Sums over the newest seconds.
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    seconds: f64,
    arrivals: f64,
    completed: f64,
    busy_s: f64,
}

impl Sums {
    fn add(&mut self, sample: Sample) {
        self.seconds += 1.0;
        self.arrivals += f64::from(sample.arrivals);
        self.completed += f64::from(sample.completed);
        self.busy_s += micros_as_s(sample.busy_us);
    }

    fn rate(&self) -> f64 {
        self.arrivals / self.seconds
    }

    /// The mean service time in a short window, where a few of the usual length are known beforehand.
    fn service_s(&self, usual_s: f64) -> f64 {
        (self.busy_s + PRIOR_SERVICES * usual_s) / (self.completed + PRIOR_SERVICES)
    }
}

impl Forecast {
    /// The forecast for `ahead_s` seconds from now. `known_service_s` is the last mean service time known, `scv` the squared
    /// coefficient of variation of service times. O(1): two passes over at most 128 samples.
    pub(super) fn new(demand: &Demand, ahead_s: f64, known_service_s: Option<f64>, scv: f64) -> Self {
        let present = f64::from(demand.busy()) + f64::from(demand.waiting());
        let mut sums = Windows::of(demand);
        let all = sums.longest();
        if present <= 0.0 && all.arrivals <= 0.0 && all.busy_s <= 0.0 {
            return Self::default();
        }
        let service_s = match known_service_s {
            _ if all.completed > 0.0 => all.busy_s / all.completed,
            // Nothing has ended: it takes at least as long as it has taken so far.
            Some(known_s) => known_s.max(all.busy_s),
            None => all.busy_s,
        };
        let service_s = service_s.max(1e-6);
        let dispersion = dispersion(demand, service_s);
        let trend = sums.settle(SURE * libm::sqrt(dispersion), dispersion, demand);
        let calm_rate = sums.level().rate();
        let (rate, window) = sums.growth(SURE * libm::sqrt(dispersion), calm_rate + trend.at(ahead_s));
        let recent_s = if window.seconds < all.seconds && all.completed > 0.0 {
            window.service_s(service_s)
        } else {
            service_s
        };
        let recent_s = sums.slowdown(service_s, scv).max(recent_s);

        let stay = libm::exp(-ahead_s / recent_s);
        let (old, new) = (present * stay, rate * recent_s * (1.0 - stay));
        let load = old + new;
        let stay_calm = libm::exp(-ahead_s / service_s);
        let calm = present * stay_calm + calm_rate.min(rate) * service_s * (1.0 - stay_calm);
        let calm = calm.min(load);
        Self {
            load,
            calm,
            variance: (old * (1.0 - stay) + new) * (1.0 + (dispersion - 1.0) * PEAKEDNESS),
            // Of a product: of the rate by counts, and of the mean of as many services.
            noise: calm * calm * (1.0 + scv) / (all.completed + 1.0),
            rate,
            service_s: recent_s,
        }
    }
}

/// The sums over the windows, and which of them is the level's.
struct Windows {
    sums: [Sums; WINDOWS.len()],
    level: usize,
}

impl Windows {
    fn of(demand: &Demand) -> Self {
        let mut sums = [Sums::default(); WINDOWS.len()];
        let mut sum = Sums::default();
        let mut second = 0;
        // A window that isn't full yet is as long as what is known.
        let mut done = 0;
        for sample in demand.newest().take(WINDOWS.first().copied().unwrap_or(0) as usize) {
            sum.add(sample);
            second += 1;
            for (place, window) in sums.iter_mut().zip(WINDOWS) {
                if window == second {
                    *place = sum;
                    done += 1;
                }
            }
        }
        if second == 0 {
            // The first second isn't over: it counts as if it were.
            sum.add(demand.running());
        }
        for place in sums.iter_mut().take(WINDOWS.len() - done) {
            *place = sum;
        }
        Self { sums, level: 0 }
    }

    fn longest(&self) -> Sums {
        self.sums.first().copied().unwrap_or_default()
    }

    fn level(&self) -> Sums {
        self.sums.get(self.level).copied().unwrap_or_default()
    }

    /// Takes the longest window for the level in which no newer part differs, and answers the trend in it.
    fn settle(&mut self, sure: f64, dispersion: f64, demand: &Demand) -> Trend {
        while self
            .sums
            .iter()
            .take(LEVELS)
            .skip(self.level + 1)
            .any(|newer| differs(self.level(), *newer, sure))
        {
            self.level += 1;
        }
        Trend::of(self.level(), dispersion, demand)
    }

    /// The rate that is expected, at least `expected`, and the window that shows it.
    fn growth(&self, sure: f64, expected: f64) -> (f64, Sums) {
        let mut found = (expected, self.level());
        for window in self.sums.iter().skip(self.level + 1) {
            let root = libm::sqrt(window.arrivals + 0.375) - sure / 2.0;
            let surely = if root > 0.0 { (root * root - 0.375) / window.seconds } else { 0.0 };
            if surely > found.0 {
                found = (surely, *window);
            }
        }
        found
    }
}

impl Windows {
    /// The mean service time that the last seconds surely show, if services have become slower: more time was spent in
    /// service than those that ended there can account for. 0 if they haven't.
    fn slowdown(&self, usual_s: f64, scv: f64) -> f64 {
        let newest = self.sums.iter().skip(LEVELS);
        let slow = newest.filter(|window| {
            let usual = (window.completed + 1.0) * usual_s;
            window.busy_s - usual > SLOW_SURE * usual_s * libm::sqrt((1.0 + scv) * (window.completed + 1.0))
        });
        slow.map(|window| window.service_s(usual_s)).fold(0.0, f64::max)
    }
}

/// Whether the newer part of a window has surely another rate than the whole.
fn differs(whole: Sums, newer: Sums, sure: f64) -> bool {
    if newer.seconds >= whole.seconds {
        return false;
    }
    let expected = whole.rate() * newer.seconds;
    let distance = 2.0 * (libm::sqrt(newer.arrivals + 0.375) - libm::sqrt(expected + 0.375));
    // The newer part is a part of the whole.
    distance * distance > sure * sure * (1.0 - newer.seconds / whole.seconds)
}

/// How a rate changes within its window.
struct Trend {
    /// Per second and second; never below 0.
    slope: f64,
    /// From the middle of the window to its end, in seconds.
    half_s: f64,
}

impl Trend {
    /// The trend that exceeds its noise, and is still there in the newer half: a step that is over is none.
    fn of(level: Sums, dispersion: f64, demand: &Demand) -> Self {
        let half_s = level.seconds / 2.0;
        let flat = Self { slope: 0.0, half_s };
        if level.seconds < 30.0 {
            return flat;
        }
        let (mut half, mut quarter) = (0.0, 0.0);
        for (sample, second) in demand.newest().zip(0_u32..) {
            let second = f64::from(second);
            if second >= half_s {
                break;
            }
            half += f64::from(sample.arrivals);
            if second < half_s / 2.0 {
                quarter += f64::from(sample.arrivals);
            }
        }
        let (rise, newer_rise) = (2.0 * half - level.arrivals, 2.0 * quarter - half);
        let noise = level.arrivals * dispersion * (TREND_SURE * TREND_SURE);
        if rise <= 0.0 || rise * rise <= noise {
            return flat;
        }
        let slope = (rise / (half_s * half_s)).min(newer_rise * 4.0 / (half_s * half_s)).max(0.0);
        Self { slope: slope * (1.0 - noise / (rise * rise)), half_s }
    }

    /// What it adds to the level's rate in this many seconds from now.
    fn at(&self, ahead_s: f64) -> f64 {
        if self.slope > 0.0 { self.slope * (self.half_s + ahead_s) } else { 0.0 }
    }
}

/// The index of dispersion of arrivals in blocks about as long as a service (1 to 16 s), less half the error of its
/// estimate; never below 1.
fn dispersion(demand: &Demand, service_s: f64) -> f64 {
    const BLOCKS: [u32; 5] = [1, 2, 4, 8, 16];
    let block = BLOCKS.into_iter().find(|block| f64::from(*block) * 1.5 >= service_s).unwrap_or(16);
    let (mut blocks, mut sum, mut squares) = (0.0, 0.0, 0.0);
    let (mut count, mut previous): (f64, Option<f64>) = (0.0, None);
    let newest = demand.newest().take(WINDOWS.first().copied().unwrap_or(0) as usize);
    for (sample, second) in newest.zip(1_u32..) {
        count += f64::from(sample.arrivals);
        if second.is_multiple_of(block) {
            blocks += 1.0;
            sum += count;
            if let Some(previous) = previous {
                squares += (count - previous) * (count - previous);
            }
            previous = Some(count);
            count = 0.0;
        }
    }
    let pairs = blocks - 1.0;
    if pairs < 3.0 || sum <= 0.0 {
        return 1.0;
    }
    let mean = sum / blocks;
    let error = libm::sqrt((3.0 + 1.0 / mean) / pairs);
    (squares / (2.0 * pairs * mean) - 0.5 * error).max(1.0)
}

#[allow(clippy::cast_precision_loss)] // an estimate
fn micros_as_s(micros: u64) -> f64 {
    micros as f64 / 1e6
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::SECOND_US;

    const AHEAD_S: f64 = 10.0;

    /// SplitMix64 (G. L. Steele, D. Lea, C. H. Flood, OOPSLA 2014): the parts don't know the simulation's generator.
    struct Rng(u64);

    impl Rng {
        fn unit(&mut self) -> f64 {
            self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut mixed = self.0;
            mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            let bits = u32::try_from((mixed ^ (mixed >> 31)) >> 32).unwrap_or(0);
            f64::from(bits) / 4_294_967_296.0
        }

        /// A Poisson variate: as many exponential gaps as fit into a time of 1.
        fn poisson(&mut self, mean: f64) -> u64 {
            let (mut passed, mut count) = (-libm::log(1.0 - self.unit()), 0);
            while passed < mean {
                passed -= libm::log(1.0 - self.unit());
                count += 1;
            }
            count
        }
    }

    /// Demand that is made second by second.
    struct World {
        demand: Demand,
        rng: Rng,
        second: u64,
    }

    impl World {
        fn new(seed: u64) -> Self {
            Self { demand: Demand::new(0), rng: Rng(seed), second: 0 }
        }

        /// A second with so many requests of 0.1 s.
        fn second(&mut self, count: u64) {
            self.served(count, 100_000);
        }

        /// A second with so many requests that each take so long (less than a second).
        fn served(&mut self, count: u64, service_us: u64) {
            let start_us = self.second * SECOND_US;
            for _ in 0..count {
                self.demand.arrive(start_us);
                self.demand.begin(start_us);
            }
            for _ in 0..count {
                self.demand.end(start_us + service_us, true);
            }
            self.second += 1;
            self.demand.advance(self.second * SECOND_US);
        }

        fn poisson(&mut self, mean: f64, seconds: u64) {
            for _ in 0..seconds {
                let count = self.rng.poisson(mean);
                self.second(count);
            }
        }

        fn forecast(&self) -> Forecast {
            Forecast::new(&self.demand, AHEAD_S, None, 1.0)
        }
    }

    #[track_caller]
    fn near(found: f64, expected: f64, tolerance: f64) {
        assert!((found - expected).abs() <= tolerance, "{found} instead of {expected}");
    }

    #[test]
    fn nothing_is_asked_of_nobody() {
        assert_eq!(World::new(1).forecast(), Forecast::default());
        let mut world = World::new(1);
        world.poisson(50.0, 60);
        for _ in 0..200 {
            world.second(0);
        }
        assert_eq!(world.forecast(), Forecast::default());
    }

    #[test]
    fn a_constant_rate_is_a_constant_load() {
        for seconds in [1, 3, 20, 120, 400] {
            let mut world = World::new(1);
            for _ in 0..seconds {
                world.second(30);
            }
            let forecast = world.forecast();
            near(forecast.rate, 30.0, 1e-9);
            near(forecast.service_s, 0.1, 1e-9);
            near(forecast.load, 3.0, 1e-9);
            near(forecast.calm, 3.0, 1e-9);
            // None of those in service stays for so long: Poisson's variance.
            near(forecast.variance, 3.0, 1e-9);
        }
    }

    #[test]
    fn poisson_arrivals_are_hardly_ever_taken_for_growth() {
        let (mut grown, mut judged) = (0, 0);
        for (seed, mean) in [(1, 0.5), (2, 3.0), (3, 20.0), (4, 150.0)] {
            let mut world = World::new(seed);
            world.poisson(mean, 120);
            for _ in 0..5_000 {
                world.poisson(mean, 1);
                let forecast = world.forecast();
                judged += 1;
                grown += u32::from(forecast.load > forecast.calm * 1.1);
                assert!(forecast.load < mean * 0.1 * 2.5 + 0.3, "{forecast:?} at {mean}");
            }
        }
        assert!(grown * 30 < judged, "{grown} of {judged}");
    }

    #[test]
    fn a_step_is_seen_within_seconds() {
        let mut world = World::new(1);
        world.poisson(10.0, 300);
        assert!(world.forecast().rate < 14.0);
        world.poisson(50.0, 4);
        assert!(world.forecast().rate > 20.0, "{:?}", world.forecast());
        world.poisson(50.0, 6);
        assert!(world.forecast().rate > 30.0, "{:?}", world.forecast());
        world.poisson(50.0, 50);
        near(world.forecast().rate, 50.0, 6.0);
        // And its end, when that is no chance any more.
        world.poisson(10.0, 40);
        assert!(world.forecast().rate < 16.0, "{:?}", world.forecast());
    }

    #[test]
    fn one_request_more_or_less_proves_nothing() {
        let mut world = World::new(1);
        for second in 0..300 {
            world.second(u64::from(second % 5 == 0));
        }
        let before = world.forecast().rate;
        world.second(3);
        assert!(world.forecast().rate < before * 1.2, "{before} and {:?}", world.forecast());
    }

    #[test]
    fn a_slope_is_followed_ahead_and_its_end_is_no_slope() {
        let mut world = World::new(1);
        for second in 0..180_u64 {
            world.second(second * 2 + 10);
        }
        // 368 in the last second, and two requests more each second: 388 in ten seconds, less what may be noise.
        assert!((372.0..388.0).contains(&world.forecast().rate), "{:?}", world.forecast());
        for _ in 0..40 {
            world.second(368);
        }
        near(world.forecast().rate, 368.0, 12.0);
    }

    #[test]
    fn slower_services_show_before_they_have_ended() {
        let mut world = World::new(1);
        world.poisson(20.0, 200);
        // From now on requests stay.
        for _ in 0..5 {
            let now_us = world.second * SECOND_US;
            for _ in 0..20 {
                world.demand.arrive(now_us);
                world.demand.begin(now_us);
            }
            world.second += 1;
            world.demand.advance(world.second * SECOND_US);
        }
        let forecast = world.forecast();
        assert!(forecast.service_s > 2.0 && forecast.load > 40.0, "{forecast:?}");
    }

    #[test]
    fn long_services_are_known() {
        let mut demand = Demand::new(0);
        for second in 0..60_u64 {
            demand.arrive(second * SECOND_US);
            demand.begin(second * SECOND_US);
        }
        demand.advance(60 * SECOND_US);
        let forecast = Forecast::new(&demand, AHEAD_S, Some(600.0), 1.0);
        // Nearly all of the 60 stay, and ten come.
        assert!((66.0..70.0).contains(&forecast.load), "{forecast:?}");
        assert!(forecast.variance < 15.0, "{forecast:?}");
    }

    #[test]
    fn bursts_make_the_variance_larger_and_a_rhythm_of_calm_seconds_does_not() {
        let mut bursty = World::new(1);
        for second in 0..120 {
            bursty.second(if second % 10 == 0 { 100 } else { 0 });
        }
        let (bursty, calm) = (bursty.forecast(), {
            let mut calm = World::new(1);
            for _ in 0..120 {
                calm.second(10);
            }
            calm.forecast()
        });
        near(bursty.calm, calm.calm, 0.2);
        assert!(bursty.variance > calm.variance * 10.0, "{bursty:?} and {calm:?}");
        near(calm.variance, calm.load, 1e-9);
    }

    #[test]
    fn dispersion_is_that_of_the_blocks_and_a_trend_is_none() {
        // Poisson: 1, give or take.
        let mut world = World::new(5);
        world.poisson(30.0, 120);
        near(dispersion(&world.demand, 0.1), 1.0, 0.3);
        // Batches of a Poisson number of ten: 10.
        let mut world = World::new(6);
        for _ in 0..120 {
            let batches = world.rng.poisson(5.0);
            world.second(batches * 10);
        }
        let found = dispersion(&world.demand, 0.1);
        assert!((6.0..14.0).contains(&found), "{found}");
        // A slope of one a second: its differences are all 1.
        let mut world = World::new(7);
        for second in 0..120 {
            world.second(second);
        }
        near(dispersion(&world.demand, 0.1), 1.0, 0.0);
    }
}
