//! Where answers go: stdout for what was asked, stderr for what went wrong.
//!
//! A reader who has seen enough (`grange page cat X | head -1`) is no error. JSON is printed with
//! line breaks and a last newline. Control characters of a name or title never reach the terminal.

use std::fmt::{Display, Write as _};
use std::io::{self, ErrorKind, Write};

use serde::Serialize;

use super::Refusal;

/// Prints lines of text, with a last newline.
///
/// # Errors
/// * stdout cannot be written to, for another reason than that nobody reads it.
pub(crate) fn say(text: impl Display) -> Result<(), Refusal> {
    let mut line = text.to_string();
    if !line.is_empty() && !line.ends_with('\n') {
        line.push('\n');
    }
    say_bytes(line.as_bytes())
}

/// Prints bytes as they are.
///
/// # Errors
/// * As [`say`].
pub(crate) fn say_bytes(bytes: &[u8]) -> Result<(), Refusal> {
    let mut out = io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        done => Ok(done?),
    }
}

/// Prints a value for machines.
///
/// # Errors
/// * As [`say`].
pub(crate) fn say_json(value: &impl Serialize) -> Result<(), Refusal> {
    say(serde_json::to_string_pretty(value)?)
}

/// Tells on stderr why something was not done, or what else is to be known.
pub(crate) fn complain(text: impl Display) {
    // Where stderr is closed there is nobody left to tell.
    let _ = writeln!(io::stderr().lock(), "grange: {text}");
}

/// Says something about the work on stderr, a line that is no refusal.
pub(crate) fn remark(text: impl Display) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// A text from a store on one line of a terminal: control characters become `�`, so that a name
/// cannot move the cursor or begin a column.
pub(crate) fn one_line(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .collect()
}

/// "1 session", "2 sessions": a count with its noun.
pub(crate) fn count(number: u64, noun: &str) -> String {
    let mut text = String::new();
    let plural = if number == 1 { "" } else { "s" };
    // Writing to a String cannot fail.
    let _ = write!(text, "{number} {noun}{plural}");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_singular_and_none_are_plural() {
        assert_eq!(count(0, "session"), "0 sessions");
        assert_eq!(count(1, "session"), "1 session");
        assert_eq!(count(3, "session"), "3 sessions");
    }

    #[test]
    fn a_text_cannot_leave_its_line() {
        assert_eq!(one_line("Mia\n\u{1b}[2J\tx"), "Mia\u{fffd}\u{fffd}[2J\u{fffd}x");
        assert_eq!(one_line("Mía 花"), "Mía 花");
    }
}
