//! Heijunka (平準化): load leveling as a pure state machine.
//!
//! It keeps worker pools at a steady utilization instead of feast and famine, and explains every decision. Five
//! parts, one [`Engine`]:
//!
//! | part | asks | room |
//! |---|---|---|
//! | regulator | who may come in? | [`regulator`] |
//! | balancer | which pool serves it? | [`balancer`] |
//! | pools | which worker, and how many are there? | [`pool`] |
//! | burst handler | is this a spike, and what does it take? | [`burst`] |
//! | observation | what is going on? | [`observe`], and the status of each |
//!
//! Each part can be used alone; they don't know each other, and `engine.rs` alone composes them. A simulation
//! ([`whatif`]) runs the same engine on recorded or made requests. Beside the engine stands the heijunka box
//! ([`pacing`]): the leveled order of a mix, and a pacer that releases items at takt time.
//!
//! # The contract
//! - **No I/O, no clock, no threads, no randomness, no global state.** Time is a count of microseconds below 2^53
//!   that the caller passes in ([`time`]). An earlier time than the latest one seen counts as the latest.
//! - **Inputs** are O(1) or O(log n), run no timers, allocate nothing in steady state and answer at once.
//!   [`Engine::step`] runs the timers that are due; [`Engine::next_deadline_us`] says when it is needed.
//! - **Effects** are what the caller has to do or may want to know ([`EffectKind`]); [`Engine::poll_effect`].
//! - **The same configuration and inputs give the same outputs**, bit for bit, on every platform: no hash map
//!   whose order shows, floats by + − × ÷ and sqrt or the `libm` crate, ratios in parts per million and compared
//!   as integer fractions.
//! - **A refusal is an answer** and says why ([`Reason`]), with the limit and load that decided it and when to
//!   retry; **misuse is an error** ([`Error`]) and changes nothing but the latest time seen.
//! - **Everything is bounded** by a limit of the configuration ([`config::LimitsConfig`]).
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
mod fields;
mod id;
pub mod journal;
mod json;
pub mod observe;
mod order;
pub mod pacing;
pub mod pool;
mod ratio;
mod reason;
pub mod regulator;
mod retry;
mod stats;
pub mod time;
pub mod whatif;

pub use arrivals::Arrivals;
pub use config::{Config, ConfigError, Draft, Value};
pub use effect::{Effect, EffectKind, EffectQueue, Workers};
pub use engine::{AffinityError, Completion, Dispatch, Engine, EngineStatus, Stage};
pub use error::{Error, SnapshotProblem};
pub use id::{DomainId, MAX_SLOTS, PoolId, TicketId, Token, WaiterId, WorkerId};
pub use json::json;
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

/// The README's example, kept true.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
pub struct Readme;

/// The examples of the page on the heijunka box, kept true.
#[cfg(doctest)]
#[doc = include_str!("../../docs/pacing.md")]
pub struct Pacing;
