//! `[farm]`: the process. It stands in the main file only.
//!
//! These keys say where the server listens, what it trusts and where further files are; nothing about a wiki.

use super::super::key::Default::{Toml, Words};
use super::super::key::{Key, Kind};
use super::super::rules;

section! {
    /// Every address to bind; one per port-based wiki. Port 0 takes a free one.
    LISTEN = Key::new(
        "listen",
        Kind::Texts(rules::socket_address),
        Toml(r#"["127.0.0.1:8080"]"#),
        r#"["127.0.0.1:8080"]"#,
    );
    /// Where /health and /metrics answer. The default is skipped with a warning when the address is taken, a written
    /// one must bind; "" turns it off.
    ADMIN_LISTEN = Key::new(
        "admin_listen",
        Kind::Text(rules::admin_address),
        Toml(r#""127.0.0.1:8079""#),
        r#""127.0.0.1:8079""#,
    );
    /// Who may see the admin pages at `/_farm/` of every wiki whose logins count in theirs: accounts as "wiki:Name".
    /// Empty = no admin pages.
    ADMINS = Key::new("admins", Kind::Texts(rules::account), Toml("[]"), r#"["garden:Ada"]"#);
    /// Wiki "x" lives in `<data_dir>/x` unless it says data_dir itself.
    DATA_DIR = Key::new("data_dir", Kind::Path, Toml(r#""wikis""#), r#""wikis""#);
    /// Addresses and networks whose X-Forwarded-For, -Host, -Proto and -Port (or Forwarded) headers count.
    TRUSTED_PROXIES = Key::new(
        "trusted_proxies",
        Kind::Texts(rules::network),
        Toml("[]"),
        r#"["127.0.0.1"]"#,
    );
    /// Made 0600 at the first start; its first line signs, all lines verify.
    SECRETS_FILE = Key::new(
        "secrets_file",
        Kind::Path,
        Words("<data_dir>/_farm/secrets"),
        r#""wikis/_farm/secrets""#,
    );
    /// Further files with `[wiki.*]` and `[group.*]` tables; `*`, `?`, `[…]` and `**` are patterns.
    INCLUDE = Key::new("include", Kind::Paths, Toml("[]"), r#"["wikis/*/wiki.toml"]"#);
}
