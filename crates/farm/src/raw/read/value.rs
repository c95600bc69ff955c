//! One value: its type, its `${NAME}`s, its rule.
//!
//! A wrong value becomes [`Value::Broken`] after it was reported; a list keeps its good items.

use toml::Spanned;
use toml::de::{DeArray, DeInteger, DeValue};

use super::super::expand::expand;
use super::super::key::{Kind, quoted};
use super::super::rules::{Complaint, Rule};
use super::super::value::Texts;
use super::super::{Key, Text, Value, unknown};
use super::Reader;
use crate::passwords;
use crate::problem::{Finding, Place};

impl Reader<'_> {
    pub(super) fn read_value(&mut self, key: &'static Key, value: &Spanned<DeValue<'_>>) -> Value {
        let place = self.place(value.span());
        let read = match (key.kind, value.get_ref()) {
            (Kind::Bool, DeValue::Boolean(yes)) => Some(Value::Bool(*yes)),
            (Kind::Text(_) | Kind::Word { .. } | Kind::Store { .. } | Kind::Path, DeValue::String(text)) => {
                self.read_text(key, text, place).map(Value::Text)
            }
            (Kind::Words { .. }, DeValue::Array(items)) if items.is_empty() => {
                self.wrong_value(key, place, "an empty list leaves nothing to choose from")
            }
            (Kind::Texts(_) | Kind::Words { .. } | Kind::Paths, DeValue::Array(items)) => {
                Some(Value::Texts(self.read_texts(key, items)))
            }
            (Kind::Whole { min, max } | Kind::Bytes { min, max }, DeValue::Integer(number)) => {
                self.read_whole(key, number, min, max, place)
            }
            (Kind::Seconds | Kind::Hours, number) if is_number(number) => {
                self.read_number(key, number, place)
            }
            (Kind::Lifetime, value) => self.read_lifetime(key, value, place),
            (_, value) => self.wrong_type(key, value, place),
        };
        read.unwrap_or(Value::Broken)
    }

    fn wrong_type<T>(&mut self, key: &Key, value: &DeValue<'_>, place: Place) -> Option<T> {
        let article = if matches!(value, DeValue::Integer(_) | DeValue::Array(_)) {
            "an"
        } else {
            "a"
        };
        let message = format!(
            "`{}` takes {}, not {article} {}.",
            key.name,
            key.kind.takes(),
            value.type_str()
        );
        let remedy = match (key.kind, value) {
            (Kind::Texts(_) | Kind::Words { .. } | Kind::Paths, DeValue::String(text))
                if !text.contains("${") =>
            {
                format!("Write `{} = [\"{text}\"]`.", key.name)
            }
            _ => format!("For example: `{}`.", key.line()),
        };
        self.report(Finding::error("type", place, message).remedy(remedy));
        None
    }

    fn wrong_value<T>(&mut self, key: &Key, place: Place, because: &str) -> Option<T> {
        let finding = Finding::error("value", place, format!("`{}`: {because}.", key.name));
        self.report(finding.remedy(format!("For example: `{}`.", key.line())));
        None
    }

    fn read_texts(&mut self, key: &'static Key, items: &DeArray<'_>) -> Texts {
        let mut read = Vec::with_capacity(items.len());
        for item in items {
            let place = self.place(item.span());
            read.extend(match item.get_ref() {
                DeValue::String(text) => self.read_text(key, text, place),
                other => self.wrong_type(key, other, place),
            });
        }
        let incomplete = read.len() < items.len();
        Texts::new(read, incomplete)
    }

    /// A string with its variables replaced, and its rule kept.
    fn read_text(&mut self, key: &'static Key, text: &str, place: Place) -> Option<Text> {
        let expanded = match expand(text, self.environment) {
            Ok(expanded) => expanded,
            Err(error) => {
                let finding = Finding::error("env", place, format!("`{}`: {error}.", key.name));
                self.report(finding.remedy("Set the variable for this process, or write the value itself."));
                return None;
            }
        };
        let text = match expanded {
            Some(value) => Text {
                value: value.into(),
                written: Some(text.into()),
                place,
            },
            None => Text {
                value: text.into(),
                written: None,
                place,
            },
        };
        let kept = match key.kind {
            Kind::Text(rule) | Kind::Texts(rule) => self.keep_rule(key, rule, &text),
            Kind::Word { now, later } | Kind::Words { now, later } => self.keep_words(key, now, later, &text),
            Kind::Store { now, server } => match text.value.contains("://") {
                true => self.keep_rule(key, server, &text),
                false => self.keep_store(key, now, &text),
            },
            _ => self.keep_rule(key, path, &text),
        };
        kept.then_some(text)
    }

    fn keep_rule(&mut self, key: &Key, rule: Rule, text: &Text) -> bool {
        let Err(complaint) = rule(&text.value) else {
            return true;
        };
        let name = key.name;
        // The sentence may quote the value, which is a secret where it came from the environment.
        let message = match &text.written {
            Some(written) => {
                let written = passwords::hidden(written);
                format!("`{name}`: what \"{written}\" stands for cannot be used here.")
            }
            None => format!("`{name}`: {}.", complaint.message),
        };
        let remedy = match complaint.remedy.as_str() {
            "" => format!("For example: `{}`.", key.line()),
            remedy => remedy.to_owned(),
        };
        self.report(Finding::error(complaint.code, text.place, message).remedy(remedy));
        false
    }

    /// The kind of a store, or a server's scheme without the address that belongs to it.
    fn keep_store(&mut self, key: &'static Key, now: &[&str], text: &Text) -> bool {
        let example = match text.value.as_ref() {
            scheme @ ("redis" | "rediss" | "valkey") => match scheme {
                "rediss" => "rediss://HOST",
                _ => "redis://HOST",
            },
            "postgres" | "postgresql" => "postgres://USER@HOST/DATABASE",
            _ => return self.keep_words(key, now, &[], text),
        };
        let message = format!(
            "`{}` is \"{}\" and does not say where that is.",
            key.name,
            text.shown()
        );
        let finding = Finding::error("value", text.place, message);
        self.report(finding.remedy(format!("Write `{} = \"{example}\"`.", key.name)));
        false
    }

    fn keep_words(&mut self, key: &'static Key, now: &[&str], later: &[&str], text: &Text) -> bool {
        let value = text.value.as_ref();
        if now.contains(&value) {
            return true;
        }
        let waits = |word: &&str| *word == value || (word.ends_with("://") && value.starts_with(*word));
        let (name, shown) = (key.name, text.shown());
        if later.iter().any(waits) {
            // What follows `://` may be a password.
            let shown = shown
                .split_once("://")
                .map_or(shown.to_owned(), |(scheme, _)| format!("{scheme}://…"));
            let message = format!("`{name}`: \"{shown}\" is not available yet.");
            self.report(Finding::error("not-available", text.place, message).remedy(write_one_of(now)));
            return false;
        }
        let remedy = match unknown::closest(value, now.iter().copied()) {
            Some(near) if text.written.is_none() => format!("Did you mean \"{near}\"?"),
            _ => write_one_of(now),
        };
        let message = format!("`{name}` cannot be \"{shown}\".");
        self.report(Finding::error("value", text.place, message).remedy(remedy));
        false
    }

    fn read_whole(
        &mut self,
        key: &Key,
        number: &DeInteger<'_>,
        min: i64,
        max: i64,
        place: Place,
    ) -> Option<Value> {
        match whole(number).filter(|number| (min..=max).contains(number)) {
            Some(number) => Some(Value::Whole(number)),
            None => self.wrong_value(key, place, &format!("it takes {}", key.kind.takes())),
        }
    }

    fn read_number(&mut self, key: &Key, value: &DeValue<'_>, place: Place) -> Option<Value> {
        let lowest = if matches!(key.kind, Kind::Seconds) {
            f64::MIN_POSITIVE
        } else {
            0.0
        };
        match number(value).filter(|number| number.is_finite() && *number >= lowest) {
            Some(number) => Some(Value::Number(number)),
            None if matches!(key.kind, Kind::Hours) => {
                self.wrong_lifetime(key, place, "it cannot be negative")
            }
            None => self.wrong_value(key, place, &format!("it takes {}", key.kind.takes())),
        }
    }

    fn wrong_lifetime(&mut self, key: &Key, place: Place, because: &str) -> Option<Value> {
        let finding = Finding::error("L-20", place, format!("`{}`: {because}.", key.name));
        self.report(
            finding.remedy("Write hours as numbers, such as `cookie_lifetime = [0, 12]`; 0 is none."),
        );
        None
    }

    /// The pair, or the scalar of MoinMoin 1.6 to 1.8.
    fn read_lifetime(&mut self, key: &Key, value: &DeValue<'_>, place: Place) -> Option<Value> {
        if let Some(hours) = number(value) {
            let finite = hours.is_finite().then_some(Value::Number(hours));
            return finite.or_else(|| self.wrong_lifetime(key, place, "it is no number of hours"));
        }
        let DeValue::Array(items) = value else {
            return self.wrong_type(key, value, place);
        };
        let hours: Vec<f64> = items.iter().filter_map(|item| number(item.get_ref())).collect();
        match (hours.as_slice(), items.len()) {
            ([anonymous, logged_in], 2) if !anonymous.is_finite() || !logged_in.is_finite() => {
                self.wrong_lifetime(key, place, "it is no number of hours")
            }
            ([anonymous, _], 2) if *anonymous < 0.0 => self.wrong_lifetime(
                key,
                place,
                "the lifetime of anonymous sessions cannot be negative",
            ),
            ([anonymous, logged_in], 2) => Some(Value::Pair(*anonymous, *logged_in)),
            _ => self.wrong_lifetime(
                key,
                place,
                "it takes two numbers of hours, [anonymous, logged in]",
            ),
        }
    }
}

fn write_one_of(words: &[&str]) -> String {
    format!("Write {}.", quoted(words))
}

/// Anything a file system can hold.
fn path(text: &str) -> Result<(), Complaint> {
    let sentence = match text {
        "" => "the path is empty",
        text if text.contains('\0') => "a path has no NUL in it",
        _ => return Ok(()),
    };
    Err(Complaint {
        code: "value",
        message: sentence.to_owned(),
        remedy: String::new(),
    })
}

fn is_number(value: &DeValue<'_>) -> bool {
    matches!(value, DeValue::Integer(_) | DeValue::Float(_))
}

fn whole(number: &DeInteger<'_>) -> Option<i64> {
    i64::from_str_radix(number.as_str(), number.radix()).ok()
}

fn number(value: &DeValue<'_>) -> Option<f64> {
    match value {
        DeValue::Integer(number) => whole(number).map(|number| number as f64),
        DeValue::Float(number) => number.as_str().parse().ok(),
        _ => None,
    }
}
