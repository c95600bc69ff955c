//! `grange macro`: what its author is told before a page tells it.

use std::fs;

use crate::harness::farm::Told;
use crate::harness::worker::build_worker;
use crate::harness::{Farm, PASSWORD, SINGLE};
use crate::python_macros::FRONT;

/// A farm with one macro in its wiki.
pub(super) fn farm_with(name: &str, source: &str) -> Farm {
    build_worker();
    let farm = Farm::prepare(SINGLE);
    farm.write(&format!("wikis/main/macros/{name}.py"), source);
    farm
}

fn run(farm: &Farm, name: &str, more: &[&str]) -> Told {
    farm.grange(&[&["macro", "run", name, "--wiki", "main"], more].concat())
}

fn check(source: &str) -> Told {
    let farm = farm_with("Checked", source);
    farm.grange(&["macro", "check", "wikis/main/macros/Checked.py"])
}

const COUNTS: &str = "Dependencies = ['session']\n\
    def execute(macro, args):\n    \
    count = macro.request.session.get('count', 0) + 1\n    \
    macro.request.session['count'] = count\n    \
    return macro.formatter.text('%s %d on %s' % (args, count, macro.formatter.page.page_name))\n";

#[test]
fn new_files_pass_their_check_and_their_cases() {
    build_worker();
    let farm = Farm::prepare(SINGLE);
    for more in [&["Hello"][..], &["Greet", "--typed"]] {
        let told = farm.grange(&[&["macro", "new"], more].concat());
        assert_eq!(told.status, 0, "{told:?}");
    }
    let told = farm.grange(&["macro", "check", "Hello.py", "Greet.py"]);
    assert!(
        told.status == 0 && told.out == "no problems in 2 files\n",
        "{told:?}"
    );
    let told = farm.grange(&["macro", "test", "--dir", "."]);
    assert!(
        told.status == 0 && told.out == "7 cases in 2 macros: all as expected\n",
        "{told:?}"
    );
}

#[test]
fn the_examples_pass_their_check_and_their_cases() {
    build_worker();
    let farm = Farm::prepare(SINGLE);
    let examples = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/macros");
    let told = farm.grange(&["macro", "test", "--dir", examples]);
    assert!(
        told.status == 0 && told.out.contains("in 10 macros: all as expected"),
        "{told:?}"
    );
    for entry in fs::read_dir(examples).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|ending| ending == "py") {
            let told = farm.grange(&["macro", "check", path.to_str().unwrap()]);
            assert_eq!(
                (told.status, told.out.as_str()),
                (0, "no problems in 1 file\n"),
                "{told:?}"
            );
        }
    }
}

#[test]
fn a_case_that_is_not_met_is_shown_with_its_line() {
    let farm = farm_with(
        "Wrong",
        &format!("'''\n>>> <<Wrong(x)>>\nx 2 on ...\n'''\n{COUNTS}"),
    );
    let told = farm.grange(&["macro", "test", "Wrong"]);
    assert_eq!(told.status, 2, "{told:?}");
    for words in [
        "Wrong.py:2: <<Wrong(x)>>",
        "expected: x 2 on ...",
        "seen:     x 1 on TestPage",
        "1 not as expected",
    ] {
        assert!(told.out.contains(words), "{words}: {told:?}");
    }
    assert_eq!(farm.grange(&["macro", "test", "Nope"]).status, 2);
}

#[test]
fn a_run_shows_output_session_cost_and_why_it_is_not_cached() {
    let farm = farm_with("Counts", COUNTS);
    farm.add_user("main", "Mia", PASSWORD);
    let more = [
        "hits",
        "--as",
        "Mia",
        "--session",
        r#"{"count": 4}"#,
        "--page",
        "Rota",
    ];
    let told = run(&farm, "Counts", &more);
    assert_eq!(told.status, 0, "{told:?}");
    for words in [
        "hits 5 on Rota",
        "session: count = 5",
        "took: ",
        "cached: no: it looked at the session",
    ] {
        assert!(told.out.contains(words), "{words}: {told:?}");
    }
    let told = run(&farm, "Counts", &["--as", "Nobody"]);
    assert!(told.status == 2 && told.err.contains("no account"), "{told:?}");
    let once = farm_with(
        "Once",
        "Dependencies = []\ndef execute(macro, args):\n    return macro.formatter.text('x')\n",
    );
    let told = run(&once, "Once", &["--json"]);
    assert!(told.out.contains("\"cached\": true"), "{told:?}");
}

#[test]
fn a_run_shows_what_the_macro_prints() {
    let source = "def execute(macro, args):\n    print('one', 2)\n    print('three')\n    return macro.formatter.text('x')\n";
    let farm = farm_with("Talks", source);
    let told = run(&farm, "Talks", &[]);
    assert!(told.out.contains("printed: one 2\nprinted: three\n"), "{told:?}");
    let told = run(&farm, "Talks", &["--json"]);
    assert!(told.out.contains("\"printed\": ["), "{told:?}");
}

#[test]
fn a_run_without_declared_dependencies_says_that_they_are_missing() {
    let source = "def execute(macro, args):\n    return macro.formatter.text('x')\n";
    let told = run(&farm_with("Plain", source), "Plain", &[]);
    assert!(
        told.out.contains("cached: no: the file declares no Dependencies"),
        "{told:?}"
    );
    let source = format!("Dependencies = ['time']\n{source}");
    let told = run(&farm_with("Plain", &source), "Plain", &[]);
    assert!(
        told.out
            .contains("cached: no: its Dependencies ask for a run at each view"),
        "{told:?}"
    );
}

#[test]
fn a_guest_runs_without_a_session_where_the_wiki_gives_guests_none() {
    let source = "Dependencies = ['session']\ndef execute(macro, args):\n    \
        return macro.formatter.text('new' if macro.request.session.is_new else 'known')\n";
    let mut farm = farm_with("Asks", source);
    farm.add_user("main", "Mia", PASSWORD);
    let told = run(&farm, "Asks", &[]);
    assert!(
        told.out.starts_with("<p>new") && told.out.contains("note: this wiki gives guests no session"),
        "{told:?}"
    );
    farm.put_page("main", "Front", "<<Asks>>");
    farm.restart();
    let mut visitor = farm.visitor();
    visitor.get(FRONT);
    assert_eq!(visitor.get(FRONT).content(), "new");
    let told = run(&farm, "Asks", &["--as", "Mia"]);
    assert!(
        told.out.starts_with("<p>known") && !told.out.contains("note: "),
        "{told:?}"
    );
    farm.write_config(&format!("{SINGLE}cookie_lifetime = [1, 12]\n"));
    let told = run(&farm, "Asks", &[]);
    assert!(
        told.out.starts_with("<p>known") && !told.out.contains("note: "),
        "{told:?}"
    );
}

#[test]
fn a_run_needs_no_wiki_where_there_is_one_and_tells_what_is_wrong_with_a_file() {
    let farm = farm_with("Counts", COUNTS);
    assert_eq!(farm.grange(&["macro", "run", "Counts"]).status, 0);
    farm.write(
        "wikis/main/macros/Counts.py",
        "def execute(macro, args):\n    return (1\n",
    );
    let told = farm.grange(&["macro", "run", "Counts"]);
    assert!(told.status == 2 && told.err.contains("Counts.py:"), "{told:?}");
    farm.write_config(&format!("{SINGLE}[wiki.other]\nat = [\"other.example\"]\n"));
    let told = farm.grange(&["macro", "run", "Counts"]);
    assert!(
        told.status == 2 && told.err.contains("--wiki ID; there are main, other"),
        "{told:?}"
    );
}

#[test]
fn a_run_that_fails_says_why() {
    let farm = farm_with(
        "Fails",
        "def execute(macro, args):\n    raise ValueError('no such thing')\n",
    );
    let told = run(&farm, "Fails", &[]);
    assert!(
        told.status == 2 && told.out.contains("error: ValueError: no such thing"),
        "{told:?}"
    );
}

#[test]
fn a_check_points_at_what_is_wrong() {
    let told = check("def execute(macro, args):\n    return (1\n");
    assert!(
        told.status == 2 && told.out.contains("Checked.py:") && told.out.contains('^'),
        "{told:?}"
    );
    let told = check("Dependencies = []\ndef execute(macro, args):\n    return macr.formatter.text('x')\n");
    assert!(
        told.status == 2
            && told
                .out
                .contains("Checked.py:3: error: nothing gives the name \"macr\""),
        "{told:?}"
    );
    let told = check("def execute(macro, args):\n    return macro.request.user.name\n");
    assert!(
        told.status == 0 && told.out.contains("Dependencies = ['user']"),
        "{told:?}"
    );
    let told = check("Dependencies = ['weather']\ndef execute(macro, args):\n    return ''\n");
    assert!(
        told.status == 2 && told.out.contains("\"weather\" is no dependency"),
        "{told:?}"
    );
}

/// A macro that is right but for what stands here.
fn check_body(body: &str) -> Told {
    check(&format!(
        "Dependencies = ['time', 'pages']\n\n\ndef execute(macro, args):\n    {body}\n"
    ))
}

#[test]
fn a_check_points_at_members_that_are_not_there() {
    for (body, words) in [
        (
            "return macro.request.http_user_agent",
            "5:26: request.http_user_agent",
        ),
        (
            "return macro.request.page.getPageText()",
            "5:31: page.getPageText",
        ),
        ("f = macro.formatter; return f.nosuch(1)", "5:35: f.nosuch"),
        ("return macro.formatter.text('x', foo=1)", "5:38: text(…, foo=…)"),
        (
            "from MoinMoin import wikiutil; return wikiutil.parse_quoted_separated(args)",
            "5:52: wikiutil.parse_quoted_separated",
        ),
    ] {
        let told = check_body(body);
        let (place, what) = words.split_once(": ").unwrap();
        let (line, column) = place.split_once(':').unwrap();
        let message = format!("Checked.py:{line}: error: {what} is not there; ");
        assert!(
            told.status == 2 && told.out.contains(&message),
            "{body}: {told:?}"
        );
        let column: usize = column.parse().unwrap();
        let caret = format!("\n    {}^\n", " ".repeat(column - 1));
        assert!(told.out.contains(&caret), "{body}: {}", told.out);
    }
    let told = check(
        "from MoinMoin.wikiutil import get_int\nDependencies = []\ndef execute(macro, args):\n    return ''\n",
    );
    assert!(
        told.out
            .contains("Checked.py:1: error: wikiutil.get_int is not there; name the arguments"),
        "{told:?}"
    );
    let told = check_body("return getattr(macro.request, 'cookies', macro.request.args.get('x'))");
    assert_eq!(told.out, "no problems in 1 file\n");
}

#[test]
fn a_check_warns_of_keywords_that_do_nothing() {
    let told = check_body("return macro.formatter.pagelink(1, 'A', generated=1, style='x')");
    assert_eq!(told.status, 0, "{told:?}");
    for words in [
        "warning: pagelink(…, generated=…) has no effect here; leave it out",
        "warning: pagelink(…, style=…) has no effect here; pages show no styles",
    ] {
        assert!(told.out.contains(words), "{words}: {told:?}");
    }
}

#[test]
fn a_check_tells_of_an_entry_that_takes_too_little() {
    let told = check("Dependencies = []\ndef execute(macro):\n    return ''\n");
    assert!(
        told.status == 2
            && told
                .out
                .contains("Checked.py:2: error: execute is called with macro and args"),
        "{told:?}"
    );
}

#[test]
fn a_check_of_python_2_names_the_way_out() {
    for line in ["print 'x'", "x = `y`", "x = 1 <> 2", "x = ur'y'", "x = unichr(9)"] {
        let told = check_body(&format!("{line}\n    return ''"));
        let words = "Checked.py:5: warning: this is Python 2 (";
        let way = "grange macro port wikis/main/macros/Checked.py carries it over";
        assert!(
            told.out.contains(words) && told.out.contains(way),
            "{line}: {told:?}"
        );
    }
    let told = check("class P(object):\n    x = 1\n\ndef execute(macro, args):\n    return ''\n");
    assert!(
        told.status == 2 && told.out.contains("write \"class Name:\""),
        "{told:?}"
    );
}

#[test]
fn helpers_need_no_entry_and_a_directory_stands_for_its_files() {
    let farm = farm_with(
        "Uses",
        "from _util import tag\nDependencies = []\ndef execute(macro, args):\n    return tag(macro.formatter)\n",
    );
    farm.write(
        "wikis/main/macros/_util.py",
        "def tag(formatter):\n    return formatter.text('x')\n",
    );
    let told = farm.grange(&["macro", "check", "wikis/main/macros"]);
    assert!(
        told.status == 0 && told.out == "no problems in 2 files\n",
        "{told:?}"
    );
    assert!(run(&farm, "Uses", &[]).out.starts_with("<p>x</p>"));
    farm.write(
        "wikis/main/macros/_util.py",
        "def tag(formatter):\n    return formatter.comment('x') + y\n",
    );
    farm.write("wikis/main/macros/not-a-name.py", "");
    let told = farm.grange(&["macro", "check", "wikis/main/macros"]);
    assert_eq!(told.status, 2, "{told:?}");
    for words in [
        "_util.py:2: error: formatter.comment is not there",
        "_util.py:2: error: nothing gives the name \"y\" a meaning",
        "not-a-name.py: error: a macro's file is called NAME.py",
    ] {
        assert!(told.out.contains(words), "{words}: {told:?}");
    }
    farm.write("wikis/main/macros/_util.py", "def tag(formatter:\n    return 1\n");
    let told = farm.grange(&["macro", "check", "wikis/main/macros/_util.py"]);
    assert!(
        told.status == 2 && told.out.contains("_util.py:2: error"),
        "{told:?}"
    );
    farm.write("empty/notes.txt", "");
    let told = farm.grange(&["macro", "check", "empty"]);
    assert!(told.status == 2 && told.err.contains("no *.py"), "{told:?}");
}

#[test]
fn a_run_says_what_was_taken_out_of_the_output() {
    let source = "Dependencies = []\ndef execute(macro, args):\n    \
        return macro.formatter.rawHTML('<form action=\"/x\"><input name=\"q\"></form><b style=\"x\">y</b>')\n";
    let farm = farm_with("Forms", source);
    let told = run(&farm, "Forms", &[]);
    assert!(
        told.out.contains("taken out: form, input, action=, style=\n"),
        "{told:?}"
    );
    let told = run(&farm, "Forms", &["--json"]);
    assert!(told.out.contains("\"taken_out\": [\n"), "{told:?}");
    let clean = farm_with(
        "Once",
        "Dependencies = []\ndef execute(macro, args):\n    return '<b>x</b>'\n",
    );
    assert!(!run(&clean, "Once", &[]).out.contains("taken out"));
}

#[test]
fn a_ported_macro_runs_and_what_is_left_is_told_by_line() {
    let old = "Dependencies = []\ndef execute(macro, args):\n    d = {u'a': 1}\n    \
        if d.has_key(args): return macro.formatter.text(u'yes')\n    return macro.formatter.text('no')\n";
    let farm = farm_with("Old", old);
    let told = farm.grange(&["macro", "port", "--write", "wikis/main/macros/Old.py"]);
    assert!(
        told.status == 0 && told.err.contains("Old.py:4: changed: .has_key(k)"),
        "{told:?}"
    );
    assert!(run(&farm, "Old", &["a"]).out.contains("yes"));
    farm.write("Fetch.py", "import urllib2\nx = urllib2.urlopen('y')\n");
    let told = farm.grange(&["macro", "port", "Fetch.py"]);
    assert!(
        told.status == 2 && told.err.contains("Fetch.py:2: by hand: urllib2.urlopen"),
        "{told:?}"
    );
    assert!(told.out.starts_with("import urllib2"), "{told:?}");
}

/// The name that a macro's file has to have: its typed entry's, else any.
fn name_of(source: &str) -> String {
    let typed = source
        .split_once("def macro_")
        .and_then(|(_, rest)| rest.split_once('('));
    typed.map_or("Ported", |(name, _)| name).to_owned()
}

#[test]
fn old_macros_that_need_no_hands_pass_their_check_once_they_are_ported() {
    build_worker();
    let samples = concat!(env!("CARGO_MANIFEST_DIR"), "/../macros/src/python/port/samples");
    let mut passed = 0;
    for entry in fs::read_dir(samples).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|ending| ending != "py") {
            continue;
        }
        let farm = Farm::prepare(SINGLE);
        let ported = farm.grange(&["macro", "port", path.to_str().unwrap()]);
        if ported.status != 0 {
            continue;
        }
        let name = format!("{}.py", name_of(&ported.out));
        farm.write(&name, &ported.out);
        let checked = farm.grange(&["macro", "check", &name]);
        assert_eq!(checked.status, 0, "{}: {checked:?}", path.display());
        passed += 1;
    }
    assert!(passed >= 10, "{passed}");
}
