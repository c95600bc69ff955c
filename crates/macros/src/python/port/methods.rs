//! Methods that Python 3 has dropped or changed: has_key, iteritems, next, encode, what was a list.

use std::collections::HashSet;
use std::ops::Range;

use super::NoteKind::{ByHand, Changed};
use super::code::Code;
use crate::python::tokens::TokenKind;

/// What gives a view or an iterator where it gave a list.
const LISTS_OF_DICTS: &[&str] = &["keys", "values", "items"];
const LISTS_OF_FUNCTIONS: &[&str] = &["map", "filter", "zip", "range"];

/// What wants bytes: there `encode` stays.
const BYTES_WANTED: &[&str] = &["hashlib", "base64", "binascii", "md5", "sha"];

/// Carries all of them over.
pub(super) fn carry(code: &mut Code) {
    let caught = caught_names(code);
    for place in code.backwards() {
        if code.kind(place) != TokenKind::Name {
            continue;
        }
        let name = code.text(place).to_owned();
        match (name.as_str(), code.is_attribute(place)) {
            ("has_key", true) => has_key(code, place),
            ("iteritems" | "iterkeys" | "itervalues" | "viewitems" | "viewkeys" | "viewvalues", true) => {
                let new = name.trim_start_matches("iter").trim_start_matches("view");
                code.note(
                    Changed,
                    place,
                    format!(".{name}()"),
                    &format!("it is .{new}() now"),
                );
                code.set(place, new);
            }
            ("next", true) => next(code, place),
            ("encode" | "decode", true) => recode(code, place, &name),
            ("sort", true) | ("sorted", false) => sort(code, place),
            ("message", true) => message(code, place, &caught),
            ("__nonzero__" | "__unicode__" | "__div__", false) => special(code, place, &name),
            (name, true) if LISTS_OF_DICTS.contains(&name) => list(code, place),
            (name, false) if LISTS_OF_FUNCTIONS.contains(&name) => list(code, place),
            _ => {}
        }
    }
}

/// The place of the value that a method belongs to, and of its brackets.
struct Call {
    object: Range<usize>,
    open: usize,
    close: usize,
}

fn call(code: &Code, method: usize) -> Option<Call> {
    let dot = code.before(method)?;
    let last = code.before(dot)?;
    let open = code.after(method);
    let close = code.closing(open).filter(|_| code.is_operator(open, "("))?;
    Some(Call {
        object: code.value_start(last)..last + 1,
        open,
        close,
    })
}

fn has_key(code: &mut Code, method: usize) {
    let Some(Call { object, open, close }) = call(code, method) else {
        return code.note(ByHand, method, ".has_key", "write `key in dict`");
    };
    let key = code.source_of(code.trimmed(open + 1..close));
    let key = if is_simple(code, open + 1..close) {
        key
    } else {
        format!("({key})")
    };
    let dict = code.source_of(object.clone());
    let not = code
        .before(object.start)
        .filter(|before| code.is_name(*before, "not"));
    let (start, word) = not.map_or((object.start, "in"), |not| (not, "not in"));
    let test = format!("{key} {word} {dict}");
    let test = if stands_alone(code, start, close) {
        test
    } else {
        format!("({test})")
    };
    code.note(Changed, method, ".has_key(k)", "it is written `k in d` now");
    code.replace(start..close + 1, &test);
}

/// Whether a piece can stand before `in` without brackets.
fn is_simple(code: &Code, places: Range<usize>) -> bool {
    let mut depth = 0_usize;
    places.into_iter().all(|place| {
        match code.text(place) {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => depth = depth.saturating_sub(1),
            _ => {}
        }
        let loose = [
            "and", "or", "not", "if", "lambda", "in", "is", "<", ">", "==", "!=", "<=", ">=", ",",
        ];
        depth > 0 || !loose.contains(&code.text(place))
    })
}

/// Whether a test between these places needs no brackets of its own.
fn stands_alone(code: &Code, first: usize, last: usize) -> bool {
    let before = code.before(first).map_or("\n", |before| code.text(before));
    let after = code.after(last);
    let opens = [
        "if", "elif", "while", "and", "or", "return", "(", "=", ",", ":", "[", "\n", "\r\n", "not", "else",
    ];
    let closes = [
        ":", "and", "or", ")", ",", "]", "", "\n", "\r\n", "if", "else", ";",
    ];
    opens.contains(&before) && closes.contains(&code.text(after))
}

fn next(code: &mut Code, method: usize) {
    let Some(Call { object, open, close }) = call(code, method) else {
        return;
    };
    if code.after(open) != close {
        return;
    }
    let object_text = code.source_of(object.clone());
    code.note(Changed, method, ".next()", "it is written next(…) now");
    code.replace(object.start..close + 1, &format!("next({object_text})"));
}

/// Text was encoded and decoded all the time; here all of it is Unicode.
fn recode(code: &mut Code, method: usize, name: &str) {
    let Some(Call { object, close, .. }) = call(code, method) else {
        return;
    };
    let before = code
        .before(object.start)
        .filter(|before| code.is_operator(*before, "("));
    let function = before.and_then(|open| code.before(open));
    let wants_bytes = function.is_some_and(|function| {
        let start = code.value_start(function);
        BYTES_WANTED.contains(&code.text(start))
    });
    if wants_bytes {
        return;
    }
    code.note(
        Changed,
        method,
        format!(".{name}(…)"),
        "all text is Unicode; it is taken out",
    );
    code.replace(object.end..close + 1, "");
}

fn sort(code: &mut Code, place: usize) {
    let open = code.after(place);
    let arguments = code
        .is_called(place)
        .then(|| code.arguments(open))
        .flatten()
        .unwrap_or_default();
    let is_named = |places: &Range<usize>| code.is_operator(code.after(places.start), "=");
    let positional = arguments.iter().filter(|places| !is_named(places)).count();
    let has_cmp = arguments.iter().any(|places| code.is_name(places.start, "cmp"));
    let allowed = usize::from(!code.is_attribute(place));
    if has_cmp || positional > allowed {
        let what = "sorting with a function that compares two";
        code.note(
            ByHand,
            place,
            what,
            "give key=lambda x: … that makes the value to sort by",
        );
    }
}

/// `except X, e: … e.message`.
fn caught_names(code: &Code) -> HashSet<String> {
    let all = code.statements();
    let excepts = all
        .iter()
        .filter(|statement| code.is_name(statement.first, "except"));
    excepts
        .map(|statement| code.text(statement.end.saturating_sub(1)).to_owned())
        .collect()
}

fn message(code: &mut Code, place: usize, caught: &HashSet<String>) {
    let object = code.before(place).and_then(|dot| code.before(dot));
    let Some(object) = object.filter(|object| caught.contains(code.text(*object))) else {
        return;
    };
    let name = code.text(object).to_owned();
    code.note(
        Changed,
        place,
        format!("{name}.message"),
        "it is str() of the exception now",
    );
    code.replace(object..place + 1, &format!("str({name})"));
}

fn special(code: &mut Code, place: usize, name: &str) {
    let new = match name {
        "__nonzero__" => "__bool__",
        "__unicode__" => "__str__",
        _ => "__truediv__",
    };
    code.note(Changed, place, name, &format!("it is {new} now"));
    code.set(place, new);
}

/// What was a list and is used as one becomes one.
fn list(code: &mut Code, name: usize) {
    let open = code.after(name);
    let Some(close) = code.closing(open).filter(|_| code.is_operator(open, "(")) else {
        return;
    };
    let start = match code.is_attribute(name) {
        true => call(code, name).map_or(name, |call| call.object.start),
        false => name,
    };
    let before = code
        .before(start)
        .map_or("", |before| code.text(before))
        .to_owned();
    let after = code.text(code.after(close)).to_owned();
    let is_whole =
        matches!(before.as_str(), "=" | "return") && matches!(after.as_str(), "\n" | "\r\n" | "" | ";");
    let is_indexed = after == "[" || after == "." || after == "+" || before == "+";
    let of_len = before == "("
        && after == ")"
        && code
            .before(start)
            .and_then(|open| code.before(open))
            .is_some_and(|len| code.is_name(len, "len"))
        && !LISTS_OF_DICTS.contains(&code.text(name));
    if !(is_whole || is_indexed || of_len) || code.is_defined_here(name) {
        return;
    }
    let what = format!("{}(…) is no list any more", code.text(name));
    let all = code.source_of(start..close + 1);
    code.note(Changed, name, what, "list(…) makes one of it");
    code.replace(start..close + 1, &format!("list({all})"));
}
