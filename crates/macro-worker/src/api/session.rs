//! `request.session`: what the prelude's dict asks for, and what a call changed in it.
//!
//! The dict itself lives in Python, so that a list in it can be changed in place. Its values are put into the
//! interpreter when it starts, and only of one whose mark is set or whose result is thrown away when
//! it turns out not to have read them; at the end they come back and are compared with what they were.

use grange_macro_protocol::{SessionChange, SessionFacts, Value};
use monty_types::{ExcType, MontyObject, ObjectRef};

use super::{Again, Context, Trouble, raise};
use crate::values::{self, same};

/// Keys that are the server's.
fn is_reserved(key: &str) -> bool {
    key.starts_with("user.") || matches!(key, "setuid" | "trail" | "csrf")
}

/// The session between calls, and what the running call does to it.
#[derive(Clone, Debug, Default)]
pub struct SessionState {
    is_new: bool,
    values: Vec<(String, Value)>,
    was_reset: bool,
    is_marked: bool,
}

impl SessionState {
    /// The session that a job begins with.
    #[must_use]
    pub fn new(facts: &SessionFacts) -> SessionState {
        SessionState {
            is_new: facts.is_new,
            values: facts.values.clone(),
            ..SessionState::default()
        }
    }

    /// Takes over what a call left in the dict, and says how it differs.
    fn settle(&mut self, left: Vec<(String, Value)>) -> Vec<SessionChange> {
        let mut changes = Vec::new();
        if self.was_reset {
            changes.push(SessionChange::Reset);
            self.values.clear();
        }
        for (key, _) in &self.values {
            if find(&left, key).is_none() {
                changes.push(SessionChange::Remove(key.clone()));
            }
        }
        for (key, value) in &left {
            if !find(&self.values, key).is_some_and(|before| same(before, value)) {
                changes.push(SessionChange::Set(key.clone(), value.clone()));
            }
        }
        if self.is_marked && changes.is_empty() {
            changes.push(SessionChange::MarkChanged);
        }
        self.values = left;
        self.forget_marks();
        changes
    }

    /// Forgets what a call that failed did to it: its values are taken over only from one that did not.
    pub fn forget_marks(&mut self) {
        self.was_reset = false;
        self.is_marked = false;
    }
}

fn find<'v>(values: &'v [(String, Value)], key: &str) -> Option<&'v Value> {
    let found = values.iter().find(|(known, _)| known == key);
    found.map(|(_, value)| value)
}

impl Context<'_> {
    /// Reading `request.session`: the dict, or another start with the dict.
    pub(super) fn session(&mut self) -> Result<Option<MontyObject>, Trouble> {
        self.touched.session = true;
        self.has_read_session = true;
        match self.carried.with_session {
            true => Ok(self.live.get("session").cloned()),
            false => Err(Trouble::Again(Again::WithSession)),
        }
    }

    /// Whether the session is in the interpreter although the macro has not read it.
    pub fn session_is_unread(&self) -> bool {
        self.carried.with_session && !self.has_read_session
    }

    /// What the driver and the prelude's dict ask; nothing where it is none of that.
    pub(super) fn session_method(&mut self, name: &str) -> Option<MontyObject> {
        match name {
            "session_kept" if !self.carried.with_session => return Some(MontyObject::none()),
            "session_kept" => {
                let kept = [
                    MontyObject::bool(self.session.is_new),
                    values::map(&self.session.values),
                ];
                return Some(MontyObject::tuple(kept));
            }
            "session_mark_changed" => self.session.is_marked = true,
            "session_reset" => self.session.was_reset = true,
            _ => return None,
        }
        self.touched.session = true;
        Some(MontyObject::none())
    }

    /// What a call leaves in the dict; nothing where it has had none, and the values are what they were.
    pub(super) fn settled_session(
        &self,
        left: Option<ObjectRef<'_>>,
    ) -> Result<Option<Vec<(String, Value)>>, Trouble> {
        match left.filter(|left| left.type_name() == "dict") {
            Some(dict) => whole(dict).map(Some),
            None => Ok(None),
        }
    }

    /// Whether a call leaves the session otherwise than it found it.
    pub(super) fn changes_session(&self, left: &[(String, Value)]) -> bool {
        self.session.was_reset || !values::same_entries(left, &self.session.values)
    }

    /// Takes over what a call leaves, and says how it differs.
    pub(super) fn settle_session(&mut self, left: Option<Vec<(String, Value)>>) -> Vec<SessionChange> {
        match left {
            Some(left) => self.session.settle(left),
            None if self.session.was_reset => self.session.settle(Vec::new()),
            None => {
                let same = self.session.values.clone();
                self.session.settle(same)
            }
        }
    }
}

fn whole(dict: ObjectRef<'_>) -> Result<Vec<(String, Value)>, Trouble> {
    let left = match values::stored(dict) {
        Ok(Value::Map(left)) => left,
        Ok(_) => Vec::new(),
        Err(words) => return Err(raise(ExcType::TypeError, format!("In the session: {words}"))),
    };
    match left.iter().find(|(key, _)| is_reserved(key)) {
        Some((key, _)) => Err(reserved(key)),
        None => Ok(left),
    }
}

fn reserved(key: &str) -> Trouble {
    raise(
        ExcType::ValueError,
        format!("The session's key \"{key}\" belongs to the wiki; choose another one."),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(values: &[(&str, i64)]) -> SessionState {
        SessionState {
            values: values
                .iter()
                .map(|(key, value)| ((*key).to_owned(), (*value).into()))
                .collect(),
            ..SessionState::default()
        }
    }

    fn left(values: &[(&str, i64)]) -> Vec<(String, Value)> {
        state(values).values
    }

    #[test]
    fn setting_an_equal_value_is_no_change() {
        assert_eq!(state(&[("a", 1)]).settle(left(&[("a", 1)])), []);
    }

    #[test]
    fn what_is_gone_is_removed_and_what_is_new_is_set() {
        assert_eq!(
            state(&[("a", 1), ("b", 2)]).settle(left(&[("b", 3), ("c", 4)])),
            [
                SessionChange::Remove("a".into()),
                SessionChange::Set("b".into(), 3.into()),
                SessionChange::Set("c".into(), 4.into()),
            ]
        );
    }

    #[test]
    fn a_reset_comes_before_what_is_set_afterwards() {
        let mut state = state(&[("a", 1)]);
        state.was_reset = true;
        assert_eq!(
            state.settle(left(&[("a", 1)])),
            [SessionChange::Reset, SessionChange::Set("a".into(), 1.into())]
        );
        assert_eq!(state.settle(left(&[("a", 1)])), [], "the reset is over");
    }
}
