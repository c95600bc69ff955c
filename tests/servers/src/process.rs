//! A server as a process: started, ended, frozen and thawed by its id; and waiting for what it does.

use std::fs::File;
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

/// Longer than any server takes to start on a busy machine.
const DEADLINE: Duration = Duration::from_secs(60);
/// Between two questions.
const PAUSE: Duration = Duration::from_millis(5);

/// A running process. It ends when this is dropped.
pub struct Process {
    child: Child,
}

impl Process {
    /// Starts a program that says nothing to the terminal.
    pub fn start(command: &mut Command) -> Process {
        Process::spawn(command.stdout(Stdio::null()).stderr(Stdio::null()))
    }

    /// Starts a program that says what it says into a file.
    pub fn start_logging(command: &mut Command, log: File) -> Process {
        let errors = log.try_clone().expect("a second handle of the log");
        Process::spawn(command.stdout(log).stderr(errors))
    }

    fn spawn(command: &mut Command) -> Process {
        let child = command
            .stdin(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("{:?} does not start: {error}", command.get_program()));
        Process { child }
    }

    /// Its id.
    pub fn id(&self) -> Pid {
        Pid::from_child(&self.child)
    }

    /// Whether it runs.
    pub fn runs(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Keeps it from doing anything; its sockets stay open, as behind a network that swallows packets.
    pub fn freeze(&self) {
        self.signal(Signal::STOP);
    }

    /// Lets it go on.
    pub fn thaw(&self) {
        self.signal(Signal::CONT);
    }

    /// Sends it a signal.
    pub fn signal(&self, signal: Signal) {
        kill_process(self.id(), signal).expect("the process is ours");
    }

    /// Waits until it has ended by itself.
    pub fn wait(&mut self) {
        self.child.wait().expect("an exit status");
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A port that nobody listens on at the moment.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    listener.local_addr().expect("its address").port()
}

/// Asks again and again until the answer is yes.
pub fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < DEADLINE, "waited too long: {what}");
        thread::sleep(PAUSE);
    }
}
