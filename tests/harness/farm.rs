//! A running server on a directory of its own.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use tempfile::TempDir;

use super::{PASSWORD, Visitor};

/// The program under test.
pub const GRANGE: &str = env!("CARGO_BIN_EXE_grange");

/// A server with its files. It ends, and its files go, when this is dropped.
pub struct Farm {
    directory: TempDir,
    config: PathBuf,
    server: Option<Child>,
    listening: Vec<SocketAddr>,
}

/// What a command of `grange` said.
#[derive(Debug)]
pub struct Told {
    /// The exit status.
    pub status: i32,
    /// What stood on stdout.
    pub out: String,
    /// What stood on stderr.
    pub err: String,
}

impl Farm {
    /// A farm with this configuration, running. Without a `[farm]` table it gets one that listens on
    /// one free port; `admin_listen` is off unless the configuration says otherwise.
    pub fn start(toml: &str) -> Farm {
        let mut farm = Farm::prepare(toml);
        farm.restart();
        farm
    }

    /// The same, not started yet.
    pub fn prepare(toml: &str) -> Farm {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let config = directory.path().join("farmconfig.toml");
        let farm = Farm {
            directory,
            config,
            server: None,
            listening: Vec::new(),
        };
        farm.write_config(toml);
        farm
    }

    /// Replaces the configuration; a running server hears of it by itself or by `reload`.
    pub fn write_config(&self, toml: &str) {
        let whole = if toml.contains("[farm]") {
            toml.to_owned()
        } else {
            format!("[farm]\nlisten = [\"127.0.0.1:0\"]\nadmin_listen = \"\"\n\n{toml}")
        };
        fs::write(&self.config, whole).expect("the configuration is written");
    }

    /// Starts the server (again) and waits until it listens.
    pub fn restart(&mut self) {
        self.kill();
        let (server, listening) = self.spawn();
        self.server = Some(server);
        self.listening = listening;
    }

    /// Starts another server process on the same files; it ends with the returned guard.
    pub fn second_process(&self) -> Second {
        let (server, listening) = self.spawn();
        Second { server, listening }
    }

    fn spawn(&self) -> (Child, Vec<SocketAddr>) {
        let log = fs::File::options()
            .create(true)
            .append(true)
            .open(self.log_path())
            .expect("a log file");
        let mut server = Command::new(GRANGE)
            .args(["serve", "--config"])
            .arg(&self.config)
            .stdout(Stdio::piped())
            .stderr(log)
            .stdin(Stdio::null())
            .spawn()
            .expect("the server starts");
        let listeners = self.listener_count();
        let out = server.stdout.take().expect("its stdout");
        let mut listening = Vec::new();
        for line in BufReader::new(out).lines().take(listeners) {
            let line = line.expect("a line of text");
            let address = line
                .strip_prefix("listening on http://")
                .expect("the listening line");
            listening.push(address.parse().expect("an address"));
        }
        assert_eq!(
            listening.len(),
            listeners,
            "the server did not start:\n{}",
            self.log()
        );
        (server, listening)
    }

    fn listener_count(&self) -> usize {
        let text = fs::read_to_string(&self.config).expect("the configuration");
        let table: toml::Table = text.parse().expect("valid TOML");
        table["farm"]["listen"].as_array().map_or(1, Vec::len)
    }

    /// kill -9: the server gets no chance to tidy up.
    pub fn kill(&mut self) {
        if let Some(mut server) = self.server.take() {
            let _ = server.kill();
            let _ = server.wait();
        }
    }

    /// SIGTERM: the server finishes its requests; the exit status is returned.
    pub fn terminate(&mut self) -> i32 {
        let mut server = self.server.take().expect("a running server");
        signal(server.id(), "TERM");
        server.wait().expect("an exit status").code().unwrap_or(-1)
    }

    /// Sends a signal by name to the server.
    pub fn signal(&self, name: &str) {
        signal(self.server.as_ref().expect("a running server").id(), name);
    }

    /// kill -9 for the server's macro workers.
    pub fn kill_workers(&self) {
        let server = self.server.as_ref().expect("a running server").id();
        for thread in fs::read_dir(format!("/proc/{server}/task")).expect("its threads") {
            let children = thread.expect("a thread").path().join("children");
            // A thread may have ended meanwhile.
            let children = fs::read_to_string(children).unwrap_or_default();
            for worker in children.split_whitespace() {
                // So may a worker.
                send(worker.parse().expect("a process id"), "KILL");
            }
        }
    }

    /// The real address of the first listener, or of the one numbered so in `listen`.
    pub fn address(&self, index: usize) -> SocketAddr {
        self.listening[index]
    }

    /// Somebody with an empty cookie jar.
    pub fn visitor(&self) -> Visitor {
        Visitor::of(self.address(0))
    }

    /// Somebody who has logged in through the form at this page.
    pub fn logged_in(&self, page: &str, name: &str) -> Visitor {
        let mut visitor = self.visitor();
        assert_eq!(visitor.log_in(page, name, PASSWORD).user().as_deref(), Some(name));
        visitor
    }

    /// The farm's directory, where `wikis/` is.
    pub fn path(&self) -> &Path {
        self.directory.path()
    }

    /// The configuration file.
    pub fn config(&self) -> &Path {
        &self.config
    }

    /// Writes a file below the farm's directory.
    pub fn write(&self, path: &str, text: &str) {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().expect("a parent")).expect("its directory");
        fs::write(path, text).expect("the file is written");
    }

    /// Runs a command of `grange` on this farm.
    pub fn grange(&self, arguments: &[&str]) -> Told {
        self.grange_with_input(arguments, "")
    }

    /// Runs a command with something on its stdin.
    pub fn grange_with_input(&self, arguments: &[&str], input: &str) -> Told {
        let mut command = Command::new(GRANGE);
        command
            .args(arguments)
            .arg("--config")
            .arg(&self.config)
            .current_dir(self.path());
        told(command, input)
    }

    /// Makes an account with the command line, as an admin would.
    pub fn add_user(&self, wiki: &str, name: &str, password: &str) {
        let made = self.grange_with_input(
            &["user", "add", name, "--wiki", wiki, "--password-stdin"],
            &format!("{password}\n"),
        );
        assert_eq!(made.status, 0, "{made:?}");
    }

    /// Writes a page with the command line.
    pub fn put_page(&self, wiki: &str, name: &str, text: &str) {
        let put = self.grange_with_input(&["page", "put", name, "--wiki", wiki], text);
        assert_eq!(put.status, 0, "{put:?}");
    }

    /// What the server has logged so far.
    pub fn log(&self) -> String {
        fs::read_to_string(self.log_path()).unwrap_or_default()
    }

    fn log_path(&self) -> PathBuf {
        self.directory.path().join("server.log")
    }
}

impl Drop for Farm {
    fn drop(&mut self) {
        self.kill();
    }
}

/// A second server process on the files of a farm.
pub struct Second {
    server: Child,
    listening: Vec<SocketAddr>,
}

impl Second {
    /// Somebody who talks to this process.
    pub fn visitor(&self) -> Visitor {
        Visitor::of(self.listening[0])
    }

    /// Its first listener.
    pub fn address(&self) -> SocketAddr {
        self.listening[0]
    }
}

impl Drop for Second {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// Runs a command to its end, with something on its stdin.
pub fn told(mut command: Command, input: &str) -> Told {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the command starts");
    // A command that does not read its input closes the pipe; that is no failure.
    let _ = child.stdin.take().expect("its stdin").write_all(input.as_bytes());
    let Output {
        status,
        stdout,
        stderr,
    } = child.wait_with_output().expect("it ends");
    Told {
        status: status.code().unwrap_or(-1),
        out: String::from_utf8_lossy(&stdout).into_owned(),
        err: String::from_utf8_lossy(&stderr).into_owned(),
    }
}

fn signal(process: u32, name: &str) {
    assert!(send(process, name), "process {process} has ended");
}

/// Whether there was such a process.
fn send(process: u32, name: &str) -> bool {
    let sent = Command::new("kill")
        .args([&format!("-{name}"), &process.to_string()])
        .stderr(Stdio::null())
        .status();
    sent.expect("kill runs").success()
}
