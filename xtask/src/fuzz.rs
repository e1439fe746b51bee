//! `cargo xtask fuzz`: random sequences of calls, run in every language; all must give the same answers.
//!
//! `heijunka-vectors generate` makes the sequences, in the format of `tests/vectors`. Every language has a runner
//! with two commands: `digest FILE` prints the name and the digest of each sequence, `answers FILE` prints every
//! answer of the calls, a line each. A further language is a line in [`FACES`].

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::count::Counts;
use crate::install::{self, Installed};
use crate::parts::{self, Part, Session};
use crate::process::{self, Finished};
use crate::{Failure, go, python::Environment, wasm};

/// The seed and the number of sequences of the test command.
pub(crate) const SEED: u64 = 1;
pub(crate) const COUNT: u64 = 10_000;

const FOLDER: &str = "target/fuzz";

/// A language's runner.
struct Face {
    name: &'static str,
    /// Why the language can't be run on this machine, if so.
    missing: fn(&Session) -> Option<String>,
    /// The runner, to which a command and a file are added.
    runner: fn(&Session, &Environment, &Installed) -> Result<Command, Failure>,
}

/// The languages. The first one is the reference.
const FACES: &[Face] = &[
    Face { name: "Rust", missing: |_| None, runner: |session, _, _| Ok(vectors(session)) },
    Face {
        name: "Python",
        missing: |_| None,
        runner: |_, environment, _| {
            let mut python = environment.tool("python");
            python.arg("tests/python/vectors.py");
            Ok(python)
        },
    },
    Face {
        name: "C",
        missing: |_| None,
        runner: |_, environment, installed| {
            let mut python = environment.tool("python");
            python.env("HEIJUNKA_LIB", installed.shared());
            python.args(["tests/python/vectors.py", "--face", "tests/c/c_face.py:CFace"]);
            Ok(python)
        },
    },
    Face {
        name: "Go",
        missing: |session| go::missing(session),
        runner: |session, _, installed| go::digest(session, installed),
    },
    Face {
        name: "JavaScript",
        missing: |session| wasm::missing(&session.root),
        runner: |session, _, _| wasm::digest(&session.root, "fuzz"),
    },
];

fn vectors(session: &Session) -> Command {
    session.cargo(&["run", "--quiet", "--package", "heijunka-vectors", "--"])
}

/// All languages agree.
pub(crate) struct Agreement {
    pub(crate) counts: Counts,
    pub(crate) note: String,
}

pub(crate) fn run(root: &Path, arguments: &[String]) -> Result<(), Failure> {
    let (mut seed, mut count) = (SEED, COUNT);
    for pair in arguments.chunks(2) {
        let number = pair.get(1).and_then(|text| text.parse::<u64>().ok());
        match (pair[0].as_str(), number) {
            ("--seed", Some(number)) => seed = number,
            ("--count", Some(number)) if number > 0 => count = number,
            _ => return Err(format!("`{}` is not understood; see: cargo xtask help", pair.join(" ")).into()),
        }
    }
    let part: Vec<&Part> = parts::ALL.iter().filter(|part| part.name == "fuzz").collect();
    let session = Session::new(root, false, &part);
    let agreement = compare(&session, "fuzz", seed, count)?;
    println!("{}", agreement.note);
    Ok(())
}

/// Makes sequences and compares the digests; a difference is a failure that shows the first differing step.
pub(crate) fn compare(session: &Session, label: &str, seed: u64, count: u64) -> Result<Agreement, Failure> {
    let environment = session.equipped()?;
    let installed = install::install(&session.root, &session.root.join(FOLDER).join("c"), label)?;
    let tools = (environment, &installed);
    let file = format!("{FOLDER}/sequences.jsonl");
    fs::create_dir_all(session.root.join(FOLDER)).map_err(|error| format!("{FOLDER}: {error}"))?;
    generate(session, label, seed, 0, count, &file)?;
    let mut reference: Vec<String> = Vec::new();
    let (mut names, mut missing) = (Vec::new(), String::new());
    for face in FACES {
        if let Some(why) = (face.missing)(session) {
            missing += &format!("; {} not run: {why}", face.name);
            continue;
        }
        names.push(face.name);
        let digests = ask(session, tools, label, face, "digest", &file)?;
        let digests: Vec<String> = digests.lines().map(str::to_owned).collect();
        if digests.len() as u64 != count {
            return Err(format!("{}: {} digests of {count} sequences", face.name, digests.len()).into());
        }
        if reference.is_empty() {
            reference = digests;
        } else if let Some(number) = first_difference(&reference, &digests) {
            return Err(explain(session, tools, label, face, (seed, number as u64)));
        }
    }
    let others = names.len() as u64 - 1;
    let skipped = (FACES.len() - names.len()) as u64;
    Ok(Agreement {
        counts: Counts { passed: others, skipped, ..Counts::default() },
        note: format!("{count} sequences of seed {seed}, the same in {}{missing}", names.join(", ")),
    })
}

fn generate(
    session: &Session,
    label: &str,
    seed: u64,
    first: u64,
    count: u64,
    file: &str,
) -> Result<(), Failure> {
    let mut make = vectors(session);
    make.args(["generate", "--seed", &seed.to_string(), "--first", &first.to_string()]);
    make.args(["--count", &count.to_string(), "--out", file]);
    let Finished { exit, output } = session.capture(&mut make, label);
    if exit == Some(0) { Ok(()) } else { Err(failed(&output, &make)) }
}

fn ask(
    session: &Session,
    (environment, installed): (&Environment, &Installed),
    label: &str,
    face: &Face,
    command: &str,
    file: &str,
) -> Result<String, Failure> {
    let mut runner = (face.runner)(session, environment, installed)?;
    runner.args([command, file]);
    let Finished { exit, output } = session.capture(&mut runner, label);
    if exit == Some(0) { Ok(output) } else { Err(failed(&output, &runner)) }
}

fn failed(output: &str, command: &Command) -> Failure {
    Failure(format!("{}\n`{}` failed", process::tail(output), process::describe(command)))
}

fn first_difference(left: &[String], right: &[String]) -> Option<usize> {
    let common = left.iter().zip(right).position(|(left, right)| left != right);
    common.or_else(|| (left.len() != right.len()).then(|| left.len().min(right.len())))
}

/// Runs the one sequence again and shows where the answers part.
fn explain(
    session: &Session,
    tools: (&Environment, &Installed),
    label: &str,
    face: &Face,
    (seed, number): (u64, u64),
) -> Failure {
    let mut text = format!(
        "{} and {} differ in sequence {number} of seed {seed}; to make it again:\n  \
         cargo run -p heijunka-vectors -- generate --seed {seed} --first {number} --count 1",
        FACES[0].name, face.name
    );
    let file = format!("{FOLDER}/differs.jsonl");
    let answers = generate(session, label, seed, number, 1, &file).and_then(|()| {
        let left = ask(session, tools, label, &FACES[0], "answers", &file)?;
        Ok((left, ask(session, tools, label, face, "answers", &file)?))
    });
    match answers {
        Ok((left, right)) => {
            let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
            let (left, right) = (lines(&left), lines(&right));
            if let Some(at) = first_difference(&left, &right) {
                let line = |lines: &[String]| lines.get(at).map_or("nothing", String::as_str).to_owned();
                text += &format!(
                    "\nthe first differing answer (step, operation, canonical answer):\n  {}: {}\n  {}: {}",
                    FACES[0].name,
                    line(&left),
                    face.name,
                    line(&right)
                );
            }
        }
        Err(Failure(message)) => text += &format!("\n{message}"),
    }
    Failure(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_difference_is_found() {
        let lines = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(first_difference(&lines("a b c"), &lines("a b c")), None);
        assert_eq!(first_difference(&lines("a b c"), &lines("a x c")), Some(1));
        assert_eq!(first_difference(&lines("a b"), &lines("a b c")), Some(2));
    }
}
