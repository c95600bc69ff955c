//! Every farm in `examples/farms/` as it stands there, started and driven from outside.
//!
//! *Shared* and *separate* are written once, in [`assert_shared`] and [`assert_separate`]; each recipe says
//! which of its wikis are what, and how their cookies look. Only `listen` is rewritten (free ports), and this
//! machine is a trusted proxy, so that the visitors can come over https.

use std::fs;
use std::path::Path;

use crate::harness::{Farm, PASSWORD, Visitor};

/// A wiki of a recipe: its id and where visitors find it.
#[derive(Clone, Copy)]
struct Wiki(&'static str, &'static str);

impl Wiki {
    fn page(self, name: &str) -> String {
        format!("{}{name}", self.1)
    }
}

fn recipe(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../examples/farms")
        .join(name)
        .join("farmconfig.toml");
    fs::read_to_string(path).unwrap()
}

/// The recipe on free ports, and on each wiki a page `Number` with the sample macro.
fn start(name: &str, wikis: &[Wiki]) -> Farm {
    start_as(&recipe(name), wikis)
}

fn start_as(text: &str, wikis: &[Wiki]) -> Farm {
    let table: toml::Table = text.parse().unwrap();
    let listeners = table["farm"]["listen"].as_array().unwrap().len();
    let listen = format!(
        "listen = [{}]\nadmin_listen = \"\"\ntrusted_proxies = [\"127.0.0.1\"]",
        vec!["\"127.0.0.1:0\""; listeners].join(", ")
    );
    let line = text.lines().find(|line| line.starts_with("listen")).unwrap();
    let farm = Farm::start(&text.replace(line, &listen));
    for wiki in wikis {
        farm.put_page(wiki.0, "Number", "<<SessionTest>>");
    }
    farm
}

fn registered(farm: &Farm, wiki: Wiki, name: &str, password: &str) -> Visitor {
    let mut visitor = farm.visitor();
    let welcome = visitor.register(&wiki.page("Start"), name, password);
    assert_eq!(
        welcome.user().as_deref(),
        Some(name),
        "{}: {}",
        wiki.0,
        welcome.text()
    );
    visitor
}

/// What the sample macro shows this visitor.
fn number(visitor: &mut Visitor, wiki: Wiki) -> String {
    visitor.get(&wiki.page("Number")).content()
}

fn user(visitor: &mut Visitor, wiki: Wiki) -> Option<String> {
    visitor.get(&wiki.page("Start")).user()
}

/// One login, one session, one list of accounts.
fn assert_shared(farm: &Farm, one: Wiki, other: Wiki, name: &str) {
    let mut visitor = registered(farm, one, name, PASSWORD);
    assert_eq!(
        user(&mut visitor, other).as_deref(),
        Some(name),
        "in on {}, so in on {}",
        one.0,
        other.0
    );
    let set = number(&mut visitor, one);
    let value = set
        .strip_prefix("Set to value ")
        .unwrap_or_else(|| panic!("{set}"));
    assert_eq!(number(&mut visitor, other), format!("Loaded value {value}"));

    let mut elsewhere = farm.visitor();
    let there = elsewhere.log_in(&other.page("Start"), name, PASSWORD);
    assert_eq!(
        there.user().as_deref(),
        Some(name),
        "an account of {} is one of {}",
        one.0,
        other.0
    );

    visitor.log_out(&other.page("Start"));
    assert_eq!(user(&mut visitor, other), None);
    assert_eq!(
        user(&mut visitor, one),
        None,
        "out on {}, so out on {}",
        other.0,
        one.0
    );
    assert_eq!(
        user(&mut elsewhere, one).as_deref(),
        Some(name),
        "another device stays in"
    );
}

/// Two logins, two sessions, two lists of accounts, even for the same name.
fn assert_separate(farm: &Farm, one: Wiki, other: Wiki, name: &str) {
    let mut visitor = registered(farm, one, name, PASSWORD);
    let set = number(&mut visitor, one);
    let value = set
        .strip_prefix("Set to value ")
        .unwrap_or_else(|| panic!("{set}"));
    assert_eq!(
        user(&mut visitor, other),
        None,
        "in on {}, not in on {}",
        one.0,
        other.0
    );
    assert_eq!(
        number(&mut visitor, other),
        "Not storing any state until you send a cookie."
    );
    let refused = visitor.log_in(&other.page("Start"), name, PASSWORD);
    assert!(
        refused.text().contains("Invalid user name or password."),
        "no account of {} is one of {}",
        one.0,
        other.0
    );

    let twin = visitor.register(&other.page("Start"), name, "a password of its own");
    assert_eq!(
        twin.user().as_deref(),
        Some(name),
        "the name is free on {}",
        other.0
    );
    assert_eq!(
        number(&mut visitor, one),
        format!("Loaded value {value}"),
        "the first session lives on"
    );
    visitor.log_out(&other.page("Start"));
    assert_eq!(user(&mut visitor, other), None);
    assert_eq!(
        user(&mut visitor, one).as_deref(),
        Some(name),
        "out on {}, still in on {}",
        other.0,
        one.0
    );
}

/// The line that a login gets, on http and behind a proxy that ended TLS.
fn assert_cookie(farm: &Farm, wiki: Wiki, name: &str, plain: &str, secure: &str) {
    let login = [("name", name), ("password", PASSWORD)];
    let line = farm
        .visitor()
        .fill_in(&wiki.page("Start"), "login", &login)
        .cookie_line();
    assert_eq!(line.as_deref(), Some(plain));
    let https = wiki.page("Start").replacen("http://", "https://", 1);
    let line = farm.visitor().fill_in(&https, "login", &login).cookie_line();
    assert_eq!(line.as_deref(), Some(secure));
}

/// The cookie of a wiki that sets nothing but perhaps a name.
fn assert_host_cookie(farm: &Farm, wiki: Wiki, name: &str, part: &str) {
    let rest = "Path=/; Max-Age=43200";
    let plain = format!("GRANGE_SESSION_{part}=ID; {rest}; HttpOnly; SameSite=Lax");
    let secure = format!("__Host-GRANGE_SESSION_{part}=ID; {rest}; Secure; HttpOnly; SameSite=Lax");
    assert_cookie(farm, wiki, name, &plain, &secure);
}

#[test]
fn every_example_is_clean_as_it_stands() {
    let farms = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/farms");
    let names = fs::read_dir(farms)
        .unwrap()
        .map(Result::unwrap)
        .filter(|entry| entry.path().is_dir());
    let mut seen = 0;
    for name in names.map(|entry| entry.file_name().into_string().unwrap()) {
        let told = Farm::prepare(&recipe(&name)).grange(&["check"]);
        assert_eq!(told.status, 0, "{name}: {told:?}");
        seen += 1;
    }
    assert_eq!(seen, 8, "each recipe has a test");
}

#[test]
fn a_single_wiki_answers_at_every_name_and_keeps_a_login_for_a_working_day() {
    let wiki = Wiki("mywiki", "http://any.name.example/");
    let farm = start("single", &[wiki]);
    let mut visitor = registered(&farm, wiki, "Mia", PASSWORD);
    assert!(number(&mut visitor, wiki).starts_with("Set to value "));
    assert!(number(&mut visitor, wiki).starts_with("Loaded value "));
    assert_eq!(visitor.get("http://127.0.0.1/").wiki().as_deref(), Some("mywiki"));
    let line = |prefix, secure| {
        format!("{prefix}GRANGE_SESSION_ROOT=ID; Path=/; Max-Age=32400; {secure}HttpOnly; SameSite=Lax")
    };
    assert_cookie(&farm, wiki, "Mia", &line("", ""), &line("__Host-", "Secure; "));
    let login = [("name", "Mia"), ("password", PASSWORD), ("remember_me", "1")];
    let kept = farm
        .visitor()
        .fill_in(&wiki.page("Start"), "login", &login)
        .cookie_line()
        .unwrap();
    assert!(kept.contains("; Max-Age=34560000;"), "{kept}");
}

const APART: [Wiki; 4] = [
    Wiki("wiki1", "http://wiki1.example.org/"),
    Wiki("wiki2", "http://example.org/wiki2/"),
    Wiki("wiki3", "http://example.org/wiki3/"),
    Wiki("wiki4", "http://example.org:8001/"),
];

#[test]
fn wikis_that_set_nothing_share_nothing() {
    let farm = start("separate", &APART);
    assert_separate(&farm, APART[1], APART[2], "Mia");
    assert_separate(&farm, APART[2], APART[3], "Tom");
    assert_separate(&farm, APART[3], APART[0], "Ada");
    assert_separate(&farm, APART[0], APART[1], "Kim");
}

#[test]
fn wikis_that_set_nothing_name_their_cookies_after_port_and_path() {
    let farm = start("separate", &APART);
    for (wiki, part) in APART
        .into_iter()
        .zip(["ROOT", "ROOT_wiki2", "ROOT_wiki3", "8001_ROOT"])
    {
        farm.add_user(wiki.0, "Mia", PASSWORD);
        assert_host_cookie(&farm, wiki, "Mia", part);
    }
}

#[test]
fn wikis_stay_separate_when_their_session_dir_is_shared_by_mistake() {
    let mistaken = format!(
        "{}\n[defaults]\nsession_dir = \"wikis/_all/sessions\"\n",
        recipe("separate")
    );
    let farm = start_as(&mistaken, &APART);
    assert_separate(&farm, APART[1], APART[2], "Mia");
    assert_separate(&farm, APART[3], APART[0], "Tom");
    assert!(
        farm.path().join("wikis/_all/sessions/sessions.db").exists(),
        "they do share it"
    );
}

#[test]
fn siteidmagic_names_the_cookie_after_the_wiki_and_shares_nothing() {
    let wikis = [
        Wiki("wiki1", "http://wiki1.example.org/"),
        Wiki("wiki2", "http://example.org/wiki2/"),
        Wiki("wiki3", "http://example.org:8001/"),
    ];
    let farm = start("separate-siteidmagic", &wikis);
    assert_separate(&farm, wikis[1], wikis[2], "Mia");
    assert_separate(&farm, wikis[2], wikis[0], "Tom");
    for wiki in wikis {
        farm.add_user(wiki.0, "Ada", PASSWORD);
        assert_host_cookie(&farm, wiki, "Ada", wiki.0);
    }
}

#[test]
fn wikis_on_hosts_of_one_domain_share_everything() {
    let wikis = [
        Wiki("wiki1", "http://wiki1.example.org/"),
        Wiki("wiki2", "http://wiki2.example.org/"),
    ];
    let farm = start("host-shared", &wikis);
    assert_shared(&farm, wikis[0], wikis[1], "Mia");
    assert_shared(&farm, wikis[1], wikis[0], "Tom");
    let rest = "ID; Domain=.example.org; Path=/; Max-Age=43200";
    let plain = format!("GRANGE_SESSION_family={rest}; HttpOnly; SameSite=Lax");
    let secure = format!("__Secure-GRANGE_SESSION_family={rest}; Secure; HttpOnly; SameSite=Lax");
    for wiki in wikis {
        assert_cookie(&farm, wiki, "Mia", &plain, &secure);
    }
}

#[test]
fn wikis_on_paths_of_one_host_share_everything() {
    let wikis = [
        Wiki("wiki1", "http://example.org/wiki1/"),
        Wiki("wiki2", "http://example.org/wiki2/"),
    ];
    let farm = start("path-shared", &wikis);
    assert_shared(&farm, wikis[0], wikis[1], "Mia");
    assert_shared(&farm, wikis[1], wikis[0], "Tom");
    assert_host_cookie(&farm, wikis[0], "Mia", "family");
    assert_host_cookie(&farm, wikis[1], "Mia", "family");
}

#[test]
fn wikis_on_ports_of_one_host_share_everything() {
    let wikis = [
        Wiki("wiki1", "http://example.org:8001/"),
        Wiki("wiki2", "http://example.org:8002/"),
    ];
    let farm = start("port-shared", &wikis);
    assert_shared(&farm, wikis[0], wikis[1], "Mia");
    assert_shared(&farm, wikis[1], wikis[0], "Tom");
    assert_host_cookie(&farm, wikis[0], "Mia", "family");
    let mut at_the_other_listener = registered(&farm, wikis[0], "Ada", PASSWORD).at(farm.address(1));
    assert_eq!(user(&mut at_the_other_listener, wikis[1]).as_deref(), Some("Ada"));
}

#[test]
fn groups_share_inside_and_not_across_and_a_wiki_stays_apart() {
    let office = [
        Wiki("office", "http://office.example.org/"),
        Wiki("projects", "http://example.org/projects/"),
    ];
    let club = [
        Wiki("meetings", "http://example.org:8001/"),
        Wiki("club", "http://example.org/club/"),
    ];
    let private = Wiki("private", "http://example.org/private/");
    let farm = start("mixed", &[office[0], office[1], club[0], club[1], private]);
    assert_shared(&farm, office[0], office[1], "Mia");
    assert_shared(&farm, club[1], club[0], "Tom");
    assert_separate(&farm, office[1], club[1], "Ada");
    assert_separate(&farm, club[0], private, "Kim");
    assert_separate(&farm, office[0], private, "Lea");
}

#[test]
fn one_browser_is_somebody_else_in_each_group() {
    let (office, club) = (
        Wiki("projects", "http://example.org/projects/"),
        Wiki("club", "http://example.org/club/"),
    );
    let farm = start("mixed", &[office, club]);
    let mut visitor = registered(&farm, office, "Mia", PASSWORD);
    visitor.register(&club.page("Start"), "Tom", PASSWORD);
    assert_eq!(user(&mut visitor, office).as_deref(), Some("Mia"));
    assert_eq!(user(&mut visitor, club).as_deref(), Some("Tom"));
    let names: Vec<&str> = visitor
        .jar
        .session_cookies()
        .iter()
        .map(|cookie| cookie.name.as_str())
        .collect();
    assert_eq!(names, ["GRANGE_SESSION_office", "GRANGE_SESSION_club"]);
}
