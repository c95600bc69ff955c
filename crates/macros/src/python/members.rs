//! Members that the objects of a macro do not have, and keywords that the formatter does not take or that do nothing:
//! `wikiutil.nosuch`, `f.comment(…)`, `request.cookies`, `f.pagelink(1, generated=1)`.
//!
//! The names that are there are those that the worker answers to (`grange_macro_protocol::names`). Only what certainly is
//! one of these objects is looked at: what goes through `getattr`, is bound in two ways or is guarded by `hasattr` or
//! `except AttributeError` is left alone. Start reading at [`findings`].

mod callbacks;
pub(super) mod kinds;
mod modules;
mod rest;
mod scopes;

#[cfg(test)]
mod tests;

use std::collections::HashSet;
use std::ops::Range;

use grange_macro_protocol::keywords::{self, Keyword};
use grange_macro_protocol::names::Object;

use self::kinds::{Kind, Kinds};
use super::moin_names;
use super::port::code::{Code, Statement};
use super::tokens::TokenKind;

/// What is wrong with a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// It is not there; the call would fail.
    Missing,
    /// The same of a module of MoinMoin's.
    NoModule,
    /// It may be given and changes nothing.
    NoEffect,
    /// It is asked for where the wiki cannot be asked.
    Callback,
}

/// Something that was found.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1.
    pub column: usize,
    /// How bad it is.
    pub fault: Fault,
    /// What stands there: `request.cookies`.
    pub what: String,
    /// What to do about it.
    pub instead: String,
}

/// All of it, in the order of the source.
#[must_use]
pub fn findings(source: &str) -> Vec<Finding> {
    of_code(&Code::read(source))
}

/// The same of a source that is read already.
pub(super) fn of_code(code: &Code) -> Vec<Finding> {
    let look = Look {
        kinds: Kinds::read(code),
        guarded: guarded(code),
        own: names_of_its_own(code),
        code,
    };
    let mut found: Vec<Finding> = code.backwards().rev().flat_map(|place| look.at(place)).collect();
    found.extend(look.imports());
    found.extend(look.callbacks());
    found.extend(look.rest());
    found.sort();
    found
}

struct Look<'c> {
    code: &'c Code,
    kinds: Kinds<'c>,
    /// Places in `try` blocks that expect a name to be missing.
    guarded: Vec<Range<usize>>,
    /// Members that the file itself sets or asks for.
    own: HashSet<String>,
}

impl Look<'_> {
    fn at(&self, place: usize) -> Vec<Finding> {
        let code = self.code;
        if code.kind(place) != TokenKind::Name || !code.is_attribute(place) {
            return Vec::new();
        }
        let name = code.text(place);
        let Some(Kind::Object(object)) = self.kinds.owner(place) else {
            return self.of_module(place, name).into_iter().collect();
        };
        if object == Object::Formatter && object.methods().contains(&name) {
            return self.keywords(place, name);
        }
        let is_asked_for = self.own.contains(name) || self.is_guarded(place);
        if object.has(name) || name.starts_with("__") || is_asked_for {
            return Vec::new();
        }
        let owner = code.before(place).and_then(|dot| code.before(dot));
        let owner = owner.filter(|owner| code.kind(*owner) == TokenKind::Name);
        let owner = owner.map_or(object.word(), |owner| code.text(owner));
        vec![self.missing(place, format!("{owner}.{name}"), instead(object, name))]
    }

    /// `re.U`, `datetime.datetime.fromtimestamp`.
    fn of_module(&self, place: usize, name: &str) -> Option<Finding> {
        // Names of modules are looked for in all statements, so what is no candidate is sorted out before.
        let owner = self.code.before(self.code.before(place)?)?;
        let instead = modules::instead(self.code.text(owner), name)?;
        let module = modules::module(self.code, owner)?;
        let is_expected = self.own.contains(name) || self.is_guarded(place);
        (!is_expected).then(|| self.missing(place, format!("{module}.{name}"), instead.to_owned()))
    }

    /// `from collections import OrderedDict`.
    fn imported_names(&self, statement: &Statement) -> Vec<Finding> {
        let code = self.code;
        let module = code.after(statement.first);
        let import = code.after(module);
        if !code.is_name(statement.first, "from") || !code.is_name(import, "import") {
            return Vec::new();
        }
        let names = (import + 1..statement.end).filter(|place| self.is_imported_name(*place));
        let missing = names.filter_map(|place| {
            let name = code.text(place);
            let instead = modules::instead(code.text(module), name)?;
            let what = format!("{}.{name}", code.text(module));
            Some(self.missing(place, what, instead.to_owned()))
        });
        missing.collect()
    }

    fn finding(&self, place: usize, fault: Fault, what: String, instead: String) -> Finding {
        Finding {
            line: self.code.line(place),
            column: column(self.code, place),
            fault,
            what,
            instead,
        }
    }

    fn missing(&self, place: usize, what: String, instead: String) -> Finding {
        self.finding(place, Fault::Missing, what, instead)
    }

    /// What is given to a method of the formatter.
    fn keywords(&self, method: usize, name: &str) -> Vec<Finding> {
        let code = self.code;
        let arguments = code
            .is_called(method)
            .then(|| code.arguments(code.after(method)))
            .flatten();
        let arguments = arguments.into_iter().flatten();
        arguments
            .flat_map(|argument| self.argument(argument, name))
            .collect()
    }

    fn argument(&self, argument: Range<usize>, method: &str) -> Vec<Finding> {
        let (code, place) = (self.code, argument.start);
        let keyword = code.text(place);
        let what = || format!("{method}(…, {keyword}=…)");
        if !code.is_operator(code.after(place), "=") {
            return match method.starts_with("table") {
                true => self.styles(argument, method),
                false => Vec::new(),
            };
        }
        match keywords::keyword(method, keyword) {
            Some(Keyword::Works) if ["attrs", "attr"].contains(&keyword) => self.styles(argument, method),
            Some(Keyword::Works) => Vec::new(),
            Some(Keyword::NoEffect) => {
                vec![self.finding(place, Fault::NoEffect, what(), no_effect(keyword))]
            }
            None => {
                let known: Vec<&str> = keywords::that_work(method).collect();
                let all = || format!("it takes {}", known.join(", "));
                let instead = meant(keyword, known.iter().copied()).unwrap_or_else(all);
                vec![self.missing(place, what(), instead)]
            }
        }
    }

    /// Styles and handlers in a dict of attributes.
    fn styles(&self, dict: Range<usize>, method: &str) -> Vec<Finding> {
        let code = self.code;
        let keys = dict.filter(|place| code.is_operator(code.after(*place), ":"));
        let mut found = Vec::new();
        for place in keys {
            let literal = code.token(place).and_then(|token| token.literal());
            let Some((_, key)) = literal else { continue };
            let name = ["table", "row"]
                .iter()
                .find_map(|prefix| key.strip_prefix(prefix))
                .unwrap_or(key);
            if name == "style" || keywords::is_handler(name) {
                let what = format!("{method}(…, {{'{key}': …}})");
                found.push(self.finding(place, Fault::NoEffect, what, no_effect(name)));
            }
        }
        found
    }

    /// `from MoinMoin.wikiutil import nosuch`, `from MoinMoin import search`.
    fn imports(&self) -> Vec<Finding> {
        let code = self.code;
        let statements = code.statements().into_iter();
        let imports = statements.filter(|one| ["from", "import"].contains(&code.text(one.first)));
        let unguarded = imports.filter(|one| !self.is_guarded(one.first));
        unguarded.flat_map(|one| self.import(&one)).collect()
    }

    fn is_guarded(&self, place: usize) -> bool {
        self.guarded.iter().any(|places| places.contains(&place))
    }

    fn import(&self, statement: &Statement) -> Vec<Finding> {
        let code = self.code;
        let package = code.after(statement.first);
        if !code.is_name(package, "MoinMoin") {
            return self.imported_names(statement);
        }
        let dot = code.after(package);
        let module = code.after(dot);
        if code.is_operator(dot, ".") && !moin_names::IMPORTABLE.contains(&code.text(module)) {
            // What is imported says more than the package that it stands in: `MoinMoin.action.AttachFile`.
            let mut names = (module..statement.end)
                .rev()
                .filter(|place| code.kind(*place) == TokenKind::Name);
            let known = names.find(|place| moin_names::module(code.text(*place)).is_some());
            return vec![self.no_module(known.unwrap_or(module))];
        }
        let import = (package..statement.end).find(|place| code.is_name(*place, "import"));
        let Some(import) = import else { return Vec::new() };
        let names = (import + 1..statement.end).filter(|place| self.is_imported_name(*place));
        if code.is_name(module, "wikiutil") && code.is_operator(dot, ".") {
            let missing = names.filter(|place| !Object::Wikiutil.has(code.text(*place)));
            return missing.map(|place| self.not_in_wikiutil(place)).collect();
        }
        let of_package = names.filter(|_| !code.is_operator(dot, "."));
        let missing = of_package.filter(|place| !moin_names::IMPORTABLE.contains(&code.text(*place)));
        missing.map(|place| self.no_module(place)).collect()
    }

    /// Whether a name in the list of an import is what is imported, and not what it is called here.
    fn is_imported_name(&self, place: usize) -> bool {
        let code = self.code;
        let is_new_name = code
            .before(place)
            .is_some_and(|before| code.is_name(before, "as"));
        code.kind(place) == TokenKind::Name && !code.is_name(place, "as") && !is_new_name
    }

    fn not_in_wikiutil(&self, place: usize) -> Finding {
        let name = self.code.text(place);
        let instead = instead(Object::Wikiutil, name);
        self.missing(place, format!("wikiutil.{name}"), instead)
    }

    fn no_module(&self, place: usize) -> Finding {
        let name = self.code.text(place);
        let instead = moin_names::module(name).unwrap_or(moin_names::WITHOUT_A_MODULE);
        let what = format!("MoinMoin's {name}");
        self.finding(place, Fault::NoModule, what, instead.to_owned())
    }
}

/// What to use instead of a member that an object does not have.
pub(super) fn instead(object: Object, name: &str) -> String {
    if let Some(instead) = moin_names::instead(object, name) {
        return instead.to_owned();
    }
    if let Some(meant) = meant(name, object.members()) {
        return meant;
    }
    const MOST_LISTED: usize = 20;
    let members: Vec<&str> = object.members().collect();
    let word = object.word();
    match members.len() {
        listed if listed <= MOST_LISTED => format!("{word} has {}", members.join(", ")),
        _ => format!("docs/macros.md lists what {word} has"),
    }
}

fn no_effect(keyword: &str) -> String {
    match keyword {
        "style" => {
            "pages show no styles of macros; take one of the wiki's classes with css_class='…'".to_owned()
        }
        "text" => "write f.text(…) between the opening and the closing half".to_owned(),
        "attrs" => "give the attributes themselves: title='…', css_class='…', id='…'".to_owned(),
        _ if keywords::is_handler(keyword) => "pages have no scripts of macros".to_owned(),
        _ => "leave it out".to_owned(),
    }
}

/// The name that a slip of the pen was meant to be.
pub(super) fn meant<'n>(name: &str, names: impl Iterator<Item = &'n str>) -> Option<String> {
    // Half of a short name is another name.
    let most = name.chars().count().div_ceil(4).min(2);
    let steps = |other: &str| strsim::osa_distance(&name.to_lowercase(), &other.to_lowercase());
    let near = names.map(|other| (steps(other), other));
    let nearest = near.filter(|(steps, _)| *steps <= most).min()?;
    Some(format!("did you mean {}?", nearest.1))
}

/// The column of a place, from 1.
pub(super) fn column(code: &Code, place: usize) -> usize {
    let mut column = 1;
    for text in (0..place).rev().map(|place| code.text(place)) {
        match text.rsplit_once(['\n', '\r']) {
            Some((_, rest)) => return column + rest.chars().count(),
            None => column += text.chars().count(),
        }
    }
    column
}

/// Members that the file sets (`macro.x = …`) or asks for by name (`hasattr(macro, 'x')`).
fn names_of_its_own(code: &Code) -> HashSet<String> {
    let mut names = HashSet::new();
    for place in code.backwards() {
        let is_set = code.is_attribute(place) && code.is_operator(code.after(place), "=");
        if is_set && code.kind(place) == TokenKind::Name {
            names.insert(code.text(place).to_owned());
        }
        if ["hasattr", "getattr", "setattr"].contains(&code.text(place)) && code.is_called(place) {
            let arguments = code.arguments(code.after(place)).unwrap_or_default();
            let name = arguments.get(1).and_then(|argument| code.token(argument.start));
            names.extend(
                name.and_then(|name| name.literal())
                    .map(|(_, name)| name.to_owned()),
            );
        }
    }
    names
}

/// The `try` blocks whose `except` names what a missing member raises, or names nothing.
fn guarded(code: &Code) -> Vec<Range<usize>> {
    const EXPECTED: &[&str] = &["AttributeError", "Exception", "ImportError"];
    let statements = code.statements();
    let mut found = Vec::new();
    for (number, except) in statements.iter().enumerate() {
        if !code.is_name(except.first, "except") {
            continue;
        }
        let names_it = (except.first..except.end).any(|place| EXPECTED.contains(&code.text(place)));
        let names_nothing = code.after(except.first) >= except.end;
        let indent = code.indent_of(except);
        let before = statements.get(..number).unwrap_or_default();
        let block = before
            .iter()
            .rfind(|statement| code.is_name(statement.first, "try") && code.indent_of(statement) == indent);
        if let Some(block) = block.filter(|_| names_it || names_nothing) {
            found.push(block.first..except.first);
        }
    }
    found
}
