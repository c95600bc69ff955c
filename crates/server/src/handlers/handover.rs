//! Central login: how a login gets from the wiki where people log in (*there*) to a wiki on another host (*here*).
//!
//! 1. Here, *Log in* gives the browser the cookie of an attempt and sends it there, with the cookie's hash ([`begin`]).
//! 2. There, the visitor logs in, or says that the login is to go on ([`ask`]): nothing is handed over that nobody
//!    pressed a button for. The answer is a form with a one-time code that posts here ([`give`]).
//! 3. Here, that POST comes from another site, so browsers send none of our cookies with it. It is the one foreign
//!    `Origin` that is let in, it must be the login's, and it does nothing: the answer is a form that sends the code
//!    again, as our own page (`here::arrive`).
//! 4. Here, that POST carries the cookies. The code must be for this wiki and for the attempt in the cookie; then a
//!    session begins (`here::finish`).
//!
//! Each form has one button, which the theme's script presses where the question was answered before. Codes stand in
//! forms only: in no address, log or `Referer`. What a code is and when it is good is
//! [`grange_session::Handover`]'s; that both hosts are https and of one realm is `grange check`'s.

mod here;
mod origin;
mod there;

use grange_session::Handover;
use grange_wiki::PageName;

pub use self::here::{begin, submit};
pub use self::there::{Asked, ask, can_hand_over, give};
use crate::refusal::Refusal;
use crate::visit::Visit;

/// What a visitor is told whose login ended while it was on its way.
pub const LOGIN_ENDED: Refusal =
    Refusal::Handover("This login has ended meanwhile. Log in again, please; nothing else is wrong.");

/// Whether people log in on another wiki than this.
pub fn is_elsewhere(visit: &Visit<'_>) -> bool {
    let config = &visit.place.config;
    config
        .central_login
        .as_ref()
        .is_some_and(|named| *named != config.id)
}

fn desk<'a>(visit: &'a Visit<'_>) -> Handover<'a> {
    Handover {
        secrets: visit.live.farm.secrets(),
        store: &*visit.open.session_store,
        realm: &visit.open.config.session.realm,
    }
}

fn login_query(wiki: &str, state: &str, page: &PageName) -> String {
    let fields = [
        ("action", "login"),
        ("handover", wiki),
        ("state", state),
        ("page", page.as_str()),
    ];
    serde_urlencoded::to_string(fields).unwrap_or_default()
}

fn canonical(visit: &Visit<'_>, wiki: usize, tail: &str) -> Result<String, Refusal> {
    let address = visit
        .live
        .farm
        .canonical_url(wiki, &visit.incoming.authority(), tail);
    address.ok_or_else(|| Refusal::internal("a wiki of a central login cannot be reached from here"))
}
