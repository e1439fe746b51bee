//! `cargo xtask bench`: the benchmarks of the core.

use std::fs;
use std::path::Path;

use crate::{Failure, process};

const BENCHES: &str = "core/benches";

pub(crate) fn run(root: &Path, arguments: &[String]) -> Result<(), Failure> {
    let mut command = process::cargo(root, &["bench", "--package", "heijunka-core"]);
    // One by one: `--benches` would hand criterion's arguments to the unit tests as well.
    for name in names(&root.join(BENCHES))? {
        command.args(["--bench", &name]);
    }
    if !arguments.is_empty() {
        command.arg("--").args(arguments);
    }
    println!("{}", process::describe(&command));
    let status = command.status().map_err(|error| Failure(format!("cargo can't be started: {error}")))?;
    if status.success() { Ok(()) } else { Err(format!("`{}` failed", process::describe(&command)).into()) }
}

fn names(folder: &Path) -> Result<Vec<String>, Failure> {
    let entries =
        fs::read_dir(folder).map_err(|error| Failure(format!("`{BENCHES}` can't be read: {error}")))?;
    let files = entries.flatten().map(|entry| entry.path());
    let mut names: Vec<String> = files
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned()))
        .collect();
    names.sort();
    Ok(names)
}
