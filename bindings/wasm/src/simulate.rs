//! What-if: a workload simulated on a configuration, bit by bit.

use alloc::string::String;

use heijunka_core::Value;
use heijunka_core::whatif::{Feed, Progress, Run};
use wasm_bindgen::prelude::wasm_bindgen;

use crate::failure::Failure;
use crate::number;
use heijunka_core::json;

/// A simulation that goes on when it is told to.
#[wasm_bindgen]
pub struct RawRun {
    run: Option<Run>,
    progress: Progress,
}

impl RawRun {
    fn of(run: Run) -> Self {
        Self { progress: run.progress(), run: Some(run) }
    }
}

#[wasm_bindgen]
impl RawRun {
    /// A workload as JSON on a configuration.
    #[wasm_bindgen(constructor)]
    pub fn new(config: &str, workload: &str, seed: u64) -> Result<Self, Failure> {
        let (config, workload) = (Value::from_json(config)?, Value::from_json(workload)?);
        Ok(Self::of(Run::new(&config, &workload, seed)?))
    }

    /// Goes on for at most so many requests, and answers whether all is done.
    pub fn advance(&mut self, at_most: u32) -> Result<bool, Failure> {
        if let Some(run) = &mut self.run {
            match run.advance(at_most.into()) {
                Ok(progress) => self.progress = progress,
                Err(error) => {
                    self.run = None;
                    return Err(error.into());
                }
            }
        }
        Ok(self.progress.done)
    }

    /// Requests that have arrived.
    pub fn requests(&self) -> f64 {
        number(self.progress.requests)
    }

    /// How many will arrive; below 0: that isn't known.
    pub fn of_requests(&self) -> f64 {
        self.progress.of.map_or(-1.0, number)
    }

    /// What is done, as a share of the whole.
    pub fn share(&self) -> f64 {
        self.progress.share
    }

    /// Does what is left and answers the outcome as JSON, once.
    pub fn finish(&mut self) -> Result<Option<String>, Failure> {
        match self.run.take() {
            Some(run) => Ok(Some(json(&run.finish()?))),
            None => Ok(None),
        }
    }
}

/// A simulation whose trace comes in pieces.
#[wasm_bindgen]
pub struct RawFeed {
    feed: Option<Feed>,
}

#[wasm_bindgen]
impl RawFeed {
    /// A workload whose trace begins with what it holds.
    #[wasm_bindgen(constructor)]
    pub fn new(config: &str, workload: &str, seed: u64) -> Result<Self, Failure> {
        let (config, workload) = (Value::from_json(config)?, Value::from_json(workload)?);
        Ok(Self { feed: Some(Feed::new(&config, &workload, seed)?) })
    }

    /// Reads the next bytes.
    pub fn feed(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        let Some(feed) = &mut self.feed else { return Ok(()) };
        let fed = feed.feed(bytes);
        if fed.is_err() {
            self.feed = None;
        }
        Ok(fed?)
    }

    /// The simulation, once.
    pub fn finish(&mut self) -> Result<Option<RawRun>, Failure> {
        self.feed.take().map(|feed| Ok(RawRun::of(feed.finish()?))).transpose()
    }
}
