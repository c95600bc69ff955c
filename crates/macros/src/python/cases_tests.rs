//! Claims about the tests in docstrings: what is read, what is refused, what counts as met.

use grange_session::Value;

use super::cases::{Case, cases, text_of};

fn read(docstring: &str) -> Vec<Case> {
    cases(&format!("\"\"\"{docstring}\"\"\"\nDependencies = []\n")).unwrap()
}

#[track_caller]
fn refused(line: &str) -> String {
    cases(&format!("'''\n{line}\n'''\n")).unwrap_err().to_string()
}

fn met(expected: &str, html: &str) -> bool {
    read(&format!("\n>>> <<A>>\n{expected}\n"))
        .remove(0)
        .is_met_by(html)
}

#[test]
fn a_file_without_a_docstring_has_no_cases() {
    assert_eq!(cases("x = '''\n>>> <<A>>\n'''\n"), Ok(Vec::new()));
    assert_eq!(cases(""), Ok(Vec::new()));
    assert!(read("Nothing but words.").is_empty());
}

#[test]
fn each_call_has_its_line_and_what_follows() {
    let all = read(
        "Greets.\n\n    >>> <<Greet>>\n    Hello,\n      you!\n\n    More words.\n    >>> <<Greet(Mia)>>\n    Hello, Mia!\n",
    );
    let told: Vec<_> = all
        .iter()
        .map(|case| (case.line, case.call.as_str(), case.expected.as_str()))
        .collect();
    assert_eq!(
        told,
        [
            (3, "<<Greet>>", "Hello, you!"),
            (8, "<<Greet(Mia)>>", "Hello, Mia!")
        ]
    );
}

#[test]
fn settings_stand_behind_a_call_or_before_many() {
    let all = read(
        r#"
        >>> # page Rota
        >>> # with Terms " Tea:: a drink\n"
        >>> <<A(1)>>  # as Mia Miller # session {"test": 5, "l": [true, null]}
        x
        >>> <<A>> # new # query a=1&b=# 2 # now 2030-01-01T00:00:00Z
        y"#,
    );
    let (first, second) = (&all[0].setting, &all[1].setting);
    assert_eq!(first.user.as_deref(), Some("Mia Miller"));
    assert_eq!(first.session.as_ref().unwrap()["test"], Value::Int(5));
    assert_eq!(first.page.as_deref(), Some("Rota"));
    assert_eq!(first.pages, [("Terms".to_owned(), " Tea:: a drink\n".to_owned())]);
    assert_eq!((second.user.as_deref(), second.session.as_ref()), (None, None));
    assert_eq!(second.query.as_deref(), Some("a=1&b= # 2"));
    assert_eq!(second.now.unwrap().to_string(), "2030-01-01T00:00:00Z");
    assert!(second.is_new && second.page.is_some() && !second.pages.is_empty());
}

#[test]
fn arguments_may_hold_what_looks_like_the_end() {
    let all = read("\n>>> <<A(a >> b, #c)>> # as Mia\nx\n");
    assert_eq!(all[0].call, "<<A(a >> b, #c)>>");
    assert_eq!(all[0].setting.user.as_deref(), Some("Mia"));
}

#[test]
fn what_cannot_be_read_is_told_with_its_line() {
    assert!(refused(">>> print 1").starts_with("line 2: behind >>> stands a call"));
    assert!(refused(">>> <<A>> tail").contains("not closed"));
    assert!(refused(">>> <<A>> # session [1]").contains("{\"test\": 5}"));
    assert!(refused(">>> <<A>> # now tomorrow").contains("no moment"));
    assert!(refused(">>> <<A>> # whom Mia").contains("no setting"));
    assert!(refused(">>> <<A>> # as").contains("with a value"));
    assert!(refused(">>> # with Terms text").contains("NAME \"text\""));
}

#[test]
fn a_case_is_met_by_what_a_reader_sees() {
    assert!(met(
        "<<A: no such page>>",
        "<p><span>&lt;&lt;A: no such page&gt;&gt;</span></p>"
    ));
    assert!(met("a & b", "<p>a &amp; <em>b</em></p>"));
    assert!(met("one two", "<ul><li>one</li><li>two</li></ul>"));
    assert!(met("whole", "<em>wh</em>ole"));
    assert!(!met("one", "<p>one two</p>"));
    assert!(!met("", "<p>one</p>"));
    assert!(met("", "<p></p>"));
}

#[test]
fn dots_stand_for_anything() {
    assert!(met("Set to value ...", "Set to value 5"));
    assert!(met("a ... c ... e", "a b c d e"));
    assert!(!met("a ... c ... e", "a c b d"));
    assert!(met("...", ""));
    assert!(!met("ab...bc", "abc"));
}

#[test]
fn markup_is_compared_where_markup_is_expected() {
    assert!(met("<em>a</em> b", "<em>a</em>\n  b"));
    assert!(!met("<em>a</em>", "<strong>a</strong>"));
}

#[test]
fn an_entity_is_read_once() {
    assert_eq!(text_of("&amp;lt;"), "&lt;");
    assert_eq!(text_of("a < b"), "a");
}
