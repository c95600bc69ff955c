//! Files where they are listed: long lists in parts, and what a page's history tells of them.

use super::{PAGE, bytes_of, delete, farm_with, open_farm};
use crate::harness::{Answer, PASSWORD, Visitor};

#[test]
fn many_files_come_in_parts_of_a_hundred_that_lead_on() {
    let (_farm, mut visitor) = open_farm();
    for nth in 0..102 {
        visitor.attach(PAGE, &format!("{nth:03}.txt"), b"x", &[]);
    }
    for _ in 0..2 {
        visitor.attach(PAGE, "099.txt", b"newer", &[("overwrite", "1")]);
    }
    let names = |answer: &Answer| answer.attributes("tbody th a", "href");
    let first = visitor.get(&format!("{PAGE}?action=AttachFile"));
    assert_eq!(names(&first).len(), 100);
    assert!(first.content().contains("1–100 of 104"), "{}", first.content());
    assert!(!first.has("a[rel='prev nofollow']"));
    let later = first.attributes("a[rel='next nofollow']", "href").swap_remove(0);
    let second = visitor.get(&format!("http://wiki.example.org{later}"));
    assert_eq!(
        names(&second),
        ["099.txt&rev=2", "099.txt&rev=1", "100.txt&rev=1", "101.txt&rev=1"]
            .map(|end| format!("/Page?action=AttachFile&do=view&target={end}"))
    );
    // The file's newest version stands in the part before, with what can be done to it.
    let deletes = |answer: &Answer| answer.attributes(".acts a[href*='do=del']", "href").len();
    assert_eq!((deletes(&first), deletes(&second)), (100, 2));
    assert!(second.content().contains("version 2"), "{}", second.content());
    let back = second.attributes("a[rel='prev nofollow']", "href").swap_remove(0);
    assert_eq!(
        names(&visitor.get(&format!("http://wiki.example.org{back}"))),
        names(&first)
    );
    for beyond in ["3", "4294967295"] {
        let answer = visitor.get(&format!("{PAGE}?action=AttachFile&page={beyond}"));
        assert!(answer.status == 200 && answer.content().contains("does not go so far"));
    }
}

/// What the rows of the history say was done.
fn history(visitor: &mut Visitor, page: &str) -> Vec<String> {
    let answer = visitor.get(&format!("{page}?action=info"));
    let html = scraper::Html::parse_document(&answer.text());
    let rows = scraper::Selector::parse("table.revisions td.what").unwrap();
    let words = html.select(&rows).map(|row| row.text().collect::<String>());
    words.collect()
}

#[test]
fn the_history_tells_of_files_that_came_were_replaced_and_went() {
    let (farm, _) = farm_with("");
    farm.add_user("main", "Ada", PASSWORD);
    let mut ada = farm.logged_in(PAGE, "Ada");
    ada.attach(PAGE, "plan.txt", b"x", &[("comment", "for you")]);
    ada.attach(PAGE, "plan.txt", b"y", &[("overwrite", "1")]);
    ada.attach(PAGE, "other.txt", b"z", &[]);
    delete(&mut ada, "plan.txt");
    ada.edit(PAGE, "Another text.");
    assert_eq!(
        history(&mut ada, PAGE),
        [
            "edit",
            "file deleted plan.txt",
            "file attached other.txt",
            "file replaced plan.txt",
            "file attached plan.txt for you",
            "edit"
        ]
    );
    let page = ada.get(&format!("{PAGE}?action=info"));
    assert_eq!(
        page.attributes("tr.of-file .acts a", "href"),
        ["/Page?action=AttachFile&do=view&target=other.txt"],
        "only what is there is led to"
    );
    assert_eq!(page.words("tr.of-file .who").as_deref(), Some("Ada"));
    assert_eq!(page.attributes("input[name=rev1][checked]", "value"), ["1"]);
    assert_eq!(page.attributes("input[name=rev2][checked]", "value"), ["2"]);
}

#[test]
fn a_history_of_many_files_comes_in_pages() {
    let (_farm, mut visitor) = open_farm();
    for nth in 0..105 {
        visitor.attach(PAGE, &format!("{nth:03}.txt"), b"x", &[]);
    }
    assert_eq!(history(&mut visitor, PAGE).len(), 100);
    let first = visitor.get(&format!("{PAGE}?action=info"));
    let links = first.attributes("#content a", "href");
    let older = links.iter().find(|href| href.contains("before=")).unwrap();
    let rest = visitor.get(&format!("http://wiki.example.org{older}"));
    assert_eq!(rest.attributes("tbody .acts a[href*='do=view']", "href").len(), 5);
    assert_eq!(rest.attributes("tbody a[href*='action=raw']", "href").len(), 1);
    assert!(!rest.text().contains("before="));
}

#[test]
fn the_history_says_that_files_went_with_a_page_and_came_back_with_the_next() {
    let (_farm, mut visitor) = open_farm();
    visitor.attach(PAGE, "a.txt", b"x", &[]);
    visitor.attach(PAGE, "b.txt", b"x", &[]);
    assert!(
        visitor
            .get(&format!("{PAGE}?action=delete"))
            .content()
            .contains("Its 2 files are hidden with it")
    );
    visitor.submit(PAGE, "delete", &[]);
    visitor.edit(PAGE, "A new page.");
    assert_eq!(bytes_of(&mut visitor, "a.txt").body, b"x");
    let told = history(&mut visitor, PAGE);
    assert_eq!(
        told[..2],
        ["edit, 2 files back", "delete, 2 files hidden"],
        "{told:?}"
    );
}
