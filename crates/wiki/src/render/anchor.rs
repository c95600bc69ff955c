//! Ids inside a page: one rule for headings, anchors and the links that lead to them.
//!
//! An id is the text in lower case with everything but letters, digits and `_` of any script turned
//! into single `-`. A link's anchor goes through the same rule, so `[[Page#Some Heading]]` finds
//! the heading whatever way its author spells it. Ids of the page's frame are never given away.

use std::collections::{HashMap, HashSet};

use super::Claims;

/// The longest id, in characters.
const LONGEST: usize = 80;

/// Ids that stand in the page's frame (templates/); a heading called "Trail" becomes `trail-2`.
pub const RESERVED: &[&str] = &[
    "banner",
    "comment",
    "content",
    "editor",
    "email",
    "footer",
    "header",
    "languages",
    "login",
    "logo",
    "main",
    "menu",
    "message",
    "messages",
    "name",
    "nav",
    "navigation",
    "newname",
    "outline-title",
    "page",
    "password",
    "password-rule",
    "password1",
    "password2",
    "preview",
    "preview-title",
    "reason",
    "savetext",
    "search",
    "sidebar",
    "sitename",
    "skip",
    "text",
    "theirs",
    "theme",
    "theme-label",
    "title",
    "toc",
    "top",
    "trail",
    "user",
    "username",
];

/// Gives ids, each once.
#[derive(Debug, Default)]
pub struct Ids<'c> {
    /// Of the page around this one.
    claimed: Option<&'c Claims>,
    taken: HashSet<String>,
    next: HashMap<String, usize>,
}

impl<'c> Ids<'c> {
    /// For a page inside another one, which has given away `claimed`.
    pub fn beside(claimed: &'c Claims) -> Ids<'c> {
        Ids {
            claimed: Some(claimed),
            ..Ids::default()
        }
    }

    fn take(&mut self, id: &str) -> bool {
        let is_claimed = self.claimed.is_some_and(|claimed| claimed.has(id));
        !is_claimed && self.taken.insert(id.to_owned())
    }

    /// The id of a heading that says `words`: stable as long as the headings above it are.
    pub fn give(&mut self, words: &str) -> String {
        let slug = slug(words);
        let slug = if slug.is_empty() {
            "section".to_owned()
        } else {
            slug
        };
        if !RESERVED.contains(&slug.as_str()) && self.take(&slug) {
            return slug;
        }
        let mut next = self.next.get(&slug).copied().unwrap_or(2);
        loop {
            let id = format!("{slug}-{next}");
            next += 1;
            if self.take(&id) {
                self.next.insert(slug, next);
                return id;
            }
        }
    }
}

/// The id that a link's anchor leads to; empty when there is nothing to lead to.
pub fn of_link(anchor: &str) -> String {
    match is_footnote(anchor) {
        true => anchor.to_owned(),
        false => slug(anchor),
    }
}

/// The id of an anchor of this name; empty when it has no letter to make one of.
pub fn of_anchor(name: &str) -> String {
    let slug = slug(name);
    match RESERVED.contains(&slug.as_str()) {
        true => format!("{slug}-2"),
        false => slug,
    }
}

/// Our footnotes' ids have a colon, which no slug has, so they never meet a heading's.
pub(super) fn is_footnote(anchor: &str) -> bool {
    let number = anchor
        .strip_prefix("fn:")
        .or_else(|| anchor.strip_prefix("fnref:"));
    number.is_some_and(|rest| !rest.is_empty() && rest.chars().all(|c| c.is_ascii_digit() || c == '-'))
}

/// The id of a text.
pub fn slug(words: &str) -> String {
    let mut slug = String::new();
    let mut gap = false;
    for character in words.chars().flat_map(char::to_lowercase).take(4 * LONGEST) {
        if !is_kept(character) {
            gap = true;
            continue;
        }
        if gap && !slug.is_empty() {
            slug.push('-');
        }
        gap = false;
        slug.push(character);
    }
    slug.chars()
        .take(LONGEST)
        .collect::<String>()
        .trim_end_matches('-')
        .to_owned()
}

/// Marks that combine with letters (viramas, accents) are no letters to Unicode but belong to them.
fn is_kept(character: char) -> bool {
    let combining =
        matches!(u32::from(character), 0x300..=0x36F | 0x900..=0xDFF | 0xE00..=0xEFF | 0x1AB0..=0x1AFF);
    character.is_alphanumeric() || character == '_' || combining
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_the_words_in_lower_case() {
        assert_eq!(slug("What is *new* in 2.0?"), "what-is-new-in-2-0");
        assert_eq!(slug("  --x--  "), "x");
        assert_eq!(slug("snake_case"), "snake_case");
    }

    #[test]
    fn every_script_keeps_its_letters() {
        assert_eq!(slug("Über uns"), "über-uns");
        assert_eq!(slug("はじめに"), "はじめに");
        assert_eq!(slug("नमस्ते दुनिया"), "नमस्ते-दुनिया");
    }

    #[test]
    fn equal_headings_get_different_ids() {
        let mut ids = Ids::default();
        let given: Vec<_> = ["A", "a", "A 2", "a", "!"]
            .into_iter()
            .map(|words| ids.give(words))
            .collect();
        assert_eq!(given, ["a", "a-2", "a-2-2", "a-3", "section"]);
    }

    #[test]
    fn ids_of_the_frame_are_not_given_away() {
        let mut ids = Ids::default();
        assert_eq!(ids.give("Trail"), "trail-2");
        assert_eq!(ids.give("Content"), "content-2");
        assert_eq!(of_anchor("Trail"), "trail-2");
        assert_eq!(of_anchor("Results"), "results");
    }

    #[test]
    fn a_link_finds_the_heading_however_it_is_spelt() {
        for spelling in [
            "Some Heading",
            "some-heading",
            "some_heading ".trim().replace('_', " ").as_str(),
        ] {
            assert_eq!(of_link(spelling), "some-heading");
        }
        assert_eq!(of_link("fn:1"), "fn:1");
        assert_eq!(of_link("fnref:1-2"), "fnref:1-2");
        assert_eq!(of_link("fn:x"), "fn-x");
        assert_eq!(of_link("!!"), "");
    }

    #[test]
    fn an_id_is_never_long_and_a_slug_is_its_own_slug() {
        let long = slug(&"Wort ".repeat(1000));
        assert!(long.chars().count() <= LONGEST);
        assert_eq!(slug(&long), long);
    }
}
