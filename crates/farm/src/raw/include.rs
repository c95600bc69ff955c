//! `include`: which further files belong to the farm.
//!
//! Patterns are relative to the file they stand in. A pattern that finds nothing is told and no problem (the first wiki
//! may come later); a plain name that is not there is one. A directory that cannot be looked into is one as well, for
//! the wikis in it would vanish without a word (`raw/barriers.rs`). Files come in the order of their names, each once.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use super::Text;
use super::barriers::{Barrier, barriers};
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
        let barriers = barriers(&absolute_pattern(&pattern.value, directory));
        findings.extend(barriers.iter().map(|barrier| closed(pattern, barrier)));
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

/// Without it the farm would lose wikis whenever a directory's rights change, and a reload would take that for a wish.
fn closed(pattern: &Text, barrier: &Barrier) -> Finding {
    let cause = &barrier.cause;
    let message = match &pattern.written {
        // The directory would show what came from the environment.
        Some(written) => format!("`include`: a directory of \"{written}\" cannot be looked into: {cause}."),
        None => format!(
            "`include`: the directory \"{}\" cannot be looked into: {cause}.",
            barrier.directory.display()
        ),
    };
    let remedy = "Let the user that runs the farm read and enter it, or write a pattern that leaves it out.";
    Finding::error("include", pattern.place, message).remedy(remedy)
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
        .filter(|path| may_be_file(path))
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

/// Not what is surely something else; what cannot be said is tried, so that reading it tells why.
fn may_be_file(path: &Path) -> bool {
    match std::fs::metadata(path) {
        Ok(found) => found.is_file(),
        Err(_) => std::fs::symlink_metadata(path).is_ok(),
    }
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
    fn a_directory_that_cannot_be_looked_into_is_an_error_that_names_it() {
        let farm = farm_with(&["wikis/a/wiki.toml"]);
        let closed = farm.path().join("wikis/b");
        // A loop of links is closed to everybody, whoever runs the tests.
        std::os::unix::fs::symlink("b", &closed).unwrap();
        let pattern = [text("wikis/*/wiki.toml")];
        let (files, findings) = find_files(&pattern, farm.path(), Path::new("farmconfig.toml"));
        assert_eq!((files.len(), findings.len()), (1, 1), "{findings:?}");
        assert_eq!(findings[0].severity, Severity::Error);
        let named = closed.display().to_string();
        assert!(findings[0].message.contains(&named), "{}", findings[0].message);
        let hidden = Text {
            written: Some("${WIKIS}/*/wiki.toml".into()),
            ..text("wikis/*/wiki.toml")
        };
        let (_, findings) = find_files(&[hidden], farm.path(), Path::new("farmconfig.toml"));
        assert!(
            findings[0].message.contains("${WIKIS}"),
            "{}",
            findings[0].message
        );
        assert!(!findings[0].message.contains(&named), "{}", findings[0].message);
    }

    #[test]
    fn a_match_that_cannot_be_read_is_kept_so_that_reading_it_tells() {
        let farm = farm_with(&["wikis/a/wiki.toml"]);
        std::fs::create_dir_all(farm.path().join("wikis/b")).unwrap();
        std::os::unix::fs::symlink("nowhere", farm.path().join("wikis/b/wiki.toml")).unwrap();
        std::fs::create_dir_all(farm.path().join("wikis/c/wiki.toml")).unwrap();
        assert_eq!(
            names(&["wikis/*/wiki.toml"], farm.path()),
            ["wikis/a/wiki.toml", "wikis/b/wiki.toml"]
        );
    }

    #[test]
    fn what_is_no_pattern_is_refused() {
        let (_, findings) = find_files(&[text("a/***/b")], Path::new(""), Path::new("farmconfig.toml"));
        assert_eq!(findings.len(), 1);
    }
}
