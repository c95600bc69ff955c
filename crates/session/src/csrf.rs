//! Tickets: proof that a form was made by us for this visitor, this wiki and this action.
//!
//! A ticket is a MAC over its scope and the moment of issue, masked by fresh random bytes so that no
//! two pages carry equal bytes (a compressed answer would otherwise leak it: BREACH). It lives for a
//! day and can be used more than once, so two tabs and the back button work. It guards forms beside the
//! checks of Origin and Sec-Fetch-Site, which the server does.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::Mac;
use jiff::Timestamp;

use crate::moment;
use crate::random::Randomness;
use crate::realm::Realm;
use crate::secrets::{Secrets, Signer};

/// How long a ticket lives.
pub const TICKET_LIFETIME: std::time::Duration = std::time::Duration::from_secs(24 * 60 * 60);

/// Milliseconds of issue, and the MAC.
const BODY_LEN: usize = 8 + 32;

/// What a ticket is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TicketScope<'a> {
    /// The realm of the session.
    pub realm: &'a Realm,
    /// The wiki's id: a ticket read on a sibling wiki is worth nothing here.
    pub wiki: &'a str,
    /// The user logged in; `None` = a guest.
    pub user: Option<&'a str>,
    /// The action.
    pub action: &'a str,
    /// [`crate::Session::key_text`].
    pub session_key: Option<&'a str>,
}

/// Why a ticket is refused. The visitor is shown the form again with a fresh one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TicketRefused {
    /// It is no ticket.
    #[error("the ticket is malformed")]
    Malformed,
    /// It was made for something else, somebody else, or not by us.
    #[error("the ticket is for something else")]
    Mismatch,
    /// Its day is over.
    #[error("the ticket is too old")]
    Expired,
}

/// A ticket for this scope.
pub fn issue_ticket(
    secrets: &Secrets,
    scope: &TicketScope<'_>,
    now: Timestamp,
    randomness: &dyn Randomness,
) -> String {
    let issued = now.as_millisecond().to_be_bytes();
    // `Secrets` is never empty; without a signer the ticket would verify nowhere.
    let mac: [u8; 32] = secrets
        .ticket_signers(scope.realm)
        .first()
        .map(|signer| {
            mac_over(signer.clone(), scope, scope.session_key, &issued)
                .finalize()
                .into_bytes()
                .into()
        })
        .unwrap_or_default();
    let mut mask = [0; BODY_LEN];
    randomness.fill(&mut mask);
    let body = issued.iter().chain(&mac);
    let masked: Vec<u8> = body.zip(&mask).map(|(byte, mask)| byte ^ mask).collect();
    URL_SAFE_NO_PAD.encode([&mask[..], &masked].concat())
}

/// Checks a ticket against the scope that it must be for. A ticket that a guest got without a session
/// is good for the guest after a session has begun; a ticket of one session never for another.
///
/// # Errors
/// * [`TicketRefused::Malformed`] when it is no ticket;
/// * [`TicketRefused::Mismatch`] when it is for another realm, wiki, user, action or session;
/// * [`TicketRefused::Expired`] when it is older than a day.
pub fn check_ticket(
    secrets: &Secrets,
    scope: &TicketScope<'_>,
    ticket: &str,
    now: Timestamp,
) -> Result<(), TicketRefused> {
    let (issued, mac) = unmask(ticket).ok_or(TicketRefused::Malformed)?;
    let guest_before = scope.user.is_none() && scope.session_key.is_some();
    let signers = secrets.ticket_signers(scope.realm);
    let matches = |key: Option<&str>| {
        signers.iter().any(|signer| {
            mac_over(signer.clone(), scope, key, &issued)
                .verify_slice(&mac)
                .is_ok()
        })
    };
    let is_ours = matches(scope.session_key) || (guest_before && matches(None));
    if !is_ours {
        return Err(TicketRefused::Mismatch);
    }
    let issued = moment::from_millis(i64::from_be_bytes(issued));
    if now >= moment::later(issued, TICKET_LIFETIME) || issued > moment::later(now, moment::CLOCK_SKEW) {
        return Err(TicketRefused::Expired);
    }
    Ok(())
}

fn mac_over(mut mac: Signer, scope: &TicketScope<'_>, session_key: Option<&str>, issued: &[u8; 8]) -> Signer {
    mac.update(issued);
    let fields = [Some(scope.wiki), scope.user, Some(scope.action), session_key];
    for field in fields {
        // Whether it is there, and its length: no two scopes have the same bytes.
        mac.update(&[u8::from(field.is_some())]);
        let bytes = field.unwrap_or_default().as_bytes();
        mac.update(&(bytes.len() as u64).to_be_bytes());
        mac.update(bytes);
    }
    mac
}

fn unmask(ticket: &str) -> Option<([u8; 8], [u8; 32])> {
    // Longer than any ticket: not worth decoding.
    if ticket.len() > 4 * BODY_LEN {
        return None;
    }
    let bytes = URL_SAFE_NO_PAD.decode(ticket).ok()?;
    let (mask, masked) = bytes.split_at_checked(BODY_LEN)?;
    if masked.len() != BODY_LEN {
        return None;
    }
    let body: Vec<u8> = mask.iter().zip(masked).map(|(mask, byte)| mask ^ byte).collect();
    let (issued, mac) = body.split_at_checked(8)?;
    Some((issued.try_into().ok()?, mac.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::random::SystemRandomness;
    use crate::testing::{at, policy, secrets};

    fn scope(realm: &Realm) -> TicketScope<'_> {
        TicketScope {
            realm,
            wiki: "w1",
            user: Some("u1"),
            action: "edit",
            session_key: Some("k1"),
        }
    }

    fn guest(realm: &Realm) -> TicketScope<'_> {
        TicketScope {
            user: None,
            session_key: None,
            ..scope(realm)
        }
    }

    #[test]
    fn a_ticket_is_good_for_its_scope_more_than_once() {
        let (realm, secrets) = (policy().realm, secrets());
        let ticket = issue_ticket(&secrets, &scope(&realm), at(0), &SystemRandomness);
        for seconds in [0, 1, 86_399] {
            assert_eq!(
                check_ticket(&secrets, &scope(&realm), &ticket, at(seconds)),
                Ok(())
            );
        }
    }

    #[test]
    fn a_ticket_lives_for_a_day() {
        let (realm, secrets) = (policy().realm, secrets());
        let ticket = issue_ticket(&secrets, &scope(&realm), at(600), &SystemRandomness);
        let check = |seconds| check_ticket(&secrets, &scope(&realm), &ticket, at(seconds));
        assert_eq!(check(600 + 86_400), Err(TicketRefused::Expired));
        assert_eq!(check(301), Ok(()));
        assert_eq!(check(299), Err(TicketRefused::Expired));
    }

    #[test]
    fn every_part_of_the_scope_is_bound() {
        let (realm, secrets) = (policy().realm, secrets());
        let other_realm = Realm::new("other", "k", "/s", "/u");
        let mine = scope(&realm);
        let ticket = issue_ticket(&secrets, &mine, at(0), &SystemRandomness);
        let others = [
            TicketScope {
                realm: &other_realm,
                ..mine
            },
            TicketScope { wiki: "w2", ..mine },
            TicketScope {
                user: Some("u2"),
                ..mine
            },
            TicketScope { user: None, ..mine },
            TicketScope {
                action: "save",
                ..mine
            },
            TicketScope {
                session_key: Some("k2"),
                ..mine
            },
            TicketScope {
                session_key: None,
                ..mine
            },
            // The same letters, divided otherwise.
            TicketScope {
                wiki: "w",
                user: Some("1u1"),
                ..mine
            },
            TicketScope {
                user: Some("u1edit"),
                action: "",
                ..mine
            },
        ];
        for other in others {
            let refused = check_ticket(&secrets, &other, &ticket, at(1));
            assert_eq!(refused, Err(TicketRefused::Mismatch), "{other:?}");
        }
    }

    #[test]
    fn a_guests_ticket_is_good_after_a_session_has_begun() {
        let (realm, secrets) = (policy().realm, secrets());
        let ticket = issue_ticket(&secrets, &guest(&realm), at(0), &SystemRandomness);
        let later = TicketScope {
            session_key: Some("k1"),
            ..guest(&realm)
        };
        assert_eq!(check_ticket(&secrets, &later, &ticket, at(1)), Ok(()));
    }

    #[test]
    fn a_guests_ticket_is_not_good_for_a_user() {
        let (realm, secrets) = (policy().realm, secrets());
        let ticket = issue_ticket(&secrets, &guest(&realm), at(0), &SystemRandomness);
        let user = TicketScope {
            user: Some("u1"),
            ..guest(&realm)
        };
        assert_eq!(
            check_ticket(&secrets, &user, &ticket, at(1)),
            Err(TicketRefused::Mismatch)
        );
        let stored = TicketScope {
            session_key: Some("k1"),
            ..user
        };
        assert_eq!(
            check_ticket(&secrets, &stored, &ticket, at(1)),
            Err(TicketRefused::Mismatch)
        );
    }

    #[test]
    fn a_ticket_of_one_session_is_not_good_for_another_or_for_none() {
        let (realm, secrets) = (policy().realm, secrets());
        let bound = TicketScope {
            session_key: Some("k1"),
            ..guest(&realm)
        };
        let ticket = issue_ticket(&secrets, &bound, at(0), &SystemRandomness);
        for key in [Some("k2"), None] {
            let other = TicketScope {
                session_key: key,
                ..bound
            };
            assert_eq!(
                check_ticket(&secrets, &other, &ticket, at(1)),
                Err(TicketRefused::Mismatch)
            );
        }
    }

    #[test]
    fn two_tickets_of_one_scope_and_moment_share_no_bytes_to_guess_by() {
        let (realm, secrets) = (policy().realm, secrets());
        let ticket = || issue_ticket(&secrets, &scope(&realm), at(0), &SystemRandomness);
        let (one, two) = (ticket(), ticket());
        let equal = one.bytes().zip(two.bytes()).filter(|(a, b)| a == b).count();
        assert!(
            equal < one.len() / 4,
            "{equal} of {} characters are equal",
            one.len()
        );
    }

    #[test]
    fn a_ticket_signed_by_an_older_secret_is_good() {
        let realm = policy().realm;
        let line = || Secrets::generate_line(&SystemRandomness);
        let (old, new) = (line(), line());
        let before = Secrets::parse(&old).unwrap();
        let after = Secrets::parse(&format!("{new}\n{old}")).unwrap();
        let ticket = issue_ticket(&before, &scope(&realm), at(0), &SystemRandomness);
        assert_eq!(check_ticket(&after, &scope(&realm), &ticket, at(1)), Ok(()));
        let ticket = issue_ticket(&after, &scope(&realm), at(0), &SystemRandomness);
        assert_eq!(
            check_ticket(&before, &scope(&realm), &ticket, at(1)),
            Err(TicketRefused::Mismatch)
        );
    }

    proptest! {
        #[test]
        fn no_text_makes_the_check_panic_or_pass(ticket in "\\PC{0,200}|[A-Za-z0-9_-]{107}") {
            let (realm, secrets) = (policy().realm, secrets());
            prop_assert!(check_ticket(&secrets, &scope(&realm), &ticket, at(0)).is_err());
        }
    }
}
