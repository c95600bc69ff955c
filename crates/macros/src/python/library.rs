//! The Python macros of one wiki: its macro directories as a snapshot that is never stale.
//!
//! The directories are looked through in order and the first file of a name wins. A file that was changed is
//! another module; until the new one compiles, the last one that did goes on serving. Names that begin with
//! `_` are helpers of the files beside them. What a file means, a worker says (`pool.rs`), once per content.
//! Start reading at [`MacroLibrary::shelf`].

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use arc_swap::ArcSwap;
use grange_macro_protocol::size::Size;
use grange_macro_protocol::{Module, ModuleFacts, ModuleId, SyntaxError};
use sha2::{Digest, Sha256};
use tokio::sync::OnceCell;

use super::catalog::Catalogs;
use super::watch::{MacroWatch, Noticed, Watched};
use crate::dependencies::{Dependency, Runs};

/// The largest macro file that is read.
const MOST_BYTES: u64 = 256 << 10;

/// Asking the system for news costs a call, and one page view wants to know several times: within so short a while the
/// first answer does. Nobody saves a file and asks for a page in less.
const ONE_VIEW: Duration = Duration::from_micros(50);
const NEVER: u64 = u64::MAX;

/// The macro directories of a wiki.
pub struct MacroLibrary {
    directories: Vec<PathBuf>,
    watch: Arc<MacroWatch>,
    shelf: ArcSwap<Shelf>,
    begun: Instant,
    /// Microseconds after `begun` when the files were last found unchanged; none before the first time.
    looked: AtomicU64,
    scanning: Mutex<()>,
}

/// The files as they were at one moment.
#[derive(Default)]
pub struct Shelf {
    /// Another number after every change of any file: what was made with an older one is made again.
    pub edition: u64,
    /// What the macros say in other languages.
    pub catalogs: Catalogs,
    files: BTreeMap<String, Arc<MacroFile>>,
    seen: Seen,
    marks: Vec<Mark>,
}

/// What the watch had said when the files were read.
#[derive(Default)]
struct Seen {
    watched: Watched,
    noticed: Option<Noticed>,
}

/// A file's or directory's place in time, where nobody watches.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Mark {
    path: PathBuf,
    facts: Option<(SystemTime, u64)>,
}

/// One macro's file in one version.
pub struct MacroFile {
    /// The macro's name.
    pub name: String,
    /// Where it stands.
    pub path: PathBuf,
    /// What a worker is given.
    pub module: Arc<Module>,
    pub(super) loaded: OnceCell<Result<Arc<Loaded>, SyntaxError>>,
    older: Option<Arc<Loaded>>,
}

/// A module that a worker has compiled.
#[derive(Debug)]
pub struct Loaded {
    /// What is run.
    pub module: Arc<Module>,
    /// What it said of itself.
    pub facts: ModuleFacts,
    /// Its dependencies; `time` where it declares none.
    pub dependencies: Vec<Dependency>,
}

impl MacroLibrary {
    /// The library of these directories; those that do not exist yet count as empty.
    pub fn of(directories: Vec<PathBuf>, watch: Arc<MacroWatch>) -> MacroLibrary {
        let first = Shelf::read(&directories, &watch, None);
        MacroLibrary {
            directories,
            watch,
            shelf: ArcSwap::from_pointee(first),
            begun: Instant::now(),
            looked: AtomicU64::new(NEVER),
            scanning: Mutex::new(()),
        }
    }

    /// Where the macros are looked for.
    pub fn directories(&self) -> &[PathBuf] {
        &self.directories
    }

    /// The same in words: `wikis/one/macros, macros`.
    pub fn places(&self) -> String {
        let places = self.directories.iter().map(|place| place.display().to_string());
        places.collect::<Vec<_>>().join(", ")
    }

    /// The files as they are now. Reads them again only after a change.
    pub fn shelf(&self) -> Arc<Shelf> {
        let shelf = self.shelf.load_full();
        let now = u64::try_from(self.begun.elapsed().as_micros()).unwrap_or(NEVER);
        let looked = self.looked.load(Ordering::Relaxed);
        if looked != NEVER && now.saturating_sub(looked) < ONE_VIEW.as_micros() as u64 {
            return shelf;
        }
        if shelf.is_current(&self.watch) {
            self.looked.store(now, Ordering::Relaxed);
            return shelf;
        }
        let _one_at_a_time = self.scanning.lock().unwrap_or_else(PoisonError::into_inner);
        let shelf = self.shelf.load_full();
        if shelf.is_current(&self.watch) {
            return shelf;
        }
        let next = Arc::new(Shelf::read(&self.directories, &self.watch, Some(&shelf)));
        self.shelf.store(Arc::clone(&next));
        next
    }
}

impl Shelf {
    /// The file of a macro.
    pub fn find(&self, name: &str) -> Option<&Arc<MacroFile>> {
        self.files.get(name)
    }

    /// All files, by name.
    pub fn files(&self) -> impl Iterator<Item = &Arc<MacroFile>> {
        self.files.values()
    }

    fn is_current(&self, watch: &MacroWatch) -> bool {
        match watch.ask(&self.seen.watched) {
            Noticed::Unknown => self.marks.iter().all(|mark| *mark == Mark::of(&mark.path)),
            turn => Some(turn) == self.seen.noticed,
        }
    }

    fn read(directories: &[PathBuf], watch: &MacroWatch, older: Option<&Shelf>) -> Shelf {
        // Watched first and read afterwards: what changes in between is noticed at the next look.
        let places: Vec<PathBuf> = directories
            .iter()
            .flat_map(|directory| [directory.clone(), directory.join("locale")])
            .collect();
        let mut watched = watch.watch(places.iter().map(PathBuf::as_path));
        if places.iter().any(|place| is_linked(place)) {
            watched = watched.without_what_links_lead_to();
        }
        let noticed = Some(watch.ask(&watched));
        let mut shelf = Shelf {
            edition: older.map_or(1, |older| older.edition),
            seen: Seen { watched, noticed },
            marks: places
                .iter()
                .map(|path| Mark::of(path))
                .chain(catalogs(&places))
                .collect(),
            ..Shelf::default()
        };
        for directory in directories {
            shelf.read_directory(directory, older);
            shelf.catalogs.add_directory(directory);
        }
        if older.is_some() {
            // Whatever was noticed: a catalog, a helper or a macro may show on any page.
            shelf.edition += 1;
        }
        shelf
    }

    fn read_directory(&mut self, directory: &Path, older: Option<&Shelf>) {
        let Ok(entries) = fs::read_dir(directory) else {
            return;
        };
        let mut paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
        paths.sort();
        self.marks.extend(
            paths
                .iter()
                .filter_map(python_file)
                .map(|(_, path)| Mark::of(path)),
        );
        let helpers = helpers_of(&paths);
        for (name, path) in paths.iter().filter_map(python_file) {
            if name.starts_with('_') || self.files.contains_key(name) {
                continue;
            }
            if let Some(source) = read_source(path) {
                let file = MacroFile::new(name, path, source, &helpers, older);
                self.files.insert(name.to_owned(), file);
            }
        }
    }
}

/// Whether a directory, or anything in it, is a symbolic link.
fn is_linked(directory: &Path) -> bool {
    let is_link = |path: &Path| fs::symlink_metadata(path).is_ok_and(|facts| facts.is_symlink());
    let mut entries = fs::read_dir(directory).into_iter().flatten().flatten();
    is_link(directory) || entries.any(|entry| is_link(&entry.path()))
}

/// The catalogs among the files of these directories.
fn catalogs(places: &[PathBuf]) -> impl Iterator<Item = Mark> {
    let entries = places.iter().flat_map(fs::read_dir).flatten().flatten();
    let paths = entries.map(|entry| entry.path());
    paths
        .filter(|path| path.extension().is_some_and(|ending| ending == "po"))
        .map(|path| Mark::of(&path))
}

/// The helpers that a macro names, and those that they name.
fn helpers_used(source: &str, helpers: &[(String, String)]) -> Vec<(String, String)> {
    let mut used = BTreeSet::new();
    let mut texts = vec![source];
    while let Some(text) = texts.pop() {
        for (name, helper) in helpers {
            if text.contains(name.as_str()) && used.insert(name) {
                texts.push(helper);
            }
        }
    }
    let helpers = helpers.iter();
    helpers.filter(|(name, _)| used.contains(name)).cloned().collect()
}

impl MacroFile {
    /// Whether a worker has said what the file is.
    pub(crate) fn is_loaded(&self) -> bool {
        self.loaded.initialized()
    }

    fn new(
        name: &str,
        path: &Path,
        source: String,
        helpers: &[(String, String)],
        older: Option<&Shelf>,
    ) -> Arc<MacroFile> {
        let used = helpers_used(&source, helpers);
        let id = module_id(name, &source, &used);
        let before = older.and_then(|shelf| shelf.find(name));
        if let Some(same) = before.filter(|file| file.module.id == id && file.path == path) {
            return Arc::clone(same);
        }
        let module = Module {
            id,
            name: name.to_owned(),
            file: format!("{name}.py"),
            source,
            helpers: used,
        };
        Arc::new(MacroFile {
            name: name.to_owned(),
            path: path.to_owned(),
            module: Arc::new(module),
            loaded: OnceCell::new(),
            older: before.and_then(|file| file.last_good()),
        })
    }

    /// A file by itself, with the helpers that stand beside it, for tools.
    ///
    /// # Errors
    /// * [`std::io::Error`]: it cannot be read, or is no Python file that a page could call.
    pub fn standing_alone(path: &Path) -> std::io::Result<Arc<MacroFile>> {
        let path_buf = path.to_owned();
        let Some((name, _)) = python_file(&path_buf) else {
            let words = "a macro's file is called NAME.py, the name of letters, digits and underscores";
            return Err(std::io::Error::new(std::io::ErrorKind::InvalidInput, words));
        };
        let source = decoded(fs::read(path)?);
        let beside = path.parent().map(helpers_in).unwrap_or_default();
        Ok(MacroFile::new(name, path, source, &beside, None))
    }

    /// The last version that compiled: this one, or one before it.
    pub fn last_good(&self) -> Option<Arc<Loaded>> {
        match self.loaded.get() {
            Some(Ok(loaded)) => Some(Arc::clone(loaded)),
            _ => self.older.clone(),
        }
    }
}

impl Loaded {
    /// When it has to run.
    pub fn runs(&self) -> Runs {
        Runs::of(&self.dependencies)
    }
}

impl Mark {
    fn of(path: &Path) -> Mark {
        let facts = fs::metadata(path).ok();
        Mark {
            path: path.to_owned(),
            facts: facts.and_then(|facts| Some((facts.modified().ok()?, facts.len()))),
        }
    }
}

/// The helpers in a directory, by module name.
fn helpers_in(directory: &Path) -> Vec<(String, String)> {
    let entries = fs::read_dir(directory).into_iter().flatten();
    let paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    helpers_of(&paths)
}

fn helpers_of(paths: &[PathBuf]) -> Vec<(String, String)> {
    let helpers = paths
        .iter()
        .filter_map(python_file)
        .filter(|(name, _)| name.starts_with('_'));
    helpers
        .filter_map(|(name, path)| Some((name.to_owned(), read_source(path)?)))
        .collect()
}

/// The macro's name and the file, if it is a Python file with a name that a page can call.
fn python_file(path: &PathBuf) -> Option<(&str, &PathBuf)> {
    let name = path.file_stem()?.to_str()?;
    let is_word = |letter: char| letter.is_alphanumeric() || letter == '_';
    let is_python = path.extension().is_some_and(|ending| ending == "py");
    (is_python && !name.is_empty() && name.chars().all(is_word)).then_some((name, path))
}

fn read_source(path: &Path) -> Option<String> {
    let told = |why: &str| tracing::warn!(file = %path.display(), "the macro file is left out: {why}");
    let facts = fs::metadata(path).ok()?;
    if !facts.is_file() || facts.len() > MOST_BYTES {
        told(&format!("it is no file of at most {}", Size(MOST_BYTES)));
        return None;
    }
    match fs::read(path) {
        Ok(bytes) => Some(decoded(bytes)),
        Err(error) => {
            told(&error.to_string());
            None
        }
    }
}

/// Old macros say `coding: iso-8859-1` and mean it; everything else is UTF-8.
fn decoded(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes)
        .unwrap_or_else(|broken| broken.as_bytes().iter().map(|byte| char::from(*byte)).collect())
}

fn module_id(name: &str, source: &str, helpers: &[(String, String)]) -> ModuleId {
    let mut digest = Sha256::new();
    let parts = helpers
        .iter()
        .flat_map(|(helper, source)| [helper.as_str(), source]);
    for part in [name, source].into_iter().chain(parts) {
        digest.update((part.len() as u64).to_le_bytes());
        digest.update(part.as_bytes());
    }
    ModuleId(digest.finalize().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn library(directories: &[&Path]) -> MacroLibrary {
        let directories = directories.iter().map(|path| path.to_path_buf()).collect();
        MacroLibrary::of(directories, Arc::new(MacroWatch::new()))
    }

    fn source(shelf: &Shelf, name: &str) -> Option<String> {
        shelf.find(name).map(|file| file.module.source.clone())
    }

    /// As a view that begins some time after the last one finds the files.
    fn one_view_later(library: &MacroLibrary) -> Arc<Shelf> {
        library.looked.store(NEVER, Ordering::Relaxed);
        library.shelf()
    }

    #[test]
    fn a_saved_file_is_what_the_next_look_finds() {
        let dir = tempfile::tempdir().unwrap();
        let macros = dir.path().join("macros");
        let library = library(&[&macros]);
        assert!(one_view_later(&library).find("A").is_none());
        fs::create_dir(&macros).unwrap();
        fs::write(macros.join("A.py"), "one").unwrap();
        let first = one_view_later(&library);
        assert_eq!(source(&first, "A").as_deref(), Some("one"));
        assert_eq!(one_view_later(&library).edition, first.edition, "nothing changed");
        fs::write(macros.join("A.py"), "two").unwrap();
        let second = one_view_later(&library);
        assert_eq!(source(&second, "A").as_deref(), Some("two"));
        assert!(second.edition > first.edition);
        fs::remove_file(macros.join("A.py")).unwrap();
        assert!(one_view_later(&library).find("A").is_none());
    }

    #[test]
    fn the_first_directory_wins_and_helpers_are_no_macros() {
        let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        for (dir, text) in [(&one, "first"), (&two, "second")] {
            fs::write(dir.path().join("A.py"), text).unwrap();
        }
        fs::write(two.path().join("B.py"), "import _help").unwrap();
        fs::write(two.path().join("_help.py"), "x = 1").unwrap();
        fs::write(two.path().join("not a macro.py"), "").unwrap();
        let shelf = library(&[one.path(), two.path()]).shelf();
        assert_eq!(source(&shelf, "A").as_deref(), Some("first"));
        assert!(shelf.find("_help").is_none() && shelf.find("not a macro").is_none());
        let helpers = &shelf.find("B").unwrap().module.helpers;
        assert_eq!(helpers.as_slice(), [("_help".to_owned(), "x = 1".to_owned())]);
    }

    #[test]
    fn a_changed_helper_makes_another_module_of_who_uses_it() {
        let dir = tempfile::tempdir().unwrap();
        for (name, text) in [("A.py", "import _help"), ("B.py", "pass"), ("_help.py", "x = 1")] {
            fs::write(dir.path().join(name), text).unwrap();
        }
        let library = library(&[dir.path()]);
        let before = one_view_later(&library);
        fs::write(dir.path().join("_help.py"), "x = 2").unwrap();
        let after = one_view_later(&library);
        let id = |shelf: &Shelf, name| shelf.find(name).unwrap().module.id;
        assert_ne!(id(&before, "A"), id(&after, "A"));
        assert_eq!(id(&before, "B"), id(&after, "B"));
    }

    #[test]
    fn where_nobody_watches_the_files_are_looked_at() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("A.py"), "one").unwrap();
        let shelf = Shelf {
            marks: vec![Mark::of(&dir.path().join("A.py"))],
            ..Shelf::default()
        };
        let watch = MacroWatch::new();
        assert!(shelf.is_current(&watch));
        fs::write(dir.path().join("A.py"), "longer").unwrap();
        assert!(!shelf.is_current(&watch));
    }

    #[test]
    fn an_old_file_in_latin_1_is_read() {
        assert_eq!(decoded(b"caf\xe9".to_vec()), "café");
        assert_eq!(decoded("café".into()), "café");
    }
}
