//! Queueing theory: Erlang B and C, and the staffing that follows from them.
//!
//! `offered_load` is in erlangs: arrival rate × mean service time. Servers are alike, arrivals are Poisson.
//! `scv` is the squared coefficient of variation of the service time (variance / mean²): 0 for constant, 1 for
//! exponential service.
//!
//! - Erlang B and C: A. K. Erlang, "Solution of some problems in the theory of probabilities of significance in
//!   automatic telephone exchanges", Elektroteknikeren 13 (1917).
//! - The recursion for B, which neither overflows nor cancels: D. L. Jagerman, "Some properties of the Erlang
//!   loss function", Bell System Technical Journal 53 (1974).
//! - Service times that aren't exponential: the approximation of A. O. Allen and J. Cunneen for GI/G/c, in
//!   A. O. Allen, "Probability, Statistics, and Queueing Theory" (2nd ed., 1990). It is exact for M/M/c and for the
//!   mean wait of M/G/1.
//!
//! Only + − × ÷ and `libm`'s exp are used, so the figures are the same bits everywhere. No input panics: a
//! negative number or NaN counts as 0 (an `scv` of NaN as 1, exponential), infinity as the limit.

/// The loss probability of M/M/c/c: the share of requests that find all `servers` busy and are turned away.
///
/// 1.0 without servers. O(servers).
pub fn erlang_b(servers: u32, offered_load: f64) -> f64 {
    let offered = at_least_zero(offered_load);
    if offered.is_infinite() {
        return 1.0;
    }
    let mut blocking = 1.0;
    for server in 1..=servers {
        blocking = next_blocking(server, offered, blocking);
        if blocking <= 0.0 {
            // More servers keep it at 0.
            break;
        }
    }
    blocking
}

/// The delay probability of M/M/c: the share of requests that must wait at all.
///
/// 1.0 when `offered_load` isn't below `servers`. O(servers).
pub fn erlang_c(servers: u32, offered_load: f64) -> f64 {
    let offered = at_least_zero(offered_load);
    if offered >= f64::from(servers) {
        return 1.0;
    }
    delay(servers, offered, erlang_b(servers, offered))
}

/// The mean wait before service in M/G/c, in the unit of `mean_service`; `arrival_rate` is per that unit.
///
/// `C(c, a) × mean_service / (c − a) × (1 + scv) / 2` (Allen–Cunneen with Poisson arrivals). Infinite when the
/// offered load isn't below `servers`; 0 without arrivals or service time. O(servers).
pub fn mean_wait(servers: u32, arrival_rate: f64, mean_service: f64, scv: f64) -> f64 {
    let service = at_least_zero(mean_service).min(f64::MAX);
    let offered = at_least_zero(arrival_rate).min(f64::MAX) * service;
    if offered <= 0.0 {
        return 0.0;
    }
    let spare = f64::from(servers) - offered;
    if spare <= 0.0 {
        return f64::INFINITY;
    }
    erlang_c(servers, offered) * (service / spare) * (0.5 + variability(scv) / 2.0)
}

/// The share of requests that wait longer than `wait_over_service` mean service times in M/G/c.
///
/// `C(c, a) × exp(−(c − a) × t × 2 / (1 + scv))`: exact for exponential service; otherwise the wait of those
/// who wait is taken as exponential with the mean of Allen–Cunneen. 1.0 when `offered_load` isn't below
/// `servers`. O(servers).
pub fn late_probability(servers: u32, offered_load: f64, wait_over_service: f64, scv: f64) -> f64 {
    let offered = at_least_zero(offered_load);
    if offered >= f64::from(servers) {
        return 1.0;
    }
    let decay = decay_per_spare(wait_over_service, scv);
    late(servers, offered, erlang_b(servers, offered), decay)
}

/// The least number of servers with which at most `late_fraction` of the requests wait longer than
/// `wait_over_service` mean service times (see [`late_probability`]); `max_servers` when none up to there is
/// enough.
///
/// 0 without offered load. Servers that can't keep up (not more than the offered load) are never enough,
/// whatever `late_fraction` says. One pass: O(result), and O(1) when `max_servers` can't keep up.
pub fn servers_for(
    offered_load: f64,
    wait_over_service: f64,
    scv: f64,
    late_fraction: f64,
    max_servers: u32,
) -> u32 {
    let offered = at_least_zero(offered_load);
    if offered <= 0.0 {
        return 0;
    }
    if offered >= f64::from(max_servers) {
        return max_servers;
    }
    let allowed = at_least_zero(late_fraction);
    let decay = decay_per_spare(wait_over_service, scv);
    let mut blocking = 1.0;
    for servers in 1..max_servers {
        blocking = next_blocking(servers, offered, blocking);
        if f64::from(servers) > offered && late(servers, offered, blocking, decay) <= allowed {
            return servers;
        }
    }
    max_servers
}

/// The least number of servers with which at most `loss_fraction` of the requests find all of them busy and are turned
/// away (see [`erlang_b`]); `max_servers` when none up to there is enough.
///
/// 0 without offered load. One pass: O(result).
pub fn servers_for_loss(offered_load: f64, loss_fraction: f64, max_servers: u32) -> u32 {
    let offered = at_least_zero(offered_load);
    if offered <= 0.0 {
        return 0;
    }
    if offered.is_infinite() {
        return max_servers;
    }
    let allowed = at_least_zero(loss_fraction);
    let mut blocking = 1.0;
    for servers in 1..max_servers {
        blocking = next_blocking(servers, offered, blocking);
        if blocking <= allowed {
            return servers;
        }
    }
    max_servers
}

/// B(c) from B(c − 1).
#[inline]
fn next_blocking(servers: u32, offered: f64, blocking: f64) -> f64 {
    let busy = offered * blocking;
    busy / (f64::from(servers) + busy)
}

/// C(c, a) from B(c, a), for a < c.
#[inline]
fn delay(servers: u32, offered: f64, blocking: f64) -> f64 {
    let servers = f64::from(servers);
    (servers * blocking / (servers - offered * (1.0 - blocking))).min(1.0)
}

/// P(W > t) from B(c, a), for a < c; `decay` as of [`decay_per_spare`].
#[inline]
fn late(servers: u32, offered: f64, blocking: f64, decay: f64) -> f64 {
    delay(servers, offered, blocking) * libm::exp(-(f64::from(servers) - offered) * decay)
}

/// How fast the tail of the wait falls with each spare server: t × 2 / (1 + scv).
fn decay_per_spare(wait_over_service: f64, scv: f64) -> f64 {
    at_least_zero(wait_over_service).min(f64::MAX) / (0.5 + variability(scv) / 2.0)
}

fn variability(scv: f64) -> f64 {
    if scv.is_nan() { 1.0 } else { scv.clamp(0.0, f64::MAX) }
}

/// The number itself; negative numbers and NaN as 0.
#[inline]
fn at_least_zero(value: f64) -> f64 {
    if value > 0.0 { value } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn near(found: f64, expected: f64, tolerance: f64) {
        assert!((found - expected).abs() <= tolerance, "{found} instead of {expected}");
    }

    #[test]
    fn erlang_b_as_in_the_tables() {
        // By hand: a^c/c! over the sum of a^k/k!.
        near(erlang_b(1, 1.0), 1.0 / 2.0, 1e-15);
        near(erlang_b(2, 1.0), 1.0 / 5.0, 1e-15);
        near(erlang_b(3, 1.0), 1.0 / 16.0, 1e-15);
        near(erlang_b(2, 2.0), 2.0 / 5.0, 1e-15);
        near(erlang_b(3, 2.0), 4.0 / 19.0, 1e-15);
        near(erlang_b(4, 3.0), 27.0 / 131.0, 1e-15);
        // Published.
        near(erlang_b(10, 10.0), 0.2146, 5e-5);
        near(erlang_b(5, 5.0), 0.2849, 5e-5);
        near(erlang_b(20, 20.0), 0.1589, 5e-5);
        near(erlang_b(100, 100.0), 0.0757, 5e-5);
        // The traffic that these many lines carry at a loss of 1 %.
        for (servers, offered) in
            [(1, 0.0101), (2, 0.153), (5, 1.361), (10, 4.461), (20, 12.03), (100, 84.06)]
        {
            near(erlang_b(servers, offered), 0.01, 1e-4);
        }
    }

    #[test]
    fn erlang_c_as_in_the_tables() {
        // One server: the utilization. Two servers: 2ρ² / (1 + ρ).
        near(erlang_c(1, 0.7), 0.7, 1e-15);
        near(erlang_c(2, 1.0), 1.0 / 3.0, 1e-15);
        near(erlang_c(2, 1.6), 2.0 * 0.64 / 1.8, 1e-15);
        near(erlang_c(3, 2.0), 4.0 / 9.0, 1e-15);
        near(erlang_c(10, 8.0), 0.4092, 5e-5);
        assert_eq!(erlang_c(4, 4.0).to_bits(), 1.0_f64.to_bits());
        assert_eq!(erlang_c(0, 0.0).to_bits(), 1.0_f64.to_bits());
    }

    #[test]
    fn mean_waits_known_in_closed_form() {
        // M/M/1: ρ s / (1 − ρ). M/D/1: half of it (Pollaczek–Khinchine). M/M/2 with ρ = 1/2: s / 3.
        near(mean_wait(1, 0.8, 1.0, 1.0), 4.0, 1e-12);
        near(mean_wait(1, 0.8, 1.0, 0.0), 2.0, 1e-12);
        near(mean_wait(1, 0.8, 1.0, 4.0), 10.0, 1e-12);
        near(mean_wait(2, 0.1, 10.0, 1.0), 10.0 / 3.0, 1e-12);
        assert!(mean_wait(2, 2.0, 1.0, 1.0).is_infinite());
        near(mean_wait(2, 0.0, 1.0, 1.0), 0.0, 0.0);
    }

    #[test]
    fn late_shares_known_in_closed_form() {
        // M/M/1: P(W > t) = ρ exp(−(1 − ρ) t / s).
        near(late_probability(1, 0.7, 2.0, 1.0), 0.7 * libm::exp(-0.6), 1e-15);
        near(late_probability(2, 1.0, 3.0, 1.0), libm::exp(-3.0) / 3.0, 1e-15);
        near(late_probability(2, 1.0, 3.0, 0.0), libm::exp(-6.0) / 3.0, 1e-15);
        near(late_probability(2, 2.0, 1e9, 1.0), 1.0, 0.0);
    }

    #[test]
    fn seventy_percent_is_too_much_for_two_hundred_and_too_little_for_two() {
        assert!(servers_for(140.0, 1.0, 1.0, 0.01, 1_000) < 200);
        assert!(servers_for(1.4, 1.0, 1.0, 0.01, 1_000) > 2);
    }

    #[test]
    fn staffing_by_hand() {
        // M/M/c with a = 1, t = s: c = 2 → e^−1 / 3 = 0.123; c = 3 → e^−2 / 11 = 0.0123; c = 4 → e^−3 / 49.
        assert_eq!(servers_for(1.0, 1.0, 1.0, 0.13, 10), 2);
        assert_eq!(servers_for(1.0, 1.0, 1.0, 0.12, 10), 3);
        assert_eq!(servers_for(1.0, 1.0, 1.0, 0.01, 10), 4);
        assert_eq!(servers_for(1.0, 1.0, 1.0, 0.01, 3), 3);
        // Whatever is allowed, the servers keep up.
        assert_eq!(servers_for(2.0, 1.0, 1.0, 1.0, 10), 3);
    }

    #[test]
    fn staffing_without_a_line_as_in_the_tables() {
        // The traffic that these many lines carry at a loss of 1 %: a hair more needs one more.
        for (servers, offered) in [(2, 0.153), (5, 1.361), (10, 4.461), (20, 12.03), (100, 84.06)] {
            assert_eq!(servers_for_loss(offered * 0.99, 0.01, 1_000), servers);
            assert_eq!(servers_for_loss(offered * 1.01, 0.01, 1_000), servers + 1);
        }
        // By hand: B(2, 2) = 2/5, B(3, 2) = 4/19.
        assert_eq!(servers_for_loss(2.0, 0.4, 10), 2);
        assert_eq!(servers_for_loss(2.0, 0.399, 10), 3);
        assert_eq!(servers_for_loss(2.0, 0.01, 3), 3);
    }

    #[test]
    fn strange_inputs_are_safe() {
        let strange =
            [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -1.0, -0.0, 0.0, 5e-324, 1.0, 1e300, f64::MAX];
        for a in strange {
            for servers in [0, 1, 2, 50] {
                let (b, c) = (erlang_b(servers, a), erlang_c(servers, a));
                assert!((0.0..=1.0).contains(&b) && (0.0..=1.0).contains(&c), "{servers} {a}: {b} {c}");
                for t in strange {
                    for scv in strange {
                        let late = late_probability(servers, a, t, scv);
                        assert!((0.0..=1.0).contains(&late), "{servers} {a} {t} {scv}: {late}");
                        let wait = mean_wait(servers, a, t, scv);
                        assert!(wait >= 0.0, "{servers} {a} {t} {scv}: {wait}");
                        for fraction in strange {
                            assert!(servers_for(a, t, scv, fraction, servers) <= servers);
                            assert!(servers_for_loss(a, fraction, servers) <= servers);
                        }
                    }
                }
            }
        }
        assert_eq!(servers_for(0.0, 1.0, 1.0, 0.01, 10), 0);
        assert_eq!(servers_for(f64::NAN, 1.0, 1.0, 0.01, 10), 0);
        assert_eq!(servers_for(f64::INFINITY, 1.0, 1.0, 0.01, 10), 10);
        assert_eq!(servers_for(1e9, 1.0, 1.0, 0.01, u32::MAX / 8), u32::MAX / 8);
    }

    /// Erlang B by its definition, the terms scaled by the largest.
    fn blocking_by_definition(servers: u32, offered: f64) -> f64 {
        let mut sum = 1.0;
        let mut term = 1.0;
        // a^(k−1)/(k−1)! over a^c/c!, downwards from k = c.
        for k in (1..=servers).rev() {
            term *= f64::from(k) / offered;
            sum += term;
        }
        1.0 / sum
    }

    proptest! {
        #[test]
        fn the_recursion_agrees_with_the_definition(servers in 1_u32..150, offered in 0.1_f64..150.0) {
            let exact = blocking_by_definition(servers, offered);
            let found = erlang_b(servers, offered);
            prop_assert!((found - exact).abs() <= exact * 1e-11, "{} instead of {}", found, exact);
        }

        #[test]
        fn more_servers_help_and_more_load_hurts(
            servers in 1_u32..300, offered in 0.01_f64..300.0, more in 0.01_f64..10.0,
            wait in 0.0_f64..5.0, scv in 0.0_f64..10.0,
        ) {
            let slack = 1.0 + 1e-12;
            prop_assert!(erlang_b(servers + 1, offered) <= erlang_b(servers, offered) * slack);
            prop_assert!(erlang_b(servers, offered + more) * slack >= erlang_b(servers, offered));
            prop_assert!(erlang_c(servers + 1, offered) <= erlang_c(servers, offered) * slack);
            prop_assert!(erlang_c(servers, offered + more) * slack >= erlang_c(servers, offered));
            prop_assert!(erlang_b(servers, offered) <= erlang_c(servers, offered) * slack);
            let late = late_probability(servers, offered, wait, scv);
            prop_assert!(late_probability(servers + 1, offered, wait, scv) <= late * slack);
            prop_assert!(late_probability(servers, offered + more, wait, scv) * slack >= late);
            prop_assert!(late_probability(servers, offered, wait + more, scv) <= late * slack);
            prop_assert!(late_probability(servers, offered, wait, scv + more) * slack >= late);
        }

        #[test]
        fn the_mean_wait_is_the_tail_summed_up(servers in 1_u32..50, utilization in 0.05_f64..0.95, scv in 0.0_f64..5.0) {
            let offered = f64::from(servers) * utilization;
            // The integral of C·exp(−r·t) over t is C/r; r shows in the tail at two points.
            let at_0 = late_probability(servers, offered, 0.0, scv);
            let at_1 = late_probability(servers, offered, 1e-3, scv);
            let rate = libm::log(at_0 / at_1) * 1e3;
            let wait = mean_wait(servers, offered, 1.0, scv);
            prop_assert!((wait - at_0 / rate).abs() <= wait * 1e-6, "{} instead of {}", wait, at_0 / rate);
        }

        #[test]
        fn the_staffing_is_the_least(
            offered in 0.01_f64..200.0, wait in 0.0_f64..5.0, scv in 0.0_f64..10.0, fraction in 0.0001_f64..0.5,
        ) {
            let servers = servers_for(offered, wait, scv, fraction, 100_000);
            prop_assert!(f64::from(servers) > offered);
            prop_assert!(late_probability(servers, offered, wait, scv) <= fraction);
            prop_assert!(late_probability(servers - 1, offered, wait, scv) > fraction);
            prop_assert_eq!(servers_for(offered, wait, scv, fraction, servers - 1), servers - 1);
        }

        #[test]
        fn staffing_grows_with_load_and_strictness(
            offered in 0.01_f64..200.0, more in 0.0_f64..20.0, wait in 0.0_f64..5.0, scv in 0.0_f64..10.0,
            fraction in 0.001_f64..0.5,
        ) {
            let servers = servers_for(offered, wait, scv, fraction, 100_000);
            prop_assert!(servers_for(offered + more, wait, scv, fraction, 100_000) >= servers);
            prop_assert!(servers_for(offered, wait, scv, fraction / 2.0, 100_000) >= servers);
            prop_assert!(servers_for(offered, wait + more, scv, fraction, 100_000) <= servers);
        }
    }
}
