//! Snapshot and restore.

use alloc::string::String;
use alloc::vec::Vec;

use super::codec::{Codec, State};
use super::frame;
use crate::config::Config;
use crate::engine::Engine;
use crate::error::{Error, SnapshotProblem};
use crate::json::json;

/// A pool's state takes at least this many bytes, and a domain's: what a configuration asks for is made only when there
/// is as much state.
const LEAST_POOL: u64 = 200;
const LEAST_DOMAIN: u64 = 2;

impl Engine {
    /// All that the engine holds, as bytes: [`Engine::restore`] makes an engine of them that goes on as this one would,
    /// also on another platform or in another language. Changes nothing. Costs O(state); see
    /// [`journal`](crate::journal) for the format.
    pub fn snapshot(&mut self) -> Vec<u8> {
        self.journal_mut().flush();
        let mut io = Codec::appending(frame::open(frame::SNAPSHOT));
        io.bytes(env!("CARGO_PKG_VERSION").as_bytes());
        io.bytes(json(self.config()).as_bytes());
        self.start_us().state(&mut io);
        self.state(&mut io);
        frame::close(io.into_written())
    }

    /// The engine that a snapshot was taken of. It isn't recorded; [`Engine::start_journal`] begins that anew.
    ///
    /// Fails with [`Error::InvalidSnapshot`] for bytes that are no snapshot, are cut short, damaged or newer than this
    /// library, or hold what can't be. Costs O(length) in time and memory.
    pub fn restore(snapshot: &[u8]) -> Result<Self, Error> {
        let content = frame::read_whole(snapshot, frame::SNAPSHOT).map_err(Error::InvalidSnapshot)?;
        let impossible = |what| Error::InvalidSnapshot(SnapshotProblem::Impossible { what });
        let mut io = Codec::reader(content);
        let (mut version, mut config, mut start_us) = (String::new(), String::new(), 0_u64);
        io.text(&mut version);
        io.text(&mut config);
        start_us.state(&mut io);
        if let Some(what) = io.fault() {
            return Err(impossible(what));
        }
        let config = Config::from_json(&config).map_err(|_| impossible("configuration"))?;
        let (pools, domains) = (config.pools.len() as u64, config.domains.len() as u64);
        let least = pools.saturating_mul(LEAST_POOL).saturating_add(domains.saturating_mul(LEAST_DOMAIN));
        if least > io.rest().len() as u64 {
            return Err(impossible("length of the state"));
        }
        let mut engine = Self::empty(config, start_us).map_err(|_| impossible("start"))?;
        (io.pools, io.domains) = (engine.pool_count(), engine.domain_count());
        engine.state(&mut io);
        io.check(io.rest().is_empty(), "end");
        match io.fault() {
            None => Ok(engine),
            Some(what) => Err(impossible(what)),
        }
    }
}
