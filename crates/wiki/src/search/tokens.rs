//! The pieces of a query: brackets, `or`, terms with their prefixes.
//!
//! Quotes mean something only where a word may begin, so `a"b` is a word with a quote in it. A word ends at
//! a blank or a bracket; a regular expression ends at a blank, its own brackets belong to it.
//! Nothing here knows trees. Start at [`Tokens::next_token`].

use unicode_normalization::UnicodeNormalization;

use super::parse::{Manner, QueryError};
use super::query::{Case, Field, Marks, Reading, Term};

/// A piece of a query.
pub(super) enum Token {
    /// `(`, with what prefixes in front of it say about everything inside.
    Open { negated: bool, manner: Manner },
    /// `)`.
    Close,
    /// `or`.
    Or,
    /// `and`, which a blank says already.
    And,
    /// A word, phrase or expression.
    Term { negated: bool, term: Term },
}

/// A query as it is taken apart.
pub(super) struct Tokens<'t> {
    rest: &'t str,
}

/// The prefixes, in the order in which a shortened one is understood.
const PREFIXES: &[(&str, Prefix)] = &[
    ("title", Prefix::In(Field::Title)),
    ("regex", Prefix::Expression),
    ("case", Prefix::Case),
    ("linkto", Prefix::In(Field::LinkTo)),
    ("language", Prefix::In(Field::Language)),
    ("category", Prefix::In(Field::Category)),
    ("mimetype", Prefix::In(Field::MimeType)),
    ("domain", Prefix::In(Field::Domain)),
    ("no_highlight", Prefix::Unmarked),
];

#[derive(Clone, Copy)]
enum Prefix {
    In(Field),
    Expression,
    Case,
    Unmarked,
}

impl<'t> Tokens<'t> {
    pub(super) fn of(text: &'t str) -> Tokens<'t> {
        Tokens { rest: text }
    }

    /// The next piece; `manner` is what holds where it stands.
    pub(super) fn next_token(&mut self, manner: Manner) -> Result<Option<Token>, QueryError> {
        self.rest = self.rest.trim_start();
        if self.take(")") {
            return Ok(Some(Token::Close));
        }
        let negated = self.negates() && self.take("-");
        let (manner, prefixes) = self.prefixes(manner)?;
        if self.take("(") {
            return Ok(Some(Token::Open { negated, manner }));
        }
        let start = self.rest;
        let Some(first) = start.chars().next().filter(|c| !c.is_whitespace() && *c != ')') else {
            return match prefixes.is_empty() && !negated {
                true => Ok(None),
                false => Err(QueryError::NothingAfter(prefixes)),
            };
        };
        let (pattern, is_quoted) = match first {
            '"' | '\'' => (self.quoted(first)?, true),
            _ if manner.reading == Reading::Expression => (self.until(expression_end(start)), false),
            _ => (self.until(word_end(start)), false),
        };
        if !is_quoted && !negated && prefixes.is_empty() {
            match pattern.to_ascii_lowercase().as_str() {
                "or" => return Ok(Some(Token::Or)),
                "and" => return Ok(Some(Token::And)),
                _ => {}
            }
        }
        if pattern.trim().is_empty() {
            let written = start.get(..start.len() - self.rest.len()).unwrap_or_default();
            return Err(QueryError::NothingAfter(format!("{prefixes}{written}")));
        }
        // Names and most texts are in NFC, and a keyboard may not be.
        let pattern = pattern.nfc().filter(|c| *c != '\0').collect();
        Ok(Some(Token::Term {
            negated,
            term: manner.term(pattern),
        }))
    }

    /// A hyphen negates what follows it; one that stands alone is a word.
    fn negates(&self) -> bool {
        let mut chars = self.rest.chars();
        chars.next() == Some('-') && chars.next().is_some_and(|c| !c.is_whitespace() && c != ')')
    }

    /// Takes the prefixes, and tells them as they were typed.
    fn prefixes(&mut self, mut manner: Manner) -> Result<(Manner, String), QueryError> {
        let start = self.rest;
        let mut place = None;
        while let Some((name, behind)) = prefix(self.rest) {
            let lower = name.to_ascii_lowercase();
            let known = PREFIXES.iter().find(|(whole, _)| whole.starts_with(&lower));
            let Some((whole, prefix)) = known else {
                return Err(QueryError::UnknownPrefix(name.to_owned()));
            };
            match prefix {
                Prefix::In(field) => {
                    if let Some(before) = place.replace(*whole).filter(|before| before != whole) {
                        return Err(QueryError::TwoPlaces(before, whole));
                    }
                    manner.field = *field;
                }
                Prefix::Expression => manner.reading = Reading::Expression,
                Prefix::Case => manner.case = Case::Counts,
                Prefix::Unmarked => manner.marks = Marks::Hidden,
            }
            self.rest = behind;
        }
        let written = start.get(..start.len() - self.rest.len()).unwrap_or_default();
        Ok((manner, written.to_owned()))
    }

    fn take(&mut self, piece: &str) -> bool {
        match self.rest.strip_prefix(piece) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn until(&mut self, end: usize) -> String {
        let (word, rest) = self.rest.split_at_checked(end).unwrap_or((self.rest, ""));
        self.rest = rest;
        word.to_owned()
    }

    /// The text between two quotes; a doubled quote is one.
    fn quoted(&mut self, quote: char) -> Result<String, QueryError> {
        let mut phrase = String::new();
        let mut rest = self.rest.strip_prefix(quote).unwrap_or(self.rest);
        loop {
            let Some((before, behind)) = rest.split_once(quote) else {
                return Err(QueryError::MissingQuote(quote));
            };
            phrase.push_str(before);
            match behind.strip_prefix(quote) {
                Some(more) => {
                    phrase.push(quote);
                    rest = more;
                }
                None => {
                    self.rest = behind;
                    return Ok(phrase);
                }
            }
        }
    }
}

/// The name before a colon, and what follows it. An address (`https://…`) has no prefix.
fn prefix(text: &str) -> Option<(&str, &str)> {
    let (name, behind) = text.split_once(':')?;
    let is_name = !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphabetic() || byte == b'_');
    (is_name && !behind.starts_with("//")).then_some((name, behind))
}

fn word_end(text: &str) -> usize {
    text.find(|c: char| c.is_whitespace() || c == '(' || c == ')')
        .unwrap_or(text.len())
}

/// Where an expression ends: at a blank, or at a bracket that is not its own.
fn expression_end(text: &str) -> usize {
    let (mut depth, mut escaped, mut in_class) = (0_usize, false, false);
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            _ if c.is_whitespace() => return at,
            '\\' => escaped = true,
            ']' => in_class = false,
            '[' => in_class = true,
            '(' if !in_class => depth += 1,
            ')' if !in_class => match depth.checked_sub(1) {
                Some(less) => depth = less,
                None => return at,
            },
            _ => {}
        }
    }
    text.len()
}
