//! Attacks that once worked, each kept as the claim that it does not any more.
//!
//! What belongs to one piece of code is tested beside it; here stands what takes the whole server.

use crate::harness::{Farm, PASSWORD, SINGLE};

const PAGE: &str = "http://h.example/Page";

fn farm() -> Farm {
    let farm = Farm::start(SINGLE);
    farm.add_user("main", "Mia", PASSWORD);
    farm
}

#[test]
fn a_form_without_a_text_is_refused_when_it_is_as_large_as_a_page() {
    let farm = farm();
    let long = "x".repeat(500_000);
    let answer = farm
        .visitor()
        .fill_in(PAGE, "login", &[("name", "Mia"), ("password", &long)]);
    assert_eq!(answer.status, 413);
    let mut mia = farm.visitor();
    mia.log_in(PAGE, "Mia", PASSWORD);
    assert_eq!(mia.edit(PAGE, &long).status, 200, "a text still fits");
}

#[test]
fn a_form_of_a_million_fields_is_refused_before_it_is_taken_apart() {
    let farm = farm();
    let mut mia = farm.visitor();
    mia.log_in(PAGE, "Mia", PASSWORD);
    let fields = vec![("a", ""); 500_000];
    assert_eq!(mia.post(&format!("{PAGE}?action=edit"), &fields).status, 400);
}

#[test]
fn a_text_of_somebody_who_may_not_write_is_not_even_read() {
    let farm = farm();
    let head = "POST /Page?action=edit HTTP/1.1\r\nHost: h.example\r\nContent-Length: 3000000\r\nConnection: close\r\n\r\n";
    let answer = farm.visitor().raw(head.as_bytes());
    assert!(answer.starts_with("HTTP/1.1 403 "), "{answer}");
}

#[test]
fn a_failed_login_with_an_endless_name_leaves_a_short_line_in_the_log() {
    let farm = farm();
    let name = "N".repeat(20_000);
    let failed = farm
        .visitor()
        .fill_in(PAGE, "login", &[("name", &name), ("password", "guess")]);
    assert_eq!(failed.status, 200);
    let log = farm.log();
    let line = log
        .lines()
        .find(|line| line.contains("login_failed"))
        .expect("the failure is told");
    assert!(line.contains("NNNN") && line.len() < 500, "{} bytes", line.len());
}

#[test]
fn an_endless_comment_does_not_make_the_history_endless() {
    let farm = farm();
    let mut mia = farm.visitor();
    mia.log_in(PAGE, "Mia", PASSWORD);
    let comment = format!("why\r\n{}", "c".repeat(400_000));
    let fields = [
        ("rev", "0"),
        ("savetext", "plums"),
        ("comment", comment.as_str()),
        ("button_save", "Save"),
    ];
    assert_eq!(mia.fill_in(PAGE, "edit", &fields).status, 303);
    let history = mia.get(&format!("{PAGE}?action=info")).text();
    assert!(
        history.contains("why") && history.len() < 20_000,
        "{} bytes",
        history.len()
    );
}

#[test]
fn the_difference_of_two_texts_without_a_common_line_has_an_end() {
    let farm = farm();
    let mut mia = farm.visitor();
    mia.log_in(PAGE, "Mia", PASSWORD);
    mia.edit(PAGE, &"a\n".repeat(200_000));
    mia.edit(PAGE, &"b\n".repeat(200_000));
    let shown = mia.get(&format!("{PAGE}?action=diff"));
    assert_eq!(shown.status, 200);
    assert!(shown.text().contains("More lines changed than can be shown"));
    assert!(shown.text().len() < 5_000_000, "{} bytes", shown.text().len());
}

#[test]
fn an_own_origin_in_front_does_not_hide_a_foreign_one() {
    let farm = farm();
    let mut visitor = farm.visitor();
    let url = format!("{PAGE}?action=login");
    let ticket = visitor.get(&url).ticket("login").expect("a ticket");
    let fields = [
        ("ticket", ticket.as_str()),
        ("name", "Mia"),
        ("password", PASSWORD),
    ];
    let (own, foreign) = (("origin", "http://h.example"), ("origin", "http://evil.example"));
    assert_eq!(visitor.post_with(&url, &fields, &[own, foreign]).status, 403);
    let sites = [
        ("sec-fetch-site", "same-origin"),
        ("sec-fetch-site", "cross-site"),
    ];
    assert_eq!(visitor.post_with(&url, &fields, &sites).status, 403);
    assert_eq!(visitor.post_with(&url, &fields, &[own]).status, 303);
}

#[test]
fn whatever_stands_behind_the_question_mark_a_page_that_does_not_read_it_is_made_once() {
    let farm = farm();
    farm.put_page("main", "Plain", "Nothing but words.");
    let mut visitor = farm.visitor();
    let plain = visitor.get("http://h.example/Plain");
    let tag = plain.header("etag").expect("a kept page").to_owned();
    for query in ["x=1", "x=2&y", "utm_source=elsewhere"] {
        let same = visitor.get(&format!("http://h.example/Plain?{query}"));
        assert_eq!(same.header("etag"), Some(&*tag), "{query}");
    }
    let said = visitor.get("http://h.example/Plain?logged_out=1");
    assert!(said.header("etag").is_none() && said.text().contains("logged out"));
    assert_eq!(visitor.get("http://h.example/Plain").text(), plain.text());
}
