//! HTML that others wrote → HTML that is harmless, by allow-list (ammonia).
//!
//! Two callers: macros, whose raw HTML becomes a [`SafeHtml`], and pages of wikis with `raw_html`,
//! which are cleaned as a whole ([`page`]), because an author's `<details>` may open in one block
//! and close in another. No style, script, form, handler, frame or id of an author gets through; what a macro may have
//! beyond that stands in `sanitize/of_macros.rs`.
//!
//! A page's own classes and ids carry a *seal* while it is cleaned: a hash of everything the author
//! wrote, which nobody can write into the text it is the hash of. What bears the seal is ours and
//! loses it again; other ids and classes are dropped. Holes travel as sealed words and are found
//! again only in running text, never in an attribute.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use ammonia::{Builder, UrlRelative};
use sha2::{Digest, Sha256};

mod of_macros;

use super::html::Piece;
use crate::markup::links::{is_external, is_relative};
use crate::markup::{Document, MacroCall};

/// More tags than this are not parsed as HTML.
const MOST_TAGS: usize = 20_000;
/// Elements are nested at most this deep: for each tag the parser looks through all that are open.
const DEEPEST: usize = 500;
/// `<b>` and its kin are carried from block to block by HTML's rules, so n of them can become n².
const MOST_FORMATTING: usize = 1_000;
const FORMATTING: &[&str] = &[
    "b", "big", "code", "em", "font", "i", "s", "small", "strike", "strong", "tt", "u", "a",
];

/// Elements that have no end or are ended by the next of their kind, and so do not nest by themselves.
const ENDED_BY_THE_NEXT: &[&str] = &[
    "br", "col", "dd", "dt", "hr", "img", "input", "li", "p", "rp", "rt", "tbody", "td", "tfoot", "th",
    "thead", "tr", "wbr",
];

const TAGS: &[&str] = &[
    "a",
    "abbr",
    "b",
    "bdi",
    "bdo",
    "blockquote",
    "br",
    "caption",
    "cite",
    "code",
    "col",
    "colgroup",
    "dd",
    "del",
    "details",
    "dfn",
    "div",
    "dl",
    "dt",
    "em",
    "figcaption",
    "figure",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "i",
    "img",
    "input",
    "ins",
    "kbd",
    "li",
    "mark",
    "nav",
    "ol",
    "p",
    "pre",
    "q",
    "rp",
    "rt",
    "ruby",
    "s",
    "samp",
    "section",
    "small",
    "span",
    "strong",
    "sub",
    "summary",
    "sup",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "time",
    "tr",
    "u",
    "ul",
    "var",
    "wbr",
];

const ANYWHERE: &[&str] = &["aria-label", "class", "dir", "id", "lang", "role", "title"];

const ATTRIBUTES: &[(&str, &[&str])] = &[
    ("a", &["href"]),
    ("col", &["span"]),
    ("colgroup", &["span"]),
    ("del", &["datetime"]),
    ("details", &["open"]),
    ("img", &["src", "alt", "width", "height", "loading"]),
    ("input", &["type", "checked", "disabled"]),
    ("ins", &["datetime"]),
    ("ol", &["start", "reversed"]),
    ("td", &["colspan", "rowspan"]),
    ("th", &["colspan", "rowspan", "scope"]),
    ("time", &["datetime"]),
];

/// HTML that may stand in a page as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SafeHtml(String);

impl SafeHtml {
    /// Makes the HTML of a macro harmless. Classes stay, for the wiki's style sheet; ids are named as those of
    /// anchors are, so that they take none of the page's own.
    pub fn clean(html: &str) -> SafeHtml {
        if is_excessive(std::iter::once(html)) {
            return SafeHtml(ammonia::clean_text(html));
        }
        let mut builder = builder(of_macros::filter);
        builder.add_url_schemes(of_macros::SCHEMES);
        for (tag, list) in of_macros::ATTRIBUTES {
            builder.add_tag_attributes(*tag, *list);
        }
        SafeHtml(builder.clean(html).to_string())
    }

    /// HTML that this program wrote: `html` must be put together from [`super::Segment::Html`],
    /// [`super::fragment_html`] and [`super::macro_error_html`] only. Anything else belongs through
    /// [`SafeHtml::clean`].
    pub fn rendered(html: String) -> SafeHtml {
        SafeHtml(html)
    }

    /// The HTML.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The HTML as bytes.
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

/// The words of some HTML without its tags.
pub(super) fn words(html: &str) -> String {
    let mut words = String::new();
    let mut rest = html;
    while let Some((text, tag)) = rest.split_once('<') {
        words.push_str(text);
        rest = tag.split_once('>').map(|(_, rest)| rest).unwrap_or_default();
    }
    words.push_str(rest);
    // `&amp;` last, or `&amp;lt;` would be decoded twice.
    let entities = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&nbsp;", " "),
        ("&amp;", "&"),
    ];
    entities
        .iter()
        .fold(words, |words, (entity, text)| words.replace(entity, text))
}

/// The elements that stand in a line; all others are blocks, or parts of blocks.
const IN_A_LINE: &[&str] = &[
    "a", "abbr", "b", "bdi", "bdo", "br", "cite", "code", "del", "dfn", "em", "i", "img", "input", "ins",
    "kbd", "mark", "q", "rp", "rt", "ruby", "s", "samp", "small", "span", "strong", "sub", "sup", "time",
    "u", "var", "wbr",
];

/// Whether cleaned HTML can stand in a paragraph.
pub(super) fn is_inline(html: &str) -> bool {
    tag_names(html).all(|name| IN_A_LINE.contains(&name))
}

/// What stands in the paragraph, if cleaned HTML is a single one without attributes.
pub(super) fn lone_paragraph(html: &str) -> Option<&str> {
    let inner = html.trim().strip_prefix("<p>")?.strip_suffix("</p>")?;
    is_inline(inner).then_some(inner)
}

/// The names of the tags in cleaned HTML, whose text has no bare `<`.
fn tag_names(html: &str) -> impl Iterator<Item = &str> {
    html.split('<').skip(1).map(|tag| {
        let tag = tag.strip_prefix('/').unwrap_or(tag);
        tag.split(|c: char| !c.is_ascii_alphanumeric())
            .next()
            .unwrap_or_default()
    })
}

/// A mark that the author of `document` cannot have written.
pub(super) fn seal(document: &Document) -> String {
    let digest = Sha256::digest(format!("{document:?}").as_bytes());
    let hex: String = digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    format!("s{hex}")
}

/// Whether there is so much HTML in these parts that parsing it could be used to stop the server.
pub(super) fn is_excessive<'a>(parts: impl IntoIterator<Item = &'a str>) -> bool {
    let (mut tags, mut formatting) = (0_usize, 0_usize);
    // An end counts for its own element only, or `<div></b><div></b>…` would look flat.
    let mut open: HashMap<String, usize> = HashMap::new();
    let mut depth = 0_usize;
    for tag in parts.into_iter().flat_map(|part| part.split('<').skip(1)) {
        tags += 1;
        let (ends, tag) = tag.strip_prefix('/').map_or((false, tag), |tag| (true, tag));
        let name = tag
            .split(|c: char| !c.is_ascii_alphanumeric())
            .next()
            .unwrap_or_default()
            .to_ascii_lowercase();
        if name.is_empty() || ENDED_BY_THE_NEXT.contains(&name.as_str()) {
            continue;
        }
        formatting += usize::from(!ends && FORMATTING.contains(&name.as_str()));
        let count = open.entry(name).or_default();
        depth -= *count;
        *count = if ends { count.saturating_sub(1) } else { *count + 1 };
        depth += *count;
        if depth > DEEPEST || formatting > MOST_FORMATTING || tags > MOST_TAGS {
            return true;
        }
    }
    tags > MOST_TAGS
}

/// Cleans a page that was written with `seal`.
pub(super) fn page(pieces: Vec<Piece>, seal: &str) -> Vec<Piece> {
    let mut draft = String::new();
    let mut calls = Vec::new();
    for piece in pieces {
        match piece {
            Piece::Html(html) => draft.push_str(&html),
            Piece::Call(call) => {
                draft.push_str(&format!("{seal}#{};", calls.len()));
                calls.push(call);
            }
        }
    }
    let ours = seal.to_owned();
    let filter = move |_: &str, attribute: &str, value: &str| match attribute {
        "class" | "id" => sealed(&ours, value),
        _ if value.contains(&ours) => Filtered::Dropped,
        _ => address(attribute, value),
    };
    with_calls(&builder(filter).clean(&draft).to_string(), seal, &calls)
}

/// What becomes of an attribute.
enum Filtered {
    Kept,
    Changed(String),
    Dropped,
}

fn sealed(seal: &str, value: &str) -> Filtered {
    let ours = value.strip_prefix(seal).and_then(|rest| rest.strip_prefix(':'));
    match ours.filter(|rest| !rest.contains(seal)) {
        Some(value) => Filtered::Changed(value.to_owned()),
        None => Filtered::Dropped,
    }
}

/// Links lead where links of the markup may lead, images come from where those may come, and inputs
/// are checkboxes, or are not seen.
fn address(attribute: &str, value: &str) -> Filtered {
    if attribute == "type" {
        // Fields and buttons do nothing here and are not shown.
        let kind = match value.eq_ignore_ascii_case("checkbox") {
            true => "checkbox",
            false => "hidden",
        };
        return Filtered::Changed(kind.to_owned());
    }
    let local = value.starts_with('/') && is_relative(value);
    let allowed = match attribute {
        "href" => is_external(value) || local || value.starts_with('#'),
        "src" => {
            value
                .get(..8)
                .is_some_and(|start| start.eq_ignore_ascii_case("https://"))
                || local
        }
        _ => true,
    };
    if allowed {
        Filtered::Kept
    } else {
        Filtered::Dropped
    }
}

fn builder(filter: impl Fn(&str, &str, &str) -> Filtered + Send + Sync + 'static) -> Builder<'static> {
    let own = |list: &'static [&'static str]| list.iter().copied().collect::<HashSet<_>>();
    let attributes = ATTRIBUTES
        .iter()
        .map(|(tag, list)| (*tag, own(list)))
        .collect::<HashMap<_, _>>();
    // Inputs do nothing. (One entry: ammonia adds several in an order that changes from run to run.)
    let disabled = HashMap::from([("input", HashMap::from([("disabled", "")]))]);
    let mut builder = Builder::empty();
    builder
        .tags(own(TAGS))
        .clean_content_tags(own(&[
            "script", "style", "template", "title", "iframe", "noscript", "object", "math", "svg",
        ]))
        .generic_attributes(own(ANYWHERE))
        .tag_attributes(attributes)
        .set_tag_attribute_values(disabled)
        .url_schemes(own(&["http", "https", "mailto"]))
        .url_relative(UrlRelative::PassThrough)
        .link_rel(Some("nofollow noopener"))
        .strip_comments(true)
        .attribute_filter(move |tag, attribute, value| match filter(tag, attribute, value) {
            Filtered::Kept => Some(Cow::Borrowed(value)),
            Filtered::Changed(value) => Some(Cow::Owned(value)),
            Filtered::Dropped => None,
        });
    builder
}

/// Puts the calls back where their words stand.
fn with_calls(html: &str, seal: &str, calls: &[MacroCall]) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut parts = html.split(seal);
    pieces.extend(parts.next().map(|first| Piece::Html(first.to_owned())));
    for part in parts {
        let (call, rest) = match part.strip_prefix('#').and_then(|part| part.split_once(';')) {
            Some((number, rest)) => (number.parse().ok().and_then(|at: usize| calls.get(at)), rest),
            None => (None, part),
        };
        pieces.extend(call.map(|call| Piece::Call(call.clone())));
        pieces.push(Piece::Html(rest.to_owned()));
    }
    pieces
}

#[cfg(test)]
#[path = "sanitize_tests.rs"]
mod tests;
