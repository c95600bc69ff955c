//! The text between a macro's parentheses, as values of the declared types.
//!
//! The grammar is MoinMoin's, because the pages of an imported wiki are full of it: items between
//! commas, double quotes around an item that holds commas (a doubled quote is one quote), `name=value`,
//! an empty item for "not given". An item is a `name=value` only when the name is one word of letters,
//! digits, `_` and `-`, so an address with `=` in it stays an address.
//! Pure functions; nothing here knows a page. Start reading at [`Args::parse`].

use std::collections::BTreeMap;

use grange_wiki::markup::MacroCall;

use crate::definition::{Argument, Arguments, Definition, Kind, Need};

/// One converted argument.
#[derive(Clone, Debug, PartialEq)]
pub enum ArgumentValue {
    /// Yes or no.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number with a fraction.
    Float(f64),
    /// Text, also that of a choice.
    Text(String),
}

/// Why a call's arguments were refused. The message is for the author of the page.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ArgumentError {
    /// More positional arguments than the macro takes, or one after a named one.
    #[error("Too many arguments")]
    TooMany,
    /// A `name=value` that the macro does not know.
    #[error("No argument named \"{0}\"")]
    NoSuchArgument(String),
    /// The same argument by position and by name.
    #[error("Argument \"{0}\" is given twice")]
    GivenTwice(&'static str),
    /// A required argument is missing or empty.
    #[error("Argument \"{0}\" is required")]
    Required(&'static str),
    /// The text does not fit the declared type.
    #[error("Argument \"{name}\" must be {wanted}, not \"{text}\"")]
    WrongValue {
        /// The argument.
        name: &'static str,
        /// What would have been right, as in "an integer value".
        wanted: String,
        /// What was written.
        text: String,
    },
}

/// The arguments of one call, converted and complete.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Args {
    raw: String,
    parentheses: Parentheses,
    values: BTreeMap<&'static str, ArgumentValue>,
    empty: Vec<&'static str>,
}

/// Whether a call has parentheses: a few macros tell `<<Name>>` from `<<Name()>>`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Parentheses {
    /// `<<Name>>`.
    #[default]
    None,
    /// `<<Name()>>`.
    Written,
}

impl Args {
    /// Reads the arguments of a call as `definition` declares them.
    ///
    /// # Errors
    /// * [`ArgumentError`], which names the argument and says what was expected.
    pub fn of_call(definition: &Definition, call: &MacroCall) -> Result<Args, ArgumentError> {
        let parentheses = match call.has_parentheses() {
            true => Parentheses::Written,
            false => Parentheses::None,
        };
        Ok(Args {
            parentheses,
            ..Args::parse(definition, &call.arguments)?
        })
    }

    /// Reads the text between the parentheses as `definition` declares it.
    ///
    /// # Errors
    /// * [`ArgumentError`], which names the argument and says what was expected.
    pub fn parse(definition: &Definition, text: &str) -> Result<Args, ArgumentError> {
        let mut args = Args {
            raw: text.to_owned(),
            ..Args::default()
        };
        match &definition.arguments {
            Arguments::Whole(argument) => args.set(argument, whole_text(text))?,
            Arguments::List(arguments) => args.fill_from_list(arguments, text)?,
        }
        for argument in definition.argument_list() {
            args.complete(argument)?;
        }
        Ok(args)
    }

    /// The text between the parentheses, as it was written.
    #[must_use]
    pub fn raw(&self) -> &str {
        &self.raw
    }

    /// Whether the call has parentheses.
    #[must_use]
    pub fn parentheses(&self) -> Parentheses {
        self.parentheses
    }

    /// A yes-or-no argument.
    #[must_use]
    pub fn bool(&self, name: &str) -> Option<bool> {
        match self.values.get(name) {
            Some(ArgumentValue::Bool(value)) => Some(*value),
            _ => None,
        }
    }

    /// A whole number.
    #[must_use]
    pub fn int(&self, name: &str) -> Option<i64> {
        match self.values.get(name) {
            Some(ArgumentValue::Int(value)) => Some(*value),
            _ => None,
        }
    }

    /// A number with a fraction.
    #[must_use]
    pub fn float(&self, name: &str) -> Option<f64> {
        match self.values.get(name) {
            Some(ArgumentValue::Float(value)) => Some(*value),
            _ => None,
        }
    }

    /// A text or a choice.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        match self.values.get(name) {
            Some(ArgumentValue::Text(value)) => Some(value),
            _ => None,
        }
    }

    /// Whether the argument's place was written but left empty, as the second in `<<Include(Page,)>>`.
    #[must_use]
    pub fn was_left_empty(&self, name: &str) -> bool {
        self.empty.contains(&name)
    }

    fn fill_from_list(&mut self, arguments: &[Argument], text: &str) -> Result<(), ArgumentError> {
        let mut places = arguments.iter();
        let mut by_name: Vec<&'static str> = Vec::new();
        for item in split_items(text) {
            if let Some(flag) = flag_of(arguments, &item) {
                self.values.insert(flag.name, ArgumentValue::Bool(true));
                continue;
            }
            let argument = match &item.name {
                Some(name) => find(arguments, name)?,
                None if !by_name.is_empty() => return Err(ArgumentError::TooMany),
                None => places.next().ok_or(ArgumentError::TooMany)?,
            };
            // The last of several `name=value` wins, as it always did; by position and by name is a slip.
            if item.name.is_some() && !by_name.contains(&argument.name) {
                if self.values.contains_key(argument.name) {
                    return Err(ArgumentError::GivenTwice(argument.name));
                }
                by_name.push(argument.name);
            }
            self.set(argument, item.value)?;
        }
        Ok(())
    }

    fn set(&mut self, argument: &Argument, value: Option<String>) -> Result<(), ArgumentError> {
        match value {
            Some(text) => {
                let value = convert(argument, &text)?;
                self.values.insert(argument.name, value);
            }
            None => {
                self.values.remove(argument.name);
                if !self.was_left_empty(argument.name) {
                    self.empty.push(argument.name);
                }
            }
        }
        Ok(())
    }

    fn complete(&mut self, argument: &Argument) -> Result<(), ArgumentError> {
        if self.values.contains_key(argument.name) {
            return Ok(());
        }
        match argument.need {
            Need::Optional => Ok(()),
            Need::Required => Err(ArgumentError::Required(argument.name)),
            Need::Default(text) => {
                let value = convert(argument, text)?;
                self.values.insert(argument.name, value);
                Ok(())
            }
        }
    }
}

/// One item between commas. `None` as value: nothing was written there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// The name of a `name=value`.
    pub name: Option<String>,
    /// The value; an empty pair of quotes is an empty text, nothing at all is `None`.
    pub value: Option<String>,
}

/// Splits a list of arguments into its items, without knowing what the macro takes.
/// No text at all is no item; `,` is two empty ones.
#[must_use]
pub fn split_items(text: &str) -> Vec<Item> {
    if text.trim_matches(is_blank).is_empty() {
        return Vec::new();
    }
    let mut items = Vec::new();
    let mut rest = text;
    loop {
        let (name, after_name) = split_name(rest.trim_start_matches(is_blank));
        let (value, after_value) = split_value(after_name.trim_start_matches(is_blank));
        items.push(Item { name, value });
        match after_value {
            Some(next) => rest = next,
            None => return items,
        }
    }
}

/// Looks no further than the name's own letters, so that a long list takes no longer than it is.
fn split_name(text: &str) -> (Option<String>, &str) {
    let end = text.find(|letter| !is_name_letter(letter)).unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    match rest.trim_start_matches(is_blank).strip_prefix('=') {
        Some(rest) if name.starts_with(|first: char| first.is_alphabetic() || first == '_') => {
            (Some(name.to_owned()), rest)
        }
        _ => (None, text),
    }
}

fn is_name_letter(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_' || letter == '-'
}

/// The value up to the next comma outside quotes, and what follows the comma if there is one.
fn split_value(text: &str) -> (Option<String>, Option<&str>) {
    let Some(quoted) = text.strip_prefix('"') else {
        return split_bare(text);
    };
    match closing_quote(quoted) {
        Some((inner, after)) => {
            let (tail, next) = split_bare_untrimmed(after);
            // `"a" "b"`: what follows the closing quote belongs to the item as it stands.
            let tail = tail.trim_end_matches(is_blank);
            (Some(inner.replace("\"\"", "\"") + tail), next)
        }
        // A quote that is never closed is a letter like any other.
        None => split_bare(text),
    }
}

fn split_bare(text: &str) -> (Option<String>, Option<&str>) {
    let (value, next) = split_bare_untrimmed(text);
    let value = value.trim_matches(is_blank);
    ((!value.is_empty()).then(|| value.to_owned()), next)
}

fn split_bare_untrimmed(text: &str) -> (&str, Option<&str>) {
    match text.split_once(',') {
        Some((value, next)) => (value, Some(next)),
        None => (text, None),
    }
}

/// Splits behind the quote that ends the item; doubled quotes do not.
fn closing_quote(quoted: &str) -> Option<(&str, &str)> {
    let mut marks = quoted.match_indices('"').map(|(at, _)| at).peekable();
    while let Some(at) = marks.next() {
        if marks.peek() == Some(&(at + 1)) {
            marks.next();
            continue;
        }
        return Some((quoted.get(..at)?, quoted.get(at + 1..)?));
    }
    None
}

/// Only ASCII blanks separate: a no-break space may be part of what an author means.
fn is_blank(letter: char) -> bool {
    letter.is_ascii_whitespace()
}

fn whole_text(text: &str) -> Option<String> {
    let text = text.trim_matches(is_blank);
    (!text.is_empty()).then(|| text.to_owned())
}

fn find<'a>(arguments: &'a [Argument], name: &str) -> Result<&'a Argument, ArgumentError> {
    arguments
        .iter()
        .find(|argument| argument.name == name)
        .ok_or_else(|| ArgumentError::NoSuchArgument(name.to_owned()))
}

/// The flag that a bare word sets, wherever it stands.
fn flag_of<'a>(arguments: &'a [Argument], item: &Item) -> Option<&'a Argument> {
    let word = item.value.as_deref().filter(|_| item.name.is_none())?;
    arguments
        .iter()
        .find(|argument| argument.kind == Kind::Flag && argument.name == word)
}

fn convert(argument: &Argument, text: &str) -> Result<ArgumentValue, ArgumentError> {
    let (value, wanted) = match argument.kind {
        Kind::Bool | Kind::Flag => (
            as_bool(text).map(ArgumentValue::Bool),
            "a boolean value".to_owned(),
        ),
        Kind::Int => {
            let number = text.trim_matches(is_blank).parse().ok();
            (number.map(ArgumentValue::Int), "an integer value".to_owned())
        }
        Kind::Float => {
            let number = text.trim_matches(is_blank).parse().ok();
            (
                number.map(ArgumentValue::Float),
                "a floating point value".to_owned(),
            )
        }
        Kind::Text => (Some(ArgumentValue::Text(text.to_owned())), String::new()),
        Kind::Choice(words) => {
            let word = words.iter().find(|word| **word == text);
            (
                word.map(|word| ArgumentValue::Text((*word).to_owned())),
                one_of(words),
            )
        }
    };
    value.ok_or_else(|| ArgumentError::WrongValue {
        name: argument.name,
        wanted,
        text: text.to_owned(),
    })
}

fn as_bool(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "1" | "yes" | "true" => Some(true),
        "0" | "no" | "false" => Some(false),
        _ => None,
    }
}

fn one_of(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("\"{word}\"")).collect();
    format!("one of {}", quoted.join(", "))
}

#[cfg(test)]
#[path = "args_tests.rs"]
mod tests;
