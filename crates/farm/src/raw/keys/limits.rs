//! Limits and mail.
//!
//! Most of these wait for the parts of Grange that they limit and are refused until then.

use super::super::key::Default::{Toml, Words};
use super::super::key::{Key, Kind};
use super::super::rules;

section! {
    /// The largest page that can be saved, in bytes of its text.
    MAX_PAGE_BYTES = Key::new(
        "max_page_bytes",
        Kind::Whole { min: 1024, max: 1 << 30 },
        Toml("1048576"),
        "1048576",
    );
    /// The largest file that can be attached to a page, in bytes.
    MAX_ATTACHMENT_BYTES = Key::new(
        "max_attachment_bytes",
        Kind::Whole { min: 1024, max: 1 << 40 },
        Toml("16777216"),
        "104857600",
    );
    /// What a wiki may take in all, in bytes.
    QUOTA_BYTES = Key::new(
        "quota_bytes",
        Kind::Whole { min: 0, max: i64::MAX },
        Words("none"),
        "1073741824").later(&[],
    );
    /// How many pages a wiki may have.
    QUOTA_PAGES = Key::new(
        "quota_pages",
        Kind::Whole { min: 0, max: i64::MAX },
        Words("none"),
        "10000").later(&[],
    );
    /// Milliseconds a Python macro may take.
    MACRO_TIME_MS = Key::new(
        "macro_time_ms",
        Kind::Whole { min: 1, max: 60_000 },
        Toml("300"),
        "300",
    );
    /// Memory a Python macro may take, in bytes.
    MACRO_MEMORY_BYTES = Key::new(
        "macro_memory_bytes",
        Kind::Bytes { min: 1 << 20, max: 1 << 40 },
        Toml("67108864"),
        "67108864",
    );
    /// How many processes the wiki's Python macros may keep busy at once; the largest number of any wiki is how
    /// many there are at most.
    MACRO_WORKERS = Key::new(
        "macro_workers",
        Kind::Whole { min: 1, max: 64 },
        Toml("2"),
        "2",
    );
    /// The sender of the wiki's mail.
    MAIL_FROM = Key::new(
        "mail_from",
        Kind::Text(rules::any),
        Words("none: no mail"),
        r#""Wiki <wiki@example.org>""#).later(&[],
    );
    /// The server that takes the wiki's mail.
    MAIL_SMARTHOST = Key::new(
        "mail_smarthost",
        Kind::Text(rules::any),
        Words("none: no mail"),
        r#""smtps://mail.example.org""#).later(&[],
    );
}
