//! The dict alone, as macros get it: the verbs, and no way to log anybody in or out.
//!
//! A macro runs inside somebody's page view; who that is, and whether they stay, is not its business. What
//! each verb does is said at [`Session`].

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{ChangeError, Session};
use crate::trail::TrailEntry;
use crate::value::{ReadError, Value, WriteError};

/// A visitor's session without its login verbs.
///
/// ```
/// use grange_session::{Session, Value};
///
/// let mut session = Session::for_test([("colour", "green")], None);
/// let mut dict = session.dict();
/// assert!(!dict.is_new() && dict.contains_key("colour") && dict.len() == 1);
/// dict.insert("cart", vec!["tea"])?;
/// if let Some(Value::List(cart)) = dict.get_mut("cart") {
///     cart.push("milk".into());
/// }
/// assert_eq!(dict.get_as::<Vec<String>>("cart")?.as_deref(), Some(&["tea".into(), "milk".into()][..]));
/// assert_eq!(dict.pop("colour", Value::Null), Value::from("green"));
/// assert!(dict.insert("user.id", 1).is_err(), "reserved");
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct SessionDict<'s>(&'s mut Session);

impl Session {
    /// The dict alone, for code that has no business with logins.
    pub fn dict(&mut self) -> SessionDict<'_> {
        SessionDict(self)
    }
}

// Reading.
impl SessionDict<'_> {
    /// As [`Session::is_new`].
    pub fn is_new(&self) -> bool {
        self.0.is_new()
    }

    /// As [`Session::is_stored`].
    pub fn is_stored(&self) -> bool {
        self.0.is_stored()
    }

    /// As [`Session::contains_key`].
    pub fn contains_key(&self, key: &str) -> bool {
        self.0.contains_key(key)
    }

    /// As [`Session::get`].
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.0.get(key)
    }

    /// As [`Session::get_or`].
    pub fn get_or(&self, key: &str, default: impl Into<Value>) -> Value {
        self.0.get_or(key, default)
    }

    /// As [`Session::get_as`].
    ///
    /// # Errors
    /// * As [`Session::get_as`].
    pub fn get_as<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, ReadError> {
        self.0.get_as(key)
    }

    /// As [`Session::keys`].
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.keys()
    }

    /// As [`Session::items`].
    pub fn items(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.items()
    }

    /// As [`Session::len`].
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// As [`Session::is_empty`].
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// As [`Session::trail`].
    pub fn trail(&self) -> Vec<TrailEntry> {
        self.0.trail()
    }
}

// Writing.
impl SessionDict<'_> {
    /// As [`Session::get_mut`].
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Value> {
        self.0.get_mut(key)
    }

    /// As [`Session::insert`].
    ///
    /// # Errors
    /// * As [`Session::insert`].
    pub fn insert(&mut self, key: &str, value: impl Serialize) -> Result<Option<Value>, WriteError> {
        self.0.insert(key, value)
    }

    /// As [`Session::update`].
    ///
    /// # Errors
    /// * As [`Session::insert`].
    pub fn update(
        &mut self,
        values: impl IntoIterator<Item = (String, Value)>,
    ) -> Result<Vec<Option<Value>>, WriteError> {
        self.0.update(values)
    }

    /// As [`Session::set_default`].
    ///
    /// # Errors
    /// * As [`Session::insert`].
    pub fn set_default(&mut self, key: &str, default: impl Serialize) -> Result<Value, WriteError> {
        self.0.set_default(key, default)
    }

    /// As [`Session::remove`].
    pub fn remove(&mut self, key: &str) -> Option<Value> {
        self.0.remove(key)
    }

    /// As [`Session::pop`].
    pub fn pop(&mut self, key: &str, default: Value) -> Value {
        self.0.pop(key, default)
    }

    /// As [`Session::pop_item`].
    pub fn pop_item(&mut self) -> Option<(String, Value)> {
        self.0.pop_item()
    }

    /// As [`Session::clear`].
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// As [`Session::reset`].
    pub fn reset(&mut self) {
        self.0.reset();
    }

    /// As [`Session::mark_changed`].
    pub fn mark_changed(&mut self) {
        self.0.mark_changed();
    }

    /// As [`Session::change`].
    ///
    /// # Errors
    /// * As [`Session::change`].
    pub async fn change<F>(&mut self, key: &str, change: F) -> Result<Option<Value>, ChangeError>
    where
        F: Fn(Option<&Value>) -> Option<Value> + Send + Sync + 'static,
    {
        self.0.change(key, change).await
    }

    /// As [`Session::count`].
    ///
    /// # Errors
    /// * As [`Session::count`].
    pub async fn count(&mut self, key: &str, by: i64) -> Result<i64, ChangeError> {
        self.0.count(key, by).await
    }
}
