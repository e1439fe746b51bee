//! Several runs of one workload with different seeds: means, and how sure they are.
//!
//! A figure of one run is a draw; the mean of n runs lies within t × s / √n of the true mean in 95 of 100 cases,
//! where s is the runs' standard deviation and t Student's ("The probable error of a mean", Biometrika 6, 1908). That
//! holds as far as the runs' figures are about normal.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use serde::Serialize;

use super::simulation::Summary;
use crate::order;

/// The main figures over several seeds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Runs {
    /// How many runs.
    pub count: u32,
    /// Each figure, by its name.
    pub figures: BTreeMap<&'static str, Interval>,
}

/// A mean and its 95 % confidence interval. It knows nothing of what a figure can be: a bound may lie below 0.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Interval {
    /// The mean.
    pub mean: f64,
    /// Where the interval begins.
    pub low: f64,
    /// Where it ends.
    pub high: f64,
}

/// The figures that are told, from a run's summary.
#[allow(clippy::cast_precision_loss)] // counts below 2^53
fn figures(summary: &Summary) -> [(&'static str, f64); 29] {
    let share = |count: u64| if summary.offered == 0 { 0.0 } else { count as f64 / summary.offered as f64 };
    [
        ("requests", summary.requests as f64),
        ("retries", summary.retries as f64),
        ("gave_up", summary.gave_up as f64),
        ("offered", summary.offered as f64),
        ("refused", summary.refused as f64),
        ("refused_share", share(summary.refused)),
        ("expired", summary.expired as f64),
        ("failed", summary.failed as f64),
        ("abandoned", summary.abandoned as f64),
        ("completed", summary.completed as f64),
        ("goodput_per_s", summary.goodput_per_s),
        ("late", summary.late as f64),
        ("late_share", summary.late_share),
        ("refused_or_late", summary.refused_or_late as f64),
        ("refused_or_late_share", summary.refused_or_late_share),
        ("wait_mean_ms", summary.wait_ms.mean),
        ("wait_p95_ms", summary.wait_ms.p95),
        ("wait_p99_ms", summary.wait_ms.p99),
        ("latency_p50_ms", summary.latency_ms.p50),
        ("latency_p95_ms", summary.latency_ms.p95),
        ("latency_p99_ms", summary.latency_ms.p99),
        ("utilization_mean", summary.utilization_mean),
        ("time_in_band", summary.time_in_band),
        ("worker_hours", summary.worker_hours.total),
        ("total_money", summary.cost.total_money),
        ("crashes", summary.crashes as f64),
        ("surges", summary.surges as f64),
        ("scale_changes", summary.scale_changes as f64),
        ("scale_changes_per_hour", summary.scale_changes_per_hour),
    ]
}

/// Means and squared deviations of the runs so far, by Welford's recurrence (Technometrics 4, 1962).
#[derive(Debug, Clone, Default)]
pub struct Tally {
    count: u32,
    /// Each figure's name, mean and squared deviations.
    moments: Vec<(&'static str, f64, f64)>,
}

impl Tally {
    /// How many runs there were.
    pub fn count(&self) -> u32 {
        self.count
    }

    /// Adds a run.
    pub fn add(&mut self, summary: &Summary) {
        self.count += 1;
        let figures = figures(summary);
        if self.moments.is_empty() {
            self.moments = figures.iter().map(|(name, _)| (*name, 0.0, 0.0)).collect();
        }
        // They are the same of every run, in the same order.
        for ((_, mean, squares), (_, figure)) in self.moments.iter_mut().zip(figures) {
            let from_mean = figure - *mean;
            *mean += from_mean / f64::from(self.count);
            *squares += from_mean * (figure - *mean);
        }
    }

    /// What the runs say; one alone says nothing.
    pub fn runs(&self) -> Option<Runs> {
        if self.count < 2 {
            return None;
        }
        let degrees = self.count - 1;
        let interval = |(name, mean, squares): &(&'static str, f64, f64)| {
            let deviation = libm::sqrt(squares / f64::from(degrees));
            let half = student_t(degrees) * deviation / libm::sqrt(f64::from(self.count));
            (*name, Interval { mean: *mean, low: mean - half, high: mean + half })
        };
        Some(Runs { count: self.count, figures: order::map(self.moments.iter().map(interval)) })
    }
}

/// The 97.5 % points of Student's distribution of 1 to 30 degrees of freedom, as every table has them.
const POINTS: [f64; 30] = [
    12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.3060, 2.2622, 2.2281, 2.2010, 2.1788, 2.1604,
    2.1448, 2.1314, 2.1199, 2.1098, 2.1009, 2.0930, 2.0860, 2.0796, 2.0739, 2.0687, 2.0639, 2.0595, 2.0555,
    2.0518, 2.0484, 2.0452, 2.0423,
];
/// That of the normal distribution.
const NORMAL: f64 = 1.959_963_985;

/// Student's 97.5 % point: the table's up to 30 degrees of freedom (at least one), beyond that by its expansion about
/// the normal one (Abramowitz and Stegun, "Handbook of Mathematical Functions", 26.7.5), which is within 10^-4.
fn student_t(degrees: u32) -> f64 {
    if let Some(point) = POINTS.get(degrees.saturating_sub(1) as usize) {
        return *point;
    }
    let (n, z) = (f64::from(degrees), NORMAL);
    let z2 = z * z;
    let first = z * (z2 + 1.0) / 4.0;
    let second = z * ((5.0 * z2 + 16.0) * z2 + 3.0) / 96.0;
    z + first / n + second / (n * n)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_points_are_those_of_the_tables() {
        for (degrees, point) in
            [(1, 12.7062), (4, 2.7764), (30, 2.0423), (40, 2.0211), (60, 2.0003), (120, 1.9799), (99, 1.9842)]
        {
            assert!((student_t(degrees) - point).abs() < 1e-4, "{degrees}: {}", student_t(degrees));
        }
        // The expansion goes on where the table ends, always downwards.
        for degrees in 1..200 {
            assert!(student_t(degrees) > student_t(degrees + 1) && student_t(degrees) > NORMAL);
        }
    }
}
