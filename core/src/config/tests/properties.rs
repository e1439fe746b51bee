//! Properties over random values, and the table of fields against what is read and written.

use proptest::prelude::*;

use super::super::alerts::ALERT_OPTIONS;
use super::schema::{Kind, SECTIONS, Section};
use super::{Config, Draft, String, ToString, Value, Vec, affinity_groups_from_value, format, schema};
use crate::ratio::Ratio;

/// The path of a field in a draft with the default pools.
fn path(section: &Section, field: &str) -> String {
    match (section.name, section.named) {
        ("", _) => field.to_string(),
        (section, true) => format!("{section}.delivery.{field}"),
        (section, false) => format!("{section}.{field}"),
    }
}

/// The value under a path without quotes.
fn lookup<'a>(value: &'a Value, path: &str) -> Option<&'a Value> {
    path.split('.').try_fold(value, |value, name| value.get(name))
}

fn written(config: &Config) -> Value {
    Value::from_json(&serde_json::to_string(config).unwrap()).unwrap()
}

/// Values that a field takes, the limits of its range among them, as they are written.
fn samples(kind: Kind) -> Vec<Value> {
    match kind {
        Kind::Bool => alloc::vec![true.into(), false.into()],
        Kind::Integer { min, max } => [min, max, min + 1, max - 1].map(Value::from).to_vec(),
        Kind::Ratio { min_ppm, max_ppm } => {
            [min_ppm, max_ppm, min_ppm + 1].map(|ppm| Ratio::from_ppm(ppm).as_f64().into()).to_vec()
        }
        Kind::Number { min, max } => alloc::vec![min.into(), max.into(), 0.125.into()],
        Kind::Choice(words) => words.iter().map(|word| (*word).into()).collect(),
        Kind::Text { .. } => alloc::vec!["EUR".into(), "€".into()],
        Kind::Pools { .. } => {
            alloc::vec![Value::List(alloc::vec!["notification".into(), "payment".into()])]
        }
        Kind::Groups => alloc::vec![Value::from_json(r#"{"k": ["payment"]}"#).unwrap()],
        Kind::Alerts => {
            let rule = r#"[{"name": "é\"", "metric": "pool_waiting", "comparison": ">=", "threshold": 12.5,
                "for_us": 3, "severity": "info", "pool": "payment", "options": ["scale_up"]}]"#;
            alloc::vec![Value::List(Vec::new()), Value::from_json(rule).unwrap()]
        }
        Kind::Options => alloc::vec![Value::List(Vec::new()), Value::List(alloc::vec!["scale_up".into()])],
        Kind::Adaptive => Vec::new(),
    }
}

#[test]
fn every_field_of_the_table_is_read_and_written() {
    let default = written(&Config::default());
    let mut fields = 0;
    for section in SECTIONS {
        for field in section.fields {
            let path = path(section, field.name);
            let mut changed = false;
            for sample in samples(field.kind) {
                let mut draft = Draft::new(Value::Null);
                // Room for the highest counts.
                for other in ["pools.payment.initial_workers", "pools.notification.initial_workers"] {
                    draft.set(other, Value::Integer(0)).unwrap();
                }
                draft.set(&path, sample.clone()).unwrap();
                let config = match draft.build() {
                    Ok(config) => config,
                    // The least limits leave no room for the default pools, and say so.
                    Err(_) if section.name == "limits" => continue,
                    Err(error) => panic!("{path} = {sample:?}\n{error}"),
                };
                let read = written(&config);
                if path == "preset" {
                    changed |= read != default;
                    continue;
                }
                if sample == Value::from("none") {
                    // What is off has no fields.
                    assert_eq!(lookup(&read, section.name), Some(&Value::Null), "{path}");
                    continue;
                }
                assert_eq!(lookup(&read, &path), Some(&sample), "{path}");
                changed |= lookup(&read, &path) != lookup(&default, &path);
            }
            assert!(changed || matches!(field.kind, Kind::Adaptive), "{path}");
            fields += 1;
        }
    }
    assert!(fields > 80);
}

#[test]
fn values_just_outside_a_range_are_refused() {
    for section in SECTIONS {
        for field in section.fields {
            let outside: Vec<Value> = match field.kind {
                Kind::Integer { min, max } => {
                    alloc::vec![Value::Integer(i128::from(min) - 1), Value::Integer(i128::from(max) + 1)]
                }
                Kind::Ratio { min_ppm, max_ppm } => {
                    let below = Ratio::from_ppm(min_ppm).as_f64() - 1e-6;
                    alloc::vec![below.into(), Ratio::from_ppm(max_ppm + 1).as_f64().into()]
                }
                Kind::Number { min, max } => alloc::vec![(min - 1e-9).into(), (max * 1.01).into()],
                _ => Vec::new(),
            };
            for value in outside {
                let path = path(section, field.name);
                let mut draft = Draft::new(Value::Null);
                draft.set(&path, value.clone()).unwrap();
                let error = draft.build().unwrap_err();
                assert_eq!(error.problems.len(), 1, "{path} = {value:?}\n{error}");
                assert_eq!(error.problems[0].path, path);
                assert!(error.problems[0].message.contains("is out of range"), "{error}");
            }
        }
    }
}

#[test]
fn everything_written_is_in_the_table() {
    let Value::Map(sections) = written(&Config::default()) else { panic!("not a map") };
    let mut fields = 0;
    for (name, value) in &sections {
        let Some(section) = schema::section_at_top(name) else {
            assert!(schema::ROOT.find(name).is_some(), "{name}");
            fields += 1;
            continue;
        };
        let value = if section.named { value.get("payment").unwrap() } else { value };
        let Value::Map(entries) = value else { panic!("not a map") };
        for (field, _) in entries {
            assert!(section.find(field).is_some(), "{name}.{field}");
            fields += 1;
        }
    }
    // All but `preset` and those of the adaptive limit, which is off.
    let off = 1 + schema::ADAPTIVE_LIMIT.fields.len();
    assert_eq!(fields, SECTIONS.iter().map(|section| section.fields.len()).sum::<usize>() - off);
}

#[test]
fn the_reference_names_every_field_once() {
    let reference = schema::reference();
    let all = SECTIONS.into_iter().chain([&schema::ALERT]);
    let rows = all.map(|section| section.fields.len()).sum::<usize>() + 2;
    assert_eq!(reference.lines().count(), rows);
    assert!(reference.contains("| `pools.<name>.max_workers` | an integer from 1 to 16777215 | 50 |"));
    assert!(reference.contains("| `scaler.up_threshold` | a number from 0.000001 to 1000 | 0.8 |"));
    assert!(reference.contains("| `cost.surge_per_hour` | a number from 0 to 1000000000 | 2.0 |"));
    assert!(
        reference.contains("| `regulator.token_ttl_us` | an integer from 1 to 9007199254740991 | none |")
    );
}

/// Any value a field takes.
fn valid(kind: Kind) -> BoxedStrategy<Value> {
    match kind {
        Kind::Bool => any::<bool>().prop_map(Value::from).boxed(),
        // Small and large ones alike: the highest exponent is drawn first.
        Kind::Integer { min, max } => (0_u32..54)
            .prop_flat_map(move |bits| min..=(min + (1_u64 << bits)).min(max))
            .prop_map(Value::from)
            .boxed(),
        Kind::Ratio { min_ppm, max_ppm } => (0_u32..41)
            .prop_flat_map(move |bits| min_ppm..=(min_ppm + (1_u64 << bits)).min(max_ppm))
            .prop_map(|ppm| Ratio::from_ppm(ppm).as_f64().into())
            .boxed(),
        Kind::Number { min, max } => (min..=max).prop_map(Value::from).boxed(),
        Kind::Choice(words) => prop::sample::select(words).prop_map(Value::from).boxed(),
        Kind::Text { .. } => "[^\\pC]{1,4}".prop_map(Value::from).boxed(),
        Kind::Alerts => prop::collection::vec(fields(&schema::ALERT), 0..3).prop_map(Value::List).boxed(),
        Kind::Options => prop::sample::subsequence(ALERT_OPTIONS, 0..=3)
            .prop_map(|words| Value::List(words.into_iter().map(Value::from).collect()))
            .boxed(),
        Kind::Pools { .. } | Kind::Groups | Kind::Adaptive => Just(Value::Null).boxed(),
    }
}

/// A section in which each field is set or not, to a value that it takes.
fn fields(section: &'static Section) -> impl Strategy<Value = Value> {
    let fields: Vec<_> = section
        .fields
        .iter()
        .map(|field| {
            prop::option::weighted(0.3, valid(field.kind)).prop_map(move |value| (field.name, value))
        })
        .collect();
    fields.prop_map(|fields| {
        let set = fields.into_iter().filter_map(|(name, value)| Some((name.to_string(), value?)));
        Value::Map(set.collect())
    })
}

fn name() -> impl Strategy<Value = String> {
    prop_oneof![Just("payment".to_string()), "[a-d]", "[^\\pC]{1,6}"]
}

/// A configuration of values that each field takes; it may still contradict itself.
fn plausible() -> impl Strategy<Value = Value> {
    let pools = prop::option::of(prop::collection::btree_map(name(), fields(&schema::POOLS), 1..5));
    let domains = prop::collection::btree_map(name(), fields(&schema::DOMAINS), 0..4);
    let plain: Vec<_> = SECTIONS
        .into_iter()
        .filter(|section| !section.named && !section.name.is_empty() && section.parent().is_none())
        .map(|section| fields(section).prop_map(move |value| (section.name.to_string(), value)))
        .collect();
    let groups = prop::collection::vec((".{0,5}", any::<prop::sample::Index>()), 0..3);
    let adaptive = prop::option::of(fields(&schema::ADAPTIVE_LIMIT));
    (fields(&schema::ROOT), pools, domains, plain, groups, adaptive).prop_map(
        |(root, pools, domains, mut sections, groups, adaptive)| {
            if let Value::Map(fields) = root {
                sections.extend(fields);
            }
            let default = || ["payment", "delivery", "notification"].map(String::from).to_vec();
            let names: Vec<String> =
                pools.as_ref().map_or_else(default, |pools| pools.keys().cloned().collect());
            if let Some(pools) = pools {
                sections.push(("pools".into(), Value::Map(pools.into_iter().collect())));
            }
            sections.push(("domains".into(), Value::Map(domains.into_iter().collect())));
            let groups = groups.into_iter().map(|(key, index)| (key, index.get(&names).as_str().into()));
            for (section, value) in &mut sections {
                if let ("balancer", Value::Map(fields)) = (section.as_str(), value) {
                    fields.retain(|(name, _)| name != "affinity_groups");
                    fields.push(("affinity_groups".into(), Value::Map(groups.clone().collect())));
                }
            }
            for (section, value) in &mut sections {
                if let ("regulator", Value::Map(fields)) = (section.as_str(), value) {
                    fields.retain(|(name, _)| name != "adaptive");
                    fields.extend(adaptive.clone().map(|value| ("adaptive".into(), value)));
                }
            }
            Value::Map(sections)
        },
    )
}

/// Any value, with the names of fields among its keys.
fn anything() -> impl Strategy<Value = Value> {
    let words: Vec<&str> = SECTIONS
        .iter()
        .flat_map(|section| section.fields.iter().map(|field| field.name).chain([section.name]))
        .collect();
    let key = prop_oneof![3 => prop::sample::select(words).prop_map(String::from), 1 => ".{0,4}"];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i128>().prop_map(Value::Integer),
        (-2_i128..100).prop_map(Value::Integer),
        any::<f64>().prop_map(Value::Float),
        ".{0,8}".prop_map(Value::Text),
    ];
    leaf.prop_recursive(4, 64, 8, move |inner| {
        prop_oneof![
            1 => prop::collection::vec(inner.clone(), 0..4).prop_map(Value::List),
            4 => prop::collection::vec((key.clone(), inner), 0..8).prop_map(Value::Map),
        ]
    })
}

/// Whatever holds in every checked configuration.
fn assert_consistent(config: &Config) {
    let Config { regulator, limits, scaler, balancer, health, .. } = config;
    assert!(0 < regulator.soft_limit && regulator.soft_limit <= regulator.hard_limit);
    assert!(regulator.hard_limit <= limits.max_tokens && regulator.reserved_capacity.ppm() < 1_000_000);
    if let Some(adaptive) = regulator.adaptive {
        assert!(0 < adaptive.min_limit && adaptive.min_limit <= adaptive.initial_limit);
        assert!(adaptive.initial_limit <= regulator.hard_limit);
    }
    assert!(scaler.down_threshold < scaler.up_threshold);
    assert!(balancer.clear <= balancer.overload);
    assert!(health.degraded_utilization <= health.critical_utilization);
    for pool in &config.pools {
        assert!(pool.min_workers <= pool.initial_workers && pool.initial_workers <= pool.max_workers);
        assert!(pool.max_workers <= pool.surge_max_workers);
    }
    let start: u64 = config.pools.iter().map(|pool| u64::from(pool.initial_workers)).sum();
    assert!(start <= u64::from(limits.max_workers));
    let known = |name: &String| config.pools.iter().any(|pool| pool.name == *name);
    for domain in &config.domains {
        assert!(domain.class <= domain.max_class && !domain.pools.is_empty());
        assert!(domain.pools.iter().chain(domain.spill.iter().flatten()).all(known));
    }
    for (pool, domain) in config.pools.iter().zip(&config.domains) {
        assert_eq!(pool.name, domain.name);
    }
}

proptest! {
    #[test]
    fn a_written_configuration_reads_back_as_itself(value in plausible()) {
        let mut draft = Draft::new(value.clone());
        let mut built = draft.build();
        prop_assert_eq!(&Config::from_value(&value), &built);
        // What contradicts itself is unset, by the paths of the problems, until nothing does.
        for _ in 0..8 {
            let Err(error) = built else { break };
            for problem in error.problems {
                let _ = draft.set(&problem.path, Value::Null);
            }
            built = draft.build();
        }
        // Names that are too long, or limits that leave no room, aren't mended by that.
        prop_assume!(built.is_ok());
        let config = built.unwrap();
        assert_consistent(&config);
        let text = serde_json::to_string(&config).unwrap();
        let again = Config::from_json(&text);
        prop_assert_eq!(again.as_ref(), Ok(&config), "{}", text);
        prop_assert_eq!(serde_json::to_string(&again.unwrap()).unwrap(), text);
    }

    #[test]
    fn any_value_gives_a_configuration_or_problems(value in anything()) {
        match Config::from_value(&value) {
            Ok(config) => assert_consistent(&config),
            Err(error) => {
                prop_assert!(!error.problems.is_empty());
                prop_assert_eq!(error.to_string().lines().count(), error.problems.len());
            }
        }
        let mut draft = Draft::new(value.clone());
        draft.add_pool("web");
        let _ = draft.set("pools.*.max_workers", value.clone());
        let _ = draft.build();
        let _ = affinity_groups_from_value(&value);
    }

    #[test]
    fn any_text_is_read_or_refused(text in ".{0,60}") {
        let _ = Config::from_json(&text);
        let _ = Draft::parse_set(&text);
        let _ = Draft::new(Value::Null).set(&text, Value::Null);
        #[cfg(feature = "toml")]
        let _ = Config::from_toml(&text);
    }
}
