//! Claims about the macros that search: what they list, when they run again, and which forms they show.

use super::tests::shown;
use crate::testing::{TestFarm, Visitor};

/// What a guest sees of a page with this call, beside pages about fruit.
async fn beside_fruit(call: &str) -> String {
    let pages = [
        ("Front", call),
        ("Pears", "sweet\n\n----\n[[CategoryFruit]]"),
        ("Apples", "sour, see [[Front]]"),
        ("Old/Plums", "sweet and sour"),
    ];
    let farm = TestFarm::with(&pages).await;
    farm.show("Front", &mut Visitor::returning()).await
}

async fn lists(call: &str, pages: &[&str]) {
    let html = beside_fruit(call).await;
    let listed: Vec<&str> = html
        .split("<li><a href=\"/team/")
        .skip(1)
        .filter_map(|line| line.split('"').next())
        .collect();
    assert_eq!(listed, pages, "{call}: {html}");
}

#[tokio::test]
async fn full_search_lists_what_it_finds_in_the_order_of_names_without_its_own_page() {
    lists("<<FullSearch(sweet)>>", &["Old/Plums", "Pears"]).await;
    lists("<<FullSearch(sweet -sour)>>", &["Pears"]).await;
    lists("<<FullSearch(category:CategoryFruit)>>", &["Pears"]).await;
    lists(
        "<<FullSearchCached(\"sweet and\" or title:apples)>>",
        &["Apples", "Old/Plums"],
    )
    .await;
    let nothing = beside_fruit("<<FullSearch(quinces)>>").await;
    assert!(nothing.contains("No matching page."), "{nothing}");
}

#[tokio::test]
async fn empty_brackets_list_the_pages_that_link_here_and_none_show_a_box() {
    lists("<<FullSearch()>>", &["Apples"]).await;
    lists("<<FullSearch>>", &[]).await;
    let html = beside_fruit("<<FullSearch>>").await;
    assert!(
        html.contains("name=\"value\"") && html.contains("value=\"fullsearch\""),
        "{html}"
    );
    assert!(html.contains("method=\"get\" action=\"/team/Front\""), "{html}");
}

#[tokio::test]
async fn what_cannot_be_searched_for_is_told_in_a_box() {
    for (call, words) in [
        ("<<FullSearch( )>>", "please say what to look for"),
        ("<<FullSearch((a)>>", "A closing bracket"),
        ("<<FullSearch(nonsense:x)>>", "is no search prefix"),
        ("<<FullSearch(regex:*)>>", "is no regular expression"),
        ("<<PageList(a or)>>", "Nothing stands on one side"),
    ] {
        let html = shown(call).await;
        assert!(
            html.contains("macro-error") && html.contains(words),
            "{call}: {html}"
        );
    }
}

#[tokio::test]
async fn a_page_list_is_a_search_in_names() {
    lists("<<PageList(regex:^old/)>>", &["Old/Plums"]).await;
    lists("<<PageList(case:old)>>", &[]).await;
    lists("<<PageList(pears or plums -title:old)>>", &["Pears"]).await;
    lists("<<PageList(linkto:Front)>>", &["Apples"]).await;
}

#[tokio::test]
async fn on_a_public_wiki_a_list_is_part_of_the_page_until_pages_change() {
    for call in [
        "<<FullSearch(sweet)>>",
        "<<FullSearchCached(sweet)>>",
        "<<FullSearch()>>",
    ] {
        let farm = TestFarm::with(&[("Front", call)]).await;
        assert_eq!(farm.holes("Front").await, 0, "{call}");
        farm.save("Cherries", "sweet [[Front]]").await;
        let html = farm.show("Front", &mut Visitor::returning()).await;
        assert!(html.contains(">Cherries</a>"), "{call}: {html}");
    }
}

#[tokio::test]
async fn the_boxes_are_part_of_the_page_for_ever() {
    for (call, field) in [
        ("<<TitleSearch>>", "name=\"titlesearch\" value=\"1\""),
        ("<<GoTo>>", "name=\"target\""),
        (
            "<<AdvancedSearch>>",
            "name=\"includeunderlay\" value=\"1\" checked",
        ),
    ] {
        let farm = TestFarm::with(&[("Front", call)]).await;
        assert_eq!(farm.holes("Front").await, 0, "{call}");
        let shown = farm.view("Front", &mut Visitor::new_here()).await;
        assert!(shown.text().contains(field) && !shown.private, "{}", shown.text());
    }
}
