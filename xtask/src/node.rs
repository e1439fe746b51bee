//! Node and npm: found on this system, and what a package-lock.json lists installed beside it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{Failure, fingerprint, process, system};

/// The oldest Node that is supported.
const OLDEST: u32 = 20;

/// The packages that this needs and the system lacks.
pub(crate) fn missing_packages() -> Vec<&'static str> {
    // Debian's npm is a package of its own; others bring it with Node.
    let lacks = |tool: &&str| system::which(tool).is_none();
    [("node", "nodejs"), ("npm", "npm")]
        .into_iter()
        .filter(|(tool, _)| lacks(tool))
        .map(|(_, package)| package)
        .collect()
}

/// A Node that is new enough, with its npm.
pub(crate) struct Node {
    root: PathBuf,
}

impl Node {
    pub(crate) fn find(root: &Path) -> Result<Self, Failure> {
        if let Some(missing) = missing_packages().first() {
            return Err(
                format!("no {missing} on this system: Node {OLDEST} or newer and npm are needed").into()
            );
        }
        let mut ask = process::command(root, "node");
        let said = ask.arg("--version").output();
        let said = said.map_err(|error| Failure(format!("`node` can't be run: {error}")))?;
        let version = String::from_utf8_lossy(&said.stdout).trim().to_owned();
        match major(&version) {
            Some(major) if major >= OLDEST => Ok(Self { root: root.to_path_buf() }),
            _ => Err(format!("Node {version} is too old: {OLDEST} or newer is needed").into()),
        }
    }

    /// `node`, to be run at the top of the repository.
    pub(crate) fn node(&self) -> Command {
        process::command(&self.root, "node")
    }

    /// `npm`, to be run in a folder.
    pub(crate) fn npm(&self, folder: &Path) -> Command {
        let mut npm = process::command(&self.root, "npm");
        npm.current_dir(folder);
        for (name, value) in [("audit", "false"), ("fund", "false"), ("update_notifier", "false")] {
            npm.env(format!("npm_config_{name}"), value);
        }
        npm
    }

    /// Installs what the package-lock.json of a folder lists, unless that is there. No script of a package is run.
    pub(crate) fn install(&self, folder: &str) -> Result<(), Failure> {
        let place = self.root.join(folder);
        let stamp = place.join("node_modules/.made-from");
        let lock = format!("{folder}/package-lock.json");
        let current = fingerprint::of(&self.root, &[&lock], &[]);
        if fingerprint::is_current(&stamp, &current) {
            return Ok(());
        }
        println!("installing what {lock} lists");
        process::run(self.npm(&place).args(["ci", "--ignore-scripts"]), "npm", false)?;
        fingerprint::keep(&stamp, &current);
        Ok(())
    }

    /// A program of what is installed in a folder, run by this Node.
    pub(crate) fn tool(&self, folder: &str, program: &str) -> Result<Command, Failure> {
        let path = self.root.join(folder).join("node_modules/.bin").join(program);
        let path = fs::canonicalize(&path)
            .map_err(|error| Failure(format!("`{}` can't be found: {error}", path.display())))?;
        let mut command = self.node();
        command.arg(path);
        Ok(command)
    }
}

/// The major number of `v20.1.0`.
fn major(version: &str) -> Option<u32> {
    version.strip_prefix('v')?.split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read() {
        assert_eq!(major("v20.20.2"), Some(20));
        assert_eq!(major("v8.0"), Some(8));
        assert_eq!(major("20"), None);
        assert_eq!(major(""), None);
    }
}
