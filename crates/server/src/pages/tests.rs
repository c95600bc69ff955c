//! What holds for every page, and what each page promises to scripts and people.
//!
//! `samples.rs` fills each struct once; the tests here look at the HTML as a browser would.

mod contrast;
mod farm;
mod forms;
mod help;
mod history;
mod reading;
mod samples;
mod search;

use std::collections::BTreeSet;

use scraper::{ElementRef, Html, Selector};

/// A page, looked at.
struct Seen {
    name: &'static str,
    source: String,
    document: Html,
}

impl Seen {
    fn new(name: &'static str, page: &impl askama::Template) -> Seen {
        let source = String::from_utf8(super::to_bytes(page).unwrap()).unwrap();
        let document = Html::parse_document(&source);
        Seen {
            name,
            source,
            document,
        }
    }

    fn all(&self, selector: &str) -> Vec<ElementRef<'_>> {
        self.document
            .select(&Selector::parse(selector).unwrap())
            .collect()
    }

    fn has(&self, selector: &str) -> bool {
        !self.all(selector).is_empty()
    }

    /// The text of the only element that fits.
    fn text(&self, selector: &str) -> String {
        let found = self.all(selector);
        assert_eq!(found.len(), 1, "{}: {selector}", self.name);
        found[0]
            .text()
            .collect::<String>()
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
    }

    fn attribute(&self, selector: &str, attribute: &str) -> String {
        let found = self.all(selector);
        assert_eq!(found.len(), 1, "{}: {selector}", self.name);
        found[0].attr(attribute).unwrap_or_default().to_owned()
    }

    /// The names of the fields of the only form that fits, in order.
    fn fields(&self, form: &str) -> Vec<String> {
        let fields = format!("{form} :is(input, textarea, button)[name]");
        self.all(&fields)
            .iter()
            .map(|field| field.attr("name").unwrap().to_owned())
            .collect()
    }
}

#[test]
fn every_page_of_a_wiki_names_the_wiki() {
    for page in samples::every_page() {
        assert_eq!(
            page.attribute("meta[name=grange-wiki]", "content"),
            "orchard",
            "{}",
            page.name
        );
    }
}

#[test]
fn the_user_is_named_where_somebody_is_logged_in_and_nowhere_else() {
    for page in samples::every_page() {
        let names = page.all("meta[name=grange-user]");
        let logged_in = page.has("form[action$=logout]");
        assert_eq!(names.len(), usize::from(logged_in), "{}", page.name);
        assert!(
            names.iter().all(|meta| meta.attr("content") == Some("Ada")),
            "{}",
            page.name
        );
    }
}

#[test]
fn every_page_has_one_content_one_first_heading_and_no_id_twice() {
    for page in samples::every_page() {
        assert_eq!(page.all("#content").len(), 1, "{}", page.name);
        assert_eq!(page.all("main h1").len(), 1, "{}", page.name);
        let mut ids = BTreeSet::new();
        for element in page.all("[id]") {
            assert!(
                ids.insert(element.attr("id").unwrap().to_owned()),
                "{}: {:?}",
                page.name,
                element.attr("id")
            );
        }
    }
}

#[test]
fn no_page_needs_an_inline_script_or_style() {
    for page in samples::every_page() {
        assert!(!page.has("style, [style], script:not([src])"), "{}", page.name);
        let handlers = page
            .all("*")
            .into_iter()
            .flat_map(|element| element.value().attrs());
        let handlers: Vec<_> = handlers.filter(|(name, _)| name.starts_with("on")).collect();
        assert!(handlers.is_empty(), "{}: {handlers:?}", page.name);
    }
}

#[test]
fn every_form_that_posts_carries_a_ticket() {
    let mut forms = 0;
    for page in samples::every_page() {
        for form in page.all("form[method=post]") {
            let ticket = Selector::parse("input[type=hidden][name=ticket]").unwrap();
            let tickets: Vec<_> = form.select(&ticket).collect();
            assert_eq!(tickets.len(), 1, "{}", page.name);
            assert!(
                tickets[0]
                    .attr("value")
                    .is_some_and(|value| value.starts_with("ticket-")),
                "{}",
                page.name
            );
            forms += 1;
        }
    }
    assert!(forms > 10, "{forms}");
}

#[test]
fn every_field_that_people_fill_in_has_a_label() {
    for page in samples::every_page() {
        for field in page.all("input:not([type=hidden]), textarea") {
            let labelled = field.attr("aria-label").is_some()
                || field
                    .attr("id")
                    .is_some_and(|id| page.has(&format!("label[for={id}]")))
                || field
                    .ancestors()
                    .filter_map(ElementRef::wrap)
                    .any(|outer| outer.value().name() == "label");
            assert!(labelled, "{}: {:?}", page.name, field.attr("name"));
        }
    }
}

#[test]
fn nothing_that_a_visitor_wrote_becomes_markup() {
    for page in samples::every_page_with("<script src=x></script>\"'&") {
        assert_eq!(page.all("script").len(), 1, "{}", page.name);
        assert!(page.source.contains("&#60;script"), "{}", page.name);
    }
}

#[test]
fn only_pages_meant_for_readers_are_offered_to_search_engines() {
    for page in samples::every_page() {
        let unwanted = page.has("meta[name=robots][content=noindex]");
        assert_eq!(unwanted, page.name != "view", "{}", page.name);
    }
}
