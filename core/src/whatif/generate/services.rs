//! How long requests take: distributions of service times.

use super::arrivals::as_f64;
use crate::whatif::rng::Rng;
use crate::whatif::workload::whole;

/// How long a worker is busy with a request of a domain.
///
/// What is drawn is rounded to microseconds; the least is one.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Distribution {
    /// Always the same.
    Constant {
        /// How long.
        mean_us: u64,
    },
    /// Exponential: a coefficient of variation of 1.
    Exponential {
        /// The mean.
        mean_us: u64,
    },
    /// Log-normal.
    LogNormal {
        /// The mean.
        mean_us: u64,
        /// The coefficient of variation: standard deviation / mean.
        variation: f64,
    },
    /// Pareto (type I): P(longer than x) = (least / x)^shape. The variance is infinite for a shape of 2 or below, the
    /// coefficient of variation 1 / sqrt(shape × (shape − 2)) above that.
    Pareto {
        /// The mean.
        mean_us: u64,
        /// The shape; above 1.
        shape: f64,
    },
}

impl Distribution {
    /// The mean, in microseconds.
    pub const fn mean_us(&self) -> u64 {
        match *self {
            Self::Constant { mean_us }
            | Self::Exponential { mean_us }
            | Self::LogNormal { mean_us, .. }
            | Self::Pareto { mean_us, .. } => mean_us,
        }
    }
}

/// The service times of one domain in a run, one after another.
#[derive(Debug, Clone)]
pub(super) struct Services {
    law: Law,
    rng: Rng,
}

#[derive(Debug, Clone, Copy)]
enum Law {
    Constant { service_us: u64 },
    Exponential { mean: f64 },
    LogNormal { mean: f64, sigma: f64, half_variance: f64 },
    Pareto { least: f64, shape: f64 },
}

impl Services {
    pub(super) fn new(distribution: &Distribution, rng: Rng) -> Self {
        let mean = as_f64(distribution.mean_us());
        let law = match *distribution {
            Distribution::Constant { mean_us } => Law::Constant { service_us: mean_us.max(1) },
            Distribution::Exponential { .. } => Law::Exponential { mean },
            Distribution::LogNormal { variation, .. } => {
                let variance = libm::log(1.0 + variation * variation);
                Law::LogNormal { mean, sigma: libm::sqrt(variance), half_variance: variance / 2.0 }
            }
            Distribution::Pareto { shape, .. } => Law::Pareto { least: mean * (shape - 1.0) / shape, shape },
        };
        Self { law, rng }
    }

    /// The next service time, in microseconds.
    #[inline]
    pub(super) fn next_us(&mut self) -> u64 {
        let micros = match self.law {
            Law::Constant { service_us } => return service_us,
            Law::Exponential { mean } => self.rng.exponential(mean),
            Law::LogNormal { mean, sigma, half_variance } => {
                mean * libm::exp(sigma * self.rng.normal() - half_variance)
            }
            // By inversion: least × u^(−1 / shape).
            Law::Pareto { least, shape } => least * libm::exp(self.rng.exponential(1.0) / shape),
        };
        whole(micros + 0.5).max(1)
    }
}
