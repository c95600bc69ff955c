//! Directories that survive a power failure, and files, both nobody else's to read.
//!
//! What is in the files is written elsewhere; a new name in a directory lasts only once the directory itself was synced.
//! Start at [`make_directory`].

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

/// A wiki's directory is nobody else's to read. One that exists keeps the mode its owner gave it.
pub fn make_directory(directory: &Path) -> io::Result<()> {
    if directory.is_dir() {
        return Ok(());
    }
    DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
    directory.parent().map_or(Ok(()), sync_directory)
}

/// Makes an empty file, unless it is there: SQLite would let others read one that it makes. One that is there is not
/// opened, because closing a second handle would drop SQLite's locks on it (POSIX).
pub fn make_file(path: &Path) -> io::Result<()> {
    let mut options = OpenOptions::new();
    match options.write(true).create_new(true).mode(0o600).open(path) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

/// Makes new names in a directory survive a power failure.
pub fn sync_directory(directory: &Path) -> io::Result<()> {
    let directory = if directory.as_os_str().is_empty() {
        Path::new(".")
    } else {
        directory
    };
    File::open(directory)?.sync_all()
}
