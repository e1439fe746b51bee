//! The parts of `cargo xtask test`, in the order in which they run: what is quick to fail first.

use std::cell::OnceCell;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::count::{self, Counts};
use crate::process::{self, Finished};
use crate::python::Environment;
use crate::{Failure, c, fuzz, go, page, system, wasm};

/// A part of the tests.
pub(crate) struct Part {
    /// What it is called on the command line.
    pub(crate) name: &'static str,
    /// What it does, in a few words.
    pub(crate) about: &'static str,
    /// Whether it needs Python, and with it what the system has to offer.
    pub(crate) needs_python: bool,
    /// The system packages that it needs and that are missing, beside Python's.
    pub(crate) packages: fn() -> Vec<&'static str>,
    /// Whether a test that is skipped counts as failed where everything can be installed.
    pub(crate) skips_fail_in_ci: bool,
    /// Runs it.
    pub(crate) run: fn(&Session, &str) -> Outcome,
}

/// How a part ended.
pub(crate) enum Outcome {
    /// It ran.
    Ran { counts: Counts, problem: Option<String>, output: String },
    /// It can't be run on this machine, and why.
    NotRun(String),
}

/// Every part.
pub(crate) const ALL: &[Part] = &[
    part("format", "rustfmt on all Rust code", format),
    part("clippy", "clippy without warnings, `Cargo.lock` up to date", clippy),
    part("no-std", "the core without its default features, and on a target without std", no_std),
    part("docs", "rustdoc without warnings", docs),
    // An `#[ignore]`d test is one that somebody runs by hand, on purpose.
    Part { skips_fail_in_ci: false, ..part("rust", "the Rust tests, doctests among them", rust) },
    part("xtask", "the tests of these tasks", xtask),
    Part {
        needs_python: true,
        packages: c::missing_packages,
        ..part("c", "the C library: header, interface, programs plainly and under valgrind", c::run)
    },
    Part {
        needs_python: true,
        packages: go::missing_packages,
        ..part("go", "the Go module on the C library: gofmt, vet, tests plainly and with -race", go::run)
    },
    Part {
        packages: wasm::missing_packages,
        ..part(
            "wasm",
            "the npm package: its size, tests in Node and in Chromium, as it is installed",
            wasm::test,
        )
    },
    python("wheel", "the Python wheel: built and installed", wheel),
    python("python", "pytest on the installed wheel", pytest),
    Part {
        packages: missing_prometheus,
        ..python(
            "prometheus",
            "metrics, rules and dashboard against promtool and a real Prometheus server",
            prometheus,
        )
    },
    python("types", "mypy --strict, and the stub against the built module", types),
    python("ruff", "lint and format of the Python code", ruff),
    Part {
        packages: page::missing_packages,
        ..python(
            "page",
            "the page: types, units, a browser, the same numbers as in Python and Rust",
            page_part,
        )
    },
    Part {
        packages: wasm::missing_packages,
        ..python("fuzz", "random sequences: every language gives the same answers", fuzz)
    },
];

const fn part(name: &'static str, about: &'static str, run: fn(&Session, &str) -> Outcome) -> Part {
    Part { name, about, needs_python: false, packages: Vec::new, skips_fail_in_ci: true, run }
}

const fn python(name: &'static str, about: &'static str, run: fn(&Session, &str) -> Outcome) -> Part {
    Part { needs_python: true, packages: missing_browser, ..part(name, about, run) }
}

/// The names of all parts.
pub(crate) fn names() -> Vec<&'static str> {
    ALL.iter().map(|part| part.name).collect()
}

/// What the parts share.
pub(crate) struct Session {
    pub(crate) root: PathBuf,
    /// Whether everything the parts print is passed through.
    pub(crate) verbose: bool,
    /// The system packages that the chosen parts need and that are missing.
    packages: Vec<&'static str>,
    environment: OnceCell<Result<Environment, String>>,
    tools: OnceCell<Result<(), String>>,
    equipped: OnceCell<Result<(), String>>,
}

impl Session {
    pub(crate) fn new(root: &Path, verbose: bool, parts: &[&Part]) -> Self {
        let mut packages: Vec<&str> = parts.iter().flat_map(|part| (part.packages)()).collect();
        packages.sort_unstable();
        packages.dedup();
        Self {
            root: root.to_path_buf(),
            verbose,
            packages,
            environment: OnceCell::new(),
            tools: OnceCell::new(),
            equipped: OnceCell::new(),
        }
    }

    /// Installs the missing system packages, or says how. (Making the virtual environment does that as well.)
    pub(crate) fn install_packages(&self) -> Result<(), String> {
        if self.packages.is_empty() {
            return Ok(());
        }
        system::install(&self.root, &self.packages).map_err(|Failure(message)| message)
    }

    pub(crate) fn capture(&self, command: &mut Command, label: &str) -> Finished {
        process::capture(command, label, self.verbose)
            .unwrap_or_else(|Failure(message)| Finished { exit: None, output: message })
    }

    /// Runs checks that each pass or fail as a whole.
    pub(crate) fn checks(&self, label: &str, commands: Vec<Command>) -> Outcome {
        let (mut counts, mut output) = (Counts::default(), String::new());
        for mut command in commands {
            let finished = self.capture(&mut command, label);
            if finished.exit == Some(0) {
                counts.passed += 1;
            } else {
                counts.failed += 1;
                output +=
                    &format!("{}\n`{}` failed\n", finished.output.trim_end(), process::describe(&command));
            }
        }
        Outcome::Ran { counts, problem: None, output }
    }

    /// Runs a test runner whose closing line `read` understands.
    pub(crate) fn tests(
        &self,
        label: &str,
        command: &mut Command,
        read: fn(&str) -> Option<Counts>,
    ) -> Outcome {
        let Finished { exit, output } = self.capture(command, label);
        let (counts, problem) = count::judge(read(&output), exit);
        let output = format!("{}\n`{}` failed", without_passed(&output), process::describe(command));
        Outcome::Ran { counts, problem, output }
    }

    pub(crate) fn cargo(&self, arguments: &[&str]) -> Command {
        process::cargo(&self.root, arguments)
    }

    /// Makes the virtual environment, with missing system packages installed or named.
    pub(crate) fn prepare(&self) -> Result<&Environment, String> {
        self.environment
            .get_or_init(|| {
                Environment::open(&self.root, "target/test/venv", &self.packages)
                    .map_err(|Failure(message)| message)
            })
            .as_ref()
            .map_err(Clone::clone)
    }

    /// The environment with the tools in it, made once.
    pub(crate) fn tools(&self) -> Result<&Environment, String> {
        let environment = self.prepare()?;
        let install = || environment.install_requirements("requirements-dev.txt");
        self.tools.get_or_init(|| install().map_err(|Failure(message)| message)).clone().map(|()| environment)
    }

    /// The environment with the wheel and the tools in it, made once.
    pub(crate) fn equipped(&self) -> Result<&Environment, String> {
        let environment = self.tools()?;
        let install = || environment.install_project();
        self.equipped
            .get_or_init(|| install().map_err(|Failure(message)| message))
            .clone()
            .map(|()| environment)
    }

    fn with_wheel(&self, run: impl FnOnce(&Environment) -> Outcome) -> Outcome {
        match self.equipped() {
            Ok(environment) => run(environment),
            Err(_) => Outcome::NotRun("the wheel isn't there, see the part `wheel`".to_owned()),
        }
    }
}

fn format(session: &Session, label: &str) -> Outcome {
    let library = session.cargo(&["fmt", "--all", "--check"]);
    let tasks = session.cargo(&["fmt", "--manifest-path", "xtask/Cargo.toml", "--all", "--check"]);
    session.checks(label, vec![library, tasks])
}

fn clippy(session: &Session, label: &str) -> Outcome {
    let deny = ["--all-targets", "--locked", "--", "-D", "warnings"];
    let mut library = session.cargo(&["clippy", "--workspace"]);
    library.args(deny);
    let mut bare = session.cargo(&["clippy", "--package", "heijunka-core", "--no-default-features"]);
    bare.args(["--locked", "--", "-D", "warnings"]);
    let mut tasks = session.cargo(&["clippy", "--manifest-path", "xtask/Cargo.toml", "--workspace"]);
    tasks.args(deny);
    session.checks(label, vec![library, bare, tasks])
}

fn no_std(session: &Session, label: &str) -> Outcome {
    // 32 bits and no operating system: no std can creep in through a dependency, and no pointer width either.
    const BARE: &str = "thumbv7em-none-eabihf";
    let mut commands = vec![session.cargo(&["check", "--package", "heijunka-core", "--no-default-features"])];
    let mut without = None;
    if system::which("rustup").is_some() {
        let mut add = process::command(&session.root, "rustup");
        add.args(["target", "add", BARE]);
        commands.push(add);
        commands.push(session.cargo(&["check", "--package", "heijunka-core", "--target", BARE]));
    } else {
        without = Some(format!("{BARE} not run: no rustup to add the target with"));
    }
    match session.checks(label, commands) {
        Outcome::Ran { mut counts, output, .. } => {
            counts.skipped += u64::from(without.is_some());
            Outcome::Ran { counts, problem: without, output }
        }
        not_run @ Outcome::NotRun(_) => not_run,
    }
}

fn docs(session: &Session, label: &str) -> Outcome {
    let mut doc = session.cargo(&["doc", "--workspace", "--no-deps"]);
    doc.env("RUSTDOCFLAGS", "-D warnings");
    session.checks(label, vec![doc])
}

/// The bindings are thin and tested through their public faces, in their own languages.
const RUST: &[&str] = &["--package", "heijunka-core", "--package", "heijunka-vectors", "--no-fail-fast"];

fn rust(session: &Session, label: &str) -> Outcome {
    if system::which("cargo-nextest").is_none() {
        let mut all = session.cargo(&["test"]);
        all.args(RUST);
        return session.tests(label, &mut all, count::libtest);
    }
    let mut tests =
        session.cargo(&["nextest", "run", "--status-level", "fail", "--final-status-level", "fail"]);
    tests.args(RUST);
    let mut examples = session.cargo(&["test", "--doc"]);
    examples.args(RUST);
    both(
        session.tests(label, &mut tests, count::nextest),
        session.tests(label, &mut examples, count::libtest),
    )
}

fn xtask(session: &Session, label: &str) -> Outcome {
    let mut tests = session.cargo(&["test", "--manifest-path", "xtask/Cargo.toml", "--workspace"]);
    session.tests(label, &mut tests, count::libtest)
}

fn wheel(session: &Session, _: &str) -> Outcome {
    match session.equipped() {
        Ok(_) => Outcome::Ran { counts: one_passed(), problem: None, output: String::new() },
        Err(message) => {
            let counts = Counts { failed: 1, ..Counts::default() };
            Outcome::Ran { counts, problem: None, output: message }
        }
    }
}

fn pytest(session: &Session, label: &str) -> Outcome {
    session.with_wheel(|environment| {
        let mut tests = environment.tool("python");
        tests.args(["-m", "pytest", "-q", "--color=no"]);
        session.tests(label, &mut tests, count::pytest)
    })
}

fn prometheus(session: &Session, label: &str) -> Outcome {
    session.with_wheel(|environment| {
        let mut tests = environment.tool("python");
        tests.args(["-m", "pytest", "-q", "--color=no", "tests/prometheus"]);
        session.tests(label, &mut tests, count::pytest)
    })
}

fn types(session: &Session, label: &str) -> Outcome {
    session.with_wheel(|environment| {
        let mut sources = environment.tool("python");
        // What to check, and how strictly, is said in pyproject.toml.
        sources.args(["-m", "mypy"]);
        let mut stub = environment.tool("python");
        stub.args(["-m", "mypy.stubtest", "heijunka._heijunka"]);
        session.checks(label, vec![sources, stub])
    })
}

fn ruff(session: &Session, label: &str) -> Outcome {
    session.with_wheel(|environment| {
        let mut lint = environment.tool("ruff");
        lint.args(["check"]);
        let mut format = environment.tool("ruff");
        format.args(["format", "--check"]);
        session.checks(label, vec![lint, format])
    })
}

fn page_part(session: &Session, label: &str) -> Outcome {
    session.with_wheel(|_| page::test(session, label))
}

fn fuzz(session: &Session, label: &str) -> Outcome {
    session.with_wheel(|_| match fuzz::compare(session, label, fuzz::SEED, fuzz::COUNT) {
        Ok(agreement) => {
            Outcome::Ran { counts: agreement.counts, problem: Some(agreement.note), output: String::new() }
        }
        Err(Failure(message)) => {
            let counts = Counts { failed: 1, ..Counts::default() };
            Outcome::Ran { counts, problem: None, output: message }
        }
    })
}

/// The report, the npm package and the page are tested in a browser: Debian's, where there is one to be had.
pub(crate) fn missing_browser() -> Vec<&'static str> {
    let there = ["chromium-headless-shell", "chromium"].iter().any(|name| system::which(name).is_some());
    if there || !system::is_debian() { Vec::new() } else { vec!["chromium-headless-shell"] }
}

/// The server and its tool come in one package.
fn missing_prometheus() -> Vec<&'static str> {
    let there = ["prometheus", "promtool"].iter().all(|name| system::which(name).is_some());
    if there || !system::is_debian() { Vec::new() } else { vec!["prometheus"] }
}

fn one_passed() -> Counts {
    Counts { passed: 1, ..Counts::default() }
}

pub(crate) fn both(first: Outcome, second: Outcome) -> Outcome {
    match (first, second) {
        (
            Outcome::Ran { mut counts, problem, output },
            Outcome::Ran { counts: more, problem: other, output: rest },
        ) => {
            let shown = if more.failed == 0 {
                output
            } else if counts.failed == 0 {
                rest
            } else {
                output + "\n" + &rest
            };
            counts += more;
            Outcome::Ran { counts, problem: problem.or(other), output: shown }
        }
        (not_run @ Outcome::NotRun(_), _) | (_, not_run @ Outcome::NotRun(_)) => not_run,
    }
}

/// What a runner printed, less the lines of tests that passed.
fn without_passed(output: &str) -> String {
    let passed = |line: &str| line.starts_with("test ") && line.ends_with(" ... ok");
    output.lines().filter(|line| !passed(line)).collect::<Vec<_>>().join("\n")
}
