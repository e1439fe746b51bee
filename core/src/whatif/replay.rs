//! A trace run through a configuration.
//!
//! A [`Replay`] is fed a trace's bytes and answers what [`Replayed`] serializes. It keeps the rows (28 bytes and
//! a key each) until the trace has ended, because the domains, and with them the pools, are known only then. With
//! [`ReplayOptions::declared`] they are known before, rows are simulated as they are read, and memory doesn't
//! grow with the trace (but an access log's lines are kept until they are sorted, in any case).
//!
//! To run one trace through several configurations, read it once with a [`TraceRecorder`] and call [`replay`]
//! for each.

use alloc::collections::BTreeSet;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use super::simulation::{Outcome, Simulation, SimulationError, SimulationOptions};
use super::trace::{Format, Request, Rows, TraceError, TraceInfo, TraceOptions, TraceReader};
use crate::config::{Config, ConfigError, Draft, Value};
use crate::engine::Engine;

/// Where a trace's domains go that the configuration doesn't have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum UnknownDomains {
    /// Each gets a pool of its own. If the configuration names no pools itself, the trace's domains define the
    /// system: the default pools that neither the trace nor the configuration uses are left out.
    #[default]
    OwnPools,
    /// All go to one pool named `shared`. Unused default pools are left out as well.
    SharedPool,
    /// They go to the configuration's pools: to the one of the same name, or else to all.
    ConfiguredPools,
}

impl UnknownDomains {
    /// The mode of this name: `own`, `shared` or `config`.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "own" => Some(Self::OwnPools),
            "shared" => Some(Self::SharedPool),
            "config" => Some(Self::ConfiguredPools),
            _ => None,
        }
    }
}

/// The pool of [`UnknownDomains::SharedPool`].
const SHARED: &str = "shared";

/// The domain that exists as long as the default pools stand, and its pool.
const DEFAULT_DOMAIN: (&str, &str) = ("critical_notification", "notification");

/// How a trace is replayed.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ReplayOptions {
    /// How it is read.
    pub trace: TraceOptions,
    /// How it is simulated.
    pub simulation: SimulationOptions,
    /// Where unknown domains go.
    pub unknown_domains: UnknownDomains,
    /// The trace's domains, if they are known beforehand: rows are then simulated as they are read, and any
    /// other domain is an error.
    pub declared: Option<Vec<String>>,
}

/// Why a replay failed.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum ReplayError {
    /// The trace can't be read.
    Trace(TraceError),
    /// The configuration is wrong.
    Config(ConfigError),
    /// The simulation can't go on.
    Simulation(SimulationError),
    /// The trace has a domain that wasn't declared.
    Undeclared(String),
}

impl fmt::Display for ReplayError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Trace(error) => error.fmt(f),
            Self::Config(error) => error.fmt(f),
            Self::Simulation(error) => error.fmt(f),
            Self::Undeclared(name) => write!(f, "the trace's domain `{name}` is not among the declared ones"),
        }
    }
}

impl core::error::Error for ReplayError {}

impl From<TraceError> for ReplayError {
    fn from(error: TraceError) -> Self {
        Self::Trace(error)
    }
}

impl From<ConfigError> for ReplayError {
    fn from(error: ConfigError) -> Self {
        Self::Config(error)
    }
}

impl From<SimulationError> for ReplayError {
    fn from(error: SimulationError) -> Self {
        Self::Simulation(error)
    }
}

/// A trace held in memory.
#[derive(Debug, Clone)]
pub struct Trace {
    /// What it was.
    pub info: TraceInfo,
    /// Its rows, in the order of arrival.
    pub rows: Rows,
}

/// Reads a trace into memory.
#[derive(Debug)]
pub struct TraceRecorder {
    reader: TraceReader,
    rows: Rows,
}

impl TraceRecorder {
    /// A recorder that has read nothing yet.
    pub fn new(options: TraceOptions) -> Self {
        Self { reader: TraceReader::new(options), rows: Rows::new() }
    }

    /// Reads the next chunk. Fails as [`TraceReader::feed`] does.
    pub fn feed(&mut self, bytes: &[u8]) -> Result<(), TraceError> {
        let rows = &mut self.rows;
        self.reader.feed(bytes, &mut |row| rows.push(row))
    }

    /// The trace. Fails as [`TraceReader::finish`] does.
    pub fn finish(mut self) -> Result<Trace, TraceError> {
        let rows = &mut self.rows;
        let info = self.reader.finish(&mut |row| rows.push(row))?;
        Ok(Trace { info, rows: self.rows })
    }
}

/// What a replay found. It serializes as the members `trace` and `config` and those of [`Outcome`].
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Replayed {
    /// What was replayed.
    pub trace: TraceSummary,
    /// The configuration, every default filled in.
    pub config: Config,
    /// What the simulation found.
    #[serde(flatten)]
    pub outcome: Outcome,
}

/// What was replayed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TraceSummary {
    /// The trace's form.
    pub format: Format,
    /// Its rows.
    pub rows: u64,
    /// The bad lines that were left out.
    pub skipped: u64,
    /// What was wrong with the first few of them.
    pub first_skipped: Vec<String>,
    /// From the first arrival to the last, in microseconds.
    pub span_us: u64,
    /// The first arrival, in microseconds.
    pub first_us: u64,
    /// The rows without a service time, which got the default one.
    pub without_service: u64,
    /// The domains.
    #[serde(serialize_with = "named")]
    pub domains: Vec<(String, DomainPlace)>,
}

/// A trace's domain and where it went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DomainPlace {
    /// Its rows.
    pub rows: u64,
    /// Its first pool.
    pub pool: String,
    /// Whether the configuration lacked it.
    pub added: bool,
}

fn named<S: Serializer>(domains: &[(String, DomainPlace)], serializer: S) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(domains.len()))?;
    for (name, place) in domains {
        map.serialize_entry(name, place)?;
    }
    map.end()
}

/// Runs a trace through a configuration.
///
/// Fails when the configuration (with the domains that the trace adds) is wrong. `progress` is called every few
/// thousand rows with the rows done and all rows.
pub fn replay(
    trace: &Trace,
    draft: &Draft,
    options: &ReplayOptions,
    progress: &mut impl FnMut(u64, u64),
) -> Result<Replayed, ReplayError> {
    let names: Vec<&str> = trace.info.domains.iter().map(|domain| domain.name.as_str()).collect();
    let mut run = Run::new(draft, &names, options)?;
    let ids = run.ids(&names)?;
    let all = trace.rows.len();
    for (row, done) in trace.rows.iter().zip(0_u64..) {
        if done.is_multiple_of(8192) {
            progress(done, all);
        }
        run.push(row, &ids)?;
    }
    progress(all, all);
    run.finish(&trace.info)
}

/// A replay that is fed a trace's bytes.
#[derive(Debug)]
pub struct Replay {
    draft: Draft,
    options: ReplayOptions,
    stage: Stage,
}

#[derive(Debug)]
enum Stage {
    /// Rows are kept until all domains are known.
    Recording(TraceRecorder),
    /// The domains were declared. The ids are those of the trace's domains seen so far.
    Running { reader: TraceReader, run: alloc::boxed::Box<Run>, ids: Vec<u32> },
}

impl Replay {
    /// A replay that has read nothing yet.
    ///
    /// Fails when the domains are declared and the configuration is wrong; else that shows at the end.
    pub fn new(draft: Draft, options: ReplayOptions) -> Result<Self, ReplayError> {
        let stage = match &options.declared {
            None => Stage::Recording(TraceRecorder::new(options.trace.clone())),
            Some(names) => {
                let run = Run::new(&draft, names, &options)?;
                let reader = TraceReader::new(options.trace.clone());
                Stage::Running { reader, run: alloc::boxed::Box::new(run), ids: Vec::new() }
            }
        };
        Ok(Self { draft, options, stage })
    }

    /// Reads the next chunk.
    ///
    /// Fails when the trace can't be read, or (with declared domains) simulated.
    pub fn feed(&mut self, bytes: &[u8]) -> Result<(), ReplayError> {
        match &mut self.stage {
            Stage::Recording(recorder) => Ok(recorder.feed(bytes)?),
            Stage::Running { reader, run, ids } => {
                let mut kept = Rows::new();
                reader.feed(bytes, &mut |row| kept.push(row))?;
                run.extend_ids(reader.domains(), ids)?;
                kept.iter().try_for_each(|row| run.push(row, ids))
            }
        }
    }

    /// What the replay found. `progress` is called as in [`replay`].
    ///
    /// Fails when the trace has no row, or the configuration is wrong.
    pub fn finish(self, progress: &mut impl FnMut(u64, u64)) -> Result<Replayed, ReplayError> {
        match self.stage {
            Stage::Recording(recorder) => replay(&recorder.finish()?, &self.draft, &self.options, progress),
            Stage::Running { reader, mut run, mut ids } => {
                let mut kept = Rows::new();
                let info = reader.finish(&mut |row| kept.push(row))?;
                let names: Vec<&str> = info.domains.iter().map(|domain| domain.name.as_str()).collect();
                run.extend_ids(&names, &mut ids)?;
                kept.iter().try_for_each(|row| run.push(row, &ids))?;
                run.finish(&info)
            }
        }
    }
}

/// A simulation and what the summary of its trace needs.
#[derive(Debug)]
struct Run {
    simulation: Simulation,
    config: Config,
    added: BTreeSet<String>,
}

impl Run {
    fn new<N: AsRef<str>>(draft: &Draft, names: &[N], options: &ReplayOptions) -> Result<Self, ReplayError> {
        let (draft, added) = with_domains(draft, names, options.unknown_domains);
        let config = Simulation::config_for(&draft.build()?, &options.simulation);
        let simulation = Simulation::new(&config, options.simulation.clone())?;
        Ok(Self { simulation, config, added })
    }

    fn engine(&self) -> &Engine {
        self.simulation.engine()
    }

    /// The ids of a trace's domains, by their index in it.
    fn ids<N: AsRef<str>>(&self, names: &[N]) -> Result<Vec<u32>, ReplayError> {
        let mut ids = Vec::with_capacity(names.len());
        self.extend_ids(names, &mut ids)?;
        Ok(ids)
    }

    fn extend_ids<N: AsRef<str>>(&self, names: &[N], ids: &mut Vec<u32>) -> Result<(), ReplayError> {
        for name in names.iter().skip(ids.len()) {
            let name = name.as_ref();
            match self.engine().domain_id(name) {
                Some(id) => ids.push(id.get()),
                None => return Err(ReplayError::Undeclared(name.to_string())),
            }
        }
        Ok(())
    }

    fn push(&mut self, row: Request<'_>, ids: &[u32]) -> Result<(), ReplayError> {
        let domain = ids.get(row.domain as usize).copied().unwrap_or(u32::MAX);
        Ok(self.simulation.push(Request { domain, ..row })?)
    }

    fn finish(self, info: &TraceInfo) -> Result<Replayed, ReplayError> {
        let domains = info.domains.iter().map(|domain| {
            let id = self.engine().domain_id(&domain.name);
            let written = id.and_then(|id| self.config.domains.get(id.index()));
            let pool = written.and_then(|written| written.pools.first()).cloned().unwrap_or_default();
            let place = DomainPlace { rows: domain.rows, pool, added: self.added.contains(&domain.name) };
            (domain.name.clone(), place)
        });
        let trace = TraceSummary {
            format: info.format,
            rows: info.rows,
            skipped: info.skipped,
            first_skipped: info.first_skipped.iter().map(ToString::to_string).collect(),
            span_us: info.last_us.saturating_sub(info.first_us),
            first_us: info.first_us,
            without_service: info.without_service,
            domains: domains.collect(),
        };
        Ok(Replayed { trace, config: self.config, outcome: self.simulation.finish()? })
    }
}

/// A draft that has all of a trace's domains, and the names of those it lacked.
fn with_domains<N: AsRef<str>>(
    draft: &Draft,
    names: &[N],
    unknown_domains: UnknownDomains,
) -> (Draft, BTreeSet<String>) {
    let names = names.iter().map(AsRef::as_ref);
    let (known, unknown): (Vec<&str>, Vec<&str>) = names.partition(|name| draft.has_domain(name));
    let mut draft = match unknown_domains {
        UnknownDomains::OwnPools | UnknownDomains::SharedPool if !draft.names_pools() => {
            without_unused_pools(draft, &known)
        }
        _ => draft.clone(),
    };
    for name in &unknown {
        match unknown_domains {
            UnknownDomains::OwnPools => draft.add_pool(name),
            UnknownDomains::ConfiguredPools => draft.add_domain(name, Value::Null),
            UnknownDomains::SharedPool => {
                draft.add_pool(SHARED);
                if *name != SHARED {
                    draft.add_domain(name, on_pool(SHARED));
                }
            }
        }
    }
    (draft, unknown.into_iter().map(ToString::to_string).collect())
}

fn on_pool(pool: &str) -> Value {
    Value::Map(alloc::vec![("pools".into(), Value::List(alloc::vec![pool.into()]))])
}

/// A draft without the default pools that neither the trace nor the configuration uses. A pool is used by a
/// domain of its name, by a written domain or affinity group that lists it, and by having a field that is set.
fn without_unused_pools(draft: &Draft, known: &[&str]) -> Draft {
    let value = draft.value();
    let mut used: BTreeSet<&str> = known.iter().copied().collect();
    let written = value.get("domains").and_then(|domains| domains.get(DEFAULT_DOMAIN.0));
    let needs_default_domain = used.contains(DEFAULT_DOMAIN.0) || written.is_some();
    if needs_default_domain {
        used.insert(DEFAULT_DOMAIN.1);
    }
    if let Some(Value::Map(domains)) = value.get("domains") {
        for (name, domain) in domains {
            used.insert(name);
            for list in [domain.get("pools"), domain.get("spill")] {
                used.extend(texts(list));
            }
        }
    }
    if let Some(Value::Map(groups)) = value.get("balancer").and_then(|section| section.get("affinity_groups"))
    {
        for (_, pools) in groups {
            used.extend(texts(Some(pools)));
        }
    }
    let mut kept = value.clone();
    if let Value::Map(sections) = &mut kept
        && let Some((_, Value::Map(pools))) = sections.iter_mut().find(|(name, _)| name == "pools")
    {
        let is_set = |pool: &Value| !matches!(pool, Value::Null) && *pool != Value::Map(Vec::new());
        pools.retain(|(name, pool)| used.contains(name.as_str()) || is_set(pool));
    }
    // The default domain goes with the default pools; it stays with the one it needs.
    let domain = match written {
        Some(Value::Map(fields))
            if needs_default_domain && !fields.iter().any(|(name, _)| name == "pools") =>
        {
            let mut fields = fields.clone();
            fields.push(("pools".into(), Value::List(alloc::vec![DEFAULT_DOMAIN.1.into()])));
            Some(Value::Map(fields))
        }
        None | Some(Value::Null) if needs_default_domain => Some(on_pool(DEFAULT_DOMAIN.1)),
        _ => None,
    };
    let mut draft = Draft::new(kept);
    if let Some(domain) = domain {
        draft.add_domain(DEFAULT_DOMAIN.0, domain);
    }
    draft
}

fn texts(list: Option<&Value>) -> impl Iterator<Item = &str> {
    let items: &[Value] = match list {
        Some(Value::List(items)) => items,
        Some(text @ Value::Text(_)) => core::slice::from_ref(text),
        _ => &[],
    };
    items.iter().filter_map(|item| match item {
        Value::Text(text) => Some(text.as_str()),
        _ => None,
    })
}

#[cfg(test)]
#[cfg(feature = "json")]
mod tests {
    use super::*;
    use crate::whatif::workload::Demo;
    use alloc::format;

    const SMALL: &str =
        "arrival_us,domain,service_us,key\n0,payment,1000,a\n5,web,,b\n9,critical_notification,20,\n";

    fn draft(config: &str) -> Draft {
        Draft::new(Value::from_json(config).unwrap())
    }

    fn run(config: &str, text: &str, options: ReplayOptions) -> Result<Replayed, ReplayError> {
        let mut replay = Replay::new(draft(config), options)?;
        for chunk in text.as_bytes().chunks(10) {
            replay.feed(chunk)?;
        }
        replay.finish(&mut |_, _| ())
    }

    fn names(replayed: &Replayed) -> (Vec<&str>, Vec<&str>) {
        let pools = replayed.config.pools.iter().map(|pool| pool.name.as_str()).collect();
        (pools, replayed.config.domains.iter().map(|domain| domain.name.as_str()).collect())
    }

    #[test]
    fn the_domains_of_the_trace_define_the_system() {
        let replayed = run("{}", SMALL, ReplayOptions::default()).unwrap();
        let (pools, domains) = names(&replayed);
        assert_eq!(pools, ["payment", "notification", "web"], "nothing needs `delivery`");
        assert_eq!(domains, ["payment", "notification", "web", "critical_notification"]);
        let by_default = Config::default();
        let same = |name: &str| {
            let find = |config: &Config| config.pools.iter().find(|pool| pool.name == name).cloned();
            assert_eq!(find(&replayed.config), find(&by_default));
        };
        same("payment");
        same("notification");
        let domain = |config: &Config| config.domains.iter().find(|d| d.name == DEFAULT_DOMAIN.0).cloned();
        let (kept, usual) = (domain(&replayed.config).unwrap(), domain(&by_default).unwrap());
        assert_eq!((kept.class, kept.max_class, kept.pools), (usual.class, usual.max_class, usual.pools));
        let places: Vec<_> = replayed
            .trace
            .domains
            .iter()
            .map(|(name, d)| (name.as_str(), d.pool.as_str(), d.added))
            .collect();
        let expected = [
            ("payment", "payment", false),
            ("web", "web", true),
            ("critical_notification", "notification", false),
        ];
        assert_eq!(places, expected);
        assert_eq!((replayed.trace.rows, replayed.trace.span_us, replayed.trace.without_service), (3, 9, 1));
    }

    #[test]
    fn what_the_configuration_uses_stays() {
        let text = "arrival_us,domain\n0,web\n";
        for (config, expected) in [
            ("{}", &["web"][..]),
            (r#"{"domains": {"vip": {"pools": ["delivery"]}}}"#, &["delivery", "web"]),
            (r#"{"domains": {"payment": {"spill": ["delivery"]}}}"#, &["payment", "delivery", "web"]),
            (r#"{"domains": {"critical_notification": {"max_concurrent": 3}}}"#, &["notification", "web"]),
            (
                r#"{"balancer": {"affinity_groups": {"k": ["payment", "delivery"]}}}"#,
                &["payment", "delivery", "web"],
            ),
            (r#"{"pools": {"a": {}, "b": {}}}"#, &["a", "b", "web"]),
        ] {
            let replayed = run(config, text, ReplayOptions::default()).unwrap();
            assert_eq!(names(&replayed).0, expected, "{config}");
        }
        // A field that is set on a default pool.
        let mut draft = draft("{}");
        draft.set("pools.delivery.max_workers", 9_u64.into()).unwrap();
        let mut replay = Replay::new(draft, ReplayOptions::default()).unwrap();
        replay.feed(text.as_bytes()).unwrap();
        let replayed = replay.finish(&mut |_, _| ()).unwrap();
        assert_eq!(names(&replayed).0, ["delivery", "web"]);
        assert_eq!(replayed.config.pools[0].max_workers, 9);
    }

    #[test]
    fn unknown_domains_can_share_a_pool_or_go_to_those_there_are() {
        let mode = |unknown_domains| ReplayOptions { unknown_domains, ..ReplayOptions::default() };
        let shared = run("{}", SMALL, mode(UnknownDomains::SharedPool)).unwrap();
        assert_eq!(names(&shared).0, ["payment", "notification", "shared"]);
        assert_eq!(shared.trace.domains[1].1, DomainPlace { rows: 1, pool: "shared".into(), added: true });
        let text = "arrival_us,domain\n0,shared\n1,other\n";
        assert_eq!(names(&run("{}", text, mode(UnknownDomains::SharedPool)).unwrap()).0, ["shared"]);
        let configured = run("{}", SMALL, mode(UnknownDomains::ConfiguredPools)).unwrap();
        assert_eq!(names(&configured).0, ["payment", "delivery", "notification"]);
        assert_eq!(
            configured.trace.domains[1].1,
            DomainPlace { rows: 1, pool: "payment".into(), added: true }
        );
        let web = configured.config.domains.iter().find(|domain| domain.name == "web").unwrap();
        assert_eq!(web.pools.len(), 3);
    }

    #[test]
    fn declared_domains_give_the_same_outcome_without_keeping_rows() {
        let mut text = String::from("arrival_us,domain,service_us,key\n");
        for row in Demo::new(2).take(5000) {
            let name = crate::whatif::workload::DEMO_DOMAINS[row.domain as usize];
            text.push_str(&format!(
                "{},{name},{},{}\n",
                row.arrival_us,
                row.service_us,
                String::from_utf8_lossy(&row.key)
            ));
        }
        let declared = crate::whatif::workload::DEMO_DOMAINS.map(String::from).to_vec();
        let streamed = ReplayOptions { declared: Some(declared), ..ReplayOptions::default() };
        let streamed = run("{}", &text, streamed).unwrap();
        assert_eq!(streamed, run("{}", &text, ReplayOptions::default()).unwrap());
        let some =
            ReplayOptions { declared: Some(alloc::vec!["payment".into()]), ..ReplayOptions::default() };
        let error = run("{}", SMALL, some).unwrap_err().to_string();
        assert_eq!(error, "the trace's domain `web` is not among the declared ones");
    }

    #[test]
    fn it_serializes_in_the_shape_that_reports_read() {
        let options = SimulationOptions { worker_start_delay_us: 40_000_000, ..SimulationOptions::default() };
        let options = ReplayOptions { simulation: options, ..ReplayOptions::default() };
        let replayed = run("{}", SMALL, options).unwrap();
        let json = serde_json::to_value(&replayed).unwrap();
        let keys = |value: &serde_json::Value| {
            value.as_object().unwrap().keys().cloned().collect::<Vec<_>>().join(" ")
        };
        assert_eq!(keys(&json), "config marks marks_dropped series summary trace");
        assert_eq!(
            keys(&json["trace"]),
            "domains first_skipped first_us format rows skipped span_us without_service"
        );
        assert_eq!(keys(&json["trace"]["domains"]["web"]), "added pool rows");
        assert_eq!(
            keys(&json["summary"]),
            "accepted completed cost domains duration_us effects expired goodput_per_s in_flight late late_share \
             latency_ms migrations offered peak_to_mean pools refused refused_by_reason scale_changes surges \
             time_in_band utilization_mean wait_ms worker_hours"
        );
        assert_eq!(
            keys(&json["summary"]["pools"]["web"]),
            "completed expired in_flight latency_ms offered queue_max refused surge_max time_in_band \
             utilization_mean wait_ms worker_hours workers_end workers_max workers_min"
        );
        assert_eq!(keys(&json["summary"]["wait_ms"]), "max mean p50 p95 p99");
        assert_eq!(keys(&json["summary"]["domains"]["web"]), "accepted completed expired offered refused");
        assert_eq!(
            keys(&json["series"]),
            "balance_coefficient bucket_us cost_money points pools refused_by_reason start_us"
        );
        assert_eq!(
            keys(&json["series"]["pools"][0]),
            "admitted arrivals baseline_workers demand name refused surge_workers utilization waiting"
        );
        assert_eq!(json["config"]["worker_start"], "confirmed", "as the engine ran");
        assert_eq!(json["config"]["worker_start_timeout_us"], 80_000_000);
        // The written configuration reads back as itself.
        let value = Value::from_json(&serde_json::to_string(&replayed.config).unwrap()).unwrap();
        assert_eq!(Config::from_value(&value).unwrap(), replayed.config);
    }

    #[test]
    fn what_is_wrong_is_told() {
        let error =
            |config: &str, text: &str| run(config, text, ReplayOptions::default()).unwrap_err().to_string();
        assert_eq!(error("{}", ""), "the trace is empty: it has no row");
        assert!(error("{}", "arrival_us,domain\n-1,a\n").starts_with("line 2: `arrival_us` is `-1`"));
        let found = error(r#"{"regulator": {"soft_limit": 0}}"#, SMALL);
        assert!(found.starts_with("regulator.soft_limit"), "{found}");
        for (name, mode) in [
            ("own", Some(UnknownDomains::OwnPools)),
            ("shared", Some(UnknownDomains::SharedPool)),
            ("config", Some(UnknownDomains::ConfiguredPools)),
            ("", None),
        ] {
            assert_eq!(UnknownDomains::from_name(name), mode);
        }
    }
}
