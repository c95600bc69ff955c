//! `grange macro new NAME`: a file to begin with, which works as it is.
//!
//! It shows what a macro's author needs first: the session, Dependencies, and cases for `grange macro test`.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::process::ExitCode;

use grange_macros::Registry;

use super::{NewArguments, about};
use crate::cli::{Outcome, Refusal, answer};

const PLAIN: &str = include_str!("templates/plain.py");
const TYPED: &str = include_str!("templates/typed.py");

/// Words that Python keeps for itself.
const KEYWORDS: &[&str] = &[
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue", "def",
    "del", "elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is",
    "lambda", "nonlocal", "not", "or", "pass", "raise", "return", "try", "while", "with", "yield",
];

/// Writes the file.
pub(super) fn new(arguments: &NewArguments) -> Outcome {
    let name = &arguments.name;
    check_name(name)?;
    let template = if arguments.typed { TYPED } else { PLAIN };
    let path = arguments.dir.join(format!("{name}.py"));
    // A wiki's directory of macros is often not there yet.
    fs::create_dir_all(&arguments.dir).map_err(|error| about(&arguments.dir, error))?;
    let file = OpenOptions::new().write(true).create_new(true).open(&path);
    let mut file = file.map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => about(&path, "there is such a file already; it was left alone"),
        _ => about(&path, error),
    })?;
    file.write_all(template.replace("NAME", name).as_bytes())
        .map_err(|error| about(&path, error))?;
    if Registry::builtin().find(name).is_some() {
        answer::remark(format!(
            "there is a built-in macro {name}; wikis that find this file show what it makes instead"
        ));
    }
    answer::say(format!(
        "{} written; put it into the directory \"macros\" of a wiki's data_dir, or into one of its macro_dirs, \
         and write <<{name}>> on a page",
        path.display()
    ))?;
    Ok(ExitCode::SUCCESS)
}

fn check_name(name: &str) -> Result<(), Refusal> {
    let is_word = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    let starts_well = name.starts_with(|first: char| first.is_ascii_alphabetic());
    let why = match () {
        () if KEYWORDS.contains(&name) => "Python keeps this word for itself",
        () if name.starts_with('_') => "files whose names begin with _ are helpers of macros and no macros",
        () if !starts_well || !name.chars().all(is_word) => {
            "a macro's name is made of letters, digits and underscores, a letter first"
        }
        () if name.len() > 64 => "a macro's name has 64 letters at most",
        () => return Ok(()),
    };
    Err(Refusal::new(format!("\"{}\": {why}", answer::one_line(name))))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use grange_macros::python::cases::cases;
    use grange_macros::python::hints::{unknown_names, used_dependencies};

    use super::*;

    fn begin(dir: &Path, name: &str, typed: bool) -> Outcome {
        new(&NewArguments {
            name: name.to_owned(),
            dir: dir.to_owned(),
            typed,
        })
    }

    #[test]
    fn a_directory_that_is_not_there_yet_is_made() {
        let dir = tempfile::tempdir().unwrap();
        let macros = dir.path().join("wikis/main/macros");
        begin(&macros, "Hello", false).unwrap();
        assert!(macros.join("Hello.py").is_file());
    }

    #[test]
    fn a_new_file_has_cases_and_declares_what_it_uses() {
        let dir = tempfile::tempdir().unwrap();
        for (name, typed) in [("Hello", false), ("Greet", true)] {
            begin(dir.path(), name, typed).unwrap();
            let text = fs::read_to_string(dir.path().join(format!("{name}.py"))).unwrap();
            assert!(!text.contains("NAME"), "{text}");
            assert!(cases(&text).unwrap().len() >= 2);
            assert_eq!(unknown_names(&text), []);
            for used in used_dependencies(&text) {
                assert!(text.contains(&format!("'{used}'")), "{used}");
            }
        }
    }

    #[test]
    fn nothing_is_written_over() {
        let dir = tempfile::tempdir().unwrap();
        begin(dir.path(), "Hello", false).unwrap();
        let refused = begin(dir.path(), "Hello", true).unwrap_err().to_string();
        assert!(refused.contains("left alone"), "{refused}");
    }

    #[test]
    fn a_name_that_no_page_can_call_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        for name in [
            "", "1st", "a-b", "../x", "a b", "_helper", "class", "naïve", "x\n",
        ] {
            assert!(begin(dir.path(), name, false).is_err(), "{name:?}");
        }
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
    }
}
