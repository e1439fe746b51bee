//! A trace run through a configuration.
//!
//! A [`Replay`] is fed a trace's bytes and answers what [`Replayed`] serializes. It keeps the rows (28 bytes and
//! a key each) until the trace has ended, because the domains, and with them the pools, are known only then. With
//! [`ReplayOptions::declared`] they are known before, rows are simulated as they are read, and memory doesn't
//! grow with the trace (but an access log's lines are kept until they are sorted, in any case).
//!
//! To run one trace through several configurations, read it once with a [`TraceRecorder`] and call [`replay`]
//! for each.

mod domains;
mod pass;
#[cfg(test)]
mod tests;

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::ops::ControlFlow;

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use super::runs::Runs;
use super::simulation::{Outcome, SimulationError, SimulationOptions};
use super::trace::{Format, INVALID_TRACE, Rows, TraceError, TraceInfo, TraceOptions, TraceReader, quoted};
use crate::config::{Config, ConfigError, Draft, Value};

pub(super) use pass::{Came, Pass};

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
    /// Every mode.
    pub const ALL: &'static [Self] = &[Self::OwnPools, Self::SharedPool, Self::ConfiguredPools];

    /// The stable name of the mode: `own`, `shared` or `config`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OwnPools => "own",
            Self::SharedPool => "shared",
            Self::ConfiguredPools => "config",
        }
    }

    /// The mode of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|mode| mode.as_str() == name)
    }
}

/// How a trace is replayed.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ReplayOptions {
    /// How it is read.
    pub trace: TraceOptions,
    /// How it is simulated.
    pub simulation: SimulationOptions,
    /// Where unknown domains go.
    pub unknown_domains: UnknownDomains,
    /// Fields of the configuration to set when the trace's domains have their pools, so that these can be set as
    /// well: paths and values as [`Draft::set`] takes them, in this order.
    pub settings: Vec<(String, Value)>,
    /// The places in the waiting line of pools that don't say how many (`max_waiting`); `None`: as the configuration has
    /// it.
    pub max_waiting: Option<u32>,
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
    /// The caller's progress function asked to stop.
    Stopped,
}

impl ReplayError {
    /// The stable integer and name of the error, the same in every language. What is wrong with the requests, and
    /// with what is asked of them, is an invalid trace.
    const fn kind(&self) -> (i32, &'static str) {
        match self {
            Self::Config(error) => (error.code(), error.name()),
            Self::Simulation(SimulationError::Engine(error)) => (error.code(), error.name()),
            Self::Trace(error) => (error.code(), error.name()),
            Self::Simulation(_) | Self::Undeclared(_) | Self::Stopped => INVALID_TRACE,
        }
    }

    /// The stable integer of the error, the same in every language; always negative.
    pub const fn code(&self) -> i32 {
        self.kind().0
    }

    /// The stable name of the error, the same in every language.
    pub const fn name(&self) -> &'static str {
        self.kind().1
    }
}

impl fmt::Display for ReplayError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Trace(error) => error.fmt(f),
            Self::Config(error) => error.fmt(f),
            Self::Simulation(error) => error.fmt(f),
            Self::Undeclared(name) => {
                write!(f, "the trace's domain {} is not among the declared ones", quoted(name.as_bytes()))
            }
            Self::Stopped => f.write_str("stopped before the end of the trace"),
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

/// What a replay found. It serializes as the members `trace` and `config` and those of [`Outcome`], and `runs` if there
/// were several.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Replayed {
    /// What was replayed.
    pub trace: TraceSummary,
    /// The configuration, every default filled in.
    pub config: Config,
    /// What the simulation found.
    #[serde(flatten)]
    pub outcome: Outcome,
    /// The figures of several seeds, if several were asked for; the rest is that of the first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub runs: Option<Runs>,
}

/// Where requests came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Origin {
    /// From a trace of this form.
    Trace(Format),
    /// They were made.
    Made,
}

impl Origin {
    /// The stable name: that of the format, or `made`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Trace(format) => format.as_str(),
            Self::Made => "made",
        }
    }
}

impl Serialize for Origin {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// What was replayed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TraceSummary {
    /// The trace's form, or that it was made.
    pub format: Origin,
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
/// Fails when the configuration (with the domains that the trace adds) or a setting is wrong. `progress` is called
/// every few thousand rows with the rows done and all rows; when it breaks, the replay fails as
/// [`ReplayError::Stopped`]. A policy that has to know what comes runs the rows twice, and each of them counts half then.
pub fn replay(
    trace: &Trace,
    draft: &Draft,
    options: &ReplayOptions,
    progress: &mut impl FnMut(u64, u64) -> ControlFlow<()>,
) -> Result<Replayed, ReplayError> {
    let names: Vec<&str> = trace.info.domains.iter().map(|domain| domain.name.as_str()).collect();
    let all = trace.rows.len();
    let foresight = if options.simulation.policy.needs_foresight() {
        let scout = Pass::scout(draft, &names, options)?;
        let scout = push_all(scout, trace, &names, &mut |done| progress(done / 2, all))?;
        Some(scout.foresee()?)
    } else {
        None
    };
    let pass = match &foresight {
        None => push_all(Pass::new(draft, &names, options)?, trace, &names, &mut |done| progress(done, all))?,
        Some(foresight) => {
            let pass = Pass::foreseeing(draft, &names, options, foresight)?;
            push_all(pass, trace, &names, &mut |done| progress(all - (all - done) / 2, all))?
        }
    };
    pass.finish(Came::of(&trace.info))
}

/// Lets all rows of a trace arrive.
fn push_all(
    mut pass: Pass,
    trace: &Trace,
    names: &[&str],
    progress: &mut impl FnMut(u64) -> ControlFlow<()>,
) -> Result<Pass, ReplayError> {
    let ids = pass.ids(names)?;
    for (row, done) in trace.rows.iter().zip(0_u64..) {
        if done.is_multiple_of(8192) {
            go_on(progress(done))?;
        }
        pass.push(row, &ids)?;
    }
    go_on(progress(trace.rows.len()))?;
    Ok(pass)
}

/// Checks what [`replay`] would run, without running it, and answers the configuration that it would run with (but for
/// the start of a policy that has to know what comes).
///
/// Fails as [`replay`] does before it begins.
pub fn check(trace: &Trace, draft: &Draft, options: &ReplayOptions) -> Result<Config, ReplayError> {
    let names: Vec<&str> = trace.info.domains.iter().map(|domain| domain.name.as_str()).collect();
    Pass::check(draft, &names, options)
}

fn go_on(told: ControlFlow<()>) -> Result<(), ReplayError> {
    if told.is_break() { Err(ReplayError::Stopped) } else { Ok(()) }
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
    Running { reader: TraceReader, pass: Box<Pass>, ids: Vec<u32> },
}

impl Replay {
    /// A replay that has read nothing yet.
    ///
    /// Fails when the domains are declared and the configuration is wrong; else that shows at the end.
    pub fn new(draft: Draft, options: ReplayOptions) -> Result<Self, ReplayError> {
        let stage = match &options.declared {
            None => Stage::Recording(TraceRecorder::new(options.trace.clone())),
            Some(names) => {
                let pass = Pass::new(&draft, names, &options)?;
                let reader = TraceReader::new(options.trace.clone());
                Stage::Running { reader, pass: Box::new(pass), ids: Vec::new() }
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
            Stage::Running { reader, pass, ids } => {
                let mut kept = Rows::new();
                reader.feed(bytes, &mut |row| kept.push(row))?;
                pass.extend_ids(reader.domains(), ids)?;
                kept.iter().try_for_each(|row| pass.push(row, ids))
            }
        }
    }

    /// What the replay found. `progress` is called as in [`replay`].
    ///
    /// Fails when the trace has no row, or the configuration is wrong.
    pub fn finish(
        self,
        progress: &mut impl FnMut(u64, u64) -> ControlFlow<()>,
    ) -> Result<Replayed, ReplayError> {
        match self.stage {
            Stage::Recording(recorder) => replay(&recorder.finish()?, &self.draft, &self.options, progress),
            Stage::Running { reader, mut pass, mut ids } => {
                let mut kept = Rows::new();
                let info = reader.finish(&mut |row| kept.push(row))?;
                let names: Vec<&str> = info.domains.iter().map(|domain| domain.name.as_str()).collect();
                pass.extend_ids(&names, &mut ids)?;
                kept.iter().try_for_each(|row| pass.push(row, &ids))?;
                pass.finish(Came::of(&info))
            }
        }
    }
}
