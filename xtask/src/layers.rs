//! Checks what ARCHITECTURE.md says about the tree and no compiler does.

use std::fs;
use std::path::{Path, PathBuf};

const PARTS: [&str; 6] = ["regulator", "balancer", "pool", "burst", "observe", "pacing"];

fn top() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}

/// Whether code (comments apart) names a module of the crate.
fn names_module(text: &str, module: &str) -> bool {
    let ends = |rest: &str| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_');
    let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    code.into_iter().any(|line| {
        line.match_indices("crate::").any(|(at, prefix)| {
            let rest = &line[at + prefix.len()..];
            rest.strip_prefix(module).is_some_and(ends)
        })
    })
}

/// The paths of the tree that a text names and that are (or aren't) there.
fn paths(text: &str, there: bool) -> Vec<&str> {
    let rooms = ["core/", "bindings/", "python/", "tests/", "xtask/", "include/", "docs/"];
    let names_path = |word: &&str| rooms.iter().any(|room| word.starts_with(room));
    let words = text.split('`').skip(1).step_by(2).filter(names_path);
    words.filter(|path| top().join(path).exists() == there).collect()
}

#[test]
fn the_parts_do_not_know_each_other() {
    for part in PARTS {
        for file in sources(&top().join("core/src").join(part)) {
            let text = fs::read_to_string(&file).unwrap();
            for other in PARTS.into_iter().filter(|other| *other != part).chain(["engine", "whatif"]) {
                assert!(!names_module(&text, other), "{} knows `{other}`", file.display());
            }
            assert!(!text.contains("crate::{"), "{}: name modules one by one", file.display());
        }
    }
}

#[test]
fn what_the_map_shows_exists() {
    let text = fs::read_to_string(top().join("ARCHITECTURE.md")).unwrap();
    let (present, planned) = text.split_once("## Rooms for what comes later").unwrap();
    let (missing, built) = (paths(present, false), paths(planned, true));
    assert!(missing.is_empty(), "ARCHITECTURE.md shows what isn't there: {missing:?}");
    assert!(built.is_empty(), "ARCHITECTURE.md still calls these planned: {built:?}");
}

#[test]
fn modules_are_recognized_in_code_alone() {
    assert!(names_module("use crate::pool::Pools;", "pool"));
    assert!(names_module("let x = crate::pool::Pools::new();", "pool"));
    assert!(!names_module("use crate::pooling::Pools;", "pool"));
    assert!(!names_module("    /// as [`crate::pool`] does", "pool"));
}
