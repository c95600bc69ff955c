//! Text → query, in MoinMoin's grammar, because the pages of an imported wiki are full of it.
//!
//! A blank means and; `or` stands between alternatives; brackets group; `"…"` and `'…'` are phrases in
//! which a doubled quote is one; `-` negates. Prefixes (`title:regex:case:x`) may be stacked in any order
//! and shortened to any leading part. Where MoinMoin's own reading is an accident (a negated group that is
//! not negated, a quoted "or" that still is one) this one does what was meant.
//! `tokens.rs` finds the pieces; here they become a tree. Start at [`Query::parse`].

use super::query::{Case, Field, Marks, Query, Reading, Term};
use super::tokens::{Token, Tokens};

/// Longer queries are nobody's who searches.
pub const LONGEST: usize = 2000;

/// So many terms may stand in a query.
pub const MOST_TERMS: usize = 50;

/// So deep brackets may be nested.
const DEEPEST: usize = 20;

/// What holds for every term of a query that does not say otherwise: the boxes of a search form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Defaults {
    /// Where terms without a prefix are looked for.
    pub field: Field,
    /// How patterns are read.
    pub reading: Reading,
    /// Whether case counts.
    pub case: Case,
}

impl Defaults {
    /// Words in names and texts, in whatever case.
    pub const FULL_TEXT: Defaults = Defaults {
        field: Field::Anywhere,
        reading: Reading::Words,
        case: Case::Ignored,
    };
    /// Words in names.
    pub const TITLES: Defaults = Defaults {
        field: Field::Title,
        ..Defaults::FULL_TEXT
    };
}

/// Why a query makes no sense; the message is for the person who typed it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QueryError {
    /// It is longer than [`LONGEST`].
    #[error("A search can be at most {LONGEST} bytes long.")]
    TooLong,
    /// It has more than [`MOST_TERMS`] terms.
    #[error("A search can have at most {MOST_TERMS} terms.")]
    TooManyTerms,
    /// Its brackets are nested deeper than anybody means.
    #[error("The brackets are nested too deep.")]
    TooDeep,
    /// An `or` with nothing on one side.
    #[error("Nothing stands on one side of “or”. To look for the word itself, put it in quotes: \"or\".")]
    NothingToOr,
    /// A bracket that is never closed.
    #[error("A closing bracket “)” is missing.")]
    MissingBracket,
    /// A bracket that was never opened.
    #[error("A closing bracket “)” closes nothing.")]
    StrayBracket,
    /// `()`.
    #[error("Nothing stands between the brackets.")]
    EmptyBrackets,
    /// A quote that is never closed.
    #[error("The closing quote {0} is missing.")]
    MissingQuote(char),
    /// Something like `unknown:x`.
    #[error(
        "“{0}:” is no search prefix; known are title, regex, case, linkto, language, category, mimetype, domain \
         and no_highlight. To look for the text itself, put it in quotes."
    )]
    UnknownPrefix(String),
    /// A prefix or quotes with nothing to look for.
    #[error("Nothing to look for stands after “{0}”.")]
    NothingAfter(String),
    /// Two prefixes that say different places.
    #[error("“{0}” and “{1}” do not go together.")]
    TwoPlaces(&'static str, &'static str),
    /// `domain:` knows two words.
    #[error("“domain:” can be followed by “system” or “standard”.")]
    UnknownDomain,
    /// A pattern that cannot be compiled.
    #[error("“{expression}” is no regular expression: {reason}.")]
    BadExpression {
        /// The pattern.
        expression: String,
        /// What is wrong with it.
        reason: String,
    },
}

impl Query {
    /// Reads a query.
    ///
    /// # Errors
    /// - [`QueryError`] says what is wrong with it, in words for whoever typed it.
    pub fn parse(text: &str, defaults: Defaults) -> Result<Query, QueryError> {
        if text.len() > LONGEST {
            return Err(QueryError::TooLong);
        }
        let mut parser = Parser {
            tokens: Tokens::of(text),
            terms: 0,
        };
        parser.alternatives(defaults.into(), 0)
    }
}

/// What prefixes say about the terms behind them.
#[derive(Clone, Copy)]
pub(super) struct Manner {
    pub field: Field,
    pub reading: Reading,
    pub case: Case,
    pub marks: Marks,
}

impl From<Defaults> for Manner {
    fn from(defaults: Defaults) -> Manner {
        Manner {
            field: defaults.field,
            reading: defaults.reading,
            case: defaults.case,
            marks: Marks::Shown,
        }
    }
}

struct Parser<'t> {
    tokens: Tokens<'t>,
    terms: usize,
}

impl Parser<'_> {
    /// What stands up to the closing bracket of this depth, or to the end.
    fn alternatives(&mut self, manner: Manner, depth: usize) -> Result<Query, QueryError> {
        let (mut ways, mut parts) = (Vec::new(), Vec::new());
        let closed = loop {
            match self.tokens.next_token(manner)? {
                None => break false,
                Some(Token::Close) => break true,
                Some(Token::And) => {}
                Some(Token::Or) if parts.is_empty() => return Err(QueryError::NothingToOr),
                Some(Token::Or) => ways.push(all_of(std::mem::take(&mut parts))),
                Some(Token::Open { negated, manner }) => {
                    let group = self.group(manner, depth)?;
                    parts.push(negate(group, negated));
                }
                Some(Token::Term { negated, term }) => {
                    self.terms += 1;
                    if self.terms > MOST_TERMS {
                        return Err(QueryError::TooManyTerms);
                    }
                    parts.push(negate(Query::Term(term), negated));
                }
            }
        };
        match (closed, depth) {
            (true, 0) => return Err(QueryError::StrayBracket),
            (false, 1..) => return Err(QueryError::MissingBracket),
            _ => {}
        }
        if ways.is_empty() {
            return Ok(all_of(parts));
        }
        if parts.is_empty() {
            return Err(QueryError::NothingToOr);
        }
        ways.push(all_of(parts));
        Ok(Query::Any(ways))
    }

    fn group(&mut self, manner: Manner, depth: usize) -> Result<Query, QueryError> {
        if depth >= DEEPEST {
            return Err(QueryError::TooDeep);
        }
        match self.alternatives(manner, depth + 1)? {
            Query::All(parts) if parts.is_empty() => Err(QueryError::EmptyBrackets),
            group => Ok(group),
        }
    }
}

fn all_of(mut parts: Vec<Query>) -> Query {
    match (parts.pop(), parts.is_empty()) {
        (Some(only), true) => only,
        (Some(last), false) => {
            parts.push(last);
            Query::All(parts)
        }
        (None, _) => Query::All(parts),
    }
}

fn negate(query: Query, negated: bool) -> Query {
    match negated {
        true => Query::Not(Box::new(query)),
        false => query,
    }
}

impl Manner {
    pub(super) fn term(self, pattern: String) -> Term {
        Term {
            field: self.field,
            pattern,
            reading: self.reading,
            case: self.case,
            marks: self.marks,
        }
    }
}

#[cfg(test)]
#[path = "parse_tests.rs"]
mod tests;
