//! The operations and the members that a step of each may have: one table for reader and executor.

/// What a member holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A time in microseconds: an integer from 0 to 2^64 − 1.
    Time,
    /// A domain or pool: its name, or an integer from 0 to 2^32 − 1.
    Name,
    /// `critical`, `normal` or `sheddable`.
    Class,
    /// `ok` or `failed`.
    Outcome,
    /// Text, or `{"hex": "…"}`.
    Key,
    /// An integer from 0 to 2^64 − 1, or a reference.
    Id,
    /// A list of ids.
    Ids,
    /// An integer from 0 to 2^32 − 1.
    Count,
    /// A list of counts.
    Counts,
    /// Bytes: `{"hex": "…"}`, a reference to text of hex digits, or a list of those, one after another.
    Bytes,
    /// A number with a fraction.
    Number,
    /// True or false.
    Flag,
    /// A map.
    Map,
    /// A map, or text in JSON or TOML.
    Config,
}

/// A member of a step.
#[derive(Debug, Clone, Copy)]
pub struct Member {
    /// Its name.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// Whether a step must have it.
    pub required: bool,
}

/// An operation.
#[derive(Debug, Clone, Copy)]
pub struct Op {
    /// Its name.
    pub name: &'static str,
    /// The members of its steps, beside those that every step may have.
    pub members: &'static [Member],
}

const fn need(name: &'static str, kind: Kind) -> Member {
    Member { name, kind, required: true }
}

const fn may(name: &'static str, kind: Kind) -> Member {
    Member { name, kind, required: false }
}

const fn op(name: &'static str, members: &'static [Member]) -> Op {
    Op { name, members }
}

const NOW: Member = need("now_us", Kind::Time);
const DOMAIN: Member = need("domain", Kind::Name);
const POOL: Member = need("pool", Kind::Name);
const WORKER: Member = need("worker", Kind::Id);
const OUTCOME: Member = may("outcome", Kind::Outcome);
const CLASS: Member = may("class", Kind::Class);
const KEY: Member = need("key", Kind::Key);
const SNAPSHOT: Member = need("snapshot", Kind::Bytes);
const JOURNAL: Member = need("journal", Kind::Bytes);
const WAIT: Member = may("wait_until_us", Kind::Time);

/// Every operation.
pub const OPS: &[Op] = &[
    op("new", &[NOW, may("config", Kind::Config)]),
    op("admit", &[NOW, DOMAIN, CLASS]),
    op("release", &[NOW, need("token", Kind::Id), OUTCOME]),
    op("route", &[NOW, DOMAIN, KEY]),
    op("checkout", &[NOW, POOL, WAIT]),
    op("checkin", &[NOW, WORKER, OUTCOME]),
    op("cancel_wait", &[NOW, need("waiter", Kind::Id)]),
    op("worker_ready", &[NOW, WORKER]),
    op("worker_failed", &[NOW, WORKER]),
    op("report_health", &[NOW, POOL, need("alive", Kind::Ids), need("dead", Kind::Ids)]),
    op("dispatch", &[NOW, DOMAIN, KEY, CLASS, WAIT]),
    op("complete", &[NOW, need("ticket", Kind::Id), OUTCOME]),
    op("step", &[NOW]),
    op("drain", &[]),
    op("set_soft_limit", &[NOW, need("soft_limit", Kind::Count)]),
    op("set_hard_limit", &[NOW, need("hard_limit", Kind::Count)]),
    op("set_affinity_groups", &[NOW, need("groups", Kind::Map)]),
    op("enable_surge", &[NOW]),
    op("disable_surge", &[NOW]),
    op("set_domain_open", &[NOW, DOMAIN, need("open", Kind::Flag)]),
    op("set_pool_open", &[NOW, POOL, need("open", Kind::Flag)]),
    op("set_off_peak", &[NOW, need("off_peak", Kind::Flag)]),
    op("scale_up", &[NOW, POOL]),
    op("scale_down", &[NOW, POOL]),
    op("rebalance", &[NOW]),
    op("health_check", &[POOL]),
    op("regulator_status", &[]),
    op("capacity_info", &[]),
    op("pool_status", &[POOL]),
    op("pool_workers", &[POOL]),
    op("balance_status", &[]),
    op("burst_status", &[]),
    op("surge_metrics", &[]),
    op("cost_advice", &[]),
    op("alerts", &[]),
    op("verify", &[]),
    op("takt", &[NOW]),
    op("metrics_text", &[]),
    op("engine_status", &[]),
    op("config", &[]),
    op("snapshot", &[]),
    op("restore", &[SNAPSHOT]),
    op("restore_with", &[SNAPSHOT, JOURNAL]),
    op("start_journal", &[]),
    op("take_journal", &[]),
    op("journal_verify", &[JOURNAL]),
    op("journal_replay", &[JOURNAL, may("config", Kind::Config), need("limit", Kind::Count)]),
    op("journal_trace", &[JOURNAL]),
    op("journal_records", &[JOURNAL, need("first", Kind::Count), need("count", Kind::Count)]),
    op("simulate", &[need("workload", Kind::Map), may("config", Kind::Config), may("seed", Kind::Time)]),
    op("surge_cost_per_year", &[need("surges_per_day", Kind::Number), need("cost_per_surge", Kind::Number)]),
    op("baseline_cost_per_year", &[need("workers", Kind::Count), need("price_per_hour", Kind::Number)]),
    op("sequence", &[need("counts", Kind::Counts)]),
    op("pacer_new", &[NOW, need("config", Kind::Config)]),
    op("pacer_offer", &[NOW, DOMAIN, need("item", Kind::Id)]),
    op("pacer_poll", &[NOW, may("max_items", Kind::Count)]),
    op("pacer_set_takt", &[NOW, need("available_us", Kind::Id), need("demand", Kind::Id)]),
    op("pacer_set_weight", &[NOW, DOMAIN, need("weight", Kind::Count)]),
    op("pacer_status", &[]),
];

impl Op {
    /// The operation with this name.
    pub fn named(name: &str) -> Option<&'static Self> {
        OPS.iter().find(|op| op.name == name)
    }
}
