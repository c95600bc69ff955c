//! One visitor's request to one wiki: what handlers are given.
//!
//! Made by `request` when authority, wiki and session are known; handlers read from
//! it and change the session in it. It knows no markup and no templates.

use std::borrow::Cow;
use std::cell::Cell;
use std::sync::Arc;
use std::time::Duration;

use grange_farm::{OpenWiki, Siblings};
use grange_session::{Session, TicketScope, check_ticket, issue_ticket};
use grange_wiki::{Author, PageName};

use crate::extract::query::Fields;
use crate::extract::visitor::Visitor;
use crate::extract::wiki::Place;
use crate::incoming::Incoming;
use crate::refusal::Refusal;
use crate::state::{AppState, Live};

/// One visitor's request to one wiki.
pub struct Visit<'r> {
    /// The process.
    pub state: &'r AppState,
    /// The farm as it was when the request came.
    pub live: &'r Live,
    /// The request.
    pub incoming: &'r Incoming<'r>,
    /// Where in the farm it is.
    pub place: Place<'r>,
    /// The wiki, its accounts and sessions.
    pub open: Arc<OpenWiki>,
    /// The visitor's session.
    pub session: Session,
    /// The visitor.
    pub visitor: Visitor,
    /// The fields of the query string.
    pub query: Fields,
    /// What the log is told once the session is stored ([`Visit::once_stored`]).
    pub told: Vec<Box<dyn FnOnce()>>,
    /// How long macros took while the page was rendered: those that run for the view have so much less.
    pub spent_on_macros: Cell<Duration>,
}

/// The address of an action on the page that has an address.
pub fn action_at(page_url: &str, action: &str) -> String {
    [page_url, "?action=", action].concat()
}

impl Visit<'_> {
    /// Tells the log of something that is only true when the session has been stored: it stays unsaid where the
    /// visitor is told that it was not done.
    pub fn once_stored(&mut self, tell: impl FnOnce() + 'static) {
        self.told.push(Box::new(tell));
    }

    /// The address of a page on this wiki.
    pub fn page_url(&self, page: &PageName) -> String {
        [self.place.base, "/", &page.to_url()].concat()
    }

    /// The address of an action on a page.
    pub fn action_url(&self, page: &PageName, action: &str) -> String {
        action_at(&self.page_url(page), action)
    }

    /// The other wikis as macros and the trail see them from here.
    pub fn siblings(&self) -> Siblings<'_> {
        Siblings {
            farm: &self.live.farm,
            here: self.place.wiki,
            base: self.place.base,
            request: self.incoming.authority(),
        }
    }

    /// The one absolute address under which a page wants to be known.
    pub fn canonical_url(&self, page: &PageName) -> Option<String> {
        self.live
            .farm
            .canonical_url(self.place.wiki, &self.incoming.authority(), &page.to_url())
    }

    /// A visitor who brought no session of ours and is nobody we know: sees what
    /// everybody sees.
    pub fn is_passing_by(&self) -> bool {
        let known = self.visitor.user.is_some() || self.session.is_stored() || self.session.store_is_down();
        !known && self.session.is_new()
    }

    /// A ticket for one action, to be put into its form.
    pub fn ticket(&self, action: &str) -> String {
        let secrets = self.live.farm.secrets();
        issue_ticket(
            secrets,
            &self.ticket_scope(action),
            self.incoming.now,
            &*self.state.randomness,
        )
    }

    /// Whether a form's ticket was issued to this visitor for this action here.
    ///
    /// # Errors
    /// * [`Refusal::Ticket`] when it was not, or is too old
    pub fn check_ticket(&self, action: &str, ticket: &str) -> Result<(), Refusal> {
        let secrets = self.live.farm.secrets();
        check_ticket(secrets, &self.ticket_scope(action), ticket, self.incoming.now)
            .map_err(|_| Refusal::Ticket)
    }

    /// The query's fields by which the next page tells a number to this user and nobody else: a link that somebody
    /// else made says nothing.
    pub fn tell_next(&self, field: &str, number: u64) -> String {
        self.tell(self.visitor.user_id(), field, number)
    }

    /// The same for whoever has just logged out.
    pub fn tell_guest_next(&self, field: &str, number: u64) -> String {
        self.tell(None, field, number)
    }

    fn tell(&self, user: Option<&str>, field: &str, number: u64) -> String {
        let secrets = self.live.farm.secrets();
        let what = format!("tell {field} {number}");
        // The session may have another id by then.
        let scope = TicketScope {
            user,
            session_key: None,
            ..self.ticket_scope(&what)
        };
        let seal = issue_ticket(secrets, &scope, self.incoming.now, &*self.state.randomness);
        format!("{field}={number}&seal={seal}")
    }

    /// The number that the page before wanted told.
    pub fn told_before(&self, field: &str) -> Option<u64> {
        let number = self.query.get(field)?.parse().ok()?;
        let what = format!("tell {field} {number}");
        let scope = TicketScope {
            session_key: None,
            ..self.ticket_scope(&what)
        };
        let secrets = self.live.farm.secrets();
        check_ticket(secrets, &scope, self.query.text("seal"), self.incoming.now).ok()?;
        Some(number)
    }

    fn ticket_scope<'a>(&'a self, action: &'a str) -> TicketScope<'a> {
        TicketScope {
            realm: &self.place.config.session.realm,
            wiki: &self.place.config.id,
            user: self.visitor.user_id(),
            action,
            session_key: self.session.key_text(),
        }
    }

    /// Whether the wiki's state allows changes.
    ///
    /// # Errors
    /// * [`Refusal::Refused`] with the sentence for a read-only or archived wiki
    pub fn check_open_for_changes(&self) -> Result<(), Refusal> {
        match self.why_closed_for_changes() {
            Some(sentence) => Err(Refusal::Refused(Cow::Borrowed(sentence))),
            None => Ok(()),
        }
    }

    /// What people are told where the wiki takes no changes from anybody.
    pub fn why_closed_for_changes(&self) -> Option<&'static str> {
        use grange_farm::WikiState;
        match self.place.config.state {
            WikiState::Active | WikiState::Suspended => None,
            WikiState::ReadOnly => {
                Some("This wiki is read-only at the moment: pages can be read, not changed.")
            }
            WikiState::Archived => {
                Some("This wiki is archived: its pages can be read, and nothing is changed any more.")
            }
        }
    }

    /// The visitor as the author of a change.
    pub fn author(&self) -> Author {
        let viewer = &self.visitor.viewer;
        Author {
            user_id: viewer.user_id.clone(),
            name: viewer.name.clone(),
            address: viewer.address.clone(),
            acting: viewer.real_name.clone(),
        }
    }
}
