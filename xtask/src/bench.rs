//! `cargo xtask bench`: the benchmarks of the core.

use std::path::Path;

use crate::{Failure, process};

pub(crate) fn run(root: &Path, arguments: &[String]) -> Result<(), Failure> {
    let mut command = process::cargo(root, &["bench", "--package", "heijunka-core", "--benches"]);
    if !arguments.is_empty() {
        command.arg("--").args(arguments);
    }
    println!("{}", process::describe(&command));
    let status = command.status().map_err(|error| Failure(format!("cargo can't be started: {error}")))?;
    if status.success() { Ok(()) } else { Err(format!("`{}` failed", process::describe(&command)).into()) }
}
