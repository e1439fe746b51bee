//! Runs a sequence.

use heijunka_core::{Config, Engine, Value};

use crate::expect::{self, Named};
use crate::read::{Sequence, Step};
use crate::sha256::Sha256;
use crate::{calls, canon};

/// What a run gave.
#[derive(Debug, Clone)]
pub struct Finished {
    /// The digest over all answers.
    pub digest: String,
    /// How many calls were made.
    pub calls: u64,
    /// Every expectation that wasn't met, with the number of its step (from 1).
    pub failures: Vec<String>,
}

/// Makes the calls of a sequence one after another; `see` gets each answer with its step.
///
/// Fails when a call can't be made at all: a configuration that is refused, a reference to nothing.
pub fn run(sequence: &Sequence, mut see: impl FnMut(usize, &Step, &Value)) -> Result<Finished, String> {
    let config = config_of(&sequence.config).map_err(|error| format!("the configuration: {error}"))?;
    let mut engine = Engine::new(&config, sequence.start_us).map_err(|error| error.to_string())?;
    let mut pacer = None;
    let mut named = Named::new();
    let mut digest = Sha256::default();
    let (mut buffer, mut failures, mut calls) = (Vec::new(), Vec::new(), 0);
    // Of what the engine itself has answered, an error is no surprise.
    let recorded = ["recorded", "generated"].contains(&sequence.origin.as_str());
    for (step, number) in sequence.steps.iter().zip(1..) {
        let mut answers = Vec::new();
        for repetition in 0..step.times.unwrap_or(1) {
            let repetition = repetition as usize;
            let answer = calls::call(&mut engine, &mut pacer, step, repetition, &named)
                .map_err(|error| format!("step {number} (`{}`): {error}", step.op.name))?;
            calls += 1;
            see(number, step, &answer);
            if let Err(failure) = judge(step, &answer, recorded, repetition, &named) {
                let times = step.times.map(|_| format!(", call {}", repetition + 1)).unwrap_or_default();
                failures.push(format!("step {number}{times} (`{}`){failure}", step.op.name));
            }
            buffer.clear();
            canon::write(&answer, &mut buffer);
            digest.update(&buffer);
            answers.push(answer);
        }
        if let Some(name) = &step.name {
            let answer = if step.times.is_some() { Value::List(answers) } else { answers.swap_remove(0) };
            named.insert(name.clone(), answer);
        }
    }
    Ok(Finished { digest: digest.hex(), calls, failures })
}

/// An error must be expected as one.
fn judge(
    step: &Step,
    answer: &Value,
    recorded: bool,
    repetition: usize,
    named: &Named,
) -> Result<(), String> {
    let expects_error = recorded || step.expect.as_ref().is_some_and(|expect| expect.get("error").is_some());
    if let (Some(error), false) = (answer.get("error"), expects_error) {
        return Err(format!(": an error that wasn't expected: {error:?}"));
    }
    step.expect.as_ref().map_or(Ok(()), |expect| expect::fits(expect, answer, "", repetition, named))
}

/// A configuration: a map, or text that is JSON when it begins with a brace and TOML otherwise.
pub(crate) fn config_of(value: &Value) -> Result<Config, heijunka_core::ConfigError> {
    Config::from_value(&unread(value)?)
}

/// What a configuration holds, still to be checked.
pub(crate) fn unread(value: &Value) -> Result<Value, heijunka_core::ConfigError> {
    match value {
        Value::Text(text) => Value::from_text(text),
        value => Ok(value.clone()),
    }
}
