//! `{base}/_farm/`: who may see the admin pages, what stands there, and ending sessions from there.
//!
//! What `[farm] admins` may say is tested in the farm crate; `grange session` in `kills`.

use crate::harness::{Answer, Farm, PASSWORD, Visitor};
use crate::proof::age_proofs_of;

const ONE: &str = "http://one.example/_farm/";
const TWO: &str = "http://two.example/_farm/";
const APART: &str = "http://apart.example/_farm/";

/// Two wikis that share everything and one apart; Ada of the two is an administrator. Guests have sessions.
const KEYS: &str = "[farm]\nlisten = [\"127.0.0.1:0\"]\nadmin_listen = \"\"\nadmins = [\"one:Ada\"]\n\n\
    [defaults]\ncookie_lifetime = [1, 12]\n\n\
    [group.g]\ncookie_name = \"g\"\nsession_dir = \"wikis/_g/sessions\"\nuser_dir = \"wikis/_g/users\"\nsuperuser = [\"Ada\"]\n\n\
    [wiki.one]\nat = [\"one.example\"]\ngroup = \"g\"\nsitename = \"First\"\n\n\
    [wiki.two]\nat = [\"two.example\"]\ngroup = \"g\"\nsitename = \"Second\"\n\n\
    [wiki.apart]\nat = [\"apart.example\"]\nsitename = \"Apart\"\nstate = \"read_only\"\n";

fn farm() -> Farm {
    let farm = Farm::start(KEYS);
    farm.put_page("one", "Number", "<<SessionTest>>");
    for (wiki, name) in [("one", "Ada"), ("one", "Mia"), ("apart", "Ada"), ("apart", "Mia")] {
        farm.add_user(wiki, name, PASSWORD);
    }
    farm
}

#[test]
fn nobody_becomes_administrator_of_the_farm_by_registering_the_name() {
    let farm = Farm::start(&KEYS.replace("superuser = [\"Ada\"]", ""));
    for (page, name, may) in [
        ("http://one.example/Page", "Ada", false),
        ("http://two.example/Page", "аda", false),
        ("http://one.example/Page", "Mia", true),
    ] {
        let mut visitor = farm.visitor();
        let answer = visitor.register(page, name, PASSWORD);
        assert_eq!(is_in(&mut visitor, page), may, "{name}: {}", answer.text());
        assert_eq!(visitor.get(ONE).status, 403, "{name}");
    }
}

fn ada(farm: &Farm) -> Visitor {
    farm.logged_in("http://one.example/Page", "Ada")
}

fn guest(farm: &Farm) -> Visitor {
    let mut guest = farm.visitor();
    guest.get("http://one.example/Number");
    guest.get("http://one.example/Number");
    guest
}

fn keeps_its_number(guest: &mut Visitor) -> bool {
    guest
        .get("http://one.example/Number")
        .content()
        .starts_with("Loaded value ")
}

fn is_in(visitor: &mut Visitor, page: &str) -> bool {
    visitor.get(page).user().is_some()
}

/// Sends the form of the sessions page with its ticket.
fn end(visitor: &mut Visitor, page: &str, fields: &[(&str, &str)]) -> Answer {
    let shown = visitor.get(&format!("{page}sessions"));
    let ticket = shown
        .attributes("form[action$=\"_farm/sessions\"] input[name=ticket]", "value")
        .remove(0);
    let fields = [&[("ticket", ticket.as_str())], fields].concat();
    let url = format!("{page}sessions");
    let answer = visitor.post(&url, &fields);
    visitor.follow(&url, answer)
}

#[test]
fn without_admins_there_are_no_admin_pages() {
    let farm = Farm::start("[wiki.one]\nat = [\"one.example\"]\nsuperuser = [\"Ada\"]\n");
    farm.add_user("one", "Ada", PASSWORD);
    for address in ["", "sharing", "sessions", "config"] {
        assert_eq!(ada(&farm).get(&format!("{ONE}{address}")).status, 404);
    }
}

#[test]
fn only_an_administrator_sees_them_where_the_login_counts() {
    let farm = farm();
    let mut ada = ada(&farm);
    for address in ["", "sharing", "sessions", "config"] {
        assert_eq!(ada.get(&format!("{ONE}{address}")).status, 200, "{address}");
        assert_eq!(farm.visitor().get(&format!("{ONE}{address}")).status, 403);
        assert_eq!(
            farm.logged_in("http://one.example/P", "Mia")
                .get(&format!("{ONE}{address}"))
                .status,
            403
        );
    }
    // The same Ada, through the shared login of another host, and another Ada, of a wiki apart.
    let mut on_two = farm.logged_in("http://two.example/P", "Ada");
    assert_eq!(on_two.get(TWO).status, 200);
    let mut other = farm.logged_in("http://apart.example/P", "Ada");
    assert_eq!(other.get(APART).status, 403);
    assert!(
        ada.get("http://one.example/P")
            .attributes(".visitor a", "href")
            .contains(&"/_farm/".to_owned())
    );
    assert!(
        !other
            .get("http://apart.example/P")
            .attributes(".visitor a", "href")
            .contains(&"/_farm/".to_owned())
    );
    assert_eq!(ada.get("http://one.example/_farm").status, 301);
    assert_eq!(ada.get(&format!("{ONE}nothing")).status, 404);
    assert!(
        farm.log()
            .lines()
            .any(|line| line.contains("rights_denied") && line.contains("farm admin"))
    );
}

#[test]
fn a_guest_at_the_admin_pages_is_led_to_the_login_and_a_user_is_not() {
    let farm = farm();
    let refused = farm.visitor().get(ONE);
    assert_eq!(refused.status, 403);
    assert!(
        refused.has("#content a[href*='action=login']"),
        "{}",
        refused.content()
    );
    let refused = farm.logged_in("http://one.example/P", "Mia").get(ONE);
    assert_eq!(refused.status, 403);
    assert!(!refused.has("#content a[href*='action=login']"));
}

#[test]
fn the_configuration_page_tells_what_is_worth_knowing_too() {
    let farm = farm();
    let mut ada = ada(&farm);
    let plain = ada.get(&format!("{ONE}config")).content();
    assert!(
        plain.contains("No problems.") && !plain.contains("Good to know"),
        "{plain}"
    );
    farm.write_config(&KEYS.replace("admins =", "include = [\"more/*.toml\"]\nadmins ="));
    let told = ada.get(&format!("{ONE}config")).content();
    assert!(
        told.contains("No problems.") && told.contains("Good to know") && told.contains("no file matches"),
        "{told}"
    );
}

#[test]
fn nobody_is_an_administrator_while_acting_as_somebody() {
    let farm = farm();
    let mut ada = ada(&farm);
    ada.submit("http://one.example/P", "suid", &[("name", "Mia"), ("reason", "")]);
    let refused = ada.get(ONE);
    assert_eq!(refused.status, 403);
    assert!(
        refused.content().contains("acting as somebody else"),
        "{}",
        refused.content()
    );
}

#[test]
fn an_administrator_that_a_reload_takes_away_is_none_any_more() {
    let farm = farm();
    let mut ada = ada(&farm);
    assert_eq!(ada.get(ONE).status, 200);
    farm.write_config(&KEYS.replace("one:Ada", "one:Mia"));
    assert_eq!(farm.grange(&["reload"]).status, 0);
    assert_eq!(ada.get(ONE).status, 403);
}

#[test]
fn the_wikis_stand_there_with_state_and_address() {
    let farm = farm();
    let mut ada = ada(&farm);
    let words = ada.get(ONE).content();
    for word in [
        "3 wikis",
        "First",
        "Apart",
        "apart.example",
        "read-only",
        "1–3 of 3",
    ] {
        assert!(words.contains(word), "{word}: {words}");
    }
    let found = ada.get(&format!("{ONE}?q=apart")).content();
    assert!(
        found.contains("Apart") && !found.contains("First") && found.contains("1–1 of 1"),
        "{found}"
    );
}

#[test]
fn a_large_farm_is_shown_in_parts_and_no_wiki_is_opened_for_it() {
    let many: String = (0..300)
        .map(|n| format!("[wiki.w{n}]\nat = [\"w{n}.example\"]\n"))
        .collect();
    let farm = Farm::start(&format!("{KEYS}{many}"));
    farm.add_user("one", "Ada", PASSWORD);
    let mut ada = ada(&farm);
    let first = ada.get(ONE);
    assert!(first.content().contains("1–100 of 303"), "{}", first.content());
    assert_eq!(first.attributes("tbody tr th", "scope").len(), 100);
    let next = first.attributes("a[rel~=next]", "href").remove(0);
    assert!(
        ada.get(&format!("http://one.example{next}"))
            .content()
            .contains("101–200 of 303")
    );
    assert_eq!(ada.get(&format!("{ONE}sessions?wiki=w7")).status, 200);
    let made: Vec<_> = std::fs::read_dir(farm.path().join("wikis"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .filter(|name| name.to_string_lossy().starts_with('w'))
        .collect();
    assert!(made.is_empty(), "{made:?}");
}

#[test]
fn sessions_are_listed_by_realm_and_user_in_parts() {
    let farm = farm();
    let mut ada = ada(&farm);
    let _mia = farm.logged_in("http://two.example/P", "Mia");
    let _apart = farm.logged_in("http://apart.example/P", "Mia");
    let guests: Vec<Visitor> = (0..60).map(|_| guest(&farm)).collect();
    let all = ada.get(&format!("{ONE}sessions"));
    let words = all.content();
    assert!(words.contains("Sessions that count on First, Second."), "{words}");
    assert!(words.contains("1–50 of 62"), "{words}");
    assert_eq!(all.attributes("button[name=end]", "value").len(), 50);
    let mias = ada.get(&format!("{ONE}sessions?user=mia")).content();
    assert!(mias.contains("1–1 of 1") && mias.contains("on Second"), "{mias}");
    let apart = ada.get(&format!("{ONE}sessions?wiki=apart")).content();
    assert!(
        apart.contains("count on Apart.") && apart.contains("1–1 of 1"),
        "{apart}"
    );
    assert_eq!(ada.get(&format!("{ONE}sessions?wiki=none")).status, 404);
    assert_eq!(ada.get(&format!("{ONE}sessions?user=Nobody")).status, 404);
    drop(guests);
}

#[test]
fn one_session_a_users_all_guests_and_all_are_ended_counted_and_written_down() {
    let farm = farm();
    let mut ada = ada(&farm);
    let (mut mia, mut other) = (
        farm.logged_in("http://two.example/P", "Mia"),
        farm.logged_in("http://one.example/P", "Mia"),
    );
    let (mut first, mut second) = (guest(&farm), guest(&farm));
    let handle = ada
        .get(&format!("{ONE}sessions?user=Mia"))
        .attributes("button[name=end]", "value")
        .remove(0);
    let told = end(&mut ada, ONE, &[("wiki", "one"), ("end", &handle)]);
    assert_eq!(told.words(".message").as_deref(), Some("1 session ended."));
    assert_eq!(
        usize::from(is_in(&mut mia, "http://two.example/P"))
            + usize::from(is_in(&mut other, "http://one.example/P")),
        1
    );
    let told = end(
        &mut ada,
        ONE,
        &[("wiki", "two"), ("user", "Mia"), ("kill_user", "1")],
    );
    assert_eq!(told.words(".message").as_deref(), Some("1 session ended."));
    let told = end(&mut ada, ONE, &[("wiki", "one"), ("kill_guests", "1")]);
    assert_eq!(told.words(".message").as_deref(), Some("2 sessions ended."));
    assert!(!keeps_its_number(&mut first) && !keeps_its_number(&mut second));
    assert!(is_in(&mut ada, "http://one.example/P"));
    let gone = end(&mut ada, ONE, &[("wiki", "one"), ("kill_all", "1")]);
    assert_eq!(
        (gone.status, gone.user()),
        (200, None),
        "the administrator's own ended too"
    );
    assert!(gone.ticket("login").is_some(), "{}", gone.content());
    let message = gone.words(".message").unwrap_or_default();
    assert!(message.ends_with(" ended, yours too."), "{message}");
    let mut ada = self::ada(&farm);
    let own = ada
        .get(&format!("{ONE}sessions?user=Ada"))
        .attributes("button[name=end]", "value")
        .remove(0);
    let gone = end(&mut ada, ONE, &[("wiki", "one"), ("end", &own)]);
    assert_eq!(
        gone.words(".message").as_deref(),
        Some("1 session ended, yours too.")
    );
    let log = farm.log();
    let kills = log
        .lines()
        .filter(|line| line.contains("audit") && line.contains("kill") && line.contains("count"));
    assert_eq!(kills.count(), 5, "{log}");
}

#[test]
fn sessions_of_another_realm_are_ended_only_through_it() {
    let farm = farm();
    let mut ada = ada(&farm);
    let mut mia = farm.logged_in("http://apart.example/P", "Mia");
    let handle = ada
        .get(&format!("{ONE}sessions?wiki=apart"))
        .attributes("button[name=end]", "value")
        .remove(0);
    let told = end(&mut ada, ONE, &[("wiki", "one"), ("end", &handle)]);
    assert_eq!(told.words(".message").as_deref(), Some("0 sessions ended."));
    assert!(is_in(&mut mia, "http://apart.example/P"));
    let told = end(&mut ada, ONE, &[("wiki", "apart"), ("end", &handle)]);
    assert_eq!(told.words(".message").as_deref(), Some("1 session ended."));
    assert!(!is_in(&mut mia, "http://apart.example/P"));
}

#[test]
fn ending_sessions_wants_a_ticket_and_a_young_proof() {
    let farm = farm();
    let mut ada = ada(&farm);
    let mut mia = farm.logged_in("http://one.example/P", "Mia");
    let bare = ada.post(&format!("{ONE}sessions"), &[("wiki", "one"), ("kill_all", "1")]);
    assert_eq!(bare.status, 403);
    age_proofs_of(&farm, "wikis/_g/sessions", 16);
    let asked = end(
        &mut ada,
        ONE,
        &[("wiki", "one"), ("user", "Mia"), ("kill_user", "1")],
    );
    assert!(
        asked.status == 200 && asked.has("input[name=current_password]"),
        "{}",
        asked.content()
    );
    assert_eq!(asked.field("user").as_deref(), Some("Mia"));
    assert!(is_in(&mut mia, "http://one.example/P"));
    let told = end(
        &mut ada,
        ONE,
        &[
            ("wiki", "one"),
            ("user", "Mia"),
            ("kill_user", "1"),
            ("current_password", PASSWORD),
        ],
    );
    assert_eq!(told.words(".message").as_deref(), Some("1 session ended."));
}

#[test]
fn the_configuration_page_says_what_check_says_now() {
    let farm = farm();
    let mut ada = ada(&farm);
    assert!(
        ada.get(&format!("{ONE}config"))
            .content()
            .contains("No problems.")
    );
    farm.write_config(
        &KEYS
            .replace("sitename = \"Apart\"", "sitenam = \"Apart\"")
            .replace("one:Ada", "one:Ada\", \"apart:Bea"),
    );
    let words = ada.get(&format!("{ONE}config")).content();
    assert!(
        words.contains("1 error") && words.contains("Did you mean `sitename`?"),
        "{words}"
    );
    assert!(
        ada.get(ONE).content().contains("Apart"),
        "the configuration in force stays"
    );
}

#[test]
fn check_warns_of_an_administrator_without_an_account() {
    let farm = Farm::prepare(KEYS);
    let told = farm.grange(&["check"]);
    assert_eq!(told.status, 1, "{told:?}");
    assert!(
        told.out.contains("grange user add \"Ada\" --wiki one"),
        "{told:?}"
    );
    farm.add_user("one", "Ada", PASSWORD);
    assert_eq!(farm.grange(&["check"]).status, 0);
    farm.write_config(&KEYS.replace("one:Ada", "on:Ada"));
    let told = farm.grange(&["check"]);
    assert!(
        told.status == 2 && told.out.contains("Did you mean \"one\"?"),
        "{told:?}"
    );
}

#[test]
fn the_sharing_is_drawn_as_the_command_draws_it() {
    let farm = farm();
    let shown = ada(&farm).get(&format!("{ONE}sharing"));
    assert!(shown.has("#content svg title"), "{}", shown.content());
    let told = farm.grange(&["sharing"]);
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(shown.words("#content pre"), Some(words(&told.out)));
}
