//! The line grammar: `[+|-]name[,name…]:[right[,right…]] …` from text to entries.
//!
//! Parsing never fails. Names run to the colon and may hold blanks; rights run to the next blank.
//! A word `Default` alone asks for the default list at its place. What is not understood is left
//! out of the entry, exactly as MoinMoin does; `problem.rs` has the words for it.

use super::{AclProblem, Right, RightSet};
use crate::accounts::fold_name;

/// One entry of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    /// The entry as its author wrote it.
    pub written: String,
    /// What it says.
    pub kind: EntryKind,
}

/// What an entry says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum EntryKind {
    /// The default list stands here.
    Default,
    /// These names have, or have not, these rights.
    Names {
        scope: Scope,
        names: Vec<Name>,
        rights: RightSet,
    },
}

/// Which rights an entry decides for those whom it matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    /// No modifier: every right; the listed ones are granted, all others denied.
    Every,
    /// `+`: the listed ones, granted.
    Grant,
    /// `-`: the listed ones, denied.
    Deny,
}

/// One name of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Name {
    /// Everybody.
    All,
    /// Everybody who is logged in.
    Known,
    /// Everybody who is logged in through a trusted method.
    Trusted,
    /// A group or an account.
    Other { written: String, folded: String },
}

impl Name {
    /// The special name of this spelling, if it is one.
    pub fn special(text: &str) -> Option<Name> {
        match text {
            "All" => Some(Name::All),
            "Known" => Some(Name::Known),
            "Trusted" => Some(Name::Trusted),
            _ => None,
        }
    }

    /// The name as written.
    pub fn as_str(&self) -> &str {
        match self {
            Name::All => "All",
            Name::Known => "Known",
            Name::Trusted => "Trusted",
            Name::Other { written, .. } => written,
        }
    }

    fn parse(text: &str) -> Name {
        Name::special(text).unwrap_or_else(|| Name::Other {
            written: text.to_owned(),
            folded: fold_name(text),
        })
    }
}

/// Splits a line into entries, and notes what was ignored.
pub(super) fn parse(line: &str) -> (Vec<Entry>, Vec<AclProblem>) {
    let mut entries = Vec::new();
    let mut problems = Vec::new();
    let mut rest = line.trim();
    while !rest.is_empty() {
        let Some((entry, after)) = next_entry(rest, &mut problems) else {
            break;
        };
        entries.push(entry);
        rest = after.trim_start();
    }
    note_unreachable(&entries, &mut problems);
    (entries, problems)
}

fn next_entry<'a>(text: &'a str, problems: &mut Vec<AclProblem>) -> Option<(Entry, &'a str)> {
    let (scope, unsigned) = split_modifier(text);
    if let Some(after) = strip_default(unsigned) {
        return Some((
            Entry {
                written: "Default".to_owned(),
                kind: EntryKind::Default,
            },
            after,
        ));
    }
    let Some((names, after_colon)) = unsigned.split_once(':') else {
        problems.push(AclProblem::NoColon {
            rest: text.to_owned(),
        });
        return None;
    };
    let (rights, after) = split_at_blank(after_colon);
    let written = text
        .get(..text.len() - after.len())
        .unwrap_or(text)
        .trim_end()
        .to_owned();
    // MoinMoin takes `Default:read` for `Default`, whatever the rights.
    if names == "Default" {
        return Some((
            Entry {
                written,
                kind: EntryKind::Default,
            },
            after,
        ));
    }
    let names = parse_names(names, &written, problems);
    let rights = parse_rights(rights, &written, problems);
    Some((
        Entry {
            written,
            kind: EntryKind::Names { scope, names, rights },
        },
        after,
    ))
}

fn split_modifier(text: &str) -> (Scope, &str) {
    if let Some(rest) = text.strip_prefix('+') {
        (Scope::Grant, rest)
    } else if let Some(rest) = text.strip_prefix('-') {
        (Scope::Deny, rest)
    } else {
        (Scope::Every, text)
    }
}

fn strip_default(text: &str) -> Option<&str> {
    let rest = text.strip_prefix("Default")?;
    (rest.is_empty() || rest.starts_with(char::is_whitespace)).then_some(rest)
}

fn split_at_blank(text: &str) -> (&str, &str) {
    text.split_once(char::is_whitespace).unwrap_or((text, ""))
}

fn parse_names(text: &str, written: &str, problems: &mut Vec<AclProblem>) -> Vec<Name> {
    let mut names = Vec::new();
    for name in text.split(',').filter(|name| !name.is_empty()) {
        if name.trim() != name {
            problems.push(AclProblem::BlankAroundName {
                entry: written.to_owned(),
                name: name.to_owned(),
            });
        }
        names.push(Name::parse(name));
    }
    if names.is_empty() {
        problems.push(AclProblem::NoName {
            entry: written.to_owned(),
        });
    }
    names
}

fn parse_rights(text: &str, written: &str, problems: &mut Vec<AclProblem>) -> RightSet {
    let mut rights = RightSet::default();
    for word in text.split(',').filter(|word| !word.is_empty()) {
        match Right::from_word(word) {
            Some(right) => rights.insert(right),
            None => problems.push(AclProblem::UnknownRight {
                entry: written.to_owned(),
                word: word.to_owned(),
            }),
        }
    }
    rights
}

/// An `All` entry without modifier decides everything, so what follows it is a mistake.
fn note_unreachable(entries: &[Entry], problems: &mut Vec<AclProblem>) {
    let Some(wall) = entries.iter().position(decides_everything) else {
        return;
    };
    let Some(decided_by) = entries.get(wall) else {
        return;
    };
    for entry in entries.iter().skip(wall + 1) {
        problems.push(AclProblem::NeverReached {
            entry: entry.written.clone(),
            decided_by: decided_by.written.clone(),
        });
    }
}

fn decides_everything(entry: &Entry) -> bool {
    match &entry.kind {
        EntryKind::Names {
            scope: Scope::Every,
            names,
            ..
        } => names.contains(&Name::All),
        _ => false,
    }
}

#[cfg(test)]
#[path = "parse_tests.rs"]
mod tests;
