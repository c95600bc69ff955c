//! The one place that turns a cause into a status, a title and a sentence.
//!
//! A page of the wiki when there is one, a bare page when there is none,
//! `application/problem+json` (RFC 9457) for clients that ask for it. The cause of
//! an internal error goes to the log with the request's id and nowhere else.

use std::fmt;

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderMap};
use bytes::Bytes;
use grange_wiki::PageName;
use grange_wiki::attachment::address;
use grange_wiki::rights::Right;

use crate::extract::page::{Named, find_page};
use crate::extract::wiki::Place;
use crate::frame::Frame;
use crate::incoming::Incoming;
use crate::pages::{
    BareErrorPage, Direction, ErrorPage, ForbiddenPage, Link, Presence, Shell, Site, SuspendedPage, Visitor,
    to_bytes,
};
use crate::refusal::Refusal;
use crate::respond::reply::{Body, Reply};
use crate::respond::static_files::StaticFiles;
use crate::routes;
use crate::state::AppState;
use crate::visit::Visit;

/// Seconds after which a suspended or struggling wiki is worth another try.
const COME_BACK_AFTER: u32 = 300;

/// Seconds after which a crowd at the login has most likely passed.
const CROWD_PASSES_AFTER: u32 = 60;

/// What a person reads who wanted a preview among too many.
pub const CROWDED: &str = "Many previews are being made at this moment, so there is none of your text. Please try again in a moment.";

/// What a person reads who comes where no wiki is.
const NO_WIKI: &str = "No wiki is configured at this address.";

/// What a person reads who wants the files of a page that is none.
const NO_PAGE_FOR_FILES: &str = "Files belong to a page, and there is no such page yet.";

/// What a person reads who wants a file that the page has not.
const NO_SUCH_FILE: &str = "This page has no such file.";

/// What a person reads about a cause.
struct Account {
    status: StatusCode,
    title: &'static str,
    sentence: String,
}

fn account(status: StatusCode, title: &'static str, sentence: impl Into<String>) -> Account {
    Account {
        status,
        title,
        sentence: sentence.into(),
    }
}

fn describe(refusal: &Refusal) -> Account {
    use StatusCode as S;
    match refusal {
        Refusal::BadRequest(what) => account(S::BAD_REQUEST, "This request makes no sense", what.clone()),
        Refusal::TargetTooLong => account(
            S::URI_TOO_LONG,
            "Address too long",
            "The address is longer than 8 KiB.",
        ),
        Refusal::HeadTooLong { host } => too_many_cookies(host),
        Refusal::BodyTooLarge { limit } => {
            let sentence = format!("What was sent is larger than the {limit} bytes that are allowed here.");
            account(S::PAYLOAD_TOO_LARGE, "Too large", sentence)
        }
        Refusal::BodyTooSlow => account(
            S::REQUEST_TIMEOUT,
            "Too slow",
            "The request did not arrive in time. Please send it again.",
        ),
        Refusal::UnsupportedBody => {
            let sentence = "Forms are sent as application/x-www-form-urlencoded here.";
            account(S::UNSUPPORTED_MEDIA_TYPE, "Unknown kind of form", sentence)
        }
        Refusal::NoWiki => account(S::NOT_FOUND, "No such wiki", NO_WIKI),
        Refusal::NotFound(what) => account(S::NOT_FOUND, "Not found", what.clone()),
        Refusal::NoPageForFiles => account(S::NOT_FOUND, "No such page", NO_PAGE_FOR_FILES),
        Refusal::NoSuchFile(_) => account(S::NOT_FOUND, "No such file", NO_SUCH_FILE),
        Refusal::UnknownAction(name) => {
            let sentence = format!("There is no action “{name}”. These are the actions of a page:");
            account(S::NOT_FOUND, "Unknown action", sentence)
        }
        Refusal::Method(_) => account(
            S::METHOD_NOT_ALLOWED,
            "Not this way",
            "This address does not answer to this kind of request.",
        ),
        Refusal::Forbidden(right) => account(S::FORBIDDEN, "Not allowed", forbidden(*right)),
        Refusal::Refused(why) | Refusal::LogInFirst(why) => account(S::FORBIDDEN, "Not allowed", why.clone()),
        Refusal::Ticket => {
            let sentence = "This form is too old, or it was made for somebody else. Go back, reload the page and send it again.";
            account(S::FORBIDDEN, "Please send the form again", sentence)
        }
        Refusal::ForeignOrigin => {
            let sentence = "This request was sent by a page of another site, so nothing was done.";
            account(S::FORBIDDEN, "Not from here", sentence)
        }
        Refusal::Handover(why) => account(S::FORBIDDEN, "Please log in again", *why),
        Refusal::TooManyTries { retry_after } => {
            let wait = match retry_after.div_ceil(60) {
                1 => "a minute".to_owned(),
                minutes => format!("{minutes} minutes"),
            };
            let sentence = format!("Too many tries. Please wait {wait} and try again.");
            account(S::TOO_MANY_REQUESTS, "Too many tries", sentence)
        }
        Refusal::Busy => {
            let sentence = "Too many people are logging in at this moment. Please try again in a minute.";
            account(S::SERVICE_UNAVAILABLE, "Please try again soon", sentence)
        }
        Refusal::Crowded => account(S::SERVICE_UNAVAILABLE, "Please try again soon", CROWDED),
        Refusal::Suspended => account(
            S::SERVICE_UNAVAILABLE,
            "This wiki is suspended",
            "Its pages are kept; please come back later.",
        ),
        Refusal::IdentityUnavailable => {
            let sentence =
                "It cannot be told at the moment who you are. You are not logged out; please try again soon.";
            account(S::SERVICE_UNAVAILABLE, "Please try again soon", sentence)
        }
        Refusal::NotStored => {
            let sentence = "What you did could not be stored, so it was not done. Please try again soon.";
            account(S::SERVICE_UNAVAILABLE, "Please try again soon", sentence)
        }
        Refusal::Internal(_) => {
            let sentence = "Something went wrong on our side. It has been noted; please try again.";
            account(S::INTERNAL_SERVER_ERROR, "Something went wrong", sentence)
        }
    }
}

/// Nothing else of us can be read until it is done, so it says how.
fn too_many_cookies(host: &str) -> Account {
    let sentence = format!(
        "Your browser sent more than 64 KiB of headers to {host}. Nearly always that is because too many cookies, or too \
         large ones, have come together for it, and they need not be ours. Please delete them: press the sign beside \
         the address, open the cookies or site data, and delete all that is listed for {host} and for the domains that \
         it is part of. Then load this page again. You will have to log in again; nothing else is lost."
    );
    let status = StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE;
    account(status, "Too many cookies", sentence)
}

fn forbidden(right: Right) -> &'static str {
    match right {
        Right::Read => "You are not allowed to view this page.",
        Right::Write => "You are not allowed to edit this page.",
        Right::Delete => "You are not allowed to delete this page.",
        Right::Revert => "You are not allowed to revert this page.",
        Right::Admin => "You are not allowed to change the rights of this page.",
    }
}

/// An error page of a wiki.
pub async fn page(visit: &Visit<'_>, refusal: Refusal) -> Reply {
    note(&refusal, visit.incoming.id, Some(visit));
    let described = describe(&refusal);
    if wants_problem(visit.incoming.http.headers()) {
        return with_headers(problem(&described), &refusal);
    }
    let about = match find_page(&visit.place, visit.incoming) {
        Ok(Named::Page(name)) => Some(name),
        _ => None,
    };
    let made = match &refusal {
        Refusal::Forbidden(_) | Refusal::LogInFirst(_) => {
            forbidden_page(visit, about.as_ref(), &described).await
        }
        _ => error_page(visit, about.as_ref(), &refusal, &described).await,
    };
    let reply = match made {
        Ok(bytes) => Reply::html(described.status, bytes),
        // The store that failed the request fails its error page too.
        Err(_) => bare_page(&visit.state.files, &described),
    };
    with_headers(reply, &refusal)
}

async fn forbidden_page(
    visit: &Visit<'_>,
    about: Option<&PageName>,
    described: &Account,
) -> Result<Vec<u8>, Refusal> {
    let frame = Frame::gather(visit, about).await?;
    let view = frame.view();
    let shell = view.shell(described.title);
    let login = match shell.visitor {
        Visitor::Guest { login, .. } => login,
        Visitor::User(_) => None,
    };
    Ok(to_bytes(&ForbiddenPage {
        shell,
        sentence: &described.sentence,
        login,
    })?)
}

async fn error_page(
    visit: &Visit<'_>,
    about: Option<&PageName>,
    refusal: &Refusal,
    described: &Account,
) -> Result<Vec<u8>, Refusal> {
    let frame = Frame::gather(visit, about).await?;
    let view = frame.view();
    let id = request_text(visit.incoming.id);
    let front = format!("{}/", visit.place.base);
    let actions: Vec<(String, &str)> = match refusal {
        Refusal::UnknownAction(_) => routes::listed_actions(visit)
            .map(|action| (format!("{}?action={action}", frame.page_href()), action))
            .collect(),
        Refusal::NoPageForFiles => vec![
            (format!("{}?action=edit", frame.page_href()), "Create this page"),
            (front, "Front page"),
        ],
        Refusal::NoSuchFile(Some(file)) => vec![
            (
                format!("{}?{}", frame.page_href(), address::upload_query(file)),
                "Attach such a file",
            ),
            (frame.page_href().to_owned(), "Back to the page"),
        ],
        _ => vec![
            (frame.page_href().to_owned(), "Back to the page"),
            (front, "Front page"),
        ],
    };
    let links: Vec<Link<'_>> = actions.iter().map(|(href, label)| Link { href, label }).collect();
    let page = ErrorPage {
        shell: view.shell(described.title),
        status: described.status.as_u16(),
        sentence: &described.sentence,
        links: &links,
        request_id: described.status.is_server_error().then_some(id.as_str()),
    };
    Ok(to_bytes(&page)?)
}

/// The page of a wiki that is closed; it opens neither store nor session.
pub fn closed(state: &AppState, place: &Place<'_>, incoming: &Incoming<'_>, refusal: &Refusal) -> Reply {
    let described = describe(refusal);
    if wants_problem(incoming.http.headers()) {
        return with_headers(problem(&described), refusal);
    }
    let home = format!("{}/", place.base);
    let style = state.files.address(place.base, "style.css");
    let script = state.files.address(place.base, "script.js");
    let icon = state.files.address(place.base, "favicon.svg");
    let site = Site {
        wiki_id: &place.config.id,
        name: &place.config.sitename,
        logo: place.config.logo.as_deref(),
        home: &home,
        style: &style,
        script: &script,
        icon: &icon,
        language: "en",
        direction: Direction::LeftToRight,
        front_page: Presence::Elsewhere,
    };
    let reply = match to_bytes(&SuspendedPage {
        shell: Shell::new(site, described.title),
    }) {
        Ok(bytes) => Reply::html(described.status, bytes),
        Err(_) => bare_page(&state.files, &described),
    };
    with_headers(reply, refusal)
}

/// An error where there is no wiki to show it in.
pub fn bare(files: &StaticFiles, headers: &HeaderMap, refusal: &Refusal, id: u64) -> Reply {
    note(refusal, id, None);
    let described = describe(refusal);
    let reply = if wants_problem(headers) {
        problem(&described)
    } else {
        bare_page(files, &described)
    };
    with_headers(reply, refusal)
}

fn bare_page(files: &StaticFiles, described: &Account) -> Reply {
    let page = BareErrorPage {
        title: described.title,
        sentence: &described.sentence,
        style: &files.address("", "style.css"),
    };
    Reply::html(described.status, to_bytes(&page).unwrap_or_default())
}

fn problem(described: &Account) -> Reply {
    let body = serde_json::json!({
        "type": "about:blank",
        "status": described.status.as_u16(),
        "title": described.title,
        "detail": described.sentence,
    });
    let mut reply = Reply::html(described.status, Bytes::new());
    reply.body = Body::Problem(Bytes::from(body.to_string()));
    reply
}

/// Headers that belong to a cause.
fn with_headers(mut reply: Reply, refusal: &Refusal) -> Reply {
    match refusal {
        Refusal::TooManyTries { retry_after } => reply.headers.push(("retry-after", retry_after.to_string())),
        Refusal::Busy | Refusal::Crowded => reply
            .headers
            .push(("retry-after", CROWD_PASSES_AFTER.to_string())),
        Refusal::Suspended | Refusal::IdentityUnavailable | Refusal::NotStored => {
            reply.headers.push(("retry-after", COME_BACK_AFTER.to_string()));
        }
        Refusal::Method(allowed) => reply.headers.push(("allow", (*allowed).to_owned())),
        _ => {}
    }
    reply
}

/// A client that names JSON and not HTML is a program.
pub fn wants_problem(headers: &HeaderMap) -> bool {
    let accept = headers
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok())
        .unwrap_or("");
    accept.contains("json") && !accept.contains("text/html")
}

/// Writes to the log what the visitor is not told, and to the audit log what guards care for.
fn note(refusal: &Refusal, id: u64, visit: Option<&Visit<'_>>) {
    let request = request_text(id);
    let user = visit.and_then(|visit| visit.visitor.user_id()).unwrap_or("-");
    let wiki = visit.map_or("-", |visit| &*visit.place.config.id);
    let address = visit
        .map(|visit| visit.incoming.client.to_string())
        .unwrap_or_default();
    match refusal {
        Refusal::Internal(cause) => tracing::error!(request, wiki, cause, "internal error"),
        Refusal::Ticket | Refusal::ForeignOrigin => {
            tracing::warn!(target: "audit", event = "ticket_refused", request, wiki, user, address);
        }
        Refusal::Forbidden(right) => {
            tracing::info!(target: "audit", event = "rights_denied", request, wiki, user, address, right = ?right);
        }
        _ => {}
    }
}

/// A request's id as log and pages write it.
pub fn request_text(id: u64) -> String {
    RequestId(id).to_string()
}

/// A request's id as people and the log write it: 16 hexadecimal digits. Each line of the log has one.
#[derive(Clone, Copy, Debug)]
pub struct RequestId(pub u64);

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

#[cfg(test)]
mod tests;
