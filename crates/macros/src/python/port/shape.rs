//! What the interpreter does not have: base classes, generators, decorated methods, unpacking parameters.
//!
//! None of it can be rewritten by a machine without a guess, so it is reported with a way out.

use super::NoteKind::{ByHand, Changed, Look};
use super::code::{Code, Statement};
use crate::python::tokens::TokenKind;

/// Reports all of it; what is empty anyway, `class X(object)`, is carried over.
pub(super) fn carry(code: &mut Code) {
    let mut class_indent: Option<usize> = None;
    let mut changes = Vec::new();
    for statement in code.statements() {
        let indent = code.indent_of(&statement);
        if let (Some(indent), Some(class)) = (indent, class_indent)
            && indent <= class
        {
            class_indent = None;
        }
        match code.text(statement.first) {
            "class" => {
                class_indent = indent;
                changes.push(statement);
            }
            "@" if class_indent.is_some() => {
                let instead = "make it a function beside the class";
                code.note(ByHand, statement.first, "a decorated method", instead);
            }
            "def" => unpacked(code, code.after(code.after(statement.first)), statement.end),
            "global" => {
                let instead = "what is to last belongs in macro.storage or in the session";
                code.note(
                    Look,
                    statement.first,
                    "a global does not last from call to call",
                    instead,
                );
            }
            _ => {}
        }
    }
    for place in code.backwards() {
        if code.is_name(place, "yield") {
            code.note(
                ByHand,
                place,
                "there is no yield here",
                "put the values into a list and return it",
            );
        } else if code.is_name(place, "lambda") {
            unpacking_lambda(code, place);
        }
    }
    for statement in changes.into_iter().rev() {
        class(code, &statement);
    }
}

fn class(code: &mut Code, statement: &Statement) {
    let open = code.after(code.after(statement.first));
    let bases = code.arguments(open).filter(|_| code.is_operator(open, "("));
    let Some(bases) = bases else { return };
    let is_plain = bases.iter().all(|base| code.source_of(base.clone()) == "object");
    if is_plain {
        code.note(
            Changed,
            statement.first,
            "class with (object)",
            "all classes are new ones; the brackets go",
        );
        return code.replace(open..statement.end, "");
    }
    let names: Vec<String> = bases.into_iter().map(|base| code.source_of(base)).collect();
    let instead = match names
        .iter()
        .any(|name| name.ends_with("Exception") || name.ends_with("Error"))
    {
        true => "raise ValueError or RuntimeError with words of your own",
        false => "put the functions of the base class into this one",
    };
    let what = format!("there are no base classes here: {}", names.join(", "));
    code.note(ByHand, statement.first, what, instead);
}

const UNPACK: &str = "take one parameter and unpack it in the first line: a, b = pair";

fn unpacked(code: &mut Code, open: usize, end: usize) {
    let parameters = code.arguments(open).unwrap_or_default();
    let first = parameters.iter().map(|parameter| parameter.start);
    let found = first
        .filter(|place| *place < end)
        .find(|place| code.is_operator(*place, "("));
    if let Some(place) = found {
        code.note(ByHand, place, "a parameter that unpacks", UNPACK);
    }
}

/// `lambda (a, b): x` becomes `lambda pair: (lambda a, b: x)(*pair)`.
fn unpacking_lambda(code: &mut Code, lambda: usize) {
    let open = code.after(lambda);
    let Some(close) = code.closing(open).filter(|_| code.is_operator(open, "(")) else {
        return;
    };
    let colon = code.after(close);
    let names = code.source_of(open + 1..close);
    if !code.is_operator(colon, ":") || names.contains('(') {
        return code.note(ByHand, lambda, "a parameter that unpacks", UNPACK);
    }
    let end = end_of_lambda(code, colon);
    let body = code.source_of(code.trimmed(colon + 1..end));
    code.note(
        Changed,
        lambda,
        "a parameter that unpacks",
        "an inner lambda unpacks it with *",
    );
    code.replace(
        lambda..end,
        &format!(
            "lambda pair: (lambda {}: {body})(*pair)",
            names.trim_end_matches(',')
        ),
    );
}

/// It ends at a comma or a bracket that is none of its own.
fn end_of_lambda(code: &Code, colon: usize) -> usize {
    let mut depth = 0_isize;
    let mut place = colon + 1;
    while let Some(token) = code.token(place) {
        match token.text.as_str() {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => depth -= 1,
            _ => {}
        }
        let ends = token.kind == TokenKind::Newline
            || depth == 0 && (token.is_operator(",") || token.is_operator(";"));
        if depth < 0 || ends {
            return place;
        }
        place += 1;
    }
    place
}
