//! A wiki's three lists and the order in which they are asked.
//!
//! `acl_rights_before` → the page's own list, or `acl_rights_default` where it has none →
//! `acl_rights_after` → deny. [`AclRules::ruling`] also says which entry of which list decided,
//! for the log and for an administrator who wonders.

use std::fmt;

use super::{Acl, AclProblem, AclRuling, GroupSource, NoGroups, Right, Viewer};

/// What `acl_rights_default` is when nobody has set it: everyone reads, logged-in users edit.
pub const DEFAULT_RIGHTS: &str = "Known:read,write,delete,revert All:read";

/// The access control lists of one wiki.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AclRules {
    /// Asked first; what it decides, no page can change.
    pub before: Acl,
    /// Stands for the page's own list where it has none, and for the word `Default` in any list.
    pub default: Acl,
    /// Asked last; what nobody has decided yet.
    pub after: Acl,
}

/// One of the lists that are asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AclList {
    /// `acl_rights_before`.
    Before,
    /// The page's own `#acl` line.
    Page,
    /// `acl_rights_default`.
    Default,
    /// `acl_rights_after`.
    After,
}

/// The answer to "may they?", with its reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ruling {
    /// Whether the right is granted.
    pub granted: bool,
    /// The entry that decided; `None`: no list said anything, so the right is denied.
    pub decided_by: Option<DecidedBy>,
}

/// The entry that decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecidedBy {
    /// The list it stands in.
    pub list: AclList,
    /// The entry as written.
    pub entry: String,
    /// The name in it that matched.
    pub name: String,
}

impl AclRules {
    /// Whether the viewer has the right on a page without a list of its own.
    pub fn allows(&self, viewer: &Viewer, right: Right) -> bool {
        // Asked several times in each view, so no reasons are written out.
        self.decision(viewer, right, None, &NoGroups)
            .is_some_and(|(_, ruling)| ruling.granted)
    }

    /// Whether the viewer has the right, and why. `page` is the page's own list.
    pub fn ruling(
        &self,
        viewer: &Viewer,
        right: Right,
        page: Option<&Acl>,
        groups: &dyn GroupSource,
    ) -> Ruling {
        self.decision(viewer, right, page, groups).map_or(
            Ruling {
                granted: false,
                decided_by: None,
            },
            |(list, ruling)| Ruling::from_list(list, ruling),
        )
    }

    /// The first list that says something, and what it says.
    fn decision<'a>(
        &'a self,
        viewer: &Viewer,
        right: Right,
        page: Option<&'a Acl>,
        groups: &dyn GroupSource,
    ) -> Option<(AclList, AclRuling<'a>)> {
        let middle = page.map_or((AclList::Default, &self.default), |own| (AclList::Page, own));
        let lists = [
            (AclList::Before, &self.before),
            middle,
            (AclList::After, &self.after),
        ];
        lists.into_iter().find_map(|(list, acl)| {
            let ruling = acl.rule(viewer, right, &self.default, groups)?;
            Some((list, ruling))
        })
    }

    /// What in the three lists is ignored or never counts.
    pub fn problems(&self) -> Vec<(AclList, AclProblem)> {
        let lists = [
            (AclList::Before, &self.before),
            (AclList::Default, &self.default),
            (AclList::After, &self.after),
        ];
        let mut problems = Vec::new();
        for (list, acl) in lists {
            problems.extend(acl.problems().iter().map(|problem| (list, problem.clone())));
        }
        if self.default.asks_for_default() {
            problems.push((AclList::Default, AclProblem::DefaultInsideDefault));
        }
        problems
    }
}

impl Default for AclRules {
    fn default() -> AclRules {
        AclRules {
            before: Acl::default(),
            default: Acl::parse(DEFAULT_RIGHTS),
            after: Acl::default(),
        }
    }
}

impl Ruling {
    fn from_list(list: AclList, ruling: AclRuling<'_>) -> Ruling {
        let list = if ruling.through_default {
            AclList::Default
        } else {
            list
        };
        let decided_by = DecidedBy {
            list,
            entry: ruling.entry.to_owned(),
            name: ruling.name.to_owned(),
        };
        Ruling {
            granted: ruling.granted,
            decided_by: Some(decided_by),
        }
    }
}

impl AclList {
    /// The key of farmconfig.toml or the line of the page that holds this list.
    pub fn key(self) -> &'static str {
        match self {
            AclList::Before => "acl_rights_before",
            AclList::Page => "#acl",
            AclList::Default => "acl_rights_default",
            AclList::After => "acl_rights_after",
        }
    }
}

impl fmt::Display for Ruling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verb = if self.granted { "granted" } else { "denied" };
        match &self.decided_by {
            Some(by) => write!(
                f,
                "{verb} by \"{}\" in {} (as {})",
                by.entry,
                by.list.key(),
                by.name
            ),
            None => write!(f, "{verb}: no list says anything"),
        }
    }
}

#[cfg(test)]
#[path = "rules_tests.rs"]
mod tests;
