//! Built-in workloads.

use alloc::borrow::ToOwned;
use alloc::vec;

use super::{Distribution, DomainRecipe, MmppState, Process, Recipe};
use crate::time::SECOND_US;
use crate::whatif::simulation::Retries;

/// A built-in workload for the default configuration: its four domains, about 33 requests a second in the mean, which
/// keep the initial workers about 70 % busy. An hour of it, unless asked for another duration; what happens at a
/// time of the run happens at the same share of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Profile {
    /// Poisson arrivals at the same rate all the time, log-normal services. A system that is left alone.
    Steady,
    /// From a quarter of the usual rate to two and a half times it, in a straight line.
    Ramp,
    /// One swing of the day: from a fifth of the usual rate to 1.8 times it and back.
    Diurnal,
    /// Steady, but for a flash crowd: half-way, `delivery` gets forty times its requests for a fortieth of the run.
    Spike,
    /// Bursts that come and go: each domain at 0.7 times its rate for two minutes in the mean, then at 2.5 times for
    /// twenty seconds (a Markov-modulated Poisson process).
    Bursty,
    /// Steady arrivals with heavy-tailed services: Pareto of shape 1.6, whose variance is infinite.
    HeavyTail,
    /// Ten times the requests of `delivery` for a twentieth of the run, and clients that try eight times in all, each
    /// time 0.1 s after the one before, without jitter, and that wait for 2 s each time. Services vary less: hardly any
    /// takes 2 s by itself.
    RetryStorm,
}

/// The usual rate per second and the mean service time of each domain.
const DOMAINS: [(&str, f64, u64); 4] = [
    ("payment", 14.0, 500_000),
    ("delivery", 9.0, 600_000),
    ("notification", 8.0, 350_000),
    ("critical_notification", 2.0, 350_000),
];

impl Profile {
    /// Every profile.
    pub const ALL: &'static [Self] = &[
        Self::Steady,
        Self::Ramp,
        Self::Diurnal,
        Self::Spike,
        Self::Bursty,
        Self::HeavyTail,
        Self::RetryStorm,
    ];

    /// How long a profile is if nothing else is said: an hour.
    pub const DURATION_US: u64 = 3600 * SECOND_US;

    /// The stable name of the profile.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Steady => "steady",
            Self::Ramp => "ramp",
            Self::Diurnal => "diurnal",
            Self::Spike => "spike",
            Self::Bursty => "bursty",
            Self::HeavyTail => "heavy_tail",
            Self::RetryStorm => "retry_storm",
        }
    }

    /// The profile of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|profile| profile.as_str() == name)
    }

    /// What it makes in a run of this length.
    pub fn recipe(self, duration_us: u64) -> Recipe {
        let domains = DOMAINS.map(|(name, rate_per_s, mean_us)| DomainRecipe {
            name: name.to_owned(),
            arrivals: self.arrivals(name, rate_per_s, duration_us),
            service: match self {
                Self::HeavyTail => Distribution::Pareto { mean_us, shape: 1.6 },
                Self::RetryStorm => Distribution::LogNormal { mean_us, variation: 0.3 },
                _ => Distribution::LogNormal { mean_us, variation: 0.8 },
            },
            keys: 100_000,
        });
        Recipe { domains: domains.into(), duration_us }
    }

    /// How its clients try again, if they do.
    pub fn retries(self) -> Option<Retries> {
        (self == Self::RetryStorm).then(|| Retries {
            attempts: 8,
            multiplier: 1.0,
            jitter: 0.0,
            timeout_us: Some(2 * SECOND_US),
            ..Retries::default()
        })
    }

    fn arrivals(self, domain: &str, rate_per_s: f64, duration_us: u64) -> Process {
        match self {
            Self::Ramp => Process::Ramp { from_per_s: 0.25 * rate_per_s, to_per_s: 2.5 * rate_per_s },
            Self::Diurnal => Process::Diurnal {
                mean_per_s: rate_per_s,
                amplitude: 0.8,
                period_us: duration_us.max(1),
                peak_at_us: duration_us / 2,
            },
            Self::Spike | Self::RetryStorm if domain == "delivery" => {
                let from_us = duration_us / 2;
                let (factor, part) = if self == Self::Spike { (40.0, 40) } else { (10.0, 20) };
                Process::Spike { rate_per_s, factor, from_us, to_us: from_us + duration_us / part }
            }
            Self::Bursty => Process::Mmpp {
                states: vec![
                    MmppState { rate_per_s: 0.7 * rate_per_s, mean_us: 120 * SECOND_US },
                    MmppState { rate_per_s: 2.5 * rate_per_s, mean_us: 20 * SECOND_US },
                ],
            },
            Self::Steady | Self::Spike | Self::HeavyTail | Self::RetryStorm => {
                Process::Poisson { rate_per_s }
            }
        }
    }
}
