//! One step as one call of the engine, and its answer as a value.

use std::fmt::Write as _;

use heijunka_core::burst::{baseline_cost_per_year, surge_cost_per_year};
use heijunka_core::config::{Class, affinity_groups_from_value};
use heijunka_core::journal;
use heijunka_core::pacing::Pacer;
use heijunka_core::pool::{CheckinOutcome, Checkout, Scaling};
use heijunka_core::time::check_time;
use heijunka_core::whatif::{replay::ReplayError, simulate};
use heijunka_core::{
    AffinityError, ConfigError, DomainId, Effect, Engine, Error, Outcome, PoolId, TicketId, Token, Value,
    WaiterId, WorkerId,
};

use crate::canon;
use crate::expect::{Named, resolve};
use crate::read::{Step, parse_int, unhex};
use crate::run::{config_of, unread};

/// What stands in the way of an answer.
pub(crate) enum Stop {
    /// The engine's error: an answer too.
    Answer(&'static str, i32),
    /// The step can't be run.
    Broken(String),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Answer(error.name(), error.code())
    }
}

impl From<ConfigError> for Stop {
    fn from(error: ConfigError) -> Self {
        Self::Answer(error.name(), error.code())
    }
}

impl From<AffinityError> for Stop {
    fn from(error: AffinityError) -> Self {
        Self::Answer(error.name(), error.code())
    }
}

impl From<ReplayError> for Stop {
    fn from(error: ReplayError) -> Self {
        Self::Answer(error.name(), error.code())
    }
}

impl From<String> for Stop {
    fn from(message: String) -> Self {
        Self::Broken(message)
    }
}

pub(crate) struct Call<'a> {
    pub(crate) step: &'a Step,
    repetition: usize,
    named: &'a Named,
}

pub(crate) type Answer<T> = Result<T, Stop>;

/// Makes the call. Fails when the step can't be run; an error of the engine is an answer.
pub(crate) fn call(
    engine: &mut Engine,
    pacer: &mut Option<Pacer>,
    step: &Step,
    repetition: usize,
    named: &Named,
) -> Result<Value, String> {
    let call = Call { step, repetition, named };
    let of_the_box = step.op.name == "sequence" || step.op.name.starts_with("pacer_");
    match if of_the_box { call.pace(pacer) } else { call.run(engine) } {
        Ok(answer) => Ok(answer),
        Err(Stop::Answer(name, code)) => {
            Ok(map(vec![("error", name.into()), ("code", i64::from(code).into())]))
        }
        Err(Stop::Broken(message)) => Err(message),
    }
}

impl Call<'_> {
    fn run(&self, engine: &mut Engine) -> Answer<Value> {
        Ok(match self.step.op.name {
            "new" => {
                let now_us = self.now()?;
                let config = config_of(self.step.arg("config").unwrap_or(&Value::Null))?;
                *engine = Engine::new(&config, now_us)?;
                map(vec![])
            }
            "admit" => {
                let domain = self.domain(engine)?;
                let answer = engine.admit(self.now()?, domain, self.class())?;
                map(vec![
                    ("admitted", answer.token.is_some().into()),
                    ("token", id(answer.token.map(Token::get))),
                    ("warning", answer.warning.into()),
                    ("reason", answer.reason.as_str().into()),
                    ("limit", count(answer.limit)),
                    ("load", count(answer.load)),
                    ("retry_after_us", answer.retry_after_us.into()),
                ])
            }
            "release" => {
                engine.release(self.now()?, Token::from_raw(self.id("token")?), self.outcome())?;
                map(vec![])
            }
            "route" => {
                let domain = self.domain(engine)?;
                let answer = engine.route(self.now()?, domain, &self.key()?)?;
                map(vec![
                    ("pool", pool_name(engine, answer.pool)),
                    ("reason", answer.reason.as_str().into()),
                    ("spilled", answer.spilled.into()),
                ])
            }
            "checkout" => {
                let pool = self.pool(engine)?;
                checkout(&engine.checkout(self.now()?, pool, self.wait_until()?)?)
            }
            "checkin" => {
                let worker = WorkerId::from_raw(self.id("worker")?);
                let answer = engine.checkin(self.now()?, worker, self.outcome())?;
                let outcome = match answer.outcome {
                    CheckinOutcome::Idle => "idle",
                    CheckinOutcome::Served => "served",
                    CheckinOutcome::Left => "left",
                    CheckinOutcome::Lingering => "lingering",
                };
                map(vec![("outcome", outcome.into())])
            }
            "cancel_wait" => {
                engine.cancel_wait(self.now()?, WaiterId::from_raw(self.id("waiter")?))?;
                map(vec![])
            }
            "worker_ready" => {
                engine.worker_ready(self.now()?, WorkerId::from_raw(self.id("worker")?))?;
                map(vec![])
            }
            "worker_failed" => {
                engine.worker_failed(self.now()?, WorkerId::from_raw(self.id("worker")?))?;
                map(vec![])
            }
            "report_health" => {
                let pool = self.pool(engine)?;
                let (alive, dead) = (self.workers("alive")?, self.workers("dead")?);
                let replaced = engine.report_health(self.now()?, pool, &alive, &dead)?;
                map(vec![("replaced", count(replaced))])
            }
            "dispatch" => {
                let domain = self.domain(engine)?;
                let key = self.key()?;
                let answer = engine.dispatch(self.now()?, domain, &key, self.class(), self.wait_until()?)?;
                map(vec![
                    ("ticket", id(answer.ticket.map(TicketId::get))),
                    ("token", id(answer.token.map(Token::get))),
                    ("pool", pool_name(engine, answer.pool)),
                    ("worker", id(answer.worker.map(WorkerId::get))),
                    ("waiter", id(answer.waiter.map(WaiterId::get))),
                    ("stage", answer.stage.as_str().into()),
                    ("reason", answer.reason.as_str().into()),
                    ("warning", answer.warning.into()),
                    ("spilled", answer.spilled.into()),
                    ("overflow", answer.overflow.into()),
                    ("limit", count(answer.limit)),
                    ("load", count(answer.load)),
                    ("retry_after_us", answer.retry_after_us.into()),
                ])
            }
            "complete" => {
                let ticket = TicketId::from_raw(self.id("ticket")?);
                let answer = engine.complete(self.now()?, ticket, self.outcome())?;
                map(vec![
                    ("token_released", answer.token_released.into()),
                    ("worker_returned", answer.worker_returned.into()),
                ])
            }
            "step" => {
                engine.step(self.now()?)?;
                let effects = drain(engine);
                let next_us = engine.next_deadline_us();
                map(vec![("effects", effects), ("next_deadline_us", id(next_us))])
            }
            "drain" => map(vec![("effects", drain(engine))]),
            "set_soft_limit" => {
                engine.set_soft_limit(self.now()?, self.count("soft_limit")?)?;
                map(vec![])
            }
            "set_hard_limit" => {
                engine.set_hard_limit(self.now()?, self.count("hard_limit")?)?;
                map(vec![])
            }
            "set_affinity_groups" => {
                let now_us = self.now()?;
                check_time(now_us)?;
                let groups = affinity_groups_from_value(self.need("groups")?)?;
                engine.set_affinity_groups(now_us, &groups)?;
                map(vec![])
            }
            "enable_surge" => {
                engine.enable_surge(self.now()?)?;
                map(vec![])
            }
            "disable_surge" => {
                engine.disable_surge(self.now()?)?;
                map(vec![])
            }
            "set_domain_open" => {
                let domain = self.domain(engine)?;
                engine.set_domain_open(self.now()?, domain, self.flag("open")?)?;
                map(vec![])
            }
            "set_pool_open" => {
                let pool = self.pool(engine)?;
                engine.set_pool_open(self.now()?, pool, self.flag("open")?)?;
                map(vec![])
            }
            "set_off_peak" => {
                engine.set_off_peak(self.now()?, self.flag("off_peak")?)?;
                map(vec![])
            }
            "scale_up" => {
                let pool = self.pool(engine)?;
                scaling(engine.scale_up(self.now()?, pool)?)
            }
            "scale_down" => {
                let pool = self.pool(engine)?;
                scaling(engine.scale_down(self.now()?, pool)?)
            }
            "rebalance" => {
                let answer = engine.rebalance(self.now()?)?;
                map(vec![
                    ("migrated", answer.migrated.into()),
                    ("from", pool_name(engine, answer.from)),
                    ("to", pool_name(engine, answer.to)),
                    ("spread", answer.spread.into()),
                    ("reason", answer.reason.as_str().into()),
                ])
            }
            "health_check" => {
                let pool = self.pool(engine)?;
                map(vec![("status", engine.health_check(pool)?.as_str().into())])
            }
            "regulator_status" => status(canon::of_status(&engine.regulator_status())?),
            "capacity_info" => status(canon::of_status(&engine.capacity_info())?),
            "pool_status" => {
                let pool = self.pool(engine)?;
                status(canon::of_status(&engine.pool_status(pool)?)?)
            }
            "pool_workers" => {
                let pool = self.pool(engine)?;
                status(canon::of_status(&engine.pool_workers(pool)?)?)
            }
            "balance_status" => status(canon::of_status(&engine.balance_status())?),
            "burst_status" => status(canon::of_status(&engine.burst_status())?),
            "surge_metrics" => status(canon::of_status(&engine.surge_metrics())?),
            "cost_advice" => status(canon::of_status(&engine.cost_advice())?),
            "alerts" => status(canon::of_status(&engine.alerts())?),
            "verify" => status(canon::of_status(&engine.verify())?),
            "takt" => status(canon::of_status(&engine.takt(self.now()?)?)?),
            "metrics_text" => map(vec![("text", engine.metrics_text().into())]),
            "engine_status" => status(canon::of_status(&engine.engine_status())?),
            "config" => status(canon::of_status(engine.config())?),
            "simulate" => {
                let config = unread(self.step.arg("config").unwrap_or(&Value::Null))?;
                let seed = self.step.arg("seed").map_or(Ok(1), |seed| parse_int(seed, u64::MAX))?;
                map(vec![("outcome", canon::of_status(&simulate(&config, self.need("workload")?, seed)?)?)])
            }
            "snapshot" => hexed(&engine.snapshot()),
            "restore" => {
                *engine = Engine::restore(&self.bytes("snapshot")?)?;
                map(vec![])
            }
            "restore_with" => {
                *engine = Engine::restore_with(&self.bytes("snapshot")?, &self.bytes("journal")?)?;
                map(vec![])
            }
            "start_journal" => {
                engine.start_journal();
                map(vec![])
            }
            "take_journal" => hexed(&engine.take_journal()),
            "journal_verify" => status(canon::of_status(&journal::verify(&self.bytes("journal")?)?)?),
            "journal_trace" => hexed(&journal::trace(&self.bytes("journal")?)?),
            "journal_replay" => {
                let config = config_of(self.step.arg("config").unwrap_or(&Value::Null))?;
                let found = journal::replay(&self.bytes("journal")?, &config, self.count("limit")?)?;
                status(canon::of_status(&found)?)
            }
            "journal_records" => {
                let (first, count) = (self.count("first")?, self.count("count")?);
                let found = journal::records(&self.bytes("journal")?, first.into(), count.into())?;
                status(canon::of_status(&found)?)
            }
            "surge_cost_per_year" => {
                let cost =
                    surge_cost_per_year(self.number("surges_per_day")?, self.number("cost_per_surge")?);
                map(vec![("cost", cost.into())])
            }
            "baseline_cost_per_year" => {
                let cost = baseline_cost_per_year(self.count("workers")?, self.number("price_per_hour")?);
                map(vec![("cost", cost.into())])
            }
            other => return Err(Stop::Broken(format!("`{other}` can't be run"))),
        })
    }

    pub(crate) fn need(&self, name: &str) -> Answer<&Value> {
        self.step.arg(name).ok_or_else(|| Stop::Broken(format!("no `{name}`")))
    }

    pub(crate) fn now(&self) -> Answer<u64> {
        let now_us = parse_int(self.need("now_us")?, u64::MAX)?;
        let later_us = self.step.every_us.checked_mul(self.repetition as u64);
        later_us
            .and_then(|later_us| now_us.checked_add(later_us))
            .ok_or_else(|| Stop::Broken("`every_us` leads beyond 2^64".into()))
    }

    fn wait_until(&self) -> Answer<Option<u64>> {
        Ok(self.step.arg("wait_until_us").map(|value| parse_int(value, u64::MAX)).transpose()?)
    }

    pub(crate) fn id(&self, name: &str) -> Answer<u64> {
        self.id_of(self.need(name)?)
    }

    fn id_of(&self, value: &Value) -> Answer<u64> {
        match value {
            Value::Text(reference) => {
                let value = resolve(reference, self.repetition, self.named)?;
                Ok(parse_int(&value, u64::MAX).map_err(|error| format!("`{reference}`: {error}"))?)
            }
            value => Ok(parse_int(value, u64::MAX)?),
        }
    }

    fn workers(&self, name: &str) -> Answer<Vec<WorkerId>> {
        let list = match self.need(name)? {
            Value::Text(reference) => resolve(reference, self.repetition, self.named)?,
            list => list.clone(),
        };
        let Value::List(items) = list else { return Err(Stop::Broken(format!("`{name}` is not a list"))) };
        items.iter().map(|item| self.id_of(item).map(WorkerId::from_raw)).collect()
    }

    fn domain(&self, engine: &Engine) -> Answer<DomainId> {
        match self.need("domain")? {
            Value::Text(name) => {
                engine.domain_id(name).ok_or_else(|| Error::UnknownDomain { domain: u32::MAX }.into())
            }
            value => Ok(DomainId::new(handle(value)?)),
        }
    }

    fn pool(&self, engine: &Engine) -> Answer<PoolId> {
        match self.need("pool")? {
            Value::Text(name) => {
                engine.pool_id(name).ok_or_else(|| Error::UnknownPool { pool: u32::MAX }.into())
            }
            value => Ok(PoolId::new(handle(value)?)),
        }
    }

    fn key(&self) -> Answer<Vec<u8>> {
        match self.need("key")? {
            Value::Text(text) => Ok(text.clone().into_bytes()),
            value => match value.get("hex") {
                Some(Value::Text(hex)) => Ok(unhex(hex).ok_or_else(|| format!("`{hex}` is not hex"))?),
                _ => Err(Stop::Broken("not a key".into())),
            },
        }
    }

    fn bytes(&self, name: &str) -> Answer<Vec<u8>> {
        let part = |value: &Value| -> Answer<Vec<u8>> {
            let hex = match value {
                Value::Text(reference) => resolve(reference, self.repetition, self.named)?,
                value => value.get("hex").cloned().unwrap_or_default(),
            };
            match &hex {
                Value::Text(hex) => Ok(unhex(hex).ok_or_else(|| format!("`{name}` is not hex"))?),
                _ => Err(Stop::Broken(format!("`{name}` isn't bytes"))),
            }
        };
        match self.need(name)? {
            Value::List(items) => Ok(items.iter().map(part).collect::<Answer<Vec<_>>>()?.concat()),
            value => part(value),
        }
    }

    fn class(&self) -> Option<Class> {
        match self.step.arg("class") {
            Some(Value::Text(text)) if text == "critical" => Some(Class::Critical),
            Some(Value::Text(text)) if text == "normal" => Some(Class::Normal),
            Some(Value::Text(text)) if text == "sheddable" => Some(Class::Sheddable),
            _ => None,
        }
    }

    fn outcome(&self) -> Outcome {
        match self.step.arg("outcome") {
            Some(Value::Text(text)) if text == "failed" => Outcome::Failed,
            _ => Outcome::Ok,
        }
    }

    fn number(&self, name: &str) -> Answer<f64> {
        match self.need(name)? {
            Value::Float(number) => Ok(*number),
            _ => Err(Stop::Broken(format!("`{name}` is not a number with a fraction"))),
        }
    }

    pub(crate) fn count(&self, name: &str) -> Answer<u32> {
        handle(self.need(name)?)
    }

    fn flag(&self, name: &str) -> Answer<bool> {
        Ok(*self.need(name)? == Value::Bool(true))
    }
}

pub(crate) fn handle(value: &Value) -> Answer<u32> {
    let number = parse_int(value, u32::MAX.into())?;
    Ok(u32::try_from(number).unwrap_or(u32::MAX))
}

pub(crate) fn map(fields: Vec<(&str, Value)>) -> Value {
    Value::Map(fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

pub(crate) fn id(raw: Option<u64>) -> Value {
    raw.map_or(Value::Null, Value::from)
}

pub(crate) fn count(number: u32) -> Value {
    u64::from(number).into()
}

pub(crate) fn status(status: Value) -> Value {
    map(vec![("status", status)])
}

fn pool_name(engine: &Engine, pool: Option<PoolId>) -> Value {
    pool.and_then(|pool| engine.pool_name(pool)).map_or(Value::Null, Value::from)
}

fn checkout(answer: &Checkout) -> Value {
    map(vec![
        ("worker", id(answer.worker.map(WorkerId::get))),
        ("waiter", id(answer.waiter.map(WaiterId::get))),
        ("reason", answer.reason.as_str().into()),
        ("overflow", answer.overflow.into()),
        ("limit", count(answer.limit)),
        ("load", count(answer.load)),
        ("retry_after_us", answer.retry_after_us.into()),
    ])
}

fn hexed(bytes: &[u8]) -> Value {
    let mut hex = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        let _ = write!(hex, "{byte:02x}");
    }
    map(vec![("hex", hex.into())])
}

fn scaling(answer: Scaling) -> Value {
    map(vec![
        ("workers", count(answer.workers)),
        ("scaled", answer.scaled.into()),
        ("reason", answer.reason.as_str().into()),
    ])
}

fn drain(engine: &mut Engine) -> Value {
    let mut effects = Vec::new();
    while let Some(effect) = engine.poll_effect() {
        effects.push(effect_map(engine, &effect));
    }
    Value::List(effects)
}

fn effect_map(engine: &Engine, effect: &Effect) -> Value {
    let domain = effect.domain.and_then(|domain| engine.domain_name(domain));
    let workers = effect.workers.as_slice().iter().map(|worker| worker.get().into()).collect();
    map(vec![
        ("at_us", effect.at_us.into()),
        ("kind", effect.kind.as_str().into()),
        ("reason", effect.reason.as_str().into()),
        ("pool", pool_name(engine, effect.pool)),
        ("to_pool", pool_name(engine, effect.to_pool)),
        ("domain", domain.map_or(Value::Null, Value::from)),
        ("token", id(effect.token.map(Token::get))),
        ("waiter", id(effect.waiter.map(WaiterId::get))),
        ("ticket", id(effect.ticket.map(TicketId::get))),
        ("workers", Value::List(workers)),
        ("count", count(effect.count)),
        ("surge", effect.surge.into()),
        ("alert", effect.alert.map_or(Value::Null, count)),
        ("value", effect.value.map_or(Value::Null, Value::from)),
        ("options", Value::List(effect.options.words().map(Value::from).collect())),
    ])
}
