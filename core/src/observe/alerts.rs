//! Alert rules, evaluated.
//!
//! A rule is evaluated every `alert_every_us`: once for the system, or for each pool by itself. Where its condition
//! holds, the alert is *pending*; at the first evaluation at which it has held for `for_us` it *fires*; at the first at
//! which it holds no more it is inactive again, which is said when it had fired. A time between two evaluations
//! isn't looked at, and evaluations that were missed aren't made up for: what held at the one before and holds now has
//! held. All this is as in Prometheus, so that the same rules there fire at the same evaluations.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use serde::Serialize;

use super::Readings;
use crate::config::{AlertRule, Severity};
use crate::effect::{Effect, EffectKind, EffectQueue};
use crate::id::PoolId;
use crate::reason::Reason;
use crate::time::next_period;

/// What an alert is doing, when it isn't inactive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AlertState {
    /// Its condition holds, not yet for long enough.
    Pending,
    /// Its condition has held for the rule's `for_us`.
    Firing,
}

/// An alert that is pending or firing.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Alert {
    /// The rule's place in the configuration's `alerts`, from 0.
    pub alert: u32,
    /// The rule's name.
    pub name: String,
    /// The pool, for a metric that every pool has.
    pub pool: Option<String>,
    /// How urgent it is.
    pub severity: Severity,
    /// Whether it fires.
    pub state: AlertState,
    /// The first evaluation at which the condition held without a break since, in microseconds.
    pub since_us: u64,
    /// The metric at the last evaluation.
    pub value: f64,
}

/// An alert of a rule, inactive ones included.
#[derive(Debug, Clone, Copy)]
pub(super) struct Instance {
    pub(super) rule: u32,
    pub(super) pool: Option<PoolId>,
    pub(super) state: Option<AlertState>,
    pub(super) since_us: u64,
    pub(super) value: f64,
}

/// The rules and their alerts.
#[derive(Debug, Clone)]
pub struct Alerts {
    pub(super) rules: Vec<AlertRule>,
    pub(super) every_us: u64,
    pub(super) next_us: u64,
    /// In the order of the rules, and of the pools. As many as the rules have, always.
    pub(super) instances: Box<[Instance]>,
    pub(super) fired: u64,
}

impl Alerts {
    /// The alerts of a checked configuration's rules, all inactive; `pools` are the names of the pools by id. They are
    /// first evaluated a period after `now_us`.
    pub fn new(rules: &[AlertRule], every_us: u64, pools: &[String], now_us: u64) -> Self {
        let mut instances = Vec::new();
        for (rule, index) in rules.iter().zip(0..) {
            let mut add = |pool| {
                instances.push(Instance { rule: index, pool, state: None, since_us: 0, value: 0.0 });
            };
            if !rule.metric.is_per_pool() {
                add(None);
                continue;
            }
            for (name, id) in pools.iter().zip(0..) {
                if rule.pool.as_ref().is_none_or(|pool| pool == name) {
                    add(Some(PoolId::new(id)));
                }
            }
        }
        Self {
            rules: rules.to_vec(),
            every_us,
            next_us: now_us.saturating_add(every_us),
            instances: instances.into(),
            fired: 0,
        }
    }

    /// When the rules are evaluated next; `None` without rules.
    #[inline]
    pub fn next_deadline_us(&self) -> Option<u64> {
        (!self.instances.is_empty()).then_some(self.next_us)
    }

    /// Evaluates the rules, if that is due: once, however many periods were missed. O(rules × pools); no allocation but
    /// for effects.
    pub fn evaluate(&mut self, now_us: u64, readings: &impl Readings, effects: &mut EffectQueue) {
        if self.next_us > now_us {
            return;
        }
        self.next_us = next_period(self.next_us, self.every_us, now_us);
        for instance in &mut self.instances {
            let Some(rule) = self.rules.get(instance.rule as usize) else { continue };
            let pool = instance.pool.unwrap_or(PoolId::new(0));
            let holds = rule.comparison.is_met_by(readings.compare(rule.metric, pool, rule.threshold));
            let before = instance.state;
            if holds {
                if before.is_none() {
                    instance.since_us = now_us;
                    instance.state = Some(AlertState::Pending);
                }
                if now_us.saturating_sub(instance.since_us) >= rule.for_us {
                    instance.state = Some(AlertState::Firing);
                }
            } else {
                instance.state = None;
            }
            if !holds && before.is_none() {
                continue;
            }
            instance.value = readings.value(rule.metric, pool);
            let firing = Some(AlertState::Firing);
            let (kind, reason) = match (before == firing, instance.state == firing) {
                (false, true) => (EffectKind::AlertFiring, Reason::AlertFiring),
                (true, false) => (EffectKind::AlertResolved, Reason::AlertResolved),
                _ => continue,
            };
            self.fired = self.fired.saturating_add(u64::from(kind == EffectKind::AlertFiring));
            let mut effect = Effect::new(now_us, kind, reason);
            effect.pool = instance.pool;
            effect.alert = Some(instance.rule);
            effect.value = Some(instance.value);
            effect.options = rule.options;
            effects.push(effect);
        }
    }

    /// The alerts that aren't inactive, in the order of the rules and of the pools. O(rules × pools).
    pub fn active<'a>(&self, pool_name: impl Fn(PoolId) -> Option<&'a str>) -> Vec<Alert> {
        let active = self.instances.iter().filter_map(|instance| {
            let rule = self.rules.get(instance.rule as usize)?;
            Some(Alert {
                alert: instance.rule,
                name: rule.name.clone(),
                pool: instance.pool.and_then(&pool_name).map(Into::into),
                severity: rule.severity,
                state: instance.state?,
                since_us: instance.since_us,
                value: instance.value,
            })
        });
        active.collect()
    }

    /// How many alerts fire, and how many have fired over the lifetime.
    pub(crate) fn counts(&self) -> (u32, u64) {
        let firing = self.instances.iter().filter(|instance| instance.state == Some(AlertState::Firing));
        (u32::try_from(firing.count()).unwrap_or(u32::MAX), self.fired)
    }
}
