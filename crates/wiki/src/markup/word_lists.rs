//! Pages that are read as data: a dict page is a list of terms, a group page a list of names.
//!
//! Terms with their definitions anywhere at the page's top level are the entries of a dict, the items of
//! bullet lists there the members of a group. Everything else on such a page is for its readers.

use std::collections::HashSet;
use std::hash::Hash;

use super::markdown::parse_markdown;
use super::tree::{Block, Item};
use super::walk::{block_text, plain_text};

/// The entries of a dict page; of a key that stands twice, the last counts. Lines ` key:: value`, as MoinMoin's
/// dict pages have them, are entries too, and go before definitions of the same key.
pub fn dict_entries(text: &str) -> Vec<(String, String)> {
    let document = parse_markdown(text);
    let defined = document.blocks.iter().filter_map(definitions).flatten();
    let defined = defined.map(|entry| {
        let values: Vec<String> = entry.meanings.iter().map(|meaning| block_text(meaning)).collect();
        (
            plain_text(&entry.term).trim().to_owned(),
            values.join(" ").trim().to_owned(),
        )
    });
    let written = text.lines().filter_map(moin_entry);
    let written = written.map(|(key, value)| (key.to_owned(), value.trim().to_owned()));
    let mut entries: Vec<(String, String)> = defined.chain(written).collect();
    entries.reverse();
    keep_first_of_each(&mut entries, |(key, _)| key.clone());
    entries.reverse();
    entries
}

/// In one go however many there are: a page has room for a hundred thousand.
fn keep_first_of_each<T, K: Hash + Eq>(items: &mut Vec<T>, key: impl Fn(&T) -> K) {
    let mut known = HashSet::new();
    items.retain(|item| known.insert(key(item)));
}

/// ` key:: value`: one blank before, one behind the colons.
fn moin_entry(line: &str) -> Option<(&str, &str)> {
    let (key, value) = line.strip_prefix(' ')?.split_once(":: ")?;
    (!key.is_empty() && !key.starts_with(' ')).then_some((key, value))
}

/// The members of a group page, in its order, each once.
pub fn group_members(text: &str) -> Vec<String> {
    let document = parse_markdown(text);
    let items = document.blocks.iter().filter_map(items).flatten();
    let names = items.filter_map(|item| item.content.first());
    let names = names.map(|block| block_text(std::slice::from_ref(block)).trim().to_owned());
    let mut members: Vec<String> = names.filter(|name| !name.is_empty()).collect();
    keep_first_of_each(&mut members, String::clone);
    members
}

fn definitions(block: &Block) -> Option<&Vec<super::tree::Definition>> {
    match block {
        Block::Definitions(definitions) => Some(definitions),
        _ => None,
    }
}

fn items(block: &Block) -> Option<&Vec<Item>> {
    match block {
        Block::List { items, .. } => Some(items),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::hash::Hasher;

    use super::*;

    thread_local! {
        static COMPARED: Cell<usize> = const { Cell::new(0) };
    }

    /// A key that counts how often it is compared.
    struct Counted(u32);

    impl PartialEq for Counted {
        fn eq(&self, other: &Counted) -> bool {
            COMPARED.set(COMPARED.get() + 1);
            self.0 == other.0
        }
    }

    impl Eq for Counted {}

    impl Hash for Counted {
        fn hash<H: Hasher>(&self, state: &mut H) {
            self.0.hash(state);
        }
    }

    #[test]
    fn a_page_of_many_entries_is_read_in_steps_as_many_as_they_are() {
        let mut items: Vec<u32> = (0..100_000).chain(0..100_000).collect();
        keep_first_of_each(&mut items, |item| Counted(*item));
        assert!(items.iter().copied().eq(0..100_000));
        assert!(COMPARED.get() < 400_000, "{}", COMPARED.get());
    }

    #[test]
    fn a_dict_and_a_group_of_fifty_thousand_are_read_whole() {
        let dict: String = (0..50_000).map(|n| format!(" key{n}:: value {n}\n")).collect();
        let entries = dict_entries(&format!("{dict} key7:: the last\n"));
        assert_eq!(entries.len(), 50_000);
        assert_eq!(entries.last().unwrap(), &("key7".into(), "the last".into()));
        let group: String = (0..50_000).map(|n| format!("* name{n}\n")).collect();
        assert_eq!(group_members(&format!("{group}* name7\n")).len(), 50_000);
    }

    #[test]
    fn terms_and_their_meanings_are_a_dict() {
        let text = "Words before.\n\ntea\n: green\n\ncoffee\n: black\n\ntea\n: red\n";
        assert_eq!(
            dict_entries(text),
            [("coffee".into(), "black".into()), ("tea".into(), "red".into())]
        );
    }

    #[test]
    fn the_items_of_lists_are_a_group() {
        let text = "# Our group\n\n* Ann\n* Bob\n    * not a member\n* Ann\n\nBye.\n";
        assert_eq!(group_members(text), ["Ann", "Bob"]);
    }
}
