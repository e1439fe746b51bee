//! A damaged file, an unknown member, a wrong expectation and a wrong digest must each fail.

use heijunka_vectors::{Finished, Sequence, run};

const GOOD: &str = r#"{
"name": "good", "about": "one call", "origin": "hand",
"config": {},
"start_us": 0,
"steps": [
  {"op": "admit", "now_us": 0, "domain": "delivery", "as": "a", "expect": {"admitted": true, "load": 1}},
  {"op": "burst_status", "expect": {"status": {"baseline_load": 0.0}}},
  {"op": "release", "now_us": 5, "token": "$a.token", "times": 1, "every_us": 5, "expect": {}}
],
"digest": ""
}"#;

fn finished(text: &str) -> Result<Finished, String> {
    Sequence::parse(text).and_then(|sequence| run(&sequence, |_, _, _| ()))
}

/// The text with `from` replaced, which it must hold once.
fn with(from: &str, to: &str) -> String {
    assert_eq!(GOOD.matches(from).count(), 1, "{from}");
    GOOD.replacen(from, to, 1)
}

#[test]
fn the_good_one_passes() {
    let finished = finished(GOOD).unwrap();
    assert!(finished.failures.is_empty(), "{:?}", finished.failures);
    assert_eq!(finished.calls, 3);
    assert_eq!(finished.digest.len(), 64);
}

#[test]
fn a_damaged_file_is_not_read() {
    let damaged = [
        GOOD[..GOOD.len() / 2].to_owned(),
        format!("{GOOD} x"),
        with(r#""op": "admit""#, r#""op": "admitt""#),
        with(r#""domain": "delivery","#, ""),
        with(r#""domain": "delivery""#, r#""domain": "delivery", "class": "urgent""#),
        with(r#""domain": "delivery""#, r#""domain": "delivery", "pool": "delivery""#),
        with(r#""domain": "delivery""#, r#""domain": "delivery", "domain": "payment""#),
        with(r#""domain": "delivery""#, r#""domain": true"#),
        with(r#""now_us": 0"#, r#""now_us": -1"#),
        with(r#""now_us": 0"#, r#""now_us": 0.5"#),
        with(r#""now_us": 0"#, r#""now_us": 18446744073709551616"#),
        with(r#""times": 1"#, r#""times": 0"#),
        with(r#""times": 1, "#, ""),
        with(r#""load": 1"#, r#""load": 1, "load": 1"#),
        with(r#""expect": {}"#, r#""expects": {}"#),
        with(r#""expect": {}"#, r#""expect": []"#),
        with(r#""as": "a""#, r#""as": "a b""#),
        with(r#""origin": "hand""#, r#""origin": "guess""#),
        with(r#""origin": "hand""#, r#""origin": "paper""#),
        with(r#""start_us": 0,"#, ""),
        with(r#""config": {}"#, r#""config": []"#),
        with(r#""digest": """#, r#""digest": "abc""#),
        with(r#""digest": """#, r#""digest": "", "more": 1"#),
    ];
    for text in &damaged {
        assert!(Sequence::parse(text).is_err(), "{text}");
    }
}

#[test]
fn what_can_not_be_run_fails() {
    for text in [
        with(r#""config": {}"#, r#""config": {"nonsense": 1}"#),
        with("$a.token", "$b.token"),
        with("$a.token", "$a.tokens"),
        with("$a.token", "$a[0].token"),
        with("$a.token", "$a.admitted"),
        with(r#""start_us": 0"#, r#""start_us": 9007199254740992"#),
    ] {
        assert!(Sequence::parse(&text).is_ok(), "{text}");
        assert!(finished(&text).is_err(), "{text}");
    }
}

#[test]
fn a_wrong_expectation_fails() {
    for text in [
        with(r#""load": 1"#, r#""load": 2"#),
        with(r#""load": 1"#, r#""load": 1.0"#),
        with(r#""load": 1"#, r#""lode": 1"#),
        with(r#""load": 1"#, r#""load": null"#),
        with(r#""baseline_load": 0.0"#, r#""baseline_load": 0"#),
        with(r#""baseline_load": 0.0"#, r#""baseline_load": -0.0"#),
        with(r#""expect": {}"#, r#""expect": {"error": "unknown_token"}"#),
        with(r#""token": "$a.token""#, r#""token": 77"#),
    ] {
        let finished = finished(&text).unwrap();
        assert_eq!(finished.failures.len(), 1, "{text}");
    }
}

#[test]
fn every_answer_goes_into_the_digest() {
    let digest = finished(GOOD).unwrap().digest;
    // Not one of these changes an expectation.
    for text in [
        with(r#""config": {}"#, r#""config": {"regulator": {"hard_limit": 1300}}"#),
        with(r#""start_us": 0"#, r#""start_us": 1"#),
        with(r#""domain": "delivery""#, r#""domain": "payment""#),
    ] {
        let other = finished(&text).unwrap();
        assert!(other.failures.is_empty(), "{:?}", other.failures);
        // The second shows nowhere in these answers: it is the control.
        assert_eq!(other.digest == digest, text.contains(r#""start_us": 1"#), "{text}");
    }
}
