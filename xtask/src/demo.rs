//! `cargo xtask demo`: from a fresh clone to the report of a leveled trace.

use std::fmt::Write as _;
use std::path::Path;

use crate::python::Environment;
use crate::{Failure, process};

pub(crate) fn run(root: &Path, arguments: &[String]) -> Result<(), Failure> {
    let environment = Environment::open(root, "target/demo/venv", &[])?;
    environment.install_project()?;
    let folder = root.join("target/demo");
    let mut demo = environment.tool("heijunka");
    demo.args(["demo", "--dir"]).arg(&folder).args(arguments);
    // This one is for a person's eyes: colours and the progress bar as the terminal allows.
    demo.env_remove("NO_COLOR");
    for asked in ["NO_COLOR", "FORCE_COLOR"] {
        if let Some(value) = std::env::var_os(asked) {
            demo.env(asked, value);
        }
    }
    let status = demo.status().map_err(|error| Failure(format!("the demo can't be started: {error}")))?;
    if !status.success() {
        return Err(format!("`{}` failed", process::describe(&demo)).into());
    }
    let report = folder.join("report.html");
    if report.is_file() {
        println!("\nopen the report in a browser: {}", file_url(&report));
    }
    Ok(())
}

/// The address of a file for a browser.
fn file_url(path: &Path) -> String {
    let mut url = "file://".to_owned();
    for byte in path.to_string_lossy().bytes() {
        if byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte) {
            url.push(char::from(byte));
        } else {
            let _ = write!(url, "%{byte:02X}");
        }
    }
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_becomes_an_address() {
        assert_eq!(file_url(Path::new("/a b/報.html")), "file:///a%20b/%E5%A0%B1.html");
    }
}
