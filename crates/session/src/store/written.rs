//! The parts of a record as text, the same in every store that keeps text.
//!
//! JSON. What has fixed fields is written as lists in the order of the fields, since a name in front of
//! each would be most of what a request reads; serde reads lists and maps alike.

use serde_json::Result;

use crate::record::About;
use crate::trail::TrailEntry;

/// What never changes: its fields in their order.
pub(super) fn about_text(about: &About) -> Result<String> {
    let identity = about.identity.as_ref().map(|identity| {
        (
            &identity.user_id,
            &identity.auth_method,
            identity.auth_time.as_millisecond(),
            identity.account_generation,
        )
    });
    let acting = about
        .acting
        .as_ref()
        .map(|acting| (&acting.user_id, acting.since.as_millisecond(), &acting.reason));
    let fields = (
        &about.wiki,
        identity,
        acting,
        about.remember,
        &about.browser,
        about.created.as_millisecond(),
        about.max_age,
        about.idle,
        about.ends,
    );
    let Some(link) = &about.link else {
        return serde_json::to_string(&fields);
    };
    // The last field stands there only where it says something; few sessions have it.
    let (wiki, identity, acting, remember, browser, created, max_age, idle, ends) = fields;
    let link = (&link.login, link.part);
    serde_json::to_string(&(
        wiki, identity, acting, remember, browser, created, max_age, idle, ends, link,
    ))
}

/// One visited page: wiki and page.
#[cfg(feature = "redis")]
pub(super) fn visit_text(entry: &TrailEntry) -> Result<String> {
    serde_json::to_string(&(&entry.wiki, &entry.page))
}

/// A whole trail: a wiki and a page each.
pub(super) fn trail_text(trail: &[TrailEntry]) -> Result<String> {
    let pairs: Vec<(&str, &str)> = trail
        .iter()
        .map(|entry| (entry.wiki.as_str(), entry.page.as_str()))
        .collect();
    serde_json::to_string(&pairs)
}
