//! One document into [`RawConfig`]: every key on its own, so that one mistake costs one problem.
//!
//! Statements with syntax errors are taken out first (`raw/repair.rs`); their tables are marked as garbled.
//! Values are read in `raw/read/value.rs`. No file is opened here.

use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::key::Since;
use super::keys::{Index, Scope};
use super::repair::{Fault, repair};
use super::{Entry, Key, Named, RawConfig, RawTable, Value, rules, unknown};
use crate::environment::Environment;
use crate::problem::{Finding, Findings, Place};

#[cfg(test)]
mod tests;
mod value;

/// What a file may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// farmconfig.toml: everything.
    Main,
    /// An included file: groups and wikis.
    Included,
}

/// Reads documents, one after another, into one [`RawConfig`].
pub(crate) struct Reader<'a> {
    environment: &'a dyn Environment,
    farm_keys: Index,
    wiki_keys: Index,
    file: u32,
    /// Places of the syntax errors of the current file, and its headers: where a table ends.
    faults: Vec<usize>,
    headers: Vec<usize>,
    pub(crate) findings: Findings,
    pub(crate) config: RawConfig,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(environment: &'a dyn Environment) -> Reader<'a> {
        Reader {
            environment,
            farm_keys: Index::of(Scope::Farm),
            wiki_keys: Index::of(Scope::Wiki),
            file: 0,
            faults: Vec::new(),
            headers: Vec::new(),
            findings: Findings::default(),
            config: RawConfig::default(),
        }
    }

    /// Reads one file.
    pub(crate) fn read(&mut self, file: u32, text: &str, role: Role) {
        self.file = file;
        let (readable, faults) = repair(text);
        self.faults = faults.iter().map(|fault| fault.region.start).collect();
        self.headers = if faults.is_empty() {
            Vec::new()
        } else {
            header_lines(text)
        };
        for Fault {
            span,
            message,
            remedy,
            ..
        } in faults
        {
            let finding = Finding::error("parse", self.place(span), message);
            self.findings.push(finding.remedy(remedy));
        }
        let (document, _) = DeTable::parse_recoverable(&readable);
        for (name, value) in document.get_ref() {
            self.read_top(name, value, role);
        }
    }

    /// The values that hold when nobody says otherwise, read as if they stood in a file.
    pub(crate) fn read_defaults(&mut self, scope: Scope) -> RawTable {
        let lines = scope.keys().filter_map(|key| match key.default {
            super::key::Default::Toml(value) => Some(format!("{} = {value}\n", key.name)),
            super::key::Default::Words(_) => None,
        });
        let text: String = lines.collect();
        let (document, _) = DeTable::parse_recoverable(&text);
        (self.file, self.faults) = (u32::MAX, Vec::new());
        self.read_table(scope, Arc::default(), Place::default(), document.get_ref())
    }

    fn place(&self, span: std::ops::Range<usize>) -> Place {
        Place::new(self.file, span)
    }

    fn report(&mut self, finding: Finding) {
        self.findings.push(finding);
    }

    /// Whether a syntax error stands between this header and the next.
    fn is_garbled(&self, header: Place) -> bool {
        let start = header.start as usize;
        let end = self
            .headers
            .iter()
            .copied()
            .find(|&next| next > start)
            .unwrap_or(usize::MAX);
        self.faults.iter().any(|fault| (start..end).contains(fault))
    }

    fn read_top(
        &mut self,
        name: &Spanned<std::borrow::Cow<'_, str>>,
        value: &Spanned<DeValue<'_>>,
        role: Role,
    ) {
        let place = self.place(name.span());
        match name.get_ref().as_ref() {
            table @ ("farm" | "defaults") if role == Role::Included => {
                let message = format!("[{table}] stands in an included file.");
                let finding = Finding::error("include", place, message);
                self.report(
                    finding
                        .remedy("Move it to farmconfig.toml; other files hold [group.*] and [wiki.*] only."),
                );
            }
            "farm" => self.config.farm = self.read_single(Scope::Farm, place, value),
            "defaults" => self.config.defaults = self.read_single(Scope::Wiki, place, value),
            "group" => self.read_named(value, place, Family::Group),
            "wiki" => self.read_named(value, place, Family::Wiki),
            unknown => {
                let finding = Finding::error(
                    "L-38",
                    place,
                    format!("There is no table or key `{unknown}` here."),
                );
                self.report(finding.remedy(unknown::remedy_for_table(unknown)));
            }
        }
    }

    fn read_single(&mut self, scope: Scope, place: Place, value: &Spanned<DeValue<'_>>) -> RawTable {
        let id = Arc::default();
        match value.get_ref() {
            DeValue::Table(table) => self.read_table(scope, id, place, table),
            other => {
                let message = format!("This is a table, not a {}.", other.type_str());
                self.report(
                    Finding::error("type", place, message).remedy("Write its name in brackets on a line."),
                );
                RawTable {
                    id,
                    place,
                    entries: Vec::new(),
                    garbled: true,
                }
            }
        }
    }

    fn read_named(&mut self, value: &Spanned<DeValue<'_>>, place: Place, family: Family) {
        let word = family.word();
        let DeValue::Table(tables) = value.get_ref() else {
            let finding = Finding::error("type", place, format!("`{word}` is a table of tables."));
            return self.report(finding.remedy(format!("Write [{word}.ID], then its keys below.")));
        };
        for (name, value) in tables {
            let place = self.place(name.span());
            let DeValue::Table(table) = value.get_ref() else {
                let message = format!(
                    "`{}` stands directly under [{word}], where only tables can.",
                    name.get_ref()
                );
                self.report(
                    Finding::error("type", place, message).remedy(format!("Write [{word}.ID] above it.")),
                );
                continue;
            };
            if let Err(complaint) = family.rule()(name.get_ref()) {
                let message = format!("[{word}.{}]: {}.", name.get_ref(), complaint.message);
                let remedy = format!("Choose another name for this {word}.");
                self.report(Finding::error(family.code(), place, message).remedy(remedy));
            }
            let table = self.read_table(Scope::Wiki, name.get_ref().as_ref().into(), place, table);
            self.add(table, family);
        }
    }

    fn add(&mut self, table: RawTable, family: Family) {
        let (id, place) = (Arc::clone(&table.id), table.place);
        if let Err(first) = family.of(&mut self.config).add(table) {
            let message = format!("[{}.{id}] stands in two files.", family.word());
            let finding = Finding::error("include", place, message).related(first, "here first");
            self.findings
                .push(finding.remedy("Rename one of them, or join them in one file."));
        }
    }

    fn read_table(&mut self, scope: Scope, id: Arc<str>, place: Place, table: &DeTable<'_>) -> RawTable {
        let entries = table
            .iter()
            .filter_map(|(name, value)| self.read_entry(scope, name, value))
            .collect();
        RawTable {
            id,
            place,
            entries,
            garbled: self.is_garbled(place),
        }
    }

    fn read_entry(
        &mut self,
        scope: Scope,
        name: &Spanned<std::borrow::Cow<'_, str>>,
        value: &Spanned<DeValue<'_>>,
    ) -> Option<Entry> {
        let keys = if scope == Scope::Farm {
            &self.farm_keys
        } else {
            &self.wiki_keys
        };
        let Some((slot, key)) = keys.find(name.get_ref()) else {
            let place = self.place(name.span());
            let finding = Finding::error(
                "L-38",
                place,
                format!("There is no key `{}` here.", name.get_ref()),
            );
            self.report(finding.remedy(unknown::remedy_for_key(name.get_ref(), scope)));
            return None;
        };
        let (key_place, place) = (self.place(name.span()), self.place(value.span()));
        let value = match key.since {
            Since::Later([]) => {
                self.report_later(key, key_place);
                return None;
            }
            Since::Later(_) | Since::Now => self.read_value(key, value),
        };
        let today = |allowed: &[&str]| value.is_broken() || allowed.contains(&value.to_toml().as_str());
        if let Since::Later(allowed) = key.since
            && !today(allowed)
        {
            self.report_later(key, place);
            return Some(Entry {
                key,
                slot,
                key_place,
                place,
                value: Value::Broken,
            });
        }
        Some(Entry {
            key,
            slot,
            key_place,
            place,
            value,
        })
    }

    fn report_later(&mut self, key: &Key, place: Place) {
        let finding = Finding::error(
            "not-available",
            place,
            format!("`{}` is not available yet.", key.name),
        );
        let remedy = match key.since {
            Since::Later([default, ..]) => format!("Remove the line, or write `{} = {default}`.", key.name),
            _ => "Remove the line.".to_owned(),
        };
        self.report(finding.remedy(remedy));
    }
}

/// Where lines begin that look like headers.
fn header_lines(text: &str) -> Vec<usize> {
    let mut at = 0;
    let mut headers = Vec::new();
    for line in text.split_inclusive('\n') {
        if line.trim_start().starts_with('[') {
            headers.push(at);
        }
        at += line.len();
    }
    headers
}

/// `[group.X]` or `[wiki.Y]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Family {
    Group,
    Wiki,
}

impl Family {
    fn word(self) -> &'static str {
        match self {
            Family::Group => "group",
            Family::Wiki => "wiki",
        }
    }

    fn rule(self) -> rules::Rule {
        match self {
            Family::Group => rules::identifier,
            Family::Wiki => rules::wiki_id,
        }
    }

    /// L-30 is about names of wikis.
    fn code(self) -> &'static str {
        match self {
            Family::Group => "value",
            Family::Wiki => "L-30",
        }
    }

    fn of(self, config: &mut RawConfig) -> &mut Named {
        match self {
            Family::Group => &mut config.groups,
            Family::Wiki => &mut config.wikis,
        }
    }
}
