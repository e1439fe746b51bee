//! A simulation that goes on bit by bit: for progress and for stopping.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::generate::{Generator, Recipe};
use super::reader::{Source, Workload};
use super::replay::{Came, Origin, Pass, ReplayError, ReplayOptions, Replayed, Trace, TraceRecorder};
use super::runs::Tally;
use super::trace::{Format, TraceOptions};
use super::workload::write_demo_csv;
use crate::config::{ConfigError, Draft, Value};

/// A simulation of a workload on a configuration: [`simulate`](fn@super::simulate), taken apart.
///
/// [`Run::advance`] goes on for some requests and says how far it is; [`Run::finish`] gives the outcome. Whoever wants
/// to stop drops it.
#[derive(Debug)]
pub struct Run {
    draft: Draft,
    options: ReplayOptions,
    input: Input,
    names: Vec<String>,
    seed: u64,
    runs: u32,
    running: Option<Running>,
    /// Requests of the passes that are done.
    requests: u64,
    tally: Tally,
    first: Option<Replayed>,
}

/// How far a run is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Progress {
    /// Requests that have arrived, of all seeds together.
    pub requests: u64,
    /// How many will arrive, if that is known.
    pub of: Option<u64>,
    /// What is done, as a share of the whole: 0 to 1.
    pub share: f64,
    /// Whether nothing is left to do.
    pub done: bool,
}

/// Where requests come from.
#[derive(Debug)]
enum Input {
    Trace(Trace),
    Made(Recipe),
}

/// A pass with one seed.
#[derive(Debug)]
struct Running {
    pass: Pass,
    /// The ids of the domains, by their index in the input.
    ids: Vec<u32>,
    feed: Feed,
    requests: u64,
    first_us: u64,
    last_us: u64,
}

#[derive(Debug)]
enum Feed {
    /// The next row of the trace.
    Trace(u64),
    Made(Generator),
}

impl Run {
    /// A run that is ready to go on. The arguments are those of [`simulate`](fn@super::simulate), and so is what fails.
    /// A trace is read here, whole.
    pub fn new(config: &Value, workload: &Value, seed: u64) -> Result<Self, ReplayError> {
        let Workload { source, options, runs } = Workload::read(workload)?;
        let draft = Draft::new(config.clone());
        // What is wrong with the configuration shows before a long workload is read.
        draft.build()?;
        match source {
            Source::Profile(_, recipe) | Source::Made(recipe) => {
                let names = recipe.domains.iter().map(|domain| domain.name.clone()).collect();
                Self::of(draft, options, Input::Made(recipe), names, seed, runs)
            }
            source => {
                let trace = trace_of(&source, options.trace.clone(), seed)?;
                Self::of_trace(draft, options, trace, seed, runs)
            }
        }
    }

    /// A run of a trace that has been read.
    pub(super) fn of_trace(
        draft: Draft,
        options: ReplayOptions,
        trace: Trace,
        seed: u64,
        runs: u32,
    ) -> Result<Self, ReplayError> {
        let names = trace.info.domains.iter().map(|domain| domain.name.clone()).collect();
        Self::of(draft, options, Input::Trace(trace), names, seed, runs)
    }

    fn of(
        draft: Draft,
        options: ReplayOptions,
        input: Input,
        names: Vec<String>,
        seed: u64,
        runs: u32,
    ) -> Result<Self, ReplayError> {
        let mut run = Self {
            draft,
            options,
            input,
            names,
            seed,
            runs,
            running: None,
            requests: 0,
            tally: Tally::default(),
            first: None,
        };
        run.running = Some(run.start()?);
        Ok(run)
    }

    /// The next pass.
    fn start(&self) -> Result<Running, ReplayError> {
        let seed = self.seed.wrapping_add(self.tally.count().into());
        let mut options = self.options.clone();
        options.simulation.seed = seed;
        let mut pass = Pass::new(&self.draft, &self.names, &options)?;
        let ids = pass.ids(&self.names)?;
        let feed = match &self.input {
            Input::Trace(_) => Feed::Trace(0),
            Input::Made(recipe) => {
                pass.simulation.start_at(0);
                Feed::Made(Generator::new(recipe, seed))
            }
        };
        Ok(Running { pass, ids, feed, requests: 0, first_us: 0, last_us: 0 })
    }

    /// Goes on for at most this many requests (at least one), and says how far the run is.
    ///
    /// Fails as [`simulate`](fn@super::simulate) does; the run is of no more use after that.
    pub fn advance(&mut self, at_most: u64) -> Result<Progress, ReplayError> {
        let mut left = at_most.max(1);
        while left > 0 {
            let Some(running) = &mut self.running else { break };
            let before = running.requests;
            let more = running.advance(&self.input, left)?;
            left -= (running.requests - before).min(left);
            if !more {
                self.end_pass()?;
            }
        }
        Ok(self.progress())
    }

    /// How far the run is.
    #[allow(clippy::cast_precision_loss)] // a share
    pub fn progress(&self) -> Progress {
        let Some(running) = &self.running else {
            return Progress { requests: self.requests, of: Some(self.requests), share: 1.0, done: true };
        };
        let requests = self.requests + running.requests;
        let (of, share) = match &self.input {
            Input::Trace(trace) => {
                let rows = trace.rows.len();
                (Some(rows.saturating_mul(self.runs.into())), running.requests as f64 / rows.max(1) as f64)
            }
            Input::Made(recipe) => (None, running.last_us as f64 / recipe.duration_us.max(1) as f64),
        };
        let share = (f64::from(self.tally.count()) + share) / f64::from(self.runs);
        Progress { requests, of, share, done: false }
    }

    /// The outcome; what is left to do is done first.
    ///
    /// Fails as [`simulate`](fn@super::simulate) does.
    pub fn finish(mut self) -> Result<Replayed, ReplayError> {
        while !self.advance(u64::MAX)?.done {}
        match self.first {
            Some(mut first) => {
                first.runs = self.tally.runs();
                Ok(first)
            }
            None => Err(ReplayError::Stopped),
        }
    }

    /// Ends the pass and begins the next one, if there is one.
    fn end_pass(&mut self) -> Result<(), ReplayError> {
        let Some(running) = self.running.take() else { return Ok(()) };
        self.requests += running.requests;
        let replayed = running.finish(&self.input, &self.names)?;
        self.tally.add(&replayed.outcome.summary);
        self.first.get_or_insert(replayed);
        if self.tally.count() < self.runs {
            self.running = Some(self.start()?);
        }
        Ok(())
    }
}

impl Running {
    /// Pushes at most so many requests; answers whether there are more.
    fn advance(&mut self, input: &Input, at_most: u64) -> Result<bool, ReplayError> {
        for _ in 0..at_most {
            let request = match (&mut self.feed, input) {
                (Feed::Trace(row), Input::Trace(trace)) => {
                    *row += 1;
                    trace.rows.get(*row - 1)
                }
                (Feed::Made(generator), _) => generator.next_request(),
                (Feed::Trace(_), Input::Made(_)) => None,
            };
            let Some(request) = request else { return Ok(false) };
            self.last_us = request.arrival_us;
            if self.requests == 0 {
                self.first_us = request.arrival_us;
            }
            self.requests += 1;
            self.pass.push(request, &self.ids)?;
        }
        Ok(true)
    }

    fn finish(mut self, input: &Input, names: &[String]) -> Result<Replayed, ReplayError> {
        let came = match (&self.feed, input) {
            (Feed::Made(generator), Input::Made(recipe)) => {
                self.pass.simulation.run_to(recipe.duration_us)?;
                Came {
                    format: Origin::Made,
                    skipped: 0,
                    first_skipped: Vec::new(),
                    first_us: self.first_us,
                    last_us: self.last_us,
                    without_service: 0,
                    domains: names.iter().cloned().zip(generator.rows()).collect(),
                }
            }
            (_, Input::Trace(trace)) => Came::of(&trace.info),
            (Feed::Trace(_), Input::Made(_)) => return Err(ReplayError::Stopped),
        };
        self.pass.finish(came)
    }
}

/// A source as a trace.
fn trace_of(source: &Source<'_>, options: TraceOptions, seed: u64) -> Result<Trace, ReplayError> {
    let with = |format| TraceRecorder::new(TraceOptions { format: Some(format), ..options.clone() });
    let mut recorder;
    match source {
        Source::Text(text) => {
            recorder = TraceRecorder::new(options);
            recorder.feed(text.as_bytes())?;
        }
        Source::Requests(requests) => {
            recorder = with(Format::JsonLines);
            for request in *requests {
                let mut line = serde_json::to_vec(request)
                    .map_err(|error| ConfigError::one("workload.requests", format!("{error}")))?;
                line.push(b'\n');
                recorder.feed(&line)?;
            }
        }
        Source::Demo => {
            recorder = with(Format::Csv);
            let mut fed = Ok(());
            write_demo_csv(seed, &mut |bytes| {
                if fed.is_ok() {
                    fed = recorder.feed(bytes);
                }
            });
            fed?;
        }
        Source::Profile(..) | Source::Made(_) => {
            return Err(ConfigError::one("workload", "what is made is no trace".to_owned()).into());
        }
    }
    Ok(recorder.finish()?)
}
