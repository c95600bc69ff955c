//! Where things live: directories and stores.
//!
//! Relative paths are relative to the file they stand in. Missing directories are made 0700, and nothing is written
//! outside the directories named here.

use super::super::key::Default::{Toml, Words};
use super::super::key::{Key, Kind};
use super::super::rules;

section! {
    /// The wiki's directory.
    DATA_DIR = Key::new("data_dir", Kind::Path, Words("<data_dir of [farm]>/<id>"), r#""wikis/wiki1""#);
    /// "sqlite" = in data_dir.
    PAGE_STORE = Key::new(
        "page_store",
        Kind::Word { now: &["sqlite"], later: POSTGRES },
        Toml(r#""sqlite""#),
        r#""sqlite""#,
    );
    /// "file" = in data_dir.
    ATTACHMENT_STORE = Key::new(
        "attachment_store",
        Kind::Word { now: &["file"], later: &["s3://"] },
        Toml(r#""file""#),
        r#""file""#,
    );
    /// Where sessions are; wikis with the same one (and cookie_name, user_dir) share them.
    SESSION_DIR = Key::new(
        "session_dir",
        Kind::Path,
        Words("<data_dir>/sessions"),
        r#""wikis/_shared/sessions""#,
    );
    /// "sqlite" = in session_dir; "memory" = gone with the process; "redis://HOST", "rediss://HOST" = in a Redis or
    /// Valkey, "postgres://USER@HOST/DATABASE" = in a PostgreSQL that several servers share.
    SESSION_STORE = Key::new(
        "session_store",
        Kind::Store { now: &["sqlite", "memory"], server: rules::session_server },
        Toml(r#""sqlite""#),
        r#""sqlite""#,
    );
    /// Where accounts are; wikis with the same one share them.
    USER_DIR = Key::new("user_dir", Kind::Path, Words("<data_dir>/users"), r#""wikis/_shared/users""#);
    /// "sqlite" = in user_dir; "memory" = gone with the process.
    USER_STORE = Key::new(
        "user_store",
        Kind::Word { now: &["sqlite", "memory"], later: POSTGRES },
        Toml(r#""sqlite""#),
        r#""sqlite""#,
    );
    /// Directories of Python macros, looked through after <data_dir>/macros; the first hit wins.
    MACRO_DIRS = Key::new(
        "macro_dirs",
        Kind::Paths,
        Words("[]: <data_dir>/macros alone"),
        r#"["wikis/_shared/macros"]"#,
    );
    /// A file of interwiki names.
    SHARED_INTERMAP = Key::new(
        "shared_intermap",
        Kind::Path,
        Words("none"),
        r#""intermap.txt""#).later(&[],
    );
}

const POSTGRES: &[&str] = &["postgres://", "postgresql://"];
