//! The asking end: every living server of a configuration gets the order and answers it.
//!
//! A socket that nobody listens at any more is removed on the way: its process ended without
//! being able to. A server that is alive and does not answer in time is reported, not passed over.

use std::fs;
use std::io::{self, BufRead, BufReader, ErrorKind, Read, Write};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::address::{SocketPlace, reach};
use super::protocol::{Answer, LONGEST_ANSWER, Order};

/// A reload of ten thousand wikis and a sweep take a while.
const PATIENCE: Duration = Duration::from_secs(120);

/// Why running servers could not be asked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CallError {
    /// The directory of the sockets cannot be read.
    #[error("{}: {cause}", dir.display())]
    Place {
        /// The directory.
        dir: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// A server is there and cannot be spoken to.
    #[error("the running server at {} does not answer: {cause}", socket.display())]
    Server {
        /// Its socket.
        socket: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
}

/// Gives the order to every living server of the place, one after the other. No answer at all:
/// none is running.
///
/// # Errors
/// * [`CallError`]: the servers cannot be found, or one of them does not answer.
pub(crate) fn call_all(place: &SocketPlace, order: &Order) -> Result<Vec<Answer>, CallError> {
    let sockets = place.sockets().map_err(|cause| CallError::Place {
        dir: place.dir().to_owned(),
        cause,
    })?;
    let mut answers = Vec::new();
    for socket in sockets {
        let called = call(&socket, order).map_err(|cause| CallError::Server { socket, cause })?;
        answers.extend(called);
    }
    Ok(answers)
}

/// Removes the sockets of processes that ended without being able to. Whatever hinders it can wait:
/// dead sockets harm nobody.
pub(super) fn remove_dead(place: &SocketPlace) {
    for socket in place.sockets().unwrap_or_default() {
        let connected = reach(&socket).and_then(|reach| UnixStream::connect(reach.path));
        if connected.is_err_and(|error| error.kind() == ErrorKind::ConnectionRefused) {
            let _ = forget(&socket);
        }
    }
}

/// Asks one server; `None` where nobody listens any more, and then the socket is gone.
fn call(socket: &Path, order: &Order) -> io::Result<Option<Answer>> {
    let stream = match UnixStream::connect(reach(socket)?.path) {
        Err(error) if error.kind() == ErrorKind::ConnectionRefused => {
            forget(socket)?;
            return Ok(None);
        }
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        stream => stream?,
    };
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let mut line = serde_json::to_string(order)?;
    line.push('\n');
    (&stream).write_all(line.as_bytes())?;
    stream.shutdown(Shutdown::Write)?;
    let mut answer = String::new();
    BufReader::new(stream.take(LONGEST_ANSWER)).read_line(&mut answer)?;
    if answer.is_empty() {
        return Err(io::Error::from(ErrorKind::UnexpectedEof));
    }
    Ok(Some(serde_json::from_str(&answer)?))
}

/// Removes the socket of a process that is no more.
fn forget(socket: &Path) -> io::Result<()> {
    match fs::remove_file(socket) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
