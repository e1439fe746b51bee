//! Tests of the policies, through the simulation.

#[cfg(feature = "json")]
mod bounds;
mod clairvoyant;
mod golden;
#[cfg(feature = "json")]
mod read;
#[cfg(feature = "json")]
mod run;
