//! What is worth a mark in the course of a run, in a bounded list.

use alloc::string::ToString;
use alloc::vec::Vec;

use super::outcome::Mark;
use crate::effect::{Effect, EffectKind};
use crate::engine::Engine;
use crate::id::PoolId;
use crate::order;
use crate::reason::Reason;

/// The marks of a run. Of surges the first are kept. Migrations, scalings and alerts can be far more: when one of these lists
/// is full every other mark of it is dropped, so that they tell of the whole run.
#[derive(Debug)]
pub(super) struct Marks {
    max_marks: usize,
    /// In front of each mark: its number.
    surges: Vec<(u64, Mark)>,
    migrations: Thinned,
    scalings: Thinned,
    alerts: Thinned,
    seen: u64,
    /// The last change by hand, and whether it has its mark: who orders many workers one by one gets one mark.
    by_hand: Option<(u64, EffectKind, Option<PoolId>, bool)>,
}

/// Every `stride`-th mark of a kind.
#[derive(Debug)]
struct Thinned {
    marks: Vec<(u64, Mark)>,
    stride: u64,
    seen: u64,
}

impl Marks {
    pub(super) fn new(max_marks: u32) -> Self {
        let thinned = || Thinned { marks: Vec::new(), stride: 1, seen: 0 };
        let max_marks = max_marks as usize;
        Self {
            max_marks,
            surges: Vec::new(),
            migrations: thinned(),
            scalings: thinned(),
            alerts: thinned(),
            seen: 0,
            by_hand: None,
        }
    }

    /// Keeps an effect, if it is worth a mark and has a place. `start_us`: the run's start in the time of its trace.
    pub(super) fn add(&mut self, effect: &Effect, engine: &Engine, start_us: u64) {
        if effect.reason == Reason::Manual {
            let change = (effect.at_us, effect.kind, effect.pool);
            match self.by_hand {
                Some((at_us, kind, pool, kept)) if (at_us, kind, pool) == change => {
                    if let Some((_, mark)) = self.scalings.marks.last_mut().filter(|_| kept) {
                        mark.count = mark.count.saturating_add(effect.count);
                    }
                    return;
                }
                _ => self.by_hand = Some((effect.at_us, effect.kind, effect.pool, false)),
            }
        }
        let list = match effect.kind {
            EffectKind::SurgeStarted | EffectKind::SurgeEnded | EffectKind::SurgeWorkersKept => None,
            EffectKind::MigrateWorkers => Some(&mut self.migrations),
            EffectKind::AlertFiring | EffectKind::AlertResolved => Some(&mut self.alerts),
            EffectKind::AddWorkers | EffectKind::RemoveWorkers if is_marked(effect) => {
                Some(&mut self.scalings)
            }
            _ => return,
        };
        self.seen += 1;
        let list = match list {
            None if self.surges.len() >= self.max_marks => return,
            None => &mut self.surges,
            Some(thinned) => match thinned.place(self.max_marks) {
                Some(marks) => marks,
                None => return,
            },
        };
        let name =
            |pool: Option<PoolId>| pool.and_then(|pool| engine.pool_name(pool)).map(ToString::to_string);
        let rule = effect.alert.and_then(|alert| engine.config().alerts.get(alert as usize));
        let mark = Mark {
            at_us: effect.at_us.saturating_add(start_us),
            kind: effect.kind,
            pool: name(effect.pool),
            to_pool: name(effect.to_pool),
            count: effect.count,
            reason: effect.reason,
            alert: rule.map(|rule| rule.name.clone()),
            value: effect.value,
        };
        list.push((self.seen, mark));
        if let (Reason::Manual, Some((.., kept))) = (effect.reason, &mut self.by_hand) {
            *kept = true;
        }
    }

    /// The marks in order, and how many were dropped.
    pub(super) fn finish(self) -> (Vec<Mark>, u64) {
        let mut marks = self.surges;
        marks.extend(self.migrations.marks);
        marks.extend(self.scalings.marks);
        marks.extend(self.alerts.marks);
        order::sort_by_key(&mut marks, |(number, _)| *number);
        let dropped = self.seen - marks.len() as u64;
        (marks.into_iter().map(|(_, mark)| mark).collect(), dropped)
    }
}

impl Thinned {
    /// Where the mark that comes now is kept, if it is. When it would be one too many, every other one is dropped.
    fn place(&mut self, most: usize) -> Option<&mut Vec<(u64, Mark)>> {
        let number = self.seen;
        self.seen += 1;
        if most > 0 && self.marks.len() >= most && number.is_multiple_of(self.stride) {
            let mut odd = false;
            self.marks.retain(|_| {
                odd = !odd;
                odd
            });
            self.stride *= 2;
        }
        (most > 0 && number.is_multiple_of(self.stride)).then_some(&mut self.marks)
    }
}

/// Whether workers come or go by the scaler's (or somebody's) decision, or because one failed. A surge's come and go
/// with its own marks, overflow workers with every request.
fn is_marked(effect: &Effect) -> bool {
    let failed = matches!(effect.reason, Reason::WorkerFailed | Reason::StartTimeout);
    !effect.surge && (is_scaling(effect.reason) || failed || effect.reason == Reason::Manual)
}

/// Whether the scaler decided.
pub(super) fn is_scaling(reason: Reason) -> bool {
    matches!(
        reason,
        Reason::DemandHigh
            | Reason::Proactive
            | Reason::Unhealthy
            | Reason::DemandLow
            | Reason::PlannedDown
            | Reason::Proportional
            | Reason::Staffing
            | Reason::Drained
    )
}
