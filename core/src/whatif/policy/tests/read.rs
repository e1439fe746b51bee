use alloc::format;
use alloc::string::ToString;

use super::super::*;
use crate::config::Value;

fn read(text: &str) -> Result<Policy, ConfigError> {
    Policy::from_value(&Value::from_json(text).unwrap())
}

#[test]
fn every_policy_is_read_by_its_name() {
    for name in Policy::NAMES.into_iter().filter(|name| *name != "fixed") {
        let policy = read(&format!("\"{name}\"")).unwrap();
        assert_eq!(policy.name(), name);
        assert_eq!(read(&format!(r#"{{"kind": "{name}"}}"#)).unwrap(), policy);
    }
    assert_eq!(read("\"hpa\"").unwrap(), Policy::Hpa(Hpa::default()));
    assert_eq!(read("\"kpa\"").unwrap(), Policy::Kpa(Kpa::default()));
    assert_eq!(read("\"celery\"").unwrap(), Policy::Celery(Celery::default()));
}

#[test]
fn everything_that_is_wrong_is_told() {
    let wrong = |text: &str| read(text).unwrap_err().to_string();
    let all = "`heijunka`, `fixed`, `hpa`, `kpa`, `celery` or `clairvoyant`";
    assert_eq!(wrong("3"), "policy: expected a policy's name or a map with its `kind`, found the integer 3");
    assert_eq!(
        wrong("\"hpaa\""),
        format!("policy: expected {all}, found the text `hpaa`; did you mean `hpa`?")
    );
    assert_eq!(wrong(r#"{"kind": 1}"#), format!("policy.kind: expected {all}, found the integer 1"));
    assert_eq!(wrong("{}"), format!("policy.kind: expected {all}, found nothing"));
    assert_eq!(
        wrong(
            r#"{"kind": "hpa", "targt": 0.5, "tolerance": 2, "period_us": 1, "period_us": 1, "up_workers": 0.5}"#
        ),
        "policy.targt: unknown field; did you mean `target`?\n\
         policy.period_us: given twice\n\
         policy.tolerance: expected a number from 0 to 1, found the integer 2\n\
         policy.period_us: expected an integer from 100000 to 86400000000, found the integer 1\n\
         policy.up_workers: expected an integer from 1 to 16777215, found the number 0.5"
    );
    assert_eq!(wrong(r#"{"kind": "clairvoyant", "target": 1}"#), "policy.target: unknown field");
    assert_eq!(
        wrong(r#"{"kind": "kpa", "stable_window_us": 10000000, "panic_window_us": 10000001}"#),
        "policy.panic_window_us: expected an integer from 1000000 to 10000000, found the integer 10000001"
    );
    let ways = "either `workers` (a count, or a map from pools to counts) or `for` (`mean` or `peak`)";
    assert_eq!(wrong("\"fixed\""), format!("policy.kind: `fixed` takes {ways}, found neither"));
    assert_eq!(
        wrong(r#"{"kind": "fixed", "workers": {"a": 0, "b": 2, "c": "x"}}"#),
        "policy.workers.a: expected an integer from 1 to 16777215, found the integer 0\n\
         policy.workers.c: expected an integer from 1 to 16777215, found the text `x`"
    );
    assert_eq!(
        wrong(r#"{"kind": "fixed", "workers": 2, "target": 0.5}"#),
        "policy.target: only what is sized by `for` has a target"
    );
}
