//! Markdown as readers see it. The dialect's fine print is proved in `crates/wiki/specs`; here each feature is
//! met once on a page that went through editor, store and server.

use super::{OPEN, at};
use crate::harness::{Answer, Farm};

fn shown(text: &str) -> (Farm, Answer) {
    shown_on(OPEN, text)
}

fn shown_on(config: &str, text: &str) -> (Farm, Answer) {
    let farm = Farm::start(config);
    farm.put_page("main", "Here", text);
    let page = farm.visitor().get(&at("Here"));
    assert_eq!(page.status, 200);
    (farm, page)
}

#[test]
fn tables_have_heads_and_alignment_without_styles() {
    let (_farm, page) = shown("| fruit | weeks |\n|:--|--:|\n| plum | 2 |\n");
    assert_eq!(page.words("#content table th").as_deref(), Some("fruit"));
    assert_eq!(page.words("#content table td.align-right").as_deref(), Some("2"));
    assert!(!page.has("[style]"));
}

#[test]
fn code_keeps_its_signs_and_knows_its_language() {
    let (_farm, page) = shown("Type `<b>`:\n\n```rust\nlet a = \"<b>&amp;\" ;\n```\n");
    assert_eq!(page.words("#content p code").as_deref(), Some("<b>"));
    assert_eq!(
        page.words("#content pre code").as_deref(),
        Some("let a = \"<b>&amp;\" ;")
    );
    assert!(
        page.has("#content pre code span"),
        "a known language is coloured: {}",
        page.text()
    );
}

#[test]
fn footnotes_lead_there_and_back() {
    let (_farm, page) = shown("A claim.[^1]\n\n[^1]: Where it comes from.\n");
    let there = page.attributes("sup.footnote-ref a", "href");
    assert_eq!(
        page.attributes(".footnotes li", "id"),
        [there[0].trim_start_matches('#')]
    );
    let back = page.attributes("a.footnote-back", "href");
    assert_eq!(
        page.attributes("sup.footnote-ref a", "id"),
        [back[0].trim_start_matches('#')]
    );
}

#[test]
fn tasks_are_boxes_that_nobody_can_tick() {
    let (_farm, page) = shown("- [x] done\n- [ ] open\n");
    assert_eq!(
        page.attributes("#content li input[type=checkbox][disabled]", "type")
            .len(),
        2
    );
    assert_eq!(page.attributes("#content input[checked]", "type").len(), 1);
}

#[test]
fn alerts_and_definition_lists_are_what_they_are() {
    let (_farm, page) = shown("> [!WARNING]\n> Look out.\n\nOrchard\n: a place with trees\n");
    assert_eq!(
        page.words(".alert-warning .alert-title").as_deref(),
        Some("Warning")
    );
    assert_eq!(
        page.words("#content dl dd").as_deref(),
        Some("a place with trees")
    );
}

#[test]
fn headings_have_ids_and_make_an_outline_and_the_title() {
    let (_farm, page) = shown("# The orchard\n\n## Plums\n\n## Quinces\n\n## Plums\n");
    assert_eq!(
        page.attributes("#content h2", "id"),
        ["plums", "quinces", "plums-2"]
    );
    assert_eq!(
        page.attributes("nav.outline a", "href"),
        ["#plums", "#quinces", "#plums-2"]
    );
    assert_eq!(page.words("title").as_deref(), Some("The orchard – Main"));
    assert_eq!(
        page.attributes("h1", "id").len(),
        1,
        "one first-level heading: {}",
        page.text()
    );
}

#[test]
fn links_below_beside_and_out_of_the_wiki_lead_where_they_say() {
    let farm = Farm::start(OPEN);
    farm.put_page(
        "main",
        "Team/Plan",
        "[[/Draft]] [[../Rota]] [[Team|us]] [out](https://example.org/x) [[Team#Next Steps|next]]",
    );
    let page = farm.visitor().get(&at("Team/Plan"));
    let hrefs = page.attributes("#content a", "href");
    assert_eq!(
        hrefs,
        [
            "/Team/Plan/Draft",
            "/Team/Rota",
            "/Team",
            "https://example.org/x",
            "/Team#next-steps"
        ]
    );
    assert_eq!(page.attributes("nav.crumbs a", "href"), ["/Team", "/Team/Plan"]);
}

#[test]
fn html_is_shown_as_text_unless_the_wiki_allows_it() {
    let (_farm, page) = shown("A <b>bold</b> <script>alert(1)</script> word.");
    assert_eq!(page.content(), "A <b>bold</b> <script>alert(1)</script> word.");
    assert!(!page.has("#content b") && !page.has("#content script"));
}

#[test]
fn allowed_html_is_cleaned() {
    let config = OPEN.replace("at =", "raw_html = true\nat =");
    let (_farm, page) = shown_on(
        &config,
        "A <b onclick=\"x()\" style=\"top:0\" id=\"trail\">bold</b> <script>alert(1)</script><iframe src=\"/\"></iframe> word.",
    );
    assert_eq!(page.content(), "A bold word.");
    assert!(page.has("#content b"));
    assert!(
        !page.has("#content [onclick], #content [style], #content script, #content iframe, #content #trail")
    );
}
