//! The HTML of macros' fragments in each place where they can stand. Every kind of block and inline
//! that a macro can build is in `every_part_of_a_macros_tree_has_its_html`; the page they stand on is
//! `testing::PAGE`.

use super::super::testing::{Pages, page};
use super::*;
use crate::markup::{Button, Field, Form, Item, Link, ListKind, Target};

fn html(fragment: &Fragment, place: Place) -> String {
    fragment_html(fragment, place, &Pages::new(), &page()).to_string()
}

fn call(place: Place) -> MacroCall {
    MacroCall {
        name: "Date".into(),
        arguments: "x".into(),
        source: "<<Date(x)>>".into(),
        place,
    }
}

#[test]
fn words_are_a_paragraph_in_a_block_and_words_in_a_line() {
    let fragment = Fragment::text("Set to value 5 <&>");
    assert_eq!(
        html(&fragment, Place::Block),
        "<p>Set to value 5 &lt;&amp;&gt;</p>\n"
    );
    assert_eq!(html(&fragment, Place::Inline), "Set to value 5 &lt;&amp;&gt;");
    assert_eq!(html(&fragment, Place::Label), "Set to value 5 &lt;&amp;&gt;");
}

#[test]
fn nothing_is_nothing_in_every_place() {
    for place in [Place::Block, Place::Inline, Place::Label] {
        assert_eq!(html(&Fragment::empty(), place), "");
        assert_eq!(html(&Fragment::Blocks(Vec::new()), place), "");
    }
}

#[test]
fn a_single_paragraph_is_laid_into_a_line() {
    let one = Fragment::Blocks(vec![Block::text("a")]);
    assert_eq!(html(&one, Place::Inline), "a");
    let two = Fragment::Blocks(vec![Block::text("a"), Block::text("b")]);
    assert_eq!(html(&two, Place::Inline), "<p>a</p>\n<p>b</p>\n");
}

#[test]
fn a_label_is_words_without_links_and_blocks() {
    let link = Fragment::Inline(vec![Inline::page_link("Team", "the <team>")]);
    assert_eq!(html(&link, Place::Label), "the &lt;team&gt;");
    let list = Fragment::Blocks(vec![Block::bullets([
        vec![Inline::text("a")],
        vec![Inline::text("b")],
    ])]);
    assert_eq!(html(&list, Place::Label), "a b");
    let foreign = Fragment::Html(SafeHtml::clean("<p>x <a href=\"https://e\">y</a> &lt;</p>"));
    assert_eq!(html(&foreign, Place::Label), "x y &lt;");
}

#[test]
fn foreign_html_is_kept_together_by_a_box() {
    let foreign = Fragment::Html(SafeHtml::clean("<ul><li>a"));
    assert_eq!(
        html(&foreign, Place::Block),
        "<div class=\"macro\"><ul><li>a</li></ul></div>\n"
    );
    assert_eq!(html(&foreign, Place::Inline), "<ul><li>a</li></ul>");
}

#[test]
fn foreign_html_takes_the_room_that_words_would_take() {
    let words = Fragment::Html(SafeHtml::clean("<i>a"));
    assert_eq!(html(&words, Place::Block), "<p class=\"macro\"><i>a</i></p>\n");
    assert_eq!(html(&words, Place::Inline), "<i>a</i>");
    let paragraph = Fragment::Html(SafeHtml::clean("<p>a <b>b</b></p>"));
    assert_eq!(html(&paragraph, Place::Inline), "a <b>b</b>");
    let two = Fragment::Html(SafeHtml::clean("<p>a</p><p>b</p>"));
    assert_eq!(html(&two, Place::Inline), "<p>a</p><p>b</p>");
    let styled = Fragment::Html(SafeHtml::clean("<p class=\"x\">a</p>"));
    assert_eq!(html(&styled, Place::Inline), "<p class=\"x\">a</p>");
}

#[test]
fn every_part_of_a_macros_tree_has_its_html() {
    let below = Block::numbers([vec![Inline::anchor_link("Some Heading", "h")]]);
    let items = [
        Item::nested(vec![Inline::strong("a")], below),
        Item::line(vec![Inline::emphasis("b")]),
    ];
    let blocks = vec![
        Block::navigation("Pages & more", vec![Block::list(ListKind::Bullets, items)]),
        Block::section("changes", vec![Block::heading(9, "H"), Block::code("x<y")]),
        Block::table(
            vec![vec![Inline::text("h")]],
            vec![vec![vec![Inline::time("2026-01-02", "2 Jan")]]],
        ),
        Block::paragraph(vec![
            Inline::span("s", vec![Inline::code("c")]),
            Inline::Anchor("My Place".into()),
        ]),
        Block::paragraph(vec![
            Inline::image("https://e.example/i.png", "i"),
            Inline::LineBreak,
        ]),
        Block::paragraph(vec![
            Inline::symbol("!", "take \"care\""),
            Inline::Footnote(vec![Inline::text("aside")]),
        ]),
        Block::Form(Form {
            page: String::new(),
            hidden: vec![("action".into(), "newpage".into())],
            fields: vec![
                Field {
                    value: "a\"b".into(),
                    ..Field::line("pagename", "Na<me")
                },
                Field::tick("case", "1", "Case"),
                Field::ticked("context", "<180>", "Context"),
            ],
            buttons: vec![Button::plain("Cre&ate")],
        }),
        Block::Footnotes,
    ];
    let expected = "<nav aria-label=\"Pages &amp; more\">\n<ul>\n<li><strong>a</strong>\n<ol>\n\
        <li><a href=\"#some-heading\">h</a></li>\n</ol>\n</li>\n<li><em>b</em></li>\n</ul>\n</nav>\n\
        <div class=\"changes\">\n<h6>H</h6>\n<pre><code>x&lt;y</code></pre>\n</div>\n\
        <div class=\"table-scroll\"><table>\n<thead><tr><th>h</th></tr></thead>\n<tbody>\n\
        <tr><td><time datetime=\"2026-01-02\">2 Jan</time></td></tr>\n</tbody>\n</table></div>\n\
        <p><span class=\"s\"><code>c</code></span><span class=\"anchor\" id=\"my-place\"></span></p>\n\
        <p><img src=\"https://e.example/i.png\" alt=\"i\" loading=\"lazy\"><br>\n</p>\n\
        <p><span class=\"symbol\" role=\"img\" aria-label=\"take &quot;care&quot;\" title=\"take \
        &quot;care&quot;\">!</span><span class=\"note-aside\">(aside)</span></p>\n\
        <form class=\"macro-form\" method=\"get\" action=\"/w/Team/Plan\">\
        <input type=\"hidden\" name=\"action\" value=\"newpage\">\
        <label><span>Na&lt;me</span> <input type=\"text\" name=\"pagename\" value=\"a&quot;b\" \
        autocomplete=\"off\" dir=\"auto\"></label> \
        <label class=\"check\"><input type=\"checkbox\" name=\"case\" value=\"1\"> <span>Case</span></label> \
        <label class=\"check\"><input type=\"checkbox\" name=\"context\" value=\"&lt;180&gt;\" checked=\"\"> \
        <span>Context</span></label> <button type=\"submit\">Cre&amp;ate</button></form>\n";
    assert_eq!(html(&Fragment::Blocks(blocks), Place::Block), expected);
}

#[test]
fn an_address_made_by_our_code_leads_to_this_server_or_a_sibling() {
    let link = |address: &str| {
        html(
            &Fragment::Inline(vec![Inline::address_link(address, "w")]),
            Place::Inline,
        )
    };
    assert_eq!(
        link("/other/Page%20x?a=b&c"),
        "<a href=\"/other/Page%20x?a=b&amp;c\">w</a>"
    );
    assert_eq!(
        link("http://b.localhost:8080/P"),
        "<a href=\"http://b.localhost:8080/P\">w</a>"
    );
    for refused in ["//evil", "/\\evil", "javascript:x", "", "Page", "data:x"] {
        assert_eq!(link(refused), "w", "{refused}");
    }
}

#[test]
fn a_page_link_with_a_query_leads_to_the_page_it_stands_on_if_it_names_none() {
    let target = Target::Page {
        name: String::new(),
        query: Some("action=edit".into()),
        anchor: None,
    };
    let link = Inline::Link(Link {
        target,
        title: Some("t".into()),
        content: vec![Inline::text("w")],
    });
    let expected = "<a href=\"/w/Team/Plan?action=edit\" title=\"t\">w</a>";
    assert_eq!(html(&Fragment::Inline(vec![link]), Place::Inline), expected);
}

#[test]
fn a_macro_in_a_fragment_is_a_hole_or_its_source() {
    let fragment = Fragment::Inline(vec![Inline::text("a "), Inline::Macro(call(Place::Inline))]);
    let source = "<code class=\"macro-source\">&lt;&lt;Date(x)&gt;&gt;</code>";
    assert_eq!(html(&fragment, Place::Inline), format!("a {source}"));
    let segments = fragment_segments(&fragment, Place::Inline, &Pages::new(), &page());
    assert_eq!(segments.last(), Some(&Segment::Hole(call(Place::Inline))));
}

#[test]
fn a_failed_macro_is_a_box_that_says_why() {
    let error = |place| macro_error_html(&call(place), "no <such> page").to_string();
    let words = "&lt;&lt;Date: no &lt;such&gt; page&gt;&gt;";
    assert_eq!(
        error(Place::Block),
        format!("<div class=\"macro-error\">{words}</div>")
    );
    assert_eq!(
        error(Place::Inline),
        format!("<span class=\"macro-error\">{words}</span>")
    );
    assert_eq!(
        error(Place::Label),
        format!("<span class=\"macro-error\">{words}</span>")
    );
}

#[test]
fn a_tree_deeper_than_any_page_is_cut_and_not_overflowing() {
    let deep = (0..5_000).fold(Block::text("deep"), |block, _| Block::Quote(vec![block]));
    let html = html(&Fragment::Blocks(vec![deep]), Place::Block);
    assert!(html.matches("<blockquote>").count() < 1_000 && !html.contains("deep"));
}
