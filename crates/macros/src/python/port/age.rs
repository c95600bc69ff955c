//! Whether a file is written in Python 2: the first line that shows it.
//!
//! Only what is certain counts: statements and signs that Python 3 does not have, and names that it dropped.

use std::collections::HashSet;

use super::code::{Code, Statement};
use super::names::{RENAMED, defined_names};
use super::statements::is_call;
use crate::python::tokens::TokenKind;

/// A line of Python 2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Old {
    /// The line, from 1.
    pub line: usize,
    /// What shows it.
    pub what: &'static str,
}

/// The first line of a file that shows it to be in Python 2.
#[must_use]
pub fn python_2(source: &str) -> Option<Old> {
    let code = Code::read(source);
    let own = defined_names(&code);
    let statements = code.statements().into_iter();
    let by_statement = statements.filter_map(|one| Some((one.first, of_statement(&code, &one)?)));
    let places = code.backwards().rev();
    let by_sign = places.filter_map(|place| Some((place, of_sign(&code, place, &own)?)));
    let (place, what) = by_statement.chain(by_sign).min()?;
    Some(Old {
        line: code.line(place),
        what,
    })
}

fn of_statement(code: &Code, statement: &Statement) -> Option<&'static str> {
    let Statement { first, end } = *statement;
    let next = code.after(first);
    let has_comma = || code.split_at_commas(next.min(end)..end).len() > 1;
    let is_python_3 = next >= end
        || is_call(code, next, end)
        || code.kind(next) == TokenKind::Operator && !["(", "[", "{", ">>", "`"].contains(&code.text(next));
    match code.text(first) {
        "print" if !is_python_3 && !is_called_on(code, next) => Some("a print statement"),
        "exec" if !is_python_3 => Some("an exec statement"),
        "except" if has_comma() => Some("except with a comma"),
        "raise" if has_comma() => Some("raise with a comma"),
        _ => None,
    }
}

/// `print(x).y` and the like: odd, and Python 3.
fn is_called_on(code: &Code, open: usize) -> bool {
    let close = code.closing(open).filter(|_| code.is_operator(open, "("));
    close.is_some_and(|close| {
        code.kind(code.after(close)) == TokenKind::Operator && !code.is_operator(code.after(close), ",")
    })
}

fn of_sign(code: &Code, place: usize, own: &HashSet<String>) -> Option<&'static str> {
    let text = code.text(place);
    match code.kind(place) {
        TokenKind::Operator if text == "`" => Some("backticks"),
        TokenKind::Operator if text == "<>" => Some("<>"),
        TokenKind::Text if text.to_lowercase().starts_with("ur") => Some("a text with the prefix ur"),
        TokenKind::Number if is_old_number(text) => Some("a number that Python 3 writes in another way"),
        TokenKind::Name if code.is_attribute(place) => match text {
            "has_key" | "iteritems" | "iterkeys" | "itervalues" if code.is_called(place) => {
                Some("a method that Python 3 has dropped")
            }
            _ => None,
        },
        TokenKind::Name if own.contains(text) || code.is_defined_here(place) => None,
        TokenKind::Name => {
            let renamed = RENAMED.iter().find(|(old, _)| *old == text);
            renamed.map(|(old, _)| *old)
        }
        _ => None,
    }
}

/// `0777` and `10L`.
fn is_old_number(text: &str) -> bool {
    let digits = text.strip_prefix('0').unwrap_or_default();
    let is_octal = digits.len() > digits.matches('0').count() && digits.chars().all(|c| c.is_ascii_digit());
    is_octal || text.ends_with(['l', 'L'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn python_2_is_known_by_its_first_line_that_python_3_has_not() {
        for (line, what) in [
            ("print 'x'", "a print statement"),
            ("print (a), b", "a print statement"),
            ("exec code", "an exec statement"),
            ("try: x\nexcept A, e: y", "except with a comma"),
            ("raise A, 'x'", "raise with a comma"),
            ("x = `y`", "backticks"),
            ("x = a <> b", "<>"),
            ("x = ur'y'", "a text with the prefix ur"),
            ("x = 0777", "a number that Python 3 writes in another way"),
            ("x = unicode(y)", "unicode"),
            ("x = unichr(9)", "unichr"),
            ("x.has_key(y)", "a method that Python 3 has dropped"),
        ] {
            let old = python_2(&format!("a = 1\n{line}\n"));
            assert_eq!(old.map(|old| old.what), Some(what), "{line}");
            assert!(old.is_some_and(|old| old.line >= 2), "{line}");
        }
    }

    #[test]
    fn python_3_is_not_taken_for_python_2() {
        for line in [
            "print('x')",
            "print",
            "print(x, y).z",
            "p = print",
            "print: int = 1",
            "exec('x')",
            "try: x\nexcept (A, B) as e: y",
            "raise A('x', 'y')",
            "x = u'y' + r'z'",
            "x = 0 + 00 + 0o7 + 0xL",
            "def f(unicode): return unicode",
            "x = 'print y <> z' # `print y`",
            "x.unicode = 1",
        ] {
            let line = line.replace("0xL", "0x1");
            assert_eq!(python_2(&format!("{line}\n")), None, "{line}");
        }
    }
}
