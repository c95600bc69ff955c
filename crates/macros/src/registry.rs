//! The macros that a farm knows, by name.
//!
//! One registry serves all wikis and lives as long as the process. It also carries what several views
//! share: compiled regular expressions, outputs that hold for a declared period, and which failures were logged already.
//! Start reading at [`Registry::builtin`].

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::builtin;
use crate::count_cache::CountCache;
use crate::definition::Definition;
use crate::expressions::Expressions;
use crate::failures::FailureLog;
use crate::macro_::Macro;
use crate::period_cache::PeriodCache;

/// What the help page says of macros in general.
const BEFORE_THE_SECTIONS: &str = include_str!("help/before.md");
/// Its end.
const BEHIND_THE_SECTIONS: &str = include_str!("help/behind.md");

/// All known macros.
#[derive(Default)]
pub struct Registry {
    macros: BTreeMap<&'static str, Arc<dyn Macro>>,
    pub(crate) expressions: Expressions,
    pub(crate) failures: FailureLog,
    pub(crate) periods: PeriodCache,
    pub(crate) counts: CountCache,
}

impl Registry {
    /// A registry without any macro.
    #[must_use]
    pub fn empty() -> Registry {
        Registry::default()
    }

    /// A registry of all macros that come with the program.
    #[must_use]
    pub fn builtin() -> Registry {
        let mut registry = Registry::empty();
        builtin::register_all(&mut registry);
        registry
    }

    /// Adds a macro. One that is known under the same name is replaced.
    pub fn register(&mut self, added: impl Macro + 'static) {
        self.macros.insert(added.definition().name, Arc::new(added));
    }

    /// A registry of these macros and of others, which replace those of the same name. What views share is
    /// its own.
    #[must_use]
    pub fn with(&self, others: &[Arc<dyn Macro>]) -> Registry {
        let others = others
            .iter()
            .map(|other| (other.definition().name, Arc::clone(other)));
        let own = self.macros.iter().map(|(name, own)| (*name, Arc::clone(own)));
        Registry {
            macros: own.chain(others).collect(),
            ..Registry::default()
        }
    }

    /// The macro of this name. Case counts, as in MoinMoin.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&dyn Macro> {
        self.macros.get(name).map(AsRef::as_ref)
    }

    /// What all macros say about themselves, sorted by name.
    pub fn definitions(&self) -> impl Iterator<Item = &'static Definition> + '_ {
        self.macros.values().map(|known| known.definition())
    }

    /// The help page about all known macros, in Markdown, with a few of them at work.
    #[must_use]
    pub fn help_markdown(&self) -> String {
        let sections = self.help_sections();
        format!("{BEFORE_THE_SECTIONS}{sections}\n{BEHIND_THE_SECTIONS}")
    }

    /// A section for each known macro, sorted by name.
    #[must_use]
    pub fn help_sections(&self) -> String {
        let sections: Vec<String> = self.definitions().map(Definition::help_section).collect();
        sections.join("\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_macro_is_found_by_its_exact_name_only() {
        let registry = Registry::builtin();
        assert!(registry.find("SessionTest").is_some());
        assert!(registry.find("sessiontest").is_none());
        assert!(registry.find("").is_none());
    }

    #[test]
    fn the_help_page_speaks_of_every_macro() {
        let registry = Registry::builtin();
        let help = registry.help_markdown();
        for definition in registry.definitions() {
            assert!(
                help.contains(&format!("## {}\n", definition.name)),
                "{}",
                definition.name
            );
            assert!(help.contains(definition.example.call), "{}", definition.name);
        }
    }
}
