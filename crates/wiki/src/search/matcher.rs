//! A query, compiled, and what it says about a page.
//!
//! Much can be told from a page's name alone, so a page is judged twice: without its text, where the answer
//! may be "unknown", and then, if need be, with it. Which pages link where is found out before
//! (`links.rs`) and handed in. Start at [`Matcher::compile`], then [`Matcher::judge`].

use std::collections::HashSet;
use std::ops::Range;

use super::parse::QueryError;
use super::pattern::{Meter, OutOfTime, Pattern};
use super::query::{Field, Marks, Query, Term};
use super::weight::{weight_of_text, weight_of_title};
use crate::name::PageName;

/// The only kind of text that pages have.
const PAGES_ARE: &str = "text/markdown";

/// What is known of a page.
#[derive(Clone, Copy)]
pub(super) struct Facts<'a> {
    pub name: &'a PageName,
    /// Nothing as long as it was not read.
    pub text: Option<&'a str>,
    /// Whether it is as it came with the wiki; nothing as long as that was not looked up.
    pub is_system: Option<bool>,
}

/// A query that can be asked.
pub(super) struct Matcher {
    root: Node,
    terms: Vec<Compiled>,
}

enum Node {
    All(Vec<Node>),
    Any(Vec<Node>),
    Not(Box<Node>),
    Term(usize),
}

/// A term that can be asked.
pub(super) struct Compiled {
    pub term: Term,
    pub pattern: Pattern,
    /// Whether the query wants what the term finds, rather than what it does not.
    wanted: bool,
    /// For `linkto:` the pages that have such a link.
    pub linking: HashSet<PageName>,
    /// For `language:` and `mimetype:` whether it is so, on every page.
    everywhere: bool,
}

impl Matcher {
    pub(super) fn compile(query: &Query, language: &str) -> Result<Matcher, QueryError> {
        let mut terms = Vec::new();
        let root = node(query, language, true, &mut terms)?;
        Ok(Matcher { root, terms })
    }

    pub(super) fn linking_terms(&mut self) -> impl Iterator<Item = &mut Compiled> {
        self.terms
            .iter_mut()
            .filter(|compiled| compiled.term.field == Field::LinkTo)
    }

    /// Whether the page is wanted; nothing where that cannot be said without what is missing in `facts`.
    pub(super) fn judge(&self, facts: Facts<'_>, meter: &Meter) -> Result<Option<bool>, OutOfTime> {
        self.judge_node(&self.root, facts, meter)
    }

    fn judge_node(&self, node: &Node, facts: Facts<'_>, meter: &Meter) -> Result<Option<bool>, OutOfTime> {
        match node {
            Node::All(parts) => self.first_of(parts, false, facts, meter),
            Node::Any(parts) => self.first_of(parts, true, facts, meter),
            Node::Not(part) => Ok(self.judge_node(part, facts, meter)?.map(|verdict| !verdict)),
            Node::Term(number) => match self.terms.get(*number) {
                Some(compiled) => compiled.judge(facts, meter),
                None => Ok(Some(false)),
            },
        }
    }

    /// `deciding` if one part says so, else unknown if one part does not know.
    fn first_of(
        &self,
        parts: &[Node],
        deciding: bool,
        facts: Facts<'_>,
        meter: &Meter,
    ) -> Result<Option<bool>, OutOfTime> {
        let mut verdict = Some(!deciding);
        for part in parts {
            match self.judge_node(part, facts, meter)? {
                Some(said) if said == deciding => return Ok(Some(deciding)),
                Some(_) => {}
                None => verdict = None,
            }
        }
        Ok(verdict)
    }

    /// How well a page that is wanted fits: the larger the better.
    pub(super) fn weigh(&self, facts: Facts<'_>, meter: &Meter) -> Result<u32, OutOfTime> {
        let mut weight = 0_u32;
        for compiled in self.wanted() {
            let term = &compiled.term;
            if matches!(term.field, Field::Anywhere | Field::Title) {
                weight = weight.saturating_add(weight_of_title(&compiled.pattern, facts.name));
            }
            if let (Field::Anywhere, Some(text)) = (term.field, facts.text) {
                weight = weight.saturating_add(weight_of_text(&compiled.pattern, text, meter)?);
            }
        }
        Ok(weight)
    }

    /// The patterns whose places in a text are marked.
    pub(super) fn marked_in_text(&self) -> impl Iterator<Item = &Pattern> {
        let marked = self.marked();
        marked
            .filter(|compiled| compiled.term.field == Field::Anywhere)
            .map(|compiled| &compiled.pattern)
    }

    /// The places in a name that are marked.
    pub(super) fn marked_in_name(&self, name: &PageName) -> Vec<Range<usize>> {
        let in_names = |compiled: &&Compiled| matches!(compiled.term.field, Field::Anywhere | Field::Title);
        self.marked()
            .filter(in_names)
            .flat_map(|compiled| compiled.pattern.places_in_name(name.as_str()))
            .collect()
    }

    fn marked(&self) -> impl Iterator<Item = &Compiled> {
        self.wanted()
            .filter(|compiled| compiled.term.marks == Marks::Shown)
    }

    fn wanted(&self) -> impl Iterator<Item = &Compiled> {
        self.terms.iter().filter(|compiled| compiled.wanted)
    }
}

fn node(query: &Query, language: &str, wanted: bool, terms: &mut Vec<Compiled>) -> Result<Node, QueryError> {
    let mut nodes = |parts: &[Query]| -> Result<Vec<Node>, QueryError> {
        parts
            .iter()
            .map(|part| node(part, language, wanted, terms))
            .collect()
    };
    match query {
        Query::All(parts) => Ok(Node::All(nodes(parts)?)),
        Query::Any(parts) => Ok(Node::Any(nodes(parts)?)),
        Query::Not(part) => Ok(Node::Not(Box::new(node(part, language, !wanted, terms)?))),
        Query::Term(term) => {
            terms.push(Compiled::of(term, language, wanted)?);
            Ok(Node::Term(terms.len() - 1))
        }
    }
}

impl Compiled {
    fn of(term: &Term, language: &str, wanted: bool) -> Result<Compiled, QueryError> {
        let pattern = match term.field {
            Field::LinkTo => Pattern::compile_whole(term)?,
            _ => Pattern::compile(term)?,
        };
        if term.field == Field::Domain && !["system", "standard"].contains(&term.pattern.as_str()) {
            return Err(QueryError::UnknownDomain);
        }
        let everywhere = match term.field {
            Field::Language => pattern.is_in_name(language),
            Field::MimeType => pattern.is_in_name(PAGES_ARE),
            _ => false,
        };
        Ok(Compiled {
            term: term.clone(),
            pattern,
            wanted,
            linking: HashSet::new(),
            everywhere,
        })
    }

    fn judge(&self, facts: Facts<'_>, meter: &Meter) -> Result<Option<bool>, OutOfTime> {
        match self.term.field {
            Field::Title => Ok(Some(self.pattern.is_in_name(facts.name.as_str()))),
            Field::LinkTo => Ok(Some(self.linking.contains(facts.name))),
            Field::Language | Field::MimeType => Ok(Some(self.everywhere)),
            Field::Domain => {
                let wants_system = self.term.pattern == "system";
                Ok(facts.is_system.map(|is_system| is_system == wants_system))
            }
            Field::Category => match facts.text {
                None => Ok(None),
                Some(text) => self.is_category_of(text, meter).map(Some),
            },
            Field::Anywhere if self.pattern.is_in_name(facts.name.as_str()) => Ok(Some(true)),
            Field::Anywhere => match facts.text {
                None => Ok(None),
                Some(text) => self.pattern.is_in_text(text, meter).map(Some),
            },
        }
    }

    /// Categories stand below the last line across the page, as whole words.
    fn is_category_of(&self, text: &str, meter: &Meter) -> Result<bool, OutOfTime> {
        let Some(below) = below_last_rule(text) else {
            return Ok(false);
        };
        for line in below.lines().filter(|line| !line.starts_with("##")) {
            meter.check()?;
            let places = self.pattern.places_in_name(line);
            if places.into_iter().any(|place| is_whole_word(line, &place)) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

fn below_last_rule(text: &str) -> Option<&str> {
    let mut below = None;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        at += line.len();
        let line = line.trim_end();
        if line.len() >= 3 && line.bytes().all(|byte| byte == b'-') {
            below = text.get(at..);
        }
    }
    below
}

/// Whether no letter or digit stands right before or behind the place.
pub(super) fn is_whole_word(text: &str, place: &Range<usize>) -> bool {
    let before = text.get(..place.start).and_then(|text| text.chars().next_back());
    let behind = text.get(place.end..).and_then(|text| text.chars().next());
    !before.is_some_and(char::is_alphanumeric) && !behind.is_some_and(char::is_alphanumeric)
}

#[cfg(test)]
#[path = "matcher_tests.rs"]
mod tests;
