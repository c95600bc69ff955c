//! What the hooks hear: each thing once, after it is stored, and no ids.

use std::sync::Mutex;

use super::*;
use crate::hooks::{SessionEvent, SessionHooks, SessionNotice};
use crate::identity::Acting;

/// Writes everything down.
#[derive(Default)]
struct Diary(Mutex<Vec<String>>);

impl SessionHooks for Diary {
    fn notice(&self, notice: &SessionNotice<'_>) {
        assert_eq!(notice.wiki, "wiki1");
        let line = match notice.event {
            SessionEvent::Created => "created".to_owned(),
            SessionEvent::LoggedIn { user_id, .. } => format!("{user_id} in"),
            SessionEvent::LoggedOut { user_id } => format!("{user_id} out"),
            SessionEvent::ActingBegan { user_id, acting_as } => format!("{user_id} as {acting_as}"),
            SessionEvent::ActingEnded { user_id, acting_as } => format!("{user_id} no longer {acting_as}"),
            SessionEvent::Ended {
                user_id,
                reason,
                count,
            } => {
                format!("{count} of {} ended: {reason:?}", user_id.unwrap_or("guest"))
            }
            SessionEvent::Swept { removed } => format!("{removed} swept"),
        };
        self.0.lock().unwrap().push(line);
    }
}

impl Diary {
    fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

fn watched(farm: &Farm, policy: SessionPolicy) -> (CookieHandler, Arc<Diary>) {
    let diary = Arc::new(Diary::default());
    (farm.wiki(policy).with_hooks(diary.clone()), diary)
}

fn act(session: &mut Session) {
    session.act_as(Acting {
        user_id: "u2".into(),
        since: at(3),
        reason: String::new(),
    });
}

#[test]
fn a_life_is_told_from_its_beginning_to_its_end() {
    let farm = Farm::new();
    let (wiki, diary) = watched(&farm, policy());
    let browser = Browser::new();
    browser.view(&wiki, 0, |_| ());
    assert!(diary.take().is_empty(), "a pending id is no session yet");
    browser.macro_text(&wiki, 1);
    assert_eq!(diary.take(), ["created"]);
    browser.log_in(&wiki, "u1", 2);
    assert_eq!(diary.take(), ["1 of guest ended: Replaced", "u1 in"]);
    browser.post(&wiki, 3, act);
    assert_eq!(diary.take(), ["1 of u1 ended: Replaced", "u1 as u2"]);
    browser.post(&wiki, 4, Session::stop_acting);
    assert_eq!(diary.take(), ["1 of u1 ended: Replaced", "u1 no longer u2"]);
    browser.post(&wiki, 5, |session| session.prove_again(at(5)));
    assert_eq!(diary.take(), ["1 of u1 ended: Replaced"]);
    browser.post(&wiki, 6, Session::log_out);
    assert_eq!(diary.take(), ["u1 out", "1 of u1 ended: LoggedOut"]);
}

#[test]
fn the_end_of_the_hour_and_a_logout_end_acting_too() {
    let farm = Farm::new();
    let (wiki, diary) = watched(&farm, policy());
    let browser = Browser::new();
    browser.log_in(&wiki, "u1", 2);
    browser.post(&wiki, 3, act);
    diary.take();
    browser.view(&wiki, 3603, |_| ());
    assert_eq!(diary.take(), ["1 of u1 ended: Replaced", "u1 no longer u2"]);
    browser.post(&wiki, 3604, |session| {
        session.act_as(Acting {
            user_id: "u2".into(),
            since: at(3604),
            reason: String::new(),
        });
    });
    diary.take();
    browser.post(&wiki, 3605, Session::log_out);
    assert_eq!(
        diary.take(),
        ["u1 no longer u2", "u1 out", "1 of u1 ended: LoggedOut"]
    );
}

#[test]
fn a_session_too_many_is_told_with_its_reason() {
    let farm = Farm::new();
    let (wiki, diary) = watched(&farm, policy_with(|policy| policy.max_sessions_per_user = 1));
    let (one, other) = (Browser::new(), Browser::new());
    one.log_in(&wiki, "u1", 1);
    assert_eq!(diary.take(), ["u1 in"]);
    one.log_in(&wiki, "u1", 2);
    assert_eq!(diary.take(), ["1 of u1 ended: Replaced", "u1 in"]);
    other.log_in(&wiki, "u1", 3);
    assert_eq!(diary.take(), ["u1 in", "1 of u1 ended: Surplus"]);
    assert_eq!(one.user(&wiki, 4), None);
}

#[test]
fn what_was_not_stored_is_not_told() {
    let farm = Farm::new();
    let (wiki, diary) = watched(&farm, policy());
    let browser = Browser::new();
    browser.log_in(&wiki, "u1", 1);
    diary.take();
    let mut session = browser.open(&wiki, 2);
    session.log_out();
    farm.store.unplug(true);
    assert!(browser.try_finish(&wiki, session, &page_view(2)).is_err());
    assert!(diary.take().is_empty());
}

#[test]
fn a_session_that_a_counter_begins_is_told_once() {
    let farm = Farm::new();
    let (wiki, diary) = watched(&farm, policy());
    let browser = Browser::new();
    browser.view(&wiki, 0, |_| ());
    browser.view(&wiki, 1, |session| run(session.count("visits", 1)).unwrap());
    assert_eq!(diary.take(), ["created"]);
    browser.view(&wiki, 2, |session| run(session.count("visits", 1)).unwrap());
    assert!(diary.take().is_empty());
}
