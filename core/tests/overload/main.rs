//! Limits that follow the backend, in worlds that try them, and which requests an overload hits.
//!
//! What the limits do is kept as a table in `adaptive.txt`, so that a change of an algorithm shows as a diff to be read.
//! `HEIJUNKA_RECORD=1 cargo test -p heijunka-core --test overload` writes it anew. What they promise is asserted beside it.

#![cfg(feature = "json")]
#![allow(missing_docs, unreachable_pub)] // a test
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::float_cmp)]
#![allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)]

mod priority;
mod textbook;
mod world;

use std::fmt::Write as _;

use heijunka_core::Outcome;
use heijunka_core::config::Class;
use textbook::Textbook;
use world::{Discipline, Heijunka, Limiter, MINUTE_US, Phase, Run, run};

/// What is compared. `AimdTold` is told what a request should take at most.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Who {
    Correlation,
    Gradient,
    Aimd,
    AimdTold,
    Textbook,
}

const ALL: [Who; 5] = [Who::Correlation, Who::Gradient, Who::Aimd, Who::AimdTold, Who::Textbook];

impl Who {
    fn name(self) -> &'static str {
        match self {
            Self::Correlation => "correlation",
            Self::Gradient => "gradient",
            Self::Aimd => "aimd",
            Self::AimdTold => "aimd, told",
            Self::Textbook => "textbook gradient",
        }
    }

    /// With whom a mean latency of `slow_us` is the slowest that is to be borne.
    fn limiter(self, slow_us: u64) -> Box<dyn Limiter> {
        let adaptive = match self {
            Self::Textbook => return Box::new(Textbook::new()),
            Self::Correlation => r#""correlation""#.to_string(),
            Self::Gradient => r#""gradient""#.to_string(),
            Self::Aimd => r#""aimd""#.to_string(),
            Self::AimdTold => {
                let timeout_us = slow_us / 10 * 11;
                format!(r#"{{"algorithm": "aimd", "timeout_us": {timeout_us}, "min_samples": 400}}"#)
            }
        };
        Box::new(Heijunka::new(&engine(&format!(r#""reserved_capacity": 0, "adaptive": {adaptive}"#))))
    }
}

/// A configuration of admission alone.
fn engine(regulator: &str) -> String {
    format!(
        r#"{{"regulator": {{{regulator}}}, "scaler": {{"enabled": false}}, "burst": {{"enabled": false}},
            "balancer": {{"rebalance_every_us": 3600000000}}, "health": {{"check_every_us": 3600000000}},
            "pools": {{"backend": {{}}}}, "domains": {{"backend": {{"max_class": "critical", "class": "normal"}}}}}}"#
    )
}

fn steady(until_minute: u64, erlangs: f64, service: f64) -> Phase {
    Phase {
        until_us: until_minute * MINUTE_US,
        rate: erlangs / service,
        service,
        failing: 0.0,
        stuck: (0.0, 0.0),
        lucky: 0,
        servers: 100,
    }
}

const MINUTE: usize = 60;

/// Ten minutes as usual, an hour with the service five times slower, ten minutes as before.
fn slowdown(service: f64) -> [Phase; 3] {
    let usual = |until| steady(until, 80.0, service);
    [usual(10), Phase { service: 5.0 * service, ..usual(70) }, usual(80)]
}

/// What a limit did in a slowdown.
struct Found {
    /// Seconds until the limit is in [75, 125] for the rest of the hour.
    settled_s: Option<usize>,
    /// From two minutes on.
    least: f64,
    most: f64,
    end: f64,
    /// Seconds until the usual load fits, four standard deviations of it included, from then on.
    back_s: Option<usize>,
    goodput: f64,
    p99_s: f64,
}

fn judge(run: &Run, service: f64) -> Found {
    let (from, to) = (10 * MINUTE, 70 * MINUTE);
    let outside = |limit: f64| !(75.0..=125.0).contains(&limit);
    let last_out = run.seconds[from..to].iter().rposition(|second| outside(second.limit));
    let short = run.seconds[to..].iter().rposition(|second| second.limit < 116.0);
    let (least, most) = run.limits(from + 2 * MINUTE..to);
    let settled = from + 2 * MINUTE..to;
    Found {
        settled_s: last_out.map_or(Some(0), |place| Some(place + 1)).filter(|seconds| *seconds < to - from),
        least,
        most,
        end: run.seconds[to - 1].limit,
        back_s: short.map_or(Some(0), |place| Some(place + 1)).filter(|seconds| *seconds < 10 * MINUTE),
        goodput: run.sum(settled.clone(), |second| second.completed) / (58.0 * 60.0 * 20.0 / service),
        p99_s: run.p99_s(settled),
    }
}

fn seconds(found: Option<usize>) -> String {
    found.map_or("-".into(), |seconds| seconds.to_string())
}

/// Runs the jobs on all cores, in whatever order; answers in theirs.
fn all<T: Sync, R: Send>(jobs: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = std::sync::atomic::AtomicUsize::new(0);
    let mut found: Vec<(usize, R)> = std::thread::scope(|scope| {
        let work = || {
            let mut done = Vec::new();
            loop {
                let place = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                let Some(job) = jobs.get(place) else { return done };
                done.push((place, work(job)));
            }
        };
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let threads: Vec<_> = (0..cores).map(|_| scope.spawn(work)).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    found.sort_by_key(|(place, _)| *place);
    found.into_iter().map(|(_, result)| result).collect()
}

/// The slowdown, for all, and what is promised of it.
fn slowdowns(table: &mut String, problems: &mut Vec<String>) {
    writeln!(
        table,
        "Five times slower for an hour: 100 servers, 80 erlangs become 400.\n\
         settled: seconds until the limit is in [75, 125] for the rest of the hour; min, max: from two minutes on;\n\
         end: of the hour; back: seconds until the usual load fits again; goodput: of what the servers can do;\n\
         p99: seconds.\n"
    )
    .unwrap();
    let header = ["settled", "min", "max", "end", "back", "goodput", "p99"].map(|name| format!("{name:>8}"));
    writeln!(table, "{:<18} {:<8} {:<8} {:>4}{}", "limit", "service", "backend", "seed", header.join(""))
        .unwrap();
    let mut jobs = Vec::new();
    for who in ALL {
        for service in [0.01, 0.1, 1.0] {
            for discipline in [Discipline::Line, Discipline::Sharing] {
                for seed in 1..=3 {
                    // The shortest service makes the most requests.
                    let once = discipline == Discipline::Line && seed == 1 && who != Who::Aimd;
                    if service > 0.01 || once {
                        jobs.push((who, service, discipline, seed));
                    }
                }
            }
        }
    }
    let found = all(&jobs, |&(who, service, discipline, seed)| {
        let mut limiter = who.limiter((5e6 * service) as u64);
        judge(&run(&mut *limiter, discipline, &slowdown(service), seed), service)
    });
    for ((who, service, discipline, seed), found) in jobs.iter().zip(&found) {
        let backend = if *discipline == Discipline::Line { "line" } else { "sharing" };
        let service = format!("{service} s");
        writeln!(
            table,
            "{:<18} {service:<8} {backend:<8} {seed:>4}{:>8}{:>8.0}{:>8.0}{:>8.0}{:>8}{:>8.3}{:>8.3}",
            who.name(),
            seconds(found.settled_s),
            found.least,
            found.most,
            found.end,
            seconds(found.back_s),
            found.goodput,
            found.p99_s,
        )
        .unwrap();
        let mut ask = |is_kept: bool, what: String| {
            if !is_kept {
                problems.push(format!("{}, {service}, {backend}, seed {seed}: {what}", who.name()));
            }
        };
        match who {
            Who::Correlation | Who::Gradient => {
                ask(
                    found.settled_s.is_some_and(|seconds| seconds <= 2 * MINUTE),
                    "not settled in two minutes".into(),
                );
                ask(
                    found.back_s.is_some_and(|seconds| seconds <= 5 * MINUTE),
                    "not back in five minutes".into(),
                );
                let middle = f64::midpoint(found.least, found.most);
                ask(found.most <= 1.15 * middle, format!("swings from {} to {}", found.least, found.most));
                ask(found.goodput > 0.95, format!("goodput {}", found.goodput));
            }
            // It has drifted back long before the hour is over.
            Who::Textbook => {
                ask(found.settled_s.is_none(), "the textbook's limit has settled".into());
                ask(
                    found.end == 1200.0 || service == "1 s",
                    format!("the textbook's limit is {}", found.end),
                );
            }
            Who::Aimd | Who::AimdTold => {
                ask(
                    found.back_s.is_some_and(|seconds| seconds <= 5 * MINUTE),
                    "not back in five minutes".into(),
                );
            }
        }
    }
}

/// Other worlds: a name, the phases, and from and to which minute it is looked at.
fn worlds() -> Vec<(&'static str, Vec<Phase>, std::ops::Range<usize>)> {
    let usual = |until| steady(until, 80.0, 1.0);
    let half = |until| steady(until, 40.0, 1.0);
    vec![
        ("as usual", vec![usual(60)], 0..60),
        ("a tenth is stuck for 30 s", vec![half(10), Phase { stuck: (0.1, 30.0), ..half(40) }], 10..40),
        ("half fails at once", vec![usual(10), Phase { failing: 0.5, ..usual(40) }, usual(50)], 10..50),
        (
            "slow, and half fails at once",
            vec![usual(10), Phase { service: 5.0, failing: 0.5, ..usual(40) }, usual(50)],
            12..40,
        ),
        ("a quiet night, then a rush", vec![usual(10), steady(490, 2.0, 1.0), usual(510)], 10..510),
        ("one lucky request", vec![usual(10), Phase { lucky: 1, ..usual(40) }], 10..40),
        ("twice as slow, and enough", vec![half(10), Phase { service: 2.0, ..half(40) }], 10..40),
        ("a tenth more than fits", vec![usual(10), steady(70, 110.0, 1.0)], 40..70),
        ("twice what fits", vec![usual(10), steady(70, 200.0, 1.0)], 12..70),
        (
            "cold, and servers come later",
            vec![Phase { servers: 20, ..steady(5, 80.0, 20.0) }, steady(65, 80.0, 20.0)],
            15..65,
        ),
        ("half of the servers gone", vec![usual(10), Phase { servers: 50, ..usual(70) }, usual(80)], 30..70),
    ]
}

fn others(table: &mut String, problems: &mut Vec<String>) {
    writeln!(
        table,
        "\nOther worlds, services of 1 s, a line, seed 1.\n\
         refused: percent of what was offered; goodput: completions a second; p99: seconds.\n"
    )
    .unwrap();
    let header = ["min", "max", "end", "refused", "goodput", "p99"].map(|name| format!("{name:>8}"));
    writeln!(table, "{:<30} {:<18}{}", "world", "limit", header.join("")).unwrap();
    let worlds = worlds();
    let jobs: Vec<_> = worlds.iter().flat_map(|world| ALL.map(|who| (world, who))).collect();
    let found = all(&jobs, |((_, phases, minutes), who)| {
        let run = run(&mut *who.limiter(5_000_000), Discipline::Line, phases, 1);
        let seconds = minutes.start * MINUTE..minutes.end * MINUTE;
        let offered = run.sum(seconds.clone(), |second| second.offered);
        let refused = run.sum(seconds.clone(), |second| second.refused) / offered;
        let goodput = run.sum(seconds.clone(), |second| second.completed) / seconds.len() as f64;
        (
            run.limits(seconds.clone()),
            run.seconds[seconds.end - 1].limit,
            refused,
            goodput,
            run.p99_s(seconds),
        )
    });
    for (((name, ..), who), ((least, most), end, refused, goodput, p99_s)) in jobs.iter().zip(&found) {
        writeln!(
            table,
            "{name:<30} {:<18}{least:>8.0}{most:>8.0}{end:>8.0}{:>8.2}{goodput:>8.1}{p99_s:>8.2}",
            who.name(),
            refused * 100.0
        )
        .unwrap();
        let mut ask = |is_kept: bool, what: &str| {
            if !is_kept {
                problems.push(format!("{name}, {}: {what}", who.name()));
            }
        };
        if *who == Who::Gradient {
            match *name {
                "twice what fits" => ask(*least >= 75.0 && *most <= 180.0, "drifts"),
                "half of the servers gone" => ask(*least >= 37.5 && *most <= 125.0, "drifts"),
                // Just above the knee, the whole of the hard limit is within its tolerance for long.
                "a tenth more than fits" => {}
                "slow, and half fails at once" => ask((75.0..=125.0).contains(end), "not at the knee"),
                _ => ask(*refused == 0.0, "refuses without an overload"),
            }
        }
        if *who != Who::Correlation {
            continue;
        }
        match *name {
            "slow, and half fails at once" => ask((75.0..=125.0).contains(end), "not at the knee"),
            // With services as fast as ever the tolerance is what holds the limit.
            "half of the servers gone" => {
                ask(*least >= 37.5 && *most <= 85.0, "not within the tolerance of the knee and two rises");
            }
            "twice what fits" => {
                ask(*least >= 75.0 && *most <= 160.0, "not within the tolerance of the knee");
                ask(*goodput > 97.0, "servers stand idle");
            }
            // The baseline is of the first requests to end, the short ones; a window lasts for 50 s.
            "cold, and servers come later" => ask(*refused < 0.05 && *end > 200.0, "stays too low"),
            // Time and again it fits by chance.
            "a tenth more than fits" => ask(*p99_s < 7.0 && *goodput > 97.0, "a line, or idle servers"),
            // Nothing there is an overload.
            _ => ask(*refused == 0.0, "refuses without an overload"),
        }
    }
}

#[test]
fn the_limit_stays_at_what_the_backend_can_do() {
    let (mut table, mut problems) = (String::new(), Vec::new());
    slowdowns(&mut table, &mut problems);
    others(&mut table, &mut problems);
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/adaptive.txt");
    if std::env::var_os("HEIJUNKA_RECORD").is_some() {
        std::fs::write(path, &table).unwrap();
    }
    assert!(problems.is_empty(), "{}\n{table}", problems.join("\n"));
    let kept = std::fs::read_to_string(path).unwrap_or_default();
    assert!(kept == table, "{path} is not what comes out:\n{table}");
}

/// Everybody is of this class.
struct OfClass(Heijunka, Class);

impl Limiter for OfClass {
    fn admit(&mut self, now_us: u64, _: Class) -> Option<u64> {
        self.0.admit(now_us, self.1)
    }

    fn release(&mut self, now_us: u64, name: u64, held_us: u64, outcome: Outcome) {
        self.0.release(now_us, name, held_us, outcome);
    }

    fn step(&mut self, now_us: u64) {
        self.0.step(now_us);
    }

    fn limit(&self) -> f64 {
        self.0.limit()
    }
}

/// What critical work doesn't use of its share is lent while the knee is sought: it is that of the servers.
#[test]
fn the_default_reservation_does_not_move_the_knee() {
    let mut jobs = Vec::new();
    for algorithm in ["correlation", "gradient"] {
        for service in [0.1, 1.0] {
            for class in [Class::Normal, Class::Critical] {
                jobs.extend((1..=3).map(|seed| (algorithm, service, class, seed)));
            }
        }
    }
    let found = all(&jobs, |&(algorithm, service, class, seed)| {
        let engine = Heijunka::new(&engine(&format!(r#""adaptive": "{algorithm}""#)));
        judge(&run(&mut OfClass(engine, class), Discipline::Line, &slowdown(service), seed), service)
    });
    for (job, found) in jobs.iter().zip(&found) {
        let what = format!("{job:?}: {:?}, {} to {}", found.settled_s, found.least, found.most);
        assert!(found.settled_s.is_some_and(|seconds| seconds <= 2 * MINUTE), "{what}");
        assert!(found.back_s.is_some_and(|seconds| seconds <= 5 * MINUTE), "{what}");
        assert!(found.most <= 1.15 * f64::midpoint(found.least, found.most), "{what}");
        assert!(found.goodput > 0.95, "{what}: {}", found.goodput);
    }
}
