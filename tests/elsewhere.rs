//! Sessions on a server elsewhere: shared by two processes, away for a while, ended while requests are in flight.
//!
//! The claims are the same for every kind of server; [`Elsewhere`] is what they ask of it. What is special to one
//! kind has a file of its own.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use grange_test_servers::{PostgresServer, RedisServer, wait_until};

use crate::harness::{Answer, Farm, PASSWORD, SINGLE, Visitor};

const START: &str = "http://h.example/Start";
const NUMBER: &str = "http://h.example/Number";
const PLAIN: &str = "http://h.example/Plain";
const EDITOR: &str = "http://h.example/Plain?action=edit";

/// A server that keeps sessions.
trait Elsewhere {
    fn url(&self) -> String;
    fn stop(&mut self);
    fn start_again(&mut self);
    fn freeze(&self);
    fn thaw(&self);
}

impl Elsewhere for PostgresServer {
    fn url(&self) -> String {
        PostgresServer::url(self)
    }

    fn stop(&mut self) {
        PostgresServer::stop(self);
    }

    fn start_again(&mut self) {
        PostgresServer::start_again(self);
    }

    fn freeze(&self) {
        PostgresServer::freeze(self);
    }

    fn thaw(&self) {
        PostgresServer::thaw(self);
    }
}

impl Elsewhere for RedisServer {
    fn url(&self) -> String {
        RedisServer::url(self)
    }

    fn stop(&mut self) {
        RedisServer::stop(self);
    }

    fn start_again(&mut self) {
        RedisServer::start_again(self);
    }

    fn freeze(&self) {
        RedisServer::freeze(self);
    }

    fn thaw(&self) {
        RedisServer::thaw(self);
    }
}

/// One test per claim, each with a server of its own.
macro_rules! claims {
    ($start:expr => $($claim:ident)*) => {
        $(
            #[test]
            fn $claim() {
                super::$claim(&mut $start);
            }
        )*
    };
    ($start:expr) => {
        claims!($start =>
            two_processes_share_logins_values_and_endings fifty_parallel_requests_to_two_processes_keep_fifty_values
            a_server_that_goes_away_under_load_costs_no_page_no_cookie_and_no_login
            a_server_that_hangs_logs_nobody_out_and_keeps_no_reader_waiting_for_good
            nothing_brings_a_session_back_that_was_logged_out nothing_brings_a_killed_session_back
            nothing_brings_a_session_back_that_a_new_password_ended);
    };
}

mod redis {
    use super::*;

    claims!(RedisServer::start());
}

mod postgres {
    use super::*;

    claims!(PostgresServer::start());
}

fn farm_at(server: &dyn Elsewhere) -> Farm {
    let url = server.url();
    let keys = format!("{SINGLE}cookie_lifetime = [1, 12]\nsession_store = \"{url}\"\n");
    let farm = Farm::start(&keys);
    farm.put_page("main", "Number", "<<SessionTest>>");
    farm.put_page("main", "Plain", "words");
    for n in 0..4 {
        farm.put_page("main", &format!("Page{n}"), &format!("<<SessionTest(key{n})>>"));
    }
    farm.add_user("main", "Mia", PASSWORD);
    farm
}

/// What `grange session …` printed.
fn session(farm: &Farm, arguments: &[&str]) -> String {
    let told = farm.grange(&[&["session"], arguments, &["--wiki", "main"]].concat());
    assert_eq!(told.status, 0, "{told:?}");
    told.out.trim().to_owned()
}

fn two_processes_share_logins_values_and_endings(server: &mut dyn Elsewhere) {
    let farm = farm_at(server);
    let second = farm.second_process();
    let mut here = farm.logged_in(START, "Mia");
    let set = here.get(NUMBER).content();
    let mut there = here.clone().at(second.address());
    let seen = there.get(NUMBER);
    assert_eq!(seen.user().as_deref(), Some("Mia"));
    assert_eq!(seen.content(), set.replace("Set to", "Loaded"));
    there.log_out(START);
    assert_eq!(here.get(START).user(), None, "out on one, out on the other");

    let mut here = farm.logged_in(START, "Mia");
    let mut there = farm.logged_in(START, "Mia").at(second.address());
    assert_eq!(session(&farm, &["list", "--user", "Mia"]).lines().count(), 2);
    assert_eq!(session(&farm, &["kill", "Mia"]), "2 sessions ended");
    assert_eq!((here.get(START).user(), there.get(START).user()), (None, None));
    assert_eq!(session(&farm, &["list", "--user", "Mia"]), "no sessions");
    assert!(session(&farm, &["sweep"]).ends_with("removed"));
    let beside = farm.path().join("wikis/main/sessions");
    assert!(!beside.exists(), "nothing is kept beside it");
}

fn fifty_parallel_requests_to_two_processes_keep_fifty_values(server: &mut dyn Elsewhere) {
    let farm = farm_at(server);
    let second = farm.second_process();
    for n in 0..50 {
        farm.put_page("main", &format!("Own{n}"), &format!("<<SessionTest(own{n})>>"));
    }
    let mut visitor = farm.logged_in(START, "Mia");
    let requests: Vec<_> = (0..50)
        .map(|n| {
            let tab = visitor.clone();
            let mut tab = if n % 2 == 0 { tab } else { tab.at(second.address()) };
            thread::spawn(move || tab.get(&format!("http://h.example/Own{n}")))
        })
        .collect();
    for request in requests {
        assert_eq!(request.join().unwrap().status, 200);
    }
    for n in 0..50 {
        let kept = visitor.get(&format!("http://h.example/Own{n}")).content();
        assert!(kept.starts_with("Loaded value "), "Own{n}: {kept}");
    }
}

/// Tabs that reload pages until they are told to stop, each with the cookie it began with.
struct Tabs {
    stop: Arc<AtomicBool>,
    threads: Vec<JoinHandle<Vec<Answer>>>,
}

impl Tabs {
    fn open(tabs: impl IntoIterator<Item = (Visitor, String)>) -> Tabs {
        let stop = Arc::new(AtomicBool::new(false));
        let threads = tabs
            .into_iter()
            .map(|(visitor, page)| {
                let stop = Arc::clone(&stop);
                thread::spawn(move || reload(&visitor, &page, &stop))
            })
            .collect();
        Tabs { stop, threads }
    }

    /// What each tab got, the last requests begun after this call included.
    fn close(self) -> Vec<Vec<Answer>> {
        self.stop.store(true, Ordering::SeqCst);
        self.threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect()
    }
}

fn reload(visitor: &Visitor, page: &str, stop: &AtomicBool) -> Vec<Answer> {
    let mut answers = Vec::new();
    loop {
        let last = stop.load(Ordering::SeqCst);
        answers.push(visitor.clone().get(page));
        if last {
            return answers;
        }
    }
}

fn assert_readable_and_not_logged_out(farm: &Farm, mia: &mut Visitor) {
    assert_eq!(farm.visitor().get(PLAIN).status, 200, "guests read");
    let read = mia.get(PLAIN);
    assert_eq!(
        (read.status, read.set_cookies().len()),
        (200, 0),
        "users read as guests do"
    );
    let refused = mia.get(EDITOR);
    assert_eq!((refused.status, refused.set_cookies().len()), (503, 0));
    let sentence = refused.text();
    assert!(sentence.contains("You are not logged out"), "{sentence}");
    assert!(refused.header("retry-after").is_some());
}

fn a_server_that_goes_away_under_load_costs_no_page_no_cookie_and_no_login(server: &mut dyn Elsewhere) {
    let farm = farm_at(server);
    let mut mia = farm.logged_in(START, "Mia");
    let mut guest = farm.visitor();
    guest.get(NUMBER);
    let guests_number = guest.get(NUMBER).content().replace("Set to", "Loaded");
    let number = mia.get(NUMBER).content().replace("Set to", "Loaded");
    // A login is on the disk when it is answered, and with it all that was stored before.
    farm.logged_in(START, "Mia");
    let tabs = Tabs::open([
        (farm.visitor(), PLAIN.to_owned()),
        (guest.clone(), NUMBER.to_owned()),
        (mia.clone(), PLAIN.to_owned()),
        (mia.clone(), EDITOR.to_owned()),
    ]);
    for _ in 0..3 {
        server.stop();
        wait_until("the farm notices", || mia.get(EDITOR).status == 503);
        for _ in 0..3 {
            assert_readable_and_not_logged_out(&farm, &mut mia);
            let login = [("name", "Mia"), ("password", PASSWORD)];
            let login = farm.visitor().fill_in(START, "login", &login);
            assert_eq!((login.status, login.set_cookies().len()), (503, 0));
        }
        server.start_again();
        let back = Instant::now();
        // Each of the server's threads finds its way back by itself.
        wait_until("everything goes on", || {
            mia.get(START).user().as_deref() == Some("Mia")
                && guest.get(NUMBER).content() == guests_number
                && mia.get(NUMBER).content() == number
                && mia.get(EDITOR).status == 200
        });
        assert!(back.elapsed() < Duration::from_secs(2), "{:?}", back.elapsed());
    }
    let answers = tabs.close();
    let [readers, guests, users @ ..] = answers.as_slice() else {
        panic!("four tabs");
    };
    for answer in readers.iter().chain(guests) {
        assert_eq!(answer.status, 200, "{}", answer.text());
    }
    for answer in users.iter().flatten() {
        assert!(matches!(answer.status, 200 | 503), "{}", answer.status);
    }
    for answer in answers.iter().flatten() {
        let lines = answer.set_cookies().join("\n");
        assert!(!lines.contains("Max-Age=0"), "no cookie is taken away: {lines}");
    }
}

fn a_server_that_hangs_logs_nobody_out_and_keeps_no_reader_waiting_for_good(server: &mut dyn Elsewhere) {
    let farm = farm_at(server);
    let mut mia = farm.logged_in(START, "Mia");
    server.freeze();
    for _ in 0..3 {
        assert_readable_and_not_logged_out(&farm, &mut mia);
    }
    server.thaw();
    wait_until("everything goes on", || {
        mia.get(START).user().as_deref() == Some("Mia")
    });
}

/// Ends Mia's session again and again while tabs of two processes reload pages of it.
fn end_in_flight(server: &dyn Elsewhere, rounds: usize, end: impl Fn(&Farm, &mut Visitor)) {
    let farm = farm_at(server);
    let second = farm.second_process();
    for _ in 0..rounds {
        let mut mia = farm.logged_in(START, "Mia");
        let before = mia.clone();
        let tabs = Tabs::open((0..4).map(|n| {
            let tab = if n % 2 == 0 {
                mia.clone()
            } else {
                mia.clone().at(second.address())
            };
            (tab, format!("http://h.example/Page{n}"))
        }));
        end(&farm, &mut mia);
        for elsewhere in [before.clone(), before.clone().at(second.address())] {
            assert_eq!(elsewhere.clone().get(START).user(), None, "at the next request");
        }
        let answers = tabs.close();
        let old = &before.jar.cookies()[0].value;
        for answer in answers.iter().flatten() {
            assert_eq!(answer.status, 200, "{}", answer.text());
            let lines = answer.set_cookies().join("\n");
            assert!(!lines.contains(old.as_str()), "{lines}");
        }
        assert_eq!(before.clone().get(START).user(), None, "after all answers");
        // A new password leaves the session where it was changed.
        session(&farm, &["kill", "Mia"]);
        assert_eq!(session(&farm, &["list", "--user", "Mia"]), "no sessions");
    }
}

fn nothing_brings_a_session_back_that_was_logged_out(server: &mut dyn Elsewhere) {
    end_in_flight(server, 20, |_, mia| _ = mia.log_out(START));
}

fn nothing_brings_a_killed_session_back(server: &mut dyn Elsewhere) {
    end_in_flight(server, 10, |farm, _| {
        assert_eq!(session(farm, &["kill", "Mia"]), "1 session ended");
    });
}

fn nothing_brings_a_session_back_that_a_new_password_ended(server: &mut dyn Elsewhere) {
    end_in_flight(server, 10, |_, mia| {
        let fields = [
            ("old_password", PASSWORD),
            ("password1", PASSWORD),
            ("password2", PASSWORD),
        ];
        let told = mia.submit(START, "userprefs", &fields);
        assert!(
            told.text().contains("Your password is changed."),
            "{}",
            told.text()
        );
    });
}
