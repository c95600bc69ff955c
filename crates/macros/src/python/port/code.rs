//! A macro's source while it is being carried over: its tokens, to be looked at and to be changed.
//!
//! Places are indices into the tokens. A change moves the places behind it, so every pass walks from the
//! end to the beginning. A place that does not exist has no text and no kind; asking is no mistake.
//! Start reading at [`Code::statements`].

use std::collections::BTreeSet;
use std::ops::Range;

use super::{Note, NoteKind};
use crate::python::tokens::{Token, TokenKind, tokens};

/// Words that no value ends with.
const KEYWORDS: &[&str] = &[
    "and", "as", "assert", "del", "elif", "else", "except", "exec", "for", "from", "global", "if", "import",
    "in", "is", "lambda", "not", "or", "print", "raise", "return", "while", "with", "yield",
];

/// Statements whose head ends with a colon.
const BLOCKS: &[&str] = &[
    "class", "def", "elif", "else", "except", "finally", "for", "if", "try", "while", "with",
];

/// The source and what is to be said about it.
pub(in crate::python) struct Code {
    tokens: Vec<Token>,
    /// What was found so far.
    pub(in crate::python) notes: Vec<Note>,
    /// Modules that the carried text needs.
    pub(in crate::python) imports: BTreeSet<&'static str>,
}

/// A simple statement, or the head of a block without its colon.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::python) struct Statement {
    /// The place of its first token.
    pub(in crate::python) first: usize,
    /// The place behind its last one.
    pub(in crate::python) end: usize,
}

impl Code {
    pub(in crate::python) fn read(source: &str) -> Code {
        Code {
            tokens: tokens(source),
            notes: Vec::new(),
            imports: BTreeSet::new(),
        }
    }

    /// The whole source as it is now.
    pub(in crate::python) fn source(&self) -> String {
        self.source_of(0..self.tokens.len())
    }

    pub(in crate::python) fn source_of(&self, places: Range<usize>) -> String {
        let tokens = self.tokens.get(places).unwrap_or_default();
        tokens.iter().map(|token| token.text.as_str()).collect()
    }

    /// All places, last first.
    pub(in crate::python) fn backwards(&self) -> std::iter::Rev<Range<usize>> {
        (0..self.tokens.len()).rev()
    }

    pub(in crate::python) fn token(&self, place: usize) -> Option<&Token> {
        self.tokens.get(place)
    }

    pub(in crate::python) fn text(&self, place: usize) -> &str {
        self.token(place).map_or("", |token| token.text.as_str())
    }

    pub(in crate::python) fn kind(&self, place: usize) -> TokenKind {
        self.token(place).map_or(TokenKind::Space, |token| token.kind)
    }

    pub(in crate::python) fn line(&self, place: usize) -> usize {
        self.token(place).map_or(0, |token| token.line)
    }

    pub(in crate::python) fn is_name(&self, place: usize, name: &str) -> bool {
        self.token(place).is_some_and(|token| token.is_name(name))
    }

    pub(in crate::python) fn is_operator(&self, place: usize, operator: &str) -> bool {
        self.token(place).is_some_and(|token| token.is_operator(operator))
    }

    /// The next place that says something; behind the last one when there is none.
    pub(in crate::python) fn after(&self, place: usize) -> usize {
        let rest = self.tokens.iter().enumerate().skip(place + 1);
        let mut significant = rest.filter(|(_, token)| token.is_significant());
        significant.next().map_or(self.tokens.len(), |(place, _)| place)
    }

    /// The place before this one that says something.
    pub(in crate::python) fn before(&self, place: usize) -> Option<usize> {
        let earlier = self.tokens.get(..place)?;
        earlier.iter().rposition(Token::is_significant)
    }

    /// Whether this name stands behind a dot, as an attribute.
    pub(in crate::python) fn is_attribute(&self, place: usize) -> bool {
        self.before(place)
            .is_some_and(|before| self.is_operator(before, "."))
    }

    /// Whether this name is called.
    pub(in crate::python) fn is_called(&self, place: usize) -> bool {
        self.is_operator(self.after(place), "(")
    }

    /// Whether this name is given a value or a meaning by the file itself, here.
    pub(in crate::python) fn is_defined_here(&self, place: usize) -> bool {
        let defines = |before: usize| self.is_name(before, "def") || self.is_name(before, "class");
        self.is_operator(self.after(place), "=") || self.before(place).is_some_and(defines)
    }

    /// The bracket that closes this one.
    pub(in crate::python) fn closing(&self, open: usize) -> Option<usize> {
        let mut depth = 0_usize;
        for (place, token) in self.tokens.iter().enumerate().skip(open) {
            depth = depth.saturating_add_signed(bracket(token));
            if depth == 0 {
                return Some(place);
            }
        }
        None
    }

    /// The bracket that this one closes.
    pub(in crate::python) fn opening(&self, close: usize) -> Option<usize> {
        let mut depth = 0_usize;
        for (place, token) in self.tokens.iter().enumerate().take(close + 1).rev() {
            depth = depth.saturating_add_signed(-bracket(token));
            if depth == 0 {
                return Some(place);
            }
        }
        None
    }

    /// Where the value begins whose last token stands here: `a` in `a.b[1].c(d)`.
    pub(in crate::python) fn value_start(&self, last: usize) -> usize {
        let mut start = last;
        loop {
            if bracket_of(self.token(start)) < 0 {
                let Some(open) = self.opening(start) else {
                    return start;
                };
                start = open;
                match self.before(open) {
                    Some(before) if self.ends_value(before) => start = before,
                    _ => return start,
                }
            } else {
                let dot = self.before(start).filter(|dot| self.is_operator(*dot, "."));
                match dot.and_then(|dot| self.before(dot)) {
                    Some(before) => start = before,
                    None => return start,
                }
            }
        }
    }

    /// Whether a value can end with this token.
    pub(in crate::python) fn ends_value(&self, place: usize) -> bool {
        match self.kind(place) {
            TokenKind::Name => !KEYWORDS.contains(&self.text(place)),
            TokenKind::Number | TokenKind::Text => true,
            _ => bracket_of(self.token(place)) < 0,
        }
    }

    /// The pieces between commas that stand in no brackets of their own, without blanks around them.
    pub(in crate::python) fn split_at_commas(&self, places: Range<usize>) -> Vec<Range<usize>> {
        let mut pieces = Vec::new();
        let (mut depth, mut start) = (0_isize, places.start);
        for place in places.clone() {
            depth += bracket_of(self.token(place));
            if depth == 0 && self.is_operator(place, ",") {
                pieces.push(self.trimmed(start..place));
                start = place + 1;
            }
        }
        pieces.push(self.trimmed(start..places.end));
        pieces
    }

    /// The arguments of a call whose opening bracket stands here. `f()` has none.
    pub(in crate::python) fn arguments(&self, open: usize) -> Option<Vec<Range<usize>>> {
        let close = self.closing(open)?;
        let mut pieces = self.split_at_commas(open + 1..close);
        if pieces.last().is_some_and(Range::is_empty) {
            pieces.pop();
        }
        Some(pieces)
    }

    /// The same without blanks and comments at either end.
    pub(in crate::python) fn trimmed(&self, places: Range<usize>) -> Range<usize> {
        let says = |place: &usize| self.token(*place).is_some_and(Token::is_significant);
        let first = places.clone().find(says);
        let last = places.clone().rev().find(says);
        match (first, last) {
            (Some(first), Some(last)) => first..last + 1,
            _ => places.start..places.start,
        }
    }

    /// All statements, in order.
    pub(in crate::python) fn statements(&self) -> Vec<Statement> {
        let mut all = Vec::new();
        let mut open: Option<Statement> = None;
        let (mut depth, mut lambdas) = (0_isize, 0_usize);
        for (place, token) in self
            .tokens
            .iter()
            .enumerate()
            .filter(|(_, token)| token.is_significant())
        {
            depth += bracket(token);
            if token.kind == TokenKind::Newline {
                (depth, lambdas) = (0, 0);
            }
            lambdas += usize::from(depth == 0 && token.is_name("lambda"));
            let ends_lambda = depth == 0 && lambdas > 0 && token.is_operator(":");
            lambdas -= usize::from(ends_lambda);
            let opens_block = token.is_operator(":") && !ends_lambda && self.is_block(open.as_ref());
            let ends = depth == 0 && (token.is_operator(";") || opens_block);
            if ends || token.kind == TokenKind::Newline {
                all.extend(open.take());
            } else {
                let statement = open.get_or_insert(Statement {
                    first: place,
                    end: place,
                });
                statement.end = place + 1;
            }
        }
        all.extend(open);
        all
    }

    fn is_block(&self, statement: Option<&Statement>) -> bool {
        statement.is_some_and(|statement| BLOCKS.contains(&self.text(statement.first)))
    }

    /// How far a statement is moved to the right; nothing when another one stands before it.
    pub(in crate::python) fn indent_of(&self, statement: &Statement) -> Option<usize> {
        let starts_line = |place: Option<usize>| {
            place.is_none_or(|place| {
                self.token(place)
                    .is_some_and(|token| token.kind == TokenKind::Newline)
            })
        };
        let before = statement.first.checked_sub(1);
        let is_blank = before.is_some_and(|before| self.kind(before) == TokenKind::Space);
        match before {
            Some(before) if is_blank => {
                starts_line(before.checked_sub(1)).then(|| self.text(before).chars().count())
            }
            before => starts_line(before).then_some(0),
        }
    }
}

/// Changes.
impl Code {
    /// Says something about a place.
    pub(in crate::python) fn note(
        &mut self,
        kind: NoteKind,
        place: usize,
        what: impl Into<String>,
        instead: &str,
    ) {
        self.notes.push(Note {
            line: self.line(place),
            kind,
            what: what.into(),
            instead: instead.to_owned(),
        });
    }

    /// Puts source in the place of tokens. It keeps the line of what it replaces.
    pub(in crate::python) fn replace(&mut self, places: Range<usize>, source: &str) {
        let line = self.line(places.start.min(self.tokens.len().saturating_sub(1)));
        let mut new = tokens(source);
        for token in &mut new {
            token.line = line;
        }
        let end = places.end.min(self.tokens.len());
        let start = places.start.min(end);
        self.tokens.splice(start..end, new);
    }

    /// Puts other words in the place of one token.
    pub(in crate::python) fn set(&mut self, place: usize, text: &str) {
        self.replace(place..place + 1, text);
    }

    /// Changes a token's text and nothing else of it.
    pub(in crate::python) fn rewrite(&mut self, place: usize, text: String) {
        if let Some(token) = self.tokens.get_mut(place) {
            token.text = text;
        }
    }

    /// Takes a statement out, with its line where it has one for itself. Inside a block `pass` stands for
    /// it, so that the block is never empty.
    pub(in crate::python) fn take_out(&mut self, statement: &Statement) {
        let line_end = statement.end;
        let alone = self.kind(line_end) == TokenKind::Newline && self.indent_of(statement) == Some(0);
        match alone {
            true => self.replace(statement.first..line_end + 1, ""),
            false => self.replace(statement.first..statement.end, "pass"),
        }
    }
}

fn bracket_of(token: Option<&Token>) -> isize {
    token.map_or(0, bracket)
}

/// 1 for a bracket that opens, -1 for one that closes.
fn bracket(token: &Token) -> isize {
    match token.text.as_str() {
        _ if token.kind != TokenKind::Operator => 0,
        "(" | "[" | "{" => 1,
        ")" | "]" | "}" => -1,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn statements(source: &str) -> Vec<String> {
        let code = Code::read(source);
        let all = code.statements();
        all.iter().map(|one| code.source_of(one.first..one.end)).collect()
    }

    #[test]
    fn statements_end_at_lines_semicolons_and_the_colon_of_a_block() {
        assert_eq!(
            statements("if x: print y; print z\nelse:\n    a = {1: 2}[1:]\n"),
            ["if x", "print y", "print z", "else", "a = {1: 2}[1:]"]
        );
    }

    #[test]
    fn the_colon_of_a_lambda_begins_no_block() {
        assert_eq!(
            statements("while lambda x, y=lambda: 1: x: print 1\n"),
            ["while lambda x, y=lambda: 1: x", "print 1"]
        );
    }

    #[test]
    fn a_value_begins_where_its_chain_of_names_and_brackets_begins() {
        for (source, start) in [
            ("x = a.b[1].c(d)", "a"),
            ("return (a + b)", "("),
            ("not x", "x"),
            ("'a'.join(b)", "'a'"),
            ("in [1]", "["),
        ] {
            let code = Code::read(source);
            let last = code.backwards().next().unwrap();
            assert_eq!(code.text(code.value_start(last)), start, "{source}");
        }
    }

    #[test]
    fn arguments_are_split_at_their_own_commas() {
        let code = Code::read("f(a, (b, c), [d, e] )");
        let arguments = code.arguments(1).unwrap();
        let texts: Vec<_> = arguments
            .into_iter()
            .map(|places| code.source_of(places))
            .collect();
        assert_eq!(texts, ["a", "(b, c)", "[d, e]"]);
        assert!(Code::read("f()").arguments(1).unwrap().is_empty());
        assert_eq!(Code::read("f(").arguments(1), None);
    }

    #[test]
    fn a_statement_in_a_block_leaves_pass_behind() {
        let mut code = Code::read("import x\nif y:\n    import x\n");
        for statement in code.statements().into_iter().rev() {
            if code.is_name(statement.first, "import") {
                code.take_out(&statement);
            }
        }
        assert_eq!(code.source(), "if y:\n    pass\n");
    }
}
