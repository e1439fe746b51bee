//! Packages of the operating system: installed as root on Debian and its descendants, otherwise named in one line
//! that a person can run.

use std::path::{Path, PathBuf};

use crate::{Failure, process};

/// Where a program is found on `PATH`.
pub(crate) fn which(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|file| is_executable(file))
}

#[cfg(unix)]
fn is_executable(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    file.metadata().is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_executable(file: &Path) -> bool {
    file.is_file() || file.with_extension("exe").is_file()
}

/// Whether this is a system with apt.
pub(crate) fn has_apt() -> bool {
    which("apt-get").is_some()
}

/// Whether this is Debian itself (its descendants don't all have its packages).
pub(crate) fn is_debian() -> bool {
    let system = std::fs::read_to_string("/etc/os-release").unwrap_or_default();
    system.lines().any(|line| line == "ID=debian")
}

/// Installs packages, or fails with the one line that would.
pub(crate) fn install(root: &Path, packages: &[&str]) -> Result<(), Failure> {
    let list = packages.join(" ");
    if !has_apt() {
        return Err(format!(
            "missing on this system: {list} (as Debian names it). Install it and run this again"
        )
        .into());
    }
    if !is_root(root) {
        return Err(format!(
            "missing system packages: {list}. Run this line, then the task again:\n\n  \
             sudo apt-get update && sudo apt-get install -y --no-install-recommends {list}"
        )
        .into());
    }
    println!("installing system packages: {list}");
    let apt = |arguments: &[&str]| {
        let mut command = process::command(root, "apt-get");
        // Another apt may hold the lock for a while (a fresh machine updates itself).
        command.args(["-q", "-o", "DPkg::Lock::Timeout=300"]).args(arguments);
        command.env("DEBIAN_FRONTEND", "noninteractive");
        process::run(&mut command, "apt-get", false).map(drop)
    };
    apt(&["update"])?;
    let mut install = vec!["install", "-y", "--no-install-recommends"];
    install.extend(packages);
    apt(&install)
}

#[cfg(unix)]
fn is_root(root: &Path) -> bool {
    let id = process::command(root, "id").arg("-u").output();
    id.is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

#[cfg(not(unix))]
fn is_root(_: &Path) -> bool {
    false
}
