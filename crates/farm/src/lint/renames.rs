//! L-32: a place for unfinished files on another file system than the finished ones.
//!
//! A file that is uploaded is written beside the others and gets its name when it is whole; a name cannot be given across
//! file systems, so every upload would fail at its end. Everything else that the farm writes is made in the very
//! directory where it stays. A warning: one wiki takes no files, and the rest goes on.

use std::os::unix::fs::MetadataExt;
use std::path::Path;

use super::Study;
use crate::problem::{Finding, Findings};
use crate::raw::keys::places;

/// Below data_dir: where attached files are, and where they arrive.
const FINISHED: &str = "attachments";
const UNFINISHED: &str = "attachments/incoming";

pub(super) fn lint(study: &Study<'_>, findings: &mut Findings) {
    for member in study.sound_members(&[&places::DATA_DIR]) {
        let there = |below: &str| file_system(&member.config.data_dir.join(below));
        if !lie_apart(there(FINISHED), there(UNFINISHED)) {
            continue;
        }
        let message = format!(
            "{UNFINISHED} in the data_dir of wiki \"{}\" is on another file system than {FINISHED}: files that are \
             uploaded cannot be put in their place.",
            member.config.id
        );
        let place = member.settings.place(&places::DATA_DIR);
        let finding = Finding::warning("L-32", place, message);
        findings.push(finding.remedy(format!(
            "Remove that link or mount; only uploads under way are in {UNFINISHED}, and it is made anew."
        )));
    }
}

/// The number of the file system that a directory is on; `None` where there is none yet.
fn file_system(path: &Path) -> Option<u64> {
    std::fs::metadata(path).ok().map(|found| found.dev())
}

fn lie_apart(one: Option<u64>, other: Option<u64>) -> bool {
    matches!((one, other), (Some(one), Some(other)) if one != other)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::*;
    use crate::lint::testing::{clean, finds};
    use crate::problem::Severity;

    #[test]
    fn only_two_that_are_there_can_lie_apart() {
        assert!(lie_apart(Some(1), Some(2)));
        assert!(!lie_apart(Some(1), Some(1)));
        assert!(!lie_apart(Some(1), None) && !lie_apart(None, Some(1)));
    }

    #[test]
    fn uploads_on_another_file_system_than_the_files_are_a_warning() {
        let dir = tempfile::tempdir().unwrap();
        let text = format!(
            "[wiki.a]\nat = [\"a.example.org\"]\ndata_dir = \"{}\"\n",
            dir.path().display()
        );
        clean(&text);
        fs::create_dir_all(dir.path().join(UNFINISHED)).unwrap();
        clean(&text);
        fs::remove_dir(dir.path().join(UNFINISHED)).unwrap();
        // What the system itself keeps in a file system of its own is on no disk.
        symlink("/proc/self", dir.path().join(UNFINISHED)).unwrap();
        let problem = finds("L-32", &text);
        assert_eq!((problem.severity, problem.line), (Severity::Warning, 3));
        assert!(problem.message.contains(UNFINISHED), "{problem:?}");
    }
}
