//! Where an `include` pattern was stopped: directories that are there and cannot be looked into.
//!
//! Looking for files takes such a directory for an empty one, and the wikis in it would vanish from the farm without a
//! word. What the system says is judged in [`is_barrier`]; what it is about is a directory, never a file. The file
//! system's own `lost+found` is nobody's wiki.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

/// A directory that stopped the looking.
#[derive(Debug)]
pub(crate) struct Barrier {
    pub(crate) directory: PathBuf,
    pub(crate) cause: io::Error,
}

/// The directories that a pattern leads through and that cannot be looked into, each once.
///
/// The pattern is walked part by part: below every match of what stands before a plain name, that name is asked for.
/// Below a part with stars, reading the directory itself tells.
pub(crate) fn barriers(pattern: &str) -> Vec<Barrier> {
    let mut found: BTreeMap<PathBuf, io::Error> = BTreeMap::new();
    for (end, _) in pattern.match_indices('/').filter(|(end, _)| *end > 0) {
        let (before, after) = pattern.split_at(end);
        let next = after
            .trim_start_matches('/')
            .split('/')
            .next()
            .unwrap_or_default();
        for matched in glob::glob(before).into_iter().flatten() {
            let stopped = match matched {
                Ok(directory) => look_for(&directory, next).map(|cause| (directory, cause)),
                Err(stopped) => Some((stopped.path().to_path_buf(), io::Error::from(stopped))),
            };
            if let Some((directory, cause)) = stopped.filter(|(dir, cause)| is_barrier(dir, cause)) {
                found.entry(directory).or_insert(cause);
            }
        }
    }
    let barriers = found.into_iter();
    barriers
        .map(|(directory, cause)| Barrier { directory, cause })
        .collect()
}

/// Why it cannot be said whether the name is in the directory.
fn look_for(directory: &Path, name: &str) -> Option<io::Error> {
    match name.contains(['*', '?', '[']) {
        true => match std::fs::metadata(directory) {
            Ok(found) if found.is_dir() => std::fs::read_dir(directory).err(),
            Ok(_) => None,
            Err(cause) => Some(cause),
        },
        // A name that is a link to nowhere is there, and no matter of the directory.
        false => std::fs::symlink_metadata(directory.join(name)).err(),
    }
}

/// Whether the system's answer means that something may be there which is not seen.
fn is_barrier(directory: &Path, cause: &io::Error) -> bool {
    let is_absent = matches!(
        cause.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    );
    !is_absent && directory.file_name().is_none_or(|name| name != "lost+found")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_may_hide_something_is_a_barrier() {
        let wiki = Path::new("/farm/wikis/a");
        let judged = |directory: &Path, kind: io::ErrorKind| is_barrier(directory, &io::Error::from(kind));
        assert!(judged(wiki, io::ErrorKind::PermissionDenied));
        assert!(judged(wiki, io::ErrorKind::Other));
        assert!(!judged(wiki, io::ErrorKind::NotFound));
        assert!(!judged(wiki, io::ErrorKind::NotADirectory));
        assert!(!judged(
            Path::new("/farm/wikis/lost+found"),
            io::ErrorKind::PermissionDenied
        ));
    }

    #[test]
    fn a_loop_of_links_stops_a_name_and_a_star_alike_and_is_told_once() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(dir.path().join("open")).unwrap();
        std::fs::write(dir.path().join("file"), "").unwrap();
        let closed = dir.path().join("closed");
        std::os::unix::fs::symlink("closed", &closed).unwrap();
        for pattern in ["*/wiki.toml", "*/*.toml", "*/deep/wiki.toml", "closed/*.toml"] {
            let found = barriers(&format!("{}/{pattern}", dir.path().display()));
            let directories: Vec<&Path> = found.iter().map(|barrier| barrier.directory.as_path()).collect();
            assert_eq!(directories, [closed.as_path()], "{pattern}");
        }
        assert!(barriers(&format!("{}/open/*.toml", dir.path().display())).is_empty());
    }
}
