//! When what sessions rest on fails or changes: a store that is down, secrets that are rotated or lost,
//! sessions in memory.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use crate::harness::{Farm, PASSWORD, SINGLE, Visitor};

const START: &str = "http://h.example/Start";
const NUMBER: &str = "http://h.example/Number";

fn farm_with(keys: &str) -> Farm {
    let farm = Farm::start(&format!("{SINGLE}{keys}"));
    farm.put_page("main", "Number", "<<SessionTest>>");
    farm.put_page("main", "Plain", "words");
    farm.add_user("main", "Mia", PASSWORD);
    farm
}

fn mia(farm: &Farm) -> Visitor {
    farm.logged_in(START, "Mia")
}

/// Puts a file into the place of a directory while the server is down.
fn break_directory(farm: &mut Farm, name: &str) {
    farm.kill();
    let directory = farm.path().join("wikis/main").join(name);
    fs::rename(&directory, farm.path().join("aside")).unwrap();
    fs::write(&directory, "no directory").unwrap();
    fs::set_permissions(&directory, fs::Permissions::from_mode(0o600)).unwrap();
    farm.restart();
}

fn mend_directory(farm: &mut Farm, name: &str) {
    farm.kill();
    let directory = farm.path().join("wikis/main").join(name);
    fs::remove_file(&directory).unwrap();
    fs::rename(farm.path().join("aside"), &directory).unwrap();
    farm.restart();
}

#[test]
fn while_the_store_is_down_pages_are_read_and_nobody_is_logged_out() {
    let mut farm = farm_with("");
    let visitor = mia(&farm);
    break_directory(&mut farm, "sessions");
    assert_eq!(
        farm.visitor().get("http://h.example/Plain").status,
        200,
        "guests read"
    );
    let mut visitor = visitor.at(farm.address(0));
    let seen = visitor.get("http://h.example/Plain");
    assert_eq!(
        (seen.status, seen.set_cookies().len()),
        (200, 0),
        "users read as guests do"
    );
    let editor = visitor.get("http://h.example/Plain?action=edit");
    assert_eq!((editor.status, editor.set_cookies().len()), (503, 0));
    assert!(editor.header("retry-after").is_some());
    assert!(
        editor.text().contains("You are not logged out"),
        "{}",
        editor.text()
    );
    mend_directory(&mut farm, "sessions");
    assert_eq!(
        visitor.at(farm.address(0)).get(START).user().as_deref(),
        Some("Mia")
    );
}

#[test]
fn while_the_accounts_are_down_guests_read_and_nobody_is_logged_out() {
    let mut farm = farm_with("");
    let visitor = mia(&farm);
    break_directory(&mut farm, "users");
    assert_eq!(
        farm.visitor().get("http://h.example/Plain").status,
        200,
        "guests read"
    );
    let mut visitor = visitor.at(farm.address(0));
    for path in ["Plain", "Plain?action=edit"] {
        let seen = visitor.get(&format!("http://h.example/{path}"));
        assert_eq!((seen.status, seen.set_cookies().len()), (503, 0), "{path}");
        assert!(seen.text().contains("You are not logged out"), "{}", seen.text());
    }
    mend_directory(&mut farm, "users");
    assert_eq!(
        visitor.at(farm.address(0)).get(START).user().as_deref(),
        Some("Mia")
    );
}

#[test]
fn a_login_that_cannot_be_stored_says_so_and_gives_no_cookie() {
    let mut farm = farm_with("");
    mia(&farm);
    break_directory(&mut farm, "sessions");
    let logins = |farm: &Farm| farm.log().matches("event=\"login\"").count();
    let before = logins(&farm);
    let refused = farm
        .visitor()
        .fill_in(START, "login", &[("name", "Mia"), ("password", PASSWORD)]);
    assert_eq!((refused.status, refused.set_cookies().len()), (503, 0));
    assert!(
        refused.text().contains("could not be stored"),
        "{}",
        refused.text()
    );
    assert_eq!(logins(&farm), before, "what was not done is not written down");
    mend_directory(&mut farm, "sessions");
    let before = logins(&farm);
    mia(&farm);
    assert_eq!(logins(&farm), before + 1);
}

#[test]
fn a_store_file_full_of_garbage_harms_no_reader() {
    let mut farm = farm_with("");
    let visitor = mia(&farm);
    farm.kill();
    let sessions = farm.path().join("wikis/main/sessions");
    for file in fs::read_dir(&sessions).unwrap() {
        fs::write(file.unwrap().path(), "this is no database at all, ".repeat(400)).unwrap();
    }
    farm.restart();
    assert_eq!(farm.visitor().get("http://h.example/Plain").status, 200);
    let seen = visitor.at(farm.address(0)).get("http://h.example/Plain");
    assert_eq!((seen.status, seen.set_cookies().len()), (200, 0));
}

#[test]
fn a_secret_put_in_front_signs_and_the_old_one_still_verifies() {
    let mut farm = farm_with("");
    let old = mia(&farm);
    let file = farm.path().join("wikis/_farm/secrets");
    let before = fs::read_to_string(&file).unwrap();
    let other = Farm::start(SINGLE);
    let new = fs::read_to_string(other.path().join("wikis/_farm/secrets")).unwrap();
    fs::write(&file, format!("{}\n{before}", new.trim_end())).unwrap();
    farm.restart();
    let mut old = old.at(farm.address(0));
    assert_eq!(old.get(START).user().as_deref(), Some("Mia"));
    let mut young = mia(&farm);

    fs::write(&file, new).unwrap();
    farm.restart();
    let seen = old.at(farm.address(0)).get(START);
    assert_eq!(
        (seen.status, seen.user()),
        (404, None),
        "the old secret is gone, and its ids with it"
    );
    young = young.at(farm.address(0));
    assert_eq!(
        young.get(START).user().as_deref(),
        Some("Mia"),
        "ids of the first line are good"
    );
}

#[test]
fn secrets_that_were_lost_log_everybody_out_and_break_nothing() {
    let mut farm = farm_with("cookie_lifetime = [1, 12]\n");
    let visitor = mia(&farm);
    fs::remove_file(farm.path().join("wikis/_farm/secrets")).unwrap();
    farm.restart();
    let mut visitor = visitor.at(farm.address(0));
    let seen = visitor.get(NUMBER);
    assert_eq!((seen.status, seen.user()), (200, None));
    assert!(
        visitor.get(NUMBER).content().starts_with("Set to value "),
        "a guest begins anew"
    );
    assert_eq!(
        visitor.log_in(START, "Mia", PASSWORD).user().as_deref(),
        Some("Mia")
    );
}

#[test]
fn sessions_in_memory_survive_a_reload() {
    let farm = farm_with("session_store = \"memory\"\n");
    let mut visitor = mia(&farm);
    visitor.get(NUMBER);
    let value = visitor.get(NUMBER).content();
    farm.write_config(&format!("{SINGLE}session_store = \"memory\"\ntrail_size = 3\n"));
    let told = farm.grange(&["reload"]);
    assert_eq!(told.status, 0, "{told:?}");
    let seen = visitor.get(NUMBER);
    assert_eq!((seen.user().as_deref(), seen.content()), (Some("Mia"), value));
}

#[test]
fn sessions_in_memory_are_listed_and_ended_through_the_running_server() {
    let mut farm = farm_with("session_store = \"memory\"\n");
    let mut visitor = mia(&farm);
    let list = farm.grange(&["session", "list", "--wiki", "main"]);
    assert!(list.status == 0 && list.out.contains("\tMia\tmain\t"), "{list:?}");
    assert_eq!(
        farm.grange(&["session", "kill", "Mia", "--wiki", "main"])
            .out
            .trim(),
        "1 session ended"
    );
    assert_eq!(visitor.get(START).user(), None);
    farm.kill();
    let told = farm.grange(&["session", "list", "--wiki", "main"]);
    assert_eq!(told.status, 2, "{told:?}");
    assert!(told.err.contains("running"), "{told:?}");
}

#[test]
fn a_reload_that_changes_lifetimes_leaves_sessions_as_they_were_made() {
    let farm = farm_with("");
    let mut visitor = mia(&farm);
    farm.write_config(&format!("{SINGLE}cookie_lifetime = [1, 1]\n"));
    assert_eq!(farm.grange(&["reload"]).status, 0);
    assert_eq!(visitor.get(NUMBER).user().as_deref(), Some("Mia"));
    let login = farm
        .visitor()
        .fill_in(START, "login", &[("name", "Mia"), ("password", PASSWORD)]);
    assert!(
        login.cookie_line().unwrap().contains("; Max-Age=3600;"),
        "new logins follow the new setting"
    );
}

#[test]
fn keys_that_belong_to_the_server_cannot_be_written_by_a_page() {
    let farm = farm_with("");
    let mut visitor = mia(&farm);
    for key in ["user.id", "user.name", "setuid", "trail", "csrf"] {
        farm.put_page("main", "Bad", &format!("before <<SessionTest({key})>> after"));
        let seen = visitor.get("http://h.example/Bad");
        assert_eq!((seen.status, seen.user().as_deref()), (200, Some("Mia")), "{key}");
        assert!(
            !seen.content().contains("Set to value"),
            "{key}: {}",
            seen.content()
        );
        assert!(
            seen.content().starts_with("before") && seen.content().ends_with("after"),
            "{}",
            seen.content()
        );
    }
}

#[test]
fn a_page_that_wants_too_many_keys_is_shown_all_the_same() {
    let farm = farm_with("");
    let mut visitor = mia(&farm);
    for page in 0..4 {
        let text: String = (0..100)
            .map(|n| format!("<<SessionTest(k{page}x{n})>>\n\n"))
            .collect();
        farm.put_page("main", &format!("Many{page}"), &text);
        assert_eq!(visitor.get(&format!("http://h.example/Many{page}")).status, 200);
    }
    let all: usize = (0..4)
        .map(|page| {
            visitor
                .get(&format!("http://h.example/Many{page}"))
                .content()
                .matches("Loaded value")
                .count()
        })
        .sum();
    assert_eq!(all, 256, "256 keys fit, and no more");
    assert_eq!(visitor.get(START).user().as_deref(), Some("Mia"));
}

#[test]
fn a_preview_sees_the_session_as_the_page_will() {
    let farm = farm_with("");
    let mut visitor = mia(&farm);
    let value = visitor.get(NUMBER).content().replace("Set to", "Loaded");
    let fields = [
        ("savetext", "<<SessionTest>>"),
        ("rev", "0"),
        ("button_preview", "1"),
    ];
    let preview = visitor.fill_in("http://h.example/Draft", "edit", &fields);
    assert_eq!(preview.words("#preview").as_deref(), Some(value.as_str()));
}
