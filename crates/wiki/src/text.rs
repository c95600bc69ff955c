//! Source texts in one shape, and a place to work on them.
//!
//! Line ends are `\n`, and nothing else is touched: browsers send `\r\n`, files hold either, and a merge
//! or a diff of mixed line ends would see every line changed. What a text says is not known here.
//! Start at [`with_plain_line_ends`].

use std::sync::Arc;

use tokio::task::spawn_blocking;

/// Work on a text of this many bytes takes about a millisecond.
pub const SHORT_TEXT: usize = 16 * 1024;

/// The text with `\n` at line ends.
pub fn with_plain_line_ends(text: &str) -> Arc<str> {
    if text.contains('\r') {
        text.replace("\r\n", "\n").replace('\r', "\n").into()
    } else {
        text.into()
    }
}

/// So many characters of a comment are kept: it stands in every list of changes.
const LONGEST_COMMENT: usize = 500;

/// A comment as it is kept: one line, without characters that cannot be seen or that turn the writing
/// direction, and with an end.
pub fn one_line(comment: &str) -> String {
    let seen =
        |c: &char| !matches!(c, '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    let breaks = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    let line = comment
        .trim()
        .chars()
        .filter(seen)
        .map(|c| if breaks(c) { ' ' } else { c });
    line.take(LONGEST_COMMENT).collect()
}

/// Runs work on a text where it is if the text is short, else where it holds up no other request.
/// Nothing comes back if the program ends meanwhile.
pub async fn here_or_aside<T: Send + 'static>(
    bytes: usize,
    work: impl FnOnce() -> T + Send + 'static,
) -> Option<T> {
    if bytes <= SHORT_TEXT {
        Some(work())
    } else {
        spawn_blocking(work).await.ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comment_is_one_line_that_ends_and_hides_nothing() {
        assert_eq!(one_line("  a typo\n"), "a typo");
        assert_eq!(one_line("a\r\nb\0c\u{1b}[31m\u{2028}d"), "a  b c [31m d");
        assert_eq!(one_line("by \u{202e}nimda"), "by nimda");
        assert_eq!(one_line(&"ä".repeat(2_000_000)).chars().count(), LONGEST_COMMENT);
        assert_eq!(
            one_line("می\u{200c}خواهم"),
            "می\u{200c}خواهم",
            "joiners belong to some scripts"
        );
    }

    #[test]
    fn every_kind_of_line_end_becomes_one() {
        assert_eq!(&*with_plain_line_ends("a\r\nb\rc\n\r\n"), "a\nb\nc\n\n");
        assert_eq!(&*with_plain_line_ends("no end"), "no end");
    }
}
