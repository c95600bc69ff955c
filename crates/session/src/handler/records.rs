//! The record of a session that begins: whose lifetimes it has, and how long its id is remembered.
//!
//! Used by handlers at the request's end, and by a session whose counter begins it before that.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use crate::id::StoreKey;
use crate::identity::Remember;
use crate::lifetime::SessionLifetime;
use crate::moment;
use crate::policy::SessionPolicy;
use crate::record::{About, Record};
use crate::session::Session;
use crate::store::AFTERLIFE;
use crate::value::check_values;

/// A record of what the session is now, begun on this wiki by a guest.
pub(crate) fn new_record(
    policy: &SessionPolicy,
    session: &Session,
    key: &StoreKey,
    lifetime: &SessionLifetime,
    now: Timestamp,
) -> Record {
    let ends = lifetime
        .absolute
        .map(|limit| moment::later(now, limit).as_millisecond());
    let about = About {
        wiki: policy.wiki.clone(),
        identity: None,
        acting: None,
        remember: Remember::No,
        browser: session.browser.to_owned(),
        created: now,
        max_age: policy.max_age(lifetime.cookie).map(|age| age.as_secs()),
        idle: u64::try_from(lifetime.idle.as_millis()).unwrap_or(u64::MAX),
        ends,
        link: None,
    };
    record_with(policy, session, key, about, now)
}

/// A record of what the session is now.
pub(crate) fn record_with(
    policy: &SessionPolicy,
    session: &Session,
    key: &StoreKey,
    about: About,
    now: Timestamp,
) -> Record {
    let values = match check_values(&session.values) {
        Ok(()) => Arc::clone(&session.values),
        Err(_) => Arc::default(),
    };
    let cookie_until = about
        .max_age
        .map(|age| moment::later(now, Duration::from_secs(age)));
    Record {
        realm: policy.realm,
        about: Arc::new(about),
        seen: now,
        cookie_until,
        verifies_until: verifies_until(policy, key, now),
        values,
        trail: Arc::clone(&session.trail),
    }
}

/// Until when the browser keeps the cookie of a pending id: its age runs since the id was issued.
pub(crate) fn cookie_end_of_pending(
    policy: &SessionPolicy,
    key: &StoreKey,
    lifetime: &SessionLifetime,
) -> Option<Timestamp> {
    let age = policy.max_age(lifetime.cookie)?;
    Some(moment::later(key.issued(), age))
}

/// Until when some wiki of the realm could take the id for a pending one.
pub(crate) fn verifies_until(policy: &SessionPolicy, key: &StoreKey, now: Timestamp) -> Timestamp {
    let pending = policy
        .lifetimes
        .anonymous
        .max(policy.longest_anonymous)
        .unwrap_or_default();
    moment::later(moment::later(key.issued(), pending).max(now), AFTERLIFE)
}
