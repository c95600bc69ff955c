//! The bytes of attached files: `<data_dir>/attachments/<SHA-256 in hexadecimal digits>`, plain files that are
//! written once and never changed.
//!
//! What is on its way is in `attachments/incoming/` until it is complete and synced, so a file under its hash is
//! always whole. Equal files are kept once. Names, versions and rights are not known here. Start at [`Blobs::keep`].

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use tempfile::NamedTempFile;
use tokio::task::spawn_blocking;

use crate::durable::{make_directory, sync_directory};
use crate::store::StoreError;

/// Nothing is so long on its way; what is older was left by a process that was killed.
const LONGEST_WAY: Duration = Duration::from_secs(24 * 3600);

/// Where one wiki's blobs are.
#[derive(Clone, Debug)]
pub struct Blobs {
    directory: PathBuf,
}

/// The bytes of one version, opened: they can be read to the end whatever happens to the file's name.
#[derive(Clone, Debug)]
pub struct Blob {
    file: Arc<File>,
    bytes: u64,
}

impl Blobs {
    /// The blobs of the wiki with this data directory. Touches nothing yet.
    pub fn at(data_dir: &Path) -> Blobs {
        Blobs {
            directory: data_dir.join("attachments"),
        }
    }

    /// A file that nobody sees yet; it goes when it is dropped. Blocks.
    pub(super) fn new_file(&self, now: Timestamp) -> Result<NamedTempFile, StoreError> {
        let incoming = self.directory.join("incoming");
        let made = make_directory(&self.directory)
            .and_then(|()| make_directory(&incoming))
            .and_then(|()| {
                remove_leftovers(&incoming, now);
                NamedTempFile::new_in(&incoming)
            });
        made.map_err(|source| StoreError::Io {
            path: incoming,
            source,
        })
    }

    /// Makes a complete file durable under its hash. Blocks.
    pub(super) fn keep(&self, file: NamedTempFile, hash: &[u8; 32], bytes: u64) -> Result<(), StoreError> {
        let path = self.path(hash);
        let kept = file.as_file().sync_all().and_then(|()| {
            // One that was cut short by a failing disk is replaced; a whole one is left alone.
            if std::fs::metadata(&path).is_ok_and(|found| found.len() == bytes) {
                return Ok(());
            }
            file.persist(&path).map(drop).map_err(|failed| failed.error)
        });
        // Also where the file was there: whoever made it may not have come to this yet.
        kept.and_then(|()| sync_directory(&self.directory))
            .map_err(|source| StoreError::Io { path, source })
    }

    /// Opens the bytes with a hash.
    ///
    /// # Errors
    /// - [`StoreError::Damaged`] if they are missing or not as many as they were.
    /// - [`StoreError::Io`] if they cannot be read.
    pub async fn open(&self, hash: &[u8; 32], bytes: u64) -> Result<Blob, StoreError> {
        let path = self.path(hash);
        let opened = spawn_blocking(move || open(path, bytes));
        opened.await.map_err(|_| StoreError::Closed)?
    }

    fn path(&self, hash: &[u8; 32]) -> PathBuf {
        self.directory.join(hexadecimal(hash))
    }
}

impl Blob {
    /// How many bytes there are.
    pub fn len(&self) -> u64 {
        self.bytes
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.bytes == 0
    }

    /// Reads `length` bytes from a place on; fewer at the end.
    ///
    /// # Errors
    /// - What the file system says.
    pub async fn read(&self, from: u64, length: usize) -> io::Result<Vec<u8>> {
        let left = usize::try_from(self.bytes.saturating_sub(from)).unwrap_or(usize::MAX);
        let (file, mut piece) = (Arc::clone(&self.file), vec![0; length.min(left)]);
        let read = spawn_blocking(move || file.read_exact_at(&mut piece, from).map(|()| piece));
        read.await.map_err(io::Error::other)?
    }
}

/// A hash as it stands in file names and ETags.
pub fn hexadecimal(hash: &[u8; 32]) -> String {
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn open(path: PathBuf, bytes: u64) -> Result<Blob, StoreError> {
    let found = File::open(&path).and_then(|file| Ok((file.metadata()?.len(), file)));
    match found {
        Ok((length, file)) if length == bytes => Ok(Blob {
            file: Arc::new(file),
            bytes,
        }),
        Ok((length, _)) => Err(StoreError::Damaged {
            path,
            what: format!("it has {length} bytes instead of {bytes}"),
        }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(StoreError::Damaged {
            path,
            what: "the file is missing".to_owned(),
        }),
        Err(source) => Err(StoreError::Io { path, source }),
    }
}

/// Removes what killed processes left. It is only tidying, so nothing that goes wrong here is told.
fn remove_leftovers(incoming: &Path, now: Timestamp) {
    let now = SystemTime::from(now);
    for entry in std::fs::read_dir(incoming).into_iter().flatten().flatten() {
        let written = entry.metadata().and_then(|found| found.modified());
        let is_old = written.is_ok_and(|at| now.duration_since(at).is_ok_and(|age| age > LONGEST_WAY));
        if is_old {
            let _ = std::fs::remove_file(entry.path());
        }
    }
}
