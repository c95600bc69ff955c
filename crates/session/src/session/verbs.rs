//! The verbs of the dict: reading, writing, taking out.
//!
//! The names are Python's where they are not Rust's. A write that breaks a limit or names a reserved key is an
//! error and changes nothing. Macros get these verbs alone, through [`SessionDict`](super::SessionDict).

use std::ops::Index;
use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::Session;
use crate::value::{ReadError, Value, WriteError, check_key, check_values};

impl Session {
    /// Whether there is a value for `key`.
    ///
    /// ```
    /// # use grange_session::{Session};
    /// let session = Session::for_test([("a", 1)], None);
    /// assert!(session.contains_key("a") && !session.contains_key("b"));
    /// ```
    pub fn contains_key(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// The value for `key`.
    ///
    /// ```
    /// # use grange_session::{Session, Value};
    /// let session = Session::for_test([("a", 1)], None);
    /// assert_eq!(session.get("a"), Some(&Value::Int(1)));
    /// assert_eq!(session["a"], Value::Int(1));
    /// assert_eq!(session["b"], Value::Null, "there is none");
    /// ```
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.mark_used();
        self.values.get(key)
    }

    /// The value for `key`, to be changed in place. Changes are found at the request's end; those that
    /// break a limit are dropped then.
    ///
    /// ```
    /// # use grange_session::{Session, Value};
    /// let mut session = Session::for_test([("list", vec![1])], None);
    /// if let Some(Value::List(list)) = session.get_mut("list") {
    ///     list.push(2.into());
    /// }
    /// assert_eq!(session.get("list"), Some(&Value::from(vec![1, 2])));
    /// assert!(!session.changes().is_empty());
    /// ```
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Value> {
        self.mark_used();
        if !self.values.contains_key(key) {
            return None;
        }
        Arc::make_mut(&mut self.values).get_mut(key)
    }

    /// The value for `key` as a Rust type.
    ///
    /// # Errors
    /// * [`ReadError`] when there is a value and it is none of that type.
    ///
    /// ```
    /// # use grange_session::{Session};
    /// let session = Session::for_test([("a", 1)], None);
    /// assert_eq!(session.get_as::<i64>("a")?, Some(1));
    /// assert_eq!(session.get_as::<i64>("b")?, None);
    /// assert!(session.get_as::<String>("a").is_err());
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    pub fn get_as<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, ReadError> {
        self.get(key).map(|value| value.read(key)).transpose()
    }

    /// Sets the value for `key` and returns the one before. Setting an equal value changes nothing.
    ///
    /// # Errors
    /// * [`WriteError`] for reserved keys, broken limits and values that no session can hold; the
    ///   session is as it was before.
    ///
    /// ```
    /// # use grange_session::{Session, Value};
    /// let mut session = Session::for_test([("a", 1)], None);
    /// assert_eq!(session.insert("a", "two")?, Some(Value::Int(1)));
    /// assert_eq!(session.insert("b", vec![1.5])?, None);
    /// assert!(session.insert("user.id", 1).is_err(), "reserved");
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    pub fn insert(&mut self, key: &str, value: impl Serialize) -> Result<Option<Value>, WriteError> {
        let value = Value::from_serialize(value)?;
        self.update([(key.to_owned(), value)])
            .map(|mut before| before.pop().flatten())
    }

    /// Sets several values, all or none, and returns those before: Python's `update` and `|=`. It is no
    /// operator here, because it can fail.
    ///
    /// # Errors
    /// As [`Session::insert`].
    ///
    /// ```
    /// # use grange_session::{Session, Value};
    /// let mut session = Session::for_test([("a", 1)], None);
    /// let more = [("a".to_owned(), 2.into()), ("b".to_owned(), true.into())];
    /// assert_eq!(session.update(more)?, [Some(Value::Int(1)), None]);
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    pub fn update(
        &mut self,
        values: impl IntoIterator<Item = (String, Value)>,
    ) -> Result<Vec<Option<Value>>, WriteError> {
        self.mark_used();
        let mut changed = Arc::clone(&self.values);
        let mut before = Vec::new();
        for (key, value) in values {
            check_key(&key)?;
            if changed.get(&key) == Some(&value) {
                before.push(Some(value));
                continue;
            }
            before.push(Arc::make_mut(&mut changed).insert(key, value));
        }
        if !Arc::ptr_eq(&changed, &self.values) {
            check_values(&changed)?;
            self.values = changed;
        }
        Ok(before)
    }

    /// The value for `key`, set to `default` first where there is none.
    ///
    /// # Errors
    /// As [`Session::insert`].
    ///
    /// ```
    /// # use grange_session::{Session, Value};
    /// let mut session = Session::for_test([("a", 1)], None);
    /// assert_eq!(session.set_default("a", 5)?, Value::Int(1));
    /// assert_eq!(session.set_default("b", 5)?, Value::Int(5));
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    pub fn set_default(&mut self, key: &str, default: impl Serialize) -> Result<Value, WriteError> {
        if let Some(value) = self.get(key) {
            return Ok(value.clone());
        }
        self.insert(key, default)?;
        Ok(self.values.get(key).cloned().unwrap_or(Value::Null))
    }

    /// Takes the value for `key` out.
    ///
    /// ```
    /// # use grange_session::{Session, Value};
    /// let mut session = Session::for_test([("a", 1)], None);
    /// assert_eq!(session.remove("a"), Some(Value::Int(1)));
    /// assert_eq!(session.remove("a"), None);
    /// ```
    pub fn remove(&mut self, key: &str) -> Option<Value> {
        self.mark_used();
        if !self.values.contains_key(key) {
            return None;
        }
        Arc::make_mut(&mut self.values).remove(key)
    }

    /// A copy of the value for `key`, or `default`.
    ///
    /// ```
    /// use grange_session::{Session, Value};
    ///
    /// let session = Session::for_test([("a", 1)], None);
    /// assert_eq!(session.get_or("a", 5), Value::Int(1));
    /// assert_eq!(session.get_or("b", 5), Value::Int(5));
    /// ```
    pub fn get_or(&self, key: &str, default: impl Into<Value>) -> Value {
        self.get(key).cloned().unwrap_or_else(|| default.into())
    }

    /// Takes the value for `key` out, or gives `default`.
    ///
    /// ```
    /// # use grange_session::{Session, Value};
    /// let mut session = Session::for_test([("a", 1)], None);
    /// assert_eq!(session.pop("a", Value::Null), Value::Int(1));
    /// assert_eq!(session.pop("a", Value::from(0)), Value::Int(0));
    /// ```
    pub fn pop(&mut self, key: &str, default: Value) -> Value {
        self.remove(key).unwrap_or(default)
    }

    /// Takes some value out.
    ///
    /// ```
    /// # use grange_session::{Session, Value};
    /// let mut session = Session::for_test([("a", 1)], None);
    /// assert_eq!(session.pop_item(), Some(("a".into(), Value::Int(1))));
    /// assert_eq!(session.pop_item(), None);
    /// ```
    pub fn pop_item(&mut self) -> Option<(String, Value)> {
        self.mark_used();
        if self.values.is_empty() {
            return None;
        }
        Arc::make_mut(&mut self.values).pop_last()
    }

    /// Takes all values out.
    ///
    /// ```
    /// # use grange_session::{Session};
    /// let mut session = Session::for_test([("a", 1)], None);
    /// session.clear();
    /// assert!(session.is_empty());
    /// ```
    pub fn clear(&mut self) {
        self.mark_used();
        if !self.values.is_empty() {
            self.values = Arc::default();
        }
    }

    /// The keys, in order.
    ///
    /// ```
    /// # use grange_session::{Session};
    /// let session = Session::for_test([("b", 1), ("a", 2)], None);
    /// assert_eq!(session.keys().collect::<Vec<_>>(), ["a", "b"]);
    /// ```
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.mark_used();
        self.values.keys().map(String::as_str)
    }

    /// The values with their keys, in order.
    ///
    /// ```
    /// # use grange_session::{Session, Value};
    /// let session = Session::for_test([("a", 1)], None);
    /// assert_eq!(session.items().next(), Some(("a", &Value::Int(1))));
    /// ```
    pub fn items(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.mark_used();
        self.values.iter().map(|(key, value)| (key.as_str(), value))
    }

    /// How many values there are.
    ///
    /// ```
    /// # use grange_session::{Session};
    /// let session = Session::for_test([("a", 1)], None);
    /// assert_eq!(session.len(), 1);
    /// ```
    pub fn len(&self) -> usize {
        self.mark_used();
        self.values.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Has the use of a stored session written down at the request's end even when nothing changed.
    /// Changes need no mark: they are found.
    ///
    /// ```
    /// # use grange_session::{Session};
    /// let mut session = Session::for_test([("a", 1)], None);
    /// session.mark_changed();
    /// assert!(session.is_marked() && session.changes().is_empty());
    /// ```
    pub fn mark_changed(&mut self) {
        self.mark_used();
        self.marked = true;
    }

    /// Whether [`Session::mark_changed`] was called.
    pub fn is_marked(&self) -> bool {
        self.marked
    }
}

impl Index<&str> for Session {
    type Output = Value;

    /// The value for `key`; [`Value::Null`] where there is none.
    fn index(&self, key: &str) -> &Value {
        self.get(key).unwrap_or(&Value::Null)
    }
}
