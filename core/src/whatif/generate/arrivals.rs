//! When requests arrive: processes in time.

use alloc::vec::Vec;

use crate::time::SECOND_US;
use crate::whatif::rng::Rng;

/// How the requests of a domain arrive. Rates are requests per second; times count from the start of the run.
///
/// All but `Constant` are Poisson processes, with a rate that stands, changes with time, or changes at random.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Process {
    /// One request after another at equal distances: the k-th (from 0) after k / rate seconds.
    Constant {
        /// The rate.
        rate_per_s: f64,
    },
    /// A Poisson process: gaps are exponential.
    Poisson {
        /// The rate.
        rate_per_s: f64,
    },
    /// A Poisson process whose rate goes from one value to another in a straight line over the whole run.
    Ramp {
        /// The rate at the start.
        from_per_s: f64,
        /// The rate at the end.
        to_per_s: f64,
    },
    /// A Poisson process whose rate swings about its mean as a cosine: mean × (1 + amplitude × cos(2π × (t − peak) /
    /// period)).
    Diurnal {
        /// The mean rate.
        mean_per_s: f64,
        /// How far it swings, as a share of the mean: 0 to 1.
        amplitude: f64,
        /// From one peak to the next.
        period_us: u64,
        /// When a peak is.
        peak_at_us: u64,
    },
    /// A Poisson process whose rate is `factor` times the usual one for a while: a flash crowd, or an outage.
    Spike {
        /// The usual rate.
        rate_per_s: f64,
        /// What it is multiplied with in the meantime; may be 0.
        factor: f64,
        /// From when on.
        from_us: u64,
        /// Until when.
        to_us: u64,
    },
    /// A Markov-modulated Poisson process: the rate is that of a state, which lasts for an exponential time; then
    /// comes one of the others, each as likely. It begins in its steady state (W. Fischer, K. Meier-Hellstern, "The
    /// Markov-modulated Poisson process (MMPP) cookbook", Performance Evaluation 18, 1993).
    Mmpp {
        /// The states; at least two.
        states: Vec<MmppState>,
    },
}

/// A state of a Markov-modulated Poisson process.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MmppState {
    /// The rate while it lasts; may be 0.
    pub rate_per_s: f64,
    /// How long it lasts in the mean.
    pub mean_us: u64,
}

impl Process {
    /// How many requests are to be expected in a run of this length.
    pub fn expected(&self, duration_us: u64) -> f64 {
        let seconds = |span_us: u64| as_f64(span_us) / as_f64(SECOND_US);
        let run_s = seconds(duration_us);
        match self {
            Self::Constant { rate_per_s } | Self::Poisson { rate_per_s } => rate_per_s * run_s,
            Self::Ramp { from_per_s, to_per_s } => (from_per_s + to_per_s) / 2.0 * run_s,
            Self::Diurnal { mean_per_s, amplitude, period_us, peak_at_us } => {
                let turn = 2.0 * core::f64::consts::PI / seconds(*period_us);
                let peak_s = seconds(*peak_at_us);
                let swing = libm::sin(turn * (run_s - peak_s)) + libm::sin(turn * peak_s);
                mean_per_s * (run_s + amplitude * swing / turn)
            }
            Self::Spike { rate_per_s, factor, from_us, to_us } => {
                let inside_us = (*to_us).min(duration_us).saturating_sub(*from_us);
                rate_per_s * (run_s + (factor - 1.0) * seconds(inside_us))
            }
            Self::Mmpp { states } => {
                let (weighted, times) = states.iter().fold((0.0, 0.0), |(weighted, times), state| {
                    let time = as_f64(state.mean_us);
                    (weighted + state.rate_per_s * time, times + time)
                });
                if times > 0.0 { weighted / times * run_s } else { 0.0 }
            }
        }
    }

    /// How often a random state is to be expected to change in a run of this length: what drawing costs beside the
    /// requests.
    pub(crate) fn changes(&self, duration_us: u64) -> f64 {
        match self {
            Self::Mmpp { states } => {
                let turn_us: f64 = states.iter().map(|state| as_f64(state.mean_us)).sum();
                as_f64(duration_us) * as_f64(states.len() as u64) / turn_us
            }
            _ => 0.0,
        }
    }
}

/// The arrivals of one process in a run, one after another. Each costs O(1) and allocates nothing.
#[derive(Debug, Clone)]
pub(super) struct Arrivals {
    law: Law,
    rng: Rng,
    /// The latest arrival, or how far it was looked for, in microseconds; with a fraction, so that rounding never
    /// adds up.
    now: f64,
    end: f64,
}

/// A process with what it needs to go on; rates are per microsecond.
#[derive(Debug, Clone)]
enum Law {
    Constant {
        rate_per_s: f64,
        count: u64,
    },
    Poisson {
        gap: f64,
    },
    /// `passed` is how many events a process of rate 1 has had.
    Ramp {
        from: f64,
        slope: f64,
        passed: f64,
    },
    Diurnal {
        gap: f64,
        amplitude: f64,
        period: f64,
        peak: f64,
    },
    Spike {
        usual: f64,
        inside: f64,
        from: f64,
        to: f64,
    },
    Mmpp {
        states: Vec<(f64, f64)>,
        state: usize,
        until: f64,
    },
}

impl Arrivals {
    pub(super) fn new(process: &Process, duration_us: u64, mut rng: Rng) -> Self {
        let micros = as_f64(SECOND_US);
        let end = as_f64(duration_us);
        let law = match process {
            Process::Constant { rate_per_s } => Law::Constant { rate_per_s: *rate_per_s, count: 0 },
            Process::Poisson { rate_per_s } => Law::Poisson { gap: micros / rate_per_s },
            Process::Ramp { from_per_s, to_per_s } => Law::Ramp {
                from: from_per_s / micros,
                slope: (to_per_s - from_per_s) / micros / end,
                passed: 0.0,
            },
            Process::Diurnal { mean_per_s, amplitude, period_us, peak_at_us } => Law::Diurnal {
                gap: micros / (mean_per_s * (1.0 + amplitude)),
                amplitude: *amplitude,
                period: as_f64(*period_us),
                peak: as_f64(*peak_at_us),
            },
            Process::Spike { rate_per_s, factor, from_us, to_us } => Law::Spike {
                usual: rate_per_s / micros,
                inside: rate_per_s * factor / micros,
                from: as_f64(*from_us),
                to: as_f64(*to_us),
            },
            Process::Mmpp { states } => {
                let states: Vec<(f64, f64)> =
                    states.iter().map(|state| (state.rate_per_s / micros, as_f64(state.mean_us))).collect();
                // In the steady state each is met as often as it lasts: all are entered equally often.
                let times: f64 = states.iter().map(|(_, mean)| mean).sum();
                let mut left = rng.unit() * times;
                let state = states.iter().position(|(_, mean)| {
                    left -= mean;
                    left < 0.0
                });
                let state = state.unwrap_or(states.len().saturating_sub(1));
                let until = states.get(state).map_or(0.0, |(_, mean)| rng.exponential(*mean));
                Law::Mmpp { states, state, until }
            }
        };
        Self { law, rng, now: 0.0, end }
    }

    /// The next arrival, in microseconds since the start; `None` when the run is over.
    #[inline]
    pub(super) fn next_us(&mut self) -> Option<u64> {
        let rng = &mut self.rng;
        match &mut self.law {
            Law::Constant { rate_per_s, count } => {
                self.now = as_f64(*count) * as_f64(SECOND_US) / *rate_per_s;
                *count += 1;
            }
            Law::Poisson { gap } => self.now += rng.exponential(*gap),
            // By inversion: the n-th event of a process of rate 1, at x, becomes the one at which the rate's integral
            // is x (E. Çinlar, "Introduction to Stochastic Processes", 1975, 4.7). With a rate a + s·t that is the
            // root of s·t²/2 + a·t = x, in the form that doesn't cancel.
            Law::Ramp { from, slope, passed } => {
                *passed += rng.exponential(1.0);
                let square = *from * *from + 2.0 * *slope * *passed;
                if square < 0.0 {
                    self.now = self.end;
                } else {
                    self.now = 2.0 * *passed / (*from + libm::sqrt(square));
                }
            }
            // By thinning: of a process at the highest rate each event is kept with the share that the rate has at
            // its time (P. Lewis, G. Shedler, "Simulation of nonhomogeneous Poisson processes by thinning", Naval
            // Research Logistics Quarterly 26, 1979). What lies below the lowest rate is kept without a look.
            Law::Diurnal { gap, amplitude, period, peak } => loop {
                self.now += rng.exponential(*gap);
                if self.now >= self.end {
                    break;
                }
                let level = rng.unit() * (1.0 + *amplitude);
                if level < 1.0 - *amplitude {
                    break;
                }
                let turns = (self.now - *peak) / *period;
                let angle = 2.0 * core::f64::consts::PI * (turns - libm::floor(turns));
                if level < 1.0 + *amplitude * libm::cos(angle) {
                    break;
                }
            },
            // By inversion of an integral that is made of straight lines.
            Law::Spike { usual, inside, from, to } => {
                let mut left = rng.exponential(1.0);
                loop {
                    let (rate, until) = if self.now < *from {
                        (*usual, *from)
                    } else if self.now < *to {
                        (*inside, *to)
                    } else {
                        (*usual, f64::INFINITY)
                    };
                    if pass(&mut self.now, &mut left, rate, until.min(self.end)) || self.now >= self.end {
                        break;
                    }
                }
            }
            Law::Mmpp { states, state, until } => {
                let mut left = rng.exponential(1.0);
                loop {
                    let rate = states.get(*state).map_or(0.0, |(rate, _)| *rate);
                    if pass(&mut self.now, &mut left, rate, until.min(self.end)) || self.now >= self.end {
                        break;
                    }
                    let others = (states.len() as u64).saturating_sub(1).max(1);
                    let ahead = usize::try_from(rng.below(others)).unwrap_or(0) + 1;
                    *state = (*state + ahead) % states.len().max(1);
                    let mean = states.get(*state).map_or(1.0, |(_, mean)| *mean);
                    *until = self.now + rng.exponential(mean);
                }
            }
        }
        if self.now < self.end { Some(whole(self.now)) } else { None }
    }
}

/// Goes on at `rate` from `now` to `until`, or to where `left` events of a process of rate 1 have passed; answers
/// whether that came first.
#[inline]
fn pass(now: &mut f64, left: &mut f64, rate: f64, until: f64) -> bool {
    let events = rate * (until - *now);
    if *left < events {
        *now += *left / rate;
        // Rounding must not carry it beyond.
        return *now < until;
    }
    *left -= events;
    *now = until;
    false
}

/// A count as a number; exact below 2^53.
#[allow(clippy::cast_precision_loss)]
pub(super) fn as_f64(count: u64) -> f64 {
    count as f64
}

/// The whole microseconds of a time below 2^53.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // from 0 to the end of the run
fn whole(micros: f64) -> u64 {
    micros as u64
}
