//! What a macro's source shows without running it: names that mean nothing, and what its output depends on.
//!
//! Both look at tokens and not at meaning. A name that is given a value anywhere in the file counts as known
//! everywhere, so a warning is rarely wrong; a dependency is guessed from the names that are used.
//! Start reading at [`unknown_names`] and [`used_dependencies`].

mod builtins;

use std::collections::HashSet;

use super::members;
use super::port::code::{Code, Statement};
use super::tokens::TokenKind;

/// A name that nothing gives a meaning to, where it is used first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unknown {
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1.
    pub column: usize,
    /// The name.
    pub name: String,
    /// What may have been meant, where that can be guessed.
    pub instead: Option<String>,
}

/// Names that nothing gives a meaning to, each at its first use.
#[must_use]
pub fn unknown_names(source: &str) -> Vec<Unknown> {
    let code = Code::read(source);
    let bound = bound_names(&code);
    let mut told = HashSet::new();
    let mut unknown = Vec::new();
    for place in code.backwards().rev() {
        let name = code.text(place);
        let is_name = code.kind(place) == TokenKind::Name && !code.is_attribute(place);
        // `case _:` gives it none, and needs none.
        let is_wildcard = name == "_" && !code.is_called(place);
        let is_known = builtins::is_known(name) || bound.contains(name) || is_wildcard;
        if is_name && !is_known && !names_a_parameter(&code, place) && told.insert(name.to_owned()) {
            unknown.push(Unknown {
                line: code.line(place),
                column: members::column(&code, place),
                instead: builtins::instead(name, &bound),
                name: name.to_owned(),
            });
        }
    }
    unknown
}

/// `f(name=…)`.
fn names_a_parameter(code: &Code, place: usize) -> bool {
    let before = code.before(place);
    let opens = before.is_some_and(|before| code.is_operator(before, "(") || code.is_operator(before, ","));
    opens && code.is_operator(code.after(place), "=")
}

/// Every name that is given a meaning anywhere in the file.
fn bound_names(code: &Code) -> HashSet<String> {
    let statements = code.statements();
    let by_statements = statements.iter().flat_map(|statement| bound_by(code, statement));
    let in_expressions = code
        .backwards()
        .flat_map(|place| bound_in_expressions(code, place));
    by_statements.chain(in_expressions).collect()
}

/// The names that a statement gives a meaning, but for those that its expressions do.
pub(super) fn bound_by(code: &Code, statement: &Statement) -> HashSet<String> {
    let places = statement.first..statement.end;
    let bound = match code.text(statement.first) {
        "import" | "from" | "global" | "nonlocal" | "def" | "class" => places,
        "with" | "except" => places
            .clone()
            .find(|place| code.is_name(*place, "as"))
            .map_or(0..0, |place| place..statement.end),
        _ => statement.first..last_assignment(code, statement),
    };
    names_in(code, bound)
}

/// The places of what a statement assigns to.
pub(super) fn assigned(code: &Code, statement: &Statement) -> std::ops::Range<usize> {
    statement.first..last_assignment(code, statement)
}

/// The last sign of a statement that gives values to what stands before it; its beginning where it has none.
fn last_assignment(code: &Code, statement: &Statement) -> usize {
    let is_assignment = |place: &usize| {
        let operator = code.text(*place);
        code.kind(*place) == TokenKind::Operator
            && operator.ends_with('=')
            && !["==", "!=", "<=", ">="].contains(&operator)
    };
    // One that stands in no brackets; those in brackets name parameters.
    let mut depth = 0_isize;
    let mut last = statement.first;
    for place in statement.first..statement.end {
        match code.text(place) {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => depth -= 1,
            _ if depth == 0 && is_assignment(&place) => last = place,
            ":" if depth == 0 && last == statement.first => last = place,
            _ => {}
        }
    }
    last
}

/// The names that an expression with its word at this place gives a meaning.
pub(super) fn bound_in_expressions(code: &Code, place: usize) -> HashSet<String> {
    match code.text(place) {
        "for" => names_until(code, place, "in"),
        "lambda" => names_until(code, place, ":"),
        ":=" => names_in(code, place.saturating_sub(2)..place),
        _ => HashSet::new(),
    }
}

/// The names at these places that are no attributes.
pub(super) fn names_in(code: &Code, places: std::ops::Range<usize>) -> HashSet<String> {
    let is_name = |place: &usize| code.kind(*place) == TokenKind::Name && !code.is_attribute(*place);
    places
        .filter(is_name)
        .map(|place| code.text(place).to_owned())
        .collect()
}

fn names_until(code: &Code, place: usize, end: &str) -> HashSet<String> {
    const MOST: usize = 200;
    let found = (place..place + MOST).find(|place| code.text(*place) == end);
    names_in(code, place..found.unwrap_or(place))
}

/// What the output of a macro depends on, as far as its source shows: words for `Dependencies`, sorted.
#[must_use]
pub fn used_dependencies(source: &str) -> Vec<&'static str> {
    let code = Code::read(source);
    let mut found: Vec<&'static str> = code
        .backwards()
        .filter(|place| code.kind(*place) == TokenKind::Name)
        .filter_map(|place| dependency(&code, place))
        .collect();
    found.sort_unstable();
    found.dedup();
    found
}

fn dependency(code: &Code, place: usize) -> Option<&'static str> {
    let owner = code
        .before(place)
        .and_then(|dot| code.before(dot))
        .map_or("", |owner| code.text(owner));
    match (code.text(place), code.is_attribute(place)) {
        ("session", true) => Some("session"),
        ("user", true) if owner == "request" => Some("user"),
        ("getText" | "lang", true) => Some("language"),
        ("_", true) if owner == "macro" => Some("language"),
        ("args" | "form" | "values" | "rev" | "isSpiderAgent", true) if owner == "request" => Some("time"),
        ("storage" | "clock", true) => Some("time"),
        ("time" | "random", false) if code.is_operator(code.after(place), ".") => Some("time"),
        ("today" | "now" | "utcnow", true) => Some("time"),
        ("getPageList", true) => Some("namespace"),
        ("Page", false) if code.is_called(place) => Some("pages"),
        ("dicts" | "groups" | "mtime_usecs" | "mtime" | "editor", true) => Some("pages"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unknown(source: &str) -> Vec<(usize, String)> {
        let unknown = unknown_names(source).into_iter();
        unknown.map(|one| (one.line, one.name)).collect()
    }

    #[track_caller]
    fn instead(name: &str) -> Option<String> {
        let source = format!("def execute(macro, args):\n    return {name}(args)\n");
        unknown_names(&source).pop().unwrap().instead
    }

    #[test]
    fn an_unknown_name_has_its_column_and_what_was_meant() {
        let found = unknown_names("def execute(macro, args):\n    return 'ä' + macr.name\n");
        assert_eq!(
            found,
            [Unknown {
                line: 2,
                column: 18,
                name: "macr".to_owned(),
                instead: Some("did you mean macro?".to_owned()),
            }]
        );
        assert_eq!(
            instead("wikiutil").unwrap(),
            "write: from MoinMoin import wikiutil"
        );
        assert_eq!(instead("re").unwrap(), "write: import re");
        assert_eq!(instead("sortd").unwrap(), "did you mean sorted?");
        assert_eq!(instead("q"), None);
    }

    #[test]
    fn builtins_that_the_interpreter_has_not_are_unknown_and_property_is_known() {
        for name in [
            "callable",
            "vars",
            "globals",
            "dir",
            "ascii",
            "issubclass",
            "UnicodeError",
            "open",
        ] {
            assert!(instead(name).is_some(), "{name}");
        }
        for name in ["locals()", "property", "exec", "FileNotFoundError", "__file__"] {
            assert_eq!(unknown(&format!("x = {name}\n")), [], "{name}");
        }
    }

    #[test]
    fn gettexts_underscore_has_to_be_bound_before_it_is_called() {
        assert_eq!(unknown("x = _('Hello')\n"), [(1, "_".to_owned())]);
        assert_eq!(unknown("def f(macro):\n    _ = macro._\n    return _('x')\n"), []);
        assert_eq!(unknown("match 1:\n    case _:\n        pass\n"), []);
    }

    #[test]
    fn a_name_that_nothing_defines_is_told_once_with_its_line() {
        assert_eq!(unknown("x = 1\ny = z + x\nw = z\n"), [(2, "z".to_owned())]);
        assert_eq!(
            unknown("def f(macro):\n    return macr.name\n"),
            [(2, "macr".to_owned())]
        );
    }

    #[test]
    fn whatever_gives_a_meaning_is_seen() {
        for source in [
            "import a.b as c, d\nfrom e import f as g\nc, d, f, g\n",
            "def f(a, b=1, *c, **d):\n    return a, b, c, d, f\n",
            "class A:\n    x = 1\nA\n",
            "a, (b, c) = 1, 2\nd = e = a\nb, c, e\n",
            "x: int = 1\nx += 1\n",
            "[y for x, y in z.items()]\n".replace('z', "dict").as_str(),
            "for a, b in []:\n    print(a, b)\n",
            "try:\n    pass\nexcept (ValueError, KeyError) as e:\n    print(e)\n",
            "f = lambda a, b=1: a + b\nf(q=1)\n",
            "if (n := 1) > 0: print(n)\n",
            "def f():\n    global n\n    n = 1\n    return unicode(n)\n",
        ] {
            assert_eq!(unknown(source), [], "{source}");
        }
    }

    #[test]
    fn attributes_and_parameters_of_others_are_nobodys_names() {
        assert_eq!(unknown("print('x'.foo.bar(baz=1), sep='')\n"), []);
    }

    #[test]
    fn dependencies_are_seen_in_what_is_used() {
        let used = |line: &str| used_dependencies(&format!("def execute(macro, args):\n    return {line}\n"));
        assert_eq!(used("macro.formatter.text(macro.args)"), [""; 0]);
        assert_eq!(used("macro.request.session['a']"), ["session"]);
        assert_eq!(
            used("macro.request.user.name + str(random.random())"),
            ["time", "user"]
        );
        assert_eq!(used("macro.request.getText(macro.request.lang)"), ["language"]);
        assert_eq!(used("Page(macro.request, 'A').get_raw_body()"), ["pages"]);
        assert_eq!(used("macro.request.rootpage.getPageList()"), ["namespace"]);
        assert_eq!(used("macro.request.args.get('x')"), ["time"]);
        assert_eq!(used("'session.user' # getText"), [""; 0]);
    }
}
