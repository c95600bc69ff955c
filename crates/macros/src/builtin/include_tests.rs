//! Claims about pages inside pages: what is shown, to whom, and where it ends.
//!
//! Each test is a few pages and what a returning guest sees of `Front`. Limits of output are also tried in
//! `hostile_tests.rs`.

use crate::testing::{TestFarm, Visitor};
use crate::*;

async fn shown(pages: &[(&str, &str)]) -> String {
    TestFarm::with(pages)
        .await
        .show("Front", &mut Visitor::returning())
        .await
}

#[tokio::test]
async fn a_page_stands_inside_the_page() {
    let html = shown(&[
        ("Team", "first *second*"),
        ("Front", "before\n\n<<Include(Team)>>\n\nafter"),
    ])
    .await;
    assert!(html.contains("first <em>second</em>"), "{html}");
    assert!(
        html.find("before") < html.find("first") && html.find("first") < html.find("after"),
        "{html}"
    );
}

#[tokio::test]
async fn a_name_may_be_relative_to_the_page() {
    let html = shown(&[("Front/Notes", "the notes"), ("Front", "<<Include(/Notes)>>")]).await;
    assert!(html.contains("the notes"), "{html}");
}

#[tokio::test]
async fn the_heading_has_the_given_words_and_level_and_leads_to_the_page() {
    let html = shown(&[
        ("Team", "text"),
        ("Front", "<<Include(Team, \"All, about us\", 2)>>"),
    ])
    .await;
    assert!(html.contains("<h2") && html.contains("All, about us"), "{html}");
    assert!(html.contains("href=\"/team/Team\""), "{html}");
}

#[tokio::test]
async fn an_empty_place_for_the_heading_gives_the_pages_name() {
    let html = shown(&[("Team", "text"), ("Front", "<<Include(Team,,3)>>")]).await;
    assert!(html.contains("<h3") && html.contains(">Team</a>"), "{html}");
    let html = shown(&[("Team", "text"), ("Front", "<<Include(Team)>>")]).await;
    assert!(!html.contains("<h"), "{html}");
}

#[tokio::test]
async fn a_level_that_is_none_is_told() {
    let html = shown(&[("Team", "text"), ("Front", "<<Include(Team,,7)>>")]).await;
    assert!(html.contains("must be from 1 to 6"), "{html}");
}

#[tokio::test]
async fn a_missing_page_and_an_unreadable_one_look_the_same() {
    let text = [("Front", "<<Include(Missing)>>")];
    let missing = TestFarm::with(&text)
        .await
        .show("Front", &mut Visitor::returning())
        .await;
    let pages = [text[0], ("Missing", "a secret")];
    let hidden = TestFarm::with_rights("Ada:read", &pages).await;
    assert_eq!(hidden.show("Front", &mut Visitor::returning()).await, missing);
    let ada = hidden.view("Front", &mut Visitor::user("Ada")).await;
    assert!(ada.text().contains("a secret") && ada.private);
}

#[tokio::test]
async fn macros_of_the_inner_page_run_for_the_visitor() {
    let farm = TestFarm::with(&[("Inner", "<<SessionTest>>"), ("Front", "<<Include(Inner)>>")]).await;
    let mut visitor = Visitor::returning();
    assert!(farm.show("Front", &mut visitor).await.contains("Set to value"));
    let filled = farm.view("Front", &mut visitor).await;
    assert!(filled.text().contains("Loaded value") && filled.private);
    assert!(
        farm.show("Front", &mut Visitor::new_here())
            .await
            .contains("Not storing")
    );
}

#[tokio::test]
async fn a_page_does_not_include_itself() {
    let html = shown(&[("Front", "one <<Include(Front)>> two")]).await;
    assert_eq!(html.matches("would include itself").count(), 1, "{html}");
    assert_eq!(html.matches("one").count(), 1, "{html}");
}

#[tokio::test]
async fn two_pages_that_include_each_other_end() {
    let html = shown(&[
        ("Other", "other <<Include(Front)>>"),
        ("Front", "front <<Include(Other)>>"),
    ])
    .await;
    assert_eq!(html.matches("would include itself").count(), 1, "{html}");
    assert!(html.contains("other"), "{html}");
}

#[tokio::test]
async fn a_chain_of_pages_ends_at_the_depth() {
    let pages: Vec<(String, String)> = (0..20)
        .map(|nth| (format!("P{nth}"), format!("p{nth} <<Include(P{})>>", nth + 1)))
        .collect();
    let mut pages: Vec<(&str, &str)> = pages
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_str()))
        .collect();
    pages.push(("Front", "<<Include(P0)>>"));
    let html = shown(&pages).await;
    assert!(html.contains("p9 ") && !html.contains("p10 "), "{html}");
    assert!(html.contains("may be included 10 deep at most"), "{html}");
}

#[tokio::test]
async fn pages_that_multiply_each_other_stay_within_the_output() {
    let large = "word ".repeat(10_000);
    let mut farm = TestFarm::with(&[
        ("Large", &large),
        ("Front", &"<<Include(Large)>>\n\n".repeat(100)),
    ])
    .await;
    farm.limits.output_bytes = 200_000;
    let html = farm.show("Front", &mut Visitor::returning()).await;
    assert!(html.len() < 250_000, "{}", html.len());
    assert!(html.contains("may write 195.3 KiB at most"));
}

const DAYS: [(&str, &str); 4] = [
    ("Day/1", "monday"),
    ("Day/2", "tuesday"),
    ("Day/3", "wednesday"),
    ("Night", "sleep"),
];

async fn days(call: &str) -> String {
    let mut pages = DAYS.to_vec();
    pages.push(("Front", call));
    shown(&pages).await
}

#[tokio::test]
async fn an_expression_includes_all_matching_pages_in_order() {
    let html = days("<<Include(^Day/)>>").await;
    let order: Vec<Option<usize>> = ["monday", "tuesday", "wednesday"]
        .iter()
        .map(|day| html.find(day))
        .collect();
    assert!(order[0].is_some() && order.is_sorted(), "{html}");
    assert!(!html.contains("sleep"), "{html}");
}

#[tokio::test]
async fn the_pages_may_be_turned_around_skipped_and_counted() {
    let html = days("<<Include(^Day/, sort=descending, skipitems=1, items=1)>>").await;
    assert!(
        html.contains("tuesday") && !html.contains("monday") && !html.contains("wednesday"),
        "{html}"
    );
    assert!(
        days("<<Include(^Day/, items=-1)>>")
            .await
            .contains("must not be negative")
    );
    assert!(
        days("<<Include(^Day/, sort=sideways)>>")
            .await
            .contains("must be one of")
    );
}

#[tokio::test]
async fn titles_only_lists_the_pages() {
    let html = days("<<Include(^Day/, titlesonly)>>").await;
    assert!(
        html.contains("href=\"/team/Day/1\"") && !html.contains("monday"),
        "{html}"
    );
}

#[tokio::test]
async fn an_edit_link_leads_to_the_editor_of_the_page() {
    let html = days("<<Include(Day/1, editlink)>>").await;
    assert!(
        html.contains("href=\"/team/Day/1?action=edit\"") && html.contains("monday"),
        "{html}"
    );
}

#[tokio::test]
async fn a_part_of_a_page_stands_between_two_matches() {
    let text = "top\n\nBEGIN\n\ninner *text*\n\nEND\n\nbottom";
    let call = "<<Include(Long, from=\"^BEGIN$\", to=\"^END$\")>>";
    let html = shown(&[("Long", text), ("Front", call)]).await;
    assert!(html.contains("inner <em>text</em>"), "{html}");
    assert!(!html.contains("top") && !html.contains("bottom"), "{html}");
    let html = shown(&[("Long", text), ("Front", "<<Include(Long, from=nowhere)>>")]).await;
    assert!(html.contains("nothing in") && !html.contains("inner"), "{html}");
}

#[tokio::test]
async fn other_pages_are_shown_while_a_long_text_is_searched_and_too_much_is_refused() {
    let long = "01".repeat(500);
    let call = "<<Include(Long, from=\"[01]*1[01]{500}x\")>>";
    let far = "<<Include(Long, from=\"[01]*1[01]{500}x\")>> <<Include(Longer, from=\"[01]*1[01]{500}x\")>>";
    let longer = "01".repeat(300_000);
    let pages = [
        ("Long", &*long),
        ("Longer", &*longer),
        ("Front", call),
        ("Far", far),
        ("Other", "quick"),
    ];
    let farm = TestFarm::with(&pages).await;
    let seats = farm.registry.expressions.take_all_seats().await;
    let (mut one, mut other) = (Visitor::returning(), Visitor::returning());
    let order = std::sync::Mutex::new(Vec::new());
    let slow = async {
        let html = farm.show("Front", &mut one).await;
        order.lock().unwrap().push("slow");
        html
    };
    let quick = async {
        farm.show("Other", &mut other).await;
        order.lock().unwrap().push("quick");
        drop(seats);
    };
    let (html, ()) = futures_util::future::join(slow, quick).await;
    assert!(html.contains("nothing in"), "{html}");
    assert_eq!(*order.lock().unwrap(), ["quick", "slow"]);
    let html = farm.show("Far", &mut Visitor::returning()).await;
    assert!(html.contains("too large for so much text"), "{html}");
}

#[tokio::test]
async fn a_page_with_an_include_is_not_private_when_everybody_may_read_both() {
    let farm = TestFarm::with(&[("Team", "text"), ("Front", "<<Include(Team)>>")]).await;
    let filled = farm.view("Front", &mut Visitor::user("Ada")).await;
    assert!(!filled.private && filled.holds == Holds::ThisMoment);
}

#[tokio::test]
async fn many_pages_together_stay_within_the_output() {
    let mut pages = DAYS.to_vec();
    pages.push(("Front", "<<Include(^Day/)>> <<Include(Night)>>"));
    let mut farm = TestFarm::with(&pages).await;
    farm.limits.output_bytes = 40;
    let html = farm.show("Front", &mut Visitor::returning()).await;
    assert!(
        html.contains("may write 40 bytes at most") && !html.contains("monday"),
        "{html}"
    );
    assert!(html.contains("sleep"), "{html}");
}

/// The values of an attribute, in order.
fn values<'h>(html: &'h str, attribute: &str) -> Vec<&'h str> {
    let parts = html.split(attribute).skip(1);
    let values = parts.filter_map(|part| part.strip_prefix("=\"")?.split('"').next());
    values.collect()
}

/// Three pages inside `Front`, one of them twice and one with a page inside; all have notes and equal headings.
async fn nested_pages() -> String {
    let page = |word: &str| {
        format!(
            "# Rota\n\nSee<<FootNote({word} one)>> and<<FootNote({word} two)>> and<<FootNote({word} one)>>.\n\n\
             <<Anchor(place)>>\n\n"
        )
    };
    let front = format!(
        "{}<<Include(Day)>>\n\n<<Include(Night)>>\n\n<<Include(Day)>>\n\n<<Include(Day, from=Rota)>>",
        page("front")
    );
    let night = format!("{}<<Include(Dream)>>", page("night"));
    let pages = [
        ("Front", front.as_str()),
        ("Day", &page("day")),
        ("Night", &night),
        ("Dream", &page("dream")),
    ];
    let farm = TestFarm::with(&pages).await;
    let html = farm.show("Front", &mut Visitor::new_here()).await;
    assert_eq!(
        html,
        farm.show("Front", &mut Visitor::new_here()).await,
        "warm as cold"
    );
    html
}

#[tokio::test]
async fn no_id_stands_twice_whatever_is_included() {
    let html = nested_pages().await;
    let ids = values(&html, " id");
    let different: std::collections::HashSet<&&str> = ids.iter().collect();
    assert_eq!(different.len(), ids.len(), "{html}");
    for id in ["rota", "rota-5", "place", "fn:1", "fn:12", "fnref:11-2"] {
        assert!(different.contains(&id), "{id} among {different:?}");
    }
}

#[tokio::test]
async fn the_notes_of_included_pages_are_numbered_on_and_references_lead_to_them() {
    let html = nested_pages().await;
    for (number, words) in (1..).zip([
        "front one",
        "front two",
        "day one",
        "day two",
        "night one",
        "night two",
        "dream one",
        "dream two",
        "day one",
        "day two",
        "day one",
        "day two",
    ]) {
        assert!(
            html.contains(&format!("<li id=\"fn:{number}\"><p>{words} ")),
            "{number}: {html}"
        );
        let reference = format!("href=\"#fn:{number}\" id=\"fnref:{number}\">{number}</a>");
        assert_eq!(html.matches(&reference).count(), 1, "{reference}: {html}");
    }
    for start in [3, 5, 7, 9, 11] {
        assert!(
            html.contains(&format!("<ol start=\"{start}\">")),
            "{start}: {html}"
        );
    }
}

#[tokio::test]
async fn a_page_alone_and_one_inside_a_page_without_notes_begin_at_one() {
    let farm = TestFarm::with(&[
        ("Front", "# Front\n\n<<Include(Day)>>"),
        ("Day", "# Day\n\nSee<<FootNote(this)>>.\n\n<<TableOfContents>>"),
    ])
    .await;
    for page in ["Front", "Day"] {
        let html = farm.show(page, &mut Visitor::new_here()).await;
        assert!(html.contains("<li id=\"fn:1\">"), "{html}");
        assert!(
            html.contains("<h1 id=\"day\">") && html.contains("href=\"#day\""),
            "{html}"
        );
    }
}

#[tokio::test]
async fn the_contents_of_an_included_page_lead_to_its_own_headings() {
    let farm = TestFarm::with(&[
        ("Front", "# Rota\n\n<<Include(Day)>>"),
        ("Day", "# Rota\n\n<<TableOfContents>>"),
    ])
    .await;
    let html = farm.show("Front", &mut Visitor::new_here()).await;
    assert!(
        html.contains("<h1 id=\"rota-2\">") && html.contains("href=\"#rota-2\""),
        "{html}"
    );
}
