//! The request as a visible list.
//!
//! [`conduct`] is the whole life of a request, one line a step; each step is a small
//! function elsewhere that may end it. Whatever happens in the middle, the tail
//! (finish the session, then headers, then send) is walked by every answer. One short cut: a kept page for somebody whom
//! no session knows has none to finish.

use std::cell::Cell;
use std::time::Instant;

use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use grange_session::{CookieChange, FinishError, Outcome};
use jiff::Timestamp;

use crate::extract::query::Fields;
use crate::extract::visitor::{Visitor, identify, open_session};
use crate::extract::wiki::{Place, Step, check_state, find_wiki};
use crate::handlers::{handover, view};
use crate::incoming::Incoming;
use crate::logging::Answered;
use crate::refusal::Refusal;
use crate::respond::error::RequestId;
use crate::respond::reply::{Body, PageView, Reply, Sharing};
use crate::respond::static_files::StaticAnswer;
use crate::respond::{self, Wishes, error};
use crate::routes;
use crate::state::{AppState, Live};
use crate::visit::Visit;

/// What the log says about a request beside its status and time.
#[derive(Default)]
struct Noted<'l> {
    wiki: Option<&'l str>,
    user: Option<String>,
}

/// A request's id, and when it came.
#[derive(Clone, Copy)]
struct Arrival {
    id: u64,
    at: Timestamp,
}

/// An answer before its headers.
struct Finished {
    reply: Reply,
    cookies: Vec<CookieChange>,
    https: bool,
    language_varies: bool,
}

/// Answers one request; the only handler that the HTTP layer knows.
pub async fn answer(state: Data<AppState>, http: HttpRequest, payload: Payload) -> HttpResponse {
    let begun = Instant::now();
    let arrival = Arrival {
        id: state.next_request(),
        at: state.clock.now(),
    };
    // Borrowed, not counted; where a worker has many slow requests, arc-swap counts the later ones.
    let live = state.live.load();
    let mut noted = Noted::default();
    let finished = conduct(&state, &live, &http, payload, arrival, &mut noted).await;
    let wishes = Wishes {
        headers: http.headers(),
        https: finished.https,
        language_varies: finished.language_varies,
    };
    let response = respond::complete(finished.reply, &finished.cookies, &wishes);
    let took = begun.elapsed();
    let answered = Answered {
        request: arrival.id,
        wiki: noted.wiki,
        user: noted.user.as_deref(),
        method: http.method().as_str(),
        path: http.uri().path(),
        status: response.status().as_u16(),
        micros: took.as_micros() as u64,
    };
    state.counters.note_answer(answered.status, answered.micros);
    answered.log(arrival.at.checked_add(took).unwrap_or(arrival.at));
    response
}

/// Authority and scheme → wiki → its state → session → visitor → act → finish the
/// session. Rights and forms are checked where the action is chosen, in `routes`.
async fn conduct<'l>(
    state: &AppState,
    live: &'l Live,
    http: &HttpRequest,
    payload: Payload,
    Arrival { id, at }: Arrival,
    noted: &mut Noted<'l>,
) -> Finished {
    let trusted = &live.farm.config.trusted_proxies;
    let incoming = match Incoming::read(http, trusted, at, id) {
        Ok(incoming) => incoming,
        Err(refusal) => {
            return Finished::bare(error::bare(&state.files, http.headers(), &refusal, id), false);
        }
    };
    let bare = |refusal| {
        Finished::bare(
            error::bare(&state.files, http.headers(), &refusal, id),
            incoming.https,
        )
    };
    let place = match find_wiki(live, &incoming) {
        Ok(Step::Here(place)) => place,
        Ok(Step::Elsewhere(reply)) => return Finished::bare(reply, incoming.https),
        Err(Refusal::NoWiki) if root_static(&incoming).is_some() => {
            let rest = root_static(&incoming).unwrap_or_default();
            return static_file(state, "", &incoming, rest);
        }
        Err(refusal) => return bare(refusal),
    };
    // Of the farm itself: the place goes away with the request's own texts.
    noted.wiki = live.farm.config.wikis.get(place.wiki).map(|wiki| &*wiki.id);
    if let Some(rest) = place.tail.strip_prefix("_static/") {
        return static_file(state, place.base, &incoming, rest);
    }
    if let Err(refusal) = check_state(&place) {
        let reply = error::closed(state, &place, &incoming, &refusal);
        let language_varies = !place.config.language_ignore_browser;
        return Finished {
            language_varies,
            ..Finished::bare(reply, incoming.https)
        };
    }
    if let Some(reply) = view::show_to_nobody(live, &place, &incoming).await {
        return Finished {
            language_varies: !place.config.language_ignore_browser,
            ..Finished::bare(reply, incoming.https)
        };
    }
    let visit = match open_visit(state, live, &incoming, place).await {
        Ok(visit) => visit,
        Err(refusal) => return bare(refusal),
    };
    // What a visit may have to hold takes ten kilobytes, which no kept page should have to move.
    Box::pin(conduct_visit(visit, payload, noted)).await
}

/// Who is it, what do they want, and what does their session keep of it.
async fn conduct_visit(mut visit: Visit<'_>, payload: Payload, noted: &mut Noted<'_>) -> Finished {
    let reply = match identify_visitor(&mut visit).await {
        Ok(()) => routes::act(&mut visit, payload).await,
        Err(refusal) => Err(refusal),
    };
    let reply = match reply {
        Ok(reply) => reply,
        Err(refusal) => Box::pin(error::page(&visit, refusal)).await,
    };
    noted.user = visit.visitor.user_id().map(str::to_owned);
    finish_session(visit, reply).await
}

/// What stands behind `/_static/`. The page that says that no wiki is here looks like the others.
fn root_static<'r>(incoming: &Incoming<'r>) -> Option<&'r str> {
    incoming.path().strip_prefix("/_static/")
}

fn static_file(state: &AppState, base: &str, incoming: &Incoming<'_>, rest: &str) -> Finished {
    let reply = match state.files.find(rest) {
        _ if !incoming.is_reading() => error::bare(
            &state.files,
            incoming.http.headers(),
            &Refusal::Method("GET, HEAD"),
            incoming.id,
        ),
        StaticAnswer::File(media_type, page) => {
            let mut reply = Reply::kept(page.clone());
            reply.body = Body::File(media_type, page);
            reply.sharing = Sharing::Forever;
            reply
        }
        StaticAnswer::Moved(address) => Reply::see_other(format!("{base}{address}")),
        StaticAnswer::Missing => {
            let refusal = Refusal::NotFound("There is no such file.".into());
            error::bare(&state.files, incoming.http.headers(), &refusal, incoming.id)
        }
    };
    Finished::bare(reply, incoming.https)
}

/// Opens the wiki and the visitor's session on it.
async fn open_visit<'r>(
    state: &'r AppState,
    live: &'r Live,
    incoming: &'r Incoming<'r>,
    place: Place<'r>,
) -> Result<Visit<'r>, Refusal> {
    let open = live.farm.open(place.wiki).await.map_err(Refusal::internal)?;
    let session = open_session(&open, incoming).await;
    let query = Fields::parse(incoming.query().unwrap_or(""));
    Ok(Visit {
        state,
        live,
        incoming,
        place,
        open,
        session,
        visitor: Visitor::nobody(),
        query,
        told: Vec::new(),
        spent_on_macros: Cell::default(),
    })
}

/// Finds out who it is. A store that is down makes nobody a guest: without sessions
/// reading goes on and anything else asks to come back later, as does everything of
/// somebody whose account cannot be read.
async fn identify_visitor(visit: &mut Visit<'_>) -> Result<(), Refusal> {
    let identified = identify(&visit.open, visit.incoming, &mut visit.session).await;
    visit.visitor = match identified {
        Ok(visitor) => visitor,
        Err(cause) => {
            let request = error::request_text(visit.incoming.id);
            tracing::error!(request, ?cause, "the accounts could not be read");
            visit.visitor = Visitor::guest(&visit.open.config, visit.incoming);
            return Err(Refusal::IdentityUnavailable);
        }
    };
    if visit.session.store_is_down() && !routes::is_plain_view(visit) {
        return Err(Refusal::IdentityUnavailable);
    }
    Ok(())
}

/// Stores the session before a byte leaves. What could not be made to last did not
/// happen: the visitor is told so instead.
async fn finish_session(mut visit: Visit<'_>, mut reply: Reply) -> Finished {
    let told = std::mem::take(&mut visit.told);
    let outcome = Outcome {
        offer_pending: reply.view == PageView::Yes && !visit.incoming.is_head(),
        discard_writes: visit.incoming.is_head(),
        now: visit.incoming.now,
        https: visit.incoming.https,
    };
    let (https, id, headers) = (
        visit.incoming.https,
        visit.incoming.id,
        visit.incoming.http.headers(),
    );
    let (state, language_varies) = (visit.state, !visit.place.config.language_ignore_browser);
    match visit.open.sessions.finish(visit.session, &outcome).await {
        Ok(mut cookies) => {
            told.into_iter().for_each(|tell| tell());
            cookies.append(&mut reply.cookies);
            Finished {
                cookies,
                reply,
                https,
                language_varies,
            }
        }
        Err(FinishError::LoginEnded) => Finished::bare(
            error::bare(&state.files, headers, &handover::LOGIN_ENDED, id),
            https,
        ),
        Err(cause) => {
            tracing::error!(request = %RequestId(id), %cause, "the session could not be stored");
            Finished::bare(error::bare(&state.files, headers, &Refusal::NotStored, id), https)
        }
    }
}

impl Finished {
    /// An answer that no session has a part in.
    fn bare(reply: Reply, https: bool) -> Finished {
        Finished {
            reply,
            cookies: Vec::new(),
            https,
            language_varies: false,
        }
    }
}
