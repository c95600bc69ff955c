//! The seam through which lists learn who belongs to a group.
//!
//! A group hides an account of the same name: an entry that names a group is about its members
//! only. Where groups come from (pages, configuration, a directory) is the source's affair; a
//! wiki without groups uses [`NoGroups`].

/// What a source knows about an entry's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Membership {
    /// There is no group of this name; the entry is about an account.
    NotAGroup,
    /// The group exists and does not contain the viewer by name; these of its members are
    /// special entries (`All`, `Known`, `Trusted`), which may still cover the viewer.
    Group {
        /// The group's special members, in its order.
        special_members: Vec<String>,
    },
    /// The group exists and the viewer is one of its members.
    Member,
}

/// Answers whether a viewer belongs to a group.
pub trait GroupSource: Send + Sync {
    /// Looks the group up, with all the groups inside it. `name` is the viewer's account name,
    /// `None` for a guest.
    fn membership(&self, group: &str, name: Option<&str>) -> Membership;
}

/// A wiki without groups.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoGroups;

impl GroupSource for NoGroups {
    fn membership(&self, _group: &str, _name: Option<&str>) -> Membership {
        Membership::NotAGroup
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_groups_every_name_is_an_account() {
        assert_eq!(
            NoGroups.membership("AdminGroup", Some("Ann")),
            Membership::NotAGroup
        );
        assert_eq!(NoGroups.membership("AdminGroup", None), Membership::NotAGroup);
    }
}
