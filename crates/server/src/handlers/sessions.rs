//! `?action=sessions`: where one is logged in, and ending it there.
//!
//! A user sees the own sessions; a superuser those of any user of the wiki's realm, with `name`. A form names a session
//! by its handle, and only the store's answer says whose it is. While a superuser acts as somebody, the list is the
//! superuser's own, for that is who logged in.

use actix_web::http::StatusCode;
use grange_session::{EndReason, Kill, Loaded, Remember, SessionEvent, SessionSummary, StoreError, StoreKey};
use grange_wiki::PageName;
use grange_wiki::accounts::User;

use crate::extract::form::Checked;
use crate::frame::{Frame, moment};
use crate::handlers::logout::forget_pages;
use crate::pages::{Message, MessageKind, SessionRow, SessionsPage, Shell, to_bytes};
use crate::proof::{Proof, Sensitive, demand};
use crate::refusal::Refusal;
use crate::respond::reply::Reply;
use crate::visit::Visit;

/// So many are shown; only a huge `max_sessions_per_user` lets anybody have more.
const MOST_SHOWN: usize = 200;

/// Whose sessions are looked at.
enum Whose {
    Own(User),
    Others(User),
}

impl Whose {
    fn user(&self) -> &User {
        match self {
            Whose::Own(user) | Whose::Others(user) => user,
        }
    }
}

/// Shows the list; guests are sent to log in.
pub async fn show(visit: &mut Visit<'_>, page: &PageName) -> Result<Reply, Refusal> {
    if visit.visitor.real_user().is_none() {
        return Ok(Reply::see_other(visit.action_url(page, "login")));
    }
    let name = visit.query.get("name").map(str::to_owned);
    let whose = find(visit, name.as_deref()).await?;
    list(visit, page, &whose).await
}

/// Ends one session or many.
pub async fn submit(visit: &mut Visit<'_>, page: &PageName, sent: Checked) -> Result<Reply, Refusal> {
    let whose = find(visit, sent.fields().get("name")).await?;
    let address = visit.action_url(page, "sessions");
    let back = match &whose {
        Whose::Own(_) => address.clone(),
        Whose::Others(user) => format!("{address}&name={}", encoded(user.name.as_str())),
    };
    let sensitive = Sensitive {
        page: Some(page),
        address: &address,
        action: "sessions",
        what: "End sessions",
        cancel: &back,
    };
    let sent = match demand(visit, sent, sensitive).await? {
        Proof::Given(sent) => sent,
        Proof::Wanted(reply) => return Ok(reply),
    };
    let ended = match sent.fields().get("end") {
        Some(handle) => end_one(visit, whose.user(), handle).await?,
        None if sent.fields().has("end_others") => end_many(visit, &whose).await?,
        None => return Err(Refusal::BadRequest("The form names no session.".to_owned())),
    };
    note(visit, whose.user(), ended);
    let told = visit.tell_next("ended", ended);
    let mut reply = Reply::see_other(format!("{back}&{told}"));
    if visit.session.identity().is_none() {
        // It was this very session.
        forget_pages(visit, &mut reply);
    }
    Ok(reply)
}

async fn find(visit: &Visit<'_>, name: Option<&str>) -> Result<Whose, Refusal> {
    let Some(own) = visit.visitor.real_user() else {
        return Err(Refusal::Refused(
            "You have to be logged in to see sessions.".into(),
        ));
    };
    let name = name.map(str::trim).filter(|name| !name.is_empty());
    let Some(name) = name else {
        return Ok(Whose::Own(own.clone()));
    };
    if !visit.visitor.viewer.superuser {
        return Err(Refusal::Refused(
            "Only superusers of this wiki see the sessions of others.".into(),
        ));
    }
    let found = visit
        .open
        .accounts
        .by_name(name)
        .await
        .map_err(Refusal::internal)?;
    match found {
        Some(user) if user.id == own.id => Ok(Whose::Own(user)),
        Some(user) => Ok(Whose::Others(user)),
        None => Err(Refusal::NotFound(format!("There is no account “{name}”.").into())),
    }
}

/// The user's sessions in the wiki's realm.
async fn sessions_of(visit: &Visit<'_>, user: &User) -> Result<Vec<SessionSummary>, Refusal> {
    let realm = &visit.place.config.session.realm;
    let store = &visit.open.session_store;
    store
        .list(realm, Some(&user.id), visit.incoming.now)
        .await
        .map_err(|cause| trouble(&cause))
}

/// Ends the session of a handle if it is the user's; how many that were.
async fn end_one(visit: &mut Visit<'_>, user: &User, handle: &str) -> Result<u64, Refusal> {
    let Some(key) = StoreKey::from_handle(handle) else {
        return Err(Refusal::BadRequest("The form names no session.".to_owned()));
    };
    if visit.session.key() == Some(key) {
        visit.session.log_out();
        return Ok(1);
    }
    let (realm, now) = (&visit.place.config.session.realm, visit.incoming.now);
    let store = &visit.open.session_store;
    let loaded = store
        .load(&key, realm, now)
        .await
        .map_err(|cause| trouble(&cause))?;
    match loaded {
        Loaded::Live(record) if record.user_id() == Some(&*user.id) => {
            let ended = store
                .delete(&key, realm, now)
                .await
                .map_err(|cause| trouble(&cause))?;
            Ok(u64::from(ended))
        }
        // It has ended meanwhile, or it never was this user's: both look the same from outside.
        _ => Ok(0),
    }
}

async fn end_many(visit: &mut Visit<'_>, whose: &Whose) -> Result<u64, Refusal> {
    match whose {
        Whose::Own(user) => end_others(visit, user).await,
        Whose::Others(user) => {
            let (realm, now) = (&visit.place.config.session.realm, visit.incoming.now);
            let killed = visit
                .open
                .session_store
                .kill(realm, Kill::User(&user.id), now)
                .await;
            killed.map_err(|cause| trouble(&cause))
        }
    }
}

/// Ends all sessions of a user but the visitor's own; how many that were.
///
/// # Errors
/// * [`Refusal::NotStored`] when the store does not answer; some may have ended then
pub async fn end_others(visit: &Visit<'_>, user: &User) -> Result<u64, Refusal> {
    let (realm, now) = (&visit.place.config.session.realm, visit.incoming.now);
    let own = visit.session.key();
    let mut ended = 0;
    for session in sessions_of(visit, user).await? {
        if Some(session.key) == own {
            continue;
        }
        let deleted = visit.open.session_store.delete(&session.key, realm, now).await;
        ended += u64::from(deleted.map_err(|cause| trouble(&cause))?);
    }
    Ok(ended)
}

fn trouble(cause: &StoreError) -> Refusal {
    tracing::error!(%cause, "sessions could not be listed or ended");
    Refusal::NotStored
}

fn note(visit: &Visit<'_>, of: &User, count: u64) {
    let (wiki, address) = (&*visit.place.config.id, visit.incoming.client);
    let user = visit.visitor.real_user().map_or("-", |user| user.id.as_str());
    tell(visit, of, EndReason::Revoked, count);
    tracing::info!(target: "audit", event = "session_ended", wiki, user, of = of.id, count, %address);
}

/// Tells an embedder that sessions of a user have ended.
pub fn tell(visit: &Visit<'_>, of: &User, reason: EndReason, count: u64) {
    if count > 0 {
        let user_id = Some(of.id.as_str());
        let ended = SessionEvent::Ended {
            user_id,
            reason,
            count,
        };
        visit
            .state
            .services
            .notice(&visit.place.config.id, ended, visit.incoming.now);
    }
}

/// A name as the value of a query's field.
pub fn encoded(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

async fn list(visit: &Visit<'_>, page: &PageName, whose: &Whose) -> Result<Reply, Refusal> {
    let mut found = sessions_of(visit, whose.user()).await?;
    found.truncate(MOST_SHOWN);
    let own = visit.session.key();
    // The one in use first; the others as they come, latest used first.
    found.sort_by_key(|session| Some(session.key) != own);
    let mut rows = Vec::with_capacity(found.len());
    for session in &found {
        rows.push(row(visit, session).await?);
    }
    let others = found.iter().filter(|session| Some(session.key) != own).count();
    let told = visit.told_before("ended").map(told);
    let frame = Frame::gather(visit, Some(page)).await?;
    let view = frame.view();
    let title = match whose {
        Whose::Own(_) => "Your sessions".to_owned(),
        Whose::Others(user) => format!("Sessions of {}", user.name),
    };
    let shell = view.shell(&title);
    let told = told.as_deref().map(|text| Message {
        kind: MessageKind::Done,
        text,
    });
    let page = SessionsPage {
        shell: Shell {
            message: told.or(shell.message),
            ..shell
        },
        action: &visit.action_url(page, "sessions"),
        page: &visit.page_url(page),
        ticket: &visit.ticket("sessions"),
        name: match whose {
            Whose::Own(_) => None,
            Whose::Others(user) => Some(user.name.as_str()),
        },
        rows: &rows,
        others,
        looks_up: visit.visitor.viewer.superuser,
    };
    Ok(Reply::html(StatusCode::OK, to_bytes(&page)?))
}

/// What was done, in words.
pub fn told(ended: u64) -> String {
    match ended {
        1 => "1 session ended.".to_owned(),
        number => format!("{number} sessions ended."),
    }
}

/// A session as the pages show it, without the names of accounts.
pub fn described(visit: &Visit<'_>, session: &SessionSummary) -> SessionRow {
    let farm = &visit.live.farm;
    let wiki = farm
        .wiki_by_id(&session.wiki)
        .and_then(|index| farm.config.wikis.get(index));
    SessionRow {
        handle: session.key.handle(),
        browser: match session.browser.as_str() {
            "other" => "Another browser".to_owned(),
            known => known.to_owned(),
        },
        wiki: wiki.map_or_else(|| session.wiki.clone(), |wiki| wiki.sitename.to_string()),
        created: moment(visit, session.created),
        last_seen: moment(visit, session.last_seen),
        remembered: session.remember == Remember::Yes,
        acting: None,
        user: None,
        is_this_one: visit.session.key() == Some(session.key),
    }
}

async fn row(visit: &Visit<'_>, session: &SessionSummary) -> Result<SessionRow, Refusal> {
    let mut row = described(visit, session);
    if let Some(id) = &session.acting {
        let target = visit.open.accounts.by_id(id).await.map_err(Refusal::internal)?;
        row.acting = Some(target.map_or_else(|| id.clone(), |user| user.name.to_string()));
    }
    Ok(row)
}
