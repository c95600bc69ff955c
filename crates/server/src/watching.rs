//! farmconfig.toml and its included files, watched.
//!
//! Directories are watched rather than files, because editors replace files; a
//! burst of changes is waited out, then the whole farm is reloaded once. When the
//! system offers no watching, SIGHUP and `grange reload` still work, and the log
//! says so.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use crate::reloading::Reloader;

/// Changes closer together than this belong together.
const QUIET: Duration = Duration::from_millis(400);

/// Watches until it is dropped.
pub struct Watch {
    task: actix_web::rt::task::JoinHandle<()>,
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Begins to watch the files of the farm.
pub fn begin(reloader: Arc<Reloader>) -> Option<Watch> {
    let (sender, receiver) = unbounded_channel();
    let watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
        if let Ok(event) = event
            && may_matter(&event)
        {
            // The receiver is gone only when the server ends.
            let _ = sender.send(());
        }
    });
    match watcher {
        Ok(mut watcher) => {
            let mut refused = BTreeSet::new();
            watch_directories(&mut watcher, &mut refused, &reloader.files());
            Some(Watch {
                task: actix_web::rt::spawn(follow(reloader, watcher, refused, receiver)),
            })
        }
        Err(cause) => {
            tracing::warn!(%cause, "configuration files are not watched; use SIGHUP or `grange reload`");
            None
        }
    }
}

async fn follow(
    reloader: Arc<Reloader>,
    mut watcher: RecommendedWatcher,
    mut refused: BTreeSet<PathBuf>,
    mut changes: UnboundedReceiver<()>,
) {
    while changes.recv().await.is_some() {
        wait_until_quiet(&mut changes).await;
        // A refusal is logged and shown on /health by the reloader.
        let _ = reloader.reload_if_changed().await;
        watch_directories(&mut watcher, &mut refused, &reloader.files());
        // What was written between the reading and the watching told nobody.
        let _ = reloader.reload_if_changed().await;
    }
}

async fn wait_until_quiet(changes: &mut UnboundedReceiver<()>) {
    // Never longer than a few rounds: a file that is written for ever is read now and then.
    for _ in 0..5 {
        match tokio::time::timeout(QUIET, changes.recv()).await {
            Ok(Some(())) => {}
            Ok(None) | Err(_) => return,
        }
    }
}

/// Watches the directory of every file and the one above it, where a new wiki's
/// directory would appear. All of them each time, because a directory that was
/// removed and made again is another one under its old name; `refused` are those
/// that the log speaks of already.
fn watch_directories(watcher: &mut RecommendedWatcher, refused: &mut BTreeSet<PathBuf>, files: &[PathBuf]) {
    let parents = files.iter().filter_map(|file| file.parent());
    let above = files
        .iter()
        .skip(1)
        .filter_map(|file| file.parent().and_then(Path::parent));
    let directories: BTreeSet<&Path> = parents.chain(above).collect();
    for directory in directories {
        match watcher.watch(directory, RecursiveMode::NonRecursive) {
            Ok(()) => drop(refused.remove(directory)),
            // What is gone is told by the reload: its files are missing.
            Err(_) if !directory.exists() => {}
            Err(cause) if refused.insert(directory.to_owned()) => {
                tracing::warn!(%cause, directory = %directory.display(), "not watched; use SIGHUP or `grange reload`");
            }
            Err(_) => {}
        }
    }
}

/// Stores write beside the configuration all the time; only TOML files and things
/// that come or go without an ending (directories) matter.
fn may_matter(event: &Event) -> bool {
    if matches!(event.kind, EventKind::Access(_)) {
        return false;
    }
    event
        .paths
        .iter()
        .any(|path| path.extension().is_none_or(|ending| ending == "toml"))
}

#[cfg(test)]
mod tests {
    use notify::event::{CreateKind, ModifyKind};

    use super::*;

    fn event(kind: EventKind, path: &str) -> Event {
        Event::new(kind).add_path(PathBuf::from(path))
    }

    #[test]
    fn a_saved_configuration_matters_and_a_store_does_not() {
        assert!(may_matter(&event(
            EventKind::Modify(ModifyKind::Any),
            "/farm/farmconfig.toml"
        )));
        assert!(may_matter(&event(
            EventKind::Create(CreateKind::Folder),
            "/farm/wikis/new"
        )));
        assert!(!may_matter(&event(
            EventKind::Modify(ModifyKind::Any),
            "/farm/wikis/a/wiki.db-wal"
        )));
    }
}
