//! What gets through the sanitiser, and what does not: the HTML of macros, whole pages under their
//! seal, and heaps of tags that are there to keep the parser busy. Attacks by the dozen are in
//! `attacks.txt`.

use super::super::testing::raw;
use super::*;

fn clean(html: &str) -> String {
    SafeHtml::clean(html).as_str().to_owned()
}

#[test]
fn a_macros_html_keeps_its_markup_and_classes() {
    assert_eq!(
        clean("<b class=\"x\">a</b> <ul><li>b</ul>"),
        "<b class=\"x\">a</b> <ul><li>b</li></ul>"
    );
}

#[test]
fn scripts_styles_and_handlers_are_taken_away() {
    for (html, left) in [
        ("a<script>alert(1)</script>b", "ab"),
        ("<style>*{}</style>a", "a"),
        ("<b onclick=\"x\" style=\"y\" name=\"z\">a</b>", "<b>a</b>"),
        ("<svg><script>x</script></svg>a", "a"),
        ("<math><mtext></mtext></math>a", "a"),
        (
            "<form action=\"/\"><input name=\"q\"></form>",
            "<input disabled=\"\">",
        ),
        (
            "<input type=\"password\" value=\"x\" autofocus>",
            "<input type=\"hidden\" disabled=\"\">",
        ),
        ("<iframe src=\"https://x\"></iframe>a", "a"),
        ("<!-- x -->a", "a"),
        (
            "<a href=\"java\nscript:x\">a</a>",
            "<a rel=\"nofollow noopener\">a</a>",
        ),
        (
            "<a href=\" javascript:x\">a</a>",
            "<a rel=\"nofollow noopener\">a</a>",
        ),
        ("<a href=\"//x\">a</a>", "<a rel=\"nofollow noopener\">a</a>"),
        (
            "<a href=\"https://x\">a</a>",
            "<a href=\"https://x\" rel=\"nofollow noopener\">a</a>",
        ),
        ("<base href=\"https://x\"><meta http-equiv=refresh>a", "a"),
    ] {
        assert_eq!(clean(html), left, "{html}");
    }
}

#[test]
fn a_macros_ids_are_named_as_anchors_are_and_take_none_of_the_pages_own() {
    for (html, left) in [
        ("<b id=\"Some Place\">a</b>", "<b id=\"some-place\">a</b>"),
        ("<b id=\"trail\">a</b>", "<b id=\"trail-2\">a</b>"),
        ("<b id=\"fn:1\">a</b>", "<b id=\"fn-1\">a</b>"),
        ("<b id=\"!\">a</b>", "<b>a</b>"),
    ] {
        assert_eq!(clean(html), left, "{html}");
    }
}

#[test]
fn a_macros_links_lead_into_the_wiki_to_the_web_and_to_mail() {
    for (written, left) in [
        ("Other/Page?action=raw", "Other/Page?action=raw"),
        ("../x", "../x"),
        ("?action=info", "?action=info"),
        ("/team/A:B", "/team/A:B"),
        ("#Some%20Place", "#some-place"),
        ("/team/Page#Trail", "/team/Page#trail-2"),
        ("#fn:1", "#fn:1"),
        ("ftp://ftp.example/x", "ftp://ftp.example/x"),
        ("FTP://ftp.example/x", "FTP://ftp.example/x"),
        ("mailto:a@b.example", "mailto:a@b.example"),
    ] {
        let kept = format!("<a href=\"{left}\" rel=\"nofollow noopener\">a</a>");
        assert_eq!(clean(&format!("<a href=\"{written}\">a</a>")), kept, "{written}");
    }
    for written in [
        "javascript:x",
        "\u{1}javascript:x",
        " data:text/html,x",
        "java&#9;script:x",
        "vbscript:x",
        "/\\x.example",
        "\\/x.example",
        " //x.example",
        "ftp:x",
        "file:///etc/passwd",
        "",
    ] {
        let link = clean(&format!("<a href=\"{written}\">a</a>"));
        assert!(!link.contains("href"), "{written}: {link}");
    }
}

#[test]
fn a_macros_lists_tables_and_icons_keep_what_they_are_made_with() {
    for html in [
        "<ol type=\"a\" start=\"3\"><li>x</li></ol>",
        "<table width=\"90%\" align=\"center\"><tbody><tr bgcolor=\"#ffee00\"><td colspan=\"2\" valign=\"top\">x</td></tr></tbody></table>",
        "<span class=\"icon icon-www\" role=\"img\" aria-label=\"www\" title=\"www\"></span>",
    ] {
        assert_eq!(clean(html), html);
    }
    assert_eq!(clean("<ol type=\"url(x)\">x</ol>"), "<ol>x</ol>");
    assert_eq!(clean("<b role=\"main\">x</b>"), "<b>x</b>");
}

#[test]
fn too_much_html_is_text() {
    for many in [
        "<div>".repeat(DEEPEST + 1),
        "<div></b>".repeat(DEEPEST + 1),
        "<b></b>".repeat(MOST_FORMATTING + 1),
        "<td>".repeat(MOST_TAGS + 1),
    ] {
        assert!(is_excessive([many.as_str()]), "{}", &many[..20]);
        assert!(!clean(&many).contains('<'), "{}", &many[..20]);
    }
}

#[test]
fn a_long_table_is_not_too_much() {
    let table = format!("<table>{}</table>", "<tr><td>a<td><div>b</div>".repeat(2_000));
    assert_eq!(clean(&table).matches("</td>").count(), 4_000);
}

#[test]
fn a_page_of_too_much_html_shows_it_as_text() {
    let page = raw(&"<b>\n".repeat(MOST_FORMATTING + 1));
    assert!(
        page.contains("&lt;b&gt;") && !page.contains("<b>"),
        "{}",
        page.get(..200).unwrap()
    );
}

#[test]
fn words_are_what_stands_between_tags() {
    assert_eq!(
        words(SafeHtml::clean("a <b title=\"x\">b</b> &lt;i&gt; &amp;lt;").as_str()),
        "a b <i> &lt;"
    );
}

#[test]
fn the_seal_depends_on_every_word() {
    let seal = |text: &str| seal(&crate::markup::parse_markdown(text));
    assert_ne!(seal("a"), seal("b"));
    assert_eq!(seal("a"), seal("a"));
    assert_eq!(seal("a").len(), 33);
}

#[test]
fn an_author_who_knew_the_seal_would_still_get_no_hole_into_an_attribute() {
    let call = MacroCall {
        name: "A".into(),
        arguments: String::new(),
        source: "<<A>>".into(),
        place: crate::markup::Place::Inline,
    };
    let author = Piece::Html("<b title=\"sX#0;\" lang=\"sX:q\" class=\"sX:sX#0;\">t</b>".into());
    let pieces = page(vec![author, Piece::Call(call.clone())], "sX");
    let html = |piece: &Piece| match piece {
        Piece::Html(html) => html.clone(),
        Piece::Call(_) => "⟦⟧".to_owned(),
    };
    assert_eq!(pieces.iter().map(html).collect::<String>(), "<b>t</b>⟦⟧");
}

#[test]
fn ours_loses_the_seal_and_theirs_is_dropped() {
    let draft =
        Piece::Html("<p class=\"sX:ours\" id=\"sX:i\">a</p><p class=\"theirs\" id=\"i\">b</p>".into());
    let pieces = page(vec![draft], "sX");
    assert_eq!(
        pieces,
        [Piece::Html("<p class=\"ours\" id=\"i\">a</p><p>b</p>".into())]
    );
}
