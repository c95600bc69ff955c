//! The names of the actions that a page can be asked for.
//!
//! What they do is the server's business, whose table holds the same names; a test there sees to it. `<<Action>>` links
//! only these, and the check of the configuration knows them too.

/// What `?action=` may say, with the longer names of MoinMoin. The server's table holds the same names.
pub const ACTION_NAMES: &[&str] = &[
    "show",
    "edit",
    "newpage",
    "raw",
    "info",
    "diff",
    "recall",
    "fullsearch",
    "goto",
    "titleindex",
    "linkto",
    "LikePages",
    "attach",
    "AttachFile",
    "revert",
    "rename",
    "RenamePage",
    "delete",
    "DeletePage",
    "login",
    "logout",
    "handover",
    "newaccount",
    "suid",
    "sessions",
    "userprefs",
];

/// The name under which an action goes here, if `name` is a longer one of MoinMoin.
#[must_use]
pub fn short_action_name(name: &str) -> &str {
    match name {
        "AttachFile" => "attach",
        "RenamePage" => "rename",
        "DeletePage" => "delete",
        short => short,
    }
}
