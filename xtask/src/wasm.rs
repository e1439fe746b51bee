//! The npm package: built from the crate `heijunka-wasm` and the TypeScript beside it, and tested as a user has it.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::count::{self, Counts};
use crate::node::{self, Node};
use crate::parts::{self, Outcome, Session};
use crate::{Failure, fingerprint, install, process, system};

/// Where the crate is, and what is made of it.
pub(crate) const FOLDER: &str = "bindings/wasm";
const BUILD: &str = "bindings/wasm/build";
pub(crate) const PACKAGE: &str = "bindings/wasm/pkg";
const TARGET: &str = "wasm32-unknown-unknown";

/// The tests, and where they are run: in a folder of their own, in which the package is installed.
const TESTS: &str = "tests/wasm";
const CONSUMER: &str = "target/test/wasm/consumer";

/// What a wasm file may have, in bytes, compressed by `gzip -9`.
const MOST_GZIP: u64 = 200_000;

/// A wasm module of the package.
struct Module {
    /// The feature of the crate that it has.
    feature: &'static str,
    /// Its file in the package.
    file: &'static str,
    /// Its glue.
    glue: &'static str,
}

/// The modules: who levels loads the first, who simulates the second.
const MODULES: [Module; 2] = [
    Module { feature: "engine", file: "heijunka.wasm", glue: "raw" },
    Module { feature: "whatif", file: "whatif.wasm", glue: "raw-whatif" },
];

/// What the package is made from.
const SOURCES: &[&str] = &[
    "Cargo.toml",
    "Cargo.lock",
    ".cargo",
    "LICENSE",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "core/Cargo.toml",
    "core/src",
    "bindings/wasm/Cargo.toml",
    "bindings/wasm/README.md",
    "bindings/wasm/js",
    "bindings/wasm/npm",
    "bindings/wasm/package-lock.json",
    "bindings/wasm/src",
    "xtask/src/wasm.rs",
    "xtask/wasm",
];

/// `cargo xtask wasm`.
pub(crate) fn run(root: &Path, arguments: &[String]) -> Result<(), Failure> {
    if !arguments.is_empty() {
        return Err("usage: cargo xtask wasm".into());
    }
    let missing = node::missing_packages();
    if !missing.is_empty() {
        system::install(root, &missing)?;
    }
    let node = Node::find(root)?;
    build(root, &node, "wasm")?;
    println!("{PACKAGE} is built; {}", shown(&measure(root)?));
    Ok(())
}

/// The packages that the tests need and the system lacks.
pub(crate) fn missing_packages() -> Vec<&'static str> {
    let mut packages = node::missing_packages();
    packages.extend(parts::missing_browser());
    packages
}

/// The part `wasm`.
pub(crate) fn test(session: &Session, label: &str) -> Outcome {
    let root = &session.root;
    let node = match Node::find(root) {
        Ok(node) => node,
        Err(Failure(why)) => return Outcome::NotRun(why),
    };
    let mut units = session.cargo(&["test", "--package", "heijunka-wasm"]);
    let units = session.tests(label, &mut units, count::libtest);
    let built = build(root, &node, label).and_then(|()| {
        let version = consume(root, &node)?;
        Ok((measure(root)?, version))
    });
    let (sizes, version) = match built {
        Ok(made) => made,
        Err(Failure(message)) => {
            let counts = Counts { failed: 1, ..Counts::default() };
            return Outcome::Ran { counts, problem: None, output: message };
        }
    };
    let mut counts = Counts { passed: 1, ..Counts::default() };
    let (mut note, mut output) = (shown(&sizes), String::new());
    for size in sizes.iter().filter(|size| size.gzip > MOST_GZIP) {
        counts = Counts { failed: 1, ..Counts::default() };
        output += &format!("{size}, which is more than {} kB\n\n", MOST_GZIP / 1000);
    }
    let with_browser =
        ["chromium-headless-shell", "chromium"].iter().any(|name| system::which(name).is_some());
    let mut run = node.node();
    run.current_dir(root.join(CONSUMER)).args(["--test", "--test-reporter=tap"]);
    run.env("HEIJUNKA_VECTORS", root.join("tests/vectors")).env("HEIJUNKA_TOOLS", root.join(FOLDER));
    run.env("HEIJUNKA_VERSION", version);
    let files = fs::read_dir(root.join(TESTS)).into_iter().flatten().flatten();
    let mut files: Vec<String> = files.map(|file| file.file_name().to_string_lossy().into_owned()).collect();
    files.sort();
    run.args(
        files.iter().filter(|name| {
            name.ends_with(".test.js") && (with_browser || name.as_str() != "browser.test.js")
        }),
    );
    if !with_browser {
        counts.skipped += 1;
        note += "; not run in a browser: no Chromium on this system";
    }
    let finished = session.capture(&mut run, label);
    let (tested, problem) = count::judge(count::tap(&finished.output), finished.exit);
    if tested.failed > 0 {
        output += &failures(&finished.output);
    }
    counts += tested;
    let mut problems = vec![note];
    problems.extend(problem);
    if let Outcome::Ran { counts: tested, problem, output: printed } = units {
        counts += tested;
        problems.extend(problem);
        if tested.failed > 0 {
            output += &printed;
        }
    }
    Outcome::Ran { counts, problem: Some(problems.join("; ")), output }
}

/// The runner of sequences of the corpus, with the package installed.
pub(crate) fn digest(root: &Path, label: &str) -> Result<Command, Failure> {
    let node = Node::find(root)?;
    build(root, &node, label)?;
    consume(root, &node)?;
    let mut runner = node.node();
    runner.arg(root.join(CONSUMER).join("vectors.js"));
    Ok(runner)
}

/// Why there is nothing to run the package with, if so.
pub(crate) fn missing(root: &Path) -> Option<String> {
    Node::find(root).err().map(|Failure(why)| why)
}

/// Packs the package, and installs it in a folder beside the tests, as a user does. Answers its version.
fn consume(root: &Path, node: &Node) -> Result<String, Failure> {
    let (package, consumer) = (root.join(PACKAGE), root.join(CONSUMER));
    let stamp = consumer.join("made-from");
    let current = fingerprint::of(root, &[PACKAGE, TESTS], &[]);
    let version = install::version_of(root, "heijunka-wasm")?;
    if fingerprint::is_current(&stamp, &current) {
        return Ok(version);
    }
    let _ = fs::remove_dir_all(&consumer);
    copy_folder(&root.join(TESTS), &consumer)?;
    let manifest = "{ \"private\": true, \"type\": \"module\" }\n";
    let path = consumer.join("package.json");
    fs::write(&path, manifest).map_err(|error| cannot("written", &path, &error))?;
    process::run(node.npm(&package).args(["pack", "--pack-destination"]).arg(&consumer), "npm", false)?;
    let packed = format!("./heijunka-{version}.tgz");
    let install = ["install", "--offline", "--no-save", "--no-package-lock", "--ignore-scripts", &packed];
    process::run(node.npm(&consumer).args(install), "npm", false)?;
    fingerprint::keep(&stamp, &current);
    Ok(version)
}

fn copy_folder(from: &Path, to: &Path) -> Result<(), Failure> {
    fs::create_dir_all(to).map_err(|error| cannot("made", to, &error))?;
    for entry in fs::read_dir(from).map_err(|error| cannot("read", from, &error))?.flatten() {
        let (path, place) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            copy_folder(&path, &place)?;
        } else {
            fs::copy(&path, &place).map_err(|error| cannot("copied", &path, &error))?;
        }
    }
    Ok(())
}

/// What the runner says of tests that failed: in TAP, from the line `not ok` to the end of its details.
fn failures(printed: &str) -> String {
    let mut failed = false;
    let shown = printed.lines().filter(|line| {
        let line = line.trim();
        let ends = failed && line == "...";
        failed = (failed || line.starts_with("not ok")) && !ends;
        failed || ends
    });
    shown.collect::<Vec<_>>().join("\n")
}

/// Builds the package, unless it is there and nothing has changed.
pub(crate) fn build(root: &Path, node: &Node, label: &str) -> Result<(), Failure> {
    node.install(FOLDER)?;
    let cargo = process::run(&mut process::cargo(root, &["--version"]), "cargo", false)?;
    let (package, stamp) = (root.join(PACKAGE), root.join(BUILD).join("made-from"));
    let current = fingerprint::of(root, SOURCES, &[&cargo]);
    if fingerprint::is_current(&stamp, &current) && package.join("heijunka.wasm").is_file() {
        return Ok(());
    }
    println!("building the npm package");
    let _ = fs::remove_file(&stamp);
    for folder in [root.join(BUILD), package.clone()] {
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).map_err(|error| cannot("made", &folder, &error))?;
    }
    for module in &MODULES {
        make(root, node, module, label)?;
    }
    let mut compile = node.tool(FOLDER, "tsc")?;
    process::run(compile.args(["--project", "bindings/wasm/js"]), label, false)?;
    for (from, to) in [
        (root.join(BUILD).join("raw.js"), "raw.js"),
        (root.join(BUILD).join("raw-whatif.js"), "raw-whatif.js"),
        (root.join(FOLDER).join("README.md"), "README.md"),
        (root.join("LICENSE"), "LICENSE"),
        (root.join("LICENSE-APACHE"), "LICENSE-APACHE"),
        (root.join("LICENSE-MIT"), "LICENSE-MIT"),
    ] {
        fs::copy(&from, package.join(to)).map_err(|error| cannot("copied", &from, &error))?;
    }
    let version = install::version_of(root, "heijunka-wasm")?;
    for (from, to) in [
        (root.join(FOLDER).join("npm/package.json"), package.join("package.json")),
        (package.join("module.js"), package.join("module.js")),
    ] {
        let text = fs::read_to_string(&from).map_err(|error| cannot("read", &from, &error))?;
        let made =
            with_version(&text, &version).ok_or_else(|| format!("{} has no \"0.0.0\"", from.display()))?;
        fs::write(&to, made).map_err(|error| cannot("written", &to, &error))?;
    }
    fingerprint::keep(&stamp, &current);
    Ok(())
}

/// Makes a module and its glue.
fn make(root: &Path, node: &Node, module: &Module, label: &str) -> Result<(), Failure> {
    let wasm = compile(root, module, label)?;
    let glue = ["run", "--quiet", "--locked", "--manifest-path", "xtask/wasm/Cargo.toml", "--"];
    let mut glue = process::cargo(root, &glue);
    process::run(glue.arg(&wasm).arg(root.join(BUILD)).arg(module.glue), label, false)?;
    let mut shrink = node.tool(FOLDER, "wasm-opt")?;
    shrink
        .args([
            "--flatten",
            "--rereloop",
            "-Oz",
            "-Oz",
            "--converge",
            "--low-memory-unused",
            "--strip-producers",
        ])
        .arg(root.join(BUILD).join(format!("{}_bg.wasm", module.glue)));
    process::run(shrink.arg("--output").arg(root.join(PACKAGE).join(module.file)), label, false)?;
    Ok(())
}

/// Compiles the crate, and answers where the wasm file is.
fn compile(root: &Path, module: &Module, label: &str) -> Result<PathBuf, Failure> {
    if system::which("rustup").is_some() {
        let mut add = process::command(root, "rustup");
        process::run(add.args(["target", "add", TARGET]), label, false)?;
    }
    let build = ["build", "--locked", "--profile", "wasm", "--package", "heijunka-wasm", "--target", TARGET];
    let mut build = process::cargo(root, &build);
    build.args(["--no-default-features", "--features", module.feature]);
    process::run(&mut build, label, false).map_err(|Failure(why)| {
        let hint =
            format!("there is no rustup to add the target {TARGET} with; install it as your Rust came");
        if system::which("rustup").is_none() { Failure(format!("{why}\n({hint})")) } else { Failure(why) }
    })?;
    Ok(install::target_folder(root)?.join(TARGET).join("wasm/heijunka_wasm.wasm"))
}

/// The version of the sources, where they have none.
fn with_version(text: &str, version: &str) -> Option<String> {
    (text.matches("\"0.0.0\"").count() == 1).then(|| text.replace("\"0.0.0\"", &format!("\"{version}\"")))
}

fn cannot(what: &str, path: &Path, error: &std::io::Error) -> Failure {
    Failure(format!("`{}` can't be {what}: {error}", path.display()))
}

/// How large a wasm file is, as it is and compressed by `gzip -9`, in bytes.
struct Size {
    file: &'static str,
    raw: u64,
    gzip: u64,
}

impl Size {
    /// As the program gzip does it: what Node has built in is made for speed, and packs a little less.
    fn measure(root: &Path, module: &Module) -> Result<Self, Failure> {
        let file = root.join(PACKAGE).join(module.file);
        let raw = fs::metadata(&file).map_err(|error| cannot("read", &file, &error))?.len();
        let packed = process::command(root, "gzip").args(["-9", "--no-name", "--stdout"]).arg(&file).output();
        let packed = packed.map_err(|error| Failure(format!("gzip can't be started: {error}")))?;
        if !packed.status.success() {
            return Err(format!("gzip failed on `{}`", file.display()).into());
        }
        Ok(Self { file: module.file, raw, gzip: packed.stdout.len() as u64 })
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kilobytes = |bytes: u64| bytes.div_ceil(1000);
        write!(f, "{} has {} kB, {} kB with gzip", self.file, kilobytes(self.raw), kilobytes(self.gzip))
    }
}

fn measure(root: &Path) -> Result<Vec<Size>, Failure> {
    MODULES.iter().map(|module| Size::measure(root, module)).collect()
}

fn shown(sizes: &[Size]) -> String {
    sizes.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_failures_are_shown() {
        let printed =
            "ok 1 - a\n  ---\n  ...\nnot ok 2 - b\n  ---\n  error: c\n  ...\nok 3 - d\n  ---\n  ...\n";
        assert_eq!(failures(printed), "not ok 2 - b\n  ---\n  error: c\n  ...");
    }

    #[test]
    fn the_version_is_filled_in_once() {
        assert_eq!(
            with_version(r#"{"version": "0.0.0"}"#, "1.2.3").as_deref(),
            Some(r#"{"version": "1.2.3"}"#)
        );
        assert_eq!(with_version(r#"{"version": "1.0.0"}"#, "1.2.3"), None);
        assert_eq!(with_version(r#""0.0.0" "0.0.0""#, "1.2.3"), None);
    }
}
