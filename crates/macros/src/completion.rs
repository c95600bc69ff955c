//! What an editor offers while a macro's call is typed.
//!
//! Built-in macros are told by their definitions, Python macros by what their files say of themselves.
//! Start reading at [`completions`].

use crate::definition::{Definition, Need};
use crate::python::library::{Loaded, MacroFile};
use crate::python::{Entry, PythonMacros};
use crate::registry::Registry;

/// One offer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completion {
    /// The macro's name.
    pub name: String,
    /// What to put into the text.
    pub insert: String,
    /// One line about it; may be empty.
    pub summary: String,
}

/// Every macro that a page of this wiki may call, sorted by name. Of a file and a built-in macro of the same
/// name it is the file, as on pages; what is turned off is not offered.
pub fn completions(registry: &Registry, python: &PythonMacros, wiki: &str) -> Vec<Completion> {
    let shelf = python.library.shelf();
    let built_in = registry
        .definitions()
        .filter(|definition| shelf.find(definition.name).is_none());
    let mut all: Vec<_> = built_in.map(of_definition).collect();
    all.extend(shelf.files().map(|file| of_file(file)));
    all.retain(|offer| !python.meter.is_off(wiki, &offer.name));
    all.sort_by(|one, other| one.name.cmp(&other.name));
    all
}

fn of_definition(definition: &Definition) -> Completion {
    let needed = definition
        .argument_list()
        .iter()
        .filter(|argument| argument.need == Need::Required)
        .map(|argument| argument.name);
    Completion {
        insert: call(definition.name, needed),
        name: definition.name.to_owned(),
        summary: definition.summary.to_owned(),
    }
}

fn of_file(file: &MacroFile) -> Completion {
    let loaded = file.last_good();
    let parameters = match loaded.as_ref().map(|loaded| &loaded.facts.entry) {
        Some(Entry::Typed(parameters)) => parameters.as_slice(),
        _ => &[],
    };
    let needed = parameters.iter().filter(|parameter| parameter.default.is_none());
    Completion {
        insert: call(&file.name, needed.map(|parameter| parameter.name.as_str())),
        name: file.name.clone(),
        summary: loaded.as_deref().map(first_line).unwrap_or_default(),
    }
}

/// The first line of what the file says at its head.
fn first_line(loaded: &Loaded) -> String {
    let docstring = loaded.facts.docstring.as_deref().unwrap_or_default();
    let mut lines = docstring.lines().map(str::trim);
    lines.find(|line| !line.is_empty()).unwrap_or_default().to_owned()
}

/// A call with parentheses only where the macro cannot do without an argument.
fn call<'n>(name: &str, needed: impl Iterator<Item = &'n str>) -> String {
    let needed: Vec<&str> = needed.collect();
    match needed.is_empty() {
        true => format!("<<{name}>>"),
        false => format!("<<{name}({})>>", needed.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offer_has_parentheses_only_where_an_argument_is_needed() {
        let registry = Registry::builtin();
        let offers: Vec<_> = registry.definitions().map(of_definition).collect();
        let insert = |name: &str| {
            let offer = offers.iter().find(|offer| offer.name == name);
            offer.map(|offer| offer.insert.clone()).unwrap()
        };
        assert_eq!(insert("Include"), "<<Include(page)>>");
        assert_eq!(insert("SessionTest"), "<<SessionTest>>");
        assert!(offers.iter().all(|offer| !offer.summary.is_empty()));
    }
}
