//! A new configuration in a running server: heard of in three ways, all or nothing, and no request fails.
//!
//! What the server does by itself is waited for with [`eventually`], never with a pause of fixed length.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::harness::{Answer, Farm, PASSWORD, Visitor};

const PAGE: &str = "http://wiki.example.org/Page";

/// A farm table with these listeners and the admin listener on a free port, and one open wiki.
fn config(listen: &[&str], wiki: &str) -> String {
    format!(
        "[farm]\nlisten = {listen:?}\nadmin_listen = \"127.0.0.1:0\"\n\n[wiki.main]\nat = [\"*\"]\nacl_rights_default = \"All:read,write\"\n{wiki}"
    )
}

fn named(name: &str) -> String {
    config(&["127.0.0.1:0"], &format!("sitename = \"{name}\"\n"))
}

fn site_name(answer: &Answer) -> String {
    answer.words(".brand").unwrap_or_default()
}

/// Looks again until a claim holds; what happens by itself gets ten seconds.
fn eventually(mut claim: impl FnMut() -> bool) -> bool {
    let deadline = Instant::now() + Duration::from_secs(10);
    while Instant::now() < deadline {
        if claim() {
            return true;
        }
        thread::yield_now();
    }
    false
}

/// Somebody at the admin listener of the process that was started last.
fn machine_room(farm: &Farm) -> Visitor {
    let log = farm.log();
    let address = log
        .lines()
        .rev()
        .find_map(|line| line.strip_prefix("admin on http://"))
        .expect("the admin line");
    Visitor::of(address.trim().parse().unwrap())
}

fn health(farm: &Farm) -> serde_json::Value {
    serde_json::from_slice(&machine_room(farm).get("http://localhost/health").body).unwrap()
}

fn free_address() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

#[test]
fn a_changed_file_is_noticed_by_itself() {
    let farm = Farm::start(&named("Before"));
    let mut visitor = farm.visitor();
    assert_eq!(site_name(&visitor.get(PAGE)), "Before");
    farm.write_config(&named("After"));
    assert!(
        eventually(|| site_name(&visitor.get(PAGE)) == "After"),
        "{}",
        farm.log()
    );
}

#[test]
fn an_editor_that_replaces_the_file_is_noticed_too() {
    let farm = Farm::start(&named("Before"));
    for name in ["First", "Second"] {
        let new = farm.path().join("new.toml");
        std::fs::write(&new, named(name)).unwrap();
        std::fs::rename(&new, farm.config()).unwrap();
        assert!(
            eventually(|| site_name(&farm.visitor().get(PAGE)) == name),
            "{name}: {}",
            farm.log()
        );
    }
}

#[test]
fn a_wiki_that_brings_its_own_file_appears_changes_and_goes() {
    let farm = Farm::prepare(
        "[farm]\nlisten = [\"127.0.0.1:0\"]\nadmin_listen = \"\"\ninclude = [\"wikis/*/wiki.toml\"]\n[defaults]\ncookie_name = \"siteidmagic\"\n",
    );
    farm.write("wikis/one/wiki.toml", "[wiki.one]\nat = [\"one.example\"]\n");
    let mut farm = farm;
    farm.restart();
    let mut visitor = farm.visitor();
    assert_eq!(visitor.get("http://two.example/X").wiki(), None);
    farm.write("wikis/two/wiki.toml", "[wiki.two]\nat = [\"two.example\"]\n");
    assert!(
        eventually(|| visitor.get("http://two.example/X").wiki().as_deref() == Some("two")),
        "{}",
        farm.log()
    );
    farm.write("wikis/two/wiki.toml", "[wiki.two]\nat = [\"zwei.example\"]\n");
    assert!(eventually(|| visitor
        .get("http://zwei.example/X")
        .wiki()
        .as_deref()
        == Some("two")));
    std::fs::remove_file(farm.path().join("wikis/two/wiki.toml")).unwrap();
    assert!(eventually(|| visitor
        .get("http://zwei.example/X")
        .wiki()
        .is_none()));
    assert_eq!(visitor.get("http://one.example/X").wiki().as_deref(), Some("one"));
}

#[test]
fn a_wikis_directory_that_is_removed_and_made_again_is_watched_again() {
    let mut farm = Farm::prepare(
        "[farm]\nlisten = [\"127.0.0.1:0\"]\nadmin_listen = \"\"\ninclude = [\"wikis/*/wiki.toml\"]\n",
    );
    farm.write("wikis/one/wiki.toml", "[wiki.one]\nat = [\"one.example\"]\n");
    farm.restart();
    let mut visitor = farm.visitor();
    std::fs::remove_dir_all(farm.path().join("wikis/one")).unwrap();
    farm.write("wikis/one/wiki.toml", "[wiki.one]\nat = [\"uno.example\"]\n");
    assert!(
        eventually(|| visitor.get("http://uno.example/X").wiki().as_deref() == Some("one")),
        "{}",
        farm.log()
    );
    farm.write("wikis/one/wiki.toml", "[wiki.one]\nat = [\"een.example\"]\n");
    assert!(
        eventually(|| visitor.get("http://een.example/X").wiki().as_deref() == Some("one")),
        "{}",
        farm.log()
    );
}

#[test]
fn a_hang_up_signal_reads_the_configuration_again() {
    let farm = Farm::start(&named("Same"));
    let reloads = |farm: &Farm| {
        let metrics = machine_room(farm).get("http://localhost/metrics").text();
        metrics
            .lines()
            .find(|line| line.starts_with("grange_reloads_total{outcome=\"done\"}"))
            .unwrap()
            .to_owned()
    };
    assert!(reloads(&farm).ends_with(" 0"), "{}", reloads(&farm));
    farm.signal("HUP");
    assert!(
        eventually(|| reloads(&farm).ends_with(" 1")),
        "the file is the same, so it was the signal"
    );
    assert_eq!(farm.visitor().get(PAGE).status, 404, "and it serves on");
}

#[test]
fn grange_reload_says_what_differs_and_is_in_force_when_it_ends() {
    let farm = Farm::start(&named("Before"));
    farm.write_config(&format!(
        "{}\n[wiki.two]\nat = [\"two.example\"]\ncookie_name = \"two\"\n",
        named("After")
    ));
    let said = farm.grange(&["reload"]);
    assert_eq!(said.status, 0, "{said:?}");
    assert!(
        said.out.contains("+1 wiki") && said.out.contains("1 key changed: wiki."),
        "{said:?}"
    );
    assert_eq!(site_name(&farm.visitor().get(PAGE)), "After");
    assert_eq!(
        farm.visitor().get("http://two.example/X").wiki().as_deref(),
        Some("two")
    );
    let again = farm.grange(&["reload"]);
    assert!(again.status == 0 && !again.out.contains("+1"), "{again:?}");
}

#[test]
fn a_wrong_configuration_changes_nothing_and_is_told_everywhere() {
    let farm = Farm::start(&named("Before"));
    assert_eq!(health(&farm)["reload_refused"], serde_json::Value::Null);
    farm.write_config(&config(
        &["127.0.0.1:0"],
        "sitename = \"After\"\ncolour = \"red\"\n",
    ));
    let said = farm.grange(&["reload"]);
    assert_eq!(said.status, 2, "{said:?}");
    assert!(
        said.err.contains("farmconfig.toml:9:") && said.err.contains("colour"),
        "{said:?}"
    );
    assert_eq!(site_name(&farm.visitor().get(PAGE)), "Before");
    assert!(
        health(&farm)["reload_refused"]
            .as_str()
            .unwrap()
            .contains("colour"),
        "{}",
        health(&farm)
    );
    assert!(
        farm.log().contains("reload refused") && farm.log().contains("colour"),
        "{}",
        farm.log()
    );
    farm.write_config(&named("After"));
    assert_eq!(farm.grange(&["reload"]).status, 0);
    assert_eq!(site_name(&farm.visitor().get(PAGE)), "After");
    assert_eq!(health(&farm)["reload_refused"], serde_json::Value::Null);
}

#[test]
fn a_wrong_configuration_is_refused_without_being_asked_too() {
    let farm = Farm::start(&named("Before"));
    farm.write_config("this is no TOML [farm]");
    assert!(
        eventually(|| !health(&farm)["reload_refused"].is_null()),
        "{}",
        farm.log()
    );
    assert_eq!(site_name(&farm.visitor().get(PAGE)), "Before");
}

#[test]
fn no_request_fails_during_fifty_reloads() {
    let farm = Farm::start(&named("Even"));
    farm.put_page("main", "Page", "plums");
    let (over, answered) = (AtomicBool::new(false), AtomicU32::new(0));
    thread::scope(|scope| {
        for number in 0..4 {
            let (mut visitor, over, answered) = (farm.visitor(), &over, &answered);
            scope.spawn(move || {
                while !over.load(Ordering::Relaxed) {
                    let answer = visitor.get(PAGE);
                    assert_eq!((answer.status, answer.content().as_str()), (200, "plums"));
                    let saved = visitor.edit(
                        &format!("{PAGE}{number}"),
                        &answered.fetch_add(1, Ordering::Relaxed).to_string(),
                    );
                    assert_eq!(saved.status, 200);
                }
            });
        }
        let reloads: Vec<_> = (0..50)
            .map(|round| {
                farm.write_config(&named(if round % 2 == 0 { "Odd" } else { "Even" }));
                farm.grange(&["reload"])
            })
            .collect();
        over.store(true, Ordering::Relaxed);
        reloads
            .iter()
            .for_each(|said| assert_eq!(said.status, 0, "{said:?}"));
    });
    assert!(answered.load(Ordering::Relaxed) > 4);
}

#[test]
fn a_request_that_began_before_a_reload_ends_well() {
    let farm = Farm::start(&named("Before"));
    let form = farm.visitor().get(&format!("{PAGE}?action=edit"));
    let body = format!(
        "ticket={}&rev=0&savetext=plums&button_save=1",
        form.ticket("edit").unwrap()
    );
    let (first, rest) = body.split_at(20);
    let mut stream = TcpStream::connect(farm.address(0)).unwrap();
    write!(
        stream,
        "POST /Page?action=edit HTTP/1.1\r\nHost: wiki.example.org\r\nConnection: close\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{first}",
        body.len()
    )
    .unwrap();
    farm.write_config(&named("After"));
    assert_eq!(farm.grange(&["reload"]).status, 0);
    stream.write_all(rest.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 303"), "{answer}");
    assert_eq!(farm.visitor().get(PAGE).content(), "plums");
}

#[test]
fn a_new_address_is_served_an_old_one_let_go_and_port_0_kept() {
    let farm = Farm::start(&named("Main"));
    let new = free_address();
    farm.write_config(&config(&["127.0.0.1:0", &new.to_string()], ""));
    assert_eq!(farm.grange(&["reload"]).status, 0, "{}", farm.log());
    assert_eq!(Visitor::of(new).get(PAGE).wiki().as_deref(), Some("main"));
    assert_eq!(
        farm.visitor().get(PAGE).wiki().as_deref(),
        Some("main"),
        "the port that the system chose stays"
    );
    farm.write_config(&named("Main"));
    assert_eq!(farm.grange(&["reload"]).status, 0);
    assert!(
        eventually(|| TcpStream::connect(new).is_err()),
        "nobody listens there any more"
    );
    assert_eq!(farm.visitor().get(PAGE).wiki().as_deref(), Some("main"));
}

#[test]
fn an_address_that_somebody_else_has_refuses_the_whole_reload() {
    let farm = Farm::start(&named("Before"));
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    farm.write_config(&config(&["127.0.0.1:0", &address], "sitename = \"After\"\n"));
    let said = farm.grange(&["reload"]);
    assert_eq!(said.status, 2, "{said:?}");
    assert!(said.err.contains(&address), "{said:?}");
    assert_eq!(site_name(&farm.visitor().get(PAGE)), "Before");
    drop(taken);
    assert_eq!(farm.grange(&["reload"]).status, 0);
    assert_eq!(site_name(&farm.visitor().get(PAGE)), "After");
}

#[test]
fn an_address_that_overlaps_a_running_one_needs_a_restart() {
    let address = free_address();
    let mut farm = Farm::start(&config(&[&address.to_string()], ""));
    farm.write_config(&config(&[&format!("0.0.0.0:{}", address.port())], ""));
    let said = farm.grange(&["reload"]);
    assert_eq!(said.status, 2, "{said:?}");
    assert!(said.err.contains("needs a restart"), "{said:?}");
    farm.restart();
    assert_eq!(Visitor::of(address).get(PAGE).wiki().as_deref(), Some("main"));
}

#[test]
fn the_admin_address_cannot_become_a_wikis_address_without_a_restart() {
    let (wikis, admin) = (free_address(), free_address());
    let both = |wikis: std::net::SocketAddr, admin: std::net::SocketAddr| {
        config(&[&wikis.to_string()], "").replace(
            "admin_listen = \"127.0.0.1:0\"",
            &format!("admin_listen = \"{admin}\""),
        )
    };
    let mut farm = Farm::start(&both(wikis, admin));
    farm.write_config(&both(admin, wikis));
    let said = farm.grange(&["reload"]);
    assert_eq!(said.status, 2, "{said:?}");
    assert!(said.err.contains("needs a restart"), "{said:?}");
    assert_eq!(Visitor::of(wikis).get(PAGE).wiki().as_deref(), Some("main"));
    assert_eq!(Visitor::of(admin).get("http://localhost/health").status, 200);
    farm.restart();
    assert_eq!(Visitor::of(admin).get(PAGE).wiki().as_deref(), Some("main"));
}

#[test]
fn sessions_in_memory_survive_a_reload() {
    let memory = "session_store = \"memory\"\nuser_store = \"memory\"\nsitename =";
    let farm = Farm::start(&named("Before").replace("sitename =", memory));
    let mut ada = farm.visitor();
    assert_eq!(ada.register(PAGE, "Ada", PASSWORD).user().as_deref(), Some("Ada"));
    farm.write_config(&named("After").replace("sitename =", memory));
    assert_eq!(farm.grange(&["reload"]).status, 0);
    let page = ada.get(PAGE);
    assert_eq!(
        (site_name(&page).as_str(), page.user().as_deref()),
        ("After", Some("Ada"))
    );
}

#[test]
fn a_wiki_is_suspended_and_resumed_without_a_restart() {
    let farm = Farm::start(&named("Main"));
    for (state, status) in [("suspended", 503), ("active", 404)] {
        farm.write_config(&config(&["127.0.0.1:0"], &format!("state = \"{state}\"\n")));
        assert_eq!(farm.grange(&["reload"]).status, 0);
        assert_eq!(farm.visitor().get(PAGE).status, status);
    }
}

#[test]
fn all_processes_of_a_configuration_are_told_and_dead_ones_forgotten() {
    let mut farm = Farm::start(&named("Before"));
    farm.restart();
    let second = farm.second_process();
    farm.write_config(&named("After"));
    let said = farm.grange(&["reload"]);
    assert_eq!(said.status, 0, "{said:?}");
    assert_eq!(site_name(&farm.visitor().get(PAGE)), "After");
    assert_eq!(site_name(&second.visitor().get(PAGE)), "After");
    let sockets = std::fs::read_dir(farm.path().join("wikis/_farm"))
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let sockets: Vec<_> = sockets
        .filter(|path| path.extension().is_some_and(|ending| ending == "sock"))
        .collect();
    assert_eq!(sockets.len(), 2, "the killed server's is gone: {sockets:?}");
}

#[test]
fn without_a_running_server_reload_is_refused() {
    let said = Farm::prepare(&named("Main")).grange(&["reload"]);
    assert_eq!(said.status, 2, "{said:?}");
    assert!(!said.err.is_empty());
}

#[test]
fn a_wiki_whose_directory_is_closed_stays_and_the_reload_says_which() {
    let farm = Farm::prepare(
        "[farm]\nlisten = [\"127.0.0.1:0\"]\nadmin_listen = \"\"\ninclude = [\"wikis/*/wiki.toml\"]\n",
    );
    // The wiki itself is elsewhere, so that only its file is out of reach.
    let data = farm.path().join("data");
    let wiki = format!("[wiki.main]\nat = [\"*\"]\nsitename = \"Here\"\ndata_dir = {data:?}\n");
    farm.write("wikis/main/wiki.toml", &wiki);
    let mut farm = farm;
    farm.restart();
    let mut visitor = farm.visitor();
    assert_eq!(site_name(&visitor.get(PAGE)), "Here");
    let directory = farm.path().join("wikis/main");
    std::fs::rename(&directory, farm.path().join("aside")).unwrap();
    // A loop of links is closed to everybody, root included.
    std::os::unix::fs::symlink("main", &directory).unwrap();
    for command in ["check", "reload"] {
        let told = farm.grange(&[command]);
        assert_eq!(told.status, 2, "{told:?}");
        let words = format!("{}{}", told.out, told.err);
        assert!(
            words.contains("wikis/main") && words.contains("cannot be looked into"),
            "{command}: {words}"
        );
    }
    assert_eq!(site_name(&visitor.get(PAGE)), "Here");
}
