//! Every task of the project, as `cargo xtask TASK`. `cargo xtask help` lists them.

mod bench;
mod c;
mod count;
mod demo;
mod fingerprint;
mod fuzz;
mod go;
mod header;
mod install;
#[cfg(test)]
mod layers;
mod node;
mod page;
mod parts;
mod process;
mod python;
mod system;
mod test;
mod wasm;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Where the task stopped and how to go on, ready to be shown.
pub(crate) struct Failure(pub(crate) String);

impl From<String> for Failure {
    fn from(message: String) -> Self {
        Self(message)
    }
}

impl From<&str> for Failure {
    fn from(message: &str) -> Self {
        Self(message.to_owned())
    }
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let root = root();
    let (task, rest) = match arguments.split_first() {
        Some((task, rest)) => (task.as_str(), rest),
        None => ("help", &[][..]),
    };
    let done = match task {
        "demo" => demo::run(&root, rest),
        "test" => return test::run(&root, rest),
        "bench" => bench::run(&root, rest),
        "fuzz" => fuzz::run(&root, rest),
        "header" => header::run(&root, rest),
        "abi" => c::write_lists(&root, rest),
        "page" => page::run(&root, rest),
        "wasm" => wasm::run(&root, rest),
        "install" => install::run(&root, rest),
        "help" | "-h" | "--help" => {
            print!("{}", help());
            Ok(())
        }
        other => Err(Failure(format!("`{other}` is not a task\n\n{}", help()))),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure(message)) => {
            eprintln!("\nerror: {}", message.trim_end());
            ExitCode::FAILURE
        }
    }
}

/// The top of the repository.
fn root() -> PathBuf {
    let xtask = std::env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    xtask.parent().map_or(xtask.clone(), Path::to_path_buf)
}

fn help() -> String {
    format!(
        "\
usage: cargo xtask TASK [ARGUMENT…]

  demo                 build everything, replay the shipped trace, show the summary and write the report
  test                 run every test of every language; closes with `N passed, N failed, N skipped`
  test --only PART…    run some parts alone: {parts}
  test --verbose       show what each part prints, also when it passes
  bench [ARGUMENT…]    run the benchmarks of the core; the arguments go to criterion
  fuzz [--count N] [--seed S]
                       make random sequences of calls and compare what every language answers
  install --prefix FOLDER
                       build the C library and lay it out: include/, lib/, lib/pkgconfig/
  page [--port PORT]   build the page and serve it on this machine: what another configuration would have done
  wasm                 build the npm package: bindings/wasm/pkg
  header               make include/heijunka.h from bindings/c
  abi                  write the lists of symbols and struct layouts that the tests compare (bindings/c/abi/)
  help                 show this

Missing system packages are installed when this runs as root on Debian or Ubuntu; otherwise the command that
installs them is printed. `HEIJUNKA_PYTHON` names the Python to use (3.10 or newer; by default the first
`python3` that is new enough).
",
        parts = parts::names().join(" "),
    )
}
