//! A PostgreSQL server of a test's own, or of all tests of a process ([`PostgresServer::shared`]).
//!
//! It runs the programs of Debian's package on a cluster of its own in a temporary directory, and never
//! touches the one that the package may have made. PostgreSQL refuses to run as root, so root starts it as
//! somebody else. What it was told survives `stop` and `start_again`. It ends with the process that started
//! it, whatever becomes of that process.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use crate::certificates::Certificates;
use crate::guard::Guard;
use crate::process::{Process, free_port, wait_until};

/// Where Debian's package puts the programs of each version.
const VERSIONS: &str = "/usr/lib/postgresql";
/// As whom root starts a server.
const SERVANTS: [&str; 2] = ["postgres", "nobody"];
/// The database's user, who may do everything, and its database.
const USER: &str = "postgres";

/// A running server. It ends, and its directory goes, when this is dropped.
pub struct PostgresServer {
    directory: TempDir,
    setup: PostgresSetup,
    port: u16,
    process: Option<(Process, Guard)>,
}

/// What a server is started with; the default = everybody is let in, without TLS.
#[derive(Debug, Clone, Default)]
pub struct PostgresSetup {
    /// The password that it wants of those who come over the network.
    pub password: Option<String>,
    /// Whether it offers TLS, with [`PostgresServer::certificates`].
    pub tls: bool,
    /// Further settings, as `name=value`.
    pub settings: Vec<String>,
}

impl PostgresServer {
    /// A server that lets everybody in.
    pub fn start() -> PostgresServer {
        PostgresServer::start_with(PostgresSetup::default())
    }

    /// One server for all tests of a process that neither stop it nor fill it.
    pub fn shared() -> &'static PostgresServer {
        static SHARED: OnceLock<PostgresServer> = OnceLock::new();
        SHARED.get_or_init(PostgresServer::start)
    }

    /// A server with this setup.
    pub fn start_with(setup: PostgresSetup) -> PostgresServer {
        let directory = tempfile::tempdir().expect("a temporary directory");
        if setup.tls {
            Certificates::make_in(directory.path());
        }
        let mut server = PostgresServer {
            directory,
            setup,
            port: 0,
            process: None,
        };
        server.make_cluster();
        // Somebody else may take the port between the look and the start.
        for _ in 0..5 {
            server.port = free_port();
            if server.try_start() {
                return server;
            }
        }
        panic!("no PostgreSQL server starts; its log:\n{}", server.log());
    }

    /// Ends it at once, as a crash does: whoever is connected is cut off.
    pub fn stop(&mut self) {
        let Some((mut process, guard)) = self.process.take() else {
            return;
        };
        guard.dismiss();
        process.signal(Signal::QUIT);
        process.wait();
    }

    /// Starts it again on the same port, with what it was told before.
    pub fn start_again(&mut self) {
        self.stop();
        assert!(self.try_start(), "it does not start again:\n{}", self.log());
    }

    /// Keeps it and whoever works in it from answering; all sockets stay open.
    pub fn freeze(&self) {
        // The postmaster first, so that nobody new comes up meanwhile.
        self.signal_all(Signal::STOP);
    }

    /// Lets it go on.
    pub fn thaw(&self) {
        self.signal_all(Signal::CONT);
    }

    /// The port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Its address as clients write it, password included.
    pub fn url(&self) -> String {
        let password = self.setup.password.as_deref();
        let password = password
            .map(|password| format!(":{password}"))
            .unwrap_or_default();
        format!("postgres://{USER}{password}@127.0.0.1:{}/postgres", self.port)
    }

    /// What a client needs for TLS.
    ///
    /// # Panics
    /// When the server offers none.
    pub fn certificates(&self) -> Certificates {
        assert!(self.setup.tls, "a server with TLS");
        Certificates::in_directory(self.directory.path())
    }

    /// Has it run some SQL; returns what it answers, a line per row.
    pub fn ask(&self, sql: &str) -> String {
        let output = Command::new(program("psql"))
            .args(["--no-psqlrc", "--quiet", "--tuples-only", "--no-align"])
            .args([
                "--set",
                "ON_ERROR_STOP=1",
                "--dbname",
                "postgres",
                "--username",
                USER,
            ])
            .args(["--port", &self.port.to_string(), "--command", sql, "--host"])
            .arg(self.directory.path())
            .output()
            .expect("psql starts");
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{sql}: {complaint}");
        String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
    }

    /// What it has written to its log.
    pub fn log(&self) -> String {
        fs::read_to_string(self.directory.path().join("log")).unwrap_or_default()
    }

    fn cluster(&self) -> PathBuf {
        self.directory.path().join("cluster")
    }

    fn make_cluster(&self) {
        let directory = self.directory.path();
        let words = directory.join("password");
        let mut initdb = self.as_servant("initdb");
        initdb.arg("--pgdata").arg(self.cluster());
        initdb.args([
            "--username",
            USER,
            "--encoding",
            "UTF8",
            "--locale",
            "C",
            "--no-sync",
        ]);
        initdb.args(["--auth-local", "trust"]);
        match &self.setup.password {
            Some(password) => {
                fs::write(&words, password).expect("the password is written");
                initdb
                    .args(["--auth-host", "scram-sha-256", "--pwfile"])
                    .arg(&words);
            }
            None => _ = initdb.args(["--auth-host", "trust"]),
        }
        give_to_servant(directory);
        let output = initdb.output().expect("initdb starts");
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }

    fn try_start(&mut self) -> bool {
        let directory = self.directory.path();
        let log = fs::File::create(directory.join("log")).expect("a log");
        let mut postgres = self.as_servant("postgres");
        postgres.arg("-D").arg(self.cluster());
        let mut settings = vec![
            format!("port={}", self.port),
            "listen_addresses=127.0.0.1".to_owned(),
            format!("unix_socket_directories={}", directory.display()),
            // A crash of the machine may take a test's server with it.
            "fsync=off".to_owned(),
        ];
        if self.setup.tls {
            let files = self.certificates();
            settings.extend([
                "ssl=on".to_owned(),
                format!("ssl_cert_file={}", files.server.display()),
                format!("ssl_key_file={}", files.server_key.display()),
            ]);
        }
        for setting in settings.iter().chain(&self.setup.settings) {
            postgres.args(["-c", setting]);
        }
        let mut process = Process::start_logging(&mut postgres, log);
        let mut runs = true;
        wait_until("a PostgreSQL server answers", || {
            runs = process.runs();
            !runs || self.answers()
        });
        if runs {
            let guard = Guard::over(&process, "QUIT", directory);
            self.process = Some((process, guard));
        }
        runs
    }

    fn answers(&self) -> bool {
        let status = Command::new(program("pg_isready"))
            .args(["--quiet", "--port", &self.port.to_string(), "--host"])
            .arg(self.directory.path())
            .status();
        status.is_ok_and(|status| status.success())
    }

    /// A command that is not run as root.
    fn as_servant(&self, name: &str) -> Command {
        let mut command = match servant() {
            None => Command::new(program(name)),
            Some(servant) => {
                let mut command = Command::new("setpriv");
                command.args([
                    "--reuid",
                    servant,
                    "--regid",
                    &group_of(servant),
                    "--clear-groups",
                ]);
                command.arg(program(name));
                command
            }
        };
        command.current_dir("/").stdin(Stdio::null());
        command
    }

    fn signal_all(&self, signal: Signal) {
        let (process, _) = self.process.as_ref().expect("a running server");
        process.signal(signal);
        for child in children_of(process.id()) {
            // It may have ended meanwhile.
            let _ = kill_process(child, signal);
        }
    }
}

impl Drop for PostgresServer {
    fn drop(&mut self) {
        if self.process.is_some() {
            // Nobody who is frozen can end.
            self.thaw();
        }
        self.stop();
    }
}

/// The program in the newest version installed.
fn program(name: &str) -> PathBuf {
    let versions = fs::read_dir(VERSIONS).into_iter().flatten().flatten();
    let number = |path: &Path| path.file_name()?.to_str()?.parse::<u32>().ok();
    versions
        .map(|version| version.path())
        .filter(|version| version.join("bin").join(name).exists())
        .max_by_key(|version| number(version))
        .unwrap_or_else(|| panic!("no PostgreSQL server is installed; `cargo xtask test` does that"))
        .join("bin")
        .join(name)
}

/// As whom to run what must not be root's; `None` when nobody here is root.
fn servant() -> Option<&'static str> {
    rustix::process::geteuid().is_root().then(|| {
        let users = fs::read_to_string("/etc/passwd").expect("the users of this machine");
        let exists = |servant: &&str| users.lines().any(|line| line.starts_with(&format!("{servant}:")));
        SERVANTS
            .into_iter()
            .find(exists)
            .expect("a user that is not root")
    })
}

/// The number of a user's first group.
fn group_of(user: &str) -> String {
    let users = fs::read_to_string("/etc/passwd").expect("the users of this machine");
    let line = users.lines().find(|line| line.starts_with(&format!("{user}:")));
    line.and_then(|line| line.split(':').nth(3))
        .expect("a group")
        .to_owned()
}

/// Lets who runs the server into its directory, and make it theirs.
fn give_to_servant(directory: &Path) {
    let Some(servant) = servant() else { return };
    let changed = Command::new("chown")
        .arg("-R")
        .arg(servant)
        .arg(directory)
        .status();
    assert!(
        changed.is_ok_and(|status| status.success()),
        "the directory is given away"
    );
    fs::set_permissions(directory, fs::Permissions::from_mode(0o755)).expect("its mode");
}

fn children_of(parent: Pid) -> Vec<Pid> {
    let parent = parent.as_raw_nonzero();
    let list = fs::read_to_string(format!("/proc/{parent}/task/{parent}/children")).unwrap_or_default();
    let pids = list.split_whitespace().filter_map(|pid| pid.parse().ok());
    pids.filter_map(Pid::from_raw).collect()
}

#[cfg(test)]
mod tests {
    use rustix::process::test_kill_process;

    use super::*;

    #[test]
    fn a_server_keeps_what_it_was_told_when_it_is_stopped_and_started_again() {
        let mut server = PostgresServer::start();
        server.ask("CREATE TABLE colours AS SELECT 'green' AS colour");
        let port = server.port();
        server.stop();
        assert!(!server.answers());
        server.start_again();
        assert_eq!(
            (server.ask("SELECT colour FROM colours"), server.port()),
            ("green".into(), port)
        );
    }

    #[test]
    fn a_server_with_tls_and_password_starts_and_ends() {
        let server = PostgresServer::start_with(PostgresSetup {
            password: Some("plums".into()),
            tls: true,
            settings: vec!["max_connections=17".into()],
        });
        assert_eq!(server.ask("SHOW ssl"), "on");
        assert_eq!(server.ask("SHOW max_connections"), "17");
        let pid = server.process.as_ref().unwrap().0.id();
        drop(server);
        assert!(test_kill_process(pid).is_err(), "it has ended");
    }
}
