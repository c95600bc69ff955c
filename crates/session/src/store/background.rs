//! A thread of its own for connections to a server elsewhere.
//!
//! Requests come from many runtimes (each worker of the server has one, and each ends when it likes); a
//! connection that they share must not end with one of them. So its tasks run here. Nothing runs before
//! the first use, and all ends when this is dropped.

use std::io;
use std::sync::OnceLock;
use std::thread;

use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;

/// A runtime on a thread of its own, started at first use.
pub(super) struct Background {
    name: &'static str,
    running: OnceLock<Running>,
}

struct Running {
    handle: Handle,
    /// Dropped with this, which ends the thread.
    _end: oneshot::Sender<()>,
}

impl Background {
    pub(super) fn named(name: &'static str) -> Background {
        Background {
            name,
            running: OnceLock::new(),
        }
    }

    /// Where to spawn what has to outlive the caller.
    pub(super) fn handle(&self) -> io::Result<Handle> {
        if let Some(running) = self.running.get() {
            return Ok(running.handle.clone());
        }
        // Of two that start at once, one ends again at once.
        let started = start(self.name)?;
        Ok(self.running.get_or_init(|| started).handle.clone())
    }
}

fn start(name: &'static str) -> io::Result<Running> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let handle = runtime.handle().clone();
    let (end, ended) = oneshot::channel::<()>();
    thread::Builder::new().name(name.to_owned()).spawn(move || {
        // Either way nobody is left who wants something.
        _ = runtime.block_on(ended);
    })?;
    Ok(Running { handle, _end: end })
}
