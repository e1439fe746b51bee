//! A simulation that goes on bit by bit: for progress and for stopping.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

use super::generate::{Generator, Recipe};
use super::policy::Foresight;
use super::reader::{Source, Workload};
use super::replay::{Came, Origin, Pass, ReplayError, ReplayOptions, Replayed, Trace, TraceRecorder};
use super::runs::Tally;
use super::trace::{Format, TraceOptions};
use super::workload::write_demo_csv;
use crate::config::{ConfigError, Draft, Value};
use crate::json;

/// A simulation of a workload on a configuration: [`simulate`](fn@super::simulate), taken apart.
///
/// [`Run::advance`] goes on for some requests and says how far it is; [`Run::finish`] gives the outcome. Whoever wants
/// to stop drops it. A policy that has to know what comes runs the requests of each seed twice; each of them counts half
/// then.
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
    /// What comes with the seed whose turn it is, for a policy that has to know it.
    foresight: Option<Foresight>,
    /// The requests of the pass that saw it.
    scouted: u64,
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
    /// Whether it only sees what comes.
    scouts: bool,
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
            foresight: None,
            scouted: 0,
        };
        run.running = Some(run.start()?);
        Ok(run)
    }

    /// The next pass.
    fn start(&self) -> Result<Running, ReplayError> {
        let seed = self.seed.wrapping_add(self.tally.count().into());
        let mut options = self.options.clone();
        options.simulation.seed = seed;
        let Self { draft, names, .. } = self;
        let scouts = options.simulation.policy.needs_foresight() && self.foresight.is_none();
        let mut pass = match &self.foresight {
            _ if scouts => Pass::scout(draft, names, &options)?,
            None => Pass::new(draft, names, &options)?,
            Some(foresight) => Pass::foreseeing(draft, names, &options, foresight)?,
        };
        let ids = pass.ids(&self.names)?;
        let feed = match &self.input {
            Input::Trace(_) => Feed::Trace(0),
            Input::Made(recipe) => {
                pass.simulation.start_at(0);
                Feed::Made(Generator::new(recipe, seed))
            }
        };
        Ok(Running { pass, scouts, ids, feed, requests: 0, first_us: 0, last_us: 0 })
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
        let twice = self.options.simulation.policy.needs_foresight();
        let requests = match (twice, &self.foresight) {
            (false, _) => running.requests,
            (true, None) => running.requests / 2,
            (true, Some(_)) => running.requests.div_ceil(2) + self.scouted / 2,
        };
        let requests = self.requests + requests;
        let (of, share) = match &self.input {
            Input::Trace(trace) => {
                let rows = trace.rows.len();
                (Some(rows.saturating_mul(self.runs.into())), running.requests as f64 / rows.max(1) as f64)
            }
            Input::Made(recipe) => (None, running.last_us as f64 / recipe.duration_us.max(1) as f64),
        };
        let share = match (twice, &self.foresight) {
            (false, _) => share,
            (true, None) => share / 2.0,
            (true, Some(_)) => f64::midpoint(1.0, share),
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
        if running.scouts {
            self.scouted = running.requests;
            self.foresight = Some(running.foresee(&self.input)?);
            self.running = Some(self.start()?);
            return Ok(());
        }
        self.foresight = None;
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

    /// Ends the pass of a scout.
    fn foresee(mut self, input: &Input) -> Result<Foresight, ReplayError> {
        if let Input::Made(recipe) = input {
            self.pass.simulation.run_to(recipe.duration_us)?;
        }
        self.pass.foresee()
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
            let mut line = Vec::new();
            for request in *requests {
                line.clear();
                json::write(request, &mut line);
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

#[cfg(test)]
#[allow(clippy::cast_precision_loss)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    const MADE: &str = r#"{"profile": "bursty", "duration_us": 120000000, "runs": 3, "crashes_per_worker_hour": 20,
        "retries": {"attempts": 3}}"#;

    fn run(workload: &str, seed: u64) -> Run {
        Run::new(&Value::Null, &Value::from_json(workload).unwrap(), seed).unwrap()
    }

    fn simulated(workload: &str, seed: u64) -> Replayed {
        run(workload, seed).finish().unwrap()
    }

    #[test]
    fn however_it_is_cut_the_outcome_is_the_same() {
        let rows = r#"{"runs": 2, "requests": [{"arrival_us": 3, "domain": "web"}, {"arrival_us": 9, "domain": "web"}]}"#;
        for workload in [MADE, rows] {
            let whole = simulated(workload, 5);
            for at_most in [0, 1, 7, 1000, u64::MAX] {
                let mut cut = run(workload, 5);
                let mut last = cut.progress();
                assert_eq!((last.requests, last.share, last.done), (0, 0.0, false));
                loop {
                    let progress = cut.advance(at_most).unwrap();
                    assert!(progress.share >= last.share && progress.requests >= last.requests);
                    assert!(progress.requests - last.requests <= at_most.max(1));
                    last = progress;
                    if progress.done {
                        break;
                    }
                }
                assert_eq!((last.share, last.of), (1.0, Some(last.requests)));
                assert_eq!(cut.progress(), last);
                assert_eq!(cut.finish().unwrap(), whole);
            }
        }
        let mut counted = run(rows, 1);
        assert_eq!(
            counted.advance(1).unwrap(),
            Progress { requests: 1, of: Some(4), share: 0.25, done: false }
        );
        assert_eq!(
            counted.advance(2).unwrap(),
            Progress { requests: 3, of: Some(4), share: 0.75, done: false }
        );
    }

    #[test]
    fn several_seeds_are_those_of_several_calls() {
        let first = simulated(MADE, 5);
        let runs = first.runs.clone().unwrap();
        let alone = |seed| simulated(&MADE.replace("\"runs\": 3", "\"runs\": 1"), seed);
        let each = [5, 6, 7].map(alone);
        assert_eq!(each[0], Replayed { runs: None, ..first });
        assert_eq!(runs.count, 3);
        let offered = each.clone().map(|one| one.outcome.summary.offered);
        let mean = offered.iter().sum::<u64>() as f64 / 3.0;
        let squares = offered.map(|count| (count as f64 - mean) * (count as f64 - mean)).iter().sum::<f64>();
        // Two degrees of freedom: 4.3027.
        let half = 4.3027 * libm::sqrt(squares / 2.0) / libm::sqrt(3.0);
        let found = runs.figures["offered"];
        assert!((found.mean - mean).abs() < 1e-9);
        assert!((found.high - mean - half).abs() < 1e-6 && (mean - found.low - half).abs() < 1e-6);
        let crashes = each.map(|one| one.outcome.summary.crashes as f64);
        assert!((runs.figures["crashes"].mean - crashes.iter().sum::<f64>() / 3.0).abs() < 1e-9);
    }

    #[test]
    fn what_is_made_lasts_as_long_as_was_said() {
        let made = simulated(
            r#"{"duration_us": 60000000, "workers_start_delay_us": 5, "pools": "shared", "domains": {
                "web": {"arrivals": {"process": "constant", "rate_per_s": 0.1}, "service": {"distribution": "constant", "mean_us": 1000}},
                "payment": {"arrivals": {"process": "spike", "rate_per_s": 0.1, "factor": 1, "from_us": 0, "to_us": 1},
                    "service": {"distribution": "constant", "mean_us": 1000}}}}"#,
            1,
        );
        let summary = &made.outcome.summary;
        assert_eq!((summary.duration_us, made.outcome.series.start_us), (60_000_000, 0));
        assert_eq!(made.trace.format.as_str(), "made");
        assert_eq!((made.trace.domains[0].1.rows, made.trace.domains[0].1.pool.as_str()), (6, "shared"));
        assert_eq!(made.trace.rows, summary.offered);
        // At twice the speed half as long.
        let fast = simulated(
            r#"{"duration_us": 60000000, "speed_up": 2, "domains": {
                "web": {"arrivals": {"process": "constant", "rate_per_s": 0.1}, "service": {"distribution": "constant", "mean_us": 1000}}}}"#,
            1,
        );
        assert_eq!((fast.outcome.summary.duration_us, fast.trace.span_us), (30_000_000, 50_000_000));
    }

    #[test]
    fn what_the_configuration_lacks_is_told_of_the_workload() {
        let workload = r#"{"profile": "steady", "slow": [
            {"pool": "payment", "from_us": 0, "to_us": 1, "factor": 2}, {"pool": "paymnt", "from_us": 0, "to_us": 1, "factor": 2}]}"#;
        let error = Run::new(&Value::Null, &Value::from_json(workload).unwrap(), 1).unwrap_err();
        assert_eq!(
            error.to_string(),
            "workload.slow[1].pool: unknown pool `paymnt`; did you mean `payment`?"
        );
        assert_eq!(error.name(), "invalid_config");
        // Nothing happened to arrive.
        let workload = r#"{"duration_us": 1, "domains": {"p": {"arrivals": {"process": "poisson", "rate_per_s": 1},
            "service": {"distribution": "constant", "mean_us": 1}}}}"#;
        let error =
            Run::new(&Value::Null, &Value::from_json(workload).unwrap(), 1).unwrap().finish().unwrap_err();
        assert_eq!(
            (error.name(), error.to_string()),
            ("invalid_trace", "there is no request to simulate".into())
        );
    }

    #[test]
    fn memory_does_not_grow_with_what_is_made() {
        // A million requests; what is kept of them is a handful.
        let workload = r#"{"duration_us": 1000000000, "domains": {"payment": {
            "arrivals": {"process": "poisson", "rate_per_s": 1000}, "service": {"distribution": "exponential", "mean_us": 7000}}}}"#;
        let mut run = run(workload, 1);
        while !run.advance(100_000).unwrap().done {
            if let Some(running) = &run.running {
                assert!(running.pass.simulation.kept() < 2000);
            }
        }
        assert!(run.finish().unwrap().trace.rows > 990_000);
    }
}
