//! Values and marks between sessions and the pipe.

use std::collections::BTreeMap;

use grange_macro_protocol::{Touches, Value as Wire};
use grange_session::Value;

use crate::touched::Touched;

/// What a worker says that a call has looked at. Pages are asked for here, so the worker does not mark them.
pub(crate) fn marks(touches: Touches) -> Touched {
    Touched {
        session: touches.session,
        user: touches.user,
        language: touches.language,
        moment: touches.moment,
        address: touches.address,
        pages: false,
    }
}

/// A session's value for the worker.
pub(crate) fn to_wire(value: &Value) -> Wire {
    match value {
        Value::Null => Wire::Null,
        Value::Bool(yes) => Wire::Bool(*yes),
        Value::Int(number) => Wire::Int(*number),
        Value::Float(number) => Wire::Float(*number),
        Value::Text(text) => Wire::Text(text.clone()),
        Value::List(items) => Wire::List(items.iter().map(to_wire).collect()),
        Value::Map(items) => Wire::Map(
            items
                .iter()
                .map(|(key, value)| (key.clone(), to_wire(value)))
                .collect(),
        ),
    }
}

/// A worker's value for the session, which checks it against its own limits.
pub(crate) fn from_wire(value: Wire) -> Value {
    match value {
        Wire::Null => Value::Null,
        Wire::Bool(yes) => Value::Bool(yes),
        Wire::Int(number) => Value::Int(number),
        Wire::Float(number) => Value::Float(number),
        Wire::Text(text) => Value::Text(text),
        Wire::List(items) => Value::List(items.into_iter().map(from_wire).collect()),
        Wire::Map(items) => {
            let items = items.into_iter().map(|(key, value)| (key, from_wire(value)));
            Value::Map(items.collect::<BTreeMap<_, _>>())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_session_holds_crosses_and_comes_back() {
        let map = BTreeMap::from([("a".to_owned(), Value::Null), ("b".to_owned(), Value::Int(-1))]);
        let value = Value::List(vec![
            Value::Bool(true),
            Value::Float(1.0),
            Value::Text("ä".into()),
            Value::Map(map),
        ]);
        assert_eq!(from_wire(to_wire(&value)), value);
    }
}
