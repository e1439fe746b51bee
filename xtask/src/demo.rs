//! `cargo xtask demo`: from a fresh clone to the report of a leveled trace.

use std::path::Path;
use std::process::Command;

use crate::python::Environment;
use crate::{Failure, process};

pub(crate) fn run(root: &Path, arguments: &[String]) -> Result<(), Failure> {
    let environment = Environment::open(root, "target/demo/venv", &[])?;
    environment.install_project()?;
    let mut demo: Command = environment.tool("heijunka");
    demo.args(["demo", "--dir"]).arg(root.join("target/demo")).args(arguments);
    // This one is for a person's eyes: colours and the progress bar as the terminal allows.
    demo.env_remove("NO_COLOR");
    if let Some(asked) = std::env::var_os("NO_COLOR") {
        demo.env("NO_COLOR", asked);
    }
    let status = demo.status().map_err(|error| Failure(format!("the demo can't be started: {error}")))?;
    if status.success() { Ok(()) } else { Err(format!("`{}` failed", process::describe(&demo)).into()) }
}
