//! The password once more, before something sensitive is done.
//!
//! Who logged in a while ago may have left the desk. A form that acts on other people or on one's logins goes on
//! only with a proof of the last 15 minutes ([`grange_session::PROOF_LIFETIME`]); else a page asks for the password and
//! carries along what the form brought. While a superuser acts as somebody, it is the superuser's password that
//! counts. Tries are limited as at the login. What is sensitive is for the handlers to say.

use actix_web::http::StatusCode;
use grange_wiki::PageName;

use crate::extract::form::Checked;
use crate::frame::Frame;
use crate::handlers::login;
use crate::pages::{Message, ProofPage, Shell, to_bytes};
use crate::refusal::Refusal;
use crate::respond::reply::Reply;
use crate::visit::Visit;

/// The field that carries the password.
const FIELD: &str = "current_password";

/// What is asked instead of done at once.
pub struct Sensitive<'a> {
    /// The page that the form is about.
    pub page: Option<&'a PageName>,
    /// Where the form posts to.
    pub address: &'a str,
    /// The action that its ticket is for.
    pub action: &'a str,
    /// What will be done, as a title: "End sessions".
    pub what: &'a str,
    /// Where to go instead.
    pub cancel: &'a str,
}

/// Whether the visitor has proven enough.
pub enum Proof {
    /// Go on with the form.
    Given(Checked),
    /// The page that asks for the password.
    Wanted(Reply),
}

/// Lets a form through whose sender gave the password a short while ago, or with it.
///
/// # Errors
/// * [`Refusal::Refused`] for a guest
/// * [`Refusal::TooManyTries`] when the password was wrong too often
/// * [`Refusal::Internal`] when a store does not answer
pub async fn demand(
    visit: &mut Visit<'_>,
    sent: Checked,
    sensitive: Sensitive<'_>,
) -> Result<Proof, Refusal> {
    let now = visit.incoming.now;
    let user = match (visit.visitor.real_user(), visit.session.identity()) {
        (Some(_), Some(identity)) if identity.is_proven(now) => return Ok(Proof::Given(sent)),
        (Some(user), Some(_)) => user.clone(),
        _ => return Err(Refusal::Refused("You have to be logged in for this.".into())),
    };
    let Some(password) = sent.fields().get(FIELD) else {
        return Ok(Proof::Wanted(ask(visit, &sent, &sensitive, None).await?));
    };
    match login::check(visit, user.name.as_str(), password).await? {
        Some(proven) if proven.id == user.id => {
            let (wiki, address) = (&*visit.place.config.id, visit.incoming.client);
            tracing::info!(target: "audit", event = "proof", wiki, user = user.id, %address);
            visit.session.prove_again(now);
            Ok(Proof::Given(sent))
        }
        _ => {
            let sentence = "This is not your password.";
            Ok(Proof::Wanted(
                ask(visit, &sent, &sensitive, Some(sentence)).await?,
            ))
        }
    }
}

async fn ask(
    visit: &Visit<'_>,
    sent: &Checked,
    sensitive: &Sensitive<'_>,
    sentence: Option<&str>,
) -> Result<Reply, Refusal> {
    let frame = Frame::gather(visit, sensitive.page).await?;
    let view = frame.view();
    let shell = view.shell(sensitive.what);
    let message = sentence.map(Message::refusal).or(shell.message);
    let carried: Vec<(&str, &str)> = sent
        .fields()
        .pairs()
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .filter(|(name, _)| *name != "ticket" && *name != FIELD)
        .collect();
    let page = ProofPage {
        shell: Shell { message, ..shell },
        action: sensitive.address,
        ticket: &visit.ticket(sensitive.action),
        name: visit.visitor.real_user().map_or("", |user| user.name.as_str()),
        carried: &carried,
        cancel: sensitive.cancel,
    };
    Ok(Reply::html(StatusCode::OK, to_bytes(&page)?))
}
