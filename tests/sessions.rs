//! Ids and what hangs on them: new ones at every change of who one is, none that we did not make, and what
//! survives processes that come, go and crash.
//!
//! Which answers set cookies is in `cookies` and `guests`; ending sessions from outside is in `kills`.

use std::fs;
use std::path::Path;

use crate::harness::jar::Cookie;
use crate::harness::{Farm, PASSWORD, SINGLE, Visitor};

const NUMBER: &str = "http://h.example/Number";
const LANGUAGE: &str = "http://h.example/Language";
const START: &str = "http://h.example/Start";
const COOKIE: &str = "GRANGE_SESSION_ROOT";
const NEW: &str = "Not storing any state until you send a cookie.";

/// One wiki with guest sessions and Mia; `Number` keeps a value, `Language` one that outlives logins.
fn farm_with(keys: &str) -> Farm {
    let farm = Farm::start(&format!("{SINGLE}cookie_lifetime = [1, 12]\n{keys}"));
    farm.put_page("main", "Number", "<<SessionTest>>");
    farm.put_page("main", "Language", "<<SessionTest(language)>>");
    farm.add_user("main", "Mia", PASSWORD);
    farm
}

fn mia(farm: &Farm) -> Visitor {
    farm.logged_in(START, "Mia")
}

/// A guest with a value under `Number`, and that value.
fn guest(farm: &Farm) -> (Visitor, String) {
    let mut visitor = farm.visitor();
    visitor.get(NUMBER);
    let value = visitor
        .get(NUMBER)
        .content()
        .strip_prefix("Set to value ")
        .unwrap()
        .to_owned();
    (visitor, value)
}

/// Somebody who has nothing but this id.
fn thief(farm: &Farm, id: &str) -> Visitor {
    let mut thief = farm.visitor();
    thief.jar.plant(cookie(COOKIE, id));
    thief
}

fn cookie(name: &str, value: &str) -> Cookie {
    Cookie {
        name: name.to_owned(),
        value: value.to_owned(),
        domain: "h.example".to_owned(),
        host_only: true,
        path: "/".to_owned(),
        secure: false,
        expires: None,
    }
}

fn id(visitor: &Visitor) -> String {
    visitor.jar.value(COOKIE).unwrap().to_owned()
}

#[test]
fn a_login_gives_a_new_id_and_the_guests_one_is_dead() {
    let farm = farm_with("");
    let (mut visitor, _) = guest(&farm);
    let before = id(&visitor);
    visitor.log_in(START, "Mia", PASSWORD);
    assert_ne!(id(&visitor), before);
    let mut thief = thief(&farm, &before);
    let seen = thief.get(NUMBER);
    assert_eq!((seen.user(), seen.content()), (None, NEW.to_owned()));
    // One could arrive behind the login's in a browser that asked for this page before.
    assert!(seen.set_cookies().is_empty(), "{:?}", seen.set_cookies());
}

#[test]
fn an_id_that_waited_for_a_login_is_dead_after_it() {
    let farm = farm_with("");
    let mut visitor = farm.visitor();
    visitor.get(NUMBER);
    let pending = id(&visitor);
    visitor.log_in(START, "Mia", PASSWORD);
    assert_eq!(thief(&farm, &pending).get(NUMBER).content(), NEW);
}

#[test]
fn a_logout_ends_the_id_for_everybody_who_has_it() {
    let farm = farm_with("");
    let mut visitor = mia(&farm);
    let before = id(&visitor);
    let mut thief = thief(&farm, &before);
    assert_eq!(thief.get(START).user().as_deref(), Some("Mia"));
    visitor.log_out(NUMBER);
    let seen = thief.get(NUMBER);
    assert_eq!((seen.user(), seen.content()), (None, NEW.to_owned()));
}

#[test]
fn logging_in_again_gives_a_new_id_too() {
    let farm = farm_with("");
    let mut visitor = mia(&farm);
    let before = id(&visitor);
    visitor.log_in(START, "Mia", PASSWORD);
    assert_ne!(id(&visitor), before);
    assert_eq!(thief(&farm, &before).get(START).user(), None);
    assert_eq!(visitor.get(START).user().as_deref(), Some("Mia"));
}

#[test]
fn a_failed_login_changes_nothing() {
    let farm = farm_with("");
    let (mut visitor, value) = guest(&farm);
    let before = id(&visitor);
    let failed = visitor.log_in(START, "Mia", "not her password");
    assert!(failed.text().contains("Invalid user name or password."));
    assert_eq!(id(&visitor), before);
    assert_eq!(visitor.get(NUMBER).content(), format!("Loaded value {value}"));
}

#[test]
fn of_what_a_session_held_only_the_language_survives_login_and_logout() {
    let farm = farm_with("");
    let (mut visitor, _) = guest(&farm);
    let language = visitor.get(LANGUAGE).content().replace("Set to", "Loaded");
    visitor.log_in(START, "Mia", PASSWORD);
    assert_eq!(visitor.get(LANGUAGE).content(), language);
    assert!(
        visitor.get(NUMBER).content().starts_with("Set to value "),
        "the guest's number is gone"
    );
    let logged_in = id(&visitor);
    visitor.log_out(START);
    assert_ne!(id(&visitor), logged_in);
    assert_eq!(visitor.get(LANGUAGE).content(), language);
    assert!(
        visitor.get(NUMBER).content().starts_with("Set to value "),
        "Mia's number is gone"
    );
}

#[test]
fn which_fields_survive_is_configured() {
    let keys = "session_persistent_fields_on_login = [\"test\"]\nsession_persistent_fields_on_logout = []\n";
    let farm = farm_with(keys);
    let (mut visitor, value) = guest(&farm);
    visitor.get(LANGUAGE);
    visitor.log_in(START, "Mia", PASSWORD);
    assert_eq!(visitor.get(NUMBER).content(), format!("Loaded value {value}"));
    assert!(visitor.get(LANGUAGE).content().starts_with("Set to value "));
    visitor.log_out(START);
    assert_eq!(
        visitor.get(NUMBER).content(),
        NEW,
        "nothing survives, so nothing is kept"
    );
}

#[test]
fn another_login_in_the_same_browser_inherits_nothing() {
    let farm = farm_with("session_persistent_fields_on_login = [\"test\"]\n");
    farm.add_user("main", "Tom", PASSWORD);
    let mut visitor = mia(&farm);
    visitor.get(NUMBER);
    visitor.log_in(START, "Tom", PASSWORD);
    let seen = visitor.get(NUMBER);
    assert_eq!(seen.user().as_deref(), Some("Tom"));
    assert!(
        seen.content().starts_with("Set to value "),
        "Mia's value is not Tom's"
    );
}

/// Values that no server of ours has signed.
fn forgeries(good: &str) -> Vec<String> {
    let parts: Vec<&str> = good.split('.').collect();
    let flipped = |part: &str| {
        let (first, rest) = part.split_at(1);
        format!("{}{rest}", if first == "A" { "B" } else { "A" })
    };
    vec![
        String::new(),
        "x".to_owned(),
        "b".repeat(40),
        "a".repeat(5000),
        "../../../../etc/passwd".to_owned(),
        "..%2f..%2fsessions.db".to_owned(),
        "v1...".to_owned(),
        "v1.AAAA.1.BBBB".to_owned(),
        good.replacen("v1", "v2", 1),
        format!("{}.{}.{}.{}", parts[0], flipped(parts[1]), parts[2], parts[3]),
        format!("{}.{}.9{}.{}", parts[0], parts[1], parts[2], parts[3]),
        format!("{}.{}.{}.{}", parts[0], parts[1], parts[2], flipped(parts[3])),
        format!("{good}.x"),
        format!("{good}%00"),
        good.to_ascii_lowercase(),
        good[..good.len() - 1].to_owned(),
        "' OR 1=1 --".to_owned(),
        "{}".to_owned(),
    ]
}

#[test]
fn ids_that_we_did_not_make_are_never_adopted() {
    let farm = farm_with("");
    let (visitor, _) = guest(&farm);
    let files = files_below(farm.path());
    for forged in forgeries(&id(&visitor)) {
        let mut visitor = thief(&farm, &forged);
        let seen = visitor.get(NUMBER);
        assert_eq!((seen.status, seen.content().as_str()), (200, NEW), "{forged}");
        assert_eq!(visitor.jar.session_cookies().len(), 1);
        assert_ne!(id(&visitor), forged, "a fresh id takes its place");
        assert!(
            visitor.get(NUMBER).content().starts_with("Set to value "),
            "and works: {forged}"
        );
    }
    assert_eq!(files_below(farm.path()), files, "no forgery becomes a file");
}

#[test]
fn a_forged_id_does_not_become_the_id_of_a_login() {
    let farm = farm_with("");
    for forged in ["b".repeat(40), "v1.AAAA.1.BBBB".to_owned()] {
        let mut visitor = thief(&farm, &forged);
        visitor.log_in(START, "Mia", PASSWORD);
        assert_ne!(id(&visitor), forged);
        assert_eq!(thief(&farm, &forged).get(START).user(), None);
    }
}

#[test]
fn cookie_headers_of_any_bytes_are_answered_like_none() {
    let farm = farm_with("");
    let good = id(&mia(&farm));
    let junk: [&[u8]; 8] = [
        b"GRANGE_SESSION_ROOT",
        b"GRANGE_SESSION_ROOT=",
        b"=; ;;; =x",
        b"GRANGE_SESSION_ROOT=\xff\xfe\x80",
        b"\xf0\x28\x8c\x28=1; GRANGE_SESSION_ROOT=\"",
        b"GRANGE_SESSION_ROOT=v1.\xc3\xa9.1.x",
        b"GRANGE_SESSION_ROOT=a=b=c",
        b"$Version=1; $Path=\"/\"; GRANGE_SESSION_ROOT=x; $Domain=y",
    ];
    for cookies in junk {
        for tail in ["", "; GRANGE_SESSION_ROOT="] {
            let mut request =
                b"GET /Start?action=login HTTP/1.1\r\nHost: h.example\r\nConnection: close\r\nCookie: "
                    .to_vec();
            request.extend_from_slice(cookies);
            request.extend_from_slice(tail.as_bytes());
            if !tail.is_empty() {
                request.extend_from_slice(good.as_bytes());
            }
            request.extend_from_slice(b"\r\n\r\n");
            let answer = farm.visitor().raw(&request);
            assert!(answer.starts_with("HTTP/1.1 200"), "{cookies:?}: {answer}");
            assert_eq!(
                answer.contains("content=\"Mia\""),
                !tail.is_empty(),
                "junk hides no good cookie: {cookies:?}"
            );
        }
    }
}

#[test]
fn an_id_of_one_wiki_is_nothing_on_another() {
    let wikis = "[wiki.one]\nat = [\"h.example/one\"]\ncookie_lifetime = [1, 12]\n\n\
                 [wiki.two]\nat = [\"h.example/two\"]\ncookie_lifetime = [1, 12]\n";
    let farm = Farm::start(wikis);
    farm.put_page("two", "Number", "<<SessionTest>>");
    let mut visitor = farm.visitor();
    visitor.register("http://h.example/one/Start", "Mia", PASSWORD);
    let id = visitor.jar.value("GRANGE_SESSION_ROOT_one").unwrap().to_owned();
    let mut other = farm.visitor();
    other.jar.plant(cookie("GRANGE_SESSION_ROOT_two", &id));
    let seen = other.get("http://h.example/two/Number");
    assert_eq!((seen.user(), seen.content().as_str()), (None, NEW));
    assert_eq!(
        visitor.get("http://h.example/one/Start").user().as_deref(),
        Some("Mia"),
        "and it harms nobody"
    );
}

#[test]
fn ids_come_from_the_cookie_header_and_nowhere_else() {
    let farm = farm_with("");
    let id = id(&mia(&farm));
    let mut other = farm.visitor();
    assert_eq!(other.get(&format!("{START}?{COOKIE}={id}")).user(), None);
    assert_eq!(
        other
            .get_with(
                START,
                &[("authorization", &format!("Bearer {id}")), ("x-session", &id)]
            )
            .user(),
        None
    );
    assert_eq!(other.get_with(START, &[(COOKIE, &id)]).user(), None);
    assert_eq!(
        other
            .post(&format!("{START}?action=edit"), &[(COOKIE, &id)])
            .user(),
        None
    );
}

#[test]
fn a_twin_of_the_cookie_logs_nobody_out_whatever_the_order() {
    let farm = farm_with("");
    let good = id(&mia(&farm));
    for twin in ["", "junk", "v1.AAAA.1.BBBB"] {
        for header in [
            format!("{COOKIE}={twin}; {COOKIE}={good}"),
            format!("{COOKIE}={good}; {COOKIE}={twin}"),
        ] {
            let seen = farm.visitor().get_with(START, &[("cookie", &header)]);
            assert_eq!(
                (seen.user().as_deref(), seen.set_cookies().len()),
                (Some("Mia"), 0),
                "{header}"
            );
        }
    }
    let two_headers = farm.visitor().get_with(
        START,
        &[("cookie", "a=1"), ("cookie", &format!("{COOKIE}={good}"))],
    );
    assert_eq!(two_headers.user().as_deref(), Some("Mia"));
}

#[test]
fn a_twin_that_waits_for_its_first_value_does_not_shadow_a_login() {
    let farm = farm_with("");
    let (good, mut guest) = (id(&mia(&farm)), farm.visitor());
    guest.get(NUMBER);
    let header = format!("{COOKIE}={}; {COOKIE}={good}", id(&guest));
    let seen = farm.visitor().get_with(START, &[("cookie", &header)]);
    assert_eq!(
        (seen.user().as_deref(), seen.set_cookies().len()),
        (Some("Mia"), 0)
    );
}

#[test]
fn a_dead_twin_does_not_shadow_the_living_one() {
    let farm = farm_with("");
    let mut visitor = mia(&farm);
    let dead = id(&visitor);
    visitor.log_in(START, "Mia", PASSWORD);
    let header = format!("{COOKIE}={dead}; {COOKIE}={}", id(&visitor));
    let seen = farm.visitor().get_with(START, &[("cookie", &header)]);
    assert_eq!(
        (seen.user().as_deref(), seen.set_cookies().len()),
        (Some("Mia"), 0)
    );
}

#[test]
fn no_file_and_no_log_line_holds_an_id() {
    let farm = farm_with("");
    let (mut visitor, _) = guest(&farm);
    let guest_id = id(&visitor);
    visitor.log_in(START, "Mia", PASSWORD);
    visitor.get(NUMBER);
    visitor.edit(NUMBER, "<<SessionTest>> and more");
    visitor.post(
        &format!("{START}?action=edit"),
        &[("ticket", "bad"), ("savetext", "x")],
    );
    let login_id = id(&visitor);
    for id in [guest_id, login_id] {
        let random = id.split('.').nth(1).unwrap();
        let mac = id.split('.').nth(3).unwrap();
        for file in files_below(farm.path()) {
            let bytes = fs::read(&file).unwrap();
            for secret in [id.as_str(), random, mac] {
                let found = bytes
                    .windows(secret.len())
                    .any(|window| window == secret.as_bytes());
                assert!(!found, "{file} holds an id");
            }
        }
    }
    assert!(!farm.log().contains(PASSWORD));
}

fn files_below(folder: &Path) -> Vec<String> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        match entry.is_dir() {
            true => files.extend(files_below(&entry)),
            false if entry.is_file() => files.push(entry.to_string_lossy().into_owned()),
            false => {}
        }
    }
    files
}

#[test]
fn the_session_directory_and_its_file_are_the_servers_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let farm = farm_with("");
    mia(&farm);
    let mode = |path: &str| fs::metadata(farm.path().join(path)).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode("wikis/main/sessions"), 0o700);
    assert_eq!(mode("wikis/main/sessions/sessions.db"), 0o600);
    assert_eq!(mode("wikis/_farm/secrets"), 0o600);
}

#[test]
fn the_oldest_idle_session_goes_when_a_user_has_too_many() {
    let farm = farm_with("max_sessions_per_user = 2\n");
    let (mut first, mut second, mut third) = (mia(&farm), mia(&farm), mia(&farm));
    assert_eq!(first.get(START).user(), None);
    assert_eq!(second.get(START).user().as_deref(), Some("Mia"));
    assert_eq!(third.get(START).user().as_deref(), Some("Mia"));
}

#[test]
fn wikis_in_memory_keep_sessions_until_the_server_ends() {
    let mut farm = farm_with("session_store = \"memory\"\n");
    let mut visitor = mia(&farm);
    visitor.get(NUMBER);
    assert!(visitor.get(NUMBER).content().starts_with("Loaded value "));
    farm.restart();
    assert_eq!(visitor.at(farm.address(0)).get(NUMBER).user(), None);
}
