//! The Python side: finds an interpreter, makes a virtual environment, builds the wheel and installs it there.
//! What is up to date isn't made again.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{Failure, fingerprint, process, system};

/// The oldest Python that is supported.
const OLDEST: (u32, u32) = (3, 10);

/// What the wheel is made from.
const SOURCES: &[&str] = &[
    "Cargo.toml",
    "Cargo.lock",
    ".cargo",
    "pyproject.toml",
    "README.md",
    "core/Cargo.toml",
    "core/src",
    "bindings/python",
    "python",
];

/// An interpreter on this system.
struct Interpreter {
    /// The name it was found under.
    name: String,
    /// Where it is.
    path: PathBuf,
    version: (u32, u32),
}

/// A virtual environment of the project's own under `target/`.
pub(crate) struct Environment {
    root: PathBuf,
    folder: PathBuf,
    base: PathBuf,
}

impl Environment {
    /// Opens the virtual environment in `folder`, making it where needed. Missing system packages, `also` among
    /// them, are installed first, or named all at once in the failure.
    pub(crate) fn open(root: &Path, folder: &str, also: &[&str]) -> Result<Self, Failure> {
        let mut missing: Vec<String> = Vec::new();
        let mut opened = None;
        match find(root) {
            None => missing.extend(["python3".to_owned(), "python3-venv".to_owned()]),
            Some(interpreter) => {
                opened = Self::make(root, folder, &interpreter)?;
                if opened.is_none() {
                    missing.push(format!("{}-venv", interpreter.name));
                }
            }
        }
        missing.extend(also.iter().map(|package| (*package).to_owned()));
        if !missing.is_empty() {
            let packages: Vec<&str> = missing.iter().map(String::as_str).collect();
            system::install(root, &packages)?;
        }
        if let Some(environment) = opened {
            return Ok(environment);
        }
        let interpreter = find(root).ok_or_else(|| {
            Failure(format!(
                "no Python {}.{} or newer was found; install one, or name it in `HEIJUNKA_PYTHON`",
                OLDEST.0, OLDEST.1
            ))
        })?;
        Self::make(root, folder, &interpreter)?.ok_or_else(|| {
            Failure(format!(
                "`{}` has no `ensurepip` and so makes no virtual environments with pip; name another Python in \
                 `HEIJUNKA_PYTHON`",
                interpreter.path.display()
            ))
        })
    }

    /// Makes the environment unless it is there and works; `None` when the interpreter can't for want of
    /// `ensurepip`, which Debian keeps in a package of its own.
    fn make(root: &Path, folder: &str, interpreter: &Interpreter) -> Result<Option<Self>, Failure> {
        let environment =
            Self { root: root.to_path_buf(), folder: root.join(folder), base: interpreter.path.clone() };
        let stamp = environment.folder.join("made-with");
        let made_with = format!("{} {:?}", interpreter.path.display(), interpreter.version);
        let works = || {
            let mut check = environment.tool("python");
            check.args(["-c", "import pip"]);
            check.output().is_ok_and(|output| output.status.success())
        };
        if fingerprint::is_current(&stamp, &made_with) && works() {
            return Ok(Some(environment));
        }
        println!(
            "making a virtual environment in {folder} (Python {}.{})",
            interpreter.version.0, interpreter.version.1
        );
        if environment.folder.exists() {
            fs::remove_dir_all(&environment.folder)
                .map_err(|error| Failure(format!("`{folder}` can't be removed: {error}")))?;
        }
        let mut make = process::command(root, &interpreter.path);
        make.args(["-m", "venv"]).arg(&environment.folder);
        let finished = process::capture(&mut make, "venv", false)?;
        if finished.exit == Some(0) {
            fingerprint::keep(&stamp, &made_with);
            return Ok(Some(environment));
        }
        if finished.output.contains("ensurepip") {
            return Ok(None);
        }
        Err(format!("{}\n`{}` failed", process::tail(&finished.output), process::describe(&make)).into())
    }

    /// A program of the environment, to be run at the top of the repository.
    pub(crate) fn tool(&self, name: &str) -> Command {
        let programs = self.programs();
        let mut command = process::command(&self.root, programs.join(name));
        let path = std::env::var_os("PATH").unwrap_or_default();
        let path = std::iter::once(programs).chain(std::env::split_paths(&path));
        if let Ok(path) = std::env::join_paths(path) {
            command.env("PATH", path);
        }
        // Only what is installed in the environment is seen.
        for name in ["PYTHONPATH", "PYTHONHOME", "CONDA_PREFIX"] {
            command.env_remove(name);
        }
        command
            .env("VIRTUAL_ENV", &self.folder)
            .env("PYTHONNOUSERSITE", "1")
            .env("PIP_DISABLE_PIP_VERSION_CHECK", "1")
            .env("PIP_NO_INPUT", "1");
        command
    }

    /// Installs what a requirements file lists.
    pub(crate) fn install_requirements(&self, file: &str) -> Result<(), Failure> {
        let stamp = self.folder.join("requirements");
        let current = fingerprint::of(&self.root, &[file], &[]);
        if fingerprint::is_current(&stamp, &current) {
            return Ok(());
        }
        println!("installing {file}");
        self.pip(&["install", "--quiet", "--requirement", file])?;
        fingerprint::keep(&stamp, &current);
        Ok(())
    }

    /// Builds the wheel (release) and installs it with its command line.
    pub(crate) fn install_project(&self) -> Result<(), Failure> {
        let maturin = self.maturin_requirement()?;
        let cargo = process::run(&mut process::cargo(&self.root, &["--version"]), "cargo", false)?;
        let stamp = self.folder.join("installed");
        let current = fingerprint::of(&self.root, SOURCES, &[&cargo, &maturin]);
        if fingerprint::is_current(&stamp, &current) {
            return Ok(());
        }
        println!("building the wheel (release; the first build takes a minute or two)");
        self.pip(&["install", "--quiet", &maturin])?;
        let wheels = self.folder.join("wheel");
        let _ = fs::remove_dir_all(&wheels);
        let mut build = self.tool("maturin");
        // The system's interpreter, not this environment's: the same for every environment, so that going from
        // one to the other compiles nothing anew.
        build.args(["build", "--release", "--interpreter"]).arg(&self.base).arg("--out").arg(&wheels);
        process::run(&mut build, "maturin", false)?;
        let wheel = fs::read_dir(&wheels)
            .into_iter()
            .flatten()
            .flatten()
            .map(|entry| entry.path())
            .find(|path| path.extension().is_some_and(|extension| extension == "whl"))
            .ok_or("`maturin build` left no wheel")?;
        println!("installing {}", wheel.file_name().unwrap_or_default().to_string_lossy());
        // The version alone doesn't tell two builds apart.
        self.pip(&["uninstall", "--quiet", "--yes", "heijunka"])?;
        self.pip(&["install", "--quiet", &format!("{}[cli]", wheel.display())])?;
        fingerprint::keep(&stamp, &current);
        Ok(())
    }

    pub(crate) fn pip(&self, arguments: &[&str]) -> Result<(), Failure> {
        process::run(self.tool("python").args(["-m", "pip"]).args(arguments), "pip", false).map(drop)
    }

    fn programs(&self) -> PathBuf {
        self.folder.join(if cfg!(windows) { "Scripts" } else { "bin" })
    }

    /// maturin as the project pins it: in `requirements-dev.txt`, or else in `pyproject.toml`.
    fn maturin_requirement(&self) -> Result<String, Failure> {
        let read = |file: &str| fs::read_to_string(self.root.join(file)).unwrap_or_default();
        pinned_maturin(&read("requirements-dev.txt"), &read("pyproject.toml"))
            .ok_or_else(|| "neither `requirements-dev.txt` nor `pyproject.toml` names maturin".into())
    }
}

fn pinned_maturin(requirements: &str, pyproject: &str) -> Option<String> {
    let pinned = requirements.lines().map(str::trim).find(|line| line.starts_with("maturin=="));
    let built_by =
        || pyproject.split('"').find(|text| text.starts_with("maturin") && text.contains(['=', '>', '<']));
    pinned.or_else(built_by).map(str::to_owned)
}

fn find(root: &Path) -> Option<Interpreter> {
    if let Some(named) = std::env::var_os("HEIJUNKA_PYTHON") {
        return probe(root, &named.to_string_lossy());
    }
    let newest_first = (OLDEST.1..=14).rev().map(|minor| format!("python3.{minor}"));
    ["python3".to_owned()]
        .into_iter()
        .chain(newest_first)
        .chain(["python".to_owned()])
        .find_map(|name| probe(root, &name))
}

fn probe(root: &Path, name: &str) -> Option<Interpreter> {
    let mut ask = process::command(root, name);
    ask.args(["-c", "import sys; print(*sys.version_info[:2]); print(sys.executable)"]);
    let output = ask.output().ok().filter(|output| output.status.success())?;
    let text = String::from_utf8(output.stdout).ok()?;
    let mut lines = text.lines();
    let (major, minor) = lines.next()?.split_once(' ')?;
    let version = (major.parse().ok()?, minor.parse().ok()?);
    let path = PathBuf::from(lines.next()?);
    (version >= OLDEST).then(|| Interpreter { name: name.to_owned(), path, version })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn maturin_is_pinned_in_one_place() {
        let pyproject = "[build-system]\nrequires = [\"maturin>=1.16,<2\"]\nbuild-backend = \"maturin\"\n";
        assert_eq!(
            pinned_maturin("pytest==9\nmaturin==1.16.0\n", pyproject).as_deref(),
            Some("maturin==1.16.0")
        );
        assert_eq!(pinned_maturin("", pyproject).as_deref(), Some("maturin>=1.16,<2"));
        assert_eq!(pinned_maturin("", ""), None);
    }
}
