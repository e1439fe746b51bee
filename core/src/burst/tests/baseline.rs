//! The baseline, and what must not poison it.

use super::*;
use crate::burst::baseline::Baseline;
use proptest::prelude::*;

fn settled(rate: u32) -> Baseline {
    let mut baseline = Baseline::new(&defaults().0);
    for _ in 0..70 {
        baseline.close(rate);
    }
    baseline
}

#[test]
fn sixty_samples_older_than_the_window() {
    let mut baseline = Baseline::new(&defaults().0);
    for sample in 0..69 {
        baseline.close(sample / 60 * 1000 + 1);
        assert!(!baseline.is_ready());
    }
    baseline.close(1001);
    // The ten newest don't count yet.
    assert_eq!(baseline.arrivals(), Some(60));
    assert_eq!(baseline.seconds(), 60);
}

#[test]
fn slow_changes_are_followed() {
    let mut baseline = settled(10);
    for _ in 0..70 {
        baseline.close(20);
    }
    // Twice the baseline isn't above twice the baseline.
    assert_eq!(baseline.arrivals(), Some(1200));
    for _ in 0..70 {
        baseline.close(0);
    }
    assert_eq!(baseline.arrivals(), Some(0));
}

#[test]
fn what_stays_up_is_the_new_normal_after_a_minute() {
    let mut baseline = settled(10);
    // Raised from the second sample on: 2 × 100 + 8 × 10 > 200.
    for _ in 0..61 {
        baseline.close(100);
        assert_eq!(baseline.arrivals(), Some(600));
    }
    baseline.close(100);
    // Held out were 9 usual samples and 52 high ones; the newest 60 join.
    assert_eq!(baseline.arrivals(), Some(8 * 10 + 52 * 100));
    for _ in 0..20 {
        baseline.close(100);
    }
    assert_eq!(baseline.arrivals(), Some(6000));
}

#[test]
fn a_rate_held_out_joins_at_once_without_a_hold_out() {
    let mut config = defaults().0;
    config.hold_out_us = 0;
    let mut baseline = Baseline::new(&config);
    for _ in 0..70 {
        baseline.close(1);
    }
    for _ in 0..15 {
        baseline.close(100);
    }
    assert_eq!(baseline.arrivals(), Some(55 + 500));
}

#[test]
fn two_short_spikes_are_dropped_each() {
    let mut baseline = settled(10);
    for (count, length) in [(500, 5), (10, 14), (500, 5), (10, 3), (900, 2), (10, 100)] {
        for _ in 0..length {
            baseline.close(count);
            assert_eq!(baseline.arrivals(), Some(600));
        }
    }
}

#[test]
fn sampling_stops_during_a_surge_and_resumes_at_420_s() {
    let mut sim = Sim::surging(1, unchanged);
    // A rate between one and two baselines would join if it were sampled.
    sim.rates(2);
    sim.run(420);
    assert_eq!((sim.seconds(), sim.baseline_arrivals(0)), (521, Some(60)));
    sim.run(10);
    assert_eq!(sim.baseline_arrivals(0), Some(60));
    // The first sample after the surge leaves the window of ten.
    sim.run(1);
    assert_eq!((sim.seconds(), sim.baseline_arrivals(0)), (532, Some(61)));
}

#[test]
fn a_surge_that_ends_within_a_sample_spoils_that_sample() {
    let mut sim = Sim::surging(1, unchanged);
    sim.rates(2);
    sim.run(5);
    let now_us = sim.world.now_us + SECOND_US / 2;
    sim.step(now_us);
    sim.burst.disable(now_us);
    sim.step_to(now_us + SECOND_US / 2);
    sim.run(119);
    assert!(sim.status().in_surge);
    // It ends in the middle of this one.
    sim.run(1);
    assert!(!sim.status().in_surge);
    sim.run(10);
    assert_eq!(sim.baseline_arrivals(0), Some(60));
    sim.run(1);
    assert_eq!(sim.baseline_arrivals(0), Some(61));
}

#[test]
fn a_spike_that_the_pools_absorb_leaves_the_next_one_visible() {
    // 100 workers: 50 a second are 0.5, nothing to surge for, and 50 baselines.
    let mut sim = Sim::with(1, unchanged);
    sim.world.pools[0].demand.workers = 100;
    sim.rates(2);
    sim.run(100);
    for _ in 0..20 {
        sim.rates(50);
        sim.run(50);
        sim.rates(2);
        sim.run(25);
    }
    assert_eq!((sim.burst.surge_count, sim.baseline_arrivals(0)), (0, Some(120)));
    sim.rates(81);
    sim.run(1);
    assert_eq!(sim.burst.surge_count, 1);
}

#[test]
fn a_rate_that_the_pools_absorb_becomes_the_new_normal() {
    let mut sim = Sim::with(1, unchanged);
    sim.world.pools[0].demand.workers = 100;
    sim.run(100);
    sim.rates(50);
    sim.run(80);
    assert_eq!(sim.baseline_arrivals(0), Some(3000));
    sim.rates(400);
    sim.run(20);
    assert_eq!(sim.burst.surge_count, 0, "eight times the new normal");
}

#[test]
fn as_many_samples_are_remembered_as_the_handler_counts_on() {
    let mut arrivals = Arrivals::new(0);
    arrivals.add(0);
    arrivals.advance(super::super::REMEMBERED * SECOND_US);
    assert_eq!(arrivals.sample(0), 1);
    arrivals.advance((super::super::REMEMBERED + 1) * SECOND_US);
    assert_eq!(arrivals.sample(0), 0);
}

#[test]
fn a_long_sleep_is_many_silent_seconds() {
    for slept in [129, 200, 1000] {
        let mut awake = Sim::settled(1, |config| config.baseline_samples = 600);
        awake.run(600);
        awake.rates(50);
        awake.run(20);
        awake.burst.disable(awake.world.now_us);
        awake.rates(0);
        awake.run(450);
        awake.rates(1);
        awake.run(5);
        awake.rates(0);
        let mut asleep = awake.clone();
        asleep.step(asleep.world.now_us + slept * SECOND_US);
        awake.run(slept);
        assert_eq!(asleep.baseline_arrivals(0), awake.baseline_arrivals(0));
    }
}

#[test]
fn the_longest_sleep_is_bounded() {
    let mut sim = Sim::settled(3, |config| config.hold_out_us = (1 << 53) - 1);
    sim.step((1 << 53) - 1);
    assert_eq!(sim.baseline_arrivals(0), Some(0));
}

proptest! {
    /// A spike of up to 50 s never raises the baseline, whatever its height; one that stays within twice the
    /// baseline isn't a spike, and raises it to no more than that.
    #[test]
    fn spikes_never_raise_the_baseline(
        rate in 0_u32..1000,
        spikes in prop::collection::vec((prop_oneof![0_u32..5000, any::<u32>()], 1_u32..=50, 11_u32..40), 1..6),
    ) {
        let mut baseline = settled(rate);
        let usual = u64::from(rate) * 60;
        for (height, length, pause) in spikes {
            let within = u64::from(length.min(10));
            let top = within * u64::from(height) + (10 - within) * u64::from(rate);
            let is_spike = top > 20 * u64::from(rate);
            for count in core::iter::repeat_n(height, length as usize).chain(core::iter::repeat_n(rate, 9 + pause as usize)) {
                baseline.close(count);
                let arrivals = baseline.arrivals().unwrap();
                if is_spike {
                    prop_assert_eq!(arrivals, usual);
                } else {
                    prop_assert!(arrivals <= 2 * usual);
                }
            }
            if !is_spike {
                baseline = settled(rate);
            }
        }
    }

    /// The sum is that of the samples, whatever comes.
    #[test]
    fn the_sum_never_drifts(counts in prop::collection::vec(prop_oneof![0_u32..20, any::<u32>()], 0..400)) {
        let mut baseline = Baseline::new(&defaults().0);
        for count in counts {
            baseline.close(count);
            prop_assert_eq!(baseline.sums(), baseline.counted());
        }
    }

    /// Seldom steps find the same baseline as frequent ones.
    #[test]
    fn missed_steps_lose_no_samples(gaps in prop::collection::vec((1_u64..100, 0_u32..60), 1..20)) {
        let mut often = Sim::with(1, |config| config.enabled = false);
        let mut seldom = often.clone();
        for (gap, rate) in gaps {
            often.rates(rate);
            often.run(gap);
            for _ in 0..gap {
                seldom.arrive(0, rate);
                seldom.world.advance(seldom.world.now_us + SECOND_US);
            }
            seldom.step(seldom.world.now_us);
            prop_assert_eq!(often.baseline_arrivals(0), seldom.baseline_arrivals(0));
        }
    }
}
