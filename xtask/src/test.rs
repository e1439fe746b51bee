//! `cargo xtask test`: runs every part, shows one line for each, and closes with the sum of all.

use std::fs;
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use crate::count::Counts;
use crate::parts::{self, Outcome, Part, Session};
use crate::process;

pub(crate) fn run(root: &Path, arguments: &[String]) -> ExitCode {
    let (only, verbose) = match parse(arguments) {
        Ok(parsed) => parsed,
        Err(message) => {
            eprintln!("error: {message}");
            return ExitCode::FAILURE;
        }
    };
    let ci = std::env::var("CI").is_ok_and(|value| value == "true" || value == "1");
    let began = Instant::now();
    let chosen: Vec<&Part> =
        parts::ALL.iter().filter(|part| only.is_empty() || only.contains(&part.name)).collect();
    let session = Session::new(root, verbose, &chosen);
    let ready = if chosen.iter().any(|part| part.needs_python) {
        session.prepare().map(drop)
    } else {
        session.install_packages()
    };
    // What only a person can mend is said before anything is built.
    if let Err(message) = ready {
        println!("error: {message}\n");
        println!("{}", Counts { failed: 1, ..Counts::default() });
        return ExitCode::FAILURE;
    }
    let mut sum = Counts::default();
    let mut failed = Vec::new();
    for part in chosen {
        let (counts, line) = run_part(part, &session, ci);
        sum += counts;
        println!("{line}");
        if counts.failed > 0 {
            failed.push(part.name);
        }
    }
    println!("\n{} in all", duration(began.elapsed()));
    if !failed.is_empty() {
        println!("failed: {0}; to run these alone: cargo xtask test --only {0}", failed.join(" "));
    }
    println!("{sum}");
    if sum.failed == 0 && sum.passed > 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Runs a part and answers its counts and its line; what went wrong is shown at once.
fn run_part(part: &Part, session: &Session, ci: bool) -> (Counts, String) {
    let name = format!("{:<9}", part.name);
    println!("{name} {}", part.about);
    let began = Instant::now();
    let outcome = (part.run)(session, &name);
    let time = duration(began.elapsed());
    let (mut counts, mut notes) = match outcome {
        Outcome::Ran { counts, problem, output } => {
            if counts.failed > 0 && !session.verbose {
                show(&session.root, part.name, &output);
            }
            (counts, problem)
        }
        Outcome::NotRun(why) => (Counts { skipped: 1, ..Counts::default() }, Some(format!("not run: {why}"))),
    };
    if ci && counts.skipped > 0 && part.skips_fail_in_ci {
        // Where everything can be installed, nothing may be left out.
        counts.failed += counts.skipped;
        counts.skipped = 0;
        let why = notes.take().map_or(String::new(), |notes| format!("{notes}; "));
        notes = Some(format!("{why}with CI=true what isn't run is a failure"));
    }
    let word = if counts.failed > 0 { "FAILED" } else { "ok" };
    let notes = notes.map_or(String::new(), |notes| format!(" ({notes})"));
    (counts, format!("{name} {word}: {counts} in {time}{notes}"))
}

/// Shows the end of what a failed part printed, and says where the whole of it is.
fn show(root: &Path, name: &str, output: &str) {
    let end = process::tail(output);
    if end.len() < output.trim_end().len() {
        let log = format!("target/test/{name}.log");
        if fs::create_dir_all(root.join("target/test")).is_ok() && fs::write(root.join(&log), output).is_ok()
        {
            println!("… (the whole output is in {log})");
        }
    }
    println!("{end}");
}

fn parse(arguments: &[String]) -> Result<(Vec<&'static str>, bool), String> {
    let (mut only, mut verbose, mut naming) = (Vec::new(), false, false);
    for argument in arguments {
        match argument.as_str() {
            "--only" => naming = true,
            "--verbose" | "-v" => verbose = true,
            name if naming && !name.starts_with('-') => {
                let part = parts::ALL.iter().find(|part| part.name == name).ok_or_else(|| {
                    format!("`{name}` is not a part; the parts are: {}", parts::names().join(" "))
                })?;
                only.push(part.name);
            }
            other => return Err(format!("`{other}` is not understood; see: cargo xtask help")),
        }
    }
    if naming && only.is_empty() {
        return Err(format!("`--only` needs a part: {}", parts::names().join(" ")));
    }
    Ok((only, verbose))
}

fn duration(time: Duration) -> String {
    let seconds = time.as_secs_f64();
    if seconds < 60.0 {
        format!("{seconds:.1} s")
    } else {
        format!("{:.0} min {:.0} s", (seconds / 60.0).floor(), seconds % 60.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments(text: &str) -> Vec<String> {
        text.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn parts_are_chosen_by_name() {
        let (only, verbose) = parse(&arguments("--only rust clippy -v")).unwrap();
        assert_eq!(only, ["rust", "clippy"]);
        assert!(verbose);
        assert!(parse(&arguments("--only")).is_err());
        assert!(parse(&arguments("--only nonsense")).is_err());
        assert!(parse(&arguments("rust")).is_err());
    }

    fn part(run: fn(&Session, &str) -> Outcome) -> Part {
        Part {
            name: "made-up",
            about: "",
            needs_python: false,
            packages: Vec::new,
            skips_fail_in_ci: true,
            run,
        }
    }

    #[test]
    fn what_is_not_run_is_skipped_and_fails_in_ci() {
        let session = Session::new(Path::new("/"), false, &[]);
        let part = part(|_, _| Outcome::NotRun("no reason".to_owned()));
        let (counts, line) = run_part(&part, &session, false);
        assert_eq!(counts, Counts { passed: 0, failed: 0, skipped: 1 });
        assert!(line.contains("not run: no reason"));
        assert_eq!(run_part(&part, &session, true).0, Counts { passed: 0, failed: 1, skipped: 0 });
    }

    #[test]
    fn part_names_are_distinct() {
        let mut names = parts::names();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), parts::ALL.len());
    }
}
