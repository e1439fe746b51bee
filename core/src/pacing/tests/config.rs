use alloc::string::ToString;

use super::*;
use crate::config::Value;

fn wrong(text: &str) -> String {
    PacerConfig::from_json(text).unwrap_err().to_string()
}

#[test]
fn everything_that_is_wrong_is_told() {
    assert_eq!(
        wrong("{}"),
        "domains: expected a map of domains, found nothing\nexpected one of `takt_us` and `available_us`, found none"
    );
    assert_eq!(
        wrong(
            r#"{"takt_us": 0, "demand": 3, "domain": 1, "max_backlog": 0, "max_late": -1, "max_catch_up": 1000001,
                "domains": {"a": {"wieght": 1, "weight": 0}, "b": {"max_backlog": 16777217}}}"#
        ),
        "domain: unknown field; did you mean `domains`?\n\
         domains.a.wieght: unknown field; did you mean `weight`?\n\
         domains.a.weight: expected an integer from 1 to 1000000, found the integer 0\n\
         domains.b.max_backlog: expected an integer from 1 to 16777216, found the integer 16777217\n\
         max_backlog: expected an integer from 1 to 16777216, found the integer 0\n\
         max_catch_up: expected an integer from 0 to 1000000, found the integer 1000001\n\
         max_late: expected an integer from 0 to 1000000, found the integer -1\n\
         demand: needs `available_us`, and there is `takt_us`\n\
         takt_us: expected an integer from 1 to 9007199254740991, found the integer 0"
    );
    assert_eq!(
        wrong(r#"{"available_us": 5, "demand": 6, "domains": {"a": {}}}"#),
        "available_us: 5 is less than the demand of 6: a takt is at least 1 µs"
    );
    assert_eq!(
        wrong(r#"{"available_us": 5, "takt_us": 5, "domains": {"a": {}, "a": {}}}"#),
        "domains.a: given twice\nexpected one of `takt_us` and `available_us`, found both"
    );
    assert_eq!(
        wrong(r#"{"takt_us": 5, "domains": {"": 3}}"#),
        "domains.\"\": a name must be 1 to 256 bytes without control characters\n\
         domains.\"\": expected a map, found the integer 3"
    );
    assert_eq!(
        wrong(r#"{"takt_us": 5, "domains": {}}"#),
        "domains: expected from 1 to 1024 domains, found 0"
    );
    assert_eq!(
        PacerConfig::from_value(&Value::Null).unwrap_err().to_string(),
        "expected a map with `takt_us` and `domains`, found null"
    );
}

#[test]
fn both_ends_of_every_range_are_taken() {
    for number in ["1", "9007199254740991"] {
        let text = format!("{{\"takt_us\": {number}, \"domains\": {{\"a\": {{}}}}}}");
        assert!(PacerConfig::from_json(&text).is_ok());
        let text =
            format!("{{\"available_us\": {number}, \"demand\": {number}, \"domains\": {{\"a\": {{}}}}}}");
        assert!(PacerConfig::from_json(&text).is_ok());
    }
    for (weight, backlog, slots) in [(1, 1, 0), (MAX_WEIGHT, MAX_BACKLOG, MAX_SLOTS)] {
        let text = format!(
            "{{\"takt_us\": 9, \"max_backlog\": {backlog}, \"max_late\": {slots}, \"max_catch_up\": {slots},
              \"domains\": {{\"a\": {{\"weight\": {weight}, \"max_backlog\": {backlog}}}}}}}"
        );
        assert!(PacerConfig::from_json(&text).is_ok());
    }
}

#[test]
fn what_is_unset_has_its_default() {
    let text = r#"{"available_us": 27000000000, "domains": {"a": {"weight": 9000}, "b": {"weight": 6000}, "c": {}}}"#;
    let status = pacer(text).status();
    assert_eq!(
        (status.available_us, status.demand),
        (27_000_000_000, 15_001),
        "as much as is demanded of all"
    );
    assert_eq!((status.max_backlog, status.domains[0].max_backlog), (1_048_576, 1_000));
    assert_eq!((status.domains[2].name.as_str(), status.domains[2].weight), ("c", 1));
}

#[cfg(feature = "toml")]
#[test]
fn toml_says_the_same() {
    let toml = "takt_us = 7\n[domains.a]\nweight = 2\n[domains.b]\n";
    let json = r#"{"takt_us": 7, "domains": {"a": {"weight": 2}, "b": {}}}"#;
    assert_eq!(PacerConfig::from_toml(toml), PacerConfig::from_json(json));
}
