//! Many requests of one session at once: nothing is lost, and nothing that has ended comes back.
//!
//! The threads go on until they are told to stop; what must hold is asked afterwards, so no test waits for time.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

use crate::harness::{Answer, Farm, PASSWORD, SINGLE, Visitor};

const START: &str = "http://h.example/Start";
const NUMBER: &str = "http://h.example/Number";

fn farm(lifetimes: &str) -> Farm {
    let farm = Farm::start(&format!(
        "{SINGLE}cookie_lifetime = {lifetimes}\nsuperuser = [\"Ada\"]\n"
    ));
    farm.put_page("main", "Number", "<<SessionTest>>");
    for n in 0..4 {
        farm.put_page("main", &format!("Page{n}"), &format!("<<SessionTest(key{n})>>"));
    }
    farm.add_user("main", "Mia", PASSWORD);
    farm.add_user("main", "Ada", PASSWORD);
    farm
}

fn logged_in(farm: &Farm, name: &str) -> Visitor {
    farm.logged_in(START, name)
}

/// Tabs that reload pages of the session until they are told to stop, each with the cookie it began with.
struct Tabs {
    stop: Arc<AtomicBool>,
    threads: Vec<JoinHandle<Vec<Answer>>>,
}

impl Tabs {
    fn open(visitor: &Visitor) -> Tabs {
        let stop = Arc::new(AtomicBool::new(false));
        let threads = (0..4)
            .map(|n| {
                let (visitor, stop) = (visitor.clone(), Arc::clone(&stop));
                std::thread::spawn(move || reload(&visitor, n, &stop))
            })
            .collect();
        Tabs { stop, threads }
    }

    /// What the tabs got, the last requests begun after this call included.
    fn close(self) -> Vec<Answer> {
        self.stop.store(true, Ordering::SeqCst);
        self.threads
            .into_iter()
            .flat_map(|thread| thread.join().unwrap())
            .collect()
    }
}

fn reload(visitor: &Visitor, n: usize, stop: &AtomicBool) -> Vec<Answer> {
    let mut answers = Vec::new();
    loop {
        let last = stop.load(Ordering::SeqCst);
        answers.push(visitor.clone().get(&format!("http://h.example/Page{n}")));
        if last {
            return answers;
        }
    }
}

#[test]
fn values_that_parallel_requests_store_are_all_kept() {
    let farm = farm("[1, 12]");
    let mut visitor = farm.visitor();
    visitor.get(NUMBER);
    let answers = Tabs::open(&visitor).close();
    assert!(answers.iter().all(|answer| answer.status == 200));
    for n in 0..4 {
        let kept = visitor.get(&format!("http://h.example/Page{n}")).content();
        assert!(kept.starts_with("Loaded value "), "Page{n}: {kept}");
    }
    let list = farm.grange(&["session", "list", "--wiki", "main"]).out;
    assert_eq!(list.lines().count(), 1, "one cookie, one session: {list}");
}

#[test]
fn parallel_first_uses_of_one_cookie_agree_on_one_value() {
    let farm = farm("[1, 12]");
    let mut visitor = farm.visitor();
    visitor.get(NUMBER);
    let hits: Vec<_> = (0..8)
        .map(|_| {
            let mut tab = visitor.clone();
            std::thread::spawn(move || tab.get(NUMBER))
        })
        .collect();
    for hit in hits {
        assert_eq!(hit.join().unwrap().status, 200);
    }
    let kept = visitor.get(NUMBER).content();
    assert!(kept.starts_with("Loaded value "), "{kept}");
    assert_eq!(visitor.get(NUMBER).content(), kept);
}

/// No answer gives a dead session a cookie again.
fn assert_nothing_comes_back(farm: &Farm, before: &Visitor, answers: &[Answer]) {
    let old = &before.jar.cookies()[0].value;
    for answer in answers {
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert!(
            answer
                .set_cookies()
                .iter()
                .all(|line| !line.contains(old.as_str())),
            "{:?}",
            answer.set_cookies()
        );
    }
    assert_eq!(before.clone().get(START).user(), None);
    let list = farm
        .grange(&["session", "list", "--wiki", "main", "--user", "Mia"])
        .out;
    assert_eq!(list.trim(), "no sessions");
}

#[test]
fn requests_in_flight_do_not_bring_a_session_back_that_was_logged_out() {
    let farm = farm("[1, 12]");
    for _ in 0..5 {
        let mut visitor = logged_in(&farm, "Mia");
        let before = visitor.clone();
        let tabs = Tabs::open(&visitor);
        visitor.log_out(START);
        let answers = tabs.close();
        assert_nothing_comes_back(&farm, &before, &answers);
    }
}

#[test]
fn requests_in_flight_do_not_bring_a_killed_session_back() {
    let farm = farm("[1, 12]");
    for _ in 0..3 {
        let before = logged_in(&farm, "Mia");
        let tabs = Tabs::open(&before);
        assert_eq!(
            farm.grange(&["session", "kill", "Mia", "--wiki", "main"])
                .out
                .trim(),
            "1 session ended"
        );
        assert_eq!(before.clone().get(START).user(), None, "at the next request");
        let answers = tabs.close();
        assert_nothing_comes_back(&farm, &before, &answers);
    }
}

#[test]
fn requests_of_another_server_do_not_bring_a_session_back() {
    let farm = farm("[1, 12]");
    let second = farm.second_process();
    let mut visitor = logged_in(&farm, "Mia");
    let before = visitor.clone();
    let tabs = Tabs::open(&visitor.clone().at(second.address()));
    visitor.log_out(START);
    let answers = tabs.close();
    assert_nothing_comes_back(&farm, &before, &answers);
}

/// The browser hears the other tabs' answers last; their cookies go into its one jar.
fn hear(visitor: &mut Visitor, late: &[Answer]) {
    for line in late.iter().flat_map(Answer::set_cookies) {
        visitor.take("http://h.example/Page0", line);
    }
}

#[test]
fn a_login_in_one_tab_is_not_undone_by_late_answers_of_the_others() {
    let farm = farm("[0, 12]");
    for _ in 0..5 {
        let mut visitor = logged_in(&farm, "Ada");
        let tabs = Tabs::open(&visitor);
        visitor.log_in(START, "Mia", PASSWORD);
        hear(&mut visitor, &tabs.close());
        assert_eq!(visitor.get(START).user().as_deref(), Some("Mia"));
    }
}

#[test]
fn acting_and_returning_in_one_tab_are_not_undone_by_late_answers_of_the_others() {
    let farm = farm("[0, 12]");
    let mut ada = logged_in(&farm, "Ada");
    for (fields, user) in [
        ([("name", "Mia"), ("reason", "")], "Mia"),
        ([("return", "1"), ("reason", "")], "Ada"),
    ] {
        let tabs = Tabs::open(&ada);
        assert_eq!(ada.submit(START, "suid", &fields).user().as_deref(), Some(user));
        hear(&mut ada, &tabs.close());
        assert_eq!(ada.get(START).user().as_deref(), Some(user));
    }
}
