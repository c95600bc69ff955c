//! What lists of pages share: how long they may be, what stands where the rest is left out, and bars of letters.
//!
//! A list that is cut says so and says how much is missing; only pages that the reader may see are counted.

use grange_wiki::PageName;
use grange_wiki::markup::{Block, Inline, Item, ListKind};

/// So many lines a list may have.
pub(super) const LONGEST: usize = 5000;

/// A list and, where it is too long, a line about the rest.
pub(super) fn list(kind: ListKind, mut items: Vec<Item>) -> Vec<Block> {
    let rest = items.len().saturating_sub(LONGEST);
    items.truncate(LONGEST);
    let mut blocks = vec![Block::list(kind, items)];
    blocks.extend((rest > 0).then(|| and_more(rest)));
    blocks
}

/// The line about the rest.
pub(super) fn and_more(rest: usize) -> Block {
    Block::paragraph(vec![Inline::emphasis(format!("… and {rest} more."))])
}

/// A page under its own name.
pub(super) fn page_link(page: &PageName) -> Inline {
    Inline::page_link(page.as_str(), page.as_str())
}

/// A sentence where there is nothing to list.
pub(super) fn nothing(words: &str) -> Vec<Block> {
    vec![Block::paragraph(vec![Inline::emphasis(words)])]
}

/// Lines under their first letters.
pub(super) struct Index {
    /// What the ids of the letters begin with, so that two indexes on one page keep apart.
    prefix: &'static str,
    groups: Vec<(String, Vec<Item>)>,
}

impl Index {
    /// Groups `lines`, each with the words it is sorted by.
    pub(super) fn of(prefix: &'static str, mut lines: Vec<(String, Item)>) -> Index {
        lines.sort_by_cached_key(|(words, _)| (letter(words), words.to_lowercase(), words.clone()));
        let mut groups: Vec<(String, Vec<Item>)> = Vec::new();
        for (words, item) in lines {
            let letter = letter(&words);
            match groups.last_mut() {
                Some((last, items)) if *last == letter => items.push(item),
                _ => groups.push((letter, vec![item])),
            }
        }
        Index { prefix, groups }
    }

    /// The bar of letters, then a list for each.
    pub(super) fn show(mut self) -> Vec<Block> {
        let rest = self.cut();
        let mut bar = Vec::new();
        for (letter, _) in &self.groups {
            if !bar.is_empty() {
                bar.push(Inline::text(" "));
            }
            bar.push(Inline::anchor_link(self.id(letter), shown(letter)));
        }
        let mut blocks = vec![Block::navigation("Letters", vec![Block::paragraph(bar)])];
        let prefix = self.prefix;
        for (letter, items) in self.groups {
            let title = vec![
                Inline::Anchor(id(prefix, &letter)),
                Inline::strong(shown(&letter)),
            ];
            blocks.push(Block::paragraph(title));
            blocks.push(Block::list(ListKind::Bullets, items));
        }
        blocks.extend((rest > 0).then(|| and_more(rest)));
        blocks
    }

    /// Ends the index at [`LONGEST`] lines and says how many were left out.
    fn cut(&mut self) -> usize {
        let (mut left, mut rest) = (LONGEST, 0);
        for (_, items) in &mut self.groups {
            rest += items.len().saturating_sub(left);
            items.truncate(left);
            left -= items.len();
        }
        self.groups.retain(|(_, items)| !items.is_empty());
        rest
    }

    fn id(&self, letter: &str) -> String {
        id(self.prefix, letter)
    }
}

fn id(prefix: &str, letter: &str) -> String {
    match letter {
        "" => format!("{prefix} other"),
        letter => format!("{prefix} {letter}"),
    }
}

fn shown(letter: &str) -> &str {
    match letter {
        "" => "#",
        letter => letter,
    }
}

/// The first letter or digit in upper case; nothing where a name begins with something else.
fn letter(words: &str) -> String {
    let first = words.chars().next().filter(|first| first.is_alphanumeric());
    first
        .map(|first| first.to_uppercase().collect())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(names: &[&str]) -> Vec<(String, Item)> {
        let line = |name: &&str| ((*name).to_owned(), Item::line(vec![Inline::text(*name)]));
        names.iter().map(line).collect()
    }

    #[test]
    fn lines_stand_under_their_letter_whatever_its_case() {
        let index = Index::of(
            "t",
            lines(&["beta", "Äpfel", "Alpha", "äußeres", "1st", "«quoted»", "Beta"]),
        );
        let letters: Vec<&str> = index.groups.iter().map(|(letter, _)| letter.as_str()).collect();
        assert_eq!(letters, ["", "1", "A", "B", "Ä"]);
        assert_eq!(index.groups[3].1.len(), 2);
    }

    #[test]
    fn a_list_that_is_too_long_says_how_much_is_left_out() {
        let items = vec![Item::default(); LONGEST + 3];
        let blocks = list(ListKind::Bullets, items);
        assert_eq!(blocks.len(), 2);
        assert_eq!(blocks[1], and_more(3));
    }

    #[test]
    fn an_index_that_is_too_long_ends() {
        let names: Vec<String> = (0..LONGEST + 7).map(|nth| format!("n{nth}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let mut index = Index::of("t", [lines(&names), lines(&["z"])].concat());
        assert_eq!(index.cut(), 8);
        assert_eq!(index.groups.len(), 1);
    }
}
