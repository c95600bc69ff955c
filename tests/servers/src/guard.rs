//! Ends a server when the process that started it has ended, whatever way that went.
//!
//! A value that lives as long as its process is never dropped, and a killed process drops nothing. So a
//! small shell waits at a pipe that only we hold: when it closes, the shell ends the server by its id and
//! takes its directory away.

use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::process::Process;

/// Waits for the pipe's end, then for the server's.
const SCRIPT: &str = r#"
trap '' INT TERM HUP
read -r _
kill -s "$1" "$2"
for _ in $(seq 100); do
    kill -0 "$2" 2>/dev/null || break
    sleep 0.1
done
rm -rf -- "$3"
"#;

/// Watches over a server on behalf of this process.
pub struct Guard {
    shell: Child,
}

impl Guard {
    /// From now on `process` gets `signal` when this process has ended, and `directory` goes.
    pub fn over(process: &Process, signal: &str, directory: &Path) -> Guard {
        let pid = process.id().as_raw_nonzero().to_string();
        let shell = Command::new("sh")
            .args(["-c", SCRIPT, "guard", signal, &pid])
            .arg(directory)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("a shell");
        Guard { shell }
    }

    /// The server is ended by somebody else.
    pub fn dismiss(mut self) {
        // Killed, not told: it would do its duty.
        self.shell.kill().expect("the shell is ours");
        self.shell.wait().expect("an exit status");
    }
}

#[cfg(test)]
mod tests {
    use rustix::process::test_kill_process;

    use super::*;
    use crate::process::wait_until;

    #[test]
    fn a_server_ends_when_the_pipe_to_its_guard_closes() {
        let directory = tempfile::tempdir().unwrap().keep();
        let mut process = Process::start(Command::new("sleep").arg("1000"));
        let pid = process.id();
        let mut guard = Guard::over(&process, "TERM", &directory);
        drop(guard.shell.stdin.take());
        process.wait();
        guard.shell.wait().unwrap();
        assert!(test_kill_process(pid).is_err());
        assert!(!directory.exists());
    }

    #[test]
    fn a_guard_that_was_dismissed_leaves_everything_alone() {
        let directory = tempfile::tempdir().unwrap();
        let mut process = Process::start(Command::new("sleep").arg("1000"));
        Guard::over(&process, "TERM", directory.path()).dismiss();
        wait_until("the process runs", || process.runs());
        assert!(directory.path().exists());
    }
}
