//! A login on several hosts: codes that are good once, for one wiki and one browser, and sessions that end together.
//!
//! A person has one `Browser` per host here, since hosts without a common domain share no cookie.

use super::*;
use crate::handover::{CodeFor, HandedOver, Handover, HandoverRefused, LoginAttempt};
use crate::identity::{LoginLink, LoginPart};

/// Two hosts of one realm, and Mia logged in on the first.
struct Realm2 {
    farm: Farm,
    there: CookieHandler,
    here: CookieHandler,
    browser_there: Browser,
    browser_here: Browser,
}

/// The wiki that takes logins over.
fn here() -> SessionPolicy {
    policy_with(|policy| policy.wiki = "here".into())
}

fn link(session: &Session) -> LoginLink {
    session.link().cloned().unwrap()
}

impl Realm2 {
    fn new() -> Realm2 {
        let farm = Farm::new();
        let (there, here) = (farm.wiki(policy()), farm.wiki(here()));
        let browser_there = Browser::new();
        log_in_there(&browser_there, &there, "mia", 0);
        Realm2 {
            farm,
            there,
            here,
            browser_there,
            browser_here: Browser::new(),
        }
    }

    fn desk<'a>(&'a self, realm: &'a crate::Realm) -> Handover<'a> {
        Handover {
            secrets: &self.farm.secrets,
            store: &*self.farm.store,
            realm,
        }
    }

    /// The state of a new attempt here.
    fn attempt(&self, seconds: u64) -> LoginAttempt {
        let randomness = crate::SystemRandomness;
        LoginAttempt::begin(&self.farm.secrets, &here(), false, at(seconds), &randomness)
    }

    fn code(&self, state: &str, seconds: u64) -> String {
        let link = link(&self.browser_there.open(&self.there, seconds));
        let what = CodeFor {
            wiki: "here",
            state,
            user_id: "mia",
            login: &link.login,
        };
        let desk_realm = policy().realm;
        run(self
            .desk(&desk_realm)
            .issue(what, at(seconds), &crate::SystemRandomness))
        .unwrap()
    }

    fn redeem(
        &self,
        code: &str,
        wiki: &str,
        state: &str,
        seconds: u64,
    ) -> Result<HandedOver, HandoverRefused> {
        let states = [state.to_owned()];
        run(self
            .desk(&policy().realm)
            .redeem(code, wiki, &states, at(seconds)))
    }

    /// The whole way.
    fn hand_over(&self, seconds: u64) {
        let state = self.attempt(seconds).state;
        let code = self.code(&state, seconds);
        let handed = self.redeem(&code, "here", &state, seconds).unwrap();
        self.browser_here.post(&self.here, seconds, |session| {
            session.log_in_handed_over(handed);
        });
    }

    fn users(&self, seconds: u64) -> (Option<String>, Option<String>) {
        let there = self.browser_there.user(&self.there, seconds);
        (there, self.browser_here.user(&self.here, seconds))
    }
}

fn log_in_there(browser: &Browser, wiki: &CookieHandler, user: &str, seconds: u64) {
    browser.post(wiki, seconds, |session| {
        session.log_in(identity(user, at(seconds)), Remember::No);
        session.begin_link(LoginLink::begin(&crate::SystemRandomness));
    });
}

fn mia() -> Option<String> {
    Some("mia".to_owned())
}

#[test]
fn a_login_counts_on_both_hosts_under_ids_of_their_own() {
    let realm = Realm2::new();
    realm.hand_over(1);
    assert_eq!(realm.users(2), (mia(), mia()));
    assert_ne!(
        realm.browser_there.cookie_header(),
        realm.browser_here.cookie_header()
    );
    assert_eq!(
        link(&realm.browser_here.open(&realm.here, 2)).part,
        LoginPart::HandedOver
    );
}

#[test]
fn a_code_is_good_once() {
    let realm = Realm2::new();
    let state = realm.attempt(0).state;
    let code = realm.code(&state, 0);
    assert!(realm.redeem(&code, "here", &state, 1).is_ok());
    assert!(matches!(
        realm.redeem(&code, "here", &state, 1),
        Err(HandoverRefused::Spent)
    ));
}

#[test]
fn a_code_is_good_for_a_minute() {
    let realm = Realm2::new();
    let state = realm.attempt(0).state;
    let (first, second) = (realm.code(&state, 0), realm.code(&state, 0));
    assert!(realm.redeem(&first, "here", &state, 59).is_ok());
    assert!(matches!(
        realm.redeem(&second, "here", &state, 60),
        Err(HandoverRefused::TooOld)
    ));
}

#[test]
fn a_code_shown_in_the_wrong_place_is_spent_by_it() {
    let realm = Realm2::new();
    let (state, other) = (realm.attempt(0).state, realm.attempt(0).state);
    let code = realm.code(&state, 0);
    assert!(matches!(
        realm.redeem(&code, "elsewhere", &state, 1),
        Err(HandoverRefused::OtherWiki)
    ));
    assert!(matches!(
        realm.redeem(&code, "here", &state, 1),
        Err(HandoverRefused::Spent)
    ));
    let code = realm.code(&state, 1);
    assert!(matches!(
        realm.redeem(&code, "here", &other, 1),
        Err(HandoverRefused::OtherBrowser)
    ));
    assert!(matches!(
        realm.redeem(&code, "here", &state, 1),
        Err(HandoverRefused::Spent)
    ));
}

#[test]
fn a_browser_without_an_attempt_redeems_nothing() {
    let realm = Realm2::new();
    let code = realm.code(&realm.attempt(0).state, 0);
    let redeemed = run(realm.desk(&policy().realm).redeem(&code, "here", &[], at(1)));
    assert!(matches!(redeemed, Err(HandoverRefused::OtherBrowser)));
}

#[test]
fn neither_a_sessions_id_nor_an_attempt_is_a_code_and_a_code_is_no_session() {
    let realm = Realm2::new();
    let attempt = realm.attempt(0);
    let value = |text: &str| {
        let pair = text.split(';').next().unwrap().to_owned();
        pair.split_once('=').unwrap().1.to_owned()
    };
    let state = attempt.state.clone();
    for text in [
        value(&realm.browser_there.cookie_header()),
        value(attempt.cookie.header_value()),
        String::new(),
        "v1.a.b.c".to_owned(),
    ] {
        assert!(matches!(
            realm.redeem(&text, "here", &state, 1),
            Err(HandoverRefused::NoCode)
        ));
    }
    assert_eq!(realm.users(1).0, mia(), "and nothing was ended by trying");
    let browser = Browser::new();
    browser.plant(&policy().cookie_name(false), &realm.code(&state, 1));
    let operations = realm.farm.store.operations();
    assert!(browser.open(&realm.here, 1).is_new());
    assert_eq!(realm.farm.store.operations(), operations, "no store is asked");
}

#[test]
fn an_attempt_is_one_browsers_on_one_wiki_for_a_quarter_of_an_hour() {
    let realm = Realm2::new();
    let attempt = realm.attempt(0);
    let line = attempt.cookie.header_value();
    assert!(line.starts_with("GRANGE_LOGIN_here=v1."), "{line}");
    assert!(
        line.ends_with("; Path=/; Max-Age=900; HttpOnly; SameSite=Strict"),
        "{line}"
    );
    let cookie = line.split(';').next().unwrap().as_bytes();
    let presented = |policy: &SessionPolicy, seconds| {
        let headers: &[&[u8]] = &[cookie];
        let facts = RequestFacts {
            cookie_headers: headers,
            ..RequestFacts::at(at(seconds))
        };
        LoginAttempt::presented(&realm.farm.secrets, policy, &facts)
    };
    assert_eq!(presented(&here(), 899), std::slice::from_ref(&attempt.state));
    assert!(presented(&here(), 900).is_empty());
    assert!(presented(&policy(), 1).is_empty(), "another wiki");
    let secure = LoginAttempt::begin(
        &realm.farm.secrets,
        &here(),
        true,
        at(0),
        &crate::SystemRandomness,
    );
    let line = secure.cookie.header_value();
    assert!(
        line.starts_with("__Host-GRANGE_LOGIN_here=") && line.contains("; Secure;"),
        "{line}"
    );
}

#[test]
fn logging_out_on_either_host_ends_the_login_on_both() {
    for out_there in [true, false] {
        let realm = Realm2::new();
        realm.hand_over(1);
        match out_there {
            true => realm.browser_there.post(&realm.there, 2, Session::log_out),
            false => realm.browser_here.post(&realm.here, 2, Session::log_out),
        };
        assert_eq!(realm.users(3), (None, None));
    }
}

#[test]
fn a_logout_spares_the_same_users_other_logins_and_everybody_else() {
    let realm = Realm2::new();
    realm.hand_over(1);
    let (phone, stranger) = (Browser::new(), Browser::new());
    log_in_there(&phone, &realm.there, "mia", 1);
    log_in_there(&stranger, &realm.there, "tom", 1);
    realm.browser_here.post(&realm.here, 2, Session::log_out);
    assert_eq!(phone.user(&realm.there, 3), mia());
    assert_eq!(stranger.user(&realm.there, 3).as_deref(), Some("tom"));
}

#[test]
fn a_login_that_ended_is_not_handed_over() {
    let realm = Realm2::new();
    let state = realm.attempt(0).state;
    let code = realm.code(&state, 0);
    realm.browser_there.post(&realm.there, 1, Session::log_out);
    assert!(matches!(
        realm.redeem(&code, "here", &state, 2),
        Err(HandoverRefused::LoginEnded)
    ));
}

#[test]
fn a_logout_wins_over_a_handover_that_is_under_way() {
    let realm = Realm2::new();
    let state = realm.attempt(0).state;
    let code = realm.code(&state, 0);
    let handed = realm.redeem(&code, "here", &state, 1).unwrap();
    let mut session = realm.browser_here.open(&realm.here, 1);
    session.log_in_handed_over(handed);
    realm.browser_there.post(&realm.there, 1, Session::log_out);
    let finished = realm.browser_here.try_finish(&realm.here, session, &page_view(1));
    assert!(matches!(finished, Err(FinishError::LoginEnded)), "{finished:?}");
    assert_eq!(realm.farm.sessions(2).len(), 0);
}

#[test]
fn a_kill_of_the_user_ends_the_login_and_its_codes() {
    let realm = Realm2::new();
    realm.hand_over(1);
    let state = realm.attempt(1).state;
    let code = realm.code(&state, 1);
    realm.farm.kill(Kill::User("mia"), 2);
    assert_eq!(realm.users(3), (None, None));
    assert!(matches!(
        realm.redeem(&code, "here", &state, 3),
        Err(HandoverRefused::LoginEnded)
    ));
}

#[test]
fn somebody_else_who_logs_in_ends_the_login_everywhere() {
    let realm = Realm2::new();
    realm.hand_over(1);
    log_in_there(&realm.browser_there, &realm.there, "tom", 2);
    assert_eq!(realm.users(3), (Some("tom".to_owned()), None));
}

#[test]
fn proving_again_who_one_is_keeps_the_login_together() {
    let realm = Realm2::new();
    realm.hand_over(1);
    log_in_there(&realm.browser_there, &realm.there, "mia", 2);
    assert_eq!(realm.users(3), (mia(), mia()));
    realm.browser_there.post(&realm.there, 4, Session::log_out);
    assert_eq!(realm.users(5), (None, None));
}

#[test]
fn after_a_password_change_the_void_sessions_cannot_end_the_one_that_goes_on() {
    let realm = Realm2::new();
    realm.hand_over(1);
    realm.browser_there.post(&realm.there, 2, |session| {
        session.rotate_for_generation(1);
    });
    // What identifying the visitor does with a session of an older generation.
    realm.browser_here.post(&realm.here, 3, Session::log_out);
    assert_eq!(realm.users(4), (mia(), None));
    realm.hand_over(5);
    assert_eq!(realm.users(6), (mia(), mia()), "and it can be handed over again");
}

#[test]
fn a_handover_puts_no_end_off() {
    let realm = Realm2::new();
    let ends = |realm: &Realm2, browser: &Browser, wiki| {
        let session = browser.open(wiki, 5000);
        let key = session.key().unwrap();
        let loaded = run(realm.farm.store.load(&key, &policy().realm, at(5000))).unwrap();
        match loaded {
            Loaded::Live(record) => (
                record.about.ends,
                record.about.identity.as_ref().unwrap().auth_time,
            ),
            other => panic!("{other:?}"),
        }
    };
    realm.hand_over(4000);
    assert_eq!(
        ends(&realm, &realm.browser_here, &realm.here),
        ends(&realm, &realm.browser_there, &realm.there)
    );
}

#[test]
fn a_store_that_fails_at_logout_is_told_and_a_second_try_ends_all() {
    let realm = Realm2::new();
    realm.hand_over(1);
    let mut session = realm.browser_here.open(&realm.here, 2);
    session.log_out();
    realm.farm.store.unplug(true);
    let finished = realm.browser_here.try_finish(&realm.here, session, &page_view(2));
    assert!(matches!(finished, Err(FinishError::NotStored(_))));
    realm.farm.store.unplug(false);
    assert_eq!(realm.users(3), (mia(), mia()));
    realm.browser_here.post(&realm.here, 4, Session::log_out);
    assert_eq!(realm.users(5), (None, None));
}
