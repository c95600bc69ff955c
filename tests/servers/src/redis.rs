//! A Redis or Valkey server of a test's own.
//!
//! What it was told survives `stop` and `start_again`: it writes its append-only file before it answers.
//! The test asks it things through a socket file in its directory ([`RedisServer::ask`]), so that neither
//! TLS nor a cluster's redirections stand in the way.

use std::fs;
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use tempfile::TempDir;

use crate::certificates::Certificates;
use crate::process::{Process, free_port, wait_until};

pub mod cluster;

/// Either speaks the same protocol.
const PROGRAMS: [&str; 2] = ["redis-server", "valkey-server"];

/// A running server. It ends, and its directory goes, when this is dropped.
pub struct RedisServer {
    directory: TempDir,
    setup: Setup,
    port: u16,
    process: Option<Process>,
}

/// What a server is started with; `Setup::default()` = plain, without password.
#[derive(Debug, Clone, Default)]
pub struct Setup {
    /// How clients reach it.
    pub transport: Transport,
    /// The password that it wants.
    pub password: Option<String>,
    /// Further lines of its configuration.
    pub lines: Vec<String>,
    /// What servers of one cluster share; one of its own is made where TLS wants it and none is given.
    pub certificates: Option<Certificates>,
}

/// How clients reach a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Transport {
    /// Without encryption.
    #[default]
    Plain,
    /// TLS only.
    Tls,
    /// TLS only, and clients show a certificate too.
    MutualTls,
}

impl RedisServer {
    /// A server that speaks plainly and wants no password.
    pub fn start() -> RedisServer {
        RedisServer::start_with(Setup::default())
    }

    /// A server that speaks TLS only.
    pub fn start_with_tls() -> RedisServer {
        RedisServer::start_with(Setup {
            transport: Transport::Tls,
            ..Setup::default()
        })
    }

    /// A server with this setup.
    pub fn start_with(mut setup: Setup) -> RedisServer {
        let directory = tempfile::tempdir().expect("a temporary directory");
        if setup.transport != Transport::Plain && setup.certificates.is_none() {
            setup.certificates = Some(Certificates::make_in(directory.path()));
        }
        let mut server = RedisServer {
            directory,
            setup,
            port: 0,
            process: None,
        };
        // Somebody else may take the port between the look and the start.
        for _ in 0..5 {
            server.port = free_port();
            if server.try_start() {
                return server;
            }
        }
        panic!("no Redis server starts; its log:\n{}", server.log());
    }

    /// kill -9: the server gets no chance to tidy up.
    pub fn stop(&mut self) {
        self.process = None;
    }

    /// Starts it again on the same port, with what it was told before.
    pub fn start_again(&mut self) {
        self.stop();
        assert!(self.try_start(), "it does not start again:\n{}", self.log());
    }

    /// Stops it from answering without closing its sockets.
    pub fn freeze(&self) {
        self.process.as_ref().expect("a running server").freeze();
    }

    /// Lets it go on.
    pub fn thaw(&self) {
        self.process.as_ref().expect("a running server").thaw();
    }

    /// The port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Its address as clients write it, password included: `redis://127.0.0.1:PORT` or `rediss://…`.
    pub fn url(&self) -> String {
        let scheme = match self.setup.transport {
            Transport::Plain => "redis",
            Transport::Tls | Transport::MutualTls => "rediss",
        };
        let password = self.setup.password.as_deref();
        let password = password
            .map(|password| format!(":{password}@"))
            .unwrap_or_default();
        format!("{scheme}://{password}127.0.0.1:{}", self.port)
    }

    /// What a client needs for TLS.
    ///
    /// # Panics
    /// When the server speaks plainly.
    pub fn certificates(&self) -> &Certificates {
        self.setup.certificates.as_ref().expect("a server with TLS")
    }

    /// Asks it something in one line and returns its answer as it came.
    pub fn ask(&self, line: &str) -> String {
        self.try_ask(line).expect("an answer")
    }

    /// What it has written to its log.
    pub fn log(&self) -> String {
        fs::read_to_string(self.directory.path().join("log")).unwrap_or_default()
    }

    fn try_start(&mut self) -> bool {
        let config = self.directory.path().join("redis.conf");
        fs::write(&config, self.configuration()).expect("the configuration is written");
        let mut process = Process::start(Command::new(program()).arg(&config));
        let mut runs = true;
        wait_until("a Redis server answers", || {
            runs = process.runs();
            !runs || self.try_ask("PING").is_some_and(|answer| answer == "+PONG\r\n")
        });
        self.process = runs.then_some(process);
        runs
    }

    fn configuration(&self) -> String {
        let directory = self.directory.path().display();
        let mut lines = format!(
            "bind 127.0.0.1\nunixsocket {directory}/socket\ndir {directory}\nlogfile {directory}/log\n\
             save \"\"\nappendonly yes\nappendfsync no\n"
        );
        match &self.setup.certificates {
            None => lines += &format!("port {}\n", self.port),
            Some(files) => {
                let clients = if self.setup.transport == Transport::MutualTls {
                    "yes"
                } else {
                    "no"
                };
                lines += &format!(
                    "port 0\ntls-port {}\ntls-ca-cert-file {}\ntls-cert-file {}\ntls-key-file {}\n\
                     tls-auth-clients {clients}\n",
                    self.port,
                    files.authority.display(),
                    files.server.display(),
                    files.server_key.display()
                );
            }
        }
        if let Some(password) = &self.setup.password {
            lines += &format!("requirepass {password}\n");
        }
        for line in &self.setup.lines {
            lines += &format!("{line}\n");
        }
        lines
    }

    fn socket(&self) -> PathBuf {
        self.directory.path().join("socket")
    }

    /// `None` when nobody answers.
    fn try_ask(&self, line: &str) -> Option<String> {
        let mut connection = UnixStream::connect(self.socket()).ok()?;
        connection.set_read_timeout(Some(Duration::from_secs(10))).ok()?;
        let password = self.setup.password.as_deref();
        let greeting = password
            .map(|password| format!("AUTH {password}\r\n"))
            .unwrap_or_default();
        write!(connection, "{greeting}{line}\r\nQUIT\r\n").ok()?;
        let mut answer = String::new();
        connection.read_to_string(&mut answer).ok()?;
        let answer = match password {
            Some(_) => answer.strip_prefix("+OK\r\n")?,
            None => answer.as_str(),
        };
        Some(answer.strip_suffix("+OK\r\n")?.to_owned())
    }
}

fn program() -> &'static str {
    let is_there = |program: &&str| {
        let version = Command::new(program).arg("--version").output();
        version.is_ok_and(|version| version.status.success())
    };
    PROGRAMS
        .into_iter()
        .find(is_there)
        .unwrap_or_else(|| panic!("none of {PROGRAMS:?} is installed; `cargo xtask test` does that"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_keeps_what_it_was_told_when_it_is_stopped_and_started_again() {
        let mut server = RedisServer::start();
        assert_eq!(server.ask("SET colour green"), "+OK\r\n");
        let port = server.port();
        server.stop();
        assert_eq!(server.try_ask("PING"), None);
        server.start_again();
        assert_eq!(
            (server.ask("GET colour"), server.port()),
            ("$5\r\ngreen\r\n".into(), port)
        );
    }

    #[test]
    fn a_server_with_tls_and_password_starts() {
        let server = RedisServer::start_with(Setup {
            transport: Transport::MutualTls,
            password: Some("plums".into()),
            ..Setup::default()
        });
        assert_eq!(
            server.url(),
            format!("rediss://:plums@127.0.0.1:{}", server.port())
        );
        assert!(server.ask("CONFIG GET tls-auth-clients").ends_with("yes\r\n"));
        assert!(server.certificates().authority.exists());
    }
}
