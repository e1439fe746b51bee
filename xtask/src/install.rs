//! `cargo xtask install`: builds the C library and lays it out as a Unix system expects it.

use std::fs;
use std::path::{Path, PathBuf};

use crate::{Failure, process};

/// What is linked beside the static library: what `rustc --print native-static-libs` names for Linux.
const SYSTEM_LIBRARIES: &str = "-lgcc_s -lutil -lrt -lpthread -lm -ldl -lc";

pub(crate) fn run(root: &Path, arguments: &[String]) -> Result<(), Failure> {
    let prefix = match arguments {
        [flag, prefix] if flag == "--prefix" && !prefix.is_empty() => prefix,
        [both] if both.len() > 9 && both.starts_with("--prefix=") => &both["--prefix=".len()..],
        _ => return Err("usage: cargo xtask install --prefix FOLDER".into()),
    };
    let prefix = std::env::current_dir()
        .map_err(|error| Failure(format!("the current folder is unknown: {error}")))?
        .join(prefix);
    let installed = install(root, &prefix, "install")?;
    println!("installed heijunka {} in {}", installed.version, prefix.display());
    println!("  pkg-config --cflags --libs heijunka   (PKG_CONFIG_PATH={}/lib/pkgconfig)", prefix.display());
    Ok(())
}

/// The library, built and laid out.
pub(crate) struct Installed {
    pub(crate) prefix: PathBuf,
    pub(crate) version: String,
}

impl Installed {
    pub(crate) fn lib(&self) -> PathBuf {
        self.prefix.join("lib")
    }

    pub(crate) fn shared(&self) -> PathBuf {
        self.lib().join(format!("libheijunka.so.{}", self.version))
    }
}

/// Builds the library (release) and lays it out under `prefix`: `include`, `lib`, `lib/pkgconfig`.
pub(crate) fn install(root: &Path, prefix: &Path, label: &str) -> Result<Installed, Failure> {
    if !cfg!(all(unix, not(target_vendor = "apple"))) {
        return Err("the C library is laid out on Linux and other systems with ELF alone; \
                    `cargo build --release --package heijunka-c` builds it on any"
            .into());
    }
    let mut build = process::cargo(root, &["build", "--release", "--locked", "--package", "heijunka-c"]);
    process::run(&mut build, label, false)?;
    let built = target_folder(root)?.join("release");
    let version = version_of(root, "heijunka-c")?;
    let header = fs::read_to_string(root.join("include/heijunka.h")).unwrap_or_default();
    let abi = abi_version(&header).ok_or("include/heijunka.h names no HEIJUNKA_ABI_VERSION")?;

    let lib = prefix.join("lib");
    for folder in [prefix.join("include"), lib.join("pkgconfig")] {
        fs::create_dir_all(&folder)
            .map_err(|error| Failure(format!("`{}` can't be made: {error}", folder.display())))?;
    }
    copy(&root.join("include/heijunka.h"), &prefix.join("include/heijunka.h"))?;
    copy(&built.join("libheijunka.a"), &lib.join("libheijunka.a"))?;
    copy(&built.join("libheijunka.so"), &lib.join(format!("libheijunka.so.{version}")))?;
    link(&format!("libheijunka.so.{version}"), &lib.join(format!("libheijunka.so.{abi}")))?;
    link(&format!("libheijunka.so.{abi}"), &lib.join("libheijunka.so"))?;
    let pc = lib.join("pkgconfig/heijunka.pc");
    fs::write(&pc, pkg_config(&version))
        .map_err(|error| Failure(format!("`{}` can't be written: {error}", pc.display())))?;
    Ok(Installed { prefix: prefix.to_path_buf(), version })
}

/// The folder that cargo builds into.
pub(crate) fn target_folder(root: &Path) -> Result<PathBuf, Failure> {
    let metadata = metadata(root)?;
    Ok(text_of(&metadata, "target_directory").ok_or("`cargo metadata` names no target folder")?.into())
}

/// The version of a package of the workspace.
pub(crate) fn version_of(root: &Path, package: &str) -> Result<String, Failure> {
    let metadata = metadata(root)?;
    Ok(version(&metadata, package)
        .ok_or_else(|| format!("`cargo metadata` names no version of {package}"))?
        .to_owned())
}

fn metadata(root: &Path) -> Result<String, Failure> {
    let metadata = process::cargo(root, &["metadata", "--no-deps", "--format-version", "1"]).output();
    let metadata = metadata.map_err(|error| Failure(format!("`cargo metadata` can't be run: {error}")))?;
    Ok(String::from_utf8_lossy(&metadata.stdout).into_owned())
}

/// What pkg-config is told. It may be moved along with the folder it is in.
fn pkg_config(version: &str) -> String {
    format!(
        "\
prefix=${{pcfiledir}}/../..
includedir=${{prefix}}/include
libdir=${{prefix}}/lib

Name: heijunka
Description: Load leveling for worker pools: admission, balancing, pools, bursts
Version: {version}
Cflags: -I${{includedir}}
Libs: -L${{libdir}} -lheijunka
Libs.private: {SYSTEM_LIBRARIES}
"
    )
}

/// Copies into a new file: a program that runs with the old one keeps it.
fn copy(from: &Path, to: &Path) -> Result<(), Failure> {
    let _ = fs::remove_file(to);
    fs::copy(from, to).map(drop).map_err(|error| {
        Failure(format!("`{}` can't be copied to `{}`: {error}", from.display(), to.display()))
    })
}

#[cfg(unix)]
fn link(to: &str, link: &Path) -> Result<(), Failure> {
    let _ = fs::remove_file(link);
    std::os::unix::fs::symlink(to, link)
        .map_err(|error| Failure(format!("the link `{}` can't be made: {error}", link.display())))
}

#[cfg(not(unix))]
fn link(_: &str, link: &Path) -> Result<(), Failure> {
    Err(Failure(format!("no links like `{}` on this system", link.display())))
}

/// The text of the first member `name` in JSON without escapes.
fn text_of<'a>(json: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = json.split_once(&format!("\"{name}\":\""))?;
    rest.split('"').next()
}

fn version<'a>(metadata: &'a str, package: &str) -> Option<&'a str> {
    let (_, package) = metadata.split_once(&format!("\"name\":\"{package}\""))?;
    text_of(package, "version")
}

/// The version of the interface, which the library's SONAME ends in.
fn abi_version(header: &str) -> Option<&str> {
    let (_, rest) = header.split_once("#define HEIJUNKA_ABI_VERSION ")?;
    rest.lines().next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cargo_says_is_read() {
        let metadata = r#"{"packages":[{"name":"other","version":"9.9.9"},{"name":"heijunka-c","version":"0.1.0",
            "id":"x"}],"target_directory":"/a b/target","version":1}"#;
        assert_eq!(version(metadata, "heijunka-c"), Some("0.1.0"));
        assert_eq!(text_of(metadata, "target_directory"), Some("/a b/target"));
        assert_eq!(abi_version("/* x */\n#define HEIJUNKA_ABI_VERSION 12\n\n"), Some("12"));
    }
}
