//! Runs every file of the corpus, and makes sure that the corpus leaves nothing out.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use heijunka_core::{EffectKind, Reason, Value};
use heijunka_vectors::{OPS, Sequence, run};

/// Reasons that no vector can bring about, and why. One that appears after all doesn't belong here.
const UNREACHED_REASONS: &[(&str, &str)] = &[(
    "tokens_full",
    "the hard limit never lies above `limits.max_tokens`, and tickets outnumber it only by millions of workers",
)];

/// Error codes that no operation of the corpus gives, and why.
const UNREACHED_ERRORS: &[(i64, &str)] = &[];

/// The codes of all errors: of calls, of configurations, of traces.
const ERRORS: std::ops::RangeInclusive<i64> = -13..=-1;

/// Words of answers that are neither reasons nor kinds of effects.
const WORDS: &[(&str, &[&str])] = &[
    ("outcome", &["idle", "served", "left", "lingering"]),
    ("stage", &["admit", "route", "checkout"]),
    ("status", &["healthy", "degraded", "critical"]),
    ("health_status", &["healthy", "degraded", "critical"]),
    ("balance_status", &["balanced", "imbalanced", "critical"]),
    ("phase", &["idle", "hold", "shrink", "cooldown"]),
    ("state", &["idle", "busy", "starting", "pending", "firing"]),
    ("severity", &["info", "warning", "critical"]),
    ("adaptive_algorithm", &["aimd", "gradient", "correlation"]),
    ("cheaper", &["none", "surge", "baseline"]),
];

/// The parts that have algorithms of their own, by the names of their files. Each has vectors that weren't
/// recorded from the engine.
const PARTS: &[&str] = &[
    "admission",
    "adaptive",
    "routing",
    "balance",
    "migration",
    "pool",
    "scale",
    "burst",
    "burst_cost",
    "dispatch",
    "alerts",
    "verify",
    "takt",
    "metrics",
    "simulation",
    "sequence",
    "pacer",
    "snapshot",
    "journal",
];

fn files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("vectors");
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    // Everything but the description: what isn't a sequence fails.
    files.retain(|path| path.file_name().is_none_or(|name| name != "README.md"));
    files.sort();
    files
}

fn read(file: &Path) -> Sequence {
    let text = fs::read_to_string(file).unwrap();
    Sequence::parse(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

#[test]
fn every_file_gives_what_it_says() {
    let (mut steps, mut calls, mut failures) = (0, 0, Vec::new());
    for file in files() {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        let sequence = match Sequence::parse(&fs::read_to_string(&file).unwrap()) {
            Ok(sequence) => sequence,
            Err(error) => {
                failures.push(format!("{name}: {error}"));
                continue;
            }
        };
        if name != format!("{}.json", sequence.name) {
            failures.push(format!("{name}: its name is `{}`", sequence.name));
        }
        if sequence.origin == "generated" {
            failures.push(format!("{name}: generated sequences have no place in the corpus"));
        }
        match run(&sequence, |_, _, _| ()) {
            Ok(finished) => {
                steps += sequence.steps.len();
                calls += finished.calls;
                failures.extend(finished.failures.iter().map(|failure| format!("{name}: {failure}")));
                if finished.digest != sequence.digest {
                    failures.push(format!("{name}: the digest is {}", finished.digest));
                }
            }
            Err(error) => failures.push(format!("{name}: {error}")),
        }
    }
    println!("{} files, {steps} steps, {calls} calls", files().len());
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert!(files().len() >= 60);
}

/// Collects what a step vouches for.
#[derive(Default)]
struct Seen {
    ops: BTreeSet<String>,
    reasons: BTreeSet<String>,
    kinds: BTreeSet<String>,
    codes: BTreeSet<i64>,
    words: BTreeSet<(String, String)>,
}

impl Seen {
    fn see(&mut self, value: &Value) {
        match value {
            Value::List(items) => items.iter().for_each(|item| self.see(item)),
            Value::Map(fields) => {
                for (name, value) in fields {
                    match (name.as_str(), value) {
                        ("reason" | "adaptive_reason", Value::Text(text)) => {
                            self.reasons.insert(text.clone());
                        }
                        ("kind", Value::Text(text)) => drop(self.kinds.insert(text.clone())),
                        ("code", Value::Integer(code)) => {
                            self.codes.insert(i64::try_from(*code).unwrap());
                        }
                        (name, Value::Text(text)) => {
                            self.words.insert((name.to_owned(), text.clone()));
                        }
                        (_, value) => self.see(value),
                    }
                }
            }
            _ => {}
        }
    }
}

#[test]
fn nothing_is_left_out() {
    let mut seen = Seen::default();
    for file in files() {
        for step in read(&file).steps {
            seen.ops.insert(step.op.name.to_owned());
            // What isn't expected by a step is only recorded: it doesn't count.
            if let Some(expect) = &step.expect {
                seen.see(expect);
            }
        }
    }
    let ops: Vec<_> = OPS.iter().map(|op| op.name).filter(|name| !seen.ops.contains(*name)).collect();
    assert!(ops.is_empty(), "operations in no vector: {ops:?}");

    let excused = |name: &str| UNREACHED_REASONS.iter().any(|(unreached, _)| *unreached == name);
    let all = Reason::ALL.iter().map(|reason| reason.as_str());
    let missing: Vec<_> = all.filter(|name| !seen.reasons.contains(*name) && !excused(name)).collect();
    assert!(missing.is_empty(), "reasons that no vector expects: {missing:?}");
    for (name, why) in UNREACHED_REASONS {
        assert!(!seen.reasons.contains(*name), "`{name}` is reached after all, though \"{why}\"");
        assert!(Reason::ALL.iter().any(|reason| reason.as_str() == *name), "`{name}` is no reason");
    }
    let unknown = |name: &&String| Reason::ALL.iter().all(|reason| reason.as_str() != **name);
    assert_eq!(seen.reasons.iter().find(unknown), None, "not a reason");

    let kinds = EffectKind::ALL.iter().map(|kind| kind.as_str());
    let missing: Vec<_> = kinds.filter(|name| !seen.kinds.contains(*name)).collect();
    assert!(missing.is_empty(), "effects that no vector expects: {missing:?}");

    let excused = |code: &i64| UNREACHED_ERRORS.iter().any(|(unreached, _)| unreached == code);
    let missing: Vec<_> = ERRORS.filter(|code| !seen.codes.contains(code) && !excused(code)).collect();
    assert!(missing.is_empty(), "error codes that no vector expects: {missing:?}");
    for (code, why) in UNREACHED_ERRORS {
        assert!(!seen.codes.contains(code), "{code} is reached after all, though \"{why}\"");
    }
    assert!(seen.codes.iter().all(|code| ERRORS.contains(code)), "a code beyond the known ones");

    let words = WORDS.iter().flat_map(|(name, words)| words.iter().map(move |word| (*name, *word)));
    let missing: Vec<_> =
        words.filter(|(name, word)| !seen.words.contains(&((*name).into(), (*word).into()))).collect();
    assert!(missing.is_empty(), "words that no vector expects: {missing:?}");
}

#[test]
fn every_algorithm_has_vectors_that_were_not_recorded() {
    let sequences: Vec<Sequence> = files().iter().map(|file| read(file)).collect();
    for part in PARTS {
        let vouched = |sequence: &&Sequence| {
            sequence.name.starts_with(part)
                && sequence.origin != "recorded"
                && sequence.steps.iter().any(|step| step.expect.is_some())
        };
        assert!(sequences.iter().any(|sequence| vouched(&sequence)), "`{part}` has recorded vectors alone");
    }
    // A sequence that expects nothing shows only that all languages agree; its origin says so.
    for sequence in &sequences {
        let expects = sequence.steps.iter().any(|step| step.expect.is_some());
        assert!(expects || sequence.origin == "recorded", "`{}` expects nothing", sequence.name);
    }
}
