//! Tests of the policies, through the simulation.

mod clairvoyant;
#[cfg(feature = "json")]
mod read;
