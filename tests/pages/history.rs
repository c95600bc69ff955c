//! What was: histories, differences, old texts, going back, renaming, deleting.

use super::{OPEN, at, raw};
use crate::harness::{Farm, PASSWORD, Visitor};

fn told(visitor: &mut Visitor, page: &str) -> Vec<String> {
    let page = visitor.get(&format!("{}?action=info", at(page)));
    assert_eq!(page.status, 200);
    let html = scraper::Html::parse_document(&page.text());
    let rows = scraper::Selector::parse("table.revisions tbody tr").unwrap();
    html.select(&rows)
        .map(|row| {
            row.text()
                .flat_map(str::split_whitespace)
                .collect::<Vec<_>>()
                .join(" ")
        })
        .collect()
}

/// A page `Plums` with the texts `one` and `two`.
fn farm_with_two_revisions() -> Farm {
    let farm = Farm::start(OPEN);
    farm.put_page("main", "Plums", "one\nkept\n");
    farm.put_page("main", "Plums", "two\nkept\n");
    farm
}

#[test]
fn the_history_names_author_comment_and_whether_a_change_was_minor() {
    let farm = Farm::start(OPEN);
    farm.add_user("main", "Ada", PASSWORD);
    let mut ada = farm.visitor();
    ada.log_in(&at("Plums"), "Ada", PASSWORD);
    ada.fill_in(
        &at("Plums"),
        "edit",
        &[
            ("rev", "0"),
            ("savetext", "one"),
            ("comment", "planted <b>"),
            ("button_save", "1"),
        ],
    );
    ada.fill_in(
        &at("Plums"),
        "edit",
        &[
            ("rev", "1"),
            ("savetext", "two"),
            ("trivial", "1"),
            ("button_save", "1"),
        ],
    );
    farm.visitor().edit(&at("Plums"), "three");
    let rows = told(&mut ada, "Plums");
    assert_eq!(rows.len(), 3, "{rows:?}");
    assert!(
        rows[0].contains("127.0.0.1"),
        "a guest signs with the address: {rows:?}"
    );
    assert!(
        rows[1].contains("Ada") && rows[1].contains("minor edit"),
        "{rows:?}"
    );
    assert!(
        rows[2].contains("Ada") && rows[2].contains("planted <b>") && !rows[2].contains("minor"),
        "{rows:?}"
    );
}

#[test]
fn a_difference_shows_what_went_and_what_came() {
    let farm = farm_with_two_revisions();
    let mut visitor = farm.visitor();
    for query in ["", "&rev1=1&rev2=2", "&rev1=2&rev2=1"] {
        let diff = visitor.get(&format!("{}?action=diff{query}", at("Plums")));
        assert_eq!(
            diff.words("td.removed.text").as_deref(),
            Some("− one"),
            "{query}: {}",
            diff.text()
        );
        assert_eq!(diff.words("td.added.text").as_deref(), Some("+ two"), "{query}");
    }
    assert_eq!(
        visitor
            .get(&format!("{}?action=diff&rev1=1&rev2=9", at("Plums")))
            .status,
        404
    );
}

#[test]
fn old_texts_can_be_read_as_pages_and_raw() {
    let farm = farm_with_two_revisions();
    let mut visitor = farm.visitor();
    let old = visitor.get(&format!("{}?action=recall&rev=1", at("Plums")));
    assert_eq!((old.status, old.content().as_str()), (200, "one kept"));
    assert!(old.words(".message").unwrap().contains("revision 1"));
    assert!(old.has("meta[name=robots][content*=noindex]"));
    assert_eq!(
        visitor.get(&format!("{}?action=raw&rev=1", at("Plums"))).text(),
        "one\nkept\n"
    );
    for query in [
        "action=recall&rev=3",
        "action=raw&rev=3",
        "action=raw&rev=99999999",
    ] {
        assert_eq!(
            visitor.get(&format!("{}?{query}", at("Plums"))).status,
            404,
            "{query}"
        );
    }
    for query in [
        "action=recall&rev=x",
        "action=raw&rev=-1",
        "action=raw&rev=99999999999999999999",
    ] {
        assert_eq!(
            visitor.get(&format!("{}?{query}", at("Plums"))).status,
            400,
            "{query}"
        );
    }
}

#[test]
fn going_back_makes_the_old_text_the_newest_revision() {
    let farm = farm_with_two_revisions();
    let mut visitor = farm.visitor();
    let form = visitor.get(&format!("{}?action=revert&rev=1", at("Plums")));
    let fields = [
        ("ticket", form.ticket("revert").unwrap()),
        ("rev", form.field("rev").unwrap()),
    ];
    let fields: Vec<(&str, &str)> = fields
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    let done = visitor.post(&format!("{}?action=revert", at("Plums")), &fields);
    assert_eq!((done.status, done.header("location")), (303, Some("/Plums")));
    assert_eq!(raw(&mut visitor, "Plums"), "one\nkept\n");
    let rows = told(&mut visitor, "Plums");
    assert_eq!(rows.len(), 3, "nothing is taken out of the history: {rows:?}");
    assert!(rows[0].contains("revert"), "{rows:?}");
}

#[test]
fn a_page_that_came_with_the_wiki_is_revision_0_and_can_be_gone_back_to() {
    let farm = Farm::prepare(OPEN);
    farm.write("wikis/main/pages/Plums.md", "as delivered\n");
    let mut farm = farm;
    farm.restart();
    let mut visitor = farm.visitor();
    assert_eq!(visitor.get(&at("Plums")).content(), "as delivered");
    visitor.edit(&at("Plums"), "changed\n");
    let rows = told(&mut visitor, "Plums");
    assert!(
        rows.len() == 2 && rows[1].contains("came with the wiki"),
        "{rows:?}"
    );
    let form = visitor.get(&format!("{}?action=revert&rev=0", at("Plums")));
    let ticket = form.ticket("revert").unwrap();
    visitor.post(
        &format!("{}?action=revert", at("Plums")),
        &[("ticket", &ticket), ("rev", "0")],
    );
    assert_eq!(visitor.get(&at("Plums")).content(), "as delivered");
    visitor.fill_in(&at("Plums"), "delete", &[]);
    assert_eq!(
        visitor.get(&at("Plums")).status,
        404,
        "deleting it shows a deletion"
    );
}

#[test]
fn renaming_moves_the_history_and_leaves_nothing_behind() {
    let farm = farm_with_two_revisions();
    let mut visitor = farm.visitor();
    let done = visitor.fill_in(
        &at("Plums"),
        "rename",
        &[("newname", "Fruit/Ripe  plums"), ("comment", "sorted")],
    );
    assert_eq!(
        (done.status, done.header("location")),
        (303, Some("/Fruit/Ripe%20plums"))
    );
    assert_eq!(visitor.get(&at("Fruit/Ripe%20plums")).content(), "two kept");
    let gone = visitor.get(&at("Plums"));
    assert_eq!(gone.status, 404);
    assert!(
        gone.content().contains("renamed") && !gone.content().contains("deleted"),
        "{}",
        gone.content()
    );
    assert!(
        gone.text().contains("href=\"/Fruit/Ripe%20plums\""),
        "the old name says where the page went"
    );
    let rows = told(&mut visitor, "Fruit/Ripe%20plums");
    assert!(
        rows[0].contains("rename from Plums") && rows[0].contains("sorted"),
        "{rows:?}"
    );
    assert_eq!(
        visitor
            .get(&format!("{}?action=raw&rev=1", at("Fruit/Ripe%20plums")))
            .text(),
        "one\nkept\n"
    );
}

#[test]
fn a_page_is_never_renamed_onto_another_or_to_no_name() {
    let farm = farm_with_two_revisions();
    farm.put_page("main", "Quinces", "mine\n");
    let mut visitor = farm.visitor();
    for newname in ["Quinces", "", "..", "_x", "a\u{0}b", &"x".repeat(300)] {
        let refused = visitor.fill_in(&at("Plums"), "rename", &[("newname", newname)]);
        assert!(
            refused.has(".message") && refused.has("input[name=newname]"),
            "{newname:?}: {}",
            refused.text()
        );
    }
    assert_eq!(raw(&mut visitor, "Quinces"), "mine\n");
    assert_eq!(raw(&mut visitor, "Plums"), "two\nkept\n");
}

#[test]
fn a_deleted_page_is_404_keeps_its_history_and_can_come_back() {
    let farm = farm_with_two_revisions();
    let mut visitor = farm.visitor();
    let done = visitor.fill_in(&at("Plums"), "delete", &[("comment", "rotten")]);
    assert_eq!((done.status, done.header("location")), (303, Some("/Plums")));
    let gone = visitor.get(&at("Plums"));
    assert_eq!(gone.status, 404);
    assert!(
        gone.has("#content a[href='/Plums?action=info']"),
        "{}",
        gone.text()
    );
    let rows = told(&mut visitor, "Plums");
    assert!(
        rows[0].contains("delete") && rows[0].contains("rotten"),
        "{rows:?}"
    );
    let form = visitor.get(&format!("{}?action=revert&rev=1", at("Plums")));
    let ticket = form.ticket("revert").unwrap();
    visitor.post(
        &format!("{}?action=revert", at("Plums")),
        &[("ticket", &ticket), ("rev", "1")],
    );
    assert_eq!(visitor.get(&at("Plums")).content(), "one kept");
}

#[test]
fn what_does_not_exist_cannot_be_deleted_renamed_or_gone_back_to() {
    let farm = Farm::start(OPEN);
    let mut visitor = farm.visitor();
    for action in ["delete", "rename", "revert&rev=1", "info", "diff", "raw"] {
        assert_eq!(
            visitor.get(&format!("{}?action={action}", at("Nothing"))).status,
            404,
            "{action}"
        );
    }
}

#[test]
fn a_long_history_comes_in_pages() {
    let farm = Farm::start(OPEN);
    let mut visitor = farm.visitor();
    for number in 1..=105 {
        visitor.edit(&at("Diary"), &format!("day {number}"));
    }
    assert_eq!(told(&mut visitor, "Diary").len(), 100);
    let first = visitor.get(&format!("{}?action=info", at("Diary")));
    let older = first
        .attributes("#content a", "href")
        .into_iter()
        .find(|href| href.contains("before="))
        .unwrap();
    let second = visitor.get(&at(older.trim_start_matches('/')));
    assert_eq!(
        second.attributes("input[name=rev1]", "value"),
        ["5", "4", "3", "2", "1"]
    );
}

/// What the recent changes say of a page.
fn line_of(visitor: &mut Visitor, page: &str) -> String {
    let changes = visitor.get(&at("Changes"));
    let html = scraper::Html::parse_document(&changes.text());
    let lines = scraper::Selector::parse(".recent-changes li").unwrap();
    let words = html.select(&lines).map(|line| line.text().collect::<String>());
    let mut found = words.filter(|words| words.split(' ').nth(1) == Some(page));
    found.next().unwrap_or_default()
}

#[test]
fn the_recent_changes_call_a_page_new_that_is_and_none_that_came_with_the_wiki() {
    let mut farm = Farm::prepare(OPEN);
    farm.write("wikis/main/pages/Old.md", "came with the wiki");
    farm.restart();
    let mut visitor = farm.visitor();
    visitor.edit(&at("Changes"), "<<RecentChanges>>");
    assert_eq!(visitor.get(&at("Old")).content(), "came with the wiki");
    visitor.edit(&at("Old"), "edited");
    visitor.edit(&at("Fresh"), "made");
    let (old, fresh) = (line_of(&mut visitor, "Old"), line_of(&mut visitor, "Fresh"));
    assert!(!old.is_empty() && !old.contains("new"), "{old}");
    assert!(fresh.contains("Fresh new"), "{fresh}");
}

#[test]
fn the_recent_changes_say_to_what_a_page_was_renamed() {
    let farm = Farm::start(OPEN);
    let mut visitor = farm.visitor();
    visitor.edit(&at("Changes"), "<<RecentChanges>>");
    visitor.edit(&at("Plums"), "fruit");
    visitor.submit(&at("Plums"), "rename", &[("newname", "Quinces")]);
    assert!(line_of(&mut visitor, "Plums").contains("renamed to Quinces"));
    assert!(line_of(&mut visitor, "Quinces").contains("renamed from Plums"));
    let links = visitor
        .get(&at("Changes"))
        .attributes(".recent-changes em + a", "href");
    assert_eq!(links, ["/Plums", "/Quinces"]);
}
