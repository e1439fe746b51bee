//! Runs other programs: quietly, with a live line on a terminal, and everything they print kept.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, IsTerminal, Read, Write, stdout};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::Failure;

/// On a pipe (continuous integration) a long command says this often that it is still running.
const SIGN_OF_LIFE: Duration = Duration::from_secs(60);

/// What a command did.
pub(crate) struct Finished {
    /// Its exit code; `None` when a signal ended it.
    pub(crate) exit: Option<i32>,
    /// What it printed on both streams, in the order of arrival.
    pub(crate) output: String,
}

/// A command that runs at the top of the repository, free of what `cargo run` put into the environment for this
/// program.
pub(crate) fn command(root: &Path, program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(root);
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") || text == "CARGO_BIN_NAME" {
            command.env_remove(name);
        }
    }
    // What a runner counted is read from plain text.
    command.env("CARGO_TERM_COLOR", "never").env("NO_COLOR", "1").env("PY_COLORS", "0");
    command.env_remove("FORCE_COLOR");
    command
}

/// The cargo that runs this program.
pub(crate) fn cargo(root: &Path, arguments: &[&str]) -> Command {
    let mut command = command(root, std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(arguments);
    command
}

/// The command as a person would type it at the top of the repository.
pub(crate) fn describe(command: &Command) -> String {
    let top = command.get_current_dir().map(|top| format!("{}/", top.display())).unwrap_or_default();
    let mut words = vec![command.get_program()];
    words.extend(command.get_args());
    let mut words: Vec<String> = words
        .into_iter()
        .map(|word| {
            let word = word.to_string_lossy();
            let word = word.strip_prefix(&top).unwrap_or(&word);
            let plain = |c: char| c.is_ascii_alphanumeric() || "-_=./:@,+".contains(c);
            if !word.is_empty() && word.chars().all(plain) {
                word.to_owned()
            } else {
                format!("'{}'", word.replace('\'', r"'\''"))
            }
        })
        .collect();
    if words[0].ends_with("/cargo") {
        "cargo".clone_into(&mut words[0]);
    }
    words.join(" ")
}

/// Runs the command to its end without input. `label` stands in front of the live line; with `echo` everything
/// it prints is passed through instead.
pub(crate) fn capture(command: &mut Command, label: &str, echo: bool) -> Result<Finished, Failure> {
    let began = Instant::now();
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| Failure(format!("`{}` can't be started: {error}", describe(command))))?;
    let kept = Arc::new(Mutex::new(String::new()));
    let readers: Vec<_> = [
        child.stdout.take().map(|pipe| Box::new(pipe) as Box<dyn Read + Send>),
        child.stderr.take().map(|pipe| Box::new(pipe) as Box<dyn Read + Send>),
    ]
    .into_iter()
    .flatten()
    .map(|pipe| {
        let kept = Arc::clone(&kept);
        thread::spawn(move || keep(pipe, &kept, echo))
    })
    .collect();

    let live = !echo && stdout().is_terminal();
    let mut next_sign = SIGN_OF_LIFE;
    let exit = loop {
        match child.try_wait() {
            Ok(Some(status)) => break status.code(),
            Ok(None) => {}
            Err(error) => {
                return Err(Failure(format!("`{}` can't be waited for: {error}", describe(command))));
            }
        }
        let elapsed = began.elapsed();
        if live {
            live_line(&format!("{label}  {} s  {}", elapsed.as_secs(), last_line(&kept)));
        } else if !echo && elapsed >= next_sign {
            println!("{label}  still running after {} s: {}", elapsed.as_secs(), last_line(&kept));
            next_sign += SIGN_OF_LIFE;
        }
        thread::sleep(Duration::from_millis(if elapsed.as_millis() < 500 { 10 } else { 100 }));
    };
    for reader in readers {
        let _ = reader.join();
    }
    if live {
        live_line("");
    }
    let output = std::mem::take(&mut *kept.lock().unwrap_or_else(PoisonError::into_inner));
    Ok(Finished { exit, output })
}

/// Runs the command to its end; when it fails, the failure carries what it printed.
pub(crate) fn run(command: &mut Command, label: &str, echo: bool) -> Result<String, Failure> {
    let Finished { exit, output } = capture(command, label, echo)?;
    if exit == Some(0) {
        return Ok(output);
    }
    let shown = if echo { "" } else { tail(&output) };
    Err(Failure(format!("{shown}\n`{}` failed", describe(command))))
}

/// The end of a long output: enough to see what went wrong.
pub(crate) fn tail(output: &str) -> &str {
    const LINES: usize = 200;
    let output = output.trim_end();
    output.rmatch_indices('\n').nth(LINES).map_or(output, |(at, _)| &output[at + 1..])
}

fn keep(pipe: impl Read, kept: &Mutex<String>, echo: bool) {
    let mut reader = BufReader::new(pipe);
    let mut line = Vec::new();
    while reader.read_until(b'\n', &mut line).is_ok_and(|length| length > 0) {
        let text = String::from_utf8_lossy(&line);
        if echo {
            print!("{text}");
        }
        kept.lock().unwrap_or_else(PoisonError::into_inner).push_str(&text);
        line.clear();
    }
}

fn last_line(kept: &Mutex<String>) -> String {
    let kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
    let line = kept.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or_default();
    line.trim().chars().filter(|c| !c.is_control()).take(48).collect()
}

fn live_line(text: &str) {
    let mut out = stdout().lock();
    let _ = write!(out, "\r\x1b[2K{text}");
    let _ = out.flush();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_shown_as_a_person_would_type_them() {
        let mut command = command(Path::new("/top"), "/top/target/venv/bin/pip");
        command.args(["install", "/top/a.whl[cli]", "it's"]);
        assert_eq!(describe(&command), r"target/venv/bin/pip install 'a.whl[cli]' 'it'\''s'");
        assert!(describe(&cargo(Path::new("/top"), &["fmt"])).ends_with("cargo fmt"));
    }

    #[test]
    fn both_streams_and_the_exit_code_are_kept() {
        let mut command = command(Path::new("/"), "sh");
        command.args(["-c", "echo out; echo err >&2; exit 3"]);
        let Ok(finished) = capture(&mut command, "", false) else { panic!("sh can't be started") };
        assert_eq!(finished.exit, Some(3));
        assert!(finished.output.contains("out\n") && finished.output.contains("err\n"));
    }

    #[test]
    fn the_tail_keeps_the_last_lines() {
        let long: String = (0..1000).map(|line| format!("{line}\n")).collect();
        assert!(tail(&long).starts_with("799\n") && tail(&long).ends_with("999"));
        assert_eq!(tail("short\n"), "short");
    }
}
