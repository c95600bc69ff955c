//! What is looked for, as a tree: terms, and, or, not.
//!
//! A query is plain data; `parse.rs` reads it from what people type, and programs build it with the
//! constructors here. Whether its patterns make sense is told when it is compiled (`matcher.rs`).
//! Start at [`Query`].

/// What is looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Query {
    /// All of these; of nothing at all, every page.
    All(Vec<Query>),
    /// One of these at least.
    Any(Vec<Query>),
    /// Everything but this.
    Not(Box<Query>),
    /// One thing.
    Term(Term),
}

/// One thing to look for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    /// Where.
    pub field: Field,
    /// As it was typed, without prefixes and quotes.
    pub pattern: String,
    /// How the pattern is read.
    pub reading: Reading,
    /// Whether upper and lower case differ.
    pub case: Case,
    /// Whether what was found is marked in the results.
    pub marks: Marks,
}

/// Where a term is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// In names and texts.
    Anywhere,
    /// In names.
    Title,
    /// Among the pages that a page links to; the whole name counts.
    LinkTo,
    /// Among the categories of a page: what stands below its last rule.
    Category,
    /// The language of the page.
    Language,
    /// The kind of its text.
    MimeType,
    /// `system` for pages as they came with the wiki, `standard` for pages that people wrote.
    Domain,
}

/// How a pattern is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// As the words that it is.
    Words,
    /// As a regular expression.
    Expression,
}

/// Whether upper and lower case differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Case {
    /// They are alike.
    Ignored,
    /// They differ.
    Counts,
}

/// Whether what a term found is marked in the results.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Marks {
    /// It is.
    Shown,
    /// It is not.
    Hidden,
}

impl Query {
    /// The pages that link to a page of exactly this name.
    pub fn links_to(page: &crate::PageName) -> Query {
        Query::Term(Term {
            field: Field::LinkTo,
            case: Case::Counts,
            ..Term::words(page.as_str())
        })
    }

    /// Whether it asks for nothing, so that every page would be found.
    pub fn is_empty(&self) -> bool {
        match self {
            Query::All(parts) => parts.iter().all(Query::is_empty),
            Query::Any(parts) => parts.iter().any(Query::is_empty),
            Query::Not(_) | Query::Term(_) => false,
        }
    }

    /// Both.
    #[must_use]
    pub fn and(self, other: Query) -> Query {
        match self {
            Query::All(mut parts) => {
                parts.push(other);
                Query::All(parts)
            }
            first => Query::All(vec![first, other]),
        }
    }

    /// The one term that it consists of, if it is that simple.
    pub fn only_term(&self) -> Option<&Term> {
        match self {
            Query::Term(term) => Some(term),
            Query::All(parts) | Query::Any(parts) => match parts.as_slice() {
                [only] => only.only_term(),
                _ => None,
            },
            Query::Not(_) => None,
        }
    }
}

impl Term {
    /// These words, in names and texts, in whatever case.
    pub fn words(pattern: impl Into<String>) -> Term {
        Term {
            field: Field::Anywhere,
            pattern: pattern.into(),
            reading: Reading::Words,
            case: Case::Ignored,
            marks: Marks::Shown,
        }
    }
}
