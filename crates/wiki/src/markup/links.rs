//! What the destination of a link means: a page of this wiki, another place, or nothing.
//!
//! One rule for `[[…]]` and for Markdown's `[text](…)`: a name is a page of this wiki counted from
//! its root, `/Sub` a page below this one, `../Sibling` one beside it, `#anchor` a place on this
//! page, `attachment:file` a file of this page and `attachment:Page/file` one of another. `http:`, `https:` and
//! `mailto:` lead elsewhere. Any other scheme (`javascript:`, `data:`, …) and `//host` are no links at all. Whether
//! a page exists is not asked here.

use std::collections::BTreeSet;

use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use super::tree::{Document, Inline, Target};
use super::walk::{Node, walk_blocks};
use crate::PageName;
use crate::attachment::FileName;

/// Characters that never stand bare in an address we write. The percent sign stays, so that an
/// address that is already encoded is not encoded twice.
const IN_ADDRESS: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'\'')
    .add(b'<')
    .add(b'>')
    .add(b'`')
    .add(b'{')
    .add(b'}')
    .add(b'|')
    .add(b'\\')
    .add(b'^');

/// Schemes that name no page even in `[[…]]`, where a colon may belong to a page's name.
const SCHEMES: &[&str] = &[
    "about",
    "apt",
    "attachment",
    "blob",
    "cid",
    "data",
    "drawing",
    "ed2k",
    "feed",
    "file",
    "filesystem",
    "ftp",
    "geo",
    "gopher",
    "irc",
    "ircs",
    "jar",
    "javascript",
    "livescript",
    "magnet",
    "mhtml",
    "mocha",
    "mumble",
    "news",
    "nntp",
    "notes",
    "resource",
    "rootz",
    "rtcp",
    "rtp",
    "rtsp",
    "sftp",
    "sip",
    "sips",
    "sms",
    "ssh",
    "tel",
    "telnet",
    "vbscript",
    "view-source",
    "webcal",
    "ws",
    "wss",
    "xmpp",
];

/// Reads the destination of a Markdown link, which is written as in an address: percent-encoded,
/// with `?query` and `#anchor`. `None` when it leads nowhere we would follow.
pub fn from_destination(destination: &str) -> Option<Target> {
    let destination = destination.trim();
    if is_unfit(destination) {
        return None;
    }
    if is_external(destination) {
        return Some(Target::External(destination.to_owned()));
    }
    if let Some(written) = attachment_part(destination) {
        let decoded = percent_decode_str(written).decode_utf8().ok()?;
        return attachment(&decoded);
    }
    if scheme(destination).is_some() || destination.starts_with("//") {
        return None;
    }
    let (rest, anchor) = split_once_owned(destination, '#');
    let (name, query) = split_once_owned(rest, '?');
    let name = percent_decode_str(name).decode_utf8().ok()?.into_owned();
    let anchor = anchor.map(|words| percent_decode_str(&words).decode_utf8_lossy().into_owned());
    page(name, query, anchor)
}

/// Reads the target of `[[target|text]]`, which is written as a page's name: nothing is decoded,
/// and the last `#` begins the anchor (`[[C##]]` is the page `C#`).
pub fn from_wiki_link(target: &str) -> Option<Target> {
    let target = target.trim();
    if is_unfit(target) {
        return None;
    }
    if is_external(target) {
        return Some(Target::External(target.to_owned()));
    }
    if let Some(written) = attachment_part(target) {
        return attachment(written);
    }
    let known = |found: &str| SCHEMES.iter().any(|scheme| scheme.eq_ignore_ascii_case(found));
    if scheme(target).is_some_and(known) || target.starts_with("//") {
        return None;
    }
    match target.rsplit_once('#') {
        Some((name, anchor)) => page(name.to_owned(), None, Some(anchor.to_owned())),
        None => page(target.to_owned(), None, None),
    }
}

/// Reads the source of an image that is an attached file.
pub fn attached_image(source: &str) -> Option<Target> {
    let source = source.trim();
    attachment_part(source).and_then(|_| from_destination(source))
}

fn attachment_part(address: &str) -> Option<&str> {
    let found = scheme(address).filter(|found| found.eq_ignore_ascii_case("attachment"))?;
    address.get(found.len() + 1..)
}

/// The last part is the file, what stands before it the page.
fn attachment(written: &str) -> Option<Target> {
    let (page, file) = written.rsplit_once('/').unwrap_or(("", written));
    // `../file` is a file of the parent page, as `../` is the parent page.
    let page = match page {
        ".." => "../",
        page => page.trim(),
    };
    let file = FileName::parse(file).ok()?;
    (!is_unfit(page)).then(|| Target::Attachment {
        page: page.to_owned(),
        file,
    })
}

/// The files of `page` that `document`, standing there, shows or links to.
pub fn own_attachments(document: &Document, page: &PageName) -> BTreeSet<FileName> {
    let mut found = BTreeSet::new();
    let mut note = |node: Node<'_>| {
        let target = match node {
            Node::Inline(Inline::Link(link)) => Some(link.target.clone()),
            Node::Inline(Inline::Image(image)) => attached_image(&image.source),
            _ => None,
        };
        if let Some(Target::Attachment { page: name, file }) = target
            && page_of(&name, page).is_some_and(|owner| owner == *page)
        {
            found.insert(file);
        }
    };
    walk_blocks(&document.blocks, &mut note);
    for footnote in &document.footnotes {
        walk_blocks(&footnote.content, &mut note);
    }
    found
}

/// The page that an attachment's target means on `page`.
pub fn page_of(name: &str, page: &PageName) -> Option<PageName> {
    match name.is_empty() {
        true => Some(page.clone()),
        false => page.resolve(name).ok(),
    }
}

fn page(name: String, query: Option<String>, anchor: Option<String>) -> Option<Target> {
    let name = name.trim().to_owned();
    let anchor = anchor.filter(|words| !words.is_empty());
    let empty = name.is_empty() && query.is_none() && anchor.is_none();
    (!empty && !is_unfit(&name)).then_some(Target::Page { name, query, anchor })
}

fn split_once_owned(text: &str, at: char) -> (&str, Option<String>) {
    match text.split_once(at) {
        Some((before, after)) => (before, Some(after.to_owned())),
        None => (text, None),
    }
}

/// Browsers skip control characters inside addresses, so `java⇥script:` must not get that far.
fn is_unfit(address: &str) -> bool {
    address.chars().any(|c| c.is_control()) || address.len() > 4096
}

/// What stands before the first colon when it looks like a scheme.
fn scheme(address: &str) -> Option<&str> {
    let (scheme, _) = address.split_once(':')?;
    let mut characters = scheme.chars();
    let begins = characters.next().is_some_and(|c| c.is_ascii_alphabetic());
    (begins && characters.all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '.' | '-')))
        .then_some(scheme)
}

/// Whether `address` is an `http:`, `https:` or `mailto:` address with something behind the scheme.
pub fn is_external(address: &str) -> bool {
    let Some(found) = scheme(address) else {
        return false;
    };
    let rest = address.get(found.len() + 1..).unwrap_or_default();
    if is_unfit(address) {
        return false;
    }
    if found.eq_ignore_ascii_case("mailto") {
        return !rest.is_empty() && !rest.starts_with('/');
    }
    let web = found.eq_ignore_ascii_case("http") || found.eq_ignore_ascii_case("https");
    let host = rest.strip_prefix("//").unwrap_or_default();
    web && host.starts_with(|c: char| c.is_alphanumeric() || c == '[')
}

/// Whether `address` leads from a page of this server to another place on it: it has no scheme and no host. Browsers
/// pass over blanks at the ends and read `\\` as `/`.
pub fn is_relative(address: &str) -> bool {
    let bare = address.trim();
    let has_host = bare.len() > 1 && bare.chars().take(2).all(|c| matches!(c, '/' | '\\'));
    !bare.is_empty() && !is_unfit(address) && !has_host && scheme(bare).is_none()
}

/// Encodes what may not stand bare in an address; what is encoded already stays.
pub fn percent_encode(address: &str) -> String {
    utf8_percent_encode(address, IN_ADDRESS).to_string()
}

/// Encodes a name or a value of a query, so that it is one whatever stands in it.
pub fn query_encode(text: &str) -> String {
    const IN_QUERY: &AsciiSet = &NON_ALPHANUMERIC
        .remove(b'-')
        .remove(b'.')
        .remove(b'_')
        .remove(b'~');
    utf8_percent_encode(text, IN_QUERY).to_string()
}

/// The pages that `document`, standing on `page`, links to: sorted, each once. For the link table.
pub fn links(document: &Document, page: &PageName) -> Vec<PageName> {
    let mut found = BTreeSet::new();
    let mut note = |node: Node<'_>| {
        let Node::Inline(Inline::Link(link)) = node else {
            return;
        };
        let Target::Page { name, .. } = &link.target else {
            return;
        };
        if let (false, Ok(name)) = (name.is_empty(), page.resolve(name)) {
            found.insert(name);
        }
    };
    walk_blocks(&document.blocks, &mut note);
    for footnote in &document.footnotes {
        walk_blocks(&footnote.content, &mut note);
    }
    found.into_iter().collect()
}

#[cfg(test)]
#[path = "links_tests.rs"]
mod tests;
