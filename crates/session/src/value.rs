//! What a session may hold: typed JSON, with limits, and keys that are not a macro's to write.
//!
//! Values are data and never code: null, truth values, 64-bit integers, finite numbers, text, lists
//! and maps. The limits keep one visitor from filling a store. How changes are found is session.rs's
//! and delta.rs's business.

use std::collections::BTreeMap;
use std::fmt;
use std::io;

use serde::de::{self, Deserialize, DeserializeOwned, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::{Serialize, Serializer};

/// A session's values by key.
pub type Values = BTreeMap<String, Value>;

/// All values of a session together take at most this many bytes as JSON.
pub const MAX_SESSION_BYTES: usize = 64 * 1024;
/// A session has at most this many keys.
pub const MAX_KEYS: usize = 256;
/// A key has at most this many bytes.
pub const MAX_KEY_BYTES: usize = 128;
/// Lists and maps stand at most this deep inside each other: deeper ones could be written and never read.
pub const MAX_DEPTH: usize = 32;

/// One value in a session.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Nothing.
    Null,
    /// True or false.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A finite number; `1.0` stays a `Float`.
    Float(f64),
    /// Text.
    Text(String),
    /// Values in order.
    List(Vec<Value>),
    /// Values by name.
    Map(BTreeMap<String, Value>),
}

/// Why a session did not take a value. The session is as it was before.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WriteError {
    /// `user.*`, `setuid`, `trail` and `csrf` are the session's own.
    #[error("the key {0:?} is reserved")]
    Reserved(String),
    /// A key is empty or longer than 128 bytes.
    #[error("a session key has 1 to {MAX_KEY_BYTES} bytes, this one has {0}")]
    KeyLength(usize),
    /// The session would have more than 256 keys.
    #[error("a session has at most {MAX_KEYS} keys")]
    TooManyKeys,
    /// The session would take more than 64 KiB.
    #[error("a session takes at most {} KiB, this would make it {}", MAX_SESSION_BYTES / 1024, .0.div_ceil(1024))]
    TooLarge(usize),
    /// Lists and maps stand more than 32 deep inside each other.
    #[error("values stand at most {MAX_DEPTH} deep inside each other")]
    TooDeep,
    /// The value is none that a session can hold, such as a number beyond 64 bits.
    #[error("a session cannot hold this value: {0}")]
    NotStorable(String),
}

/// Why a value could not be read as the type asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the session's value for {key:?} is not what was asked for: {reason}")]
pub struct ReadError {
    /// The key asked for.
    pub key: String,
    /// What does not fit.
    pub reason: String,
}

/// Whether `key` is the session's own and closed to macros and handlers.
pub fn is_reserved(key: &str) -> bool {
    key.starts_with("user.") || matches!(key, "setuid" | "trail" | "csrf")
}

impl Value {
    /// The value that `value` serialises to. What JSON has no number for (NaN, infinities) becomes null.
    ///
    /// # Errors
    /// * [`WriteError::NotStorable`] for integers beyond 64 bits and maps whose keys are no text.
    pub fn from_serialize(value: impl Serialize) -> Result<Value, WriteError> {
        let refused = |error: serde_json::Error| WriteError::NotStorable(error.to_string());
        let json = serde_json::to_value(value).map_err(refused)?;
        serde_json::from_value(json).map_err(refused)
    }

    pub(crate) fn read<T: DeserializeOwned>(&self, key: &str) -> Result<T, ReadError> {
        let refused = |error: serde_json::Error| ReadError {
            key: key.to_owned(),
            reason: error.to_string(),
        };
        let json = serde_json::to_value(self).map_err(refused)?;
        serde_json::from_value(json).map_err(refused)
    }

    fn is_deeper_than(&self, levels: usize) -> bool {
        let Some(left) = levels.checked_sub(1) else {
            return true;
        };
        match self {
            Value::List(items) => items.iter().any(|item| item.is_deeper_than(left)),
            Value::Map(items) => items.values().any(|item| item.is_deeper_than(left)),
            _ => false,
        }
    }
}

/// Whether all values together may stand in a session.
pub(crate) fn check_values(values: &Values) -> Result<(), WriteError> {
    if values.len() > MAX_KEYS {
        return Err(WriteError::TooManyKeys);
    }
    for (key, value) in values {
        check_entry(key, value)?;
    }
    let bytes = json_bytes(values).map_err(|error| WriteError::NotStorable(error.to_string()))?;
    if bytes > MAX_SESSION_BYTES {
        return Err(WriteError::TooLarge(bytes));
    }
    Ok(())
}

/// How long the values are as JSON.
pub(crate) fn json_bytes(values: &Values) -> serde_json::Result<usize> {
    let mut counter = ByteCounter(0);
    serde_json::to_writer(&mut counter, values)?;
    Ok(counter.0)
}

/// Whether one value may stand in a session, as far as it alone decides that.
pub(crate) fn check_entry(key: &str, value: &Value) -> Result<(), WriteError> {
    check_key(key)?;
    match value.is_deeper_than(MAX_DEPTH) {
        true => Err(WriteError::TooDeep),
        false => Ok(()),
    }
}

/// Whether a macro may write under `key`.
pub(crate) fn check_key(key: &str) -> Result<(), WriteError> {
    if is_reserved(key) {
        return Err(WriteError::Reserved(key.to_owned()));
    }
    if key.is_empty() || key.len() > MAX_KEY_BYTES {
        return Err(WriteError::KeyLength(key.len()));
    }
    Ok(())
}

struct ByteCounter(usize);

impl io::Write for ByteCounter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Value::Null => to.serialize_unit(),
            Value::Bool(value) => to.serialize_bool(*value),
            Value::Int(value) => to.serialize_i64(*value),
            Value::Float(value) if value.is_finite() => to.serialize_f64(*value),
            // Written as null it would be read back as something else.
            Value::Float(value) => Err(serde::ser::Error::custom(format!("{value} is no number"))),
            Value::Text(value) => to.serialize_str(value),
            Value::List(items) => to.collect_seq(items),
            Value::Map(items) => to.collect_map(items),
        }
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Value, D::Error> {
        from.deserialize_any(ValueVisitor)
    }
}

/// Written by hand because serde's untagged enums copy everything first, on every request.
struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a session value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Int(value))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Value, E> {
        i64::try_from(value)
            .map(Value::Int)
            .map_err(|_| E::custom(format!("{value} needs more than 64 bits")))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Value::Float(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::Text(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::Text(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Value::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut map = BTreeMap::new();
        while let Some((name, item)) = items.next_entry()? {
            map.insert(name, item);
        }
        Ok(Value::Map(map))
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Value {
        Value::Bool(value)
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Value {
        Value::Int(value)
    }
}

impl From<i32> for Value {
    fn from(value: i32) -> Value {
        Value::Int(value.into())
    }
}

impl From<u32> for Value {
    fn from(value: u32) -> Value {
        Value::Int(value.into())
    }
}

impl From<f64> for Value {
    /// What is no number becomes null, as in JSON.
    fn from(value: f64) -> Value {
        if value.is_finite() {
            Value::Float(value)
        } else {
            Value::Null
        }
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Value {
        Value::Text(value.to_owned())
    }
}

impl From<String> for Value {
    fn from(value: String) -> Value {
        Value::Text(value)
    }
}

impl<T: Into<Value>> From<Vec<T>> for Value {
    fn from(items: Vec<T>) -> Value {
        Value::List(items.into_iter().map(Into::into).collect())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn any_value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::Bool),
            any::<i64>().prop_map(Value::Int),
            any::<f64>()
                .prop_filter("finite", |f| f.is_finite())
                .prop_map(Value::Float),
            ".*".prop_map(Value::Text),
        ];
        leaf.prop_recursive(4, 32, 5, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::List),
                proptest::collection::btree_map(".*", inner, 0..5).prop_map(Value::Map),
            ]
        })
    }

    proptest! {
        #[test]
        fn every_value_survives_json_unchanged(value in any_value()) {
            let text = serde_json::to_string(&value).unwrap();
            prop_assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
        }
    }

    #[test]
    fn a_whole_float_stays_a_float() {
        assert_eq!(serde_json::to_string(&Value::Float(1.0)).unwrap(), "1.0");
        assert_ne!(Value::from(1.0), Value::from(1));
    }

    #[test]
    fn rust_values_become_session_values() {
        #[derive(Serialize)]
        struct Cart {
            items: Vec<u8>,
            note: Option<String>,
        }
        let value = Value::from_serialize(Cart {
            items: vec![1, 2],
            note: None,
        })
        .unwrap();
        assert_eq!(
            serde_json::to_string(&value).unwrap(),
            r#"{"items":[1,2],"note":null}"#
        );
        assert!(matches!(
            Value::from_serialize(u64::MAX),
            Err(WriteError::NotStorable(_))
        ));
        assert_eq!(Value::from(f64::NAN), Value::Null);
    }

    fn nested(levels: usize) -> Value {
        (1..levels).fold(Value::from(vec![1]), |inner, _| Value::List(vec![inner]))
    }

    #[test]
    fn limits_are_exact() {
        let keys = |n: usize| (0..n).map(|i| (format!("k{i}"), Value::Null)).collect::<Values>();
        assert_eq!(check_values(&keys(256)), Ok(()));
        assert_eq!(check_values(&keys(257)), Err(WriteError::TooManyKeys));
        let text = |n: usize| Values::from([("k".to_owned(), Value::from("x".repeat(n)))]);
        assert_eq!(check_values(&text(65_536 - 8)), Ok(()));
        assert_eq!(check_values(&text(65_536 - 7)), Err(WriteError::TooLarge(65_537)));
        let deep = |n: usize| Values::from([("k".to_owned(), nested(n))]);
        assert_eq!(check_values(&deep(31)), Ok(()));
        assert_eq!(check_values(&deep(32)), Err(WriteError::TooDeep));
    }

    #[test]
    fn what_passes_the_limits_can_be_read_back() {
        let values = Values::from([("k".to_owned(), nested(31))]);
        let text = serde_json::to_string(&values).unwrap();
        assert_eq!(serde_json::from_str::<Values>(&text).unwrap(), values);
    }

    #[test]
    fn reserved_and_impossible_keys_are_refused() {
        for key in ["user.id", "user.", "setuid", "trail", "csrf"] {
            assert_eq!(check_key(key), Err(WriteError::Reserved(key.into())));
        }
        for key in ["user", "username", "user_id", "trails", "test", "User.id"] {
            assert_eq!(check_key(key), Ok(()));
        }
        assert_eq!(check_key(""), Err(WriteError::KeyLength(0)));
        assert_eq!(check_key(&"k".repeat(128)), Ok(()));
        assert_eq!(check_key(&"k".repeat(129)), Err(WriteError::KeyLength(129)));
    }

    #[test]
    fn a_number_that_is_none_is_refused_when_smuggled_in() {
        let values = Values::from([("k".to_owned(), Value::Float(f64::NAN))]);
        assert!(matches!(check_values(&values), Err(WriteError::NotStorable(_))));
    }
}
