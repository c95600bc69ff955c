//! Pages that are read as data: a dict page is a list of terms, a group page a list of names.
//!
//! Terms with their definitions anywhere at the page's top level are the entries of a dict, the items of
//! bullet lists there the members of a group. Everything else on such a page is for its readers.

use super::tree::{Block, Document, Item};
use super::walk::{block_text, plain_text};

/// The entries of a dict page, in its order; of a term that stands twice, the last counts.
pub fn dict_entries(document: &Document) -> Vec<(String, String)> {
    let mut entries: Vec<(String, String)> = Vec::new();
    for definition in document.blocks.iter().filter_map(definitions).flatten() {
        let value: Vec<String> = definition
            .meanings
            .iter()
            .map(|meaning| block_text(meaning).trim().to_owned())
            .collect();
        let key = plain_text(&definition.term).trim().to_owned();
        entries.retain(|(known, _)| *known != key);
        entries.push((key, value.join(" ")));
    }
    entries
}

/// The members of a group page, in its order, each once.
pub fn group_members(document: &Document) -> Vec<String> {
    let mut members: Vec<String> = Vec::new();
    for item in document.blocks.iter().filter_map(items).flatten() {
        let first = item.content.first();
        let name = first.map(|block| block_text(std::slice::from_ref(block)).trim().to_owned());
        if let Some(name) = name.filter(|name| !name.is_empty() && !members.contains(name)) {
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
    use crate::markup::parse_markdown;

    #[test]
    fn terms_and_their_meanings_are_a_dict() {
        let document = parse_markdown("Words before.\n\ntea\n: green\n\ncoffee\n: black\n\ntea\n: red\n");
        assert_eq!(
            dict_entries(&document),
            [("coffee".into(), "black".into()), ("tea".into(), "red".into())]
        );
    }

    #[test]
    fn the_items_of_lists_are_a_group() {
        let document = parse_markdown("# Our group\n\n* Ann\n* Bob\n    * not a member\n* Ann\n\nBye.\n");
        assert_eq!(group_members(&document), ["Ann", "Bob"]);
    }
}
