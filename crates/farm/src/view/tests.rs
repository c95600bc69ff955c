//! Claims about what a page of one wiki may know of another: same person, other rights, or a guest.

use super::*;
use crate::testing::{TestFarm, asked, viewer_of};

const FARM: &str = r#"
    [group.pair]
    session_dir = "shared/sessions"
    user_dir = "shared/users"
    cookie_name = "pair"
    [wiki.here]
    at = ["here.example/w"]
    group = "pair"
    superuser = ["Root", "Half"]
    [wiki.there]
    at = ["there.example"]
    sitename = "There it is"
    group = "pair"
    superuser = ["root"]
    acl_rights_default = "Ann:read,write"
    acl_rights_before = "Root:read"
    [wiki.apart]
    at = ["apart.example"]
    sitename = "The wiki apart"
    interwikiname = "ApartWiki"
    acl_rights_default = "Ann:read,write All:"
    [wiki.open]
    at = ["open.example"]
    [wiki.shut]
    at = ["shut.example"]
    state = "suspended"
"#;

/// A farm where every wiki that can be written has a page "Page".
async fn farm() -> TestFarm {
    let test = TestFarm::new(FARM);
    for id in ["here", "there", "apart", "open"] {
        test.save(id, "Page").await;
    }
    test
}

fn from_here(test: &TestFarm) -> Siblings<'_> {
    let here = test.farm.wiki_by_id("here").unwrap();
    Siblings {
        farm: &test.farm,
        here,
        base: "/w",
        request: asked("here.example"),
    }
}

async fn may(test: &TestFarm, wiki: &str, viewer: &Viewer) -> bool {
    from_here(test).readable(wiki, "Page", viewer).await
}

#[tokio::test]
async fn a_guest_reads_what_everybody_may_read() {
    let test = farm().await;
    let guest = Viewer::anonymous();
    assert!(may(&test, "here", &guest).await);
    assert!(may(&test, "open", &guest).await);
    assert!(!may(&test, "there", &guest).await);
    assert!(!may(&test, "apart", &guest).await);
}

#[tokio::test]
async fn a_user_is_the_same_person_where_the_accounts_are_shared_and_a_guest_elsewhere() {
    let test = farm().await;
    let ann = viewer_of(&test.register("here", "Ann").await);
    assert!(may(&test, "there", &ann).await);
    assert!(
        !may(&test, "apart", &ann).await,
        "another Ann may have that name there"
    );
    assert!(may(&test, "open", &ann).await);
    let bob = viewer_of(&test.register("here", "Bob").await);
    assert!(!may(&test, "there", &bob).await);
}

#[tokio::test]
async fn what_does_not_exist_is_not_readable() {
    let test = farm().await;
    let view = from_here(&test);
    let guest = Viewer::anonymous();
    assert!(!view.readable("here", "Missing", &guest).await);
    assert!(!view.readable("nowhere", "Page", &guest).await);
    assert!(!view.readable("here", "a\u{0}b", &guest).await);
    assert!(!view.readable("shut", "Page", &guest).await);
}

#[tokio::test]
async fn somebody_acted_as_counts_only_where_the_real_user_is_superuser() {
    let test = farm().await;
    let ann = test.register("here", "Ann").await;
    test.register("here", "Root").await;
    test.register("here", "Half").await;
    let as_ann = |real: &str| Viewer {
        real_name: Some(real.into()),
        ..viewer_of(&ann)
    };
    assert!(may(&test, "there", &as_ann("Root")).await);
    // There, Half is nobody special: the request is Half's, and Half may not read.
    assert!(!may(&test, "there", &as_ann("Half")).await);
    assert!(may(&test, "here", &as_ann("Half")).await);
}

#[tokio::test]
async fn whoever_is_superuser_there_is_looked_at_as_themselves() {
    let test = farm().await;
    test.register("here", "Half").await;
    let root = test.register("here", "Root").await;
    // Nobody acts as a superuser of that wiki: the request is Half's there, and Half may not read.
    let as_root = Viewer {
        real_name: Some("Half".into()),
        ..viewer_of(&root)
    };
    assert!(!may(&test, "there", &as_root).await);
    assert!(may(&test, "there", &viewer_of(&root)).await);
}

#[tokio::test]
async fn a_link_stays_in_this_mount_or_goes_to_the_siblings_canonical_address() {
    let test = farm().await;
    let view = from_here(&test);
    let own = view.link("here", "Team/My page").unwrap();
    assert_eq!(
        (own.href.as_str(), own.title.as_str()),
        ("/w/Team/My%20page", "here")
    );
    let other = view.link("there", "Page").unwrap();
    assert_eq!(
        (other.href.as_str(), other.title.as_str()),
        ("http://there.example/Page", "There it is")
    );
    assert_eq!(view.link("nowhere", "Page"), None);
    assert_eq!(view.link("here", "a\u{0}b"), None);
}

#[tokio::test]
async fn a_sibling_is_called_by_the_name_that_it_wants_others_to_use() {
    let test = farm().await;
    let title = |wiki| from_here(&test).link(wiki, "Page").unwrap().title;
    assert_eq!(title("apart"), "ApartWiki");
    assert_eq!(title("there"), "There it is", "without one it is the site's name");
}

#[tokio::test]
async fn the_wikis_of_the_farm_are_named_to_those_who_may_read_them() {
    let test = farm().await;
    let named = async |viewer: &Viewer| -> Vec<String> {
        let wikis = from_here(&test).wikis(viewer).await;
        wikis.into_iter().map(|wiki| wiki.name).collect()
    };
    assert_eq!(named(&Viewer::anonymous()).await, ["here", "open"]);
    // Ann is the same person in the group's wikis and a guest in "apart", whatever that lets its own Ann do.
    let ann = viewer_of(&test.register("here", "Ann").await);
    assert_eq!(named(&ann).await, ["here", "there", "open"]);
}

#[tokio::test]
async fn a_wiki_is_named_with_its_title_and_its_front_page() {
    let test = farm().await;
    let ann = viewer_of(&test.register("here", "Ann").await);
    let wikis = from_here(&test).wikis(&ann).await;
    let there = wikis.iter().find(|wiki| wiki.name == "there").unwrap();
    assert_eq!(there.title, "There it is");
    assert!(there.href.ends_with("there.example/FrontPage"), "{}", there.href);
}

#[tokio::test]
async fn a_link_finds_a_wiki_by_the_name_that_the_list_shows_and_by_its_id() {
    let test = farm().await;
    let from = from_here(&test);
    for name in ["ApartWiki", "apart"] {
        let link = from.link_by_name(name, "Some Page").unwrap();
        assert_eq!(link.href, "http://apart.example/Some%20Page", "{name}");
    }
    assert_eq!(from.link_by_name("here", "Page").unwrap().href, "/w/Page");
    assert_eq!(from.link_by_name("Nowhere", "Page"), None);
}
