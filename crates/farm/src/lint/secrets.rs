//! L-34: a secret that others know is none.
//!
//! A missing file is fine, it is made at the first start. One that is there must hold good secrets and must not be kept
//! in a repository beside the configuration. Its mode is `modes.rs`. No line of it is ever shown.

use std::path::{Path, PathBuf};

use grange_session::Secrets;

use super::Study;
use crate::problem::{Finding, Findings, Place};
use crate::raw::keys::farm;

/// More than this is no file of secrets, and no list of a repository worth reading.
const LARGEST_SECRETS: u64 = 64 * 1024;
const LARGEST_INDEX: u64 = 64 << 20;

pub(super) fn lint(study: &Study<'_>, findings: &mut Findings) {
    let entry = study.layers.raw.farm.entry(&farm::SECRETS_FILE);
    if entry.is_some_and(|entry| entry.value.is_broken()) {
        return;
    }
    let place = entry.map_or(study.layers.raw.farm.place, |entry| entry.place);
    let file = &study.farm.secrets_file;
    if let Some(text) = small_text(file, LARGEST_SECRETS) {
        lint_content(&text, place, findings);
    }
    if is_committed(file) {
        let message = "The secrets file is in the Git repository around it: whoever has a copy of that can be anybody \
                       in every wiki.";
        let remedy = "Run `git rm --cached` on it, put it into .gitignore, and give it a new first line.";
        findings.push(Finding::error("L-34", place, message).remedy(remedy));
    }
}

fn lint_content(text: &[u8], place: Place, findings: &mut Findings) {
    let wrong = match std::str::from_utf8(text).map(Secrets::parse) {
        Ok(Ok(_)) => return,
        Ok(Err(cause)) => cause.to_string(),
        Err(_) => "it is not UTF-8".to_owned(),
    };
    let message = format!("The secrets file cannot be used: {wrong}.");
    let remedy = "Remove the file: a good one is made at the next start. Everybody logs in anew then.";
    findings.push(Finding::error("L-34", place, message).remedy(remedy));
}

/// The bytes of a plain file; nothing of one that is missing, too large or not ours to read.
fn small_text(path: &Path, largest: u64) -> Option<Vec<u8>> {
    let found = std::fs::metadata(path).ok()?;
    (found.is_file() && found.len() <= largest).then(|| std::fs::read(path).ok())?
}

/// Whether the index of the repository around a file names it. Names stand there as they are, so looking for the bytes
/// is enough; the newest format shortens them, and there nothing is found.
fn is_committed(file: &Path) -> bool {
    let Ok(file) = std::fs::canonicalize(file) else {
        return false;
    };
    let Some(index) = file
        .ancestors()
        .skip(1)
        .find_map(|dir| Some((dir, small_text(&dir.join(".git/index"), LARGEST_INDEX)?)))
    else {
        return false;
    };
    let (root, index) = index;
    let name: PathBuf = file.strip_prefix(root).unwrap_or(&file).to_path_buf();
    // An entry ends in a zero byte, so `secrets` is not found in `secrets.example`.
    let wanted = [name.as_os_str().as_encoded_bytes(), b"\0"].concat();
    index.windows(wanted.len()).any(|bytes| bytes == wanted)
}

#[cfg(test)]
mod tests {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt;

    use crate::lint::testing::{clean, finds, problems};

    const GOOD: &str = "Zm9vYmFyYmF6cXV4MTIzNDU2Nzg5MGFiY2RlZmdoaWo\n";

    /// A farm whose secrets file has this content.
    fn farm(dir: &tempfile::TempDir, content: &str) -> String {
        let path = dir.path().join("secrets");
        fs::write(&path, content).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
        format!(
            "[farm]\nsecrets_file = \"{}\"\n[wiki.a]\nat = [\"a.example.org\"]\n",
            path.display()
        )
    }

    #[test]
    fn a_secret_that_can_be_guessed_is_an_error_and_not_shown() {
        let dir = tempfile::tempdir().unwrap();
        clean(&farm(&dir, GOOD));
        for bad in [
            "",
            "changeme\n",
            "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n",
            "two words\n",
        ] {
            let problem = finds("L-34", &farm(&dir, bad));
            assert!(
                bad.is_empty() || !problem.message.contains(bad.trim()),
                "{}",
                problem.message
            );
        }
    }

    #[test]
    fn a_missing_file_is_made_at_the_first_start() {
        clean("[farm]\nsecrets_file = \"/nowhere/secrets\"\n[wiki.a]\nat = [\"a.example.org\"]\n");
    }

    #[test]
    fn a_secret_in_a_repository_is_an_error() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join(".git")).unwrap();
        let index = |names: &[u8]| fs::write(dir.path().join(".git/index"), names).unwrap();
        index(b"DIRC....secrets\0...");
        assert!(finds("L-34", &farm(&dir, GOOD)).message.contains("repository"));
        index(b"DIRC....secrets.example\0...");
        assert!(problems(&farm(&dir, GOOD)).is_empty());
    }
}
