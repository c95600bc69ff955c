//! Which wiki a request is for, by the farm's address table.
//!
//! Authority and path decide and nothing else: neither the query nor a header
//! that a stranger can set. What is not a wiki's canonical spelling is sent on.

use std::sync::Arc;

use grange_farm::{Entry, Found, WikiConfig, WikiState};

use crate::incoming::Incoming;
use crate::refusal::Refusal;
use crate::respond::reply::Reply;
use crate::state::Live;

/// Where in the farm a request is.
pub struct Place<'r> {
    /// The wiki's place in the farm's list.
    pub wiki: usize,
    /// Its configuration.
    pub config: Arc<WikiConfig>,
    /// The mount path: empty or `/wiki1`, percent-encoded.
    pub base: Arc<str>,
    /// What follows `{base}/` in the path, as it was sent.
    pub tail: &'r str,
}

/// A place, or where the request should go instead.
pub enum Step<'r> {
    /// Go on here.
    Here(Place<'r>),
    /// Go there.
    Elsewhere(Reply),
}

/// Looks the request's address up.
///
/// # Errors
/// * [`Refusal::NoWiki`] when no wiki has the address
pub fn find_wiki<'r>(live: &Live, incoming: &Incoming<'r>) -> Result<Step<'r>, Refusal> {
    let path = incoming.path();
    let found = live.farm.router.find(&incoming.authority(), path).ok_or(Refusal::NoWiki)?;
    let config = live.farm.config.wikis.get(found.wiki).cloned().ok_or(Refusal::NoWiki)?;
    let rest = path.get(found.base_len..).unwrap_or("");
    match found.entry {
        Entry::Alias(_) => {
            let target = live.farm.canonical_url(found.wiki, &incoming.authority(), rest).ok_or(Refusal::NoWiki)?;
            Ok(Step::Elsewhere(Reply::moved(incoming.is_reading(), with_query(target, incoming.query()))))
        }
        Entry::Address(_) => Ok(settle(incoming, found, config, rest)),
    }
}

/// A wiki mounted at `/wiki1` lives at `/wiki1/`.
fn settle<'r>(incoming: &Incoming<'r>, found: Found, config: Arc<WikiConfig>, rest: &'r str) -> Step<'r> {
    match rest.strip_prefix('/') {
        Some(tail) => Step::Here(Place { wiki: found.wiki, config, base: found.base, tail }),
        None => {
            let target = with_query(format!("{}/", found.base), incoming.query());
            Step::Elsewhere(Reply::moved(incoming.is_reading(), target))
        }
    }
}

/// Whether the wiki is open at all.
///
/// # Errors
/// * [`Refusal::Suspended`] when its state says so
pub fn check_state(place: &Place<'_>) -> Result<(), Refusal> {
    match place.config.state {
        WikiState::Suspended => Err(Refusal::Suspended),
        WikiState::Active | WikiState::ReadOnly | WikiState::Archived => Ok(()),
    }
}

/// The address with the query that the request had.
pub fn with_query(mut address: String, query: Option<&str>) -> String {
    if let Some(query) = query {
        address.push('?');
        address.push_str(query);
    }
    address
}
