//! Names that Python 3 has dropped or given to others: unicode, xrange, reduce, …

use std::collections::HashSet;

use super::NoteKind::{ByHand, Changed};
use super::code::Code;
use crate::python::tokens::TokenKind;

/// What has another name now.
pub(super) const RENAMED: &[(&str, &str)] = &[
    ("basestring", "str"),
    ("long", "int"),
    ("unichr", "chr"),
    ("unicode", "str"),
    ("xrange", "range"),
    ("izip", "zip"),
    ("imap", "map"),
    ("ifilter", "filter"),
];

/// What is gone.
const GONE: &[(&str, &str)] = &[
    ("apply", "call f(*args, **kwargs)"),
    ("buffer", "take the text itself"),
    ("coerce", "convert with int() or float()"),
    (
        "execfile",
        "put what is shared into a helper _name.py beside the macro and import it",
    ),
    ("file", "files are out of reach; keep the text on a wiki page"),
    ("input", "nobody types here; take the arguments or request.args"),
    ("open", "files are out of reach; keep the text on a wiki page"),
    (
        "raw_input",
        "nobody types here; take the arguments or request.args",
    ),
    ("reload", "a saved file is read again by itself"),
    (
        "super",
        "there are no base classes here; call the function itself",
    ),
];

/// What `types` called the built-in types.
const TYPES: &[(&str, &str)] = &[
    ("BooleanType", "bool"),
    ("DictType", "dict"),
    ("FloatType", "float"),
    ("IntType", "int"),
    ("ListType", "list"),
    ("LongType", "int"),
    ("StringType", "str"),
    ("StringTypes", "str"),
    ("TupleType", "tuple"),
    ("UnicodeType", "str"),
];

/// Carries all of them over.
pub(super) fn carry(code: &mut Code) {
    let own = defined_names(code);
    for place in code.backwards() {
        if code.kind(place) != TokenKind::Name || code.is_attribute(place) {
            continue;
        }
        let name = code.text(place).to_owned();
        let is_keyword_argument = code.is_defined_here(place);
        if own.contains(&name) || is_keyword_argument {
            continue;
        }
        match name.as_str() {
            "types" => of_types(code, place),
            "itertools" => of_itertools(code, place),
            "reduce" if code.is_called(place) => reduce(code, place),
            "cmp" if code.is_called(place) => cmp(code, place),
            "__metaclass__" | "__slots__" => {
                code.note(ByHand, place, name, "classes are plain here; leave it out");
            }
            _ => by_table(code, place, &name),
        }
    }
}

/// What the file itself gives a meaning to: a parameter `file`, a variable `input`.
pub(super) fn defined_names(code: &Code) -> HashSet<String> {
    let is_bound = |place: &usize| {
        let is_name = code.kind(*place) == TokenKind::Name && !code.is_attribute(*place);
        let of_for = code
            .before(*place)
            .is_some_and(|before| code.is_name(before, "for"));
        is_name && (of_for || code.is_defined_here(*place) && !is_in_call(code, *place))
    };
    let mut names: HashSet<String> = code
        .backwards()
        .filter(is_bound)
        .map(|place| code.text(place).to_owned())
        .collect();
    for statement in code.statements() {
        if !code.is_name(statement.first, "def") {
            continue;
        }
        let open = code.after(code.after(statement.first));
        for parameter in code.arguments(open).unwrap_or_default() {
            names.insert(code.text(parameter.start).to_owned());
        }
    }
    names
}

/// Whether `name=` stands in a call's brackets: there it names somebody else's parameter.
fn is_in_call(code: &Code, place: usize) -> bool {
    let before = code.before(place);
    before.is_some_and(|before| code.is_operator(before, "(") || code.is_operator(before, ","))
}

fn by_table(code: &mut Code, place: usize, name: &str) {
    if let Some((_, new)) = RENAMED.iter().find(|(old, _)| *old == name) {
        code.note(Changed, place, name, &format!("it is {new} now"));
        if name == "unicode" {
            drop_encoding(code, place);
        }
        code.set(place, new);
    } else if let Some((_, instead)) = GONE.iter().find(|(old, _)| *old == name && code.is_called(place)) {
        code.note(ByHand, place, format!("{name}(…)"), instead);
    }
}

/// `unicode(x, 'utf-8', 'replace')`: what is text already is not decoded.
fn drop_encoding(code: &mut Code, place: usize) {
    let open = code.after(place);
    let arguments = code.is_called(place).then(|| code.arguments(open)).flatten();
    if let (Some([text, _, ..]), Some(close)) = (arguments.as_deref(), code.closing(open)) {
        code.replace(text.end..close, "");
    }
}

fn of_types(code: &mut Code, place: usize) {
    let name = code.after(code.after(place));
    let text = code.text(name).to_owned();
    if let Some((_, new)) = TYPES.iter().find(|(old, _)| *old == text) {
        code.note(Changed, place, format!("types.{text}"), &format!("it is {new}"));
        code.replace(place..name + 1, new);
    }
}

fn of_itertools(code: &mut Code, place: usize) {
    let name = code.after(code.after(place));
    let text = code.text(name).to_owned();
    let renamed = RENAMED
        .iter()
        .find(|(old, _)| *old == text && text.starts_with('i'));
    if let Some((_, new)) = renamed {
        code.note(
            Changed,
            place,
            format!("itertools.{text}"),
            &format!("it is {new} now"),
        );
        code.replace(place..name + 1, new);
    }
}

fn reduce(code: &mut Code, place: usize) {
    code.note(Changed, place, "reduce", "it is functools.reduce now");
    code.imports.insert("functools");
    code.set(place, "functools.reduce");
}

fn cmp(code: &mut Code, place: usize) {
    code.note(
        ByHand,
        place,
        "cmp(a, b)",
        "sort with key=…, or write (a > b) - (a < b)",
    );
}
