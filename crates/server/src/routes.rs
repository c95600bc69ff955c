//! Action → handler, and nothing else.
//!
//! The table below is the whole list of what a page can be asked for. The right
//! and the checked form stand in each handler's signature, so an arm that forgot
//! one would not compile.

use actix_web::http::Method;
use actix_web::web::Payload;
use grange_wiki::PageName;

use crate::extract::allowed::Allowed;
use crate::extract::form::{Brings, Checked, Posted};
use crate::extract::multipart;
use crate::extract::page::{Named, find_page};
use crate::handlers::{
    attach, delete, diff, edit, farm_admin, go_to, handover, history, login, logout, new_page, newaccount,
    raw, rename, revert, search, sessions, suid, title_index, userprefs, view,
};
use crate::refusal::Refusal;
use crate::respond::reply::Reply;
use crate::visit::Visit;

/// What `?action=` may say, in the order in which it is listed to people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Action {
    Show,
    Edit,
    NewPage,
    Raw,
    Info,
    Diff,
    Recall,
    Search,
    GoTo,
    TitleIndex,
    Backlinks,
    Similar,
    Attach,
    Revert,
    Rename,
    Delete,
    Login,
    Logout,
    Handover,
    NewAccount,
    SwitchUser,
    Sessions,
    Preferences,
}

/// The names of the actions; some have the longer name that MoinMoin uses as well.
const ACTIONS: &[(&str, Action)] = &[
    ("show", Action::Show),
    ("edit", Action::Edit),
    ("newpage", Action::NewPage),
    ("raw", Action::Raw),
    ("info", Action::Info),
    ("diff", Action::Diff),
    ("recall", Action::Recall),
    ("fullsearch", Action::Search),
    ("goto", Action::GoTo),
    ("titleindex", Action::TitleIndex),
    ("linkto", Action::Backlinks),
    ("LikePages", Action::Similar),
    ("attach", Action::Attach),
    ("AttachFile", Action::Attach),
    ("revert", Action::Revert),
    ("rename", Action::Rename),
    ("RenamePage", Action::Rename),
    ("delete", Action::Delete),
    ("DeletePage", Action::Delete),
    ("login", Action::Login),
    ("logout", Action::Logout),
    ("handover", Action::Handover),
    ("newaccount", Action::NewAccount),
    ("suid", Action::SwitchUser),
    ("sessions", Action::Sessions),
    ("userprefs", Action::Preferences),
];

/// The actions that an unknown one is answered with: each once, under its short name, and only those
/// that a link can lead to.
fn known_actions() -> impl Iterator<Item = &'static str> {
    let before =
        |place: usize, action: Action| ACTIONS.iter().take(place).any(|(_, earlier)| *earlier == action);
    ACTIONS
        .iter()
        .enumerate()
        .filter(move |(place, (_, action))| can_be_linked(*action) && !before(*place, *action))
        .map(|(_, (name, _))| *name)
}

/// The same, without those that would answer this visitor with a refusal.
pub fn listed_actions(visit: &Visit<'_>) -> impl Iterator<Item = &'static str> {
    let superuser = visit.visitor.viewer.superuser;
    let is_guest = visit.visitor.name().is_none();
    known_actions()
        .filter(move |name| superuser || named(name) != Some(Action::SwitchUser))
        // A guest is logged out already.
        .filter(move |name| !is_guest || named(name) != Some(Action::Logout))
        .filter(|name| is_offered(visit, name))
}

/// One is done by a form alone, and some want to be told a revision or a name.
fn can_be_linked(action: Action) -> bool {
    !matches!(
        action,
        Action::Handover | Action::NewPage | Action::GoTo | Action::Revert
    )
}

/// Whether the request only shows a page: what goes on without knowing who asks.
pub fn is_plain_view(visit: &Visit<'_>) -> bool {
    visit.incoming.is_reading() && matches!(find_action(visit), Ok(Action::Show))
}

/// Does what the request asks for.
///
/// # Errors
/// * whatever the steps and the handler refuse
pub async fn act(visit: &mut Visit<'_>, payload: Payload) -> Result<Reply, Refusal> {
    if let Some(tail) = farm_admin::tail_of(visit.place.tail) {
        return Box::pin(farm_admin::answer(visit, tail, payload)).await;
    }
    let page = match find_page(&visit.place, visit.incoming)? {
        Named::Page(page) => page,
        Named::Respelled(reply) => return Ok(reply),
    };
    let action = find_action(visit)?;
    match visit.incoming.http.method() {
        &Method::GET | &Method::HEAD => show(visit, &page, action).await,
        &Method::POST => Box::pin(change(visit, &page, action, payload)).await,
        _ => Err(Refusal::Method("GET, HEAD, POST")),
    }
}

/// GET and HEAD: nothing here changes the wiki. A page's view goes on at once; what others remember on their way stands
/// apart, so that the room for it is not moved about at every view.
async fn show(visit: &mut Visit<'_>, page: &PageName, action: Action) -> Result<Reply, Refusal> {
    match action {
        Action::Show => view::show(visit, Allowed::check(visit, page).await?).await,
        other => Box::pin(show_other(visit, page, other)).await,
    }
}

async fn show_other(visit: &mut Visit<'_>, page: &PageName, action: Action) -> Result<Reply, Refusal> {
    match action {
        Action::Show => view::show(visit, Allowed::check(visit, page).await?).await,
        Action::Recall => view::recall(visit, Allowed::check(visit, page).await?).await,
        Action::Raw => raw::show(visit, Allowed::check(visit, page).await?).await,
        Action::Info => history::show(visit, Allowed::check(visit, page).await?).await,
        Action::Diff => diff::show(visit, Allowed::check(visit, page).await?).await,
        Action::Search => search::show(visit, Allowed::check(visit, page).await?).await,
        Action::GoTo => go_to::lead(visit),
        Action::TitleIndex => title_index::show(visit, Allowed::check(visit, page).await?).await,
        Action::Backlinks => search::backlinks::show(visit, Allowed::check(visit, page).await?).await,
        Action::Similar => search::similar::show(visit, Allowed::check(visit, page).await?).await,
        Action::Attach => attach::show(visit, Allowed::check(visit, page).await?).await,
        Action::Edit => edit::open(visit, Allowed::check(visit, page).await?).await,
        Action::NewPage => new_page::open(visit).await,
        Action::Revert => revert::ask(visit, Allowed::check(visit, page).await?).await,
        Action::Rename => rename::ask(visit, Allowed::check(visit, page).await?).await,
        Action::Delete => delete::ask(visit, Allowed::check(visit, page).await?).await,
        Action::Login => login::show(visit, page).await,
        Action::NewAccount => newaccount::show(visit, page).await,
        Action::SwitchUser => suid::show(visit, page).await,
        Action::Sessions => sessions::show(visit, page).await,
        Action::Preferences => userprefs::show(visit, page).await,
        Action::Logout => logout::ask(visit, page).await,
        Action::Handover => Err(Refusal::Method("POST")),
    }
}

/// POST: every change asks for a checked form.
async fn change(
    visit: &mut Visit<'_>,
    page: &PageName,
    action: Action,
    payload: Payload,
) -> Result<Reply, Refusal> {
    if action == Action::Edit {
        // Only who may write makes us read a text.
        let allowed = Allowed::check(visit, page).await?;
        let posted = Posted::read(visit, payload, Brings::Text).await?;
        return edit::submit(visit, allowed, posted).await;
    }
    if action == Action::Attach && multipart::is_sent(visit.incoming) {
        // Here as well: nobody else's file is read.
        let allowed = Allowed::check(visit, page).await?;
        return attach::upload::submit(visit, allowed, payload).await;
    }
    let posted = Posted::read(visit, payload, Brings::Fields).await?;
    match action {
        Action::Attach => {
            let form = checked(visit, posted, attach::TICKET)?;
            attach::remove::submit(visit, Allowed::check(visit, page).await?, form).await
        }
        Action::Revert => {
            let form = checked(visit, posted, "revert")?;
            revert::submit(visit, Allowed::check(visit, page).await?, form).await
        }
        Action::Rename => {
            let form = checked(visit, posted, "rename")?;
            rename::submit(visit, Allowed::check(visit, page).await?, form).await
        }
        Action::Delete => {
            let form = checked(visit, posted, "delete")?;
            delete::submit(visit, Allowed::check(visit, page).await?, form).await
        }
        Action::Login => login::submit(visit, page, checked(visit, posted, "login")?).await,
        Action::Logout => logout::submit(visit, page, checked(visit, posted, "logout")?).await,
        Action::Handover => handover::submit(visit, page, posted).await,
        Action::NewAccount => newaccount::submit(visit, page, checked(visit, posted, "newaccount")?).await,
        Action::SwitchUser => suid::submit(visit, page, checked(visit, posted, "suid")?).await,
        Action::Sessions => sessions::submit(visit, page, checked(visit, posted, "sessions")?).await,
        Action::Preferences => userprefs::submit(visit, page, checked(visit, posted, "userprefs")?).await,
        Action::Show
        | Action::Recall
        | Action::Raw
        | Action::Info
        | Action::Diff
        | Action::Search
        | Action::GoTo
        | Action::TitleIndex
        | Action::Backlinks
        | Action::Similar
        | Action::Edit
        | Action::NewPage => Err(Refusal::Method("GET, HEAD")),
    }
}

fn checked(visit: &Visit<'_>, posted: Posted, action: &str) -> Result<Checked, Refusal> {
    posted.check(visit, action).map_err(|(_, refusal)| refusal)
}

/// The action that the query names, as far as this wiki offers it to this visitor.
fn find_action(visit: &Visit<'_>) -> Result<Action, Refusal> {
    let Some(wanted) = visit.query.get("action") else {
        return Ok(Action::Show);
    };
    let action = named(wanted).ok_or_else(|| Refusal::UnknownAction(wanted.to_owned()))?;
    match standing(visit, action) {
        Standing::Offered => Ok(action),
        Standing::Excluded => Err(Refusal::Refused(
            format!("The action “{wanted}” is turned off on this wiki.").into(),
        )),
        Standing::Withheld => Err(Refusal::Refused(
            format!("The action “{wanted}” is for superusers on this wiki.").into(),
        )),
    }
}

/// Whether this wiki offers the action of this name to this visitor, so that no link leads to a refusal.
pub fn is_offered(visit: &Visit<'_>, name: &str) -> bool {
    named(name).is_some_and(|action| standing(visit, action) == Standing::Offered)
}

/// What a wiki's configuration says about an action for a visitor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    Offered,
    /// Nobody has it here.
    Excluded,
    /// Superusers have it.
    Withheld,
}

fn standing(visit: &Visit<'_>, action: Action) -> Standing {
    let config = &visit.place.config;
    // Whichever of its names the list has, the action is meant.
    let is_in = |list: &[String]| list.iter().any(|listed| named(listed) == Some(action));
    if is_in(&config.actions_excluded) {
        return Standing::Excluded;
    }
    match is_in(&config.actions_superuser) && !visit.visitor.viewer.superuser {
        true => Standing::Withheld,
        false => Standing::Offered,
    }
}

fn named(name: &str) -> Option<Action> {
    ACTIONS
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, action)| *action)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_name_stands_for_two_actions() {
        let names: BTreeSet<&str> = ACTIONS.iter().map(|(name, _)| *name).collect();
        assert_eq!(names.len(), ACTIONS.len());
    }

    #[test]
    fn people_are_offered_each_action_once_and_none_that_a_link_cannot_do() {
        let offered: Vec<&str> = known_actions().collect();
        assert!(offered.contains(&"rename") && offered.contains(&"edit"));
        for other in ["RenamePage", "handover", "newpage", "goto", "revert"] {
            assert!(!offered.contains(&other), "{other}");
        }
    }

    #[test]
    fn the_check_of_the_configuration_knows_the_same_names() {
        assert!(
            ACTIONS
                .iter()
                .map(|(name, _)| *name)
                .eq(grange_farm::ACTION_NAMES.iter().copied())
        );
    }

    #[test]
    fn longer_names_stand_for_the_same_actions_everywhere() {
        for (name, action) in ACTIONS {
            let (short, meant) = ACTIONS.iter().find(|(_, known)| known == action).unwrap();
            assert_eq!((grange_macros::short_action_name(name), action), (*short, meant));
        }
    }

    #[test]
    fn names_need_no_escape_in_an_address() {
        assert!(known_actions().all(|name| name.bytes().all(|byte| byte.is_ascii_alphanumeric())));
    }
}
