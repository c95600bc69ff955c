//! Twenty macros in the habits of public wikis, written for this test, and what becomes of each.
//!
//! `samples/` has the macro in Python 2, the text that it is carried over to (`.ported`), and what is said
//! about it (`.report`). With `WRITE_SAMPLES=1` the test writes the last two anew; read the difference.

use std::fs;
use std::path::PathBuf;

use super::{NoteKind, port};

struct Sample {
    file: PathBuf,
    source: String,
}

fn samples() -> Vec<Sample> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/python/port/samples");
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "py"))
        .collect();
    files.sort();
    let read = |file: PathBuf| Sample {
        source: fs::read_to_string(&file).unwrap(),
        file,
    };
    files.into_iter().map(read).collect()
}

fn report(source: &str) -> String {
    let notes = port(source).notes;
    notes.iter().map(|note| format!("{note}\n")).collect()
}

#[test]
fn each_sample_becomes_what_stands_beside_it() {
    for sample in samples() {
        let told = [
            ("ported", port(&sample.source).text),
            ("report", report(&sample.source)),
        ];
        for (ending, text) in told {
            let path = sample.file.with_extension(ending);
            if std::env::var_os("WRITE_SAMPLES").is_some() {
                fs::write(&path, &text).unwrap();
            }
            assert_eq!(fs::read_to_string(&path).unwrap(), text, "{}", path.display());
        }
    }
}

#[test]
fn of_the_twenty_half_need_nobody() {
    let samples = samples();
    let alone = samples
        .iter()
        .filter(|sample| !port(&sample.source).needs_hands())
        .count();
    assert_eq!(samples.len(), 20);
    assert!(alone >= 10, "{alone}");
}

#[test]
fn what_is_carried_over_stays_as_it_is() {
    for sample in samples() {
        let once = port(&sample.source).text;
        let again = port(&once);
        assert_eq!(again.text, once, "{}", sample.file.display());
        let changed = again.notes.iter().find(|note| note.kind == NoteKind::Changed);
        assert_eq!(changed, None, "{}", sample.file.display());
    }
}

#[test]
fn what_is_left_to_do_is_said_again() {
    for sample in samples() {
        let by_hand = |source: &str| {
            let notes = port(source).notes;
            notes.iter().filter(|note| note.kind == NoteKind::ByHand).count()
        };
        let once = port(&sample.source).text;
        assert_eq!(
            by_hand(&once),
            by_hand(&sample.source),
            "{}",
            sample.file.display()
        );
    }
}
