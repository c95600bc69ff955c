//! `_farm/sessions`: the sessions of one realm, by user or all, in pages; and ending them.
//!
//! `wiki` chooses the realm. A form names one session by its handle, and the store says whether it is of that realm; or
//! it ends those of a user, of all guests, or all. Everything that ends sessions wants the password of the last 15 minutes,
//! and is counted and written to the audit log.

use std::sync::Arc;

use actix_web::http::StatusCode;
use grange_farm::WikiConfig;
use grange_session::{EndReason, GUEST_USER, Kill, Loaded, SessionEvent, SessionStore, StoreError, StoreKey};
use grange_wiki::accounts::{Accounts, User};

use super::{TICKET, frame, navigation};
use crate::extract::form::Checked;
use crate::handlers::sessions::{described, encoded, told};
use crate::pages::{FarmSessionsPage, Message, MessageKind, Paging, SessionRow, Shell, to_bytes};
use crate::proof::{Proof, Sensitive, demand};
use crate::refusal::Refusal;
use crate::respond::reply::Reply;
use crate::visit::Visit;

/// So many sessions stand on a page.
const ROWS: usize = 50;

/// So many wikis of a realm are named.
const NAMED: usize = 12;

/// The realm that is looked at, through one of its wikis.
struct Office {
    wiki: Arc<WikiConfig>,
    store: Arc<dyn SessionStore>,
    accounts: Arc<Accounts>,
}

impl Office {
    fn of(visit: &Visit<'_>, id: &str) -> Result<Office, Refusal> {
        let farm = &visit.live.farm;
        let index = match id {
            "" => Some(visit.place.wiki),
            id => farm.wiki_by_id(id),
        };
        let wiki = index.and_then(|index| farm.config.wikis.get(index)).cloned();
        let wiki = wiki.ok_or_else(|| Refusal::NotFound(format!("There is no wiki “{id}”.").into()))?;
        let services = &visit.state.services;
        Ok(Office {
            store: services.session_store(&wiki.session_store),
            accounts: services.accounts(&wiki.user_store),
            wiki,
        })
    }

    async fn user(&self, name: &str) -> Result<User, Refusal> {
        let found = self.accounts.by_name(name).await.map_err(Refusal::internal)?;
        let nobody = || format!("There is no account “{name}” in wiki “{}”.", self.wiki.id);
        found.ok_or_else(|| Refusal::NotFound(nobody().into()))
    }

    async fn name_of(&self, id: &str) -> Result<String, Refusal> {
        let found = self.accounts.by_id(id).await.map_err(Refusal::internal)?;
        Ok(found.map_or_else(|| id.to_owned(), |user| user.name.as_str().to_owned()))
    }
}

/// Shows a page of sessions.
pub(super) async fn show(visit: &mut Visit<'_>) -> Result<Reply, Refusal> {
    let office = Office::of(visit, visit.query.text("wiki").trim())?;
    let name = visit.query.text("user").trim();
    let user = match name {
        "" => None,
        name => Some(office.user(name).await?),
    };
    let first = visit.query.part_number().saturating_mul(ROWS);
    let id = user.as_ref().map(|user| &*user.id);
    let listed = office
        .store
        .list_part(&office.wiki.session.realm, id, first, ROWS, visit.incoming.now)
        .await
        .map_err(|cause| trouble(&cause))?;
    let mut rows = Vec::with_capacity(listed.sessions.len());
    for session in &listed.sessions {
        let mut row: SessionRow = described(visit, session);
        row.user = Some(match &session.user_id {
            Some(id) => office.name_of(id).await?,
            None => "Guest".to_owned(),
        });
        if let Some(acting) = &session.acting {
            row.acting = Some(office.name_of(acting).await?);
        }
        rows.push(row);
    }
    let total = usize::try_from(listed.total).unwrap_or(usize::MAX);
    page(visit, &office, user.as_ref(), &rows, (first, total)).await
}

async fn page(
    visit: &Visit<'_>,
    office: &Office,
    user: Option<&User>,
    rows: &[SessionRow],
    (first, total): (usize, usize),
) -> Result<Reply, Refusal> {
    let done = visit.told_before("ended").map(told);
    let frame = frame(visit).await?;
    let view = frame.view();
    let shell = view.shell("Sessions");
    let done = done.as_deref().map(|text| Message {
        kind: MessageKind::Done,
        text,
    });
    let name = user.map_or("", |user| user.name.as_str());
    let base = address(visit, &office.wiki.id, name);
    let page = FarmSessionsPage {
        shell: Shell {
            message: done.or(shell.message),
            ..shell
        },
        navigation: navigation(visit, "sessions"),
        action: &format!("{}/_farm/sessions", visit.place.base),
        ticket: &visit.ticket(TICKET),
        wiki: &office.wiki.id,
        shared_with: &wikis_of_realm(visit, &office.wiki),
        user: name,
        rows,
        paging: Paging::new(&base, first, rows.len(), total, ROWS),
    };
    Ok(Reply::html(StatusCode::OK, to_bytes(&page)?))
}

/// The site names of the wikis that share these sessions.
fn wikis_of_realm(visit: &Visit<'_>, wiki: &WikiConfig) -> String {
    let all = &visit.live.farm.config.wikis;
    let mut sharing = all
        .iter()
        .filter(|other| other.session.realm == wiki.session.realm)
        .map(|other| &*other.sitename);
    let named: Vec<&str> = sharing.by_ref().take(NAMED).collect();
    match sharing.count() {
        0 => named.join(", "),
        more => format!("{} and {more} more", named.join(", ")),
    }
}

fn address(visit: &Visit<'_>, wiki: &str, user: &str) -> String {
    format!(
        "{}/_farm/sessions?wiki={wiki}&user={}",
        visit.place.base,
        encoded(user)
    )
}

/// Ends what the form says.
pub(super) async fn submit(visit: &mut Visit<'_>, sent: Checked) -> Result<Reply, Refusal> {
    let office = Office::of(visit, sent.fields().text("wiki").trim())?;
    let name = sent.fields().text("user").trim().to_owned();
    let back = address(visit, &office.wiki.id, &name);
    let sensitive = Sensitive {
        page: None,
        address: &format!("{}/_farm/sessions", visit.place.base),
        action: TICKET,
        what: "End sessions",
        cancel: &back,
    };
    let sent = match demand(visit, sent, sensitive).await? {
        Proof::Given(sent) => sent,
        Proof::Wanted(reply) => return Ok(reply),
    };
    let ended = match sent.fields().get("end") {
        Some(handle) => end_one(visit, &office, handle).await?,
        None => end_many(visit, &office, &sent, &name).await?,
    };
    match has_lost_own(visit).await? {
        false => Ok(Reply::see_other(format!(
            "{back}&{}",
            visit.tell_next("ended", ended)
        ))),
        true => {
            // A guest may not see the list any more.
            visit.session.log_out();
            let login = visit.action_url(&visit.place.config.front_page, "login");
            let told = visit.tell_guest_next("ended", ended);
            Ok(Reply::see_other(format!("{login}&{told}")))
        }
    }
}

/// Whether the administrator's own session was among those that were ended.
async fn has_lost_own(visit: &Visit<'_>) -> Result<bool, Refusal> {
    let Some(key) = visit.session.key().filter(|_| visit.session.identity().is_some()) else {
        return Ok(true);
    };
    let (realm, now) = (&visit.place.config.session.realm, visit.incoming.now);
    let loaded = visit.open.session_store.load(&key, realm, now).await;
    Ok(!matches!(
        loaded.map_err(|cause| trouble(&cause))?,
        Loaded::Live(_)
    ))
}

async fn end_one(visit: &mut Visit<'_>, office: &Office, handle: &str) -> Result<u64, Refusal> {
    let no_session = || Refusal::BadRequest("The form names no session.".to_owned());
    let key = StoreKey::from_handle(handle).ok_or_else(no_session)?;
    let (realm, now) = (&office.wiki.session.realm, visit.incoming.now);
    if visit.session.key() == Some(key) {
        visit.session.log_out();
        let own = visit.visitor.user_id().unwrap_or("-").to_owned();
        note(visit, office, &own, 1);
        return Ok(1);
    }
    let loaded = office.store.load(&key, realm, now).await;
    let Loaded::Live(record) = loaded.map_err(|cause| trouble(&cause))? else {
        return Ok(0);
    };
    let ended = office.store.delete(&key, realm, now).await;
    let ended = u64::from(ended.map_err(|cause| trouble(&cause))?);
    note(visit, office, record.user_id().unwrap_or(GUEST_USER), ended);
    Ok(ended)
}

async fn end_many(visit: &Visit<'_>, office: &Office, sent: &Checked, name: &str) -> Result<u64, Refusal> {
    let fields = sent.fields();
    let user = match name {
        _ if !fields.has("kill_user") => None,
        name => Some(office.user(name).await?),
    };
    let (kill, whom) = match &user {
        Some(user) => (Kill::User(&user.id), user.id.as_str()),
        None if fields.has("kill_guests") => (Kill::Guests, GUEST_USER),
        None if fields.has("kill_all") => (Kill::Everyone, "all"),
        None => return Err(Refusal::BadRequest("The form names no session.".to_owned())),
    };
    let killed = office
        .store
        .kill(&office.wiki.session.realm, kill, visit.incoming.now)
        .await;
    let count = killed.map_err(|cause| trouble(&cause))?;
    note(visit, office, whom, count);
    Ok(count)
}

fn trouble(cause: &StoreError) -> Refusal {
    tracing::error!(%cause, "sessions could not be listed or ended");
    Refusal::NotStored
}

fn note(visit: &Visit<'_>, office: &Office, of: &str, count: u64) {
    let address = visit.incoming.client;
    let user = visit.visitor.user_id().unwrap_or("-");
    let (user_id, reason) = (
        Some(of).filter(|of| !matches!(*of, GUEST_USER | "all")),
        EndReason::Killed,
    );
    let ended = SessionEvent::Ended {
        user_id,
        reason,
        count,
    };
    visit
        .state
        .services
        .notice(&office.wiki.id, ended, visit.incoming.now);
    tracing::warn!(target: "audit", event = "kill", wiki = &*office.wiki.id, user, of, count, %address);
}
