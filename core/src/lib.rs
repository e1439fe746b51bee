//! Heijunka: load leveling as a pure state machine.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod arrivals;
pub mod balancer;
pub mod burst;
pub mod config;
mod effect;
mod engine;
pub mod erlang;
mod error;
mod id;
pub mod pool;
mod ratio;
mod reason;
pub mod regulator;
mod stats;
pub mod time;
pub mod whatif;

pub use arrivals::Arrivals;
pub use config::{Config, ConfigError, Draft, Value};
pub use effect::{Effect, EffectKind, EffectQueue, Workers};
pub use engine::{Completion, Dispatch, Engine, EngineStatus, Stage};
pub use error::Error;
pub use id::{DomainId, MAX_SLOTS, PoolId, TicketId, Token, WaiterId, WorkerId};
pub use ratio::Ratio;
pub use reason::Reason;

/// How a request ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Outcome {
    /// It succeeded.
    #[default]
    Ok,
    /// It failed.
    Failed,
}
