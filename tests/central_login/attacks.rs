//! Central login under attack: stolen, swapped and replayed codes, foreign forms, and addresses that lead astray.
//!
//! Each claim ends with what the attacker did not get, and where it matters with the right visitor getting through.

use super::*;

#[test]
fn a_code_is_good_once_also_between_servers_and_after_a_restart() {
    let mut farm = farm();
    let second = farm.second_process();
    let mut visitor = farm.visitor();
    let way = set_out(&mut visitor, &format!("{HERE}Start"));
    let form = prove(&mut visitor, "Mia", way);
    let thief = visitor.clone();
    assert_eq!(bring(&mut visitor.at(second.address()), &form).status, 303);
    let again = bring(&mut thief.clone(), &form);
    assert_eq!(again.status, 403);
    assert!(again.content().contains("used already"), "{}", again.content());
    farm.restart();
    let again = bring(&mut thief.at(farm.address(0)), &form);
    assert_eq!(again.status, 403);
}

#[test]
fn a_stolen_code_lets_no_other_browser_in() {
    let farm = farm();
    let mut visitor = farm.visitor();
    let way = set_out(&mut visitor, &format!("{HERE}Start"));
    let form = prove(&mut visitor, "Mia", way);
    let mut thief = farm.visitor();
    set_out(&mut thief, &format!("{HERE}Start"));
    let refused = bring(&mut thief, &form);
    assert_eq!(refused.status, 403);
    assert!(
        refused.content().contains("another browser"),
        "{}",
        refused.content()
    );
    assert_eq!(user(&mut thief, HERE), None);
    let late = bring(&mut visitor, &form);
    assert_eq!(late.status, 403, "a code that was shown by a thief is dead");
}

#[test]
fn nobody_is_logged_in_as_somebody_who_sends_them_a_code() {
    let farm = farm();
    farm.add_user("wiki", "Mallory", PASSWORD);
    let mut mallory = farm.visitor();
    let way = set_out(&mut mallory, &format!("{HERE}Start"));
    let form = prove(&mut mallory, "Mallory", way);
    // A page of hers posts it in the victim's browser, and then as if it came from the login.
    let mut victim = farm.visitor();
    set_out(&mut victim, &format!("{HERE}Start"));
    assert_eq!(hop(&mut victim, &form, "https://mallory.example").status, 403);
    assert_eq!(bring(&mut victim, &form).status, 403);
    assert_eq!(user(&mut victim, HERE), None);
}

#[test]
fn a_code_for_one_wiki_is_nothing_on_another() {
    let farm = farm();
    let mut visitor = farm.visitor();
    let way = set_out(&mut visitor, &format!("{HERE}Start"));
    let mut form = prove(&mut visitor, "Mia", way);
    set_out(&mut visitor, &format!("{ALSO}Start"));
    form.action = form.action.replace(host(HERE), host(ALSO));
    let refused = bring(&mut visitor, &form);
    assert_eq!(refused.status, 403);
    assert!(refused.content().contains("no login for this wiki"));
    assert_eq!(user(&mut visitor, ALSO), None);
}

#[test]
fn codes_that_nobody_gave_are_refused_calmly() {
    let farm = farm();
    let mut visitor = farm.visitor();
    set_out(&mut visitor, &format!("{HERE}Start"));
    let cookie = visitor.jar.cookies()[0].value.clone();
    let long = "x".repeat(5000);
    for code in ["", "v1.a.b.c", "<script>", &cookie, &long] {
        let url = format!("{HERE}Start?action=handover");
        let answer = visitor.post(&url, &[("code", code), ("arrived", "1")]);
        assert_eq!(answer.status, 403, "{code}");
        assert!(answer.content().contains("Log in again"), "{}", answer.text());
        assert!(answer.has(".visitor a[href*='action=login']"), "a way to go on");
    }
}

#[test]
fn the_foreign_post_is_let_in_from_the_login_alone() {
    let farm = farm();
    let mut visitor = farm.visitor();
    let way = set_out(&mut visitor, &format!("{HERE}Start"));
    let form = prove(&mut visitor, "Mia", way);
    for foreign in [
        "https://mallory.example",
        "http://wiki.example.org",
        "https://wiki.example.org:8443",
        "https://wiki.example.org.mallory.example",
        "null",
        "https://notes.example.net",
        "https://blog.example.com",
    ] {
        assert_eq!(hop(&mut visitor, &form, foreign).status, 403, "{foreign}");
    }
    assert_eq!(form.send(&mut visitor, &[], &[]).status, 403, "no Origin at all");
    let both = [("origin", origin(THERE)), ("origin", "https://mallory.example")];
    assert_eq!(form.send(&mut visitor, &[], &both).status, 403);
    // The second step is for our own pages.
    let second = [("arrived", "1")];
    let from_there = form.send(&mut visitor, &second, &[("origin", origin(THERE))]);
    assert_eq!(from_there.status, 403);
    // And no other form is let in from there.
    for action in ["logout", "edit", "newaccount", "login"] {
        let url = format!("{HERE}Start?action={action}");
        let answer = visitor.post_with(&url, &[("ticket", "x")], &[("origin", origin(THERE))]);
        assert!([403, 409].contains(&answer.status), "{action}: {}", answer.status);
    }
    assert_eq!(
        bring(&mut visitor, &form).status,
        303,
        "none of it harmed the right one"
    );
}

#[test]
fn the_login_sends_nobody_to_a_wiki_that_does_not_log_in_there() {
    let farm = Farm::start(&config("[wiki.apart]\nat = [\"https://apart.example\"]\n"));
    farm.add_user("wiki", "Mia", PASSWORD);
    let mut visitor = farm.visitor();
    let state = "0".repeat(64);
    for query in [
        format!("handover=apart&state={state}"),
        format!("handover=wiki&state={state}"),
        format!("handover=nobody&state={state}"),
        format!("handover=https://mallory.example&state={state}"),
        "handover=notes&state=short".to_owned(),
        "handover=notes".to_owned(),
        format!("handover=notes&state={state}&page=%00"),
    ] {
        let answer = visitor.get(&format!("{THERE}Start?action=login&{query}"));
        assert_eq!(answer.status, 400, "{query}");
    }
    let shown = visitor.get(&format!(
        "{THERE}Start?action=login&handover=notes&state={state}&page=%2F%2Fmallory.example"
    ));
    if shown.status == 200 {
        let url = format!("{THERE}Start");
        let form = Form::on(&shown, &url);
        let answer = form.send(&mut visitor, &[("name", "Mia"), ("password", PASSWORD)], &[]);
        let target = Form::on(&answer, &url).action;
        assert!(target.starts_with(HERE), "{target}");
    }
}

#[test]
fn being_logged_in_there_hands_nothing_over_before_a_button_is_pressed() {
    let farm = farm();
    let mut visitor = farm.visitor();
    visitor.log_in(&format!("{THERE}Start"), "Mia", PASSWORD);
    let (url, asked) = set_out(&mut visitor, &format!("{HERE}Start"));
    assert_eq!(asked.status, 200);
    assert!(!asked.text().contains("name=\"code\""), "no code for a look");
    assert!(
        !asked.has("form[data-go-on]"),
        "and no script answers for the visitor"
    );
    let form = Form::on(&asked, &url);
    let without_ticket = Form {
        fields: vec![("go_on".into(), "1".into())],
        ..form.clone()
    };
    assert_eq!(without_ticket.send(&mut visitor, &[], &[]).status, 403);
    let foreign = form.send(&mut visitor, &[], &[("origin", "https://mallory.example")]);
    assert_eq!(foreign.status, 403);
}

#[test]
fn the_page_with_the_code_posts_to_the_one_host_and_keeps_the_code_out_of_sight() {
    let farm = farm();
    let mut visitor = farm.visitor();
    let (url, shown) = set_out(&mut visitor, &format!("{HERE}Start"));
    let form = Form::on(&shown, &url);
    let page = form.send(&mut visitor, &[("name", "Mia"), ("password", PASSWORD)], &[]);
    let policy = page.header("content-security-policy").unwrap();
    assert!(
        policy.contains("; form-action https://notes.example.net; "),
        "{policy}"
    );
    assert_eq!(page.header("referrer-policy"), Some("strict-origin"));
    assert_eq!(page.header("cache-control"), Some("private, no-store"));
    let given = Form::on(&page, &url);
    assert_eq!(given.action, format!("{HERE}Start?action=handover"));
    let code = given.field("code").to_owned();
    assert!(code.len() > 80 && !url.contains(&code));
    assert_eq!(bring(&mut visitor, &given).status, 303);
    let log = farm.log();
    assert!(
        log.contains("login_offered") && log.contains("handed_over"),
        "{log}"
    );
    let secret = code.split('.').nth(1).unwrap();
    assert!(!log.contains(secret), "a code in the log");
}

#[test]
fn an_attempt_that_another_one_replaced_is_told_so_and_can_be_begun_again() {
    let farm = farm();
    let mut visitor = farm.visitor();
    let first = set_out(&mut visitor, &format!("{HERE}Start"));
    let form = prove(&mut visitor, "Mia", first);
    set_out(&mut visitor, &format!("{HERE}Other"));
    let refused = bring(&mut visitor, &form);
    assert_eq!(refused.status, 403);
    assert!(
        refused.content().contains("another window"),
        "{}",
        refused.content()
    );
    log_in_across(&mut visitor, "Mia", &format!("{HERE}Start"));
    assert_eq!(user(&mut visitor, HERE), mia());
}

#[test]
fn what_a_guest_had_here_ends_with_the_login_but_for_what_persists() {
    let farm = farm();
    farm.put_page("notes", "Number", "<<SessionTest>>");
    let mut visitor = farm.visitor();
    visitor.get(&format!("{HERE}Number"));
    let guest = visitor.get(&format!("{HERE}Number")).content();
    assert!(guest.starts_with("Set to value "), "{guest}");
    let thief = visitor.clone();
    log_in_across(&mut visitor, "Mia", &format!("{HERE}Start"));
    let seen = visitor.get(&format!("{HERE}Number")).content();
    assert!(seen.starts_with("Set to value "), "a new session: {seen}");
    let old = thief.clone().get(&format!("{HERE}Number")).content();
    assert_eq!(
        old, "Not storing any state until you send a cookie.",
        "the old id is dead"
    );
}

#[test]
fn too_many_tries_are_counted_where_people_log_in() {
    let farm = farm();
    let mut visitor = farm.visitor();
    let (url, shown) = set_out(&mut visitor, &format!("{HERE}Start"));
    let form = Form::on(&shown, &url);
    let mut last = 0;
    for _ in 0..40 {
        let answer = form.send(
            &mut visitor,
            &[("name", "Mia"), ("password", "wrong and wrong")],
            &[],
        );
        last = answer.status;
        if last == 429 {
            break;
        }
        assert!(answer.has("#password"), "the form again, still for Notes");
        assert_eq!(Form::on(&answer, &url).action, form.action);
    }
    assert_eq!(last, 429);
    // Here no password is looked at at all.
    let here = visitor.post(
        &format!("{HERE}Start?action=login"),
        &[("name", "Mia"), ("password", PASSWORD)],
    );
    assert_eq!(here.status, 403);
    assert_eq!(user(&mut visitor, HERE), None);
}
