//! The heijunka box: a product mix in leveled order, and a pacer that releases items at takt time.
//!
//! - [`sequence`](fn@sequence) and [`Sequence`] answer which product is made when, so that none comes in clumps: three A,
//!   two B and a C are made as A B A C B A.
//! - [`Pacer`] stands between those who send in bursts and those who can't take bursts. Items wait in a bounded line for
//!   each domain, and are released one by one at takt time (the time there is, divided by the demand), in that order.
//!
//! Both go by one rule ([Tijdeman's](Sequence)), in exact integers. A box knows nothing of the [`Engine`](crate::Engine),
//! which levels *workers* under work that comes as it likes; the box levels the *work* itself.

mod config;
mod pacer;
mod sequence;
mod status;
mod takt;
#[cfg(test)]
#[cfg(feature = "json")]
mod tests;
mod turns;

pub use config::{MAX_BACKLOG, MAX_DOMAINS, MAX_SLOTS, MAX_WEIGHT, PacerConfig};
pub use pacer::{Offer, Pacer, Release};
pub use sequence::{MAX_PRODUCTS, MAX_SEQUENCE, Sequence, sequence};
pub use status::{PacerDomainStatus, PacerStatus};
