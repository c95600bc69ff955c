//! The command line as scripts and habits know it: the server's own lines and signals, and what all commands
//! have in common. Accounts and pages have rooms of their own; sessions are ended in `kills`.

mod macro_runs;
mod macros;
mod page;
mod user;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::process::{Child, Command, Stdio};

use crate::harness::farm::{GRANGE, told};
use crate::harness::{Farm, PASSWORD, SINGLE, Visitor};

const PAGE: &str = "http://wiki.example.org/Page";

/// A server whose output is kept.
struct Running {
    child: Child,
    out: BufReader<std::process::ChildStdout>,
    /// The lines on stdout so far.
    lines: Vec<String>,
}

impl Running {
    /// Starts a server with these arguments and waits for as many lines as it has listeners.
    fn start(farm: &Farm, arguments: &[&str], listeners: usize) -> Running {
        let mut command = Command::new(GRANGE);
        command
            .args(arguments)
            .current_dir(farm.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let lines = (0..listeners).map(|_| {
            let mut line = String::new();
            out.read_line(&mut line).unwrap();
            line
        });
        let lines = lines.collect();
        Running { child, out, lines }
    }

    fn visitor(&self) -> Visitor {
        Visitor::of(
            self.lines[0]
                .trim()
                .strip_prefix("listening on http://")
                .unwrap()
                .parse()
                .unwrap(),
        )
    }

    /// Ends it with a signal; exit status, whole stdout, whole stderr.
    fn end(mut self, signal: &str) -> (Option<i32>, String, String) {
        Command::new("kill")
            .args([&format!("-{signal}"), &self.child.id().to_string()])
            .status()
            .unwrap();
        let mut err = String::new();
        self.child
            .stderr
            .take()
            .unwrap()
            .read_to_string(&mut err)
            .unwrap();
        let mut out = self.lines.concat();
        self.out.read_to_string(&mut out).unwrap();
        (self.child.wait().unwrap().code(), out, err)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // A test that fails leaves no server behind; one that has ended is only waited for.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn the_help_lists_the_commands_that_work_and_no_others() {
    let said = Farm::prepare(SINGLE).grange(&["--help"]);
    assert_eq!(said.status, 0);
    let commands = said
        .out
        .split("Commands:")
        .nth(1)
        .unwrap()
        .split("Options:")
        .next()
        .unwrap();
    let names = commands
        .lines()
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    let names: Vec<&str> = names
        .map(|line| line.split_whitespace().next().unwrap())
        .collect();
    assert_eq!(
        names,
        [
            "serve", "check", "explain", "sharing", "config", "reload", "user", "page", "macro", "session",
            "help"
        ]
    );
    for command in &names[..10] {
        let help = Farm::prepare(SINGLE).grange(&[command, "--help"]);
        assert!(
            help.status == 0 && help.out.contains("--config <FILE>"),
            "{command}: {help:?}"
        );
    }
    for later in ["wiki", "import", "export", "locale"] {
        assert_eq!(Farm::prepare(SINGLE).grange(&[later]).status, 2, "{later}");
    }
}

#[test]
fn the_configuration_may_be_named_before_and_after_the_command_or_stand_here() {
    let farm = Farm::prepare(SINGLE);
    farm.put_page("main", "Plums", "ripe");
    let config = farm.config().to_str().unwrap();
    for arguments in [
        vec!["--config", config, "page", "cat", "Plums", "--wiki", "main"],
        vec!["page", "--config", config, "cat", "Plums", "--wiki", "main"],
        vec!["page", "cat", "Plums", "--wiki", "main", "--config", config],
        vec!["page", "cat", "Plums", "--wiki", "main"],
    ] {
        let mut command = Command::new(GRANGE);
        command.args(&arguments).current_dir(farm.path());
        let said = told(command, "");
        assert_eq!(
            (said.status, said.out.as_str()),
            (0, "ripe"),
            "{arguments:?}: {said:?}"
        );
    }
}

#[test]
fn mistakes_on_the_command_line_are_2_with_a_sentence_and_nothing_on_stdout() {
    let farm = Farm::prepare(SINGLE);
    for arguments in [
        &["fly"][..],
        &["page"],
        &["page", "cat", "X"],
        &["page", "cat", "X", "--wiki", "nowhere"],
        &["user", "list", "--wiki", "nowhere"],
        &["user", "passwd", "Nobody", "--wiki", "main", "--password-stdin"],
        &["check", "--log", "json"],
        &["serve", "--log", "poetry"],
    ] {
        let said = farm.grange(arguments);
        assert_eq!(
            (said.status, said.out.as_str()),
            (2, ""),
            "{arguments:?}: {said:?}"
        );
        assert!(!said.err.is_empty(), "{arguments:?}");
    }
}

#[test]
fn stdout_has_one_line_per_listener_and_nothing_else() {
    let farm = Farm::prepare(
        "[farm]\nlisten = [\"127.0.0.1:0\", \"[::1]:0\"]\nadmin_listen = \"127.0.0.1:0\"\n[wiki.main]\nat = [\"*\"]\n",
    );
    for arguments in [&["serve"][..], &[]] {
        let server = Running::start(&farm, arguments, 2);
        assert_eq!(server.visitor().get(PAGE).status, 404);
        let (status, out, err) = server.end("TERM");
        assert_eq!(status, Some(0), "{err}");
        let lines: Vec<&str> = out.lines().collect();
        assert_eq!(lines.len(), 2, "{out}");
        let port = |line: &str, prefix: &str| {
            line.strip_prefix(prefix)
                .and_then(|port| port.parse::<u16>().ok())
        };
        assert!(
            port(lines[0], "listening on http://127.0.0.1:").is_some_and(|port| port > 0),
            "{out}"
        );
        assert!(
            port(lines[1], "listening on http://[::1]:").is_some_and(|port| port > 0),
            "{out}"
        );
        let admin = err
            .lines()
            .find_map(|line| port(line, "admin on http://127.0.0.1:"));
        assert!(admin.is_some_and(|port| port > 0), "{err}");
    }
}

#[test]
fn an_address_that_is_taken_is_no_start() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    for farm in [
        format!("[farm]\nlisten = [\"127.0.0.1:0\", \"{address}\"]\nadmin_listen = \"\"\n"),
        format!("[farm]\nlisten = [\"127.0.0.1:0\"]\nadmin_listen = \"{address}\"\n"),
    ] {
        let said = Farm::prepare(&format!("{farm}{SINGLE}")).grange(&["serve"]);
        assert_eq!((said.status, said.out.as_str()), (2, ""), "{said:?}");
        assert!(said.err.contains(&address), "{said:?}");
    }
}

#[test]
fn both_ends_of_a_shift_are_clean() {
    let farm = Farm::prepare(SINGLE);
    for signal in ["TERM", "INT"] {
        let server = Running::start(&farm, &["serve"], 1);
        let mut visitor = server.visitor();
        assert_eq!(
            visitor.get(PAGE).status,
            404,
            "and its idle connection holds nothing up"
        );
        let begun = std::time::Instant::now();
        assert_eq!(server.end(signal).0, Some(0), "{signal}");
        assert!(begun.elapsed().as_secs() < 5, "{signal}: {:?}", begun.elapsed());
    }
    let left = std::fs::read_dir(farm.path().join("wikis/_farm"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name());
    assert_eq!(left.collect::<Vec<_>>(), ["secrets"], "no socket stays behind");
}

#[test]
fn a_request_in_flight_is_finished_before_the_end() {
    let mut farm = Farm::start(&SINGLE.replace("at =", "acl_rights_default = \"All:read,write\"\nat ="));
    let ticket = farm
        .visitor()
        .get(&format!("{PAGE}?action=edit"))
        .ticket("edit")
        .unwrap();
    let body = format!("ticket={ticket}&rev=0&savetext=plums&button_save=1");
    let (first, rest) = body.split_at(30);
    let mut stream = TcpStream::connect(farm.address(0)).unwrap();
    let head = "POST /Page?action=edit HTTP/1.1\r\nHost: wiki.example.org\r\nContent-Type: application/x-www-form-urlencoded\r\n";
    write!(stream, "{head}Content-Length: {}\r\n\r\n{first}", body.len()).unwrap();
    // The answer to another request on a later connection shows that the first one has arrived.
    farm.visitor().get(PAGE);
    farm.signal("TERM");
    let address = farm.address(0);
    while TcpStream::connect(address).is_ok_and(|other| other.peer_addr().is_ok())
        && !farm.log().contains("stopping")
    {
        std::thread::yield_now();
    }
    stream.write_all(rest.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 303"), "{answer}");
    assert_eq!(farm.terminate(), 0);
    farm.restart();
    assert_eq!(farm.visitor().get(PAGE).content(), "plums");
}

#[test]
fn what_is_made_is_for_its_owner_only() {
    let farm = Farm::start(SINGLE);
    farm.add_user("main", "Ada", PASSWORD);
    farm.visitor().log_in(PAGE, "Ada", PASSWORD);
    let mode = |path: &str| {
        std::fs::metadata(farm.path().join("wikis").join(path))
            .unwrap()
            .permissions()
            .mode()
            & 0o777
    };
    assert_eq!(mode("_farm/secrets"), 0o600);
    for directory in ["_farm", "main", "main/sessions", "main/users"] {
        assert_eq!(mode(directory), 0o700, "{directory}");
    }
    let socket = std::fs::read_dir(farm.path().join("wikis/_farm"))
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let socket = socket
        .filter(|path| path.extension().is_some_and(|ending| ending == "sock"))
        .last()
        .unwrap();
    assert_eq!(
        std::fs::metadata(socket).unwrap().permissions().mode() & 0o777,
        0o600
    );
}

#[test]
fn json_logs_are_one_object_a_line_with_what_a_request_was() {
    let farm =
        Farm::prepare("[farm]\nlisten = [\"127.0.0.1:0\"]\nadmin_listen = \"\"\n[wiki.main]\nat = [\"*\"]\n");
    for arguments in [
        &["serve", "--log", "json"][..],
        &["--log", "json", "serve"],
        &["--log", "json"],
    ] {
        let server = Running::start(&farm, arguments, 1);
        server.visitor().get(&format!("{PAGE}?action=raw"));
        let (_, _, err) = server.end("TERM");
        let objects: Vec<serde_json::Value> = err
            .lines()
            .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}")))
            .collect();
        let requests: Vec<_> = objects
            .iter()
            .filter(|line| line["message"] == "request")
            .collect();
        assert_eq!(requests.len(), 1, "{err}");
        let request = requests[0];
        assert_eq!(
            (&request["wiki"], &request["status"], &request["path"]),
            (&"main".into(), &404.into(), &"/Page".into())
        );
        assert!(
            request["request"].as_str().is_some_and(|id| id.len() == 16) && request["micros"].is_u64(),
            "{request}"
        );
    }
}

#[test]
fn the_log_tells_who_came_and_keeps_every_secret() {
    let mut farm = Farm::start(SINGLE);
    farm.add_user("main", "Ada", PASSWORD);
    let mut visitor = farm.visitor();
    let ticket = visitor
        .get(&format!("{PAGE}?action=login"))
        .ticket("login")
        .unwrap();
    visitor.log_in(PAGE, "Ada", "wrong and never written down");
    visitor.log_in(PAGE, "Ada", PASSWORD);
    let id = visitor.jar.cookies()[0].value.clone();
    visitor.post(&format!("{PAGE}?action=delete"), &[("ticket", "forged")]);
    visitor.log_out(PAGE);
    assert_eq!(farm.terminate(), 0);
    let log = farm.log();
    let audit: Vec<&str> = log.lines().filter(|line| line.contains("audit")).collect();
    for event in ["login_failed", "login", "ticket_refused", "logout"] {
        let line = audit
            .iter()
            .find(|line| line.contains(&format!("event=\"{event}\"")))
            .unwrap_or_else(|| panic!("{event}: {log}"));
        assert!(line.contains("127.0.0.1") && line.contains("main"), "{line}");
    }
    let requests = log
        .lines()
        .filter(|line| line.contains("request") && line.contains("status="))
        .count();
    assert_eq!(requests, 10, "{log}");
    for secret in ["never written down", PASSWORD, &id, &id[..16], &ticket] {
        assert!(!log.contains(secret), "{secret}: {log}");
    }
}
