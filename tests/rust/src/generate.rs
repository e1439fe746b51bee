//! Random sequences, the same from the same seed everywhere.
//!
//! Each call is made on an engine while the sequence grows, so that most ids are live ones; the others are stale,
//! doubled, of another kind, or invented. Times mostly move on, and sometimes stand, go back, jump a year or lie
//! out of range.

use heijunka_core::pacing::{Pacer, PacerConfig};
use heijunka_core::{Config, Engine, Value};

use crate::calls;
use crate::canon;
use crate::expect::Named;
use crate::read;
use crate::sha256::Sha256;

/// SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014).
struct Rng(u64);

impl Rng {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// From `low` to `high`, both included.
    fn range(&mut self, low: u64, high: u64) -> u64 {
        low + self.next() % (high - low + 1)
    }

    /// True in `share` of a hundred cases.
    fn percent(&mut self, share: u64) -> bool {
        self.range(1, 100) <= share
    }

    fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[usize::try_from(self.next() % items.len() as u64).unwrap_or(0)]
    }
}

const SECOND_US: u64 = 1_000_000;
const YEAR_US: u64 = 365 * 86_400 * SECOND_US;
const END_OF_TIME_US: u64 = 1 << 53;

/// A sequence of about `steps` calls as a line of JSON, its digest filled in. It depends on nothing but the
/// arguments and the engine.
///
/// # Panics
/// Panics when a call that was generated can't be made: a defect of the generator.
pub fn sequence(seed: u64, number: u64, steps: usize) -> String {
    let mut rng = Rng(seed ^ number.wrapping_mul(0xd1b5_4a32_d192_ed03));
    // The first numbers of neighbouring seeds are alike.
    rng.next();
    let (config, engine) = loop {
        let config = config(&mut rng);
        if let Ok(checked) = Config::from_value(&config) {
            let start_us = if rng.percent(80) { 0 } else { rng.range(0, YEAR_US) };
            if let Ok(engine) = Engine::new(&checked, start_us) {
                break (config, engine);
            }
        }
    };
    let start_us = engine.engine_status().start_us;
    let (ids, digest, named) = (Ids::default(), Sha256::default(), Named::new());
    let mut world = World { rng, now_us: start_us, engine, pacer: None, ids, digest, named, pieces: 0 };
    let mut made = Vec::with_capacity(steps + 5);
    for _ in 0..steps {
        let step = world.any_step();
        world.make(step, &mut made);
    }
    world.now_us = world.now_us.max(world.engine.engine_status().now_us).min(END_OF_TIME_US - SECOND_US);
    let step = map(vec![("op", "step".into()), ("now_us", (world.now_us + 1).into())]);
    world.make(step, &mut made);
    world.make(World::piece(world.pieces), &mut made);
    world.pieces += 1;
    let pieces: Vec<Value> = (0..world.pieces).map(|piece| format!("$j{piece}.hex").into()).collect();
    for op in ["journal_verify", "journal_trace"] {
        world.make(map(vec![("op", op.into()), ("journal", pieces.clone().into())]), &mut made);
    }
    world.make(map(vec![("op", "snapshot".into())]), &mut made);
    for name in ["regulator_status", "balance_status", "burst_status", "engine_status"] {
        world.make(map(vec![("op", name.into())]), &mut made);
    }
    let sequence = map(vec![
        ("name", format!("fuzz-{seed}-{number}").into()),
        ("about", "random calls".into()),
        ("origin", "generated".into()),
        ("config", config),
        ("start_us", start_us.into()),
        ("steps", Value::List(made)),
        ("digest", world.digest.hex().into()),
    ]);
    serde_json::to_string(&sequence).expect("a sequence is plain JSON")
}

#[derive(Default)]
struct Ids {
    live: [Vec<u64>; 5],
    dead: [Vec<u64>; 5],
}

const KINDS: [&str; 4] = ["token", "worker", "waiter", "ticket"];
const TOKEN: usize = 0;
const WORKER: usize = 1;
const WAITER: usize = 2;
const TICKET: usize = 3;
/// A worker that was handed out without a ticket.
const OUT: usize = 4;

impl Ids {
    fn born(&mut self, kind: usize, id: u64) {
        if !self.live[kind].contains(&id) {
            self.live[kind].push(id);
        }
    }

    /// Keeps whatever an answer or an effect names.
    fn see(&mut self, value: &Value) {
        match value {
            Value::Map(fields) => {
                for (name, value) in fields {
                    match (name.as_str(), value) {
                        ("workers", Value::List(items)) => {
                            for item in items {
                                if let Value::Integer(id) = item {
                                    self.born(WORKER, u64::try_from(*id).unwrap_or(0));
                                }
                            }
                        }
                        (name, Value::Integer(id)) => {
                            if let Some(kind) = KINDS.iter().position(|kind| *kind == name) {
                                self.born(kind, u64::try_from(*id).unwrap_or(0));
                            }
                        }
                        (_, value) => self.see(value),
                    }
                }
            }
            Value::List(items) => items.iter().for_each(|item| self.see(item)),
            _ => {}
        }
    }

    fn choose(&mut self, rng: &mut Rng, kind: usize, spent: bool) -> u64 {
        match rng.range(1, 100) {
            1..=80 if !self.live[kind].is_empty() => {
                let at = usize::try_from(rng.next() % self.live[kind].len() as u64).unwrap_or(0);
                let id = self.live[kind][at];
                if spent {
                    self.live[kind].swap_remove(at);
                    self.dead[kind].push(id);
                }
                id
            }
            1..=92 if !self.dead[kind].is_empty() => *rng.pick(&self.dead[kind]),
            1..=96 if !self.live[(kind + 1) % 4].is_empty() => *rng.pick(&self.live[(kind + 1) % 4]),
            1..=98 => rng.range(0, 40),
            _ => rng.next() >> rng.range(0, 40),
        }
    }
}

struct World {
    rng: Rng,
    now_us: u64,
    engine: Engine,
    pacer: Option<Pacer>,
    ids: Ids,
    digest: Sha256,
    named: Named,
    /// How many pieces of a journal were taken.
    pieces: usize,
}

impl World {
    fn make(&mut self, step: Value, made: &mut Vec<Value>) {
        let read = read::step(&step).unwrap_or_else(|error| panic!("{step:?}: {error}"));
        for repetition in 0..read.times.unwrap_or(1) {
            let answer =
                calls::call(&mut self.engine, &mut self.pacer, &read, repetition as usize, &self.named)
                    .unwrap_or_else(|error| panic!("{step:?}: {error}"));
            self.ids.see(&answer);
            if let (true, Some(Value::Integer(worker))) = (read.op.name == "checkout", answer.get("worker")) {
                self.ids.born(OUT, u64::try_from(*worker).unwrap_or(0));
            }
            self.digest.update(&canon::bytes(&answer));
            if let Some(name) = &read.name {
                self.named.insert(name.clone(), answer);
            }
        }
        made.push(step);
    }

    /// Takes a piece of the journal, and keeps it under its number.
    fn piece(number: usize) -> Value {
        map(vec![("op", "take_journal".into()), ("as", format!("j{number}").into())])
    }

    fn time(&mut self) -> Value {
        let rng = &mut self.rng;
        let on_us = match rng.range(1, 200) {
            1..=60 => 0,
            61..=120 => rng.range(1, 50_000),
            121..=165 => rng.range(50_000, 2 * SECOND_US),
            166..=190 => rng.range(SECOND_US, 20 * SECOND_US),
            191..=194 => rng.range(60 * SECOND_US, 1_000 * SECOND_US),
            195..=197 => return self.now_us.saturating_sub(rng.range(1, 30 * SECOND_US)).into(),
            198 => return (*rng.pick(&[END_OF_TIME_US, END_OF_TIME_US + 1, 1 << 63])).into(),
            199 if rng.percent(30) => YEAR_US,
            200 if rng.percent(10) => return (END_OF_TIME_US - 1).into(),
            _ => match self.engine.next_deadline_us() {
                Some(due_us) => due_us.saturating_sub(self.now_us),
                None => 0,
            },
        };
        self.now_us = (self.now_us + on_us).min(END_OF_TIME_US - 1);
        self.now_us.into()
    }

    fn pool(&mut self) -> Value {
        let pools = u64::from(self.engine.pool_count());
        let at = self.rng.range(0, pools - 1);
        match self.rng.range(1, 100) {
            1..=70 => self.engine.config().pools[usize::try_from(at).unwrap_or(0)].name.clone().into(),
            71..=98 => at.into(),
            99 => "nowhere".into(),
            _ => pools.into(),
        }
    }

    fn domain(&mut self) -> Value {
        let domains = u64::from(self.engine.domain_count());
        let at = self.rng.range(0, domains - 1);
        match self.rng.range(1, 100) {
            1..=70 => self.engine.config().domains[usize::try_from(at).unwrap_or(0)].name.clone().into(),
            71..=98 => at.into(),
            99 => "nobody".into(),
            _ => u64::from(u32::MAX).into(),
        }
    }

    fn key(&mut self) -> Value {
        match self.rng.range(1, 20) {
            1 => map(vec![("hex", format!("{:04x}", self.rng.range(0, 0xffff)).into())]),
            2 => "".into(),
            3 => "a key of nineteen b".into(),
            4..=6 => "gold".into(),
            _ => format!("k{}", self.rng.range(0, 30)).into(),
        }
    }

    fn id(&mut self, kind: usize, spent: bool) -> Value {
        self.ids.choose(&mut self.rng, kind, spent).into()
    }

    /// Adds class, outcome or a time to wait until, or nothing.
    fn may_class(&mut self, step: &mut Vec<(&'static str, Value)>) {
        if self.rng.percent(30) {
            step.push(("class", (*self.rng.pick(&["critical", "normal", "sheddable"])).into()));
        }
    }

    fn may_fail(&mut self, step: &mut Vec<(&'static str, Value)>) {
        if self.rng.percent(20) {
            step.push(("outcome", (*self.rng.pick(&["failed", "failed", "ok"])).into()));
        }
    }

    fn may_wait(&mut self, step: &mut Vec<(&'static str, Value)>) {
        if self.rng.percent(60) {
            let until_us = match self.rng.range(1, 30) {
                1 => END_OF_TIME_US,
                2 => self.now_us,
                3 => 0,
                4..=12 => self.now_us.saturating_add(self.rng.range(1, 100_000)),
                _ => self.now_us.saturating_add(self.rng.range(1, 10 * SECOND_US)),
            };
            step.push(("wait_until_us", until_us.into()));
        }
    }

    fn may_repeat(&mut self, step: &mut Vec<(&'static str, Value)>) {
        if self.rng.percent(6) {
            step.push(("times", self.rng.range(2, 25).into()));
            if self.rng.percent(50) {
                step.push(("every_us", self.rng.range(0, 50_000).into()));
            }
        }
    }

    fn any_step(&mut self) -> Value {
        const OPS: &[(&str, u64)] = &[
            ("dispatch", 210),
            ("complete", 140),
            ("step", 120),
            ("checkout", 90),
            ("checkin", 80),
            ("admit", 80),
            ("release", 60),
            ("route", 30),
            ("worker_ready", 30),
            ("cancel_wait", 20),
            ("worker_failed", 15),
            ("report_health", 8),
            ("scale_up", 10),
            ("scale_down", 12),
            ("rebalance", 12),
            ("set_soft_limit", 4),
            ("set_hard_limit", 5),
            ("set_affinity_groups", 4),
            ("set_domain_open", 5),
            ("set_pool_open", 6),
            ("set_off_peak", 2),
            ("enable_surge", 3),
            ("disable_surge", 3),
            ("drain", 6),
            ("health_check", 6),
            ("pool_status", 14),
            ("pool_workers", 5),
            ("regulator_status", 4),
            ("capacity_info", 4),
            ("balance_status", 4),
            ("burst_status", 3),
            ("surge_metrics", 3),
            ("cost_advice", 3),
            ("alerts", 4),
            ("verify", 3),
            ("takt", 3),
            ("metrics_text", 3),
            ("engine_status", 3),
            ("config", 1),
            ("new", 1),
            ("sequence", 4),
            ("pacer_new", 4),
            ("pacer_offer", 60),
            ("pacer_poll", 50),
            ("pacer_set_takt", 4),
            ("pacer_set_weight", 6),
            ("pacer_status", 8),
            ("snapshot", 4),
            ("restore", 3),
            ("start_journal", 3),
            ("take_journal", 5),
        ];
        let all: u64 = OPS.iter().map(|(_, weight)| weight).sum();
        let mut at = self.rng.range(0, all - 1);
        let mut op = "step";
        for (name, weight) in OPS {
            if at < *weight {
                op = name;
                break;
            }
            at -= weight;
        }
        let instead = match op {
            "complete" => (TICKET, "dispatch"),
            "checkin" => (OUT, "checkout"),
            "release" => (TOKEN, "admit"),
            "cancel_wait" => (WAITER, "checkout"),
            _ => (WORKER, op),
        };
        // Most of what is given back was given out.
        if self.ids.live[instead.0].is_empty() && self.rng.percent(80) {
            op = instead.1;
        }
        if op.starts_with("pacer_") && self.pacer.is_none() {
            op = "pacer_new";
        }
        let mut step = vec![("op", Value::from(op))];
        match op {
            "snapshot" => return map(vec![("op", op.into()), ("as", "s".into())]),
            "restore" if !self.named.contains_key("s") => return map(vec![("op", "drain".into())]),
            "restore" => return map(vec![("op", op.into()), ("snapshot", "$s.hex".into())]),
            "start_journal" => return map(vec![("op", op.into())]),
            "take_journal" => {
                self.pieces += 1;
                return World::piece(self.pieces - 1);
            }
            _ => {}
        }
        let timeless = matches!(op, "sequence" | "drain" | "health_check" | "config")
            || op.ends_with("_status")
            || matches!(op, "pool_workers" | "capacity_info" | "surge_metrics" | "cost_advice")
            || matches!(op, "alerts" | "verify" | "metrics_text");
        if !timeless {
            step.push(("now_us", self.time()));
        }
        match op {
            "admit" => {
                step.push(("domain", self.domain()));
                self.may_class(&mut step);
                self.may_repeat(&mut step);
            }
            "dispatch" => {
                step.push(("domain", self.domain()));
                step.push(("key", self.key()));
                self.may_class(&mut step);
                self.may_wait(&mut step);
                self.may_repeat(&mut step);
            }
            "route" => {
                step.push(("domain", self.domain()));
                step.push(("key", self.key()));
            }
            "checkout" => {
                step.push(("pool", self.pool()));
                self.may_wait(&mut step);
                self.may_repeat(&mut step);
            }
            "complete" => {
                step.push(("ticket", self.id(TICKET, true)));
                self.may_fail(&mut step);
            }
            "release" => {
                step.push(("token", self.id(TOKEN, true)));
                self.may_fail(&mut step);
            }
            "checkin" => {
                step.push(("worker", self.id(OUT, true)));
                self.may_fail(&mut step);
            }
            "worker_ready" | "worker_failed" => step.push(("worker", self.id(WORKER, false))),
            "cancel_wait" => step.push(("waiter", self.id(WAITER, true))),
            "report_health" => {
                step.push(("pool", self.pool()));
                let mut list = |most: u64| {
                    let count = self.rng.range(0, most);
                    (0..count)
                        .map(|_| self.ids.choose(&mut self.rng, WORKER, false).into())
                        .collect::<Vec<Value>>()
                };
                let (alive, dead) = (list(2), list(2));
                step.push(("alive", alive.into()));
                step.push(("dead", dead.into()));
            }
            "scale_up" | "scale_down" | "health_check" | "pool_status" | "pool_workers" => {
                step.push(("pool", self.pool()));
            }
            "set_soft_limit" => step.push(("soft_limit", self.rng.range(0, 30).into())),
            "set_hard_limit" => step.push(("hard_limit", self.rng.range(0, 40).into())),
            "set_affinity_groups" => {
                let to = self.pool();
                let to = if let Value::Text(_) = to { vec![to] } else { vec![] };
                step.push(("groups", map(vec![("gold", to.into())])));
            }
            "set_domain_open" => {
                step.push(("domain", self.domain()));
                step.push(("open", self.rng.percent(60).into()));
            }
            "set_pool_open" => {
                step.push(("pool", self.pool()));
                step.push(("open", self.rng.percent(60).into()));
            }
            "set_off_peak" => step.push(("off_peak", self.rng.percent(50).into())),
            "new" => {
                let bad = map(vec![("nonsense", true.into())]);
                // What the new engine gives out looks like what the old one did; the ids stay.
                step.push(("config", if self.rng.percent(30) { bad } else { config(&mut self.rng) }));
            }
            "sequence" => {
                let products = self.rng.range(0, 9);
                let most = *self.rng.pick(&[1, 3, 40]);
                let counts: Vec<Value> = (0..products).map(|_| self.rng.range(0, most).into()).collect();
                step.push(("counts", counts.into()));
            }
            "pacer_new" => step.push(("config", pacer_config(&mut self.rng))),
            "pacer_offer" => {
                step.push(("domain", self.pacer_domain()));
                let item = if self.rng.percent(2) { END_OF_TIME_US } else { self.rng.range(0, 1_000) };
                step.push(("item", item.into()));
                self.may_repeat(&mut step);
            }
            "pacer_poll" if self.rng.percent(30) => {
                step.push(("max_items", self.rng.range(0, 3).into()));
            }
            "pacer_set_takt" => {
                step.push(("available_us", self.rng.range(1, 3 * SECOND_US).into()));
                step.push(("demand", (*self.rng.pick(&[0_u64, 1, 3, 7, 1_000])).into()));
            }
            "pacer_set_weight" => {
                step.push(("domain", self.pacer_domain()));
                step.push(("weight", (*self.rng.pick(&[0_u64, 1, 2, 5, 1_000_000, 1_000_001])).into()));
            }
            _ => {}
        }
        map(step)
    }

    fn pacer_domain(&mut self) -> Value {
        match self.rng.range(1, 20) {
            1..=14 => (*self.rng.pick(&["a", "b", "c"])).into(),
            15..=19 => self.rng.range(0, 3).into(),
            _ => "nobody".into(),
        }
    }
}

/// A pacer of some of the domains `a`, `b`, `c`; sometimes one that there can't be.
fn pacer_config(rng: &mut Rng) -> Value {
    loop {
        let mut fields = if rng.percent(40) {
            vec![("takt_us", (*rng.pick(&[1_u64, 1_000, 33_333, 500_000])).into())]
        } else {
            let demand = (*rng.pick(&[1_u64, 3, 7, 60])).into();
            vec![("available_us", rng.range(50, SECOND_US).into()), ("demand", demand)]
        };
        fields.push(("max_backlog", rng.range(1, 40).into()));
        for (name, most) in [("max_catch_up", 4), ("max_late", 4)] {
            if rng.percent(40) {
                fields.push((name, rng.range(1, most).into()));
            }
        }
        let domains = ["a", "b", "c"].into_iter().take(usize::try_from(rng.range(1, 3)).unwrap_or(1));
        let domains = domains.map(|name| {
            let mut domain = vec![("weight", rng.range(1, 6).into())];
            if rng.percent(60) {
                domain.push(("max_backlog", rng.range(1, 20).into()));
            }
            (name, map(domain))
        });
        let domains = domains.collect();
        fields.push(("domains", map(domains)));
        if rng.percent(5) {
            fields.push(("tact_us", 1_u64.into()));
            return map(fields);
        }
        let config = map(fields);
        if PacerConfig::from_value(&config).is_ok() {
            return config;
        }
    }
}

fn map(fields: Vec<(&str, Value)>) -> Value {
    Value::Map(fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

fn ppm(rng: &mut Rng, low: u64, high: u64) -> Value {
    let percent = rng.range(low, high);
    #[allow(clippy::cast_precision_loss)] // at most a thousand
    Value::Float(percent as f64 / 100.0)
}

/// A small configuration; some contradict themselves and are left out by the caller.
fn config(rng: &mut Rng) -> Value {
    let mut config = Vec::new();
    if rng.percent(25) {
        config.push(("preset", Value::from(*rng.pick(&["adaptive", "adaptive", "classic"]))));
    }
    if rng.percent(30) {
        config.push(("worker_start", "confirmed".into()));
        config.push(("worker_start_timeout_us", rng.range(SECOND_US / 2, 5 * SECOND_US).into()));
    }
    let mut names: Vec<String> = vec!["payment".into(), "delivery".into(), "notification".into()];
    if rng.percent(80) {
        names = (0..rng.range(1, 4)).map(|number| format!("p{number}")).collect();
        let pools = names.iter().map(|name| (name.clone(), pool(rng))).collect();
        config.push(("pools", Value::Map(pools)));
    }
    if rng.percent(85) {
        config.push(("regulator", regulator(rng)));
    }
    if rng.percent(60) {
        let mut domains = Vec::new();
        for number in 0..rng.range(1, 3) {
            domains.push((format!("d{number}"), domain(rng, &names)));
        }
        config.push(("domains", Value::Map(domains)));
    }
    config.push(("scaler", scaler(rng)));
    config.push(("balancer", balancer(rng, &names)));
    config.push(("burst", burst(rng)));
    config.push((
        "health",
        map(vec![
            ("min_requests", rng.range(0, 4).into()),
            ("check_every_us", (rng.range(1, 30) * SECOND_US).into()),
        ]),
    ));
    if rng.percent(60) {
        config.push(("alerts", alerts(rng, &names)));
        config.push(("alert_every_us", (rng.range(1, 20) * SECOND_US).into()));
    }
    let mut limits = vec![("max_key_bytes", Value::from(rng.range(4, 20)))];
    if rng.percent(30) {
        limits.push(("max_effects", rng.range(1, 8).into()));
    }
    if rng.percent(15) {
        limits.push(("max_waiters", rng.range(1, 4).into()));
    }
    if rng.percent(15) {
        limits.push(("max_workers", rng.range(1, 20).into()));
    }
    config.push(("limits", map(limits)));
    map(config)
}

fn regulator(rng: &mut Rng) -> Value {
    let hard = rng.range(2, 24);
    let mut fields = vec![
        ("hard_limit", Value::from(hard)),
        ("soft_limit", rng.range(1, hard).into()),
        ("reserved_capacity", ppm(rng, 0, 60)),
        ("sheddable_fraction", ppm(rng, 0, 100)),
    ];
    if rng.percent(40) {
        fields.push(("reservation", (*rng.pick(&["partition", "partition", "headroom"])).into()));
    }
    if rng.percent(40) {
        fields.push(("token_ttl_us", rng.range(1, 8 * SECOND_US).into()));
    }
    if rng.percent(40) {
        fields.push(("adaptive", adaptive(rng, hard)));
    }
    map(fields)
}

/// An adaptive limit that has something to judge in a few calls.
fn adaptive(rng: &mut Rng, hard: u64) -> Value {
    let algorithm = *rng.pick(&["aimd", "gradient", "correlation", "correlation", "none"]);
    if rng.percent(20) {
        return algorithm.into();
    }
    let least = rng.range(1, hard);
    let mut fields = vec![
        ("algorithm", algorithm.into()),
        ("min_limit", least.into()),
        ("initial_limit", rng.range(least, hard).into()),
        ("window_us", rng.range(1_000, SECOND_US).into()),
        ("min_samples", rng.range(1, 4).into()),
        ("sustain_us", rng.range(0, 2 * SECOND_US).into()),
        ("timeout_us", rng.range(1, 2 * SECOND_US).into()),
        ("probe_samples", rng.range(1, 6).into()),
    ];
    if rng.percent(30) {
        fields.push(("max_latency_us", rng.range(1, 2 * SECOND_US).into()));
        fields.push(("tolerance", Value::Float(1.0)));
        fields.push(("quantile", ppm(rng, 0, 100)));
        fields.push(("baseline_windows", rng.range(1, 3).into()));
        fields.push(("max_failures", ppm(rng, 0, 100)));
    }
    map(fields)
}

fn pool(rng: &mut Rng) -> Value {
    let mut fields = vec![("initial_workers", Value::from(rng.range(0, 5)))];
    if rng.percent(70) {
        fields.push(("min_workers", rng.range(0, 3).into()));
    }
    if rng.percent(70) {
        fields.push(("max_workers", rng.range(1, 9).into()));
    }
    if rng.percent(30) {
        fields.push(("surge_max_workers", rng.range(4, 14).into()));
    }
    if rng.percent(40) {
        fields.push(("strategy", "fifo".into()));
    }
    if rng.percent(40) {
        fields.push(("max_overflow", rng.range(1, 3).into()));
        fields.push(("overflow_ttl_us", (*rng.pick(&[0, 1, SECOND_US, 5 * SECOND_US])).into()));
    }
    if rng.percent(70) {
        fields.push(("max_waiting", rng.range(1, 6).into()));
    }
    if rng.percent(40) {
        fields.push(("queue", "codel".into()));
        fields.push(("codel_target_us", rng.range(1, 20_000).into()));
        fields.push(("codel_interval_us", rng.range(1, 200_000).into()));
    }
    map(fields)
}

fn domain(rng: &mut Rng, pools: &[String]) -> Value {
    let mut fields = Vec::new();
    if rng.percent(60) {
        fields.push(("class", Value::from(*rng.pick(&["critical", "normal", "sheddable"]))));
    }
    if rng.percent(30) {
        fields.push(("max_class", "critical".into()));
    }
    if rng.percent(30) {
        fields.push(("max_concurrent", rng.range(1, 5).into()));
    }
    if rng.percent(60) {
        let count = rng.range(1, 4);
        let list: Vec<Value> = (0..count).map(|_| rng.pick(pools).clone().into()).collect();
        fields.push(("pools", list.into()));
    }
    if rng.percent(30) {
        let list: Vec<Value> =
            pools.iter().filter(|_| rng.percent(50)).map(|name| name.clone().into()).collect();
        fields.push(("spill", list.into()));
    }
    map(fields)
}

fn scaler(rng: &mut Rng) -> Value {
    let mut fields = vec![
        ("evaluate_every_us", Value::from(rng.range(1, 5) * SECOND_US)),
        ("down_cooldown_us", (rng.range(0, 10) * SECOND_US).into()),
        ("proactive_after_us", (rng.range(0, 15) * SECOND_US).into()),
        ("planned_after_us", (rng.range(0, 30) * SECOND_US).into()),
        ("planned_every_us", (rng.range(1, 10) * SECOND_US).into()),
        ("stabilization_us", (rng.range(0, 20) * SECOND_US).into()),
    ];
    if rng.percent(60) {
        fields.push(("mode", (*rng.pick(&["step", "proportional", "staffing"])).into()));
    }
    if rng.percent(20) {
        fields.push(("min_interval_us", (rng.range(1, 10) * SECOND_US).into()));
    }
    if rng.percent(20) {
        fields.push(("off_peak_only", true.into()));
    }
    if rng.percent(10) {
        fields.push(("enabled", false.into()));
    }
    if rng.percent(20) {
        fields.push(("wait_target_us", rng.range(0, SECOND_US).into()));
    }
    map(fields)
}

fn balancer(rng: &mut Rng, pools: &[String]) -> Value {
    let mut fields = vec![
        ("cooldown_us", Value::from(rng.range(0, 10) * SECOND_US)),
        ("rebalance_every_us", (rng.range(1, 10) * SECOND_US).into()),
    ];
    if rng.percent(30) {
        fields.push(("coefficient", "stddev".into()));
    }
    if rng.percent(30) {
        fields.push(("affinity_rotation_us", (rng.range(1, 20) * SECOND_US).into()));
    }
    if rng.percent(30) {
        fields.push(("hash_seed", rng.range(0, END_OF_TIME_US - 1).into()));
    }
    if rng.percent(40) {
        let list: Vec<Value> = (0..rng.range(1, 3)).map(|_| rng.pick(pools).clone().into()).collect();
        fields.push(("affinity_groups", map(vec![("gold", list.into())])));
    }
    map(fields)
}

fn alerts(rng: &mut Rng, pools: &[String]) -> Value {
    let mut rules = Vec::new();
    for number in 0..rng.range(0, 4) {
        let of_pools = ["pool_utilization", "pool_health", "pool_error_rate", "pool_waiting"];
        let of_system = [
            "system_load_factor",
            "balance_coefficient",
            "admission_rate",
            "rejection_rate",
            "recent_rejection_rate",
        ];
        let per_pool = rng.percent(60);
        let metric = if per_pool { *rng.pick(&of_pools) } else { *rng.pick(&of_system) };
        let mut rule = vec![
            ("name", Value::from(format!("r{number}"))),
            ("metric", metric.into()),
            ("comparison", (*rng.pick(&[">", "<", ">=", "<="])).into()),
            ("threshold", ppm(rng, 0, if metric == "pool_waiting" { 300 } else { 110 })),
            ("for_us", (rng.range(0, 40) * SECOND_US).into()),
        ];
        if per_pool && rng.percent(40) {
            rule.push(("pool", rng.pick(pools).clone().into()));
        }
        if rng.percent(30) {
            let options = ["scale_up", "shed_sheddable", "close_non_critical"];
            rule.push(("options", Value::List(vec![(*rng.pick(&options)).into()])));
        }
        if rng.percent(40) {
            rule.push(("severity", (*rng.pick(&["info", "warning", "critical"])).into()));
        }
        rules.push(map(rule));
    }
    Value::List(rules)
}

fn burst(rng: &mut Rng) -> Value {
    let mut fields = vec![
        ("baseline_samples", Value::from(rng.range(1, 6))),
        ("window_samples", rng.range(1, 4).into()),
        ("min_arrivals", rng.range(1, 5).into()),
        ("threshold", ppm(rng, 100, 400)),
        ("hold_us", (rng.range(0, 10) * SECOND_US).into()),
        ("shrink_us", (rng.range(0, 10) * SECOND_US).into()),
        ("cooldown_us", (rng.range(0, 5) * SECOND_US).into()),
        ("surge_workers", rng.range(1, 4).into()),
    ];
    if rng.percent(50) {
        fields.push(("min_load", ppm(rng, 1, 50)));
        fields.push(("min_baseline", ppm(rng, 1, 20)));
    }
    if rng.percent(40) {
        fields.push(("scope", (*rng.pick(&["system", "pool"])).into()));
    }
    map(fields)
}

#[cfg(test)]
mod tests {
    use crate::{Sequence, run};

    #[test]
    fn sequences_run_again_to_the_same_digest() {
        for number in 0..200 {
            let text = super::sequence(7, number, 50);
            assert_eq!(text, super::sequence(7, number, 50));
            let sequence = Sequence::parse(&text).unwrap();
            assert_eq!(run(&sequence, |_, _, _| ()).unwrap().digest, sequence.digest, "{text}");
        }
        assert_ne!(super::sequence(7, 0, 50), super::sequence(8, 0, 50));
        assert_ne!(super::sequence(7, 0, 50), super::sequence(7, 1, 50));
    }
}
