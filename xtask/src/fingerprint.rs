//! Tells whether something is still what it was made from, so that what hasn't changed isn't made again.

use std::collections::hash_map::DefaultHasher;
use std::ffi::OsStr;
use std::fs;
use std::hash::Hasher;
use std::path::{Path, PathBuf};

/// A hash over the names and contents of files and folders (missing ones count as such) and over `extra`.
pub(crate) fn of(root: &Path, paths: &[&str], extra: &[&str]) -> String {
    let mut files = Vec::new();
    for path in paths {
        collect(&root.join(path), &mut files);
    }
    files.sort();
    let mut hasher = DefaultHasher::new();
    let mut field = |bytes: &[u8]| {
        hasher.write_u64(bytes.len() as u64);
        hasher.write(bytes);
    };
    for file in files {
        field(file.strip_prefix(root).unwrap_or(&file).to_string_lossy().as_bytes());
        field(&fs::read(&file).unwrap_or_default());
    }
    for text in extra {
        field(text.as_bytes());
    }
    format!("{:016x}", hasher.finish())
}

/// Whether `stamp` holds this fingerprint.
pub(crate) fn is_current(stamp: &Path, fingerprint: &str) -> bool {
    fs::read_to_string(stamp).is_ok_and(|kept| kept == fingerprint)
}

/// Writes the fingerprint into `stamp`, once what it stands for is made. A stamp that can't be written only costs
/// time.
pub(crate) fn keep(stamp: &Path, fingerprint: &str) {
    let _ = fs::write(stamp, fingerprint);
}

fn collect(path: &Path, files: &mut Vec<PathBuf>) {
    let built = |name: &OsStr| name == "__pycache__" || name == "target" || name == "node_modules";
    if path.is_dir() {
        let Ok(entries) = fs::read_dir(path) else { return };
        for entry in entries.flatten() {
            if !built(&entry.file_name()) {
                collect(&entry.path(), files);
            }
        }
    } else if path.extension().is_none_or(|extension| extension != "so" && extension != "pyc") {
        files.push(path.to_path_buf());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contents_names_and_extras_count_and_built_files_do_not() {
        let root = std::env::temp_dir().join(format!("heijunka-fingerprint-{}", std::process::id()));
        fs::create_dir_all(root.join("a/__pycache__")).unwrap();
        fs::write(root.join("a/b.py"), "1").unwrap();
        let before = of(&root, &["a"], &["x"]);
        fs::write(root.join("a/__pycache__/b.pyc"), "built").unwrap();
        fs::write(root.join("a/b.so"), "built").unwrap();
        assert_eq!(of(&root, &["a"], &["x"]), before);
        assert_ne!(of(&root, &["a"], &["y"]), before);
        fs::write(root.join("a/b.py"), "2").unwrap();
        assert_ne!(of(&root, &["a"], &["x"]), before);
        fs::remove_dir_all(&root).unwrap();
    }
}
