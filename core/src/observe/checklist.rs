//! The checklist: five checks of a well leveled system.

use alloc::string::String;
use alloc::vec::Vec;

use serde::Serialize;

use super::fraction;
use crate::ratio::Ratio;

const UTILIZATION_ABOVE: Ratio = Ratio::from_ppm(600_000);
const UTILIZATION_BELOW: Ratio = Ratio::from_ppm(800_000);
const REJECTIONS_BELOW: Ratio = Ratio::from_ppm(10_000);
/// A coefficient above this passes.
pub(crate) const BALANCE_ABOVE: Ratio = Ratio::from_ppm(800_000);
const LATENCY_BELOW_MS: u32 = 100;

/// What the checks found.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Checklist {
    /// Whether all passed.
    pub pass: bool,
    /// The checks: `utilization`, `rejection_rate`, `balance`, `health`, `latency`.
    pub checks: Vec<Check>,
}

/// A check. It passes above `above` and below `below`; the bounds themselves don't pass.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Check {
    /// What is checked: `utilization` (every pool's), `rejection_rate` (over the lifetime), `balance` (the
    /// coefficient), `health` (pools that are critical), `latency` (every pool's average, in milliseconds).
    pub name: &'static str,
    /// What was found; of a check of every pool, the pool's figure that is farthest from the middle of the bounds or the
    /// greatest.
    pub figure: f64,
    /// It must be greater than this.
    pub above: Option<f64>,
    /// It must be less than this.
    pub below: Option<f64>,
    /// Whether it is so, compared exactly; of a check of every pool, for all of them.
    pub pass: bool,
    /// The pools, by id, in a check of every pool; else empty.
    pub pools: Vec<PoolCheck>,
}

/// A pool's part of a check.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PoolCheck {
    /// The pool.
    pub pool: String,
    /// What was found. In `health`: 0 healthy, 1 degraded, 2 critical.
    pub figure: f64,
    /// Whether it passes.
    pub pass: bool,
}

/// What the checks look at in a pool.
#[derive(Debug, Clone)]
pub(crate) struct Figures<'a> {
    pub(crate) name: &'a str,
    /// Busy workers, and idle and busy ones.
    pub(crate) occupancy: (u32, u32),
    /// 0 healthy, 1 degraded, 2 critical.
    pub(crate) health: u8,
    /// Requests that ended, and the time that they took together, in microseconds.
    pub(crate) latency: (u64, u128),
}

/// Makes the checks. `rejections` are rejected and all requests; the coefficient comes with whether it is above
/// [`BALANCE_ABOVE`].
pub(crate) fn checklist<'a>(
    pools: impl Iterator<Item = Figures<'a>>,
    rejections: (u64, u64),
    (coefficient, balanced): (f64, bool),
) -> Checklist {
    let (mut utilization, mut health, mut latency) = (Vec::new(), Vec::new(), Vec::new());
    let mut critical = 0_u32;
    for pool in pools {
        let check = |figure, pass| PoolCheck { pool: pool.name.into(), figure, pass };
        let (busy, ready) = (u128::from(pool.occupancy.0), u128::from(pool.occupancy.1));
        let inside = UTILIZATION_ABOVE.compare_fraction(busy, ready).is_gt()
            && UTILIZATION_BELOW.compare_fraction(busy, ready).is_lt();
        utilization.push(check(fraction(busy, ready), inside));
        health.push(check(f64::from(pool.health), pool.health < 2));
        critical = critical.saturating_add(u32::from(pool.health >= 2));
        let (requests, total_us) = pool.latency;
        let quick = total_us < u128::from(requests) * u128::from(LATENCY_BELOW_MS) * 1_000 || requests == 0;
        latency.push(check(fraction(total_us, u128::from(requests) * 1_000), quick));
    }
    let (above, below) = (UTILIZATION_ABOVE.as_f64(), UTILIZATION_BELOW.as_f64());
    let middle = f64::midpoint(above, below);
    let off = |figure: f64| libm::fabs(figure - middle);
    let (rejected, requests) = rejections;
    let (rejected, requests) = (u128::from(rejected), u128::from(requests));
    let few = REJECTIONS_BELOW.compare_fraction(rejected, requests).is_lt();
    let single =
        |name, figure, above, below, pass| Check { name, figure, above, below, pass, pools: Vec::new() };
    let each = |name, figure, above, below, pools: Vec<PoolCheck>| {
        let pass = pools.iter().all(|pool| pool.pass);
        Check { name, figure, above, below, pass, pools }
    };
    let worst = farthest(&utilization, off);
    let slowest = farthest(&latency, |figure| figure);
    let rejection_rate = fraction(rejected, requests);
    let checks = alloc::vec![
        each("utilization", worst, Some(above), Some(below), utilization),
        single("rejection_rate", rejection_rate, None, Some(REJECTIONS_BELOW.as_f64()), few),
        single("balance", coefficient, Some(BALANCE_ABOVE.as_f64()), None, balanced),
        each("health", critical.into(), None, Some(1.0), health),
        each("latency", slowest, None, Some(LATENCY_BELOW_MS.into()), latency),
    ];
    Checklist { pass: checks.iter().all(|check| check.pass), checks }
}

/// The first figure that is farthest by this measure.
fn farthest(pools: &[PoolCheck], measure: impl Fn(f64) -> f64) -> f64 {
    let mut figures = pools.iter().map(|pool| pool.figure);
    let first = figures.next().unwrap_or(0.0);
    figures.fold(first, |worst, figure| if measure(figure) > measure(worst) { figure } else { worst })
}
