//! What is known about a key: its type, rule, default, meaning, and whether this release has it.
//!
//! One definition feeds reading, the JSON Schema, `config show`, did-you-mean and the remedies of problems.
//! The definitions themselves are in `raw/keys/`, one file per section.

use grange_macros::Size;

use super::rules::Rule;

/// The definition of one key.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Key {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    /// What holds when the key is written nowhere.
    pub(crate) default: Default,
    /// A value as TOML, shown where a wrong one stands.
    pub(crate) example: &'static str,
    /// The meaning, one line of doc comment after another.
    pub(crate) doc: &'static [&'static str],
    pub(crate) since: Since,
}

/// The default of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Default {
    /// A value, as TOML.
    Toml(&'static str),
    /// Made from other keys; told in words.
    Words(&'static str),
}

/// Whether this release has the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Since {
    Now,
    /// Refused, except for these values (as TOML), which are what holds today anyway.
    Later(&'static [&'static str]),
}

/// The type of a key.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Kind {
    Bool,
    Text(Rule),
    /// Words of today and words of later; one of the latter that ends in `://` is a prefix.
    Word {
        now: &'static [&'static str],
        later: &'static [&'static str],
    },
    /// Words as in `Word`, or the URL of a server, which is text with `://` in it.
    Store {
        now: &'static [&'static str],
        server: Rule,
    },
    Texts(Rule),
    /// Words as in `Word`, several.
    Words {
        now: &'static [&'static str],
        later: &'static [&'static str],
    },
    Path,
    Paths,
    Whole {
        min: i64,
        max: i64,
    },
    /// The same, of bytes: people are told it in the units that they use.
    Bytes {
        min: i64,
        max: i64,
    },
    /// A positive number of seconds, fractions allowed.
    Seconds,
    /// Hours from 0 up, fractions allowed.
    Hours,
    /// `[anonymous, logged in]` in hours, or the scalar of MoinMoin 1.6 to 1.8.
    Lifetime,
}

impl Key {
    pub(crate) const fn new(name: &'static str, kind: Kind, default: Default, example: &'static str) -> Key {
        Key {
            name,
            kind,
            default,
            example,
            doc: &[],
            since: Since::Now,
        }
    }

    pub(crate) const fn doc(mut self, doc: &'static [&'static str]) -> Key {
        self.doc = doc;
        self
    }

    pub(crate) const fn later(mut self, except: &'static [&'static str]) -> Key {
        self.since = Since::Later(except);
        self
    }

    /// The meaning as one sentence after another.
    pub(crate) fn meaning(&self) -> String {
        self.doc
            .iter()
            .map(|line| line.trim())
            .collect::<Vec<_>>()
            .join(" ")
    }

    /// `name = example`: what a line with this key looks like.
    pub(crate) fn line(&self) -> String {
        format!("{} = {}", self.name, self.example)
    }
}

impl Kind {
    /// The type in words: "`cookie_httponly` takes …".
    pub(crate) fn takes(&self) -> String {
        let one_of = |words: &[&str]| format!("one of {}", quoted(words));
        match self {
            Kind::Bool => "true or false".into(),
            Kind::Text(_) => "a text in quotes".into(),
            Kind::Word { now, .. } => one_of(now),
            Kind::Store { now, .. } => format!("{}, or the URL of a server", one_of(now)),
            Kind::Texts(_) => "a list of texts".into(),
            Kind::Words { now, .. } => format!("a list of {}", quoted(now)),
            Kind::Path => "a path in quotes".into(),
            Kind::Paths => "a list of paths".into(),
            Kind::Whole { min, max } => format!("a whole number from {min} to {max}"),
            Kind::Bytes { min, max } => {
                let size = |bytes: i64| Size(bytes.unsigned_abs());
                format!(
                    "a whole number of bytes from {min} ({}) to {max} ({})",
                    size(*min),
                    size(*max)
                )
            }
            Kind::Seconds => "a number of seconds above 0".into(),
            Kind::Hours => "a number of hours, 0 or more".into(),
            Kind::Lifetime => "a pair of hours [anonymous, logged in]".into(),
        }
    }
}

/// `"a", "b" or "c"`.
pub(crate) fn quoted(words: &[&str]) -> String {
    match words {
        [] => String::new(),
        [one] => format!("\"{one}\""),
        [front @ .., last] => {
            let front: Vec<String> = front.iter().map(|word| format!("\"{word}\"")).collect();
            format!("{} or \"{last}\"", front.join(", "))
        }
    }
}
