//! Claims about macros that list or count pages.
//!
//! Each test is a few pages, a visitor and what the visitor then sees. What may not be read is in
//! `rights_tests.rs`.

use std::sync::Arc;

use grange_wiki::{Author, Underlay, Wiki};
use jiff::SignedDuration;

use super::tests::shown;
use crate::testing::{TestFarm, Visitor, noon};

async fn guest_sees(pages: &[(&str, &str)]) -> String {
    TestFarm::with(pages)
        .await
        .show("Front", &mut Visitor::returning())
        .await
}

#[tokio::test]
async fn the_index_has_a_bar_of_letters_that_lead_to_the_pages() {
    let html = guest_sees(&[
        ("Front", "<<TitleIndex>>"),
        ("Äpfel", "x"),
        ("apples", "x"),
        ("«Q»", "x"),
    ])
    .await;
    for letter in ["a", "f", "ä", "other"] {
        assert!(
            html.contains(&format!("id=\"titles-{letter}\"")),
            "{letter}: {html}"
        );
    }
    assert!(
        html.contains("<nav aria-label=\"Letters\">") && html.contains("href=\"#titles-a\">A</a>"),
        "{html}"
    );
}

#[tokio::test]
async fn the_index_costs_no_hole_on_a_public_wiki_and_follows_the_pages() {
    let farm = TestFarm::with(&[("Front", "<<TitleIndex>> <<WordIndex>> <<PageCount>>")]).await;
    assert_eq!(farm.holes("Front").await, 0);
    farm.save("NewThing", "x").await;
    let html = farm.show("Front", &mut Visitor::returning()).await;
    assert!(
        html.contains(">NewThing</a>") && html.contains("<strong>Thing</strong>"),
        "{html}"
    );
    assert!(html.contains("\n 2</div>") || html.contains(" 2</div>"), "{html}");
}

#[tokio::test]
async fn a_page_is_counted_while_it_stands_and_exists_says_nothing_new() {
    assert!(
        guest_sees(&[("Front", "<<PageCount(exists)>>"), ("A", "x")])
            .await
            .contains("<p>2</p>")
    );
    assert!(shown("<<PageCount(all)>>").await.contains("must be one of"));
}

#[tokio::test]
async fn pages_are_listed_by_size_the_largest_first_files_included() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("File.md"), "x".repeat(50)).unwrap();
    let mut farm = TestFarm::with(&[
        ("Front", "<<PageSize>>"),
        ("Large", &"x".repeat(100)),
        ("Small", "x"),
    ])
    .await;
    let mut settings = farm.wiki.settings().clone();
    settings.underlays = vec![Arc::new(Underlay::at(directory.path().to_owned()))];
    farm.wiki = Wiki::open(settings).await.unwrap();
    let html = farm.show("Front", &mut Visitor::returning()).await;
    let places = ["100 bytes", "50 bytes", "12 bytes", "1 bytes"].map(|size| html.find(size));
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{html}");
}

#[tokio::test]
async fn pages_that_came_with_the_wiki_are_listed_once_they_were_edited() {
    let directory = tempfile::tempdir().unwrap();
    for page in ["Help", "Terms"] {
        std::fs::write(directory.path().join(format!("{page}.md")), "x").unwrap();
    }
    let mut farm = TestFarm::with(&[("Front", "<<EditedSystemPages>>"), ("Own", "x")]).await;
    let mut settings = farm.wiki.settings().clone();
    settings.underlays = vec![Arc::new(Underlay::at(directory.path().to_owned()))];
    farm.wiki = Wiki::open(settings).await.unwrap();
    assert!(
        farm.show("Front", &mut Visitor::returning())
            .await
            .contains("No page that came")
    );
    farm.save("Help", "edited").await;
    let html = farm.show("Front", &mut Visitor::returning()).await;
    assert!(
        html.contains(">Help</a>") && !html.contains("Terms") && !html.contains("Own"),
        "{html}"
    );
}

#[tokio::test]
async fn wanted_pages_are_named_with_those_that_link_to_them() {
    let pages = [
        ("Front", "<<WantedPages>>"),
        ("A", "[[Missing]] [[B]]"),
        ("B", "[[Missing]] [[/Sub]] [[https://e.example/|x]]"),
    ];
    let html = guest_sees(&pages).await;
    let line = html
        .split("<li>")
        .find(|line| line.contains(">Missing</a>"))
        .unwrap();
    assert!(line.contains(">A</a>, <a href=\"/team/B\">B</a>"), "{line}");
    assert!(
        html.contains(">B/Sub</a>") && html.matches("<li>").count() == 2,
        "{html}"
    );
    assert!(
        guest_sees(&[("Front", "<<WantedPages>>")])
            .await
            .contains("No page is wanted.")
    );
}

#[tokio::test]
async fn orphans_are_pages_without_a_link_from_another_page() {
    let pages = [
        ("FrontPage", "[[Linked]]"),
        ("Front", "<<OrphanedPages>>"),
        ("Linked", "x"),
        ("Alone", "[[Alone]]"),
    ];
    let html = guest_sees(&pages).await;
    assert!(
        html.contains(">Alone</a>") && html.contains(">Front</a>"),
        "{html}"
    );
    assert!(!html.contains("Linked") && !html.contains("FrontPage"), "{html}");
}

#[tokio::test]
async fn abandoned_pages_come_longest_untouched_first() {
    let farm = TestFarm::with(&[("Front", "<<AbandonedPages(2)>>")]).await;
    for (page, days) in [("Older", 9), ("Oldest", 30), ("Newer", 2)] {
        let then = noon() - SignedDuration::from_hours(24 * days);
        farm.save_as(page, "x", Author::named("Cy"), "", then).await;
    }
    let html = farm.show("Front", &mut Visitor::returning()).await;
    assert!(
        html.find(">Oldest</a>").unwrap() < html.find(">Older</a>").unwrap(),
        "{html}"
    );
    assert!(!html.contains("Newer") && html.contains("· Cy"), "{html}");
    assert!(
        shown("<<AbandonedPages(0)>>")
            .await
            .contains("must be from 1 to 1000")
    );
}

#[tokio::test]
async fn pages_with_names_like_this_one_are_listed_likest_first() {
    let pages = [
        ("Front", "<<LikePages(Recent Chnages)>>"),
        ("Recent Changes", "x"),
        ("Recent Weather", "x"),
        ("Kitchen", "x"),
    ];
    let html = guest_sees(&pages).await;
    assert!(
        html.find("Recent Changes").unwrap() < html.find("Recent Weather").unwrap(),
        "{html}"
    );
    assert!(!html.contains("Kitchen"), "{html}");
}

#[tokio::test]
async fn templates_are_the_pages_whose_names_say_so() {
    let pages = [
        ("Front", "<<TemplateList>>"),
        ("MeetingTemplate", "x"),
        ("TemplateOf", "x"),
    ];
    let html = guest_sees(&pages).await;
    assert!(
        html.contains("MeetingTemplate") && !html.contains("TemplateOf"),
        "{html}"
    );
    assert!(
        shown("<<TemplateList(()>>")
            .await
            .contains("is no regular expression")
    );
}

#[tokio::test]
async fn chance_links_so_many_different_pages() {
    let html = guest_sees(&[("Front", "<<RandomPage(100)>>"), ("A", "x"), ("B", "x")]).await;
    assert_eq!(html.matches("<li>").count(), 3, "{html}");
    for wrong in ["0", "-1", "101", "99999999999999999999"] {
        assert!(
            shown(&format!("<<RandomPage({wrong})>>"))
                .await
                .contains("macro-error"),
            "{wrong}"
        );
    }
}

#[tokio::test]
async fn a_saying_comes_from_the_bullets_of_a_page() {
    let pages = [
        ("Front", "<<RandomQuote(Words)>>"),
        ("Words", "# Title\n\n1. not this\n\n* only *this*\n"),
    ];
    assert!(guest_sees(&pages).await.contains("only <em>this</em>"));
    assert!(
        guest_sees(&[("Front", "<<RandomQuote(Front)>>")])
            .await
            .contains("has no list")
    );
}

#[tokio::test]
async fn robots_get_nothing_of_what_is_dear_or_without_end_and_people_do() {
    let text = "a <<RandomPage>> b <<MonthCalendar>> c <<DateTime>> d";
    let mut farm = TestFarm::with(&[("Front", text)]).await;
    farm.is_robot = true;
    let html = farm.show("Front", &mut Visitor::new_here()).await;
    assert!(html.contains("a  b  c <time"), "{html}");
    farm.is_robot = false;
    let html = farm.show("Front", &mut Visitor::new_here()).await;
    assert!(
        html.contains(">Front</a>") && html.contains("month-calendar"),
        "{html}"
    );
}

#[tokio::test]
async fn the_program_tells_its_version_and_macros_and_nothing_of_the_machine() {
    let farm = TestFarm::with(&[("Front", "<<SystemInfo>>")]).await;
    let html = farm.show("Front", &mut Visitor::returning()).await;
    assert!(
        html.contains(env!("CARGO_PKG_VERSION")) && html.contains("WordIndex"),
        "{html}"
    );
    let directory = farm.wiki.settings().data_dir.to_string_lossy().into_owned();
    assert!(!html.contains(&directory), "{html}");
}

#[tokio::test]
async fn pages_are_listed_by_how_often_they_were_looked_at() {
    let farm = TestFarm::with(&[
        ("Front", "<<PageHits>> <<Hits>> <<Hits(all)>>"),
        ("A", "x"),
        ("B", "x"),
    ])
    .await;
    let now = jiff::Timestamp::from_second(1_800_000_000).unwrap();
    for page in ["A", "B", "B", "Never", "Front"] {
        farm.wiki
            .count_view(&grange_wiki::PageName::parse(page).unwrap(), now);
    }
    let html = farm.show("Front", &mut Visitor::returning()).await;
    let places = [">B</a>", ">A</a>", ">Front</a>"].map(|page| html.find(page));
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{html}");
    assert!(
        html.contains("2 <a") && !html.contains("Never") && html.contains("1 5"),
        "{html}"
    );
}

#[tokio::test]
async fn counts_are_read_once_in_ten_seconds_where_not_everybody_may_read_too() {
    let mut farm = TestFarm::with_rights("Known:read", &[("Front", "<<Hits>>")]).await;
    let front = grange_wiki::PageName::parse("Front").unwrap();
    let looked = farm.now;
    farm.wiki.count_view(&front, looked);
    assert!(farm.show("Front", &mut Visitor::user("Ada")).await.contains('1'));
    farm.wiki.count_view(&front, looked);
    assert!(farm.show("Front", &mut Visitor::user("Bob")).await.contains('1'));
    // Who may read is asked for each viewer all the same.
    assert!(farm.show("Front", &mut Visitor::returning()).await.contains('0'));
    farm.now = looked + jiff::SignedDuration::from_secs(10);
    assert!(farm.show("Front", &mut Visitor::user("Bob")).await.contains('2'));
}
