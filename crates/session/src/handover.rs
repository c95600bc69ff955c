//! Handing a login over to a wiki of the realm whose host shares no cookie with the login's.
//!
//! The steps, between *there* (the wiki where people log in) and *here* (where the visitor wants to be):
//!
//! 1. Here, [`LoginAttempt::begin`] gives the browser a signed cookie of its own, and the visitor goes there with
//!    nothing but the cookie's hash.
//! 2. There, whoever is logged in gets a one-time code ([`Handover::issue`]) for this wiki, this hash and this login.
//!    The browser posts it here.
//! 3. Here, [`Handover::redeem`] spends the code. It must be of ours, not older than a minute, never shown before, for
//!    this wiki and for the cookie that the browser holds, and the login behind it must still live.
//! 4. [`crate::Session::log_in_handed_over`] begins a session here, under an id of its own.
//!
//! The code is a record that lives for a minute: that it is spent once, also between processes, is what `delete`
//! promises of any session. All sessions of one login carry its [`LoginLink`]; when one of them logs out,
//! [`end_login`] ends the others. Which requests may do which step is the server's business, not this file's.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use crate::cookie::{CookieChange, CookieScope, CookieVerb, cookie_values};
use crate::handler::RequestFacts;
use crate::id::{IdSigner, StoreKey};
use crate::identity::{Identity, LoginLink, LoginPart, Remember};
use crate::moment;
use crate::policy::SessionPolicy;
use crate::random::Randomness;
use crate::realm::Realm;
use crate::record::{About, Record};
use crate::secrets::Secrets;
use crate::store::{AFTERLIFE, CreateError, Loaded, SessionStore, StoreError};
use crate::value::{Value, Values};

/// How long a code can be used.
pub const CODE_LIFETIME: Duration = Duration::from_secs(60);

/// How long a visitor may take to log in before having to begin again.
pub const ATTEMPT_LIFETIME: Duration = Duration::from_secs(15 * 60);

/// What the cookie of an attempt is called, before the wiki's id.
const ATTEMPT_COOKIE: &str = "GRANGE_LOGIN_";

/// What stands for the browser in lists, while a code waits.
const CODE_BROWSER: &str = "handover";

/// So many looks for sessions of a login that ends; more than two are needed only while others are being begun.
const MOST_LOOKS: usize = 20;

/// What a browser was given when it set out to log in elsewhere.
#[derive(Debug, Clone)]
pub struct LoginAttempt {
    /// The cookie that stays here.
    pub cookie: CookieChange,
    /// The hash of the cookie, 64 hexadecimal digits; this goes there.
    pub state: String,
}

impl LoginAttempt {
    /// A new attempt on the wiki of this policy. An older one of the same browser ends with it.
    pub fn begin(
        secrets: &Secrets,
        policy: &SessionPolicy,
        https: bool,
        now: Timestamp,
        randomness: &dyn Randomness,
    ) -> LoginAttempt {
        let id = attempt_signer(secrets, policy).issue(now, randomness);
        let verb = CookieVerb::Keep {
            id: id.text(),
            max_age: Some(ATTEMPT_LIFETIME),
        };
        LoginAttempt {
            cookie: CookieChange::new(&attempt_scope(policy, https), verb),
            state: id.key().to_hex(),
        }
    }

    /// The states of the attempts that the request's browser is in; more than one only where somebody planted them.
    pub fn presented(secrets: &Secrets, policy: &SessionPolicy, facts: &RequestFacts<'_>) -> Vec<String> {
        let signer = attempt_signer(secrets, policy);
        let name = attempt_scope(policy, facts.https).name;
        cookie_values(facts.cookie_headers, &name)
            .filter_map(|value| signer.verify(value))
            .filter(|id| is_fresh(id.key(), ATTEMPT_LIFETIME, facts.now))
            .map(|id| id.key().to_hex())
            .collect()
    }

    /// Takes the cookie away when it has done its work.
    pub fn end(policy: &SessionPolicy, https: bool) -> CookieChange {
        CookieChange::new(&attempt_scope(policy, https), CookieVerb::Remove)
    }

    /// Whether a text can be the state of an attempt.
    pub fn is_state(text: &str) -> bool {
        text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    }
}

/// Where codes of one realm are given out and taken back.
#[derive(Clone, Copy)]
pub struct Handover<'a> {
    /// What signs the codes.
    pub secrets: &'a Secrets,
    /// Where the realm's sessions are.
    pub store: &'a dyn SessionStore,
    /// The realm.
    pub realm: &'a Realm,
}

/// What a code is good for.
#[derive(Debug, Clone, Copy)]
pub struct CodeFor<'a> {
    /// The id of the wiki that takes it.
    pub wiki: &'a str,
    /// The state of the browser's attempt there.
    pub state: &'a str,
    /// Who is logged in.
    pub user_id: &'a str,
    /// [`LoginLink::login`] of the login that is handed over.
    pub login: &'a str,
}

/// A login that arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandedOver {
    /// Who logged in, how and when.
    pub identity: Identity,
    /// Whether the user asked to be remembered.
    pub remember: Remember,
    /// When a new login is due whatever the use; handing over does not put that off.
    pub ends: Option<Timestamp>,
    /// The login.
    pub link: LoginLink,
}

/// Why no login arrived.
#[derive(Debug, thiserror::Error)]
pub enum HandoverRefused {
    /// It is no code that we signed for this realm.
    #[error("this is no code")]
    NoCode,
    /// Its minute is over.
    #[error("the code is too old")]
    TooOld,
    /// It was shown before, or forgotten.
    #[error("the code was used before")]
    Spent,
    /// It was made for another wiki.
    #[error("the code is for another wiki")]
    OtherWiki,
    /// It was made for another browser, or for an attempt that this one has given up.
    #[error("the code is for another browser")]
    OtherBrowser,
    /// Whoever it was has logged out meanwhile.
    #[error("the login has ended")]
    LoginEnded,
    /// The store cannot answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Handover<'_> {
    /// A code that can be used once within a minute.
    ///
    /// # Errors
    /// * [`CreateError`] when it could not be stored.
    pub async fn issue(
        &self,
        what: CodeFor<'_>,
        now: Timestamp,
        randomness: &dyn Randomness,
    ) -> Result<String, CreateError> {
        let code = self.signer().issue(now, randomness);
        let record = code_record(*self.realm, what, now);
        self.store.create(code.key(), &record, now).await?;
        Ok(code.text().to_owned())
    }

    /// Spends a code that was shown on `wiki` by a browser with these attempts, and finds the login behind it. A code
    /// of ours is spent by being shown anywhere: whoever shows it in the wrong place has stolen it.
    ///
    /// # Errors
    /// * [`HandoverRefused`] with what is wrong; nobody is logged in then.
    pub async fn redeem(
        &self,
        code: &str,
        wiki: &str,
        attempts: &[String],
        now: Timestamp,
    ) -> Result<HandedOver, HandoverRefused> {
        let code = self
            .signer()
            .verify(code.as_bytes())
            .ok_or(HandoverRefused::NoCode)?;
        let loaded = self.store.load(code.key(), self.realm, now).await?;
        let spent = self.store.delete(code.key(), self.realm, now).await?;
        if !is_fresh(code.key(), CODE_LIFETIME, now) {
            return Err(HandoverRefused::TooOld);
        }
        let (Loaded::Live(record), true) = (loaded, spent) else {
            return Err(HandoverRefused::Spent);
        };
        let text = |key: &str| match record.values.get(key) {
            Some(Value::Text(text)) => text.as_str(),
            _ => "",
        };
        if record.about.wiki != wiki {
            return Err(HandoverRefused::OtherWiki);
        }
        if !attempts.iter().any(|state| state == text(STATE)) {
            return Err(HandoverRefused::OtherBrowser);
        }
        self.find_login(text(USER), text(LOGIN), now)
            .await?
            .ok_or(HandoverRefused::LoginEnded)
    }

    /// The login as its origin has it now.
    async fn find_login(
        &self,
        user_id: &str,
        login: &str,
        now: Timestamp,
    ) -> Result<Option<HandedOver>, StoreError> {
        let Some(key) = find_origin(self.store, self.realm, user_id, login, now).await? else {
            return Ok(None);
        };
        let Loaded::Live(record) = self.store.load(&key, self.realm, now).await? else {
            return Ok(None);
        };
        let identity = record.about.identity.clone();
        Ok(identity.map(|identity| HandedOver {
            identity,
            remember: record.about.remember,
            ends: record.about.ends.map(moment::from_millis),
            link: LoginLink {
                login: login.to_owned(),
                part: LoginPart::HandedOver,
            },
        }))
    }

    fn signer(&self) -> IdSigner {
        IdSigner::for_purpose(self.secrets, "grange login code v1", self.realm.as_bytes())
    }
}

/// The session where the login began, if it lives.
pub(crate) async fn find_origin(
    store: &dyn SessionStore,
    realm: &Realm,
    user_id: &str,
    login: &str,
    now: Timestamp,
) -> Result<Option<StoreKey>, StoreError> {
    let sessions = store.list(realm, Some(user_id), now).await?;
    let is_origin = |link: &LoginLink| link.login == login && link.part == LoginPart::Origin;
    let origin = sessions
        .into_iter()
        .find(|session| session.link.as_ref().is_some_and(is_origin));
    Ok(origin.map(|session| session.key))
}

/// Ends all sessions of a login but `spared`, on every host. Returns how many there were.
///
/// A list of some stores is no single moment's, so whoever logs out calls this before and after ending the own session.
/// It looks again until a look finds none: a session that was begun meanwhile is found by the next look, and one that
/// is begun after the last asks itself whether the login's origin lives, and ends itself.
///
/// # Errors
/// * [`StoreError`] when the store is down, or does not stop to show sessions that were ended.
pub async fn end_login(
    store: &dyn SessionStore,
    realm: &Realm,
    user_id: &str,
    login: &str,
    spared: Option<&StoreKey>,
    now: Timestamp,
) -> Result<u64, StoreError> {
    let mut ended = 0;
    for _ in 0..MOST_LOOKS {
        let sessions = store.list(realm, Some(user_id), now).await?;
        let of_login = sessions
            .into_iter()
            .filter(|session| session.link.as_ref().is_some_and(|link| link.login == login))
            .filter(|session| Some(&session.key) != spared);
        let mut found = false;
        for session in of_login {
            found = true;
            ended += u64::from(store.delete(&session.key, realm, now).await?);
        }
        if !found {
            return Ok(ended);
        }
    }
    Err(StoreError::down("sessions that were ended are listed as alive"))
}

const STATE: &str = "state";
const USER: &str = "user";
const LOGIN: &str = "login";

/// A code as the store keeps it: nobody's session, for a minute.
fn code_record(realm: Realm, what: CodeFor<'_>, now: Timestamp) -> Record {
    let until = moment::later(now, CODE_LIFETIME);
    let values = [(STATE, what.state), (USER, what.user_id), (LOGIN, what.login)];
    let values: Values = values
        .into_iter()
        .map(|(key, value)| (key.to_owned(), Value::from(value)))
        .collect();
    let about = About {
        wiki: what.wiki.to_owned(),
        identity: None,
        acting: None,
        remember: Remember::No,
        browser: CODE_BROWSER.to_owned(),
        created: now,
        max_age: None,
        idle: u64::try_from(CODE_LIFETIME.as_millis()).unwrap_or(u64::MAX),
        ends: Some(until.as_millisecond()),
        link: None,
    };
    Record {
        realm,
        about: Arc::new(about),
        seen: now,
        cookie_until: None,
        verifies_until: moment::later(until, AFTERLIFE),
        values: Arc::new(values),
        trail: Arc::default(),
    }
}

fn is_fresh(key: &StoreKey, lifetime: Duration, now: Timestamp) -> bool {
    let issued = key.issued();
    now < moment::later(issued, lifetime) && issued <= moment::later(now, moment::CLOCK_SKEW)
}

/// An attempt on one wiki says nothing on another, nor is it a session's id or a code.
fn attempt_signer(secrets: &Secrets, policy: &SessionPolicy) -> IdSigner {
    let context = [policy.realm.as_bytes(), policy.wiki.as_bytes()].concat();
    IdSigner::for_purpose(secrets, "grange login attempt v1", &context)
}

/// The cookie of an attempt: for this host alone, and sent with nothing but requests of its own pages.
fn attempt_scope(policy: &SessionPolicy, https: bool) -> CookieScope<'_> {
    let prefix = if https { "__Host-" } else { "" };
    CookieScope {
        name: format!("{prefix}{ATTEMPT_COOKIE}{}", policy.wiki),
        domain: None,
        path: "/",
        secure: https,
        http_only: true,
        same_site: Some("Strict"),
    }
}
