//! What a snapshot holds of the regulator. Loads and totals follow from the tokens and are counted again.

use super::limits::Limits;
use super::recent::Recent;
use super::{DomainRecord, Regulator, TokenRecord};
use crate::id::DomainId;
use crate::journal::codec::{Codec, State, state};
use crate::reason::Reason;

impl Default for TokenRecord {
    fn default() -> Self {
        Self { issued_us: 0, tag: 0, domain: DomainId::new(0), critical: false }
    }
}

state! {
    TokenRecord { issued_us, tag, domain, critical }
    DomainRecord { open, accepted, rejected; but load, max_concurrent, class, max_class }
    Recent { window, end_us, before }
}

impl State for Limits {
    fn state(&mut self, io: &mut Codec<'_>) {
        let Self {
            soft,
            hard,
            reserved_slots: _,
            adaptive: _,
            adaptive_lent: _,
            adaptive_reserved: _,
            partition: _,
            critical: _,
            normal: _,
            sheddable: _,
            max_tokens,
            reserved_capacity: _,
            sheddable_fraction: _,
        } = self;
        // A configuration may begin above `limits.max_tokens`; it can't be set there.
        let most = (*hard).max(*max_tokens);
        soft.state(io);
        hard.state(io);
        io.check(*soft > 0 && *soft <= *hard && *hard <= most, "limit");
        if io.reads() {
            self.derive();
        }
    }
}

impl State for Regulator {
    fn state(&mut self, io: &mut Codec<'_>) {
        let Self {
            limits,
            critical_load,
            adaptive,
            max_tokens: _,
            tokens,
            domains,
            expiry,
            accepted,
            rejected,
            failed,
            released,
            expired,
            hold,
            recent,
            rejections,
            names: _,
        } = self;
        limits.state(io);
        if let Some(adaptive) = adaptive {
            if io.reads() {
                adaptive.set_hard_limit(limits.hard);
            }
            adaptive.state(io);
            if io.reads() {
                limits.set_adaptive(adaptive.limit(), adaptive.lends());
            }
        }
        tokens.state(io);
        domains.state(io);
        if let Some(expiry) = expiry {
            expiry.order(io, tokens);
        }
        failed.state(io);
        released.state(io);
        expired.state(io);
        hold.state(io);
        recent.state(io);

        // By reason; those that never came up aren't listed, so that a reason may be added.
        let mut kinds = io.length(rejections.iter().filter(|count| **count > 0).count());
        if io.reads() {
            *rejections = [0; super::REASON_COUNTERS];
            while kinds > 0 && io.fault().is_none() {
                let (mut reason, mut count) = (Reason::HardLimit, 0_u64);
                io.coded(&mut reason, Reason::ALL, Reason::code, "reason");
                count.state(io);
                if let Some(place) = rejections.get_mut(reason.code() as usize) {
                    io.check(*place == 0 && count > 0, "rejections");
                    *place = count;
                }
                kinds -= 1;
            }
        } else {
            for (count, code) in rejections.iter_mut().zip(0_u32..).filter(|(count, _)| **count > 0) {
                code.clone().state(io);
                count.state(io);
            }
        }

        if io.reads() {
            *rejected = rejections.iter().fold(0, |sum, count| sum.saturating_add(*count));
            *accepted = u64::from(tokens.len()).saturating_add(*released).saturating_add(*expired);
            io.check(*rejected < 1 << 56, "rejections");
            *critical_load = 0;
            for (_, token) in tokens.iter() {
                *critical_load += u32::from(token.critical);
                if let Some(domain) = domains.get_mut(token.domain.index()) {
                    domain.load += 1;
                }
            }
        }
    }
}
