//! The wiki that takes a login over: setting out, and both POSTs that bring the code.
//!
//! Nothing here believes a request of another site but for showing one form; a session begins only for the browser
//! that set out.

use actix_web::http::StatusCode;
use actix_web::http::header;
use grange_session::{HandoverRefused, LoginAttempt, RequestFacts};
use grange_wiki::PageName;

use super::origin::WebOrigin;
use super::{LOGIN_ENDED, canonical, desk, is_elsewhere, login_query};
use crate::extract::form::Posted;
use crate::frame::Frame;
use crate::handlers::login::{MADE, PASSWORD};
use crate::pages::{HandoverPage, Press, Shell, Visitor, to_bytes};
use crate::refusal::Refusal;
use crate::respond::reply::Reply;
use crate::visit::Visit;

/// No code of ours is nearly as long.
const LONGEST_CODE: usize = 256;

/// Sends the visitor to the wiki where people log in.
///
/// # Errors
/// * [`Refusal::Refused`] where nobody can log in
pub fn begin(visit: &mut Visit<'_>, page: &PageName) -> Result<Reply, Refusal> {
    let config = visit.place.config.clone();
    if !config.session.lifetimes.allows_login() {
        return Err(Refusal::Refused("Logging in is disabled on this wiki.".into()));
    }
    let incoming = visit.incoming;
    let made = match visit.query.has(MADE) {
        true => format!("&{MADE}=1"),
        false => String::new(),
    };
    let own = canonical(
        visit,
        visit.place.wiki,
        &format!("{}?action=login{made}", page.to_url()),
    )?;
    if WebOrigin::of(&own).is_none_or(|origin| origin.host != incoming.host) {
        // The code will be posted to the canonical host, and the cookie must be there.
        return Ok(Reply::see_other(own));
    }
    let there = login_wiki(visit)?;
    let secrets = visit.live.farm.secrets();
    let randomness = &*visit.state.randomness;
    let attempt = LoginAttempt::begin(secrets, &config.session, incoming.https, incoming.now, randomness);
    let front = visit.live.farm.config.wikis.get(there);
    let front = front.map(|wiki| wiki.front_page.to_url()).unwrap_or_default();
    let query = login_query(&config.id, &attempt.state, page);
    let address = canonical(visit, there, &format!("{front}?{query}{made}"))?;
    Ok(match incoming.is_head() {
        true => Reply::see_other(address),
        false => Reply::see_other(address).with_cookie(attempt.cookie),
    })
}

/// Both POSTs that bring a code here.
///
/// # Errors
/// * [`Refusal::ForeignOrigin`] when another site than the login's, or than this one, sent the form
/// * [`Refusal::Handover`] with what was wrong with the code
pub async fn submit(visit: &mut Visit<'_>, page: &PageName, posted: Posted) -> Result<Reply, Refusal> {
    if !is_elsewhere(visit) {
        return Err(Refusal::NotFound("No logins arrive on this wiki.".into()));
    }
    let code = posted.fields().text("code").to_owned();
    if code.is_empty() || code.len() > LONGEST_CODE {
        return Err(refusal_of(HandoverRefused::NoCode));
    }
    if posted.fields().has("arrived") {
        posted.check_own_origin(visit.incoming)?;
        return finish(visit, page, &code).await;
    }
    check_login_origin(visit)?;
    arrive(visit, page, &code).await
}

/// The one form that may come from another site: the browser must say that it is the login's. Who says nothing is not
/// let in.
fn check_login_origin(visit: &Visit<'_>) -> Result<(), Refusal> {
    let there = canonical(visit, login_wiki(visit)?, "")?;
    let mut origins = visit.incoming.http.headers().get_all(header::ORIGIN);
    let (Some(origin), None) = (origins.next(), origins.next()) else {
        return Err(Refusal::ForeignOrigin);
    };
    let said = origin.to_str().ok().and_then(WebOrigin::of);
    match said.is_some() && said == WebOrigin::of(&there) {
        true => Ok(()),
        false => Err(Refusal::ForeignOrigin),
    }
}

/// Lets the browser send the code once more, as a page of this host and with its cookies.
async fn arrive(visit: &Visit<'_>, page: &PageName, code: &str) -> Result<Reply, Refusal> {
    let frame = Frame::gather(visit, Some(page)).await?;
    let view = frame.view();
    let sitename = &visit.place.config.sitename;
    let shell = Shell {
        visitor: Visitor::Guest {
            login: None,
            register: None,
        },
        ..view.shell("Logging in")
    };
    let page = HandoverPage {
        shell,
        action: &visit.action_url(page, "handover"),
        fields: &[("code", code), ("arrived", "1")],
        sentence: &format!("You come from the login. Go on to be logged in on {sitename}."),
        button: "Go on",
        press: Press::Script,
    };
    Ok(Reply::html(StatusCode::OK, to_bytes(&page)?))
}

/// Spends the code and begins a session.
async fn finish(visit: &mut Visit<'_>, page: &PageName, code: &str) -> Result<Reply, Refusal> {
    if visit.session.store_is_down() {
        return Err(Refusal::IdentityUnavailable);
    }
    let config = visit.place.config.clone();
    let incoming = visit.incoming;
    let facts = RequestFacts {
        cookie_headers: &incoming.cookie_headers(),
        https: incoming.https,
        ..RequestFacts::at(incoming.now)
    };
    let attempts = LoginAttempt::presented(visit.live.farm.secrets(), &config.session, &facts);
    let redeemed = desk(visit)
        .redeem(code, &config.id, &attempts, incoming.now)
        .await;
    let (wiki, address) = (&*config.id, incoming.client);
    let handed = redeemed.map_err(|cause| {
        tracing::warn!(target: "audit", event = "handover_refused", wiki, %cause, %address);
        refusal_of(cause)
    })?;
    let account = visit.open.accounts.by_id(&handed.identity.user_id).await;
    let account = account.map_err(Refusal::internal)?;
    let counts = account
        .is_some_and(|user| user.may_log_in() && user.generation == handed.identity.account_generation);
    if !counts || handed.identity.auth_method != PASSWORD || !config.session.lifetimes.allows_login() {
        return Err(LOGIN_ENDED);
    }
    let (wiki, user) = (config.id.clone(), handed.identity.user_id.clone());
    visit.once_stored(move || {
        tracing::info!(target: "audit", event = "login", wiki = &*wiki, user, handed_over = true, %address);
    });
    let is_same = visit
        .session
        .link()
        .is_some_and(|link| link.login == handed.link.login);
    if !is_same {
        visit.session.log_in_handed_over(handed);
    }
    Ok(
        Reply::see_other(visit.page_url(page))
            .with_cookie(LoginAttempt::end(&config.session, incoming.https)),
    )
}

/// What went wrong, for the visitor. A thief learns nothing from it, and the right person what to do.
fn refusal_of(cause: HandoverRefused) -> Refusal {
    match cause {
        HandoverRefused::TooOld => {
            Refusal::Handover("The login took more than a minute on its way here. Log in again, please.")
        }
        HandoverRefused::Spent => Refusal::Handover(
            "This login was used already. If you are not logged in now, log in again, please.",
        ),
        HandoverRefused::OtherBrowser => Refusal::Handover(
            "This login was begun in another browser, or in another window since. Log in again, please.",
        ),
        HandoverRefused::NoCode | HandoverRefused::OtherWiki => {
            Refusal::Handover("This is no login for this wiki. Log in again, please.")
        }
        HandoverRefused::LoginEnded => LOGIN_ENDED,
        HandoverRefused::Store(cause) => {
            tracing::error!(%cause, "a login that was handed over could not be read");
            Refusal::IdentityUnavailable
        }
    }
}

/// The wiki where people log in. A checked farm has it.
fn login_wiki(visit: &Visit<'_>) -> Result<usize, Refusal> {
    let named = visit.place.config.central_login.as_deref().unwrap_or_default();
    let found = visit.live.farm.wiki_by_id(named);
    found.ok_or_else(|| Refusal::internal(format!("there is no wiki {named} to log in on")))
}
