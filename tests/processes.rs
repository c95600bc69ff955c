//! More than one server on the same files, and servers that die in the middle.

use std::sync::mpsc;

use crate::harness::{Farm, PASSWORD, SINGLE, Visitor};

const NUMBER: &str = "http://h.example/Number";
const START: &str = "http://h.example/Start";

fn farm() -> Farm {
    let farm = Farm::start(&format!("{SINGLE}cookie_lifetime = [1, 12]\n"));
    farm.put_page("main", "Number", "<<SessionTest>>");
    farm.add_user("main", "Mia", PASSWORD);
    farm
}

#[test]
fn two_servers_on_the_same_files_share_logins_values_and_accounts() {
    let farm = farm();
    let second = farm.second_process();
    let mut visitor = farm.visitor();
    visitor.log_in(START, "Mia", PASSWORD);
    let set = visitor.get(NUMBER).content();
    let mut over_there = visitor.at(second.address());
    let seen = over_there.get(NUMBER);
    assert_eq!(seen.user().as_deref(), Some("Mia"));
    assert_eq!(seen.content(), set.replace("Set to", "Loaded"));

    let mut newcomer = second.visitor();
    newcomer.register(START, "Tom", PASSWORD);
    assert_eq!(
        farm.visitor().log_in(START, "Tom", PASSWORD).user().as_deref(),
        Some("Tom")
    );

    over_there.log_out(START);
    assert_eq!(visitor.get(START).user(), None, "out on one, out on the other");
}

#[test]
fn a_guests_cookie_from_one_server_is_good_on_the_other() {
    let farm = farm();
    let second = farm.second_process();
    let mut visitor = farm.visitor();
    visitor.get(NUMBER);
    let set = visitor.at(second.address()).get(NUMBER).content();
    assert!(set.starts_with("Set to value "), "{set}");
    assert_eq!(visitor.get(NUMBER).content(), set.replace("Set to", "Loaded"));
}

#[test]
fn a_page_saved_on_one_server_is_read_on_the_other_at_once() {
    let farm = farm();
    let second = farm.second_process();
    let mut visitor = farm.visitor();
    visitor.log_in(START, "Mia", PASSWORD);
    for n in 1..=5 {
        second.visitor().get("http://h.example/Shared");
        visitor.edit("http://h.example/Shared", &format!("text {n}"));
        assert!(
            second
                .visitor()
                .get("http://h.example/Shared")
                .content()
                .contains(&format!("text {n}"))
        );
    }
}

#[test]
fn logins_and_values_outlive_a_killed_server() {
    let mut farm = farm();
    let mut visitor = farm.visitor();
    visitor.log_in_to_stay(START, "Mia", PASSWORD);
    let set = visitor.get(NUMBER).content();
    farm.restart();
    let seen = visitor.at(farm.address(0)).get(NUMBER);
    assert_eq!(seen.user().as_deref(), Some("Mia"));
    assert_eq!(seen.content(), set.replace("Set to", "Loaded"));
}

#[test]
fn a_logout_outlives_a_killed_server() {
    let mut farm = farm();
    let mut visitor = farm.visitor();
    visitor.log_in(START, "Mia", PASSWORD);
    let before = visitor.clone();
    visitor.log_out(START);
    farm.restart();
    assert_eq!(before.at(farm.address(0)).get(START).user(), None);
}

/// Somebody who saves one page again and again until the server is gone.
struct Writer {
    visitor: Visitor,
    page: &'static str,
    ticket: String,
}

impl Writer {
    fn new(farm: &Farm, page: &'static str) -> Writer {
        let mut visitor = farm.visitor();
        visitor.log_in(START, "Mia", PASSWORD);
        let ticket = visitor
            .get(&format!("http://h.example/{page}?action=edit"))
            .ticket("edit")
            .unwrap();
        Writer {
            visitor,
            page,
            ticket,
        }
    }

    /// Tells the number of each save that was answered.
    fn write(mut self, saved: &mpsc::Sender<(&'static str, u32)>) {
        let url = format!("http://h.example/{}?action=edit", self.page);
        for n in 1u32.. {
            let (text, base) = (format!("number {n}"), (n - 1).to_string());
            let fields = [
                ("ticket", &*self.ticket),
                ("rev", &base),
                ("savetext", &text),
                ("button_save", "Save"),
            ];
            match self.visitor.try_post(&url, &fields) {
                Ok(answer) if answer.status == 303 => saved.send((self.page, n)).unwrap(),
                Ok(answer) => panic!("{} {n}: {}", self.page, answer.text()),
                Err(_) => return,
            }
        }
    }
}

#[test]
fn no_answered_save_is_lost_when_the_server_is_killed_in_the_middle() {
    let mut farm = farm();
    let (sender, saved) = mpsc::channel();
    let writers = ["P1", "P2", "P3"].map(|page| Writer::new(&farm, page));
    let writers = writers.map(|writer| (writer, sender.clone()));
    let threads = writers.map(|(writer, sender)| std::thread::spawn(move || writer.write(&sender)));
    drop(sender);
    let mut answered: Vec<_> = saved.iter().take(40).collect();
    farm.kill();
    answered.extend(saved);
    for thread in threads {
        thread.join().unwrap();
    }

    farm.restart();
    for page in ["P1", "P2", "P3"] {
        let last = answered
            .iter()
            .filter(|(name, _)| *name == page)
            .map(|(_, n)| *n)
            .max()
            .unwrap_or(0);
        let raw = farm
            .visitor()
            .get(&format!("http://h.example/{page}?action=raw"))
            .text();
        let stands: u32 = raw
            .trim()
            .strip_prefix("number ")
            .and_then(|n| n.parse().ok())
            .unwrap_or(0);
        assert!(
            stands == last || stands == last + 1,
            "{page}: answered {last}, found {raw:?}"
        );
        let history = farm
            .visitor()
            .get(&format!("http://h.example/{page}?action=info"));
        let newest = history
            .attributes("table.revisions input[name=rev2]", "value")
            .into_iter()
            .next();
        assert!(
            stands < 2 || newest == Some(stands.to_string()),
            "{page}: {newest:?}"
        );
    }
    let mut writer = Writer::new(&farm, "P1");
    assert!(
        writer
            .visitor
            .edit("http://h.example/P1", "after the crash")
            .content()
            .contains("after the crash")
    );
}

#[test]
fn a_server_that_is_asked_to_end_ends_well() {
    let mut farm = farm();
    farm.visitor().get(NUMBER);
    assert_eq!(farm.terminate(), 0);
}
