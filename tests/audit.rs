//! The audit log: each thing that guards care for is one line, with user, address and wiki and without secrets.
//!
//! Lines about acting are in `switch_user`, about ended sessions in `own_sessions` and `farm_admin`.

use serde_json::Value;

use crate::harness::{Farm, PASSWORD, SINGLE};

const PAGE: &str = "http://h.example/Page";

/// The audit lines of an event: the fields of the text format.
fn lines(farm: &Farm, event: &str) -> Vec<String> {
    let mark = format!("event=\"{event}\"");
    let log = farm.log();
    let found = log
        .lines()
        .filter(|line| line.contains(" audit:") && line.contains(&mark));
    found.map(str::to_owned).collect()
}

fn id_of(farm: &Farm, name: &str) -> String {
    let told = farm.grange(&["user", "list", "--wiki", "main", "--json"]);
    let users: Value = serde_json::from_str(&told.out).unwrap();
    let user = users
        .as_array()
        .unwrap()
        .iter()
        .find(|user| user["name"] == name)
        .unwrap();
    user["id"].as_str().unwrap().to_owned()
}

fn farm() -> Farm {
    let farm = Farm::start(&format!("{SINGLE}acl_rights_default = \"Known:read All:read\"\n"));
    farm.add_user("main", "Mia", PASSWORD);
    farm
}

#[test]
fn each_event_is_one_line_with_wiki_user_and_address() {
    let farm = farm();
    let mia = id_of(&farm, "Mia");
    farm.visitor().log_in(PAGE, "Mia", "not her password");
    let mut visitor = farm.logged_in(PAGE, "Mia");
    visitor.post(&format!("{PAGE}?action=logout"), &[("ticket", "forged")]);
    visitor.get(&format!("{PAGE}?action=edit"));
    visitor.log_out(PAGE);
    farm.visitor().register(PAGE, "Tom", PASSWORD);
    let tom = id_of(&farm, "Tom");
    for (event, user) in [
        ("login", &mia),
        ("ticket_refused", &mia),
        ("rights_denied", &mia),
        ("logout", &mia),
        ("registered", &tom),
    ] {
        let found = lines(&farm, event);
        let [line] = &found[..] else {
            panic!("{event}: {found:?}\n{}", farm.log())
        };
        assert!(line.contains(&format!("user=\"{user}\"")), "{event}: {line}");
        assert!(
            line.contains("wiki=\"main\"") && line.contains("127.0.0.1"),
            "{event}: {line}"
        );
    }
    let failed = lines(&farm, "login_failed");
    assert_eq!(failed.len(), 1);
    assert!(
        failed[0].contains("name=\"Mia\"") && failed[0].contains("127.0.0.1"),
        "{failed:?}"
    );
}

#[test]
fn the_log_holds_no_id_no_ticket_and_no_password() {
    let farm = farm();
    let mut mia = farm.logged_in(PAGE, "Mia");
    let ticket = mia.get(PAGE).ticket("logout").unwrap();
    let id = mia.jar.value("GRANGE_SESSION_ROOT").unwrap().to_owned();
    mia.post(&format!("{PAGE}?action=logout"), &[("ticket", &ticket[1..])]);
    mia.post(&format!("{PAGE}?action=logout"), &[("ticket", &ticket)]);
    farm.visitor().log_in(PAGE, "Mia", "a wrong and secret guess");
    let log = farm.log();
    let random = id.split('.').nth(1).unwrap();
    for secret in [random, ticket.as_str(), PASSWORD, "a wrong and secret guess"] {
        assert!(!log.contains(secret), "{log}");
    }
}
