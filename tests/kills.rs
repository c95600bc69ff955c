//! Ending sessions from outside: `grange session …` beside a running server, and what a changed account means.

use crate::harness::{Farm, PASSWORD, SINGLE, Visitor};

const START: &str = "http://h.example/Start";
const NUMBER: &str = "http://h.example/Number";

/// One wiki with guest sessions, Mia and Tom.
fn farm() -> Farm {
    let farm = Farm::start(&format!("{SINGLE}cookie_lifetime = [1, 12]\n"));
    farm.put_page("main", "Number", "<<SessionTest>>");
    farm.add_user("main", "Mia", PASSWORD);
    farm.add_user("main", "Tom", PASSWORD);
    farm
}

fn logged_in(farm: &Farm, name: &str) -> Visitor {
    farm.logged_in(START, name)
}

fn guest(farm: &Farm) -> Visitor {
    let mut visitor = farm.visitor();
    visitor.get(NUMBER);
    assert!(visitor.get(NUMBER).content().starts_with("Set to value "));
    visitor
}

fn is_in(visitor: &mut Visitor) -> bool {
    visitor.get(START).user().is_some()
}

fn keeps_its_number(visitor: &mut Visitor) -> bool {
    visitor.get(NUMBER).content().starts_with("Loaded value ")
}

/// What `grange session …` on the wiki printed.
fn session(farm: &Farm, arguments: &[&str]) -> String {
    let told = farm.grange(&[&["session"], arguments, &["--wiki", "main"]].concat());
    assert_eq!(told.status, 0, "{told:?}");
    told.out.trim().to_owned()
}

#[test]
fn killing_a_user_ends_all_of_theirs_at_the_next_request_and_nobody_elses() {
    let farm = farm();
    let (mut one, mut two) = (logged_in(&farm, "Mia"), logged_in(&farm, "Mia"));
    let (mut tom, mut guest) = (logged_in(&farm, "Tom"), guest(&farm));
    assert_eq!(session(&farm, &["kill", "Mia"]), "2 sessions ended");
    assert!(!is_in(&mut one) && !is_in(&mut two));
    assert!(is_in(&mut tom) && keeps_its_number(&mut guest));
    assert_eq!(
        session(&farm, &["kill", "Mia"]),
        "0 sessions ended",
        "they are counted once"
    );
    assert!(
        is_in(&mut logged_in(&farm, "Mia")),
        "a new login is a new session"
    );
}

#[test]
fn killing_guests_leaves_users_alone() {
    let farm = farm();
    let (mut one, mut two, mut mia) = (guest(&farm), guest(&farm), logged_in(&farm, "Mia"));
    assert_eq!(session(&farm, &["kill", "__guest__"]), "2 sessions ended");
    assert!(!keeps_its_number(&mut one) && !keeps_its_number(&mut two));
    assert!(is_in(&mut mia));
}

#[test]
fn killing_all_ends_everybodys() {
    let farm = farm();
    let (mut guest, mut mia, mut tom) = (guest(&farm), logged_in(&farm, "Mia"), logged_in(&farm, "Tom"));
    assert_eq!(session(&farm, &["kill", "--all"]), "3 sessions ended");
    assert!(!is_in(&mut mia) && !is_in(&mut tom) && !keeps_its_number(&mut guest));
}

#[test]
fn a_killed_session_takes_its_cookie_back_and_cannot_be_brought_to_life() {
    let farm = Farm::start(SINGLE);
    farm.add_user("main", "Mia", PASSWORD);
    farm.put_page("main", "Number", "<<SessionTest>>");
    let mut mia = logged_in(&farm, "Mia");
    let before = mia.clone();
    session(&farm, &["kill", "Mia"]);
    let line = mia.get(NUMBER).cookie_line().unwrap();
    assert!(
        line.starts_with("GRANGE_SESSION_ROOT=; Path=/; Max-Age=0;"),
        "{line}"
    );
    for _ in 0..3 {
        assert_eq!(
            before.clone().get(NUMBER).content(),
            "Not storing any state until you send a cookie."
        );
    }
    assert_eq!(session(&farm, &["list"]), "no sessions");
}

#[test]
fn a_cookie_given_out_before_guests_were_killed_begins_nothing() {
    let farm = farm();
    let mut visitor = farm.visitor();
    visitor.get(NUMBER);
    session(&farm, &["kill", "__guest__"]);
    visitor.get(NUMBER);
    assert!(!keeps_its_number(&mut visitor), "nothing was stored under it");
}

#[test]
fn the_list_names_users_guests_and_where_they_came_in() {
    let farm = farm();
    let (_mia, _guest) = (logged_in(&farm, "Mia"), guest(&farm));
    let list = session(&farm, &["list"]);
    assert_eq!(list.lines().count(), 2, "{list}");
    assert!(list.lines().any(|line| line.contains("\tMia\tmain\t")), "{list}");
    assert!(
        list.lines().any(|line| line.contains("\t__guest__\tmain\t")),
        "{list}"
    );
    assert_eq!(session(&farm, &["list", "--user", "Mia"]).lines().count(), 1);
    let rows: serde_json::Value = serde_json::from_str(&session(&farm, &["list", "--json"])).unwrap();
    assert_eq!(rows.as_array().unwrap().len(), 2);
}

#[test]
fn a_kill_through_one_wiki_holds_on_all_that_share_its_sessions() {
    let group = "[group.g]\ncookie_name = \"g\"\nsession_dir = \"wikis/_g/sessions\"\nuser_dir = \"wikis/_g/users\"\n\n";
    let farm = Farm::start(&format!(
        "{group}[wiki.one]\nat = [\"h.example/one\"]\ngroup = \"g\"\n\n[wiki.two]\nat = [\"h.example/two\"]\ngroup = \"g\"\n"
    ));
    farm.add_user("one", "Mia", PASSWORD);
    let mut mia = farm.visitor();
    mia.log_in("http://h.example/one/Start", "Mia", PASSWORD);
    let told = farm.grange(&["session", "kill", "Mia", "--wiki", "two"]);
    assert_eq!(told.out.trim(), "1 session ended", "{told:?}");
    assert_eq!(mia.get("http://h.example/one/Start").user(), None);
}

#[test]
fn a_kill_holds_on_every_server_of_the_farm() {
    let farm = farm();
    let second = farm.second_process();
    let mut here = logged_in(&farm, "Mia");
    let mut there = here.clone().at(second.address());
    assert!(is_in(&mut here) && is_in(&mut there));
    session(&farm, &["kill", "Mia"]);
    assert!(!is_in(&mut here) && !is_in(&mut there));
}

#[test]
fn a_sweep_removes_what_is_over_and_no_living_session() {
    let farm = farm();
    let (mut mia, mut guest) = (logged_in(&farm, "Mia"), guest(&farm));
    let _tom = logged_in(&farm, "Tom");
    assert_eq!(session(&farm, &["sweep"]), "0 ended sessions removed");
    session(&farm, &["kill", "Tom"]);
    let swept = session(&farm, &["sweep"]);
    assert!(swept.ends_with("removed"), "{swept}");
    assert!(is_in(&mut mia) && keeps_its_number(&mut guest));
}

#[test]
fn killing_a_user_that_does_not_exist_is_refused() {
    let farm = farm();
    let told = farm.grange(&["session", "kill", "Nobody", "--wiki", "main"]);
    assert_eq!(told.status, 2, "{told:?}");
    assert!(told.err.contains("Nobody"), "{told:?}");
}

#[test]
fn a_new_password_ends_every_session_of_the_user_and_the_old_password() {
    let farm = farm();
    let (mut one, mut two, mut tom) = (
        logged_in(&farm, "Mia"),
        logged_in(&farm, "Mia"),
        logged_in(&farm, "Tom"),
    );
    let told = farm.grange_with_input(
        &["user", "passwd", "Mia", "--wiki", "main", "--password-stdin"],
        "apples and pears\n",
    );
    assert_eq!(told.status, 0, "{told:?}");
    assert!(!is_in(&mut one) && !is_in(&mut two) && is_in(&mut tom));
    assert_eq!(farm.visitor().log_in(START, "Mia", PASSWORD).user(), None);
    assert_eq!(
        farm.visitor()
            .log_in(START, "Mia", "apples and pears")
            .user()
            .as_deref(),
        Some("Mia")
    );
}

#[test]
fn a_disabled_user_is_out_and_stays_out_until_a_new_login() {
    let farm = farm();
    let mut mia = logged_in(&farm, "Mia");
    let before = mia.clone();
    assert_eq!(
        farm.grange(&["user", "disable", "Mia", "--wiki", "main"]).status,
        0
    );
    assert!(!is_in(&mut mia));
    let refused = farm.visitor().log_in(START, "Mia", PASSWORD);
    assert!(refused.text().contains("Invalid user name or password."));
    assert_eq!(
        farm.grange(&["user", "enable", "Mia", "--wiki", "main"]).status,
        0
    );
    assert!(!is_in(&mut before.clone()), "the old session stays dead");
    assert!(is_in(&mut logged_in(&farm, "Mia")));
}

#[test]
fn a_user_disabled_and_enabled_between_two_requests_is_out_too() {
    let farm = farm();
    let mut mia = logged_in(&farm, "Mia");
    farm.grange(&["user", "disable", "Mia", "--wiki", "main"]);
    farm.grange(&["user", "enable", "Mia", "--wiki", "main"]);
    assert!(!is_in(&mut mia));
}

#[test]
fn a_deleted_user_is_out_and_the_name_made_anew_is_another_account() {
    let farm = farm();
    let mut mia = logged_in(&farm, "Mia");
    assert_eq!(
        farm.grange(&["user", "delete", "Mia", "--wiki", "main"]).status,
        0
    );
    farm.add_user("main", "Mia", PASSWORD);
    assert!(!is_in(&mut mia), "the old session is not the new Mia's");
}

/// Two wikis that share sessions and one apart, each with Mia.
fn three_wikis() -> Farm {
    let farm = Farm::start(
        "[group.g]\ncookie_name = \"g\"\nsession_dir = \"wikis/_g/sessions\"\nuser_dir = \"wikis/_g/users\"\n\n\
         [wiki.one]\nat = [\"one.example\"]\ngroup = \"g\"\n\n[wiki.two]\nat = [\"two.example\"]\ngroup = \"g\"\n\n\
         [wiki.apart]\nat = [\"apart.example\"]\n\n[wiki.unused]\nat = [\"unused.example\"]\n",
    );
    for wiki in ["one", "apart"] {
        farm.add_user(wiki, "Mia", PASSWORD);
    }
    farm
}

#[test]
fn without_a_wiki_all_realms_of_the_farm_are_asked_and_each_is_counted() {
    let farm = three_wikis();
    let pages = [
        "http://one.example/P",
        "http://two.example/P",
        "http://apart.example/P",
    ];
    let mut mias: Vec<Visitor> = pages.iter().map(|page| farm.logged_in(page, "Mia")).collect();
    let listed = farm.grange(&["session", "list"]);
    assert_eq!((listed.status, listed.out.lines().count()), (0, 3), "{listed:?}");
    let rows: serde_json::Value =
        serde_json::from_str(&farm.grange(&["session", "list", "--json"]).out).unwrap();
    assert_eq!(rows.as_array().unwrap().len(), 3);
    let told = farm.grange(&["session", "kill", "Mia"]);
    assert_eq!(
        (told.status, told.out.trim()),
        (
            0,
            "one, two: 2 sessions ended\napart: 1 session ended\n3 sessions ended"
        ),
        "{told:?}"
    );
    for (mia, page) in mias.iter_mut().zip(pages) {
        assert_eq!(mia.get(page).user(), None);
    }
    assert_eq!(farm.grange(&["session", "list"]).out.trim(), "no sessions");
    assert!(!farm.path().join("wikis/unused").exists(), "nothing is made");
}

#[test]
fn killing_guests_and_all_and_sweeping_need_no_wiki_either() {
    let farm = three_wikis();
    let mut mia = farm.logged_in("http://apart.example/P", "Mia");
    assert_eq!(
        farm.grange(&["session", "kill", "__guest__"]).out.trim(),
        "0 sessions ended"
    );
    let told = farm.grange(&["session", "kill", "--all", "--json"]);
    let said: serde_json::Value = serde_json::from_str(&told.out).unwrap();
    assert_eq!(
        (&said["ended"], &said["realms"][0]["wikis"][0]),
        (&1.into(), &"apart".into()),
        "{told:?}"
    );
    assert_eq!(mia.get("http://apart.example/P").user(), None);
    let swept = farm.grange(&["session", "sweep"]);
    assert!(
        swept.status == 0 && swept.out.trim().ends_with("removed"),
        "{swept:?}"
    );
    let nobody = farm.grange(&["session", "kill", "Nobody"]);
    assert!(
        nobody.status == 2 && nobody.err.contains("no account \"Nobody\""),
        "{nobody:?}"
    );
}
