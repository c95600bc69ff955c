//! Who asks: from the session's identity to a [`Viewer`] of this wiki.
//!
//! The account is read on every request, so that a changed password, a disabled or
//! a deleted account counts at once. While a superuser acts as somebody, the
//! acted-as user counts only where the real one is superuser and the target is
//! not; elsewhere in the realm the request is the real user's and nothing ends.

use std::net::IpAddr;
use std::sync::Arc;

use actix_web::http::header::{ACCEPT_LANGUAGE, HeaderValue, USER_AGENT};
use grange_farm::{OpenWiki, WikiConfig};
use grange_macros::language::wanted_language;
use grange_session::{HeaderLookup, RequestFacts, Session};
use grange_wiki::accounts::User;
use grange_wiki::rights::Viewer;
use jiff::{SignedDuration, Timestamp};

use crate::incoming::Incoming;
use crate::refusal::Refusal;
use crate::visit::Visit;

/// A superuser acts as somebody else for an hour at most.
const LONGEST_ACTING: SignedDuration = SignedDuration::from_hours(1);

/// The visitor of one request.
pub struct Visitor {
    /// As the wiki sees the visitor: rights, names in the history.
    pub viewer: Viewer,
    /// The account that counts: the acted-as one while a superuser acts.
    pub user: Option<User>,
    /// The superuser behind it, while one acts as `user`.
    pub real: Option<User>,
}

/// Reads the session that the request brings.
pub async fn open_session(open: &OpenWiki, incoming: &Incoming<'_>) -> Session {
    let headers = incoming.http.headers();
    let header = |name: &str| headers.get(name).map(HeaderValue::as_bytes);
    open.sessions
        .open(&facts(incoming, &incoming.cookie_headers(), &header))
        .await
}

/// Whether no session has a part in the answer: the request brings none and is given none.
pub fn is_nobody(open: &OpenWiki, incoming: &Incoming<'_>) -> bool {
    let headers = incoming.http.headers();
    let header = |name: &str| headers.get(name).map(HeaderValue::as_bytes);
    open.sessions
        .is_nobody(&facts(incoming, &incoming.cookie_headers(), &header))
}

fn facts<'r>(
    incoming: &'r Incoming<'_>,
    cookie_headers: &'r [&'r [u8]],
    header: HeaderLookup<'r>,
) -> RequestFacts<'r> {
    RequestFacts {
        cookie_headers,
        header,
        discard_writes: incoming.is_head(),
        https: incoming.https,
        user_agent: incoming.header(USER_AGENT),
        now: incoming.now,
    }
}

/// Whether everything is as it was when the request began: the wiki's settings, and who asks. A body may take long to
/// come, and a logout, a disabled account or a new configuration holds from the very next moment.
///
/// # Errors
/// * [`Refusal::Internal`] when the account store does not answer
pub async fn is_unchanged(visit: &Visit<'_>) -> Result<bool, Refusal> {
    let live = visit.state.live.load_full();
    let config = &visit.place.config;
    let wiki = live.farm.wiki_by_id(&config.id);
    let settings = wiki.and_then(|wiki| live.farm.config.wikis.get(wiki));
    if !settings.is_some_and(|settings| Arc::ptr_eq(settings, config)) {
        return Ok(false);
    }
    let mut session = open_session(&visit.open, visit.incoming).await;
    let visitor = identify(&visit.open, visit.incoming, &mut session).await?;
    Ok(visitor.user_id() == visit.visitor.user_id())
}

/// Finds out who asks, and ends a session whose account is gone, disabled or has a
/// new password.
///
/// # Errors
/// * [`Refusal::Internal`] when the account store does not answer
pub async fn identify(
    open: &OpenWiki,
    incoming: &Incoming<'_>,
    session: &mut Session,
) -> Result<Visitor, Refusal> {
    let Some(identity) = session.identity().cloned() else {
        return Ok(Visitor::guest(&open.config, incoming));
    };
    if !open.sessions.takes(&identity.auth_method) {
        // A login method of a sibling wiki is no login here, and no reason to end one.
        return Ok(Visitor::guest(&open.config, incoming));
    }
    let account = open
        .accounts
        .by_id(&identity.user_id)
        .await
        .map_err(Refusal::internal)?;
    let real = match account {
        Some(user) if user.may_log_in() && user.generation == identity.account_generation => user,
        _ => {
            session.log_out();
            return Ok(Visitor::guest(&open.config, incoming));
        }
    };
    match acted_as(open, session, &real, incoming.now).await? {
        Some(target) => Ok(Visitor::acting(&open.config, incoming, target, real)),
        None => Ok(Visitor::user(&open.config, incoming, real)),
    }
}

/// The account that a superuser acts as on this wiki, if the acting counts here.
async fn acted_as(
    open: &OpenWiki,
    session: &mut Session,
    real: &User,
    now: Timestamp,
) -> Result<Option<User>, Refusal> {
    let Some(acting) = session.acting().cloned() else {
        return Ok(None);
    };
    if now.duration_since(acting.since) >= LONGEST_ACTING {
        session.stop_acting();
        return Ok(None);
    }
    if !is_superuser(&open.config, real) {
        return Ok(None);
    }
    let target = open
        .accounts
        .by_id(&acting.user_id)
        .await
        .map_err(Refusal::internal)?;
    match target.filter(User::may_log_in) {
        Some(user) => Ok((!is_superuser(&open.config, &user)).then_some(user)),
        None => {
            // The account is gone or disabled, on every wiki of the realm.
            session.stop_acting();
            Ok(None)
        }
    }
}

/// Whether the wiki's configuration lists the account as superuser.
pub fn is_superuser(config: &WikiConfig, user: &User) -> bool {
    grange_farm::is_superuser(user.name.as_str(), config)
}

impl Visitor {
    /// Stands where it was not asked yet who asks.
    pub fn nobody() -> Visitor {
        Visitor {
            viewer: Viewer::anonymous(),
            user: None,
            real: None,
        }
    }

    /// Nobody we know.
    pub fn guest(config: &WikiConfig, incoming: &Incoming<'_>) -> Visitor {
        Visitor {
            viewer: viewer(config, incoming),
            user: None,
            real: None,
        }
    }

    fn user(config: &WikiConfig, incoming: &Incoming<'_>, user: User) -> Visitor {
        let viewer = Viewer {
            user_id: Some(user.id.clone()),
            name: Some(user.name.as_str().to_owned()),
            superuser: is_superuser(config, &user),
            ..viewer(config, incoming)
        };
        Visitor {
            viewer,
            user: Some(user),
            real: None,
        }
    }

    fn acting(config: &WikiConfig, incoming: &Incoming<'_>, target: User, real: User) -> Visitor {
        let mut visitor = Visitor::user(config, incoming, target);
        visitor.viewer.real_name = Some(real.name.as_str().to_owned());
        visitor.real = Some(real);
        visitor
    }

    /// The name that counts on this wiki.
    pub fn name(&self) -> Option<&str> {
        self.user.as_ref().map(|user| user.name.as_str())
    }

    /// The id of the account that counts, for tickets and the log.
    pub fn user_id(&self) -> Option<&str> {
        self.user.as_ref().map(|user| user.id.as_str())
    }

    /// The account that logged in, whoever it acts as.
    pub fn real_user(&self) -> Option<&User> {
        self.real.as_ref().or(self.user.as_ref())
    }
}

/// The browser's wish, unless the wiki never looks at it.
fn language<'a>(config: &'a WikiConfig, incoming: &Incoming<'a>) -> &'a str {
    let asked = incoming
        .header(ACCEPT_LANGUAGE)
        .filter(|_| !config.language_ignore_browser);
    asked
        .and_then(wanted_language)
        .unwrap_or(&config.language_default)
}

/// As `to_string` writes it, without the detour through a formatter: every view needs it.
fn address_text(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => {
            let mut text = String::with_capacity("255.255.255.255".len());
            for (place, octet) in address.octets().into_iter().enumerate() {
                if place > 0 {
                    text.push('.');
                }
                let digits = [octet / 100, octet / 10 % 10, octet % 10];
                let zeros = digits.iter().take(2).take_while(|digit| **digit == 0).count();
                text.extend(digits.iter().skip(zeros).map(|digit| char::from(b'0' + digit)));
            }
            text
        }
        IpAddr::V6(address) => address.to_string(),
    }
}

fn viewer(config: &WikiConfig, incoming: &Incoming<'_>) -> Viewer {
    Viewer {
        address: Some(address_text(incoming.client)),
        language: language(config, incoming).to_owned(),
        time_zone: config.timezone.to_string(),
        ..Viewer::anonymous()
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use grange_session::{Identity, Wish};
    use grange_wiki::accounts::{NewAccount, Origin};

    use super::*;
    use crate::testing::config;

    fn language_of(wiki: &str, asked: Option<&str>) -> String {
        let dir = tempfile::tempdir().unwrap();
        let farm = config(dir.path(), &format!("[wiki.a]\nat = [\"a\"]\n{wiki}"));
        let mut request = TestRequest::get().insert_header(("host", "a"));
        if let Some(asked) = asked {
            request = request.insert_header((ACCEPT_LANGUAGE, asked));
        }
        let http = request.to_http_request();
        let incoming = Incoming::read(&http, &[], Timestamp::UNIX_EPOCH, 1).unwrap();
        Visitor::guest(farm.wikis.first().unwrap(), &incoming)
            .viewer
            .language
    }

    #[test]
    fn an_address_is_written_as_everywhere_else() {
        for text in ["0.0.0.0", "192.0.2.7", "255.255.255.255", "::1", "2001:db8::a"] {
            let address: IpAddr = text.parse().unwrap();
            assert_eq!(address_text(address), address.to_string());
        }
    }

    #[test]
    fn the_browsers_language_counts_unless_the_wiki_ignores_it() {
        let swedish = "language_default = \"sv\"\n";
        assert_eq!(language_of(swedish, Some("de, en;q=0.5")), "de");
        assert_eq!(language_of(swedish, Some("*")), "sv");
        assert_eq!(language_of(swedish, None), "sv");
        let deaf = format!("{swedish}language_ignore_browser = true\n");
        assert_eq!(language_of(&deaf, Some("de, en;q=0.5")), "sv");
    }

    #[actix_web::test]
    async fn a_login_by_a_method_of_a_sibling_is_no_login_here_and_is_not_ended() {
        let dir = tempfile::tempdir().unwrap();
        let farm = crate::testing::farm(dir.path(), "[wiki.a]\nat = [\"a\"]\n");
        let open = farm.open(0).await.unwrap();
        let new = NewAccount {
            name: "Ada",
            password: "correct horse",
            email: "",
            origin: Origin::Administrator,
        };
        let ada = open.accounts.register(new, Timestamp::UNIX_EPOCH).await.unwrap();
        let http = TestRequest::get().insert_header(("host", "a")).to_http_request();
        let incoming = Incoming::read(&http, &[], Timestamp::UNIX_EPOCH, 1).unwrap();
        for (method, known) in [("password", true), ("ldap", false)] {
            let identity = Identity {
                user_id: ada.id.clone(),
                auth_method: method.to_owned(),
                auth_time: Timestamp::UNIX_EPOCH,
                account_generation: ada.generation,
            };
            let mut session = Session::for_test([("kept", 1)], Some(identity));
            let visitor = identify(&open, &incoming, &mut session).await.unwrap();
            assert_eq!(visitor.user.is_some(), known, "{method}");
            assert!(
                session.identity().is_some() && session.wish() == Wish::Keep,
                "{method}"
            );
        }
    }
}
