//! Claims about what macros give away: a page that may not be read shows up nowhere, by name or by number.
//!
//! Every macro of the program is run for a guest on a wiki whose pages only Ada may read.

use super::attached_tests::{PNG, attach};
use crate::testing::{TestFarm, Visitor};
use crate::*;

/// Calls that would show something of the secret pages.
const CALLS: &[&str] = &[
    "<<AbandonedPages>>",
    "<<AttachInfo(Secret/Dict)>>",
    "<<AttachList(Secret/Dict)>>",
    "<<FullSearch(hidden)>>",
    "<<FullSearch(linkto:re:.*)>>",
    "<<FullSearch(-nothing)>>",
    "<<FullSearchCached(hidden words)>>",
    "<<Gallery(Secret/Dict)>>",
    "<<GetVal(Secret/Dict, tea)>>",
    "<<Include(Secret/Dict)>>",
    "<<Include(^Secret)>>",
    "<<LikePages(Secret)>>",
    "<<MonthCalendar(Secret, 2026, 5)>>",
    "<<Navigation(children)>>",
    "<<Navigation(siblings)>>",
    "<<Navigation(slides)>>",
    "<<Navigation(slideshow)>>",
    "<<OrphanedPages>>",
    "<<PageList>>",
    "<<PageList(regex:dict)>>",
    "<<PageHits>>",
    "<<PageSize>>",
    "<<RandomPage(100)>>",
    "<<RandomQuote(Secret/Dict)>>",
    "<<RecentChanges(100)>>",
    "<<TemplateList(.)>>",
    "<<TitleIndex>>",
    "<<WantedPages>>",
    "<<WordIndex>>",
];

const PAGES: &[(&str, &str)] = &[
    ("Secret", "x"),
    ("Secret/2026-05-02", "x"),
    (
        "Secret/Dict",
        "tea\n: hidden words\n\n* hidden words\n\n[[Wanted in secret]]\n",
    ),
    ("Secret/Template", "x"),
];

async fn farm(call: &str) -> TestFarm {
    let farm = TestFarm::with_rights("Ada:read", PAGES).await;
    // A page below the secret one and above another, so that its relatives are asked for too.
    farm.save("Secret/Page/Below", "x").await;
    farm.save("Secret/Page", &format!("before {call} behind")).await;
    attach(&farm, "Secret/Dict", "hidden words.png", PNG).await;
    let seen = grange_wiki::PageName::parse("Secret/Dict").unwrap();
    farm.wiki.count_view(&seen, jiff::Timestamp::UNIX_EPOCH);
    farm
}

/// What the page shows, without the error box, which names the call.
async fn guest_sees(call: &str) -> String {
    let html = farm(call)
        .await
        .show("Secret/Page", &mut Visitor::returning())
        .await;
    html.split("macro-error").next().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn no_macro_names_a_page_that_may_not_be_read_or_shows_its_words() {
    for call in CALLS {
        let html = guest_sees(call).await;
        for secret in [
            "Secret/Dict",
            "Secret/Template",
            "Wanted in secret",
            "hidden words",
            "has-page",
        ] {
            assert!(!html.contains(secret), "{call} shows {secret}: {html}");
        }
    }
}

#[tokio::test]
async fn the_same_calls_show_them_to_who_may_read() {
    for call in CALLS {
        let shown = farm(call)
            .await
            .view("Secret/Page", &mut Visitor::user("Ada"))
            .await;
        let html = shown.text();
        let secrets = ["Secret/", "Wanted in secret", "hidden words", "has-page"];
        assert!(
            secrets.iter().any(|secret| html.contains(secret)),
            "{call}: {html}"
        );
        assert!(shown.private, "{call} is kept for Ada alone");
    }
}

#[tokio::test]
async fn pages_that_may_not_be_read_are_not_counted() {
    let farm = farm("<<PageCount>>").await;
    assert!(
        farm.show("Secret/Page", &mut Visitor::returning())
            .await
            .contains("before 0 behind")
    );
    assert!(
        farm.show("Secret/Page", &mut Visitor::user("Ada"))
            .await
            .contains("before 6 behind")
    );
}

#[tokio::test]
async fn views_of_pages_that_may_not_be_read_are_not_counted_either() {
    for (mut visitor, count) in [(Visitor::returning(), 0), (Visitor::user("Ada"), 1)] {
        let html = farm("<<Hits(all)>>")
            .await
            .show("Secret/Page", &mut visitor)
            .await;
        assert!(html.contains(&format!("before {count} behind")), "{html}");
    }
}

#[tokio::test]
async fn what_was_made_for_one_who_may_read_is_never_shown_to_one_who_may_not() {
    for call in CALLS {
        let farm = farm(call).await;
        farm.show("Secret/Page", &mut Visitor::user("Ada")).await;
        let html = farm.show("Secret/Page", &mut Visitor::user("Bob")).await;
        let html = html.split("macro-error").next().unwrap_or_default();
        assert!(
            !html.contains("Secret/Dict") && !html.contains("hidden words"),
            "{call}: {html}"
        );
    }
}

#[tokio::test]
async fn the_list_of_calls_has_every_macro_that_looks_at_pages() {
    for definition in Registry::builtin().definitions() {
        let looks = definition
            .dependencies
            .iter()
            .any(|one| matches!(one, Dependency::Pages | Dependency::Namespace));
        let is_tried = CALLS
            .iter()
            .any(|call| call.starts_with(&format!("<<{}", definition.name)));
        // What EmbedObject shows of a hidden file are the words of the call; `attached_tests.rs` tries it.
        let others = ["EmbedObject", "EditedSystemPages", "PageCount", "SystemInfo"];
        assert!(
            !looks || is_tried || others.contains(&definition.name),
            "{}",
            definition.name
        );
    }
}

#[tokio::test]
async fn the_wikis_of_the_farm_are_those_that_the_reader_may_read() {
    let farm = TestFarm::with(&[("Front", "<<InterWiki>>")]).await;
    let guest = farm.show("Front", &mut Visitor::returning()).await;
    assert!(
        guest.contains("Wiki beside") && !guest.contains("private"),
        "{guest}"
    );
    let ada = farm.view("Front", &mut Visitor::user("Ada")).await;
    assert!(ada.text().contains("Wiki private") && ada.private);
}
