//! `grange user`: accounts from the terminal, before the server ever ran and beside a running one.

use std::process::Command;

use super::PAGE;
use crate::harness::farm::{GRANGE, Told, told};
use crate::harness::{Farm, PASSWORD, SINGLE};

fn add(farm: &Farm, name: &str, input: &str) -> Told {
    farm.grange_with_input(
        &["user", "add", name, "--wiki", "main", "--password-stdin"],
        input,
    )
}

fn logs_in(farm: &Farm, name: &str, password: &str) -> bool {
    farm.visitor().log_in(PAGE, name, password).user().as_deref() == Some(name)
}

#[test]
fn an_account_made_before_the_server_ever_ran_logs_in() {
    let farm = Farm::prepare(SINGLE);
    assert_eq!(add(&farm, "Ada", "plums and quinces\n").status, 0);
    let mut farm = farm;
    farm.restart();
    assert!(logs_in(&farm, "Ada", "plums and quinces"));
    assert!(!logs_in(&farm, "Ada", "plums and quince"));
}

#[test]
fn the_password_is_the_first_line_without_its_end_and_with_its_blanks() {
    let farm = Farm::start(SINGLE);
    for (name, input, password) in [
        ("Ada", " two blanks \n", " two blanks "),
        ("Bob", "carriage return\r\n", "carriage return"),
        ("Cid", "no end of line", "no end of line"),
        ("Dee", "first line\nsecond line\n", "first line"),
        ("Éva", "zwölf Äpfel\n", "zwölf Äpfel"),
    ] {
        assert_eq!(add(&farm, name, input).status, 0, "{name}");
        assert!(logs_in(&farm, name, password), "{name}");
    }
}

#[test]
fn bad_names_and_passwords_and_taken_names_are_refused_with_a_reason() {
    let farm = Farm::prepare(SINGLE);
    assert_eq!(add(&farm, "Ada", "plums and quinces\n").status, 0);
    let long = "x".repeat(65);
    for (name, input) in [
        ("Ada", "plums and quinces\n"),
        ("ADA", "plums and quinces\n"),
        ("Bob", "short\n"),
        ("Bob", "\n"),
        ("Bob", ""),
        ("", "plums and quinces\n"),
        ("a/b", "plums and quinces\n"),
        ("a:b", "plums and quinces\n"),
        ("a,b", "plums and quinces\n"),
        ("a\tb", "plums and quinces\n"),
        (&*long, "plums and quinces\n"),
    ] {
        let said = add(&farm, name, input);
        assert_eq!(
            (said.status, said.out.as_str()),
            (2, ""),
            "{name:?} {input:?}: {said:?}"
        );
        assert!(said.err.starts_with("grange: "), "{said:?}");
    }
    assert_eq!(
        farm.grange(&["user", "list", "--wiki", "main"])
            .out
            .lines()
            .count(),
        1
    );
}

#[test]
fn a_password_is_never_an_argument_and_without_a_terminal_never_guessed() {
    let farm = Farm::prepare(SINGLE);
    assert_eq!(
        farm.grange(&["user", "add", "Ada", "plums and quinces", "--wiki", "main"])
            .status,
        2
    );
    let mut command = Command::new("setsid");
    command
        .args([GRANGE, "user", "add", "Ada", "--wiki", "main", "--config"])
        .arg(farm.config());
    let said = told(command, "plums and quinces\nplums and quinces\n");
    assert_eq!(said.status, 2, "{said:?}");
    assert!(said.err.contains("--password-stdin"), "{said:?}");
    assert_eq!(farm.grange(&["user", "list", "--wiki", "main"]).out.trim(), "");
}

#[test]
fn a_new_password_ends_the_users_sessions_at_once() {
    let farm = Farm::start(SINGLE);
    farm.add_user("main", "Ada", PASSWORD);
    let (mut here, mut there) = (farm.visitor(), farm.visitor());
    here.log_in(PAGE, "Ada", PASSWORD);
    there.log_in(PAGE, "Ada", PASSWORD);
    let said = farm.grange_with_input(
        &["user", "passwd", "Ada", "--wiki", "main", "--password-stdin"],
        "medlars too\n",
    );
    assert_eq!(said.status, 0, "{said:?}");
    assert!(said.out.contains("2 sessions ended"), "{said:?}");
    assert!(here.get(PAGE).user().is_none() && there.get(PAGE).user().is_none());
    assert!(logs_in(&farm, "Ada", "medlars too") && !logs_in(&farm, "Ada", PASSWORD));
}

#[test]
fn a_disabled_account_is_out_at_once_and_an_enabled_one_may_come_back() {
    let farm = Farm::start(SINGLE);
    farm.add_user("main", "Ada", PASSWORD);
    let mut ada = farm.visitor();
    ada.log_in(PAGE, "Ada", PASSWORD);
    let said = farm.grange(&["user", "disable", "ada", "--wiki", "main"]);
    assert!(
        said.status == 0 && said.out.contains("1 session ended"),
        "{said:?}"
    );
    assert_eq!(ada.get(PAGE).user(), None);
    let refused = farm.visitor().log_in(PAGE, "Ada", PASSWORD);
    assert!(
        refused.text().contains("Invalid user name or password."),
        "whatever was wrong: {}",
        refused.text()
    );
    assert!(!logs_in(&farm, "Ada", PASSWORD));
    assert!(
        farm.grange(&["user", "list", "--wiki", "main"])
            .out
            .contains("disabled")
    );
    assert_eq!(
        farm.grange(&["user", "enable", "Ada", "--wiki", "main"]).status,
        0
    );
    assert!(logs_in(&farm, "Ada", PASSWORD));
}

#[test]
fn a_deleted_account_is_gone_and_its_name_free() {
    let farm = Farm::start(SINGLE);
    farm.add_user("main", "Ada", PASSWORD);
    let mut ada = farm.visitor();
    ada.log_in(PAGE, "Ada", PASSWORD);
    ada.edit(PAGE, "written by Ada");
    assert_eq!(
        farm.grange(&["user", "delete", "Ada", "--wiki", "main"]).status,
        0
    );
    assert_eq!(ada.get(PAGE).user(), None);
    assert!(!logs_in(&farm, "Ada", PASSWORD));
    assert!(
        farm.visitor()
            .get(&format!("{PAGE}?action=info"))
            .content()
            .contains("Ada"),
        "the history stays"
    );
    assert_eq!(
        farm.grange(&["user", "delete", "Ada", "--wiki", "main"]).status,
        2
    );
    farm.add_user("main", "Ada", "another person");
    assert_eq!(
        ada.get(PAGE).user(),
        None,
        "the old session is nobody's, not the new Ada's"
    );
}

#[test]
fn the_list_is_for_people_and_for_machines() {
    let farm = Farm::prepare(SINGLE);
    let made = farm.grange_with_input(
        &[
            "user",
            "add",
            "Ada",
            "--wiki",
            "main",
            "--email",
            "ada@example.org",
            "--password-stdin",
        ],
        "plums and quinces\n",
    );
    assert_eq!(made.status, 0, "{made:?}");
    farm.add_user("main", "Bob", PASSWORD);
    let people = farm.grange(&["user", "list", "--wiki", "main"]);
    assert!(
        people.out.contains("Ada") && people.out.contains("ada@example.org") && people.out.contains("Bob"),
        "{people:?}"
    );
    let machines: serde_json::Value =
        serde_json::from_str(&farm.grange(&["user", "list", "--wiki", "main", "--json"]).out).unwrap();
    assert_eq!(machines[0]["name"], "Ada");
    assert_eq!(machines[0]["disabled"], false);
    assert_eq!(machines.as_array().unwrap().len(), 2);
    assert!(!machines.to_string().contains("argon2"), "no hash is shown");
}

#[test]
fn wikis_that_share_a_user_directory_share_its_accounts() {
    let farm = Farm::prepare(
        "[defaults]\nuser_dir = \"users\"\ncookie_name = \"siteidmagic\"\n[wiki.one]\nat = [\"one.example\"]\n[wiki.two]\nat = [\"two.example\"]\n[wiki.three]\nat = [\"three.example\"]\nuser_dir = \"others\"\n",
    );
    farm.add_user("one", "Ada", PASSWORD);
    assert!(
        farm.grange(&["user", "list", "--wiki", "two"])
            .out
            .contains("Ada")
    );
    assert!(
        !farm
            .grange(&["user", "list", "--wiki", "three"])
            .out
            .contains("Ada")
    );
}

#[test]
fn a_superusers_account_is_made_here_and_nowhere_else() {
    let farm = Farm::start(&SINGLE.replace("at =", "superuser = [\"Ada\"]\nat ="));
    let refused = farm.visitor().register(PAGE, "ada", PASSWORD);
    assert_eq!(refused.user(), None);
    farm.add_user("main", "Ada", PASSWORD);
    assert!(logs_in(&farm, "Ada", PASSWORD));
}

#[test]
fn an_account_that_waits_for_approval_is_enabled_here() {
    let farm = Farm::start(&SINGLE.replace("at =", "registration = \"approve\"\nat ="));
    assert_eq!(farm.visitor().register(PAGE, "Ada", PASSWORD).user(), None);
    assert!(
        farm.grange(&["user", "list", "--wiki", "main"])
            .out
            .contains("awaiting approval")
    );
    assert!(!logs_in(&farm, "Ada", PASSWORD));
    assert_eq!(
        farm.grange(&["user", "enable", "Ada", "--wiki", "main"]).status,
        0
    );
    assert!(logs_in(&farm, "Ada", PASSWORD));
}
