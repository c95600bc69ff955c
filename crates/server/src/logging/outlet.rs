//! The way of finished lines to stderr.
//!
//! The lines of requests are written together, every [`TOGETHER`] at most: a system call a line, and threads that
//! wait for each other to make it, cost as much as a kept page's view. Whoever brings a line when that time is
//! over writes; a thread looks after the last lines of a busy time, and sleeps when it is over. Every other line
//! (what an admin must not miss, the audit log) takes those before it along at once. [`Outlet`] is what makes
//! writers, [`Flushing`] ends it.

use std::io::{self, Write};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use tracing::{Level, Metadata};
use tracing_subscriber::fmt::MakeWriter;

/// So long the line of a request may wait for others.
const TOGETHER: Duration = Duration::from_millis(20);
/// So much may wait, in bytes; whoever adds more writes it himself, so that a slow reader of the log slows us
/// down and nothing is lost.
const MAX_WAITING: usize = 64 * 1024;
/// After so many looks that found nothing the thread goes to sleep.
const QUIET_LOOKS: u32 = 50;
/// The target of the lines that may wait.
pub(super) const REQUESTS: &str = "grange::request";

/// Takes finished lines; cloned for each place that logs.
#[derive(Clone)]
pub(super) struct Outlet(Arc<Lines>);

struct Lines {
    waiting: Mutex<Waiting>,
    more: Condvar,
    /// Held from taking lines until they are written, so that they stay in order.
    output: Mutex<Output>,
}

struct Output {
    to: Box<dyn Write + Send>,
    /// Lines on their way; empty between two writes, and kept for its room.
    taken: Vec<u8>,
}

#[derive(Default)]
struct Waiting {
    lines: Vec<u8>,
    /// When lines were taken last.
    written: Option<Instant>,
    /// The thread looks every [`TOGETHER`].
    watched: bool,
    ended: bool,
}

/// Writes lines that waited, and what is left of them when dropped.
#[must_use = "lines that wait are lost with it"]
pub struct Flushing {
    lines: Arc<Lines>,
    thread: Option<thread::JoinHandle<()>>,
}

impl Outlet {
    /// Begins to write to `output`.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub(super) fn begin(output: Box<dyn Write + Send>) -> io::Result<(Self, Flushing)> {
        let lines = Arc::new(Lines {
            waiting: Mutex::default(),
            more: Condvar::new(),
            output: Mutex::new(Output {
                to: output,
                taken: Vec::new(),
            }),
        });
        let theirs = Arc::clone(&lines);
        let thread = thread::Builder::new()
            .name("log".to_owned())
            .spawn(move || theirs.look_after_the_last())?;
        let flushing = Flushing {
            lines: Arc::clone(&lines),
            thread: Some(thread),
        };
        Ok((Self(lines), flushing))
    }

    /// Takes the line of a request, which may wait for others.
    pub(super) fn add(&self, line: &str) {
        // There is nobody to tell that stderr is gone.
        let _ = self.0.add(line.as_bytes());
    }
}

impl Waiting {
    fn is_time(&self) -> bool {
        self.ended || self.lines.len() > MAX_WAITING || self.written.is_none_or(|at| at.elapsed() >= TOGETHER)
    }
}

impl Lines {
    fn look_after_the_last(&self) {
        let mut quiet = 0;
        let mut waiting = lock(&self.waiting);
        waiting.watched = true;
        while !waiting.ended {
            waiting = match quiet < QUIET_LOOKS {
                true => self.wait_a_little(waiting),
                false => self.wait_for_lines(waiting),
            };
            quiet = if waiting.lines.is_empty() { quiet + 1 } else { 0 };
            if quiet == 0 && waiting.is_time() {
                drop(waiting);
                // There is nobody to tell that stderr is gone.
                let _ = self.flush();
                waiting = lock(&self.waiting);
            }
        }
        drop(waiting);
        let _ = self.flush();
    }

    fn wait_a_little<'w>(&self, waiting: MutexGuard<'w, Waiting>) -> MutexGuard<'w, Waiting> {
        let until = |waiting: &mut Waiting| !waiting.ended;
        let waited = self.more.wait_timeout_while(waiting, TOGETHER, until);
        waited.unwrap_or_else(PoisonError::into_inner).0
    }

    fn wait_for_lines<'w>(&self, mut waiting: MutexGuard<'w, Waiting>) -> MutexGuard<'w, Waiting> {
        waiting.watched = false;
        let until = |waiting: &mut Waiting| waiting.lines.is_empty() && !waiting.ended;
        let waited = self.more.wait_while(waiting, until);
        let mut waiting = waited.unwrap_or_else(PoisonError::into_inner);
        waiting.watched = true;
        waiting
    }

    /// Lets a line wait for others, if others were written a moment ago.
    fn add(&self, line: &[u8]) -> io::Result<()> {
        let mut waiting = lock(&self.waiting);
        waiting.lines.extend_from_slice(line);
        let (is_time, is_watched) = (waiting.is_time(), waiting.watched);
        drop(waiting);
        if is_time {
            return self.flush();
        }
        if !is_watched {
            self.more.notify_one();
        }
        Ok(())
    }

    fn flush(&self) -> io::Result<()> {
        let mut output = lock(&self.output);
        let mut waiting = lock(&self.waiting);
        std::mem::swap(&mut waiting.lines, &mut output.taken);
        waiting.written = Some(Instant::now());
        drop(waiting);
        let Output { to, taken } = &mut *output;
        let written = to.write_all(taken);
        taken.clear();
        written
    }
}

impl Drop for Flushing {
    fn drop(&mut self) {
        lock(&self.lines.waiting).ended = true;
        self.lines.more.notify_one();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl MakeWriter<'_> for Outlet {
    type Writer = LineWriter;

    fn make_writer(&self) -> LineWriter {
        LineWriter {
            lines: Arc::clone(&self.0),
            may_wait: false,
        }
    }

    fn make_writer_for(&self, about: &Metadata<'_>) -> LineWriter {
        LineWriter {
            lines: Arc::clone(&self.0),
            may_wait: about.target() == REQUESTS && *about.level() == Level::INFO,
        }
    }
}

/// Takes one line.
pub(super) struct LineWriter {
    lines: Arc<Lines>,
    may_wait: bool,
}

impl Write for LineWriter {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.lines.add(line)?;
        if !self.may_wait {
            self.lines.flush()?;
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.lines.flush()
    }
}

/// A panic between two whole lines leaves whole lines.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use tracing_subscriber::fmt;

    use super::*;

    /// Tells what is written, one message a system call.
    struct Told(mpsc::Sender<String>);

    impl Write for Told {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.send(String::from_utf8_lossy(bytes).into_owned()).unwrap();
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// What comes out, write by write, of what is logged here.
    fn written(log: impl FnOnce()) -> Vec<String> {
        let (told, writes) = mpsc::channel();
        let (outlet, flushing) = Outlet::begin(Box::new(Told(told))).unwrap();
        let subscriber = fmt().with_writer(outlet).without_time().with_ansi(false).finish();
        tracing::subscriber::with_default(subscriber, log);
        drop(flushing);
        writes.iter().filter(|write| !write.is_empty()).collect()
    }

    #[test]
    fn lines_of_requests_come_out_whole_and_in_order_when_the_program_ends() {
        let writes = written(|| {
            for number in 0..1000 {
                tracing::info!(target: "grange::request", number);
            }
        });
        let expected: String = (0..1000)
            .map(|number| format!(" INFO grange::request: number={number}\n"))
            .collect();
        assert_eq!(writes.concat(), expected);
        assert!(writes.len() < 1000, "{} writes", writes.len());
    }

    #[test]
    fn the_last_line_of_a_request_is_written_without_another_after_it() {
        let (told, writes) = mpsc::channel();
        let (outlet, flushing) = Outlet::begin(Box::new(Told(told))).unwrap();
        let subscriber = fmt().with_writer(outlet).without_time().with_ansi(false).finish();
        tracing::subscriber::with_default(subscriber, || {
            tracing::info!(target: "grange::request", "one");
            tracing::info!(target: "grange::request", "two");
        });
        let all = " INFO grange::request: one\n INFO grange::request: two\n";
        let mut seen = String::new();
        while seen.len() < all.len() {
            seen += &writes.recv().unwrap();
        }
        assert_eq!(seen, all);
        drop(flushing);
    }

    #[test]
    fn after_a_quiet_time_the_next_line_is_written_at_once_and_the_last_one_soon() {
        let (told, writes) = mpsc::channel();
        let (outlet, flushing) = Outlet::begin(Box::new(Told(told))).unwrap();
        // As after long silence: the thread sleeps until it is woken.
        lock(&outlet.0.waiting).written = None;
        outlet.0.add(b"one\n").unwrap();
        assert_eq!(writes.try_recv().unwrap(), "one\n");
        outlet.0.add(b"two\n").unwrap();
        assert_eq!(writes.recv().unwrap(), "two\n");
        drop(flushing);
    }

    #[test]
    fn a_line_that_an_admin_must_not_miss_is_written_at_once_after_those_before_it() {
        let (told, writes) = mpsc::channel();
        let (outlet, flushing) = Outlet::begin(Box::new(Told(told))).unwrap();
        let subscriber = fmt().with_writer(outlet).without_time().with_ansi(false).finish();
        tracing::subscriber::with_default(subscriber, || {
            tracing::info!(target: "grange::request", "seen");
            tracing::info!(target: "audit", "login");
            let now: String = writes.try_iter().collect();
            assert_eq!(now, " INFO grange::request: seen\n INFO audit: login\n");
        });
        drop(flushing);
    }

    #[test]
    fn what_is_said_after_the_end_is_written_still() {
        let (told, writes) = mpsc::channel();
        let (outlet, flushing) = Outlet::begin(Box::new(Told(told))).unwrap();
        drop(flushing);
        let subscriber = fmt().with_writer(outlet).without_time().with_ansi(false).finish();
        tracing::subscriber::with_default(subscriber, || tracing::info!(target: "grange::request", "late"));
        assert_eq!(writes.iter().collect::<String>(), " INFO grange::request: late\n");
    }
}
