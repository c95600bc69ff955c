//! A superuser acts as another user: banner, both names in history and log, return, and every refusal.

use crate::harness::{Answer, Farm, PASSWORD, SINGLE, Visitor};
use crate::proof::age_acting;

const PAGE: &str = "http://h.example/Page";
const NUMBER: &str = "http://h.example/Number";

/// Ada and Bea are superusers, Mia and Tom are not.
fn farm() -> Farm {
    let farm = Farm::start(&format!("{SINGLE}superuser = [\"Ada\", \"Bea\"]\n"));
    farm.put_page("main", "Number", "<<SessionTest>>");
    for name in ["Ada", "Bea", "Mia", "Tom"] {
        farm.add_user("main", name, PASSWORD);
    }
    farm
}

fn logged_in(farm: &Farm, name: &str) -> Visitor {
    let mut visitor = farm.visitor();
    assert_eq!(visitor.log_in(PAGE, name, PASSWORD).user().as_deref(), Some(name));
    visitor
}

fn act_as(visitor: &mut Visitor, name: &str) -> Answer {
    visitor.submit(PAGE, "suid", &[("name", name), ("reason", "a broken page")])
}

/// Presses the button of the banner.
fn come_back(visitor: &mut Visitor, page: &str) -> Answer {
    let ticket = visitor.get(page).ticket("suid").expect("the banner's form");
    let url = format!("{page}?action=suid");
    let answer = visitor.post(&url, &[("ticket", &ticket), ("return", "1")]);
    visitor.follow(&url, answer)
}

#[test]
fn while_acting_the_sessions_offer_no_password_that_cannot_be_changed() {
    let farm = farm();
    let mut ada = logged_in(&farm, "Ada");
    let sessions = format!("{PAGE}?action=sessions");
    assert!(ada.get(&sessions).has("#content a[href*='action=userprefs']"));
    act_as(&mut ada, "Mia");
    let shown = ada.get(&sessions);
    assert_eq!(shown.status, 200);
    assert!(!shown.has("#content a[href*='action=userprefs']"));
}

#[test]
fn a_superuser_sees_what_the_user_sees_below_a_banner_with_both_names() {
    let farm = farm();
    let mut ada = logged_in(&farm, "Ada");
    let seen = act_as(&mut ada, "Mia");
    assert_eq!(seen.user().as_deref(), Some("Mia"));
    let banner = seen.words(".acting").expect("a banner");
    assert!(
        banner.contains("Ada") && banner.contains("Mia") && banner.contains("a broken page"),
        "{banner}"
    );
    assert_eq!(
        logged_in(&farm, "Ada").get(PAGE).words(".acting"),
        None,
        "another device is not touched"
    );
}

#[test]
fn the_return_leads_back_to_oneself() {
    let farm = farm();
    let mut ada = logged_in(&farm, "Ada");
    act_as(&mut ada, "Mia");
    let back = come_back(&mut ada, PAGE);
    assert_eq!(back.user().as_deref(), Some("Ada"));
    assert_eq!(back.words(".acting"), None);
    assert_eq!(
        act_as(&mut ada, "Tom").user().as_deref(),
        Some("Tom"),
        "and one can act again"
    );
}

#[test]
fn acting_and_returning_give_new_ids_and_an_empty_dict() {
    let farm = farm();
    let mut ada = logged_in(&farm, "Ada");
    ada.get(NUMBER);
    let before = ada.clone();
    act_as(&mut ada, "Mia");
    assert_ne!(ada.jar.cookies()[0].value, before.jar.cookies()[0].value);
    assert_eq!(before.clone().get(PAGE).user(), None, "the old id is dead");
    assert!(
        ada.get(NUMBER).content().starts_with("Set to value "),
        "Ada's number is not shown to Mia"
    );
    let acting = ada.clone();
    come_back(&mut ada, PAGE);
    assert_eq!(acting.clone().get(PAGE).user(), None);
    assert!(
        ada.get(NUMBER).content().starts_with("Set to value "),
        "nor Mia's to Ada"
    );
}

#[test]
fn a_change_made_while_acting_carries_both_names() {
    let farm = farm();
    let mut ada = logged_in(&farm, "Ada");
    act_as(&mut ada, "Mia");
    let saved = ada.edit(PAGE, "written for Mia");
    assert_eq!(saved.status, 200);
    assert!(saved.words(".changed").unwrap().contains("Ada as Mia"));
    let history = farm.visitor().get(&format!("{PAGE}?action=info"));
    assert_eq!(history.words("td.who").as_deref(), Some("Ada as Mia"));
    let log = farm.log();
    let user = log
        .lines()
        .find(|line| line.contains("\"su\"") || line.contains("event=su "))
        .unwrap_or_default();
    assert!(
        user.contains("a broken page") && user.contains("acting_as"),
        "{log}"
    );
}

#[test]
fn a_logout_while_acting_ends_everything() {
    let farm = farm();
    let mut ada = logged_in(&farm, "Ada");
    act_as(&mut ada, "Mia");
    let goodbye = ada.log_out(PAGE);
    assert_eq!(goodbye.user(), None);
    assert!(goodbye.text().contains("You are now logged out."));
    assert_eq!(ada.get(PAGE).user(), None);
}

#[test]
fn nobody_acts_as_another_superuser_or_as_oneself_or_as_nobody() {
    let farm = farm();
    let mut ada = logged_in(&farm, "Ada");
    for (name, sentence) in [
        ("Bea", "Nobody can act as another superuser."),
        ("bea", "Nobody can act as another superuser."),
        ("Ada", "This is your own account."),
        ("Nobody", "There is no account of this name."),
        ("", "There is no account of this name."),
    ] {
        let refused = act_as(&mut ada, name);
        assert!(refused.text().contains(sentence), "{name}: {}", refused.text());
        assert_eq!(ada.get(PAGE).user().as_deref(), Some("Ada"));
    }
}

#[test]
fn nobody_acts_as_a_disabled_account() {
    let farm = farm();
    let mut ada = logged_in(&farm, "Ada");
    farm.grange(&["user", "disable", "Mia", "--wiki", "main"]);
    assert!(act_as(&mut ada, "Mia").text().contains("disabled"));
    assert_eq!(ada.get(PAGE).user().as_deref(), Some("Ada"));
}

#[test]
fn acting_ends_when_the_user_is_disabled_meanwhile() {
    let farm = farm();
    let mut ada = logged_in(&farm, "Ada");
    act_as(&mut ada, "Mia");
    farm.grange(&["user", "disable", "Mia", "--wiki", "main"]);
    assert_eq!(ada.get(PAGE).user().as_deref(), Some("Ada"), "never Mia");
    assert_eq!(
        act_as(&mut ada, "Tom").user().as_deref(),
        Some("Tom"),
        "and one can act again"
    );
}

#[test]
fn a_second_acting_within_the_first_is_refused_with_a_sentence() {
    let farm = farm();
    let mut ada = logged_in(&farm, "Ada");
    act_as(&mut ada, "Mia");
    let ticket = ada.get(PAGE).ticket("suid").unwrap();
    let refused = ada.post(
        &format!("{PAGE}?action=suid"),
        &[("ticket", &ticket), ("name", "Tom"), ("reason", "")],
    );
    assert_eq!(refused.status, 403);
    assert!(
        refused.content().contains("acting as somebody else already"),
        "{}",
        refused.content()
    );
    assert_eq!(ada.get(PAGE).user().as_deref(), Some("Mia"));
}

#[test]
fn only_superusers_get_the_form_or_an_answer_to_it() {
    let farm = farm();
    let mut mia = logged_in(&farm, "Mia");
    assert_eq!(mia.get(&format!("{PAGE}?action=suid")).status, 403);
    assert_eq!(farm.visitor().get(&format!("{PAGE}?action=suid")).status, 403);
    assert!(
        !mia.get(PAGE)
            .attributes("a", "href")
            .iter()
            .any(|href| href.contains("action=suid"))
    );
    let posted = mia.post(
        &format!("{PAGE}?action=suid"),
        &[("name", "Tom"), ("ticket", "x")],
    );
    assert_eq!(posted.status, 403);
    assert_eq!(mia.get(PAGE).user().as_deref(), Some("Mia"));
}

#[test]
fn a_return_without_acting_is_refused() {
    let farm = farm();
    let mut ada = logged_in(&farm, "Ada");
    let refused = ada.fill_in(PAGE, "suid", &[("return", "1")]);
    assert_eq!(
        (refused.status, ada.get(PAGE).user().as_deref()),
        (403, Some("Ada"))
    );
}

#[test]
fn a_killed_superuser_acts_as_nobody_any_more() {
    let farm = farm();
    let mut ada = logged_in(&farm, "Ada");
    act_as(&mut ada, "Mia");
    assert_eq!(
        farm.grange(&["session", "kill", "Ada", "--wiki", "main"])
            .out
            .trim(),
        "1 session ended"
    );
    assert_eq!(ada.get(PAGE).user(), None);
}

#[test]
fn names_of_superusers_cannot_be_registered() {
    let farm = Farm::start(&format!("{SINGLE}superuser = [\"Ada\"]\n"));
    for name in ["Ada", "ada", "ADA"] {
        let mut visitor = farm.visitor();
        let refused = visitor.register(PAGE, name, PASSWORD);
        assert_eq!((refused.user(), refused.set_cookies().len()), (None, 0), "{name}");
    }
}

/// Two wikis that share everything; only on the first is Ada superuser, on the second Mia is.
fn shared() -> Farm {
    let farm = Farm::start(
        "[group.g]\ncookie_name = \"g\"\nsession_dir = \"wikis/_g/sessions\"\nuser_dir = \"wikis/_g/users\"\n\n\
         [wiki.one]\nat = [\"h.example/one\"]\ngroup = \"g\"\nsuperuser = [\"Ada\"]\n\n\
         [wiki.two]\nat = [\"h.example/two\"]\ngroup = \"g\"\nsuperuser = [\"Mia\"]\n\n\
         [wiki.three]\nat = [\"h.example/three\"]\ngroup = \"g\"\nsuperuser = [\"Ada\"]\n\n\
         [wiki.four]\nat = [\"h.example/four\"]\ngroup = \"g\"\nsuperuser = [\"Ada\", \"Mia\"]\n",
    );
    for name in ["Ada", "Mia", "Tom"] {
        farm.add_user("one", name, PASSWORD);
    }
    farm
}

fn acting_on_one(farm: &Farm) -> Visitor {
    let mut ada = farm.visitor();
    ada.log_in("http://h.example/one/P", "Ada", PASSWORD);
    let seen = ada.submit(
        "http://h.example/one/P",
        "suid",
        &[("name", "Mia"), ("reason", "")],
    );
    assert_eq!(seen.user().as_deref(), Some("Mia"));
    ada
}

#[test]
fn acting_counts_only_where_one_is_superuser_and_is_not_lost_elsewhere() {
    let farm = shared();
    let mut ada = acting_on_one(&farm);
    let two = ada.get("http://h.example/two/P");
    assert_eq!(
        (two.user().as_deref(), two.words(".acting")),
        (Some("Ada"), None),
        "no superuser there"
    );
    let three = ada.get("http://h.example/three/P");
    assert_eq!(three.user().as_deref(), Some("Mia"), "superuser there too");
    let four = ada.get("http://h.example/four/P");
    assert_eq!(
        (four.user().as_deref(), four.words(".acting")),
        (Some("Ada"), None),
        "the target is superuser there"
    );
    let one = ada.get("http://h.example/one/P");
    assert_eq!(one.user().as_deref(), Some("Mia"), "the visits changed nothing");
    assert_eq!(
        come_back(&mut ada, "http://h.example/three/P").user().as_deref(),
        Some("Ada")
    );
    assert_eq!(ada.get("http://h.example/one/P").user().as_deref(), Some("Ada"));
}

#[test]
fn a_superuser_gains_no_rights_of_the_target_on_a_sibling() {
    let farm = shared();
    let mut ada = acting_on_one(&farm);
    assert_eq!(
        ada.get("http://h.example/two/P?action=suid").status,
        403,
        "Mia's power there is not lent"
    );
    ada.edit("http://h.example/two/P", "words");
    let history = ada.get("http://h.example/two/P?action=info");
    assert_eq!(history.words("td.who").as_deref(), Some("Ada"));
}

#[test]
fn acting_does_not_nest_through_a_sibling_where_it_does_not_count() {
    let farm = shared();
    let mut ada = acting_on_one(&farm);
    let form = ada.get("http://h.example/four/P?action=suid");
    let refused = match form.ticket("suid") {
        Some(ticket) => ada.post(
            "http://h.example/four/P?action=suid",
            &[("ticket", &ticket), ("name", "Tom"), ("reason", "")],
        ),
        None => form,
    };
    assert_eq!(refused.status, 403);
    assert!(
        refused.content().contains("acting as somebody else already"),
        "{}",
        refused.content()
    );
    assert_eq!(ada.get("http://h.example/one/P").user().as_deref(), Some("Mia"));
}

#[test]
fn acting_ends_by_itself_after_an_hour_and_the_old_id_with_it() {
    let farm = farm();
    let mut ada = logged_in(&farm, "Ada");
    act_as(&mut ada, "Mia");
    ada.get(NUMBER);
    age_acting(&farm, 59);
    assert_eq!(ada.get(PAGE).user().as_deref(), Some("Mia"));
    let before = ada.clone();
    age_acting(&farm, 2);
    let back = ada.get(NUMBER);
    assert_eq!(
        (back.user().as_deref(), back.words(".acting")),
        (Some("Ada"), None)
    );
    assert!(
        ada.get(NUMBER).content().starts_with("Loaded value ") || back.content().starts_with("Set to value "),
        "with an empty dict"
    );
    assert_eq!(before.clone().get(PAGE).user(), None);
    assert_eq!(act_as(&mut ada, "Tom").user().as_deref(), Some("Tom"));
}

#[test]
fn the_log_has_both_names_for_beginning_and_end() {
    let farm = farm();
    let mut ada = logged_in(&farm, "Ada");
    act_as(&mut ada, "Mia");
    come_back(&mut ada, PAGE);
    let log = farm.log();
    for event in ["su", "su_return"] {
        let marks = [format!("event=\"{event}\""), format!("event={event} ")];
        let line = log
            .lines()
            .find(|line| marks.iter().any(|mark| line.contains(mark)))
            .unwrap_or_default();
        assert!(
            line.contains("audit") && line.contains("Ada") && line.contains("Mia"),
            "{event}: {log}"
        );
        assert!(line.contains("main") && line.contains("127.0.0.1"), "{line}");
    }
}
