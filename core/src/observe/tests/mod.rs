//! Tests of the room: figures worked out by hand.

mod alerts;
mod figures;
mod metrics;
