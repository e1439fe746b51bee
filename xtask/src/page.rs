//! The page over the npm package: built, served, tested.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::count::{self, Counts};
use crate::node::{self, Node};
use crate::parts::{self, Outcome, Session};
use crate::{Failure, process, system, wasm};

/// Where the page is.
const FOLDER: &str = "bindings/wasm/demo";
/// The script of the report, which is built from the page's charts.
const REPORT: &str = "python/heijunka/report/assets/report.js";
/// Where its copy for the comparison is built.
const FRESH: &str = "target/test/page";
/// The port that is tried first; if it is taken, the next one.
const PORT: u16 = 4173;

/// The system packages that the page's tests need and that are missing.
pub(crate) fn missing_packages() -> Vec<&'static str> {
    [node::missing_packages(), parts::missing_browser()].concat()
}

/// `cargo xtask page`: builds the page and serves it on loopback until it is stopped.
pub(crate) fn run(root: &Path, arguments: &[String]) -> Result<(), Failure> {
    let port = match arguments {
        [] => None,
        [name, port] if name == "--port" => Some(
            port.parse::<u16>()
                .map_err(|_| Failure(format!("`{port}` is not a port: expected 0 to 65535")))?,
        ),
        _ => return Err("usage: cargo xtask page [--port PORT]".into()),
    };
    let missing = node::missing_packages();
    if !missing.is_empty() {
        system::install(root, &missing)?;
    }
    let node = Node::find(root)?;
    wasm::build(root, &node, "wasm")?;
    node.install(FOLDER)?;
    process::run(tool(root, &node, "vite")?.arg("build"), "page", false)?;
    let mut serve = tool(root, &node, "vite")?;
    serve.arg("preview").args(["--port", &port.unwrap_or(PORT).to_string()]);
    if port.is_some() {
        serve.arg("--strictPort");
    }
    println!("the page, until Ctrl-C:");
    let status = serve.status().map_err(|error| Failure(format!("the page can't be served: {error}")))?;
    if status.success() { Ok(()) } else { Err(format!("`{}` failed", process::describe(&serve)).into()) }
}

/// The part of the tests.
pub(crate) fn test(session: &Session, label: &str) -> Outcome {
    match prepare(session, label).and_then(|node| check(session, &node, label)) {
        Ok(outcome) => outcome,
        Err(Failure(message)) => {
            let counts = Counts { failed: 1, ..Counts::default() };
            Outcome::Ran { counts, problem: None, output: message }
        }
    }
}

fn prepare(session: &Session, label: &str) -> Result<Node, Failure> {
    let node = Node::find(&session.root)?;
    wasm::build(&session.root, &node, label)?;
    node.install(FOLDER)?;
    Ok(node)
}

fn check(session: &Session, node: &Node, label: &str) -> Result<Outcome, Failure> {
    let root = &session.root;
    let fresh = root.join(FRESH);
    let vite = |arguments: &[&str]| -> Result<Command, Failure> {
        let mut vite = tool(root, node, "vite")?;
        vite.arg("build").args(arguments);
        Ok(vite)
    };
    let mut report = vite(&["--config", "vite.report.ts", "--emptyOutDir", "--outDir"])?;
    report.arg(&fresh);
    let typed = |project: &str| -> Result<Command, Failure> {
        let mut tsc = tool(root, node, "tsc")?;
        tsc.args(["--project", project]);
        Ok(tsc)
    };
    let builds =
        vec![typed(".")?, typed("tests")?, report, vite(&[])?, vite(&["--config", "vite.tests.ts"])?];
    let built = session.checks(label, builds);
    if !matches!(built, Outcome::Ran { counts: Counts { failed: 0, .. }, .. }) {
        return Ok(built);
    }
    let same = parts::both(built, drift(root, &fresh));
    let tests = run_tests(session, node, label)?;
    Ok(parts::both(same, tests))
}

/// Whether the committed script of the report is what its sources give.
fn drift(root: &Path, fresh: &Path) -> Outcome {
    let read = |path: &Path| fs::read(path).unwrap_or_default();
    let same = read(&root.join(REPORT)) == read(&fresh.join("report.js"));
    let counts = Counts { passed: u64::from(same), failed: u64::from(!same), skipped: 0 };
    let output =
        format!("{REPORT} isn't what its sources give; make it anew: (cd {FOLDER} && npm run report)");
    Outcome::Ran { counts, problem: None, output }
}

fn run_tests(session: &Session, node: &Node, label: &str) -> Result<Outcome, Failure> {
    let python = session.equipped().map_err(Failure)?.tool("python");
    // The first run builds it, so that no test waits for that.
    let vectors = ["build", "--quiet", "--package", "heijunka-vectors"];
    process::run(&mut session.cargo(&vectors), label, false)?;
    let mut rust = session.cargo(&["run", "--quiet", "--manifest-path"]);
    rust.arg(session.root.join("Cargo.toml")).args(["--package", "heijunka-vectors", "--", "simulate"]);
    let script = "import heijunka, json, sys; r = json.load(open(sys.argv[1])); \
                  json.dump(heijunka.simulate(r['config'], r['workload'], r['seed']), sys.stdout)";
    let mut python_simulate = python;
    python_simulate.args(["-c", script]);
    let mut tests = node.node();
    tests.current_dir(session.root.join(FOLDER));
    tests.args(["--test", "--test-reporter=tap", "dist-tests/unit.js", "dist-tests/browser.js"]);
    tests.env("HEIJUNKA_RUST_SIMULATE", json(&rust)).env("HEIJUNKA_PYTHON_SIMULATE", json(&python_simulate));
    Ok(session.tests(label, &mut tests, count::tap))
}

/// A program of what is installed for the page, to be run in its folder.
fn tool(root: &Path, node: &Node, program: &str) -> Result<Command, Failure> {
    let mut command = node.tool(FOLDER, program)?;
    command.current_dir(root.join(FOLDER));
    Ok(command)
}

/// A command as a JSON list of its words.
fn json(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let quoted = words.map(|word| {
        let escaped: String = word
            .to_string_lossy()
            .chars()
            .map(|c| match c {
                '"' | '\\' => format!("\\{c}"),
                c if c.is_control() => format!("\\u{:04x}", u32::from(c)),
                c => c.to_string(),
            })
            .collect();
        format!("\"{escaped}\"")
    });
    format!("[{}]", quoted.collect::<Vec<_>>().join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_becomes_a_list_of_words() {
        let mut command = Command::new("/a b/python");
        command.args(["-c", "print(\"x\\n\")\n"]);
        assert_eq!(json(&command), r#"["/a b/python","-c","print(\"x\\n\")\u000a"]"#);
    }
}
