//! One look through a directory of pages: which file is which page, and what is left out.
//!
//! Nothing is read but directories and the facts of files. Hidden files are passed over in silence;
//! everything else that is not a page is named in the log once. Directories behind symbolic links are
//! not entered, so a scan always ends. Start at [`Scan::of`].

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, DirEntry};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::UnderlayStamp;
use crate::name::PageName;

/// Larger files are no pages.
const LARGEST_FILE: u64 = 16 * 1024 * 1024;

/// Deeper directories are not entered.
const DEEPEST: usize = 32;

/// What a directory held.
#[derive(Debug, Default)]
pub struct Scan {
    pub pages: BTreeMap<PageName, PageFile>,
    /// What is there but no page, so that it is neither looked for nor warned about again.
    pub left_out: BTreeSet<PathBuf>,
    pub stamp: UnderlayStamp,
}

/// A file that is a page.
#[derive(Clone, Debug)]
pub struct PageFile {
    pub path: PathBuf,
    pub version: FileVersion,
}

/// Tells a file from what it was before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FileVersion {
    inode: u64,
    bytes: u64,
    modified: (i64, i64),
    /// Also moves when a tool sets the time of modification back.
    changed: (i64, i64),
}

impl FileVersion {
    /// The version of the regular file at a path, symbolic links followed.
    pub fn of(path: &Path) -> Option<FileVersion> {
        let found = fs::metadata(path).ok().filter(fs::Metadata::is_file)?;
        Some(FileVersion {
            inode: found.ino(),
            bytes: found.len(),
            modified: (found.mtime(), found.mtime_nsec()),
            changed: (found.ctime(), found.ctime_nsec()),
        })
    }
}

/// Where the file of a page would be. Hidden files are never pages.
pub fn path_of(directory: &Path, name: &PageName) -> Option<PathBuf> {
    let hidden = name.as_str().split('/').any(|segment| segment.starts_with('.'));
    (!hidden).then(|| directory.join(format!("{name}.md")))
}

impl Scan {
    /// What the directory holds now. Nothing if it cannot be read: then `before` stays in force.
    pub fn of(directory: &Path, before: &Scan) -> Option<Scan> {
        let root = match directory.canonicalize() {
            Ok(root) => root,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Some(Scan::default()),
            Err(error) => return unreadable(directory, &error),
        };
        let mut walk = Walk {
            directory,
            root,
            before,
            scan: Scan::default(),
        };
        if let Err(error) = walk.enter(directory, 0) {
            return unreadable(directory, &error);
        }
        walk.scan.stamp = stamp_of(&walk.scan.pages);
        Some(walk.scan)
    }
}

fn unreadable(directory: &Path, error: &io::Error) -> Option<Scan> {
    tracing::error!(directory = %directory.display(), %error, "cannot read the directory of default pages");
    None
}

struct Walk<'a> {
    directory: &'a Path,
    root: PathBuf,
    before: &'a Scan,
    scan: Scan,
}

impl Walk<'_> {
    fn enter(&mut self, directory: &Path, depth: usize) -> io::Result<()> {
        let mut entries = fs::read_dir(directory)?.collect::<io::Result<Vec<_>>>()?;
        // Of two files that spell one name, the first in this order is the page, on every machine.
        entries.sort_by_key(DirEntry::file_name);
        for entry in entries {
            if entry.file_name().as_encoded_bytes().starts_with(b".") {
                continue;
            }
            let (path, kind) = (entry.path(), entry.file_type()?);
            if !kind.is_dir() {
                self.take_file(path);
            } else if depth == DEEPEST {
                self.leave_out(path, "the directory is too deep");
            } else if let Err(error) = self.enter(&path, depth + 1) {
                self.leave_out(path, &error.to_string());
            }
        }
        Ok(())
    }

    fn take_file(&mut self, path: PathBuf) {
        match self.page_in(&path) {
            Ok((name, file)) => {
                self.scan.pages.insert(name, file);
            }
            Err(reason) => self.leave_out(path, &reason),
        }
    }

    /// The page that a file is, or why it is none.
    fn page_in(&self, path: &Path) -> Result<(PageName, PageFile), String> {
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("md") => {}
            Some("moin") => return Err("Moin markup is not available yet".to_owned()),
            _ => return Err("it is not a .md file".to_owned()),
        }
        let inside = path
            .strip_prefix(self.directory)
            .unwrap_or(path)
            .with_extension("");
        let text = inside.to_str().ok_or("its name is not UTF-8")?;
        let name = PageName::parse(text).map_err(|error| error.to_string())?;
        let real = path.canonicalize().map_err(|error| error.to_string())?;
        if !real.starts_with(&self.root) {
            return Err("it is a symbolic link out of the directory".to_owned());
        }
        let version = FileVersion::of(path).ok_or("it is not a regular file")?;
        if version.bytes > LARGEST_FILE {
            return Err("it is larger than 16 MiB".to_owned());
        }
        if let Some(other) = self.scan.pages.get(&name) {
            return Err(format!("{} is the page of this name", other.path.display()));
        }
        Ok((
            name,
            PageFile {
                path: path.to_owned(),
                version,
            },
        ))
    }

    fn leave_out(&mut self, path: PathBuf, reason: &str) {
        if !self.before.left_out.contains(&path) {
            tracing::warn!(file = %path.display(), reason, "not taken as a default page");
        }
        self.scan.left_out.insert(path);
    }
}

/// The hasher has fixed keys, so equal directories have equal stamps.
fn stamp_of(pages: &BTreeMap<PageName, PageFile>) -> UnderlayStamp {
    let (mut content, mut names) = (DefaultHasher::new(), DefaultHasher::new());
    for (name, file) in pages {
        (name, file.version).hash(&mut content);
        name.hash(&mut names);
    }
    UnderlayStamp {
        content: content.finish(),
        names: names.finish(),
    }
}
