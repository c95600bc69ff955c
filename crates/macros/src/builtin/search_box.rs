//! The search forms that pages can show. They ask the page they stand on and change nothing.
//!
//! Their fields have MoinMoin's names, so bookmarks and links of an imported wiki go on working; the server's
//! `fullsearch` and `goto` answer them.

use grange_wiki::markup::{Block, Button, Field, Form};
use grange_wiki::render::Fragment;

/// So many bytes stand around what was found, where excerpts are asked for.
const CONTEXT: &str = "180";

/// For words in texts.
pub(super) fn text_search() -> Fragment {
    form(Form {
        page: String::new(),
        hidden: hidden(&[("action", "fullsearch"), ("fullsearch", "1")]),
        fields: vec![
            Field::line("value", "Search for"),
            Field::ticked("context", CONTEXT, "Show where it was found"),
            Field::tick("case", "1", "Upper and lower case differ"),
        ],
        buttons: vec![Button::plain("Search text")],
    })
}

/// For words in names.
pub(super) fn title_search() -> Fragment {
    form(Form {
        page: String::new(),
        hidden: hidden(&[("action", "fullsearch"), ("titlesearch", "1")]),
        fields: vec![Field::line("value", "Search in page names for")],
        buttons: vec![Button::plain("Search titles")],
    })
}

/// For one name.
pub(super) fn go_to() -> Fragment {
    form(Form {
        page: String::new(),
        hidden: hidden(&[("action", "goto")]),
        fields: vec![Field::line("target", "Page name")],
        buttons: vec![Button::plain("Go to page")],
    })
}

/// For everything that can be said in fields.
pub(super) fn advanced_search() -> Fragment {
    form(Form {
        page: String::new(),
        hidden: hidden(&[
            ("action", "fullsearch"),
            ("advancedsearch", "1"),
            ("context", CONTEXT),
        ]),
        fields: vec![
            Field::line("and_terms", "All of these terms"),
            Field::line("or_terms", "Any of these terms"),
            Field::line("not_terms", "None of these terms"),
            Field::line("categories", "In any of these categories"),
            Field::line("language", "In this language"),
            Field::tick("titlesearch", "1", "Only in page names"),
            Field::tick("case", "1", "Upper and lower case differ"),
            Field::tick("regex", "1", "The terms are regular expressions"),
            Field::ticked("includeunderlay", "1", "Pages that came with the wiki too"),
            Field::tick("onlysystempages", "1", "Only pages that came with the wiki"),
        ],
        buttons: vec![Button::plain("Search")],
    })
}

fn form(form: Form) -> Fragment {
    Fragment::Blocks(vec![Block::Form(form)])
}

fn hidden(fields: &[(&str, &str)]) -> Vec<(String, String)> {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    fields.iter().map(owned).collect()
}
