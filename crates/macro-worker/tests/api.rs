//! What `macro`, `request`, `page` and `user` offer, each name once.

use grange_macro_protocol::Value;

use crate::harness::{Worker, raised, text};

#[test]
fn macro_has_its_name_its_arguments_and_the_page() {
    let mut worker = Worker::start();
    assert_eq!(
        worker.value("(macro.name, macro.args, macro.page.page_name)"),
        "('Test', 'a', 'Front Page')"
    );
    assert_eq!(worker.value("macro.formatter.page.page_name"), "Front Page");
    assert_eq!(worker.value("macro.cfg.sitename"), "Our Wiki");
}

#[test]
fn no_parentheses_and_empty_ones_differ() {
    let mut worker = Worker::start();
    let (module, _) = worker
        .load("def execute(macro, args):\n    return repr(args)\n")
        .unwrap();
    let job = worker.job(module, &[None, Some(""), Some("a, b=\"c,d\"")]);
    let results = worker.run(job);
    let texts: Vec<_> = results.iter().map(text).collect();
    assert_eq!(texts, ["None", "''", "'a, b=\"c,d\"'"]);
}

#[test]
fn the_request_tells_of_the_view() {
    let mut worker = Worker::start();
    for (expression, expected) in [
        ("macro.request.lang", "ru"),
        ("macro.request.content_lang", "en"),
        ("macro.request.args['x']", "<1>"),
        ("macro.request.values.get('y', 'none')", "none"),
        ("macro.request.form == macro.request.args", "True"),
        ("macro.request.rev", "7"),
        ("macro.request.isSpiderAgent", "False"),
        ("macro.request.cfg.sitename", "Our Wiki"),
        ("getattr(macro.request.cfg, 'secret', 'hidden')", "hidden"),
        ("macro.request.page.page_name", "Front Page"),
        ("macro.request.href('A b', x='1 2')", "/wiki1/A%20b?x=1%202"),
        ("macro.request.getPragma('keywords')", "a, b"),
        ("macro.request.getPragma('none', 'd')", "d"),
        (
            "macro.request.getText('Loaded value %d') % 5",
            "Загружено значение 5",
        ),
        ("macro._('other')", "other"),
        ("macro.request.formatter.text('<')", "&lt;"),
        (
            "[macro.request.uid_generator('a') for i in range(2)]",
            "['a', 'a-2']",
        ),
        ("macro.request.script_root", "/wiki1"),
        ("macro.request.clock.now()", "1700000000.25"),
    ] {
        assert_eq!(worker.value(expression), expected, "{expression}");
    }
    let result = worker.body("return macro.request.nothing");
    assert_eq!(
        raised(&result),
        "AttributeError: 'Request' object has no attribute 'nothing'"
    );
    let result = worker.body("return macro.request.nothing()");
    assert_eq!(
        raised(&result),
        "AttributeError: 'Request' object has no attribute 'nothing'"
    );
}

#[test]
fn dicts_and_groups_are_looked_up_by_name() {
    let mut worker = Worker::start();
    for (expression, expected) in [
        ("macro.request.dicts['ColorsDict']['red']", "#f00"),
        (
            "'ColorsDict' in macro.request.dicts, 'None' in macro.request.dicts",
            "(True, False)",
        ),
        ("macro.request.dicts.dict('ColorsDict').get('red')", "#f00"),
        ("macro.request.dicts.get('None', {})", "{}"),
        ("'Bob' in macro.request.groups['AdminGroup']", "True"),
        ("macro.request.groups.get('None')", "None"),
    ] {
        assert_eq!(worker.value(expression), expected, "{expression}");
    }
    assert_eq!(
        raised(&worker.body("return macro.request.groups['None']")),
        "KeyError: None"
    );
    let result = worker.body(
        "try:\n    return macro.request.dicts['ColorsDict']['red']\nexcept KeyError:\n    return 'caught'",
    );
    assert_eq!(text(&result), "#f00");
    let result = worker.body(
        "found = ''\nfor name in ['D%d' % n for n in range(20)]:\n    try:\n        macro.request.dicts[name]\n    \
         except KeyError:\n        found += name\nreturn found",
    );
    assert!(
        text(&result).ends_with("D18D19"),
        "one after the other: {result:?}"
    );
}

#[test]
fn the_user_tells_who_looks() {
    let mut worker = Worker::start();
    for (expression, expected) in [
        (
            "macro.request.user.name, macro.request.user.id, macro.request.user.valid",
            "('Ada', 'u1', True)",
        ),
        (
            "macro.request.user.isSuperUser(), macro.request.user.exists()",
            "(True, True)",
        ),
        (
            "macro.request.user.may.read('A'), macro.request.user.may.read('Secret')",
            "(True, False)",
        ),
        ("macro.request.user.may.write('A')", "False"),
        (
            "macro.request.user.language, macro.request.user.tz_offset",
            "('ru', 7200)",
        ),
        (
            "macro.request.user.getFormattedDateTime(0)",
            "1970-01-01 02:00:00",
        ),
        ("macro.request.user.getFormattedDate(86400)", "1970-01-02"),
        ("macro.request.user.getTime(10)", "7210.0"),
    ] {
        assert_eq!(worker.value(&format!("({expression})")), expected, "{expression}");
    }
    worker.visit.person = Default::default();
    assert_eq!(
        worker.value("(macro.request.user.name, macro.request.user.valid)"),
        "('', False)"
    );
}

#[test]
fn a_page_tells_its_facts_and_its_text() {
    let mut worker = Worker::start();
    worker.wiki.pages.insert("Front Page".into(), "Häuser".into());
    worker.wiki.pages.insert("A/B".into(), String::new());
    for (expression, expected) in [
        ("macro.page.get_raw_body()", "Häuser"),
        ("macro.page.exists()", "True"),
        ("macro.page.size()", "7"),
        ("macro.page.mtime", "1700000000.5"),
        ("macro.page.mtime_usecs()", "1700000000500000"),
        (
            "macro.page.editor, macro.page.comment, macro.page.rev",
            "('Ada', 'mended', 3)",
        ),
        ("macro.page.current_rev(), macro.page.get_real_rev()", "(3, 3)"),
        (
            "macro.page.url(macro.request, {'action': 'print'})",
            "/wiki1/Front%20Page?action=print",
        ),
        (
            "macro.page.url(macro.request, 'action=a&b=c+d')",
            "/wiki1/Front%20Page?action=a&b=c%20d",
        ),
        ("macro.page.split_title()", "Front Page"),
        (
            "macro.page.link_to(macro.request, '<x>')",
            "<a href=\"/wiki1/Front%20Page\">&lt;x&gt;</a>",
        ),
        ("macro.request.rootpage.getPageList()", "['A/B', 'Front Page']"),
        ("macro.page.getParentPage()", "None"),
    ] {
        assert_eq!(worker.value(&format!("({expression})")), expected, "{expression}");
    }
    let body = "from MoinMoin.Page import Page\np = Page(macro.request, 'Gone')\n\
                return str((p.page_name, p.exists(), p.get_raw_body(), p.size(), p.mtime, p.link_to(macro.request, 'x')))";
    assert_eq!(
        text(&worker.body(body)),
        "('Gone', False, '', 0, None, '<a class=\"missing\" title=\"Gone (this page does not exist yet)\" href=\"/wiki1/Gone\">x</a>')"
    );
}

#[test]
fn wikiutil_and_python_twos_names_are_there() {
    let mut worker = Worker::start();
    for (expression, expected) in [
        ("wikiutil.escape('<\"&')", "&lt;\"&amp;"),
        ("wikiutil.escape('<\"', True)", "&lt;&quot;"),
        ("wikiutil.quoteWikinameURL('A b/ü')", "A%20b/%C3%BC"),
        ("wikiutil.url_quote('a b')", "a%20b"),
        ("wikiutil.url_unquote('a%20b')", "a b"),
        ("wikiutil.AbsPageName('A/B', '../C')", "A/C"),
        ("wikiutil.RelPageName('A', 'A/C')", "/C"),
        (
            "unicode(5) + str(isinstance('x', basestring)) + str(long('7'))",
            "5True7",
        ),
        ("list(xrange(3)), unichr(65)", "([0, 1, 2], 'A')"),
    ] {
        let result = worker.body(&format!(
            "from MoinMoin import wikiutil\nreturn str(({expression}))"
        ));
        assert_eq!(text(&result), expected, "{expression}");
    }
}

#[test]
fn time_is_the_jobs_and_local_time_is_utc() {
    let mut worker = Worker::start();
    for (expression, expected) in [
        ("time.time()", "1700000000.25"),
        ("datetime.datetime.now()", "2023-11-14 22:13:20.250000"),
        ("datetime.date.today()", "2023-11-14"),
        (
            "datetime.datetime.now(datetime.timezone.utc).isoformat()",
            "2023-11-14T22:13:20.250000+00:00",
        ),
        ("time.strftime('%H:%M', time.gmtime(time.time()))", "22:13"),
        ("time.strftime('%H:%M')", "22:13"),
        ("re.sub('a', 'b', 'aa')", "bb"),
    ] {
        let result = worker.body(&format!("import time, datetime, re\nreturn str({expression})"));
        assert_eq!(text(&result), expected, "{expression}");
    }
}

#[test]
fn a_sentence_of_the_server_is_raised_as_an_exception() {
    let mut worker = Worker::start();
    let (module, _) = worker
        .load("def execute(macro, args):\n    return macro.page.get_raw_body()\n")
        .unwrap();
    let job = worker.job(module, &[None]);
    worker.say(&grange_macro_protocol::ToWorker::Run(Box::new(job)));
    assert!(matches!(
        worker.hear(),
        grange_macro_protocol::FromWorker::Ask { .. }
    ));
    let answer = grange_macro_protocol::Answer(Err::<Value, _>("the store is away".into()));
    worker.say(&grange_macro_protocol::ToWorker::Answer(answer));
    let grange_macro_protocol::FromWorker::Done(results) = worker.hear() else {
        panic!()
    };
    assert_eq!(raised(&results[0]), "RuntimeError: the store is away");
}
