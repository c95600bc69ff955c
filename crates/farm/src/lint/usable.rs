//! Directories and the secrets file that cannot be used: the start or the first login would fail.
//!
//! Without its secrets the farm does not start: an error. A directory breaks one wiki, and the others are served: a
//! warning.
//!
//! Nothing is made or opened here. What is missing is looked for above, where it would be made; for a farm that is on
//! no disk yet nothing is said about that. What a finding is judged by is [`Found`], so the judging needs no odd rights.

use std::io;
use std::path::{Path, PathBuf};

use rustix::fs::{Access, access};

use super::Study;
use super::subjects::{Subject, subjects};
use crate::problem::{Finding, Findings};

const CODE: &str = "directory";

pub(super) fn lint(study: &Study<'_>, findings: &mut Findings) {
    let is_on_disk = study.farm.path.is_file();
    for subject in subjects(study) {
        let found = Found::at(&subject);
        if matches!(found, Found::Missing { .. }) && !is_on_disk {
            continue;
        }
        if let Some(finding) = judge(&subject, &found) {
            findings.push(finding);
        }
    }
}

/// What is at a path.
#[derive(Debug)]
enum Found {
    /// A directory in place of a file, or the other way round.
    WrongKind,
    /// A symbolic link to nothing.
    Dangling,
    /// Whether this process may use it.
    There { usable: bool },
    /// Nothing yet; the nearest that there is above it, and whether it can be made there.
    Missing { above: PathBuf, can_be_made: bool },
    /// The system does not say.
    Unknown(io::Error),
}

impl Found {
    fn at(subject: &Subject) -> Found {
        let path = &subject.path;
        match std::fs::metadata(path) {
            Ok(found) if found.is_dir() == subject.is_file() => Found::WrongKind,
            Ok(_) => Found::There {
                usable: may(path, subject.is_file()),
            },
            Err(cause) if is_absent(&cause) => match std::fs::symlink_metadata(path) {
                Ok(_) => Found::Dangling,
                Err(_) => Found::above(path),
            },
            Err(cause) => Found::Unknown(cause),
        }
    }

    fn above(path: &Path) -> Found {
        for above in path.ancestors().skip(1) {
            match std::fs::metadata(above) {
                Ok(found) => {
                    return Found::Missing {
                        above: above.to_path_buf(),
                        can_be_made: found.is_dir() && may(above, false),
                    };
                }
                Err(cause) if is_absent(&cause) => {}
                Err(cause) => return Found::Unknown(cause),
            }
        }
        Found::Missing {
            above: PathBuf::from("/"),
            can_be_made: true,
        }
    }
}

fn is_absent(cause: &io::Error) -> bool {
    matches!(
        cause.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
}

/// Reading is enough for a file; in a directory files are made.
fn may(path: &Path, is_file: bool) -> bool {
    let needed = match is_file {
        true => Access::READ_OK,
        false => Access::READ_OK | Access::WRITE_OK | Access::EXEC_OK,
    };
    access(path, needed).is_ok()
}

fn judge(subject: &Subject, found: &Found) -> Option<Finding> {
    let (kind, other) = match subject.is_file() {
        true => ("file", "directory"),
        false => ("directory", "file"),
    };
    let why = match found {
        Found::There { usable: true }
        | Found::Missing {
            can_be_made: true, ..
        } => return None,
        Found::WrongKind => format!("is a {other}, where a {kind} has to be"),
        Found::Dangling => "is a symbolic link to nothing".to_owned(),
        Found::There { usable: false } => "cannot be read and written by this process".to_owned(),
        Found::Missing { above, .. } if subject.shown.contains("${") || !above.is_dir() => {
            "cannot be made: something above it is no directory that this process may write to".to_owned()
        }
        Found::Missing { above, .. } => {
            let above = above.display();
            format!("cannot be made: this process may not write to \"{above}\"")
        }
        Found::Unknown(cause) => format!("cannot be reached: {cause}"),
    };
    let (name, shown) = (subject.key.name, &subject.shown);
    let message = format!("{name} {why} ({shown}).");
    let remedy = match found {
        Found::WrongKind | Found::Dangling => format!("Move it away, or write another {name}."),
        _ => "Give it to the user that runs the farm, or run `grange` as the user to whom it belongs."
            .to_owned(),
    };
    let finding = match subject.is_file() {
        true => Finding::error(CODE, subject.place, message),
        false => Finding::warning(CODE, subject.place, message),
    };
    Some(finding.remedy(remedy))
}

#[cfg(test)]
mod tests {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::lint::testing::{clean, finds};
    use crate::problem::{Place, Severity};
    use crate::raw::keys::places;

    /// A farm with one line of its own, at a path below `dir`.
    fn with(key: &str, path: &Path) -> String {
        let line = format!("{key} = \"{}\"", path.display());
        let (farm, wiki) = match key {
            "secrets_file" => (line.as_str(), ""),
            _ => ("", line.as_str()),
        };
        format!("[farm]\n{farm}\n[wiki.a]\nat = [\"a.example.org\"]\n{wiki}\n")
    }

    #[test]
    fn a_file_in_place_of_a_directory_is_a_warning_at_its_line() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("plain");
        fs::write(&file, "").unwrap();
        // Whoever may read it: advice about its mode would lead nowhere.
        fs::set_permissions(&file, Permissions::from_mode(0o644)).unwrap();
        for key in ["session_dir", "user_dir"] {
            let problem = finds("directory", &with(key, &file));
            assert_eq!((problem.severity, problem.line), (Severity::Warning, 5));
            assert!(
                problem.message.starts_with(&format!("{key} is a file")),
                "{problem:?}"
            );
        }
        let private = dir.path().join("private");
        fs::create_dir(&private).unwrap();
        fs::set_permissions(&private, Permissions::from_mode(0o700)).unwrap();
        clean(&with("session_dir", &private));
    }

    #[test]
    fn a_directory_in_place_of_the_secrets_is_an_error() {
        let dir = tempfile::tempdir().unwrap();
        let problem = finds("directory", &with("secrets_file", dir.path()));
        assert_eq!(problem.severity, Severity::Error);
        assert!(
            problem.message.starts_with("secrets_file is a directory"),
            "{problem:?}"
        );
        clean(&with("secrets_file", &dir.path().join("secrets")));
    }

    fn found(path: &Path) -> Found {
        Found::at(&subject(path))
    }

    fn subject(path: &Path) -> Subject {
        Subject {
            key: &places::SESSION_DIR,
            path: path.to_path_buf(),
            place: Place::default(),
            shown: "there".to_owned(),
        }
    }

    #[test]
    fn what_is_missing_is_judged_by_where_it_would_be_made() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("plain");
        fs::write(&file, "").unwrap();
        let deep = file.join("a/b");
        assert!(judge(&subject(&deep), &found(&deep)).is_some());
        let fine = dir.path().join("a/b");
        assert!(judge(&subject(&fine), &found(&fine)).is_none());
        std::os::unix::fs::symlink("nowhere", dir.path().join("link")).unwrap();
        assert!(matches!(found(&dir.path().join("link")), Found::Dangling));
    }

    #[test]
    fn what_this_process_may_not_use_is_told() {
        let subject = subject(Path::new("/farm/there"));
        let above = std::env::temp_dir();
        for (found, word) in [
            (Found::There { usable: false }, "read and written"),
            (
                Found::Missing {
                    above: above.clone(),
                    can_be_made: false,
                },
                &*above.to_string_lossy(),
            ),
            (
                Found::Unknown(io::Error::from(io::ErrorKind::PermissionDenied)),
                "cannot be reached",
            ),
        ] {
            let finding = judge(&subject, &found).unwrap();
            assert!(finding.message.contains(word), "{}", finding.message);
        }
        assert!(judge(&subject, &Found::There { usable: true }).is_none());
    }
}
