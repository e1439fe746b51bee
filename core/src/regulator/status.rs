//! What the regulator reports about itself.

use alloc::collections::BTreeMap;
use alloc::string::String;

use serde::Serialize;

use crate::config::AdaptiveAlgorithm;
use crate::reason::Reason;

/// The regulator's state and its lifetime counts.
///
/// `issued_tokens = live_tokens + released_tokens + expired_tokens` holds after every call.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RegulatorStatus {
    /// Warn above this load.
    pub soft_limit: u32,
    /// Refuse at this load.
    pub hard_limit: u32,
    /// Tokens outstanding.
    pub current_load: u32,
    /// Requests admitted (and not revoked), over the lifetime.
    pub accepted_requests: u64,
    /// Requests refused here, or revoked because a later stage refused them, over the lifetime.
    pub rejected_requests: u64,
    /// Releases with outcome `failed`, over the lifetime.
    pub failed_requests: u64,
    /// Accepted per request, over the lifetime; 1.0 before the first.
    pub admission_rate: f64,
    /// Rejected per request, over the lifetime; 0.0 before the first.
    pub rejection_rate: f64,
    /// Rejected per request in the last 60 s; 0.0 without requests.
    pub recent_rejection_rate: f64,
    /// `current_load / hard_limit`; above 1 while a lowered hard limit waits for the load to drain.
    pub load_factor: f64,
    /// Rejections by their reason, in the order of the reasons' codes; only those that occurred.
    pub rejections_by_reason: BTreeMap<Reason, u64>,
    /// Rejections by the domain's name, in the order of the names; only domains that had some.
    pub rejections_by_domain: BTreeMap<String, u64>,
    /// Tokens given out (and not revoked).
    pub issued_tokens: u64,
    /// Tokens outstanding.
    pub live_tokens: u64,
    /// Tokens that came back.
    pub released_tokens: u64,
    /// Tokens taken back because they were held too long.
    pub expired_tokens: u64,
    /// The adaptive limit, in tokens; `None`, as with all that follow, without one.
    pub adaptive_limit: Option<u32>,
    /// Its algorithm.
    pub adaptive_algorithm: Option<AdaptiveAlgorithm>,
    /// The latency of the last window that it judged, in microseconds: of `correlation` the quantile of the times from
    /// admission to release, else their mean by Little's law. `None` before the first.
    pub adaptive_latency_us: Option<u64>,
    /// What counts as the latency without waiting, in microseconds. `None` before it is known; `aimd` knows none.
    pub adaptive_baseline_us: Option<u64>,
    /// Why the limit last moved; `None` if it never has.
    pub adaptive_reason: Option<Reason>,
}

/// The regulator's capacity, in tokens.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct CapacityInfo {
    /// The hard limit.
    pub total: u32,
    /// Tokens left below the hard limit.
    pub available: u32,
    /// Tokens kept for critical work.
    pub reserved: u32,
    /// Tokens outstanding.
    pub current_load: u32,
    /// `current_load` in percent of `total`.
    pub load_percentage: f64,
}
