//! What was found, and the form that asks.
//!
//! The same page shows searches, the pages that link to one, pages with similar names and the index of all
//! titles. Marked words come as spans of plain text; the template escapes them.

use askama::Template;

use super::farm::Paging;
use super::shell::{Link, Moment, Shell};

/// A search or a list of pages.
#[derive(Template)]
#[template(path = "search.html")]
pub struct SearchPage<'a> {
    /// Around the content.
    pub shell: Shell<'a>,
    /// The form; `None` for lists that ask for nothing.
    pub form: Option<SearchForm<'a>>,
    /// One sentence about what was found.
    pub said: &'a str,
    /// Set where the time was over before every page was looked at.
    pub unfinished: bool,
    /// What was found.
    pub rows: &'a [ResultRow],
    /// Which part of it.
    pub paging: Option<Paging>,
    /// What may help on.
    pub ways: &'a [Link<'a>],
}

/// The form of a search, as it was sent.
#[derive(Clone, Copy, Debug)]
pub struct SearchForm<'a> {
    /// Where it goes.
    pub action: &'a str,
    /// What was looked for.
    pub value: &'a str,
    /// Only in names.
    pub titles: bool,
    /// Upper and lower case differ.
    pub case: bool,
    /// The terms are expressions.
    pub regex: bool,
    /// A page that explains how to search, where there is one.
    pub help: Option<&'a str>,
}

/// A page that was found.
#[derive(Clone, Debug)]
pub struct ResultRow {
    /// Its address.
    pub href: String,
    /// Its name.
    pub title: Vec<MarkedText>,
    /// Some of its text.
    pub excerpts: Vec<Vec<MarkedText>>,
    /// When it was changed last.
    pub changed: Option<Moment>,
}

/// Words, found or not.
#[derive(Clone, Debug)]
pub struct MarkedText {
    /// The words.
    pub text: String,
    /// Whether they were looked for.
    pub found: bool,
}

/// `?action=titleindex`: every page under its first letter.
#[derive(Template)]
#[template(path = "title_index.html")]
pub struct TitleIndexPage<'a> {
    /// Around the content.
    pub shell: Shell<'a>,
    /// One sentence about how many there are.
    pub said: &'a str,
    /// The letters in order, each with its pages.
    pub letters: &'a [Letter<'a>],
}

/// The pages that begin with a letter.
#[derive(Clone, Debug)]
pub struct Letter<'a> {
    /// The letter in upper case; empty for what is none.
    pub letter: String,
    /// The pages: address and name.
    pub pages: Vec<(String, &'a str)>,
}

impl Letter<'_> {
    /// The letter, or a sign for what is none.
    pub fn label(&self) -> &str {
        match self.letter.as_str() {
            "" => "#",
            letter => letter,
        }
    }
}
