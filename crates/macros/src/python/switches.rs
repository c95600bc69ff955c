//! Which macros of a wiki are turned off, so that it outlasts a restart: `macros-off` in the wiki's directory, a
//! name a line.
//!
//! An administrator turns a macro off because it does harm; a crash or a restart must not turn it on again. The
//! file is read when the wiki is opened and written whole at each switching. Another server process on the same
//! files notices when it opens the wiki.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use tempfile::NamedTempFile;

use super::meter::Switch;

const FILE: &str = "macros-off";

/// Reading and writing again are one step.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// The macros that are turned off in the wiki with this directory.
///
/// # Errors
/// When the file is there and cannot be read.
pub fn read(data_dir: &Path) -> io::Result<BTreeSet<String>> {
    let text = match fs::read_to_string(data_dir.join(FILE)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(BTreeSet::new()),
        text => text?,
    };
    let names = text.lines().map(str::trim).filter(|name| !name.is_empty());
    Ok(names.map(str::to_owned).collect())
}

/// Writes down that a macro is turned off or on; it is on the disk when this returns.
///
/// # Errors
/// When the file cannot be read or written.
pub fn write(data_dir: &Path, name: &str, to: Switch) -> io::Result<()> {
    let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let mut names = read(data_dir)?;
    let changed = match to {
        Switch::Off => names.insert(name.to_owned()),
        Switch::On => names.remove(name),
    };
    if !changed {
        return Ok(());
    }
    let mut fresh = NamedTempFile::new_in(data_dir)?;
    for name in names {
        writeln!(fresh, "{name}")?;
    }
    fresh.as_file().sync_all()?;
    fresh.persist(data_dir.join(FILE))?;
    fs::File::open(data_dir)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_turned_off_stands_there_until_it_is_turned_on() {
        let dir = tempfile::tempdir().unwrap();
        assert!(read(dir.path()).unwrap().is_empty());
        write(dir.path(), "Slow", Switch::Off).unwrap();
        write(dir.path(), "Loud", Switch::Off).unwrap();
        write(dir.path(), "Loud", Switch::Off).unwrap();
        let both = ["Loud", "Slow"].map(str::to_owned);
        assert_eq!(read(dir.path()).unwrap(), BTreeSet::from(both));
        write(dir.path(), "Loud", Switch::On).unwrap();
        write(dir.path(), "Other", Switch::On).unwrap();
        assert_eq!(read(dir.path()).unwrap(), BTreeSet::from(["Slow".to_owned()]));
    }

    #[test]
    fn a_directory_that_cannot_be_written_is_an_error_and_nothing_is_lost() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join(FILE)).unwrap();
        assert!(read(dir.path()).is_err());
        assert!(write(dir.path(), "Slow", Switch::Off).is_err());
    }
}
