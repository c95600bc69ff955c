//! Source texts in one shape, and a place to work on them.
//!
//! Line ends are `\n`, and nothing else is touched: browsers send `\r\n`, files hold either, and a merge
//! or a diff of mixed line ends would see every line changed. What a text says is not known here.
//! Start at [`with_plain_line_ends`].

use std::sync::Arc;

use tokio::task::spawn_blocking;

/// Work on a text of this many bytes takes about a millisecond.
const SHORT_TEXT: usize = 16 * 1024;

/// The text with `\n` at line ends.
pub fn with_plain_line_ends(text: &str) -> Arc<str> {
    if text.contains('\r') {
        text.replace("\r\n", "\n").replace('\r', "\n").into()
    } else {
        text.into()
    }
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
    fn every_kind_of_line_end_becomes_one() {
        assert_eq!(&*with_plain_line_ends("a\r\nb\rc\n\r\n"), "a\nb\nc\n\n");
        assert_eq!(&*with_plain_line_ends("no end"), "no end");
    }
}
