//! What an index is asked: which pieces of text a page must hold so that a query can find it.
//!
//! The answer of an index is only a proposal; the page's text decides. So a probe may ask for less than the
//! query does, never for more: a case, a line end or a sign that text and query spell differently is folded
//! away on both sides. Start at [`Probe::of`]; stores fold what they index with [`fold`].

use super::query::{Field, Query, Reading, Term};

/// The shortest piece that an index can look up, in characters.
pub const SHORTEST_PIECE: usize = 3;

/// Of a long phrase so many characters are looked up.
const LONGEST_PIECE: usize = 40;

/// What a page must hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Probe {
    /// Nothing in particular.
    Anything,
    /// All of these.
    All(Vec<Probe>),
    /// One of these.
    Any(Vec<Probe>),
    /// This text, folded, of at least [`SHORTEST_PIECE`] characters, in its name or text.
    Piece(String),
}

impl Probe {
    /// What every page that the query finds holds.
    pub fn of(query: &Query) -> Probe {
        match query {
            Query::All(parts) => {
                let asked = parts.iter().map(Probe::of);
                let mut asked: Vec<Probe> = asked.filter(|probe| *probe != Probe::Anything).collect();
                match (asked.pop(), asked.is_empty()) {
                    (None, _) => Probe::Anything,
                    (Some(only), true) => only,
                    (Some(last), false) => {
                        asked.push(last);
                        Probe::All(asked)
                    }
                }
            }
            Query::Any(parts) => {
                let asked: Vec<Probe> = parts.iter().map(Probe::of).collect();
                match asked.contains(&Probe::Anything) {
                    true => Probe::Anything,
                    false => Probe::Any(asked),
                }
            }
            // What is not there is no piece to look up.
            Query::Not(_) => Probe::Anything,
            Query::Term(term) => Probe::of_term(term),
        }
    }

    fn of_term(term: &Term) -> Probe {
        let is_in_the_index = matches!(term.field, Field::Anywhere | Field::Title);
        if !is_in_the_index || term.reading == Reading::Expression {
            return Probe::Anything;
        }
        let piece: String = fold(term.pattern.trim()).chars().take(LONGEST_PIECE).collect();
        match piece.chars().count() >= SHORTEST_PIECE {
            true => Probe::Piece(piece),
            false => Probe::Anything,
        }
    }
}

/// The text with everything alike that a search takes for alike: letters whatever their case, any number of
/// blanks and line ends as one blank.
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    let mut blank = false;
    for c in text.chars() {
        if c.is_whitespace() {
            blank = true;
            continue;
        }
        if std::mem::take(&mut blank) {
            folded.push(' ');
        }
        folded.push(fold_letter(c));
    }
    if blank {
        folded.push(' ');
    }
    folded
}

/// Over the capital to the small letter, so that ς, σ and Σ are one. A letter whose capital is two letters
/// stays as it is, as in the engine's own rule (Unicode's simple folding).
fn fold_letter(c: char) -> char {
    if c.is_ascii() {
        return c.to_ascii_lowercase();
    }
    small(only(c.to_uppercase()).unwrap_or(c))
}

fn small(c: char) -> char {
    only(c.to_lowercase()).unwrap_or(c)
}

fn only(mut letters: impl Iterator<Item = char>) -> Option<char> {
    let first = letters.next();
    match letters.next() {
        None => first,
        Some(_) => None,
    }
}

#[cfg(test)]
#[path = "probe_tests.rs"]
mod tests;
