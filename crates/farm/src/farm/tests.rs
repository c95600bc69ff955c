//! Claims about building, opening and reloading a farm. The address table's are beside the router.

use std::sync::Arc;

use super::*;
use crate::address::Authority;
use crate::secrets::SecretsFileError;
use crate::testing::{TestFarm, asked, cheap_services, config, now, open};

const PAIR: &str = r#"
    [group.pair]
    session_dir = "shared/sessions"
    user_dir = "shared/users"
    cookie_name = "pair"
    [wiki.one]
    at = ["one.example"]
    group = "pair"
    cookie_lifetime = [1, 12]
    [wiki.two]
    at = ["two.example/wiki2"]
    aliases = ["old.example"]
    group = "pair"
    [wiki.apart]
    at = ["*.apart.example"]
"#;

#[test]
fn a_farm_finds_its_wikis_by_address_and_by_id() {
    let test = TestFarm::new(PAIR);
    let found = test
        .farm
        .router
        .find(&asked("two.example"), "/wiki2/Page")
        .unwrap();
    assert_eq!(test.farm.config.wikis[found.wiki].id.as_ref(), "two");
    let alias = test.farm.router.find(&asked("old.example"), "/Page").unwrap();
    assert_eq!((alias.wiki, alias.entry), (found.wiki, Entry::Alias(0)));
    assert_eq!(test.farm.wiki_by_id("two"), Some(found.wiki));
    assert_eq!(test.farm.wiki_by_id("three"), None);
}

#[test]
fn a_canonical_url_is_that_of_the_first_entry() {
    let test = TestFarm::new(PAIR);
    let url = |id, host, tail| {
        canonical_url(
            &test.farm.config.wikis[test.farm.wiki_by_id(id).unwrap()],
            &asked(host),
            tail,
        )
    };
    assert_eq!(
        url("two", "old.example", "/Page?action=raw"),
        "http://two.example/wiki2/Page?action=raw"
    );
    assert_eq!(
        url("apart", "x.apart.example", "Page"),
        "http://x.apart.example/Page"
    );
    assert_eq!(url("apart", "one.example", ""), "http://apart.apart.example/");
}

#[test]
fn a_link_to_a_sibling_arrives_there_from_any_port() {
    let test = TestFarm::new(
        r#"
        [farm]
        listen = ["127.0.0.1:8080", "127.0.0.1:8001"]
        [wiki.club]
        at = ["example.org/club"]
        [wiki.port]
        at = ["example.org:8001"]
        [wiki.both]
        at = ["example.org/both", "example.org:8002"]
        [wiki.far]
        at = ["http://example.org:8080/far"]
        [wiki.low]
        at = ["example.org:80"]
        "#,
    );
    let at = |port| Authority {
        https: false,
        host: "example.org",
        port,
    };
    let url = |id: &str, port| {
        test.farm
            .canonical_url(test.farm.wiki_by_id(id).unwrap(), &at(port), "P")
            .unwrap_or_default()
    };
    assert_eq!(url("club", Some(8080)), "http://example.org:8080/club/P");
    // Port 8001 and, without one, port 80 belong to other wikis, whatever the path.
    assert_eq!(url("club", Some(8001)), "http://example.org:8080/club/P");
    assert_eq!(url("club", None), "http://example.org:8080/club/P");
    assert_eq!(url("both", Some(8002)), "http://example.org:8080/both/P");
    assert_eq!(url("port", Some(8080)), "http://example.org:8001/P");
    assert_eq!(url("far", Some(8001)), "http://example.org:8080/far/P");
    assert_eq!(url("low", Some(8001)), "http://example.org/P");
}

#[test]
fn a_default_port_is_tried_before_the_ports_of_the_farm() {
    let test = TestFarm::new("[wiki.a]\nat = [\"h/a\"]\n[wiki.b]\nat = [\"h:8001\"]\n");
    let request = Authority {
        https: false,
        host: "h",
        port: Some(8001),
    };
    assert_eq!(
        test.farm.canonical_url(0, &request, "/P").as_deref(),
        Some("http://h/a/P")
    );
}

#[test]
fn where_no_address_is_known_there_is_no_link() {
    let test = TestFarm::new("[wiki.any]\nat = [\"*\"]\n[wiki.one]\nat = [\"one.example\"]\n");
    assert_eq!(test.farm.canonical_url(0, &asked("one.example"), "/P"), None);
    assert_eq!(
        test.farm.canonical_url(0, &asked("else"), "/P").as_deref(),
        Some("http://else/P")
    );
    assert_eq!(test.farm.canonical_url(7, &asked("else"), "/P"), None);
}

#[test]
fn building_opens_and_makes_nothing_but_the_secrets() {
    let test = TestFarm::new(PAIR);
    assert!(test.farm.open_wikis().is_empty());
    assert!(test.farm.config.secrets_file.exists());
    assert!(!test.dir().join("shared").exists());
    assert!(!test.farm.config.wikis[0].data_dir.exists());
}

#[test]
fn secrets_that_others_can_read_stop_the_start() {
    use std::os::unix::fs::PermissionsExt;
    let test = TestFarm::new(PAIR);
    // As if the mode changed between the check, which would say so, and the start.
    let checked = config(test.dir(), PAIR);
    let open_mode = std::fs::Permissions::from_mode(0o644);
    std::fs::set_permissions(&test.farm.config.secrets_file, open_mode).unwrap();
    let refused = Farm::build(checked, &cheap_services()).err().unwrap();
    assert!(
        matches!(
            refused,
            FarmError::Secrets(SecretsFileError::TooOpen { mode: 0o644, .. })
        ),
        "{refused}"
    );
}

#[tokio::test]
async fn looking_at_an_open_wiki_makes_nothing_on_disk() {
    let test = TestFarm::new(PAIR);
    let one = test.open("one").await;
    let front = one.config.front_page.clone();
    assert!(one.wiki.page(&front).await.unwrap().is_none());
    assert!(!one.config.data_dir.exists());
    assert!(!test.dir().join("shared").exists());
}

#[tokio::test]
async fn a_wiki_is_opened_once_and_what_is_shared_is_the_same_thing() {
    let test = TestFarm::new(PAIR);
    let (one, again, two, apart) = tokio::join!(
        test.open("one"),
        test.open("one"),
        test.open("two"),
        test.open("apart")
    );
    assert!(Arc::ptr_eq(&one, &again));
    assert!(Arc::ptr_eq(&one.session_store, &two.session_store));
    assert!(Arc::ptr_eq(&one.accounts, &two.accounts));
    assert!(Arc::ptr_eq(&one.login_limits, &two.login_limits));
    assert!(!Arc::ptr_eq(&one.session_store, &apart.session_store));
    assert!(!Arc::ptr_eq(&one.accounts, &apart.accounts));
}

#[tokio::test]
async fn a_wiki_shows_its_own_plain_files_and_then_the_farms_help() {
    let test = TestFarm::new(PAIR);
    let own = test.farm.config.wikis[0].data_dir.join("pages");
    let help = test.farm.config.data_dir.join("_shared/pages");
    std::fs::create_dir_all(&own).unwrap();
    std::fs::create_dir_all(&help).unwrap();
    std::fs::write(own.join("Both.md"), "own").unwrap();
    std::fs::write(help.join("Both.md"), "help").unwrap();
    std::fs::write(help.join("Help.md"), "help").unwrap();
    let one = test.open("one").await;
    let text = async |name: &str| {
        let name = grange_wiki::PageName::parse(name).unwrap();
        one.wiki.page(&name).await.unwrap().unwrap().text.to_string()
    };
    assert_eq!(
        (text("Both").await, text("Help").await),
        ("own".into(), "help".into())
    );
}

#[tokio::test]
async fn an_index_of_another_farm_is_an_error() {
    let test = TestFarm::new(PAIR);
    assert!(matches!(test.farm.open(3).await, Err(OpenError::NoSuchWiki)));
}

#[tokio::test]
async fn a_reload_without_a_change_goes_on_with_every_open_wiki() {
    let test = TestFarm::new(PAIR);
    let one = test.open("one").await;
    let next = test.reload(PAIR);
    assert_eq!(next.difference(&test.farm).to_string(), "no change");
    assert!(Arc::ptr_eq(&one, &open(&next, "one").await));
    assert!(
        Arc::ptr_eq(&test.farm.config.wikis[1], &next.config.wikis[1]),
        "not held twice in memory"
    );
}

#[tokio::test]
async fn a_reload_opens_a_changed_wiki_anew_and_leaves_its_sibling_alone() {
    let test = TestFarm::new(PAIR);
    let (one, two) = (test.open("one").await, test.open("two").await);
    let changed = PAIR.replace("[wiki.two]", "[wiki.two]\nsitename = \"Second\"");
    let next = test.reload(&changed);
    assert_eq!(
        next.difference(&test.farm).to_string(),
        "1 key changed: wiki.two.sitename"
    );
    assert!(Arc::ptr_eq(&one, &open(&next, "one").await));
    let two_now = open(&next, "two").await;
    assert!(!Arc::ptr_eq(&two, &two_now));
    assert_eq!(two_now.config.sitename.as_ref(), "Second");
    assert_eq!(
        test.open("two").await.config.sitename.as_ref(),
        "two",
        "requests in flight see the old farm"
    );
    assert!(Arc::ptr_eq(&two.session_store, &two_now.session_store));
}

#[tokio::test]
async fn wikis_that_change_places_in_the_file_are_still_themselves() {
    let test = TestFarm::new("[wiki.a]\nat = [\"a\"]\n[wiki.b]\nat = [\"b\"]\n");
    let (a, b) = (test.open("a").await, test.open("b").await);
    let next = test.reload("[wiki.c]\nat = [\"c\"]\n[wiki.b]\nat = [\"b\"]\n[wiki.a]\nat = [\"a\"]\n");
    assert_eq!(next.difference(&test.farm).to_string(), "+1 wiki");
    assert!(Arc::ptr_eq(&a, &open(&next, "a").await));
    assert!(Arc::ptr_eq(&b, &open(&next, "b").await));
    let found = next.router.find(&asked("b"), "/").unwrap();
    assert_eq!(next.config.wikis[found.wiki].id.as_ref(), "b");
}

#[tokio::test]
async fn sessions_in_memory_survive_a_reload_even_of_their_own_wiki() {
    let text = "[wiki.a]\nat = [\"a\"]\nsession_store = \"memory\"\ncookie_lifetime = [1, 1]\n";
    let test = TestFarm::new(text);
    let before = test.open("a").await;
    test.store_guest_session(&before, now()).await;
    let next = test.reload(&text.replace("at =", "sitename = \"New\"\nat ="));
    let after = open(&next, "a").await;
    drop(before);
    let sessions = after
        .session_store
        .list(&after.config.session.realm, None, now())
        .await
        .unwrap();
    assert_eq!(sessions.len(), 1);
}

#[tokio::test]
async fn new_secrets_reach_every_wiki() {
    let test = TestFarm::new(PAIR);
    let one = test.open("one").await;
    let path = &test.farm.config.secrets_file;
    let old = std::fs::read_to_string(path).unwrap();
    let new = Secrets::generate_line(&grange_session::SystemRandomness);
    std::fs::write(path, format!("{new}\n{old}")).unwrap();
    let next = test.reload(PAIR);
    assert_eq!(next.difference(&test.farm).to_string(), "secrets changed");
    assert!(!Arc::ptr_eq(&one, &open(&next, "one").await));
}

#[tokio::test]
async fn a_session_of_one_process_is_a_session_of_the_next() {
    let test = TestFarm::new(PAIR);
    let one = test.open("one").await;
    let key = test.store_guest_session(&one, now()).await;
    let other_process = Farm::build(config(test.dir(), PAIR), &cheap_services()).unwrap();
    let there = open(&other_process, "two").await;
    let sessions = there
        .session_store
        .list(&there.config.session.realm, None, now())
        .await
        .unwrap();
    assert!(sessions.iter().any(|session| session.key.to_hex() == key));
}

#[test]
fn ten_thousand_wikis_are_built_in_moments_and_reloaded_as_one_object_each() {
    let dir = tempfile::tempdir().unwrap();
    let one = config(dir.path(), "[wiki.w]\nat = [\"w.example\"]\n");
    let wiki = |n: u32| {
        let at = vec![crate::address::Address::parse(&format!("w{n}.example")).unwrap()];
        Arc::new(WikiConfig {
            id: format!("w{n}").into(),
            at,
            ..one.wikis[0].as_ref().clone()
        })
    };
    let many = FarmConfig {
        wikis: (0..10_000).map(wiki).collect(),
        ..one.clone()
    };
    let farm = Farm::build(many.clone(), &cheap_services()).unwrap();
    assert_eq!(farm.wiki_by_id("w9999"), Some(9999));
    let copies = many
        .wikis
        .iter()
        .map(|wiki| Arc::new(wiki.as_ref().clone()))
        .collect();
    let next = farm
        .reload(FarmConfig {
            wikis: copies,
            ..many
        })
        .unwrap();
    let shared = next
        .config
        .wikis
        .iter()
        .zip(&farm.config.wikis)
        .filter(|(new, old)| Arc::ptr_eq(new, old));
    assert_eq!(shared.count(), 10_000);
}
