//! Carrying out what a record says.

use alloc::vec::Vec;

use super::digest::{Digest, Digested};
use super::input::{Input, Operation};
use crate::Outcome;
use crate::effect::Effect;
use crate::engine::{AffinityError, Engine};
use crate::error::Error;
use crate::id::{DomainId, PoolId, TicketId, Token, WaiterId, WorkerId};
use crate::reason::Reason;

/// What came of an input, as far as it can be compared.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Came {
    pub(super) digest: Digest,
    pub(super) error: Option<i32>,
    /// Of an input that asks for something: whether it got it, or a place in the line.
    pub(super) granted: Option<bool>,
    pub(super) reason: Option<Reason>,
    pub(super) pool: Option<PoolId>,
    pub(super) token: Option<Token>,
    pub(super) worker: Option<WorkerId>,
    pub(super) waiter: Option<WaiterId>,
    pub(super) ticket: Option<TicketId>,
}

/// What answers an input.
trait Answer: Digested {
    fn tell(&self, came: &mut Came);
}

macro_rules! silent {
    ($($type:ty)*) => {$(impl Answer for $type {
        fn tell(&self, _: &mut Came) {}
    })*};
}

silent! { () u32 crate::pool::Checkin crate::engine::Completion }

impl Answer for crate::regulator::Admission {
    fn tell(&self, came: &mut Came) {
        came.granted = Some(self.token.is_some());
        came.reason = Some(self.reason);
        came.token = self.token;
    }
}

impl Answer for crate::balancer::Route {
    fn tell(&self, came: &mut Came) {
        came.granted = Some(self.pool.is_some());
        came.reason = Some(self.reason);
        came.pool = self.pool;
    }
}

impl Answer for crate::pool::Checkout {
    fn tell(&self, came: &mut Came) {
        came.granted = Some(self.worker.is_some() || self.waiter.is_some());
        came.reason = Some(self.reason);
        came.worker = self.worker;
        came.waiter = self.waiter;
    }
}

impl Answer for crate::engine::Dispatch {
    fn tell(&self, came: &mut Came) {
        came.granted = Some(self.ticket.is_some());
        came.reason = Some(self.reason);
        came.pool = self.pool;
        came.token = self.token;
        came.worker = self.worker;
        came.waiter = self.waiter;
        came.ticket = self.ticket;
    }
}

impl Answer for crate::pool::Scaling {
    fn tell(&self, came: &mut Came) {
        came.granted = Some(self.scaled);
        came.reason = Some(self.reason);
    }
}

impl Answer for crate::balancer::Rebalance {
    fn tell(&self, came: &mut Came) {
        came.granted = Some(self.migrated);
        came.reason = Some(self.reason);
    }
}

#[allow(clippy::needless_pass_by_value)] // an answer that was just made
fn told<T: Answer>(answer: Result<T, Error>) -> Came {
    let mut came = Came::default();
    answer.digest(&mut came.digest);
    match &answer {
        Ok(answer) => answer.tell(&mut came),
        Err(error) => came.error = Some(error.code()),
    }
    came
}

/// Carries an input out. Effects that a drain takes are handed to `take`.
///
/// `None`: the record holds lists that can't be.
pub(super) fn carry_out(
    engine: &mut Engine,
    input: &Input<'_>,
    mut take: impl FnMut(Effect),
) -> Option<Came> {
    let Input { operation, now_us, subject, choice, until_us, bytes } = *input;
    let handle = u32::try_from(subject).unwrap_or(u32::MAX);
    let (domain, pool) = (DomainId::new(handle), PoolId::new(handle));
    let outcome = if choice > 0 { Outcome::Failed } else { Outcome::Ok };
    let flag = choice > 0;
    Some(match operation {
        Operation::Admit => told(engine.admit(now_us, domain, input.asked_class())),
        Operation::Release => told(engine.release(now_us, Token::from_raw(subject), outcome)),
        Operation::Route => told(engine.route(now_us, domain, bytes)),
        Operation::Checkout => told(engine.checkout(now_us, pool, until_us)),
        Operation::Checkin => told(engine.checkin(now_us, WorkerId::from_raw(subject), outcome)),
        Operation::CancelWait => told(engine.cancel_wait(now_us, WaiterId::from_raw(subject))),
        Operation::WorkerReady => told(engine.worker_ready(now_us, WorkerId::from_raw(subject))),
        Operation::WorkerFailed => told(engine.worker_failed(now_us, WorkerId::from_raw(subject))),
        Operation::ReportHealth => {
            let (alive, dead) = input.workers()?;
            told(engine.report_health(now_us, pool, &alive, &dead))
        }
        Operation::Dispatch => told(engine.dispatch(now_us, domain, bytes, input.asked_class(), until_us)),
        Operation::Complete => told(engine.complete(now_us, TicketId::from_raw(subject), outcome)),
        Operation::Step => told(engine.step(now_us)),
        Operation::ScaleUp => told(engine.scale_up(now_us, pool)),
        Operation::ScaleDown => told(engine.scale_down(now_us, pool)),
        Operation::Rebalance => told(engine.rebalance(now_us)),
        Operation::SetSoftLimit => told(engine.set_soft_limit(now_us, handle)),
        Operation::SetHardLimit => told(engine.set_hard_limit(now_us, handle)),
        Operation::SetAffinityGroups => {
            let answer = engine.set_affinity_groups(now_us, &input.groups()?);
            let mut came = Came::default();
            answer.digest(&mut came.digest);
            came.error = answer.as_ref().err().map(AffinityError::code);
            came
        }
        Operation::EnableSurge => told(engine.enable_surge(now_us)),
        Operation::DisableSurge => told(engine.disable_surge(now_us)),
        Operation::SetDomainOpen => told(engine.set_domain_open(now_us, domain, flag)),
        Operation::SetPoolOpen => told(engine.set_pool_open(now_us, pool, flag)),
        Operation::SetOffPeak => told(engine.set_off_peak(now_us, flag)),
        Operation::Drain => {
            let mut came = Came::default();
            for _ in 0..subject {
                let Some(effect) = engine.poll_effect() else { break };
                effect.digest(&mut came.digest);
                take(effect);
            }
            came
        }
    })
}

/// All effects that wait.
pub(super) fn drain(engine: &mut Engine) -> Vec<Effect> {
    core::iter::from_fn(|| engine.poll_effect()).collect()
}
