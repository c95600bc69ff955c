//! Who may do what: rights, access control lists and the decision over them.
//!
//! A [`Viewer`] (plain data: who asks) wants a [`Right`]. [`AclRules`] holds a wiki's three lists
//! and decides: before → the page's own list or the default → after → deny. One list is an
//! [`Acl`], written in MoinMoin's line grammar; parsing never fails, and [`Acl::problems`] says
//! what in it cannot mean what its author hoped.
//!
//! It does not know pages, accounts or groups: a page's list is handed in, a group is asked for
//! through [`GroupSource`]. A superuser has no page right by being one.
//! Start reading at [`AclRules::ruling`], then `acl.rs`.

mod acl;
mod groups;
mod parse;
mod problem;
mod right;
mod rules;
mod viewer;

pub use acl::{Acl, AclRuling};
pub use groups::{GroupSource, Membership, NoGroups};
pub use problem::AclProblem;
pub use right::{Right, RightSet};
pub use rules::{AclList, AclRules, DEFAULT_RIGHTS, DecidedBy, Ruling};
pub use viewer::Viewer;
