//! Keys and tables that do not exist: what was meant instead (L-38).
//!
//! A near miss gets a did-you-mean, a key of MoinMoin 1.9 that is said differently here gets its replacement, and a
//! key of another table is told its place. Refusing is the caller's business.

use super::keys::Scope;

/// What to do about an unknown key of a table.
pub(crate) fn remedy_for_key(name: &str, scope: Scope) -> String {
    if scope.other().keys().any(|key| key.name == name) {
        return match scope {
            Scope::Farm => {
                format!("`{name}` is a wiki's key: put it under [defaults], [group.X] or [wiki.Y].")
            }
            Scope::Wiki => format!("`{name}` belongs under [farm] in the main file."),
        };
    }
    if let Some((_, replacement)) = REMOVED.iter().find(|(removed, _)| *removed == name) {
        return (*replacement).to_owned();
    }
    match closest(name, scope.keys().map(|key| key.name)) {
        Some(near) => format!("Did you mean `{near}`?"),
        None => "Remove the line; `grange config schema` lists every key.".to_owned(),
    }
}

/// What to do about an unknown table or a key outside of all tables.
pub(crate) fn remedy_for_table(name: &str) -> String {
    if Scope::Wiki.keys().any(|key| key.name == name) {
        return format!("`{name}` is a wiki's key: put it under [defaults], [group.X] or [wiki.Y].");
    }
    if Scope::Farm.keys().any(|key| key.name == name) {
        return format!("Put `{name}` under [farm].");
    }
    match closest(name, ["farm", "defaults", "group", "wiki"]) {
        Some(near @ ("group" | "wiki")) => format!("Did you mean [{near}.ID]?"),
        Some(near) => format!("Did you mean [{near}]?"),
        None => "The tables are [farm], [defaults], [group.X] and [wiki.Y].".to_owned(),
    }
}

/// The name that was probably meant.
pub(crate) fn closest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let name = name.to_ascii_lowercase().replace('-', "_");
    let rated = known
        .into_iter()
        .map(|known| (strsim::jaro_winkler(&name, known), known));
    let best = rated.max_by(|one, other| one.0.total_cmp(&other.0));
    best.filter(|(likeness, _)| *likeness > 0.84)
        .map(|(_, known)| known)
}

/// Settings of MoinMoin that are gone or said differently, with what to do.
const REMOVED: &[(&str, &str)] = &[
    ("acl_enabled", "Rights are always on; remove the line."),
    ("allow_xslt", "There is no XSLT; remove the line."),
    ("cache_dir", "Caches need no directory; remove the line."),
    (
        "cookie_prefix",
        "The prefix is chosen from cookie_secure, cookie_domain and cookie_path; remove the line.",
    ),
    (
        "data_underlay_dir",
        "Pages as plain files stand in `<data_dir>/pages`; remove the line.",
    ),
    ("default_markup", "Write `default_format`."),
    ("page_front_page", "Write `front_page`."),
    (
        "secret",
        "Secrets stand in a file of their own: [farm] secrets_file.",
    ),
    (
        "secrets",
        "Secrets stand in a file of their own: [farm] secrets_file.",
    ),
    (
        "session_handler",
        "Sessions are built in; remove the line. Who embeds Grange gives another handler in Rust.",
    ),
    (
        "session_id_handler",
        "Ids are always random and signed; remove the line.",
    ),
    (
        "session_service",
        "Sessions are built in; remove the line. Where they are kept: session_store, session_dir.",
    ),
    (
        "siteid",
        "A wiki's id is the ID of its [wiki.ID]; remove the line.",
    ),
    ("superusers", "Write `superuser`."),
    ("theme_default", "Write `theme`."),
    (
        "traceback_log_dir",
        "Causes of errors go to the log; remove the line.",
    ),
    (
        "traceback_show",
        "Causes of errors go to the log and never to a page; remove the line.",
    ),
    (
        "tz_offset",
        "Write `timezone` with a name such as \"Europe/Berlin\".",
    ),
    (
        "url_mappings",
        "Say where a wiki is reached in `at`; remove the line.",
    ),
    (
        "url_prefix_static",
        "Theme files always stand under `_static`; remove the line.",
    ),
    (
        "user_autocreate",
        "Say who may make an account in `registration`.",
    ),
    ("wikis", "Each wiki is a table: [wiki.ID] with `at`."),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_key_names_the_one_that_was_meant() {
        for (wrong, right) in [
            ("cookie_lifetme", "cookie_lifetime"),
            ("sesion_dir", "session_dir"),
            ("cookie-domain", "cookie_domain"),
            ("Superuser", "superuser"),
            ("user_dirs", "user_dir"),
            ("site_name", "sitename"),
        ] {
            assert_eq!(
                remedy_for_key(wrong, Scope::Wiki),
                format!("Did you mean `{right}`?")
            );
        }
    }

    #[test]
    fn a_key_that_resembles_nothing_is_not_guessed_at() {
        assert!(remedy_for_key("zzz", Scope::Wiki).starts_with("Remove the line"));
    }

    #[test]
    fn a_setting_of_moinmoin_is_told_what_took_its_place() {
        assert!(remedy_for_key("theme_default", Scope::Wiki).contains("`theme`"));
        assert!(remedy_for_key("wikis", Scope::Farm).contains("[wiki.ID]"));
    }

    #[test]
    fn a_key_in_the_wrong_table_is_told_the_right_one() {
        assert!(remedy_for_key("listen", Scope::Wiki).contains("[farm]"));
        assert!(remedy_for_key("cookie_lifetime", Scope::Farm).contains("[defaults]"));
        assert!(remedy_for_table("cookie_lifetime").contains("[defaults]"));
        assert_eq!(remedy_for_table("wikis"), "Did you mean [wiki.ID]?");
        assert_eq!(remedy_for_table("default"), "Did you mean [defaults]?");
    }

    #[test]
    fn no_removed_setting_is_a_key_of_ours() {
        for (removed, _) in REMOVED {
            assert!(
                Scope::Wiki
                    .keys()
                    .chain(Scope::Farm.keys())
                    .all(|key| key.name != *removed),
                "{removed}"
            );
        }
    }
}
