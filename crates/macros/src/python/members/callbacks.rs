//! Functions that builtins call, `sorted(names, key=lambda name: f.text(name))`, and that ask the wiki meanwhile.
//!
//! The interpreter stops whenever the wiki is asked, and cannot stop in the midst of a builtin. A comprehension is no
//! builtin. `functools.reduce` is none, either. Start reading at [`Look::callbacks`].

use std::ops::Range;

use grange_macro_protocol::names::Object;

use super::kinds::Kind;
use super::{Fault, Finding, Look};
use crate::python::tokens::TokenKind;

const INSTEAD: &str = "a builtin cannot call back into the wiki; write a comprehension";

/// The argument that is called: which one by its place, or by its name.
enum Called {
    First,
    Key,
}

impl Look<'_> {
    /// All of them.
    pub(super) fn callbacks(&self) -> Vec<Finding> {
        let calls = self.code.backwards().rev();
        calls.filter_map(|place| self.callback(place)).collect()
    }

    /// The first question in the function that is given to a builtin called here.
    fn callback(&self, place: usize) -> Option<Finding> {
        let code = self.code;
        let builtin = code.text(place);
        let called = match (builtin, code.is_attribute(place)) {
            ("map" | "filter", false) => Called::First,
            ("sorted" | "max" | "min", false) | ("sort", true) => Called::Key,
            _ => return None,
        };
        let is_builtin = code.kind(place) == TokenKind::Name && code.is_called(place);
        if !is_builtin || !code.is_attribute(place) && self.kinds.is_bound(place) {
            return None;
        }
        let arguments = code.arguments(code.after(place))?;
        let function = match called {
            Called::First => arguments.first()?.clone(),
            Called::Key => {
                let mut named = arguments.into_iter();
                let is_key = |argument: &Range<usize>| {
                    code.is_name(argument.start, "key") && code.is_operator(code.after(argument.start), "=")
                };
                let key = named.find(is_key)?;
                code.after(code.after(key.start))..key.end
            }
        };
        let asks = self.question_of(&function)?;
        let what = format!("{} in a function for {builtin}", self.shown(asks));
        Some(self.finding(asks, Fault::Callback, what, INSTEAD.to_owned()))
    }

    /// Where a function asks the wiki: a lambda, one of the file's own, or a method.
    fn question_of(&self, function: &Range<usize>) -> Option<usize> {
        let code = self.code;
        if code.is_name(function.start, "lambda") {
            return function.clone().find(|place| self.asks(*place));
        }
        if function.len() > 1 {
            let last = code.before(function.end)?;
            let is_chain = code.is_attribute(last) && code.value_start(last) == function.start;
            return (is_chain && self.asks(last)).then_some(last);
        }
        let name = code.text(function.start);
        let statements = code.statements();
        let is_head = |one: usize| code.is_name(one, "def") && code.is_name(code.after(one), name);
        let mut heads = statements
            .iter()
            .enumerate()
            .filter(|(_, one)| is_head(one.first));
        let (number, head) = heads.next()?;
        if heads.next().is_some() {
            return None;
        }
        let indent = code.indent_of(head)?;
        let body = statements.get(number + 1..)?.iter();
        let body = body.take_while(|one| code.indent_of(one).is_none_or(|inner| inner > indent));
        body.flat_map(|one| one.first..one.end)
            .find(|place| self.asks(*place))
    }

    /// Whether the wiki is asked at a place. Storage is at hand once it was read.
    fn asks(&self, place: usize) -> bool {
        let code = self.code;
        if code.kind(place) != TokenKind::Name {
            return false;
        }
        if !code.is_attribute(place) {
            return code.is_called(place) && self.kinds.of(place..place + 1) == Some(Kind::PageClass);
        }
        match self.kinds.owner(place) {
            Some(Kind::Object(Object::Macro)) => ["_", "page"].contains(&code.text(place)),
            Some(Kind::Object(Object::Formatter | Object::Request | Object::Page)) => true,
            _ => false,
        }
    }

    /// `f.text` and `Page(…)`.
    fn shown(&self, place: usize) -> String {
        let code = self.code;
        let owner = code.before(place).filter(|_| code.is_attribute(place));
        let owner = owner.and_then(|dot| code.before(dot));
        match owner.filter(|owner| code.kind(*owner) == TokenKind::Name) {
            Some(owner) => format!("{}.{}", code.text(owner), code.text(place)),
            None => format!("{}(…)", code.text(place)),
        }
    }
}
