//! A value as it stands in a file: typed, with its place, and with what the admin wrote where it came from the
//! environment.
//!
//! [`Text::value`] is what Grange works with, [`Text::shown`] is the only form that people see.

use std::fmt::Write as _;
use std::sync::Arc;

use super::Key;
use crate::passwords;
use crate::problem::Place;

/// One `key = value`.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) key: &'static Key,
    /// The key's position among those of its table.
    pub(crate) slot: usize,
    /// The key in the file.
    pub(crate) key_place: Place,
    /// The value in the file.
    pub(crate) place: Place,
    pub(crate) value: Value,
}

/// A typed value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Bool(bool),
    Whole(i64),
    Number(f64),
    /// `[anonymous, logged in]`
    Pair(f64, f64),
    Text(Text),
    Texts(Texts),
    /// Something that has been reported already.
    Broken,
}

/// A string of the file.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Text {
    pub(crate) value: Arc<str>,
    /// With `${NAME}` in it, where the value came from the environment.
    pub(crate) written: Option<Arc<str>>,
    pub(crate) place: Place,
}

/// A list of strings.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Texts {
    pub(crate) items: Vec<Text>,
    /// The values alone, to be shared by every wiki that inherits them.
    pub(crate) plain: Arc<[String]>,
    /// Whether an item was left out because it was wrong.
    pub(crate) incomplete: bool,
}

impl Texts {
    pub(crate) fn new(items: Vec<Text>, incomplete: bool) -> Texts {
        let plain = items.iter().map(|item| item.value.to_string()).collect();
        Texts {
            items,
            plain,
            incomplete,
        }
    }
}

impl Text {
    /// As people may see it.
    pub(crate) fn shown(&self) -> &str {
        self.written.as_deref().unwrap_or(&self.value)
    }
}

impl Value {
    /// Whether something was wrong with it: conclusions from it would be guesses.
    pub(crate) fn is_broken(&self) -> bool {
        match self {
            Value::Broken => true,
            Value::Texts(texts) => texts.incomplete,
            _ => false,
        }
    }

    /// The value as TOML, as people may see it.
    pub(crate) fn to_toml(&self) -> String {
        match self {
            Value::Bool(yes) => yes.to_string(),
            Value::Whole(number) => number.to_string(),
            Value::Number(number) => number.to_string(),
            Value::Pair(anonymous, logged_in) => format!("[{anonymous}, {logged_in}]"),
            Value::Text(text) => quote(&passwords::hidden(text.shown())),
            Value::Texts(texts) => {
                let items: Vec<String> = texts.items.iter().map(|item| quote(item.shown())).collect();
                format!("[{}]", items.join(", "))
            }
            Value::Broken => "(refused)".into(),
        }
    }

    /// What stands in the file where `${NAME}` is part of it.
    pub(crate) fn written(&self) -> Option<Arc<str>> {
        match self {
            Value::Text(text) => text.written.clone(),
            Value::Texts(texts) if texts.items.iter().any(|item| item.written.is_some()) => {
                Some(self.to_toml().into())
            }
            _ => None,
        }
    }
}

/// A TOML basic string.
pub(crate) fn quote(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            // Writing to a String cannot fail.
            c if c.is_control() => _ = write!(quoted, "\\u{:04X}", u32::from(c)),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(value: &str, written: Option<&str>) -> Text {
        Text {
            value: value.into(),
            written: written.map(Into::into),
            place: Place::default(),
        }
    }

    #[test]
    fn a_value_from_the_environment_is_shown_as_written() {
        let secret = text("/secret/place", Some("${STATE}/sessions"));
        assert_eq!(Value::Text(secret.clone()).to_toml(), r#""${STATE}/sessions""#);
        let list = Value::Texts(Texts::new(vec![text("a", None), secret], false));
        assert_eq!(list.to_toml(), r#"["a", "${STATE}/sessions"]"#);
        assert_eq!(list.written().as_deref(), Some(r#"["a", "${STATE}/sessions"]"#));
    }

    #[test]
    fn quotes_control_characters_and_backslashes_stay_toml() {
        let hostile = "a\"b\\c\n\u{7}\té";
        let line = format!("key = {}", quote(hostile));
        let read: toml::Table = line.parse().unwrap();
        assert_eq!(read["key"].as_str(), Some(hostile));
    }

    #[test]
    fn hours_are_shown_without_needless_digits() {
        assert_eq!(Value::Pair(0.0, 12.0).to_toml(), "[0, 12]");
        assert_eq!(Value::Pair(0.5, -9600.0).to_toml(), "[0.5, -9600]");
    }
}
