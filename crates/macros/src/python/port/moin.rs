//! MoinMoin's own modules and objects: what is there under the same name, and what is not.
//!
//! What a macro gets here carries MoinMoin's names, so most of it stays as it is. Start reading at [`carry`].

use std::ops::Range;

use grange_macro_protocol::names::Object;

use super::Note;
use super::NoteKind::{ByHand, Changed, Look};
use super::code::{Code, Statement};
use super::query::Queries;
use crate::python::members::{self, Fault};
use crate::python::moin_names::{self, IMPORTABLE};
use crate::python::tokens::TokenKind;

/// Elements that are taken out of what a macro returns.
const UNSAFE: &[(&str, &str)] = &[
    ("<script", "pages have no scripts of macros; do it in Python"),
    (
        "<iframe",
        "link to it: formatter.url(1, address) + … + formatter.url(0)",
    ),
    (
        "<object",
        "link to it: formatter.url(1, address) + … + formatter.url(0)",
    ),
    (
        "<embed",
        "link to it: formatter.url(1, address) + … + formatter.url(0)",
    ),
    ("<form", "offer links with a query; request.args reads it"),
    ("<input", "offer links with a query; request.args reads it"),
    (
        "<style",
        "take the wiki's own classes: formatter.div(1, css_class='…')",
    ),
    ("onclick=", "pages have no scripts of macros; do it in Python"),
    ("javascript:", "pages have no scripts of macros; do it in Python"),
];

/// Carries over what can be, and reports the rest.
pub(super) fn carry(code: &mut Code) {
    let imports = imports(code);
    let is_imported = |place: usize| imports.iter().any(|places| places.contains(&place));
    let queries = Queries::read(code);
    for place in code.backwards() {
        match code.kind(place) {
            TokenKind::Name if queries.carry(code, place) => {}
            TokenKind::Name if code.is_attribute(place) && !is_imported(place) => attribute(code, place),
            TokenKind::Text => text(code, place),
            _ => {}
        }
    }
    members(code);
    for statement in code.statements().into_iter().rev() {
        if code.is_name(statement.first, "from") {
            import(code, &statement);
        }
    }
}

/// Import statements: the names in them are those of modules. Nothing before a place moves when it is changed, and
/// places are gone through from the end.
fn imports(code: &Code) -> Vec<Range<usize>> {
    let statements = code.statements().into_iter();
    let imports = statements.filter(|one| ["from", "import"].contains(&code.text(one.first)));
    imports.map(|one| one.first..one.end).collect()
}

/// What `grange macro check` would find, so that nobody has to come back.
fn members(code: &mut Code) {
    for finding in members::of_code(code) {
        let (kind, what) = match finding.fault {
            Fault::Missing => (ByHand, finding.what),
            Fault::NoEffect => (Look, format!("{} has no effect here", finding.what)),
            Fault::Callback => (ByHand, finding.what),
            // Imports are gone through by themselves: those that nothing needs any more are taken out.
            Fault::NoModule => continue,
        };
        code.notes.push(Note {
            line: finding.line,
            kind,
            what,
            instead: finding.instead,
        });
    }
}

/// The object that MoinMoin's macros call by a name.
fn by_name(owner: &str) -> Option<Object> {
    match owner {
        "macro" => Some(Object::Macro),
        "request" | "req" => Some(Object::Request),
        "formatter" => Some(Object::Formatter),
        "wikiutil" => Some(Object::Wikiutil),
        _ => None,
    }
}

fn attribute(code: &mut Code, place: usize) {
    let name = code.text(place).to_owned();
    let owner = code.before(place).and_then(|dot| code.before(dot));
    let owner = owner.map_or("", |owner| code.text(owner)).to_owned();
    if name == "getPageList" {
        return page_list(code, place);
    }
    let missing = by_name(&owner).filter(|object| !object.has(&name) && !name.starts_with("__"));
    let instead = missing.map(|object| members::instead(object, &name));
    let wherever = || moin_names::instead_wherever(&name).map(str::to_owned);
    if let Some(instead) = instead.or_else(wherever) {
        let is_name = owner.starts_with(|c: char| c.is_alphabetic() || c == '_');
        let whole = if is_name { format!("{owner}.{name}") } else { name };
        code.note(ByHand, place, whole, &instead);
    }
}

/// It takes no arguments: the names are those that the visitor may read.
fn page_list(code: &mut Code, place: usize) {
    let open = code.after(place);
    let Some(arguments) = code.arguments(open).filter(|_| code.is_operator(open, "(")) else {
        return;
    };
    let (Some(close), Some(dot)) = (code.closing(open), code.before(place)) else {
        return;
    };
    if arguments.is_empty() {
        return;
    }
    let start = code.before(dot).map_or(dot, |last| code.value_start(last));
    let owner = code.source_of(start..dot);
    let written: Vec<String> = arguments
        .into_iter()
        .map(|places| code.source_of(places))
        .collect();
    let filter = written.iter().find_map(|argument| {
        let (name, value) = argument.split_once('=')?;
        (name.trim() == "filter" && !value.starts_with('=')).then(|| value.trim().to_owned())
    });
    let all = format!("{owner}.getPageList()");
    let new = match filter {
        Some(filter) => filtered(&filter, &all),
        None => all,
    };
    let instead = "it takes none and gives the names that the visitor may read";
    code.note(Changed, place, "getPageList with arguments", instead);
    code.replace(start..close + 1, &new);
}

/// A comprehension, because a builtin's function cannot ask what the visitor may do.
fn filtered(filter: &str, all: &str) -> String {
    let is_name = |text: &str| text.chars().all(|c| c.is_alphanumeric() || c == '_');
    let lambda = filter
        .strip_prefix("lambda ")
        .and_then(|rest| rest.split_once(':'));
    match lambda.map(|(name, condition)| (name.trim(), condition.trim())) {
        Some((name, condition)) if is_name(name) => {
            let is_plain = !condition.contains(" if ") && !condition.contains("lambda");
            let condition = if is_plain {
                condition.to_owned()
            } else {
                format!("({condition})")
            };
            format!("[{name} for {name} in {all} if {condition}]")
        }
        _ => {
            let function = if is_name(filter) {
                filter.to_owned()
            } else {
                format!("({filter})")
            };
            let name = if filter.contains("name") {
                "page_name"
            } else {
                "name"
            };
            format!("[{name} for {name} in {all} if {function}({name})]")
        }
    }
}

fn text(code: &mut Code, place: usize) {
    let written = code.text(place).to_lowercase();
    let found = UNSAFE.iter().find(|(element, _)| written.contains(element));
    if let Some((element, instead)) = found {
        let what = format!("{element} is taken out of what a macro returns");
        code.note(ByHand, place, what, instead);
    }
}

/// `from MoinMoin import a, b` and `from MoinMoin.a import b`.
fn import(code: &mut Code, statement: &Statement) {
    let import = (statement.first..statement.end).find(|place| code.is_name(*place, "import"));
    let Some(import) = import else { return };
    let module = code.source_of(code.trimmed(statement.first + 1..import));
    let list = code.source_of(code.trimmed(import + 1..statement.end));
    match module.split('.').nth(1) {
        None if module == "MoinMoin" => several(code, statement, &list),
        Some(inner) if module.starts_with("MoinMoin.") && !IMPORTABLE.contains(&inner) => {
            let names = list.trim_matches(['(', ')']).split(',').map(str::trim);
            for name in names {
                let known = moin_names::module(name).is_some();
                report(code, statement, if known { name } else { inner }, name);
            }
        }
        _ => {}
    }
}

fn several(code: &mut Code, statement: &Statement, list: &str) {
    let names = list.trim_matches(['(', ')']).split(',').map(str::trim);
    let mut kept = Vec::new();
    let mut has_gone = false;
    for name in names.filter(|name| !name.is_empty()) {
        match is_used(code, name) || IMPORTABLE.contains(&name) {
            true => kept.push(name),
            false => has_gone = true,
        }
    }
    for name in kept.iter().filter(|name| !IMPORTABLE.contains(*name)) {
        report(code, statement, name, name);
    }
    if has_gone {
        code.note(
            Changed,
            statement.first,
            "from MoinMoin import …",
            "what is not used (any more) is taken out",
        );
        match kept.is_empty() {
            true => code.take_out(statement),
            false => {
                let new = format!("from MoinMoin import {}", kept.join(", "));
                code.replace(statement.first..statement.end, &new);
            }
        }
    }
}

fn is_used(code: &Code, name: &str) -> bool {
    let name = name.rsplit(" as ").next().unwrap_or(name);
    code.backwards().any(|place| {
        let next = code.after(place);
        let is_read = code.is_operator(next, ".") || code.is_operator(next, "(");
        code.is_name(place, name) && !code.is_attribute(place) && is_read
    })
}

/// Tells of the import and of each use of what it would bring.
fn report(code: &mut Code, statement: &Statement, module: &str, bound: &str) {
    let instead = moin_names::module(module).unwrap_or(moin_names::WITHOUT_A_MODULE);
    code.note(
        ByHand,
        statement.first,
        format!("MoinMoin's {module} is not there"),
        instead,
    );
    let bound = bound.rsplit(" as ").next().unwrap_or(bound);
    for place in code
        .backwards()
        .filter(|place| !(statement.first..statement.end).contains(place))
    {
        let name = code.after(code.after(place));
        if code.is_name(place, bound) && !code.is_attribute(place) && code.is_operator(code.after(place), ".")
        {
            code.note(ByHand, place, format!("{bound}.{}", code.text(name)), instead);
        }
    }
}
