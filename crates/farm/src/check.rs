//! From files to a checked farm: the only way in which a [`FarmConfig`] comes to be.
//!
//! read (`raw.rs`) → merge (`layers.rs`) → conclude (`check/`) → compare (`lint.rs`). Every step reports into one
//! list and goes on; with an error in it there is no configuration. Nothing is made, opened or bound here.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::environment::Environment;
use crate::layers::Layers;
use crate::lint::{self, Study};
use crate::problem::{Finding, Findings, Place, Problem, Severity, Sources};
use crate::raw::keys::{Scope, farm as keys};
use crate::raw::read::{Reader, Role};
use crate::raw::{Text, Value, include};

mod config;
pub(crate) mod disguise;
mod farm;
pub(crate) mod paths;
mod server;
pub(crate) mod session;
#[cfg(test)]
mod tests;
mod wiki;

pub use config::{
    AdminListen, FarmAdmin, FarmConfig, MacroLimits, Registration, StorePlace, WikiConfig, WikiState,
};
pub(crate) use server::ServerAddress;
pub use server::ServerStore;

/// A file larger than this is not read: no farm needs it, and positions in it are 32 bits.
const MAX_FILE_BYTES: u64 = 256 << 20;

/// What came of reading a configuration.
#[derive(Debug)]
pub struct Loaded {
    /// The farm; `None` where there is an error among the problems.
    pub config: Option<FarmConfig>,
    /// Everything wrong, by file and line: errors and warnings.
    pub problems: Vec<Problem>,
    /// What is worth knowing and nothing to mend ([`Severity::Info`]), by file and line.
    pub notes: Vec<Problem>,
    /// The texts that problems point into.
    pub sources: Sources,
    /// Where the farm keeps its secrets, as far as the configuration can be read: running servers are
    /// found beside them, and they are to hear of a configuration that is wrong, too.
    pub secrets_file: PathBuf,
    pub(crate) layers: Layers,
}

/// Reads and checks farmconfig.toml and the files it includes.
pub fn load(path: &Path, environment: &dyn Environment) -> Loaded {
    match read_file(path) {
        Ok(text) => load_text(path, &text, environment),
        Err((text, finding)) => {
            let mut loading = Loading::begin(path, environment);
            loading.sources.add(path.to_path_buf(), text.into());
            loading.directories.push(directory_of(path));
            loading.reader.findings.push(*finding);
            loading.finish()
        }
    }
}

/// Checks a farmconfig.toml that is not on disk yet; `path` is where it would stand.
pub fn load_text(path: &Path, text: &str, environment: &dyn Environment) -> Loaded {
    let mut loading = Loading::begin(path, environment);
    loading.read_main(text);
    loading.read_included();
    loading.finish()
}

/// What the checks conclude from.
pub(crate) struct Checking<'a> {
    pub(crate) layers: &'a Layers,
    /// The directory of each file, absolute.
    pub(crate) directories: &'a [PathBuf],
    pub(crate) findings: &'a mut Findings,
}

impl Checking<'_> {
    /// The directory that relative paths of this place begin at.
    pub(crate) fn directory_of(&self, place: Place) -> &Path {
        let main = self.directories.first();
        self.directories
            .get(place.file as usize)
            .or(main)
            .map_or(Path::new("/"), PathBuf::as_path)
    }

    /// A path as it was meant.
    pub(crate) fn absolute(&self, text: &Text) -> PathBuf {
        paths::absolute(&text.value, self.directory_of(text.place))
    }
}

struct Loading<'a> {
    path: &'a Path,
    reader: Reader<'a>,
    sources: Sources,
    directories: Vec<PathBuf>,
}

impl<'a> Loading<'a> {
    fn begin(path: &'a Path, environment: &'a dyn Environment) -> Loading<'a> {
        Loading {
            path,
            reader: Reader::new(environment),
            sources: Sources::default(),
            directories: Vec::new(),
        }
    }

    fn read_main(&mut self, text: &str) {
        self.read(self.path, text, Role::Main);
    }

    fn read(&mut self, path: &Path, text: &str, role: Role) {
        let text: Arc<str> = text.into();
        let file = self.sources.add(path.to_path_buf(), Arc::clone(&text));
        self.directories.push(directory_of(path));
        self.reader.read(file, &text, role);
    }

    fn read_included(&mut self) {
        let patterns = match self
            .reader
            .config
            .farm
            .entry(&keys::INCLUDE)
            .map(|entry| &entry.value)
        {
            Some(Value::Texts(patterns)) => patterns.items.clone(),
            _ => return,
        };
        let directory = self.path.parent().unwrap_or(Path::new(""));
        let (files, findings) = include::find_files(&patterns, directory, self.path);
        for finding in findings {
            self.reader.findings.push(finding);
        }
        for file in files {
            match read_file(&file) {
                Ok(text) => self.read(&file, &text, Role::Included),
                Err((text, mut finding)) => {
                    finding.place.file = self.sources.add(file.clone(), text.into());
                    self.directories.push(directory_of(&file));
                    self.reader.findings.push(*finding);
                }
            }
        }
    }

    fn finish(mut self) -> Loaded {
        let farm_defaults = self.reader.read_defaults(Scope::Farm);
        let wiki_defaults = self.reader.read_defaults(Scope::Wiki);
        let Reader {
            config, mut findings, ..
        } = self.reader;
        let layers = Layers::new(config, farm_defaults, wiki_defaults);
        let directories = &self.directories;
        let mut checking = Checking {
            layers: &layers,
            directories,
            findings: &mut findings,
        };
        let mut config = farm::check_farm(&mut checking, self.path, &self.sources);
        wiki::check_wikis(&mut checking, &mut config);
        lint::lint_farm(
            &Study {
                layers: &layers,
                farm: &config,
                sources: &self.sources,
            },
            &mut findings,
        );
        let found = findings.into_problems(&self.sources);
        let (notes, problems): (Vec<Problem>, Vec<Problem>) = found
            .into_iter()
            .partition(|problem| problem.severity == Severity::Info);
        let refused = problems.iter().any(|problem| problem.severity == Severity::Error);
        Loaded {
            secrets_file: config.secrets_file.clone(),
            config: (!refused).then_some(config),
            problems,
            notes,
            sources: self.sources,
            layers,
        }
    }
}

fn directory_of(path: &Path) -> PathBuf {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
    absolute.parent().map_or(PathBuf::from("/"), Path::to_path_buf)
}

/// The text of a file, or what could be read of it and why that is not enough.
fn read_file(path: &Path) -> Result<String, (String, Box<Finding>)> {
    let refuse = |message: String, remedy: &str| {
        Box::new(Finding::error("file", Place::default(), message).remedy(remedy))
    };
    let size = std::fs::metadata(path).map_or(0, |metadata| metadata.len());
    if size > MAX_FILE_BYTES {
        return Err((
            String::new(),
            refuse("The file is too large to be a configuration.".into(), ""),
        ));
    }
    let bytes = std::fs::read(path).map_err(|error| {
        let (message, remedy) = match error.kind() {
            std::io::ErrorKind::NotFound => (
                match path.parent() {
                    Some(above) if !above.as_os_str().is_empty() => {
                        format!("There is no file {}.", path.display())
                    }
                    _ => format!("There is no {} here.", path.display()),
                },
                "Go to the directory of the farm, or give the file's name with --config FILE.",
            ),
            _ => (
                format!("The file cannot be read: {error}."),
                "Give the right name with --config FILE, or make the file readable.",
            ),
        };
        (String::new(), refuse(message, remedy))
    })?;
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let bytes = error.into_bytes();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let mut finding = refuse("The file is not UTF-8.".into(), "Save it as UTF-8.");
        finding.place = Place::new(0, at..at + 1);
        (text, finding)
    })
}
