//! The adaptive limit: a section inside another, for which the name of an algorithm is short.

use super::*;

fn adaptive(json: &str) -> Option<AdaptiveConfig> {
    config(json).regulator.adaptive
}

#[test]
fn a_name_is_short_for_a_map_with_it() {
    for (name, algorithm) in [
        ("aimd", AdaptiveAlgorithm::Aimd),
        ("gradient", AdaptiveAlgorithm::Gradient),
        ("correlation", AdaptiveAlgorithm::Correlation),
    ] {
        let short = adaptive(&format!(r#"{{"regulator": {{"adaptive": "{name}"}}}}"#));
        assert_eq!(short.map(|adaptive| adaptive.algorithm), Some(algorithm));
        assert_eq!(
            short,
            adaptive(&format!(r#"{{"regulator": {{"adaptive": {{"algorithm": "{name}"}}}}}}"#))
        );
    }
}

#[test]
fn off_is_off_and_a_field_turns_it_on() {
    for off in
        ["null", r#""none""#, r#"{"algorithm": "none", "min_limit": 5}"#, "{}", r#"{"min_limit": null}"#]
    {
        assert_eq!(adaptive(&format!(r#"{{"regulator": {{"adaptive": {off}}}}}"#)), None, "{off}");
    }
    let found = adaptive(r#"{"regulator": {"adaptive": {"min_limit": 5}}}"#).unwrap();
    assert_eq!((found.algorithm, found.min_limit), (AdaptiveAlgorithm::Correlation, 5));
    // The preset has it on, unless it is turned off.
    let preset =
        |value: &str| adaptive(&format!(r#"{{"preset": "adaptive", "regulator": {{"adaptive": {value}}}}}"#));
    assert_eq!(preset("null").unwrap().algorithm, AdaptiveAlgorithm::Correlation);
    assert_eq!(preset(r#"{"min_limit": 5}"#).unwrap().algorithm, AdaptiveAlgorithm::Correlation);
    assert_eq!(preset(r#""gradient""#).unwrap().algorithm, AdaptiveAlgorithm::Gradient);
    assert_eq!(preset(r#""none""#), None);
}

#[test]
fn what_is_unset_is_clamped_into_what_is_set() {
    let limits = |json: &str| {
        let regulator = config(json).regulator;
        let adaptive = regulator.adaptive.unwrap();
        (adaptive.min_limit, adaptive.initial_limit, regulator.hard_limit)
    };
    assert_eq!(limits(r#"{"regulator": {"adaptive": "aimd"}}"#), (20, 1200, 1200));
    assert_eq!(limits(r#"{"regulator": {"hard_limit": 10, "adaptive": "aimd"}}"#), (10, 10, 10));
    assert_eq!(limits(r#"{"regulator": {"adaptive": {"initial_limit": 7}}}"#), (7, 7, 1200));
    assert_eq!(limits(r#"{"regulator": {"adaptive": {"min_limit": 3000}}}"#), (3000, 3000, 3000));
    let found = config(r#"{"regulator": {"adaptive": {"initial_limit": 1089778}}}"#);
    assert_eq!((found.regulator.hard_limit, found.regulator.soft_limit), (1_089_778, 1_000));
    assert!(found.limits.max_tokens >= 1_089_778);
}

#[test]
fn problems_name_the_fields() {
    for (json, expected) in [
        (
            r#"{"regulator": {"adaptive": "corelation"}}"#,
            "regulator.adaptive.algorithm: expected `none` or `aimd` or `gradient` or `correlation`, found the text \
             `corelation`; did you mean `correlation`?",
        ),
        (
            r#"{"regulator": {"adaptive": 5}}"#,
            "regulator.adaptive: expected the name of an algorithm or a map of the fields below, found the integer 5",
        ),
        (
            r#"{"regulator": {"adaptive": {"min_limit": 50, "initial_limit": 40}}}"#,
            "regulator.adaptive.initial_limit: 40 is below `regulator.adaptive.min_limit` = 50",
        ),
        (
            r#"{"regulator": {"hard_limit": 100, "soft_limit": 10, "adaptive": {"initial_limit": 200}}}"#,
            "regulator.hard_limit: 100 is below `regulator.adaptive.initial_limit` = 200",
        ),
        (
            r#"{"regulator": {"adaptive": {"min_limits": 50}}}"#,
            "regulator.adaptive.min_limits: unknown field; did you mean `min_limit`?",
        ),
        (r#"{"regulator.adaptive": {}}"#, "\"regulator.adaptive\": unknown field; did you mean `regulator`?"),
    ] {
        assert_eq!(problem(json), expected);
    }
}

#[test]
fn a_draft_sets_its_fields() {
    let mut draft = Draft::new(Value::Null);
    draft.set("regulator.adaptive", "gradient".into()).unwrap();
    draft.set("regulator.adaptive.min_limit", Value::Integer(30)).unwrap();
    let found = draft.build().unwrap().regulator.adaptive.unwrap();
    assert_eq!((found.algorithm, found.min_limit), (AdaptiveAlgorithm::Gradient, 30));
    draft.set("regulator.adaptive.algorithm", "aimd".into()).unwrap();
    assert_eq!(draft.build().unwrap().regulator.adaptive.unwrap().algorithm, AdaptiveAlgorithm::Aimd);
    let error = draft.set("regulator.adaptive.min_limits", Value::Integer(30)).unwrap_err();
    assert_eq!(error.to_string(), "regulator.adaptive.min_limits: unknown field; did you mean `min_limit`?");
    let error = draft.set("regulator.adaptive.min_limit.x", Value::Integer(30)).unwrap_err();
    assert_eq!(error.to_string(), "regulator.adaptive.min_limit.x: the path goes on after the field");
    draft.set("regulator.adaptive", Value::Null).unwrap();
    assert_eq!(draft.build().unwrap(), Config::default());
}
