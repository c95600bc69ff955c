//! The farm's secrets file: made at the first start, refused when others can read it.
//!
//! Each line is a secret; the first signs, all verify, so an admin rotates by putting a new line on top and
//! drops the old one later. Two servers started at once agree, because the file appears with its content or
//! not at all. What a line looks like and what is signed with it is the session crate's business.

use std::fmt;
use std::fs::{self, DirBuilder, File};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use grange_session::{Randomness, Secrets, SecretsError};

/// A file of more than this is something else.
const LARGEST: u64 = 64 * 1024;

/// The secrets of a farm and the text they were read from.
#[derive(Clone)]
pub struct FarmSecrets {
    secrets: Arc<Secrets>,
    text: Arc<str>,
}

impl FarmSecrets {
    /// Reads the file, after making it where there is none: mode 0600, one random line, missing directories 0700.
    ///
    /// # Errors
    /// * [`SecretsFileError::TooOpen`]: somebody else than its owner can read or write it.
    /// * [`SecretsFileError::NoFile`]: a directory, a device or much too large.
    /// * [`SecretsFileError::Content`]: a line that is no secret.
    /// * [`SecretsFileError::Io`]: it cannot be read or made.
    pub fn open(path: &Path, randomness: &dyn Randomness) -> Result<FarmSecrets, SecretsFileError> {
        let text = match read(path) {
            Err(SecretsFileError::Io { cause, .. }) if cause.kind() == io::ErrorKind::NotFound => {
                create(path, randomness).map_err(|cause| io_error(path, cause))?;
                // Ours, or that of a server which was faster: either way the file decides.
                read(path)?
            }
            other => other?,
        };
        FarmSecrets::parse(path, text)
    }

    /// Reads the file, if there is one; makes none.
    ///
    /// # Errors
    /// As [`FarmSecrets::open`].
    pub fn find(path: &Path) -> Result<Option<FarmSecrets>, SecretsFileError> {
        match read(path) {
            Err(SecretsFileError::Io { cause, .. }) if cause.kind() == io::ErrorKind::NotFound => Ok(None),
            read => FarmSecrets::parse(path, read?).map(Some),
        }
    }

    fn parse(path: &Path, text: String) -> Result<FarmSecrets, SecretsFileError> {
        let secrets = Secrets::parse(&text).map_err(|cause| SecretsFileError::Content {
            path: path.to_owned(),
            cause,
        })?;
        Ok(FarmSecrets {
            secrets: Arc::new(secrets),
            text: text.into(),
        })
    }

    /// What signs and verifies.
    pub fn secrets(&self) -> &Arc<Secrets> {
        &self.secrets
    }

    /// Whether both were read from the same text.
    pub fn same_as(&self, other: &FarmSecrets) -> bool {
        self.text == other.text
    }
}

/// Never shows a secret.
impl fmt::Debug for FarmSecrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FarmSecrets(***)")
    }
}

/// Why the secrets cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SecretsFileError {
    /// Mode other than 0600 or 0400.
    #[error(
        "{} can be read or changed by others (mode {mode:04o}): whoever reads it can be any user. \
         Run: chmod 600 {}", path.display(), path.display()
    )]
    TooOpen {
        /// The file.
        path: PathBuf,
        /// Its mode.
        mode: u32,
    },
    /// Not a plain file, or larger than any list of secrets.
    #[error("{} is no file of secrets: a plain file with one secret a line is wanted", .0.display())]
    NoFile(PathBuf),
    /// A line is no secret.
    #[error("{}: {cause}", path.display())]
    Content {
        /// The file.
        path: PathBuf,
        /// What is wrong with its text.
        #[source]
        cause: SecretsError,
    },
    /// The file system refused.
    #[error("{}: {cause}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What it said.
        #[source]
        cause: io::Error,
    },
}

fn io_error(path: &Path, cause: io::Error) -> SecretsFileError {
    SecretsFileError::Io {
        path: path.to_owned(),
        cause,
    }
}

/// Mode and text of one opened file, so that nobody can swap it between the question and the reading.
fn read(path: &Path) -> Result<String, SecretsFileError> {
    // A named pipe would block the start for ever, so the kind is asked before the opening as well.
    let refuse = |cause| io_error(path, cause);
    if !fs::metadata(path).map_err(refuse)?.is_file() {
        return Err(SecretsFileError::NoFile(path.to_owned()));
    }
    let file = File::open(path).map_err(refuse)?;
    let facts = file.metadata().map_err(refuse)?;
    let mode = facts.permissions().mode() & 0o7777;
    if !facts.is_file() || facts.len() > LARGEST {
        return Err(SecretsFileError::NoFile(path.to_owned()));
    }
    if mode & 0o077 != 0 {
        return Err(SecretsFileError::TooOpen {
            path: path.to_owned(),
            mode,
        });
    }
    let mut text = String::new();
    file.take(LARGEST).read_to_string(&mut text).map_err(refuse)?;
    Ok(text)
}

/// Writes a temporary file beside it, makes it durable, and gives it the name unless somebody else already did.
fn create(path: &Path, randomness: &dyn Randomness) -> io::Result<()> {
    let dir = match path.parent() {
        Some(dir) if !dir.as_os_str().is_empty() => dir,
        _ => Path::new("."),
    };
    DirBuilder::new().recursive(true).mode(0o700).create(dir)?;
    // tempfile opens with O_EXCL and mode 0600.
    let mut file = tempfile::Builder::new().prefix(".secrets-").tempfile_in(dir)?;
    let line = Secrets::generate_line(randomness);
    file.write_all(line.trim_end().as_bytes())?;
    file.write_all(b"\n")?;
    file.as_file().sync_all()?;
    match file.persist_noclobber(path) {
        Ok(_) => File::open(dir)?.sync_all(),
        Err(lost) if lost.error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(failed) => Err(failed.error),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use grange_session::SystemRandomness;

    use super::*;

    fn open(path: &Path) -> Result<FarmSecrets, SecretsFileError> {
        FarmSecrets::open(path, &SystemRandomness)
    }

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o7777
    }

    #[test]
    fn the_first_start_makes_a_file_that_only_its_owner_reads() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("wikis/_farm/secrets");
        open(&path).unwrap();
        assert_eq!(mode(&path), 0o600);
        assert_eq!(mode(&dir.path().join("wikis/_farm")), 0o700);
        assert_eq!(mode(&dir.path().join("wikis")), 0o700);
        let left: Vec<_> = fs::read_dir(path.parent().unwrap()).unwrap().collect();
        assert_eq!(left.len(), 1, "no temporary file stays behind");
    }

    #[test]
    fn the_second_start_uses_the_file_of_the_first() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("secrets");
        let first = open(&path).unwrap();
        let text = fs::read_to_string(&path).unwrap();
        assert!(open(&path).unwrap().same_as(&first));
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
        assert!(
            text.ends_with('\n') && text.trim().len() >= 32,
            "a line of enough randomness"
        );
    }

    #[test]
    fn servers_that_start_at_once_agree() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("_farm/secrets");
        let all: Vec<FarmSecrets> = std::thread::scope(|scope| {
            let starts: Vec<_> = (0..8).map(|_| scope.spawn(|| open(&path).unwrap())).collect();
            starts.into_iter().map(|start| start.join().unwrap()).collect()
        });
        assert!(all.iter().all(|one| one.same_as(&all[0])));
    }

    #[test]
    fn a_file_that_others_can_read_is_refused_with_the_remedy() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("secrets");
        open(&path).unwrap();
        for open_mode in [0o640, 0o604, 0o620, 0o666] {
            fs::set_permissions(&path, fs::Permissions::from_mode(open_mode)).unwrap();
            let sentence = open(&path).unwrap_err().to_string();
            assert!(sentence.contains(&format!("{open_mode:04o}")), "{sentence}");
            assert!(sentence.contains("chmod 600"), "{sentence}");
        }
        fs::set_permissions(&path, fs::Permissions::from_mode(0o400)).unwrap();
        assert!(open(&path).is_ok());
    }

    #[test]
    fn a_link_to_a_private_file_is_as_good_as_the_file() {
        let dir = tempfile::tempdir().unwrap();
        let real = dir.path().join("real");
        let first = open(&real).unwrap();
        symlink(&real, dir.path().join("link")).unwrap();
        assert!(open(&dir.path().join("link")).unwrap().same_as(&first));
    }

    #[test]
    fn looking_for_secrets_makes_none_and_finds_those_that_were_made() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("secrets");
        assert!(FarmSecrets::find(&path).unwrap().is_none() && !path.exists());
        let made = open(&path).unwrap();
        assert!(FarmSecrets::find(&path).unwrap().unwrap().same_as(&made));
    }

    #[test]
    fn what_is_no_list_of_secrets_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        assert!(matches!(open(dir.path()), Err(SecretsFileError::NoFile(_))));
        let path = dir.path().join("secrets");
        open(&path).unwrap();
        fs::write(&path, "").unwrap();
        assert!(matches!(open(&path), Err(SecretsFileError::Content { .. })));
        fs::write(&path, vec![b'a'; LARGEST as usize + 1]).unwrap();
        assert!(matches!(open(&path), Err(SecretsFileError::NoFile(_))));
    }

    #[test]
    fn a_changed_file_is_told_from_the_old_one() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("secrets");
        let old = open(&path).unwrap();
        let text = fs::read_to_string(&path).unwrap();
        fs::write(
            &path,
            Secrets::generate_line(&SystemRandomness).trim_end().to_owned() + "\n" + &text,
        )
        .unwrap();
        assert!(!open(&path).unwrap().same_as(&old));
    }

    #[test]
    fn a_debug_print_shows_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let secrets = open(&dir.path().join("secrets")).unwrap();
        assert_eq!(format!("{secrets:?}"), "FarmSecrets(***)");
    }
}
