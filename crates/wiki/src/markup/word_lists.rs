//! Pages that are read as data: a dict page is a list of terms, a group page a list of names.
//!
//! Terms with their definitions anywhere at the page's top level are the entries of a dict, the items of
//! bullet lists there the members of a group. Everything else on such a page is for its readers.

use std::collections::HashSet;

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
    let mut known = HashSet::new();
    let mut entries: Vec<(String, String)> = defined.chain(written).collect();
    entries.reverse();
    entries.retain(|(key, _)| known.insert(key.clone()));
    entries.reverse();
    entries
}

/// ` key:: value`: one blank before, one behind the colons.
fn moin_entry(line: &str) -> Option<(&str, &str)> {
    let (key, value) = line.strip_prefix(' ')?.split_once(":: ")?;
    (!key.is_empty() && !key.starts_with(' ')).then_some((key, value))
}

/// The members of a group page, in its order, each once.
pub fn group_members(text: &str) -> Vec<String> {
    let document = parse_markdown(text);
    let (mut members, mut known) = (Vec::new(), HashSet::new());
    for item in document.blocks.iter().filter_map(items).flatten() {
        let first = item.content.first();
        let name = first.map(|block| block_text(std::slice::from_ref(block)).trim().to_owned());
        if let Some(name) = name.filter(|name| !name.is_empty() && known.insert(name.clone())) {
            members.push(name);
        }
    }
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
    use super::*;

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
