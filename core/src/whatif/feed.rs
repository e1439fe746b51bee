//! A trace that comes in pieces, for a run.

use super::reader::{Source, Workload};
use super::replay::{ReplayError, ReplayOptions, TraceRecorder};
use super::run::Run;
use super::trace::TraceError;
use crate::config::{ConfigError, Draft, Value};

/// What becomes a [`Run`] once the bytes of its trace are in: for traces that are read piece by piece, and aren't held
/// as text.
#[derive(Debug)]
pub struct Feed {
    draft: Draft,
    options: ReplayOptions,
    runs: u32,
    seed: u64,
    recorder: TraceRecorder,
}

impl Feed {
    /// As [`Run::new`], of a workload whose `trace` is the beginning of the trace; it may be empty.
    ///
    /// Fails as [`Run::new`] does, and for a workload without `trace`.
    pub fn new(config: &Value, workload: &Value, seed: u64) -> Result<Self, ReplayError> {
        let Workload { source, options, runs } = Workload::read(workload)?;
        let Source::Text(text) = source else {
            return Err(ConfigError::one("workload", "expected `trace`, for bytes to follow").into());
        };
        let draft = Draft::new(config.clone());
        // What is wrong with the configuration shows before a long trace is read.
        draft.build()?;
        let mut recorder = TraceRecorder::new(options.trace.clone());
        recorder.feed(text.as_bytes())?;
        Ok(Self { draft, options, runs, seed, recorder })
    }

    /// Reads the next bytes of the trace, however they are cut. Fails at the first bad line.
    pub fn feed(&mut self, bytes: &[u8]) -> Result<(), TraceError> {
        self.recorder.feed(bytes)
    }

    /// The run, once all bytes are in. Fails as [`Run::new`] does.
    pub fn finish(self) -> Result<Run, ReplayError> {
        let trace = self.recorder.finish()?;
        Run::of_trace(self.draft, self.options, trace, self.seed, self.runs)
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;
    use crate::whatif::simulate;

    fn value(text: &str) -> Value {
        Value::from_json(text).unwrap()
    }

    #[test]
    fn a_trace_in_pieces_is_the_same_as_its_text() {
        let text = "arrival_us,domain,service_us\n0,web,1000\n5,web,20\n9,payment,20\n";
        let whole = Value::Map(alloc::vec![("trace".into(), text.into()), ("wait_us".into(), 5_u64.into())]);
        let mut feed =
            Feed::new(&Value::Null, &value(r#"{"trace": "arrival_us,dom", "wait_us": 5}"#), 1).unwrap();
        for piece in text.as_bytes()["arrival_us,dom".len()..].chunks(7) {
            feed.feed(piece).unwrap();
        }
        assert_eq!(feed.finish().unwrap().finish(), simulate(&Value::Null, &whole, 1));
    }

    #[test]
    fn only_a_trace_is_fed() {
        let wrong = |workload: &str| Feed::new(&Value::Null, &value(workload), 1).unwrap_err().to_string();
        assert_eq!(wrong(r#"{"profile": "steady"}"#), "workload: expected `trace`, for bytes to follow");
        assert!(wrong(r#"{"trace": "", "wait": 1}"#).contains("`wait_us`"));
        let mut feed = Feed::new(&Value::Null, &value(r#"{"trace": ""}"#), 1).unwrap();
        assert_eq!(feed.feed(b"arrival_us,domain\nx,web\n").unwrap_err().line, 2);
        let feed = Feed::new(&Value::Null, &value(r#"{"trace": ""}"#), 1).unwrap();
        assert!(feed.finish().is_err());
    }
}
