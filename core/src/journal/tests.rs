//! Snapshots and journals.
