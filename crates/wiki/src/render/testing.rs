//! What the tests of markup and rendering share: a page, a few others that exist, and one call from
//! text to HTML. A hole is shown as `⟦Place <<Name(args)>>⟧`.
//! No wiki is opened here: links are resolved against a fixed handful of pages.

use std::collections::HashSet;

use super::{
    Claims, Expansion, Expansions, Fragment, Highlighter, LinkResolver, RawHtml, RenderRequest, Rendered,
    Segment, render_segments,
};
use crate::PageName;
use crate::markup::{Document, MacroCall, macro_calls, parse_markdown};

/// The page on which every text of these tests stands.
pub const PAGE: &str = "Team/Plan";

/// A wiki mounted at `/w` with a handful of pages.
pub struct Pages(HashSet<&'static str>);

impl Pages {
    pub fn new() -> Pages {
        Pages(HashSet::from([
            "FrontPage",
            "Team",
            "Team/Plan",
            "Team/Plan/Draft",
            "Team/Rota",
            "C#",
            "Größe",
            "a:b",
        ]))
    }
}

impl LinkResolver for Pages {
    fn page_href(&self, page: &PageName) -> String {
        format!("/w/{}", page.to_url())
    }

    fn page_exists(&self, page: &PageName) -> bool {
        self.0.contains(page.as_str())
    }
}

pub fn page() -> PageName {
    PageName::parse(PAGE).unwrap()
}

/// Answers the calls of a document by name.
pub fn answers(document: &Document, answer: impl Fn(&str) -> Option<Fragment>) -> Expansions {
    let mut expansions = Expansions::default();
    for call in macro_calls(document) {
        let expansion = answer(&call.name).map_or(Expansion::Hole, Expansion::Forever);
        expansions.insert(call, expansion);
    }
    expansions
}

pub fn render(document: &Document, raw_html: RawHtml, expansions: &Expansions) -> Rendered {
    let highlighter = Highlighter::new();
    render_segments(&RenderRequest {
        document,
        page: &page(),
        resolver: &Pages::new(),
        highlighter: Some(&highlighter),
        raw_html,
        expansions,
        around: &Claims::default(),
    })
}

/// Renders Markdown in which every macro is a hole.
pub fn rendered(markdown: &str, raw_html: RawHtml) -> Rendered {
    render(&parse_markdown(markdown), raw_html, &Expansions::default())
}

/// The HTML of Markdown, holes written out.
pub fn html(markdown: &str) -> String {
    written_out(&rendered(markdown, RawHtml::ShownAsText))
}

/// The HTML of Markdown on a wiki that allows raw HTML.
pub fn raw(markdown: &str) -> String {
    written_out(&rendered(markdown, RawHtml::Sanitised))
}

pub fn written_out(rendered: &Rendered) -> String {
    with_holes(rendered, |call| format!("⟦{:?} {}⟧", call.place, call.source))
}

/// The HTML with something in the place of each hole.
pub fn with_holes(rendered: &Rendered, hole: impl Fn(&MacroCall) -> String) -> String {
    let segment = |segment: &Segment| match segment {
        Segment::Html(html) => html.to_string(),
        Segment::Hole(call) => hole(call),
    };
    rendered.segments.iter().map(segment).collect()
}
