//! Tests of the burst handler.
