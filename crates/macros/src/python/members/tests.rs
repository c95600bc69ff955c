//! Claims about what is found, and about what is left alone.

use super::{Fault, findings};

/// What an `execute` with this body has that is not there, as `LINE: what`, the lines of the body from 1.
fn missing(body: &str) -> Vec<String> {
    let source = format!(
        "def execute(macro, args):\n    {}\n",
        body.replace('\n', "\n    ")
    );
    of_file(&source, 1)
}

fn of_file(source: &str, lines_before: usize) -> Vec<String> {
    let found = findings(source).into_iter();
    let missing = found.filter(|finding| finding.fault != Fault::NoEffect);
    missing
        .map(|finding| format!("{}: {}", finding.line - lines_before, finding.what))
        .collect()
}

fn instead(body: &str) -> String {
    let source = format!("def execute(macro, args):\n    {body}\n");
    findings(&source).remove(0).instead
}

#[test]
fn a_member_that_is_not_there_is_told_with_line_and_column() {
    let found = findings("def execute(macro, args):\n    x = 1; return macro.request.http_user_agent\n");
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!((found[0].line, found[0].column), (2, 33));
    let found = findings("def execute(macro, args):\n    return (\"\"\"ä\nö\"\"\" + macro.form)\n");
    assert_eq!((found[0].line, found[0].column), (3, 14));
    let found = findings("def execute(macro, args):\n    x = 1; return macro.request.http_user_agent\n");
    assert_eq!(found[0].what, "request.http_user_agent");
    assert!(found[0].instead.contains("request.isSpiderAgent"), "{found:?}");
}

#[test]
fn each_object_is_known_by_its_members() {
    for (expression, what) in [
        ("macro.parser", "macro.parser"),
        ("macro.form", "macro.form"),
        ("macro.request.url_root", "request.url_root"),
        ("macro.request.cookies", "request.cookies"),
        ("macro.request.page.getPageText()", "page.getPageText"),
        ("macro.page.getParentPage().nosuch", "page.nosuch"),
        ("macro.formatter.page.nosuch", "page.nosuch"),
        (
            "macro.formatter.attachment_inlined('x')",
            "formatter.attachment_inlined",
        ),
        ("macro.request.user.email", "user.email"),
        ("macro.request.user.may.fly('x')", "may.fly"),
        ("macro.request.session.sid", "session.sid"),
        ("macro.storage.clear()", "storage.clear"),
        ("macro.request.dicts.keys()", "dicts.keys"),
        ("macro.request.rootpage.getPageDict()", "rootpage.getPageDict"),
    ] {
        assert_eq!(missing(&format!("return {expression}")), [format!("1: {what}")]);
    }
}

#[test]
fn names_are_followed_to_what_they_stand_for() {
    for (body, what) in [
        (
            "f = macro.formatter\nreturn f.transclusion(1)",
            "2: f.transclusion",
        ),
        (
            "r = macro.request\nf = r.formatter\nreturn f.comment('x')",
            "3: f.comment",
        ),
        (
            "f, r = macro.formatter, macro.request\nreturn f.nosuch",
            "2: f.nosuch",
        ),
        ("a = b = macro.formatter\nreturn a.nosuch", "2: a.nosuch"),
        (
            "from MoinMoin import wikiutil\nreturn wikiutil.parse_quoted_separated(args)",
            "2: wikiutil.parse_quoted_separated",
        ),
        (
            "from MoinMoin import wikiutil as w\nreturn w.nosuch",
            "2: w.nosuch",
        ),
        (
            "import MoinMoin.wikiutil\nreturn MoinMoin.wikiutil.nosuch(1)",
            "2: wikiutil.nosuch",
        ),
        (
            "from MoinMoin.wikiutil import escape, nosuch",
            "1: wikiutil.nosuch",
        ),
        (
            "from MoinMoin.Page import Page\np = Page(macro.request, 'A')\nreturn p.send_page()",
            "3: p.send_page",
        ),
        (
            "f = macro.formatter\ndef inner():\n    return f.nosuch",
            "3: f.nosuch",
        ),
    ] {
        assert_eq!(missing(body), [what], "{body}");
    }
}

#[test]
fn modules_of_moin_moin_that_are_not_there_are_told() {
    for (import, what) in [
        ("from MoinMoin import search", "1: MoinMoin's search"),
        ("from MoinMoin.search import searchPages", "1: MoinMoin's search"),
        (
            "from MoinMoin.action import AttachFile",
            "1: MoinMoin's AttachFile",
        ),
        (
            "from MoinMoin.macro.Include import execute",
            "1: MoinMoin's macro",
        ),
        ("import MoinMoin.util.dataset", "1: MoinMoin's util"),
        (
            "from MoinMoin import (wikiutil as w,\n    config as c)",
            "2: MoinMoin's config",
        ),
    ] {
        assert_eq!(missing(import), [what], "{import}");
    }
    for import in [
        "from MoinMoin import wikiutil, Page as p",
        "from MoinMoin.Page import Page",
        "from MoinMoin.wikiutil import escape as e",
        "try:\n    from MoinMoin import config\nexcept ImportError:\n    pass",
        "import search",
    ] {
        assert_eq!(missing(import), [""; 0], "{import}");
    }
}

#[test]
fn a_parameter_is_what_all_calls_give_it() {
    let file = |call: &str, body: &str| {
        of_file(
            &format!("def show(r, x=1):\n    return {body}\ndef execute(macro, args):\n    return {call}\n"),
            0,
        )
    };
    assert_eq!(file("show(macro.request, 2)", "r.cookies"), ["2: r.cookies"]);
    assert_eq!(file("show(x=2, r=macro.request)", "r.cookies"), ["2: r.cookies"]);
    assert_eq!(
        file("show(macro.request) + show(macro.formatter)", "r.cookies"),
        [""; 0],
        "once this, once that"
    );
    assert_eq!(file("show(args)", "r.cookies"), [""; 0]);
    assert_eq!(file("show(*args)", "r.cookies"), [""; 0]);
    assert_eq!(file("list(map(show, args))", "r.cookies"), [""; 0]);
    assert_eq!(
        file("show(macro.request)", "x and show(r, 0) or r.cookies"),
        ["2: r.cookies"],
        "a function that calls itself"
    );
    assert_eq!(
        of_file("def macro_Test(m, n=1):\n    return m.form\n", 0),
        ["2: m.form"]
    );
    assert_eq!(
        of_file("def tag(request):\n    return request.cookies\n", 0),
        ["2: request.cookies"]
    );
    assert_eq!(
        of_file(
            "def show(request):\n    return request.title\ndef execute(macro, args):\n    return show(args)\n",
            0
        ),
        [""; 0],
        "called with something else"
    );
}

#[test]
fn what_is_not_certain_is_left_alone() {
    for body in [
        "return getattr(macro, 'parser', None) or macro.parser",
        "if hasattr(macro.request, 'cookies'): return macro.request.cookies",
        "try:\n    return macro.request.cookies\nexcept AttributeError:\n    return ''",
        "f = macro.formatter\nf = wrap(f)\nreturn f.nosuch",
        "for f in [macro.formatter]:\n    return f.nosuch",
        "f = macro.formatter if args else other\nreturn f.nosuch",
        "macro.mine = 1\nreturn macro.mine",
        "return macro.cfg.anything + macro.request.cfg.anything",
        "return macro.request.session['a'].nosuch",
        "return (lambda macro: macro.nosuch)(args)",
        "return [macro.nosuch for macro in args]",
        "return macro.formatter.__class__",
        "return 'macro.nosuch' # macro.nosuch",
        "return self.macro.nosuch",
        "macro = args\nreturn macro.nosuch",
        "return macro.request.getText('x').nosuch",
    ] {
        assert_eq!(missing(body), [""; 0], "{body}");
    }
}

#[test]
fn it_is_told_what_to_do() {
    for (body, words) in [
        ("macro.request.sesion", "did you mean session?"),
        ("macro.formatter.Text('x')", "did you mean text?"),
        ("macro.formatter.pagelinks", "did you mean pagelink?"),
        ("macro.request.cookies", "request.session keeps values"),
        ("macro.storage.nosuch", "storage has has_key, get"),
        (
            "macro.formatter.nosuch",
            "docs/macros.md lists what formatter has",
        ),
        (
            "macro.formatter.strong(1, css_clas='x')",
            "did you mean css_class?",
        ),
        ("macro.formatter.text('x', foo=1)", "it takes text"),
    ] {
        assert!(instead(body).contains(words), "{body}: {}", instead(body));
    }
}

#[test]
fn the_examples_have_nothing_to_be_told() {
    let examples = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/macros");
    let mut files = 0;
    for entry in std::fs::read_dir(examples).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|ending| ending == "py") {
            let source = std::fs::read_to_string(&path).unwrap();
            assert_eq!(findings(&source), [], "{}", path.display());
            assert_eq!(
                crate::python::hints::unknown_names(&source),
                [],
                "{}",
                path.display()
            );
            files += 1;
        }
    }
    assert!(files > 5, "{files}");
}

#[test]
fn a_keyword_that_does_nothing_is_told() {
    let body = "f = macro.formatter\n    \
        return f.pagelink(1, 'A', generated=1) + f.table_cell(1, {'rowstyle': 'x', 'colspan': '2'}) \
        + f.image(src='x', onclick='y') + f.table(1, attrs={'tablestyle': 'x'}) + f.span(1, title='ok', style='x')";
    let found = findings(&format!("def execute(macro, args):\n    {body}\n"));
    let told: Vec<(&str, Fault)> = found
        .iter()
        .map(|found| (found.what.as_str(), found.fault))
        .collect();
    let nothing = |what| (what, Fault::NoEffect);
    assert_eq!(
        told,
        [
            nothing("pagelink(…, generated=…)"),
            nothing("table_cell(…, {'rowstyle': …})"),
            nothing("image(…, onclick=…)"),
            nothing("table(…, {'tablestyle': …})"),
            nothing("span(…, style=…)"),
        ]
    );
}

#[test]
fn what_a_module_of_the_sandbox_does_not_have_is_told() {
    for (source, what) in [
        ("import re\nx = re.compile('a', re.U)\n", "2: re.U"),
        ("import re\ndef f():\n    return re.VERBOSE\n", "3: re.VERBOSE"),
        ("from re import I, U\n", "1: re.U"),
        (
            "import datetime\nx = datetime.datetime.fromtimestamp(0)\n",
            "2: datetime.fromtimestamp",
        ),
        (
            "from datetime import datetime\nx = datetime.utcfromtimestamp(0)\n",
            "2: datetime.utcfromtimestamp",
        ),
        (
            "from collections import OrderedDict\n",
            "1: collections.OrderedDict",
        ),
        (
            "import functools\nx = functools.cmp_to_key\n",
            "2: functools.cmp_to_key",
        ),
    ] {
        assert_eq!(of_file(source, 0), [what], "{source}");
    }
    for source in [
        "import re\nx = re.compile('a', re.I | re.M)\n",
        "re = 1\nx = re.U\n",
        "import re\nre = own\nx = re.U\n",
        "import re\nx = a.re.U\n",
        "import re\ntry:\n    x = re.U\nexcept AttributeError:\n    x = 0\n",
        "from own import OrderedDict\n",
    ] {
        assert_eq!(of_file(source, 0), [""; 0], "{source}");
    }
}

#[test]
fn a_function_for_a_builtin_that_asks_the_wiki_is_told() {
    let head = "from MoinMoin.Page import Page\ndef execute(macro, args):\n    \
        f = macro.formatter\n    request = macro.request\n    ";
    let told = |body: &str| {
        let found = findings(&format!("{head}{body}\n"));
        let found = found.into_iter().filter(|one| one.fault == Fault::Callback);
        found.map(|one| one.what).collect::<Vec<_>>()
    };
    for (body, what) in [
        ("return map(f.text, a)", "f.text in a function for map"),
        (
            "return map(lambda x: f.text(x), a)",
            "f.text in a function for map",
        ),
        (
            "return filter(lambda x: Page(request, x).exists(), a)",
            "Page(…) in a function for filter",
        ),
        (
            "return sorted(a, key=lambda x: request.user.name == x)",
            "request.user in a function for sorted",
        ),
        (
            "a.sort(key=lambda x: macro._(x))",
            "macro._ in a function for sort",
        ),
        (
            "def own(x):\n        return f.text(x)\n    return max(a, key=own)",
            "f.text in a function for max",
        ),
    ] {
        assert_eq!(told(body), [what], "{body}");
    }
    for body in [
        "return [f.text(x) for x in a]",
        "return ''.join(map(str, [f.text(x) for x in a]))",
        "return map(lambda f: f.text, a)",
        "return sorted([f.text(x) for x in a], key=len)",
        "return max(f.text(x) for x in a)",
        "return sorted(a, key=lambda x: macro.storage.get(x))",
        "def own(x):\n        return x\n    return f.text(max(a, key=own))",
        "map = a\n    return map(f.text, a)",
        "return a.map(f.text, a)",
    ] {
        assert_eq!(told(body), [""; 0], "{body}");
    }
}

#[test]
fn parameters_for_the_rest_that_pages_never_fill_are_told() {
    let found = findings("def macro_A(macro, a, *args, **kw):\n    return a\n");
    let told: Vec<_> = found
        .iter()
        .map(|one| (one.column, one.fault, one.what.as_str()))
        .collect();
    assert_eq!(
        told,
        [
            (23, Fault::NoEffect, "*args of macro_A"),
            (30, Fault::NoEffect, "**kw of macro_A")
        ]
    );
    assert!(found[0].instead.contains("_trailing_args") && found[1].instead.contains("_kwargs"));
    for source in [
        "def macro_A(macro, a, _trailing_args, _kwargs):\n    return a\n",
        "def macro_A(macro, *, a=1):\n    return a\n",
        "def macro_A(*args):\n    return ''\n",
        "def macro_base(macro, *args):\n    return ''\ndef macro_A(macro, a):\n    return macro_base(macro, a)\n",
        "def own(*args, **kw):\n    return ''\n",
    ] {
        assert_eq!(findings(source), [], "{source}");
    }
}

#[test]
fn names_that_are_made_from_each_other_come_to_an_end() {
    let mut source = String::from("def execute(macro, args):\n    return a0(macro)\n");
    for number in 0..60 {
        let next = (number + 1) % 60;
        source.push_str(&format!(
            "def a{number}(m):\n    x = y\n    y = x\n    return a{next}(m) + a{next}(x) + a{next}(y) + m.nosuch\n"
        ));
    }
    let _ = findings(&source);
    assert_eq!(findings(""), []);
    assert_eq!(findings(". . ( = macro.\ndef\nfrom\nclass (\nf.x("), []);
}
