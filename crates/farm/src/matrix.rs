//! L-42: what holds for each wiki in the end, one line for each.
//!
//! Cookie, realm, places and lifetimes after all layers: what one compares when two wikis do not share as they should. It
//! is made when asked for, because nobody reads ten thousand lines at every start. Values from the environment stay
//! `${NAME}`.

use std::time::Duration;

use grange_session::{Lifetimes, Remember};

use crate::check::{Loaded, StorePlace, WikiConfig, disguise};
use crate::layers::Effective;
use crate::problem::{Finding, Problem};
use crate::raw::Key;
use crate::raw::keys::{cookie, places};

impl Loaded {
    /// One note (L-42) for each wiki; none where the configuration has errors.
    pub fn matrix(&self) -> Vec<Problem> {
        let wikis = self.config.iter().flat_map(|farm| &farm.wikis);
        let rows = wikis.filter_map(|wiki| {
            let table = self.layers.raw.wikis.find(&wiki.id)?;
            let message = self.row(wiki, &self.layers.effective(table));
            Some(self.sources.problem(Finding::note("L-42", table.place, message)))
        });
        rows.collect()
    }

    fn row(&self, wiki: &WikiConfig, settings: &Effective<'_>) -> String {
        let shown = disguise::shown_policy(wiki, settings);
        let realm = wiki.session.realm.to_hex();
        let place = |key: &Key, store: &StorePlace| match store {
            StorePlace::Memory(_) => "memory".to_owned(),
            StorePlace::Sqlite(_) => disguise::shown_directory(&self.layers, settings, key),
            StorePlace::Server(_) => wiki.shown_session_store(),
        };
        let secure = match settings.switch(&cookie::COOKIE_SECURE) {
            None => "on https",
            Some(true) => "always",
            Some(false) => "never",
        };
        format!(
            "Wiki \"{}\": cookie GRANGE_SESSION_{}, Domain {}, Path {}, Secure {secure}, realm {}, sessions {}, \
             accounts {}, {}.",
            wiki.id,
            shown.cookie.name_part,
            shown.cookie.domain.as_deref().unwrap_or("none"),
            shown.cookie.path,
            realm.get(..12).unwrap_or(&realm),
            place(&places::SESSION_DIR, &wiki.session_store),
            place(&places::USER_DIR, &wiki.user_store),
            lifetimes(&wiki.session.lifetimes),
        )
    }
}

fn lifetimes(lifetimes: &Lifetimes) -> String {
    let guests = match lifetimes.for_visitor() {
        Some(guests) => format!("guests for {}", span(guests.cookie)),
        None => "no sessions for guests".to_owned(),
    };
    let users = match lifetimes.for_login(Remember::No) {
        Some(users) => format!("users for {}", span(users.cookie)),
        None => "no logging in".to_owned(),
    };
    let idle = lifetimes
        .idle
        .map(|idle| format!(", at most {} idle", span(idle)));
    let absolute = span(lifetimes.absolute);
    format!(
        "{guests}, {users}{}, a new login after {absolute}",
        idle.unwrap_or_default()
    )
}

/// In the largest unit that leaves no rest.
fn span(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds {
        0 => format!("{} s", time.as_secs_f64()),
        _ if seconds.is_multiple_of(86400) => format!("{} d", seconds / 86400),
        _ if seconds.is_multiple_of(3600) => format!("{} h", seconds / 3600),
        _ if seconds.is_multiple_of(60) => format!("{} min", seconds / 60),
        _ => format!("{seconds} s"),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use crate::lint::testing::{check, check_with};
    use crate::problem::Severity;

    #[test]
    fn each_wiki_has_a_row_at_its_own_line() {
        let loaded = check(
            "[wiki.a]\nat = [\"a.example.org:81\"]\n[wiki.b]\nat = [\"b.example.org\"]\ncookie_name = \"x\"\n\
             cookie_domain = \".example.org\"\ncookie_lifetime = [0.5, 24]\nsession_life_time = 90\nsession_store = \"memory\"\n",
        );
        let rows = loaded.matrix();
        assert_eq!(
            rows.iter()
                .map(|row| (row.code, row.severity, row.line))
                .collect::<Vec<_>>(),
            [("L-42", Severity::Info, 1), ("L-42", Severity::Info, 3)]
        );
        assert!(
            rows[0].message.starts_with(
                "Wiki \"a\": cookie GRANGE_SESSION_81_ROOT, Domain none, Path /, Secure on https, realm "
            ),
            "{}",
            rows[0].message
        );
        let end = "sessions wikis/a/sessions, accounts wikis/a/users, no sessions for guests, users for 12 h, \
                   a new login after 30 d.";
        assert!(rows[0].message.ends_with(end), "{}", rows[0].message);
        for part in [
            "Domain .example.org",
            "sessions memory",
            "guests for 30 min, users for 1 d, at most 90 s idle",
        ] {
            assert!(rows[1].message.contains(part), "{part}: {}", rows[1].message);
        }
    }

    #[test]
    fn a_refused_configuration_has_no_rows() {
        assert!(check("[wiki.a]\nat = []\n").matrix().is_empty());
    }

    #[test]
    fn rows_show_nothing_from_the_environment() {
        let environment = HashMap::from([("X".to_owned(), "hidden".to_owned())]);
        let text = "[wiki.a]\nat = [\"a.example.org\"]\ncookie_name = \"${X}\"\nsession_dir = \"${X}/s\"\n";
        let rows = check_with(text, &environment).matrix();
        assert!(
            rows[0].message.contains("GRANGE_SESSION_${X}") && rows[0].message.contains("sessions ${X}/s")
        );
        assert!(!rows[0].message.contains("hidden"));
    }
}
