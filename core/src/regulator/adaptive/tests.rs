use alloc::vec::Vec;

use super::*;
use crate::ratio::Ratio;

fn config(algorithm: AdaptiveAlgorithm) -> AdaptiveConfig {
    let config = crate::Config::from_value(&crate::Value::Map(Vec::new())).unwrap();
    assert_eq!(config.regulator.adaptive, None);
    let map = alloc::vec![("min_limit".into(), crate::Value::Integer(10))];
    let regulator = alloc::vec![("adaptive".into(), crate::Value::Map(map))];
    let value = crate::Value::Map(alloc::vec![("regulator".into(), crate::Value::Map(regulator))]);
    let found = crate::Config::from_value(&value).unwrap().regulator.adaptive.unwrap();
    AdaptiveConfig { algorithm, ..found }
}

/// A limit with requests that come and go as told.
struct Course {
    adaptive: Adaptive,
    now_us: u64,
}

impl Course {
    fn new(config: &AdaptiveConfig, hard: u32) -> Self {
        let regulator = RegulatorConfig {
            soft_limit: 1,
            hard_limit: hard,
            reserved_capacity: Ratio::default(),
            sheddable_fraction: Ratio::default(),
            token_ttl_us: None,
            reservation: Reservation::Headroom,
            adaptive: Some(*config),
        };
        Self { adaptive: Adaptive::new(config, &regulator, 0), now_us: 0 }
    }

    /// A second with so many requests in flight throughout, of which each takes so many milliseconds, and so many more
    /// that fail at once.
    fn second(&mut self, load: u32, each_ms: u64, failed: u64, refused: u64) {
        self.adaptive.running.peak = load;
        for _ in 0..refused {
            self.adaptive.refused();
        }
        let completed = u64::from(load) * 1_000 / each_ms;
        for place in 0..completed {
            let at_us = self.now_us + 1_000_000 * (place + 1) / completed.max(1);
            self.adaptive.released(at_us, load, each_ms * 1_000, false);
            self.adaptive.admitted(at_us, load - 1);
        }
        self.now_us += 1_000_000;
        for _ in 0..failed {
            self.adaptive.admitted(self.now_us, load);
            self.adaptive.released(self.now_us, load + 1, 0, true);
        }
        self.adaptive.step(self.now_us, load);
    }
}

#[test]
fn aimd_by_hand() {
    let config = AdaptiveConfig { initial_limit: 100, ..config(AdaptiveAlgorithm::Aimd) };
    let mut course = Course::new(&config, 1_000);
    // Half of it in use: one more. Less: as before.
    course.second(50, 100, 0, 0);
    assert_eq!((course.adaptive.limit(), course.adaptive.moved()), (101, Some(Reason::LatencyLow)));
    course.second(50, 100, 0, 0);
    assert_eq!(course.adaptive.limit(), 101);
    // 500 end well. 55 that fail are less than a tenth of all (and 51 are half of 101: 102), 56 are more: 0.9 × 102.
    course.second(50, 100, 55, 0);
    assert_eq!(course.adaptive.moved(), Some(Reason::LatencyLow));
    course.second(50, 100, 56, 0);
    assert_eq!((course.adaptive.limit(), course.adaptive.moved()), (91, Some(Reason::Drops)));
    // Not again before the load has come down to it.
    course.second(95, 100, 200, 0);
    assert_eq!(course.adaptive.limit(), 91);
    course.second(91, 100, 200, 0);
    assert_eq!(course.adaptive.limit(), 82, "0.9 × 91.8 = 82.6");
}

#[test]
fn aimd_backs_off_when_latency_passes_the_timeout() {
    let config =
        AdaptiveConfig { initial_limit: 100, timeout_us: 150_000, ..config(AdaptiveAlgorithm::Aimd) };
    let mut course = Course::new(&config, 1_000);
    course.second(100, 200, 0, 0);
    assert_eq!((course.adaptive.limit(), course.adaptive.moved()), (90, Some(Reason::LatencyHigh)));
    assert_eq!(course.adaptive.latency_us(), Some(200_000));
    assert_eq!(course.adaptive.baseline_us(), None);
}

#[test]
fn gradient_by_hand() {
    let config = AdaptiveConfig { initial_limit: 100, ..config(AdaptiveAlgorithm::Gradient) };
    let mut course = Course::new(&config, 1_000);
    // Normal: a fifth of the queue of 4. 100.8, 101.6.
    course.second(60, 100, 0, 0);
    course.second(60, 100, 0, 0);
    assert_eq!((course.adaptive.limit(), course.adaptive.baseline_us()), (101, Some(100_000)));
    // Twice the baseline: 1.5 × 100 / 200 = 0.75 of the 100 in flight, and 4; a fifth of the way: 100 − 0.2 × 21 = 95.8.
    course.second(100, 200, 0, 0);
    assert_eq!((course.adaptive.limit(), course.adaptive.moved()), (95, Some(Reason::LatencyHigh)));
    assert_eq!(course.adaptive.baseline_us(), Some(100_000), "frozen");
    // Ten times: no less than one half. 95 in flight: 95 − 0.2 × 43.5 = 86.3.
    course.second(95, 1_000, 0, 0);
    assert_eq!(course.adaptive.limit(), 86);
}

#[test]
fn gradient_takes_a_latency_above_the_absolute_one_for_lost() {
    let config = AdaptiveConfig {
        initial_limit: 100,
        max_latency_us: Some(90_000),
        ..config(AdaptiveAlgorithm::Gradient)
    };
    let mut course = Course::new(&config, 1_000);
    // 100 in flight: 100 − 0.2 × 46 = 90.8.
    course.second(100, 100, 0, 0);
    assert_eq!((course.adaptive.limit(), course.adaptive.moved()), (90, Some(Reason::LatencyHigh)));
}

#[test]
fn correlation_waits_for_an_overload_that_lasts() {
    let config = AdaptiveConfig { initial_limit: 1_000, ..config(AdaptiveAlgorithm::Correlation) };
    let mut course = Course::new(&config, 1_000);
    for _ in 0..20 {
        course.second(80, 100, 0, 0);
    }
    let baseline_us = course.adaptive.baseline_us().unwrap();
    assert!(baseline_us.abs_diff(100_000) <= 4_000, "{baseline_us}");
    // Slower, and as many go as come: no overload, and in time the new baseline.
    for _ in 0..60 {
        course.second(160, 200, 0, 0);
    }
    assert_eq!((course.adaptive.limit(), course.adaptive.moved()), (1_000, None));
    assert!(course.adaptive.baseline_us().unwrap() > 190_000);
    // Slower still, and many are kept out: after 20 s the limit goes to where it was good.
    for second in 0..25 {
        course.second(1_000, 1_250, 0, 1_000);
        if course.adaptive.moved().is_some() {
            assert!((19..=22).contains(&second), "{second}");
            break;
        }
    }
    // 160 in flight when latency was normal, throughput as then; the low half of the first probe: 152.
    assert_eq!((course.adaptive.limit(), course.adaptive.moved()), (152, Some(Reason::LatencyHigh)));
}

#[test]
fn errors_are_no_speed() {
    for algorithm in [AdaptiveAlgorithm::Gradient, AdaptiveAlgorithm::Correlation] {
        let config = AdaptiveConfig { initial_limit: 200, ..config(algorithm) };
        let mut course = Course::new(&config, 1_000);
        for _ in 0..10 {
            course.second(150, 100, 0, 0);
        }
        let (limit, baseline_us) = (course.adaptive.limit(), course.adaptive.baseline_us());
        // Nine in ten fail at once: nothing is learned from it, and the limit doesn't rise.
        for _ in 0..10 {
            course.second(15, 100, 1_350, 0);
        }
        assert!(course.adaptive.limit() <= limit, "{algorithm:?}");
        assert_eq!(course.adaptive.baseline_us(), baseline_us, "{algorithm:?}");
    }
}

#[test]
fn one_lucky_request_changes_nothing() {
    let config = AdaptiveConfig { initial_limit: 200, ..config(AdaptiveAlgorithm::Correlation) };
    let mut course = Course::new(&config, 1_000);
    for _ in 0..10 {
        course.second(50, 1_000, 0, 0);
    }
    let (limit, baseline_us) = (course.adaptive.limit(), course.adaptive.baseline_us());
    course.adaptive.admitted(course.now_us, 50);
    course.adaptive.released(course.now_us, 51, 1, false);
    course.second(50, 1_000, 0, 0);
    assert_eq!((course.adaptive.limit(), course.adaptive.baseline_us()), (limit, baseline_us));
}

#[test]
fn the_limit_stays_between_its_ends() {
    let config = AdaptiveConfig { min_limit: 30, initial_limit: 40, ..config(AdaptiveAlgorithm::Aimd) };
    let mut course = Course::new(&config, 50);
    for _ in 0..20 {
        course.second(50, 100, 0, 0);
    }
    assert_eq!(course.adaptive.limit(), 50);
    course.adaptive.set_hard_limit(45);
    assert_eq!(course.adaptive.limit(), 45);
    for _ in 0..20 {
        course.second(30, 100, 1_000, 0);
    }
    assert_eq!(course.adaptive.limit(), 30);
    // A hard limit below the least one is the limit.
    course.adaptive.set_hard_limit(20);
    assert_eq!(course.adaptive.limit(), 20);
}

#[test]
fn a_window_with_few_requests_goes_on() {
    let config = AdaptiveConfig { initial_limit: 10, ..config(AdaptiveAlgorithm::Aimd) };
    let mut course = Course::new(&config, 1_000);
    for second in 1..=10 {
        course.second(10, 1_000, 0, 0);
        // Fifty make a window.
        assert_eq!(course.adaptive.limit(), 10 + second / 5, "second {second}");
    }
}
