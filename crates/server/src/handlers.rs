//! One file per thing that a visitor can ask of a page.
//!
//! A handler takes the visit, the page with the right that it needs, and for a
//! change the checked form; it returns a reply or says why not. It sets no header,
//! writes no HTML and reads no clock.

pub mod attach;
pub mod delete;
pub mod diff;
pub mod edit;
pub mod farm_admin;
pub mod go_to;
pub mod handover;
pub mod history;
pub mod login;
pub mod logout;
pub mod new_page;
pub mod newaccount;
pub mod raw;
pub mod rename;
pub mod revert;
pub mod search;
pub mod sessions;
pub mod suid;
pub mod title_index;
pub mod userprefs;
pub mod view;

use grange_wiki::ChangeError;

use crate::refusal::Refusal;

/// What a failed deletion, renaming or going back means for the visitor.
pub fn change_refusal(cause: ChangeError) -> Refusal {
    match cause {
        ChangeError::Store(cause) => Refusal::internal(cause),
        ChangeError::ReadOnly => Refusal::Refused("This wiki is read-only at the moment.".into()),
        told => Refusal::NotFound(told.to_string().into()),
    }
}
