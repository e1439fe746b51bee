//! One run of requests through one configuration.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::domains::{with_domains, with_waiting_lines};
use super::{DomainPlace, Origin, ReplayError, ReplayOptions, Replayed, TraceSummary};
use crate::config::{Config, ConfigError, Draft, Problem, unknown_name};
use crate::engine::Engine;
use crate::whatif::policy::Foresight;
use crate::whatif::simulation::{Simulation, SimulationError, SimulationOptions, Slow};
use crate::whatif::trace::{Request, TraceInfo};

/// A simulation and what the summary of its requests needs.
#[derive(Debug)]
pub(in crate::whatif) struct Pass {
    pub(in crate::whatif) simulation: Simulation,
    /// The names of the domains that the configuration lacked, sorted.
    added: Vec<String>,
}

/// What came.
#[derive(Debug)]
pub(in crate::whatif) struct Came {
    pub(in crate::whatif) format: Origin,
    pub(in crate::whatif) skipped: u64,
    pub(in crate::whatif) first_skipped: Vec<String>,
    pub(in crate::whatif) first_us: u64,
    pub(in crate::whatif) last_us: u64,
    pub(in crate::whatif) without_service: u64,
    /// The domains and their rows.
    pub(in crate::whatif) domains: Vec<(String, u64)>,
}

impl Came {
    /// A trace.
    pub(in crate::whatif) fn of(info: &TraceInfo) -> Self {
        Self {
            format: Origin::Trace(info.format),
            skipped: info.skipped,
            first_skipped: info.first_skipped.iter().map(ToString::to_string).collect(),
            first_us: info.first_us,
            last_us: info.last_us,
            without_service: info.without_service,
            domains: info.domains.iter().map(|domain| (domain.name.clone(), domain.rows)).collect(),
        }
    }
}

impl Pass {
    pub(in crate::whatif) fn new<N: AsRef<str>>(
        draft: &Draft,
        names: &[N],
        options: &ReplayOptions,
    ) -> Result<Self, ReplayError> {
        Self::with(draft, names, options, Simulation::new)
    }

    /// A pass that sees what comes, for a policy that has to know it.
    pub(in crate::whatif) fn scout<N: AsRef<str>>(
        draft: &Draft,
        names: &[N],
        options: &ReplayOptions,
    ) -> Result<Self, ReplayError> {
        Self::with(draft, names, options, Simulation::scout)
    }

    /// A pass of the same requests, now that it is known what comes.
    pub(in crate::whatif) fn foreseeing<N: AsRef<str>>(
        draft: &Draft,
        names: &[N],
        options: &ReplayOptions,
        foresight: &Foresight,
    ) -> Result<Self, ReplayError> {
        let make = |config: &Config, options| Simulation::foreseeing(config, options, foresight);
        Self::with(draft, names, options, make)
    }

    fn with<N: AsRef<str>>(
        draft: &Draft,
        names: &[N],
        options: &ReplayOptions,
        make: impl FnOnce(&Config, SimulationOptions) -> Result<Simulation, SimulationError>,
    ) -> Result<Self, ReplayError> {
        let (config, added) = Self::configuration(draft, names, options)?;
        let simulation = make(&config, options.simulation.clone()).map_err(|error| match error {
            SimulationError::TooManyWorkers { .. } => ConfigError::one("pools", error.to_string()).into(),
            error => ReplayError::Simulation(error),
        })?;
        Ok(Self { simulation, added })
    }

    /// The configuration that a pass runs with.
    pub(in crate::whatif) fn check<N: AsRef<str>>(
        draft: &Draft,
        names: &[N],
        options: &ReplayOptions,
    ) -> Result<Config, ReplayError> {
        let (config, _) = Self::configuration(draft, names, options)?;
        Ok(Simulation::config_for(&config, &options.simulation))
    }

    /// The checked configuration, with the domains of the requests, and the names of those it lacked.
    fn configuration<N: AsRef<str>>(
        draft: &Draft,
        names: &[N],
        options: &ReplayOptions,
    ) -> Result<(Config, Vec<String>), ReplayError> {
        let (mut draft, added) = with_domains(draft, names, options.unknown_domains);
        if let Some(places) = options.max_waiting {
            with_waiting_lines(&mut draft, places)?;
        }
        draft.set_all(&options.settings)?;
        let config = draft.build()?;
        check_slow(&options.simulation.slow, &config)?;
        options.simulation.policy.check(&config, &options.simulation)?;
        Ok((config, added))
    }

    /// What a scout saw.
    pub(in crate::whatif) fn foresee(self) -> Result<Foresight, ReplayError> {
        Ok(self.simulation.foresee()?)
    }

    fn engine(&self) -> &Engine {
        self.simulation.engine()
    }

    /// The ids of a trace's domains, by their index in it.
    pub(in crate::whatif) fn ids<N: AsRef<str>>(&self, names: &[N]) -> Result<Vec<u32>, ReplayError> {
        let mut ids = Vec::with_capacity(names.len());
        self.extend_ids(names, &mut ids)?;
        Ok(ids)
    }

    pub(in crate::whatif) fn extend_ids<N: AsRef<str>>(
        &self,
        names: &[N],
        ids: &mut Vec<u32>,
    ) -> Result<(), ReplayError> {
        for name in names.iter().skip(ids.len()) {
            let name = name.as_ref();
            match self.engine().domain_id(name) {
                Some(id) => ids.push(id.get()),
                None => return Err(ReplayError::Undeclared(name.to_string())),
            }
        }
        Ok(())
    }

    #[inline]
    pub(in crate::whatif) fn push(&mut self, row: Request<'_>, ids: &[u32]) -> Result<(), ReplayError> {
        let domain = ids.get(row.domain as usize).copied().unwrap_or(u32::MAX);
        Ok(self.simulation.push(Request { domain, ..row })?)
    }

    pub(in crate::whatif) fn finish(self, came: Came) -> Result<Replayed, ReplayError> {
        let config = self.engine().config().clone();
        let rows = came.domains.iter().map(|(_, rows)| rows).sum();
        let domains = came.domains.into_iter().map(|(name, rows)| {
            let id = self.engine().domain_id(&name);
            let written = id.and_then(|id| config.domains.get(id.index()));
            let pool = written.and_then(|written| written.pools.first()).cloned().unwrap_or_default();
            let place = DomainPlace { rows, pool, added: self.added.binary_search(&name).is_ok() };
            (name, place)
        });
        let trace = TraceSummary {
            format: came.format,
            rows,
            skipped: came.skipped,
            first_skipped: came.first_skipped,
            span_us: came.last_us.saturating_sub(came.first_us),
            first_us: came.first_us,
            without_service: came.without_service,
            domains: domains.collect(),
        };
        Ok(Replayed { trace, config, outcome: self.simulation.finish()?, runs: None })
    }
}

/// Whether the configuration has every pool that is to be slow: which it has is known only with the domains.
fn check_slow(slow: &[Slow], config: &Config) -> Result<(), ConfigError> {
    let pools = || config.pools.iter().map(|pool| pool.name.as_str());
    let unknown = slow.iter().enumerate().filter(|(_, slow)| !pools().any(|pool| pool == slow.pool));
    let problem = |(index, slow): (usize, &Slow)| Problem {
        path: format!("workload.slow[{index}].pool"),
        message: unknown_name("pool", &slow.pool, pools()),
    };
    ConfigError::check(unknown.map(problem).collect())
}
