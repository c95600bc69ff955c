//! Routing and look: where a wiki is reached and how it greets.
//!
//! The grammar of `at` and `aliases` is in `address.rs`.

use super::super::key::Default::{Toml, Words};
use super::super::key::{Key, Kind};
use super::super::rules;

section! {
    /// Its addresses, `[http[s]://]HOST[:PORT][/PATH]`; the first is the canonical one.
    AT = Key::new(
        "at",
        Kind::Texts(rules::address),
        Words("none: every wiki says its own"),
        r#"["wiki.example.org"]"#,
    );
    /// Addresses that redirect to the canonical one, path and query kept.
    ALIASES = Key::new("aliases", Kind::Texts(rules::address), Toml("[]"), r#"["old.example.org"]"#);
    /// The `[group.X]` whose settings it inherits.
    GROUP = Key::new("group", Kind::Text(rules::identifier), Words("none"), r#""example""#);
    /// The name people read.
    SITENAME = Key::new("sitename", Kind::Text(rules::filled), Words("the wiki's id"), r#""Second wiki""#);
    /// The name other wikis link it by.
    INTERWIKINAME = Key::new(
        "interwikiname",
        Kind::Text(rules::word),
        Words("the wiki's id"),
        r#""SecondWiki""#,
    );
    /// The theme.
    THEME = Key::new(
        "theme",
        Kind::Text(rules::any),
        Words("the built-in theme"),
        r#""default""#).later(&[],
    );
    /// An image beside the site's name: an http(s) URL or a path on this server.
    LOGO = Key::new("logo", Kind::Text(rules::image), Words("none"), r#""/_static/logo.svg""#);
    /// Page names and links of the navigation bar.
    NAVI_BAR = Key::new(
        "navi_bar",
        Kind::Texts(rules::filled),
        Toml(r#"["RecentChanges", "HelpContents"]"#),
        r#"["RecentChanges", "HelpContents"]"#,
    );
    /// The page at the wiki's root.
    FRONT_PAGE = Key::new(
        "front_page",
        Kind::Text(rules::page_name),
        Toml(r#""FrontPage""#),
        r#""FrontPage""#,
    );
    /// The language of the pages; macros get it too where the browser asks for none. The interface is English.
    LANGUAGE_DEFAULT = Key::new(
        "language_default",
        Kind::Text(rules::language),
        Toml(r#""en""#),
        r#""en""#,
    );
    /// Never look at the browser's languages.
    LANGUAGE_IGNORE_BROWSER = Key::new("language_ignore_browser", Kind::Bool, Toml("false"), "true");
    /// The time zone of visitors who chose none, by its IANA name.
    TIMEZONE = Key::new("timezone", Kind::Text(rules::time_zone), Toml(r#""UTC""#), r#""Europe/Berlin""#);
    /// "suspended" answers 503 with a page and Retry-After; "read_only" and "archived" can be read only.
    STATE = Key::new(
        "state",
        Kind::Word { now: &["active", "read_only", "suspended", "archived"], later: &[] },
        Toml(r#""active""#),
        r#""active""#,
    );
    /// The markup of pages that name none.
    DEFAULT_FORMAT = Key::new(
        "default_format",
        Kind::Word { now: &["markdown"], later: &["moin"] },
        Toml(r#""markdown""#),
        r#""markdown""#,
    );
    /// Raw HTML in pages, sanitised.
    RAW_HTML = Key::new("raw_html", Kind::Bool, Toml("false"), "false");
}
