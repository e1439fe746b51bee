//! The metrics text of an engine.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::cell::Cell;

use crate::Engine;
use crate::Outcome;
use crate::config::{Config, Value};
use crate::observe::{DomainFigures, PoolFigures, Subjects, SystemFigures, metrics_text};
use crate::stats::Histogram;

fn pools(names: &[&str]) -> Config {
    let map = |entries: Vec<(String, Value)>| Value::Map(entries);
    let pools = names.iter().map(|name| (name.to_string(), map(Vec::new()))).collect();
    Config::from_value(&map(alloc::vec![("pools".to_string(), map(pools))])).unwrap()
}

/// The samples of a text by name and labels, after a check of its form.
fn samples(text: &str) -> BTreeMap<String, f64> {
    let mut found = BTreeMap::new();
    let (mut seen, mut kind, mut family) = (BTreeSet::new(), "", String::new());
    assert!(text.ends_with("# EOF\n"));
    for line in text.lines().filter(|line| *line != "# EOF") {
        if let Some(meta) = line.strip_prefix("# ") {
            let parts: Vec<&str> = meta.splitn(3, ' ').collect();
            let [what, name, rest] = parts.as_slice() else { panic!("{line}") };
            assert!(name.starts_with("heijunka_"), "{line}");
            if *name != family {
                assert!(seen.insert(name.to_string()), "{name} comes twice");
                (family, kind) = (name.to_string(), "");
            }
            match *what {
                "TYPE" => kind = rest,
                "UNIT" => assert!(name.ends_with(rest) && (kind != "counter"), "{line}"),
                _ => assert_eq!(*what, "HELP"),
            }
        } else {
            let (subject, value) = line.rsplit_once(' ').unwrap();
            let name = subject.split('{').next().unwrap();
            let base = if kind == "histogram" {
                ["_bucket", "_count", "_sum"].iter().find_map(|end| name.strip_suffix(end)).unwrap()
            } else {
                name
            };
            assert_eq!(base, family, "{line}");
            assert_eq!(name.ends_with("_total"), kind == "counter", "{line}");
            assert!(found.insert(subject.to_string(), value.parse().unwrap()).is_none(), "{subject} twice");
        }
    }
    found
}

#[test]
fn every_figure_is_there() {
    let config = Config::from_value(&Value::Map(alloc::vec![(
        "regulator".to_string(),
        Value::Map(alloc::vec![
            ("soft_limit".to_string(), 3_u64.into()),
            ("hard_limit".to_string(), 4_u64.into()),
            ("reserved_capacity".to_string(), Value::Integer(0)),
        ])
    )]))
    .unwrap();
    let mut engine = Engine::new(&config, 0).unwrap();
    let delivery = engine.domain_id("delivery").unwrap();
    let answers: Vec<_> = (0..5).map(|_| engine.dispatch(0, delivery, b"k", None, None).unwrap()).collect();
    engine.complete(20_000, answers[0].ticket.unwrap(), Outcome::Ok).unwrap();
    engine.complete(3_000_000, answers[1].ticket.unwrap(), Outcome::Failed).unwrap();
    let found = samples(&engine.metrics_text());
    let expected = [
        ("system_load_factor", 0.5),
        ("tokens", 2.0),
        ("hard_limit", 4.0),
        ("admission_rate", 0.8),
        ("rejection_rate", 0.2),
        ("recent_rejection_rate", 0.2),
        // 2 of 8 in one pool, none in the others: a spread of 0.25.
        ("balance_coefficient", 0.5),
        ("requests_accepted_total", 4.0),
        ("requests_rejected_total", 1.0),
        ("requests_failed_total", 1.0),
        ("tokens_released_total", 2.0),
        ("routed_total", 4.0),
        ("burst_count", 0.0),
        ("surges_total", 0.0),
        ("total_surge_cost", 0.0),
        ("surge_seconds_total", 0.0),
        ("surge_worker_seconds_total", 0.0),
        ("rejections_total{reason=\"hard_limit\"}", 1.0),
        ("domain_requests_total{domain=\"delivery\",outcome=\"accepted\"}", 4.0),
        ("domain_requests_total{domain=\"delivery\",outcome=\"rejected\"}", 1.0),
        ("domain_tokens{domain=\"delivery\"}", 2.0),
        ("domain_open{domain=\"critical_notification\"}", 1.0),
        ("pool_utilization{pool=\"delivery\"}", 0.25),
        ("pool_health{pool=\"delivery\"}", 0.0),
        ("pool_workers{pool=\"delivery\"}", 8.0),
        ("pool_desired_workers{pool=\"delivery\"}", 8.0),
        ("pool_idle_workers{pool=\"delivery\"}", 6.0),
        ("pool_busy_workers{pool=\"delivery\"}", 2.0),
        ("pool_starting_workers{pool=\"delivery\"}", 0.0),
        ("pool_surge_workers{pool=\"delivery\"}", 0.0),
        ("pool_waiting{pool=\"delivery\"}", 0.0),
        ("pool_requests_total{pool=\"delivery\"}", 2.0),
        ("pool_failures_total{pool=\"delivery\"}", 1.0),
        ("pool_latency_seconds_bucket{pool=\"delivery\",le=\"0.01\"}", 0.0),
        ("pool_latency_seconds_bucket{pool=\"delivery\",le=\"0.025\"}", 1.0),
        ("pool_latency_seconds_bucket{pool=\"delivery\",le=\"2.5\"}", 1.0),
        ("pool_latency_seconds_bucket{pool=\"delivery\",le=\"5.0\"}", 2.0),
        ("pool_latency_seconds_bucket{pool=\"delivery\",le=\"+Inf\"}", 2.0),
        ("pool_latency_seconds_count{pool=\"delivery\"}", 2.0),
        ("pool_latency_seconds_sum{pool=\"delivery\"}", 3.02),
        ("pool_wait_seconds_count{pool=\"delivery\"}", 0.0),
    ];
    for (name, value) in expected {
        assert_eq!(found.get(&format!("heijunka_{name}")), Some(&value), "{name}");
    }
    // The same state, the same bytes.
    assert_eq!(engine.metrics_text(), engine.clone().metrics_text());
}

#[test]
fn names_are_escaped() {
    let engine = Engine::new(&pools(&["a\\b\"c"]), 0).unwrap();
    let text = engine.metrics_text();
    assert!(text.contains("heijunka_pool_open{pool=\"a\\\\b\\\"c\"} 1.0\n"));
}

/// Counts how often pools and domains are asked for.
struct Counted {
    pools: u32,
    asked: Cell<u32>,
    none: Histogram,
}

impl Subjects for Counted {
    fn system(&self) -> SystemFigures {
        SystemFigures::default()
    }
    fn pools(&self) -> u32 {
        self.pools
    }
    fn pool(&self, _: u32) -> Option<PoolFigures<'_>> {
        self.asked.set(self.asked.get() + 1);
        Some(PoolFigures {
            name: "pool",
            open: true,
            overloaded: false,
            health: 0,
            idle: 1,
            busy: 0,
            starting: 0,
            draining: 0,
            overflow: 0,
            baseline: 1,
            surge: 0,
            waiting: 0,
            min_workers: 1,
            max_workers: 1,
            error_rate: 0.0,
            requests: 0,
            failures: 0,
            worker_failures: 0,
            expired_waiters: 0,
            latency: &self.none,
            wait: &self.none,
        })
    }
    fn domains(&self) -> u32 {
        self.pools
    }
    fn domain(&self, _: u32) -> Option<DomainFigures<'_>> {
        self.asked.set(self.asked.get() + 1);
        Some(DomainFigures { name: "domain", open: true, load: 0, accepted: 0, rejected: 0 })
    }
    fn rejections(&self) -> Vec<(&'static str, u64)> {
        Vec::new()
    }
}

#[test]
fn work_and_text_grow_with_the_pools_and_no_faster() {
    let cost = |pools| {
        let counted = Counted { pools, asked: Cell::new(0), none: Histogram::default() };
        let text = metrics_text(&counted);
        (u64::from(counted.asked.get()), text.len())
    };
    let (fixed_asked, fixed_text) = cost(0);
    let per = |pools: u32| {
        let (asked, text) = cost(pools);
        (asked - fixed_asked, text - fixed_text)
    };
    let (asked, text) = per(1_000);
    assert_eq!(fixed_asked, 0);
    assert_eq!(per(10_000), (asked * 10, text * 10));
}

#[test]
fn ten_thousand_pools_of_an_engine() {
    let names: Vec<String> = (0..10_000).map(|pool| format!("pool{pool:05}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let lines =
        |count: usize| Engine::new(&pools(&names[..count]), 0).unwrap().metrics_text().lines().count();
    assert_eq!(lines(10_000) - lines(1_000), 9 * (lines(1_000) - lines(1)) / 999 * 1_000);
}
