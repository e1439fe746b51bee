//! Why a simulation can't go on.

use alloc::string::String;
use core::fmt;

use crate::error::Error;
use crate::whatif::trace::quoted;

/// Why a simulation can't go on.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum SimulationError {
    /// The speed-up isn't a number above 0.
    SpeedUp(f64),
    /// The speed-up is so small that a request would arrive after 2^53 microseconds.
    TooSlow {
        /// Its arrival in the trace, in microseconds.
        arrival_us: u64,
        /// The speed-up.
        speed_up: f64,
    },
    /// A request arrived before the one pushed before it.
    Backwards {
        /// Its arrival, in microseconds.
        arrival_us: u64,
        /// The arrival before it.
        last_us: u64,
    },
    /// A slow pool isn't among those of the configuration.
    UnknownPool(String),
    /// No request was pushed.
    Empty,
    /// The engine refused an input; of the arrivals, only an unknown domain or a time of 2^53 or above leads
    /// here.
    Engine(Error),
    /// The policy has to know what comes, and nobody looked ([`scout`](super::Simulation::scout)).
    NoForesight {
        /// The policy's name.
        policy: &'static str,
    },
    /// The pools' most workers together are more than an engine takes, so that nobody can see what would come if all
    /// of them were there.
    TooManyWorkers {
        /// How many it takes.
        limit: u32,
    },
    /// The requests didn't go as it was foreseen: they weren't those that the scout saw, or it is a mistake in the
    /// simulation or the engine.
    Unforeseen,
    /// Requests got lost: a mistake in the simulation or the engine.
    Unbalanced {
        /// Requests that arrived.
        offered: u64,
        /// Requests of which it is known what became of them, or that were in flight at the end.
        accounted: u64,
    },
}

impl fmt::Display for SimulationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SpeedUp(value) => write!(f, "the speed-up must be a number above 0, it is {value}"),
            Self::TooSlow { arrival_us, speed_up } => write!(
                f,
                "the speed-up {speed_up:?} is too small: the request that arrives at {arrival_us} would arrive after \
                 2^53 microseconds"
            ),
            Self::Backwards { arrival_us, last_us } => {
                write!(f, "arrivals must be in order: {arrival_us} comes after {last_us}")
            }
            Self::UnknownPool(name) => {
                write!(f, "the slow pool {} isn't a pool of the configuration", quoted(name.as_bytes()))
            }
            Self::Empty => f.write_str("there is no request to simulate"),
            Self::Engine(error) => error.fmt(f),
            Self::NoForesight { policy } => {
                write!(f, "the policy `{policy}` has to know all requests beforehand")
            }
            Self::TooManyWorkers { limit } => {
                write!(f, "the `max_workers` of all pools together are more than {limit}")
            }
            Self::Unforeseen => f.write_str("the requests didn't go as it was foreseen"),
            Self::Unbalanced { offered, accounted } => {
                write!(f, "{offered} requests arrived, but {accounted} are accounted for")
            }
        }
    }
}

impl core::error::Error for SimulationError {}

impl From<Error> for SimulationError {
    fn from(error: Error) -> Self {
        Self::Engine(error)
    }
}
