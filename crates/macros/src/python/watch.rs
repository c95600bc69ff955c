//! Notices at once when a directory of macro files changes, for next to nothing.
//!
//! On Linux the kernel is told which directories matter (inotify) and asked before a page with macros is
//! shown whether anything happened: one system call, whatever the number of files. Where that is not to be had
//! (another system, no watches left) [`MacroWatch::ask`] says that it does not know, and the library looks at
//! its files itself.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use dashmap::DashMap;

/// One per process, shared by all libraries.
pub struct MacroWatch {
    #[cfg(target_os = "linux")]
    inotify: Option<std::os::fd::OwnedFd>,
    turns: DashMap<i32, Vec<std::sync::Weak<AtomicU64>>>,
}

/// What is known about a library's directories.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Noticed {
    /// Nothing has changed since this number was seen; another number means a change.
    Turn(u64),
    /// Nobody watches: look for yourself.
    Unknown,
}

/// The directories of one library, watched.
#[derive(Clone, Debug, Default)]
pub struct Watched {
    turn: Arc<AtomicU64>,
    complete: bool,
}

impl Watched {
    /// Whether all directories are watched.
    pub fn is_complete(&self) -> bool {
        self.complete
    }

    /// The same, where more matters than the directories themselves: what links in them lead to is watched by
    /// nobody.
    #[must_use]
    pub fn without_what_links_lead_to(self) -> Watched {
        Watched {
            complete: false,
            ..self
        }
    }
}

impl Default for MacroWatch {
    fn default() -> MacroWatch {
        MacroWatch::new()
    }
}

impl MacroWatch {
    /// A watch that watches nothing yet.
    pub fn new() -> MacroWatch {
        MacroWatch {
            #[cfg(target_os = "linux")]
            inotify: linux::begin(),
            turns: DashMap::new(),
        }
    }

    /// Begins to watch the directories of a library; for one that does not exist, the nearest one above it
    /// that does, so that its making is noticed.
    pub fn watch<'p>(&self, directories: impl IntoIterator<Item = &'p Path>) -> Watched {
        let turn = Arc::new(AtomicU64::new(0));
        let mut complete = true;
        for directory in directories {
            let there = directory.ancestors().find(|path| path.is_dir());
            let is_it = there == Some(directory);
            complete &= there.is_some_and(|path| self.watch_one(path, is_it, &turn));
        }
        Watched { turn, complete }
    }

    /// What is known now.
    pub fn ask(&self, watched: &Watched) -> Noticed {
        if !watched.complete {
            return Noticed::Unknown;
        }
        self.collect();
        Noticed::Turn(watched.turn.load(Ordering::Acquire))
    }

    fn notice(&self, descriptor: i32) {
        if let Some(mut turns) = self.turns.get_mut(&descriptor) {
            turns.retain(|turn| turn.strong_count() > 0);
            for turn in turns.iter().filter_map(std::sync::Weak::upgrade) {
                turn.fetch_add(1, Ordering::AcqRel);
            }
        }
    }

    fn notice_all(&self) {
        for turns in self.turns.iter() {
            for turn in turns.iter().filter_map(std::sync::Weak::upgrade) {
                turn.fetch_add(1, Ordering::AcqRel);
            }
        }
    }
}

#[cfg(target_os = "linux")]
mod linux {
    use std::mem::MaybeUninit;
    use std::os::fd::OwnedFd;
    use std::path::Path;
    use std::sync::Arc;
    use std::sync::atomic::AtomicU64;

    use rustix::fs::inotify::{self, CreateFlags, ReadFlags, Reader, WatchFlags};

    use super::MacroWatch;

    /// Nothing where the kernel gives no more of them.
    pub(super) fn begin() -> Option<OwnedFd> {
        inotify::init(CreateFlags::NONBLOCK | CreateFlags::CLOEXEC).ok()
    }

    impl MacroWatch {
        /// Watches a directory of macros, or one in which such a directory may be made.
        pub(super) fn watch_one(&self, path: &Path, holds_macros: bool, turn: &Arc<AtomicU64>) -> bool {
            let Some(fd) = &self.inotify else { return false };
            let comes_and_goes = WatchFlags::CREATE
                | WatchFlags::DELETE
                | WatchFlags::MOVED_FROM
                | WatchFlags::MOVED_TO
                | WatchFlags::DELETE_SELF
                | WatchFlags::MOVE_SELF;
            // Added to what is watched there already: two libraries may look at one directory.
            let flags = match holds_macros {
                true => comes_and_goes | WatchFlags::CLOSE_WRITE | WatchFlags::MODIFY | WatchFlags::ATTRIB,
                false => comes_and_goes,
            };
            match inotify::add_watch(fd, path, flags | WatchFlags::MASK_ADD) {
                Ok(descriptor) => {
                    self.turns
                        .entry(descriptor)
                        .or_default()
                        .push(Arc::downgrade(turn));
                    true
                }
                Err(_) => false,
            }
        }

        /// Takes in what has happened since it was last asked.
        pub(super) fn collect(&self) {
            let Some(fd) = &self.inotify else { return };
            let mut buffer = [MaybeUninit::uninit(); 4096];
            let mut events = Reader::new(fd, &mut buffer);
            while let Ok(event) = events.next() {
                match event.events().contains(ReadFlags::QUEUE_OVERFLOW) {
                    true => self.notice_all(),
                    false => self.notice(event.wd()),
                }
            }
        }
    }
}

#[cfg(not(target_os = "linux"))]
impl MacroWatch {
    fn watch_one(&self, _: &Path, _: bool, _: &Arc<AtomicU64>) -> bool {
        false
    }

    fn collect(&self) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_written_a_new_and_a_removed_file_are_noticed_at_once() {
        let directory = tempfile::tempdir().unwrap();
        let watch = MacroWatch::new();
        let watched = watch.watch([directory.path()]);
        let mut last = watch.ask(&watched);
        assert_eq!(last, watch.ask(&watched), "nothing happened");
        let file = directory.path().join("A.py");
        let steps: [&dyn Fn(); 3] = [
            &|| std::fs::write(&file, "x").unwrap(),
            &|| std::fs::write(&file, "y").unwrap(),
            &|| std::fs::remove_file(&file).unwrap(),
        ];
        for step in steps {
            step();
            let now = watch.ask(&watched);
            assert_ne!(last, now);
            last = now;
        }
    }

    #[test]
    fn a_directory_that_is_made_later_is_noticed() {
        let directory = tempfile::tempdir().unwrap();
        let watch = MacroWatch::new();
        let later = directory.path().join("macros");
        let watched = watch.watch([later.as_path()]);
        let before = watch.ask(&watched);
        std::fs::create_dir(&later).unwrap();
        assert_ne!(before, watch.ask(&watched));
    }

    #[test]
    fn what_is_not_watched_is_not_known() {
        let watch = MacroWatch::new();
        assert_eq!(watch.ask(&Watched::default()), Noticed::Unknown);
    }
}
