//! The wiki where people log in: who asks for a login, the visitor's word, and the form with the code.
//!
//! How names and passwords are checked is `handlers::login`'s. A login goes to wikis of the realm alone that name
//! this one, and to their canonical address, whatever the request says.

use std::sync::Arc;

use actix_web::http::StatusCode;
use grange_farm::{WikiConfig, WikiState};
use grange_session::{CodeFor, CreateError, LoginAttempt, LoginPart};
use grange_wiki::PageName;

use super::origin::WebOrigin;
use super::{LOGIN_ENDED, canonical, desk, login_query};
use crate::frame::Frame;
use crate::pages::{HandoverPage, Press, Shell, Visitor, to_bytes};
use crate::refusal::Refusal;
use crate::respond::headers::policy_with_form_target;
use crate::respond::reply::Reply;
use crate::visit::Visit;

/// What another wiki of the realm asks for: a login for one of its pages.
pub struct Asked {
    wiki: usize,
    config: Arc<WikiConfig>,
    state: String,
    page: PageName,
}

impl Asked {
    /// What the address says; `None` where it says nothing of another wiki.
    ///
    /// # Errors
    /// * [`Refusal::BadRequest`] when it names no wiki that logs in here, or makes no sense otherwise
    pub fn read(visit: &Visit<'_>) -> Result<Option<Asked>, Refusal> {
        let Some(id) = visit.query.get("handover") else {
            return Ok(None);
        };
        let senseless = || Refusal::BadRequest("This is no address from which a login can go on.".to_owned());
        let here = &visit.place.config;
        let farm = &visit.live.farm;
        let wiki = farm.wiki_by_id(id).ok_or_else(senseless)?;
        let config = farm.config.wikis.get(wiki).ok_or_else(senseless)?.clone();
        let logs_in_here = config.session.realm == here.session.realm
            && config.central_login.as_ref() == Some(&here.id)
            && config.id != here.id
            && config.state != WikiState::Suspended;
        let state = visit.query.text("state").to_owned();
        if !logs_in_here || !LoginAttempt::is_state(&state) {
            return Err(senseless());
        }
        let page = match visit.query.get("page") {
            Some(page) => PageName::parse(page).map_err(|_| senseless())?,
            None => config.front_page.clone(),
        };
        Ok(Some(Asked {
            wiki,
            config,
            state,
            page,
        }))
    }

    /// What the login form says above its fields.
    pub fn invitation(&self) -> String {
        format!("Log in to go on to {}.", self.config.sitename)
    }

    /// Where forms there post to, so that they still know what was asked.
    pub fn action_url(&self, visit: &Visit<'_>, page: &PageName) -> String {
        let query = login_query(&self.config.id, &self.state, &self.page);
        format!("{}?{query}", visit.page_url(page))
    }
}

/// Whether the visitor is logged in with a login that can go on to other hosts.
pub fn can_hand_over(visit: &Visit<'_>) -> bool {
    let is_origin = visit
        .session
        .link()
        .is_some_and(|link| link.part == LoginPart::Origin);
    is_origin && visit.visitor.real_user().is_some()
}

/// Asks somebody who is logged in whether to go on to the other wiki.
pub async fn ask(visit: &Visit<'_>, page: &PageName, asked: &Asked) -> Result<Reply, Refusal> {
    let name = visit.visitor.real_user().map_or("", |user| user.name.as_str());
    let sitename = &asked.config.sitename;
    let sentence = format!(
        "You are logged in as {name}. {sitename} will be told so. To go on as somebody else, log out first."
    );
    let ticket = visit.ticket("login");
    let frame = Frame::gather(visit, Some(page)).await?;
    let view = frame.view();
    let page = HandoverPage {
        shell: view.shell("Log in"),
        action: &asked.action_url(visit, page),
        fields: &[("ticket", &ticket), ("go_on", "1")],
        sentence: &sentence,
        button: &format!("Go on to {sitename} as {name}"),
        press: Press::Visitor,
    };
    Ok(Reply::html(StatusCode::OK, to_bytes(&page)?))
}

/// Hands the login over: a form with a code that posts to the other wiki.
///
/// # Errors
/// * [`Refusal::Handover`] where the login cannot be handed over
/// * [`Refusal::NotStored`] where the code could not be kept
pub async fn give(visit: &Visit<'_>, page: &PageName, asked: &Asked) -> Result<Reply, Refusal> {
    let (Some(identity), Some(link)) = (visit.session.identity(), visit.session.link()) else {
        return Err(LOGIN_ENDED);
    };
    let what = CodeFor {
        wiki: &asked.config.id,
        state: &asked.state,
        user_id: &identity.user_id,
        login: &link.login,
    };
    let issued = desk(visit)
        .issue(what, visit.incoming.now, &*visit.state.randomness)
        .await;
    let code = issued.map_err(|cause| match cause {
        CreateError::Store(cause) => {
            tracing::error!(%cause, "a login could not be handed over");
            Refusal::NotStored
        }
        _ => LOGIN_ENDED,
    })?;
    let (wiki, user) = (&*visit.place.config.id, &identity.user_id);
    tracing::info!(target: "audit", event = "login_offered", wiki, to = &*asked.config.id, user, address = %visit.incoming.client);
    let target = canonical(
        visit,
        asked.wiki,
        &format!("{}?action=handover", asked.page.to_url()),
    )?;
    let sitename = &asked.config.sitename;
    let frame = Frame::gather(visit, Some(page)).await?;
    let view = frame.view();
    let shell = Shell {
        visitor: Visitor::Guest {
            login: None,
            register: None,
        },
        ..view.shell("Logged in")
    };
    let made = to_bytes(&HandoverPage {
        shell,
        action: &target,
        fields: &[("code", &code)],
        sentence: &format!("You are logged in. The last step is taken on {sitename}."),
        button: &format!("Go on to {sitename}"),
        press: Press::Script,
    })?;
    let mut reply = Reply::html(StatusCode::OK, made);
    let origin = WebOrigin::of(&target).map(|origin| origin.to_string());
    let policy = policy_with_form_target(&origin.unwrap_or_default());
    reply.headers.push(("content-security-policy", policy));
    // The other side must see which origin sends the form, and with `same-origin` it would see `null`.
    reply
        .headers
        .push(("referrer-policy", "strict-origin".to_owned()));
    Ok(reply)
}
