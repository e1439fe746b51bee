//! Tests of the policies, through the simulation.

mod bounds;
mod clairvoyant;
mod golden;
mod read;
mod run;
