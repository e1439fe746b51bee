//! What the regulator answers.

use crate::id::{DomainId, Token};
use crate::reason::Reason;

/// The answer to a request to come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Admission {
    /// The token to release; `None`: refused.
    pub token: Option<Token>,
    /// Why.
    pub reason: Reason,
    /// Whether the load is now above the soft limit.
    pub warning: bool,
    /// The limit that decided; of an accepted request, the limit of its class. 0 for a closed domain.
    pub limit: u32,
    /// The load that was compared with `limit` (the domain's or, with `partition`, the part's own); of an
    /// accepted request, the new total load.
    pub load: u32,
    /// The earliest time worth retrying, from now; more than 0 when refused, 0 when accepted.
    ///
    /// It is the expected time until the load has fallen below the limit: `load` tokens that are held for the
    /// mean hold time come back at `load / mean hold time` (Little's law), and `load − limit + 1` of them must,
    /// so it is `mean hold time × (load − limit + 1) / load`, from 1 ms to 1 h. The mean hold time is that of
    /// the last few thousand tokens released or expired. 1 s while there is none, for a closed domain, and when
    /// no token is out that could come back.
    pub retry_after_us: u64,
}

impl Admission {
    /// Whether the request may come in.
    #[inline]
    pub const fn admitted(&self) -> bool {
        self.token.is_some()
    }
}

/// What was known of a token that came back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Released {
    /// The domain it was given to.
    pub domain: DomainId,
    /// What [`Regulator::set_tag`](super::Regulator::set_tag) stored; 0 if nothing.
    pub tag: u64,
    /// How long it was held, in microseconds.
    pub held_us: u64,
}

/// A token that was held too long and taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expired {
    /// The token; it is no longer known.
    pub token: Token,
    /// The domain it was given to.
    pub domain: DomainId,
    /// What [`Regulator::set_tag`](super::Regulator::set_tag) stored; 0 if nothing.
    pub tag: u64,
}
