//! `grange macro port`: a MoinMoin macro in Python 2 becomes one that runs here, as far as a machine can.
//!
//! Text in, text and notes out; nothing is read, written or run. What is certain is changed, what may behave
//! in another way is pointed at, and what has to be done by hand is told with a way out. Texts, comments and
//! the shape of the file stay. Start reading at [`port`]; each pass is a file.

mod age;
pub(super) mod code;
mod flags;
pub(super) mod imports;
mod literals;
mod methods;
mod moin;
mod names;
mod query;
mod shape;
mod statements;
mod string_module;

#[cfg(test)]
mod samples_tests;
#[cfg(test)]
mod tests;

use std::fmt;

pub use age::{Old, python_2};
use code::Code;

/// What was done about a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NoteKind {
    /// It was carried over.
    Changed,
    /// It runs, and may do something else than before.
    Look,
    /// It does not run here; the author has to do it.
    ByHand,
}

impl NoteKind {
    /// The word for it in reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            NoteKind::Changed => "changed",
            NoteKind::Look => "look",
            NoteKind::ByHand => "by hand",
        }
    }
}

/// Something about a line of the original.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Note {
    /// The line, from 1.
    pub line: usize,
    /// What was done.
    pub kind: NoteKind,
    /// What stands there.
    pub what: String,
    /// What stands there now, or what to do.
    pub instead: String,
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: {}: {}; {}",
            self.line,
            self.kind.as_str(),
            self.what,
            self.instead
        )
    }
}

/// A macro carried over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ported {
    /// Its text.
    pub text: String,
    /// What was done, by line.
    pub notes: Vec<Note>,
}

impl Ported {
    /// Whether something is left to be done by hand.
    #[must_use]
    pub fn needs_hands(&self) -> bool {
        self.notes.iter().any(|note| note.kind == NoteKind::ByHand)
    }
}

/// Changes can uncover others; no file of people needs so many rounds.
const MOST_ROUNDS: usize = 20;

/// Carries a macro over. A macro that is carried over already stays as it is.
#[must_use]
pub fn port(source: &str) -> Ported {
    let mut code = Code::read(source);
    statements::carry(&mut code);
    literals::carry(&mut code);
    string_module::carry(&mut code);
    names::carry(&mut code);
    for _ in 0..MOST_ROUNDS {
        let before = code.source();
        methods::carry(&mut code);
        if code.source() == before {
            break;
        }
    }
    flags::carry(&mut code);
    moin::carry(&mut code);
    imports::carry(&mut code);
    shape::carry(&mut code);
    let mut notes = std::mem::take(&mut code.notes);
    notes.sort();
    notes.dedup();
    Ported {
        text: with_imports(&code),
        notes,
    }
}

/// Puts the imports that the changes need before the first statement that is no docstring.
fn with_imports(code: &Code) -> String {
    let text = code.source();
    let missing = code
        .imports
        .iter()
        .filter(|module| !text.contains(&format!("import {module}")));
    let lines: String = missing.map(|module| format!("import {module}\n")).collect();
    let is_docstring = |first: &usize| code.token(*first).is_some_and(|token| token.literal().is_some());
    let statements = code.statements();
    let first = statements
        .iter()
        .map(|statement| statement.first)
        .find(|first| !is_docstring(first));
    let place = code.source_of(0..first.unwrap_or(0)).len();
    match text.split_at_checked(place) {
        Some((head, rest)) => [head, &lines, rest].concat(),
        None => text,
    }
}

/// A macro's file as text: UTF-8, or what its coding line names.
///
/// # Errors
/// * Another encoding than UTF-8, ASCII or Latin-1, or bytes that are none of it: the encoding's name.
pub fn decode(bytes: &[u8]) -> Result<String, String> {
    let head: String = bytes.iter().take(400).map(|byte| char::from(*byte)).collect();
    let named = head
        .lines()
        .take(2)
        .find_map(literals::named_encoding)
        .unwrap_or("utf-8");
    let encoding = named.to_lowercase().replace('_', "-");
    match encoding.as_str() {
        "iso-8859-1" | "latin-1" | "latin1" | "iso8859-1" | "l1" => {
            Ok(bytes.iter().map(|byte| char::from(*byte)).collect())
        }
        // Whatever it is called: many files in ASCII name something else.
        _ => String::from_utf8(bytes.to_vec()).map_err(|_| named.to_owned()),
    }
}
