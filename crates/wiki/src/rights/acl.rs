//! One access control list and its decision.
//!
//! The first entry that both matches the viewer and decides the right wins; a list in which none
//! does says nothing (`None`), and the next list in order is asked. That order is `rules.rs`.

use std::cell::OnceCell;

use super::parse::{Entry, EntryKind, Name, Scope, parse};
use super::{AclProblem, GroupSource, Membership, NoGroups, Right, RightSet, Viewer};
use crate::accounts::fold_name;

/// An access control list, parsed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Acl {
    line: String,
    entries: Vec<Entry>,
    problems: Vec<AclProblem>,
}

/// What a list says, and which entry says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AclRuling<'a> {
    /// Whether the right is granted.
    pub granted: bool,
    /// The entry that decided, as written.
    pub entry: &'a str,
    /// The name in the entry that matched the viewer.
    pub name: &'a str,
    /// The entry stands in the default list, which this list asks for with `Default`.
    pub through_default: bool,
}

impl Acl {
    /// Reads a line. What is not understood is ignored and listed by [`Acl::problems`].
    pub fn parse(line: &str) -> Acl {
        let (entries, problems) = parse(line);
        Acl {
            line: line.to_owned(),
            entries,
            problems,
        }
    }

    /// The line as written.
    pub fn as_str(&self) -> &str {
        &self.line
    }

    /// Whether the list says nothing at all.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// What in the line is ignored or never counts.
    pub fn problems(&self) -> &[AclProblem] {
        &self.problems
    }

    /// The accounts and groups that the list names, as written.
    pub fn named(&self) -> impl Iterator<Item = &str> {
        let names = self.entries.iter().flat_map(|entry| match &entry.kind {
            EntryKind::Names { names, .. } => names.as_slice(),
            EntryKind::Default => &[],
        });
        names.filter_map(|name| match name {
            Name::Other { written, .. } => Some(written.as_str()),
            Name::All | Name::Known | Name::Trusted => None,
        })
    }

    /// Whether the list asks for the default list with `Default`.
    pub fn asks_for_default(&self) -> bool {
        self.entries.iter().any(|entry| entry.kind == EntryKind::Default)
    }

    /// Whether the viewer has the right, `None` if this list does not say. `default` is what the
    /// word `Default` stands for.
    pub fn decide(&self, viewer: &Viewer, right: Right, default: &Acl) -> Option<bool> {
        self.rule(viewer, right, default, &NoGroups)
            .map(|ruling| ruling.granted)
    }

    /// As [`Acl::decide`], with groups, and saying which entry decided.
    pub fn rule<'a>(
        &'a self,
        viewer: &Viewer,
        right: Right,
        default: &'a Acl,
        groups: &dyn GroupSource,
    ) -> Option<AclRuling<'a>> {
        let question = Question::new(viewer, right, groups);
        self.entries.iter().find_map(|entry| match &entry.kind {
            EntryKind::Default => {
                default
                    .entries
                    .iter()
                    .find_map(|entry| question.rule(entry))
                    .map(|ruling| AclRuling {
                        through_default: true,
                        ..ruling
                    })
            }
            EntryKind::Names { .. } => question.rule(entry),
        })
    }
}

/// Everything that stays the same while a list is walked.
struct Question<'q> {
    viewer: &'q Viewer,
    /// Folded when the first entry about an account is met: most lists have none.
    folded_name: OnceCell<Option<String>>,
    right: Right,
    groups: &'q dyn GroupSource,
}

impl<'q> Question<'q> {
    fn new(viewer: &'q Viewer, right: Right, groups: &'q dyn GroupSource) -> Question<'q> {
        Question {
            viewer,
            folded_name: OnceCell::new(),
            right,
            groups,
        }
    }

    /// What one entry says; `Default` inside the default list says nothing.
    fn rule<'a>(&self, entry: &'a Entry) -> Option<AclRuling<'a>> {
        let EntryKind::Names { scope, names, rights } = &entry.kind else {
            return None;
        };
        let granted = decided(*scope, *rights, self.right)?;
        let name = names.iter().find(|name| self.matches(name))?;
        Some(AclRuling {
            granted,
            entry: &entry.written,
            name: name.as_str(),
            through_default: false,
        })
    }

    fn matches(&self, name: &Name) -> bool {
        match name {
            Name::All => true,
            Name::Known => self.viewer.is_known(),
            Name::Trusted => self.viewer.is_known() && self.viewer.trusted,
            Name::Other { written, folded } => {
                match self.groups.membership(written, self.viewer.name.as_deref()) {
                    Membership::Member => true,
                    Membership::Group { special_members } => self.is_covered(&special_members),
                    Membership::NotAGroup => self.folded_name() == Some(folded),
                }
            }
        }
    }

    fn folded_name(&self) -> Option<&str> {
        let fold = || self.viewer.name.as_deref().map(fold_name);
        self.folded_name.get_or_init(fold).as_deref()
    }

    fn is_covered(&self, special_members: &[String]) -> bool {
        special_members
            .iter()
            .filter_map(|member| Name::special(member))
            .any(|name| self.matches(&name))
    }
}

/// What an entry of this scope says about a right, for those whom it matches.
fn decided(scope: Scope, listed: RightSet, right: Right) -> Option<bool> {
    match (scope, listed.contains(right)) {
        (Scope::Every, granted) => Some(granted),
        (Scope::Grant, true) => Some(true),
        (Scope::Deny, true) => Some(false),
        (Scope::Grant | Scope::Deny, false) => None,
    }
}

#[cfg(test)]
#[path = "acl_tests.rs"]
mod tests;
