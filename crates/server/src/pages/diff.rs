//! `?action=diff`: two texts side by side on a wide screen, one below the other on a narrow one.
//!
//! The lines arrive in the order of a unified difference (removed before added); [`DiffRow::pair`]
//! puts them opposite each other. It compares nothing itself: that is `grange_wiki::diff`.

use askama::Template;

use super::shell::{Author, Moment, Shell};

/// What changed between two revisions.
#[derive(Template)]
#[template(path = "diff.html")]
pub struct DiffPage<'a> {
    /// Around the content.
    pub shell: Shell<'a>,
    /// The older revision.
    pub old: DiffSide<'a>,
    /// The newer revision.
    pub new: DiffSide<'a>,
    /// The lines; empty says that the texts are the same.
    pub rows: &'a [DiffRow<'a>],
    /// The change before this one.
    pub earlier: Option<&'a str>,
    /// The change after this one.
    pub later: Option<&'a str>,
}

/// What stands at the head of one column.
#[derive(Clone, Debug)]
pub struct DiffSide<'a> {
    /// The revision's number.
    pub revision: u32,
    /// The revision as a page.
    pub href: &'a str,
    /// When; `None` for revision 0.
    pub moment: Option<Moment>,
    /// Who; `None` for revision 0.
    pub author: Option<Author<'a>>,
    /// The author's comment, may be empty.
    pub comment: &'a str,
}

/// A line of a unified difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiffLine<'a> {
    /// Which text has it.
    pub kind: LineKind,
    /// Its number in the old text, 0 when it is not there.
    pub old_number: u32,
    /// Its number in the new text, 0 when it is not there.
    pub new_number: u32,
    /// Its text in pieces, without the line end.
    pub spans: Vec<DiffSpan<'a>>,
}

/// Which text has a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineKind {
    /// Both.
    Same,
    /// Only the old one.
    Removed,
    /// Only the new one.
    Added,
}

/// A piece of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiffSpan<'a> {
    /// The text.
    pub text: std::borrow::Cow<'a, str>,
    /// Whether the change is here.
    pub weight: Weight,
}

/// Whether a piece of a line is where the change is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// The rest of the line.
    Plain,
    /// The change.
    Changed,
}

/// A row of the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DiffRow<'a> {
    /// Lines are left out here.
    Gap,
    /// There is more, too much to be shown.
    Rest,
    /// Both texts have this line.
    Same {
        /// Its number in the old text.
        old_number: u32,
        /// The line.
        line: Side<'a>,
    },
    /// A line that is gone, a line that is new, or both opposite each other.
    Changed {
        /// What is gone.
        old: Option<Side<'a>>,
        /// What is new.
        new: Option<Side<'a>>,
    },
}

/// One text's half of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Side<'a> {
    /// The line's number in that text.
    pub number: u32,
    /// Its text in pieces.
    pub spans: Vec<DiffSpan<'a>>,
}

impl<'a> DiffRow<'a> {
    /// Puts the lines of one hunk opposite each other: the first removed line of a run faces the
    /// first added one. Between hunks the caller puts a [`DiffRow::Gap`].
    pub fn pair(lines: Vec<DiffLine<'a>>) -> Vec<DiffRow<'a>> {
        let mut rows = Vec::with_capacity(lines.len());
        let mut removed = Vec::new();
        let mut added = Vec::new();
        for line in lines {
            match line.kind {
                LineKind::Removed => {
                    // A removal after additions begins a new run.
                    if !added.is_empty() {
                        close_run(&mut rows, &mut removed, &mut added);
                    }
                    removed.push(Side {
                        number: line.old_number,
                        spans: line.spans,
                    });
                }
                LineKind::Added => added.push(Side {
                    number: line.new_number,
                    spans: line.spans,
                }),
                LineKind::Same => {
                    close_run(&mut rows, &mut removed, &mut added);
                    let side = Side {
                        number: line.new_number,
                        spans: line.spans,
                    };
                    rows.push(DiffRow::Same {
                        old_number: line.old_number,
                        line: side,
                    });
                }
            }
        }
        close_run(&mut rows, &mut removed, &mut added);
        rows
    }
}

/// Moves a run of removed and added lines into rows, as far as they go in pairs.
fn close_run<'a>(rows: &mut Vec<DiffRow<'a>>, removed: &mut Vec<Side<'a>>, added: &mut Vec<Side<'a>>) {
    let mut old_lines = removed.drain(..);
    let mut new_lines = added.drain(..);
    loop {
        let (old, new) = (old_lines.next(), new_lines.next());
        if old.is_none() && new.is_none() {
            return;
        }
        rows.push(DiffRow::Changed { old, new });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(kind: LineKind, number: u32) -> DiffLine<'static> {
        DiffLine {
            kind,
            old_number: number,
            new_number: number,
            spans: Vec::new(),
        }
    }

    /// The rows as `old|new` numbers: `1=1` for a line of both texts, `-` for nothing.
    fn paired(kinds: &[LineKind]) -> String {
        let lines = kinds
            .iter()
            .zip(1..)
            .map(|(kind, number)| line(*kind, number))
            .collect();
        let side = |side: &Option<Side<'_>>| {
            side.as_ref()
                .map_or("-".to_owned(), |side| side.number.to_string())
        };
        let told = DiffRow::pair(lines)
            .iter()
            .map(|row| match row {
                DiffRow::Gap => "gap".to_owned(),
                DiffRow::Rest => "rest".to_owned(),
                DiffRow::Same { old_number, line } => format!("{old_number}={}", line.number),
                DiffRow::Changed { old, new } => format!("{}|{}", side(old), side(new)),
            })
            .collect::<Vec<_>>();
        told.join(" ")
    }

    use LineKind::{Added, Removed, Same};

    #[test]
    fn removed_lines_face_the_added_ones_that_follow() {
        assert_eq!(
            paired(&[Same, Removed, Removed, Added, Added, Same]),
            "1=1 2|4 3|5 6=6"
        );
    }

    #[test]
    fn what_has_nothing_opposite_faces_nothing() {
        assert_eq!(paired(&[Removed, Removed, Added]), "1|3 2|-");
        assert_eq!(paired(&[Added, Added]), "-|1 -|2");
        assert_eq!(paired(&[Removed]), "1|-");
    }

    #[test]
    fn a_removal_after_additions_begins_a_new_run() {
        assert_eq!(paired(&[Removed, Added, Removed, Added, Added]), "1|2 3|4 -|5");
    }

    #[test]
    fn nothing_makes_no_rows() {
        assert_eq!(paired(&[]), "");
    }
}
