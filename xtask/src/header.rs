//! `cargo xtask header`: makes the C header from the C library's sources.

use std::fs;
use std::path::Path;

use crate::{Failure, process};

/// Where the header is, seen from the top of the repository.
const HEADER: &str = "include/heijunka.h";

/// Writes the header, or with `--check` fails when it isn't what the sources make.
pub(crate) fn run(root: &Path, arguments: &[String]) -> Result<(), Failure> {
    match arguments {
        [] => {
            let changed = write(root)?;
            println!("{HEADER} is {}", if changed { "made anew" } else { "up to date" });
            Ok(())
        }
        [only] if only == "--check" => {
            check(root)?;
            println!("{HEADER} is up to date");
            Ok(())
        }
        _ => Err("usage: cargo xtask header [--check]".into()),
    }
}

fn write(root: &Path) -> Result<bool, Failure> {
    let (made, path) = (make(root)?, root.join(HEADER));
    if fs::read_to_string(&path).is_ok_and(|kept| kept == made) {
        return Ok(false);
    }
    let folder = path.parent().unwrap_or(root);
    fs::create_dir_all(folder)
        .and_then(|()| fs::write(&path, made))
        .map_err(|error| Failure(format!("`{HEADER}` can't be written: {error}")))?;
    Ok(true)
}

/// Fails, and says what to do, when the header isn't what the sources make.
pub(crate) fn check(root: &Path) -> Result<(), Failure> {
    let (made, kept) = (make(root)?, fs::read_to_string(root.join(HEADER)).unwrap_or_default());
    match difference(&kept, &made) {
        None => Ok(()),
        Some(shown) => {
            Err(format!("{HEADER} is not what bindings/c makes:\n{shown}\nto mend it: cargo xtask header")
                .into())
        }
    }
}

/// Runs the package that links cbindgen; only its first build takes long.
fn make(root: &Path) -> Result<String, Failure> {
    let folder = root.join("target/test");
    let made = folder.join("heijunka.h");
    fs::create_dir_all(&folder)
        .map_err(|error| Failure(format!("`{}` can't be made: {error}", folder.display())))?;
    let run =
        ["run", "--quiet", "--locked", "--manifest-path", "xtask/header/Cargo.toml", "--", "bindings/c"];
    process::run(process::cargo(root, &run).arg(&made), "header", false)?;
    fs::read_to_string(&made).map_err(|error| Failure(format!("`{}` can't be read: {error}", made.display())))
}

/// The lines from the first that differs, of both.
pub(crate) fn difference(kept: &str, made: &str) -> Option<String> {
    const LINES: usize = 5;
    if kept == made {
        return None;
    }
    let same = kept.lines().zip(made.lines()).take_while(|(kept, made)| kept == made).count();
    let mut shown = format!("from line {}:", same + 1);
    for (sign, text) in [('-', kept), ('+', made)] {
        let lines: Vec<&str> = text.lines().skip(same).take(LINES).collect();
        for line in &lines {
            shown += &format!("\n{sign} {line}");
        }
        if lines.is_empty() {
            shown += &format!("\n{sign} (the end)");
        }
    }
    Some(shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_is_shown_from_where_it_begins() {
        assert_eq!(difference("a\nb\n", "a\nb\n"), None);
        assert_eq!(difference("a\nb\n", "a\nc\n").unwrap(), "from line 2:\n- b\n+ c");
        assert_eq!(difference("a\n", "a\nb\n").unwrap(), "from line 2:\n- (the end)\n+ b");
    }
}
