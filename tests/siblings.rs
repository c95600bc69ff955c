//! Wikis that share cookies or sessions without agreeing on everything: a visit to a sibling never destroys,
//! shortens or lengthens a session, and never takes one for somebody else's.
//!
//! Each test is a trap that shared farms of MoinMoin 1.9 fall into.

use crate::harness::{Farm, PASSWORD, Visitor};

const GROUP: &str =
    "[group.g]\ncookie_name = \"g\"\nsession_dir = \"wikis/_g/sessions\"\nuser_dir = \"wikis/_g/users\"\n\n";
const ONE: &str = "http://h.example/one/Number";
const TWO: &str = "http://h.example/two/Number";

/// Two wikis of one realm with settings of their own.
fn config(one: &str, two: &str) -> String {
    format!(
        "{GROUP}[wiki.one]\nat = [\"h.example/one\"]\ngroup = \"g\"\n{one}\n\n\
         [wiki.two]\nat = [\"h.example/two\"]\ngroup = \"g\"\n{two}\n"
    )
}

/// Those two wikis with Mia, and the sample macro on both.
fn realm(one: &str, two: &str) -> Farm {
    let farm = Farm::start(&config(one, two));
    for wiki in ["one", "two"] {
        farm.put_page(wiki, "Number", "<<SessionTest>>");
    }
    farm.add_user("one", "Mia", PASSWORD);
    farm
}

fn logged_in_on_one(farm: &Farm) -> Visitor {
    let mut visitor = farm.visitor();
    let welcome = visitor.log_in("http://h.example/one/Start", "Mia", PASSWORD);
    assert_eq!(welcome.user().as_deref(), Some("Mia"));
    visitor
}

/// The visitor looks around on the second wiki; nothing of the session on the first may change.
fn assert_unharmed(farm: &Farm, visitor: &mut Visitor) {
    let before = visitor.jar.cookies().to_vec();
    let value = visitor.get(ONE).content().replace("Set to", "Loaded");
    let listed = farm.grange(&["session", "list", "--wiki", "one", "--json"]).out;
    for path in [
        "Number",
        "Missing",
        "Number?action=edit",
        "Number?action=login",
        "Number?action=raw",
    ] {
        let answer = visitor.get(&format!("http://h.example/two/{path}"));
        assert!(
            answer.set_cookies().is_empty(),
            "{path}: {:?}",
            answer.set_cookies()
        );
    }
    assert_eq!(visitor.jar.cookies(), before);
    assert_eq!(visitor.get(ONE).content(), value);
    let still = farm.grange(&["session", "list", "--wiki", "one", "--json"]).out;
    assert_eq!(ids(&still), ids(&listed));
}

/// The keys and beginnings of listed sessions; when they were last seen may differ.
fn ids(list: &str) -> Vec<(String, String)> {
    let rows: Vec<serde_json::Value> = serde_json::from_str(list).unwrap();
    rows.iter()
        .map(|row| (row["key"].to_string(), row["created"].to_string()))
        .collect()
}

#[test]
fn a_sibling_without_guest_sessions_harms_no_guest() {
    let farm = realm("cookie_lifetime = [1, 12]", "cookie_lifetime = [0, 12]");
    let mut guest = farm.visitor();
    guest.get(ONE);
    guest.get(ONE);
    assert_unharmed(&farm, &mut guest);
    assert_eq!(
        guest.get(TWO).content(),
        "Not storing any state until you send a cookie."
    );
}

#[test]
fn a_cookie_that_waits_for_its_first_value_survives_a_sibling_without_guest_sessions() {
    let farm = realm("cookie_lifetime = [1, 12]", "cookie_lifetime = [0, 12]");
    let mut guest = farm.visitor();
    guest.get(ONE);
    assert!(guest.get(TWO).set_cookies().is_empty());
    assert!(guest.get(ONE).content().starts_with("Set to value "));
}

#[test]
fn a_sibling_where_nobody_can_log_in_ends_no_login() {
    let farm = realm("", "cookie_lifetime = [0, 0]");
    let mut visitor = logged_in_on_one(&farm);
    assert_unharmed(&farm, &mut visitor);
    assert_eq!(visitor.get(TWO).user(), None, "nobody is logged in there");
    assert_eq!(visitor.get(ONE).user().as_deref(), Some("Mia"));
}

#[test]
fn a_sibling_with_other_lifetimes_neither_shortens_nor_lengthens() {
    for two in [
        "cookie_lifetime = [0, 1]",
        "cookie_lifetime = [2, 900]",
        "cookie_lifetime = [0, -0.5]\nsession_life_time = 60",
    ] {
        let farm = realm("", two);
        let mut visitor = logged_in_on_one(&farm);
        let expires = |farm: &Farm| -> i64 {
            let store =
                rusqlite::Connection::open(farm.path().join("wikis/_g/sessions/sessions.db")).unwrap();
            store
                .query_row("SELECT expires - seen FROM sessions", [], |row| row.get(0))
                .unwrap()
        };
        let before = expires(&farm);
        assert_unharmed(&farm, &mut visitor);
        assert_eq!(visitor.get(TWO).user().as_deref(), Some("Mia"));
        assert_eq!(expires(&farm), before, "{two}");
    }
}

#[test]
fn a_sibling_with_a_guest_lifetime_does_not_begin_a_second_session_for_a_user() {
    let farm = realm("cookie_lifetime = [0, 12]", "cookie_lifetime = [5, 12]");
    let mut visitor = logged_in_on_one(&farm);
    assert_unharmed(&farm, &mut visitor);
    assert_eq!(visitor.jar.cookies().len(), 1);
}

#[test]
fn a_sibling_with_another_trail_size_forgets_nothing_before_its_time() {
    let farm = realm("", "trail_size = 0");
    farm.put_page("one", "A", "words");
    let mut visitor = logged_in_on_one(&farm);
    visitor.get("http://h.example/one/A");
    assert_eq!(visitor.get(TWO).trail(), None);
    assert_eq!(visitor.get(ONE).trail().unwrap(), ["A", "Number"]);
}

#[test]
fn a_suspended_or_read_only_sibling_ends_no_session() {
    let farm = realm("", "");
    let mut visitor = logged_in_on_one(&farm);
    for (state, status) in [("suspended", 503), ("read_only", 200), ("archived", 200)] {
        farm.write_config(&config("", &format!("state = \"{state}\"")));
        assert_eq!(farm.grange(&["reload"]).status, 0, "{state}");
        assert_eq!(visitor.get(TWO).status, status, "{state}");
        assert_unharmed(&farm, &mut visitor);
    }
}

#[test]
fn wikis_that_would_mistake_each_others_users_are_not_served() {
    let farm = Farm::prepare(
        "[group.g]\ncookie_name = \"g\"\nsession_dir = \"wikis/_g/sessions\"\n\n\
         [wiki.one]\nat = [\"h.example/one\"]\ngroup = \"g\"\n\n[wiki.two]\nat = [\"h.example/two\"]\ngroup = \"g\"\n",
    );
    let told = farm.grange(&["check"]);
    assert_eq!(told.status, 2, "{told:?}");
    assert!(format!("{}{}", told.out, told.err).contains("L-10"), "{told:?}");
}

#[test]
fn hosts_whose_session_dir_is_shared_by_mistake_take_no_session_of_each_other() {
    let farm = Farm::start(
        "[defaults]\nsession_dir = \"wikis/_all/sessions\"\n\n\
         [wiki.one]\nat = [\"one.example.org\"]\n\n[wiki.two]\nat = [\"two.example.org\"]\n",
    );
    farm.put_page("two", "Number", "<<SessionTest>>");
    for wiki in ["one", "two"] {
        farm.add_user(wiki, "Mia", PASSWORD);
    }
    let mut visitor = farm.visitor();
    visitor.log_in("http://one.example.org/Start", "Mia", PASSWORD);
    let mut cookie = visitor.jar.cookies()[0].clone();
    cookie.domain = "two.example.org".to_owned();
    visitor.jar.plant(cookie);
    let seen = visitor.get("http://two.example.org/Number");
    assert_eq!(
        (seen.user(), seen.content().as_str()),
        (None, "Not storing any state until you send a cookie.")
    );
    assert_eq!(
        visitor.get("http://one.example.org/Start").user().as_deref(),
        Some("Mia")
    );
}

/// Two farms that nobody checked together: one session directory, one secret, one cookie name, and
/// accounts of their own.
fn strangers() -> (Farm, Farm) {
    let first = Farm::prepare("");
    let shared = first.path().to_str().unwrap().to_owned();
    let config = format!(
        "[farm]\nlisten = [\"127.0.0.1:0\"]\nadmin_listen = \"\"\nsecrets_file = \"{shared}/secrets\"\n\n\
         [wiki.main]\nat = [\"*\"]\ncookie_name = \"same\"\ncookie_domain = \".example.org\"\nsession_dir = \"{shared}/sessions\"\n"
    );
    let start = |mut farm: Farm| {
        farm.write_config(&config);
        farm.put_page("main", "Number", "<<SessionTest>>");
        farm.add_user("main", "Mia", PASSWORD);
        farm.restart();
        farm
    };
    (start(first), start(Farm::prepare("")))
}

#[test]
fn a_farm_with_other_users_takes_no_session_of_another_and_destroys_none() {
    let (first, second) = strangers();
    let (page, there) = ("http://one.example.org/Number", "http://two.example.org/Number");
    let mut visitor = first.visitor();
    visitor.log_in("http://one.example.org/Start", "Mia", PASSWORD);
    let value = visitor.get(page).content().replace("Set to", "Loaded");
    let mut visitor = visitor.at(second.address(0));
    let seen = visitor.get(there);
    assert_eq!(
        (seen.user(), seen.set_cookies().len()),
        (None, 0),
        "the same name, another Mia"
    );
    assert_eq!(seen.content(), "Not storing any state until you send a cookie.");
    assert_eq!(
        second.grange(&["session", "list", "--wiki", "main"]).out.trim(),
        "no sessions"
    );
    assert_eq!(
        second
            .grange(&["session", "kill", "--all", "--wiki", "main"])
            .out
            .trim(),
        "0 sessions ended"
    );
    let mut visitor = visitor.at(first.address(0));
    assert_eq!(visitor.get(page).content(), value);
}

#[test]
fn one_session_kind_keeps_apart_what_shares_everything_else() {
    let farm = realm("", "session_kind = \"other\"\ncookie_name = \"h\"");
    let mut visitor = logged_in_on_one(&farm);
    assert_eq!(visitor.get(TWO).user(), None);
    assert_unharmed(&farm, &mut visitor);
}

#[test]
fn logging_in_on_a_sibling_that_does_not_share_ends_nothing_here() {
    let farm = realm(
        "",
        "session_dir = \"wikis/_apart/sessions\"\ncookie_name = \"apart\"",
    );
    let mut visitor = logged_in_on_one(&farm);
    visitor.log_in("http://h.example/two/Start", "Mia", PASSWORD);
    visitor.log_out("http://h.example/two/Start");
    assert_eq!(visitor.get(ONE).user().as_deref(), Some("Mia"));
}
