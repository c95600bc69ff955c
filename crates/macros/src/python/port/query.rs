//! The query of the address: `request.form`, `macro.form`, `request.args`, and names that stand for one of them.
//!
//! MoinMoin's forms had lists of texts, `form['x'][0]`; here the query is `request.args`, and each value is one text. What
//! a name stands for is followed as `grange macro check` follows it. Start reading at [`Queries::carry`].

use std::collections::HashSet;

use super::NoteKind::{ByHand, Changed, Look};
use super::code::{Code, Statement};
use crate::python::hints;
use crate::python::members::kinds::{Kind, Kinds};
use crate::python::tokens::TokenKind;

const ONE_TEXT: &str = "each value is one text and no list of texts";

/// What `form` of `macro` becomes.
const FORM_OF_MACRO: &str = "request.args";

/// Where the source speaks of the query, as long as it is not changed before these places.
pub(super) struct Queries {
    /// Names that stand for it, and its own attributes.
    certain: Vec<(usize, Values)>,
    /// Names that may stand for it.
    doubtful: HashSet<usize>,
}

/// What a macro in MoinMoin found in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Values {
    Lists,
    Texts,
}

impl Queries {
    pub(super) fn read(code: &Code) -> Queries {
        let kinds = Kinds::read(code);
        let maybe = names_that_may_be_queries(code, &kinds);
        let (mut certain, mut doubtful) = (Vec::new(), HashSet::new());
        for place in code
            .backwards()
            .filter(|place| code.kind(*place) == TokenKind::Name)
        {
            match values_at(code, &kinds, place) {
                Some(values) => certain.push((place, values)),
                None if maybe.contains(code.text(place)) => {
                    doubtful.insert(place);
                }
                None => {}
            }
        }
        Queries { certain, doubtful }
    }

    /// Carries over what is read of the query at a place, and tells whether the place speaks of it.
    pub(super) fn carry(&self, code: &mut Code, place: usize) -> bool {
        if let Some((_, values)) = self.certain.iter().find(|(certain, _)| *certain == place) {
            rename(code, place);
            read(code, place, *values);
            if code.text(place) == FORM_OF_MACRO {
                code.set(place, FORM_OF_MACRO);
            }
            return true;
        }
        if self.doubtful.contains(&place) && is_read_as_lists(code, place) {
            let what = format!("{} may be the query", code.text(place));
            code.note(Look, place, what, ONE_TEXT);
        }
        false
    }
}

/// What the name or attribute at a place has, if it is the query.
fn values_at(code: &Code, kinds: &Kinds<'_>, place: usize) -> Option<Values> {
    let kind = if code.is_attribute(place) {
        kinds.query(place).or_else(|| {
            let owner = kinds.owner(place)?;
            owner.attribute(code.text(place))
        })
    } else {
        // Only what is read matters.
        let next = code.after(place);
        let is_read = code.is_operator(next, "[") || code.is_operator(next, ".");
        is_read.then(|| kinds.of(place..place + 1)).flatten()
    };
    match kind? {
        Kind::Form => Some(Values::Lists),
        Kind::Query => Some(Values::Texts),
        _ => None,
    }
}

/// What is given a value in which the query stands as it is: `form = request.form or {}`, `self.form = request.form`.
fn names_that_may_be_queries(code: &Code, kinds: &Kinds<'_>) -> HashSet<String> {
    let mut names = HashSet::new();
    for statement in code.statements() {
        let Some(query) = query_as_it_is(code, kinds, &statement) else {
            continue;
        };
        let targets = hints::assigned(code, &statement).filter(|place| *place < query);
        let targets = targets.filter(|place| code.kind(*place) == TokenKind::Name);
        let last_names = targets.filter(|place| !code.is_operator(code.after(*place), "."));
        names.extend(last_names.map(|place| code.text(place).to_owned()));
    }
    names
}

fn query_as_it_is(code: &Code, kinds: &Kinds<'_>, statement: &Statement) -> Option<usize> {
    (statement.first..statement.end).find(|place| {
        let next = code.after(*place);
        let is_used = [".", "[", "(", "="]
            .iter()
            .any(|sign| code.is_operator(next, sign));
        let is_form = code.is_name(*place, "form") && code.is_attribute(*place);
        !is_used && (is_form || kinds.query(*place).is_some())
    })
}

fn is_read_as_lists(code: &Code, place: usize) -> bool {
    let method = code.after(code.after(place));
    let index = closing_of_read(code, place).map(|close| code.after(close));
    code.is_name(method, "getlist") || index.is_some_and(|index| code.is_operator(index, "["))
}

/// The bracket that closes `form['x']` and `form.get('x')`.
fn closing_of_read(code: &Code, place: usize) -> Option<usize> {
    let next = code.after(place);
    match code.text(next) {
        "[" => code.closing(next),
        "." if code.is_name(code.after(next), "get") => code.closing(code.after(code.after(next))),
        _ => None,
    }
}

/// What is read of the query at a place: its values are texts and no lists of texts.
fn read(code: &mut Code, place: usize, values: Values) {
    let method = code.after(code.after(place));
    match code.text(method) {
        "getlist" if code.is_called(method) => return list(code, place, method),
        "items" | "values" if values == Values::Lists && code.is_called(method) => {
            let what = format!(".{}()", code.text(method));
            return code.note(Look, place, what, ONE_TEXT);
        }
        _ => {}
    }
    let Some(close) = closing_of_read(code, place) else {
        return;
    };
    let open = code.after(close);
    let index = code.closing(open).filter(|_| code.is_operator(open, "["));
    let has_lists = values == Values::Lists || list_by_default(code, close).is_some();
    match index {
        Some(end) if has_lists && code.source_of(open..end + 1) == "[0]" => {
            let what = "the first of a list of values";
            code.note(Changed, place, what, "each value is one text");
            code.replace(open..end + 1, "");
            default_is_text(code, close);
        }
        Some(end) => {
            let what = format!("{} behind a value of the query", code.source_of(open..end + 1));
            code.note(Look, place, what, "it takes letters: each value is one text");
        }
        None if list_by_default(code, close).is_some() => {
            code.note(Look, place, "a list as the default", ONE_TEXT);
        }
        None => {}
    }
}

/// `form.getlist(key)`: with one text for each name, it has one entry or none.
fn list(code: &mut Code, place: usize, method: usize) {
    let open = code.after(method);
    let (Some(arguments), Some(close)) = (code.arguments(open), code.closing(open)) else {
        return;
    };
    let [key] = arguments.as_slice() else {
        let instead = "request.args.get(name) gives one text";
        return code.note(ByHand, place, "getlist with several arguments", instead);
    };
    let key = code.source_of(key.clone());
    let start = code.value_start(place);
    let query = code.source_of(start..place + 1);
    code.note(Changed, place, "getlist", "each value is one text");
    let new = format!("[value for value in [{query}.get({key})] if value is not None]");
    code.replace(start..close + 1, &new);
}

/// The list that stands as the default: `.get('x', [''])`.
fn list_by_default(code: &Code, close: usize) -> Option<(usize, usize)> {
    let last = code.before(close).filter(|last| code.is_operator(*last, "]"))?;
    let open = code.opening(last)?;
    let comma = code.before(open)?;
    code.is_operator(comma, ",").then_some((open, last))
}

/// `.get('x', [''])` becomes `.get('x', '')`.
fn default_is_text(code: &mut Code, close: usize) {
    if let Some((open, last)) = list_by_default(code, close) {
        let inner = code.source_of(open + 1..last);
        code.replace(open..last + 1, &inner);
    }
}

/// `request.form` is `request.args` here, and `macro.form` stands there, too.
fn rename(code: &mut Code, place: usize) {
    let dot = code.before(place).filter(|dot| code.is_operator(*dot, "."));
    let Some(owner) = dot.and_then(|dot| code.before(dot)) else {
        return;
    };
    if !code.is_name(place, "form") {
        return;
    }
    let owner = code.text(owner).to_owned();
    let what = format!("{owner}.form");
    code.note(Changed, place, what, "the query is request.args");
    // One token for another, so that what is read of it stays where it is.
    let new = if owner == "macro" { FORM_OF_MACRO } else { "args" };
    code.rewrite(place, new.to_owned());
}
