//! Values that cross the pipe, as Python objects and back.
//!
//! What comes from Python is hostile: a list may hold itself, or the same list a billion times over. The
//! way back therefore has a bound for depth and for the number of values.

use grange_macro_protocol::Value;
use monty_types::{MontyObject, ObjectRef};

/// How deep stored values may nest; the server reads them recursively.
const MOST_DEPTH: usize = 32;
/// How many values a stored value may consist of.
const MOST_VALUES: usize = 50_000;
/// How long the texts in it may be together, in bytes: above what session and storage take, and below what the pipe does.
const MOST_TEXT: usize = 2 << 20;

/// The Python object for a value.
#[must_use]
pub fn object(value: &Value) -> MontyObject {
    match value {
        Value::Null => MontyObject::none(),
        Value::Bool(yes) => MontyObject::bool(*yes),
        Value::Int(number) => MontyObject::int(*number),
        Value::Float(number) => MontyObject::float(*number),
        Value::Text(text) => MontyObject::string(text.as_str()),
        Value::List(items) => MontyObject::list(items.iter().map(object)),
        Value::Map(pairs) => map(pairs),
    }
}

/// A dict from names and values.
#[must_use]
pub fn map(pairs: &[(String, Value)]) -> MontyObject {
    MontyObject::dict(
        pairs
            .iter()
            .map(|(key, value)| (MontyObject::string(key.as_str()), object(value))),
    )
}

/// The value of a Python object that can be stored.
///
/// # Errors
/// * A sentence that says why it cannot.
pub fn stored(object: ObjectRef<'_>) -> Result<Value, String> {
    let mut room = Room {
        values: MOST_VALUES,
        text: MOST_TEXT,
    };
    convert(object, MOST_DEPTH, &mut room)
}

/// What may still come.
struct Room {
    values: usize,
    text: usize,
}

impl Room {
    fn take_value(&mut self) -> Result<(), String> {
        let left = self.values.checked_sub(1);
        self.values = left.ok_or("A stored value has too many parts.")?;
        Ok(())
    }

    fn take_text(&mut self, text: &str) -> Result<String, String> {
        let left = self.text.checked_sub(text.len());
        self.text = left.ok_or("What is stored is too long.")?;
        Ok(text.to_owned())
    }
}

fn convert(object: ObjectRef<'_>, depth: usize, room: &mut Room) -> Result<Value, String> {
    room.take_value()?;
    let depth = depth
        .checked_sub(1)
        .ok_or("A stored value is nested too deeply.")?;
    match object.type_name() {
        "NoneType" => Ok(Value::Null),
        "bool" => Ok(Value::Bool(object.is_truthy())),
        "int" => match object.as_int() {
            Some(number) => Ok(Value::Int(number)),
            None => Err("An integer of more than 64 bits cannot be stored.".to_owned()),
        },
        "float" => match object.as_float().unwrap_or_default() {
            number if number.is_finite() => Ok(Value::Float(number)),
            _ => Err(format!("{} is no number that can be stored.", object.py_repr())),
        },
        "str" => match object.as_str() {
            Some(text) => room.take_text(text).map(Value::Text),
            None => Err(refused("str")),
        },
        "list" | "tuple" => match object.items() {
            Some(items) => {
                let items = items.into_iter().map(|item| convert(item, depth, room));
                items.collect::<Result<_, _>>().map(Value::List)
            }
            None => Err("A list that holds itself cannot be stored.".to_owned()),
        },
        "dict" => match object.pairs() {
            Some(pairs) => pairs_of(&pairs, depth, room).map(Value::Map),
            None => Err("A dict that holds itself cannot be stored.".to_owned()),
        },
        other => Err(refused(other)),
    }
}

fn pairs_of(
    pairs: &[(ObjectRef<'_>, ObjectRef<'_>)],
    depth: usize,
    room: &mut Room,
) -> Result<Vec<(String, Value)>, String> {
    let pairs = pairs.iter().map(|(key, value)| match key.as_str() {
        Some(key) => Ok((room.take_text(key)?, convert(*value, depth, room)?)),
        None => Err(format!(
            "The keys of a stored dict must be text, not {}.",
            key.type_name()
        )),
    });
    pairs.collect()
}

fn refused(kind: &str) -> String {
    format!(
        "A value of type {kind} cannot be stored: only None, True and False, numbers, text, lists and dicts can."
    )
}

/// About as many bytes as a value takes in a message.
#[must_use]
pub fn size(value: &Value) -> usize {
    const EACH: usize = 8;
    EACH + match value {
        Value::Text(text) => text.len(),
        Value::List(items) => items.iter().map(size).sum(),
        Value::Map(pairs) => pairs.iter().map(|(key, value)| key.len() + size(value)).sum(),
        Value::Null | Value::Bool(_) | Value::Int(_) | Value::Float(_) => 0,
    }
}

/// Whether two values are the same for one who stores them: 1 and 1.0 and True differ, and the order of a
/// dict counts for nothing.
#[must_use]
pub fn same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Float(one), Value::Float(other)) => one.to_bits() == other.to_bits(),
        (Value::List(one), Value::List(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same(one, other))
        }
        (Value::Map(one), Value::Map(other)) => same_entries(one, other),
        _ => one == other,
    }
}

/// The same for the entries of two dicts.
#[must_use]
pub fn same_entries(one: &[(String, Value)], other: &[(String, Value)]) -> bool {
    one.len() == other.len() && maps_match(one, other)
}

fn maps_match(one: &[(String, Value)], other: &[(String, Value)]) -> bool {
    let in_order = one.iter().zip(other).all(|((a, x), (b, y))| a == b && same(x, y));
    in_order || {
        let other: std::collections::HashMap<&str, &Value> =
            other.iter().map(|(key, value)| (key.as_str(), value)).collect();
        one.iter()
            .all(|(key, value)| other.get(key.as_str()).is_some_and(|other| same(value, other)))
    }
}

/// What `str()` makes of a simple value; nothing for containers and objects.
#[must_use]
pub fn plain_text(object: ObjectRef<'_>) -> Option<String> {
    match object.type_name() {
        "str" => object.as_str().map(str::to_owned),
        "NoneType" | "bool" | "int" | "float" | "Decimal" | "complex" => Some(object.py_repr()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_comes_back_as_it_went() {
        let value = Value::Map(vec![
            (
                "a".into(),
                Value::List(vec![Value::Null, true.into(), 5.into(), Value::Float(0.5)]),
            ),
            ("b".into(), Value::Map(vec![("c".into(), "d".into())])),
        ]);
        assert_eq!(stored(object(&value).as_ref()), Ok(value));
    }

    #[test]
    fn a_tuple_is_stored_as_a_list() {
        let tuple = MontyObject::tuple([MontyObject::int(1)]);
        assert_eq!(stored(tuple.as_ref()), Ok(Value::List(vec![1.into()])));
    }

    #[test]
    fn what_is_no_data_is_refused_with_its_type() {
        let refused = stored(MontyObject::bytes(vec![1]).as_ref()).unwrap_err();
        assert!(refused.contains("type bytes"), "{refused}");
        let keys = MontyObject::dict([(MontyObject::int(1), MontyObject::none())]);
        assert!(
            stored(keys.as_ref())
                .unwrap_err()
                .contains("must be text, not int")
        );
    }

    #[test]
    fn a_deep_value_is_refused_and_not_followed() {
        let deep = (0..1000).fold(MontyObject::none(), |inner, _| MontyObject::list([inner]));
        assert!(stored(deep.as_ref()).unwrap_err().contains("too deeply"));
    }

    #[test]
    fn one_and_true_differ_and_the_order_of_a_dict_does_not_count() {
        assert!(!same(&Value::Int(1), &Value::Bool(true)));
        assert!(!same(&Value::Int(1), &Value::Float(1.0)));
        let one = Value::Map(vec![("a".into(), 1.into()), ("b".into(), 2.into())]);
        let other = Value::Map(vec![("b".into(), 2.into()), ("a".into(), 1.into())]);
        assert!(same(&one, &other));
    }
}
