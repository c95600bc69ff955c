//! Where names are bound in a source: by which statement, in which function.
//!
//! A scope is the file, a function or a class. What is bound in a way that says nothing about its value (`for`, `with`,
//! `lambda`, unpacking) is bound to something else, and stays unknown. Start reading at [`Scopes::read`].

use std::collections::HashMap;
use std::ops::Range;

use grange_macro_protocol::names::Object;

use super::kinds::Kind;
use crate::python::hints;
use crate::python::port::code::{Code, Statement};
use crate::python::tokens::TokenKind;

/// What a name is bound to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Bound {
    /// The value at these places.
    Value(Range<usize>),
    /// What was imported.
    Import(Kind),
    /// A function's parameter.
    Parameter {
        of: Function,
        place: usize,
        name: String,
    },
    /// Anything.
    Other,
}

/// Whose parameters they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Function {
    /// A function of the file itself, by name.
    Plain(String),
    /// A method, or a function within another.
    Inner,
}

impl Function {
    /// Whether pages call it.
    pub(super) fn is_entry(&self) -> bool {
        matches!(self, Function::Plain(name) if name == "execute" || name.starts_with("macro_"))
    }
}

/// A file, a function or a class.
struct Scope {
    parent: Option<usize>,
    /// How far it is moved to the right: what stands no further ends it.
    indent: usize,
    is_class: bool,
    bound: HashMap<String, Vec<Bound>>,
}

/// All scopes of a source.
pub(super) struct Scopes {
    all: Vec<Scope>,
    /// The scope of each place.
    of_places: Vec<usize>,
    /// Where names of functions are used.
    uses: HashMap<String, Vec<usize>>,
}

const FILE: usize = 0;

impl Scopes {
    pub(super) fn read(code: &Code) -> Scopes {
        let file = Scope {
            parent: None,
            indent: 0,
            is_class: false,
            bound: HashMap::new(),
        };
        let mut scopes = Scopes {
            all: vec![file],
            of_places: vec![FILE; code.backwards().len()],
            uses: HashMap::new(),
        };
        let mut here = FILE;
        for statement in code.statements() {
            if let Some(indent) = code.indent_of(&statement) {
                here = scopes.left(here, indent);
            }
            scopes.is_in(here, statement.first..statement.end);
            here = scopes.statement(code, &statement, here);
        }
        scopes.expressions(code);
        scopes.uses = uses_of_functions(code);
        scopes
    }

    /// The scope of a place.
    pub(super) fn at(&self, place: usize) -> usize {
        self.of_places.get(place).copied().unwrap_or(FILE)
    }

    /// The scope around another, as names are looked up: a class is passed over.
    pub(super) fn parent(&self, scope: usize) -> Option<usize> {
        let mut parent = self.all.get(scope)?.parent;
        while let Some(around) = parent.and_then(|parent| self.all.get(parent)) {
            if !around.is_class {
                break;
            }
            parent = around.parent;
        }
        parent
    }

    /// What a scope binds a name to.
    pub(super) fn bound(&self, scope: usize, name: &str) -> Option<&[Bound]> {
        self.all.get(scope)?.bound.get(name).map(Vec::as_slice)
    }

    /// Where a name stands as a value, and neither as an attribute nor in the head of its own function.
    pub(super) fn uses(&self, function: &str) -> &[usize] {
        self.uses.get(function).map_or(&[], Vec::as_slice)
    }

    /// The scope that is left when a line begins here.
    fn left(&self, mut here: usize, indent: usize) -> usize {
        while let Some(scope) = self.all.get(here) {
            match scope.parent {
                Some(parent) if indent <= scope.indent => here = parent,
                _ => break,
            }
        }
        here
    }

    fn is_in(&mut self, scope: usize, places: Range<usize>) {
        for place in self.of_places.get_mut(places).unwrap_or_default() {
            *place = scope;
        }
    }

    fn bind(&mut self, scope: usize, name: &str, bound: Bound) {
        if let Some(scope) = self.all.get_mut(scope) {
            scope.bound.entry(name.to_owned()).or_default().push(bound);
        }
    }

    fn bind_all(&mut self, scope: usize, names: impl IntoIterator<Item = String>) {
        for name in names {
            self.bind(scope, &name, Bound::Other);
        }
    }

    /// Takes a statement in; the scope of what follows it.
    fn statement(&mut self, code: &Code, statement: &Statement, here: usize) -> usize {
        let name = code.after(statement.first);
        match code.text(statement.first) {
            "def" | "class" => {
                self.bind(here, code.text(name), Bound::Other);
                let inner = self.open(code, statement, here);
                if code.is_name(statement.first, "def") {
                    self.parameters(code, name, here, inner);
                }
                return inner;
            }
            "from" => self.import_from(code, statement, here),
            "global" | "nonlocal" => {
                let names = hints::bound_by(code, statement);
                self.bind_all(FILE, names.iter().cloned());
                self.bind_all(here, names);
            }
            "import" if is_package(code, statement) => {
                self.bind(here, "MoinMoin", Bound::Import(Kind::Package));
            }
            "import" | "for" | "with" | "except" => {
                self.bind_all(here, hints::bound_by(code, statement));
            }
            _ => self.assignment(code, statement, here),
        }
        here
    }

    fn open(&mut self, code: &Code, statement: &Statement, here: usize) -> usize {
        // A head behind another one on its line is as far to the right as that.
        let outer = self.all.get(here).map_or(0, |scope| scope.indent);
        self.all.push(Scope {
            parent: Some(here),
            indent: code.indent_of(statement).unwrap_or(outer),
            is_class: code.is_name(statement.first, "class"),
            bound: HashMap::new(),
        });
        self.all.len() - 1
    }

    fn parameters(&mut self, code: &Code, function: usize, here: usize, inner: usize) {
        let of = match here == FILE {
            true => Function::Plain(code.text(function).to_owned()),
            false => Function::Inner,
        };
        let parameters = code.arguments(code.after(function)).unwrap_or_default();
        for (place, parameter) in parameters.into_iter().enumerate() {
            let name = code.text(parameter.start).to_owned();
            let bound = match code.kind(parameter.start) {
                TokenKind::Name => Bound::Parameter {
                    of: of.clone(),
                    place,
                    name: name.clone(),
                },
                _ => {
                    let names = parameter.filter(|place| code.kind(*place) == TokenKind::Name);
                    self.bind_all(inner, names.map(|place| code.text(place).to_owned()));
                    continue;
                }
            };
            self.bind(inner, &name, bound);
        }
    }

    /// `a = b = value`, `a, b = value, value`, and whatever else gives names a value.
    fn assignment(&mut self, code: &Code, statement: &Statement, here: usize) {
        let mut parts = split_at_assignments(code, statement);
        let Some(value) = parts.pop().filter(|_| !parts.is_empty()) else {
            // `a += b` and `a: b = c`.
            return self.bind_all(here, hints::bound_by(code, statement));
        };
        let values = code.split_at_commas(value.clone());
        for target in parts {
            let targets = code.split_at_commas(target.clone());
            let is_pairwise = targets.len() == values.len();
            for (place, target) in targets.into_iter().enumerate() {
                let is_name = target.len() == 1 && code.kind(target.start) == TokenKind::Name;
                let value = values.get(place).filter(|_| is_pairwise);
                match value.filter(|_| is_name) {
                    Some(value) => self.bind(here, code.text(target.start), Bound::Value(value.clone())),
                    None => self.bind_all(here, hints::names_in(code, target)),
                }
            }
        }
    }

    fn import_from(&mut self, code: &Code, statement: &Statement, here: usize) {
        let bound = hints::bound_by(code, statement);
        let imported = imports(code, statement);
        let known: Vec<&str> = imported.iter().map(|(name, _)| name.as_str()).collect();
        self.bind_all(
            here,
            bound.into_iter().filter(|name| !known.contains(&name.as_str())),
        );
        for (name, kind) in &imported {
            self.bind(here, name, Bound::Import(*kind));
        }
    }

    /// What expressions bind: `lambda x`, `[… for x in …]`, `(x := …)`.
    fn expressions(&mut self, code: &Code) {
        for place in code.backwards() {
            let names = hints::bound_in_expressions(code, place);
            self.bind_all(self.at(place), names);
        }
    }
}

/// The places where functions of the file are named, apart from their heads.
fn uses_of_functions(code: &Code) -> HashMap<String, Vec<usize>> {
    let names = code.backwards().filter(|place| code.is_name(*place, "def"));
    let mut uses: HashMap<String, Vec<usize>> = names
        .map(|def| (code.text(code.after(def)).to_owned(), Vec::new()))
        .collect();
    for place in code.backwards() {
        let Some(places) = uses.get_mut(code.text(place)) else {
            continue;
        };
        let is_head = code.before(place).is_some_and(|def| code.is_name(def, "def"));
        let is_keyword = code.is_operator(code.after(place), "=");
        if code.kind(place) == TokenKind::Name && !code.is_attribute(place) && !is_head && !is_keyword {
            places.push(place);
        }
    }
    uses
}

/// The places between the `=` of a statement; a single one where it has none.
fn split_at_assignments(code: &Code, statement: &Statement) -> Vec<Range<usize>> {
    let mut parts = Vec::new();
    let (mut depth, mut start) = (0_isize, statement.first);
    for place in statement.first..statement.end {
        match code.text(place) {
            _ if code.kind(place) != TokenKind::Operator => {}
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => depth -= 1,
            // With a type its value may be anything.
            ":" if depth == 0 => return Vec::new(),
            "=" if depth == 0 => {
                parts.push(code.trimmed(start..place));
                start = place + 1;
            }
            _ => {}
        }
    }
    parts.push(code.trimmed(start..statement.end));
    parts
}

/// `import MoinMoin` and `import MoinMoin.wikiutil`, which bring the package.
fn is_package(code: &Code, statement: &Statement) -> bool {
    let module = code.source_of(code.trimmed(statement.first + 1..statement.end));
    let rest = module.strip_prefix("MoinMoin");
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.') && !rest.contains([' ', ',']))
}

/// What `from MoinMoin… import …` brings of MoinMoin, under the names that it gets.
fn imports(code: &Code, statement: &Statement) -> Vec<(String, Kind)> {
    let import = (statement.first..statement.end).find(|place| code.is_name(*place, "import"));
    let Some(import) = import else { return Vec::new() };
    let module = code.source_of(code.trimmed(statement.first + 1..import));
    let list = code.source_of(code.trimmed(import + 1..statement.end));
    let mut found = Vec::new();
    for item in list.trim_matches(['(', ')']).split(',') {
        let mut words = item.split_whitespace();
        let name = words.next().unwrap_or_default();
        let kind = match (module.as_str(), name) {
            ("MoinMoin", "wikiutil") => Kind::Object(Object::Wikiutil),
            ("MoinMoin", "Page") => Kind::PageModule,
            ("MoinMoin.Page", "Page") => Kind::PageClass,
            _ => continue,
        };
        found.push((words.nth(1).unwrap_or(name).to_owned(), kind));
    }
    found
}
