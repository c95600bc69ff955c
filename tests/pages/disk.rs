//! What happens below the server: files of the underlay, other processes, and the power cable.

use std::sync::mpsc;
use std::thread;

use super::{OPEN, at, editor, raw};
use crate::harness::{Farm, Visitor};

/// Looks again until a claim holds; what is noticed in the background gets ten seconds.
fn eventually(mut claim: impl FnMut() -> bool) -> bool {
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(10);
    while std::time::Instant::now() < deadline {
        if claim() {
            return true;
        }
        thread::yield_now();
    }
    false
}

#[test]
fn files_of_the_underlay_are_pages_and_their_changes_are_noticed() {
    let farm = Farm::prepare(OPEN);
    farm.write("wikis/main/pages/Plums.md", "green\n");
    farm.write("wikis/main/pages/Fruit/Stone fruit.md", "below\n");
    let mut farm = farm;
    farm.restart();
    let mut visitor = farm.visitor();
    assert_eq!(visitor.get(&at("Plums")).content(), "green");
    assert_eq!(visitor.get(&at("Fruit/Stone%20fruit")).content(), "below");
    farm.write("wikis/main/pages/Plums.md", "blue, and ripe\n");
    assert!(eventually(
        || visitor.get(&at("Plums")).content() == "blue, and ripe"
    ));
    farm.write("wikis/main/pages/Quinces.md", "hard\n");
    assert!(
        eventually(|| visitor.get(&at("Quinces")).status == 200),
        "a new file is a new page"
    );
    std::fs::remove_file(farm.path().join("wikis/main/pages/Quinces.md")).unwrap();
    assert!(
        eventually(|| visitor.get(&at("Quinces")).status == 404),
        "a file that went is a page that went"
    );
}

#[test]
fn help_pages_of_the_farm_stand_below_every_wikis_own() {
    let farm = Farm::prepare(OPEN);
    farm.write("wikis/_shared/pages/Help.md", "for all\n");
    farm.write("wikis/_shared/pages/Plums.md", "for all\n");
    farm.write("wikis/main/pages/Plums.md", "for main\n");
    let mut farm = farm;
    farm.restart();
    let mut visitor = farm.visitor();
    assert_eq!(visitor.get(&at("Help")).content(), "for all");
    assert_eq!(visitor.get(&at("Plums")).content(), "for main");
}

#[test]
fn a_page_that_was_edited_no_longer_follows_its_file() {
    let farm = Farm::prepare(OPEN);
    farm.write("wikis/main/pages/Plums.md", "from the file\n");
    let mut farm = farm;
    farm.restart();
    let mut visitor = farm.visitor();
    visitor.edit(&at("Plums"), "from Ada\n");
    farm.write("wikis/main/pages/Plums.md", "from the file again\n");
    assert_eq!(visitor.get(&at("Plums")).content(), "from Ada");
    assert_eq!(
        std::fs::read_to_string(farm.path().join("wikis/main/pages/Plums.md")).unwrap(),
        "from the file again\n"
    );
}

#[test]
fn what_the_command_line_saves_is_seen_on_the_next_view() {
    let farm = Farm::start(OPEN);
    let mut visitor = farm.visitor();
    for number in 1..=5 {
        farm.put_page("main", "Plums", &format!("number {number}"));
        assert_eq!(visitor.get(&at("Plums")).content(), format!("number {number}"));
    }
}

#[test]
fn what_a_second_process_saves_is_seen_on_the_next_view() {
    let farm = Farm::start(OPEN);
    let second = farm.second_process();
    let (mut here, mut there) = (farm.visitor(), second.visitor());
    for number in 1..=5 {
        there.edit(&at("Plums"), &format!("there {number}"));
        assert_eq!(here.get(&at("Plums")).content(), format!("there {number}"));
        here.edit(&at("Plums"), &format!("here {number}"));
        assert_eq!(there.get(&at("Plums")).content(), format!("here {number}"));
    }
}

/// Saves pages `{name}-1`, `{name}-2`, … until the server dies, and tells of each that was answered.
fn save_until_it_dies(mut visitor: Visitor, name: String, ticket: String, told: mpsc::Sender<String>) {
    for number in 1.. {
        let page = format!("{name}-{number}");
        let fields = [
            ("ticket", &*ticket),
            ("rev", "0"),
            ("savetext", &*page),
            ("button_save", "1"),
        ];
        match visitor.try_post(&format!("{}?action=edit", at(&page)), &fields) {
            Ok(answer) if answer.status == 303 => drop(told.send(page)),
            Ok(answer) => panic!("{page}: {} {}", answer.status, answer.text()),
            Err(_) => return,
        }
    }
}

#[test]
fn a_killed_server_has_lost_no_save_that_it_answered() {
    let mut farm = Farm::start(OPEN);
    for round in 1..=3 {
        let (ticket, _) = editor(&mut farm.visitor(), "New");
        let (told, answered) = mpsc::channel();
        let writers: Vec<_> = (1..=4)
            .map(|writer| {
                let (visitor, name) = (farm.visitor(), format!("Round{round}-{writer}"));
                let (ticket, told) = (ticket.clone(), told.clone());
                thread::spawn(move || save_until_it_dies(visitor, name, ticket, told))
            })
            .collect();
        drop(told);
        let mut saved: Vec<String> = answered.iter().take(40).collect();
        farm.kill();
        saved.extend(answered);
        writers.into_iter().for_each(|writer| writer.join().unwrap());
        farm.restart();
        let mut visitor = farm.visitor();
        for page in &saved {
            assert_eq!(&raw(&mut visitor, page), page);
        }
        assert!(saved.len() >= 40);
    }
}

/// Counts a part of the list up, on top of what stands there, until the server takes it.
fn count_up(visitor: &mut Visitor, part: u32) {
    loop {
        let form = visitor.get(&format!("{}?action=edit", at("List")));
        let (ticket, base) = (form.ticket("edit").unwrap(), form.field("rev").unwrap());
        let text = form.field("savetext").unwrap();
        let old = text
            .lines()
            .find(|line| line.starts_with(&format!("part {part}:")))
            .unwrap();
        let new = text.replace(old, &format!("{old}*"));
        let fields = [
            ("ticket", &*ticket),
            ("rev", &base),
            ("savetext", &new),
            ("button_save", "1"),
        ];
        match visitor
            .post(&format!("{}?action=edit", at("List")), &fields)
            .status
        {
            303 => return,
            status => assert_eq!(status, 409),
        }
    }
}

#[test]
fn many_who_change_one_page_at_once_lose_nothing() {
    let farm = Farm::start(OPEN);
    farm.put_page(
        "main",
        "List",
        &(1..=6)
            .map(|part| format!("part {part}:\n\n---\n\n"))
            .collect::<String>(),
    );
    thread::scope(|scope| {
        for part in 1..=6 {
            let mut visitor = farm.visitor();
            scope.spawn(move || (0..5).for_each(|_| count_up(&mut visitor, part)));
        }
    });
    let text = raw(&mut farm.visitor(), "List");
    let parts: Vec<&str> = text.lines().filter(|line| line.starts_with("part")).collect();
    assert_eq!(
        parts,
        (1..=6)
            .map(|part| format!("part {part}:*****"))
            .collect::<Vec<_>>()
    );
}
