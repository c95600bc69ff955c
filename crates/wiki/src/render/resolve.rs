//! Link targets → hrefs. Whether a page exists and where this wiki is mounted is asked of the
//! [`LinkResolver`], a snapshot made once per rendering so that this module needs no store.
//!
//! It decides which addresses may stand in an `href` or `src` at all: a page of this wiki, `http:`,
//! `https:`, `mailto:`, and what our own code made. Everything else becomes plain text.

use crate::PageName;
use crate::attachment::address::{self, Doing};
use crate::attachment::{FileName, Shows};
use crate::markup::Target;
use crate::markup::links::{is_external, page_of, percent_encode};
use crate::render::anchor;

/// What rendering must know about the pages of the wiki.
pub trait LinkResolver: Send + Sync {
    /// The address of a page: the mount path, a slash and the page's encoded name; no query.
    fn page_href(&self, page: &PageName) -> String;

    /// Whether the page exists, be it stored or underlaid.
    fn page_exists(&self, page: &PageName) -> bool;

    /// How a file of the page on which the text stands can be shown; nothing if there is no such file. Whoever renders
    /// no page's own text knows of none.
    fn attached(&self, _file: &FileName) -> Option<Shows> {
        None
    }
}

/// A target that may stand in an `href`.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Href {
    /// A page that exists, or a place on the same page.
    Page(String),
    /// A page that does not exist yet, or a file that this page has not yet.
    Missing {
        href: String,
        what: String,
        kind: &'static str,
    },
    /// Somewhere else.
    External(String),
    /// A mail address.
    Mail(String),
}

/// Finds out where `target` leads from `page`; `None` when it may not be a link.
pub(super) fn resolve(target: &Target, page: &PageName, resolver: &dyn LinkResolver) -> Option<Href> {
    match target {
        Target::Page { name, query, anchor } => {
            page_target(name, query.as_deref(), anchor.as_deref(), page, resolver)
        }
        Target::Attachment { page: name, file } => {
            let owner = page_of(name, page)?;
            let shows = shown_on(page, &owner, file, resolver);
            Some(file_href(&owner, file, shows, resolver))
        }
        Target::External(address) if is_external(address) => Some(external(address)),
        Target::Address(address) if is_local_path(address) => Some(Href::Page(percent_encode(address))),
        Target::Address(address) if is_external(address) => Some(Href::Page(percent_encode(address))),
        Target::External(_) | Target::Address(_) => None,
    }
}

/// How a file of `owner` is shown on `page`; nothing if it is known to be missing.
///
/// Whoever reads a page may know its own files. Of another page's a reader may perhaps know nothing, and what is rendered
/// is kept for all of them: such a file is always taken for what its name promises, whether there is one or not.
pub(super) fn shown_on(
    page: &PageName,
    owner: &PageName,
    file: &FileName,
    resolver: &dyn LinkResolver,
) -> Option<Shows> {
    match owner == page {
        true => resolver.attached(file),
        false => Some(Shows::promised_by(file)),
    }
}

/// To the page that shows a file, or to the form that attaches it.
fn file_href(owner: &PageName, file: &FileName, shows: Option<Shows>, resolver: &dyn LinkResolver) -> Href {
    let page = resolver.page_href(owner);
    match shows {
        Some(_) => Href::Page(format!("{page}?{}", address::query(Doing::View, file, None))),
        None => Href::Missing {
            href: format!("{page}?{}", address::upload_query(file)),
            what: file.as_str().to_owned(),
            kind: "file",
        },
    }
}

/// Where the bytes of a file are.
pub(super) fn file_source(owner: &PageName, file: &FileName, resolver: &dyn LinkResolver) -> String {
    let page = resolver.page_href(owner);
    format!("{page}?{}", address::query(Doing::Get, file, None))
}

fn external(address: &str) -> Href {
    let encoded = percent_encode(address);
    match address
        .get(..7)
        .is_some_and(|start| start.eq_ignore_ascii_case("mailto:"))
    {
        true => Href::Mail(encoded),
        false => Href::External(encoded),
    }
}

/// `//host` and `/\host` lead to another server in browsers.
fn is_local_path(address: &str) -> bool {
    let mut start = address.chars();
    start.next() == Some('/') && !matches!(start.next(), Some('/' | '\\'))
}

fn page_target(
    name: &str,
    query: Option<&str>,
    fragment: Option<&str>,
    page: &PageName,
    resolver: &dyn LinkResolver,
) -> Option<Href> {
    let fragment = fragment.map(anchor::of_link).filter(|found| !found.is_empty());
    let tail = fragment
        .map(|found| format!("#{}", percent_encode(&found)))
        .unwrap_or_default();
    if name.is_empty() && query.is_none() {
        return (!tail.is_empty()).then_some(Href::Page(tail));
    }
    let target = match name.is_empty() {
        true => page.clone(),
        false => page.resolve(name).ok()?,
    };
    let query = query
        .map(|words| format!("?{}", percent_encode(words)))
        .unwrap_or_default();
    let href = format!("{}{query}{tail}", resolver.page_href(&target));
    Some(match name.is_empty() || resolver.page_exists(&target) {
        true => Href::Page(href),
        false => Href::Missing {
            href,
            what: target.as_str().to_owned(),
            kind: "page",
        },
    })
}
