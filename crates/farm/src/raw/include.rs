//! `include`: which further files belong to the farm.
//!
//! Patterns are relative to the file they stand in. A pattern that finds nothing is told and no problem (the first wiki
//! may come later); a plain name that is not there is one. Files come in the order of their names, each once.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use super::Text;
use crate::problem::Finding;

/// The files of all patterns, without the main file itself, by the names the admin would give them.
///
/// `directory` is where farmconfig.toml stands.
pub(crate) fn find_files(patterns: &[Text], directory: &Path, main: &Path) -> (Vec<PathBuf>, Vec<Finding>) {
    let (mut files, mut findings) = (Vec::new(), Vec::new());
    for pattern in patterns {
        match find(pattern, directory) {
            Ok(found) if found.is_empty() => findings.push(found_nothing(pattern)),
            Ok(found) => files.extend(found),
            Err(finding) => findings.push(*finding),
        }
    }
    // `./a.toml` and `a.toml` are one file.
    let spelled = |file: &Path| std::path::absolute(file).unwrap_or_else(|_| file.to_path_buf());
    let mut seen = HashSet::from([spelled(main)]);
    files.retain(|file| seen.insert(spelled(file)));
    (files, findings)
}

/// A pattern with the directory in front, whose own brackets and stars are no pattern.
pub(crate) fn absolute_pattern(pattern: &str, directory: &Path) -> String {
    if Path::new(pattern).is_absolute() || directory.as_os_str().is_empty() {
        return pattern.to_owned();
    }
    let directory = glob::Pattern::escape(&directory.to_string_lossy());
    format!("{}/{pattern}", directory.trim_end_matches('/'))
}

fn found_nothing(pattern: &Text) -> Finding {
    let message = format!("`include`: no file matches \"{}\" yet.", pattern.shown());
    Finding::note("include", pattern.place, message).remedy("A file that appears there is read at once.")
}

fn find(pattern: &Text, directory: &Path) -> Result<Vec<PathBuf>, Box<Finding>> {
    let shown = pattern.shown();
    let refuse = |why: &str, remedy: &str| {
        let message = format!("`include`: \"{shown}\" {why}.");
        Box::new(Finding::error("include", pattern.place, message).remedy(remedy))
    };
    let paths = glob::glob(&absolute_pattern(&pattern.value, directory)).map_err(|_| {
        refuse(
            "is no pattern",
            "`*`, `?`, `[a-z]` and `**` (a whole part of the path) are.",
        )
    })?;
    let mut files: Vec<PathBuf> = paths
        .filter_map(Result::ok)
        .filter(|path| path.is_file())
        .collect();
    files.sort();
    if files.is_empty() && !pattern.value.contains(['*', '?', '[']) {
        return Err(refuse(
            "is no file that can be read",
            "Make the file, or remove its name.",
        ));
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problem::{Place, Severity};

    fn text(value: &str) -> Text {
        Text {
            value: value.into(),
            written: None,
            place: Place::default(),
        }
    }

    fn names(patterns: &[&str], directory: &Path) -> Vec<String> {
        let patterns: Vec<Text> = patterns.iter().map(|pattern| text(pattern)).collect();
        let (files, findings) = find_files(&patterns, directory, &directory.join("farmconfig.toml"));
        assert!(findings.is_empty(), "{findings:?}");
        let relative = files
            .iter()
            .map(|file| file.strip_prefix(directory).unwrap().display().to_string());
        relative.collect()
    }

    fn farm_with(files: &[&str]) -> tempfile::TempDir {
        let directory = tempfile::Builder::new().prefix("farm[1]*").tempdir().unwrap();
        for file in files {
            let path = directory.path().join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "").unwrap();
        }
        directory
    }

    #[test]
    fn a_pattern_finds_files_in_the_order_of_their_names_even_below_an_odd_directory() {
        let farm = farm_with(&["wikis/b/wiki.toml", "wikis/a/wiki.toml", "wikis/a/other.toml"]);
        assert_eq!(
            names(&["wikis/*/wiki.toml"], farm.path()),
            ["wikis/a/wiki.toml", "wikis/b/wiki.toml"]
        );
    }

    #[test]
    fn a_file_counts_once_and_the_main_file_never() {
        let farm = farm_with(&["farmconfig.toml", "a.toml"]);
        assert_eq!(
            names(&["*.toml", "a.toml", "./a.toml", "./*.toml"], farm.path()),
            ["a.toml"]
        );
    }

    #[test]
    fn a_pattern_without_hits_is_told_and_a_missing_file_is_a_problem() {
        let farm = farm_with(&[]);
        let (files, findings) = find_files(
            &[text("wikis/*/wiki.toml")],
            farm.path(),
            Path::new("farmconfig.toml"),
        );
        assert!(files.is_empty());
        assert_eq!((findings.len(), findings[0].severity), (1, Severity::Info));
        let (files, findings) = find_files(&[text("wiki.toml")], farm.path(), Path::new("farmconfig.toml"));
        assert!(files.is_empty());
        assert_eq!((findings.len(), findings[0].code), (1, "include"));
    }

    #[test]
    fn what_is_no_pattern_is_refused() {
        let (_, findings) = find_files(&[text("a/***/b")], Path::new(""), Path::new("farmconfig.toml"));
        assert_eq!(findings.len(), 1);
    }
}
