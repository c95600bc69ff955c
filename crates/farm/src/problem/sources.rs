//! The texts of all files that were read, once, and lines by byte.
//!
//! Problems, `config show` and `explain` name places through it. It reads no file itself.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{Finding, Place, Problem, Related};

/// Every file that was read, in the order of reading: farmconfig.toml first, then its includes.
#[derive(Debug, Default, Clone)]
pub struct Sources {
    files: Vec<Source>,
    by_path: HashMap<PathBuf, u32>,
}

#[derive(Debug, Clone)]
struct Source {
    path: PathBuf,
    text: Arc<str>,
    line_starts: Vec<u32>,
}

impl Sources {
    /// The files by the names the admin gave them.
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        self.files.iter().map(|file| file.path.as_path())
    }

    /// The text of a file that was read.
    pub fn text(&self, path: &Path) -> Option<&str> {
        let file = self.by_path.get(path)?;
        self.files.get(*file as usize).map(|source| source.text.as_ref())
    }

    pub(crate) fn add(&mut self, path: PathBuf, text: Arc<str>) -> u32 {
        let newlines = text.bytes().enumerate().filter(|&(_, byte)| byte == b'\n');
        let starts = newlines.filter_map(|(at, _)| u32::try_from(at + 1).ok());
        let line_starts = std::iter::once(0).chain(starts).collect();
        let number = u32::try_from(self.files.len()).unwrap_or(u32::MAX);
        self.by_path.insert(path.clone(), number);
        self.files.push(Source {
            path,
            text,
            line_starts,
        });
        number
    }

    pub(crate) fn path_of(&self, file: u32) -> &Path {
        self.files
            .get(file as usize)
            .map_or(Path::new(""), |source| source.path.as_path())
    }

    pub(crate) fn text_of(&self, file: u32) -> Arc<str> {
        self.files
            .get(file as usize)
            .map(|source| Arc::clone(&source.text))
            .unwrap_or_default()
    }

    /// The line of a place, counted from 1.
    pub(crate) fn line_of(&self, place: Place) -> usize {
        let starts = self
            .files
            .get(place.file as usize)
            .map_or(&[][..], |source| source.line_starts.as_slice());
        starts.partition_point(|&start| start <= place.start).max(1)
    }

    /// The part of a place where these words stand; the whole place where they do not.
    pub(crate) fn narrow(&self, place: Place, words: &str) -> Place {
        let text = self.text_of(place.file);
        let found = text
            .get(place.span())
            .and_then(|shown| shown.find(words))
            .filter(|_| !words.is_empty());
        let start = found.map(|at| place.span().start + at);
        start.map_or(place, |start| Place::new(place.file, start..start + words.len()))
    }

    /// `farmconfig.toml:12`.
    pub(crate) fn file_line(&self, place: Place) -> String {
        format!("{}:{}", self.path_of(place.file).display(), self.line_of(place))
    }

    pub(crate) fn problem(&self, finding: Finding) -> Problem {
        let Finding {
            severity,
            code,
            place,
            message,
            remedy,
            related,
        } = finding;
        let related = related.into_iter().map(|(place, label)| Related {
            file: self.path_of(place.file).to_path_buf(),
            line: self.line_of(place),
            span: place.span(),
            label,
        });
        Problem {
            severity,
            code,
            file: self.path_of(place.file).to_path_buf(),
            line: self.line_of(place),
            span: place.span(),
            message,
            remedy,
            related: related.collect(),
        }
    }
}
