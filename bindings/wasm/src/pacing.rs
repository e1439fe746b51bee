//! The heijunka box. Answers are lists of numbers; what goes wrong is thrown.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use heijunka_core::config::unknown_name;
use heijunka_core::pacing::{Pacer, PacerConfig, sequence as order_of};
use heijunka_core::{DomainId, Error, Value, json};
use wasm_bindgen::prelude::wasm_bindgen;

use crate::args::{count, shown, whole};
use crate::engine::{handle_message, time_message};
use crate::failure::Failure;
use crate::number;

/// The leveled order of a product mix.
#[wasm_bindgen]
pub fn sequence(counts: &[f64]) -> Result<Vec<u32>, Failure> {
    let mut whole = Vec::with_capacity(counts.len());
    for (index, given) in counts.iter().enumerate() {
        whole.push(
            count(*given).map_err(|_| misfit(&format!("counts[{index}]"), *given, 0, u32::MAX.into()))?,
        );
    }
    Ok(order_of(&whole)?)
}

fn misfit(subject: &str, given: f64, min: u64, max: u64) -> Failure {
    let message = format!("`{subject}` = {} is out of range: it must be from {min} to {max}", shown(given));
    Failure::new(-9, "out_of_range", message)
}

/// A pacer.
#[wasm_bindgen]
pub struct RawPacer {
    core: Pacer,
}

impl RawPacer {
    /// An error, with the number as it was given.
    #[cold]
    fn told(&self, error: Error, now_us: f64, given: f64) -> Failure {
        let message = match error {
            Error::TimeOutOfRange { .. } => time_message("nowUs", now_us),
            Error::UnknownDomain { domain } => handle_message("domain", domain, self.core.domain_count()),
            Error::OutOfRange { field, min, max, .. } => return misfit(field, given, min, max),
            error => error.to_string(),
        };
        Failure::core(error, message)
    }
}

#[wasm_bindgen]
impl RawPacer {
    /// A pacer, for a configuration as JSON, that starts at a time.
    #[wasm_bindgen(constructor)]
    pub fn new(config: &str, now_us: f64) -> Result<Self, Failure> {
        let config = PacerConfig::from_value(&Value::from_json(config)?)?;
        let core = Pacer::new(&config, whole(now_us))
            .map_err(|error| Failure::core(error, time_message("nowUs", now_us)))?;
        Ok(Self { core })
    }

    /// The names of the domains, by handle.
    pub fn domains(&self) -> Vec<String> {
        let name = |id| self.core.domain_name(DomainId::new(id)).map(str::to_owned);
        (0..self.core.domain_count()).filter_map(name).collect()
    }

    /// The error for a name that isn't known, as JSON.
    pub fn unknown(&self, name: &str) -> String {
        let known = self.domains();
        let message = unknown_name("domain", name, known.iter().map(String::as_str));
        Failure::core(Error::UnknownDomain { domain: u32::MAX }, message).json()
    }

    /// Answers accepted, reason, limit, load, when to retry.
    pub fn offer(&mut self, now_us: f64, domain: u32, item: f64) -> Result<Vec<f64>, Failure> {
        match self.core.offer(whole(now_us), DomainId::new(domain), whole(item)) {
            Ok(answer) => Ok(alloc::vec![
                f64::from(u8::from(answer.accepted)),
                answer.reason.code().into(),
                answer.limit.into(),
                answer.load.into(),
                number(answer.retry_after_us),
            ]),
            Err(error) => Err(self.told(error, now_us, item)),
        }
    }

    /// Answers domain, item and due time of each that is released.
    pub fn poll(&mut self, now_us: f64, max_items: Option<f64>) -> Result<Vec<f64>, Failure> {
        let given = max_items.unwrap_or(u32::MAX.into());
        let most = count(given).map_err(|_| misfit("maxItems", given, 0, u32::MAX.into()))?;
        let mut released = Vec::new();
        let polled = self.core.poll_at_most(whole(now_us), most, |release| {
            let numbers = [release.domain.get().into(), number(release.item), number(release.due_us)];
            released.extend_from_slice(&numbers);
        });
        match polled {
            Ok(()) => Ok(released),
            Err(error) => Err(self.told(error, now_us, given)),
        }
    }

    /// When the next item is due.
    pub fn next_deadline(&self) -> Option<f64> {
        self.core.next_deadline_us().map(number)
    }

    /// Sets the takt.
    pub fn set_takt(&mut self, now_us: f64, available_us: f64, demand: f64) -> Result<(), Failure> {
        self.core.set_takt(whole(now_us), whole(available_us), whole(demand)).map_err(|error| {
            let is_demand = matches!(error, Error::OutOfRange { field: "demand", .. });
            self.told(error, now_us, if is_demand { demand } else { available_us })
        })
    }

    /// Sets a domain's weight.
    pub fn set_weight(&mut self, now_us: f64, domain: u32, weight: f64) -> Result<(), Failure> {
        let held = count(weight).unwrap_or_else(|end| end);
        self.core
            .set_weight(whole(now_us), DomainId::new(domain), held)
            .map_err(|error| self.told(error, now_us, weight))
    }

    /// The state, as JSON.
    pub fn status(&self) -> String {
        json(&self.core.status())
    }
}
