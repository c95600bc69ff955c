//! Directories that survive a power failure and are nobody else's to read.
//!
//! Files are made elsewhere; a new name in a directory lasts only once the directory itself was synced.
//! Start at [`make_directory`].

use std::fs::{DirBuilder, File};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;

/// A wiki's directory is nobody else's to read. One that exists keeps the mode its owner gave it.
pub fn make_directory(directory: &Path) -> io::Result<()> {
    if directory.is_dir() {
        return Ok(());
    }
    DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
    directory.parent().map_or(Ok(()), sync_directory)
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
