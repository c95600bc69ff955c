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
    pub config: &'r Arc<WikiConfig>,
    /// The mount path: empty or `/wiki1`, percent-encoded.
    pub base: &'r str,
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
pub fn find_wiki<'r>(live: &'r Live, incoming: &Incoming<'r>) -> Result<Step<'r>, Refusal> {
    let path = incoming.path();
    let found = live
        .farm
        .router
        .find(&incoming.authority(), path)
        .ok_or(Refusal::NoWiki)?;
    let config = live.farm.config.wikis.get(found.wiki).ok_or(Refusal::NoWiki)?;
    let rest = path.get(found.base_len..).unwrap_or("");
    match found.entry {
        Entry::Alias(_) => {
            let target = live
                .farm
                .canonical_url(found.wiki, &incoming.authority(), rest)
                .ok_or(Refusal::NoWiki)?;
            Ok(Step::Elsewhere(Reply::moved(
                incoming.is_reading(),
                with_query(target, incoming.query()),
            )))
        }
        Entry::Address(_) => Ok(settle(incoming, found, config, rest)),
    }
}

/// A wiki mounted at `/wiki1` lives at `/wiki1/`, and under that spelling only.
fn settle<'r>(
    incoming: &Incoming<'r>,
    found: Found<'r>,
    config: &'r Arc<WikiConfig>,
    rest: &'r str,
) -> Step<'r> {
    let is_canonical = incoming.path().get(..found.base_len) == Some(found.base);
    match rest.strip_prefix('/') {
        Some(tail) if is_canonical => Step::Here(Place {
            wiki: found.wiki,
            config,
            base: found.base,
            tail,
        }),
        tail => {
            let target = format!("{}/{}", found.base, tail.unwrap_or(""));
            Step::Elsewhere(Reply::moved(
                incoming.is_reading(),
                with_query(target, incoming.query()),
            ))
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

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;
    use jiff::Timestamp;

    use super::*;
    use crate::testing;

    const FARM: &str =
        "[wiki.a]\nat = [\"h.example/wiki1\"]\naliases = [\"old.example\"]\n[wiki.b]\nat = [\"b.example\"]\n";

    /// Where a GET leads: `wiki base tail`, or the address that it is sent to.
    fn led_to(url: &str) -> Result<String, Refusal> {
        let dir = tempfile::tempdir().unwrap();
        let state = testing::state(dir.path(), FARM);
        let http = TestRequest::get().uri(url).to_http_request();
        let incoming = Incoming::read(&http, &[], Timestamp::UNIX_EPOCH, 1)?;
        match find_wiki(&state.live.load(), &incoming)? {
            Step::Here(place) => Ok(format!("{} {} {}", place.config.id, place.base, place.tail)),
            Step::Elsewhere(reply) => {
                assert_eq!(reply.status, actix_web::http::StatusCode::MOVED_PERMANENTLY);
                Ok(reply
                    .headers
                    .into_iter()
                    .map(|(name, value)| format!("{name}: {value}"))
                    .collect())
            }
        }
    }

    #[test]
    fn host_and_mount_lead_to_a_wiki_and_the_rest_is_the_pages() {
        assert_eq!(
            led_to("http://h.example/wiki1/Plums/Ripe").unwrap(),
            "a /wiki1 Plums/Ripe"
        );
        assert_eq!(led_to("http://b.example/").unwrap(), "b  ");
    }

    #[test]
    fn a_mount_has_one_spelling_and_the_query_is_kept() {
        assert_eq!(
            led_to("http://h.example/wiki1?a=b").unwrap(),
            "location: /wiki1/?a=b"
        );
        assert_eq!(
            led_to("http://h.example/wiki%31/Plums?a=b").unwrap(),
            "location: /wiki1/Plums?a=b"
        );
        assert_eq!(
            led_to("http://old.example/Plums?a=b").unwrap(),
            "location: http://h.example/wiki1/Plums?a=b"
        );
    }

    #[test]
    fn elsewhere_is_no_wiki() {
        for url in [
            "http://h.example/",
            "http://h.example/wiki10/",
            "http://nobody.example/",
        ] {
            assert!(matches!(led_to(url), Err(Refusal::NoWiki)), "{url}");
        }
    }
}
