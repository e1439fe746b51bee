//! The vocabulary stands in TypeScript, so that its types do; here it is compared with the core's.

use heijunka_core::config::PRESET_NAMES;
use heijunka_core::whatif::generate::Profile;
use heijunka_core::whatif::policy::Policy;
use heijunka_core::whatif::trace::TraceError;
use heijunka_core::{Config, EffectKind, Error, Reason, SnapshotProblem};

const WORDS: &str = include_str!("../js/words.ts");
const ERRORS: &str = include_str!("../js/errors.ts");
const MODULE: &str = include_str!("../js/module.ts");
const WORKLOAD: &str = include_str!("../js/workload.ts");

/// The members `name: number,` of an object, in their order.
fn members(source: &str, object: &str) -> Vec<(String, i64)> {
    let (_, rest) = source.split_once(&format!("export const {object} = Object.freeze({{\n")).unwrap();
    let (body, _) = rest.split_once("\n}").unwrap();
    let member = |line: &str| {
        let (name, code) = line.trim().strip_suffix(',')?.split_once(": ")?;
        Some((name.to_owned(), code.parse().ok()?))
    };
    body.lines().filter_map(member).collect()
}

/// The texts of a list.
fn list(source: &str, name: &str) -> Vec<String> {
    let (_, rest) = source.split_once(&format!("export const {name}: ")).unwrap();
    let (_, rest) = rest.split_once("Object.freeze([").unwrap();
    let (body, _) = rest.split_once("])").unwrap();
    body.split('"').skip(1).step_by(2).map(str::to_owned).collect()
}

#[test]
fn reasons_and_kinds_are_the_cores() {
    let reasons: Vec<_> =
        Reason::ALL.iter().map(|reason| (reason.as_str().to_owned(), reason.code().into())).collect();
    assert_eq!(members(WORDS, "REASONS"), reasons);
    let kinds: Vec<_> =
        EffectKind::ALL.iter().map(|kind| (kind.as_str().to_owned(), kind.code().into())).collect();
    assert_eq!(members(WORDS, "EFFECT_KINDS"), kinds);
}

#[test]
fn errors_are_the_cores_and_two_of_this_package() {
    let core = [
        Error::TimeOutOfRange { time_us: 0 },
        Error::UnknownDomain { domain: 0 },
        Error::UnknownPool { pool: 0 },
        Error::UnknownToken { token: 0 },
        Error::UnknownWorker { worker: 0 },
        Error::UnknownWaiter { waiter: 0 },
        Error::UnknownTicket { ticket: 0 },
        Error::KeyTooLong { length: 0, limit: 0 },
        Error::OutOfRange { field: "", value: 0, min: 0, max: 0 },
    ];
    let mut expected: Vec<_> =
        core.iter().map(|error| (error.name().to_owned(), error.code().into())).collect();
    let config = Config::from_json("[").unwrap_err();
    expected.push((config.name().to_owned(), config.code().into()));
    let trace = trace_error();
    expected.push((trace.name().to_owned(), trace.code().into()));
    for error in
        [Error::InvalidSnapshot(SnapshotProblem::Damaged), Error::InvalidJournal { offset: 0, problem: "" }]
    {
        expected.push((error.name().to_owned(), error.code().into()));
    }
    let told = members(ERRORS, "ERROR_CODES");
    assert_eq!(told[..expected.len()], expected);
    let own: Vec<_> = told[expected.len()..].iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(own, ["closed", "internal"]);
    for (name, _) in &told {
        assert!(ERRORS.contains(&format!("  | \"{name}\"")), "the type ErrorReason lacks {name}");
    }
}

fn trace_error() -> TraceError {
    use heijunka_core::whatif::replay::TraceRecorder;
    use heijunka_core::whatif::trace::TraceOptions;

    TraceRecorder::new(TraceOptions::default()).finish().unwrap_err()
}

#[test]
fn names_of_presets_profiles_and_policies_are_the_cores() {
    assert_eq!(list(MODULE, "PRESET_NAMES"), PRESET_NAMES);
    let profiles: Vec<_> = Profile::ALL.iter().map(|profile| profile.as_str()).collect();
    assert_eq!(list(WORKLOAD, "PROFILES"), profiles);
    assert_eq!(list(WORKLOAD, "POLICY_NAMES"), Policy::NAMES);
}
