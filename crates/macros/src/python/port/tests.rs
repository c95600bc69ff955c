//! Claims about what is carried over, piece by piece; the samples show whole macros.

use super::{NoteKind, decode, port};

#[track_caller]
fn becomes(old: &str, new: &str) {
    let ported = port(old);
    assert_eq!(ported.text, new);
    assert_eq!(port(new).text, new, "what is carried over stays");
    assert!(!ported.needs_hands(), "{:?}", ported.notes);
}

/// What has to be done by hand, as `LINE: what`.
fn by_hand(source: &str) -> Vec<String> {
    let notes = port(source).notes.into_iter();
    notes
        .filter(|note| note.kind == NoteKind::ByHand)
        .map(|note| format!("{}: {}", note.line, note.what))
        .collect()
}

#[test]
fn print_becomes_a_call() {
    becomes("print\n", "print()\n");
    becomes("print x, 'y' # z\n", "print(x, 'y') # z\n");
    becomes("print x,\n", "print(x, end=' ')\n");
    becomes("if x: print 'a'; print 'b'\n", "if x: print('a'); print('b')\n");
    becomes("print (a), b\n", "print((a), b)\n");
    becomes("print (a)\n", "print (a)\n");
    becomes("print >>sys.stderr, 'x'\n", "print('x')\n");
    becomes("print 'a' + \\\n  'b'\n", "print('a' + \\\n  'b')\n");
    assert_eq!(
        by_hand("print >>out, x\n"),
        ["1: print >>out writes into an object"]
    );
}

#[test]
fn raise_and_except_lose_their_commas() {
    becomes("raise ValueError, 'x'\n", "raise ValueError('x')\n");
    becomes("raise E, (a, b), tb\n", "raise E(a, b)\n");
    becomes("raise 'old'\n", "raise Exception('old')\n");
    becomes("raise\n", "raise\n");
    becomes("try: x\nexcept E, e: pass\n", "try: x\nexcept E as e: pass\n");
    becomes(
        "try: x\nexcept (A, B), e: y(e.message)\n",
        "try: x\nexcept (A, B) as e: y(str(e))\n",
    );
    becomes("try: x\nexcept (A, B): pass\n", "try: x\nexcept (A, B): pass\n");
}

#[test]
fn del_is_done_in_another_way() {
    becomes("del d[k]\n", "d.pop(k)\n");
    becomes("del d['a']['b']\n", "d['a'].pop('b')\n");
    becomes("del l[1:]\n", "l[1:] = []\n");
    becomes("del x\n", "x = None\n");
    let kinds = |source: &str| {
        port(source)
            .notes
            .iter()
            .map(|note| note.kind)
            .collect::<Vec<_>>()
    };
    assert_eq!(kinds("del x\n"), [NoteKind::Look], "the name stays");
    assert_eq!(kinds("del d[k]\n"), [NoteKind::Changed]);
    assert_eq!(by_hand("del a, b\n").len(), 1);
    assert_eq!(by_hand("del a.b\n").len(), 1);
}

#[test]
fn exec_becomes_a_call() {
    becomes("exec code\n", "exec(code)\n");
    becomes("exec code in names\n", "exec(code, names)\n");
    becomes("exec(code)\n", "exec(code)\n");
}

#[test]
fn literals_get_their_new_form() {
    becomes(
        "x = u'ä' + U\"b\" + ur'\\d' + r'\\u'\n",
        "x = 'ä' + \"b\" + r'\\d' + r'\\u'\n",
    );
    becomes(
        "x = 0777 + 10L + 0xFFL + 00 + 0\n",
        "x = 0o777 + 10 + 0xFF + 0 + 0\n",
    );
    becomes("if a <> `b` + `c + d`: x\n", "if a != repr(b) + repr(c + d): x\n");
    assert_eq!(by_hand("x = ur'\\u00e4'\n").len(), 1);
    assert_eq!(
        by_hand("x = `a\n"),
        ["1: a backtick without another", "1: ` is no Python"][..1]
    );
}

#[test]
fn texts_and_comments_are_nobodys_business() {
    becomes(
        "x = 'print y <> z' # print y <> has_key\n",
        "x = 'print y <> z' # print y <> has_key\n",
    );
    becomes(
        "'''\nexcept X, e:\n\tdel z\n'''\n",
        "'''\nexcept X, e:\n\tdel z\n'''\n",
    );
}

#[test]
fn has_key_becomes_in_and_keeps_its_meaning() {
    becomes("if d.has_key(k): x\n", "if k in d: x\n");
    becomes("if not a.b['c'].has_key(k): x\n", "if k not in a.b['c']: x\n");
    becomes("x = d.has_key(k) == 1\n", "x = (k in d) == 1\n");
    becomes("x = d.has_key(a or b)\n", "x = (a or b) in d\n");
    becomes("x = a.has_key(b.has_key(c))\n", "x = (c in b) in a\n");
    becomes(
        "if x and d.has_key(f(a, b)) or y: z\n",
        "if x and f(a, b) in d or y: z\n",
    );
}

#[test]
fn names_that_are_gone_have_others() {
    becomes("x = unicode(a)\n", "x = str(a)\n");
    becomes("x = unicode(a, 'utf-8', 'replace')\n", "x = str(a)\n");
    becomes("if isinstance(a, basestring): x\n", "if isinstance(a, str): x\n");
    becomes("for i in xrange(3): x\n", "for i in range(3): x\n");
    becomes(
        "x = reduce(f, l)\n",
        "import functools\nx = functools.reduce(f, l)\n",
    );
    becomes(
        "'''doc'''\nx = reduce(f, l)\n",
        "'''doc'''\nimport functools\nx = functools.reduce(f, l)\n",
    );
    assert_eq!(by_hand("f = open(x)\ny = raw_input()\n").len(), 2);
}

#[test]
fn a_name_of_the_files_own_is_left_alone() {
    becomes(
        "def f(file, input=1):\n    file(input)\n",
        "def f(file, input=1):\n    file(input)\n",
    );
    becomes("def open(x):\n    x\nopen(1)\n", "def open(x):\n    x\nopen(1)\n");
    becomes("x.unicode = x.open(1)\n", "x.unicode = x.open(1)\n");
}

#[test]
fn what_was_a_list_and_is_used_as_one_becomes_one() {
    becomes("x = d.keys()\n", "x = list(d.keys())\n");
    becomes("x = d.keys()[0]\n", "x = list(d.keys())[0]\n");
    becomes("return map(f, x)\n", "return list(map(f, x))\n");
    becomes(
        "x = a.items() + b.items()\n",
        "x = list(a.items()) + list(b.items())\n",
    );
    becomes("n = len(filter(f, x))\n", "n = len(list(filter(f, x)))\n");
    becomes("for k in d.keys(): x\n", "for k in d.keys(): x\n");
    becomes("x = max(d.values())\n", "x = max(d.values())\n");
    becomes("for k, v in d.iteritems(): x\n", "for k, v in d.items(): x\n");
    becomes("x = it.next()\n", "x = next(it)\n");
}

#[test]
fn text_is_not_encoded_but_where_bytes_are_wanted() {
    becomes("x = a.encode('utf-8') + b.decode('latin-1')\n", "x = a + b\n");
    becomes(
        "import hashlib\nx = hashlib.md5(a.encode('utf-8'))\n",
        "import hashlib\nx = hashlib.md5(a.encode('utf-8'))\n",
    );
}

#[test]
fn the_module_string_becomes_methods() {
    becomes("import string\nx = string.join(a, ', ')\n", "x = ', '.join(a)\n");
    becomes("import string\nx = string.join(a)\n", "x = ' '.join(a)\n");
    becomes(
        "import string, re\nx = string.replace(a + b, c, d)\n",
        "import re\nx = (a + b).replace(c, d)\n",
    );
    becomes(
        "import string\nx = string.atoi(a) + len(string.digits)\n",
        "x = int(a) + len('0123456789')\n",
    );
    assert_eq!(by_hand("import string\nx = string.maketrans(a, b)\n").len(), 2);
}

#[test]
fn modules_out_of_reach_are_told_where_they_are_used() {
    assert_eq!(
        by_hand("import urllib2\n\nx = urllib2.urlopen(y)\n"),
        [
            "1: import urllib2: there is no such module here",
            "3: urllib2.urlopen"
        ]
    );
    assert_eq!(
        by_hand("from subprocess import Popen\nx = Popen(y)\n"),
        [
            "1: from subprocess import …: there is no such module here",
            "2: Popen"
        ]
    );
    becomes(
        "import re, time\nfrom datetime import date\n",
        "import re, time\nfrom datetime import date\n",
    );
    becomes("import _helper\n", "import _helper\n");
    becomes(
        "from itertools import izip, chain\nx = izip(a)\n",
        "from itertools import chain\nx = list(zip(a))\n",
    );
}

#[test]
fn an_import_in_a_block_never_leaves_it_empty() {
    becomes(
        "try:\n    from sets import Set\nexcept X:\n    pass\n",
        "try:\n    pass\nexcept X:\n    pass\n",
    );
}

#[test]
fn moin_moins_own_names_stay_where_they_are_known() {
    becomes(
        "from MoinMoin import wikiutil, config\nx = wikiutil.escape(a.encode(config.charset))\n",
        "from MoinMoin import wikiutil\nx = wikiutil.escape(a)\n",
    );
    becomes(
        "x = request.form.get('a', [''])[0]\n",
        "x = request.args.get('a', '')\n",
    );
    becomes("x = macro.form['a'][0]\n", "x = macro.request.args['a']\n");
    becomes(
        "x = r.rootpage.getPageList(exists=1)\n",
        "x = r.rootpage.getPageList()\n",
    );
    assert_eq!(
        by_hand("request.write('x')\nwikiutil.parseQueryString(q)\nrequest.redirectedOutput(f)\n"),
        [
            "1: request.write",
            "2: wikiutil.parseQueryString",
            "3: request.redirectedOutput"
        ]
    );
    assert_eq!(by_hand("x = '<iframe src=y>'\n").len(), 1);
}

#[test]
fn the_flag_unicode_is_taken_out_where_it_stands() {
    becomes("x = re.compile(p, re.U)\n", "x = re.compile(p)\n");
    becomes(
        "x = re.compile(p, re.UNICODE | re.I)\n",
        "x = re.compile(p, re.I)\n",
    );
    becomes(
        "x = re.compile(p, re.I|re.U|re.M)\n",
        "x = re.compile(p, re.I|re.M)\n",
    );
    becomes("x = re.compile(p, re.I | re.U)\n", "x = re.compile(p, re.I)\n");
    becomes("x = re.compile(p, flags=re.U)\n", "x = re.compile(p)\n");
    becomes("x = re.sub(p, '', t, 0, re.U)\n", "x = re.sub(p, '', t, 0)\n");
    becomes("x = re.compile(p, re.U | re.UNICODE)\n", "x = re.compile(p)\n");
    becomes("F = re.U\nx = own(p, re.U)\n", "F = 0\nx = own(p, 0)\n");
    becomes("F = re.M | re.U\n", "F = re.M\n");
    becomes("x = self.re.U + other.U\n", "x = self.re.U + other.U\n");
}

#[test]
fn flags_that_change_a_pattern_are_told_by_line() {
    assert_eq!(
        by_hand("import re\nx = re.compile(p, re.X | re.U)\ny = re.compile(p, re.LOCALE)\n"),
        ["2: re.X", "3: re.LOCALE"]
    );
}

#[test]
fn a_filter_of_page_names_may_ask_the_wiki() {
    becomes(
        "x = r.rootpage.getPageList(filter=lambda p: u.may.read(p))\n",
        "x = [p for p in r.rootpage.getPageList() if u.may.read(p)]\n",
    );
    becomes(
        "x = r.rootpage.getPageList(filter=wanted)\n",
        "x = [name for name in r.rootpage.getPageList() if wanted(name)]\n",
    );
    becomes(
        "x = r.rootpage.getPageList(filter=re.compile(name).match)\n",
        "x = [page_name for page_name in r.rootpage.getPageList() if (re.compile(name).match)(page_name)]\n",
    );
}

#[test]
fn a_name_for_the_form_is_followed() {
    let old = "def execute(macro, args):\n    form = macro.request.form\n    \
        if form.has_key('vote'):\n        v = form['vote'][0]\n    \
        return form.get('x', [None])[0] or form.getlist('y')\n";
    becomes(
        old,
        "def execute(macro, args):\n    form = macro.request.args\n    \
        if 'vote' in form:\n        v = form['vote']\n    \
        return form.get('x', None) or [value for value in [form.get('y')] if value is not None]\n",
    );
    becomes(
        "def macro_A(macro):\n    request = macro.request\n    form = request.form\n    return form['a'][0]\n",
        "def macro_A(macro):\n    request = macro.request\n    form = request.args\n    return form['a']\n",
    );
    becomes(
        "def macro_A(macro):\n    args = macro.request.values\n    return args.get('x', [''])[0]\n",
        "def macro_A(macro):\n    args = macro.request.values\n    return args.get('x', '')\n",
    );
    becomes(
        "def a(f):\n    return f['x'][0]\ndef execute(macro, args):\n    return a(macro.form)\n",
        "def a(f):\n    return f['x']\ndef execute(macro, args):\n    return a(macro.request.args)\n",
    );
    becomes(
        "x = macro.form.getlist('a')\n",
        "x = [value for value in [macro.request.args.get('a')] if value is not None]\n",
    );
    becomes("form = {}\nx = form['a'][0]\n", "form = {}\nx = form['a'][0]\n");
}

#[test]
fn a_name_that_may_be_the_form_is_told_by_line() {
    let looks = |body: &str| {
        let notes = port(&format!("def execute(macro, args):\n{body}"))
            .notes
            .into_iter();
        let looks = notes.filter(|note| note.kind == NoteKind::Look);
        looks.map(|note| (note.line, note.what)).collect::<Vec<_>>()
    };
    let told = |line: usize, what: &str| [(line, what.to_owned())];
    assert_eq!(
        looks("    form = macro.request.form or {}\n    return form['a'][0]\n"),
        told(3, "form may be the query")
    );
    assert_eq!(
        looks("    self.f = macro.form\n    return self.f.get('a', [1])[0]\n"),
        told(3, "f may be the query")
    );
    assert_eq!(
        looks("    query = macro.request.args\n    return query['a'][0]\n"),
        told(3, "[0] behind a value of the query")
    );
    assert_eq!(
        looks("    args = macro.request.args\n    return args['a'][0]\n"),
        told(3, "args may be the query")
    );
    assert_eq!(
        looks("    form = macro.form\n    x = form.get('a', [''])\n"),
        told(3, "a list as the default")
    );
    assert_eq!(
        looks("    form = macro.form\n    for a, b in form.items(): print(b)\n"),
        told(3, ".items()")
    );
}

#[test]
fn members_that_are_not_there_are_told_by_line() {
    let old = "def execute(macro, args):\n    f = macro.formatter\n    request = macro.request\n    \
        x = request.http_user_agent\n    print request.page.getPageText()\n    \
        y = macro.parser\n    z = page.getPageText()\n    return f.comment(x) + req.url_root\n";
    assert_eq!(
        by_hand(old),
        [
            "4: request.http_user_agent",
            "5: page.getPageText",
            "6: macro.parser",
            "7: page.getPageText",
            "8: f.comment",
            "8: req.url_root",
        ]
    );
    assert_eq!(
        by_hand("from MoinMoin.macro.Include import execute\n").len(),
        1,
        "the module alone, and no member of macro"
    );
    let notes =
        port("def execute(macro, args):\n    return macro.formatter.pagelink(1, generated=1)\n").notes;
    assert_eq!(notes[0].kind, NoteKind::Look);
    assert_eq!(notes[0].what, "pagelink(…, generated=…) has no effect here");
}

#[test]
fn what_the_interpreter_has_not_is_told() {
    becomes("class A(object):\n    x = 1\n", "class A:\n    x = 1\n");
    becomes(
        "x.sort(key=lambda (a, b): -b)\n",
        "x.sort(key=lambda pair: (lambda a, b: -b)(*pair))\n",
    );
    assert_eq!(
        by_hand("class A(B):\n    x = 1\n"),
        ["1: there are no base classes here: B"]
    );
    assert_eq!(by_hand("def f():\n    yield 1\n"), ["2: there is no yield here"]);
    assert_eq!(
        by_hand("class A:\n    @property\n    def x(self): y\n"),
        ["2: a decorated method"]
    );
    assert_eq!(
        by_hand("class A:\n    x = 1\n@f\ndef g(): y\n"),
        Vec::<String>::new()
    );
    assert_eq!(by_hand("def f(a, (b, c)): x\n"), ["1: a parameter that unpacks"]);
    assert_eq!(by_hand("x.sort(lambda a, b: f(a))\n").len(), 1);
}

#[test]
fn what_may_behave_otherwise_is_pointed_at_and_needs_no_hand() {
    let looks = |source: &str| {
        port(source)
            .notes
            .iter()
            .filter(|note| note.kind == NoteKind::Look)
            .count()
    };
    assert_eq!(looks("x = a / b\n"), 1);
    assert_eq!(
        looks("x = 1.0 * a / b\ny = a / 2.0\nz = float(a) / b\nw = a // b\n"),
        0
    );
    assert_eq!(looks("def f():\n    global n\n"), 1);
    assert!(!port("x = a / b\n").needs_hands());
}

#[test]
fn tabs_become_the_blanks_that_python_2_saw() {
    becomes("if x:\n\ty\n    \tz\n", "if x:\n        y\n        z\n");
}

#[test]
fn an_old_file_is_read_in_the_encoding_that_it_names() {
    assert_eq!(
        decode(b"# -*- coding: iso-8859-1 -*-\nx = 'caf\xe9'\n").unwrap(),
        "# -*- coding: iso-8859-1 -*-\nx = 'café'\n"
    );
    assert_eq!(decode("x = 'café'".as_bytes()).unwrap(), "x = 'café'");
    assert_eq!(
        decode(b"# coding: koi8-r\nx = '\xe9'\n"),
        Err("koi8-r".to_owned())
    );
    becomes("# -*- coding: iso-8859-1 -*-\n", "# -*- coding: utf-8 -*-\n");
}

#[test]
fn whatever_is_fed_in_nothing_breaks() {
    for source in [
        "",
        "print",
        "del",
        "raise ,",
        "except",
        "x.has_key",
        "x.has_key(",
        "import",
        "from",
        "from x import",
        "class",
        "class A(",
        "lambda (",
        "lambda (a): (",
        "string.join(",
        "import string\nstring.join(",
        "``",
        ") ] }",
        "request.form[",
        "d.keys(",
        "unicode(",
        "del x[",
        "print >>",
        "exec in",
        "x = 'oops",
    ] {
        let _ = port(source);
    }
}
