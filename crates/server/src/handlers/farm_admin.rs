//! `{base}/_farm/`: the farm's admin pages, for the accounts that `[farm] admins` names.
//!
//! They exist where `admins` is not empty, on every wiki; only who is logged in as an administrator in the realm of
//! the administrator's wiki may see them, and nobody who acts as somebody else. They open no wiki: everything shown comes
//! from the configuration and from one session store at a time, in pages.

use actix_web::http::Method;
use actix_web::web::Payload;
use grange_farm::is_farm_admin;

use crate::extract::form::{Brings, Posted};
use crate::frame::Frame;
use crate::pages::FarmNavigation;
use crate::refusal::Refusal;
use crate::respond::reply::Reply;
use crate::visit::Visit;

mod config;
mod macros;
mod sessions;
mod sharing;
mod wikis;

/// The action that tickets of these pages are for; no page has one of this name.
const TICKET: &str = "_farm";

/// What stands behind `_farm` in an address below the wiki's mount; `None` when it is no admin page.
pub fn tail_of(tail: &str) -> Option<&str> {
    let rest = tail.strip_prefix("_farm")?;
    (rest.is_empty() || rest.starts_with('/')).then_some(rest)
}

/// Answers a request for an admin page.
///
/// # Errors
/// * [`Refusal::NotFound`] where there are no admin pages, or not this one
/// * [`Refusal::Refused`] for everybody but administrators
/// * whatever the page refuses
pub async fn answer(visit: &mut Visit<'_>, tail: &str, payload: Payload) -> Result<Reply, Refusal> {
    check_admin(visit)?;
    match (visit.incoming.http.method(), tail) {
        (&Method::GET | &Method::HEAD, "") => Ok(Reply::moved(true, format!("{}/_farm/", visit.place.base))),
        (&Method::GET | &Method::HEAD, "/") => wikis::show(visit).await,
        (&Method::GET | &Method::HEAD, "/sharing") => sharing::show(visit).await,
        (&Method::GET | &Method::HEAD, "/sessions") => sessions::show(visit).await,
        (&Method::GET | &Method::HEAD, "/macros") => macros::show(visit).await,
        (&Method::GET | &Method::HEAD, "/config") => config::show(visit).await,
        (&Method::POST, "/macros") => {
            let posted = Posted::read(visit, payload, Brings::Fields).await?;
            let sent = posted.check(visit, TICKET).map_err(|(_, refusal)| refusal)?;
            macros::submit(visit, &sent).await
        }
        (&Method::POST, "/sessions") => {
            let posted = Posted::read(visit, payload, Brings::Fields).await?;
            let sent = posted.check(visit, TICKET).map_err(|(_, refusal)| refusal)?;
            sessions::submit(visit, sent).await
        }
        (_, "/sessions" | "/macros") => Err(Refusal::Method("GET, HEAD, POST")),
        (_, "" | "/" | "/sharing" | "/config") => Err(Refusal::Method("GET, HEAD")),
        _ => Err(Refusal::NotFound("There is no such admin page.".into())),
    }
}

/// Whether the visitor is an administrator of the farm, as oneself.
pub fn is_admin(visit: &Visit<'_>) -> bool {
    let farm = &visit.live.farm;
    if farm.config.admins.is_empty() || visit.session.acting().is_some() {
        return false;
    }
    let name = visit.visitor.name();
    name.is_some_and(|name| is_farm_admin(farm, visit.place.config, name))
}

fn check_admin(visit: &Visit<'_>) -> Result<(), Refusal> {
    if visit.live.farm.config.admins.is_empty() {
        return Err(Refusal::NotFound("This farm has no admin pages.".into()));
    }
    if visit.session.store_is_down() {
        return Err(Refusal::IdentityUnavailable);
    }
    if is_admin(visit) {
        return Ok(());
    }
    let (wiki, address) = (&*visit.place.config.id, visit.incoming.client);
    let user = visit.visitor.user_id().unwrap_or("-");
    tracing::info!(target: "audit", event = "rights_denied", wiki, user, %address, right = "farm admin");
    if visit.session.acting().is_some() {
        let sentence = "You are acting as somebody else. Return to your own account first.";
        return Err(Refusal::Refused(sentence.into()));
    }
    let sentence =
        "Only administrators of the farm see its admin pages, logged in on a wiki where their login counts.";
    Err(Refusal::LogInFirst(sentence.into()))
}

async fn frame<'v>(visit: &'v Visit<'v>) -> Result<Frame<'v>, Refusal> {
    Frame::gather(visit, None).await
}

/// The links between the admin pages.
fn navigation(visit: &Visit<'_>, here: &'static str) -> FarmNavigation {
    FarmNavigation {
        base: format!("{}/_farm/", visit.place.base),
        here,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_below_the_reserved_name_are_admin_pages() {
        assert_eq!(tail_of("_farm"), Some(""));
        assert_eq!(tail_of("_farm/sessions"), Some("/sessions"));
        for other in ["_farmer", "farm/", "", "Page/_farm"] {
            assert_eq!(tail_of(other), None, "{other}");
        }
    }
}
