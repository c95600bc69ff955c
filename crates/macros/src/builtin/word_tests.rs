//! Claims about macros that give words: notes, addresses, signs, values of dictionaries.
//!
//! Each test is a page, a visitor and what the visitor then sees.

use super::tests::shown;
use crate::testing::{TestFarm, Visitor};

#[tokio::test]
async fn an_anchor_has_the_id_that_links_lead_to_and_never_one_of_the_frame() {
    let html = shown("<<Anchor(Some Place)>> [[#Some Place]] <<Anchor(trail)>>").await;
    assert!(
        html.contains("id=\"some-place\"") && html.contains("href=\"#some-place\""),
        "{html}"
    );
    assert!(
        html.contains("id=\"trail-2\"") && !html.contains("id=\"trail\""),
        "{html}"
    );
    assert!(shown("<<Anchor(!!)>>").await.contains("macro-error"));
    assert!(shown("<<Anchor>>").await.contains("is required"));
}

#[tokio::test]
async fn a_line_ends_inside_a_table_too() {
    let html = shown("| a |\n|---|\n| b<<BR>>c |\n").await;
    assert!(html.contains("b<br>\nc"), "{html}");
    assert!(shown("<<BR(2)>>").await.contains("Too many arguments"));
}

#[tokio::test]
async fn verbatim_words_are_neither_markup_nor_html() {
    let html = shown("<<Verbatim(**a**, \"<b>\" , [[Front]])>>").await;
    assert!(html.contains("**a**, \"&lt;b&gt;\" , [[Front]]"), "{html}");
}

#[tokio::test]
async fn a_mail_address_is_a_link_for_users_and_words_for_guests() {
    let farm = TestFarm::with(&[("Front", "<<MailTo(ada AT NOSPAM example DOT org, Write to Ada)>>")]).await;
    let guest = farm.show("Front", &mut Visitor::returning()).await;
    assert!(
        guest.contains("Write to Ada <code>&lt;ada AT NOSPAM example DOT org&gt;</code>"),
        "{guest}"
    );
    assert!(!guest.contains("mailto:") && !guest.contains("ada@"), "{guest}");
    let ada = farm.view("Front", &mut Visitor::user("Ada")).await;
    assert!(
        ada.private && ada.text().contains("href=\"mailto:ada@example.org\""),
        "{}",
        ada.text()
    );
    assert!(ada.text().contains(">Write to Ada</a>"), "{}", ada.text());
}

#[tokio::test]
async fn a_mail_address_brings_no_script() {
    let farm = TestFarm::with(&[(
        "Front",
        "<<MailTo(\"//x\" onclick=alert)>> <<MailTo(javascript:alert)>>",
    )])
    .await;
    let html = farm.show("Front", &mut Visitor::user("Ada")).await;
    assert!(
        !html.contains("onclick=\"") && !html.contains("href=\"javascript"),
        "{html}"
    );
}

#[tokio::test]
async fn an_action_is_linked_on_the_page_it_stands_on() {
    let html = shown("<<Action(diff, What changed, rev1=1, rev2=2)>> <<Action(raw)>>").await;
    assert!(
        html.contains("<a href=\"/team/Front?action=diff&amp;rev1=1&amp;rev2=2\">What changed</a>"),
        "{html}"
    );
    assert!(html.contains("?action=raw\">raw</a>"), "{html}");
}

#[tokio::test]
async fn an_action_cannot_smuggle_another_one() {
    let html = shown("<<Action(raw&action=delete)>> <<Action(raw, x, a=\"1&action=delete#x\")>>").await;
    assert!(html.contains("is no action"), "{html}");
    assert!(
        html.contains("?action=raw&amp;a=1%26action%3Ddelete%23x"),
        "{html}"
    );
}

#[tokio::test]
async fn a_sign_has_a_word_for_those_who_do_not_see_it() {
    let html = shown("<<Icon(./)>> <<Icon((./))>> <<Icon(nope)>>").await;
    assert!(
        html.contains("aria-label=\"done\" title=\"done\">✓</span>"),
        "{html}"
    );
    assert!(html.contains("there is no sign called"), "{html}");
}

#[tokio::test]
async fn notes_cost_no_hole_and_are_numbered_with_those_of_markdown() {
    let text = "A[^x] B<<FootNote(see **there**)>>\n\n<<FootNote>>\n\nC<<FootNote(later)>>\n\n[^x]: first\n";
    let farm = TestFarm::with(&[("Front", text)]).await;
    assert_eq!(farm.holes("Front").await, 0);
    let html = farm.show("Front", &mut Visitor::returning()).await;
    let (here, end) = (
        html.find("<li id=\"fn:2\">").unwrap(),
        html.find("<li id=\"fn:3\">").unwrap(),
    );
    let later = html.find(">C<sup").unwrap();
    assert!(here < later && later < end, "{html}");
    assert!(html.contains("see <strong>there</strong>"), "{html}");
}

#[tokio::test]
async fn a_note_shows_html_as_text() {
    let html = shown("A<<FootNote(<script>alert(1)</script> <b>x</b>)>>").await;
    assert!(
        html.contains("&lt;script&gt;") && !html.contains("<script"),
        "{html}"
    );
}

#[tokio::test]
async fn a_value_is_found_in_a_dictionary_and_follows_its_changes() {
    let pages = [
        (
            "Front",
            "<<GetVal(FruitDict, apples)>>|<<GetVal(FruitDict, plums)>>|<<GetVal(Nowhere, x)>>",
        ),
        ("FruitDict", "apples\n: red & ripe\n"),
    ];
    let farm = TestFarm::with(&pages).await;
    let html = farm.show("Front", &mut Visitor::returning()).await;
    assert!(html.contains("red &amp; ripe||"), "{html}");
    assert!(html.contains("does not exist, or you may not read it"), "{html}");
    farm.save("FruitDict", "apples\n: green\n").await;
    assert!(
        farm.show("Front", &mut Visitor::returning())
            .await
            .contains("green||")
    );
}

#[tokio::test]
async fn a_value_needs_its_key_and_a_dictionary_of_reasonable_size() {
    assert!(shown("<<GetVal(Front)>>").await.contains("is required"));
    let long = format!("apples\n: red\n\n{}", "x".repeat(300_000));
    let farm = TestFarm::with(&[("Front", "<<GetVal(Long, apples)>>"), ("Long", &long)]).await;
    let html = farm.show("Front", &mut Visitor::returning()).await;
    assert!(html.contains("too long to be read"), "{html}");
}

#[tokio::test]
async fn a_message_is_shown_as_it_is() {
    assert!(
        shown("<<GetText(Edit <this>)>>")
            .await
            .contains("Edit &lt;this&gt;")
    );
}
