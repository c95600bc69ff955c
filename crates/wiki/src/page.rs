//! What a page, a revision and an entry of the change log are: plain facts without behaviour.
//!
//! Nothing here reads or writes; `store.rs` keeps these, `wiki.rs` hands them out.
//! Start at [`Page`]; [`Change`] is one line of a page's history or of the recent changes.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::attachment::FileName;
use crate::name::PageName;

/// Counts the revisions of one page from 1; 0 is the underlay's file, or "new page" as a base.
/// A number is never used twice for one name, also after a deletion or a renaming.
pub type RevisionNumber = u32;

/// A page as it stands, or as it stood at one revision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// The name under which it was asked for.
    pub name: PageName,
    /// Which revision this is; 0 for the underlay's file.
    pub revision: RevisionNumber,
    /// The whole source text, with `\n` at line ends; empty for a deletion.
    pub text: Arc<str>,
    /// Who made this revision and when; nothing for the underlay's file.
    pub change: Option<Change>,
    /// The first bytes of the text's SHA-256: equal texts have equal fingerprints.
    pub fingerprint: u64,
}

impl Page {
    /// Whether this is a plain file that nobody has edited in the wiki.
    pub fn is_underlay(&self) -> bool {
        self.change.is_none()
    }

    /// Whether this revision says that the page was deleted (or renamed away).
    pub fn is_deletion(&self) -> bool {
        self.change.as_ref().is_some_and(|change| change.removes_page())
    }
}

/// One entry of the change log: somebody made a revision of a page, or attached or removed a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The place in the wiki's change log; later changes have greater numbers.
    pub seq: u64,
    /// The page, under its name of today.
    pub page: PageName,
    /// The revision that the change made; 0 for a change of a file.
    pub revision: RevisionNumber,
    /// What was done.
    pub kind: ChangeKind,
    /// Who did it.
    pub author: Author,
    /// When.
    pub time: Timestamp,
    /// The author's own words, empty when there are none.
    pub comment: String,
    /// The size of the revision's text, or of the file.
    pub bytes: u64,
    /// Of a renaming: the name the page has now, seen from the old name, and the one it had, seen
    /// from the new name.
    pub other: Option<PageName>,
    /// The file that was attached or removed.
    pub file: Option<FileName>,
    /// What stands at the page since this revision.
    pub standing: Standing,
    /// Of the text or the file; see [`Page::fingerprint`].
    pub fingerprint: u64,
}

impl Change {
    /// Whether the page was gone after this change.
    pub fn removes_page(&self) -> bool {
        self.standing == Standing::Nothing
    }
}

/// What a revision leaves at its page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// The revision's text.
    Text,
    /// No page: it was deleted or renamed away.
    Nothing,
    /// The underlay's file shows again; the text kept is what it held at that moment.
    Underlay,
}

/// What a change did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// An edit, or the making of a page.
    Edit,
    /// An edit its author calls trivial.
    Minor,
    /// An older revision stands again.
    Revert,
    /// The page got another name; the old name has an entry of this kind too.
    Rename,
    /// The page was deleted; its history stays.
    Delete,
    /// The revision came from another wiki.
    Import,
    /// A file was attached to the page.
    Attach,
    /// A file of the page got a new version.
    Replace,
    /// A file was removed from the page.
    Detach,
}

impl ChangeKind {
    /// Every kind, in the order of the declaration.
    pub const ALL: [ChangeKind; 9] = [
        ChangeKind::Edit,
        ChangeKind::Minor,
        ChangeKind::Revert,
        ChangeKind::Rename,
        ChangeKind::Delete,
        ChangeKind::Import,
        ChangeKind::Attach,
        ChangeKind::Replace,
        ChangeKind::Detach,
    ];

    /// The word for logs, JSON and the store.
    pub fn as_str(self) -> &'static str {
        match self {
            ChangeKind::Edit => "edit",
            ChangeKind::Minor => "minor",
            ChangeKind::Revert => "revert",
            ChangeKind::Rename => "rename",
            ChangeKind::Delete => "delete",
            ChangeKind::Import => "import",
            ChangeKind::Attach => "attach",
            ChangeKind::Replace => "replace",
            ChangeKind::Detach => "detach",
        }
    }
}

impl fmt::Display for ChangeKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A word that is no kind of change.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no kind of change")]
pub struct UnknownChangeKind(String);

impl FromStr for ChangeKind {
    type Err = UnknownChangeKind;

    fn from_str(word: &str) -> Result<ChangeKind, UnknownChangeKind> {
        let known = ChangeKind::ALL.into_iter().find(|kind| kind.as_str() == word);
        known.ok_or_else(|| UnknownChangeKind(word.to_owned()))
    }
}

/// Who made a change, as far as it is known and the wiki's policy lets it be kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Author {
    /// The account's id.
    pub user_id: Option<String>,
    /// The account's name at the time of the change.
    pub name: Option<String>,
    /// Where the change came from, already truncated by policy.
    pub address: Option<String>,
    /// The superuser who acted as this account.
    pub acting: Option<String>,
}

impl Author {
    /// An author without account or address, such as the wiki itself.
    pub fn nobody() -> Author {
        Author::default()
    }

    /// An author known by name only.
    pub fn named(name: impl Into<String>) -> Author {
        Author {
            name: Some(name.into()),
            ..Author::default()
        }
    }

    /// The name to show: the account's, else the address.
    pub fn label(&self) -> Option<&str> {
        self.name.as_deref().or(self.address.as_deref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_change_is_read_back_from_its_word() {
        for kind in ChangeKind::ALL {
            assert_eq!(kind.as_str().parse(), Ok(kind));
            assert_eq!(serde_json::to_string(&kind).unwrap(), format!("\"{kind}\""));
        }
        assert!("edited".parse::<ChangeKind>().is_err());
    }

    #[test]
    fn an_author_without_name_is_shown_by_address() {
        let guest = Author {
            address: Some("192.0.2.0".into()),
            ..Author::nobody()
        };
        assert_eq!(guest.label(), Some("192.0.2.0"));
        assert_eq!(Author::named("Ada").label(), Some("Ada"));
        assert_eq!(Author::nobody().label(), None);
    }
}
