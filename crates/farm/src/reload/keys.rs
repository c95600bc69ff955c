//! Two configurations compared key by key, under the names the keys have in farmconfig.toml.
//!
//! Only what is in force counts: a key that moved from a wiki to its group without changing its value is no
//! change. The struct patterns name every field, so a new setting cannot be forgotten here: it does not compile.

use crate::check::{FarmConfig, WikiConfig};

/// The keys of `[farm]` whose values differ.
pub fn changed_farm_keys(older: &FarmConfig, newer: &FarmConfig) -> Vec<&'static str> {
    // Which files and patterns a configuration is spread over has no effect of its own.
    let FarmConfig {
        path: _,
        files: _,
        include: _,
        listen,
        admin_listen,
        data_dir,
        trusted_proxies,
        admins,
        secrets_file,
        wikis: _,
    } = newer;
    let checks = [
        ("listen", *listen == older.listen),
        ("admin_listen", *admin_listen == older.admin_listen),
        ("data_dir", *data_dir == older.data_dir),
        ("trusted_proxies", *trusted_proxies == older.trusted_proxies),
        ("admins", *admins == older.admins),
        ("secrets_file", *secrets_file == older.secrets_file),
    ];
    differing(&checks)
}

/// The keys of a wiki whose values differ.
pub fn changed_wiki_keys(older: &WikiConfig, newer: &WikiConfig) -> Vec<&'static str> {
    let WikiConfig {
        id: _,
        group,
        at,
        aliases,
        sitename,
        interwikiname,
        logo,
        navi_bar,
        front_page,
        language_default,
        language_ignore_browser,
        timezone,
        state,
        raw_html,
        data_dir,
        session_store,
        user_store,
        session: _,
        central_login,
        registration,
        superusers,
        // Follow from the keys of all wikis with the same accounts, and from `[farm] admins`.
        reserved_names: _,
        rights,
        actions_excluded,
        actions_superuser,
        max_page_bytes,
        max_attachment_bytes,
        macro_dirs,
        macro_limits,
        // Which settings came from the environment changes what `config show` prints, not the wiki.
        from_environment: _,
    } = newer;
    let checks = [
        ("group", *group == older.group),
        ("at", same_places(at, &older.at)),
        ("aliases", same_places(aliases, &older.aliases)),
        ("sitename", *sitename == older.sitename),
        ("interwikiname", *interwikiname == older.interwikiname),
        ("logo", *logo == older.logo),
        ("navi_bar", *navi_bar == older.navi_bar),
        ("front_page", *front_page == older.front_page),
        ("language_default", *language_default == older.language_default),
        (
            "language_ignore_browser",
            *language_ignore_browser == older.language_ignore_browser,
        ),
        ("timezone", *timezone == older.timezone),
        ("state", *state == older.state),
        ("raw_html", *raw_html == older.raw_html),
        ("data_dir", *data_dir == older.data_dir),
        ("session_store", *session_store == older.session_store),
        ("user_store", *user_store == older.user_store),
        ("central_login", *central_login == older.central_login),
        ("registration", *registration == older.registration),
        ("superuser", *superusers == older.superusers),
        ("acl_rights_before", rights.before == older.rights.before),
        ("acl_rights_default", rights.default == older.rights.default),
        ("acl_rights_after", rights.after == older.rights.after),
        ("actions_excluded", *actions_excluded == older.actions_excluded),
        ("actions_superuser", *actions_superuser == older.actions_superuser),
        ("max_page_bytes", *max_page_bytes == older.max_page_bytes),
        (
            "max_attachment_bytes",
            *max_attachment_bytes == older.max_attachment_bytes,
        ),
        ("macro_dirs", *macro_dirs == older.macro_dirs),
        ("macro_time_ms", macro_limits.time == older.macro_limits.time),
        (
            "macro_memory_bytes",
            macro_limits.memory_bytes == older.macro_limits.memory_bytes,
        ),
        (
            "macro_workers",
            macro_limits.workers == older.macro_limits.workers,
        ),
    ];
    let mut changed = differing(&checks);
    changed.extend(changed_session_keys(older, newer));
    changed
}

fn changed_session_keys(older: &WikiConfig, newer: &WikiConfig) -> Vec<&'static str> {
    let (old, new) = (&older.session, &newer.session);
    let grange_session::SessionPolicy {
        // The wiki's id; the realm follows from name, kind and stores, which are compared.
        wiki: _,
        realm: _,
        cookie,
        lifetimes,
        // Of the whole realm; a change of it is one of some wiki's `cookie_lifetime`.
        longest_anonymous: _,
        persistent_on_login,
        persistent_on_logout,
        kind,
        max_sessions_per_user,
        trail_size,
    } = new.as_ref();
    let old_times = &old.lifetimes;
    let checks = [
        ("cookie_name", cookie.name_part == old.cookie.name_part),
        ("cookie_domain", cookie.domain == old.cookie.domain),
        ("cookie_path", cookie.path == old.cookie.path),
        ("cookie_secure", cookie.secure == old.cookie.secure),
        ("cookie_httponly", cookie.http_only == old.cookie.http_only),
        ("same_site", cookie.same_site == old.cookie.same_site),
        ("use_session_cookie", cookie.until == old.cookie.until),
        (
            "cookie_lifetime",
            (lifetimes.anonymous, lifetimes.logged_in) == (old_times.anonymous, old_times.logged_in),
        ),
        ("session_life_time", lifetimes.idle == old_times.idle),
        (
            "session_absolute_life_time",
            lifetimes.absolute == old_times.absolute,
        ),
        (
            "session_persistent_fields_on_login",
            *persistent_on_login == old.persistent_on_login,
        ),
        (
            "session_persistent_fields_on_logout",
            *persistent_on_logout == old.persistent_on_logout,
        ),
        ("session_kind", *kind == old.kind),
        (
            "max_sessions_per_user",
            *max_sessions_per_user == old.max_sessions_per_user,
        ),
        ("trail_size", *trail_size == old.trail_size),
    ];
    differing(&checks)
}

fn differing(checks: &[(&'static str, bool)]) -> Vec<&'static str> {
    checks
        .iter()
        .filter(|(_, same)| !same)
        .map(|(key, _)| *key)
        .collect()
}

/// Whether two lists of addresses mean the same, however they are spelled.
fn same_places(one: &[crate::address::Address], other: &[crate::address::Address]) -> bool {
    one.len() == other.len() && one.iter().zip(other).all(|(one, other)| one.same_place(other))
}
