//! Claims about what a cause becomes where there is no wiki to show it in.
//!
//! Error pages of a wiki need a whole farm; the end-to-end tests look at those.

use actix_web::http::header::{ACCEPT, HeaderValue};
use grange_wiki::accounts::HashingError;

use super::*;

fn answer(accept: &'static str, refusal: &Refusal) -> Reply {
    let mut headers = HeaderMap::new();
    headers.insert(ACCEPT, HeaderValue::from_static(accept));
    bare(&StaticFiles::embedded(), &headers, refusal, 0xabc)
}

fn text(reply: &Reply) -> String {
    match &reply.body {
        Body::Html(bytes) | Body::Problem(bytes) => String::from_utf8(bytes.to_vec()).unwrap(),
        other => panic!("{other:?}"),
    }
}

fn header(reply: &Reply, name: &str) -> Option<String> {
    reply
        .headers
        .iter()
        .find(|(other, _)| *other == name)
        .map(|(_, value)| value.clone())
}

#[test]
fn the_cause_of_an_internal_error_is_never_shown() {
    let refusal = Refusal::internal("disk /dev/sda1 is on fire");
    for accept in ["text/html", "application/json"] {
        let reply = answer(accept, &refusal);
        assert_eq!(reply.status, StatusCode::INTERNAL_SERVER_ERROR);
        assert!(!text(&reply).contains("fire"), "{}", text(&reply));
    }
}

#[test]
fn a_crowd_at_the_login_is_asked_to_come_back_and_not_told_off() {
    let reply = answer("text/html", &Refusal::from(HashingError::Busy));
    assert_eq!(reply.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(header(&reply, "retry-after").as_deref(), Some("60"));
    let broken = answer(
        "text/html",
        &Refusal::from(HashingError::Failed("no memory".into())),
    );
    assert_eq!(broken.status, StatusCode::INTERNAL_SERVER_ERROR);
}

#[test]
fn whoever_has_to_wait_is_told_how_long() {
    let reply = answer("text/html", &Refusal::TooManyTries { retry_after: 61 });
    assert_eq!(reply.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(header(&reply, "retry-after").as_deref(), Some("61"));
    assert!(text(&reply).contains("wait 2 minutes and"), "{}", text(&reply));
    for closed in [
        Refusal::Suspended,
        Refusal::Crowded,
        Refusal::IdentityUnavailable,
        Refusal::NotStored,
    ] {
        let reply = answer("text/html", &closed);
        assert_eq!(reply.status, StatusCode::SERVICE_UNAVAILABLE);
        assert!(header(&reply, "retry-after").is_some(), "{closed:?}");
    }
}

#[test]
fn a_wrong_method_is_answered_with_the_right_ones() {
    let reply = answer("text/html", &Refusal::Method("GET, HEAD"));
    assert_eq!(reply.status, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(header(&reply, "allow").as_deref(), Some("GET, HEAD"));
}

#[test]
fn programs_get_a_problem_and_browsers_a_page() {
    let reply = answer("application/json", &Refusal::NoWiki);
    let problem: serde_json::Value = serde_json::from_str(&text(&reply)).unwrap();
    assert_eq!(
        (&problem["status"], &problem["detail"]),
        (&404.into(), &"No wiki is configured at this address.".into())
    );
    let browser = answer("text/html,application/json;q=0.9", &Refusal::NoWiki);
    assert!(
        text(&browser).contains("<html") && text(&browser).contains("No wiki is configured at this address.")
    );
}

#[test]
fn what_a_stranger_wrote_is_no_markup_on_the_page() {
    let reply = answer(
        "text/html",
        &Refusal::UnknownAction("<script>alert(1)</script>".into()),
    );
    assert!(!text(&reply).contains("<script>alert"), "{}", text(&reply));
}
