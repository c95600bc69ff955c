//! `?action=sessions` and `?action=userprefs`: where one is logged in, ending it, and a new password.
//!
//! What asks for the password again, and when, is in `proof`; killing from outside in `kills`.

use crate::harness::{Answer, Farm, PASSWORD, SINGLE, Visitor};

const PAGE: &str = "http://h.example/Page";
const SESSIONS: &str = "http://h.example/Page?action=sessions";
const ACCOUNT: &str = "http://h.example/Page?action=userprefs";
const NEW: &str = "damsons and medlars";

/// One wiki with Ada, who is superuser, Mia and Tom.
fn farm() -> Farm {
    let farm = Farm::start(&format!("{SINGLE}superuser = [\"Ada\"]\n"));
    for name in ["Ada", "Mia", "Tom"] {
        farm.add_user("main", name, PASSWORD);
    }
    farm
}

fn logged_in(farm: &Farm, name: &str) -> Visitor {
    farm.logged_in(PAGE, name)
}

fn is_in(visitor: &mut Visitor) -> bool {
    visitor.get(PAGE).user().is_some()
}

fn handles(shown: &Answer) -> Vec<String> {
    shown.attributes("button[name=end]", "value")
}

fn end(visitor: &mut Visitor, handle: &str, more: &[(&str, &str)]) -> Answer {
    let fields = [&[("end", handle)], more].concat();
    visitor.submit(PAGE, "sessions", &fields)
}

fn change_password(visitor: &mut Visitor, old: &str, new: &str, again: &str) -> Answer {
    visitor.submit(
        PAGE,
        "userprefs",
        &[("old_password", old), ("password1", new), ("password2", again)],
    )
}

#[test]
fn a_guest_is_sent_to_log_in() {
    let farm = farm();
    for action in ["sessions", "userprefs"] {
        let answer = farm.visitor().get(&format!("{PAGE}?action={action}"));
        assert_eq!(answer.status, 303);
        assert_eq!(answer.header("location"), Some("/Page?action=login"));
    }
}

#[test]
fn the_list_shows_each_session_once_and_marks_the_one_in_use() {
    let farm = farm();
    let (mut here, _there, _tom) = (
        logged_in(&farm, "Mia"),
        logged_in(&farm, "Mia"),
        logged_in(&farm, "Tom"),
    );
    let shown = here.get_with(
        SESSIONS,
        &[(
            "user-agent",
            "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
        )],
    );
    assert_eq!(
        shown.attributes(".session time", "datetime").len(),
        4,
        "two sessions with two moments each"
    );
    assert_eq!(shown.attributes(".session .tag", "class").len(), 1);
    assert_eq!(handles(&shown).len(), 1, "the one in use is ended by logging out");
    assert!(shown.content().contains("Main"), "{}", shown.content());
    assert!(
        here.get(PAGE)
            .attributes(".visitor a", "href")
            .contains(&"/Page?action=sessions".to_owned())
    );
    assert_eq!(shown.header("cache-control"), Some("private, no-store"));
}

#[test]
fn no_id_stands_on_the_page() {
    let farm = farm();
    let (mut here, there) = (logged_in(&farm, "Mia"), logged_in(&farm, "Mia"));
    let shown = here.get(SESSIONS).text();
    for visitor in [&here, &there] {
        let id = visitor.jar.value("GRANGE_SESSION_ROOT").unwrap();
        for part in id.split('.').filter(|part| part.len() > 20) {
            assert!(!shown.contains(part));
        }
    }
}

#[test]
fn one_session_is_ended_and_the_others_go_on() {
    let farm = farm();
    let (mut here, mut there, mut third) = (
        logged_in(&farm, "Mia"),
        logged_in(&farm, "Mia"),
        logged_in(&farm, "Mia"),
    );
    let before = handles(&there.get(SESSIONS));
    let of_there: Vec<String> = handles(&here.get(SESSIONS))
        .into_iter()
        .filter(|handle| !before.contains(handle))
        .collect();
    assert_eq!(of_there.len(), 1);
    let told = end(&mut here, &of_there[0], &[]);
    assert_eq!(told.words(".message").as_deref(), Some("1 session ended."));
    assert!(!is_in(&mut there) && is_in(&mut here) && is_in(&mut third));
    assert_eq!(
        end(&mut here, &of_there[0], &[]).words(".message").as_deref(),
        Some("0 sessions ended.")
    );
}

#[test]
fn all_others_are_ended_at_once_and_nobody_elses() {
    let farm = farm();
    let (mut here, mut there, mut third) = (
        logged_in(&farm, "Mia"),
        logged_in(&farm, "Mia"),
        logged_in(&farm, "Mia"),
    );
    let mut tom = logged_in(&farm, "Tom");
    let told = here.submit(PAGE, "sessions", &[("end_others", "1")]);
    assert_eq!(told.words(".message").as_deref(), Some("2 sessions ended."));
    assert!(!is_in(&mut there) && !is_in(&mut third) && is_in(&mut here) && is_in(&mut tom));
}

#[test]
fn nobody_ends_the_session_of_another_user() {
    let farm = farm();
    let (mut mia, mut tom, mut toms_other) = (
        logged_in(&farm, "Mia"),
        logged_in(&farm, "Tom"),
        logged_in(&farm, "Tom"),
    );
    let _mias_other = logged_in(&farm, "Mia");
    let stolen = handles(&toms_other.get(SESSIONS)).remove(0);
    let told = end(&mut mia, &stolen, &[]);
    assert_eq!(told.words(".message").as_deref(), Some("0 sessions ended."));
    for more in [("name", "Tom"), ("name", "tom")] {
        let form = mia.get(SESSIONS);
        let ticket = form.ticket("sessions").unwrap_or_default();
        let refused = mia.post(SESSIONS, &[("ticket", &ticket), ("end", &stolen), more]);
        assert_eq!(refused.status, 403);
    }
    assert_eq!(mia.get(&format!("{SESSIONS}&name=Tom")).status, 403);
    assert!(is_in(&mut tom) && is_in(&mut toms_other));
}

#[test]
fn a_session_of_another_realm_is_not_ended() {
    let farm = Farm::start("[wiki.one]\nat = [\"one.example\"]\n[wiki.two]\nat = [\"two.example\"]\n");
    for wiki in ["one", "two"] {
        farm.add_user(wiki, "Mia", PASSWORD);
    }
    let mut one = farm.logged_in("http://one.example/Page", "Mia");
    let mut two = farm.logged_in("http://two.example/Page", "Mia");
    let mut twos_other = farm.logged_in("http://two.example/Page", "Mia");
    let handle = handles(&two.get("http://two.example/Page?action=sessions")).remove(0);
    let _second = farm.logged_in("http://one.example/Page", "Mia");
    let told = one.submit("http://one.example/Page", "sessions", &[("end", &handle)]);
    assert_eq!(told.words(".message").as_deref(), Some("0 sessions ended."));
    assert!(twos_other.get("http://two.example/Page").user().is_some());
}

#[test]
fn junk_for_a_handle_ends_nothing() {
    let farm = farm();
    let (mut mia, mut other) = (logged_in(&farm, "Mia"), logged_in(&farm, "Mia"));
    for junk in [
        "",
        "x",
        "../..",
        "00.0",
        &format!("{}.99999999999999999999", "0".repeat(64)),
    ] {
        let answer = mia.fill_in(PAGE, "sessions", &[("end", junk)]);
        assert_eq!(answer.status, 400, "{junk}");
    }
    assert_eq!(mia.fill_in(PAGE, "sessions", &[]).status, 400);
    let ticketless = mia.post(SESSIONS, &[("end_others", "1")]);
    assert_eq!(ticketless.status, 403);
    assert!(is_in(&mut other));
}

#[test]
fn a_superuser_sees_and_ends_the_sessions_of_any_user() {
    let farm = farm();
    let (mut ada, mut mia, mut other) = (
        logged_in(&farm, "Ada"),
        logged_in(&farm, "Mia"),
        logged_in(&farm, "Mia"),
    );
    let _adas_other = logged_in(&farm, "Ada");
    let shown = ada.get(&format!("{SESSIONS}&name=mia"));
    assert_eq!(shown.words("h1").as_deref(), Some("Sessions of Mia"));
    let listed = handles(&shown);
    assert_eq!(listed.len(), 2);
    let told = end(&mut ada, &listed[0], &[("name", "Mia")]);
    assert_eq!(told.words(".message").as_deref(), Some("1 session ended."));
    assert_eq!(usize::from(is_in(&mut mia)) + usize::from(is_in(&mut other)), 1);
    let told = ada.submit(PAGE, "sessions", &[("name", "Mia"), ("end_others", "1")]);
    assert_eq!(told.words(".message").as_deref(), Some("1 session ended."));
    assert!(!is_in(&mut mia) && !is_in(&mut other) && is_in(&mut ada));
    assert_eq!(ada.get(&format!("{SESSIONS}&name=Nobody")).status, 404);
    let log = farm.log();
    assert!(
        log.lines()
            .any(|line| line.contains("session_ended") && line.contains("audit")),
        "{log}"
    );
}

#[test]
fn while_acting_the_list_is_the_superusers_own() {
    let farm = farm();
    let (mut ada, _other, mut mia) = (
        logged_in(&farm, "Ada"),
        logged_in(&farm, "Ada"),
        logged_in(&farm, "Mia"),
    );
    ada.submit(PAGE, "suid", &[("name", "Mia"), ("reason", "")]);
    let told = ada.submit(PAGE, "sessions", &[("end_others", "1")]);
    assert_eq!(told.words(".message").as_deref(), Some("1 session ended."));
    assert!(is_in(&mut mia), "Mia's own are not touched");
    assert_eq!(ada.get(ACCOUNT).status, 403, "nor is her password");
}

#[test]
fn a_new_password_ends_all_other_sessions_and_this_one_goes_on_under_a_new_id() {
    let farm = farm();
    let (mut here, mut there, mut tom) = (
        logged_in(&farm, "Mia"),
        logged_in(&farm, "Mia"),
        logged_in(&farm, "Tom"),
    );
    let before = here.clone();
    let told = change_password(&mut here, PASSWORD, NEW, NEW);
    assert_eq!(
        told.words(".message").as_deref(),
        Some("Your password is changed. 1 session ended.")
    );
    assert!(is_in(&mut here) && !is_in(&mut there) && is_in(&mut tom));
    assert!(!is_in(&mut before.clone()), "the old id is dead");
    assert!(here.get(PAGE).user().is_some() && here.edit(PAGE, "still Mia").status == 200);
    assert_eq!(farm.visitor().log_in(PAGE, "Mia", PASSWORD).user(), None);
    assert_eq!(
        farm.visitor().log_in(PAGE, "Mia", NEW).user().as_deref(),
        Some("Mia")
    );
    assert!(farm.log().contains("password_changed"));
    assert!(!farm.log().contains(NEW) && !farm.log().contains(PASSWORD));
}

#[test]
fn a_new_password_ends_sessions_in_every_realm_of_the_user_directory() {
    let farm = Farm::start(
        "[defaults]\nuser_dir = \"wikis/_u\"\n[wiki.one]\nat = [\"one.example\"]\n[wiki.two]\nat = [\"two.example\"]\n",
    );
    farm.add_user("one", "Mia", PASSWORD);
    let mut one = farm.logged_in("http://one.example/Page", "Mia");
    let mut two = farm.logged_in("http://two.example/Page", "Mia");
    let fields = [("old_password", PASSWORD), ("password1", NEW), ("password2", NEW)];
    one.submit("http://one.example/Page", "userprefs", &fields);
    assert!(one.get("http://one.example/Page").user().is_some());
    assert_eq!(two.get("http://two.example/Page").user(), None);
}

#[test]
fn a_password_is_changed_only_with_the_current_one_and_a_good_new_one() {
    let farm = farm();
    let (mut mia, mut other) = (logged_in(&farm, "Mia"), logged_in(&farm, "Mia"));
    for (old, new, again, sentence) in [
        ("wrong guess", NEW, NEW, "not your current password"),
        ("", NEW, NEW, "not your current password"),
        (PASSWORD, NEW, "damsons", "not the same"),
        (PASSWORD, "short", "short", "at least"),
    ] {
        let refused = change_password(&mut mia, old, new, again);
        let told = refused.words(".message").unwrap_or_default();
        assert!(refused.status == 200 && told.contains(sentence), "{told}");
        assert!(!refused.text().contains(NEW), "no password is sent back");
    }
    assert!(is_in(&mut mia) && is_in(&mut other));
    assert_eq!(
        farm.visitor().log_in(PAGE, "Mia", PASSWORD).user().as_deref(),
        Some("Mia")
    );
}

#[test]
fn guesses_at_the_current_password_are_limited_as_logins_are() {
    let farm = farm();
    let mut mia = logged_in(&farm, "Mia");
    for _ in 0..5 {
        assert_eq!(change_password(&mut mia, "wrong guess", NEW, NEW).status, 200);
    }
    let refused = change_password(&mut mia, PASSWORD, NEW, NEW);
    assert_eq!(refused.status, 429);
    assert!(refused.header("retry-after").is_some());
    assert_eq!(
        farm.visitor()
            .fill_in(PAGE, "login", &[("name", "Mia"), ("password", PASSWORD)])
            .status,
        429
    );
}

#[test]
fn both_actions_can_be_turned_off() {
    let farm = Farm::start(&format!(
        "{SINGLE}actions_excluded = [\"sessions\", \"userprefs\"]\n"
    ));
    farm.add_user("main", "Mia", PASSWORD);
    let mut mia = logged_in(&farm, "Mia");
    assert_eq!((mia.get(SESSIONS).status, mia.get(ACCOUNT).status), (403, 403));
    assert!(!mia.get(PAGE).has(".visitor a"), "no link leads to a refusal");
}

#[test]
fn a_link_does_not_make_a_page_say_what_was_never_done() {
    let farm = farm();
    let mut mia = logged_in(&farm, "Mia");
    for (address, lie) in [
        ("action=sessions&ended=77", "77 sessions ended"),
        ("action=userprefs&changed=3", "Your password is changed"),
        ("action=sessions&ended=77&seal=AAAA", "77 sessions ended"),
    ] {
        let shown = mia.get(&format!("{PAGE}?{address}"));
        assert_eq!(shown.status, 200, "{address}");
        assert!(!shown.text().contains(lie), "{address}");
    }
}
