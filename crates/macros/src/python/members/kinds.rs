//! Which of the objects that a macro is given stands behind a name or a chain of names, as far as its source shows.
//!
//! `f = macro.formatter`, `request = page.request`, a parameter that every call in the file gives the same thing: such
//! names are followed. Whatever is bound in another way, or in two ways, is not known, and nothing is said about it.
//! Both Pythons are read. Start reading at [`Kinds::of`].

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::ops::Range;

use grange_macro_protocol::names::Object;

use super::scopes::{Bound, Function, Scopes};
use crate::python::port::code::Code;
use crate::python::tokens::TokenKind;

/// What a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::python) enum Kind {
    /// One of the objects.
    Object(Object),
    /// The package `MoinMoin`.
    Package,
    /// The module `MoinMoin.Page`.
    PageModule,
    /// The class `Page`.
    PageClass,
    /// The query: `request.args`.
    Query,
    /// The same as MoinMoin's form, whose values are lists.
    Form,
}

impl Kind {
    /// What is read from it under a name.
    pub(in crate::python) fn attribute(self, name: &str) -> Option<Kind> {
        match (self, name) {
            (Kind::Object(Object::Request | Object::Macro), "form") => Some(Kind::Form),
            (Kind::Object(Object::Request), "args" | "values") => Some(Kind::Query),
            (Kind::Object(object), _) => object.leads_to(name).map(Kind::Object),
            (Kind::Package, "wikiutil") => Some(Kind::Object(Object::Wikiutil)),
            (Kind::Package, "Page") => Some(Kind::PageModule),
            (Kind::PageModule, "Page") => Some(Kind::PageClass),
            _ => None,
        }
    }

    /// What a call of it gives back.
    fn called(self) -> Option<Kind> {
        (self == Kind::PageClass).then_some(Kind::Object(Object::Page))
    }

    /// What a call of a method gives back.
    fn method(self, name: &str) -> Option<Kind> {
        match (self, name) {
            (Kind::Object(Object::Page), "getParentPage") => Some(self),
            _ => self.attribute(name).and_then(Kind::called),
        }
    }
}

/// A guess. Several of them about one name have to agree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Guess {
    Known(Kind),
    Unknown,
    /// The name is made from itself, which says nothing.
    Circular,
}

impl Guess {
    fn of(kind: Option<Kind>) -> Guess {
        kind.map_or(Guess::Unknown, Guess::Known)
    }

    /// What all of them agree on.
    fn agreed(guesses: impl IntoIterator<Item = Guess>) -> Guess {
        let mut agreed = Guess::Circular;
        for guess in guesses {
            agreed = match (agreed, guess) {
                (Guess::Circular, guess) => guess,
                (agreed, Guess::Circular) => agreed,
                (agreed, guess) if agreed == guess => agreed,
                _ => return Guess::Unknown,
            };
        }
        agreed
    }
}

/// Names that are being looked up, each with its scope.
type Open = Vec<(usize, String)>;

/// How far names are followed from one to the next.
const DEEPEST: usize = 20;

/// A source, and what its names are bound to.
pub(in crate::python) struct Kinds<'c> {
    code: &'c Code,
    scopes: Scopes,
    /// What names turned out to be, by scope and name.
    known: RefCell<HashMap<(usize, String), Guess>>,
    /// How often a name was found to be made from itself.
    circles: Cell<usize>,
    /// How many more names are looked up.
    left: Cell<usize>,
}

/// No file of people has so many names that are made from each other.
const MOST_LOOKUPS: usize = 20_000;

impl<'c> Kinds<'c> {
    pub(in crate::python) fn read(code: &'c Code) -> Kinds<'c> {
        Kinds {
            scopes: Scopes::read(code),
            known: RefCell::default(),
            circles: Cell::new(0),
            left: Cell::new(MOST_LOOKUPS),
            code,
        }
    }

    /// What the value at these places is.
    pub(in crate::python) fn of(&self, places: Range<usize>) -> Option<Kind> {
        match self.value(places, &mut Open::new()) {
            Guess::Known(kind) => Some(kind),
            Guess::Unknown | Guess::Circular => None,
        }
    }

    /// Whether the file itself gives a name a meaning, seen from a place.
    pub(in crate::python) fn is_bound(&self, place: usize) -> bool {
        let name = self.code.text(place);
        let mut scope = Some(self.scopes.at(place));
        while let Some(here) = scope {
            if self.scopes.bound(here, name).is_some() {
                return true;
            }
            scope = self.scopes.parent(here);
        }
        false
    }

    /// The object whose attribute stands at a place.
    pub(in crate::python) fn owner(&self, attribute: usize) -> Option<Kind> {
        let dot = self.code.before(attribute)?;
        let last = self.code.before(dot)?;
        self.of(self.code.value_start(last)..last + 1)
    }

    /// The query by the custom of names, wherever `request` comes from: `self.request.form`.
    pub(in crate::python) fn query(&self, place: usize) -> Option<Kind> {
        let dot = self
            .code
            .before(place)
            .filter(|dot| self.code.is_operator(*dot, "."))?;
        let owner = self.code.text(self.code.before(dot)?);
        match (owner, self.code.text(place)) {
            ("request" | "req" | "macro", "form") => Some(Kind::Form),
            ("request" | "req", "args" | "values") => Some(Kind::Query),
            _ => None,
        }
    }

    /// A chain of names and calls.
    fn value(&self, places: Range<usize>, open: &mut Open) -> Guess {
        let places = self.code.trimmed(places);
        let last = places.end.saturating_sub(1);
        if let Some(query) = self
            .query(last)
            .filter(|_| self.code.value_start(last) == places.start)
        {
            return Guess::Known(query);
        }
        let mut place = places.start;
        if self.code.kind(place) != TokenKind::Name || places.is_empty() {
            return Guess::Unknown;
        }
        let mut kind = match self.name(place, open) {
            Guess::Known(kind) => kind,
            other if self.code.after(place) >= places.end => return other,
            _ => return Guess::Unknown,
        };
        place = self.code.after(place);
        while place < places.end {
            let Some((next, after)) = self.step(kind, place) else {
                return Guess::Unknown;
            };
            (kind, place) = (next, after);
        }
        Guess::Known(kind)
    }

    /// One link of such a chain: what it leads to, and the place behind it.
    fn step(&self, kind: Kind, place: usize) -> Option<(Kind, usize)> {
        if self.code.is_operator(place, "(") {
            return Some((kind.called()?, self.code.after(self.code.closing(place)?)));
        }
        let name = self.code.after(place);
        if !self.code.is_operator(place, ".") || self.code.kind(name) != TokenKind::Name {
            return None;
        }
        let next = self.code.after(name);
        if self.code.is_operator(next, "(") {
            let kind = kind.method(self.code.text(name))?;
            return Some((kind, self.code.after(self.code.closing(next)?)));
        }
        Some((kind.attribute(self.code.text(name))?, next))
    }

    /// A name where it stands: the innermost scope that binds it decides.
    fn name(&self, place: usize, open: &mut Open) -> Guess {
        let name = self.code.text(place);
        let mut scope = Some(self.scopes.at(place));
        while let Some(here) = scope {
            if let Some(bound) = self.scopes.bound(here, name) {
                return self.bound_name(here, name, bound, open);
            }
            scope = self.scopes.parent(here);
        }
        Guess::Unknown
    }

    fn bound_name(&self, scope: usize, name: &str, bound: &[Bound], open: &mut Open) -> Guess {
        let key = (scope, name.to_owned());
        if let Some(guess) = self.known.borrow().get(&key) {
            return *guess;
        }
        if open.contains(&key) {
            self.circles.set(self.circles.get() + 1);
            return Guess::Circular;
        }
        if open.len() >= DEEPEST || self.left.get() == 0 {
            return Guess::Unknown;
        }
        self.left.set(self.left.get() - 1);
        let circles = self.circles.get();
        open.push(key.clone());
        let guess = Guess::agreed(bound.iter().map(|bound| self.binding(bound, open)));
        open.pop();
        // What went round in a circle may rest on a name that is not settled yet.
        if open.is_empty() || circles == self.circles.get() {
            self.known.borrow_mut().insert(key, guess);
        }
        guess
    }

    fn binding(&self, bound: &Bound, open: &mut Open) -> Guess {
        match bound {
            Bound::Value(places) => self.value(places.clone(), open),
            Bound::Import(kind) => Guess::Known(*kind),
            Bound::Parameter { of, place, name } => self.parameter(of, *place, name, open),
            Bound::Other => Guess::Unknown,
        }
    }

    /// A parameter is what all calls in the file give it; without any it is what its name says.
    fn parameter(&self, of: &Function, place: usize, name: &str, open: &mut Open) -> Guess {
        if of.is_entry() && place == 0 {
            return Guess::Known(Kind::Object(Object::Macro));
        }
        let Function::Plain(function) = of else {
            return Guess::of(by_custom(name).filter(|kind| *kind == Kind::Object(Object::Macro)));
        };
        let uses = self.scopes.uses(function);
        if uses.is_empty() {
            return Guess::of(by_custom(name));
        }
        Guess::agreed(uses.iter().map(|call| self.given(*call, place, name, open)))
    }

    /// What a call gives to a parameter.
    fn given(&self, call: usize, place: usize, name: &str, open: &mut Open) -> Guess {
        let code = self.code;
        let arguments = code
            .is_called(call)
            .then(|| code.arguments(code.after(call)))
            .flatten();
        let Some(arguments) = arguments else {
            return Guess::Unknown;
        };
        let is_spread = |argument: &Range<usize>| code.text(argument.start).starts_with('*');
        let is_named = |argument: &Range<usize>| code.is_operator(code.after(argument.start), "=");
        if arguments.iter().any(is_spread) {
            return Guess::Unknown;
        }
        let named = arguments
            .iter()
            .find(|argument| is_named(argument) && code.is_name(argument.start, name));
        let value = match (arguments.get(place), named) {
            (_, Some(named)) => code.after(code.after(named.start))..named.end,
            (Some(argument), None) if !is_named(argument) => argument.clone(),
            _ => return Guess::Unknown,
        };
        self.value(value, open)
    }
}

/// What authors of macros call by these names.
fn by_custom(name: &str) -> Option<Kind> {
    let object = match name {
        "macro" => Object::Macro,
        "request" => Object::Request,
        "formatter" => Object::Formatter,
        _ => return None,
    };
    Some(Kind::Object(object))
}
