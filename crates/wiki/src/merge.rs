//! Two edits of one text brought together, when they do not touch the same lines.
//!
//! A merge either keeps both edits whole or says that it cannot: there are no conflict markers in a
//! page. Nothing here knows pages or stores. Start at [`merge_texts`].

/// Texts that differ in more lines than this are not merged: the search for the best alignment takes
/// time by the square of the differences, and nobody should be able to order minutes of it.
const LINES_IN_DISPUTE: usize = 20_000;

/// The text that contains both the change from `base` to `one` and the change from `base` to `other`;
/// nothing if they touch the same lines.
pub fn merge_texts(base: &str, one: &str, other: &str) -> Option<String> {
    if one == other || base == other {
        return Some(one.to_owned());
    }
    if base == one {
        return Some(other.to_owned());
    }
    if disputed_lines(base, one).max(disputed_lines(base, other)) > LINES_IN_DISPUTE {
        return None;
    }
    diffy::merge(base, one, other).ok()
}

/// How many lines of both texts stand between their common beginning and their common end.
fn disputed_lines(left: &str, right: &str) -> usize {
    let (left_lines, right_lines): (Vec<_>, Vec<_>) = (left.lines().collect(), right.lines().collect());
    let start = left_lines
        .iter()
        .zip(&right_lines)
        .take_while(|(l, r)| l == r)
        .count();
    let shorter = left_lines.len().min(right_lines.len()) - start;
    let backwards = left_lines
        .iter()
        .rev()
        .zip(right_lines.iter().rev())
        .take(shorter);
    let end = backwards.take_while(|(l, r)| l == r).count();
    left_lines.len() + right_lines.len() - 2 * (start + end)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn edits_of_different_lines_are_both_kept() {
        let base = "one\ntwo\nthree\nfour\nfive\n";
        let ours = "ONE\ntwo\nthree\nfour\nfive\n";
        let theirs = "one\ntwo\nthree\nfour\nFIVE\nsix\n";
        assert_eq!(
            merge_texts(base, ours, theirs).unwrap(),
            "ONE\ntwo\nthree\nfour\nFIVE\nsix\n"
        );
    }

    #[test]
    fn edits_of_the_same_line_are_not_merged() {
        assert_eq!(merge_texts("a\nb\nc\n", "a\nX\nc\n", "a\nY\nc\n"), None);
    }

    #[test]
    fn an_edit_inside_what_the_other_deleted_is_not_merged() {
        assert_eq!(merge_texts("a\nb\nc\n", "a\nB\nc\n", ""), None);
    }

    #[test]
    fn the_same_edit_made_twice_is_made_once() {
        assert_eq!(merge_texts("a\n", "b\n", "b\n").unwrap(), "b\n");
    }

    #[test]
    fn a_missing_last_line_end_does_not_spoil_a_merge() {
        assert_eq!(
            merge_texts("a\nb\nc\nd", "A\nb\nc\nd", "a\nb\nc\nD").unwrap(),
            "A\nb\nc\nD"
        );
    }

    #[test]
    fn texts_without_anything_in_common_are_given_up_at_once() {
        let lines = |word: &str| (0..30_000).map(|n| format!("{word}{n}\n")).collect::<String>();
        assert_eq!(merge_texts(&lines("a"), &lines("b"), &lines("c")), None);
    }

    #[test]
    fn disputed_lines_are_counted_between_common_ends() {
        assert_eq!(disputed_lines("a\nb\nc\n", "a\nx\ny\nc\n"), 3);
        assert_eq!(disputed_lines("a\na\n", "a\na\na\n"), 1);
        assert_eq!(disputed_lines("", "a\n"), 1);
        assert_eq!(disputed_lines("a\n", "a\n"), 0);
    }

    fn text() -> impl Strategy<Value = String> {
        prop::collection::vec("[ab]{0,2}", 0..12).prop_map(|lines| lines.join("\n"))
    }

    proptest! {
        #[test]
        fn an_unchanged_side_gives_the_other(base in text(), edit in text()) {
            prop_assert_eq!(merge_texts(&base, &edit, &base), Some(edit.clone()));
            prop_assert_eq!(merge_texts(&base, &base, &edit), Some(edit));
        }

        #[test]
        fn every_line_added_by_either_side_is_in_the_merge(base in text(), ours in text(), theirs in text()) {
            // Lines that only one side has are marked, so that they can be looked for.
            let mark = |side: &str, name: &str| format!("{side}\n{name}\n");
            let (ours, theirs) = (mark(&ours, "OURS"), mark(&theirs, "THEIRS"));
            if let Some(merged) = merge_texts(&base, &ours, &theirs) {
                prop_assert!(merged.lines().any(|line| line == "OURS"), "{:?}", merged);
                prop_assert!(merged.lines().any(|line| line == "THEIRS"), "{:?}", merged);
                prop_assert!(!merged.contains("<<<<<<<"));
            }
        }
    }
}
