//! Which files are checked: those that are named, and for a directory all `*.py` in it, but none further down.

use std::fs;
use std::path::{Path, PathBuf};

use super::about;
use crate::cli::Refusal;

/// The files that are meant, those of a directory by name.
///
/// # Errors
/// * There is no such file or directory.
/// * A directory cannot be read, or has no such file.
pub(super) fn meant(named: &[PathBuf]) -> Result<Vec<PathBuf>, Refusal> {
    let mut files = Vec::new();
    for path in named {
        let facts = fs::metadata(path).map_err(|error| about(path, error))?;
        match facts.is_dir() {
            true => files.extend(in_directory(path)?),
            false => files.push(path.clone()),
        }
    }
    Ok(files)
}

fn in_directory(directory: &Path) -> Result<Vec<PathBuf>, Refusal> {
    let entries = fs::read_dir(directory).map_err(|error| about(directory, error))?;
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.map_err(|error| about(directory, error))?.path();
        if path.extension().is_some_and(|ending| ending == "py") && path.is_file() {
            files.push(path);
        }
    }
    files.sort();
    match files.is_empty() {
        true => Err(about(directory, "there is no *.py in this directory")),
        false => Ok(files),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_stands_for_its_python_files_and_nothing_below() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        let empty = meant(&[dir.path().to_owned()]).unwrap_err().to_string();
        assert!(empty.contains("no *.py"), "{empty}");
        fs::create_dir_all(at("locale.py")).unwrap();
        fs::create_dir_all(at("below")).unwrap();
        for name in ["B.py", "_a.py", "notes.txt", "below/C.py"] {
            fs::write(at(name), "").unwrap();
        }
        let found = meant(&[dir.path().to_owned(), at("below/C.py")]).unwrap();
        assert_eq!(found, [at("B.py"), at("_a.py"), at("below/C.py")]);
        assert!(meant(&[at("Gone.py")]).is_err());
    }
}
