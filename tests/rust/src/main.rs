//! Records, digests and generates sequences of the corpus. See `help`.

use std::fmt::Write as _;
use std::io::{BufWriter, Write as _};
use std::process::ExitCode;
use std::{env, fs};

use heijunka_core::{Value, whatif};
use heijunka_vectors::{Sequence, canon, generate, run};

const HELP: &str = "\
usage: heijunka-vectors COMMAND

  record FILE…                              check files and write their digests into them; nothing else is changed
  digest FILE…                              print the name and the digest of every sequence
  answers FILE…                             print the canonical answer of every call
  simulate FILE                             print the outcome of a simulation; the file is a JSON map with `config`,
                                            `workload` and `seed`
  generate --seed S --count N [--steps K] [--first I] [--out FILE]
                                            print random sequences, one a line, from number I (0) on

A FILE that ends in `.jsonl` has a sequence on every line, any other is one sequence.
";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let done = match arguments.split_first() {
        Some((command, files)) if !files.is_empty() => match command.as_str() {
            "record" => files.iter().try_for_each(|file| record(file)),
            "digest" => digest(files),
            "answers" => answers(files),
            "simulate" => files.iter().try_for_each(|file| simulate(file)),
            "generate" => generate(files),
            other => Err(format!("`{other}` is not a command\n\n{HELP}")),
        },
        _ => Err(HELP.to_owned()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

fn text_of(file: &str) -> Result<String, String> {
    fs::read_to_string(file).map_err(|error| format!("{file}: {error}"))
}

/// Calls `each` with the sequences of the files.
fn sequences(files: &[String], mut each: impl FnMut(&Sequence) -> Result<(), String>) -> Result<(), String> {
    for file in files {
        let text = text_of(file)?;
        let lines: Vec<&str> = if file.ends_with(".jsonl") { text.lines().collect() } else { vec![&text] };
        for (line, number) in lines.into_iter().zip(1..) {
            let at = |error: String| format!("{file}, sequence {number}: {error}");
            each(&Sequence::parse(line).map_err(at)?).map_err(at)?;
        }
    }
    Ok(())
}

fn record(file: &str) -> Result<(), String> {
    let text = text_of(file)?;
    let sequence = Sequence::parse(&text).map_err(|error| format!("{file}: {error}"))?;
    let finished = run(&sequence, |_, _, _| ()).map_err(|error| format!("{file}: {error}"))?;
    if !finished.failures.is_empty() {
        return Err(format!("{file}: not recorded:\n  {}", finished.failures.join("\n  ")));
    }
    if finished.digest == sequence.digest {
        return Ok(());
    }
    let member = |digest: &str| format!("\"digest\": \"{digest}\"");
    let old = member(&sequence.digest);
    if text.matches(&old).count() != 1 {
        return Err(format!("{file}: `{old}` must stand in it once"));
    }
    let text = text.replacen(&old, &member(&finished.digest), 1);
    fs::write(file, text).map_err(|error| format!("{file}: {error}"))?;
    println!("{file}: {}", finished.digest);
    Ok(())
}

fn digest(files: &[String]) -> Result<(), String> {
    let mut out = BufWriter::new(std::io::stdout().lock());
    sequences(files, |sequence| {
        let finished = run(sequence, |_, _, _| ())?;
        writeln!(out, "{} {}", sequence.name, finished.digest).map_err(|error| error.to_string())
    })?;
    out.flush().map_err(|error| error.to_string())
}

fn answers(files: &[String]) -> Result<(), String> {
    let mut out = BufWriter::new(std::io::stdout().lock());
    sequences(files, |sequence| {
        let mut lines = String::new();
        let ran = run(sequence, |number, step, answer| {
            let bytes = canon::bytes(answer);
            let _ = writeln!(lines, "{number} {} {}", step.op.name, String::from_utf8_lossy(&bytes));
        });
        // What was answered before a call that can't be made is shown too.
        out.write_all(lines.as_bytes()).and_then(|()| out.flush()).map_err(|error| error.to_string())?;
        ran.map(drop)
    })?;
    out.flush().map_err(|error| error.to_string())
}

fn simulate(file: &str) -> Result<(), String> {
    let at = |error: String| format!("{file}: {error}");
    let request = Value::from_json(&text_of(file)?).map_err(|error| at(error.to_string()))?;
    let member = |name: &str| request.get(name).ok_or_else(|| at(format!("`{name}` is missing")));
    let seed = match member("seed")? {
        Value::Integer(seed) => u64::try_from(*seed).map_err(|error| at(format!("`seed`: {error}")))?,
        _ => return Err(at("`seed` must be an integer".to_owned())),
    };
    let outcome = whatif::simulate(member("config")?, member("workload")?, seed)
        .map_err(|error| at(error.to_string()))?;
    println!("{}", serde_json::to_string(&outcome).map_err(|error| at(error.to_string()))?);
    Ok(())
}

fn generate(arguments: &[String]) -> Result<(), String> {
    let (mut seed, mut count, mut steps, mut first) = (None, None, 50, 0);
    let mut file = None;
    for pair in arguments.chunks(2) {
        let [name, value] = pair else { return Err(format!("`{}` needs a number", pair[0])) };
        if name == "--out" {
            file = Some(value);
            continue;
        }
        let number: u64 = value.parse().map_err(|_| format!("`{value}` is not a number"))?;
        match name.as_str() {
            "--seed" => seed = Some(number),
            "--count" => count = Some(number),
            "--steps" => steps = number,
            "--first" => first = number,
            other => return Err(format!("`{other}` is not understood")),
        }
    }
    let (Some(seed), Some(count)) = (seed, count) else {
        return Err("`--seed` and `--count` are needed".into());
    };
    let steps = usize::try_from(steps).map_err(|error| error.to_string())?;
    let mut out: BufWriter<Box<dyn std::io::Write>> = BufWriter::new(match file {
        Some(file) => Box::new(fs::File::create(file).map_err(|error| format!("{file}: {error}"))?),
        None => Box::new(std::io::stdout().lock()),
    });
    for number in first..first.saturating_add(count) {
        writeln!(out, "{}", generate::sequence(seed, number, steps)).map_err(|error| error.to_string())?;
    }
    out.flush().map_err(|error| error.to_string())
}
