//! What people see: one plain struct per kind of page, each with its template in `templates/`.
//!
//! A handler gathers facts, fills one of these structs and writes it out; the template decides how
//! it looks. The structs borrow what the handler already holds and know nothing of requests, stores
//! or rights: a link that a visitor may not use is simply not put in.
//!
//! Start with [`Shell`], which is everything around the content; every page but [`BareErrorPage`]
//! has one. Forms and what they post are in [`edit`], [`account`] and [`change`].

pub mod account;
pub mod attach;
pub mod change;
pub mod diff;
pub mod edit;
pub mod error;
pub mod escape;
pub mod farm;
pub mod history;
pub mod search;
pub mod sessions;
pub mod shell;
#[cfg(test)]
mod tests;
pub mod view;

pub use account::{
    HandoverPage, LoginForm, LoginPage, LogoutPage, NewAccountForm, NewAccountPage, Press, RememberMe,
    SwitchUserPage,
};
pub use attach::{
    AttachedVersion, AttachmentPage, AttachmentRow, AttachmentsPage, RemoveFilePage, UploadForm,
};
pub use change::{DeletePage, RenamePage, RevertPage};
pub use diff::{DiffLine, DiffPage, DiffRow, DiffSide, DiffSpan, LineKind, Side, Weight};
pub use edit::{ConflictPage, EditForm, EditPage, Triviality};
pub use error::{BareErrorPage, ErrorPage, SuspendedPage};
pub use farm::{
    FarmConfigPage, FarmMacroRow, FarmMacrosPage, FarmNavigation, FarmProblem, FarmSessionsPage,
    FarmSharingPage, FarmWikiRow, FarmWikisPage, Paging,
};
pub use history::{HistoryPage, HistoryRow, Picked, RowOf, Standing, offer_newest};
pub use search::{Letter, MarkedText, ResultRow, SearchForm, SearchPage, TitleIndexPage};
pub use sessions::{PreferencesPage, ProofPage, SessionRow, SessionsPage};
pub use shell::{
    Acting, Author, Direction, EditBar, Editing, Indexing, LastChange, Link, Message, MessageKind, Moment,
    NaviLink, PageAction, Presence, SearchBox, Shell, Site, TrailLink, UserMenu, Visitor,
};
pub use view::{ForbiddenPage, Gone, MissingPage, OldRevision, OutlineEntry, ViewPage};

use askama::Template;

/// Writes a page as the bytes of a response body.
///
/// # Errors
/// * When a value cannot be formatted; writing to memory cannot fail, so no page of ours does.
pub fn to_bytes(page: &impl Template) -> Result<Vec<u8>, askama::Error> {
    Ok(page.render()?.into_bytes())
}
