//! Statements that Python 3 writes in another way: print, exec, raise, except, del.

use super::NoteKind::{ByHand, Changed, Look};
use super::code::{Code, Statement};
use crate::python::tokens::TokenKind;

/// Carries all of them over.
pub(super) fn carry(code: &mut Code) {
    for statement in code.statements().into_iter().rev() {
        match code.text(statement.first).to_owned().as_str() {
            "print" => print(code, &statement),
            "exec" => exec(code, &statement),
            "raise" => raise(code, &statement),
            "except" => except(code, &statement),
            "del" => delete(code, &statement),
            _ => {}
        }
    }
}

const LOG: &str = "it is a call now, and its words go to the macro's log, never to the page";

fn print(code: &mut Code, statement: &Statement) {
    let Statement { first, end } = *statement;
    let next = code.after(first);
    if is_call(code, next, end) || code.is_operator(next, "=") || code.is_operator(next, ".") {
        return;
    }
    let mut words = next..end;
    if code.is_operator(next, ">>") {
        let target = code
            .split_at_commas(next + 1..end)
            .into_iter()
            .next()
            .unwrap_or(next..next);
        let name = code.source_of(target.clone());
        if name != "sys.stderr" && name != "sys.stdout" {
            let what = format!("print >>{name} writes into an object");
            return code.note(
                ByHand,
                first,
                what,
                "collect the pieces in a list and return ''.join(pieces)",
            );
        }
        words = code.trimmed(code.after(target.end.saturating_sub(1)).saturating_add(1)..end);
    }
    let mut said = code.source_of(words.start.min(end)..end);
    if said.ends_with(',') {
        said.pop();
        said.push_str(", end=' '");
    }
    code.note(Changed, first, "print statement", LOG);
    code.replace(first..end, &format!("print({said})"));
}

/// Whether brackets hold all that follows the word.
pub(super) fn is_call(code: &Code, open: usize, end: usize) -> bool {
    code.is_operator(open, "(") && code.closing(open).is_some_and(|close| close + 1 == end)
}

fn exec(code: &mut Code, statement: &Statement) {
    let Statement { first, end } = *statement;
    let next = code.after(first);
    if is_call(code, next, end) {
        return;
    }
    let mut depth = 0_isize;
    let mut parts = code.source_of(next..end);
    for place in next..end {
        depth += isize::from(code.is_operator(place, "(")) - isize::from(code.is_operator(place, ")"));
        if depth == 0 && code.is_name(place, "in") {
            let program = code.source_of(code.trimmed(next..place));
            parts = format!("{program}, {}", code.source_of(code.after(place)..end));
        }
    }
    code.note(Changed, first, "exec statement", "it is a call now");
    code.replace(first..end, &format!("exec({parts})"));
}

fn raise(code: &mut Code, statement: &Statement) {
    let Statement { first, end } = *statement;
    let next = code.after(first);
    if next >= end {
        return;
    }
    let parts = code.split_at_commas(next..end);
    let raised = match parts.as_slice() {
        [one] if code.kind(one.start) == TokenKind::Text => {
            code.note(
                Changed,
                first,
                "a text is raised",
                "an Exception with that text is raised instead",
            );
            format!("raise Exception({})", code.source_of(one.clone()))
        }
        [class, value, ..] => {
            code.note(
                Changed,
                first,
                "raise with a comma",
                "the exception is called with its text",
            );
            let (class, value) = (code.source_of(class.clone()), code.source_of(value.clone()));
            match value.starts_with('(') && value.ends_with(')') {
                true => format!("raise {class}{value}"),
                false => format!("raise {class}({value})"),
            }
        }
        _ => return,
    };
    code.replace(first..end, &raised);
}

fn except(code: &mut Code, statement: &Statement) {
    let Statement { first, end } = *statement;
    let parts = code.split_at_commas(code.after(first).min(end)..end);
    let [classes, name] = parts.as_slice() else { return };
    if code.kind(name.start) != TokenKind::Name || name.len() != 1 {
        let what = "except unpacks the exception";
        return code.note(
            ByHand,
            first,
            what,
            "write `except X as e:` and take the parts from e.args",
        );
    }
    let (classes, name) = (code.source_of(classes.clone()), code.source_of(name.clone()));
    code.note(
        Changed,
        first,
        "except with a comma",
        "the exception is named with `as`",
    );
    code.replace(first..end, &format!("except {classes} as {name}"));
}

/// There is no `del` here; what it takes out can be taken out in other ways.
fn delete(code: &mut Code, statement: &Statement) {
    let Statement { first, end } = *statement;
    let target = code.after(first);
    let last = code.trimmed(target.min(end)..end).end.saturating_sub(1);
    let is_one = code.split_at_commas(target.min(end)..end).len() == 1;
    let open = code
        .opening(last)
        .filter(|_| is_one && code.is_operator(last, "]"));
    let instead = match open {
        Some(open) if code.value_start(last) == target && open > target => {
            let (object, key) = (code.source_of(target..open), code.source_of(open + 1..last));
            match is_slice(code, open, last) {
                true => format!("{object}[{key}] = []"),
                false => format!("{object}.pop({key})"),
            }
        }
        _ if is_one && last == target && code.kind(last) == TokenKind::Name => {
            return forget(code, statement, last);
        }
        _ => {
            let instead = "take elements out with pop, one statement each, and set names to None";
            return code.note(ByHand, first, "there is no del statement here", instead);
        }
    };
    code.note(
        Changed,
        first,
        "there is no del statement here",
        &format!("`{instead}` does it"),
    );
    code.replace(first..end, &instead);
}

/// The name stays, so whatever asks whether it is there gets another answer.
fn forget(code: &mut Code, statement: &Statement, name: usize) {
    let instead = format!("{} = None", code.text(name));
    let words = format!("`{instead}` stands there now; the name stays, and is None");
    code.note(Look, statement.first, "there is no del statement here", &words);
    code.replace(statement.first..statement.end, &instead);
}

fn is_slice(code: &Code, open: usize, close: usize) -> bool {
    let mut depth = 0_usize;
    for place in open + 1..close {
        match code.text(place) {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => depth = depth.saturating_sub(1),
            ":" if depth == 0 => return true,
            _ => {}
        }
    }
    false
}
