//! The obeying end: a server's control socket.
//!
//! Bound when the server begins to answer, removed when it ends, and moved when a reload moves the
//! secrets file. One order a connection; a caller who is another user of the machine is not even
//! read from. What an order does is behind [`Commands`], so that this file can be tested alone.

use std::fs::{self, DirBuilder, Permissions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::os::unix::net::UnixListener as StdListener;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use actix_web::rt;
use actix_web::web::Data;
use async_trait::async_trait;
use grange_farm::FarmConfig;
use grange_session::{EndReason, SessionEvent};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::time::timeout;

use super::address::{SocketPlace, reach};
use super::client::remove_dead;
use super::protocol::{Answer, LONGEST_ORDER, Order};
use super::sessions::{Done, Office};
use crate::reloading::{Reloaded, Reloader};
use crate::state::AppState;

/// How long a caller may take to say what it wants.
const PATIENCE: Duration = Duration::from_secs(10);

/// How often it is looked whether the secrets file, and with it the socket, has moved.
const LOOK_AROUND: Duration = Duration::from_secs(1);

/// Names tried where another container's process of the same number has the first.
const MOST_ATTEMPTS: u32 = 16;

/// The control socket of this process; dropping it takes the socket away.
pub struct Control {
    task: rt::task::JoinHandle<()>,
}

/// What orders do.
#[async_trait]
pub(super) trait Commands: Send + Sync {
    /// Obeys an order; refusing is an answer too.
    async fn obey(&self, order: Order) -> Answer;

    /// Where the socket belongs now.
    fn place(&self) -> SocketPlace;
}

/// Orders of a server that serves.
struct Served {
    reloader: Arc<Reloader>,
    state: Data<AppState>,
}

/// Begins to listen for orders beside the farm's secrets file.
///
/// # Errors
/// * The socket cannot be bound.
pub async fn serve(farm: &FarmConfig, reloader: Arc<Reloader>, state: Data<AppState>) -> io::Result<Control> {
    begin(&SocketPlace::of(farm), Arc::new(Served { reloader, state }))
}

/// As [`serve`], for any commands.
pub(super) fn begin(place: &SocketPlace, commands: Arc<dyn Commands>) -> io::Result<Control> {
    let bound = Bound::at(place)?;
    Ok(Control {
        task: rt::spawn(listen(bound, commands)),
    })
}

impl Drop for Control {
    fn drop(&mut self) {
        self.task.abort();
    }
}

#[async_trait]
impl Commands for Served {
    async fn obey(&self, order: Order) -> Answer {
        match order {
            Order::Reload => match self.reloader.reload().await {
                Ok(Reloaded::Changed(difference)) => Answer::Reloaded(difference),
                Ok(Reloaded::Same) => {
                    Answer::Reloaded("no change: what the files say is in force already".to_owned())
                }
                Err(problems) => Answer::Refused(problems),
            },
            Order::Sessions { wiki, order } => {
                let farm = self.state.live.load().farm.clone();
                let config = farm
                    .wiki_by_id(&wiki)
                    .and_then(|index| farm.config.wikis.get(index));
                let Some(config) = config else {
                    return Answer::Refused(format!("the running server has no wiki \"{wiki}\""));
                };
                let office = Office::of(config, &self.state.services, Some(Arc::clone(farm.secrets())));
                let done = office.obey(&order, self.state.clock.now(), |_| ()).await;
                if let Ok(Done::Ended(count)) = &done {
                    tracing::info!(target: "audit", event = "kill", wiki, count, ?order);
                    let (user_id, reason, count) = (None, EndReason::Killed, *count);
                    let ended = SessionEvent::Ended {
                        user_id,
                        reason,
                        count,
                    };
                    self.state.services.notice(&wiki, ended, self.state.clock.now());
                }
                done.map_or_else(|error| Answer::Refused(error.to_string()), Answer::from)
            }
        }
    }

    fn place(&self) -> SocketPlace {
        SocketPlace::of(&self.state.live.load().farm.config)
    }
}

impl From<Done> for Answer {
    fn from(done: Done) -> Answer {
        match done {
            Done::Listed(rows) => Answer::Sessions(rows),
            Done::Ended(count) => Answer::Ended(count),
            Done::Swept(count) => Answer::Swept(count),
        }
    }
}

/// A socket that is bound; dropping it removes its file.
struct Bound {
    place: SocketPlace,
    file: SocketFile,
    listener: UnixListener,
}

impl Bound {
    fn at(place: &SocketPlace) -> io::Result<Bound> {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(place.dir())?;
        remove_dead(place);
        for attempt in 0..MOST_ATTEMPTS {
            let path = place.socket(std::process::id(), attempt);
            if let Some(listener) = bind_unless_taken(&path)? {
                return Ok(Bound {
                    place: place.clone(),
                    file: SocketFile(Some(path)),
                    listener,
                });
            }
        }
        Err(io::Error::from(ErrorKind::AddrInUse))
    }
}

/// A socket's name in the file system, removed when this goes, unless it became another socket's.
#[derive(PartialEq, Eq)]
struct SocketFile(Option<PathBuf>);

impl SocketFile {
    fn exists(&self) -> bool {
        self.0.as_ref().is_some_and(|path| path.exists())
    }
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        if let Some(path) = &self.0 {
            // Already removed by a caller or an admin: that is what was wanted.
            let _ = fs::remove_file(path);
        }
    }
}

/// Binds a socket that only its owner may use; `None` if a living process has it.
fn bind_unless_taken(path: &Path) -> io::Result<Option<UnixListener>> {
    let reach = reach(path)?;
    let listener = match StdListener::bind(&reach.path) {
        Err(error) if error.kind() == ErrorKind::AddrInUse => {
            if std::os::unix::net::UnixStream::connect(&reach.path).is_ok() {
                return Ok(None);
            }
            fs::remove_file(path)?;
            StdListener::bind(&reach.path)?
        }
        listener => listener?,
    };
    // Until here others could connect where the directory lets them; whoever does is refused below.
    fs::set_permissions(path, Permissions::from_mode(0o600))?;
    listener.set_nonblocking(true)?;
    UnixListener::from_std(listener).map(Some)
}

async fn listen(mut bound: Bound, commands: Arc<dyn Commands>) {
    loop {
        match timeout(LOOK_AROUND, bound.listener.accept()).await {
            Ok(Ok((stream, _))) => drop(rt::spawn(attend(stream, commands.clone()))),
            Ok(Err(cause)) => {
                // Out of file handles, most likely; others must get a chance to give some back.
                tracing::warn!(%cause, "the control socket does not accept");
                rt::time::sleep(LOOK_AROUND).await;
            }
            Err(_) => follow(&mut bound, &commands.place()),
        }
    }
}

/// Moves the socket to where it belongs now, and makes it anew where somebody removed it.
fn follow(bound: &mut Bound, place: &SocketPlace) {
    if bound.place == *place && bound.file.exists() {
        return;
    }
    match Bound::at(place) {
        Ok(moved) => {
            let mut old = std::mem::replace(bound, moved);
            if old.file == bound.file {
                // Somebody had removed the file; what stands under its name now is the new socket.
                old.file.0 = None;
            }
        }
        Err(cause) => {
            tracing::warn!(%cause, dir = %place.dir().display(), "the control socket cannot be made")
        }
    }
}

/// Reads one order and answers it. Errors here are the caller's loss only.
async fn attend(stream: UnixStream, commands: Arc<dyn Commands>) {
    match may_command(&stream) {
        Ok(true) => {}
        Ok(false) => return tracing::warn!("another user of this machine tried the control socket"),
        Err(cause) => return tracing::warn!(%cause, "a caller at the control socket cannot be identified"),
    }
    if let Err(cause) = converse(stream, commands.as_ref()).await {
        tracing::debug!(%cause, "a caller at the control socket went away");
    }
}

async fn converse(mut stream: UnixStream, commands: &dyn Commands) -> io::Result<()> {
    let mut line = String::new();
    let mut reader = BufReader::new((&mut stream).take(LONGEST_ORDER));
    timeout(PATIENCE, reader.read_line(&mut line)).await??;
    if line.is_empty() {
        // Another server asked only whether somebody is here.
        return Ok(());
    }
    let answer = match serde_json::from_str(&line) {
        Ok(order) => commands.obey(order).await,
        Err(_) => {
            Answer::Refused("this server does not know the order; is it of another version?".to_owned())
        }
    };
    let mut line = serde_json::to_string(&answer)?;
    line.push('\n');
    timeout(PATIENCE, stream.write_all(line.as_bytes())).await??;
    stream.shutdown().await
}

/// The same user of the machine, or root.
fn may_command(stream: &UnixStream) -> io::Result<bool> {
    let caller = stream.peer_cred()?.uid();
    Ok(caller == 0 || caller == rustix::process::geteuid().as_raw())
}
