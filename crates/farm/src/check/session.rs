//! Cookie and session settings of one wiki into a `SessionPolicy`.
//!
//! The lifetime has three spellings (`cookie_lifetime` as a pair, as MoinMoin's scalar, and the anonymous keys of 1.6
//! and 1.7); [`Spelling`] tells them apart. What the numbers mean is `grange_session`'s business.

use std::time::Duration;

use grange_session::{
    CookieNameRule, CookiePolicy, CookieUntil, Lifetimes, Realm, SameSite, SecureRule, SessionPolicy,
    cookie_name_part,
};

use super::StorePlace;
use crate::address::Address;
use crate::layers::Effective;
use crate::raw::keys::cookie as keys;
use crate::raw::{RawTable, Value};

/// MoinMoin's logged-in lifetime where only the anonymous one is written.
const MOIN_HOURS: f64 = 12.0;

/// How the lifetimes are written.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Spelling {
    /// `[anonymous, logged in]`
    Pair(f64, f64),
    /// `cookie_lifetime = 12` of 1.6 to 1.8, with an anonymous key where there is one.
    Scalar { hours: f64, anonymous: Option<f64> },
    /// An anonymous key alone.
    AnonymousAlone(f64),
}

impl Spelling {
    /// The spelling in force.
    pub(crate) fn in_force(settings: &Effective<'_>) -> Option<Spelling> {
        let session = settings.number(&keys::ANONYMOUS_SESSION_LIFETIME);
        let anonymous = session.or(settings.number(&keys::ANONYMOUS_COOKIE_LIFETIME));
        Spelling::of(settings.value(&keys::COOKIE_LIFETIME), anonymous)
    }

    /// The spelling of one table, as it stands there.
    pub(crate) fn of_table(table: &RawTable) -> Option<Spelling> {
        let value = |key| table.entry(key).map(|entry| &entry.value);
        let anonymous = value(&keys::ANONYMOUS_SESSION_LIFETIME).or(value(&keys::ANONYMOUS_COOKIE_LIFETIME));
        let anonymous = match anonymous {
            Some(Value::Number(hours)) => Some(*hours),
            _ => None,
        };
        Spelling::of(value(&keys::COOKIE_LIFETIME), anonymous)
    }

    fn of(lifetime: Option<&Value>, anonymous: Option<f64>) -> Option<Spelling> {
        match (lifetime, anonymous) {
            (Some(Value::Pair(anonymous, logged_in)), _) => Some(Spelling::Pair(*anonymous, *logged_in)),
            (Some(Value::Number(hours)), anonymous) => Some(Spelling::Scalar {
                hours: *hours,
                anonymous,
            }),
            (_, anonymous) => anonymous.map(Spelling::AnonymousAlone),
        }
    }

    /// The pair that says the same.
    pub(crate) fn pair(self) -> (f64, f64) {
        match self {
            Spelling::Pair(anonymous, logged_in) => (anonymous, logged_in),
            // Forever, without "remember me": 400 days.
            Spelling::Scalar {
                hours: 0.0,
                anonymous,
            } => (anonymous.unwrap_or(0.0), -9600.0),
            Spelling::Scalar { hours, anonymous } => (anonymous.unwrap_or(0.0), hours),
            Spelling::AnonymousAlone(anonymous) => (anonymous, MOIN_HOURS),
        }
    }

    fn lifetimes(self) -> Option<Lifetimes> {
        match self {
            Spelling::Pair(anonymous, logged_in) => Lifetimes::from_pair(anonymous, logged_in).ok(),
            Spelling::Scalar { hours, anonymous } => Lifetimes::from_scalar(hours, anonymous).ok(),
            Spelling::AnonymousAlone(anonymous) => Lifetimes::from_pair(anonymous, MOIN_HOURS).ok(),
        }
    }
}

/// What decides a session policy beside the keys themselves.
pub(super) struct Surroundings<'a> {
    pub(super) canonical: Option<&'a Address>,
    pub(super) session_store: &'a StorePlace,
    pub(super) user_store: &'a StorePlace,
}

/// The policy of a wiki; `None` where its settings cannot make one, which has been reported.
pub(super) fn session_policy(settings: &Effective<'_>, around: &Surroundings<'_>) -> Option<SessionPolicy> {
    let cookie = cookie_policy(settings, around.canonical)?;
    let kind = settings.text(&keys::SESSION_KIND)?.value.to_string();
    let (sessions, users) = (around.session_store.identity(), around.user_store.identity());
    let count = |key, default| {
        settings
            .whole(key)
            .and_then(|n| usize::try_from(n).ok())
            .unwrap_or(default)
    };
    Some(SessionPolicy {
        wiki: settings.wiki.id.to_string(),
        realm: Realm::new(&cookie.name_part, &kind, &sessions, &users),
        cookie,
        lifetimes: lifetimes(settings)?,
        // Set when all wikis are known.
        longest_anonymous: None,
        persistent_on_login: settings.shared(&keys::PERSISTENT_ON_LOGIN).to_vec(),
        persistent_on_logout: settings.shared(&keys::PERSISTENT_ON_LOGOUT).to_vec(),
        kind,
        max_sessions_per_user: count(&keys::MAX_SESSIONS_PER_USER, 50),
        trail_size: count(&keys::TRAIL_SIZE, 5),
    })
}

fn cookie_policy(settings: &Effective<'_>, canonical: Option<&Address>) -> Option<CookiePolicy> {
    let text = |key| settings.text(key).map(|text| text.value.to_string());
    let rule = match text(&keys::COOKIE_NAME) {
        None => CookieNameRule::FromAddress,
        Some(magic) if magic == "siteidmagic" => CookieNameRule::SiteIdMagic,
        Some(name) => CookieNameRule::Literal(name),
    };
    let port = canonical.and_then(Address::port);
    let path = canonical.map(Address::path).unwrap_or_default();
    Some(CookiePolicy {
        name_part: cookie_name_part(&rule, &settings.wiki.id, port, path).ok()?,
        domain: text(&keys::COOKIE_DOMAIN),
        path: text(&keys::COOKIE_PATH).unwrap_or_else(|| "/".to_owned()),
        secure: match settings.switch(&keys::COOKIE_SECURE) {
            None => SecureRule::WhenHttps,
            Some(true) => SecureRule::Always,
            Some(false) => SecureRule::Never,
        },
        http_only: settings.switch(&keys::COOKIE_HTTPONLY) != Some(false),
        same_site: match text(&keys::SAME_SITE).as_deref() {
            Some("strict") => SameSite::Strict,
            Some("none") => SameSite::None,
            Some("off") => SameSite::Off,
            _ => SameSite::Lax,
        },
        until: match settings.switch(&keys::USE_SESSION_COOKIE) {
            Some(true) => CookieUntil::BrowserCloses,
            _ => CookieUntil::MaxAge,
        },
    })
}

fn lifetimes(settings: &Effective<'_>) -> Option<Lifetimes> {
    let mut lifetimes = Spelling::in_force(settings)?.lifetimes()?;
    let seconds = |key| {
        settings
            .number(key)
            .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
    };
    lifetimes.idle = seconds(&keys::SESSION_LIFE_TIME);
    if let Some(absolute) = seconds(&keys::SESSION_ABSOLUTE_LIFE_TIME) {
        lifetimes.absolute = absolute;
    }
    Some(lifetimes)
}
