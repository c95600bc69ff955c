//! Claims about the answer on the wire: who may keep it, when it is a 304, what it never lacks.
//!
//! Cookies come from a real session handler, because nothing else can make one.

use std::sync::Arc;

use actix_web::http::ConnectionType;
use grange_session::{
    CookieHandler, MemorySessionStore, Outcome, RequestFacts, Secrets, SessionHandler, SystemRandomness,
};
use jiff::Timestamp;

use super::*;
use crate::testing::config;

fn page() -> Reply {
    Reply::kept(Arc::new(KeptPage::new(Bytes::from("<p>harbour</p>".repeat(200)))))
}

fn headers(pairs: &[(HeaderName, &str)]) -> HeaderMap {
    let pairs = pairs
        .iter()
        .map(|(name, value)| (name.clone(), HeaderValue::from_str(value).unwrap()));
    pairs.collect()
}

fn answer(reply: Reply, cookies: &[CookieChange], asked: &[(HeaderName, &str)]) -> HttpResponse {
    complete(
        reply,
        cookies,
        &Wishes {
            headers: &headers(asked),
            https: false,
            language_varies: true,
        },
    )
}

fn header(response: &HttpResponse, name: HeaderName) -> Option<&str> {
    response.headers().get(name).map(|value| value.to_str().unwrap())
}

fn tag_of(response: &HttpResponse) -> String {
    header(response, header::ETAG).unwrap().to_owned()
}

/// What a visitor without a session is offered where anonymous sessions are on.
async fn offered_cookie() -> Vec<CookieChange> {
    let dir = tempfile::tempdir().unwrap();
    let farm = config(dir.path(), "[wiki.a]\nat = [\"a\"]\ncookie_lifetime = [1, 12]\n");
    let policy = farm.wikis.first().unwrap().session.clone();
    let secrets = Secrets::parse(&Secrets::generate_line(&SystemRandomness)).unwrap();
    let store = Arc::new(MemorySessionStore::new());
    let handler = CookieHandler::new(policy, store, Arc::new(secrets), Arc::new(SystemRandomness));
    let now = Timestamp::UNIX_EPOCH;
    let facts = RequestFacts::at(now);
    let session = handler.open(&facts).await;
    let outcome = Outcome {
        offer_pending: true,
        discard_writes: false,
        now,
        https: false,
    };
    handler.finish(session, &outcome).await.unwrap()
}

#[actix_web::test]
async fn cookies_make_any_answer_private_and_never_a_304() {
    let tag = tag_of(&answer(page(), &[], &[]));
    let cookies = offered_cookie().await;
    assert_eq!(cookies.len(), 1);
    for tag in [tag.as_str(), "*"] {
        let response = answer(page(), &cookies, &[(header::IF_NONE_MATCH, tag)]);
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(
            header(&response, header::CACHE_CONTROL),
            Some("private, no-store")
        );
        assert_eq!(header(&response, header::ETAG), None);
        assert_eq!(
            header(&response, header::SET_COOKIE),
            cookies.first().map(CookieChange::header_value)
        );
    }
}

#[test]
fn whoever_has_the_page_already_gets_a_304_with_its_tag_and_no_body() {
    let first = answer(page(), &[], &[]);
    let tag = tag_of(&first);
    let again = answer(page(), &[], &[(header::IF_NONE_MATCH, &tag)]);
    assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
    assert_eq!(tag_of(&again), tag);
    for name in [header::CACHE_CONTROL, header::VARY] {
        assert_eq!(header(&again, name.clone()), header(&first, name));
    }
    assert_eq!(header(&again, header::CONTENT_TYPE), None);
}

#[test]
fn a_page_in_another_coding_is_another_page() {
    let plain = tag_of(&answer(page(), &[], &[]));
    let coded = answer(
        page(),
        &[],
        &[(header::ACCEPT_ENCODING, "br"), (header::IF_NONE_MATCH, &plain)],
    );
    assert_eq!(coded.status(), StatusCode::OK);
    assert_eq!(header(&coded, header::CONTENT_ENCODING), Some("br"));
    assert_ne!(tag_of(&coded), plain);
}

#[test]
fn a_page_for_one_visitor_has_no_tag_and_is_kept_by_nobody() {
    let response = answer(
        Reply::html(StatusCode::OK, "<p>Mia</p>"),
        &[],
        &[(header::IF_NONE_MATCH, "*")],
    );
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(header(&response, header::ETAG), None);
    assert_eq!(
        header(&response, header::CACHE_CONTROL),
        Some("private, no-store")
    );
    assert_eq!(
        header(&response, header::VARY),
        Some("Cookie, Accept-Encoding, Accept-Language")
    );
}

#[test]
fn only_pages_in_a_fixed_language_leave_the_language_out_of_vary() {
    let wishes = Wishes {
        headers: &HeaderMap::new(),
        https: false,
        language_varies: false,
    };
    let response = complete(page(), &[], &wishes);
    assert_eq!(header(&response, header::VARY), Some("Cookie, Accept-Encoding"));
}

#[test]
fn html_carries_the_policy_and_only_https_the_promise_to_stay_there() {
    let transport = headers::STRICT_TRANSPORT_SECURITY.0.clone();
    for https in [false, true] {
        let wishes = Wishes {
            headers: &HeaderMap::new(),
            https,
            language_varies: true,
        };
        let response = complete(page(), &[], &wishes);
        for (name, value) in headers::ALWAYS.iter().chain(&headers::HTML_ONLY) {
            assert_eq!(response.headers().get(name), Some(value));
        }
        assert_eq!(header(&response, transport.clone()).is_some(), https);
    }
    let text = answer(Reply::text("plain"), &[], &[]);
    assert_eq!(header(&text, header::CONTENT_SECURITY_POLICY), None);
    assert_eq!(header(&text, header::X_CONTENT_TYPE_OPTIONS), Some("nosniff"));
}

#[test]
fn a_redirect_has_an_address_and_no_body() {
    let response = answer(Reply::see_other("/Page"), &[], &[]);
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    assert_eq!(header(&response, header::LOCATION), Some("/Page"));
    assert_eq!(header(&response, header::CONTENT_TYPE), None);
}

#[test]
fn after_a_body_that_is_too_large_or_too_slow_the_connection_is_closed() {
    for (status, kind) in [
        (StatusCode::PAYLOAD_TOO_LARGE, ConnectionType::Close),
        (StatusCode::REQUEST_TIMEOUT, ConnectionType::Close),
        (StatusCode::OK, ConnectionType::KeepAlive),
    ] {
        let response = answer(Reply::html(status, "words"), &[], &[]);
        assert_eq!(response.head().connection_type(), kind, "{status}");
    }
}
