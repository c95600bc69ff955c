//! Names of control sockets: `control-CONFIG-PROCESS.sock` in the directory of the secrets file.
//!
//! CONFIG is a hash of the configuration's real path, so that servers of other configurations that
//! share the secrets are left alone; PROCESS is the process id. The system allows a socket's path
//! about a hundred bytes; a longer one is reached through an open directory.

use std::fs::{self, File};
use std::io;
use std::os::fd::AsRawFd;
use std::path::{Path, PathBuf};

use grange_farm::FarmConfig;
use sha2::{Digest, Sha256};

/// `sun_path` has 108 bytes on Linux and 104 on the BSDs, the last of them 0.
const LONGEST_PATH: usize = 100;

/// Where the control sockets of one configuration are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SocketPlace {
    dir: PathBuf,
    prefix: String,
}

/// A path by which a socket can be bound or reached, for as long as this lives.
pub(super) struct Reach {
    /// The path for the system.
    pub(super) path: PathBuf,
    /// Keeps the directory open that a long path goes through.
    _dir: Option<File>,
}

impl SocketPlace {
    /// The place for a farm's sockets.
    pub(crate) fn of(farm: &FarmConfig) -> SocketPlace {
        SocketPlace::beside(&farm.secrets_file, &farm.path)
    }

    /// The place beside a secrets file, for a configuration file.
    pub(crate) fn beside(secrets_file: &Path, config: &Path) -> SocketPlace {
        let dir = secrets_file
            .parent()
            .filter(|dir| !dir.as_os_str().is_empty())
            .unwrap_or(Path::new("."));
        let real = config.canonicalize().unwrap_or_else(|_| config.to_owned());
        let hash = Sha256::digest(real.as_os_str().as_encoded_bytes());
        let short: String = hash.iter().take(6).map(|byte| format!("{byte:02x}")).collect();
        SocketPlace {
            dir: dir.to_owned(),
            prefix: format!("control-{short}-"),
        }
    }

    /// The socket of a process. `attempt` tells apart processes of two containers that share the
    /// directory and have one number.
    pub(super) fn socket(&self, process: u32, attempt: u32) -> PathBuf {
        let tail = if attempt == 0 {
            String::new()
        } else {
            format!("-{attempt}")
        };
        self.dir.join(format!("{}{process}{tail}.sock", self.prefix))
    }

    /// All sockets there, of living and of dead processes.
    ///
    /// # Errors
    /// * The directory exists and cannot be read.
    pub(super) fn sockets(&self) -> io::Result<Vec<PathBuf>> {
        let entries = match fs::read_dir(&self.dir) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries?,
        };
        let mut found = Vec::new();
        for entry in entries {
            let entry = entry?;
            let name = entry.file_name();
            let name = name.to_string_lossy();
            if name.starts_with(&self.prefix) && name.ends_with(".sock") {
                found.push(entry.path());
            }
        }
        found.sort_unstable();
        Ok(found)
    }

    /// The directory that holds them.
    pub(super) fn dir(&self) -> &Path {
        &self.dir
    }
}

/// A path that is short enough for the system.
///
/// # Errors
/// * The directory of a long path cannot be opened.
pub(super) fn reach(socket: &Path) -> io::Result<Reach> {
    if socket.as_os_str().len() <= LONGEST_PATH {
        return Ok(Reach {
            path: socket.to_owned(),
            _dir: None,
        });
    }
    let (Some(dir), Some(name)) = (socket.parent(), socket.file_name()) else {
        return Err(io::Error::from(io::ErrorKind::InvalidInput));
    };
    let dir = File::open(dir)?;
    let path = Path::new("/proc/self/fd")
        .join(dir.as_raw_fd().to_string())
        .join(name);
    Ok(Reach {
        path,
        _dir: Some(dir),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_configuration_and_process_has_a_socket_of_its_own() {
        let one = SocketPlace::beside(
            Path::new("/f/wikis/_farm/secrets"),
            Path::new("/f/farmconfig.toml"),
        );
        let other = SocketPlace::beside(Path::new("/f/wikis/_farm/secrets"), Path::new("/f/other.toml"));
        assert_eq!(one.dir(), Path::new("/f/wikis/_farm"));
        assert_ne!(one.socket(7, 0), other.socket(7, 0));
        assert_ne!(one.socket(7, 0), one.socket(8, 0));
        assert_ne!(one.socket(7, 0), one.socket(7, 1));
    }

    #[test]
    fn a_link_to_a_configuration_is_that_configuration() {
        let dir = tempfile::tempdir().unwrap();
        let real = dir.path().join("farmconfig.toml");
        fs::write(&real, "").unwrap();
        let link = dir.path().join("link.toml");
        std::os::unix::fs::symlink(&real, &link).unwrap();
        let secrets = dir.path().join("secrets");
        assert_eq!(
            SocketPlace::beside(&secrets, &real),
            SocketPlace::beside(&secrets, &link)
        );
    }

    #[test]
    fn only_sockets_of_this_configuration_are_found() {
        let dir = tempfile::tempdir().unwrap();
        let place = SocketPlace::beside(&dir.path().join("secrets"), Path::new("/a.toml"));
        let other = SocketPlace::beside(&dir.path().join("secrets"), Path::new("/b.toml"));
        for file in [
            place.socket(2, 0),
            place.socket(1, 0),
            other.socket(1, 0),
            dir.path().join("secrets"),
        ] {
            fs::write(file, "").unwrap();
        }
        assert_eq!(place.sockets().unwrap(), [place.socket(1, 0), place.socket(2, 0)]);
    }

    #[test]
    fn a_place_that_does_not_exist_yet_has_no_sockets() {
        let place = SocketPlace::beside(Path::new("/nowhere/at/all/secrets"), Path::new("/a.toml"));
        assert_eq!(place.sockets().unwrap(), Vec::<PathBuf>::new());
    }
}
