//! Every method of `macro.formatter`.

use crate::harness::{Worker, raised, text};

#[test]
#[expect(clippy::too_many_lines, reason = "one table of all methods")]
fn every_method_makes_its_markup() {
    let mut worker = Worker::start();
    worker.wiki.pages.insert("A b".into(), String::new());
    for (call, expected) in [
        ("text('<b> & \"x\"')", "&lt;b&gt; &amp; &quot;x&quot;"),
        (
            "text(5) + f.text(None) + f.text(2.5) + f.text(True)",
            "5None2.5True",
        ),
        ("escapedText('<')", "&lt;"),
        ("nowikiword('WikiWord')", "WikiWord"),
        ("rawHTML('<i>x</i>')", "<i>x</i>"),
        ("strong(1) + f.strong(0)", "<strong></strong>"),
        ("emphasis(1) + f.emphasis(0)", "<em></em>"),
        ("underline(1) + f.underline(0)", "<u></u>"),
        (
            "highlight(1) + f.highlight(0)",
            "<strong class=\"highlight\"></strong>",
        ),
        ("sup(1) + f.sup(0)", "<sup></sup>"),
        ("sub(1) + f.sub(0)", "<sub></sub>"),
        ("strike(1) + f.strike(0)", "<del></del>"),
        ("small(1) + f.small(0)", "<small></small>"),
        ("big(1) + f.big(0)", "<span class=\"big\"></span>"),
        ("code(1) + f.code(0)", "<code></code>"),
        ("preformatted(1) + f.preformatted(0)", "<pre></pre>"),
        ("paragraph(1) + f.paragraph(0)", "<p></p>"),
        (
            "linebreak() + f.linebreak(0) + f.linebreak(preformatted=0)",
            "\n<br><br>",
        ),
        ("rule() + f.rule(3)", "<hr><hr class=\"hr3\">"),
        ("heading(1, 2, id='x') + f.heading(0, 2)", "<h2 id=\"x\"></h2>"),
        ("heading(1, 99) + f.heading(0, 99)", "<h6></h6>"),
        ("bullet_list(1) + f.bullet_list(0)", "<ul></ul>"),
        ("number_list(1) + f.number_list(0)", "<ol></ol>"),
        ("number_list(1, type='a', start=3)", "<ol type=\"a\" start=\"3\">"),
        (
            "listitem(1, css_class='x') + f.listitem(0)",
            "<li class=\"x\"></li>",
        ),
        ("definition_list(1) + f.definition_list(0)", "<dl></dl>"),
        ("definition_term(1) + f.definition_term(0)", "<dt></dt>"),
        ("definition_desc(1) + f.definition_desc(0)", "<dd></dd>"),
        (
            "table(1, {'tableclass': '\"c\"'}) + f.table(0)",
            "<table class=\"c\"></table>",
        ),
        (
            "table_row(1, attrs={'rowstyle': 'color: red'}) + f.table_row(0)",
            "<tr></tr>",
        ),
        (
            "table_cell(1, {'colspan': '2'}) + f.table_cell(0)",
            "<td colspan=\"2\"></td>",
        ),
        (
            "span(1, css_class='a\"b', title='<') + f.span(0)",
            "<span class=\"a&quot;b\" title=\"&lt;\"></span>",
        ),
        ("div(1, id='d') + f.div(0)", "<div id=\"d\"></div>"),
        ("sysmsg(1) + f.sysmsg(0)", "<div class=\"message\"></div>"),
        ("anchordef('x y')", "<span class=\"anchor\" id=\"x y\"></span>"),
        (
            "anchorlink(1, 'x y') + f.anchorlink(0)",
            "<a href=\"#x%20y\"></a>",
        ),
        (
            "pagelink(1, 'A b') + f.pagelink(0)",
            "<a href=\"/wiki1/A%20b\"></a>",
        ),
        (
            "pagelink(1, 'Gone/Ü')",
            "<a class=\"missing\" title=\"Gone/Ü (this page does not exist yet)\" href=\"/wiki1/Gone/%C3%9C\">",
        ),
        (
            "pagelink(1, 'A b', anchor='t', querystr={'a': '1'})",
            "<a href=\"/wiki1/A%20b?a=1#t\">",
        ),
        (
            "url(1, 'https://a/?b=c&d', css='www') + f.url(0)",
            "<a class=\"www\" href=\"https://a/?b=c&amp;d\"></a>",
        ),
        (
            "interwikilink(1, 'Other', 'P') + f.interwikilink(0)",
            "<a class=\"interwiki\" href=\"https://other.example/P\"></a>",
        ),
        (
            "interwikilink(1, 'None', 'P')",
            "<a class=\"missing\" title=\"no wiki is called None\">",
        ),
        (
            "attachment_link(1, 'a b.txt') + f.attachment_link(0)",
            "<a class=\"attachment\" href=\"/wiki1/Front%20Page?action=AttachFile&amp;do=view&amp;target=a%20b.txt\"></a>",
        ),
        (
            "attachment_link(1, 'P/x.txt')",
            "<a class=\"attachment\" href=\"/wiki1/P?action=AttachFile&amp;do=view&amp;target=x.txt\">",
        ),
        (
            "image(src='/x.png', alt='<', width=5)",
            "<img src=\"/x.png\" alt=\"&lt;\" width=\"5\">",
        ),
        (
            "icon('star')",
            "<span class=\"icon icon-star\" role=\"img\" aria-label=\"star\" title=\"star\">★</span>",
        ),
        (
            "smiley(':-)')",
            "<span class=\"symbol\" role=\"img\" aria-label=\"smile\" title=\"smile\">🙂</span>",
        ),
        ("smiley('<>')", "&lt;&gt;"),
        (
            "attachment_image('a b.png', title='t')",
            "<img src=\"/wiki1/Front%20Page?action=AttachFile&amp;do=get&amp;target=a%20b.png\" alt=\"a b.png\" title=\"t\">",
        ),
        (
            "image(src='attachment:P/x.png', alt='X')",
            "<img src=\"/wiki1/P?action=AttachFile&amp;do=get&amp;target=x.png\" alt=\"X\">",
        ),
        (
            "attachment_image('none.png')",
            "<a class=\"missing\" title=\"none.png (this file does not exist yet)\" \
             href=\"/wiki1/Front%20Page?action=AttachFile&amp;rename=none.png\">none.png</a>",
        ),
        (
            "image('?action=chart')",
            "<img src=\"/wiki1/Front%20Page?action=chart\" alt=\"\">",
        ),
        (
            "image('https://e/x.png')",
            "<img src=\"https://e/x.png\" alt=\"\">",
        ),
        ("page.page_name", "Front Page"),
    ] {
        let result = worker.body(&format!("f = macro.formatter\nreturn f.{call}"));
        assert_eq!(result.output.as_deref(), Ok(expected), "{call}");
    }
}

#[test]
fn keywords_of_moin_moin_work_or_do_nothing_and_none_of_them_fails() {
    let mut worker = Worker::start();
    worker.wiki.pages.insert("A b".into(), String::new());
    for (call, expected) in [
        (
            "table_cell(1, colspan=2, rowspan='3')",
            "<td colspan=\"2\" rowspan=\"3\">",
        ),
        (
            "table_cell(1, {'colspan': '4'}, colspan=2, align='right', onclick='x')",
            "<td colspan=\"2\" align=\"right\">",
        ),
        (
            "table_row(1, {'rowclass': '\"r\"', 'tableclass': '\"t\"', 'onclick': 'x'}, valign='top')",
            "<tr class=\"r\" valign=\"top\">",
        ),
        (
            "table(1, width='50%', border=1, style='color: red')",
            "<table width=\"50%\">",
        ),
        (
            "url(1, 'https://a/', 'www', type='text/html', target='_blank')",
            "<a class=\"www\" href=\"https://a/\">",
        ),
        (
            "pagelink(1, 'A b', text='x', generated=1, title='t')",
            "<a title=\"t\" href=\"/wiki1/A%20b\">",
        ),
        (
            "interwikilink(1, 'Other', 'P', anchor='x y', generated=1)",
            "<a class=\"interwiki\" href=\"https://other.example/P#x%20y\">",
        ),
        (
            "attachment_link(1, 'x.txt', {'mode': 'a'})",
            "<a class=\"attachment\" href=\"/wiki1/Front%20Page?action=AttachFile&amp;do=view&amp;target=x.txt&amp;mode=a\">",
        ),
        (
            "image('https://e/x.png', onclick='x', border=0, style='float: left', **{'class': 'c'})",
            "<img src=\"https://e/x.png\" alt=\"\" class=\"c\">",
        ),
        ("text('x', css_class='c')", "x"),
        ("rule(2, css_class='c')", "<hr class=\"hr2 c\">"),
        ("strong(1, onmouseover='x', accesskey='y')", "<strong>"),
    ] {
        let result = worker.body(&format!("f = macro.formatter\nreturn f.{call}"));
        assert_eq!(result.output.as_deref(), Ok(expected), "{call}");
    }
}

#[test]
fn a_method_can_be_kept_in_a_variable() {
    let mut worker = Worker::start();
    let result = worker.body("t = macro.formatter.text\nreturn t('<') + ''.join(map(lambda x: x, [t('a')]))");
    assert_eq!(result.output.as_deref(), Ok("&lt;a"));
}

#[test]
fn links_to_scripts_are_refused() {
    let mut worker = Worker::start();
    for call in ["url(1, 'javascript:alert(1)')", "url(1, ' JaVa\\tscript:x')"] {
        let result = worker.body(&format!("return macro.formatter.{call}"));
        assert!(raised(&result).starts_with("ValueError: a"), "{call}: {result:?}");
    }
}

#[test]
fn a_picture_that_no_page_can_show_is_refused_with_the_reason() {
    let mut worker = Worker::start();
    for (source, why) in [
        (
            "http://e/x.png",
            "pages show pictures from https: and from this wiki only",
        ),
        ("data:image/svg+xml,x", "is no address of a picture"),
        ("javascript:x", "is no address of a picture"),
        ("x.png", "write https://…, attachment:file.png"),
        ("//e/x.png", "is no address of a picture"),
        ("/\\\\e/x.png", "is no address of a picture"),
        ("", "is no address of a picture"),
        ("/a\\tb", "control character"),
        ("attachment:", "names no attached file"),
    ] {
        let result = worker.body(&format!("return macro.formatter.image(src='{source}')"));
        let raised = raised(&result);
        assert!(
            raised.starts_with("ValueError: ") && raised.contains(why),
            "{source}: {raised}"
        );
    }
}

#[test]
fn an_address_that_the_server_would_take_away_is_refused() {
    let mut worker = Worker::start();
    for (address, why) in [
        ("//e/x", "begins with https:// or http://"),
        ("", "a link needs an address"),
        ("http:x", "stand // and a host"),
        ("mailto:", "stands an address"),
    ] {
        let result = worker.body(&format!("return macro.formatter.url(1, '{address}')"));
        assert!(raised(&result).contains(why), "{address}: {result:?}");
    }
    let result = worker.body("return macro.formatter.url(1, '?action=info') + macro.formatter.url(0)");
    assert_eq!(result.output.as_deref(), Ok("<a href=\"?action=info\"></a>"));
}

#[test]
fn wrong_arguments_are_told_and_not_passed_over() {
    let mut worker = Worker::start();
    for (call, words) in [
        ("strong()", "strong() is missing its argument 'on'"),
        ("text()", "text() is missing its argument 'text'"),
        ("text([1])", "text() takes text as 'text', not list"),
        (
            "strong(1, colspan=2)",
            "strong() got an unexpected keyword argument 'colspan'",
        ),
        (
            "table(1, {'href': 'x'})",
            "'href' is no attribute that a macro may set",
        ),
        ("strong(1, 2)", "strong() takes at most 1 positional argument"),
        ("nothing()", "'Formatter' object has no attribute 'nothing'"),
    ] {
        let result = worker.body(&format!("return macro.formatter.{call}"));
        assert!(raised(&result).contains(words), "{call}: {result:?}");
    }
}

#[test]
fn what_may_be_given_under_another_name_is_read_under_both() {
    let mut worker = Worker::start();
    worker.wiki.pages.insert("Rota".into(), "text".into());
    for (one, other) in [
        ("f.anchordef(name='here')", "f.anchordef(id='here')"),
        ("f.icon(type='alert')", "f.icon(icon='alert')"),
        ("f.pagelink(1, pagename='Rota')", "f.pagelink(1, page='Rota')"),
    ] {
        let both = [one, other]
            .map(|call| text(&worker.body(&format!("f = macro.formatter\nreturn {call}"))).to_owned());
        assert_eq!(both[0], both[1], "{other}");
    }
}
