//! Claims about the built-in macros, and one test that runs the example of every definition.
//!
//! Each test is a page, a visitor and what the visitor then sees. Start at `every_example_shows_…`.

use grange_wiki::{Author, Delete};
use jiff::{SignedDuration, Timestamp};

use super::attached_tests::{PNG, attach};
use crate::testing::{TestFarm, Visitor, name, noon};
use crate::*;

/// What a returning guest sees of a page with this text.
pub(super) async fn shown(text: &str) -> String {
    TestFarm::with(&[("Front", text)])
        .await
        .show("Front", &mut Visitor::returning())
        .await
}

pub(super) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

#[tokio::test]
async fn every_example_shows_what_its_definition_says() {
    for definition in Registry::builtin().definitions() {
        let (name, Example { call, shows }) = (definition.name, &definition.example);
        let with_call = example_page(call).await;
        let without = example_page("").await;
        assert!(
            with_call.matches(shows).count() > without.matches(shows).count(),
            "{name}: {with_call}"
        );
        assert!(!with_call.contains("macro-error"), "{name}: {with_call}");
    }
}

/// A page with a heading and a call, on a wiki where somebody cooks.
async fn example_page(call: &str) -> String {
    let text = format!("# First steps\n\n{call}\n");
    let pages = [
        ("Team/Rota", "Ada cooks"),
        ("Front", &text),
        ("Front/One", "[[Team/Shopping]]"),
        ("OrchardDict", "apples\n: red and green\n"),
        ("FortuneCookies", "* Rain is good for *ducks*.\n"),
        ("MeetingTemplate", "# Meeting\n"),
    ];
    let farm = TestFarm::with(&pages).await;
    attach(&farm, "Front", "plan.txt", b"plan").await;
    attach(&farm, "Front", "rota.png", PNG).await;
    farm.show("Front", &mut Visitor::new_here()).await
}

#[tokio::test]
async fn the_help_page_shows_the_calls_and_runs_none() {
    let help = Registry::builtin().help_sections();
    let farm = TestFarm::with(&[("Front", &help)]).await;
    assert_eq!(farm.holes("Front").await, 0);
    let html = farm.show("Front", &mut Visitor::returning()).await;
    for definition in Registry::builtin().definitions() {
        let call = definition.example.call.replace('<', "&lt;").replace('>', "&gt;");
        assert!(html.contains(&call), "{call}: {html}");
    }
    assert!(!html.contains("macro-error"), "{html}");
}

#[tokio::test]
async fn every_definition_is_complete() {
    for definition in Registry::builtin().definitions() {
        assert!(
            definition
                .example
                .call
                .starts_with(&format!("<<{}", definition.name))
        );
        assert!(
            !definition.summary.is_empty() && definition.summary.ends_with('.'),
            "{}",
            definition.name
        );
        assert!(
            definition
                .argument_list()
                .iter()
                .all(|argument| !argument.help.is_empty())
        );
    }
}

#[tokio::test]
async fn the_session_macro_stores_nothing_then_a_number_then_loads_it() {
    let farm = TestFarm::with(&[("Front", "<<SessionTest>>")]).await;
    let html = farm.show("Front", &mut Visitor::new_here()).await;
    assert!(
        html.contains("Not storing any state until you send a cookie."),
        "{html}"
    );

    let mut visitor = Visitor::returning();
    let html = farm.show("Front", &mut visitor).await;
    let value: i64 = visitor.session.get_as("test").unwrap().unwrap();
    assert!((1..=100_000).contains(&value));
    assert!(html.contains(&format!("Set to value {value}")), "{html}");

    let html = farm.show("Front", &mut visitor).await;
    assert!(html.contains(&format!("Loaded value {value}")), "{html}");
    assert!(farm.view("Front", &mut visitor).await.private);
}

#[tokio::test]
async fn the_session_macro_keeps_a_number_for_each_key() {
    let farm = TestFarm::with(&[("Front", "<<SessionTest(mine)>>")]).await;
    let mut visitor = Visitor::returning();
    farm.show("Front", &mut visitor).await;
    assert!(visitor.session.contains_key("mine") && !visitor.session.contains_key("test"));
}

#[tokio::test]
async fn the_session_macro_cannot_write_what_is_the_sessions_own() {
    let farm = TestFarm::with(&[("Front", "<<SessionTest(setuid)>>")]).await;
    let mut visitor = Visitor::returning();
    let html = farm.show("Front", &mut visitor).await;
    assert!(
        html.contains("macro-error") && html.contains("reserved"),
        "{html}"
    );
    assert!(visitor.session.is_empty());
}

#[tokio::test]
async fn the_contents_nest_as_the_headings_do_and_cost_no_hole() {
    let text = "<<TableOfContents>>\n\n# One\n\n## Inside\n\n### Deep\n\n# Two\n";
    let farm = TestFarm::with(&[("Front", text)]).await;
    assert_eq!(farm.holes("Front").await, 0);
    let html = farm.show("Front", &mut Visitor::returning()).await;
    let contents = html.split("</nav>").next().unwrap();
    assert!(contents.contains("href=\"#inside\""), "{contents}");
    assert_eq!(contents.matches("<ul").count(), 3, "{contents}");
    assert_eq!(contents.matches("<li").count(), 4, "{contents}");
}

#[tokio::test]
async fn the_contents_end_at_the_given_depth_counted_from_the_topmost_heading() {
    let html = shown("<<TableOfContents(2)>>\n\n## One\n\n### Inside\n\n#### Deep\n").await;
    let contents = html.split("</nav>").next().unwrap();
    assert!(
        contents.contains("#one") && contents.contains("#inside"),
        "{contents}"
    );
    assert!(!contents.contains("#deep"), "{contents}");
}

#[tokio::test]
async fn headings_that_skip_levels_and_a_page_without_any_do_no_harm() {
    let html = shown("<<TableOfContents>>\n\n### Low\n\n# High\n\n#### Lower\n").await;
    assert_eq!(
        html.split("</nav>").next().unwrap().matches("<li").count(),
        3,
        "{html}"
    );
    assert!(!shown("<<TableOfContents>>\n\nno headings").await.contains("<nav"));
}

#[tokio::test]
async fn times_are_shown_in_the_viewers_time_zone() {
    let farm = TestFarm::with(&[(
        "Front",
        "<<DateTime(2026-05-01T23:30:00Z)>> <<Date(2026-05-01T23:30:00Z)>>",
    )])
    .await;
    let mut visitor = Visitor::returning();
    visitor.viewer.time_zone = "Europe/Berlin".into();
    let html = farm.show("Front", &mut visitor).await;
    assert!(html.contains(">2026-05-02 01:30:00</time>"), "{html}");
    assert!(html.contains(">2026-05-02</time>"), "{html}");
    assert!(html.contains("datetime=\"2026-05-01T23:30:00Z\""), "{html}");
}

#[tokio::test]
async fn an_unknown_time_zone_falls_back_to_the_wikis() {
    let farm = TestFarm::with(&[("Front", "<<DateTime(0)>>")]).await;
    let mut visitor = Visitor::returning();
    visitor.viewer.time_zone = "Mars/Olympus".into();
    assert!(
        farm.show("Front", &mut visitor)
            .await
            .contains("1970-01-01 00:00:00")
    );
}

#[tokio::test]
async fn a_day_without_time_is_the_same_day_everywhere() {
    let farm = TestFarm::with(&[("Front", "<<Date(2026-05-01)>>")]).await;
    let mut visitor = Visitor::returning();
    visitor.viewer.time_zone = "Pacific/Honolulu".into();
    assert!(
        farm.show("Front", &mut visitor)
            .await
            .contains(">2026-05-01</time>")
    );
}

#[tokio::test]
async fn without_an_argument_the_time_is_now_at_every_view() {
    let mut farm = TestFarm::with(&[("Front", "<<DateTime>>")]).await;
    assert!(
        farm.show("Front", &mut Visitor::returning())
            .await
            .contains("2026-05-01 12:05:00")
    );
    farm.now = at("2026-05-01T13:00:00Z");
    assert!(
        farm.show("Front", &mut Visitor::returning())
            .await
            .contains("2026-05-01 13:00:00")
    );
}

#[tokio::test]
async fn what_is_no_time_is_told() {
    let html = shown("<<DateTime(tomorrow)>>").await;
    assert!(
        html.contains("macro-error") && html.contains("is neither a time nor a day"),
        "{html}"
    );
}

#[tokio::test]
async fn the_page_list_links_the_matching_pages() {
    let pages = [
        ("Front", "<<PageList(regex:^Team/)>>"),
        ("Team/Rota", ""),
        ("Team/Wash up", ""),
        ("Other", ""),
    ];
    let farm =
        TestFarm::with(&pages.map(|(name, text)| (name, if text.is_empty() { "x" } else { text }))).await;
    let html = farm.show("Front", &mut Visitor::returning()).await;
    assert!(html.contains("href=\"/team/Team/Rota\""), "{html}");
    assert!(html.contains("href=\"/team/Team/Wash%20up\""), "{html}");
    assert!(!html.contains("Other"), "{html}");
}

#[tokio::test]
async fn the_page_list_of_a_public_wiki_is_part_of_the_page_until_pages_change() {
    let farm = TestFarm::with(&[("Front", "<<PageList(apple)>>")]).await;
    assert_eq!(farm.holes("Front").await, 0);
    assert!(
        farm.show("Front", &mut Visitor::returning())
            .await
            .contains("No matching page.")
    );
    farm.save("Apples", "text").await;
    let html = farm.show("Front", &mut Visitor::returning()).await;
    assert!(html.contains("href=\"/team/Apples\""), "{html}");
}

#[tokio::test]
async fn the_page_list_shows_only_what_the_viewer_may_read() {
    let farm = TestFarm::with_rights("Ada:read", &[("Front", "<<PageList>>"), ("Plans", "x")]).await;
    assert_eq!(farm.holes("Front").await, 1);
    let ada = farm.view("Front", &mut Visitor::user("Ada")).await;
    assert!(ada.text().contains("Plans") && ada.private);
    assert!(
        !farm
            .show("Front", &mut Visitor::returning())
            .await
            .contains("Plans")
    );
    assert!(
        !farm
            .show("Front", &mut Visitor::user("Bob"))
            .await
            .contains("Plans")
    );
}

#[tokio::test]
async fn a_broken_expression_is_told() {
    let html = shown("<<PageList(regex:[)>>").await;
    assert!(html.contains("is no regular expression"), "{html}");
}

#[tokio::test]
async fn the_trail_links_pages_of_all_wikis_that_may_still_be_read() {
    let farm = TestFarm::with(&[("Front", "<<Trail>>")]).await;
    let mut visitor = Visitor::returning()
        .visited("team", "Plans")
        .visited("beside", "Two words")
        .visited("beside", "Secret")
        .visited("gone", "Lost");
    let html = farm.show("Front", &mut visitor).await;
    assert!(html.contains("href=\"/team/Plans\""), "{html}");
    assert!(
        html.contains("href=\"/beside/Two%20words\"") && html.contains("(Wiki beside)"),
        "{html}"
    );
    assert!(!html.contains("Secret") && !html.contains("Lost"), "{html}");
    assert!(farm.view("Front", &mut visitor).await.private);
}

#[tokio::test]
async fn trail_links_stand_in_the_order_of_the_visits() {
    let farm = TestFarm::with(&[]).await;
    let visitor = Visitor::returning()
        .visited("team", "A")
        .visited("team", "B")
        .visited("team", "A");
    let links = trail_links(&visitor.session, &visitor.viewer, &farm).await;
    let labels: Vec<&str> = links.iter().map(|link| link.label.as_str()).collect();
    assert_eq!(labels, ["B", "A"]);
    assert_eq!(links[0].wiki, "team");
}

/// Pages changed on two days, one of them twice.
async fn busy_farm(rights: &str) -> TestFarm {
    let farm = TestFarm::with_rights(rights, &[("Front", "<<RecentChanges(3)>>")]).await;
    let acting = Author {
        acting: Some("Root".into()),
        ..Author::named("Cy")
    };
    let day_before = noon() - SignedDuration::from_hours(24);
    farm.save_as(
        "Old",
        "x",
        Author::named("Ada"),
        "long ago",
        noon() - SignedDuration::from_hours(100),
    )
    .await;
    farm.save_as("Plans", "one", Author::named("Ada"), "begun", day_before)
        .await;
    farm.save_as("Plans", "one\ntwo", Author::named("Bob"), "<b>more</b>", noon())
        .await;
    farm.save_as("Rota", "x", acting, "", day_before).await;
    farm
}

#[tokio::test]
async fn recent_changes_list_each_page_once_under_the_day_of_its_newest_change() {
    let farm = busy_farm("All:read").await;
    let html = farm.show("Front", &mut Visitor::returning()).await;
    assert_eq!(html.matches(">Plans</a>").count(), 1, "{html}");
    assert!(html.contains("Bob") && html.contains("(2 changes)"), "{html}");
    assert!(html.contains("&lt;b&gt;more&lt;/b&gt;"), "{html}");
    assert!(
        html.contains("href=\"/team/Plans?action=diff&amp;rev1=1&amp;rev2=2\""),
        "{html}"
    );
    assert!(html.contains("Root as Cy"), "{html}");
    let (today, yesterday) = (
        html.find(">2026-05-01</time>").unwrap(),
        html.find(">2026-04-30</time>").unwrap(),
    );
    let rota = html.find(">Rota</a>").unwrap();
    assert!(today < yesterday && yesterday < rota, "{html}");
    assert!(!html.contains(">Old</a>"), "{html}");
}

#[tokio::test]
async fn recent_changes_are_divided_by_the_viewers_days() {
    let farm = busy_farm("All:read").await;
    let mut visitor = Visitor::returning();
    visitor.viewer.time_zone = "Pacific/Auckland".into();
    let html = farm.show("Front", &mut visitor).await;
    assert!(
        html.contains(">2026-05-02</time>") && html.contains(">00:00</time>"),
        "{html}"
    );
}

#[tokio::test]
async fn recent_changes_leave_out_what_may_not_be_read() {
    let farm = busy_farm("Ada:read").await;
    assert!(
        farm.show("Front", &mut Visitor::user("Ada"))
            .await
            .contains("Plans")
    );
    let html = farm.show("Front", &mut Visitor::returning()).await;
    assert!(!html.contains("Plans") && html.contains("No changes."), "{html}");
}

#[tokio::test]
async fn a_reader_chooses_the_days_of_recent_changes_in_the_address() {
    let mut farm = busy_farm("All:read").await;
    farm.query = vec![("max_days".into(), "7".into())];
    let html = farm.show("Front", &mut Visitor::returning()).await;
    assert!(html.contains(">Old</a>"), "{html}");
    assert!(html.contains("href=\"/team/Front?max_days=30\""), "{html}");
    farm.query = vec![("max_days".into(), "-1".into())];
    assert!(
        farm.show("Front", &mut Visitor::returning())
            .await
            .contains("macro-error")
    );
}

#[tokio::test]
async fn recent_changes_say_that_a_page_is_gone_and_link_it_as_missing() {
    let farm = busy_farm("All:read").await;
    let gone = Delete {
        page: name("Rota"),
        author: Author::named("Ada"),
        comment: "moved".into(),
        now: noon(),
    };
    farm.wiki.delete(gone).await.unwrap();
    let html = farm.show("Front", &mut Visitor::returning()).await;
    assert!(html.contains("<em>deleted</em>"), "{html}");
    let link = html.split("<a ").find(|link| link.contains(">Rota</a>")).unwrap();
    assert!(link.contains("missing"), "{link}");
    let link = html
        .split("<a ")
        .find(|link| link.contains(">Plans</a>"))
        .unwrap();
    assert!(!link.contains("missing"), "{link}");
}
