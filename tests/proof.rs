//! The password once more: which forms ask for it, when, and that nothing of the form is lost.
//!
//! That the limit is 15 minutes to the millisecond is tested in the session crate; here a proof is aged in the store.

use rusqlite::Connection;

use crate::harness::{Answer, Farm, PASSWORD, SINGLE, Visitor};

const PAGE: &str = "http://h.example/Page";
const NUMBER: &str = "http://h.example/Number";

/// Ada is superuser, Mia and Tom are not.
fn farm() -> Farm {
    let farm = Farm::start(&format!("{SINGLE}superuser = [\"Ada\"]\n"));
    farm.put_page("main", "Number", "<<SessionTest>>");
    for name in ["Ada", "Mia", "Tom"] {
        farm.add_user("main", name, PASSWORD);
    }
    farm
}

/// Makes every login of the wiki so many minutes older than it is.
fn age_proofs(farm: &Farm, minutes: i64) {
    age_proofs_of(farm, "wikis/main/sessions", minutes);
}

/// The same in this directory.
pub fn age_proofs_of(farm: &Farm, directory: &str, minutes: i64) {
    change_about(farm, directory, "$[1][2]", minutes);
}

/// Makes every acting that much older.
pub fn age_acting(farm: &Farm, minutes: i64) {
    change_about(farm, "wikis/main/sessions", "$[2][1]", minutes);
}

fn change_about(farm: &Farm, directory: &str, field: &str, minutes: i64) {
    let db = Connection::open(farm.path().join(directory).join("sessions.db")).unwrap();
    db.busy_timeout(std::time::Duration::from_secs(20)).unwrap();
    let changed = db
        .execute(
            "UPDATE sessions SET about = json_set(about, ?1, json_extract(about, ?1) - ?2)
             WHERE json_type(about, ?1) = 'integer'",
            (field, minutes * 60_000),
        )
        .unwrap();
    assert!(changed > 0, "no session has {field}");
}

fn asks(answer: &Answer) -> bool {
    answer.status == 200 && answer.has("input[name=current_password]")
}

/// Sends the form that asks for the password, as it stands, with this password.
fn prove(visitor: &mut Visitor, asked: &Answer, password: &str) -> Answer {
    let action = asked.attributes("#content form", "action").remove(0);
    let names = asked.attributes("#content form input[type=hidden]", "name");
    let values = asked.attributes("#content form input[type=hidden]", "value");
    let mut fields: Vec<(&str, &str)> = names
        .iter()
        .map(String::as_str)
        .zip(values.iter().map(String::as_str))
        .collect();
    fields.push(("current_password", password));
    let url = format!("http://h.example{action}");
    let answer = visitor.post(&url, &fields);
    visitor.follow(&url, answer)
}

fn act_as(visitor: &mut Visitor, name: &str) -> Answer {
    visitor.submit(
        PAGE,
        "suid",
        &[("name", name), ("reason", "a “broken” page & more")],
    )
}

#[test]
fn a_fresh_login_is_not_asked() {
    let farm = farm();
    let mut ada = farm.logged_in(PAGE, "Ada");
    age_proofs(&farm, 14);
    assert_eq!(act_as(&mut ada, "Mia").user().as_deref(), Some("Mia"));
}

#[test]
fn an_old_login_is_asked_and_the_form_goes_on_where_it_was() {
    let farm = farm();
    let mut ada = farm.logged_in(PAGE, "Ada");
    ada.get(NUMBER);
    let kept = ada.get(NUMBER).content();
    age_proofs(&farm, 16);
    let asked = act_as(&mut ada, "Mia");
    assert!(
        asks(&asked) && asked.user().as_deref() == Some("Ada"),
        "{}",
        asked.content()
    );
    assert_eq!(ada.get(NUMBER).content(), kept, "nothing has happened yet");
    let acting = prove(&mut ada, &asked, PASSWORD);
    assert_eq!(acting.user().as_deref(), Some("Mia"));
    assert!(
        acting
            .words(".acting")
            .unwrap()
            .contains("a “broken” page & more"),
        "nothing typed was lost"
    );
    assert!(
        farm.log().contains("\"proof\"") || farm.log().contains("event=proof"),
        "{}",
        farm.log()
    );
}

#[test]
fn a_proof_gives_a_new_id_keeps_the_session_and_serves_again() {
    let farm = farm();
    let (mut mia, _other, _third) = (
        farm.logged_in(PAGE, "Mia"),
        farm.logged_in(PAGE, "Mia"),
        farm.logged_in(PAGE, "Mia"),
    );
    mia.get(NUMBER);
    let kept = mia.get(NUMBER).content();
    age_proofs(&farm, 20);
    let before = mia.clone();
    let handle = mia
        .get(&format!("{PAGE}?action=sessions"))
        .attributes("button[name=end]", "value")
        .remove(0);
    let asked = mia.submit(PAGE, "sessions", &[("end", &handle)]);
    assert!(asks(&asked));
    let told = prove(&mut mia, &asked, PASSWORD);
    assert_eq!(told.words(".message").as_deref(), Some("1 session ended."));
    assert_eq!(mia.get(NUMBER).content(), kept);
    assert_eq!(before.clone().get(PAGE).user(), None, "the old id is dead");
    let told = mia.submit(PAGE, "sessions", &[("end_others", "1")]);
    assert_eq!(
        told.words(".message").as_deref(),
        Some("1 session ended."),
        "not asked again"
    );
}

#[test]
fn a_wrong_password_does_nothing_and_asks_again_without_losing_the_form() {
    let farm = farm();
    let mut ada = farm.logged_in(PAGE, "Ada");
    age_proofs(&farm, 16);
    let asked = act_as(&mut ada, "Mia");
    let again = prove(&mut ada, &asked, "wrong guess");
    assert!(asks(&again) && again.text().contains("This is not your password."));
    assert!(!again.text().contains("wrong guess"));
    let mias = prove(&mut ada, &again, PASSWORD);
    assert_eq!(mias.user().as_deref(), Some("Mia"));
}

#[test]
fn guesses_are_limited_as_logins_are() {
    let farm = farm();
    let mut ada = farm.logged_in(PAGE, "Ada");
    age_proofs(&farm, 16);
    let asked = act_as(&mut ada, "Mia");
    for _ in 0..5 {
        assert!(asks(&prove(&mut ada, &asked, "wrong guess")));
    }
    assert_eq!(prove(&mut ada, &asked, PASSWORD).status, 429);
    assert_eq!(ada.get(PAGE).user().as_deref(), Some("Ada"));
}

#[test]
fn while_acting_the_superusers_own_password_counts() {
    let farm = farm();
    farm.grange_with_input(
        &["user", "passwd", "Mia", "--wiki", "main", "--password-stdin"],
        "the password of mia\n",
    );
    let (mut ada, _other) = (farm.logged_in(PAGE, "Ada"), farm.logged_in(PAGE, "Ada"));
    act_as(&mut ada, "Mia");
    age_proofs(&farm, 16);
    let asked = ada.submit(PAGE, "sessions", &[("end_others", "1")]);
    assert!(
        asks(&asked) && asked.content().contains("Ada"),
        "{}",
        asked.content()
    );
    let again = prove(&mut ada, &asked, "the password of mia");
    assert!(asks(&again));
    let told = prove(&mut ada, &again, PASSWORD);
    assert_eq!(told.words(".message").as_deref(), Some("1 session ended."));
    assert_eq!(told.user().as_deref(), Some("Mia"), "the acting goes on");
}

#[test]
fn returning_from_acting_asks_for_nothing() {
    let farm = farm();
    let mut ada = farm.logged_in(PAGE, "Ada");
    let acting = act_as(&mut ada, "Mia");
    age_proofs(&farm, 30);
    let ticket = acting.ticket("suid").unwrap();
    let url = format!("{PAGE}?action=suid");
    let answer = ada.post(&url, &[("ticket", &ticket), ("return", "1")]);
    assert_eq!(ada.follow(&url, answer).user().as_deref(), Some("Ada"));
}
