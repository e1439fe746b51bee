//! Reading what is made: domains with their arrivals and services, and built-in profiles.

use alloc::format;
use alloc::vec::Vec;

use crate::config::Value;
use crate::fields::{Fields, Problems, Span};
use crate::whatif::generate::{Distribution, DomainRecipe, MmppState, Process, Profile, Recipe};

/// The longest time of a workload: 366 days.
pub(super) const LONGEST_US: u64 = 366 * 86_400 * 1_000_000;
/// The most domains.
const MOST_DOMAINS: usize = 4096;
/// The most states of a Markov-modulated process.
const MOST_STATES: usize = 16;
/// The most requests to be expected of a run, changes of random states included.
const MOST_REQUESTS: f64 = 1e9;
/// A rate that isn't 0, and one that may be.
const RATE: Span = Span::above_to(0.0, 1e6);
const RATE_OR_NONE: Span = Span::from_to(0.0, 1e6);

const PROCESSES: [&str; 6] = ["constant", "poisson", "ramp", "diurnal", "spike", "mmpp"];
const DISTRIBUTIONS: [&str; 4] = ["constant", "exponential", "log_normal", "pareto"];

/// How long requests arrive.
fn duration_us(workload: &Fields<'_>, problems: &mut Problems) -> Option<u64> {
    workload.integer("duration_us", &(1..=LONGEST_US), Some(Profile::DURATION_US), problems)
}

/// A built-in profile.
pub(super) fn profile(workload: &Fields<'_>, problems: &mut Problems) -> Option<(Profile, Recipe)> {
    let names: Vec<&str> = Profile::ALL.iter().map(|profile| profile.as_str()).collect();
    let place = workload.word("profile", &names, None, problems);
    let duration_us = duration_us(workload, problems)?;
    let profile = *Profile::ALL.get(place?)?;
    Some((profile, profile.recipe(duration_us)))
}

/// Domains that are described one by one.
pub(super) fn domains(workload: &Fields<'_>, problems: &mut Problems) -> Option<Recipe> {
    let duration_us = duration_us(workload, problems);
    let Some(Value::Map(entries)) = workload.get("domains") else {
        workload.wrong("domains", "a map of domains", problems);
        return None;
    };
    if entries.is_empty() || entries.len() > MOST_DOMAINS {
        let message = format!("expected from 1 to {MOST_DOMAINS} domains, found {}", entries.len());
        problems.add(workload.path("domains"), message);
        return None;
    }
    let known: Vec<&str> = entries.iter().map(|(name, _)| name.as_str()).collect();
    // Only a doubled name can be wrong with the names here.
    let map = Fields::read(workload.path("domains"), workload.get("domains")?, &known, "", problems)?;
    let mut domains = Vec::with_capacity(entries.len());
    for (name, value) in entries {
        let path = map.path(name);
        let expected = "a map with `arrivals` and `service`";
        let Some(fields) = Fields::read(path, value, &["arrivals", "service", "keys"], expected, problems)
        else {
            continue;
        };
        let arrivals = process(&fields, problems);
        let service = distribution(&fields, problems);
        let keys = fields.integer("keys", &(0..=(1 << 53) - 1), Some(0), problems);
        if let (Some(arrivals), Some(service), Some(keys)) = (arrivals, service, keys) {
            domains.push(DomainRecipe { name: name.clone(), arrivals, service, keys });
        }
    }
    let recipe = Recipe { domains, duration_us: duration_us? };
    let expected = recipe.work();
    if expected > MOST_REQUESTS {
        let message = format!("expected at most {MOST_REQUESTS} requests, these are about {expected:.0}");
        problems.add(workload.path("domains"), message);
        return None;
    }
    Some(recipe)
}

fn process(domain: &Fields<'_>, problems: &mut Problems) -> Option<Process> {
    let Some(value) = domain.get("arrivals") else {
        domain.wrong("arrivals", "a map with `process`", problems);
        return None;
    };
    let word = value.get("process");
    let place = PROCESSES.iter().position(|name| matches!(word, Some(Value::Text(text)) if text == name));
    let known: &[&str] = match place {
        Some(0 | 1) => &["process", "rate_per_s"],
        Some(2) => &["process", "from_per_s", "to_per_s"],
        Some(3) => &["process", "mean_per_s", "amplitude", "period_us", "peak_at_us"],
        Some(4) => &["process", "rate_per_s", "factor", "from_us", "to_us"],
        Some(_) => &["process", "states"],
        // Which fields there may be isn't known.
        None => {
            if let Value::Map(_) = value {
                let fields = Fields::read(domain.path("arrivals"), value, &names_of(value), "", problems)?;
                fields.word("process", &PROCESSES, None, problems);
            } else {
                domain.wrong("arrivals", "a map with `process`", problems);
            }
            return None;
        }
    };
    let fields = Fields::read(domain.path("arrivals"), value, known, "", problems)?;
    let mut rate = |name: &str, span: Span| fields.number(name, span, None, problems);
    match place {
        Some(0) => Some(Process::Constant { rate_per_s: rate("rate_per_s", RATE)? }),
        Some(1) => Some(Process::Poisson { rate_per_s: rate("rate_per_s", RATE)? }),
        Some(2) => {
            let (from, to) = (rate("from_per_s", RATE_OR_NONE), rate("to_per_s", RATE_OR_NONE));
            let (from_per_s, to_per_s) = (from?, to?);
            if from_per_s + to_per_s > 0.0 {
                return Some(Process::Ramp { from_per_s, to_per_s });
            }
            problems.add(domain.path("arrivals"), "from_per_s and to_per_s are both 0: nothing would arrive");
            None
        }
        Some(3) => {
            let mean = rate("mean_per_s", RATE);
            let amplitude = rate("amplitude", Span::from_to(0.0, 1.0));
            let period = fields.integer("period_us", &(1..=LONGEST_US), Some(86_400_000_000), problems);
            let peak = fields.integer("peak_at_us", &(0..=LONGEST_US), Some(0), problems);
            Some(Process::Diurnal {
                mean_per_s: mean?,
                amplitude: amplitude?,
                period_us: period?,
                peak_at_us: peak?,
            })
        }
        Some(4) => {
            let (usual, factor) = (rate("rate_per_s", RATE), rate("factor", Span::from_to(0.0, 1e6)));
            let window = window(&fields, problems);
            let (from_us, to_us) = window?;
            Some(Process::Spike { rate_per_s: usual?, factor: factor?, from_us, to_us })
        }
        _ => states(&fields, problems).map(|states| Process::Mmpp { states }),
    }
}

/// The names of a map, each as known.
fn names_of(value: &Value) -> Vec<&str> {
    match value {
        Value::Map(entries) => entries.iter().map(|(name, _)| name.as_str()).collect(),
        _ => Vec::new(),
    }
}

/// A time from `from_us` to `to_us`.
pub(super) fn window(fields: &Fields<'_>, problems: &mut Problems) -> Option<(u64, u64)> {
    let from_us = fields.integer("from_us", &(0..=LONGEST_US), None, problems);
    let to_us = fields.integer("to_us", &(0..=LONGEST_US), None, problems);
    let (from_us, to_us) = (from_us?, to_us?);
    if from_us < to_us {
        return Some((from_us, to_us));
    }
    problems.add(fields.path("to_us"), format!("expected a time after from_us = {from_us}, found {to_us}"));
    None
}

fn states(arrivals: &Fields<'_>, problems: &mut Problems) -> Option<Vec<MmppState>> {
    let expected = format!("a list of 2 to {MOST_STATES} states");
    let items = match arrivals.get("states") {
        Some(Value::List(items)) if (2..=MOST_STATES).contains(&items.len()) => items,
        _ => {
            arrivals.wrong("states", &expected, problems);
            return None;
        }
    };
    let path = arrivals.path("states");
    let states: Vec<_> = items
        .iter()
        .enumerate()
        .filter_map(|(index, item)| {
            let known = ["rate_per_s", "mean_us"];
            let expected = "a map with `rate_per_s` and `mean_us`";
            let fields = Fields::read(format!("{path}[{index}]"), item, &known, expected, problems)?;
            let rate_per_s = fields.number("rate_per_s", RATE_OR_NONE, None, problems);
            let mean_us = fields.integer("mean_us", &(1..=LONGEST_US), None, problems);
            Some(MmppState { rate_per_s: rate_per_s?, mean_us: mean_us? })
        })
        .collect();
    if states.len() < items.len() {
        return None;
    }
    if states.iter().all(|state| state.rate_per_s <= 0.0) {
        problems.add(path, "every rate_per_s is 0: nothing would arrive");
        return None;
    }
    Some(states)
}

fn distribution(domain: &Fields<'_>, problems: &mut Problems) -> Option<Distribution> {
    let Some(value) = domain.get("service") else {
        domain.wrong("service", "a map with `distribution`", problems);
        return None;
    };
    let word = value.get("distribution");
    let place = DISTRIBUTIONS.iter().position(|name| matches!(word, Some(Value::Text(text)) if text == name));
    let known = match place {
        Some(0 | 1) => &["distribution", "mean_us"][..],
        Some(2) => &["distribution", "mean_us", "variation"],
        _ => &["distribution", "mean_us", "shape"],
    };
    if place.is_none() && matches!(value, Value::Map(_)) {
        let fields = Fields::read(domain.path("service"), value, &names_of(value), "", problems)?;
        fields.word("distribution", &DISTRIBUTIONS, None, problems);
        return None;
    }
    let fields = Fields::read(domain.path("service"), value, known, "a map with `distribution`", problems)?;
    let mean_us = fields.integer("mean_us", &(1..=LONGEST_US), None, problems);
    match place {
        Some(0) => Some(Distribution::Constant { mean_us: mean_us? }),
        Some(1) => Some(Distribution::Exponential { mean_us: mean_us? }),
        Some(2) => {
            let variation = fields.number("variation", Span::from_to(0.0, 100.0), None, problems);
            Some(Distribution::LogNormal { mean_us: mean_us?, variation: variation? })
        }
        _ => {
            let shape = fields.number("shape", Span::above_to(1.0, 1000.0), None, problems);
            Some(Distribution::Pareto { mean_us: mean_us?, shape: shape? })
        }
    }
}
