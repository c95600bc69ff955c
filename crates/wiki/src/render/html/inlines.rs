//! Inlines → elements: words, links, images, signs.
//!
//! What a link or an image may lead to is decided in `render/resolve.rs`; here a refused one becomes
//! its words.

use super::tree::{TreeWriter, is_comment};
use crate::attachment::Shows;
use crate::attachment::address::{self, Doing};
use crate::markup::links::{attached_image, is_external, page_of, percent_encode};
use crate::markup::{Embedded, Image, Inline, Link, Target};
use crate::render::resolve::{Href, file_source, resolve, shown_on};
use crate::render::{RawHtml, anchor};

impl TreeWriter<'_> {
    pub(super) fn inlines(&mut self, inlines: &[Inline]) {
        let Some(left) = self.left.checked_sub(1) else {
            return;
        };
        self.left = left;
        for inline in inlines {
            self.inline(inline);
        }
        self.left += 1;
    }

    fn inline(&mut self, inline: &Inline) {
        match inline {
            Inline::Text(text) => self.out.text(text),
            Inline::Code(text) => self.out.element("code", &[], text),
            Inline::Emphasis(content) => self.around("em", None, content),
            Inline::Strong(content) => self.around("strong", None, content),
            Inline::Strikethrough(content) => self.around("del", None, content),
            Inline::Span { class, content } => self.around("span", Some(class), content),
            Inline::Link(link) => self.link(link),
            Inline::Image(image) => self.image(image),
            Inline::Embedded(embedded) => self.embedded(embedded, None),
            Inline::Anchor(name) => {
                let id = anchor::of_anchor(name);
                let is_free = !id.is_empty() && !self.scene.around.has(&id);
                let id = is_free.then_some(id.as_str());
                self.out
                    .element("span", &[("class", Some("anchor")), ("id", id)], "");
            }
            Inline::Time { datetime, text } => {
                self.out.element("time", &[("datetime", Some(datetime))], text);
            }
            Inline::SoftBreak => self.out.line(),
            Inline::LineBreak => {
                self.out.void("br", &[]);
                self.out.line();
            }
            Inline::FootnoteReference(label) => self.footnote_reference(label),
            Inline::Footnote(words) => self.note_aside(words),
            Inline::Symbol { sign, word } => {
                let attributes = [
                    ("class", Some("symbol")),
                    ("role", Some("img")),
                    ("aria-label", Some(word.as_str())),
                    ("title", Some(word.as_str())),
                ];
                self.out.element("span", &attributes, sign);
            }
            Inline::Macro(call) => self.call(call),
            Inline::RawHtml(html) => match self.scene.raw_html {
                _ if is_comment(html) => {}
                RawHtml::Sanitised => self.out.markup(html),
                RawHtml::ShownAsText => self.out.text(html),
            },
        }
    }

    fn around(&mut self, tag: &'static str, class: Option<&str>, content: &[Inline]) {
        self.out.open(tag, &[("class", class)]);
        self.inlines(content);
        self.out.close(tag);
    }

    fn link(&mut self, link: &Link) {
        let Some(href) = resolve(&link.target, self.scene.page, self.scene.resolver) else {
            return self.inlines(&link.content);
        };
        let title = link.title.as_deref();
        match &href {
            Href::Page(href) => self.out.open("a", &[("href", Some(href)), ("title", title)]),
            Href::Missing { href, what, kind } => {
                let absent = format!("{what} (this {kind} does not exist yet)");
                let title = title.unwrap_or(&absent);
                let class = Some("missing");
                // Machines need not follow links to pages that are not there.
                let rel = Some("nofollow");
                self.out.open(
                    "a",
                    &[
                        ("href", Some(href)),
                        ("class", class),
                        ("title", Some(title)),
                        ("rel", rel),
                    ],
                );
            }
            Href::External(href) => {
                let (class, rel) = (Some("external"), Some("nofollow noopener"));
                self.out.open(
                    "a",
                    &[
                        ("href", Some(href)),
                        ("class", class),
                        ("title", title),
                        ("rel", rel),
                    ],
                );
            }
            Href::Mail(href) => {
                self.out.open(
                    "a",
                    &[("href", Some(href)), ("class", Some("mail")), ("title", title)],
                );
            }
        }
        self.inlines(&link.content);
        self.out.close("a");
    }

    /// Images come from `https:` addresses, as the Content-Security-Policy says (`img-src 'self'
    /// https:`); what lies on an `http:` address is linked, and anything else is its description.
    fn image(&mut self, image: &Image) {
        let secure = image
            .source
            .get(..8)
            .is_some_and(|start| start.eq_ignore_ascii_case("https://"));
        if let Some(target) = attached_image(&image.source) {
            return self.attached(target, image);
        }
        if !is_external(&image.source) || self.is_mail(&image.source) {
            return self.out.text(&image.alt);
        }
        if secure {
            let source = percent_encode(&image.source);
            let attributes = [
                ("src", Some(source.as_str())),
                ("alt", Some(image.alt.as_str())),
                ("title", image.title.as_deref()),
                ("loading", Some("lazy")),
            ];
            return self.out.void("img", &attributes);
        }
        let words = if image.alt.is_empty() {
            &image.source
        } else {
            &image.alt
        };
        let target = Target::External(image.source.clone());
        self.link(&Link {
            target,
            title: image.title.clone(),
            content: vec![Inline::text(words.as_str())],
        });
    }

    /// `![…](attachment:file)`: shown where a browser shows such a file, else linked; a link to the form where the page
    /// has none.
    fn attached(&mut self, target: Target, image: &Image) {
        let scene = self.scene;
        if let Target::Attachment { page, file } = &target
            && let Some(page) = page_of(page, scene.page)
            && let Some(shows) = shown_on(scene.page, &page, file, scene.resolver)
        {
            let embedded = Embedded {
                page,
                file: file.clone(),
                shows,
                alt: image.alt.clone(),
                width: None,
                height: None,
            };
            return self.embedded(&embedded, image.title.as_deref());
        }
        let words = match (&target, image.alt.as_str()) {
            (Target::Attachment { file, .. }, "") => file.as_str().to_owned(),
            (_, alt) => alt.to_owned(),
        };
        self.link(&Link {
            target,
            title: image.title.clone(),
            content: vec![Inline::text(words)],
        });
    }

    fn embedded(&mut self, embedded: &Embedded, title: Option<&str>) {
        let resolver = self.scene.resolver;
        let source = file_source(&embedded.page, &embedded.file, resolver);
        let in_pixels = |size: Option<u32>| size.map(|pixels| pixels.to_string());
        let (width, height) = (in_pixels(embedded.width), in_pixels(embedded.height));
        let (width, height) = (("width", width.as_deref()), ("height", height.as_deref()));
        let (source, title) = (("src", Some(source.as_str())), ("title", title));
        let words = match embedded.alt.as_str() {
            "" => embedded.file.as_str(),
            alt => alt,
        };
        match embedded.shows {
            Shows::Picture => {
                let (alt, loading) = (("alt", Some(embedded.alt.as_str())), ("loading", Some("lazy")));
                self.out
                    .void("img", &[source, alt, title, width, height, loading]);
            }
            Shows::Sound => self.player("audio", words, &[source, title, width, height]),
            Shows::Film => self.player("video", words, &[source, title, width, height]),
            Shows::Text | Shows::Nothing => {
                let query = address::query(Doing::View, &embedded.file, None);
                let href = format!("{}?{query}", resolver.page_href(&embedded.page));
                self.out.element("a", &[("href", Some(&href)), title], words);
            }
        }
    }

    fn player(&mut self, tag: &'static str, words: &str, about: &[(&'static str, Option<&str>)]) {
        let always = [
            ("controls", Some("")),
            ("preload", Some("metadata")),
            ("aria-label", Some(words)),
        ];
        self.out.element(tag, &[about, &always].concat(), "");
    }

    fn is_mail(&self, address: &str) -> bool {
        address
            .get(..7)
            .is_some_and(|start| start.eq_ignore_ascii_case("mailto:"))
    }
}
