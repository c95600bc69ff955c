//! `grange macro port FILE`: the new text to stdout, what was done to stderr, line by line.
//!
//! Nothing is written without `--write`, and then the old file is kept beside the new one and never written
//! over. Exit status 2: something is left to do by hand.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use grange_macros::python::port::{Ported, decode, port as carry_over};
use serde::Serialize;

use super::{PortArguments, about, status};
use crate::cli::{Outcome, Refusal, answer};

/// The largest file that is read: far more than a macro.
const MOST_BYTES: u64 = 1 << 20;

#[derive(Serialize)]
struct Report<'r> {
    file: &'r Path,
    text: Option<&'r str>,
    by_hand: bool,
    notes: Vec<Line<'r>>,
}

#[derive(Serialize)]
struct Line<'r> {
    line: usize,
    kind: &'static str,
    what: &'r str,
    instead: &'r str,
}

/// Carries one file over.
pub(super) fn port(arguments: &PortArguments) -> Outcome {
    let file = &arguments.file;
    let facts = fs::metadata(file).map_err(|error| about(file, error))?;
    if facts.len() > MOST_BYTES {
        return Err(about(file, "this is too long for a macro"));
    }
    let bytes = fs::read(file).map_err(|error| about(file, error))?;
    let no_text = |encoding| about(file, format!("it cannot be read as {encoding}; save it in UTF-8"));
    let source = decode(&bytes).map_err(no_text)?;
    let ported = carry_over(&source);
    if arguments.write && ported.text.as_bytes() != bytes {
        write(file, &ported.text)?;
    }
    match arguments.json {
        true => answer::say_json(&report(arguments, &ported))?,
        false => tell(arguments, &ported)?,
    }
    Ok(status(!ported.needs_hands()))
}

fn report<'r>(arguments: &'r PortArguments, ported: &'r Ported) -> Report<'r> {
    let notes = ported.notes.iter();
    Report {
        file: &arguments.file,
        text: (!arguments.write).then_some(ported.text.as_str()),
        by_hand: ported.needs_hands(),
        notes: notes
            .map(|note| Line {
                line: note.line,
                kind: note.kind.as_str(),
                what: &note.what,
                instead: &note.instead,
            })
            .collect(),
    }
}

fn tell(arguments: &PortArguments, ported: &Ported) -> Result<(), Refusal> {
    let file = arguments.file.display();
    for note in &ported.notes {
        answer::remark(answer::one_line(&format!("{file}:{note}")));
    }
    match arguments.write {
        true => Ok(()),
        false => answer::say_bytes(ported.text.as_bytes()),
    }
}

/// Old beside new: the copy is made before anything is replaced, and never over another one.
fn write(file: &Path, text: &str) -> Result<(), Refusal> {
    let kept = with_ending(file, ".orig");
    let old = fs::read(file).map_err(|error| about(file, error))?;
    create(&kept, &old)?;
    let fresh = with_ending(file, ".new");
    create(&fresh, text.as_bytes())?;
    fs::rename(&fresh, file).map_err(|error| about(file, error))
}

fn with_ending(file: &Path, ending: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

fn create(path: &Path, bytes: &[u8]) -> Result<(), Refusal> {
    let created = OpenOptions::new().write(true).create_new(true).open(path);
    let written = created.and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()));
    written.map_err(|error| about(path, error))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(dir: &Path, text: &[u8]) -> PortArguments {
        let file = dir.join("Old.py");
        fs::write(&file, text).unwrap();
        PortArguments {
            file,
            write: true,
            json: false,
        }
    }

    #[test]
    fn the_old_file_is_kept_and_never_written_over() {
        let dir = tempfile::tempdir().unwrap();
        let arguments = written(dir.path(), b"print 1\n");
        port(&arguments).unwrap();
        let read = |name: &str| fs::read_to_string(dir.path().join(name)).unwrap();
        assert_eq!(read("Old.py"), "print(1)\n");
        assert_eq!(read("Old.py.orig"), "print 1\n");
        fs::write(&arguments.file, "print 2\n").unwrap();
        assert!(port(&arguments).is_err());
        assert_eq!(
            (read("Old.py"), read("Old.py.orig")),
            ("print 2\n".into(), "print 1\n".into())
        );
    }

    #[test]
    fn a_file_that_needs_nothing_is_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        port(&written(dir.path(), b"x = 1\n")).unwrap();
        assert!(!dir.path().join("Old.py.orig").exists());
    }

    #[test]
    fn a_file_in_another_encoding_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let refused = port(&written(dir.path(), b"# coding: koi8-r\nx = '\xe9'\n")).unwrap_err();
        assert!(refused.to_string().contains("koi8-r"), "{refused}");
    }
}
