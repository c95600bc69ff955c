//! Paths of a configuration: absolute by the file they stand in, and real for comparing.
//!
//! Two names of one directory are one store, so the realm and every "same directory?" ask for the real path, symbolic
//! links followed as far as the directory exists. Parents are remembered: ten thousand wikis below one directory cost
//! one look each.

use std::collections::HashMap;
use std::io;
use std::path::{Component, Path, PathBuf};

/// A path as farmconfig.toml means it: relative to the directory of its file.
pub(crate) fn absolute(path: &str, directory: &Path) -> PathBuf {
    let joined = directory.join(path);
    std::path::absolute(&joined).unwrap_or(joined)
}

/// Real paths, with a memory.
#[derive(Debug, Default)]
pub(crate) struct RealPaths {
    known: HashMap<PathBuf, Real>,
}

#[derive(Debug, Clone)]
struct Real {
    path: PathBuf,
    exists: bool,
}

impl RealPaths {
    /// The real path of an absolute path that need not exist yet.
    pub(crate) fn of(&mut self, path: &Path) -> PathBuf {
        self.look_up(path).path
    }

    fn look_up(&mut self, path: &Path) -> Real {
        if let Some(real) = self.known.get(path) {
            return real.clone();
        }
        let real = self.find(path);
        self.known.insert(path.to_path_buf(), real.clone());
        real
    }

    fn find(&mut self, path: &Path) -> Real {
        let (Some(parent), Some(last)) = (path.parent(), path.components().next_back()) else {
            return Real {
                path: path.to_path_buf(),
                exists: true,
            };
        };
        let parent = self.look_up(parent);
        let Component::Normal(name) = last else {
            // `..` climbs from where the link leads, not from where it stands.
            let up = parent.path.parent().unwrap_or(&parent.path);
            return Real {
                path: up.to_path_buf(),
                exists: parent.exists,
            };
        };
        let joined = parent.path.join(name);
        if !parent.exists {
            return Real {
                path: joined,
                exists: false,
            };
        }
        match std::fs::symlink_metadata(&joined) {
            Ok(found) if found.is_symlink() => follow(&joined),
            Ok(_) => Real {
                path: joined,
                exists: true,
            },
            Err(error) => Real {
                path: joined,
                exists: error.kind() != io::ErrorKind::NotFound,
            },
        }
    }
}

/// A dangling link is the place it stands at.
fn follow(link: &Path) -> Real {
    match std::fs::canonicalize(link) {
        Ok(path) => Real { path, exists: true },
        Err(_) => Real {
            path: link.to_path_buf(),
            exists: false,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn real(path: &Path) -> PathBuf {
        RealPaths::default().of(path)
    }

    #[test]
    fn a_relative_path_begins_at_its_file() {
        assert_eq!(
            absolute("a/./b", Path::new("/etc/farm")),
            Path::new("/etc/farm/a/b")
        );
        assert_eq!(absolute(".", Path::new("/etc/farm")), Path::new("/etc/farm"));
        assert_eq!(absolute("/srv", Path::new("/etc/farm")), Path::new("/srv"));
    }

    #[test]
    fn two_names_of_one_directory_are_one_place() {
        let directory = tempfile::tempdir().unwrap();
        let root = std::fs::canonicalize(directory.path()).unwrap();
        std::fs::create_dir(root.join("real")).unwrap();
        std::os::unix::fs::symlink("real", root.join("link")).unwrap();
        assert_eq!(real(&root.join("link/users")), root.join("real/users"));
        assert_eq!(real(&root.join("link/../other")), root.join("other"));
        assert_eq!(real(&root.join("link")), real(&root.join("real")));
    }

    #[test]
    fn a_directory_that_is_not_there_yet_has_a_real_path_all_the_same() {
        let directory = tempfile::tempdir().unwrap();
        let root = std::fs::canonicalize(directory.path()).unwrap();
        assert_eq!(real(&root.join("no/such/../thing")), root.join("no/thing"));
    }

    #[test]
    fn a_dangling_link_stays_where_it_is() {
        let directory = tempfile::tempdir().unwrap();
        let root = std::fs::canonicalize(directory.path()).unwrap();
        std::os::unix::fs::symlink("nowhere", root.join("link")).unwrap();
        assert_eq!(real(&root.join("link/x")), root.join("link/x"));
    }

    #[test]
    fn the_root_is_itself_and_nothing_is_above_it() {
        assert_eq!(real(Path::new("/")), Path::new("/"));
        assert_eq!(real(Path::new("/../x-not-there")), Path::new("/x-not-there"));
    }
}
