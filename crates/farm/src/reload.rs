//! From one farm to the next: what changed, in words, and which open wikis go on as they are.
//!
//! The new farm is built beside the old one; requests in flight keep the old one until they end. A wiki whose
//! settings did not change keeps its open stores and its rendered pages, so a reload costs nothing per wiki.
//! Watching files, checking and swapping is the server's. Start at [`Difference`].

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use crate::check::{FarmConfig, WikiConfig};

mod keys;

pub use keys::{changed_farm_keys, changed_wiki_keys};

/// What a reload changed. [`fmt::Display`] is the line for the log: "+2 wikis, 1 moved, 3 keys changed: wiki.a.sitename, …".
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Difference {
    /// Ids that are new.
    pub added: Vec<Arc<str>>,
    /// Ids that are gone.
    pub removed: Vec<Arc<str>>,
    /// Ids that answer at other addresses than before.
    pub moved: Vec<Arc<str>>,
    /// Every changed key of a wiki that stayed.
    pub changed: Vec<(Arc<str>, &'static str)>,
    /// Changed keys of `[farm]`.
    pub farm: Vec<&'static str>,
    /// Whether the secrets file has another content.
    pub secrets: SecretsChange,
}

/// Whether the secrets file has another content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SecretsChange {
    /// The same lines as before.
    #[default]
    Unchanged,
    /// Lines came or went.
    Changed,
}

impl Difference {
    /// What leads from one configuration to the other.
    pub fn between(older: &FarmConfig, newer: &FarmConfig) -> Difference {
        let mut gone: HashMap<&str, &Arc<WikiConfig>> =
            older.wikis.iter().map(|wiki| (wiki.id.as_ref(), wiki)).collect();
        let mut difference = Difference {
            farm: changed_farm_keys(older, newer),
            ..Difference::default()
        };
        for wiki in &newer.wikis {
            match gone.remove(wiki.id.as_ref()) {
                Some(before) => difference.compare(before, wiki),
                None => difference.added.push(Arc::clone(&wiki.id)),
            }
        }
        let removed = older
            .wikis
            .iter()
            .filter(|wiki| gone.contains_key(wiki.id.as_ref()));
        difference.removed = removed.map(|wiki| Arc::clone(&wiki.id)).collect();
        difference
    }

    /// Whether the reload had any effect.
    pub fn is_empty(&self) -> bool {
        *self == Difference::default()
    }

    fn compare(&mut self, before: &Arc<WikiConfig>, now: &Arc<WikiConfig>) {
        if Arc::ptr_eq(before, now) {
            return;
        }
        for key in changed_wiki_keys(before, now) {
            match key {
                "at" => self.moved.push(Arc::clone(&now.id)),
                key => self.changed.push((Arc::clone(&now.id), key)),
            }
        }
    }
}

/// So many changed keys are named; the rest is counted.
const NAMED_KEYS: usize = 8;

impl Difference {
    /// `farm.listen, wiki.a.sitename and 3 more`.
    fn changed_keys(&self) -> String {
        let farm = self.farm.iter().map(|key| format!("farm.{key}"));
        let wikis = self
            .changed
            .iter()
            .map(|(wiki, key)| format!("wiki.{wiki}.{key}"));
        let named: Vec<String> = farm.chain(wikis).take(NAMED_KEYS).collect();
        match (self.farm.len() + self.changed.len()).saturating_sub(NAMED_KEYS) {
            0 => named.join(", "),
            more => format!("{} and {more} more", named.join(", ")),
        }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let wikis = |count| if count == 1 { "wiki" } else { "wikis" };
        let keys = self.changed.len() + self.farm.len();
        let mut parts = Vec::new();
        match self.added.len() {
            0 => {}
            count => parts.push(format!("+{count} {}", wikis(count))),
        }
        match self.removed.len() {
            0 => {}
            count => parts.push(format!("-{count} {}", wikis(count))),
        }
        match self.moved.len() {
            0 => {}
            count => parts.push(format!("{count} moved")),
        }
        if self.secrets == SecretsChange::Changed {
            parts.push("secrets changed".to_owned());
        }
        match keys {
            0 => {}
            1 => parts.push(format!("1 key changed: {}", self.changed_keys())),
            count => parts.push(format!("{count} keys changed: {}", self.changed_keys())),
        }
        match parts.is_empty() {
            true => f.write_str("no change"),
            false => f.write_str(&parts.join(", ")),
        }
    }
}

/// The new configuration with every wiki that did not change replaced by the old one's very object: it is shared
/// between both farms while the old one lives, and can be recognised by its address.
pub(crate) fn keep_unchanged(mut newer: FarmConfig, older: &FarmConfig) -> FarmConfig {
    let before: HashMap<&str, &Arc<WikiConfig>> =
        older.wikis.iter().map(|wiki| (wiki.id.as_ref(), wiki)).collect();
    for wiki in &mut newer.wikis {
        if let Some(old) = before.get(wiki.id.as_ref())
            && is_same(old, wiki)
        {
            *wiki = Arc::clone(old);
        }
    }
    newer
}

/// Equal in effect, in the spelling that `explain` shows, and in what must not be shown.
fn is_same(old: &WikiConfig, new: &WikiConfig) -> bool {
    changed_wiki_keys(old, new).is_empty()
        && (&old.at, &old.aliases) == (&new.at, &new.aliases)
        && old.from_environment == new.from_environment
        && old.reserved_names == new.reserved_names
        && old.session.longest_anonymous == new.session.longest_anonymous
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::config;

    const BASE: &str = "[farm]\ntrusted_proxies = []\n[wiki.a]\nat = [\"a\"]\n[wiki.b]\nat = [\"b\"]\n";

    fn told(older: &str, newer: &str) -> String {
        let dir = tempfile::tempdir().unwrap();
        Difference::between(&config(dir.path(), older), &config(dir.path(), newer)).to_string()
    }

    #[test]
    fn the_same_settings_are_no_change_however_they_are_written() {
        assert_eq!(told(BASE, BASE), "no change");
        assert_eq!(told(BASE, &BASE.replace("\"a\"", "\"A.\"")), "no change");
        assert_eq!(told(BASE, &format!("{BASE}sitename = \"b\"\n")), "no change");
        let regrouped = "[wiki.b]\nat = [\"b\"]\n[wiki.a]\nat = [\"a\"]\n";
        assert_eq!(told(BASE, regrouped), "no change");
    }

    #[test]
    fn wikis_that_come_go_and_move_are_counted() {
        let more = format!("{BASE}[wiki.c]\nat = [\"c\"]\n");
        assert_eq!(told(BASE, &more), "+1 wiki");
        assert_eq!(told(&more, BASE), "-1 wiki");
        let two_more = format!("{more}[wiki.d]\nat = [\"d\"]\n").replace("\"b\"", "\"b/w\"");
        assert!(
            told(BASE, &two_more).starts_with("+2 wikis, 1 moved"),
            "{}",
            told(BASE, &two_more)
        );
        assert_eq!(told(BASE, &BASE.replace("wiki.b", "wiki.c")), "+1 wiki, -1 wiki");
    }

    #[test]
    fn keys_are_counted_and_named_where_they_are_in_force() {
        assert_eq!(
            told(BASE, &format!("{BASE}trail_size = 9\n")),
            "1 key changed: wiki.b.trail_size"
        );
        assert_eq!(
            told(
                BASE,
                &format!("{BASE}trail_size = 9\nsitename = \"B\"\nsame_site = \"strict\"\n")
            ),
            "3 keys changed: wiki.b.sitename, wiki.b.same_site, wiki.b.trail_size"
        );
        assert_eq!(
            told(BASE, &format!("{BASE}[defaults]\ntrail_size = 9\n")),
            "2 keys changed: wiki.a.trail_size, wiki.b.trail_size"
        );
        assert_eq!(
            told(BASE, &BASE.replace("= []", "= [\"10.0.0.1\"]")),
            "1 key changed: farm.trusted_proxies"
        );
        let many: String = (0..12)
            .map(|n| format!("[wiki.w{n}]\nat = [\"w{n}\"]\n"))
            .collect();
        let line = told(&many, &format!("[defaults]\ntrail_size = 9\n{many}"));
        assert!(
            line.starts_with("12 keys changed: wiki.w0.trail_size, wiki.w1."),
            "{line}"
        );
        assert!(line.ends_with(", wiki.w7.trail_size and 4 more"), "{line}");
    }

    #[test]
    fn a_name_that_becomes_an_administrators_is_kept_from_the_reload_on() {
        let dir = tempfile::tempdir().unwrap();
        let older = config(dir.path(), BASE);
        let newer = BASE.replace("[farm]", "[farm]\nadmins = [\"a:Ada\"]");
        let kept = keep_unchanged(config(dir.path(), &newer), &older);
        assert_eq!(&*kept.wikis[0].reserved_names, ["Ada"]);
        assert!(Arc::ptr_eq(&kept.wikis[1], &older.wikis[1]));
    }

    #[test]
    fn each_key_is_noticed_under_its_own_name() {
        let changes = [
            ("aliases = [\"old\"]", "aliases"),
            ("interwikiname = \"B\"", "interwikiname"),
            ("logo = \"/logo.png\"", "logo"),
            ("navi_bar = [\"X\"]", "navi_bar"),
            ("front_page = \"Start\"", "front_page"),
            ("language_ignore_browser = true", "language_ignore_browser"),
            ("timezone = \"Europe/Berlin\"", "timezone"),
            ("state = \"read_only\"", "state"),
            ("raw_html = true", "raw_html"),
            ("cookie_lifetime = [1, 12]", "cookie_lifetime"),
            ("cookie_httponly = false", "cookie_httponly"),
            ("use_session_cookie = true", "use_session_cookie"),
            ("session_life_time = 600", "session_life_time"),
            ("session_kind = \"other\"", "session_kind"),
            ("max_sessions_per_user = 3", "max_sessions_per_user"),
            (
                "session_persistent_fields_on_login = []",
                "session_persistent_fields_on_login",
            ),
            ("session_store = \"memory\"", "session_store"),
            ("user_dir = \"elsewhere\"", "user_store"),
            ("registration = \"closed\"", "registration"),
            ("superuser = [\"Root\"]", "superuser"),
            ("acl_rights_before = \"Root:admin\"", "acl_rights_before"),
            ("acl_rights_default = \"All:read\"", "acl_rights_default"),
            ("acl_rights_after = \"All:read\"", "acl_rights_after"),
            ("actions_excluded = [\"delete\"]", "actions_excluded"),
            ("actions_superuser = [\"delete\"]", "actions_superuser"),
            ("max_page_bytes = 2048", "max_page_bytes"),
            ("max_attachment_bytes = 2048", "max_attachment_bytes"),
        ];
        let dir = tempfile::tempdir().unwrap();
        let older = config(dir.path(), BASE);
        for (line, key) in changes {
            let newer = config(dir.path(), &format!("{BASE}{line}\n"));
            let changed = Difference::between(&older, &newer).changed;
            assert_eq!(changed, [("b".into(), key)], "{line}");
        }
    }
}
