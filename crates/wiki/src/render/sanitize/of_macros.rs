//! What the HTML of a macro may have: all that `macro.formatter` makes, and no more.
//!
//! Ids are named as `<<Anchor>>` names them, so they never meet those of the page's frame or its notes, and links to
//! them go by the same rule. Addresses lead to the web, by mail or within the wiki; nothing that a browser would run
//! gets through. What is cleaned away everywhere is decided in `sanitize.rs`.

use percent_encoding::percent_decode_str;

use super::{Filtered, address};
use crate::markup::links::{is_relative, percent_encode};
use crate::render::anchor;

/// Attributes beyond those that authors of pages may write: what MoinMoin's tables and lists are made with.
pub(super) const ATTRIBUTES: &[(&str, &[&str])] = &[
    ("img", &["align"]),
    ("ol", &["type"]),
    ("table", &["align", "bgcolor", "summary", "width"]),
    ("td", &["abbr", "align", "bgcolor", "height", "valign", "width"]),
    ("tr", &["align", "bgcolor", "valign"]),
];

/// Beyond the schemes of pages.
pub(super) const SCHEMES: &[&str] = &["ftp"];

/// What becomes of an attribute that a macro wrote.
pub(super) fn filter(tag: &str, attribute: &str, value: &str) -> Filtered {
    match (tag, attribute) {
        (_, "class") => Filtered::Kept,
        (_, "id") => id(value),
        (_, "role") => kept_if(value == "img"),
        ("ol", "type") => kept_if(matches!(value, "1" | "a" | "A" | "i" | "I")),
        (_, "align" | "valign" | "bgcolor") => kept_if(is_word(value)),
        (_, "href") => link(value),
        _ => address(attribute, value),
    }
}

fn kept_if(allowed: bool) -> Filtered {
    match allowed {
        true => Filtered::Kept,
        false => Filtered::Dropped,
    }
}

fn id(name: &str) -> Filtered {
    let id = anchor::of_anchor(name);
    match id.is_empty() {
        true => Filtered::Dropped,
        false => Filtered::Changed(id),
    }
}

fn is_word(value: &str) -> bool {
    value.len() <= 32 && value.chars().all(|c| c.is_ascii_alphanumeric() || c == '#')
}

/// Where a link leads. Within the wiki its anchor is named as ids are.
fn link(value: &str) -> Filtered {
    let leads_away = !is_relative(value);
    if leads_away {
        return match is_ftp(value) {
            true => Filtered::Kept,
            false => address("href", value),
        };
    }
    match value.split_once('#') {
        Some((page, words)) if !words.is_empty() => {
            let words = percent_decode_str(words).decode_utf8_lossy();
            let id = match anchor::is_footnote(&words) {
                true => words.into_owned(),
                false => anchor::of_anchor(&words),
            };
            Filtered::Changed(format!("{page}#{}", percent_encode(&id)))
        }
        _ => Filtered::Kept,
    }
}

fn is_ftp(value: &str) -> bool {
    let begins = value
        .get(..6)
        .is_some_and(|start| start.eq_ignore_ascii_case("ftp://"));
    let host = value.get(6..).unwrap_or_default();
    begins
        && host.starts_with(|c: char| c.is_alphanumeric() || c == '[')
        && !host.chars().any(char::is_control)
}
