//! What of the farm lies on this machine's disks: each directory and the secrets file, once, with its key and place.
//!
//! `modes.rs` and `usable.rs` look at them. A path is shown as a command line takes it, and as `${NAME}` where it came
//! from the environment.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use super::Study;
use super::directories::directories;
use crate::check::disguise;
use crate::problem::Place;
use crate::raw::Key;
use crate::raw::keys::farm;

/// A directory or the secrets file.
pub(super) struct Subject {
    pub(super) key: &'static Key,
    pub(super) path: PathBuf,
    pub(super) place: Place,
    /// As people may see it, ready for a shell.
    pub(super) shown: String,
}

impl Subject {
    /// The secrets are a file, everything else is a directory.
    pub(super) fn is_file(&self) -> bool {
        self.key.name == farm::SECRETS_FILE.name
    }
}

/// All of them, each path once for each key.
pub(super) fn subjects(study: &Study<'_>) -> Vec<Subject> {
    let mut seen: HashSet<(&'static str, PathBuf)> = HashSet::new();
    let mut found = Vec::new();
    let mut add = |key: &'static Key, path: &Path, place: Place, written: &str| {
        if seen.insert((key.name, path.to_path_buf())) {
            let (path, shown) = (path.to_path_buf(), shown(path, written));
            found.push(Subject {
                key,
                path,
                place,
                shown,
            });
        }
    };
    let entry = |key: &Key| study.layers.raw.farm.entry(key);
    let place = |key: &Key| entry(key).map_or(study.layers.raw.farm.place, |entry| entry.place);
    let farm_dir = disguise::shown_farm_directory(study.layers);
    add(
        &farm::DATA_DIR,
        &study.farm.data_dir,
        place(&farm::DATA_DIR),
        farm_dir,
    );
    for member in study.members() {
        for (key, dir) in directories(&member) {
            let written = disguise::shown_directory(study.layers, &member.settings, key);
            add(key, dir, member.settings.place(key), &written);
        }
    }
    let secrets = disguise::shown_secrets_file(study.layers);
    add(
        &farm::SECRETS_FILE,
        &study.farm.secrets_file,
        place(&farm::SECRETS_FILE),
        &secrets,
    );
    found
}

/// The path from where the admin stands, quoted where a shell would take it apart.
fn shown(path: &Path, written: &str) -> String {
    if written.contains("${") {
        return format!("\"{written}\"");
    }
    let here = std::env::current_dir().unwrap_or_default();
    let below = path.strip_prefix(here).ok();
    let below = below.filter(|below| !below.as_os_str().is_empty());
    quoted(&below.unwrap_or(path).to_string_lossy())
}

fn quoted(path: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "/._-+,:@".contains(c);
    match path.chars().all(is_plain) {
        true => path.to_owned(),
        false => format!("'{}'", path.replace('\'', "'\\''")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_shown_from_where_one_stands_and_as_a_shell_takes_it() {
        let here = std::env::current_dir().unwrap();
        for (path, expected) in [
            (here.join("wikis/_farm/secrets"), "wikis/_farm/secrets"),
            (PathBuf::from("/srv/farm/a"), "/srv/farm/a"),
            (PathBuf::from("/srv/my farm/it's"), "'/srv/my farm/it'\\''s'"),
        ] {
            assert_eq!(shown(&path, "x"), expected);
        }
        assert_eq!(shown(Path::new("/hidden/s"), "${DIR}/s"), "\"${DIR}/s\"");
    }
}
