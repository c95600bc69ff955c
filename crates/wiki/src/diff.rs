//! What changed between two texts, as plain facts for a page that shows it.
//!
//! Lines are compared first, then the words of lines that took each other's place. Nothing here writes
//! HTML, and a text of any size gets an answer in bounded time: when that runs out, what is left is shown
//! as removed and added. Start at [`diff_lines`].

use std::time::Duration;

use similar::{ChangeTag, InlineChangeOptions, TextDiff};

/// Unchanged lines shown around each change.
const CONTEXT: usize = 3;

/// After this the comparison gives up looking for the shortest answer.
const TIME: Duration = Duration::from_millis(300);

/// So many lines are shown; two texts of a million short lines would else become an answer of
/// hundreds of megabytes for everybody who asks.
const MOST_LINES: usize = 10_000;

/// A run of lines with a change in it and some unchanged lines around.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiffHunk {
    /// Its lines from top to bottom.
    pub lines: Vec<DiffLine>,
}

/// One line of a hunk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiffLine {
    /// What happened to it.
    pub kind: LineKind,
    /// Its number in the old text, from 1; nothing for an added line.
    pub old_number: Option<usize>,
    /// Its number in the new text, from 1; nothing for a removed line.
    pub new_number: Option<usize>,
    /// Its words, without the line end.
    pub spans: Vec<DiffSpan>,
}

/// What happened to a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineKind {
    /// Nothing.
    Kept,
    /// It is in the old text only.
    Removed,
    /// It is in the new text only.
    Added,
}

/// A part of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiffSpan {
    /// The words.
    pub text: String,
    /// Whether these words made the difference.
    pub emphasis: Emphasis,
}

/// Whether a part of a changed line is what changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Emphasis {
    /// The rest of the line.
    Plain,
    /// What changed.
    Changed,
}

/// The changes that lead from `old` to `new`; empty if there are none. Line ends do not count. A hunk
/// without lines at the end says that there is more than is shown.
pub fn diff_lines(old: &str, new: &str) -> Vec<DiffHunk> {
    let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    let diff = TextDiff::configure().timeout(TIME).diff_slices(&old, &new);
    let options = InlineChangeOptions::new();
    let mut hunks = Vec::new();
    let mut room = MOST_LINES;
    for group in diff.grouped_ops(CONTEXT) {
        let mut lines = Vec::new();
        for operation in &group {
            let changes = diff.iter_inline_changes_with_options(operation, options);
            // One more than there is room for tells whether there is more.
            lines.extend(changes.map(line_of).take(room + 1 - lines.len()));
        }
        let more = lines.len() > room;
        lines.truncate(room);
        room -= lines.len();
        hunks.push(DiffHunk { lines });
        if more {
            hunks.push(DiffHunk { lines: Vec::new() });
            break;
        }
    }
    hunks
}

fn line_of(change: similar::InlineChange<'_, str>) -> DiffLine {
    let kind = match change.tag() {
        ChangeTag::Equal => LineKind::Kept,
        ChangeTag::Delete => LineKind::Removed,
        ChangeTag::Insert => LineKind::Added,
    };
    let spans = change
        .values()
        .iter()
        .filter(|(_, text)| !text.is_empty())
        .map(|(changed, text)| DiffSpan {
            text: (*text).to_owned(),
            emphasis: if *changed {
                Emphasis::Changed
            } else {
                Emphasis::Plain
            },
        });
    DiffLine {
        kind,
        old_number: change.old_index().map(|index| index + 1),
        new_number: change.new_index().map(|index| index + 1),
        spans: spans.collect(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A diff as people write it: the kind's sign, the line, changed words in brackets.
    fn drawn(old: &str, new: &str) -> Vec<String> {
        let lines = diff_lines(old, new).into_iter().flat_map(|hunk| hunk.lines);
        lines
            .map(|line| {
                format!(
                    "{}{}",
                    sign(line.kind),
                    line.spans.iter().map(word).collect::<String>()
                )
            })
            .collect()
    }

    fn sign(kind: LineKind) -> char {
        match kind {
            LineKind::Kept => ' ',
            LineKind::Removed => '-',
            LineKind::Added => '+',
        }
    }

    fn word(span: &DiffSpan) -> String {
        match span.emphasis {
            Emphasis::Plain => span.text.clone(),
            Emphasis::Changed => format!("[{}]", span.text),
        }
    }

    #[test]
    fn equal_texts_have_no_hunks() {
        assert_eq!(diff_lines("a\nb\n", "a\nb\n"), []);
        assert_eq!(diff_lines("", ""), []);
        assert_eq!(diff_lines("a", "a\n"), []);
    }

    #[test]
    fn the_changed_word_of_a_changed_line_is_emphasised() {
        let drawn = drawn("The cat sat on the mat\n", "The dog sat on the mat\n");
        assert_eq!(drawn, ["-The [cat] sat on the mat", "+The [dog] sat on the mat"]);
    }

    #[test]
    fn added_and_removed_lines_carry_the_numbers_of_their_own_text() {
        let hunks = diff_lines("a\nb\nc\n", "a\nc\nd\n");
        let numbers: Vec<_> = hunks[0]
            .lines
            .iter()
            .map(|line| (line.kind, line.old_number, line.new_number))
            .collect();
        assert_eq!(
            numbers,
            [
                (LineKind::Kept, Some(1), Some(1)),
                (LineKind::Removed, Some(2), None),
                (LineKind::Kept, Some(3), Some(2)),
                (LineKind::Added, None, Some(3)),
            ]
        );
    }

    #[test]
    fn distant_changes_stand_in_hunks_of_their_own() {
        let old: String = (0..40).map(|n| format!("line {n}\n")).collect();
        let new = old.replace("line 2\n", "second\n").replace("line 35\n", "late\n");
        let hunks = diff_lines(&old, &new);
        assert_eq!(hunks.len(), 2);
        assert!(hunks.iter().all(|hunk| hunk.lines.len() <= 2 * CONTEXT + 2));
    }

    #[test]
    fn texts_without_anything_in_common_are_shown_removed_and_added() {
        let lines = |word: &str| (0..5_000).map(|n| format!("{word}{n}\n")).collect::<String>();
        let hunks = diff_lines(&lines("a"), &lines("b"));
        assert_eq!(hunks.iter().map(|hunk| hunk.lines.len()).sum::<usize>(), 10_000);
    }

    #[test]
    fn a_difference_without_end_is_cut_and_says_so() {
        let lines = |word: &str| (0..50_000).map(|n| format!("{word}{n}\n")).collect::<String>();
        let hunks = diff_lines(&lines("a"), &lines("b"));
        let shown: usize = hunks.iter().map(|hunk| hunk.lines.len()).sum();
        assert_eq!(shown, MOST_LINES);
        assert!(hunks.last().unwrap().lines.is_empty());
    }

    #[test]
    fn many_small_changes_are_cut_as_one_large_one_is() {
        let old: String = (0..40_000).map(|n| format!("line {n}\n")).collect();
        let new: String = (0..40_000)
            .map(|n| format!("line {n}{}\n", if n % 20 == 0 { "!" } else { "" }))
            .collect();
        let hunks = diff_lines(&old, &new);
        assert!(hunks.iter().map(|hunk| hunk.lines.len()).sum::<usize>() <= MOST_LINES);
        assert!(hunks.last().unwrap().lines.is_empty());
    }

    fn text() -> impl Strategy<Value = Vec<String>> {
        prop::collection::vec("[ab ]{0,4}", 0..30)
    }

    proptest! {
        #[test]
        fn every_line_of_the_new_text_that_is_not_in_the_diff_was_there_before(old in text(), new in text()) {
            let hunks = diff_lines(&old.join("\n"), &new.join("\n"));
            for line in hunks.iter().flat_map(|hunk| &hunk.lines) {
                let words: String = line.spans.iter().map(|span| span.text.as_str()).collect();
                if let Some(number) = line.old_number {
                    prop_assert_eq!(&words, &old[number - 1]);
                }
                if let Some(number) = line.new_number {
                    prop_assert_eq!(&words, &new[number - 1]);
                }
                prop_assert_eq!(line.kind == LineKind::Kept, line.old_number.is_some() && line.new_number.is_some());
            }
        }
    }
}
