//! The repository keeps its own rules: dependency direction, headers, lengths, no stray words.

use std::fs;
use std::path::{Path, PathBuf};

/// Which crate may know which; a crate that is not named here may know all.
const MAY_KNOW: &[(&str, &[&str])] = &[
    ("session", &[]),
    ("wiki", &[]),
    ("macro-protocol", &[]),
    ("macro-worker", &["grange-macro-protocol"]),
    (
        "macros",
        &["grange-session", "grange-wiki", "grange-macro-protocol"],
    ),
    ("farm", &["grange-session", "grange-wiki", "grange-macros"]),
    (
        "server",
        &["grange-session", "grange-wiki", "grange-macros", "grange-farm"],
    ),
];

/// A file has one purpose and stays readable in one sitting.
const MOST_LINES: usize = 500;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()
        .unwrap()
}

fn rust_files() -> Vec<PathBuf> {
    let mut files = Vec::new();
    for folder in ["crates", "tests", "xtask", "benches", "examples"] {
        collect(&root().join(folder), &mut files);
    }
    files
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries {
        let path = entry.unwrap().path();
        match path.extension() {
            None if path.is_dir() && !path.ends_with("target") => collect(&path, files),
            Some(ending) if ending == "rs" => files.push(path),
            _ => {}
        }
    }
}

#[test]
fn a_crate_knows_only_the_crates_below_it() {
    for (name, allowed) in MAY_KNOW {
        let manifest = fs::read_to_string(root().join("crates").join(name).join("Cargo.toml")).unwrap();
        let manifest: toml::Table = manifest.parse().unwrap();
        for section in ["dependencies", "build-dependencies"] {
            let Some(known) = manifest.get(section).and_then(|section| section.as_table()) else {
                continue;
            };
            for known in known.keys().filter(|known| known.starts_with("grange")) {
                assert!(
                    allowed.contains(&known.as_str()),
                    "crates/{name} must not know {known}"
                );
            }
        }
    }
}

#[test]
fn every_file_says_what_it_is_for() {
    let silent: Vec<_> = rust_files()
        .into_iter()
        .filter(|path| !fs::read_to_string(path).unwrap().starts_with("//! "))
        .collect();
    assert!(
        silent.is_empty(),
        "these files begin without a header: {silent:#?}"
    );
}

#[test]
fn every_file_of_tests_is_run() {
    let tests = fs::read_to_string(root().join("tests/main.rs")).unwrap();
    for entry in fs::read_dir(root().join("tests")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let is_test = path.extension().is_some_and(|ending| ending == "rs") && name != "main";
        assert!(
            !is_test || tests.contains(&format!("\nmod {name};")),
            "tests/main.rs does not know {name}"
        );
    }
}

#[test]
fn no_file_is_longer_than_five_hundred_lines() {
    let long: Vec<_> = rust_files()
        .into_iter()
        .map(|path| (fs::read_to_string(&path).unwrap().lines().count(), path))
        .filter(|(lines, _)| *lines > MOST_LINES)
        .collect();
    assert!(long.is_empty(), "these files want a second room: {long:#?}");
}

#[test]
fn nothing_unfinished_is_left_behind() {
    // Put together here, so that this file does not accuse itself.
    let forbidden = [
        ["TO", "DO"].concat(),
        ["FIX", "ME"].concat(),
        ["todo", "!("].concat(),
        ["unimplemented", "!("].concat(),
    ];
    for path in rust_files() {
        let text = fs::read_to_string(&path).unwrap();
        for word in &forbidden {
            assert!(
                !text.contains(word.as_str()),
                "{} contains {word}",
                path.display()
            );
        }
    }
}

#[test]
fn the_manual_shows_the_examples_as_they_are() {
    let manual = fs::read_to_string(root().join("docs/embedding.md")).unwrap();
    let mut shown = 0;
    for part in manual.split("From [`").skip(1) {
        let (path, rest) = part.split_once('`').unwrap();
        let code = rest.split_once("```rust\n").unwrap().1;
        let code = code.split_once("```").unwrap().0;
        let example = fs::read_to_string(root().join(path)).unwrap();
        assert!(example.contains(code), "{path} has no such lines:\n{code}");
        shown += 1;
    }
    assert_eq!(shown, manual.matches("```rust").count());
}

#[test]
fn only_the_server_speaks_http() {
    for name in ["session", "wiki", "macros", "farm"] {
        let manifest = fs::read_to_string(root().join("crates").join(name).join("Cargo.toml")).unwrap();
        for library in ["actix-web", "actix-http", "hyper", "http."] {
            assert!(
                !manifest.contains(library),
                "crates/{name} must not know {library}"
            );
        }
    }
}
