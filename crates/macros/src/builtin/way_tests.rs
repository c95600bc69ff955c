//! Claims about macros that lead somewhere: navigation, forms for new pages, calendars.
//!
//! Each test is a few pages, a visitor and what the visitor then sees.

use super::tests::{at, shown};
use crate::testing::{TestFarm, Visitor};

const TEAM: &[(&str, &str)] = &[
    ("Team", "<<Navigation(children)>>"),
    ("Team/A", "<<Navigation(siblings)>>"),
    ("Team/A/Deep", "x"),
    ("Team/B", "<<Navigation(slideshow)>>"),
    ("Team/C", "<<Navigation(slides)>>"),
    ("Teamwork", "x"),
];

async fn guest_sees(page: &str) -> String {
    TestFarm::with(TEAM)
        .await
        .show(page, &mut Visitor::returning())
        .await
}

#[tokio::test]
async fn children_are_all_pages_below_this_one_and_no_others() {
    let html = guest_sees("Team").await;
    for (page, words) in [("A", "A"), ("A/Deep", "A/Deep"), ("B", "B"), ("C", "C")] {
        assert!(
            html.contains(&format!("href=\"/team/Team/{page}\">{words}</a>")),
            "{html}"
        );
    }
    assert!(
        html.contains("<nav aria-label=\"Subpages\">") && !html.contains("work"),
        "{html}"
    );
}

#[tokio::test]
async fn the_depth_ends_the_list_of_children() {
    let farm = TestFarm::with(TEAM).await;
    farm.save("Team", "<<Navigation(children, 1)>>").await;
    let html = farm.show("Team", &mut Visitor::returning()).await;
    assert!(html.contains(">A</a>") && !html.contains("Deep"), "{html}");
    assert!(
        shown("<<Navigation(children, -1)>>")
            .await
            .contains("must not be negative")
    );
    assert!(
        shown("<<Navigation(slides, 1)>>")
            .await
            .contains("does not go with slides")
    );
    assert!(shown("<<Navigation(cousins)>>").await.contains("must be one of"));
    assert!(shown("<<Navigation>>").await.contains("is required"));
}

#[tokio::test]
async fn siblings_are_the_pages_beside_this_one_which_is_no_link() {
    let html = guest_sees("Team/A").await;
    assert!(
        html.contains("<strong>A</strong>") && html.contains(">B</a>"),
        "{html}"
    );
    assert!(!html.contains("Deep") && !html.contains("work"), "{html}");
}

#[tokio::test]
async fn slides_are_numbered_and_one_goes_through_them_one_by_one() {
    let html = guest_sees("Team/B").await;
    assert!(html.contains("Slide 2 of 3"), "{html}");
    for word in ["First slide", "Previous slide", "Next slide", "Last slide"] {
        assert!(html.contains(&format!("aria-label=\"{word}\"")), "{word}: {html}");
    }
    let html = guest_sees("Team/C").await;
    assert!(
        html.contains("<ol>") && html.contains("<strong>C</strong>"),
        "{html}"
    );
    assert!(
        shown("<<Navigation(slideshow)>>")
            .await
            .contains("There are no slides.")
    );
}

#[tokio::test]
async fn a_slideshow_begins_at_its_first_slide() {
    let farm = TestFarm::with(TEAM).await;
    farm.save("Team", "<<Navigation(slideshow)>>").await;
    let html = farm.show("Team", &mut Visitor::returning()).await;
    assert!(
        html.contains("<a href=\"/team/Team/A\">Start the slides</a>"),
        "{html}"
    );
}

#[tokio::test]
async fn the_form_for_a_new_page_sends_template_parent_and_the_names_template() {
    let farm = TestFarm::with(&[("Team", "<<NewPage(MeetingTemplate, Go & see, @SELF/Log, %Y %s)>>")]).await;
    assert_eq!(farm.holes("Team").await, 0);
    let html = farm.show("Team", &mut Visitor::returning()).await;
    assert!(
        html.contains("<form class=\"macro-form\" method=\"get\" action=\"/team/Team\">"),
        "{html}"
    );
    for (name, value) in [
        ("action", "newpage"),
        ("template", "MeetingTemplate"),
        ("parent", "Team/Log"),
        ("nametemplate", "%Y %s"),
    ] {
        let field = format!("<input type=\"hidden\" name=\"{name}\" value=\"{value}\">");
        assert!(html.contains(&field), "{field}: {html}");
    }
    assert!(
        html.contains("name=\"pagename\"") && html.contains("Go &amp; see</button>"),
        "{html}"
    );
}

#[tokio::test]
async fn a_name_of_the_date_alone_asks_for_nothing() {
    let html = shown("<<NewPage(, Today, , %Y-%m-%d)>>").await;
    assert!(
        !html.contains("pagename") && html.contains("Today</button>"),
        "{html}"
    );
    assert!(
        !html.contains("name=\"template\"") && !html.contains("name=\"parent\""),
        "{html}"
    );
}

#[tokio::test]
async fn a_form_for_ones_own_page_is_for_those_who_have_one() {
    let farm = TestFarm::with(&[("Front", "a <<NewPage(, New, @ME/Notes)>> b")]).await;
    assert!(
        !farm
            .show("Front", &mut Visitor::returning())
            .await
            .contains("<form")
    );
    let ada = farm.view("Front", &mut Visitor::user("Ada")).await;
    assert!(
        ada.private && ada.text().contains("value=\"Ada/Notes\""),
        "{}",
        ada.text()
    );
}

#[tokio::test]
async fn a_form_with_a_broken_template_or_parent_is_refused() {
    for call in [
        "<<NewPage(, x, , %!)>>",
        "<<NewPage(_x)>>",
        "<<NewPage(, x, _farm)>>",
    ] {
        assert!(shown(call).await.contains("macro-error"), "{call}");
    }
}

async fn calendar(call: &str, query: &str) -> String {
    let pages = [
        ("Diary", call),
        ("Diary/2026-05-02", "x"),
        ("Diary/05-03", "x"),
        ("Log/2026-05-04", "x"),
    ];
    let mut farm = TestFarm::with(&pages).await;
    farm.now = at("2026-05-01T23:30:00Z");
    farm.query = vec![("calparms".into(), query.into())];
    farm.show("Diary", &mut Visitor::returning()).await
}

#[tokio::test]
async fn a_calendar_shows_the_month_from_monday_and_marks_today_and_written_days() {
    let html = calendar("<<MonthCalendar>>", "").await;
    assert!(
        html.contains("May 2026") && html.contains("<th>Mon</th>"),
        "{html}"
    );
    assert_eq!(
        html.matches("<tr>").count(),
        1 + 5,
        "May 2026 needs five weeks: {html}"
    );
    let first_week = html.split("<tbody>").nth(1).unwrap();
    assert!(
        first_week
            .trim_start()
            .starts_with("<tr><td></td><td></td><td></td><td></td><td><span class=\"today\">"),
        "{first_week}"
    );
    assert!(
        html.contains("<span class=\"has-page\"><a href=\"/team/Diary/2026-05-02\""),
        "{html}"
    );
    assert_eq!(html.matches("has-page").count(), 1, "{html}");
    assert!(html.contains("(today)"), "{html}");
}

#[tokio::test]
async fn a_calendar_turns_by_the_address_and_only_its_own() {
    let html = calendar("<<MonthCalendar(Diary,,,1)>>", "").await;
    assert!(html.contains("June 2026"), "{html}");
    let next = html.split("calparms=").nth(3).unwrap().split('"').next().unwrap();
    assert_eq!(next, "%22Diary%22%2C%2C%2C1%2C1%2C0%2C0%2C");
    let html = calendar("<<MonthCalendar(Diary,,,1)>>", "\"Diary\",,,1,1,0,0,").await;
    assert!(html.contains("July 2026"), "{html}");
    let html = calendar("<<MonthCalendar(Diary,,,1)>>", "\"Log\",,,1,1,0,0,").await;
    assert!(html.contains("June 2026"), "{html}");
}

#[tokio::test]
async fn a_broken_address_changes_nothing_in_a_calendar() {
    for query in [
        "\"",
        ",,,,x",
        ",,,,99999999999999999999",
        "<script>",
        ",,,,,,,,,,",
    ] {
        assert!(
            calendar("<<MonthCalendar>>", query).await.contains("May 2026"),
            "{query}"
        );
    }
    let html = calendar("<<MonthCalendar>>", ",,,,9223372036854775807").await;
    assert!(html.contains("there is no such month"), "{html}");
}

#[tokio::test]
async fn days_of_every_year_days_of_several_pages_and_six_weeks() {
    let html = calendar("<<MonthCalendar(Diary*Log, 2026, 5, 0, 0, yes, no)>>", "").await;
    assert_eq!(html.matches("<tr>").count(), 1 + 6, "{html}");
    assert!(
        html.contains("href=\"/team/Log/2026-05-04\"") && html.contains("href=\"/team/Diary/2026-05-05\""),
        "{html}"
    );
    let html = calendar("<<MonthCalendar(Diary, 1999, 5, 0, 0, 0, 1)>>", "").await;
    assert!(html.contains("href=\"/team/Diary/05-03\""), "{html}");
}

#[tokio::test]
async fn a_day_without_a_page_leads_to_the_editor_with_the_template() {
    let html = calendar("<<MonthCalendar(template=DayTemplate)>>", "").await;
    assert!(
        html.contains("/team/Diary/2026-05-05?action=edit&amp;template=DayTemplate"),
        "{html}"
    );
    assert!(html.contains("href=\"/team/Diary/2026-05-02\""), "{html}");
}

#[tokio::test]
async fn today_is_the_readers() {
    let mut farm = TestFarm::with(&[("Diary", "<<MonthCalendar>>")]).await;
    farm.now = at("2026-05-31T23:30:00Z");
    let mut visitor = Visitor::returning();
    visitor.viewer.time_zone = "Europe/Berlin".into();
    assert!(farm.show("Diary", &mut visitor).await.contains("June 2026"));
}
